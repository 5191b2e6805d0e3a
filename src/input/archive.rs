//! What ZIP and tar archives have in common: how they can be wrong, and which entry names are safe.

/// An archive that is damaged, unsafe or beyond what is read, and the entry that shows it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{problem}")]
pub struct ArchiveError {
    /// What is wrong.
    pub problem: ArchiveProblem,
    /// The entry's name, where one is to blame.
    pub entry: Option<String>,
}

/// What can be wrong with an archive.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveProblem {
    /// The structure cannot be read; the words say which part.
    #[error("The archive is damaged or cut off: {0}.")]
    Damaged(String),
    /// Two entries of one name, which two readers would unpack differently.
    #[error(
        "The archive has two entries of one name, so that two readers can see different evidence."
    )]
    DuplicateName,
    /// Something that two readers would read differently; the words say what.
    #[error("The archive can be read in two ways: {0}.")]
    TwoReadings(&'static str),
    /// A name that leads out of the folder it is unpacked to.
    #[error("The archive has an entry whose name is absolute or leads out of the archive.")]
    UnsafeName,
    /// An entry that is not a plain file or a folder.
    #[error("The archive has an entry that is not a plain file.")]
    NotAFile,
    /// An encrypted entry.
    #[error("The archive has an encrypted entry.")]
    Encrypted,
    /// A feature that is not read; the words name it.
    #[error("The archive uses {0}, which this verifier does not read.")]
    Unsupported(String),
    /// Beyond a limit; the words name it.
    #[error("The archive is over a limit of this verifier: {0}.")]
    OverLimit(String),
}

impl ArchiveError {
    /// A problem of the archive as a whole.
    pub fn whole(problem: ArchiveProblem) -> Self {
        Self {
            problem,
            entry: None,
        }
    }

    /// A problem that the entry `name` shows.
    pub fn entry(name: &str, problem: ArchiveProblem) -> Self {
        Self {
            problem,
            entry: Some(name.to_owned()),
        }
    }
}

/// Whether an entry's name stays within the archive on every system: relative, no `..`, no
/// backslash, drive letter or NUL.
pub(super) fn is_safe_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('/')
        && !name.contains(['\\', '\0', ':'])
        && !name.split('/').any(|part| part == ".." || part == ".")
}
