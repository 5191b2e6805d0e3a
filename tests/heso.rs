//! HESO receipts, chains and bundles, made by the vendor's own package: every verdict and outcome is written down beside them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assay::report::Status;
use assay::trust::{Pins, PublicKey};
use assay::{Input, Options, Report, Verdict, verify};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/heso")
}

fn manifest() -> Value {
    serde_json::from_slice(&fs::read(folder().join("manifest.json")).unwrap()).unwrap()
}

fn report_with(bytes: &[u8], options: &Options<'_>) -> Report {
    let input = Input {
        name: "file",
        bytes,
    };
    verify(input, options).unwrap_or_else(assay::Refusal::into_report)
}

fn report(bytes: &[u8]) -> Report {
    report_with(bytes, &Options::default())
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(folder().join(name)).unwrap()
}

fn outcome(report: &Report) -> Option<String> {
    let outcome = report.peer.as_ref()?.get("outcome")?;
    outcome.as_str().map(str::to_owned)
}

fn pins(keys: &[&str]) -> Options<'static> {
    Options {
        pins: Pins {
            keys: keys
                .iter()
                .map(|key| PublicKey::parse(key).unwrap())
                .collect(),
        },
        ..Options::default()
    }
}

#[test]
fn every_fixture_gets_the_verdict_and_the_outcome_of_the_manifest() {
    let manifest = manifest();
    let files = manifest["files"].as_array().unwrap();
    assert!(files.len() > 100);
    for file in files {
        let name = file["file"].as_str().unwrap();
        let report = report(&fixture(name));
        assert_eq!(
            report.verdict.word(),
            file["verdict"].as_str().unwrap(),
            "{name}: {}",
            report.summary
        );
        assert_eq!(
            outcome(&report).as_deref(),
            file["outcome"].as_str(),
            "{name}"
        );
        assert_eq!(report.artifact.system.as_deref(), Some("heso"), "{name}");
    }
}

#[test]
fn where_the_vendor_is_blind_the_report_says_so() {
    for file in manifest()["files"].as_array().unwrap() {
        if file["stricter"].is_null() {
            continue;
        }
        let name = file["file"].as_str().unwrap();
        let report = report(&fixture(name));
        assert!(
            report.summary.contains("HESO's own core"),
            "{name}: {}",
            report.summary
        );
    }
}

#[test]
fn every_gate_passes_somewhere_and_fails_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for file in manifest()["files"].as_array().unwrap() {
        for check in report(&fixture(file["file"].as_str().unwrap())).checks {
            let word = match check.status {
                Status::Pass => "pass",
                Status::Fail => "fail",
                Status::Skip => "skip",
                Status::Note => "note",
            };
            seen.entry(check.id.into_owned()).or_default().insert(word);
        }
    }
    for gate in [
        "form",
        "algorithm",
        "version",
        "content_hash",
        "signature_roles",
        "operator_signature",
        "approver_signature",
        "self_approval",
        "trust_level",
        "redaction",
        "mandate",
        "session_start",
        "session_links",
        "not_empty",
    ] {
        assert!(
            seen[gate].contains("pass") && seen[gate].contains("fail"),
            "{gate}: {:?}",
            seen[gate]
        );
    }
    assert!(seen["time_anchor"].contains("fail"));
    assert!(seen["coverage"].contains("pass") && seen["coverage"].contains("skip"));
    for remark in ["agent_identity", "session_operator", "bundle_key"] {
        assert!(
            seen[remark].contains("pass") && seen[remark].contains("note"),
            "{remark}: {:?}",
            seen[remark]
        );
    }
}

#[test]
fn a_pinned_operator_is_demanded_and_a_pinned_approver_is_not() {
    let manifest = manifest();
    let operator = manifest["operator_public_key"].as_str().unwrap();
    let approver = manifest["approver_public_key"].as_str().unwrap();
    for name in ["valid/l1.json", "valid/chain.json", "valid/bundle.tar"] {
        let bytes = fixture(name);
        let pinned = report_with(&bytes, &pins(&[operator]));
        assert_eq!(pinned.verdict, Verdict::Valid, "{name}");
        assert_eq!(pinned.signers[0].pinned, Some(true));
        let note = pinned
            .checks
            .iter()
            .find(|check| check.id == "pinned_approver")
            .unwrap();
        assert_eq!(note.status, Status::Note, "{name}");

        let other = report_with(&bytes, &pins(&[approver]));
        assert_eq!(other.verdict, Verdict::Invalid, "{name}");
        assert_eq!(other.reason.unwrap().code(), "KEY_MISMATCH", "{name}");
        assert_eq!(
            outcome(&other).as_deref(),
            Some("Valid"),
            "{name}: the vendor knows no pins"
        );
    }
    let two = report_with(
        &fixture("valid/chain-two-operators.json"),
        &pins(&[operator]),
    );
    assert_eq!(two.verdict, Verdict::Invalid);
}

#[test]
fn the_first_broken_link_is_named() {
    let report = report(&fixture("invalid/interleaved-one-broken.jsonl"));
    let failures: Vec<_> = report
        .checks
        .iter()
        .filter(|check| check.status == Status::Fail)
        .collect();
    let [link] = failures.as_slice() else {
        panic!("{failures:?}")
    };
    assert_eq!(link.id, "session_links");
    assert_eq!(link.subject, "session:claims-2026-03-02");
    assert!(
        link.detail.starts_with("Receipt 3 (line 3)"),
        "{}",
        link.detail
    );
    assert_eq!(link.expected.as_deref(), Some("seq 1"));
    assert_eq!(link.actual.as_deref(), Some("seq 2"));
    let sessions = report.peer.unwrap()["sessions"].clone();
    assert_eq!(sessions[0]["outcome"], "LinkBroken");
    assert_eq!(sessions[0]["seq"], 2);
    assert_eq!(sessions[1]["outcome"], "Valid");
    assert_eq!(sessions[1]["length"], 2);
}

#[test]
fn a_file_that_was_cut_off_is_not_valid() {
    let lines = fixture("valid/receipts.jsonl");
    let array = fixture("valid/chain.json");
    for bytes in [
        &lines[..lines.len() - 40],
        &array[..array.len() - 40],
        &array[..array.len() - 2],
    ] {
        let report = report(bytes);
        assert_eq!(report.verdict, Verdict::Invalid);
        assert_eq!(outcome(&report).as_deref(), Some("Malformed"));
        assert_eq!(report.reason.unwrap().code(), "FORMAT_FAILURE");
    }
}

#[test]
fn no_single_changed_bit_of_a_receipt_is_valid() {
    for name in ["valid/l0.json", "valid/redacted-commitments.json"] {
        let bytes = fixture(name);
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                let report = report(&changed);
                assert_ne!(
                    report.verdict,
                    Verdict::Valid,
                    "{name}: bit {bit} of byte {at}"
                );
            }
        }
    }
}

#[test]
fn a_valid_report_lists_what_it_does_not_prove_and_where_its_facts_stand() {
    let bytes = fixture("valid/l1.json");
    let receipt: Value = serde_json::from_slice(&bytes).unwrap();
    let report = report(&bytes);
    assert!(report.limits.len() >= 3);
    for fact in &report.facts {
        assert!(fact.signed, "{}", fact.label);
        assert!(receipt.pointer(&fact.pointer).is_some(), "{}", fact.pointer);
    }
    let value = |label: &str| {
        let fact = report.facts.iter().find(|fact| fact.label == label);
        fact.map(|fact| fact.value.as_str())
    };
    assert_eq!(value("Action"), Some("payment"));
    assert_eq!(value("Approver's decision"), Some("approved"));
    assert_eq!(value("Argument amount"), Some("4800"));
}

/// heso-spec's own vectors, where they are at hand.
#[test]
fn the_published_vectors_come_out_as_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/heso");
    let read = |name: &str| -> Option<Value> {
        serde_json::from_slice(&fs::read(folder.join(name)).ok()?).ok()
    };
    let Some(crown) = read("heso-1.0-crown-vectors.json") else {
        return;
    };
    let of = |value: &Value| match value.as_str() {
        Some(text) => text.to_owned(),
        None => value.to_string(),
    };
    let mut cases: Vec<(String, String)> = Vec::new();
    for case in crown["action_receipt_v2"]["cases"].as_array().unwrap() {
        cases.push((of(&case["receipt_json"]), of(&case["expected_outcome"])));
    }
    cases.push((
        of(&crown["redaction"]["receipt_json"]),
        of(&crown["redaction"]["receipt_expected_outcome"]),
    ));
    for case in crown["chain"]["cases"].as_array().unwrap() {
        let lines: Vec<String> = case["chain_jsonl"]
            .as_array()
            .unwrap()
            .iter()
            .map(of)
            .collect();
        cases.push((lines.join("\n"), of(&case["expected_outcome"])));
        cases.push((
            format!("[{}]", lines.join(",")),
            of(&case["expected_outcome"]),
        ));
    }
    for (text, expected) in cases {
        let report = report(text.as_bytes());
        assert_eq!(
            outcome(&report).as_deref(),
            Some(expected.as_str()),
            "{text}"
        );
        assert_eq!(report.verdict == Verdict::Valid, expected == "Valid");
    }
}
