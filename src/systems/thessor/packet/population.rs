//! The numbers of a population attestation: counts of outcomes, and the two rates that follow from them.

use super::checks::*;
use crate::json::{Object, Value};
use crate::report::{CheckSpec, Finding, Reason, Subject};
use crate::systems::thessor::python::Int;
use crate::systems::thessor::{Examiner, shown};

const COUNT_MEMBERS: [&str; 6] = [
    "decision_count",
    "confirmed_count",
    "true_positive_count",
    "false_positive_count",
    "true_negative_count",
    "false_negative_count",
];

/// Places to which a rate is held at least; the SDK's documentation shows it with as many.
const PLACES: usize = 3;

/// A count: absent, or a number that cannot be negative.
type Count = Option<i128>;

/// Checks the counts against each other and the rates against them.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    subject: &mut Subject,
    record: &Object<'_>,
    at: &str,
) {
    let counts = COUNT_MEMBERS.map(|member| (member, record.get(member)));
    let mut read: [Count; COUNT_MEMBERS.len()] = Default::default();
    let mut odd = None;
    for ((member, value), slot) in counts.iter().zip(&mut read) {
        let Some(value) = value.filter(|value| !value.is_null()) else {
            continue;
        };
        *slot = count(value);
        if slot.is_none() {
            let told = match value.as_number() {
                Some(lexeme) => format!("{lexeme}, which is no count"),
                None => not_a_number(value),
            };
            odd = odd.or(Some((*member, told)));
        }
    }
    if let Some((member, value)) = odd {
        let detail = format!("{at}Its {member} is {value}.");
        let finding = Finding::fail(detail).because(Reason::FormatFailure);
        return examiner.transcript.record(subject, &COUNTS, finding);
    }
    let [decisions, confirmed, tp, fp, tn, fn_] = read;
    if let Some(finding) = agree(decisions, confirmed, [tp, fp, tn, fn_], at) {
        examiner.transcript.record(subject, &COUNTS, finding);
    }
    for (spec, member, right, wrong) in [
        (&SENSITIVITY, "sensitivity", tp, fn_),
        (&SPECIFICITY, "specificity", tn, fp),
    ] {
        if let Some(finding) = rate(spec, record.get(member), right, wrong, at) {
            examiner.transcript.record(subject, spec, finding);
        }
    }
    let period = (record.get("period_start"), record.get("period_end"));
    if let (Some(Some(start)), Some(Some(end))) =
        (period.0.map(Value::as_str), period.1.map(Value::as_str))
        && start.len() == end.len()
        && start > end
    {
        let detail = format!("{at}The period of the population attestation ends before it begins.");
        examiner
            .transcript
            .record(subject, &PERIOD, Finding::note(detail));
    }
}

/// A whole number that is not negative, also where it is written as `180.0`.
fn count(value: &Value<'_>) -> Count {
    let whole = || {
        let number = number(value).filter(|number| number.fract() == 0.0 && *number < 1e15)?;
        format!("{number:.0}").parse().ok()
    };
    value.as_number()?;
    let count = Int::of(Some(value)).ok().map(|count| count.value);
    count.or_else(whole).filter(|count| *count >= 0)
}

/// The four outcomes make up the confirmed decisions, and those are among all decisions.
fn agree(decisions: Count, confirmed: Count, outcomes: [Count; 4], at: &str) -> Option<Finding> {
    let known = outcomes
        .iter()
        .flatten()
        .fold(0_i128, |sum, count| sum.saturating_add(*count));
    let complete = outcomes.iter().all(Option::is_some);
    let sentence = match (decisions, confirmed) {
        (_, Some(confirmed)) if complete && known != confirmed => {
            format!("The four outcomes add up to {known}, and confirmed_count is {confirmed}.")
        }
        (_, Some(confirmed)) if known > confirmed => {
            format!("The outcomes alone are {known}, more than confirmed_count, {confirmed}.")
        }
        (Some(decisions), Some(confirmed)) if confirmed > decisions => {
            format!("More decisions were confirmed ({confirmed}) than there were ({decisions}).")
        }
        (Some(decisions), _) if known > decisions => {
            format!("There are more outcomes ({known}) than decisions ({decisions}).")
        }
        (None, None) => return None,
        _ => return Some(Finding::pass("")),
    };
    Some(Finding::fail(format!(
        "{at}The counts contradict each other. {sentence}"
    )))
}

/// A rate that is stated, against the one that follows from the counts.
fn rate(
    spec: &'static CheckSpec,
    stated: Option<&Value<'_>>,
    right: Count,
    wrong: Count,
    at: &str,
) -> Option<Finding> {
    let name = spec.id;
    let stated = stated.filter(|stated| !stated.is_null());
    let (Some(right), Some(wrong)) = (right, wrong) else {
        return stated.map(|stated| match number(stated) {
            Some(rate) if (0.0..=1.0).contains(&rate) => Finding::skip(
                Reason::SignedDataNotFound,
                format!("{at}The counts that the {name} would follow from are not there."),
            ),
            _ => out_of_range(name, stated, at),
        });
    };
    let all = right.saturating_add(wrong);
    let Some(stated) = stated else {
        return (all > 0).then(|| {
            Finding::skip(
                Reason::SignedDataNotFound,
                format!("{at}The {name} is not stated; the counts give {right} of {all}."),
            )
        });
    };
    let Some(rate) = number(stated) else {
        return Some(out_of_range(name, stated, at));
    };
    if all == 0 {
        // There is nothing to divide by; a zero in place of no value claims nothing.
        return Some(match rate == 0.0 {
            true => Finding::pass(""),
            false => Finding::fail(format!(
                "{at}A {name} is stated, and there are no cases that it could follow from."
            )),
        });
    }
    let computed = right as f64 / all as f64;
    Some(match (rate - computed).abs() <= tolerance(stated) {
        true => Finding::pass(format!("{right} of {all}.")),
        false => Finding::fail(format!(
            "{at}The {name} does not follow from the counts: {right} of {all}."
        ))
        .expected(shown(Some(stated)))
        .actual(format!("{computed:.6}")),
    })
}

fn out_of_range(name: &str, stated: &Value<'_>, at: &str) -> Finding {
    let told = match stated.as_number() {
        Some(lexeme) => format!("{lexeme}, and not between 0 and 1"),
        None => not_a_number(stated),
    };
    Finding::fail(format!("{at}The {name} is {told}.")).because(Reason::FormatFailure)
}

/// What a value is that should be a number.
fn not_a_number(value: &Value<'_>) -> String {
    match value.as_str() {
        Some(text) => format!("the text \"{text}\" where a number should stand"),
        None => format!("{} where a number should stand", value.kind_name()),
    }
}

fn number(value: &Value<'_>) -> Option<f64> {
    value.as_number()?.parse().ok()
}

/// Half a unit of the last place that is written, and of the third place at most: rates are stated rounded.
fn tolerance(stated: &Value<'_>) -> f64 {
    let lexeme = stated.as_number().unwrap_or_default();
    let places = match (lexeme.contains(['e', 'E']), lexeme.split_once('.')) {
        (false, Some((_, fraction))) => fraction.len().max(PLACES),
        (false, None) => PLACES,
        (true, _) => 15,
    };
    let places = i32::try_from(places).unwrap_or(15).min(15);
    0.5 / 10_f64.powi(places) + 1e-12
}
