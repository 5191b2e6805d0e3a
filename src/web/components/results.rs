//! The reports, with a list of them when there are several.

use std::rc::Rc;

use assay::report::Verdict;
use yew::prelude::*;

use super::report::Report;
use super::verdict_mark::{Integrity, IntegrityMark, Trust};
use crate::web::format::plural;
use crate::web::state::{Action, Entry, tally};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The files, those of the newest drop first.
    pub entries: Vec<Rc<Entry>>,
    /// Takes what the person does.
    pub act: Callback<Action>,
}

/// The reports.
#[component]
pub fn Results(props: &Props) -> Html {
    if props.entries.is_empty() {
        return html! {};
    }
    html! {
        <section class="results" aria-label="Reports">
            if props.entries.len() > 1 { {list(props)} }
            { for props.entries.iter().map(|entry| html! {
                <Report key={entry.ticket.file} entry={entry.clone()} act={props.act.clone()} />
            }) }
        </section>
    }
}

fn list(props: &Props) -> Html {
    let act = props.act.clone();
    let clear = Callback::from(move |_: MouseEvent| act.emit(Action::Clear));
    let all: Vec<&Rc<Entry>> = props.entries.iter().collect();
    html! {
        <nav class="list" aria-labelledby="list-title">
            <h2 id="list-title" tabindex="-1">{plural(all.len(), "file")}<span class="tally">{tally(&all)}</span></h2>
            <ol>
                { for all.iter().map(|entry| {
                    let verdict = entry.judgement().map(|judgement| judgement.report.verdict);
                    html! {
                        <li key={entry.ticket.file} class={(verdict == Some(Verdict::Invalid)).then_some("wrong")}>
                            if let Some(verdict) = verdict { <IntegrityMark integrity={Integrity::from(verdict)} /> } else { <span class="mark" /> }
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
