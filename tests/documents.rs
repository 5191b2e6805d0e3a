//! Holds the documents to the code: the codes of docs/reasons.md and of docs/report.schema.json are those of the library.
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
