//! What the server says of an event: in the answer that it gives, and in the event as it stores it.

use super::event::Event;
use crate::json::{self, Kind, Value};

/// The members of an answer, and those of a stored event that say the same.
const ANSWER: [&str; 5] = [
    "environment_id",
    "sequence_number",
    "ingested_at_utc",
    "event_hash",
    "receipt_id",
];
const STORED: [&str; 5] = [
    "environmentId",
    "sequenceNumber",
    "ingestedAtUtc",
    "eventHash",
    "receiptId",
];

/// What it says, as far as it says it; empty texts count as nothing.
#[derive(Clone, Debug, Default)]
pub(super) struct Statement {
    pub environment: Option<String>,
    pub sequence: Option<Sequence>,
    pub ingested_at: Option<String>,
    pub event_hash: Option<String>,
    pub receipt: Option<String>,
}

/// Whether two texts say the same.
type Same = fn(&str, &str) -> bool;

/// A sequence number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sequence {
    /// A whole number from 0, however it is written.
    Number(u64),
    /// Something else, as the file has it.
    Odd(String),
}

impl Sequence {
    /// The number that `value` is.
    pub fn of(value: &Value<'_>) -> Self {
        let number = match &value.kind {
            Kind::Number(lexeme) => whole(lexeme),
            Kind::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let words = || match &value.kind {
            Kind::Number(lexeme) => (*lexeme).to_owned(),
            Kind::String(text) => format!("{text:?}"),
            _ => value.kind_name().to_owned(),
        };
        number.map_or_else(|| Self::Odd(words()), Self::Number)
    }

    /// The number, if it is one.
    pub const fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Odd(_) => None,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Odd(words) => words.clone(),
        }
    }
}

/// A whole number from 0, written with a fraction or an exponent or without: `3`, `3.0`, `3e0`.
fn whole(lexeme: &str) -> Option<u64> {
    let printed = |double: f64| format!("{double}").parse().ok();
    let exact = lexeme.parse().ok();
    exact.or_else(|| json::double(lexeme).and_then(printed))
}

impl Statement {
    /// What the answer `root` says.
    pub fn of_answer(root: &Value<'_>) -> Self {
        Self::of(&ANSWER, |name| root.get(name))
    }

    /// What a stored event says.
    pub fn of_event(event: &Event<'_, '_>) -> Self {
        Self::of(&STORED, |name| event.get(name))
    }

    fn of<'v>(names: &[&str; 5], get: impl Fn(&str) -> Option<&'v Value<'v>>) -> Self {
        let [environment, sequence, ingested_at, event_hash, receipt] = names.map(get);
        let text = |value: Option<&Value<'_>>| {
            let text = value?.as_str().filter(|text| !text.is_empty())?;
            Some(text.to_owned())
        };
        Self {
            environment: text(environment),
            sequence: sequence.filter(|value| !value.is_null()).map(Sequence::of),
            ingested_at: text(ingested_at),
            event_hash: text(event_hash),
            receipt: text(receipt),
        }
    }

    /// What `other` says otherwise: what it is, what is said here, and what there.
    pub fn contradiction(&self, other: &Self) -> Option<(&'static str, String, String)> {
        let numbers = (&self.sequence, &other.sequence);
        if let (Some(ours), Some(theirs)) = numbers
            && ours != theirs
        {
            return Some(("sequence number", ours.words(), theirs.words()));
        }
        let pairs: [(_, _, _, Same); 4] = [
            (
                "environment",
                &self.environment,
                &other.environment,
                str::eq,
            ),
            (
                "hash",
                &self.event_hash,
                &other.event_hash,
                str::eq_ignore_ascii_case,
            ),
            (
                "time of receipt",
                &self.ingested_at,
                &other.ingested_at,
                is_same_time,
            ),
            ("receipt identifier", &self.receipt, &other.receipt, str::eq),
        ];
        pairs.into_iter().find_map(|(what, ours, theirs, is_same)| {
            let (ours, theirs) = (ours.as_ref()?, theirs.as_ref()?);
            (!is_same(ours, theirs)).then(|| (what, ours.clone(), theirs.clone()))
        })
    }
}

/// Whether two texts are the same time in UTC, as far as both are written: `12:00:00Z` and `12:00:00.123+00:00` agree.
fn is_same_time(left: &str, right: &str) -> bool {
    let ((seconds, fraction), (others, other)) = (parts(left), parts(right));
    seconds == others && (fraction.starts_with(other) || other.starts_with(fraction))
}

/// A time in UTC: up to the seconds, and their fraction.
fn parts(text: &str) -> (String, &str) {
    let zones = ["Z", "z", "+00:00", "-00:00"];
    let bare = zones.iter().find_map(|zone| text.strip_suffix(zone));
    let (seconds, fraction) = bare
        .unwrap_or(text)
        .split_once('.')
        .unwrap_or((bare.unwrap_or(text), ""));
    (
        seconds.replace([' ', 't'], "T"),
        fraction.trim_end_matches('0'),
    )
}
