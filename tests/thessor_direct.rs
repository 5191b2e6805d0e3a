//! Content whose signature and key are handed over separately, and answers to a seal.
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use assay::report::{Check, Report, Status};
use assay::trust::{Pins, PublicKey};
use assay::{Companion, Content, Input, Options, verify};

/// What is supplied beside a file. A text that begins with `@` names a fixture that holds it.
#[derive(Clone, Copy, Default)]
struct With<'s> {
    files: &'s [(&'s str, &'s str)],
    values: &'s [(&'s str, &'s str)],
    pins: &'s [&'s str],
}

fn read(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor/direct");
    fs::read(folder.join(file)).unwrap()
}

fn told(text: &str) -> String {
    match text.strip_prefix('@') {
        Some(file) => String::from_utf8(read(file)).unwrap(),
        None => text.to_owned(),
    }
}

fn report_on(bytes: &[u8], with: With<'_>) -> Report {
    let files: Vec<_> = with
        .files
        .iter()
        .map(|(name, file)| (*name, read(file)))
        .collect();
    let companion = |(name, bytes)| Companion {
        name: String::from(name),
        file_name: "file".to_owned(),
        content: Content::File(bytes),
    };
    let values = with
        .values
        .iter()
        .map(|(name, text)| ((*name).to_owned(), told(text)));
    let pins = with
        .pins
        .iter()
        .map(|text| PublicKey::parse(&told(text)).unwrap());
    let options = Options {
        companions: files
            .iter()
            .map(|(name, bytes)| companion((*name, bytes.as_slice())))
            .collect(),
        values: values.collect(),
        pins: Pins {
            keys: pins.collect(),
        },
        full: true,
        ..Options::default()
    };
    let input = Input {
        name: "file.json",
        bytes,
    };
    verify(input, &options).unwrap_or_else(|refusal| refusal.into_report())
}

fn report(file: &str, with: With<'_>) -> Report {
    report_on(&read(file), with)
}

fn find<'r>(report: &'r Report, id: &str) -> &'r Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check {id} in {:#?}", report.checks))
}

/// Verdict and reason in one word: `valid`, `invalid HASH_FAILURE`.
fn outcome(report: &Report) -> String {
    match report.reason {
        Some(reason) => format!("{} {}", report.verdict.word(), reason.code()),
        None => report.verdict.word().to_owned(),
    }
}

const NOTHING: With<'static> = With {
    files: &[],
    values: &[],
    pins: &[],
};

#[test]
fn all_three_in_one_object() {
    for (file, expected) in [
        ("signed.json", "valid"),
        ("signed-digest.json", "valid"),
        ("signed-other-names.json", "valid"),
        ("signed-with-hash.json", "valid"),
        ("signed-with-other-hash.json", "invalid HASH_FAILURE"),
        ("signed-fips-204.json", "valid"),
        ("signed-dilithium3.json", "valid"),
        ("signed-dilithium3-suite-unnamed.json", "valid"),
        ("signed-fips-204-suite-beside.json", "valid"),
        ("signed-attested.json", "valid"),
        ("signed-attested-altered.json", "invalid SIG_CRYPTO_FAILURE"),
        ("signed-altered.json", "invalid SIG_CRYPTO_FAILURE"),
        ("signed-other-key.json", "invalid SIG_CRYPTO_FAILURE"),
        ("signed-beside.json", "invalid FORMAT_FAILURE"),
        ("signed-without-key.json", "indeterminate KEY_NEEDED"),
        ("signed-twice-named.json", "invalid FORMAT_FAILURE"),
        (
            "signed-small-order.json",
            "invalid CRYPTO_CONSTRAINTS_FAILURE",
        ),
        ("signed-spaced-hex.json", "invalid FORMAT_FAILURE"),
        ("signed-no-text.json", "invalid SIGNED_DATA_NOT_FOUND"),
        ("signed-key-no-text.json", "invalid FORMAT_FAILURE"),
    ] {
        let report = report(file, NOTHING);
        assert_eq!(outcome(&report), expected, "{file}: {:#?}", report.checks);
        assert_eq!(
            report.artifact.kind.as_deref(),
            Some("signed-content"),
            "{file}"
        );
        let pinned = self::report(
            file,
            With {
                pins: &["@other-key.hex"],
                ..NOTHING
            },
        );
        assert_ne!(pinned.verdict.word(), "valid", "{file}");
        let begins = |check: &Check| check.detail.starts_with(char::is_alphabetic);
        let told = report
            .checks
            .iter()
            .filter(|check| !check.detail.is_empty());
        assert!(told.into_iter().all(begins), "{file}: {:#?}", report.checks);
    }
}

#[test]
fn the_rule_that_held_is_named() {
    let over = |file| {
        find(&report(file, NOTHING), "signed_text")
            .detail
            .to_string()
    };
    assert!(over("signed.json").contains("canonical content itself"));
    assert!(over("signed-digest.json").contains("hex digest"));
    let peer = |file| report(file, NOTHING).peer.unwrap()["passed"].clone();
    assert_eq!(peer("signed.json"), true);
    assert_eq!(peer("signed-digest.json"), false);
    assert_eq!(peer("signed-altered.json"), false);
    assert_eq!(peer("signed-without-key.json"), serde_json::Value::Null);
    let algorithm = |file| report(file, NOTHING).signers[0].algorithm.to_string();
    assert_eq!(algorithm("signed-fips-204.json"), "ML-DSA-65 (FIPS 204)");
    assert_eq!(algorithm("signed-dilithium3.json"), "Dilithium3 (round 3)");
}

#[test]
fn the_parts_handed_over_separately() {
    let signature = ("signature", "@payload.signature");
    let key = ("public_key", "@key.hex");
    #[rustfmt::skip]
    let cases: [(&str, With<'_>, &str); 20] = [
        ("payload.json", NOTHING, "indeterminate INPUT_NEEDED"),
        ("payload.json", With { values: &[signature], ..NOTHING }, "indeterminate KEY_NEEDED"),
        ("payload.json", With { values: &[key], ..NOTHING }, "indeterminate INPUT_NEEDED"),
        ("payload.json", With { values: &[signature, key], ..NOTHING }, "valid"),
        ("payload.json", With { values: &[signature, ("public_key", "@key.pem")], ..NOTHING }, "valid"),
        ("payload.json", With { files: &[("signature", "payload.signature"), ("public_key", "key.bin")], ..NOTHING }, "valid"),
        ("payload.json", With { files: &[("signature", "payload.signature.bin"), ("public_key", "key.hex")], ..NOTHING }, "valid"),
        ("payload.json", With { values: &[signature], pins: &["@key.hex"], ..NOTHING }, "valid"),
        ("payload.json", With { values: &[signature], pins: &["@other-key.hex", "@key.hex"], ..NOTHING }, "valid"),
        ("payload.json", With { values: &[signature, key], pins: &["@key.hex"], ..NOTHING }, "valid"),
        ("payload.json", With { values: &[signature, key], pins: &["@other-key.hex"], ..NOTHING }, "invalid KEY_MISMATCH"),
        ("payload.json", With { values: &[signature], pins: &["@other-key.hex"], ..NOTHING }, "invalid SIG_CRYPTO_FAILURE"),
        ("payload.json", With { values: &[signature, ("public_key", "@other-key.hex")], ..NOTHING }, "invalid SIG_CRYPTO_FAILURE"),
        ("payload.json", With { values: &[signature, ("public_key", "no key")], ..NOTHING }, "invalid FORMAT_FAILURE"),
        ("payload.json", With { values: &[("signature", "@payload-digest.signature"), key], ..NOTHING }, "valid"),
        ("payload-altered.json", With { values: &[signature, key], ..NOTHING }, "invalid SIG_CRYPTO_FAILURE"),
        ("note.json", NOTHING, "refused"),
        ("note.json", With { values: &[("signature", "@note.signature"), key], ..NOTHING }, "valid"),
        ("note.json", With { files: &[("signature", "note.signature")], pins: &["@key.hex"], ..NOTHING }, "valid"),
        ("note.json", With { values: &[signature, key], ..NOTHING }, "invalid SIG_CRYPTO_FAILURE"),
    ];
    for (at, (file, with, expected)) in cases.into_iter().enumerate() {
        let report = report(file, with);
        assert_eq!(
            outcome(&report),
            expected,
            "case {at}, {file}: {:#?}",
            report.checks
        );
    }
}

#[test]
fn ml_dsa_keys_and_signatures_too() {
    // The payload names Ed25519, so that an ML-DSA signature over it does not hold; what names nothing goes by the key.
    let key = ("public_key", "@key-fips-204.hex");
    for files in [
        ("signature", "payload-fips-204.signature"),
        ("signature", "payload-fips-204.signature.bin"),
    ] {
        let report = report(
            "payload.json",
            With {
                files: &[files],
                values: &[key],
                ..NOTHING
            },
        );
        assert_eq!(report.verdict.word(), "invalid");
    }
    let whole = read("signed-dilithium3-suite-unnamed.json");
    let unnamed: serde_json::Value = serde_json::from_slice(&whole).unwrap();
    let (signature, key) = (
        unnamed["signature_hex"].as_str().unwrap(),
        unnamed["public_key_hex"].as_str().unwrap(),
    );
    let with = With {
        values: &[("signature", signature)],
        pins: &[key],
        ..NOTHING
    };
    // As it is written: serde_json keeps neither the order of keys nor the spelling of numbers.
    let text = std::str::from_utf8(&whole).unwrap();
    let payload = text.strip_prefix("{\"payload\": ").unwrap();
    let payload = payload.split(", \"signature_hex\"").next().unwrap();
    let report = report_on(payload.as_bytes(), with);
    assert_eq!(report.verdict.word(), "valid");
    assert_eq!(report.signers[0].algorithm, "Dilithium3 (round 3)");
}

#[test]
fn a_key_handed_over_with_the_evidence_is_no_pin() {
    let signature = ("signature", "@payload.signature");
    fn pinned(with: With<'_>) -> Option<bool> {
        report("payload.json", with).signers[0].pinned
    }
    assert_eq!(
        pinned(With {
            values: &[signature, ("public_key", "@key.hex")],
            ..NOTHING
        }),
        None
    );
    assert_eq!(
        pinned(With {
            values: &[signature],
            pins: &["@key.hex"],
            ..NOTHING
        }),
        Some(true)
    );
}

#[test]
fn what_is_missing_is_asked_for() {
    fn asked(file: &str, with: With<'_>) -> String {
        let asks = report(file, with).asks;
        let names: Vec<String> = asks
            .iter()
            .map(|ask| format!("{}{}", ask.name, if ask.supplied { "!" } else { "" }))
            .collect();
        names.join(" ")
    }
    assert_eq!(asked("signed.json", NOTHING), "input patient_id");
    assert_eq!(
        asked("payload.json", NOTHING),
        "input patient_id signature public_key key"
    );
    let signature = ("signature", "@payload.signature");
    assert_eq!(
        asked(
            "payload.json",
            With {
                values: &[signature],
                ..NOTHING
            }
        ),
        "input patient_id signature! public_key key"
    );
    let pin = With {
        values: &[signature],
        pins: &["@key.hex"],
        ..NOTHING
    };
    assert_eq!(
        asked("payload.json", pin),
        "input patient_id signature! public_key key!"
    );
    assert_eq!(asked("response.json", NOTHING), "payload public_key key");
    assert_eq!(asked("response-pending.json", NOTHING), "");
    let with = With {
        files: &[("payload", "payload.json")],
        ..NOTHING
    };
    assert_eq!(
        asked("response-with-key.json", with),
        "input patient_id payload!"
    );
}

#[test]
fn answers_to_a_seal() {
    let payload = &[("payload", "payload.json")];
    let pins = &["@key.hex"][..];
    #[rustfmt::skip]
    let cases: [(&str, With<'_>, &str); 19] = [
        ("response.json", NOTHING, "indeterminate INPUT_NEEDED"),
        ("response.json", With { pins, ..NOTHING }, "indeterminate INPUT_NEEDED"),
        ("response.json", With { files: payload, ..NOTHING }, "indeterminate KEY_NEEDED"),
        ("response.json", With { files: payload, pins, ..NOTHING }, "valid"),
        ("response.json", With { files: payload, values: &[("public_key", "@key.hex")], ..NOTHING }, "valid"),
        ("response.json", With { files: payload, pins: &["@other-key.hex"], ..NOTHING }, "invalid SIG_CRYPTO_FAILURE"),
        ("response.json", With { files: &[("payload", "payload-altered.json")], pins, ..NOTHING }, "invalid HASH_FAILURE"),
        ("response-digest.json", With { pins, ..NOTHING }, "indeterminate INPUT_NEEDED"),
        ("response-digest.json", With { files: payload, pins, ..NOTHING }, "valid"),
        ("response-with-key.json", With { files: payload, ..NOTHING }, "valid"),
        ("response-envelope.json", With { files: payload, pins, ..NOTHING }, "valid"),
        ("response-contradiction.json", With { files: payload, pins, ..NOTHING }, "invalid CONTRADICTION"),
        ("response-pending.json", With { files: payload, pins, ..NOTHING }, "indeterminate SIGNED_DATA_NOT_FOUND"),
        ("response-failed.json", NOTHING, "invalid SIGNED_DATA_NOT_FOUND"),
        ("response-outcome.json", With { files: &[("payload", "outcome.json")], pins, ..NOTHING }, "valid"),
        ("response-outcome.json", With { files: payload, pins, ..NOTHING }, "invalid HASH_FAILURE"),
        ("verify-result.json", With { files: payload, ..NOTHING }, "indeterminate INPUT_NEEDED"),
        ("verify-result.json", With { files: payload, values: &[("signature", "@payload.signature")], ..NOTHING }, "valid"),
        ("verify-result-invalid.json", With { files: payload, ..NOTHING }, "invalid SIGNED_DATA_NOT_FOUND"),
    ];
    for (at, (file, with, expected)) in cases.into_iter().enumerate() {
        let report = report(file, with);
        assert_eq!(
            outcome(&report),
            expected,
            "case {at}, {file}: {:#?}",
            report.checks
        );
        assert_eq!(
            report.artifact.kind.as_deref(),
            Some("seal-response"),
            "{file}"
        );
    }
    let signed = report("response-digest.json", With { pins, ..NOTHING });
    assert_eq!(find(&signed, "signature").status, Status::Pass);
}

#[test]
fn no_single_change_to_signed_content_goes_unnoticed() {
    let bytes = read("signed.json");
    let text = String::from_utf8(bytes.clone()).unwrap();
    let payload = text.find("\"signature_hex\"").unwrap();
    let (mut noticed, mut same) = (0, 0);
    for (at, byte) in bytes.iter().enumerate().take(payload) {
        if !byte.is_ascii_alphanumeric() {
            continue;
        }
        let mut altered = bytes.clone();
        altered[at] = if *byte == b'0' { b'1' } else { b'0' };
        let report = report_on(&altered, NOTHING);
        match report.verdict.word() {
            "invalid" => noticed += 1,
            // The last digits of a long number may stand for the same double.
            "valid" if byte.is_ascii_digit() => same += 1,
            word => assert_eq!(word, "refused", "{at}"),
        }
    }
    assert!(noticed > 400 && same < 5, "{noticed} {same}");
}

#[test]
fn every_check_passes_somewhere_and_fails_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor/direct");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file = path.file_name().unwrap().to_str().unwrap();
        for pins in [&[][..], &["@key.hex"], &["@other-key.hex"]] {
            for files in [&[][..], &[("payload", "payload.json")]] {
                for check in report(
                    file,
                    With {
                        files,
                        pins,
                        ..NOTHING
                    },
                )
                .checks
                {
                    let word = match check.status {
                        Status::Pass => "pass",
                        Status::Fail => "fail",
                        Status::Skip => "skip",
                        Status::Note => "note",
                    };
                    seen.entry(check.id.to_string()).or_default().insert(word);
                }
            }
        }
    }
    for (check, outcomes) in &seen {
        if !["signed_text", "supplied", "uncovered_members"].contains(&check.as_str()) {
            assert!(outcomes.contains("pass"), "{check} never passes");
            assert!(outcomes.contains("fail"), "{check} never fails");
        }
    }
    assert!(seen.len() >= 8);
}
