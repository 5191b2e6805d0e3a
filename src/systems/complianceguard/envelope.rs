//! The encrypted envelope: its four fields in either form, what it is bound to, and opening it.
//!
//! Rule: complianceguard 0.1.5, `ingest_event`, `decrypt_event` and `_build_aad`.

use std::borrow::Cow;

use super::event::{
    ACCEPTED, ACCEPTED_PRINTED, Event, IDENTITY, PAYLOAD, STORED_ENVELOPE, is_digest,
};
use super::python::{self, is_truthy, printed};
use crate::bytes::{from_base64url, to_hex};
use crate::canon::{self, Python};
use crate::crypto::aes_gcm::{self, NONCE_BYTES, TAG_BYTES};
use crate::crypto::sha256;
use crate::json::{Kind, Member, Object, Span, Value};

/// The four fields, under the names that a request gives them; in the order of [`STORED_ENVELOPE`].
const FIELDS: [&str; 4] = ["ciphertext", "keyId", "nonce", "aadHash"];

/// Whether an event carries an envelope.
pub(super) enum Presence {
    /// None of its fields is there.
    None,
    /// Some are, or not as they should be.
    Broken(String),
    /// All four are.
    Whole(Envelope),
}

/// An envelope, its texts decoded.
pub(super) struct Envelope {
    /// What the sender calls the key.
    pub key_id: String,
    /// SHA-256 of the identity that the ciphertext is bound to, as recorded.
    pub aad_hash: String,
    /// What differs from what the SDK writes, in sentences.
    pub remarks: Vec<String>,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl Presence {
    /// The envelope of `event`. One that stands there in both forms has to be the same in both.
    pub fn of(event: &Event<'_, '_>) -> Self {
        let stored = STORED_ENVELOPE.map(|name| event.get(name));
        let is_stored = stored.iter().any(Option::is_some);
        let Some(payload) = event.get(PAYLOAD) else {
            return match is_stored {
                true => Self::of_fields(&stored, &STORED_ENVELOPE, ""),
                false => Self::None,
            };
        };
        let same = FIELDS.iter().zip(stored).all(|(name, field)| {
            let texts = (payload.get(name), field);
            matches!(texts, (Some(left), Some(right)) if left.kind == right.kind)
        });
        match is_stored && !same {
            true => broken(
                "The event carries an envelope in the form of a request and another in that of a stored event. The vendor's decrypt_event reads the one of the stored event and may accept it; this verifier does not.",
            ),
            false => Self::of_payload(payload),
        }
    }

    fn of_payload(payload: &Value<'_>) -> Self {
        let Some(object) = payload.as_object() else {
            let found = payload.kind_name();
            return broken(format!(
                "/payload is {found} where the SDK writes an object."
            ));
        };
        if let Some(unknown) = object.unknown_member(&FIELDS) {
            return broken(format!(
                "/payload/{} is a member that the SDK does not write. {ACCEPTED}",
                unknown.key
            ));
        }
        let fields = FIELDS.map(|name| object.get(name).filter(|value| !value.is_null()));
        Self::of_fields(&fields, &FIELDS, "payload/")
    }

    fn of_fields(fields: &[Option<&Value<'_>>; 4], names: &[&str; 4], folder: &str) -> Self {
        let mut texts = [const { Cow::Borrowed("") }; 4];
        let mut remarks = Vec::new();
        for ((text, field), name) in texts.iter_mut().zip(fields).zip(names) {
            let Some(value) = field else {
                return broken(format!(
                    "The envelope has no {name}: all four of its fields should be there, or none."
                ));
            };
            if !is_truthy(value) {
                return broken(format!("/{folder}{name} is empty."));
            }
            let found = value.kind_name();
            if value.as_str().is_none() {
                remarks.push(format!(
                    "/{folder}{name} is {found}; the SDK writes a string."
                ));
            }
            *text = match printed(value) {
                Some(text) => text,
                // The name of a key is not read by anything.
                None if name.ends_with("eyId") => Cow::Borrowed("(not a text)"),
                None => {
                    return broken(format!(
                        "/{folder}{name} is {found} where the SDK writes a string. {ACCEPTED_PRINTED}"
                    ));
                }
            };
        }
        Self::decoded(texts, remarks).map_or_else(broken, Self::Whole)
    }

    fn decoded(texts: [Cow<'_, str>; 4], mut remarks: Vec<String>) -> Result<Envelope, String> {
        let [ciphertext, key_id, nonce, aad_hash] = texts;
        let mut bytes = |text: &str, what: &str| {
            let strict = from_base64url(text).ok();
            if strict.is_none() {
                remarks.push(format!(
                    "The {what} is not base64url without padding, as the SDK writes it; it was read as the vendor's decrypt_event reads it."
                ));
            }
            let read = strict.or_else(|| python::from_base64url(text));
            read.ok_or_else(|| format!("The {what} is not base64."))
        };
        let nonce = bytes(&nonce, "nonce")?;
        let ciphertext = bytes(&ciphertext, "ciphertext")?;
        if nonce.len() != NONCE_BYTES {
            let length = nonce.len();
            return Err(format!(
                "The nonce is {length} bytes long; it should be {NONCE_BYTES}. The vendor's decrypt_event may accept it; this verifier does not."
            ));
        }
        if ciphertext.len() < TAG_BYTES {
            let length = ciphertext.len();
            return Err(format!(
                "The ciphertext is {length} bytes long, which is less than its tag of {TAG_BYTES}."
            ));
        }
        if !is_digest(&aad_hash) {
            return Err(
                "The hash of what the ciphertext is bound to is not a SHA-256 digest in hexadecimal."
                    .to_owned(),
            );
        }
        Ok(Envelope {
            key_id: key_id.into_owned(),
            aad_hash: aad_hash.into_owned(),
            remarks,
            nonce,
            ciphertext,
        })
    }
}

fn broken(detail: impl Into<String>) -> Presence {
    Presence::Broken(detail.into())
}

impl Envelope {
    /// Decrypts the payload, bound to the identity whose canonical form is `identity`.
    pub fn open(&self, key: &[u8], identity: &[u8]) -> Result<Vec<u8>, aes_gcm::Failure> {
        aes_gcm::open(key, &self.nonce, identity, &self.ciphertext)
    }
}

/// The canonical form of the identity that a ciphertext is bound to: `eventId`, `systemId`, and `occurredAtUtc` as `timestamp`.
pub(super) fn identity(event_id: &str, system_id: &str, occurred_at: &str) -> Vec<u8> {
    let span = Span { start: 0, end: 0 };
    let member = |key, text| Member {
        key: Cow::Borrowed(key),
        key_span: span,
        value: Value {
            span,
            kind: Kind::String(Cow::Borrowed(text)),
        },
    };
    let members = vec![
        member("eventId", event_id),
        member("systemId", system_id),
        member("timestamp", occurred_at),
    ];
    let value = Value {
        span,
        kind: Kind::Object(Object { members }),
    };
    canon::to_vec::<Python>(&value).unwrap_or_default()
}

/// The identity of an event, and its SHA-256 in hexadecimal; none when a part of it is missing.
pub(super) fn identity_of(event: &Event<'_, '_>) -> Option<(Vec<u8>, String)> {
    let [event_id, system_id, occurred_at] = IDENTITY.map(|name| event.get(name).and_then(printed));
    let bytes = identity(&event_id?, &system_id?, &occurred_at?);
    let hash = to_hex(&sha256::digest(&bytes));
    Some((bytes, hash))
}
