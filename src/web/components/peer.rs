//! The outcome in the words of the system's own verifier.

use std::rc::Rc;

use serde_json::Value;
use yew::prelude::*;

use crate::web::state::Judgement;

use super::long_list::LongList;
use crate::web::format::system;

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
    let items = |judgement: &crate::web::state::Judgement, key: &str| -> Vec<Value> {
        let peer = judgement.report.peer.as_ref();
        peer.and_then(|peer| peer.get(key))
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default()
    };
    let items = items(judgement, key);
    let rows = items.len();
    let row = Callback::from(move |index: usize| {
        let item = items.get(index).cloned().unwrap_or_default();
        let check = item.get("check").and_then(Value::as_str);
        match check {
            Some(check) => {
                html! { <li><code>{check}</code>{" "}<span class="label">{words(item.get("ok").unwrap_or(&Value::Null))}</span></li> }
            }
            None => html! { <li><code>{words(&item)}</code></li> },
        }
    });
    html! {
        <details>
            <summary><h4>{key.replace('_', " ")}</h4><span class="tally">{rows}</span></summary>
            <LongList {rows} {row} class="peer-list" />
        </details>
    }
}

fn words(value: &Value) -> String {
    match value {
        Value::Null => "skipped".into(),
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
