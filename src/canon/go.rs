//! Go's `encoding/json.Marshal` of values that came through `interface{}`.

use std::io::Write;

use super::ErrorKind;
use super::number::{Decimal, is_integer};
use super::writer::{Dialect, put};

/// Integers of up to this many digits are their own shortest form as doubles (2^53 has sixteen).
const EXACT_DIGITS: usize = 15;

/// Go 1.22 and later: keys by bytes, every number through `float64`, HTML characters escaped.
pub struct Go;

impl Dialect for Go {
    const REFUSES_DUPLICATES: bool = false;

    const ESCAPES_MORE: bool = true;

    fn escape(character: char) -> Option<&'static str> {
        Some(match character {
            '<' => "\\u003c",
            '>' => "\\u003e",
            '&' => "\\u0026",
            '\u{2028}' => "\\u2028",
            '\u{2029}' => "\\u2029",
            _ => return None,
        })
    }

    /// Exponent form below 1e-6 and from 1e21, without leading zeros; zero keeps its sign.
    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        if lexeme.len() <= EXACT_DIGITS && is_integer(lexeme) {
            return put(out, lexeme.as_bytes());
        }
        let decimal = Decimal::of_lexeme(lexeme).ok_or(ErrorKind::NonFinite)?;
        let text = if decimal.is_zero() {
            "0".to_owned()
        } else if (-5..=21).contains(&decimal.point) {
            decimal.positional()
        } else {
            decimal.exponential(1)
        };
        let sign = if decimal.negative { "-" } else { "" };
        put(out, sign.as_bytes())?;
        put(out, text.as_bytes())
    }
}
