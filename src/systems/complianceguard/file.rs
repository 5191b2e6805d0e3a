//! A file of events and receipts, from the first to the last.

use std::borrow::Cow;
use std::collections::HashMap;

use super::companions::{Companion, Companions};
use super::event::{ACCEPTED, Component, DECISION, Event, Form};
use super::facts::{self, Summary};
use super::index::{Index, Known, Place, each_record};
use super::judge::{Judge, Record};
use super::kind::Kind;
use super::peer::Decrypted;
use super::plaintext::Plaintext;
use super::receipts::Receipt;
use super::{asks, checks, receipts, sequence, supplied};
use crate::input::Artifact;
use crate::json::{Document, Error};
use crate::options::Options;
use crate::report::{Disclosed, Examination, Fact, Finding, Reason, Status, Subject, Transcript};

/// Events whose decrypted content is shown.
const DISCLOSED: usize = 50;

/// Files that are named in a sentence.
const NAMED: usize = 5;

/// Examines a file that was recognised as ComplianceGuard's.
pub(super) fn examine(artifact: &Artifact<'_>, options: &Options<'_>) -> Examination {
    let mut companions = Companions::of(options);
    let index = Index::build(artifact, options, &mut companions);
    let judge = Judge {
        index: &index,
        companions: &companions,
        options,
    };
    let mut file = File::new(judge);
    let total = artifact.bytes.len();
    each_record(&artifact.form, &mut |place, document| {
        if let Ok(document) = document {
            options.report_progress(document.root.span.start as usize, total);
        }
        file.record(&place, document);
    });
    options.report_progress(total, total);
    file.conclude()
}

/// The examination of a file: what it has found so far.
struct File<'e> {
    judge: Judge<'e>,
    transcript: Transcript,
    peer: Decrypted,
    summary: Summary,
    /// What the last event says, for a file that holds one.
    facts: Vec<Fact>,
    disclosed: Vec<Disclosed>,
    form: Option<Form>,
    records: usize,
    /// The first record that cannot be read, and the first that is neither an event nor a receipt: sentences.
    unreadable: Option<String>,
    other: Option<String>,
}

impl<'e> File<'e> {
    fn new(judge: Judge<'e>) -> Self {
        let plan = checks::plan(judge.index.own_events == 0);
        Self {
            transcript: Transcript::new(plan, judge.options.full),
            judge,
            peer: Decrypted::default(),
            summary: Summary::default(),
            facts: Vec::new(),
            disclosed: Vec::new(),
            form: None,
            records: 0,
            unreadable: None,
            other: None,
        }
    }

    fn record(&mut self, place: &Place, document: Result<&Document<'_>, &Error>) {
        self.records = self.records.saturating_add(1);
        let prefix = place.prefix();
        let document = match document {
            Ok(document) => document,
            Err(error) => {
                let sentence = || format!("{prefix}{error}");
                self.unreadable.get_or_insert_with(sentence);
                return;
            }
        };
        match (Kind::of(&document.root), Event::of(document)) {
            (Kind::Receipt, _) => self.receipt(place, document),
            (Kind::Event | Kind::Fragment, Some(event)) => self.event(place, &event),
            _ => {
                let sentence = || {
                    format!("{prefix}It is neither an event nor a receipt, and was not examined.")
                };
                self.other.get_or_insert_with(sentence);
            }
        }
    }

    fn receipt(&mut self, place: &Place, document: &Document<'_>) {
        let receipt = Receipt::of(document, place.clone());
        let subject = self.transcript.subject(checks::RECEIPT, &receipt.id);
        let mut record = Record::new(&mut self.transcript, subject, place);
        self.judge.receipt(&receipt, document, &mut record);
        record.close();
    }

    fn event(&mut self, place: &Place, event: &Event<'_, '_>) {
        let pointer = facts::pointer(place);
        let id = match event.id() {
            Some(id) => id.to_owned(),
            None => format!("without identifier{}", place.suffix()),
        };
        let subject = self.transcript.subject(checks::EVENT, &id);
        let mut record = Record::new(&mut self.transcript, subject, place);
        let judged = self.judge.event(event, &mut record);
        record.close();
        self.peer.add(judged.decrypts);
        self.summary.add(event, &pointer);
        if self.judge.index.own_events == 1 {
            self.facts = facts::of_event(event, &pointer);
        }
        self.form = Some(event.form);
        if let Some(plaintext) = judged.plaintext {
            self.disclose(event, plaintext, &id, &pointer);
        }
    }

    fn disclose(&mut self, event: &Event<'_, '_>, plaintext: Plaintext, id: &str, pointer: &str) {
        if self.disclosed.len() >= DISCLOSED.saturating_mul(Component::ALL.len()) {
            return;
        }
        for (component, text) in Component::ALL.into_iter().zip(plaintext.texts) {
            if let Some(value) = text {
                let name = component.name();
                self.disclosed.push(Disclosed {
                    label: Cow::Owned(format!("Decrypted {name} of event {id}")),
                    value,
                    pointer: format!("{pointer}{}", facts::ciphertext_pointer(event)),
                });
            }
        }
        for value in plaintext.others {
            self.disclosed.push(Disclosed {
                label: Cow::Owned(format!("Decrypted beside them in event {id}")),
                value,
                pointer: format!("{pointer}{}", facts::ciphertext_pointer(event)),
            });
        }
    }

    fn conclude(mut self) -> Examination {
        let mut artifact = self.transcript.artifact();
        self.check_records(&mut artifact);
        let index = self.judge.index;
        let (compared, unused) =
            supplied::examine(index, self.judge.companions, self.judge.options);
        let findings = [
            (&checks::UNIQUE, unique(index)),
            (&checks::SEQUENCE, sequence::examine(index)),
            (&checks::EVENT_HASHES, event_hashes(index)),
            (&checks::COMPANIONS, companions(&self.judge)),
            (&checks::RECEIPTS, receipts::agreement(index)),
            (&checks::SUPPLIED, compared),
            (&checks::UNUSED, unused),
        ];
        for (spec, finding) in findings {
            if let Some(finding) = finding {
                self.transcript.record(&mut artifact, spec, finding);
            }
        }
        self.transcript.close(artifact);
        let (kind, noun) = self.kind();
        let facts = match index.own_events {
            1 => self.facts,
            _ => self.summary.finish(index),
        };
        Examination {
            kind,
            noun: Cow::Borrowed(noun),
            dialect: None,
            transcript: self.transcript,
            signers: Vec::new(),
            signed_part: None,
            facts,
            limits: facts::limits(index),
            asks: asks::of(&self.judge),
            disclosed: self.disclosed,
            peer: Some(self.peer.finish()),
        }
    }

    fn kind(&self) -> (&'static str, &'static str) {
        let index = self.judge.index;
        match (index.own_events, index.own_receipts, self.form) {
            (0, 1, _) => ("receipt", "ComplianceGuard receipt"),
            (0, ..) => ("receipts", "file of ComplianceGuard receipts"),
            _ if self.records > 1 => ("events", "file of ComplianceGuard events"),
            (1, 0, Some(Form::Stored)) => ("stored-event", "stored ComplianceGuard event"),
            (1, 0, _) => ("event-request", "ComplianceGuard event as it was sent"),
            _ => ("events", "file of ComplianceGuard events"),
        }
    }

    fn check_records(&mut self, artifact: &mut Subject) {
        let finding = match (self.unreadable.take(), self.other.take()) {
            (Some(sentence), _) => Finding::fail(sentence),
            (None, Some(sentence)) => Finding::skip(Reason::Unsupported, sentence),
            (None, None) => Finding::pass(""),
        };
        self.transcript.record(artifact, &checks::RECORDS, finding);
    }
}

/// What can be said of the hashes that the server gave to events; none when there are none.
fn event_hashes(index: &Index) -> Option<Finding> {
    let receipts = index.own_receipts > 0;
    let hashed = |known: &Known| known.place.is_here() && known.statement.event_hash.is_some();
    (receipts || index.events.iter().any(hashed)).then(|| {
        Finding::skip(
            Reason::RuleUnpublished,
            "How the server makes an event's hash has not been published, so it cannot be computed anew.",
        )
    })
}

/// Whether an identifier stands for one event only; none when there are no two.
fn unique(index: &Index) -> Option<Finding> {
    let own: Vec<&Known> = index
        .events
        .iter()
        .filter(|known| known.place.is_here())
        .collect();
    if own.len() < 2 {
        return None;
    }
    let mut first: HashMap<&str, &Known> = HashMap::new();
    let mut told = None;
    for known in own {
        let Some(earlier) = first.insert(&known.id, known) else {
            continue;
        };
        let places = (earlier.place.suffix(), known.place.suffix());
        let twice = format!(
            "The event {} stands twice in the file{}{},",
            known.id, places.0, places.1
        );
        let environments = (&earlier.statement.environment, &known.statement.environment);
        let finding = match (
            &environments,
            earlier.statement.contradiction(&known.statement),
        ) {
            _ if earlier.system != known.system => {
                Finding::note(format!("{twice} for two systems."))
            }
            ((Some(one), Some(other)), _) if one != other => {
                Finding::note(format!("{twice} for two environments."))
            }
            _ if earlier.substance != known.substance => Finding::fail(format!(
                "{twice} and not with the same references. {ACCEPTED}"
            )),
            (_, Some((what, one, other))) => Finding::fail(format!(
                "{twice} and the {what} is {one} in one place and {other} in the other. {ACCEPTED}"
            )),
            _ => match other_decision(earlier, known) {
                Some((name, one, other)) => Finding::fail(format!(
                    "{twice} and its {name} is {one} in one place and {other} in the other. {ACCEPTED}"
                )),
                None => Finding::note(format!("{twice} with the same references.")),
            },
        };
        match finding.status() {
            Status::Fail => return Some(finding),
            _ => told = told.or(Some(finding)),
        }
    }
    Some(told.unwrap_or_else(|| Finding::pass("")))
}

/// What two records of one event say differently of the decision: the member, and both values.
fn other_decision<'k>(
    one: &'k Known,
    other: &'k Known,
) -> Option<(&'static str, &'k str, &'k str)> {
    let values = one.decision.iter().zip(&other.decision);
    DECISION.into_iter().zip(values).find_map(|(name, values)| {
        let (one, other) = (values.0.as_ref()?, values.1.as_ref()?);
        (one != other).then_some((name, &**one, &**other))
    })
}

/// Which event each companion belongs to that was not supplied for a certain one; none when there is nothing to say.
fn companions(judge: &Judge<'_>) -> Option<Finding> {
    if judge.index.own_events == 0 {
        return None;
    }
    let strays = judge
        .companions
        .strays(|id| judge.index.with_id(id).next().is_some());
    if let Some(stray) = strays.first() {
        return Some(Finding::note(format!(
            "You supplied a file for the event {stray}, which is not among the events here."
        )));
    }
    if judge.is_alone() || judge.companions.at_large().next().is_none() {
        return None;
    }
    let sentences = |is_barred: bool| -> Vec<String> {
        let unmatched = judge
            .companions
            .at_large()
            .filter(|found| found.matches == 0);
        let unmatched = unmatched.filter(|found| found.obstacle.is_some() == is_barred);
        let sentence = |found: &Companion| {
            let (file, name) = (&found.file_name, found.component.name());
            match &found.obstacle {
                None => format!("{file} is the {name} of none of the events."),
                Some(obstacle) => format!(
                    "The file {file} {}, so it was not compared as the {name} of any event.",
                    obstacle.words()
                ),
            }
        };
        unmatched.map(sentence).take(NAMED).collect()
    };
    let (strange, barred) = (sentences(false), sentences(true));
    if !strange.is_empty() {
        return Some(Finding::fail(strange.join(" ")));
    }
    if !barred.is_empty() {
        return Some(Finding::skip(Reason::InputNeeded, barred.join(" ")));
    }
    let matched: Vec<String> = judge
        .companions
        .at_large()
        .map(|companion| {
            let (file, name) = (&companion.file_name, companion.component.name());
            let more = companion.matches.saturating_sub(companion.matched.len());
            let more = match more {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            format!(
                "{file} is the {name} of {}{more}.",
                companion.matched.join(", ")
            )
        })
        .take(NAMED)
        .collect();
    Some(Finding::pass(matched.join(" ")))
}
