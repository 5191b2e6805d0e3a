//! A value as the evidence has it: digests in groups of four, other texts as they are.

use yew::prelude::*;

use crate::web::format::{Digest, count, cut, plural};

/// Characters drawn of one value. The JSON report has them all.
const DRAWN: usize = 2_000;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The value.
    pub text: String,
    /// For a digest: the groups to mark.
    #[prop_or_default]
    pub marked: Vec<bool>,
}

/// A value in monospace.
#[component]
pub fn Value(props: &Props) -> Html {
    let (text, more) = cut(&props.text, DRAWN);
    let Some(digest) = Digest::read(text) else {
        let shown = if text.is_empty() { "(empty)" } else { text };
        return html! {
            <span class="value">
                <code>{shown}</code>
                if more > 0 { <span class="fine">{format!(" … and {} more characters, in the JSON report", count(more as u64))}</span> }
            </span>
        };
    };
    let groups = digest.groups.iter().enumerate().map(|(index, group)| {
        let marked = props.marked.get(index).copied().unwrap_or_default();
        if marked {
            html! { <><mark>{group}</mark><wbr /></> }
        } else {
            html! { <><span>{group}</span><wbr /></> }
        }
    });
    html! {
        <span class="value">
            <code class="digest">
                if !digest.prefix.is_empty() { <span class="prefix">{&digest.prefix}</span> }
                { for groups }
            </code>
            if more > 0 { <span class="fine">{format!(" … and {} more digits", count(more as u64))}</span> }
        </span>
    }
}

#[derive(Properties, PartialEq)]
pub struct PairProps {
    /// What the artifact records.
    pub expected: Option<String>,
    /// What was computed or found.
    pub actual: Option<String>,
}

/// What is recorded over what was found, with the groups that differ marked.
#[component]
pub fn Pair(props: &PairProps) -> Html {
    let read = |text: &Option<String>| text.as_deref().and_then(Digest::read);
    let marked = match (read(&props.expected), read(&props.actual)) {
        (Some(expected), Some(actual)) => expected.differing(&actual).unwrap_or_default(),
        _ => Vec::new(),
    };
    let differing = marked.iter().filter(|differs| **differs).count();
    let line = |label: &'static str, text: &Option<String>| match text {
        Some(text) => {
            html! { <><dt>{label}</dt><dd><Value text={text.clone()} marked={marked.clone()} /></dd></> }
        }
        None => html! {},
    };
    if props.expected.is_none() && props.actual.is_none() {
        return html! {};
    }
    html! {
        <dl class="pair">
            {line("Expected", &props.expected)}
            {line("Actual", &props.actual)}
            if differing > 0 {
                <dt class="visually-hidden">{"Difference"}</dt>
                <dd class="fine difference">{format!("{} of {} differ, underlined above.", count(differing as u64), plural(marked.len(), "group"))}</dd>
            }
        </dl>
    }
}
