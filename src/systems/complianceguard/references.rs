//! The three references: each is the SHA-256 of its component's canonical JSON.
//!
//! Rule: complianceguard 0.1.5, `ingest_event`, `_canonical_json` and `_sha256_hex`.

use super::companions::Companions;
use super::event::{Component, Event};
use super::plaintext::Plaintext;
use crate::bytes::to_hex;
use crate::canon::{self, Python};
use crate::crypto::sha256::Sha256;
use crate::json::Value;
use crate::report::{Finding, Reason};

/// The hash of `{}`, which stands for a component that was not given.
pub(super) const EMPTY: &str = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

/// The hash of `null`, which `_canonical_json` gives; `ingest_event` takes a null for a component that was not given.
pub(super) const NULL: &str = "74234e98afe7498fb5daf1f36ac2d78acc339464f950703b8c019892f982b90b";

/// The hash of a component's canonical JSON, a null counting as not given; none when it has no such form.
pub(super) fn hash_of(value: Option<&Value<'_>>) -> Option<String> {
    let Some(value) = value.filter(|value| !value.is_null()) else {
        return Some(EMPTY.to_owned());
    };
    let mut digest = Sha256::new();
    canon::write::<Python>(value, &mut digest).ok()?;
    Some(to_hex(&digest.finish()))
}

/// What there is to hold an event's references against.
pub(super) struct Sources<'s> {
    /// What was decrypted.
    pub plaintext: Option<&'s Plaintext>,
    /// What was supplied.
    pub companions: &'s Companions,
    /// Whether a companion can only be of this event, there being no other.
    pub alone: bool,
    /// Whether the event carries an envelope.
    pub sealed: bool,
    /// Whether the event carries an envelope that another key would open.
    pub locked: bool,
}

/// Holds the three references of `event` against the sources, in the order of [`Component::ALL`].
pub(super) fn examine(event: &Event<'_, '_>, sources: &Sources<'_>) -> [Option<Finding>; 3] {
    let mut index = 0_usize;
    let held = Component::ALL.map(|component| {
        let decrypted = sources.plaintext.and_then(|plaintext| {
            let hash = plaintext.hashes.get(index)?.as_deref();
            let is_null = plaintext.nulls.get(index).copied().unwrap_or_default();
            Some(Decrypted { hash, is_null })
        });
        index = index.saturating_add(1);
        Some(sources.hold(event, component, &event.reference(component)?, decrypted))
    });
    // Something belongs to this event: then what it says to be empty needs no file to show that.
    let known = sources.plaintext.is_some() || held.iter().flatten().any(Held::is_shown);
    held.map(|held| Some(held?.finding(sources, known)))
}

/// A decrypted component.
struct Decrypted<'s> {
    hash: Option<&'s str>,
    is_null: bool,
}

impl Decrypted<'_> {
    fn has(&self, reference: &str) -> bool {
        self.hash == Some(reference) || (self.is_null && reference == NULL)
    }
}

/// What came of one reference.
enum Held {
    /// It is the hash of what was decrypted or supplied.
    Shown { reference: String, detail: String },
    /// It is not.
    Not {
        reference: String,
        actual: String,
        detail: String,
    },
    /// What there is cannot be held against it; a sentence says why.
    Barred { reference: String, detail: String },
    /// There is nothing to hold it against.
    Open {
        reference: String,
        component: Component,
    },
}

impl Sources<'_> {
    fn hold(
        &self,
        event: &Event<'_, '_>,
        component: Component,
        reference: &str,
        decrypted: Option<Decrypted<'_>>,
    ) -> Held {
        let name = component.name();
        let not = |actual: Option<&str>, detail: String| Held::Not {
            reference: reference.to_owned(),
            actual: actual.unwrap_or_default().to_owned(),
            detail,
        };
        let mut shown = Vec::new();
        let barred = |detail: String| Held::Barred {
            reference: reference.to_owned(),
            detail,
        };
        if let Some(decrypted) = decrypted {
            let Some(hash) = decrypted.hash else {
                return barred(format!(
                    "The decrypted {name} holds a number that JSON does not have, so it has no hash to compare."
                ));
            };
            if !decrypted.has(reference) {
                let trapped = self.plaintext.is_some_and(Plaintext::is_empty);
                let detail = match trapped {
                    true => {
                        let noun = component.noun();
                        format!(
                            "The decrypted content holds three empty components, and the reference is of {noun} that is not empty. The vendor's SDK up to 0.1.5, on Python before 3.12, encrypts empty components in place of the real ones: the real {name} is then nowhere in the file."
                        )
                    }
                    false => format!("The decrypted {name} does not hash to its reference."),
                };
                return not(Some(hash), detail);
            }
            shown.push(match decrypted.is_null {
                false => format!("The decrypted {name} has this hash."),
                true => format!("The decrypted {name} is null, which has this hash."),
            });
        }
        for companion in self.companions.of_event(event.id(), component) {
            let file = &companion.file_name;
            match companion.reading(reference) {
                Some(how) => shown.push(format!("The file {file}, {how}, has this hash.")),
                None if companion.subject.is_none() && !(self.alone && companion.matches == 0) => {}
                None if let Some(obstacle) = &companion.obstacle => {
                    return barred(obstacle.sentence(file, name, reference));
                }
                None if companion.is_readable() => {
                    let detail = format!(
                        "The file {file} does not hash to the reference of the {name}, read as JSON or as plain text."
                    );
                    return not(companion.hash(), detail);
                }
                None => {
                    let detail = format!(
                        "The file {file} is neither JSON nor text, so it cannot be the {name} of an event."
                    );
                    return not(None, detail);
                }
            }
        }
        let reference = reference.to_owned();
        match shown.is_empty() {
            true => Held::Open {
                reference,
                component,
            },
            false => Held::Shown {
                reference,
                detail: shown.join(" "),
            },
        }
    }
}

impl Held {
    fn is_shown(&self) -> bool {
        matches!(self, Self::Shown { .. })
    }

    fn finding(self, sources: &Sources<'_>, known: bool) -> Finding {
        match self {
            Self::Shown { reference, detail } => {
                Finding::pass(detail).expected(&reference).actual(reference)
            }
            Self::Not {
                reference,
                actual,
                detail,
            } => {
                let finding = Finding::fail(detail).expected(reference);
                match actual.is_empty() {
                    true => finding,
                    false => finding.actual(actual),
                }
            }
            Self::Barred { reference, detail } => {
                Finding::skip(Reason::InputNeeded, detail).expected(reference)
            }
            Self::Open {
                reference,
                component,
            } => open(&reference, component, sources, known).expected(reference),
        }
    }
}

fn open(reference: &str, component: Component, sources: &Sources<'_>, known: bool) -> Finding {
    let (name, noun) = (component.name(), component.noun());
    match (reference == EMPTY, known, sources.locked) {
        (true, true, _) => Finding::pass(format!(
            "The reference is the hash of an empty object: no {name} was recorded."
        ))
        .actual(reference),
        (true, false, _) => Finding::skip(
            Reason::InputNeeded,
            format!(
                "The reference is the hash of an empty object, as for {noun} that was not recorded. Nothing of this event was supplied to hold it against."
            ),
        ),
        (false, _, true) => Finding::skip(
            Reason::KeyNeeded,
            format!(
                "The {name} was neither decrypted nor supplied, so there is nothing to compute the hash from. Supply the payload's key, or the {name} itself."
            ),
        ),
        (false, _, false) if sources.sealed => Finding::skip(
            Reason::InputNeeded,
            format!(
                "The payload gave no {name} to compute the hash from. Supply the {name} itself to compare."
            ),
        ),
        (false, _, false) => Finding::skip(
            Reason::InputNeeded,
            format!(
                "The event holds only the hash of the {name}. Supply the {name} itself to compare."
            ),
        ),
    }
}
