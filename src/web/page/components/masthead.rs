//! The page's name, and what it is for.

use yew::prelude::*;

use super::verdict_mark::{Integrity, integrity_mark};

/// The top of the page.
pub fn masthead() -> Html {
    html! {
        <header class="masthead">
            <p class="wordmark">{integrity_mark(Integrity::Intact)}<span>{"Assay"}</span></p>
            <p class="promise">{"Nothing you open here leaves this computer. "}<a href="#about">{"How that is enforced"}</a></p>
        </header>
    }
}
