//! The events of one session walked through, so that the state they lead to can be told.

use std::collections::BTreeSet;

use super::content;
use super::reader;
use super::reducer::State;
use super::session::{Content, Session};
use super::source::{self, Found};
use super::user;
use super::wire::{self, Rule, Shape, WireForm};
use crate::input::Form;
use crate::options::Options;

/// Which state is wanted.
pub(super) struct Wanted<'w> {
    /// The tenant; none for whichever there is.
    pub tenant: Option<&'w str>,
    /// The session; none for the only one that there is.
    pub session: Option<&'w str>,
    /// The event from which on the state counts.
    pub from: u64,
    /// The event after which the state is wanted; none for a state that counts no event.
    pub last: Option<u64>,
    /// When the server first met the session.
    pub start: Option<i64>,
    /// Where the user id of stored events is supplied.
    pub options: &'w Options<'w>,
}

/// A state that events lead to.
pub(super) struct Replay {
    /// The state.
    pub state: State,
    /// The last event that it counts.
    pub last: u64,
    /// That event's time.
    pub time: Option<i64>,
    /// Whether the events cover more time than a session may take.
    pub is_long: bool,
    /// Why the content of the events could not be verified; none where it was.
    pub unchecked: Option<&'static str>,
}

/// Why no state could be derived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Why {
    NoEvents,
    SeveralSessions,
    NoCount,
    /// With what is wrong, in one plain sentence.
    Broken(String),
    HeadMissing,
    TailMissing,
}

impl Why {
    /// In one plain sentence.
    pub fn sentence(self) -> String {
        match self {
            Why::NoEvents => "None of the events supplied belong to the snapshot's session.",
            Why::SeveralSessions => "The snapshot does not name its session, and the events are of several.",
            Why::NoCount => "The state counts no event, so there is nothing to derive it from.",
            Why::Broken(wrong) => {
                return format!("The events do not hold by themselves, so no state can be derived from them. {wrong}");
            }
            Why::HeadMissing => "The events begin after the session's first, so the state cannot be derived from them.",
            Why::TailMissing => "The events end before the one that the snapshot was taken after.",
        }
        .to_owned()
    }
}

/// More than this many milliseconds between two events, and the session may have exceeded its time.
const LONG: i64 = 120_000;

/// Derives the state that is wanted.
pub(super) fn replay(events: &[&Form<'_>], wanted: &Wanted<'_>) -> Result<Replay, Why> {
    let (tenant, id) = session(events, wanted)?;
    let last = wanted.last.ok_or(Why::NoCount)?;
    let sources = ordered(events, &tenant, &id);
    if mixes(&sources, &tenant, &id) {
        return walk(&sources, wanted, (&tenant, &id), last, true);
    }
    match walk(&sources, wanted, (&tenant, &id), last, false) {
        // Lists may have been written by Go's rule, which the links of more than one event tell.
        Err(Why::Broken(wrong)) if last > 0 => {
            let by_go = walk(&sources, wanted, (&tenant, &id), last, true);
            by_go.map_err(|_| Why::Broken(wrong))
        }
        walked => walked,
    }
}

fn walk(
    sources: &[(i128, &Form<'_>)],
    wanted: &Wanted<'_>,
    (tenant, id): (&str, &str),
    last: u64,
    by_go: bool,
) -> Result<Replay, Why> {
    let mut walk = Walk {
        user: user::supplied(wanted.options, tenant, id),
        wanted,
        last: last.into(),
        session: Session::new(tenant, id, String::new()),
        state: State::new(wanted.start),
        time: None,
        earliest: None,
        is_long: false,
        next: None,
        unchecked: None,
        differs: None,
        reached: false,
        buffer: Vec::new(),
    };
    for (first, form) in sources {
        if walk.next.is_some_and(|next| *first < next) {
            continue;
        }
        walk.source(form, tenant, id, by_go);
    }
    walk.finish(last)
}

struct Walk<'w> {
    wanted: &'w Wanted<'w>,
    user: Option<&'w str>,
    last: i128,
    session: Session,
    state: State,
    time: Option<i64>,
    earliest: Option<i64>,
    is_long: bool,
    next: Option<i128>,
    unchecked: Option<&'static str>,
    /// What is to be said of the first hash that differs.
    differs: Option<String>,
    reached: bool,
    buffer: Vec<u8>,
}

impl Walk<'_> {
    fn source(&mut self, form: &Form<'_>, tenant: &str, id: &str, by_go: bool) {
        let rule = rule(by_go);
        source::each(form, &|_, _| {}, |found| match found {
            Found::Event(item) if !self.reached => reader::read(&item, rule, |event| {
                if (event.tenant, event.session) == (tenant, id) {
                    self.event(event);
                }
            }),
            _ => {}
        });
    }

    fn event(&mut self, event: &wire::Event<'_, '_>) {
        let Some(seq) = event.seq.filter(|_| event.problem.is_none()) else {
            return self.session.add_unread("");
        };
        let content = self.content(event);
        self.session.add(event, seq, content, 0, String::new);
        self.next = seq.checked_add(1);
        if seq < i128::from(self.wanted.from) {
            return;
        }
        self.state.apply(event);
        self.time = event.time;
        if let Some(time) = event.time {
            let earliest = *self.earliest.get_or_insert(time);
            self.is_long |= time.saturating_sub(earliest) > LONG;
        }
        self.reached = seq == self.last;
    }

    /// What came of the event's own hash. A stored one is held against the user id that was supplied; where it holds under an
    /// empty one alone, its content counts as checked only if none was.
    fn content(&mut self, event: &wire::Event<'_, '_>) -> Content {
        let mut holds = |user| content::holds(event, user, &mut self.buffer);
        match (event.shape, self.user) {
            (Shape::Sealed, _) if holds(None) => Content::Holds,
            (Shape::Sealed, _) => {
                self.differ(event, "");
                Content::Differs
            }
            (Shape::Stored, user) if holds(Some(user.unwrap_or_default())) => Content::Holds,
            (Shape::Stored, Some(_)) if holds(Some("")) => {
                self.unchecked = Some(
                    "hashes of theirs hold under an empty user id, not under the one supplied",
                );
                Content::Unnamed
            }
            (Shape::Stored, Some(_)) => {
                self.differ(
                    event,
                    ": either the event was changed, or its user id is another than the one supplied",
                );
                Content::Differs
            }
            (Shape::Stored, None) => {
                self.unchecked =
                    Some("the server stores them without their user id, which their hashes cover");
                Content::Unknown
            }
        }
    }

    fn differ(&mut self, event: &wire::Event<'_, '_>, hint: &str) {
        self.differs.get_or_insert_with(|| {
            format!(
                "The hash of the content of event {} is not the one recorded{hint}.",
                event.seq.unwrap_or_default()
            )
        });
    }

    fn finish(self, last: u64) -> Result<Replay, Why> {
        if let Some(wrong) = self.differs {
            return Err(Why::Broken(wrong));
        }
        if !self.session.intact {
            return Err(Why::Broken(
                "One of them cannot be read, or does not follow from the one before it.".to_owned(),
            ));
        }
        if self.session.begins_at() != Some(0) {
            return Err(Why::HeadMissing);
        }
        if !self.reached {
            return Err(Why::TailMissing);
        }
        Ok(Replay {
            state: self.state,
            last,
            time: self.time,
            is_long: self.is_long,
            unchecked: self.unchecked,
        })
    }
}

/// The session that is meant: the one named, or the only one that there is.
fn session(events: &[&Form<'_>], wanted: &Wanted<'_>) -> Result<(String, String), Why> {
    let mut found: Vec<(String, String)> = Vec::new();
    for form in events {
        each_event(form, |event| {
            let meant = wanted.tenant.is_none_or(|tenant| tenant == event.tenant)
                && wanted
                    .session
                    .is_none_or(|session| session == event.session);
            let key =
                |known: &(String, String)| known.0 == event.tenant && known.1 == event.session;
            if meant && found.len() < 2 && !found.iter().any(key) {
                found.push((event.tenant.to_owned(), event.session.to_owned()));
            }
        });
    }
    match found.len() {
        0 => Err(Why::NoEvents),
        1 => found.pop().ok_or(Why::NoEvents),
        _ => Err(Why::SeveralSessions),
    }
}

/// The files that hold events of the session, by the number of the first of them.
fn ordered<'f, 'a>(events: &[&'f Form<'a>], tenant: &str, id: &str) -> Vec<(i128, &'f Form<'a>)> {
    let first = |form: &'f Form<'a>| {
        let mut first = None;
        each_event(form, |event| {
            if (event.tenant, event.session) == (tenant, id) && first.is_none() {
                first = event.seq;
            }
        });
        Some((first?, form))
    };
    let mut sources: Vec<_> = events.iter().filter_map(|form| first(form)).collect();
    sources.sort_by_key(|(first, _)| *first);
    sources
}

/// The sessions, by tenant and id, of which these events are as the server stores them; of a snapshot that names its session,
/// that one alone.
pub(super) fn stored(events: &[&Form<'_>], of: Option<(&str, &str)>) -> BTreeSet<(String, String)> {
    let mut found = BTreeSet::new();
    for form in events {
        each_event(form, |event| {
            let key = (event.tenant, event.session);
            if event.shape == Shape::Stored && of.is_none_or(|of| of == key) {
                found.insert((key.0.to_owned(), key.1.to_owned()));
            }
        });
    }
    found
}

/// Whether the session mixes the forms of hashes.
fn mixes(sources: &[(i128, &Form<'_>)], tenant: &str, id: &str) -> bool {
    let mut forms = super::session::Forms::default();
    for (_, form) in sources {
        each_event(form, |event| {
            if let (true, Some(form)) = ((event.tenant, event.session) == (tenant, id), event.form)
            {
                forms.add(form);
            }
        });
    }
    forms.are_mixed()
}

fn each_event(form: &Form<'_>, mut then: impl FnMut(&wire::Event<'_, '_>)) {
    source::each(form, &|_, _| {}, |found| {
        if let Found::Event(item) = found {
            reader::read(&item, rule(false), &mut then);
        }
    });
}

fn rule(by_go: bool) -> impl Fn(&str, &str, Option<WireForm>) -> Rule + Copy {
    move |_, _, form| match form {
        Some(WireForm::List) if !by_go => Rule::Python,
        _ => Rule::Go,
    }
}
