//! The components that the person verifying has, hashed in every way in which the SDK could have been given them.

use std::borrow::Cow;

use super::event::{Component, Event};
use super::references::hash_of;
use crate::json::{self, Kind, Span, Value};
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
    /// Whether it is JSON that readers read differently.
    pub is_ambiguous: bool,
    readings: Vec<Reading>,
}

/// One way to read a file as a value, and the value's hash.
struct Reading {
    hash: String,
    how: &'static str,
}

/// Events that are named beside a companion.
const NAMED: usize = 3;

impl Companions {
    /// What `options` hold of them.
    pub fn of(options: &Options<'_>) -> Self {
        let mut all = Vec::new();
        for component in Component::ALL {
            for companion in options.companions(component.name()) {
                let (readings, is_ambiguous) = match &companion.content {
                    Content::File(bytes) => readings(bytes),
                    Content::Folder(_) => (Vec::new(), false),
                };
                all.push(Companion {
                    component,
                    subject: companion.subject().map(str::to_owned),
                    file_name: companion.file_name.clone(),
                    matched: Vec::new(),
                    matches: 0,
                    is_ambiguous,
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

/// The values that a file may stand for: the JSON that it holds, or a string of its characters (with or without the line
/// break at its end, which editors add, as they do a byte order mark); and whether its JSON has more than one reading.
fn readings(bytes: &[u8]) -> (Vec<Reading>, bool) {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut readings = Vec::new();
    let document = json::parse(bytes);
    let is_ambiguous = document
        .as_ref()
        .is_ok_and(|document| !document.defects.is_empty());
    if let (Ok(document), false) = (&document, is_ambiguous)
        && let Some(hash) = hash_of(Some(&document.root))
    {
        readings.push(Reading {
            hash,
            how: "read as JSON",
        });
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return (readings, is_ambiguous);
    };
    let mut add = |text: &str, how| {
        if let Some(hash) = hash_of_text(text) {
            readings.push(Reading { hash, how });
        }
    };
    add(text, "read as a plain text");
    let line = text
        .strip_suffix('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line));
    if let Some(line) = line {
        add(
            line,
            "read as a plain text without the line break at its end",
        );
    }
    (readings, is_ambiguous)
}

fn hash_of_text(text: &str) -> Option<String> {
    let value = Value {
        span: Span { start: 0, end: 0 },
        kind: Kind::String(Cow::Borrowed(text)),
    };
    hash_of(Some(&value))
}
