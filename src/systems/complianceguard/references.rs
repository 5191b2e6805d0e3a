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

/// The hash of a component's canonical JSON; none when it has no such form.
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
    /// Whether the event carries an envelope that a key would open.
    pub sealed: bool,
}

/// Holds the three references of `event` against the sources, in the order of [`Component::ALL`].
pub(super) fn examine(event: &Event<'_, '_>, sources: &Sources<'_>) -> [Option<Finding>; 3] {
    let mut index = 0_usize;
    let held = Component::ALL.map(|component| {
        let hash = sources
            .plaintext
            .and_then(|plaintext| plaintext.hashes.get(index));
        index = index.saturating_add(1);
        Some(sources.hold(event, component, &event.reference(component)?, hash))
    });
    // Something belongs to this event: then what it says to be empty needs no file to show that.
    let known = sources.plaintext.is_some() || held.iter().flatten().any(Held::is_shown);
    held.map(|held| Some(held?.finding(sources, known)))
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
        decrypted: Option<&String>,
    ) -> Held {
        let name = component.name();
        let not = |actual: Option<&str>, detail: String| Held::Not {
            reference: reference.to_owned(),
            actual: actual.unwrap_or_default().to_owned(),
            detail,
        };
        let mut shown = Vec::new();
        if let Some(hash) = decrypted {
            if hash != reference {
                let trapped = self.plaintext.is_some_and(Plaintext::is_empty);
                let detail = match trapped {
                    true => format!(
                        "The decrypted content holds three empty components, and the reference is of a {name} that is not empty. The vendor's SDK up to 0.1.5, on Python before 3.12, encrypts empty components in place of the real ones: the real {name} is then nowhere in the file."
                    ),
                    false => format!("The decrypted {name} does not hash to its reference."),
                };
                return not(Some(hash), detail);
            }
            shown.push(format!("The decrypted {name} has this hash."));
        }
        for companion in self.companions.of_event(event.id(), component) {
            let file = &companion.file_name;
            match companion.reading(reference) {
                Some(how) => shown.push(format!("The file {file}, {how}, has this hash.")),
                None if companion.subject.is_none() && !(self.alone && companion.matches == 0) => {}
                None if companion.is_ambiguous => {
                    let detail = format!(
                        "The file {file} is JSON that can be read in more than one way (a member stands twice in it, a number is not finite, or more follows the value), so it was not taken for the {name}."
                    );
                    return not(None, detail);
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
            Self::Open {
                reference,
                component,
            } => open(&reference, component.name(), sources.sealed, known).expected(reference),
        }
    }
}

fn open(reference: &str, name: &str, sealed: bool, known: bool) -> Finding {
    match (reference == EMPTY, known, sealed) {
        (true, true, _) => Finding::pass(format!(
            "The reference is the hash of an empty object: no {name} was recorded."
        ))
        .actual(reference),
        (true, false, _) => Finding::skip(
            Reason::InputNeeded,
            format!(
                "The reference is the hash of an empty object, as for a {name} that was not recorded. Nothing of this event was supplied to hold it against."
            ),
        ),
        (false, _, true) => Finding::skip(
            Reason::KeyNeeded,
            format!(
                "There is neither a decrypted {name} nor a file of it to compute the hash from. Supply the payload's key, or the {name} itself."
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
