//! Following links: both ends are looked up in the file and in those that were handed over with it.

use std::collections::{BTreeSet, HashMap};

use super::relatives::{Found, Relative, is_intact};
use super::{
    LINK_IDS, LINK_SEAL, Link, Links, PARENTS, circles, first, to_consequences, to_parent,
};
use crate::input::{Artifact, Form};
use crate::json::Value;
use crate::options::Options;
use crate::report::{Finding, Reason, Subject, Transcript};
use crate::systems::thessor::listed;

/// Links named in one sentence; more are counted.
const NAMED: usize = 3;

/// What came of a link.
enum Outcome {
    Holds {
        /// Whether an end was found by a name that its signature does not cover.
        unsigned: bool,
        remark: Option<String>,
    },
    Fails(String),
    Missing(String),
}

/// The graph of all links: its nodes are decisions, and the names of those that are not here.
struct Graph {
    /// For each own link the nodes of parent and child.
    ends: Vec<Option<(usize, usize)>>,
    /// For each node the circle that it belongs to, if any.
    components: Vec<usize>,
    /// For each circle the file beside that helps to close it.
    files: HashMap<usize, String>,
}

impl Graph {
    fn component(&self, node: usize) -> Option<usize> {
        self.components.get(node).copied()
    }

    /// What is wrong with the own link at a place: it leads back to where it begins.
    fn fault(&self, at: usize, name: &str) -> Option<String> {
        let (parent, child) = (*self.ends.get(at)?)?;
        if parent == child {
            return Some(format!("Decision {name} names itself as its parent."));
        }
        let component = self.component(child)?;
        if self.component(parent) != Some(component) {
            return None;
        }
        let way = match self.files.get(&component) {
            Some(file) => format!(", by way of {file}"),
            None => String::new(),
        };
        Some(format!(
            "The links from decision {name} to its parents lead back to it{way}."
        ))
    }
}

impl Links {
    /// Records what came of the links.
    pub(in crate::systems::thessor) fn finish(
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
        self.shared(transcript, artifact);
        let (mut wrong, mut missing, mut found, mut by_unsigned, mut remarks) =
            (Vec::new(), Vec::new(), 0_usize, 0_usize, Vec::new());
        let graph = self.graph();
        for (at, link) in self.own.iter().enumerate() {
            match self.examine(at, link, &graph) {
                Outcome::Holds { unsigned, remark } => {
                    found = found.saturating_add(1);
                    by_unsigned = by_unsigned.saturating_add(usize::from(unsigned));
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
            (false, ..) => Finding::fail(format!(
                "{} The vendor's verifier does not look at such links.",
                several(wrong)
            )),
            (true, false, _) => Finding::skip(Reason::InputNeeded, several(missing)),
            (true, true, 0) => return,
            (true, true, _) => {
                let by_unsigned = match by_unsigned {
                    0 => String::new(),
                    count => format!(
                        " In {count} of these an end was found by its envelope's id, which no decision's own signature covers."
                    ),
                };
                remarks.insert(0, format!("Links whose two ends are here or in the files beside, and agree: {found}.{by_unsigned}{unsigned}"));
                Finding::pass(several(remarks))
            }
        };
        transcript.record(artifact, &PARENTS, finding);
    }

    /// Notes the names in links by which several decisions go.
    fn shared(&self, transcript: &mut Transcript, artifact: &mut Subject) {
        let ids = self.own.iter();
        let ids = ids.flat_map(|link| link.parent.iter().chain([&link.child]));
        let shared: BTreeSet<&str> = ids
            .map(String::as_str)
            .filter(|id| self.relatives.is_shared(id))
            .collect();
        if !shared.is_empty() {
            let names = listed(shared.into_iter());
            let detail = format!("Several decisions with different hashes go by one id: {names}.");
            transcript.record(artifact, &LINK_IDS, Finding::note(detail));
        }
    }

    /// Where the two ends of a link stand among the decisions: the parent and the child.
    fn ends(&self, link: &Link) -> (Found, Found) {
        let parent = || {
            let hash = link.parent_hash.as_deref().map(bare);
            self.relatives.find(link.parent.as_deref(), hash)
        };
        let child = || {
            let hash = link.child_hash.as_deref().map(bare);
            self.relatives.find(Some(&link.child), hash)
        };
        (
            link.parent_at.map_or_else(parent, Found::At),
            link.child_at.map_or_else(child, Found::At),
        )
    }

    fn graph(&self) -> Graph {
        let mut absent: HashMap<&str, usize> = HashMap::new();
        let here = self.relatives.len();
        let mut nodes = Vec::new();
        for link in self.own.iter().chain(&self.others) {
            let (parent, child) = self.ends(link);
            let parent = node(parent, link.parent.as_deref(), here, &mut absent);
            let child = node(child, Some(&link.child), here, &mut absent);
            nodes.push(parent.zip(child));
        }
        let edges: Vec<(usize, usize)> = nodes
            .iter()
            .flatten()
            .map(|(parent, child)| (*child, *parent))
            .collect();
        let count = here.saturating_add(absent.len());
        let mut graph = Graph {
            ends: Vec::new(),
            components: circles::components(count, &edges),
            files: HashMap::new(),
        };
        for (link, ends) in self.own.iter().chain(&self.others).zip(&nodes) {
            let Some((parent, child)) = *ends else {
                continue;
            };
            let component = graph.component(child);
            if let (Some(component), Some(file)) = (component, &link.file)
                && graph.component(parent) == Some(component)
            {
                graph.files.entry(component).or_insert_with(|| file.clone());
            }
        }
        graph.ends = nodes;
        graph
    }

    fn examine(&self, number: usize, link: &Link, graph: &Graph) -> Outcome {
        let ends = self.ends(link);
        let at = |end: Found| match end {
            Found::At(at) => self.relatives.at(at),
            _ => None,
        };
        let name = |relative: &Relative| relative.ids.first().cloned().unwrap_or_default();
        let child = at(ends.1);
        if let Some(fault) = graph.fault(number, &child.map_or(link.child.clone(), name)) {
            return Outcome::Fails(fault);
        }
        let parent_name = || {
            let name = link.parent.as_ref().or(link.parent_hash.as_ref());
            name.cloned().unwrap_or_default()
        };
        let (Some(parent), Some(child)) = (at(ends.0), child) else {
            let (side, id, found) = match at(ends.0) {
                None => ("The parent", parent_name(), ends.0),
                Some(_) => ("The decision", link.child.clone(), ends.1),
            };
            return Outcome::Missing(match found {
                Found::Several => format!(
                    "Several decisions go by the id {id}, so that it cannot be told which of them the link means."
                ),
                _ => format!(
                    "{side} {id} is not among the files, so that the link to it was not checked."
                ),
            });
        };
        for (relative, hash) in [(parent, &link.parent_hash), (child, &link.child_hash)] {
            let stated = hash.as_deref().map(bare);
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
        let unsigned = |relative: &Relative, id: Option<&String>, known: bool| {
            !known && id.is_some_and(|id| !relative.sealed.contains(id))
        };
        let known = |at: Option<usize>, hash: &Option<String>| at.is_some() || hash.is_some();
        let parent_known = known(link.parent_at, &link.parent_hash);
        let child_known = known(link.child_at, &link.child_hash);
        Outcome::Holds {
            unsigned: unsigned(parent, link.parent.as_ref(), parent_known)
                || unsigned(child, Some(&link.child), child_known),
            remark: later.then(|| {
                format!(
                    "The time of decision {} is later than that of {}, which followed from it.",
                    name(parent),
                    name(child)
                )
            }),
        }
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
        if let Some(link) = record(value) {
            return self.beside_links(file, [link]);
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
        let intact = is_intact(decision, content);
        let relative = Relative::of(decision, content, intact, Some(file.to_owned()));
        let at = Some(self.relatives.push(relative));
        if let Some(packet) = value.as_object() {
            self.beside_links(file, to_consequences(decision, content, packet, at));
        }
        // The file's own examination says what comes of it; here it may close a circle.
        let link = to_parent(decision, content, at).filter(|_| intact);
        self.others.extend(link.map(|link| Link {
            file: Some(file.to_owned()),
            ..link
        }));
    }

    /// Takes in links of another file that no decision seals: they count as the file's own where they concern its decisions.
    fn beside_links(&mut self, file: &str, links: impl IntoIterator<Item = Link>) {
        for link in links {
            let own = |id: &String| self.relatives.is_own(id);
            let is_own = own(&link.child) || link.parent.as_ref().is_some_and(own);
            let link = Link {
                file: Some(file.to_owned()),
                ..link
            };
            match is_own {
                true => self.own.push(link),
                false => self.others.push(link),
            }
        }
    }
}

/// A record of a link, as the server files it.
pub(super) fn record(link: &Value<'_>) -> Option<Link> {
    let text = |name| first(&[name], |name| link.get(name));
    Some(Link {
        parent: Some(text("decision_envelope_id")?),
        child: text("outcome_envelope_id")?,
        expected: true,
        ..Link::default()
    })
}

/// The node of an end of a link: a decision's place, or a number from `here` on for a name that none of them has.
fn node<'l>(
    found: Found,
    id: Option<&'l str>,
    here: usize,
    absent: &mut HashMap<&'l str, usize>,
) -> Option<usize> {
    let next = here.saturating_add(absent.len());
    match found {
        Found::At(at) => Some(at),
        Found::Several => None,
        Found::Nothing => Some(*absent.entry(id?).or_insert(next)),
    }
}

/// A hash without the name of its algorithm.
fn bare(hash: &str) -> &str {
    hash.strip_prefix("sha256:").unwrap_or(hash)
}

fn place(relative: &Relative) -> String {
    match &relative.file {
        Some(file) => format!(" in {file}"),
        None => String::new(),
    }
}
