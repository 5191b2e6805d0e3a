//! The page's name, and what it is for.

use yew::prelude::*;

use super::verdict_mark::{Integrity, IntegrityMark};

/// The top of the page.
#[component]
pub fn Masthead() -> Html {
    html! {
        <header class="masthead">
            <p class="wordmark"><IntegrityMark integrity={Integrity::Intact} /><span>{"Assay"}</span></p>
            <p class="promise">{"Nothing you open here leaves this computer. "}<a href="#about">{"How that is enforced"}</a></p>
        </header>
    }
}
