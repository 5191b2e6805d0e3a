//! One packet: its decision, the records beside it, and its signature as a whole.

use super::case::{Case, Key, Source};
use super::checks::*;
use super::consequences;
use super::envelope::{self, Envelope};
use super::facts;
use super::level::{self, Parts, Reached};
use super::readings::{self, Strip};
use super::sealed;
use super::tree::Checkpoints;
use super::{links, lone};
use crate::json::{Document, Object, Value};
use crate::report::{Fact, Finding, Reason};
use crate::systems::thessor::checks::{DECISION, EXPORT_SIGNATURE, UNAMBIGUOUS};
use crate::systems::thessor::decisions::{Decision, Record, Reference};
use crate::systems::thessor::direct::key::Keys;
use crate::systems::thessor::manifest::sign;
use crate::systems::thessor::peer::Stage;
use crate::systems::thessor::python::{Expected, truthy};
use crate::systems::thessor::signature::Suite;
use crate::systems::thessor::supplied::{self, Part};
use crate::systems::thessor::{ACCEPTED, Examiner, listed, shown};

/// Members of a packet that are objects or null (section 2.6 and the SDK).
const RECORDS: [&str; 7] = [
    "replay",
    "rationale",
    "chain",
    "population_context",
    "merkle_checkpoint",
    "merkle_leaf",
    "verification_instructions",
];

/// What the file as a whole needs of one packet.
pub(super) struct Examined {
    pub decision: Decision,
    pub tenant: Option<String>,
    /// The names that the decision goes by.
    pub ids: Vec<String>,
    /// Whether the packet carries its key.
    pub keyed: bool,
    /// The raw key that the packet was checked with.
    pub key: Option<Vec<u8>>,
    pub facts: Vec<Fact>,
    /// The conformance level that it reaches, in a sentence.
    pub level: Reached,
}

/// Examines one packet. `None` when it is too broken for the chain and the checkpoints to use.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    checkpoints: &mut Checkpoints,
    source: &Source,
    document: &Document<'_>,
) -> Option<Examined> {
    let at = source.at.as_str();
    let unusable = |examiner: &mut Examiner<'_>, detail: &str, reference| {
        unreadable(examiner, source, format!("{at}{detail}"), reference);
        None
    };
    let Some(packet) = document.root.as_object() else {
        let detail = format!(
            "It holds {} where a packet should stand.",
            document.root.kind_name()
        );
        return unusable(examiner, &detail, Reference::Stops);
    };
    let decision = packet.get("decision");
    let Some(envelope) = decision.and_then(Envelope::of) else {
        let reference = match Expected::of(decision) {
            Expected::Other(_) => Reference::Stops,
            _ => Reference::Fails,
        };
        return unusable(examiner, "The packet has no decision.", reference);
    };
    let id = truthy(envelope.decision.get("envelope_id"));
    let usable = id.is_some() && truthy(envelope.decision.get("canonical_hash")).is_some();
    if let (true, Some(id), None) = (envelope.given && usable, id, id.and_then(Value::as_str)) {
        let detail = format!("The decision's envelope_id is {}.", id.kind_name());
        return unusable(examiner, &detail, Reference::Stops);
    }
    let case = case(examiner, source, document, packet, &envelope);
    let mut record = Record {
        subject: examiner.transcript.subject(DECISION, &case.id),
        label: format!("decision:{}", case.id),
        stage: Stage::Decisions,
        file: at,
    };
    if !(envelope.given && usable) {
        let name = || format!("decision:{}", source.name);
        examiner.peer.record(record.stage, Some(false), name);
    }
    readable(examiner, &case, &mut record, &envelope, usable);
    let number = examiner.canonicalize(envelope.content, &[], document);
    let sealed = envelope::examine(examiner, &case, &mut record, &envelope);
    envelope::copies(examiner, &case, &mut record, &envelope);
    held_against(examiner, &case, &mut record, &envelope);
    let replay = sealed::replay(examiner, &case, &envelope);
    let rationale = sealed::rationale(examiner, &case, &envelope);
    let population = sealed::population(examiner, &case, &envelope);
    let mut parts = Parts {
        decision: sealed.verified,
        version_left_out: sealed.version_left_out,
        replay: replay.holds,
        rationale: rationale.holds,
        population: population.holds,
        population_contradicts_itself: population.contradicts_itself,
        ..Parts::default()
    };
    consequences::examine(examiner, &case, &envelope);
    examiner
        .links
        .decision(envelope.decision, envelope.content, None);
    examiner
        .links
        .chain(envelope.decision, envelope.content, packet);
    let decision = links::decision(&document.root, &envelope);
    parts.checkpoint = checkpoints.examine(examiner, &case, &mut record, &decision);
    let (export, other) = export_signature(examiner, &case, &mut record, &envelope);
    parts.export = export;
    let records = [replay, rationale, population];
    if sealed.unknown_left_out || records.iter().any(|held| held.unknown_left_out) {
        uncovered(examiner, &case, &mut record, export);
    }
    instructions(examiner, &case, &mut record, &envelope);
    other_signatures(examiner, &case, &mut record);
    let finding = match document.defect_sentence().or(number).or(other) {
        Some(sentence) => Finding::fail(format!("{at}{sentence} {ACCEPTED}")),
        None => Finding::pass(""),
    };
    record.ours(examiner, &UNAMBIGUOUS, finding);
    let level = level::of(&case, &envelope, parts);
    examiner.transcript.close(record.subject);
    let place = format!("{}{}", source.place, envelope.place);
    let left_out = (parts.version_left_out && !parts.export).then_some("schema_version");
    examiner
        .facts
        .decision(&place, envelope.content, parts.decision, left_out);
    let signed = parts.rationale || parts.export;
    examiner.facts.rationale(&source.place, packet, signed);
    let key = case.key().map(str::to_owned);
    if let (Some(key), true) = (&key, parts.decision || parts.export) {
        sign(examiner, sealed.algorithm, "issuer", key);
    }
    Some(Examined {
        decision,
        tenant: links::tenant(&document.root),
        ids: links::ids(&envelope),
        keyed: carried(packet).is_some(),
        key: key.and_then(|key| examiner.keys.raw(&key)),
        level,
        facts: facts::of(&document.root, &envelope, &source.place, parts),
    })
}

/// What the person verifying supplied, against the hashes in the sealed content and in the records beside it.
fn held_against(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
) {
    let mut hashes = supplied::hashes(envelope.content);
    let beside = |record: &str, member| case.packet.get(record)?.get(member);
    let operator = beside("rationale", "human_operator_id_hash");
    let site = beside("population_context", "site_identifier_hash");
    hashes.extend(operator.map(|hash| (Part::Operator, hash)));
    hashes.extend(site.map(|hash| (Part::Site, hash)));
    let decision_id = envelope.field("decision_id").and_then(Value::as_str);
    let ids: Vec<&str> = decision_id.into_iter().chain([case.id.as_str()]).collect();
    let Examiner {
        supplied,
        transcript,
        ..
    } = examiner;
    supplied.decision(transcript, &mut record.subject, case.at, &ids, &hashes);
}

/// Records a packet that cannot be used.
pub(super) fn unreadable(
    examiner: &mut Examiner<'_>,
    source: &Source,
    detail: String,
    reference: Reference,
) {
    let mut subject = examiner.transcript.subject(DECISION, &source.name);
    match reference {
        Reference::Fails => {
            let name = || format!("decision:{}", source.name);
            examiner.peer.record(Stage::Decisions, Some(false), name);
        }
        Reference::Stops => examiner.peer.stop(Stage::Decisions),
    }
    examiner
        .transcript
        .record(&mut subject, &READABLE, Finding::fail(detail));
    examiner.transcript.close(subject);
}

fn case<'c, 'v, 'a>(
    examiner: &mut Examiner<'_>,
    source: &'c Source,
    document: &'v Document<'a>,
    packet: &'v Object<'a>,
    envelope: &Envelope<'_, '_>,
) -> Case<'c, 'v, 'a>
where
    'v: 'c,
{
    let ids = [
        envelope.decision.get("envelope_id"),
        envelope.decision.get("decision_id"),
        envelope.field("decision_id"),
    ];
    let id = ids
        .into_iter()
        .flatten()
        .find_map(Value::as_str)
        .filter(|id| !id.is_empty());
    let key = match carried(packet) {
        Some(key) => key
            .as_str()
            .map_or(Key::NoText(key.kind_name()), |text| Key::Hex(text.into())),
        None => match Keys::of(None, examiner.options) {
            Keys::Evidence(key) => Key::Hex(key.into()),
            Keys::Pinned(keys) => lone::choose(examiner, &keys, envelope)
                .map_or(Key::Missing, |key| Key::Hex(key.into())),
            Keys::Unreadable(_) => Key::NoText("no public key"),
            Keys::Missing => Key::Missing,
        },
    };
    Case {
        document,
        packet,
        at: &source.at,
        id: id.unwrap_or(&source.name).to_owned(),
        key,
    }
}

/// The key that the packet carries.
fn carried<'v, 'a>(packet: &'v Object<'a>) -> Option<&'v Value<'a>> {
    truthy(packet.get("public_key_hex"))
        .or_else(|| truthy(packet.get("decision")?.get("public_key_hex")))
}

/// The packet's form: what the reference takes for objects, and what a decision cannot do without.
fn readable(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
    usable: bool,
) {
    let at = case.at;
    let odd = RECORDS.iter().find_map(|member| {
        let value = case.packet.get(member)?;
        let fits = value.is_null() || value.as_object().is_some();
        (!fits).then(|| (*member, value.kind_name()))
    });
    for member in ["verification_instructions", "merkle_leaf"] {
        let asked =
            member == "merkle_leaf" || truthy(case.packet.get("export_signature")).is_some();
        if asked
            && case.is_asked_of_the_reference()
            && matches!(Expected::of(case.packet.get(member)), Expected::Other(_))
        {
            examiner.peer.stop(record.stage);
        }
    }
    let finding = if let Some((member, kind)) = odd {
        Finding::fail(format!(
            "{at}Its {member} is {kind} where an object should stand."
        ))
    } else if envelope.given && !usable {
        Finding::fail(format!(
            "{at}The decision lacks an envelope_id or a canonical_hash."
        ))
    } else if truthy(envelope.decision.get("canonical_hash")).is_none() {
        Finding::fail(format!("{at}The decision lacks a canonical_hash."))
    } else {
        Finding::pass("")
    };
    record.ours(examiner, &READABLE, finding);
}

/// The packet's own signature over the hex digest of everything else in it. Whether it holds; and what has no canonical form.
fn export_signature(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
) -> (bool, Option<String>) {
    let at = case.at;
    let Some(signature) = truthy(case.packet.get("export_signature")) else {
        let detail = format!(
            "{at}The packet bears no signature as a whole (export_signature), so nothing covers it as a whole."
        );
        let finding = Finding::skip(Reason::SignedDataNotFound, detail);
        record.ours(examiner, &EXPORT_SIGNATURE, finding);
        return (false, None);
    };
    let name = record.peer_name(&EXPORT_SIGNATURE);
    let asked = case.is_asked_of_the_reference();
    let instructions = Expected::of(case.packet.get("verification_instructions"));
    let suite = Suite::of(truthy(instructions.get("signature_suite")));
    let number = examiner.canonicalize(&case.document.root, &["export_signature"], case.document);
    let Some(key) = case.key() else {
        if asked {
            examiner
                .peer
                .record(record.stage, Some(false), || name.clone());
        }
        let finding = case.key_missing("The packet's own signature");
        record.ours(examiner, &EXPORT_SIGNATURE, finding.peer(name));
        return (false, number);
    };
    let both = envelope.may_be_ascii();
    let readings = readings::of(
        &case.document.root,
        &["export_signature"],
        both,
        "everything else in it",
    );
    let mut first = None;
    for reading in &readings {
        let mut outcome =
            examiner
                .keys
                .verify(suite, reading.digest.as_bytes(), Some(signature), key);
        if reading.strip == Strip::Ascii && outcome.fault.is_none() {
            outcome.peer = false;
        }
        let holds = outcome.fault.is_none();
        if holds || first.is_none() {
            first = Some((outcome, reading.strip));
        }
        if holds {
            break;
        }
    }
    let Some((outcome, strip)) = first else {
        return (false, number);
    };
    examiner.peer.backend(outcome.backend);
    if asked {
        examiner
            .peer
            .record(record.stage, Some(outcome.peer), || name.clone());
    }
    let held = outcome.fault.is_none();
    let finding = match (&outcome.fault, strip) {
        (None, Strip::Unicode) => Finding::pass(outcome.remark.clone()),
        (None, Strip::Ascii) => Finding::pass(
            "Texts are stripped of ASCII white space only, as the specification says.",
        ),
        (Some(fault), _) => fault.finding(&format!("{at}The packet's own signature")),
    };
    record.ours(examiner, &EXPORT_SIGNATURE, finding.peer(name));
    (held, number)
}

/// Members that were not sealed with the record that they stand in.
fn uncovered(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    export: bool,
) {
    let what = "There are members that the specification does not name and that were not sealed with the rest of their record.";
    let finding = match export {
        true => Finding::pass(format!("{what} The packet's own signature covers them.")),
        false => Finding::fail(format!(
            "{}{what} No signature that holds covers them.",
            case.at
        )),
    };
    record.ours(examiner, &UNCOVERED, finding);
}

/// The instructions that the packet gives are read for the suite; nobody follows instructions that come with the evidence.
fn instructions(
    examiner: &mut Examiner<'_>,
    case: &Case<'_, '_, '_>,
    record: &mut Record<'_>,
    envelope: &Envelope<'_, '_>,
) {
    let Some((_, instructions)) = case.record("verification_instructions") else {
        return;
    };
    let named = truthy(instructions.get("signature_suite"));
    let used = truthy(envelope.decision.get("signature_suite"));
    let finding = match Suite::of(named) == Suite::of(used) {
        true => Finding::pass(
            "They name the suite of the decision's signature. Their steps were not followed; these checks were made instead.",
        ),
        false => Finding::note(format!(
            "{}The packet's instructions name the suite {}, and the decision is signed with {}.",
            case.at,
            shown(named),
            shown(used)
        )),
    };
    record.ours(examiner, &INSTRUCTIONS, finding);
}

/// Signatures in the packet that no published rule covers.
fn other_signatures(examiner: &mut Examiner<'_>, case: &Case<'_, '_, '_>, record: &mut Record<'_>) {
    const CHECKED: [&str; 6] = [
        "signature",
        "export_signature",
        "replay_signature",
        "rationale_signature",
        "attestation_signature",
        "checkpoint_signature",
    ];
    let mut found = Vec::new();
    let decision = case.packet.get("decision").and_then(Value::as_object);
    let chain = case
        .packet
        .get("chain")
        .and_then(|chain| chain.get("consequences"));
    let entries = chain.and_then(Value::as_array).unwrap_or_default();
    let places = [Some(case.packet), decision]
        .into_iter()
        .flatten()
        .chain(entries.iter().filter_map(Value::as_object));
    for place in places {
        let names = place.members.iter().map(|member| member.key.as_ref());
        found.extend(names.filter(|name| name.ends_with("signature") && !CHECKED.contains(name)));
    }
    if !found.is_empty() {
        let names = listed(found.iter().copied());
        let detail = format!(
            "{}Not checked, because no rule for them has been published: {names}.",
            case.at
        );
        let finding = Finding::skip(Reason::RuleUnpublished, detail);
        record.ours(examiner, &OTHER_SIGNATURES, finding);
    }
}
