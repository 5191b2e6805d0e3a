//! What the page knows, and how each event changes it: a pure reducer.

mod entry;

use std::rc::Rc;

use assay::report::{AskKind, Verdict};
use assay::trust::PublicKey;

use super::format::{count, plural};
pub use entry::{Entry, Judgement, NewFile, Stage, Supplied, Ticket};

/// Files taken in at once. More would make the list useless before it made the page slow.
pub const FILES_AT_ONCE: usize = 1_000;

/// Everything that the page draws.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// The files, those of the newest drop first.
    pub entries: Vec<Rc<Entry>>,
    /// The keys that the person pinned.
    pub pins: Vec<PublicKey>,
    /// Why the last text was not pinned.
    pub pin_error: Option<String>,
    /// Why the last drop or paste brought no file, or not all.
    pub notice: Option<String>,
    /// Whether something is being dragged over the page.
    pub dragging: bool,
    /// What assistive technology says aloud.
    pub announcement: String,
    /// Where the keyboard's focus goes when a round of verification ends.
    pub arrival: Option<Arrival>,
    /// The files verified in the current or last round.
    round: Vec<u32>,
    /// Whether the round was started by handing over files, so that the person awaits its reports.
    awaited: bool,
}

/// Where the focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// To this file's report.
    Report(Ticket),
    /// To the list of files.
    List(Ticket),
}

/// What can happen.
#[derive(Debug)]
pub enum Action {
    /// Files were dropped, chosen or pasted.
    Add(Vec<NewFile>),
    /// A file got further, to a report at last.
    Advance(Ticket, Stage),
    /// No system claims a folder as a whole: these are its files.
    Apart(Ticket, Vec<NewFile>),
    /// The person cancelled a file.
    Cancel(u32),
    /// The person asked for a cancelled or stopped file again.
    Retry(u32),
    /// The person supplied something for a file.
    Supply(u32, Supplied),
    /// The person took something back, by its number, that was supplied for a file.
    Withdraw(u32, u32),
    /// The person removed a file.
    Remove(u32),
    /// The person removed all files.
    Clear,
    /// The person pasted a key to pin.
    Pin(String),
    /// The person removed a pinned key.
    Unpin(usize),
    /// Something is, or is no longer, being dragged over the page.
    Drag(bool),
    /// A drop or paste brought no file.
    Notice(String),
}

/// Files that come together in larger numbers start with folded reports.
const OPEN_AT_ONCE: usize = 8;

impl State {
    /// The files that workers should be busy with or get next, in order.
    pub fn wanted(&self) -> impl Iterator<Item = &Rc<Entry>> {
        self.entries
            .iter()
            .filter(|entry| entry.stage.in_progress())
    }

    /// The state after `action`.
    pub fn after(&self, action: Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::Add(files) => next.add(files),
            Action::Advance(ticket, stage) => next.advance(ticket, stage),
            Action::Apart(ticket, files) => next.apart(ticket, files),
            Action::Cancel(file) => next.cancel(file),
            Action::Retry(file) => next.start(true, |entry| entry.ticket.file == file),
            Action::Supply(file, supplied) => next.supply(file, supplied),
            Action::Withdraw(file, id) => next.withdraw(file, id),
            Action::Remove(file) => next.entries.retain(|entry| entry.ticket.file != file),
            Action::Clear => next.entries.clear(),
            Action::Pin(text) => next.pin(&text),
            Action::Unpin(index) => next.unpin(index),
            Action::Drag(over) => next.dragging = over,
            Action::Notice(text) => next.notice = Some(text),
        }
        next
    }

    fn add(&mut self, files: Vec<NewFile>) {
        self.dragging = false;
        self.announcement = match files.as_slice() {
            [] => return,
            [one] => format!("Verifying {}.", one.name),
            many => format!("Verifying {} files.", many.len().min(FILES_AT_ONCE)),
        };
        if self.wanted().next().is_none() {
            self.round.clear();
        }
        self.awaited = true;
        let new = self.taken_in(files);
        self.entries.splice(0..0, new);
    }

    /// The files of a folder in its place.
    fn apart(&mut self, ticket: Ticket, files: Vec<NewFile>) {
        let current = |entry: &Rc<Entry>| entry.ticket == ticket && entry.stage.in_progress();
        if let Some(at) = self.entries.iter().position(current) {
            let new = self.taken_in(files);
            self.entries.splice(at..=at, new);
            self.finish_round();
        }
    }

    /// Files that came together, as entries of the current round.
    fn taken_in(&mut self, mut files: Vec<NewFile>) -> Vec<Rc<Entry>> {
        let offered = files.len();
        files.truncate(FILES_AT_ONCE);
        self.notice = (files.len() < offered).then(|| {
            format!(
                "{} files came at once. The first {} were taken; hand over the others afterwards.",
                count(offered as u64),
                count(FILES_AT_ONCE as u64)
            )
        });
        let together: Rc<[u32]> = files.iter().map(|file| file.id).collect();
        let folded = files.len() > OPEN_AT_ONCE;
        self.round.extend(together.iter());
        files
            .into_iter()
            .map(|file| Entry::new(file, together.clone(), folded))
            .collect()
    }

    /// Moves a run on. News of a run that is over or was replaced changes nothing.
    fn advance(&mut self, ticket: Ticket, stage: Stage) {
        let done = !stage.in_progress();
        let current = self
            .entries
            .iter_mut()
            .find(|entry| entry.ticket == ticket && entry.stage.in_progress());
        let Some(entry) = current else { return };
        *entry = entry.at(stage);
        if done {
            self.finish_round();
        }
    }

    fn cancel(&mut self, file: u32) {
        let ticket = self.entries.iter().find(|entry| entry.ticket.file == file);
        if let Some(ticket) = ticket.map(|entry| entry.ticket) {
            self.advance(ticket, Stage::Cancelled);
        }
    }

    /// Adds what was supplied, in place of another value of the same name, and verifies the file again.
    fn supply(&mut self, file: u32, supplied: Supplied) {
        let replaces = supplied.kind != AskKind::File;
        self.change_supplied(file, |all| {
            all.retain(|one| !(replaces && one.ask == supplied.ask));
            all.push(supplied);
        });
    }

    fn withdraw(&mut self, file: u32, id: u32) {
        self.change_supplied(file, |all| all.retain(|one| one.id != id));
    }

    fn change_supplied(&mut self, file: u32, change: impl FnOnce(&mut Vec<Supplied>)) {
        let entry = self
            .entries
            .iter_mut()
            .find(|entry| entry.ticket.file == file);
        let Some(entry) = entry else { return };
        change(&mut Rc::make_mut(entry).supplied);
        self.announcement = format!("Verifying {} again.", entry.name);
        self.start(true, |entry| entry.ticket.file == file);
    }

    /// Verifies again the files that `which` picks.
    fn start(&mut self, awaited: bool, which: impl Fn(&Entry) -> bool) {
        if self.wanted().next().is_none() {
            self.round.clear();
            self.awaited = awaited;
        }
        for entry in self.entries.iter_mut().filter(|entry| which(entry)) {
            *entry = entry.again();
            if !self.round.contains(&entry.ticket.file) {
                self.round.push(entry.ticket.file);
            }
        }
    }

    fn pin(&mut self, text: &str) {
        match PublicKey::parse(text) {
            Err(error) => {
                self.pin_error = Some(error.to_string());
                self.announcement = format!("Not pinned. {error}");
            }
            Ok(key) if self.pins.contains(&key) => {
                self.pin_error = Some("This key is pinned already.".into());
                self.announcement = "This key is pinned already.".into();
            }
            Ok(key) => {
                self.pins.push(key);
                self.pins_changed("Key pinned.");
            }
        }
    }

    fn unpin(&mut self, index: usize) {
        if index < self.pins.len() {
            self.pins.remove(index);
            self.pins_changed("Key no longer pinned.");
        }
    }

    fn pins_changed(&mut self, what: &str) {
        self.pin_error = None;
        self.start(false, |entry| !matches!(entry.stage, Stage::Cancelled));
        let again = if self.wanted().next().is_none() {
            ""
        } else {
            " Verifying again."
        };
        self.announcement = format!("{what}{again}");
    }

    /// Says how the round came out, once nothing is in progress.
    fn finish_round(&mut self) {
        if self.wanted().next().is_some() {
            return;
        }
        let round: Vec<&Rc<Entry>> = self
            .entries
            .iter()
            .filter(|entry| self.round.contains(&entry.ticket.file))
            .collect();
        let Some(first) = round.first().copied() else {
            return;
        };
        let one = round.len() == 1;
        self.announcement = if one {
            match first.judgement() {
                Some(judgement) => format!(
                    "{}: {}. {}",
                    first.name,
                    first.word(),
                    judgement.report.summary
                ),
                None => format!("{}: {}.", first.name, first.word()),
            }
        } else {
            format!(
                "{} are done: {}.",
                plural(round.len(), "file"),
                tally(&round)
            )
        };
        if self.awaited {
            self.arrival = Some(if one {
                Arrival::Report(first.ticket)
            } else {
                Arrival::List(first.ticket)
            });
        }
    }
}

/// How many files stand how: `2 valid, 1 refused`.
pub fn tally(entries: &[&Rc<Entry>]) -> String {
    let words = [
        Verdict::Invalid.word(),
        Verdict::Indeterminate.word(),
        Verdict::Refused.word(),
        "not judged",
        "stopped",
        "cancelled",
        Verdict::Valid.word(),
        "verifying",
        "loading",
        "reading",
        "waiting",
    ];
    let parts: Vec<String> = words
        .iter()
        .filter_map(|word| {
            let n = entries.iter().filter(|entry| entry.word() == *word).count();
            (n > 0).then(|| format!("{n} {word}"))
        })
        .collect();
    parts.join(", ")
}

#[cfg(test)]
mod tests;
