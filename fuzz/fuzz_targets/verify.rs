//! Any file gets a report or a refusal, and a valid one only without failures.
#![no_main]

use assay::{Input, Options, Verdict, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let input = Input {
        name: "file",
        bytes,
    };
    let report = verify(input, &Options::default()).unwrap_or_else(|refusal| refusal.into_report());
    match report.verdict {
        Verdict::Valid => assert!(report.counts.failed == 0 && report.reason.is_none()),
        Verdict::Refused => assert!(report.refusal.is_some()),
        Verdict::Invalid | Verdict::Indeterminate => assert!(report.reason.is_some()),
    }
    assert!(!report.to_json().is_empty());
});
