//! One decision file: its hash, its index entry, its signature and the signature of the packet around it.

use super::checks::*;
use super::manifest::{Manifest, sign};
use super::peer::Stage;
use super::python::{self, Expected, Int, NoInt, truthy};
use super::signature::{Outcome, Suite};
use super::supplied::{self, Part};
use super::{ACCEPTED, Examiner, ambiguity, python_accepts, python_refuses, shown};
use crate::bytes::to_hex;
use crate::crypto::{Digest, sha256};
use crate::json::{self, Document, Object, Value};
use crate::report::{CheckSpec, Finding, Reason, Status, Subject};

/// A member of which the later checks need the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Text {
    /// Absent, or null.
    None,
    /// A text.
    Some(String),
    /// Something else.
    Other,
}

impl Text {
    /// Reads a member as a text.
    pub fn of(value: Option<&Value<'_>>) -> Self {
        match value {
            None => Self::None,
            Some(value) if value.is_null() => Self::None,
            Some(value) => match value.as_str() {
                Some(text) => Self::Some(text.to_owned()),
                None => Self::Other,
            },
        }
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Some(text) => Some(text),
            _ => None,
        }
    }
}

/// What the chain and the checkpoints need of a decision.
#[derive(Clone, Debug)]
pub(super) struct Decision {
    /// The id by which the index and the report name it.
    pub envelope_id: String,
    /// The id that its Merkle leaf is made of.
    pub ledger_decision_id: Text,
    /// The hash of the sealed content, as recorded.
    pub canonical_hash: Text,
    /// The signature, as recorded.
    pub signature: Text,
    /// Its place in the chain: in an export the copy beside the sealed content, by which the reference goes; in packets and
    /// envelopes the sealed one, where there is one.
    pub seq_no: Result<Int, NoInt>,
    /// The number in the sealed content.
    pub sealed_seq_no: Result<Int, NoInt>,
    /// The copy of the number beside it.
    #[cfg_attr(not(feature = "complete"), expect(dead_code))]
    pub column_seq_no: Result<Int, NoInt>,
    /// The time that orders the leaves; absent counts as empty.
    pub created_at: Text,
    /// The link in the sealed content.
    pub prev_chain_hash: Text,
    /// The copy of the link beside it.
    pub column_prev_chain_hash: Text,
}

/// Records one check of a decision or checkpoint here and in the reference's terms.
pub(super) struct Record<'r> {
    /// The decision or checkpoint.
    pub subject: Subject,
    /// What the reference puts before the check's name.
    pub label: String,
    /// Where the reference's checks go.
    pub stage: Stage,
    /// What every sentence begins with.
    pub file: &'r str,
}

impl Record<'_> {
    /// The name of a check in the reference's terms.
    pub fn peer_name(&self, spec: &CheckSpec) -> String {
        format!("{}:{}", self.label, spec.id)
    }

    /// A check whose outcome is the reference's too.
    pub fn both(
        &mut self,
        examiner: &mut Examiner<'_>,
        spec: &'static CheckSpec,
        finding: Finding,
    ) {
        let ok = match finding.status() {
            Status::Pass => Some(true),
            Status::Fail => Some(false),
            Status::Skip | Status::Note => None,
        };
        examiner
            .peer
            .record(self.stage, ok, || self.peer_name(spec));
        let finding = finding.peer(self.peer_name(spec));
        self.ours(examiner, spec, finding);
    }

    /// A check whose outcome the reference does not share, or does not make.
    pub fn ours(
        &mut self,
        examiner: &mut Examiner<'_>,
        spec: &'static CheckSpec,
        finding: Finding,
    ) {
        examiner.transcript.record(&mut self.subject, spec, finding);
    }

    /// A pass without words, which is the usual case and costs nothing.
    pub fn pass(&mut self, examiner: &mut Examiner<'_>, spec: &'static CheckSpec) {
        examiner
            .peer
            .record(self.stage, Some(true), || self.peer_name(spec));
        examiner.transcript.pass(&mut self.subject, spec);
    }

    /// What came of a signature, the reference's own outcome included.
    pub fn signature(
        &mut self,
        examiner: &mut Examiner<'_>,
        spec: &'static CheckSpec,
        outcome: &Outcome,
        what: &str,
    ) {
        examiner.peer.backend(outcome.backend);
        examiner
            .peer
            .record(self.stage, Some(outcome.peer), || self.peer_name(spec));
        match &outcome.fault {
            None if outcome.remark.is_empty() => {
                examiner.transcript.pass(&mut self.subject, spec);
            }
            None => {
                let finding = Finding::pass(outcome.remark.clone()).peer(self.peer_name(spec));
                self.ours(examiner, spec, finding);
            }
            Some(fault) => {
                let what = match self.file {
                    "" => what.to_owned(),
                    file => format!("{file}: {what}"),
                };
                let finding = fault.finding(&what);
                self.ours(examiner, spec, finding.peer(self.peer_name(spec)));
            }
        }
    }
}

/// Examines one decision file. `None` when it is too broken for the chain and the checkpoints to use.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    manifest: &Manifest<'_, '_>,
    file: &str,
    bytes: Result<&[u8], String>,
) -> Option<Decision> {
    let document = match parse(file, bytes) {
        Ok(document) => document,
        Err((detail, reference)) => return unreadable(examiner, file, detail, reference),
    };
    let packet = document.root.as_object()?;
    let decision = Expected::of(packet.get("decision"));
    if let Expected::Other(value) = decision {
        let detail = format!("{file}: Its decision is {}.", value.kind_name());
        return unreadable(examiner, file, detail, Reference::Stops);
    }
    let envelope_id = truthy(decision.get("envelope_id"));
    let raw = decision
        .get("raw_envelope")
        .filter(|raw| raw.as_object().is_some());
    let hash = truthy(decision.get("canonical_hash"));
    let (Some(envelope_id), Some(raw), Some(hash)) = (envelope_id, raw, hash) else {
        let detail =
            format!("{file}: It lacks an envelope_id, a raw_envelope or a canonical_hash.");
        return unreadable(examiner, file, detail, Reference::Fails);
    };
    let Some(id) = envelope_id.as_str() else {
        let detail = format!("{file}: Its envelope_id is {}.", envelope_id.kind_name());
        return unreadable(examiner, file, detail, Reference::Stops);
    };
    let mut record = Record {
        subject: examiner.transcript.subject(DECISION, id),
        label: format!("decision:{id}"),
        stage: Stage::Decisions,
        file,
    };
    let mut number = examiner.canonicalize(raw, &[], &document);
    let digest = sha256::digest(&examiner.canonical);
    canonical_hash(examiner, &mut record, hash, &digest);
    indexed(examiner, &mut record, manifest, id, hash);
    signature(examiner, &mut record, manifest, &decision, &digest);
    sealed_number(examiner, &mut record, &decision, raw);
    let intact = !record.subject.failed();
    held_against(examiner, &mut record, packet, id, raw);
    if let Some(decision) = packet.get("decision").and_then(Value::as_object) {
        let hashed = hash.as_str() == Some(&to_hex(&digest));
        examiner.links.decision(decision, raw, Some(hashed));
        examiner.links.chain(decision, raw, packet);
    }
    readable(examiner, &mut record, packet);
    if let Some(signature) = truthy(packet.get("export_signature")) {
        let other = export_signature(examiner, &mut record, manifest, &document, signature);
        number = number.or(other);
    }
    let exported = truthy(packet.get("export_signature")).is_some() && !record.subject.failed();
    examiner
        .facts
        .rationale(&format!("{file}#"), packet, exported);
    let finding = ambiguity(file, &document, number);
    examiner
        .transcript
        .record(&mut record.subject, &UNAMBIGUOUS, finding);
    examiner.transcript.close(record.subject);
    let place = format!("{file}#/decision/raw_envelope");
    examiner.facts.decision(&place, raw, intact, None);
    let leaf = Expected::of(packet.get("merkle_leaf"));
    Some(Decision {
        envelope_id: id.to_owned(),
        ledger_decision_id: Text::of(leaf.get("ledger_decision_id")),
        canonical_hash: Text::of(Some(hash)),
        signature: Text::of(decision.get("signature")),
        seq_no: Int::of(decision.get("seq_no")),
        sealed_seq_no: Int::of(raw.get("seq_no")),
        column_seq_no: Int::of(decision.get("seq_no")),
        created_at: Text::of(truthy(decision.get("created_at"))),
        prev_chain_hash: Text::of(raw.get("prev_chain_hash")),
        column_prev_chain_hash: Text::of(decision.get("prev_chain_hash")),
    })
}

/// The chain goes by the number beside the sealed content, as the reference has it; that another is sealed is worth knowing.
fn sealed_number(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    decision: &Expected<'_, '_>,
    raw: &Value<'_>,
) {
    let (beside, sealed) = (decision.get("seq_no"), raw.get("seq_no"));
    let Some(sealed) = sealed.filter(|sealed| !sealed.is_null()) else {
        return;
    };
    if beside.is_some_and(|beside| python::equal(beside, sealed)) {
        return;
    }
    let detail = format!(
        "{}: The sealed content has the sequence number {}, but the chain goes by what stands beside it: {}.",
        record.file,
        shown(Some(sealed)),
        shown(beside)
    );
    record.ours(examiner, &SEALED_NUMBER, Finding::note(detail));
}

/// What the person verifying supplied, against the hashes in the sealed content and in the records beside it.
fn held_against(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    packet: &Object<'_>,
    id: &str,
    raw: &Value<'_>,
) {
    let mut hashes = supplied::hashes(raw);
    let beside = |record: &str, member| packet.get(record)?.get(member);
    let operator = beside("rationale", "human_operator_id_hash");
    let site = beside("population_context", "site_identifier_hash");
    hashes.extend(operator.map(|hash| (Part::Operator, hash)));
    hashes.extend(site.map(|hash| (Part::Site, hash)));
    let decision_id = raw.get("decision_id").and_then(Value::as_str);
    let ids: Vec<&str> = decision_id.into_iter().chain([id]).collect();
    let Examiner {
        supplied,
        transcript,
        ..
    } = examiner;
    let at = format!("{}: ", record.file);
    supplied.decision(transcript, &mut record.subject, &at, &ids, &hashes);
}

/// Members that the reference takes for objects; at anything else it leaves with an exception.
fn readable(examiner: &mut Examiner<'_>, record: &mut Record<'_>, packet: &Object<'_>) {
    let exported = truthy(packet.get("export_signature")).is_some();
    let members: &[&str] = match exported {
        true => &["verification_instructions", "merkle_leaf"],
        false => &["merkle_leaf"],
    };
    let odd = members
        .iter()
        .find_map(|member| match Expected::of(packet.get(member)) {
            Expected::Other(value) => Some((member, value.kind_name())),
            _ => None,
        });
    let Some((member, kind)) = odd else {
        return examiner.transcript.pass(&mut record.subject, &READABLE);
    };
    examiner.peer.stop(record.stage);
    let detail = format!(
        "{}: Its {member} is {kind} where an object should stand.",
        record.file
    );
    record.ours(examiner, &READABLE, Finding::fail(detail));
}

fn canonical_hash(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    recorded: &Value<'_>,
    digest: &Digest,
) {
    let computed = to_hex(digest);
    if recorded.as_str() == Some(&computed) {
        return record.pass(examiner, &CANONICAL_HASH);
    }
    let detail = format!(
        "{}: The hash of the sealed content does not match the one that was recorded.",
        record.file
    );
    let finding = Finding::fail(detail)
        .expected(shown(Some(recorded)))
        .actual(computed);
    record.both(examiner, &CANONICAL_HASH, finding);
}

fn indexed(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    id: &str,
    recorded: &Value<'_>,
) {
    if manifest.decisions.broken {
        examiner.peer.stop(record.stage);
    }
    let indexed = manifest
        .decisions
        .values
        .get(id)
        .filter(|indexed| !indexed.is_null());
    let finding = match indexed {
        Some(indexed) if python::equal(indexed, recorded) => return record.pass(examiner, &INDEXED),
        Some(indexed) => Finding::fail(format!(
            "{}: The manifest's index has another hash for this decision.",
            record.file
        ))
        .expected(shown(Some(indexed)))
        .actual(shown(Some(recorded))),
        None => Finding::fail(format!(
            "{}: The manifest's index does not list this decision, so it was added after the export.",
            record.file
        ))
        .because(Reason::InventoryMismatch),
    };
    record.both(examiner, &INDEXED, finding);
}

/// The decision's signature over the canonical bytes, which stand in the buffer, as the reference has it;
/// or over their hex digest, as the published specification has it.
fn signature(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    decision: &Expected<'_, '_>,
    digest: &Digest,
) {
    let suite = Suite::of(truthy(decision.get("signature_suite")));
    let signature = decision.get("signature");
    let Examiner {
        keys, canonical, ..
    } = examiner;
    let mut outcome = keys.verify(suite, canonical, signature, manifest.key);
    if outcome.fault.is_some() && !outcome.peer {
        let over_digest = keys.verify(suite, to_hex(digest).as_bytes(), signature, manifest.key);
        if over_digest.fault.is_none() {
            outcome = Outcome {
                peer: false,
                ..over_digest
            };
            let detail = format!(
                "{}: The signature covers the hex digest of the sealed content, as section 4 of the published specification says. The vendor's verifier, which wants it over the content itself, does not accept it.",
                record.file
            );
            record.ours(examiner, &SIGNED_TEXT, Finding::note(detail));
        }
    }
    record.signature(examiner, &SIGNATURE, &outcome, "The decision's signature");
}

/// The packet's own signature over the hex digest of everything else in it. Returns what has no canonical form.
fn export_signature(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    document: &Document<'_>,
    signature: &Value<'_>,
) -> Option<String> {
    let number = examiner.canonicalize(&document.root, &["export_signature"], document);
    let digest = to_hex(&sha256::digest(&examiner.canonical));
    let instructions = Expected::of(document.root.get("verification_instructions"));
    let suite = Suite::of(truthy(instructions.get("signature_suite")));
    let own = truthy(document.root.get("public_key_hex"));
    let key = own.map_or(Some(manifest.key), Value::as_str);
    let outcome = match key {
        Some(key) => examiner
            .keys
            .verify(suite, digest.as_bytes(), Some(signature), key),
        None => Outcome::fault(
            suite,
            Reason::FormatFailure,
            "the packet's public_key_hex is not text.",
            false,
        ),
    };
    record.signature(
        examiner,
        &EXPORT_SIGNATURE,
        &outcome,
        "The packet's own signature",
    );
    if let Some(key) = key.filter(|key| *key != manifest.key) {
        export_key(examiner, record, manifest, &outcome, key);
    }
    number
}

/// A packet may name another key than the manifest. The reference does not care; here it is held to the pins.
fn export_key(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    manifest: &Manifest<'_, '_>,
    outcome: &Outcome,
    key: &str,
) {
    let raw = examiner.keys.raw(key).unwrap_or_default();
    if examiner.keys.raw(manifest.key).as_deref() == Some(raw.as_slice()) {
        return;
    }
    if outcome.fault.is_none() {
        sign(examiner, outcome.algorithm, "export", key);
    }
    let finding = match examiner.options.pins.has(&raw) {
        Some(true) => Finding::pass("It is a key that you pinned."),
        Some(false) => Finding::fail(format!(
            "{}: The packet is signed with a key of its own, which is not one that you pinned. {ACCEPTED}",
            record.file
        ))
        .actual(to_hex(&raw)),
        None => Finding::note(format!(
            "{}: The packet is signed with a key of its own, other than the manifest's.",
            record.file
        )),
    };
    record.ours(examiner, &EXPORT_KEY, finding);
}

/// What the reference verifier does with a file that cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reference {
    /// It records a failure.
    Fails,
    /// It leaves with an exception, or nobody can tell.
    Stops,
}

/// Reads a file as a JSON object; the error is a sentence, and what the reference does.
pub(super) fn parse<'b>(
    file: &str,
    bytes: Result<&'b [u8], String>,
) -> Result<Document<'b>, (String, Reference)> {
    let bytes = bytes.map_err(|sentence| (sentence, Reference::Fails))?;
    let document = json::parse(bytes).map_err(|error| {
        let reference = match python_accepts(&error) {
            true => Reference::Stops,
            false => Reference::Fails,
        };
        (
            format!("{file}, {}: {}", error.place, error.kind),
            reference,
        )
    })?;
    if python_refuses(&document) {
        let sentence = document.defect_sentence().unwrap_or_default();
        return Err((format!("{file}: {sentence}"), Reference::Fails));
    }
    match document.root.as_object() {
        Some(_) => Ok(document),
        None => {
            let kind = document.root.kind_name();
            let detail = format!("{file}: It holds {kind} where an object should stand.");
            Err((detail, Reference::Stops))
        }
    }
}

/// Records a decision file that cannot be used.
fn unreadable(
    examiner: &mut Examiner<'_>,
    file: &str,
    detail: String,
    reference: Reference,
) -> Option<Decision> {
    let mut subject = examiner.transcript.subject(DECISION, file);
    unusable(examiner, &mut subject, Stage::Decisions, detail, reference);
    examiner.transcript.close(subject);
    None
}

/// Records a file that cannot be used, here and in the reference's terms.
pub(super) fn unusable(
    examiner: &mut Examiner<'_>,
    subject: &mut Subject,
    stage: Stage,
    detail: String,
    reference: Reference,
) {
    let name = subject.label().to_owned();
    match reference {
        Reference::Fails => examiner.peer.record(stage, Some(false), || name.clone()),
        Reference::Stops => examiner.peer.stop(stage),
    }
    let finding = Finding::fail(detail).peer(name);
    examiner.transcript.record(subject, &READABLE, finding);
}
