//! Where files come in: a button, a folder button and a paste box, which do what a drop on the page does.

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::chooser::Chooser;
use crate::web::page::intake;
use crate::web::protocol::Content;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// Told of the files.
    pub on_files: Callback<Vec<Content>>,
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
                    <Chooser word="Choose files" class="button primary" on_choice={props.on_files.clone()} />
                    <Chooser word="Choose a folder" folder=true on_choice={props.on_files.clone()} />
                </p>
                <p class="fine">{"Evidence of HESO, Thessor, ComplianceGuard, Aegis and Thoth: JSON, lines of JSON, ZIP or tar. Files that belong together are best handed over together."}</p>
            </div>
            <form class="paste" onsubmit={on_paste}>
                <label for="paste">{"Or paste the text of a receipt, event or packet"}</label>
                <textarea id="paste" ref={paste} rows="3" spellcheck="false" autocomplete="off" autocapitalize="off" />
                <button type="submit">{"Verify this text"}</button>
            </form>
            if let Some(notice) = &props.notice {
                <p class="notice" role="alert">{notice}</p>
            }
        </section>
    }
}
