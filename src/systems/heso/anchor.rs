//! Trusted time (heso-spec `modules/time-anchor.md`), as far as this version goes: what can be said
//! of an anchor without opening its token.

use super::checks::TIME_ANCHOR;
use super::outcome::{Outcome, Stop};
use super::wire::Receipt;
use crate::bytes::{from_base64, is_lower_hex_digest, to_hex};
use crate::canon::{self, Jcs};
use crate::crypto::blake3::Blake3;
use crate::json::Value;

/// Section 2, steps 1 to 3, and section 4. Gives whether there is a token left to verify.
///
/// # Errors
/// When trusted time is required and absent, or the anchor does not fit the content.
pub(super) fn preconditions(receipt: &Receipt<'_, '_>) -> Result<bool, Stop> {
    let Some(anchor) = receipt.content.get("time_anchor") else {
        return match receipt.content.get("anchor_policy") {
            None => Ok(false),
            Some(_) => Err(Stop::fail(
                &TIME_ANCHOR,
                Outcome::AnchorRequired,
                "The receipt requires trusted time, and carries none.",
            )),
        };
    };
    let text = |member: &str| {
        anchor
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let unverifiable =
        |sentence: &str| Stop::fail(&TIME_ANCHOR, Outcome::TimeAnchorUnverifiable, sentence);
    if text("kind") != "rfc3161" {
        return Err(
            unverifiable("The time anchor is of a kind that the standard does not have.")
                .values(text("kind"), "rfc3161"),
        );
    }
    let anchored = text("anchored_hash");
    if !is_lower_hex_digest(anchored) {
        return Err(unverifiable(
            "The hash in the time anchor is not 64 lower-case hexadecimal digits.",
        ));
    }
    let computed = pre_anchor_hash(receipt);
    if anchored != computed {
        return Err(
            unverifiable("The time anchor was made for other content.").values(anchored, computed)
        );
    }
    match from_base64(text("token_b64")) {
        Ok(token) if !token.is_empty() => Ok(true),
        _ => Err(unverifiable(
            "The token of the time anchor is empty or not base64.",
        )),
    }
}

/// Section 1: an anchor cannot certify the hash that contains it, so both are left out.
fn pre_anchor_hash(receipt: &Receipt<'_, '_>) -> String {
    let mut hasher = Blake3::new();
    match canon::write_without::<Jcs>(
        receipt.content,
        &["action_hash", "time_anchor"],
        &mut hasher,
    ) {
        Ok(()) => to_hex(&hasher.finish()),
        Err(_) => String::new(),
    }
}
