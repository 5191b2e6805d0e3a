//! What the API answers to a seal: hash, signature and place in the chain, without the content that was sealed.

use std::borrow::Cow;

use super::checks::{COPIES, SEALED, of_response};
use super::key::{self, Keys, Signed};
use crate::canon;
use crate::json::{self, Document, Value};
use crate::options::{Content, Options};
use crate::report::{Ask, AskKind, Examination, Fact, Finding, Reason};
use crate::systems::thessor::checks::{CANONICAL_HASH, DECISION, UNAMBIGUOUS};
use crate::systems::thessor::decisions::Record;
use crate::systems::thessor::packet::{assembled, readings::Reading};
use crate::systems::thessor::peer::Stage;
use crate::systems::thessor::python;
use crate::systems::thessor::signature::{self, Suite};
use crate::systems::thessor::{ACCEPTED, Examiner, shown, supplied};

const LIMITS: [&str; 2] = [
    "An answer to a seal names the content by its hash. What was sealed has to be shown with the content itself.",
    "The time, the status and the address in it are the server's word; the signature does not cover them.",
];

/// Examines the answer to a seal.
pub(super) fn examine(document: &Document<'_>, options: &Options<'_>) -> Examination {
    let mut examiner = Examiner::new(of_response(!options.pins.is_empty()), options);
    examiner.keys = signature::Keys::new(None);
    let root = &document.root;
    // As the SDK reads it: from `envelope`, where there is one.
    let envelope = root
        .get("envelope")
        .filter(|envelope| envelope.as_object().is_some());
    let source = envelope.unwrap_or(root);
    let text = |names: &[&str]| {
        let found = names
            .iter()
            .find_map(|name| source.get(name).or_else(|| root.get(name)));
        found.and_then(Value::as_str)
    };
    let id = text(&["envelope_id", "outcome_envelope_id", "seal_id"]).unwrap_or("seal");
    let mut record = Record {
        subject: examiner.transcript.subject(DECISION, id),
        label: format!("decision:{id}"),
        stage: Stage::Decisions,
        file: "",
    };
    let finding = match document.defect_sentence() {
        Some(sentence) => Finding::fail(format!("{sentence} {ACCEPTED}")),
        None => Finding::pass(""),
    };
    record.ours(&mut examiner, &UNAMBIGUOUS, finding);
    let recorded = source
        .get("canonical_hash")
        .or_else(|| source.get("stored_hash"));
    let sealed = state(&mut examiner, &mut record, root, recorded);
    if let Some(envelope) = envelope {
        copies(&mut examiner, &mut record, root, envelope);
    }
    let content = content(options);
    let layouts = match &content {
        Some(Ok(document)) => assembled::layouts(&document.root, source.get("signature_suite")),
        _ => Vec::new(),
    };
    let stated = recorded.and_then(Value::as_str);
    let found = layouts
        .iter()
        .find(|layout| Some(layout.digest.as_str()) == stated);
    let version = text(&["seal_version"]);
    let finding = hash(recorded, found, content.as_ref(), version);
    record.ours(&mut examiner, &CANONICAL_HASH, finding);
    let keys = Keys::of(
        source
            .get("public_key_hex")
            .or_else(|| root.get("public_key_hex")),
        options,
    );
    let signature = source
        .get("signature")
        .filter(|signature| !signature.is_null());
    let signed = Signed {
        canonical: found.map(|layout| layout.bytes.as_slice()),
        digest: stated.unwrap_or_default(),
        suite: source
            .get("signature_suite")
            .map(|suite| Suite::of(Some(suite))),
    };
    let signature = key::signature(signature, options);
    let held = key::check(
        &mut examiner,
        &mut record,
        &keys,
        signed,
        signature.as_ref(),
    );
    if let Some(Ok(document)) = &content {
        let Examiner {
            supplied,
            transcript,
            ..
        } = &mut examiner;
        let sealed = document.root.get("raw_envelope");
        let hashes = supplied::hashes(sealed.unwrap_or(&document.root));
        supplied.decision(transcript, &mut record.subject, "", &[id], &hashes);
    }
    examiner.transcript.close(record.subject);
    let decided = held || examiner.peer.has_failed();
    let noun = match root.get("outcome_envelope_id") {
        Some(_) => "answer to the seal of an outcome",
        None => "answer to a seal",
    };
    let mut examination = examiner.finish(
        "seal-response",
        Cow::Owned(format!("Thessor {noun}")),
        LIMITS.map(Cow::Borrowed).to_vec(),
    );
    examination.facts = facts(root, envelope);
    if sealed {
        examination.asks.push(Ask {
            name: Cow::Borrowed("payload"),
            kind: AskKind::File,
            label: Cow::Borrowed("Sealed content"),
            why: Cow::Borrowed("The answer names the content by its hash. With the content (raw_envelope) the hash and the signature can be checked."),
            supplied: content.is_some(),
        });
        if source.get("signature").is_none() {
            examination
                .asks
                .push(key::ask_for_signature(signature.is_some()));
        }
        if source
            .get("public_key_hex")
            .or_else(|| root.get("public_key_hex"))
            .is_none()
        {
            examination.asks.extend(keys.asks());
        }
    }
    if let (false, Some(peer)) = (decided, &mut examination.peer) {
        peer.insert("passed".to_owned(), serde_json::Value::Null);
    }
    examination
}

/// What the answer says; no signature covers it.
fn facts(root: &Value<'_>, envelope: Option<&Value<'_>>) -> Vec<Fact> {
    let labels = [
        ("Envelope", "envelope_id"),
        ("Outcome's envelope", "outcome_envelope_id"),
        ("Status", "status"),
        ("Filed at", "created_at"),
        ("Sequence number", "seq_no"),
        ("Envelope schema", "seal_version"),
        ("Hash of the content", "canonical_hash"),
    ];
    let fact = |(label, member): (&'static str, &str)| {
        let within = envelope.and_then(|envelope| envelope.get(member));
        let place = if within.is_some() { "/envelope" } else { "" };
        let value = within
            .or_else(|| root.get(member))
            .filter(|value| !value.is_null())?;
        Some(Fact {
            label: Cow::Borrowed(label),
            value: shown(Some(value)),
            pointer: format!("{place}/{member}"),
            signed: false,
        })
    };
    labels.into_iter().filter_map(fact).collect()
}

/// Whether anything was sealed yet.
fn state(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    root: &Value<'_>,
    recorded: Option<&Value<'_>>,
) -> bool {
    let status = root.get("status").and_then(Value::as_str);
    let error = root.get("error").filter(|error| !error.is_null());
    let finding = match (recorded, status) {
        (_, Some("failed")) => {
            Finding::fail("The server says that the seal failed, so that nothing was sealed.")
        }
        (None, _) => Finding::skip(
            Reason::SignedDataNotFound,
            "The seal was not complete when the server gave this answer: there is neither hash nor signature in it.",
        ),
        (Some(_), Some("pending")) => Finding::fail(
            "The answer says that the seal is not complete, and bears its hash all the same.",
        )
        .because(Reason::Contradiction),
        (Some(_), _) if error.is_some() => {
            Finding::fail("The server reports an error with this seal.").actual(shown(error))
        }
        (Some(_), _) if root.get("valid").and_then(Value::as_bool) == Some(false) => {
            Finding::fail("The server says that this seal is not valid.")
        }
        (Some(_), _) => Finding::pass(""),
    };
    record.ours(examiner, &SEALED, finding);
    recorded.is_some()
}

/// What stands both in the answer and in its envelope.
fn copies(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    root: &Value<'_>,
    envelope: &Value<'_>,
) {
    let names = [
        "envelope_id",
        "canonical_hash",
        "signature",
        "seal_version",
        "created_at",
        "prev_chain_hash",
        "seq_no",
        "signature_suite",
    ];
    let differing: Vec<&str> = names
        .into_iter()
        .filter(|name| matches!((root.get(name), envelope.get(name)), (Some(one), Some(other)) if !python::equal(one, other)))
        .collect();
    let finding = match differing.as_slice() {
        [] => Finding::pass(""),
        names => Finding::fail(format!(
            "The answer and the envelope in it disagree: {}.",
            names.join(", ")
        )),
    };
    record.ours(examiner, &COPIES, finding);
}

/// The content that was supplied.
fn content<'o>(options: &'o Options<'_>) -> Option<Result<Document<'o>, String>> {
    let companion = options.companions("payload").next()?;
    let Content::File(bytes) = companion.content else {
        return Some(Err("What you supplied as `payload` is a folder.".to_owned()));
    };
    let document = json::parse(bytes);
    Some(match document {
        Ok(document) => match document.defect_sentence() {
            Some(sentence) => Err(format!(
                "What you supplied as `payload` has two readings: {sentence}"
            )),
            None if canon::to_vec::<canon::Stripped>(&document.root).is_err() => Err(
                "What you supplied as `payload` has a number without a canonical form.".to_owned(),
            ),
            None => Ok(document),
        },
        Err(error) => Err(format!(
            "What you supplied as `payload` is no JSON: {error}"
        )),
    })
}

/// Whether content has what only the server adds, so that it is the sealed content itself or no part of it.
fn is_sealed_form(content: &Value<'_>) -> bool {
    let raw = content.get("raw_envelope").unwrap_or(content);
    ["signature_suite", "prev_chain_hash"]
        .iter()
        .all(|member| raw.get(member).is_some())
        && raw.get("canonical_hash").is_none()
}

fn hash(
    recorded: Option<&Value<'_>>,
    found: Option<&Reading>,
    content: Option<&Result<Document<'_>, String>>,
    version: Option<&str>,
) -> Finding {
    match (found, content) {
        _ if recorded.is_none() => {
            Finding::skip(Reason::SignedDataNotFound, "There is no hash to check.")
        }
        (Some(layout), _) => Finding::pass(format!(
            "It is the hash of the content that you supplied: recomputed over {}.",
            layout.covers
        )),
        (None, Some(Ok(document))) if is_sealed_form(&document.root) => Finding::fail(
            "The content that you supplied is not the one that was sealed: its hash is another.",
        )
        .expected(shown(recorded)),
        // The server wraps what it is sent before it seals it, so that another hash accuses nobody.
        (None, Some(Ok(_))) => match version {
            Some("v3") => Finding::skip(
                Reason::SignedDataNotFound,
                "The content that you supplied does not have the hash of the seal in any layout that the specification has for it. Whether it is not what was sealed, or only a part of it, cannot be told.",
            ),
            _ => Finding::skip(
                Reason::RuleUnpublished,
                "The content that you supplied does not have the hash of the seal, and how the server wraps content before it seals it has not been published. Supply the sealed content itself (raw_envelope).",
            ),
        },
        (None, Some(Err(sentence))) => Finding::skip(Reason::InputNeeded, sentence.clone()),
        (None, None) => Finding::skip(
            Reason::InputNeeded,
            "The hash was not checked: the content that was sealed is not in the file.",
        ),
    }
}
