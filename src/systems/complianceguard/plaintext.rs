//! What an envelope holds: one JSON object with the three components.

use super::event::Component;
use super::references::{EMPTY, hash_of};
use crate::json::{self, Document};

/// The decrypted components.
pub(super) struct Plaintext {
    /// The hash of each, in the order of [`Component::ALL`]; an absent one hashes as an empty object.
    pub hashes: [String; 3],
    /// The JSON text of each that is there.
    pub texts: [Option<String>; 3],
    /// What keeps it from being as the SDK makes it, in a sentence; it may be readable all the same.
    pub misfit: Option<String>,
}

impl Plaintext {
    /// Reads decrypted bytes.
    ///
    /// # Errors
    /// A sentence, when they are not a JSON object in UTF-8.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let document = json::parse(bytes).map_err(|error| {
            // The error's own words may quote what was decrypted.
            format!("The decrypted content is not JSON ({}).", error.place)
        })?;
        let Some(object) = document.root.as_object() else {
            let found = document.root.kind_name();
            return Err(format!(
                "The decrypted content is {found}, not a JSON object."
            ));
        };
        let names = Component::ALL.map(Component::name);
        let defect = (!document.defects.is_empty()).then(|| {
            "The decrypted JSON can be read in more than one way: a member that is there twice, a number that JSON does not have, or something beside the object. The vendor's decrypt_event may accept it; this verifier does not.".to_owned()
        });
        let misfit = defect.or_else(|| {
            object.unknown_member(&names).map(|_| {
                "The decrypted content has a member beside input, output and metadata, which no reference covers. The vendor's decrypt_event accepts it; this verifier does not.".to_owned()
            })
        });
        let member = |component: Component| object.get(component.name());
        Ok(Self {
            hashes: Component::ALL.map(|component| hash_of(member(component)).unwrap_or_default()),
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
