//! A session's snapshot: its own hash, and its state against the one that the events lead to.

use std::borrow::Cow;

use super::checks::{self, SNAPSHOT, SNAPSHOT_FORM, SNAPSHOT_HASH, SNAPSHOT_STATE};
use super::difference::{self, Content, Difference, Layout};
use super::go;
use super::loops::WALL_TIME;
use super::recognise::{Kind, kind};
use super::recorded::{Snapshot, member, read};
use super::replay::{self, Replay, Wanted, Why};
use super::user;
use crate::input::{self, Artifact, Form};
use crate::json::{self, Document, Value};
use crate::options::{Companion, Content as Handed, Options};
use crate::report::{Ask, AskKind, CheckSpec, Examination, Finding, Reason, Status, Transcript};

/// The name under which a snapshot is handed over beside its events.
const BESIDE_EVENTS: &str = "snapshot";
/// The name under which events are handed over beside their snapshot.
const EVENTS: &str = "events";
/// The value that tells of which session a nameless state is.
const SESSION_ID: &str = "session_id";

/// What is asked for beside events.
pub(super) fn ask(options: &Options<'_>) -> Ask {
    Ask {
        name: Cow::Borrowed(BESIDE_EVENTS),
        kind: AskKind::File,
        label: Cow::Borrowed("Snapshot of the session"),
        why: Cow::Borrowed(
            "The state that the server recorded can be compared with the one that the events lead to.",
        ),
        supplied: options.companions(BESIDE_EVENTS).next().is_some(),
    }
}

/// Examines a snapshot by itself; its events come beside it.
pub(super) fn examine(artifact: &Artifact<'_>, options: &Options<'_>) -> Examination {
    let mut transcript = Transcript::new(checks::snapshot(), options.full);
    let mut subject = transcript.artifact();
    let opened: Vec<Artifact<'_>> = options.companions(EVENTS).filter_map(open).collect();
    let supplied = options.companions(EVENTS).next().is_some();
    let beside = match supplied {
        true => opened.as_slice(),
        false => options.beside,
    };
    let of_events =
        |artifact: &&Artifact<'_>| kind(artifact).is_some_and(|(kind, _)| kind == Kind::Events);
    let given = Given {
        events: beside
            .iter()
            .filter(of_events)
            .map(|artifact| &artifact.form)
            .collect(),
        supplied,
        session: options.value(SESSION_ID),
        side: Side::Recorded,
        options,
    };
    let mut facts = Vec::new();
    let mut of = None;
    if let Form::Json(document) = &artifact.form {
        let mut record = |spec, finding| transcript.record(&mut subject, spec, finding);
        check(document, &given, &mut record, |snapshot| {
            facts = snapshot.facts();
            of = Some(snapshot.of.clone());
        });
    }
    transcript.close(subject);
    let is_nameless = of == Some(None);
    let of = of.flatten();
    let of = of
        .as_ref()
        .map(|(tenant, session)| (tenant.as_str(), session.as_str()));
    let mut limits = vec![
        Cow::Borrowed(
            "Nothing in a snapshot is signed. Whoever can write it can make its hash anew; only the events tell whether the state is the one that they lead to.",
        ),
        Cow::Borrowed(
            "When the session began (session_start_ms) is the server's own clock, which no event records. It is taken as it stands.",
        ),
    ];
    if !is_nameless {
        limits.push(Cow::Borrowed(
            "The snapshot's hash covers the state alone, not the session, the number or the time beside it.",
        ));
    }
    Examination {
        kind: "snapshot",
        noun: Cow::Borrowed("Aegis session snapshot"),
        dialect: None,
        transcript,
        signers: Vec::new(),
        signed_part: None,
        facts,
        limits,
        asks: asks(&given, of, is_nameless),
        disclosed: Vec::new(),
        peer: None,
    }
}

/// Compares the snapshots that were handed over with the events of `artifact`.
pub(super) fn beside_events(
    artifact: &Artifact<'_>,
    options: &Options<'_>,
    transcript: &mut Transcript,
) {
    for companion in options.companions(BESIDE_EVENTS) {
        let mut subject = transcript.subject(SNAPSHOT, &companion.file_name);
        let mut record = |spec, finding| transcript.record(&mut subject, spec, finding);
        match open(companion).map(|opened| opened.form) {
            Some(Form::Json(document)) => {
                let given = Given {
                    events: vec![&artifact.form],
                    supplied: true,
                    session: None,
                    side: Side::Derived,
                    options,
                };
                check(&document, &given, &mut record, |_| {});
            }
            _ => record(
                &SNAPSHOT_FORM,
                Side::Derived.unusable("It is not one JSON value.".to_owned()),
            ),
        }
        transcript.close(subject);
    }
}

fn open<'c>(companion: &'c Companion<'_>) -> Option<Artifact<'c>> {
    match &companion.content {
        Handed::File(bytes) => input::open(&companion.file_name, bytes).ok(),
        Handed::Folder(_) => None,
    }
}

fn asks(given: &Given<'_, '_>, of: Option<(&str, &str)>, is_nameless: bool) -> Vec<Ask> {
    let mut asks = vec![Ask {
        name: Cow::Borrowed(EVENTS),
        kind: AskKind::File,
        label: Cow::Borrowed("Events of the session"),
        why: Cow::Borrowed(
            "The state is derived from them anew and compared with the one in the snapshot, member by member.",
        ),
        supplied: given.supplied || !given.events.is_empty(),
    }];
    if is_nameless {
        asks.push(Ask {
            name: Cow::Borrowed(SESSION_ID),
            kind: AskKind::Text,
            label: Cow::Borrowed("Session id"),
            why: Cow::Borrowed(
                "The state does not name its session; it matters where the events are of several.",
            ),
            supplied: given.session.is_some(),
        });
    }
    let stored = replay::stored(&given.events, of);
    let keys: Vec<(&str, &str)> = stored
        .iter()
        .map(|(tenant, id)| (tenant.as_str(), id.as_str()))
        .collect();
    asks.extend(user::asks(&keys, given.options, user::NEEDED));
    asks
}

/// What a snapshot is held against.
struct Given<'e, 'a> {
    events: Vec<&'e Form<'a>>,
    /// Whether the events were handed over for this, or merely at the same time.
    supplied: bool,
    /// The session that a nameless state is of.
    session: Option<&'e str>,
    side: Side,
    options: &'e Options<'e>,
}

/// Whose content the report is about; texts of the other side are not repeated in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The snapshot is the artifact.
    Recorded,
    /// The events are.
    Derived,
}

impl Side {
    /// The snapshot's own form or hash does not hold. That is no fault of the events that it was handed over with.
    fn unusable(self, sentence: String) -> Finding {
        match self {
            Side::Recorded => Finding::fail(sentence),
            Side::Derived => Finding::skip(
                Reason::InputNeeded,
                format!(
                    "The snapshot that was supplied cannot be compared with the events. {sentence} That says nothing of the events."
                ),
            ),
        }
    }
}

fn check(
    document: &Document<'_>,
    given: &Given<'_, '_>,
    record: &mut dyn FnMut(&'static CheckSpec, Finding),
    then: impl FnOnce(&Snapshot<'_>),
) {
    let bytes;
    let inner;
    let state = match member(&document.root, "StateJSON") {
        None => None,
        Some(value) => {
            bytes = go::bytes(value);
            inner = match &bytes {
                Ok(bytes) => json::parse(bytes).map_err(|error| error.to_string()),
                Err(wrong) => Err(format!("it {wrong}")),
            };
            Some(&inner)
        }
    };
    let snapshot = match read(document, state) {
        Ok(snapshot) => snapshot,
        Err(sentence) => return record(&SNAPSHOT_FORM, given.side.unusable(sentence)),
    };
    then(&snapshot);
    record(&SNAPSHOT_FORM, Finding::pass(""));
    if let Some(hash) = &snapshot.hash {
        let finding = snapshot.hash_finding(hash);
        if given.side == Side::Derived && finding.status() == Status::Fail {
            let sentence = "The hash of its state is not the one that it records.".to_owned();
            return record(&SNAPSHOT_HASH, given.side.unusable(sentence));
        }
        record(&SNAPSHOT_HASH, finding);
    }
    record(&SNAPSHOT_STATE, snapshot.state_finding(given));
}

impl Snapshot<'_> {
    fn wanted<'w>(&'w self, given: &Given<'w, '_>, from: u64) -> Wanted<'w> {
        let last = self.last_seq.or_else(|| self.steps()?.checked_sub(1));
        let of = self.of.as_ref();
        Wanted {
            tenant: of.map(|(tenant, _)| tenant.as_str()),
            session: of.map(|(_, session)| session.as_str()).or(given.session),
            from,
            last,
            start: self.start(),
            options: given.options,
        }
    }

    fn state_finding(&self, given: &Given<'_, '_>) -> Finding {
        let side = given.side;
        let needed = |sentence: String| Finding::skip(Reason::InputNeeded, sentence);
        let replayed = match replay::replay(&given.events, &self.wanted(given, 0)) {
            Ok(replayed) => replayed,
            Err(Why::NoEvents) if given.supplied && given.events.is_empty() => {
                return needed("What was supplied as events holds none of Aegis's.".to_owned());
            }
            Err(why) if given.supplied || why != Why::NoEvents => return needed(why.sentence()),
            Err(_) => {
                return needed(
                    "Without the events of the session it cannot be told whether they lead to this state."
                        .to_owned(),
                );
            }
        };
        let differences = self.differences(&replayed);
        if let Some(why) = replayed.unchecked {
            let is = if differences.is_empty() {
                "is"
            } else {
                "is not"
            };
            return needed(format!(
                "The state {is} the one that the events up to event {} lead to as they stand. But what they say could not be checked: {why}. Whoever rewrote them without making their hashes anew would not be found out.",
                replayed.last
            ));
        }
        if differences.is_empty() {
            return self.agreement(&replayed);
        }
        if let Some(sentence) = self.restarted(given, &replayed) {
            return needed(sentence);
        }
        let named: Vec<String> = differences
            .iter()
            .map(|difference| told(difference, side))
            .collect();
        let first = differences.first();
        let finding = Finding::fail(format!(
            "The snapshot's state is not the one that the events up to event {} lead to: {}.",
            replayed.last,
            named.join("; ")
        ));
        match first {
            Some(Difference {
                path,
                recorded,
                derived,
            }) => finding
                .expected(format!(
                    "{path}: {}",
                    shown(Some(derived), side == Side::Derived)
                ))
                .actual(format!(
                    "{path}: {}",
                    shown(recorded.as_ref(), side == Side::Recorded)
                )),
            None => finding,
        }
    }

    fn differences(&self, replayed: &Replay) -> Vec<Difference> {
        let mut differences = difference::differences(self.state, &replayed.state, self.layout);
        // Without the session's start it cannot be told whether the session took too long, and what that would have led to.
        if self.start().is_none() {
            let long =
                |content: &Option<Content>| *content == Some(Content::Text(WALL_TIME.to_owned()));
            differences.retain(|difference| {
                !(difference.path.ends_with("loop_violation")
                    && (replayed.is_long || long(&difference.recorded)))
            });
        }
        if let Some(time) = self.time
            && replayed.time.is_some_and(|of_event| of_event != time)
        {
            differences.push(Difference {
                path: "TsUnixMs",
                recorded: Some(Content::Number(time)),
                derived: Content::Number(replayed.time.unwrap_or_default()),
            });
        }
        differences
    }

    fn agreement(&self, replayed: &Replay) -> Finding {
        let mut detail = format!(
            "It is the one that the events up to event {} lead to.",
            replayed.last
        );
        if self.layout == Layout::Flat
            && self.state.get("wall_time_ms").and_then(Value::as_i64) != Some(0)
        {
            detail.push_str(" How long the session took (wall_time_ms) was not compared: when it began is not in the events.");
        }
        if self.start().is_none() && replayed.is_long {
            detail.push_str(" Neither was whether it took too long (loop_violation).");
        }
        Finding::pass(detail)
    }

    /// A server that is started anew counts from the next event on. A state that says exactly that is not altered, but neither
    /// is it the session's.
    fn restarted(&self, given: &Given<'_, '_>, replayed: &Replay) -> Option<String> {
        let steps = self.steps().filter(|steps| *steps > 0)?;
        let from = replayed
            .last
            .checked_add(1)?
            .checked_sub(steps)
            .filter(|from| *from > 0)?;
        let suffix = replay::replay(&given.events, &self.wanted(given, from)).ok()?;
        self.differences(&suffix).is_empty().then(|| {
            format!(
                "The state is not the one that all events lead to, but exactly the one that they lead to from event {from} on. A server that was started anew before that event would have recorded it; so would somebody who wanted the earlier events forgotten."
            )
        })
    }
}

/// A difference in words. Texts of the side that the report is not about are not repeated.
fn told(difference: &Difference, side: Side) -> String {
    format!(
        "{} is {} there and {} after the events",
        difference.path,
        shown(difference.recorded.as_ref(), side == Side::Recorded),
        shown(Some(&difference.derived), side == Side::Derived)
    )
}

fn shown(content: Option<&Content>, own: bool) -> String {
    match content {
        None => "something of another kind".to_owned(),
        Some(Content::Number(number)) => number.to_string(),
        Some(Content::Truth(truth)) => truth.to_string(),
        Some(Content::Text(text)) if text.is_empty() => "empty".to_owned(),
        Some(Content::List(list)) if list.is_empty() => "empty".to_owned(),
        Some(Content::Text(text)) if own => format!("\"{text}\""),
        Some(Content::List(list)) if own => format!("[{}]", list.join(", ")),
        Some(Content::Text(_)) => "another text".to_owned(),
        Some(Content::List(_)) => "another list".to_owned(),
    }
}
