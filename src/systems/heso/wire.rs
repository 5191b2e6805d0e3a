//! The fields of an action receipt, as types over the JSON tree.
//!
//! The members are those of heso-spec `modules/action-receipt.md` sections 2 and 3, `chain.md`,
//! `quorum.md` and `time-anchor.md`, and the few that heso 0.5.1 writes beyond them (`metrics`).

use super::shape::{Malformed, Member, Members, Need, Others, Shape, Unread, Walk};
use crate::json::{Document, Value};

/// The envelope's tag for the suite that this room verifies (action-receipt.md section 1).
pub(super) const ALGORITHM: &str = "heso-action/v2+ed25519";
/// The format version of the signed content that goes with it.
pub(super) const VERSION: &str = "heso-action/2.0";

const fn required(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        need: Need::Required,
    }
}

const fn optional(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        need: Need::Optional,
    }
}

const fn default(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        need: Need::Default,
    }
}

const fn free(name: &'static str, shape: Shape) -> Member {
    Member {
        name,
        shape,
        need: Need::Free,
    }
}

const fn open(named: &'static [Member]) -> Members {
    Members {
        named,
        others: Others::Unread,
    }
}

const fn closed(named: &'static [Member]) -> Members {
    Members {
        named,
        others: Others::Refused,
    }
}

const U32: Shape = Shape::Count(u32::MAX as u64);
const U64: Shape = Shape::Count(u64::MAX);

/// Everything outside `content` is closed: no hash covers it, so an unknown member there would be
/// evidence that nobody signed.
static RECEIPT: Shape = Shape::Object(&closed(&[
    required("alg", Shape::Text),
    required("content", Shape::Object(&CONTENT)),
    required("signatures", Shape::List(&SIGNATURE)),
    free("transparency", Shape::List(&PROOF)),
]));

static SIGNATURE: Shape = Shape::Object(&closed(&[
    required("algorithm", Shape::Text),
    required("key_id", Shape::Text),
    required("public_key", Shape::Text),
    required("signature", Shape::Text),
]));

static PROOF: Shape = Shape::Object(&closed(&[
    required("log_id", Shape::Text),
    required("leaf_index", U64),
    required("inclusion_proof", Shape::List(&Shape::Text)),
    free("org_tree_size", U64),
    free("epoch", U64),
    free("org_id", Shape::Text),
    free("top_leaf_index", U64),
    free("top_inclusion_proof", Shape::List(&Shape::Text)),
    required("checkpoint", Shape::Text),
    free("cosignatures", Shape::List(&Shape::Map)),
]));

static CONTENT: Members = closed(&[
    required("action_version", Shape::Text),
    required("captured_at", Shape::Text),
    required("agent_identity", Shape::Text),
    required("action", Shape::Object(&ACTION)),
    required("policy", Shape::Object(&POLICY)),
    optional("approver_decision", Shape::Object(&APPROVAL)),
    optional("multi_approval", Shape::Object(&QUORUM)),
    optional("redaction", Shape::Object(&REDACTION)),
    optional("guardrail", Shape::Object(&GUARDRAIL)),
    required("trust_level", Shape::Word(&["L0", "L1"])),
    required("action_hash", Shape::Text),
    optional("session_id", Shape::Text),
    optional("seq", U64),
    optional("prev_receipt_hash", Shape::Text),
    optional("kind", Shape::Word(&KINDS)),
    optional("suspension", Shape::Map),
    optional("key_rotation", Shape::Object(&ROTATION)),
    optional("nonce", Shape::Text),
    optional("time_anchor", Shape::Object(&ANCHOR)),
    optional("anchor_policy", Shape::Word(&["required"])),
    optional("attestation", Shape::Object(&ATTESTATION)),
    optional("metrics", Shape::Object(&METRICS)),
]);

static KINDS: [&str; 8] = [
    "action",
    "suspended",
    "approved",
    "denied",
    "expired",
    "escalated",
    "completed",
    "key_rotation",
];

static ACTION: Members = open(&[
    required(
        "verb",
        Shape::Word(&[
            "llm_call",
            "tool_call",
            "http_request",
            "payment",
            "data_export",
            "account_change",
            "delete",
        ]),
    ),
    optional("domain", Shape::Text),
    optional("action", Shape::Text),
    optional("ert", Shape::Object(&CLASSIFICATION)),
    optional("mandate", Shape::Object(&MANDATE)),
    required("tool_name", Shape::Text),
    optional("target_host", Shape::Text),
    required("workflow", Shape::Text),
    required("account", Shape::Text),
    required("fields", Shape::Map),
    optional("result_hash", Shape::Text),
    optional("error", Shape::Text),
]);

static CLASSIFICATION: Members = open(&[
    required("observed_facts", Shape::Object(&OBSERVED)),
    required("resource_class", Shape::Text),
    required(
        "effect",
        Shape::Word(&[
            "observe",
            "mutate",
            "destroy",
            "transfer_out",
            "spend",
            "grant",
            "effect_unknown",
        ]),
    ),
    required(
        "egress",
        Shape::Word(&["local", "crosses_trust_boundary", "crosses_unknown"]),
    ),
    required(
        "observability",
        Shape::Word(&["wire", "args", "symbol", "blind"]),
    ),
    required("taxonomy_hash", Shape::Text),
]);

static OBSERVED: Members = open(&[
    optional("host", Shape::Text),
    optional("path", Shape::Text),
    optional("realpath", Shape::Text),
    optional(
        "method",
        Shape::Word(&["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]),
    ),
    default("argv_tokens", Shape::List(&Shape::Text)),
    optional("row_count_estimate", U64),
    default("is_payment", Shape::Flag),
    default("is_secret", Shape::Flag),
    default("is_identity_change", Shape::Flag),
    default("is_model_call", Shape::Flag),
    default("effect_destructive", Shape::Flag),
    default("is_local_compute", Shape::Flag),
    default("has_file_body", Shape::Flag),
    optional(
        "origin",
        Shape::Word(&[
            "browser_driver",
            "browser_form",
            "messaging_sdk",
            "payment_sdk",
            "agent_protocol",
            "storage_sdk",
            "sdk",
            "proxy",
        ]),
    ),
    optional(
        "observed_via",
        Shape::Word(&[
            "fs_hook",
            "object_sdk",
            "sql_proxy",
            "iac_tool",
            "http_delete",
        ]),
    ),
    optional("mcp_server", Shape::Text),
]);

static MANDATE: Members = open(&[
    required("mandate_id", Shape::Text),
    required("mandate_hash", Shape::Text),
    required("verdict", Shape::Word(&["valid", "invalid", "absent"])),
    required("payee", Shape::Text),
    required("amount_minor", U64),
    required("currency", Shape::Text),
]);

static POLICY: Members = open(&[
    required("rule_id", Shape::Text),
    required("rule_display", Shape::Text),
    required("matched_conditions", Shape::List(&CONDITION)),
    required(
        "decision_path",
        Shape::Word(&["allow", "block", "redact", "require_approval"]),
    ),
]);

static CONDITION: Shape = Shape::Object(&open(&[
    required("field", Shape::Text),
    required("op", Shape::Text),
    required("value", Shape::Any),
]));

static APPROVAL: Members = open(&[
    required(
        "decision",
        Shape::Word(&["approved", "rejected", "escalated"]),
    ),
    required("approver_identity", Shape::Text),
    required("reason", Shape::Text),
    required("decided_at", Shape::Text),
    optional("sla_minutes", U32),
]);

static QUORUM: Members = open(&[
    required("threshold", U32),
    required("roster", Shape::List(&Shape::Text)),
    required("approvers", Shape::List(&APPROVER)),
]);

static APPROVER: Shape = Shape::Object(&APPROVAL);

static REDACTION: Members = open(&[
    required("mode", Shape::Word(&["destructive", "commit_and_reveal"])),
    required("markers", Shape::List(&MARKER)),
    optional("merkle_root", Shape::Text),
]);

static MARKER: Shape = Shape::Object(&open(&[
    required("field_path", Shape::Text),
    required("algorithm", Shape::Text),
    required("commitment", Shape::Text),
]));

static GUARDRAIL: Members = open(&[
    required("findings", Shape::List(&GUARDRAIL_FINDING)),
    required("decision", Shape::Word(&["block", "require_approval"])),
]);

static GUARDRAIL_FINDING: Shape = Shape::Object(&open(&[
    required(
        "category",
        Shape::Word(&["prompt_injection", "jailbreak", "tool_poisoning"]),
    ),
    required("surface", Shape::Either(&SURFACE, &ARGUMENT_SURFACE)),
    required("pattern_id", Shape::Text),
    required("severity", Shape::Word(&["suspicious", "malicious"])),
]));

static SURFACE: Shape = Shape::Word(&["tool_description", "tool_result"]);

static ARGUMENT_SURFACE: Shape = Shape::Object(&closed(&[required(
    "argument",
    Shape::Object(&open(&[required("path", Shape::Text)])),
)]));

static ROTATION: Members = open(&[
    required("role", Shape::Word(&["producer", "decision"])),
    required("outgoing_public_key", Shape::Text),
    required("incoming_public_key", Shape::Text),
]);

static ANCHOR: Members = open(&[
    required("kind", Shape::Text),
    required("token_b64", Shape::Text),
    required("tsa", Shape::Text),
    required("anchored_hash", Shape::Text),
]);

static ATTESTATION: Members = open(&[
    required("kind", Shape::Text),
    required("evidence", Shape::Text),
    required("bound_field", Shape::Text),
    default("collateral", Shape::List(&Shape::Text)),
]);

static METRICS: Members = closed(&[
    required("duration_ms", U32),
    required(
        "status",
        Shape::Word(&[
            "ok",
            "client_error",
            "server_error",
            "timeout",
            "refused",
            "error",
        ]),
    ),
    optional("status_code", U32),
    optional("tokens_in", U32),
    optional("tokens_out", U32),
    optional(
        "token_source",
        Shape::Word(&["provider_reported", "estimated"]),
    ),
    optional("rate_card_id", Shape::Text),
    optional("bytes_in", U32),
    optional("bytes_out", U32),
    optional("retries", U32),
]);

/// A receipt that has the shape of one.
#[derive(Debug)]
pub(super) struct Receipt<'v, 'a> {
    /// The text that it stands in.
    pub document: &'v Document<'a>,
    /// The signed statement, its self-hash included.
    pub content: &'v Value<'a>,
    /// The envelope's tag.
    pub algorithm: &'v str,
    /// The entries of `signatures`, in their order.
    pub signatures: Vec<Signature<'v>>,
    /// Whether the reserved `transparency` list holds anything.
    pub has_transparency: bool,
    /// The first part of `content` that HESO's core reads over.
    pub unread: Option<Unread>,
}

/// One entry of `signatures`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signature<'v> {
    pub algorithm: &'v str,
    pub role: &'v str,
    pub public_key: &'v str,
    pub signature: &'v str,
}

/// The part of a receipt that places it in a session (chain.md section 1).
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'v> {
    pub session: Option<&'v str>,
    pub seq: Option<u64>,
    pub previous: Option<&'v str>,
}

impl<'v, 'a> Receipt<'v, 'a> {
    /// Reads a receipt; `depth` counts the arrays that it stands in.
    ///
    /// # Errors
    /// When it does not have the shape of an action receipt, of any version of the suite that shares it.
    pub fn read(document: &'v Document<'a>, depth: usize) -> Result<Self, Malformed> {
        let root = &document.root;
        let unread = Walk::over(root, &RECEIPT, depth)?;
        let missing = || Malformed {
            pointer: String::new(),
            what: "is not an action receipt".to_owned(),
            is_unknown_member: false,
        };
        let content = root.get("content").ok_or_else(missing)?;
        let algorithm = text(root, "alg").ok_or_else(missing)?;
        let signatures = root
            .get("signatures")
            .and_then(Value::as_array)
            .ok_or_else(missing)?
            .iter()
            .map(Signature::read)
            .collect::<Option<_>>()
            .ok_or_else(missing)?;
        Ok(Self {
            document,
            content,
            algorithm,
            signatures,
            has_transparency: root
                .get("transparency")
                .and_then(Value::as_array)
                .is_some_and(|proofs| !proofs.is_empty()),
            unread,
        })
    }

    /// A text of `content`, which the shape may require.
    pub fn text(&self, member: &str) -> Option<&'v str> {
        text(self.content, member)
    }

    /// The hash that the receipt records for itself.
    pub fn recorded_hash(&self) -> &'v str {
        self.text("action_hash").unwrap_or_default()
    }

    /// The receipt's place in a session.
    pub fn link(&self) -> Link<'v> {
        Link {
            session: self.text("session_id"),
            seq: self.content.get("seq").and_then(Value::as_u64),
            previous: self.text("prev_receipt_hash"),
        }
    }

    /// The lifecycle kind, where it is not the plain `action`.
    pub fn lifecycle_kind(&self) -> Option<&'v str> {
        self.text("kind").filter(|kind| *kind != "action")
    }

    /// The entries of one role.
    pub fn signatures_of(&self, role: &str) -> impl Iterator<Item = &Signature<'v>> {
        self.signatures
            .iter()
            .filter(move |entry| entry.role == role)
    }
}

impl<'v> Signature<'v> {
    fn read(entry: &'v Value<'_>) -> Option<Self> {
        Some(Self {
            algorithm: text(entry, "algorithm")?,
            role: text(entry, "key_id")?,
            public_key: text(entry, "public_key")?,
            signature: text(entry, "signature")?,
        })
    }
}

fn text<'v>(object: &'v Value<'_>, member: &str) -> Option<&'v str> {
    object.get(member).and_then(Value::as_str)
}
