//! The checks, and which of them each kind of artifact calls for.

use crate::report::{ARTIFACT, Plan, check_specs};

/// The subject of the checks on a sealed event.
pub(super) const EVENT: &str = "event";
/// The subject of the checks on an event as the server stores it.
pub(super) const STORED: &str = "stored-event";
/// The subject of the checks on a session.
pub(super) const SESSION: &str = "session";
/// The subject of the checks on a snapshot that was handed over beside its events.
pub(super) const SNAPSHOT: &str = "snapshot";
/// The subject of the checks on a file that a capability manifest lists.
pub(super) const FILE: &str = "file";

check_specs! {
    /// Events are there at all.
    NOT_EMPTY = "not_empty", "Events in the file",
        "Assay, docs/aegis.md", SignedDataNotFound;
    /// What holds the events.
    CONTAINER = "container", "Form of what holds the events",
        "Aegis pkg/store/store.go, EventPage", FormatFailure;
    /// An event's members, each as its schema has it.
    FORM = "form", "Form of the event, against its schema",
        "Aegis pkg/eventlog/envelope.go, Envelope; pkg/store/store.go, StoredEvent", FormatFailure;
    /// Integers that the canonical form keeps apart from their neighbours.
    INTEGERS = "integers", "Integers, against what a double holds exactly",
        "RFC 8785 appendix D; Aegis pkg/canon/canon.go, canonicalizeNumber", FormatFailure;
    /// The event's own hash.
    CONTENT_HASH = "content_hash", "Hash of the event's content, against the one recorded",
        "Aegis pkg/eventlog/envelope.go, Envelope.Verify; python/aegis_sdk/envelope.py, Envelope.verify", HashFailure;
    /// Event 0 follows nothing.
    FIRST_EVENT = "first_event", "Link of the session's first event (seq 0), which has none",
        "Aegis pkg/eventlog/envelope.go, Envelope.Seal", ChainBroken;
    /// The hash of the event before.
    LINKS = "links", "Links: the hash that each event names, against that of the event before it",
        "Aegis pkg/eventlog/envelope.go, VerifyChain", ChainBroken;
    /// Numbers without a gap.
    SEQUENCE = "sequence", "Numbers of the events, one after another in the order of the file",
        "Aegis pkg/eventlog/envelope.go, VerifyChain", ChainBroken;
    /// The user id that the hashes of stored events cover.
    USER_ID = "user_id", "User id, which the hashes cover and a stored event does not have",
        "Aegis pkg/store/sqlite/sqlite.go, StoredEventToEnvelope", InputNeeded;
    /// Where the session begins.
    START = "start", "Beginning of the session in this file",
        "Assay, docs/aegis.md", ChainBroken;
    /// Where the session ends.
    END = "end", "End of the session in this file",
        "Assay, docs/aegis.md", ChainBroken;
    /// One dialect throughout.
    DIALECT = "dialect", "Dialects of the session's hashes",
        "Assay, docs/aegis.md", FormatFailure;
    /// The order of events, by the vendor's own validator.
    TRANSITIONS = "transitions", "Order of the events, against the system's own table",
        "Aegis pkg/eventlog/validator.go", Contradiction;
    /// A snapshot's members.
    SNAPSHOT_FORM = "snapshot_form", "Form of the snapshot, against its schema",
        "Aegis pkg/store/store.go, Snapshot; pkg/store/reducer/reducer.go, SnapshotState", FormatFailure;
    /// A snapshot's own hash.
    SNAPSHOT_HASH = "snapshot_hash", "Hash of the snapshot's state, against the one recorded",
        "Aegis pkg/store/sqlite/sqlite.go, ComputeSnapshotHash", HashFailure;
    /// A snapshot's state.
    SNAPSHOT_STATE = "snapshot_state", "State of the session, against the one that its events lead to",
        "Aegis pkg/store/reducer/reducer.go, Reducer.Apply", Contradiction;
    /// A manifest's members.
    MANIFEST_FORM = "manifest_form", "Form of the manifest, against its schema",
        "Aegis pkg/manifest/manifest.go, Manifest", FormatFailure;
    /// A manifest's rules.
    MANIFEST_RULES = "manifest_rules", "Rules of a capability manifest",
        "Aegis pkg/manifest/manifest.go, Validate", FormatFailure;
    /// A manifest's hashes are there at all.
    INTEGRITY = "integrity", "Hashes in the manifest",
        "Aegis pkg/manifest/manifest.go, Integrity", SignedDataNotFound;
    /// The files themselves.
    FILES = "files", "Files that the manifest lists",
        "Aegis pkg/manifest/manifest.go, VerifyTree", InventoryMismatch;
    /// One file's hash.
    FILE_HASH = "file_hash", "Hash of the file, against the one in the manifest",
        "Aegis pkg/manifest/manifest.go, VerifyTree", HashFailure;
    /// The hash over the files together.
    TREE_HASH = "tree_hash", "Tree hash, against the one in the manifest",
        "Aegis pkg/manifest/manifest.go, ComputeTree; its manual, integrity", HashFailure;
    /// Files that the manifest says nothing of.
    UNLISTED = "unlisted_files", "Files that the manifest does not list",
        "Aegis pkg/manifest/manifest.go, VerifyTree", InventoryMismatch;
    /// The reference to a signature.
    COSIGN = "cosign_signature", "Reference to a Cosign signature",
        "Aegis pkg/manifest/manifest.go, VerifySignature", Unsupported;
}

/// The plan for a file of events. The hash of a stored event can be made where its user id is known, and `user_id` is skipped
/// where it is not.
pub(super) fn events() -> Plan {
    let plan = Plan::new()
        .require(ARTIFACT, &NOT_EMPTY)
        .require_where_present(ARTIFACT, &CONTAINER)
        .require(EVENT, &FORM)
        .require_where_present(EVENT, &INTEGERS)
        .require_where_present(EVENT, &FIRST_EVENT)
        .require(EVENT, &CONTENT_HASH)
        .require(STORED, &FORM)
        .require_where_present(STORED, &INTEGERS)
        .require_where_present(STORED, &FIRST_EVENT)
        .require_where_present(STORED, &CONTENT_HASH)
        .require(SESSION, &LINKS)
        .require(SESSION, &SEQUENCE)
        .require_where_present(SESSION, &USER_ID)
        .allow(SESSION, &START)
        .allow(SESSION, &END)
        .allow(SESSION, &DIALECT)
        .allow(SESSION, &TRANSITIONS);
    plan.require(SNAPSHOT, &SNAPSHOT_FORM)
        .require_where_present(SNAPSHOT, &SNAPSHOT_HASH)
        .require(SNAPSHOT, &SNAPSHOT_STATE)
}

/// The plan for a snapshot by itself. Not every form of it has a hash.
pub(super) fn snapshot() -> Plan {
    Plan::new()
        .require(ARTIFACT, &SNAPSHOT_FORM)
        .require_where_present(ARTIFACT, &SNAPSHOT_HASH)
        .require(ARTIFACT, &SNAPSHOT_STATE)
}

/// The plan for a capability manifest.
pub(super) fn manifest() -> Plan {
    Plan::new()
        .require(ARTIFACT, &MANIFEST_FORM)
        .require(ARTIFACT, &MANIFEST_RULES)
        .require(ARTIFACT, &INTEGRITY)
        .require_where_present(ARTIFACT, &FILES)
        .require_where_present(ARTIFACT, &TREE_HASH)
        .require(FILE, &FILE_HASH)
        .allow(ARTIFACT, &UNLISTED)
        .allow(ARTIFACT, &COSIGN)
}
