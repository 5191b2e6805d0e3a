//! Chains: which records form one, and whether each follows from the one before it.
//!
//! The order is that of the file. The vendor's pages of evidence hold one chain for a tenant; files of sessions hold one for
//! each session. Which it is shows in the file, and docs/thoth.md says how it is told.

use std::collections::{HashMap, HashSet};

use super::event::{self, Event};
use super::evidence::Evidence;
use crate::report::Finding;

/// Records that form a chain, in the order of the file.
pub(super) struct Chain<'e, 'd> {
    /// The session, or the tenant of a chain across sessions.
    pub name: String,
    /// The records that bear a place and a link.
    pub linked: Vec<&'e Event<'d>>,
    /// All records.
    pub events: Vec<&'e Event<'d>>,
}

/// Sorts the records of a file into chains; no chain leads from one bundle or list into another.
pub(super) fn chains<'e, 'd>(evidence: &'e Evidence<'d>) -> Vec<Chain<'e, 'd>> {
    let bundle_of = |event: &'e Event<'d>| {
        let bundle = evidence.bundle_of(&event.item);
        let bundle = bundle.and_then(|number| evidence.bundles.get(number));
        bundle.map_or("none", |bundle| bundle.pointer.as_str())
    };
    let own = evidence.events.iter().filter(|event| event.item.is_own());
    let mut chains = Vec::new();
    for (_, bundled) in grouped(own, bundle_of) {
        for (_, listed) in grouped(bundled.into_iter(), |event| event.item.list()) {
            add_chains(listed.into_iter(), &mut chains);
        }
    }
    chains
}

fn add_chains<'e, 'd: 'e>(
    events: impl Iterator<Item = &'e Event<'d>>,
    chains: &mut Vec<Chain<'e, 'd>>,
) {
    for (tenant, events) in grouped(events, |event| event.tenant()) {
        if runs_across_sessions(&events) {
            chains.push(Chain::new(tenant, events));
            continue;
        }
        for (session, events) in grouped(events.into_iter(), |event| event.session()) {
            let name = if session.is_empty() { tenant } else { session };
            chains.push(Chain::new(name, events));
        }
    }
}

/// The records by a text of theirs, both in the order of the file.
fn grouped<'e, 'd: 'e>(
    events: impl Iterator<Item = &'e Event<'d>>,
    by: impl Fn(&'e Event<'d>) -> &'e str,
) -> Vec<(&'e str, Vec<&'e Event<'d>>)> {
    let mut groups: Vec<(&'e str, Vec<&'e Event<'d>>)> = Vec::new();
    let mut at: HashMap<&'e str, usize> = HashMap::new();
    for event in events {
        let name = by(event);
        let index = *at.entry(name).or_insert_with(|| {
            groups.push((name, Vec::new()));
            groups.len().saturating_sub(1)
        });
        if let Some((_, group)) = groups.get_mut(index) {
            group.push(event);
        }
    }
    groups
}

/// Whether a tenant's records form one chain: a link leads from one session to another, or no session begins anew.
fn runs_across_sessions(events: &[&Event<'_>]) -> bool {
    let linked = || events.iter().filter(|event| event.is_chained());
    let sessions: HashMap<&str, &str> = linked()
        .filter_map(|event| Some((event.hash()?, event.session())))
        .collect();
    let crosses = linked().any(|event| {
        let previous = event.previous().and_then(|hash| sessions.get(hash));
        previous.is_some_and(|session| *session != event.session())
    });
    let mut seen: HashSet<&str> = HashSet::new();
    let mut highest = None;
    let mut anew = 0_usize;
    for event in linked() {
        if !seen.contains(event.session()) {
            if !seen.is_empty() && (event.previous().is_none() || event.index() <= highest) {
                anew = anew.saturating_add(1);
            }
            seen.insert(event.session());
        }
        highest = highest.max(event.index());
    }
    crosses || (seen.len() > 1 && anew == 0)
}

impl<'e, 'd> Chain<'e, 'd> {
    fn new(name: &str, events: Vec<&'e Event<'d>>) -> Self {
        let linked = events.iter().copied().filter(|event| event.is_chained());
        Self {
            name: name.to_owned(),
            linked: linked.collect(),
            events,
        }
    }

    fn pairs(&self) -> impl Iterator<Item = (&'e Event<'d>, &'e Event<'d>)> {
        let after = self.linked.iter().skip(1).copied();
        self.linked.iter().copied().zip(after)
    }

    /// Whether each place is the next after the one before it; none where there are not two records.
    pub fn indices(&self) -> Option<Finding> {
        let mut broken = self.pairs().filter_map(|(before, event)| {
            let place = event.item.place();
            Some(match (before.index(), event.index()) {
                (Some(before), Some(index)) if before.checked_add(1) == Some(index) => return None,
                (Some(before), Some(index)) if index > before => {
                    let missing = index.saturating_sub(before).saturating_sub(1);
                    let records = if missing == 1 { "record is" } else { "records are" };
                    format!("After place {before} comes place {index} ({place}): {missing} {records} missing.")
                }
                (Some(before), Some(index)) => {
                    format!("After place {before} comes place {index} ({place}), which is not after it.")
                }
                _ => format!("The record at {place}, or the one before it, states no place in the chain."),
            })
        });
        self.linked.get(1)?;
        self.linked.iter().find_map(|event| event.index())?;
        Some(match broken.next() {
            None => Finding::pass(""),
            Some(first) => Finding::fail(with_more(first, broken.count())),
        })
    }

    /// Whether each record names the hash of the one before it; none where there are not two.
    pub fn links(&self) -> Option<Finding> {
        let mut broken = self
            .pairs()
            .filter(|(before, event)| !follows(before, event));
        self.linked.get(1)?;
        Some(match broken.next() {
            None => Finding::pass(""),
            Some((before, event)) => {
                let sentence = format!(
                    "The record at {} does not name the hash of the one before it.",
                    event.item.place()
                );
                Finding::fail(with_more(sentence, broken.count()))
                    .expected(event.previous().unwrap_or("no predecessor"))
                    .actual(before.hash().unwrap_or("no hash"))
            }
        })
    }

    /// What the beginning of the chain says of records that are not in the file; none without a chain.
    pub fn boundary(&self) -> Option<Finding> {
        let first = self.linked.first()?;
        let index = first.index();
        Some(match (first.previous(), index) {
            (None, None | Some(0 | 1)) => {
                Finding::pass("The file has the chain from its beginning.")
            }
            (None, Some(index)) => Finding::note(format!(
                "The first record here states place {index} and names no predecessor: records before it are not in the file, or places are counted otherwise."
            )),
            (Some(_), Some(index)) => Finding::note(format!(
                "The first record here stands at place {index} and names a predecessor that is not in the file. That one could not be checked."
            )),
            (Some(_), None) => Finding::note(
                "The first record here names a predecessor that is not in the file. That one could not be checked.",
            ),
        })
    }
}

fn follows(before: &Event<'_>, event: &Event<'_>) -> bool {
    let (Some(hash), Some(previous)) = (before.hash(), event.previous()) else {
        return false;
    };
    match (event::digest(hash), event::digest(previous)) {
        (Some(hash), Some(previous)) => hash == previous,
        _ => hash == previous,
    }
}

fn with_more(sentence: String, more: usize) -> String {
    match more {
        0 => sentence,
        1 => format!("{sentence} It is so in one more place."),
        _ => format!("{sentence} It is so in {more} more places."),
    }
}
