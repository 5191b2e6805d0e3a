//! The kinds of artifacts that Thessor hands over, and the marks by which each is known.

use super::{direct, export};
use crate::input::{Artifact, Files, Form, Reader};
use crate::json::{self, Records, Value};
use crate::options::Options;
use crate::systems::Recognition;

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A ZIP archive with a signed manifest.
    Export,
    /// The packet JSON of one decision, or several of them.
    Packet,
    /// One of the smaller artifacts.
    Direct(direct::Kind),
}

/// Records or files that are looked at to recognise many.
const SAMPLED: usize = 8;

/// The members by which a packet is known; no other system has them.
const OF_A_PACKET: [&str; 6] = [
    "export_signature",
    "export_schema_version",
    "verification_instructions",
    "merkle_leaf",
    "merkle_checkpoint",
    "population_context",
];

/// What the artifact is, if it is Thessor's, and whether anything is amiss at first sight.
pub(super) fn of(artifact: &Artifact<'_>, options: &Options<'_>) -> Option<(Kind, Recognition)> {
    let (kind, recognition) = match &artifact.form {
        Form::Zip(files) => match export::recognise(files) {
            Recognition::No => (Kind::Packet, packet_files(files)),
            recognised => (Kind::Export, recognised),
        },
        Form::Folder(files) => (Kind::Export, export::recognise(files)),
        Form::Json(document) => match packet(&document.root) {
            Recognition::No => {
                let (kind, recognition) = direct::of(&document.root, options)?;
                (Kind::Direct(kind), recognition)
            }
            recognised => (Kind::Packet, recognised),
        },
        Form::Records(records) => match packets(records) {
            Recognition::No if envelopes(records) => {
                (Kind::Direct(direct::Kind::Envelope), Recognition::Mine)
            }
            recognised => (Kind::Packet, recognised),
        },
        _ => return None,
    };
    (recognition != Recognition::No).then_some((kind, recognition))
}

/// How much a value looks like a packet.
pub(super) fn packet(value: &Value<'_>) -> Recognition {
    let decision = value.get("decision");
    let marked = OF_A_PACKET.iter().any(|mark| value.get(mark).is_some());
    let sealed = decision.is_some_and(|decision| {
        decision.get("canonical_hash").is_some() || decision.get("raw_envelope").is_some()
    });
    match (decision, marked, sealed) {
        (Some(_), true, _) | (Some(_), _, true) => Recognition::Mine,
        (None, true, _) => Recognition::Broken,
        _ => Recognition::No,
    }
}

fn packets(records: &Records<'_>) -> Recognition {
    best(records.iter().take(SAMPLED).map(|record| {
        record
            .document
            .map_or(Recognition::No, |document| packet(&document.root))
    }))
}

/// Whether one of the first records is an envelope or a link between two.
fn envelopes(records: &Records<'_>) -> bool {
    records.iter().take(SAMPLED).any(|record| {
        let document = record.document.ok();
        let kind = document.and_then(|document| direct::known(&document.root));
        kind == Some(direct::Kind::Envelope)
    })
}

/// Packets in an archive without a manifest.
fn packet_files(files: &Files<'_>) -> Recognition {
    let mut reader = Reader::new();
    let entries = files.entries().iter();
    let texts = entries.filter(|entry| is_json(entry.name())).take(SAMPLED);
    let mut found = Recognition::No;
    for entry in texts {
        let document = reader
            .read(entry)
            .ok()
            .and_then(|bytes| json::parse(bytes).ok());
        let recognised = document.map_or(Recognition::No, |document| packet(&document.root));
        found = best([found, recognised].into_iter());
    }
    found
}

/// Whether a file's name is that of a JSON text.
pub(super) fn is_json(name: &str) -> bool {
    name.to_ascii_lowercase().ends_with(".json")
}

fn best(recognitions: impl Iterator<Item = Recognition>) -> Recognition {
    recognitions.fold(Recognition::No, |best, next| match (best, next) {
        (Recognition::Mine, _) | (_, Recognition::Mine) => Recognition::Mine,
        (Recognition::Broken, _) | (_, Recognition::Broken) => Recognition::Broken,
        _ => Recognition::No,
    })
}
