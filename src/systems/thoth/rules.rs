//! The candidates that are tried for hashes whose rule is not published: what is written, joined with what, under which
//! digest. The tables are in the order in which they are tried; docs/thoth.md lists them.

use super::forms::{FORMS, Form, View, texts};
use crate::bytes::to_hex;
use crate::crypto::{Digest, blake3, sha256};
use crate::json::Value;

/// The digests that are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Sha256,
    Blake3,
}

impl Algorithm {
    pub const ALL: [Self; 2] = [Self::Sha256, Self::Blake3];

    pub const fn words(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Blake3 => "BLAKE3",
        }
    }

    pub fn digest(self, bytes: &[u8]) -> Digest {
        match self {
            Self::Sha256 => sha256::digest(bytes),
            Self::Blake3 => blake3::digest(bytes),
        }
    }
}

/// How the hash of the predecessor enters a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    Alone,
    Before,
    After,
    BytesBefore,
    Colon,
    Bar,
    NewLine,
    IndexAndColons,
    DigestBefore,
    BytesBeforeDigest,
}

impl Join {
    pub const ALL: [Self; 10] = [
        Self::Alone,
        Self::Before,
        Self::After,
        Self::BytesBefore,
        Self::Colon,
        Self::Bar,
        Self::NewLine,
        Self::IndexAndColons,
        Self::DigestBefore,
        Self::BytesBeforeDigest,
    ];

    const fn words(self) -> &'static str {
        match self {
            Self::Alone => "",
            Self::Before => ", after the text of `previous_hash`",
            Self::After => ", before the text of `previous_hash`",
            Self::BytesBefore => ", after the bytes of `previous_hash`",
            Self::Colon => ", after `previous_hash` and a colon",
            Self::Bar => ", after `previous_hash` and a bar",
            Self::NewLine => ", after `previous_hash` and a line feed",
            Self::IndexAndColons => ", after `chain_index`, a colon, `previous_hash` and a colon",
            Self::DigestBefore => ", hashed by itself, its hex after the text of `previous_hash`",
            Self::BytesBeforeDigest => {
                ", hashed by itself, its bytes after those of `previous_hash`"
            }
        }
    }

    fn preimage(self, link: &Link<'_>, text: &[u8], algorithm: Algorithm) -> Option<Vec<u8>> {
        let previous = link.previous.as_bytes();
        let join = |parts: &[&[u8]]| parts.concat();
        Some(match self {
            Self::Alone => text.to_vec(),
            Self::Before => join(&[previous, text]),
            Self::After => join(&[text, previous]),
            Self::BytesBefore => join(&[&super::event::digest(link.previous)?, text]),
            Self::Colon => join(&[previous, b":", text]),
            Self::Bar => join(&[previous, b"|", text]),
            Self::NewLine => join(&[previous, b"\n", text]),
            Self::IndexAndColons => {
                let index = link.index?.to_string();
                join(&[index.as_bytes(), b":", previous, b":", text])
            }
            Self::BytesBeforeDigest => {
                let previous = super::event::digest(link.previous)?;
                join(&[&previous, &algorithm.digest(text)])
            }
            Self::DigestBefore => {
                let digest = to_hex(&algorithm.digest(text));
                join(&[previous, digest.as_bytes()])
            }
        })
    }
}

/// What an event says of its place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Link<'l> {
    pub previous: &'l str,
    pub index: Option<i64>,
}

/// What the first of a chain may have been joined with, beside what it records.
const BEGINNINGS: [&str; 5] = [
    "",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "genesis",
    "GENESIS",
    "0",
];

/// The members that are left out or kept of an event.
pub(super) static OF_EVENT: [View; 5] = [
    View {
        words: "the record without `hash` and `signature`",
        within: "",
        omitted: &["hash", "signature"],
        blanked: &[],
    },
    View {
        words: "the record without `hash`, `signature` and `previous_hash`",
        within: "",
        omitted: &["hash", "signature", "previous_hash"],
        blanked: &[],
    },
    View {
        words: "the record with `hash` and `signature` empty",
        within: "",
        omitted: &[],
        blanked: &["hash", "signature"],
    },
    View {
        words: "the record without `hash`",
        within: "",
        omitted: &["hash"],
        blanked: &[],
    },
    View {
        words: "the record without `hash`, `signature`, `previous_hash` and `chain_index`",
        within: "",
        omitted: &["hash", "signature", "previous_hash", "chain_index"],
        blanked: &[],
    },
];

/// What a row of the evidence chain may hold that its hash is over, beside what an event may.
pub(super) static OF_ROW: [View; 4] = [
    View {
        words: "the row's `event`",
        within: "event",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the row's `payload`",
        within: "payload",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the row's `record`",
        within: "record",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the row's `evidence`",
        within: "evidence",
        omitted: &[],
        blanked: &[],
    },
];

/// The views of an event, or of a row that is none.
fn views(is_row: bool) -> impl Iterator<Item = &'static View> + Clone {
    let more: &[View] = if is_row { &OF_ROW } else { &[] };
    OF_EVENT.iter().chain(more)
}

/// A rule by which a hash may have been made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    pub algorithm: Algorithm,
    pub form: &'static Form,
    pub view: &'static View,
    pub join: Join,
}

impl Rule {
    /// The rule in words.
    pub fn words(&self) -> String {
        format!(
            "{} over {} of {}{}",
            self.algorithm.words(),
            self.form.words,
            self.view.words,
            self.join.words()
        )
    }

    /// Whether the hash of the predecessor enters beside the event, so that the first of a chain may have been joined with
    /// a value that is recorded nowhere.
    pub fn is_joined(&self) -> bool {
        self.join != Join::Alone
    }

    /// Whether it covers a part of the record only.
    pub fn is_of_part(&self) -> bool {
        !self.view.within.is_empty()
    }

    /// The hash that it makes of `value`.
    pub fn digest(&self, value: &Value<'_>, link: &Link<'_>) -> Option<Digest> {
        let text = self.form.write(&self.view.of(value)?)?;
        let preimage = self.join.preimage(link, &text, self.algorithm)?;
        Some(self.algorithm.digest(&preimage))
    }

    /// Whether it makes `recorded` of `value`; the first of a chain may have been joined with any of several beginnings.
    pub fn holds(&self, value: &Value<'_>, link: &Link<'_>, recorded: &Digest) -> bool {
        let is = |previous: &str| {
            let link = Link { previous, ..*link };
            self.digest(value, &link).as_ref() == Some(recorded)
        };
        is(link.previous)
            || (self.is_joined() && link.previous.is_empty() && BEGINNINGS.into_iter().any(is))
    }
}

/// How many candidates there are for the hash of an event, or of a row that is none.
pub(super) fn candidates(is_row: bool) -> usize {
    [
        FORMS.len(),
        views(is_row).count(),
        Join::ALL.len(),
        Algorithm::ALL.len(),
    ]
    .into_iter()
    .fold(1, usize::saturating_mul)
}

/// Every candidate that makes `recorded` of `value`.
pub(super) fn matching(
    value: &Value<'_>,
    is_row: bool,
    link: &Link<'_>,
    recorded: &Digest,
) -> Vec<Rule> {
    let mut found = Vec::new();
    for algorithm in Algorithm::ALL {
        for view in views(is_row) {
            for (text, forms) in texts(value, view) {
                for join in Join::ALL {
                    let holds = link_variants(link, join).any(|link| {
                        join.preimage(&link, &text, algorithm)
                            .is_some_and(|preimage| algorithm.digest(&preimage) == *recorded)
                    });
                    if holds {
                        found.extend(forms.iter().map(|form| Rule {
                            algorithm,
                            form,
                            view,
                            join,
                        }));
                    }
                }
            }
        }
    }
    found.sort_by_key(Rule::order);
    found
}

impl Rule {
    /// The rule's place in the order of the tables: digest, form, members, join.
    pub fn order(&self) -> [usize; 4] {
        let at = |found: Option<usize>| found.unwrap_or(usize::MAX);
        [
            at(Algorithm::ALL.iter().position(|one| *one == self.algorithm)),
            at(FORMS.iter().position(|one| one == self.form)),
            at(views(true).position(|one| one == self.view)),
            at(Join::ALL.iter().position(|one| *one == self.join)),
        ]
    }
}

fn link_variants<'l>(link: &'l Link<'l>, join: Join) -> impl Iterator<Item = Link<'l>> {
    let more = match join != Join::Alone && link.previous.is_empty() {
        true => BEGINNINGS.as_slice(),
        false => &[],
    };
    let more = more.iter().map(|previous| Link { previous, ..*link });
    std::iter::once(*link).chain(more)
}
