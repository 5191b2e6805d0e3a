//! Thessor: audit export packages, ZIP archives with a signed manifest, decisions and checkpoints.
//!
//! The rules are those of the vendor's own verifier (thessor 0.4.0, `verifier.py`), which travels in every package. Each of
//! its checks appears with its outcome in `peer.checks`; where this verifier is stricter, the finding says so.

#[cfg(feature = "complete")]
mod agent;
mod chain;
mod checkpoints;
mod checks;
mod decisions;
mod direct;
mod export;
mod facts;
mod files;
mod kinds;
mod manifest;
mod merkle;
#[cfg(feature = "complete")]
mod packet;
mod parents;
mod peer;
mod python;
mod signature;
mod supplied;

use std::borrow::Cow;

use super::{Recognition, System};
use crate::canon::{self, ErrorKind, Stripped};
use crate::input::{ArchiveError, Artifact, Form};
use crate::json::{self, DefectKind, Document, Value};
use crate::options::Options;
use crate::report::{
    CheckSpec, Examination, Finding, Plan, Refusal, RefusalCode, Signer, Subject, Transcript,
};
use facts::Facts;
use kinds::Kind;
use peer::{Checks, Stage};
use python::AsPrinted;
use signature::Keys;
use supplied::Supplied;

const MANIFEST: &str = "manifest.json";
const DECISIONS: &str = "decisions/";
const CHECKPOINTS: &str = "checkpoints/";

/// Thessor.
pub struct Thessor;

impl System for Thessor {
    fn name(&self) -> &'static str {
        "thessor"
    }

    fn recognise(&self, artifact: &Artifact<'_>, options: &Options<'_>) -> Recognition {
        kinds::of(artifact, options).map_or(Recognition::No, |(_, recognition)| recognition)
    }

    fn examine(
        &self,
        artifact: &Artifact<'_>,
        options: &Options<'_>,
    ) -> Result<Examination, Refusal> {
        match (kinds::of(artifact, options), &artifact.form) {
            (Some((Kind::Export, _)), Form::Zip(files) | Form::Folder(files)) => {
                Ok(export::examine(files, options))
            }
            #[cfg(feature = "complete")]
            (Some((Kind::Packet, _)), _) => Ok(packet::examine(artifact, options)),
            #[cfg(feature = "complete")]
            (Some((Kind::Direct(direct::Kind::Envelope), _)), _) => {
                Ok(packet::lone::examine(artifact, options))
            }
            #[cfg(feature = "complete")]
            (Some((Kind::Direct(kind), _)), Form::Json(document)) => {
                Ok(direct::examine(kind, document, options))
            }
            #[cfg(not(feature = "complete"))]
            (Some((Kind::Packet | Kind::Direct(_), _)), _) => Err(Refusal::part_needed()),
            _ => Err(Refusal::new(
                RefusalCode::UnknownSystem,
                "The file is not an artifact of Thessor's.",
            )),
        }
    }
}

/// The examination of one artifact: what it has to go by, and what it has found so far.
struct Examiner<'a> {
    options: &'a Options<'a>,
    transcript: Transcript,
    /// The artifact as a whole.
    package: Subject,
    peer: Checks,
    keys: Keys<'a>,
    signers: Vec<Signer>,
    facts: Facts,
    /// What the decisions are held against.
    supplied: Supplied<'a>,
    /// The links from decisions to their parents.
    links: parents::Links,
    /// The canonical form being hashed, in a buffer that is kept.
    canonical: Vec<u8>,
}

impl<'a> Examiner<'a> {
    fn new(plan: Plan, options: &'a Options<'a>) -> Self {
        let mut transcript = Transcript::new(parents::plan(supplied::plan(plan)), options.full);
        Self {
            options,
            package: transcript.artifact(),
            transcript,
            peer: Checks::new(options.full),
            keys: Keys::new(options.share),
            signers: Vec::new(),
            facts: Facts::default(),
            supplied: Supplied::new(options),
            links: parents::Links::default(),
            canonical: Vec::new(),
        }
    }

    fn finish(
        mut self,
        kind: &'static str,
        noun: Cow<'static, str>,
        limits: Vec<Cow<'static, str>>,
    ) -> Examination {
        let asks = self
            .supplied
            .finish(&mut self.transcript, &mut self.package);
        self.links
            .finish(&mut self.transcript, &mut self.package, self.options);
        self.transcript.close(self.package);
        Examination {
            kind,
            noun,
            dialect: None,
            transcript: self.transcript,
            signers: self.signers,
            signed_part: None,
            facts: self.facts.finish(),
            limits,
            asks,
            disclosed: Vec::new(),
            peer: Some(self.peer.finish()),
        }
    }

    /// Records a check of the package that the reference has too, with the same outcome.
    fn record(&mut self, stage: Stage, spec: &'static CheckSpec, finding: Finding) {
        use crate::report::Status;
        let ok = match finding.status() {
            Status::Pass => Some(true),
            Status::Fail => Some(false),
            Status::Skip | Status::Note => None,
        };
        self.peer.record(stage, ok, || spec.id.to_owned());
        self.own(spec, finding.peer(spec.id));
    }

    /// Records a check of the package on our own account.
    fn own(&mut self, spec: &'static CheckSpec, finding: Finding) {
        self.transcript.record(&mut self.package, spec, finding);
    }

    /// Leaves the canonical form of `value` less a member in the buffer, as the reference makes it.
    ///
    /// What no standard has a form for is written as Python prints it; the sentence returned says what and where.
    fn canonicalize(
        &mut self,
        value: &Value<'_>,
        omitted: &[&str],
        document: &Document<'_>,
    ) -> Option<String> {
        self.canonical.clear();
        let error = canon::write_without::<Stripped>(value, omitted, &mut self.canonical).err()?;
        self.canonical.clear();
        let _ = canon::write_without::<AsPrinted>(value, omitted, &mut self.canonical);
        let offset = error.span.start as usize;
        let (pointer, place) = (document.pointer(offset), document.place(offset));
        Some(match error.kind {
            ErrorKind::NonFinite => format!(
                "The number at {pointer} is not finite ({place}), so that readers disagree about it."
            ),
            _ => format!("The value at {pointer} has no canonical form ({place})."),
        })
    }
}

const ACCEPTED: &str = "The vendor's verifier accepts it; this one never does.";

/// Whether a file can be read in more than one way; `number` comes from [`Examiner::canonicalize`].
fn ambiguity(file: &str, document: &Document<'_>, number: Option<String>) -> Finding {
    match document.defect_sentence().or(number) {
        Some(sentence) => Finding::fail(format!("{file}: {sentence} {ACCEPTED}")),
        None => Finding::pass(""),
    }
}

/// Whether Python's reader refuses the text: a byte order mark, or bytes after the value.
fn python_refuses(document: &Document<'_>) -> bool {
    document.defects.iter().any(|defect| {
        matches!(
            defect.kind,
            DefectKind::ByteOrderMark | DefectKind::TrailingBytes
        )
    })
}

/// Whether Python's reader takes a text that ours does not, so that nobody can tell what the reference would do next.
fn python_accepts(error: &json::Error) -> bool {
    use json::ErrorKind as E;
    matches!(
        error.kind,
        E::LoneSurrogate | E::NumberTooLong(_) | E::TooDeep
    )
}

/// An archive's error with the entry that shows it.
fn damage(error: &ArchiveError) -> String {
    match &error.entry {
        Some(entry) => format!("{entry}: {error}"),
        None => error.to_string(),
    }
}

/// Names for a sentence: a few of them, and how many more there are.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n str>) -> String {
    const NAMED: usize = 3;
    let more = names.len().saturating_sub(NAMED);
    let mut text = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

/// A member for a sentence: its text, or what it is instead.
fn shown(value: Option<&Value<'_>>) -> String {
    match value {
        None => "nothing".to_owned(),
        Some(value) => match value.as_str() {
            Some(text) => text.to_owned(),
            None => value
                .as_number()
                .map_or(value.kind_name(), |lexeme| lexeme)
                .to_owned(),
        },
    }
}
