//! ComplianceGuard events made by the vendor's own SDK, with its `decrypt_event` as the measure.
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use assay::report::{Check, Report, Status};
use assay::{Companion, Content, Input, Options, Verdict, open_beside, verify};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/complianceguard")
}

fn manifest() -> Value {
    serde_json::from_slice(&read("manifest.json")).unwrap()
}

fn fixtures() -> Vec<Value> {
    manifest()["fixtures"].as_array().unwrap().clone()
}

fn read(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// What is supplied beside a file.
#[derive(Clone, Default)]
struct Supplied {
    companions: Vec<(String, String, Vec<u8>)>,
    values: BTreeMap<String, String>,
    key: Option<Vec<u8>>,
}

impl Supplied {
    /// What a fixture's entry in the manifest names.
    fn with(entry: &Value) -> Self {
        let entry = &entry["supplied"];
        let mut supplied = Self::default();
        for (name, files) in entry["with"].as_object().into_iter().flatten() {
            let one = std::slice::from_ref(files);
            for file in files.as_array().map_or(one, Vec::as_slice) {
                let file = file.as_str().unwrap();
                supplied = supplied.file(name, file, read(file));
            }
        }
        for (name, value) in entry["set"].as_object().into_iter().flatten() {
            supplied = supplied.value(name, value.as_str().unwrap());
        }
        if let Some(key) = entry["payload_key"].as_str() {
            supplied = supplied.key(key);
        }
        supplied
    }

    fn file(mut self, name: &str, file: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.companions
            .push((name.to_owned(), file.to_owned(), bytes.into()));
        self
    }

    fn value(mut self, name: &str, value: &str) -> Self {
        self.values.insert(name.to_owned(), value.to_owned());
        self
    }

    fn key(mut self, hex: &str) -> Self {
        self.key = Some(assay::bytes::from_hex(hex).unwrap());
        self
    }

    fn options(&self) -> Options<'_> {
        let companions = self.companions.iter().map(|(name, file, bytes)| Companion {
            name: name.clone(),
            file_name: file.clone(),
            content: Content::File(bytes),
        });
        Options {
            full: true,
            companions: companions.collect(),
            values: self.values.clone(),
            payload_key: self.key.clone(),
            ..Options::default()
        }
    }

    fn report(&self, bytes: &[u8]) -> Report {
        report(bytes, &self.options())
    }
}

fn report(bytes: &[u8], options: &Options<'_>) -> Report {
    let input = Input {
        name: "evidence",
        bytes,
    };
    verify(input, options).unwrap_or_else(|refusal| refusal.into_report())
}

/// The report on a fixture with what its entry supplies.
fn of(name: &str) -> Report {
    let fixtures = fixtures();
    let entry = fixtures.iter().find(|entry| {
        let file = entry["file"].as_str().unwrap();
        file.split('.').next() == Some(name)
    });
    let entry = entry.unwrap_or_else(|| panic!("no fixture {name}"));
    Supplied::with(entry).report(&read(entry["file"].as_str().unwrap()))
}

fn find<'r>(report: &'r Report, id: &str) -> &'r Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check {id} in {:#?}", report.checks))
}

fn failed(report: &Report) -> Vec<&str> {
    let failed = report
        .checks
        .iter()
        .filter(|check| check.status == Status::Fail);
    failed.map(|check| check.id.as_ref()).collect()
}

fn asked(report: &Report) -> Vec<(&str, bool)> {
    let asks = report.asks.iter();
    asks.map(|ask| (ask.name.as_ref(), ask.supplied)).collect()
}

#[test]
fn every_fixture_gets_its_verdict_alone_and_with_what_is_supplied() {
    for entry in fixtures() {
        let file = entry["file"].as_str().unwrap();
        let both = [
            (Supplied::default(), &entry["verdict"]),
            (Supplied::with(&entry), &entry["supplied"]["verdict"]),
        ];
        for (supplied, verdict) in both {
            let report = supplied.report(&read(file));
            let found = (report.verdict.word(), report.artifact.system.as_deref());
            if let Some(verdict) = verdict.as_str() {
                let expected = (verdict, Some("complianceguard"));
                assert_eq!(
                    found, expected,
                    "{file}: {} {:#?}",
                    report.summary, report.checks
                );
            }
        }
    }
}

#[test]
fn the_peer_says_what_decrypt_event_says() {
    for entry in fixtures() {
        let file = entry["file"].as_str().unwrap();
        let report = Supplied::with(&entry).report(&read(file));
        let peer = &report.peer.as_ref().unwrap()["decrypted"];
        if file == "long-nonce.json" {
            // The vendor's library takes nonces of other lengths, which are not tried here.
            assert!(peer.is_null(), "{file}");
            continue;
        }
        assert_eq!(*peer, entry["oracle"]["decrypted"], "{file}");
    }
}

#[test]
fn each_alteration_fails_the_check_it_concerns_and_no_other() {
    for (name, checks) in [
        ("other-output", &["output_reference"][..]),
        ("reference-altered", &["input_reference"]),
        ("reference-missing", &["form"]),
        ("reference-short", &["form"]),
        ("sealed-key-and-other-part", &["output_reference"]),
        ("sealed-other-key", &["decryption"]),
        (
            "trap",
            &["input_reference", "output_reference", "metadata_reference"],
        ),
        ("altered", &["decryption"]),
        ("nonce-altered", &["decryption"]),
        ("rebound", &["aad_binding"]),
        ("rebound-sealed", &["aad_binding", "decryption"]),
        ("rebound-with-hash", &["decryption"]),
        ("time-altered", &["aad_binding"]),
        ("binding-hash-altered", &["aad_binding"]),
        ("sealed-reference-altered", &["output_reference"]),
        ("without-payloadNonce", &["envelope"]),
        ("padded", &["envelope"]),
        ("base64-lines", &["envelope"]),
        ("long-nonce", &["envelope"]),
        ("payload-unknown-member", &["envelope"]),
        ("both-envelopes", &["envelope"]),
        ("plaintext-list", &["plaintext"]),
        ("plaintext-not-json", &["plaintext"]),
        ("plaintext-duplicate-key", &["plaintext"]),
        ("plaintext-unknown-member", &["plaintext"]),
        ("duplicate-key", &["unambiguous_json"]),
        ("nan", &["unambiguous_json"]),
        ("unknown-member", &["members"]),
        ("null-added", &["form"]),
        ("null-payload", &["form"]),
        ("receipt-kept-differs", &["receipt"]),
        ("receipt-supplied-for-another", &["supplied_records"]),
        ("without-system", &["form"]),
        ("without-model", &["form"]),
        ("numeric-identifier", &["form"]),
        ("lines-altered", &["decryption"]),
        ("lines-swapped", &["aad_binding", "aad_binding"]),
        ("two-keys-altered", &["decryption"]),
        ("companions-one-strange", &["companions"]),
        ("companions-misnamed", &["input_reference"]),
        ("contradicting", &["unique_events"]),
        ("cut-off", &["records"]),
        ("override-altered", &["aad_binding", "decryption"]),
        ("override-without-reviewer", &["human_oversight"]),
        ("override-numeric-reviewer", &["human_oversight"]),
        ("override-unlinked", &["human_oversight"]),
        ("oversight-list", &["human_oversight"]),
        ("error-other-text", &["error_message"]),
        ("error-hash-altered", &["error_message"]),
        ("latency-negative", &["performance"]),
        ("latency-fraction", &["performance"]),
        ("status-number", &["performance"]),
        ("success-with-error", &["performance"]),
        ("performance-text", &["performance"]),
        ("receipt-supplied-differs", &["receipt"]),
        ("receipt-other-system", &["event"]),
        ("receipt-other-number", &["event"]),
        ("receipt-without-hash", &["form"]),
        ("receipt-number-as-text", &["form"]),
        ("receipt-duplicate-key", &["unambiguous_json"]),
        ("sequence-shared", &["sequence"]),
    ] {
        assert_eq!(failed(&of(name)), checks, "{name}");
    }
}

#[test]
fn every_check_passes_somewhere_and_fails_somewhere() {
    let mut seen: BTreeMap<String, Vec<Status>> = BTreeMap::new();
    for entry in fixtures() {
        let report = Supplied::with(&entry).report(&read(entry["file"].as_str().unwrap()));
        for check in report.checks {
            let kind = check.subject.split(':').next().unwrap().to_owned();
            let outcomes = seen.entry(format!("{kind} {}", check.id)).or_default();
            outcomes.push(check.status);
        }
    }
    // The rule of the server's hash is not published; the others tell of what the SDK leaves to its caller.
    let noted = ["event override_link", "event overridden_output"];
    for (check, outcomes) in &seen {
        let expected: &[Status] = match check.as_str() {
            "artifact event_hash" => &[Status::Skip],
            check if noted.contains(&check) => &[Status::Pass, Status::Note],
            "event oversight_words" => &[Status::Note],
            _ => &[Status::Pass, Status::Fail],
        };
        for outcome in expected {
            assert!(outcomes.contains(outcome), "{check}: never {outcome:?}");
        }
    }
    assert_eq!(seen.len(), 26);
}

#[test]
fn with_neither_key_nor_components_there_is_nothing_to_decide_and_the_report_asks() {
    let plain = of("request");
    assert_eq!(plain.reason.unwrap().code(), "INPUT_NEEDED");
    let parts = [("input", false), ("output", false), ("metadata", false)];
    let receipt = [("receipt", false)];
    assert_eq!(asked(&plain), [&parts[..], &receipt].concat());

    let sealed = of("sealed-without-key");
    assert_eq!(sealed.reason.unwrap().code(), "KEY_NEEDED");
    let key = [("payload_key", false)];
    assert_eq!(asked(&sealed), [&key[..], &parts, &receipt].concat());
    assert_eq!(find(&sealed, "aad_binding").status, Status::Pass);

    // The components alone leave open whether the ciphertext is what the event says.
    let parts_only = of("sealed-parts-only");
    assert_eq!(parts_only.reason.unwrap().code(), "KEY_NEEDED");
    assert_eq!(find(&parts_only, "input_reference").status, Status::Pass);

    let short = of("sealed-short-key");
    assert!(find(&short, "decryption").detail.contains("16 bytes"));
    assert!(asked(&short).contains(&("payload_key", true)));

    let failed_call = of("error");
    assert!(asked(&failed_call).contains(&("error_message", false)));
    assert!(asked(&of("error-text")).contains(&("error_message", true)));
    assert!(asked(&of("override-alone")).contains(&("decision", false)));
    // Nothing is asked for that is there.
    let names = |name| {
        asked(&of(name))
            .iter()
            .map(|ask| ask.0.to_owned())
            .collect::<Vec<_>>()
    };
    assert!(!names("override").contains(&"decision".to_owned()));
    assert!(!names("with-receipts").contains(&"receipt".to_owned()));
    assert!(!names("plain-text").contains(&"metadata".to_owned()));
}

#[test]
fn an_absent_component_hashes_as_an_empty_object() {
    // Of an event of which nothing was supplied, not even an empty component is taken as shown.
    let empty = read("empty.json");
    let nothing = Supplied::default().report(&empty);
    assert_eq!(nothing.verdict, Verdict::Indeterminate);
    for empty_input in ["{}", " { }\n", "null"] {
        let supplied = Supplied::default().file("input", "input.json", empty_input);
        let report = supplied.report(&empty);
        assert_eq!(report.verdict, Verdict::Valid, "{empty_input}");
        assert!(
            find(&report, "metadata_reference")
                .detail
                .contains("no metadata")
        );
    }
    for other in ["[]", "\"\"", "0", ""] {
        let supplied = Supplied::default().file("input", "input.json", other);
        assert_eq!(
            failed(&supplied.report(&empty)),
            ["input_reference"],
            "{other:?}"
        );
    }
}

#[test]
fn the_trap_of_empty_components_is_named() {
    let report = of("trap");
    for id in ["input_reference", "output_reference", "metadata_reference"] {
        let detail = &find(&report, id).detail;
        assert!(
            detail.contains("up to 0.1.5, on Python before 3.12,"),
            "{detail}"
        );
    }
    // A wrong reference beside a full plaintext is another matter.
    assert!(
        !find(&of("sealed-reference-altered"), "output_reference")
            .detail
            .contains("3.12")
    );
}

#[test]
fn companions_are_canonicalized_as_python_does() {
    let event = read("request.json");
    let judged = |input: &str| {
        let supplied = Supplied::default().file("input", "input.json", input);
        find(&supplied.report(&event), "input_reference").status
    };
    let same = [
        r#"{"candidate":"C-1042","prompt":"Screen this application for the role of site engineer.","score_floor":0.5}"#,
        "{\"score_floor\": 5e-1,\r\n \"prompt\": \"Screen this application for the role of site \\u0065ngineer.\", \"candidate\": \"C-1042\"}",
    ];
    let marked = format!("\u{feff}{}", same[0]);
    assert_eq!(judged(&marked), Status::Pass);
    let other = [
        r#"{"candidate":"C-1042","prompt":"Screen this application for the role of site engineer. ","score_floor":0.5}"#,
        r#"{"candidate":"C-1042","prompt":"Screen this application for the role of site engineer.","score_floor":"0.5"}"#,
        r#"{"candidate":"C-1042","prompt":"Screen this application for the role of site engineer.","score_floor":0.5,"x":null}"#,
        // A key that stands twice: the file can be read in two ways.
        r#"{"candidate":"C","candidate":"C-1042","prompt":"Screen this application for the role of site engineer.","score_floor":0.5}"#,
    ];
    for input in same {
        assert_eq!(judged(input), Status::Pass, "{input}");
    }
    for input in other {
        assert_eq!(judged(input), Status::Fail, "{input}");
    }
    // Python writes 1 and 1.0 differently: they are two contents.
    let metadata = |text: &str| {
        let supplied = Supplied::default().file("metadata", "metadata.json", text);
        find(&supplied.report(&event), "metadata_reference").status
    };
    assert_eq!(
        metadata(r#"{"tokens":1830,"temperature":1.0,"trace":"t-77"}"#),
        Status::Pass
    );
    assert_eq!(
        metadata(r#"{"tokens":1830,"temperature":1,"trace":"t-77"}"#),
        Status::Fail
    );
}

#[test]
fn a_companion_that_is_not_json_is_held_as_a_text_and_one_that_is_no_text_fails() {
    let event = read("plain-text.json");
    let judged = |text: &[u8]| {
        let supplied = Supplied::default().file("input", "question.txt", text);
        find(&supplied.report(&event), "input_reference").clone()
    };
    assert!(
        judged(b"Who signs off?")
            .detail
            .contains("read as a plain text,")
    );
    for line in ["Who signs off?\n", "\u{feff}Who signs off?\r\n"] {
        let check = judged(line.as_bytes());
        assert!(
            check.detail.contains("without the line break"),
            "{}",
            check.detail
        );
    }
    assert!(
        judged(b"\"Who signs off?\"\n")
            .detail
            .contains("read as JSON")
    );
    for other in [
        &b"Who signs off? "[..],
        b"who signs off?",
        b"Who signs off?\n\n",
    ] {
        assert_eq!(judged(other).status, Status::Fail);
    }
    let binary = judged(b"\x89PNG\r\n\xff");
    assert_eq!(binary.status, Status::Fail);
    assert!(binary.detail.contains("neither JSON nor text"));
}

#[test]
fn a_companion_is_named_where_it_matched() {
    let detail = find(&of("companions"), "companions").detail.clone();
    let ids: Vec<_> = records(&read("companions.jsonl"));
    assert!(
        detail.contains(&format!("input.json is the input of {}.", ids[0])),
        "{detail}"
    );
    assert!(
        detail.contains(&format!("final.json is the output of {}.", ids[1])),
        "{detail}"
    );
    let strange = of("companions-one-strange");
    assert!(
        find(&strange, "companions")
            .detail
            .contains("metadata.json is the output of none")
    );

    // Supplied for an event that is not there, it is told and left aside.
    let supplied = Supplied::default().file("input:nobody", "input.json", "{}");
    let report = supplied.report(&read("companions.jsonl"));
    assert_eq!(find(&report, "companions").status, Status::Note);
    assert_eq!(report.verdict, Verdict::Indeterminate);
}

fn records(lines: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(lines).unwrap();
    let id = |line| {
        serde_json::from_str::<Value>(line).unwrap()["eventId"]
            .as_str()
            .map(str::to_owned)
    };
    text.lines().filter_map(id).collect()
}

#[test]
fn what_was_decrypted_is_disclosed_and_in_no_other_part_of_the_report() {
    let report = of("sealed");
    let shown: Vec<_> = report
        .disclosed
        .iter()
        .map(|shown| shown.label.as_ref())
        .collect();
    assert_eq!(shown.len(), 3);
    assert!(shown[0].starts_with("Decrypted input of event "));
    assert!(report.disclosed[0].value.contains("site engineer"));
    assert_eq!(report.disclosed[0].pointer, "/payloadCiphertext");
    for name in [
        "sealed",
        "sealed-reference-altered",
        "sealed-key-and-other-part",
        "plaintext-unknown-member",
        "array",
    ] {
        let json = of(name).to_json();
        assert!(
            !json.contains("engineer") && !json.contains("certificate"),
            "{name}"
        );
    }
    assert!(of("sealed-without-key").disclosed.is_empty());
}

#[test]
fn what_a_person_types_or_hands_over_does_not_come_back() {
    let text = "Überlastung";
    for name in ["error-text", "error-other-text"] {
        assert!(!of(name).to_json().contains(text), "{name}");
    }
    assert!(!of("other-output").to_json().contains("certificate"));
}

#[test]
fn errors_are_cut_off_after_500_code_points() {
    let event = |text: &str| {
        let hash = assay::bytes::to_hex(&assay::crypto::sha256::digest(text.as_bytes()));
        let request = String::from_utf8(read("request.json")).unwrap();
        let state = format!(
            r#"{{"systemState": {{"performance": {{"latency_ms": 0, "provider_status": "500", "provider_error_message": "{hash}"}}}}, "#
        );
        request.replacen('{', &state, 1)
    };
    let kept = "\u{1f6ab}é".repeat(250);
    let judged = |supplied: String| {
        let supplied = Supplied::default().value("error_message", &supplied);
        find(&supplied.report(event(&kept).as_bytes()), "error_message").status
    };
    assert_eq!(judged(kept.clone()), Status::Pass);
    assert_eq!(judged(format!("{kept} and more")), Status::Pass);
    assert_eq!(judged("\u{1f6ab}é".repeat(249)), Status::Fail);
    assert_eq!(
        judged(format!("{kept}x").replacen('é', "", 1)),
        Status::Fail
    );
}

#[test]
fn an_error_text_is_held_against_every_event_unless_it_names_one() {
    let event = |id: &str, message: &str| {
        let request = String::from_utf8(read("request.json")).unwrap();
        let mut event: Value = serde_json::from_str(&request).unwrap();
        event["eventId"] = id.into();
        let hash = assay::bytes::to_hex(&assay::crypto::sha256::digest(message.as_bytes()));
        event["systemState"]["performance"]["provider_error_message"] = hash.into();
        format!("{event}\n")
    };
    let file = event("a", "timeout") + &event("b", "refused");
    let outcomes = |supplied: Supplied| {
        let report = supplied.report(file.as_bytes());
        let found = report
            .checks
            .iter()
            .filter(|check| check.id == "error_message");
        let mut outcomes: Vec<_> = found
            .map(|check| (check.subject.clone(), check.status))
            .collect();
        outcomes.sort_by(|left, right| left.0.cmp(&right.0));
        outcomes
            .into_iter()
            .map(|(_, status)| status)
            .collect::<Vec<_>>()
    };
    use Status::{Fail, Pass, Skip};
    let none = Supplied::default();
    assert_eq!(outcomes(none.clone()), [Skip, Skip]);
    assert_eq!(
        outcomes(none.clone().value("error_message", "timeout")),
        [Pass, Skip]
    );
    assert_eq!(
        outcomes(none.clone().value("error_message", "other")),
        [Fail, Fail]
    );
    assert_eq!(
        outcomes(none.clone().value("error_message:b", "refused")),
        [Skip, Pass]
    );
    assert_eq!(
        outcomes(none.clone().value("error_message:b", "timeout")),
        [Skip, Fail]
    );
    let named = none
        .value("error_message:b", "refused")
        .report(file.as_bytes());
    assert!(asked(&named).contains(&("error_message:b", true)));
}

#[test]
fn overrides_are_linked_to_their_decisions() {
    let linked = of("override");
    let link = find(&linked, "override_link");
    assert_eq!(link.status, Status::Pass);
    let ids = records(&read("override.jsonl"));
    assert!(
        link.detail
            .contains(&format!("the decision {} (record 1)", ids[0])),
        "{}",
        link.detail
    );
    assert_eq!(find(&linked, "overridden_output").status, Status::Pass);
    for (name, id, words) in [
        ("override-alone", "override_link", "not among the files"),
        (
            "override-of-other-system",
            "override_link",
            "another system",
        ),
        ("override-before", "override_link", "made only later"),
        (
            "override-of-another-output",
            "overridden_output",
            "outputReference",
        ),
        (
            "override-customised",
            "oversight_words",
            "/humanOversight/reviewerType is \"committee\"",
        ),
        ("override-by-hand", "oversight_words", "names no reviewer"),
    ] {
        let report = of(name);
        let check = find(&report, id);
        assert_eq!(check.status, Status::Note, "{name}");
        assert!(check.detail.contains(words), "{name}: {}", check.detail);
    }
}

#[test]
fn links_are_followed_into_the_files_that_came_along() {
    let text = String::from_utf8(read("override.jsonl")).unwrap();
    let (decision, overriding) = text.trim_end().split_once('\n').unwrap();
    let key = manifest()["key"].as_str().unwrap().to_owned();
    let files = [("decision.json", decision.as_bytes())];
    let beside = open_beside(&files);
    let supplied = Supplied::default().key(&key);
    let options = Options {
        beside: &beside,
        ..supplied.options()
    };
    let apart = report(overriding.as_bytes(), &options);
    assert!(
        find(&apart, "override_link")
            .detail
            .contains("(in decision.json)")
    );
    assert_eq!(apart.counts.subjects, 1);
    let supplied = supplied.file("decision", "d.json", decision);
    let named = supplied.report(overriding.as_bytes());
    assert_eq!(find(&named, "override_link").status, Status::Pass);
    assert!(asked(&named).contains(&("decision", true)));

    // A receipt that lies beside is matched; one that contradicts may be for another copy, and is only told.
    let receipt = read("receipt.json");
    let altered = String::from_utf8(receipt.clone())
        .unwrap()
        .replace("\"env-production\"", "\"env-test\"");
    for (receipt, status) in [
        (receipt, Status::Pass),
        (altered.into_bytes(), Status::Note),
    ] {
        let files = [("receipt.json", receipt.as_slice())];
        let beside = open_beside(&files);
        let report = report(
            decision.as_bytes(),
            &Options {
                beside: &beside,
                ..Options::default()
            },
        );
        assert_eq!(find(&report, "receipt").status, status);
    }
}

#[test]
fn a_companion_that_belongs_to_a_file_beside_is_no_failure_of_this_one() {
    let text = String::from_utf8(read("companions.jsonl")).unwrap();
    let (first, second) = text.trim_end().split_once('\n').unwrap();
    let files = [("second.json", second.as_bytes())];
    let beside = open_beside(&files);
    let supplied = Supplied::default().file("output", "final.json", read("final.json"));
    let options = Options {
        beside: &beside,
        ..supplied.options()
    };
    assert!(failed(&report(first.as_bytes(), &options)).is_empty());
    assert_eq!(
        failed(&supplied.report(first.as_bytes())),
        ["output_reference"]
    );
}

#[test]
fn gaps_in_the_sequence_are_told() {
    let gap = of("sequence-gap");
    assert_eq!(find(&gap, "sequence").status, Status::Note);
    assert!(find(&gap, "sequence").detail.contains("from 1 to 4"));
    assert_eq!(find(&of("with-receipts"), "sequence").status, Status::Pass);

    // One sequence over two systems of an environment has no gap, though each system's part has.
    let receipt = |number: u64, system: &str| {
        format!(
            r#"{{"event_id":"e{number}","system_id":"{system}","environment_id":"p","sequence_number":{number},"ingested_at_utc":"t","event_hash":"h","receipt_id":"r{number}"}}"#
        )
    };
    let status = |numbers: &[(u64, &str)]| {
        let lines: Vec<_> = numbers
            .iter()
            .map(|(number, system)| receipt(*number, system))
            .collect();
        find(
            &Supplied::default().report(lines.join("\n").as_bytes()),
            "sequence",
        )
        .status
    };
    assert_eq!(status(&[(1, "a"), (2, "b"), (3, "a")]), Status::Pass);
    assert_eq!(
        status(&[(7, "a"), (8, "a"), (3, "b"), (4, "b")]),
        Status::Pass
    );
    assert_eq!(status(&[(3, "a"), (1, "a")]), Status::Note);
    assert_eq!(status(&[(0, "a"), (u64::MAX, "a")]), Status::Note);
}

#[test]
fn no_character_of_an_envelope_can_be_changed() {
    let event: Value = serde_json::from_slice(&read("sealed.json")).unwrap();
    let key = manifest()["key"].as_str().unwrap().to_owned();
    let supplied = Supplied::default().key(&key);
    for name in [
        "payloadCiphertext",
        "payloadNonce",
        "payloadAadHash",
        "eventId",
        "systemId",
        "occurredAtUtc",
        "inputReference",
        "outputReference",
        "metadataReference",
    ] {
        let text = event[name].as_str().unwrap();
        for at in (0..text.len())
            .step_by(if text.len() > 100 { 7 } else { 1 })
            .chain([text.len() - 1])
        {
            let mut altered = event.clone();
            let other = if &text[at..=at] == "0" { "1" } else { "0" };
            altered[name] = format!("{}{other}{}", &text[..at], &text[at + 1..]).into();
            let report = supplied.report(altered.to_string().as_bytes());
            assert_eq!(report.verdict, Verdict::Invalid, "{name}, character {at}");
        }
    }
}

#[test]
fn nothing_is_said_to_be_signed() {
    for name in ["sealed", "override", "with-receipts", "performance"] {
        let report = of(name);
        assert_eq!(report.verdict, Verdict::Valid, "{name}");
        assert!(!report.facts.is_empty() && report.facts.iter().all(|fact| !fact.signed));
        assert!(report.signers.is_empty());
        assert!(report.limits[0].starts_with("Nothing here is signed."));
    }
    let report = of("sealed");
    let fact = |label: &str| {
        let found = report.facts.iter().find(|fact| fact.label == label);
        found.map(|fact| (fact.value.as_str(), fact.pointer.as_str()))
    };
    assert_eq!(fact("Model"), Some(("candidate-screening-v1", "/modelId")));
    assert_eq!(fact("System"), Some(("cv-screening-prod", "/systemId")));
    let report = of("override");
    let labels: Vec<_> = report
        .facts
        .iter()
        .map(|fact| fact.label.as_ref())
        .collect();
    assert!(labels.contains(&"Overrides by people"), "{labels:?}");
}

#[test]
fn only_events_and_receipts_are_claimed() {
    for (text, ours) in [
        (r#"{"inputReference":"x","occurredAtUtc":"y"}"#, true),
        (r#"{"payload":{"aadHash":"x"},"occurredAtUtc":"y"}"#, true),
        (r#"[{"metadataReference":1}]"#, true),
        (
            r#"{"receipt_id":"x","event_id":"y","event_hash":"z"}"#,
            true,
        ),
        (r#"{"payloadNonce":"x"}"#, true),
        (
            r#"{"occurredAtUtc":"x","decisionClassification":"y"}"#,
            false,
        ),
        (r#"{"eventId":"x","systemId":"y","payload":{"a":1}}"#, false),
        (r#"{"event_id":"x","event_hash":"y"}"#, false),
        (
            r#"{"tenant_id":"x","event_type":"y","payload":{},"hash":"z","seq":0}"#,
            false,
        ),
    ] {
        let report = Supplied::default().report(text.as_bytes());
        let claimed = report.artifact.system.as_deref() == Some("complianceguard");
        assert_eq!(claimed, ours, "{text}");
        assert_ne!(report.verdict, Verdict::Valid, "{text}");
    }
}
