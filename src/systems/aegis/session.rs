//! The chain of one session (`VerifyChain` in `pkg/eventlog/envelope.go`; links alone: `VerifyChain` in
//! `pkg/store/sqlite/sqlite.go`).

use super::checks::{DIALECT, END, LINKS, SEQUENCE, START, TRANSITIONS, USER_ID};
use super::transitions::{TERMINATION, Transitions};
use super::wire::{Event, Rule, Shape, WireForm};
use crate::bytes::to_hex;
use crate::report::{Finding, Peer, Reason, Subject, Transcript};

/// What came of an event's own hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// It is the one recorded.
    Holds,
    /// It is not, or there is none.
    Differs,
    /// It is, but other content would have the same; the vendor's verifier accepts it.
    Ambiguous,
    /// Nobody knows the user id that it covers.
    Unknown,
    /// It is the one under an empty user id, not under the one supplied.
    Unnamed,
    /// The vendor's verifier does not read the event.
    Unread,
}

/// What is known of the user id of a session's stored events.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum User {
    /// Nobody looked yet: there is no stored event.
    #[default]
    Untried,
    /// It was supplied.
    Supplied(String),
    /// Nobody supplied it, so that an empty one is tried.
    NotSupplied,
}

/// The events of one session as they come along, in the order of the file.
#[derive(Debug)]
pub(super) struct Session {
    pub tenant: String,
    pub id: String,
    /// Where the first event stands.
    pub pointer: String,
    pub length: u64,
    pub times: Option<(i64, i64)>,
    pub user: User,
    /// Whether no check on its events and links fails.
    pub intact: bool,
    /// Linked events in lists of numbers whose hashes hold by the rule of one dialect alone.
    pub linked: Linked,
    /// Whether the server says that more events follow.
    pub more: bool,
    pub transitions: Transitions,
    /// The forms in which its hashes are written.
    pub forms: Forms,
    /// The number of its first event and whether that names none before it; none where that cannot be read.
    first: Option<(i128, bool)>,
    last: Option<Last>,
    stored: u64,
    /// Stored events whose user id nobody knows.
    unknown: u64,
    /// Stored events whose hash holds under an empty user id, not under the one supplied.
    unnamed: u64,
    /// Whether hashes in lists were read by Go's rule.
    lists_by_go: bool,
    link: Option<Broken>,
    gap: Option<Broken>,
    unread: Option<String>,
    refused: Option<Refused>,
    /// Where the server's verify endpoint stops, which looks at links alone.
    refused_by_links: Option<Refused>,
}

/// How many hashes hold by one rule and not by the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Linked {
    pub by_go: u64,
    pub by_python: u64,
}

/// Which forms of hashes there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Forms {
    pub base64: bool,
    pub list: bool,
}

impl Forms {
    pub fn add(&mut self, form: WireForm) {
        match form {
            WireForm::Base64 => self.base64 = true,
            WireForm::List => self.list = true,
        }
    }

    /// Both: Go alone reads such a chain.
    pub fn are_mixed(self) -> bool {
        self.base64 && self.list
    }

    /// The dialect's name in reports.
    pub fn dialect(self) -> Option<&'static str> {
        match (self.base64, self.list) {
            (true, true) => Some("mixed"),
            (true, false) => Some("go"),
            (false, true) => Some("python"),
            (false, false) => None,
        }
    }
}

/// What the next event must follow from: none of it known after an event that could not be read.
#[derive(Debug)]
struct Last {
    seq: i128,
    hash: Vec<u8>,
}

/// A link or a number that does not follow.
#[derive(Debug)]
struct Broken {
    sentence: String,
    expected: String,
    actual: String,
}

/// Where and why the vendor's verifier stops.
#[derive(Debug)]
struct Refused {
    /// The event's position in the file, 0 when it stops before any: nothing is verified before every event is decoded.
    number: usize,
    seq: Option<i128>,
    /// Its words; none where they are not known.
    error: Option<String>,
}

impl Session {
    pub fn new(tenant: &str, id: &str, pointer: String) -> Self {
        Self {
            tenant: tenant.to_owned(),
            id: id.to_owned(),
            pointer,
            length: 0,
            times: None,
            user: User::default(),
            intact: true,
            linked: Linked::default(),
            more: false,
            transitions: Transitions::default(),
            forms: Forms::default(),
            first: None,
            last: None,
            stored: 0,
            link: None,
            gap: None,
            unknown: 0,
            unnamed: 0,
            lists_by_go: false,
            unread: None,
            refused: None,
            refused_by_links: None,
        }
    }

    /// Adds an event that cannot be read; `place` names it in sentences.
    pub fn add_unread(&mut self, place: &str) {
        self.length = self.length.saturating_add(1);
        self.intact = false;
        self.last = None;
        if self.unread.is_some() {
            return;
        }
        self.unread = Some(place.to_owned());
        let refused = || Refused {
            number: 0,
            seq: None,
            error: None,
        };
        self.refused = Some(refused());
        self.refused_by_links = Some(refused());
    }

    /// Adds an event; `place` gives its name in sentences.
    pub fn add(
        &mut self,
        event: &Event<'_, '_>,
        seq: i128,
        content: Content,
        number: usize,
        place: impl Fn() -> String,
    ) {
        self.length = self.length.saturating_add(1);
        let holds = matches!(
            content,
            Content::Holds | Content::Unknown | Content::Unnamed
        );
        let linked_first = event.is_linked_first();
        self.intact &= holds && !linked_first;
        if let Some(time) = event.time {
            let (first, _) = *self.times.get_or_insert((time, time));
            self.times = Some((first, time));
        }
        if event.shape == Shape::Stored {
            self.stored = self.stored.saturating_add(1);
        }
        if let Some(form) = event.form {
            self.lists_by_go |= form == WireForm::List && event.rule == Rule::Go;
        }
        // The SDK's `verify` answers false, in no words.
        let words = |words: String| (event.rule == Rule::Go).then_some(words);
        if linked_first {
            let error = match event.rule {
                Rule::Go => "eventlog: seq=0 must have empty prev_hash",
                Rule::Python => "seq=0 must have empty prev_hash",
            };
            self.refuse(number, seq, || Some(error.to_owned()));
        }
        if matches!(content, Content::Differs | Content::Unnamed) {
            self.refuse(number, seq, || {
                words(format!("eventlog: hash mismatch at seq={seq}"))
            });
        }
        match content {
            Content::Unknown => self.unknown = self.unknown.saturating_add(1),
            Content::Unnamed => self.unnamed = self.unnamed.saturating_add(1),
            _ => {}
        }
        if let Some(last) = self.last.take() {
            self.follow(event, (number, seq), &last, place);
        } else if self.first.is_none() && self.unread.is_none() {
            self.first = Some((seq, event.previous.is_empty()));
        }
        self.transitions.add(seq, event.kind);
        self.last = Some(Last {
            seq,
            hash: event.hash.clone(),
        });
    }

    fn follow(
        &mut self,
        event: &Event<'_, '_>,
        (number, seq): (usize, i128),
        last: &Last,
        place: impl Fn() -> String,
    ) {
        let next = last.seq.saturating_add(1);
        let words = |words: String| (event.rule == Rule::Go).then_some(words);
        if event.previous != last.hash {
            self.intact = false;
            self.refuse(number, seq, || {
                words(format!(
                    "eventlog: broken chain at seq={seq} (prev_hash mismatch)"
                ))
            });
            self.refuse_link(number, seq, || {
                format!("store: hash chain mismatch: seq={seq} prev_hash mismatch")
            });
            let named = match event.previous.is_empty() {
                true => "none".to_owned(),
                false => to_hex(&event.previous),
            };
            self.link.get_or_insert_with(|| Broken {
                sentence: format!(
                    "{}The hash that the event (seq {seq}) names for the one before it is not that of the event before it in the file (seq {}).",
                    place(),
                    last.seq
                ),
                expected: to_hex(&last.hash),
                actual: named,
            });
        }
        if seq != next {
            self.intact = false;
            self.refuse(number, seq, || {
                words(format!("eventlog: seq gap: expected {next} got {seq}"))
            });
            self.refuse_link(number, seq, || {
                format!("sqlite: seq gap: expected {next} got {seq}")
            });
            self.gap.get_or_insert_with(|| Broken {
                sentence: format!(
                    "{}After event {} comes event {seq}: one is missing, repeated or out of place here.{}",
                    place(),
                    last.seq,
                    match event.shape {
                        Shape::Sealed => "",
                        Shape::Stored => " A page that the server filtered by type or tool looks the same: take one without a filter.",
                    }
                ),
                expected: format!("seq {next}"),
                actual: format!("seq {seq}"),
            });
        }
    }

    fn refuse(&mut self, number: usize, seq: i128, error: impl FnOnce() -> Option<String>) {
        self.refused.get_or_insert_with(|| Refused {
            number,
            seq: Some(seq),
            error: error(),
        });
    }

    fn refuse_link(&mut self, number: usize, seq: i128, error: impl FnOnce() -> String) {
        self.refused_by_links.get_or_insert_with(|| Refused {
            number,
            seq: Some(seq),
            error: Some(error()),
        });
    }

    /// Records the session's checks.
    pub fn conclude(&self, transcript: &mut Transcript, mut subject: Subject) {
        let mut record = |spec, finding| transcript.record(&mut subject, spec, finding);
        record(&LINKS, self.following(&self.link));
        record(&SEQUENCE, self.following(&self.gap));
        if let Some(finding) = self.user_finding() {
            record(&USER_ID, finding);
        }
        if let Some(finding) = self.start() {
            record(&START, finding);
        }
        record(&END, self.end());
        if self.forms.are_mixed() {
            record(
                &DIALECT,
                Finding::note(
                    "Some hashes of this session are written in base64, as Go writes them, others as lists of numbers, as Python does. The Go dialect alone reads both; the session was verified by its rules.",
                ),
            );
        } else if self.lists_by_go {
            record(
                &DIALECT,
                Finding::note(
                    "The hashes of this session are written as lists of numbers, as the Python SDK writes them, but were made by Go's rule, which differs from the second event on. Go reads lists too; the session was verified by its rules. The Python SDK's own verify would not accept it.",
                ),
            );
        }
        match self.transitions.sentence() {
            Some(sentence) => record(&TRANSITIONS, Finding::note(sentence)),
            None if self.unread.is_none() => record(&TRANSITIONS, Finding::pass("")),
            None => {}
        }
        transcript.close(subject);
    }

    fn following(&self, broken: &Option<Broken>) -> Finding {
        match (broken, &self.unread) {
            (Some(broken), _) => Finding::fail(broken.sentence.clone())
                .expected(broken.expected.clone())
                .actual(broken.actual.clone()),
            (None, Some(place)) => Finding::skip(
                Reason::NotRun,
                format!("{place}The event cannot be read, so neither can what follows from it."),
            ),
            (None, None) => Finding::pass(""),
        }
    }

    fn user_finding(&self) -> Option<Finding> {
        let finding = match &self.user {
            User::Untried => return None,
            User::Supplied(_) if self.unnamed > 0 => Finding::skip(
                Reason::InputNeeded,
                format!(
                    "It was supplied by you. The hashes of {} of the session's {} stored events hold under an empty user id, not under the one supplied, so whose events they are stays open.",
                    self.unnamed, self.stored
                ),
            ),
            User::Supplied(_) => Finding::pass("It was supplied by you."),
            User::NotSupplied if self.unknown == 0 => {
                Finding::pass("The hashes cover an empty user id.")
            }
            User::NotSupplied => Finding::skip(
                Reason::InputNeeded,
                format!(
                    "The server stores events without their user id, and the hash covers it. Without it the content of {} could not be hashed; {} links were checked.",
                    match (self.unknown, self.stored) {
                        (1, 1) => "this event".to_owned(),
                        (unknown, stored) if unknown == stored => format!("these {unknown} events"),
                        (unknown, stored) => format!(
                            "{unknown} of the {stored} events, those that an empty user id does not explain,"
                        ),
                    },
                    match self.stored {
                        1 => "its",
                        _ => "their",
                    }
                ),
            ),
        };
        Some(finding)
    }

    fn start(&self) -> Option<Finding> {
        let (seq, unlinked) = self.first?;
        Some(match (seq, unlinked) {
            (0, _) => Finding::pass(""),
            (seq, false) => Finding::note(format!(
                "The session begins here with event {seq}. Events before it are not in the file; its link names one that nobody can look at here."
            )),
            (seq, true) => Finding::note(format!(
                "The session begins here with event {seq}, which names no event before it. Events before it, if there are any, are not in the file."
            )),
        })
    }

    fn end(&self) -> Finding {
        /// How many events `GET /v1/events`, and with it `aegisctl export`, gives at most.
        const PAGE: u64 = 100;
        if self.more {
            return Finding::note(
                "The server says that more events follow on the next page. They are not in the file.",
            );
        }
        match self.transitions.last() {
            Some(TERMINATION) => Finding::pass(""),
            _ if self.stored == PAGE && self.length == PAGE => Finding::note(
                "The session has exactly 100 events here and no TERMINATION at their end. The server gives at most 100 at a time, and an export leaves the rest out without a word.",
            ),
            _ => Finding::note(
                "The session's last event here is no TERMINATION: the session went on, or broke off, or events at its end are missing. A chain cannot tell which.",
            ),
        }
    }

    /// Whether the vendor's verifier accepts the session: by content and links, or by links alone.
    pub fn is_accepted(&self) -> bool {
        self.outcome().is_none()
    }

    /// Where the vendor's verifier stops, or the server's endpoint, where nothing but links can be looked at.
    fn outcome(&self) -> Option<&Refused> {
        match self.has_only_links() {
            true => self.refused_by_links.as_ref(),
            false => self.refused.as_ref(),
        }
    }

    /// The number of the event at which the vendor's verifier stops.
    pub fn stops_at(&self) -> Option<usize> {
        self.outcome().map(|refused| refused.number)
    }

    /// Whether the content of events could not be looked at, but only their links.
    pub fn has_only_links(&self) -> bool {
        self.unknown > 0
    }

    /// Whether the content of every event was held against its hash.
    pub fn is_checked(&self) -> bool {
        self.unknown == 0 && self.unnamed == 0
    }

    /// Whether a user id was supplied for it.
    pub fn is_named(&self) -> bool {
        matches!(self.user, User::Supplied(_))
    }

    /// The dialect's name in reports.
    pub fn dialect(&self) -> Option<&'static str> {
        match self.forms.dialect() {
            Some("python") if self.lists_by_go => Some("go"),
            dialect => dialect,
        }
    }

    /// Whether Go alone can have made it: it mixes the forms of hashes, or its lists hold by Go's rule.
    pub fn is_by_go(&self) -> bool {
        self.forms.are_mixed() || self.linked.by_go > self.linked.by_python
    }

    /// Whether events before its first, or after its last, are said not to be there.
    pub fn is_part(&self) -> bool {
        self.more || self.first.is_some_and(|(seq, _)| seq != 0)
    }

    /// The outcome of `VerifyChain`, in its words; 0 stands for no bad event too.
    pub fn describe(&self, peer: &mut Peer) {
        let mut put = |key: &str, value: serde_json::Value| peer.insert(key.to_owned(), value);
        put("valid", self.is_accepted().into());
        match self.outcome() {
            Some(refused) => {
                let seq = match refused.seq.map(u64::try_from) {
                    Some(Ok(seq)) => seq.into(),
                    Some(Err(_)) => refused.seq.map(|seq| seq.to_string()).into(),
                    None => serde_json::Value::Null,
                };
                put("first_bad_seq", seq);
                put("error", refused.error.clone().into());
            }
            None => {
                put("first_bad_seq", 0.into());
            }
        }
        if self.has_only_links() {
            put("links_only", true.into());
        }
    }

    /// Whether its events are as the server stores them.
    pub fn is_stored(&self) -> bool {
        self.stored > 0
    }

    /// The number of its first event.
    pub fn begins_at(&self) -> Option<i128> {
        self.first.map(|(seq, _)| seq)
    }
}
