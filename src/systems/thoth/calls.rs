//! Tool calls: which events tell of one, and which decisions belong to it.

use std::collections::{HashMap, HashSet};

use super::decision::{Approval, Decision, Verdict};
use super::event::{Event, Phase};
use super::evidence::{Evidence, Item, Origin};
use super::pairing;

/// The events and decisions that tell of one call of a tool.
pub(super) struct Call<'e, 'd> {
    pub session: &'d str,
    pub tool: Option<&'d str>,
    pub pre: Option<&'e Event<'d>>,
    pub post: Option<&'e Event<'d>>,
    pub block: Option<&'e Event<'d>>,
    /// Whether the event that says the tool ran stands before the one that says it was asked for.
    pub post_first: bool,
    /// Which of the events begins it in the order of the file.
    pub first: usize,
    /// In the order of their files.
    pub decisions: Vec<&'e Decision<'d>>,
    pub approvals: Vec<&'e Approval<'d>>,
}

impl<'e, 'd> Call<'e, 'd> {
    /// A call of which nothing but the place of this event among all is known.
    pub fn new(event: &'e Event<'d>, at: usize) -> Self {
        Self {
            session: event.session(),
            tool: event.tool(),
            pre: None,
            post: None,
            block: None,
            post_first: false,
            first: at,
            decisions: Vec::new(),
            approvals: Vec::new(),
        }
    }

    /// The call's events.
    pub fn events(&self) -> impl Iterator<Item = &'e Event<'d>> {
        [self.pre, self.block, self.post].into_iter().flatten()
    }

    /// Whether any of it stands in the file that is verified.
    pub fn is_own(&self) -> bool {
        let decided = self.decisions.iter().map(|decision| &decision.item);
        let approved = self.approvals.iter().map(|approval| &approval.item);
        self.events().any(|event| event.item.is_own()) || decided.chain(approved).any(Item::is_own)
    }

    /// Where it begins, for a sentence.
    pub fn place(&self) -> String {
        let first = self.events().next();
        first.map_or_else(String::new, |event| event.item.place())
    }

    /// Whether its events could not be those of a call that was so decided.
    fn contradicts(&self, decision: &Decision<'_>) -> bool {
        match decision.verdict {
            Verdict::Allow | Verdict::Modify => self.block.is_some(),
            Verdict::Block | Verdict::Defer | Verdict::StepUp => self.post.is_some(),
        }
    }

    /// Takes in an event, which stands at this place among all.
    pub fn take(&mut self, event: &'e Event<'d>, phase: Phase, at: usize) {
        let slot = match phase {
            Phase::Pre => &mut self.pre,
            Phase::Block => &mut self.block,
            Phase::Post | Phase::Other => &mut self.post,
        };
        *slot = Some(event);
        self.post_first |= match phase {
            Phase::Pre => self.post.is_some(),
            _ => phase == Phase::Post && self.pre.is_some() && at < self.first,
        };
        self.first = self.first.min(at);
    }

    /// Whether no event says how it ended.
    pub fn is_open(&self) -> bool {
        self.post.is_none() && self.block.is_none()
    }
}

/// The calls of the evidence, each with its decisions, and the decisions that no call can be told to have.
pub(super) struct Calls<'e, 'd> {
    pub calls: Vec<Call<'e, 'd>>,
    pub unlinked: Vec<&'e Decision<'d>>,
    /// Decisions that are about one of several calls, of which one at least would contradict it.
    pub undecided: Vec<&'e Decision<'d>>,
    index: Index<'d>,
}

/// Which calls have what a record may name.
#[derive(Default)]
struct Index<'d> {
    by_name: HashMap<(&'static str, &'d str), Vec<usize>>,
    by_event: HashMap<&'d str, usize>,
    by_session: HashMap<&'d str, Vec<usize>>,
    by_tool: HashMap<&'d str, Vec<usize>>,
    by_hold: HashMap<&'d str, Vec<usize>>,
    /// By the places of the events: the file and the pointer.
    by_place: HashMap<(Origin, String), usize>,
    /// The calls whose events name their action, so that a decision which names another is not about them.
    attested: HashSet<usize>,
}

/// The name of a call, in its events and decisions from 0.5.25 on.
pub(super) const ACTION: &str = "action_attestation_id";

/// What a decision and the events of its call may both name, by which they belong together.
const NAMES: [&str; 4] = [ACTION, "decision_id", "violation_id", "hold_token"];

impl<'d> Index<'d> {
    fn of(calls: &[Call<'_, 'd>]) -> Self {
        let mut index = Self::default();
        for (at, call) in calls.iter().enumerate() {
            add(&mut index.by_session, call.session, at);
            if let Some(tool) = call.tool {
                add(&mut index.by_tool, tool, at);
            }
            for event in call.events() {
                let place = (event.item.origin, event.item.pointer.clone());
                index.by_place.insert(place, at);
                for name in NAMES {
                    if let Some(id) = event.said(name) {
                        add(&mut index.by_name, (name, id), at);
                    }
                }
                if let Some(id) = event.item.text("event_id") {
                    index.by_event.insert(bare(id, event.tenant()), at);
                }
                if let Some(trace) = event.said("enforcement_trace_id") {
                    add(&mut index.by_session, trace, at);
                }
                if event.said(ACTION).is_some() {
                    index.attested.insert(at);
                }
            }
        }
        index
    }

    /// The calls that a record names: by the action, the decision, the event, the violation or the hold.
    fn named(&self, item: &Item<'d>) -> Vec<usize> {
        let mut found = Vec::new();
        for name in NAMES {
            let calls = item.text(name).and_then(|id| self.by_name.get(&(name, id)));
            found.extend(calls.into_iter().flatten().copied());
        }
        if let Some(id) = item.text("event_id") {
            let tenant = item.text("tenant_id").unwrap_or_default();
            let bared = bare(id, tenant);
            let after_colon = id.split_once(':').map_or(id, |(_, rest)| rest);
            let call = self
                .by_event
                .get(bared)
                .or_else(|| self.by_event.get(after_colon));
            found.extend(call);
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// The calls that a decision may be about, by session and tool. One that names neither is about any, but only when the
    /// person said that they belong together, or they stand in one file.
    fn concerned(&self, decision: &Decision<'d>, calls: usize) -> Vec<usize> {
        let attested = decision.item.text(ACTION).is_some();
        let of = |found: Option<&Vec<usize>>| found.cloned().unwrap_or_default();
        let mut found = match (decision.session(), decision.tool()) {
            (Some(session), _) => of(self.by_session.get(session)),
            (None, _) if decision.item.origin == Origin::Beside => Vec::new(),
            (None, Some(tool)) => of(self.by_tool.get(tool)),
            (None, None) => (0..calls).collect(),
        };
        if let Some(tool) = decision.tool() {
            let using = self.by_tool.get(tool).map_or(&[][..], Vec::as_slice);
            found.retain(|call| using.binary_search(call).is_ok());
        }
        found.retain(|call| !(attested && self.attested.contains(call)));
        found
    }
}

fn add<K: std::hash::Hash + Eq>(calls: &mut HashMap<K, Vec<usize>>, key: K, call: usize) {
    let calls = calls.entry(key).or_default();
    if calls.last() != Some(&call) {
        calls.push(call);
    }
}

/// An event's name without the tenant before it.
fn bare<'d>(id: &'d str, tenant: &str) -> &'d str {
    id.strip_prefix(tenant)
        .and_then(|rest| rest.strip_prefix(':'))
        .unwrap_or(id)
}

impl<'e, 'd> Calls<'e, 'd> {
    pub fn of(evidence: &'e Evidence<'d>) -> Self {
        let calls = pairing::pair(&evidence.events);
        let mut calls = Self {
            index: Index::of(&calls),
            calls,
            unlinked: Vec::new(),
            undecided: Vec::new(),
        };
        for decision in &evidence.stated {
            let call = calls.index.of_event(&decision.item);
            calls.give(&call, decision);
        }
        for approval in &evidence.resolved {
            for at in calls.index.of_event(&approval.item) {
                calls.approve(at, approval);
            }
        }
        let mut peers: HashMap<_, usize> = HashMap::new();
        for decision in &evidence.decisions {
            let count = peers
                .entry((decision.tool(), decision.session()))
                .or_default();
            *count = count.saturating_add(1);
        }
        let mut seen: HashMap<_, usize> = HashMap::new();
        for decision in &evidence.decisions {
            let key = (decision.tool(), decision.session());
            let position = seen.entry(key).or_default();
            let count = peers.get(&key).copied().unwrap_or_default();
            calls.place(decision, *position, count);
            *position = position.saturating_add(1);
        }
        for approval in &evidence.approvals {
            calls.place_approval(approval);
        }
        calls
    }

    /// Gives a decision to the calls that it names; to the one whose hold it resolves; to the one of its session and tool, being
    /// the one of so many peers at this position; or to none.
    fn place(&mut self, decision: &'e Decision<'d>, position: usize, peers: usize) {
        let named = self.index.named(&decision.item);
        if !named.is_empty() {
            return self.give(&named, decision);
        }
        let held = decision
            .hold()
            .and_then(|hold| self.index.by_hold.get(hold));
        if let Some(held) = held.cloned() {
            return self.give(&held, decision);
        }
        let about = self.index.concerned(decision, self.calls.len());
        match about.as_slice() {
            [] => self.unlinked.push(decision),
            [only] => self.give(&[*only], decision),
            several if decision.tool().is_some() && several.len() == peers => {
                match several.get(position) {
                    Some(call) => self.give(&[*call], decision),
                    None => self.unlinked.push(decision),
                }
            }
            several => {
                let mut calls = several.iter().filter_map(|index| self.calls.get(*index));
                match calls.any(|call| call.contradicts(decision)) {
                    true => self.undecided.push(decision),
                    false => self.unlinked.push(decision),
                }
            }
        }
    }

    fn give(&mut self, calls: &[usize], decision: &'e Decision<'d>) {
        for at in calls {
            if let Some(call) = self.calls.get_mut(*at) {
                call.decisions.push(decision);
            }
            if let Some(hold) = decision.hold() {
                add(&mut self.index.by_hold, hold, *at);
            }
        }
    }

    fn place_approval(&mut self, approval: &'e Approval<'d>) {
        let item = &approval.item;
        let token = item.text("hold_token");
        let mut fitting = self.index.named(item);
        let held = token.and_then(|token| self.index.by_hold.get(token));
        fitting.extend(held.into_iter().flatten());
        if let (true, None, Some(tool)) = (fitting.is_empty(), token, item.text("tool_name")) {
            let using = self.index.by_tool.get(tool).cloned().unwrap_or_default();
            let session = item.text("session_id");
            let same_session = |at: &usize| {
                let call = self.calls.get(*at);
                session.is_none_or(|session| call.is_some_and(|call| call.session == session))
            };
            let using: Vec<usize> = using.into_iter().filter(same_session).collect();
            if let [only] = using.as_slice() {
                fitting.push(*only);
            }
        }
        fitting.sort_unstable();
        fitting.dedup();
        for at in fitting {
            self.approve(at, approval);
        }
    }

    fn approve(&mut self, at: usize, approval: &'e Approval<'d>) {
        if let Some(call) = self.calls.get_mut(at) {
            call.approvals.push(approval);
        }
    }
}

impl<'d> Index<'d> {
    /// The call of the event within which a record stands.
    fn of_event(&self, item: &Item<'d>) -> Vec<usize> {
        let place = (item.origin, item.event().to_owned());
        self.by_place.get(&place).copied().into_iter().collect()
    }
}
