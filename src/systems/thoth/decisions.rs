//! The decisions of a file, their receipts and the records of holds.

use super::checks::{
    APPROVAL, AUTHORIZATION, COVERAGE, DECISION, FORM, RECEIPT, RECEIPT_DECISION, RECEIPT_MEMBERS,
    SIGNATURE,
};
use super::decision::Decision;
use super::examiner::{Examiner, form, own_decisions};
use super::receipts::Receipt;
use super::shape;
use super::signing::Signatures;
use crate::report::{Finding, Reason};

impl<'e, 'd> Examiner<'e, 'd> {
    /// Examines the decisions of the file, their receipts and the records of holds.
    pub fn decisions(&mut self) {
        let decisions: Vec<_> = own_decisions(self.evidence).collect();
        let receipts = self.receipts(&decisions);
        let mut signatures = Signatures::new(&self.options.pins);
        if signatures.has_keys() {
            signatures.learn(receipts.iter().filter_map(Receipt::signable));
        }
        self.signatures |= receipts.iter().any(|receipt| receipt.signable().is_some());
        let mut verified: Vec<(String, bool)> = Vec::new();
        for receipt in &receipts {
            let mut subject = self.transcript.subject(RECEIPT, &receipt.name);
            let (finding, rule) = receipt.verify(&signatures);
            self.transcript.record(&mut subject, &SIGNATURE, finding);
            if let Some(finding) = receipt.agreement() {
                self.transcript
                    .record(&mut subject, &RECEIPT_DECISION, finding);
            }
            if let Some(rule) = &rule
                && let Some(finding) = receipt.members(rule)
            {
                self.transcript
                    .record(&mut subject, &RECEIPT_MEMBERS, finding);
            }
            self.transcript.close(subject);
            if let Some(rule) = rule {
                self.sign("receipt", &rule, &signatures);
                let whole = rule.is_over_whole();
                if let Some(bundle) = receipt.bundle
                    && (whole || receipt.signs_hash(&rule) && self.has_hashed(bundle))
                {
                    self.sealed.insert(bundle);
                }
                verified.push((receipt.name.clone(), whole));
            }
        }
        for (index, decision) in decisions.iter().copied().enumerate() {
            let number = index.saturating_add(1);
            let receipt = verified
                .iter()
                .find(|(name, _)| *name == number.to_string());
            self.decision(decision, number, receipt.map(|(_, whole)| *whole));
        }
        let evidence = self.evidence;
        let approvals = evidence.approvals.iter();
        let own = approvals.filter(|approval| approval.item.is_own());
        for (index, approval) in own.enumerate() {
            let mut subject = self.transcript.subject(APPROVAL, index.saturating_add(1));
            if !self.is_hashed(&approval.item) {
                let finding = Finding::skip(
                    Reason::InputNeeded,
                    "Nothing in the file shows whether the record of the hold was altered: it bears neither hash nor receipt.",
                );
                self.transcript.record(&mut subject, &COVERAGE, finding);
            }
            self.transcript.close(subject);
        }
    }

    /// The receipts of decisions, of events and by themselves.
    fn receipts(&self, decisions: &[&'e Decision<'d>]) -> Vec<Receipt<'d>>
    where
        'e: 'd,
    {
        let mut receipts = Vec::new();
        for (index, decision) in decisions.iter().enumerate() {
            let number = index.saturating_add(1);
            for (member, receipt) in decision.receipts() {
                receipts.push(match member {
                    "receipt" => Receipt::of_decision(decision, receipt, number.to_string()),
                    _ => Receipt::alone(receipt, format!("{number}, {member}")),
                });
            }
        }
        for (index, event) in self.own_events().enumerate() {
            let number = index.saturating_add(1);
            for member in ["receipt", "terminal_receipt"] {
                if let Some(receipt) = event
                    .metadata(member)
                    .filter(|value| value.as_object().is_some())
                {
                    receipts.push(Receipt::alone(receipt, format!("event {number}, {member}")));
                }
            }
        }
        let bundles = &self.evidence.bundles;
        for (index, bundle) in bundles.iter().enumerate() {
            let number = index.saturating_add(1);
            if bundle.text("signature").is_some() {
                let name = format!("bundle {number}");
                receipts.push(Receipt::signed_bundle(bundle.value, index, name));
            }
        }
        let alone = self.evidence.receipts.iter().filter(|item| item.is_own());
        for (index, item) in alone.enumerate() {
            let number = index.saturating_add(1);
            let outer = item.pointer.strip_suffix("/receipt");
            let bundle = bundles
                .iter()
                .position(|bundle| Some(bundle.pointer.as_str()) == outer);
            let found = bundle.and_then(|index| Some((index, bundles.get(index)?)));
            receipts.push(match found {
                Some((index, bundle)) => {
                    let name = format!("bundle, {number}");
                    Receipt::of_bundle(bundle.value, index, item.value, name)
                }
                None => Receipt::alone(item.value, format!("alone {number}")),
            });
        }
        receipts
    }

    /// `receipt` tells whether a receipt of it verified, and whether that covers the whole decision.
    fn decision(&mut self, decision: &'e Decision<'d>, number: usize, receipt: Option<bool>) {
        let mut subject = self.transcript.subject(DECISION, number);
        let place = decision.item.place();
        let form = form(
            shape::of_decision(decision.item.value),
            &format!("The decision at {place}"),
        );
        self.transcript.record(&mut subject, &FORM, form);
        if let Some(other) = decision.other_authorization() {
            let detail = format!(
                "The decision says {}, and the authorization beside it {}. The SDK acts on the first.",
                decision.verdict.word(),
                other.word()
            );
            self.transcript
                .record(&mut subject, &AUTHORIZATION, Finding::note(detail));
        }
        let mut receipts = decision.receipts();
        let bears = receipts.any(|(member, _)| member == "receipt");
        let finding = match receipt {
            _ if self.is_hashed(&decision.item) => {
                Some(Finding::pass("The hash of the bundle covers it."))
            }
            Some(true) => Some(Finding::pass("")),
            Some(false) => Some(Finding::skip(
                Reason::RuleUnpublished,
                "The signature covers the receipt, and not the rest of the decision: nothing shows whether that was altered.",
            )),
            None if bears => None,
            None => Some(Finding::skip(
                Reason::InputNeeded,
                "The decision bears no receipt: nothing shows whether it was altered.",
            )),
        };
        if let Some(finding) = finding {
            self.transcript.record(&mut subject, &COVERAGE, finding);
        }
        if receipt == Some(true) {
            self.covered.insert(&decision.item.pointer);
        }
        self.transcript.close(subject);
    }
}
