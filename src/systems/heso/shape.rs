//! The shapes that HESO's records have, and the walk that holds a record against one.
//!
//! A shape says what the record may hold and how its maker writes it. Two things can go wrong:
//! a record that no HESO verifier can read is [`Misfit::Malformed`]; a part that HESO's own core reads
//! over (a member it does not know, a null or an empty list that it never writes) is an [`Unread`].

use std::fmt::Write as _;

use crate::json::{self, Kind, Object, Value};

/// Arrays and objects open at once, the record's own included, that HESO's core reads.
const DEPTH: usize = 127;

/// What a value may be.
#[derive(Debug)]
pub(super) enum Shape {
    /// A string.
    Text,
    /// One of these strings.
    Word(&'static [&'static str]),
    /// An integer from 0 to this.
    Count(u64),
    /// A truth value.
    Flag,
    /// Any value.
    Any,
    /// An object with members of any name.
    Map,
    /// An object with these members.
    Object(&'static Members),
    /// An array of values of one shape.
    List(&'static Shape),
    /// A string of the first shape, or else a value of the second.
    Either(&'static Shape, &'static Shape),
}

/// The members of an object.
#[derive(Debug)]
pub(super) struct Members {
    /// The members that the standard, or the core, names.
    pub named: &'static [Member],
    /// What another member amounts to.
    pub others: Others,
}

/// What a member amounts to that an object's shape does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// The core refuses the record.
    Refused,
    /// The core reads over it.
    Unread,
}

/// A named member.
#[derive(Debug)]
pub(super) struct Member {
    pub name: &'static str,
    pub shape: Shape,
    pub need: Need,
}

/// Whether a member must be there, and what its absence is not written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    Required,
    /// May be absent; a null is read as its absence.
    Optional,
    /// May be absent; `false` or `[]` is read as its absence, and null is malformed.
    Default,
    /// May be absent, or there in any form that its shape allows.
    Free,
}

/// Why a record does not have its shape.
#[derive(Debug)]
pub(super) struct Malformed {
    /// RFC 6901 pointer from the record.
    pub pointer: String,
    /// What is wrong there: the rest of a sentence that begins with the place.
    pub what: String,
    /// Whether it is a member that should not be there.
    pub is_unknown_member: bool,
}

/// A part of a record that HESO's core reads over.
#[derive(Debug)]
pub(super) struct Unread {
    /// RFC 6901 pointer from the record.
    pub pointer: String,
    /// What it is.
    pub what: &'static str,
}

/// Walks one record. The pointer is kept as a stack and only written out when something is wrong.
pub(super) struct Walk<'v> {
    place: Vec<Step<'v>>,
    depth: usize,
    unread: Option<Unread>,
}

enum Step<'v> {
    Key(&'v str),
    Index(usize),
}

impl<'v> Walk<'v> {
    /// Holds `value` against `shape`; `depth` counts the arrays that the record itself stands in.
    /// Gives the first part that HESO's core reads over, if any.
    pub fn over(
        value: &'v Value<'_>,
        shape: &Shape,
        depth: usize,
    ) -> Result<Option<Unread>, Malformed> {
        let mut walk = Walk {
            place: Vec::new(),
            depth,
            unread: None,
        };
        walk.value(value, shape)?;
        Ok(walk.unread)
    }

    fn pointer(&self) -> String {
        let mut pointer = String::new();
        for step in &self.place {
            match step {
                Step::Key(key) => {
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                Step::Index(index) => {
                    let _ = write!(pointer, "/{index}");
                }
            }
        }
        pointer
    }

    fn malformed(&self, what: impl Into<String>) -> Malformed {
        Malformed {
            pointer: self.pointer(),
            what: what.into(),
            is_unknown_member: false,
        }
    }

    fn note_unread(&mut self, what: &'static str) {
        if self.unread.is_none() {
            self.unread = Some(Unread {
                pointer: self.pointer(),
                what,
            });
        }
    }

    fn expected(&self, wanted: &str, value: &Value<'_>) -> Malformed {
        self.malformed(format!(
            "is {} where the standard has {wanted}",
            value.kind_name()
        ))
    }

    fn enter(&mut self) -> Result<(), Malformed> {
        self.depth = self.depth.saturating_add(1);
        match self.depth > DEPTH {
            true => Err(self.malformed(format!(
                "is nested more than {DEPTH} levels deep, which HESO's verifiers do not read"
            ))),
            false => Ok(()),
        }
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    fn value(&mut self, value: &'v Value<'_>, shape: &Shape) -> Result<(), Malformed> {
        match (shape, &value.kind) {
            (Shape::Any, _) => self.any(value),
            (Shape::Either(text, _), Kind::String(_)) => self.value(value, text),
            (Shape::Either(_, other), _) => self.value(value, other),
            (Shape::Text, Kind::String(_)) | (Shape::Flag, Kind::Bool(_)) => Ok(()),
            (Shape::Word(words), Kind::String(text)) => match words.contains(&text.as_ref()) {
                true => Ok(()),
                false => Err(self.malformed(format!(
                    "is {text:?}, which is none of the words that the standard has there"
                ))),
            },
            (Shape::Count(most), Kind::Number(lexeme)) => match lexeme.parse::<u64>() {
                Ok(count) if count <= *most => Ok(()),
                _ => Err(self.malformed(format!(
                    "is {lexeme}, which is not an integer from 0 to {most}"
                ))),
            },
            (Shape::Map, Kind::Object(_)) => self.any(value),
            (Shape::Object(members), Kind::Object(object)) => self.object(object, members),
            (Shape::List(of), Kind::Array(elements)) => {
                self.enter()?;
                for (index, element) in elements.iter().enumerate() {
                    self.place.push(Step::Index(index));
                    self.value(element, of)?;
                    self.place.pop();
                }
                self.leave();
                Ok(())
            }
            (Shape::Text | Shape::Word(_), _) => Err(self.expected("a string", value)),
            (Shape::Count(_), _) => Err(self.expected("an integer", value)),
            (Shape::Flag, _) => Err(self.expected("a truth value", value)),
            (Shape::Object(_), Kind::Array(_)) => Err(self.malformed(
                "is an array where the standard has an object; HESO's own core may read its elements by position",
            )),
            (Shape::Map | Shape::Object(_), _) => Err(self.expected("an object", value)),
            (Shape::List(_), _) => Err(self.expected("an array", value)),
        }
    }

    fn object(&mut self, object: &'v Object<'_>, members: &Members) -> Result<(), Malformed> {
        self.enter()?;
        for member in &object.members {
            self.place.push(Step::Key(&member.key));
            match members.named.iter().find(|named| named.name == member.key) {
                Some(named) => self.member(&member.value, named)?,
                None if members.others == Others::Refused => {
                    return Err(Malformed {
                        is_unknown_member: true,
                        ..self.malformed("is a member that the standard does not have there")
                    });
                }
                None => self.note_unread("a member that the standard does not have there"),
            }
            self.place.pop();
        }
        let missing = members.named.iter().find(|named| {
            named.need == Need::Required
                && !object.members.iter().any(|member| member.key == named.name)
        });
        if let Some(missing) = missing {
            self.place.push(Step::Key(missing.name));
            return Err(self.malformed("is missing"));
        }
        self.leave();
        Ok(())
    }

    fn member(&mut self, value: &'v Value<'_>, named: &Member) -> Result<(), Malformed> {
        match (named.need, &value.kind) {
            (Need::Optional, Kind::Null) => {
                self.note_unread("a null, where HESO leaves the member out")
            }
            (Need::Default, Kind::Bool(false)) if matches!(named.shape, Shape::Flag) => {
                self.note_unread("a false, where HESO leaves the member out");
            }
            (Need::Default, Kind::Array(elements))
                if elements.is_empty() && matches!(named.shape, Shape::List(_)) =>
            {
                self.note_unread("an empty list, where HESO leaves the member out");
            }
            _ => return self.value(value, &named.shape),
        }
        Ok(())
    }

    /// A value of any kind: only its depth and the range of its numbers are bounded.
    fn any(&mut self, value: &'v Value<'_>) -> Result<(), Malformed> {
        match &value.kind {
            Kind::Number(lexeme) if !is_finite(lexeme) => {
                Err(self.malformed("is a number beyond the range that RFC 8785 can represent"))
            }
            Kind::Array(elements) => {
                self.enter()?;
                for (index, element) in elements.iter().enumerate() {
                    self.place.push(Step::Index(index));
                    self.any(element)?;
                    self.place.pop();
                }
                self.leave();
                Ok(())
            }
            Kind::Object(object) => {
                self.enter()?;
                for member in &object.members {
                    self.place.push(Step::Key(&member.key));
                    self.any(&member.value)?;
                    self.place.pop();
                }
                self.leave();
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn is_finite(lexeme: &str) -> bool {
    const SURELY_FINITE: usize = 300;
    (lexeme.len() <= SURELY_FINITE && !lexeme.contains(['e', 'E', 'N', 'I']))
        || json::double(lexeme).is_some_and(f64::is_finite)
}
