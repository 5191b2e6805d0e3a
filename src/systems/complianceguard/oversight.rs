//! Human oversight: the block's shape, and the decision that an override belongs to.
//!
//! Rule: complianceguard 0.1.5, `log_override`, and the package's description, "Human oversight (Article 14)".

use super::event::{ACCEPTED, BLOCK, Component, Event};
use super::index::{Index, Known};
use crate::json::{Member, Object, Value};
use crate::report::Finding;

/// What `log_override` writes, with the words that it writes unless its caller sets others.
const MEMBERS: [(&str, Option<&str>); 5] = [
    ("decision", Some("override")),
    ("reviewerType", Some("human")),
    ("reviewerId", None),
    ("interventionType", Some("override")),
    ("notes", None),
];

/// The names in which the package's description has a block that its reader builds by hand.
const BY_HAND: [&str; 3] = ["reviewer_type", "intervention_type", "notes"];

/// Whether the event says that a person overrode a decision.
pub(super) fn is_override(event: &Event<'_, '_>) -> bool {
    let Some(block) = event.get(BLOCK) else {
        return false;
    };
    let says = |name| block.get(name).and_then(Value::as_str) == Some("override");
    says("decision") || says("interventionType") || says("intervention_type")
}

/// The shape of the block, and what in it differs from what `log_override` writes; none when there is no block.
///
/// `ingest_event` sends any block that its caller gives: only what is no object cannot be the SDK's.
pub(super) fn shape(event: &Event<'_, '_>) -> Option<(Finding, Option<Finding>)> {
    let block = event.get(BLOCK)?;
    let Some(object) = block.as_object() else {
        let found = block.kind_name();
        let detail = format!("/{BLOCK} is {found} where the SDK writes an object. {ACCEPTED}");
        return Some((Finding::fail(detail), None));
    };
    let words = unusual(event, object);
    let note = (!words.is_empty()).then(|| Finding::note(words.join(" ")));
    Some((Finding::pass(""), note))
}

/// What the SDK lets its caller write and does not write of itself, in sentences.
fn unusual(event: &Event<'_, '_>, object: &Object<'_>) -> Vec<String> {
    let by_hand = |member: &Member<'_>| BY_HAND[..2].contains(&member.key.as_ref());
    if object.members.iter().any(by_hand) {
        return vec![
            "The block is written by hand, as the package's description shows: it names no reviewer, and nothing prescribes its members.".to_owned(),
        ];
    }
    let mut words = Vec::new();
    for (name, usual) in MEMBERS {
        let place = format!("/{BLOCK}/{name}");
        match (object.get(name), usual) {
            (None, _) if is_override(event) => {
                words.push(format!(
                    "The event is an override, and its /{BLOCK} has no {name}, which log_override writes."
                ));
            }
            (None, _) => {}
            (Some(value), _) if value.as_str().is_none() => {
                let found = value.kind_name();
                words.push(format!(
                    "{place} is {found}, where log_override is documented to write a string."
                ));
            }
            (Some(value), Some(usual)) if value.as_str() != Some(usual) => {
                let found = value.as_str().unwrap_or_default();
                words.push(format!(
                    "{place} is {found:?}, where the SDK writes {usual:?} unless its caller sets another."
                ));
            }
            _ => {}
        }
    }
    if is_override(event) && event.word("correlationId").is_none() {
        words.push(
            "The event is an override, and has no correlationId to name the decision that it overrides."
                .to_owned(),
        );
    }
    let named = MEMBERS.map(|(name, _)| name);
    if let Some(other) = object.unknown_member(&named) {
        words.push(format!(
            "/{BLOCK}/{} is not among the members that the SDK writes of itself.",
            other.key
        ));
    }
    words
}

/// The decision that an override belongs to, and whether the output that it says was overridden is that decision's.
pub(super) fn link(event: &Event<'_, '_>, index: &Index) -> Option<(Finding, Option<Finding>)> {
    if !is_override(event) {
        return None;
    }
    let correlation = event.word("correlationId")?;
    let mut decisions: Vec<&Known> = index
        .decisions(correlation)
        .filter(|known| Some(known.id.as_str()) != event.id())
        .collect();
    decisions.dedup_by(|left, right| left.id == right.id);
    if decisions.is_empty() {
        return Some((
            Finding::note(format!(
                "The decision that was overridden, whose correlation identifier is {correlation}, is not among the files that were handed over. The link to it was not followed."
            )),
            None,
        ));
    }
    Some((
        linked(event, &decisions),
        Some(overridden(event, &decisions)),
    ))
}

fn linked(event: &Event<'_, '_>, decisions: &[&Known]) -> Finding {
    let system = event.word("systemId").unwrap_or_default();
    let of_system: Vec<_> = decisions
        .iter()
        .filter(|known| known.system == system)
        .collect();
    let Some(first) = of_system.first() else {
        return Finding::note(
            "An event with this correlation identifier is there, but it is of another system.",
        );
    };
    let (id, place) = (&first.id, first.place.suffix());
    if is_before(
        event.word("occurredAtUtc").unwrap_or_default(),
        &first.occurred_at,
    ) {
        return Finding::note(format!(
            "It overrides the decision {id}{place}, which by its own time was made only later."
        ));
    }
    Finding::pass(match of_system.len() {
        1 => format!("It overrides the decision {id}{place}."),
        count => format!(
            "It overrides {count} decisions that share its correlation identifier, the first of them {id}{place}."
        ),
    })
}

fn overridden(event: &Event<'_, '_>, decisions: &[&Known]) -> Finding {
    let original = event.reference(Component::Input);
    let same = decisions.iter().any(|known| known.output == original);
    match (original, decisions.first()) {
        (Some(original), Some(_)) if same => Finding::pass("").expected(&original).actual(original),
        (Some(original), Some(first)) => {
            let recorded = first.output.clone().unwrap_or_default();
            Finding::note(
                "The override's inputReference, which stands for the output that was overridden, is not the decision's outputReference: either another text of the output was hashed, or another decision was meant.",
            )
            .expected(recorded)
            .actual(original)
        }
        _ => Finding::note("The override refers to no output that it overrode."),
    }
}

/// Whether one time is before another, as far as that can be told: both in UTC, written alike.
fn is_before(left: &str, right: &str) -> bool {
    let in_utc = |text: &str| text.ends_with('Z') && text.get(10..11) == Some("T");
    in_utc(left) && in_utc(right) && left.len() == right.len() && left < right
}
