//! Which file this is about, and what made the report.

use std::rc::Rc;

use yew::prelude::*;

use crate::web::page::state::Judgement;

use super::value::value;
use crate::web::page::browser;
use crate::web::page::format::size;

/// The file and the verifier.
pub fn identity(judgement: &Rc<Judgement>) -> Html {
    let report = &judgement.report;
    let artifact = &report.artifact;
    html! {
        <section class="identity">
            <h3>{"File and verifier"}</h3>
            <dl class="pair">
                <dt>{"File"}</dt><dd>{&artifact.name}</dd>
                <dt>{"Size"}</dt><dd>{size(artifact.bytes)}</dd>
                if !artifact.sha256.is_empty() { <dt>{"SHA-256"}</dt><dd>{value(&artifact.sha256, &[])}</dd> }
                if let Some(dialect) = &artifact.dialect { <dt>{"Dialect"}</dt><dd>{&**dialect}</dd> }
                <dt>{"Verifier"}</dt><dd>{&*report.verifier.name}{" "}{&*report.verifier.version}</dd>
                <dt>{"Build"}</dt><dd>{value(&browser::build_digest(judgement.complete), &[])}</dd>
                <dt>{"Time"}</dt><dd>{&judgement.time}{", by this device’s clock"}</dd>
            </dl>
        </section>
    }
}
