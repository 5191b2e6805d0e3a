//! The audit packet: the JSON of one decision that `export_packet` and `export_to_file` hand over, alone or with others.
//!
//! The rules are those of the Decision Credential Specification at commit 4bb52ae, and of the vendor's verifier (thessor 0.4.0)
//! for the checks that it makes of a decision in an export: these are in `peer.checks`, though it has no command for a packet.

pub(super) mod assembled;
mod case;
mod checks;
mod consequences;
mod envelope;
mod facts;
mod level;
mod links;
pub(super) mod lone;
mod one;
mod population;
pub(super) mod readings;
mod sealed;
mod tree;

use std::borrow::Cow;

use self::case::Source;
use self::checks::{LEVEL, OTHER_FILES, PACKET_KEY, plan};
use self::one::Examined;
use self::tree::Checkpoints;
use super::decisions::{Decision, Reference};
use super::direct::key::Keys;
use super::signature;
use super::{Examiner, damage, kinds, listed, python_accepts, python_refuses};
use crate::bytes::to_hex;
use crate::input::{Artifact, Files, Form, Reader};
use crate::json::{self, Document, Layout, Records};
use crate::options::Options;
use crate::report::{Examination, Finding, Reason};

const LIMITS: [&str; 4] = [
    "A pass says that the packet is intact under its key. It does not say that the decision was right, or that nothing else was decided.",
    "The times are those that Thessor's server and its caller wrote. Nothing in the packet proves them to a third party.",
    "Inputs, patients and operators appear as hashes only. That a hash belongs to a certain input or person has to be shown with it.",
    "The numbers of a population attestation were checked against each other. That they are true of the population is the issuer's word.",
];

/// Examines a packet, or several in one file.
pub(super) fn examine(artifact: &Artifact<'_>, options: &Options<'_>) -> Examination {
    let mut examiner = Examiner::new(plan(!options.pins.is_empty()), options);
    // Readings are told apart by whether a signature holds, so none may be taken on trust.
    examiner.keys = signature::Keys::new(None);
    let mut file = File {
        examiner,
        checkpoints: Checkpoints::default(),
        packets: Vec::new(),
        count: 0,
    };
    match &artifact.form {
        Form::Json(document) => file.packet(
            &Source {
                name: artifact.name.to_owned(),
                ..Source::default()
            },
            document,
        ),
        Form::Records(records) => file.records(records),
        Form::Zip(files) | Form::Folder(files) => file.files(files),
        Form::Tar(_) => {}
    }
    file.finish()
}

/// The examination of a file of packets.
struct File<'a> {
    examiner: Examiner<'a>,
    checkpoints: Checkpoints,
    packets: Vec<Examined>,
    count: usize,
}

impl File<'_> {
    fn packet(&mut self, source: &Source, document: &Document<'_>) {
        self.count = self.count.saturating_add(1);
        if python_refuses(document) {
            let sentence = document.defect_sentence().unwrap_or_default();
            let detail = format!("{}{sentence}", source.at);
            return one::unreadable(&mut self.examiner, source, detail, Reference::Fails);
        }
        self.packets.extend(one::examine(
            &mut self.examiner,
            &mut self.checkpoints,
            source,
            document,
        ));
    }

    fn broken(&mut self, source: &Source, error: &json::Error) {
        self.count = self.count.saturating_add(1);
        let reference = match python_accepts(error) {
            true => Reference::Stops,
            false => Reference::Fails,
        };
        let detail = format!("{}{}: {}", source.at, error.place, error.kind);
        one::unreadable(&mut self.examiner, source, detail, reference);
    }

    fn records(&mut self, records: &Records<'_>) {
        let total = records.text().len();
        let mut all = records.iter();
        while let Some(record) = all.next() {
            let source = Source {
                at: format!("Packet {}: ", record.number),
                place: match records.layout() {
                    Layout::Array => format!("/{}", record.number.saturating_sub(1)),
                    Layout::Lines => format!("line {}#", record.line),
                },
                name: format!("packet {}", record.number),
            };
            match &record.document {
                Ok(document) => self.packet(&source, document),
                Err(error) => self.broken(&source, error),
            }
            self.examiner.options.report_progress(all.offset(), total);
        }
    }

    fn files(&mut self, files: &Files<'_>) {
        let mut reader = Reader::new();
        let (texts, others): (Vec<_>, Vec<_>) = files
            .entries()
            .iter()
            .partition(|entry| kinds::is_json(entry.name()));
        for entry in texts {
            let name = entry.name();
            let source = Source {
                at: format!("{name}: "),
                place: format!("{name}#"),
                name: name.to_owned(),
            };
            match reader.read(entry) {
                Ok(bytes) => match json::parse(bytes) {
                    Ok(document) => self.packet(&source, &document),
                    Err(error) => self.broken(&source, &error),
                },
                Err(error) => {
                    self.count = self.count.saturating_add(1);
                    let detail = damage(&error);
                    one::unreadable(&mut self.examiner, &source, detail, Reference::Stops);
                }
            }
        }
        if !others.is_empty() {
            let names = listed(others.iter().map(|entry| entry.name()));
            let detail = format!("These files are no packets and were not examined: {names}.");
            self.examiner.own(&OTHER_FILES, Finding::note(detail));
        }
    }

    fn finish(mut self) -> Examination {
        self.key();
        let levels: Vec<&level::Reached> =
            self.packets.iter().map(|packet| &packet.level).collect();
        if !levels.is_empty() {
            let finding = Finding::note(level::told(&levels));
            self.examiner.own(&LEVEL, finding);
        }
        let mut chained: Vec<(Decision, Option<String>)> = Vec::new();
        let (mut facts, mut ids) = (Vec::new(), Vec::new());
        for packet in &mut self.packets {
            chained.push((packet.decision.clone(), packet.tenant.clone()));
            facts.append(&mut packet.facts);
            ids.append(&mut packet.ids);
        }
        links::repeated(&mut self.examiner, ids);
        if self.count > 1 {
            links::within(&mut self.examiner, &chained);
        }
        links::beside(&mut self.examiner, &chained, &[]);
        self.checkpoints.finish(&mut self.examiner, &chained);
        let (kind, noun) = match self.count {
            0 | 1 => ("audit-packet", "Thessor audit packet"),
            _ => ("audit-packets", "set of Thessor audit packets"),
        };
        let keyless = self.packets.iter().any(|packet| !packet.keyed);
        let keyless = keyless.then(|| Keys::of(None, self.examiner.options));
        let mut examination = self.examiner.finish(
            kind,
            Cow::Borrowed(noun),
            LIMITS.map(Cow::Borrowed).to_vec(),
        );
        if self.count == 1 {
            examination.facts = facts;
        }
        if let Some(keys) = keyless {
            examination.asks.extend(keys.asks());
        }
        examination
    }

    /// Holds the packets' keys to the pinned ones.
    fn key(&mut self) {
        let pins = &self.examiner.options.pins;
        if pins.is_empty() {
            let finding = Finding::skip(
                Reason::KeyNeeded,
                "No key was pinned. The packet carries its own key; whose it is cannot be told from the packet.",
            );
            return self.examiner.own(&PACKET_KEY, finding);
        }
        let keys = || self.packets.iter().filter_map(|packet| packet.key.as_ref());
        let other = keys().find(|key| pins.has(key) == Some(false));
        let finding = match other {
            Some(key) => Finding::fail(
                "The packet is signed with a key other than the ones you pinned, so it was not made by whom you expected.",
            )
            .actual(to_hex(key)),
            None if keys().next().is_none() => Finding::skip(Reason::KeyNeeded, "There is no key to compare with the ones you pinned."),
            None => Finding::pass("It is a key that you pinned."),
        };
        self.examiner.own(&PACKET_KEY, finding);
    }
}
