//! What the reference verifier's Python makes of JSON values, where that decides an outcome.

use std::io::Write;

use crate::canon::{self, Dialect, ErrorKind, Stripped};
use crate::json::{self, Kind, Object, Value};

/// `value or default`: the value, if it is there and truthy.
pub(super) fn truthy<'v, 'a>(value: Option<&'v Value<'a>>) -> Option<&'v Value<'a>> {
    value.filter(|value| is_truthy(value))
}

fn is_truthy(value: &Value<'_>) -> bool {
    match &value.kind {
        Kind::Null => false,
        Kind::Bool(truth) => *truth,
        Kind::Number(lexeme) => !is_zero(lexeme),
        Kind::String(text) => !text.is_empty(),
        Kind::Array(elements) => !elements.is_empty(),
        Kind::Object(object) => !object.members.is_empty(),
    }
}

fn is_zero(lexeme: &str) -> bool {
    json::double(lexeme) == Some(0.0)
}

/// A member that the reference takes for an object: absent and falsy count as empty.
pub(super) enum Expected<'v, 'a> {
    /// An object.
    Object(&'v Object<'a>),
    /// Nothing there.
    Empty,
    /// Something else, at which the reference leaves with an exception.
    Other(&'v Value<'a>),
}

impl<'v, 'a> Expected<'v, 'a> {
    /// `value or {}`.
    pub fn of(value: Option<&'v Value<'a>>) -> Self {
        match truthy(value) {
            None => Self::Empty,
            Some(value) => match value.as_object() {
                Some(object) => Self::Object(object),
                None => Self::Other(value),
            },
        }
    }

    /// The member `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&'v Value<'a>> {
        match self {
            Self::Object(object) => object.get(key),
            _ => None,
        }
    }
}

/// `left == right`.
pub(super) fn equal(left: &Value<'_>, right: &Value<'_>) -> bool {
    match (&left.kind, &right.kind) {
        (Kind::Null, Kind::Null) => true,
        (Kind::String(left), Kind::String(right)) => left == right,
        (Kind::Array(left), Kind::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| equal(left, right))
        }
        (Kind::Object(left), Kind::Object(right)) => {
            let within = |one: &Object<'_>, other: &Object<'_>| {
                one.members.iter().all(|member| {
                    let key = member.key.as_ref();
                    matches!((one.get(key), other.get(key)), (Some(left), Some(right)) if equal(left, right))
                })
            };
            within(left, right) && within(right, left)
        }
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left == right,
            _ => false,
        },
    }
}

/// Whether the value equals a whole number, as `3`, `3.0` and (for 1) `true` do.
pub(super) fn equals_count(value: Option<&Value<'_>>, count: usize) -> bool {
    value
        .and_then(number)
        .is_some_and(|number| number == count.to_string())
}

/// Whether the value is a number above zero; `None` when it is none and cannot be compared.
pub(super) fn is_positive(value: &Value<'_>) -> Option<bool> {
    match &value.kind {
        Kind::Bool(truth) => Some(*truth),
        Kind::Number(lexeme) => {
            Some(!lexeme.starts_with('-') && *lexeme != "NaN" && !is_zero(lexeme))
        }
        _ => None,
    }
}

/// A text that is the same for equal numbers; truth values are 0 and 1. `None` for `NaN`, which equals nothing.
fn number(value: &Value<'_>) -> Option<String> {
    match &value.kind {
        Kind::Bool(truth) => Some(u8::from(*truth).to_string()),
        Kind::Number("-0") => Some("0".to_owned()),
        Kind::Number(lexeme) if is_integer(lexeme) => Some((*lexeme).to_owned()),
        Kind::Number(lexeme) => {
            let double = json::double(lexeme)?;
            if double == 0.0 {
                return Some("0".to_owned());
            }
            // Every whole double is printed exactly, so that 1e3 and 1000 meet.
            (!double.is_nan()).then(|| format!("{double}"))
        }
        _ => None,
    }
}

fn is_integer(lexeme: &str) -> bool {
    lexeme
        .bytes()
        .all(|byte| byte == b'-' || byte.is_ascii_digit())
}

/// A value that `isinstance(value, int)` holds for: an integer, or a truth value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Int {
    /// Its value.
    pub value: i128,
    is_bool: bool,
}

/// Why a value is not an [`Int`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoInt {
    /// Not an integer.
    Other,
    /// An integer of more than 38 digits.
    TooLong,
}

impl Int {
    /// Reads a value as Python's `int`.
    pub fn of(value: Option<&Value<'_>>) -> Result<Self, NoInt> {
        match value.map(|value| &value.kind) {
            Some(Kind::Bool(truth)) => Ok(Self {
                value: i128::from(*truth),
                is_bool: true,
            }),
            Some(Kind::Number(lexeme)) if is_integer(lexeme) => Ok(Self {
                value: lexeme.parse().map_err(|_| NoInt::TooLong)?,
                is_bool: false,
            }),
            _ => Err(NoInt::Other),
        }
    }

    /// `str(value)`.
    pub fn text(self) -> String {
        match (self.is_bool, self.value) {
            (true, 0) => "False".to_owned(),
            (true, _) => "True".to_owned(),
            (false, value) => value.to_string(),
        }
    }
}

/// `str(value)`; absent counts as `None`.
pub(super) fn text(value: Option<&Value<'_>>) -> String {
    match value.map(|value| &value.kind) {
        Some(Kind::String(text)) => text.to_string(),
        _ => {
            let mut out = String::new();
            match value {
                None => out.push_str("None"),
                Some(value) => repr(value, &mut out),
            }
            out
        }
    }
}

/// `repr(value)`.
fn repr(value: &Value<'_>, out: &mut String) {
    match &value.kind {
        Kind::Null => out.push_str("None"),
        Kind::Bool(true) => out.push_str("True"),
        Kind::Bool(false) => out.push_str("False"),
        Kind::Number(_) => {
            let printed = canon::to_vec::<AsPrinted>(value).unwrap_or_default();
            out.push_str(match printed.as_slice() {
                b"NaN" => "nan",
                b"Infinity" => "inf",
                b"-Infinity" => "-inf",
                digits => std::str::from_utf8(digits).unwrap_or_default(),
            });
        }
        Kind::String(text) => repr_text(text, out),
        Kind::Array(elements) => {
            out.push('[');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                repr(element, out);
            }
            out.push(']');
        }
        Kind::Object(object) => {
            out.push('{');
            let mut keys: Vec<&str> = Vec::new();
            for member in &object.members {
                let key = member.key.as_ref();
                if keys.contains(&key) {
                    continue;
                }
                out.push_str(if keys.is_empty() { "" } else { ", " });
                repr_text(key, out);
                out.push_str(": ");
                repr(object.get(key).unwrap_or(&member.value), out);
                keys.push(key);
            }
            out.push('}');
        }
    }
}

fn repr_text(text: &str, out: &mut String) {
    let quote = match text.contains('\'') && !text.contains('"') {
        true => '"',
        false => '\'',
    };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            _ if character == quote => out.extend(['\\', quote]),
            ' ' => out.push(' '),
            _ if character.is_control() || character.is_whitespace() => {
                let code = u32::from(character);
                out.push_str(&match code {
                    ..=0xff => format!("\\x{code:02x}"),
                    _ => format!("\\u{code:04x}"),
                });
            }
            _ => out.push(character),
        }
    }
    out.push(quote);
}

/// The reference's canonical form with what no standard has a form for: `NaN` and the infinities, as `json.dumps` prints them.
pub(super) struct AsPrinted;

impl Dialect for AsPrinted {
    const REFUSES_DUPLICATES: bool = Stripped::REFUSES_DUPLICATES;

    fn trim(text: &str) -> &str {
        Stripped::trim(text)
    }

    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        let word = match json::double(lexeme) {
            Some(double) if double.is_nan() => "NaN",
            Some(double) if double.is_infinite() && !is_integer(lexeme) => {
                if double > 0.0 {
                    "Infinity"
                } else {
                    "-Infinity"
                }
            }
            _ => return Stripped::number(lexeme, out),
        };
        out.write_all(word.as_bytes()).map_err(|_| ErrorKind::Sink)
    }
}

/// As [`AsPrinted`], but stripping what the published specification strips (section 3): space, tab, newline, carriage return.
#[cfg(feature = "complete")]
pub(super) struct AsciiStripped;

#[cfg(feature = "complete")]
impl Dialect for AsciiStripped {
    const REFUSES_DUPLICATES: bool = Stripped::REFUSES_DUPLICATES;

    fn trim(text: &str) -> &str {
        text.trim_matches([' ', '\t', '\n', '\r'])
    }

    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        AsPrinted::number(lexeme, out)
    }
}

/// `bytes.fromhex`: either case, ASCII white space between bytes.
pub(super) fn from_hex(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut characters = text.chars();
    while let Some(first) = characters.next() {
        if matches!(first, ' ' | '\t' | '\n' | '\r' | '\u{b}' | '\u{c}') {
            continue;
        }
        let digits = (first.to_digit(16)?, characters.next()?.to_digit(16)?);
        bytes.push(u8::try_from(digits.0.checked_mul(16)?.checked_add(digits.1)?).ok()?);
    }
    Some(bytes)
}

/// `json.dumps(value, sort_keys=True)`, given the compact form with sorted keys: a space after each comma and colon, and every
/// character beyond printable ASCII escaped.
#[cfg(feature = "complete")]
pub(super) fn dumps_sorted(compact: &[u8]) -> Vec<u8> {
    let mut out = String::new();
    let (mut within, mut escaped) = (false, false);
    for character in String::from_utf8_lossy(compact).chars() {
        match character {
            ' '..='~' => out.push(character),
            _ => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => within = !within,
            ',' | ':' if !within => out.push(' '),
            _ => {}
        }
    }
    out.into_bytes()
}
