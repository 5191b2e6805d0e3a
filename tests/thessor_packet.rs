//! Thessor audit packets made with the vendor's own functions, with its verifier as the measure of what it checks too.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assay::report::{Check, Report, Status};
use assay::trust::{Pins, PublicKey};
use assay::{Companion, Content, Input, Options, Verdict, verify};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor/packets")
}

fn manifest() -> Value {
    serde_json::from_slice(&fs::read(folder().join("manifest.json")).unwrap()).unwrap()
}

fn fixtures() -> Vec<Value> {
    manifest()["fixtures"].as_array().unwrap().clone()
}

fn bytes(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).unwrap()
}

fn report_of(name: &str, bytes: &[u8], options: &Options<'_>) -> Report {
    verify(Input { name, bytes }, options).unwrap_or_else(|refusal| refusal.into_report())
}

fn report(file: &str, options: &Options<'_>) -> Report {
    report_of(file, &bytes(file), options)
}

fn full() -> Options<'static> {
    Options {
        full: true,
        ..Options::default()
    }
}

fn pinned(key: &str) -> Options<'static> {
    Options {
        pins: Pins {
            keys: vec![PublicKey::parse(key).unwrap()],
        },
        ..full()
    }
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap()
}

fn find<'r>(report: &'r Report, id: &str) -> &'r Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check {id}: {:#?}", report.checks))
}

fn failed(report: &Report) -> BTreeSet<&str> {
    let failed = report
        .checks
        .iter()
        .filter(|check| check.status == Status::Fail);
    failed.map(|check| check.id.as_ref()).collect()
}

#[test]
fn every_fixture_gets_its_verdict_for_its_reasons() {
    for fixture in fixtures() {
        let file = text(&fixture, "file");
        let report = report(file, &full());
        let fails = fixture["fails"].as_array().unwrap();
        let expected: BTreeSet<_> = fails.iter().map(|id| id.as_str().unwrap()).collect();
        assert_eq!(failed(&report), expected, "{file}: {:#?}", report.checks);
        assert_eq!(
            report.verdict.word(),
            text(&fixture, "verdict"),
            "{file}: {} {:#?}",
            report.summary,
            report.checks
        );
        assert_eq!(report.artifact.system.as_deref(), Some("thessor"), "{file}");
    }
}

#[test]
fn every_packet_reaches_its_level_and_is_told_what_the_next_one_asks_for() {
    for fixture in fixtures() {
        let Some(level) = fixture["level"].as_u64() else {
            continue;
        };
        let file = text(&fixture, "file");
        let report = report(file, &full());
        let detail = &find(&report, "conformance_level").detail;
        let reached = match level {
            0 => "It reaches no conformance level.".to_owned(),
            level => format!("It reaches conformance level {level} of 3."),
        };
        assert!(detail.starts_with(&reached), "{file}: {detail}");
        assert_eq!(
            detail.contains("also asks for"),
            level < 3,
            "{file}: {detail}"
        );
    }
}

#[test]
fn the_peer_says_what_the_vendors_verifier_says() {
    for fixture in fixtures() {
        let (file, oracle) = (text(&fixture, "file"), &fixture["oracle"]);
        if oracle.is_null() {
            continue;
        }
        let report = report(file, &full());
        let peer = report.peer.as_ref().unwrap();
        if oracle.get("raised").is_some() {
            assert_eq!(peer["passed"], false, "{file}");
            assert_eq!(peer["stopped"], true, "{file}");
            continue;
        }
        let line = |check: &Value| {
            let mark = match check["ok"].as_bool() {
                Some(true) => "+",
                Some(false) => "-",
                None => "?",
            };
            format!("{mark} {}", text(check, "check"))
        };
        let checks: Vec<_> = peer["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(line)
            .collect();
        let expected: Vec<_> = oracle["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|check| check.as_str().unwrap())
            .collect();
        // Files of an archive are named otherwise than the records that the oracle was given.
        if !file.ends_with(".zip") {
            assert_eq!(checks, expected, "{file}");
        }
        assert_eq!(peer["passed"], oracle["passed"], "{file}");
    }
}

#[test]
fn what_the_vendor_refuses_is_valid_in_named_cases_only() {
    for fixture in fixtures() {
        let (file, oracle) = (text(&fixture, "file"), &fixture["oracle"]);
        if fixture["verdict"] != "valid" || oracle.is_null() || oracle["passed"] == true {
            continue;
        }
        let report = report(file, &full());
        let specified = report.checks.iter().any(|check| {
            let detail = &check.detail;
            detail.contains("section 4 of the published specification")
                || detail.contains("section 3 of the published specification")
                || detail.contains("Recomputed over the")
        });
        assert!(specified, "{file}: {:#?}", report.checks);
    }
}

#[test]
fn every_check_passes_somewhere_and_fails_or_speaks_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let mut note = |report: &Report| {
        for check in &report.checks {
            let word = match check.status {
                Status::Pass => "pass",
                Status::Fail => "fail",
                Status::Skip => "skip",
                Status::Note => "note",
            };
            seen.entry(check.id.to_string()).or_default().insert(word);
        }
    };
    let key = text(&manifest(), "public_key").to_owned();
    let other = text(&manifest(), "other_key").to_owned();
    for fixture in fixtures() {
        let file = text(&fixture, "file");
        note(&report(file, &full()));
    }
    note(&report("good.json", &pinned(&key)));
    note(&report("good.json", &pinned(&other)));
    // These are never more than notes or skips, or never made unless they hold.
    let only_told = [
        "chain_boundary",
        "conformance_level",
        "copies",
        "other_files",
        "other_signatures",
        "period",
        "signed_text",
        "stripping",
    ];
    for (id, statuses) in &seen {
        if only_told.contains(&id.as_str()) {
            assert!(!statuses.contains("fail"), "{id}");
            continue;
        }
        assert!(statuses.contains("pass"), "{id} never passes");
        assert!(statuses.len() > 1, "{id} only ever passes");
    }
}

#[test]
fn the_report_names_what_held() {
    for (file, id, words) in [
        (
            "digest-signed.json",
            "signed_text",
            "covers the hex digest of the sealed content",
        ),
        (
            "digest-signed.json",
            "replay_signature",
            "over the hex digest",
        ),
        ("good.json", "replay_signature", "over the canonical bytes"),
        (
            "filed.json",
            "rationale_hash",
            "every member but its signature and its hash.",
        ),
        (
            "good.json",
            "rationale_hash",
            "the id that the server filed it under",
        ),
        (
            "nulls-left-out.json",
            "rationale_hash",
            "members without a value",
        ),
        (
            "v3-flat.json",
            "canonical_hash",
            "the fields and the suite.",
        ),
        (
            "v3-flat-unversioned.json",
            "canonical_hash",
            "without schema_version",
        ),
        (
            "v3-flat-attested.json",
            "canonical_hash",
            "the attestations",
        ),
        ("stripped-unicode-v3.json", "stripping", "as the SDK does"),
        (
            "stripped-ascii-v3.json",
            "stripping",
            "section 3 of the published specification",
        ),
        (
            "replay-other-model.json",
            "replay_model",
            "another model_version",
        ),
        ("column-differs.json", "copies", "model_id reads otherwise"),
        ("checkpoint-elsewhere.json", "inclusion", "does not cover"),
        ("link-signed.json", "other_signatures", "link_signature"),
        (
            "no-population.json",
            "conformance_level",
            "a population attestation",
        ),
        (
            "plain.json",
            "conformance_level",
            "a replay record; a rationale",
        ),
        ("v2-raw.json", "conformance_level", "this one is v2"),
        (
            "three.json",
            "conformance_level",
            "3 packets reach conformance level 1 of 3.",
        ),
    ] {
        let report = report(file, &full());
        let detail = &find(&report, id).detail;
        assert!(detail.contains(words), "{file} {id}: {detail}");
    }
}

#[test]
fn the_key_is_held_to_the_pins() {
    let manifest = manifest();
    let report = report("good.json", &pinned(text(&manifest, "public_key")));
    assert_eq!(report.verdict, Verdict::Valid);
    assert_eq!(report.signers[0].pinned, Some(true));
    let report = self::report("good.json", &pinned(text(&manifest, "other_key")));
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(failed(&report), BTreeSet::from(["public_key_pinned"]));
}

#[test]
fn a_packet_without_its_key_is_checked_with_the_one_that_is_pinned() {
    let options = pinned(text(&manifest(), "public_key"));
    assert_eq!(report("no-key.json", &options).verdict, Verdict::Valid);
    let supplied = Options {
        values: [(
            "public_key".to_owned(),
            text(&manifest(), "public_key").to_owned(),
        )]
        .into(),
        ..full()
    };
    let report = report("no-key.json", &supplied);
    assert_eq!(report.verdict, Verdict::Valid);
    assert_eq!(report.signers[0].pinned, None);
    let report = self::report("no-key.json", &full());
    assert_eq!(report.reason.unwrap().code(), "KEY_NEEDED");
    assert!(report.asks.iter().any(|ask| ask.name == "key"));
}

#[test]
fn facts_name_their_place_and_whether_a_signature_covers_them() {
    let report = report("good.json", &full());
    let fact = |label: &str| {
        report
            .facts
            .iter()
            .find(|fact| fact.label == label)
            .unwrap()
    };
    for (label, value, pointer) in [
        ("Model", "ct-lung-nodule", "/decision/raw_envelope/model_id"),
        (
            "Human oversight",
            "clinician_confirmed",
            "/rationale/human_oversight_action",
        ),
        (
            "Clinician (NPI)",
            "1234567890",
            "/decision/raw_envelope/attestations/clinician_npi",
        ),
        (
            "Performance: sensitivity",
            "0.947",
            "/population_context/sensitivity",
        ),
    ] {
        assert_eq!(fact(label).value, value);
        assert_eq!(fact(label).pointer, pointer);
        assert!(fact(label).signed, "{label}");
    }
    let report = self::report("altered.json", &full());
    let output = report
        .facts
        .iter()
        .find(|fact| fact.label == "Output")
        .unwrap();
    assert!(!output.signed);
}

#[test]
fn links_to_packets_in_other_files_are_checked() {
    let three: Vec<Value> = serde_json::from_slice(&bytes("three.json")).unwrap();
    let files: Vec<Vec<u8>> = three
        .iter()
        .map(|packet| serde_json::to_vec(packet).unwrap())
        .collect();
    let with = |beside: &[(&str, &[u8])]| {
        let beside = assay::open_beside(beside);
        let options = Options {
            beside: &beside,
            ..full()
        };
        report_of("second.json", &files[1], &options)
    };
    let alone = with(&[]);
    assert_eq!(alone.verdict, Verdict::Valid);
    assert!(alone.checks.iter().all(|check| check.id != "chain_beside"));
    let joined = with(&[("first.json", &files[0]), ("third.json", &files[2])]);
    assert_eq!(joined.verdict, Verdict::Valid, "{:#?}", joined.checks);
    assert!(find(&joined, "chain_beside").detail.contains("first.json"));
    // Another intact decision with the number before.
    let cut = bytes("agent.json");
    let broken = with(&[("other.json", &cut)]);
    assert_eq!(failed(&broken), BTreeSet::from(["chain_beside"]));
    // One that does not hold itself proves nothing, nor does one of a number that is there twice.
    let altered = String::from_utf8(cut.clone())
        .unwrap()
        .replace("\"lookup\"", "\"delete\"");
    for (beside, reason) in [
        (
            &[("other.json", altered.as_bytes())][..],
            "SIGNED_DATA_NOT_FOUND",
        ),
        (
            &[("other.json", &cut[..]), ("again.json", &cut[..])][..],
            "AMBIGUOUS",
        ),
    ] {
        let report = with(beside);
        assert_eq!(report.verdict, Verdict::Valid);
        assert_eq!(find(&report, "chain_beside").reason.unwrap().code(), reason);
    }
}

#[test]
fn the_input_and_the_identifiers_are_held_against_what_is_supplied_and_never_shown() {
    let input = bytes("input.json");
    let with = |file: &[u8], values: &[(&str, &str)]| {
        let values = values
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let options = Options {
            companions: vec![Companion {
                name: "input".to_owned(),
                file_name: "input.json".to_owned(),
                content: Content::File(file),
            }],
            values: values.collect(),
            ..full()
        };
        verify(
            Input {
                name: "good.json",
                bytes: &bytes("good.json"),
            },
            &options,
        )
        .unwrap()
    };
    let persons = [
        ("patient_id", "MRN-00042"),
        ("operator_id", "npi:1234567890"),
        ("site_identifier", "site:hospital-a"),
    ];
    let report = with(&input, &persons);
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.checks);
    for id in ["input", "patient_id", "operator_id", "site_identifier"] {
        assert_eq!(find(&report, id).status, Status::Pass, "{id}");
        assert!(
            report.asks.iter().any(|ask| ask.name == id && ask.supplied),
            "{id}"
        );
    }
    assert!(find(&report, "input").detail.contains("canonical JSON"));
    assert!(!report.to_json().contains("MRN-00042"));
    let report = with(b"{}", &[("patient_id", "MRN-00043")]);
    assert_eq!(failed(&report), BTreeSet::from(["input", "patient_id"]));
    assert_eq!(report.reason.unwrap().code(), "HASH_FAILURE");
    assert!(!report.to_json().contains("MRN-00043"));
}

#[test]
fn every_altered_byte_of_a_packet_is_noticed() {
    let good = bytes("plain.json");
    let document: Value = serde_json::from_slice(&good).unwrap();
    let mut tried = 0;
    for at in 0..good.len() {
        let mut altered = good.clone();
        altered[at] ^= 1;
        // What reads the same says the same.
        if serde_json::from_slice::<Value>(&altered).is_ok_and(|altered| altered == document) {
            continue;
        }
        tried += 1;
        let report = report_of("plain.json", &altered, &Options::default());
        assert_ne!(report.verdict, Verdict::Valid, "byte {at}");
    }
    assert!(tried > good.len() / 2);
}
