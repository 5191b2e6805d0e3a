//! Aegis: sealed events and their session chains in both dialects, stored pages and exports, session snapshots, and
//! capability manifests.
//!
//! The rules are those of agentlifylabs/Aegis at commit 2569a06: `pkg/eventlog`, `pkg/canon`, `pkg/store`, `pkg/manifest` and
//! `python/aegis_sdk`. docs/aegis.md says what each check covers.

#[cfg(feature = "complete")]
mod capability;
#[cfg(feature = "complete")]
mod checks;
#[cfg(feature = "complete")]
mod content;
#[cfg(feature = "complete")]
mod difference;
#[cfg(feature = "complete")]
mod facts;
#[cfg(feature = "complete")]
mod go;
#[cfg(feature = "complete")]
mod log;
#[cfg(feature = "complete")]
mod loops;
#[cfg(feature = "complete")]
mod manifest;
#[cfg(feature = "complete")]
mod overview;
#[cfg(feature = "complete")]
mod reader;
mod recognise;
#[cfg(feature = "complete")]
mod recorded;
#[cfg(feature = "complete")]
mod reducer;
#[cfg(feature = "complete")]
mod replay;
#[cfg(feature = "complete")]
mod session;
#[cfg(feature = "complete")]
mod snapshot;
#[cfg(feature = "complete")]
mod source;
#[cfg(feature = "complete")]
mod time;
#[cfg(feature = "complete")]
mod transitions;
#[cfg(feature = "complete")]
mod tree;
#[cfg(feature = "complete")]
mod user;
#[cfg(feature = "complete")]
mod wire;

#[cfg(feature = "complete")]
use self::recognise::Kind;
use self::recognise::kind;
use super::{Recognition, System};
use crate::input::Artifact;
use crate::options::Options;
use crate::report::{Examination, Refusal};

/// Aegis.
pub struct Aegis;

impl System for Aegis {
    fn name(&self) -> &'static str {
        "aegis"
    }

    fn recognise(&self, artifact: &Artifact<'_>, _: &Options<'_>) -> Recognition {
        kind(artifact).map_or(Recognition::No, |(_, recognition)| recognition)
    }

    #[cfg(feature = "complete")]
    fn examine(
        &self,
        artifact: &Artifact<'_>,
        options: &Options<'_>,
    ) -> Result<Examination, Refusal> {
        Ok(match kind(artifact) {
            Some((Kind::Manifest, _)) => manifest::examine(artifact, options),
            Some((Kind::Snapshot, _)) => snapshot::examine(artifact, options),
            Some((Kind::Events, _)) | None => log::examine(artifact, options),
        })
    }

    #[cfg(not(feature = "complete"))]
    fn examine(&self, _: &Artifact<'_>, _: &Options<'_>) -> Result<Examination, Refusal> {
        Err(Refusal::part_needed())
    }
}
