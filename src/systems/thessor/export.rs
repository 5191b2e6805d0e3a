//! The export package: a ZIP archive with a signed manifest, decisions and checkpoints; or the folder that it was unpacked to.

use std::borrow::Cow;

use super::checks;
use super::{CHECKPOINTS, DECISIONS, Examiner, MANIFEST, chain, checkpoints, files, manifest};
use crate::input::{Files, Reader};
use crate::json::{self, Document};
use crate::options::Options;
use crate::report::Examination;
use crate::systems::Recognition;

/// The members by which a manifest is known, when no decision stands beside it.
const MARKS: [&str; 4] = [
    "manifest_signature",
    "decision_hashes",
    "file_digests",
    "chain_integrity",
];

const LIMITS: [&str; 4] = [
    "A pass says that the package is intact under its key. It says nothing of what was never put in: a decision that was not sealed leaves no trace here.",
    "The times are those that Thessor's server wrote. Nothing in the package proves them to a third party.",
    "Inputs and patients appear as hashes only. That a hash belongs to a certain input has to be shown with that input.",
    "The records beside a decision (replay, rationale, population context) are covered by the package's signature; their own signatures and their truth were not examined.",
];

/// Whether the files are those of an export package.
pub(super) fn recognise(archive: &Files<'_>) -> Recognition {
    let decisions = archive
        .entries()
        .iter()
        .any(|entry| entry.name().starts_with(DECISIONS) || entry.name().starts_with(CHECKPOINTS));
    match (archive.get(MANIFEST), decisions) {
        (Some(_), true) => Recognition::Mine,
        (None, true) => Recognition::Broken,
        (None, false) => Recognition::No,
        (Some(_), false) => recognise_manifest(archive),
    }
}

/// What a manifest without decisions beside it tells: an empty export, a damaged one, or somebody else's archive.
fn recognise_manifest(archive: &Files<'_>) -> Recognition {
    let mut reader = Reader::new();
    let read = archive.get(MANIFEST).map(|entry| reader.read(entry));
    let Some(Ok(bytes)) = read else {
        return Recognition::Broken;
    };
    match json::parse(bytes) {
        Ok(document) => match document.root.as_object() {
            Some(object) if MARKS.iter().any(|mark| object.get(mark).is_some()) => {
                Recognition::Mine
            }
            Some(object) if !object.members.is_empty() => Recognition::No,
            _ => Recognition::Broken,
        },
        Err(_) => Recognition::Broken,
    }
}

/// Examines an export package.
pub(super) fn examine(archive: &Files<'_>, options: &Options<'_>) -> Examination {
    let plan = checks::plan(!options.pins.is_empty());
    let mut examiner = Examiner::new(plan, options);
    if let Some(bytes) = examiner.manifest_bytes(archive) {
        match json::parse(&bytes) {
            Ok(document) => examine_with(&mut examiner, archive, &document),
            Err(error) => examiner.unreadable_manifest(&error),
        }
    }
    examiner.finish(
        "export-package",
        Cow::Borrowed("Thessor export package"),
        LIMITS.map(Cow::Borrowed).to_vec(),
    )
}

fn examine_with(examiner: &mut Examiner<'_>, archive: &Files<'_>, document: &Document<'_>) {
    let Some(manifest) = manifest::examine(examiner, document) else {
        return;
    };
    let decisions = files::examine(examiner, archive, &manifest);
    chain::examine(examiner, &decisions);
    chain::range(examiner, &manifest, &decisions);
    chain::asserted(examiner, &manifest);
    checkpoints::examine(examiner, archive, &manifest, &decisions);
}
