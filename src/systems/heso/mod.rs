//! Heso.

use super::{Recognition, System};
use crate::input::Artifact;
use crate::options::Options;
use crate::report::{Examination, Refusal, RefusalCode};

/// Heso.
pub struct Heso;

impl System for Heso {
    fn name(&self) -> &'static str {
        "heso"
    }

    fn recognise(&self, _artifact: &Artifact<'_>) -> Recognition {
        Recognition::No
    }

    fn examine(
        &self,
        _artifact: &Artifact<'_>,
        _options: &Options<'_>,
    ) -> Result<Examination, Refusal> {
        Err(Refusal::new(RefusalCode::UnknownSystem, "Not yet."))
    }
}
