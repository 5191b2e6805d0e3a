//! Numbers as doubles: the shortest decimal digits that give a double back.

use crate::json;

/// The digits and the decimal exponent of a finite double: `0.d1d2d3… × 10^point`.
pub(super) struct Decimal {
    /// Whether there is a minus sign, for zero too.
    pub negative: bool,
    /// The shortest digits that read back as the same double; `0` for zero.
    pub digits: String,
    /// Where the decimal point stands, counted from before the first digit.
    pub point: i32,
}

impl Decimal {
    /// The shortest decimal of a lexeme read as a double; `None` when that is not finite.
    pub fn of_lexeme(lexeme: &str) -> Option<Self> {
        let double = json::double(lexeme)?;
        double.is_finite().then(|| Self::of(double))?
    }

    fn of(double: f64) -> Option<Self> {
        let scientific = shortest(double.abs());
        let (mantissa, exponent) = scientific.split_once('e')?;
        let exponent: i32 = exponent.parse().ok()?;
        Some(Self {
            negative: double.is_sign_negative(),
            digits: mantissa.chars().filter(|c| *c != '.').collect(),
            point: exponent.saturating_add(1),
        })
    }

    /// Whether the double is zero, of either sign.
    pub fn is_zero(&self) -> bool {
        self.digits == "0"
    }

    /// Positional notation: `120`, `0.0012`, `1.2`; an integer has no fraction.
    pub fn positional(&self) -> String {
        let count = i32::try_from(self.digits.len()).unwrap_or(i32::MAX);
        let zeros = |n: i32| "0".repeat(usize::try_from(n).unwrap_or(0));
        if self.point <= 0 {
            format!("0.{}{}", zeros(self.point.saturating_neg()), self.digits)
        } else if self.point >= count {
            format!("{}{}", self.digits, zeros(self.point.saturating_sub(count)))
        } else {
            let (whole, fraction) = self
                .digits
                .split_at(usize::try_from(self.point).unwrap_or(0));
            format!("{whole}.{fraction}")
        }
    }

    /// Exponent notation: `1.2e+30`, `1e-7`, with at least `width` digits in the exponent.
    pub fn exponential(&self, width: usize) -> String {
        let (first, rest) = self.digits.split_at(1.min(self.digits.len()));
        let dot = if rest.is_empty() { "" } else { "." };
        let exponent = self.point.saturating_sub(1);
        let sign = if exponent < 0 { '-' } else { '+' };
        format!(
            "{first}{dot}{rest}e{sign}{:0width$}",
            exponent.unsigned_abs()
        )
    }
}

/// The shortest digits that read back as the same double, in exponent notation; of two that are equally near, the even one,
/// as CPython and ECMAScript have it. (The standard library takes the other: 2065594985630696.25 ends in `.3` there.)
fn shortest(double: f64) -> String {
    /// Fewer digits than this are never halfway between two doubles.
    const HALFWAY: usize = 15;
    let text = format!("{double:e}");
    let digits = text.bytes().take_while(|byte| *byte != b'e');
    let count = digits.filter(|byte| byte.is_ascii_digit()).count();
    if count < HALFWAY {
        return text;
    }
    let rounded = format!("{double:.*e}", count.saturating_sub(1));
    match json::double(&rounded) {
        Some(same) if double == same => rounded,
        _ => text,
    }
}

/// Whether a lexeme is written as an integer: no fraction, no exponent.
pub(super) fn is_integer(lexeme: &str) -> bool {
    lexeme
        .bytes()
        .all(|byte| byte == b'-' || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    #[test]
    fn a_double_gets_its_shortest_digits_and_a_tie_the_even_one() {
        for (lexeme, digits, point) in [
            ("2117600222372588.2", "21176002223725882", 16),
            ("-655070242934728.2", "6550702429347282", 15),
            ("0.1", "1", 0),
            ("100", "1", 3),
            ("1e21", "1", 22),
            ("1e23", "1", 24),
            ("5e-324", "5", -323),
            ("1.7976931348623157e308", "17976931348623157", 309),
            ("0.00001200", "12", -4),
            ("9007199254740993", "9007199254740992", 16),
        ] {
            let decimal = Decimal::of_lexeme(lexeme);
            let found = decimal.map(|decimal| (decimal.digits, decimal.point));
            assert_eq!(found, Some((digits.to_owned(), point)), "{lexeme}");
        }
    }
}
