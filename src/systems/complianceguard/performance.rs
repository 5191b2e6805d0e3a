//! Performance and errors of the provider's call: the block's shape, and the hash of the error's text.
//!
//! Rule: complianceguard 0.1.5, `TraceCall`, and the package's description, "Performance and error capture (Article 15)".

use super::event::{ACCEPTED, Event, is_digest};
use crate::bytes::to_hex;
use crate::crypto::sha256;
use crate::json::Value;
use crate::options::Options;
use crate::report::{Finding, Reason};

/// The value that holds the text; a colon and an event's identifier may follow.
pub(super) const ERROR_MESSAGE: &str = "error_message";

/// Characters of the text that are hashed.
const KEPT: usize = 500;

const PLACE: &str = "/systemState/performance";

fn block<'v, 'a>(event: &Event<'v, 'a>) -> Option<&'v Value<'a>> {
    event.get("systemState")?.get("performance")
}

/// What is recorded of the error's text.
fn message<'v>(event: &Event<'v, '_>) -> Option<&'v str> {
    block(event)?.get("provider_error_message")?.as_str()
}

/// Whether the block contradicts itself; none when there is no block.
pub(super) fn consistency(event: &Event<'_, '_>) -> Option<Finding> {
    let object = block(event)?.as_object()?;
    let succeeded = object.get("provider_status").and_then(Value::as_str) == Some("success");
    let message = object.get("provider_error_message");
    Some(
        match succeeded && message.is_some_and(|value| !value.is_null()) {
            true => Finding::fail(format!(
                "{PLACE} says that the call succeeded, and records an error message. {ACCEPTED}"
            )),
            false => Finding::pass(""),
        },
    )
}

/// What differs from what `TraceCall` writes, in sentences: the SDK sends any block that its caller gives.
pub(super) fn remarks(event: &Event<'_, '_>) -> Vec<String> {
    let Some(block) = block(event) else {
        return Vec::new();
    };
    let unlike = |place: String, value: &Value<'_>, what: &str| {
        let found = value.kind_name();
        (found != what).then(|| format!("{place} is {found}; trace_call writes {what}."))
    };
    let mut remarks: Vec<String> = unlike(PLACE.to_owned(), block, "an object")
        .into_iter()
        .collect();
    for name in ["provider_status", "provider_error_message"] {
        let value = block.get(name);
        remarks
            .extend(value.and_then(|value| unlike(format!("{PLACE}/{name}"), value, "a string")));
    }
    let latency = block.get("latency_ms");
    if latency.is_some_and(|latency| latency.as_u64().is_none()) {
        remarks.push(format!(
            "{PLACE}/latency_ms is not a whole number of milliseconds from 0, as trace_call writes it."
        ));
    }
    remarks
}

/// The text that was supplied, held against what the events of a file record.
#[derive(Default)]
pub(super) struct Messages {
    /// Events that record an error's text.
    pub count: usize,
    /// Those to which the text belongs that was supplied for whichever fits.
    matches: usize,
    supplied: Option<Text>,
}

/// A text as the SDK records it: cut off, and then hashed or not.
struct Text {
    kept: String,
    hash: String,
}

impl Text {
    fn of(text: &str) -> Self {
        let kept: String = text.chars().take(KEPT).collect();
        let hash = to_hex(&sha256::digest(kept.as_bytes()));
        Self { kept, hash }
    }

    fn is(&self, recorded: &str) -> bool {
        match is_digest(recorded) {
            true => self.hash.eq_ignore_ascii_case(recorded),
            false => self.kept == recorded,
        }
    }
}

impl Messages {
    /// Of no event yet.
    pub fn new(options: &Options<'_>) -> Self {
        Self {
            supplied: options.value(ERROR_MESSAGE).map(Text::of),
            ..Self::default()
        }
    }

    /// Takes note of an event.
    pub fn meet(&mut self, event: &Event<'_, '_>) {
        if let Some(recorded) = message(event) {
            self.count = self.count.saturating_add(1);
            let fits = self.supplied.as_ref().is_some_and(|text| text.is(recorded));
            self.matches = self.matches.saturating_add(usize::from(fits));
        }
    }

    /// What comes of the error's text that `event` records; none when it records none.
    pub fn examine(&self, event: &Event<'_, '_>, options: &Options<'_>) -> Option<Finding> {
        let recorded = message(event)?;
        let name = value_name(event);
        let own = options.value(&name).map(Text::of);
        let is_hash = is_digest(recorded);
        let what = match is_hash {
            true => "hash of the error's text",
            false => "error's text, which stands here unhashed",
        };
        let finding = match (&own, &self.supplied) {
            (Some(text), _) | (None, Some(text)) if text.is(recorded) => Finding::pass(format!(
                "The text that you supplied agrees with the {what}."
            )),
            (None, Some(_)) if self.matches > 0 => Finding::skip(
                Reason::InputNeeded,
                "The text that you supplied is that of another event.",
            ),
            (None, None) => Finding::skip(
                Reason::InputNeeded,
                match is_hash {
                    true => {
                        "The event holds only the hash of the error's text. Supply the text to compare."
                    }
                    false => {
                        "The event holds the error's text unhashed. Supply the text to compare."
                    }
                },
            ),
            _ => Finding::fail(format!(
                "The text that you supplied (its first {KEPT} characters) does not agree with the {what}."
            )),
        };
        Some(finding.expected(recorded))
    }
}

/// The name of the value that is for this event alone.
pub(super) fn value_name(event: &Event<'_, '_>) -> String {
    format!("{ERROR_MESSAGE}:{}", event.id().unwrap_or_default())
}
