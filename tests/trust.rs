//! The forms in which a public key can be pinned, and what is refused.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use assay::bytes::{from_hex, to_hex};
use assay::crypto::ed25519::Failure;
use assay::trust::{Algorithm, KeyError, Pins, PublicKey, fingerprint};

/// RFC 8032 section 7.1, test 1, in every form.
const HEX: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
const BASE64: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";
const BASE64URL: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const PEM: &str = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n-----END PUBLIC KEY-----";
/// RFC 8037 appendix A.2.
const JWK: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

#[test]
fn one_key_is_read_in_every_form() {
    let crlf = PEM.replace('\n', "\r\n");
    let named = JWK.replace('{', r#"{"kid":"k1","use":"sig","#);
    let forms = [
        HEX.to_owned(),
        HEX.to_uppercase(),
        BASE64.to_owned(),
        BASE64URL.to_owned(),
        PEM.to_owned(),
        format!("{PEM}\n"),
        crlf,
        JWK.to_owned(),
        named,
    ];
    for form in forms {
        for text in [form.clone(), format!(" \r\n\t{form}\n\n ")] {
            let key = PublicKey::parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(
                (key.algorithm, to_hex(&key.bytes).as_str()),
                (Algorithm::Ed25519, HEX)
            );
        }
    }
}

#[test]
fn a_private_key_is_refused_with_a_warning() {
    let private = [
        // RFC 8410 section 10.3 and RFC 8037 appendix A.1.
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMC4C\n-----END ENCRYPTED PRIVATE KEY-----",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaA==\n-----END OPENSSH PRIVATE KEY-----",
        "-----BEGIN EC PRIVATE KEY-----\nMHcC\n-----END EC PRIVATE KEY-----",
        r#"{"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
        r#"{"kty":"EC","crv":"P-256","d":"x","x":"y","y":"z"}"#,
    ];
    for text in private {
        let error = PublicKey::parse(text).unwrap_err();
        assert_eq!(error, KeyError::PrivateKey, "{text}");
        assert!(error.to_string().contains("private key"));
        assert!(error.to_string().contains("disclosed"));
    }
}

#[test]
fn a_public_key_beside_its_private_one_is_refused_too() {
    let text = format!("{PEM}\n-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----");
    assert_eq!(PublicKey::parse(&text), Err(KeyError::PrivateKey));
}

#[test]
fn a_key_of_another_length_is_named() {
    for length in [1, 16, 31, 33, 48, 64, 1951, 1953, 3309] {
        assert_eq!(
            PublicKey::parse(&"ab".repeat(length)),
            Err(KeyError::Length(length))
        );
    }
}

#[test]
fn a_key_of_1952_bytes_is_one_for_ml_dsa_65() {
    let key = PublicKey::parse(&"ab".repeat(1952)).unwrap();
    assert_eq!(
        (key.algorithm, key.algorithm.name()),
        (Algorithm::MlDsa65, "ML-DSA-65")
    );
}

#[test]
fn an_ml_dsa_65_key_in_pem_is_its_raw_bytes() {
    use base64::Engine as _;
    // RFC 9881 section 4: the algorithm's identifier (2.16.840.1.101.3.4.3.18) without parameters, then the key.
    let header = "308207b2300b0609608648016503040312038207a100";
    let spki = |key_bytes: usize| {
        let der = hex::decode(format!("{header}{}", "ab".repeat(key_bytes))).unwrap();
        let text = base64::engine::general_purpose::STANDARD.encode(der);
        let lines: Vec<&str> = text
            .as_bytes()
            .chunks(64)
            .map(|line| std::str::from_utf8(line).unwrap())
            .collect();
        let body = lines.join("\n");
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n")
    };
    assert_eq!(
        PublicKey::parse(&spki(1952)),
        PublicKey::parse(&"ab".repeat(1952))
    );
    assert_eq!(PublicKey::parse(&spki(1951)), Err(KeyError::Pem));
    assert_eq!(PublicKey::parse(&spki(32)), Err(KeyError::Pem));
}

#[test]
fn an_ml_dsa_65_key_without_a_secret_cannot_be_pinned() {
    let key = format!("{}{}", "ab".repeat(32), "00".repeat(1920));
    assert_eq!(PublicKey::parse(&key), Err(KeyError::WithoutSecret));
}

#[test]
fn a_key_of_small_order_cannot_be_pinned() {
    let identity = format!("01{}", "00".repeat(31));
    assert_eq!(
        PublicKey::parse(&identity),
        Err(KeyError::Ed25519(Failure::SmallOrderKey))
    );
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    assert_eq!(
        PublicKey::parse(jwk),
        Err(KeyError::Ed25519(Failure::SmallOrderKey))
    );
}

#[test]
fn bytes_that_are_no_point_cannot_be_pinned() {
    let off_the_curve = format!("02{}", "00".repeat(31));
    assert_eq!(
        PublicKey::parse(&off_the_curve),
        Err(KeyError::Ed25519(Failure::KeyEncoding))
    );
}

#[test]
fn whatever_is_no_key_is_refused_by_its_form() {
    let table = [
        ("", KeyError::Empty),
        (" \n\t ", KeyError::Empty),
        ("thessor", KeyError::Form),
        ("not a key at all", KeyError::Form),
        (
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea x",
            KeyError::Form,
        ),
        (&HEX[..63], KeyError::Form),
        (
            "d75a980182b10ab7d54bfed3c964073a 0ee172f3daa62325af021a68f707511a",
            KeyError::Form,
        ),
        (
            "0xd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            KeyError::Form,
        ),
        (
            "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo",
            KeyError::Form,
        ),
        (
            "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
            KeyError::Pem,
        ),
        (
            "-----BEGIN PUBLIC KEY-----\n????\n-----END PUBLIC KEY-----",
            KeyError::Pem,
        ),
        ("-----BEGIN PUBLIC KEY-----", KeyError::Pem),
        ("{}", KeyError::Jwk),
        ("{", KeyError::Jwk),
        (
            r#"{"kty":"OKP","crv":"X25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            KeyError::Jwk,
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="}"#,
            KeyError::Jwk,
        ),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#,
            KeyError::Jwk,
        ),
        (r#"{"kty":"OKP","crv":"Ed25519","x":7}"#, KeyError::Jwk),
        (
            r#"{"kty":"OKP","crv":"Ed25519","x":"AAAA"}"#,
            KeyError::Length(3),
        ),
        ("{\"a\":\"\\ud800\"}", KeyError::Jwk),
    ];
    for (text, error) in table {
        assert_eq!(PublicKey::parse(text), Err(error), "{text}");
    }
}

#[test]
fn a_fingerprint_is_the_sha_256_of_the_raw_key() {
    let key = PublicKey::parse(PEM).unwrap();
    // RFC 8032's first key, hashed with `sha256sum`.
    assert_eq!(
        key.fingerprint(),
        "21fe31dfa154a261626bf854046fd2271b7bed4b6abe45aa58877ef47f9721b9"
    );
    assert_eq!(key.fingerprint(), fingerprint(&from_hex(HEX).unwrap()));
}

#[test]
fn pins_answer_only_when_there_are_any() {
    let key = PublicKey::parse(HEX).unwrap();
    let (ours, other) = (key.bytes.clone(), [7; 32]);
    assert_eq!(Pins::default().has(&ours), None);
    let pins = Pins { keys: vec![key] };
    assert_eq!(pins.has(&ours), Some(true));
    assert_eq!(pins.has(&other), Some(false));
    assert_eq!(pins.has(&ours[..31]), Some(false));
    assert_eq!(pins.has(&[]), Some(false));
}
