//! What marks an artifact as Aegis's own. Go matches names without regard to case, and so do these marks.

use crate::input::{Artifact, Entry, Files, Form, is_left_by_system};
use crate::json::{Records, Value};
use crate::systems::Recognition;

/// The file name that a capability manifest has in a folder or archive.
pub(super) const MANIFEST: &str = "aegis-manifest.json";

/// What every capability manifest's `schema` begins with.
const SCHEMA: &str = "aegis.dev/manifest/";

/// Records that are looked at to recognise a file.
const SAMPLED: usize = 8;

/// The kinds of artifacts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// One event or many, as sealed or as stored.
    Events,
    /// A session's state.
    Snapshot,
    /// A capability manifest, alone or with its files.
    Manifest,
}

/// Which kind of artifact this is, and how certainly.
pub(super) fn kind(artifact: &Artifact<'_>) -> Option<(Kind, Recognition)> {
    match &artifact.form {
        Form::Json(document) => of_value(&document.root),
        Form::Records(records) => of_records(records),
        Form::Zip(files) | Form::Folder(files) => {
            manifest_path(files).map(|_| (Kind::Manifest, Recognition::Mine))
        }
        Form::Tar(_) => None,
    }
}

/// Where a capability manifest lies: at the root, or in the one folder that holds everything.
pub(super) fn manifest_path<'f>(files: &'f Files<'_>) -> Option<&'f str> {
    if let Some(entry) = files.get(MANIFEST) {
        return Some(entry.name());
    }
    let folder = only_folder(files)?;
    Some(files.get(&format!("{folder}{MANIFEST}"))?.name())
}

/// The one folder, with its trailing slash, that holds everything but what operating systems leave beside it.
pub(super) fn only_folder<'f>(files: &'f Files<'_>) -> Option<&'f str> {
    let mut names = (files.entries().iter())
        .map(Entry::name)
        .filter(|name| !is_left_by_system(name));
    let folder = names.next()?.split_inclusive('/').next()?;
    (folder.ends_with('/') && names.all(|name| name.starts_with(folder))).then_some(folder)
}

/// The events of a container; none when the value is no container of events.
pub(super) fn container<'v, 'a>(value: &'v Value<'a>) -> Option<&'v Value<'a>> {
    let members = &value.as_object()?.members;
    let found = members
        .iter()
        .rev()
        .find(|member| member.key.eq_ignore_ascii_case("events"))?;
    let events = &found.value;
    match events.as_array() {
        Some([]) | None => {
            let empty = events.is_null() || events.as_array().is_some();
            (empty && has(value, &["NextToken"])).then_some(events)
        }
        Some(elements) => {
            let mut sample = elements.iter().take(SAMPLED);
            sample
                .any(|event| of_event(event).is_some())
                .then_some(events)
        }
    }
}

fn of_records(records: &Records<'_>) -> Option<(Kind, Recognition)> {
    let mut best = None;
    for record in records.iter().take(SAMPLED) {
        let found = match &record.document {
            Ok(document) => of_value(&document.root),
            Err(_) if records.text().contains("\"ts_unix_ms\"") => {
                Some((Kind::Events, Recognition::Broken))
            }
            Err(_) => None,
        };
        match found {
            Some((Kind::Events, Recognition::Mine)) => return found,
            Some((Kind::Events, _)) => best = found,
            _ => {}
        }
    }
    best
}

fn of_value(value: &Value<'_>) -> Option<(Kind, Recognition)> {
    if container(value).is_some() {
        return Some((Kind::Events, Recognition::Mine));
    }
    of_manifest(value)
        .map(|recognition| (Kind::Manifest, recognition))
        .or_else(|| of_snapshot(value).map(|recognition| (Kind::Snapshot, recognition)))
        .or_else(|| of_event(value).map(|recognition| (Kind::Events, recognition)))
}

/// The names of a sealed event and of a stored one that no other system's records have.
fn of_event(value: &Value<'_>) -> Option<Recognition> {
    let sealed = ["tenant_id", "session_id", "user_id", "event_type", "hash"];
    let stored = ["TenantID", "SessionID", "EventType", "Hash", "PrevHash"];
    let rest = |names: &[&str]| count(value, names);
    let (sealed, stored) = (rest(&sealed), rest(&stored));
    let marks = count(value, &["ts_unix_ms", "TsUnixMs", "PayloadJSON"]);
    let common = count(value, &["seq", "payload", "prev_hash"]);
    match (marks, sealed.max(stored), common) {
        (0, known, common) if known >= 2 && common >= 2 => Some(Recognition::Broken),
        (0, ..) => None,
        (_, known, common) if known >= 2 && known.saturating_add(common) >= 3 => {
            Some(Recognition::Mine)
        }
        (_, known, common) if known.saturating_add(common) >= 2 => Some(Recognition::Broken),
        _ => None,
    }
}

/// A snapshot as the store keeps it, its state alone, or the flat form that the policy engine and the SDK's manual show.
fn of_snapshot(value: &Value<'_>) -> Option<Recognition> {
    let stored = count(value, &["StateJSON", "SnapshotHash", "LastSeq"]);
    let state = count(value, &["budgets", "last_outcomes", "handoff", "taint"]);
    let flat = count(
        value,
        &[
            "steps_consumed",
            "tool_calls_consumed",
            "wall_time_ms",
            "is_tainted",
            "loop_violation",
        ],
    );
    if stored >= 2 || state >= 3 || flat >= 3 {
        return Some(Recognition::Mine);
    }
    (stored >= 1 || state >= 2 || flat >= 2).then_some(Recognition::Broken)
}

fn of_manifest(value: &Value<'_>) -> Option<Recognition> {
    let schema = value.get("schema").and_then(Value::as_str);
    if schema.is_some_and(|schema| schema.starts_with(SCHEMA)) {
        return Some(Recognition::Mine);
    }
    let known = count(value, &["name", "version", "publisher", "permissions"]);
    (known == 4 && has(value, &["sandbox", "integrity"])).then_some(Recognition::Broken)
}

fn has(value: &Value<'_>, names: &[&str]) -> bool {
    count(value, names) > 0
}

/// How many of the names the object has.
fn count(value: &Value<'_>, names: &[&str]) -> usize {
    let Some(object) = value.as_object() else {
        return 0;
    };
    let named = |name: &&&str| {
        let mut keys = object.members.iter().map(|member| member.key.as_ref());
        keys.any(|key| key.eq_ignore_ascii_case(name))
    };
    names.iter().filter(named).count()
}
