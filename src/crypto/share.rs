//! Dividing the signatures of one file between two runs, so that two cores verify it.
//!
//! Each run goes through the whole file but verifies only its share of the signatures, and takes the others to hold until
//! it learns that the other run verified the very same ones. Which share a signature falls to is told by a digest over the
//! key, the signature and the message, so that what was taken to hold can be named exactly.

use std::cell::RefCell;

use super::ed25519::{Failure, PublicKey, SIGNATURE_BYTES};
use super::{Digest, blake3};

/// Which half of the signatures a run verifies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Half {
    /// Those whose digest is even.
    First,
    /// Those whose digest is odd.
    Second,
}

impl Half {
    fn owns(self, digest: &Digest) -> bool {
        let odd = digest.first().is_some_and(|byte| byte & 1 == 1);
        odd == (self == Half::Second)
    }
}

/// One run's share of a file's signatures, and what it found.
///
/// Only [`crate::verify_half`] makes one: a report made with a share is no report until its assumptions are confirmed.
#[derive(Debug)]
pub struct Share {
    half: Half,
    verified: RefCell<Vec<Digest>>,
    assumed: RefCell<Vec<Digest>>,
}

impl Share {
    pub(crate) fn new(half: Half) -> Self {
        Self {
            half,
            verified: RefCell::default(),
            assumed: RefCell::default(),
        }
    }

    /// The signatures that were verified and hold, and those that were taken to hold.
    pub(crate) fn finish(self) -> (Vec<Digest>, Vec<Digest>) {
        (self.verified.into_inner(), self.assumed.into_inner())
    }

    fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        if signature.len() != SIGNATURE_BYTES {
            return key.verify_strict(message, signature);
        }
        let mut digest = blake3::Blake3::new();
        digest.update(key.as_bytes());
        digest.update(signature);
        digest.update(message);
        let digest = digest.finish();
        if self.half.owns(&digest) {
            key.verify_strict(message, signature)?;
            self.verified.borrow_mut().push(digest);
        } else {
            self.assumed.borrow_mut().push(digest);
        }
        Ok(())
    }
}

/// Verifies a signature, or leaves it to the other run when it is not within the share.
///
/// # Errors
/// As [`PublicKey::verify_strict`].
pub fn verify_strict(
    share: Option<&Share>,
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<(), Failure> {
    match share {
        Some(share) => share.verify(key, message, signature),
        None => key.verify_strict(message, signature),
    }
}
