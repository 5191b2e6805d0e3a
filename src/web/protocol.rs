//! What the page and its workers say to each other.

use serde::{Deserialize, Serialize};
use web_sys::Blob;

/// To a worker: verify this file. A worker has one at a time.
#[derive(Serialize, Deserialize)]
pub struct Task {
    /// The file's name.
    pub name: String,
    /// The pinned keys, in hexadecimal.
    pub pins: Vec<String>,
    /// The file, read by the worker. A reference crosses, not the bytes.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub file: Blob,
}

/// From a worker, about its current task.
#[derive(Serialize, Deserialize)]
pub enum Message {
    /// The worker has started and takes tasks.
    Ready,
    /// Bytes read so far.
    Reading(f64),
    /// Parts verified and parts in all, where they are known.
    Verifying(Option<(f64, f64)>),
    /// The report, as the library's JSON.
    Judged(String),
    /// The verifier broke down, and the worker with it.
    Stopped(String),
}
