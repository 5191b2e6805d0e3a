//! What an artifact lacks and a person may have: asked for by the page, supplied through the options.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// Something that the artifact could be held against and that is not in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ask {
    /// The name under which it is supplied: that of a companion or a value; `payload_key`, `key`.
    pub name: Cow<'static, str>,
    /// What has to be supplied.
    pub kind: AskKind,
    /// What it is, as a short phrase: `Original input`.
    pub label: Cow<'static, str>,
    /// What it would settle, in a plain sentence.
    pub why: Cow<'static, str>,
    /// Whether it was supplied.
    pub supplied: bool,
}

/// What has to be supplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AskKind {
    /// A file or folder.
    File,
    /// A text.
    Text,
    /// A text that tells of a person: never shown again, kept or exported.
    Secret,
    /// The key of an encrypted payload, in hexadecimal.
    PayloadKey,
    /// A public key to pin.
    Key,
}

impl AskKind {
    /// The word as it stands in reports.
    pub const fn word(self) -> &'static str {
        match self {
            AskKind::File => "file",
            AskKind::Text => "text",
            AskKind::Secret => "secret",
            AskKind::PayloadKey => "payload-key",
            AskKind::Key => "key",
        }
    }
}

/// Content that was decrypted with the key that was supplied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Disclosed {
    /// What it is: `Input of event 7f03`.
    pub label: Cow<'static, str>,
    /// The content as text, cut off like any other quotation.
    pub value: String,
    /// Where the encrypted content stands: an RFC 6901 JSON pointer.
    pub pointer: String,
}
