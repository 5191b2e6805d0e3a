//! The checks: those that failed, those that could not be made, notes, then those that passed.

use std::rc::Rc;

use assay::report::{Check, Status};
use yew::prelude::*;

use crate::web::page::state::Judgement;

use super::long_list::LongList;
use super::value::pair;
use crate::web::page::format::{count, plural};

/// Lists longer than this start folded.
const OPEN: usize = 40;

/// The checks of a report.
pub fn checks(judgement: &Rc<Judgement>) -> Html {
    let counts = &judgement.report.counts;
    let mut tally = vec![
        format!("{} passed", count(counts.passed)),
        format!("{} failed", count(counts.failed)),
    ];
    tally.extend(
        (counts.skipped > 0).then(|| format!("{} could not be made", count(counts.skipped))),
    );
    html! {
        <section class="checks">
            <h3>{"Checks"}<span class="tally">{tally.join(", ")}</span></h3>
            {group(judgement, Status::Fail, "Failed")}
            {group(judgement, Status::Skip, "Could not be made")}
            {group(judgement, Status::Note, "Worth knowing")}
            if counts.omitted > 0 {
                <p class="fine">{format!("{} more of these are counted but not listed.", count(counts.omitted))}</p>
            }
            {group(judgement, Status::Pass, "Passed")}
        </section>
    }
}

fn group(judgement: &Rc<Judgement>, status: Status, title: &'static str) -> Html {
    let all = &judgement.report.checks;
    let picked: Vec<usize> = all
        .iter()
        .enumerate()
        .filter(|(_, check)| check.status == status)
        .map(|(index, _)| index)
        .collect();
    if picked.is_empty() {
        return html! {};
    }
    let rows = picked.len();
    let judgement = judgement.clone();
    let row = Callback::from(move |index: usize| {
        let check = picked
            .get(index)
            .and_then(|index| judgement.report.checks.get(*index));
        check.map(draw).unwrap_or_default()
    });
    let open = status != Status::Pass || rows <= OPEN;
    html! {
        <details class={word(status)} {open}>
            <summary><h4>{title}</h4><span class="tally">{plural(rows, "line")}</span></summary>
            <LongList {rows} {row} class="check-list" />
        </details>
    }
}

fn word(status: Status) -> &'static str {
    match status {
        Status::Pass => "pass",
        Status::Fail => "fail",
        Status::Skip => "skip",
        Status::Note => "note",
    }
}

fn draw(check: &Check) -> Html {
    let said = match check.status {
        Status::Pass => "Passed",
        Status::Fail => "Failed",
        Status::Skip => "Could not be made",
        Status::Note => "Note",
    };
    let sign = match check.status {
        Status::Pass => "m3 8.500 3.500 3.500L13 4",
        Status::Fail => "m3.500 3.500 9 9m0-9-9 9",
        Status::Skip => "M3 8h10",
        Status::Note => "M8 3v.01M8 7v6",
    };
    html! {
        <li data-check={check.id.to_string()} data-status={word(check.status)} data-subject={check.subject.clone()}>
            <svg class="tick" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={sign} /></svg>
            <div>
                <p class="title"><span class={(check.status == Status::Pass).then_some("visually-hidden")}>{said}{": "}</span>{&*check.title}
                    if let Some(times) = check.count { <span class="times">{format!(" × {}", count(times))}</span> }
                </p>
                if !check.detail.is_empty() { <p class="detail">{&*check.detail}</p> }
                if check.status != Status::Pass {
                    {pair(check.expected.as_deref(), check.actual.as_deref())}
                }
                <p class="fine">
                    if check.subject != "artifact" { <code>{&check.subject}</code>{" · "} }
                    {&*check.rule}
                    if let Some(reason) = check.reason { {" · "}<code>{reason.code()}</code> }
                    if !check.required && check.status == Status::Skip { {" · not needed for the verdict"} }
                </p>
            </div>
        </li>
    }
}
