//! A worker: reads one file at a time and verifies it, away from the page's own thread.

use std::cell::Cell;

use assay::report::{ArtifactFacts, RefusalCode};
use assay::trust::{Pins, PublicKey};
use assay::{Input, Options, Progress, Refusal, Report, verify};
use js_sys::Uint8Array;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::protocol::{Message, Task};

/// Bytes read at a time: few enough for steady progress, many enough for speed.
const SLICE_BYTES: usize = 4 << 20;

/// Takes tasks from the page, from now on.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| post(&Message::Stopped(panic.to_string()))));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        match serde_wasm_bindgen::from_value::<Task>(event.data()) {
            Ok(task) => spawn_local(perform(task)),
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
    let report = match read(&task).await {
        Ok(bytes) => {
            post(&Message::Verifying(None));
            judge(task, &bytes)
        }
        Err(refusal) => {
            let artifact = ArtifactFacts {
                name: task.name,
                bytes: task.file.size() as u64,
                ..ArtifactFacts::default()
            };
            refusal.of(artifact).into_report()
        }
    };
    post(&Message::Judged(report.to_json()));
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
        post(&Message::Reading(bytes.len() as f64));
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

fn judge(task: Task, bytes: &[u8]) -> Report {
    let percent = Cell::new(0);
    let progress = |progress: Progress| {
        let now = progress.done.saturating_mul(100) / progress.total.max(1);
        if now != percent.replace(now) {
            post(&Message::Verifying(Some((
                progress.done as f64,
                progress.total as f64,
            ))));
        }
    };
    let options = Options {
        pins: Pins {
            keys: task
                .pins
                .iter()
                .filter_map(|key| PublicKey::parse(key).ok())
                .collect(),
        },
        progress: Some(&progress),
        ..Options::default()
    };
    let input = Input {
        name: &task.name,
        bytes,
    };
    verify(input, &options).unwrap_or_else(Refusal::into_report)
}
