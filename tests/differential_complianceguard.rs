//! Verdicts on altered ComplianceGuard events against the vendor's SDK, where it is installed (`make differential`).
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(clippy::unwrap_used)]

use std::path::Path;
use std::process::Command;

const CASES: &str = "1500";
const COMPANIONS: &str = "150";

#[test]
fn altered_events_get_the_vendors_verdict() {
    let python = std::env::var_os("ASSAY_PYTHON").filter(|python| Path::new(python).exists());
    let Some(python) = python else {
        eprintln!("not compared: ASSAY_PYTHON names no interpreter with the vendor's package");
        return;
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let run = Command::new(python)
        .arg(root.join("tests/differential/complianceguard_events.py"))
        .args(["--cases", CASES, "--companions", COMPANIONS])
        .args(["--assay", env!("CARGO_BIN_EXE_assay")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{text}{errors}");
    assert!(text.contains("1650 events compared, 0 disagreements"));
}
