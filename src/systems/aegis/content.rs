//! The hash of an event: SHA-256 over its canonical form without the hash itself (`Envelope.Seal` in
//! `pkg/eventlog/envelope.go`, `Envelope.seal` in `python/aegis_sdk/envelope.py`).

use std::borrow::Cow;
use std::io::Write;

use super::go;
use super::wire::{Event, Rule};
use crate::canon::{self, Dialect, Error, ErrorKind, Go, Python};
use crate::crypto::{Digest, sha256};
use crate::json::{Kind, Span, Value};

/// The hash of the event; `user` stands in for a user id that the event does not have, and `buffer` is filled anew.
pub(super) fn hash(
    event: &Event<'_, '_>,
    user: Option<&str>,
    buffer: &mut Vec<u8>,
) -> Result<Digest, Error> {
    hash_by(event.rule, event, user, buffer)
}

/// Whether the recorded hash is that of the event.
pub(super) fn holds(event: &Event<'_, '_>, user: Option<&str>, buffer: &mut Vec<u8>) -> bool {
    hash(event, user, buffer).is_ok_and(|computed| computed.as_slice() == event.hash)
}

/// The hash that the Python SDK makes of an event with numbers that JSON has no form for.
pub(super) fn hash_with_names(
    event: &Event<'_, '_>,
    buffer: &mut Vec<u8>,
) -> Result<Digest, Error> {
    buffer.clear();
    write::<WithNames>(Rule::Python, event, None, buffer)?;
    Ok(sha256::digest(buffer))
}

/// Python as the SDK has it: `NaN`, `Infinity` and what is beyond the range of doubles by name (`json.dumps`, `allow_nan`).
struct WithNames;

impl Dialect for WithNames {
    const REFUSES_DUPLICATES: bool = Python::REFUSES_DUPLICATES;

    fn number(lexeme: &str, out: &mut impl Write) -> Result<(), ErrorKind> {
        let name = match (Python::number(lexeme, out), lexeme) {
            (Err(ErrorKind::NonFinite), "NaN") => "NaN",
            (Err(ErrorKind::NonFinite), lexeme) if lexeme.starts_with('-') => "-Infinity",
            (Err(ErrorKind::NonFinite), _) => "Infinity",
            (written, _) => return written,
        };
        out.write_all(name.as_bytes()).map_err(|_| ErrorKind::Sink)
    }
}

/// The hash that the event would have by the rule of either dialect.
pub(super) fn hash_by(
    rule: Rule,
    event: &Event<'_, '_>,
    user: Option<&str>,
    buffer: &mut Vec<u8>,
) -> Result<Digest, Error> {
    buffer.clear();
    match rule {
        Rule::Go => write::<Go>(rule, event, user, buffer)?,
        Rule::Python => write::<Python>(rule, event, user, buffer)?,
    }
    Ok(sha256::digest(buffer))
}

/// The members in the order of their names, which is the same for both dialects.
fn write<D: Dialect>(
    rule: Rule,
    event: &Event<'_, '_>,
    user: Option<&str>,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let members = &event.members;
    let stand_in = user.map(text);
    let user = stand_in.as_ref().or(members.user);
    out.extend_from_slice(b"{\"event_type\":");
    or::<D>(members.kind, b"\"\"", out)?;
    out.extend_from_slice(b",\"payload\":");
    or::<D>(event.payload, b"null", out)?;
    if !event.previous.is_empty() {
        out.extend_from_slice(b",\"prev_hash\":");
        previous(rule, &event.previous, out);
    }
    out.extend_from_slice(b",\"seq\":");
    let read = |number: Option<i128>| number.filter(|_| rule == Rule::Go);
    number::<D>(members.seq, read(event.seq), out)?;
    out.extend_from_slice(b",\"session_id\":");
    or::<D>(members.session, b"\"\"", out)?;
    out.extend_from_slice(b",\"tenant_id\":");
    or::<D>(members.tenant, b"\"\"", out)?;
    out.extend_from_slice(b",\"ts_unix_ms\":");
    number::<D>(members.time, read(event.time.map(i128::from)), out)?;
    out.extend_from_slice(b",\"user_id\":");
    or::<D>(user, b"\"\"", out)?;
    out.extend_from_slice(b"}");
    Ok(())
}

/// A member's canonical form, or what Go makes of one that is not there.
fn or<D: Dialect>(
    value: Option<&Value<'_>>,
    absent: &[u8],
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    if let Some(value) = value {
        return canon::write::<D>(value, out);
    }
    out.extend_from_slice(absent);
    Ok(())
}

/// A number: by Go's rule the integer that was read, which differs from its lexeme in `-0`; by Python's what stands there.
fn number<D: Dialect>(
    value: Option<&Value<'_>>,
    read: Option<i128>,
    out: &mut Vec<u8>,
) -> Result<(), Error> {
    let span = value.map_or(Span { start: 0, end: 0 }, |value| value.span);
    match (read, value) {
        (Some(number), _) => {
            D::number(&number.to_string(), out).map_err(|kind| Error { kind, span })
        }
        (None, Some(value)) => canon::write::<D>(value, out),
        (None, None) => Err(Error {
            kind: ErrorKind::NonFinite,
            span,
        }),
    }
}

/// The hash of the event before, in the form that the dialect hashes it in.
fn previous(rule: Rule, previous: &[u8], out: &mut Vec<u8>) {
    match rule {
        Rule::Go => {
            out.push(b'"');
            out.extend_from_slice(go::to_base64(previous).as_bytes());
            out.push(b'"');
        }
        Rule::Python => {
            out.push(b'[');
            for (index, byte) in previous.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                out.extend_from_slice(byte.to_string().as_bytes());
            }
            out.push(b']');
        }
    }
}

fn text(text: &str) -> Value<'_> {
    Value {
        span: Span { start: 0, end: 0 },
        kind: Kind::String(Cow::Borrowed(text)),
    }
}
