//! What was dropped, chosen or pasted, as a list of named files.

use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry,
};

use super::browser;
use super::state::FILES_AT_ONCE;

/// A file with its name, or its path within a folder. Its content has not been read.
pub type Named = (String, Blob);

/// What a pasted text is called.
pub const PASTED: &str = "pasted text";

/// The files of a file input.
pub fn chosen(list: &FileList) -> Vec<Named> {
    (0..list.length())
        .filter_map(|index| list.get(index))
        .map(named)
        .collect()
}

/// A pasted text as a file; `None` when there is nothing in it.
pub fn pasted(text: &str) -> Option<Named> {
    let blob = browser::blob(&text.into(), "text/plain")?;
    (!text.trim().is_empty()).then(|| (PASTED.to_owned(), blob))
}

/// What a drop or a paste carries. Its items must be taken before the event is over.
pub struct Transfer {
    files: Vec<Named>,
    folders: Vec<FileSystemEntry>,
}

impl Transfer {
    /// Takes the files, folders and otherwise the text of a drop or a paste.
    pub fn take(data: &DataTransfer) -> Self {
        let mut transfer = Self {
            files: Vec::new(),
            folders: Vec::new(),
        };
        let items = data.items();
        for item in (0..items.length()).filter_map(|index| items.get(index)) {
            if item.kind() != "file" {
                continue;
            }
            let entry = item.webkit_get_as_entry().ok().flatten();
            match entry.filter(FileSystemEntry::is_directory) {
                Some(folder) => transfer.folders.push(folder),
                None => transfer
                    .files
                    .extend(item.get_as_file().ok().flatten().map(named)),
            }
        }
        if transfer.is_empty() {
            transfer.files.extend(data.files().iter().flat_map(chosen));
        }
        if transfer.is_empty() {
            transfer
                .files
                .extend(data.get_data("text/plain").ok().as_deref().and_then(pasted));
        }
        transfer
    }

    /// Whether it carries nothing that could be verified.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty() && self.folders.is_empty()
    }

    /// The files, with those of the folders.
    pub async fn files(self) -> Vec<Named> {
        let mut files = self.files;
        let mut folders = self.folders;
        while let Some(folder) = folders.pop() {
            for entry in children(&folder).await {
                if entry.is_directory() {
                    folders.push(entry);
                } else if let Some(file) = file_of(&entry).await {
                    let path = entry.full_path();
                    files.push((path.trim_start_matches('/').to_owned(), file.into()));
                }
            }
            // One more than are taken, so that the page can say that there were more.
            if files.len() > FILES_AT_ONCE {
                break;
            }
        }
        files
    }
}

fn named(file: File) -> Named {
    let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into());
    let path = path
        .ok()
        .and_then(|path| path.as_string())
        .filter(|path| !path.is_empty());
    (path.unwrap_or_else(|| file.name()), file.into())
}

/// The entries of a folder, by name. They come in batches until an empty one.
async fn children(folder: &FileSystemEntry) -> Vec<FileSystemEntry> {
    let reader: FileSystemDirectoryReader = folder
        .unchecked_ref::<FileSystemDirectoryEntry>()
        .create_reader();
    let mut entries: Vec<FileSystemEntry> = Vec::new();
    loop {
        let batch = Promise::new(&mut |resolve, reject| {
            let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
        });
        let Ok(batch) = JsFuture::from(batch).await else {
            break;
        };
        let batch: Array = batch.unchecked_into();
        if batch.length() == 0 {
            break;
        }
        entries.extend(batch.iter().map(JsValue::unchecked_into::<FileSystemEntry>));
    }
    entries.sort_by_key(FileSystemEntry::name);
    entries
}

async fn file_of(entry: &FileSystemEntry) -> Option<File> {
    let entry: &FileSystemFileEntry = entry.unchecked_ref();
    let file = Promise::new(&mut |resolve, reject| {
        entry.file_with_callback_and_callback(&resolve, &reject)
    });
    JsFuture::from(file).await.ok()?.dyn_into().ok()
}
