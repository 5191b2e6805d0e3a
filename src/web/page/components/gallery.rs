//! Samples to try: for each kind of evidence one as it was made and one altered since.

use yew::prelude::*;

use crate::web::page::samples::{GALLERY, Sample};

/// The gallery; `on_sample` is told which file of which sample was asked for, `error` why the last one did not come.
pub fn gallery(
    on_sample: &Callback<(&'static str, &'static Sample)>,
    error: Option<&String>,
) -> Html {
    let button = |file: &'static str, word: &'static str, system: &str, sample: &'static Sample| {
        let (on_sample, title) = (on_sample.clone(), sample.title);
        let onclick = Callback::from(move |_: MouseEvent| on_sample.emit((file, sample)));
        html! {
            <button type="button" class="link" {onclick} data-assay-sample={file}>
                {word}<span class="visually-hidden">{format!(": {system} {title}")}</span>
            </button>
        }
    };
    html! {
        <section key="samples" class="samples" aria-labelledby="samples-title">
            <h2 id="samples-title">{"Samples"}</h2>
            <p>{"Made by the vendors’ own software or after their published formats, and published beside this page: opening one fetches it from there."}</p>
            <p class="error" role="alert">{error}</p>
            { for GALLERY.iter().map(|group| html! {
                <>
                    <h3>{group.system}</h3>
                    <ul class="rows">
                        { for group.samples.iter().map(|sample| html! {
                            <li>
                                <div>
                                    <p class="what">{sample.title}</p>
                                    <p class="why">{sample.about}{" Altered: "}{sample.altered_how}</p>
                                </div>
                                <p class="choices">
                                    {button(sample.good, "As made", group.system, sample)}
                                    {button(sample.altered, "Altered", group.system, sample)}
                                </p>
                            </li>
                        }) }
                    </ul>
                </>
            }) }
        </section>
    }
}
