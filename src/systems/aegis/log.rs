//! A file of events: which session each belongs to, and what came of all of them together.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::checks::{
    self, CONTAINER, CONTENT_HASH, EVENT, FIRST_EVENT, FORM, INTEGERS, NOT_EMPTY, SESSION, STORED,
};
use super::content;
use super::facts::Facts;
use super::overview::{self, USER_ID};
use super::reader;
use super::session::{Content, Forms, Session, User};
use super::snapshot;
use super::source::{self, Container, Found, Item};
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
    let mixed = log.mixed();
    // Whether a chain mixes the forms of hashes is known at its end; Go alone reads such a chain.
    let log = match mixed.is_empty() {
        true => log,
        false => Log::read(artifact, options, mixed),
    };
    log.conclude(artifact)
}

/// The examination of one file, from the first event to the last.
struct Log<'o> {
    options: &'o Options<'o>,
    transcript: Transcript,
    /// Sessions that mix the forms of hashes.
    by_go: BTreeSet<Key>,
    sessions: Vec<Session>,
    by_key: HashMap<Key, usize>,
    current: usize,
    container: Option<Finding>,
    containers: usize,
    events: usize,
    stored: usize,
    /// What the vendor cannot decode although no session could be told.
    unread: Option<String>,
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
            unread: None,
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

    fn mixed(&self) -> BTreeSet<Key> {
        let mixed = self
            .sessions
            .iter()
            .filter(|session| session.forms.are_mixed());
        mixed
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
        let mut subject = self.transcript.subject(kind, item.number);
        let at = self.session(event, item);
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
                let problem = event
                    .problem
                    .as_ref()
                    .map(|problem| problem.sentence.as_str());
                if let Some(session) = self.sessions.get_mut(at) {
                    session.add_unread(
                        event.rule,
                        item.number,
                        &item.place(),
                        problem.unwrap_or_default(),
                    );
                }
            }
        }
        self.transcript.close(subject);
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
        let linked_first = seq == 0 && !event.previous.is_empty();
        match (seq, linked_first) {
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
        let user = match event.shape {
            Shape::Sealed => User::Untried,
            Shape::Stored => self.user(event, at),
        };
        let content = match user {
            User::Missing => Content::Unknown,
            user => self.hash(item, event, &user, subject),
        };
        let content = if linked_first {
            Content::FirstLinked
        } else {
            content
        };
        self.facts.add(event, || item.pointer());
        if let Some(session) = self.sessions.get_mut(at) {
            if content == Content::Unread {
                session.add_unread(event.rule, item.number, &item.place(), "no canonical form");
            } else {
                session.add(event, seq, content, item.number, || item.place());
            }
        }
    }

    /// The event's own hash against the one recorded.
    fn hash(
        &mut self,
        item: &Item<'_, '_>,
        event: &Event<'_, '_>,
        user: &User,
        subject: &mut Subject,
    ) -> Content {
        let user = match user {
            User::Supplied(user) => Some(user.as_str()),
            User::Empty => Some(""),
            User::Untried | User::Missing => None,
        };
        let computed = match content::hash(event, user, &mut self.buffer) {
            Ok(computed) => computed,
            Err(error) => {
                let why = match error.kind {
                    ErrorKind::NonFinite => "A number is beyond what Aegis can hash.",
                    _ => "The event has no canonical form.",
                };
                let finding = Finding::fail(format!("{}{why}", item.place()));
                self.transcript.record(subject, &CONTENT_HASH, finding);
                return Content::Unread;
            }
        };
        if computed.as_slice() == event.hash {
            self.transcript.pass(subject, &CONTENT_HASH);
            return Content::Holds;
        }
        let what = match event.hash.is_empty() {
            true => "The event records no hash of its content.",
            false => "The hash of the event's content is not the one recorded.",
        };
        let hint = self.hint(event, user);
        let finding = Finding::fail(format!("{}{what}{hint}", item.place()));
        let finding = match event.hash.is_empty() {
            true => finding.expected("none"),
            false => finding.expected(to_hex(&event.hash)),
        };
        self.transcript
            .record(subject, &CONTENT_HASH, finding.actual(to_hex(&computed)));
        Content::Differs
    }

    /// What may explain a hash that differs.
    fn hint(&mut self, event: &Event<'_, '_>, user: Option<&str>) -> &'static str {
        if event.shape == Shape::Stored {
            return " Either the event was changed, or its user id is another than the one supplied.";
        }
        let other = match (event.rule, event.form) {
            (Rule::Python, _) => Rule::Go,
            (Rule::Go, Some(WireForm::List)) => Rule::Python,
            (Rule::Go, _) => return "",
        };
        let computed = content::hash_by(other, event, user, &mut self.buffer);
        if computed.is_ok_and(|computed| computed.as_slice() == event.hash) {
            return " It is the one that the other dialect would have, whose form of hashes the chain does not have.";
        }
        ""
    }

    /// What is known of the user id that the hashes of this session's stored events cover.
    fn user(&mut self, event: &Event<'_, '_>, at: usize) -> User {
        let known = self.sessions.get(at).map(|session| session.user.clone());
        if let Some(known) = known.filter(|known| *known != User::Untried) {
            return known;
        }
        let of_session = format!("{USER_ID}:{}", event.session);
        let supplied = self
            .options
            .value(&of_session)
            .or_else(|| self.options.value(USER_ID));
        let mut covers = |user| {
            let computed = content::hash(event, Some(user), &mut self.buffer);
            computed.is_ok_and(|computed| computed.as_slice() == event.hash)
        };
        let user = match supplied {
            Some(user) if covers(user) || !covers("") => User::Supplied(user.to_owned()),
            None if !covers("") => User::Missing,
            _ => User::Empty,
        };
        if let Some(session) = self.sessions.get_mut(at) {
            session.user = user.clone();
        }
        user
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
                session.add_unread(
                    Rule::Go,
                    number,
                    &format!("Event {number}: "),
                    &error.to_string(),
                );
            }
            None => self.unread = Some(error.to_string()),
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
        let forms = self
            .sessions
            .iter()
            .fold(Forms::default(), |forms, session| Forms {
                base64: forms.base64 || session.forms.base64,
                list: forms.list || session.forms.list,
            });
        Examination {
            kind,
            noun: Cow::Borrowed(noun),
            dialect: forms.dialect(),
            signers: Vec::new(),
            limits: overview::limits(&self.sessions),
            asks: overview::asks(&self.sessions, self.options),
            disclosed: Vec::new(),
            peer: Some(overview::peer(&self.sessions, self.unread.as_deref())),
            facts: self.facts.finish(&self.sessions, overview::NAMED),
            transcript: self.transcript,
        }
    }

    fn kind(&self, artifact: &Artifact<'_>) -> (&'static str, &'static str) {
        let array =
            matches!(&artifact.form, Form::Records(records) if records.layout() == Layout::Array);
        match (self.stored > 0, self.containers > 0, self.sessions.len()) {
            (true, true, _) => ("stored-page", "page of stored Aegis events"),
            (false, true, 0) => ("stored-page", "page of stored Aegis events"),
            (true, false, _) => ("stored-events", "export of stored Aegis events"),
            (false, _, 0 | 1) if self.events == 1 && !array && self.containers == 0 => {
                ("event", "Aegis event")
            }
            (false, _, 0 | 1) => ("session-chain", "Aegis session chain"),
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
