//! The gallery's artifacts, which the module carries so that they open without a request.
//! `www/samples.mjs` says where they come from.

/// One artifact as it was made, and one that was altered afterwards.
pub struct Sample {
    /// What it is.
    pub title: &'static str,
    /// What kind of evidence that is, in a sentence.
    pub about: &'static str,
    /// What was changed in the altered one.
    pub altered_how: &'static str,
    /// The one as it was made.
    pub good: File,
    /// The altered one.
    pub altered: File,
}

/// A file that the module carries.
#[derive(Clone, Copy, PartialEq)]
pub struct File {
    /// Its name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: &'static [u8],
}

macro_rules! file {
    ($name:literal) => {
        File {
            name: $name,
            bytes: include_bytes!(concat!("../../www/samples/", $name)),
        }
    };
}

/// The gallery.
pub static SAMPLES: &[Sample] = &[
    Sample {
        title: "HESO action receipt",
        about: "One action of an agent, sealed and signed by its operator (trust level L0).",
        altered_how: "the prompt was changed after signing.",
        good: file!("heso-receipt.json"),
        altered: file!("heso-receipt-altered.json"),
    },
    Sample {
        title: "HESO receipt with an approval",
        about: "One action that a person approved: two signatures (trust level L1).",
        altered_how: "the approver’s signature was changed.",
        good: file!("heso-approved-receipt.json"),
        altered: file!("heso-approved-receipt-altered.json"),
    },
    Sample {
        title: "HESO session chain",
        about: "The receipts of one session, each linked to the one before it.",
        altered_how: "the second receipt was taken out.",
        good: file!("heso-session-chain.json"),
        altered: file!("heso-session-chain-altered.json"),
    },
    Sample {
        title: "HESO evidence bundle",
        about: "A tar archive of receipts with the operator’s key.",
        altered_how: "one amount was changed from 4800 to 4801.",
        good: file!("heso-evidence-bundle.tar"),
        altered: file!("heso-evidence-bundle-altered.tar"),
    },
    Sample {
        title: "Thessor export package",
        about: "A ZIP archive of decisions with their chain, checkpoint and signed manifest.",
        altered_how: "one word of a sealed decision was changed.",
        good: file!("thessor-export.zip"),
        altered: file!("thessor-export-altered.zip"),
    },
];
