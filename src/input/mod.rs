//! What was handed over, recognised by its content and never by its name.

mod archive;
mod files;
pub mod tar;
pub mod zip;

use crate::budget;
use crate::bytes::to_hex;
use crate::crypto::sha256;
use crate::json::{self, DefectKind, Document, Layout, Records};

pub use archive::{ArchiveError, ArchiveProblem};
pub use files::{Entry, Files, Reader, is_left_by_system};

/// A file, opened.
#[derive(Debug)]
pub struct Artifact<'a> {
    /// The file's name as it was handed over; it decides nothing.
    pub name: &'a str,
    /// The file's bytes.
    pub bytes: &'a [u8],
    /// What the bytes are.
    pub form: Form<'a>,
}

/// What a file's bytes are.
#[derive(Debug)]
pub enum Form<'a> {
    /// One JSON value.
    Json(Document<'a>),
    /// Many JSON values: lines, or the elements of one array.
    Records(Records<'a>),
    /// A ZIP archive.
    Zip(Files<'a>),
    /// A folder.
    Folder(Files<'a>),
    /// A tar archive.
    Tar(tar::Archive<'a>),
}

/// Why a file cannot be opened.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// No bytes, or nothing but white space.
    #[error("The file is empty.")]
    Empty,
    /// More bytes than [`budget::FILE_BYTES`].
    #[error("The file is {0} bytes long; this verifier reads at most {max}.", max = budget::FILE_BYTES)]
    TooLarge(usize),
    /// Something else altogether.
    #[error("The file is neither JSON, nor lines of JSON, nor a ZIP or tar archive{0}.")]
    UnknownFormat(&'static str),
    /// Text that begins as JSON and is not.
    #[error("{}", .0.kind)]
    Json(json::Error),
    /// An archive that is damaged, unsafe or beyond what is read.
    #[error("{0}")]
    Archive(ArchiveError),
}

/// SHA-256 of a file's bytes in lower-case hexadecimal.
pub fn file_digest(bytes: &[u8]) -> String {
    to_hex(&sha256::digest(bytes))
}

/// SHA-256 of a folder, in lower-case hexadecimal: over a line for each file, in the order of their names, with the file's own
/// digest, two spaces, its name and a line feed.
pub fn folder_digest(files: &Files<'_>) -> String {
    let mut reader = Reader::new();
    let lines: String = files
        .entries()
        .iter()
        .map(|entry| {
            let digest = file_digest(reader.read(entry).unwrap_or_default());
            format!("{digest}  {}\n", entry.name())
        })
        .collect();
    file_digest(lines.as_bytes())
}

/// Opens a file by its content.
///
/// # Errors
/// When the content is none of the forms that evidence comes in, or is damaged or over a limit.
pub fn open<'a>(name: &'a str, bytes: &'a [u8]) -> Result<Artifact<'a>, Error> {
    if bytes.is_empty() {
        return Err(Error::Empty);
    }
    if bytes.len() > budget::FILE_BYTES {
        return Err(Error::TooLarge(bytes.len()));
    }
    let form = if zip::is_zip(bytes) {
        Form::Zip(zip::open(bytes).map_err(Error::Archive)?)
    } else if tar::is_tar(bytes) {
        Form::Tar(tar::Archive::open(bytes).map_err(Error::Archive)?)
    } else {
        open_text(bytes)?
    };
    Ok(Artifact { name, bytes, form })
}

fn open_text(bytes: &[u8]) -> Result<Form<'_>, Error> {
    let first = bytes
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(bytes)
        .iter()
        .find(|byte| !byte.is_ascii_whitespace());
    match first {
        None => return Err(Error::Empty),
        Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n' | b'N' | b'I') => {}
        Some(_) => return Err(Error::UnknownFormat(known_other(bytes))),
    }
    let text = match json::text(bytes) {
        Ok(text) => text,
        Err(_) if bytes.contains(&0) => return Err(Error::UnknownFormat(known_other(bytes))),
        Err(error) => return Err(Error::Json(error)),
    };
    if first == Some(&b'[') {
        return Ok(Form::Records(Records::new(text, Layout::Array)));
    }
    match json::parse_text(text) {
        Ok(document) if !goes_on_in_the_next_line(&document) => Ok(Form::Json(document)),
        Err(error) if !has_readable_lines(text) => Err(Error::Json(error)),
        _ => Ok(Form::Records(Records::new(text, Layout::Lines))),
    }
}

/// Whether the value stands on one line and more follows on another.
fn goes_on_in_the_next_line(document: &Document<'_>) -> bool {
    let more = document
        .defects
        .iter()
        .find(|defect| defect.kind == DefectKind::TrailingBytes);
    let (text, span) = (document.text(), document.root.span);
    let (start, end) = (span.start as usize, span.end as usize);
    more.is_some_and(|more| {
        let within = text.get(start..end).unwrap_or_default();
        let between = text.get(end..more.offset).unwrap_or_default();
        !within.contains('\n') && (between.contains('\n') || has_readable_lines(text))
    })
}

/// Whether a text whose first line is broken is lines of JSON all the same. Lines of JSON are not
/// indented; a line within a broken value that is laid out for people is.
fn has_readable_lines(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim_end)
        .filter(|line| !line.is_empty())
        .map(|line| line.starts_with('{') && line.ends_with('}') && json::parse_text(line).is_ok());
    lines.next().is_some() && lines.any(|readable| readable)
}

/// A format that people might drop by mistake, to be named in the refusal.
fn known_other(bytes: &[u8]) -> &'static str {
    let table: [(&[u8], &str); 8] = [
        (b"%PDF", "; it looks like a PDF"),
        (b"\x89PNG", "; it looks like a picture"),
        (b"\xff\xd8\xff", "; it looks like a picture"),
        (b"\x1f\x8b", "; it looks like a gzip file: unpack it first"),
        (b"7z\xbc\xaf", "; it looks like a 7z archive"),
        (b"<", "; it looks like HTML or XML"),
        (b"\xff\xfe", "; it looks like UTF-16 text: save it as UTF-8"),
        (b"\xfe\xff", "; it looks like UTF-16 text: save it as UTF-8"),
    ];
    table
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map_or("", |(_, words)| words)
}
