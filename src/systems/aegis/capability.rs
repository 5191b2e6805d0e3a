//! A capability manifest, read as Go reads it, and its rules (`pkg/manifest/manifest.go`, `Manifest` and `Validate`).

use std::borrow::Cow;

use super::go;
use super::wire::found;
use crate::json::{DefectKind, Document, Kind, Value};
use crate::report::Fact;

/// The version of the schema that the vendor's reader takes.
pub(super) const SCHEMA: &str = "aegis.dev/manifest/v0.1";

/// What a member holds.
enum Holds {
    Text,
    Texts,
    Truth,
    Integer,
    /// Texts by names of any kind.
    Map,
    Object(&'static [(&'static str, Holds)]),
}

use Holds::{Integer, Map, Object, Text, Texts, Truth};

/// The schema. `max_model_calls` stands in the vendor's manual on manifests (`permissions.budgets`) alone.
const MANIFEST: &[(&str, Holds)] = &[
    ("schema", Text),
    ("name", Text),
    ("version", Text),
    ("publisher", Text),
    (
        "permissions",
        Object(&[
            ("tools", Texts),
            (
                "fs",
                Object(&[("read_roots", Texts), ("write_roots", Texts)]),
            ),
            ("net", Object(&[("domains", Texts)])),
            ("secrets", Texts),
            (
                "exec",
                Object(&[("allowed_bins", Texts), ("arg_patterns", Texts)]),
            ),
            ("approval_required", Texts),
            (
                "budgets",
                Object(&[
                    ("max_steps", Integer),
                    ("max_tool_calls", Integer),
                    ("max_output_bytes", Integer),
                    ("timeout_ms", Integer),
                    ("max_wall_time_ms", Integer),
                    ("max_model_calls", Integer),
                ]),
            ),
        ]),
    ),
    (
        "sandbox",
        Object(&[("required", Truth), ("image", Text), ("mounts", Texts)]),
    ),
    (
        "integrity",
        Object(&[("files", Map), ("tree_sha256", Text), ("signature", Text)]),
    ),
];

/// What departs from the schema.
pub(super) struct Departure {
    /// In one plain sentence.
    pub sentence: String,
    /// Whether the vendor's reader reads over it.
    pub accepted: bool,
}

/// The first thing in which the manifest departs from the schema.
pub(super) fn departure(document: &Document<'_>) -> Option<Departure> {
    if let Some(defect) = document.defects.first() {
        return Some(Departure {
            sentence: document.sentence(defect),
            accepted: defect.kind == DefectKind::DuplicateKey,
        });
    }
    of_object(&document.root, MANIFEST, "")
}

fn of_object(value: &Value<'_>, members: &[(&str, Holds)], path: &str) -> Option<Departure> {
    let Some(object) = value.as_object() else {
        let what = if path.is_empty() {
            "The manifest"
        } else {
            path
        };
        return wrong(what, value, "an object");
    };
    let mut seen: Vec<&str> = Vec::new();
    for member in &object.members {
        let path = match path {
            "" => member.key.to_string(),
            path => format!("{path}.{}", member.key),
        };
        let Some((name, holds)) = members
            .iter()
            .find(|(name, _)| go::is_named(&member.key, name))
        else {
            return Some(Departure {
                sentence: format!("The member `{path}` is none of a manifest."),
                accepted: true,
            });
        };
        if seen.contains(name) {
            return Some(Departure {
                sentence: format!(
                    "The member `{path}` names a field that another member names too."
                ),
                accepted: true,
            });
        }
        seen.push(name);
        if let Some(departure) = of_value(&member.value, holds, &path) {
            return Some(departure);
        }
    }
    None
}

/// Null is what Go reads as empty, and writes for an empty list of tools.
fn of_value(value: &Value<'_>, holds: &Holds, path: &str) -> Option<Departure> {
    let text = |value: &Value<'_>| value.as_str().is_some() || value.is_null();
    let (holds_it, expected) = match (holds, &value.kind) {
        (_, Kind::Null) => (true, ""),
        (Object(members), _) => return of_object(value, members, path),
        (Text, _) => (text(value), "a text"),
        (Truth, _) => (value.as_bool().is_some(), "true or false"),
        (Integer, _) => (value.as_i64().is_some(), "a whole number of 64 bits"),
        (Texts, Kind::Array(elements)) => (elements.iter().all(text), "a list of texts"),
        (Map, Kind::Object(object)) => {
            let all = object.members.iter().all(|member| text(&member.value));
            (all, "an object of texts")
        }
        (Texts, _) => (false, "a list of texts"),
        (Map, _) => (false, "an object of texts"),
    };
    match holds_it {
        true => None,
        false => wrong(path, value, expected),
    }
}

fn wrong(path: &str, value: &Value<'_>, expected: &str) -> Option<Departure> {
    Some(Departure {
        sentence: format!("`{path}` is {}, not {expected}.", found(value)),
        accepted: false,
    })
}

/// The value at a path of names, each found as Go finds it.
pub(super) fn at<'v, 'a>(root: &'v Value<'a>, path: &str) -> Option<&'v Value<'a>> {
    path.split('.').try_fold(root, |value, name| {
        let mut members = value.as_object()?.members.iter().rev();
        let member = members.find(|member| go::is_named(&member.key, name))?;
        Some(&member.value)
    })
}

/// A text at a path; empty where there is none.
pub(super) fn text<'v>(root: &'v Value<'_>, path: &str) -> &'v str {
    at(root, path).and_then(Value::as_str).unwrap_or_default()
}

/// The texts of a list at a path.
pub(super) fn texts<'v>(root: &'v Value<'_>, path: &str) -> Vec<&'v str> {
    let elements = at(root, path).and_then(Value::as_array).unwrap_or_default();
    elements
        .iter()
        .map(|element| element.as_str().unwrap_or_default())
        .collect()
}

/// The first rule that the manifest breaks, in the words of the vendor's `Validate`.
pub(super) fn broken_rule(root: &Value<'_>) -> Option<String> {
    let schema = text(root, "schema");
    if schema != SCHEMA {
        return Some(format!(
            "manifest: schema: expected {SCHEMA:?}, got {schema:?}"
        ));
    }
    let required = ["name", "version", "publisher"];
    if let Some(missing) = required.iter().find(|name| text(root, name).is_empty()) {
        return Some(format!("manifest: {missing}: required"));
    }
    let sandboxed = at(root, "sandbox.required")
        .and_then(Value::as_bool)
        .unwrap_or(false);
    (has_effects(root) && !sandboxed).then(|| {
        "manifest: sandbox.required: must be true when exec, fs.write, or net permissions are declared".to_owned()
    })
}

/// Whether the manifest allows anything that has an effect outside (`hasEffectfulPermissions`).
fn has_effects(root: &Value<'_>) -> bool {
    const TOOLS: [&str; 5] = ["exec", "fs.write", "mcp.http", "mcp.https", "net"];
    let lists = [
        "permissions.exec.allowed_bins",
        "permissions.fs.write_roots",
        "permissions.net.domains",
    ];
    lists.iter().any(|list| !texts(root, list).is_empty())
        || texts(root, "permissions.tools")
            .iter()
            .any(|tool| TOOLS.contains(tool))
}

/// What the manifest says; `entry` stands before the pointers.
pub(super) fn facts(root: &Value<'_>, entry: &str) -> Vec<Fact> {
    const OF_MANIFEST: [(&str, &str); 19] = [
        ("Skill", "name"),
        ("Version", "version"),
        ("Publisher", "publisher"),
        ("Tools allowed", "permissions.tools"),
        ("Files it may read", "permissions.fs.read_roots"),
        ("Files it may write", "permissions.fs.write_roots"),
        ("Domains it may reach", "permissions.net.domains"),
        ("Secrets it may use", "permissions.secrets"),
        ("Programs it may run", "permissions.exec.allowed_bins"),
        (
            "Human approval required for",
            "permissions.approval_required",
        ),
        ("Most steps", "permissions.budgets.max_steps"),
        ("Most tool calls", "permissions.budgets.max_tool_calls"),
        (
            "Longest time, in milliseconds",
            "permissions.budgets.max_wall_time_ms",
        ),
        (
            "Longest call, in milliseconds",
            "permissions.budgets.timeout_ms",
        ),
        (
            "Most output, in bytes",
            "permissions.budgets.max_output_bytes",
        ),
        (
            "Most model calls (Aegis does not enforce it)",
            "permissions.budgets.max_model_calls",
        ),
        ("Sandbox required", "sandbox.required"),
        ("Container image", "sandbox.image"),
        ("Signature named", "integrity.signature"),
    ];
    let fact = |(label, path): (&'static str, &str)| {
        let value = at(root, path)?;
        let words = match (value.as_array(), value.as_bool()) {
            (Some(_), _) => texts(root, path).join(", "),
            (_, Some(truth)) => if truth { "yes" } else { "no" }.to_owned(),
            _ => value.as_str().or(value.as_number())?.to_owned(),
        };
        (!words.is_empty()).then(|| Fact {
            label: Cow::Borrowed(label),
            value: words,
            pointer: format!("{entry}/{}", path.replace('.', "/")),
            signed: false,
        })
    };
    OF_MANIFEST.into_iter().filter_map(fact).collect()
}
