//! An event's members: those that the SDK sends, and those that a stored event has beside them.

use crate::bytes::from_hex;
use crate::crypto::{Digest, sha256};
use crate::json::{Document, Kind, Object, Value};
use crate::report::Finding;

/// A part of a decision that is referred to by its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Component {
    /// What the decision was made on; of an override, the output that was overridden.
    Input,
    /// What was decided.
    Output,
    /// What else the sender recorded.
    Metadata,
}

impl Component {
    /// All three, in the order in which reports have them.
    pub const ALL: [Self; 3] = [Self::Input, Self::Output, Self::Metadata];

    /// The name of the companion, and of the member of an encrypted payload.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::Metadata => "metadata",
        }
    }

    /// The name in a sentence on one of them.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Input => "an input",
            Self::Output => "an output",
            Self::Metadata => "metadata",
        }
    }

    /// The member of an event that refers to it.
    pub const fn reference(self) -> &'static str {
        match self {
            Self::Input => "inputReference",
            Self::Output => "outputReference",
            Self::Metadata => "metadataReference",
        }
    }
}

/// Which of its two forms an event has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The body of a request, which the SDK writes whole: complianceguard 0.1.5, `ingest_event`.
    Request,
    /// What the API gives back later, which `decrypt_event` reads. Its schema is not published.
    Stored,
}

/// Strings that both forms have.
pub(super) const IDENTITY: [&str; 3] = ["eventId", "systemId", "occurredAtUtc"];

/// Strings that the SDK always sends.
pub(super) const DECISION: [&str; 3] = ["modelId", "version", "decisionClassification"];

/// Members that the SDK sends when its caller gives them, with what they are.
const OPTIONAL: [(&str, &str); 7] = [
    ("correlationId", "a string"),
    ("idempotencyKey", "a string"),
    ("humanOversight", "an object"),
    ("referenceData", "an array"),
    ("systemState", "an object"),
    ("dataSubjects", "an array"),
    ("actor", "an object"),
];

/// The oversight block.
pub(super) const BLOCK: &str = "humanOversight";

/// The envelope of a request.
pub(super) const PAYLOAD: &str = "payload";

/// The envelope of a stored event.
pub(super) const STORED_ENVELOPE: [&str; 4] = [
    "payloadCiphertext",
    "payloadKeyId",
    "payloadNonce",
    "payloadAadHash",
];

/// What the API's answer says of an event, under the names that a stored event gives it.
const OF_SERVER: [&str; 5] = [
    "environmentId",
    "sequenceNumber",
    "ingestedAtUtc",
    "eventHash",
    "receiptId",
];

/// The API's answer under its own names, for an event with which somebody kept it.
const OF_RECEIPT: [&str; 7] = [
    "event_id",
    "system_id",
    "environment_id",
    "sequence_number",
    "ingested_at_utc",
    "event_hash",
    "receipt_id",
];

/// Names of a server's record that explain themselves and bear on nothing that is checked.
const OF_RECORD: [&str; 14] = [
    "id",
    "workspaceId",
    "tenantId",
    "organizationId",
    "systemProfileId",
    "previousEventHash",
    "previousHash",
    "hashAlgorithm",
    "schemaVersion",
    "status",
    "createdAtUtc",
    "receivedAtUtc",
    "storedAtUtc",
    "updatedAtUtc",
];

/// What is appended where the vendor's own reader does not look.
pub(super) const ACCEPTED: &str = "The vendor's decrypt_event does not look at this and may accept the event; this verifier does not.";

/// The same where it reads whatever stands there as Python prints it.
pub(super) const ACCEPTED_PRINTED: &str = "The vendor's decrypt_event reads it as Python prints it, and may accept the event; this verifier does not.";

/// An event.
#[derive(Clone, Copy)]
pub(super) struct Event<'v, 'a> {
    /// The text that it was read from.
    pub document: &'v Document<'a>,
    /// Which form it has.
    pub form: Form,
    object: &'v Object<'a>,
}

impl<'v, 'a> Event<'v, 'a> {
    /// The event that `document` holds; none when it is not an object.
    pub fn of(document: &'v Document<'a>) -> Option<Self> {
        let object = document.root.as_object()?;
        let stored = STORED_ENVELOPE
            .iter()
            .chain(&OF_SERVER)
            .chain(&OF_RECEIPT)
            .any(|name| object.get(name).is_some());
        Some(Self {
            document,
            form: if stored { Form::Stored } else { Form::Request },
            object,
        })
    }

    /// A member; a null counts as none.
    pub fn get(&self, name: &str) -> Option<&'v Value<'a>> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// A member, also a null; none when it is not there at all.
    pub fn member(&self, name: &str) -> Option<&'v Value<'a>> {
        self.object.get(name)
    }

    /// A string member.
    pub fn text(&self, name: &str) -> Option<&'v str> {
        self.get(name)?.as_str()
    }

    /// A string, or the characters of a number or truth value, which the vendor's reader takes for one.
    pub fn word(&self, name: &str) -> Option<&'v str> {
        let value = self.get(name)?;
        match &value.kind {
            Kind::String(text) => Some(text),
            Kind::Number(lexeme) => Some(lexeme),
            Kind::Bool(true) => Some("True"),
            Kind::Bool(false) => Some("False"),
            Kind::Null | Kind::Array(_) | Kind::Object(_) => None,
        }
    }

    /// The event's identifier, where it has one.
    pub fn id(&self) -> Option<&'v str> {
        self.word("eventId")
    }

    /// The recorded hash of a component, in lower case.
    pub fn reference(&self, component: Component) -> Option<String> {
        let text = self.text(component.reference())?;
        is_digest(text).then(|| text.to_ascii_lowercase())
    }

    /// Whether the members are there that make an event, and are what they should be.
    pub fn form_finding(&self) -> Finding {
        let wrong = IDENTITY
            .iter()
            .find_map(|name| self.not_an_identity(name))
            .or_else(|| {
                let mut components = Component::ALL.iter();
                components.find_map(|component| self.not_a_reference(component.reference()))
            })
            .or_else(|| self.null_added());
        wrong.map_or_else(|| Finding::pass(""), Finding::fail)
    }

    fn not_an_identity(&self, name: &str) -> Option<String> {
        match self.object.get(name) {
            None => Some(format!("The event has no {name}.")),
            Some(value) if self.word(name).is_none() => {
                let found = value.kind_name();
                Some(format!(
                    "/{name} is {found} where the SDK writes a string. {ACCEPTED_PRINTED}"
                ))
            }
            Some(_) => None,
        }
    }

    fn not_a_reference(&self, name: &str) -> Option<String> {
        let Some(value) = self.object.get(name) else {
            return Some(format!("The event has no {name}. {ACCEPTED}"));
        };
        match value.as_str() {
            None => {
                let found = value.kind_name();
                Some(format!(
                    "/{name} is {found} where the SDK writes a string. {ACCEPTED}"
                ))
            }
            Some(text) => (!is_digest(text))
                .then(|| format!("/{name} is not a SHA-256 digest in hexadecimal. {ACCEPTED}")),
        }
    }

    /// A null in a request, where the SDK leaves the member out.
    fn null_added(&self) -> Option<String> {
        let mut optional = OPTIONAL.iter().map(|(name, _)| *name).chain([PAYLOAD]);
        let is_null = |name: &&str| self.object.get(name).is_some_and(Value::is_null);
        let name = optional.find(|name| self.form == Form::Request && is_null(name))?;
        Some(format!(
            "/{name} is null, where the SDK leaves the member out. {ACCEPTED}"
        ))
    }

    /// What differs from what the SDK writes when it is called as it is documented, in sentences.
    pub fn remarks(&self) -> Vec<String> {
        let unlike = |name: &str, what: &str| {
            let value = self.object.get(name)?;
            let found = value.kind_name();
            (found != what)
                .then(|| format!("/{name} is {found}; as documented, the SDK writes {what}."))
        };
        let identity = IDENTITY.iter().filter_map(|name| unlike(name, "a string"));
        let mut remarks: Vec<String> = identity.collect();
        if self.form == Form::Request {
            for name in DECISION {
                remarks.extend(match self.object.get(name) {
                    None => Some(format!(
                        "The event has no {name}, which the SDK always writes."
                    )),
                    Some(_) => unlike(name, "a string"),
                });
            }
            let optional = OPTIONAL.iter().filter(|(name, _)| *name != BLOCK);
            remarks.extend(optional.filter_map(|(name, what)| unlike(name, what)));
        }
        remarks
    }

    /// The first member that the form does not have. In a stored event a null counts as none.
    pub fn unknown_member(&self) -> Option<&'v str> {
        let is_known = |name: &str| {
            let sent = IDENTITY.contains(&name)
                || DECISION.contains(&name)
                || name == PAYLOAD
                || OPTIONAL.iter().any(|(optional, _)| *optional == name)
                || Component::ALL.iter().any(|part| part.reference() == name);
            let stored = STORED_ENVELOPE.contains(&name)
                || OF_SERVER.contains(&name)
                || OF_RECEIPT.contains(&name)
                || OF_RECORD.contains(&name);
            sent || (self.form == Form::Stored && stored)
        };
        self.object
            .members
            .iter()
            .filter(|member| self.form == Form::Request || !member.value.is_null())
            .map(|member| member.key.as_ref())
            .find(|name| !is_known(name))
    }

    /// A digest over the system and the three references: two events with one identifier should share it.
    pub fn substance(&self) -> Digest {
        let mut digest = sha256::Sha256::new();
        for component in Component::ALL {
            digest.update(self.reference(component).unwrap_or_default().as_bytes());
            digest.update(b" ");
        }
        digest.update(self.word("systemId").unwrap_or_default().as_bytes());
        digest.finish()
    }
}

/// Whether a text is a SHA-256 digest in hexadecimal of either case.
pub(super) fn is_digest(text: &str) -> bool {
    text.len() == 64 && from_hex(text).is_ok()
}
