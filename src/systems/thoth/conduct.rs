//! What happened, against what was decided.
//!
//! That a tool ran against a decision is a contradiction within the evidence, and fails. That it ran outside the approved
//! scope, or that an event is missing, is conduct: a note, since the enforcer may have allowed it and the SDK may drop events.

use std::borrow::Cow;

use super::calls::Call;
use super::checks::{AGREEMENT, ARGUMENTS, CALL_EVENTS, HELD, SCOPE};
use super::decision::{self, Approval, Decision, Verdict};
use super::event::{Event, Phase};
use super::kind;
use crate::json::Value;
use crate::report::{Finding, Reason, Subject, Transcript};

use Verdict::{Allow, Block, Defer, Modify, StepUp};

/// The mark that the Claude integration leaves in a session: its block events may also stand for a failure of the tool, or a
/// refusal of the application's own.
pub(super) const LOCAL_REFUSALS: &str = "claude_agent_sdk";

/// Records what can be said of a call; says whether it waits for what became of its hold. `local_refusals` tells that block
/// events of the session need not be the enforcer's.
pub(super) fn judge(
    call: &Call<'_, '_>,
    local_refusals: bool,
    transcript: &mut Transcript,
    subject: &mut Subject,
) -> bool {
    // What counts is whether the policy was enforced when the tool ran, or was blocked.
    let observed = call.events().last().is_some_and(Event::is_observed);
    let decided = Decided::of(call);
    let mut remarks: Vec<String> = Vec::new();
    if let Some(other) = call.events().find(|event| event.is_observed() != observed) {
        let (one, other) = (call.events().last(), Some(other));
        let [one, other] = [one, other].map(|event| {
            let mode = event.and_then(|event| event.item.text("enforcement_mode"));
            let place = event.map(|event| event.item.place());
            format!(
                "{} ({})",
                mode.unwrap_or("no mode"),
                place.unwrap_or_default()
            )
        });
        remarks.push(format!(
            "The events of the call state different modes of enforcement, {other} and {one}; the one that ended it counts."
        ));
    }
    let waits = !observed && decided.step_up.is_some() && decided.last().is_none();
    if let Some(finding) = agreement(call, &decided, observed, local_refusals, &mut remarks) {
        transcript.record(subject, &AGREEMENT, finding);
    }
    if !observed && let Some(finding) = held(call, &decided, &mut remarks) {
        transcript.record(subject, &HELD, finding);
    }
    if !observed && let Some(finding) = arguments(call, &decided) {
        transcript.record(subject, &ARGUMENTS, finding);
    }
    if let Some(finding) = scope(call) {
        transcript.record(subject, &SCOPE, finding);
    }
    remarks.extend(order(call));
    let finding = match remarks.is_empty() {
        true => Finding::pass(""),
        false => Finding::note(remarks.join(" ")),
    };
    transcript.record(subject, &CALL_EVENTS, finding);
    waits
}

/// What was decided about a call, first and last.
struct Decided<'e, 'd> {
    /// The decision to hold it for a person, where there was one.
    step_up: Option<Hold<'d>>,
    /// Every other decision: what was decided at once, or what became of the hold.
    outcomes: Vec<Outcome<'e, 'd>>,
    /// Whether a hold is known to be unresolved.
    pending: bool,
}

/// That a call had to wait for a person.
struct Hold<'d> {
    /// What it is waited by.
    token: Option<&'d str>,
}

impl<'d> Hold<'d> {
    /// The hold that an event states of its own call.
    fn stated(event: &Event<'d>) -> Option<Self> {
        let word = event
            .said("decision")
            .or_else(|| event.said("authorization_decision"))?;
        (Verdict::of_word(word) == Some(StepUp)).then(|| Self {
            token: event.said("hold_token"),
        })
    }
}

#[derive(Clone, Copy)]
struct Outcome<'e, 'd> {
    verdict: Verdict,
    at: Option<i128>,
    decision: Option<&'e Decision<'d>>,
    /// The record of the hold, where that is what says so.
    approval: Option<&'e Approval<'d>>,
}

impl Outcome<'_, '_> {
    /// The outcome for a sentence, with the word that was written.
    fn words(&self) -> String {
        let word = || self.verdict.word().to_owned();
        self.approval.map_or_else(word, Approval::words)
    }
}

impl<'e, 'd> Decided<'e, 'd> {
    fn of(call: &Call<'e, 'd>) -> Self {
        let is_step_up = |decision: &&&Decision<'_>| decision.verdict == StepUp;
        let held = call.decisions.iter().find(is_step_up).map(|decision| Hold {
            token: decision.hold(),
        });
        let decisions = call
            .decisions
            .iter()
            .filter(|decision| decision.verdict != StepUp);
        let mut outcomes: Vec<Outcome<'_, '_>> = decisions
            .map(|decision| Outcome {
                verdict: decision.verdict,
                at: decision::decided(&decision.item),
                decision: Some(*decision),
                approval: None,
            })
            .collect();
        let approvals = call.approvals.iter();
        outcomes.extend(approvals.filter_map(|approval| {
            Some(Outcome {
                verdict: approval.outcome?,
                at: approval.decided(),
                decision: None,
                approval: Some(*approval),
            })
        }));
        // What an event says of its own decision counts where no decision stands beside it. That a tool ran with ALLOW does
        // not count: the SDK before 0.5.25 writes it into every such event.
        if call.decisions.is_empty() && call.approvals.is_empty() {
            outcomes.extend(call.events().filter_map(stated).map(|verdict| Outcome {
                verdict,
                at: None,
                decision: None,
                approval: None,
            }));
            outcomes.dedup_by_key(|outcome| outcome.verdict);
        }
        Self {
            step_up: held.or_else(|| call.events().find_map(Hold::stated)),
            pending: call
                .approvals
                .iter()
                .any(|approval| approval.outcome.is_none()),
            outcomes,
        }
    }

    /// What was decided in the end; none while it is held, or where two decisions differ.
    fn last(&self) -> Option<&Outcome<'e, 'd>> {
        self.outcomes.last()
    }

    /// Two decisions that contradict each other.
    fn quarrel(&self) -> Option<(String, String)> {
        let first = self.outcomes.first()?;
        let mut others = self.outcomes.iter();
        let other = others.find(|outcome| outcome.verdict != first.verdict)?;
        Some((first.words(), other.words()))
    }
}

/// The decision that an event states of itself.
fn stated(event: &Event<'_>) -> Option<Verdict> {
    let word = event
        .said("decision")
        .or_else(|| event.said("authorization_decision"))?;
    let verdict = Verdict::of_word(word)?;
    let counts = match event.phase() {
        Phase::Post => verdict != Allow,
        _ => !verdict.lets_run(),
    };
    (counts && verdict != StepUp).then_some(verdict)
}

fn agreement(
    call: &Call<'_, '_>,
    decided: &Decided<'_, '_>,
    observed: bool,
    local_refusals: bool,
    remarks: &mut Vec<String>,
) -> Option<Finding> {
    let place = call.place();
    let tool = call.tool.unwrap_or("the tool");
    if observed {
        if decided
            .last()
            .is_some_and(|outcome| !outcome.verdict.lets_run())
            && call.post.is_some()
        {
            remarks.push(
                "The policy was observed and not enforced, and the tool ran against it.".to_owned(),
            );
        }
        return None;
    }
    if let Some((one, other)) = decided.quarrel() {
        return Some(Finding::fail(format!(
            "Two decisions of the call of {tool} ({place}) contradict each other: {one} and {other}."
        )));
    }
    let verdict = match decided.last() {
        Some(outcome) => outcome.verdict,
        None if call.block.is_some() && call.post.is_some() => Block,
        None => {
            let held = decided.step_up.is_some() && call.post.is_none();
            return held.then(|| Finding::pass(""));
        }
    };
    match (verdict, call.post, call.block) {
        (Block | Defer, Some(_), _) => {
            let hold = decided.last().filter(|outcome| outcome.approval.is_some());
            let what: Cow<'_, str> = match (verdict, decided.last()) {
                (_, None) => "an event says that the call was blocked".into(),
                _ if let Some(hold) = hold => {
                    format!("its hold was resolved as {}", hold.words()).into()
                }
                (Defer, _) => "the call was deferred".into(),
                _ => "the decision was to block the call".into(),
            };
            Some(Finding::fail(format!(
                "The tool {tool} ran ({place}), although {what}."
            ))
            .expected(verdict.word())
            .actual("TOOL_CALL_POST"))
        }
        (Block | Defer, None, None) => {
            remarks.push(format!(
                "The decision was {}, and no event says that the call was blocked; it may not be in the file.",
                verdict.word()
            ));
            Some(Finding::pass(""))
        }
        (Allow | Modify, None, Some(_)) if local_refusals => {
            remarks.push("The decision let the tool run, and an event says that it was blocked: in this integration it may also have failed, or the application refused it.".to_owned());
            None
        }
        (Allow | Modify, _, Some(_)) => Some(
            Finding::fail(format!(
                "An event says that the call of {tool} was blocked ({place}), although the decision let it run."
            ))
            .expected(verdict.word())
            .actual("TOOL_CALL_BLOCK"),
        ),
        (Allow | Modify, None, None) => {
            remarks.push("The decision let the tool run, and no event says that it did; it may have failed, or the event is not in the file.".to_owned());
            Some(Finding::pass(""))
        }
        _ => Some(Finding::pass("")),
    }
}

/// Whether a call that had to wait for a person did.
fn held(
    call: &Call<'_, '_>,
    decided: &Decided<'_, '_>,
    remarks: &mut Vec<String>,
) -> Option<Finding> {
    let hold = decided.step_up.as_ref()?;
    let place = call.place();
    let Some(post) = call.post else {
        return Some(Finding::pass("The tool did not run."));
    };
    if hold.token.is_none() {
        return Some(Finding::fail(format!(
            "A person had to approve the call ({place}), but the decision bears no hold token to wait by, and the tool ran."
        )));
    }
    let Some(approval) = decided.last() else {
        return Some(match decided.pending {
            true => Finding::fail(format!(
                "The tool ran ({place}) while its hold was still waiting for a person."
            )),
            false => Finding::skip(
                Reason::InputNeeded,
                format!(
                    "A person had to approve the call ({place}) before the tool ran, and what became of the hold is not in the evidence."
                ),
            ),
        });
    };
    if !approval.verdict.lets_run() {
        return Some(Finding::fail(format!(
            "The tool ran ({place}), although its hold was resolved as {}.",
            approval.words()
        )));
    }
    match (approval.at, post.occurred()) {
        (Some(approved), Some(ran)) if approved > ran => Some(Finding::fail(format!(
            "The tool ran ({place}) before it was approved."
        ))),
        (Some(_), Some(_)) => Some(Finding::pass(
            "The approval came before the tool ran, by the times that are stated.",
        )),
        _ => {
            remarks.push("The approval or the event states no time, so that it is not shown that the approval came first.".to_owned());
            Some(Finding::pass("There is an approval of the hold."))
        }
    }
}

/// Whether the arguments that ran are the modified ones.
fn arguments(call: &Call<'_, '_>, decided: &Decided<'_, '_>) -> Option<Finding> {
    let post = call.post?;
    let outcome = decided.last().filter(|outcome| outcome.verdict == Modify)?;
    let place = post.item.place();
    let Some(modified) = outcome
        .decision
        .and_then(|decision| decision.item.member("modified_tool_args"))
    else {
        return outcome.decision.map(|_| {
            Finding::skip(
                Reason::InputNeeded,
                format!("The arguments of the call were to be modified ({place}), and the decision does not say to what."),
            )
        });
    };
    let asked = call.pre.and_then(Event::arguments);
    Some(match post.arguments() {
        Some(ran) if same_call(ran, modified) => Finding::pass(""),
        None => Finding::skip(
            Reason::InputNeeded,
            format!("The event of {place} does not record the arguments that the tool ran with."),
        ),
        Some(ran) if asked.is_none_or(|asked| kind::same(asked, ran)) => Finding::skip(
            Reason::InputNeeded,
            format!(
                "The event of {place} records the arguments that were asked for. The vendor's SDKs write those into every event of a call, so that this does not show whether the modified ones ran."
            ),
        ),
        Some(_) => Finding::fail(format!(
            "The arguments that the tool ran with ({place}) are neither the modified ones nor those that were asked for."
        )),
    })
}

/// Whether two records of arguments are of the same call: the SDK writes positional ones as `{"args": […]}` and takes them
/// from the service as `input`, `arg0`, `arg1` … too.
fn same_call(ran: &Value<'_>, modified: &Value<'_>) -> bool {
    if kind::same(ran, modified) {
        return true;
    }
    match (positional(ran), positional(modified)) {
        (Some(ran), Some(modified)) => {
            ran.len() == modified.len()
                && ran
                    .iter()
                    .zip(&modified)
                    .all(|(one, other)| kind::same(one, other))
        }
        _ => false,
    }
}

fn positional<'v, 'a>(arguments: &'v Value<'a>) -> Option<Vec<&'v Value<'a>>> {
    let object = arguments.as_object()?;
    if let Some(listed) = object.get("args").and_then(Value::as_array) {
        return object
            .get("kwargs")
            .is_none()
            .then(|| listed.iter().collect());
    }
    if let Some(input) = object.get("input") {
        return (object.members.len() == 1).then(|| vec![input]);
    }
    let named = (0..object.members.len()).map(|index| object.get(&format!("arg{index}")));
    let listed: Option<Vec<_>> = named.collect();
    listed.filter(|listed| !listed.is_empty())
}

/// Whether the tool that ran was within the scope that the agent was approved for; none where no scope is stated.
fn scope(call: &Call<'_, '_>) -> Option<Finding> {
    let post = call.post?;
    let tool = call.tool?;
    let scope = post.item.member("approved_scope")?.as_array()?;
    if scope.is_empty() {
        return None;
    }
    Some(match scope.iter().any(|name| name.as_str() == Some(tool)) {
        true => Finding::pass(""),
        false => Finding::note(format!(
            "The tool {tool} ran ({}), and the agent's approved scope does not name it.",
            post.item.place()
        )),
    })
}

/// What is odd about the order of a call's events.
fn order(call: &Call<'_, '_>) -> Option<String> {
    let end = call.post.or(call.block)?;
    let Some(pre) = call.pre else {
        return Some(format!(
            "No event says that the call was asked for; the one at {} is the first.",
            end.item.place()
        ));
    };
    let reversed =
        matches!((pre.occurred(), end.occurred()), (Some(asked), Some(ended)) if ended < asked);
    (reversed || call.post_first).then(|| {
        format!(
            "The event that ends the call ({}) stands before the one that begins it.",
            end.item.place()
        )
    })
}
