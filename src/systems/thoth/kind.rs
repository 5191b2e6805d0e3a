//! What a value is, by the members that no other system has.

use std::borrow::Cow;

use crate::json::{Kind as Json, Value};

/// What a value of a Thoth file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A behavioural event.
    Event,
    /// A row of the evidence chain that is not an event.
    Row,
    /// An enforcement decision.
    Decision,
    /// A hold, or what a person made of it.
    Approval,
    /// A receipt by itself.
    Receipt,
}

/// The values of `event_type` (`thoth/models.py`, EventType).
pub(super) const EVENT_TYPES: [&str; 4] = [
    "TOOL_CALL_PRE",
    "TOOL_CALL_POST",
    "TOOL_CALL_BLOCK",
    "LLM_INVOCATION",
];

/// The values of `source_type` (SourceType).
pub(super) const SOURCE_TYPES: [&str; 2] = ["agent_tool_call", "agent_llm_invocation"];

/// The words for a decision that the model knows (`_DECISION_ALIASES`).
pub(super) const DECISION_WORDS: [&str; 13] = [
    "ALLOW",
    "BLOCK",
    "DENY",
    "STEP_UP",
    "CHALLENGE",
    "ESCALATE",
    "REVIEW",
    "MODIFY",
    "MODIFIED",
    "TRANSFORM",
    "DEFER",
    "DEFERRED",
    "HOLD",
];

/// Members by which a decision is known beside the decision itself.
const DECISION_MARKS: [&str; 11] = [
    "authorization_decision",
    "decision_reason_code",
    "action_classification",
    "decision_envelope_version",
    "hold_token",
    "modified_tool_args",
    "defer_timeout_seconds",
    "step_up_timeout_seconds",
    "fastml_features",
    "matched_rule_ids",
    "matched_control_ids",
];

/// Members that a decision may have and that say little by themselves.
const DECISION_PLAIN: [&str; 24] = [
    "decision",
    "enforcement_trace_id",
    "action_attestation_id",
    "reason",
    "violation_id",
    "risk_score",
    "score_components",
    "top_contributors",
    "decision_evidence",
    "latency_ms",
    "pack_id",
    "pack_version",
    "rule_version",
    "regulatory_regimes",
    "policy_references",
    "model_signals",
    "receipt",
    "terminal_receipt",
    "modification_reason",
    "defer_reason",
    "metadata",
    "tool_name",
    "session_id",
    "tenant_id",
];

/// Levels of members and lists that are searched for evidence.
const DEPTH: usize = 3;

/// The member `name`, or as the TypeScript SDK spells it (`session_id`, `sessionId`); null and the empty text count for
/// nothing.
pub(super) fn member<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    let said = |value: &&Value<'_>| !value.is_null() && value.as_str() != Some("");
    let object = value.as_object()?;
    let found = object.get(name).filter(said);
    match name.contains('_') {
        true => found.or_else(|| object.get(&camel_case(name)).filter(said)),
        false => found,
    }
}

/// How the value spells the member.
#[cfg(feature = "complete")]
pub(super) fn spelt<'n>(value: &Value<'_>, name: &'n str) -> Cow<'n, str> {
    let plain = value.get(name).is_some_and(|member| !member.is_null());
    match plain {
        true => Cow::Borrowed(name),
        false => camel_case(name),
    }
}

/// The member's characters, if a text.
pub(super) fn text<'v>(value: &'v Value<'_>, name: &str) -> Option<&'v str> {
    member(value, name)?.as_str()
}

fn camel_case(name: &str) -> Cow<'_, str> {
    let mut words = name.split('_');
    let mut spelt = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        spelt.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        spelt.push_str(letters.as_str());
    }
    spelt.into()
}

/// What the value is; nothing when it is none of Thoth's.
pub(super) fn of(value: &Value<'_>) -> Option<Kind> {
    let has = |name| member(value, name).is_some();
    let one_of = |name, words: &[&str]| text(value, name).is_some_and(|word| words.contains(&word));
    value.as_object()?;
    if one_of("event_type", &EVENT_TYPES)
        || (has("event_type") && one_of("source_type", &SOURCE_TYPES))
    {
        return Some(Kind::Event);
    }
    if has("chain_index") && (has("previous_hash") || has("hash")) {
        return Some(Kind::Row);
    }
    if is_marked_decision(value) || is_plain_decision(value) {
        return Some(Kind::Decision);
    }
    let outcome = has("resolved") || has("resolution") || has("status");
    if (has("hold_token") || has("approval_id")) && outcome {
        return Some(Kind::Approval);
    }
    (has("signing_algorithm") && has("signature")).then_some(Kind::Receipt)
}

/// Whether the value has a decision and a member that only Thoth's have.
fn is_marked_decision(value: &Value<'_>) -> bool {
    let decided = text(value, "decision").or_else(|| text(value, "authorization_decision"));
    let marked = DECISION_MARKS
        .iter()
        .any(|mark| member(value, mark).is_some());
    let receipt = member(value, "receipt").and_then(|receipt| member(receipt, "signature"));
    decided.is_some() && (marked || receipt.is_some())
}

/// Whether the value has a decision in one of the model's words, and no member that the model does not have.
fn is_plain_decision(value: &Value<'_>) -> bool {
    text(value, "decision")
        .is_some_and(|word| DECISION_WORDS.contains(&word.trim().to_uppercase().as_str()))
        && has_no_stranger(value)
}

/// Whether every member is one that the model of a decision has.
fn has_no_stranger(value: &Value<'_>) -> bool {
    let known = |key: &str| {
        let mut names = DECISION_PLAIN.iter().chain(&DECISION_MARKS);
        names.any(|name| *name == key || camel_case(name) == key)
    };
    let mut members = value.as_object().into_iter().flat_map(|o| &o.members);
    members.all(|member| known(&member.key))
}

/// What a value is that stands in a list of a file which is Thoth's for certain: fewer marks will do.
#[cfg(feature = "complete")]
pub(super) fn of_listed(value: &Value<'_>) -> Option<Kind> {
    let says = |name| text(value, name).is_some();
    let person = ["approver", "approved_by", "resolved_by", "approver_id"];
    of(value).or_else(|| {
        if says("event_type") {
            Some(Kind::Event)
        } else if says("decision") || says("authorization_decision") {
            Some(Kind::Decision)
        } else if (says("status") || says("resolution")) && person.into_iter().any(says) {
            Some(Kind::Approval)
        } else {
            None
        }
    })
}

/// Whether the value is a session evidence bundle, and nothing else that happens to have its mark.
pub(super) fn is_bundle(value: &Value<'_>) -> bool {
    member(value, "bundle_hash").is_some() && of(value).is_none()
}

/// Whether the value is Thoth's, or holds what is. What is held must be told by more than a decision in plain words, which
/// the payloads of others have too.
pub(super) fn holds_evidence(value: &Value<'_>) -> bool {
    is_bundle(value) || of(value).is_some() || holds_marked(value, DEPTH)
}

fn holds_marked(value: &Value<'_>, depth: usize) -> bool {
    let marked = |value: &Value<'_>| {
        is_bundle(value)
            || is_marked_decision(value)
            || of(value).is_some_and(|kind| kind != Kind::Decision)
    };
    let mut held: Box<dyn Iterator<Item = &Value<'_>>> = match &value.kind {
        Json::Array(elements) => Box::new(elements.iter().take(super::SAMPLED)),
        Json::Object(object) => Box::new(object.members.iter().map(|member| &member.value)),
        _ => return false,
    };
    depth > 0 && held.any(|value| marked(value) || holds_marked(value, depth.saturating_sub(1)))
}

/// Whether two values say the same, whatever the order of their members and the writing of their numbers.
#[cfg(feature = "complete")]
pub(super) fn same(left: &Value<'_>, right: &Value<'_>) -> bool {
    use crate::canon::{Jcs, Python, to_vec};
    match (to_vec::<Jcs>(left), to_vec::<Jcs>(right)) {
        (Ok(left), Ok(right)) => left == right,
        _ => {
            matches!((to_vec::<Python>(left), to_vec::<Python>(right)), (Ok(left), Ok(right)) if left == right)
        }
    }
}
