//! Digests and signatures: thin over the libraries, with named policies.

#[cfg(feature = "complete")]
pub mod aes_gcm;
pub mod blake3;
pub mod ed25519;
#[cfg(feature = "complete")]
pub mod ml_dsa;
pub mod sha256;
pub mod share;

/// A 32-byte digest.
pub type Digest = [u8; 32];
