//! The hashes of events: the rule that the file itself shows, and every hash held against it.

use super::chain::Chain;
use super::checks::{CONTENT_HASH, HASH_RULE};
use super::event::{self, Event};
use super::rules::{self, Link, Rule};
use crate::report::{Finding, Reason, Subject, Transcript};

/// Hashed records that every candidate is tried on.
const SAMPLED: usize = 32;

/// The rules that the hashes of a file were made by.
#[derive(Default)]
pub(super) struct Established {
    /// Each holds for a record at least; the one that holds for most comes first.
    rules: Vec<Rule>,
}

impl Established {
    /// Tries every candidate on the first records that bear a hash.
    pub fn of(chains: &[Chain<'_, '_>]) -> Self {
        let hashed = chains
            .iter()
            .flat_map(|chain| &chain.events)
            .filter(|event| event.hash().is_some());
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
                let found = rules::matching(event.item.value, &link, &recorded);
                counted.extend(found.into_iter().map(|rule| (1, rule)));
            }
        }
        counted.sort_by_key(|(count, rule)| (std::cmp::Reverse(*count), rule.order()));
        Self {
            rules: counted.into_iter().map(|(_, rule)| rule).collect(),
        }
    }

    /// The rule that holds for most.
    pub fn best(&self) -> Option<&Rule> {
        self.rules.first()
    }

    /// Says which rule a chain's hashes were made by.
    pub fn record_rule(
        &self,
        chain: &Chain<'_, '_>,
        transcript: &mut Transcript,
        subject: &mut Subject,
    ) {
        let hashed = chain.events.iter().any(|event| event.hash().is_some());
        let finding = match self.best() {
            _ if !hashed => Finding::skip(
                Reason::InputNeeded,
                "The records bear no hash, as the SDK sends them before the service chains them: nothing here shows whether they were altered.",
            ),
            Some(rule) => Finding::pass(format!(
                "Recomputed under this rule, which the vendor has not published: {}.",
                rule.words()
            )),
            None => Finding::skip(
                Reason::RuleUnpublished,
                format!(
                    "How `hash` is made is not published, and none of the {} candidates gives it: SHA-256 and BLAKE3 over RFC 8785, Python's and Go's JSON and the order of the file, with and without `previous_hash`, alone and joined with it.",
                    rules::candidates()
                ),
            ),
        };
        transcript.record(subject, &HASH_RULE, finding);
    }

    /// Holds the hash of a record against the rules; says whether one holds. Without a rule there is nothing to record.
    pub fn record_hash(
        &self,
        event: &Event<'_>,
        siblings_hashed: bool,
        transcript: &mut Transcript,
        subject: &mut Subject,
    ) -> bool {
        let Some(hash) = event.hash() else {
            if siblings_hashed {
                let finding = Finding::skip(
                    Reason::InputNeeded,
                    format!(
                        "The record at {} bears no hash, while others do: nothing shows whether it was altered.",
                        event.item.place()
                    ),
                );
                transcript.record(subject, &CONTENT_HASH, finding);
            }
            return false;
        };
        let Some(best) = self.best() else {
            return false;
        };
        let link = link(event);
        let recorded = event::digest(hash);
        let holds = recorded.is_some_and(|recorded| {
            let mut rules = self.rules.iter();
            rules.any(|rule| rule.holds(event.item.value, &link, &recorded))
        });
        if holds {
            transcript.pass(subject, &CONTENT_HASH);
            return true;
        }
        let begins = link.previous.is_empty() && best.is_joined();
        let finding = match recorded {
            Some(_) if begins => Finding::skip(
                Reason::RuleUnpublished,
                format!(
                    "The hash of the record at {} is not the one recorded. As the first of its chain it may have been joined with a value that is recorded nowhere.",
                    event.item.place()
                ),
            ),
            _ => Finding::fail(format!(
                "The hash of the record at {} is not the one recorded, under the rule that other records of the file were hashed by.",
                event.item.place()
            )),
        };
        let computed = best.digest(event.item.value, &link);
        let finding = match computed {
            Some(computed) => finding.actual(crate::bytes::to_hex(&computed)),
            None => finding,
        };
        transcript.record(subject, &CONTENT_HASH, finding.expected(hash));
        false
    }
}

fn link<'d>(event: &Event<'d>) -> Link<'d> {
    Link {
        previous: event.previous().unwrap_or_default(),
        index: event.index(),
    }
}
