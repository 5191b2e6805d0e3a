//! Links from a decision to its parent, across files.
//!
//! The middleware for agents (thessor 0.4.0, `mcp.py`) does not seal a parent into a decision: it files a link with the server
//! (`client.py`, `link`), which a packet's consequence chain then lists. Where sealed content names a parent all the same, by its
//! id or its hash, the link is checked likewise.

#[cfg(feature = "complete")]
mod circles;
#[cfg(feature = "complete")]
mod follow;
#[cfg(feature = "complete")]
mod relatives;

#[cfg(feature = "complete")]
use follow::record;
#[cfg(feature = "complete")]
use relatives::{Relative, Relatives, is_intact};

use crate::json::{Object, Value};
#[cfg(not(feature = "complete"))]
use crate::options::Options;
use crate::report::{ARTIFACT, Plan, check_specs};
#[cfg(not(feature = "complete"))]
use crate::report::{Finding, Reason, Subject, Transcript};

check_specs! {
    PARENTS = "parent_links", "Links between decisions and their parents",
        "thessor 0.4.0, mcp.py, seal_tool_call, and client.py, link", Contradiction;
    LINK_IDS = "link_ids", "Ids by which links name decisions",
        "thessor 0.4.0, client.py, link", Contradiction;
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
        .allow(ARTIFACT, &LINK_IDS)
        .require_where_present(ARTIFACT, &LINK_SEAL)
}

/// A link.
#[cfg_attr(
    not(feature = "complete"),
    expect(dead_code, reason = "the part that follows links is not here")
)]
#[derive(Clone, Debug, Default)]
struct Link {
    parent: Option<String>,
    parent_hash: Option<String>,
    child: String,
    child_hash: Option<String>,
    /// Where the parent stands among the decisions, where the link stands with it; and likewise the child.
    parent_at: Option<usize>,
    child_at: Option<usize>,
    /// Whether it stands in what the child's signature covers.
    signed: bool,
    /// Whether the other end should be here: not where an outcome of any kind may be meant.
    expected: bool,
    /// The file that it stands in, where that is another than the one examined.
    file: Option<String>,
}

/// The links of the artifact and of the files beside it.
#[derive(Debug, Default)]
pub(super) struct Links {
    /// Those that stand in the file, or concern its decisions.
    own: Vec<Link>,
    /// Those between decisions of the files beside it, which may close a circle.
    #[cfg(feature = "complete")]
    others: Vec<Link>,
    #[cfg(feature = "complete")]
    relatives: Relatives,
    /// Where the decision that was taken in last stands among them.
    last: Option<usize>,
    /// Whether the file itself holds records of links.
    #[cfg(feature = "complete")]
    recorded: bool,
}

impl Links {
    /// Takes a decision in: the object that bears hash and signature, its sealed content, and whether that has the hash, where
    /// the caller knows.
    pub fn decision(&mut self, decision: &Object<'_>, content: &Value<'_>, intact: Option<bool>) {
        #[cfg(feature = "complete")]
        {
            let intact = intact.unwrap_or_else(|| is_intact(decision, content));
            let relative = Relative::of(decision, content, intact, None);
            self.last = Some(self.relatives.push(relative));
        }
        #[cfg(not(feature = "complete"))]
        let _ = intact;
        self.own.extend(to_parent(decision, content, self.last));
    }

    /// Takes in what a packet's consequence chain links its decision to, which was taken in before.
    pub fn chain(&mut self, decision: &Object<'_>, content: &Value<'_>, packet: &Object<'_>) {
        let links = to_consequences(decision, content, packet, self.last);
        self.own.extend(links);
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
        if !self.own.is_empty() {
            let detail = "This part of the verifier is not loaded.";
            let finding = Finding::skip(Reason::PartNeeded, detail);
            transcript.record(artifact, &PARENTS, finding);
        }
    }
}

/// The link to the parent that a decision names in its sealed content, or else beside it. `at` is where the decision stands
/// among the others.
fn to_parent(decision: &Object<'_>, content: &Value<'_>, at: Option<usize>) -> Option<Link> {
    let child = ids(decision, content).into_iter().next()?;
    let within = [
        Some(content),
        content.get("payload"),
        content.get("output"),
        content.get("attestations"),
    ];
    let sealed = |names: &[&str]| {
        let mut places = within.iter().flatten();
        places.find_map(|place| first(names, |name| place.get(name)))
    };
    let beside = |names: &[&str]| first(names, |name| decision.get(name));
    let found = [
        (sealed(&PARENT_IDS), sealed(&PARENT_HASHES), true),
        (beside(&PARENT_IDS), beside(&PARENT_HASHES), false),
    ];
    let named = |(parent, hash, _): &(Option<_>, Option<_>, _)| parent.is_some() || hash.is_some();
    let (parent, parent_hash, signed) = found.into_iter().find(named)?;
    Some(Link {
        parent,
        parent_hash,
        child,
        child_at: at,
        signed,
        expected: true,
        ..Link::default()
    })
}

/// The links from a packet's decision, which stands at `at` among the others, to its consequences.
fn to_consequences(
    decision: &Object<'_>,
    content: &Value<'_>,
    packet: &Object<'_>,
    at: Option<usize>,
) -> Vec<Link> {
    let own = ids(decision, content);
    let consequences = packet
        .get("chain")
        .and_then(|chain| chain.get("consequences"));
    let consequences = consequences.and_then(Value::as_array).unwrap_or_default();
    let link = |consequence: &Value<'_>| {
        let text = |name| first(&[name], |name| consequence.get(name));
        let child = text("outcome_envelope_id").or_else(|| text("envelope_id"))?;
        let parent = text("decision_envelope_id");
        let is_own = parent.as_ref().is_none_or(|parent| own.contains(parent));
        Some(Link {
            parent: parent.or_else(|| own.first().cloned()),
            parent_at: at.filter(|_| is_own),
            child,
            child_hash: text("canonical_hash"),
            ..Link::default()
        })
    };
    consequences.iter().filter_map(link).collect()
}

/// The names that a decision goes by, its envelope's first.
fn ids(decision: &Object<'_>, content: &Value<'_>) -> Vec<String> {
    let names = ["envelope_id", "outcome_envelope_id", "decision_id"];
    let beside = names.into_iter().filter_map(|name| decision.get(name));
    texts(beside.chain(sealed_ids(content)))
}

/// The names that stand in a decision's sealed content.
fn sealed_ids<'v, 'a>(content: &'v Value<'a>) -> impl Iterator<Item = &'v Value<'a>> {
    let fields = content.get("payload").unwrap_or(content);
    let ids = [content.get("decision_id"), fields.get("decision_id")];
    ids.into_iter().flatten()
}

/// The texts among the values, each once, but for empty ones.
fn texts<'v, 'a: 'v>(values: impl Iterator<Item = &'v Value<'a>>) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for text in values.filter_map(Value::as_str) {
        if !text.is_empty() && !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
    }
    texts
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
