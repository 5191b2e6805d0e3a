//! An enforcement decision, and what became of a hold.

use super::evidence::Item;
use super::kind;
use super::time;
use crate::json::{Kind, Value};

/// The five decisions (`thoth/models.py`, DecisionType).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allow,
    Block,
    StepUp,
    Modify,
    Defer,
}

use Verdict::{Allow, Block, Defer, Modify, StepUp};

impl Verdict {
    /// The word in the model's spelling.
    pub const fn word(self) -> &'static str {
        match self {
            Allow => "ALLOW",
            Block => "BLOCK",
            StepUp => "STEP_UP",
            Modify => "MODIFY",
            Defer => "DEFER",
        }
    }

    /// The decision that a word stands for (`_DECISION_ALIASES`); none when the model does not know the word.
    pub fn of_word(word: &str) -> Option<Self> {
        Some(match word.trim().to_uppercase().as_str() {
            "ALLOW" => Allow,
            "BLOCK" | "DENY" => Block,
            "STEP_UP" | "CHALLENGE" | "ESCALATE" | "REVIEW" => StepUp,
            "MODIFY" | "MODIFIED" | "TRANSFORM" => Modify,
            "DEFER" | "DEFERRED" | "HOLD" => Defer,
            _ => return None,
        })
    }

    /// Whether the tool may run.
    pub fn lets_run(self) -> bool {
        matches!(self, Allow | Modify)
    }
}

/// An enforcement decision.
#[derive(Clone)]
pub(super) struct Decision<'d> {
    /// What it says, and where.
    pub item: Item<'d>,
    /// What the model makes of it. A word that the model does not know blocks.
    pub verdict: Verdict,
}

impl<'d> Decision<'d> {
    pub fn new(item: Item<'d>) -> Self {
        let written = said(&item, "decision").or_else(|| said(&item, "authorization_decision"));
        let word = written.and_then(Value::as_str).unwrap_or_default();
        Self {
            verdict: Verdict::of_word(word).unwrap_or(Block),
            item,
        }
    }

    /// The word as the file has it.
    pub fn written(&self) -> &'d str {
        let word = self.item.text("decision");
        word.or_else(|| self.item.text("authorization_decision"))
            .unwrap_or_default()
    }

    /// What the authorization says, where it stands beside another decision and differs from it.
    pub fn other_authorization(&self) -> Option<Verdict> {
        self.item.text("decision")?;
        let authorized = Verdict::of_word(self.item.text("authorization_decision")?)?;
        (authorized != self.verdict).then_some(authorized)
    }

    /// The tool that it is about.
    pub fn tool(&self) -> Option<&'d str> {
        self.item
            .text("tool_name")
            .or_else(|| self.item.text("tool"))
    }

    /// The session that it is about; the SDK gives a trace the session's name unless told otherwise.
    pub fn session(&self) -> Option<&'d str> {
        self.item
            .text("session_id")
            .or_else(|| self.item.text("enforcement_trace_id"))
    }

    pub fn hold(&self) -> Option<&'d str> {
        self.item.text("hold_token")
    }

    /// The receipts that it bears, with the members' names.
    pub fn receipts(&self) -> impl Iterator<Item = (&'static str, &'d Value<'d>)> {
        ["receipt", "terminal_receipt"]
            .into_iter()
            .filter_map(|name| Some((name, self.item.member(name)?)))
            .filter(|(_, receipt)| receipt.as_object().is_some())
    }
}

/// A member that counts for Python: neither null nor empty nor zero nor false.
fn said<'d>(item: &Item<'d>, name: &str) -> Option<&'d Value<'d>> {
    item.member(name).filter(|value| match &value.kind {
        Kind::Bool(truth) => *truth,
        Kind::Number(lexeme) => lexeme.parse() != Ok(0.0_f64),
        Kind::Array(elements) => !elements.is_empty(),
        Kind::Object(object) => !object.members.is_empty(),
        _ => true,
    })
}

/// A hold, or what became of it (`thoth/step_up.py`, _coerce_hold_payload).
#[derive(Clone)]
pub(super) struct Approval<'d> {
    /// What it says, and where.
    pub item: Item<'d>,
    /// What was decided; none while it is pending.
    pub outcome: Option<Verdict>,
}

impl<'d> Approval<'d> {
    pub fn new(item: Item<'d>) -> Self {
        let resolution = item.text("resolution");
        let resolved = item.member("resolved").and_then(Value::as_bool);
        let outcome = match (resolved, resolution, item.text("status")) {
            (Some(false), ..) => None,
            (_, Some(word), _) => Some(Verdict::of_word(word).unwrap_or(Block)),
            (Some(true), None, None) => Some(Block),
            (_, None, Some(status)) => of_status(status),
            (None, None, None) => None,
        };
        Self { item, outcome }
    }

    /// What was decided, in the model's word, with the word that was written where that is another.
    pub fn words(&self) -> String {
        let Some(outcome) = self.outcome else {
            return "pending".to_owned();
        };
        let word = outcome.word();
        let status = self.item.text("status");
        match self.item.text("resolution").or(status) {
            Some(written) if written == word => word.to_owned(),
            Some(written) if Verdict::of_word(written).is_some() || outcome == Allow => {
                format!("{word} (written \"{written}\")")
            }
            Some(written) => {
                format!(
                    "{word} (written \"{written}\", a word that the SDK does not know and reads as BLOCK)"
                )
            }
            None => {
                format!("{word} (resolved, without a word on how, which the SDK reads as BLOCK)")
            }
        }
    }

    /// When it was decided, by the service's clock.
    pub fn decided(&self) -> Option<i128> {
        decided(&self.item)
    }
}

/// When a decision was made.
pub(super) fn decided(item: &Item<'_>) -> Option<i128> {
    const NAMES: [&str; 8] = [
        "resolved_at",
        "approved_at",
        "decided_at",
        "updated_at",
        "occurred_at",
        "timestamp",
        "created_at",
        "issued_at",
    ];
    NAMES.iter().find_map(|name| time::parse(item.text(name)?))
}

/// The decision that an approval queue's status stands for; none while it is pending.
fn of_status(status: &str) -> Option<Verdict> {
    match status.trim().to_lowercase().as_str() {
        "pending" | "open" | "waiting" => None,
        "approved" => Some(Allow),
        other => Some(Verdict::of_word(other).unwrap_or(Block)),
    }
}

/// The members that name a person who decided.
pub(super) const PERSON: [&str; 6] = [
    "approver",
    "approved_by",
    "approver_id",
    "resolved_by",
    "reviewer",
    "decided_by",
];

/// Who decided, and the member that says so.
pub(super) fn person<'d>(item: &Item<'d>) -> Option<(&'static str, &'d str)> {
    PERSON
        .into_iter()
        .find_map(|name| Some((name, kind::text(item.value, name)?)))
}
