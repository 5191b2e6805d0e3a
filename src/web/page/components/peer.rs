//! The outcome in the words of the system's own verifier.

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use crate::web::page::state::Judgement;

use super::long_list::LongList;
use crate::web::page::format::system;

/// The peer's outcome.
pub fn peer(judgement: &Rc<Judgement>) -> Html {
    let Some(peer) = &judgement.report.peer else {
        return html! {};
    };
    let name = peer
        .get("system")
        .and_then(Value::as_str)
        .map_or("the system", system);
    let plain = peer
        .iter()
        .filter(|(key, value)| *key != "system" && !value.is_array());
    let lists: Vec<&String> = peer
        .iter()
        .filter(|(_, value)| value.is_array())
        .map(|(key, _)| key)
        .collect();
    html! {
        <section class="peer">
            <h3>{format!("In the words of {name}’s own verifier")}</h3>
            <dl class="pair">
                { for plain.map(|(key, value)| html! { <><dt>{key.replace('_', " ")}</dt><dd><code>{words(value)}</code></dd></> }) }
            </dl>
            { for lists.into_iter().map(|key| list(judgement, key)) }
        </section>
    }
}

fn list(judgement: &Rc<Judgement>, key: &str) -> Html {
    let rows = items(judgement, key).len();
    let row = {
        // The report is drawn from where it lies: a list can name thousands of checks.
        let (judgement, key) = (judgement.clone(), key.to_owned());
        Callback::from(move |index: usize| {
            items(&judgement, &key)
                .get(index)
                .map_or_else(Html::default, item)
        })
    };
    html! {
        <details>
            <summary><h4>{key.replace('_', " ")}</h4><span class="tally">{rows}</span></summary>
            <LongList {rows} {row} class="peer-list" />
        </details>
    }
}

fn items<'j>(judgement: &'j Judgement, key: &str) -> &'j [Value] {
    let peer = judgement.report.peer.as_ref();
    peer.and_then(|peer| peer.get(key))
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A check of the system's own verifier with its outcome, or whatever else a list holds.
fn item(item: &Value) -> Html {
    let Some(check) = item.get("check").and_then(Value::as_str) else {
        return html! { <li><code>{words(item)}</code></li> };
    };
    let outcome = match item.get("ok") {
        Some(Value::Bool(true)) => "passed",
        Some(Value::Bool(false)) => "failed",
        _ => "skipped",
    };
    html! { <li><code>{check}</code>{" "}<span class="label">{outcome}</span></li> }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "none".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
