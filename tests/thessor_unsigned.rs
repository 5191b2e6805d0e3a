//! What nobody signed must not change what a decision is taken to say: copies beside the sealed content, members that an answer of
//! the server has, fields that a signature leaves out.
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs;
use std::path::Path;

use assay::report::{Check, Report, Status};
use assay::trust::{Pins, PublicKey};
use assay::{Companion, Content, Input, Options, verify};
use serde_json::{Value, json};

const KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
const OTHER_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn read(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor");
    fs::read(folder.join(file)).unwrap()
}

fn value(file: &str) -> Value {
    serde_json::from_slice(&read(file)).unwrap()
}

fn pins(keys: &[&str]) -> Pins {
    let parsed = keys.iter().map(|key| PublicKey::parse(key).unwrap());
    Pins {
        keys: parsed.collect(),
    }
}

fn report_with(value: &Value, options: &Options<'_>) -> Report {
    let bytes = serde_json::to_vec(value).unwrap();
    let input = Input {
        name: "file.json",
        bytes: &bytes,
    };
    verify(input, options).unwrap_or_else(|refusal| refusal.into_report())
}

fn report(value: &Value) -> Report {
    let options = Options {
        pins: pins(&[KEY]),
        full: true,
        ..Options::default()
    };
    report_with(value, &options)
}

fn supplying(value: &Value, payload: &Value, key: &str) -> Report {
    let bytes = serde_json::to_vec(payload).unwrap();
    let options = Options {
        pins: pins(&[key]),
        full: true,
        companions: vec![Companion {
            name: "payload".to_owned(),
            file_name: "payload.json".to_owned(),
            content: Content::File(&bytes),
        }],
        ..Options::default()
    };
    report_with(value, &options)
}

fn outcome(report: &Report) -> String {
    match report.reason {
        Some(reason) => format!("{} {}", report.verdict.word(), reason.code()),
        None => report.verdict.word().to_owned(),
    }
}

fn of<'r>(report: &'r Report, id: &str, status: Status) -> Vec<&'r Check> {
    let checks = report.checks.iter();
    checks
        .filter(|check| check.id == id && check.status == status)
        .collect()
}

fn signed(report: &Report, label: &str) -> bool {
    let fact = report.facts.iter().find(|fact| fact.label == label);
    fact.unwrap_or_else(|| panic!("no fact {label}: {:#?}", report.facts))
        .signed
}

fn merged(value: &Value, members: Value) -> Value {
    let mut value = value.clone();
    let members = members.as_object().unwrap().clone();
    value.as_object_mut().unwrap().extend(members);
    value
}

#[test]
fn a_gap_in_the_chain_stays_one_whatever_becomes_of_the_copies_of_the_numbers() {
    let mut list = value("agent/decisions.json");
    let members = list.as_array_mut().unwrap();
    assert_eq!(outcome(&report(&json!(members))), "valid");
    let mut whole = members.clone();
    members.remove(1);
    type Change = fn(&mut Value);
    let changes: [Change; 4] = [
        |_| {},
        |envelope| _ = envelope.as_object_mut().unwrap().remove("seq_no"),
        |envelope| envelope["seq_no"] = Value::Null,
        |envelope| envelope["seq_no"] = json!(2),
    ];
    for change in changes {
        let mut gapped = members.clone();
        change(gapped.last_mut().unwrap());
        let report = report(&json!(gapped));
        assert_eq!(outcome(&report), "invalid CHAIN_BROKEN");
        let detail = &of(&report, "chain_links", Status::Fail)[0].detail;
        assert!(detail.ends_with("The sequence number before it is missing."));
    }
    // Without a gap the sealed numbers hold the chain together.
    for change in changes.iter().skip(1) {
        change(&mut whole[2]);
        assert_eq!(outcome(&report(&json!(whole))), "valid");
    }
}

#[test]
fn a_number_that_stands_twice_is_told_from_one_that_is_missing() {
    let mut list = value("agent/decisions.json");
    let first = list[0].clone();
    list.as_array_mut().unwrap().push(first);
    let report = report(&list);
    assert_eq!(outcome(&report), "invalid CHAIN_BROKEN");
    let detail = &of(&report, "chain_links", Status::Fail)[0].detail;
    assert!(
        detail.ends_with("The sequence number stands twice."),
        "{detail}"
    );
    assert_eq!(of(&report, "decision_ids", Status::Note).len(), 1);
}

#[test]
fn a_gap_between_files_is_said() {
    let (first, second, third) = (
        read("agent/decision.json"),
        read("agent/second.json"),
        read("agent/third.json"),
    );
    let told = |beside: &[(&str, &[u8])]| {
        let opened = assay::open_beside(beside);
        let options = Options {
            pins: pins(&[KEY]),
            beside: &opened,
            full: true,
            ..Options::default()
        };
        let report = report_with(&serde_json::from_slice(&third).unwrap(), &options);
        assert_eq!(outcome(&report), "valid");
        let check = report
            .checks
            .iter()
            .find(|check| check.id == "chain_beside");
        check.map(|check| check.status)
    };
    assert_eq!(told(&[]), None);
    assert_eq!(told(&[("second.json", &second)]), Some(Status::Pass));
    assert_eq!(told(&[("first.json", &first)]), Some(Status::Note));
}

#[test]
fn members_that_the_servers_answers_have_are_no_forgery() {
    let envelope = value("agent/decision.json");
    for (members, noted) in [
        (json!({"seal_id": null}), 0),
        (json!({"error": null}), 0),
        (json!({"valid": true}), 1),
        (json!({"stored_hash": envelope["canonical_hash"]}), 0),
        (json!({"stored_hash": "00"}), 1),
        (json!({"error": "not found", "valid": false}), 1),
    ] {
        let report = report(&merged(&envelope, members.clone()));
        assert_eq!(outcome(&report), "valid", "{members}");
        let notes = of(&report, "server_word", Status::Note);
        assert_eq!(notes.len(), noted, "{members}");
    }
    let report = report(&merged(&envelope, json!({"approved_by": "x"})));
    assert_eq!(outcome(&report), "invalid FORMAT_FAILURE");
}

/// A v3 decision whose fields stand side by side, out of a packet.
fn flat(file: &str) -> Value {
    value(file)["decision"].clone()
}

#[test]
fn a_v4_decision_is_not_checked_without_its_sealed_content() {
    let envelope = value("agent/flat.json");
    let report = report(&envelope);
    assert_eq!(outcome(&report), "invalid SIGNED_DATA_NOT_FOUND");
    let detail = &of(&report, "canonical_hash", Status::Fail)[0].detail;
    assert!(detail.contains("raw_envelope"), "{detail}");
}

#[test]
fn what_was_sent_is_put_together_as_the_specification_says() {
    for file in ["packets/v3-flat.json", "packets/v3-flat-attested.json"] {
        let mut content = flat(file);
        let members = content.as_object_mut().unwrap();
        let mut answer = json!({"seal_version": "v3"});
        for name in ["envelope_id", "canonical_hash", "signature", "created_at"] {
            answer[name] = members.remove(name).unwrap_or_default();
        }
        for name in ["signature_suite", "seal_version", "key_reference"] {
            members.remove(name);
        }
        let report = supplying(&answer, &content, KEY);
        assert_eq!(outcome(&report), "valid", "{file}: {:#?}", report.checks);
        let other = supplying(&answer, &content, OTHER_KEY);
        assert_eq!(outcome(&other), "invalid SIG_CRYPTO_FAILURE", "{file}");
        assert_eq!(other.signers, [], "{file}");
        // What was never sealed is no part of it.
        let more = merged(&content, json!({"approved_by": "x"}));
        let more = supplying(&answer, &more, KEY);
        assert_eq!(
            outcome(&more),
            "indeterminate SIGNED_DATA_NOT_FOUND",
            "{file}"
        );
    }
}

#[test]
fn what_was_sent_for_a_v4_seal_is_not_accused() {
    let answer = value("direct/response.json");
    let mut content = value("direct/payload.json");
    for name in [
        "schema_version",
        "signature_suite",
        "seq_no",
        "prev_chain_hash",
    ] {
        content.as_object_mut().unwrap().remove(name);
    }
    let report = supplying(&answer, &content, KEY);
    assert_eq!(outcome(&report), "indeterminate RULE_UNPUBLISHED");
}

#[test]
fn a_fact_that_the_signature_leaves_out_is_not_signed() {
    let mut envelope = flat("packets/v3-flat-unversioned.json");
    envelope["schema_version"] = json!("typed-by-anyone");
    let alone = report(&envelope);
    assert_eq!(outcome(&alone), "valid", "{:#?}", alone.checks);
    for report in [alone, report(&json!([envelope, envelope]))] {
        assert!(!signed(&report, "Envelope schema"));
        assert!(signed(&report, "Model"));
    }
    let mut packet = value("packets/v3-flat-unversioned.json");
    packet["decision"]["schema_version"] = json!("typed-by-anyone");
    for value in [packet.clone(), json!([packet, packet])] {
        let report = report(&value);
        assert_eq!(report.verdict.word(), "invalid");
        assert!(!signed(&report, "Envelope schema"));
        assert!(signed(&report, "Model"));
    }
}

#[test]
fn what_stands_beside_a_payload_does_not_pass_for_it() {
    let packet = value("packets/v3-wrapped.json");
    let wrapped = &packet["decision"];
    assert!(wrapped.get("payload").is_some());
    assert_eq!(outcome(&report(wrapped)), "valid");
    for member in [
        json!({"model_id": "another"}),
        json!({"approved_by": "somebody"}),
    ] {
        let report = report(&merged(wrapped, member.clone()));
        assert_ne!(report.verdict.word(), "valid", "{member}");
    }
}

#[test]
fn copies_of_an_outcome_are_compared_with_what_was_sealed() {
    let mut packet = value("packets/good.json");
    let entry = &mut packet["chain"]["consequences"][0];
    let sealed = entry["raw_envelope"]["outcome_type"].clone();
    assert!(sealed.is_string(), "{entry}");
    for (copy, noted) in [(sealed, 0), (json!("refuted"), 1)] {
        packet["chain"]["consequences"][0]["outcome_type"] = copy;
        let report = report(&packet);
        let notes = of(&report, "copies", Status::Note);
        let of_outcome = notes
            .iter()
            .filter(|note| note.subject.starts_with("outcome"));
        assert_eq!(of_outcome.count(), noted);
    }
}

#[test]
fn another_seal_version_beside_the_sealed_one_is_said() {
    let mut envelope = value("agent/decision.json");
    envelope["schema_version"] = json!("v9");
    let report = report(&envelope);
    assert_eq!(outcome(&report), "valid");
    assert_eq!(of(&report, "copies", Status::Note).len(), 1);
}

#[test]
fn an_attestation_of_another_version_of_the_model_is_said() {
    let mut packet = value("packets/good.json");
    let noted = |packet: &Value| of(&report(packet), "population_model", Status::Note).len();
    assert_eq!(noted(&packet), 0);
    packet["population_context"]["model_version"] = json!("0.9");
    assert_eq!(noted(&packet), 1);
}

#[test]
fn a_text_where_a_number_should_stand_is_called_that() {
    let mut packet = value("packets/good.json");
    packet["population_context"]["sensitivity"] = json!("0.947");
    packet["population_context"]["true_positive_count"] = json!("180");
    let counts = report(&packet);
    let detail = &of(&counts, "counts", Status::Fail)[0].detail;
    let expected = "Its true_positive_count is the text \"180\" where a number should stand.";
    assert_eq!(detail, expected);
    packet["population_context"]["true_positive_count"] = json!(180);
    let rate = report(&packet);
    let detail = &of(&rate, "sensitivity", Status::Fail)[0].detail;
    let expected = "The sensitivity is the text \"0.947\" where a number should stand.";
    assert_eq!(detail, expected);
}
