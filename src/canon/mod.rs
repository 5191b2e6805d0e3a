//! Canonical forms: from a JSON tree to the one sequence of bytes that is hashed or signed.
//!
//! "Sorted JSON" comes in dialects that disagree about numbers, key order and escapes. Each
//! dialect reads the lexemes for itself: going through one number type would lose what was signed.
//! Text is never Unicode-normalised.

mod go;
mod jcs;
mod number;
mod python;
mod writer;

use std::io::Write;

use crate::json::{Kind, Span, Value};

pub use go::Go;
pub use jcs::{Jcs, is_exact_integer};
pub use python::{Python, Stripped};
pub use writer::Dialect;

/// Why a value has no canonical form in a dialect, and where the culprit stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind}")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// The value or key that is at fault.
    pub span: Span,
}

/// What keeps a value from having a canonical form.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// An integer that no IEEE 754 double is equal to (RFC 8785 section 3.2.2.3 and appendix D).
    #[error("An integer is too long for RFC 8785 to represent exactly.")]
    InexactInteger,
    /// A number beyond the range of doubles, `NaN` or an infinity.
    #[error("A number is not finite.")]
    NonFinite,
    /// A repeated key (RFC 8785 section 3.1 by way of RFC 7493).
    #[error("A key appears twice in one object.")]
    DuplicateKey,
    /// The sink refused the bytes.
    #[error("The canonical form could not be written.")]
    Sink,
}

/// Writes the canonical form of `value` to `out`.
///
/// # Errors
/// When the dialect has no form for a part of the value.
pub fn write<D: Dialect>(value: &Value<'_>, out: &mut impl Write) -> Result<(), Error> {
    write_without::<D>(value, &[], out)
}

/// Writes the canonical form of `value` less its own members named in `omitted`
/// (members of members are kept).
///
/// # Errors
/// When the dialect has no form for a part of the value.
pub fn write_without<D: Dialect>(
    value: &Value<'_>,
    omitted: &[&str],
    out: &mut impl Write,
) -> Result<(), Error> {
    match &value.kind {
        Kind::Object(object) => writer::object::<D>(object, omitted, value.span, out),
        _ => writer::value::<D>(value, out),
    }
}

/// The canonical form of `value` as bytes.
///
/// # Errors
/// When the dialect has no form for a part of the value.
pub fn to_vec<D: Dialect>(value: &Value<'_>) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    write::<D>(value, &mut out)?;
    Ok(out)
}
