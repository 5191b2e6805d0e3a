//! Receipts: the service's signatures over decisions.

use super::decision::{Decision, Verdict};
use super::forms::View;
use super::kind;
use super::signing::{OF_BUNDLE, OF_RECEIPT, Outcome, Rule, Signable, Signatures, candidates};
use crate::json::{Kind, Member, Object, Value};
use crate::report::{Finding, Reason};

/// Members that may hold the hash that was signed.
const HASHES: [&str; 6] = [
    "bundle_hash",
    "receipt_hash",
    "payload_hash",
    "decision_hash",
    "hash",
    "digest",
];

/// A receipt, and where it stands.
pub(super) struct Receipt<'d> {
    /// The decision that bears it under `receipt`; otherwise an object with nothing but the receipt.
    whole: Value<'d>,
    /// What of it may have been signed.
    views: &'static [View],
    /// What it says.
    pub value: &'d Value<'d>,
    /// Which one it is, for a subject's name.
    pub name: String,
    /// The decision that bears it.
    decision: Option<&'d Decision<'d>>,
    /// The number of the bundle that bears it.
    pub bundle: Option<usize>,
}

impl<'d> Receipt<'d> {
    /// A receipt in the member `receipt` of a decision.
    pub fn of_decision(decision: &'d Decision<'d>, receipt: &'d Value<'d>, name: String) -> Self {
        Self {
            whole: decision.item.value.clone(),
            views: &OF_RECEIPT,
            value: receipt,
            name,
            decision: Some(decision),
            bundle: None,
        }
    }

    /// A receipt in the member `receipt` of a bundle.
    pub fn of_bundle(
        bundle: &'d Value<'d>,
        index: usize,
        receipt: &'d Value<'d>,
        name: String,
    ) -> Self {
        Self {
            whole: bundle.clone(),
            views: &OF_RECEIPT,
            value: receipt,
            name,
            decision: None,
            bundle: Some(index),
        }
    }

    /// A bundle that bears a signature itself.
    pub fn signed_bundle(bundle: &'d Value<'d>, index: usize, name: String) -> Self {
        Self {
            whole: bundle.clone(),
            views: &OF_BUNDLE,
            value: bundle,
            name,
            decision: None,
            bundle: Some(index),
        }
    }

    /// A receipt by itself, or one that an event or another member of a decision bears.
    pub fn alone(receipt: &'d Value<'d>, name: String) -> Self {
        let member = Member {
            key: "receipt".into(),
            key_span: receipt.span,
            value: receipt.clone(),
        };
        Self {
            whole: Value {
                span: receipt.span,
                kind: Kind::Object(Object {
                    members: vec![member],
                }),
            },
            // Only what is within it can have been signed.
            views: OF_RECEIPT.get(4..).unwrap_or_default(),
            value: receipt,
            name,
            decision: None,
            bundle: None,
        }
    }

    fn algorithm(&self) -> Option<&'d str> {
        kind::text(self.value, "signing_algorithm")
    }

    /// What it bears a signature on; none where it bears none.
    pub fn signable(&self) -> Option<Signable<'_, 'd>> {
        Some(Signable {
            value: &self.whole,
            hash: HASHES.iter().find_map(|name| kind::text(self.value, name)),
            signature: kind::text(self.value, "signature")?,
            views: self.views,
        })
    }

    /// Whether a signature under this rule covers the hash of the bundle that bears it.
    pub fn signs_hash(&self, rule: &Rule) -> bool {
        let signed = self.signable().and_then(|what| what.hash);
        rule.is_over_hash() && signed.is_some() && signed == kind::text(&self.whole, "bundle_hash")
    }

    /// Verifies the signature; gives the rule where it holds.
    pub fn verify(&self, signatures: &Signatures) -> (Finding, Option<Rule>) {
        let skip = |reason, detail: String| (Finding::skip(reason, detail), None);
        let Some(signable) = self.signable() else {
            return skip(
                Reason::InputNeeded,
                "The receipt bears no signature, so that nothing shows who issued it.".to_owned(),
            );
        };
        if let Some(algorithm) = self.algorithm()
            && !algorithm.eq_ignore_ascii_case("ed25519")
        {
            return skip(
                Reason::Unsupported,
                format!(
                    "The receipt says that it is signed with {algorithm}. Thoth's receipts are known to be signed with Ed25519 alone."
                ),
            );
        }
        if !signatures.has_keys() {
            return skip(
                Reason::KeyNeeded,
                "The receipt's signature can be checked only with the key of Thoth's service, which nobody has pinned.".to_owned(),
            );
        }
        match signatures.verify(&signable) {
            Outcome::Holds(rule) => {
                let detail = format!("It verifies under this rule, which the vendor has not published: {}.", rule.words());
                (Finding::pass(detail), Some(rule))
            }
            Outcome::Fails => (
                Finding::fail("The receipt's signature does not verify, under the rule and key that other receipts of the file verify under."),
                None,
            ),
            Outcome::Unreadable => skip(
                Reason::RuleUnpublished,
                "The receipt's signature is not 64 bytes in hexadecimal or base64, and how it is written is not published.".to_owned(),
            ),
            Outcome::Unknown => skip(
                Reason::RuleUnpublished,
                format!(
                    "What a receipt's signature covers is not published, and under the keys that you pinned it verifies over none of the {} candidates. The key may be another, or the rule.",
                    candidates(signable.views)
                ),
            ),
        }
    }

    /// What of the receipt a signature under this rule leaves out; none of a bundle that is signed itself.
    pub fn members(&self, rule: &Rule) -> Option<Finding> {
        if std::ptr::eq(self.views, OF_BUNDLE.as_slice()) {
            return None;
        }
        let uncovered = rule.uncovered(self.value);
        Some(match uncovered.is_empty() {
            true => Finding::pass(""),
            false => Finding::note(format!(
                "The signature does not cover these members of the receipt: {}.",
                uncovered.join(", ")
            )),
        })
    }

    /// What the receipt says was decided, against the decision; none where it says nothing of it.
    pub fn agreement(&self) -> Option<Finding> {
        let decision = self.decision?;
        let within = kind::member(self.value, "decision");
        let word = within
            .and_then(|decision| match decision.as_str() {
                Some(word) => Some(word),
                None => kind::text(decision, "authorization_decision"),
            })
            .or_else(|| kind::text(self.value, "authorization_decision"));
        let stated = word.and_then(Verdict::of_word);
        let names = (
            decision.item.text("decision_id"),
            kind::text(self.value, "decision_id"),
        );
        if let Some(stated) = stated
            && stated != decision.verdict
            && Some(stated) != decision.other_authorization()
        {
            let (stated, decided) = (stated.word(), decision.verdict.word());
            let detail = format!(
                "The receipt says {stated}, and the decision that bears it says {decided}."
            );
            return Some(Finding::fail(detail).expected(stated).actual(decided));
        }
        match names {
            (Some(own), Some(named)) if own != named => Some(
                Finding::fail("The receipt names another decision than the one that bears it.")
                    .expected(named)
                    .actual(own),
            ),
            (Some(_), Some(_)) => Some(Finding::pass("")),
            _ => stated.map(|_| Finding::pass("")),
        }
    }
}
