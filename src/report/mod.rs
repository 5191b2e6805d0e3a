//! The report: one shape for the page, the command line and the tests.
//!
//! The shape is described by `docs/report.schema.json`; this module derives it from what a
//! system's examination recorded and knows neither the systems nor the page.

mod ask;
mod check;
mod reason;
mod refusal;
mod transcript;
mod verdict;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::budget;

pub use ask::{Ask, AskKind, Disclosed};
pub(crate) use check::check_specs;
pub use check::{Check, CheckSpec, Finding, Status};
pub use reason::{Reason, RefusalCode};
pub use refusal::{Refusal, RefusalFacts};
pub use transcript::{ARTIFACT, Plan, Subject, Transcript};
pub use verdict::Verdict;

/// The version of the report's shape.
pub const SCHEMA: &str = "assay-report/1";

/// Everything that verifying one artifact brought to light.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of this shape: [`SCHEMA`].
    pub schema: Cow<'static, str>,
    /// What made the report.
    pub verifier: Verifier,
    /// What was examined.
    pub artifact: ArtifactFacts,
    /// The outcome.
    pub verdict: Verdict,
    /// The main cause of an outcome that is not valid; null when valid or refused.
    pub reason: Option<Reason>,
    /// The outcome in one plain sentence.
    pub summary: String,
    /// Whose keys the artifact's signatures were checked with.
    pub signers: Vec<Signer>,
    /// What alone of the artifact the verified signatures cover, in the plural; absent when they cover all of it, and when none was verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_part: Option<Cow<'static, str>>,
    /// How many checks came out how.
    pub counts: Counts,
    /// The checks: failures first, then skips, notes and passes.
    pub checks: Vec<Check>,
    /// What the artifact says of the decision or action.
    pub facts: Vec<Fact>,
    /// What a pass does not prove, in plain words.
    pub limits: Vec<Cow<'static, str>>,
    /// The outcome in the words of the system's own verifier.
    pub peer: Option<Peer>,
    /// What the artifact could be held against, if it were supplied; and what of it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asks: Vec<Ask>,
    /// Content that was decrypted. [`Report::to_json`] leaves it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub disclosed: Vec<Disclosed>,
    /// Why there was nothing to judge; present only when refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<RefusalFacts>,
}

/// The software that made a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verifier {
    /// `assay`.
    pub name: Cow<'static, str>,
    /// The package's version.
    pub version: Cow<'static, str>,
}

/// What was handed over, and what it turned out to be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ArtifactFacts {
    /// The file's name as it was handed over.
    pub name: String,
    /// The file's size in bytes.
    pub bytes: u64,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub sha256: String,
    /// The system that made it, null when unknown.
    pub system: Option<Cow<'static, str>>,
    /// The kind of artifact within the system.
    pub kind: Option<Cow<'static, str>>,
    /// The canonicalization dialect, where a system has several.
    pub dialect: Option<Cow<'static, str>>,
}

/// A key that the artifact's signatures were checked with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signer {
    /// The signer's part: `operator`, `approver`, `package` …
    pub role: Cow<'static, str>,
    /// `Ed25519`, `ML-DSA-65` …
    pub algorithm: Cow<'static, str>,
    /// The raw public key, lower-case hex.
    pub public_key: String,
    /// SHA-256 of the raw public key, lower-case hex.
    pub fingerprint: String,
    /// Whether the key was pinned; null when nobody pinned any.
    pub pinned: Option<bool>,
}

/// How many checks came out how.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// Receipts, sessions, decisions … examined; 1 for an artifact without parts.
    pub subjects: u64,
    /// Checks that hold.
    pub passed: u64,
    /// Checks that do not.
    pub failed: u64,
    /// Checks that could not be made.
    pub skipped: u64,
    /// Notes.
    pub noted: u64,
    /// Failures, skips and notes beyond the cap on listed checks.
    pub omitted: u64,
}

/// Something the artifact says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// What it is: `Model`, `Policy rule` …
    pub label: Cow<'static, str>,
    /// What the artifact says.
    pub value: String,
    /// Where: an RFC 6901 JSON pointer, after the entry's name and `#` in an archive.
    pub pointer: String,
    /// Whether a signature that verified covers it.
    pub signed: bool,
}

/// The outcome in the words of the system's own verifier; its members differ by system.
pub type Peer = serde_json::Map<String, serde_json::Value>;

impl Verifier {
    fn this() -> Self {
        Self {
            name: Cow::Borrowed("assay"),
            version: Cow::Borrowed(env!("CARGO_PKG_VERSION")),
        }
    }
}

/// What a system found in an artifact, before the verdict is derived.
#[derive(Debug)]
pub struct Examination {
    /// The kind of artifact: a stable code such as `action-receipt-chain`.
    pub kind: &'static str,
    /// The artifact in plain words, to stand after "This": `HESO session chain`.
    pub noun: Cow<'static, str>,
    /// The canonicalization dialect, where the system has several.
    pub dialect: Option<&'static str>,
    /// What came of every check.
    pub transcript: Transcript,
    /// The keys that signatures were checked with.
    pub signers: Vec<Signer>,
    /// What alone of the artifact those signatures cover, in the plural, to stand before "are signed": `the receipts of its
    /// decisions`. None when they cover all of it; the rest is then covered by hashes.
    pub signed_part: Option<&'static str>,
    /// What the artifact says.
    pub facts: Vec<Fact>,
    /// What a pass does not prove.
    pub limits: Vec<Cow<'static, str>>,
    /// What the artifact could be held against, if it were supplied; and what of it was.
    pub asks: Vec<Ask>,
    /// Content that was decrypted.
    pub disclosed: Vec<Disclosed>,
    /// The outcome in the words of the system's own verifier.
    pub peer: Option<Peer>,
}

impl Report {
    /// Derives the report on `artifact` from what `system` found in it; without a system none could be told.
    pub fn derive(
        mut artifact: ArtifactFacts,
        system: Option<&'static str>,
        examination: Examination,
    ) -> Self {
        let derived = verdict::derive(&examination.transcript.tally());
        artifact.system = system.map(Cow::Borrowed);
        artifact.kind = Some(Cow::Borrowed(examination.kind));
        artifact.dialect = examination.dialect.map(Cow::Borrowed);
        Self {
            schema: Cow::Borrowed(SCHEMA),
            verifier: Verifier::this(),
            artifact,
            verdict: derived.verdict,
            reason: derived.reason,
            summary: summary(&derived, &examination),
            counts: examination.transcript.counts(),
            checks: examination.transcript.into_checks(),
            signed_part: examination
                .signed_part
                .filter(|_| !examination.signers.is_empty())
                .map(Cow::Borrowed),
            signers: examination.signers,
            facts: examination.facts.into_iter().map(quoted).collect(),
            limits: examination.limits,
            peer: examination.peer,
            asks: examination.asks,
            disclosed: examination.disclosed.into_iter().map(shown).collect(),
            refusal: None,
        }
    }

    /// The report as one line of JSON, the same natively and in the browser, without what was decrypted.
    pub fn to_json(&self) -> String {
        if self.disclosed.is_empty() {
            return self.to_json_disclosing();
        }
        let exported = Self {
            disclosed: Vec::new(),
            ..self.clone()
        };
        exported.to_json_disclosing()
    }

    /// The report as one line of JSON with what was decrypted, for those who asked for it.
    pub fn to_json_disclosing(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

fn summary(derived: &verdict::Derived, examination: &Examination) -> String {
    let noun = &examination.noun;
    match derived.verdict {
        Verdict::Valid if examination.signers.is_empty() => format!(
            "This {noun} agrees with its hashes. It bears no signature: whoever rewrote all of it could have made them anew."
        ),
        Verdict::Valid if let Some(part) = examination.signed_part => {
            let whose = match issuer_pinned(&examination.signers) {
                Some(true) => "with a key that you pinned",
                Some(false) => "with a key other than the ones you pinned",
                None => "with a key that nobody has told this verifier the owner of",
            };
            format!(
                "This {noun} agrees with its hashes. Only {part} are signed, {whose}: whoever rewrote the rest could have made its hashes anew."
            )
        }
        Verdict::Valid => {
            let trust = match issuer_pinned(&examination.signers) {
                Some(true) => "and is signed with a key that you pinned.",
                Some(false) => "but is signed with a key other than the ones you pinned.",
                None => {
                    "under the key that came with it. Nobody has told this verifier whose key that is."
                }
            };
            format!("This {noun} is intact {trust}")
        }
        Verdict::Invalid => format!("This {noun} does not hold. {}", cause(derived)),
        Verdict::Indeterminate | Verdict::Refused => {
            format!("This {noun} could not be decided. {}", cause(derived))
        }
    }
}

/// The sentence that the verdict comes from, short enough for a summary.
fn cause(derived: &verdict::Derived) -> String {
    check::quote_up_to(derived.detail.to_string(), budget::SUMMARY_BYTES)
}

fn quoted(fact: Fact) -> Fact {
    Fact {
        value: check::quote(fact.value),
        pointer: check::quote(fact.pointer),
        ..fact
    }
}

fn shown(disclosed: Disclosed) -> Disclosed {
    Disclosed {
        value: check::quote_up_to(disclosed.value, budget::DISCLOSED_BYTES),
        ..disclosed
    }
}

fn issuer_pinned(signers: &[Signer]) -> Option<bool> {
    signers.first().and_then(|signer| signer.pinned)
}
