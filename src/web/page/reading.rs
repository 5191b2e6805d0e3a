//! Reads a report back from the library's own text of it, which is what a worker sends. The library's JSON reader is in the
//! module anyway; a second one, made by serde for each of the report's types, would be a thirtieth of what the page transfers.

use std::borrow::Cow;

use assay::Report;
use assay::Verdict;
use assay::json::{self, Kind, Value};
use assay::report::{
    ArtifactFacts, Ask, AskKind, Check, Counts, Disclosed, Fact, Peer, Reason, RefusalCode,
    RefusalFacts, Signer, Status, Verifier,
};

/// The report; `None` when the text is none.
pub fn report(text: &str) -> Option<Report> {
    let document = json::parse_text(text).ok()?;
    let root = &document.root;
    let verifier = root.get("verifier")?;
    let artifact = root.get("artifact")?;
    let counts = root.get("counts")?;
    let number = |key| counts.get(key)?.as_u64();
    Some(Report {
        schema: word(root, "schema")?,
        verifier: Verifier {
            name: word(verifier, "name")?,
            version: word(verifier, "version")?,
        },
        artifact: ArtifactFacts {
            name: string(artifact, "name")?,
            bytes: artifact.get("bytes")?.as_u64()?,
            sha256: string(artifact, "sha256")?,
            system: optional(artifact, "system", own)?,
            kind: optional(artifact, "kind", own)?,
            dialect: optional(artifact, "dialect", own)?,
        },
        verdict: one_of(
            &[
                Verdict::Valid,
                Verdict::Invalid,
                Verdict::Indeterminate,
                Verdict::Refused,
            ],
            Verdict::word,
            root.get("verdict")?,
        )?,
        reason: optional(root, "reason", reason)?,
        summary: string(root, "summary")?,
        signers: list(root, "signers", signer)?,
        signed_part: optional(root, "signed_part", own)?,
        counts: Counts {
            subjects: number("subjects")?,
            passed: number("passed")?,
            failed: number("failed")?,
            skipped: number("skipped")?,
            noted: number("noted")?,
            omitted: number("omitted")?,
        },
        checks: list(root, "checks", check)?,
        facts: list(root, "facts", fact)?,
        limits: list(root, "limits", own)?,
        peer: optional(root, "peer", peer)?,
        asks: list_or_none(root, "asks", ask)?,
        disclosed: list_or_none(root, "disclosed", disclosed)?,
        refusal: optional(root, "refusal", refusal)?,
    })
}

fn signer(value: &Value) -> Option<Signer> {
    Some(Signer {
        role: word(value, "role")?,
        algorithm: word(value, "algorithm")?,
        public_key: string(value, "public_key")?,
        fingerprint: string(value, "fingerprint")?,
        pinned: optional(value, "pinned", |value| value.as_bool())?,
    })
}

fn check(value: &Value) -> Option<Check> {
    const STATUSES: &[(&str, Status)] = &[
        ("pass", Status::Pass),
        ("fail", Status::Fail),
        ("skip", Status::Skip),
        ("note", Status::Note),
    ];
    let status = value.get("status")?.as_str()?;
    Some(Check {
        id: word(value, "id")?,
        subject: string(value, "subject")?,
        status: STATUSES.iter().find(|(word, _)| *word == status)?.1,
        required: value.get("required")?.as_bool()?,
        count: optional(value, "count", |value| value.as_u64())?,
        reason: optional(value, "reason", reason)?,
        title: word(value, "title")?,
        detail: word(value, "detail")?,
        rule: word(value, "rule")?,
        expected: optional(value, "expected", text)?,
        actual: optional(value, "actual", text)?,
        peer: optional(value, "peer", text)?,
    })
}

fn fact(value: &Value) -> Option<Fact> {
    Some(Fact {
        label: word(value, "label")?,
        value: string(value, "value")?,
        pointer: string(value, "pointer")?,
        signed: value.get("signed")?.as_bool()?,
    })
}

fn ask(value: &Value) -> Option<Ask> {
    const KINDS: &[AskKind] = &[
        AskKind::File,
        AskKind::Text,
        AskKind::Secret,
        AskKind::PayloadKey,
        AskKind::Key,
    ];
    Some(Ask {
        name: word(value, "name")?,
        kind: one_of(KINDS, AskKind::word, value.get("kind")?)?,
        label: word(value, "label")?,
        why: word(value, "why")?,
        supplied: value.get("supplied")?.as_bool()?,
    })
}

fn disclosed(value: &Value) -> Option<Disclosed> {
    Some(Disclosed {
        label: word(value, "label")?,
        value: string(value, "value")?,
        pointer: string(value, "pointer")?,
    })
}

fn refusal(value: &Value) -> Option<RefusalFacts> {
    Some(RefusalFacts {
        code: one_of(RefusalCode::ALL, RefusalCode::code, value.get("code")?)?,
        message: string(value, "message")?,
        place: optional(value, "where", text)?,
    })
}

fn reason(value: &Value) -> Option<Reason> {
    one_of(Reason::ALL, Reason::code, value)
}

fn peer(value: &Value) -> Option<Peer> {
    let members = value.as_object()?.members.iter();
    let mut peer = Peer::new();
    for member in members {
        peer.insert(member.key.to_string(), plain(&member.value)?);
    }
    Some(peer)
}

fn plain(value: &Value) -> Option<serde_json::Value> {
    Some(match &value.kind {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool(truth) => (*truth).into(),
        Kind::Number(_) => value.as_u64()?.into(),
        Kind::String(text) => text.as_ref().into(),
        Kind::Array(items) => items.iter().map(plain).collect::<Option<Vec<_>>>()?.into(),
        Kind::Object(_) => peer(value)?.into(),
    })
}

fn one_of<T: Copy>(all: &[T], code: fn(T) -> &'static str, value: &Value) -> Option<T> {
    let text = value.as_str()?;
    all.iter().copied().find(|one| code(*one) == text)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn own(value: &Value) -> Option<Cow<'static, str>> {
    text(value).map(Cow::Owned)
}

fn string(value: &Value, key: &str) -> Option<String> {
    text(value.get(key)?)
}

fn word(value: &Value, key: &str) -> Option<Cow<'static, str>> {
    own(value.get(key)?)
}

/// A member that may be absent or null; `None` when it is there and cannot be read.
fn optional<T>(value: &Value, key: &str, read: fn(&Value) -> Option<T>) -> Option<Option<T>> {
    match value.get(key) {
        None => Some(None),
        Some(member) if member.is_null() => Some(None),
        Some(member) => read(member).map(Some),
    }
}

/// A list that is left out when it is empty.
fn list_or_none<T>(value: &Value, key: &str, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    match value.get(key) {
        None => Some(Vec::new()),
        Some(_) => list(value, key, read),
    }
}

fn list<T>(value: &Value, key: &str, read: fn(&Value) -> Option<T>) -> Option<Vec<T>> {
    value.get(key)?.as_array()?.iter().map(read).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::fs;
    use std::path::Path;

    use assay::{Input, Options, Refusal, verify};

    use super::*;

    fn reports() -> Vec<Report> {
        let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/samples");
        let read = |entry: std::io::Result<fs::DirEntry>| {
            let path = entry.unwrap().path();
            let (name, bytes) = (path.display().to_string(), fs::read(&path).unwrap());
            let input = Input {
                name: &name,
                bytes: &bytes,
            };
            verify(input, &Options::default()).unwrap_or_else(Refusal::into_report)
        };
        let empty = Input {
            name: "empty",
            bytes: b"",
        };
        let refused = verify(empty, &Options::default()).unwrap_or_else(Refusal::into_report);
        fs::read_dir(samples)
            .unwrap()
            .map(read)
            .chain([refused])
            .collect()
    }

    #[test]
    fn every_report_is_read_back_as_it_was_written() {
        let reports = reports();
        assert!(reports.len() > 10);
        for written in reports {
            assert_eq!(report(&written.to_json()), Some(written));
        }
    }

    #[test]
    fn no_member_can_be_missing_or_of_another_type() {
        for written in reports() {
            let text = written.to_json();
            for key in [
                "verdict", "summary", "sha256", "counts", "checks", "limits", "signers",
            ] {
                let quoted = format!("\"{key}\":");
                assert_eq!(
                    report(&text.replacen(&quoted, "\"other\":", 1)),
                    None,
                    "{key}"
                );
            }
            assert_eq!(
                report(&text.replacen("\"verdict\":\"", "\"verdict\":\"in", 1)).is_some(),
                written.verdict == Verdict::Valid
            );
        }
    }
}
