//! How Go's `encoding/json` reads what the vendor's structs hold, and what it lets pass.

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use crate::json::{Kind, Value};

/// `encoding/base64.StdEncoding`: padding required, stray bits in the last character let pass.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Whether Go takes a member called `key` for the field called `name`: without regard to case, by Unicode's simple folding,
/// under which the long s is an s and the Kelvin sign a k.
pub(super) fn is_named(key: &str, name: &str) -> bool {
    let fold = |character| match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    };
    key.chars().map(fold).eq(name.chars().map(fold))
}

/// A `[]byte`: base64 in which line breaks count for nothing, or a list of numbers from 0 to 255; null is empty.
pub(super) fn bytes(value: &Value<'_>) -> Result<Vec<u8>, &'static str> {
    match &value.kind {
        Kind::Null => Ok(Vec::new()),
        Kind::String(text) => from_base64(text),
        Kind::Array(elements) => elements.iter().map(byte).collect(),
        _ => Err("is neither base64 nor a list of numbers"),
    }
}

fn byte(value: &Value<'_>) -> Result<u8, &'static str> {
    let number = match value.is_null() {
        true => Some(0),
        false => value.as_number().and_then(|lexeme| lexeme.parse().ok()),
    };
    number.ok_or("holds something other than whole numbers from 0 to 255")
}

/// Base64 as Go decodes it: line breaks count for nothing.
pub(super) fn from_base64(text: &str) -> Result<Vec<u8>, &'static str> {
    const WRONG: &str = "is not base64";
    if text.contains(['\r', '\n']) {
        return LENIENT
            .decode(text.replace(['\r', '\n'], ""))
            .map_err(|_| WRONG);
    }
    LENIENT.decode(text).map_err(|_| WRONG)
}

/// Bytes as Go writes them.
pub(super) fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::{from_base64, is_named};

    #[test]
    fn names_fold_as_gos_do() {
        for key in ["seq", "SEQ", "Seq", "\u{17f}eq"] {
            assert!(is_named(key, "seq"), "{key}");
        }
        for key in ["se", "seqq", "s\u{e9}q", "s eq"] {
            assert!(!is_named(key, "seq"), "{key}");
        }
    }

    #[test]
    fn base64_is_as_lenient_as_gos_and_no_more() {
        for (text, bytes) in [
            ("", Some(vec![])),
            ("AAE=", Some(vec![0, 1])),
            ("AA\nE\r=\n", Some(vec![0, 1])),
            ("AAF=", Some(vec![0, 1])),
            ("AAE", None),
            ("AA E=", None),
            ("AAE==", None),
            ("A-E=", None),
        ] {
            assert_eq!(from_base64(text).ok(), bytes, "{text:?}");
        }
    }
}
