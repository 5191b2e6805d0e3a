//! What a hash or a signature may cover, where the published rules leave room.
//!
//! The specification fixes the canonical form (section 3) but for some records not which members go into it, and it differs from the
//! SDK in two respects: which white space is stripped, and whether the canonical bytes are signed or their digest as text. Every
//! combination that the texts allow is a reading; the one that holds is named. None of them leaves out a member that says
//! something of the decision.

use crate::bytes::to_hex;
use crate::canon;
use crate::crypto::sha256;
use crate::json::{Member, Object, Value};
use crate::systems::thessor::python::{AsPrinted, AsciiStripped};
use crate::systems::thessor::signature::{Fault, Keys, Suite};

/// Which white space the canonical form leaves out at the ends of texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::systems::thessor) enum Strip {
    /// As Python's `str.strip` does: the SDK.
    Unicode,
    /// Space, tab, newline, carriage return: the published specification.
    Ascii,
}

/// Which text is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::systems::thessor) enum Text {
    /// The canonical bytes themselves.
    Canonical,
    /// The hexadecimal digits of their SHA-256 digest.
    Digest,
}

/// One way to make the bytes that were hashed or signed.
#[derive(Clone, Debug)]
pub(in crate::systems::thessor) struct Reading {
    /// What it covers, to stand after "over": `every member but its signature`.
    pub covers: String,
    /// Whether it leaves out members that the specification does not name.
    pub unknown_left_out: bool,
    /// Whether it leaves out the envelope's version.
    pub version_left_out: bool,
    pub strip: Strip,
    pub bytes: Vec<u8>,
    /// SHA-256 of the bytes, lower-case hex.
    pub digest: String,
}

impl Reading {
    fn new(value: &Value<'_>, omitted: &[&str], strip: Strip, covers: String) -> Self {
        let mut bytes = Vec::new();
        // Neither dialect lacks a form for anything.
        let _ = match strip {
            Strip::Unicode => canon::write_without::<AsPrinted>(value, omitted, &mut bytes),
            Strip::Ascii => canon::write_without::<AsciiStripped>(value, omitted, &mut bytes),
        };
        Self {
            covers,
            unknown_left_out: false,
            version_left_out: false,
            strip,
            digest: to_hex(&sha256::digest(&bytes)),
            bytes,
        }
    }

    /// The text that is signed.
    pub fn text(&self, text: Text) -> &[u8] {
        match text {
            Text::Canonical => &self.bytes,
            Text::Digest => self.digest.as_bytes(),
        }
    }
}

/// The readings of a value less some of its members: as the SDK strips, and, where that makes a difference and `both` is wanted,
/// as the specification does.
pub(super) fn of(value: &Value<'_>, omitted: &[&str], both: bool, covers: &str) -> Vec<Reading> {
    let mut readings = vec![Reading::new(
        value,
        omitted,
        Strip::Unicode,
        covers.to_owned(),
    )];
    if both {
        let ascii = Reading::new(value, omitted, Strip::Ascii, covers.to_owned());
        if readings
            .iter()
            .all(|reading| reading.digest != ascii.digest)
        {
            readings.push(ascii);
        }
    }
    readings
}

/// How a sealed record is laid out.
pub(super) struct Layout {
    /// The member that holds the signature.
    pub signature: &'static str,
    /// The member that holds the hash, if it has one.
    pub hash: Option<&'static str>,
    /// The id under which the server files the record.
    pub id: &'static str,
    /// The time at which it does.
    pub time: &'static str,
    /// The members that say something, which are always covered.
    pub content: &'static [&'static str],
}

/// Members that say how a record is signed rather than what it says.
const OF_THE_SEAL: [&str; 3] = ["signature_suite", "key_reference", "public_key_hex"];

/// The readings of a record that carries its own hash and signature.
///
/// Open questions are whether the hash is itself signed, and what the server adds when it files the record; whether members without
/// a value were there when it was sealed; and members that the schema does not name.
pub(super) fn of_record(value: &Value<'_>, record: &Object<'_>, layout: &Layout) -> Vec<Reading> {
    const UNKNOWN: usize = 5;
    const QUESTIONS: [&str; 6] = [
        "its hash",
        "the id that the server filed it under",
        "the time of filing",
        "the names of suite and key",
        "members without a value",
        "members that the specification does not name",
    ];
    // The question that a member raises, if any.
    let question = |member: &Member<'_>| match member.key.as_ref() {
        key if key == layout.signature => None,
        key if Some(key) == layout.hash => Some(0),
        key if key == layout.id => Some(1),
        key if key == layout.time => Some(2),
        key if OF_THE_SEAL.contains(&key) => Some(3),
        _ if member.value.is_null() => Some(4),
        key => (!layout.content.contains(&key)).then_some(UNKNOWN),
    };
    let raised = |index| {
        record
            .members
            .iter()
            .any(|member| question(member) == Some(index))
    };
    let mut readings: Vec<Reading> = Vec::new();
    for answers in 0..1_u8 << QUESTIONS.len() {
        let left_out = |index: usize| answers >> index & 1 == 1;
        if (0..QUESTIONS.len()).any(|index| left_out(index) && !raised(index)) {
            continue;
        }
        let mut omitted = vec![layout.signature];
        let members = record.members.iter();
        let members = members.filter(|member| question(member).is_some_and(left_out));
        omitted.extend(members.map(|member| member.key.as_ref()));
        let mut but = vec!["its signature"];
        but.extend(
            QUESTIONS
                .iter()
                .enumerate()
                .filter(|(index, _)| left_out(*index))
                .map(|(_, words)| words),
        );
        let covers = match but.split_last() {
            Some((last, others)) if !others.is_empty() => {
                format!("every member but {} and {last}", others.join(", "))
            }
            _ => "every member but its signature".to_owned(),
        };
        for mut reading in of(value, &omitted, true, &covers) {
            if readings.iter().all(|known| known.digest != reading.digest) {
                reading.unknown_left_out = left_out(UNKNOWN);
                readings.push(reading);
            }
        }
    }
    readings
}

/// What came of trying a signature on every reading.
pub(super) enum Tried {
    /// It holds over this text of that reading; and what is to be said of the algorithm.
    Holds(usize, Text, String),
    /// It holds over none; what was wrong with the first.
    Fails(Fault),
}

/// Tries a signature on the readings, beginning with the preferred one.
pub(super) fn verify(
    keys: &mut Keys<'_>,
    suite: Suite,
    signature: Option<&Value<'_>>,
    key: &str,
    readings: &[Reading],
    preferred: Option<usize>,
) -> Option<Tried> {
    let others = (0..readings.len()).filter(|index| Some(*index) != preferred);
    let mut first = None;
    for index in preferred.into_iter().chain(others) {
        let Some(reading) = readings.get(index) else {
            continue;
        };
        for text in [Text::Canonical, Text::Digest] {
            let outcome = keys.verify(suite, reading.text(text), signature, key);
            match outcome.fault {
                None => return Some(Tried::Holds(index, text, outcome.remark)),
                Some(fault) => {
                    first.get_or_insert(fault);
                }
            }
        }
    }
    first.map(Tried::Fails)
}
