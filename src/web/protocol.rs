//! What the page and its workers say to each other.

use js_sys::Uint8Array;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;
use web_sys::Blob;

/// A file with its name, or its path within a folder. Its content has not been read: a reference crosses, not the bytes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    /// The name or path.
    pub name: String,
    /// The file.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    pub file: Blob,
}

/// What was handed over as one thing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Content {
    /// A file.
    File(Named),
    /// A folder.
    Folder {
        /// Its name.
        name: String,
        /// Its files, with their paths within it.
        files: Vec<Named>,
    },
}

impl Content {
    /// The file's or folder's name.
    pub fn name(&self) -> &str {
        match self {
            Content::File(file) => &file.name,
            Content::Folder { name, .. } => name,
        }
    }

    /// The files in it.
    pub fn files(&self) -> &[Named] {
        match self {
            Content::File(file) => std::slice::from_ref(file),
            Content::Folder { files, .. } => files,
        }
    }

    /// Its size in bytes.
    pub fn bytes(&self) -> f64 {
        self.files().iter().map(|named| named.file.size()).sum()
    }
}

/// To a worker.
#[derive(Serialize, Deserialize)]
pub enum Order {
    /// Verify a file. A worker has one at a time.
    Verify(Task),
    /// The signatures that an assistant verified: 32 bytes each; none when it broke down.
    Confirm(#[serde(with = "serde_wasm_bindgen::preserve")] Uint8Array),
}

/// A file or folder to verify, with what was supplied for it.
#[derive(Serialize, Deserialize)]
pub struct Task {
    /// What to verify.
    pub content: Content,
    /// What the worker is to do of it.
    pub role: Role,
    /// The pinned keys, in hexadecimal.
    pub pins: Vec<String>,
    /// Files and folders that were supplied, each with the name under which it was asked for.
    pub companions: Vec<(String, Content)>,
    /// Values that were supplied, each with the name under which it was asked for.
    pub values: Vec<(String, String)>,
    /// The key of an encrypted payload, in hexadecimal.
    pub payload_key: Option<String>,
    /// The files that were handed over at the same time.
    pub beside: Vec<Named>,
}

/// What a worker does of a file.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Role {
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
    /// The digests of the signatures that an assistant verified, for [`Order::Confirm`].
    Verified(#[serde(with = "serde_wasm_bindgen::preserve")] Uint8Array),
    /// The report as the library's JSON, with what was decrypted.
    Judged(String),
    /// Only the second part of the verifier can judge the file.
    PartNeeded,
    /// No system claims the folder as a whole: its files are to be verified one by one.
    Apart,
    /// The verifier broke down, and the worker with it.
    Stopped(String),
}

/// A value as it crosses the border.
pub fn to_js(value: &impl Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or_default()
}

/// A value that crossed the border; none when it is something else.
pub fn from_js<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    serde_wasm_bindgen::from_value(value).ok()
}
