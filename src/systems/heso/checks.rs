//! The checks that HESO's standard calls for, in its order, and the plan that they make.

use crate::report::{ARTIFACT, Plan, check_specs};

/// A receipt of a file.
pub(super) const RECEIPT: &str = "receipt";
/// A session of a file.
pub(super) const SESSION: &str = "session";

check_specs! {
    /// Shape and syntax, before any gate.
    FORM = "form", "Form of the receipt",
        "heso-spec modules/action-receipt.md sections 2 and 3", FormatFailure;
    /// Gate 1.
    SUITE = "algorithm", "Suite of algorithms",
        "heso-spec modules/action-receipt.md section 8 step 1", FormatFailure;
    /// Gate 2.
    FORMAT_VERSION = "version", "Format version of the signed content",
        "heso-spec modules/action-receipt.md section 8 step 2", FormatFailure;
    /// Gate 3.
    CONTENT_HASH = "content_hash", "Hash of the content, against the one recorded",
        "heso-spec modules/action-receipt.md section 4 and section 8 step 3", HashFailure;
    /// Gate 4, the entries.
    SIGNATURE_ROLES = "signature_roles", "Roles of the signatures: one operator, at most one approver",
        "heso-spec modules/action-receipt.md section 8 step 4", FormatFailure;
    /// Gate 4, the signature.
    OPERATOR_SIGNATURE = "operator_signature", "Operator's signature over the content",
        "heso-spec modules/action-receipt.md sections 4, 6 and 8 step 4", SigCryptoFailure;
    /// Gate 5, the signature.
    APPROVER_SIGNATURE = "approver_signature", "Approver's signature over the same content",
        "heso-spec modules/action-receipt.md sections 5, 6 and 8 step 5", SigCryptoFailure;
    /// Gate 5, the keys.
    SELF_APPROVAL = "self_approval", "Approver's key, against the operator's",
        "heso-spec verifier/heso_verify.py, verify_action_receipt step 5", SigConstraintsFailure;
    /// Gate 7 of the text, before gate 6 in the vendor's core and in the published verifier.
    TRUST_LEVEL = "trust_level", "Trust level, against the signatures",
        "heso-spec modules/action-receipt.md section 8 step 7", Contradiction;
    /// Gate 6.
    REDACTION = "redaction", "Form of the redaction markers",
        "heso-spec modules/action-receipt.md section 3.5 and section 8 step 6", FormatFailure;
    /// Gate 8, trusted time.
    TIME_ANCHOR = "time_anchor", "Trusted time, where the receipt has or requires it",
        "heso-spec modules/time-anchor.md sections 2 and 4", NoPoe;
    /// The payment mandate.
    MANDATE = "mandate", "Payment's mandate",
        "heso-spec modules/action-receipt.md section 3.4", SigConstraintsFailure;
    /// What this version leaves out.
    COVERAGE = "coverage", "Parts of the receipt that this version can verify",
        "Assay, docs/heso.md", Unsupported;
    /// Informational.
    AGENT_IDENTITY = "agent_identity", "Agent's identity, against the operator's key",
        "heso-spec modules/action-receipt.md section 3.1", Contradiction;
    /// Informational.
    APPROVAL = "approval", "Approval, against the signatures",
        "heso-spec modules/action-receipt.md section 5", Contradiction;
    /// Informational.
    SESSION_BLOCK = "session_block", "Receipt's place in its session",
        "heso-spec modules/chain.md section 1", Contradiction;
    /// Not in this version.
    CLASSIFICATION = "classification", "Classification, derived anew from the observed facts",
        "heso-spec modules/action-receipt.md section 3.4", Contradiction;
    /// Not in this version.
    TRANSPARENCY = "transparency", "Transparency log's proofs",
        "heso-spec modules/transparency.md", InventoryMismatch;
    /// Chain, first link.
    SESSION_START = "session_start", "Beginning of the session",
        "heso-spec modules/chain.md section 3 rule 1", ChainBroken;
    /// Chain, the links.
    SESSION_LINKS = "session_links", "Links of the session, each receipt to the one before it",
        "heso-spec modules/chain.md section 3 rules 2 to 4", ChainBroken;
    /// Informational.
    SESSION_OPERATOR = "session_operator", "Operator keys within the session",
        "heso-spec modules/chain.md section 4", Contradiction;
    /// Something to judge.
    NOT_EMPTY = "not_empty", "Receipts in the file",
        "heso-spec modules/chain.md section 3", FormatFailure;
    /// The operator's key among the pins.
    PINNED_KEY = "pinned_key", "Operator's key, against the keys that you pinned",
        "Assay, docs/heso.md", KeyMismatch;
    /// The approver's key among the pins.
    PINNED_APPROVER = "pinned_approver", "Approver's key, against the keys that you pinned",
        "Assay, docs/heso.md", KeyMismatch;
    /// The bundle's own key.
    BUNDLE_KEY = "bundle_key", "Key in the bundle, against the one that signed",
        "heso 0.5.1, evidence_bundle_tar", Contradiction;
    /// What a bundle holds beside the receipts.
    BUNDLE_MEMBERS = "bundle_members", "Other files of the bundle",
        "heso 0.5.1, evidence_bundle_tar", InventoryMismatch;
}

/// The plan for a file of receipts. Gates that concern a part which not every receipt has
/// (an approver, a redaction, an anchor, a mandate) are made where the part is there; trust_level and
/// coverage, which every receipt needs, cannot pass unless they were.
pub(super) fn plan(pinned: bool) -> Plan {
    let plan = Plan::new()
        .require(RECEIPT, &FORM)
        .require(RECEIPT, &SUITE)
        .require(RECEIPT, &FORMAT_VERSION)
        .require(RECEIPT, &CONTENT_HASH)
        .require(RECEIPT, &SIGNATURE_ROLES)
        .require(RECEIPT, &OPERATOR_SIGNATURE)
        .allow(RECEIPT, &APPROVER_SIGNATURE)
        .allow(RECEIPT, &SELF_APPROVAL)
        .require(RECEIPT, &TRUST_LEVEL)
        .allow(RECEIPT, &REDACTION)
        .allow(RECEIPT, &TIME_ANCHOR)
        .allow(RECEIPT, &MANDATE)
        .require(RECEIPT, &COVERAGE)
        .allow(RECEIPT, &APPROVAL)
        .allow(RECEIPT, &SESSION_BLOCK)
        .require(SESSION, &SESSION_START)
        .require(SESSION, &SESSION_LINKS)
        .allow(SESSION, &SESSION_OPERATOR)
        .require(ARTIFACT, &NOT_EMPTY)
        .allow(ARTIFACT, &AGENT_IDENTITY)
        .allow(ARTIFACT, &CLASSIFICATION)
        .allow(ARTIFACT, &TRANSPARENCY)
        .allow(ARTIFACT, &PINNED_APPROVER)
        .allow(ARTIFACT, &BUNDLE_KEY)
        .allow(ARTIFACT, &BUNDLE_MEMBERS);
    match pinned {
        true => plan.require(ARTIFACT, &PINNED_KEY),
        false => plan.allow(ARTIFACT, &PINNED_KEY),
    }
}
