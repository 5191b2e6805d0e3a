//! What a packet says, for the auditor: who, what, when, by which model and policy, and what people had to do with it.

use std::borrow::Cow;

use super::envelope::Envelope;
use super::level::Parts;
use crate::bytes::to_hex;
use crate::canon;
use crate::json::Value;
use crate::report::Fact;
use crate::systems::thessor::python::AsPrinted;

/// Facts of the sealed decision.
const OF_THE_DECISION: [(&str, &str); 9] = [
    ("Decision", "decision_id"),
    ("Time", "timestamp"),
    ("Model", "model_id"),
    ("Model version", "model_version"),
    ("Policy version", "policy_version"),
    ("Output", "output"),
    ("Confidence", "confidence_score"),
    ("Hash of the input", "input_hash"),
    ("Envelope schema", "schema_version"),
];

/// Facts of the attestations that were sealed with it.
const ATTESTED: [(&str, &str); 6] = [
    ("Clinician (NPI)", "clinician_npi"),
    ("Hash of the patient's identifier", "patient_id_hash"),
    ("Device (UDI)", "device_udi"),
    ("Regulatory frameworks", "regulatory_frameworks"),
    ("Hash of the model's files", "model_artifact_hash"),
    ("Model's registry entry", "model_registry_id"),
];

/// Facts of the records beside it: the record, and its member.
const BESIDE: [(&str, &str, &str); 12] = [
    ("Human oversight", "rationale", "human_oversight_action"),
    (
        "Hash of the operator's identifier",
        "rationale",
        "human_operator_id_hash",
    ),
    ("Policy applied", "rationale", "policy_logic_applied"),
    (
        "Hash of the model's files, for replay",
        "replay",
        "model_artifact_hash",
    ),
    ("Performance: from", "population_context", "period_start"),
    ("Performance: to", "population_context", "period_end"),
    (
        "Performance: sensitivity",
        "population_context",
        "sensitivity",
    ),
    (
        "Performance: specificity",
        "population_context",
        "specificity",
    ),
    ("Performance: drift", "population_context", "drift_flag"),
    ("Checkpoint's time", "merkle_checkpoint", "computed_at"),
    ("Outcomes linked", "chain", "consequences"),
    ("Key reference", "", "key_reference"),
];

/// The facts of one packet.
pub(super) fn of(
    packet: &Value<'_>,
    envelope: &Envelope<'_, '_>,
    place: &str,
    parts: Parts,
) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact =
        |label: &'static str, value: Option<&Value<'_>>, pointer: String, signed: bool| {
            if let Some(value) = value.and_then(told) {
                facts.push(Fact {
                    label: Cow::Borrowed(label),
                    value,
                    pointer: format!("{place}{pointer}"),
                    signed,
                });
            }
        };
    for (label, member) in OF_THE_DECISION {
        let within = match envelope.content.get(member) {
            Some(_) => "",
            None => "/payload",
        };
        let pointer = format!("{}{within}/{member}", envelope.place);
        let left_out = member == "schema_version" && parts.version_left_out && !parts.export;
        let signed = parts.decision && !left_out;
        fact(label, envelope.field(member), pointer, signed);
    }
    let within = match envelope.content.get("attestations") {
        Some(_) => "",
        None => "/payload",
    };
    for (label, member) in ATTESTED {
        let pointer = format!("{}{within}/attestations/{member}", envelope.place);
        fact(label, envelope.attestation(member), pointer, parts.decision);
    }
    for (label, record, member) in BESIDE {
        let (value, pointer) = match record {
            "" => (packet.get(member), format!("/{member}")),
            _ => (
                packet.get(record).and_then(|record| record.get(member)),
                format!("/{record}/{member}"),
            ),
        };
        let own = match record {
            "rationale" => parts.rationale,
            "replay" => parts.replay,
            "population_context" => parts.population,
            _ => false,
        };
        fact(label, value, pointer, own || parts.export);
    }
    fact(
        "Exported at",
        packet.get("exported_at"),
        "/exported_at".to_owned(),
        parts.export,
    );
    facts
}

/// A value in words: a text as it is, a list of things counted when long, anything else as JSON.
fn told(value: &Value<'_>) -> Option<String> {
    if value.is_null() {
        return None;
    }
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    if let Some(elements) = value.as_array() {
        let texts: Option<Vec<&str>> = elements.iter().map(Value::as_str).collect();
        return Some(match texts {
            Some(texts) if !texts.is_empty() => texts.join(", "),
            _ => elements.len().to_string(),
        });
    }
    let bytes = canon::to_vec::<AsPrinted>(value).ok()?;
    Some(String::from_utf8(bytes).unwrap_or_else(|error| to_hex(error.as_bytes())))
}
