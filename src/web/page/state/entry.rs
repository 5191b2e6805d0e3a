//! One file that was handed over: how far it has come, and what was supplied for it.

use std::rc::Rc;

use assay::Report;
use assay::report::AskKind;

use crate::web::page::samples::Need;

/// One run of the verifier over one file. A file is verified again when what it is held against changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The file.
    pub file: u32,
    /// Counts the file's runs.
    pub run: u32,
}

/// One file or folder that was handed over.
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
    /// What the person supplied for it.
    pub supplied: Vec<Supplied>,
    /// The files that were handed over together, this one among them.
    pub together: Rc<[u32]>,
    /// What this sample can be held against.
    pub needs: &'static [Need],
}

/// Something that was supplied for a file. The thing itself is with the workers' keeper (`pool`), and never here.
#[derive(Clone, Debug, PartialEq)]
pub struct Supplied {
    /// A number that nothing else on this page has.
    pub id: u32,
    /// The name under which it was asked for.
    pub ask: Rc<str>,
    /// What was asked for.
    pub kind: AskKind,
    /// How it is shown: the file's name, the text; nothing of what is not to be shown again.
    pub shown: Option<Rc<str>>,
}

/// How far a file has come.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// In the queue.
    Waiting,
    /// Being read: bytes so far.
    Reading(u64),
    /// Waiting for the second part of the verifier, which is being loaded.
    Fetching,
    /// Being verified: parts done and parts in all, where they are known.
    Verifying(Option<(u64, u64)>),
    /// Verified or refused.
    Judged(Rc<Judgement>),
    /// The second part of the verifier is needed and could not be loaded: why.
    Lacking(String),
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
    /// When it was made, by this device's clock.
    pub time: String,
    /// Whether the second part of the verifier made it.
    pub complete: bool,
}

impl PartialEq for Judgement {
    /// Reports are made once and never changed: comparing their content would cost more than drawing it.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

/// A file or folder as it comes in.
#[derive(Clone, Debug)]
pub struct NewFile {
    /// A number that nothing else on this page has.
    pub id: u32,
    /// The name or path.
    pub name: String,
    /// The size in bytes.
    pub bytes: u64,
    /// What this sample can be held against.
    pub needs: &'static [Need],
}

impl Stage {
    /// Whether a worker has the file, or should get it.
    pub fn in_progress(&self) -> bool {
        matches!(
            self,
            Stage::Waiting | Stage::Reading(_) | Stage::Fetching | Stage::Verifying(_)
        )
    }
}

impl Entry {
    pub(super) fn new(file: NewFile, together: Rc<[u32]>, folded: bool) -> Rc<Self> {
        Rc::new(Self {
            ticket: Ticket {
                file: file.id,
                run: 0,
            },
            name: file.name.into(),
            bytes: file.bytes,
            folded,
            stage: Stage::Waiting,
            supplied: Vec::new(),
            together,
            needs: file.needs,
        })
    }

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
            Stage::Fetching => "loading",
            Stage::Verifying(_) => "verifying",
            Stage::Judged(judgement) => judgement.report.verdict.word(),
            Stage::Lacking(_) => "not judged",
            Stage::Stopped(_) => "stopped",
            Stage::Cancelled => "cancelled",
        }
    }

    pub(super) fn at(&self, stage: Stage) -> Rc<Self> {
        Rc::new(Self {
            stage,
            ..self.clone()
        })
    }

    pub(super) fn again(&self) -> Rc<Self> {
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
