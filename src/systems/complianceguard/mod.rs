//! ComplianceGuard: decision events, as they are sent and as they are stored, and the receipts for them.
//!
//! The rules are those of the vendor's SDK (complianceguard 0.1.5, `client.py`). Nothing in an event is signed: its three
//! references are held against what the person verifying supplies, or against what their key decrypts.

#[cfg(feature = "complete")]
mod asks;
#[cfg(feature = "complete")]
mod checks;
#[cfg(feature = "complete")]
mod companions;
#[cfg(feature = "complete")]
mod envelope;
#[cfg(feature = "complete")]
mod event;
#[cfg(feature = "complete")]
mod facts;
#[cfg(feature = "complete")]
mod file;
#[cfg(feature = "complete")]
mod index;
#[cfg(feature = "complete")]
mod judge;
mod kind;
#[cfg(feature = "complete")]
mod oversight;
#[cfg(feature = "complete")]
mod peer;
#[cfg(feature = "complete")]
mod performance;
#[cfg(feature = "complete")]
mod plaintext;
#[cfg(feature = "complete")]
mod python;
#[cfg(feature = "complete")]
mod receipts;
#[cfg(feature = "complete")]
mod references;
#[cfg(feature = "complete")]
mod sequence;
#[cfg(feature = "complete")]
mod statement;
#[cfg(feature = "complete")]
mod supplied;

use super::{Recognition, System};
use crate::input::{Artifact, Form};
use crate::json::Records;
use crate::options::Options;
use crate::report::{Examination, Refusal};
use kind::Kind;

/// ComplianceGuard.
pub struct ComplianceGuard;

/// Records that are looked at to recognise a file.
const SAMPLED: usize = 8;

impl System for ComplianceGuard {
    fn name(&self) -> &'static str {
        "complianceguard"
    }

    fn recognise(&self, artifact: &Artifact<'_>, _options: &Options<'_>) -> Recognition {
        match &artifact.form {
            Form::Json(document) => Kind::of(&document.root).recognition(),
            Form::Records(records) => recognise_records(records),
            Form::Zip(_) | Form::Tar(_) | Form::Folder(_) => Recognition::No,
        }
    }

    #[cfg(feature = "complete")]
    fn examine(
        &self,
        artifact: &Artifact<'_>,
        options: &Options<'_>,
    ) -> Result<Examination, Refusal> {
        Ok(file::examine(artifact, options))
    }

    #[cfg(not(feature = "complete"))]
    fn examine(&self, _: &Artifact<'_>, _: &Options<'_>) -> Result<Examination, Refusal> {
        Err(Refusal::part_needed())
    }
}

/// One event or receipt among the first records makes the file ours; a part of one makes it a broken one.
fn recognise_records(records: &Records<'_>) -> Recognition {
    let mut best = Recognition::No;
    for record in records.iter().take(SAMPLED) {
        let found = match &record.document {
            Ok(document) => Kind::of(&document.root).recognition(),
            Err(_) if kind::text_has_marks(records.text()) => Recognition::Broken,
            Err(_) => Recognition::No,
        };
        match found {
            Recognition::Mine => return Recognition::Mine,
            Recognition::Broken => best = Recognition::Broken,
            Recognition::No => {}
        }
    }
    best
}
