//! Tool calls: which events tell of one, and which decisions belong to it.

use std::collections::HashMap;

use super::decision::{Approval, Decision, Verdict};
use super::event::{Event, Phase};
use super::evidence::{Evidence, Item, Origin};
use super::kind;
use crate::json::Value;

/// The events and decisions that tell of one call of a tool.
pub(super) struct Call<'e, 'd> {
    pub session: &'d str,
    pub tool: Option<&'d str>,
    pub pre: Option<&'e Event<'d>>,
    pub post: Option<&'e Event<'d>>,
    pub block: Option<&'e Event<'d>>,
    /// Whether the event that says the tool ran stands before the one that says it was asked for.
    pub post_first: bool,
    /// In the order of their files.
    pub decisions: Vec<&'e Decision<'d>>,
    pub approvals: Vec<&'e Approval<'d>>,
}

impl<'e, 'd> Call<'e, 'd> {
    fn new(event: &'e Event<'d>) -> Self {
        Self {
            session: event.session(),
            tool: event.tool(),
            pre: None,
            post: None,
            block: None,
            post_first: false,
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

    fn slot(&mut self, phase: Phase) -> &mut Option<&'e Event<'d>> {
        match phase {
            Phase::Pre => &mut self.pre,
            Phase::Block => &mut self.block,
            Phase::Post | Phase::Other => &mut self.post,
        }
    }

    fn is_open(&self) -> bool {
        self.post.is_none() && self.block.is_none()
    }
}

/// The calls of the evidence, each with its decisions, and the decisions that no call can be told to have.
pub(super) struct Calls<'e, 'd> {
    pub calls: Vec<Call<'e, 'd>>,
    pub unlinked: Vec<&'e Decision<'d>>,
    /// Decisions that are about one of several calls, of which one at least would contradict it.
    pub undecided: Vec<&'e Decision<'d>>,
}

impl<'e, 'd> Calls<'e, 'd> {
    pub fn of(evidence: &'e Evidence<'d>) -> Self {
        let mut calls = Self {
            calls: pair(&evidence.events),
            unlinked: Vec::new(),
            undecided: Vec::new(),
        };
        for decision in &evidence.decisions {
            calls.place(decision, &evidence.decisions);
        }
        for approval in &evidence.approvals {
            calls.place_approval(approval);
        }
        calls
    }

    /// Gives a decision to the calls that it names; to the one that it stands in the same place for; or to none.
    fn place(&mut self, decision: &'e Decision<'d>, all: &'e [Decision<'d>]) {
        let named: Vec<usize> = self.those(|call| names(&decision.item, call));
        if !named.is_empty() {
            return self.give(&named, decision);
        }
        let held: Vec<usize> = self.those(|call| {
            let mut others = call.decisions.iter();
            decision.hold().is_some() && others.any(|other| other.hold() == decision.hold())
        });
        if !held.is_empty() {
            return self.give(&held, decision);
        }
        let about = self.those(|call| concerns(decision, call));
        let peers: Vec<&Decision<'_>> = all
            .iter()
            .filter(|other| {
                (other.tool(), other.session()) == (decision.tool(), decision.session())
            })
            .collect();
        let position = peers
            .iter()
            .position(|other| std::ptr::eq(*other, decision))
            .unwrap_or_default();
        match about.as_slice() {
            [] => self.unlinked.push(decision),
            [only] => self.give(&[*only], decision),
            several if decision.tool().is_some() && several.len() == peers.len() => {
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
        for index in calls {
            if let Some(call) = self.calls.get_mut(*index) {
                call.decisions.push(decision);
            }
        }
    }

    fn place_approval(&mut self, approval: &'e Approval<'d>) {
        let item = &approval.item;
        let token = item.text("hold_token");
        let mut fitting = self.those(|call| {
            let mut held = call.decisions.iter().filter_map(|decision| decision.hold());
            names(item, call) || token.is_some_and(|token| held.any(|hold| hold == token))
        });
        if fitting.is_empty() && token.is_none() {
            let (tool, session) = (item.text("tool_name"), item.text("session_id"));
            fitting = self.those(|call| {
                let same_session = session.is_none_or(|session| session == call.session);
                tool.is_some() && tool == call.tool && same_session
            });
            fitting.truncate(if fitting.len() == 1 { 1 } else { 0 });
        }
        for index in fitting {
            if let Some(call) = self.calls.get_mut(index) {
                call.approvals.push(approval);
            }
        }
    }

    fn those(&self, test: impl Fn(&Call<'e, 'd>) -> bool) -> Vec<usize> {
        let tested = self.calls.iter().enumerate();
        tested
            .filter(|(_, call)| test(call))
            .map(|(index, _)| index)
            .collect()
    }
}

/// Whether the record names one of the call's events: by the action, the decision, the event, the violation or the hold.
fn names(item: &Item<'_>, call: &Call<'_, '_>) -> bool {
    const NAMES: [&str; 4] = [
        "action_attestation_id",
        "decision_id",
        "violation_id",
        "hold_token",
    ];
    call.events().any(|event| {
        let same = |name: &&str| {
            item.text(name)
                .is_some_and(|id| event.said(name) == Some(id))
        };
        let event_id = item.text("event_id").is_some_and(|id| is_event(event, id));
        event_id || NAMES.iter().any(same)
    })
}

/// Whether `id` is the event's, with the tenant before it or without.
fn is_event(event: &Event<'_>, id: &str) -> bool {
    let own = event.item.text("event_id").unwrap_or_default();
    let bare = |id: &str| {
        id.strip_prefix(event.tenant())
            .and_then(|rest| rest.strip_prefix(':'))
            .map(str::to_owned)
    };
    own == id || bare(own).as_deref() == Some(id) || bare(id).as_deref() == Some(own)
}

/// Whether the decision may be about the call, by session and tool. One that names neither is about the call only when the
/// person said that they belong together, or they stand in one file.
fn concerns(decision: &Decision<'_>, call: &Call<'_, '_>) -> bool {
    let session = decision.session().map(|session| {
        let mut traces = call
            .events()
            .filter_map(|event| event.said("enforcement_trace_id"));
        session == call.session || traces.any(|trace| trace == session)
    });
    let tool = decision.tool().map(|tool| Some(tool) == call.tool);
    let attested = decision
        .item
        .text("action_attestation_id")
        .is_some_and(|_| {
            call.events()
                .any(|event| event.said("action_attestation_id").is_some())
        });
    let told = session.is_some() || decision.item.origin != Origin::Beside;
    told && !attested && session != Some(false) && tool != Some(false)
}

/// Pairs the events of each tool and session: by the action's name where there is one, else in the order of the file.
fn pair<'e, 'd>(events: &'e [Event<'d>]) -> Vec<Call<'e, 'd>> {
    type Key<'d> = (&'d str, &'d str, Option<&'d str>, Option<&'d str>);
    let mut calls: Vec<Call<'e, 'd>> = Vec::new();
    let mut of: HashMap<Key<'d>, Vec<usize>> = HashMap::new();
    for event in events {
        let phase = event.phase();
        if phase == Phase::Other {
            continue;
        }
        let key = (
            event.tenant(),
            event.session(),
            event.tool(),
            event.said("action_attestation_id"),
        );
        let known = of.entry(key).or_default();
        let fits = |index: &&usize| {
            calls
                .get(**index)
                .is_some_and(|call| takes(call, event, phase))
        };
        let same_arguments = |index: &&usize| {
            let pre = calls.get(**index).and_then(|call| call.pre);
            pre.is_some_and(|pre| same(pre.arguments(), event.arguments()))
        };
        let mut fitting = known.iter().filter(fits);
        let found = match phase {
            Phase::Pre => fitting.next(),
            _ => fitting
                .clone()
                .find(same_arguments)
                .or_else(|| fitting.next())
                .or_else(|| {
                    known
                        .iter()
                        .rev()
                        .find(|index| blocked(&calls, **index, phase))
                }),
        };
        let index = match found {
            Some(index) => *index,
            None => {
                calls.push(Call::new(event));
                let index = calls.len().saturating_sub(1);
                known.push(index);
                index
            }
        };
        if let Some(call) = calls.get_mut(index) {
            call.post_first |= phase == Phase::Pre && call.post.is_some();
            *call.slot(phase) = Some(event);
        }
    }
    calls
}

/// Whether the event may be one of the call's.
fn takes(call: &Call<'_, '_>, event: &Event<'_>, phase: Phase) -> bool {
    match phase {
        // A call whose beginning is missing so far, unless it was over before this one began.
        Phase::Pre => {
            let over = call.events().next().and_then(Event::occurred);
            let earlier =
                matches!((event.occurred(), over), (Some(begun), Some(over)) if begun < over);
            call.pre.is_none() && earlier
        }
        _ => call.is_open(),
    }
}

/// Whether the call was blocked, and this event says that it ran all the same.
fn blocked(calls: &[Call<'_, '_>], index: usize, phase: Phase) -> bool {
    let call = calls.get(index);
    phase == Phase::Post && call.is_some_and(|call| call.block.is_some() && call.post.is_none())
}

fn same(left: Option<&Value<'_>>, right: Option<&Value<'_>>) -> bool {
    match (left, right) {
        (Some(left), Some(right)) => kind::same(left, right),
        _ => false,
    }
}
