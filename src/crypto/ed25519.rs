//! Ed25519 under the strict policy: RFC 8032 section 5.1.7 without the cofactor, canonical scalars,
//! and no key or nonce point of small order, under which one signature fits many messages.

use ed25519_dalek::{Signature, Verifier as _, VerifyingKey};

use crate::bytes::to_hex;

/// Bytes of a public key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a signature.
pub const SIGNATURE_BYTES: usize = 64;

/// The order of the base point, little-endian (RFC 8032 section 5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A public key that is not 32 bytes.
    #[error("The public key is {0} bytes long; an Ed25519 key has 32.")]
    KeyLength(usize),
    /// Bytes that are no point of the curve.
    #[error("The public key is not a point of the Ed25519 curve.")]
    KeyEncoding,
    /// A key under which signatures prove nothing.
    #[error(
        "The public key is a point of small order, under which anyone can make a signature that verifies."
    )]
    SmallOrderKey,
    /// A signature that is not 64 bytes.
    #[error("The signature is {0} bytes long; an Ed25519 signature has 64.")]
    SignatureLength(usize),
    /// A scalar not reduced by the group order, so that the signature could be rewritten by anyone.
    #[error(
        "The signature's scalar is not in its canonical range, so that it could have been rewritten by anyone."
    )]
    NonCanonicalScalar,
    /// The signature does not verify.
    #[error("The signature does not verify over these bytes under this key.")]
    Mismatch,
}

impl Failure {
    /// Whether other verifiers may accept what this policy refuses.
    pub fn is_policy(self) -> bool {
        matches!(self, Failure::SmallOrderKey | Failure::NonCanonicalScalar)
    }
}

/// A public key, decompressed once and used for many signatures.
#[derive(Clone, Debug)]
pub struct PublicKey {
    key: VerifyingKey,
}

impl PublicKey {
    /// Reads a raw key.
    ///
    /// # Errors
    /// When the bytes are not 32, not a point, or a point of small order.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Failure> {
        let array: &[u8; KEY_BYTES] = bytes
            .try_into()
            .map_err(|_| Failure::KeyLength(bytes.len()))?;
        let key = VerifyingKey::from_bytes(array).map_err(|_| Failure::KeyEncoding)?;
        if key.is_weak() {
            return Err(Failure::SmallOrderKey);
        }
        Ok(Self { key })
    }

    /// The raw key.
    pub fn as_bytes(&self) -> &[u8; KEY_BYTES] {
        self.key.as_bytes()
    }

    /// The raw key in lower-case hexadecimal.
    pub fn to_hex(&self) -> String {
        to_hex(self.as_bytes())
    }

    /// Verifies a 64-byte signature over `message`.
    ///
    /// # Errors
    /// When the signature is not accepted; the failure says why.
    pub fn verify_strict(&self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        let array: &[u8; SIGNATURE_BYTES] = signature
            .try_into()
            .map_err(|_| Failure::SignatureLength(signature.len()))?;
        let (_, scalar) = array.split_at(KEY_BYTES);
        if !below_order(scalar) {
            return Err(Failure::NonCanonicalScalar);
        }
        self.key
            .verify_strict(message, &Signature::from_bytes(array))
            .map_err(|_| Failure::Mismatch)
    }
}

/// Whether a verifier that takes keys and nonces of small order (OpenSSL and many others) accepts the signature.
///
/// Never for a verdict: only to say what another verifier says.
pub fn verify_any_key(key: &[u8], message: &[u8], signature: &[u8]) -> bool {
    let key = key.try_into().map(VerifyingKey::from_bytes);
    let signature = Signature::from_slice(signature);
    matches!((key, signature), (Ok(Ok(key)), Ok(signature)) if key.verify(message, &signature).is_ok())
}

/// Whether a little-endian scalar is smaller than the group order.
fn below_order(scalar: &[u8]) -> bool {
    scalar.iter().rev().lt(ORDER.iter().rev())
}

/// Keys already decompressed: evidence uses few, thousands of times each.
#[derive(Debug, Default)]
pub struct KeyCache {
    keys: Vec<PublicKey>,
}

impl KeyCache {
    /// Keys kept; beyond it the oldest is forgotten.
    const CAPACITY: usize = 16;

    /// Reads a raw key, or finds it among those read before.
    ///
    /// # Errors
    /// As [`PublicKey::from_bytes`].
    pub fn get(&mut self, bytes: &[u8]) -> Result<&PublicKey, Failure> {
        let at = match self.keys.iter().position(|key| key.as_bytes() == bytes) {
            Some(at) => at,
            None => {
                let key = PublicKey::from_bytes(bytes)?;
                if self.keys.len() >= Self::CAPACITY {
                    self.keys.remove(0);
                }
                self.keys.push(key);
                self.keys.len().saturating_sub(1)
            }
        };
        self.keys.get(at).ok_or(Failure::KeyEncoding)
    }
}
