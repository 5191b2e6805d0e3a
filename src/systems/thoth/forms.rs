//! How a value may have been written before it was hashed or signed: which of its members, and in which dialect of JSON.
//! The tables are in the order in which they are tried; docs/thoth.md lists them.

use std::cmp::Ordering;
use std::io::Write;

use crate::canon::{self, Dialect, ErrorKind, Go, Jcs, Python, Stripped};
use crate::json::{Kind, Member, Object, Value};

/// Which members a candidate covers.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct View {
    /// What it is, to stand after "over".
    pub words: &'static str,
    /// The member that is taken in place of the whole, a dot leading deeper; empty for the whole.
    pub within: &'static str,
    /// Members that are left out; a dot leads into a member.
    pub omitted: &'static [&'static str],
    /// Members that are written as the empty text.
    pub blanked: &'static [&'static str],
}

impl View {
    /// What the candidate covers of `value`.
    pub fn of<'a>(&self, value: &Value<'a>) -> Option<Value<'a>> {
        let mut path = self.within.split('.').filter(|name| !name.is_empty());
        let covered = path.try_fold(value, |value, name| value.get(name))?;
        Some(without(covered, self.omitted, self.blanked))
    }
}

fn without<'a>(value: &Value<'a>, omitted: &[&str], blanked: &[&str]) -> Value<'a> {
    let object = match value.as_object() {
        Some(object) if !(omitted.is_empty() && blanked.is_empty()) => object,
        _ => return value.clone(),
    };
    let kept = |member: &&Member<'a>| !omitted.contains(&member.key.as_ref());
    let within = |key: &str| -> Vec<&str> {
        let paths = omitted.iter().filter_map(|path| path.split_once('.'));
        paths
            .filter(|(outer, _)| *outer == key)
            .map(|(_, inner)| inner)
            .collect()
    };
    let members = object.members.iter().filter(kept).map(|member| {
        let kind = match blanked.contains(&member.key.as_ref()) {
            true => Kind::String("".into()),
            false => without(&member.value, &within(&member.key), &[]).kind,
        };
        Member {
            value: Value {
                span: member.value.span,
                kind,
            },
            ..member.clone()
        }
    });
    Value {
        span: value.span,
        kind: Kind::Object(Object {
            members: members.collect(),
        }),
    }
}

/// How a candidate writes JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Form {
    /// What it is, in words.
    pub words: &'static str,
    dialect: Written,
    ascii: bool,
    spaced: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Written {
    Jcs,
    Python,
    Go,
    Stripped,
    InOrder,
    GoInOrder,
}

const fn form(words: &'static str, dialect: Written, ascii: bool, spaced: bool) -> Form {
    Form {
        words,
        dialect,
        ascii,
        spaced,
    }
}

/// The ways of writing JSON.
pub(super) static FORMS: [Form; 11] = [
    form("RFC 8785", Written::Jcs, false, false),
    form(
        "Python's sorted compact JSON",
        Written::Python,
        false,
        false,
    ),
    form(
        "Python's sorted compact JSON in ASCII",
        Written::Python,
        true,
        false,
    ),
    form(
        "Python's sorted JSON with its default separators in ASCII",
        Written::Python,
        true,
        true,
    ),
    form(
        "Python's sorted JSON with its default separators",
        Written::Python,
        false,
        true,
    ),
    form("Go's JSON of a map", Written::Go, false, false),
    form(
        "compact JSON in the order of the file",
        Written::InOrder,
        false,
        false,
    ),
    form(
        "Go's JSON in the order of the file",
        Written::GoInOrder,
        false,
        false,
    ),
    form(
        "Python's JSON in the order of the file with its default separators in ASCII",
        Written::InOrder,
        true,
        true,
    ),
    form(
        "Python's compact JSON in the order of the file in ASCII",
        Written::InOrder,
        true,
        false,
    ),
    form(
        "Python's sorted compact JSON of stripped texts",
        Written::Stripped,
        false,
        false,
    ),
];

impl Form {
    /// The text that it makes of `value`; none where the dialect has no form for it. A text is written as it is.
    pub fn write(&self, value: &Value<'_>) -> Option<Vec<u8>> {
        if let Some(text) = value.as_str() {
            return Some(text.as_bytes().to_vec());
        }
        let written = match self.dialect {
            Written::Jcs => canon::to_vec::<Jcs>(value),
            Written::Python => canon::to_vec::<Python>(value),
            Written::Go => canon::to_vec::<Go>(value),
            Written::Stripped => canon::to_vec::<Stripped>(value),
            Written::InOrder => canon::to_vec::<InOrder>(value),
            Written::GoInOrder => canon::to_vec::<GoInOrder>(value),
        };
        let mut text = String::from_utf8(written.ok()?).ok()?;
        if self.spaced {
            text = spaced(&text);
        }
        if self.ascii {
            text = ascii(&text);
        }
        Some(text.into_bytes())
    }
}

/// The members as the file has them, its numbers too.
struct InOrder;

impl Dialect for InOrder {
    const REFUSES_DUPLICATES: bool = false;

    fn compare(_: &str, _: &str) -> Ordering {
        Ordering::Less
    }

    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        out.write_all(lexeme.as_bytes())
            .map_err(|_| ErrorKind::Sink)
    }
}

/// As [`InOrder`], with Go's escapes: what Go writes of a struct.
struct GoInOrder;

impl Dialect for GoInOrder {
    const REFUSES_DUPLICATES: bool = false;
    const ESCAPES_MORE: bool = Go::ESCAPES_MORE;

    fn compare(left: &str, right: &str) -> Ordering {
        InOrder::compare(left, right)
    }

    fn escape(character: char) -> Option<&'static str> {
        Go::escape(character)
    }

    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        InOrder::number(lexeme, out)
    }
}

/// A space after every comma and colon between values.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        out.push(character);
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' | ':' if !quoted => out.push(' '),
            _ => {}
        }
    }
    out
}

/// Every character beyond ASCII as `\u` and its UTF-16 code units.
fn ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_ascii() {
            out.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.push_str(&format!("\\u{unit:04x}"));
        }
    }
    out
}

/// The texts that the forms make of what a view covers, each with the forms that make it.
pub(super) fn texts(value: &Value<'_>, view: &View) -> Vec<(Vec<u8>, Vec<&'static Form>)> {
    let mut texts: Vec<(Vec<u8>, Vec<&'static Form>)> = Vec::new();
    let Some(covered) = view.of(value) else {
        return texts;
    };
    for form in &FORMS {
        let Some(text) = form.write(&covered) else {
            continue;
        };
        match texts.iter_mut().find(|(same, _)| *same == text) {
            Some((_, forms)) => forms.push(form),
            None => texts.push((text, vec![form])),
        }
    }
    texts
}
