//! A decision envelope outside a packet, alone or with others: what the API answers to a seal, or a row of the ledger. It bears no
//! public key, as a rule.

use std::borrow::Cow;

use super::case::{Case, Key, Source};
use super::checks::{CHAIN_BESIDE, COPIES, DECISION_IDS, STRIPPING, UNCOVERED};
use super::envelope::{self, Envelope, FIELDS};
use super::level::Parts;
use super::{facts, links};
use crate::input::{Artifact, Form};
use crate::json::{Document, Kind, Layout, Object, Value};
use crate::options::Options;
use crate::report::{ARTIFACT, Examination, Fact, Finding, Plan, Reason, check_specs};
use crate::systems::thessor::checks::{
    CANONICAL_HASH, CHAIN_BOUNDARY, CHAIN_LINKS, CHAIN_PLACE, DECISION, SIGNATURE, SIGNED_TEXT,
    UNAMBIGUOUS,
};
use crate::systems::thessor::decisions::{Decision, Record};
use crate::systems::thessor::direct::{self, KEY_PINNED, key::Keys};
use crate::systems::thessor::manifest::sign;
use crate::systems::thessor::peer::Stage;
use crate::systems::thessor::python::truthy;
use crate::systems::thessor::signature::{self, Suite};
use crate::systems::thessor::{
    ACCEPTED, Examiner, agent, chain, listed, parents, python_refuses, supplied,
};

const LIMITS: [&str; 3] = [
    "A pass says that the envelope is intact under the key. It does not say that the decision was right, or that nothing else was decided.",
    "The times are those that Thessor's server and its caller wrote. Nothing in the envelope proves them to a third party.",
    "Inputs, agents and people appear as hashes only. That a hash belongs to a certain input or person has to be shown with it.",
];

check_specs! {
    READABLE = "readable", "Form of the envelope",
        "Decision Credential Specification (4bb52ae) section 2.1; thessor 0.4.0, models.py, SealResult", FormatFailure;
    SERVER_WORD = "server_word", "Server's word on the seal, which nobody signed",
        "thessor 0.4.0, models.py, SealResult and VerifyResult", Contradiction;
}

/// What the server files beside the sealed content; members of neither this nor the decision are nobody's.
const FILED: [&str; 19] = [
    "envelope_id",
    "outcome_envelope_id",
    "raw_envelope",
    "canonical_hash",
    "signature",
    "signature_suite",
    "schema_version",
    "seal_version",
    "seq_no",
    "prev_chain_hash",
    "chain_verified",
    "created_at",
    "tenant_id",
    "key_reference",
    "public_key_hex",
    "attestations",
    "regulatory_context",
    "verify_url",
    "status",
];

fn plan(pinned: bool) -> Plan {
    let plan = match pinned {
        true => Plan::new().require(ARTIFACT, &KEY_PINNED),
        false => Plan::new().allow(ARTIFACT, &KEY_PINNED),
    };
    plan.allow(ARTIFACT, &CHAIN_LINKS)
        .allow(ARTIFACT, &CHAIN_BOUNDARY)
        .require_where_present(ARTIFACT, &CHAIN_PLACE)
        .allow(ARTIFACT, &CHAIN_BESIDE)
        .allow(ARTIFACT, &DECISION_IDS)
        .require(DECISION, &READABLE)
        .require(DECISION, &UNAMBIGUOUS)
        .require(DECISION, &CANONICAL_HASH)
        .require(DECISION, &SIGNATURE)
        .allow(DECISION, &SIGNED_TEXT)
        .allow(DECISION, &STRIPPING)
        .allow(DECISION, &COPIES)
        .allow(DECISION, &SERVER_WORD)
        .require_where_present(DECISION, &UNCOVERED)
}

/// Examines an envelope, or several in one file, and records of links among them.
pub(in crate::systems::thessor) fn examine(
    artifact: &Artifact<'_>,
    options: &Options<'_>,
) -> Examination {
    let mut examiner = Examiner::new(plan(!options.pins.is_empty()), options);
    // Readings are told apart by whether a signature holds, so none may be taken on trust.
    examiner.keys = signature::Keys::new(None);
    let mut file = File {
        examiner,
        decisions: Vec::new(),
        ids: Vec::new(),
        facts: Vec::new(),
        keys: Vec::new(),
        carried: None,
        count: 0,
        agents: 0,
    };
    match &artifact.form {
        Form::Json(document) => file.value(&Source::default(), document),
        Form::Records(records) => {
            for record in records {
                let source = Source {
                    at: format!("Envelope {}: ", record.number),
                    place: match records.layout() {
                        Layout::Array => format!("/{}", record.number.saturating_sub(1)),
                        Layout::Lines => format!("line {}#", record.line),
                    },
                    name: format!("envelope {}", record.number),
                };
                match &record.document {
                    Ok(document) => file.value(&source, document),
                    Err(error) => file.broken(&source, format!("{}: {}", error.place, error.kind)),
                }
            }
        }
        _ => {}
    }
    file.finish()
}

/// The examination of a file of envelopes.
struct File<'a> {
    examiner: Examiner<'a>,
    decisions: Vec<Decision>,
    /// The names that the decisions go by.
    ids: Vec<String>,
    facts: Vec<Fact>,
    /// The raw keys that signatures were checked with.
    keys: Vec<Vec<u8>>,
    /// Whether every envelope carries its own key.
    carried: Option<bool>,
    count: usize,
    agents: usize,
}

impl File<'_> {
    fn broken(&mut self, source: &Source, detail: String) {
        self.count = self.count.saturating_add(1);
        let transcript = &mut self.examiner.transcript;
        let mut subject = transcript.subject(DECISION, &source.name);
        let finding = Finding::fail(format!("{}{detail}", source.at));
        transcript.record(&mut subject, &READABLE, finding);
        transcript.close(subject);
    }

    fn value(&mut self, source: &Source, document: &Document<'_>) {
        let root = &document.root;
        if root.get("decision_envelope_id").is_some() && root.get("outcome_envelope_id").is_some() {
            return self.examiner.links.record(root);
        }
        if python_refuses(document) {
            let sentence = document.defect_sentence().unwrap_or_default();
            return self.broken(source, sentence);
        }
        let wrapped = root
            .get("envelope")
            .filter(|value| value.as_object().is_some());
        let decision = wrapped.unwrap_or(root);
        let (Some(envelope), Some(object)) = (Envelope::of(decision), decision.as_object()) else {
            let detail = format!("It is {} where an envelope should stand.", root.kind_name());
            return self.broken(source, detail);
        };
        if direct::known(root) == Some(direct::Kind::Response) {
            return self.answer(source, document);
        }
        let source = match wrapped {
            Some(_) => &Source {
                place: format!("{}/envelope", source.place),
                ..source.clone()
            },
            None => source,
        };
        self.envelope(source, document, object, &envelope);
    }

    /// An answer to a seal among envelopes: it has the hash of the content only.
    fn answer(&mut self, source: &Source, document: &Document<'_>) {
        self.count = self.count.saturating_add(1);
        let at = &source.at;
        let transcript = &mut self.examiner.transcript;
        let mut subject = transcript.subject(DECISION, &source.name);
        transcript.pass(&mut subject, &READABLE);
        let finding = match document.defect_sentence() {
            Some(sentence) => Finding::fail(format!("{at}{sentence} {ACCEPTED}")),
            None => Finding::pass(""),
        };
        transcript.record(&mut subject, &UNAMBIGUOUS, finding);
        for spec in [&CANONICAL_HASH, &SIGNATURE] {
            let detail =
                format!("{at}Not checked: the content that was sealed is not in the file.");
            let finding = Finding::skip(Reason::SignedDataNotFound, detail);
            transcript.record(&mut subject, spec, finding);
        }
        transcript.close(subject);
    }

    fn envelope(
        &mut self,
        source: &Source,
        document: &Document<'_>,
        object: &Object<'_>,
        envelope: &Envelope<'_, '_>,
    ) {
        self.count = self.count.saturating_add(1);
        let at = source.at.as_str();
        let examiner = &mut self.examiner;
        let names = [
            object.get("envelope_id"),
            object.get("decision_id"),
            envelope.field("decision_id"),
        ];
        let ids: Vec<&str> = names
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let id = ids.first().map_or(source.name.as_str(), |id| id);
        let carried = truthy(object.get("public_key_hex"))
            .or_else(|| truthy(document.root.get("public_key_hex")));
        self.carried = Some(self.carried.unwrap_or(true) && carried.is_some());
        let keys = Keys::of(carried, examiner.options);
        let key = match &keys {
            Keys::Evidence(key) => Key::Hex(key.as_str().into()),
            Keys::Pinned(keys) => {
                choose(examiner, keys, envelope).map_or(Key::Missing, |key| Key::Hex(key.into()))
            }
            Keys::Unreadable(_) => Key::NoText("not one that can be read"),
            Keys::Missing => Key::Missing,
        };
        let case = Case {
            document,
            packet: object,
            at,
            id: id.to_owned(),
            key,
        };
        let mut record = Record {
            subject: examiner.transcript.subject(DECISION, &case.id),
            label: format!("decision:{}", case.id),
            stage: Stage::Decisions,
            file: at,
        };
        let finding = match truthy(object.get("canonical_hash")) {
            Some(_) => Finding::pass(""),
            None => Finding::fail(format!("{at}The envelope lacks a canonical_hash.")),
        };
        record.ours(examiner, &READABLE, finding);
        let number = examiner.canonicalize(envelope.content, &[], document);
        let finding = match document.defect_sentence().or(number) {
            Some(sentence) => Finding::fail(format!("{at}{sentence} {ACCEPTED}")),
            None => Finding::pass(""),
        };
        record.ours(examiner, &UNAMBIGUOUS, finding);
        let sealed = envelope::examine(examiner, &case, &mut record, envelope);
        envelope::copies(examiner, &case, &mut record, envelope);
        let names = object.members.iter().map(|member| member.key.as_ref());
        let linked = ["seq_no", "prev_chain_hash"];
        let nobodys = |name: &&str| {
            let known = FILED.contains(name)
                || direct::ANSWERED.contains(name)
                || parents::names_a_parent(name);
            let left_out = sealed.unknown_left_out && linked.contains(name);
            !FIELDS.contains(name) && (!known || left_out)
        };
        let unknown: Vec<&str> = names.filter(nobodys).collect();
        if !unknown.is_empty() && (envelope.given || sealed.unknown_left_out) {
            let names = listed(unknown.iter().copied());
            let detail = format!(
                "{at}Beside what was signed stands what nobody signed and no schema names: {names}."
            );
            record.ours(examiner, &UNCOVERED, Finding::fail(detail));
        } else if let Some(sentence) = direct::unproven(object) {
            let finding = Finding::note(format!("{at}{sentence}"));
            record.ours(examiner, &SERVER_WORD, finding);
        }
        let Examiner {
            supplied,
            transcript,
            ..
        } = &mut *examiner;
        let hashes = supplied::hashes(envelope.content);
        supplied.decision(transcript, &mut record.subject, at, &ids, &hashes);
        examiner.links.decision(object, envelope.content, None);
        examiner.transcript.close(record.subject);
        let inner = envelope.place.strip_prefix("/decision").unwrap_or_default();
        let place = format!("{}{inner}", source.place);
        let left_out = sealed.version_left_out.then_some("schema_version");
        examiner
            .facts
            .decision(&place, envelope.content, sealed.verified, left_out);
        if let Some(key) = case.key() {
            self.keys.extend(examiner.keys.raw(key));
            if sealed.verified {
                sign(examiner, sealed.algorithm, "issuer", key);
            }
        }
        if agent::is_tool_call(envelope.content) {
            self.agents = self.agents.saturating_add(1);
        }
        if self.facts.is_empty() {
            self.facts = told(envelope, &source.place, sealed.verified);
            let version = |fact: &&mut Fact| fact.pointer.ends_with("/schema_version");
            for fact in self.facts.iter_mut().filter(version) {
                fact.signed &= !sealed.version_left_out;
            }
        }
        self.ids.extend(links::ids(envelope));
        self.decisions
            .push(links::decision(&document.root, envelope));
    }

    fn finish(mut self) -> Examination {
        self.pinned();
        if self.count > 1 {
            chain::examine_sealed(&mut self.examiner, &self.decisions);
        }
        links::repeated(&mut self.examiner, std::mem::take(&mut self.ids));
        let chained: Vec<(Decision, Option<String>)> = self
            .decisions
            .drain(..)
            .map(|decision| (decision, None))
            .collect();
        links::beside(&mut self.examiner, &chained, &self.keys);
        let (kind, noun) = match (self.count, self.agents) {
            (0, _) => ("links", "record of links"),
            (1, 1) => ("agent-decision", "Thessor agent decision"),
            (1, _) => ("decision-envelope", "Thessor decision envelope"),
            (count, agents) if count == agents => {
                ("agent-decisions", "set of Thessor agent decisions")
            }
            _ => ("decision-envelopes", "set of Thessor decision envelopes"),
        };
        let keys = Keys::of(None, self.examiner.options);
        let mut examination = self.examiner.finish(
            kind,
            Cow::Borrowed(noun),
            LIMITS.map(Cow::Borrowed).to_vec(),
        );
        if self.count == 1 {
            examination.facts = self.facts;
        }
        if self.carried == Some(false) {
            examination.asks.extend(keys.asks());
        }
        if let Some(peer) = &mut examination.peer {
            // The vendor's verifier has no command for an envelope outside a packet.
            peer.insert("passed".to_owned(), serde_json::Value::Null);
        }
        examination
    }

    /// Holds the keys to the pinned ones.
    fn pinned(&mut self) {
        let pins = &self.examiner.options.pins;
        let other = self.keys.iter().find(|key| pins.has(key) == Some(false));
        let finding = match (pins.is_empty(), other, self.keys.is_empty()) {
            (true, ..) => Finding::skip(
                Reason::KeyNeeded,
                "No key was pinned. Whose a key is that came with the evidence cannot be told from it.",
            ),
            (false, _, true) => Finding::skip(Reason::KeyNeeded, "There is no key to compare with the ones you pinned."),
            (false, Some(key), _) => Finding::fail(
                "The envelope is signed with a key other than the ones you pinned, so it was not made by whom you expected.",
            )
            .actual(crate::bytes::to_hex(key)),
            (false, None, _) => Finding::pass("It is a key that you pinned."),
        };
        self.examiner.own(&KEY_PINNED, finding);
    }
}

/// What a content says, which is sealed or signed by itself: as an envelope's, and of an agent's call.
pub(in crate::systems::thessor) fn facts_of(
    content: &Value<'_>,
    place: &str,
    signed: bool,
) -> Vec<Fact> {
    Envelope::of(content).map_or(Vec::new(), |envelope| told(&envelope, place, signed))
}

fn told(envelope: &Envelope<'_, '_>, place: &str, signed: bool) -> Vec<Fact> {
    let parts = Parts {
        decision: signed,
        ..Parts::default()
    };
    let nothing = Value {
        span: envelope.content.span,
        kind: Kind::Null,
    };
    let inner = envelope.place.strip_prefix("/decision").unwrap_or_default();
    let mut facts = facts::of(&nothing, envelope, "", parts);
    for fact in &mut facts {
        let within = fact.pointer.strip_prefix("/decision").unwrap_or_default();
        fact.pointer = format!("{place}{within}");
    }
    facts.extend(agent::facts(
        envelope.content,
        &format!("{place}{inner}"),
        signed,
    ));
    facts
}

/// The pinned key under which the envelope's signature holds, or else the first.
pub(super) fn choose(
    examiner: &mut Examiner<'_>,
    keys: &[String],
    envelope: &Envelope<'_, '_>,
) -> Option<String> {
    let suite = Suite::of(truthy(envelope.decision.get("signature_suite")));
    let signature = envelope.decision.get("signature");
    let holds = |key: &&String| {
        let mut texts = envelope
            .readings()
            .into_iter()
            .flat_map(|reading| [reading.bytes, reading.digest.into_bytes()]);
        texts.any(|text| {
            examiner
                .keys
                .verify(suite, &text, signature, key)
                .fault
                .is_none()
        })
    };
    let only = keys.len() < 2;
    let found = keys.iter().filter(|_| !only).find(holds);
    found.or_else(|| keys.first()).cloned()
}
