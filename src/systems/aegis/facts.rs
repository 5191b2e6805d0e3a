//! What the events say, for the auditor: who, when, which models and tools, what the policy decided and who approved.
//! Nothing in an Aegis log is signed.

use std::borrow::Cow;

use super::session::Session;
use super::time;
use super::wire::Event;
use crate::json::{Kind, Value};
use crate::report::Fact;

/// Different values listed for one label; more are counted.
const LISTED: usize = 12;

/// What events of a type say: the type, the label, and the member of the payload.
const OF_PAYLOADS: &[(&str, &str, &str)] = &[
    ("MODEL_CALL_STARTED", "Model", "model_id"),
    ("MODEL_CALL_STARTED", "Model provider", "provider"),
    ("TOOL_CALL_PROPOSED", "Tool proposed", "tool_name"),
    ("TOOL_CALL_EXECUTED", "Tool executed", "tool_name"),
    ("POLICY_DECISION", "Policy decision", "outcome"),
    (
        "POLICY_DECISION",
        "Policy decision's reasons",
        "reason_codes",
    ),
    (
        "TOOL_CALL_ALLOWED",
        "Policy that allowed a call",
        "policy_ref",
    ),
    ("TOOL_CALL_DENIED", "Reason of a denial", "reason_code"),
    ("TOOL_CALL_DENIED", "Reason of a denial", "reason"),
    (
        "TOOL_CALL_DENIED",
        "Policy that denied a call",
        "policy_ref",
    ),
    (
        "APPROVAL_REQUESTED",
        "Approval asked for, by way of",
        "channel",
    ),
    (
        "APPROVAL_REQUESTED",
        "Approval asked for, for the tool",
        "tool_name",
    ),
    ("APPROVAL_DECIDED", "Approval decided by", "decided_by"),
    ("APPROVAL_DECIDED", "Approved", "approved"),
    ("HANDOFF_REQUESTED", "Handed over from", "from_agent"),
    ("HANDOFF_REQUESTED", "Handed over to", "to_agent"),
    ("ERROR_RAISED", "Error", "code"),
    ("ERROR_RAISED", "Error", "error"),
    ("TERMINATION", "Reason of termination", "reason_code"),
    ("TERMINATION", "Reason of termination", "reason"),
];

/// Who the sessions were for.
const USER: &str = "User";

/// The facts, as they are gathered.
#[derive(Debug, Default)]
pub(super) struct Facts {
    users: Values,
    of_payloads: Vec<(&'static str, Values)>,
}

#[derive(Debug, Default)]
struct Values {
    listed: Vec<Listed>,
    more: u64,
}

#[derive(Debug)]
struct Listed {
    value: String,
    count: u64,
    pointer: String,
}

impl Values {
    fn add(&mut self, value: Cow<'_, str>, pointer: impl FnOnce() -> String) {
        if let Some(listed) = self.listed.iter_mut().find(|listed| listed.value == value) {
            listed.count = listed.count.saturating_add(1);
        } else if self.listed.len() < LISTED {
            self.listed.push(Listed {
                value: value.into_owned(),
                count: 1,
                pointer: pointer(),
            });
        } else {
            self.more = self.more.saturating_add(1);
        }
    }
}

impl Facts {
    /// Takes in an event; `pointer` tells where it stands.
    pub fn add(&mut self, event: &Event<'_, '_>, pointer: impl Fn() -> String) {
        if let Some(user) = event.members.user.and_then(Value::as_str) {
            let user = if user.is_empty() { "(empty)" } else { user };
            self.users
                .add(Cow::Borrowed(user), || format!("{}/user_id", pointer()));
        }
        for (_, label, member) in OF_PAYLOADS.iter().filter(|(kind, ..)| *kind == event.kind) {
            let Some(value) = event.payload.and_then(|payload| payload.get(member)) else {
                continue;
            };
            let Some(words) = words(value) else { continue };
            self.values(label).add(words, || match event.members.user {
                Some(_) => format!("{}/payload/{member}", pointer()),
                None => pointer(),
            });
        }
    }

    fn values(&mut self, label: &'static str) -> &mut Values {
        let found = self
            .of_payloads
            .iter()
            .position(|(known, _)| *known == label);
        let at = found.unwrap_or_else(|| {
            self.of_payloads.push((label, Values::default()));
            self.of_payloads.len().saturating_sub(1)
        });
        // The position is that of an entry that was just found or made.
        match self.of_payloads.get_mut(at) {
            Some((_, values)) => values,
            None => &mut self.users,
        }
    }

    /// The facts of the sessions and their events.
    pub fn finish(self, sessions: &[Session], named: usize) -> Vec<Fact> {
        let mut facts = Vec::new();
        for session in sessions.iter().take(named) {
            of_session(session, &mut facts);
        }
        let users = std::iter::once((USER, self.users));
        let order = |label: &str| OF_PAYLOADS.iter().position(|(_, known, _)| *known == label);
        let mut of_payloads = self.of_payloads;
        of_payloads.sort_by_key(|(label, _)| order(label));
        for (label, values) in users.chain(of_payloads) {
            for listed in values.listed {
                let value = match listed.count {
                    // Every event has its user.
                    _ if label == USER => listed.value,
                    1 => listed.value,
                    count => format!("{} ({count} times)", listed.value),
                };
                facts.push(fact(label, value, listed.pointer));
            }
            if values.more > 0 {
                facts.push(fact(
                    label,
                    format!("and {} more", values.more),
                    String::new(),
                ));
            }
        }
        facts
    }
}

fn fact(label: &'static str, value: String, pointer: String) -> Fact {
    Fact {
        label: Cow::Borrowed(label),
        value,
        pointer,
        signed: false,
    }
}

fn of_session(session: &Session, facts: &mut Vec<Fact>) {
    let at = |sealed: &str, stored: &str| {
        let name = if session.is_stored() { stored } else { sealed };
        format!("{}/{name}", session.pointer)
    };
    let (tenant, id) = (at("tenant_id", "TenantID"), at("session_id", "SessionID"));
    facts.push(fact("Tenant", session.tenant.clone(), tenant));
    facts.push(fact("Session", session.id.clone(), id));
    let dialect = match session.dialect() {
        Some("go") if session.forms.list => "Go (hashes as lists of numbers)",
        Some("go") => "Go (hashes in base64)",
        Some("python") => "Python SDK (hashes as lists of numbers)",
        Some(_) => "mixed; verified by Go's rules",
        None => "none: no hashes",
    };
    let hash = at("hash", "Hash");
    facts.push(fact("Dialect", dialect.to_owned(), hash));
    facts.push(fact(
        "Events in the session",
        session.length.to_string(),
        String::new(),
    ));
    if let Some((first, last)) = session.times {
        let told = |time: i64| time::utc(time).unwrap_or_else(|| format!("{time} ms since 1970"));
        facts.push(fact(
            "First event at, by its writer's clock",
            told(first),
            at("ts_unix_ms", "TsUnixMs"),
        ));
        if session.length > 1 {
            facts.push(fact(
                "Last event at, by its writer's clock",
                told(last),
                String::new(),
            ));
        }
    }
}

/// A scalar's words, or those of a list of texts.
fn words<'v>(value: &'v Value<'_>) -> Option<Cow<'v, str>> {
    Some(match &value.kind {
        Kind::String(text) => Cow::Borrowed(text.as_ref()),
        Kind::Number(lexeme) => Cow::Borrowed(*lexeme),
        Kind::Bool(true) => Cow::Borrowed("yes"),
        Kind::Bool(false) => Cow::Borrowed("no"),
        Kind::Array(elements) => {
            let texts: Option<Vec<&str>> = elements.iter().map(Value::as_str).collect();
            Cow::Owned(texts.filter(|texts| !texts.is_empty())?.join(", "))
        }
        Kind::Null | Kind::Object(_) => return None,
    })
}
