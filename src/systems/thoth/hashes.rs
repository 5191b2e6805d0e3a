//! The hashes of events and rows: the rule that the file itself shows, and every hash held against it.

use std::collections::HashSet;

use super::chain::Chain;
use super::checks::{CONTENT_HASH, COVERAGE, HASH_RULE};
use super::event::{self, Event};
use super::rules::{self, Link, Rule};
use crate::bytes::to_hex;
use crate::report::{Finding, Reason, Subject, Transcript};

/// Hashed records that every candidate is tried on.
const SAMPLED: usize = 32;

/// Members of a row that say nothing beside what its links say.
const LINKING: [&str; 7] = [
    "chain_index",
    "hash",
    "previous_hash",
    "signature",
    "tenant_id",
    "session_id",
    "event_id",
];

/// The rules that the hashes of a file were made by: those of its events, and those of its rows.
#[derive(Default)]
pub(super) struct Established<'e> {
    events: Vec<Rule>,
    rows: Vec<Rule>,
    /// The hashes of the events, which rows beside them may repeat.
    hashes: HashSet<&'e str>,
    /// Whether any event, or any row, bears a hash.
    hashed: [bool; 2],
}

impl<'e> Established<'e> {
    /// Tries every candidate on the first records that bear a hash.
    pub fn of<'d: 'e>(chains: &[Chain<'e, 'd>]) -> Self {
        let hashed = |is_row: bool| {
            let events = chains.iter().flat_map(|chain| chain.events.iter().copied());
            events.filter(move |event| event.hash().is_some() && event.is_row() == is_row)
        };
        let hashes: HashSet<&str> = hashed(false).filter_map(Event::hash).collect();
        let own_rows =
            hashed(true).filter(|row| !row.hash().is_some_and(|hash| hashes.contains(hash)));
        Self {
            events: established(hashed(false)),
            rows: established(own_rows),
            hashed: [
                hashed(false).next().is_some(),
                hashed(true).next().is_some(),
            ],
            hashes,
        }
    }

    fn rules(&self, is_row: bool) -> &[Rule] {
        match is_row {
            true => &self.rows,
            false => &self.events,
        }
    }

    /// The rule that holds for most.
    pub fn best(&self) -> Option<&Rule> {
        self.events.first().or_else(|| self.rows.first())
    }

    /// Whether a row repeats the hash of an event of the file, which is judged there.
    fn repeats(&self, event: &Event<'_>) -> bool {
        event.is_row() && event.hash().is_some_and(|hash| self.hashes.contains(hash))
    }

    /// Says which rule a chain's hashes were made by.
    pub fn record_rule(
        &self,
        chain: &Chain<'_, '_>,
        transcript: &mut Transcript,
        subject: &mut Subject,
    ) {
        let hashed = chain.events.iter().filter(|event| event.hash().is_some());
        let mut judged = hashed.clone().filter(|event| !self.repeats(event));
        let without_rule = judged
            .clone()
            .find(|event| self.rules(event.is_row()).is_empty());
        let is_row = without_rule.is_some_and(|event| event.is_row());
        let rule = judged.next().map(|event| {
            self.rules(event.is_row())
                .first()
                .filter(|_| without_rule.is_none())
        });
        let signed = chain.events.iter().any(|event| event.signature().is_some());
        let finding = match (hashed.count(), rule) {
            (0, _) if signed => Finding::skip(
                Reason::InputNeeded,
                "The records bear no hash, and no signature was verified over the whole of each: nothing so far shows whether they were altered.",
            ),
            (0, _) => Finding::skip(
                Reason::InputNeeded,
                "The records bear no hash, as the SDK sends them before the service chains them: nothing here shows whether they were altered.",
            ),
            (_, None) => Finding::pass("The rows repeat the hashes of events in the file."),
            (_, Some(Some(rule))) => Finding::pass(format!(
                "Recomputed under this rule, which the vendor has not published: {}.",
                rule.words()
            )),
            (_, Some(None)) => Finding::skip(
                Reason::RuleUnpublished,
                format!(
                    "How `hash` is made is not published, and none of the {} candidates gives it: SHA-256 and BLAKE3 over RFC 8785, Python's and Go's JSON and the order of the file, with and without `previous_hash`, alone and joined with it.",
                    rules::candidates(is_row)
                ),
            ),
        };
        transcript.record(subject, &HASH_RULE, finding);
    }

    /// Holds the hash of a record against the rules; says whether one holds. Without a rule there is nothing to record.
    /// `otherwise` tells that the hash of a bundle, or a signature over its content, covers the record anyway.
    pub fn record_hash(
        &self,
        event: &Event<'_>,
        otherwise: bool,
        transcript: &mut Transcript,
        subject: &mut Subject,
    ) -> bool {
        let is_row = event.is_row();
        let place = event.item.place();
        let Some(hash) = event.hash() else {
            let [events, rows] = self.hashed;
            let others = if is_row { rows } else { events };
            if others && !otherwise {
                let detail = format!(
                    "The record at {place} bears no hash, while others do: nothing shows whether it was altered."
                );
                let finding = Finding::skip(Reason::InputNeeded, detail);
                transcript.record(subject, &CONTENT_HASH, finding);
            }
            return false;
        };
        let covers = |keys: &[&str]| {
            let members = event.item.value.as_object().map(|object| &object.members);
            let mut keys_there = members
                .into_iter()
                .flatten()
                .map(|member| member.key.as_ref());
            keys_there.all(|key| LINKING.contains(&key) || keys.contains(&key))
        };
        if self.repeats(event) {
            transcript.pass(subject, &CONTENT_HASH);
            record_coverage(otherwise || covers(&[]), &place, transcript, subject);
            return true;
        }
        let Some(best) = self.rules(is_row).first() else {
            return false;
        };
        let link = link(event);
        let recorded = event::digest(hash);
        let holding = recorded.and_then(|recorded| {
            let mut rules = self.rules(is_row).iter();
            rules.find(|rule| rule.holds(event.item.value, &link, &recorded))
        });
        if let Some(rule) = holding {
            transcript.pass(subject, &CONTENT_HASH);
            let whole = otherwise || !rule.is_of_part() || covers(&[rule.view.within]);
            record_coverage(whole, &place, transcript, subject);
            return true;
        }
        let begins = link.previous.is_empty() && best.is_joined();
        let finding = match recorded {
            Some(_) if begins => Finding::skip(
                Reason::RuleUnpublished,
                format!(
                    "The hash of the record at {place} is not the one recorded. As the first of its chain it may have been joined with a value that is recorded nowhere."
                ),
            ),
            _ => Finding::fail(format!(
                "The hash of the record at {place} is not the one recorded, under the rule that other records of the file were hashed by."
            )),
        };
        let finding = match best.digest(event.item.value, &link) {
            Some(computed) => finding.actual(to_hex(&computed)),
            None => finding,
        };
        transcript.record(subject, &CONTENT_HASH, finding.expected(hash));
        false
    }
}

/// Says so where the hash of a row leaves out something that the row says.
fn record_coverage(whole: bool, place: &str, transcript: &mut Transcript, subject: &mut Subject) {
    if !whole {
        let detail = format!(
            "The hash of the row at {place} covers a part of it; nothing shows whether the rest was altered."
        );
        let finding = Finding::skip(Reason::InputNeeded, detail);
        transcript.record(subject, &COVERAGE, finding);
    }
}

/// The rules that hold for the first of these; the one that holds for most comes first.
fn established<'e, 'd: 'e>(hashed: impl Iterator<Item = &'e Event<'d>>) -> Vec<Rule> {
    let mut counted: Vec<(usize, Rule)> = Vec::new();
    for event in hashed.take(SAMPLED) {
        let Some(recorded) = event.hash().and_then(event::digest) else {
            continue;
        };
        let link = link(event);
        let mut known = false;
        for (count, rule) in &mut counted {
            if rule.holds(event.item.value, &link, &recorded) {
                *count = count.saturating_add(1);
                known = true;
            }
        }
        if !known {
            let found = rules::matching(event.item.value, event.is_row(), &link, &recorded);
            counted.extend(found.into_iter().map(|rule| (1, rule)));
        }
    }
    counted.sort_by_key(|(count, rule)| (std::cmp::Reverse(*count), rule.order()));
    counted.into_iter().map(|(_, rule)| rule).collect()
}

fn link<'d>(event: &Event<'d>) -> Link<'d> {
    Link {
        previous: event.previous().unwrap_or_default(),
        index: event.index(),
    }
}
