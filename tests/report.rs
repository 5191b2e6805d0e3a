//! How a verdict follows from the checks, and the shape of the report.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::borrow::Cow;
use std::collections::HashSet;

use assay::budget;
use assay::report::{
    ARTIFACT, ArtifactFacts, CheckSpec, Examination, Fact, Finding, Plan, Reason, Refusal,
    RefusalCode, Report, Signer, Status, Transcript, Verdict,
};
use assay::{Input, Options, verify};
use serde_json::json;

const fn spec(id: &'static str, on_fail: Reason) -> CheckSpec {
    CheckSpec {
        id,
        title: "What is checked",
        rule: "A document, section 1",
        on_fail,
    }
}

static HASH: CheckSpec = spec("hash", Reason::HashFailure);
static SIGNATURE: CheckSpec = spec("signature", Reason::SigCryptoFailure);
static ANCHOR: CheckSpec = spec("anchor", Reason::NoPoe);
static INVENTORY: CheckSpec = spec("inventory", Reason::InventoryMismatch);

/// An artifact with receipts: hash and signature are required of each, an anchor is not.
fn plan() -> Plan {
    Plan::new()
        .require("receipt", &HASH)
        .require("receipt", &SIGNATURE)
        .allow("receipt", &ANCHOR)
        .allow(ARTIFACT, &INVENTORY)
}

fn examination(transcript: Transcript) -> Examination {
    Examination {
        kind: "receipts",
        noun: Cow::Borrowed("set of receipts"),
        dialect: None,
        transcript,
        signers: Vec::new(),
        signed_part: None,
        facts: Vec::new(),
        limits: Vec::new(),
        asks: Vec::new(),
        disclosed: Vec::new(),
        peer: None,
    }
}

fn derive(transcript: Transcript) -> Report {
    Report::derive(
        ArtifactFacts::default(),
        Some("example"),
        examination(transcript),
    )
}

/// The report when `record` has filled in the transcript of [`plan`].
fn report(record: impl FnOnce(&mut Transcript)) -> Report {
    let mut transcript = Transcript::new(plan(), false);
    record(&mut transcript);
    derive(transcript)
}

type Findings = Vec<(&'static CheckSpec, Finding)>;

/// The report on one receipt with these findings.
fn receipt(findings: Findings) -> Report {
    report(|transcript| {
        let mut subject = transcript.subject("receipt", 1);
        for (spec, finding) in findings {
            transcript.record(&mut subject, spec, finding);
        }
        transcript.close(subject);
    })
}

fn pass() -> Finding {
    Finding::pass("")
}

fn fail() -> Finding {
    Finding::fail("It does not hold.")
}

fn skip() -> Finding {
    Finding::skip(Reason::KeyNeeded, "A key is needed.")
}

fn note() -> Finding {
    Finding::note("Worth knowing.")
}

#[test]
fn a_verdict_follows_from_the_checks() {
    use Verdict::{Indeterminate, Invalid, Valid};
    let table: Vec<(&str, Findings, Verdict, Option<Reason>)> = vec![
        (
            "every required check passed",
            vec![(&HASH, pass()), (&SIGNATURE, pass())],
            Valid,
            None,
        ),
        (
            "an optional check passed too",
            vec![(&HASH, pass()), (&SIGNATURE, pass()), (&ANCHOR, pass())],
            Valid,
            None,
        ),
        (
            "an optional check was skipped",
            vec![(&HASH, pass()), (&SIGNATURE, pass()), (&ANCHOR, skip())],
            Valid,
            None,
        ),
        (
            "an optional check is a note",
            vec![(&HASH, pass()), (&SIGNATURE, pass()), (&ANCHOR, note())],
            Valid,
            None,
        ),
        (
            "an optional check failed",
            vec![(&HASH, pass()), (&SIGNATURE, pass()), (&ANCHOR, fail())],
            Invalid,
            Some(Reason::NoPoe),
        ),
        (
            "a required check failed",
            vec![(&HASH, fail()), (&SIGNATURE, pass())],
            Invalid,
            Some(Reason::HashFailure),
        ),
        (
            "a failure names its own reason",
            vec![(&HASH, fail().because(Reason::FormatFailure))],
            Invalid,
            Some(Reason::FormatFailure),
        ),
        (
            "the first failure is the cause",
            vec![(&SIGNATURE, fail()), (&HASH, fail())],
            Invalid,
            Some(Reason::SigCryptoFailure),
        ),
        (
            "a failure beats a skip before it",
            vec![(&HASH, skip()), (&SIGNATURE, fail())],
            Invalid,
            Some(Reason::SigCryptoFailure),
        ),
        (
            "a required check was skipped",
            vec![(&HASH, pass()), (&SIGNATURE, skip())],
            Indeterminate,
            Some(Reason::KeyNeeded),
        ),
        (
            "the first required skip is the cause",
            vec![
                (&ANCHOR, Finding::skip(Reason::NoPoe, "")),
                (&HASH, skip()),
                (&SIGNATURE, Finding::skip(Reason::Unsupported, "")),
            ],
            Indeterminate,
            Some(Reason::KeyNeeded),
        ),
        (
            "a required check was not recorded",
            vec![(&HASH, pass())],
            Indeterminate,
            Some(Reason::NotRun),
        ),
        (
            "nothing was recorded",
            vec![],
            Indeterminate,
            Some(Reason::NotRun),
        ),
        (
            "a required check is but a note",
            vec![(&HASH, pass()), (&SIGNATURE, note())],
            Indeterminate,
            Some(Reason::NotRun),
        ),
        (
            "a check that the plan does not have",
            vec![(&HASH, pass()), (&SIGNATURE, pass()), (&INVENTORY, pass())],
            Indeterminate,
            Some(Reason::NotRun),
        ),
        (
            "a check was recorded twice",
            vec![(&HASH, pass()), (&HASH, pass()), (&SIGNATURE, pass())],
            Indeterminate,
            Some(Reason::NotRun),
        ),
        (
            "a failure beats a misuse",
            vec![(&INVENTORY, pass()), (&HASH, fail())],
            Invalid,
            Some(Reason::HashFailure),
        ),
    ];
    for (case, findings, verdict, reason) in table {
        let report = receipt(findings);
        assert_eq!((report.verdict, report.reason), (verdict, reason), "{case}");
        assert_eq!(
            report.summary.contains("agrees with its hashes"),
            verdict == Verdict::Valid,
            "{case}"
        );
    }
}

#[test]
fn a_check_recorded_again_does_not_undo_what_came_of_it() {
    let report = receipt(vec![(&HASH, fail()), (&HASH, pass()), (&SIGNATURE, pass())]);
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!((report.counts.failed, report.counts.passed), (1, 1));
}

#[test]
fn without_a_subject_nothing_is_valid() {
    assert_eq!(report(|_| ()).verdict, Verdict::Indeterminate);
    assert_eq!(
        derive(Transcript::new(Plan::new(), false)).verdict,
        Verdict::Indeterminate
    );
}

#[test]
fn a_check_required_where_present_may_be_absent_but_not_skipped() {
    use Verdict::{Indeterminate, Invalid, Valid};
    let verdict = |anchor: Option<Finding>| {
        let plan = Plan::new()
            .require(ARTIFACT, &HASH)
            .require_where_present(ARTIFACT, &ANCHOR);
        let mut transcript = Transcript::new(plan, false);
        let mut artifact = transcript.artifact();
        transcript.record(&mut artifact, &HASH, pass());
        if let Some(finding) = anchor {
            transcript.record(&mut artifact, &ANCHOR, finding);
        }
        transcript.close(artifact);
        derive(transcript).verdict
    };
    assert_eq!(verdict(None), Valid);
    assert_eq!(verdict(Some(pass())), Valid);
    assert_eq!(verdict(Some(skip())), Indeterminate);
    assert_eq!(verdict(Some(note())), Indeterminate);
    assert_eq!(verdict(Some(fail())), Invalid);
}

#[test]
fn passes_of_optional_checks_alone_are_not_valid() {
    let report = report(|transcript| {
        let mut artifact = transcript.artifact();
        transcript.pass(&mut artifact, &INVENTORY);
        transcript.close(artifact);
    });
    assert_eq!(
        (report.verdict, report.reason),
        (Verdict::Indeterminate, Some(Reason::NotRun))
    );
}

#[test]
fn one_good_receipt_does_not_make_up_for_another() {
    let report = report(|transcript| {
        for number in 1..=2 {
            let mut subject = transcript.subject("receipt", number);
            transcript.pass(&mut subject, &HASH);
            if number == 1 {
                transcript.pass(&mut subject, &SIGNATURE);
            }
            transcript.close(subject);
        }
    });
    assert_eq!(
        (report.verdict, report.reason),
        (Verdict::Indeterminate, Some(Reason::NotRun))
    );
    let missing = &report.checks[0];
    assert_eq!(
        (
            missing.id.as_ref(),
            missing.subject.as_str(),
            missing.status
        ),
        ("signature", "receipt:2", Status::Skip)
    );
}

#[test]
fn a_subject_that_is_not_closed_keeps_the_verdict_from_valid() {
    let report = report(|transcript| {
        let mut subject = transcript.subject("receipt", 1);
        transcript.pass(&mut subject, &HASH);
        transcript.pass(&mut subject, &SIGNATURE);
    });
    assert_eq!(
        (report.verdict, report.reason),
        (Verdict::Indeterminate, Some(Reason::NotRun))
    );
}

#[test]
fn a_subject_that_the_plan_does_not_know_keeps_the_verdict_from_valid() {
    let report = report(|transcript| {
        let mut subject = transcript.subject("receipt", 1);
        transcript.pass(&mut subject, &HASH);
        transcript.pass(&mut subject, &SIGNATURE);
        transcript.close(subject);
        let stray = transcript.subject("reciept", 2);
        transcript.close(stray);
    });
    assert_eq!(
        (report.verdict, report.reason),
        (Verdict::Indeterminate, Some(Reason::NotRun))
    );
}

#[test]
fn a_check_after_a_failure_says_why_it_was_not_reached() {
    let report = receipt(vec![(&HASH, fail())]);
    let skipped = report
        .checks
        .iter()
        .find(|check| check.status == Status::Skip)
        .unwrap();
    assert_eq!(skipped.id, "signature");
    assert!(skipped.detail.contains("an earlier check failed"));
    assert!(skipped.required);
}

#[test]
fn what_was_found_stands_in_the_check() {
    let finding = fail()
        .expected("aa")
        .actual("bb")
        .peer("decision:1:canonical_hash");
    let report = receipt(vec![(&HASH, finding)]);
    assert_eq!(
        serde_json::to_value(&report.checks[0]).unwrap(),
        json!({
            "id": "hash", "subject": "receipt:1", "status": "fail", "required": true, "reason": "HASH_FAILURE",
            "title": "What is checked", "detail": "It does not hold.", "rule": "A document, section 1",
            "expected": "aa", "actual": "bb", "peer": "decision:1:canonical_hash",
        })
    );
}

fn many_receipts(
    count: u64,
    full: bool,
    record: impl Fn(&mut Transcript, &mut assay::report::Subject),
) -> Report {
    let mut transcript = Transcript::new(plan(), full);
    for number in 1..=count {
        let mut subject = transcript.subject("receipt", number);
        record(&mut transcript, &mut subject);
        transcript.close(subject);
    }
    derive(transcript)
}

#[test]
fn passes_are_folded_by_check_with_their_count() {
    let report = many_receipts(1_000, false, |transcript, subject| {
        transcript.record(subject, &HASH, Finding::pass("It matches.").expected("aa"));
        transcript.pass(subject, &SIGNATURE);
    });
    let lines: Vec<_> = report
        .checks
        .iter()
        .map(|check| {
            (
                check.id.as_ref(),
                check.subject.as_str(),
                check.count,
                check.expected.clone(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("hash", "receipt:*", Some(1_000), None),
            ("signature", "receipt:*", Some(1_000), None)
        ]
    );
    assert_eq!(
        (
            report.counts.subjects,
            report.counts.passed,
            report.counts.omitted
        ),
        (1_000, 2_000, 0)
    );
    assert_eq!(report.verdict, Verdict::Valid);
}

#[test]
fn a_single_pass_keeps_its_words() {
    let report = receipt(vec![
        (&HASH, Finding::pass("It matches.").expected("aa")),
        (&SIGNATURE, pass()),
    ]);
    let hash = &report.checks[0];
    assert_eq!(
        (
            hash.subject.as_str(),
            hash.count,
            hash.detail.as_ref(),
            hash.expected.as_deref()
        ),
        ("receipt:1", None, "It matches.", Some("aa"))
    );
}

#[test]
fn with_full_every_pass_is_listed() {
    let report = many_receipts(1_000, true, |transcript, subject| {
        transcript.pass(subject, &HASH);
        transcript.pass(subject, &SIGNATURE);
    });
    assert_eq!(report.checks.len(), 2_000);
    assert!(report.checks.iter().all(|check| check.count.is_none()));
}

#[test]
fn failures_and_skips_are_listed_up_to_a_cap_and_then_counted() {
    let cap = budget::LISTED_CHECKS;
    let failing = |transcript: &mut Transcript, subject: &mut assay::report::Subject| {
        transcript.record(subject, &HASH, fail());
        transcript.record(subject, &SIGNATURE, skip());
        transcript.record(subject, &ANCHOR, note());
    };
    let report = many_receipts(cap + 50, false, failing);
    assert_eq!(report.checks.len() as u64, 3 * cap);
    assert_eq!(
        (
            report.counts.failed,
            report.counts.skipped,
            report.counts.noted,
            report.counts.omitted
        ),
        (cap + 50, cap + 50, cap + 50, 150)
    );
    let report = many_receipts(cap + 50, true, failing);
    assert_eq!(
        (report.checks.len() as u64, report.counts.omitted),
        (3 * (cap + 50), 0)
    );
}

#[test]
fn a_failure_beyond_the_cap_of_skips_is_listed_and_decides() {
    let report = report(|transcript| {
        for number in 0..=budget::LISTED_CHECKS * 2 {
            let mut subject = transcript.subject("receipt", number);
            let finding = if number == budget::LISTED_CHECKS * 2 {
                fail()
            } else {
                skip()
            };
            transcript.record(&mut subject, &HASH, finding);
            transcript.pass(&mut subject, &SIGNATURE);
            transcript.close(subject);
        }
    });
    assert_eq!(report.verdict, Verdict::Invalid);
    assert_eq!(report.checks[0].status, Status::Fail);
}

#[test]
fn failures_come_first_then_skips_notes_and_passes() {
    let report = receipt(vec![
        (&ANCHOR, note()),
        (&HASH, pass()),
        (&SIGNATURE, fail()),
    ]);
    let order: Vec<_> = report.checks.iter().map(|check| check.status).collect();
    assert_eq!(order, [Status::Fail, Status::Note, Status::Pass]);
}

#[test]
fn long_texts_from_the_evidence_are_cut_off_and_counted() {
    let long = "\u{e9}".repeat(budget::QUOTED_BYTES);
    let mut transcript = Transcript::new(plan(), false);
    let mut subject = transcript.subject("receipt", &long);
    transcript.record(
        &mut subject,
        &HASH,
        Finding::fail(long.clone())
            .expected(long.clone())
            .actual(long.clone()),
    );
    transcript.close(subject);
    let mut examination = examination(transcript);
    examination.facts.push(Fact {
        label: Cow::Borrowed("Model"),
        value: long.clone(),
        pointer: "/a".to_owned(),
        signed: false,
    });
    let report = Report::derive(ArtifactFacts::default(), None, examination);
    let check = &report.checks[0];
    for text in [
        check.detail.as_ref(),
        check.expected.as_deref().unwrap(),
        check.actual.as_deref().unwrap(),
        &report.facts[0].value,
    ] {
        assert!(text.len() < budget::QUOTED_BYTES + 40);
        assert!(
            text.ends_with(&format!("({} bytes more)", budget::QUOTED_BYTES)),
            "{}",
            &text[text.len() - 30..]
        );
    }
    assert!(check.subject.len() < budget::QUOTED_BYTES + 40);
    assert!(report.to_json().len() < 8 * budget::QUOTED_BYTES);
}

#[test]
fn a_valid_summary_says_whose_key_it_rests_on() {
    for (pinned, words) in [
        (None, "Nobody has told this verifier whose key that is"),
        (Some(true), "a key that you pinned"),
        (Some(false), "other than the ones you pinned"),
    ] {
        let mut transcript = Transcript::new(plan(), false);
        let mut subject = transcript.subject("receipt", 1);
        transcript.pass(&mut subject, &HASH);
        transcript.pass(&mut subject, &SIGNATURE);
        transcript.close(subject);
        let mut examination = examination(transcript);
        examination.signers.push(Signer {
            role: Cow::Borrowed("operator"),
            algorithm: Cow::Borrowed("Ed25519"),
            public_key: String::new(),
            fingerprint: String::new(),
            pinned,
        });
        let report = Report::derive(ArtifactFacts::default(), Some("example"), examination);
        assert!(report.summary.contains(words), "{}", report.summary);
    }
}

#[test]
fn a_report_has_the_members_of_its_schema_and_null_where_there_is_nothing() {
    let report = receipt(vec![(&HASH, pass()), (&SIGNATURE, pass())]);
    let value: serde_json::Value = serde_json::from_str(&report.to_json()).unwrap();
    let members: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect::<HashSet<_>>()
        .into_iter()
        .collect();
    let expected = [
        "schema", "verifier", "artifact", "verdict", "reason", "summary", "signers", "counts",
        "checks", "facts", "limits", "peer",
    ];
    assert_eq!(
        members.iter().map(String::as_str).collect::<HashSet<_>>(),
        HashSet::from(expected)
    );
    assert_eq!(value["schema"], "assay-report/1");
    assert_eq!(
        value["verifier"],
        json!({"name": "assay", "version": env!("CARGO_PKG_VERSION")})
    );
    assert_eq!(
        value["artifact"],
        json!({"name": "", "bytes": 0, "sha256": "", "system": "example", "kind": "receipts", "dialect": null})
    );
    assert_eq!(
        (&value["verdict"], &value["reason"], &value["peer"]),
        (&json!("valid"), &json!(null), &json!(null))
    );
    assert_eq!(
        value["counts"],
        json!({"subjects": 1, "passed": 2, "failed": 0, "skipped": 0, "noted": 0, "omitted": 0})
    );
    assert_eq!(serde_json::from_value::<Report>(value).unwrap(), report);
}

#[test]
fn a_report_is_one_line() {
    let report = receipt(vec![(&HASH, Finding::fail("one\ntwo"))]);
    assert!(!report.to_json().contains('\n'));
}

#[test]
fn a_refusal_has_the_same_envelope() {
    let facts = ArtifactFacts {
        name: "a.json".to_owned(),
        bytes: 3,
        sha256: "00".to_owned(),
        ..ArtifactFacts::default()
    };
    let refusal = Refusal::new(RefusalCode::MalformedJson, "The text is broken.")
        .at("line 1, column 2")
        .of(facts);
    assert_eq!(
        refusal.to_string(),
        "The text is broken. (line 1, column 2)"
    );
    let value: serde_json::Value = serde_json::from_str(&refusal.into_report().to_json()).unwrap();
    assert_eq!(
        (&value["verdict"], &value["reason"]),
        (&json!("refused"), &json!(null))
    );
    assert_eq!(
        value["refusal"],
        json!({"code": "MALFORMED_JSON", "message": "The text is broken.", "where": "line 1, column 2"})
    );
    assert_eq!(
        value["artifact"],
        json!({"name": "a.json", "bytes": 3, "sha256": "00", "system": null, "kind": null, "dialect": null})
    );
    assert_eq!(
        (&value["checks"], &value["signers"]),
        (&json!([]), &json!([]))
    );
    assert!(
        value["summary"]
            .as_str()
            .unwrap()
            .contains("The text is broken.")
    );
}

#[test]
fn a_refused_file_is_named_with_its_size_and_digest() {
    let input = Input {
        name: "empty.json",
        bytes: b"",
    };
    let report = verify(input, &Options::default())
        .unwrap_err()
        .into_report();
    assert_eq!(
        (report.artifact.name.as_str(), report.artifact.bytes),
        ("empty.json", 0)
    );
    assert_eq!(
        report.artifact.sha256,
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
}

#[test]
fn every_code_is_unique_and_serialises_as_itself() {
    let reasons = Reason::ALL.iter().map(|reason| {
        (
            reason.code(),
            serde_json::to_value(reason).unwrap(),
            reason.meaning(),
        )
    });
    let refusals = RefusalCode::ALL.iter().map(|code| {
        (
            code.code(),
            serde_json::to_value(code).unwrap(),
            code.meaning(),
        )
    });
    let mut seen = HashSet::new();
    for (code, serialised, meaning) in reasons.chain(refusals) {
        assert!(seen.insert(code), "{code} stands twice");
        assert_eq!(serialised, code);
        assert!(
            code.chars().all(|c| c.is_ascii_uppercase() || c == '_'),
            "{code}"
        );
        assert!(
            meaning.ends_with('.') && !meaning.contains("\n"),
            "{meaning}"
        );
    }
}

#[test]
fn verdicts_are_spelt_as_in_the_schema() {
    for verdict in [
        Verdict::Valid,
        Verdict::Invalid,
        Verdict::Indeterminate,
        Verdict::Refused,
    ] {
        assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.word());
    }
}
