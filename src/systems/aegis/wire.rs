//! An event as it stands in a file.
//!
//! `pkg/eventlog/envelope.go` (sealed), `pkg/store/store.go` (stored) and `python/aegis_sdk/envelope.py`.

use std::borrow::Cow;

use super::go;
use crate::canon::{Dialect as _, Go, is_exact_integer};
use crate::json::{Kind, Member, Value};

/// What departs from the form of an event.
#[derive(Debug)]
pub(super) struct Problem {
    /// In one plain sentence.
    pub sentence: String,
    /// Whether the vendor's own verifier reads over it.
    pub accepted: bool,
}

/// How an event was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// As its writer sealed it.
    Sealed,
    /// As the server stores it: without the user id, the payload in base64.
    Stored,
}

/// How hashes are written. It tells the dialect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WireForm {
    /// Base64, as Go writes them.
    Base64,
    /// Lists of numbers from 0 to 255, as the Python SDK writes them.
    List,
}

/// By whose rules an event is read and hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// `pkg/eventlog`, which reads hashes of either form and writes base64.
    Go,
    /// `aegis_sdk`, which knows nothing but lists.
    Python,
}

/// The members of an event, found by name; of those that are there twice, the last.
#[derive(Debug, Default)]
pub(super) struct Members<'v, 'a> {
    pub tenant: Option<&'v Value<'a>>,
    pub user: Option<&'v Value<'a>>,
    pub session: Option<&'v Value<'a>>,
    pub seq: Option<&'v Value<'a>>,
    pub time: Option<&'v Value<'a>>,
    pub kind: Option<&'v Value<'a>>,
    pub payload: Option<&'v Value<'a>>,
    pub previous: Option<&'v Value<'a>>,
    pub hash: Option<&'v Value<'a>>,
    /// The first member of no such name.
    pub unknown: Option<&'v str>,
    /// Whether a name is spelt with other letters than the schema's.
    pub is_respelt: bool,
    /// The first field that two spellings name.
    pub repeated: Option<&'v str>,
}

/// The names of a sealed event's members.
const SEALED: [&str; 9] = [
    "tenant_id",
    "session_id",
    "seq",
    "ts_unix_ms",
    "event_type",
    "payload",
    "prev_hash",
    "hash",
    "user_id",
];
/// The names of a stored event's members, in the same order; it has no user id.
const STORED: [&str; 8] = [
    "TenantID",
    "SessionID",
    "Seq",
    "TsUnixMs",
    "EventType",
    "PayloadJSON",
    "PrevHash",
    "Hash",
];

/// Which of the two has these members, or most of them.
fn shape(members: &[Member<'_>]) -> Shape {
    let exactly = |names: &[&str]| {
        let known = |member: &Member<'_>| names.contains(&member.key.as_ref());
        members.iter().all(known)
    };
    if exactly(&SEALED) {
        return Shape::Sealed;
    }
    let known = |names: &[&str]| {
        let known = |key: &str| names.iter().any(|name| go::is_named(key, name));
        members.iter().filter(|member| known(&member.key)).count()
    };
    match exactly(&STORED) || known(&STORED) > known(&SEALED) {
        true => Shape::Stored,
        false => Shape::Sealed,
    }
}

impl<'v, 'a> Members<'v, 'a> {
    /// Finds the members by their names; `fold` does so without regard to case.
    pub fn find(value: &'v Value<'a>, fold: bool) -> (Shape, Self) {
        let members = value.as_object().map(|object| object.members.as_slice());
        let members = members.unwrap_or_default();
        let shape = shape(members);
        let names = match shape {
            Shape::Sealed => SEALED.as_slice(),
            Shape::Stored => STORED.as_slice(),
        };
        let mut found = Self::default();
        for member in members {
            let key = member.key.as_ref();
            let position = names.iter().position(|name| *name == key).or_else(|| {
                let folded = names
                    .iter()
                    .position(|name| fold && go::is_named(key, name))?;
                found.is_respelt = true;
                Some(folded)
            });
            match position.and_then(|position| found.slot(position)) {
                Some(slot) => {
                    if slot.replace(&member.value).is_some() {
                        found.repeated.get_or_insert(key);
                    }
                }
                None => {
                    found.unknown.get_or_insert(key);
                }
            }
        }
        (shape, found)
    }

    fn slot(&mut self, position: usize) -> Option<&mut Option<&'v Value<'a>>> {
        Some(match position {
            0 => &mut self.tenant,
            1 => &mut self.session,
            2 => &mut self.seq,
            3 => &mut self.time,
            4 => &mut self.kind,
            5 => &mut self.payload,
            6 => &mut self.previous,
            7 => &mut self.hash,
            8 => &mut self.user,
            _ => return None,
        })
    }

    /// Go reads null as if the member were not there.
    pub fn forget_nulls(&mut self) {
        let members = [
            &mut self.tenant,
            &mut self.user,
            &mut self.session,
            &mut self.seq,
            &mut self.time,
            &mut self.kind,
        ];
        for member in members {
            *member = member.filter(|value| !value.is_null());
        }
    }

    /// How the hashes are written; base64 anywhere says Go, which alone reads both. None where there is no hash.
    pub fn form(&self) -> Option<WireForm> {
        let hashes = [self.previous, self.hash];
        let has = |is: fn(&Kind<'_>) -> bool| hashes.iter().flatten().any(|value| is(&value.kind));
        if has(|kind| matches!(kind, Kind::String(_))) {
            Some(WireForm::Base64)
        } else if has(|kind| matches!(kind, Kind::Array(_))) {
            Some(WireForm::List)
        } else {
            None
        }
    }
}

/// What a value is, for sentences: of a number, its digits, as many as can be read.
pub(super) fn found<'v>(value: &'v Value<'_>) -> Cow<'v, str> {
    const SHOWN: usize = 40;
    match value.as_number() {
        None => Cow::Borrowed(value.kind_name()),
        Some(lexeme) => shortened(lexeme, SHOWN),
    }
}

/// A number of no more than `most` characters, or its beginning and its length.
fn shortened(lexeme: &str, most: usize) -> Cow<'_, str> {
    match lexeme.get(..most) {
        Some(beginning) if lexeme.len() > most => Cow::Owned(format!(
            "a number of {} characters ({beginning}…)",
            lexeme.len()
        )),
        _ => Cow::Borrowed(lexeme),
    }
}

/// An event, read.
#[derive(Debug)]
pub(super) struct Event<'v, 'a> {
    pub members: Members<'v, 'a>,
    pub shape: Shape,
    pub form: Option<WireForm>,
    pub rule: Rule,
    /// The session that it belongs to; empty where it does not say.
    pub tenant: &'v str,
    pub session: &'v str,
    /// Its type; empty where it does not say.
    pub kind: &'v str,
    /// Its number; none when it cannot be read.
    pub seq: Option<i128>,
    /// Milliseconds since 1970, by its writer's clock.
    pub time: Option<i64>,
    /// The payload; of a stored event, decoded.
    pub payload: Option<&'v Value<'a>>,
    /// The hash of the event before it; empty where it names none.
    pub previous: Vec<u8>,
    /// The hash that was recorded; empty where there is none.
    pub hash: Vec<u8>,
    /// What departs from the form, the gravest first.
    pub problem: Option<Problem>,
}

impl Event<'_, '_> {
    /// Whether the vendor's own verifier reads the event at all.
    pub fn is_read(&self) -> bool {
        self.problem.as_ref().is_none_or(|problem| problem.accepted)
    }

    /// Whether it is its session's first by its number and names an event before it all the same.
    pub fn is_linked_first(&self) -> bool {
        self.seq == Some(0) && !self.previous.is_empty()
    }

    /// Whether it writes the hash of an event before it as a list of numbers: the two dialects hash that differently.
    pub fn is_linked_list(&self) -> bool {
        self.form == Some(WireForm::List) && !self.previous.is_empty()
    }

    /// The text of a member of the payload.
    pub fn text(&self, member: &str) -> Option<&str> {
        self.payload?.get(member)?.as_str()
    }

    /// The first integer of the event that Go hashes as another: it is neither equal to a double nor what Go writes for one.
    pub fn rounded(&self) -> Option<&str> {
        let seq = self.members.seq.and_then(Value::as_number);
        let time = self.members.time.and_then(Value::as_number);
        let mut of_event = [seq, time].into_iter().flatten();
        of_event
            .find(|lexeme| is_rounded(lexeme))
            .or_else(|| rounded(self.payload?))
    }
}

fn rounded<'v>(value: &'v Value<'_>) -> Option<&'v str> {
    match &value.kind {
        Kind::Number(lexeme) => is_rounded(lexeme).then_some(*lexeme),
        Kind::Array(elements) => elements.iter().find_map(rounded),
        Kind::Object(object) => {
            let mut members = object.members.iter();
            members.find_map(|member| rounded(&member.value))
        }
        _ => None,
    }
}

fn is_rounded(lexeme: &str) -> bool {
    let mut written = Vec::new();
    !is_exact_integer(lexeme)
        && Go::number(lexeme, &mut written).is_ok()
        && written != lexeme.as_bytes()
}
