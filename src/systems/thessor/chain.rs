//! The chain: each decision commits to the one before it.

use super::checks::*;
use super::decisions::{Decision, Text};
use super::manifest::Manifest;
use super::peer::Stage;
use super::python::{Expected, Int, NoInt};
use super::{ACCEPTED, Examiner, shown};
use crate::bytes::to_hex;
use crate::crypto::sha256::Sha256;
use crate::json::Value;
use crate::report::{Finding, Reason, Status};

/// Separates this use of SHA-256 from others (`CHAIN_DOMAIN_SEPARATOR`).
const DOMAIN: &[u8] = b"thessor-chain-v1";

/// Breaks named in one sentence; more are counted.
const NAMED: usize = 3;

/// Examines the links within the package: step 5 of the reference, which goes by the numbers beside the sealed content.
pub(super) fn examine(examiner: &mut Examiner<'_>, decisions: &[Decision]) {
    let (finding, stops) = links(decisions, "", |decision| decision.seq_no);
    if stops {
        examiner.peer.stop(Stage::Chain);
    }
    match too_long(decisions) {
        true => examiner.own(&CHAIN_LINKS, finding),
        false => examiner.record(Stage::Chain, &CHAIN_LINKS, finding),
    }
    boundary(examiner, decisions);
    let hidden = |decision: &Decision| {
        decision.sealed_seq_no.is_ok() && decision.sealed_seq_no != decision.seq_no
    };
    if decisions.iter().any(hidden) {
        let (finding, _) = links(decisions, ACCEPTED, |decision| {
            decision.sealed_seq_no.or(decision.seq_no)
        });
        if finding.status() != Status::Skip {
            examiner.own(&CHAIN_PLACE, finding);
        }
    }
}

/// Examines the links between packets or envelopes by their sealed numbers, which count; the reference's outcome by the copies
/// beside them stands with its own.
#[cfg(feature = "complete")]
pub(super) fn examine_sealed(examiner: &mut Examiner<'_>, decisions: &[Decision]) {
    let (finding, stops) = links(decisions, "", |decision| decision.seq_no);
    let differ = |decision: &Decision| decision.seq_no != decision.column_seq_no;
    let (status, stops) = match decisions.iter().any(differ) {
        true => {
            let (reference, stops) = links(decisions, "", |decision| decision.column_seq_no);
            (reference.status(), stops)
        }
        false => (finding.status(), stops),
    };
    if stops {
        examiner.peer.stop(Stage::Chain);
    }
    let too_long = decisions
        .iter()
        .any(|decision| decision.column_seq_no == Err(NoInt::TooLong));
    if !too_long {
        let ok = match status {
            Status::Pass => Some(true),
            Status::Fail => Some(false),
            Status::Skip | Status::Note => None,
        };
        let name = || CHAIN_LINKS.id.to_owned();
        examiner.peer.record(Stage::Chain, ok, name);
    }
    examiner.own(&CHAIN_LINKS, finding.peer(CHAIN_LINKS.id));
    boundary(examiner, decisions);
    let nowhere =
        |decision: &&Decision| decision.seq_no.is_err() && decision.prev_chain_hash != Text::None;
    if let Some(decision) = decisions.iter().find(nowhere) {
        let detail = format!(
            "Decision {} commits to one before it and bears no sequence number, so its place in the chain cannot be told.",
            decision.envelope_id
        );
        let finding = Finding::skip(Reason::SignedDataNotFound, detail);
        examiner.own(&CHAIN_PLACE, finding);
    }
}

fn boundary(examiner: &mut Examiner<'_>, decisions: &[Decision]) {
    let numbers = decisions.iter().filter_map(|decision| decision.seq_no.ok());
    if let Some(first) = numbers.map(|number| number.value).min() {
        let detail = format!(
            "The first decision here has sequence number {first}. What it says of the one before it cannot be checked without that one."
        );
        examiner.record(Stage::Chain, &CHAIN_BOUNDARY, Finding::note(detail));
    }
}

/// Holds the range that the manifest states to the decisions that are here, which the reference does not.
pub(super) fn range(
    examiner: &mut Examiner<'_>,
    manifest: &Manifest<'_, '_>,
    decisions: &[Decision],
) {
    let range = manifest.root.get("seq_range");
    let end = |name| {
        range
            .and_then(|range| range.get(name))
            .filter(|end| !end.is_null())
    };
    let (from, to) = (end("from"), end("to"));
    let numbers = || (decisions.iter()).filter_map(|decision| Some(decision.seq_no.ok()?.value));
    let ends: (Option<i128>, Option<i128>) = (numbers().min(), numbers().max());
    let stated = |end: Option<&Value<'_>>| Int::of(end).map(|end| end.value).ok();
    let differs = |end: Option<&Value<'_>>, here| end.is_some() && stated(end) != here;
    if !differs(from, ends.0) && !differs(to, ends.1) {
        return;
    }
    let here = match ends {
        (Some(first), Some(last)) => format!("those that are here go from {first} to {last}"),
        _ => "none that is here has one".to_owned(),
    };
    let detail = format!(
        "The manifest says that the sequence numbers go from {} to {}; {here}.",
        shown(from),
        shown(to)
    );
    examiner.own(&SEQUENCE_RANGE, Finding::note(detail));
}

fn too_long(decisions: &[Decision]) -> bool {
    decisions
        .iter()
        .any(|decision| decision.seq_no == Err(NoInt::TooLong))
}

/// What comes of the links, and whether the reference leaves with an exception; `number` gives a decision's place, and `remark`
/// ends the sentence on links that do not hold.
fn links(
    decisions: &[Decision],
    remark: &str,
    number: impl Fn(&Decision) -> Result<Int, NoInt>,
) -> (Finding, bool) {
    let too_long = |decision: &&Decision| number(decision) == Err(NoInt::TooLong);
    if let Some(decision) = decisions.iter().find(too_long) {
        let id = &decision.envelope_id;
        let detail = format!("The sequence number of decision {id} is too long to be one.");
        return (Finding::fail(detail).because(Reason::FormatFailure), true);
    }
    let mut chained: Vec<(Int, &Decision)> = decisions
        .iter()
        .filter_map(|decision| Some((number(decision).ok()?, decision)))
        .collect();
    chained.sort_by_key(|(seq_no, _)| seq_no.value);
    let outside = match decisions.len().saturating_sub(chained.len()) {
        0 => String::new(),
        count => format!(
            " Decisions without a whole number for their place, of which no link was checked: {count}."
        ),
    };
    if chained.len() < 2 {
        let detail = format!(
            "There are fewer than two decisions with a sequence number, so there is no link to check.{outside}"
        );
        return (Finding::skip(Reason::SignedDataNotFound, detail), false);
    }
    let (mut breaks, mut first, mut stops) = (Vec::new(), None, false);
    for (before, after) in chained.iter().zip(chained.iter().skip(1)) {
        if let Err(broken) = link(*before, *after) {
            stops |= broken.reference_stops;
            first.get_or_insert(broken.digests);
            breaks.push(format!("{}: {}", after.0.value, broken.sentence));
        }
    }
    if breaks.is_empty() {
        let count = chained.len().saturating_sub(1);
        let detail = format!("Links recomputed: {count}.{outside}");
        return (Finding::pass(detail), stops);
    }
    let more = breaks.len().saturating_sub(NAMED);
    let mut detail = breaks
        .iter()
        .take(NAMED)
        .cloned()
        .collect::<Vec<_>>()
        .join(" ");
    detail.insert_str(0, "At sequence number ");
    if more > 0 {
        detail.push_str(&format!(" And {more} more."));
    }
    let detail = format!("{detail} {remark}");
    let mut finding = Finding::fail(detail.trim_end().to_owned());
    if let Some(Some((expected, actual))) = first {
        finding = finding.expected(expected).actual(actual);
    }
    (finding, stops)
}

/// A link that does not hold.
struct Broken {
    sentence: &'static str,
    /// The link as recorded and as computed, where both are known.
    digests: Option<(String, String)>,
    /// Whether the reference leaves with an exception here.
    reference_stops: bool,
}

impl Broken {
    fn because(sentence: &'static str) -> Self {
        Self {
            sentence,
            digests: None,
            reference_stops: false,
        }
    }
}

/// Whether `after` commits to `before`, which has the sequence number before its own; the error is a sentence.
#[cfg(feature = "complete")]
pub(super) fn follows(before: &Decision, after: &Decision) -> Result<(), &'static str> {
    let (Ok(previous), Ok(current)) = (before.seq_no, after.seq_no) else {
        return Err("One of the two has no sequence number.");
    };
    link((previous, before), (current, after)).map_err(|broken| broken.sentence)
}

fn link(before: (Int, &Decision), after: (Int, &Decision)) -> Result<(), Broken> {
    let ((previous, before), (current, after)) = (before, after);
    if previous.value.checked_add(1) != Some(current.value) {
        return Err(Broken::because(match previous.value == current.value {
            true => "The sequence number stands twice.",
            false => "The sequence number before it is missing.",
        }));
    }
    let recorded = &after.prev_chain_hash;
    if *recorded == Text::None {
        return Err(Broken::because("The decision commits to no predecessor."));
    }
    if after.column_prev_chain_hash != Text::None && after.column_prev_chain_hash != *recorded {
        return Err(Broken::because(
            "The copy of the link beside the sealed content differs from the sealed one.",
        ));
    }
    let texts = (before.canonical_hash.as_str(), before.signature.as_str());
    let (Some(hash), Some(signature)) = texts else {
        return Err(Broken {
            reference_stops: true,
            ..Broken::because("The decision before it has no hash or no signature to commit to.")
        });
    };
    let computed = chain_hash(hash, signature, previous);
    match recorded.as_str() {
        Some(recorded) if recorded == computed => Ok(()),
        recorded => Err(Broken {
            digests: recorded.map(|recorded| (recorded.to_owned(), computed)),
            ..Broken::because(
                "The decision commits to another predecessor than the one that is here.",
            )
        }),
    }
}

/// `compute_chain_hash`: what the successor of a record commits to.
fn chain_hash(canonical_hash: &str, signature: &str, seq_no: Int) -> String {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    for part in [canonical_hash, signature, &seq_no.text()] {
        hash.update(b"\0");
        hash.update(part.as_bytes());
    }
    to_hex(&hash.finish())
}

/// What the vendor's server says of the whole chain, which is its word and no evidence.
pub(super) fn asserted(examiner: &mut Examiner<'_>, manifest: &Manifest<'_, '_>) {
    let integrity = Expected::of(manifest.root.get("chain_integrity"));
    if let Expected::Other(value) = integrity {
        examiner.peer.stop(Stage::Chain);
        let detail = format!("The manifest's chain_integrity is {}.", value.kind_name());
        examiner.own(
            &CHAIN_INTEGRITY_ASSERTED,
            Finding::fail(detail).because(Reason::FormatFailure),
        );
        return;
    }
    let finding = match integrity.get("intact").and_then(Value::as_bool) {
        Some(true) => Finding::pass(
            "Thessor's server says that the whole chain was intact. That is its word, and proves nothing.",
        ),
        Some(false) => Finding::fail(
            "Thessor's own server found a break in the chain when it made this export.",
        )
        .actual(shown(integrity.get("first_break"))),
        None => {
            // The reference says nothing here.
            if matches!(integrity, Expected::Object(_)) {
                let detail = "The manifest does not say whether Thessor's server found the whole chain intact.";
                examiner.own(&CHAIN_INTEGRITY_ASSERTED, Finding::note(detail));
            }
            return;
        }
    };
    examiner.record(Stage::Chain, &CHAIN_INTEGRITY_ASSERTED, finding);
}
