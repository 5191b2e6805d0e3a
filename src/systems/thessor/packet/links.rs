//! The chain across packets: within one file, and to the files that were handed over with it.

use super::checks::*;
use super::envelope::Envelope;
use crate::bytes::to_hex;
use crate::canon;
use crate::crypto::sha256;
use crate::input::{Artifact, Form};
use crate::json::Value;
use crate::report::{Finding, Reason};
use crate::systems::thessor::checks::CHAIN_LINKS;
use crate::systems::thessor::decisions::{Decision, Text};
use crate::systems::thessor::python::{AsPrinted, Int, NoInt, truthy};
use crate::systems::thessor::signature::{Keys, Suite};
use crate::systems::thessor::{Examiner, chain, direct, listed};

/// What the chain and the checkpoints need of one packet.
pub(super) fn decision(packet: &Value<'_>, envelope: &Envelope<'_, '_>) -> Decision {
    let members = envelope.decision;
    let leaf = packet.get("merkle_leaf");
    let sealed = match envelope.given {
        true => Int::of(envelope.content.get("seq_no")),
        false => Err(NoInt::Other),
    };
    let column = Int::of(members.get("seq_no"));
    Decision {
        envelope_id: truthy(members.get("envelope_id"))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        ledger_decision_id: Text::of(leaf.and_then(|leaf| leaf.get("ledger_decision_id"))),
        canonical_hash: Text::of(members.get("canonical_hash")),
        signature: Text::of(members.get("signature")),
        seq_no: match sealed {
            Err(NoInt::Other) => column,
            sealed => sealed,
        },
        sealed_seq_no: sealed,
        column_seq_no: column,
        created_at: Text::of(truthy(members.get("created_at"))),
        prev_chain_hash: Text::of(envelope.content.get("prev_chain_hash")),
        column_prev_chain_hash: Text::of(members.get("prev_chain_hash")),
    }
}

/// The tenant whose chain a packet belongs to, where it says so: chains do not cross tenants.
pub(super) fn tenant(packet: &Value<'_>) -> Option<String> {
    let checkpoint = packet.get("merkle_checkpoint")?;
    Some(checkpoint.get("tenant_id")?.as_str()?.to_owned())
}

/// Examines the links between the packets of one file, as the reference does within an export.
pub(super) fn within(examiner: &mut Examiner<'_>, packets: &[(Decision, Option<String>)]) {
    let mut tenants: Vec<&str> = packets
        .iter()
        .filter_map(|(_, tenant)| tenant.as_deref())
        .collect();
    tenants.sort_unstable();
    tenants.dedup();
    if tenants.len() > 1 {
        let detail = format!(
            "The packets are of {} tenants, whose chains have nothing to do with each other.",
            tenants.len()
        );
        let finding = Finding::skip(Reason::Ambiguous, detail);
        return examiner.own(&CHAIN_LINKS, finding);
    }
    let decisions: Vec<Decision> = packets
        .iter()
        .map(|(decision, _)| decision.clone())
        .collect();
    chain::examine_sealed(examiner, &decisions);
}

/// The names that a decision goes by.
pub(super) fn ids(envelope: &Envelope<'_, '_>) -> Vec<String> {
    let names = [
        envelope.decision.get("envelope_id"),
        envelope.decision.get("decision_id"),
        envelope.field("decision_id"),
    ];
    let names = names.into_iter().flatten().filter_map(Value::as_str);
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Says which names several decisions of one file bear; `ids` are those of all of them.
pub(super) fn repeated(examiner: &mut Examiner<'_>, mut ids: Vec<String>) {
    ids.sort_unstable();
    let twice = ids.iter().zip(ids.iter().skip(1));
    let mut twice: Vec<&str> = twice
        .filter(|(one, other)| one == other)
        .map(|(one, _)| one.as_str())
        .collect();
    twice.dedup();
    if !twice.is_empty() {
        let names = listed(twice.into_iter());
        let detail = format!("Several decisions here bear the same identifier: {names}.");
        examiner.own(&DECISION_IDS, Finding::note(detail));
    }
}

/// A packet in another file.
struct Neighbour<'n> {
    file: &'n str,
    decision: Decision,
    tenant: Option<String>,
    /// Whether its own hash and signature hold.
    intact: bool,
}

/// Examines the link from the first packet of this file to the one before it, where that came in another file.
///
/// Files that were handed over together need not be of one chain: numbers repeat from tenant to tenant, and nothing that is signed
/// in a packet has to name the tenant. A link that does not hold counts only where all of them together make up one run of numbers.
///
/// `keys` are those that envelopes are checked with, which carry none.
pub(super) fn beside(
    examiner: &mut Examiner<'_>,
    packets: &[(Decision, Option<String>)],
    keys: &[Vec<u8>],
) {
    let numbered = packets
        .iter()
        .filter_map(|packet| Some((number(&packet.0)?, packet)));
    let Some((seq_no, (decision, tenant))) = numbered.min_by_key(|(seq_no, _)| *seq_no) else {
        return;
    };
    let files = examiner.options.beside.iter();
    let others: Vec<Neighbour<'_>> = files
        .flat_map(|artifact| neighbours(artifact, seq_no, keys))
        .filter(|other| {
            let tenants = (other.tenant.as_ref(), tenant.as_ref());
            !matches!(tenants, (Some(other), Some(own)) if other != own)
        })
        .collect();
    let before: Vec<&Neighbour<'_>> = others
        .iter()
        .filter(|other| {
            number(&other.decision).and_then(|number| number.checked_add(1)) == Some(seq_no)
        })
        .collect();
    if before.is_empty() {
        let earlier = others
            .iter()
            .any(|other| number(&other.decision).is_some_and(|number| number < seq_no));
        if earlier {
            let missing = seq_no.saturating_sub(1);
            let detail = format!(
                "The decision with the number before this one, {missing}, is not among the files that were handed over."
            );
            examiner.own(&CHAIN_BESIDE, Finding::note(detail));
        }
        return;
    }
    let joined = before
        .iter()
        .find(|other| chain::follows(&other.decision, decision).is_ok());
    let intact = before.iter().find(|other| other.intact);
    let one_chain = || {
        let own = packets.iter().map(|(decision, _)| decision);
        is_one_run(own.chain(others.iter().map(|other| &other.decision)))
    };
    let finding = match (joined, intact) {
        (Some(other), _) => {
            Finding::pass(format!("It follows from the decision in {}.", other.file))
        }
        (None, Some(other)) if one_chain() => {
            let sentence = chain::follows(&other.decision, decision)
                .err()
                .unwrap_or_default();
            Finding::fail(format!(
                "Sequence number {seq_no} does not follow from the decision in {}: {sentence}",
                other.file
            ))
        }
        (None, Some(other)) => Finding::skip(
            Reason::Ambiguous,
            format!(
                "The decision in {} has the number before and is not the one that this decision follows from. Whether they are of one chain cannot be told.",
                other.file
            ),
        ),
        (None, None) => Finding::skip(
            Reason::SignedDataNotFound,
            "The decision with the number before came in another file, and does not hold itself.",
        ),
    };
    examiner.own(&CHAIN_BESIDE, finding);
}

fn number(decision: &Decision) -> Option<i128> {
    Some(decision.seq_no.ok()?.value)
}

/// Whether the decisions' numbers are distinct and without a gap.
fn is_one_run<'d>(decisions: impl Iterator<Item = &'d Decision>) -> bool {
    let Some(mut numbers) = decisions.map(number).collect::<Option<Vec<i128>>>() else {
        return false;
    };
    numbers.sort_unstable();
    let mut pairs = numbers.iter().zip(numbers.iter().skip(1));
    pairs.all(|(before, after)| before.checked_add(1) == Some(*after))
}

/// The packets of another file; whether one is intact is only asked of the one before `seq_no`.
fn neighbours<'n>(
    artifact: &'n Artifact<'_>,
    seq_no: i128,
    keys: &[Vec<u8>],
) -> Vec<Neighbour<'n>> {
    let file = artifact.name;
    match &artifact.form {
        Form::Json(document) => neighbour(file, &document.root, seq_no, keys)
            .into_iter()
            .collect(),
        Form::Records(records) => records
            .iter()
            .filter_map(|record| neighbour(file, &record.document.ok()?.root, seq_no, keys))
            .collect(),
        _ => Vec::new(),
    }
}

fn neighbour<'n>(
    file: &'n str,
    packet: &Value<'_>,
    seq_no: i128,
    keys: &[Vec<u8>],
) -> Option<Neighbour<'n>> {
    let alone = || match direct::known(packet) {
        Some(direct::Kind::Envelope) => packet
            .get("envelope")
            .filter(|envelope| envelope.as_object().is_some())
            .or(Some(packet)),
        _ => None,
    };
    let envelope = Envelope::of(packet.get("decision").or_else(alone)?)?;
    let decision = decision(packet, &envelope);
    let before = number(&decision)?.checked_add(1) == Some(seq_no);
    Some(Neighbour {
        file,
        intact: before && is_intact(packet, &envelope, &decision, keys),
        decision,
        tenant: tenant(packet),
    })
}

/// Whether the decision's hash and signature hold under the packet's own key, or else under one of `keys`.
fn is_intact(
    packet: &Value<'_>,
    envelope: &Envelope<'_, '_>,
    decision: &Decision,
    keys: &[Vec<u8>],
) -> bool {
    let Ok(bytes) = canon::to_vec::<AsPrinted>(envelope.content) else {
        return false;
    };
    let digest = to_hex(&sha256::digest(&bytes));
    let carried = packet.get("public_key_hex").and_then(Value::as_str);
    let candidates: Vec<String> = match carried {
        Some(key) => vec![key.to_owned()],
        None => keys.iter().map(|key| to_hex(key)).collect(),
    };
    let suite = Suite::of(truthy(envelope.decision.get("signature_suite")));
    let signature = envelope.decision.get("signature");
    let mut keys = Keys::new(None);
    let mut holds = |text: &[u8]| {
        candidates
            .iter()
            .any(|key| keys.verify(suite, text, signature, key).fault.is_none())
    };
    envelope.given
        && decision.canonical_hash.as_str() == Some(&digest)
        && (holds(&bytes) || holds(digest.as_bytes()))
}
