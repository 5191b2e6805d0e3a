//! The keys that signed, held against the keys that were pinned.

use std::fmt::Write as _;

use super::receipt::Key;
use crate::bytes::to_hex;
use crate::options::Options;
use crate::report::{Finding, Reason};

fn names(keys: &[&Key]) -> String {
    let mut text = String::new();
    for key in keys.iter().take(3) {
        let _ = write!(
            text,
            "{}{}",
            if text.is_empty() { "" } else { ", " },
            to_hex(*key)
        );
    }
    if keys.len() > 3 {
        text.push_str(" and others");
    }
    text
}

/// Whether every operator's key is pinned; not being so fails.
pub(super) fn operator(options: &Options<'_>, operators: &[Key]) -> Finding {
    if options.pins.is_empty() {
        return Finding::skip(
            Reason::KeyNeeded,
            "No key was pinned: the receipts themselves cannot say whose key signed them.",
        );
    }
    if operators.is_empty() {
        return Finding::skip(Reason::NotRun, "No operator's signature was verified.");
    }
    let strangers: Vec<&Key> = operators
        .iter()
        .filter(|key| options.pins.has(*key) != Some(true))
        .collect();
    if strangers.is_empty() {
        return Finding::pass("");
    }
    let pins: Vec<String> = options
        .pins
        .keys
        .iter()
        .map(|pin| to_hex(&pin.bytes))
        .collect();
    Finding::fail(
        "An operator's signature was made with a key other than the ones that you pinned.",
    )
    .expected(pins.join(", "))
    .actual(names(&strangers))
}

/// Whether every approver's key is pinned; not being so is a note. `None` when there is nothing to say.
pub(super) fn approver(options: &Options<'_>, approvers: &[Key]) -> Option<Finding> {
    if options.pins.is_empty() || approvers.is_empty() {
        return None;
    }
    let strangers: Vec<&Key> = approvers
        .iter()
        .filter(|key| options.pins.has(*key) != Some(true))
        .collect();
    Some(match strangers.is_empty() {
        true => Finding::pass(""),
        false => Finding::note(
            "An approver signed with a key that is not among the ones that you pinned.",
        )
        .actual(names(&strangers)),
    })
}
