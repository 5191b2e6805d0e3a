//! What a file is taken for: by its content, never by its name.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::path::Path;

use assay::input::{self, Error, Form};
use assay::json::Layout;

const NAMES: [&str; 6] = ["a.json", "a.jsonl", "a.zip", "a.tar", "a.pdf", ""];

/// What the bytes are taken for under every name.
fn form(bytes: &[u8]) -> String {
    let forms = NAMES.map(|name| match input::open(name, bytes) {
        Ok(artifact) => match artifact.form {
            Form::Json(_) => "json".to_owned(),
            Form::Records(records) => match records.layout() {
                Layout::Lines => format!("lines {}", records.iter().count()),
                Layout::Array => format!("array {}", records.iter().count()),
            },
            Form::Zip(_) => "zip".to_owned(),
            Form::Folder(_) => "folder".to_owned(),
            Form::Tar(_) => "tar".to_owned(),
        },
        Err(error) => format!("!{error}"),
    });
    assert!(
        forms.iter().all(|form| *form == forms[0]),
        "a name decided: {forms:?}"
    );
    forms[0].clone()
}

#[test]
fn text_is_told_apart_by_its_layout() {
    let table = [
        ("{}", "json"),
        ("\u{feff}{}", "json"),
        ("\n\t {\n}\n\n", "json"),
        ("\"x\"", "json"),
        ("-1", "json"),
        ("true", "json"),
        ("null\n", "json"),
        ("{\"a\":1}", "json"),
        ("{\"a\":1}\n", "json"),
        ("{\"a\":1}\r\n\r\n", "json"),
        ("{\"a\":1} trailing", "json"),
        ("{\"a\":1} {\"a\":2}", "json"),
        ("{\n\"a\":1\n}\n{\n\"a\":2\n}", "json"),
        ("{\"a\":1}\n{\"a\":2}", "lines 2"),
        ("{\"a\":1}\n\n{\"a\":2}\n", "lines 2"),
        ("{\"a\":1}\r\n{\"a\":2}\r\n", "lines 2"),
        ("\u{feff}{\"a\":1}\n{\"a\":2}", "lines 2"),
        ("\n\n{\"a\":1}\n{\"a\":2}", "lines 2"),
        ("{\"a\":1}\nnonsense", "lines 2"),
        ("{\"a\":1}\n{\"a\":", "lines 2"),
        ("[]", "array 0"),
        (" [ ] ", "array 0"),
        ("[{\"a\":1},{\"a\":2}]", "array 2"),
        ("[\n{\"a\":1},\n{\"a\":2}\n]\n", "array 2"),
        ("\u{feff}[1]", "array 1"),
        ("[1", "array 2"),
        ("[1]\n[2]", "array 2"),
    ];
    for (text, expected) in table {
        assert_eq!(form(text.as_bytes()), expected, "{text:?}");
    }
}

#[test]
fn a_broken_first_line_does_not_hide_the_others() {
    for first in [
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":\"x}",
        "{\"a\":1}}",
        "{\"a\":\"\\ud800\"}",
        "{a}",
    ] {
        let text = format!("{first}\n{{\"a\":2}}\n{{\"a\":3}}\n");
        assert_eq!(form(text.as_bytes()), "lines 3", "{first}");
    }
}

#[test]
fn a_broken_value_laid_out_on_many_lines_is_one_broken_value() {
    let text = "{\n  \"a\": [\n    {\"b\": 1}\n  ],\n  \"c\": oops\n}\n";
    let Err(Error::Json(error)) = input::open("a.json", text.as_bytes()) else {
        panic!("not refused as JSON");
    };
    assert_eq!((error.place.line, error.place.column), (5, 8));
}

#[test]
fn archives_are_told_by_their_first_bytes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let zip = fs::read(root.join("tests/fixtures/thessor/good.zip")).unwrap();
    let tar = fs::read(root.join("www/samples/heso-evidence-bundle.tar")).unwrap();
    assert_eq!(form(&zip), "zip");
    assert_eq!(form(&tar), "tar");
}

#[test]
fn nothing_is_empty_and_so_is_white_space() {
    for bytes in [
        &b""[..],
        b" ",
        b"\r\n\t \n",
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf \n",
    ] {
        assert_eq!(
            input::open("a", bytes).unwrap_err(),
            Error::Empty,
            "{bytes:?}"
        );
    }
}

#[test]
fn other_formats_are_refused_and_the_likely_ones_named() {
    let table: [(&[u8], &str); 10] = [
        (b"%PDF-1.7\n", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"\xff\xd8\xff\xe0", "picture"),
        (b"\x1f\x8b\x08\0", "gzip"),
        (b"7z\xbc\xaf\x27\x1c\0\x04", "7z"),
        (b"<!doctype html>", "HTML"),
        (b"\xff\xfe{\0}\0", "UTF-16"),
        (b"\xfe\xff\0{\0}", "UTF-16"),
        (b"hello", "neither JSON"),
        (b"\0\x01\x02\x03", "neither JSON"),
    ];
    for (bytes, words) in table {
        let error = input::open("a.json", bytes).unwrap_err();
        assert!(matches!(error, Error::UnknownFormat(_)), "{bytes:?}");
        assert!(error.to_string().contains(words), "{error}");
        assert!(error.to_string().ends_with('.'), "{error}");
    }
}

#[test]
fn the_file_that_was_opened_is_the_file_that_was_given() {
    let artifact = input::open("name.json", b"{}").unwrap();
    assert_eq!((artifact.name, artifact.bytes), ("name.json", &b"{}"[..]));
    assert_eq!(
        input::file_digest(b"abc"),
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    );
}
