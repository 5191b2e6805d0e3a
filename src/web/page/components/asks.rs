//! What the file could be held against, if the person has it: a place for each to drop or type it, and what of it was supplied.

use std::rc::Rc;

use assay::report::{Ask, AskKind, Verdict};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::chooser::Chooser;
use crate::web::page::intake::Transfer;
use crate::web::page::pool::Thing;
use crate::web::page::samples::Own;
use crate::web::page::state::{Action, Entry, Judgement, Supplied};
use crate::web::page::supply::Supply;
use crate::web::page::{browser, published};
use crate::web::protocol::{Content, Named};

/// The asks of a report, and what was supplied for it.
pub fn asks(entry: &Rc<Entry>, judgement: &Judgement, supply: &Supply) -> Html {
    let report = &judgement.report;
    let asks = &report.asks;
    let open: Vec<&Ask> = asks.iter().filter(|ask| !ask.supplied).collect();
    if open.is_empty() && entry.supplied.is_empty() {
        return html! {};
    }
    let label = |name: &str| {
        let ask = asks.iter().find(|ask| ask.name == name);
        ask.map_or_else(|| name.to_owned(), |ask| ask.label.to_string())
    };
    // Where the verdict waits for an answer, the questions stand open.
    let unfolded = report.verdict == Verdict::Indeterminate || !entry.supplied.is_empty();
    html! {
        <details class="asks" open={unfolded}>
            <summary><h3>{"What it can be held against"}</h3><span class="tally">{asks_in_words(open.len(), entry.supplied.len())}</span></summary>
            <ul class="rows">
                { for entry.supplied.iter().map(|one| supplied(entry.ticket.file, one, &label(&one.ask), supply)) }
                { for open.iter().enumerate().map(|(index, ask)| html! {
                    <Row key={ask.name.to_string()} {index} entry={entry.clone()} ask={(*ask).clone()} supply={supply.clone()} />
                }) }
            </ul>
            if !open.is_empty() {
                <p class="fine">{"What you add stays in this page’s memory until the file is removed. It is not sent anywhere and not in the report that you download."}</p>
            }
        </details>
    }
}

fn asks_in_words(open: usize, supplied: usize) -> String {
    match (open, supplied) {
        (0, _) => format!("{supplied} supplied"),
        (_, 0) => format!("{open} not supplied"),
        _ => format!("{supplied} supplied, {open} not"),
    }
}

/// Something that was supplied, with a way to take it back.
fn supplied(file: u32, one: &Supplied, label: &str, supply: &Supply) -> Html {
    let (id, act) = (one.id, supply.act.clone());
    let remove = Callback::from(move |_: MouseEvent| act.emit(Action::Withdraw(file, id)));
    html! {
        <li key={one.id} data-assay-supplied={one.ask.to_string()}>
            <div>
                <p class="what">{label}</p>
                if let Some(shown) = &one.shown { <p class="why">{"Supplied: "}<code>{&**shown}</code></p> } else { <p class="why">{"Supplied, and not shown again."}</p> }
            </div>
            <p class="choices"><button type="button" class="link" onclick={remove}>{"Take back"}<span class="visually-hidden">{": "}{label}</span></button></p>
        </li>
    }
}

#[derive(Properties, PartialEq)]
struct Props {
    index: usize,
    entry: Rc<Entry>,
    ask: Ask,
    supply: Supply,
}

/// One thing that is asked for.
#[component]
fn Row(props: &Props) -> Html {
    let Props {
        index,
        entry,
        ask,
        supply,
    } = props;
    let error = use_state(|| None::<String>);
    let (file, is_file) = (entry.ticket.file, ask.kind == AskKind::File);
    let id = format!("ask-{file}-{index}");
    let give = {
        let (ask, supply, error) = (ask.clone(), supply.clone(), error.clone());
        Callback::from(move |thing: Thing| error.set(supply.give(file, &ask, thing).err()))
    };
    let contents = {
        let give = give.clone();
        Callback::from(move |contents: Vec<Content>| {
            for content in contents {
                let give = give.clone();
                spawn_local(async move {
                    give.emit(match content {
                        // A key, say, that lies in a file.
                        Content::File(named) if !is_file => {
                            Thing::Value(browser::text(&named.file).await)
                        }
                        content => Thing::Content(content),
                    });
                });
            }
        })
    };
    let ondrop = {
        let (contents, act, error) = (contents.clone(), supply.act.clone(), error.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            // It is for this ask, and not for the page.
            event.stop_propagation();
            act.emit(Action::Drag(false));
            if let Some(transfer) = event.data_transfer().map(|data| Transfer::take(&data)) {
                let (contents, error) = (contents.clone(), error.clone());
                spawn_local(async move {
                    match transfer.contents().await {
                        Ok(given) => contents.emit(given),
                        Err(unread) => error.set(Some(unread)),
                    }
                });
            }
        })
    };
    let own = entry.needs.iter().find(|need| need.ask == ask.name);
    html! {
        <li class="ask" data-assay-ask={ask.name.to_string()} {ondrop}>
            <div>
                if is_file {
                    <p class="what">{&*ask.label}</p>
                } else {
                    <label class="what" for={id.clone()}>{&*ask.label}</label>
                }
                <p class="why" id={format!("{id}-why")}>{&*ask.why}</p>
            </div>
            <div class="answer">
                if is_file {
                    <p class="choices">
                        <Chooser word="Drop or choose a file" purpose={ask.label.to_string()} on_choice={contents.clone()} />
                        <Chooser word="or a folder" class="button link" folder=true purpose={ask.label.to_string()} on_choice={contents} />
                    </p>
                } else {
                    <Field id={id.clone()} kind={ask.kind} wrong={error.is_some()} give={give.clone()} />
                }
                if let Some(own) = own.map(|need| need.own) { {use_own(own, &ask.label, &give, &error)} }
                <p class="error" id={format!("{id}-error")} role="alert">{(*error).clone()}</p>
            </div>
        </li>
    }
}

/// A button that answers with what belongs to the sample.
fn use_own(
    own: Own,
    label: &str,
    give: &Callback<Thing>,
    error: &UseStateHandle<Option<String>>,
) -> Html {
    let (give, error) = (give.clone(), error.clone());
    let onclick = Callback::from(move |_: MouseEvent| match own {
        Own::Text(text) => give.emit(Thing::Value(text.into())),
        Own::File(name) => {
            let (give, error) = (give.clone(), error.clone());
            spawn_local(async move {
                match published::sample(name).await {
                    Ok(file) => {
                        let name = name.to_owned();
                        give.emit(Thing::Content(Content::File(Named { name, file })));
                    }
                    Err(why) => error.set(Some(why)),
                }
            });
        }
    });
    html! {
        <p class="own"><button type="button" class="link" {onclick}>{"Use the sample’s own"}<span class="visually-hidden">{": "}{label.to_owned()}</span></button></p>
    }
}

#[derive(Properties, PartialEq)]
struct FieldProps {
    id: String,
    kind: AskKind,
    wrong: bool,
    give: Callback<Thing>,
}

/// A field for a text. One that is not to be shown again leaves the field as soon as it is used.
#[component]
fn Field(props: &FieldProps) -> Html {
    let field = use_node_ref();
    let secret = matches!(props.kind, AskKind::Secret | AskKind::PayloadKey);
    let onsubmit = {
        let (field, give) = (field.clone(), props.give.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = if let Some(input) = field.cast::<HtmlInputElement>() {
                let text = input.value();
                if secret {
                    input.set_value("");
                }
                text
            } else {
                let area = field.cast::<HtmlTextAreaElement>();
                area.map(|area| area.value()).unwrap_or_default()
            };
            give.emit(Thing::Value(text));
        })
    };
    let id = props.id.clone();
    let described = format!("{id}-why {id}-error");
    let wrong = props.wrong.then_some("true");
    html! {
        <form {onsubmit} autocomplete="off">
            if secret {
                <input {id} ref={field} type="password" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby={described} aria-invalid={wrong} />
            } else {
                // Keys and signatures can have several lines.
                <textarea {id} ref={field} rows="1" spellcheck="false" autocomplete="off" autocapitalize="off" aria-describedby={described} aria-invalid={wrong} />
            }
            <button type="submit">{"Verify with it"}</button>
        </form>
    }
}
