//! The verdict as two struck marks, as on a hallmarked piece: one says whether the evidence is
//! intact, the other whether its maker's key is one that the person knows. The shapes differ, so
//! that neither depends on colour; the words beside them say the same.

use assay::Report;
use assay::report::Verdict;
use yew::prelude::*;

/// What the first mark says.
#[derive(Clone, Copy, PartialEq)]
pub enum Integrity {
    /// Every check that is called for passed.
    Intact,
    /// A check failed.
    Broken,
    /// A check that is called for could not be made.
    Undecided,
    /// Nothing was judged.
    Unjudged,
}

/// What the second mark says.
#[derive(Clone, Copy, PartialEq)]
pub enum Trust {
    /// The issuer's key is pinned.
    Pinned,
    /// It is, and signed no more than a part.
    PinnedForPart,
    /// Nobody pinned a key.
    Unpinned,
    /// The issuer's key is not among those that were pinned.
    Other,
    /// The report is valid, and nothing in the file is signed.
    Unsigned,
}

impl From<Verdict> for Integrity {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Valid => Integrity::Intact,
            Verdict::Invalid => Integrity::Broken,
            Verdict::Indeterminate => Integrity::Undecided,
            Verdict::Refused => Integrity::Unjudged,
        }
    }
}

impl Integrity {
    /// The mark in words.
    pub fn words(self) -> &'static str {
        match self {
            Integrity::Intact => "intact",
            Integrity::Broken => "does not hold",
            Integrity::Undecided => "not decided",
            Integrity::Unjudged => "not judged",
        }
    }
}

impl Trust {
    /// Whether the keys of a report's issuing signers were pinned; `None` when it names no signer and is not valid.
    pub fn of(report: &Report) -> Option<Self> {
        let Some(signer) = report.signers.first() else {
            return (report.verdict == Verdict::Valid).then_some(Trust::Unsigned);
        };
        Some(match signer.pinned {
            Some(true) if report.signed_part.is_some() => Trust::PinnedForPart,
            Some(true) => Trust::Pinned,
            Some(false) => Trust::Other,
            None => Trust::Unpinned,
        })
    }

    /// The mark in words.
    pub fn words(self) -> &'static str {
        match self {
            Trust::Pinned => "key pinned",
            Trust::PinnedForPart => "signed in part",
            Trust::Unpinned => "key not pinned",
            Trust::Other => "not a pinned key",
            Trust::Unsigned => "not signed",
        }
    }
}

/// The first mark: an octagon, struck with a tick or a cross, or left open.
pub fn integrity_mark(integrity: Integrity) -> Html {
    let (class, sign) = match integrity {
        Integrity::Intact => (
            "mark struck",
            html! { <path class="sign" d="m19 33 9 9 18-21" /> },
        ),
        Integrity::Broken => (
            "mark struck wrong",
            html! { <path class="sign" d="m20 20 24 24m0-24L20 44" /> },
        ),
        Integrity::Undecided => (
            "mark open",
            html! { <path class="sign" d="M24 25c0-11 17-11 17 0 0 7-8.500 7-8.500 14m0 5.500v3.500" /> },
        ),
        Integrity::Unjudged => ("mark absent", html! { <path class="sign" d="M20 32h24" /> }),
    };
    html! {
        <svg class={class} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
            <path class="plate" d="M20 3h24l17 17v24L44 61H20L3 44V20z" />
            <path class="rim" d="M21.500 7.500h21l14 14v21l-14 14h-21l-14-14v-21z" />
            {sign}
        </svg>
    }
}

/// The second mark: an oval with a key.
fn trust_mark(trust: Trust) -> Html {
    let class = match trust {
        Trust::Pinned => "mark struck",
        Trust::PinnedForPart => "mark open",
        Trust::Unpinned | Trust::Unsigned => "mark absent",
        Trust::Other => "mark open wrong",
    };
    html! {
        <svg class={class} viewBox="0 0 64 64" aria-hidden="true" focusable="false">
            <ellipse class="plate" cx="32" cy="32" rx="24" ry="29" />
            <ellipse class="rim" cx="32" cy="32" rx="20" ry="25" />
            <path class="sign" d="M32 31v18m0-2h6m-6-7h5M32 31a7.500 7.500 0 1 0 0-15 7.500 7.500 0 0 0 0 15z" />
            if trust == Trust::Other { <path class="sign" d="m12 52 40-40" /> }
        </svg>
    }
}

/// Both marks with their words.
pub fn marks(integrity: Integrity, trust: Option<Trust>) -> Html {
    html! {
        <div class="marks">
            <p>{integrity_mark(integrity)}<span>{integrity.words()}</span></p>
            if let Some(trust) = trust {
                <p>{trust_mark(trust)}<span>{trust.words()}</span></p>
            }
        </div>
    }
}
