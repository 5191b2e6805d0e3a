//! ZIP archives, read from their central directory and held to more than the format asks.
//!
//! Evidence must have one reading. Readers of ZIP disagree about repeated names, names that differ between the directory
//! and an entry's own header, overlapping entries and several end records, so an archive with any of these is refused, as
//! is one whose entries could leave a folder, are encrypted, or unpack to more than the budget. Everything that several
//! writers do is read: stored and deflated entries, data descriptors, ZIP64, comments, and bytes before or after the
//! archive. Section numbers are those of PKWARE's APPNOTE.TXT 6.3.10.

use std::collections::HashSet;
use std::ops::Range;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::archive::{ArchiveError, ArchiveProblem, is_safe_name};
use crate::budget;

const LOCAL_HEADER: [u8; 4] = *b"PK\x03\x04";
const DIRECTORY_HEADER: [u8; 4] = *b"PK\x01\x02";
const END_RECORD: [u8; 4] = *b"PK\x05\x06";
const ZIP64_END_RECORD: [u8; 4] = *b"PK\x06\x06";
const ZIP64_LOCATOR: [u8; 4] = *b"PK\x06\x07";

const END_RECORD_BYTES: usize = 22;
const ZIP64_LOCATOR_BYTES: usize = 20;
const ZIP64_END_RECORD_BYTES: usize = 56;
/// The end record and the longest comment after it (section 4.3.16).
const END_WINDOW: usize = END_RECORD_BYTES + u16::MAX as usize;

/// Bits 0, 6 and 13 of the flags: encrypted data, strong encryption, masked headers (section 4.4.4).
const ENCRYPTED: u16 = 1 | 1 << 6 | 1 << 13;
/// Bit 5: compressed patched data.
const PATCHED: u16 = 1 << 5;
/// Bit 11: the name is UTF-8.
const UTF_8: u16 = 1 << 11;

/// Compression methods (section 4.4.5).
const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// The newest version of the format that the reference readers take (section 4.4.3.2).
const NEWEST_VERSION: u8 = 63;

fn damaged(what: &str) -> ArchiveProblem {
    ArchiveProblem::Damaged(what.to_owned())
}

fn damaged_directory() -> ArchiveError {
    ArchiveError::whole(damaged("its directory does not hold together"))
}

fn over_limit(what: String) -> ArchiveProblem {
    ArchiveProblem::OverLimit(what)
}

/// One file in an archive.
#[derive(Clone, Debug)]
pub struct Entry {
    name: String,
    size: u64,
    crc: u32,
    deflated: bool,
    /// Where the entry's data lie in the archive.
    data: Range<usize>,
}

impl Entry {
    /// The path within the archive, with `/` between folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The unpacked size in bytes, as declared; reading fails when it is not so.
    pub fn size(&self) -> u64 {
        self.size
    }
}

/// Whether the bytes begin as a ZIP archive does, or end as one that has other bytes before it.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(&LOCAL_HEADER)
        || bytes.starts_with(&END_RECORD)
        || EndRecord::find(bytes)
            .and_then(|end| end.directory(bytes))
            .is_ok_and(|(_, directory)| directory.starts_with(&DIRECTORY_HEADER))
}

/// An archive whose directory has been read and found safe.
#[derive(Clone, Debug)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

impl<'a> Archive<'a> {
    /// Reads the directory and every entry's own header. Nothing is unpacked.
    ///
    /// # Errors
    /// When the archive is damaged, unsafe, encrypted, of an unknown kind or over the budget.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        let end = EndRecord::find(bytes)?;
        let (start, directory) = end.directory(bytes)?;
        let mut rest = Fields(directory);
        let mut entries = Vec::new();
        let mut names = HashSet::new();
        let mut used = vec![(start..bytes.len(), None)];
        let (mut count, mut total) = (0_u64, 0_u64);
        while !rest.0.is_empty() {
            let header = Header::read(&mut rest).ok_or_else(damaged_directory)?;
            count = count.saturating_add(1);
            if count > budget::ARCHIVE_ENTRIES as u64 {
                let limit = budget::ARCHIVE_ENTRIES;
                return Err(ArchiveError::whole(over_limit(format!(
                    "more than {limit} entries"
                ))));
            }
            let name = header.name()?;
            if !names.insert(name.clone()) {
                return Err(ArchiveError::entry(&name, ArchiveProblem::DuplicateName));
            }
            let header = header.checked(&name, &mut total)?;
            let (begins, data) = header
                .local(bytes, end.shift(start))
                .map_err(|problem| ArchiveError::entry(&name, problem))?;
            used.push((begins..data.end, Some(name.clone())));
            if !name.ends_with('/') {
                entries.push(Entry {
                    name,
                    size: header.size,
                    crc: header.crc,
                    deflated: header.method == DEFLATED,
                    data,
                });
            }
        }
        if end.entries != count {
            return Err(damaged_directory());
        }
        refuse_overlaps(used)?;
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Ok(Self { bytes, entries })
    }

    /// The files in the archive, in the order of their names; folders are left out.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The file of that name.
    pub fn get(&self, name: &str) -> Option<&Entry> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.name.as_str().cmp(name));
        self.entries.get(found.ok()?)
    }
}

/// Unpacks one entry at a time into a buffer that it keeps.
pub struct Reader<'a> {
    bytes: &'a [u8],
    inflate: Decompress,
    buffer: Vec<u8>,
}

impl<'a> Reader<'a> {
    /// A reader of `archive`'s entries.
    pub fn new(archive: &Archive<'a>) -> Self {
        Self {
            bytes: archive.bytes,
            inflate: Decompress::new(false),
            buffer: Vec::new(),
        }
    }

    /// The unpacked bytes of an entry, whose length and checksum are as declared.
    ///
    /// # Errors
    /// When the data are damaged.
    pub fn read(&mut self, entry: &Entry) -> Result<&[u8], ArchiveError> {
        let wrong = |what: &str| ArchiveError::entry(&entry.name, damaged(what));
        let length = || wrong("the entry does not unpack to the length that it declares");
        let packed = self.bytes.get(entry.data.clone()).ok_or_else(length)?;
        let data = match entry.deflated {
            false => packed,
            true => self.inflate(packed, entry.size).ok_or_else(length)?,
        };
        if data.len() as u64 != entry.size {
            return Err(length());
        }
        let mut crc = Crc::new();
        crc.update(data);
        if crc.sum() != entry.crc {
            return Err(wrong(
                "the entry does not have the checksum (CRC-32) that it declares",
            ));
        }
        Ok(data)
    }

    /// Inflates to exactly `size` bytes, or not at all.
    fn inflate(&mut self, packed: &[u8], size: u64) -> Option<&[u8]> {
        self.inflate.reset(false);
        self.buffer.clear();
        // One byte more than declared, so that longer data show.
        let room = usize::try_from(size).ok()?.checked_add(1)?;
        self.buffer.reserve_exact(room);
        let status = self
            .inflate
            .decompress_vec(packed, &mut self.buffer, FlushDecompress::Finish)
            .ok()?;
        (status == Status::StreamEnd).then_some(self.buffer.as_slice())
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}

/// Little-endian fields, read one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn at(bytes: &'a [u8], offset: usize) -> Option<Self> {
        bytes.get(offset..).map(Fields)
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn signature(&mut self, expected: [u8; 4]) -> Option<()> {
        (self.array()? == expected).then_some(())
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// What the end record says of the central directory (sections 4.3.14 to 4.3.16).
struct EndRecord {
    /// Entries in the directory.
    entries: u64,
    /// Bytes of the directory.
    size: u64,
    /// Where the directory starts, counted from where the archive believes itself to start.
    offset: u64,
    /// Where the directory ends in the file.
    directory_end: usize,
}

impl EndRecord {
    /// The last end record in the file, which must be the only one that fits.
    fn find(bytes: &[u8]) -> Result<Self, ArchiveError> {
        let from = bytes.len().saturating_sub(END_WINDOW);
        let window = bytes.get(from..).unwrap_or_default();
        let mut found = window
            .windows(END_RECORD.len())
            .enumerate()
            .rev()
            .filter(|(_, bytes)| *bytes == END_RECORD)
            .map(|(at, _)| from.saturating_add(at))
            .filter(|at| bytes.len().saturating_sub(*at) >= END_RECORD_BYTES);
        let last = found
            .next()
            .ok_or_else(|| ArchiveError::whole(damaged("it has no directory at its end")))?;
        if found.any(|at| comment_fits(bytes, at)) {
            return Err(ArchiveError::whole(ArchiveProblem::TwoReadings(
                "it has two directories",
            )));
        }
        Self::read(bytes, last).ok_or_else(damaged_directory)?
    }

    fn read(bytes: &[u8], at: usize) -> Option<Result<Self, ArchiveError>> {
        let mut fields = Fields::at(bytes, at)?;
        fields.take(10)?;
        let end = Self {
            entries: fields.u16()?.into(),
            size: fields.u32()?.into(),
            offset: fields.u32()?.into(),
            directory_end: at,
        };
        Some(match Self::zip64_locator(bytes, at) {
            None => Ok(end),
            Some(false) => Err(ArchiveError::whole(ArchiveProblem::Unsupported(
                "several parts".to_owned(),
            ))),
            Some(true) => Ok(Self::zip64(bytes, at).unwrap_or(end)),
        })
    }

    /// Whether a ZIP64 locator stands before the end record, and speaks of an archive in one part.
    fn zip64_locator(bytes: &[u8], at: usize) -> Option<bool> {
        let mut fields = Fields::at(bytes, at.checked_sub(ZIP64_LOCATOR_BYTES)?)?;
        fields.signature(ZIP64_LOCATOR)?;
        let disk = fields.u32()?;
        fields.u64()?;
        Some(disk == 0 && fields.u32()? <= 1)
    }

    /// The ZIP64 end record before the locator, whose values replace the short ones.
    fn zip64(bytes: &[u8], at: usize) -> Option<Self> {
        let at = at
            .checked_sub(ZIP64_LOCATOR_BYTES)?
            .checked_sub(ZIP64_END_RECORD_BYTES)?;
        let mut fields = Fields::at(bytes, at)?;
        fields.signature(ZIP64_END_RECORD)?;
        fields.take(28)?;
        Some(Self {
            entries: fields.u64()?,
            size: fields.u64()?,
            offset: fields.u64()?,
            directory_end: at,
        })
    }

    /// Where the directory starts in the file, and its bytes.
    fn directory<'a>(&self, bytes: &'a [u8]) -> Result<(usize, &'a [u8]), ArchiveError> {
        let size = usize::try_from(self.size).ok();
        size.and_then(|size| self.directory_end.checked_sub(size))
            .and_then(|start| Some((start, bytes.get(start..self.directory_end)?)))
            .ok_or_else(damaged_directory)
    }

    /// How far the archive is moved within the file, by bytes that somebody put before it.
    fn shift(&self, start: usize) -> Option<usize> {
        start.checked_sub(usize::try_from(self.offset).ok()?)
    }
}

/// Whether the comment of the end record at `at` reaches exactly to the end of the file.
fn comment_fits(bytes: &[u8], at: usize) -> bool {
    let after = Fields::at(bytes, at).and_then(|mut fields| {
        fields.take(END_RECORD_BYTES.saturating_sub(2))?;
        let comment = fields.u16()?;
        Some(fields.0.len() == usize::from(comment))
    });
    after == Some(true)
}

/// An entry's header in the directory (section 4.3.12).
struct Header<'a> {
    version: u8,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    name: &'a [u8],
    extra: &'a [u8],
    mode: u32,
    offset: u64,
}

impl<'a> Header<'a> {
    fn read(fields: &mut Fields<'a>) -> Option<Self> {
        fields.signature(DIRECTORY_HEADER)?;
        fields.u16()?;
        let [version, _] = fields.array()?;
        let flags = fields.u16()?;
        let method = fields.u16()?;
        fields.u32()?;
        let crc = fields.u32()?;
        let packed = fields.u32()?.into();
        let size = fields.u32()?.into();
        let name_length = fields.u16()?;
        let extra_length = fields.u16()?;
        let comment_length = fields.u16()?;
        fields.u32()?;
        let mode = fields.u32()? >> 16;
        let offset = fields.u32()?.into();
        let name = fields.take(name_length.into())?;
        let extra = fields.take(extra_length.into())?;
        fields.take(comment_length.into())?;
        Some(Self {
            version,
            flags,
            method,
            crc,
            packed,
            size,
            name,
            extra,
            mode,
            offset,
        })
    }

    /// The name, which must be ASCII or marked as UTF-8.
    fn name(&self) -> Result<String, ArchiveError> {
        let text = std::str::from_utf8(self.name);
        match text {
            Ok(text) if text.is_ascii() || self.flags & UTF_8 != 0 => Ok(text.to_owned()),
            _ => Err(ArchiveError::entry(
                &String::from_utf8_lossy(self.name),
                ArchiveProblem::Unsupported("a name that is not marked as UTF-8".to_owned()),
            )),
        }
    }

    /// The header with its ZIP64 values, once it is safe and within the budget; `total` grows by its size.
    fn checked(mut self, name: &str, total: &mut u64) -> Result<Self, ArchiveError> {
        const FORMAT: u32 = 0o170_000;
        const SYMBOLIC_LINK: u32 = 0o120_000;
        self.zip64().ok_or_else(damaged_directory)?;
        let size = self.size;
        let bomb = size > budget::RATIO_FREE_BYTES
            && size > self.packed.saturating_mul(budget::ARCHIVE_RATIO);
        let unsupported = |what: &str| Some(ArchiveProblem::Unsupported(what.to_owned()));
        let problem = if !is_safe_name(name) {
            Some(ArchiveProblem::UnsafeName)
        } else if self.mode & FORMAT == SYMBOLIC_LINK || (name.ends_with('/') && size > 0) {
            Some(ArchiveProblem::NotAFile)
        } else if self.flags & ENCRYPTED != 0 {
            Some(ArchiveProblem::Encrypted)
        } else if self.flags & PATCHED != 0 {
            unsupported("patched data")
        } else if self.version > NEWEST_VERSION {
            unsupported("a later version of the format")
        } else if !matches!(self.method, STORED | DEFLATED) {
            unsupported(&format!("compression method {}", self.method))
        } else if size > budget::ENTRY_BYTES {
            let limit = budget::ENTRY_BYTES;
            Some(over_limit(format!(
                "an entry of {size} bytes, where {limit} are allowed"
            )))
        } else if bomb {
            let limit = budget::ARCHIVE_RATIO;
            Some(over_limit(format!(
                "an entry unpacks to more than {limit} times its size"
            )))
        } else {
            None
        };
        if let Some(problem) = problem {
            return Err(ArchiveError::entry(name, problem));
        }
        *total = total.saturating_add(self.size);
        if *total > budget::ARCHIVE_BYTES {
            let limit = budget::ARCHIVE_BYTES;
            return Err(ArchiveError::whole(over_limit(format!(
                "it unpacks to more than {limit} bytes"
            ))));
        }
        Ok(self)
    }

    /// Replaces the values that stand in the ZIP64 extra field (section 4.5.3); `None` when the extra fields are damaged.
    fn zip64(&mut self) -> Option<()> {
        const ELSEWHERE: u64 = u32::MAX as u64;
        let mut extra = Fields(self.extra);
        while extra.0.len() >= 4 {
            let id = extra.u16()?;
            let length = extra.u16()?;
            let mut field = Fields(extra.take(length.into())?);
            if id == 1 {
                for value in [&mut self.size, &mut self.packed, &mut self.offset] {
                    if *value == ELSEWHERE {
                        *value = field.u64()?;
                    }
                }
            }
        }
        Some(())
    }

    /// Where the entry begins in the file and where its data lie, by the entry's own header (section 4.3.7).
    fn local(
        &self,
        bytes: &[u8],
        shift: Option<usize>,
    ) -> Result<(usize, Range<usize>), ArchiveProblem> {
        let no_header = || damaged("an entry is not where the directory says");
        let begins = shift
            .and_then(|shift| usize::try_from(self.offset).ok()?.checked_add(shift))
            .ok_or_else(no_header)?;
        let (flags, name, data) = Fields::at(bytes, begins)
            .and_then(|mut fields| {
                fields.signature(LOCAL_HEADER)?;
                fields.u16()?;
                let flags = fields.u16()?;
                fields.take(18)?;
                let name_length = fields.u16()?;
                let extra_length = fields.u16()?;
                let name = fields.take(name_length.into())?;
                fields.take(extra_length.into())?;
                let starts = bytes.len().checked_sub(fields.0.len())?;
                fields.take(usize::try_from(self.packed).ok()?)?;
                Some((
                    flags,
                    name,
                    starts..bytes.len().checked_sub(fields.0.len())?,
                ))
            })
            .ok_or_else(no_header)?;
        let marked = (flags ^ self.flags) & UTF_8 == 0;
        if name != self.name || !(marked || name.is_ascii()) {
            return Err(ArchiveProblem::TwoReadings(
                "an entry has one name in the directory and another before its data",
            ));
        }
        if flags & ENCRYPTED != 0 {
            return Err(ArchiveProblem::Encrypted);
        }
        Ok((begins, data))
    }
}

/// Refuses entries that share bytes with one another or with the directory, as some decompression bombs do.
fn refuse_overlaps(mut used: Vec<(Range<usize>, Option<String>)>) -> Result<(), ArchiveError> {
    used.sort_by_key(|(range, _)| (range.start, range.end));
    let pairs = used.iter().zip(used.iter().skip(1));
    for ((before, name), (after, other)) in pairs {
        if before.end > after.start {
            return Err(ArchiveError {
                problem: ArchiveProblem::TwoReadings("two entries share the same bytes"),
                entry: name.clone().or_else(|| other.clone()),
            });
        }
    }
    Ok(())
}
