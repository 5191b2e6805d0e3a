//! The examination of one file, from what it holds to what came of it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::bundle::{self, Coverage};
use super::calls::Calls;
use super::chain::{self, Chain};
use super::checks::{
    AGREEMENT, BOUNDARY, BUNDLE, BUNDLE_HASH, CALL, CHAIN, EVENT, FORM, INDICES, LINKS, MEMBERS,
    PINNED_KEY, READABLE, ROW_COUNT, SIGNATURE, SIGNATURE_RULE, UNLINKED, plan,
};
use super::conduct::{self, LOCAL_REFUSALS};
use super::decision::Decision;
use super::event::Event;
use super::evidence::{Evidence, Item, Sheets};
use super::facts;
use super::hashes::Established;
use super::shape::{self, Fault};
use super::signing::{OF_EVENT, Outcome, Rule, Signable, Signatures, candidates};
use crate::budget;
use crate::input::{Artifact, Form};
use crate::options::Options;
use crate::report::{
    Examination, Finding, Reason, Refusal, RefusalCode, Signer, Subject, Transcript,
};
use crate::trust::fingerprint;

/// Examines a file that was recognised.
pub(super) fn examine(
    artifact: &Artifact<'_>,
    options: &Options<'_>,
) -> Result<Examination, Refusal> {
    if matches!(artifact.form, Form::Records(_)) && artifact.bytes.len() > budget::HELD_BYTES {
        return Err(Refusal::new(
            RefusalCode::OverLimit,
            format!(
                "The file has {} bytes; of records that have to be held against each other this verifier reads at most {}.",
                artifact.bytes.len(),
                budget::HELD_BYTES
            ),
        ));
    }
    let sheets = Sheets::read(artifact, options);
    let evidence = Evidence::of(&sheets);
    let mut examiner = Examiner::new(&evidence, options);
    examiner.readable(&sheets);
    let chains = chain::chains(&evidence);
    examiner.bundles();
    examiner.events(&chains);
    examiner.decisions();
    examiner.holders();
    examiner.uncovered();
    examiner.companions(&sheets.supplied);
    examiner.calls();
    examiner.pinned();
    examiner.page();
    options.report_progress(artifact.bytes.len(), artifact.bytes.len());
    Ok(examiner.conclude())
}

/// What an examination has found so far.
pub(super) struct Examiner<'e, 'd> {
    pub evidence: &'e Evidence<'d>,
    pub options: &'e Options<'e>,
    pub established: Established<'e>,
    /// Decisions that a receipt's signature covers as a whole, by their pointers.
    pub covered: HashSet<&'e str>,
    /// Whether every event of the file bears a signature that verified, and a hash that holds.
    pub all_signed: bool,
    /// Whether the evidence bears any signature.
    pub signatures: bool,
    /// Whether a call waits for what became of its hold.
    pub held: bool,
    /// Whether there is a call without a decision.
    pub undecided: bool,
    pub transcript: Transcript,
    artifact: Subject,
    /// The numbers of the bundles whose hash covers everything in them.
    hashed: HashSet<usize>,
    /// The numbers of the bundles whose hash covers a member alone, with its name.
    pub parts: HashMap<usize, &'static str>,
    /// Sessions and tenants that a bundle states, that its hash leaves out, and that nothing in it says too.
    pub unsaid: Vec<String>,
    /// The numbers of the bundles that a signature which verified covers as a whole.
    pub sealed: HashSet<usize>,
    /// Events without a hash that a signature which verified covers as a whole, by their pointers.
    sealed_events: HashSet<&'e str>,
    signers: Vec<Signer>,
}

impl<'e, 'd> Examiner<'e, 'd> {
    fn new(evidence: &'e Evidence<'d>, options: &'e Options<'e>) -> Self {
        let mut transcript = Transcript::new(plan(), options.full);
        Self {
            evidence,
            options,
            established: Established::default(),
            covered: HashSet::new(),
            all_signed: false,
            signatures: false,
            held: false,
            undecided: false,
            artifact: transcript.artifact(),
            transcript,
            hashed: HashSet::new(),
            parts: HashMap::new(),
            unsaid: Vec::new(),
            sealed: HashSet::new(),
            sealed_events: HashSet::new(),
            signers: Vec::new(),
        }
    }

    fn readable(&mut self, sheets: &Sheets<'_>) {
        let strangers = &self.evidence.strangers;
        let finding = match (sheets.unreadable.first(), strangers.first()) {
            (Some(sentence), _) => Finding::fail(sentence.clone()),
            (None, Some(place)) => Finding::fail(format!(
                "What stands at {place} among the evidence is none of Thoth's records ({} of them).",
                strangers.len()
            )),
            (None, None) => Finding::pass(""),
        };
        self.own(&READABLE, finding);
    }

    /// Records what came of a check of the file as a whole.
    pub fn own(&mut self, spec: &'static crate::report::CheckSpec, finding: Finding) {
        self.transcript.record(&mut self.artifact, spec, finding);
    }

    fn bundles(&mut self) {
        let evidence = self.evidence;
        for (index, bundle) in evidence.bundles.iter().enumerate() {
            let mut subject = self.transcript.subject(BUNDLE, index.saturating_add(1));
            let (finding, coverage) = bundle::examine(bundle, &evidence.events);
            match coverage {
                Coverage::Whole => drop(self.hashed.insert(index)),
                Coverage::Part(member) => drop(self.parts.insert(index, member)),
                Coverage::Nothing => {}
            }
            self.transcript.record(&mut subject, &BUNDLE_HASH, finding);
            self.transcript.close(subject);
        }
    }

    /// Whether the hash of a bundle covers the record.
    pub fn is_hashed(&self, item: &Item<'_>) -> bool {
        let bundle = self.evidence.bundle_of(item);
        bundle.is_some_and(|bundle| self.has_hashed(bundle))
    }

    /// Whether the hash of the bundle covers everything in it.
    pub fn has_hashed(&self, bundle: usize) -> bool {
        self.hashed.contains(&bundle)
    }

    fn events(&mut self, chains: &[Chain<'e, 'd>]) {
        self.established = Established::of(chains);
        let events = || chains.iter().flat_map(|chain| &chain.events);
        let signed = events().any(|event| event.signature().is_some());
        let mut signatures = Signatures::new(&self.options.pins);
        if signatures.has_keys() {
            signatures.learn(events().filter_map(|event| signable(event)));
        }
        self.signatures |= signed;
        let mut all_signed = signed;
        for (index, event) in self.own_events().enumerate() {
            let number = index.saturating_add(1);
            let mut subject = self.transcript.subject(EVENT, number);
            self.form(event, &mut subject);
            let rule = self.event_signature(event, signed, &signatures, &mut subject);
            let sealed = rule.is_some_and(|rule| !rule.is_over_hash());
            if sealed && event.hash().is_none() {
                self.sealed_events.insert(&event.item.pointer);
            }
            let otherwise = sealed || self.is_hashed(&event.item);
            let holds =
                self.established
                    .record_hash(event, otherwise, &mut self.transcript, &mut subject);
            all_signed &= sealed || (rule.is_some() && holds);
            self.transcript.close(subject);
        }
        self.all_signed = all_signed;
        self.members();
        for chain in chains {
            self.chain(chain, &signatures);
        }
    }

    pub fn own_events(&self) -> impl Iterator<Item = &'e Event<'d>> + use<'e, 'd> {
        let evidence: &'e Evidence<'d> = self.evidence;
        evidence.events.iter().filter(|event| event.item.is_own())
    }

    fn form(&mut self, event: &Event<'_>, subject: &mut Subject) {
        let fault = match event.is_row() {
            true => shape::of_row(event.item.value),
            false => shape::of_event(event.item.value),
        };
        let place = event.item.place();
        let finding = form(fault, &format!("The record at {place}"));
        self.transcript.record(subject, &FORM, finding);
    }

    /// Notes what the SDK gives every event and some here lack.
    fn members(&mut self) {
        let lacking = |event: &'e Event<'d>| {
            let name = shape::missing(event.item.value)?;
            (!event.is_row()).then(|| (name, event.item.place()))
        };
        let mut lacking = self.own_events().filter_map(lacking);
        if let Some((name, place)) = lacking.next() {
            let more = lacking.count();
            let detail = format!(
                "The event at {place} has no `{name}`, which the SDK gives every event; {more} more events lack a member."
            );
            self.own(&MEMBERS, Finding::note(detail));
        } else if self.own_events().any(|event| !event.is_row()) {
            self.own(&MEMBERS, Finding::pass(""));
        }
    }

    /// Verifies an event's signature, where there is a key; gives the rule where it holds.
    fn event_signature(
        &mut self,
        event: &Event<'_>,
        siblings_signed: bool,
        signatures: &Signatures,
        subject: &mut Subject,
    ) -> Option<Rule> {
        let place = event.item.place();
        let Some(what) = signable(event) else {
            if siblings_signed {
                let detail = format!(
                    "The record at {place} bears no signature, while others do: nothing shows who issued it."
                );
                let finding = Finding::skip(Reason::InputNeeded, detail);
                self.transcript.record(subject, &SIGNATURE, finding);
            }
            return None;
        };
        if !signatures.has_keys() {
            return None;
        }
        match signatures.verify(&what) {
            Outcome::Holds(rule) => {
                self.transcript.pass(subject, &SIGNATURE);
                self.sign("events", &rule, signatures);
                Some(rule)
            }
            // Without a rule the chain says once what concerns all of its signatures.
            _ if signatures.rule().is_none() => None,
            _ => {
                let detail = format!(
                    "The signature of the record at {place} does not verify, under the rule and key that others of the file verify under."
                );
                self.transcript
                    .record(subject, &SIGNATURE, Finding::fail(detail));
                None
            }
        }
    }

    pub fn sign(&mut self, role: &'static str, rule: &Rule, signatures: &Signatures) {
        let Some(key) = signatures.key(rule) else {
            return;
        };
        let public_key = key.to_hex();
        let known = |signer: &Signer| signer.role == role && signer.public_key == public_key;
        if self.signers.iter().any(known) {
            return;
        }
        self.signers.push(Signer {
            role: role.into(),
            algorithm: "Ed25519".into(),
            fingerprint: fingerprint(key.as_bytes()),
            public_key,
            pinned: self.options.pins.has(key.as_bytes()),
        });
    }

    fn chain(&mut self, chain: &Chain<'_, '_>, signatures: &Signatures) {
        // The hash of the bundle, or a signature over the whole of it, covers an event that bears no hash of its own.
        let covered = |event: &&Event<'_>| {
            let sealed = self.sealed_events.contains(event.item.pointer.as_str());
            event.hash().is_none() && (sealed || self.is_hashed(&event.item))
        };
        let needs_no_rule = chain.events.iter().all(covered);
        let mut subject = self.transcript.subject(CHAIN, &chain.name);
        let found = [
            (&INDICES, chain.indices()),
            (&LINKS, chain.links()),
            (&BOUNDARY, chain.boundary()),
            (&SIGNATURE_RULE, signature_rule(chain, signatures)),
        ];
        for (spec, finding) in found {
            if let Some(finding) = finding {
                self.transcript.record(&mut subject, spec, finding);
            }
        }
        if !needs_no_rule {
            self.established
                .record_rule(chain, &mut self.transcript, &mut subject);
        }
        self.transcript.close(subject);
    }

    fn calls(&mut self) {
        let calls = Calls::of(self.evidence);
        let with_local_refusals: HashSet<&str> = self
            .evidence
            .events
            .iter()
            .filter(|event| event.tool() == Some(LOCAL_REFUSALS))
            .map(|event| event.session())
            .collect();
        let own = calls.calls.iter().filter(|call| call.is_own());
        for (index, call) in own.enumerate() {
            let number = index.saturating_add(1);
            let name = match call.tool {
                Some(tool) => format!("{number}, {tool}"),
                None => number.to_string(),
            };
            let mut subject = self.transcript.subject(CALL, name);
            let local = with_local_refusals.contains(call.session);
            self.undecided |= call.decisions.is_empty();
            self.held |= conduct::judge(call, local, &mut self.transcript, &mut subject);
            self.transcript.close(subject);
        }
        match calls.undecided.len() {
            0 => {}
            count => {
                let decisions = match count {
                    1 => "A decision is about one of several calls that do not all agree with it",
                    _ => "Decisions are about one of several calls that do not all agree with them",
                };
                let detail = format!("{decisions}, and it cannot be told which one.");
                self.own(&AGREEMENT, Finding::skip(Reason::InputNeeded, detail));
            }
        }
        match calls.unlinked.len() {
            _ if calls.calls.is_empty() => {}
            0 => {}
            1 => self.own(
                &UNLINKED,
                Finding::note("Of one decision it cannot be told which call it is about; it was held against none."),
            ),
            count => {
                let detail = format!(
                    "Of {count} decisions it cannot be told which call they are about; they were held against none."
                );
                self.own(&UNLINKED, Finding::note(detail));
            }
        }
    }

    fn pinned(&mut self) {
        if self.options.pins.is_empty() {
            return;
        }
        if !self.signers.is_empty() {
            self.own(&PINNED_KEY, Finding::pass(""));
        } else if !self.signatures {
            let detail = "You pinned a key, and nothing in the file is signed.";
            self.own(&PINNED_KEY, Finding::skip(Reason::NotRun, detail));
        }
    }

    fn page(&mut self) {
        let Some(page) = &self.evidence.page else {
            return;
        };
        let held = self.own_events().count();
        let Some(total) = page.member("total").and_then(|total| total.as_u64()) else {
            return;
        };
        if held == 0 {
            return;
        }
        let finding = match usize::try_from(total) == Ok(held) {
            true => Finding::pass(""),
            false => Finding::note(format!(
                "The page states {total} records, and {held} are in the file. It may be one page of several."
            )),
        };
        self.own(&ROW_COUNT, finding);
    }

    /// What alone of the file is signed, for a sentence; none where everything is.
    fn signed_part(&self) -> Option<&'static str> {
        let evidence = self.evidence;
        let sealed = |item: &Item<'_>| {
            let bundle = evidence.bundle_of(item);
            bundle.is_some_and(|bundle| self.sealed.contains(&bundle))
        };
        let signed = |decision: &&Decision<'_>| {
            self.covered.contains(decision.item.pointer.as_str()) || sealed(&decision.item)
        };
        let events = self.all_signed || self.own_events().all(|event| sealed(&event.item));
        let mut approvals = evidence.approvals.iter();
        let everything = events
            && own_decisions(evidence).all(|decision| signed(&decision))
            && approvals.all(|approval| !approval.item.is_own() || sealed(&approval.item))
            && evidence.bundles.iter().all(sealed);
        if everything {
            return None;
        }
        Some(match (self.all_signed, !self.covered.is_empty()) {
            (true, true) => "its events and the receipts of its decisions",
            (true, false) => "its events",
            (false, true) => "the receipts of its decisions",
            (false, false) => "some parts of it",
        })
    }

    fn conclude(self) -> Examination {
        let (kind, noun) = kind_of(self.evidence);
        let facts = facts::of(&self);
        let asks = facts::asks(&self);
        let peer = facts::peer(self.evidence);
        let signed_part = self.signed_part();
        let mut transcript = self.transcript;
        transcript.close(self.artifact);
        Examination {
            kind,
            noun: Cow::Borrowed(noun),
            dialect: self.established.best().map(|rule| rule.form.words),
            transcript,
            signers: self.signers,
            signed_part,
            facts,
            limits: facts::LIMITS.map(Cow::Borrowed).to_vec(),
            asks,
            disclosed: Vec::new(),
            peer,
        }
    }
}

/// The decisions of the file that is verified.
pub(super) fn own_decisions<'e, 'd>(
    evidence: &'e Evidence<'d>,
) -> impl Iterator<Item = &'e Decision<'d>> {
    let decisions = evidence.decisions.iter();
    decisions.filter(|decision| decision.item.is_own())
}

/// What comes of the form of a record; `what` begins the sentence.
pub(super) fn form(fault: Option<Fault>, what: &str) -> Finding {
    match fault {
        None => Finding::pass(""),
        Some(Fault::Type(sentence)) => Finding::fail(format!("{what}: {sentence}")),
        Some(Fault::Word(sentence)) => Finding::skip(
            Reason::Unsupported,
            format!("{what}: {sentence} The vendor may know it by now; this version does not."),
        ),
    }
}

fn signable<'e, 'd>(event: &'e Event<'d>) -> Option<Signable<'e, 'd>> {
    Some(Signable {
        value: event.item.value,
        hash: event.hash(),
        signature: event.signature()?,
        views: &OF_EVENT,
    })
}

fn signature_rule(chain: &Chain<'_, '_>, signatures: &Signatures) -> Option<Finding> {
    chain.events.iter().find_map(|event| event.signature())?;
    if !signatures.has_keys() {
        return Some(Finding::skip(
            Reason::KeyNeeded,
            "The signatures can be checked only with the key of Thoth's service, which nobody has pinned.",
        ));
    }
    Some(match signatures.rule() {
        Some(rule) => Finding::pass(format!(
            "They verify under this rule, which the vendor has not published: {}.",
            rule.words()
        )),
        None => Finding::skip(
            Reason::RuleUnpublished,
            format!(
                "What `signature` covers is not published, and under the keys that you pinned none of the {} candidates verifies. The key may be another, or the rule.",
                candidates(&OF_EVENT)
            ),
        ),
    })
}

/// What the file is, as a code and in words.
fn kind_of(evidence: &Evidence<'_>) -> (&'static str, &'static str) {
    let mut events = evidence.events.iter().filter(|event| event.item.is_own());
    let decisions = own_decisions(evidence).count();
    let (first, more) = (events.next(), events.next().is_some());
    let rows = evidence
        .events
        .iter()
        .any(|event| event.item.is_own() && event.is_row());
    match first {
        _ if !evidence.bundles.is_empty() => {
            ("session-evidence-bundle", "Thoth session evidence bundle")
        }
        Some(_) if rows || evidence.page.is_some() => ("evidence-chain", "Thoth evidence chain"),
        Some(_) if more => ("behavioral-events", "Thoth event file"),
        Some(_) => ("behavioral-event", "Thoth behavioural event"),
        None if decisions > 1 => ("enforcement-decisions", "file of Thoth decisions"),
        None if decisions == 1 => ("enforcement-decision", "Thoth enforcement decision"),
        None if evidence.receipts.iter().any(|item| item.is_own()) => {
            ("decision-receipt", "Thoth receipt")
        }
        None => ("approval", "Thoth record of a hold"),
    }
}
