#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use assay::Refusal;
use assay::report::RefusalCode;

use super::*;

/// The base point of edwards25519, a usable public key (RFC 8032 section 5.1).
const KEY: &str = "5866666666666666666666666666666666666666666666666666666666666666";

fn files(names: &[&str]) -> Vec<NewFile> {
    let file = |(index, name): (usize, &&str)| NewFile {
        id: index as u32 + 1,
        name: (*name).into(),
        bytes: 10,
        needs: &[],
    };
    names.iter().enumerate().map(file).collect()
}

fn with(names: &[&str]) -> State {
    State::default().after(Action::Add(files(names)))
}

fn judgement(name: &str) -> Rc<Judgement> {
    let refusal = Refusal::new(RefusalCode::Empty, "The file is empty.");
    let report = refusal.into_report();
    Rc::new(Judgement {
        report,
        time: name.into(),
        complete: false,
    })
}

fn ticket(file: u32, run: u32) -> Ticket {
    Ticket { file, run }
}

fn judged(state: &State, file: u32, run: u32) -> State {
    let stage = Stage::Judged(judgement("now"));
    state.after(Action::Advance(ticket(file, run), stage))
}

fn wanted(state: &State) -> Vec<Ticket> {
    state.wanted().map(|entry| entry.ticket).collect()
}

fn supplied(id: u32, ask: &str, kind: AskKind) -> Supplied {
    Supplied {
        id,
        ask: ask.into(),
        kind,
        shown: None,
    }
}

fn words(state: &State) -> Vec<&'static str> {
    state.entries.iter().map(|entry| entry.word()).collect()
}

#[test]
fn files_wait_in_their_order_and_the_newest_drop_comes_first() {
    let state = with(&["a", "b"]);
    let later = NewFile {
        id: 3,
        name: "c".into(),
        bytes: 1,
        needs: &[],
    };
    let state = state.after(Action::Add(vec![later]));
    let names: Vec<&str> = state.entries.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["c", "a", "b"]);
    assert_eq!(wanted(&state), [ticket(3, 0), ticket(1, 0), ticket(2, 0)]);
}

#[test]
fn more_files_than_are_taken_at_once_are_named() {
    let names = vec!["x"; FILES_AT_ONCE + 1];
    let state = with(&names);
    assert_eq!(state.entries.len(), FILES_AT_ONCE);
    assert!(state.notice.unwrap().contains("1,001 files"));
}

#[test]
fn many_files_at_once_start_folded_and_few_do_not() {
    assert!(with(&["x"; 9]).entries.iter().all(|entry| entry.folded));
    assert!(with(&["x"; 8]).entries.iter().all(|entry| !entry.folded));
}

#[test]
fn a_report_ends_a_run() {
    let state = judged(&with(&["a"]), 1, 0);
    assert_eq!(words(&state), ["refused"]);
    assert_eq!(wanted(&state), []);
}

#[test]
fn news_of_a_run_that_was_replaced_changes_nothing() {
    let state = judged(&with(&["a"]), 1, 0).after(Action::Pin(KEY.into()));
    assert_eq!(wanted(&state), [ticket(1, 1)]);
    assert_eq!(judged(&state, 1, 0), state);
    assert_eq!(words(&judged(&state, 1, 1)), ["refused"]);
}

#[test]
fn news_of_a_cancelled_or_removed_file_changes_nothing() {
    for action in [Action::Cancel(1), Action::Remove(1)] {
        let state = with(&["a"]).after(action);
        assert_eq!(judged(&state, 1, 0), state);
        assert_eq!(wanted(&state), []);
    }
}

#[test]
fn a_cancelled_file_can_be_verified_again() {
    let state = with(&["a"]).after(Action::Cancel(1));
    assert_eq!(words(&state), ["cancelled"]);
    assert_eq!(wanted(&state.after(Action::Retry(1))), [ticket(1, 1)]);
}

#[test]
fn pinning_and_unpinning_verify_everything_again() {
    let state = with(&["a", "b"]);
    let state = judged(&judged(&state, 1, 0), 2, 0).after(Action::Pin(KEY.into()));
    assert_eq!(state.pins.len(), 1);
    assert_eq!(wanted(&state), [ticket(1, 1), ticket(2, 1)]);
    let state = state.after(Action::Unpin(0));
    assert_eq!(state.pins.len(), 0);
    assert_eq!(wanted(&state), [ticket(1, 2), ticket(2, 2)]);
}

#[test]
fn a_text_that_is_no_key_is_not_pinned_and_the_reason_is_said() {
    for text in ["", "hello", "00", "-----BEGIN PRIVATE KEY-----"] {
        let state = judged(&with(&["a"]), 1, 0).after(Action::Pin(text.into()));
        assert_eq!(state.pins.len(), 0, "{text}");
        assert!(state.pin_error.is_some(), "{text}");
        assert_eq!(wanted(&state), [], "{text}");
    }
}

#[test]
fn a_key_is_pinned_once() {
    let state = State::default().after(Action::Pin(KEY.into()));
    let again = state.after(Action::Pin(KEY.into()));
    assert_eq!(again.pins.len(), 1);
    assert_eq!(again.pin_error.unwrap(), "This key is pinned already.");
}

#[test]
fn the_focus_goes_to_the_one_report_or_to_the_list() {
    assert_eq!(
        judged(&with(&["a"]), 1, 0).arrival,
        Some(Arrival::Report(ticket(1, 0)))
    );
    let state = judged(&with(&["a", "b"]), 1, 0);
    assert_eq!(state.arrival, None, "one is still in progress");
    assert_eq!(
        judged(&state, 2, 0).arrival,
        Some(Arrival::List(ticket(1, 0)))
    );
}

#[test]
fn the_focus_stays_when_a_key_was_pinned() {
    let state = judged(&with(&["a"]), 1, 0).after(Action::Pin(KEY.into()));
    assert_eq!(judged(&state, 1, 1).arrival, state.arrival);
}

#[test]
fn the_outcome_is_said_once_when_all_are_done() {
    let state = with(&["a", "b"]);
    assert_eq!(state.announcement, "Verifying 2 files.");
    let state = judged(&state, 1, 0);
    assert_eq!(state.announcement, "Verifying 2 files.");
    let state = state.after(Action::Advance(ticket(2, 0), Stage::Stopped("why".into())));
    assert_eq!(
        state.announcement,
        "2 files are done: 1 refused, 1 stopped."
    );
}

#[test]
fn one_outcome_is_said_with_its_sentence() {
    let state = judged(&with(&["a"]), 1, 0);
    assert_eq!(
        state.announcement,
        "a: refused. Nothing was judged: The file is empty."
    );
}

#[test]
fn what_is_supplied_is_listed_and_the_file_verified_again() {
    let state = judged(&with(&["a", "b"]), 1, 0);
    let key = supplied(7, "payload_key", AskKind::PayloadKey);
    let state = judged(&state, 2, 0).after(Action::Supply(1, key.clone()));
    assert_eq!(state.entries[0].supplied, [key]);
    assert_eq!(wanted(&state), [ticket(1, 1)]);
    assert_eq!(state.announcement, "Verifying a again.");
}

#[test]
fn a_value_takes_the_place_of_another_and_a_file_does_not() {
    let ids = |kind| {
        let state = with(&["a"])
            .after(Action::Supply(1, supplied(7, "it", kind)))
            .after(Action::Supply(1, supplied(8, "other", kind)))
            .after(Action::Supply(1, supplied(9, "it", kind)));
        let all = state.entries[0].supplied.clone();
        all.iter().map(|one| one.id).collect::<Vec<_>>()
    };
    assert_eq!(ids(AskKind::Secret), [8, 9]);
    assert_eq!(ids(AskKind::File), [7, 8, 9]);
}

#[test]
fn what_is_taken_back_is_gone_and_the_file_verified_again() {
    let state = with(&["a"]).after(Action::Supply(1, supplied(7, "input", AskKind::File)));
    let state = judged(&state, 1, 1).after(Action::Withdraw(1, 7));
    assert_eq!(state.entries[0].supplied, []);
    assert_eq!(wanted(&state), [ticket(1, 2)]);
}

#[test]
fn the_focus_goes_to_the_report_for_which_something_was_supplied() {
    let state = judged(&with(&["a", "b"]), 1, 0);
    let state =
        judged(&state, 2, 0).after(Action::Supply(2, supplied(7, "user_id", AskKind::Text)));
    assert_eq!(
        judged(&state, 2, 1).arrival,
        Some(Arrival::Report(ticket(2, 1)))
    );
}

#[test]
fn what_was_supplied_goes_with_every_further_run() {
    let state = with(&["a"]).after(Action::Supply(1, supplied(7, "input", AskKind::File)));
    let state = judged(&state, 1, 1).after(Action::Pin(KEY.into()));
    assert_eq!(state.entries[0].ticket, ticket(1, 2));
    assert_eq!(state.entries[0].supplied.len(), 1);
}

#[test]
fn a_folder_that_no_system_claims_gives_way_to_its_files() {
    let mut inside = files(&["b/x", "b/y"]);
    inside[0].id = 11;
    inside[1].id = 12;
    let state = with(&["a", "b", "c"]).after(Action::Apart(ticket(2, 0), inside));
    let names: Vec<&str> = state.entries.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["a", "b/x", "b/y", "c"]);
    assert_eq!(*state.entries[0].together, [1, 2, 3]);
    assert_eq!(*state.entries[1].together, [11, 12]);
    assert_eq!(wanted(&state).len(), 4);
}

#[test]
fn a_file_that_waits_for_the_second_part_is_in_progress_and_one_that_cannot_have_it_is_not() {
    let fetching = with(&["a"]).after(Action::Advance(ticket(1, 0), Stage::Fetching));
    assert_eq!(wanted(&fetching), [ticket(1, 0)]);
    let why = Stage::Lacking("This device is offline.".into());
    let lacking = fetching.after(Action::Advance(ticket(1, 0), why));
    assert_eq!(wanted(&lacking), []);
    assert_eq!(lacking.announcement, "a: not judged.");
    assert_eq!(wanted(&lacking.after(Action::Retry(1))), [ticket(1, 1)]);
}
