//! What the vendor's own `decrypt_event` makes of an event, with what it forgives: base64 as CPython reads it, and
//! identifiers that are no strings.

use super::envelope::identity;
use super::event::{Event, PAYLOAD, STORED_ENVELOPE};
use crate::bytes::{from_base64, to_hex};
use crate::canon::{self, Python};
use crate::crypto::{aes_gcm, sha256};
use crate::json::{self, DefectKind, Kind, Value};
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
/// told here: for fields that are not texts, and for nonces of another length.
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
    if !is_truthy(key_id) || key.len() != aes_gcm::KEY_BYTES {
        return Some(false);
    }
    let part = |name| event.get(name).map_or(Some("None".to_owned()), printed);
    let parts = (part("eventId"), part("systemId"), part("occurredAtUtc"));
    let (Some(event_id), Some(system_id), Some(occurred_at)) = parts else {
        return Some(false);
    };
    let aad = identity(&event_id, &system_id, &occurred_at);
    let fields = [ciphertext, nonce, aad_hash];
    if fields
        .iter()
        .any(|field| field.as_str().is_none() && is_truthy(field))
    {
        return None;
    }
    let [Some(ciphertext), Some(nonce), Some(aad_hash)] = fields.map(text) else {
        return Some(false);
    };
    if to_hex(&sha256::digest(&aad)) != aad_hash.to_lowercase() {
        return Some(false);
    }
    let (Some(ciphertext), Some(nonce)) = (python_base64(ciphertext), python_base64(nonce)) else {
        return Some(false);
    };
    match aes_gcm::open(key, &nonce, &aad, &ciphertext) {
        Ok(plaintext) => Some(is_python_object(&plaintext)),
        // OpenSSL takes nonces of 8 to 128 bytes.
        Err(aes_gcm::Failure::NonceLength(8..=128)) => None,
        Err(_) => Some(false),
    }
}

/// A text that is not empty.
fn text<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Whether `json.loads` refuses the text of the event.
fn is_unreadable(event: &Event<'_, '_>) -> bool {
    let defects = event.document.defects.iter();
    defects.map(|defect| defect.kind).any(is_refused)
}

fn is_refused(kind: DefectKind) -> bool {
    matches!(kind, DefectKind::ByteOrderMark | DefectKind::TrailingBytes)
}

/// `bool(value)`.
fn is_truthy(value: &Value<'_>) -> bool {
    match &value.kind {
        Kind::Null => false,
        Kind::Bool(value) => *value,
        Kind::Number(lexeme) => lexeme.parse::<f64>().is_ok_and(|number| number != 0.0),
        Kind::String(text) => !text.is_empty(),
        Kind::Array(elements) => !elements.is_empty(),
        Kind::Object(object) => !object.members.is_empty(),
    }
}

/// `str(value)`, of anything but arrays and objects.
fn printed(value: &Value<'_>) -> Option<String> {
    match &value.kind {
        Kind::String(text) => Some(text.clone().into_owned()),
        Kind::Bool(true) => Some("True".to_owned()),
        Kind::Bool(false) => Some("False".to_owned()),
        Kind::Number(_) => String::from_utf8(canon::to_vec::<Python>(value).ok()?).ok(),
        Kind::Null => Some("None".to_owned()),
        Kind::Array(_) | Kind::Object(_) => None,
    }
}

/// `base64.urlsafe_b64decode` of a text that was padded to a multiple of four characters: either alphabet, whatever else
/// stands between is passed over, reading ends with the padding, stray bits count for nothing.
fn python_base64(text: &str) -> Option<Vec<u8>> {
    let missing = text.chars().count().wrapping_neg() & 3;
    let padded = text.chars().chain(std::iter::repeat_n('=', missing));
    let mut symbols = String::new();
    let mut pads = 0_usize;
    for character in padded {
        let filled = symbols.len() & 3;
        match character {
            '=' if filled >= 2 => {
                pads = pads.saturating_add(1);
                if filled.saturating_add(pads) >= 4 {
                    break;
                }
            }
            '-' => symbols.push('+'),
            '_' => symbols.push('/'),
            'A'..='Z' | 'a'..='z' | '0'..='9' | '+' | '/' => symbols.push(character),
            _ if character.is_ascii() => continue,
            _ => return None,
        }
        if character != '=' {
            pads = 0;
        }
    }
    let filled = symbols.len() & 3;
    if filled == 1 || (filled > 0 && filled.saturating_add(pads) < 4) {
        return None;
    }
    from_base64(&without_stray_bits(symbols)).ok()
}

/// The symbols with the bits cleared that no byte takes up, padded.
fn without_stray_bits(mut symbols: String) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let kept = match symbols.len() & 3 {
        2 => 0b11_0000,
        3 => 0b11_1100,
        _ => return symbols,
    };
    let last = symbols.pop().and_then(|last| ALPHABET.find(last));
    let cleared = last.and_then(|at| ALPHABET.chars().nth(at & kept));
    symbols.extend(cleared);
    while symbols.len() & 3 != 0 {
        symbols.push('=');
    }
    symbols
}

/// Whether `json.loads` gives a dictionary: it takes duplicate keys and `NaN`, but no byte order mark and nothing after the value.
fn is_python_object(plaintext: &[u8]) -> bool {
    json::parse(plaintext).is_ok_and(|document| {
        let defects = document.defects.iter();
        document.root.as_object().is_some() && !defects.map(|defect| defect.kind).any(is_refused)
    })
}
