//! What the person verifying supplies beside the file.

use std::collections::BTreeMap;

use crate::crypto::share::Share;
use crate::trust::Pins;

/// What the person verifying supplies beside the file, and what they want to see.
#[derive(Clone, Default)]
pub struct Options<'a> {
    /// Keys they were told of by other means than the evidence.
    pub pins: Pins,
    /// Whether every pass is listed rather than folded.
    pub full: bool,
    /// Companion files by their part: `input`, `output`, `metadata` …
    pub companions: BTreeMap<String, &'a [u8]>,
    /// Values that the artifact lacks, by name: `user_id` …
    pub values: BTreeMap<String, String>,
    /// The key of an encrypted payload.
    pub payload_key: Option<Vec<u8>>,
    /// Told from time to time how far the work has come.
    pub progress: Option<&'a dyn Fn(Progress)>,
    /// The share of the signatures to verify; none for all of them. Set by [`crate::verify_half`] alone.
    pub share: Option<&'a Share>,
}

/// How far the work has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Bytes of the artifact that were examined.
    pub done: u64,
    /// Bytes of the artifact.
    pub total: u64,
}

impl Options<'_> {
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
