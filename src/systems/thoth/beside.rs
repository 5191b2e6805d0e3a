//! What stands beside the evidence in a file or bundle: whether anything covers it, and whether it agrees with the records.

use std::collections::HashMap;

use super::checks::{COMPANION, COVERAGE, HOLDER};
use super::evidence::{HOLDERS, Item, Supplied};
use super::examiner::Examiner;
use super::kind;
use crate::report::{Finding, Reason};

impl Examiner<'_, '_> {
    /// What stands beside the evidence and nothing covers keeps the file from being valid.
    pub fn uncovered(&mut self) {
        let beside = self.evidence.beside.iter();
        let beside = beside.filter(|(bundle, pointer)| {
            let covered = self.parts.get(bundle);
            let name = pointer.rsplit('/').next();
            covered.is_some_and(|covered| {
                let known = [*covered, "bundle_hash", "signature"];
                !self.sealed.contains(bundle) && name.is_some_and(|name| !known.contains(&name))
            })
        });
        let uncovered: Vec<&String> = beside
            .map(|(_, pointer)| pointer)
            .chain(&self.evidence.uncovered)
            .chain(&self.unsaid)
            .collect();
        if let Some(first) = uncovered.first() {
            let more = match uncovered.len() {
                1 => String::new(),
                count => format!(" (and {} more)", count.saturating_sub(1)),
            };
            let detail = format!(
                "No hash or signature covers what stands at {first}{more}: nothing shows whether it was altered."
            );
            self.own(&COVERAGE, Finding::skip(Reason::InputNeeded, detail));
        }
    }

    /// Says which files that a person supplied could not be used, or not all of them.
    pub fn companions(&mut self, supplied: &[Supplied<'_>]) {
        let used = &self.evidence.used;
        let mut unusable = supplied.iter().enumerate().filter_map(|(number, supplied)| {
            let Supplied { part, file_name, fault } = supplied;
            match fault {
                Some(fault) => Some(format!("You supplied {file_name} as `{part}`, but {fault}.")),
                None if used.contains(&number) => None,
                None => Some(format!("You supplied {file_name} as `{part}`, and there are no {part} of Thoth's in it.")),
            }
        });
        let finding = match unusable.next() {
            _ if supplied.is_empty() => return,
            Some(sentence) => Finding::skip(Reason::InputNeeded, sentence),
            None => Finding::pass(""),
        };
        self.own(&COMPANION, finding);
    }

    /// Holds the session and the tenant that a file or bundle states against those of its events and decisions.
    pub fn holders(&mut self) {
        let evidence = self.evidence;
        let mut said = Said::default();
        for (number, holder) in evidence.holders.iter().enumerate() {
            said.at.insert(holder.pointer.as_str(), number);
        }
        if said.at.is_empty() {
            return;
        }
        let events = evidence.events.iter().map(|event| &event.item);
        let decisions = evidence.decisions.iter().map(|decision| &decision.item);
        for item in events.chain(decisions).filter(|item| item.is_own()) {
            said.count(item, &evidence.holders);
        }
        let (mut strange, mut mixed, mut agrees) = (Vec::new(), Vec::new(), false);
        for (number, holder) in evidence.holders.iter().enumerate() {
            for name in HOLDERS {
                let Some(stated) = holder.text(name) else {
                    continue;
                };
                let counts = said.counts.get(&(number, name));
                let (same, other) = counts.copied().unwrap_or_default();
                let place = format!("{}/{}", holder.pointer, kind::spelt(holder.value, name));
                agrees |= same > 0;
                match (same, other) {
                    (0, None) => {
                        let bundle = evidence.bundle_of(holder);
                        let part = bundle.is_some_and(|bundle| {
                            self.parts.contains_key(&bundle) && !self.sealed.contains(&bundle)
                        });
                        self.unsaid.extend(part.then_some(place));
                    }
                    (0, Some(other)) => strange.push((place, stated, other)),
                    (_, Some(other)) => mixed.push((place, stated, other)),
                    (_, None) => {}
                }
            }
        }
        let finding = match (strange.first(), mixed.first()) {
            (Some((place, stated, other)), _) => Finding::fail(format!(
                "What stands at {place} is said of no record beside it: they name another."
            ))
            .expected(*stated)
            .actual(*other),
            (None, Some((place, _, other))) => Finding::note(format!(
                "What stands at {place} is not said of every record beside it: some name {other}."
            )),
            (None, None) if agrees => Finding::pass(""),
            (None, None) => return,
        };
        self.own(&HOLDER, finding);
    }
}

/// What the records within the holders of evidence say of their session and tenant.
#[derive(Default)]
struct Said<'e> {
    /// Which holder stands at a pointer.
    at: HashMap<&'e str, usize>,
    /// For each holder and member: how many records say the same, and the first other that one says.
    counts: HashMap<(usize, &'static str), (usize, Option<&'e str>)>,
}

impl<'e> Said<'e> {
    fn count<'d: 'e>(&mut self, item: &'e Item<'d>, holders: &[Item<'_>]) {
        let mut pointer = item.pointer.as_str();
        while let Some((outer, _)) = pointer.rsplit_once('/') {
            pointer = outer;
            let Some(number) = self.at.get(pointer).copied() else {
                continue;
            };
            for name in HOLDERS {
                let stated = holders.get(number).and_then(|holder| holder.text(name));
                let (Some(stated), Some(said)) = (stated, item.text(name)) else {
                    continue;
                };
                let (same, other) = self.counts.entry((number, name)).or_default();
                match stated == said {
                    true => *same = same.saturating_add(1),
                    false => drop(other.get_or_insert(said)),
                }
            }
        }
    }
}
