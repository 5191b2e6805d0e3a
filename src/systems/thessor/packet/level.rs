//! The conformance level that a packet reaches, by section 6 of the Decision Credential Specification (4bb52ae).
//!
//! A part counts when its own signature holds and it has the members that the level asks for. The later, shorter edition of the
//! specification (section 7) also wants outcomes and external anchoring for level 3, without saying how they are sealed.

use super::case::Case;
use super::envelope::{Envelope, FIELDS, Version};
use super::sealed;
use super::tree::Anchored;
use crate::json::Value;

const REPLAY: [&str; 3] = [
    "canonical_inputs_hash",
    "canonical_output_hash",
    "model_artifact_hash",
];
const RATIONALE: [&str; 3] = [
    "confidence_distribution",
    "salient_inputs",
    "policy_logic_applied",
];
const POPULATION: [&str; 10] = [
    "model_version",
    "period_start",
    "period_end",
    "true_positive_count",
    "false_positive_count",
    "true_negative_count",
    "false_negative_count",
    "sensitivity",
    "specificity",
    "drift_flag",
];

/// Which parts of a packet hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    pub decision: bool,
    pub replay: bool,
    pub rationale: bool,
    pub population: bool,
    pub export: bool,
    pub checkpoint: Anchored,
}

/// The level reached: 0 for none, to 3; and what the next one lacks, in the rest of a sentence.
pub(super) fn of(
    case: &Case<'_, '_, '_>,
    envelope: &Envelope<'_, '_>,
    parts: Parts,
) -> (u8, Option<String>) {
    let steps = [
        first(envelope, parts),
        lacking(
            case,
            &[
                ("replay", "a replay record", parts.replay, &REPLAY),
                ("rationale", "a rationale", parts.rationale, &RATIONALE),
            ],
        ),
        third(case, parts),
    ];
    let mut level = 0;
    for step in steps {
        if !step.is_empty() {
            return (level, Some(step.join("; ")));
        }
        level = level.saturating_add(1);
    }
    (level, None)
}

/// Level 1: a decision seal.
fn first(envelope: &Envelope<'_, '_>, parts: Parts) -> Vec<String> {
    let mut wants = Vec::new();
    if !matches!(envelope.version, Version::V3 | Version::V4) {
        let version = envelope.stated.unwrap_or("of no stated version");
        wants.push(format!("an envelope of version v3 (this one is {version})"));
    }
    if !parts.decision {
        wants.push("a decision whose hash and signature hold".to_owned());
    }
    let missing: Vec<&str> = FIELDS
        .into_iter()
        .filter(|field| envelope.field(field).is_none_or(Value::is_null))
        .collect();
    if !missing.is_empty() {
        wants.push(format!(
            "sealed fields that are missing: {}",
            missing.join(", ")
        ));
    }
    wants
}

/// Level 3: beside the records of level 2 a population attestation, a checkpoint, and the packet's own signature.
fn third(case: &Case<'_, '_, '_>, parts: Parts) -> Vec<String> {
    let mut wants = lacking(
        case,
        &[(
            "population_context",
            "a population attestation",
            parts.population,
            &POPULATION,
        )],
    );
    let checkpoint = parts.checkpoint;
    if !checkpoint.present {
        wants.push("a Merkle checkpoint with root_hash and seal_count".to_owned());
    } else if checkpoint.refuted {
        wants.push("a Merkle checkpoint whose signature holds".to_owned());
    } else if checkpoint.elsewhere {
        wants.push("a Merkle checkpoint that covers this decision".to_owned());
    }
    if !parts.export {
        wants.push("the packet's own signature, holding".to_owned());
    }
    wants
}

type Wanted<'w> = (&'w str, &'w str, bool, &'w [&'w str]);

fn lacking(case: &Case<'_, '_, '_>, wanted: &[Wanted<'_>]) -> Vec<String> {
    let want = |(member, words, holds, required): &Wanted<'_>| match case.record(member) {
        None => Some((*words).to_owned()),
        Some(_) if !holds => Some(format!("{words} whose signature holds")),
        Some((_, record)) => {
            let missing = sealed::missing(record, required);
            (!missing.is_empty()).then(|| format!("{words} with {}", missing.join(", ")))
        }
    };
    wanted.iter().filter_map(want).collect()
}
