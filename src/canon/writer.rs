//! What the dialects share: sorted keys, no white space, and escapes.

use std::cmp::Ordering;
use std::io::Write;

use super::{Error, ErrorKind};
use crate::json::{Kind, Member, Object, Span, Value};

/// How a dialect of canonical JSON writes what dialects disagree about.
pub trait Dialect {
    /// Whether a repeated key is an error; otherwise the last one counts.
    const REFUSES_DUPLICATES: bool;

    /// The order of two keys.
    fn compare(left: &str, right: &str) -> Ordering {
        left.cmp(right)
    }

    /// The part of a string value that is written. Keys are always written whole.
    fn trim(text: &str) -> &str {
        text
    }

    /// How the character is escaped beyond the escapes that every dialect has.
    fn escape(_character: char) -> Option<&'static str> {
        None
    }

    /// Whether [`Dialect::escape`] ever answers.
    const ESCAPES_MORE: bool = false;

    /// Writes the number whose lexeme is given.
    ///
    /// # Errors
    /// When the dialect has no form for it.
    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind>;
}

pub(super) fn value<D: Dialect>(value: &Value<'_>, out: &mut impl Write) -> Result<(), Error> {
    let at = |kind| Error {
        kind,
        span: value.span,
    };
    match &value.kind {
        Kind::Null => put(out, b"null").map_err(at),
        Kind::Bool(true) => put(out, b"true").map_err(at),
        Kind::Bool(false) => put(out, b"false").map_err(at),
        Kind::Number(lexeme) => D::number(lexeme, out).map_err(at),
        Kind::String(text) => string::<D>(D::trim(text), out).map_err(at),
        Kind::Array(elements) => {
            put(out, b"[").map_err(at)?;
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    put(out, b",").map_err(at)?;
                }
                self::value::<D>(element, out)?;
            }
            put(out, b"]").map_err(at)
        }
        Kind::Object(members) => object::<D>(members, &[], value.span, out),
    }
}

pub(super) fn object<D: Dialect>(
    object: &Object<'_>,
    omitted: &[&str],
    span: Span,
    out: &mut impl Write,
) -> Result<(), Error> {
    let at = |kind| Error { kind, span };
    put(out, b"{").map_err(at)?;
    let kept = |member: &&Member<'_>| !omitted.contains(&member.key.as_ref());
    let in_order = object
        .members
        .windows(2)
        .all(|pair| matches!(pair, [a, b] if D::compare(&a.key, &b.key) == Ordering::Less));
    if in_order {
        members::<D>(object.members.iter().filter(kept), out)?;
    } else {
        let kept = object.members.iter().filter(kept).collect();
        let sorted = sorted(kept, D::compare, D::REFUSES_DUPLICATES)?;
        members::<D>(sorted.into_iter(), out)?;
    }
    put(out, b"}").map_err(at)
}

/// The members in a dialect's order; of a repeated key, the last. One function for all dialects: sorting is much code.
fn sorted<'o, 'a>(
    mut members: Vec<&'o Member<'a>>,
    compare: fn(&str, &str) -> Ordering,
    refuses_duplicates: bool,
) -> Result<Vec<&'o Member<'a>>, Error> {
    members.sort_by(|left, right| compare(&left.key, &right.key));
    if refuses_duplicates {
        let repeated = members
            .windows(2)
            .find_map(|pair| matches!(pair, [a, b] if a.key == b.key).then(|| pair.last()))
            .flatten();
        if let Some(member) = repeated {
            return Err(Error {
                kind: ErrorKind::DuplicateKey,
                span: member.key_span,
            });
        }
    }
    members.reverse();
    members.dedup_by(|later, earlier| later.key == earlier.key);
    members.reverse();
    Ok(members)
}

fn members<'o, 'a: 'o, D: Dialect>(
    members: impl Iterator<Item = &'o Member<'a>>,
    out: &mut impl Write,
) -> Result<(), Error> {
    for (index, member) in members.enumerate() {
        let at = |kind| Error {
            kind,
            span: member.key_span,
        };
        if index > 0 {
            put(out, b",").map_err(at)?;
        }
        string::<D>(&member.key, out).map_err(at)?;
        put(out, b":").map_err(at)?;
        value::<D>(&member.value, out)?;
    }
    Ok(())
}

fn string<D: Dialect>(text: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
    put(out, b"\"")?;
    let mut rest = text;
    while let Some(found) = rest.find(|character| escape::<D>(character).is_some()) {
        let (plain, from) = rest.split_at(found);
        put(out, plain.as_bytes())?;
        let mut characters = from.chars();
        if let Some(escape) = characters.next().and_then(escape::<D>) {
            match escape {
                Escape::Short(escape) => put(out, escape.as_bytes())?,
                Escape::Unit(unit) => write!(out, "\\u{unit:04x}").map_err(|_| ErrorKind::Sink)?,
            }
        }
        rest = characters.as_str();
    }
    put(out, rest.as_bytes())?;
    put(out, b"\"")
}

enum Escape {
    Short(&'static str),
    Unit(u32),
}

fn escape<D: Dialect>(character: char) -> Option<Escape> {
    Some(match character {
        '"' => Escape::Short("\\\""),
        '\\' => Escape::Short("\\\\"),
        '\u{8}' => Escape::Short("\\b"),
        '\t' => Escape::Short("\\t"),
        '\n' => Escape::Short("\\n"),
        '\u{c}' => Escape::Short("\\f"),
        '\r' => Escape::Short("\\r"),
        '\0'..='\u{1f}' => Escape::Unit(character.into()),
        _ if D::ESCAPES_MORE => Escape::Short(D::escape(character)?),
        _ => return None,
    })
}

pub(super) fn put(out: &mut impl Write, bytes: &[u8]) -> Result<(), ErrorKind> {
    out.write_all(bytes).map_err(|_| ErrorKind::Sink)
}
