//! The Merkle tree under a checkpoint (`merkle_leaf` and `merkle_root` of the reference).

use crate::crypto::Digest;
use crate::crypto::sha256::{self, Sha256};

/// The leaf of one decision: SHA-256 of the ledger's id for it, then its canonical hash, both as text.
pub(super) fn leaf(ledger_decision_id: &str, canonical_hash: &str) -> Digest {
    let mut hash = Sha256::new();
    hash.update(ledger_decision_id.as_bytes());
    hash.update(canonical_hash.as_bytes());
    hash.finish()
}

/// The root over the leaves in their order. The last node of an odd level is paired with itself; of no leaves it is the hash of nothing.
pub(super) fn root(leaves: Vec<Digest>) -> Digest {
    let mut level = leaves;
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| {
                let mut hash = Sha256::new();
                for node in [pair.first(), pair.last()].into_iter().flatten() {
                    hash.update(node);
                }
                hash.finish()
            })
            .collect();
    }
    level
        .first()
        .copied()
        .unwrap_or_else(|| sha256::digest(b""))
}
