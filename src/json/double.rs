//! The double nearest to a number as it is written.
//!
//! The standard library has the same function, with ten kilobytes of tables behind it: a thirtieth of what the page would
//! transfer. `tests/json.rs` holds this one to it.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Significant digits that a double always holds, and the powers of ten that it holds exactly: such a number needs one
/// multiplication or division, which IEEE 754 rounds rightly.
const EXACT_DIGITS: usize = 15;
const EXACT_POWER: u32 = 22;

/// Significant digits after which it matters only whether there is another that is not zero: no two neighbours among the doubles
/// have a middle of more than 768 digits.
const DECISIVE_DIGITS: usize = 800;

/// Digits that are taken at a time: their power of ten fits in 32 bits.
const STEP: u32 = 9;

/// Where the decimal point of a double can stand, counted from before the first digit: beyond, all are infinite or zero.
const LARGEST_POINT: i64 = 310;
const SMALLEST_POINT: i64 = -330;

/// Bits of a double's significand, the leading one included.
const SIGNIFICAND: i64 = 53;

/// The exponents of the smallest and the largest normal double.
const SMALLEST_EXPONENT: i64 = -1022;
const LARGEST_EXPONENT: i64 = 1023;

/// The double nearest to a lexeme, of two equally near the even one (IEEE 754, roundTiesToEven): infinite beyond the largest,
/// and what the words `NaN`, `Infinity` and `-Infinity` say. None when the text is not a number as JSON or Python write it.
pub fn double(lexeme: &str) -> Option<f64> {
    let (negative, magnitude) = match lexeme.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, lexeme),
    };
    let double = match magnitude {
        "NaN" => f64::NAN,
        "Infinity" => f64::INFINITY,
        _ => nearest(magnitude)?,
    };
    Some(if negative { -double } else { double })
}

fn nearest(magnitude: &str) -> Option<f64> {
    let (mantissa, exponent) = match magnitude.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, power(exponent)?),
        None => (magnitude, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_decimal = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_decimal(whole) || !is_decimal(fraction) {
        return None;
    }
    let digits = format!("{whole}{fraction}");
    let digits = digits.trim_start_matches('0');
    let exponent = exponent.saturating_sub(fraction.len() as i64);
    if digits.is_empty() {
        return Some(0.0);
    }
    let point = exponent.saturating_add(digits.len() as i64);
    if point > LARGEST_POINT {
        return Some(f64::INFINITY);
    }
    if point < SMALLEST_POINT {
        return Some(0.0);
    }
    let (digits, exponent) = decisive(digits, exponent);
    let power = u32::try_from(exponent.unsigned_abs()).ok()?;
    if digits.len() <= EXACT_DIGITS && power <= EXACT_POWER {
        let significand = digits.parse::<u64>().ok()? as f64;
        let power = (0..power).fold(1.0, |power, _| power * 10.0);
        return Some(match exponent < 0 {
            true => significand / power,
            false => significand * power,
        });
    }
    let mut above = Large::of_digits(&digits)?;
    let mut below = Large(vec![1]);
    let scaled = if exponent < 0 { &mut below } else { &mut above };
    let steps = power / STEP;
    (0..steps).for_each(|_| scaled.multiply_and_add(10_u32.pow(STEP), 0));
    scaled.multiply_and_add(10_u32.pow(power % STEP), 0);
    Some(quotient(above, below))
}

/// As many digits as can matter, and the exponent that goes with them.
fn decisive(digits: &str, exponent: i64) -> (Cow<'_, str>, i64) {
    let Some((digits, rest)) = digits.split_at_checked(DECISIVE_DIGITS) else {
        return (digits.into(), exponent);
    };
    let more = if rest.contains(|digit| digit != '0') {
        '1'
    } else {
        '0'
    };
    let dropped = rest.len().saturating_sub(1) as i64;
    match rest.is_empty() {
        true => (digits.into(), exponent),
        false => (
            format!("{digits}{more}").into(),
            exponent.saturating_add(dropped),
        ),
    }
}

/// An exponent; one that no number's length could make up for is cut off.
fn power(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let power = digits.parse().unwrap_or(i64::MAX / 2);
    Some(if text.starts_with('-') {
        power.saturating_neg()
    } else {
        power
    })
}

/// The double nearest to `above / below`, neither of them zero: long division in base two.
fn quotient(mut above: Large, mut below: Large) -> f64 {
    // Brings the quotient to between one and two.
    let mut exponent = above.bits().saturating_sub(below.bits());
    if exponent > 0 {
        below.shift(exponent.unsigned_abs());
    } else {
        above.shift(exponent.unsigned_abs());
    }
    if above.compare(&below) == Ordering::Less {
        above.shift(1);
        exponent = exponent.saturating_sub(1);
    }
    // Below the smallest normal double there are fewer bits.
    let bits = SIGNIFICAND.saturating_sub(SMALLEST_EXPONENT.saturating_sub(exponent).max(0));
    if bits < 0 {
        return 0.0;
    }
    let mut significand = 0_u64;
    for _ in 0..bits {
        let bit = above.compare(&below) != Ordering::Less;
        if bit {
            above.subtract(&below);
        }
        significand = significand << 1 | u64::from(bit);
        above.shift(1);
    }
    // What is left, in halves of the last bit.
    let up = match above.compare(&below) {
        Ordering::Less => false,
        Ordering::Equal => significand & 1 == 1,
        Ordering::Greater => true,
    };
    let significand = significand.saturating_add(u64::from(up));
    if exponent > LARGEST_EXPONENT {
        return f64::INFINITY;
    }
    // A carry out of the significand goes into the exponent, as it should; the leading one counts there too.
    let biased = exponent.saturating_sub(SMALLEST_EXPONENT).max(0);
    let biased = u64::try_from(biased).unwrap_or(0) << (SIGNIFICAND - 1);
    f64::from_bits(biased.saturating_add(significand))
}

/// A whole number of any size, its lowest 32 bits first, without zeros at its end.
struct Large(Vec<u32>);

impl Large {
    fn of_digits(mut digits: &str) -> Option<Self> {
        let mut large = Self(Vec::new());
        while !digits.is_empty() {
            let (step, rest) = digits
                .split_at_checked(STEP as usize)
                .unwrap_or((digits, ""));
            large.multiply_and_add(10_u32.pow(step.len() as u32), step.parse().ok()?);
            digits = rest;
        }
        Some(large)
    }

    fn multiply_and_add(&mut self, factor: u32, summand: u32) {
        let mut carry = u64::from(summand);
        for word in &mut self.0 {
            carry = u64::from(*word)
                .wrapping_mul(u64::from(factor))
                .wrapping_add(carry);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    /// How many bits it has.
    fn bits(&self) -> i64 {
        let Some(last) = self.0.last() else { return 0 };
        let bits = self.0.len().saturating_mul(32) as i64;
        bits.saturating_sub(i64::from(last.leading_zeros()))
    }

    fn shift(&mut self, bits: u64) {
        let words = usize::try_from(bits / 32).unwrap_or(0);
        self.0.splice(0..0, std::iter::repeat_n(0, words));
        self.multiply_and_add(1 << (bits % 32), 0);
    }

    fn compare(&self, other: &Self) -> Ordering {
        let length = self.0.len().cmp(&other.0.len());
        length.then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }

    /// Takes away what is not larger.
    fn subtract(&mut self, other: &Self) {
        let mut borrow = false;
        let others = other.0.iter().copied().chain(std::iter::repeat(0));
        for (word, other) in self.0.iter_mut().zip(others) {
            let (less, first) = word.overflowing_sub(other);
            let (less, second) = less.overflowing_sub(u32::from(borrow));
            *word = less;
            borrow = first || second;
        }
        while self.0.last() == Some(&0) {
            self.0.pop();
        }
    }
}
