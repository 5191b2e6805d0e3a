//! Which file this is about, and what made the report.

use yew::prelude::*;

use super::report_props::ReportProps;
use super::value::Value;
use crate::web::browser;
use crate::web::format::size;

/// The file and the verifier.
#[component]
pub fn Identity(props: &ReportProps) -> Html {
    let report = &props.judgement.report;
    let artifact = &report.artifact;
    html! {
        <section class="identity">
            <h3>{"File and verifier"}</h3>
            <dl class="pair">
                <dt>{"File"}</dt><dd>{&artifact.name}</dd>
                <dt>{"Size"}</dt><dd>{size(artifact.bytes)}</dd>
                if !artifact.sha256.is_empty() { <dt>{"SHA-256"}</dt><dd><Value text={artifact.sha256.clone()} /></dd> }
                if let Some(dialect) = &artifact.dialect { <dt>{"Dialect"}</dt><dd>{&**dialect}</dd> }
                <dt>{"Verifier"}</dt><dd>{&*report.verifier.name}{" "}{&*report.verifier.version}</dd>
                <dt>{"Build"}</dt><dd><Value text={browser::build_digest()} /></dd>
                <dt>{"Time"}</dt><dd>{&props.judgement.time}{", by this device’s clock"}</dd>
            </dl>
        </section>
    }
}
