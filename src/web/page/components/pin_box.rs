//! The keys that the person pinned, and a box to pin another.

use assay::bytes::to_hex;
use assay::trust::PublicKey;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::value::value;
use crate::web::page::state::Action;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The pinned keys.
    pub pins: Vec<PublicKey>,
    /// Why the last text was not pinned.
    pub error: Option<String>,
    /// Takes what the person does.
    pub act: Callback<Action>,
}

/// The pinned keys.
#[component]
pub fn PinBox(props: &Props) -> Html {
    let area = use_node_ref();
    {
        // A pinned key leaves the box; a text that is no key stays, to be put right.
        let area = area.clone();
        use_effect_with(props.pins.len(), move |_| {
            if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                area.set_value("");
            }
        });
    }
    let onsubmit = {
        let (area, act) = (area.clone(), props.act.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if let Some(area) = area.cast::<HtmlTextAreaElement>() {
                act.emit(Action::Pin(area.value()));
            }
        })
    };
    let error = props.error.as_ref();
    html! {
        <section class="pins" id="pins" aria-labelledby="pins-title" data-assay-pins={props.pins.len().to_string()}>
            <h2 id="pins-title">{"Pinned keys"}</h2>
            <p>{"A signature shows that a file was signed with some key. Whose key it is, a file cannot tell you. If the owner gave you their public key by another way, from their site or in a contract, paste it here: every report then says whether its signer is that one. Do not copy a key out of the file itself."}</p>
            if props.pins.is_empty() {
                <p class="none">{"No key is pinned."}</p>
            } else {
                <ul class="rows">
                    { for props.pins.iter().enumerate().map(|(index, pin)| {
                        let act = props.act.clone();
                        let remove = Callback::from(move |_: MouseEvent| act.emit(Action::Unpin(index)));
                        let name = format!("Remove the pinned key {}", to_hex(pin.bytes.get(..4).unwrap_or(&pin.bytes)));
                        html! {
                            <li>
                                <div><p class="label">{pin.algorithm.name()}</p>{value(&to_hex(&pin.bytes), &[])}</div>
                                <p class="choices"><button type="button" class="link" onclick={remove} aria-label={name}>{"Remove"}</button></p>
                            </li>
                        }
                    }) }
                </ul>
            }
            <form class="paste" {onsubmit}>
                <label for="pin">{"Public key to pin"}</label>
                <p class="fine" id="pin-forms">{"Ed25519 or ML-DSA-65, in hexadecimal, base64, PEM or as a JWK."}</p>
                <textarea id="pin" ref={area} rows="2" spellcheck="false" autocomplete="off" autocapitalize="off"
                    aria-describedby="pin-forms pin-error" aria-invalid={error.map(|_| "true")} />
                <p id="pin-error" class="error">{error}</p>
                <button type="submit">{"Pin this key"}</button>
            </form>
        </section>
    }
}
