//! One report, in the order in which it is read: the verdict, the signers, the checks, the facts, the limits.

use std::rc::Rc;

use assay::report::Verdict;
use yew::prelude::*;

use super::asks::asks;
use super::checks::checks;
use super::disclosed::disclosed;
use super::facts::facts;
use super::identity::identity;
use super::limits::limits;
use super::peer::peer;
use super::progress::progress;
use super::signers::signers;
use super::verdict_mark::{Integrity, Trust, marks};
use crate::web::page::browser;
use crate::web::page::format::{capital, kind, system};
use crate::web::page::state::{Action, Entry, Judgement};
use crate::web::page::supply::Supply;

#[derive(Properties, PartialEq)]
pub struct Props {
    /// The file.
    pub entry: Rc<Entry>,
    /// Takes what the person does and supplies.
    pub supply: Supply,
}

/// One report, or how far it has come.
#[component]
pub fn Report(props: &Props) -> Html {
    let entry = &props.entry;
    let open = use_state(|| !entry.folded);
    let id = format!("report-{}", entry.ticket.file);
    let title = format!("{id}-title");
    let Some(judgement) = entry.judgement() else {
        return html! {
            <article class="report" id={id} aria-labelledby={title.clone()} data-assay-report="" data-file={entry.name.to_string()} data-state={entry.word()}>
                <h2 id={title} tabindex="-1" class="pending">{&*entry.name}</h2>
                {progress(entry, &props.supply.act)}
            </article>
        };
    };
    let report = &judgement.report;
    let unfold = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set(true))
    };
    html! {
        <article class={classes!("report", report.verdict.word())} id={id.clone()} aria-labelledby={title.clone()}
            data-assay-report="" data-verdict={report.verdict.word()} data-file={entry.name.to_string()} data-sha256={report.artifact.sha256.clone()}>
            {verdict(entry, judgement, &title)}
            if *open {
                if report.refusal.is_none() {
                    {asks(entry, judgement, &props.supply)}
                    {signers(judgement)}
                    {checks(judgement)}
                    {facts(judgement)}
                    {disclosed(&report.disclosed)}
                    {limits(judgement, format!("{id}-limits"))}
                    {peer(judgement)}
                }
                {identity(judgement)}
                <Actions entry={entry.clone()} judgement={judgement.clone()} act={props.supply.act.clone()} />
            } else {
                <p class="buttons"><button type="button" onclick={unfold} aria-label={format!("Show the whole report: {}", entry.name)}>{"Show the whole report"}</button></p>
            }
        </article>
    }
}

fn verdict(entry: &Entry, judgement: &Judgement, title: &str) -> Html {
    let report = &judgement.report;
    let trust = if report.verdict == Verdict::Refused {
        None
    } else {
        Trust::of(report)
    };
    let made_by = match (&report.artifact.system, &report.artifact.kind) {
        (Some(made_by), Some(what)) => format!("{} {}", system(made_by), kind(what)),
        (None, Some(what)) => capital(&kind(what)),
        _ => String::new(),
    };
    let limits = (report.verdict == Verdict::Valid && !report.limits.is_empty())
        .then(|| format!("#report-{}-limits", entry.ticket.file));
    html! {
        <header class="verdict">
            {marks(Integrity::from(report.verdict), trust)}
            <div>
                <h2 id={title.to_owned()} tabindex="-1"><span class="file">{&*entry.name}</span><span class="word">{capital(report.verdict.word())}</span></h2>
                <p class="summary">{&report.summary}</p>
                if let Some(refusal) = &report.refusal {
                    <dl class="refusal">
                        if let Some(place) = &refusal.place { <dt>{"Place"}</dt><dd><code>{place}</code></dd> }
                        <dt>{"Code"}</dt><dd><code>{refusal.code.code()}</code></dd>
                    </dl>
                } else if let Some(reason) = report.reason {
                    <p class="reason">{reason.meaning()}{" "}<code>{reason.code()}</code></p>
                }
                <p class="fine">{made_by}
                    if let Some(limits) = limits { {" · "}<a href={limits}>{"What this does not prove"}</a> }
                </p>
            </div>
        </header>
    }
}

#[derive(Properties, PartialEq)]
struct ActionsProps {
    entry: Rc<Entry>,
    judgement: Rc<Judgement>,
    act: Callback<Action>,
}

/// What can be done with a report.
#[component]
fn Actions(props: &ActionsProps) -> Html {
    let ActionsProps {
        entry,
        judgement,
        act,
    } = props;
    let disclosing = use_state(|| false);
    let name = entry.name.clone();
    let file = entry.ticket.file;
    let download = {
        let (judgement, disclosing) = (judgement.clone(), *disclosing);
        let saved_as = format!(
            "{}.assay.json",
            name.rsplit(['/', '\\'])
                .next()
                .unwrap_or(&name)
                .replace(' ', "-")
        );
        Callback::from(move |_: MouseEvent| {
            let report = &judgement.report;
            let text = if disclosing {
                report.to_json_disclosing()
            } else {
                report.to_json()
            };
            browser::download(&saved_as, &text);
        })
    };
    let print = Callback::from(|_: MouseEvent| browser::print());
    let remove = {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| act.emit(Action::Remove(file)))
    };
    let disclose = {
        let disclosing = disclosing.clone();
        Callback::from(move |_: Event| disclosing.set(!*disclosing))
    };
    html! {
        <div class="actions">
            if !judgement.report.disclosed.is_empty() {
                <p class="disclose"><label><input type="checkbox" checked={*disclosing} onchange={disclose} />{" Include the decrypted content in the report that is downloaded"}</label></p>
            }
            <p class="buttons">
                <button type="button" onclick={download} data-assay-download="" aria-label={format!("Download the report (JSON): {name}")}>{"Download the report (JSON)"}</button>
                <button type="button" onclick={print}>{"Print"}</button>
                <button type="button" onclick={remove} aria-label={format!("Remove: {name}")}>{"Remove"}</button>
            </p>
        </div>
    }
}
