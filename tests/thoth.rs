//! Thoth's evidence, chained, hashed and signed by rules of our own choice, since the vendor's are not published.
#![cfg(not(target_arch = "wasm32"))]
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
use assay::trust::{Pins, PublicKey};
use assay::{Companion, Content, Input, Options, Verdict, open_beside, verify};
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thoth")
}

fn manifest() -> Value {
    serde_json::from_slice(&bytes("manifest.json")).unwrap()
}

fn bytes(file: &str) -> Vec<u8> {
    fs::read(folder().join(file)).unwrap()
}

fn pins(key: &str) -> Pins {
    Pins {
        keys: vec![PublicKey::parse(key).unwrap()],
    }
}

fn service_key() -> Pins {
    pins(manifest()["public_key"].as_str().unwrap())
}

fn full() -> Options<'static> {
    Options {
        full: true,
        ..Options::default()
    }
}

fn pinned() -> Options<'static> {
    Options {
        pins: service_key(),
        ..full()
    }
}

fn report_of(file: &str, bytes: &[u8], options: &Options<'_>) -> Report {
    let input = Input { name: file, bytes };
    verify(input, options).unwrap_or_else(|refusal| refusal.into_report())
}

fn report(file: &str, options: &Options<'_>) -> Report {
    report_of(file, &bytes(file), options)
}

fn find<'r>(report: &'r Report, id: &str) -> &'r Check {
    let found = report.checks.iter().find(|check| check.id == id);
    found.unwrap_or_else(|| panic!("no check {id}: {:#?}", report.checks))
}

fn reason(report: &Report) -> Option<&'static str> {
    report.reason.map(assay::report::Reason::code)
}

/// The options that a fixture's manifest asks for.
fn options_of(fixture: &Value) -> Options<'static> {
    match fixture["key"].as_bool() {
        Some(true) => pinned(),
        _ => full(),
    }
}

#[test]
fn every_fixture_gets_its_verdict_and_reason() {
    let mut wrong = Vec::new();
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        let file = fixture["file"].as_str().unwrap();
        let report = report(file, &options_of(fixture));
        assert_eq!(
            report.artifact.system.as_deref(),
            Some("thoth"),
            "{file}: {}",
            report.summary
        );
        let found = (report.verdict.word(), reason(&report));
        let expected = (
            fixture["verdict"].as_str().unwrap(),
            fixture["reason"].as_str(),
        );
        if found != expected {
            wrong.push(format!(
                "{file}: {found:?} instead of {expected:?}: {}",
                report.summary
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_check_passes_somewhere_and_fails_somewhere() {
    let mut seen: BTreeMap<String, Vec<Status>> = BTreeMap::new();
    for fixture in manifest()["fixtures"].as_array().unwrap() {
        for options in [full(), pinned()] {
            for check in report(fixture["file"].as_str().unwrap(), &options).checks {
                let kind = check.subject.split(':').next().unwrap_or_default();
                seen.entry(format!("{kind} {}", check.id))
                    .or_default()
                    .push(check.status);
            }
        }
    }
    // What is never known to be wrong, since the rule is not published, or does not bear on the verdict.
    let never_fail = [
        "approval coverage",
        "artifact agreement",
        "artifact coverage",
        "artifact members",
        "bundle bundle_hash",
        "artifact pinned_key",
        "artifact row_count",
        "artifact unlinked_decisions",
        "call call_events",
        "call scope",
        "event coverage",
        "chain chain_boundary",
        "chain hash_rule",
        "chain signature_rule",
        "decision authorization",
        "decision coverage",
        "receipt receipt_members",
    ];
    let never_pass = [
        "approval coverage",
        "artifact agreement",
        "artifact coverage",
        "artifact unlinked_decisions",
        "decision authorization",
        "event coverage",
    ];
    for (check, outcomes) in &seen {
        let (passes, fails) = (
            outcomes.contains(&Status::Pass),
            outcomes.contains(&Status::Fail),
        );
        assert_eq!(
            passes,
            !never_pass.contains(&check.as_str()),
            "{check} passes"
        );
        assert_eq!(
            fails,
            !never_fail.contains(&check.as_str()),
            "{check} fails"
        );
    }
    assert!(seen.len() > 20, "{seen:?}");
}

/// The verdict, the reason and the sentence on a file that came with others.
fn beside(file: &str, others: &[&str]) -> Report {
    let held: Vec<Vec<u8>> = others.iter().map(|other| bytes(other)).collect();
    let named: Vec<(&str, &[u8])> = others
        .iter()
        .copied()
        .zip(held.iter().map(Vec::as_slice))
        .collect();
    let opened = open_beside(&named);
    let options = Options {
        beside: &opened,
        ..full()
    };
    report(file, &options)
}

fn with(file: &str, companions: &[(&str, &str)]) -> Report {
    let held: Vec<Vec<u8>> = companions.iter().map(|(_, other)| bytes(other)).collect();
    let companions = companions
        .iter()
        .zip(&held)
        .map(|((name, other), bytes)| Companion {
            name: (*name).to_owned(),
            file_name: (*other).to_owned(),
            content: Content::File(bytes),
        });
    let options = Options {
        companions: companions.collect(),
        ..full()
    };
    report(file, &options)
}

#[test]
fn decisions_in_files_beside_are_held_against_the_events() {
    let alone = report("events-of-call.json", &full());
    assert_eq!(alone.verdict, Verdict::Valid, "{}", alone.summary);
    for (others, verdict) in [
        (&["decision-of-call.json"][..], Verdict::Invalid),
        (&["decision-allowing.json"], Verdict::Valid),
        (&["decision-nameless.json"], Verdict::Valid),
        (&["decision-holding.json"], Verdict::Indeterminate),
        (
            &["decision-holding.json", "approval-of-call.json"],
            Verdict::Valid,
        ),
    ] {
        let report = beside("events-of-call.json", others);
        assert_eq!(report.verdict, verdict, "{others:?}: {}", report.summary);
    }
    let contradicted = beside("events-of-call.json", &["decision-of-call.json"]);
    assert_eq!(find(&contradicted, "agreement").status, Status::Fail);
    assert_eq!(reason(&contradicted), Some("CONTRADICTION"));
}

#[test]
fn a_file_beside_that_repeats_this_one_changes_nothing() {
    for file in [
        "allow.json",
        "decisions-in-order.json",
        "step-up-approved.json",
    ] {
        let alone = report(file, &full());
        let doubled = beside(file, &[file]);
        assert_eq!(
            doubled.verdict, alone.verdict,
            "{file}: {}",
            doubled.summary
        );
        assert_eq!(doubled.counts.subjects, alone.counts.subjects, "{file}");
    }
}

#[test]
fn events_in_files_beside_are_held_against_a_decision() {
    let report = beside("decision-of-call.json", &["events-of-call.json"]);
    assert_eq!(reason(&report), Some("CONTRADICTION"), "{}", report.summary);
    let report = beside("decision-allowing.json", &["events-of-call.json"]);
    assert_eq!(find(&report, "agreement").status, Status::Pass);
    assert_eq!(reason(&report), Some("INPUT_NEEDED"), "{}", report.summary);
}

#[test]
fn companions_are_asked_for_and_held_against_the_events() {
    let alone = report("events-of-call.json", &full());
    assert!(
        alone
            .asks
            .iter()
            .any(|ask| ask.name == "decisions" && !ask.supplied)
    );
    let named = with(
        "events-of-call.json",
        &[("decisions", "decision-of-call.json")],
    );
    assert_eq!(named.verdict, Verdict::Invalid);
    assert!(
        named
            .asks
            .iter()
            .any(|ask| ask.name == "decisions" && ask.supplied)
    );
    // A decision that names no call is of the only one, when a person says that they belong together.
    let nameless = with(
        "events-of-call.json",
        &[("decisions", "decision-nameless.json")],
    );
    assert_eq!(nameless.verdict, Verdict::Invalid);
    let held = with(
        "events-of-call.json",
        &[("decisions", "decision-holding.json")],
    );
    assert_eq!(reason(&held), Some("INPUT_NEEDED"));
    assert!(
        held.asks
            .iter()
            .any(|ask| ask.name == "approvals" && !ask.supplied)
    );
    let approved = with(
        "events-of-call.json",
        &[
            ("decisions", "decision-holding.json"),
            ("approvals", "approval-of-call.json"),
        ],
    );
    assert_eq!(approved.verdict, Verdict::Valid, "{}", approved.summary);
}

/// The report on `events-of-call.json` with this text supplied as `part`.
fn with_text(part: &str, text: &str) -> Report {
    let companion = Companion {
        name: part.to_owned(),
        file_name: "supplied.json".to_owned(),
        content: Content::File(text.as_bytes()),
    };
    let options = Options {
        companions: vec![companion],
        ..full()
    };
    report("events-of-call.json", &options)
}

#[test]
fn a_companion_that_cannot_be_used_leaves_the_file_undecided() {
    let decision = String::from_utf8(bytes("decision-allowing.json")).unwrap();
    let used = with_text("decisions", &decision);
    assert_eq!(used.verdict, Verdict::Valid, "{}", used.summary);
    assert_eq!(find(&used, "companion").status, Status::Pass);
    let cut = format!("{decision}{{\"decision\": \n{decision}");
    let twice = decision.replacen("\"tool_name\"", "\"tool_name\": \"x\", \"tool_name\"", 1);
    let hold = String::from_utf8(bytes("hold.json")).unwrap();
    for (part, text, words) in [
        ("decisions", "{\"decision\": oops", "it cannot be read"),
        ("decisions", cut.as_str(), "Record 2 cannot be read"),
        ("decisions", twice.as_str(), "tool_name"),
        ("decisions", "{\"colour\": \"red\"}", "no decisions"),
        ("decisions", hold.as_str(), "no decisions"),
        ("decisions", "[]", "no decisions"),
        ("events", decision.as_str(), "no events"),
        ("approvals", "{}", "no approvals"),
    ] {
        let report = with_text(part, text);
        assert_eq!(reason(&report), Some("INPUT_NEEDED"), "{part}: {text}");
        assert_eq!(report.verdict, Verdict::Indeterminate);
        assert_eq!(find(&report, "companion").status, Status::Skip);
        let named = report.summary.contains("supplied.json") && report.summary.contains(words);
        assert!(named, "{}", report.summary);
    }
}

#[test]
fn a_word_that_the_sdk_reads_otherwise_is_quoted() {
    let report = report("step-up-word.json", &full());
    let quoted = "its hold was resolved as BLOCK (written \"APPROVED\", a word that the SDK does not know and reads as BLOCK)";
    assert!(report.summary.contains(quoted), "{}", report.summary);
    assert!(find(&report, "held").detail.contains(quoted));
    let mut holds = report.facts.iter().filter(|fact| fact.label == "Hold");
    assert!(holds.any(|fact| fact.value.contains("written \"APPROVED\"")));
}

#[test]
fn modes_of_one_call_that_differ_are_told_by_their_events() {
    for file in ["observed-before.json", "observed-after.json"] {
        let detail = find(&report(file, &full()), "call_events").detail.clone();
        assert!(detail.contains("observe (/events/"), "{file}: {detail}");
        assert!(detail.contains("progressive (/events/"), "{file}: {detail}");
    }
}

#[test]
fn decisions_are_asked_for_as_further_ones_where_the_file_has_some() {
    let label = |file: &str| {
        let report = report(file, &full());
        let ask = report.asks.into_iter().find(|ask| ask.name == "decisions");
        ask.map(|ask| ask.label.into_owned())
    };
    assert_eq!(
        label("events.json").as_deref(),
        Some("Decisions of the session")
    );
    assert_eq!(
        label("unlinked-decision.json").as_deref(),
        Some("Other decisions of the session")
    );
    assert_eq!(label("session-bundle.json"), None);
}

#[test]
fn a_key_is_asked_for_where_something_is_signed() {
    for (file, asked) in [
        ("signed-no-key.json", true),
        ("receipt-no-key.json", true),
        ("events.json", false),
        ("decision.json", false),
    ] {
        let report = report(file, &full());
        assert_eq!(
            report.asks.iter().any(|ask| ask.name == "key"),
            asked,
            "{file}"
        );
    }
}

#[test]
fn signers_and_signed_facts_stand_in_the_report_once_a_key_verifies() {
    let signed = report("signed-content.json", &pinned());
    let signer = &signed.signers[0];
    assert_eq!(signer.pinned, Some(true));
    assert_eq!(
        signer.public_key,
        manifest()["public_key"].as_str().unwrap()
    );
    let agent = |report: &Report| {
        report
            .facts
            .iter()
            .find(|fact| fact.label == "Agent")
            .unwrap()
            .clone()
    };
    assert!(agent(&signed).signed);
    assert!(!agent(&report("signed-no-key.json", &full())).signed);
    let receipt = report("receipt-decision.json", &pinned());
    let decision = receipt
        .facts
        .iter()
        .find(|fact| fact.label == "Decision")
        .unwrap();
    assert!(decision.signed);
    assert_eq!(decision.value, "BLOCK");
}

#[test]
fn a_summary_says_what_alone_is_signed() {
    for (file, part) in [
        (
            "receipt-beside-events.json",
            Some("the receipts of its decisions"),
        ),
        (
            "receipt-in-bundle.json",
            Some("the receipts of its decisions"),
        ),
        ("sdk-receipt.json", Some("some parts of it")),
        ("signed-in-bundle.json", Some("its events")),
        ("receipt-beside-signed.json", None),
        ("signed-content.json", None),
        ("receipt-decision.json", None),
        ("bundle-signed.json", None),
    ] {
        let report = report(file, &pinned());
        assert_eq!(report.signed_part.as_deref(), part, "{file}");
        match part {
            Some(part) => {
                let rest = format!(
                    " agrees with its hashes. Only {part} are signed, with a key that you pinned: whoever rewrote the rest could have made its hashes anew."
                );
                assert!(
                    report.summary.ends_with(&rest),
                    "{file}: {}",
                    report.summary
                );
            }
            None => assert!(
                report
                    .summary
                    .ends_with(" is intact and is signed with a key that you pinned."),
                "{file}: {}",
                report.summary
            ),
        }
    }
}

#[test]
fn the_rule_that_was_found_is_named() {
    for (file, words) in [
        (
            "rule-python-default.json",
            "SHA-256 over Python's sorted JSON with its default separators in ASCII",
        ),
        (
            "rule-go-struct.json",
            "SHA-256 over Go's JSON in the order of the file",
        ),
        ("rule-colon.json", "after `previous_hash` and a colon"),
        ("signed-digest-hex.json", "SHA-256 over RFC 8785"),
    ] {
        let report = report(file, &pinned());
        let detail = &find(&report, "hash_rule").detail;
        assert!(detail.contains(words), "{file}: {detail}");
    }
    let detail = &find(&report("bundle.json", &full()), "bundle_hash")
        .detail
        .clone();
    assert!(
        detail.contains("the bundle without `bundle_hash`"),
        "{detail}"
    );
    let skipped = report("rule-unknown.json", &full());
    assert!(
        find(&skipped, "hash_rule")
            .detail
            .contains("1100 candidates")
    );
}

#[test]
fn what_is_missing_before_a_chain_and_in_it_is_named() {
    let cut = report("head-cut.json", &full());
    let boundary = find(&cut, "chain_boundary");
    assert_eq!(boundary.status, Status::Note);
    assert!(boundary.detail.contains("place 2"), "{}", boundary.detail);
    let gap = report("event-removed.json", &full());
    assert!(
        find(&gap, "chain_indices")
            .detail
            .contains("1 record is missing")
    );
    let outside = report("scope-outside.json", &full());
    let scope = find(&outside, "scope");
    assert_eq!(scope.status, Status::Note);
    assert!(scope.detail.contains("delete_chart"), "{}", scope.detail);
}
