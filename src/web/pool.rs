//! The workers: who is busy with what. Follows the state, and reports back to it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use assay::bytes::to_hex;
use js_sys::Uint8Array;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, ErrorEvent, MessageEvent, Url, Worker};
use yew::Callback;

use super::browser;
use super::protocol::{Message, Order, Part, Task};
use super::reading;
use super::state::{Action, Judgement, Stage, State, Ticket};

/// Workers at most: more gain little on a file each, and every one holds its file in memory.
const WORKERS: u32 = 4;

/// Files from this size on are shared between two workers: below it, the second would start for nothing.
const SHARED_BYTES: f64 = 262_144.0;

/// The workers and the files they are given.
pub struct Pool {
    workers: Vec<Slot>,
    files: HashMap<u32, (String, Blob)>,
    wanted: Vec<Ticket>,
    pins: Vec<String>,
    script: String,
    module: JsValue,
    next_worker: u32,
    next_file: u32,
    report: Callback<Action>,
    this: Weak<RefCell<Pool>>,
}

struct Slot {
    id: u32,
    worker: Worker,
    ready: bool,
    ticket: Option<Ticket>,
    /// Whether it verifies half of the signatures for another worker.
    assists: bool,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Pool {
    /// Starts the workers, so that they are ready before the first file comes. They run the
    /// page's own script and the module that the page compiled.
    pub fn start(report: Callback<Action>) -> Rc<RefCell<Self>> {
        let script = browser::element("verifier")
            .and_then(|script| script.text_content())
            .and_then(|text| browser::blob(&text.into(), "text/javascript"))
            .and_then(|blob| Url::create_object_url_with_blob(&blob).ok());
        let pool = Rc::new_cyclic(|this| {
            RefCell::new(Self {
                workers: Vec::new(),
                files: HashMap::new(),
                wanted: Vec::new(),
                pins: Vec::new(),
                script: script.unwrap_or_default(),
                module: wasm_bindgen::module(),
                next_worker: 0,
                next_file: 0,
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

    /// Keeps a file for as long as the state lists it; returns its number.
    pub fn keep(&mut self, name: &str, file: Blob) -> u32 {
        self.next_file = self.next_file.wrapping_add(1);
        self.files.insert(self.next_file, (name.to_owned(), file));
        self.next_file
    }

    /// Brings the workers in line with the state: stops runs that are no longer wanted, starts those that are.
    pub fn follow(&mut self, state: &State) {
        self.wanted = state.wanted();
        self.pins = state.pins.iter().map(|key| to_hex(&key.bytes)).collect();
        let listed = |file: &u32| state.entries.iter().any(|entry| entry.ticket.file == *file);
        self.files.retain(|file, _| listed(file));
        let stale: Vec<u32> = self
            .workers
            .iter()
            .filter(|slot| {
                slot.ticket
                    .is_some_and(|ticket| !self.wanted.contains(&ticket))
            })
            .map(|slot| slot.id)
            .collect();
        for id in stale {
            self.remove_worker(id);
            self.add_worker();
        }
        self.dispatch();
    }

    /// Gives waiting files to idle workers; a large file that waits alone gets an assistant too.
    fn dispatch(&mut self) {
        let waits = |ticket: &Ticket| !self.workers.iter().any(|slot| slot.ticket == Some(*ticket));
        let waiting: Vec<Ticket> = self.wanted.iter().copied().filter(waits).collect();
        for ticket in &waiting {
            let idle: Vec<u32> = self
                .workers
                .iter()
                .filter(|slot| slot.ready && slot.ticket.is_none())
                .map(|slot| slot.id)
                .collect();
            let size = self.files.get(&ticket.file).map(|(_, file)| file.size());
            let large = size.is_some_and(|size| size >= SHARED_BYTES);
            match idle.as_slice() {
                [] => return,
                [lead, assistant, ..] if large && waiting.len() == 1 => {
                    self.give(*lead, *ticket, Part::Lead);
                    self.give(*assistant, *ticket, Part::Assist);
                }
                [lead, ..] => self.give(*lead, *ticket, Part::Whole),
            }
        }
    }

    fn give(&mut self, id: u32, ticket: Ticket, part: Part) {
        let slot = self.workers.iter_mut().find(|slot| slot.id == id);
        let (Some(slot), Some((name, file))) = (slot, self.files.get(&ticket.file)) else {
            return;
        };
        let task = Task {
            name: name.clone(),
            pins: self.pins.clone(),
            part,
            file: file.clone(),
        };
        slot.ticket = Some(ticket);
        slot.assists = part == Part::Assist;
        if let Err(error) = send(&slot.worker, &Order::Verify(task)) {
            self.broke_down(id, format!("{error:?}"));
        }
    }

    /// Tells the worker that leads on a file what its assistant verified.
    fn confirm(&mut self, ticket: Ticket, verified: Uint8Array) {
        let lead = self
            .workers
            .iter()
            .find(|slot| slot.ticket == Some(ticket) && !slot.assists);
        if let Some(lead) = lead {
            let id = lead.id;
            if let Err(error) = send(&lead.worker, &Order::Confirm { verified }) {
                self.broke_down(id, format!("{error:?}"));
            }
        }
    }

    fn hear(&mut self, id: u32, message: Message) {
        let Some(slot) = self.workers.iter_mut().find(|slot| slot.id == id) else {
            return;
        };
        let action = match (message, slot.ticket) {
            (Message::Ready, _) => {
                slot.ready = true;
                return self.dispatch();
            }
            (Message::Stopped(why), _) => return self.broke_down(id, why),
            (_, None) => return,
            (Message::Reading(bytes), Some(ticket)) => {
                Action::Progress(ticket, Stage::Reading(bytes as u64))
            }
            (Message::Verifying(parts), Some(ticket)) => {
                let parts = parts.map(|(done, all)| (done as u64, all as u64));
                Action::Progress(ticket, Stage::Verifying(parts))
            }
            (Message::Verified { digests }, Some(ticket)) => {
                slot.ticket = None;
                self.confirm(ticket, digests);
                return self.dispatch();
            }
            (Message::Judged(json), Some(ticket)) => {
                slot.ticket = None;
                self.wanted.retain(|wanted| *wanted != ticket);
                self.dispatch();
                judged(ticket, json)
            }
        };
        self.report.emit(action);
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
            self.wanted.retain(|wanted| *wanted != ticket);
            self.report.emit(Action::Stopped(ticket, why));
        }
        self.dispatch();
    }

    fn add_worker(&mut self) {
        let Ok(worker) = Worker::new(&self.script) else {
            return;
        };
        self.next_worker = self.next_worker.wrapping_add(1);
        let id = self.next_worker;
        let this = self.this.clone();
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message = serde_wasm_bindgen::from_value(event.data());
            if let (Some(pool), Ok(message)) = (this.upgrade(), message) {
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
        if worker.post_message(&self.module).is_err() {
            return;
        }
        self.workers.push(Slot {
            id,
            worker,
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
    worker.post_message(&serde_wasm_bindgen::to_value(order)?)
}

/// The report that a worker sent, or the finding that it sent none.
fn judged(ticket: Ticket, json: String) -> Action {
    match reading::report(&json) {
        Some(report) => {
            let time = browser::time();
            Action::Judged(ticket, Rc::new(Judgement { report, json, time }))
        }
        None => Action::Stopped(ticket, "The report could not be read.".into()),
    }
}
