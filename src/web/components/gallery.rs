//! Samples to try: for each kind of evidence one as it was made and one altered since.

use yew::prelude::*;

use crate::web::samples::{self, SAMPLES};

/// The gallery; `on_sample` is told which one was asked for.
pub fn gallery(on_sample: &Callback<samples::File>) -> Html {
    let button = |file: samples::File, word: &'static str, title: &'static str| {
        let on_sample = on_sample.clone();
        let onclick = Callback::from(move |_: MouseEvent| on_sample.emit(file));
        html! {
            <button type="button" class="link" {onclick} data-assay-sample={file.name}>
                {word}<span class="visually-hidden">{format!(": {title}")}</span>
            </button>
        }
    };
    html! {
        <section key="samples" class="samples" aria-labelledby="samples-title">
            <h2 id="samples-title">{"Samples"}</h2>
            <p>{"Made by the vendors’ own software. They are part of this page; opening one sends no request."}</p>
            <ul class="rows">
                { for SAMPLES.iter().map(|sample| html! {
                    <li>
                        <div>
                            <h3>{sample.title}</h3>
                            <p>{sample.about}</p>
                            <p class="fine">{"Altered: "}{sample.altered_how}</p>
                        </div>
                        <p class="choices">
                            {button(sample.good, "As made", sample.title)}
                            {button(sample.altered, "Altered", sample.title)}
                        </p>
                    </li>
                }) }
            </ul>
        </section>
    }
}
