//! What was dropped, chosen or pasted, as a list of named files.

use assay::budget;
use js_sys::{Array, Promise};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DataTransfer, File, FileList, FileSystemDirectoryEntry, FileSystemDirectoryReader,
    FileSystemEntry, FileSystemFileEntry,
};

use super::browser;
use crate::web::protocol::{Content, Named};

/// What a pasted text is called.
pub const PASTED: &str = "pasted text";

/// The files of a file input; those of a folder input, which have paths, as the folder.
pub fn chosen(list: &FileList) -> Vec<Content> {
    let mut taken: Vec<Content> = Vec::new();
    for file in (0..list.length()).filter_map(|index| list.get(index)) {
        let named = named(file);
        let Some((folder, path)) = named.name.split_once('/') else {
            taken.push(Content::File(named));
            continue;
        };
        let file = Named {
            name: path.to_owned(),
            file: named.file.clone(),
        };
        match taken.last_mut() {
            Some(Content::Folder { name, files }) if name == folder => files.push(file),
            _ => taken.push(Content::Folder {
                name: folder.to_owned(),
                files: vec![file],
            }),
        }
    }
    taken
}

/// A pasted text as a file; `None` when there is nothing in it.
pub fn pasted(text: &str) -> Option<Content> {
    let file = browser::blob(&text.into(), "text/plain")?;
    let name = PASTED.to_owned();
    (!text.trim().is_empty()).then(|| Content::File(Named { name, file }))
}

/// What a drop or a paste carries. Its items must be taken before the event is over.
pub struct Transfer {
    files: Vec<Content>,
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
                None => transfer.files.extend(
                    item.get_as_file()
                        .ok()
                        .flatten()
                        .map(named)
                        .map(Content::File),
                ),
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

    /// The files and folders.
    ///
    /// # Errors
    /// When a folder has no files or cannot be read whole, in a plain sentence: judged by what is left of it, an export to
    /// which something was added would look complete.
    pub async fn contents(self) -> Result<Vec<Content>, String> {
        let mut contents = self.files;
        for folder in self.folders {
            let name = folder.name();
            let files = within(&folder).await.map_err(|unread| {
                format!("The browser could not read {unread}, so the folder {name} was not taken.")
            })?;
            if files.is_empty() {
                return Err(format!("The folder {name} holds no files."));
            }
            contents.push(Content::Folder { name, files });
        }
        Ok(contents)
    }
}

/// The files of a folder and of those within it, with their paths within it; the path of what cannot be read is the error.
async fn within(folder: &FileSystemEntry) -> Result<Vec<Named>, String> {
    let root = format!("{}/", folder.full_path());
    let mut folders = vec![folder.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries = children(&folder).await.ok_or_else(|| folder.full_path())?;
        for entry in entries {
            if entry.is_directory() {
                folders.push(entry);
                continue;
            }
            let path = entry.full_path();
            let file = file_of(&entry).await.ok_or_else(|| path.clone())?.into();
            let name = path.strip_prefix(&root).unwrap_or(&path).to_owned();
            files.push(Named { name, file });
        }
        // One more than are taken, so that it can be told that there were more.
        if files.len() > budget::ARCHIVE_ENTRIES {
            break;
        }
    }
    Ok(files)
}

fn named(file: File) -> Named {
    let path = js_sys::Reflect::get(&file, &"webkitRelativePath".into());
    let path = path
        .ok()
        .and_then(|path| path.as_string())
        .filter(|path| !path.is_empty());
    Named {
        name: path.unwrap_or_else(|| file.name()),
        file: file.into(),
    }
}

/// The entries of a folder, by name; none when it cannot be read. They come in batches until an empty one.
async fn children(folder: &FileSystemEntry) -> Option<Vec<FileSystemEntry>> {
    let reader: FileSystemDirectoryReader = folder
        .unchecked_ref::<FileSystemDirectoryEntry>()
        .create_reader();
    let mut entries = Array::new();
    loop {
        let batch = Promise::new(&mut |resolve, reject| {
            let _ = reader.read_entries_with_callback_and_callback(&resolve, &reject);
        });
        let batch: Array = JsFuture::from(batch).await.ok()?.unchecked_into();
        if batch.length() == 0 {
            break;
        }
        entries = entries.concat(&batch);
    }
    let mut by_name = |left: JsValue, right: JsValue| {
        let name = |entry: &JsValue| entry.unchecked_ref::<FileSystemEntry>().name();
        name(&left).cmp(&name(&right)) as i32
    };
    let sorted = entries.sort_by(&mut by_name);
    Some(sorted.iter().map(JsValue::unchecked_into).collect())
}

async fn file_of(entry: &FileSystemEntry) -> Option<File> {
    let entry: &FileSystemFileEntry = entry.unchecked_ref();
    let file = Promise::new(&mut |resolve, reject| {
        entry.file_with_callback_and_callback(&resolve, &reject)
    });
    JsFuture::from(file).await.ok()?.dyn_into().ok()
}
