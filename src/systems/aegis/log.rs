//! A file of events: which session each belongs to, and what came of all of them together.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::checks::{
    self, CONTAINER, CONTENT_HASH, EVENT, FIRST_EVENT, FORM, INTEGERS, NOT_EMPTY, SESSION, STORED,
};
use super::content;
use super::facts::Facts;
use super::overview;
use super::reader;
use super::session::{Content, Session, User};
use super::snapshot;
use super::source::{self, Container, Found, Item};
use super::user;
use super::wire::{Event, Problem, Rule, Shape, WireForm};
use crate::bytes::to_hex;
use crate::canon::ErrorKind;
use crate::input::{Artifact, Form};
use crate::json::{Error, Layout};
use crate::options::Options;
use crate::report::{Examination, Finding, Reason, Subject, Transcript};

/// Tenant and session id.
type Key = (String, String);

/// Examines a file of events.
pub(super) fn examine(artifact: &Artifact<'_>, options: &Options<'_>) -> Examination {
    let log = Log::read(artifact, options, BTreeSet::new());
    let by_go = log.by_go();
    // Whether Go alone can have made a chain with hashes in lists is known at its end.
    let log = match by_go.is_empty() {
        true => log,
        false => Log::read(artifact, options, by_go),
    };
    log.conclude(artifact)
}

/// The examination of one file, from the first event to the last.
struct Log<'o> {
    options: &'o Options<'o>,
    transcript: Transcript,
    /// Sessions whose hashes in lists are read by Go's rule.
    by_go: BTreeSet<Key>,
    sessions: Vec<Session>,
    by_key: HashMap<Key, usize>,
    current: usize,
    container: Option<Finding>,
    containers: usize,
    events: usize,
    stored: usize,
    /// Whether there is something that the vendor cannot decode although no session could be told.
    is_unread: bool,
    facts: Facts,
    buffer: Vec<u8>,
}

impl<'o> Log<'o> {
    fn read(artifact: &Artifact<'_>, options: &'o Options<'o>, by_go: BTreeSet<Key>) -> Self {
        let mut log = Self {
            options,
            transcript: Transcript::new(checks::events(), options.full),
            by_go,
            sessions: Vec::new(),
            by_key: HashMap::new(),
            current: 0,
            container: None,
            containers: 0,
            events: 0,
            stored: 0,
            is_unread: false,
            facts: Facts::default(),
            buffer: Vec::new(),
        };
        let progress = |done, total| options.report_progress(done, total);
        source::each(&artifact.form, &progress, |found| match found {
            Found::Event(item) => log.item(&item),
            Found::Unreadable { number, error } => log.unreadable(number, &error),
            Found::Container(container) => log.container(container),
        });
        log
    }

    fn by_go(&self) -> BTreeSet<Key> {
        let by_go = self.sessions.iter().filter(|session| session.is_by_go());
        by_go
            .map(|session| (session.tenant.clone(), session.id.clone()))
            .collect()
    }

    fn item(&mut self, item: &Item<'_, '_>) {
        self.events = self.events.saturating_add(1);
        let by_go = std::mem::take(&mut self.by_go);
        let rule = |tenant: &str, session: &str, form| match form {
            Some(WireForm::List) if by_go.is_empty() => Rule::Python,
            Some(WireForm::List) if !by_go.contains(&(tenant.to_owned(), session.to_owned())) => {
                Rule::Python
            }
            _ => Rule::Go,
        };
        reader::read(item, rule, |event| self.event(item, event));
        self.by_go = by_go;
    }

    fn event(&mut self, item: &Item<'_, '_>, event: &Event<'_, '_>) {
        let kind = match event.shape {
            Shape::Sealed => EVENT,
            Shape::Stored => STORED,
        };
        if event.shape == Shape::Stored {
            self.stored = self.stored.saturating_add(1);
        }
        let at = self.session(event, item);
        if let (Some(form), Some(session)) = (event.form, self.sessions.get_mut(at)) {
            session.forms.add(form);
        }
        let mut subject = self.transcript.subject(kind, item.number);
        match &event.problem {
            None => self.transcript.pass(&mut subject, &FORM),
            Some(problem) => {
                let finding = Finding::fail(format!("{}{}", item.place(), told(problem)));
                self.transcript.record(&mut subject, &FORM, finding);
            }
        }
        match event.seq.filter(|_| event.is_read()) {
            Some(seq) => self.judge(item, event, seq, at, &mut subject),
            None => {
                if let Some(session) = self.sessions.get_mut(at) {
                    session.add_unread(&item.place());
                }
                if event.rule == Rule::Python && self.is_linked_by_go(item) {
                    self.count_by_go(at);
                }
            }
        }
        if let (true, Some(session)) = (subject.failed(), self.sessions.get_mut(at)) {
            session.intact = false;
        }
        self.transcript.close(subject);
    }

    /// Whether an event in lists that the Python SDK cannot read was made by Go's rule.
    fn is_linked_by_go(&mut self, item: &Item<'_, '_>) -> bool {
        let buffer = &mut self.buffer;
        let rule = |_: &str, _: &str, _| Rule::Go;
        reader::read(item, rule, |event| {
            event.is_read() && event.is_linked_list() && content::holds(event, None, buffer)
        })
    }

    /// The checks of an event that the vendor's verifier reads.
    fn judge(
        &mut self,
        item: &Item<'_, '_>,
        event: &Event<'_, '_>,
        seq: i128,
        at: usize,
        subject: &mut Subject,
    ) {
        if event.rule == Rule::Go {
            match event.rounded() {
                None => self.transcript.pass(subject, &INTEGERS),
                Some(lexeme) => {
                    let finding = Finding::fail(format!(
                        "{}Aegis hashes the integer {lexeme} rounded to the nearest double, so that its neighbours have the same hash and nobody can tell which was sealed. Aegis's own verifier accepts the event.",
                        item.place()
                    ));
                    self.transcript.record(subject, &INTEGERS, finding);
                }
            }
        }
        match (seq, event.is_linked_first()) {
            (0, false) => self.transcript.pass(subject, &FIRST_EVENT),
            (0, true) => {
                let finding = Finding::fail(format!(
                    "{}The event is its session's first (seq 0) and names an event before it, which Aegis does not allow.",
                    item.place()
                ))
                .expected("none")
                .actual(to_hex(&event.previous));
                self.transcript.record(subject, &FIRST_EVENT, finding);
            }
            _ => {}
        }
        let content = match event.shape {
            Shape::Sealed => self.hash(item, event, None, at, subject),
            Shape::Stored => match self.user(event, at) {
                Some(user) => self.hash(item, event, Some(&user), at, subject),
                None if self.covers_empty(event) => {
                    self.transcript.pass(subject, &CONTENT_HASH);
                    Content::Holds
                }
                None => Content::Unknown,
            },
        };
        self.facts.add(event, || item.pointer());
        if let Some(session) = self.sessions.get_mut(at) {
            match content {
                Content::Unread => session.add_unread(&item.place()),
                content => session.add(event, seq, content, item.number, || item.place()),
            }
        }
    }

    /// The event's own hash against the one recorded; `user` is the id that was supplied for a stored event.
    fn hash(
        &mut self,
        item: &Item<'_, '_>,
        event: &Event<'_, '_>,
        user: Option<&str>,
        at: usize,
        subject: &mut Subject,
    ) -> Content {
        let (computed, is_named) = match content::hash(event, user, &mut self.buffer) {
            Ok(computed) => (Ok(computed), false),
            Err(error) if error.kind == ErrorKind::NonFinite && event.rule == Rule::Python => {
                let named = content::hash_with_names(event, &mut self.buffer);
                (named, true)
            }
            Err(error) => (Err(error), false),
        };
        let computed = match computed {
            Ok(computed) => computed,
            Err(_) => {
                let finding = Finding::fail(format!(
                    "{}The event holds a number beyond the range of doubles, which Aegis cannot hash.",
                    item.place()
                ));
                self.transcript.record(subject, &CONTENT_HASH, finding);
                return Content::Unread;
            }
        };
        if computed.as_slice() == event.hash {
            if is_named {
                let finding = Finding::fail(format!(
                    "{}The event holds NaN, Infinity or a number beyond the range of doubles, which JSON has no form for. The Python SDK hashes the word NaN or Infinity in its place, so that all such numbers have the same hash. Its own verifier may accept the event.",
                    item.place()
                ));
                self.transcript.record(subject, &CONTENT_HASH, finding);
                return Content::Ambiguous;
            }
            self.transcript.pass(subject, &CONTENT_HASH);
            if event.is_linked_list()
                && let (Rule::Python, Some(session)) = (event.rule, self.sessions.get_mut(at))
            {
                session.linked.by_python = session.linked.by_python.saturating_add(1);
            }
            return Content::Holds;
        }
        if user.is_some_and(|user| !user.is_empty()) && self.covers_empty(event) {
            let finding = Finding::skip(
                Reason::InputNeeded,
                format!(
                    "{}This event's hash holds under an empty user id, not under the one supplied.",
                    item.place()
                ),
            );
            self.transcript.record(subject, &CONTENT_HASH, finding);
            return Content::Unnamed;
        }
        let what = match event.hash.is_empty() {
            true => "The event records no hash of its content.",
            false => "The hash of the event's content is not the one recorded.",
        };
        let hint = self.hint(event, at);
        let finding = Finding::fail(format!("{}{what}{hint}", item.place()));
        let finding = match event.hash.is_empty() {
            true => finding.expected("none"),
            false => finding.expected(to_hex(&event.hash)),
        };
        self.transcript
            .record(subject, &CONTENT_HASH, finding.actual(to_hex(&computed)));
        Content::Differs
    }

    /// Whether the hash of a stored event is the one under an empty user id.
    fn covers_empty(&mut self, event: &Event<'_, '_>) -> bool {
        content::holds(event, Some(""), &mut self.buffer)
    }

    /// What may explain a hash that differs.
    fn hint(&mut self, event: &Event<'_, '_>, at: usize) -> &'static str {
        if event.shape == Shape::Stored {
            return " Either the event was changed, or its user id is another than the one supplied.";
        }
        let (other, hint) = match (event.rule, event.form) {
            (Rule::Python, _) => (
                Rule::Go,
                " It is the one that Aegis's Go code would record, whose own verifier reads lists of numbers too and may accept the event. Here they are read by the rule of the Python SDK, which writes them.",
            ),
            (Rule::Go, Some(WireForm::List)) => (
                Rule::Python,
                " It is the one that the Python SDK would record; this session's hashes are read by the rule of Aegis's Go code.",
            ),
            (Rule::Go, _) => return "",
        };
        let computed = content::hash_by(other, event, None, &mut self.buffer);
        if !computed.is_ok_and(|computed| computed.as_slice() == event.hash) {
            return "";
        }
        if other == Rule::Go && event.is_linked_list() {
            self.count_by_go(at);
        }
        hint
    }

    /// Counts an event in lists whose link leaves no doubt that Go's rule made its hash.
    fn count_by_go(&mut self, at: usize) {
        if let Some(session) = self.sessions.get_mut(at) {
            session.linked.by_go = session.linked.by_go.saturating_add(1);
        }
    }

    /// The user id that was supplied for the session of a stored event.
    fn user(&mut self, event: &Event<'_, '_>, at: usize) -> Option<String> {
        let session = self.sessions.get_mut(at)?;
        if session.user == User::Untried {
            let supplied = user::supplied(self.options, event.tenant, event.session);
            session.user =
                supplied.map_or(User::NotSupplied, |user| User::Supplied(user.to_owned()));
        }
        match &session.user {
            User::Supplied(user) => Some(user.clone()),
            User::Untried | User::NotSupplied => None,
        }
    }

    /// Where the event's session is in the list, opened if it is new. An event that does not say is taken to belong to the one
    /// before it.
    fn session(&mut self, event: &Event<'_, '_>, item: &Item<'_, '_>) -> usize {
        let same =
            |session: &Session| session.id == event.session && session.tenant == event.tenant;
        let nameless = !event.is_read() && event.session.is_empty();
        if self
            .sessions
            .get(self.current)
            .is_some_and(|session| nameless || same(session))
        {
            return self.current;
        }
        let key = (event.tenant.to_owned(), event.session.to_owned());
        let next = self.sessions.len();
        self.current = *self.by_key.entry(key).or_insert(next);
        if self.current == next {
            self.sessions
                .push(Session::new(event.tenant, event.session, item.pointer()));
        }
        self.current
    }

    fn unreadable(&mut self, number: usize, error: &Error) {
        self.events = self.events.saturating_add(1);
        let mut subject = self.transcript.subject(EVENT, number);
        let sentence = format!("Event {number} ({}): {}", error.place, error.kind);
        self.transcript
            .record(&mut subject, &FORM, Finding::fail(sentence));
        self.transcript.close(subject);
        match self.sessions.get_mut(self.current) {
            Some(session) => {
                session.add_unread(&format!("Event {number}: "));
            }
            None => self.is_unread = true,
        }
    }

    fn container(&mut self, container: Container) {
        self.containers = self.containers.saturating_add(1);
        if let Some(session) = self.sessions.get_mut(self.current) {
            session.more = container.more;
        }
        let finding = match &container.problem {
            None => Finding::pass(""),
            Some(problem) => Finding::fail(told(problem)),
        };
        if self.container.is_none() || container.problem.is_some() {
            self.container = Some(finding);
        }
    }

    fn conclude(mut self, artifact: &Artifact<'_>) -> Examination {
        let mut subject = self.transcript.artifact();
        let not_empty = match self.events {
            0 => Finding::skip(
                Reason::SignedDataNotFound,
                "The file holds no events, so there is nothing to verify.",
            ),
            _ => Finding::pass(""),
        };
        self.transcript.record(&mut subject, &NOT_EMPTY, not_empty);
        if let Some(finding) = self.container.take() {
            self.transcript.record(&mut subject, &CONTAINER, finding);
        }
        self.transcript.close(subject);
        for session in &self.sessions {
            let subject = self.transcript.subject(SESSION, name(session));
            session.conclude(&mut self.transcript, subject);
        }
        snapshot::beside_events(artifact, self.options, &mut self.transcript);
        let (kind, noun) = self.kind(artifact);
        let mut dialects: Vec<&str> = self.sessions.iter().filter_map(Session::dialect).collect();
        dialects.sort_unstable();
        dialects.dedup();
        Examination {
            kind,
            noun: Cow::Borrowed(noun),
            dialect: match dialects.as_slice() {
                [] => None,
                [dialect] => Some(dialect),
                _ => Some("mixed"),
            },
            signers: Vec::new(),
            signed_part: None,
            limits: overview::limits(&self.sessions),
            asks: overview::asks(&self.sessions, self.options),
            disclosed: Vec::new(),
            peer: Some(overview::peer(&self.sessions, self.is_unread)),
            facts: self.facts.finish(&self.sessions, overview::NAMED),
            transcript: self.transcript,
        }
    }

    fn kind(&self, artifact: &Artifact<'_>) -> (&'static str, &'static str) {
        let array =
            matches!(&artifact.form, Form::Records(records) if records.layout() == Layout::Array);
        let is_part = self.sessions.iter().any(Session::is_part);
        match (self.stored > 0, self.containers > 0, self.sessions.len()) {
            (true, true, _) => ("stored-page", "page of stored Aegis events"),
            (true, false, _) if is_part => {
                ("stored-events", "part of an export of stored Aegis events")
            }
            (false, true, 0) => ("stored-page", "page of stored Aegis events"),
            (true, false, _) => ("stored-events", "export of stored Aegis events"),
            (false, _, 0 | 1) if self.events == 1 && !array && self.containers == 0 => {
                ("event", "Aegis event")
            }
            (false, _, 0 | 1) if is_part => ("session-chain", "part of an Aegis session chain"),
            (false, _, 0 | 1) => ("session-chain", "Aegis session chain"),
            (false, ..) if is_part => (
                "session-chains",
                "file of several Aegis session chains, not all of them whole,",
            ),
            (false, ..) => ("session-chains", "file of several Aegis session chains"),
        }
    }
}

/// A departure from the form, and whether the vendor's verifier lets it pass.
fn told(problem: &Problem) -> String {
    match problem.accepted {
        true => format!(
            "{} Aegis's own verifier reads over that and may accept it.",
            problem.sentence
        ),
        false => problem.sentence.clone(),
    }
}

fn name(session: &Session) -> String {
    match (session.id.as_str(), session.tenant.as_str()) {
        ("", _) => "unnamed".to_owned(),
        (id, "") => id.to_owned(),
        (id, tenant) => format!("{tenant}/{id}"),
    }
}
