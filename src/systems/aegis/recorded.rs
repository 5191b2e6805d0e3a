//! A snapshot as it stands in a file: as the store keeps it, its state alone, or the flat form of the SDK's manual.

use std::borrow::Cow;

use super::difference::{self, Layout};
use super::{go, time};
use crate::bytes::to_hex;
use crate::canon::{self, Go};
use crate::crypto::sha256;
use crate::json::{Document, Value};
use crate::report::{Fact, Finding};

/// A snapshot, read as Go reads it.
pub(super) struct Snapshot<'d> {
    /// Tenant and session.
    pub of: Option<(String, String)>,
    pub last_seq: Option<u64>,
    pub time: Option<i64>,
    pub hash: Option<Vec<u8>>,
    pub state: &'d Value<'d>,
    pub layout: Layout,
}

/// The names of a stored snapshot's members (`pkg/store/store.go`, `Snapshot`).
const STORED: [&str; 6] = [
    "TenantID",
    "SessionID",
    "LastSeq",
    "TsUnixMs",
    "StateJSON",
    "SnapshotHash",
];

/// A member by its name, as Go finds it.
pub(super) fn member<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    let mut members = value.as_object()?.members.iter().rev();
    members
        .find(|member| go::is_named(&member.key, name))
        .map(|member| &member.value)
}

/// Reads a snapshot; `state` is what its `StateJSON` holds.
///
/// # Errors
/// One plain sentence on what departs from the form.
pub(super) fn read<'d>(
    document: &'d Document<'d>,
    state: Option<&'d Result<Document<'d>, String>>,
) -> Result<Snapshot<'d>, String> {
    let root = &document.root;
    if let Some(sentence) = document.defect_sentence() {
        return Err(sentence);
    }
    let stored = STORED.iter().any(|name| member(root, name).is_some());
    let (state, layout) = match (state, stored) {
        (Some(Ok(state)), _) => {
            if let Some(sentence) = state.defect_sentence() {
                return Err(format!("In the state: {sentence}"));
            }
            (&state.root, Layout::Whole)
        }
        (Some(Err(wrong)), _) => {
            return Err(format!("The state (StateJSON) cannot be read: {wrong}."));
        }
        (None, true) => return Err("The snapshot has no state (StateJSON).".to_owned()),
        (None, false) if root.get("budgets").is_some() => (root, Layout::Whole),
        (None, false) => (root, Layout::Flat),
    };
    if state.as_object().is_none() {
        return Err(format!(
            "The state is {}, not an object.",
            state.kind_name()
        ));
    }
    let stranger = difference::stranger(state, layout).or_else(|| {
        let known = |key: &str| STORED.iter().any(|name| go::is_named(key, name));
        let mut members = root.as_object().filter(|_| stored)?.members.iter();
        members
            .find(|member| !known(&member.key))
            .map(|member| member.key.to_string())
    });
    if let Some(stranger) = stranger {
        return Err(format!(
            "The snapshot has a member `{stranger}` that Aegis does not write. Aegis's own reader reads over it."
        ));
    }
    let text = |name: &str| match member(root, name) {
        None => Err(format!("The snapshot does not name its {name}.")),
        Some(value) => value
            .as_str()
            .map(str::to_owned)
            .ok_or(format!("The snapshot's {name} is not a text.")),
    };
    if !stored {
        return Ok(Snapshot {
            of: None,
            last_seq: None,
            time: None,
            hash: None,
            state,
            layout,
        });
    }
    let hash = match member(root, "SnapshotHash") {
        None => return Err("The snapshot records no hash (SnapshotHash).".to_owned()),
        Some(value) => {
            go::bytes(value).map_err(|wrong| format!("The hash (SnapshotHash) {wrong}."))?
        }
    };
    // The state and its hash may come without what the server keeps beside them.
    let of = match (member(root, "TenantID"), member(root, "SessionID")) {
        (None, None) => None,
        _ => Some((text("TenantID")?, text("SessionID")?)),
    };
    let wrong =
        |name: &str| format!("The snapshot's {name} is not a whole number in Aegis's range.");
    let last_seq = member(root, "LastSeq");
    let time = member(root, "TsUnixMs");
    Ok(Snapshot {
        of,
        last_seq: last_seq
            .map(|value| value.as_u64().ok_or(wrong("LastSeq")))
            .transpose()?,
        time: time
            .map(|value| value.as_i64().ok_or(wrong("TsUnixMs")))
            .transpose()?,
        hash: Some(hash),
        state,
        layout,
    })
}

impl Snapshot<'_> {
    /// SHA-256 over the canonical state, white space and order of members apart.
    pub fn hash_finding(&self, recorded: &[u8]) -> Finding {
        let mut bytes = Vec::new();
        if let Err(error) = canon::write::<Go>(self.state, &mut bytes) {
            return Finding::fail(format!("The state has no canonical form. {error}"));
        }
        let computed = sha256::digest(&bytes);
        match computed.as_slice() == recorded {
            true => Finding::pass(""),
            false => Finding::fail("The hash of the state is not the one recorded.")
                .expected(to_hex(recorded))
                .actual(to_hex(&computed)),
        }
    }

    /// When the server first met the session.
    pub fn start(&self) -> Option<i64> {
        self.state.get("budgets")?.get("session_start_ms")?.as_i64()
    }

    /// How many events the state says that it counts.
    pub fn steps(&self) -> Option<u64> {
        let budgets = self.state.get("budgets").unwrap_or(self.state);
        budgets.get("steps_consumed").map_or(Some(0), Value::as_u64)
    }

    pub fn facts(&self) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut add = |label: &'static str, value: String, pointer: &str| {
            facts.push(Fact {
                label: Cow::Borrowed(label),
                value,
                pointer: pointer.to_owned(),
                signed: false,
            });
        };
        if let Some((tenant, session)) = &self.of {
            add("Tenant", tenant.clone(), "/TenantID");
            add("Session", session.clone(), "/SessionID");
        }
        if let Some(last) = self.last_seq {
            add("State after event", last.to_string(), "/LastSeq");
        }
        if let Some(text) = self.time.and_then(time::utc) {
            add("Recorded at, by the event's own time", text, "/TsUnixMs");
        }
        for (label, path) in [
            ("Steps", "budgets.steps_consumed"),
            ("Model calls", "budgets.model_calls_consumed"),
            ("Tool calls", "budgets.tool_calls_consumed"),
            ("Steps", "steps_consumed"),
            ("Tool calls", "tool_calls_consumed"),
            ("Last tool", "last_outcomes.last_tool_name"),
            ("Last policy decision", "last_outcomes.last_policy_outcome"),
            ("Loop or budget violation", "loop_violation"),
        ] {
            let value = path
                .split('.')
                .try_fold(self.state, |value, name| value.get(name));
            let words = value.and_then(|value| value.as_str().or(value.as_number()));
            if let Some(words) = words.filter(|words| !words.is_empty()) {
                let pointer = match self.hash {
                    Some(_) => "/StateJSON".to_owned(),
                    None => format!("/{}", path.replace('.', "/")),
                };
                add(label, words.to_owned(), &pointer);
            }
        }
        facts
    }
}
