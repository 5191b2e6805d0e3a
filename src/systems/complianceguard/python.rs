//! What the vendor's Python makes of members that are no strings, and of base64 that is not as the SDK writes it.
//!
//! Rule: complianceguard 0.1.5, `decrypt_event` and `_b64u_decode`, on CPython.

use std::borrow::Cow;

use crate::bytes::from_base64_as_python;
use crate::canon::{self, Python};
use crate::json::{Kind, Value};

/// `bool(value)`.
pub(super) fn is_truthy(value: &Value<'_>) -> bool {
    match &value.kind {
        Kind::Null => false,
        Kind::Bool(value) => *value,
        Kind::Number(lexeme) => lexeme.parse::<f64>().is_ok_and(|number| number != 0.0),
        Kind::String(text) => !text.is_empty(),
        Kind::Array(elements) => !elements.is_empty(),
        Kind::Object(object) => !object.members.is_empty(),
    }
}

/// `str(value)`, of anything but arrays and objects.
pub(super) fn printed<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    match &value.kind {
        Kind::String(text) => Some(Cow::Borrowed(text)),
        Kind::Bool(true) => Some(Cow::Borrowed("True")),
        Kind::Bool(false) => Some(Cow::Borrowed("False")),
        Kind::Number(_) => {
            let printed = canon::to_vec::<Python>(value).ok()?;
            String::from_utf8(printed).ok().map(Cow::Owned)
        }
        Kind::Null => Some(Cow::Borrowed("None")),
        Kind::Array(_) | Kind::Object(_) => None,
    }
}

/// `_b64u_decode`: the text, padded to a multiple of four characters, as `base64.urlsafe_b64decode` reads it. Either alphabet
/// is taken, what else stands between is passed over, reading ends with the padding, stray bits count for nothing.
pub(super) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    let missing = text.chars().count().wrapping_neg() & 3;
    let padded = text.chars().chain(std::iter::repeat_n('=', missing));
    let standard = padded.map(|character| match character {
        '-' => '+',
        '_' => '/',
        other => other,
    });
    from_base64_as_python(&standard.collect::<String>())
}
