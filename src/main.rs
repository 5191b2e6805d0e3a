//! The `assay` binary.
#![forbid(unsafe_code)]
fn main() {}
