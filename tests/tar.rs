//! Tar archives are read in one way or refused, with the entry named.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use assay::input::ArchiveProblem;
use assay::input::tar::Archive;
use assay::{Input, Options, Verdict, verify};

fn header(name: &str, kind: tar::EntryType, size: u64) -> tar::Header {
    let mut header = tar::Header::new_ustar();
    header.as_ustar_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
    header.set_entry_type(kind);
    header.set_size(size);
    header.set_cksum();
    header
}

fn archive(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in entries {
        let header = header(name, tar::EntryType::Regular, bytes.len() as u64);
        builder.append(&header, *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn problem(bytes: &[u8]) -> ArchiveProblem {
    Archive::open(bytes).unwrap_err().problem
}

#[test]
fn entries_are_slices_of_the_file() {
    let bytes = archive(&[
        ("a.txt", b"one"),
        ("folder/b.txt", b"two"),
        ("./c.txt", b""),
    ]);
    let archive = Archive::open(&bytes).unwrap();
    let names: Vec<&str> = archive
        .entries()
        .iter()
        .map(|entry| entry.name.as_str())
        .collect();
    assert_eq!(names, ["a.txt", "folder/b.txt", "c.txt"]);
    assert_eq!(archive.get("folder/b.txt"), Some(b"two".as_slice()));
    assert_eq!(archive.get("b.txt"), None);
}

#[test]
fn two_entries_of_one_name_are_refused() {
    for second in ["a.txt", "./a.txt"] {
        let bytes = archive(&[("a.txt", b"one"), (second, b"two")]);
        assert_eq!(problem(&bytes), ArchiveProblem::DuplicateName, "{second}");
    }
}

#[test]
fn names_that_lead_out_are_refused() {
    for name in ["/etc/passwd", "../a", "a/../../b", "a\\b", "C:x"] {
        assert_eq!(
            problem(&archive(&[(name, b"x")])),
            ArchiveProblem::UnsafeName,
            "{name}"
        );
    }
}

#[test]
fn links_and_devices_are_refused() {
    for kind in [
        tar::EntryType::Symlink,
        tar::EntryType::Link,
        tar::EntryType::Fifo,
        tar::EntryType::Char,
    ] {
        let mut builder = tar::Builder::new(Vec::new());
        builder
            .append(&header("a", kind, 0), std::io::empty())
            .unwrap();
        let bytes = builder.into_inner().unwrap();
        assert_eq!(problem(&bytes), ArchiveProblem::NotAFile, "{kind:?}");
    }
}

#[test]
fn what_is_cut_off_changed_or_hidden_behind_the_end_is_refused() {
    let whole = archive(&[("a.txt", &[b'x'; 700])]);
    for end in [100, 511, 600, 1100] {
        let cut = Archive::open(&whole[..end]);
        assert!(cut.is_err(), "{end} bytes");
    }
    let mut changed = whole.clone();
    changed[0] = b'b';
    assert!(
        matches!(problem(&changed), ArchiveProblem::Damaged(_)),
        "the header's checksum"
    );
    let mut behind = whole;
    behind.extend_from_slice(&archive(&[("hidden", b"y")]));
    assert!(matches!(problem(&behind), ArchiveProblem::Damaged(_)));
}

#[test]
fn a_bundle_without_receipts_proves_nothing() {
    let bytes = archive(&[("receipts.jsonl", b""), ("public_key", b"")]);
    let input = Input {
        name: "bundle.tar",
        bytes: &bytes,
    };
    let report = verify(input, &Options::default()).unwrap();
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(report.peer.unwrap()["outcome"], "Empty");
}
