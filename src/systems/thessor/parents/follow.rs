//! Following links: both ends are looked up in the file and in those that were handed over with it.

use std::collections::{HashMap, HashSet};

use super::{LINK_SEAL, Link, Links, PARENTS, ids};
use crate::bytes::to_hex;
use crate::canon;
use crate::crypto::sha256;
use crate::input::{Artifact, Form};
use crate::json::{Object, Value};
use crate::options::Options;
use crate::report::{Finding, Reason, Subject, Transcript};
use crate::systems::thessor::python::AsPrinted;

/// Links named in one sentence; more are counted.
const NAMED: usize = 3;

/// One end of a link: what is known of a decision.
#[derive(Clone, Debug)]
pub(super) struct Relative {
    /// The file, where it is another than the one examined.
    pub file: Option<String>,
    pub ids: Vec<String>,
    /// The hash that it records.
    pub hash: Option<String>,
    /// Whether its content has that hash, where it has the content.
    pub intact: bool,
    pub time: Option<String>,
}

/// What came of a link.
enum Outcome {
    Holds(Option<String>),
    Fails(String),
    Missing(String),
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

    pub(super) fn push(&mut self, relative: Relative) {
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

pub(super) fn record(link: &Value<'_>) -> Option<Link> {
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

pub(super) fn relative(decision: &Object<'_>, content: &Value<'_>, ids: Vec<String>) -> Relative {
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
pub(super) fn is_intact(decision: &Object<'_>, content: &Value<'_>) -> bool {
    let hash = decision.get("canonical_hash").and_then(Value::as_str);
    let computed = canon::to_vec::<AsPrinted>(content).ok();
    let computed = computed.map(|bytes| to_hex(&sha256::digest(&bytes)));
    decision.get("raw_envelope").is_none() || computed.as_deref() == hash
}

fn place(relative: &Relative) -> String {
    match &relative.file {
        Some(file) => format!(" in {file}"),
        None => String::new(),
    }
}
