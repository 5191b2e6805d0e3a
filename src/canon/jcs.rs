//! RFC 8785, the JSON Canonicalization Scheme.

use std::cmp::Ordering;
use std::io::Write;

use super::ErrorKind;
use super::number::{Decimal, is_integer};
use super::writer::{Dialect, put};
use crate::json;

/// Integers of up to this many digits are equal to a double (2^53 has sixteen).
const EXACT_DIGITS: usize = 15;

/// RFC 8785: keys in the order of UTF-16 code units, numbers as ECMAScript writes doubles.
///
/// An integer that no double is equal to is an error: what was signed could not be told from its neighbours.
pub struct Jcs;

impl Dialect for Jcs {
    const REFUSES_DUPLICATES: bool = true;

    /// RFC 8785 section 3.2.3.
    fn compare(left: &str, right: &str) -> Ordering {
        if left.is_ascii() || right.is_ascii() {
            return left.cmp(right);
        }
        left.encode_utf16().cmp(right.encode_utf16())
    }

    /// RFC 8785 section 3.2.2.3, by ECMA-262 `Number::toString`.
    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        let integer = is_integer(lexeme);
        if integer && lexeme.len() <= EXACT_DIGITS {
            let text = if lexeme == "-0" { "0" } else { lexeme };
            return put(out, text.as_bytes());
        }
        let decimal = Decimal::of_lexeme(lexeme).ok_or(ErrorKind::NonFinite)?;
        if !is_exact_integer(lexeme) {
            return Err(ErrorKind::InexactInteger);
        }
        put(out, ecmascript(&decimal).as_bytes())
    }
}

/// ECMA-262 `Number::toString` with radix 10.
fn ecmascript(decimal: &Decimal) -> String {
    if decimal.is_zero() {
        return "0".to_owned();
    }
    let text = if (-5..=21).contains(&decimal.point) {
        decimal.positional()
    } else {
        decimal.exponential(1)
    };
    match decimal.negative {
        true => format!("-{text}"),
        false => text,
    }
}

/// Whether the double nearest to an integer lexeme is equal to it (RFC 8785 appendix D); a fraction or an exponent promises no
/// more than a double holds.
pub fn is_exact_integer(lexeme: &str) -> bool {
    let exact = |double: f64| format!("{double:.0}") == lexeme;
    lexeme.len() <= EXACT_DIGITS || !is_integer(lexeme) || json::double(lexeme).is_some_and(exact)
}
