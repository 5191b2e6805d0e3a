//! Both forms of ML-DSA-65 against the issuers' own libraries and Wycheproof's vectors.
#![cfg(all(not(target_arch = "wasm32"), feature = "complete"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic
)]

use std::fs;
use std::path::Path;

use assay::crypto::ml_dsa::{Failure, PublicKey, Scheme};
use serde_json::Value;

fn read(path: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    Some(serde_json::from_slice(&fs::read(path).ok()?).unwrap())
}

fn bytes(value: &Value) -> Vec<u8> {
    hex::decode(value.as_str().unwrap()).unwrap()
}

/// Applies a case's change to the bytes that its base has.
fn altered(mut data: Vec<u8>, change: &Value) -> Vec<u8> {
    if change.is_null() {
        return data;
    }
    data.extend(bytes(&change["tail"]));
    data.truncate(change["bytes"].as_u64().unwrap() as usize);
    for edit in change["edits"].as_array().unwrap() {
        data[edit[0].as_u64().unwrap() as usize] = edit[1].as_u64().unwrap() as u8;
    }
    data
}

fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Result<Scheme, Failure> {
    PublicKey::from_bytes(key)?.verify_strict(message, signature)
}

#[test]
fn the_issuers_libraries_agree() {
    let vectors = read("tests/fixtures/thessor/ml-dsa/vectors.json").unwrap();
    let message = bytes(&vectors["message"]);
    let (mut accepted, mut stricter) = (0, 0);
    for case in vectors["cases"].as_array().unwrap() {
        let base = &vectors["bases"][case["base"].as_str().unwrap()];
        let key = altered(bytes(&base["key"]), &case["key"]);
        let signature = altered(bytes(&base["signature"]), &case["signature"]);
        let what = format!("{}: {}", case["base"], case["what"]);
        match (verify(&key, &message, &signature), case["accepted"] == true) {
            (Ok(scheme), true) => {
                accepted += 1;
                assert_eq!(Some(scheme), Scheme::of_length(signature.len()), "{what}");
            }
            (Err(failure), true) => {
                stricter += 1;
                assert!(failure.is_policy(), "{what}: {failure}");
            }
            (Err(failure), false) => assert!(!failure.is_policy(), "{what}: {failure}"),
            (Ok(_), false) => panic!("{what} is accepted"),
        }
    }
    assert!(accepted > 2 && stricter > 1);
}

#[test]
fn wycheproofs_vectors_have_their_outcomes() {
    let Some(vectors) = read("../shared/vectors/wycheproof/mldsa_65_verify_test.json") else {
        eprintln!("not compared: Wycheproof's vectors are not here");
        return;
    };
    let mut compared = 0;
    for group in vectors["testGroups"].as_array().unwrap() {
        let key = PublicKey::from_bytes(&bytes(&group["publicKey"]));
        for test in group["tests"].as_array().unwrap() {
            // The evidence that is verified here has no context.
            if test.get("ctx").is_some() {
                continue;
            }
            compared += 1;
            let (message, signature) = (bytes(&test["msg"]), bytes(&test["sig"]));
            let (valid, name) = (test["result"] == "valid", &test["tcId"]);
            let outcome = key
                .as_ref()
                .map_err(|failure| *failure)
                .and_then(|key| key.verify(&message, &signature));
            // Wycheproof's signatures of the wrong length include none of the other form's.
            assert_eq!(outcome == Ok(Scheme::Fips204), valid, "test {name}");
            let zero = test["flags"]
                .as_array()
                .unwrap()
                .contains(&"ZeroPublicKey".into());
            if let Ok(key) = &key
                && valid
            {
                let strict = key.verify_strict(&message, &signature);
                assert_eq!(
                    strict == Err(Failure::KeyWithoutSecret),
                    zero,
                    "test {name}"
                );
            }
        }
    }
    assert!(compared > 150);
}

#[test]
fn every_byte_of_a_signature_counts() {
    let vectors = read("tests/fixtures/thessor/ml-dsa/vectors.json").unwrap();
    let message = bytes(&vectors["message"]);
    for base in ["dilithium-py", "cryptography"] {
        let base = &vectors["bases"][base];
        let key = PublicKey::from_bytes(&bytes(&base["key"])).unwrap();
        let mut signature = bytes(&base["signature"]);
        for at in (0..signature.len()).step_by(13) {
            signature[at] ^= 0x40;
            assert!(key.verify_strict(&message, &signature).is_err(), "{at}");
            signature[at] ^= 0x40;
        }
        assert!(key.verify_strict(&message, &signature).is_ok());
    }
}

#[test]
fn whatever_the_bytes_nothing_panics_and_nothing_is_accepted() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut draw = |length: usize| -> Vec<u8> {
        let next = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()[0]
        };
        std::iter::repeat_with(next).take(length).collect()
    };
    for round in 0..200 {
        let key = draw(1952);
        for length in [3293, 3309] {
            let mut signature = draw(length);
            if round % 2 == 0 {
                // A hint that is well made, so that the arithmetic is reached.
                let start = length - 61;
                signature[start..].fill(0);
                // The largest coefficients are out of bounds; these are not.
                signature[48..start]
                    .iter_mut()
                    .for_each(|byte| *byte = 0x88);
            }
            assert!(verify(&key, b"message", &signature).is_err());
        }
        for length in [0, 1, 32, 1951, 1953] {
            let failure = verify(&draw(length), b"message", &draw(3293)).unwrap_err();
            assert_eq!(failure, Failure::KeyLength(length));
        }
    }
}
