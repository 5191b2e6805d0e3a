//! Assay verifies sealed AI audit evidence: it re-runs canonicalization, digests and signatures
//! and says what holds, what does not and what nobody can tell.
//!
//! The library is pure: bytes, keys and companions come in as arguments, a report goes out.
//! It has no clock, file system or network, and builds natively and for `wasm32`.
#![forbid(unsafe_code)]
#![deny(clippy::arithmetic_side_effects)]

pub mod budget;
pub mod bytes;
pub mod canon;
pub mod crypto;
pub mod input;
pub mod json;
mod options;
pub mod report;
mod systems;
pub mod trust;
mod verify;

pub use options::{Companion, Content, Options, Progress, open_beside};
pub use report::{Refusal, Report, Verdict};
pub use verify::{Folder, Half, Input, Provisional, verify, verify_folder, verify_half};
