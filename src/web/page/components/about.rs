//! How it is enforced that nothing leaves, and which build this is.

use yew::prelude::*;

use super::value::value;
use crate::web::page::browser;
use crate::web::page::format::plural;

/// How nothing leaves.
pub fn about(online: bool) -> Html {
    let requested = browser::requested();
    html! {
        <section class="about" id="about" aria-labelledby="about-title" tabindex="-1">
            <h2 id="about-title">{"Nothing leaves this computer"}</h2>
            <p>{"Your files are read and verified by a program inside this page. The page carries an order to the browser, a content security policy, that forbids it to load from or send to any address but the site it came from. It has no fonts, images, scripts or counters from anywhere else, and each file of the site is used only if its content has the digest that is written in the page."}</p>
            <p>{"You can check that. Open the browser’s network panel: the page loads the second part of its program when you begin to use it, and a sample when you open one; for your files there is no request. Or turn the network off after that, and verification works the same."}</p>
            <p data-assay-requests={requested.len().to_string()}>
                {format!("Since this page was opened it has requested {}", plural(requested.len(), "file"))}
                if requested.is_empty() { {"."} } else { {": "}<code>{requested.join(", ")}</code>{"."} }
                if !online { <strong>{" This device is offline now."}</strong> }
            </p>
            <details>
                <summary>{"The order to the browser, word for word"}</summary>
                <p><code>{browser::policy()}</code></p>
            </details>
            <dl class="pair">
                <dt>{"Verifier"}</dt><dd>{concat!("assay ", env!("CARGO_PKG_VERSION"))}</dd>
                <dt>{"First part"}</dt><dd>{value(&browser::build_digest(false), &[])}<span class="fine">{" SHA-256 of the program file"}</span></dd>
                <dt>{"Second part"}</dt><dd>{value(&browser::build_digest(true), &[])}<span class="fine">{" SHA-256 of the program file, which is loaded when you begin to use the page"}</span></dd>
            </dl>
        </section>
    }
}
