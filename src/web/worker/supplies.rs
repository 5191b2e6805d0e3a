//! Reads, within a worker, what a task hands over: the file or folder itself, and what was supplied for it.

use std::collections::BTreeMap;

use assay::input::{self, Files};
use assay::report::{ArtifactFacts, RefusalCode};
use assay::trust::{Pins, PublicKey};
use assay::{Companion, Options, Refusal, budget, bytes};
use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::web::protocol::{Content, Named, Task};

/// Bytes read at a time: few enough for steady progress, many enough for speed.
const SLICE_BYTES: usize = 4 << 20;

/// A file or folder that has been read.
pub enum Taken {
    /// A file.
    File {
        /// Its name.
        name: String,
        /// Its bytes.
        bytes: Vec<u8>,
    },
    /// A folder.
    Folder {
        /// Its name.
        name: String,
        /// Its files, with their paths within it.
        files: Vec<(String, Vec<u8>)>,
    },
}

/// What was supplied for a file, read.
pub struct Supplies {
    companions: Vec<(String, Taken)>,
    beside: Vec<(String, Vec<u8>)>,
    values: BTreeMap<String, String>,
    payload_key: Option<Vec<u8>>,
    pins: Pins,
}

/// Reads a file or a folder, `told` the bytes so far; none of a folder that is too large to be one artifact.
///
/// # Errors
/// When a file cannot be read, or is too large.
pub async fn take(content: &Content, told: impl Fn(usize)) -> Result<Option<Taken>, Refusal> {
    match content {
        Content::File(Named { name, file }) => {
            let bytes = read(file, told).await?;
            let name = name.clone();
            Ok(Some(Taken::File { name, bytes }))
        }
        Content::Folder { name, files } => {
            let too_large = files.len() > budget::ARCHIVE_ENTRIES
                || content.bytes() > budget::FILE_BYTES as f64;
            if too_large {
                return Ok(None);
            }
            let mut done = 0_usize;
            let mut taken = Vec::with_capacity(files.len());
            for Named { name, file } in files {
                let bytes = read(file, |_| {})
                    .await
                    .map_err(|refusal| refusal.at(name.clone()))?;
                done = done.saturating_add(bytes.len());
                told(done);
                taken.push((name.clone(), bytes));
            }
            let (name, files) = (name.clone(), taken);
            Ok(Some(Taken::Folder { name, files }))
        }
    }
}

/// Reads what was supplied for a file.
///
/// # Errors
/// When something cannot be read, or is too large.
pub async fn gather(task: &Task) -> Result<Supplies, Refusal> {
    let mut companions = Vec::new();
    for (name, content) in &task.companions {
        let at = |refusal: Refusal| refusal.at(content.name());
        let taken = take(content, |_| {}).await.map_err(at)?;
        let taken = taken.ok_or_else(|| too_large(content.bytes() as usize))?;
        companions.push((name.clone(), taken));
    }
    let mut beside = Vec::new();
    for Named { name, file } in &task.beside {
        let at = |refusal: Refusal| refusal.at(name.clone());
        beside.push((name.clone(), read(file, |_| {}).await.map_err(at)?));
    }
    let pins = task.pins.iter();
    let mut values = BTreeMap::new();
    for (name, value) in &task.values {
        values.insert(name.clone(), value.clone());
    }
    Ok(Supplies {
        companions,
        beside,
        values,
        payload_key: task
            .payload_key
            .as_deref()
            .and_then(|key| bytes::from_hex(key).ok()),
        pins: Pins {
            keys: pins.filter_map(|key| PublicKey::parse(key).ok()).collect(),
        },
    })
}

impl Supplies {
    /// The files that were handed over at the same time.
    pub fn beside(&self) -> Vec<(&str, &[u8])> {
        let beside = self.beside.iter();
        beside
            .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
            .collect()
    }

    /// What the library is told, but for those files.
    ///
    /// # Errors
    /// When a folder that was supplied is unsafe or over a limit.
    pub fn options(&self) -> Result<Options<'_>, Refusal> {
        let companions = self.companions.iter().map(|(name, taken)| {
            let (file_name, content) = match taken {
                Taken::File { name, bytes } => (name, assay::Content::File(bytes)),
                Taken::Folder { name, files } => {
                    let files = Files::of_folder(&borrowed(files))?;
                    (name, assay::Content::Folder(files))
                }
            };
            Ok(Companion {
                name: name.clone(),
                file_name: file_name.clone(),
                content,
            })
        });
        Ok(Options {
            pins: self.pins.clone(),
            companions: companions.collect::<Result<_, Refusal>>()?,
            values: self.values.clone(),
            payload_key: self.payload_key.clone(),
            ..Options::default()
        })
    }
}

/// A folder's files as the library takes them.
pub fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(String, &[u8])> {
    files
        .iter()
        .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
        .collect()
}

/// The refusal with the name and size of what was handed over.
pub fn named(refusal: Refusal, content: &Content) -> Refusal {
    refusal.of(ArtifactFacts {
        name: content.name().to_owned(),
        bytes: content.bytes() as u64,
        ..ArtifactFacts::default()
    })
}

fn too_large(size: usize) -> Refusal {
    input::Error::TooLarge(size).into()
}

/// Reads a file, or says why it cannot be read.
async fn read(file: &Blob, told: impl Fn(usize)) -> Result<Vec<u8>, Refusal> {
    let size = file.size() as usize;
    if size > budget::FILE_BYTES {
        return Err(too_large(size));
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| {
        let message =
            format!("The file has {size} bytes, which do not fit in this browser's memory.");
        Refusal::new(RefusalCode::OverLimit, message)
    })?;
    while bytes.len() < size {
        told(bytes.len());
        let end = size.min(bytes.len().saturating_add(SLICE_BYTES));
        let slice = read_slice(file, bytes.len(), end).await;
        let slice = slice.filter(|slice| slice.length() > 0).ok_or_else(|| {
            let message = "The file could not be read: it was moved, changed or locked since it was handed over.";
            Refusal::new(RefusalCode::Unreadable, message)
        })?;
        let start = bytes.len();
        bytes.resize(start.saturating_add(slice.length() as usize), 0);
        if let Some(room) = bytes.get_mut(start..) {
            slice.copy_to(room);
        }
    }
    Ok(bytes)
}

async fn read_slice(file: &Blob, start: usize, end: usize) -> Option<Uint8Array> {
    let slice = file.slice_with_f64_and_f64(start as f64, end as f64).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer))
}
