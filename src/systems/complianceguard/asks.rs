//! What an event could be held against, if the person verifying supplied it.

use std::borrow::Cow;

use super::event::Component;
use super::index::{DECISION, Index, Known, RECEIPT};
use super::judge::Judge;
use super::performance::ERROR_MESSAGE;
use crate::report::{Ask, AskKind};

/// Everything that the events in the file call for, and what of it was supplied.
pub(super) fn of(judge: &Judge<'_>) -> Vec<Ask> {
    let (index, options) = (judge.index, judge.options);
    let own = || index.events.iter().filter(|known| known.place.is_here());
    let mut asks = Vec::new();
    if index.own_sealed > 0 || options.payload_key.is_some() {
        asks.push(Ask {
            name: Cow::Borrowed("payload_key"),
            kind: AskKind::PayloadKey,
            label: Cow::Borrowed("Key of the encrypted payload"),
            why: Cow::Owned(key_why(index)),
            supplied: options.payload_key.is_some(),
        });
    }
    components(judge, &mut asks);
    let is_message =
        |name: &String| name.split_once(':').map_or(&**name, |(part, _)| part) == ERROR_MESSAGE;
    if index.messages.count > 0 || options.values.keys().any(is_message) {
        let named = options
            .values
            .keys()
            .filter(|name| is_message(name) && *name != ERROR_MESSAGE);
        let one_each = named.cloned().map(|name| (Cow::Owned(name), true));
        let any = (
            Cow::Borrowed(ERROR_MESSAGE),
            options.value(ERROR_MESSAGE).is_some(),
        );
        let any = (index.messages.count > 0 || any.1).then_some(any);
        for (name, supplied) in any.into_iter().chain(one_each) {
            asks.push(Ask {
                name,
                kind: AskKind::Text,
                label: Cow::Borrowed("Error message of the provider"),
                why: Cow::Borrowed(
                    "Its first 500 characters are held against the hash in the event. It is not kept.",
                ),
                supplied,
            });
        }
    }
    let supplied = |name: &str| options.companions(name).next().is_some();
    let file = |name: &'static str, label, why| Ask {
        name: Cow::Borrowed(name),
        kind: AskKind::File,
        label: Cow::Borrowed(label),
        why: Cow::Borrowed(why),
        supplied: supplied(name),
    };
    if supplied(DECISION) || own().any(|known| is_unlinked(known, index)) {
        asks.push(file(
            DECISION,
            "Event of the decision that was overridden",
            "It is looked up by its correlation identifier, and its output is compared with the one that was overridden.",
        ));
    }
    let has_receipt = |known: &Known| index.receipts_for(&known.id).next().is_some();
    if supplied(RECEIPT) || own().any(|known| !has_receipt(known)) {
        asks.push(file(
            RECEIPT,
            "Receipt that the API gave for the event",
            "Its identifiers and its sequence number are compared with the event's.",
        ));
    }
    asks
}

/// Keys that are named in a sentence.
const NAMED: usize = 3;

/// Whether an event is an override whose decision is not there.
fn is_unlinked(known: &Known, index: &Index) -> bool {
    let correlation = known.correlation.as_deref();
    known.is_override
        && correlation.is_some_and(|correlation| index.decisions(correlation).next().is_none())
}

fn key_why(index: &Index) -> String {
    let mut why = "With it the content is decrypted here, on this device, and held against the event's hashes.".to_owned();
    let names: Vec<&str> = index.keys.keys().take(NAMED).map(String::as_str).collect();
    if !names.is_empty() {
        why.push_str(&format!(" The sender calls it {}.", names.join(", ")));
    }
    why
}

fn components(judge: &Judge<'_>, asks: &mut Vec<Ask>) {
    let (index, companions) = (judge.index, judge.companions);
    let nothing_recorded = index.own_events > 0 && index.recorded.iter().all(|recorded| !recorded);
    let mut own = index.events.iter().filter(|known| known.place.is_here());
    let only_overrides = index.own_events > 0 && own.all(|known| known.is_override);
    for (component, recorded) in Component::ALL.into_iter().zip(index.recorded) {
        let supplied = companions.has(component);
        if !(recorded || nothing_recorded || supplied) {
            continue;
        }
        let label = match (component, only_overrides) {
            (Component::Input, true) => "Original output, which was overridden",
            (Component::Output, true) => "Final output, after the override",
            (Component::Input, false) => "Original input of the decision",
            (Component::Output, false) => "Output of the decision",
            (Component::Metadata, _) => "Metadata of the decision",
        };
        let name = component.name();
        let why = match index.own_events {
            1 => Cow::Borrowed(
                "A JSON file or a plain text: its hash is compared with the one in the event. It stays on this device.",
            ),
            _ => Cow::Owned(format!(
                "A JSON file or a plain text: its hash is compared with those in every event, or in one if it is supplied as {name}:EVENT_ID. It stays on this device."
            )),
        };
        asks.push(Ask {
            name: Cow::Borrowed(name),
            kind: AskKind::File,
            label: Cow::Borrowed(label),
            why,
            supplied,
        });
    }
}
