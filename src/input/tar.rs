//! POSIX tar archives (IEEE Std 1003.1, ustar interchange format, and GNU or pax long names).

use std::collections::HashSet;
use std::io::Cursor;

use super::archive::{ArchiveError, ArchiveProblem, is_safe_name};
use crate::budget;

/// Whether the bytes begin with a ustar header.
pub fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// An open archive: its entries lie in the file as they are, so nothing is copied.
#[derive(Debug)]
pub struct Archive<'a> {
    entries: Vec<Entry<'a>>,
}

/// A plain file in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The name, with `/` between folders and no leading `./`.
    pub name: String,
    /// The content.
    pub bytes: &'a [u8],
}

impl<'a> Archive<'a> {
    /// Reads the archive's entries. Folders are passed over.
    ///
    /// # Errors
    /// When the archive is damaged, unsafe or over a limit.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        let mut archive = tar::Archive::new(Cursor::new(bytes));
        let mut entries = Vec::new();
        let mut names = HashSet::new();
        let mut end = 0;
        for entry in archive.entries().map_err(damaged)? {
            let entry = entry.map_err(damaged)?;
            if entries.len() >= budget::ARCHIVE_ENTRIES {
                return Err(ArchiveError::whole(ArchiveProblem::OverLimit(format!(
                    "more than {} entries",
                    budget::ARCHIVE_ENTRIES
                ))));
            }
            let name = name(&entry.path_bytes())?;
            let start = usize::try_from(entry.raw_file_position()).unwrap_or(usize::MAX);
            let size = usize::try_from(entry.size()).unwrap_or(usize::MAX);
            end = start.saturating_add(size);
            let kind = entry.header().entry_type();
            if kind.is_dir() {
                continue;
            }
            if !kind.is_file() {
                return Err(ArchiveError::entry(&name, ArchiveProblem::NotAFile));
            }
            let Some(content) = bytes.get(start..end) else {
                return Err(ArchiveError::entry(
                    &name,
                    ArchiveProblem::Damaged("an entry is longer than the file".to_owned()),
                ));
            };
            if !names.insert(name.clone()) {
                return Err(ArchiveError::entry(&name, ArchiveProblem::DuplicateName));
            }
            entries.push(Entry {
                name,
                bytes: content,
            });
        }
        nothing_but_zeros_after(bytes, end)?;
        Ok(Self { entries })
    }

    /// The plain files, in the order of the archive.
    pub fn entries(&self) -> &[Entry<'a>] {
        &self.entries
    }

    /// The content of the file `name`.
    pub fn get(&self, name: &str) -> Option<&'a [u8]> {
        self.entries
            .iter()
            .find(|entry| entry.name == name)
            .map(|entry| entry.bytes)
    }
}

fn damaged(error: std::io::Error) -> ArchiveError {
    ArchiveError::whole(ArchiveProblem::Damaged(error.to_string()))
}

fn name(bytes: &[u8]) -> Result<String, ArchiveError> {
    let Ok(name) = std::str::from_utf8(bytes) else {
        let name = String::from_utf8_lossy(bytes);
        return Err(ArchiveError::entry(&name, ArchiveProblem::UnsafeName));
    };
    let relative = name.strip_prefix("./").unwrap_or(name);
    if relative.is_empty() || is_safe_name(relative) {
        return Ok(relative.to_owned());
    }
    Err(ArchiveError::entry(name, ArchiveProblem::UnsafeName))
}

/// Two blocks of zeros end an archive; what stands behind them, some readers would unpack and others not.
fn nothing_but_zeros_after(bytes: &[u8], end: usize) -> Result<(), ArchiveError> {
    let rest = bytes.get(end..).unwrap_or_default();
    if rest.iter().all(|byte| *byte == 0) {
        return Ok(());
    }
    Err(ArchiveError::whole(ArchiveProblem::Damaged(
        "there are bytes after its end".to_owned(),
    )))
}
