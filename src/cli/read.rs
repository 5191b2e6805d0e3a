//! Files and standard input as bytes.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

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

/// The bytes of a file or of standard input. What cannot be read, or is too large to be, is refused.
pub fn bytes(file: &Path) -> Result<Vec<u8>, Refusal> {
    let read = if file == Path::new(STANDARD_INPUT) {
        limited(io::stdin().lock(), 0)
    } else {
        open(file)
    };
    read.map_err(|(code, message)| {
        Refusal::new(code, message).of(ArtifactFacts {
            name: name(file),
            ..ArtifactFacts::default()
        })
    })
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
    let too_large = || {
        let message =
            format!("The file is longer than {limit} bytes, the most that this verifier reads.");
        (RefusalCode::OverLimit, message)
    };
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
