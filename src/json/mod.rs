//! Lossless JSON: what the text says, not what a number type or a map makes of it.
//!
//! The tree keeps number lexemes, key order and duplicate keys, and the span of everything.
//! Departures from RFC 8259 that some reader of the field lets pass (a byte order mark, bytes after
//! the value, duplicate keys, `NaN`) are kept as [`Defect`]s, so that an artifact can be recognised
//! and then failed by name; anything else that is not JSON is an [`Error`] with its place.

mod double;
mod error;
mod parser;
mod records;
mod value;

pub use double::double;
pub use error::{Error, ErrorKind, Place};
pub use parser::{parse, parse_text, text};
pub use records::{Layout, Record, Records};
pub use value::{Defect, DefectKind, Document, Kind, Member, Object, Span, Value};
