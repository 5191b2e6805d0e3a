//! Checkpoints: a signed Merkle root over a range of decisions.

use std::collections::BTreeSet;

use super::checks::*;
use super::decisions::{Decision, Record, Reference, Text, parse, unusable};
use super::manifest::Manifest;
use super::peer::Stage;
use super::python::{self, AsPrinted, Int, truthy};
use super::signature::{Outcome, Suite};
use super::{CHECKPOINTS, Examiner, ambiguity, damage, listed, merkle, shown};
use crate::bytes::to_hex;
use crate::canon::{self, Stripped};
use crate::input::{Files, Reader};
use crate::json::{Kind, Member, Object, Span, Value};
use crate::report::{Finding, Reason};

/// Where values stand that the reference makes up.
const NOWHERE: Span = Span { start: 0, end: 0 };

/// Examines every checkpoint file: step 6 of the reference.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    archive: &Files<'_>,
    manifest: &Manifest<'_, '_>,
    decisions: &[Decision],
) {
    let mut reader = Reader::new();
    let files = archive.entries().iter();
    let (mut count, mut ids) = (0_usize, BTreeSet::new());
    for entry in files.filter(|entry| entry.name().starts_with(CHECKPOINTS)) {
        let bytes = reader.read(entry).map_err(|error| damage(&error));
        count = count.saturating_add(1);
        ids.extend(checkpoint(
            examiner,
            manifest,
            decisions,
            entry.name(),
            bytes,
        ));
    }
    index(examiner, manifest, count, &ids);
}

/// The reference holds neither the manifest's index of checkpoints nor their number to the files that are here.
fn index(
    examiner: &mut Examiner<'_>,
    manifest: &Manifest<'_, '_>,
    count: usize,
    ids: &BTreeSet<String>,
) {
    let named = manifest.checkpoints.values.keys().copied();
    let missing: BTreeSet<&str> = named.filter(|id| !ids.contains(*id)).collect();
    let mut remarks = Vec::new();
    if !missing.is_empty() {
        let names = listed(missing.into_iter());
        remarks.push(format!(
            "The manifest's index has checkpoints for which there is no readable file: {names}."
        ));
    }
    let claimed = manifest.root.get("checkpoint_count");
    if claimed.is_some() && !python::equals_count(claimed, count) {
        let claimed = shown(claimed);
        remarks.push(format!(
            "The manifest says {claimed} checkpoints, and there are {count} files of such."
        ));
    }
    if !remarks.is_empty() {
        examiner.own(&CHECKPOINT_INDEX, Finding::note(remarks.join(" ")));
    }
}

/// Examines one checkpoint file. Its id, unless it cannot be used.
fn checkpoint(
    examiner: &mut Examiner<'_>,
    manifest: &Manifest<'_, '_>,
    decisions: &[Decision],
    file: &str,
    bytes: Result<&[u8], String>,
) -> Option<String> {
    let parsed = parse(file, bytes).and_then(|document| {
        let id = document.root.get("checkpoint_id");
        match id.map(|id| &id.kind) {
            Some(Kind::Array(_) | Kind::Object(_)) => Err((
                format!("{file}: Its checkpoint_id is not text."),
                Reference::Stops,
            )),
            _ => Ok((python::text(id), document)),
        }
    });
    let (id, document) = match parsed {
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
            return None;
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
    match root(&format!("{file}: "), &document.root, decisions) {
        (finding, false) => record.both(examiner, &ROOT, finding),
        (finding, true) => {
            examiner.peer.stop(record.stage);
            record.ours(examiner, &ROOT, finding);
        }
    }
    let finding = ambiguity(file, &document, number);
    examiner
        .transcript
        .record(&mut record.subject, &UNAMBIGUOUS, finding);
    examiner.transcript.close(record.subject);
    Some(id)
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

/// The checkpoint's signature. Returns what has no canonical form.
fn signature(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    checkpoint: &Value<'_>,
) -> Option<String> {
    let verified = verify(examiner, checkpoint, manifest.key);
    if verified.reference_stops {
        examiner.peer.stop(record.stage);
    }
    if verified.bare {
        let detail = format!(
            "{}: The signature covers the root alone, as those of old checkpoints do, and not the rest of the file.",
            record.file
        );
        record.ours(examiner, &SIGNED_TEXT, Finding::note(detail));
    }
    let what = "The checkpoint's signature";
    record.signature(examiner, &CHECKPOINT_SIGNATURE, &verified.outcome, what);
    verified.number
}

/// What came of a checkpoint's signature.
pub(super) struct Verified {
    /// The signature's outcome.
    pub outcome: Outcome,
    /// Whether it holds over the root alone.
    pub bare: bool,
    /// Whether the reference leaves with an exception.
    pub reference_stops: bool,
    /// What has no canonical form.
    pub number: Option<String>,
}

/// Verifies a checkpoint's signature over its canonical body, or over its root alone where it is of the old form.
pub(super) fn verify(examiner: &mut Examiner<'_>, checkpoint: &Value<'_>, key: &str) -> Verified {
    let suite_name = truthy(checkpoint.get("signature_suite"));
    let suite = Suite::of(suite_name);
    let signature = truthy(checkpoint.get("checkpoint_signature"));
    let body = body(checkpoint, suite_name);
    let mut number = None;
    examiner.canonical.clear();
    if canon::write::<Stripped>(&body, &mut examiner.canonical).is_err() {
        examiner.canonical.clear();
        let _ = canon::write::<AsPrinted>(&body, &mut examiner.canonical);
        number = Some("A number is not finite, so that readers disagree about it.".to_owned());
    }
    let Examiner {
        keys, canonical, ..
    } = examiner;
    let mut verified = Verified {
        outcome: keys.verify(suite, canonical, signature, key),
        bare: false,
        reference_stops: false,
        number,
    };
    if !verified.outcome.peer {
        let bare = match legacy_root(checkpoint) {
            Legacy::No => None,
            Legacy::Yes(root) => Some(keys.verify(suite, root.as_bytes(), signature, key)),
            Legacy::ReferenceStops => {
                verified.reference_stops = true;
                None
            }
        };
        if let Some(bare) = bare.filter(|bare| bare.peer) {
            verified.bare = true;
            verified.outcome = bare;
        }
    }
    verified
}

/// What the old form of checkpoints signs.
enum Legacy<'v> {
    /// Not of the old form.
    No,
    /// The root's text.
    Yes(&'v str),
    /// The reference leaves with an exception.
    ReferenceStops,
}

/// The root of a checkpoint that has the structure of those made before the leaf-set bounds existed, whose root alone was signed.
fn legacy_root<'v>(checkpoint: &'v Value<'_>) -> Legacy<'v> {
    let zero = |member| python::equals_count(checkpoint.get(member), 0);
    let sealed = match truthy(checkpoint.get("seal_count")) {
        None => Some(false),
        Some(count) => python::is_positive(count),
    };
    let previous = checkpoint.get("prev_checkpoint_hash");
    let first = previous.is_none_or(Value::is_null);
    let root = truthy(checkpoint.get("root_hash"));
    match (zero("leaf_count") && zero("seq_no_max"), sealed, first) {
        (false, _, _) | (true, Some(false), _) | (true, Some(true), false) => Legacy::No,
        (true, None, _) => Legacy::ReferenceStops,
        (true, Some(true), true) => root
            .map_or(Some(""), Value::as_str)
            .map_or(Legacy::ReferenceStops, Legacy::Yes),
    }
}

/// `build_checkpoint_canonical_input`.
fn body<'a>(checkpoint: &Value<'a>, suite: Option<&Value<'a>>) -> Value<'a> {
    let text = |text: String| Kind::String(text.into());
    let as_is = |key: &str| {
        checkpoint
            .get(key)
            .map_or(Kind::Null, |value| value.kind.clone())
    };
    let previous = match truthy(checkpoint.get("prev_checkpoint_id")) {
        None => Kind::Null,
        id => text(python::text(id)),
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
        ("tenant_id", text(python::text(checkpoint.get("tenant_id")))),
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
    value(Kind::Object(Object { members }))
}

/// The root, where every decision under it is there; and whether the reference leaves with an exception. `at` begins the sentences.
pub(super) fn root<'d>(
    at: &str,
    checkpoint: &Value<'_>,
    decisions: impl IntoIterator<Item = &'d Decision>,
) -> (Finding, bool) {
    let bounds = (
        Int::of(checkpoint.get("seq_no_min")),
        Int::of(checkpoint.get("seq_no_max")),
        truthy(checkpoint.get("leaf_count")),
    );
    let skip = |detail: String| {
        let detail = format!("{at}{detail}");
        (Finding::skip(Reason::SignedDataNotFound, detail), false)
    };
    let (Ok(from), Ok(to), Some(count)) = bounds else {
        return skip("The checkpoint does not say which decisions it covers, so its root cannot be recomputed.".to_owned());
    };
    let decisions: Vec<&Decision> = decisions.into_iter().collect();
    let unnumbered = decisions
        .iter()
        .filter(|decision| decision.seq_no.is_err())
        .count();
    let covered: Vec<&Decision> = decisions
        .into_iter()
        .filter(|decision| {
            decision
                .seq_no
                .is_ok_and(|seq_no| (from.value..=to.value).contains(&seq_no.value))
        })
        .collect();
    if !python::equals_count(Some(count), covered.len()) {
        let noun = match python::equals_count(Some(count), 1) {
            true => "decision",
            false => "decisions",
        };
        let range = format!(
            "The checkpoint covers sequence numbers {} to {} ({} {noun})",
            from.value,
            to.value,
            shown(Some(count))
        );
        return skip(match (covered.len(), unnumbered) {
            (0, 1..) => format!(
                "{range}. What is here bears no sequence number, so that it cannot be told whether it is among them."
            ),
            (here, _) => {
                let are = if here == 1 { "is" } else { "are" };
                format!(
                    "{range}, of which {here} {are} here; the root can be recomputed from all of them only."
                )
            }
        });
    }
    if covered
        .iter()
        .any(|decision| decision.ledger_decision_id == Text::None)
    {
        return skip(
            "Decisions lack the ledger_decision_id that their leaves are made of.".to_owned(),
        );
    }
    let Some(leaves) = leaves(covered) else {
        let detail = format!(
            "{at}A decision's ledger_decision_id, canonical_hash or created_at is not text."
        );
        let finding = Finding::fail(detail).because(Reason::FormatFailure);
        return (finding, true);
    };
    let (count, computed) = (leaves.len(), to_hex(&merkle::root(leaves)));
    let recorded = checkpoint.get("root_hash");
    let (decisions, gives) = match count {
        1 => ("1 decision".to_owned(), "is here does not give"),
        _ => (format!("{count} decisions"), "are here do not give"),
    };
    let finding = match recorded.and_then(Value::as_str) == Some(&computed) {
        true => Finding::pass(format!("Recomputed from {decisions}.")),
        false => Finding::fail(format!(
            "{at}The {decisions} that {gives} the checkpoint's root."
        ))
        .expected(shown(recorded))
        .actual(computed),
    };
    (finding, false)
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
