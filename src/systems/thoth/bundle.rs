//! The hash of a session evidence bundle, whose rule is not published.

use super::event::{self, Event};
use super::evidence::Item;
use super::forms::{self, FORMS, View};
use super::rules::Algorithm;
use crate::report::{Finding, Reason};

/// What of a bundle may have been hashed.
static VIEWS: [View; 9] = [
    View {
        words: "the bundle without `bundle_hash`",
        within: "",
        omitted: &["bundle_hash"],
        blanked: &[],
    },
    View {
        words: "the bundle without `bundle_hash` and `signature`",
        within: "",
        omitted: &["bundle_hash", "signature"],
        blanked: &[],
    },
    View {
        words: "the bundle with `bundle_hash` empty",
        within: "",
        omitted: &[],
        blanked: &["bundle_hash"],
    },
    View {
        words: "the bundle without `bundle_hash` and `exported_at`",
        within: "",
        omitted: &["bundle_hash", "exported_at"],
        blanked: &[],
    },
    View {
        words: "the bundle without `bundle_hash`, `exported_at` and `signature`",
        within: "",
        omitted: &["bundle_hash", "exported_at", "signature"],
        blanked: &[],
    },
    View {
        words: "the bundle's `events`",
        within: "events",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the bundle's `evidence`",
        within: "evidence",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the bundle's `bundle`",
        within: "bundle",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the bundle's `data`",
        within: "data",
        omitted: &[],
        blanked: &[],
    },
];

/// What joins the hashes of a bundle's events.
const JOINS: [(&str, &str); 3] = [
    ("one after another", ""),
    ("with line feeds between them", "\n"),
    ("with commas between them", ","),
];

/// How much of a bundle its hash covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coverage {
    /// Nothing that could be shown.
    Nothing,
    /// A part of it: the member by this name.
    Part(&'static str),
    /// Everything in it.
    Whole,
}

/// Holds the hash of a bundle against the candidates; never a failure, since nothing in the file tells the rule.
pub(super) fn examine(bundle: &Item<'_>, events: &[Event<'_>]) -> (Finding, Coverage) {
    let Some(hash) = bundle.text("bundle_hash") else {
        let detail = "The bundle has no `bundle_hash`: nothing shows whether what stands beside its events was altered.";
        return (
            Finding::skip(Reason::InputNeeded, detail),
            Coverage::Nothing,
        );
    };
    let found = event::digest(hash).and_then(|recorded| {
        of_content(bundle, &recorded).or_else(|| of_hashes(bundle, events, &recorded))
    });
    match found {
        Some((words, coverage)) => {
            let part = match coverage {
                Coverage::Whole => "",
                _ => " It covers a part of the bundle only.",
            };
            let detail = format!(
                "Recomputed under this rule, which the vendor has not published: {words}.{part}"
            );
            (Finding::pass(detail), coverage)
        }
        None => {
            let contents = [VIEWS.len(), FORMS.len(), Algorithm::ALL.len()];
            let contents = contents.into_iter().fold(1, usize::saturating_mul);
            let joins = JOINS
                .len()
                .saturating_add(2)
                .saturating_mul(Algorithm::ALL.len());
            let detail = format!(
                "How `bundle_hash` is made is not published, and none of the {} candidates gives it: SHA-256 and BLAKE3 over the bundle or its events in RFC 8785, Python's and Go's JSON and the order of the file, and over the events' hashes.",
                contents.saturating_add(joins)
            );
            let finding = Finding::skip(Reason::RuleUnpublished, detail).expected(hash);
            (finding, Coverage::Nothing)
        }
    }
}

fn of_content(bundle: &Item<'_>, recorded: &[u8; 32]) -> Option<(String, Coverage)> {
    for algorithm in Algorithm::ALL {
        for view in &VIEWS {
            for (text, forms) in forms::texts(bundle.value, view) {
                if algorithm.digest(&text) != *recorded {
                    continue;
                }
                let form = forms.first().map_or("", |form| form.words);
                let coverage = match view.within.is_empty() {
                    true => Coverage::Whole,
                    false => Coverage::Part(view.within),
                };
                let words = format!("{} over {form} of {}", algorithm.words(), view.words);
                return Some((words, coverage));
            }
        }
    }
    None
}

fn of_hashes(
    bundle: &Item<'_>,
    events: &[Event<'_>],
    recorded: &[u8; 32],
) -> Option<(String, Coverage)> {
    let within = events.iter().filter(|event| event.item.is_within(bundle));
    let hashes: Vec<&str> = within.filter_map(Event::hash).collect();
    if hashes.is_empty() {
        return None;
    }
    let mut texts: Vec<(String, Vec<u8>)> = JOINS
        .iter()
        .map(|(words, join)| {
            let words = format!("the texts of the events' hashes, {words}");
            (words, hashes.join(join).into_bytes())
        })
        .collect();
    let bytes: Option<Vec<_>> = hashes.iter().map(|hash| event::digest(hash)).collect();
    if let Some(bytes) = bytes {
        texts.push(("the bytes of the events' hashes".to_owned(), bytes.concat()));
    }
    let quoted: Vec<String> = hashes.iter().map(|hash| format!("\"{hash}\"")).collect();
    let list = format!("[{}]", quoted.join(","));
    texts.push((
        "the events' hashes as a list in JSON".to_owned(),
        list.into_bytes(),
    ));
    for algorithm in Algorithm::ALL {
        for (words, text) in &texts {
            if algorithm.digest(text) == *recorded {
                return Some((
                    format!("{} over {words}", algorithm.words()),
                    Coverage::Part("events"),
                ));
            }
        }
    }
    None
}
