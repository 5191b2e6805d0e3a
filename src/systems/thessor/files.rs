//! The files of the package: read once each, digested, and the decisions among them examined on the way.

use std::collections::BTreeSet;

use super::checks::*;
use super::decisions::{self, Decision};
use super::manifest::Manifest;
use super::peer::Stage;
use super::{CHECKPOINTS, DECISIONS, Examiner, MANIFEST, damage, listed, python, shown};
use crate::bytes::to_hex;
use crate::crypto::sha256;
use crate::input::{Entry, Files, Reader, is_left_by_system};
use crate::json::Value;
use crate::report::{CheckSpec, Finding};

const VERIFIER: &str = "verify.py";

/// What to do where nothing but these was added.
const LEFT_BY_SYSTEM: &str =
    " Operating systems leave such files behind: remove them and verify the package again.";

/// Files whose bytes are not the ones that were listed.
#[derive(Default)]
struct Altered {
    names: Vec<String>,
    /// The digest that was listed for the first of them, and the one that was found.
    first: Option<(String, String)>,
    /// Files that could not be unpacked, each in a sentence.
    damaged: Vec<String>,
}

/// Examines every file but the manifest: steps 3 and 4 of the reference. Returns what the later checks need of each decision.
pub(super) fn examine(
    examiner: &mut Examiner<'_>,
    archive: &Files<'_>,
    manifest: &Manifest<'_, '_>,
) -> Vec<Decision> {
    let files = || {
        archive
            .entries()
            .iter()
            .filter(|entry| entry.name() != MANIFEST)
    };
    inventory(examiner, manifest, &set(files().map(Entry::name)));

    let mut reader = Reader::new();
    let (mut decisions, mut altered) = (Vec::new(), Altered::default());
    let (mut count, mut done) = (0_usize, 0_u64);
    let sizes = archive.entries().iter().map(Entry::packed);
    let total = usize::try_from(sizes.fold(0, u64::saturating_add)).unwrap_or(usize::MAX);
    for entry in files().filter(|entry| !entry.name().starts_with(CHECKPOINTS)) {
        let bytes = digested(&mut reader, entry, manifest, &mut altered);
        if entry.name().starts_with(DECISIONS) {
            count = count.saturating_add(1);
            decisions.extend(decisions::examine(examiner, manifest, entry.name(), bytes));
        }
        done = done.saturating_add(entry.packed());
        let packed = usize::try_from(done).unwrap_or(total);
        examiner.options.report_progress(packed, total);
    }
    for entry in files().filter(|entry| entry.name().starts_with(CHECKPOINTS)) {
        let _ = digested(&mut reader, entry, manifest, &mut altered);
    }
    digests(examiner, manifest, &altered);
    decision_count(examiner, manifest, count);
    index(examiner, manifest, &decisions);
    decisions
}

/// The file's bytes, once its digest has been compared with the listed one.
fn digested<'r>(
    reader: &'r mut Reader,
    entry: &'r Entry<'_>,
    manifest: &Manifest<'_, '_>,
    altered: &mut Altered,
) -> Result<&'r [u8], String> {
    let expected = manifest.digests.values.get(entry.name());
    let bytes = reader.read(entry).map_err(|error| damage(&error));
    match (&bytes, expected) {
        (Ok(bytes), Some(expected)) => {
            let digest = to_hex(&sha256::digest(bytes));
            if expected.as_str() != Some(&digest) {
                altered.names.push(entry.name().to_owned());
                altered
                    .first
                    .get_or_insert_with(|| (shown(Some(expected)), digest));
            }
        }
        (Err(error), Some(_)) => altered.damaged.push(error.clone()),
        (_, None) => {}
    }
    bytes
}

fn inventory(examiner: &mut Examiner<'_>, manifest: &Manifest<'_, '_>, present: &BTreeSet<&str>) {
    if manifest.digests.broken {
        reference_without_digests(examiner, manifest.root.get("file_digests"), present);
        let detail = "The manifest's file_digests is not an object, so that no file is listed.";
        examiner.own(&FILE_INVENTORY, Finding::fail(detail));
        return;
    }
    let named = set(manifest.digests.values.keys().copied());
    let missing: Vec<&str> = named.difference(present).copied().collect();
    let extra: Vec<&str> = present.difference(&named).copied().collect();
    let finding = match (missing.as_slice(), extra.as_slice()) {
        ([], []) => Finding::pass(format!("Files: {}.", present.len())),
        ([], extra) => {
            let hint = match extra.iter().all(|name| is_left_by_system(name)) {
                true => LEFT_BY_SYSTEM,
                false => "",
            };
            Finding::fail(format!(
                "Files were added that the manifest does not list: {}.{hint}",
                listed(extra.iter().copied())
            ))
        }
        (missing, _) => Finding::fail(format!(
            "Files that the manifest lists are missing: {}.",
            listed(missing.iter().copied())
        )),
    };
    examiner.record(Stage::Files, &FILE_INVENTORY, finding);
}

/// Names in order. One by one: collecting would bring another sort with it into the page.
fn set<'n>(names: impl Iterator<Item = &'n str>) -> BTreeSet<&'n str> {
    let mut set = BTreeSet::new();
    names.for_each(|name| {
        set.insert(name);
    });
    set
}

/// What the reference makes of digests that are not an object: the characters of a text, or the elements of a list, count as
/// names, and it leaves with an exception as soon as it looks for the digest of one.
fn reference_without_digests(
    examiner: &mut Examiner<'_>,
    digests: Option<&Value<'_>>,
    present: &BTreeSet<&str>,
) {
    let text = digests.and_then(Value::as_str);
    let characters = || text.map(|text| text.chars().map(String::from).collect());
    let elements = || {
        let texts = digests?
            .as_array()?
            .iter()
            .map(|name| name.as_str().map(str::to_owned));
        texts.collect::<Option<BTreeSet<String>>>()
    };
    let named: Option<BTreeSet<String>> = characters().or_else(elements);
    let Some(named) =
        named.filter(|named| named.iter().all(|name| !present.contains(name.as_str())))
    else {
        return examiner.peer.stop(Stage::Files);
    };
    let verifier = text.map_or_else(|| named.contains(VERIFIER), |text| text.contains(VERIFIER));
    let mut peer = |ok, spec: &CheckSpec| {
        examiner
            .peer
            .record(Stage::Files, Some(ok), || spec.id.to_owned())
    };
    peer(false, &FILE_INVENTORY);
    peer(true, &FILE_DIGESTS);
    if verifier {
        peer(true, &VERIFIER_SELF_CHECK);
    }
}

fn digests(examiner: &mut Examiner<'_>, manifest: &Manifest<'_, '_>, altered: &Altered) {
    if !altered.damaged.is_empty() {
        // The reference leaves with an exception when a listed file cannot be unpacked.
        examiner.peer.stop(Stage::Files);
        let sentence = altered.damaged.join(" ");
        examiner.own(&FILE_DIGESTS, Finding::fail(sentence));
    } else if let Some((expected, actual)) = &altered.first {
        let names = listed(altered.names.iter().map(String::as_str));
        let finding = Finding::fail(format!(
            "Files are not the ones whose digests were signed: {names}."
        ));
        let finding = finding.expected(expected.clone()).actual(actual.clone());
        examiner.record(Stage::Files, &FILE_DIGESTS, finding);
    } else if manifest.digests.broken {
        examiner.own(
            &FILE_DIGESTS,
            Finding::fail("The manifest lists no digests."),
        );
    } else {
        examiner.record(Stage::Files, &FILE_DIGESTS, Finding::pass(""));
    }
    if manifest.digests.values.contains_key(VERIFIER) {
        let detail = "verify.py is covered by the manifest. It was not run, and proves nothing about itself.";
        examiner.record(Stage::Files, &VERIFIER_SELF_CHECK, Finding::pass(detail));
    }
}

fn decision_count(examiner: &mut Examiner<'_>, manifest: &Manifest<'_, '_>, count: usize) {
    let claimed = manifest.root.get("decision_count");
    let finding = match python::equals_count(claimed, count) {
        true => Finding::pass(format!("Decision files: {count}.")),
        false => Finding::fail(format!(
            "The manifest says {}, and there are {count} decision files.",
            shown(claimed)
        )),
    };
    examiner.record(Stage::Files, &DECISION_COUNT, finding);
}

fn index(examiner: &mut Examiner<'_>, manifest: &Manifest<'_, '_>, decisions: &[Decision]) {
    if manifest.decisions.broken {
        examiner.peer.stop(Stage::Decisions);
        let detail =
            "The manifest's decision_hashes is not an object, so that no decision is indexed.";
        examiner.own(&DECISION_INDEX_COMPLETE, Finding::fail(detail));
        return;
    }
    let present = decisions
        .iter()
        .map(|decision| decision.envelope_id.as_str());
    let present = set(present);
    let indexed = set(manifest.decisions.values.keys().copied());
    let missing: Vec<&str> = indexed.difference(&present).copied().collect();
    let finding = match missing.as_slice() {
        [] => Finding::pass(""),
        missing => Finding::fail(format!(
            "The manifest's index has decisions for which there is no readable file: {}.",
            listed(missing.iter().copied())
        )),
    };
    examiner.record(Stage::Chain, &DECISION_INDEX_COMPLETE, finding);
}
