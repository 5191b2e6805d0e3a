//! Decisions of agents: what they say for the auditor.

use std::borrow::Cow;

use crate::json::Value;
use crate::report::Fact;

/// The kind of output that the middleware for agents seals (thessor 0.4.0, `mcp.py`, `seal_tool_call`).
const TOOL_CALL: &str = "mcp_tool_call";

/// Whether sealed content is an agent's call of a tool.
pub(super) fn is_tool_call(content: &Value<'_>) -> bool {
    output(content).and_then(|(output, _)| output.get("decision_type")?.as_str()) == Some(TOOL_CALL)
}

fn output<'v, 'a>(content: &'v Value<'a>) -> Option<(&'v Value<'a>, &'static str)> {
    let direct = content.get("output").map(|output| (output, "/output"));
    direct.or_else(|| Some((content.get("payload")?.get("output")?, "/payload/output")))
}

/// What an agent's decision says of the call: which tool, and the hashes of the agent and the output. `place` is the content's.
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
