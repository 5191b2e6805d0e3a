//! The reports, with a list of them when there are several.

use std::rc::Rc;

use assay::report::Verdict;
use yew::prelude::*;

use super::report::Report;
use super::verdict_mark::{Integrity, Trust, integrity_mark};
use crate::web::page::format::plural;
use crate::web::page::state::{Action, Entry, tally};
use crate::web::page::supply::Supply;

/// The reports.
pub fn results(entries: &[Rc<Entry>], supply: &Supply) -> Html {
    if entries.is_empty() {
        return html! {};
    }
    html! {
        <section class="results" aria-label="Reports">
            if entries.len() > 1 { {list(entries, &supply.act)} }
            { for entries.iter().map(|entry| html! {
                <Report key={entry.ticket.file} entry={entry.clone()} supply={supply.clone()} />
            }) }
        </section>
    }
}

fn list(entries: &[Rc<Entry>], act: &Callback<Action>) -> Html {
    let act = act.clone();
    let clear = Callback::from(move |_: MouseEvent| act.emit(Action::Clear));
    let all: Vec<&Rc<Entry>> = entries.iter().collect();
    html! {
        <nav class="list" aria-labelledby="list-title">
            <h2 id="list-title" tabindex="-1">{plural(all.len(), "file")}<span class="tally">{tally(&all)}</span></h2>
            <ol>
                { for all.iter().map(|entry| {
                    let verdict = entry.judgement().map(|judgement| judgement.report.verdict);
                    html! {
                        <li key={entry.ticket.file} class={(verdict == Some(Verdict::Invalid)).then_some("wrong")}>
                            if let Some(verdict) = verdict { {integrity_mark(Integrity::from(verdict))} } else { <span class="mark" /> }
                            <a href={format!("#report-{}", entry.ticket.file)}>{&*entry.name}</a>
                            <span class="word">{entry.word()}
                                if verdict == Some(Verdict::Valid) {
                                    if let Some(trust) = entry.judgement().and_then(|judgement| Trust::of(&judgement.report)) { {", "}{trust.words()} }
                                }
                            </span>
                        </li>
                    }
                }) }
            </ol>
            <p class="buttons"><button type="button" onclick={clear}>{"Remove all"}</button></p>
        </nav>
    }
}
