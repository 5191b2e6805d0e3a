//! The encrypted envelope: its four fields in either form, what it is bound to, and opening it.
//!
//! Rule: complianceguard 0.1.5, `ingest_event`, `decrypt_event` and `_build_aad`.

use std::borrow::Cow;

use super::event::{ACCEPTED, Event, PAYLOAD, STORED_ENVELOPE, is_digest};
use crate::bytes::{from_base64url, to_hex};
use crate::canon::{self, Python};
use crate::crypto::aes_gcm::{self, NONCE_BYTES, TAG_BYTES};
use crate::crypto::sha256;
use crate::json::{Kind, Member, Object, Span, Value};

/// The four fields, under the names that a request gives them; in the order of [`STORED_ENVELOPE`].
const FIELDS: [&str; 4] = ["ciphertext", "keyId", "nonce", "aadHash"];

/// Whether an event carries an envelope.
pub(super) enum Presence<'v> {
    /// None of its fields is there.
    None,
    /// Some are, or not as they should be; a sentence says what is wrong.
    Broken(String),
    /// All four are.
    Whole(Envelope<'v>),
}

/// An envelope, its texts decoded.
pub(super) struct Envelope<'v> {
    /// What the sender calls the key.
    pub key_id: &'v str,
    /// SHA-256 of the identity that the ciphertext is bound to, as recorded.
    pub aad_hash: &'v str,
    nonce: Vec<u8>,
    ciphertext: Vec<u8>,
}

impl<'v> Presence<'v> {
    /// The envelope of `event`. One that stands there in both forms has to be the same in both.
    pub fn of(event: &Event<'v, '_>) -> Self {
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
            true => Self::Broken(
                "The event carries an envelope in the form of a request and another in that of a stored event.".to_owned(),
            ),
            false => Self::of_payload(payload),
        }
    }

    fn of_payload(payload: &'v Value<'_>) -> Self {
        let Some(object) = payload.as_object() else {
            let found = payload.kind_name();
            return Self::Broken(format!(
                "/payload is {found} where the SDK writes an object."
            ));
        };
        if let Some(unknown) = object.unknown_member(&FIELDS) {
            return Self::Broken(format!(
                "/payload/{} is a member that the SDK does not write. {ACCEPTED}",
                unknown.key
            ));
        }
        let fields = FIELDS.map(|name| object.get(name).filter(|value| !value.is_null()));
        Self::of_fields(&fields, &FIELDS, "payload/")
    }

    fn of_fields(fields: &[Option<&'v Value<'_>>; 4], names: &[&str; 4], folder: &str) -> Self {
        let mut texts = [""; 4];
        for ((text, field), name) in texts.iter_mut().zip(fields).zip(names) {
            *text = match field.map(|value| (value.as_str(), value.kind_name())) {
                Some((Some(found), _)) if !found.is_empty() => found,
                Some((Some(_), _)) => {
                    return Self::Broken(format!("/{folder}{name} is empty."));
                }
                Some((None, found)) => {
                    return Self::Broken(format!(
                        "/{folder}{name} is {found} where the SDK writes a string."
                    ));
                }
                None => {
                    return Self::Broken(format!(
                        "The envelope has no {name}: all four of its fields should be there, or none."
                    ));
                }
            };
        }
        let [ciphertext, key_id, nonce, aad_hash] = texts;
        Self::decoded(ciphertext, key_id, nonce, aad_hash).map_or_else(Self::Broken, Self::Whole)
    }

    fn decoded(
        ciphertext: &str,
        key_id: &'v str,
        nonce: &str,
        aad_hash: &'v str,
    ) -> Result<Envelope<'v>, String> {
        let bytes = |text: &str, what: &str| {
            from_base64url(text).map_err(|_| {
                format!(
                    "The {what} is not base64url without padding. The vendor's decrypt_event may read it all the same; this verifier does not."
                )
            })
        };
        let (nonce, ciphertext) = (bytes(nonce, "nonce")?, bytes(ciphertext, "ciphertext")?);
        if nonce.len() != NONCE_BYTES {
            let length = nonce.len();
            return Err(format!(
                "The nonce is {length} bytes long; it should be {NONCE_BYTES}."
            ));
        }
        if ciphertext.len() < TAG_BYTES {
            let length = ciphertext.len();
            return Err(format!(
                "The ciphertext is {length} bytes long, which is less than its tag of {TAG_BYTES}."
            ));
        }
        if !is_digest(aad_hash) {
            return Err(
                "The hash of what the ciphertext is bound to is not a SHA-256 digest in hexadecimal."
                    .to_owned(),
            );
        }
        Ok(Envelope {
            key_id,
            aad_hash,
            nonce,
            ciphertext,
        })
    }
}

impl Envelope<'_> {
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
    let bytes = identity(
        event.id()?,
        event.text("systemId")?,
        event.text("occurredAtUtc")?,
    );
    let hash = to_hex(&sha256::digest(&bytes));
    Some((bytes, hash))
}
