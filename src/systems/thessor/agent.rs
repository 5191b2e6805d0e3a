//! Decisions of agents: what they say for the auditor, and the links from one to its parent, across files.
//!
//! The middleware for agents (thessor 0.4.0, `mcp.py`) does not seal a parent into a decision: it files a link with the server
//! (`client.py`, `link`), which a packet's consequence chain then lists. Where sealed content names a parent all the same, by its
//! id or its hash, the link is checked likewise.

use crate::json::{Object, Value};
use crate::options::Options;
#[cfg(not(feature = "complete"))]
use crate::report::Finding;
use crate::report::Reason;
use crate::report::{ARTIFACT, Plan, Subject, Transcript, check_specs};
#[cfg(feature = "complete")]
use {
    super::python::AsPrinted,
    crate::bytes::to_hex,
    crate::canon,
    crate::crypto::sha256,
    crate::input::{Artifact, Form},
    crate::report::{Fact, Finding},
    std::borrow::Cow,
    std::collections::{HashMap, HashSet},
};

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

/// Links named in one sentence; more are counted.
#[cfg(feature = "complete")]
const NAMED: usize = 3;

/// The kind of output that the middleware for agents seals.
#[cfg(feature = "complete")]
const TOOL_CALL: &str = "mcp_tool_call";

/// Adds the check of links to a plan.
pub(super) fn plan(plan: Plan) -> Plan {
    plan.allow(ARTIFACT, &PARENTS)
        .require_where_present(ARTIFACT, &LINK_SEAL)
}

/// One end of a link: what is known of a decision.
#[cfg(feature = "complete")]
#[derive(Clone, Debug)]
struct Relative {
    /// The file, where it is another than the one examined.
    file: Option<String>,
    ids: Vec<String>,
    /// The hash that it records.
    hash: Option<String>,
    /// Whether its content has that hash, where it has the content.
    intact: bool,
    time: Option<String>,
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

    /// Records what came of the links.
    #[cfg(feature = "complete")]
    pub fn finish(
        &mut self,
        transcript: &mut Transcript,
        artifact: &mut Subject,
        options: &Options<'_>,
    ) {
        if self.recorded {
            let detail = "A record of a link is the server's word: it bears no signature that could be checked.";
            let finding = Finding::skip(Reason::SignedDataNotFound, detail);
            transcript.record(artifact, &LINK_SEAL, finding);
        }
        for other in options.beside {
            self.beside(other);
        }
        if self.own.is_empty() {
            return;
        }
        let (mut wrong, mut missing, mut found, mut remarks) =
            (Vec::new(), Vec::new(), 0_usize, Vec::new());
        let circular = self.circular();
        for link in &self.own {
            match self.examine(link, &circular) {
                Outcome::Holds(remark) => {
                    found = found.saturating_add(1);
                    remarks.extend(remark);
                }
                Outcome::Fails(sentence) => wrong.push(sentence),
                Outcome::Missing(sentence) if link.expected => missing.push(sentence),
                Outcome::Missing(_) => {}
            }
        }
        let unsigned = match self.own.iter().all(|link| link.signed) {
            true => "",
            false => {
                " Links that the server files are its word: no signature of the decisions covers them."
            }
        };
        let several = |mut sentences: Vec<String>| {
            let more = sentences.len().saturating_sub(NAMED);
            sentences.truncate(NAMED);
            if more > 0 {
                sentences.push(format!("And {more} more."));
            }
            sentences.join(" ")
        };
        let finding = match (wrong.is_empty(), missing.is_empty(), found) {
            (false, ..) => Finding::fail(several(wrong)),
            (true, false, _) => Finding::skip(Reason::InputNeeded, several(missing)),
            (true, true, 0) => return,
            (true, true, _) => {
                remarks.insert(0, format!("Links whose two ends are here or in the files beside, and agree: {found}.{unsigned}"));
                Finding::pass(several(remarks))
            }
        };
        transcript.record(artifact, &PARENTS, finding);
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

/// What came of a link.
#[cfg(feature = "complete")]
enum Outcome {
    Holds(Option<String>),
    Fails(String),
    Missing(String),
}

#[cfg(feature = "complete")]
impl Links {
    fn push(&mut self, relative: Relative) {
        let at = self.decisions.len();
        for id in &relative.ids {
            self.by_id.entry(id.clone()).or_insert(at);
        }
        if let Some(hash) = &relative.hash {
            self.by_hash.entry(hash.clone()).or_insert(at);
        }
        self.decisions.push(relative);
    }

    fn named(&self, id: &str) -> Option<&Relative> {
        self.decisions.get(*self.by_id.get(id)?)
    }

    /// Where the two ends of a link stand among the decisions: the parent, by its name or else by its hash, and the child.
    fn ends(&self, link: &Link) -> (Option<usize>, Option<usize>) {
        let hash = link.parent_hash.as_deref();
        let hash = hash.map(|hash| hash.strip_prefix("sha256:").unwrap_or(hash));
        let parent = match (&link.parent, hash) {
            (Some(id), _) => self.by_id.get(id),
            (None, Some(hash)) => self.by_hash.get(hash),
            (None, None) => None,
        };
        (parent.copied(), self.by_id.get(&link.child).copied())
    }

    fn examine(&self, link: &Link, circular: &HashSet<usize>) -> Outcome {
        let ends = self.ends(link);
        let at = |end: Option<usize>| self.decisions.get(end?);
        let (parent, child) = (at(ends.0), at(ends.1));
        let name = |relative: &Relative| relative.ids.first().cloned().unwrap_or_default();
        let end = link
            .parent
            .as_ref()
            .or(link.parent_hash.as_ref())
            .cloned()
            .unwrap_or_default();
        let (Some(parent), Some(child)) = (parent, child) else {
            let (side, id) = match parent {
                None => ("The parent", end),
                Some(_) => ("The decision", link.child.clone()),
            };
            return Outcome::Missing(format!(
                "{side} {id} is not among the files, so that the link to it was not checked."
            ));
        };
        if ends.0 == ends.1 {
            return Outcome::Fails(format!(
                "Decision {} names itself as its parent.",
                name(child)
            ));
        }
        if ends.1.is_some_and(|child| circular.contains(&child)) {
            return Outcome::Fails(format!(
                "The links from decision {} to its parents lead back to it.",
                name(child)
            ));
        }
        for (relative, hash) in [(parent, &link.parent_hash), (child, &link.child_hash)] {
            let stated = hash
                .as_deref()
                .map(|hash| hash.strip_prefix("sha256:").unwrap_or(hash));
            if stated.is_some() && stated != relative.hash.as_deref() {
                return Outcome::Fails(format!(
                    "The link between {} and {} states another hash for {}{} than that has.",
                    name(parent),
                    name(child),
                    name(relative),
                    place(relative)
                ));
            }
            if !relative.intact {
                return Outcome::Missing(format!(
                    "Decision {}{} does not have the hash that it records, so that the link to it proves nothing.",
                    name(relative),
                    place(relative)
                ));
            }
        }
        let later = match (&parent.time, &child.time) {
            (Some(parent), Some(child)) => parent.len() == child.len() && parent > child,
            _ => false,
        };
        Outcome::Holds(later.then(|| {
            format!(
                "The time of decision {} is later than that of {}, which followed from it.",
                name(parent),
                name(child)
            )
        }))
    }

    /// The decisions from which following parents leads back to them.
    fn circular(&self) -> HashSet<usize> {
        let mut parents: HashMap<usize, usize> = HashMap::new();
        for link in &self.own {
            if let (Some(parent), Some(child)) = self.ends(link) {
                parents.entry(child).or_insert(parent);
            }
        }
        let (mut seen, mut circular) = (HashSet::new(), HashSet::new());
        for start in 0..self.decisions.len() {
            let (mut path, mut at) = (Vec::new(), start);
            while seen.insert(at) {
                path.push(at);
                match parents.get(&at) {
                    Some(parent) => at = *parent,
                    None => break,
                }
            }
            // What was met again on this very path closes a circle.
            let closed = path.iter().position(|earlier| *earlier == at);
            if let Some(from) = closed.filter(|_| parents.contains_key(&at)) {
                circular.extend(path.into_iter().skip(from));
            }
        }
        circular
    }

    /// Takes in what another file holds: decisions, packets, links.
    fn beside(&mut self, artifact: &Artifact<'_>) {
        match &artifact.form {
            Form::Json(document) => self.beside_value(artifact.name, &document.root),
            Form::Records(records) => {
                for record in records {
                    if let Ok(document) = &record.document {
                        self.beside_value(artifact.name, &document.root);
                    }
                }
            }
            _ => {}
        }
    }

    fn beside_value(&mut self, file: &str, value: &Value<'_>) {
        let own = |links: &Self, link: &Link| {
            let is_own = |id: &str| {
                links
                    .named(id)
                    .is_some_and(|relative| relative.file.is_none())
            };
            is_own(&link.child) || link.parent.as_deref().is_some_and(is_own)
        };
        if let Some(link) = record(value) {
            if own(self, &link) {
                self.own.push(link);
            }
            return;
        }
        let decision = ["decision", "envelope"]
            .into_iter()
            .find_map(|name| value.get(name)?.as_object());
        let Some(decision) = decision.or_else(|| value.as_object()) else {
            return;
        };
        let Some(content) = decision.get("raw_envelope") else {
            return;
        };
        let ids = ids(decision, content);
        if ids.iter().all(|id| self.named(id).is_none()) {
            self.push(Relative {
                file: Some(file.to_owned()),
                intact: is_intact(decision, content),
                ..relative(decision, content, ids)
            });
        }
        if let Some(packet) = value.as_object() {
            let mut theirs = Self::default();
            theirs.chain(decision, content, packet);
            theirs.own.retain(|link| own(self, link));
            self.own.append(&mut theirs.own);
        }
    }
}

#[cfg(feature = "complete")]
fn record(link: &Value<'_>) -> Option<Link> {
    let text = |name: &str| link.get(name).and_then(Value::as_str).map(str::to_owned);
    Some(Link {
        parent: Some(text("decision_envelope_id")?),
        parent_hash: None,
        child: text("outcome_envelope_id")?,
        child_hash: None,
        signed: false,
        expected: true,
    })
}

#[cfg(feature = "complete")]
fn relative(decision: &Object<'_>, content: &Value<'_>, ids: Vec<String>) -> Relative {
    let hash = decision.get("canonical_hash").and_then(Value::as_str);
    let fields = content.get("payload").unwrap_or(content);
    let time = content.get("timestamp").or_else(|| fields.get("timestamp"));
    Relative {
        file: None,
        ids,
        hash: hash.map(str::to_owned),
        intact: true,
        time: time.and_then(Value::as_str).map(str::to_owned),
    }
}

/// Whether content that is given as it was sealed has the hash that is recorded for it.
#[cfg(feature = "complete")]
fn is_intact(decision: &Object<'_>, content: &Value<'_>) -> bool {
    let hash = decision.get("canonical_hash").and_then(Value::as_str);
    let computed = canon::to_vec::<AsPrinted>(content).ok();
    let computed = computed.map(|bytes| to_hex(&sha256::digest(&bytes)));
    decision.get("raw_envelope").is_none() || computed.as_deref() == hash
}

#[cfg(feature = "complete")]
fn place(relative: &Relative) -> String {
    match &relative.file {
        Some(file) => format!(" in {file}"),
        None => String::new(),
    }
}

/// Whether a member of that name names a decision's parent.
#[cfg(feature = "complete")]
pub(super) fn names_a_parent(name: &str) -> bool {
    PARENT_IDS.contains(&name) || PARENT_HASHES.contains(&name)
}

/// Whether sealed content is an agent's call of a tool.
#[cfg(feature = "complete")]
pub(super) fn is_tool_call(content: &Value<'_>) -> bool {
    output(content).and_then(|(output, _)| output.get("decision_type")?.as_str()) == Some(TOOL_CALL)
}

#[cfg(feature = "complete")]
fn output<'v, 'a>(content: &'v Value<'a>) -> Option<(&'v Value<'a>, &'static str)> {
    let direct = content.get("output").map(|output| (output, "/output"));
    direct.or_else(|| Some((content.get("payload")?.get("output")?, "/payload/output")))
}

/// What an agent's decision says of the call: which tool, and the hashes of the agent and the output. `place` is the content's.
#[cfg(feature = "complete")]
pub(super) fn facts(content: &Value<'_>, place: &str, signed: bool) -> Vec<Fact> {
    let Some((output, within)) = output(content) else {
        return Vec::new();
    };
    let labels = [
        ("Tool", "tool_name"),
        ("Hash of the agent's identifier", "agent_id_hash"),
        ("Hash of the tool's output", "tool_output_hash"),
    ];
    let fact = |(label, member): (&'static str, &str)| {
        Some(Fact {
            label: Cow::Borrowed(label),
            value: output.get(member)?.as_str()?.to_owned(),
            pointer: format!("{place}{within}/{member}"),
            signed,
        })
    };
    labels.into_iter().filter_map(fact).collect()
}
