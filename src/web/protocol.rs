//! What the page and its workers say to each other: plain arrays across the border (`to_js`, `from_js`), types on either side.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

/// A file with its name, or its path within a folder. Its content has not been read: a reference crosses, not the bytes.
#[derive(Clone, Debug)]
pub struct Named {
    /// The name or path.
    pub name: String,
    /// The file.
    pub file: Blob,
}

/// What was handed over as one thing.
#[derive(Clone, Debug)]
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
pub enum Order {
    /// Verify a file. A worker has one at a time.
    Verify(Task),
    /// The signatures that an assistant verified: 32 bytes each; none when it broke down.
    Confirm(Uint8Array),
}

/// A file or folder to verify, with what was supplied for it.
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
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// All of it.
    Whole,
    /// Half of the signatures, and the report once an assistant has verified the others.
    Lead,
    /// The other half of the signatures, and no report.
    Assist,
}

/// From a worker, about its current task.
pub enum Message {
    /// The worker has started and takes tasks.
    Ready,
    /// Bytes read so far.
    Reading(f64),
    /// Parts verified and parts in all, where they are known.
    Verifying(Option<(f64, f64)>),
    /// The digests of the signatures that an assistant verified, for [`Order::Confirm`].
    Verified(Uint8Array),
    /// The report as the library's JSON, with what was decrypted.
    Judged(String),
    /// Only the second part of the verifier can judge the file.
    PartNeeded,
    /// No system claims the folder as a whole: its files are to be verified one by one.
    Apart,
    /// The verifier broke down, and the worker with it.
    Stopped(String),
}

fn array<const N: usize>(items: [JsValue; N]) -> JsValue {
    items.into_iter().collect::<Array>().into()
}

fn list<T>(items: &[T], to_js: impl Fn(&T) -> JsValue) -> JsValue {
    items.iter().map(to_js).collect::<Array>().into()
}

fn items<T>(value: &JsValue, from_js: impl Fn(&JsValue) -> Option<T>) -> Option<Vec<T>> {
    let array: &Array = value.dyn_ref()?;
    array.iter().map(|item| from_js(&item)).collect()
}

/// A name and something else.
fn pair<T>(value: &JsValue, from_js: impl Fn(&JsValue) -> Option<T>) -> Option<(String, T)> {
    let array: &Array = value.dyn_ref()?;
    Some((array.get(0).as_string()?, from_js(&array.get(1))?))
}

impl Named {
    fn to_js(&self) -> JsValue {
        array([self.name.as_str().into(), self.file.clone().into()])
    }

    fn from_js(value: &JsValue) -> Option<Self> {
        let (name, file) = pair(value, |file| file.dyn_ref::<Blob>().cloned())?;
        Some(Self { name, file })
    }
}

impl Content {
    /// A file as its name and blob, a folder as its name and list of files.
    fn to_js(&self) -> JsValue {
        match self {
            Content::File(file) => file.to_js(),
            Content::Folder { name, files } => {
                array([name.as_str().into(), list(files, Named::to_js)])
            }
        }
    }

    fn from_js(value: &JsValue) -> Option<Self> {
        let folder = pair(value, |files| items(files, Named::from_js));
        match folder {
            Some((name, files)) => Some(Content::Folder { name, files }),
            None => Named::from_js(value).map(Content::File),
        }
    }
}

const ROLES: [Role; 3] = [Role::Whole, Role::Lead, Role::Assist];

impl Order {
    /// As a worker gets it.
    pub fn to_js(&self) -> JsValue {
        match self {
            Order::Confirm(verified) => verified.into(),
            Order::Verify(task) => array([
                task.content.to_js(),
                (task.role as u8).into(),
                list(&task.pins, |pin| pin.into()),
                list(&task.companions, |(name, content)| {
                    array([name.into(), content.to_js()])
                }),
                list(&task.values, |(name, value)| {
                    array([name.into(), value.into()])
                }),
                task.payload_key.as_ref().into(),
                list(&task.beside, Named::to_js),
            ]),
        }
    }

    /// As the page sent it; none when it sent something else.
    pub fn from_js(value: JsValue) -> Option<Self> {
        let parts: Array = match value.dyn_into() {
            Ok(parts) => parts,
            Err(verified) => return verified.dyn_into().ok().map(Order::Confirm),
        };
        Some(Order::Verify(Task {
            content: Content::from_js(&parts.get(0))?,
            role: *ROLES.get(parts.get(1).as_f64()? as usize)?,
            pins: items(&parts.get(2), JsValue::as_string)?,
            companions: items(&parts.get(3), |item| pair(item, Content::from_js))?,
            values: items(&parts.get(4), |item| pair(item, JsValue::as_string))?,
            payload_key: parts.get(5).as_string(),
            beside: items(&parts.get(6), Named::from_js)?,
        }))
    }
}

impl Message {
    /// As the page gets it: a word, and what belongs to it.
    pub fn to_js(&self) -> JsValue {
        let (word, rest): (&str, JsValue) = match self {
            Message::Ready => ("ready", JsValue::NULL),
            Message::Reading(bytes) => ("reading", (*bytes).into()),
            Message::Verifying(None) => ("verifying", JsValue::NULL),
            Message::Verifying(Some((done, all))) => {
                ("verifying", array([(*done).into(), (*all).into()]))
            }
            Message::Verified(digests) => ("verified", digests.into()),
            Message::Judged(report) => ("judged", report.into()),
            Message::PartNeeded => ("part needed", JsValue::NULL),
            Message::Apart => ("apart", JsValue::NULL),
            Message::Stopped(why) => ("stopped", why.into()),
        };
        array([word.into(), rest])
    }

    /// As a worker sent it; none when it sent something else.
    pub fn from_js(value: &JsValue) -> Option<Self> {
        let (word, rest) = pair(value, |rest| Some(rest.clone()))?;
        Some(match &*word {
            "ready" => Message::Ready,
            "reading" => Message::Reading(rest.as_f64()?),
            "verifying" => Message::Verifying(match items(&rest, JsValue::as_f64).as_deref() {
                Some([done, all]) => Some((*done, *all)),
                _ => None,
            }),
            "verified" => Message::Verified(rest.dyn_into().ok()?),
            "judged" => Message::Judged(rest.as_string()?),
            "part needed" => Message::PartNeeded,
            "apart" => Message::Apart,
            "stopped" => Message::Stopped(rest.as_string()?),
            _ => return None,
        })
    }
}
