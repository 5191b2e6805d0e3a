//! Times for people.

/// Milliseconds since 1970 as `2026-03-03 21:05:04.123 UTC`; none outside the years 1 to 9999.
pub(super) fn utc(milliseconds: i64) -> Option<String> {
    const DAY: i64 = 86_400_000;
    let (days, rest) = (milliseconds.div_euclid(DAY), milliseconds.rem_euclid(DAY));
    let (year, month, day) = date(days)?;
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, thousandth) = (rest / 1000 % 60, rest % 1000);
    Some(format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}.{thousandth:03} UTC"
    ))
}

/// Year, month and day of a day counted from 1970-01-01 (Howard Hinnant, "chrono-compatible low-level date algorithms",
/// `civil_from_days`).
fn date(days: i64) -> Option<(i64, i64, i64)> {
    let from_march_of_0 = days.checked_add(719_468)?;
    let era = from_march_of_0.div_euclid(146_097);
    let day_of_era = from_march_of_0.rem_euclid(146_097);
    let leap_days = (day_of_era / 1460)
        .checked_sub(day_of_era / 36_524)?
        .checked_add(day_of_era / 146_096)?;
    let year_of_era = day_of_era.checked_sub(leap_days)? / 365;
    let days_before = (year_of_era.checked_mul(365)?)
        .checked_add(year_of_era / 4)?
        .checked_sub(year_of_era / 100)?;
    let day_of_year = day_of_era.checked_sub(days_before)?;
    let month = day_of_year.checked_mul(5)?.checked_add(2)? / 153;
    let month_start = month.checked_mul(153)?.checked_add(2)? / 5;
    let day = day_of_year.checked_sub(month_start)?.checked_add(1)?;
    let (month, next_year) = match month {
        0..=9 => (month.checked_add(3)?, 0),
        _ => (month.checked_sub(9)?, 1),
    };
    let year = era
        .checked_mul(400)?
        .checked_add(year_of_era)?
        .checked_add(next_year)?;
    (1..=9999).contains(&year).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn milliseconds_are_told_as_dates() {
        for (milliseconds, text) in [
            (0, Some("1970-01-01 00:00:00.000 UTC")),
            (-1, Some("1969-12-31 23:59:59.999 UTC")),
            (951_782_400_000, Some("2000-02-29 00:00:00.000 UTC")),
            (1_700_000_000_123, Some("2023-11-14 22:13:20.123 UTC")),
            (4_107_542_400_000, Some("2100-03-01 00:00:00.000 UTC")),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(utc(milliseconds).as_deref(), text, "{milliseconds}");
        }
    }
}
