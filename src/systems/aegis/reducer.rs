//! The state of a session, derived from its events as the server derives it (`pkg/store/reducer/reducer.go`).

use super::loops::Loops;
use super::wire::Event;
use crate::json::Value;

/// `SnapshotState`.
#[derive(Debug, Default)]
pub(super) struct State {
    pub steps: u64,
    pub model_calls: u64,
    pub tool_calls: u64,
    pub wall_time: i64,
    /// When the server first met the session, by its own clock: not in the events.
    pub start: Option<i64>,
    /// Tool and the policy that allowed it.
    pub permissions: Vec<(String, String)>,
    pub last_model_call: String,
    pub last_tool_call: String,
    pub last_tool: String,
    pub last_tool_failed: bool,
    pub last_policy_outcome: String,
    pub in_handoff: bool,
    pub from_agent: String,
    pub to_agent: String,
    pub context: String,
    pub loop_violation: String,
    /// Never cleared.
    pub taint_labels: Vec<String>,
    /// Cleared when the session ends.
    pub active_labels: Vec<String>,
    loops: Loops,
}

impl State {
    /// The state of a session without events, whose start the server's clock put at `start`.
    pub fn new(start: Option<i64>) -> Self {
        Self {
            start,
            ..Self::default()
        }
    }

    /// Takes in the next event (`Reducer.applyEvent`).
    pub fn apply(&mut self, event: &Event<'_, '_>) {
        self.steps = self.steps.saturating_add(1);
        let text = |member: &str| event.text(member).unwrap_or_default();
        let object = event
            .payload
            .is_some_and(|payload| payload.as_object().is_some());
        match event.kind {
            "MODEL_CALL_STARTED" => {
                self.model_calls = self.model_calls.saturating_add(1);
                replace(&mut self.last_model_call, text("call_id"));
            }
            "TOOL_CALL_PROPOSED" => self.propose(event),
            "TOOL_CALL_ALLOWED" if object => {
                let known = |tool: &(String, String)| tool.0 == self.last_tool;
                if !self.last_tool.is_empty() && !self.permissions.iter().any(known) {
                    let allowed = (self.last_tool.clone(), text("policy_ref").to_owned());
                    self.permissions.push(allowed);
                }
            }
            "TOOL_CALL_DENIED" => "DENY".clone_into(&mut self.last_policy_outcome),
            "TOOL_RESULT" => {
                if object {
                    let failed = event.payload.and_then(|payload| payload.get("is_error"));
                    self.last_tool_failed = failed.and_then(Value::as_bool).unwrap_or(false);
                }
                self.taint("tool_output");
            }
            "POLICY_DECISION" => replace(&mut self.last_policy_outcome, text("outcome")),
            "MEMORY_READ" => self.taint("memory_read"),
            "HANDOFF_REQUESTED" if object => {
                self.in_handoff = true;
                text("from_agent").clone_into(&mut self.from_agent);
                text("to_agent").clone_into(&mut self.to_agent);
                text("context_id").clone_into(&mut self.context);
            }
            "HANDOFF_COMPLETED" => self.in_handoff = false,
            "TERMINATION" => {
                if let (Some(start), Some(time)) =
                    (self.start.filter(|start| *start > 0), event.time)
                {
                    self.wall_time = time.wrapping_sub(start);
                }
                self.active_labels.clear();
            }
            _ => {}
        }
    }

    fn propose(&mut self, event: &Event<'_, '_>) {
        self.tool_calls = self.tool_calls.saturating_add(1);
        replace(
            &mut self.last_tool_call,
            event.text("call_id").unwrap_or_default(),
        );
        let tool = event.text("tool_name").unwrap_or_default();
        replace(&mut self.last_tool, tool);
        if tool.is_empty() {
            return;
        }
        let arguments = event.payload.and_then(|payload| payload.get("args"));
        let time = event.time.filter(|time| *time > 0);
        let elapsed = time
            .zip(self.start)
            .map(|(time, start)| time.wrapping_sub(start));
        if let Some(violation) = self.loops.call(tool, arguments, elapsed) {
            violation.clone_into(&mut self.loop_violation);
        }
    }

    fn taint(&mut self, label: &str) {
        for labels in [&mut self.taint_labels, &mut self.active_labels] {
            if !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
            }
        }
    }
}

fn replace(last: &mut String, text: &str) {
    if !text.is_empty() {
        text.clone_into(last);
    }
}
