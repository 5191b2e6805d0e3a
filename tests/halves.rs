//! Two runs that share a file's signatures say what one run says, or say nothing.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use assay::{Half, Input, Options, Provisional, Report, Verdict, verify, verify_half};

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(folder);
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_file() && path.extension().is_some_and(|kind| kind != "py"))
        .collect();
    files.sort();
    files
}

/// What one run says of a file, and what the first of two says once the second has confirmed it.
fn both_ways(file: &Path) -> Option<(Report, Option<Report>)> {
    let bytes = fs::read(file).unwrap();
    let input = Input {
        name: "file",
        bytes: &bytes,
    };
    let options = Options::default();
    let whole = verify(input, &options).ok()?;
    let half = |half| -> Provisional { verify_half(input, &options, half).unwrap() };
    let verified = half(Half::Second).verified();
    Some((whole, half(Half::First).confirm(&verified)))
}

#[test]
fn a_valid_file_is_confirmed_with_the_same_report() {
    let mut confirmed = 0;
    for file in fixtures("heso/valid")
        .into_iter()
        .chain(fixtures("thessor"))
    {
        let Some((whole, shared)) = both_ways(&file) else {
            continue;
        };
        // What is signed over the second of two texts is tried over the first, which nobody can confirm.
        let tried_twice = ["digest-signed.zip", "legacy-checkpoint.zip"];
        if whole.verdict == Verdict::Valid && !tried_twice.iter().any(|name| file.ends_with(name)) {
            assert!(shared == Some(whole), "{}", file.display());
            confirmed += 1;
        }
    }
    assert!(confirmed > 30, "{confirmed}");
}

#[test]
fn whatever_is_confirmed_is_what_one_run_says() {
    let (mut same, mut unconfirmed) = (0, 0);
    for file in fixtures("heso/invalid")
        .into_iter()
        .chain(fixtures("thessor"))
    {
        match both_ways(&file) {
            Some((whole, Some(shared))) => {
                assert!(shared == whole, "{}", file.display());
                same += 1;
            }
            Some((_, None)) => unconfirmed += 1,
            None => {}
        }
    }
    assert!(same > 50 && unconfirmed > 5, "{same} {unconfirmed}");
}

#[test]
fn nothing_is_confirmed_by_a_run_that_verified_nothing_or_something_else() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/thessor/good.zip");
    let bytes = fs::read(file).unwrap();
    let input = Input {
        name: "file",
        bytes: &bytes,
    };
    let options = Options::default();
    let first = || verify_half(input, &options, Half::First).unwrap();
    let verified = verify_half(input, &options, Half::Second)
        .unwrap()
        .verified();
    assert!(first().confirm(&verified).is_some());
    assert!(first().confirm(&[]).is_none());
    assert!(first().confirm(&first().verified()).is_none());
    assert!(first().confirm(verified.get(32..).unwrap()).is_none());
    assert!(first().confirm(verified.get(1..).unwrap()).is_none());
}
