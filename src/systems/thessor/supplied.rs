//! What the person verifying may hold decisions against: files of which a decision records the hash, and texts that stand in it
//! as hashes only. Neither the files nor the texts find their way into the report.

use std::borrow::Cow;

use super::checks::DECISION;
use crate::json::Value;
use crate::options::Options;
use crate::report::{
    ARTIFACT, Ask, AskKind, CheckSpec, Finding, Plan, Reason, Subject, Transcript, check_specs,
};

check_specs! {
    INPUT = "input", "Hash of the input, against the file that you supplied",
        "Decision Credential Specification (4bb52ae) section 2.1; thessor 0.4.0, mcp.py, fhir.py, dicom.py, hl7.py and atna.py", HashFailure;
    OUTPUT = "output", "Hash of the tool's output, against the file that you supplied",
        "thessor 0.4.0, mcp.py, seal_tool_call", HashFailure;
    PATIENT = "patient_id", "Hash of the patient's identifier, against the text that you typed",
        "thessor 0.4.0, crypto.py, hash_patient_id", HashFailure;
    AGENT = "agent_id", "Hash of the agent's identifier, against the text that you typed",
        "thessor 0.4.0, mcp.py and its README", HashFailure;
    OPERATOR = "operator_id", "Hash of the operator's identifier, against the text that you typed",
        "Decision Credential Specification (4bb52ae) section 2.3", HashFailure;
    SITE = "site_identifier", "Hash of the site's identifier, against the text that you typed",
        "Decision Credential Specification (4bb52ae) section 2.4", HashFailure;
    EMPTY = "supplied_empty", "What you supplied",
        "Assay: what is supplied is compared, or it is said why not", FormatFailure;
}

/// Something of which a decision records the hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `input_hash`.
    Input,
    /// `output.tool_output_hash`.
    Output,
    /// `attestations.patient_id_hash`.
    Patient,
    /// `output.agent_id_hash`.
    Agent,
    /// `human_operator_id_hash` of a rationale.
    Operator,
    /// `site_identifier_hash` of a population attestation.
    Site,
}

/// How a part is asked for.
struct Form {
    part: Part,
    spec: &'static CheckSpec,
    kind: AskKind,
    label: &'static str,
    why: &'static str,
    /// What the part is, to stand after "the hash of".
    what: &'static str,
    /// What the vendor's examples put before the identifier.
    #[cfg_attr(not(feature = "complete"), expect(dead_code))]
    prefix: Option<&'static str>,
}

impl Form {
    /// What the part is, to begin a sentence.
    fn subject(&self) -> String {
        format!("The{}", self.what.strip_prefix("the").unwrap_or(self.what))
    }
}

/// The parts in their order.
static FORMS: [Form; 6] = [
    Form {
        part: Part::Input,
        spec: &INPUT,
        kind: AskKind::File,
        label: "Original input",
        why: "Decisions hold a hash of their input only. With the file it can be told whether it is that input.",
        what: "the input",
        prefix: None,
    },
    Form {
        part: Part::Output,
        spec: &OUTPUT,
        kind: AskKind::File,
        label: "Tool's output",
        why: "Decisions of agents hold a hash of the tool's output only. With the file it can be told whether it is that output.",
        what: "the tool's output",
        prefix: None,
    },
    Form {
        part: Part::Patient,
        spec: &PATIENT,
        kind: AskKind::Secret,
        label: "Patient's identifier",
        why: "The patient appears as a hash only. The identifier that you type is hashed here and compared; it is not kept.",
        what: "the patient's identifier",
        prefix: None,
    },
    Form {
        part: Part::Agent,
        spec: &AGENT,
        kind: AskKind::Secret,
        label: "Agent's identifier",
        why: "The agent appears as a hash only. The identifier that you type is hashed here and compared; it is not kept.",
        what: "the agent's identifier",
        prefix: Some("agent:"),
    },
    Form {
        part: Part::Operator,
        spec: &OPERATOR,
        kind: AskKind::Secret,
        label: "Operator's identifier",
        why: "The human operator appears as a hash only. The identifier that you type is hashed here and compared; it is not kept.",
        what: "the operator's identifier",
        prefix: Some("npi:"),
    },
    Form {
        part: Part::Site,
        spec: &SITE,
        kind: AskKind::Secret,
        label: "Site's identifier",
        why: "The site appears as a hash only. The identifier that you type is hashed here and compared; it is not kept.",
        what: "the site's identifier",
        prefix: Some("site:"),
    },
];

/// Adds the checks of what is supplied to a plan; they are called for where something was.
pub(super) fn plan(plan: Plan) -> Plan {
    let plan = plan.allow(ARTIFACT, &EMPTY);
    FORMS.iter().fold(plan, |plan, form| {
        plan.require_where_present(DECISION, form.spec)
            .require_where_present(ARTIFACT, form.spec)
    })
}

/// One file or text that was supplied: its digests, each with what it was taken over.
struct Offer<'a> {
    /// The decision that it was supplied for; none when for whichever fits.
    decision: Option<&'a str>,
    digests: Vec<(String, Cow<'static, str>)>,
    /// Whether a decision was found that it fits, or the one that it was supplied for.
    used: bool,
}

/// What was supplied for one part, and how often decisions record its hash.
struct Held<'a> {
    form: &'static Form,
    offers: Vec<Offer<'a>>,
    /// Whether what was supplied is empty, so that there is nothing to compare.
    empty: bool,
    seen: usize,
    /// The hash of the first decision that records one.
    first: Option<String>,
}

/// What was supplied, to be held against decisions as they are examined.
pub(super) struct Supplied<'a> {
    parts: Vec<Held<'a>>,
}

impl<'a> Supplied<'a> {
    /// What the options hold.
    pub fn new(options: &'a Options<'_>) -> Self {
        let held = |form: &'static Form| Held {
            form,
            offers: offers(form, options),
            empty: form.kind == AskKind::Secret
                && options
                    .value(form.spec.id)
                    .is_some_and(|text| text.trim().is_empty()),
            seen: 0,
            first: None,
        };
        Self {
            parts: FORMS.iter().map(held).collect(),
        }
    }

    /// Holds what was supplied against the hashes that one decision records. `at` begins the sentences; `ids` are the names
    /// that the decision goes by.
    pub fn decision(
        &mut self,
        transcript: &mut Transcript,
        subject: &mut Subject,
        at: &str,
        ids: &[&str],
        hashes: &[(Part, &Value<'_>)],
    ) {
        for held in &mut self.parts {
            let part = held.form.part;
            let of_part = || {
                let recorded = hashes.iter().filter(|(other, _)| *other == part);
                recorded
                    .map(|(_, hash)| *hash)
                    .filter(|hash| !hash.is_null())
            };
            // A decision may record a hash in several places; one that fits is enough.
            let recorded = of_part().find(|hash| held.fits(hash)).or(of_part().next());
            if let Some(recorded) = recorded
                && let Some(finding) = held.compare(recorded, at, ids)
            {
                transcript.record(subject, held.form.spec, finding);
            }
        }
    }

    /// Records what fits no decision, and says what could be supplied.
    pub fn finish(&self, transcript: &mut Transcript, artifact: &mut Subject) -> Vec<Ask> {
        let seen = self.parts.iter().filter(|held| held.seen > 0);
        seen.map(|held| {
            if held.empty {
                let name = held.form.spec.id;
                let detail =
                    format!("What you supplied as `{name}` is empty, so nothing was compared.");
                transcript.record(artifact, &EMPTY, Finding::note(detail));
            }
            if let Some(finding) = held.unused() {
                transcript.record(artifact, held.form.spec, finding);
            }
            Ask {
                name: Cow::Borrowed(held.form.spec.id),
                kind: held.form.kind,
                label: Cow::Borrowed(held.form.label),
                why: Cow::Borrowed(held.form.why),
                supplied: !held.offers.is_empty(),
            }
        })
        .collect()
    }
}

/// The digest that a recorded hash stands for.
fn digest_in<'v>(recorded: &'v Value<'_>) -> &'v str {
    let text = recorded.as_str().unwrap_or_default();
    text.strip_prefix("sha256:").unwrap_or(text)
}

impl Held<'_> {
    /// Whether anything that was supplied has the recorded hash.
    fn fits(&self, recorded: &Value<'_>) -> bool {
        let digest = digest_in(recorded);
        let mut digests = self.offers.iter().flat_map(|offer| &offer.digests);
        digests.any(|(hash, _)| digest.eq_ignore_ascii_case(hash))
    }

    fn compare(&mut self, recorded: &Value<'_>, at: &str, ids: &[&str]) -> Option<Finding> {
        self.seen = self.seen.saturating_add(1);
        let what = self.form.what;
        let text = recorded.as_str().unwrap_or_default();
        let digest = digest_in(recorded);
        self.first.get_or_insert_with(|| text.to_owned());
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (mut fits, mut meant) = (None, None);
        for offer in &mut self.offers {
            let is_meant = offer
                .decision
                .is_some_and(|decision| ids.contains(&decision));
            if offer.decision.is_some() && !is_meant {
                continue;
            }
            let found = offer
                .digests
                .iter()
                .find(|(hash, _)| digest.eq_ignore_ascii_case(hash));
            offer.used |= is_meant || found.is_some();
            if is_meant {
                meant = offer
                    .digests
                    .first()
                    .map(|(hash, _)| hash.clone())
                    .or(Some(String::new()));
            }
            fits = fits.or(found.map(|(_, over)| over.clone()));
        }
        match (fits, meant) {
            (Some(over), _) => Some(Finding::pass(format!(
                "It is the SHA-256 digest of {over}."
            ))),
            (None, Some(_)) if !is_digest => Some(Finding::skip(
                Reason::FormatFailure,
                format!(
                    "{at}What the decision records as the hash of {what} is no SHA-256 digest."
                ),
            )),
            (None, Some(computed)) => {
                let detail = format!(
                    "{at}{} that you supplied is not the one that was hashed.",
                    self.form.subject()
                );
                Some(self.shown(Finding::fail(detail).expected(text), computed))
            }
            (None, None) => None,
        }
    }

    /// What to say of what was supplied and fits no decision.
    fn unused(&self) -> Option<Finding> {
        let (what, name) = (self.form.what, self.form.spec.id);
        if cfg!(not(feature = "complete")) && !self.offers.is_empty() {
            let detail = "This part of the verifier is not loaded.";
            return Some(Finding::skip(Reason::PartNeeded, detail));
        }
        let unused = || self.offers.iter().filter(|offer| !offer.used);
        if let Some(offer) = unused().find(|offer| offer.decision.is_none()) {
            let finding = match (self.seen, self.first.clone()) {
                (1, Some(recorded)) => Finding::fail(format!(
                    "{} that you supplied is not the one that was hashed.",
                    self.form.subject()
                ))
                .expected(recorded),
                _ => Finding::fail(format!(
                    "{} that you supplied is none of those that were hashed: {} decisions record a hash of {what}.",
                    self.form.subject(),
                    self.seen
                )),
            };
            let computed = offer.digests.first().map(|(hash, _)| hash.clone());
            return Some(self.shown(finding, computed.unwrap_or_default()));
        }
        let lost = unused().find_map(|offer| offer.decision)?;
        Some(Finding::skip(
            Reason::SignedDataNotFound,
            format!(
                "You supplied `{name}` for {lost}, and no decision here goes by that name and records a hash of {what}."
            ),
        ))
    }

    /// A finding with what was computed, unless it was computed from a text that is to stay with the person who typed it.
    fn shown(&self, finding: Finding, computed: String) -> Finding {
        match self.form.kind == AskKind::File && !computed.is_empty() {
            true => finding.actual(computed),
            false => finding,
        }
    }
}

#[cfg(feature = "complete")]
fn offers<'a>(form: &Form, options: &'a Options<'_>) -> Vec<Offer<'a>> {
    use crate::options::Content;
    let name = form.spec.id;
    if form.kind == AskKind::File {
        let companions = options.companions(name);
        let offer = |companion: &'a crate::options::Companion<'_>| Offer {
            decision: companion.subject(),
            digests: match companion.content {
                Content::File(bytes) => of_file(bytes),
                Content::Folder(_) => Vec::new(),
            },
            used: false,
        };
        return companions.map(offer).collect();
    }
    let typed = options.value(name).filter(|text| !text.trim().is_empty());
    let offer = |text| Offer {
        decision: None,
        digests: of_text(text, form.prefix),
        used: false,
    };
    typed.map(offer).into_iter().collect()
}

#[cfg(not(feature = "complete"))]
fn offers<'a>(form: &Form, options: &'a Options<'_>) -> Vec<Offer<'a>> {
    let name = form.spec.id;
    let supplied = options.companions(name).next().is_some() || options.value(name).is_some();
    let unread = || Offer {
        decision: None,
        digests: Vec::new(),
        used: false,
    };
    supplied.then(unread).into_iter().collect()
}

/// The digests that a file's may be recorded as: of its canonical JSON as the middleware for agents makes it, of its bytes, and
/// of its JSON as the connectors to clinical systems print it.
#[cfg(feature = "complete")]
fn of_file(bytes: &[u8]) -> Vec<(String, Cow<'static, str>)> {
    use super::python;
    use crate::{bytes::to_hex, canon, crypto::sha256, json};
    let mut digests = Vec::new();
    let mut add =
        |bytes: &[u8], over| digests.push((to_hex(&sha256::digest(bytes)), Cow::Borrowed(over)));
    let document = json::parse(bytes)
        .ok()
        .filter(|document| document.defects.is_empty());
    if let Some(document) = &document
        && let Ok(canonical) = canon::to_vec::<canon::Stripped>(&document.root)
    {
        add(
            &canonical,
            "the canonical JSON of the file that you supplied",
        );
    }
    add(bytes, "the bytes of the file that you supplied");
    if let Some(document) = &document
        && let Ok(compact) = canon::to_vec::<canon::Python>(&document.root)
    {
        add(
            &python::dumps_sorted(&compact),
            "the JSON of the file that you supplied, printed with sorted keys as the vendor's connectors to clinical systems print it",
        );
    }
    digests
}

/// The digests that a typed text's may be recorded as.
#[cfg(feature = "complete")]
fn of_text(text: &str, prefix: Option<&'static str>) -> Vec<(String, Cow<'static, str>)> {
    use crate::{bytes::to_hex, crypto::sha256};
    let hash = |text: &str| to_hex(&sha256::digest(text.as_bytes()));
    let trimmed = text.trim();
    let mut digests = vec![
        (hash(text), Cow::Borrowed("the text that you typed")),
        (
            hash(trimmed),
            Cow::Borrowed("the text that you typed, without the white space around it"),
        ),
    ];
    if let Some(prefix) = prefix {
        digests.push((
            hash(&format!("{prefix}{trimmed}")),
            Cow::Owned(format!(
                "the text that you typed, with `{prefix}` before it"
            )),
        ));
    }
    digests
}

/// The hashes that a decision's sealed content records: among its fields, in its output or in its attestations.
pub(super) fn hashes<'v, 'a>(content: &'v Value<'a>) -> Vec<(Part, &'v Value<'a>)> {
    let within = content.get("payload");
    let outputs = [
        content.get("output"),
        within.and_then(|fields| fields.get("output")),
    ];
    let attestations = [
        content.get("attestations"),
        within.and_then(|fields| fields.get("attestations")),
    ];
    let places = || {
        let fields = [Some(content), within];
        fields
            .into_iter()
            .chain(outputs)
            .chain(attestations)
            .flatten()
    };
    let members = [
        (Part::Input, "input_hash"),
        (Part::Output, "tool_output_hash"),
        (Part::Patient, "patient_id_hash"),
        (Part::Agent, "agent_id_hash"),
        (Part::Operator, "human_operator_id_hash"),
        (Part::Site, "site_identifier_hash"),
    ];
    let found = members
        .into_iter()
        .flat_map(|(part, member)| places().map(move |place| (part, place.get(member))));
    found
        .filter_map(|(part, value)| Some((part, value?)))
        .collect()
}
