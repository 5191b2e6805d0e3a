//! Verdicts on altered Thessor packages against the vendor's verifier, where it is installed (`make differential`).
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

const PACKAGES: &str = "1500";

#[test]
fn altered_packages_get_the_vendors_verdict() {
    let python = std::env::var_os("ASSAY_PYTHON").filter(|python| Path::new(python).exists());
    let Some(python) = python else {
        eprintln!("not compared: ASSAY_PYTHON names no interpreter with the vendor's package");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(python)
        .args(["-W", "ignore"])
        .arg(root.join("tests/differential/thessor_packages.py"))
        .args(["--count", PACKAGES, "--assay", env!("CARGO_BIN_EXE_assay")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{text}{errors}");
    assert!(text.contains(&format!("{PACKAGES} packages compared, 0 disagreements")));
}
