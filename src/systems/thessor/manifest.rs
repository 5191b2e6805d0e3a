//! The signed manifest, and the key that signed it.

use std::collections::HashMap;

use super::checks::*;
use super::peer::Stage;
use super::python::{Expected, truthy};
use super::signature::Suite;
use super::{Examiner, MANIFEST, ambiguity, damage, python_accepts, python_refuses, shown};
use crate::bytes::to_hex;
use crate::canon::{Dialect as _, Stripped};
use crate::crypto::sha256;
use crate::input::{Files, Reader};
use crate::json::{self, Document, Object, Value};
use crate::report::{Finding, Reason, Signer};
use crate::trust;

/// A manifest whose signature holds, or could not be checked.
pub(super) struct Manifest<'v, 'a> {
    /// All members.
    pub root: &'v Object<'a>,
    /// The key as the manifest spells it.
    pub key: &'v str,
    /// The envelope ids and their canonical hashes.
    pub decisions: Index<'v, 'a>,
    /// The checkpoint ids and their roots.
    pub checkpoints: Index<'v, 'a>,
    /// The files and their digests.
    pub digests: Index<'v, 'a>,
}

/// A member of the manifest that maps names to values, made fast to look up.
pub(super) struct Index<'v, 'a> {
    /// The values by name.
    pub values: HashMap<&'v str, &'v Value<'a>>,
    /// Whether the member is something else than an object, at which the reference leaves with an exception.
    pub broken: bool,
}

impl<'v, 'a> Index<'v, 'a> {
    fn of(value: Option<&'v Value<'a>>) -> Self {
        let expected = Expected::of(value);
        let values = match &expected {
            Expected::Object(object) => object
                .members
                .iter()
                .map(|member| (member.key.as_ref(), &member.value))
                .collect(),
            _ => HashMap::new(),
        };
        Self {
            values,
            broken: matches!(expected, Expected::Other(_)),
        }
    }
}

impl Examiner<'_> {
    /// The manifest's bytes; `None` when there is none, which is recorded.
    pub(super) fn manifest_bytes(&mut self, archive: &Files<'_>) -> Option<Vec<u8>> {
        let Some(entry) = archive.get(MANIFEST) else {
            let detail =
                "The package has no manifest.json, so that nothing in it is signed as a whole.";
            self.record(Stage::Manifest, &MANIFEST_PRESENT, Finding::fail(detail));
            return None;
        };
        self.record(Stage::Manifest, &MANIFEST_PRESENT, Finding::pass(""));
        match Reader::new().read(entry) {
            Ok(bytes) => Some(bytes.to_vec()),
            Err(error) => {
                let finding = Finding::fail(format!("{}.", damage(&error).trim_end_matches('.')));
                self.record(Stage::Manifest, &MANIFEST_PARSABLE, finding);
                None
            }
        }
    }

    /// Records a manifest that is not JSON.
    pub(super) fn unreadable_manifest(&mut self, error: &json::Error) {
        let finding = Finding::fail(format!("manifest.json, {}: {}", error.place, error.kind));
        if python_accepts(error) {
            self.peer.stop(Stage::Manifest);
        }
        self.record(Stage::Manifest, &MANIFEST_PARSABLE, finding);
    }
}

/// Examines the manifest: steps 1 and 2 of the reference. `None` when nothing after it can be trusted.
pub(super) fn examine<'v, 'a>(
    examiner: &mut Examiner<'_>,
    document: &'v Document<'a>,
) -> Option<Manifest<'v, 'a>> {
    let root = readable(examiner, document)?;
    examiner.facts.manifest(root);
    let Some(key) = truthy(root.get("public_key_hex")) else {
        let finding = Finding::fail("The manifest has no public_key_hex.");
        examiner.record(Stage::Manifest, &MANIFEST_PUBLIC_KEY, finding);
        return None;
    };
    let number = examiner.canonicalize(&document.root, &["manifest_signature"], document);
    examiner.own(&UNAMBIGUOUS, ambiguity(MANIFEST, document, number));
    // The reference has no such check unless it fails; a key that is not text fails it at the signature.
    let Some(key) = key.as_str() else {
        let detail = format!("The manifest's public_key_hex is {}.", shown(Some(key)));
        examiner.own(
            &MANIFEST_PUBLIC_KEY,
            Finding::fail(detail).peer(MANIFEST_SIGNATURE.id),
        );
        let name = || MANIFEST_SIGNATURE.id.to_owned();
        examiner.peer.record(Stage::Manifest, Some(false), name);
        return None;
    };
    examiner.own(&MANIFEST_PUBLIC_KEY, Finding::pass(""));
    signature(examiner, root, key)?;
    pinned(examiner, root, key);
    Some(Manifest {
        root,
        key,
        decisions: Index::of(root.get("decision_hashes")),
        checkpoints: Index::of(root.get("checkpoint_hashes")),
        digests: Index::of(root.get("file_digests")),
    })
}

fn readable<'v, 'a>(
    examiner: &mut Examiner<'_>,
    document: &'v Document<'a>,
) -> Option<&'v Object<'a>> {
    let sentence = document
        .defect_sentence()
        .filter(|_| python_refuses(document));
    if let Some(sentence) = sentence {
        let finding = Finding::fail(format!("manifest.json: {sentence}"));
        examiner.record(Stage::Manifest, &MANIFEST_PARSABLE, finding);
        return None;
    }
    let Some(root) = document.root.as_object() else {
        let name = || MANIFEST_PARSABLE.id.to_owned();
        examiner.peer.record(Stage::Manifest, Some(true), name);
        examiner.peer.stop(Stage::Manifest);
        let kind = document.root.kind_name();
        let finding = Finding::fail(format!(
            "manifest.json holds {kind} where an object should stand."
        ));
        examiner.own(&MANIFEST_PARSABLE, finding);
        return None;
    };
    examiner.record(Stage::Manifest, &MANIFEST_PARSABLE, Finding::pass(""));
    Some(root)
}

/// The manifest's signature over the hex digest of its canonical form, which stands in the buffer. `None` when it fails.
fn signature(examiner: &mut Examiner<'_>, root: &Object<'_>, key: &str) -> Option<()> {
    let digest = to_hex(&sha256::digest(&examiner.canonical));
    let suite = Suite::of(root.get("signature_suite"));
    let signature = truthy(root.get("manifest_signature"));
    let outcome = examiner
        .keys
        .verify(suite, digest.as_bytes(), signature, key);
    examiner.peer.backend(outcome.backend);
    let name = || MANIFEST_SIGNATURE.id.to_owned();
    examiner
        .peer
        .record(Stage::Manifest, Some(outcome.peer), name);
    if outcome.fault.is_none() {
        sign(examiner, outcome.algorithm, "package", key);
        examiner.facts.sign();
    }
    let finding = match &outcome.fault {
        None => {
            let detail = format!(
                "Verified over the SHA-256 digest of the canonical manifest, {digest}. {}",
                outcome.remark
            );
            Finding::pass(detail.trim_end().to_owned())
        }
        Some(fault) => fault.finding("The manifest's signature").actual(digest),
    };
    examiner.own(&MANIFEST_SIGNATURE, finding.peer(MANIFEST_SIGNATURE.id));
    // Where the reference goes on, so does this: what it finds is worth knowing though the verdict is settled.
    outcome.peer.then_some(())
}

/// Lists the key among the signers, once.
pub(super) fn sign(
    examiner: &mut Examiner<'_>,
    algorithm: &'static str,
    role: &'static str,
    key: &str,
) {
    let raw = examiner.keys.raw(key).unwrap_or_default();
    let public_key = to_hex(&raw);
    if examiner
        .signers
        .iter()
        .any(|signer| signer.public_key == public_key)
    {
        return;
    }
    examiner.signers.push(Signer {
        role: role.into(),
        algorithm: algorithm.into(),
        fingerprint: trust::fingerprint(&raw),
        pinned: examiner.options.pins.has(&raw),
        public_key,
    });
}

fn pinned(examiner: &mut Examiner<'_>, root: &Object<'_>, key: &str) {
    let raw = examiner.keys.raw(key).unwrap_or_default();
    let finding = match examiner.options.pins.has(&raw) {
        Some(true) => Finding::pass("It is a key that you pinned."),
        Some(false) => Finding::fail(
            "The package is signed with a key other than the ones you pinned, so it was not made by whom you expected.",
        )
        .actual(shown(root.get("public_key_hex"))),
        None => Finding::skip(
            Reason::KeyNeeded,
            "No key was pinned. The package carries its own key; whose it is cannot be told from the package.",
        ),
    };
    // The reference compares texts.
    let text = Stripped::trim(key).to_ascii_lowercase();
    let pins = &examiner.options.pins;
    let ok = (!pins.is_empty()).then(|| pins.keys.iter().any(|pin| to_hex(&pin.bytes) == text));
    let name = || PUBLIC_KEY_PINNED.id.to_owned();
    examiner.peer.record(Stage::Manifest, ok, name);
    examiner.own(&PUBLIC_KEY_PINNED, finding.peer(PUBLIC_KEY_PINNED.id));
}
