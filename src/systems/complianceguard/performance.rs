//! Performance and errors of the provider's call: the block's shape, and the hash of the error's text.
//!
//! Rule: complianceguard 0.1.5, `TraceCall`, and the package's description, "Performance and error capture (Article 15)".

use super::event::{Event, is_digest};
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

/// The shape of the block; none when there is no block.
pub(super) fn shape(event: &Event<'_, '_>) -> Option<Finding> {
    let block = block(event)?;
    let Some(object) = block.as_object() else {
        let found = block.kind_name();
        return Some(Finding::fail(format!(
            "{PLACE} is {found} where the SDK writes an object."
        )));
    };
    if let Some(latency) = object.get("latency_ms")
        && latency.as_u64().is_none()
    {
        return Some(Finding::fail(format!(
            "{PLACE}/latency_ms is not a whole number of milliseconds from 0."
        )));
    }
    for name in ["provider_status", "provider_error_message"] {
        if let Some(value) = object.get(name)
            && value.as_str().is_none()
        {
            let found = value.kind_name();
            return Some(Finding::fail(format!(
                "{PLACE}/{name} is {found} where the SDK writes a string."
            )));
        }
    }
    let succeeded = object.get("provider_status").and_then(Value::as_str) == Some("success");
    if succeeded && object.get("provider_error_message").is_some() {
        return Some(Finding::fail(format!(
            "{PLACE} says that the call succeeded, and records an error message."
        )));
    }
    Some(Finding::pass(""))
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
