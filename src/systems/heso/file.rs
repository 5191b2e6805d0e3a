//! A file of receipts: which of them form sessions, and what came of all of them together.

use std::borrow::Cow;
use std::collections::HashMap;

use super::checks::{
    AGENT_IDENTITY, CLASSIFICATION, NOT_EMPTY, PINNED_APPROVER, PINNED_KEY, RECEIPT, SESSION,
    TRANSPARENCY,
};
use super::outcome::{Outcome, Stop};
use super::peer;
use super::pins;
use super::receipt::{Gates, Judged, Key, Record};
use super::session::Session;
use super::wire::Receipt;
use super::{checks, facts};
use crate::bytes::{from_base64, to_hex};
use crate::json::{Document, Error, Layout, Records, Value};
use crate::options::Options;
use crate::report::{
    CheckSpec, Examination, Fact, Finding, Peer, Reason, Signer, Subject, Transcript,
};
use crate::trust::fingerprint;

/// Bytes between two words on progress.
const PROGRESS_BYTES: usize = 1 << 16;

/// Signers named in a report, and sessions told of in facts and `peer`.
pub(super) const NAMED: usize = 100;

/// The examination of one file of receipts, from the first to the last.
pub(super) struct File<'o> {
    options: &'o Options<'o>,
    transcript: Transcript,
    gates: Gates<'o>,
    sessions: Vec<Session>,
    by_id: HashMap<String, usize>,
    /// The outcome of the first receipt outside a session that does not hold, and its number.
    alone: Option<(usize, Option<Outcome>)>,
    receipts: usize,
    judged: Judged,
    operators: Keys,
    approvers: Keys,
    strangers: Aside,
    classified: Aside,
    logged: Aside,
    redacted: bool,
    facts: Vec<Fact>,
    /// Stands before the pointers of facts: the entry's name and `#` in an archive.
    entry: &'static str,
}

/// Keys in the order in which they were first seen.
#[derive(Default)]
pub(super) struct Keys(Vec<Key>);

impl Keys {
    fn add(&mut self, key: Key) {
        if self.0.last() != Some(&key) && !self.0.contains(&key) {
            self.0.push(key);
        }
    }

    /// The keys.
    pub fn all(&self) -> &[Key] {
        &self.0
    }
}

/// A remark that concerns several receipts, to be made once.
#[derive(Default)]
struct Aside {
    count: usize,
    first: Option<usize>,
}

impl Aside {
    fn add(&mut self, number: usize) {
        self.count = self.count.saturating_add(1);
        self.first.get_or_insert(number);
    }

    fn sentence(&self, what: &str) -> String {
        let first = self.first.unwrap_or_default();
        match self.count {
            1 => format!("Receipt {first} {what}"),
            count => format!("{count} receipts, the first of them number {first}, {what}"),
        }
    }
}

/// How the receipts of a file hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Arrangement {
    /// One receipt, by itself.
    Alone,
    /// One chain, as HESO's chain verifier takes an array.
    Chain,
    /// Sessions by their names, and receipts without one.
    Sessions,
}

/// What came of a file, with the checks of the artifact as a whole still open.
pub(super) struct Findings {
    pub kind: &'static str,
    pub noun: &'static str,
    /// The operators' keys whose signatures verified.
    pub operators: Keys,
    transcript: Transcript,
    artifact: Subject,
    signers: Vec<Signer>,
    facts: Vec<Fact>,
    limits: Vec<Cow<'static, str>>,
    peer: Peer,
}

impl Findings {
    /// Records a check of the artifact as a whole.
    pub fn record(&mut self, spec: &'static CheckSpec, finding: Finding) {
        self.transcript.record(&mut self.artifact, spec, finding);
    }

    /// Closes the examination.
    pub fn conclude(mut self) -> Examination {
        self.transcript.close(self.artifact);
        Examination {
            kind: self.kind,
            noun: Cow::Borrowed(self.noun),
            dialect: None,
            transcript: self.transcript,
            signers: self.signers,
            signed_part: None,
            facts: self.facts,
            limits: self.limits,
            asks: Vec::new(),
            disclosed: Vec::new(),
            peer: Some(self.peer),
        }
    }
}

impl<'o> File<'o> {
    /// An examination without receipts yet.
    pub fn new(options: &'o Options<'o>, entry: &'static str) -> Self {
        Self {
            options,
            transcript: Transcript::new(checks::plan(!options.pins.is_empty()), options.full),
            gates: Gates::new(options.share),
            sessions: Vec::new(),
            by_id: HashMap::new(),
            alone: None,
            receipts: 0,
            judged: Judged::default(),
            operators: Keys::default(),
            approvers: Keys::default(),
            strangers: Aside::default(),
            classified: Aside::default(),
            logged: Aside::default(),
            redacted: false,
            facts: Vec::new(),
            entry,
        }
    }

    /// Examines a file that is one JSON value.
    pub fn one(mut self, document: &Document<'_>) -> Findings {
        self.receipt(document, 1, String::new(), Arrangement::Alone);
        self.conclude(Arrangement::Alone)
    }

    /// Examines a file of many values.
    pub fn many(mut self, records: &Records<'_>) -> Findings {
        let arrangement = match records.layout() {
            Layout::Array => Arrangement::Chain,
            Layout::Lines => match records.iter().take(2).count() {
                1 => Arrangement::Alone,
                _ => Arrangement::Sessions,
            },
        };
        let total = records.text().len();
        let mut iter = records.iter();
        let mut told = 0;
        while let Some(record) = iter.next() {
            let place = match arrangement {
                Arrangement::Alone => String::new(),
                Arrangement::Chain | Arrangement::Sessions => {
                    format!("Receipt {} (line {}): ", record.number, record.line)
                }
            };
            match &record.document {
                Ok(document) => self.receipt(document, record.number, place, arrangement),
                Err(error) => self.unreadable(error, record.number, place, arrangement),
            }
            if iter.offset().saturating_sub(told) >= PROGRESS_BYTES {
                told = iter.offset();
                self.options.report_progress(told, total);
            }
        }
        self.options.report_progress(total, total);
        self.conclude(arrangement)
    }

    fn receipt(
        &mut self,
        document: &Document<'_>,
        number: usize,
        place: String,
        arrangement: Arrangement,
    ) {
        self.receipts = self.receipts.saturating_add(1);
        let depth = usize::from(arrangement == Arrangement::Chain);
        let mut subject = self.transcript.subject(RECEIPT, number);
        let mut record = Record {
            transcript: &mut self.transcript,
            subject: &mut subject,
            place,
        };
        let (receipt, judged) = self.gates.judge(document, depth, &mut record);
        let place = record.place;
        self.transcript.close(subject);
        match &receipt {
            Some(receipt) => self.take_in(receipt, &judged, number, &place, arrangement),
            None => {
                let id = document
                    .root
                    .get("content")
                    .and_then(|content| content.get("session_id"))
                    .and_then(Value::as_str);
                match self.session(id, number, arrangement) {
                    Some(session) => session.add_unreadable(&place),
                    None => self.stands_alone(number, judged.outcome),
                }
            }
        }
        self.judged = judged;
    }

    fn take_in(
        &mut self,
        receipt: &Receipt<'_, '_>,
        judged: &Judged,
        number: usize,
        place: &str,
        arrangement: Arrangement,
    ) {
        match self.session(receipt.link().session, number, arrangement) {
            Some(session) => session.add(receipt, judged, place),
            None => self.stands_alone(number, judged.outcome),
        }
        if arrangement == Arrangement::Alone {
            self.facts = facts::of_receipt(receipt, judged, self.entry);
        }
        if let Some(key) = judged.operator {
            self.operators.add(key);
            let identity = receipt.text("agent_identity").unwrap_or_default();
            if !from_base64(identity).is_ok_and(|identity| identity == key) {
                self.strangers.add(number);
            }
        }
        if let Some(key) = judged.approver {
            self.approvers.add(key);
        }
        if receipt
            .content
            .get("action")
            .is_some_and(|action| action.get("ert").is_some())
        {
            self.classified.add(number);
        }
        self.redacted |= receipt.content.get("redaction").is_some();
        if receipt.has_transparency {
            self.logged.add(number);
        }
    }

    fn unreadable(
        &mut self,
        error: &Error,
        number: usize,
        place: String,
        arrangement: Arrangement,
    ) {
        self.receipts = self.receipts.saturating_add(1);
        let mut subject = self.transcript.subject(RECEIPT, number);
        let mut record = Record {
            transcript: &mut self.transcript,
            subject: &mut subject,
            place,
        };
        record.stop(Stop::fail(
            &checks::FORM,
            Outcome::Malformed,
            error.to_string(),
        ));
        let place = record.place;
        self.transcript.close(subject);
        match self.session(None, number, arrangement) {
            Some(session) => session.add_unreadable(&place),
            None => self.stands_alone(number, Some(Outcome::Malformed)),
        }
    }

    /// The session that a receipt belongs to, opened if it is new.
    fn session(
        &mut self,
        id: Option<&str>,
        number: usize,
        arrangement: Arrangement,
    ) -> Option<&mut Session> {
        let at = match arrangement {
            Arrangement::Alone => return None,
            Arrangement::Chain => 0,
            Arrangement::Sessions => match self.by_id.get(id?) {
                Some(at) => *at,
                None => {
                    self.by_id.insert(id?.to_owned(), self.sessions.len());
                    self.sessions.len()
                }
            },
        };
        if at >= self.sessions.len() {
            self.sessions.push(Session::new(id, number));
        }
        self.sessions.get_mut(at)
    }

    fn stands_alone(&mut self, number: usize, outcome: Option<Outcome>) {
        let holds = outcome == Some(Outcome::Valid);
        if !holds && !matches!(self.alone, Some((_, Some(_)))) {
            self.alone = Some((number, outcome));
        }
    }

    fn conclude(mut self, arrangement: Arrangement) -> Findings {
        let sessions = std::mem::take(&mut self.sessions);
        for (index, session) in sessions.iter().enumerate() {
            let name = session.id.clone().unwrap_or_else(|| "unnamed".to_owned());
            let subject = self.transcript.subject(SESSION, &name);
            session.conclude(&mut self.transcript, subject);
            if index < NAMED {
                facts::of_session(
                    session,
                    arrangement == Arrangement::Chain,
                    self.entry,
                    &mut self.facts,
                );
            }
        }
        let artifact = self.artifact_checks();
        let peer = match arrangement {
            Arrangement::Alone => peer::of_receipt(&self.judged),
            Arrangement::Chain | Arrangement::Sessions => {
                peer::of_sessions(&sessions, self.alone, self.receipts)
            }
        };
        let (kind, noun) = match (arrangement, sessions.len()) {
            (Arrangement::Alone, _) => ("action-receipt", "HESO action receipt"),
            (Arrangement::Chain, 0) => ("action-receipt-chain", "empty list"),
            (Arrangement::Chain, _) | (_, 1) => ("action-receipt-chain", "HESO session chain"),
            _ => ("action-receipts", "HESO receipt file"),
        };
        Findings {
            kind,
            noun,
            signers: self.signers(),
            limits: facts::limits(!sessions.is_empty(), self.redacted),
            operators: self.operators,
            transcript: self.transcript,
            artifact,
            facts: self.facts,
            peer,
        }
    }

    fn artifact_checks(&mut self) -> Subject {
        let mut artifact = self.transcript.artifact();
        let transcript = &mut self.transcript;
        let mut record = |spec, finding| transcript.record(&mut artifact, spec, finding);
        match self.receipts {
            0 => record(
                &NOT_EMPTY,
                Finding::fail("There are no receipts, and an empty chain proves nothing."),
            ),
            _ => record(&NOT_EMPTY, Finding::pass("")),
        }
        if !self.operators.all().is_empty() {
            let finding = match self.strangers.count {
                0 => Finding::pass(""),
                _ => Finding::note(self.strangers.sentence(
                    "says that the agent is another than the key that signed as operator. The standard calls that field informational.",
                )),
            };
            record(&AGENT_IDENTITY, finding);
        }
        if self.classified.count > 0 {
            let sentence = self.classified.sentence(
                "carries a classification with the facts that it was derived from; this version does not derive it anew. It is covered by the signature.",
            );
            record(
                &CLASSIFICATION,
                Finding::skip(Reason::Unsupported, sentence),
            );
        }
        if self.logged.count > 0 {
            let sentence = self.logged.sentence(
                "carries a transparency log's proof, which this version does not verify and no signature covers.",
            );
            record(&TRANSPARENCY, Finding::skip(Reason::Unsupported, sentence));
        }
        record(
            &PINNED_KEY,
            pins::operator(self.options, self.operators.all()),
        );
        if let Some(finding) = pins::approver(self.options, self.approvers.all()) {
            record(&PINNED_APPROVER, finding);
        }
        artifact
    }

    fn signers(&self) -> Vec<Signer> {
        let of = |role: &'static str, keys: &[Key]| {
            keys.iter()
                .take(NAMED)
                .map(|key| Signer {
                    role: role.into(),
                    algorithm: "Ed25519".into(),
                    public_key: to_hex(key),
                    fingerprint: fingerprint(key),
                    pinned: self.options.pins.has(key),
                })
                .collect::<Vec<_>>()
        };
        let mut signers = of("operator", self.operators.all());
        signers.extend(of("approver", self.approvers.all()));
        signers
    }
}
