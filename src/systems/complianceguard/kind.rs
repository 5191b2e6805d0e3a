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

/// Names that events alone have.
const MARKS: [&str; 9] = [
    "inputReference",
    "outputReference",
    "metadataReference",
    "occurredAtUtc",
    "decisionClassification",
    "payloadCiphertext",
    "payloadKeyId",
    "payloadNonce",
    "payloadAadHash",
];

impl Kind {
    /// What `value` is.
    pub fn of(value: &Value<'_>) -> Self {
        let has = |name: &&str| value.get(name).is_some();
        let sealed = value
            .get("payload")
            .is_some_and(|payload| payload.get("aadHash").is_some());
        let marks = MARKS.iter().filter(|name| has(name)).count();
        if has(&"receipt_id") && has(&"event_id") && (has(&"event_hash") || has(&"ingested_at_utc"))
        {
            return Self::Receipt;
        }
        match marks {
            0 if !sealed => Self::Other,
            0 | 1 if !(sealed && marks == 1) => Self::Fragment,
            _ => Self::Event,
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
