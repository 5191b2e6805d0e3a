//! Which events tell of one call.

use std::collections::{HashMap, VecDeque};

use super::calls::{ACTION, Call};
use super::event::{Event, Phase};
use super::kind;

/// Calls of one tool and session that may still be waiting for an event; beyond it the oldest waits no longer.
const WAITING: usize = 64;

/// The tenant, the session and the tool of a call, and its action's name.
type Key<'d> = (&'d str, &'d str, Option<&'d str>, Option<&'d str>);

/// Pairs the events of each tool and session: by the action's name where there is one, whatever their order; else in the order
/// of the file.
pub(super) fn pair<'e, 'd>(events: &'e [Event<'d>]) -> Vec<Call<'e, 'd>> {
    let mut pairing = Pairing::default();
    let phased = || {
        events
            .iter()
            .enumerate()
            .map(|(at, event)| (at, event, event.phase()))
    };
    let begins_named =
        |event: &Event<'_>, phase: Phase| phase == Phase::Pre && event.said(ACTION).is_some();
    for (at, event, phase) in phased() {
        if begins_named(event, phase) {
            let call = pairing.add(event, phase, at);
            pairing
                .named
                .entry(key(event))
                .or_default()
                .open
                .push_back(call);
        }
    }
    for (at, event, phase) in phased() {
        if phase == Phase::Other || begins_named(event, phase) {
            continue;
        }
        match event.said(ACTION) {
            Some(_) => pairing.end_named(event, phase, at),
            None => pairing.follow(event, phase, at),
        }
    }
    let mut calls = pairing.calls;
    calls.sort_by_key(|call| call.first);
    calls
}

fn key<'d>(event: &Event<'d>) -> Key<'d> {
    (
        event.tenant(),
        event.session(),
        event.tool(),
        event.said(ACTION),
    )
}

/// Calls in the making.
#[derive(Default)]
struct Pairing<'e, 'd> {
    calls: Vec<Call<'e, 'd>>,
    named: HashMap<Key<'d>, Named>,
    /// Calls without an action's name that may be waiting for an event.
    waiting: HashMap<Key<'d>, Vec<usize>>,
}

/// The calls of one action's name: one, unless the name was given twice.
#[derive(Default)]
struct Named {
    /// Those without an end.
    open: VecDeque<usize>,
    /// Those that ran and were not blocked.
    ran: Vec<usize>,
    /// Those that were blocked and did not run.
    blocked: Vec<usize>,
}

impl<'e, 'd> Pairing<'e, 'd> {
    fn add(&mut self, event: &'e Event<'d>, phase: Phase, at: usize) -> usize {
        let mut call = Call::new(event, at);
        call.take(event, phase, at);
        self.calls.push(call);
        self.calls.len().saturating_sub(1)
    }

    fn take(&mut self, call: usize, event: &'e Event<'d>, phase: Phase, at: usize) {
        if let Some(call) = self.calls.get_mut(call) {
            call.take(event, phase, at);
        }
    }

    /// Gives the end of a call to one of its name that has none; else to one that ended otherwise, which cannot be.
    fn end_named(&mut self, event: &'e Event<'d>, phase: Phase, at: usize) {
        let named = self.named.entry(key(event)).or_default();
        let mut open = named.open.iter().take(WAITING);
        let fitting = open.position(|call| same_arguments(&self.calls, *call, event));
        let open = named.open.remove(fitting.unwrap_or_default());
        let otherwise = match phase {
            Phase::Block => &mut named.ran,
            _ => &mut named.blocked,
        };
        if open.is_none()
            && let Some(call) = otherwise.pop()
        {
            return self.take(call, event, phase, at);
        }
        let call = match open {
            Some(call) => {
                self.take(call, event, phase, at);
                call
            }
            None => self.add(event, phase, at),
        };
        let named = self.named.entry(key(event)).or_default();
        match phase {
            Phase::Block => named.blocked.push(call),
            _ => named.ran.push(call),
        }
    }

    /// Gives an event without an action's name to the call before it in the file that waits for it.
    fn follow(&mut self, event: &'e Event<'d>, phase: Phase, at: usize) {
        let known = self.waiting.entry(key(event)).or_default();
        let call = |index: &usize| self.calls.get(*index);
        let fits = |index: &&usize| call(index).is_some_and(|call| takes(call, event, phase));
        let mut fitting = known.iter().filter(fits);
        let found = match phase {
            Phase::Pre => fitting.next(),
            _ => fitting
                .clone()
                .find(|index| same_arguments(&self.calls, **index, event))
                .or_else(|| fitting.next())
                .or_else(|| {
                    let blocked = |index: &&usize| call(index).is_some_and(was_blocked);
                    let mut latest = known.iter().rev();
                    latest.find(blocked).filter(|_| phase == Phase::Post)
                }),
        };
        let Some(index) = found.copied() else {
            let index = self.add(event, phase, at);
            let known = self.waiting.entry(key(event)).or_default();
            known.push(index);
            if known.len() > WAITING {
                known.remove(0);
            }
            return;
        };
        self.take(index, event, phase, at);
        let call = self.calls.get(index);
        if call.is_some_and(|call| call.pre.is_some() && call.post.is_some())
            && let Some(known) = self.waiting.get_mut(&key(event))
        {
            known.retain(|waiting| *waiting != index);
        }
    }
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

/// Whether the call was blocked, and no event so far says that it ran all the same.
fn was_blocked(call: &Call<'_, '_>) -> bool {
    call.block.is_some() && call.post.is_none()
}

/// Whether the event records the arguments that the call was asked for with.
fn same_arguments(calls: &[Call<'_, '_>], call: usize, event: &Event<'_>) -> bool {
    let asked = calls.get(call).and_then(|call| call.pre);
    match (asked.and_then(Event::arguments), event.arguments()) {
        (Some(asked), Some(told)) => kind::same(asked, told),
        _ => false,
    }
}
