//! The tree.

use std::borrow::Cow;
use std::fmt::Write as _;

use super::error::Place;

/// A range of bytes in the text that was parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Value<'a> {
    /// Where the value stands in the text.
    pub span: Span,
    /// What it is.
    pub kind: Kind<'a>,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as its characters: `1`, `1.0` and `1e0` differ until a dialect reads them.
    Number(&'a str),
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// An array.
    Array(Vec<Value<'a>>),
    /// An object, in the order of the text.
    Object(Object<'a>),
}

/// One member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member<'a> {
    /// The key, unescaped.
    pub key: Cow<'a, str>,
    /// Where the key stands, quotes included.
    pub key_span: Span,
    /// The value.
    pub value: Value<'a>,
}

/// An object's members in the order of the text, duplicates included.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object<'a> {
    /// The members.
    pub members: Vec<Member<'a>>,
}

impl<'a> Object<'a> {
    /// The value of `key`; the last one where the key is repeated, as every vendor's reader has it.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.members
            .iter()
            .rev()
            .find(|member| member.key == key)
            .map(|member| &member.value)
    }

    /// The first key that is not among `known`.
    pub fn unknown_member(&self, known: &[&str]) -> Option<&Member<'a>> {
        self.members
            .iter()
            .find(|member| !known.contains(&member.key.as_ref()))
    }
}

impl<'a> Value<'a> {
    /// The members, if an object.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The elements, if an array.
    pub fn as_array(&self) -> Option<&[Value<'a>]> {
        match &self.kind {
            Kind::Array(elements) => Some(elements),
            _ => None,
        }
    }

    /// The characters, if a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            Kind::String(text) => Some(text),
            _ => None,
        }
    }

    /// The lexeme, if a number.
    pub fn as_number(&self) -> Option<&'a str> {
        match &self.kind {
            Kind::Number(lexeme) => Some(lexeme),
            _ => None,
        }
    }

    /// The truth value, if one.
    pub fn as_bool(&self) -> Option<bool> {
        match &self.kind {
            Kind::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is written as an integer (no fraction, no exponent) that fits.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.parse().ok()
    }

    /// The number, if it is written as an integer (no fraction, no exponent) that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.parse().ok()
    }

    /// Whether this is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    /// The member `key`, if this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.as_object()?.get(key)
    }

    /// What kind of value this is, in words.
    pub fn kind_name(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "a truth value",
            Kind::Number(_) => "a number",
            Kind::String(_) => "a string",
            Kind::Array(_) => "an array",
            Kind::Object(_) => "an object",
        }
    }
}

/// A departure from RFC 8259 that some reader lets pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defect {
    /// What it is.
    pub kind: DefectKind,
    /// The byte where it stands; for a duplicate key, the second key.
    pub offset: usize,
}

/// What departs from RFC 8259.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DefectKind {
    /// U+FEFF before the text (RFC 8259 section 8.1).
    ByteOrderMark,
    /// More than white space after the value (section 2).
    TrailingBytes,
    /// A key that its object already has (section 4).
    DuplicateKey,
    /// `NaN`, `Infinity` or `-Infinity` (section 6).
    NonFinite,
}

/// A parsed text.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// The value.
    pub root: Value<'a>,
    /// Departures from RFC 8259, in the order of the text.
    pub defects: Vec<Defect>,
    pub(super) text: &'a str,
    pub(super) origin: Place,
}

impl<'a> Document<'a> {
    /// The whole text that spans and offsets refer to.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The place of byte `offset`.
    pub fn place(&self, offset: usize) -> Place {
        self.origin.advanced(self.text.as_bytes(), offset)
    }

    /// The RFC 6901 pointer of the innermost value or key that covers byte `offset`.
    pub fn pointer(&self, offset: usize) -> String {
        let mut pointer = String::new();
        descend(&self.root, offset, &mut pointer);
        pointer
    }

    /// The first defect, in one plain sentence that names its place.
    pub fn defect_sentence(&self) -> Option<String> {
        self.defects.first().map(|defect| self.sentence(defect))
    }

    /// A defect of this text, in one plain sentence that names its place.
    pub fn sentence(&self, defect: &Defect) -> String {
        let place = self.place(defect.offset);
        match defect.kind {
            DefectKind::ByteOrderMark => {
                "The text begins with a byte order mark, which JSON does not allow.".to_owned()
            }
            DefectKind::TrailingBytes => {
                format!("There are more bytes after the end of the JSON value ({place}).")
            }
            DefectKind::DuplicateKey => format!(
                "The member {} appears twice in its object ({place}), so two readers can disagree about what was sealed.",
                self.pointer(defect.offset)
            ),
            DefectKind::NonFinite => format!(
                "The value at {} is not a number that JSON has ({place}).",
                self.pointer(defect.offset)
            ),
        }
    }
}

fn descend(value: &Value<'_>, offset: usize, pointer: &mut String) {
    let covers = |span: Span| (span.start as usize..span.end as usize).contains(&offset);
    match &value.kind {
        Kind::Array(elements) => {
            if let Some((index, element)) = elements
                .iter()
                .enumerate()
                .find(|(_, element)| covers(element.span))
            {
                let _ = write!(pointer, "/{index}");
                descend(element, offset, pointer);
            }
        }
        Kind::Object(object) => {
            if let Some(member) = object
                .members
                .iter()
                .find(|member| covers(member.key_span) || covers(member.value.span))
            {
                pointer.push('/');
                pointer.push_str(&member.key.replace('~', "~0").replace('/', "~1"));
                if covers(member.value.span) {
                    descend(&member.value, offset, pointer);
                }
            }
        }
        _ => {}
    }
}
