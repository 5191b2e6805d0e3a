//! The candidates that are tried for values whose rule is not published: which members, written how, joined with what,
//! under which digest. The tables are in the order in which they are tried; docs/thoth.md lists them.

use std::cmp::Ordering;
use std::io::Write;

use crate::bytes::to_hex;
use crate::canon::{self, Dialect, ErrorKind, Go, Jcs, Python, Stripped};
use crate::crypto::{Digest, blake3, sha256};
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
    let Some(object) = value.as_object() else {
        return value.clone();
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

/// The digests that are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Blake3,
}

impl Algorithm {
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Blake3];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Blake3 => "BLAKE3",
        }
    }

    pub fn digest(self, bytes: &[u8]) -> Digest {
        match self {
            Self::Sha256 => sha256::digest(bytes),
            Self::Blake3 => blake3::digest(bytes),
        }
    }
}

/// How the hash of the predecessor enters a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    Alone,
    Before,
    After,
    BytesBefore,
    Colon,
    Bar,
    NewLine,
    IndexAndColons,
    DigestBefore,
}

impl Join {
    pub const ALL: [Self; 9] = [
        Self::Alone,
        Self::Before,
        Self::After,
        Self::BytesBefore,
        Self::Colon,
        Self::Bar,
        Self::NewLine,
        Self::IndexAndColons,
        Self::DigestBefore,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::Alone => "",
            Self::Before => ", after the text of `previous_hash`",
            Self::After => ", before the text of `previous_hash`",
            Self::BytesBefore => ", after the bytes of `previous_hash`",
            Self::Colon => ", after `previous_hash` and a colon",
            Self::Bar => ", after `previous_hash` and a bar",
            Self::NewLine => ", after `previous_hash` and a line feed",
            Self::IndexAndColons => ", after `chain_index`, a colon, `previous_hash` and a colon",
            Self::DigestBefore => ", hashed by itself, its hex after the text of `previous_hash`",
        }
    }

    fn preimage(self, link: &Link<'_>, text: &[u8], algorithm: Algorithm) -> Option<Vec<u8>> {
        let previous = link.previous.as_bytes();
        let join = |parts: &[&[u8]]| parts.concat();
        Some(match self {
            Self::Alone => text.to_vec(),
            Self::Before => join(&[previous, text]),
            Self::After => join(&[text, previous]),
            Self::BytesBefore => join(&[&super::event::digest(link.previous)?, text]),
            Self::Colon => join(&[previous, b":", text]),
            Self::Bar => join(&[previous, b"|", text]),
            Self::NewLine => join(&[previous, b"\n", text]),
            Self::IndexAndColons => {
                let index = link.index?.to_string();
                join(&[index.as_bytes(), b":", previous, b":", text])
            }
            Self::DigestBefore => {
                let digest = to_hex(&algorithm.digest(text));
                join(&[previous, digest.as_bytes()])
            }
        })
    }
}

/// What an event says of its place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link<'l> {
    pub previous: &'l str,
    pub index: Option<i64>,
}

/// What the first of a chain may have been joined with, beside what it records.
const BEGINNINGS: [&str; 5] = [
    "",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "genesis",
    "GENESIS",
    "0",
];

/// The members that are left out or kept of an event.
pub(super) static OF_EVENT: [View; 5] = [
    View {
        words: "the record without `hash` and `signature`",
        within: "",
        omitted: &["hash", "signature"],
        blanked: &[],
    },
    View {
        words: "the record without `hash`, `signature` and `previous_hash`",
        within: "",
        omitted: &["hash", "signature", "previous_hash"],
        blanked: &[],
    },
    View {
        words: "the record with `hash` and `signature` empty",
        within: "",
        omitted: &[],
        blanked: &["hash", "signature"],
    },
    View {
        words: "the record without `hash`",
        within: "",
        omitted: &["hash"],
        blanked: &[],
    },
    View {
        words: "the record without `hash`, `signature`, `previous_hash` and `chain_index`",
        within: "",
        omitted: &["hash", "signature", "previous_hash", "chain_index"],
        blanked: &[],
    },
];

/// A rule by which a hash may have been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub algorithm: Algorithm,
    pub form: &'static Form,
    pub view: &'static View,
    pub join: Join,
}

impl Rule {
    /// The rule in words.
    pub fn words(&self) -> String {
        format!(
            "{} over {} of {}{}",
            self.algorithm.words(),
            self.form.words,
            self.view.words,
            self.join.words()
        )
    }

    /// Whether the hash of the predecessor enters beside the event, so that the first of a chain may have been joined with
    /// a value that is recorded nowhere.
    pub fn is_joined(&self) -> bool {
        self.join != Join::Alone
    }

    /// The hash that it makes of `value`.
    pub fn digest(&self, value: &Value<'_>, link: &Link<'_>) -> Option<Digest> {
        let text = self.form.write(&self.view.of(value)?)?;
        let preimage = self.join.preimage(link, &text, self.algorithm)?;
        Some(self.algorithm.digest(&preimage))
    }

    /// Whether it makes `recorded` of `value`; the first of a chain may have been joined with any of several beginnings.
    pub fn holds(&self, value: &Value<'_>, link: &Link<'_>, recorded: &Digest) -> bool {
        let is = |previous: &str| {
            let link = Link { previous, ..*link };
            self.digest(value, &link).as_ref() == Some(recorded)
        };
        is(link.previous)
            || (self.is_joined() && link.previous.is_empty() && BEGINNINGS.into_iter().any(is))
    }
}

/// How many candidates there are for the hash of an event.
pub(super) fn candidates() -> usize {
    [
        FORMS.len(),
        OF_EVENT.len(),
        Join::ALL.len(),
        Algorithm::ALL.len(),
    ]
    .into_iter()
    .fold(1, usize::saturating_mul)
}

/// Every candidate that makes `recorded` of `value`.
pub(super) fn matching(value: &Value<'_>, link: &Link<'_>, recorded: &Digest) -> Vec<Rule> {
    let mut found = Vec::new();
    for algorithm in Algorithm::ALL {
        for view in &OF_EVENT {
            for (text, forms) in texts(value, view) {
                for join in Join::ALL {
                    let holds = link_variants(link, join).any(|link| {
                        join.preimage(&link, &text, algorithm)
                            .is_some_and(|preimage| algorithm.digest(&preimage) == *recorded)
                    });
                    if holds {
                        found.extend(forms.iter().map(|form| Rule {
                            algorithm,
                            form,
                            view,
                            join,
                        }));
                    }
                }
            }
        }
    }
    found.sort_by_key(Rule::order);
    found
}

impl Rule {
    /// The rule's place in the order of the tables: digest, form, members, join.
    pub fn order(&self) -> [usize; 4] {
        let at = |found: Option<usize>| found.unwrap_or(usize::MAX);
        [
            at(Algorithm::ALL.iter().position(|one| *one == self.algorithm)),
            at(FORMS.iter().position(|one| one == self.form)),
            at(OF_EVENT.iter().position(|one| one == self.view)),
            at(Join::ALL.iter().position(|one| *one == self.join)),
        ]
    }
}

fn link_variants<'l>(link: &'l Link<'l>, join: Join) -> impl Iterator<Item = Link<'l>> {
    let more = match join != Join::Alone && link.previous.is_empty() {
        true => BEGINNINGS.as_slice(),
        false => &[],
    };
    let more = more.iter().map(|previous| Link { previous, ..*link });
    std::iter::once(*link).chain(more)
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
