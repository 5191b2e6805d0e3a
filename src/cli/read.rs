//! Files, folders and standard input as bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use assay::budget;
use assay::report::{ArtifactFacts, Refusal, RefusalCode};

const STANDARD_INPUT: &str = "-";

/// The file's name in the report: without its folders, as a browser names it.
pub fn name(file: &Path) -> String {
    file.file_name()
        .unwrap_or(file.as_os_str())
        .to_string_lossy()
        .into_owned()
}

/// What a path leads to.
pub enum Content {
    /// A file's bytes.
    File(Vec<u8>),
    /// A folder's files, each with its path within it.
    Folder(Vec<(String, Vec<u8>)>),
}

/// The bytes of a file or of standard input, or of every file in a folder.
pub fn content(path: &Path) -> Result<Content, Refusal> {
    match path.is_dir() {
        true => folder(path).map(Content::Folder),
        false => bytes(path).map(Content::File),
    }
}

/// A folder's files as the library takes them.
pub fn borrowed(files: &[(String, Vec<u8>)]) -> Vec<(String, &[u8])> {
    files
        .iter()
        .map(|(name, bytes)| (name.clone(), bytes.as_slice()))
        .collect()
}

/// The files of a folder and of those within it, in the order of their paths.
fn folder(path: &Path) -> Result<Vec<(String, Vec<u8>)>, Refusal> {
    let (mut files, mut total) = (Vec::new(), 0_usize);
    for file in files_within(path)? {
        let within = file.strip_prefix(path).unwrap_or(&file);
        let parts: Option<Vec<_>> = within.iter().map(|part| part.to_str()).collect();
        let name = parts.map(|parts| parts.join("/")).ok_or_else(|| {
            let message = "The file's name is not UTF-8, so that it cannot be told from others.";
            refused(&file, (RefusalCode::Unreadable, message.to_owned()))
        })?;
        let bytes = bytes(&file)?;
        total = total.saturating_add(bytes.len());
        if total > budget::FILE_BYTES || files.len() >= budget::ARCHIVE_ENTRIES {
            return Err(refused(path, over_limit("The folder holds more")));
        }
        files.push((name, bytes));
    }
    files.sort_by(|left, right| left.0.cmp(&right.0));
    Ok(files)
}

/// The paths of the files below a folder. A link to a file counts as that file, as systems' own verifiers have it; a link to a
/// folder is not followed, as it could lead out of this one or in circles. What else there is cannot be read, and is refused
/// rather than passed over.
fn files_within(path: &Path) -> Result<Vec<PathBuf>, Refusal> {
    let (mut folders, mut files) = (vec![path.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        let wrong = |error| refused(&folder, unreadable(error));
        for entry in std::fs::read_dir(&folder).map_err(wrong)? {
            let entry = entry.map_err(wrong)?;
            let file = entry.path();
            if entry.file_type().map_err(wrong)?.is_dir() {
                folders.push(file);
                continue;
            }
            let target = std::fs::metadata(&file).map_err(|error| match error.kind() {
                io::ErrorKind::NotFound => refused(&file, neither("a link that leads nowhere")),
                _ => refused(&file, unreadable(error)),
            })?;
            if target.is_file() {
                files.push(file);
            } else if !target.is_dir() {
                return Err(refused(&file, neither("neither a file nor a folder")));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Something in a folder that has no bytes to read.
fn neither(what: &str) -> Failure {
    let message = format!("The folder holds {what}, so that it cannot be read as a whole.");
    (RefusalCode::Unreadable, message)
}

fn refused(file: &Path, (code, message): Failure) -> Refusal {
    Refusal::new(code, message).of(ArtifactFacts {
        name: name(file),
        ..ArtifactFacts::default()
    })
}

fn over_limit(what: &str) -> Failure {
    let limit = budget::FILE_BYTES;
    let message = format!("{what} than {limit} bytes, the most that this verifier reads.");
    (RefusalCode::OverLimit, message)
}

/// The bytes of a file or of standard input. What cannot be read, or is too large to be, is refused.
pub fn bytes(file: &Path) -> Result<Vec<u8>, Refusal> {
    let read = if file == Path::new(STANDARD_INPUT) {
        limited(io::stdin().lock(), 0)
    } else {
        open(file)
    };
    read.map_err(|failure| refused(file, failure))
}

type Failure = (RefusalCode, String);

fn open(file: &Path) -> Result<Vec<u8>, Failure> {
    let open = File::open(file).map_err(unreadable)?;
    let metadata = open.metadata().map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    limited(open, metadata.len())
}

/// All bytes, unless there are more than the library takes. `expected` is how many there probably are.
fn limited(source: impl Read, expected: u64) -> Result<Vec<u8>, Failure> {
    let limit = budget::FILE_BYTES as u64;
    let too_large = || over_limit("The file is longer");
    if expected > limit {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    // One byte more than expected, so that the end is found without growing the buffer.
    let room = usize::try_from(expected)
        .unwrap_or_default()
        .saturating_add(1);
    bytes
        .try_reserve_exact(room)
        .map_err(|_| unreadable(io::ErrorKind::OutOfMemory.into()))?;
    source
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > limit {
        return Err(too_large());
    }
    Ok(bytes)
}

fn unreadable(error: io::Error) -> Failure {
    let why = match error.kind() {
        io::ErrorKind::NotFound => "There is no file of this name.".to_owned(),
        io::ErrorKind::PermissionDenied => "The file may not be read by this user.".to_owned(),
        io::ErrorKind::IsADirectory => "This is a folder; name the files in it.".to_owned(),
        io::ErrorKind::OutOfMemory => "There is not enough memory to read the file.".to_owned(),
        _ => format!("The file cannot be read: {error}."),
    };
    (RefusalCode::Unreadable, why)
}
