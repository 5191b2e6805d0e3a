//! One check: what it is called, and what came of it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Reason;
use crate::budget;

/// The fixed part of a check. Systems declare theirs as constants.
#[derive(Debug)]
pub struct CheckSpec {
    /// Stable code, unique within a system: `signature`, `canonical_hash` …
    pub id: &'static str,
    /// What is checked, as a phrase that claims nothing: it stands beside failures as well as passes.
    pub title: &'static str,
    /// Where the rule is written: document and section.
    pub rule: &'static str,
    /// The reason a failure gives unless the finding names its own.
    pub on_fail: Reason,
}

/// Declares a system's checks as statics: `NAME = "code", "title", "rule", Reason;`
macro_rules! check_specs {
    ($($(#[$doc:meta])* $name:ident = $id:literal, $title:literal, $rule:literal, $on_fail:ident;)+) => {
        $($(#[$doc])*
        pub(super) static $name: $crate::report::CheckSpec = $crate::report::CheckSpec {
            id: $id,
            title: $title,
            rule: $rule,
            on_fail: $crate::report::Reason::$on_fail,
        };)+
    };
}
pub(crate) use check_specs;

/// What came of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The check was made and holds.
    Pass,
    /// The check was made and does not hold.
    Fail,
    /// The check could not be made.
    Skip,
    /// Something the auditor should know that does not bear on the verdict.
    Note,
}

/// What a system found when it made a check, or why it could not make it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
    pub(super) detail: Cow<'static, str>,
    pub(super) expected: Option<String>,
    pub(super) actual: Option<String>,
    pub(super) peer: Option<String>,
}

impl Finding {
    fn new(status: Status, reason: Option<Reason>, detail: Cow<'static, str>) -> Self {
        Self {
            status,
            reason,
            detail,
            expected: None,
            actual: None,
            peer: None,
        }
    }

    /// The check holds. `detail` is a plain sentence, or empty where the title says it all.
    pub fn pass(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Pass, None, detail.into())
    }

    /// The check does not hold. `detail` says in one plain sentence what was found, and where.
    pub fn fail(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Fail, None, detail.into())
    }

    /// The check could not be made, for `reason`; `detail` is its plain sentence.
    pub fn skip(reason: Reason, detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Skip, Some(reason), detail.into())
    }

    /// Something worth knowing that does not bear on the verdict.
    pub fn note(detail: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Status::Note, None, detail.into())
    }

    /// Replaces the reason that the check's specification gives for a failure.
    pub fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    /// The value that the artifact records.
    pub fn expected(mut self, value: impl Into<String>) -> Self {
        self.expected = Some(value.into());
        self
    }

    /// The value that was computed, or found.
    pub fn actual(mut self, value: impl Into<String>) -> Self {
        self.actual = Some(value.into());
        self
    }

    /// Puts the words for a place (`Record 3 (line 3): `) before the detail, if there is one.
    pub fn placed(mut self, place: &str) -> Self {
        if !place.is_empty() && !self.detail.is_empty() {
            self.detail = Cow::Owned(format!("{place}{}", self.detail));
        }
        self
    }

    /// The name that the system's own verifier gives this check.
    pub fn peer(mut self, name: impl Into<String>) -> Self {
        self.peer = Some(name.into());
        self
    }

    /// The finding with each of its texts no longer than a report quotes.
    pub(super) fn quoted(self) -> Self {
        let bounded = |text: Option<String>| text.map(quote);
        Self {
            detail: match self.detail {
                Cow::Owned(detail) => Cow::Owned(quote(detail)),
                fixed => fixed,
            },
            expected: bounded(self.expected),
            actual: bounded(self.actual),
            peer: bounded(self.peer),
            ..self
        }
    }

    /// What came of the check.
    pub fn status(&self) -> Status {
        self.status
    }
}

/// A text from the evidence, cut off after [`budget::QUOTED_BYTES`] with the number of bytes left out.
pub(super) fn quote(text: String) -> String {
    quote_up_to(text, budget::QUOTED_BYTES)
}

/// A text from the evidence, cut off after this many bytes with the number of bytes left out.
pub(super) fn quote_up_to(mut text: String, bytes: usize) -> String {
    let end = text.floor_char_boundary(bytes);
    let more = text.len().saturating_sub(end);
    if more > 0 {
        text.truncate(end);
        text.push_str(&format!(" … ({more} bytes more)"));
    }
    text
}

/// One line of a report's `checks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    /// The check's stable code.
    pub id: Cow<'static, str>,
    /// What was checked: `artifact`, `receipt:3`, `decision:7f…`; `receipt:*` for folded passes.
    pub subject: String,
    /// What came of it.
    pub status: Status,
    /// Whether the verdict can be valid without it.
    pub required: bool,
    /// How many passes this line stands for; absent when one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// The reason code of a failure or a skip.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// What is checked, as a short phrase.
    pub title: Cow<'static, str>,
    /// What was found, as a plain sentence; may be empty for a pass.
    pub detail: Cow<'static, str>,
    /// Where the rule is written.
    pub rule: Cow<'static, str>,
    /// The value that the artifact records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// The value that was computed, or found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// The name that the system's own verifier gives this check.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
}
