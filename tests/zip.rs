//! What the ZIP reader takes and what it refuses, by name.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::io::Write as _;

use assay::input::Reader;
use assay::input::zip::{is_zip, open};
use assay::input::{ArchiveError, ArchiveProblem};

/// An entry as it is written, so that each field can be made to lie.
#[derive(Clone)]
struct Entry {
    name: &'static [u8],
    local_name: &'static [u8],
    packed: Vec<u8>,
    method: u16,
    flags: u16,
    local_flags: u16,
    size: u32,
    crc: u32,
    mode: u32,
    version: u16,
    extra: Vec<u8>,
    /// The local header is left out, and the directory points to that of the entry before.
    shares_header: bool,
}

impl Entry {
    fn stored(name: &'static str, data: &[u8]) -> Self {
        let mut crc = flate2::Crc::new();
        crc.update(data);
        Self {
            name: name.as_bytes(),
            local_name: name.as_bytes(),
            packed: data.to_vec(),
            method: 0,
            flags: if name.is_ascii() { 0 } else { 1 << 11 },
            local_flags: if name.is_ascii() { 0 } else { 1 << 11 },
            size: data.len() as u32,
            crc: crc.sum(),
            mode: 0o100_644,
            version: 20,
            extra: Vec::new(),
            shares_header: false,
        }
    }

    fn deflated(name: &'static str, data: &[u8]) -> Self {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), Default::default());
        encoder.write_all(data).unwrap();
        Self {
            packed: encoder.finish().unwrap(),
            method: 8,
            ..Self::stored(name, data)
        }
    }

    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }
}

fn zip(entries: &[Entry]) -> Vec<u8> {
    let (mut out, mut directory, mut offset) = (Vec::new(), Vec::new(), 0_u32);
    for entry in entries {
        let sizes: Vec<u8> = [entry.crc, entry.packed.len() as u32, entry.size]
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let lengths = |name: &[u8]| (name.len() as u16).to_le_bytes();
        if !entry.shares_header {
            offset = out.len() as u32;
            out.extend(b"PK\x03\x04\x14\0");
            out.extend(entry.local_flags.to_le_bytes());
            out.extend(entry.method.to_le_bytes());
            out.extend([0; 4]);
            match entry.local_flags & 8 {
                0 => out.extend(&sizes),
                _ => out.extend([0; 12]),
            }
            out.extend(lengths(entry.local_name));
            out.extend([0; 2]);
            out.extend(entry.local_name);
            out.extend(&entry.packed);
            if entry.local_flags & 8 != 0 {
                out.extend(b"PK\x07\x08");
                out.extend(&sizes);
            }
        }
        directory.extend(b"PK\x01\x02\x14\x03");
        directory.extend(entry.version.to_le_bytes());
        directory.extend(entry.flags.to_le_bytes());
        directory.extend(entry.method.to_le_bytes());
        directory.extend([0; 4]);
        directory.extend(&sizes);
        directory.extend(lengths(entry.name));
        directory.extend((entry.extra.len() as u16).to_le_bytes());
        directory.extend([0; 6]);
        directory.extend((entry.mode << 16).to_le_bytes());
        directory.extend(offset.to_le_bytes());
        directory.extend(entry.name);
        directory.extend(&entry.extra);
    }
    let start = out.len();
    out.extend(&directory);
    out.extend(end_record(entries.len(), directory.len(), start, b""));
    out
}

fn end_record(entries: usize, size: usize, start: usize, comment: &[u8]) -> Vec<u8> {
    let mut out = b"PK\x05\x06\0\0\0\0".to_vec();
    out.extend((entries as u16).to_le_bytes());
    out.extend((entries as u16).to_le_bytes());
    out.extend((size as u32).to_le_bytes());
    out.extend((start as u32).to_le_bytes());
    out.extend((comment.len() as u16).to_le_bytes());
    out.extend(comment);
    out
}

fn unpack(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ArchiveError> {
    let archive = open(bytes)?;
    let mut reader = Reader::new();
    let files = archive.entries().iter().map(|entry| {
        let data = reader.read(entry)?.to_vec();
        assert_eq!(data.len() as u64, entry.size());
        Ok((entry.name().to_owned(), data))
    });
    files.collect()
}

fn two() -> Vec<Entry> {
    vec![
        Entry::stored("b.txt", b"second"),
        Entry::deflated("a.txt", &[7; 3000]),
    ]
}

fn changed(change: impl FnOnce(&mut Entry)) -> Vec<u8> {
    let mut entries = two();
    change(&mut entries[0]);
    zip(&entries)
}

fn named(name: &'static str) -> Vec<u8> {
    zip(&[Entry::stored(name, b"x")])
}

#[test]
fn entries_come_in_the_order_of_their_names_whatever_the_container() {
    let plain = zip(&two());
    let directory = plain.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let end = plain.len() - 22;
    let with_tail = |tail: &[u8]| [&plain[..end], tail].concat();
    let descriptors: Vec<_> = two()
        .into_iter()
        .map(|entry| entry.with(|e| (e.flags, e.local_flags) = (8, 8)))
        .collect();
    let folder = [vec![Entry::stored("folder/", b"")], two()].concat();
    let containers = [
        ("plain", plain.clone()),
        ("data descriptors", zip(&descriptors)),
        ("a folder", zip(&folder)),
        (
            "a comment",
            with_tail(&end_record(2, end - directory, directory, b"comment")),
        ),
        (
            "bytes before it",
            [b"#!/bin/sh\n", plain.as_slice()].concat(),
        ),
        ("bytes after it", [plain.as_slice(), b"\n"].concat()),
        (
            "another archive stored in it",
            zip(&[two(), vec![Entry::stored("c.zip", &plain)]].concat()),
        ),
    ];
    for (what, bytes) in containers {
        assert!(is_zip(&bytes), "{what}");
        let files = unpack(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(files[0], ("a.txt".to_owned(), vec![7; 3000]), "{what}");
        assert_eq!(files[1], ("b.txt".to_owned(), b"second".to_vec()), "{what}");
    }
}

#[test]
fn zip64_values_replace_the_short_ones() {
    let entry = Entry::deflated("a.txt", &[7; 3000]);
    let packed = entry.packed.len() as u64;
    let plain = zip(std::slice::from_ref(&entry));
    let start = plain.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let mut bytes = plain[..start + 46].to_vec();
    bytes[start + 20..start + 28].fill(0xff);
    bytes[start + 30] = 20;
    bytes.extend(entry.name);
    bytes.extend([1, 0, 16, 0]);
    bytes.extend(3000_u64.to_le_bytes());
    bytes.extend(packed.to_le_bytes());
    let size = bytes.len() - start;
    bytes.extend(b"PK\x06\x06");
    bytes.extend(44_u64.to_le_bytes());
    bytes.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for value in [1, 1, size as u64, start as u64] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(b"PK\x06\x07\0\0\0\0");
    bytes.extend(((start + size) as u64).to_le_bytes());
    bytes.extend(1_u32.to_le_bytes());
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([0xff; 12]);
    bytes.extend([0; 2]);
    for before in ["", "#!/bin/sh\n"] {
        let bytes = [before.as_bytes(), &bytes].concat();
        assert_eq!(unpack(&bytes).unwrap()[0].1, [7; 3000]);
    }
}

#[test]
fn archives_with_more_than_one_reading_are_refused() {
    let plain = zip(&two());
    let inner = zip(&[Entry::stored("b.txt", b"other")]);
    let second = [
        &plain[..plain.len() - 2],
        &(inner.len() as u16).to_le_bytes(),
        &inner,
    ]
    .concat();
    let duplicate = zip(&[two(), two()].concat());
    let overlap = zip(&[
        Entry::stored("b.txt", b"second"),
        Entry::stored("b.txt", b"second").with(|e| {
            e.name = b"c.txt";
            e.local_name = b"b.txt";
            e.shares_header = true;
        }),
    ]);
    let reading = |what| ArchiveProblem::TwoReadings(what);
    let name = "an entry has one name in the directory and another before its data";
    for (bytes, problem, entry) in [
        (duplicate, ArchiveProblem::DuplicateName, Some("b.txt")),
        (second, reading("it has two directories"), None),
        (
            changed(|e| e.local_name = b"c.txt"),
            reading(name),
            Some("b.txt"),
        ),
        (overlap, reading(name), Some("c.txt")),
        (
            zip(&[Entry::stored("größe", b"x").with(|e| e.local_flags = 0)]),
            reading(name),
            Some("größe"),
        ),
    ] {
        let error = unpack(&bytes).unwrap_err();
        assert_eq!((error.problem, error.entry.as_deref()), (problem, entry));
    }
}

#[test]
fn entries_that_share_bytes_are_refused() {
    // The first entry's data are the second entry whole.
    let inner = zip(&[Entry::stored("b.txt", b"second")]);
    let length = inner.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let outer = zip(&[
        Entry::stored("a.txt", &inner[..length]),
        Entry::stored("b.txt", b"second").with(|e| e.shares_header = true),
    ]);
    let at = outer.windows(4).rposition(|w| w == b"PK\x01\x02").unwrap();
    let mut bytes = outer;
    bytes[at + 42..at + 46].copy_from_slice(&35_u32.to_le_bytes());
    let error = unpack(&bytes).unwrap_err();
    assert_eq!(
        error.problem,
        ArchiveProblem::TwoReadings("two entries share the same bytes")
    );
}

#[test]
fn names_that_are_not_plain_paths_are_refused() {
    for name in [
        "/etc/passwd",
        "../up",
        "a/../b",
        "./a",
        "a/./b",
        "a\\b",
        "C:\\a",
        "C:a",
        "a\0b",
        "",
    ] {
        let error = unpack(&named(name)).unwrap_err();
        assert_eq!(error.problem, ArchiveProblem::UnsafeName, "{name:?}");
        assert_eq!(error.entry.as_deref(), Some(name));
    }
    for name in ["a", "a/b.json", "größe/b", "a..b", ".a", "..."] {
        assert_eq!(unpack(&named(name)).unwrap()[0].0, name);
    }
}

#[test]
fn what_is_not_a_readable_file_is_refused() {
    let unsupported = |what: &str| ArchiveProblem::Unsupported(what.to_owned());
    for (bytes, problem) in [
        (changed(|e| e.mode = 0o120_777), ArchiveProblem::NotAFile),
        (named("folder/"), ArchiveProblem::NotAFile),
        (changed(|e| e.flags = 1), ArchiveProblem::Encrypted),
        (changed(|e| e.local_flags = 1), ArchiveProblem::Encrypted),
        (changed(|e| e.flags = 1 << 6), ArchiveProblem::Encrypted),
        (changed(|e| e.flags = 1 << 13), ArchiveProblem::Encrypted),
        (changed(|e| e.flags = 1 << 5), unsupported("patched data")),
        (
            changed(|e| e.method = 12),
            unsupported("the compression method 12 (BZIP2)"),
        ),
        (
            changed(|e| e.version = 64),
            unsupported("a later version of the format"),
        ),
    ] {
        assert_eq!(unpack(&bytes).unwrap_err().problem, problem);
    }
}

#[test]
fn what_unpacks_to_more_than_the_budget_is_refused_before_it_is_unpacked() {
    let bomb = Entry::deflated("zeros", &vec![0; 4 << 20]);
    let claims = |size| zip(&[Entry::stored("a", b"x").with(|e| e.size = size)]);
    let many: Vec<_> = (0..5)
        .map(|i| {
            Entry::stored(["a", "b", "c", "d", "e"][i], &[0; 1 << 20]).with(|e| e.size = 220 << 20)
        })
        .collect();
    for (bytes, words) in [
        (zip(&[bomb]), "more than 250 times its size"),
        (claims(300 << 20), "268435456 are allowed"),
        (zip(&many), "it unpacks to more than 1073741824 bytes"),
    ] {
        let error = open(&bytes).unwrap_err();
        assert!(
            matches!(&error.problem, ArchiveProblem::OverLimit(what) if what.contains(words)),
            "{error:?}"
        );
    }
}

#[test]
fn damage_is_named() {
    let plain = zip(&two());
    let flipped = |at: usize| {
        let mut bytes = plain.clone();
        bytes[at] ^= 1;
        bytes
    };
    let directory = plain.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    for (bytes, words) in [
        (plain[..plain.len() - 1].to_vec(), "no directory"),
        (plain[..40].to_vec(), "no directory"),
        (b"PK\x03\x04".to_vec(), "no directory"),
        (flipped(0), "not where the directory says"),
        (flipped(directory), "does not hold together"),
        (flipped(plain.len() - 10), "does not hold together"),
        (flipped(36), "checksum"),
        (changed(|e| e.size += 1), "length"),
        (
            changed(|e| e.extra = vec![1, 0, 9, 0, 0]),
            "does not hold together",
        ),
        (
            changed(|e| (e.size, e.extra) = (u32::MAX, vec![1, 0, 4, 0, 1, 2, 3, 4])),
            "does not hold together",
        ),
        (
            zip(&[Entry::deflated("a", &[7; 3000]).with(|e| e.size -= 1)]),
            "length",
        ),
        (
            zip(&[Entry::deflated("a", &[7; 3000]).with(|e| e.size += 1)]),
            "length",
        ),
        (
            zip(&[Entry::deflated("a", b"abc").with(|e| e.packed = vec![0xff; 9])]),
            "length",
        ),
    ] {
        let Err(error) = unpack(&bytes) else {
            panic!("read although: {words}");
        };
        assert!(
            matches!(&error.problem, ArchiveProblem::Damaged(what) if what.contains(words)),
            "{words}: {error:?}"
        );
    }
}

#[test]
fn no_cut_and_no_flipped_bit_is_read_as_something_else() {
    let plain = zip(&two());
    let files = unpack(&plain).unwrap();
    for length in 0..plain.len() {
        assert!(unpack(&plain[..length]).is_err(), "cut at {length}");
    }
    for bit in 0..plain.len() * 8 {
        let mut bytes = plain.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        if let Ok(read) = unpack(&bytes) {
            let contents = |files: &[(String, Vec<u8>)]| -> Vec<Vec<u8>> {
                files.iter().map(|(_, data)| data.clone()).collect()
            };
            let mut expected = contents(&files);
            expected.sort();
            let mut found = contents(&read);
            found.sort();
            assert_eq!(found, expected, "bit {bit}");
        }
    }
    assert!(!is_zip(b"{}") && !is_zip(b"PK") && !is_zip(b"PK\x05\x07"));
}
