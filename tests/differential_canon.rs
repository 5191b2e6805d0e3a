//! Canonical forms of thousands of random texts against CPython, Thessor's package and JavaScript, where they are installed.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::panic)]

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use assay::bytes::{from_hex, to_hex};
use assay::{canon, json};

/// Compares every case that the script prints; the number of cases, or `None` when the script cannot run.
fn compare(interpreter: OsString, script: &str) -> Option<usize> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/differential")
        .join(script);
    let Ok(run) = Command::new(&interpreter).arg(script).output() else {
        eprintln!(
            "not compared: {} cannot be run",
            interpreter.to_string_lossy()
        );
        return None;
    };
    assert!(
        run.status.success(),
        "{}",
        String::from_utf8_lossy(&run.stderr)
    );
    let cases = String::from_utf8(run.stdout).unwrap();
    for case in cases.lines() {
        let [dialect, text, expected] = case.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let text = String::from_utf8(from_hex(text).unwrap()).unwrap();
        let document =
            json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"));
        let form = match dialect {
            "rfc8785" => canon::to_vec::<canon::Jcs>(&document.root),
            "python" => canon::to_vec::<canon::Python>(&document.root),
            "stripped" => canon::to_vec::<canon::Stripped>(&document.root),
            _ => panic!("no dialect {dialect}"),
        };
        let form = form.map_or_else(|_| "!".to_owned(), |bytes| to_hex(&bytes));
        let readable =
            |hex: &str| String::from_utf8_lossy(&from_hex(hex).unwrap_or_default()).into_owned();
        assert!(
            form == expected,
            "{dialect} of {text}\nours:   {}\ntheirs: {}",
            readable(&form),
            readable(expected)
        );
    }
    Some(cases.lines().count())
}

#[test]
fn python_writes_the_same_bytes() {
    let python = std::env::var_os("ASSAY_PYTHON").filter(|python| Path::new(python).exists());
    if let Some(cases) = compare(python.unwrap_or_else(|| "python3".into()), "canon.py") {
        assert!(cases >= 12_000, "{cases}");
    }
}

#[test]
fn javascript_writes_the_same_bytes() {
    if let Some(cases) = compare("node".into(), "canon.mjs") {
        assert!(cases >= 12_000, "{cases}");
    }
}
