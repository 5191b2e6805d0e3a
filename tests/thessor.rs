//! Thessor export packages made by the vendor's own package, with the vendor's verifier as the measure.
#![cfg(not(target_arch = "wasm32"))]
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
use assay::{Input, Options, Verdict, verify};
use serde_json::Value;

/// Another Ed25519 key than the fixtures'.
const OTHER_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor")
}

fn manifest() -> Value {
    serde_json::from_slice(&fs::read(folder().join("manifest.json")).unwrap()).unwrap()
}

fn report(file: &str, options: &Options<'_>) -> Report {
    let bytes = fs::read(folder().join(file)).unwrap();
    let input = Input {
        name: file,
        bytes: &bytes,
    };
    verify(input, options).unwrap_or_else(|refusal| refusal.into_report())
}

fn pinned(keys: &[&str]) -> Options<'static> {
    let keys = keys.iter().map(|key| PublicKey::parse(key).unwrap());
    Options {
        pins: Pins {
            keys: keys.collect(),
        },
        full: true,
        ..Options::default()
    }
}

fn full() -> Options<'static> {
    pinned(&[])
}

/// The peer's checks in the notation of the fixtures' manifest.
fn peer_checks(report: &Report) -> Vec<String> {
    let checks = report.peer.as_ref().unwrap()["checks"].as_array().unwrap();
    let line = |check: &Value| {
        let mark = match check["ok"].as_bool() {
            Some(true) => "+",
            Some(false) => "-",
            None => "?",
        };
        format!("{mark} {}", check["check"].as_str().unwrap())
    };
    checks.iter().map(line).collect()
}

fn find<'r>(report: &'r Report, id: &str) -> &'r Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check {id}"))
}

#[test]
fn every_fixture_gets_its_verdict() {
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        let file = fixture["file"].as_str().unwrap();
        let report = report(file, &full());
        assert_eq!(
            report.verdict.word(),
            fixture["verdict"].as_str().unwrap(),
            "{file}: {} {:#?}",
            report.summary,
            report.checks
        );
        assert_eq!(
            report.reason.is_none(),
            report.verdict == Verdict::Valid,
            "{file}"
        );
        assert_eq!(report.artifact.system.as_deref(), Some("thessor"), "{file}");
    }
}

#[test]
fn the_peer_says_what_the_vendors_verifier_says() {
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        let (file, oracle) = (fixture["file"].as_str().unwrap(), &fixture["oracle"]);
        let report = report(file, &full());
        let peer = report.peer.as_ref().unwrap();
        if oracle.get("raised").is_some() {
            assert_eq!(peer["passed"], false, "{file}");
            assert_eq!(peer["stopped"], true, "{file}");
            continue;
        }
        let expected: Vec<_> = oracle["checks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|line| line.as_str().unwrap())
            .collect();
        assert_eq!(peer_checks(&report), expected, "{file}");
        assert_eq!(peer["passed"], oracle["passed"], "{file}");
        assert_eq!(peer["ml_dsa_backend"], oracle["ml_dsa_backend"], "{file}");
    }
}

/// A package's files, unless one of them cannot be unpacked.
fn unpacked(file: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let bytes = fs::read(folder().join(file)).unwrap();
    let archive = assay::input::zip::open(&bytes).unwrap();
    let mut reader = assay::input::Reader::new();
    let files = archive.entries().iter().map(|entry| {
        let bytes = reader.read(entry).ok()?.to_vec();
        Some((entry.name().to_owned(), bytes))
    });
    files.collect()
}

#[test]
fn an_unpacked_package_gets_the_report_of_the_packed_one() {
    let mut compared = 0;
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        let file = fixture["file"].as_str().unwrap();
        let Some(files) = unpacked(file) else {
            continue;
        };
        let files: Vec<_> = files
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
            .collect();
        let folder = assay::Folder {
            name: file,
            files: &files,
        };
        let of_folder = assay::verify_folder(folder, &full()).unwrap().unwrap();
        let of_archive = report(file, &full());
        assert_eq!(of_folder.verdict, of_archive.verdict, "{file}");
        assert_eq!(of_folder.checks, of_archive.checks, "{file}");
        assert_eq!(of_folder.peer, of_archive.peer, "{file}");
        compared += 1;
    }
    assert!(compared > 90);
}

#[test]
fn a_file_put_into_or_taken_out_of_an_unpacked_package_is_noticed() {
    let files = unpacked("good.zip").unwrap();
    let verdict = |files: &[(String, Vec<u8>)]| {
        let files: Vec<_> = files
            .iter()
            .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
            .collect();
        let folder = assay::Folder {
            name: "export",
            files: &files,
        };
        assay::verify_folder(folder, &full()).unwrap()
    };
    assert_eq!(verdict(&files).unwrap().verdict, Verdict::Valid);
    let mut added = files.clone();
    added.push(("notes/hello.txt".to_owned(), b"hello".to_vec()));
    assert_eq!(verdict(&added).unwrap().verdict, Verdict::Invalid);
    for at in 0..files.len() {
        let mut fewer = files.clone();
        let (name, _) = fewer.remove(at);
        assert_eq!(verdict(&fewer).unwrap().verdict, Verdict::Invalid, "{name}");
    }
    assert!(verdict(&[("notes.txt".to_owned(), b"hello".to_vec())]).is_none());
}

#[test]
fn the_report_names_which_form_of_ml_dsa_it_is() {
    for (file, algorithm) in [
        ("fips-204.zip", "ML-DSA-65 (FIPS 204)"),
        ("dilithium3.zip", "Dilithium3 (round 3)"),
    ] {
        let report = report(file, &full());
        assert_eq!(report.signers.len(), 1, "{file}");
        assert_eq!(report.signers[0].algorithm, algorithm, "{file}");
        for id in ["manifest_signature", "signature", "export_signature"] {
            let detail = &find(&report, id).detail;
            assert!(detail.contains(algorithm), "{file}: {detail}");
        }
        let key = report.signers[0].public_key.clone();
        let pinned = self::report(file, &pinned(&[&key]));
        assert_eq!(pinned.verdict, Verdict::Valid, "{file}");
        assert_eq!(pinned.signers[0].pinned, Some(true), "{file}");
        let other = self::report(file, &self::pinned(&[OTHER_KEY]));
        assert_eq!(other.reason.unwrap().code(), "KEY_MISMATCH", "{file}");
    }
}

#[test]
fn what_is_read_over_in_a_signatures_base64_is_said() {
    for file in ["fips-204-base64-lines.zip", "dilithium3-base64-lines.zip"] {
        let detail = &find(&report(file, &full()), "manifest_signature")
            .detail
            .clone();
        assert!(
            detail.contains("more in it than base64"),
            "{file}: {detail}"
        );
    }
}

#[test]
fn what_the_vendor_refuses_is_valid_in_one_named_case_only() {
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        let file = fixture["file"].as_str().unwrap();
        let refused = fixture["oracle"]["passed"] != true;
        if refused && fixture["verdict"] == "valid" {
            let report = report(file, &full());
            assert!(
                find(&report, "signed_text").detail.contains("section 4"),
                "{file}"
            );
        }
    }
}

#[test]
fn what_is_stricter_here_says_that_the_vendor_accepts_it() {
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        let file = fixture["file"].as_str().unwrap();
        if fixture["oracle"]["passed"] == true && fixture["verdict"] == "invalid" {
            let report = report(file, &full());
            let failed = report
                .checks
                .iter()
                .filter(|check| check.status == Status::Fail);
            for check in failed {
                assert!(
                    check.detail.contains("The vendor's verifier accepts it"),
                    "{file}: {}",
                    check.detail
                );
            }
        }
    }
}

#[test]
fn every_check_passes_somewhere_and_fails_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    let fixtures = manifest();
    let [key, other] = ["public_key", "other_key"].map(|key| fixtures[key].as_str().unwrap());
    for fixture in fixtures["fixtures"].as_array().unwrap() {
        for options in [full(), pinned(&[key, other]), pinned(&[OTHER_KEY])] {
            for check in report(fixture["file"].as_str().unwrap(), &options).checks {
                let word = match check.status {
                    Status::Pass => "pass",
                    Status::Fail => "fail",
                    Status::Skip => "skip",
                    Status::Note => "note",
                };
                let kind = check
                    .subject
                    .split(':')
                    .next()
                    .unwrap_or_default()
                    .to_owned();
                seen.entry(format!("{kind} {}", check.id))
                    .or_default()
                    .insert(word);
            }
        }
    }
    // These cannot be checked by their nature, are only ever noted, or only ever say that a file is listed.
    let exempt = [
        "artifact chain_boundary",
        "decision signed_text",
        "checkpoint signed_text",
        "artifact verifier_self_check",
        "artifact checkpoint_index",
        "artifact sequence_range",
        "decision sealed_number",
    ];
    for (check, outcomes) in &seen {
        if !exempt.contains(&check.as_str()) {
            assert!(outcomes.contains("pass"), "{check} never passes");
            assert!(outcomes.contains("fail"), "{check} never fails");
        }
    }
    assert!(seen.len() > 20);
}

#[test]
fn what_drops_out_of_a_check_is_noted() {
    let noted = |file: &str| {
        let report = report(file, &full());
        let notes = report.checks.into_iter();
        let notes = notes.filter(|check| check.status == Status::Note);
        let told = notes.map(|check| (check.id.to_string(), check.detail.to_string()));
        told.collect::<Vec<(String, String)>>()
    };
    for (file, id, detail) in [
        (
            "unchained.zip",
            "sealed_number",
            "the sequence number 2, but",
        ),
        ("unchained.zip", "sequence_range", "go from 1 to 2; none"),
        (
            "checkpoint-not-json.zip",
            "checkpoint_index",
            "no readable file: ",
        ),
    ] {
        let notes = noted(file);
        let found = |(noted, said): &(String, String)| noted == id && said.contains(detail);
        assert!(notes.iter().any(found), "{file} {id}: {notes:?}");
    }
    let report = report("unchained.zip", &full());
    assert_eq!(report.verdict, Verdict::Valid);
    let links = find(&report, "chain_links");
    assert!(
        links.detail.contains("no link was checked: 2"),
        "{}",
        links.detail
    );
    let ids: Vec<String> = noted("good.zip").into_iter().map(|(id, _)| id).collect();
    assert_eq!(ids, ["chain_boundary"]);
}

#[test]
fn a_key_under_which_nothing_verified_signs_nothing() {
    let manifest = manifest();
    let key = manifest["public_key"].as_str().unwrap();
    for file in ["manifest-edited.zip", "manifest-unsigned.zip"] {
        assert_eq!(report(file, &pinned(&[key])).signers, [], "{file}");
    }
}

#[test]
fn the_package_key_is_held_to_the_pins() {
    let manifest = manifest();
    let key = manifest["public_key"].as_str().unwrap();
    let unpinned = report("good.zip", &full());
    assert_eq!(unpinned.verdict, Verdict::Valid);
    assert_eq!(unpinned.signers[0].pinned, None);
    assert_eq!(find(&unpinned, "public_key_pinned").status, Status::Skip);

    let right = report("good.zip", &pinned(&[OTHER_KEY, key]));
    assert_eq!(right.verdict, Verdict::Valid);
    assert_eq!(right.signers[0].pinned, Some(true));
    assert!(peer_checks(&right).contains(&"+ public_key_pinned".to_owned()));

    let wrong = report("good.zip", &pinned(&[OTHER_KEY]));
    assert_eq!(wrong.verdict, Verdict::Invalid);
    assert_eq!(wrong.reason.unwrap().code(), "KEY_MISMATCH");
    assert_eq!(wrong.signers[0].pinned, Some(false));
    assert_eq!(wrong.counts.failed, 1);
    assert!(peer_checks(&wrong).contains(&"- public_key_pinned".to_owned()));
}

#[test]
fn a_packets_own_key_is_held_to_the_pins() {
    let manifest = manifest();
    let key = manifest["public_key"].as_str().unwrap();
    let unpinned = report("export-other-key.zip", &full());
    assert_eq!(unpinned.verdict, Verdict::Valid);
    assert_eq!(find(&unpinned, "export_key").status, Status::Note);
    let own = unpinned.signers[1].public_key.clone();

    let outside = report("export-other-key.zip", &pinned(&[key]));
    assert_eq!(outside.reason.unwrap().code(), "KEY_MISMATCH");
    assert_eq!(outside.peer.as_ref().unwrap()["passed"], true);
    let both = report("export-other-key.zip", &pinned(&[key, &own]));
    assert_eq!(both.verdict, Verdict::Valid);
}

#[test]
fn facts_name_their_place_and_whether_a_signature_covers_them() {
    let report = report("good.zip", &full());
    let fact = |label: &str| {
        report
            .facts
            .iter()
            .find(|fact| fact.label == label)
            .unwrap()
    };
    assert_eq!(fact("Tenant").pointer, "manifest.json#/tenant_id");
    assert_eq!(fact("Decisions").value, "4");
    assert_eq!(fact("Earliest decision").value, "2026-06-01T10:00:00Z");
    assert_eq!(fact("Latest decision").value, "2026-06-01T10:03:00Z");
    let models = report
        .facts
        .iter()
        .filter(|fact| fact.label == "Model")
        .count();
    assert_eq!(models, 3);
    assert!(
        fact("Model")
            .pointer
            .ends_with(".json#/decision/raw_envelope/model_id")
    );
    assert!(report.facts.iter().all(|fact| fact.signed));
    assert!(!report.limits.is_empty());

    let edited = self::report("manifest-edited.zip", &full());
    assert!(edited.facts.iter().all(|fact| !fact.signed));
}

#[test]
fn an_archive_of_somebody_else_is_not_a_package() {
    let bytes = fs::read(folder().join("no-manifest.zip")).unwrap();
    assert!(bytes.starts_with(b"PK"));
    // A stored archive of one entry, `manifest.json` of a browser extension.
    let name = b"manifest.json";
    let data = br#"{"manifest_version": 3}"#;
    let mut crc = flate2::Crc::new();
    crc.update(data);
    let fields = [crc.sum(), data.len() as u32, data.len() as u32]
        .map(u32::to_le_bytes)
        .concat();
    let mut zip = [
        b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0",
        fields.as_slice(),
        &[13, 0, 0, 0],
        name,
        data,
    ]
    .concat();
    let start = zip.len() as u32;
    zip.extend(
        [
            b"PK\x01\x02\x14\x03\x14\0\0\0\0\0\0\0\0\0",
            fields.as_slice(),
            &[13, 0],
            &[0; 16],
            name,
        ]
        .concat(),
    );
    let size = zip.len() as u32 - start;
    zip.extend(
        [
            b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(),
            &size.to_le_bytes(),
            &start.to_le_bytes(),
            &[0, 0],
        ]
        .concat(),
    );
    let input = Input {
        name: "extension.zip",
        bytes: &zip,
    };
    let refusal = verify(input, &Options::default()).unwrap_err();
    assert_eq!(refusal.code.code(), "UNKNOWN_SYSTEM");
}
