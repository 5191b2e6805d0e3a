//! Receipts: what the API answers when an event was sent, matched to the event by its identifier.
//!
//! Rule: complianceguard 0.1.5, `IngestResult`. How `event_hash` is made is not published.

use super::event::Event;
use super::index::{Index, Known, Place};
use super::kind::is_receipt;
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
    pub environment: String,
    pub event_hash: String,
    pub sequence: Option<u64>,
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
            environment: text("environment_id"),
            event_hash: text("event_hash"),
            sequence: root.get(SEQUENCE).and_then(Value::as_u64),
            misfit: misfit(root),
        }
    }

    /// Whether its event is among the files, and says the same of itself.
    pub fn event_finding(&self, index: &Index) -> Finding {
        let mut apart = None;
        for known in index.with_id(&self.event) {
            match self.contradiction(known) {
                None => {
                    return Finding::pass(format!(
                        "It is for the event {}{}.",
                        known.id,
                        known.place.suffix()
                    ));
                }
                Some(detail) if known.place.is_here() => return Finding::fail(detail),
                Some(detail) => apart = Some(detail),
            }
        }
        Finding::note(apart.unwrap_or_else(|| {
            "The event that it is for is not among the files that were handed over.".to_owned()
        }))
    }

    /// What the receipt says otherwise than the event, in a sentence.
    pub fn contradiction(&self, known: &Known) -> Option<String> {
        let text = |number: Option<u64>| number.map(|number| number.to_string());
        let (theirs, ours) = (text(self.sequence), text(known.sequence));
        [
            ("identifier", Some(&self.event), Some(&known.id)),
            ("system", Some(&self.system), Some(&known.system)),
            ("sequence number", theirs.as_ref(), ours.as_ref()),
            (
                "environment",
                Some(&self.environment),
                known.environment.as_ref(),
            ),
            ("hash", Some(&self.event_hash), known.event_hash.as_ref()),
        ]
        .into_iter()
        .find_map(|(what, theirs, ours)| {
            let (theirs, ours) = (theirs.filter(|text| !text.is_empty())?, ours?);
            let same = theirs == ours || (what == "hash" && theirs.eq_ignore_ascii_case(ours));
            (!same).then(|| {
                format!(
                    "The receipt gives the event {} the {what} {theirs}; the event itself has {ours}.",
                    self.event
                )
            })
        })
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
        Some(value) if value.as_u64().is_none() => {
            Some(format!("/{SEQUENCE} is not a whole number from 0."))
        }
        Some(_) => None,
    })
}

/// What the receipts in other files say of an event, and the one that was kept within it; none when there are none.
///
/// A receipt that was supplied for the evidence has to agree. One that merely lay beside it may be for another copy of it.
pub(super) fn of_event(event: &Event<'_, '_>, index: &Index) -> Option<Finding> {
    let event_id = event.id()?;
    let known = index
        .with_id(event_id)
        .find(|known| known.place.is_here())?;
    if is_receipt(&event.document.root) {
        let kept = Receipt::of(event.document, known.place.clone());
        return Some(
            match kept.misfit.clone().or_else(|| kept.contradiction(known)) {
                Some(detail) => Finding::fail(detail),
                None => Finding::pass("The receipt that was kept with the event is for it."),
            },
        );
    }
    let mut best = None;
    for receipt in index.receipts_for(event_id) {
        let place = receipt.place.suffix();
        match (&receipt.place, receipt.contradiction(known)) {
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

/// Whether what was supplied as receipts and decisions is of use here; none when nothing was.
pub(super) fn supplied(index: &Index) -> Option<Finding> {
    if let Some(sentence) = index.useless.first() {
        return Some(Finding::note(sentence.clone()));
    }
    let mut receipts = index
        .receipts
        .iter()
        .filter(|receipt| matches!(receipt.place, Place::Supplied(_)))
        .peekable();
    receipts.peek()?;
    let stray = receipts.find(|receipt| index.with_id(&receipt.event).next().is_none());
    Some(match stray {
        None => Finding::pass(""),
        Some(receipt) => Finding::fail(format!(
            "The receipt {} that you supplied is for the event {}, which is not here.",
            receipt.id, receipt.event
        )),
    })
}
