//! Verdicts on altered artifacts against the vendors' own verifiers, where those are installed (`make differential`).
//!
//! Each script in `tests/differential/` alters artifacts, asks the vendor and Assay about every one, names each disagreement
//! and ends with a line that counts them.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

/// Runs a script over this many artifacts; the vendor and Assay have to agree on all.
fn compare(script: &str, artifacts: u32) {
    let python = std::env::var_os("ASSAY_PYTHON").filter(|python| Path::new(python).exists());
    let Some(python) = python else {
        eprintln!("not compared: ASSAY_PYTHON names no interpreter with the vendors' packages");
        return;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/differential");
    let run = Command::new(python)
        .args(["-W", "ignore"])
        .arg(folder.join(script))
        .args(["--cases", &artifacts.to_string()])
        .args(["--assay", env!("CARGO_BIN_EXE_assay")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{text}{errors}");
    let counted = format!("{artifacts} cases compared, 0 disagreements");
    assert!(text.contains(&counted), "{text}{errors}");
}

#[test]
fn altered_heso_receipts_get_the_vendors_verdict() {
    compare("heso_receipts.py", 6000);
}

#[test]
fn altered_thessor_packages_get_the_vendors_verdict() {
    compare("thessor_packages.py", 1500);
}

#[test]
fn altered_signatures_over_thessor_content_get_the_vendors_verdict() {
    compare("thessor_direct.py", 600);
}

#[test]
fn altered_thessor_packets_get_the_vendors_verdict() {
    compare("thessor_packets.py", 800);
}

#[test]
fn altered_complianceguard_events_get_the_vendors_verdict() {
    compare("complianceguard_events.py", 1500);
}
