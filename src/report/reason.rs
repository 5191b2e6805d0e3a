//! Stable codes: why a verdict is what it is, and why nothing could be judged.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[doc = $meaning:literal])+ $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[doc = $meaning])+ #[serde(rename = $code)] $variant,)+
        }

        impl $name {
            /// Every code, in the order of the documentation's table.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];

            /// The code as it stands in reports.
            pub const fn code(self) -> &'static str {
                match self { $($name::$variant => $code,)+ }
            }

            /// What the code means, in one plain sentence.
            pub fn meaning(self) -> &'static str {
                match self { $($name::$variant => concat!($($meaning),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// The main cause of a verdict that is not `valid`, in the manner of the
    /// sub-indications of ETSI EN 319 102-1 section 5.1.3 and with their names where they fit.
    Reason {
        /// A digest computed from the content differs from the one recorded.
        HashFailure = "HASH_FAILURE",
        /// A signature does not verify under the key it names.
        SigCryptoFailure = "SIG_CRYPTO_FAILURE",
        /// Encrypted content does not open with the key that was supplied.
        DecryptionFailure = "DECRYPTION_FAILURE",
        /// A signature is well made but does not say what the system requires of it.
        SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
        /// A key or a signature is of a weak or non-canonical kind that this verifier never accepts.
        CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
        /// A part of the artifact does not have the form that its system prescribes.
        FormatFailure = "FORMAT_FAILURE",
        /// The text that was signed is not in the artifact.
        SignedDataNotFound = "SIGNED_DATA_NOT_FOUND",
        /// No trusted evidence of time is present where the artifact requires it.
        NoPoe = "NO_POE",
        /// A record does not follow from the one before it.
        ChainBroken = "CHAIN_BROKEN",
        /// Something that the artifact lists is missing, or something is there that it does not list.
        InventoryMismatch = "INVENTORY_MISMATCH",
        /// Two statements of the artifact contradict each other.
        Contradiction = "CONTRADICTION",
        /// The artifact is signed with a key other than the ones that were pinned.
        KeyMismatch = "KEY_MISMATCH",
        /// A key that is needed was not supplied.
        KeyNeeded = "KEY_NEEDED",
        /// Something other than a key that is needed was not supplied.
        InputNeeded = "INPUT_NEEDED",
        /// How this value is made has not been published by the system's vendor.
        RuleUnpublished = "RULE_UNPUBLISHED",
        /// This version of the verifier does not implement a rule that the artifact calls for.
        Unsupported = "UNSUPPORTED",
        /// More than one system claims the artifact, and none can be preferred.
        Ambiguous = "AMBIGUOUS",
        /// The part of the verifier that this calls for was left out of this build, so that the file is refused as a whole.
        PartNeeded = "PART_LEFT_OUT",
        /// A required check was not run.
        NotRun = "NOT_RUN",
    }
}

codes! {
    /// Why there was nothing to judge.
    RefusalCode {
        /// The file is empty.
        Empty = "EMPTY",
        /// The file is neither JSON, nor lines of JSON, nor a ZIP, nor a tar.
        UnknownFormat = "UNKNOWN_FORMAT",
        /// The file is readable, but is not an artifact of a system that this verifier knows.
        UnknownSystem = "UNKNOWN_SYSTEM",
        /// The text is not well-formed JSON.
        MalformedJson = "MALFORMED_JSON",
        /// The archive is damaged or cut off.
        DamagedArchive = "DAMAGED_ARCHIVE",
        /// The archive holds entries whose names are repeated, absolute or lead out of the archive.
        UnsafeArchive = "UNSAFE_ARCHIVE",
        /// The archive holds encrypted entries.
        EncryptedArchive = "ENCRYPTED_ARCHIVE",
        /// The archive uses a feature that this verifier does not read.
        UnsupportedArchive = "UNSUPPORTED_ARCHIVE",
        /// The file is larger, deeper or longer than this verifier's limits.
        OverLimit = "OVER_LIMIT",
        /// This kind of evidence is verified by a part of the verifier that is not loaded.
        PartNeeded = "PART_NEEDED",
        /// The file could not be read from where it lies.
        Unreadable = "UNREADABLE",
    }
}
