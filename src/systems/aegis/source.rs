//! Where events come from: one value, lines, an array, or a container that holds them under `events`.

use super::recognise::container;
use super::wire::Problem;
use crate::budget;
use crate::input::Form;
use crate::json::{Defect, DefectKind, Document, Error, Layout, Records, Value};

/// Bytes between two words on progress.
const PROGRESS_BYTES: usize = 1 << 16;

/// What comes along in a file of events, in its order.
pub(super) enum Found<'i, 'a> {
    /// An event, or what stands in the place of one.
    Event(Item<'i, 'a>),
    /// A value that cannot be read.
    Unreadable {
        /// Position among the events, from 1.
        number: usize,
        /// Why, and where.
        error: Error,
    },
    /// A container, after its events.
    Container(Container),
}

/// What a container says beside its events.
pub(super) struct Container {
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// Whether the server says that more events follow.
    pub more: bool,
}

/// A value in the place of an event.
#[derive(Clone, Copy)]
pub(super) struct Item<'i, 'a> {
    /// The text that it stands in.
    pub document: &'i Document<'a>,
    /// The value.
    pub value: &'i Value<'a>,
    /// Position among the events, from 1.
    pub number: usize,
    at: At,
    defect: Option<&'i Defect>,
}

#[derive(Clone, Copy)]
enum At {
    Alone,
    Record { index: usize, line: usize },
    Inside { record: Option<usize>, index: usize },
}

impl Item<'_, '_> {
    /// What sentences about the event begin with; nothing where the file holds no other.
    pub fn place(&self) -> String {
        let number = self.number;
        match self.at {
            At::Alone => String::new(),
            At::Record { line, .. } => format!("Event {number} (line {line}): "),
            At::Inside { .. } => format!("Event {number} ({}): ", self.pointer()),
        }
    }

    /// Where the event stands: an RFC 6901 pointer, after the record's index where there are several.
    pub fn pointer(&self) -> String {
        match self.at {
            At::Alone => String::new(),
            At::Record { index, .. } => format!("/{index}"),
            At::Inside { record, index } => {
                let name = self.document.root.as_object().and_then(|object| {
                    let mut keys = object.members.iter().map(|member| member.key.as_ref());
                    keys.find(|key| key.eq_ignore_ascii_case("events"))
                });
                let record = record.map_or_else(String::new, |record| format!("/{record}"));
                format!("{record}/{}/{index}", name.unwrap_or("events"))
            }
        }
    }

    /// The first departure from JSON within the event.
    pub fn defect(&self) -> Option<&Defect> {
        self.defect
    }

    /// The departure in one plain sentence. Its place takes a walk from the beginning of a container, so that beyond as many
    /// events as a report lists it is left out.
    pub fn sentence(&self, defect: &Defect) -> String {
        let inside = matches!(self.at, At::Inside { .. });
        if inside && self.number as u64 > budget::LISTED_CHECKS {
            return "The event departs from JSON, for example by a repeated key.".to_owned();
        }
        self.document.sentence(defect)
    }
}

/// The departures from JSON of a text, in its order.
struct Defects<'i>(Vec<&'i Defect>);

impl<'i> Defects<'i> {
    fn of(document: &'i Document<'_>) -> Self {
        let mut defects: Vec<&Defect> = document.defects.iter().collect();
        defects.sort_by_key(|defect| defect.offset);
        Self(defects)
    }

    /// The first within the value.
    fn within(&self, value: &Value<'_>) -> Option<&'i Defect> {
        let from = self
            .0
            .partition_point(|defect| defect.offset < value.span.start as usize);
        let found = self.0.get(from)?;
        (found.offset < value.span.end as usize).then_some(*found)
    }

    /// The first outside all of these values, which stand one after another.
    fn outside(&self, values: &[Value<'_>]) -> Option<&'i Defect> {
        let inside = |defect: &&&Defect| {
            let next = values.partition_point(|value| value.span.start as usize <= defect.offset);
            let value = next.checked_sub(1).and_then(|at| values.get(at));
            value.is_some_and(|value| defect.offset < value.span.end as usize)
        };
        self.0.iter().find(|defect| !inside(defect)).copied()
    }
}

/// Walks through the events of a file; `progress` is told how many bytes are behind, of how many.
pub(super) fn each(
    form: &Form<'_>,
    progress: &dyn Fn(usize, usize),
    mut found: impl FnMut(Found<'_, '_>),
) {
    match form {
        Form::Json(document) => {
            value(document, None, &mut 0, &mut found);
        }
        Form::Records(records) => each_record(records, progress, &mut found),
        Form::Zip(_) | Form::Tar(_) | Form::Folder(_) => {}
    }
}

fn each_record(
    records: &Records<'_>,
    progress: &dyn Fn(usize, usize),
    found: &mut impl FnMut(Found<'_, '_>),
) {
    let total = records.text().len();
    let lone = records.layout() == Layout::Lines && records.iter().take(2).count() == 1;
    let mut iter = records.iter();
    let (mut told, mut number) = (0, 0);
    while let Some(record) = iter.next() {
        match record.document {
            Ok(document) => {
                let index = record.number.saturating_sub(1);
                let at = (!lone).then_some((index, record.line));
                value(&document, at, &mut number, found);
            }
            Err(error) => {
                number = number.saturating_add(1);
                found(Found::Unreadable { number, error });
            }
        }
        if iter.offset().saturating_sub(told) >= PROGRESS_BYTES {
            told = iter.offset();
            progress(told, total);
        }
    }
    progress(total, total);
}

/// One value of a file: an event, or a container of them.
fn value(
    document: &Document<'_>,
    record: Option<(usize, usize)>,
    number: &mut usize,
    found: &mut impl FnMut(Found<'_, '_>),
) {
    let mut event = |value, at, defect| {
        *number = number.saturating_add(1);
        found(Found::Event(Item {
            document,
            value,
            number: *number,
            at,
            defect,
        }));
    };
    let Some(events) = container(&document.root) else {
        let at = match record {
            Some((index, line)) => At::Record { index, line },
            None => At::Alone,
        };
        return event(&document.root, at, document.defects.first());
    };
    let elements = events.as_array().unwrap_or_default();
    let record = record.map(|(index, _)| index);
    let defects = Defects::of(document);
    for (index, element) in elements.iter().enumerate() {
        event(
            element,
            At::Inside { record, index },
            defects.within(element),
        );
    }
    found(Found::Container(examine(
        document,
        defects.outside(elements),
    )));
}

/// What a container says beside its events; `outside` is a departure from JSON outside of them.
fn examine(document: &Document<'_>, outside: Option<&Defect>) -> Container {
    let members = document
        .root
        .as_object()
        .map(|object| object.members.as_slice());
    let members = members.unwrap_or_default();
    let is_events = |key: &str| key.eq_ignore_ascii_case("events");
    let named = |is_named: &dyn Fn(&str) -> bool| {
        members
            .iter()
            .filter(|member| is_named(&member.key))
            .count()
    };
    let token = members.iter().rev().find(|member| is_token(&member.key));
    let token = token.map(|member| &member.value);
    let stranger = members
        .iter()
        .find(|member| !is_events(&member.key) && !is_token(&member.key));
    let problem = if let Some(defect) = outside {
        Some((
            document.sentence(defect),
            defect.kind == DefectKind::DuplicateKey,
        ))
    } else if let Some(stranger) = stranger {
        let sentence = format!(
            "The container has a member `{}` that Aegis does not write and no hash covers.",
            stranger.key
        );
        Some((sentence, true))
    } else if named(&is_events) > 1 || named(&is_token) > 1 {
        let sentence = "The container names its events or its token twice, in different spellings.";
        Some((sentence.to_owned(), true))
    } else if token.is_some_and(|token| token.as_str().is_none() && !token.is_null()) {
        Some(("The container's NextToken is not a text.".to_owned(), false))
    } else {
        None
    };
    Container {
        problem: problem.map(|(sentence, accepted)| Problem { sentence, accepted }),
        more: token
            .and_then(Value::as_str)
            .is_some_and(|token| !token.is_empty()),
    }
}

fn is_token(key: &str) -> bool {
    ["NextToken", "next_token"]
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name))
}
