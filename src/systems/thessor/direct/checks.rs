//! The checks of the smaller artifacts. Those that the reference verifier makes of a decision in an export keep its names.

use crate::report::{ARTIFACT, CheckSpec, Plan, Reason, check_specs};
use crate::systems::thessor::checks::{
    CANONICAL_HASH, DECISION, SIGNATURE, SIGNED_TEXT, UNAMBIGUOUS,
};

/// Whether the key is one that was pinned.
pub(in crate::systems::thessor) static KEY_PINNED: CheckSpec = CheckSpec {
    id: "public_key_pinned",
    title: "Key, against the keys that you pinned",
    rule: "thessor 0.4.0, client.py, verify_direct: the published key",
    on_fail: Reason::KeyMismatch,
};

check_specs! {
    UNCOVERED = "uncovered_members", "Members that the signature does not cover",
        "thessor 0.4.0, client.py, verify_direct", FormatFailure;
    SEALED = "sealed", "State of the seal",
        "thessor 0.4.0, models.py, SealResult", SignedDataNotFound;
    COPIES = "copies", "Statements on the seal, against each other",
        "thessor 0.4.0, models.py, SealResult", Contradiction;
}

/// What a signature over content is checked for; the key is, when there are pins to hold it to.
pub(super) fn of_payload(pinned: bool) -> Plan {
    pinned_key(pinned)
        .require(DECISION, &UNAMBIGUOUS)
        .require(DECISION, &SIGNATURE)
        .require_where_present(DECISION, &CANONICAL_HASH)
        .require_where_present(DECISION, &UNCOVERED)
        .allow(DECISION, &SIGNED_TEXT)
}

/// What the answer to a seal is checked for.
pub(super) fn of_response(pinned: bool) -> Plan {
    pinned_key(pinned)
        .require(DECISION, &UNAMBIGUOUS)
        .require(DECISION, &SEALED)
        .require(DECISION, &CANONICAL_HASH)
        .require(DECISION, &SIGNATURE)
        .allow(DECISION, &SIGNED_TEXT)
        .require_where_present(DECISION, &COPIES)
}

fn pinned_key(pinned: bool) -> Plan {
    match pinned {
        true => Plan::new().require(ARTIFACT, &KEY_PINNED),
        false => Plan::new().allow(ARTIFACT, &KEY_PINNED),
    }
}
