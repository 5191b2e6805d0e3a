//! What a report on events says beside its checks: limits, what could be supplied, and the vendor's own outcome.

use std::borrow::Cow;

use super::session::{Session, User};
use super::snapshot;
use crate::options::Options;
use crate::report::{Ask, AskKind, Peer};

/// Sessions told of in facts, `peer` and what is asked for.
pub(super) const NAMED: usize = 20;

/// The value that stored events lack.
pub(super) const USER_ID: &str = "user_id";

/// What a pass does not prove.
pub(super) fn limits(sessions: &[Session]) -> Vec<Cow<'static, str>> {
    let mut limits = vec![
        Cow::Borrowed(
            "Nothing in an Aegis log is signed. Whoever can write the file can make all of its hashes anew; the hash of the last event, kept elsewhere, would show that.",
        ),
        Cow::Borrowed(
            "An event records what was reported to Aegis. It does not prove that the tool or the model did what it says.",
        ),
        Cow::Borrowed("The times are those of the writers' own clocks."),
        Cow::Borrowed(
            "A chain shows that nothing was altered or taken out between its links. It cannot show that events at its end are missing.",
        ),
    ];
    let python = |session: &Session| session.forms.dialect() == Some("python");
    if sessions
        .iter()
        .any(|session| python(session) && session.length > 1)
    {
        limits.push(Cow::Borrowed(
            "A chain here is in the Python SDK's dialect. Aegis's server hashes the links in another form and would refuse it after its first event.",
        ));
    }
    limits
}

/// What the events could be held against.
pub(super) fn asks(sessions: &[Session], options: &Options<'_>) -> Vec<Ask> {
    let mut asks = Vec::new();
    let stored: Vec<&Session> = sessions
        .iter()
        .filter(|session| !matches!(session.user, User::Untried | User::Empty))
        .collect();
    let mut ask = |name: String, label: String| {
        asks.push(Ask {
            supplied: options.value(&name).is_some(),
            name: Cow::Owned(name),
            kind: AskKind::Text,
            label: Cow::Owned(label),
            why: Cow::Borrowed(
                "The hash of every event covers the user id, and the server does not store it. With it the content can be verified, not only the links.",
            ),
        });
    };
    if !stored.is_empty() {
        ask(USER_ID.to_owned(), "User id of the session".to_owned());
    }
    if stored.len() > 1 {
        for session in stored.iter().take(NAMED) {
            ask(
                format!("{USER_ID}:{}", session.id),
                format!("User id of session {}", session.id),
            );
        }
    }
    // A state can be derived only from a session's first event on.
    let snapshot = snapshot::ask(options);
    let from_first = |session: &Session| session.begins_at() == Some(0);
    if snapshot.supplied || sessions.iter().any(from_first) {
        asks.push(snapshot);
    }
    asks
}

/// The outcome of `VerifyChain`: of the first session that it does not accept, else of the first.
pub(super) fn peer(sessions: &[Session], unread: Option<&str>) -> Peer {
    let mut peer = Peer::new();
    peer.insert("system".to_owned(), "aegis".into());
    let refused = sessions.iter().filter(|session| !session.is_accepted());
    let refused = refused.min_by_key(|session| session.stops_at());
    match (refused.or(sessions.first()), unread) {
        (_, Some(error)) => {
            peer.insert("valid".to_owned(), false.into());
            peer.insert("first_bad_seq".to_owned(), serde_json::Value::Null);
            peer.insert(
                "error".to_owned(),
                format!("eventlog: unmarshal: {error}").into(),
            );
        }
        (Some(session), None) => session.describe(&mut peer),
        (None, None) => {
            peer.insert("valid".to_owned(), true.into());
            peer.insert("first_bad_seq".to_owned(), 0.into());
        }
    }
    if sessions.len() > 1 {
        let told = sessions.iter().take(NAMED).map(|session| {
            let mut told = Peer::new();
            told.insert("tenant_id".to_owned(), session.tenant.clone().into());
            told.insert("session_id".to_owned(), session.id.clone().into());
            session.describe(&mut told);
            serde_json::Value::from(told)
        });
        peer.insert("sessions".to_owned(), told.collect::<Vec<_>>().into());
    }
    peer
}
