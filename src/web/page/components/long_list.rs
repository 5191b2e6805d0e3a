//! A list of which the first hundred rows are drawn until more are asked for.

use yew::prelude::*;

use crate::web::page::format::count;

/// Rows drawn at a time, so that drawing never holds the page up.
const STEP: usize = 100;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// How many rows there are.
    pub rows: usize,
    /// Draws a row.
    pub row: Callback<usize, Html>,
    /// The list's class.
    pub class: &'static str,
}

/// A list that grows on request.
#[component]
pub fn LongList(props: &Props) -> Html {
    let drawn = use_state(|| STEP);
    let rest = props.rows.saturating_sub(*drawn);
    let more = {
        let drawn = drawn.clone();
        Callback::from(move |_: MouseEvent| drawn.set(drawn.saturating_add(STEP)))
    };
    html! {
        <>
            <ol class={props.class}>{ for (0..props.rows.min(*drawn)).map(|index| props.row.emit(index)) }</ol>
            if rest > 0 {
                <p class="more"><button type="button" onclick={more}>
                    {format!("Show {} more of {}", rest.min(STEP), count(props.rows as u64))}
                </button></p>
            }
        </>
    }
}
