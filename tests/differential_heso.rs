//! Verdicts on altered HESO receipts, chains and files of sessions against the vendor's core, where it is installed (`make differential`).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

const CASES: &str = "6000";

#[test]
fn altered_receipts_get_the_vendors_verdict() {
    let python = std::env::var_os("ASSAY_PYTHON").filter(|python| Path::new(python).exists());
    let Some(python) = python else {
        eprintln!("not compared: ASSAY_PYTHON names no interpreter with the vendor's package");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(python)
        .arg(root.join("tests/differential/heso_receipts.py"))
        .args(["--cases", CASES, "--assay", env!("CARGO_BIN_EXE_assay")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{text}{errors}");
    assert!(text.contains(&format!("{CASES} cases compared, 0 disagreements")));
}
