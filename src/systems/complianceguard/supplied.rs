//! What was supplied and is of no use here: said precisely, and undecided where a comparison was asked for.

use super::companions::Companions;
use super::event::Component;
use super::index::{DECISION, Index, Place, RECEIPT};
use super::performance::ERROR_MESSAGE;
use crate::options::Options;
use crate::report::{Finding, Reason, Status};

/// Whether the receipts and decisions that were supplied could be compared, and what was supplied that is of no use here; none
/// where there is nothing to say.
///
/// A comparison that was asked for and could not be made leaves the artifact undecided. What can be of no use to an artifact of
/// this kind is only told.
pub(super) fn examine(
    index: &Index,
    companions: &Companions,
    options: &Options<'_>,
) -> (Option<Finding>, Option<Finding>) {
    let receipts = files(index, options, RECEIPT).map(|file| receipt(index, file));
    let decisions = files(index, options, DECISION).map(|file| decision(index, file));
    let findings: Vec<Finding> = receipts
        .chain(decisions)
        .chain(messages(index, options))
        .chain(key(index, options))
        .chain(components(index, companions))
        .collect();
    let first = |status: Status| {
        let found = findings.iter().find(|finding| finding.status() == status);
        found.cloned()
    };
    let compared = first(Status::Skip).or_else(|| first(Status::Pass));
    (compared, first(Status::Note))
}

/// A file that was supplied, by name, and whether it holds a record of its kind.
struct File<'s> {
    name: &'s str,
    is_useful: bool,
}

fn files<'s>(
    index: &'s Index,
    options: &'s Options<'_>,
    part: &'static str,
) -> impl Iterator<Item = File<'s>> {
    options.companions(part).map(move |companion| File {
        name: &companion.file_name,
        is_useful: !index.useless.contains(&(part, companion.file_name.clone())),
    })
}

fn receipt(index: &Index, file: File<'_>) -> Finding {
    let name = file.name;
    if !file.is_useful {
        return unmade(format!(
            "The file {name} that you supplied holds no receipt, so there was none to compare."
        ));
    }
    let place = Place::Supplied(name.to_owned());
    let receipts: Vec<_> = index
        .receipts
        .iter()
        .filter(|receipt| receipt.place == place)
        .collect();
    let is_here = |id: &str| {
        let mut events = index.with_id(id);
        let mut others = index.receipts_for(id);
        events.any(|known| known.place.is_here()) || others.any(|found| found.place.is_here())
    };
    let stray = match receipts.first() {
        Some(first) if !receipts.iter().any(|receipt| is_here(&receipt.event)) => first,
        _ => return Finding::pass(""),
    };
    let (id, event) = (&stray.id, &stray.event);
    match index.with_id(event).next().is_some() {
        true => Finding::note(format!(
            "The receipt {id} that you supplied is for the event {event}, which is in another file."
        )),
        false => unmade(format!(
            "The receipt {id} that you supplied is for the event {event}, which is not here, so it was not compared with anything."
        )),
    }
}

fn decision(index: &Index, file: File<'_>) -> Finding {
    let name = file.name;
    let mut own = index.events.iter().filter(|known| known.place.is_here());
    if !own.clone().any(|known| known.is_override) {
        return Finding::note(format!(
            "You supplied {name} as the decision that was overridden. No event here says that it overrides one."
        ));
    }
    if !file.is_useful {
        return unmade(format!(
            "The file {name} that you supplied holds no event, so no override was followed to it."
        ));
    }
    let place = Place::Supplied(name.to_owned());
    let is_followed = own.any(|known| {
        let correlation = known.correlation.as_deref().filter(|_| known.is_override);
        correlation.is_some_and(|correlation| {
            let mut decisions = index.decisions(correlation);
            decisions.any(|decision| decision.place == place)
        })
    });
    match is_followed {
        true => Finding::pass(""),
        false => unmade(format!(
            "The file {name} that you supplied holds no decision that an override here belongs to, so none was compared with it."
        )),
    }
}

fn messages(index: &Index, options: &Options<'_>) -> Option<Finding> {
    let mut names = options.values.keys().map(String::as_str);
    if names.clone().any(|name| name == ERROR_MESSAGE) && index.messages.count == 0 {
        return Some(Finding::note(
            "You supplied the text of an error. No event here records one.",
        ));
    }
    let stray = names.find_map(|name| {
        let event = name.strip_prefix(ERROR_MESSAGE)?.strip_prefix(':')?;
        let mut known = index.with_id(event);
        let is_here = known.any(|known| known.place.is_here());
        (!is_here).then_some(event)
    })?;
    Some(Finding::note(format!(
        "You supplied the text of an error for the event {stray}, which is not here."
    )))
}

fn key(index: &Index, options: &Options<'_>) -> Option<Finding> {
    let is_idle = options.payload_key.is_some() && index.own_sealed == 0;
    is_idle.then(|| Finding::note("You supplied the key of a payload. Nothing here is encrypted."))
}

fn components(index: &Index, companions: &Companions) -> Option<Finding> {
    if index.own_events > 0 {
        return None;
    }
    let mut all = Component::ALL.into_iter();
    let component = all.find(|component| companions.has(*component))?;
    let noun = component.noun();
    Some(Finding::note(format!(
        "You supplied {noun}. There is no event here to compare it with."
    )))
}

fn unmade(detail: String) -> Finding {
    Finding::skip(Reason::InputNeeded, detail)
}
