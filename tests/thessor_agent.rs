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
use assay::trust::{Pins, PublicKey};
use assay::{Companion, Content, Input, Options, Verdict, verify};

const AGENT: &str = "agent:formulary-v1";

fn read(file: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor/agent");
    fs::read(folder.join(file)).unwrap()
}

const KEY: &str = "ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c";
const OTHER_KEY: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

/// The report on a file, under a pinned key, with other files beside it.
fn together(file: &str, others: &[&str], keys: &[&str]) -> Report {
    let texts: Vec<Vec<u8>> = others.iter().map(|other| read(other)).collect();
    let files: Vec<(&str, &[u8])> = others
        .iter()
        .zip(&texts)
        .map(|(name, bytes)| (*name, bytes.as_slice()))
        .collect();
    let beside = assay::open_beside(&files);
    let pins = keys.iter().map(|key| PublicKey::parse(key).unwrap());
    let options = Options {
        beside: &beside,
        pins: Pins {
            keys: pins.collect(),
        },
        full: true,
        ..Options::default()
    };
    report_on(file, &options)
}

fn report_on(file: &str, options: &Options<'_>) -> Report {
    let bytes = read(file);
    let input = Input {
        name: file,
        bytes: &bytes,
    };
    verify(input, options).unwrap_or_else(|refusal| refusal.into_report())
}

/// Verdict and reason in one word.
fn outcome(report: &Report) -> String {
    match report.reason {
        Some(reason) => format!("{} {}", report.verdict.word(), reason.code()),
        None => report.verdict.word().to_owned(),
    }
}

/// The report on a file, with companions by name and values by name, under the right key.
fn report(file: &str, companions: &[(&str, &[u8])], values: &[(&str, &str)]) -> Report {
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
    let zip = file.ends_with(".zip");
    let pins = (!zip).then(|| PublicKey::parse(KEY).unwrap());
    let options = Options {
        companions: leaked.iter().map(companion).collect(),
        values: values.collect(),
        pins: Pins {
            keys: pins.into_iter().collect(),
        },
        full: true,
        ..Options::default()
    };
    report_on(file, &options)
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
    let tools = report.facts.iter().filter(|fact| fact.label == "Tool");
    assert_eq!(tools.count(), 3);
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
        check
            .detail
            .contains("none of those that were hashed: 3 decisions"),
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
        assert_eq!(all(&empty, "supplied_empty").len(), 1, "{name}");
    }
}

#[test]
fn an_envelope_is_checked_under_a_key_that_is_handed_over() {
    for (file, keys, expected) in [
        ("decision.json", &[][..], "indeterminate KEY_NEEDED"),
        ("decision.json", &[KEY], "valid"),
        ("decision.json", &[OTHER_KEY, KEY], "valid"),
        ("decision.json", &[OTHER_KEY], "invalid SIG_CRYPTO_FAILURE"),
        ("decisions.json", &[KEY], "valid"),
        ("decisions.ndjson", &[KEY], "valid"),
        ("decisions.json", &[], "indeterminate KEY_NEEDED"),
        ("digest-signed.json", &[KEY], "valid"),
        ("wrapped.json", &[KEY], "valid"),
        ("flat.json", &[KEY], "invalid SIGNED_DATA_NOT_FOUND"),
        ("flat-altered.json", &[KEY], "invalid SIGNED_DATA_NOT_FOUND"),
        ("beside.json", &[KEY], "invalid FORMAT_FAILURE"),
        ("altered.json", &[KEY], "invalid HASH_FAILURE"),
        ("altered.json", &[], "invalid HASH_FAILURE"),
        (
            "signature-of-another.json",
            &[KEY],
            "invalid SIG_CRYPTO_FAILURE",
        ),
    ] {
        let report = together(file, &[], keys);
        assert_eq!(
            outcome(&report),
            expected,
            "{file} {keys:?}: {:#?}",
            report.checks
        );
        let asked = report.asks.iter().any(|ask| ask.name == "key");
        assert!(asked, "{file} {keys:?}");
        assert_eq!(report.peer.unwrap()["passed"], serde_json::Value::Null);
    }
    let values = [("public_key", KEY)];
    let unpinned = Options {
        values: values
            .map(|(name, key)| (name.to_owned(), key.to_owned()))
            .into(),
        ..Options::default()
    };
    let report = report_on("decision.json", &unpinned);
    assert_eq!(outcome(&report), "valid");
    assert_eq!(report.signers[0].pinned, None);
}

#[test]
fn an_agents_decision_says_what_it_is() {
    let report = together("decision.json", &[], &[KEY]);
    assert_eq!(report.artifact.kind.as_deref(), Some("agent-decision"));
    let fact = |label: &str| {
        report
            .facts
            .iter()
            .find(|fact| fact.label == label)
            .unwrap()
    };
    assert_eq!(fact("Tool").value, "search_formulary");
    assert_eq!(fact("Tool").pointer, "/raw_envelope/output/tool_name");
    assert_eq!(fact("Model").pointer, "/raw_envelope/model_id");
    assert!(fact("Tool").signed && fact("Model").signed);
    let wrapped = together("wrapped.json", &[], &[KEY]);
    let model = wrapped.facts.iter().find(|fact| fact.label == "Model");
    assert_eq!(model.unwrap().pointer, "/envelope/raw_envelope/model_id");
    let unsigned = together("decision.json", &[], &[]);
    assert!(unsigned.facts.iter().all(|fact| !fact.signed));
    for (file, expected) in [
        ("packet.json", "valid"),
        ("packet-altered.json", "invalid HASH_FAILURE"),
    ] {
        assert_eq!(outcome(&together(file, &[], &[])), expected);
    }
    let several = together("decisions.ndjson", &[], &[KEY]);
    assert_eq!(several.artifact.kind.as_deref(), Some("agent-decisions"));
    assert_eq!(only(&several, "chain_links").status, Status::Pass);
}

#[test]
fn the_way_in_which_the_input_was_hashed_is_named() {
    let input = read("input.json");
    for (file, words) in [
        ("decision.json", "canonical JSON"),
        ("packet.json", "canonical JSON"),
        ("input-bytes.json", "the bytes of the file"),
        ("input-printed.json", "connectors to clinical systems"),
    ] {
        let report = report(file, &[("input", &input)], &[]);
        let check = only(&report, "input");
        assert_eq!(check.status, Status::Pass, "{file}");
        assert!(check.detail.contains(words), "{file}: {}", check.detail);
        assert_eq!(
            report.verdict,
            Verdict::Valid,
            "{file}: {:#?}",
            report.checks
        );
    }
    let spelled = read("input-spelled-otherwise.json");
    for (file, expected) in [
        ("decision.json", "valid"),
        ("input-bytes.json", "invalid HASH_FAILURE"),
    ] {
        assert_eq!(
            outcome(&report(file, &[("input", &spelled)], &[])),
            expected
        );
    }
    for file in ["decision.json", "packet.json"] {
        let other = read("other-input.json");
        let report = report(file, &[("input", &other)], &[]);
        assert_eq!(outcome(&report), "invalid HASH_FAILURE");
        assert!(
            only(&report, "input").expected.is_some() && only(&report, "input").actual.is_some()
        );
    }
    let unusable = report("input-no-digest.json", &[("input", &input)], &[]);
    assert_eq!(unusable.verdict, Verdict::Invalid);
    let meant = "input:b0583f66-4596-426c-89c9-9b285dec1ac0";
    let unusable = report("input-no-digest.json", &[(meant, &input)], &[]);
    assert_eq!(outcome(&unusable), "indeterminate FORMAT_FAILURE");
}

#[test]
fn people_and_sites_may_stand_in_the_attestations_of_an_agents_decision() {
    let asks = report("people.json", &[], &[]).asks;
    for name in ["agent_id", "operator_id", "site_identifier"] {
        assert!(asks.iter().any(|ask| ask.name == name), "{name}");
    }
    for (typed, verdict) in [
        ("npi:1234567890", "valid"),
        ("npi:0", "invalid HASH_FAILURE"),
    ] {
        let report = report("people.json", &[], &[("operator_id", typed)]);
        assert_eq!(outcome(&report), verdict);
    }
}

#[test]
fn an_output_and_an_agent_are_told() {
    let output = read("output.json");
    for file in ["decision.json", "packet.json"] {
        let report = report(file, &[("output", &output)], &[("agent_id", AGENT)]);
        assert_eq!(outcome(&report), "valid", "{file}");
        assert_eq!(only(&report, "output").status, Status::Pass);
        assert_eq!(only(&report, "agent_id").status, Status::Pass);
        let wrong = self::report(file, &[("output", b"{}")], &[]);
        assert_eq!(outcome(&wrong), "invalid HASH_FAILURE", "{file}");
    }
}

#[test]
fn links_to_parents_are_followed_across_files() {
    for (file, others, status, verdict) in [
        (
            "decisions.json",
            &["links.json"][..],
            Some(Status::Pass),
            "valid",
        ),
        ("decisions.json", &[], None, "valid"),
        (
            "second.json",
            &["decision.json", "links.json"],
            Some(Status::Skip),
            "valid",
        ),
        (
            "second.json",
            &["decision.json", "link.json"],
            Some(Status::Pass),
            "valid",
        ),
        ("second.json", &["packet.json"], Some(Status::Pass), "valid"),
        ("packets.json", &[], Some(Status::Pass), "valid"),
        (
            "packet-second.json",
            &["packet.json"],
            Some(Status::Pass),
            "valid",
        ),
        (
            "packet.json",
            &["packet-second.json"],
            Some(Status::Pass),
            "valid",
        ),
        ("parents.json", &[], Some(Status::Pass), "valid"),
        ("parent-first.json", &[], None, "valid"),
        (
            "parent-second.json",
            &["parent-first.json"],
            Some(Status::Pass),
            "valid",
        ),
        ("parent-second.json", &[], Some(Status::Skip), "valid"),
        (
            "parent-second.json",
            &["altered.json"],
            Some(Status::Skip),
            "valid",
        ),
        ("parent-hashes.json", &[], Some(Status::Pass), "valid"),
        (
            "own-parent.json",
            &[],
            Some(Status::Fail),
            "invalid CONTRADICTION",
        ),
        (
            "link.json",
            &["decision.json", "second.json"],
            Some(Status::Pass),
            "indeterminate SIGNED_DATA_NOT_FOUND",
        ),
        (
            "link.json",
            &[],
            Some(Status::Skip),
            "indeterminate SIGNED_DATA_NOT_FOUND",
        ),
        ("export.zip", &[], None, "valid"),
    ] {
        let keys: &[&str] = if file.starts_with("link") {
            &[]
        } else {
            &[KEY]
        };
        let report = together(file, others, keys);
        let found = all(&report, "parent_links")
            .first()
            .map(|check| check.status);
        assert_eq!(found, status, "{file} {others:?}: {:#?}", report.checks);
        assert_eq!(
            outcome(&report),
            verdict,
            "{file} {others:?}: {:#?}",
            report.checks
        );
    }
}

#[test]
fn a_parent_whose_hash_is_another_is_noticed() {
    let mut envelopes: Vec<serde_json::Value> =
        serde_json::from_slice(&read("parent-hashes.json")).unwrap();
    envelopes.swap(0, 1);
    let swapped = serde_json::to_vec(&envelopes).unwrap();
    let report = |bytes: &[u8]| {
        let options = Options {
            pins: Pins {
                keys: vec![PublicKey::parse(KEY).unwrap()],
            },
            full: true,
            ..Options::default()
        };
        verify(
            Input {
                name: "a.json",
                bytes,
            },
            &options,
        )
        .unwrap()
    };
    // The order in the file says nothing.
    assert_eq!(only(&report(&swapped), "parent_links").status, Status::Pass);
    let packets = String::from_utf8(read("packets.json")).unwrap();
    let second: serde_json::Value = serde_json::from_slice(&read("packet-second.json")).unwrap();
    let hash = second["decision"]["canonical_hash"].as_str().unwrap();
    let altered = packets.replacen(
        &format!("\"canonical_hash\": \"{hash}\""),
        "\"canonical_hash\": \"00\"",
        1,
    );
    assert_ne!(packets, altered);
    let check = only(&report(altered.as_bytes()), "parent_links").clone();
    assert_eq!(check.status, Status::Fail);
    assert!(
        check.detail.contains("states another hash"),
        "{}",
        check.detail
    );
}

#[test]
fn links_that_go_in_a_circle_are_noticed_and_long_ones_are_followed() {
    let raw = |id: usize, parent: Option<usize>| {
        serde_json::json!({
            "envelope_id": format!("e{id}"), "canonical_hash": "00", "signature": "00",
            "raw_envelope": {"decision_id": format!("d{id}"), "parent_decision_id": parent.map(|parent| format!("e{parent}"))},
        })
    };
    let check = |envelopes: Vec<serde_json::Value>| {
        let bytes = serde_json::to_vec(&envelopes).unwrap();
        let input = Input {
            name: "many.json",
            bytes: &bytes,
        };
        let options = Options {
            full: true,
            ..Options::default()
        };
        only(&verify(input, &options).unwrap(), "parent_links").clone()
    };
    let circle = check(vec![
        raw(0, Some(2)),
        raw(1, Some(0)),
        raw(2, Some(1)),
        raw(3, Some(2)),
    ]);
    assert_eq!(circle.status, Status::Fail);
    assert!(circle.detail.contains("lead back"), "{}", circle.detail);
    assert_eq!(
        circle.detail.matches("lead back").count(),
        3,
        "{}",
        circle.detail
    );
    // None of these has the hash that it records, so nothing holds; but none is in a circle.
    let count = 5_000;
    let line = check((0..count).map(|id| raw(id, id.checked_sub(1))).collect());
    assert_eq!(line.status, Status::Skip);
    assert!(line.detail.contains("And 4996 more"), "{}", line.detail);
}

/// An envelope with the hash of its content, under ids of the same number, that names a parent.
fn envelope(number: usize, parent: Option<&str>) -> serde_json::Value {
    let content =
        serde_json::json!({"decision_id": format!("d{number}"), "parent_decision_id": parent});
    let hash = assay::input::file_digest(&serde_json::to_vec(&content).unwrap());
    serde_json::json!({
        "envelope_id": format!("e{number}"), "canonical_hash": hash, "signature": "00", "raw_envelope": content,
    })
}

fn link(parent: &str, child: &str) -> serde_json::Value {
    serde_json::json!({"decision_envelope_id": parent, "outcome_envelope_id": child})
}

/// What the first of several files that are handed over together is told of its links, and of the ids in them.
fn links_of(files: &[serde_json::Value]) -> (Option<Check>, Option<Check>) {
    let names: Vec<String> = (0..files.len()).map(|at| format!("{at}.json")).collect();
    let texts: Vec<Vec<u8>> = files
        .iter()
        .map(|file| serde_json::to_vec(file).unwrap())
        .collect();
    let named: Vec<(&str, &[u8])> = (names.iter().zip(&texts))
        .map(|(name, text)| (name.as_str(), text.as_slice()))
        .collect();
    let options = Options {
        beside: &assay::open_beside(&named[1..]),
        full: true,
        ..Options::default()
    };
    let (name, bytes) = named[0];
    let report = verify(Input { name, bytes }, &options).unwrap();
    let found = |id: &str| all(&report, id).first().map(|check| (*check).clone());
    (found("parent_links"), found("link_ids"))
}

#[test]
fn links_that_go_in_a_circle_across_files_are_noticed() {
    let (a, b) = (envelope(0, Some("d1")), envelope(1, Some("d0")));
    let (by_id, back) = (envelope(2, Some("e3")), envelope(3, Some("e2")));
    let (free, other) = (envelope(4, None), envelope(5, None));
    let (there, back_again) = (link("e4", "e5"), link("e5", "e4"));
    let both = serde_json::json!([there, back_again]);
    let two_parents = serde_json::json!([link("e8", "e4"), link("e5", "e4"), link("e4", "e5")]);
    for files in [
        vec![a.clone(), b.clone()],
        vec![b.clone(), a.clone()],
        vec![serde_json::json!([a, b])],
        vec![by_id, back],
        vec![
            there.clone(),
            back_again.clone(),
            free.clone(),
            other.clone(),
        ],
        vec![there.clone(), back_again.clone()],
        vec![
            free.clone(),
            there.clone(),
            back_again.clone(),
            other.clone(),
        ],
        vec![both],
        vec![two_parents],
    ] {
        let check = links_of(&files).0.unwrap();
        assert_eq!(check.status, Status::Fail, "{files:?}");
        assert!(check.detail.contains("lead back"), "{}", check.detail);
    }
    let detail = links_of(&[a.clone(), b]).0.unwrap().detail;
    assert!(detail.contains("by way of 1.json"), "{detail}");
    // What another file says of its own parent counts only where its content has the hash that it records.
    let mut altered = envelope(1, Some("d0"));
    altered["canonical_hash"] = "00".into();
    assert_eq!(links_of(&[a, altered]).0.unwrap().status, Status::Skip);
    let check = links_of(&[link("e9", "e9")]).0.unwrap();
    assert!(check.detail.contains("names itself"), "{}", check.detail);
    // Two that follow from one are no circle, nor is what leads to one.
    let fork = [link("e4", "e5"), link("e4", "e6"), link("e6", "e5")];
    assert_eq!(links_of(&fork).0.unwrap().status, Status::Skip);
    let tail = [link("e4", "e6"), there, back_again];
    assert_eq!(links_of(&tail).0.unwrap().status, Status::Skip);
}

#[test]
fn that_an_id_is_not_signed_or_not_unique_is_said() {
    let parent = envelope(0, None);
    let found = |name: &str, others: &[&serde_json::Value]| {
        let mut files = vec![envelope(1, Some(name))];
        files.extend(others.iter().map(|other| (*other).clone()));
        let (check, note) = links_of(&files);
        let check = check.unwrap();
        (check.status, check.detail, note.map(|note| note.status))
    };
    let unsigned = "no decision's own signature covers";
    let (status, detail, note) = found("d0", &[&parent]);
    assert_eq!((status, note), (Status::Pass, None), "{detail}");
    assert!(!detail.contains(unsigned), "{detail}");
    let (status, detail, note) = found("e0", &[&parent]);
    assert_eq!((status, note), (Status::Pass, None), "{detail}");
    assert!(detail.contains(unsigned), "{detail}");

    let mut relabelled = envelope(7, None);
    relabelled["envelope_id"] = "e0".into();
    let (status, detail, _) = found("e0", &[&relabelled]);
    assert_eq!(status, Status::Pass);
    assert!(detail.contains(unsigned), "{detail}");
    let (status, detail, note) = found("e0", &[&relabelled, &parent]);
    assert_eq!(
        (status, note),
        (Status::Skip, Some(Status::Note)),
        "{detail}"
    );
    assert!(
        detail.contains("Several decisions go by the id e0"),
        "{detail}"
    );
    // A name in sealed content goes before one that nobody signed; a copy is no other decision.
    relabelled["envelope_id"] = "d0".into();
    let (status, detail, note) = found("d0", &[&relabelled, &parent]);
    assert_eq!(
        (status, note),
        (Status::Pass, Some(Status::Note)),
        "{detail}"
    );
    let (status, _, note) = found("d0", &[&parent, &parent]);
    assert_eq!((status, note), (Status::Pass, None));
}
