//! A button that opens the browser's dialogue for choosing files or a folder.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::web::page::intake;
use crate::web::protocol::Content;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The button's word.
    pub word: &'static str,
    /// What the files are for, said after the word to those who do not see where the button stands.
    #[prop_or_default]
    pub purpose: Option<AttrValue>,
    /// Whether a folder is chosen.
    #[prop_or_default]
    pub folder: bool,
    /// How the button looks.
    #[prop_or("button")]
    pub class: &'static str,
    /// Told of what was chosen.
    pub on_choice: Callback<Vec<Content>>,
}

/// The button.
#[component]
pub fn Chooser(props: &Props) -> Html {
    let onchange = {
        let on_choice = props.on_choice.clone();
        Callback::from(move |event: Event| {
            let input = event
                .target()
                .and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            let Some(input) = input else { return };
            if let Some(list) = input.files() {
                on_choice.emit(intake::chosen(&list));
            }
            // So that choosing the same file again is a change.
            input.set_value("");
        })
    };
    html! {
        <label class={props.class}>
            <input type="file" multiple=true webkitdirectory={props.folder} {onchange} />
            {props.word}
            if let Some(purpose) = &props.purpose { <span class="visually-hidden">{": "}{purpose}</span> }
        </label>
    }
}
