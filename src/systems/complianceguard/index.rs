//! What the records of all the files that were handed over say of one another: gathered in a first pass, asked in the second.

use std::collections::{BTreeMap, HashMap};

use super::companions::Companions;
use super::envelope::{Presence, identity_of};
use super::event::{self, Component, Event};
use super::kind::{Kind, is_receipt};
use super::oversight;
use super::performance::Messages;
use super::receipts::Receipt;
use super::statement::Statement;
use crate::crypto::Digest;
use crate::input::{self, Artifact, Form};
use crate::json::{Document, Error};
use crate::options::{Content, Options};

/// The companions that hold records: receipts, and the decisions that overrides override.
pub(super) const RECEIPT: &str = "receipt";
pub(super) const DECISION: &str = "decision";

/// Where a record stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// It is the whole file.
    Whole,
    /// Among others: its number and its line, from 1.
    Record(usize, usize),
    /// In another file of this name, which was handed over at the same time.
    Beside(String),
    /// In a file of this name that was supplied to belong to the evidence.
    Supplied(String),
}

impl Place {
    /// The words that stand before a sentence on the record.
    pub fn prefix(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Record(number, line) => format!("Record {number} (line {line}): "),
            Self::Beside(file) | Self::Supplied(file) => format!("{file}: "),
        }
    }

    /// The words that stand after the record's name.
    pub fn suffix(&self) -> String {
        match self {
            Self::Whole => String::new(),
            Self::Record(number, _) => format!(" (record {number})"),
            Self::Beside(file) | Self::Supplied(file) => format!(" (in {file})"),
        }
    }

    /// Whether it is in the file under examination.
    pub fn is_here(&self) -> bool {
        matches!(self, Self::Whole | Self::Record(..))
    }
}

/// What is remembered of an event.
pub(super) struct Known {
    pub place: Place,
    pub id: String,
    pub system: String,
    pub occurred_at: String,
    pub correlation: Option<String>,
    pub output: Option<String>,
    pub is_override: bool,
    pub statement: Statement,
    /// The model, its version and the classification, as far as they are given.
    pub decision: [Option<String>; 3],
    pub substance: Digest,
}

/// Everything that is remembered of all records.
#[derive(Default)]
pub(super) struct Index {
    pub events: Vec<Known>,
    pub receipts: Vec<Receipt>,
    /// Events in the file under examination.
    pub own_events: usize,
    /// Receipts in it.
    pub own_receipts: usize,
    /// Events in it that carry an envelope, whole or not.
    pub own_sealed: usize,
    /// The keys that its envelopes name, and whether the key that was supplied opens one of them.
    pub keys: BTreeMap<String, bool>,
    /// For each component, whether an event in it records one that is not empty.
    pub recorded: [bool; 3],
    /// What its events say of errors.
    pub messages: Messages,
    /// The files that were supplied as receipts or decisions and hold no such thing: the part, and the name.
    pub useless: Vec<(&'static str, String)>,
    by_id: HashMap<String, Vec<usize>>,
    by_correlation: HashMap<String, Vec<usize>>,
    receipts_by_event: HashMap<String, Vec<usize>>,
}

impl Index {
    /// Goes through `artifact` and everything that was handed over with it.
    pub fn build(
        artifact: &Artifact<'_>,
        options: &Options<'_>,
        companions: &mut Companions,
    ) -> Self {
        let mut index = Self {
            messages: Messages::new(options),
            ..Self::default()
        };
        each_record(&artifact.form, &mut |place, document| {
            if let Ok(document) = document {
                index.take(place, document, options, companions);
            }
        });
        for beside in options.beside {
            let place = Place::Beside(beside.name.to_owned());
            index.elsewhere(beside, &place, options, companions);
        }
        for part in [RECEIPT, DECISION] {
            for companion in options.companions(part) {
                let before = (index.receipts.len(), index.events.len());
                if let Content::File(bytes) = companion.content
                    && let Ok(beside) = input::open(&companion.file_name, bytes)
                {
                    let place = Place::Supplied(companion.file_name.clone());
                    index.elsewhere(&beside, &place, options, companions);
                }
                let found = match part {
                    RECEIPT => index.receipts.len() > before.0,
                    _ => index.events.len() > before.1,
                };
                if !found {
                    index.useless.push((part, companion.file_name.clone()));
                }
            }
        }
        index
    }

    fn elsewhere(
        &mut self,
        artifact: &Artifact<'_>,
        place: &Place,
        options: &Options<'_>,
        companions: &mut Companions,
    ) {
        each_record(&artifact.form, &mut |_, document| {
            if let Ok(document) = document {
                self.take(place.clone(), document, options, companions);
            }
        });
    }

    fn take(
        &mut self,
        place: Place,
        document: &Document<'_>,
        options: &Options<'_>,
        companions: &mut Companions,
    ) {
        match Kind::of(&document.root) {
            Kind::Receipt => {
                let own = usize::from(place.is_here());
                self.own_receipts = self.own_receipts.saturating_add(own);
                self.add_receipt(Receipt::of(document, place));
            }
            Kind::Event | Kind::Fragment => {
                if let Some(event) = Event::of(document) {
                    companions.meet(&event);
                    if place.is_here() {
                        self.own(&event, options);
                    }
                    if is_receipt(&document.root) {
                        self.add_receipt(Receipt::of(document, place.clone()));
                    }
                    self.add(place, &event);
                }
            }
            Kind::Other => {}
        }
    }

    fn add_receipt(&mut self, receipt: Receipt) {
        let of_event = self.receipts_by_event.entry(receipt.event.clone());
        of_event.or_default().push(self.receipts.len());
        self.receipts.push(receipt);
    }

    /// Takes note of what only matters of the file's own events.
    fn own(&mut self, event: &Event<'_, '_>, options: &Options<'_>) {
        self.own_events = self.own_events.saturating_add(1);
        self.messages.meet(event);
        for (recorded, component) in self.recorded.iter_mut().zip(Component::ALL) {
            let reference = event.reference(component);
            *recorded |= reference.is_some_and(|hash| hash != super::references::EMPTY);
        }
        let presence = Presence::of(event);
        let is_sealed = !matches!(presence, Presence::None);
        self.own_sealed = self.own_sealed.saturating_add(usize::from(is_sealed));
        let Presence::Whole(envelope) = presence else {
            return;
        };
        let opens = self.keys.entry(envelope.key_id.clone()).or_default();
        if let (false, Some(key), Some((identity, _))) =
            (*opens, &options.payload_key, identity_of(event))
        {
            *opens = envelope.open(key, &identity).is_ok();
        }
    }

    fn add(&mut self, place: Place, event: &Event<'_, '_>) {
        let text = |name| event.word(name).unwrap_or_default().to_owned();
        let at = self.events.len();
        let known = Known {
            place,
            id: text("eventId"),
            system: text("systemId"),
            occurred_at: text("occurredAtUtc"),
            correlation: event.word("correlationId").map(str::to_owned),
            output: event.reference(Component::Output),
            is_override: oversight::is_override(event),
            statement: Statement::of_event(event),
            decision: event::DECISION.map(|name| event.word(name).map(str::to_owned)),
            substance: event.substance(),
        };
        if let Some(correlation) = &known.correlation {
            self.by_correlation
                .entry(correlation.clone())
                .or_default()
                .push(at);
        }
        self.by_id.entry(known.id.clone()).or_default().push(at);
        self.events.push(known);
    }

    /// The events with this identifier, in all files.
    pub fn with_id<'s>(&'s self, id: &str) -> impl Iterator<Item = &'s Known> {
        let found = self.by_id.get(id).into_iter().flatten();
        found.filter_map(|at| self.events.get(*at))
    }

    /// The events whose correlation identifier, or whose own identifier, this is; overrides left out.
    pub fn decisions<'s>(&'s self, correlation: &'s str) -> impl Iterator<Item = &'s Known> {
        let correlated = self.by_correlation.get(correlation).into_iter().flatten();
        let named = self.by_id.get(correlation).into_iter().flatten();
        correlated
            .chain(named)
            .filter_map(|at| self.events.get(*at))
            .filter(|known| !known.is_override)
    }

    /// The receipts for the event with this identifier, in all files.
    pub fn receipts_for<'s>(&'s self, id: &str) -> impl Iterator<Item = &'s Receipt> {
        let found = self.receipts_by_event.get(id).into_iter().flatten();
        found.filter_map(|at| self.receipts.get(*at))
    }

    /// Whether the key that was supplied opens an envelope in the file.
    pub fn key_opens_some(&self) -> bool {
        self.keys.values().any(|opens| *opens)
    }

    /// Whether it opens one that names this key.
    pub fn key_opens(&self, key_id: &str) -> bool {
        self.keys.get(key_id).copied().unwrap_or_default()
    }
}

/// Calls `f` with every record of a file, readable or not.
pub(super) fn each_record(
    form: &Form<'_>,
    f: &mut impl FnMut(Place, Result<&Document<'_>, &Error>),
) {
    match form {
        Form::Json(document) => f(Place::Whole, Ok(document)),
        Form::Records(records) => {
            for record in records.iter() {
                f(
                    Place::Record(record.number, record.line),
                    record.document.as_ref(),
                );
            }
        }
        Form::Zip(_) | Form::Tar(_) | Form::Folder(_) => {}
    }
}
