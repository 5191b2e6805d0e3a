//! What a pass does not prove. Stands beside every report, and cannot be folded away.

use std::rc::Rc;

use assay::report::Verdict;
use yew::prelude::*;

use crate::web::state::Judgement;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The report.
    pub judgement: Rc<Judgement>,
    /// The section's id, for the link beside the verdict.
    pub id: String,
}

/// The limits.
#[component]
pub fn Limits(props: &Props) -> Html {
    let report = &props.judgement.report;
    if report.limits.is_empty() {
        return html! {};
    }
    let title = if report.verdict == Verdict::Valid {
        "What this does not prove"
    } else {
        "What a pass would not prove"
    };
    html! {
        <section class="limits" id={props.id.clone()} tabindex="-1">
            <h3>{title}</h3>
            <ul>{ for report.limits.iter().map(|limit| html! { <li>{&**limit}</li> }) }</ul>
        </section>
    }
}
