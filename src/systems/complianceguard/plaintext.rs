//! What an envelope holds: one JSON object with the three components.

use super::event::Component;
use super::references::{EMPTY, hash_of};
use crate::json::{self, Document, ErrorKind};
use crate::report::{Finding, Reason};

const AMBIGUOUS: &str = "The decrypted JSON can be read in more than one way: a member stands twice, a number is not finite, or something stands beside the object. The vendor's decrypt_event may accept it; this verifier does not.";
const FOURTH_MEMBER: &str = "The decrypted content has a member beside input, output and metadata, which no reference covers. The vendor's decrypt_event accepts it; this verifier does not.";

/// The decrypted components.
pub(super) struct Plaintext {
    /// The hash of each, in the order of [`Component::ALL`]; an absent one hashes as an empty object.
    pub hashes: [String; 3],
    /// The JSON text of each that is there.
    pub texts: [Option<String>; 3],
    /// What keeps it from being as the SDK makes it, in a sentence.
    pub misfit: Option<&'static str>,
}

impl Plaintext {
    /// Reads decrypted bytes.
    ///
    /// # Errors
    /// What is to be said when they are not a JSON object in UTF-8, or are beyond what this verifier reads.
    pub fn read(bytes: &[u8]) -> Result<Self, Finding> {
        let document = json::parse(bytes).map_err(|error| unreadable(&error))?;
        let Some(object) = document.root.as_object() else {
            let found = document.root.kind_name();
            let detail = format!("The decrypted content is {found}, not a JSON object.");
            return Err(Finding::fail(detail));
        };
        let names = Component::ALL.map(Component::name);
        let hashes = Component::ALL.map(|component| hash_of(object.get(component.name())));
        let is_ambiguous = !document.defects.is_empty() || hashes.iter().any(Option::is_none);
        let misfit = match object.unknown_member(&names) {
            _ if is_ambiguous => Some(AMBIGUOUS),
            Some(_) => Some(FOURTH_MEMBER),
            None => None,
        };
        Ok(Self {
            hashes: hashes.map(Option::unwrap_or_default),
            texts: Component::ALL.map(|component| Some(text_of(&document, component)?.to_owned())),
            misfit,
        })
    }

    /// Whether all three components are empty, as the SDK up to 0.1.5 seals them on Python before 3.12.
    pub fn is_empty(&self) -> bool {
        self.hashes.iter().all(|hash| hash == EMPTY)
    }
}

fn text_of<'a>(document: &Document<'a>, component: Component) -> Option<&'a str> {
    let span = document.root.get(component.name())?.span;
    document.text().get(span.start as usize..span.end as usize)
}

/// Why decrypted bytes cannot be read, without quoting them.
fn unreadable(error: &json::Error) -> Finding {
    match error.kind {
        ErrorKind::TooDeep | ErrorKind::TooManyValues => Finding::skip(
            Reason::Unsupported,
            format!("The decrypted content is not read. {}", error.kind),
        ),
        _ => Finding::fail(format!(
            "The decrypted content is not JSON ({}).",
            error.place
        )),
    }
}
