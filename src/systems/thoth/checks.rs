//! The checks of Thoth's evidence, and the plan that they make.

use crate::report::{ARTIFACT, Plan, check_specs};

/// A behavioural event or a row of the evidence chain.
pub(super) const EVENT: &str = "event";
/// A chain of them.
pub(super) const CHAIN: &str = "chain";
/// An enforcement decision.
pub(super) const DECISION: &str = "decision";
/// A hold, or what a person made of it.
pub(super) const APPROVAL: &str = "approval";
/// A receipt of a decision.
pub(super) const RECEIPT: &str = "receipt";
/// A session evidence bundle.
pub(super) const BUNDLE: &str = "bundle";
/// A tool call: the events and decisions that tell of it.
pub(super) const CALL: &str = "call";

check_specs! {
    /// Every record can be read.
    READABLE = "readable", "Records of the file, all of which must be readable and Thoth's",
        "Assay, docs/thoth.md, What is verified", FormatFailure;
    /// The model's members and types.
    FORM = "form", "Members and their types, against the vendor's model",
        "atensec-thoth, thoth/models.py, BehavioralEvent and EnforcementDecision", FormatFailure;
    /// The model's required members.
    MEMBERS = "members", "Members that the vendor's SDK gives every event",
        "atensec-thoth, thoth/models.py, BehavioralEvent", FormatFailure;
    /// `chain_index`.
    INDICES = "chain_indices", "Places in the chain, each the next after the one before it",
        "Assay, docs/thoth.md, Chains", ChainBroken;
    /// `previous_hash`.
    LINKS = "chain_links", "Links of the chain, each record to the hash of the one before it",
        "Assay, docs/thoth.md, Chains", ChainBroken;
    /// Where the chain begins.
    BOUNDARY = "chain_boundary", "Beginning of the chain in this file",
        "Assay, docs/thoth.md, Chains", ChainBroken;
    /// Which candidate the hashes of the file were made by.
    HASH_RULE = "hash_rule", "Rule by which the hashes were made",
        "not published; candidates in docs/thoth.md, Candidates", HashFailure;
    /// `hash`.
    CONTENT_HASH = "content_hash", "Hash of the record, against the one recorded",
        "not published; candidates in docs/thoth.md, Candidates", HashFailure;
    /// Which candidate the signatures of the events were made by.
    SIGNATURE_RULE = "signature_rule", "Rule by which the signatures were made, under the keys that you pinned",
        "not published; candidates in docs/thoth.md, Candidates", SigCryptoFailure;
    /// `signature` of an event, `receipt.signature` of a decision.
    SIGNATURE = "signature", "Signature, under the keys that you pinned",
        "not published; candidates in docs/thoth.md, Candidates", SigCryptoFailure;
    /// What, if anything, covers a decision.
    COVERAGE = "coverage", "Receipt or hash that covers the whole of it",
        "atensec-thoth, thoth/models.py, EnforcementDecision.receipt", InventoryMismatch;
    /// What the receipt says was decided.
    RECEIPT_DECISION = "receipt_decision", "What the receipt says, against the decision that bears it",
        "atensec-thoth, thoth/telemetry.py, the receipt's members", Contradiction;
    /// What of a receipt its own signature leaves out.
    RECEIPT_MEMBERS = "receipt_members", "Members of the receipt that its signature covers",
        "Assay, docs/thoth.md, Signatures", SignedDataNotFound;
    /// Two words for a decision in one.
    AUTHORIZATION = "authorization", "Decision, against the authorization stated beside it",
        "atensec-thoth, thoth/models.py, normalize_decision", Contradiction;
    /// `bundle_hash`.
    BUNDLE_HASH = "bundle_hash", "Hash of the bundle, against the one recorded",
        "not published; candidates in docs/thoth.md, Candidates", HashFailure;
    /// `total`.
    ROW_COUNT = "row_count", "Number of records, against the one that the page states",
        "terraform-provider-thoth, data source thoth_evidence_chain, total", InventoryMismatch;
    /// `session_id` and `tenant_id` of a page or bundle.
    HOLDER = "holder", "Session and tenant that the file states, against those of its records",
        "Assay, docs/thoth.md, What is verified", Contradiction;
    /// Events against decisions.
    AGREEMENT = "agreement", "What happened, against what was decided",
        "atensec-thoth, thoth/tracer.py, _enforce and wrap_tool", Contradiction;
    /// STEP_UP.
    HELD = "held", "Hold of the call, and its approval before the tool ran",
        "atensec-thoth, thoth/step_up.py and thoth/tracer.py, _enforce", Contradiction;
    /// MODIFY.
    ARGUMENTS = "arguments", "Arguments that ran, against the modified ones",
        "atensec-thoth, thoth/tracer.py, _apply_modified_call_args", Contradiction;
    /// `approved_scope`.
    SCOPE = "scope", "Tool that ran, against the approved scope",
        "atensec-thoth, thoth/session.py, is_in_scope", Contradiction;
    /// The order and the completeness of a call's events.
    CALL_EVENTS = "call_events", "Events of the call and their order",
        "atensec-thoth, thoth/tracer.py, wrap_tool", Contradiction;
    /// What was supplied as a companion.
    COMPANION = "companion", "Files that you supplied, and what they were supplied for",
        "Assay, docs/thoth.md, Calls", FormatFailure;
    /// Decisions that belong to no call.
    UNLINKED = "unlinked_decisions", "Decisions that no call here can be told to belong to",
        "Assay, docs/thoth.md, Calls", Contradiction;
    /// A pin and nothing that it could be held against.
    PINNED_KEY = "pinned_key", "Keys that you pinned, against what is signed",
        "Assay, docs/thoth.md, Signatures", KeyMismatch;
}

/// The plan for any file of Thoth's. What not every file has is made where it is there; `hash_rule` (of every
/// chain that nothing else covers), `bundle_hash`, `coverage` and `signature` stand for it that a file without anything to
/// verify is never valid.
pub(super) fn plan() -> Plan {
    Plan::new()
        .require(ARTIFACT, &READABLE)
        .require(EVENT, &FORM)
        .require_where_present(EVENT, &CONTENT_HASH)
        .require_where_present(EVENT, &SIGNATURE)
        .require_where_present(EVENT, &COVERAGE)
        .require_where_present(CHAIN, &INDICES)
        .require_where_present(CHAIN, &LINKS)
        .allow(CHAIN, &BOUNDARY)
        .require_where_present(CHAIN, &HASH_RULE)
        .require_where_present(CHAIN, &SIGNATURE_RULE)
        .require(DECISION, &FORM)
        .require_where_present(DECISION, &COVERAGE)
        .allow(DECISION, &AUTHORIZATION)
        .require_where_present(APPROVAL, &COVERAGE)
        .require(RECEIPT, &SIGNATURE)
        .require_where_present(RECEIPT, &RECEIPT_DECISION)
        .allow(RECEIPT, &RECEIPT_MEMBERS)
        .require_where_present(CALL, &AGREEMENT)
        .require_where_present(CALL, &HELD)
        .require_where_present(CALL, &ARGUMENTS)
        .allow(CALL, &SCOPE)
        .allow(CALL, &CALL_EVENTS)
        .require(BUNDLE, &BUNDLE_HASH)
        .require_where_present(ARTIFACT, &PINNED_KEY)
        .require_where_present(ARTIFACT, &COMPANION)
        .require_where_present(ARTIFACT, &AGREEMENT)
        .require_where_present(ARTIFACT, &COVERAGE)
        .allow(ARTIFACT, &HOLDER)
        .allow(ARTIFACT, &MEMBERS)
        .allow(ARTIFACT, &ROW_COUNT)
        .allow(ARTIFACT, &UNLINKED)
}
