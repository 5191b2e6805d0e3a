//! Who signed, and whether the person knows the key.

use std::rc::Rc;

use yew::prelude::*;

use crate::web::page::state::Judgement;

use super::value::value;
use crate::web::page::format::capital;

/// The signers.
pub fn signers(judgement: &Rc<Judgement>) -> Html {
    let signers = &judgement.report.signers;
    if signers.is_empty() {
        return html! { <section><h3>{"Signed by"}</h3><p>{"No signature was verified, so no signer can be named."}</p></section> };
    }
    let unpinned = signers.iter().any(|signer| signer.pinned.is_none());
    html! {
        <section class="signers">
            <h3>{"Signed by"}</h3>
            if let Some(part) = &judgement.report.signed_part {
                <p>{"Only "}{part.to_string()}{" are signed, and nothing else in the file."}</p>
            }
            <ul class="rows">
                { for signers.iter().map(|signer| {
                    let (word, class) = match signer.pinned {
                        Some(true) => ("Pinned by you", "yes"),
                        Some(false) => ("Not among the keys you pinned", "no"),
                        None => ("Not pinned", "unknown"),
                    };
                    html! {
                        <li>
                            <p class="label">{capital(&signer.role)}{" · "}{&*signer.algorithm}</p>
                            <p class={classes!("pinned", class)} data-pinned={signer.pinned.map_or("null".to_owned(), |pinned| pinned.to_string())}>{word}</p>
                            <dl class="pair">
                                <dt>{"Public key"}</dt><dd>{value(&signer.public_key, &[])}</dd>
                                <dt>{"Fingerprint"}</dt><dd>{value(&signer.fingerprint, &[])}</dd>
                            </dl>
                        </li>
                    }
                }) }
            </ul>
            if unpinned {
                <p>{"A key that came with the file cannot say whose it is. If its owner gave you their key by another way, "}<a href="#pins">{"pin it"}</a>{" and the verdict will say whether the two are the same."}</p>
            }
        </section>
    }
}
