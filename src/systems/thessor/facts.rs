//! What the package says, for the auditor: from whom, when, by which models.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::MANIFEST;
use crate::json::{Object, Value};
use crate::report::Fact;

/// Different values listed for one label; more are counted.
const LISTED: usize = 12;

/// Facts of the manifest, in the order in which they are shown.
const OF_MANIFEST: [(&str, &[&str]); 8] = [
    ("Tenant", &["tenant_id"]),
    ("Exported at", &["exported_at"]),
    ("Decisions", &["decision_count"]),
    ("Checkpoints", &["checkpoint_count"]),
    ("First sequence number", &["seq_range", "from"]),
    ("Last sequence number", &["seq_range", "to"]),
    ("Key reference", &["key_reference"]),
    ("Schema", &["export_schema_version"]),
];

/// Facts of the sealed content that decisions share.
const OF_DECISIONS: [(&str, &str); 5] = [
    ("Model", "model_id"),
    ("Model version", "model_version"),
    ("Policy version", "policy_version"),
    ("Envelope schema", "schema_version"),
    ("Tool", "output/tool_name"),
];

/// What people had to do with a decision, after the facts of [`OF_DECISIONS`]: the clinician who is named in its attestations, and
/// what its rationale says that a person did.
const OF_PEOPLE: [&str; 2] = ["Clinician (NPI)", "Human oversight"];

/// How many labels decisions have.
const LABELS: usize = OF_DECISIONS.len() + OF_PEOPLE.len();

/// The facts, as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Facts {
    of_manifest: Vec<Fact>,
    /// By label and value: where it was first seen in an intact decision, or else in any, and which of the two.
    of_decisions: BTreeMap<(usize, String), (String, bool)>,
    omitted: [usize; LABELS],
    earliest: Option<Time>,
    latest: Option<Time>,
}

#[derive(Clone, Debug)]
struct Time {
    value: String,
    pointer: String,
    signed: bool,
}

impl Facts {
    /// What the manifest says; it counts as signed once [`Facts::sign`] is called.
    pub fn manifest(&mut self, root: &Object<'_>) {
        for (label, path) in OF_MANIFEST {
            let mut keys = path.iter();
            let first = keys.next().and_then(|key| root.get(key));
            let value = keys.try_fold(first, |value, key| Some(value?.get(key)));
            if let Some(value) = value.flatten().and_then(scalar) {
                self.of_manifest.push(Fact {
                    label: Cow::Borrowed(label),
                    value,
                    pointer: format!("{MANIFEST}#/{}", path.join("/")),
                    signed: false,
                });
            }
        }
    }

    /// The manifest's signature verified.
    pub fn sign(&mut self) {
        for fact in &mut self.of_manifest {
            fact.signed = true;
        }
    }

    /// What one decision's sealed content says. An envelope with attestations has its fields under `payload`.
    /// `place` is the pointer of that content; `left_out` is a member that the signature does not cover, although it holds.
    pub fn decision(&mut self, place: &str, raw: &Value<'_>, signed: bool, left_out: Option<&str>) {
        let within = |value| move |path: &str| path.split('/').try_fold(value, Value::get);
        let member = |path: &str| match within(raw)(path) {
            Some(value) => Some((value, "")),
            None => Some((within(raw.get("payload")?)(path)?, "/payload")),
        };
        let pointer = |within: &str, key: &str| format!("{place}{within}/{key}");
        for (label, (_, key)) in OF_DECISIONS.iter().enumerate() {
            if let Some((value, within)) = member(key) {
                let signed = signed && left_out != Some(key);
                self.one_of(label, value, pointer(within, key), signed);
            }
        }
        let clinician = member("attestations")
            .and_then(|(attested, within)| Some((attested.get("clinician_npi")?, within)));
        if let Some((value, within)) = clinician {
            let pointer = pointer(within, "attestations/clinician_npi");
            self.one_of(OF_DECISIONS.len(), value, pointer, signed);
        }
        if let Some((value, within)) = member("timestamp")
            && let Some(value) = value.as_str()
        {
            let time = || Time {
                value: value.to_owned(),
                pointer: pointer(within, "timestamp"),
                signed,
            };
            if self
                .earliest
                .as_ref()
                .is_none_or(|earliest| value < earliest.value.as_str())
            {
                self.earliest = Some(time());
            }
            if self
                .latest
                .as_ref()
                .is_none_or(|latest| value > latest.value.as_str())
            {
                self.latest = Some(time());
            }
        }
    }

    /// What the rationale beside a decision says of people; `place` is the packet's pointer.
    pub fn rationale(&mut self, place: &str, packet: &Object<'_>, signed: bool) {
        let rationale = packet.get("rationale");
        if let Some(action) =
            rationale.and_then(|rationale| rationale.get("human_oversight_action"))
        {
            let pointer = format!("{place}/rationale/human_oversight_action");
            self.one_of(LABELS.saturating_sub(1), action, pointer, signed);
        }
    }

    /// One value of a label that decisions share; the place where it is signed counts before one where it is not.
    fn one_of(&mut self, label: usize, value: &Value<'_>, pointer: String, signed: bool) {
        let Some(value) = scalar(value) else { return };
        let known = self
            .of_decisions
            .range((label, String::new())..(label.saturating_add(1), String::new()));
        let full = known.count() >= LISTED;
        match self.of_decisions.get_mut(&(label, value.clone())) {
            Some(known) if signed && !known.1 => *known = (pointer, true),
            Some(_) => {}
            None if full => {
                if let Some(omitted) = self.omitted.get_mut(label) {
                    *omitted = omitted.saturating_add(1);
                }
            }
            None => {
                self.of_decisions.insert((label, value), (pointer, signed));
            }
        }
    }

    /// The facts in the order in which they are shown.
    pub fn finish(self) -> Vec<Fact> {
        let mut facts = self.of_manifest;
        for (label, time) in [
            ("Earliest decision", self.earliest),
            ("Latest decision", self.latest),
        ] {
            if let Some(time) = time {
                facts.push(Fact {
                    label: Cow::Borrowed(label),
                    value: time.value,
                    pointer: time.pointer,
                    signed: time.signed,
                });
            }
        }
        let labels = OF_DECISIONS
            .iter()
            .map(|(label, _)| label)
            .chain(&OF_PEOPLE);
        for (at, label) in labels.enumerate() {
            let of_label = self
                .of_decisions
                .iter()
                .filter(|((label, _), _)| *label == at);
            facts.extend(of_label.map(|((_, value), (pointer, signed))| Fact {
                label: Cow::Borrowed(label),
                value: value.clone(),
                pointer: pointer.clone(),
                signed: *signed,
            }));
            let omitted = self.omitted.get(at).copied().unwrap_or_default();
            if omitted > 0 {
                facts.push(Fact {
                    label: Cow::Borrowed(label),
                    value: format!("others, in {omitted} decisions"),
                    pointer: String::new(),
                    signed: false,
                });
            }
        }
        facts
    }
}

fn scalar(value: &Value<'_>) -> Option<String> {
    match value.as_str() {
        Some(text) => Some(text.to_owned()),
        None => value.as_number().map(str::to_owned),
    }
}
