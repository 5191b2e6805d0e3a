//! The records beside a decision that bear a hash and a signature of their own.

use super::case::Case;
use super::checks::*;
use super::envelope::Envelope;
use super::readings::{self, Layout, Strip, Text, Tried};
use crate::bytes::to_hex;
use crate::canon;
use crate::crypto::sha256;
use crate::json::{Object, Value};
use crate::report::{CheckSpec, Finding, Reason, Subject};
use crate::systems::thessor::python::{self, AsPrinted, truthy};
use crate::systems::thessor::{Examiner, shown};

const REPLAY_LAYOUT: Layout = Layout {
    signature: "replay_signature",
    hash: None,
    id: "replay_id",
    time: "registered_at",
    content: &[
        "replay_schema_version",
        "decision_id",
        "canonical_inputs_hash",
        "canonical_output_hash",
        "model_artifact_hash",
        "model_version",
    ],
};

const RATIONALE_LAYOUT: Layout = Layout {
    signature: "rationale_signature",
    hash: Some("rationale_hash"),
    id: "rationale_id",
    time: "sealed_at",
    content: &[
        "rationale_schema_version",
        "decision_id",
        "confidence_distribution",
        "salient_inputs",
        "policy_logic_applied",
        "human_oversight_action",
        "human_operator_id_hash",
        "counterfactual_hint",
    ],
};

const POPULATION_LAYOUT: Layout = Layout {
    signature: "attestation_signature",
    hash: Some("attestation_hash"),
    id: "attestation_id",
    time: "attested_at",
    content: &[
        "attestation_schema_version",
        "model_version",
        "site_identifier_hash",
        "period_start",
        "period_end",
        "decision_count",
        "confirmed_count",
        "true_positive_count",
        "false_positive_count",
        "true_negative_count",
        "false_negative_count",
        "sensitivity",
        "specificity",
        "drift_flag",
        "regulatory_frameworks",
    ],
};

/// The replay record (section 2.2). What came of its seal.
pub(super) fn replay(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    envelope: &Envelope<'_, '_>,
) -> Held {
    let Some((value, record)) = case.record("replay") else {
        return Held::NOT;
    };
    let mut subject = examiner.transcript.subject(REPLAY, &case.id);
    belongs(
        examiner,
        case,
        &mut subject,
        &REPLAY_DECISION,
        record,
        envelope,
    );
    let specs = Specs {
        hash: None,
        signature: &REPLAY_SIGNATURE,
        what: "The replay record",
    };
    let held = seal(
        examiner,
        case,
        &mut subject,
        value,
        record,
        &REPLAY_LAYOUT,
        &specs,
    );
    let contradictions: Vec<&str> = [
        ("model_version", envelope.field("model_version")),
        ("model_artifact_hash", envelope.attestation("model_artifact_hash")),
    ]
    .into_iter()
    .filter(|(member, sealed)| {
        matches!((record.get(member), sealed), (Some(replay), Some(sealed)) if !python::equal(replay, sealed))
    })
    .map(|(member, _)| member)
    .collect();
    if !contradictions.is_empty() {
        let detail = format!(
            "{}The replay record names another {} than the decision.",
            case.at,
            contradictions.join(" and another ")
        );
        examiner
            .transcript
            .record(&mut subject, &REPLAY_MODEL, Finding::note(detail));
    } else if record.get("model_version").is_some() {
        examiner.transcript.pass(&mut subject, &REPLAY_MODEL);
    }
    if let Some(finding) = output_hash(record, envelope, case.at) {
        examiner
            .transcript
            .record(&mut subject, &REPLAY_OUTPUT, finding);
    }
    examiner.transcript.close(subject);
    held
}

/// The hash of the output may be that of the sealed output; which output was meant is not published.
fn output_hash(record: &Object<'_>, envelope: &Envelope<'_, '_>, at: &str) -> Option<Finding> {
    let recorded = record.get("canonical_output_hash")?.as_str()?;
    let output = envelope.field("output")?;
    let computed = to_hex(&sha256::digest(&canon::to_vec::<AsPrinted>(output).ok()?));
    Some(match recorded == computed {
        true => Finding::pass("It is the hash of the output in the decision."),
        false => Finding::skip(
            Reason::RuleUnpublished,
            format!(
                "{at}The output hash of the replay record is not that of the output in the decision. Which form of the output it covers has not been published."
            ),
        ),
    })
}

/// The rationale (section 2.3). What came of its seal.
pub(super) fn rationale(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    envelope: &Envelope<'_, '_>,
) -> Held {
    let Some((value, record)) = case.record("rationale") else {
        return Held::NOT;
    };
    let mut subject = examiner.transcript.subject(RATIONALE, &case.id);
    belongs(
        examiner,
        case,
        &mut subject,
        &RATIONALE_DECISION,
        record,
        envelope,
    );
    let specs = Specs {
        hash: Some(&RATIONALE_HASH),
        signature: &RATIONALE_SIGNATURE,
        what: "The rationale",
    };
    let held = seal(
        examiner,
        case,
        &mut subject,
        value,
        record,
        &RATIONALE_LAYOUT,
        &specs,
    );
    examiner.transcript.close(subject);
    held
}

/// The population attestation (section 2.4). What came of its seal, and whether its numbers agree.
pub(super) fn population(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    envelope: &Envelope<'_, '_>,
) -> Held {
    let Some((value, record)) = case.record("population_context") else {
        return Held::NOT;
    };
    let mut subject = examiner.transcript.subject(POPULATION, &case.id);
    let specs = Specs {
        hash: Some(&ATTESTATION_HASH),
        signature: &ATTESTATION_SIGNATURE,
        what: "The population attestation",
    };
    let held = seal(
        examiner,
        case,
        &mut subject,
        value,
        record,
        &POPULATION_LAYOUT,
        &specs,
    );
    super::population::examine(examiner, &mut subject, record, case.at);
    if let Some(finding) = population_model(record, envelope, case.at) {
        examiner
            .transcript
            .record(&mut subject, &POPULATION_MODEL, finding);
    }
    let held = Held {
        contradicts_itself: held.holds && subject.failed(),
        holds: held.holds && !subject.failed(),
        ..held
    };
    examiner.transcript.close(subject);
    held
}

/// A population attestation may be of another version of the model than the one that decided.
fn population_model(record: &Object<'_>, envelope: &Envelope<'_, '_>, at: &str) -> Option<Finding> {
    let versions = (
        record.get("model_version")?,
        envelope.field("model_version")?,
    );
    Some(match python::equal(versions.0, versions.1) {
        true => Finding::pass(""),
        false => Finding::note(format!(
            "{at}The population attestation is of model version {}, and the decision was made by {}.",
            shown(Some(versions.0)),
            shown(Some(versions.1))
        )),
    })
}

/// Whether a record names the decision beside it: its envelope id, or the id that the caller gave it.
fn belongs(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    subject: &mut Subject,
    spec: &'static CheckSpec,
    record: &Object<'_>,
    envelope: &Envelope<'_, '_>,
) {
    let Some(named) = record.get("decision_id").filter(|id| !id.is_null()) else {
        return;
    };
    let ids = [
        envelope.decision.get("envelope_id"),
        envelope.decision.get("decision_id"),
        envelope.field("decision_id"),
    ];
    let finding = match ids.into_iter().flatten().any(|id| python::equal(id, named)) {
        true => Finding::pass(""),
        false => Finding::fail(format!(
            "{}The record belongs to another decision than the one in the packet.",
            case.at
        ))
        .expected(shown(ids.into_iter().flatten().next()))
        .actual(shown(Some(named))),
    };
    examiner.transcript.record(subject, spec, finding);
}

/// The checks of a seal, and what it is on.
struct Specs {
    hash: Option<&'static CheckSpec>,
    signature: &'static CheckSpec,
    what: &'static str,
}

/// What came of a record's seal.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Held {
    /// Whether hash and signature hold, and what it says agrees with itself.
    pub holds: bool,
    /// Whether hash and signature hold, and what it says does not.
    pub contradicts_itself: bool,
    /// Whether members that the specification does not name are left out of what they cover.
    pub unknown_left_out: bool,
}

impl Held {
    const NOT: Self = Self {
        holds: false,
        contradicts_itself: false,
        unknown_left_out: false,
    };
}

/// Checks hash and signature of a record.
fn seal(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    subject: &mut Subject,
    value: &Value<'_>,
    record: &Object<'_>,
    layout: &Layout,
    specs: &Specs,
) -> Held {
    let (at, what) = (case.at, specs.what);
    let readings = readings::of_record(value, record, layout);
    let recorded = layout
        .hash
        .and_then(|hash| record.get(hash))
        .filter(|hash| !hash.is_null());
    let text = recorded.and_then(Value::as_str);
    let found = readings
        .iter()
        .position(|reading| Some(reading.digest.as_str()) == text);
    let mut hashed = true;
    if let (Some(spec), Some(recorded)) = (specs.hash, recorded) {
        // The hash cannot cover itself: the first reading without it is the one to show.
        let first = readings
            .iter()
            .find(|reading| reading.covers.contains("its hash"));
        let finding = match found.and_then(|found| readings.get(found)) {
            Some(reading) => Finding::pass(format!("Recomputed over {}.", reading.covers)),
            None => Finding::fail(format!(
                "{at}{what} does not match the hash that was recorded for it, in any reading of the published rule."
            ))
            .expected(shown(Some(recorded)))
            .actual(first.map(|reading| reading.digest.clone()).unwrap_or_default()),
        };
        hashed = found.is_some();
        examiner.transcript.record(subject, spec, finding);
    }
    let signature = truthy(record.get(layout.signature));
    let Some(key) = case.key() else {
        let finding = case.key_missing(&format!("{what}'s signature"));
        examiner
            .transcript
            .record(subject, specs.signature, finding);
        return Held::NOT;
    };
    if signature.is_none() {
        let finding = Finding::skip(
            Reason::SignedDataNotFound,
            format!("{at}{what} bears no signature of its own."),
        );
        examiner
            .transcript
            .record(subject, specs.signature, finding);
        return Held::NOT;
    }
    let tried = readings::verify(
        &mut examiner.keys,
        case.suite(record),
        signature,
        key,
        &readings,
        found,
    );
    let mut unknown_left_out = false;
    let (finding, held) = match tried {
        Some(Tried::Holds(index, text, remark)) => {
            let reading = readings.get(index);
            unknown_left_out = reading.is_some_and(|reading| reading.unknown_left_out);
            let covers = reading.map_or("", |reading| reading.covers.as_str());
            let form = match text {
                Text::Canonical => "the canonical bytes",
                Text::Digest => "the hex digest",
            };
            let strip = match reading.map(|reading| reading.strip) {
                Some(Strip::Ascii) => ", stripped of ASCII white space only",
                _ => "",
            };
            (
                Finding::pass(
                    format!("Verified over {form} of {covers}{strip}. {remark}")
                        .trim_end()
                        .to_owned(),
                ),
                true,
            )
        }
        Some(Tried::Fails(fault)) => (fault.finding(&format!("{at}{what}'s signature")), false),
        None => (
            Finding::fail(format!("{at}{what} has nothing to sign.")),
            false,
        ),
    };
    examiner
        .transcript
        .record(subject, specs.signature, finding);
    Held {
        holds: held && hashed,
        contradicts_itself: false,
        unknown_left_out,
    }
}

/// Members of a record that level 2 or 3 asks for and that it lacks.
pub(super) fn missing<'m>(record: &Object<'_>, required: &[&'m str]) -> Vec<&'m str> {
    let lacks = |member: &&&str| record.get(member).is_none_or(Value::is_null);
    required.iter().filter(lacks).copied().collect()
}
