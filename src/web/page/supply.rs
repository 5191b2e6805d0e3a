//! What a person supplies for a file: looked at, kept where nothing else sees it, and listed.

use std::cell::RefCell;
use std::rc::Rc;

use assay::bytes::{from_hex, to_hex};
use assay::report::{Ask, AskKind};
use assay::trust::PublicKey;
use yew::Callback;

use super::format::cut;
use super::pool::{Pool, Thing};
use super::state::{Action, Supplied};

/// The way from an ask to the state.
#[derive(Clone)]
pub struct Supply {
    /// Keeps what is supplied.
    pub pool: Rc<RefCell<Pool>>,
    /// Lists it.
    pub act: Callback<Action>,
}

impl PartialEq for Supply {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.pool, &other.pool)
    }
}

impl Supply {
    /// Supplies `thing` for a file, as an answer to `ask`.
    ///
    /// # Errors
    /// Why it cannot be an answer, in a plain sentence.
    pub fn give(&self, file: u32, ask: &Ask, thing: Thing) -> Result<(), String> {
        let text = match (ask.kind, &thing) {
            (AskKind::File, _) => None,
            (_, Thing::Content(_)) => return Err("A text is asked for.".into()),
            (kind, Thing::Value(text)) => Some(answer(kind, text)?),
        };
        let shown = match (&thing, ask.kind) {
            (Thing::Content(content), _) => Some(content.name().into()),
            (_, AskKind::Text | AskKind::Key) => text.as_deref().map(abridged),
            _ => None,
        };
        let thing = text.map_or(thing, Thing::Value);
        let supplied = Supplied {
            id: self.pool.borrow_mut().keep(thing),
            ask: ask.name.as_ref().into(),
            kind: ask.kind,
            shown,
        };
        self.act.emit(Action::Supply(file, supplied));
        Ok(())
    }
}

/// A text as it answers an ask of this kind.
fn answer(kind: AskKind, text: &str) -> Result<String, String> {
    if text.trim().is_empty() {
        return Err("The field is empty.".into());
    }
    match kind {
        AskKind::Key => {
            let key = PublicKey::parse(text).map_err(|error| error.to_string())?;
            Ok(to_hex(&key.bytes))
        }
        AskKind::PayloadKey => {
            let text = text.trim();
            from_hex(text).map_err(|_| "This is not a key in hexadecimal.")?;
            Ok(text.to_owned())
        }
        // The line feed that a text box adds when Return is pressed.
        _ => Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
    }
}

/// The beginning of a text, enough to know it by.
fn abridged(text: &str) -> Rc<str> {
    match cut(text, 80) {
        (text, 0) => text.into(),
        (beginning, _) => format!("{beginning}…").into(),
    }
}
