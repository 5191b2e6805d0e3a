//! Where events come from: one value, lines, an array, or a container that holds them under `events`.

use super::recognise::container;
use super::wire::Problem;
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
        let inside = matches!(self.at, At::Inside { .. });
        let mut defects = self.document.defects.iter();
        defects.find(|defect| !inside || covers(self.value, defect))
    }
}

fn covers(value: &Value<'_>, defect: &Defect) -> bool {
    (value.span.start as usize..value.span.end as usize).contains(&defect.offset)
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
    let mut event = |value, at| {
        *number = number.saturating_add(1);
        found(Found::Event(Item {
            document,
            value,
            number: *number,
            at,
        }));
    };
    let Some(events) = container(&document.root) else {
        let at = match record {
            Some((index, line)) => At::Record { index, line },
            None => At::Alone,
        };
        return event(&document.root, at);
    };
    let elements = events.as_array().unwrap_or_default();
    let record = record.map(|(index, _)| index);
    for (index, element) in elements.iter().enumerate() {
        event(element, At::Inside { record, index });
    }
    found(Found::Container(examine(document, elements)));
}

fn examine(document: &Document<'_>, events: &[Value<'_>]) -> Container {
    let token = document.root.as_object().and_then(|object| {
        let mut members = object.members.iter().rev();
        members.find(|member| is_token(&member.key))
    });
    let outside = document
        .defects
        .iter()
        .find(|defect| !events.iter().any(|event| covers(event, defect)));
    let defect = outside.map(|defect| Problem {
        sentence: document.sentence(defect),
        accepted: defect.kind == DefectKind::DuplicateKey,
    });
    let stranger = document.root.as_object().and_then(|object| {
        let known = |key: &str| key.eq_ignore_ascii_case("events") || is_token(key);
        object.members.iter().find(|member| !known(&member.key))
    });
    let stranger = stranger.map(|member| Problem {
        sentence: format!(
            "The container has a member `{}` that Aegis does not write and no hash covers.",
            member.key
        ),
        accepted: true,
    });
    let twice = |named: fn(&str) -> bool| {
        let members = document.root.as_object().map(|object| &object.members);
        members
            .into_iter()
            .flatten()
            .filter(|member| named(&member.key))
            .count()
            > 1
    };
    let repeated = (twice(is_token) || twice(|key| key.eq_ignore_ascii_case("events")))
        .then(|| Problem {
            sentence: "The container names its events or its token twice, in different spellings; Aegis takes the last.".to_owned(),
            accepted: true,
        });
    let text = token.map(|member| member.value.as_str());
    let wrong_token =
        matches!(token, Some(member) if text == Some(None) && !member.value.is_null());
    let wrong_token = wrong_token.then(|| Problem {
        sentence: "The container's NextToken is not a text.".to_owned(),
        accepted: false,
    });
    Container {
        problem: defect.or(stranger).or(repeated).or(wrong_token),
        more: text.flatten().is_some_and(|text| !text.is_empty()),
    }
}

fn is_token(key: &str) -> bool {
    ["NextToken", "next_token"]
        .iter()
        .any(|name| key.eq_ignore_ascii_case(name))
}
