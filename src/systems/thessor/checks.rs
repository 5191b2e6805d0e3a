//! The checks of an export package. Those of the reference verifier keep its names; the others are ours.

use crate::report::{ARTIFACT, CheckSpec, Plan, Reason};

/// Subjects: one decision file, one checkpoint file.
pub(super) const DECISION: &str = "decision";
pub(super) const CHECKPOINT: &str = "checkpoint";

macro_rules! checks {
    ($($name:ident = $id:literal, $title:literal, $rule:literal, $reason:ident;)+) => {
        $(pub(super) static $name: CheckSpec = CheckSpec {
            id: $id, title: $title, rule: $rule, on_fail: Reason::$reason,
        };)+
    };
}

checks! {
    MANIFEST_PRESENT = "manifest_present", "The package has a manifest",
        "thessor 0.4.0, verifier.py, verify_package", SignedDataNotFound;
    MANIFEST_PARSABLE = "manifest_parsable", "The manifest can be read as a JSON object",
        "thessor 0.4.0, verifier.py, verify_package", FormatFailure;
    MANIFEST_PUBLIC_KEY = "manifest_public_key", "The manifest names the key that signed it",
        "thessor 0.4.0, verifier.py, verify_package", FormatFailure;
    MANIFEST_SIGNATURE = "manifest_signature", "The manifest is signed, and has not changed since",
        "thessor 0.4.0, verifier.py, verify_package step 1", SigCryptoFailure;
    PUBLIC_KEY_PINNED = "public_key_pinned", "The package is signed with a key that you pinned",
        "thessor 0.4.0, verifier.py, verify_package step 2", KeyMismatch;
    FILE_INVENTORY = "file_inventory", "The package holds the files that the manifest lists, and no others",
        "thessor 0.4.0, verifier.py, verify_package step 3", InventoryMismatch;
    FILE_DIGESTS = "file_digests", "Every file has the SHA-256 digest that the manifest lists",
        "thessor 0.4.0, verifier.py, verify_package step 3", HashFailure;
    VERIFIER_SELF_CHECK = "verifier_self_check", "The verifier inside the package is one of the listed files",
        "thessor 0.4.0, verifier.py, verify_package step 3", InventoryMismatch;
    DECISION_COUNT = "decision_count", "There are as many decisions as the manifest says",
        "thessor 0.4.0, verifier.py, verify_package step 4", InventoryMismatch;
    DECISION_INDEX_COMPLETE = "decision_index_complete", "Every decision in the manifest's index is there",
        "thessor 0.4.0, verifier.py, verify_package step 4", InventoryMismatch;
    CHAIN_LINKS = "chain_links", "Each decision commits to the one before it",
        "thessor 0.4.0, verifier.py, _verify_chain and compute_chain_hash", ChainBroken;
    CHAIN_BOUNDARY = "chain_boundary", "Where the exported chain begins",
        "thessor 0.4.0, verifier.py, _verify_chain", ChainBroken;
    CHAIN_INTEGRITY_ASSERTED = "chain_integrity_asserted", "What Thessor says of the whole chain",
        "thessor 0.4.0, verifier.py, _verify_chain", ChainBroken;
    UNAMBIGUOUS = "unambiguous_json", "The JSON can be read in one way only",
        "RFC 8259 sections 4 and 6", FormatFailure;

    READABLE = "readable", "The file can be read as a packet",
        "thessor 0.4.0, verifier.py, _verify_decision and _verify_checkpoint", FormatFailure;
    CANONICAL_HASH = "canonical_hash", "The hash of the sealed content is the one that was recorded",
        "thessor 0.4.0, verifier.py, _verify_decision 5a", HashFailure;
    INDEXED = "indexed", "The manifest's index has the same hash",
        "thessor 0.4.0, verifier.py, _verify_decision 5b and _verify_checkpoint", Contradiction;
    SIGNATURE = "signature", "The signature covers this content",
        "thessor 0.4.0, verifier.py, _verify_decision 5c; Decision Credential Specification (4bb52ae) section 4", SigCryptoFailure;
    SIGNED_TEXT = "signed_text", "Which text the signature covers",
        "Decision Credential Specification (4bb52ae) section 4", SigCryptoFailure;
    EXPORT_SIGNATURE = "export_signature", "The packet is signed as a whole",
        "thessor 0.4.0, verifier.py, _verify_decision 5d", SigCryptoFailure;
    EXPORT_KEY = "export_key", "The key of the packet's own signature",
        "Assay: a packet's own key is held to the pinned ones", KeyMismatch;
    CHECKPOINT_SIGNATURE = "signature", "The checkpoint's signature covers its content",
        "thessor 0.4.0, verifier.py, _verify_checkpoint and build_checkpoint_canonical_input", SigCryptoFailure;
    ROOT = "root", "The decisions give the checkpoint's Merkle root",
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
        .allow(ARTIFACT, &CHAIN_BOUNDARY)
        .allow(ARTIFACT, &CHAIN_INTEGRITY_ASSERTED)
        .require(DECISION, &READABLE)
        .require(DECISION, &UNAMBIGUOUS)
        .require(DECISION, &CANONICAL_HASH)
        .require(DECISION, &INDEXED)
        .require(DECISION, &SIGNATURE)
        .allow(DECISION, &SIGNED_TEXT)
        .allow(DECISION, &EXPORT_SIGNATURE)
        .allow(DECISION, &EXPORT_KEY)
        .require(CHECKPOINT, &READABLE)
        .require(CHECKPOINT, &UNAMBIGUOUS)
        .require(CHECKPOINT, &INDEXED)
        .require(CHECKPOINT, &CHECKPOINT_SIGNATURE)
        .allow(CHECKPOINT, &SIGNED_TEXT)
        .allow(CHECKPOINT, &ROOT)
}
