//! The gallery: artifacts of each system, one as it was made and one altered since. The files are published beside the page
//! and fetched when they are asked for; `www/samples.mjs` says where they come from.

/// The samples of one system.
pub struct Group {
    /// The system, as its vendor writes it.
    pub system: &'static str,
    /// Its samples.
    pub samples: &'static [Sample],
}

/// One artifact as it was made, and one that was altered afterwards.
pub struct Sample {
    /// What it is.
    pub title: &'static str,
    /// What kind of evidence that is, in a sentence.
    pub about: &'static str,
    /// What was changed in the altered one.
    pub altered_how: &'static str,
    /// The file as it was made.
    pub good: &'static str,
    /// The altered file.
    pub altered: &'static str,
    /// What the page will ask for, as it belongs to this sample.
    pub needs: &'static [Need],
}

/// Something that a sample can be held against, so that a visitor can try it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Need {
    /// The name under which it is asked for.
    pub ask: &'static str,
    /// What it is.
    pub own: Own,
}

/// Something that belongs to a sample.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Own {
    /// A text.
    Text(&'static str),
    /// A file of the gallery.
    File(&'static str),
}

/// The gallery.
pub static GALLERY: &[Group] = &[
    Group {
        system: "HESO",
        samples: &[
            Sample {
                title: "Action receipt",
                about: "One action of an agent, sealed and signed by its operator (trust level L0).",
                altered_how: "the prompt was changed after signing.",
                good: "heso-receipt.json",
                altered: "heso-receipt-altered.json",
                needs: &[],
            },
            Sample {
                title: "Receipt with an approval",
                about: "One action that a person approved: two signatures (trust level L1).",
                altered_how: "the approver’s signature was changed.",
                good: "heso-approved-receipt.json",
                altered: "heso-approved-receipt-altered.json",
                needs: &[],
            },
            Sample {
                title: "Session chain",
                about: "The receipts of one session, each linked to the one before it.",
                altered_how: "the second receipt was taken out.",
                good: "heso-session-chain.json",
                altered: "heso-session-chain-altered.json",
                needs: &[],
            },
            Sample {
                title: "Evidence bundle",
                about: "A tar archive of receipts with the operator’s key.",
                altered_how: "one amount was changed from 4800 to 4801.",
                good: "heso-evidence-bundle.tar",
                altered: "heso-evidence-bundle-altered.tar",
                needs: &[],
            },
        ],
    },
    Group {
        system: "Thessor",
        samples: &[
            Sample {
                title: "Export package",
                about: "A ZIP archive of decisions with their chain, checkpoint and signed manifest.",
                altered_how: "one word of a sealed decision was changed.",
                good: "thessor-export.zip",
                altered: "thessor-export-altered.zip",
                needs: &[],
            },
            Sample {
                title: "Export package under ML-DSA-65",
                about: "The same kind of package with post-quantum signatures (FIPS 204).",
                altered_how: "one word of a sealed decision was changed.",
                good: "thessor-ml-dsa.zip",
                altered: "thessor-ml-dsa-altered.zip",
                needs: &[],
            },
            Sample {
                title: "Audit packet",
                about: "One decision with its replay, rationale, population and checkpoint. It can be held against its input and the patient’s identifier.",
                altered_how: "one word of the sealed decision was changed.",
                good: "thessor-packet.json",
                altered: "thessor-packet-altered.json",
                needs: &[
                    Need {
                        ask: "input",
                        own: Own::File("thessor-packet-input.json"),
                    },
                    Need {
                        ask: "patient_id",
                        own: Own::Text("MRN-00042"),
                    },
                ],
            },
        ],
    },
    Group {
        system: "ComplianceGuard",
        samples: &[
            Sample {
                title: "Event",
                about: "Hashes of a decision’s input, output and metadata: the verdict needs these three.",
                altered_how: "the recorded hash of the input was changed.",
                good: "complianceguard-event.json",
                altered: "complianceguard-event-altered.json",
                needs: &[
                    Need {
                        ask: "input",
                        own: Own::File("complianceguard-input.json"),
                    },
                    Need {
                        ask: "output",
                        own: Own::File("complianceguard-output.json"),
                    },
                    Need {
                        ask: "metadata",
                        own: Own::File("complianceguard-metadata.json"),
                    },
                ],
            },
            Sample {
                title: "Encrypted event",
                about: "An event whose content is encrypted (AES-256-GCM): the verdict needs its key.",
                altered_how: "one character of the encrypted content was changed.",
                good: "complianceguard-encrypted.json",
                altered: "complianceguard-encrypted-altered.json",
                needs: &[Need {
                    ask: "payload_key",
                    own: Own::Text(
                        "10cadcba0062e81b6e08c02688a4980231d49cafc8cb8eeb0d40bf8c5a96b892",
                    ),
                }],
            },
        ],
    },
    Group {
        system: "Aegis",
        samples: &[
            Sample {
                title: "Session chain",
                about: "The events of one session, each with the hash of the one before it.",
                altered_how: "a tool’s result was changed.",
                good: "aegis-session.ndjson",
                altered: "aegis-session-altered.ndjson",
                needs: &[],
            },
            Sample {
                title: "Stored page",
                about: "Events as the server keeps them, without the user’s id: the verdict needs it.",
                altered_how: "the content of an event was changed.",
                good: "aegis-stored-page.json",
                altered: "aegis-stored-page-altered.json",
                needs: &[Need {
                    ask: "user_id",
                    own: Own::Text("user-42"),
                }],
            },
            Sample {
                title: "Capability manifest",
                about: "A skill’s files in a ZIP archive, with the manifest that lists their hashes.",
                altered_how: "one of the files was changed.",
                good: "aegis-skill.zip",
                altered: "aegis-skill-altered.zip",
                needs: &[],
            },
        ],
    },
    Group {
        system: "Thoth",
        samples: &[
            Sample {
                title: "Session of events",
                about: "The events of three tool calls, chained by their hashes.",
                altered_how: "an argument of a call was changed.",
                good: "thoth-events.json",
                altered: "thoth-events-altered.json",
                needs: &[],
            },
            Sample {
                title: "Decisions with receipts",
                about: "Enforcement decisions and their signed receipts: the verdict needs the signer’s public key.",
                altered_how: "one decision was changed.",
                good: "thoth-receipts.ndjson",
                altered: "thoth-receipts-altered.ndjson",
                needs: &[Need {
                    ask: "key",
                    own: Own::Text(
                        "82a489456273656483f2e73a6d31bf745e68cf677d31f9c8ef4f031aacd48b4f",
                    ),
                }],
            },
        ],
    },
];

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_gallery_names_every_published_sample_and_no_other_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/samples");
        let published: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        let samples = GALLERY.iter().flat_map(|group| group.samples);
        let named = samples.flat_map(|sample| {
            let companions = sample.needs.iter().filter_map(|need| match need.own {
                Own::File(file) => Some(file),
                Own::Text(_) => None,
            });
            companions.chain([sample.good, sample.altered])
        });
        let named: BTreeSet<String> = named.map(str::to_owned).collect();
        assert_eq!(named, published);
    }
}
