//! Holds the documents to the code: the codes are those of the library, and every document that is named exists.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use assay::report::{Reason, RefusalCode};

fn document(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    fs::read_to_string(path).unwrap()
}

#[test]
fn every_code_is_documented_with_its_meaning_and_no_other() {
    let text = document("reasons.md");
    let documented: Vec<&str> = text
        .lines()
        .filter(|line| line.starts_with("| `"))
        .collect();
    let row = |code: &str, meaning: &str| format!("| `{code}` | {meaning} |");
    let reasons = Reason::ALL
        .iter()
        .map(|reason| row(reason.code(), reason.meaning()));
    let refusals = RefusalCode::ALL
        .iter()
        .map(|code| row(code.code(), code.meaning()));
    assert_eq!(documented, reasons.chain(refusals).collect::<Vec<_>>());
}

#[test]
fn the_schema_lists_every_code_and_no_other() {
    let schema: serde_json::Value = serde_json::from_str(&document("report.schema.json")).unwrap();
    let listed = |name: &str| schema["$defs"][name]["enum"].clone();
    let reasons: Vec<_> = Reason::ALL.iter().map(|reason| reason.code()).collect();
    let refusals: Vec<_> = RefusalCode::ALL.iter().map(|code| code.code()).collect();
    assert_eq!(listed("reason"), serde_json::json!(reasons));
    assert_eq!(listed("refusalCode"), serde_json::json!(refusals));
}

/// The rules in reports point into docs/, and so do the README and the page.
#[test]
fn every_document_that_is_named_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut places: Vec<_> = [
        "src",
        "www",
        "docs",
        "README.md",
        "SECURITY.md",
        "CHANGELOG.md",
    ]
    .map(|name| root.join(name))
    .into();
    let mut named = 0;
    while let Some(place) = places.pop() {
        if place.is_dir() {
            places.extend(
                fs::read_dir(place)
                    .unwrap()
                    .map(|entry| entry.unwrap().path()),
            );
            continue;
        }
        let Ok(text) = fs::read_to_string(&place) else {
            continue;
        };
        for (at, _) in text.match_indices("docs/") {
            let name: String = text[at..]
                .chars()
                .take_while(|c| c.is_ascii_alphanumeric() || "/-._".contains(*c))
                .collect();
            let name = name.trim_end_matches('.');
            assert!(root.join(name).exists(), "{} names {name}", place.display());
            named += 1;
        }
    }
    assert!(named > 5);
}
