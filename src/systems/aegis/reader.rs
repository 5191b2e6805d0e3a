//! Reading an event as the vendor's own verifier of its dialect reads it, and saying what departs from its form.

use std::fmt::Display;

use super::go;
use super::source::Item;
use super::transitions::TYPES;
use super::wire::{Event, Members, Problem, Rule, Shape, WireForm, found};
use crate::json::{self, DefectKind, Document, Value};

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
        self.add(item.sentence(defect), accepted);
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
        self.problems
            .refused(format!("{what} is {}, not {expected}.", found(value)));
    }

    /// A number or time that is none, or is one that Aegis's integers of 64 bits do not hold.
    fn no_integer(&mut self, what: &str, value: &Value<'_>) {
        let lexeme = value.as_number().unwrap_or_default();
        let digits = lexeme.strip_prefix('-').unwrap_or(lexeme);
        let is_integer = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match is_integer {
            true => self.problems.refused(format!(
                "{what} is {}, which is out of the range that Aegis has for it.",
                found(value)
            )),
            false => self.wrong(what, value, "a whole number"),
        }
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
            Rule::Python => lexeme.parse().ok().or_else(|| whole(lexeme)),
        };
        if number.is_none() {
            self.no_integer(WHAT, value);
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
            self.no_integer(WHAT, value);
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

/// A fraction or exponent that Python finds equal to an integer: `1.0`.
fn whole(lexeme: &str) -> Option<i128> {
    let double: f64 = lexeme.parse().ok()?;
    let exact = double.fract() == 0.0 && double.abs() < 9_007_199_254_740_992.0;
    exact.then(|| format!("{double:.0}").parse().ok())?
}

/// What Python's `bytes` makes of a list.
fn list(value: &Value<'_>) -> Option<Vec<u8>> {
    let byte = |element: &Value<'_>| match element.as_number()? {
        "-0" => Some(0),
        lexeme => lexeme.parse().ok(),
    };
    value.as_array()?.iter().map(byte).collect()
}
