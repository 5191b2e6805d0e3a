//! What the page and its workers say to each other.

use js_sys::Uint8Array;
use serde::{Deserialize, Serialize};
use web_sys::Blob;

/// To a worker.
#[derive(Serialize, Deserialize)]
pub enum Order {
    /// Verify a file. A worker has one at a time.
    Verify(Task),
    /// The signatures that an assistant verified: 32 bytes each; none when it broke down.
    Confirm {
        /// Their digests.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        verified: Uint8Array,
    },
}

/// A file to verify.
#[derive(Serialize, Deserialize)]
pub struct Task {
    /// The file's name.
    pub name: String,
    /// The pinned keys, in hexadecimal.
    pub pins: Vec<String>,
    /// What the worker is to do of it.
    pub part: Part,
    /// The file, read by the worker. A reference crosses, not the bytes.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub file: Blob,
}

/// What a worker does of a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    /// All of it.
    Whole,
    /// Half of the signatures, and the report once an assistant has verified the others.
    Lead,
    /// The other half of the signatures, and no report.
    Assist,
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
    /// What an assistant verified, for [`Order::Confirm`].
    Verified {
        /// The digests of the signatures.
        #[serde(with = "serde_wasm_bindgen::preserve")]
        digests: Uint8Array,
    },
    /// The report, as the library's JSON.
    Judged(String),
    /// The verifier broke down, and the worker with it.
    Stopped(String),
}
