//! The systems whose artifacts are verified: one room each, none importing another.

pub mod aegis;
pub mod complianceguard;
pub mod heso;
pub mod thessor;
pub mod thoth;

use crate::input::Artifact;
use crate::options::Options;
use crate::report::{Examination, Refusal};

/// What a system says when asked whether an artifact is its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognition {
    /// Not mine.
    No,
    /// Mine.
    Mine,
    /// Has the look of mine, but lacks something that all of mine have.
    Broken,
}

/// A system whose artifacts are verified.
pub trait System: Sync {
    /// The system's name in reports, in lower case.
    fn name(&self) -> &'static str;

    /// Whether the artifact is this system's own. Cheap: looks at names and shapes, verifies nothing; `options` matter only
    /// where the parts of an artifact are handed over separately.
    fn recognise(&self, artifact: &Artifact<'_>, options: &Options<'_>) -> Recognition;

    /// Examines an artifact that this system recognised.
    ///
    /// # Errors
    /// Only when there is nothing to judge, or this build lacks the part that judges it; whatever is wrong with evidence that
    /// can be read is a finding.
    fn examine(
        &self,
        artifact: &Artifact<'_>,
        options: &Options<'_>,
    ) -> Result<Examination, Refusal>;
}

/// Every system, in the order in which they are asked.
pub static REGISTER: &[&dyn System] = &[
    &heso::Heso,
    &thessor::Thessor,
    &complianceguard::ComplianceGuard,
    &aegis::Aegis,
    &thoth::Thoth,
];
