//! Named files, whether packed in a ZIP archive or lying in a folder.

use crc::{CRC_32_ISO_HDLC, Crc, Table};
use flate2::{Decompress, FlushDecompress, Status};

use super::archive::{ArchiveError, ArchiveProblem, is_safe_name};
use crate::budget;

/// Whether a path is that of a file which operating systems leave behind for themselves: `.DS_Store`, `.directory`, `Thumbs.db`,
/// `desktop.ini`, names that begin with `._`, and all in a folder `__MACOSX`. Where a folder's files are verified one by one,
/// these are not; an export that was unpacked is held to its list all the same.
pub fn is_left_by_system(name: &str) -> bool {
    const NAMES: [&str; 4] = [".DS_Store", ".directory", "Thumbs.db", "desktop.ini"];
    let (folders, last) = name.rsplit_once('/').unwrap_or(("", name));
    NAMES.contains(&last)
        || last.starts_with("._")
        || folders.split('/').any(|folder| folder == "__MACOSX")
}

/// Files by name: those of a ZIP archive or of a folder, found safe.
#[derive(Clone, Debug, Default)]
pub struct Files<'a> {
    /// In the order of their names.
    entries: Vec<Entry<'a>>,
}

/// One file.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    pub(super) name: String,
    pub(super) size: u64,
    pub(super) data: &'a [u8],
    pub(super) packing: Packing,
}

/// How a file's data are to be read.
#[derive(Clone, Copy, Debug)]
pub(super) enum Packing {
    /// As they are.
    None,
    /// As they are in an archive, which declares a checksum (CRC-32).
    Stored(u32),
    /// Inflated, to what has the declared checksum (CRC-32).
    Deflated(u32),
}

impl Entry<'_> {
    /// The path within the archive or folder, with `/` between folders.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The size in bytes, as declared; reading fails when it is not so.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The size in bytes that the file's data take up as they were handed over.
    pub fn packed(&self) -> u64 {
        self.data.len() as u64
    }
}

impl<'a> Files<'a> {
    /// The files of a folder: each with its path in it, `/` between folders.
    ///
    /// # Errors
    /// When a path leads out of the folder or is there twice, or there is more than the budget allows.
    pub fn of_folder(files: &[(String, &'a [u8])]) -> Result<Self, ArchiveError> {
        let mut entries = Vec::with_capacity(files.len());
        let mut total = 0_usize;
        for (name, data) in files {
            if !is_safe_name(name) {
                return Err(ArchiveError::entry(name, ArchiveProblem::UnsafeName));
            }
            total = total.saturating_add(data.len());
            entries.push(Entry {
                name: name.clone(),
                size: data.len() as u64,
                data,
                packing: Packing::None,
            });
        }
        let over_limit = |what: String| ArchiveError::whole(ArchiveProblem::OverLimit(what));
        if entries.len() > budget::ARCHIVE_ENTRIES {
            let limit = budget::ARCHIVE_ENTRIES;
            return Err(over_limit(format!("more than {limit} files")));
        }
        if total > budget::FILE_BYTES {
            let limit = budget::FILE_BYTES;
            return Err(over_limit(format!("more than {limit} bytes")));
        }
        let files = Self::sorted(entries);
        let mut pairs = files.entries.iter().zip(files.entries.iter().skip(1));
        match pairs.find(|(left, right)| left.name == right.name) {
            Some((twice, _)) => Err(ArchiveError::entry(
                &twice.name,
                ArchiveProblem::DuplicateName,
            )),
            None => Ok(files),
        }
    }

    pub(super) fn sorted(mut entries: Vec<Entry<'a>>) -> Self {
        entries.sort_by(|left, right| left.name.cmp(&right.name));
        Self { entries }
    }

    /// The files, in the order of their names; folders are left out.
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The file of that name.
    pub fn get(&self, name: &str) -> Option<&Entry<'a>> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.name.as_str().cmp(name));
        self.entries.get(found.ok()?)
    }
}

/// Reads one file at a time, unpacking into a buffer that it keeps.
#[derive(Debug, Default)]
pub struct Reader {
    buffer: Vec<u8>,
}

impl Reader {
    /// A reader with an empty buffer.
    pub fn new() -> Self {
        Self::default()
    }

    /// The bytes of a file, whose length and checksum are as declared.
    ///
    /// # Errors
    /// When the data are damaged.
    pub fn read<'r>(&'r mut self, entry: &'r Entry<'_>) -> Result<&'r [u8], ArchiveError> {
        let wrong =
            |what: &str| ArchiveError::entry(&entry.name, ArchiveProblem::Damaged(what.to_owned()));
        let (bytes, declared) = match entry.packing {
            Packing::None => return Ok(entry.data),
            Packing::Stored(checksum) => (entry.data, checksum),
            Packing::Deflated(checksum) => {
                self.buffer.clear();
                inflate(entry.data, entry.size, &mut self.buffer);
                (self.buffer.as_slice(), checksum)
            }
        };
        if bytes.len() as u64 != entry.size {
            return Err(wrong(
                "the entry does not unpack to the length that it declares",
            ));
        }
        if checksum(bytes) != declared {
            return Err(wrong(
                "the entry does not have the checksum (CRC-32) that it declares",
            ));
        }
        Ok(bytes)
    }
}

/// Lanes of the checksum's tables: sixteen are four times as fast, and 15 kB that the page can do without.
const LANES: usize = if cfg!(target_arch = "wasm32") { 1 } else { 16 };

static CRC_32: Crc<u32, Table<LANES>> = Crc::<u32, Table<LANES>>::new(&CRC_32_ISO_HDLC);

fn checksum(bytes: &[u8]) -> u32 {
    CRC_32.checksum(bytes)
}

/// Unpacks until the data end, break off or yield more than `size` bytes. Whether what came out is whole, its length and
/// checksum say: data that only lack the mark of their end are.
fn inflate(data: &[u8], size: u64, buffer: &mut Vec<u8>) {
    /// Room made at first, so that a declared size alone takes no memory; it doubles from there.
    const ROOM: usize = 1 << 16;
    let limit = usize::try_from(size)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    let mut unpacker = Decompress::new(false);
    while buffer.len() < limit {
        if buffer.len() == buffer.capacity() {
            let room = buffer
                .len()
                .max(ROOM)
                .min(limit.saturating_sub(buffer.len()));
            buffer.reserve_exact(room);
        }
        let read = usize::try_from(unpacker.total_in()).unwrap_or(usize::MAX);
        let (rest, before) = (data.get(read..).unwrap_or_default(), buffer.len());
        let status = unpacker.decompress_vec(rest, buffer, FlushDecompress::None);
        let stuck = buffer.len() == before && unpacker.total_in() as usize == read;
        if stuck || !matches!(status, Ok(Status::Ok | Status::BufError)) {
            return;
        }
    }
}
