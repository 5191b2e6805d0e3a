//! Links from a decision to its parent, across files.
//!
//! The middleware for agents (thessor 0.4.0, `mcp.py`) does not seal a parent into a decision: it files a link with the server
//! (`client.py`, `link`), which a packet's consequence chain then lists. Where sealed content names a parent all the same, by its
//! id or its hash, the link is checked likewise.

#[cfg(feature = "complete")]
mod follow;

#[cfg(feature = "complete")]
use std::collections::HashMap;

#[cfg(feature = "complete")]
use follow::{Relative, is_intact, record, relative};

use crate::json::{Object, Value};
#[cfg(not(feature = "complete"))]
use crate::options::Options;
use crate::report::{ARTIFACT, Plan, check_specs};
#[cfg(not(feature = "complete"))]
use crate::report::{Finding, Reason, Subject, Transcript};

check_specs! {
    PARENTS = "parent_links", "Links between decisions and their parents",
        "thessor 0.4.0, mcp.py, seal_tool_call, and client.py, link", Contradiction;
    LINK_SEAL = "link_seal", "Signature of the records of links",
        "thessor 0.4.0, client.py, link", SignedDataNotFound;
}

/// Members by which a decision names its parent, by id and by hash.
const PARENT_IDS: [&str; 3] = ["parent_decision_id", "parent_envelope_id", "parent_id"];
const PARENT_HASHES: [&str; 3] = [
    "parent_decision_hash",
    "parent_canonical_hash",
    "parent_hash",
];

/// Adds the check of links to a plan.
pub(super) fn plan(plan: Plan) -> Plan {
    plan.allow(ARTIFACT, &PARENTS)
        .require_where_present(ARTIFACT, &LINK_SEAL)
}

/// A link.
#[derive(Clone, Debug)]
struct Link {
    parent: Option<String>,
    parent_hash: Option<String>,
    child: String,
    child_hash: Option<String>,
    /// Whether it stands in what the child's signature covers.
    signed: bool,
    /// Whether the other end should be here: not where an outcome of any kind may be meant.
    expected: bool,
}

/// The links of the artifact and of the files beside it.
#[derive(Debug, Default)]
pub(super) struct Links {
    own: Vec<Link>,
    #[cfg(feature = "complete")]
    decisions: Vec<Relative>,
    /// Where in them the first decision of a name, or of a hash, stands.
    #[cfg(feature = "complete")]
    by_id: HashMap<String, usize>,
    #[cfg(feature = "complete")]
    by_hash: HashMap<String, usize>,
    /// Whether the file itself holds records of links.
    #[cfg(feature = "complete")]
    recorded: bool,
}

impl Links {
    /// Takes a decision in: the object that bears hash and signature, its sealed content, and whether that has the hash, where
    /// the caller knows.
    pub fn decision(&mut self, decision: &Object<'_>, content: &Value<'_>, intact: Option<bool>) {
        let ids = ids(decision, content);
        #[cfg(feature = "complete")]
        self.push(Relative {
            file: None,
            intact: intact.unwrap_or_else(|| is_intact(decision, content)),
            ..relative(decision, content, ids.clone())
        });
        #[cfg(not(feature = "complete"))]
        let _ = intact;
        let Some(child) = ids.first() else { return };
        let within = [
            Some(content),
            content.get("payload"),
            content.get("output"),
            content.get("attestations"),
        ];
        let sealed = |names: &[&str]| {
            let places = within.iter().flatten();
            places
                .filter_map(|place| first(names, |name| place.get(name)))
                .next()
        };
        let beside = |names: &[&str]| first(names, |name| decision.get(name));
        let found = [
            (sealed(&PARENT_IDS), sealed(&PARENT_HASHES), true),
            (beside(&PARENT_IDS), beside(&PARENT_HASHES), false),
        ];
        for (parent, parent_hash, signed) in found {
            if parent.is_some() || parent_hash.is_some() {
                self.own.push(Link {
                    parent,
                    parent_hash,
                    child: child.clone(),
                    child_hash: None,
                    signed,
                    expected: true,
                });
                return;
            }
        }
    }

    /// Takes in what a packet's consequence chain links its decision to.
    pub fn chain(&mut self, decision: &Object<'_>, content: &Value<'_>, packet: &Object<'_>) {
        let parent = ids(decision, content).into_iter().next();
        let consequences = packet
            .get("chain")
            .and_then(|chain| chain.get("consequences"));
        for consequence in consequences.and_then(Value::as_array).unwrap_or_default() {
            let text = |name: &str| {
                consequence
                    .get(name)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            if let Some(child) = text("outcome_envelope_id").or_else(|| text("envelope_id")) {
                self.own.push(Link {
                    parent: text("decision_envelope_id").or_else(|| parent.clone()),
                    parent_hash: None,
                    child,
                    child_hash: text("canonical_hash"),
                    signed: false,
                    expected: false,
                });
            }
        }
    }

    /// Takes in a record of a link, as the server files it.
    #[cfg(feature = "complete")]
    pub fn record(&mut self, link: &Value<'_>) {
        self.recorded = true;
        self.own.extend(record(link));
    }

    /// Leaves links to the part of the verifier that follows them.
    #[cfg(not(feature = "complete"))]
    pub fn finish(&mut self, transcript: &mut Transcript, artifact: &mut Subject, _: &Options<'_>) {
        let named = self.own.iter().any(|link| {
            link.expected
                || link.signed
                || link.parent_hash.is_some()
                || link.child_hash.is_some()
                || link.parent.as_deref() != Some(&link.child)
        });
        if named {
            let detail = "This part of the verifier is not loaded.";
            let finding = Finding::skip(Reason::PartNeeded, detail);
            transcript.record(artifact, &PARENTS, finding);
        }
    }
}

/// The names that a decision goes by, its envelope's first.
fn ids(decision: &Object<'_>, content: &Value<'_>) -> Vec<String> {
    let fields = content.get("payload").unwrap_or(content);
    let names = [
        decision.get("envelope_id"),
        decision.get("outcome_envelope_id"),
        decision.get("decision_id"),
        content.get("decision_id"),
        fields.get("decision_id"),
    ];
    let mut ids: Vec<String> = Vec::new();
    for id in names.into_iter().flatten().filter_map(Value::as_str) {
        if !id.is_empty() && !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

/// The first of these members that is a text.
fn first<'v, 'a: 'v>(
    names: &[&str],
    get: impl Fn(&str) -> Option<&'v Value<'a>>,
) -> Option<String> {
    let text = |name: &&str| get(name)?.as_str().map(str::to_owned);
    names.iter().find_map(text).filter(|text| !text.is_empty())
}

/// Whether a member of that name names a decision's parent.
#[cfg(feature = "complete")]
pub(super) fn names_a_parent(name: &str) -> bool {
    PARENT_IDS.contains(&name) || PARENT_HASHES.contains(&name)
}
