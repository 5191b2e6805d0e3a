//! Decisions of agents: what the person verifying holds them against, and the links from one to its parent.
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs;
use std::path::Path;

use assay::report::{Check, Report, Status};
use assay::{Companion, Content, Input, Options, Verdict, verify};

const AGENT: &str = "agent:formulary-v1";

fn read(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor/agent");
    fs::read(folder.join(file)).unwrap()
}

/// The report on a file, with companions by name and values by name.
fn report(file: &str, companions: &[(&str, &[u8])], values: &[(&str, &str)]) -> Report {
    let bytes = read(file);
    let companion = |(name, bytes): &(&str, &'static [u8])| Companion {
        name: (*name).to_owned(),
        file_name: "file".to_owned(),
        content: Content::File(bytes),
    };
    let leaked: Vec<(&str, &'static [u8])> = companions
        .iter()
        .map(|(name, bytes)| (*name, &*bytes.to_vec().leak()))
        .collect();
    let values = values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let options = Options {
        companions: leaked.iter().map(companion).collect(),
        values: values.collect(),
        full: true,
        ..Options::default()
    };
    let input = Input {
        name: file,
        bytes: &bytes,
    };
    verify(input, &options).unwrap_or_else(|refusal| refusal.into_report())
}

fn all<'r>(report: &'r Report, id: &str) -> Vec<&'r Check> {
    report
        .checks
        .iter()
        .filter(|check| check.id == id)
        .collect()
}

fn only<'r>(report: &'r Report, id: &str) -> &'r Check {
    match all(report, id).as_slice() {
        [check] => check,
        several => panic!("{id}: {several:#?} in {:#?}", report.checks),
    }
}

#[test]
fn a_package_asks_for_what_its_decisions_could_be_held_against() {
    let report = report("export.zip", &[], &[]);
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.checks);
    let asks: Vec<_> = report
        .asks
        .iter()
        .map(|ask| (&*ask.name, ask.kind.word()))
        .collect();
    let expected = [
        ("input", "file"),
        ("output", "file"),
        ("agent_id", "secret"),
        ("operator_id", "secret"),
        ("site_identifier", "secret"),
    ];
    assert_eq!(asks, expected);
    assert!(report.asks.iter().all(|ask| !ask.supplied));
}

#[test]
fn the_input_and_the_output_are_found_among_the_decisions() {
    let (input, output) = (read("input.json"), read("output.json"));
    let companions: [(&str, &[u8]); 2] = [("input", &input), ("output", &output)];
    let report = report("export.zip", &companions, &[]);
    assert_eq!(report.verdict, Verdict::Valid, "{:#?}", report.checks);
    for id in ["input", "output"] {
        let check = only(&report, id);
        assert_eq!(check.status, Status::Pass);
        assert!(check.subject.starts_with("decision:"));
        assert!(check.detail.contains("canonical JSON"), "{}", check.detail);
    }
    assert!(report.asks.iter().filter(|ask| ask.supplied).count() == 2);
}

#[test]
fn a_file_that_is_no_decisions_input_is_said_to_be_none() {
    let other = read("other-input.json");
    let report = report("export.zip", &[("input", &other)], &[]);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(report.reason.unwrap().code(), "HASH_FAILURE");
    let check = only(&report, "input");
    assert!(
        check.detail.contains("none of the 3 decisions"),
        "{}",
        check.detail
    );
    assert_eq!(report.peer.unwrap()["passed"], true);
}

#[test]
fn a_file_can_be_meant_for_one_decision() {
    let input = read("input.json");
    let envelopes: serde_json::Value = serde_json::from_slice(&read("decisions.json")).unwrap();
    let name =
        |at: usize, member: &str| format!("input:{}", envelopes[at][member].as_str().unwrap());
    for (name, status) in [
        (
            "input:2faf370e-6301-4f49-8025-43d23e892c3a".to_owned(),
            Status::Pass,
        ),
        (name(0, "decision_id"), Status::Pass),
        (name(1, "decision_id"), Status::Fail),
        ("input:nobody".to_owned(), Status::Skip),
    ] {
        let report = report("export.zip", &[(&name, &input)], &[]);
        assert_eq!(only(&report, "input").status, status, "{name}");
        assert_eq!(
            report.verdict == Verdict::Valid,
            status == Status::Pass,
            "{name}"
        );
    }
}

#[test]
fn identifiers_are_compared_and_never_shown() {
    for (name, right, without_prefix, wrong) in [
        ("agent_id", AGENT, "formulary-v1", "formulary-v2"),
        ("operator_id", "npi:1234567890", "1234567890", "1234567891"),
        (
            "site_identifier",
            "site:hospital-a",
            "hospital-a",
            "hospital-b",
        ),
    ] {
        for typed in [right, without_prefix, &format!(" {right}\n")] {
            let report = report("export.zip", &[], &[(name, typed)]);
            assert_eq!(report.verdict, Verdict::Valid, "{name} {typed}");
            assert_eq!(all(&report, name).len(), 3, "{name} {typed}");
            assert!(!report.to_json().contains(typed.trim()), "{name} {typed}");
        }
        let report = report("export.zip", &[], &[(name, wrong)]);
        assert_eq!(report.verdict, Verdict::Invalid, "{name}");
        assert_eq!(only(&report, name).actual, None);
        assert!(!report.to_json().contains(wrong), "{name}");
        let empty = self::report("export.zip", &[], &[(name, " ")]);
        assert_eq!(empty.verdict, Verdict::Valid, "{name}");
    }
}
