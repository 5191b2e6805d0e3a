//! Where files come in: a button, a folder button and a paste box, which do what a drop on the page does.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use crate::web::intake::{self, Named};

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Told of the files.
    pub on_files: Callback<Vec<Named>>,
    /// Told why there are none.
    pub on_notice: Callback<String>,
    /// Why the last drop or paste brought no file, or not all.
    pub notice: Option<String>,
    /// Whether something is being dragged over the page.
    pub dragging: bool,
}

/// Where files come in.
#[component]
pub fn DropZone(props: &Props) -> Html {
    let paste = use_node_ref();
    let on_choice = {
        let on_files = props.on_files.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let Some(input) = input else { return };
            if let Some(list) = input.files() {
                on_files.emit(intake::chosen(&list));
            }
            // So that choosing the same file again is a change.
            input.set_value("");
        })
    };
    let on_paste = {
        let (paste, on_files, on_notice) = (
            paste.clone(),
            props.on_files.clone(),
            props.on_notice.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let Some(area) = paste.cast::<HtmlTextAreaElement>() else {
                return;
            };
            match intake::pasted(&area.value()) {
                Some(file) => {
                    area.set_value("");
                    on_files.emit(vec![file]);
                }
                None => on_notice
                    .emit("The box is empty. Paste the text of a receipt or a chain first.".into()),
            }
        })
    };
    let lead = if props.dragging {
        "Let go to verify"
    } else {
        "Drop files or folders anywhere on this page"
    };
    html! {
        <section class={classes!("intake", props.dragging.then_some("over"))} aria-labelledby="intake-title">
            <h2 id="intake-title" class="visually-hidden">{"Hand over evidence"}</h2>
            <div class="drop">
                <p class="lead">{lead}</p>
                <p class="buttons">
                    <label class="button primary">
                        <input type="file" multiple=true onchange={on_choice.clone()} data-assay-files="" />
                        {"Choose files"}
                    </label>
                    <label class="button">
                        <input type="file" multiple=true webkitdirectory=true onchange={on_choice} />
                        {"Choose a folder"}
                    </label>
                </p>
                <p class="fine">{"HESO receipts, chains and evidence bundles; Thessor export packages. JSON, lines of JSON, ZIP or tar."}</p>
            </div>
            <form class="paste" onsubmit={on_paste}>
                <label for="paste">{"Or paste the text of a receipt or chain"}</label>
                <textarea id="paste" ref={paste} rows="3" spellcheck="false" autocomplete="off" autocapitalize="off" />
                <button type="submit">{"Verify this text"}</button>
            </form>
            if let Some(notice) = &props.notice {
                <p class="notice" role="alert">{notice}</p>
            }
        </section>
    }
}
