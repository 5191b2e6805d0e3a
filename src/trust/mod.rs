//! Pinned keys: the ones that the person verifying was told of by other means than the evidence.

use crate::bytes::{from_base64, from_base64url, from_hex, to_hex};
use crate::crypto::{ed25519, sha256};
use crate::json;

/// Bytes of an ML-DSA-65 public key (FIPS 204 table 2).
const ML_DSA_65_KEY_BYTES: usize = 1952;

/// The algorithms that a key can be pinned for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// ML-DSA-65 (FIPS 204), or its predecessor Dilithium3, whose keys have the same length.
    MlDsa65,
}

impl Algorithm {
    /// The algorithm's usual name.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Ed25519 => "Ed25519",
            Algorithm::MlDsa65 => "ML-DSA-65",
        }
    }
}

/// A public key that was pinned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// What it is for.
    pub algorithm: Algorithm,
    /// The raw key.
    pub bytes: Vec<u8>,
}

/// Why a text is not a public key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nothing there.
    #[error("No key was given.")]
    Empty,
    /// A private key, which nobody should paste anywhere.
    #[error(
        "This is a private key. Pin the public key instead, and treat the private one as disclosed."
    )]
    PrivateKey,
    /// PEM that does not hold a public key of these algorithms.
    #[error("This PEM text does not hold an Ed25519 or ML-DSA-65 public key.")]
    Pem,
    /// A JWK that does not hold an Ed25519 public key.
    #[error("This JWK does not hold an Ed25519 public key (kty OKP, crv Ed25519).")]
    Jwk,
    /// Neither hexadecimal nor base64, PEM or JWK.
    #[error("This is not a public key in hexadecimal, base64, PEM or JWK form.")]
    Form,
    /// A number of bytes that no supported algorithm has.
    #[error("This key is {0} bytes long; an Ed25519 key has 32 and an ML-DSA-65 key 1952.")]
    Length(usize),
    /// An ML-DSA-65 key whose vector t1 is nothing.
    #[error(
        "This key is one without a secret, under which anyone can make a signature that verifies."
    )]
    WithoutSecret,
    /// Not a usable Ed25519 key.
    #[error("{0}")]
    Ed25519(ed25519::Failure),
}

impl PublicKey {
    /// Reads a key in hexadecimal, base64, base64url, PEM (SubjectPublicKeyInfo, RFC 8410 and RFC 9881) or
    /// JWK (RFC 8037) form, with white space around it.
    ///
    /// # Errors
    /// When the text is not a public key in one of these forms.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(KeyError::Empty);
        }
        if text.contains("PRIVATE KEY-----") {
            return Err(KeyError::PrivateKey);
        }
        if text.starts_with("-----BEGIN") {
            return Self::from_pem(text);
        }
        if text.starts_with('{') {
            return Self::from_jwk(text);
        }
        let bytes = from_hex(text)
            .or_else(|_| from_base64(text))
            .or_else(|_| from_base64url(text))
            .map_err(|_| KeyError::Form)?;
        Self::from_bytes(bytes)
    }

    /// Every key of an algorithm has the same DER but for its own bytes (RFC 8410 section 4 and appendix A; RFC 9881 section 4).
    fn from_pem(text: &str) -> Result<Self, KeyError> {
        const ED25519: &[u8] = b"\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00";
        const ML_DSA_65: &[u8] = b"\x30\x82\x07\xb2\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x03\x12\x03\x82\x07\xa1\x00";
        let body = text
            .strip_prefix("-----BEGIN PUBLIC KEY-----")
            .and_then(|rest| rest.strip_suffix("-----END PUBLIC KEY-----"))
            .ok_or(KeyError::Pem)?;
        let base64: String = body.split_ascii_whitespace().collect();
        let der = from_base64(&base64).map_err(|_| KeyError::Pem)?;
        match (der.strip_prefix(ED25519), der.strip_prefix(ML_DSA_65)) {
            (Some(key), _) if key.len() == ed25519::KEY_BYTES => Self::from_bytes(key.to_vec()),
            (_, Some(key)) if key.len() == ML_DSA_65_KEY_BYTES => Self::from_bytes(key.to_vec()),
            _ => Err(KeyError::Pem),
        }
    }

    fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let document = json::parse_text(text).map_err(|_| KeyError::Jwk)?;
        let member = |key| document.root.get(key).and_then(json::Value::as_str);
        if !document.defects.is_empty() {
            return Err(KeyError::Jwk);
        }
        if document.root.get("d").is_some() {
            return Err(KeyError::PrivateKey);
        }
        match (member("kty"), member("crv"), member("x")) {
            (Some("OKP"), Some("Ed25519"), Some(x)) => {
                Self::from_bytes(from_base64url(x).map_err(|_| KeyError::Jwk)?)
            }
            _ => Err(KeyError::Jwk),
        }
    }

    fn from_bytes(bytes: Vec<u8>) -> Result<Self, KeyError> {
        let algorithm = match bytes.len() {
            ed25519::KEY_BYTES => {
                ed25519::PublicKey::from_bytes(&bytes).map_err(KeyError::Ed25519)?;
                Algorithm::Ed25519
            }
            // The seed of the matrix, then t1 (FIPS 204 algorithm 22).
            ML_DSA_65_KEY_BYTES => match bytes.iter().skip(32).all(|byte| *byte == 0) {
                true => return Err(KeyError::WithoutSecret),
                false => Algorithm::MlDsa65,
            },
            other => return Err(KeyError::Length(other)),
        };
        Ok(Self { algorithm, bytes })
    }

    /// SHA-256 of the raw key, lower-case hexadecimal.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.bytes)
    }
}

/// SHA-256 of a raw public key, lower-case hexadecimal.
pub fn fingerprint(key: &[u8]) -> String {
    to_hex(&sha256::digest(key))
}

/// The set of pinned keys.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    /// The keys.
    pub keys: Vec<PublicKey>,
}

impl Pins {
    /// Whether nobody pinned any.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether a raw key is among the pins; `None` when nobody pinned any.
    pub fn has(&self, key: &[u8]) -> Option<bool> {
        (!self.is_empty()).then(|| self.keys.iter().any(|pin| pin.bytes == key))
    }
}
