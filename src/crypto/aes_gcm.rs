//! AES-256-GCM (NIST SP 800-38D) with a 96-bit nonce and a 128-bit tag: opening only.

use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, Nonce};

/// Bytes of a key.
pub const KEY_BYTES: usize = 32;
/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 12;
/// Bytes of the tag, which stands at the end of the ciphertext.
pub const TAG_BYTES: usize = 16;

/// Why a ciphertext does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A key that is not 32 bytes.
    #[error("The key is {0} bytes long; AES-256 takes one of {KEY_BYTES}.")]
    KeyLength(usize),
    /// A nonce that is not 12 bytes.
    #[error("The nonce is {0} bytes long; it should be {NONCE_BYTES}.")]
    NonceLength(usize),
    /// A ciphertext that is shorter than its tag.
    #[error("The ciphertext is {0} bytes long, which is less than its tag of {TAG_BYTES}.")]
    TooShort(usize),
    /// The tag is not that of this key, nonce, ciphertext and associated data.
    #[error("The tag does not belong to this key, nonce, ciphertext and associated data.")]
    Mismatch,
}

/// Decrypts `ciphertext`, the tag at its end, and authenticates it together with `associated`.
///
/// # Errors
/// When a length is wrong or the tag does not match: nothing is then disclosed.
pub fn open(
    key: &[u8],
    nonce: &[u8],
    associated: &[u8],
    ciphertext: &[u8],
) -> Result<Vec<u8>, Failure> {
    let cipher = Aes256Gcm::new_from_slice(key).map_err(|_| Failure::KeyLength(key.len()))?;
    let nonce: [u8; NONCE_BYTES] = nonce
        .try_into()
        .map_err(|_| Failure::NonceLength(nonce.len()))?;
    if ciphertext.len() < TAG_BYTES {
        return Err(Failure::TooShort(ciphertext.len()));
    }
    let payload = Payload {
        msg: ciphertext,
        aad: associated,
    };
    cipher
        .decrypt(&Nonce::from(nonce), payload)
        .map_err(|_| Failure::Mismatch)
}
