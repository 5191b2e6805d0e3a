//! Whether a value is a receipt at all: JSON that all readers read alike, in the standard's shape.

use super::checks::FORM;
use super::outcome::{Outcome, Stop};
use super::shape::Malformed;
use super::wire::Receipt;
use crate::json::{DefectKind, Document};

/// Reads a receipt; `depth` counts the arrays that it stands in.
///
/// # Errors
/// When the text departs from JSON, or the value from the shape of a receipt.
pub(super) fn read<'v, 'a>(
    document: &'v Document<'a>,
    depth: usize,
) -> Result<Receipt<'v, 'a>, Stop> {
    if let Some(sentence) = document.defect_sentence() {
        return Err(malformed(format!("{sentence}{}", core_on_defect(document))));
    }
    Receipt::read(document, depth).map_err(|wrong| {
        let place = match wrong.pointer.as_str() {
            "" => "The value",
            pointer => pointer,
        };
        malformed(format!("{place} {}.{}", wrong.what, core_on_shape(&wrong)))
    })
}

fn malformed(sentence: String) -> Stop {
    Stop::fail(&FORM, Outcome::Malformed, sentence)
}

/// What HESO's core makes of a key that stands twice where it does not know the keys: the last one counts.
fn core_on_defect(document: &Document<'_>) -> &'static str {
    let Some(defect) = document.defects.first() else {
        return "";
    };
    let pointer = document.pointer(defect.offset);
    let free = pointer.starts_with("/content/action/fields/") || pointer.contains("/value/");
    match defect.kind == DefectKind::DuplicateKey && free {
        true => " HESO's own core takes the last one and may accept the receipt.",
        false => "",
    }
}

/// Members outside the signed content that HESO's core reads over.
fn core_on_shape(wrong: &Malformed) -> &'static str {
    let outside =
        wrong.pointer.starts_with("/signatures/") || wrong.pointer.starts_with("/transparency/");
    match outside && wrong.is_unknown_member {
        true => {
            " No signature covers it; HESO's own core reads over it and may accept the receipt."
        }
        false => "",
    }
}
