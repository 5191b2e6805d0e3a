//! Any file is opened or refused with a sentence.
#![no_main]

use assay::input;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = input::open("file", bytes) {
        assert!(!error.to_string().is_empty());
    }
});
