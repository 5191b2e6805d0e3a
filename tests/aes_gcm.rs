//! AES-256-GCM against the vectors of NIST and, where they stand beside this checkout, Project Wycheproof's.
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;

use assay::crypto::aes_gcm::{Failure, KEY_BYTES, NONCE_BYTES, open};
use serde_json::Value;

fn hex(text: &str) -> Vec<u8> {
    assay::bytes::from_hex(text).unwrap()
}

fn hex_of(value: &Value) -> Vec<u8> {
    hex(value.as_str().unwrap())
}

/// Test case 16 of "The Galois/Counter Mode of Operation" (McGrew and Viega), appendix B.
#[test]
fn the_designers_case_with_associated_data_opens_and_no_altered_byte_does() {
    let key = hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let nonce = hex("cafebabefacedbaddecaf888");
    let associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let plaintext = hex(
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
    );
    let sealed = hex(
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
    );
    assert_eq!(open(&key, &nonce, &associated, &sealed), Ok(plaintext));
    for (part, length) in [(0, 32), (1, 12), (2, 20), (3, sealed.len())] {
        for at in 0..length {
            let mut parts = [&key, &nonce, &associated, &sealed].map(Clone::clone);
            if let Some(byte) = parts.get_mut(part).and_then(|part| part.get_mut(at)) {
                *byte ^= 1;
            }
            let [key, nonce, associated, sealed] = &parts;
            let opened = open(key, nonce, associated, sealed);
            assert_eq!(opened, Err(Failure::Mismatch), "part {part}, byte {at}");
        }
    }
}

#[test]
fn lengths_other_than_the_systems_are_named() {
    let (key, nonce) = ([0; KEY_BYTES], [0; NONCE_BYTES]);
    assert_eq!(
        open(&key[..16], &nonce, &[], &[0; 16]),
        Err(Failure::KeyLength(16))
    );
    assert_eq!(
        open(&key, &nonce[..8], &[], &[0; 16]),
        Err(Failure::NonceLength(8))
    );
    assert_eq!(
        open(&key, &nonce, &[], &[0; 15]),
        Err(Failure::TooShort(15))
    );
}

#[test]
fn wycheproof_agrees_on_every_case_of_these_lengths() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("../shared/vectors/wycheproof/aes_gcm_test.json");
    let Ok(bytes) = fs::read(path) else {
        println!("skipped: the vectors are not here");
        return;
    };
    let file: Value = serde_json::from_slice(&bytes).unwrap();
    let mut cases = 0;
    for group in file["testGroups"].as_array().unwrap() {
        for case in group["tests"].as_array().unwrap() {
            let (key, nonce) = (hex_of(&case["key"]), hex_of(&case["iv"]));
            let sealed = [hex_of(&case["ct"]), hex_of(&case["tag"])].concat();
            let opened = open(&key, &nonce, &hex_of(&case["aad"]), &sealed);
            if key.len() != KEY_BYTES {
                assert_eq!(opened, Err(Failure::KeyLength(key.len())), "{case}");
            } else if nonce.len() != NONCE_BYTES {
                assert_eq!(opened, Err(Failure::NonceLength(nonce.len())), "{case}");
            } else {
                let expected = (case["result"] == "valid").then(|| hex_of(&case["msg"]));
                assert_eq!(opened.ok(), expected, "{case}");
                cases += 1;
            }
        }
    }
    assert_eq!(cases, 66);
}
