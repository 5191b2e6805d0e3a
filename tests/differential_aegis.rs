//! Aegis against the answers of the vendor's own code: hundreds of altered events, stored pages, states and manifests, each with
//! what the Go packages and the Python SDK make of it (`tests/fixtures/aegis/golden`).
#![cfg(not(target_arch = "wasm32"))]
#![cfg(feature = "complete")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::path::Path;

use assay::report::{Check, Status};
use assay::{Companion, Content, Folder, Input, Options, Report, Verdict, verify, verify_folder};
use serde_json::{Value, json};

fn golden(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/aegis/golden");
    serde_json::from_slice(&fs::read(folder.join(name)).unwrap()).unwrap()
}

fn list<'v>(value: &'v Value, member: &str) -> &'v Vec<Value> {
    value[member].as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn report_with(text: &str, options: &Options<'_>) -> Report {
    let input = Input {
        name: "file",
        bytes: text.as_bytes(),
    };
    verify(input, options).unwrap_or_else(assay::Refusal::into_report)
}

fn report(text: &str) -> Report {
    report_with(text, &Options::default())
}

fn failed(report: &Report) -> Vec<&Check> {
    let failed = |check: &&Check| check.status == Status::Fail;
    report.checks.iter().filter(failed).collect()
}

/// Valid where the vendor's own verifier accepts, and where it does not, not; else a check fails that says that it may accept.
fn holds_against(report: &Report, accepted: bool, name: &str) {
    if accepted && report.verdict != Verdict::Valid {
        let said = |check: &&Check| check.detail.contains("own verifier");
        let strict = failed(report);
        assert!(!strict.is_empty(), "{name}: {}", report.summary);
        assert!(strict.iter().all(said), "{name}: {strict:#?}");
    }
    assert!(accepted || report.verdict != Verdict::Valid, "{name}");
}

/// The ways in which several events are kept in one file.
fn containers(events: &[&str]) -> Vec<String> {
    let joined = events.join(",\n");
    let mut containers = vec![format!("[{joined}]"), format!("{{\"events\": [{joined}]}}")];
    if events
        .iter()
        .all(|event| !event.trim().contains('\n') && !event.starts_with('\u{feff}'))
    {
        containers.push(events.join("\n"));
    }
    if let [event] = events {
        containers.push((*event).to_owned());
    }
    containers
}

#[test]
fn events_are_judged_as_the_vendors_verifiers_judge_them() {
    let golden = golden("events.json");
    let texts = list(&golden, "texts");
    let (mut accepted, mut stricter) = (0, 0);
    for case in list(&golden, "cases") {
        let indices = list(case, "events").iter();
        let events: Vec<&str> = indices
            .map(|at| text(&texts[at.as_u64().unwrap() as usize]))
            .collect();
        // Links in lists by Go's rule say that Go made them, which reads lists too.
        let lists_by_go = case["name"] == "Go's rule in lists";
        let answer = match text(&case["dialect"]) {
            "python" if !lists_by_go => &case["python"],
            _ => &case["go"],
        };
        let valid = answer["valid"] == true;
        for (kind, container) in containers(&events).iter().enumerate() {
            let name = format!(
                "{} ({}, container {kind}): {events:?}",
                text(&case["name"]),
                case["dialect"]
            );
            let report = report(container);
            holds_against(&report, valid, &name);
            accepted += usize::from(valid);
            stricter += usize::from(valid && report.verdict != Verdict::Valid);
            let Some(peer) = &report.peer else {
                assert!(!valid, "{name}: refused, {:?}", report.refusal);
                continue;
            };
            assert_eq!(peer["valid"], valid, "{name}");
            if case["dialect"] != "python" && answer["decoded"].is_null() {
                assert_eq!(peer["first_bad_seq"], answer["first_bad_seq"], "{name}");
                let error = peer
                    .get("error")
                    .and_then(Value::as_str)
                    .unwrap_or_default();
                assert_eq!(error, answer["error"], "{name}");
            }
        }
    }
    assert!(accepted > 200 && stricter > 10, "{accepted} {stricter}");
}

#[test]
fn orders_of_events_are_noted_where_the_vendors_validator_refuses_them() {
    let golden = golden("events.json");
    let texts = list(&golden, "texts");
    let mut noted = 0;
    for case in list(&golden, "cases")
        .iter()
        .filter(|case| case["name"] == "order")
    {
        let indices = list(case, "events").iter();
        let events: Vec<&str> = indices
            .map(|at| text(&texts[at.as_u64().unwrap() as usize]))
            .collect();
        let report = report(&format!("[{}]", events.join(",")));
        let note = report
            .checks
            .iter()
            .any(|check| check.id == "transitions" && check.status == Status::Note);
        assert_eq!(note, case["go"]["ordered"] == false, "{events:?}");
        assert_eq!(report.verdict, Verdict::Valid, "{events:?}");
        noted += usize::from(note);
    }
    assert!(noted > 20);
}

#[test]
fn stored_events_are_judged_by_content_once_the_user_id_is_known() {
    for page in list(&golden("stored.json"), "pages") {
        let (name, user) = (text(&page["name"]), text(&page["user_id"]));
        let options = Options {
            values: [("user_id".to_owned(), user.to_owned())].into(),
            ..Options::default()
        };
        let valid = page["go"]["valid"] == true;
        let lines: Vec<String> =
            serde_json::from_str::<Value>(text(&page["page"])).unwrap()["Events"]
                .as_array()
                .unwrap()
                .iter()
                .map(Value::to_string)
                .collect();
        for kept in [text(&page["page"]), &lines.join("\n")] {
            let report = report_with(kept, &options);
            holds_against(&report, valid, name);
            let peer = report.peer.as_ref().unwrap();
            assert_eq!(peer["valid"], valid, "{name}");
            if page["go"]["decoded"].is_null() {
                assert_eq!(peer["first_bad_seq"], page["go"]["first_bad_seq"], "{name}");
            }
            let without = report_with(kept, &Options::default());
            let empty = name == "sealed without a user id";
            assert_eq!(without.verdict == Verdict::Valid, empty, "{name}");
            if report.verdict == Verdict::Valid && !empty {
                assert_eq!(without.verdict, Verdict::Indeterminate, "{name}");
            }
        }
    }
}

fn beside<'a>(name: &str, content: &'a str) -> Options<'a> {
    Options {
        companions: vec![Companion {
            name: name.to_owned(),
            file_name: "companion".to_owned(),
            content: Content::File(content.as_bytes()),
        }],
        ..Options::default()
    }
}

#[test]
fn states_are_derived_as_the_vendors_reducer_derives_them() {
    let mut altered = 0;
    for session in list(&golden("states.json"), "sessions") {
        let events: Vec<&str> = list(session, "events").iter().map(text).collect();
        let events = events.join("\n");
        for recorded in list(session, "snapshots") {
            for form in ["snapshot", "policy"] {
                let snapshot = text(&recorded[form]);
                let report = report_with(snapshot, &beside("events", &events));
                assert_eq!(
                    report.verdict,
                    Verdict::Valid,
                    "{snapshot} {:#?}",
                    failed(&report)
                );
                let report = report_with(&events, &beside("snapshot", snapshot));
                assert_eq!(
                    report.verdict,
                    Verdict::Valid,
                    "{snapshot} {:#?}",
                    failed(&report)
                );
            }
            let mut flat: Value = serde_json::from_str(text(&recorded["policy"])).unwrap();
            flat["tool_calls_consumed"] = json!(99);
            flat["is_tainted"] = json!(flat["is_tainted"] == false);
            let report = report_with(&flat.to_string(), &beside("events", &events));
            assert_eq!(report.verdict, Verdict::Invalid);
            let detail = &failed(&report)[0].detail;
            assert!(
                detail.contains("tool_calls_consumed") && detail.contains("is_tainted"),
                "{detail}"
            );
            altered += 1;
        }
    }
    assert!(altered > 60);
}

#[test]
fn manifests_obey_the_vendors_rules() {
    let golden = golden("manifests.json");
    for case in list(&golden, "manifests") {
        let name = text(&case["name"]);
        let report = report(text(&case["manifest"]));
        let Some(peer) = &report.peer else {
            panic!("{name}: {:?}", report.refusal)
        };
        let accepted = case["load"] == true && case["validate"] == "";
        assert_eq!(peer["valid"], accepted, "{name}");
        assert_eq!(
            report.verdict == Verdict::Invalid,
            !accepted,
            "{name}: {:#?}",
            report.checks
        );
        if case["load"] == true && !accepted {
            assert_eq!(peer["error"], case["validate"], "{name}");
        }
    }
}

#[test]
fn trees_are_hashed_in_the_order_of_the_vendors_walk() {
    for tree in list(&golden("manifests.json"), "trees") {
        let manifest = json!({
            "schema": "aegis.dev/manifest/v0.1", "name": "n", "version": "1", "publisher": "p",
            "permissions": {"tools": []}, "sandbox": {"required": false},
            "integrity": {"files": tree["hashes"], "tree_sha256": tree["tree_sha256"]},
        })
        .to_string();
        let contents = tree["files"].as_object().unwrap();
        let mut files: Vec<(String, &[u8])> = contents
            .iter()
            .map(|(path, content)| (format!("skill/{path}"), text(content).as_bytes()))
            .collect();
        files.push(("skill/aegis-manifest.json".to_owned(), manifest.as_bytes()));
        let verdict = |files: &[(String, &[u8])]| {
            let folder = Folder {
                name: "skill",
                files,
            };
            verify_folder(folder, &Options::default()).unwrap().unwrap()
        };
        let report = verdict(&files);
        assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.checks);
        let tree = report
            .checks
            .iter()
            .find(|check| check.id == "tree_hash")
            .unwrap();
        assert!(tree.detail.contains("walks"), "{tree:?}");
        files[0].1 = b"changed";
        let ids: Vec<String> = failed(&verdict(&files))
            .iter()
            .map(|check| check.id.to_string())
            .collect();
        assert_eq!(ids, ["file_hash", "tree_hash"]);
    }
}
