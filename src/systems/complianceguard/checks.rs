//! The checks of events and receipts.

use super::event::Component;
use crate::report::{ARTIFACT, CheckSpec, Plan, check_specs};

/// Subjects: one event, one receipt.
pub(super) const EVENT: &str = "event";
pub(super) const RECEIPT: &str = "receipt";

check_specs! {
    RECORDS = "records", "Records in the file",
        "complianceguard 0.1.5, ingest_event and IngestResult", FormatFailure;
    UNIQUE = "unique_events", "Events that share an identifier",
        "complianceguard 0.1.5, ingest_event", Contradiction;
    SEQUENCE = "sequence", "Sequence numbers of the events in the file",
        "complianceguard 0.1.5, IngestResult", Contradiction;
    EVENT_HASHES = "event_hash", "Hashes that the server gave to the events",
        "Not published", HashFailure;
    SUPPLIED = "supplied_records", "Receipts and decisions that you supplied",
        "complianceguard 0.1.5, IngestResult and log_override", Contradiction;
    UNUSED = "supplied_unused", "What you supplied that is of no use here",
        "complianceguard 0.1.5, ingest_event", Contradiction;
    RECEIPTS = "receipts", "Receipts for one event, against one another",
        "complianceguard 0.1.5, IngestResult", Contradiction;
    COMPANIONS = "companions", "Files that you supplied, each held against every event",
        "complianceguard 0.1.5, ingest_event and _canonical_json", HashFailure;

    UNAMBIGUOUS = "unambiguous_json", "JSON with one reading only",
        "RFC 8259 sections 4 and 6", FormatFailure;
    FORM = "form", "Form of the event",
        "complianceguard 0.1.5, ingest_event and decrypt_event", FormatFailure;
    MEMBERS = "members", "Members of the event, against those that are known",
        "complianceguard 0.1.5, ingest_event", FormatFailure;
    UNUSUAL = "unusual", "Event, against what the SDK writes as documented",
        "complianceguard 0.1.5, ingest_event and TraceCall", FormatFailure;
    INPUT = "input_reference", "Hash of the input, against the one recorded",
        "complianceguard 0.1.5, ingest_event and _canonical_json", HashFailure;
    OUTPUT = "output_reference", "Hash of the output, against the one recorded",
        "complianceguard 0.1.5, ingest_event and _canonical_json", HashFailure;
    METADATA = "metadata_reference", "Hash of the metadata, against the one recorded",
        "complianceguard 0.1.5, ingest_event and _canonical_json", HashFailure;
    ENVELOPE = "envelope", "Form of the encrypted envelope",
        "complianceguard 0.1.5, decrypt_event", FormatFailure;
    BINDING = "aad_binding", "Event that the ciphertext is bound to, against this one",
        "complianceguard 0.1.5, decrypt_event and _build_aad", HashFailure;
    DECRYPTION = "decryption", "Decryption of the payload with your key",
        "complianceguard 0.1.5, decrypt_event; NIST SP 800-38D", DecryptionFailure;
    PLAINTEXT = "plaintext", "Form of the decrypted content",
        "complianceguard 0.1.5, ingest_event and decrypt_event", FormatFailure;
    OVERSIGHT = "human_oversight", "Form of the human oversight block",
        "complianceguard 0.1.5, log_override", FormatFailure;
    OVERSIGHT_WORDS = "oversight_words", "Human oversight block, against what the SDK writes of itself",
        "complianceguard 0.1.5, log_override", FormatFailure;
    OVERRIDE_LINK = "override_link", "Decision that the override belongs to",
        "complianceguard 0.1.5, log_override", Contradiction;
    OVERRIDDEN_OUTPUT = "overridden_output", "Output that was overridden, against the decision's",
        "complianceguard 0.1.5, log_override", Contradiction;
    PERFORMANCE = "performance", "Statements of the performance block, against one another",
        "complianceguard 0.1.5, TraceCall", Contradiction;
    ERROR_MESSAGE = "error_message", "Text of the provider's error, against what is recorded",
        "complianceguard 0.1.5, TraceCall", HashFailure;
    EVENT_RECEIPT = "receipt", "Receipts in other files, against the event",
        "complianceguard 0.1.5, IngestResult", Contradiction;

    RECEIPT_FORM = "form", "Form of the receipt",
        "complianceguard 0.1.5, IngestResult", FormatFailure;
    RECEIPT_EVENT = "event", "Event that the receipt is for",
        "complianceguard 0.1.5, IngestResult", Contradiction;
}

/// The check of a component's reference.
pub(super) fn reference(component: Component) -> &'static CheckSpec {
    match component {
        Component::Input => &INPUT,
        Component::Output => &OUTPUT,
        Component::Metadata => &METADATA,
    }
}

/// What a file is checked for. Where it holds receipts alone, nothing can be computed but the hash whose rule is not published.
pub(super) fn plan(receipts_alone: bool) -> Plan {
    let plan = Plan::new()
        .require(ARTIFACT, &RECORDS)
        .allow(ARTIFACT, &UNIQUE)
        .allow(ARTIFACT, &SEQUENCE)
        .allow(ARTIFACT, &COMPANIONS)
        .allow(ARTIFACT, &RECEIPTS)
        .require_where_present(ARTIFACT, &SUPPLIED)
        .allow(ARTIFACT, &UNUSED)
        .require(EVENT, &UNAMBIGUOUS)
        .require(EVENT, &FORM)
        .require(EVENT, &MEMBERS)
        .allow(EVENT, &UNUSUAL)
        .require(EVENT, &INPUT)
        .require(EVENT, &OUTPUT)
        .require(EVENT, &METADATA)
        .require_where_present(EVENT, &ENVELOPE)
        .require_where_present(EVENT, &BINDING)
        .require_where_present(EVENT, &DECRYPTION)
        .require_where_present(EVENT, &PLAINTEXT)
        .require_where_present(EVENT, &OVERSIGHT)
        .allow(EVENT, &OVERSIGHT_WORDS)
        .allow(EVENT, &OVERRIDE_LINK)
        .allow(EVENT, &OVERRIDDEN_OUTPUT)
        .require_where_present(EVENT, &PERFORMANCE)
        .allow(EVENT, &ERROR_MESSAGE)
        .allow(EVENT, &EVENT_RECEIPT)
        .require(RECEIPT, &UNAMBIGUOUS)
        .require(RECEIPT, &RECEIPT_FORM)
        .allow(RECEIPT, &RECEIPT_EVENT);
    match receipts_alone {
        true => plan.require(ARTIFACT, &EVENT_HASHES),
        false => plan.allow(ARTIFACT, &EVENT_HASHES),
    }
}
