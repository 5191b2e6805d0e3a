//! The outcomes of HESO's own verifier, in its words.

use crate::report::{CheckSpec, Finding, Reason};

/// What HESO's verifier says of one receipt (heso-spec `modules/action-receipt.md` section 8,
/// `time-anchor.md` section 5, `quorum.md` section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Valid,
    Malformed,
    WrongAlgorithm,
    Unsupported,
    HashMismatch,
    InvalidSignature,
    SelfApproval,
    TrustLevelMismatch,
    MalformedRedaction,
    AnchorRequired,
    TimeAnchorUnverifiable,
    MandateRejected,
}

impl Outcome {
    /// The core's word.
    pub const fn word(self) -> &'static str {
        match self {
            Outcome::Valid => "Valid",
            Outcome::Malformed => "Malformed",
            Outcome::WrongAlgorithm => "WrongAlgorithm",
            Outcome::Unsupported => "Unsupported",
            Outcome::HashMismatch => "HashMismatch",
            Outcome::InvalidSignature => "InvalidSignature",
            Outcome::SelfApproval => "SelfApproval",
            Outcome::TrustLevelMismatch => "TrustLevelMismatch",
            Outcome::MalformedRedaction => "MalformedRedaction",
            Outcome::AnchorRequired => "AnchorRequired",
            Outcome::TimeAnchorUnverifiable => "TimeAnchorUnverifiable",
            Outcome::MandateRejected => "MandateRejected",
        }
    }
}

/// A gate that a receipt did not get through.
#[derive(Debug)]
pub(super) struct Stop {
    /// The gate.
    pub spec: &'static CheckSpec,
    /// What was found, as a plain sentence.
    pub sentence: String,
    /// The outcome that the gate gives; none where this version cannot tell.
    pub outcome: Option<Outcome>,
    reason: Option<Reason>,
    skipped: bool,
    expected: Option<String>,
    actual: Option<String>,
}

impl Stop {
    /// The gate was tried and does not hold.
    pub fn fail(spec: &'static CheckSpec, outcome: Outcome, sentence: impl Into<String>) -> Self {
        Self {
            spec,
            sentence: sentence.into(),
            outcome: Some(outcome),
            reason: None,
            skipped: false,
            expected: None,
            actual: None,
        }
    }

    /// This version cannot try the gate.
    pub fn unsupported(
        spec: &'static CheckSpec,
        outcome: Option<Outcome>,
        sentence: impl Into<String>,
    ) -> Self {
        Self {
            spec,
            sentence: sentence.into(),
            outcome,
            reason: Some(Reason::Unsupported),
            skipped: true,
            expected: None,
            actual: None,
        }
    }

    /// Gives the failure a reason other than the gate's usual one.
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What the receipt records, and what was found.
    pub fn values(mut self, expected: impl Into<String>, actual: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self.actual = Some(actual.into());
        self
    }

    /// The finding for the report; `place` stands before the sentence.
    pub fn finding(self, place: &str) -> Finding {
        let sentence = format!("{place}{}", self.sentence);
        let mut finding = match (self.skipped, self.reason) {
            (true, reason) => Finding::skip(reason.unwrap_or(Reason::Unsupported), sentence),
            (false, Some(reason)) => Finding::fail(sentence).because(reason),
            (false, None) => Finding::fail(sentence),
        };
        if let Some(expected) = self.expected {
            finding = finding.expected(expected);
        }
        if let Some(actual) = self.actual {
            finding = finding.actual(actual);
        }
        finding
    }
}
