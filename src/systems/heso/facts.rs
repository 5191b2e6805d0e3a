//! What receipts say, for people, and what a valid receipt does not prove.

use std::borrow::Cow;

use super::outcome::Outcome;
use super::receipt::Judged;
use super::session::Session;
use super::wire::Receipt;
use crate::json::{Kind, Value};
use crate::report::Fact;

/// Where the facts of a lone receipt stand, and what they are called.
const OF_RECEIPT: &[(&str, &str)] = &[
    ("Action", "/content/action/verb"),
    ("Tool", "/content/action/tool_name"),
    ("Host", "/content/action/target_host"),
    ("Workflow", "/content/action/workflow"),
    ("Account", "/content/action/account"),
    ("Error", "/content/action/error"),
    ("Result hash", "/content/action/result_hash"),
    (
        "Captured at, by the operator's clock",
        "/content/captured_at",
    ),
    ("Agent", "/content/agent_identity"),
    ("Policy rule", "/content/policy/rule_id"),
    ("Policy rule in words", "/content/policy/rule_display"),
    ("Policy decision", "/content/policy/decision_path"),
    ("Trust level claimed", "/content/trust_level"),
    ("Approver's decision", "/content/approver_decision/decision"),
    ("Approver", "/content/approver_decision/approver_identity"),
    ("Approver's reason", "/content/approver_decision/reason"),
    (
        "Decided at, by the approver's account",
        "/content/approver_decision/decided_at",
    ),
    ("Redaction", "/content/redaction/mode"),
    ("Resource class", "/content/action/ert/resource_class"),
    ("Effect", "/content/action/ert/effect"),
    ("Egress", "/content/action/ert/egress"),
    ("Mandate", "/content/action/mandate/verdict"),
    ("Guardrail", "/content/guardrail/decision"),
    ("Session", "/content/session_id"),
    ("Place in the session", "/content/seq"),
    ("Content hash (BLAKE3)", "/content/action_hash"),
];

/// The action's arguments that a report lists.
const FIELDS: usize = 30;

/// What a lone receipt says; `entry` stands before the pointers.
pub(super) fn of_receipt(receipt: &Receipt<'_, '_>, judged: &Judged, entry: &str) -> Vec<Fact> {
    let signed = judged.operator.is_some();
    let fact = |label: Cow<'static, str>, value: String, pointer: &str| Fact {
        label,
        value,
        pointer: format!("{entry}{pointer}"),
        signed,
    };
    let root = &receipt.document.root;
    let mut facts: Vec<Fact> = OF_RECEIPT
        .iter()
        .filter_map(|(label, pointer)| {
            let value = at(root, pointer)?;
            Some(fact(Cow::Borrowed(*label), words(value, receipt), pointer))
        })
        .collect();
    let markers = at(root, "/content/redaction/markers").and_then(Value::as_array);
    for (index, marker) in markers.unwrap_or_default().iter().take(FIELDS).enumerate() {
        if let Some(path) = marker.get("field_path") {
            let pointer = format!("/content/redaction/markers/{index}/field_path");
            facts.push(fact(
                "Redacted field".into(),
                words(path, receipt),
                &pointer,
            ));
        }
    }
    let arguments = at(root, "/content/action/fields").and_then(Value::as_object);
    for member in arguments
        .iter()
        .flat_map(|object| &object.members)
        .take(FIELDS)
    {
        let key = member.key.replace('~', "~0").replace('/', "~1");
        facts.push(fact(
            format!("Argument {}", member.key).into(),
            words(&member.value, receipt),
            &format!("/content/action/fields/{key}"),
        ));
    }
    facts
}

fn at<'v, 'a>(root: &'v Value<'a>, pointer: &str) -> Option<&'v Value<'a>> {
    pointer
        .split('/')
        .skip(1)
        .try_fold(root, |value, member| value.get(member))
}

/// A string's own characters; anything else as the file writes it.
fn words(value: &Value<'_>, receipt: &Receipt<'_, '_>) -> String {
    match &value.kind {
        Kind::String(text) => text.clone().into_owned(),
        _ => {
            let (start, end) = (value.span.start as usize, value.span.end as usize);
            receipt
                .document
                .text()
                .get(start..end)
                .unwrap_or_default()
                .to_owned()
        }
    }
}

/// What a session says as a whole.
pub(super) fn of_session(session: &Session, is_array: bool, entry: &str, facts: &mut Vec<Fact>) {
    let signed = session.intact && session.outcome() == Some(Outcome::Valid.word());
    let record = session.first.saturating_sub(1);
    let mut add = |label: &'static str, value: String, member: &str| {
        let pointer = match member {
            "" if is_array => String::new(),
            _ => format!("/{record}{member}"),
        };
        facts.push(Fact {
            label: Cow::Borrowed(label),
            value,
            pointer: format!("{entry}{pointer}"),
            signed,
        });
    };
    if let Some(id) = &session.id {
        add("Session", id.clone(), "/content/session_id");
    }
    add("Receipts in the session", session.length.to_string(), "");
    if session.approved > 0 {
        add(
            "Receipts that an approver co-signed",
            session.approved.to_string(),
            "",
        );
    }
    if let Some((first, last)) = &session.captured {
        add(
            "First captured at, by the operator's clock",
            first.clone(),
            "/content/captured_at",
        );
        if session.length > 1 {
            add(
                "Last captured at, by the operator's clock",
                last.clone(),
                "",
            );
        }
    }
}

/// What a pass does not prove.
pub(super) fn limits(sessions: bool, redacted: bool) -> Vec<Cow<'static, str>> {
    let mut limits = vec![
        Cow::Borrowed(
            "A receipt records that the action was captured, put to the policy and signed. It does not prove that the action succeeded, or that the tool told the truth.",
        ),
        Cow::Borrowed(
            "The times are those of the operator's and the approver's own clocks. No independent clock vouches for them.",
        ),
        Cow::Borrowed(
            "The keys come with the evidence. Only a key that you pinned, having learned it elsewhere, says who signed.",
        ),
    ];
    if sessions {
        limits.push(Cow::Borrowed(
            "A chain shows that nothing was altered or taken out between its links. It cannot show that receipts at its end are missing.",
        ));
    }
    if redacted {
        limits.push(Cow::Borrowed(
            "Redacted values were replaced before signing: what they were cannot be told from the receipt.",
        ));
    }
    limits
}
