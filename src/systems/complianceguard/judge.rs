//! The checks of one event or receipt, in their order.

use super::companions::Companions;
use super::envelope::{Envelope, Presence, identity_of};
use super::event::{ACCEPTED, Component, Event, Form};
use super::index::{Index, Place};
use super::plaintext::Plaintext;
use super::receipts::{self, Receipt};
use super::references::{self, Sources};
use super::{checks, oversight, peer, performance};
use crate::crypto::aes_gcm::{Failure, KEY_BYTES};
use crate::json::Document;
use crate::options::Options;
use crate::report::{CheckSpec, Finding, Reason, Status, Subject, Transcript};

/// One record under examination.
pub(super) struct Record<'r> {
    transcript: &'r mut Transcript,
    subject: Subject,
    prefix: String,
}

impl<'r> Record<'r> {
    /// The record that `subject` stands for, at `place`.
    pub fn new(transcript: &'r mut Transcript, subject: Subject, place: &Place) -> Self {
        Self {
            transcript,
            subject,
            prefix: place.prefix(),
        }
    }

    /// Closes the examination of the record.
    pub fn close(self) {
        self.transcript.close(self.subject);
    }

    fn check(&mut self, spec: &'static CheckSpec, finding: Finding) {
        let finding = finding.placed(&self.prefix);
        self.transcript.record(&mut self.subject, spec, finding);
    }

    fn check_where_present(&mut self, spec: &'static CheckSpec, finding: Option<Finding>) {
        if let Some(finding) = finding {
            self.check(spec, finding);
        }
    }

    fn check_reading(&mut self, document: &Document<'_>) {
        let finding = match document.defect_sentence() {
            None => Finding::pass(""),
            Some(sentence) => Finding::fail(format!(
                "{sentence} The vendor's reader may accept it; this verifier does not."
            )),
        };
        self.check(&checks::UNAMBIGUOUS, finding);
    }
}

/// What the checks of an event brought to light besides their outcomes.
pub(super) struct Judged {
    /// What the vendor's `decrypt_event` would make of it; none when it was not tried.
    pub decrypts: Option<bool>,
    /// What was decrypted.
    pub plaintext: Option<Plaintext>,
}

/// What came of an envelope.
struct Opened {
    plaintext: Option<Plaintext>,
    /// Whether the vendor's own reader gives its content too.
    is_whole: bool,
    /// Whether another key than what was supplied could open it.
    locked: bool,
}

/// What there is to go by in judging a record.
pub(super) struct Judge<'e> {
    /// What the other records say.
    pub index: &'e Index,
    /// The components that were supplied.
    pub companions: &'e Companions,
    /// What else was supplied.
    pub options: &'e Options<'e>,
}

impl Judge<'_> {
    /// Whether there is one event in all that was handed over, so that what was supplied can only be for it.
    pub fn is_alone(&self) -> bool {
        self.index.events.len() == 1
    }

    /// Makes the checks of a receipt.
    pub fn receipt(&self, receipt: &Receipt, document: &Document<'_>, record: &mut Record<'_>) {
        record.check_reading(document);
        record.check(&checks::RECEIPT_FORM, pass_unless(receipt.misfit.clone()));
        record.check(&checks::RECEIPT_EVENT, receipt.event_finding(self.index));
    }

    /// Makes the checks of an event.
    pub fn event(&self, event: &Event<'_, '_>, record: &mut Record<'_>) -> Judged {
        record.check_reading(event.document);
        record.check(&checks::FORM, event.form_finding());
        record.check(&checks::MEMBERS, members(event));
        let presence = Presence::of(event);
        let Opened {
            plaintext,
            is_whole,
            locked,
        } = self.payload(event, &presence, record);
        let sources = Sources {
            plaintext: plaintext.as_ref(),
            companions: self.companions,
            alone: self.is_alone(),
            sealed: !matches!(presence, Presence::None),
            locked,
        };
        let findings = references::examine(event, &sources);
        for (component, finding) in Component::ALL.into_iter().zip(findings) {
            record.check_where_present(checks::reference(component), finding);
        }
        self.about(event, record);
        let mut remarks = event.remarks();
        if let Presence::Whole(envelope) = &presence {
            remarks.extend_from_slice(&envelope.remarks);
        }
        let remark = plaintext.as_ref().and_then(|found| found.remark);
        remarks.extend(remark.map(str::to_owned));
        remarks.extend(performance::remarks(event));
        if !remarks.is_empty() {
            record.check(&checks::UNUSUAL, Finding::note(remarks.join(" ")));
        }
        let decrypts = match &self.options.payload_key {
            None => None,
            Some(_) if is_whole && event.document.defects.is_empty() => Some(true),
            Some(key) => peer::decrypts(event, key),
        };
        Judged {
            decrypts,
            plaintext,
        }
    }

    /// What the event says beside its references.
    fn about(&self, event: &Event<'_, '_>, record: &mut Record<'_>) {
        if let Some((shape, words)) = oversight::shape(event) {
            record.check(&checks::OVERSIGHT, shape);
            record.check_where_present(&checks::OVERSIGHT_WORDS, words);
        }
        if let Some((link, output)) = oversight::link(event, self.index) {
            record.check(&checks::OVERRIDE_LINK, link);
            record.check_where_present(&checks::OVERRIDDEN_OUTPUT, output);
        }
        record.check_where_present(&checks::PERFORMANCE, performance::consistency(event));
        let message = self.index.messages.examine(event, self.options);
        record.check_where_present(&checks::ERROR_MESSAGE, message);
        let receipt = receipts::of_event(event, self.index);
        record.check_where_present(&checks::EVENT_RECEIPT, receipt);
    }

    /// The envelope, what it is bound to and what is in it.
    fn payload(
        &self,
        event: &Event<'_, '_>,
        presence: &Presence,
        record: &mut Record<'_>,
    ) -> Opened {
        let key = self.options.payload_key.as_ref();
        let unopened = |locked| Opened {
            plaintext: None,
            is_whole: false,
            locked,
        };
        let envelope = match presence {
            Presence::None => return unopened(false),
            Presence::Broken(sentence) => {
                record.check(&checks::ENVELOPE, Finding::fail(sentence.clone()));
                return unopened(key.is_none());
            }
            Presence::Whole(envelope) => envelope,
        };
        record.check(&checks::ENVELOPE, Finding::pass(""));
        let Some((identity, hash)) = identity_of(event) else {
            let detail = "The event lacks a part of the identity that its ciphertext is bound to.";
            record.check(&checks::BINDING, Finding::fail(detail));
            return unopened(false);
        };
        let bound = hash.eq_ignore_ascii_case(&envelope.aad_hash);
        record.check(&checks::BINDING, binding(bound, envelope, hash));
        let Some(key) = key else {
            let detail = "The payload's key was not supplied, so its content was not decrypted.";
            record.check(
                &checks::DECRYPTION,
                Finding::skip(Reason::KeyNeeded, detail),
            );
            return unopened(true);
        };
        match envelope.open(key, &identity) {
            Err(failure) => {
                let finding = self.unopened(envelope, failure);
                let locked = finding.status() == Status::Skip;
                record.check(&checks::DECRYPTION, finding);
                unopened(locked)
            }
            Ok(bytes) => {
                record.check(&checks::DECRYPTION, Finding::pass(""));
                let plaintext = Plaintext::read(&bytes);
                let finding = match &plaintext {
                    Ok(plaintext) => pass_unless(plaintext.misfit.clone()),
                    Err(finding) => finding.clone(),
                };
                let is_whole = bound && finding.status() == Status::Pass;
                record.check(&checks::PLAINTEXT, finding);
                Opened {
                    plaintext: plaintext.ok(),
                    is_whole,
                    locked: false,
                }
            }
        }
    }

    /// What it means that the payload does not open with the key that was supplied.
    fn unopened(&self, envelope: &Envelope, failure: Failure) -> Finding {
        let key_id = &envelope.key_id;
        match failure {
            Failure::KeyLength(length) => Finding::skip(
                Reason::KeyNeeded,
                format!(
                    "The key that you supplied is {length} bytes long. The payload is encrypted with AES-256, whose keys have {KEY_BYTES} bytes: 64 hexadecimal digits."
                ),
            ),
            _ if self.index.key_opens_some() && !self.index.key_opens(key_id) => Finding::skip(
                Reason::KeyNeeded,
                format!(
                    "The payload names the key {key_id}. The key that you supplied opens payloads that name another, and not this one."
                ),
            ),
            _ => Finding::fail(format!(
                "The payload does not open with the key that you supplied: either this is not the key {key_id} that the event names, or the ciphertext, the nonce or the event's identity is not what was encrypted."
            )),
        }
    }
}

fn pass_unless(problem: Option<String>) -> Finding {
    problem.map_or_else(|| Finding::pass(""), Finding::fail)
}

fn members(event: &Event<'_, '_>) -> Finding {
    let Some(name) = event.unknown_member() else {
        return Finding::pass("");
    };
    match event.form {
        Form::Request => Finding::fail(format!(
            "/{name} is a member that the SDK does not send, and that nothing covers. {ACCEPTED}"
        )),
        Form::Stored => Finding::skip(
            Reason::RuleUnpublished,
            format!(
                "/{name} is a member that neither the SDK nor the API's answer names. What a stored event may hold has not been published, and nothing covers this member, so it cannot be told whether it belongs there."
            ),
        ),
    }
}

fn binding(bound: bool, envelope: &Envelope, hash: String) -> Finding {
    let finding = match bound {
        true => Finding::pass(
            "The ciphertext is bound to this event's identifier, system and time, as far as the recorded hash tells without the key.",
        ),
        false => Finding::fail(
            "The ciphertext was bound to another event, or the event's identifier, system or time was changed: the hash of the three is not the one in the envelope.",
        ),
    };
    finding.expected(&envelope.aad_hash).actual(hash)
}
