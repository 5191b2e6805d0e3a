//! The consequence chain: the outcomes that were linked to a decision.
//!
//! Its shape is that of the SDK's `ChainResult`; how a link itself is sealed has not been published.

use super::case::Case;
use super::checks::*;
use super::envelope::Envelope;
use super::readings::{self, Text, Tried};
use crate::json::{Object, Value};
use crate::report::{Finding, Reason, Subject};
use crate::systems::thessor::python::{self, truthy};
use crate::systems::thessor::{Examiner, listed, shown};

/// Members under which an entry of the chain may carry the outcome's envelope.
const NESTED: [&str; 4] = ["outcome", "outcome_envelope", "envelope", "consequence"];
/// Members that name an outcome.
const IDS: [&str; 3] = ["outcome_envelope_id", "envelope_id", "outcome_id"];
/// Members by which the chain and the packet name the decision.
const NAMES: [&str; 2] = ["envelope_id", "decision_id"];
/// Members that the chain may repeat of it.
const REPEATED: [&str; 3] = ["canonical_hash", "signature", "raw_envelope"];

/// Examines the chain of a packet. How many outcomes it names.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    envelope: &Envelope<'_, '_>,
) -> usize {
    let Some((_, chain)) = case.record("chain") else {
        return 0;
    };
    let outcomes = chain
        .get("consequences")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let mut subject = examiner.transcript.subject(CONSEQUENCES, &case.id);
    if let Some(finding) = cause(case, chain, outcomes, envelope) {
        examiner.transcript.record(&mut subject, &CAUSE, finding);
    }
    depth(examiner, &mut subject, case, chain, outcomes.len());
    examiner.transcript.close(subject);
    for (index, outcome) in outcomes.iter().enumerate() {
        self::outcome(examiner, case, index, outcome);
    }
    outcomes.len()
}

/// Whether the chain begins with the packet's decision, and every outcome follows from it or from another outcome.
fn cause(
    case: &Case<'_, '_, '_>,
    chain: &Object<'_>,
    outcomes: &[Value<'_>],
    envelope: &Envelope<'_, '_>,
) -> Option<Finding> {
    let at = case.at;
    let decision = chain.get("decision").and_then(Value::as_object);
    let own: Vec<&Value<'_>> = NAMES
        .iter()
        .filter_map(|name| envelope.decision.get(name))
        .chain(envelope.field("decision_id"))
        .collect();
    let is_own = |id: &Value<'_>| own.is_empty() || own.iter().any(|own| python::equal(own, id));
    let differing = decision.and_then(|decision| {
        let name = |member: &&&str| {
            decision
                .get(member)
                .is_some_and(|id| !id.is_null() && !is_own(id))
        };
        let copy = |member: &&&str| {
            let copies = (decision.get(member), envelope.decision.get(member));
            matches!(copies, (Some(one), Some(other)) if !python::equal(one, other))
        };
        NAMES
            .iter()
            .find(name)
            .or_else(|| REPEATED.iter().find(copy))
    });
    if let (Some(member), Some(decision)) = (differing, decision) {
        let finding = Finding::fail(format!(
            "{at}The consequence chain belongs to another decision: its {member} differs."
        ));
        return Some(
            finding
                .expected(shown(envelope.decision.get(member)))
                .actual(shown(decision.get(member))),
        );
    }
    let known = |id: &Value<'_>| {
        let mut others = outcomes.iter().filter_map(id_of);
        is_own(id) || others.any(|outcome| python::equal(outcome, id))
    };
    let causes = outcomes
        .iter()
        .filter_map(|outcome| outcome.get("decision_envelope_id"))
        .filter(|id| !id.is_null());
    let strangers: Vec<String> = causes
        .filter(|id| envelope.decision.get("envelope_id").is_some() && !known(id))
        .map(|id| shown(Some(id)))
        .collect();
    if !strangers.is_empty() {
        let names = listed(strangers.iter().map(String::as_str));
        return Some(Finding::fail(format!(
            "{at}Outcomes in the consequence chain follow from other decisions: {names}."
        )));
    }
    decision.map(|_| Finding::pass(""))
}

/// `chain_depth` is not defined anywhere; that it differs from the number of outcomes is worth knowing.
fn depth(
    examiner: &mut Examiner<'_>,
    subject: &mut Subject,
    case: &Case<'_, '_, '_>,
    chain: &Object<'_>,
    outcomes: usize,
) {
    let Some(depth) = chain.get("chain_depth") else {
        return;
    };
    let finding = match python::equals_count(Some(depth), outcomes) {
        true => Finding::pass(""),
        false => Finding::note(format!(
            "{}The chain states a depth of {} and lists {outcomes} outcomes. What the depth counts has not been published.",
            case.at,
            shown(Some(depth))
        )),
    };
    examiner.transcript.record(subject, &DEPTH, finding);
}

/// One outcome: its hash where the sealed content is there, and its signature over that or over the hash.
fn outcome(examiner: &mut Examiner<'_>, case: &Case<'_, '_, '_>, index: usize, entry: &Value<'_>) {
    let at = case.at;
    let name = id_of(entry).map_or_else(|| format!("{}/{index}", case.id), |id| shown(Some(id)));
    let mut subject = examiner.transcript.subject(OUTCOME, name);
    let nested = NESTED.iter().filter_map(|member| entry.get(member));
    let envelope = std::iter::once(entry)
        .chain(nested)
        .find(|value| value.get("canonical_hash").is_some() || value.get("signature").is_some());
    let Some(envelope) = envelope.and_then(Value::as_object) else {
        let finding = Finding::skip(
            Reason::SignedDataNotFound,
            format!("{at}The outcome is named, and carries neither hash nor signature."),
        );
        examiner
            .transcript
            .record(&mut subject, &OUTCOME_SIGNATURE, finding);
        return examiner.transcript.close(subject);
    };
    let recorded = envelope.get("canonical_hash").and_then(Value::as_str);
    let raw = envelope
        .get("raw_envelope")
        .filter(|raw| raw.as_object().is_some());
    let readings = raw
        .map(|raw| readings::of(raw, &[], true, "the sealed content"))
        .unwrap_or_default();
    let found = readings
        .iter()
        .position(|reading| Some(reading.digest.as_str()) == recorded);
    if let (Some(first), Some(recorded)) = (readings.first(), recorded) {
        let finding = match found {
            Some(_) => Finding::pass(""),
            None => Finding::fail(format!(
                "{at}The hash of an outcome does not match the one that was recorded."
            ))
            .expected(recorded)
            .actual(first.digest.clone()),
        };
        examiner
            .transcript
            .record(&mut subject, &OUTCOME_HASH, finding);
    }
    if let Some(finding) = raw.and_then(|raw| copies(entry, envelope, raw, at)) {
        examiner.transcript.record(&mut subject, &COPIES, finding);
    }
    let signature = truthy(envelope.get("signature"));
    let finding = match (case.key(), signature) {
        (None, _) => case.key_missing("The outcome's signature"),
        (_, None) => Finding::skip(
            Reason::SignedDataNotFound,
            format!("{at}The outcome bears no signature."),
        ),
        (Some(key), _) => {
            let suite = case.suite(envelope);
            let keys = &mut examiner.keys;
            match readings::verify(keys, suite, signature, key, &readings, found) {
                Some(Tried::Holds(_, Text::Canonical, remark)) => Finding::pass(remark),
                Some(Tried::Holds(_, Text::Digest, _)) => {
                    Finding::pass("Verified over the hex digest.")
                }
                Some(Tried::Fails(fault)) => fault.finding(&format!("{at}The outcome's signature")),
                None => {
                    let over = recorded.unwrap_or_default().as_bytes();
                    match keys.verify(suite, over, signature, key).fault {
                        None => Finding::pass("Verified over the recorded hash."),
                        Some(_) => Finding::skip(
                            Reason::SignedDataNotFound,
                            format!(
                                "{at}The content that the outcome's signature covers is not in the packet."
                            ),
                        ),
                    }
                }
            }
        }
    };
    examiner
        .transcript
        .record(&mut subject, &OUTCOME_SIGNATURE, finding);
    examiner.transcript.close(subject);
}

/// What stands beside an outcome's sealed content and reads otherwise than in it. The sealed copy counts.
fn copies(entry: &Value<'_>, envelope: &Object<'_>, raw: &Value<'_>, at: &str) -> Option<Finding> {
    let sealed = |key: &str| raw.get(key).or_else(|| raw.get("payload")?.get(key));
    let beside = entry.as_object().into_iter().chain([envelope]);
    let mut differing: Vec<&str> = beside
        .flat_map(|object| &object.members)
        .filter(|member| !member.value.is_null() && member.key != "payload")
        .filter(|member| {
            sealed(&member.key).is_some_and(|sealed| !python::equal(sealed, &member.value))
        })
        .map(|member| member.key.as_ref())
        .collect();
    differing.sort_unstable();
    differing.dedup();
    (!differing.is_empty()).then(|| {
        Finding::note(format!(
            "{at}Beside the sealed content of an outcome, {} reads otherwise than in it. The sealed copy counts.",
            listed(differing.iter().copied())
        ))
    })
}

fn id_of<'v, 'a>(entry: &'v Value<'a>) -> Option<&'v Value<'a>> {
    IDS.iter().find_map(|member| entry.get(member))
}
