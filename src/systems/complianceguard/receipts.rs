//! Receipts: what the API answers when an event was sent, matched to the event by its identifier.
//!
//! Rule: complianceguard 0.1.5, `IngestResult`. How `event_hash` is made is not published.

use std::collections::HashMap;

use super::event::Event;
use super::index::{Index, Place};
use super::kind::is_receipt;
use super::statement::{Sequence, Statement};
use crate::json::{Document, Value};
use crate::report::Finding;

/// The members that the SDK reads.
const STRINGS: [&str; 6] = [
    "event_id",
    "system_id",
    "environment_id",
    "ingested_at_utc",
    "event_hash",
    "receipt_id",
];
const SEQUENCE: &str = "sequence_number";

/// A receipt.
pub(super) struct Receipt {
    pub place: Place,
    /// The identifier of its event.
    pub event: String,
    /// Its own identifier.
    pub id: String,
    pub system: String,
    pub statement: Statement,
    /// What is wrong with its members, in a sentence.
    pub misfit: Option<String>,
}

impl Receipt {
    /// The receipt that `document` holds.
    pub fn of(document: &Document<'_>, place: Place) -> Self {
        let root = &document.root;
        let text = |name| {
            let value = root.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        Self {
            place,
            event: text("event_id"),
            id: text("receipt_id"),
            system: text("system_id"),
            statement: Statement::of_answer(root),
            misfit: misfit(root),
        }
    }

    /// Whether its event is among the files, and says the same of itself.
    pub fn event_finding(&self, index: &Index) -> Finding {
        let (mut here, mut apart) = (None, None);
        for known in index.with_id(&self.event) {
            match self.contradiction(&known.id, &known.system, &known.statement) {
                None => {
                    return Finding::pass(format!(
                        "It is for the event {}{}.",
                        known.id,
                        known.place.suffix()
                    ));
                }
                Some(detail) if known.place.is_here() => here = Some(detail),
                Some(detail) => apart = Some(detail),
            }
        }
        match here {
            Some(detail) => Finding::fail(detail),
            None => Finding::note(apart.unwrap_or_else(|| {
                "The event that it is for is not among the files that were handed over.".to_owned()
            })),
        }
    }

    /// What the receipt says otherwise than an event of this identifier and system says of itself, in a sentence.
    fn contradiction(&self, id: &str, system: &str, statement: &Statement) -> Option<String> {
        let differing = |what, theirs: &str, ours: &str| {
            (!theirs.is_empty() && theirs != ours)
                .then(|| (what, theirs.to_owned(), ours.to_owned()))
        };
        let (what, theirs, ours) = differing("identifier", &self.event, id)
            .or_else(|| differing("system", &self.system, system))
            .or_else(|| self.statement.contradiction(statement))?;
        let event = &self.event;
        Some(format!(
            "The receipt gives the event {event} the {what} {theirs}; the event itself has {ours}."
        ))
    }

    /// What another receipt for the same event, or of the same identifier, says otherwise, in a sentence.
    fn disagreement(&self, other: &Self) -> Option<String> {
        let places = (self.place.suffix(), other.place.suffix());
        let (id, event) = (&self.id, &self.event);
        if self.event != other.event {
            return Some(format!(
                "The receipt {id} is for the event {event}{} and for the event {}{}.",
                places.0, other.event, places.1
            ));
        }
        let (what, ours, theirs) = match self.system == other.system {
            true => self.statement.contradiction(&other.statement)?,
            false => ("system", self.system.clone(), other.system.clone()),
        };
        Some(format!(
            "Two receipts give the event {event} different things: the {what} is {ours} in one{} and {theirs} in the other{}.",
            places.0, places.1
        ))
    }
}

fn misfit(root: &Value<'_>) -> Option<String> {
    let strings = STRINGS.iter().find_map(|name| match root.get(name) {
        None => Some(format!("The receipt has no {name}.")),
        Some(value) if value.as_str().is_none() => {
            let found = value.kind_name();
            Some(format!("/{name} is {found} where the API writes a string."))
        }
        Some(_) => None,
    });
    strings.or_else(|| match root.get(SEQUENCE) {
        None => Some(format!("The receipt has no {SEQUENCE}.")),
        Some(value) if Sequence::of(value).number().is_none() => {
            Some(format!("/{SEQUENCE} is not a whole number from 0."))
        }
        Some(_) => None,
    })
}

/// What the receipts in other files say of an event, and the one that was kept within it; none when there are none.
///
/// A receipt that was supplied for the evidence has to agree. One that merely lay beside it may be for another copy of it.
pub(super) fn of_event(event: &Event<'_, '_>, index: &Index) -> Option<Finding> {
    let id = event.id()?;
    let system = event.word("systemId").unwrap_or_default();
    let statement = Statement::of_event(event);
    if is_receipt(&event.document.root) {
        let kept = Receipt::of(event.document, Place::Whole);
        let problem = kept.misfit.clone();
        return Some(
            match problem.or_else(|| kept.contradiction(id, system, &statement)) {
                Some(detail) => Finding::fail(detail),
                None => Finding::pass("The receipt that was kept with the event is for it."),
            },
        );
    }
    let mut best = None;
    for receipt in index.receipts_for(id) {
        let place = receipt.place.suffix();
        match (
            &receipt.place,
            receipt.contradiction(id, system, &statement),
        ) {
            (Place::Whole | Place::Record(..), _) => {}
            (Place::Supplied(_), Some(detail)) => {
                return Some(Finding::fail(format!(
                    "{detail} The receipt was supplied{place}."
                )));
            }
            (_, None) => {
                let id = &receipt.id;
                best = Some(Finding::pass(format!(
                    "The receipt {id}{place} is for this event."
                )));
            }
            (Place::Beside(_), Some(detail)) => {
                best.get_or_insert_with(|| {
                    Finding::note(format!("{detail} The receipt lay beside this file{place}."))
                });
            }
        }
    }
    best
}

/// Whether receipts for one event, or of one identifier, say the same; none when there are no two.
///
/// An event may have been sent in two environments: its receipts from one do not bear on those from another. Receipts in files
/// that merely lay beside this one may be for another copy of the event.
pub(super) fn agreement(index: &Index) -> Option<Finding> {
    let is_beside = |receipt: &&Receipt| matches!(receipt.place, Place::Beside(_));
    let concerns = |receipt: &&Receipt| {
        let event = || {
            index
                .with_id(&receipt.event)
                .any(|known| known.place.is_here())
        };
        !is_beside(receipt) || event()
    };
    let own = index.receipts.iter().filter(|found| !is_beside(found));
    let beside = index.receipts.iter().filter(is_beside).filter(concerns);
    let mut first: HashMap<(bool, &str, Option<&str>), &Receipt> = HashMap::new();
    let (mut compared, mut note) = (0_usize, None);
    for receipt in own.chain(beside) {
        let environment = receipt.statement.environment.as_deref();
        for (is_event, name) in [(true, &*receipt.event), (false, &*receipt.id)] {
            if name.is_empty() {
                continue;
            }
            let Some(earlier) = first.get(&(is_event, name, environment)) else {
                first.insert((is_event, name, environment), receipt);
                continue;
            };
            compared = compared.saturating_add(1);
            let Some(detail) = earlier.disagreement(receipt) else {
                continue;
            };
            match is_beside(&receipt) {
                false => return Some(Finding::fail(detail)),
                true => note = note.or(Some(Finding::note(detail))),
            }
        }
    }
    note.or_else(|| (compared > 0).then(|| Finding::pass("")))
}
