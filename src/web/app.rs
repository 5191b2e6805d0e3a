//! The page.
use yew::prelude::*;

#[component]
fn App() -> Html {
    html! { <main><h1>{"Assay"}</h1></main> }
}

/// Draws the page into `#app`.
pub fn start() {
    let root = web_sys::window()
        .and_then(|w| w.document())
        .and_then(|d| d.get_element_by_id("app"));
    if let Some(root) = root {
        root.set_inner_html("");
        yew::Renderer::<App>::with_root(root).render();
    }
}
