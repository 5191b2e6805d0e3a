//! The Merkle checkpoints of packets: what each signs, whether the decision is under it, and its root where the leaves are there.

use std::collections::HashMap;

use super::case::Case;
use super::checks::*;
use crate::bytes::{from_hex, to_hex};
use crate::crypto::Digest;
use crate::crypto::sha256::{self, Sha256};
use crate::json::{self, Value};
use crate::report::{Finding, Reason, Subject};
use crate::systems::thessor::checkpoints;
use crate::systems::thessor::checks::{CHECKPOINT, CHECKPOINT_SIGNATURE, ROOT, SIGNED_TEXT};
use crate::systems::thessor::decisions::{Decision, Record};
use crate::systems::thessor::python::{Int, truthy};
use crate::systems::thessor::signature::Suite;
use crate::systems::thessor::{Examiner, merkle, shown};

/// Members that may hold the hashes between a leaf and the root.
const PROOFS: [&str; 5] = [
    "merkle_proof",
    "inclusion_proof",
    "proof",
    "siblings",
    "path",
];
/// Members of a step of a proof that may hold its hash.
const STEPS: [&str; 4] = ["hash", "sibling", "sibling_hash", "value"];
/// Steps of a proof that are tried; a tree of so many levels has 65,536 leaves.
const LEVELS: usize = 16;

/// A checkpoint that a packet carries; several packets may carry the same.
#[derive(Debug)]
pub(super) struct Checkpoint {
    subject: Subject,
    /// Its text.
    text: String,
    at: String,
    /// Whether its signature holds; none where it bears none.
    pub signed: Option<bool>,
}

/// The checkpoints of the packets so far.
#[derive(Debug, Default)]
pub(super) struct Checkpoints {
    known: Vec<Checkpoint>,
    /// By the digest of its text: where it is among them.
    places: HashMap<Digest, usize>,
}

/// What a packet's checkpoint came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Anchored {
    /// It is there, with a root and the number of its leaves.
    pub present: bool,
    /// Its signature does not hold.
    pub refuted: bool,
    /// The decision's number is not among those that it covers.
    pub elsewhere: bool,
}

impl Checkpoints {
    /// Examines the checkpoint and the leaf of one packet.
    pub fn examine(
        &mut self,
        examiner: &mut Examiner<'_>,
        case: &Case<'_, '_, '_>,
        record: &mut Record<'_>,
        decision: &Decision,
    ) -> Anchored {
        let leaf = leaf(examiner, case, record, decision);
        let Some((value, checkpoint)) = case.record("merkle_checkpoint") else {
            return Anchored::default();
        };
        let span = value.span.start as usize..value.span.end as usize;
        let text = case.document.text().get(span).unwrap_or_default();
        let digest = sha256::digest(text.as_bytes());
        let known = self
            .places
            .get(&digest)
            .and_then(|place| self.known.get(*place));
        let signed = match known {
            Some(known) => known.signed,
            None => {
                let new = signature(examiner, case, value, text);
                let signed = new.signed;
                self.places.insert(digest, self.known.len());
                self.known.push(new);
                signed
            }
        };
        let covers = covers(value, decision);
        let finding = inclusion(case, value, leaf, covers);
        if let Some(finding) = finding {
            record.ours(examiner, &INCLUSION, finding);
        }
        let full = ["root_hash", "seal_count"]
            .iter()
            .all(|member| checkpoint.get(member).is_some_and(|value| !value.is_null()));
        Anchored {
            present: full,
            refuted: signed == Some(false),
            elsewhere: covers == Some(false),
        }
    }

    /// Recomputes the roots from the packets that were handed over together.
    /// Those that say that they are of another tenant are left out.
    pub fn finish(self, examiner: &mut Examiner<'_>, packets: &[(Decision, Option<String>)]) {
        for checkpoint in self.known {
            let mut subject = checkpoint.subject;
            if let Ok(document) = json::parse_text(&checkpoint.text) {
                let tenant = document.root.get("tenant_id").and_then(Value::as_str);
                let decisions = packets
                    .iter()
                    .filter(|(_, own)| own.as_deref().is_none_or(|own| Some(own) == tenant))
                    .map(|(decision, _)| decision);
                let (finding, _) = checkpoints::root(&checkpoint.at, &document.root, decisions);
                examiner.transcript.record(&mut subject, &ROOT, finding);
            }
            examiner.transcript.close(subject);
        }
    }
}

/// The leaf that the packet states, against the one that its own ids and hash give.
fn leaf(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    decision: &Decision,
) -> Option<Digest> {
    let hash = decision.canonical_hash.as_str()?;
    let id = decision.ledger_decision_id.as_str()?;
    let computed = merkle::leaf(id, hash);
    let stated = case
        .packet
        .get("merkle_leaf")
        .and_then(|leaf| leaf.get("leaf_hash"));
    if let Some(stated) = stated.filter(|stated| !stated.is_null()) {
        let finding = match stated.as_str() == Some(&to_hex(&computed)) {
            true => Finding::pass(""),
            false => Finding::fail(format!(
                "{}The Merkle leaf does not follow from the decision's id and hash.",
                case.at
            ))
            .expected(shown(Some(stated)))
            .actual(to_hex(&computed)),
        };
        record.ours(examiner, &LEAF, finding);
    }
    Some(computed)
}

fn signature(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    value: &Value<'_>,
    text: &str,
) -> Checkpoint {
    let name = value
        .get("checkpoint_id")
        .map_or_else(|| case.id.clone(), |id| shown(Some(id)));
    let mut checkpoint = Checkpoint {
        subject: examiner.transcript.subject(CHECKPOINT, name),
        text: text.to_owned(),
        at: case.at.to_owned(),
        signed: None,
    };
    let subject = &mut checkpoint.subject;
    if truthy(value.get("checkpoint_signature")).is_none() {
        let detail = format!(
            "{}The checkpoint bears no signature; the specification (section 2.5) does not ask for one. The packet's own signature, where it holds, covers it.",
            case.at
        );
        let finding = Finding::skip(Reason::SignedDataNotFound, detail);
        examiner
            .transcript
            .record(subject, &CHECKPOINT_SIGNATURE, finding);
        return checkpoint;
    }
    let Some(key) = case.key() else {
        let finding = case.key_missing("The checkpoint's signature");
        examiner
            .transcript
            .record(subject, &CHECKPOINT_SIGNATURE, finding);
        return checkpoint;
    };
    let mut verified = checkpoints::verify(examiner, value, key);
    if verified.outcome.fault.is_some() {
        // The body that was tried stands in the buffer.
        let digest = to_hex(&sha256::digest(&examiner.canonical));
        let suite = Suite::of(truthy(value.get("signature_suite")));
        let signature = value.get("checkpoint_signature");
        let over_digest = examiner
            .keys
            .verify(suite, digest.as_bytes(), signature, key);
        if over_digest.fault.is_none() {
            verified.outcome = over_digest;
            let detail = format!(
                "{}The signature covers the hex digest of the checkpoint's body. The vendor's verifier wants it over the body itself.",
                case.at
            );
            examiner
                .transcript
                .record(subject, &SIGNED_TEXT, Finding::note(detail));
        }
    }
    checkpoint.signed = Some(verified.outcome.fault.is_none());
    if verified.bare {
        let detail = format!(
            "{}The signature covers the root alone, as those of old checkpoints do, and not the rest of the checkpoint.",
            case.at
        );
        examiner
            .transcript
            .record(subject, &SIGNED_TEXT, Finding::note(detail));
    }
    let finding = match &verified.outcome.fault {
        None => Finding::pass(verified.outcome.remark.clone()),
        Some(fault) => fault.finding(&format!("{}The checkpoint's signature", case.at)),
    };
    examiner
        .transcript
        .record(subject, &CHECKPOINT_SIGNATURE, finding);
    checkpoint
}

/// Whether the checkpoint covers the decision's sequence number; none where either is not stated.
fn covers(checkpoint: &Value<'_>, decision: &Decision) -> Option<bool> {
    let bound = |member| Int::of(checkpoint.get(member)).ok();
    let (from, to) = (bound("seq_no_min")?, bound("seq_no_max")?);
    truthy(checkpoint.get("leaf_count"))?;
    let seq_no = decision.seq_no.ok()?;
    Some((from.value..=to.value).contains(&seq_no.value))
}

/// Whether the leaf leads to the root: by a proof that the packet carries, or because it is the only one.
fn inclusion(
    case: &Case<'_, '_, '_>,
    checkpoint: &Value<'_>,
    leaf: Option<Digest>,
    covers: Option<bool>,
) -> Option<Finding> {
    let at = case.at;
    if covers == Some(false) {
        return Some(Finding::note(format!(
            "{at}The checkpoint does not cover the decision's sequence number, so it says nothing of this decision."
        )));
    }
    let root = checkpoint.get("root_hash").and_then(Value::as_str)?;
    let leaf = leaf?;
    let places = [case.packet.get("merkle_leaf"), Some(checkpoint)];
    let proof = places
        .into_iter()
        .flatten()
        .find_map(|place| PROOFS.iter().find_map(|member| place.get(member)))
        .or_else(|| PROOFS.iter().find_map(|member| case.packet.get(member)));
    let Some(proof) = proof.filter(|proof| !proof.is_null()) else {
        return (to_hex(&leaf) == root)
            .then(|| Finding::pass("The decision is the only one under the root."));
    };
    Some(
        match steps(proof).is_some_and(|steps| leads_to(leaf, &steps, root)) {
            true => Finding::pass("The proof leads from the decision's leaf to the root."),
            false => Finding::skip(
                Reason::RuleUnpublished,
                format!(
                    "{at}The packet carries a proof of inclusion that does not lead to the root in any order of its hashes. How such proofs are written has not been published."
                ),
            ),
        },
    )
}

/// The hashes of a proof.
fn steps(proof: &Value<'_>) -> Option<Vec<Vec<u8>>> {
    let elements = proof.as_array()?;
    let step = |element: &Value<'_>| {
        let hash = element.as_str().or_else(|| {
            STEPS
                .iter()
                .find_map(|member| element.get(member)?.as_str())
        })?;
        from_hex(hash).ok()
    };
    (elements.len() <= LEVELS).then(|| elements.iter().map(step).collect())?
}

/// Whether the hashes lead to the root with each on one side or the other: no rule says which, and only a true proof does.
fn leads_to(leaf: Digest, steps: &[Vec<u8>], root: &str) -> bool {
    let mut nodes = vec![leaf];
    for step in steps {
        nodes = nodes
            .iter()
            .flat_map(|node| [pair(node, step), pair(step, node)])
            .collect();
    }
    nodes.iter().any(|node| to_hex(node) == root)
}

fn pair(left: &[u8], right: &[u8]) -> Digest {
    let mut hash = Sha256::new();
    hash.update(left);
    hash.update(right);
    hash.finish()
}
