//! What a report on events says beside its checks: limits, what could be supplied, and the vendor's own outcome.

use std::borrow::Cow;

use super::session::Session;
use super::snapshot;
use super::user;
use crate::options::Options;
use crate::report::{Ask, Peer};

/// Sessions told of in facts, `peer` and what is asked for.
pub(super) const NAMED: usize = 20;

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
        Cow::Borrowed(match sessions.iter().all(|session| session.intact) {
            false => "A chain cannot show that events at its end are missing.",
            true if !sessions.iter().all(Session::is_checked) => {
                "The links agree from a session's first event here to its last. Whether the events say what was sealed was not checked for all of them, and a chain cannot show that events at its end are missing."
            }
            true => {
                "The hashes and links agree from a session's first event here to its last. They cannot show that events at its end are missing."
            }
        }),
    ];
    if sessions.iter().any(Session::is_part) {
        limits.push(Cow::Borrowed(
            "A session here is not whole: events before the first, or after the last, are not in the file, and nothing here says what they were.",
        ));
    }
    let python = |session: &Session| session.dialect() == Some("python") && session.intact;
    if sessions
        .iter()
        .any(|session| python(session) && session.length > 1)
    {
        limits.push(Cow::Borrowed(
            "A chain here is in the Python SDK's dialect. Aegis's server hashes the links in another form and does not accept such a chain.",
        ));
    }
    limits
}

/// What the events could be held against.
pub(super) fn asks(sessions: &[Session], options: &Options<'_>) -> Vec<Ask> {
    let stored = sessions.iter().filter(|session| session.is_stored());
    let why = match sessions.iter().any(|session| !session.is_checked()) {
        false if !sessions.iter().any(Session::is_named) => user::EMPTY,
        _ => user::NEEDED,
    };
    let keys: Vec<(&str, &str)> = stored
        .map(|session| (session.tenant.as_str(), session.id.as_str()))
        .collect();
    let mut asks = user::asks(&keys, options, why);
    // A state can be derived only from a session's first event on.
    let snapshot = snapshot::ask(options);
    let from_first = |session: &Session| session.begins_at() == Some(0);
    if snapshot.supplied || sessions.iter().any(from_first) {
        asks.push(snapshot);
    }
    asks
}

/// The outcome of `VerifyChain`: of the first session that it does not accept, else of the first.
pub(super) fn peer(sessions: &[Session], is_unread: bool) -> Peer {
    let mut peer = Peer::new();
    peer.insert("system".to_owned(), "aegis".into());
    let refused = sessions.iter().filter(|session| !session.is_accepted());
    let refused = refused.min_by_key(|session| session.stops_at());
    match (refused.or(sessions.first()), is_unread) {
        (_, true) => {
            peer.insert("valid".to_owned(), false.into());
            peer.insert("first_bad_seq".to_owned(), serde_json::Value::Null);
            peer.insert("error".to_owned(), serde_json::Value::Null);
        }
        (Some(session), false) => session.describe(&mut peer),
        (None, false) => {
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
