//! A file that is waiting, being read or being verified; or that did not get to a report.

use yew::prelude::*;

use super::verdict_mark::{Integrity, integrity_mark};
use crate::web::page::browser;
use crate::web::page::format::size;
use crate::web::page::state::{Action, Entry, Stage};

/// How far a file has come, with a way to stop it.
pub fn progress(entry: &Entry, act: &Callback<Action>) -> Html {
    let file = entry.ticket.file;
    let button = |label: &'static str, action: fn(u32) -> Action| {
        let act = act.clone();
        let onclick = Callback::from(move |_: MouseEvent| act.emit(action(file)));
        let name = format!("{label}: {}", entry.name);
        html! { <button type="button" {onclick} aria-label={name}>{label}</button> }
    };
    let bar = |value: Option<u64>, max: u64, what: String| {
        html! {
            <>
                <p class="state">{what}</p>
                <progress aria-label={format!("Verifying {}", entry.name)} max={max.max(1).to_string()} value={value.map(|value| value.to_string())} />
                <p class="buttons">{button("Cancel", Action::Cancel)}</p>
            </>
        }
    };
    let again = || {
        html! { <p class="buttons">{button("Verify again", Action::Retry)}{button("Remove", Action::Remove)}</p> }
    };
    match &entry.stage {
        Stage::Waiting => bar(None, 1, "Waiting for a free worker".into()),
        Stage::Reading(done) => bar(
            Some(*done),
            entry.bytes,
            format!("Reading {}", size(entry.bytes)),
        ),
        Stage::Verifying(None) => bar(None, 1, "Verifying".into()),
        Stage::Verifying(Some((done, all))) => {
            let percent = done.saturating_mul(100) / (*all).max(1);
            bar(Some(*done), *all, format!("Verifying: {percent} %"))
        }
        Stage::Fetching => bar(
            None,
            1,
            format!(
                "Fetching the second part of the verifier ({} KB)…",
                browser::complete_kilobytes()
            ),
        ),
        Stage::Cancelled => html! {
            <div class="halted">
                <p class="state">{"Cancelled. Nothing was judged."}</p>
                {again()}
            </div>
        },
        Stage::Stopped(why) => html! {
            <div class="halted" role="alert">
                {integrity_mark(Integrity::Unjudged)}
                <div>
                    <p class="state"><strong>{"The verifier stopped."}</strong>{" That is a fault of this verifier or a limit of this browser, and says nothing about the file. Nothing was judged."}</p>
                    <p class="fine"><code>{why}</code></p>
                    {again()}
                </div>
            </div>
        },
        Stage::Lacking(why) => html! {
            <div class="halted" role="alert">
                {integrity_mark(Integrity::Unjudged)}
                <div>
                    <p class="state"><strong>{"Nothing was judged."}</strong>{" This kind of evidence is verified by the second part of this page, which could not be loaded. Connect once and retry; or use a copy of the page that has loaded it, which works without a network."}</p>
                    <p class="fine">{why}</p>
                    <p class="buttons">{button("Retry", Action::Retry)}{button("Remove", Action::Remove)}</p>
                </div>
            </div>
        },
        Stage::Judged(_) => html! {},
    }
}
