//! What a JSON value is to ComplianceGuard, told by names that no other system has.

use super::Recognition;
use crate::json::Value;

/// What a record is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A decision event, sent or stored.
    Event,
    /// The API's answer to an event that was sent.
    Receipt,
    /// Has a name that only events have, and too few of the others.
    Fragment,
    /// Something else.
    Other,
}

/// Names that events alone have and that refer to their content.
const MARKS: [&str; 7] = [
    "inputReference",
    "outputReference",
    "metadataReference",
    "payloadCiphertext",
    "payloadKeyId",
    "payloadNonce",
    "payloadAadHash",
];

/// Names that events have, and that others may have.
const COMMON: [&str; 2] = ["occurredAtUtc", "decisionClassification"];

impl Kind {
    /// What `value` is.
    pub fn of(value: &Value<'_>) -> Self {
        let has = |name: &&str| value.get(name).is_some();
        let is_sealed = value
            .get("payload")
            .is_some_and(|payload| payload.get("aadHash").is_some());
        let marks = MARKS.iter().filter(|name| has(name)).count();
        let marks = marks.saturating_add(usize::from(is_sealed));
        let common = COMMON.iter().filter(|name| has(name)).count();
        match marks.saturating_add(common) {
            2.. if marks > 0 => Self::Event,
            _ if is_receipt(value) => Self::Receipt,
            1 if marks > 0 => Self::Fragment,
            _ => Self::Other,
        }
    }

    /// Whose an artifact is that holds one of these.
    pub fn recognition(self) -> Recognition {
        match self {
            Self::Event | Self::Receipt => Recognition::Mine,
            Self::Fragment => Recognition::Broken,
            Self::Other => Recognition::No,
        }
    }
}

/// Whether a text that cannot be read as JSON has the look of events.
pub(super) fn text_has_marks(text: &str) -> bool {
    let marks = MARKS
        .iter()
        .filter(|name| text.contains(&format!("\"{name}\"")));
    marks.count() > 1
}

/// Whether a value has what the API answers when an event was sent.
pub(super) fn is_receipt(value: &Value<'_>) -> bool {
    let has = |name| value.get(name).is_some();
    has("receipt_id") && has("event_id") && (has("event_hash") || has("ingested_at_utc"))
}
