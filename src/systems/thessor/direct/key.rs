//! The signature and the key of content that does not carry both: where they come from, and what comes of them.

use std::borrow::Cow;

use super::checks::KEY_PINNED;
use crate::bytes::{to_base64, to_hex};
use crate::json::{Kind, Span, Value};
use crate::options::{Content, Options};
use crate::report::{Ask, AskKind, Finding, Reason};
use crate::systems::thessor::checks::{SIGNATURE, SIGNED_TEXT};
use crate::systems::thessor::decisions::Record;
use crate::systems::thessor::manifest::sign;
use crate::systems::thessor::signature::{Outcome, Suite};
use crate::systems::thessor::{Examiner, python};
use crate::trust::PublicKey;

/// Where values stand that were supplied.
const NOWHERE: Span = Span { start: 0, end: 0 };

/// The keys to check a signature with.
#[derive(Debug)]
pub(in crate::systems::thessor) enum Keys {
    /// One that the evidence carries, or that was supplied as a part of it, in hexadecimal: no pin.
    Evidence(String),
    /// The pinned ones, in hexadecimal, where there is no other.
    Pinned(Vec<String>),
    /// What was given as a key is none, in a sentence.
    Unreadable(String),
    /// There is none.
    Missing,
}

impl Keys {
    /// The key in the evidence, or supplied as `public_key`, or else the pinned ones.
    pub fn of(member: Option<&Value<'_>>, options: &Options<'_>) -> Self {
        if let Some(member) = member.filter(|member| !member.is_null()) {
            return match member.as_str() {
                // The reference takes hexadecimal alone; other spellings of a key are read where it would refuse.
                Some(text) if python::from_hex(text).is_some() => Self::Evidence(text.to_owned()),
                Some(text) => Self::parse(text),
                None => Self::Unreadable(format!("The public key is {}.", member.kind_name())),
            };
        }
        if let Some(text) = options
            .value("public_key")
            .filter(|text| !text.trim().is_empty())
        {
            return Self::parse(text);
        }
        if let Some(bytes) = file(options, "public_key") {
            return match std::str::from_utf8(bytes) {
                Ok(text) => Self::parse(text),
                Err(_) => Self::Evidence(to_hex(bytes)),
            };
        }
        match options.pins.keys.as_slice() {
            [] => Self::Missing,
            pins => Self::Pinned(pins.iter().map(|pin| to_hex(&pin.bytes)).collect()),
        }
    }

    fn parse(text: &str) -> Self {
        match PublicKey::parse(text) {
            Ok(key) => Self::Evidence(to_hex(&key.bytes)),
            Err(error) => Self::Unreadable(error.to_string()),
        }
    }

    /// The asks for a key: to be listed where the evidence carries none.
    pub fn asks(&self) -> Vec<Ask> {
        let supplied = |of: bool| of && !matches!(self, Self::Missing | Self::Unreadable(_));
        vec![
            Ask {
                name: Cow::Borrowed("public_key"),
                kind: AskKind::Text,
                label: Cow::Borrowed("Public key, as it was handed over with the evidence"),
                why: Cow::Borrowed(
                    "The signature is checked with it. That it is Thessor's key is not thereby said: pin the key for that.",
                ),
                supplied: supplied(!matches!(self, Self::Pinned(_))),
            },
            Ask {
                name: Cow::Borrowed("key"),
                kind: AskKind::Key,
                label: Cow::Borrowed("Thessor's published public key"),
                why: Cow::Borrowed(
                    "The signature is checked with it, and is then known to be under a key that you trust.",
                ),
                supplied: supplied(matches!(self, Self::Pinned(_))),
            },
        ]
    }
}

/// The signature: in the evidence, or supplied as a text or a file.
pub(super) fn signature<'v>(
    member: Option<&Value<'v>>,
    options: &Options<'_>,
) -> Option<Value<'v>> {
    let text = |text: String| Value {
        span: NOWHERE,
        kind: Kind::String(text.into()),
    };
    if let Some(member) = member.filter(|member| !member.is_null()) {
        return Some(member.clone());
    }
    if let Some(typed) = options
        .value("signature")
        .filter(|text| !text.trim().is_empty())
    {
        return Some(text(typed.trim().to_owned()));
    }
    let bytes = file(options, "signature")?;
    Some(text(match (std::str::from_utf8(bytes), bytes.len()) {
        (_, 64) => to_hex(bytes),
        (_, 3309 | 3293) => to_base64(bytes),
        (Ok(spelled), _) => spelled.trim().to_owned(),
        (Err(_), _) => to_hex(bytes),
    }))
}

/// The ask for a signature.
pub(super) fn ask_for_signature(supplied: bool) -> Ask {
    Ask {
        name: Cow::Borrowed("signature"),
        kind: AskKind::Text,
        label: Cow::Borrowed("Signature"),
        why: Cow::Borrowed(
            "The content does not carry its signature. In hexadecimal, or base64 for ML-DSA-65.",
        ),
        supplied,
    }
}

fn file<'o>(options: &'o Options<'_>, name: &str) -> Option<&'o [u8]> {
    options
        .companions(name)
        .find_map(|companion| match companion.content {
            Content::File(bytes) => Some(bytes),
            Content::Folder(_) => None,
        })
}

/// What a signature may cover.
#[derive(Clone, Copy, Debug)]
pub(super) struct Signed<'s> {
    /// The canonical bytes, where the content is there.
    pub canonical: Option<&'s [u8]>,
    /// Their digest in hexadecimal, computed or, without the content, recorded.
    pub digest: &'s str,
    /// The suite that the evidence names.
    pub suite: Option<Suite>,
}

/// Checks a signature over the canonical bytes, as the SDK has it, or over their hex digest, as the specification has it, and holds
/// the key to the pins. Whether it held.
pub(super) fn check(
    examiner: &mut Examiner<'_>,
    record: &mut Record<'_>,
    keys: &Keys,
    signed: Signed<'_>,
    signature: Option<&Value<'_>>,
) -> bool {
    let skip = |reason, detail: &str| Finding::skip(reason, detail.to_owned());
    let unchecked = match (keys, signature) {
        (_, None) => Some(skip(
            Reason::InputNeeded,
            "There is no signature to check: it was not handed over with the content.",
        )),
        (Keys::Missing, _) => Some(skip(
            Reason::KeyNeeded,
            "The signature was not checked: no public key was handed over with it, and none was pinned.",
        )),
        (Keys::Unreadable(why), _) => {
            let detail = format!("The signature was not checked: {why}");
            Some(Finding::fail(detail).because(Reason::FormatFailure))
        }
        _ => None,
    };
    if let Some(finding) = unchecked {
        record.ours(examiner, &SIGNATURE, finding);
        pinned(examiner, None);
        return false;
    }
    let candidates: &[String] = match keys {
        Keys::Evidence(key) => std::slice::from_ref(key),
        Keys::Pinned(keys) => keys,
        Keys::Unreadable(_) | Keys::Missing => &[],
    };
    let mut first = None;
    for key in candidates {
        let (outcome, over_digest) = verify(examiner, signed, signature, key);
        let held = outcome.fault.is_none();
        let tried = (outcome, over_digest, key);
        match held {
            true => {
                first = Some(tried);
                break;
            }
            false => _ = first.get_or_insert(tried),
        }
    }
    let Some((outcome, over_digest, key)) = first else {
        return false;
    };
    let held = outcome.fault.is_none();
    if !held && signed.canonical.is_none() {
        let detail = "The signature was not checked: it covers the sealed content, which is not in the file.";
        record.ours(
            examiner,
            &SIGNATURE,
            skip(Reason::SignedDataNotFound, detail),
        );
        pinned(examiner, None);
        return false;
    }
    if over_digest {
        let detail = "The signature covers the hex digest of the content, as section 4 of the published specification says. The SDK's verifier wants it over the content itself.";
        record.ours(examiner, &SIGNED_TEXT, Finding::note(detail));
    } else if held {
        let detail =
            "The signature covers the canonical content itself, as the SDK's verifier has it.";
        record.ours(examiner, &SIGNED_TEXT, Finding::note(detail));
    }
    record.signature(examiner, &SIGNATURE, &outcome, "The signature");
    if held {
        sign(examiner, outcome.algorithm, "issuer", key);
    }
    let raw = examiner.keys.raw(key);
    pinned(examiner, raw.as_deref());
    held
}

/// What came of a signature under one key, and whether it holds over the digest.
fn verify(
    examiner: &mut Examiner<'_>,
    signed: Signed<'_>,
    signature: Option<&Value<'_>>,
    key: &str,
) -> (Outcome, bool) {
    let suite = signed.suite.unwrap_or_else(|| {
        let length = python::from_hex(key).unwrap_or_default().len();
        Suite::of_key_length(length)
    });
    let over_content = signed
        .canonical
        .map(|canonical| examiner.keys.verify(suite, canonical, signature, key));
    if let Some(outcome) = over_content {
        if outcome.peer || outcome.fault.is_none() {
            return (outcome, false);
        }
        let over_digest = examiner
            .keys
            .verify(suite, signed.digest.as_bytes(), signature, key);
        return match over_digest.fault.is_none() {
            true => (
                Outcome {
                    peer: false,
                    ..over_digest
                },
                true,
            ),
            false => (outcome, false),
        };
    }
    let outcome = examiner
        .keys
        .verify(suite, signed.digest.as_bytes(), signature, key);
    let held = outcome.fault.is_none();
    (
        Outcome {
            peer: false,
            ..outcome
        },
        held,
    )
}

/// Holds the key to the pinned ones.
fn pinned(examiner: &mut Examiner<'_>, key: Option<&[u8]>) {
    let finding = match key.map(|key| examiner.options.pins.has(key)) {
        Some(Some(true)) => Finding::pass("It is a key that you pinned."),
        Some(Some(false)) => Finding::fail(
            "The signature is under a key other than the ones you pinned, so it was not made by whom you expected.",
        )
        .actual(key.map(to_hex).unwrap_or_default()),
        Some(None) => Finding::skip(
            Reason::KeyNeeded,
            "No key was pinned. Whose the key is that came with the evidence cannot be told from it.",
        ),
        None => Finding::skip(Reason::KeyNeeded, "No signature was checked, so there is no key to compare."),
    };
    examiner.own(&KEY_PINNED, finding);
}
