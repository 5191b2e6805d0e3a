//! What events say, for people, and what a valid event does not prove. Nothing in an event is signed.

use std::borrow::Cow;

use super::event::{Event, PAYLOAD};
use super::index::{Index, Place};
use crate::json::{Kind, Value};
use crate::report::Fact;

/// Where the facts of an event stand, and what they are called.
const OF_EVENT: &[(&str, &str)] = &[
    ("Event", "/eventId"),
    ("System", "/systemId"),
    ("Occurred at, by the sender's account", "/occurredAtUtc"),
    ("Model", "/modelId"),
    ("Version", "/version"),
    ("Classification of the decision", "/decisionClassification"),
    ("Correlation identifier", "/correlationId"),
    ("Idempotency key", "/idempotencyKey"),
    ("Human decision", "/humanOversight/decision"),
    ("Intervention", "/humanOversight/interventionType"),
    ("Intervention", "/humanOversight/intervention_type"),
    ("Reviewer", "/humanOversight/reviewerId"),
    ("Kind of reviewer", "/humanOversight/reviewerType"),
    ("Kind of reviewer", "/humanOversight/reviewer_type"),
    ("Reviewer's reason", "/humanOversight/notes"),
    (
        "Provider's status",
        "/systemState/performance/provider_status",
    ),
    (
        "Latency in milliseconds",
        "/systemState/performance/latency_ms",
    ),
    (
        "Hash or text of the provider's error",
        "/systemState/performance/provider_error_message",
    ),
    ("Metrics", "/systemState/metrics"),
    ("Reference data", "/referenceData"),
    ("Data subjects", "/dataSubjects"),
    (
        "Key of the payload, as the sender calls it",
        "/payloadKeyId",
    ),
    (
        "Key of the payload, as the sender calls it",
        "/payload/keyId",
    ),
    ("Environment", "/environmentId"),
    ("Sequence number", "/sequenceNumber"),
    ("Received at, by the server's clock", "/ingestedAtUtc"),
    ("Receipt", "/receiptId"),
];

/// Members of an actor that a report lists.
const ACTOR_MEMBERS: usize = 10;

/// Systems, models and the like that are named one by one.
const NAMED: usize = 20;

/// What one event says; `pointer` stands before the pointers.
pub(super) fn of_event(event: &Event<'_, '_>, pointer: &str) -> Vec<Fact> {
    let root = &event.document.root;
    let mut facts = Vec::new();
    let mut add = |label: Cow<'static, str>, value: &Value<'_>, place: &str| {
        facts.push(Fact {
            label,
            value: words(value, event),
            pointer: format!("{pointer}{place}"),
            signed: false,
        });
    };
    for (label, place) in OF_EVENT {
        if let Some(value) = at(root, place) {
            add(Cow::Borrowed(label), value, place);
        }
    }
    let actor = event.get("actor").and_then(Value::as_object);
    let members = actor.iter().flat_map(|object| &object.members);
    for member in members.take(ACTOR_MEMBERS) {
        let key = member.key.replace('~', "~0").replace('/', "~1");
        let label = Cow::Owned(format!("Actor, {}", member.key));
        add(label, &member.value, &format!("/actor/{key}"));
    }
    facts
}

/// Where the ciphertext of an event stands.
pub(super) fn ciphertext_pointer(event: &Event<'_, '_>) -> &'static str {
    match event.get(PAYLOAD) {
        Some(_) => "/payload/ciphertext",
        None => "/payloadCiphertext",
    }
}

fn at<'v, 'a>(root: &'v Value<'a>, pointer: &str) -> Option<&'v Value<'a>> {
    let mut members = pointer.split('/').skip(1);
    members
        .try_fold(root, |value, member| value.get(member))
        .filter(|value| !value.is_null())
}

/// A string's own characters; anything else as the file writes it.
fn words(value: &Value<'_>, event: &Event<'_, '_>) -> String {
    match &value.kind {
        Kind::String(text) => text.clone().into_owned(),
        _ => {
            let span = value.span.start as usize..value.span.end as usize;
            event
                .document
                .text()
                .get(span)
                .unwrap_or_default()
                .to_owned()
        }
    }
}

/// What is said of the events of a file together.
#[derive(Default)]
pub(super) struct Summary {
    models: Vec<(String, String)>,
}

impl Summary {
    /// Takes in one event.
    pub fn add(&mut self, event: &Event<'_, '_>, pointer: &str) {
        let (Some(model), version) = (event.word("modelId"), event.word("version")) else {
            return;
        };
        let name = match version {
            Some(version) => format!("{model}, version {version}"),
            None => model.to_owned(),
        };
        if self.models.len() < NAMED && !self.models.iter().any(|(known, _)| *known == name) {
            self.models.push((name, format!("{pointer}/modelId")));
        }
    }

    /// The facts of the file.
    pub fn finish(self, index: &Index) -> Vec<Fact> {
        let own = || index.events.iter().filter(|known| known.place.is_here());
        let mut facts = Vec::new();
        let mut add = |label: &'static str, value: String, pointer: String| {
            facts.push(Fact {
                label: Cow::Borrowed(label),
                value,
                pointer,
                signed: false,
            });
        };
        add("Events", index.own_events.to_string(), String::new());
        if index.own_receipts > 0 {
            add("Receipts", index.own_receipts.to_string(), String::new());
        }
        if index.own_sealed > 0 {
            add(
                "Events with an encrypted payload",
                index.own_sealed.to_string(),
                String::new(),
            );
        }
        let overrides = own().filter(|known| known.is_override).count();
        if overrides > 0 {
            add("Overrides by people", overrides.to_string(), String::new());
        }
        let mut systems: Vec<&str> = Vec::new();
        for known in own() {
            if systems.len() < NAMED && !systems.contains(&known.system.as_str()) {
                systems.push(&known.system);
                add(
                    "System",
                    known.system.clone(),
                    format!("{}/systemId", pointer(&known.place)),
                );
            }
        }
        for (model, pointer) in self.models {
            add("Model", model, pointer);
        }
        let timed = || own().filter(|known| !known.occurred_at.is_empty());
        let earliest = timed().min_by_key(|known| &known.occurred_at);
        let latest = timed().max_by_key(|known| &known.occurred_at);
        for (label, known) in [
            ("Earliest event, by the sender's account", earliest),
            ("Latest event, by the sender's account", latest),
        ] {
            if let Some(known) = known {
                add(
                    label,
                    known.occurred_at.clone(),
                    format!("{}/occurredAtUtc", pointer(&known.place)),
                );
            }
        }
        facts
    }
}

/// The JSON pointer of a record: its place in the array, or among the lines.
pub(super) fn pointer(place: &Place) -> String {
    match place {
        Place::Record(number, _) => format!("/{}", number.saturating_sub(1)),
        _ => String::new(),
    }
}

/// What a pass does not prove.
pub(super) fn limits(index: &Index) -> Vec<Cow<'static, str>> {
    let mut limits = vec![
        "Nothing here is signed. A pass says that the hashes in the file are those of what you supplied or decrypted; whoever can rewrite the file can make new hashes.",
        "No hash covers the model, the version, the classification of the decision, the human oversight, the actor, the performance or the error: they are what the sender wrote, or what the file was made to say later.",
        match index.own_sealed {
            0 => "No hash covers the times, the identifiers or the system either.",
            _ => {
                "The time at which an event occurred, its identifier and its system are covered only where its payload is encrypted, by the binding of the payload. The times and numbers that the server gave are covered by nothing that can be checked."
            }
        },
        "An event that was never sent leaves no trace here.",
    ];
    if index.own_sealed > 0 {
        limits.push("Decryption shows that somebody who had this key encrypted the content for this event. Everybody who has the key could have done so.");
    }
    if index.own_receipts > 0
        || index
            .events
            .iter()
            .any(|known| known.statement.event_hash.is_some())
    {
        limits.push("How the server makes an event's hash has not been published, so that hash and the chain behind it were not checked.");
    }
    limits.into_iter().map(Cow::Borrowed).collect()
}
