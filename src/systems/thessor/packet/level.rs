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

/// Groups of packets that are told apart in one sentence each.
const GROUPS: usize = 4;

/// Which parts of a packet hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parts {
    pub decision: bool,
    /// The envelope's version is not among what its signature covers.
    pub version_left_out: bool,
    pub replay: bool,
    pub rationale: bool,
    pub population: bool,
    /// Its seal holds, and its numbers do not agree.
    pub population_contradicts_itself: bool,
    pub export: bool,
    pub checkpoint: Anchored,
}

/// The level that a packet reaches, and why not the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// 0 for none, to 3.
    level: u8,
    /// What the next level asks for and the packet lacks.
    lacking: Vec<String>,
}

/// The level that a packet reaches.
pub(super) fn of(case: &Case<'_, '_, '_>, envelope: &Envelope<'_, '_>, parts: Parts) -> Reached {
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
    let mut reached = Reached {
        level: 0,
        lacking: Vec::new(),
    };
    for lacking in steps {
        if !lacking.is_empty() {
            reached.lacking = lacking;
            break;
        }
        reached.level = reached.level.saturating_add(1);
    }
    reached
}

/// What there is to say of the levels that the packets of a file reach: those that lack the same together.
pub(super) fn told(packets: &[&Reached]) -> String {
    let mut groups: Vec<(&Reached, usize)> = Vec::new();
    for reached in packets {
        match groups.iter_mut().find(|(group, _)| group == reached) {
            Some((_, count)) => *count = count.saturating_add(1),
            None => groups.push((reached, 1)),
        }
    }
    let alone = packets.len() == 1;
    let mut sentences: Vec<String> = groups
        .iter()
        .take(GROUPS)
        .map(|(reached, count)| match (alone, count) {
            (true, _) => format!("It reaches {}", reached.words()),
            (false, 1) => format!("One packet reaches {}", reached.words()),
            (false, count) => format!("{count} packets reach {}", reached.words()),
        })
        .collect();
    let more = groups
        .iter()
        .skip(GROUPS)
        .map(|(_, count)| count)
        .sum::<usize>();
    if more > 0 {
        sentences.push(format!("{more} more lack other things."));
    }
    sentences.join(" ")
}

impl Reached {
    fn words(&self) -> String {
        let reached = match self.level {
            0 => "no conformance level.".to_owned(),
            level => format!("conformance level {level} of 3."),
        };
        match self.lacking.is_empty() {
            true => reached,
            false => format!(
                "{reached} Level {} also asks for: {}.",
                self.level.saturating_add(1),
                self.lacking.join("; ")
            ),
        }
    }
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
    let mut wants = match parts.population_contradicts_itself {
        true => vec!["a population attestation whose numbers agree".to_owned()],
        false => lacking(
            case,
            &[(
                "population_context",
                "a population attestation",
                parts.population,
                &POPULATION,
            )],
        ),
    };
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
