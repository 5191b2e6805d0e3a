//! Times as RFC 3339 and ISO 8601 write them, for putting two in order.

/// Nanoseconds since the beginning of 1970 in UTC. A time without an offset counts as UTC, as the vendor's SDK writes them.
pub(super) fn parse(text: &str) -> Option<i128> {
    let (date, clock) = text.split_once(['T', 't', ' '])?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || (year.len(), month.len(), day.len()) != (4, 2, 2) {
        return None;
    }
    let days = days(digits(year)?, digits(month)?, digits(day)?)?;
    let (clock, offset) = split_offset(clock)?;
    let seconds = days
        .checked_mul(86_400)?
        .checked_add(i128::from(seconds(clock)?))?
        .checked_sub(offset)?;
    let fraction = clock.split_once('.').map_or("", |(_, fraction)| fraction);
    let kept = fraction.get(..fraction.len().min(9))?;
    let nanoseconds: i128 = format!("{kept:0<9}").parse().ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanoseconds)
}

fn digits(text: &str) -> Option<i64> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| text.parse().ok())?
}

/// The clock and its offset from UTC in seconds.
fn split_offset(clock: &str) -> Option<(&str, i128)> {
    if let Some(clock) = clock.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = clock.rfind(['+', '-']) else {
        return Some((clock, 0));
    };
    let (clock, offset) = clock.split_at(at);
    let (sign, offset) = offset.split_at(1);
    let (hours, minutes) = match offset.split_once(':') {
        Some(parts) => parts,
        None if offset.len() == 4 => offset.split_at(2),
        None => (offset, "0"),
    };
    let minutes = digits(hours)?
        .checked_mul(60)?
        .checked_add(digits(minutes)?)?;
    let seconds = i128::from(minutes.checked_mul(60)?);
    Some((
        clock,
        if sign == "-" {
            seconds.checked_neg()?
        } else {
            seconds
        },
    ))
}

fn seconds(clock: &str) -> Option<i64> {
    let whole = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let mut parts = whole.split(':').map(digits);
    let (hours, minutes) = (parts.next()??, parts.next()??);
    let seconds = match parts.next() {
        Some(seconds) => seconds?,
        None => 0,
    };
    let legal = parts.next().is_none() && hours < 24 && minutes < 60 && seconds < 61;
    legal.then(|| {
        hours
            .checked_mul(3_600)?
            .checked_add(minutes.checked_mul(60)?)?
            .checked_add(seconds)
    })?
}

/// Days from the first of January 1970 in the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> Option<i128> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // March is the first month of the year counted here, so that the leap day is its last.
    let months = month.checked_add(9)?.checked_rem(12)?;
    let year = if month <= 2 {
        year.checked_sub(1)?
    } else {
        year
    };
    let leap_days = (year.div_euclid(4))
        .checked_sub(year.div_euclid(100))?
        .checked_add(year.div_euclid(400))?;
    let days = year
        .checked_mul(365)?
        .checked_add(leap_days)?
        .checked_add(months.checked_mul(153)?.checked_add(2)?.checked_div(5)?)?
        .checked_add(day)?;
    Some(i128::from(days.checked_sub(719_469)?))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn times_are_put_in_order_whatever_their_offset() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-05-01T10:00:00+02:00", 1_777_622_400),
            ("2026-05-01 08:00:00", 1_777_622_400),
            ("2026-05-01T03:00:00-0500", 1_777_622_400),
        ] {
            let expected = Some(i128::from(seconds as i64) * 1_000_000_000);
            assert_eq!(parse(text), expected, "{text}");
        }
        assert_eq!(parse("1970-01-01T00:00:00.25Z"), Some(250_000_000));
        for text in [
            "",
            "2026",
            "2026-13-01T00:00:00Z",
            "2026-05-01T25:00:00Z",
            "yesterday T",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
