//! Thessor's smaller artifacts: content whose signature and key are handed over separately, a lone envelope, the answer to a
//! seal, and records of links.

#[cfg(feature = "complete")]
mod checks;
#[cfg(feature = "complete")]
pub(super) mod key;
#[cfg(feature = "complete")]
mod payload;
#[cfg(feature = "complete")]
mod response;

#[cfg(feature = "complete")]
pub(super) use checks::KEY_PINNED;

use crate::json::Value;
use crate::options::Options;
use crate::systems::Recognition;
#[cfg(feature = "complete")]
use crate::{
    json::{Document, Object},
    report::Examination,
};

/// What a JSON object is, of the smaller artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// `payload`, signature and public key in one object: what the SDK's `verify_direct` sends.
    Signed,
    /// The content alone; its signature and key are handed over separately.
    Payload,
    /// A decision envelope outside a packet, or several, and records of links among them.
    Envelope,
    /// The answer to a seal, or what is known of one, without the content.
    Response,
}

/// The fields of a decision; an object that has most of them is one's sealed content.
const FIELDS: [&str; 8] = [
    "decision_id",
    "model_id",
    "model_version",
    "timestamp",
    "input_hash",
    "output",
    "confidence_score",
    "policy_version",
];

/// Members of an answer of the server that the SDK's own models name (`SealResult`, `VerifyResult`), and that nobody signs.
#[cfg(feature = "complete")]
pub(super) const ANSWERED: [&str; 5] =
    ["seal_id", "valid", "error", "stored_hash", "chain_verified"];

/// What an answer says of the seal beside what was signed, in a sentence.
#[cfg(feature = "complete")]
pub(super) fn unproven(answer: &Object<'_>) -> Option<String> {
    let says = |name: &&&str| answer.get(name).is_some_and(|value| !value.is_null());
    let mut said: Vec<&str> = ["valid", "error", "chain_verified"]
        .iter()
        .filter(says)
        .copied()
        .collect();
    let hashes = (answer.get("stored_hash"), answer.get("canonical_hash"));
    if let (Some(stored), Some(recorded)) = hashes
        && !stored.is_null()
        && !super::python::equal(stored, recorded)
    {
        said.push("stored_hash, which is not the canonical_hash");
    }
    (!said.is_empty()).then(|| {
        let names = said.join(", ");
        format!("Beside what was signed stands the server's word, which nobody signed: {names}.")
    })
}

/// How many of [`FIELDS`] make an object a decision's content.
const MOST: usize = 6;

/// What a JSON value is, if it is one of these. Any object may be content that is signed, once a signature is supplied: that is
/// claimed where no other system knows the object.
pub(super) fn of(value: &Value<'_>, options: &Options<'_>) -> Option<(Kind, Recognition)> {
    if let Some(kind) = known(value) {
        return Some((kind, Recognition::Mine));
    }
    let supplied =
        options.value("signature").is_some() || options.companions("signature").next().is_some();
    let claimed = supplied && value.as_object().is_some();
    claimed.then_some((Kind::Payload, Recognition::Broken))
}

/// What a JSON value is by its members alone.
pub(super) fn known(value: &Value<'_>) -> Option<Kind> {
    value.as_object()?;
    let has = |member: &str| value.get(member).is_some_and(|value| !value.is_null());
    let signature = has("signature_hex") || has("signature");
    let key = has("public_key_hex") || has("public_key");
    let payload = value
        .get("payload")
        .is_some_and(|payload| payload.as_object().is_some());
    if payload && (has("signature_hex") || (signature && key)) {
        return Some(Kind::Signed);
    }
    let sealed = |value: &Value<'_>| {
        let fields = FIELDS.iter().filter(|field| value.get(field).is_some());
        fields.count() >= MOST
    };
    let envelope = value
        .get("envelope")
        .filter(|envelope| envelope.as_object().is_some());
    let content = |value: &Value<'_>| sealed(value) || value.get("payload").is_some_and(sealed);
    let row = |value: &Value<'_>| {
        let raw = value.get("raw_envelope");
        raw.is_some_and(|raw| raw.as_object().is_some())
            || (value.get("canonical_hash").is_some() && content(value))
    };
    let link = has("decision_envelope_id") && has("outcome_envelope_id");
    if row(value) || envelope.is_some_and(row) || link {
        return Some(Kind::Envelope);
    }
    let of_seal = |value: &Value<'_>| {
        let ids = ["envelope_id", "outcome_envelope_id", "seal_id"];
        let hash = ["canonical_hash", "stored_hash"];
        let any = |members: &[&str]| members.iter().any(|member| value.get(member).is_some());
        any(&ids) && any(&hash)
    };
    let pending = has("seal_id") && has("status");
    if of_seal(value) || pending || envelope.is_some_and(of_seal) {
        return Some(Kind::Response);
    }
    content(value).then_some(Kind::Payload)
}

/// Examines one of these.
#[cfg(feature = "complete")]
pub(super) fn examine(kind: Kind, document: &Document<'_>, options: &Options<'_>) -> Examination {
    match kind {
        Kind::Signed => payload::examine(document, options, true),
        Kind::Payload => payload::examine(document, options, false),
        Kind::Response | Kind::Envelope => response::examine(document, options),
    }
}
