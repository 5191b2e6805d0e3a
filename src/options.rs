//! What the person verifying supplies beside the file.

use std::collections::BTreeMap;

use crate::budget;
use crate::crypto::share::Share;
use crate::input::{self, Artifact, Files, Form};
use crate::trust::Pins;

/// What the person verifying supplies beside the file, and what they want to see.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// Keys they were told of by other means than the evidence.
    pub pins: Pins,
    /// Whether every pass is listed rather than folded.
    pub full: bool,
    /// Files that belong to the evidence but are not in it; several may have one name.
    pub companions: Vec<Companion<'a>>,
    /// Values that the artifact lacks, by name: `user_id` …
    pub values: BTreeMap<String, String>,
    /// The key of an encrypted payload.
    pub payload_key: Option<Vec<u8>>,
    /// The other files that were handed over at the same time, for links across files: see [`open_beside`].
    pub beside: &'a [Artifact<'a>],
    /// Told from time to time how far the work has come.
    pub progress: Option<&'a dyn Fn(Progress)>,
    /// The share of the signatures to verify; none for all of them. Set by [`crate::verify_half`] alone.
    pub share: Option<&'a Share>,
}

/// A file or folder that belongs to the evidence but is not in it, such as the original input.
#[derive(Clone, Debug)]
pub struct Companion<'a> {
    /// Which part it plays, as a report's `asks` name it: `input`, `output` … A colon and a subject may follow: `input:7f03`.
    pub name: String,
    /// The file's name; it decides nothing.
    pub file_name: String,
    /// What was handed over.
    pub content: Content<'a>,
}

/// What a companion holds.
#[derive(Clone, Debug)]
pub enum Content<'a> {
    /// A file's bytes.
    File(&'a [u8]),
    /// The files of a folder.
    Folder(Files<'a>),
}

impl Companion<'_> {
    /// The part it plays, without a subject.
    pub fn part(&self) -> &str {
        self.name
            .split_once(':')
            .map_or(&self.name, |(part, _)| part)
    }

    /// The subject that it was handed over for; none when it is for whichever fits.
    pub fn subject(&self) -> Option<&str> {
        self.name.split_once(':').map(|(_, subject)| subject)
    }
}

impl<'a> Options<'a> {
    /// The companions that play this part.
    pub fn companions(&self, part: &str) -> impl Iterator<Item = &Companion<'a>> {
        self.companions
            .iter()
            .filter(move |companion| companion.part() == part)
    }

    /// The value of that name.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }

    /// Tells the caller how far the work has come.
    pub fn report_progress(&self, done: usize, total: usize) {
        if let Some(progress) = self.progress {
            progress(Progress {
                done: done as u64,
                total: total as u64,
            });
        }
    }
}

/// Opens the files that were handed over together, for [`Options::beside`]: those that can be opened and are no larger than
/// [`budget::BESIDE_BYTES`], as many as [`budget::BESIDE_FILES`]. Evidence that links to other files is small.
pub fn open_beside<'a>(files: &[(&'a str, &'a [u8])]) -> Vec<Artifact<'a>> {
    files
        .iter()
        .filter(|(_, bytes)| bytes.len() <= budget::BESIDE_BYTES)
        .take(budget::BESIDE_FILES)
        .filter_map(|(name, bytes)| input::open(name, bytes).ok())
        .filter(|artifact| matches!(artifact.form, Form::Json(_) | Form::Records(_)))
        .collect()
}

/// How far the work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the artifact that were examined.
    pub done: u64,
    /// Bytes of the artifact.
    pub total: u64,
}
