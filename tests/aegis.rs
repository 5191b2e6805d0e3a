//! Aegis's artifacts by its rules, each with what came of it; what the vendor's own code says is in `differential_aegis.rs`.
#![cfg(not(target_arch = "wasm32"))]
#![cfg(feature = "complete")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use assay::report::{AskKind, Check, Status};
use assay::{
    Companion, Content, Folder, Input, Options, Report, Verdict, open_beside, verify, verify_folder,
};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/aegis")
}

fn read(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).unwrap()
}

fn fixtures() -> Vec<Value> {
    let manifest: Value = serde_json::from_slice(&read("manifest.json")).unwrap();
    manifest["fixtures"].as_array().unwrap().clone()
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

/// The report on a fixture, with what its line in the manifest hands over.
fn of_fixture(fixture: &Value) -> Report {
    let given = &fixture["given"];
    let entries = |kind: &str| given[kind].as_object().cloned().unwrap_or_default();
    let values = entries("set").into_iter();
    let files: Vec<(String, Vec<u8>)> = entries("with")
        .into_iter()
        .map(|(name, file)| (name, read(file.as_str().unwrap())))
        .collect();
    let beside = given["beside"].as_str().map(|file| (file, read(file)));
    let beside: Vec<(&str, &[u8])> = beside
        .iter()
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    let opened = open_beside(&beside);
    let options = Options {
        full: true,
        values: values
            .map(|(name, value)| (name, value.as_str().unwrap().to_owned()))
            .collect(),
        companions: files
            .iter()
            .map(|(name, bytes)| Companion {
                name: name.clone(),
                file_name: "companion".to_owned(),
                content: Content::File(bytes),
            })
            .collect(),
        beside: &opened,
        ..Options::default()
    };
    report_with(&read(fixture["file"].as_str().unwrap()), &options)
}

fn lines(report: &Report) -> Vec<String> {
    let word = |check: &Check| match check.status {
        Status::Pass => None,
        Status::Fail => Some(format!("{}: fail", check.id)),
        Status::Skip => Some(format!("{}: skip", check.id)),
        Status::Note => Some(format!("{}: note", check.id)),
    };
    let mut lines: Vec<String> = report.checks.iter().filter_map(word).collect();
    lines.sort();
    lines
}

#[test]
fn every_fixture_gets_its_verdict_its_reason_and_its_checks() {
    for fixture in fixtures() {
        let name = format!("{}, {}", fixture["file"], fixture["about"]);
        let report = of_fixture(&fixture);
        assert_eq!(
            report.verdict.word(),
            fixture["verdict"],
            "{name}: {} {:#?}",
            report.summary,
            lines(&report)
        );
        assert_eq!(
            report.reason.map(|reason| reason.code()),
            fixture["reason"].as_str(),
            "{name}"
        );
        let expected = fixture["checks"].as_array().unwrap().iter();
        let expected: BTreeSet<&str> = expected.map(|line| line.as_str().unwrap()).collect();
        let found = lines(&report);
        let found: BTreeSet<&str> = found.iter().map(String::as_str).collect();
        assert_eq!(found, expected, "{name}");
        assert_eq!(report.artifact.system.as_deref(), Some("aegis"), "{name}");
    }
}

#[test]
fn the_peer_speaks_as_the_vendor_does() {
    for fixture in fixtures() {
        let Some(expected) = fixture["peer"].as_object() else {
            continue;
        };
        let report = of_fixture(&fixture);
        let peer = report.peer.unwrap();
        let name = format!("{}, {}", fixture["file"], fixture["about"]);
        for (member, value) in expected {
            assert_eq!(peer.get(member), Some(value), "{name}: {peer:?}");
        }
        assert_eq!(
            peer.contains_key("links_only"),
            expected.contains_key("links_only"),
            "{name}"
        );
    }
}

#[test]
fn every_check_passes_somewhere_and_does_not_pass_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for fixture in fixtures() {
        for check in of_fixture(&fixture).checks {
            let word = if check.status == Status::Pass {
                "passes"
            } else {
                "does not"
            };
            seen.entry(check.id.to_string()).or_default().insert(word);
        }
    }
    // A session that mixes dialects is a note or nothing at all, and so is a reference to a signature.
    let one_sided = ["dialect", "cosign_signature"];
    let both = |id: &&String| !one_sided.contains(&id.as_str());
    let incomplete: Vec<_> = seen
        .iter()
        .filter(|(id, words)| both(id) && words.len() < 2)
        .collect();
    assert!(incomplete.is_empty(), "{incomplete:?}");
    assert!(seen.len() >= 22, "{:?}", seen.keys());
}

#[test]
fn the_form_of_the_hashes_tells_the_dialect() {
    for (file, dialect) in [
        ("go-chain.ndjson", Some("go")),
        ("python-chain.ndjson", Some("python")),
        ("stored-page.json", Some("go")),
        ("mixed-chain.json", Some("mixed")),
        ("both-dialects.ndjson", Some("mixed")),
        ("go-rule-in-lists.ndjson", Some("go")),
        ("go-unsealed.json", None),
        ("snapshot.json", None),
    ] {
        assert_eq!(
            report(&read(file)).artifact.dialect.as_deref(),
            dialect,
            "{file}"
        );
    }
}

#[test]
fn the_kind_of_artifact_is_named() {
    for (file, kind) in [
        ("go-event.json", "event"),
        ("go-chain.ndjson", "session-chain"),
        ("go-chain.json", "session-chain"),
        ("go-events.json", "session-chain"),
        ("go-two-sessions.ndjson", "session-chains"),
        ("stored-page.json", "stored-page"),
        ("stored-page-empty.json", "stored-page"),
        ("stored-export.ndjson", "stored-events"),
        ("stored-event.json", "stored-events"),
        ("snapshot.json", "snapshot"),
        ("snapshot-flat.json", "snapshot"),
        ("skill.zip", "capability-manifest"),
        ("manifest-alone.json", "capability-manifest"),
    ] {
        assert_eq!(
            report(&read(file)).artifact.kind.as_deref(),
            Some(kind),
            "{file}"
        );
    }
}

#[test]
fn what_has_no_mark_of_aegis_is_not_claimed() {
    for file in [
        "{}",
        "[]",
        r#"{"events":[]}"#,
        r#"{"Events":null}"#,
        r#"{"seq":0,"payload":{}}"#,
    ] {
        let report = report(file.as_bytes());
        assert_ne!(report.artifact.system.as_deref(), Some("aegis"), "{file}");
    }
}

#[test]
fn what_is_missing_is_asked_for_by_name() {
    let asks = |file: &str, kind: AskKind| -> Vec<(String, bool)> {
        let report = report(&read(file));
        let of_kind = report.asks.iter().filter(|ask| ask.kind == kind);
        of_kind
            .map(|ask| (ask.name.to_string(), ask.supplied))
            .collect()
    };
    let asked = |names: &[&str]| {
        names
            .iter()
            .map(|name| ((*name).to_owned(), false))
            .collect::<Vec<_>>()
    };
    assert_eq!(asks("stored-page.json", AskKind::Text), asked(&["user_id"]));
    assert_eq!(
        asks("stored-two-sessions.json", AskKind::Text),
        asked(&["user_id", "user_id:sess-001", "user_id:sess-002"])
    );
    assert_eq!(
        asks("stored-nameless.json", AskKind::Text),
        asked(&["user_id"])
    );
    assert_eq!(
        asks("snapshot-flat.json", AskKind::Text),
        asked(&["session_id"])
    );
    assert_eq!(asks("go-middle.ndjson", AskKind::File), asked(&[]));
    assert_eq!(asks("go-chain.json", AskKind::Text), asked(&[]));
    assert_eq!(asks("go-chain.json", AskKind::File), asked(&["snapshot"]));
    assert_eq!(asks("snapshot.json", AskKind::File), asked(&["events"]));
    assert_eq!(
        asks("manifest-alone.json", AskKind::File),
        asked(&["files"])
    );
    assert_eq!(asks("skill.zip", AskKind::File), asked(&[]));
}

#[test]
fn what_is_supplied_is_used_and_not_repeated() {
    for fixture in fixtures() {
        let report = of_fixture(&fixture);
        let unused = report.checks.iter().any(|check| check.id == "supplied");
        assert!(!unused, "{} {}", fixture["file"], fixture["given"]);
        if fixture["given"]["set"].is_object() {
            let json = report.to_json();
            assert!(report.asks.iter().any(|ask| ask.supplied));
            assert!(
                !json.contains("user-42") && !json.contains("user-43"),
                "{json}"
            );
        }
    }
}

/// Every leaf of an event, every member and every object of it.
#[test]
fn no_change_of_an_event_goes_unnoticed() {
    let mut changes = 0;
    for file in ["go-chain.json", "python-chain.json"] {
        let events: Value = serde_json::from_slice(&read(file)).unwrap();
        for (at, event) in events.as_array().unwrap().iter().enumerate() {
            for changed in altered(event) {
                let mut events = events.clone();
                events[at] = changed;
                let report = report(events.to_string().as_bytes());
                assert_eq!(report.verdict, Verdict::Invalid, "{}", events[at]);
                changes += 1;
            }
        }
    }
    assert!(changes > 400, "{changes}");
}

/// A value with one thing in it changed, added or taken out, in every way.
fn altered(value: &Value) -> Vec<Value> {
    let mut all = Vec::new();
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                all.extend(altered(member).into_iter().map(|changed| {
                    let mut members = members.clone();
                    members.insert(key.clone(), changed);
                    Value::Object(members)
                }));
                // Go reads a number that is not there as 0, and the hash covers that.
                if *member != 0 {
                    let mut fewer = members.clone();
                    fewer.remove(key);
                    all.push(Value::Object(fewer));
                }
            }
            let mut more = members.clone();
            more.insert("added".to_owned(), Value::Null);
            all.push(Value::Object(more));
        }
        Value::Array(elements) => {
            if let Some((_, fewer)) = elements.split_last() {
                all.push(Value::Array(fewer.to_vec()));
            }
        }
        Value::String(text) => all.push(Value::String(format!("{text}x"))),
        Value::Number(number) => all.push(match number.as_i64() {
            Some(integer) => Value::from(integer + 1),
            None => Value::from(number.as_f64().unwrap() * 2.0 + 1.0),
        }),
        Value::Bool(truth) => all.push(Value::Bool(!truth)),
        Value::Null => all.push(Value::Bool(false)),
    }
    all
}

/// A state says nothing by leaving out what is empty; everything else of it follows from the events.
#[test]
fn no_change_of_a_state_goes_unnoticed() {
    let events = read("go-chain.ndjson");
    let state: Value = serde_json::from_slice(&read("snapshot-state.json")).unwrap();
    let options = Options {
        companions: vec![Companion {
            name: "events".to_owned(),
            file_name: "events".to_owned(),
            content: Content::File(&events),
        }],
        ..Options::default()
    };
    let mut changes = 0;
    for changed in altered(&state) {
        let report = report_with(changed.to_string().as_bytes(), &options);
        let silent = without_empty(&changed) == without_empty(&state);
        assert_eq!(report.verdict == Verdict::Valid, silent, "{changed}");
        changes += 1;
    }
    assert!(changes > 30, "{changes}");
}

fn without_empty(value: &Value) -> Value {
    let is_empty = |value: &Value| match value {
        Value::Object(members) => members.is_empty(),
        Value::Array(elements) => elements.is_empty(),
        Value::Bool(truth) => !truth,
        other => *other == 0 || *other == "",
    };
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(key, member)| (key.clone(), without_empty(member)));
            Value::Object(members.filter(|(_, member)| !is_empty(member)).collect())
        }
        other => other.clone(),
    }
}

#[test]
fn facts_tell_who_what_when_and_who_approved() {
    let report = report(&read("go-chain.ndjson"));
    let fact = |label: &str| {
        let found = report.facts.iter().find(|fact| fact.label == label);
        found.map(|fact| (fact.value.as_str(), fact.pointer.as_str()))
    };
    assert_eq!(fact("User"), Some(("user-42", "/0/user_id")));
    assert_eq!(fact("Model"), Some(("gpt-4o", "/0/payload/model_id")));
    assert_eq!(
        fact("Policy decision"),
        Some(("REQUIRE_APPROVAL", "/3/payload/outcome"))
    );
    assert_eq!(
        fact("Approval decided by"),
        Some(("dr.okafor", "/5/payload/decided_by"))
    );
    assert_eq!(fact("Approved"), Some(("yes", "/5/payload/approved")));
    assert!(report.facts.iter().all(|fact| !fact.signed));
    assert!(
        report.summary.contains("no signature"),
        "{}",
        report.summary
    );
}

/// What a report says of a fixture: its sentences, facts and limits.
fn words(fixture: &Value) -> String {
    let report = of_fixture(fixture);
    let checks = report.checks.iter().map(|check| check.detail.to_string());
    let facts = report
        .facts
        .iter()
        .map(|fact| format!("{}: {}", fact.label, fact.value));
    let limits = report.limits.iter().map(ToString::to_string);
    let summary = std::iter::once(report.summary.to_string());
    let all: Vec<String> = summary.chain(checks).chain(facts).chain(limits).collect();
    all.join("\n")
}

#[test]
fn what_is_said_is_so_and_no_more() {
    for (file, said, unsaid) in [
        (
            "go-late-time.json",
            "which is out of the range",
            "not a whole number",
        ),
        (
            "go-seq-fraction.json",
            "is 0.0, not a whole number",
            "out of the range",
        ),
        (
            "python-1e400.json",
            "Its own verifier may accept",
            "beyond what Aegis can hash",
        ),
        (
            "manifest-wrong-kind.json",
            "`name` is 7, not a text",
            "is a number",
        ),
        (
            "manifest-unsandboxed.json",
            "in its own words: \"manifest: sandbox",
            "refuses this manifest: manifest",
        ),
        (
            "manifest-cosign.json",
            "and it could not be verified here either",
            "neither could it",
        ),
        (
            "skill-tree-upper-case.zip",
            "upper and lower case alone",
            "over all files",
        ),
        (
            "skill-tree-altered.zip",
            "own verifier does not compare it",
            "upper and lower case",
        ),
        (
            "skill-lists-itself.zip",
            "The manifest lists itself",
            "is not there",
        ),
        (
            "skill-file-added.zip",
            "files that it does not list are not covered",
            "over all files",
        ),
        ("skill-file-missing.zip", "is not there.", "link"),
        (
            "go-middle.ndjson",
            "This part of an Aegis session chain ",
            "This Aegis session chain",
        ),
        (
            "go-middle.ndjson",
            "events before the first, or after the last, are not in the file",
            "was altered",
        ),
        (
            "go-chain.ndjson",
            "The hashes and links agree",
            "is not whole",
        ),
        (
            "go-gap.ndjson",
            "cannot show that events at its end",
            "The hashes and links agree",
        ),
        (
            "go-unknown-member.json",
            "cannot show that events at its end",
            "The hashes and links agree",
        ),
        (
            "stored-page.json",
            "Whether the events say what was sealed was not checked",
            "The hashes and links agree",
        ),
        (
            "stored-two-users.json",
            "1 of the 2 events",
            "these 2 events",
        ),
        (
            "python-chain.ndjson",
            "does not accept such a chain",
            "after its first event",
        ),
        (
            "python-chain-altered.ndjson",
            "cannot show",
            "does not accept such a chain",
        ),
        (
            "go-rule-in-lists.ndjson",
            "Go (hashes as lists of numbers)",
            "does not accept such a chain",
        ),
        (
            "go-rule-in-list-alone.json",
            "own verifier reads lists of numbers too and may accept",
            "the other dialect",
        ),
    ] {
        let fixture = fixtures()
            .into_iter()
            .find(|fixture| fixture["file"] == file);
        let words = words(&fixture.unwrap());
        assert!(words.contains(said), "{file}: {words}");
        assert!(!words.contains(unsaid), "{file}: {words}");
    }
}

#[test]
fn an_event_that_holds_under_another_user_id_is_neither_passed_nor_accused() {
    let fixture = fixtures().into_iter().find(|fixture| {
        fixture["file"] == "stored-under-no-user.json" && fixture["verdict"] == "indeterminate"
    });
    let words = words(&fixture.unwrap());
    assert!(
        words.contains("holds under an empty user id, not under the one supplied"),
        "{words}"
    );
}

#[test]
fn events_that_a_user_id_refutes_are_named_beside_their_snapshot() {
    let of_snapshot = |fixture: &&Value| fixture["file"] == "snapshot-forged.json";
    let fixtures = fixtures();
    let told: Vec<String> = fixtures.iter().filter(of_snapshot).map(words).collect();
    assert!(
        told[0].contains("the server stores them without their user id"),
        "{}",
        told[0]
    );
    for words in &told[1..] {
        assert!(
            words.contains("content of event 2 is not the one recorded"),
            "{words}"
        );
    }
}

#[test]
fn an_empty_user_id_is_said_to_be_empty() {
    let event = read("go-event.json");
    let mut event: Value = serde_json::from_slice(&event).unwrap();
    event["user_id"] = Value::from("");
    let report = report(event.to_string().as_bytes());
    assert!(
        report
            .facts
            .iter()
            .any(|fact| fact.label == "User" && fact.value == "(empty)")
    );
}

#[test]
fn a_missing_file_of_a_folder_may_be_a_link() {
    let manifest = read("manifest-alone.json");
    let files = vec![("skill/aegis-manifest.json".to_owned(), manifest.as_slice())];
    let folder = Folder {
        name: "skill",
        files: &files,
    };
    let report = verify_folder(folder, &Options::default()).unwrap().unwrap();
    assert!(
        report.summary.contains("a link that was not followed"),
        "{}",
        report.summary
    );
}

#[test]
fn a_session_whose_first_event_cannot_be_read_is_not_called_a_part() {
    let chain = String::from_utf8(read("go-chain.ndjson")).unwrap();
    let report = report(chain.replacen("\"seq\":0", "\"seq\":\"0\"", 1).as_bytes());
    assert_eq!(report.verdict, Verdict::Invalid);
    assert!(
        report.summary.starts_with("This Aegis session chain"),
        "{}",
        report.summary
    );
    assert!(report.checks.iter().all(|check| check.id != "start"));
}

#[test]
fn what_is_supplied_as_events_and_holds_none_is_told_so() {
    let snapshot = read("snapshot.json");
    let options = Options {
        companions: vec![Companion {
            name: "events".to_owned(),
            file_name: "events".to_owned(),
            content: Content::File(b"hello"),
        }],
        ..Options::default()
    };
    let report = report_with(&snapshot, &options);
    assert_eq!(report.verdict, Verdict::Indeterminate);
    assert!(
        report.summary.contains("holds none of Aegis's"),
        "{}",
        report.summary
    );
}

#[test]
fn differences_of_a_state_are_named_member_by_member() {
    let fixture = fixtures()
        .into_iter()
        .find(|fixture| fixture["file"] == "snapshot-other-state.json");
    let report = of_fixture(&fixture.unwrap());
    let check = report
        .checks
        .iter()
        .find(|check| check.id == "snapshot_state")
        .unwrap();
    assert!(
        check
            .detail
            .contains("budgets.tool_calls_consumed is 0 there and 1"),
        "{}",
        check.detail
    );
    assert!(
        check.detail.contains("taint_labels is empty there"),
        "{}",
        check.detail
    );
}

#[test]
fn what_operating_systems_leave_beside_a_manifests_files_changes_nothing() {
    let archive = read("skill.zip");
    let archive = assay::input::zip::open(&archive).unwrap();
    let mut reader = assay::input::Reader::new();
    let mut files: Vec<(String, Vec<u8>)> = (archive.entries().iter())
        .map(|entry| {
            (
                entry.name().to_owned(),
                reader.read(entry).unwrap().to_vec(),
            )
        })
        .collect();
    let top = files[0].0.split_once('/').unwrap().0.to_owned();
    let check = |files: &[(String, Vec<u8>)]| {
        let files: Vec<_> = (files.iter())
            .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
            .collect();
        let folder = assay::Folder {
            name: "skill",
            files: &files,
        };
        let report = assay::verify_folder(folder, &Options::default()).unwrap();
        report.map(|report| report.verdict)
    };
    assert_eq!(check(&files), Some(Verdict::Valid));
    let left = [
        ".DS_Store".to_owned(),
        format!("__MACOSX/{top}/._x"),
        format!("{top}/Thumbs.db"),
    ];
    files.extend(left.map(|name| (name, b"x".to_vec())));
    assert_eq!(check(&files), Some(Verdict::Valid));
    files.push(("notes.txt".to_owned(), b"x".to_vec()));
    assert_eq!(check(&files), None);
}
