//! The decision envelope: the content that was sealed, its hash and its signature.

use super::case::Case;
use super::checks::*;
use super::readings::{self, Reading, Strip};
use crate::json::{Object, Value};
use crate::report::{Finding, Reason};
use crate::systems::thessor::checks::{CANONICAL_HASH, SIGNATURE, SIGNED_TEXT};
use crate::systems::thessor::decisions::Record;
use crate::systems::thessor::python::{self, truthy};
use crate::systems::thessor::signature::{Outcome, Suite};
use crate::systems::thessor::{Examiner, shown};

/// The fields of a decision (section 2.1), all sealed.
pub(super) const FIELDS: [&str; 8] = [
    "decision_id",
    "model_id",
    "model_version",
    "timestamp",
    "input_hash",
    "output",
    "confidence_score",
    "policy_version",
];

/// The versions of the envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// How they were canonicalized was never published.
    Unpublished,
    /// As the specification describes it.
    V3,
    /// As the SDK makes it: as v3, and chained.
    V4,
    /// Something else.
    Other,
}

impl Version {
    fn of(text: Option<&str>) -> Self {
        match text {
            Some("v1" | "v2") => Self::Unpublished,
            Some("v3") => Self::V3,
            Some("v4") => Self::V4,
            _ => Self::Other,
        }
    }
}

/// A decision's sealed content, found.
pub(super) struct Envelope<'v, 'a> {
    /// The decision object of the packet.
    pub decision: &'v Object<'a>,
    /// The sealed content: `raw_envelope`, or the decision itself where its fields stand side by side.
    pub content: &'v Value<'a>,
    /// Where that stands, as a pointer within the packet.
    pub place: &'static str,
    /// Whether the packet carries the content as it was sealed.
    pub given: bool,
    /// The version that the content states, as a text.
    pub stated: Option<&'v str>,
    /// The version.
    pub version: Version,
}

impl<'v, 'a> Envelope<'v, 'a> {
    /// The sealed content of a packet's decision.
    pub fn of(decision: &'v Value<'a>) -> Option<Self> {
        let members = decision.as_object()?;
        let raw = members
            .get("raw_envelope")
            .filter(|raw| raw.as_object().is_some());
        let (content, place) = match raw {
            Some(raw) => (raw, "/decision/raw_envelope"),
            None => (decision, "/decision"),
        };
        let stated = [
            field(content, "schema_version"),
            members.get("seal_version"),
            members.get("schema_version"),
        ];
        let stated = stated.into_iter().flatten().find_map(Value::as_str);
        Some(Self {
            decision: members,
            content,
            place,
            given: raw.is_some(),
            stated,
            version: Version::of(stated),
        })
    }

    /// A sealed field. An envelope with attestations has its fields under `payload`.
    pub fn field(&self, key: &str) -> Option<&'v Value<'a>> {
        field(self.content, key)
    }

    /// An attestation that was sealed.
    pub fn attestation(&self, key: &str) -> Option<&'v Value<'a>> {
        let attestations = [self.content.get("attestations"), self.field("attestations")];
        attestations
            .into_iter()
            .flatten()
            .find_map(|found| found.get(key))
    }

    /// Whether the specification's stripping, which differs from the SDK's, may have been used: it describes v3.
    pub fn may_be_ascii(&self) -> bool {
        self.version == Version::V3
    }

    /// The ways in which the sealed content may have been put together.
    pub fn readings(&self) -> Vec<Reading> {
        match (self.given, self.version) {
            (true, _) => readings::of(self.content, &[], self.may_be_ascii(), "the sealed content"),
            (false, Version::Unpublished) => Vec::new(),
            (false, _) => self.assembled(),
        }
    }
}

fn field<'v, 'a>(content: &'v Value<'a>, key: &str) -> Option<&'v Value<'a>> {
    content
        .get(key)
        .or_else(|| content.get("payload")?.get(key))
}

/// What came of an envelope.
pub(super) struct Sealed {
    /// Whether hash and signature hold.
    pub verified: bool,
    /// The algorithm of its signature.
    pub algorithm: &'static str,
    /// Whether members that the specification does not name were left out of what was sealed.
    pub unknown_left_out: bool,
    /// Whether the version was.
    pub version_left_out: bool,
}

/// Checks the hash and the signature of a decision.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
) -> Sealed {
    let at = case.at;
    let mut sealed = Sealed {
        verified: false,
        algorithm: Suite::of(truthy(envelope.decision.get("signature_suite"))).algorithm(),
        unknown_left_out: false,
        version_left_out: false,
    };
    if let (false, Version::V4) = (envelope.given, envelope.version) {
        let detail = format!(
            "{at}The decision lacks raw_envelope, the content that was sealed, which a v4 decision is checked by."
        );
        let finding = Finding::fail(detail).because(Reason::SignedDataNotFound);
        record.ours(examiner, &CANONICAL_HASH, finding);
        return sealed;
    }
    let mut readings = envelope.readings();
    let recorded = truthy(envelope.decision.get("canonical_hash"));
    let text = recorded.and_then(Value::as_str);
    let found = readings
        .iter()
        .position(|reading| Some(reading.digest.as_str()) == text);
    if !envelope.given && envelope.version != Version::V3 && found.is_none() {
        readings.clear();
    }
    let reading = found.and_then(|found| readings.get(found));
    // What the reference hashes is the first reading of content that is given.
    let peer = envelope.given.then(|| found == Some(0));
    if case.is_asked_of_the_reference() {
        let name = || record.peer_name(&CANONICAL_HASH);
        examiner.peer.record(record.stage, peer, name);
    }
    let finding = match (reading, readings.first()) {
        (Some(reading), _) => Finding::pass(match envelope.given {
            true => String::new(),
            false => format!("Recomputed over {}.", reading.covers),
        }),
        (None, Some(first)) => Finding::fail(format!(
            "{at}The hash of the sealed content does not match the one that was recorded."
        ))
        .expected(shown(recorded))
        .actual(first.digest.clone()),
        (None, None) => Finding::skip(
            Reason::RuleUnpublished,
            format!(
                "{at}How {} envelopes are canonicalized has not been published, and the sealed content itself (raw_envelope) is not there.",
                envelope.stated.unwrap_or("such")
            ),
        ),
    };
    record.ours(
        examiner,
        &CANONICAL_HASH,
        finding.peer(record.peer_name(&CANONICAL_HASH)),
    );
    sealed.unknown_left_out = reading.is_some_and(|reading| reading.unknown_left_out);
    sealed.version_left_out = reading.is_some_and(|reading| reading.version_left_out);
    stripping(examiner, case, record, &readings, reading);
    let held = signature(
        examiner,
        case,
        record,
        envelope,
        reading.or(readings.first()),
    );
    sealed.verified = reading.is_some() && held;
    sealed
}

/// Says which stripping held, where the two make a difference.
fn stripping(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    readings: &[Reading],
    found: Option<&Reading>,
) {
    let Some(found) = found else { return };
    let differ = readings
        .iter()
        .any(|other| other.strip != found.strip && other.covers == found.covers);
    if !differ {
        return;
    }
    let detail = match found.strip {
        Strip::Unicode => {
            "It is stripped of white space as the SDK does, by Unicode; the published specification strips ASCII white space only."
        }
        Strip::Ascii => {
            "It is stripped of ASCII white space only, as section 3 of the published specification says. The SDK strips by Unicode, and the vendor's verifier does not accept it."
        }
    };
    record.ours(
        examiner,
        &STRIPPING,
        Finding::note(format!("{}{detail}", case.at)),
    );
}

/// The signature over the canonical bytes, as the SDK has it, or over their hex digest, as the specification has it.
fn signature(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
    reading: Option<&Reading>,
) -> bool {
    let at = case.at;
    let suite = Suite::of(truthy(envelope.decision.get("signature_suite")));
    let signature = envelope.decision.get("signature");
    let Some(key) = case.key() else {
        if case.is_asked_of_the_reference() {
            let name = || record.peer_name(&SIGNATURE);
            examiner.peer.record(record.stage, Some(false), name);
        }
        let finding = case.key_missing("The decision's signature");
        record.ours(examiner, &SIGNATURE, finding);
        return false;
    };
    let recorded = envelope
        .decision
        .get("canonical_hash")
        .and_then(Value::as_str);
    let digest = match reading {
        Some(reading) => reading.digest.as_str(),
        None => recorded.unwrap_or_default(),
    };
    let mut outcome = match reading {
        Some(reading) => examiner.keys.verify(suite, &reading.bytes, signature, key),
        None => Outcome::fault(
            suite,
            Reason::RuleUnpublished,
            "what it covers has not been published.",
            false,
        ),
    };
    let mut rule = "the canonical bytes of the sealed content, as the SDK has it";
    if outcome.fault.is_some() && !outcome.peer {
        let over_digest = examiner
            .keys
            .verify(suite, digest.as_bytes(), signature, key);
        if over_digest.fault.is_none() {
            rule = "the hex digest of the sealed content, as the specification has it";
            outcome.fault = None;
            outcome.backend = over_digest.backend;
            outcome.remark = over_digest.remark;
            let detail = format!(
                "{at}The signature covers the hex digest of the sealed content, as section 4 of the published specification says. The vendor's verifier, which wants it over the content itself, does not accept it."
            );
            record.ours(examiner, &SIGNED_TEXT, Finding::note(detail));
        }
    }
    // What holds over the specification's stripping alone does not hold for the reference.
    if reading.is_some_and(|reading| reading.strip == Strip::Ascii) {
        outcome.peer = false;
    }
    examiner.peer.backend(outcome.backend);
    if case.is_asked_of_the_reference() {
        let name = || record.peer_name(&SIGNATURE);
        examiner.peer.record(record.stage, Some(outcome.peer), name);
    }
    let name = record.peer_name(&SIGNATURE);
    let finding = match &outcome.fault {
        None if reading.is_none() => Finding::pass("Verified over the recorded hash."),
        None => {
            let detail = format!("Verified over {rule}. {}", outcome.remark);
            Finding::pass(detail.trim_end().to_owned())
        }
        Some(_) if reading.is_none() => Finding::skip(
            Reason::RuleUnpublished,
            format!(
                "{at}What the decision's signature covers has not been published for such envelopes."
            ),
        ),
        Some(fault) => fault.finding(&format!("{at}The decision's signature")),
    };
    let held = outcome.fault.is_none();
    record.ours(examiner, &SIGNATURE, finding.peer(name));
    held
}

/// Columns beside the sealed content that say something else. The sealed copy counts.
pub(super) fn copies(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
) {
    if !envelope.given {
        return;
    }
    let columns = FIELDS.iter().chain(&[
        "schema_version",
        "seal_version",
        "signature_suite",
        "seq_no",
        "prev_chain_hash",
        "attestations",
    ]);
    let differing: Vec<&str> = columns
        .copied()
        .filter(|key| {
            let copies = (envelope.decision.get(key), envelope.field(key));
            matches!(copies, (Some(column), Some(sealed)) if !column.is_null() && !python::equal(column, sealed))
        })
        .collect();
    if !differing.is_empty() {
        let detail = format!(
            "{}Beside the sealed content, {} reads otherwise than in it. The sealed copy counts.",
            case.at,
            differing.join(", ")
        );
        record.ours(examiner, &COPIES, Finding::note(detail));
    }
}
