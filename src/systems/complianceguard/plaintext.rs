//! What an envelope holds: one JSON object with the three components.

use super::event::Component;
use super::peer::is_not_json;
use super::references::{EMPTY, hash_of};
use crate::json::{self, DefectKind, Document, Span, Value};
use crate::report::{Finding, Reason};

/// What is appended where the vendor's own reader takes what is not taken here.
const ACCEPTED: &str = "The vendor's decrypt_event may accept it; this verifier does not.";

const OTHER_MEMBER: &str = "The decrypted content has a member beside input, output and metadata. No reference covers it; it is what the holder of the key encrypted.";

/// Members beside the components that are shown.
const OTHERS: usize = 10;

/// The decrypted components.
pub(super) struct Plaintext {
    /// The hash of each, in the order of [`Component::ALL`]; an absent one hashes as an empty object, and one that holds a number
    /// that JSON does not have has none.
    pub hashes: [Option<String>; 3],
    /// Which of them are null.
    pub nulls: [bool; 3],
    /// The JSON text of each that is there.
    pub texts: [Option<String>; 3],
    /// The other members, names included.
    pub others: Vec<String>,
    /// What keeps it from being taken, in a sentence.
    pub misfit: Option<String>,
    /// What differs from what the SDK writes, in a sentence.
    pub remark: Option<&'static str>,
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
        let components = names.map(|name| object.get(name));
        let hashes = components.map(hash_of);
        let is_finite = hashes.iter().all(Option::is_some);
        let others = object.members.iter().filter_map(|member| {
            let text = text_of(&document, member.value.span)?;
            let is_other = !names.contains(&member.key.as_ref());
            is_other.then(|| format!("{}: {text}", member.key))
        });
        Ok(Self {
            nulls: components.map(|value| value.is_some_and(Value::is_null)),
            texts: components.map(|value| Some(text_of(&document, value?.span)?.to_owned())),
            others: others.take(OTHERS).collect(),
            misfit: misfit(&document, is_finite),
            remark: object.unknown_member(&names).map(|_| OTHER_MEMBER),
            hashes,
        })
    }

    /// Whether all three components are empty, as the SDK up to 0.1.5 seals them on Python before 3.12.
    pub fn is_empty(&self) -> bool {
        self.hashes
            .iter()
            .all(|hash| hash.as_deref() == Some(EMPTY))
    }
}

fn text_of<'a>(document: &Document<'a>, span: Span) -> Option<&'a str> {
    document.text().get(span.start as usize..span.end as usize)
}

/// Why the JSON is not taken, without quoting it.
fn misfit(document: &Document<'_>, is_finite: bool) -> Option<String> {
    let defect = document.defects.first().map(|defect| defect.kind);
    Some(match defect {
        Some(DefectKind::DuplicateKey) => format!(
            "In the decrypted JSON a member stands twice in its object, so two readers can disagree about what was encrypted. {ACCEPTED}"
        ),
        Some(DefectKind::NonFinite) => format!(
            "The decrypted JSON holds NaN or Infinity, which are not numbers that JSON has. {ACCEPTED}"
        ),
        Some(DefectKind::ByteOrderMark) => {
            "A byte order mark stands before the decrypted JSON.".to_owned()
        }
        Some(DefectKind::TrailingBytes) => "Something follows the decrypted JSON.".to_owned(),
        None if !is_finite => format!(
            "A number in the decrypted JSON is beyond the range of double precision. Python reads it as Infinity, which is not a number that JSON has. {ACCEPTED}"
        ),
        None => return None,
    })
}

/// Why decrypted bytes cannot be read, without quoting them.
fn unreadable(error: &json::Error) -> Finding {
    match is_not_json(&error.kind) {
        true => Finding::fail(format!(
            "The decrypted content is not JSON ({}).",
            error.place
        )),
        false => Finding::skip(
            Reason::Unsupported,
            format!(
                "The decrypted content is beyond what this verifier reads, so nothing in it was examined. {} ({})",
                error.kind, error.place
            ),
        ),
    }
}
