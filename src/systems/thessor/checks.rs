//! The checks of an export package. Those of the reference verifier keep its names; the others are ours.

use crate::report::{ARTIFACT, Plan, check_specs};

/// Subjects: one decision file, one checkpoint file.
pub(super) const DECISION: &str = "decision";
pub(super) const CHECKPOINT: &str = "checkpoint";

check_specs! {
    MANIFEST_PRESENT = "manifest_present", "Presence of the manifest",
        "thessor 0.4.0, verifier.py, verify_package", SignedDataNotFound;
    MANIFEST_PARSABLE = "manifest_parsable", "Form of the manifest",
        "thessor 0.4.0, verifier.py, verify_package", FormatFailure;
    MANIFEST_PUBLIC_KEY = "manifest_public_key", "Public key in the manifest",
        "thessor 0.4.0, verifier.py, verify_package", FormatFailure;
    MANIFEST_SIGNATURE = "manifest_signature", "Signature of the manifest",
        "thessor 0.4.0, verifier.py, verify_package step 1", SigCryptoFailure;
    PUBLIC_KEY_PINNED = "public_key_pinned", "Package's key, against the keys that you pinned",
        "thessor 0.4.0, verifier.py, verify_package step 2", KeyMismatch;
    FILE_INVENTORY = "file_inventory", "Files in the package, against the manifest's list",
        "thessor 0.4.0, verifier.py, verify_package step 3", InventoryMismatch;
    FILE_DIGESTS = "file_digests", "SHA-256 digests of the files, against the manifest's",
        "thessor 0.4.0, verifier.py, verify_package step 3", HashFailure;
    VERIFIER_SELF_CHECK = "verifier_self_check", "Verifier inside the package, against the list",
        "thessor 0.4.0, verifier.py, verify_package step 3", InventoryMismatch;
    DECISION_COUNT = "decision_count", "Number of decisions, against the manifest's",
        "thessor 0.4.0, verifier.py, verify_package step 4", InventoryMismatch;
    DECISION_INDEX_COMPLETE = "decision_index_complete", "Decisions that the manifest's index names",
        "thessor 0.4.0, verifier.py, verify_package step 4", InventoryMismatch;
    CHAIN_LINKS = "chain_links", "Links of the chain, each decision to the one before it",
        "thessor 0.4.0, verifier.py, _verify_chain and compute_chain_hash", ChainBroken;
    SEQUENCE_RANGE = "sequence_range", "Range of sequence numbers, against the manifest's",
        "thessor 0.4.0, verifier.py, format_report", Contradiction;
    CHECKPOINT_INDEX = "checkpoint_index", "Checkpoints, against those that the manifest names",
        "thessor 0.4.0, verifier.py, verify_package step 6", InventoryMismatch;
    CHAIN_PLACE = "chain_place", "Place of every decision in the chain, by its sealed number",
        "thessor 0.4.0, verifier.py, _verify_chain: the sealed copy counts", ChainBroken;
    CHAIN_BOUNDARY = "chain_boundary", "Beginning of the chain that is here",
        "thessor 0.4.0, verifier.py, _verify_chain", ChainBroken;
    CHAIN_INTEGRITY_ASSERTED = "chain_integrity_asserted", "Thessor's own word on the whole chain",
        "thessor 0.4.0, verifier.py, _verify_chain", ChainBroken;
    UNAMBIGUOUS = "unambiguous_json", "JSON with one reading only",
        "RFC 8259 sections 4 and 6", FormatFailure;

    READABLE = "readable", "Form of the file",
        "thessor 0.4.0, verifier.py, _verify_decision and _verify_checkpoint", FormatFailure;
    CANONICAL_HASH = "canonical_hash", "Hash of the sealed content, against the one recorded",
        "thessor 0.4.0, verifier.py, _verify_decision 5a", HashFailure;
    INDEXED = "indexed", "Recorded hash, against the manifest's index",
        "thessor 0.4.0, verifier.py, _verify_decision 5b and _verify_checkpoint", Contradiction;
    SEALED_NUMBER = "sealed_number", "Sequence number beside the sealed content, against the one in it",
        "thessor 0.4.0, verifier.py, _verify_chain", Contradiction;
    SIGNATURE = "signature", "Decision's signature",
        "thessor 0.4.0, verifier.py, _verify_decision 5c; Decision Credential Specification (4bb52ae) section 4", SigCryptoFailure;
    SIGNED_TEXT = "signed_text", "Text that the signature covers",
        "Decision Credential Specification (4bb52ae) section 4", SigCryptoFailure;
    EXPORT_SIGNATURE = "export_signature", "Signature of the packet as a whole",
        "thessor 0.4.0, verifier.py, _verify_decision 5d", SigCryptoFailure;
    EXPORT_KEY = "export_key", "Key of the packet's own signature",
        "Assay: a packet's own key is held to the pinned ones", KeyMismatch;
    CHECKPOINT_SIGNATURE = "signature", "Checkpoint's signature",
        "thessor 0.4.0, verifier.py, _verify_checkpoint and build_checkpoint_canonical_input", SigCryptoFailure;
    ROOT = "root", "Merkle root, recomputed from the decisions",
        "thessor 0.4.0, verifier.py, _verify_checkpoint, merkle_leaf and merkle_root", HashFailure;
}

/// What an export package is checked for; the key is, when there are pins to hold it to.
pub(super) fn plan(pinned: bool) -> Plan {
    let plan = Plan::new()
        .require(ARTIFACT, &MANIFEST_PRESENT)
        .require(ARTIFACT, &MANIFEST_PARSABLE)
        .require(ARTIFACT, &UNAMBIGUOUS)
        .require(ARTIFACT, &MANIFEST_PUBLIC_KEY)
        .require(ARTIFACT, &MANIFEST_SIGNATURE);
    let plan = match pinned {
        true => plan.require(ARTIFACT, &PUBLIC_KEY_PINNED),
        false => plan.allow(ARTIFACT, &PUBLIC_KEY_PINNED),
    };
    plan.require(ARTIFACT, &FILE_INVENTORY)
        .require(ARTIFACT, &FILE_DIGESTS)
        .allow(ARTIFACT, &VERIFIER_SELF_CHECK)
        .require(ARTIFACT, &DECISION_COUNT)
        .require(ARTIFACT, &DECISION_INDEX_COMPLETE)
        .allow(ARTIFACT, &CHAIN_LINKS)
        .require_where_present(ARTIFACT, &CHAIN_PLACE)
        .allow(ARTIFACT, &CHAIN_BOUNDARY)
        .allow(ARTIFACT, &CHECKPOINT_INDEX)
        .allow(ARTIFACT, &SEQUENCE_RANGE)
        .allow(ARTIFACT, &CHAIN_INTEGRITY_ASSERTED)
        .require(DECISION, &READABLE)
        .require(DECISION, &UNAMBIGUOUS)
        .require(DECISION, &CANONICAL_HASH)
        .require(DECISION, &INDEXED)
        .require(DECISION, &SIGNATURE)
        .allow(DECISION, &SIGNED_TEXT)
        .allow(DECISION, &SEALED_NUMBER)
        .require_where_present(DECISION, &EXPORT_SIGNATURE)
        .allow(DECISION, &EXPORT_KEY)
        .require(CHECKPOINT, &READABLE)
        .require(CHECKPOINT, &UNAMBIGUOUS)
        .require(CHECKPOINT, &INDEXED)
        .require(CHECKPOINT, &CHECKPOINT_SIGNATURE)
        .allow(CHECKPOINT, &SIGNED_TEXT)
        .allow(CHECKPOINT, &ROOT)
}
