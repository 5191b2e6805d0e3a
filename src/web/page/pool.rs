//! The workers: who is busy with what. Follows the state, and reports back to it.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use assay::budget;
use assay::bytes::to_hex;
use assay::input::is_left_by_system;
use assay::report::AskKind;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::{ErrorEvent, MessageEvent, Worker};
use yew::Callback;

use super::published::{self, Program};
use super::state::{Action, Entry, Judgement, NewFile, Stage, State, Ticket};
use super::{browser, reading};
use crate::web::protocol::{Content, Message, Named, Order, Role, Task, from_js, to_js};

/// Workers at most: more gain little on a file each, and every one holds its file in memory.
const WORKERS: u32 = 4;

/// Files from this size on are shared between two workers: below it, the second would start for nothing.
const SHARED_BYTES: f64 = 262_144.0;

/// The workers and what they are given.
pub struct Pool {
    workers: Vec<Slot>,
    /// In the order of their numbers.
    things: Vec<(u32, Thing)>,
    wanted: Vec<Rc<Entry>>,
    pins: Vec<String>,
    /// The part of the verifier that new workers run.
    program: Program,
    /// Whether that is the second part.
    complete: bool,
    /// Files that wait for the second part.
    lacking: Vec<Ticket>,
    next_worker: u32,
    next_thing: u32,
    report: Callback<Action>,
    this: Weak<RefCell<Pool>>,
}

/// What was handed over or supplied: kept here for as long as the state lists its number, and nowhere else.
pub enum Thing {
    /// A file or folder.
    Content(Content),
    /// A text.
    Value(String),
}

struct Slot {
    id: u32,
    worker: Worker,
    /// Whether it runs the second part of the verifier.
    complete: bool,
    ready: bool,
    ticket: Option<Ticket>,
    /// Whether it verifies half of the signatures for another worker.
    assists: bool,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Pool {
    /// Starts the workers, so that they are ready before the first file comes.
    pub fn start(report: Callback<Action>) -> Rc<RefCell<Self>> {
        let pool = Rc::new_cyclic(|this| {
            RefCell::new(Self {
                workers: Vec::new(),
                things: Vec::new(),
                wanted: Vec::new(),
                pins: Vec::new(),
                program: published::base(),
                complete: false,
                lacking: Vec::new(),
                next_worker: 0,
                next_thing: 0,
                report,
                this: this.clone(),
            })
        });
        let cores =
            browser::window().map_or(1.0, |window| window.navigator().hardware_concurrency());
        for _ in 0..(cores as u32).clamp(1, WORKERS) {
            pool.borrow_mut().add_worker();
        }
        pool
    }

    /// Keeps a thing for as long as the state lists it; returns its number.
    pub fn keep(&mut self, thing: Thing) -> u32 {
        self.next_thing = self.next_thing.wrapping_add(1);
        self.things.push((self.next_thing, thing));
        self.next_thing
    }

    fn thing(&self, id: u32) -> Option<&Thing> {
        let at = self.things.binary_search_by_key(&id, |(id, _)| *id);
        self.things.get(at.ok()?).map(|(_, thing)| thing)
    }

    /// Keeps a file or folder that was handed over.
    pub fn take_in(&mut self, content: Content) -> NewFile {
        NewFile {
            name: content.name().to_owned(),
            bytes: content.bytes() as u64,
            id: self.keep(Thing::Content(content)),
            needs: &[],
        }
    }

    /// Brings the workers in line with the state: stops runs that are no longer wanted, starts those that are.
    pub fn follow(&mut self, state: &State) {
        self.wanted = state.wanted().cloned().collect();
        self.pins = state.pins.iter().map(|key| to_hex(&key.bytes)).collect();
        let listed = || {
            state.entries.iter().flat_map(|entry| {
                let supplied = entry.supplied.iter().map(|supplied| supplied.id);
                supplied.chain([entry.ticket.file])
            })
        };
        if listed().count() < self.things.len() {
            self.things.retain(|(id, _)| listed().any(|one| one == *id));
        }
        let wants = |ticket: &Ticket| self.wanted.iter().any(|entry| entry.ticket == *ticket);
        self.lacking.retain(wants);
        let stale = |slot: &Slot| slot.ticket.is_some_and(|ticket| !wants(&ticket));
        let stale = self.workers_that(stale);
        self.replace(&stale);
        self.dispatch();
    }

    /// Ends some of the workers and starts as many.
    fn replace(&mut self, ids: &[u32]) {
        for id in ids {
            self.remove_worker(*id);
            self.add_worker();
        }
    }

    fn workers_that(&self, are: impl Fn(&Slot) -> bool) -> Vec<u32> {
        let picked = self.workers.iter().filter(|slot| are(slot));
        picked.map(|slot| slot.id).collect()
    }

    /// Gives waiting files to idle workers; a large file that waits alone gets an assistant too.
    fn dispatch(&mut self) {
        if self.complete {
            let outdated = self.workers_that(|slot| !slot.complete && slot.ticket.is_none());
            self.replace(&outdated);
        }
        if self.workers.is_empty() {
            return self.give_up();
        }
        let waits = |entry: &&Rc<Entry>| {
            let given = |slot: &Slot| slot.ticket == Some(entry.ticket);
            !self.workers.iter().any(given) && !self.lacking.contains(&entry.ticket)
        };
        let waiting: Vec<Rc<Entry>> = self.wanted.iter().filter(waits).cloned().collect();
        for entry in &waiting {
            let idle = self.workers_that(|slot| slot.ready && slot.ticket.is_none());
            let large = match self.thing(entry.ticket.file) {
                Some(Thing::Content(Content::File(file))) => file.file.size() >= SHARED_BYTES,
                _ => false,
            };
            match idle.as_slice() {
                [] => return,
                [lead, assistant, ..] if large && waiting.len() == 1 => {
                    self.give(*lead, entry, Role::Lead);
                    self.give(*assistant, entry, Role::Assist);
                }
                [lead, ..] => self.give(*lead, entry, Role::Whole),
            }
        }
    }

    /// Nothing can be verified: no worker has started, or every one that did has broken down and would again.
    fn give_up(&mut self) {
        for entry in std::mem::take(&mut self.wanted) {
            let stage = Stage::Stopped("No worker could be started.".into());
            self.report.emit(Action::Advance(entry.ticket, stage));
        }
    }

    fn give(&mut self, id: u32, entry: &Entry, role: Role) {
        let Some(task) = self.task(entry, role) else {
            return;
        };
        let Some(slot) = self.workers.iter_mut().find(|slot| slot.id == id) else {
            return;
        };
        slot.ticket = Some(entry.ticket);
        slot.assists = role == Role::Assist;
        if let Err(error) = send(&slot.worker, &Order::Verify(task)) {
            self.broke_down(id, format!("{error:?}"));
        }
    }

    /// The file with everything that was supplied for it.
    fn task(&self, entry: &Entry, role: Role) -> Option<Task> {
        let Thing::Content(content) = self.thing(entry.ticket.file)? else {
            return None;
        };
        let mut task = Task {
            content: content.clone(),
            role,
            pins: self.pins.clone(),
            companions: Vec::new(),
            values: Vec::new(),
            payload_key: None,
            beside: self.beside(entry),
        };
        for supplied in &entry.supplied {
            match self.thing(supplied.id)? {
                Thing::Content(content) => {
                    let companion = (supplied.ask.to_string(), content.clone());
                    task.companions.push(companion);
                }
                Thing::Value(text) if supplied.kind == AskKind::PayloadKey => {
                    task.payload_key = Some(text.clone());
                }
                Thing::Value(text) if supplied.kind == AskKind::Key => task.pins.push(text.clone()),
                Thing::Value(text) => task.values.push((supplied.ask.to_string(), text.clone())),
            }
        }
        Some(task)
    }

    /// The small files that were handed over together with this one.
    fn beside(&self, entry: &Entry) -> Vec<Named> {
        let others = entry.together.iter().filter(|id| **id != entry.ticket.file);
        others
            .filter_map(|id| match self.thing(*id)? {
                Thing::Content(Content::File(file)) => Some(file.clone()),
                _ => None,
            })
            .filter(|file| file.file.size() <= budget::BESIDE_BYTES as f64)
            .take(budget::BESIDE_FILES)
            .collect()
    }

    /// Tells the worker that leads on a file what its assistant verified.
    fn confirm(&mut self, ticket: Ticket, verified: Uint8Array) {
        let lead = self
            .workers
            .iter()
            .find(|slot| slot.ticket == Some(ticket) && !slot.assists);
        if let Some(lead) = lead {
            let id = lead.id;
            if let Err(error) = send(&lead.worker, &Order::Confirm(verified)) {
                self.broke_down(id, format!("{error:?}"));
            }
        }
    }

    fn hear(&mut self, id: u32, message: Message) {
        let Some(slot) = self.workers.iter_mut().find(|slot| slot.id == id) else {
            return;
        };
        let (ticket, complete) = match (&message, slot.ticket) {
            (Message::Ready, _) => {
                slot.ready = true;
                return self.dispatch();
            }
            (Message::Stopped(why), _) => {
                let why = why.clone();
                return self.broke_down(id, why);
            }
            (_, None) => return,
            (_, Some(ticket)) => (ticket, slot.complete),
        };
        let stage = match message {
            Message::Reading(bytes) => Stage::Reading(bytes as u64),
            Message::Verifying(parts) => {
                Stage::Verifying(parts.map(|(done, all)| (done as u64, all as u64)))
            }
            other => {
                slot.ticket = None;
                return self.ended(ticket, complete, other);
            }
        };
        self.report.emit(Action::Advance(ticket, stage));
    }

    /// A worker has done its part of a file and is free.
    fn ended(&mut self, ticket: Ticket, complete: bool, message: Message) {
        let action = match message {
            Message::Judged(json) => judged(ticket, complete, &json),
            Message::Apart => Action::Apart(ticket, self.take_apart(ticket)),
            Message::PartNeeded if !self.complete => {
                self.load_complete(ticket);
                return self.report.emit(Action::Advance(ticket, Stage::Fetching));
            }
            Message::PartNeeded if complete => {
                let why = "The second part of the verifier asked for itself.";
                Action::Advance(ticket, Stage::Stopped(why.into()))
            }
            Message::Verified(digests) => {
                self.confirm(ticket, digests);
                return self.dispatch();
            }
            // The second part has been loaded since the file was given to a worker of the first.
            _ => return self.dispatch(),
        };
        self.wanted.retain(|entry| entry.ticket != ticket);
        self.dispatch();
        self.report.emit(action);
    }

    /// The files of a folder, each on its own, but for what operating systems leave there.
    fn take_apart(&mut self, ticket: Ticket) -> Vec<NewFile> {
        let Some(Thing::Content(Content::Folder { name, files })) = self.thing(ticket.file) else {
            return Vec::new();
        };
        let alone = |Named { name: path, file }: &Named| {
            let (name, file) = (format!("{name}/{path}"), file.clone());
            Content::File(Named { name, file })
        };
        let evidence = (files.iter()).filter(|file| !is_left_by_system(&file.name));
        let alone: Vec<Content> = evidence.map(alone).collect();
        alone.into_iter().map(|file| self.take_in(file)).collect()
    }

    /// Loads the second part of the verifier, for which a file waits.
    fn load_complete(&mut self, ticket: Ticket) {
        self.lacking.push(ticket);
        let this = self.this.clone();
        spawn_local(async move {
            let loaded = published::complete().await;
            if let Some(pool) = this.upgrade() {
                pool.borrow_mut().loaded(loaded);
            }
        });
    }

    fn loaded(&mut self, loaded: Result<Program, String>) {
        let lacking = std::mem::take(&mut self.lacking);
        match loaded {
            Ok(program) => {
                self.program = program;
                self.complete = true;
                self.dispatch();
            }
            Err(why) => {
                for ticket in lacking {
                    let stage = Stage::Lacking(why.clone());
                    self.report.emit(Action::Advance(ticket, stage));
                }
            }
        }
    }

    /// Replaces a worker that broke down and says so of its file. One that never started is not
    /// replaced: the next would not start either.
    fn broke_down(&mut self, id: u32, why: String) {
        let Some(slot) = self.remove_worker(id) else {
            return;
        };
        if slot.ready {
            self.add_worker();
        }
        if let (Some(ticket), true) = (slot.ticket, slot.assists) {
            // The lead verifies the file whole when nothing is confirmed.
            self.confirm(ticket, Uint8Array::new_with_length(0));
        } else if let Some(ticket) = slot.ticket {
            self.wanted.retain(|entry| entry.ticket != ticket);
            self.report
                .emit(Action::Advance(ticket, Stage::Stopped(why)));
        }
        self.dispatch();
    }

    fn add_worker(&mut self) {
        let Ok(worker) = Worker::new(&self.program.script()) else {
            return;
        };
        self.next_worker = self.next_worker.wrapping_add(1);
        let id = self.next_worker;
        let this = self.this.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message = from_js::<Message>(event.data());
            if let (Some(pool), Some(message)) = (this.upgrade(), message) {
                pool.borrow_mut().hear(id, message);
            }
        });
        let this = self.this.clone();
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            if let Some(pool) = this.upgrade() {
                pool.borrow_mut().broke_down(id, event.message());
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        if worker.post_message(&self.program.module()).is_err() {
            return;
        }
        self.workers.push(Slot {
            id,
            worker,
            complete: self.complete,
            ready: false,
            ticket: None,
            assists: false,
            _on_message: on_message,
            _on_error: on_error,
        });
    }

    fn remove_worker(&mut self, id: u32) -> Option<Slot> {
        let index = self.workers.iter().position(|slot| slot.id == id)?;
        let slot = self.workers.swap_remove(index);
        slot.worker.terminate();
        slot.worker.set_onmessage(None);
        slot.worker.set_onerror(None);
        Some(slot)
    }
}

fn send(worker: &Worker, order: &Order) -> Result<(), JsValue> {
    worker.post_message(&to_js(order))
}

/// The report that a worker sent, or the finding that it sent none.
fn judged(ticket: Ticket, complete: bool, json: &str) -> Action {
    let stage = match reading::report(json) {
        Some(report) => Stage::Judged(Rc::new(Judgement {
            report,
            time: browser::time(),
            complete,
        })),
        None => Stage::Stopped("The report could not be read.".into()),
    };
    Action::Advance(ticket, stage)
}
