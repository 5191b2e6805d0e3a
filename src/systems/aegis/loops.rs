//! The loop and budget detector of a session, with the server's default budget (`pkg/loop/detector.go`).

use std::collections::VecDeque;

use crate::canon::{self, Go};
use crate::json::Value;

/// Tool calls allowed (`BudgetConfig.maxToolCalls`).
const MOST_CALLS: u64 = 12;
/// Milliseconds allowed (`BudgetConfig.maxWallTimeMs`).
const MOST_MILLISECONDS: i64 = 120_000;
/// Calls that are remembered.
const WINDOW: usize = 20;

/// What a session exceeded when it took longer than is allowed.
pub(super) const WALL_TIME: &str = "BUDGET_WALL_TIME_EXCEEDED";

/// The calls of a session.
#[derive(Debug, Default)]
pub(super) struct Loops {
    calls: u64,
    history: VecDeque<Call>,
}

#[derive(Debug, PartialEq)]
struct Call {
    tool: String,
    /// The canonical form of the arguments; empty when there are none.
    arguments: Vec<u8>,
}

impl Loops {
    /// Takes in a proposed tool call; `elapsed` is in milliseconds since the session's start, if that is known
    /// (`RecordToolCall`; the server passes no snapshot hash, so that lack of progress is never found).
    pub fn call(
        &mut self,
        tool: &str,
        arguments: Option<&Value<'_>>,
        elapsed: Option<i64>,
    ) -> Option<&'static str> {
        self.calls = self.calls.saturating_add(1);
        if self.calls > MOST_CALLS {
            return Some("BUDGET_TOOL_CALLS_EXCEEDED");
        }
        if elapsed.is_some_and(|elapsed| elapsed > MOST_MILLISECONDS) {
            return Some(WALL_TIME);
        }
        let arguments = arguments.filter(|value| !value.is_null());
        let call = Call {
            tool: tool.to_owned(),
            arguments: arguments
                .and_then(|value| canon::to_vec::<Go>(value).ok())
                .unwrap_or_default(),
        };
        self.history.push_back(call);
        if self.history.len() > WINDOW {
            self.history.pop_front();
        }
        if self.sequence_repeats() {
            return Some("LOOP_REPEATING_SEQUENCE");
        }
        let last = self.history.back();
        let mut before = self.history.iter().rev().skip(1);
        before
            .any(|call| Some(call) == last)
            .then_some("LOOP_IDENTICAL_CALL")
    }

    /// Whether the last three to seven tools are the same as those before them.
    fn sequence_repeats(&self) -> bool {
        let tools = || self.history.iter().rev().map(|call| &call.tool);
        (3..=7).any(|length: usize| {
            self.history.len() >= length.saturating_mul(2)
                && tools().take(length).eq(tools().skip(length).take(length))
        })
    }
}
