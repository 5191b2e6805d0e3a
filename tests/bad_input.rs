//! Files that nobody could have signed: each gets a refusal or a report, never a panic or a valid verdict.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use assay::report::RefusalCode;
use assay::{Input, Options, Report, Verdict, verify};
use support::Random;

fn report(bytes: &[u8]) -> Report {
    let input = Input {
        name: "file",
        bytes,
    };
    verify(input, &Options::default()).unwrap_or_else(|refusal| refusal.into_report())
}

/// A plain sentence: one line, begun as a sentence, ended with a full stop.
fn is_sentence(text: &str) -> bool {
    text.ends_with(['.', ')'])
        && !text.contains('\n')
        && text.starts_with(|c: char| c.is_uppercase())
}

fn nested(depth: usize) -> Vec<u8> {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth)).into_bytes()
}

fn nested_objects(depth: usize) -> Vec<u8> {
    format!("{}1{}", "{\"a\":".repeat(depth), "}".repeat(depth)).into_bytes()
}

#[test]
fn what_cannot_be_read_is_refused_with_its_reason_and_place() {
    use RefusalCode::{Empty, MalformedJson, OverLimit, UnknownFormat, UnknownSystem};
    let mut noise = Random::new(9);
    let binary: Vec<u8> = (0..4_096).map(|_| noise.next() as u8 | 0x80).collect();
    let table: Vec<(&str, Vec<u8>, RefusalCode, Option<&str>)> = vec![
        ("empty", b"".to_vec(), Empty, None),
        ("white space", b" \r\n\t".to_vec(), Empty, None),
        (
            "a byte order mark alone",
            b"\xef\xbb\xbf".to_vec(),
            Empty,
            None,
        ),
        ("binary noise", binary, UnknownFormat, None),
        ("zeros", vec![0; 4_096], UnknownFormat, None),
        (
            "a picture",
            b"\x89PNG\r\n\x1a\n".to_vec(),
            UnknownFormat,
            None,
        ),
        (
            "plain text",
            b"To whom it may concern".to_vec(),
            UnknownFormat,
            None,
        ),
        (
            "truncated in an object",
            b"{\"a\":1,\n \"b".to_vec(),
            MalformedJson,
            Some("line 2, column 4"),
        ),
        (
            "truncated in a number",
            b"{\"a\":-".to_vec(),
            MalformedJson,
            Some("line 1, column 7"),
        ),
        (
            "deep objects",
            nested_objects(100_000),
            OverLimit,
            Some("line 1, column 1281"),
        ),
        (
            "deep arrays",
            nested(100_000),
            OverLimit,
            Some("line 1, column 258"),
        ),
        (
            "an array that is cut off",
            b"[{\"a\":1},".to_vec(),
            MalformedJson,
            Some("line 1, column 10"),
        ),
        (
            "a number of 10^6 digits",
            format!("{{\"a\":{}}}", "7".repeat(1_000_000)).into_bytes(),
            OverLimit,
            Some("line 1, column 6"),
        ),
        (
            "invalid UTF-8",
            b"{\"a\":\"\xff\"}".to_vec(),
            MalformedJson,
            Some("line 1, column 7"),
        ),
        (
            "a lone high surrogate",
            b"{\"a\":\"\\ud800\"}".to_vec(),
            MalformedJson,
            Some("line 1, column 7"),
        ),
        (
            "a lone low surrogate",
            b"{\"a\":\"\\udc00\"}".to_vec(),
            MalformedJson,
            Some("line 1, column 7"),
        ),
        (
            "a control character in a string",
            b"{\"a\":\"\x01\"}".to_vec(),
            MalformedJson,
            Some("line 1, column 7"),
        ),
        (
            "a comment",
            b"{/* x */}".to_vec(),
            MalformedJson,
            Some("line 1, column 2"),
        ),
        (
            "a trailing comma",
            b"{\"a\":1,}".to_vec(),
            MalformedJson,
            Some("line 1, column 8"),
        ),
        (
            "another system's JSON",
            b"{\"a\":1}".to_vec(),
            UnknownSystem,
            None,
        ),
        ("a bare number", b"42".to_vec(), UnknownSystem, None),
    ];
    for (case, bytes, code, place) in table {
        let report = report(&bytes);
        assert_eq!(
            report.verdict,
            Verdict::Refused,
            "{case}: {}",
            report.summary
        );
        let refusal = report.refusal.unwrap();
        assert_eq!(refusal.code, code, "{case}: {}", refusal.message);
        if let Some(place) = place {
            assert_eq!(refusal.place.as_deref(), Some(place), "{case}");
        }
        assert!(is_sentence(&refusal.message), "{case}: {}", refusal.message);
    }
}

#[test]
fn whatever_else_is_bad_is_never_valid() {
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("deep arrays, never closed", vec![b'['; 1_000_000]),
        ("an empty array", b"[]".to_vec()),
        ("an empty object", b"{}".to_vec()),
        ("NaN", b"{\"a\":NaN}".to_vec()),
        ("Infinity", b"[-Infinity]".to_vec()),
        ("duplicate keys", b"{\"a\":1,\"a\":2}".to_vec()),
        (
            "many small values",
            format!("[{}0]", "[],".repeat(300_000)).into_bytes(),
        ),
        (
            "many broken lines",
            "{\"a\":\n".repeat(100_000).into_bytes(),
        ),
        (
            "many lines with duplicates",
            "{\"a\":1,\"a\":1}\n".repeat(50_000).into_bytes(),
        ),
        (
            "many blank lines",
            format!("{{}}{}{{}}", "\n".repeat(1_000_000)).into_bytes(),
        ),
        (
            "many surrogate pairs",
            format!("{{\"a\":\"{}\"}}", "\\ud83d\\ude00".repeat(200_000)).into_bytes(),
        ),
        ("an end of a ZIP alone", b"PK\x05\x06".to_vec()),
        ("an empty ZIP", [&b"PK\x05\x06"[..], &[0; 18]].concat()),
        ("a local header alone", b"PK\x03\x04\x14\0\0\0\0\0".to_vec()),
        (
            "a tar header of zeros",
            [&[0; 257][..], b"ustar\0\x30\x30", &[0; 759]].concat(),
        ),
    ];
    for (case, bytes) in table {
        let report = report(&bytes);
        assert!(
            matches!(
                report.verdict,
                Verdict::Refused | Verdict::Invalid | Verdict::Indeterminate
            ),
            "{case}"
        );
        assert!(is_sentence(&report.summary), "{case}: {}", report.summary);
    }
}

/// Evidence that verifies, of every kind, from the samples and the fixtures.
fn good_evidence() -> Vec<(PathBuf, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    [
        "www/samples",
        "tests/fixtures/thessor",
        "tests/fixtures/heso",
    ]
    .iter()
    .flat_map(|folder| fs::read_dir(root.join(folder)).into_iter().flatten())
    .map(|entry| entry.unwrap().path())
    .filter(|path| path.is_file())
    .map(|path| (path.clone(), fs::read(path).unwrap()))
    .filter(|(_, bytes)| bytes.len() < 64 << 10 && report(bytes).verdict == Verdict::Valid)
    .collect()
}

#[test]
fn there_is_good_evidence_of_every_form_to_alter() {
    let evidence = good_evidence();
    for extension in ["json", "jsonl", "tar", "zip"] {
        let found = evidence
            .iter()
            .any(|(path, _)| path.extension().is_some_and(|found| found == extension));
        assert!(
            found || extension == "jsonl",
            "no {extension} among {}",
            evidence.len()
        );
    }
}

#[test]
fn evidence_cut_off_anywhere_is_never_valid() {
    for (path, bytes) in good_evidence() {
        let end = bytes.trim_ascii_end().len();
        let mut random = Random::new(bytes.len() as u64);
        for _ in 0..40 {
            let cut = random.below(end);
            let head = &bytes[..cut];
            // A session chain in lines, and a bundle of one, may end at any line: the end is not signed.
            let whole_lines = path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
                && head.trim_ascii_end().ends_with(b"}");
            // A tar's last blocks are padding.
            let padding = path.extension().is_some_and(|extension| extension == "tar")
                && bytes[cut..].iter().all(|byte| *byte == 0);
            if !whole_lines && !padding {
                assert_ne!(
                    report(head).verdict,
                    Verdict::Valid,
                    "{} cut at {cut}",
                    path.display()
                );
            }
        }
    }
}

fn mutate(random: &mut Random, bytes: &mut Vec<u8>) {
    let at = random.below(bytes.len());
    let span = 1 + random.below(8.min(bytes.len() - at));
    match random.below(7) {
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = random.next() as u8,
        2 => bytes.truncate(at.max(1)),
        3 => drop(bytes.drain(at..at + span)),
        4 => {
            let copy = bytes[at..at + span].to_vec();
            let to = random.below(bytes.len());
            bytes.splice(to..to, copy);
        }
        5 => {
            let tokens: [&[u8]; 12] = [
                b"NaN", b"null", b"{}", b"[", b"\"", b"\\ud800", b"1e999", b"-0", b",", b"\xff",
                b"\0", b"\n",
            ];
            bytes.splice(at..at, tokens[random.below(tokens.len())].iter().copied());
        }
        _ => {
            let to = random.below(bytes.len());
            bytes.swap(at, to);
        }
    }
    if bytes.is_empty() {
        bytes.push(b' ');
    }
}

#[test]
fn altered_evidence_never_panics_and_always_says_what_came_of_it() {
    let mut random = Random::new(0x00a5_5a11);
    for (path, good) in good_evidence() {
        for _ in 0..120 {
            let mut bytes = good.clone();
            for _ in 0..=random.below(3) {
                mutate(&mut random, &mut bytes);
            }
            let report = report(&bytes);
            let named = match report.verdict {
                Verdict::Valid => report.reason.is_none() && report.counts.failed == 0,
                Verdict::Refused => report.refusal.is_some(),
                Verdict::Invalid | Verdict::Indeterminate => report.reason.is_some(),
            };
            assert!(
                named && is_sentence(&report.summary),
                "{}: {}",
                path.display(),
                report.summary
            );
        }
    }
}

#[test]
fn a_letter_or_digit_changed_in_a_lone_receipt_is_never_valid() {
    let mut random = Random::new(77);
    let receipts = good_evidence()
        .into_iter()
        .filter(|(_, bytes)| bytes.starts_with(b"{"));
    for (path, good) in receipts {
        for _ in 0..150 {
            let at = random.below(good.len());
            if !good[at].is_ascii_alphanumeric() {
                continue;
            }
            let mut bytes = good.clone();
            bytes[at] = if good[at] == b'x' { b'y' } else { b'x' };
            assert_ne!(
                report(&bytes).verdict,
                Verdict::Valid,
                "{} at byte {at}",
                path.display()
            );
        }
    }
}

#[test]
fn random_bytes_and_tokens_never_panic() {
    let mut random = Random::new(5);
    let tokens = [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\"a\"",
        "1",
        "-",
        "e5",
        ".5",
        "NaN",
        "tru",
        "null",
        "\\u00",
        "\\",
        "\n",
        " ",
        "\u{feff}",
        "\u{1f600}",
        "PK\u{3}\u{4}",
        "action_hash",
        "signatures",
    ];
    for _ in 0..4_000 {
        let text: String = (0..random.below(24))
            .map(|_| tokens[random.below(tokens.len())])
            .collect();
        assert_ne!(report(text.as_bytes()).verdict, Verdict::Valid);
        let noise: Vec<u8> = (0..random.below(64)).map(|_| random.next() as u8).collect();
        assert_ne!(report(&noise).verdict, Verdict::Valid);
    }
}
