//! A session's snapshot: its own hash, and its state against the one that the events lead to.

use std::borrow::Cow;

use super::checks::{self, SNAPSHOT, SNAPSHOT_FORM, SNAPSHOT_HASH, SNAPSHOT_STATE};
use super::difference::{self, Content, Difference, Layout};
use super::loops::WALL_TIME;
use super::replay::{self, Replay, Wanted};
use super::{go, time};
use crate::bytes::to_hex;
use crate::canon::{self, Go};
use crate::crypto::sha256;
use crate::input::{self, Artifact, Form};
use crate::json::{self, Document, Value};
use crate::options::{Companion, Content as Handed, Options};
use crate::report::{Ask, AskKind, CheckSpec, Examination, Fact, Finding, Reason, Transcript};

/// The name under which a snapshot is handed over beside its events.
const BESIDE_EVENTS: &str = "snapshot";
/// The name under which events are handed over beside their snapshot.
const EVENTS: &str = "events";

/// A snapshot, read as Go reads it.
struct Snapshot<'d> {
    /// Tenant and session.
    of: Option<(String, String)>,
    last_seq: Option<u64>,
    time: Option<i64>,
    hash: Option<Vec<u8>>,
    state: &'d Value<'d>,
    layout: Layout,
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
    let opened: Vec<Artifact<'_>> = options
        .companions(EVENTS)
        .flat_map(|companion| open(companion))
        .collect();
    let supplied = !opened.is_empty() || options.companions(EVENTS).next().is_some();
    let events: Vec<&Form<'_>> = match supplied {
        true => opened.iter().map(|artifact| &artifact.form).collect(),
        false => options
            .beside
            .iter()
            .map(|artifact| &artifact.form)
            .collect(),
    };
    let mut facts = Vec::new();
    let mut state_only = false;
    if let Form::Json(document) = &artifact.form {
        let mut record = |spec, finding| transcript.record(&mut subject, spec, finding);
        check(
            document,
            &events,
            supplied,
            Side::Recorded,
            &mut record,
            |snapshot| {
                facts = snapshot.facts();
                state_only = snapshot.of.is_none();
            },
        );
    }
    transcript.close(subject);
    let mut limits = vec![
        Cow::Borrowed(
            "Nothing in a snapshot is signed. Whoever can write it can make its hash anew; only the events tell whether the state is the one that they lead to.",
        ),
        Cow::Borrowed(
            "When the session began (session_start_ms) is the server's own clock, which no event records. It is taken as it stands.",
        ),
    ];
    if !state_only {
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
        facts,
        limits,
        asks: vec![Ask {
            name: Cow::Borrowed(EVENTS),
            kind: AskKind::File,
            label: Cow::Borrowed("Events of the session"),
            why: Cow::Borrowed(
                "The state is derived from them anew and compared with the one in the snapshot, member by member.",
            ),
            supplied: supplied || !events.is_empty(),
        }],
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
        let mut any = false;
        for opened in open(companion) {
            if let (Form::Json(document), false) = (&opened.form, any) {
                any = true;
                let mut record = |spec, finding| transcript.record(&mut subject, spec, finding);
                check(
                    document,
                    &[&artifact.form],
                    true,
                    Side::Derived,
                    &mut record,
                    |_| {},
                );
            }
        }
        if !any {
            let finding = Finding::fail("The file is not one JSON value, so it is no snapshot.");
            transcript.record(&mut subject, &SNAPSHOT_FORM, finding);
        }
        transcript.close(subject);
    }
}

fn open<'c>(companion: &'c Companion<'_>) -> Vec<Artifact<'c>> {
    let open = |name: &'c str, bytes: &'c [u8]| input::open(name, bytes).ok();
    match &companion.content {
        Handed::File(bytes) => open(&companion.file_name, bytes).into_iter().collect(),
        Handed::Folder(_) => Vec::new(),
    }
}

/// Whose content the report is about; texts of the other side are not repeated in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// The snapshot is the artifact.
    Recorded,
    /// The events are.
    Derived,
}

fn check(
    document: &Document<'_>,
    events: &[&Form<'_>],
    supplied: bool,
    side: Side,
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
        Err(sentence) => return record(&SNAPSHOT_FORM, Finding::fail(sentence)),
    };
    then(&snapshot);
    record(&SNAPSHOT_FORM, Finding::pass(""));
    if let Some(hash) = &snapshot.hash {
        record(&SNAPSHOT_HASH, snapshot.hash_finding(hash));
    }
    record(
        &SNAPSHOT_STATE,
        snapshot.state_finding(events, supplied, side),
    );
}

/// A member by its name, as Go finds it.
fn member<'v, 'a>(value: &'v Value<'a>, name: &str) -> Option<&'v Value<'a>> {
    let mut members = value.as_object()?.members.iter().rev();
    members
        .find(|member| go::is_named(&member.key, name))
        .map(|member| &member.value)
}

fn read<'d>(
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
    fn hash_finding(&self, recorded: &[u8]) -> Finding {
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
    fn start(&self) -> Option<i64> {
        self.state.get("budgets")?.get("session_start_ms")?.as_i64()
    }

    /// How many events the state says that it counts.
    fn steps(&self) -> Option<u64> {
        let budgets = self.state.get("budgets").unwrap_or(self.state);
        budgets.get("steps_consumed").map_or(Some(0), Value::as_u64)
    }

    fn wanted(&self, from: u64) -> Wanted<'_> {
        let last = self.last_seq.or_else(|| self.steps()?.checked_sub(1));
        Wanted {
            of: self
                .of
                .as_ref()
                .map(|(tenant, session)| (tenant.as_str(), session.as_str())),
            from,
            last,
            start: self.start(),
        }
    }

    fn state_finding(&self, events: &[&Form<'_>], supplied: bool, side: Side) -> Finding {
        let needed = |sentence: String| Finding::skip(Reason::InputNeeded, sentence);
        let replayed = match replay::replay(events, &self.wanted(0)) {
            Ok(replayed) => replayed,
            Err(why) if supplied => return needed(why.sentence()),
            Err(_) => {
                return needed(
                    "Without the events of the session it cannot be told whether they lead to this state."
                        .to_owned(),
                );
            }
        };
        let differences = self.differences(&replayed);
        if differences.is_empty() {
            return self.agreement(&replayed);
        }
        if let Some(sentence) = self.restarted(events, &replayed) {
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
        if replayed.only_links {
            detail.push_str(" Of those events the links were verified, not the content: they are stored without their user id.");
        }
        Finding::pass(detail)
    }

    /// A server that is started anew counts from the next event on. A state that says exactly that is not altered, but neither
    /// is it the session's.
    fn restarted(&self, events: &[&Form<'_>], replayed: &Replay) -> Option<String> {
        let steps = self.steps().filter(|steps| *steps > 0)?;
        let from = replayed
            .last
            .checked_add(1)?
            .checked_sub(steps)
            .filter(|from| *from > 0)?;
        let suffix = replay::replay(events, &self.wanted(from)).ok()?;
        self.differences(&suffix).is_empty().then(|| {
            format!(
                "The state is not the one that all events lead to, but exactly the one that they lead to from event {from} on. A server that was started anew before that event would have recorded it; so would somebody who wanted the earlier events forgotten."
            )
        })
    }

    fn facts(&self) -> Vec<Fact> {
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
            add("Recorded at, by the event’s own time", text, "/TsUnixMs");
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
