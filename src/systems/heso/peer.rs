//! The outcome of a file in the words of HESO's own verifier.

use super::file::NAMED;
use super::outcome::Outcome;
use super::receipt::Judged;
use super::session::Session;
use crate::report::Peer;

fn new_peer(outcome: Option<&str>) -> Peer {
    let mut peer = Peer::new();
    peer.insert("system".to_owned(), "heso".into());
    peer.insert("outcome".to_owned(), outcome.into());
    peer
}

/// HESO's words on a receipt by itself.
pub(super) fn of_receipt(judged: &Judged) -> Peer {
    let mut peer = new_peer(judged.outcome.map(Outcome::word));
    let level = judged
        .trust_level
        .filter(|_| judged.outcome == Some(Outcome::Valid));
    peer.insert("trust_level".to_owned(), level.into());
    let time = judged.outcome.map(|_| "NoTrustedTime");
    peer.insert("time_status".to_owned(), time.into());
    peer
}

/// HESO judges one session at a time; the first that does not hold speaks for the file.
pub(super) fn of_sessions(
    sessions: &[Session],
    alone: Option<(usize, Option<Outcome>)>,
    receipts: usize,
) -> Peer {
    let valid = Some(Outcome::Valid.word());
    let alone = alone.map(|(number, outcome)| (number, outcome.map(Outcome::word)));
    let troubled = sessions
        .iter()
        .map(|session| (session.first, session.outcome()))
        .chain(alone)
        .filter(|(_, outcome)| *outcome != valid)
        .min_by_key(|(first, outcome)| (outcome.is_none(), *first));
    let outcome = match troubled {
        _ if receipts == 0 => Some("Empty"),
        Some((_, outcome)) => outcome,
        None => valid,
    };
    let mut peer = new_peer(outcome);
    if let [session] = sessions
        && alone.is_none()
    {
        session.describe(&mut peer);
        return peer;
    }
    let told: Vec<serde_json::Value> = sessions
        .iter()
        .take(NAMED)
        .map(|session| {
            let mut told = Peer::new();
            told.insert("session_id".to_owned(), session.id.clone().into());
            told.insert("outcome".to_owned(), session.outcome().into());
            session.describe(&mut told);
            told.into()
        })
        .collect();
    if !told.is_empty() {
        peer.insert("sessions".to_owned(), told.into());
    }
    peer
}
