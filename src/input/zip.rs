//! ZIP archives, whose directory `rawzip` reads, held to more than the format asks.
//!
//! Evidence must have one reading. Readers of ZIP disagree about repeated names, names that differ between the directory
//! and an entry's own header, overlapping entries, entries that the end record does not count, and several end records;
//! so an archive with any of these is refused, as is one whose entries could leave a folder, are encrypted, or unpack to
//! more than the budget. Section numbers are those of PKWARE's APPNOTE.TXT 6.3.10.

use std::collections::HashSet;
use std::ops::Range;

use rawzip::{CompressionMethod, ZipArchive, ZipFileHeaderRecord, ZipSliceArchive};

use super::archive::{ArchiveError, ArchiveProblem, is_safe_name};
use super::files::{Entry, Files, Packing};
use crate::budget;

const LOCAL_HEADER: &[u8] = b"PK\x03\x04";
const DIRECTORY_HEADER: &[u8] = b"PK\x01\x02";
const END_RECORD: &[u8] = b"PK\x05\x06";
const ZIP64_END_RECORD: &[u8] = b"PK\x06\x06";

/// Bytes of an end record without its comment (section 4.3.16).
const END_RECORD_BYTES: usize = 22;

/// The newest version of the format that the reference readers take, times ten (section 4.4.3.2).
const NEWEST_VERSION: u8 = 63;

const TWO_NAMES: &str = "an entry has one name in the directory and another before its data";

fn damaged(what: &str) -> ArchiveProblem {
    ArchiveProblem::Damaged(what.to_owned())
}

fn damaged_directory() -> ArchiveError {
    ArchiveError::whole(damaged("its directory does not hold together"))
}

fn unsupported(what: &str) -> ArchiveProblem {
    ArchiveProblem::Unsupported(what.to_owned())
}

/// Whether the bytes begin as a ZIP archive does, or end as one that has other bytes before it.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(LOCAL_HEADER)
        || bytes.starts_with(END_RECORD)
        || (!end_records(bytes).is_empty()
            && ZipArchive::from_slice(without_prefix(bytes))
                .is_ok_and(|zip| matches!(zip.entries().next_entry(), Ok(Some(_)))))
}

/// Reads the directory and every entry's own header. Nothing is unpacked.
///
/// # Errors
/// When the archive is damaged, unsafe, encrypted, of an unknown kind or over the budget.
pub fn open(bytes: &[u8]) -> Result<Files<'_>, ArchiveError> {
    if end_records(bytes).is_empty() {
        return Err(ArchiveError::whole(damaged(
            "it has no directory at its end",
        )));
    }
    let (whole, bytes) = (bytes, without_prefix(bytes));
    let zip = ZipArchive::from_slice(bytes).map_err(|_| damaged_directory())?;
    check_end_records(whole, &zip)?;
    if zip.entries_hint() > budget::ARCHIVE_ENTRIES as u64 {
        let limit = budget::ARCHIVE_ENTRIES;
        let problem = ArchiveProblem::OverLimit(format!("more than {limit} entries"));
        return Err(ArchiveError::whole(problem));
    }
    check_directory(bytes, &zip)?;
    let (mut entries, mut places) = (Vec::new(), Vec::new());
    let mut total = 0_u64;
    for entry in zip.entries() {
        let entry = entry.ok().filter(is_whole).ok_or_else(damaged_directory)?;
        let name = checked_name(&entry)?;
        let (data, place) = check_entry(&entry, &name)
            .and_then(|()| data_of(bytes, &entry))
            .map_err(|problem| ArchiveError::entry(&name, problem))?;
        places.push(place);
        total = total.saturating_add(entry.uncompressed_size_hint());
        if !name.ends_with('/') {
            entries.push(Entry {
                name,
                size: entry.uncompressed_size_hint(),
                data,
                packing: match entry.compression_method() {
                    CompressionMethod::DEFLATE => Packing::Deflated(entry.crc32()),
                    _ => Packing::Stored(entry.crc32()),
                },
            });
        }
    }
    if total > budget::ARCHIVE_BYTES {
        let limit = budget::ARCHIVE_BYTES;
        let problem = ArchiveProblem::OverLimit(format!("it unpacks to more than {limit} bytes"));
        return Err(ArchiveError::whole(problem));
    }
    if overlap(places) {
        let problem = ArchiveProblem::TwoReadings("two entries share the same bytes");
        return Err(ArchiveError::whole(problem));
    }
    Ok(Files::sorted(entries))
}

/// Whether the long values of an entry stand where its short ones send to (section 4.5.3).
fn is_whole(entry: &ZipFileHeaderRecord<'_>) -> bool {
    let sizes = [entry.compressed_size_hint(), entry.uncompressed_size_hint()];
    sizes
        .iter()
        .chain([&entry.local_header_offset()])
        .all(|value| *value != u64::from(u32::MAX))
}

/// Whether two entries share bytes, their headers included.
fn overlap(mut places: Vec<Range<usize>>) -> bool {
    places.sort_by_key(|place| place.start);
    let mut pairs = places.iter().zip(places.iter().skip(1));
    pairs.any(|(earlier, later)| later.start < earlier.end)
}

/// A little-endian number of two bytes.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let taken = bytes.get(at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*taken).into())
}

/// Where end records stand that the longest comment would allow (section 4.3.16).
fn end_records(bytes: &[u8]) -> Vec<usize> {
    const WINDOW: usize = END_RECORD_BYTES + u16::MAX as usize;
    let from = bytes.len().saturating_sub(WINDOW);
    let window = bytes.get(from..).unwrap_or_default();
    window
        .windows(END_RECORD_BYTES)
        .enumerate()
        .filter(|(_, record)| record.starts_with(END_RECORD))
        .map(|(at, _)| from.saturating_add(at))
        .collect()
}

/// The archive without other bytes before it: offsets in it count from its own start, and the directory ends where the end
/// record begins, or that of ZIP64 (sections 4.3.14 to 4.3.16).
fn without_prefix(bytes: &[u8]) -> &[u8] {
    const ZIP64_RECORD_AND_LOCATOR: usize = 56 + 20;
    let prefix = || {
        let end = *end_records(bytes).last()?;
        let long = end.checked_sub(ZIP64_RECORD_AND_LOCATOR).filter(|at| {
            bytes
                .get(*at..)
                .is_some_and(|rest| rest.starts_with(ZIP64_END_RECORD))
        });
        let (end, size, offset) = match long {
            Some(at) => (at, long_number(bytes, at, 40)?, long_number(bytes, at, 48)?),
            None => (
                end,
                short_number(bytes, end, 12)?,
                short_number(bytes, end, 16)?,
            ),
        };
        bytes.get(end.checked_sub(size)?.checked_sub(offset)?..)
    };
    prefix().unwrap_or(bytes)
}

/// A little-endian number of four bytes, this far into the record at `at`.
fn short_number(bytes: &[u8], at: usize, within: usize) -> Option<usize> {
    let taken = bytes.get(at.checked_add(within)?..)?.first_chunk()?;
    usize::try_from(u32::from_le_bytes(*taken)).ok()
}

/// A little-endian number of eight bytes, this far into the record at `at`.
fn long_number(bytes: &[u8], at: usize, within: usize) -> Option<usize> {
    let taken = bytes.get(at.checked_add(within)?..)?.first_chunk()?;
    usize::try_from(u64::from_le_bytes(*taken)).ok()
}

/// Refuses an archive with an end record, besides the one that was used, whose comment reaches to the end of the file.
fn check_end_records(bytes: &[u8], zip: &ZipSliceArchive<&[u8]>) -> Result<(), ArchiveError> {
    let records = end_records(bytes);
    let fits = |at: usize| {
        let comment = number(bytes, at.saturating_add(END_RECORD_BYTES - 2)).unwrap_or(0);
        let end = at.saturating_add(END_RECORD_BYTES).saturating_add(comment);
        end == bytes.len()
    };
    let used_is_last = records.last().is_some_and(|at| {
        number(bytes, at.saturating_add(END_RECORD_BYTES - 2))
            == Some(zip.comment().as_bytes().len())
    });
    let earlier = records.len().saturating_sub(1);
    if !used_is_last || records.iter().take(earlier).any(|at| fits(*at)) {
        let problem = ArchiveProblem::TwoReadings("it has two directories");
        return Err(ArchiveError::whole(problem));
    }
    Ok(())
}

/// Refuses a directory that repeats a name, needs a later reader, or does not lie where and end where the end record says.
fn check_directory(bytes: &[u8], zip: &ZipSliceArchive<&[u8]>) -> Result<(), ArchiveError> {
    let start = usize::try_from(zip.directory_offset()).map_err(|_| damaged_directory())?;
    let mut at = start;
    let mut names = HashSet::new();
    while let Some(header) = bytes
        .get(at..)
        .filter(|rest| rest.starts_with(DIRECTORY_HEADER))
    {
        let (name, length) = directory_header(header).ok_or_else(damaged_directory)?;
        let entry = |problem| ArchiveError::entry(&String::from_utf8_lossy(name), problem);
        if !names.insert(name) {
            return Err(entry(ArchiveProblem::DuplicateName));
        }
        // The version needed to read the entry (section 4.4.3).
        if header
            .get(6)
            .is_some_and(|version| *version > NEWEST_VERSION)
        {
            return Err(entry(unsupported("a later version of the format")));
        }
        at = at.saturating_add(length);
    }
    let counted = names.len() as u64 == zip.entries_hint();
    let end = bytes.get(at..).unwrap_or_default();
    let length = end
        .get(12..)
        .and_then(|rest| rest.first_chunk())
        .map(|size| u32::from_le_bytes(*size));
    let ends_there = end.starts_with(ZIP64_END_RECORD)
        || (end.starts_with(END_RECORD)
            && length.map(|size| size as usize) == at.checked_sub(start));
    match counted && ends_there {
        true => Ok(()),
        false => Err(damaged_directory()),
    }
}

/// The name in a directory header, and the header's length (section 4.3.12); `None` when a field is cut off.
fn directory_header(header: &[u8]) -> Option<(&[u8], usize)> {
    const FIXED: usize = 46;
    let (name, rest) = header.get(FIXED..)?.split_at_checked(number(header, 28)?)?;
    let (mut extra, rest) = rest.split_at_checked(number(header, 30)?)?;
    while extra.len() >= 4 {
        let length = number(extra, 2)?;
        extra = extra.get(4..)?.get(length..)?;
    }
    let (_, rest) = rest.split_at_checked(number(header, 32)?)?;
    Some((name, header.len().checked_sub(rest.len())?))
}

/// Bit 11 of the flags: the name is UTF-8 (section 4.4.4).
const UTF_8: u16 = 1 << 11;

/// The name, decoded as its flag says (UTF-8 or code page 437).
fn checked_name(entry: &ZipFileHeaderRecord<'_>) -> Result<String, ArchiveError> {
    /// The upper half of code page 437, in which names without the flag are written (appendix D).
    const UPPER: &str = "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}";
    let path = entry.file_path();
    let raw = path.as_bytes();
    let name = match std::str::from_utf8(raw) {
        Ok(name) if raw.is_ascii() || is_marked(entry) => name.to_owned(),
        _ if !is_marked(entry) => raw
            .iter()
            .map(|byte| match byte.checked_sub(0x80) {
                Some(upper) => UPPER.chars().nth(upper.into()).unwrap_or_default(),
                None => char::from(*byte),
            })
            .collect(),
        _ => {
            let raw = String::from_utf8_lossy(raw);
            let problem = damaged("a name is not the text it is marked as");
            return Err(ArchiveError::entry(&raw, problem));
        }
    };
    match is_safe_name(&name) {
        true => Ok(name),
        false => Err(ArchiveError::entry(&name, ArchiveProblem::UnsafeName)),
    }
}

/// Refuses an entry that is no plain file, cannot be read, or is over the budget.
fn check_entry(entry: &ZipFileHeaderRecord<'_>, name: &str) -> Result<(), ArchiveProblem> {
    /// Bits 0, 6 and 13 of the flags: encrypted data, strong encryption, masked headers (section 4.4.4).
    const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
    /// Bit 5: compressed patched data.
    const PATCHED: u16 = 1 << 5;
    let (size, flags) = (entry.uncompressed_size_hint(), entry.flags().bits());
    if entry.mode().is_symlink() || (name.ends_with('/') && size > 0) {
        return Err(ArchiveProblem::NotAFile);
    }
    if flags & ENCRYPTED != 0 {
        return Err(ArchiveProblem::Encrypted);
    }
    if flags & PATCHED != 0 {
        return Err(unsupported("patched data"));
    }
    if !matches!(
        entry.compression_method(),
        CompressionMethod::STORE | CompressionMethod::DEFLATE
    ) {
        let method = entry.compression_method();
        return Err(unsupported(&format!("the compression method {method}")));
    }
    if size > budget::ENTRY_BYTES {
        let limit = budget::ENTRY_BYTES;
        return Err(ArchiveProblem::OverLimit(format!(
            "an entry of {size} bytes, where {limit} are allowed"
        )));
    }
    let most = entry
        .compressed_size_hint()
        .saturating_mul(budget::ARCHIVE_RATIO);
    if size > budget::RATIO_FREE_BYTES && size > most {
        let limit = budget::ARCHIVE_RATIO;
        return Err(ArchiveProblem::OverLimit(format!(
            "an entry unpacks to more than {limit} times its size"
        )));
    }
    Ok(())
}

/// An entry's data, after its own header (section 4.3.7), and the place of both in the archive. Refuses one whose header is
/// missing, names another file or says that it is encrypted.
fn data_of<'a>(
    bytes: &'a [u8],
    entry: &ZipFileHeaderRecord<'_>,
) -> Result<(&'a [u8], Range<usize>), ArchiveProblem> {
    const FIXED: usize = 30;
    let at = usize::try_from(entry.local_header_offset()).unwrap_or(usize::MAX);
    let header = bytes
        .get(at..)
        .filter(|header| header.starts_with(LOCAL_HEADER))
        .ok_or_else(|| damaged("an entry is not where the directory says"))?;
    let path = entry.file_path();
    let raw = path.as_bytes();
    let name = header.get(FIXED..).and_then(|rest| rest.get(..raw.len()));
    if number(header, 26) != Some(raw.len()) || name != Some(raw) {
        return Err(ArchiveProblem::TwoReadings(TWO_NAMES));
    }
    // Two readings of one name are two names.
    let flags = number(header, 6);
    let marked = flags.map(|flags| flags & usize::from(UTF_8) != 0);
    if !raw.is_ascii() && marked != Some(is_marked(entry)) {
        return Err(ArchiveProblem::TwoReadings(TWO_NAMES));
    }
    if flags.is_none_or(|flags| flags & 1 != 0) {
        return Err(ArchiveProblem::Encrypted);
    }
    let start = at
        .saturating_add(FIXED)
        .saturating_add(raw.len())
        .saturating_add(number(header, 28).unwrap_or(usize::MAX));
    let length = usize::try_from(entry.compressed_size_hint()).unwrap_or(usize::MAX);
    let end = start.saturating_add(length);
    Ok((bytes.get(start..end).unwrap_or_default(), at..end))
}

fn is_marked(entry: &ZipFileHeaderRecord<'_>) -> bool {
    entry.flags().bits() & UTF_8 != 0
}
