//! Thoth (Aten Security): behavioural events, evidence chain rows, enforcement decisions with their receipts, holds and
//! approvals, and session evidence bundles.
//!
//! The members are those of the vendor's SDK (atensec-thoth 0.5.25 and before, `thoth/models.py`). How `hash`, `signature`,
//! `bundle_hash` and receipts are made is not published: see `forms.rs` and `rules.rs` for what is tried, and docs/thoth.md.

mod kind;

#[cfg(feature = "complete")]
mod beside;
#[cfg(feature = "complete")]
mod bundle;
#[cfg(feature = "complete")]
mod calls;
#[cfg(feature = "complete")]
mod chain;
#[cfg(feature = "complete")]
mod checks;
#[cfg(feature = "complete")]
mod conduct;
#[cfg(feature = "complete")]
mod decision;
#[cfg(feature = "complete")]
mod decisions;
#[cfg(feature = "complete")]
mod event;
#[cfg(feature = "complete")]
mod evidence;
#[cfg(feature = "complete")]
mod examiner;
#[cfg(feature = "complete")]
mod facts;
#[cfg(feature = "complete")]
mod forms;
#[cfg(feature = "complete")]
mod hashes;
#[cfg(feature = "complete")]
mod pairing;
#[cfg(feature = "complete")]
mod receipts;
#[cfg(feature = "complete")]
mod rules;
#[cfg(feature = "complete")]
mod shape;
#[cfg(feature = "complete")]
mod signing;
#[cfg(feature = "complete")]
mod time;

use super::{Recognition, System};
use crate::input::{Artifact, Form};
use crate::options::Options;
use crate::report::{Examination, Refusal};

/// Thoth.
pub struct Thoth;

/// Records that are looked at to recognise a file.
const SAMPLED: usize = 8;

impl System for Thoth {
    fn name(&self) -> &'static str {
        "thoth"
    }

    fn recognise(&self, artifact: &Artifact<'_>, _: &Options<'_>) -> Recognition {
        let mine = match &artifact.form {
            Form::Json(document) => kind::holds_evidence(&document.root),
            Form::Records(records) => records
                .iter()
                .take(SAMPLED)
                .filter_map(|record| record.document.ok())
                .any(|document| kind::holds_evidence(&document.root)),
            _ => false,
        };
        match mine {
            true => Recognition::Mine,
            false => Recognition::No,
        }
    }

    #[cfg(feature = "complete")]
    fn examine(
        &self,
        artifact: &Artifact<'_>,
        options: &Options<'_>,
    ) -> Result<Examination, Refusal> {
        examiner::examine(artifact, options)
    }

    #[cfg(not(feature = "complete"))]
    fn examine(&self, _: &Artifact<'_>, _: &Options<'_>) -> Result<Examination, Refusal> {
        Err(Refusal::part_needed())
    }
}
