//! The one place where a verdict is derived.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Reason;
use super::transcript::Tally;

/// The outcome for an artifact, after the three of ETSI EN 319 102-1 section 5.1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Every check that this kind of artifact calls for passed.
    Valid,
    /// At least one check failed.
    Invalid,
    /// Nothing failed, but a check that is called for could not be made.
    Indeterminate,
    /// There was nothing to judge.
    Refused,
}

impl Verdict {
    /// The word as it stands in reports.
    pub const fn word(self) -> &'static str {
        match self {
            Verdict::Valid => "valid",
            Verdict::Invalid => "invalid",
            Verdict::Indeterminate => "indeterminate",
            Verdict::Refused => "refused",
        }
    }
}

/// A verdict with its cause: none when valid.
pub(super) struct Derived {
    pub verdict: Verdict,
    pub reason: Option<Reason>,
    pub detail: Cow<'static, str>,
}

/// Derives the verdict: a failure makes it invalid; else it is valid when every required check
/// passed and there was at least one; else indeterminate. A transcript that was misused is never valid.
pub(super) fn derive(tally: &Tally) -> Derived {
    if let Some(cause) = &tally.first_failure {
        return Derived {
            verdict: Verdict::Invalid,
            reason: Some(cause.reason),
            detail: cause.detail.clone(),
        };
    }
    let indeterminate = |reason, detail| Derived {
        verdict: Verdict::Indeterminate,
        reason: Some(reason),
        detail,
    };
    if let Some(misuse) = &tally.misuse {
        return indeterminate(Reason::NotRun, Cow::Owned(misuse.clone()));
    }
    if let Some(cause) = &tally.first_required_skip {
        return indeterminate(cause.reason, cause.detail.clone());
    }
    if tally.required_passed == 0 {
        return indeterminate(Reason::NotRun, Cow::Borrowed("No required check was made."));
    }
    Derived {
        verdict: Verdict::Valid,
        reason: None,
        detail: Cow::Borrowed(""),
    }
}
