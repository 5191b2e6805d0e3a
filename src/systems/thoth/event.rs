//! A behavioural event, or a row of the evidence chain.

use super::evidence::Item;
use super::kind;
use super::time;
use crate::bytes::{from_base64, from_base64url, from_hex};
use crate::crypto::Digest;
use crate::json::Value;

/// What an event tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// A tool was asked for.
    Pre,
    /// A tool ran.
    Post,
    /// A tool was not allowed to run.
    Block,
    /// Something else.
    Other,
}

/// A behavioural event, or a row of the evidence chain.
#[derive(Clone)]
pub(super) struct Event<'d> {
    /// What it says, and where.
    pub item: Item<'d>,
}

impl<'d> Event<'d> {
    pub fn new(item: Item<'d>) -> Self {
        Self { item }
    }

    /// What it tells of.
    pub fn phase(&self) -> Phase {
        match self.item.text("event_type") {
            Some("TOOL_CALL_PRE") => Phase::Pre,
            Some("TOOL_CALL_POST") => Phase::Post,
            Some("TOOL_CALL_BLOCK") => Phase::Block,
            _ => Phase::Other,
        }
    }

    /// Whether it is a row of the evidence chain that is no event.
    pub fn is_row(&self) -> bool {
        self.item.text("event_type").is_none()
    }

    pub fn tenant(&self) -> &'d str {
        self.item.text("tenant_id").unwrap_or_default()
    }

    pub fn session(&self) -> &'d str {
        self.item.text("session_id").unwrap_or_default()
    }

    /// The tool's name.
    pub fn tool(&self) -> Option<&'d str> {
        self.item.text("tool_name").or_else(|| {
            let call = self.metadata("tool_call")?;
            kind::text(call, "name")
        })
    }

    /// A member of the event's metadata.
    pub fn metadata(&self, name: &str) -> Option<&'d Value<'d>> {
        kind::member(self.item.member("metadata")?, name)
    }

    /// A member of the event's metadata, or of the event itself, as a text.
    pub fn said(&self, name: &str) -> Option<&'d str> {
        let within = self.metadata(name).and_then(Value::as_str);
        within.or_else(|| self.item.text(name))
    }

    /// The arguments of the call as the event records them; none where it does not.
    pub fn arguments(&self) -> Option<&'d Value<'d>> {
        let call = self
            .metadata("tool_call")
            .and_then(|call| kind::member(call, "arguments"));
        let plain = self
            .metadata("tool_args")
            .or_else(|| self.item.member("tool_args"));
        plain.or(call)
    }

    /// When it happened, by the agent's clock.
    pub fn occurred(&self) -> Option<i128> {
        time::parse(self.item.text("occurred_at")?)
    }

    /// Whether the policy was only observed and not enforced.
    pub fn is_observed(&self) -> bool {
        matches!(
            self.item.text("enforcement_mode"),
            Some("observe" | "shadow")
        )
    }

    /// The place in the chain.
    pub fn index(&self) -> Option<i64> {
        let index = self.item.member("chain_index")?;
        index
            .as_i64()
            .or_else(|| index.as_str()?.trim().parse().ok())
    }

    pub fn hash(&self) -> Option<&'d str> {
        self.item.text("hash")
    }

    pub fn signature(&self) -> Option<&'d str> {
        self.item.text("signature")
    }

    /// The hash of the one before it; none when it says that there is none.
    pub fn previous(&self) -> Option<&'d str> {
        let text = self.item.text("previous_hash")?;
        let nothing = text.bytes().all(|byte| byte == b'0') || text.eq_ignore_ascii_case("genesis");
        (!nothing).then_some(text)
    }

    /// Whether it bears any mark of a chain.
    pub fn is_chained(&self) -> bool {
        self.hash().is_some() || self.item.text("previous_hash").is_some()
    }
}

/// The 32 bytes that a recorded hash stands for: hexadecimal or base64, after the name of an algorithm or not.
pub(super) fn digest(text: &str) -> Option<Digest> {
    let text = match text.split_once(':') {
        Some(("sha256" | "sha-256" | "SHA256" | "SHA-256" | "blake3" | "BLAKE3", rest)) => rest,
        _ => text,
    };
    decoded(text, 32)?.try_into().ok()
}

/// Bytes in hexadecimal, base64 or base64url, of a known number.
pub(super) fn decoded(text: &str, length: usize) -> Option<Vec<u8>> {
    [
        from_hex(text).ok(),
        from_base64(text).ok(),
        from_base64url(text).ok(),
    ]
    .into_iter()
    .flatten()
    .find(|bytes| bytes.len() == length)
}
