//! One packet under examination: where it lies, what it is called, and the key that it is checked with.

use crate::json::{Document, Object, Value};
use crate::report::{Finding, Reason};
use crate::systems::thessor::python::truthy;
use crate::systems::thessor::signature::Suite;

/// Where a packet was found.
#[derive(Clone, Debug, Default)]
pub(super) struct Source {
    /// What the sentences begin with: empty for a file that is one packet; else `Packet 3: ` or the file's name.
    pub at: String,
    /// What the pointers of facts begin with: empty, `/2` for the third of an array, or a file's name and `#`.
    pub place: String,
    /// The packet's name in the reference's terms, where it has no id.
    pub name: String,
}

/// A packet that could be read.
pub(super) struct Case<'c, 'v, 'a> {
    pub document: &'v Document<'a>,
    pub packet: &'v Object<'a>,
    pub at: &'c str,
    /// The decision's id, which the subjects are named after.
    pub id: String,
    /// The key in the packet, or the one that was pinned where the packet has none.
    pub key: Key<'c>,
}

/// The key that a packet is checked with.
#[derive(Clone, Debug)]
pub(super) enum Key<'c> {
    /// A key in hexadecimal.
    Hex(std::borrow::Cow<'c, str>),
    /// Something that is no text.
    NoText(&'static str),
    /// There is none.
    Missing,
}

impl<'v, 'a> Case<'_, 'v, 'a> {
    /// The key's text.
    pub fn key(&self) -> Option<&str> {
        match &self.key {
            Key::Hex(text) => Some(text),
            _ => None,
        }
    }

    /// What to say of a signature for want of a key; `what` begins the sentence.
    pub fn key_missing(&self, what: &str) -> Finding {
        let at = self.at;
        match self.key {
            Key::NoText(kind) => Finding::fail(format!(
                "{at}{what} does not hold: the public key is {kind}."
            ))
            .because(Reason::FormatFailure),
            _ => Finding::skip(
                Reason::KeyNeeded,
                format!(
                    "{at}{what} was not checked: no public key came with it, and none was pinned."
                ),
            ),
        }
    }

    /// Whether the decision has what the reference asks for before it checks anything: the sealed content, a hash and an id.
    pub fn is_asked_of_the_reference(&self) -> bool {
        let member = |member| {
            self.packet
                .get("decision")
                .and_then(|decision| decision.get(member))
        };
        member("raw_envelope").is_some_and(|raw| raw.as_object().is_some())
            && truthy(member("canonical_hash")).is_some()
            && truthy(member("envelope_id")).is_some()
    }

    /// A record of the packet that is there.
    pub fn record(&self, member: &str) -> Option<(&'v Value<'a>, &'v Object<'a>)> {
        let value = self.packet.get(member)?;
        Some((value, value.as_object()?))
    }

    /// The suite of a record, which says it itself or goes by the decision's.
    pub fn suite(&self, record: &Object<'_>) -> Suite {
        let own = record.get("signature_suite");
        let decision = self
            .packet
            .get("decision")
            .and_then(|decision| decision.get("signature_suite"));
        let named = own.or(decision).filter(|suite| !suite.is_null());
        Suite::of(named)
    }
}
