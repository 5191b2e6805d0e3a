//! ZIP archives (APPNOTE.TXT 6.3.10).

use super::archive::{ArchiveError, ArchiveProblem};

/// Whether the bytes begin as a ZIP archive does.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// An open archive.
#[derive(Debug)]
pub struct Archive<'a> {
    bytes: &'a [u8],
}

impl<'a> Archive<'a> {
    /// Reads the archive's directory.
    ///
    /// # Errors
    /// When the archive is damaged, unsafe or over a limit.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        let archive = Self { bytes };
        match archive.bytes.len() {
            0..22 => Err(ArchiveError::whole(ArchiveProblem::Damaged(
                "it has no directory".to_owned(),
            ))),
            _ => Ok(archive),
        }
    }
}
