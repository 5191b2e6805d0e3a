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
use assay::{Companion, Content, Input, Options, Report, Verdict, open_beside, verify};
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
    assert_eq!(asks("stored-nameless.json", AskKind::Text), asked(&[]));
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
