//! What the page knows, and how each event changes it: a pure reducer.

use std::rc::Rc;

use assay::Report;
use assay::report::Verdict;
use assay::trust::PublicKey;

use super::format::{count, plural};

/// Files taken in at once. More would make the list useless before it made the page slow.
pub const FILES_AT_ONCE: usize = 1_000;

/// One run of the verifier over one file. A file is verified again when the pinned keys change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The file.
    pub file: u32,
    /// Counts the file's runs.
    pub run: u32,
}

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

/// One file that was handed over.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The current run.
    pub ticket: Ticket,
    /// The file's name, or its path within a dropped folder.
    pub name: Rc<str>,
    /// The file's size in bytes.
    pub bytes: u64,
    /// Whether it came with so many others that its report starts folded.
    pub folded: bool,
    /// How far it has come.
    pub stage: Stage,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// In the queue.
    Waiting,
    /// Being read: bytes so far.
    Reading(u64),
    /// Being verified: parts done and parts in all, where they are known.
    Verifying(Option<(u64, u64)>),
    /// Verified or refused.
    Judged(Rc<Judgement>),
    /// The verifier itself broke down.
    Stopped(String),
    /// The person cancelled it.
    Cancelled,
}

/// A report as the page holds it.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The report.
    pub report: Report,
    /// The library's own text of it, for the download.
    pub json: String,
    /// When it was made, by this device's clock.
    pub time: String,
}

impl PartialEq for Judgement {
    /// Reports are made once and never changed: comparing their content would cost more than drawing it.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// Where the focus goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// To this file's report.
    Report(Ticket),
    /// To the list of files.
    List(Ticket),
}

/// A file as it comes in.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// A number that no other file of this page has.
    pub id: u32,
    /// The file's name or path.
    pub name: String,
    /// The file's size in bytes.
    pub bytes: u64,
}

/// What can happen.
#[derive(Debug)]
pub enum Action {
    /// Files were dropped, chosen or pasted.
    Add(Vec<NewFile>),
    /// A worker got further.
    Progress(Ticket, Stage),
    /// A worker brought a report.
    Judged(Ticket, Rc<Judgement>),
    /// A worker broke down.
    Stopped(Ticket, String),
    /// The person cancelled a file.
    Cancel(u32),
    /// The person asked for a cancelled or stopped file again.
    Retry(u32),
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

impl Stage {
    /// Whether a worker has the file, or should get it.
    pub fn in_progress(&self) -> bool {
        matches!(
            self,
            Stage::Waiting | Stage::Reading(_) | Stage::Verifying(_)
        )
    }
}

impl Entry {
    /// The report, once there is one.
    pub fn judgement(&self) -> Option<&Rc<Judgement>> {
        match &self.stage {
            Stage::Judged(judgement) => Some(judgement),
            _ => None,
        }
    }

    /// How it stands, in a word.
    pub fn word(&self) -> &'static str {
        match &self.stage {
            Stage::Waiting => "waiting",
            Stage::Reading(_) => "reading",
            Stage::Verifying(_) => "verifying",
            Stage::Judged(judgement) => judgement.report.verdict.word(),
            Stage::Stopped(_) => "stopped",
            Stage::Cancelled => "cancelled",
        }
    }

    fn at(&self, stage: Stage) -> Rc<Self> {
        Rc::new(Self {
            stage,
            ..self.clone()
        })
    }

    fn again(&self) -> Rc<Self> {
        let ticket = Ticket {
            run: self.ticket.run.wrapping_add(1),
            ..self.ticket
        };
        Rc::new(Self {
            ticket,
            stage: Stage::Waiting,
            ..self.clone()
        })
    }
}

impl State {
    /// The runs that workers should be busy with or get next, in order.
    pub fn wanted(&self) -> Vec<Ticket> {
        self.entries
            .iter()
            .filter(|entry| entry.stage.in_progress())
            .map(|entry| entry.ticket)
            .collect()
    }

    /// The state after `action`.
    pub fn after(&self, action: Action) -> Self {
        let mut next = self.clone();
        match action {
            Action::Add(files) => next.add(files),
            Action::Progress(ticket, stage) => next.advance(ticket, stage),
            Action::Judged(ticket, judgement) => next.advance(ticket, Stage::Judged(judgement)),
            Action::Stopped(ticket, why) => next.advance(ticket, Stage::Stopped(why)),
            Action::Cancel(file) => next.cancel(file),
            Action::Retry(file) => next.start(true, |entry| entry.ticket.file == file),
            Action::Remove(file) => next.entries.retain(|entry| entry.ticket.file != file),
            Action::Clear => next.entries.clear(),
            Action::Pin(text) => next.pin(&text),
            Action::Unpin(index) => next.unpin(index),
            Action::Drag(over) => next.dragging = over,
            Action::Notice(text) => next.notice = Some(text),
        }
        next
    }

    fn add(&mut self, mut files: Vec<NewFile>) {
        let offered = files.len();
        files.truncate(FILES_AT_ONCE);
        self.notice = (files.len() < offered).then(|| {
            format!(
                "{} files came at once. The first {} were taken; hand over the others afterwards.",
                count(offered as u64),
                count(FILES_AT_ONCE as u64)
            )
        });
        self.dragging = false;
        self.announcement = match files.as_slice() {
            [] => return,
            [one] => format!("Verifying {}.", one.name),
            many => format!("Verifying {} files.", many.len()),
        };
        if self.wanted().is_empty() {
            self.round.clear();
        }
        self.awaited = true;
        self.round.extend(files.iter().map(|file| file.id));
        let folded = files.len() > OPEN_AT_ONCE;
        let new = files.into_iter().map(|file| {
            Rc::new(Entry {
                ticket: Ticket {
                    file: file.id,
                    run: 0,
                },
                name: file.name.into(),
                bytes: file.bytes,
                folded,
                stage: Stage::Waiting,
            })
        });
        self.entries.splice(0..0, new);
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

    /// Verifies again the files that `which` picks.
    fn start(&mut self, awaited: bool, which: impl Fn(&Entry) -> bool) {
        if self.wanted().is_empty() {
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
        let again = if self.wanted().is_empty() {
            ""
        } else {
            " Verifying again."
        };
        self.announcement = format!("{what}{again}");
    }

    /// Says how the round came out, once nothing is in progress.
    fn finish_round(&mut self) {
        if !self.wanted().is_empty() {
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
        "stopped",
        "cancelled",
        Verdict::Valid.word(),
        "verifying",
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
#[path = "state_tests.rs"]
mod tests;
