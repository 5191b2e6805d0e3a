//! The events of one session walked through, so that the state they lead to can be told.

use super::content;
use super::reader;
use super::reducer::State;
use super::session::{Content, Session};
use super::source::{self, Found};
use super::wire::{self, Rule, Shape, WireForm};
use crate::input::Form;

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
    /// Whether the content of the events could not be verified for want of their user id.
    pub only_links: bool,
}

/// Why no state could be derived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    NoEvents,
    SeveralSessions,
    NoCount,
    Broken,
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
            Why::Broken => "The events of the session do not hold by themselves, so no state can be derived from them.",
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
    let mixed = mixes(&sources, &tenant, &id);
    let mut walk = Walk {
        wanted,
        last: last.into(),
        session: Session::new(&tenant, &id, String::new()),
        state: State::new(wanted.start),
        time: None,
        earliest: None,
        is_long: false,
        next: None,
        only_links: false,
        reached: false,
        buffer: Vec::new(),
    };
    for (first, form) in sources {
        if walk.next.is_some_and(|next| first < next) {
            continue;
        }
        walk.source(form, &tenant, &id, mixed);
    }
    walk.finish(last)
}

struct Walk<'w> {
    wanted: &'w Wanted<'w>,
    last: i128,
    session: Session,
    state: State,
    time: Option<i64>,
    earliest: Option<i64>,
    is_long: bool,
    next: Option<i128>,
    only_links: bool,
    reached: bool,
    buffer: Vec<u8>,
}

impl Walk<'_> {
    fn source(&mut self, form: &Form<'_>, tenant: &str, id: &str, mixed: bool) {
        let rule = rule(mixed);
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
            return self.session.add_unread(event.rule, 0, "", "");
        };
        let content = match event.shape {
            Shape::Stored => {
                self.only_links = true;
                Content::Unknown
            }
            Shape::Sealed => match content::hash(event, None, &mut self.buffer) {
                Ok(computed) if computed.as_slice() == event.hash => Content::Holds,
                _ => Content::Differs,
            },
        };
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

    fn finish(self, last: u64) -> Result<Replay, Why> {
        if !self.session.is_accepted() {
            return Err(Why::Broken);
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
            only_links: self.only_links,
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

fn rule(mixed: bool) -> impl Fn(&str, &str, Option<WireForm>) -> Rule + Copy {
    move |_, _, form| match form {
        Some(WireForm::List) if !mixed => Rule::Python,
        _ => Rule::Go,
    }
}
