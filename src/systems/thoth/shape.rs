//! The shape that the SDK's models prescribe (atensec-thoth, `thoth/models.py`): which members, of which types.
//!
//! Numbers written as texts are taken, as the models take them. The names may also be spelt as the TypeScript SDK has them.

use super::kind::{self, EVENT_TYPES, SOURCE_TYPES};
use super::time;
use crate::json::{Kind, Value};

/// What a member has to be.
#[derive(Clone, Copy)]
enum Type {
    Text,
    OneOf(&'static [&'static str]),
    Integer,
    Number,
    Time,
    Object,
    Texts,
    Objects,
    Numbers,
}

/// Whether a member may be missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Need {
    /// It must be there.
    Required,
    /// It may be missing, but not be null.
    Defaulted,
    /// It may be missing or null.
    Optional,
}

/// What is wrong with a member.
pub(super) enum Fault {
    /// It is of another type than the model's.
    Type(String),
    /// It is a word that the model does not know; the vendor may know it by now.
    Word(String),
}

use Need::{Defaulted, Optional, Required};
use Type::{Integer, Number, Numbers, Object, Objects, OneOf, Text, Texts, Time};

type Member = (&'static str, Type, Need);

/// The modes of enforcement; the Go SDK called the first `shadow` once.
const MODES: [&str; 5] = ["observe", "step_up", "block", "progressive", "shadow"];

const EVENT: [Member; 27] = [
    ("tenant_id", Text, Required),
    ("session_id", Text, Required),
    ("user_id", Text, Required),
    ("source_type", OneOf(&SOURCE_TYPES), Required),
    ("event_type", OneOf(&EVENT_TYPES), Required),
    ("content", Text, Required),
    ("event_id", Text, Defaulted),
    ("agent_id", Text, Optional),
    ("purpose", Text, Optional),
    ("data_classification", Text, Optional),
    ("task_context", Object, Defaulted),
    ("initiated_by", Text, Optional),
    ("task_id", Text, Optional),
    ("delegation_chain", Texts, Defaulted),
    ("metadata", Object, Defaulted),
    ("approved_scope", Texts, Defaulted),
    ("enforcement_mode", OneOf(&MODES), Defaulted),
    ("session_tool_calls", Texts, Defaulted),
    ("tool_name", Text, Defaulted),
    ("endpoint_id", Text, Optional),
    ("hostname", Text, Optional),
    ("occurred_at", Time, Defaulted),
    ("ingested_at", Time, Defaulted),
    ("ttl", Integer, Defaulted),
    ("violation_id", Text, Optional),
    ("hash", Text, Defaulted),
    ("previous_hash", Text, Defaulted),
];

/// What an event and a row of the chain have in common.
const LINK: [Member; 2] = [
    ("chain_index", Integer, Defaulted),
    ("signature", Text, Defaulted),
];

const ROW: [Member; 2] = [("hash", Text, Optional), ("previous_hash", Text, Optional)];

const DECISION: [Member; 28] = [
    ("decision_envelope_version", Text, Optional),
    ("enforcement_trace_id", Text, Optional),
    ("action_attestation_id", Text, Optional),
    ("authorization_decision", Text, Optional),
    ("decision_reason_code", Text, Optional),
    ("action_classification", Text, Optional),
    ("reason", Text, Optional),
    ("violation_id", Text, Optional),
    ("hold_token", Text, Optional),
    ("risk_score", Number, Optional),
    ("fastml_features", Numbers, Optional),
    ("score_components", Object, Optional),
    ("top_contributors", Objects, Defaulted),
    ("decision_evidence", Object, Optional),
    ("latency_ms", Number, Optional),
    ("pack_id", Text, Optional),
    ("pack_version", Text, Optional),
    ("rule_version", Integer, Optional),
    ("regulatory_regimes", Texts, Defaulted),
    ("matched_rule_ids", Texts, Defaulted),
    ("matched_control_ids", Texts, Defaulted),
    ("policy_references", Texts, Defaulted),
    ("model_signals", Texts, Defaulted),
    ("receipt", Object, Optional),
    ("terminal_receipt", Object, Optional),
    ("modified_tool_args", Object, Optional),
    ("defer_timeout_seconds", Integer, Optional),
    ("step_up_timeout_seconds", Integer, Optional),
];

/// A member that the SDK gives every event and that this one does not have.
pub(super) fn missing(value: &Value<'_>) -> Option<&'static str> {
    let object = value.as_object()?;
    let required = EVENT.iter().filter(|(_, _, need)| *need == Required);
    required.map(|(name, ..)| *name).find(|name| {
        object
            .get(name)
            .or_else(|| kind::member(value, name))
            .is_none()
    })
}

/// What keeps an event from having the model's shape, in one plain sentence.
pub(super) fn of_event(value: &Value<'_>) -> Option<Fault> {
    fault(value, EVENT.iter().chain(&LINK))
}

/// What keeps a row of the evidence chain from having the shape of a link.
pub(super) fn of_row(value: &Value<'_>) -> Option<Fault> {
    fault(value, ROW.iter().chain(&LINK))
}

/// What keeps a decision from having the model's shape.
pub(super) fn of_decision(value: &Value<'_>) -> Option<Fault> {
    fault(value, DECISION.iter())
}

fn fault<'m>(value: &Value<'_>, members: impl Iterator<Item = &'m Member>) -> Option<Fault> {
    let object = value.as_object()?;
    let mut unknown = None;
    for (name, kind, need) in members {
        // `kind::member` takes null and the empty text for absent; here they count as they stand.
        let Some(found) = object.get(name).or_else(|| kind::member(value, name)) else {
            continue;
        };
        if fits(found, *kind) || (found.is_null() && *need == Optional) {
            continue;
        }
        let sentence = format!(
            "The member `{name}` is {}, and not {}.",
            described(found),
            words(*kind)
        );
        match (kind, found.as_str()) {
            (OneOf(_), Some(_)) => unknown = unknown.or(Some(Fault::Word(sentence))),
            _ => return Some(Fault::Type(sentence)),
        }
    }
    unknown
}

fn fits(value: &Value<'_>, kind: Type) -> bool {
    let all = |test: fn(&Value<'_>) -> bool| {
        value
            .as_array()
            .is_some_and(|elements| elements.iter().all(test))
    };
    match kind {
        Text => value.as_str().is_some(),
        OneOf(words) => value.as_str().is_some_and(|word| words.contains(&word)),
        Integer => number(value).is_some_and(|number| number.fract() == 0.0),
        Number => number(value).is_some(),
        Time => value.as_str().map_or_else(
            || number(value).is_some(),
            |text| time::parse(text).is_some() || number(value).is_some(),
        ),
        Object => value.as_object().is_some(),
        Texts => all(|element| element.as_str().is_some()),
        Objects => all(|element| element.as_object().is_some()),
        Numbers => value.as_object().is_some_and(|object| {
            object
                .members
                .iter()
                .all(|member| number(&member.value).is_some())
        }),
    }
}

/// A number, or a text or truth value that the models take for one.
fn number(value: &Value<'_>) -> Option<f64> {
    match &value.kind {
        Kind::Number(lexeme) => lexeme.parse().ok(),
        Kind::String(text) => text.trim().parse().ok(),
        Kind::Bool(truth) => Some(f64::from(u8::from(*truth))),
        _ => None,
    }
}

fn described(value: &Value<'_>) -> String {
    match value.as_str() {
        Some(text) => format!("the text \"{text}\""),
        None => value.kind_name().to_owned(),
    }
}

fn words(kind: Type) -> String {
    match kind {
        Text => "a text".to_owned(),
        OneOf(words) => format!("one of {}", words.join(", ")),
        Integer => "a whole number".to_owned(),
        Number => "a number".to_owned(),
        Time => "a time".to_owned(),
        Object => "an object".to_owned(),
        Texts => "a list of texts".to_owned(),
        Objects => "a list of objects".to_owned(),
        Numbers => "an object of numbers".to_owned(),
    }
}
