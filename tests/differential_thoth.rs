//! Thoth's evidence against what the vendor's SDK makes of it, and altered in hundreds of ways.
//!
//! The vendor publishes no verifier. What its models take and refuse stands in model.json, made by oracle.py beside it.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic
)]

mod support;

use std::fs;
use std::path::Path;

use assay::canon::{self, Go, Jcs, Python};
use assay::crypto::{blake3, sha256};
use assay::report::{Report, Status};
use assay::trust::{Pins, PublicKey};
use assay::{Input, Options, Verdict, bytes, json, verify};
use serde_json::{Value, json};
use support::Random;

fn read(file: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thoth");
    fs::read_to_string(folder.join(file)).unwrap()
}

fn parsed(file: &str) -> Value {
    serde_json::from_str(&read(file)).unwrap()
}

fn report(text: &str, key: Option<&str>) -> Report {
    let options = Options {
        pins: Pins {
            keys: key
                .into_iter()
                .map(|key| PublicKey::parse(key).unwrap())
                .collect(),
        },
        full: true,
        ..Options::default()
    };
    let input = Input {
        name: "mutated.json",
        bytes: text.as_bytes(),
    };
    verify(input, &options).unwrap_or_else(|refusal| refusal.into_report())
}

fn form(report: &Report) -> Status {
    let check = report.checks.iter().find(|check| check.id == "form");
    check.unwrap_or_else(|| panic!("{}", report.summary)).status
}

#[test]
fn a_decisions_words_mean_what_the_model_makes_of_them() {
    for asked in parsed("model.json")["words"].as_array().unwrap() {
        let (value, made) = (&asked["value"], asked["made"].as_str().unwrap());
        let report = report(&value.to_string(), None);
        let Some(peer) = &report.peer else {
            // Nothing in it tells that it is a decision at all; the model takes that for a block.
            assert_eq!(
                (report.verdict, made),
                (Verdict::Refused, "BLOCK"),
                "{value}"
            );
            continue;
        };
        assert_eq!(peer["decision"], made, "{value}");
    }
}

#[test]
fn a_form_holds_where_the_model_takes_it() {
    let model = parsed("model.json");
    for kind in ["decisions", "events"] {
        for shape in model[kind].as_array().unwrap() {
            let (value, taken) = (&shape["value"], shape["taken"].as_bool().unwrap());
            let report = report(&value.to_string(), None);
            let expected = if taken { Status::Pass } else { Status::Fail };
            assert_eq!(form(&report), expected, "{value}");
        }
    }
}

#[test]
fn nothing_that_was_altered_is_valid() {
    let manifest = parsed("manifest.json");
    let key = manifest["public_key"].as_str().unwrap();
    let mut random = Random::new(20_260_504);
    for (file, key) in [
        ("events.json", None),
        ("rule-unlinked.json", None),
        ("rule-go-struct.json", None),
        ("bundle.json", None),
        ("bundle-decisions.json", None),
        ("signed-content.json", Some(key)),
        ("receipt-nested.json", Some(key)),
        ("sdk-session.json", None),
    ] {
        let text = read(file);
        assert_eq!(report(&text, key).verdict, Verdict::Valid, "{file}");
        for _ in 0..20 {
            let (altered, at) = alter(&text, &mut random);
            let report = report(&altered, key);
            let around = &altered.as_bytes()[at.saturating_sub(40)..altered.len().min(at + 40)];
            let around = String::from_utf8_lossy(around);
            assert_ne!(
                report.verdict,
                Verdict::Valid,
                "{file}, byte {at}: {around}"
            );
        }
    }
}

#[test]
fn nothing_that_lost_a_member_is_valid() {
    for file in ["events.json", "bundle-decisions.json"] {
        let whole = parsed(file);
        assert_eq!(
            report(&whole.to_string(), None).verdict,
            Verdict::Valid,
            "{file}"
        );
        for (pointer, member) in members(&whole, "") {
            for replacement in [
                None,
                Some(Value::Null),
                Some(json!({"a": 1})),
                Some(json!("x")),
            ] {
                let mut altered = whole.clone();
                let object = altered
                    .pointer_mut(&pointer)
                    .unwrap()
                    .as_object_mut()
                    .unwrap();
                let same = object.get(&member) == replacement.as_ref();
                match replacement.clone() {
                    None => object.remove(&member),
                    Some(value) => object.insert(member.clone(), value),
                };
                // That a record bears no signature may be said with an empty one or not at all.
                let unsaid = member == "signature" && replacement.is_none();
                if !same && !unsaid {
                    let report = report(&altered.to_string(), None);
                    assert_ne!(report.verdict, Verdict::Valid, "{file}: {pointer}/{member}");
                }
            }
        }
    }
}

/// The members of some objects, each with the pointer of its object.
fn members(value: &Value, pointer: &str) -> Vec<(String, String)> {
    match value {
        Value::Object(object) => {
            let own = object.keys().map(|key| (pointer.to_owned(), key.clone()));
            let within = object
                .iter()
                .flat_map(|(key, value)| members(value, &format!("{pointer}/{key}")));
            own.chain(within).collect()
        }
        Value::Array(elements) => {
            let within = elements.iter().enumerate().skip(1).take(1);
            within
                .flat_map(|(index, value)| members(value, &format!("{pointer}/{index}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// The text with one letter or digit replaced by another, which is not the same letter in the other case; and where.
fn alter(text: &str, random: &mut Random) -> (String, usize) {
    loop {
        let at = random.below(text.len());
        let old = text.as_bytes()[at];
        let new = b"0123456789abcdefxyz"[random.below(19)];
        if !old.is_ascii_alphanumeric() || old.eq_ignore_ascii_case(&new) {
            continue;
        }
        let mut altered = text.as_bytes().to_vec();
        altered[at] = new;
        return (String::from_utf8(altered).unwrap(), at);
    }
}

/// A chain of events hashed by `hash`, which is given the event without `hash` and `signature`.
fn chained(hash: impl Fn(&Value) -> String) -> String {
    let mut previous = String::new();
    let mut events = parsed("events.json").as_array().unwrap().clone();
    for event in &mut events {
        let object = event.as_object_mut().unwrap();
        object.insert("previous_hash".into(), previous.into());
        object.insert("content".into(), json!("größer & <kleiner>"));
        object.remove("hash");
        let signature = object.remove("signature").unwrap();
        let made = hash(event);
        event["hash"] = made.clone().into();
        event["signature"] = signature;
        previous = made;
    }
    Value::Array(events).to_string()
}

fn canonical<D: canon::Dialect>(value: &Value) -> Vec<u8> {
    let text = value.to_string();
    canon::to_vec::<D>(&json::parse_text(&text).unwrap().root).unwrap()
}

#[test]
fn both_digests_are_tried_over_every_dialect() {
    type Write = fn(&Value) -> Vec<u8>;
    let dialects: [(&str, Write); 3] = [
        ("RFC 8785", canonical::<Jcs>),
        ("RFC 8785", canonical::<Python>),
        ("Go's JSON of a map", canonical::<Go>),
    ];
    for (words, write) in dialects {
        for (name, digest) in [
            ("SHA-256", sha256::digest as fn(&[u8]) -> [u8; 32]),
            ("BLAKE3", blake3::digest),
        ] {
            let report = report(
                &chained(|event| bytes::to_hex(&digest(&write(event)))),
                None,
            );
            assert_eq!(
                report.verdict,
                Verdict::Valid,
                "{name}, {words}: {}",
                report.summary
            );
            let rule = report
                .checks
                .iter()
                .find(|check| check.id == "hash_rule")
                .unwrap();
            let expected = format!("{name} over {words}");
            assert!(rule.detail.contains(&expected), "{}", rule.detail);
        }
    }
}
