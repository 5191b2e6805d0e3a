//! Redaction markers (heso-spec `modules/action-receipt.md` section 3.5).

use super::checks::REDACTION;
use super::outcome::{Outcome, Stop};
use crate::bytes::is_lower_hex_digest;
use crate::json::Value;

/// The scheme of a commitment that can be revealed later.
const COMMITMENT: &str = "salted-blake3/v1";

/// Holds every marker against the record's mode.
///
/// # Errors
/// At the first marker that its mode does not allow.
pub(super) fn markers(redaction: &Value<'_>) -> Result<(), Stop> {
    let committed = redaction.get("mode").and_then(Value::as_str) == Some("commit_and_reveal");
    let markers = redaction
        .get("markers")
        .and_then(Value::as_array)
        .unwrap_or_default();
    for (index, marker) in markers.iter().enumerate() {
        let text = |member: &str| {
            marker
                .get(member)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let problem = match committed {
            true => of_commitment(text("algorithm"), text("commitment")),
            false => of_destruction(text("algorithm"), text("commitment")),
        };
        if let Some(problem) = problem {
            return Err(Stop::fail(
                &REDACTION,
                Outcome::MalformedRedaction,
                format!(
                    "The marker at /content/redaction/markers/{index}, for the field {:?}, {problem}.",
                    text("field_path")
                ),
            ));
        }
    }
    Ok(())
}

fn of_commitment(algorithm: &str, commitment: &str) -> Option<&'static str> {
    if algorithm != COMMITMENT {
        return Some("does not name the scheme salted-blake3/v1");
    }
    (!is_lower_hex_digest(commitment))
        .then_some("has a commitment that is not 64 lower-case hexadecimal digits")
}

fn of_destruction(algorithm: &str, commitment: &str) -> Option<&'static str> {
    (algorithm == COMMITMENT || !commitment.is_empty())
        .then_some("carries a commitment, although the value is said to be destroyed")
}
