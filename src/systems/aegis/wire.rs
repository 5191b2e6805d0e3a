//! An event as it stands in a file, read as the vendor's own verifier of its dialect reads it.
//!
//! `pkg/eventlog/envelope.go` (sealed), `pkg/store/store.go` (stored) and `python/aegis_sdk/envelope.py`.

use std::fmt::Display;

use super::go;
use super::source::Item;
use super::transitions::TYPES;
use crate::canon::{Dialect as _, Go, is_exact_integer};
use crate::json::{self, DefectKind, Document, Kind, Member, Value};

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
    unknown: Option<&'v str>,
    /// Whether a name is spelt with other letters than the schema's.
    is_respelt: bool,
    /// The first field that two spellings name.
    repeated: Option<&'v str>,
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
    fn find(value: &'v Value<'a>, fold: bool) -> (Shape, Self) {
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
    fn forget_nulls(&mut self) {
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
    fn form(&self) -> Option<WireForm> {
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

/// Reads the event of `item` by the rules that `rule` chooses for its session (tenant and session) and the form of its
/// hashes, and hands it over.
pub(super) fn read<R>(
    item: &Item<'_, '_>,
    rule: impl FnOnce(&str, &str, Option<WireForm>) -> Rule,
    then: impl FnOnce(&Event<'_, '_>) -> R,
) -> R {
    let (shape, mut members) = Members::find(item.value, true);
    let tenant = members.tenant.and_then(Value::as_str).unwrap_or_default();
    let session = members.session.and_then(Value::as_str).unwrap_or_default();
    let form = members.form();
    let rule = match shape {
        Shape::Sealed => rule(tenant, session, form),
        Shape::Stored => Rule::Go,
    };
    if rule == Rule::Python && members.is_respelt {
        (_, members) = Members::find(item.value, false);
    }
    let mut problems = Problems::default();
    problems.of_json(item, rule);
    if item.value.as_object().is_none() {
        problems.refused(format!(
            "The value is {}, not an event.",
            item.value.kind_name()
        ));
    }
    problems.of_names(&members);
    if shape == Shape::Sealed && members.previous.is_some_and(Value::is_null) {
        problems.add(added_null("The hash of the event before (prev_hash)"), true);
    }
    let decoded;
    let document;
    let mut payload = members.payload;
    if shape == Shape::Stored {
        decoded = members.payload.map(go::bytes);
        document = stored_payload(decoded.as_ref(), &mut problems);
        payload = document.as_ref().map(|document| &document.root);
    }
    let mut reader = Reader {
        rule,
        problems: &mut problems,
    };
    let kind = reader.kind(members.kind);
    reader.texts(&members, shape);
    let (seq, time) = (reader.seq(members.seq), reader.time(members.time));
    if rule == Rule::Go {
        members.forget_nulls();
    }
    let event = Event {
        shape,
        form,
        rule,
        tenant,
        session,
        kind,
        seq,
        time,
        payload,
        previous: reader.hash("The hash of the event before", members.previous),
        hash: reader.hash("The hash", members.hash),
        problem: problems.gravest(),
        members,
    };
    then(&event)
}

fn added_null(what: &str) -> String {
    format!("{what} is null, where Aegis leaves it out or writes a value; no hash covers that.")
}

/// The payload of a stored event: JSON in base64.
fn stored_payload<'p>(
    decoded: Option<&'p Result<Vec<u8>, &'static str>>,
    problems: &mut Problems,
) -> Option<Document<'p>> {
    let bytes = match decoded {
        Some(Ok(bytes)) => bytes,
        Some(Err(wrong)) => {
            problems.refused(format!("The payload (PayloadJSON) {wrong}."));
            return None;
        }
        None => {
            problems.refused("There is no payload (PayloadJSON).".to_owned());
            return None;
        }
    };
    match json::parse(bytes) {
        Ok(document) => {
            if let Some(defect) = document.defects.first() {
                let sentence = format!("In the payload: {}", document.sentence(defect));
                problems.add(sentence, defect.kind == DefectKind::DuplicateKey);
            }
            Some(document)
        }
        Err(error) => {
            problems.refused(format!("The payload cannot be read: {error}."));
            None
        }
    }
}

/// The first departure that the vendor's verifier refuses, and the first that it reads over.
#[derive(Default)]
struct Problems {
    refused: Option<String>,
    accepted: Option<String>,
}

impl Problems {
    fn refused(&mut self, sentence: String) {
        self.refused.get_or_insert(sentence);
    }

    fn add(&mut self, sentence: String, accepted: bool) {
        match accepted {
            true => self.accepted.get_or_insert(sentence),
            false => self.refused.get_or_insert(sentence),
        };
    }

    fn gravest(self) -> Option<Problem> {
        let refused = self.refused.map(|sentence| Problem {
            sentence,
            accepted: false,
        });
        refused.or_else(|| {
            self.accepted.map(|sentence| Problem {
                sentence,
                accepted: true,
            })
        })
    }

    fn of_json(&mut self, item: &Item<'_, '_>, rule: Rule) {
        let Some(defect) = item.defect() else { return };
        let accepted = match defect.kind {
            DefectKind::DuplicateKey => true,
            DefectKind::NonFinite => rule == Rule::Python,
            DefectKind::ByteOrderMark | DefectKind::TrailingBytes => false,
        };
        self.add(item.document.sentence(defect), accepted);
    }

    fn of_names(&mut self, members: &Members<'_, '_>) {
        if let Some(name) = members.unknown {
            let sentence =
                format!("The member `{name}` is none of an event, and no hash covers it.");
            self.add(sentence, true);
        }
        if let Some(name) = members.repeated {
            let sentence =
                format!("The member `{name}` names a field that another member names too.");
            self.add(sentence, true);
        }
    }
}

struct Reader<'p> {
    rule: Rule,
    problems: &'p mut Problems,
}

impl Reader<'_> {
    /// Go reads a member that is absent or null as empty, and the hash covers that; Python's envelope has to have it.
    fn is_there(&mut self, what: &str, value: Option<&Value<'_>>) -> bool {
        match (value, self.rule) {
            (None, Rule::Go) => false,
            (None, Rule::Python) => {
                self.problems.refused(format!("{what} is not there."));
                false
            }
            (Some(value), Rule::Go) if value.is_null() => {
                self.problems.add(added_null(what), true);
                false
            }
            (Some(_), _) => true,
        }
    }

    fn wrong(&mut self, what: &str, value: &Value<'_>, expected: impl Display) {
        let found = value.as_number().unwrap_or(value.kind_name());
        self.problems
            .refused(format!("{what} is {found}, not {expected}."));
    }

    fn texts(&mut self, members: &Members<'_, '_>, shape: Shape) {
        let user = (shape == Shape::Sealed).then_some(("The user id", members.user));
        let others = [
            ("The tenant id", members.tenant),
            ("The session id", members.session),
        ];
        for (what, value) in others.into_iter().chain(user) {
            let is_there = self.is_there(what, value);
            if let (true, Rule::Go, Some(value)) = (is_there, self.rule, value)
                && value.as_str().is_none()
            {
                self.wrong(what, value, "a text");
            }
        }
        if self.rule == Rule::Python {
            self.is_there("The payload", members.payload);
        }
    }

    fn kind<'v>(&mut self, value: Option<&'v Value<'_>>) -> &'v str {
        const WHAT: &str = "The event type";
        if !self.is_there(WHAT, value) {
            return "";
        }
        match (value.and_then(Value::as_str), value) {
            (Some(kind), _) => {
                if self.rule == Rule::Python && !TYPES.contains(&kind) {
                    self.problems
                        .refused(format!("The Python SDK has no event type `{kind}`."));
                }
                kind
            }
            (None, Some(value)) => {
                self.wrong(WHAT, value, "a text");
                ""
            }
            (None, None) => "",
        }
    }

    fn seq(&mut self, value: Option<&Value<'_>>) -> Option<i128> {
        const WHAT: &str = "The number (seq)";
        if !self.is_there(WHAT, value) {
            return (self.rule == Rule::Go).then_some(0);
        }
        let value = value?;
        let lexeme = value.as_number().unwrap_or_default();
        let number = match self.rule {
            Rule::Go => lexeme.parse::<u64>().ok().map(i128::from),
            Rule::Python => lexeme.parse().ok(),
        };
        if number.is_none() {
            self.wrong(WHAT, value, "a whole number in Aegis's range");
        }
        number
    }

    fn time(&mut self, value: Option<&Value<'_>>) -> Option<i64> {
        const WHAT: &str = "The time (ts_unix_ms)";
        if !self.is_there(WHAT, value) {
            return (self.rule == Rule::Go).then_some(0);
        }
        let value = value?;
        let number = value.as_i64();
        if number.is_none() && self.rule == Rule::Go {
            self.wrong(WHAT, value, "a whole number of milliseconds");
        }
        number
    }

    fn hash(&mut self, what: &str, value: Option<&Value<'_>>) -> Vec<u8> {
        let Some(value) = value else {
            return Vec::new();
        };
        if value.is_null() {
            return Vec::new();
        }
        let bytes = match self.rule {
            Rule::Go => go::bytes(value),
            Rule::Python => list(value).ok_or("is not a list of whole numbers from 0 to 255"),
        };
        bytes.unwrap_or_else(|wrong| {
            self.problems.refused(format!("{what} {wrong}."));
            Vec::new()
        })
    }
}

/// What Python's `bytes` makes of a list.
fn list(value: &Value<'_>) -> Option<Vec<u8>> {
    let byte = |element: &Value<'_>| match element.as_number()? {
        "-0" => Some(0),
        lexeme => lexeme.parse().ok(),
    };
    value.as_array()?.iter().map(byte).collect()
}
