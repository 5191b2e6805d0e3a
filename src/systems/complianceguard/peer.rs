//! What the vendor's own `decrypt_event` makes of an event, with what it forgives: base64 as CPython reads it, and
//! identifiers that are no strings.

use super::envelope::identity;
use super::event::{Event, IDENTITY, PAYLOAD, STORED_ENVELOPE};
use super::python::{from_base64url, is_truthy, printed};
use crate::bytes::to_hex;
use crate::crypto::{aes_gcm, sha256};
use crate::json::{self, DefectKind, ErrorKind};
use crate::report::Peer;

/// The outcome over a file: whether every envelope that was tried decrypts, null when none was tried.
#[derive(Default)]
pub(super) struct Decrypted(Option<bool>);

impl Decrypted {
    /// Takes in the outcome of one event.
    pub fn add(&mut self, decrypts: Option<bool>) {
        if let Some(decrypts) = decrypts {
            self.0 = Some(decrypts && self.0 != Some(false));
        }
    }

    /// The outcome in the vendor's words.
    pub fn finish(&self) -> Peer {
        let mut peer = Peer::new();
        peer.insert("decrypted".to_owned(), self.0.into());
        peer
    }
}

/// Whether `decrypt_event` would give the content of `event`, an envelope of a request taken for that of a stored event.
///
/// None when it is not asked: when Python cannot read the text, or there is no envelope at all; and when its answer cannot be
/// told here: for fields that are arrays or objects, and for nonces of another length.
pub(super) fn decrypts(event: &Event<'_, '_>, key: &[u8]) -> Option<bool> {
    let is_stored = STORED_ENVELOPE.iter().any(|name| event.get(name).is_some());
    let payload = event.get(PAYLOAD).filter(|_| !is_stored);
    let names = match payload {
        Some(_) => ["ciphertext", "keyId", "nonce", "aadHash"],
        None => STORED_ENVELOPE,
    };
    let field = |name: &str| match payload {
        Some(payload) => payload.get(name),
        None => event.get(name),
    };
    let fields = names.map(field);
    if fields.iter().all(Option::is_none) || is_unreadable(event) {
        return None;
    }
    let [Some(ciphertext), Some(key_id), Some(nonce), Some(aad_hash)] = fields else {
        return Some(false);
    };
    let identity_parts = IDENTITY.map(|name| event.member(name));
    if ![ciphertext, key_id, nonce, aad_hash]
        .into_iter()
        .all(is_truthy)
        || key.len() != aes_gcm::KEY_BYTES
        || identity_parts.iter().any(Option::is_none)
    {
        return Some(false);
    }
    let [event_id, system_id, occurred_at] = identity_parts.map(|part| part.and_then(printed));
    let aad = identity(&event_id?, &system_id?, &occurred_at?);
    let [ciphertext, nonce, aad_hash] = [ciphertext, nonce, aad_hash].map(printed);
    let (ciphertext, nonce, aad_hash) = (ciphertext?, nonce?, aad_hash?);
    if to_hex(&sha256::digest(&aad)) != aad_hash.to_lowercase() {
        return Some(false);
    }
    let decoded = (from_base64url(&ciphertext), from_base64url(&nonce));
    let (Some(ciphertext), Some(nonce)) = decoded else {
        return Some(false);
    };
    match aes_gcm::open(key, &nonce, &aad, &ciphertext) {
        Ok(plaintext) => is_python_object(&plaintext),
        // OpenSSL takes nonces of 8 to 128 bytes.
        Err(aes_gcm::Failure::NonceLength(8..=128)) => None,
        Err(_) => Some(false),
    }
}

/// Whether `json.loads` refuses the text of the event.
fn is_unreadable(event: &Event<'_, '_>) -> bool {
    let defects = event.document.defects.iter();
    defects.map(|defect| defect.kind).any(is_refused)
}

fn is_refused(kind: DefectKind) -> bool {
    matches!(kind, DefectKind::ByteOrderMark | DefectKind::TrailingBytes)
}

/// Whether `json.loads` gives a dictionary: it takes duplicate keys and `NaN`, but no byte order mark and nothing after the value.
/// None when the text is beyond what is read here and may be within what Python reads.
fn is_python_object(plaintext: &[u8]) -> Option<bool> {
    match json::parse(plaintext) {
        Ok(document) => {
            let mut defects = document.defects.iter();
            let is_object = document.root.as_object().is_some();
            Some(is_object && !defects.any(|defect| is_refused(defect.kind)))
        }
        Err(error) => is_not_json(&error.kind).then_some(false),
    }
}

/// Whether a text that is not read here is none that Python reads.
pub(super) fn is_not_json(kind: &ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::TooDeep
            | ErrorKind::TooManyValues
            | ErrorKind::LoneSurrogate
            | ErrorKind::NumberTooLong(_)
    )
}
