//! What the evidence says, for people; what it could be held against; and what a pass does not prove.

use std::borrow::Cow;
use std::collections::HashSet;

use super::decision::{self, Decision, Verdict};
use super::event::{Event, Phase};
use super::evidence::{Evidence, Item};
use super::examiner::{Examiner, own_decisions};
use super::kind;
use crate::json::{Kind, Value};
use crate::report::{Ask, AskKind, Fact, Peer};

/// What a pass does not prove.
pub(super) const LIMITS: [&str; 5] = [
    "How Thoth makes its hashes, signatures and receipts is not published. Where a rule is named, it was found by trying: it gives the recorded values, but the vendor has not confirmed it.",
    "A chain shows that nothing was altered or taken out between its links. It cannot show that records before its beginning or after its end are missing, and the SDK may drop events that it cannot send.",
    "Hashes without a signature can be made anew by whoever can write the file.",
    "Events say what the agent's SDK saw: that a tool was asked for, ran or was blocked. They do not prove what the tool did, and a tool that was not wrapped leaves no event.",
    "The times are those of the agent's machine and of Thoth's service. No independent clock vouches for them.",
];

/// Values of one label that a report lists.
const NAMED: usize = 8;
/// Decisions and holds of which a report tells one by one.
const TOLD: usize = 12;

/// Facts in the making.
struct Facts {
    facts: Vec<Fact>,
}

impl Facts {
    fn add(
        &mut self,
        label: impl Into<Cow<'static, str>>,
        value: String,
        pointer: String,
        signed: bool,
    ) {
        self.facts.push(Fact {
            label: label.into(),
            value,
            pointer,
            signed,
        });
    }

    /// A member of a record, where it says something.
    fn member(&mut self, label: &'static str, item: &Item<'_>, name: &str, signed: bool) {
        if let Some(value) = item.member(name) {
            let shown = shown(value, item.text);
            if !shown.is_empty() {
                let pointer = format!("{}/{}", item.pointer, kind::spelt(item.value, name));
                self.add(label, shown, pointer, signed);
            }
        }
    }

    /// What the events say under one name, each value once, with where it stands first.
    fn distinct<'d>(
        &mut self,
        label: &'static str,
        events: impl Iterator<Item = (&'d str, String)>,
        signed: bool,
    ) {
        let mut seen: HashSet<&str> = HashSet::new();
        let mut more = 0_usize;
        for (value, pointer) in events {
            if !seen.insert(value) {
                continue;
            }
            match seen.len() <= NAMED {
                true => self.add(label, value.to_owned(), pointer, signed),
                false => more = more.saturating_add(1),
            }
        }
        if more > 0 {
            self.add(label, format!("and {more} more"), String::new(), false);
        }
    }
}

/// A text's characters, a list's in a row, anything else as the file writes it.
fn shown(value: &Value<'_>, text: &str) -> String {
    match &value.kind {
        Kind::String(characters) => characters.clone().into_owned(),
        Kind::Array(elements) => {
            let shown: Vec<String> = elements
                .iter()
                .map(|element| self::shown(element, text))
                .collect();
            shown.join(", ")
        }
        _ => {
            let span = value.span;
            let written = text.get(span.start as usize..span.end as usize);
            written.unwrap_or_default().to_owned()
        }
    }
}

/// What the evidence says.
pub(super) fn of(examiner: &Examiner<'_, '_>) -> Vec<Fact> {
    let mut facts = Facts { facts: Vec::new() };
    let evidence = examiner.evidence;
    for bundle in evidence.bundles.iter().take(TOLD) {
        facts.member("Session", bundle, "session_id", false);
        facts.member(
            "Exported at, by the service's clock",
            bundle,
            "exported_at",
            false,
        );
    }
    of_events(examiner, &mut facts);
    let mut decisions = own_decisions(evidence);
    for decision in decisions.by_ref().take(TOLD) {
        let signed = examiner.covered.contains(decision.item.pointer.as_str());
        of_decision(decision, signed, &mut facts);
    }
    let more = decisions.count();
    if more > 0 {
        facts.add("Decision", format!("and {more} more"), String::new(), false);
    }
    of_oversight(evidence, &mut facts);
    if let Some(rule) = examiner.established.best() {
        facts.add(
            "Rule of the hashes, as found",
            rule.words(),
            String::new(),
            false,
        );
    }
    facts.facts
}

fn of_events(examiner: &Examiner<'_, '_>, facts: &mut Facts) {
    let signed = examiner.all_signed;
    let events = || {
        let events = examiner.evidence.events.iter();
        events.filter(|event| event.item.is_own())
    };
    let members = |name: &'static str| {
        events().filter_map(move |event| {
            Some((
                event.item.text(name)?,
                format!(
                    "{}/{}",
                    event.item.pointer,
                    kind::spelt(event.item.value, name)
                ),
            ))
        })
    };
    let metadata = |name: &'static str| {
        events().filter_map(move |event| {
            let value = event.metadata(name)?.as_str()?;
            Some((value, format!("{}/metadata/{name}", event.item.pointer)))
        })
    };
    let tools = |phase: Phase| {
        events()
            .filter(move |event| event.phase() == phase)
            .filter_map(|event| Some((event.tool()?, format!("{}/tool_name", event.item.pointer))))
    };
    for (label, name) in [
        ("Tenant", "tenant_id"),
        ("Agent", "agent_id"),
        ("User", "user_id"),
        ("Session", "session_id"),
        ("Initiated by", "initiated_by"),
        ("Task", "task_id"),
        ("Purpose", "purpose"),
        ("Data classification", "data_classification"),
        ("Enforcement mode", "enforcement_mode"),
        ("Machine", "hostname"),
        ("Violation", "violation_id"),
    ] {
        facts.distinct(label, members(name), signed);
    }
    facts.distinct("Tool that ran", tools(Phase::Post), signed);
    facts.distinct("Tool that was blocked", tools(Phase::Block), signed);
    facts.distinct("Approved scope", scopes(events()), signed);
    for (label, name) in [
        ("Environment", "environment"),
        ("Model", "model_name"),
        ("Model", "model"),
        ("Model's provider", "model_provider"),
        ("Policy pack", "pack_id"),
        ("Version of the policy pack", "pack_version"),
        ("Reason code", "decision_reason_code"),
        ("Approver", "approver"),
        ("Approver", "approved_by"),
    ] {
        facts.distinct(label, metadata(name), signed);
    }
    times(events(), signed, facts);
    let count = events().count();
    if count > 1 {
        facts.add(
            "Records in the file",
            count.to_string(),
            String::new(),
            false,
        );
    }
}

fn scopes<'e, 'd: 'e>(
    events: impl Iterator<Item = &'e Event<'d>>,
) -> impl Iterator<Item = (&'d str, String)> {
    events.flat_map(|event| {
        let scope = event
            .item
            .member("approved_scope")
            .and_then(Value::as_array);
        let pointer = format!("{}/approved_scope", event.item.pointer);
        scope
            .unwrap_or_default()
            .iter()
            .enumerate()
            .filter_map(move |(index, name)| Some((name.as_str()?, format!("{pointer}/{index}"))))
    })
}

fn times<'e, 'd: 'e>(events: impl Iterator<Item = &'e Event<'d>>, signed: bool, facts: &mut Facts) {
    let timed: Vec<_> = events
        .filter_map(|event| Some((event.occurred()?, event)))
        .collect();
    let first = timed.iter().min_by_key(|(at, _)| *at);
    let last = timed.iter().max_by_key(|(at, _)| *at);
    if let Some((_, event)) = first {
        facts.member(
            "First event at, by the agent's clock",
            &event.item,
            "occurred_at",
            signed,
        );
    }
    if let Some((_, event)) = last.filter(|_| timed.len() > 1) {
        facts.member(
            "Last event at, by the agent's clock",
            &event.item,
            "occurred_at",
            signed,
        );
    }
}

fn of_decision(decision: &Decision<'_>, signed: bool, facts: &mut Facts) {
    let item = &decision.item;
    let (word, written) = (decision.verdict.word(), decision.written());
    let value = match word == written {
        true => word.to_owned(),
        false if Verdict::of_word(written).is_none() => {
            format!("{word} (the model does not know \"{written}\", and blocks)")
        }
        false => format!("{word} (written {written})"),
    };
    let name = match item.text("decision") {
        Some(_) => "decision",
        None => "authorization_decision",
    };
    facts.add(
        "Decision",
        value,
        format!("{}/{}", item.pointer, kind::spelt(item.value, name)),
        signed,
    );
    for (label, name) in [
        ("Reason", "reason"),
        ("Reason code", "decision_reason_code"),
        ("Reason to modify", "modification_reason"),
        ("Reason to defer", "defer_reason"),
        ("Tool", "tool_name"),
        ("Agent", "agent_id"),
        ("User", "user_id"),
        ("Session", "session_id"),
        ("Trace", "enforcement_trace_id"),
        ("Action", "action_classification"),
        ("Policy pack", "pack_id"),
        ("Version of the policy pack", "pack_version"),
        ("Version of the rule", "rule_version"),
        ("Policy rules that matched", "matched_rule_ids"),
        ("Controls that matched", "matched_control_ids"),
        ("Policy references", "policy_references"),
        ("Regulatory regimes", "regulatory_regimes"),
        ("Signals of the models", "model_signals"),
        ("Risk score", "risk_score"),
        ("Violation", "violation_id"),
        ("Hold", "hold_token"),
        ("Seconds to approve in", "step_up_timeout_seconds"),
        ("Seconds until another try", "defer_timeout_seconds"),
        ("Model", "model_name"),
    ] {
        facts.member(label, item, name, signed);
    }
    if let Some((name, _)) = decision::person(item) {
        facts.member("Approver", item, name, signed);
    }
}

/// What is known of people who decided, and of calls that had to wait for one.
fn of_oversight(evidence: &Evidence<'_>, facts: &mut Facts) {
    let own = evidence
        .approvals
        .iter()
        .filter(|approval| approval.item.is_own());
    for approval in own.take(TOLD) {
        let item = &approval.item;
        let pointer = item.pointer.clone();
        facts.add("Hold", approval.words(), pointer, false);
        for (label, name) in [
            ("Tool", "tool_name"),
            ("Resolved at, by the service's clock", "resolved_at"),
        ] {
            facts.member(label, item, name, false);
        }
        if let Some((name, _)) = decision::person(item) {
            facts.member("Approver", item, name, false);
        }
    }
    let held = own_decisions(evidence)
        .filter(|decision| decision.verdict == Verdict::StepUp)
        .count();
    if held > 0 {
        facts.add(
            "Decisions that called for a person",
            held.to_string(),
            String::new(),
            false,
        );
    }
}

/// What the evidence could be held against.
pub(super) fn asks(examiner: &Examiner<'_, '_>) -> Vec<Ask> {
    let options = examiner.options;
    let evidence = examiner.evidence;
    let supplied = |name| options.companions(name).next().is_some();
    let file = |name: &'static str, label: &'static str, why: &'static str| Ask {
        name: name.into(),
        kind: AskKind::File,
        label: label.into(),
        why: why.into(),
        supplied: supplied(name),
    };
    let mut asks = Vec::new();
    if examiner.signatures {
        asks.push(Ask {
            name: "key".into(),
            kind: AskKind::Key,
            label: "Public key of Thoth's service".into(),
            why: "The signatures can be checked only with it; it is not in the file.".into(),
            supplied: !options.pins.is_empty(),
        });
    }
    let mut own = evidence.events.iter();
    let events = own.any(|event| event.item.is_own());
    if examiner.undecided || supplied("decisions") {
        let (label, why) = match own_decisions(evidence).next() {
            None => (
                "Decisions of the session",
                "Shows whether what happened agrees with what was decided.",
            ),
            Some(_) => (
                "Other decisions of the session",
                "Of some calls no decision in the file can be told to be theirs. Theirs show whether what happened agrees with what was decided.",
            ),
        };
        asks.push(file("decisions", label, why));
    }
    if (!events && own_decisions(evidence).next().is_some()) || supplied("events") {
        asks.push(file(
            "events",
            "Events of the session",
            "Shows whether what happened agrees with what was decided.",
        ));
    }
    if examiner.held || supplied("approvals") {
        asks.push(file(
            "approvals",
            "What became of the hold",
            "Shows whether a person approved the call before the tool ran.",
        ));
    }
    asks
}

/// What the vendor's model makes of a lone decision; nobody's words are known for anything else.
pub(super) fn peer(evidence: &Evidence<'_>) -> Option<Peer> {
    let mut decisions = own_decisions(evidence);
    let (decision, more) = (decisions.next()?, decisions.next().is_some());
    let events = evidence.events.iter().any(|event| event.item.is_own());
    if more || events {
        return None;
    }
    let mut peer = Peer::new();
    peer.insert("system".to_owned(), "thoth".into());
    peer.insert("decision".to_owned(), decision.verdict.word().into());
    if let Some(reason) = kind::text(decision.item.value, "decision_reason_code") {
        peer.insert("decision_reason_code".to_owned(), reason.into());
    }
    Some(peer)
}
