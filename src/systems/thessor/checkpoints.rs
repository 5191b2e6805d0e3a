//! Checkpoints: a signed Merkle root over a range of decisions.

use super::checks::*;
use super::decisions::{Decision, Record, Reference, Text, parse, unusable};
use super::manifest::Manifest;
use super::peer::Stage;
use super::python::{self, AsPrinted, Int, truthy};
use super::signature::{Outcome, Suite};
use super::{CHECKPOINTS, Examiner, ambiguity, damage, merkle, shown};
use crate::bytes::to_hex;
use crate::canon;
use crate::input::zip::Reader;
use crate::json::{Kind, Member, Object, Span, Value};
use crate::report::{Finding, Reason};

/// Where values stand that the reference makes up.
const NOWHERE: Span = Span { start: 0, end: 0 };

/// Examines every checkpoint file: step 6 of the reference.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    manifest: &Manifest<'_, '_>,
    decisions: &[Decision],
) {
    let archive = examiner.archive;
    let mut reader = Reader::new(archive);
    let files = archive.entries().iter();
    for entry in files.filter(|entry| entry.name().starts_with(CHECKPOINTS)) {
        let bytes = reader.read(entry).map_err(|error| damage(&error));
        checkpoint(examiner, manifest, decisions, entry.name(), bytes);
    }
}

fn checkpoint(
    examiner: &mut Examiner<'_>,
    manifest: &Manifest<'_, '_>,
    decisions: &[Decision],
    file: &str,
    bytes: Result<&[u8], String>,
) {
    let parsed = parse(file, bytes).and_then(|document| {
        let id = python::text(document.root.get("checkpoint_id"));
        let id = id.ok_or_else(|| {
            (
                format!("{file}: Its checkpoint_id is not text."),
                Reference::Stops,
            )
        })?;
        Ok((document, id))
    });
    let (document, id) = match parsed {
        Ok(parsed) => parsed,
        Err((detail, reference)) => {
            let mut subject = examiner.transcript.subject(CHECKPOINT, file);
            unusable(
                examiner,
                &mut subject,
                Stage::Checkpoints,
                detail,
                reference,
            );
            examiner.transcript.close(subject);
            return;
        }
    };
    let mut record = Record {
        subject: examiner.transcript.subject(CHECKPOINT, &id),
        label: format!("checkpoint:{id}"),
        stage: Stage::Checkpoints,
        file,
    };
    examiner.transcript.pass(&mut record.subject, &READABLE);
    indexed(examiner, &mut record, manifest, &document.root);
    let number = signature(examiner, &mut record, manifest, &document.root);
    root(examiner, &mut record, &document.root, decisions);
    let finding = ambiguity(file, &document, number);
    examiner
        .transcript
        .record(&mut record.subject, &UNAMBIGUOUS, finding);
    examiner.transcript.close(record.subject);
}

fn indexed(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    checkpoint: &Value<'_>,
) {
    if manifest.checkpoints.broken {
        examiner.peer.stop(record.stage);
    }
    let id = checkpoint.get("checkpoint_id").and_then(Value::as_str);
    let indexed = id.and_then(|id| manifest.checkpoints.values.get(id));
    let indexed = indexed.filter(|indexed| !indexed.is_null());
    let root = checkpoint.get("root_hash");
    let finding = match indexed {
        Some(indexed) if root.is_some_and(|root| python::equal(indexed, root)) => {
            return record.pass(examiner, &INDEXED);
        }
        Some(indexed) => Finding::fail(format!(
            "{}: The manifest's index has another root for this checkpoint.",
            record.file
        ))
        .expected(shown(Some(indexed)))
        .actual(shown(root)),
        None => Finding::fail(format!(
            "{}: The manifest's index does not list this checkpoint, so it was added after the export.",
            record.file
        ))
        .because(Reason::InventoryMismatch),
    };
    record.both(examiner, &INDEXED, finding);
}

/// The checkpoint's signature over its canonical body, or over its root alone where it is of the old form.
/// Returns what has no canonical form.
fn signature(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    checkpoint: &Value<'_>,
) -> Option<String> {
    let suite_name = truthy(checkpoint.get("signature_suite"));
    let suite = Suite::of(suite_name);
    let signature = truthy(checkpoint.get("checkpoint_signature"));
    let mut number = None;
    let mut outcome = match body(checkpoint, suite_name) {
        Some(body) => {
            examiner.canonical.clear();
            let written = canon::write::<canon::Stripped>(&body, &mut examiner.canonical);
            if written.is_err() {
                examiner.canonical.clear();
                let _ = canon::write::<AsPrinted>(&body, &mut examiner.canonical);
                number =
                    Some("A number is not finite, so that readers disagree about it.".to_owned());
            }
            let Examiner {
                keys, canonical, ..
            } = &mut *examiner;
            keys.verify(suite, canonical, signature, manifest.key)
        }
        None => {
            examiner.peer.stop(record.stage);
            let detail = "its tenant_id or prev_checkpoint_id is not text.";
            Outcome::fault(Reason::FormatFailure, detail, None)
        }
    };
    if outcome.fault.is_some() && outcome.peer == Some(false) {
        match is_legacy(checkpoint) {
            Some(false) => {}
            Some(true) => {
                let root = truthy(checkpoint.get("root_hash"));
                let text = root.map_or(Some(""), Value::as_str);
                match text {
                    Some(text) => {
                        let bare =
                            examiner
                                .keys
                                .verify(suite, text.as_bytes(), signature, manifest.key);
                        if bare.peer != Some(false) {
                            let detail = format!(
                                "{}: The signature covers the root alone, as those of old checkpoints do, and not the rest of the file.",
                                record.file
                            );
                            record.ours(examiner, &SIGNED_TEXT, Finding::note(detail));
                            outcome = bare;
                        }
                    }
                    None => examiner.peer.stop(record.stage),
                }
            }
            None => examiner.peer.stop(record.stage),
        }
    }
    record.signature(
        examiner,
        &CHECKPOINT_SIGNATURE,
        &outcome,
        "The checkpoint's signature",
    );
    number
}

/// Whether a checkpoint has the structure of those made before the leaf-set bounds existed, whose root alone was signed.
/// `None` where the reference leaves with an exception.
fn is_legacy(checkpoint: &Value<'_>) -> Option<bool> {
    let zero = |member| python::equals_count(checkpoint.get(member), 0);
    if !zero("leaf_count") || !zero("seq_no_max") {
        return Some(false);
    }
    let sealed = match truthy(checkpoint.get("seal_count")) {
        None => false,
        Some(count) => python::is_positive(count)?,
    };
    let previous = checkpoint.get("prev_checkpoint_hash");
    Some(sealed && previous.is_none_or(Value::is_null))
}

/// `build_checkpoint_canonical_input`. `None` for an id that has no plain text.
fn body<'a>(checkpoint: &Value<'a>, suite: Option<&Value<'a>>) -> Option<Value<'a>> {
    let text = |text: String| Kind::String(text.into());
    let as_is = |key: &str| {
        checkpoint
            .get(key)
            .map_or(Kind::Null, |value| value.kind.clone())
    };
    let previous = match truthy(checkpoint.get("prev_checkpoint_id")) {
        None => Kind::Null,
        id => text(python::text(id)?),
    };
    let members = [
        (
            "checkpoint_schema_version",
            text("checkpoint-v1".to_owned()),
        ),
        ("leaf_count", as_is("leaf_count")),
        ("prev_checkpoint_hash", as_is("prev_checkpoint_hash")),
        ("prev_checkpoint_id", previous),
        ("root_hash", as_is("root_hash")),
        ("seal_count", as_is("seal_count")),
        ("seq_no_max", as_is("seq_no_max")),
        ("seq_no_min", as_is("seq_no_min")),
        (
            "signature_suite",
            suite.map_or_else(|| text("ed25519".to_owned()), |suite| suite.kind.clone()),
        ),
        (
            "tenant_id",
            text(python::text(checkpoint.get("tenant_id"))?),
        ),
    ];
    let value = |kind| Value {
        span: NOWHERE,
        kind,
    };
    let members = members.into_iter().map(|(key, kind)| Member {
        key: key.into(),
        key_span: NOWHERE,
        value: value(kind),
    });
    let members = members.collect();
    Some(value(Kind::Object(Object { members })))
}

/// The root, where the package holds every decision under it.
fn root(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    checkpoint: &Value<'_>,
    decisions: &[Decision],
) {
    let bounds = (
        Int::of(checkpoint.get("seq_no_min")),
        Int::of(checkpoint.get("seq_no_max")),
        truthy(checkpoint.get("leaf_count")),
    );
    let skip = |detail: String| {
        Finding::skip(
            Reason::SignedDataNotFound,
            format!("{}: {detail}", record.file),
        )
    };
    let (Ok(from), Ok(to), Some(count)) = bounds else {
        let finding = skip("The checkpoint does not say which decisions it covers, so its root cannot be recomputed.".to_owned());
        return record.both(examiner, &ROOT, finding);
    };
    let covered: Vec<&Decision> = decisions
        .iter()
        .filter(|decision| {
            decision
                .seq_no
                .is_ok_and(|seq_no| (from.value..=to.value).contains(&seq_no.value))
        })
        .collect();
    if !python::equals_count(Some(count), covered.len()) {
        let finding = skip(format!(
            "The checkpoint covers sequence numbers {} to {} ({} decisions), of which the package holds {}; the root can be recomputed from all of them only.",
            from.value,
            to.value,
            shown(Some(count)),
            covered.len()
        ));
        return record.both(examiner, &ROOT, finding);
    }
    if covered
        .iter()
        .any(|decision| decision.ledger_decision_id == Text::None)
    {
        let finding =
            skip("Decisions lack the ledger_decision_id that their leaves are made of.".to_owned());
        return record.both(examiner, &ROOT, finding);
    }
    let Some(leaves) = leaves(covered) else {
        examiner.peer.stop(record.stage);
        let detail = format!(
            "{}: A decision's ledger_decision_id, canonical_hash or created_at is not text.",
            record.file
        );
        let finding = Finding::fail(detail).because(Reason::FormatFailure);
        return record.ours(examiner, &ROOT, finding);
    };
    let (count, computed) = (leaves.len(), to_hex(&merkle::root(leaves)));
    let recorded = checkpoint.get("root_hash");
    let finding = match recorded.and_then(Value::as_str) == Some(&computed) {
        true => Finding::pass(format!("Recomputed from {count} decisions.")),
        false => Finding::fail(format!(
            "{}: The {count} decisions in the package do not give the checkpoint's root.",
            record.file
        ))
        .expected(shown(recorded))
        .actual(computed),
    };
    record.both(examiner, &ROOT, finding);
}

/// The leaves in the tree's order: by the time of creation, then by envelope id. `None` where a part is not text.
fn leaves(mut covered: Vec<&Decision>) -> Option<Vec<crate::crypto::Digest>> {
    let odd = |decision: &&Decision| decision.created_at == Text::Other;
    if covered.len() > 1 && covered.iter().any(odd) {
        return None;
    }
    covered.sort_by(|left, right| {
        let key = |decision: &Decision| decision.created_at.as_str().unwrap_or_default().to_owned();
        (key(left), &left.envelope_id).cmp(&(key(right), &right.envelope_id))
    });
    covered
        .iter()
        .map(|decision| {
            let id = decision.ledger_decision_id.as_str()?;
            Some(merkle::leaf(id, decision.canonical_hash.as_str()?))
        })
        .collect()
}
