//! The plan states the checks that a kind of artifact calls for; the transcript holds what came of them.
//!
//! A planned check starts as *not run*. The transcript refuses undeclared and repeated checks,
//! and a required check that nobody recorded keeps the verdict from being valid.

use std::borrow::Cow;
use std::collections::HashMap;

use super::check::{Check, CheckSpec, Finding, Status, quote};
use super::{Counts, Reason};
use crate::budget;

/// The subject of the checks that concern the artifact as a whole.
pub const ARTIFACT: &str = "artifact";

#[derive(Debug)]
struct Planned {
    kind: &'static str,
    spec: &'static CheckSpec,
    need: Need,
}

/// What the verdict needs of a planned check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// A pass for every subject of its kind.
    Always,
    /// A pass for every subject that has what is checked.
    WherePresent,
    /// No pass.
    Never,
}

/// The checks that a kind of artifact calls for, for each kind of subject in it.
#[derive(Debug, Default)]
pub struct Plan {
    checks: Vec<Planned>,
}

impl Plan {
    /// A plan without checks.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every subject of `kind` (or the [`ARTIFACT`]) must pass `spec` for the verdict to be valid.
    pub fn require(self, kind: &'static str, spec: &'static CheckSpec) -> Self {
        self.with(kind, spec, Need::Always)
    }

    /// Every subject of `kind` that has what `spec` checks must pass it: not recording it says that there is nothing to
    /// check, but a skip keeps the verdict from being valid.
    pub fn require_where_present(self, kind: &'static str, spec: &'static CheckSpec) -> Self {
        self.with(kind, spec, Need::WherePresent)
    }

    /// `spec` is made where it applies; a skip of it leaves the verdict alone, a failure does not.
    pub fn allow(self, kind: &'static str, spec: &'static CheckSpec) -> Self {
        self.with(kind, spec, Need::Never)
    }

    fn with(mut self, kind: &'static str, spec: &'static CheckSpec, need: Need) -> Self {
        self.checks.push(Planned { kind, spec, need });
        self
    }
}

/// One thing under examination: a receipt, a session, a decision, or the artifact itself.
///
/// Opened and closed through the [`Transcript`]; one that is never closed keeps the verdict from being valid.
#[derive(Debug)]
pub struct Subject {
    kind: &'static str,
    label: String,
    recorded: Vec<bool>,
    failed: bool,
}

impl Subject {
    /// Whether a check of this subject has failed.
    pub fn failed(&self) -> bool {
        self.failed
    }

    /// The subject's label in the report.
    pub fn label(&self) -> &str {
        &self.label
    }
}

/// What came of every check of one artifact.
#[derive(Debug)]
pub struct Transcript {
    plan: Plan,
    full: bool,
    open: u64,
    subjects: u64,
    listed: Vec<Check>,
    listed_by_status: [u64; 4],
    folded: HashMap<usize, usize>,
    tally: Tally,
    lacks_part: bool,
}

/// What the verdict is derived from.
#[derive(Clone, Debug, Default)]
pub(super) struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub skipped: u64,
    pub noted: u64,
    pub required_passed: u64,
    pub first_failure: Option<Cause>,
    pub first_required_skip: Option<Cause>,
    pub misuse: Option<String>,
}

/// The check that a verdict's reason and sentence come from.
#[derive(Clone, Debug)]
pub(super) struct Cause {
    pub reason: Reason,
    pub detail: Cow<'static, str>,
}

impl Transcript {
    /// An empty transcript for `plan`. With `full` every pass is listed, not folded.
    pub fn new(plan: Plan, full: bool) -> Self {
        Self {
            plan,
            full,
            open: 0,
            subjects: 0,
            listed: Vec::new(),
            listed_by_status: [0; 4],
            folded: HashMap::new(),
            tally: Tally::default(),
            lacks_part: false,
        }
    }

    /// Opens the artifact itself for its checks.
    pub fn artifact(&mut self) -> Subject {
        self.open(ARTIFACT, ARTIFACT.to_owned())
    }

    /// Opens a subject of a kind that the plan names; `name` is joined to the kind as `kind:name`.
    pub fn subject(&mut self, kind: &'static str, name: impl std::fmt::Display) -> Subject {
        self.subjects = self.subjects.saturating_add(1);
        self.open(kind, quote(format!("{kind}:{name}")))
    }

    fn open(&mut self, kind: &'static str, label: String) -> Subject {
        self.open = self.open.saturating_add(1);
        if !self.plan.checks.iter().any(|planned| planned.kind == kind) {
            self.tally.misuse.get_or_insert_with(|| {
                format!("Internal error: the plan has no checks for a {kind}.")
            });
        }
        Subject {
            kind,
            label,
            recorded: vec![false; self.plan.checks.len()],
            failed: false,
        }
    }

    /// Records a pass without words, folded with the others of its kind.
    pub fn pass(&mut self, subject: &mut Subject, spec: &'static CheckSpec) {
        self.pass_with(subject, spec, || Finding::pass(""));
    }

    /// Records a pass. `finding` is only asked for its words when they will be listed.
    fn pass_with(
        &mut self,
        subject: &mut Subject,
        spec: &'static CheckSpec,
        finding: impl FnOnce() -> Finding,
    ) {
        let Some((index, required)) = self.claim(subject, spec) else {
            return;
        };
        self.tally.passed = self.tally.passed.saturating_add(1);
        if required {
            self.tally.required_passed = self.tally.required_passed.saturating_add(1);
        }
        if !self.full
            && let Some(check) = self
                .folded
                .get(&index)
                .and_then(|at| self.listed.get_mut(*at))
        {
            if check.count.is_none() {
                check.subject = format!("{}:*", subject.kind);
                check.detail = Cow::Borrowed("");
                check.expected = None;
                check.actual = None;
                check.peer = None;
            }
            check.count = Some(check.count.unwrap_or(1).saturating_add(1));
            return;
        }
        let finding = finding().quoted();
        self.folded.insert(index, self.listed.len());
        self.listed
            .push(line(subject, spec, required, None, finding));
    }

    /// Records what came of a check.
    pub fn record(&mut self, subject: &mut Subject, spec: &'static CheckSpec, finding: Finding) {
        if finding.status == Status::Pass {
            return self.pass_with(subject, spec, || finding);
        }
        let finding = finding.quoted();
        let Some((_, required)) = self.claim(subject, spec) else {
            return;
        };
        if required && finding.status == Status::Note {
            self.misuse(spec, "a required check was recorded as a note");
        }
        let reason = match finding.status {
            Status::Fail => {
                subject.failed = true;
                Some(finding.reason.unwrap_or(spec.on_fail))
            }
            _ => finding.reason,
        };
        self.list(subject, spec, required, reason, finding);
    }

    fn list(
        &mut self,
        subject: &Subject,
        spec: &'static CheckSpec,
        required: bool,
        reason: Option<Reason>,
        finding: Finding,
    ) {
        self.lacks_part |= reason == Some(Reason::PartNeeded);
        let tally = &mut self.tally;
        let (count, slot) = match finding.status {
            Status::Fail => {
                tally.first_failure.get_or_insert_with(|| Cause {
                    reason: reason.unwrap_or(spec.on_fail),
                    detail: finding.detail.clone(),
                });
                (&mut tally.failed, 1)
            }
            Status::Skip => {
                if required {
                    tally.first_required_skip.get_or_insert_with(|| Cause {
                        reason: reason.unwrap_or(Reason::NotRun),
                        detail: finding.detail.clone(),
                    });
                }
                (&mut tally.skipped, 2)
            }
            Status::Pass => (&mut tally.passed, 0),
            Status::Note => (&mut tally.noted, 3),
        };
        *count = count.saturating_add(1);
        if let Some(listed) = self.listed_by_status.get_mut(slot) {
            if !self.full && *listed >= budget::LISTED_CHECKS {
                return;
            }
            *listed = listed.saturating_add(1);
        }
        self.listed
            .push(line(subject, spec, required, reason, finding));
    }

    /// Records something about the artifact that no plan could name.
    pub fn remark(&mut self, spec: &'static CheckSpec, finding: Finding) {
        let subject = Subject {
            kind: ARTIFACT,
            label: ARTIFACT.to_owned(),
            recorded: Vec::new(),
            failed: false,
        };
        self.list(&subject, spec, false, finding.reason, finding.quoted());
    }

    /// Whether a check called for a part of the verifier that was left out of this build.
    pub fn lacks_part(&self) -> bool {
        self.lacks_part
    }

    /// Marks `spec` as recorded for `subject`; an undeclared or repeated check is a misuse.
    fn claim(&mut self, subject: &mut Subject, spec: &'static CheckSpec) -> Option<(usize, bool)> {
        let found = self
            .plan
            .checks
            .iter()
            .enumerate()
            .find(|(_, planned)| planned.kind == subject.kind && planned.spec.id == spec.id)
            .map(|(index, planned)| (index, planned.need != Need::Never));
        let Some((index, required)) = found else {
            self.misuse(spec, "the check is not in the plan");
            return None;
        };
        match subject.recorded.get_mut(index) {
            Some(recorded) if !*recorded => {
                *recorded = true;
                Some((index, required))
            }
            _ => {
                self.misuse(spec, "the check was recorded twice");
                None
            }
        }
    }

    fn misuse(&mut self, spec: &CheckSpec, what: &str) {
        self.tally
            .misuse
            .get_or_insert_with(|| format!("Internal error at check `{}`: {what}.", spec.id));
    }

    /// Closes a subject: each required check that was not recorded becomes a skip.
    pub fn close(&mut self, subject: Subject) {
        self.open = self.open.saturating_sub(1);
        let missing: Vec<&'static CheckSpec> = self
            .plan
            .checks
            .iter()
            .zip(&subject.recorded)
            .filter(|(planned, recorded)| {
                planned.need == Need::Always && planned.kind == subject.kind && !**recorded
            })
            .map(|(planned, _)| planned.spec)
            .collect();
        for spec in missing {
            let detail = if subject.failed {
                "Not reached, because an earlier check failed."
            } else {
                "This check was not run."
            };
            let finding = Finding::skip(Reason::NotRun, detail);
            self.list(&subject, spec, true, Some(Reason::NotRun), finding);
        }
    }

    /// What the verdict is derived from; an unclosed subject counts as a misuse.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = self.tally.clone();
        if self.open > 0 {
            tally.misuse.get_or_insert_with(|| {
                "Internal error: an examination was not finished.".to_owned()
            });
        }
        tally
    }

    /// The report's counts.
    pub(super) fn counts(&self) -> Counts {
        let listed: u64 = self.listed_by_status.iter().sum();
        let tally = &self.tally;
        let recorded = tally
            .failed
            .saturating_add(tally.skipped)
            .saturating_add(tally.noted);
        Counts {
            subjects: self.subjects.max(1),
            passed: tally.passed,
            failed: tally.failed,
            skipped: tally.skipped,
            noted: tally.noted,
            omitted: recorded.saturating_sub(listed),
        }
    }

    /// The report's lines: failures first, then skips, notes and passes, each in the order found.
    pub(super) fn into_checks(self) -> Vec<Check> {
        let mut rest = self.listed;
        let mut checks = Vec::with_capacity(rest.len());
        for status in [Status::Fail, Status::Skip, Status::Note] {
            checks.extend(rest.extract_if(.., |check| check.status == status));
        }
        checks.extend(rest);
        checks
    }
}

fn line(
    subject: &Subject,
    spec: &'static CheckSpec,
    required: bool,
    reason: Option<Reason>,
    finding: Finding,
) -> Check {
    Check {
        id: Cow::Borrowed(spec.id),
        subject: subject.label.clone(),
        status: finding.status,
        required,
        count: None,
        reason,
        title: Cow::Borrowed(spec.title),
        detail: finding.detail,
        rule: Cow::Borrowed(spec.rule),
        expected: finding.expected,
        actual: finding.actual,
        peer: finding.peer,
    }
}
