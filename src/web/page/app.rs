//! The page: the state, the workers, what happens anywhere on the page, and the order of its parts.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{ClipboardEvent, DragEvent, Element, Event};
use yew::prelude::*;

use super::browser;
use super::components::{DropZone, PinBox, about, gallery, masthead, results};
use super::intake::Transfer;
use super::pool::Pool;
use super::published;
use super::samples::{Need, Sample};
use super::state::{Action, Arrival, NewFile, State};
use super::supply::Supply;
use crate::web::protocol::{Content, Named};

impl Reducible for State {
    type Action = Action;

    fn reduce(self: Rc<Self>, action: Action) -> Rc<Self> {
        Rc::new(self.after(action))
    }
}

/// Draws the page into `#app`.
pub fn start() {
    yew::set_custom_panic_hook(Box::new(|panic| {
        browser::give_up(&format!(
            "The page stopped, and cannot be used until it is reloaded. ({panic})"
        ));
    }));
    if let Some(root) = browser::element("app") {
        root.set_inner_html("");
        yew::Renderer::<App>::with_root(root).render();
    }
}

#[component]
fn App() -> Html {
    let state = use_reducer_eq(State::default);
    let act = {
        let dispatcher = state.dispatcher();
        use_callback((), move |action, ()| dispatcher.dispatch(action))
    };
    let pool = {
        let act = act.clone();
        use_memo((), |()| Pool::start(act))
    };
    use_effect_with((*state).clone(), {
        let pool = pool.clone();
        move |state: &State| pool.borrow_mut().follow(state)
    });
    use_effect_with(state.arrival, |arrival| match arrival {
        _ if browser::is_writing() => {}
        Some(Arrival::Report(ticket)) => browser::focus(&format!("report-{}-title", ticket.file)),
        Some(Arrival::List(_)) => browser::focus("list-title"),
        None => {}
    });
    let on_files = {
        let (pool, act) = (pool.clone(), act.clone());
        use_callback((), move |contents, ()| {
            hand_over(&pool, &act, contents, &[]);
        })
    };
    let sample_error = use_state(|| None::<String>);
    let on_sample = {
        let (pool, act, error) = (pool.clone(), act.clone(), sample_error.clone());
        Callback::from(move |(name, sample): (&'static str, &'static Sample)| {
            let (pool, act, error) = (pool.clone(), act.clone(), error.clone());
            spawn_local(async move {
                let fetched = published::sample(name).await;
                error.set(fetched.as_ref().err().cloned());
                if let Ok(file) = fetched {
                    let name = name.to_owned();
                    let content = Content::File(Named { name, file });
                    hand_over(&pool, &act, vec![content], sample.needs);
                }
            });
        })
    };
    use_page_events(&act, &on_files);
    let online = use_online();
    let supply = Supply {
        pool: (*pool).clone(),
        act: act.clone(),
    };
    let busy = !state.entries.is_empty();
    let mut others = [
        gallery(&on_sample, sample_error.as_ref()),
        html! { <PinBox key="pins" pins={state.pins.clone()} error={state.pin_error.clone()} act={act.clone()} /> },
    ];
    if busy {
        // Beside reports, pinning a key matters more than samples do.
        others.reverse();
    }
    html! {
        <div class={classes!("page", busy.then_some("busy"), state.dragging.then_some("dragging"))}>
            <a class="skip-link" href="#main">{"Skip to the verifier"}</a>
            {masthead()}
            <main id="main" tabindex="-1">
                <h1>{"Is this evidence what was sealed?"}</h1>
                <p class="standfirst">{"Assay recomputes every digest, link and signature in a file of AI audit evidence, and says what holds, what does not, and what nobody can tell."}</p>
                if !online { <p class="notice offline">{offline()}</p> }
                <DropZone on_files={on_files} on_notice={act.reform(Action::Notice)} notice={state.notice.clone()} dragging={state.dragging} />
                {results(&state.entries, &supply)}
                { for others }
                {about(online)}
            </main>
            <p class="visually-hidden" role="status" aria-live="polite">{&state.announcement}</p>
        </div>
    }
}

/// What can be done without a network.
fn offline() -> &'static str {
    if published::is_complete() {
        "This device is offline. Verification works the same."
    } else {
        "This device is offline. HESO evidence and Thessor packages under Ed25519 are verified the same; the second part of the verifier, for all other kinds, has not been loaded."
    }
}

/// Gives files their numbers, keeps them for the workers and lists them.
fn hand_over(
    pool: &RefCell<Pool>,
    act: &Callback<Action>,
    contents: Vec<Content>,
    needs: &'static [Need],
) {
    if contents.is_empty() {
        return act.emit(Action::Notice("There was no file in that.".into()));
    }
    let files = contents.into_iter().map(|content| NewFile {
        needs,
        ..pool.borrow_mut().take_in(content)
    });
    act.emit(Action::Add(files.collect()));
}

/// Drops anywhere on the page, and pastes outside its text boxes.
#[hook]
fn use_page_events(act: &Callback<Action>, on_files: &Callback<Vec<Content>>) {
    let take = {
        let (on_files, act) = (on_files.clone(), act.clone());
        move |transfer: Transfer| {
            let (on_files, act) = (on_files.clone(), act.clone());
            spawn_local(async move {
                match transfer.contents().await {
                    Ok(contents) => on_files.emit(contents),
                    Err(unread) => act.emit(Action::Notice(unread)),
                }
            });
        }
    };
    let (drop, paste, act) = (take.clone(), take, act.clone());
    use_effect_with((), move |()| {
        let over = act.clone();
        let dragover = listen("dragover", move |event| {
            // Without this a drop would open the file in place of the page.
            event.prevent_default();
            over.emit(Action::Drag(true));
        });
        let out = act.clone();
        let dragleave = listen("dragleave", move |event| {
            // The pointer left the window when it did not enter another element.
            let entered = event
                .dyn_ref::<DragEvent>()
                .and_then(|event| event.related_target());
            if entered.is_none() {
                out.emit(Action::Drag(false));
            }
        });
        let dropped = listen("drop", move |event| {
            event.prevent_default();
            act.emit(Action::Drag(false));
            if let Some(data) = event
                .dyn_ref::<DragEvent>()
                .and_then(DragEvent::data_transfer)
            {
                drop(Transfer::take(&data));
            }
        });
        let pasted = listen("paste", move |event| {
            let in_box = event
                .target()
                .and_then(|target| target.dyn_into::<Element>().ok());
            let in_box =
                in_box.is_some_and(|target| matches!(&*target.tag_name(), "TEXTAREA" | "INPUT"));
            let data = event
                .dyn_ref::<ClipboardEvent>()
                .and_then(ClipboardEvent::clipboard_data);
            if let Some(data) =
                data.filter(|data| !in_box || data.files().is_some_and(|files| files.length() > 0))
            {
                let transfer = Transfer::take(&data);
                if !transfer.is_empty() {
                    event.prevent_default();
                    paste(transfer);
                }
            }
        });
        move || std::mem::drop((dragover, dragleave, dropped, pasted))
    });
}

/// Whether the device has a network, as it changes.
#[hook]
fn use_online() -> bool {
    let online = use_state(browser::online);
    let now = online.clone();
    use_effect_with((), move |()| {
        let listeners = ["online", "offline"].map(|name| {
            let now = now.clone();
            listen(name, move |_| now.set(browser::online()))
        });
        move || std::mem::drop(listeners)
    });
    *online
}

/// A listener on the window, for as long as it is kept.
struct Listener {
    name: &'static str,
    heard: Closure<dyn FnMut(Event)>,
}

fn listen(name: &'static str, hear: impl FnMut(Event) + 'static) -> Listener {
    let heard = Closure::<dyn FnMut(Event)>::new(hear);
    if let Some(window) = browser::window() {
        let _ = window.add_event_listener_with_callback(name, heard.as_ref().unchecked_ref());
    }
    Listener { name, heard }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(window) = browser::window() {
            let _ = window.remove_event_listener_with_callback(
                self.name,
                self.heard.as_ref().unchecked_ref(),
            );
        }
    }
}
