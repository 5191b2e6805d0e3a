//! A worker: reads one file at a time and verifies it, away from the page's own thread.

use std::cell::{Cell, RefCell};

use assay::report::{ArtifactFacts, RefusalCode};
use assay::trust::{Pins, PublicKey};
use assay::{Half, Input, Options, Progress, Refusal, Report, verify, verify_half};
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::protocol::{Message, Order, Part, Task};

/// Bytes read at a time: few enough for steady progress, many enough for speed.
const SLICE_BYTES: usize = 4 << 20;

/// Takes tasks from the page, from now on.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| post(&Message::Stopped(panic.to_string()))));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        match serde_wasm_bindgen::from_value::<Order>(event.data()) {
            Ok(Order::Verify(task)) => spawn_local(perform(task)),
            Ok(Order::Confirm { verified }) => confirm(&verified),
            Err(error) => post(&Message::Stopped(error.to_string())),
        }
    });
    scope().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    on_message.forget();
    post(&Message::Ready);
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn post(message: &Message) {
    if let Ok(value) = serde_wasm_bindgen::to_value(message) {
        let _ = scope().post_message(&value);
    }
}

async fn perform(task: Task) {
    let confirmation = (task.part == Part::Lead).then(expect_confirmation);
    let read = read(&task).await;
    if task.part != Part::Assist && read.is_ok() {
        post(&Message::Verifying(None));
    }
    let progress = told_in_percent(task.part != Part::Assist);
    let options = options(&task, &progress);
    let judged = match read {
        Ok(bytes) => judge(&task, &bytes, &options, confirmation).await,
        Err(refusal) => {
            let artifact = ArtifactFacts {
                name: task.name.clone(),
                bytes: task.file.size() as u64,
                ..ArtifactFacts::default()
            };
            Err(refusal.of(artifact))
        }
    };
    match task.part {
        Part::Assist => {}
        Part::Whole | Part::Lead => {
            let report = judged.unwrap_or_else(|refusal| Some(refusal.into_report()));
            if let Some(report) = report {
                post(&Message::Judged(report.to_json()));
            }
        }
    }
}

/// Verifies what the task asks for; an assistant has no report to give, but what it verified.
async fn judge(
    task: &Task,
    bytes: &[u8],
    options: &Options<'_>,
    confirmation: Option<Promise>,
) -> Result<Option<Report>, Refusal> {
    let input = Input {
        name: &task.name,
        bytes,
    };
    match (task.part, confirmation) {
        (Part::Assist, _) => {
            let verified = verify_half(input, options, Half::Second)
                .map(|provisional| provisional.verified())
                .unwrap_or_default();
            let digests = Uint8Array::from(verified.as_slice());
            post(&Message::Verified { digests });
            Ok(None)
        }
        (Part::Lead, Some(confirmation)) => {
            let provisional = verify_half(input, options, Half::First)?;
            let verified = JsFuture::from(confirmation).await.unwrap_or_default();
            match provisional.confirm(&Uint8Array::new(&verified).to_vec()) {
                Some(report) => Ok(Some(report)),
                None => verify(input, options).map(Some),
            }
        }
        _ => verify(input, options).map(Some),
    }
}

thread_local! {
    /// Settles the promise of the assistant's word on the current task.
    static CONFIRM: RefCell<Option<Function>> = const { RefCell::new(None) };
}

/// A promise of what the assistant verified.
fn expect_confirmation() -> Promise {
    Promise::new(&mut |resolve, _| CONFIRM.set(Some(resolve)))
}

fn confirm(verified: &Uint8Array) {
    if let Some(resolve) = CONFIRM.take() {
        let _ = resolve.call1(&JsValue::NULL, verified);
    }
}

/// Reads the file, or says why it cannot be read.
async fn read(task: &Task) -> Result<Vec<u8>, Refusal> {
    let size = task.file.size() as usize;
    if size > assay::budget::FILE_BYTES {
        return Err(assay::input::Error::TooLarge(size).into());
    }
    let mut bytes = Vec::new();
    bytes.try_reserve_exact(size).map_err(|_| {
        let message =
            format!("The file has {size} bytes, which do not fit in this browser's memory.");
        Refusal::new(RefusalCode::OverLimit, message)
    })?;
    while bytes.len() < size {
        if task.part != Part::Assist {
            post(&Message::Reading(bytes.len() as f64));
        }
        let end = size.min(bytes.len().saturating_add(SLICE_BYTES));
        let slice = read_slice(&task.file, bytes.len(), end).await;
        let slice = slice.filter(|slice| slice.length() > 0).ok_or_else(|| {
            let message = "The file could not be read: it was moved, changed or locked since it was handed over.";
            Refusal::new(RefusalCode::Unreadable, message)
        })?;
        let start = bytes.len();
        bytes.resize(start.saturating_add(slice.length() as usize), 0);
        if let Some(room) = bytes.get_mut(start..) {
            slice.copy_to(room);
        }
    }
    Ok(bytes)
}

async fn read_slice(file: &Blob, start: usize, end: usize) -> Option<Uint8Array> {
    let slice = file.slice_with_f64_and_f64(start as f64, end as f64).ok()?;
    let buffer = JsFuture::from(slice.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer))
}

/// Tells the page of each further percent.
fn told_in_percent(tell: bool) -> impl Fn(Progress) {
    let percent = Cell::new(0);
    move |progress: Progress| {
        let now = progress.done.saturating_mul(100) / progress.total.max(1);
        if tell && now != percent.replace(now) {
            post(&Message::Verifying(Some((
                progress.done as f64,
                progress.total as f64,
            ))));
        }
    }
}

fn options<'p>(task: &Task, progress: &'p dyn Fn(Progress)) -> Options<'p> {
    Options {
        pins: Pins {
            keys: task
                .pins
                .iter()
                .filter_map(|key| PublicKey::parse(key).ok())
                .collect(),
        },
        progress: Some(progress),
        ..Options::default()
    }
}
