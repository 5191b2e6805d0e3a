//! A recorded state against a derived one, member by member.

use super::reducer::State;
use crate::json::Value;

/// What a member of a state holds.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Content {
    Number(i64),
    Truth(bool),
    Text(String),
    List(Vec<String>),
}

/// A member of the state: its path, and what it holds.
pub(super) type Member = (&'static str, Content);

/// A member in which the recorded state differs from the derived one.
pub(super) struct Difference {
    /// The member's path: `budgets.steps_consumed`.
    pub path: &'static str,
    /// What the recorded state has; none when it is of another kind.
    pub recorded: Option<Content>,
    /// What the events lead to.
    pub derived: Content,
}

/// The form in which a state is recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// `SnapshotState` as the store keeps it.
    Whole,
    /// `PolicyInputSnapshot`, the flat form that the policy engine takes.
    Flat,
}

/// The members of the objects of a whole state.
const WHOLE: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "budgets",
            "active_tool_permissions",
            "last_outcomes",
            "taint_labels",
            "handoff",
            "loop_violation",
            "taint",
        ],
    ),
    (
        "budgets",
        &[
            "steps_consumed",
            "model_calls_consumed",
            "tool_calls_consumed",
            "wall_time_ms",
            "session_start_ms",
        ],
    ),
    (
        "last_outcomes",
        &[
            "last_model_call_id",
            "last_tool_call_id",
            "last_tool_name",
            "last_tool_was_error",
            "last_policy_outcome",
        ],
    ),
    (
        "handoff",
        &["in_handoff", "from_agent", "to_agent", "context_id"],
    ),
    ("taint", &["active_labels", "sanitized_keys"]),
];

/// The members of a flat state.
const FLAT: &[&str] = &[
    "steps_consumed",
    "tool_calls_consumed",
    "wall_time_ms",
    "loop_violation",
    "is_tainted",
    "sanitized_keys",
];

/// The first member of a recorded state that Aegis does not write.
pub(super) fn stranger(state: &Value<'_>, layout: Layout) -> Option<String> {
    let of = |object: &str, known: &[&str]| {
        let value = match object {
            "" => Some(state),
            name => state.get(name),
        };
        let stranger = value?.as_object()?.unknown_member(known)?;
        Some(match object {
            "" => stranger.key.to_string(),
            name => format!("{name}.{}", stranger.key),
        })
    };
    match layout {
        Layout::Whole => WHOLE.iter().find_map(|(object, known)| of(object, known)),
        Layout::Flat => of("", FLAT),
    }
}

/// The members of a derived state as they would be recorded. Where the session's start is not known, those that follow from
/// it are left out.
fn members(state: &State, layout: Layout) -> Vec<Member> {
    let number = |number: u64| Content::Number(i64::try_from(number).unwrap_or(i64::MAX));
    let text = |text: &String| Content::Text(text.clone());
    match layout {
        Layout::Flat => vec![
            ("steps_consumed", number(state.steps)),
            ("tool_calls_consumed", number(state.tool_calls)),
            ("loop_violation", text(&state.loop_violation)),
            (
                "is_tainted",
                Content::Truth(!state.active_labels.is_empty()),
            ),
            ("sanitized_keys", Content::List(Vec::new())),
        ],
        Layout::Whole => vec![
            ("budgets.steps_consumed", number(state.steps)),
            ("budgets.model_calls_consumed", number(state.model_calls)),
            ("budgets.tool_calls_consumed", number(state.tool_calls)),
            ("budgets.wall_time_ms", Content::Number(state.wall_time)),
            ("active_tool_permissions", permissions(state)),
            (
                "last_outcomes.last_model_call_id",
                text(&state.last_model_call),
            ),
            (
                "last_outcomes.last_tool_call_id",
                text(&state.last_tool_call),
            ),
            ("last_outcomes.last_tool_name", text(&state.last_tool)),
            (
                "last_outcomes.last_tool_was_error",
                Content::Truth(state.last_tool_failed),
            ),
            (
                "last_outcomes.last_policy_outcome",
                text(&state.last_policy_outcome),
            ),
            ("taint_labels", Content::List(state.taint_labels.clone())),
            ("handoff.in_handoff", Content::Truth(state.in_handoff)),
            ("handoff.from_agent", text(&state.from_agent)),
            ("handoff.to_agent", text(&state.to_agent)),
            ("handoff.context_id", text(&state.context)),
            ("loop_violation", text(&state.loop_violation)),
            (
                "taint.active_labels",
                Content::List(state.active_labels.clone()),
            ),
            ("taint.sanitized_keys", Content::List(Vec::new())),
        ],
    }
}

fn permissions(state: &State) -> Content {
    let permissions = state.permissions.iter();
    Content::List(
        permissions
            .map(|(tool, policy)| permission(tool, policy, "0"))
            .collect(),
    )
}

fn permission(tool: &str, policy: &str, expires: &str) -> String {
    format!("{tool}, granted by {policy:?}, until {expires}")
}

/// The members in which the recorded state differs from the derived one.
pub(super) fn differences(
    recorded: &Value<'_>,
    derived: &State,
    layout: Layout,
) -> Vec<Difference> {
    let differs = |(path, derived): Member| {
        let value = path
            .split('.')
            .try_fold(recorded, |value, name| value.get(name));
        let recorded = content(value, &derived);
        (recorded.as_ref() != Some(&derived)).then_some(Difference {
            path,
            recorded,
            derived,
        })
    };
    members(derived, layout)
        .into_iter()
        .filter_map(differs)
        .collect()
}

/// What a member holds, read as the kind of content that it should have; one that is not there is empty.
fn content(value: Option<&Value<'_>>, like: &Content) -> Option<Content> {
    let value = value.filter(|value| !value.is_null());
    Some(match like {
        Content::Number(_) => Content::Number(value.map_or(Some(0), Value::as_i64)?),
        Content::Truth(_) => Content::Truth(value.map_or(Some(false), Value::as_bool)?),
        Content::Text(_) => Content::Text(value.map_or(Some(""), Value::as_str)?.to_owned()),
        Content::List(_) => {
            let elements = value.map_or(Some(&[][..]), Value::as_array)?;
            Content::List(elements.iter().map(element).collect::<Option<_>>()?)
        }
    })
}

/// A label, or a permission in words.
fn element(value: &Value<'_>) -> Option<String> {
    if let Some(text) = value.as_str() {
        return Some(text.to_owned());
    }
    let text = |name| value.get(name).and_then(Value::as_str);
    let expires = value.get("expires_ms")?.as_number()?;
    let known = ["tool_name", "granted_by", "expires_ms"];
    let known = value.as_object()?.unknown_member(&known).is_none();
    known.then_some(permission(text("tool_name")?, text("granted_by")?, expires))
}
