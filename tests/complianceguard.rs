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
        // The vendor's library takes nonces of other lengths, and JSON and identifiers that are not read here.
        let beyond = [
            "long-nonce",
            "plaintext-deep",
            "plaintext-surrogate",
            "identity-list",
        ];
        if beyond.contains(&file.split('.').next().unwrap()) {
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
        ("long-nonce", &["envelope"]),
        ("payload-unknown-member", &["envelope"]),
        ("both-envelopes", &["envelope"]),
        ("plaintext-list", &["plaintext"]),
        ("plaintext-not-json", &["plaintext"]),
        ("plaintext-duplicate-key", &["plaintext"]),
        ("duplicate-key", &["unambiguous_json"]),
        ("nan", &["unambiguous_json"]),
        ("identity-list", &["form", "aad_binding"]),
        ("unknown-member", &["members"]),
        ("null-added", &["form"]),
        ("null-payload", &["form"]),
        ("receipt-kept-differs", &["receipt"]),
        ("without-system", &["form"]),
        ("lines-altered", &["decryption"]),
        ("lines-swapped", &["aad_binding", "aad_binding"]),
        ("two-keys-altered", &["decryption"]),
        ("companions-one-strange", &["companions"]),
        ("companions-misnamed", &["input_reference"]),
        ("contradicting", &["unique_events"]),
        ("cut-off", &["records"]),
        ("override-altered", &["aad_binding", "decryption"]),
        ("oversight-list", &["human_oversight"]),
        ("error-other-text", &["error_message"]),
        ("error-hash-altered", &["error_message"]),
        ("success-with-error", &["performance"]),
        ("receipt-supplied-differs", &["receipt"]),
        ("receipt-other-system", &["event"]),
        ("receipt-other-number", &["event"]),
        ("receipt-without-hash", &["form"]),
        ("receipt-number-as-text", &["form", "event"]),
        ("receipt-duplicate-key", &["unambiguous_json"]),
        ("sequence-shared", &["sequence"]),
        ("sequence-shared-float", &["sequence"]),
        ("sequence-shared-text", &["sequence"]),
        ("plaintext-nan", &["plaintext"]),
        ("plaintext-infinite", &["plaintext"]),
        ("receipts-contradicting", &["receipts"]),
        ("receipts-of-one-event", &["receipts"]),
        ("receipts-of-two-events", &["receipts"]),
        ("receipt-other-identifier", &["event"]),
        ("receipt-other-time", &["event"]),
        ("repeated-otherwise", &["unique_events"]),
        ("repeated-other-model", &["unique_events"]),
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
            "event oversight_words" | "event unusual" | "artifact supplied_unused" => {
                &[Status::Note]
            }
            "artifact supplied_records" => &[Status::Pass, Status::Skip],
            _ => &[Status::Pass, Status::Fail],
        };
        for outcome in expected {
            assert!(outcomes.contains(outcome), "{check}: never {outcome:?}");
        }
    }
    assert_eq!(seen.len(), 29);
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
    for (line, words) in [
        ("Who signs off?\n", "without the line break at its end"),
        (
            "\u{feff}Who signs off?\r\n",
            "without the byte order mark and the line break",
        ),
        ("\u{feff}Who signs off?", "without the byte order mark that"),
    ] {
        let check = judged(line.as_bytes());
        assert!(check.detail.contains(words), "{}", check.detail);
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
        (
            "override-without-reviewer",
            "oversight_words",
            "has no reviewerId",
        ),
        (
            "override-numeric-reviewer",
            "oversight_words",
            "/humanOversight/reviewerId is a number",
        ),
        (
            "override-unlinked",
            "oversight_words",
            "has no correlationId",
        ),
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

#[test]
fn what_decrypt_event_reads_and_the_sdk_does_not_write_is_told() {
    for (name, words) in [
        (
            "padded",
            &["The ciphertext is not base64url without padding"][..],
        ),
        (
            "base64-lines",
            &["The ciphertext is not base64url without padding"],
        ),
        ("numeric-identifier", &["/eventId is a number"]),
        ("key-number", &["/payloadKeyId is a number"]),
        ("without-model", &["has no modelId"]),
        (
            "without-type",
            &[
                "/modelId is null",
                "/version is a number",
                "/correlationId is a number",
            ],
        ),
        ("latency-negative", &["/latency_ms is not a whole number"]),
        ("latency-fraction", &["/latency_ms is not a whole number"]),
        ("status-number", &["/provider_status is a number"]),
        (
            "performance-text",
            &["/systemState/performance is a string"],
        ),
        (
            "plaintext-unknown-member",
            &["a member beside input, output and metadata"],
        ),
    ] {
        let report = of(name);
        assert_eq!(report.verdict, Verdict::Valid, "{name}: {}", report.summary);
        let note = find(&report, "unusual");
        assert_eq!(note.status, Status::Note, "{name}");
        for word in words {
            assert!(note.detail.contains(word), "{name}: {}", note.detail);
        }
    }
    assert!(
        of("sealed")
            .checks
            .iter()
            .all(|check| check.id != "unusual")
    );
    let shown = of("plaintext-unknown-member").disclosed;
    assert!(shown.iter().any(|shown| shown.value == "extra: 1"));
}

#[test]
fn base64_is_read_as_decrypt_event_reads_it() {
    let key = manifest()["key"].as_str().unwrap().to_owned();
    let judged = |spell: &dyn Fn(&str) -> String| {
        let mut event: Value = serde_json::from_slice(&read("sealed.json")).unwrap();
        for name in ["payloadCiphertext", "payloadNonce"] {
            event[name] = spell(event[name].as_str().unwrap()).into();
        }
        let supplied = Supplied::default().key(&key);
        supplied.report(event.to_string().as_bytes()).verdict
    };
    let padded = |text: &str| format!("{text}{}", "=".repeat(text.len().wrapping_neg() % 4));
    assert_eq!(judged(&|text| padded(text)), Verdict::Valid);
    assert_eq!(
        judged(&|text| padded(&text.replace('-', "+").replace('_', "/"))),
        Verdict::Valid
    );
    assert_eq!(
        judged(&|text| format!("{}====", padded(text))),
        Verdict::Valid
    );
    assert_eq!(judged(&|text| format!("{text}A")), Verdict::Invalid);
    assert_eq!(judged(&|text| format!("{text}\u{e9}")), Verdict::Invalid);
}

#[test]
fn a_failure_says_that_the_vendor_may_accept_what_it_does_not_look_at() {
    for name in [
        "long-nonce",
        "payload-unknown-member",
        "both-envelopes",
        "plaintext-duplicate-key",
        "plaintext-nan",
        "plaintext-infinite",
        "duplicate-key",
        "nan",
        "unknown-member",
        "null-added",
        "null-payload",
        "reference-missing",
        "reference-short",
        "identity-list",
        "oversight-list",
        "success-with-error",
        "sequence-shared",
        "contradicting",
        "repeated-otherwise",
    ] {
        let report = of(name);
        let check = report
            .checks
            .iter()
            .find(|check| check.status == Status::Fail)
            .unwrap();
        assert!(check.detail.contains("accept"), "{name}: {}", check.detail);
    }
}

#[test]
fn what_is_beyond_reading_in_a_payload_is_named_and_undecided() {
    for (name, words) in [
        ("plaintext-deep", "nested more than"),
        ("plaintext-surrogate", "half of a surrogate pair"),
    ] {
        let report = of(name);
        let check = find(&report, "plaintext");
        assert_eq!(
            (check.status, report.verdict),
            (Status::Skip, Verdict::Indeterminate)
        );
        assert!(check.detail.contains(words), "{}", check.detail);
        assert!(report.peer.as_ref().unwrap()["decrypted"].is_null());
        // The key is there: nobody is asked for it again.
        let asks_again = |check: &Check| check.detail.contains("Supply the payload's key");
        assert!(!report.checks.iter().any(asks_again), "{name}");
    }
    let infinite = of("plaintext-infinite");
    assert!(
        find(&infinite, "plaintext")
            .detail
            .contains("beyond the range")
    );
    assert_eq!(find(&infinite, "input_reference").status, Status::Skip);
    assert!(
        find(&of("plaintext-null"), "input_reference")
            .detail
            .contains("is null")
    );
}

#[test]
fn a_comparison_that_was_asked_for_and_not_made_leaves_the_event_undecided() {
    let key = manifest()["key"].as_str().unwrap().to_owned();
    let event = records_of("with-receipts.jsonl")[1].clone();
    let judged = |part: &str, content: &[u8]| {
        let supplied = Supplied::default()
            .key(&key)
            .file(part, "file.json", content);
        let report = supplied.report(event.as_bytes());
        (report.verdict, find(&report, "supplied_records").clone())
    };
    for (part, content, words) in [
        ("receipt", &read("receipt.json")[..], "which is not here"),
        ("receipt", b"hello", "holds no receipt"),
        ("receipt", &read("sealed.json"), "holds no receipt"),
        ("decision", b"hello", "holds no event"),
        (
            "decision",
            &read("sealed.json"),
            "holds no decision that an override here belongs to",
        ),
    ] {
        let (verdict, check) = judged(part, content);
        assert_eq!(
            (verdict, check.status),
            (Verdict::Indeterminate, Status::Skip),
            "{part}"
        );
        assert!(check.detail.contains(words), "{}", check.detail);
    }
    // Among many, the one that is for the event is enough.
    let all = records_of("with-receipts.jsonl")[2..].join("\n");
    assert_eq!(judged("receipt", all.as_bytes()).0, Verdict::Valid);
}

fn records_of(file: &str) -> Vec<String> {
    let text = String::from_utf8(read(file)).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn what_is_of_no_use_is_told_in_its_own_words() {
    let key = manifest()["key"].as_str().unwrap().to_owned();
    let none = Supplied::default;
    for (file, supplied, words) in [
        (
            "sealed.json",
            none().value("error_message", "x"),
            "No event here records one",
        ),
        (
            "sealed.json",
            none().value("error_message:e9", "x"),
            "for the event e9, which is not here",
        ),
        (
            "sealed.json",
            none().file("decision", "d.json", read("request.json")),
            "No event here says that it overrides one",
        ),
        (
            "receipt.json",
            none().key(&key),
            "Nothing here is encrypted",
        ),
        (
            "receipt.json",
            none().file("input", "i.json", "{}"),
            "no event here to compare",
        ),
    ] {
        let report = supplied.report(&read(file));
        let note = find(&report, "supplied_unused");
        assert_eq!(note.status, Status::Note);
        assert_eq!(report.verdict, none().report(&read(file)).verdict);
        assert_ne!(report.reason.unwrap().code(), "NOT_RUN");
        assert!(note.detail.contains(words), "{}", note.detail);
        assert!(
            report
                .checks
                .iter()
                .all(|check| !check.detail.contains("no use for it"))
        );
        assert!(asked(&report).iter().any(|(_, supplied)| *supplied));
    }
}

#[test]
fn a_companion_that_can_be_read_in_two_ways_is_not_said_to_have_another_hash() {
    let event = read("request.json");
    let input =
        r#""prompt":"Screen this application for the role of site engineer.","score_floor":0.5}"#;
    let judged = |text: String| {
        let supplied = Supplied::default().file("input", "input.json", text);
        find(&supplied.report(&event), "input_reference").clone()
    };
    let twice = judged(format!(r#"{{"candidate":"C","candidate":"C-1042",{input}"#));
    assert_eq!(twice.status, Status::Skip);
    assert!(
        twice.detail.contains("stands twice") && twice.detail.contains("Read as Python reads it")
    );
    let other = judged(format!(r#"{{"candidate":"C-1042","candidate":"C",{input}"#));
    assert_eq!(other.status, Status::Skip);
    assert!(
        !other.detail.contains("Read as Python reads it"),
        "{}",
        other.detail
    );
    for (text, words) in [
        (r#"{"score_floor":NaN}"#, "NaN or Infinity"),
        (r#"{"score_floor":1e999}"#, "beyond the range"),
        (r#"{"prompt":"\ud800"}"#, "is not read here"),
    ] {
        let check = judged(text.to_owned());
        assert_eq!(check.status, Status::Skip);
        assert!(check.detail.contains(words), "{}", check.detail);
    }
    let marked = judged(format!("\u{feff}{{\"candidate\":\"C-1042\",{input}"));
    assert_eq!(marked.status, Status::Pass);
    assert!(
        marked.detail.contains("without the byte order mark"),
        "{}",
        marked.detail
    );
    // A byte order mark may be a part of a text.
    let spoken = records_of("plain-text.json").join("\n");
    let hash = assay::bytes::to_hex(&assay::crypto::sha256::digest("\"\u{feff}x\"".as_bytes()));
    let mut spoken: Value = serde_json::from_str(&spoken).unwrap();
    spoken["inputReference"] = hash.into();
    let supplied = Supplied::default().file("input", "x.txt", "\u{feff}x");
    let report = supplied.report(spoken.to_string().as_bytes());
    assert_eq!(find(&report, "input_reference").status, Status::Pass);
}

#[test]
fn sequence_numbers_that_are_none_are_told() {
    for (name, words) in [
        ("sequence-negative", "is -3, not a whole number"),
        (
            "sequence-long",
            "is 1000000000000000000000000000000, not a whole number",
        ),
    ] {
        let check = find(&of(name), "sequence").clone();
        assert_eq!(check.status, Status::Skip, "{name}");
        assert!(check.detail.contains(words), "{}", check.detail);
    }
    // Numbers that contradict each other leave no gap to be told of.
    let report = of("receipts-contradicting");
    assert!(
        find(&report, "sequence")
            .detail
            .contains("has two sequence numbers")
    );
}

#[test]
fn an_event_among_records_that_cannot_be_read_is_not_the_file() {
    let report =
        Supplied::default().report(format!("[7, {}]", records_of("lines.jsonl")[0]).as_bytes());
    assert_eq!(report.artifact.kind.as_deref(), Some("events"));
    assert!(
        report.summary.contains("file of ComplianceGuard events"),
        "{}",
        report.summary
    );
}

#[test]
fn the_limits_say_what_no_hash_covers() {
    for name in ["sealed", "request-with-parts"] {
        let limits = of(name).limits.join(" ");
        for word in ["model", "oversight", "actor", "time"] {
            assert!(limits.contains(word), "{name}: {word}");
        }
    }
}
