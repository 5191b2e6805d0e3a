//! What was decrypted. It stays on this page: the report that is downloaded leaves it out unless it is asked for.

use assay::report::Disclosed;
use yew::prelude::*;

use super::value::value;

/// The decrypted content.
pub fn disclosed(disclosed: &[Disclosed]) -> Html {
    if disclosed.is_empty() {
        return html! {};
    }
    html! {
        <section class="disclosed">
            <h3>{"Decrypted content — only on this page"}</h3>
            <p>{"This was decrypted in this page with the key that you supplied. The report that you download leaves it out unless you ask for it."}</p>
            <ol class="fact-list">
                { for disclosed.iter().map(|one| html! {
                    <li>
                        <span class="label">{&*one.label}</span>
                        {value(&one.value, &[])}
                        <code class="pointer">{&one.pointer}</code>
                    </li>
                }) }
            </ol>
        </section>
    }
}
