//! Signatures under the suites that Thessor names.

use super::{ACCEPTED, python};
use crate::bytes::{BytesError, from_hex};
#[cfg(feature = "complete")]
use crate::bytes::{from_base64, from_base64_as_python};
use crate::crypto::ed25519::{self, PublicKey};
#[cfg(feature = "complete")]
use crate::crypto::ml_dsa::{self, Scheme};
use crate::crypto::share::{self, Share};
use crate::json::Value;
use crate::report::{Finding, Reason};

/// How a record is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Suite {
    /// `ed25519`, in hexadecimal.
    Ed25519,
    /// `ml_dsa_65`, in base64.
    MlDsa65,
    /// Anything else, which fails.
    Unknown,
}

impl Suite {
    /// The suite of that name; absent means Ed25519.
    pub fn of(name: Option<&Value<'_>>) -> Self {
        match name.map(Value::as_str) {
            None | Some(Some("ed25519")) => Self::Ed25519,
            Some(Some("ml_dsa_65")) => Self::MlDsa65,
            Some(_) => Self::Unknown,
        }
    }

    /// The suite to which a key's length points, where nothing names one.
    #[cfg(feature = "complete")]
    pub const fn of_key_length(bytes: usize) -> Self {
        match bytes {
            ml_dsa::KEY_BYTES => Self::MlDsa65,
            _ => Self::Ed25519,
        }
    }

    /// The algorithm's usual name.
    pub const fn algorithm(self) -> &'static str {
        match self {
            Self::Ed25519 => "Ed25519",
            Self::MlDsa65 => "ML-DSA-65",
            Self::Unknown => "unknown",
        }
    }
}

/// What came of a signature.
#[derive(Debug)]
pub(super) struct Outcome {
    /// Why it does not hold here; `None` when it does.
    pub fault: Option<Fault>,
    /// Whether it holds for the reference verifier.
    pub peer: bool,
    /// The algorithm by whose rules it was checked.
    pub algorithm: &'static str,
    /// What the reference calls the form of ML-DSA-65 that the signature's length points to.
    pub backend: Option<&'static str>,
    /// What else there is to say of a signature that holds: its form, where an algorithm has several; empty otherwise.
    pub remark: String,
}

/// Why a signature does not hold, or cannot be checked.
#[derive(Debug)]
pub(super) struct Fault {
    reason: Reason,
    detail: String,
}

impl Fault {
    /// The fault as a finding about `what`, which begins the sentence.
    pub fn finding(&self, what: &str) -> Finding {
        match self.reason {
            Reason::PartNeeded => {
                let detail = format!("{what} was not checked: {}", self.detail);
                Finding::skip(Reason::PartNeeded, detail)
            }
            reason => {
                let detail = format!("{what} does not hold: {}", self.detail);
                Finding::fail(detail).because(reason)
            }
        }
    }
}

impl Outcome {
    /// A signature that holds.
    fn holds(algorithm: &'static str) -> Self {
        Self {
            fault: None,
            peer: true,
            algorithm,
            backend: None,
            remark: String::new(),
        }
    }

    /// A signature that does not hold, in the rest of a sentence, and whether it holds for the reference.
    pub fn fault(suite: Suite, reason: Reason, detail: impl Into<String>, peer: bool) -> Self {
        Self {
            fault: Some(Fault {
                reason,
                detail: detail.into(),
            }),
            peer,
            ..Self::holds(suite.algorithm())
        }
    }

    /// Something that fails here by policy, or fails altogether when the reference refuses it too.
    fn stricter(suite: Suite, reason: Reason, detail: &str, peer: bool) -> Self {
        match peer {
            true => Self::fault(suite, reason, format!("{detail} {ACCEPTED}"), true),
            false => Self::fault(suite, reason, detail, false),
        }
    }
}

/// The public keys met so far, read once each.
#[derive(Debug, Default)]
pub(super) struct Keys<'o> {
    share: Option<&'o Share>,
    known: Vec<Key>,
}

/// A public key as a package spells it.
#[derive(Debug)]
struct Key {
    text: String,
    /// As the reference reads it.
    lenient: Option<Vec<u8>>,
    ed25519: Result<PublicKey, (Reason, String)>,
    #[cfg(feature = "complete")]
    ml_dsa: Result<ml_dsa::PublicKey, ml_dsa::Failure>,
}

impl Key {
    fn read(text: &str) -> Self {
        let ed25519 = match from_hex(text) {
            Ok(bytes) => PublicKey::from_bytes(&bytes).map_err(|failure| {
                let reason = match failure.is_policy() {
                    true => Reason::CryptoConstraintsFailure,
                    false => Reason::FormatFailure,
                };
                (reason, failure.to_string())
            }),
            Err(error) => Err((Reason::FormatFailure, format!("The public key: {error}"))),
        };
        let lenient = python::from_hex(text);
        Self {
            text: text.to_owned(),
            ed25519,
            #[cfg(feature = "complete")]
            ml_dsa: ml_dsa::PublicKey::from_bytes(lenient.as_deref().unwrap_or_default()),
            lenient,
        }
    }
}

impl<'o> Keys<'o> {
    /// No keys yet, to verify the given share of the signatures with.
    pub fn new(share: Option<&'o Share>) -> Self {
        Self {
            share,
            ..Self::default()
        }
    }

    /// Keys kept; a package that names more reads them again.
    const CAPACITY: usize = 16;

    fn get(&mut self, text: &str) -> Option<&Key> {
        let found = self.known.iter().position(|key| key.text == text);
        let at = match found {
            Some(at) => at,
            None => {
                if self.known.len() >= Self::CAPACITY {
                    self.known.pop();
                }
                self.known.push(Key::read(text));
                self.known.len().saturating_sub(1)
            }
        };
        self.known.get(at)
    }

    /// The raw key that a text stands for, if it is hexadecimal.
    pub fn raw(&mut self, text: &str) -> Option<Vec<u8>> {
        self.get(text)?.lenient.clone()
    }

    /// Verifies `signature` over `message` with the key of that spelling.
    pub fn verify(
        &mut self,
        suite: Suite,
        message: &[u8],
        signature: Option<&Value<'_>>,
        key: &str,
    ) -> Outcome {
        let Some(text) = signature.and_then(Value::as_str) else {
            let detail = match signature {
                None => "there is none.".to_owned(),
                Some(value) => format!("it should be text, and is {}.", value.kind_name()),
            };
            return Outcome::fault(suite, Reason::SignedDataNotFound, detail, false);
        };
        match suite {
            Suite::Ed25519 => self.ed25519(message, text, key),
            Suite::MlDsa65 => self.ml_dsa_65(message, text, key),
            Suite::Unknown => Outcome::fault(
                suite,
                Reason::FormatFailure,
                "it names a signature suite that nobody knows.",
                false,
            ),
        }
    }

    fn ed25519(&mut self, message: &[u8], signature: &str, key: &str) -> Outcome {
        const SUITE: Suite = Suite::Ed25519;
        let share = self.share;
        let Some(key) = self.get(key) else {
            return Outcome::fault(SUITE, Reason::FormatFailure, "there is no key.", false);
        };
        let lenient = || {
            let key = key.lenient.as_deref();
            let signature = python::from_hex(signature);
            matches!((key, signature), (Some(key), Some(signature)) if ed25519::verify_any_key(key, message, &signature))
        };
        let public_key = match &key.ed25519 {
            Ok(public_key) => public_key,
            Err((reason, detail)) => return Outcome::stricter(SUITE, *reason, detail, lenient()),
        };
        let bytes = match from_hex(signature) {
            Ok(bytes) => bytes,
            Err(error) => {
                let reason = match error {
                    BytesError::HexWhiteSpace => Reason::FormatFailure,
                    _ => Reason::SigCryptoFailure,
                };
                return Outcome::stricter(SUITE, reason, &error.to_string(), lenient());
            }
        };
        match share::verify_strict(share, public_key, message, &bytes) {
            Ok(()) => Outcome::holds(SUITE.algorithm()),
            Err(failure) => {
                let peer = lenient();
                let reason = match failure.is_policy() || peer {
                    true => Reason::CryptoConstraintsFailure,
                    false => Reason::SigCryptoFailure,
                };
                Outcome::stricter(SUITE, reason, &failure.to_string(), peer)
            }
        }
    }

    /// ML-DSA-65 is two incompatible schemes, told apart by the signature's length. The signature is read as the reference
    /// reads it, over whatever is not base64; the key as strictly as any.
    #[cfg(feature = "complete")]
    fn ml_dsa_65(&mut self, message: &[u8], text: &str, key: &str) -> Outcome {
        const SUITE: Suite = Suite::MlDsa65;
        let fault = |reason, detail: &str| Outcome::fault(SUITE, reason, detail, false);
        let Some(key) = self.get(key) else {
            return fault(Reason::FormatFailure, "there is no key.");
        };
        if key.lenient.is_none() {
            return fault(Reason::FormatFailure, "The public key is not hexadecimal.");
        }
        let Some(signature) = from_base64_as_python(text) else {
            return fault(Reason::SigCryptoFailure, "it is not base64.");
        };
        let Some(scheme) = Scheme::of_length(signature.len()) else {
            return fault(
                Reason::SigCryptoFailure,
                &ml_dsa::Failure::SignatureLength(signature.len()).to_string(),
            );
        };
        let verified = match &key.ml_dsa {
            Ok(public_key) => public_key.verify_strict(message, &signature),
            Err(failure) => Err(*failure),
        };
        let peer = verified
            .as_ref()
            .map_or_else(|failure| failure.is_policy(), |_| true);
        let fault = match (verified, from_hex(&key.text)) {
            (Ok(_), Ok(_)) => None,
            (_, Err(error)) => Some((Reason::FormatFailure, format!("The public key: {error}"))),
            (Err(failure), Ok(_)) => {
                let reason = match failure {
                    ml_dsa::Failure::KeyLength(_) => Reason::FormatFailure,
                    failure if failure.is_policy() => Reason::CryptoConstraintsFailure,
                    _ => Reason::SigCryptoFailure,
                };
                let detail = format!("{failure} It was checked as {}.", scheme.name());
                Some((reason, detail))
            }
        };
        let outcome = match fault {
            None => Outcome::holds(scheme.name()),
            Some((reason, detail)) => Outcome::stricter(SUITE, reason, &detail, peer),
        };
        let remark = match from_base64(text) {
            Ok(_) => "",
            Err(_) => {
                " Its text has more in it than base64, which the vendor's verifier reads over; nothing covers that."
            }
        };
        Outcome {
            algorithm: scheme.name(),
            backend: Some(match scheme {
                Scheme::Fips204 => "cryptography",
                Scheme::Round3 => "dilithium_py",
            }),
            remark: format!("The signature is one of {}.{remark}", scheme.name()),
            ..outcome
        }
    }

    #[cfg(not(feature = "complete"))]
    fn ml_dsa_65(&mut self, _: &[u8], _: &str, _: &str) -> Outcome {
        let detail = "this part of the verifier is not loaded.";
        Outcome::fault(Suite::MlDsa65, Reason::PartNeeded, detail, true)
    }
}
