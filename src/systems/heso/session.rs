//! Session chains (heso-spec `modules/chain.md`).

use super::checks::{SESSION_LINKS, SESSION_OPERATOR, SESSION_START};
use super::outcome::Outcome;
use super::receipt::{Judged, Key};
use super::wire::{Link, Receipt};
use crate::bytes::to_hex;
use crate::crypto::blake3::Blake3;
use crate::report::{Finding, Peer, Reason, Subject, Transcript};

/// Separates the input of link hashes from every other hash input (section 2).
const CHAIN_DOMAIN: &[u8] = b"heso-rcpt-chain/v1\0";

/// The receipts of one session as they come along, in the order of the file.
#[derive(Debug)]
pub(super) struct Session {
    /// The session's name; none for an array whose first receipt has none.
    pub id: Option<String>,
    /// The number of its first receipt in the file, from 1.
    pub first: usize,
    /// Receipts so far.
    pub length: u64,
    /// What the first and the last receipt say of their time.
    pub captured: Option<(String, String)>,
    /// Receipts that a human co-signed.
    pub approved: u64,
    /// Whether every receipt so far holds.
    pub intact: bool,
    last: Last,
    broken: Option<Broken>,
    trouble: Option<Trouble>,
    unreadable: Option<String>,
    undecided: bool,
    operator: Option<Key>,
    operators_differ: bool,
}

/// What the next receipt must follow from.
#[derive(Debug)]
enum Last {
    /// Nothing yet.
    None,
    /// A receipt that could not be read.
    Unknown,
    /// A receipt, with its own place in the session and the hash that the next one must name.
    Receipt { seq: u64, hash: String },
}

/// The first link that does not hold.
#[derive(Debug)]
struct Broken {
    /// The receipt's own number in the session, or its position.
    seq: u64,
    /// Whether it is the first receipt.
    at_start: bool,
    sentence: String,
    expected: String,
    actual: String,
}

/// The first receipt that does not hold by itself.
#[derive(Debug)]
enum Trouble {
    Content { seq: u64, outcome: Outcome },
    Kind { seq: u64, kind: String },
}

impl Session {
    /// A session whose first receipt has `number` in the file.
    pub fn new(id: Option<&str>, number: usize) -> Self {
        Self {
            id: id.map(str::to_owned),
            first: number,
            length: 0,
            captured: None,
            approved: 0,
            intact: true,
            last: Last::None,
            broken: None,
            trouble: None,
            unreadable: None,
            undecided: false,
            operator: None,
            operators_differ: false,
        }
    }

    /// Adds a receipt that does not have the form of one; `place` names it in sentences.
    pub fn add_unreadable(&mut self, place: &str) {
        self.length = self.length.saturating_add(1);
        self.intact = false;
        self.last = Last::Unknown;
        self.unreadable.get_or_insert_with(|| place.to_owned());
    }

    /// Adds a receipt. `place` names it in sentences.
    pub fn add(&mut self, receipt: &Receipt<'_, '_>, judged: &Judged, place: &str) {
        let index = self.length;
        self.length = self.length.saturating_add(1);
        let link = receipt.link();
        self.judge_alone(receipt, judged, link.seq.unwrap_or_default());
        if self.broken.is_none() {
            self.broken = self.follow(&link, place, index);
        }
        if self.id.is_none() {
            self.id = link.session.map(str::to_owned);
        }
        self.last = Last::Receipt {
            seq: link.seq.unwrap_or(index),
            hash: link_hash(&link, receipt.recorded_hash()),
        };
        let captured = receipt.text("captured_at").unwrap_or_default();
        match &mut self.captured {
            Some((_, last)) => captured.clone_into(last),
            None => self.captured = Some((captured.to_owned(), captured.to_owned())),
        }
        if judged.approver.is_some() {
            self.approved = self.approved.saturating_add(1);
        }
        if let Some(key) = judged.operator {
            self.operators_differ |= *self.operator.get_or_insert(key) != key;
        }
    }

    fn judge_alone(&mut self, receipt: &Receipt<'_, '_>, judged: &Judged, seq: u64) {
        self.intact &= judged.outcome == Some(Outcome::Valid);
        if self.trouble.is_some() {
            return;
        }
        self.trouble = match (receipt.lifecycle_kind(), judged.outcome) {
            (Some(kind), _) => Some(Trouble::Kind {
                seq,
                kind: kind.to_owned(),
            }),
            (None, Some(Outcome::Valid)) => None,
            (None, Some(outcome)) => Some(Trouble::Content { seq, outcome }),
            (None, None) => {
                self.undecided = true;
                None
            }
        };
    }

    /// Section 3: how a receipt must follow from the one before it.
    fn follow(&self, link: &Link<'_>, place: &str, index: u64) -> Option<Broken> {
        let broken = |what: &str, expected: String, actual: String| {
            Some(Broken {
                seq: link.session.and(link.seq).unwrap_or(index),
                at_start: matches!(self.last, Last::None),
                sentence: format!("{place}{what}"),
                expected,
                actual,
            })
        };
        let none = || "none".to_owned();
        let (Some(session), Some(number)) = (link.session, link.seq) else {
            return match self.last {
                Last::Unknown => None,
                _ => broken(
                    "The receipt stands in a chain, but does not name its session and its place in it.",
                    "session_id and seq".to_owned(),
                    none(),
                ),
            };
        };
        match &self.last {
            Last::Unknown => None,
            Last::None if number != 0 => broken(
                "The session does not begin with its first receipt: what came before is missing.",
                "seq 0".to_owned(),
                format!("seq {number}"),
            ),
            Last::None => match link.previous {
                None | Some("") => None,
                Some(previous) => broken(
                    "The session's first receipt names a receipt before it.",
                    none(),
                    previous.to_owned(),
                ),
            },
            Last::Receipt { seq: last, hash } => {
                if self.id.as_deref() != Some(session) {
                    return broken(
                        "The receipt belongs to another session than the chain that it stands in.",
                        self.id.clone().unwrap_or_else(none),
                        session.to_owned(),
                    );
                }
                if last.checked_add(1) != Some(number) {
                    return broken(
                        "The receipt does not follow in order: one is missing, repeated or out of place here.",
                        format!("seq {}", last.saturating_add(1)),
                        format!("seq {number}"),
                    );
                }
                match link.previous {
                    Some(previous) if previous == hash => None,
                    previous => broken(
                        "The receipt does not link to the one before it.",
                        hash.clone(),
                        previous.unwrap_or("none").to_owned(),
                    ),
                }
            }
        }
    }

    /// Records the session's checks.
    pub fn conclude(&self, transcript: &mut Transcript, mut subject: Subject) {
        match (&self.broken, &self.unreadable) {
            (Some(broken), _) => {
                let spec = match broken.at_start {
                    true => &SESSION_START,
                    false => {
                        if self.unreadable.is_none() {
                            transcript.pass(&mut subject, &SESSION_START);
                        }
                        &SESSION_LINKS
                    }
                };
                let finding = Finding::fail(broken.sentence.clone())
                    .expected(broken.expected.clone())
                    .actual(broken.actual.clone());
                transcript.record(&mut subject, spec, finding);
            }
            (None, Some(place)) => {
                let sentence = format!(
                    "{place}The receipt cannot be read, so neither can the links to and from it."
                );
                for spec in [&SESSION_START, &SESSION_LINKS] {
                    let finding = Finding::skip(Reason::NotRun, sentence.clone());
                    transcript.record(&mut subject, spec, finding);
                }
            }
            (None, None) => {
                transcript.pass(&mut subject, &SESSION_START);
                transcript.pass(&mut subject, &SESSION_LINKS);
            }
        }
        if self.operators_differ {
            let note = "The session is signed with more than one operator key. HESO's own chain rule does not ask for one.";
            transcript.record(&mut subject, &SESSION_OPERATOR, Finding::note(note));
        } else if self.operator.is_some() {
            transcript.pass(&mut subject, &SESSION_OPERATOR);
        }
        transcript.close(subject);
    }

    /// The outcome of the core's chain verifier: every receipt is judged before any link.
    pub fn outcome(&self) -> Option<&'static str> {
        if self.unreadable.is_some() {
            return Some(Outcome::Malformed.word());
        }
        match (&self.trouble, &self.broken) {
            (Some(Trouble::Content { .. }), _) => Some("ContentTamper"),
            (Some(Trouble::Kind { .. }), _) => Some("WrongChainKind"),
            (None, Some(_)) => Some("LinkBroken"),
            (None, None) if self.undecided => None,
            (None, None) => Some(Outcome::Valid.word()),
        }
    }

    /// What the core says beside the outcome: where, or how many.
    pub fn describe(&self, peer: &mut Peer) {
        let mut put = |key: &str, value: serde_json::Value| peer.insert(key.to_owned(), value);
        if self.unreadable.is_some() {
            return;
        }
        match (&self.trouble, &self.broken) {
            (Some(Trouble::Content { seq, outcome }), _) => {
                put("seq", (*seq).into());
                put("reason", outcome.word().into());
            }
            (Some(Trouble::Kind { seq, kind }), _) => {
                put("seq", (*seq).into());
                put("receipt_kind", kind.as_str().into());
            }
            (None, Some(broken)) => {
                put("seq", broken.seq.into());
            }
            (None, None) => {
                put("length", self.length.into());
            }
        }
    }
}

/// Section 2: the hash that the next receipt's `prev_receipt_hash` must be.
fn link_hash(link: &Link<'_>, action_hash: &str) -> String {
    let mut hasher = Blake3::new();
    hasher.update(CHAIN_DOMAIN);
    let mut field = |bytes: &[u8]| {
        hasher.update(&(bytes.len() as u64).to_le_bytes());
        hasher.update(bytes);
    };
    field(link.session.unwrap_or_default().as_bytes());
    field(&link.seq.unwrap_or_default().to_le_bytes());
    field(action_hash.as_bytes());
    to_hex(&hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::{Link, link_hash};

    /// The link hash of heso-spec `vectors/heso-1.0-crown-vectors.json`, chain, seq0.
    #[test]
    fn the_link_input_is_length_prefixed() {
        let link = |session| Link {
            session: Some(session),
            seq: Some(0),
            previous: None,
        };
        assert_ne!(link_hash(&link("ab"), "c"), link_hash(&link("a"), "bc"));
        assert_eq!(
            link_hash(
                &link("sess-golden-01"),
                "c77829ab99808b7d613f8b8d8ef1b1d1b07f7a0d756800967573687aeba69d2b"
            ),
            "b72aa6ca887b0275e795e89c268c2f12de07f17eaaa9723f0b5c47ac89d139ba"
        );
    }
}
