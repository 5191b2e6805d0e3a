//! Digests and signatures: thin over the libraries, with named policies.

#[cfg(feature = "complete")]
pub mod aes_gcm;
pub mod blake3;
pub mod ed25519;
pub mod sha256;
pub mod share;

/// A 32-byte digest.
pub type Digest = [u8; 32];
