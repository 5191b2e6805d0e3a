//! A value as the evidence has it: digests in groups of four, other texts as they are.

use yew::prelude::*;

use crate::web::page::format::{Digest, count, cut, plural};

/// Characters drawn of one value. The JSON report has them all.
const DRAWN: usize = 2_000;

/// A value in monospace; of a digest, the groups to mark.
pub fn value(text: &str, marked: &[bool]) -> Html {
    let (text, more) = cut(text, DRAWN);
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
        let marked = marked.get(index).copied().unwrap_or_default();
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

/// What is recorded over what was found, with the groups that differ marked.
pub fn pair(expected: Option<&str>, actual: Option<&str>) -> Html {
    let read = |text: Option<&str>| text.and_then(Digest::read);
    let marked = match (read(expected), read(actual)) {
        (Some(expected), Some(actual)) => expected.differing(&actual).unwrap_or_default(),
        _ => Vec::new(),
    };
    let differing = marked.iter().filter(|differs| **differs).count();
    let line = |label: &'static str, text: Option<&str>| match text {
        Some(text) => {
            html! { <><dt>{label}</dt><dd>{value(text, &marked)}</dd></> }
        }
        None => html! {},
    };
    if expected.is_none() && actual.is_none() {
        return html! {};
    }
    html! {
        <dl class="pair">
            {line("Expected", expected)}
            {line("Actual", actual)}
            if differing > 0 {
                <dt class="visually-hidden">{"Difference"}</dt>
                <dd class="fine difference">{format!("{} of {} differ, underlined above.", count(differing as u64), plural(marked.len(), "group"))}</dd>
            }
        </dl>
    }
}
