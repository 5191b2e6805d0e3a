//! CPython's `json.dumps(…, sort_keys, separators=(",", ":"), ensure_ascii=False)`.

use std::io::Write;

use super::ErrorKind;
use super::number::{Decimal, is_integer};
use super::writer::{Dialect, put};

/// Python: keys by code point, integers of any length as they are, fractions as `repr(float)` has them.
pub struct Python;

impl Dialect for Python {
    const REFUSES_DUPLICATES: bool = false;

    /// Integers are Python's `int`, in which `-0` is `0`; anything with a fraction or an exponent is a `float`.
    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        if is_integer(lexeme) {
            let text = if lexeme == "-0" { "0" } else { lexeme };
            return put(out, text.as_bytes());
        }
        let decimal = Decimal::of_lexeme(lexeme).ok_or(ErrorKind::NonFinite)?;
        put(out, repr(&decimal).as_bytes())
    }
}

/// Python with every string value (not the keys) stripped by `str.strip()`, as Thessor has it.
pub struct Stripped;

impl Dialect for Stripped {
    const REFUSES_DUPLICATES: bool = false;

    fn trim(text: &str) -> &str {
        text.trim_matches(is_python_space)
    }

    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        Python::number(lexeme, out)
    }
}

/// `str.isspace`: Unicode white space and the four information separators.
fn is_python_space(character: char) -> bool {
    character.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&character)
}

/// CPython's `float.__repr__`: exponent form below 1e-4 and from 1e16, with two digits at least.
fn repr(decimal: &Decimal) -> String {
    let text = if decimal.is_zero() {
        "0.0".to_owned()
    } else if (-3..=16).contains(&decimal.point) {
        let text = decimal.positional();
        match text.contains('.') {
            true => text,
            false => format!("{text}.0"),
        }
    } else {
        decimal.exponential(2)
    };
    match decimal.negative {
        true => format!("-{text}"),
        false => text,
    }
}
