//! The checks of a packet. Those that the reference verifier makes of a decision in an export keep its names.

use crate::report::{ARTIFACT, Plan, check_specs};
use crate::systems::thessor::checks::{
    CANONICAL_HASH, CHAIN_BOUNDARY, CHAIN_LINKS, CHAIN_PLACE, CHECKPOINT, CHECKPOINT_SIGNATURE,
    DECISION, EXPORT_SIGNATURE, ROOT, SIGNATURE, SIGNED_TEXT, UNAMBIGUOUS,
};

/// Subjects beside the decision and the checkpoint, each named after the decision that it belongs to.
pub(super) const REPLAY: &str = "replay";
pub(super) const RATIONALE: &str = "rationale";
pub(super) const POPULATION: &str = "population";
pub(super) const CONSEQUENCES: &str = "consequences";
pub(super) const OUTCOME: &str = "outcome";

check_specs! {
    READABLE = "readable", "Form of the packet",
        "Decision Credential Specification (4bb52ae) section 2.6; thessor 0.4.0, verifier.py, _verify_decision", FormatFailure;
    PACKET_KEY = "public_key_pinned", "Packet's key, against the keys that you pinned",
        "Decision Credential Specification (4bb52ae) section 4 step 3", KeyMismatch;
    OTHER_FILES = "other_files", "Files in the archive that are not packets",
        "Assay: what is not evidence is named", FormatFailure;
    DECISION_IDS = "decision_ids", "Identifiers of the decisions, against each other",
        "Decision Credential Specification (4bb52ae) section 2.1", Contradiction;
    CHAIN_BESIDE = "chain_beside", "Link to the decision before it, in another file",
        "thessor 0.4.0, verifier.py, _verify_chain and compute_chain_hash", ChainBroken;

    STRIPPING = "stripping", "White space that the canonical form leaves out",
        "Decision Credential Specification (4bb52ae) section 3 step 2; thessor 0.4.0, verifier.py, canonicalize", HashFailure;
    COPIES = "copies", "Copies beside the sealed content, against it",
        "thessor 0.4.0, verifier.py, _verify_chain: the sealed copy counts", Contradiction;
    UNCOVERED = "uncovered_members", "Members that no signature covers",
        "Decision Credential Specification (4bb52ae) section 2.1", FormatFailure;
    INSTRUCTIONS = "verification_instructions", "The packet's own instructions, against what was found",
        "Decision Credential Specification (4bb52ae) section 2.6", Contradiction;
    OTHER_SIGNATURES = "other_signatures", "Signatures that nobody has published a rule for",
        "Assay: a signature that was not checked is named", FormatFailure;
    LEVEL = "conformance_level", "Conformance level",
        "Decision Credential Specification (4bb52ae) section 6", FormatFailure;

    REPLAY_DECISION = "replay_decision", "Decision that the replay record belongs to",
        "Decision Credential Specification (4bb52ae) section 2.2", Contradiction;
    REPLAY_SIGNATURE = "replay_signature", "Replay record's signature",
        "Decision Credential Specification (4bb52ae) sections 2.2 and 3", SigCryptoFailure;
    REPLAY_MODEL = "replay_model", "Model of the replay record, against the decision's",
        "Decision Credential Specification (4bb52ae) section 6, level 2", Contradiction;
    REPLAY_OUTPUT = "replay_output", "Output hash of the replay record, against the sealed output",
        "Decision Credential Specification (4bb52ae) sections 2.2 and 3", HashFailure;

    RATIONALE_DECISION = "rationale_decision", "Decision that the rationale belongs to",
        "Decision Credential Specification (4bb52ae) section 2.3; thessor 0.4.0, client.py, seal_with_rationale", Contradiction;
    RATIONALE_HASH = "rationale_hash", "Hash of the rationale, against the one recorded",
        "Decision Credential Specification (4bb52ae) sections 2.3 and 3", HashFailure;
    RATIONALE_SIGNATURE = "rationale_signature", "Rationale's signature",
        "Decision Credential Specification (4bb52ae) sections 2.3 and 3", SigCryptoFailure;

    ATTESTATION_HASH = "attestation_hash", "Hash of the population attestation, against the one recorded",
        "Decision Credential Specification (4bb52ae) sections 2.4 and 3", HashFailure;
    ATTESTATION_SIGNATURE = "attestation_signature", "Population attestation's signature",
        "Decision Credential Specification (4bb52ae) sections 2.4 and 3", SigCryptoFailure;
    COUNTS = "counts", "Counts of the population attestation, against each other",
        "Decision Credential Specification (4bb52ae) section 2.4", Contradiction;
    SENSITIVITY = "sensitivity", "Sensitivity, from the counts",
        "Decision Credential Specification (4bb52ae) section 2.4: true positives of all positives", Contradiction;
    SPECIFICITY = "specificity", "Specificity, from the counts",
        "Decision Credential Specification (4bb52ae) section 2.4: true negatives of all negatives", Contradiction;
    POPULATION_MODEL = "population_model", "Model version of the population attestation, against the decision's",
        "Decision Credential Specification (4bb52ae) section 2.4", Contradiction;
    PERIOD = "period", "Period of the population attestation",
        "Decision Credential Specification (4bb52ae) section 2.4", Contradiction;

    CAUSE = "cause", "Decision that the consequence chain belongs to",
        "thessor 0.4.0, client.py, link and get_chain", Contradiction;
    DEPTH = "chain_depth", "Number of consequences, against the depth stated",
        "thessor 0.4.0, models.py, ChainResult", Contradiction;
    OUTCOME_HASH = "outcome_hash", "Hash of the outcome, against the one recorded",
        "Decision Credential Specification (4bb52ae) section 3", HashFailure;
    OUTCOME_SIGNATURE = "outcome_signature", "Outcome's signature",
        "Decision Credential Specification (4bb52ae) section 4", SigCryptoFailure;

    LEAF = "leaf", "Merkle leaf of the decision",
        "thessor 0.4.0, verifier.py, merkle_leaf", HashFailure;
    INCLUSION = "inclusion", "Place of the decision under the checkpoint",
        "thessor 0.4.0, verifier.py, _verify_checkpoint and merkle_root", HashFailure;
}

/// What packets are checked for; their keys are, when there are pins to hold them to.
pub(super) fn plan(pinned: bool) -> Plan {
    let plan = match pinned {
        true => Plan::new().require(ARTIFACT, &PACKET_KEY),
        false => Plan::new().allow(ARTIFACT, &PACKET_KEY),
    };
    plan.allow(ARTIFACT, &LEVEL)
        .allow(ARTIFACT, &OTHER_FILES)
        .allow(ARTIFACT, &CHAIN_LINKS)
        .allow(ARTIFACT, &CHAIN_BOUNDARY)
        .require_where_present(ARTIFACT, &CHAIN_PLACE)
        .allow(ARTIFACT, &CHAIN_BESIDE)
        .allow(ARTIFACT, &DECISION_IDS)
        .require(DECISION, &READABLE)
        .require(DECISION, &UNAMBIGUOUS)
        .require(DECISION, &CANONICAL_HASH)
        .require(DECISION, &SIGNATURE)
        .require(DECISION, &EXPORT_SIGNATURE)
        .allow(DECISION, &SIGNED_TEXT)
        .allow(DECISION, &STRIPPING)
        .allow(DECISION, &COPIES)
        .require_where_present(DECISION, &UNCOVERED)
        .allow(DECISION, &INSTRUCTIONS)
        .allow(DECISION, &OTHER_SIGNATURES)
        .require_where_present(DECISION, &LEAF)
        .allow(DECISION, &INCLUSION)
        .require_where_present(REPLAY, &REPLAY_DECISION)
        .require(REPLAY, &REPLAY_SIGNATURE)
        .allow(REPLAY, &REPLAY_MODEL)
        .allow(REPLAY, &REPLAY_OUTPUT)
        .require_where_present(RATIONALE, &RATIONALE_DECISION)
        .require_where_present(RATIONALE, &RATIONALE_HASH)
        .require(RATIONALE, &RATIONALE_SIGNATURE)
        .require_where_present(POPULATION, &ATTESTATION_HASH)
        .require(POPULATION, &ATTESTATION_SIGNATURE)
        .allow(POPULATION, &COUNTS)
        .allow(POPULATION, &SENSITIVITY)
        .allow(POPULATION, &SPECIFICITY)
        .allow(POPULATION, &POPULATION_MODEL)
        .allow(POPULATION, &PERIOD)
        .require_where_present(CONSEQUENCES, &CAUSE)
        .allow(CONSEQUENCES, &DEPTH)
        .require_where_present(OUTCOME, &OUTCOME_HASH)
        .allow(OUTCOME, &OUTCOME_SIGNATURE)
        .allow(OUTCOME, &COPIES)
        .allow(CHECKPOINT, &CHECKPOINT_SIGNATURE)
        .allow(CHECKPOINT, &SIGNED_TEXT)
        .allow(CHECKPOINT, &ROOT)
}
