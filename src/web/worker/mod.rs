//! A worker: reads one file or folder at a time and verifies it, away from the page's own thread.

mod supplies;

use std::cell::{Cell, RefCell};

use assay::report::RefusalCode;
use assay::{
    Folder, Half, Input, Options, Progress, Refusal, Report, open_beside, verify, verify_folder,
    verify_half,
};
use js_sys::{Function, Promise, Uint8Array};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use self::supplies::Taken;
use crate::web::protocol::{Message, Order, Role, Task, from_js, to_js};

/// Takes tasks from the page, from now on.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| post(&Message::Stopped(panic.to_string()))));
    let on_message = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| {
        match from_js::<Order>(event.data()) {
            Some(Order::Verify(task)) => spawn_local(perform(task)),
            Some(Order::Confirm(verified)) => confirm(&verified),
            None => post(&Message::Stopped("The order could not be read.".into())),
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
    let _ = scope().post_message(&to_js(message));
}

/// What came of a task.
enum Outcome {
    Report(Box<Report>),
    /// What an assistant verified.
    Verified(Vec<u8>),
    /// No system claims the folder.
    Apart,
}

async fn perform(task: Task) {
    let confirmation = (task.role == Role::Lead).then(expect_confirmation);
    let outcome = verified(&task, confirmation).await;
    post(&match outcome {
        Ok(Outcome::Verified(digests)) => Message::Verified(digests.as_slice().into()),
        _ if task.role == Role::Assist => Message::Verified(Uint8Array::new_with_length(0)),
        Ok(Outcome::Apart) => Message::Apart,
        Ok(Outcome::Report(report)) => Message::Judged(report.to_json_disclosing()),
        Err(refusal) if refusal.code == RefusalCode::PartNeeded => Message::PartNeeded,
        Err(refusal) => Message::Judged(refusal.into_report().to_json()),
    });
}

/// Reads what was handed over, and verifies it.
async fn verified(task: &Task, confirmation: Option<Promise>) -> Result<Outcome, Refusal> {
    let tell = task.role != Role::Assist;
    let named = |refusal| supplies::named(refusal, &task.content);
    let read = |bytes: usize| {
        if tell {
            post(&Message::Reading(bytes as f64));
        }
    };
    let taken = supplies::take(&task.content, read).await.map_err(named)?;
    let Some(taken) = taken else {
        return Ok(Outcome::Apart);
    };
    let supplied = supplies::gather(task).await.map_err(named)?;
    if tell {
        post(&Message::Verifying(None));
    }
    let progress = told_in_percent(tell);
    let files = supplied.beside();
    let beside = open_beside(&files);
    let options = Options {
        beside: &beside,
        progress: Some(&progress),
        ..supplied.options().map_err(named)?
    };
    judge(task.role, &taken, &options, confirmation).await
}

/// Verifies a file or folder as far as the role goes.
async fn judge(
    role: Role,
    taken: &Taken,
    options: &Options<'_>,
    confirmation: Option<Promise>,
) -> Result<Outcome, Refusal> {
    let report = |report| Outcome::Report(Box::new(report));
    let input = match taken {
        Taken::Folder { name, files } => {
            let files = supplies::borrowed(files);
            let folder = Folder {
                name,
                files: &files,
            };
            return Ok(verify_folder(folder, options)?.map_or(Outcome::Apart, report));
        }
        Taken::File { name, bytes } => Input { name, bytes },
    };
    match (role, confirmation) {
        (Role::Assist, _) => {
            let provisional = verify_half(input, options, Half::Second)?;
            Ok(Outcome::Verified(provisional.verified()))
        }
        (Role::Lead, Some(confirmation)) => {
            let provisional = verify_half(input, options, Half::First)?;
            let verified = JsFuture::from(confirmation).await.unwrap_or_default();
            match provisional.confirm(&Uint8Array::new(&verified).to_vec()) {
                Some(confirmed) => Ok(report(confirmed)),
                None => verify(input, options).map(report),
            }
        }
        _ => verify(input, options).map(report),
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
