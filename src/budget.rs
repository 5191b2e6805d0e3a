//! The limits on what this verifier takes in: one place, each with its reason.

/// Nesting of JSON arrays and objects. The parser recurses: this stays well within a browser's
/// one-megabyte stack. No vendor's verifier takes more than about 490 (CPython's recursion limit in
/// thessor's `canonicalize`, less when its caller is deep itself; `serde_json` in HESO's core: 128).
pub const JSON_DEPTH: usize = 256;

/// Values in one JSON document (each record of many is one). A value takes up to 72 bytes of
/// memory and as little as two of text; the index of the largest export has 200,000.
pub const JSON_VALUES: usize = 4_000_000;

/// Characters of one JSON number. CPython's `int` refuses to read more digits than this
/// (`sys.int_info.default_max_str_digits`), so no vendor's verifier reads a longer one.
pub const NUMBER_CHARS: usize = 4_300;

/// Failures, skips and notes that a report lists one by one, each; more are counted.
pub const LISTED_CHECKS: u64 = 200;

/// Bytes of one text that a report quotes from the evidence; the rest is counted, so that a field
/// of many megabytes cannot flood the page.
pub const QUOTED_BYTES: usize = 4_096;

/// Bytes of a finding that the report's summary repeats: a long number in it must not bury the verdict.
pub const SUMMARY_BYTES: usize = 600;

/// Bytes of one decrypted component that are shown; whoever has the key can decrypt the rest elsewhere.
pub const DISCLOSED_BYTES: usize = 1 << 16;

/// Bytes of one file. Spans are 32-bit, and a browser's linear memory ends at four gigabytes.
pub const FILE_BYTES: usize = 1 << 30;

/// Entries of an archive: ten times the largest export seen, and the most that a ZIP without ZIP64 lists.
pub const ARCHIVE_ENTRIES: usize = 65_535;

/// Unpacked bytes of one entry of an archive.
pub const ENTRY_BYTES: u64 = 256 << 20;

/// Unpacked bytes of all entries of an archive together.
pub const ARCHIVE_BYTES: u64 = 1 << 30;

/// Bytes of a file that others handed over with it are held against: packets and records that link to one another are small,
/// and each is read again for every file that comes with it.
pub const BESIDE_BYTES: usize = 1 << 20;

/// Files that one file is held against: a folder of packets, not an archive of them.
pub const BESIDE_FILES: usize = 256;

/// Bytes of a file whose records are held in memory together, because each may concern any other. The vendor's pages of such
/// evidence have at most 500 records; in memory they take about five times their text.
pub const HELD_BYTES: usize = 64 << 20;

/// Unpacked bytes for each packed byte, beyond the first megabyte. Deflate cannot exceed 1,032;
/// real evidence stays under 30.
pub const ARCHIVE_RATIO: u64 = 250;

/// Unpacked bytes of an entry to which no ratio is applied, so that a small file of zeros passes.
pub const RATIO_FREE_BYTES: u64 = 1 << 20;

/// Checks of the system's own verifier that a report names one by one; more passes are counted.
pub const PEER_CHECKS: usize = 2_000;
