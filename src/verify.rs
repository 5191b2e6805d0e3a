//! The one way through: bytes, input, system, report.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::crypto::Digest;
pub use crate::crypto::share::Half;
use crate::crypto::share::Share;
use crate::input::{self, Artifact, Form};
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

/// Which system made the file; recorded only when more than one claims it.
static SYSTEM: CheckSpec = CheckSpec {
    id: "system",
    title: "System that made the file",
    rule: "Assay, docs/adding-a-system.md",
    on_fail: Reason::Ambiguous,
};

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
    match examine(input, options) {
        Ok((system, examination)) => Ok(Report::derive(facts, system, examination)),
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

fn examine(
    input: Input<'_>,
    options: &Options<'_>,
) -> Result<(Option<&'static str>, Examination), Refusal> {
    let artifact = input::open(input.name, input.bytes)?;
    match *claimants(&artifact).as_slice() {
        [] => Err(unclaimed(&artifact)),
        [system] => Ok((Some(system.name()), system.examine(&artifact, options)?)),
        ref several => Ok((None, ambiguous(several))),
    }
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
fn claimants(artifact: &Artifact<'_>) -> Vec<&'static dyn System> {
    let asked: Vec<_> = REGISTER
        .iter()
        .map(|system| (*system, system.recognise(artifact)))
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
        facts: Vec::new(),
        limits: Vec::new(),
        peer: None,
    }
}
