//! The gates that one receipt goes through, in the order of heso-spec `modules/action-receipt.md`
//! section 8 as HESO's core and the published verifier apply it: the first that does not hold names the outcome.

use super::checks::{
    APPROVAL, APPROVER_SIGNATURE, CONTENT_HASH, COVERAGE, FORM, FORMAT_VERSION, MANDATE,
    OPERATOR_SIGNATURE, REDACTION, SELF_APPROVAL, SESSION_BLOCK, SIGNATURE_ROLES, SUITE,
    TRUST_LEVEL,
};
use super::outcome::{Outcome, Stop};
use super::wire::{ALGORITHM, Receipt, Signature, VERSION};
use super::{anchor, form, redaction};
use crate::bytes::{from_base64, to_hex};
use crate::canon::{self, ErrorKind, Jcs};
use crate::crypto::share::{self, Share};
use crate::crypto::{blake3, ed25519};
use crate::json::{Document, Value};
use crate::report::{CheckSpec, Finding, Reason, Subject, Transcript};

/// Prepended to what the operator signs (action-receipt.md section 6).
const ACTION_DOMAIN: &[u8] = b"heso-action/v1\0";
/// Prepended to what an approver signs.
const APPROVAL_DOMAIN: &[u8] = b"heso-approval/v1\0";

const OPERATOR: &str = "operator";
const APPROVER: &str = "approver";
/// The edition in both tags of [`ALGORITHM`] and [`VERSION`].
const SUITE_MAJOR: &str = "2";
/// The name that entries of `signatures` give their algorithm.
const ED25519: &str = "Ed25519";

/// A raw public key.
pub(super) type Key = [u8; ed25519::KEY_BYTES];

/// What came of one receipt.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// The core's outcome; none where this version cannot tell.
    pub outcome: Option<Outcome>,
    /// The trust level that the verified signatures bear out.
    pub trust_level: Option<&'static str>,
    /// The operator's key, if its signature verified.
    pub operator: Option<Key>,
    /// The approver's key, if its signature verified.
    pub approver: Option<Key>,
}

/// Takes receipts through the gates, one after the other, with buffers and keys kept between them.
#[derive(Debug, Default)]
pub(super) struct Gates<'o> {
    share: Option<&'o Share>,
    keys: ed25519::KeyCache,
    signed: Vec<u8>,
    cosigned: Vec<u8>,
}

/// Where a receipt's checks are recorded.
pub(super) struct Record<'t> {
    pub transcript: &'t mut Transcript,
    pub subject: &'t mut Subject,
    /// Stands before each sentence: empty for a lone receipt, `Receipt 3 (line 3): ` in a file of many.
    pub place: String,
}

impl Record<'_> {
    fn pass(&mut self, spec: &'static crate::report::CheckSpec) {
        self.transcript.pass(self.subject, spec);
    }

    fn note(&mut self, spec: &'static CheckSpec, sentence: &str) {
        let finding = Finding::note(format!("{}{sentence}", self.place));
        self.transcript.record(self.subject, spec, finding);
    }

    /// Records the gate at which a receipt stopped.
    pub fn stop(&mut self, stop: Stop) {
        let spec = stop.spec;
        let finding = stop.finding(&self.place);
        self.transcript.record(self.subject, spec, finding);
    }
}

impl<'o> Gates<'o> {
    /// Gates for the given share of the signatures.
    pub fn new(share: Option<&'o Share>) -> Self {
        Self {
            share,
            ..Self::default()
        }
    }

    /// Takes one receipt through the gates. `depth` counts the arrays that it stands in.
    /// Gives the receipt back, if it has the form of one, with what came of it.
    pub fn judge<'v, 'a>(
        &mut self,
        document: &'v Document<'a>,
        depth: usize,
        record: &mut Record<'_>,
    ) -> (Option<Receipt<'v, 'a>>, Judged) {
        let mut judged = Judged::default();
        let read = edition(&document.root).and_then(|()| form::read(document, depth));
        let receipt = match read {
            Ok(receipt) => receipt,
            Err(stop) => {
                judged.outcome = stop.outcome;
                record.stop(stop);
                return (None, judged);
            }
        };
        record.pass(&FORM);
        judged.outcome = match self.gates(&receipt, record, &mut judged) {
            Ok(outcome) => outcome,
            Err(stop) => {
                let outcome = stop.outcome;
                record.stop(stop);
                outcome
            }
        };
        (Some(receipt), judged)
    }

    fn gates(
        &mut self,
        receipt: &Receipt<'_, '_>,
        record: &mut Record<'_>,
        judged: &mut Judged,
    ) -> Result<Option<Outcome>, Stop> {
        algorithm(receipt)?;
        record.pass(&SUITE);
        version(receipt)?;
        record.pass(&FORMAT_VERSION);
        content_hash(receipt, &mut self.signed)?;
        record.pass(&CONTENT_HASH);
        lifecycle(receipt)?;
        let (operator, approver) = roles(receipt)?;
        record.pass(&SIGNATURE_ROLES);

        let verify = |keys: &mut _, spec, entry, message: &[u8]| {
            signature(keys, self.share, spec, entry, message)
        };
        let key = verify(&mut self.keys, &OPERATOR_SIGNATURE, operator, &self.signed)?;
        record.pass(&OPERATOR_SIGNATURE);
        judged.operator = Some(key);
        if let Some(approver) = approver {
            let content = self.signed.get(ACTION_DOMAIN.len()..).unwrap_or_default();
            self.cosigned.clear();
            self.cosigned.extend_from_slice(APPROVAL_DOMAIN);
            self.cosigned.extend_from_slice(content);
            let other = verify(
                &mut self.keys,
                &APPROVER_SIGNATURE,
                approver,
                &self.cosigned,
            )?;
            record.pass(&APPROVER_SIGNATURE);
            if other == key {
                return Err(Stop::fail(
                    &SELF_APPROVAL,
                    Outcome::SelfApproval,
                    "The operator's own key signed the approval: nobody can approve their own action.",
                ));
            }
            record.pass(&SELF_APPROVAL);
            judged.approver = Some(other);
        }
        judged.trust_level = Some(trust_level(receipt, judged.approver.is_some())?);
        record.pass(&TRUST_LEVEL);
        if let Some(redacted) = receipt.content.get("redaction") {
            redaction::markers(redacted)?;
            record.pass(&REDACTION);
        }
        let anchored = anchor::preconditions(receipt)?;
        mandate(receipt, record)?;
        remarks(receipt, judged, record);
        if anchored {
            return Err(Stop::unsupported(
                &COVERAGE,
                None,
                "The receipt carries a time-stamp token made for this content, and this version does not verify such tokens.",
            ));
        }
        record.pass(&COVERAGE);
        Ok(Some(Outcome::Valid))
    }
}

/// A receipt whose two tags agree on another edition of the standard is not malformed but out of reach.
fn edition(root: &Value<'_>) -> Result<(), Stop> {
    let algorithm = root.get("alg").and_then(Value::as_str).unwrap_or_default();
    let version = root
        .get("content")
        .and_then(|content| content.get("action_version"))
        .and_then(Value::as_str)
        .unwrap_or_default();
    let suite = algorithm
        .strip_prefix("heso-action/v")
        .and_then(|rest| rest.split_once('+'))
        .map(|(major, _)| major);
    let major = version
        .strip_prefix("heso-action/")
        .and_then(|rest| rest.split_once('.'))
        .map(|(major, _)| major);
    let is_another = suite.is_some_and(|suite| suite != SUITE_MAJOR) && suite == major;
    if !is_another {
        return Ok(());
    }
    Err(Stop::unsupported(
        &COVERAGE,
        Some(Outcome::WrongAlgorithm),
        format!(
            "The receipt is of another edition of the standard ({algorithm}), and this version verifies {ALGORITHM} only."
        ),
    ))
}

fn algorithm(receipt: &Receipt<'_, '_>) -> Result<(), Stop> {
    match receipt.algorithm == ALGORITHM {
        true => Ok(()),
        false => Err(Stop::fail(
            &SUITE,
            Outcome::WrongAlgorithm,
            "The receipt names a suite of algorithms other than the one it must be verified with.",
        )
        .values(receipt.algorithm, ALGORITHM)),
    }
}

fn version(receipt: &Receipt<'_, '_>) -> Result<(), Stop> {
    let version = receipt.text("action_version").unwrap_or_default();
    match version == VERSION {
        true => Ok(()),
        false => Err(Stop::fail(
            &FORMAT_VERSION,
            Outcome::Unsupported,
            "The content names a format version that does not belong to the receipt's suite.",
        )
        .values(version, VERSION)),
    }
}

/// Section 4: BLAKE3 over the canonical content less its `action_hash`. The canonical bytes are left
/// in `signed` behind the operator's domain, ready for the signature.
fn content_hash(receipt: &Receipt<'_, '_>, signed: &mut Vec<u8>) -> Result<(), Stop> {
    signed.clear();
    signed.extend_from_slice(ACTION_DOMAIN);
    let mismatch = |sentence: String| Stop::fail(&CONTENT_HASH, Outcome::HashMismatch, sentence);
    if let Some(unread) = &receipt.unread {
        return Err(mismatch(format!(
            "{} is {}: it is no part of what HESO hashes and signs. HESO's own core reads over it and may accept the receipt.",
            unread.pointer, unread.what
        )));
    }
    canon::write_without::<Jcs>(receipt.content, &["action_hash"], signed).map_err(|error| {
        let why = match error.kind {
            ErrorKind::InexactInteger => {
                "is an integer that RFC 8785 cannot represent exactly, so that its neighbours have the same hash. HESO's own core rounds it and may accept the receipt."
            }
            _ => "has no canonical form under RFC 8785.",
        };
        let pointer = receipt.document.pointer(error.span.start as usize);
        mismatch(format!("{pointer} {why}"))
    })?;
    let content = signed.get(ACTION_DOMAIN.len()..).unwrap_or_default();
    let computed = to_hex(&blake3::digest(content));
    match computed == receipt.recorded_hash() {
        true => Ok(()),
        false => Err(mismatch(
            "The hash of the content does not match the one that the receipt records.".to_owned(),
        )
        .values(receipt.recorded_hash(), computed)),
    }
}

/// Receipts of the suspend and resume lifecycle are signed under other domains, by other roles.
fn lifecycle(receipt: &Receipt<'_, '_>) -> Result<(), Stop> {
    match receipt.lifecycle_kind() {
        None => Ok(()),
        Some(_) if receipt.signatures.is_empty() => Err(Stop::fail(
            &SIGNATURE_ROLES,
            Outcome::Malformed,
            "The receipt has no signature.",
        )),
        Some(kind) => Err(Stop::unsupported(
            &COVERAGE,
            None,
            format!(
                "The receipt is of the lifecycle kind {kind:?}, whose signing rules this version does not verify. Its hash holds."
            ),
        )),
    }
}

fn roles<'r, 'v>(
    receipt: &'r Receipt<'v, '_>,
) -> Result<(&'r Signature<'v>, Option<&'r Signature<'v>>), Stop> {
    let malformed = |sentence: String| Stop::fail(&SIGNATURE_ROLES, Outcome::Malformed, sentence);
    let unknown = receipt
        .signatures
        .iter()
        .find(|entry| !matches!(entry.role, OPERATOR | APPROVER));
    if let Some(unknown) = unknown {
        return Err(malformed(format!(
            "A signature claims the role {:?}, which the standard does not have.",
            unknown.role
        )));
    }
    if receipt.content.get("multi_approval").is_some() {
        return quorum(receipt);
    }
    let mut operators = receipt.signatures_of(OPERATOR);
    let mut approvers = receipt.signatures_of(APPROVER);
    let Some(operator) = operators.next() else {
        return Err(malformed("There is no operator signature.".to_owned()));
    };
    if operators.next().is_some() {
        return Err(malformed(
            "There is more than one operator signature.".to_owned(),
        ));
    }
    let approver = approvers.next();
    if approvers.next().is_some() {
        return Err(malformed(
            "There is more than one approver signature.".to_owned(),
        ));
    }
    Ok((operator, approver))
}

/// A quorum is out of reach; what contradicts it on its face is not.
fn quorum<T>(receipt: &Receipt<'_, '_>) -> Result<T, Stop> {
    let malformed = |sentence: &str| Stop::fail(&SIGNATURE_ROLES, Outcome::Malformed, sentence);
    if receipt.content.get("approver_decision").is_some() {
        return Err(malformed(
            "The content has both a single approver's decision and a quorum.",
        ));
    }
    if receipt.signatures_of(OPERATOR).count() != 1 {
        return Err(malformed("There is not exactly one operator signature."));
    }
    Err(Stop::unsupported(
        &COVERAGE,
        None,
        "The receipt was approved by a quorum, whose signatures this version does not verify. Its hash holds.",
    ))
}

/// Verifies one entry over `message`, its domain included.
fn signature(
    keys: &mut ed25519::KeyCache,
    share: Option<&Share>,
    spec: &'static CheckSpec,
    entry: &Signature<'_>,
    message: &[u8],
) -> Result<Key, Stop> {
    let invalid = |sentence: String| Stop::fail(spec, Outcome::InvalidSignature, sentence);
    if entry.algorithm != ED25519 {
        return Err(invalid(format!(
            "The {}'s signature names an algorithm other than Ed25519.",
            entry.role
        ))
        .values(entry.algorithm, ED25519));
    }
    let bytes = |text: &str, what: &str| {
        from_base64(text).map_err(|error| {
            invalid(format!(
                "The {}'s {what} cannot be read. {error}",
                entry.role
            ))
        })
    };
    let key = bytes(entry.public_key, "public key")?;
    let signature = bytes(entry.signature, "signature")?;
    keys.get(&key)
        .and_then(|key| {
            share::verify_strict(share, key, message, &signature)?;
            Ok(*key.as_bytes())
        })
        .map_err(|failure| {
            let stop = invalid(format!(
                "The {}'s signature is not accepted. {failure}",
                entry.role
            ));
            match failure.is_policy() {
                true => stop.because(Reason::CryptoConstraintsFailure),
                false => stop,
            }
        })
}

fn trust_level(receipt: &Receipt<'_, '_>, approved: bool) -> Result<&'static str, Stop> {
    let borne_out = if approved { "L1" } else { "L0" };
    let claimed = receipt.text("trust_level").unwrap_or_default();
    match claimed == borne_out {
        true => Ok(borne_out),
        false => Err(Stop::fail(
            &TRUST_LEVEL,
            Outcome::TrustLevelMismatch,
            format!("The receipt calls itself {claimed}, but its signatures bear out {borne_out}."),
        )
        .values(claimed, borne_out)),
    }
}

/// Section 3.4: a payment whose own mandate binding says that the mandate was invalid or absent.
fn mandate(receipt: &Receipt<'_, '_>, record: &mut Record<'_>) -> Result<(), Stop> {
    let action = receipt.content.get("action");
    let of = |member: &str| action.and_then(|action| action.get(member));
    let Some(mandate) = of("mandate") else {
        return Ok(());
    };
    if of("verb").and_then(Value::as_str) != Some("payment") {
        return Ok(());
    }
    match mandate.get("verdict").and_then(Value::as_str) {
        Some("valid") => {
            record.pass(&MANDATE);
            Ok(())
        }
        verdict => Err(Stop::fail(
            &MANDATE,
            Outcome::MandateRejected,
            "The receipt itself says that the payment lacked a valid mandate from the user.",
        )
        .values("valid", verdict.unwrap_or("none"))),
    }
}

/// What an auditor should know of a receipt that holds.
fn remarks(receipt: &Receipt<'_, '_>, judged: &Judged, record: &mut Record<'_>) {
    let content = receipt.content;
    let text = |object: &str, member: &str| {
        content
            .get(object)
            .and_then(|object| object.get(member))
            .and_then(Value::as_str)
    };
    let cosigned = judged.approver.is_some();
    match (text("approver_decision", "decision"), cosigned) {
        (Some("approved"), true) => record.pass(&APPROVAL),
        (Some(decision), true) => record.note(
            &APPROVAL,
            &format!("The approver signed the decision {decision:?}: this is not an approval."),
        ),
        (Some(decision), false) => record.note(
            &APPROVAL,
            &format!("The operator records an approver's decision ({decision:?}) that no approver signed."),
        ),
        (None, true) => record.note(
            &APPROVAL,
            "An approver signed the content, which records no decision of theirs.",
        ),
        (None, false) if text("policy", "decision_path") == Some("require_approval") => record.note(
            &APPROVAL,
            "The policy required an approval, and this receipt records none.",
        ),
        (None, false) => {}
    }
    let link = receipt.link();
    match (link.session, link.seq, link.previous) {
        (None, None, None) => {}
        (Some(_), Some(_), _) => record.pass(&SESSION_BLOCK),
        _ => record.note(
            &SESSION_BLOCK,
            "The receipt names only a part of its place in a session, which the chain module calls malformed. HESO's own core accepts it.",
        ),
    }
}
