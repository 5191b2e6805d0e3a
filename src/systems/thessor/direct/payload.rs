//! Content with its signature and public key, in one object or handed over separately: the SDK's `verify_direct`.

use std::borrow::Cow;

use super::checks::{UNCOVERED, of_payload};
use super::key::{self, Keys, Signed};
use crate::bytes::to_hex;
use crate::crypto::sha256;
use crate::json::{Document, Kind, Object, Value};
use crate::options::Options;
use crate::report::{Examination, Finding};
use crate::systems::thessor::checks::{CANONICAL_HASH, DECISION, UNAMBIGUOUS};
use crate::systems::thessor::decisions::Record;
use crate::systems::thessor::packet::lone;
use crate::systems::thessor::peer::Stage;
use crate::systems::thessor::signature::{self, Suite};
use crate::systems::thessor::{ACCEPTED, Examiner, listed, shown, supplied};

const LIMITS: [&str; 3] = [
    "A pass says that this content is the one that was signed under the key. It does not say when, nor that the content is true.",
    "Whose key it is cannot be told from the evidence: pin the key that Thessor has published.",
    "That a decision belongs to a chain, and that no other was left out, a single record cannot show.",
];

/// Members that may stand beside the content: the SDK's names for the parts, and what the server files a seal under.
const BESIDE: [&str; 13] = [
    "payload",
    "signature",
    "signature_hex",
    "public_key",
    "public_key_hex",
    "signature_suite",
    "canonical_hash",
    "envelope_id",
    "decision_id",
    "seal_version",
    "created_at",
    "key_reference",
    "verify_url",
];

/// What is signed with a decision, beside its fields (Decision Credential Specification, section 3).
const ATTESTATIONS: &str = "attestations";

/// The content of an envelope with attestations, whose fields stand in `payload` beside them.
fn attested<'a>(root: &Value<'a>) -> Option<Value<'a>> {
    root.get(ATTESTATIONS)?.as_object()?;
    let members = root.as_object()?.members.iter();
    let sealed = ["payload", ATTESTATIONS, "signature_suite"];
    let members = members.filter(|member| sealed.contains(&member.key.as_ref()));
    let object = Object {
        members: members.cloned().collect(),
    };
    Some(Value {
        span: root.span,
        kind: Kind::Object(object),
    })
}

/// Examines content: all of the object, or its `payload` when signature and key stand beside that.
pub(super) fn examine(
    document: &Document<'_>,
    options: &Options<'_>,
    together: bool,
) -> Examination {
    let mut examiner = Examiner::new(of_payload(!options.pins.is_empty()), options);
    // Which text was signed is told by where the signature holds, so none may be taken on trust.
    examiner.keys = signature::Keys::new(None);
    let root = &document.root;
    let beside = |names: [&str; 2]| {
        let members = names.into_iter().filter_map(|name| root.get(name));
        members.filter(|_| together).find(|value| !value.is_null())
    };
    let attested = attested(root).filter(|_| together);
    let content = match &attested {
        Some(attested) => attested,
        None => root.get("payload").filter(|_| together).unwrap_or(root),
    };
    let field = |name: &str| {
        content
            .get(name)
            .or_else(|| content.get("payload")?.get(name))
    };
    let name = field("decision_id")
        .and_then(Value::as_str)
        .unwrap_or("content");
    let mut record = Record {
        subject: examiner.transcript.subject(DECISION, name),
        label: "direct".to_owned(),
        stage: Stage::Decisions,
        file: "",
    };
    let number = examiner.canonicalize(content, &[], document);
    let canonical = std::mem::take(&mut examiner.canonical);
    let digest = to_hex(&sha256::digest(&canonical));
    let finding = match document.defect_sentence().or(number) {
        Some(sentence) => Finding::fail(format!("{sentence} {ACCEPTED}")),
        None => Finding::pass(""),
    };
    record.ours(&mut examiner, &UNAMBIGUOUS, finding);
    let recorded = root.get("canonical_hash").filter(|_| together);
    if let Some(recorded) = recorded.filter(|recorded| !recorded.is_null()) {
        hash(&mut examiner, &mut record, recorded, &digest);
    }
    if together && let Some(object) = root.as_object() {
        uncovered(&mut examiner, &mut record, object, attested.is_some());
    }
    let keys = Keys::of(beside(["public_key_hex", "public_key"]), options);
    let signature = key::signature(beside(["signature_hex", "signature"]), options);
    let suite =
        beside(["signature_suite", "signature_suite"]).or_else(|| content.get("signature_suite"));
    let signed = Signed {
        canonical: Some(&canonical),
        digest: &digest,
        suite: suite.map(|suite| Suite::of(Some(suite))),
    };
    let held = key::check(
        &mut examiner,
        &mut record,
        &keys,
        signed,
        signature.as_ref(),
    );
    let ids: Vec<&str> = [root.get("envelope_id"), field("decision_id")]
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let Examiner {
        supplied,
        transcript,
        ..
    } = &mut examiner;
    supplied.decision(
        transcript,
        &mut record.subject,
        "",
        &ids,
        &supplied::hashes(content),
    );
    examiner.transcript.close(record.subject);
    let place = match together && attested.is_none() {
        true => "/payload",
        false => "",
    };
    let facts = lone::facts_of(content, place, held);
    let decided = held || examiner.peer.has_failed();
    let mut examination = examiner.finish(
        "signed-content",
        Cow::Borrowed("signed content"),
        LIMITS.map(Cow::Borrowed).to_vec(),
    );
    examination.facts = facts;
    if beside(["signature_hex", "signature"]).is_none() {
        examination
            .asks
            .push(key::ask_for_signature(signature.is_some()));
    }
    if beside(["public_key_hex", "public_key"]).is_none() {
        examination.asks.extend(keys.asks());
    }
    if let (false, Some(peer)) = (decided, &mut examination.peer) {
        peer.insert("passed".to_owned(), serde_json::Value::Null);
    }
    examination
}

fn hash(examiner: &mut Examiner<'_>, record: &mut Record<'_>, recorded: &Value<'_>, digest: &str) {
    let finding = match recorded.as_str() == Some(digest) {
        true => Finding::pass(""),
        false => Finding::fail(
            "The hash of the content does not match the one that is recorded beside it.",
        )
        .expected(shown(Some(recorded)))
        .actual(digest),
    };
    record.ours(examiner, &CANONICAL_HASH, finding);
}

/// Members beside the content that no signature covers and that the SDK does not know.
fn uncovered(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    object: &Object<'_>,
    attested: bool,
) {
    let names = object.members.iter().map(|member| member.key.as_ref());
    let known = |name: &&str| {
        BESIDE.contains(name)
            || super::ANSWERED.contains(name)
            || (attested && *name == ATTESTATIONS)
    };
    let unknown: Vec<&str> = names.filter(|name| !known(name)).collect();
    if !unknown.is_empty() {
        let names = listed(unknown.iter().copied());
        let detail = format!(
            "The signature covers the payload alone, and beside it stands what nobody signed: {names}."
        );
        record.ours(examiner, &UNCOVERED, Finding::fail(detail));
    }
}
