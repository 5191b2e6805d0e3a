//! Signatures under the suites that Thessor names.

use super::{ACCEPTED, python};
use crate::bytes::{BytesError, from_base64, from_hex};
use crate::crypto::ed25519::{self, PublicKey};
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
    /// Whether it holds for the reference verifier; `None` when this verifier cannot tell.
    pub peer: Option<bool>,
    /// The ML-DSA implementation that the signature's length points to.
    pub backend: Option<&'static str>,
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
            Reason::Unsupported => {
                let detail = format!("{what} was not checked: {}", self.detail);
                Finding::skip(Reason::Unsupported, detail)
            }
            reason => {
                let detail = format!("{what} does not hold: {}", self.detail);
                Finding::fail(detail).because(reason)
            }
        }
    }
}

impl Outcome {
    /// A signature that does not hold, in the rest of a sentence.
    pub fn fault(reason: Reason, detail: impl Into<String>, peer: Option<bool>) -> Self {
        Self {
            fault: Some(Fault {
                reason,
                detail: detail.into(),
            }),
            peer,
            backend: None,
        }
    }

    /// Something that fails here by policy, or fails altogether when the reference refuses it too.
    fn stricter(reason: Reason, detail: &str, peer: bool) -> Self {
        match peer {
            true => Self::fault(reason, format!("{detail} {ACCEPTED}"), Some(true)),
            false => Self::fault(reason, detail, Some(false)),
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
    strict: Result<PublicKey, (Reason, String)>,
}

impl Key {
    fn read(text: &str) -> Self {
        let strict = match from_hex(text) {
            Ok(bytes) => PublicKey::from_bytes(&bytes).map_err(|failure| {
                let reason = match failure.is_policy() {
                    true => Reason::CryptoConstraintsFailure,
                    false => Reason::FormatFailure,
                };
                (reason, failure.to_string())
            }),
            Err(error) => Err((Reason::FormatFailure, format!("The public key: {error}"))),
        };
        Self {
            text: text.to_owned(),
            lenient: python::from_hex(text),
            strict,
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
            return Outcome::fault(Reason::SignedDataNotFound, detail, Some(false));
        };
        match suite {
            Suite::Ed25519 => self.ed25519(message, text, key),
            Suite::MlDsa65 => ml_dsa_65(text),
            Suite::Unknown => Outcome::fault(
                Reason::FormatFailure,
                "it names a signature suite that nobody knows.",
                Some(false),
            ),
        }
    }

    fn ed25519(&mut self, message: &[u8], signature: &str, key: &str) -> Outcome {
        let share = self.share;
        let Some(key) = self.get(key) else {
            return Outcome::fault(Reason::FormatFailure, "there is no key.", Some(false));
        };
        let lenient = || {
            let key = key.lenient.as_deref();
            let signature = python::from_hex(signature);
            matches!((key, signature), (Some(key), Some(signature)) if ed25519::verify_any_key(key, message, &signature))
        };
        let public_key = match &key.strict {
            Ok(public_key) => public_key,
            Err((reason, detail)) => return Outcome::stricter(*reason, detail, lenient()),
        };
        let bytes = match from_hex(signature) {
            Ok(bytes) => bytes,
            Err(error) => {
                let reason = match error {
                    BytesError::HexWhiteSpace => Reason::FormatFailure,
                    _ => Reason::SigCryptoFailure,
                };
                return Outcome::stricter(reason, &error.to_string(), lenient());
            }
        };
        match share::verify_strict(share, public_key, message, &bytes) {
            Ok(()) => Outcome {
                fault: None,
                peer: Some(true),
                backend: None,
            },
            Err(failure) => {
                let peer = lenient();
                let reason = match failure.is_policy() || peer {
                    true => Reason::CryptoConstraintsFailure,
                    false => Reason::SigCryptoFailure,
                };
                Outcome::stricter(reason, &failure.to_string(), peer)
            }
        }
    }
}

/// ML-DSA-65 is two incompatible schemes, told apart by the signature's length. Neither is checked here yet.
fn ml_dsa_65(signature: &str) -> Outcome {
    let backend = match from_base64(signature).map(|bytes| bytes.len()) {
        Ok(3309) => "cryptography",
        Ok(3293) => "dilithium_py",
        _ => {
            return Outcome::fault(
                Reason::SigCryptoFailure,
                "an ML-DSA-65 signature has 3309 bytes, or 3293 in its earlier form; this one has neither.",
                Some(false),
            );
        }
    };
    Outcome {
        backend: Some(backend),
        ..Outcome::fault(
            Reason::Unsupported,
            "this version does not check ML-DSA-65 signatures.",
            None,
        )
    }
}
