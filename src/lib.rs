//! Assay verifies sealed AI audit evidence.
#![forbid(unsafe_code)]
