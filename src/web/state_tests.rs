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
        json: report.to_json(),
        report,
        time: name.into(),
    })
}

fn ticket(file: u32, run: u32) -> Ticket {
    Ticket { file, run }
}

fn judged(state: &State, file: u32, run: u32) -> State {
    state.after(Action::Judged(ticket(file, run), judgement("now")))
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
    };
    let state = state.after(Action::Add(vec![later]));
    let names: Vec<&str> = state.entries.iter().map(|entry| &*entry.name).collect();
    assert_eq!(names, ["c", "a", "b"]);
    assert_eq!(state.wanted(), [ticket(3, 0), ticket(1, 0), ticket(2, 0)]);
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
    assert_eq!(state.wanted(), []);
}

#[test]
fn news_of_a_run_that_was_replaced_changes_nothing() {
    let state = judged(&with(&["a"]), 1, 0).after(Action::Pin(KEY.into()));
    assert_eq!(state.wanted(), [ticket(1, 1)]);
    assert_eq!(judged(&state, 1, 0), state);
    assert_eq!(words(&judged(&state, 1, 1)), ["refused"]);
}

#[test]
fn news_of_a_cancelled_or_removed_file_changes_nothing() {
    for action in [Action::Cancel(1), Action::Remove(1)] {
        let state = with(&["a"]).after(action);
        assert_eq!(judged(&state, 1, 0), state);
        assert_eq!(state.wanted(), []);
    }
}

#[test]
fn a_cancelled_file_can_be_verified_again() {
    let state = with(&["a"]).after(Action::Cancel(1));
    assert_eq!(words(&state), ["cancelled"]);
    assert_eq!(state.after(Action::Retry(1)).wanted(), [ticket(1, 1)]);
}

#[test]
fn pinning_and_unpinning_verify_everything_again() {
    let state = with(&["a", "b"]);
    let state = judged(&judged(&state, 1, 0), 2, 0).after(Action::Pin(KEY.into()));
    assert_eq!(state.pins.len(), 1);
    assert_eq!(state.wanted(), [ticket(1, 1), ticket(2, 1)]);
    let state = state.after(Action::Unpin(0));
    assert_eq!(state.pins.len(), 0);
    assert_eq!(state.wanted(), [ticket(1, 2), ticket(2, 2)]);
}

#[test]
fn a_text_that_is_no_key_is_not_pinned_and_the_reason_is_said() {
    for text in ["", "hello", "00", "-----BEGIN PRIVATE KEY-----"] {
        let state = judged(&with(&["a"]), 1, 0).after(Action::Pin(text.into()));
        assert_eq!(state.pins.len(), 0, "{text}");
        assert!(state.pin_error.is_some(), "{text}");
        assert_eq!(state.wanted(), [], "{text}");
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
    let state = state.after(Action::Stopped(ticket(2, 0), "why".into()));
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
