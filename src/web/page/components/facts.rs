//! What the artifact says, and whether a signature covers it.

use std::rc::Rc;

use yew::prelude::*;

use crate::web::page::state::Judgement;

use super::long_list::LongList;
use super::value::value;

/// What the artifact says.
pub fn facts(judgement: &Rc<Judgement>) -> Html {
    let rows = judgement.report.facts.len();
    if rows == 0 {
        return html! {};
    }
    let judgement = judgement.clone();
    let row = Callback::from(move |index: usize| {
        let Some(fact) = judgement.report.facts.get(index) else {
            return html! {};
        };
        let (word, class) = if fact.signed {
            ("signed", "yes")
        } else {
            ("not signed", "no")
        };
        html! {
            <li data-signed={fact.signed.to_string()}>
                <span class="label">{&*fact.label}</span>
                {value(&fact.value, &[])}
                <span class={classes!("signed", class)}>{word}</span>
                <code class="pointer">{&fact.pointer}</code>
            </li>
        }
    });
    html! {
        <section class="facts">
            <h3>{"What the file says"}</h3>
            <p class="fine">{"Signed: covered by a signature that was verified. Not signed: whoever had the file could have written it."}</p>
            <LongList {rows} {row} class="fact-list" />
        </section>
    }
}
