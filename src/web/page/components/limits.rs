//! What a pass does not prove. Stands beside every report, and cannot be folded away.

use assay::report::Verdict;
use yew::prelude::*;

use crate::web::page::state::Judgement;

/// The limits; `id` is where the link beside the verdict leads.
pub fn limits(judgement: &Judgement, id: String) -> Html {
    let report = &judgement.report;
    if report.limits.is_empty() {
        return html! {};
    }
    let title = if report.verdict == Verdict::Valid {
        "What this does not prove"
    } else {
        "What a pass would not prove"
    };
    html! {
        <section class="limits" id={id} tabindex="-1">
            <h3>{title}</h3>
            <ul>{ for report.limits.iter().map(|limit| html! { <li>{&**limit}</li> }) }</ul>
        </section>
    }
}
