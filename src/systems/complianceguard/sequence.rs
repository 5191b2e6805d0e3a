//! The numbers that the server gave to the events of a file: gaps, and numbers that two events share.

use std::collections::{BTreeMap, HashMap};

use super::event::ACCEPTED;
use super::index::Index;
use super::statement::Sequence;
use crate::report::{Finding, Reason};

/// Gaps that are named; more are counted.
const NAMED: usize = 5;

type Numbers<'i> = BTreeMap<u64, &'i str>;

/// What the sequence numbers in the file show; none when there are fewer than two.
///
/// How far a sequence goes, over a system or over a whole environment, is not published: a number counts as missing only
/// when it is missing either way.
pub(super) fn examine(index: &Index) -> Option<Finding> {
    let mut systems: BTreeMap<(&str, &str), Numbers<'_>> = BTreeMap::new();
    let mut given: HashMap<(&str, &str, &str), u64> = HashMap::new();
    let (mut odd, mut twice) = (None, None);
    let events = index.events.iter().filter_map(|known| {
        let own = known.place.is_here();
        own.then_some((&known.statement, &*known.system, &*known.id))
    });
    let receipts = index.receipts.iter().filter_map(|receipt| {
        let own = receipt.place.is_here();
        own.then_some((&receipt.statement, &*receipt.system, &*receipt.event))
    });
    for (statement, system, id) in events.chain(receipts) {
        let environment = statement.environment.as_deref().unwrap_or_default();
        let number = match &statement.sequence {
            None => continue,
            Some(Sequence::Number(number)) => *number,
            Some(Sequence::Odd(words)) => {
                odd.get_or_insert_with(|| {
                    Finding::skip(
                        Reason::Unsupported,
                        format!(
                            "The sequence number of the event {id} is {words}, not a whole number from 0, so whether a number is missing or stands twice was not examined."
                        ),
                    )
                });
                continue;
            }
        };
        let numbers = systems.entry((environment, system)).or_default();
        if let Some(other) = numbers.insert(number, id)
            && other != id
        {
            return Some(Finding::fail(format!(
                "The events {other} and {id} of the system {system} both have the sequence number {number}. {ACCEPTED}"
            )));
        }
        let earlier = given.insert((environment, system, id), number);
        if let Some(earlier) = earlier.filter(|earlier| *earlier != number) {
            twice.get_or_insert_with(|| {
                Finding::note(format!(
                    "The event {id} has two sequence numbers, {earlier} and {number}, so whether a number is missing was not examined."
                ))
            });
        }
    }
    if let Some(finding) = odd.or(twice) {
        return Some(finding);
    }
    let count = systems
        .values()
        .map(BTreeMap::len)
        .fold(0, usize::saturating_add);
    if count < 2 {
        return None;
    }
    let mut environments: BTreeMap<&str, Numbers<'_>> = BTreeMap::new();
    for ((environment, _), numbers) in &systems {
        environments.entry(environment).or_default().extend(numbers);
    }
    let gaps: Vec<String> = systems
        .iter()
        .filter(|((environment, _), _)| {
            environments
                .get(environment)
                .is_some_and(|numbers| !gaps(numbers).is_empty())
        })
        .flat_map(|((_, system), numbers)| {
            gaps(numbers).into_iter().map(move |(before, after)| {
                format!("from {before} to {after} in the system {system}")
            })
        })
        .collect();
    Some(match gaps.len() {
        0 => Finding::pass(format!("{count} numbers, none missing between them.")),
        total => {
            let more = total.saturating_sub(NAMED);
            let mut named = gaps.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
            if more > 0 {
                named.push_str(&format!(" and {more} more"));
            }
            Finding::note(format!(
                "The sequence numbers jump {named}. The events between are not in this file; whether they were left out of it or were never there cannot be told from it."
            ))
        }
    })
}

/// The numbers on either side of each gap.
fn gaps(numbers: &Numbers<'_>) -> Vec<(u64, u64)> {
    let keys = numbers.keys().copied();
    keys.clone()
        .zip(keys.skip(1))
        .filter(|(before, after)| before.saturating_add(1) < *after)
        .collect()
}
