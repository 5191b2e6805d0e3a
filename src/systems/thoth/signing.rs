//! Signatures, whose rule is not published either: what is signed is tried by table, under the keys that were pinned.

use super::event;
use super::forms::{self, Form, View};
use super::rules::Algorithm;
use crate::bytes::to_hex;
use crate::crypto::ed25519::{PublicKey, SIGNATURE_BYTES};
use crate::json::Value;
use crate::trust::{Algorithm as KeyAlgorithm, Pins};

/// Signatures that every candidate is tried on; the others are held against the rules that were found.
const SAMPLED: usize = 8;

/// What of an event may have been signed.
pub(super) static OF_EVENT: [View; 5] = [
    View {
        words: "the record without `signature`",
        within: "",
        omitted: &["signature"],
        blanked: &[],
    },
    View {
        words: "the record without `hash` and `signature`",
        within: "",
        omitted: &["hash", "signature"],
        blanked: &[],
    },
    View {
        words: "the record with `signature` empty",
        within: "",
        omitted: &[],
        blanked: &["signature"],
    },
    View {
        words: "the record with `hash` and `signature` empty",
        within: "",
        omitted: &[],
        blanked: &["hash", "signature"],
    },
    View {
        words: "the record without `hash`, `signature` and `previous_hash`",
        within: "",
        omitted: &["hash", "signature", "previous_hash"],
        blanked: &[],
    },
];

/// What of a decision and its receipt may have been signed.
pub(super) static OF_RECEIPT: [View; 11] = [
    View {
        words: "what bears it without `receipt`",
        within: "",
        omitted: &["receipt"],
        blanked: &[],
    },
    View {
        words: "what bears it without `receipt` and `terminal_receipt`",
        within: "",
        omitted: &["receipt", "terminal_receipt"],
        blanked: &[],
    },
    View {
        words: "what bears it without the receipt's `signature`",
        within: "",
        omitted: &["receipt.signature"],
        blanked: &[],
    },
    View {
        words: "what bears it without the receipt's `signature` and `signing_algorithm`",
        within: "",
        omitted: &["receipt.signature", "receipt.signing_algorithm"],
        blanked: &[],
    },
    View {
        words: "the receipt without `signature`",
        within: "receipt",
        omitted: &["signature"],
        blanked: &[],
    },
    View {
        words: "the receipt without `signature` and `signing_algorithm`",
        within: "receipt",
        omitted: &["signature", "signing_algorithm"],
        blanked: &[],
    },
    View {
        words: "the receipt without `signature`, `signing_algorithm` and `key_id`",
        within: "receipt",
        omitted: &["signature", "signing_algorithm", "key_id"],
        blanked: &[],
    },
    View {
        words: "the receipt with `signature` empty",
        within: "receipt",
        omitted: &[],
        blanked: &["signature"],
    },
    View {
        words: "the receipt's `payload`",
        within: "receipt.payload",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the receipt's `signed_payload`",
        within: "receipt.signed_payload",
        omitted: &[],
        blanked: &[],
    },
    View {
        words: "the receipt's `decision`",
        within: "receipt.decision",
        omitted: &[],
        blanked: &[],
    },
];

/// What of a bundle may have been signed.
pub(super) static OF_BUNDLE: [View; 3] = [
    View {
        words: "the bundle without `signature`",
        within: "",
        omitted: &["signature"],
        blanked: &[],
    },
    View {
        words: "the bundle without `bundle_hash` and `signature`",
        within: "",
        omitted: &["bundle_hash", "signature"],
        blanked: &[],
    },
    View {
        words: "the bundle with `signature` empty",
        within: "",
        omitted: &[],
        blanked: &["signature"],
    },
];

/// What of the candidate's text is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cover {
    Text,
    Bytes(Algorithm),
    Hex(Algorithm),
}

impl Cover {
    const ALL: [Self; 5] = [
        Self::Text,
        Self::Bytes(Algorithm::Sha256),
        Self::Hex(Algorithm::Sha256),
        Self::Bytes(Algorithm::Blake3),
        Self::Hex(Algorithm::Blake3),
    ];

    fn message(self, text: &[u8]) -> Vec<u8> {
        match self {
            Self::Text => text.to_vec(),
            Self::Bytes(algorithm) => algorithm.digest(text).to_vec(),
            Self::Hex(algorithm) => to_hex(&algorithm.digest(text)).into_bytes(),
        }
    }

    fn words(self) -> String {
        match self {
            Self::Text => String::new(),
            Self::Bytes(algorithm) => format!("the {} bytes of ", algorithm.words()),
            Self::Hex(algorithm) => format!("the hex text of {} over ", algorithm.words()),
        }
    }
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Signed {
    /// The recorded hash, as it is written.
    HashText,
    /// The bytes of the recorded hash.
    HashBytes,
    /// Something made of the content.
    Content(Cover, &'static Form, &'static View),
}

/// A rule by which a signature was made, and the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rule {
    signed: Signed,
    /// Which of the pinned keys.
    pub key: usize,
}

impl Rule {
    /// The rule in words.
    pub fn words(&self) -> String {
        match self.signed {
            Signed::HashText => "Ed25519 over the text of the hash".to_owned(),
            Signed::HashBytes => "Ed25519 over the bytes of the hash".to_owned(),
            Signed::Content(cover, form, view) => {
                format!(
                    "Ed25519 over {}{} of {}",
                    cover.words(),
                    form.words,
                    view.words
                )
            }
        }
    }

    /// Whether it covers the recorded hash and nothing else.
    pub fn is_over_hash(&self) -> bool {
        matches!(self.signed, Signed::HashText | Signed::HashBytes)
    }

    /// Whether it covers the whole of what bears the signature.
    pub fn is_over_whole(&self) -> bool {
        matches!(self.signed, Signed::Content(_, _, view) if view.within.is_empty())
    }

    /// The members of the receipt that it leaves out, of those that stand there; the signature itself and its algorithm aside.
    pub fn uncovered<'r>(&self, receipt: &'r Value<'_>) -> Vec<&'r str> {
        let omits = |key: &str| match self.signed {
            Signed::HashText | Signed::HashBytes => true,
            Signed::Content(_, _, view) => match view.within {
                "" => {
                    let path = format!("receipt.{key}");
                    let omitted = view.omitted.iter();
                    omitted
                        .clone()
                        .any(|name| *name == "receipt" || *name == path)
                }
                "receipt" => view.omitted.contains(&key),
                deeper => deeper.rsplit('.').next() != Some(key),
            },
        };
        let members = receipt.as_object().map(|object| &object.members);
        let keys = members
            .into_iter()
            .flatten()
            .map(|member| member.key.as_ref());
        keys.filter(|key| !matches!(*key, "signature" | "signing_algorithm"))
            .filter(|key| omits(key))
            .collect()
    }

    fn message(&self, what: &Signable<'_, '_>) -> Option<Vec<u8>> {
        Some(match self.signed {
            Signed::HashText => what.hash?.as_bytes().to_vec(),
            Signed::HashBytes => event::digest(what.hash?)?.to_vec(),
            Signed::Content(cover, form, view) => {
                cover.message(&form.write(&view.of(what.value)?)?)
            }
        })
    }
}

/// Something that bears a signature.
pub(super) struct Signable<'v, 'a> {
    pub value: &'v Value<'a>,
    /// A hash that it records of itself.
    pub hash: Option<&'v str>,
    /// The signature as it is written.
    pub signature: &'v str,
    pub views: &'static [View],
}

/// The keys that were pinned, and the rules found so far.
pub(super) struct Signatures {
    keys: Vec<PublicKey>,
    /// Each holds for a signature at least; the one that holds for most comes first.
    rules: Vec<Rule>,
}

/// What came of a signature.
pub(super) enum Outcome {
    /// It verifies under this rule.
    Holds(Rule),
    /// It does not, and others of the file do.
    Fails,
    /// It does not, and neither does any other: nobody can tell why.
    Unknown,
    /// It is not an Ed25519 signature in hexadecimal or base64.
    Unreadable,
}

impl Signatures {
    pub fn new(pins: &Pins) -> Self {
        let keys = pins
            .keys
            .iter()
            .filter(|pin| pin.algorithm == KeyAlgorithm::Ed25519);
        Self {
            keys: keys
                .filter_map(|pin| PublicKey::from_bytes(&pin.bytes).ok())
                .collect(),
            rules: Vec::new(),
        }
    }

    /// Whether there is a key to verify with.
    pub fn has_keys(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The key of a rule.
    pub fn key(&self, rule: &Rule) -> Option<&PublicKey> {
        self.keys.get(rule.key)
    }

    /// Learns which rules the first of these were signed by.
    pub fn learn<'v, 'a: 'v>(&mut self, signed: impl Iterator<Item = Signable<'v, 'a>>) {
        let mut counted: Vec<(usize, Rule)> = Vec::new();
        for what in signed.take(SAMPLED) {
            let mut known = false;
            for (count, rule) in &mut counted {
                if self.verifies(rule, &what) {
                    *count = count.saturating_add(1);
                    known = true;
                }
            }
            if !known {
                let found = self.search(&what);
                counted.extend(found.into_iter().map(|rule| (1, rule)));
            }
        }
        counted.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
        self.rules = counted.into_iter().map(|(_, rule)| rule).collect();
    }

    /// Verifies a signature under the rules that were learnt.
    pub fn verify(&self, what: &Signable<'_, '_>) -> Outcome {
        if event::decoded(what.signature, SIGNATURE_BYTES).is_none() {
            return Outcome::Unreadable;
        }
        let known = self.rules.iter().find(|rule| self.verifies(rule, what));
        match known {
            Some(rule) => Outcome::Holds(*rule),
            None if self.rules.is_empty() => Outcome::Unknown,
            None => Outcome::Fails,
        }
    }

    /// The rule that most signatures of these were made by.
    pub fn rule(&self) -> Option<&Rule> {
        self.rules.first()
    }

    fn verifies(&self, rule: &Rule, what: &Signable<'_, '_>) -> bool {
        let signature = event::decoded(what.signature, SIGNATURE_BYTES);
        match (self.key(rule), signature, rule.message(what)) {
            (Some(key), Some(signature), Some(message)) => {
                key.verify_strict(&message, &signature).is_ok()
            }
            _ => false,
        }
    }

    /// The candidates under which the signature verifies: those that make the same message.
    fn search(&self, what: &Signable<'_, '_>) -> Vec<Rule> {
        let Some(signature) = event::decoded(what.signature, SIGNATURE_BYTES) else {
            return Vec::new();
        };
        let mut messages: Vec<(Vec<u8>, Vec<Signed>)> = Vec::new();
        if let Some(hash) = what.hash {
            messages.push((hash.as_bytes().to_vec(), vec![Signed::HashText]));
            let digest = event::digest(hash).map(|digest| digest.to_vec());
            messages.extend(digest.map(|digest| (digest, vec![Signed::HashBytes])));
        }
        for view in what.views {
            for (text, forms) in forms::texts(what.value, view) {
                for cover in Cover::ALL {
                    let signed = forms.iter().map(|form| Signed::Content(cover, form, view));
                    messages.push((cover.message(&text), signed.collect()));
                }
            }
        }
        for (key, public_key) in self.keys.iter().enumerate() {
            let holds = |(message, _): &&(Vec<u8>, Vec<Signed>)| {
                public_key.verify_strict(message, &signature).is_ok()
            };
            if let Some((_, signed)) = messages.iter().find(holds) {
                let rule = |signed: &Signed| Rule {
                    signed: *signed,
                    key,
                };
                return signed.iter().map(rule).collect();
            }
        }
        Vec::new()
    }
}

/// How many candidates there are for what is signed, of so many views.
pub(super) fn candidates(views: &[View]) -> usize {
    let contents = [views.len(), forms::FORMS.len(), Cover::ALL.len()];
    contents
        .into_iter()
        .fold(1, usize::saturating_mul)
        .saturating_add(2)
}
