//! Text forms of bytes: strict, but for the one that reads as a vendor's Python does.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Why a text does not stand for bytes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BytesError {
    /// White space in hexadecimal, which CPython's `bytes.fromhex` lets pass.
    #[error("The hexadecimal text has white space in it.")]
    HexWhiteSpace,
    /// Not hexadecimal.
    #[error("The text is not hexadecimal.")]
    Hex,
    /// Not base64 of RFC 4648 section 4: another alphabet, missing padding, white space or stray bits.
    #[error("The text is not base64 in the standard alphabet with padding.")]
    Base64,
    /// Not base64url of RFC 4648 section 5 without padding.
    #[error("The text is not base64url without padding.")]
    Base64Url,
}

/// Decodes hexadecimal of either case, two digits a byte and nothing else.
///
/// # Errors
/// When there is white space, an odd digit or another character.
pub fn from_hex(text: &str) -> Result<Vec<u8>, BytesError> {
    if text.contains(|character: char| character.is_ascii_whitespace() || character == '\u{b}') {
        return Err(BytesError::HexWhiteSpace);
    }
    hex::decode(text).map_err(|_| BytesError::Hex)
}

/// Encodes lower-case hexadecimal.
pub fn to_hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Whether `text` is a 32-byte digest in lower-case hexadecimal.
pub fn is_lower_hex_digest(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Decodes base64 of RFC 4648 section 4: padding required, no white space, no stray bits.
///
/// # Errors
/// When the text is anything else.
pub fn from_base64(text: &str) -> Result<Vec<u8>, BytesError> {
    STANDARD.decode(text).map_err(|_| BytesError::Base64)
}

/// Decodes base64 as CPython's `base64.b64decode` does: reads over every character that is not of the standard alphabet, stops
/// at the first padding that completes a group of four, and drops what bits are left of the last character. `None` for text
/// beyond ASCII, which it does not take, and for a group that is not completed.
pub fn from_base64_as_python(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let mut bytes = Vec::new();
    let (mut group, mut count, mut padding) = (0_u32, 0_u8, 0_u8);
    for character in text.bytes() {
        let value = match character {
            b'A'..=b'Z' => character.wrapping_sub(b'A'),
            b'a'..=b'z' => character.wrapping_sub(b'a').wrapping_add(26),
            b'0'..=b'9' => character.wrapping_sub(b'0').wrapping_add(52),
            b'+' => 62,
            b'/' => 63,
            b'=' if count >= 2 => {
                padding = padding.saturating_add(1);
                if count.saturating_add(padding) >= 4 {
                    return Some(bytes);
                }
                continue;
            }
            _ => continue,
        };
        padding = 0;
        group = (group << 6) | u32::from(value);
        count = count.wrapping_add(1) % 4;
        let shift = match count {
            1 => continue,
            2 => 4,
            3 => 2,
            _ => 0,
        };
        bytes.push(u8::try_from((group >> shift) & 0xff).ok()?);
    }
    (count == 0).then_some(bytes)
}

/// Encodes base64 of RFC 4648 section 4.
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Decodes base64url of RFC 4648 section 5 without padding.
///
/// # Errors
/// When the text is anything else.
pub fn from_base64url(text: &str) -> Result<Vec<u8>, BytesError> {
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| BytesError::Base64Url)
}
