//! The one way through: bytes, input, system, report.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::crypto::Digest;
pub use crate::crypto::share::Half;
use crate::crypto::share::Share;
use crate::input::{self, Artifact, Files, Form};
use crate::options::Options;
use crate::report::{
    ARTIFACT, ArtifactFacts, CheckSpec, Examination, Finding, Plan, Reason, Refusal, RefusalCode,
    Report, Transcript,
};
use crate::systems::{REGISTER, Recognition, System};

/// A file to verify.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// The file's name, for the report only.
    pub name: &'a str,
    /// The file's bytes.
    pub bytes: &'a [u8],
}

/// A folder to verify as one artifact.
#[derive(Clone, Copy, Debug)]
pub struct Folder<'a> {
    /// The folder's name, for the report only.
    pub name: &'a str,
    /// Its files: each with its path within the folder, `/` between folders.
    pub files: &'a [(String, &'a [u8])],
}

/// Which system made the file; recorded only when more than one claims it.
static SYSTEM: CheckSpec = CheckSpec {
    id: "system",
    title: "System that made the file",
    rule: "Assay, docs/adding-a-system.md",
    on_fail: Reason::Ambiguous,
};

/// Something that was supplied and that the artifact has no use for; recorded only where there is.
static SUPPLIED: CheckSpec = CheckSpec {
    id: "supplied",
    title: "What you supplied",
    rule: "Assay, docs/report.schema.json, asks",
    on_fail: Reason::InputNeeded,
};

/// The name under which a payload's key is asked for.
const PAYLOAD_KEY: &str = "payload_key";

/// Verifies one file.
///
/// # Errors
/// A [`Refusal`] when there is nothing to judge: the file is empty, unreadable, of an unknown
/// kind or over a limit. Evidence that was altered is never an error but a report.
pub fn verify(input: Input<'_>, options: &Options<'_>) -> Result<Report, Refusal> {
    let facts = ArtifactFacts {
        name: input.name.to_owned(),
        bytes: input.bytes.len() as u64,
        sha256: input::file_digest(input.bytes),
        ..ArtifactFacts::default()
    };
    let examined = input::open(input.name, input.bytes)
        .map_err(Refusal::from)
        .and_then(|artifact| examine(&artifact, options)?.ok_or_else(|| unclaimed(&artifact)));
    match examined {
        Ok((system, examination)) => Ok(Report::derive(facts, system, examination)),
        Err(refusal) => Err(refusal.of(facts)),
    }
}

/// Verifies a folder as one artifact: an export that was unpacked, for example. None when no system claims it as a whole, so
/// that its files are to be verified one by one.
///
/// The report's digest is SHA-256 over a line for each file, in the order of their names: the file's SHA-256 in lower-case
/// hexadecimal, two spaces, its name, a line feed; what `sha256sum` prints.
///
/// # Errors
/// As [`verify`].
pub fn verify_folder(folder: Folder<'_>, options: &Options<'_>) -> Result<Option<Report>, Refusal> {
    let named = ArtifactFacts {
        name: folder.name.to_owned(),
        ..ArtifactFacts::default()
    };
    let files =
        Files::of_folder(folder.files).map_err(|error| Refusal::from(error).of(named.clone()))?;
    let artifact = Artifact {
        name: folder.name,
        bytes: &[],
        form: Form::Folder(files.clone()),
    };
    let size = |entry: &input::Entry<'_>| entry.size();
    let facts = ArtifactFacts {
        bytes: files
            .entries()
            .iter()
            .map(size)
            .fold(0, u64::saturating_add),
        sha256: input::folder_digest(&files),
        ..named
    };
    match examine(&artifact, options) {
        Ok(examined) => {
            Ok(examined.map(|(system, examination)| Report::derive(facts, system, examination)))
        }
        Err(refusal) => Err(refusal.of(facts)),
    }
}

/// Verifies one file as far as its own half of the signatures goes; another run, over the same bytes with the same options,
/// verifies the other half.
///
/// # Errors
/// As [`verify`].
pub fn verify_half(
    input: Input<'_>,
    options: &Options<'_>,
    half: Half,
) -> Result<Provisional, Refusal> {
    let share = Share::new(half);
    let options = Options {
        share: Some(&share),
        ..options.clone()
    };
    let report = verify(input, &options)?;
    let (verified, assumed) = share.finish();
    Ok(Provisional {
        report,
        verified,
        assumed,
    })
}

/// A report that takes signatures to hold which another run has to verify.
#[derive(Debug)]
pub struct Provisional {
    report: Report,
    verified: Vec<Digest>,
    assumed: Vec<Digest>,
}

impl Provisional {
    /// What this run verified and found to hold, for the other run to [`Provisional::confirm`] with: 32 bytes for each signature.
    pub fn verified(&self) -> Vec<u8> {
        self.verified.concat()
    }

    /// The report, if the other run verified every signature that this one took to hold; otherwise nothing, and the file
    /// has to be verified whole.
    pub fn confirm(self, verified_by_other: &[u8]) -> Option<Report> {
        let (digests, rest) = verified_by_other.as_chunks();
        let verified: HashSet<&Digest> = digests.iter().collect();
        let confirmed =
            rest.is_empty() && self.assumed.iter().all(|digest| verified.contains(digest));
        confirmed.then_some(self.report)
    }
}

type Examined = (Option<&'static str>, Examination);

/// What the system that claims the artifact finds in it; none when no system does.
fn examine(artifact: &Artifact<'_>, options: &Options<'_>) -> Result<Option<Examined>, Refusal> {
    let (system, mut examination) = match *claimants(artifact, options).as_slice() {
        [] => return Ok(None),
        [system] => (Some(system.name()), system.examine(artifact, options)?),
        ref several => (None, ambiguous(several)),
    };
    if examination.transcript.lacks_part() {
        return Err(Refusal::part_needed());
    }
    for name in unused(options, &examination) {
        let detail = format!("You supplied `{name}`. This kind of artifact has no use for it.");
        examination
            .transcript
            .remark(&SUPPLIED, Finding::note(detail));
    }
    Ok(Some((system, examination)))
}

/// The names of what was supplied and nothing in the artifact asks for.
fn unused<'o>(options: &'o Options<'_>, examination: &Examination) -> Vec<&'o str> {
    let companions = options.companions.iter().map(|companion| companion.part());
    let values = options.values.keys().map(String::as_str);
    let payload_key = options.payload_key.as_ref().map(|_| PAYLOAD_KEY);
    let asked = |name: &str| examination.asks.iter().any(|ask| ask.name == name);
    let mut names: Vec<_> = companions.chain(values).chain(payload_key).collect();
    names.dedup();
    names.retain(|name| !asked(name));
    names
}

/// Why a file that no system recognises is refused: a value in it cannot be read, or it is of an unknown kind.
fn unclaimed(artifact: &Artifact<'_>) -> Refusal {
    if let Form::Records(records) = &artifact.form
        && let Some(error) = records.iter().find_map(|record| record.document.err())
    {
        return error.into();
    }
    Refusal::new(
        RefusalCode::UnknownSystem,
        "The file can be read, but it is not an artifact of a system that this verifier knows.",
    )
}

/// The systems that recognise the artifact; those that find it broken count only when no other does.
fn claimants(artifact: &Artifact<'_>, options: &Options<'_>) -> Vec<&'static dyn System> {
    let asked: Vec<_> = REGISTER
        .iter()
        .map(|system| (*system, system.recognise(artifact, options)))
        .collect();
    let with = |wanted| {
        asked
            .iter()
            .filter(move |(_, recognition)| *recognition == wanted)
            .map(|(system, _)| *system)
            .collect::<Vec<_>>()
    };
    let mine = with(Recognition::Mine);
    match mine.is_empty() {
        true => with(Recognition::Broken),
        false => mine,
    }
}

fn ambiguous(claimants: &[&'static dyn System]) -> Examination {
    let names: Vec<_> = claimants.iter().map(|system| system.name()).collect();
    let mut transcript = Transcript::new(Plan::new().require(ARTIFACT, &SYSTEM), false);
    let mut artifact = transcript.artifact();
    let detail = format!(
        "It has the marks of more than one system ({}), and there is no telling which rules it was made by.",
        names.join(", ")
    );
    transcript.record(
        &mut artifact,
        &SYSTEM,
        Finding::skip(Reason::Ambiguous, detail),
    );
    transcript.close(artifact);
    Examination {
        kind: "ambiguous",
        noun: Cow::Borrowed("file"),
        dialect: None,
        transcript,
        signers: Vec::new(),
        signed_part: None,
        facts: Vec::new(),
        limits: Vec::new(),
        asks: Vec::new(),
        disclosed: Vec::new(),
        peer: None,
    }
}
