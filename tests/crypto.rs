//! Digests and Ed25519 against published vectors, under the strict policy.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::fs;
use std::io::Write as _;
use std::path::Path;

use assay::bytes::{from_hex, to_hex};
use assay::crypto::ed25519::{Failure, KeyCache, PublicKey};
use assay::crypto::{blake3, sha256};
use serde_json::Value;

fn vectors(name: &str) -> Option<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/vectors")
        .join(name);
    let Ok(text) = fs::read_to_string(path) else {
        println!("skipped: {name} is not here");
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

fn hex_of(value: &Value) -> Vec<u8> {
    from_hex(value.as_str().unwrap()).unwrap()
}

fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Failure> {
    PublicKey::from_bytes(key)?.verify_strict(message, signature)
}

/// RFC 8032 section 7.1, tests 1 to 3 and SHA(abc): key, message, signature.
const RFC_8032: [(&str, &str, &str); 4] = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
];

#[test]
fn the_signatures_of_rfc_8032_verify() {
    for (key, message, signature) in RFC_8032 {
        let bytes = |text| from_hex(text).unwrap();
        assert_eq!(
            verify(&bytes(key), &bytes(message), &bytes(signature)),
            Ok(())
        );
    }
}

#[test]
fn a_signature_with_any_bit_changed_is_refused() {
    let (key, message, signature) = RFC_8032[2];
    let bytes = |text| from_hex(text).unwrap();
    for bit in 0..512 {
        let mut changed = bytes(signature);
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            verify(&bytes(key), &bytes(message), &changed).is_err(),
            "bit {bit}"
        );
    }
    for bit in 0..256 {
        let mut changed = bytes(key);
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            verify(&changed, &bytes(message), &bytes(signature)).is_err(),
            "bit {bit}"
        );
    }
}

#[test]
fn a_key_or_signature_of_another_length_is_named() {
    let (key, _, signature) = RFC_8032[0];
    let (key, signature) = (from_hex(key).unwrap(), from_hex(signature).unwrap());
    for length in [0, 31, 33, 64] {
        let other = vec![1; length];
        assert_eq!(
            PublicKey::from_bytes(&other).unwrap_err(),
            Failure::KeyLength(length)
        );
    }
    for length in [0, 32, 63, 65, 128] {
        let other = vec![1; length];
        assert_eq!(
            verify(&key, b"", &other),
            Err(Failure::SignatureLength(length))
        );
    }
    assert_eq!(
        verify(&key, b"", &[&signature[..], b"\0"].concat()),
        Err(Failure::SignatureLength(65))
    );
}

#[test]
fn bytes_that_are_no_point_are_no_key() {
    // y = 2 is not on the curve.
    let mut key = [0; 32];
    key[0] = 2;
    assert_eq!(
        PublicKey::from_bytes(&key).unwrap_err(),
        Failure::KeyEncoding
    );
}

/// The encodings of the eight points of small order, canonical and not.
const SMALL_ORDER: [&str; 14] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

#[test]
fn no_key_of_small_order_is_ever_read() {
    for key in SMALL_ORDER {
        let failure = PublicKey::from_bytes(&from_hex(key).unwrap()).unwrap_err();
        assert!(
            matches!(failure, Failure::SmallOrderKey | Failure::KeyEncoding),
            "{key}: {failure}"
        );
    }
    let identity = from_hex(SMALL_ORDER[0]).unwrap();
    assert_eq!(
        PublicKey::from_bytes(&identity).unwrap_err(),
        Failure::SmallOrderKey
    );
}

#[test]
fn a_signature_whose_nonce_point_is_of_small_order_is_refused() {
    let (key, message, signature) = RFC_8032[1];
    for point in SMALL_ORDER {
        let forged = from_hex(&format!("{point}{}", &signature[64..])).unwrap();
        assert!(
            verify(
                &from_hex(key).unwrap(),
                &from_hex(message).unwrap(),
                &forged
            )
            .is_err()
        );
    }
}

/// The order of the base point, little-endian.
const ORDER: &str = "edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010";

#[test]
fn a_scalar_of_the_group_order_or_more_is_named() {
    let (key, message, signature) = RFC_8032[1];
    let (key, message) = (from_hex(key).unwrap(), from_hex(message).unwrap());
    let with_scalar = |scalar: &[u8]| {
        verify(
            &key,
            &message,
            &[&from_hex(&signature[..64]).unwrap(), scalar].concat(),
        )
    };
    let order = from_hex(ORDER).unwrap();
    let mut below = order.clone();
    below[0] -= 1;
    assert_eq!(with_scalar(&below), Err(Failure::Mismatch));
    assert_eq!(with_scalar(&order), Err(Failure::NonCanonicalScalar));
    assert_eq!(with_scalar(&[0xff; 32]), Err(Failure::NonCanonicalScalar));
    let mut carry = 0;
    let shifted: Vec<u8> = from_hex(&signature[64..])
        .unwrap()
        .iter()
        .zip(&order)
        .map(|(a, b)| {
            let sum = u16::from(*a) + u16::from(*b) + carry;
            carry = sum >> 8;
            sum as u8
        })
        .collect();
    assert_eq!(with_scalar(&shifted), Err(Failure::NonCanonicalScalar));
}

#[test]
fn policy_failures_are_those_that_another_verifier_may_accept() {
    assert!(Failure::SmallOrderKey.is_policy() && Failure::NonCanonicalScalar.is_policy());
    for failure in [
        Failure::Mismatch,
        Failure::KeyEncoding,
        Failure::KeyLength(0),
        Failure::SignatureLength(0),
    ] {
        assert!(!failure.is_policy(), "{failure}");
    }
}

#[test]
fn wycheproof_agrees_on_every_ed25519_case() {
    let Some(file) = vectors("wycheproof/ed25519_test.json") else {
        return;
    };
    let mut cases = 0;
    for group in file["testGroups"].as_array().unwrap() {
        let key = hex_of(&group["publicKey"]["pk"]);
        for case in group["tests"].as_array().unwrap() {
            let outcome = verify(&key, &hex_of(&case["msg"]), &hex_of(&case["sig"]));
            assert_eq!(
                outcome.is_ok(),
                case["result"] == "valid",
                "{case}: {outcome:?}"
            );
            if case["flags"] == serde_json::json!(["SignatureMalleability"]) {
                assert_eq!(outcome, Err(Failure::NonCanonicalScalar), "{case}");
            }
            cases += 1;
        }
    }
    assert_eq!(cases, file["numberOfTests"].as_u64().unwrap());
}

/// The twelve cases of "Taming the many EdDSAs" (Chalkias, Garillot, Nikolaenko 2020), table 5.
#[test]
fn the_cases_on_which_verifiers_disagree_are_decided_strictly() {
    let Some(cases) = vectors("ed25519-speccheck/cases.json") else {
        return;
    };
    let expected = [
        ("key and nonce of small order", Err(Failure::SmallOrderKey)),
        ("key of small order", Err(Failure::SmallOrderKey)),
        ("nonce of small order", Err(Failure::Mismatch)),
        (
            "key and nonce of mixed order, verifies with and without the cofactor",
            Ok(()),
        ),
        ("verifies only with the cofactor", Err(Failure::Mismatch)),
        (
            "verifies only with the cofactor, multiplied before the hash is reduced",
            Err(Failure::Mismatch),
        ),
        ("scalar above the order", Err(Failure::NonCanonicalScalar)),
        (
            "scalar far above the order",
            Err(Failure::NonCanonicalScalar),
        ),
        (
            "nonce of small order, not canonically encoded",
            Err(Failure::Mismatch),
        ),
        ("the same, reduced before hashing", Err(Failure::Mismatch)),
        (
            "key of small order, not canonically encoded",
            Err(Failure::SmallOrderKey),
        ),
        (
            "the same, reduced before hashing",
            Err(Failure::SmallOrderKey),
        ),
    ];
    let cases = cases.as_array().unwrap();
    assert_eq!(cases.len(), expected.len());
    for (number, (case, (why, expected))) in cases.iter().zip(expected).enumerate() {
        let outcome = verify(
            &hex_of(&case["pub_key"]),
            &hex_of(&case["message"]),
            &hex_of(&case["signature"]),
        );
        assert_eq!(outcome, expected, "case {number}: {why}");
    }
}

#[test]
fn sha_256_gives_the_digests_of_fips_180() {
    let table = [
        (
            "",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (
            "abc",
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        ),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
        ),
    ];
    for (text, digest) in table {
        assert_eq!(to_hex(&sha256::digest(text.as_bytes())), digest);
    }
    assert_eq!(
        to_hex(&sha256::digest(&vec![b'a'; 1_000_000])),
        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    );
}

#[test]
fn blake3_gives_the_digests_of_its_published_vectors() {
    // Inputs of so many bytes 0, 1, 2 … 250, 0, 1 …
    let table = [
        (
            0,
            "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
        ),
        (
            1,
            "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
        ),
        (
            1024,
            "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
        ),
        (
            1025,
            "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
        ),
        (
            102_400,
            "bc3e3d41a1146b069abffad3c0d44860cf664390afce4d9661f7902e7943e085",
        ),
    ];
    for (length, digest) in table {
        let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
        assert_eq!(to_hex(&blake3::digest(&bytes)), digest, "{length} bytes");
    }
}

#[test]
fn a_digest_in_pieces_is_the_digest_of_the_whole() {
    let bytes: Vec<u8> = (0..10_000).map(|n| (n % 253) as u8).collect();
    for size in [1, 63, 64, 65, 1_024, 9_999] {
        let (mut sha, mut blake) = (sha256::Sha256::new(), blake3::Blake3::new());
        for piece in bytes.chunks(size) {
            sha.write_all(piece).unwrap();
            blake.update(piece);
        }
        assert_eq!(sha.finish(), sha256::digest(&bytes), "{size}");
        assert_eq!(blake.finish(), blake3::digest(&bytes), "{size}");
    }
}

#[test]
fn a_cache_answers_for_each_key_as_if_there_were_none() {
    let mut cache = KeyCache::default();
    // Multiples of the keys of RFC 8032 are not at hand: walk y until there are enough points.
    let keys: Vec<[u8; 32]> = (3..)
        .map(|y| {
            let mut bytes = [0; 32];
            bytes[0] = y;
            bytes
        })
        .filter(|bytes| PublicKey::from_bytes(bytes).is_ok())
        .take(40)
        .collect();
    for round in 0..3 {
        for key in &keys {
            assert_eq!(cache.get(key).unwrap().as_bytes(), key, "round {round}");
        }
    }
    assert_eq!(cache.get(&[0; 3]).unwrap_err(), Failure::KeyLength(3));
    assert_eq!(
        cache.get(&from_hex(SMALL_ORDER[0]).unwrap()).unwrap_err(),
        Failure::SmallOrderKey
    );
    assert_eq!(cache.get(&keys[0]).unwrap().to_hex(), to_hex(&keys[0]));
}
