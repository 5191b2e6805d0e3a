//! A canonical form, where there is one, reads back and is its own canonical form.
#![no_main]

use assay::canon::{self, Dialect, Go, Jcs, Python, Stripped};
use assay::json;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(document) = json::parse(bytes) {
        stable::<Jcs>(&document.root);
        stable::<Python>(&document.root);
        stable::<Stripped>(&document.root);
        stable::<Go>(&document.root);
    }
});

fn stable<D: Dialect>(value: &json::Value<'_>) {
    let Ok(once) = canon::to_vec::<D>(value) else {
        return;
    };
    let document = json::parse(&once).expect("a canonical form is JSON");
    assert!(document.defects.is_empty());
    match canon::to_vec::<D>(&document.root) {
        Ok(twice) => assert_eq!(once, twice),
        // RFC 8785 writes doubles beyond 2^53 as integers that no double is equal to.
        Err(error) => assert_eq!(error.kind, canon::ErrorKind::InexactInteger),
    }
}
