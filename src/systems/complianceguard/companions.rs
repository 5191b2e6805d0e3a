//! The components that the person verifying has, hashed in every way in which the SDK could have been given them.

use std::borrow::Cow;

use super::event::{Component, Event};
use super::peer::is_not_json;
use super::references::{NULL, hash_of};
use crate::json::{self, DefectKind, Document, Kind, Span, Value};
use crate::options::{Content, Options};

/// Everything that was supplied as an input, output or metadata.
pub(super) struct Companions {
    all: Vec<Companion>,
}

/// One component that was supplied.
pub(super) struct Companion {
    /// Which component it is.
    pub component: Component,
    /// The event that it was supplied for; none when for whichever fits.
    pub subject: Option<String>,
    /// The file's name.
    pub file_name: String,
    /// The events whose reference it has, as far as they are named.
    pub matched: Vec<String>,
    /// How many events have its hash as their reference, in all the files that were handed over.
    pub matches: usize,
    /// Why it was not taken for the JSON that it seems to hold.
    pub obstacle: Option<Obstacle>,
    readings: Vec<Reading>,
}

/// One way to read a file as a value, and the value's hash.
struct Reading {
    hash: String,
    how: &'static str,
}

/// What keeps JSON from being compared, though it may be what was hashed.
pub(super) struct Obstacle {
    /// The words for it, after the name of the file.
    what: String,
    /// The hash that Python's reading of it has, if it has one.
    hash: Option<String>,
}

impl Obstacle {
    /// What it means that the file, supplied as the component `name`, cannot be held against `reference`.
    pub fn sentence(&self, file: &str, name: &str, reference: &str) -> String {
        let python = match self.hash.as_deref() == Some(reference) {
            true => {
                " Read as Python reads it, it has the recorded hash; other readers see another content in it."
            }
            false => "",
        };
        let what = &self.what;
        format!("The file {file} {what}, so it was not compared as the {name}.{python}")
    }

    /// The words for it, after the name of the file.
    pub fn words(&self) -> &str {
        &self.what
    }

    fn of(document: &Result<Document<'_>, json::Error>) -> Option<Self> {
        let document = match document {
            Ok(document) => document,
            Err(error) if is_not_json(&error.kind) => return None,
            Err(error) => {
                let what = format!("holds JSON that is not read here ({})", error.place);
                return Some(Self { what, hash: None });
            }
        };
        let hash = hash_of(Some(&document.root));
        let what = match document.defects.first() {
            Some(defect) => match defect.kind {
                DefectKind::DuplicateKey => {
                    let place = document.place(defect.offset);
                    format!("has a member that stands twice in its object ({place})")
                }
                DefectKind::NonFinite => {
                    let place = document.place(defect.offset);
                    format!(
                        "has NaN or Infinity in it ({place}), which are not numbers that JSON has"
                    )
                }
                // What follows a value makes a text of it.
                DefectKind::TrailingBytes | DefectKind::ByteOrderMark => return None,
            },
            None if hash.is_none() => {
                "has a number in it that is beyond the range of double precision".to_owned()
            }
            None => return None,
        };
        Some(Self { what, hash })
    }
}

/// What some editors write before a text.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Events that are named beside a companion.
const NAMED: usize = 3;

impl Companions {
    /// What `options` hold of them.
    pub fn of(options: &Options<'_>) -> Self {
        let mut all = Vec::new();
        for component in Component::ALL {
            for companion in options.companions(component.name()) {
                let (readings, obstacle) = match &companion.content {
                    Content::File(bytes) => readings(bytes),
                    Content::Folder(_) => (Vec::new(), None),
                };
                all.push(Companion {
                    component,
                    subject: companion.subject().map(str::to_owned),
                    file_name: companion.file_name.clone(),
                    matched: Vec::new(),
                    matches: 0,
                    obstacle,
                    readings,
                });
            }
        }
        Self { all }
    }

    /// Whether one was supplied for this component.
    pub fn has(&self, component: Component) -> bool {
        self.all.iter().any(|found| found.component == component)
    }

    /// Those that were not supplied for a certain event.
    pub fn at_large(&self) -> impl Iterator<Item = &Companion> {
        self.all.iter().filter(|found| found.subject.is_none())
    }

    /// The events that a companion was supplied for and that are not among those of which `is_here` tells.
    pub fn strays(&self, is_here: impl Fn(&str) -> bool) -> Vec<&str> {
        let subjects = self.all.iter().filter_map(|found| found.subject.as_deref());
        subjects.filter(|subject| !is_here(subject)).collect()
    }

    /// Takes note of an event, so that it is known later which companions belong to none.
    pub fn meet(&mut self, event: &Event<'_, '_>) {
        for companion in &mut self.all {
            let reference = event.reference(companion.component);
            if let Some(reference) = reference
                && companion.subject.is_none()
                && companion.reading(&reference).is_some()
            {
                companion.matches = companion.matches.saturating_add(1);
                if let Some(id) = event.id()
                    && companion.matched.len() < NAMED
                {
                    companion.matched.push(id.to_owned());
                }
            }
        }
    }

    /// Those supplied for this component of this event, or for whichever event fits.
    pub fn of_event<'s>(
        &'s self,
        event_id: Option<&'s str>,
        component: Component,
    ) -> impl Iterator<Item = &'s Companion> {
        self.all.iter().filter(move |found| {
            found.component == component
                && (found.subject.is_none() || found.subject.as_deref() == event_id)
        })
    }
}

impl Companion {
    /// How the file has to be read to have this hash, if there is a way.
    pub fn reading(&self, hash: &str) -> Option<&'static str> {
        let found = self.readings.iter().find(|reading| reading.hash == hash);
        found.map(|reading| reading.how)
    }

    /// The hash that it has when read in the first way that is possible.
    pub fn hash(&self) -> Option<&str> {
        self.readings.first().map(|reading| reading.hash.as_str())
    }

    /// Whether it can be read in any way.
    pub fn is_readable(&self) -> bool {
        !self.readings.is_empty()
    }
}

/// The values that a file may stand for: the JSON that it holds, or a string of its characters, with or without the line
/// break at its end and the byte order mark before them, which editors add.
fn readings(bytes: &[u8]) -> (Vec<Reading>, Option<Obstacle>) {
    let bare = bytes.strip_prefix(BYTE_ORDER_MARK);
    let is_marked = bare.is_some();
    let mut readings = Vec::new();
    let mut add = |hash: Option<String>, how| {
        readings.extend(hash.map(|hash| Reading { hash, how }));
    };
    let document = json::parse(bare.unwrap_or(bytes));
    let obstacle = Obstacle::of(&document);
    if let Ok(document) = &document
        && document.defects.is_empty()
    {
        let how = match is_marked {
            true => "read as JSON without the byte order mark that stands before it",
            false => "read as JSON",
        };
        add(hash_of(Some(&document.root)), how);
        let is_null = document.root.is_null();
        add(is_null.then(|| NULL.to_owned()), how);
    }
    let text = |bytes| std::str::from_utf8(bytes).ok();
    if let Some(text) = text(bare.unwrap_or(bytes)) {
        let how = match is_marked {
            true => "read as a plain text without the byte order mark that stands before it",
            false => "read as a plain text",
        };
        add(hash_of_text(text), how);
        let line = text
            .strip_suffix('\n')
            .map(|line| line.strip_suffix('\r').unwrap_or(line));
        let how = match is_marked {
            true => "read as a plain text without the byte order mark and the line break around it",
            false => "read as a plain text without the line break at its end",
        };
        add(line.and_then(hash_of_text), how);
    }
    if let (true, Some(text)) = (is_marked, text(bytes)) {
        add(
            hash_of_text(text),
            "read as a plain text, byte order mark included",
        );
    }
    (readings, obstacle)
}

fn hash_of_text(text: &str) -> Option<String> {
    let value = Value {
        span: Span { start: 0, end: 0 },
        kind: Kind::String(Cow::Borrowed(text)),
    };
    hash_of(Some(&value))
}
