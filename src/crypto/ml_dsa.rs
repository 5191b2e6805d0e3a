//! ML-DSA-65 in the two forms that evidence bears: FIPS 204 as published, and Dilithium3 of the third round of the competition
//! that it grew from. Keys look alike in both; a signature of one never verifies under the rules of the other.

use std::cell::OnceCell;

use ml_dsa::{EncodedVerifyingKey, MlDsa65, VerifyingKey};

/// Bytes of a public key in either form (FIPS 204 table 2).
pub const KEY_BYTES: usize = 1952;

/// Bytes of the seed that a public key begins with; the rest is the vector t1.
const SEED_BYTES: usize = 32;

/// Positions that the hint of a Dilithium3 signature has room for, and the polynomials that share it: the signature's last bytes
/// (round 3 specification, section 5.6).
const HINT_POSITIONS: usize = 55;
const HINT_POLYNOMIALS: usize = 6;

/// Which of the two forms a signature has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// FIPS 204, with the empty context and no pre-hash.
    Fips204,
    /// CRYSTALS-Dilithium, round 3, security level 3.
    Round3,
}

impl Scheme {
    /// The form to which a signature's length points; nothing else tells them apart.
    pub const fn of_length(signature_bytes: usize) -> Option<Self> {
        match signature_bytes {
            3309 => Some(Self::Fips204),
            3293 => Some(Self::Round3),
            _ => None,
        }
    }

    /// The form's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fips204 => "ML-DSA-65 (FIPS 204)",
            Self::Round3 => "Dilithium3 (round 3)",
        }
    }
}

/// Why a signature is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// A public key that is not 1952 bytes.
    #[error("The public key is {0} bytes long; an ML-DSA-65 key has 1952.")]
    KeyLength(usize),
    /// A key that commits to no secret.
    #[error(
        "The public key is one without a secret, under which anyone can make a signature that verifies."
    )]
    KeyWithoutSecret,
    /// A length that neither form has.
    #[error(
        "The signature is {0} bytes long; an ML-DSA-65 signature has 3309, and 3293 in its round 3 form."
    )]
    SignatureLength(usize),
    /// A position that stands twice in the hint, so that anyone could have rewritten the signature.
    #[error(
        "A position stands twice in the signature's hint, so that it could have been rewritten by anyone."
    )]
    RepeatedHint,
    /// The signature does not verify.
    #[error("The signature does not verify over these bytes under this key.")]
    Mismatch,
}

impl Failure {
    /// Whether other verifiers may accept what this policy refuses.
    pub fn is_policy(self) -> bool {
        matches!(self, Failure::KeyWithoutSecret | Failure::RepeatedHint)
    }
}

/// A public key, expanded at its first use and used for many signatures.
pub struct PublicKey {
    bytes: [u8; KEY_BYTES],
    expanded: OnceCell<VerifyingKey<MlDsa65>>,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PublicKey").finish_non_exhaustive()
    }
}

impl PublicKey {
    /// Reads a raw key.
    ///
    /// # Errors
    /// When the bytes are not 1952.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Failure> {
        let bytes = bytes
            .try_into()
            .map_err(|_| Failure::KeyLength(bytes.len()))?;
        Ok(Self {
            bytes,
            expanded: OnceCell::new(),
        })
    }

    /// Verifies a signature over `message` by the rules of the form that its length points to.
    ///
    /// # Errors
    /// When the signature does not verify, its hint repeats a position, or the key has no secret.
    pub fn verify_strict(&self, message: &[u8], signature: &[u8]) -> Result<Scheme, Failure> {
        let scheme = self.verify(message, signature)?;
        match self.has_secret() {
            true => Ok(scheme),
            false => Err(Failure::KeyWithoutSecret),
        }
    }

    /// Verifies a signature as the standard has it, which takes a key without a secret as it does any other.
    ///
    /// # Errors
    /// When the signature does not verify, or its hint repeats a position.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<Scheme, Failure> {
        let scheme =
            Scheme::of_length(signature.len()).ok_or(Failure::SignatureLength(signature.len()))?;
        match scheme {
            Scheme::Fips204 => self.verify_fips_204(message, signature)?,
            Scheme::Round3 => self.verify_round_3(message, signature)?,
        }
        Ok(scheme)
    }

    fn verify_fips_204(&self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        let signature = ml_dsa::Signature::<MlDsa65>::try_from(signature);
        let signature = signature.map_err(|_| Failure::Mismatch)?;
        let key = match self.expanded.get() {
            Some(key) => key,
            None => {
                let encoded = EncodedVerifyingKey::<MlDsa65>::try_from(self.bytes.as_slice())
                    .map_err(|_| Failure::KeyLength(self.bytes.len()))?;
                self.expanded.get_or_init(|| VerifyingKey::decode(&encoded))
            }
        };
        match key.verify_with_context(message, b"", &signature) {
            true => Ok(()),
            false => Err(Failure::Mismatch),
        }
    }

    fn verify_round_3(&self, message: &[u8], signature: &[u8]) -> Result<(), Failure> {
        let verifies =
            |signature: &[u8]| pqc_dilithium::verify(signature, message, &self.bytes).is_ok();
        match without_repeated_hints(signature) {
            _ if verifies(signature) => Ok(()),
            Some(rewritten) if verifies(&rewritten) => Err(Failure::RepeatedHint),
            _ => Err(Failure::Mismatch),
        }
    }

    /// Whether the key commits to a secret. Where t1 is nothing, the challenge has nothing to multiply, and anyone can sign.
    fn has_secret(&self) -> bool {
        let (_, t1) = self.bytes.split_at(SEED_BYTES);
        t1.iter().any(|byte| *byte != 0)
    }
}

/// The signature with each position of its hint once, where one stands twice in a row. dilithium-py reads over such repetitions.
fn without_repeated_hints(signature: &[u8]) -> Option<Vec<u8>> {
    let start = signature
        .len()
        .checked_sub(HINT_POSITIONS + HINT_POLYNOMIALS)?;
    let (head, hint) = signature.split_at(start);
    let (positions, ends) = hint.split_at(HINT_POSITIONS);
    let (mut kept, mut kept_ends, mut from) = (Vec::new(), Vec::new(), 0);
    for end in ends {
        let mut of_polynomial = positions.get(from..usize::from(*end))?.to_vec();
        of_polynomial.dedup();
        kept.extend(of_polynomial);
        kept_ends.push(u8::try_from(kept.len()).ok()?);
        from = usize::from(*end);
    }
    let repeats = kept.len() < from;
    kept.resize(HINT_POSITIONS, 0);
    repeats.then(|| [head, &kept, &kept_ends].concat())
}
