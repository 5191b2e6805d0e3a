//! HESO: action receipts v2 at L0 and single-approver L1, session chains, and evidence bundles.
//!
//! The standard is public: heso-inc/heso-spec, `modules/*.md`. Where its text and the vendor's core
//! (heso 0.5.1) differ, the stricter holds, except as docs/heso.md says.

mod anchor;
mod checks;
mod facts;
mod file;
mod form;
mod outcome;
mod peer;
mod pins;
mod receipt;
mod redaction;
mod session;
mod shape;
mod wire;

use self::checks::{BUNDLE_KEY, BUNDLE_MEMBERS};
use self::file::{File, Findings};
use super::{Recognition, System};
use crate::bytes::{from_base64, to_hex};
use crate::input::{Artifact, Form, tar};
use crate::json::{self, Layout, Records, Value};
use crate::options::Options;
use crate::report::{Examination, Finding, Reason, Refusal, RefusalCode};

/// HESO.
pub struct Heso;

/// The bundle's entry that holds the evidence.
const RECEIPTS: &str = "receipts.jsonl";
/// The bundle's entry that holds a key; it travels with the evidence and is no pin.
const PUBLIC_KEY: &str = "public_key";
/// The bundle's entries that speak to people and shells, and say nothing of the receipts.
const INSTRUCTIONS: [&str; 2] = ["README.txt", "VERIFY.sh"];

/// Records that are looked at to recognise a file.
const SAMPLED: usize = 8;

impl System for Heso {
    fn name(&self) -> &'static str {
        "heso"
    }

    fn recognise(&self, artifact: &Artifact<'_>, _: &Options<'_>) -> Recognition {
        match &artifact.form {
            Form::Json(document) => receipt_like(&document.root),
            Form::Records(records) => recognise_records(records),
            Form::Tar(archive) => match archive.get(RECEIPTS).is_some() {
                true => Recognition::Mine,
                false if archive.get(PUBLIC_KEY).is_some() => Recognition::Broken,
                false => Recognition::No,
            },
            Form::Zip(_) | Form::Folder(_) => Recognition::No,
        }
    }

    fn examine(
        &self,
        artifact: &Artifact<'_>,
        options: &Options<'_>,
    ) -> Result<Examination, Refusal> {
        let file = |entry| File::new(options, entry);
        let findings = match &artifact.form {
            Form::Json(document) => file("").one(document),
            Form::Records(records) => file("").many(records),
            Form::Tar(archive) => return bundle(archive, options),
            Form::Zip(_) | Form::Folder(_) => {
                return Err(Refusal::new(
                    RefusalCode::UnknownSystem,
                    "HESO's evidence does not come as a ZIP archive or a folder.",
                ));
            }
        };
        Ok(findings.conclude())
    }
}

/// How much a value looks like a receipt: by its tag, or by the three members of the envelope.
fn receipt_like(value: &Value<'_>) -> Recognition {
    let has = |member| value.get(member).is_some();
    let tag = value.get("alg").and_then(Value::as_str).unwrap_or_default();
    if tag.starts_with("heso-action/") {
        return Recognition::Mine;
    }
    if tag.starts_with("heso-") && !has("signatures") {
        return Recognition::No;
    }
    match (has("alg"), has("content"), has("signatures")) {
        (true, true, true) => Recognition::Mine,
        (true, true, false) | (true, false, true) | (false, true, true) => Recognition::Broken,
        _ => Recognition::No,
    }
}

fn recognise_records(records: &Records<'_>) -> Recognition {
    let mut sample = records.iter().take(SAMPLED).peekable();
    if sample.peek().is_none() && records.layout() == Layout::Array {
        return Recognition::Broken;
    }
    let mut best = Recognition::No;
    for record in sample {
        let found = match &record.document {
            Ok(document) => receipt_like(&document.root),
            Err(_) if records.text().contains("\"heso-action/v") => Recognition::Broken,
            Err(_) => Recognition::No,
        };
        match found {
            Recognition::Mine => return Recognition::Mine,
            Recognition::Broken => best = Recognition::Broken,
            Recognition::No => {}
        }
    }
    best
}

/// An evidence bundle: its receipts as a file of their own, and what lies beside them.
fn bundle(archive: &tar::Archive<'_>, options: &Options<'_>) -> Result<Examination, Refusal> {
    let receipts = archive.get(RECEIPTS).ok_or_else(|| {
        Refusal::new(
            RefusalCode::UnknownSystem,
            "The archive has no receipts.jsonl, so there is no evidence to judge.",
        )
    })?;
    let text = json::text(receipts).map_err(|error| {
        Refusal::new(RefusalCode::MalformedJson, error.kind.to_string())
            .at(format!("{RECEIPTS}, {}", error.place))
    })?;
    let mut findings =
        File::new(options, "receipts.jsonl#").many(&Records::new(text, Layout::Lines));
    findings.kind = "evidence-bundle";
    findings.noun = "HESO evidence bundle";
    if let Some(key) = archive.get(PUBLIC_KEY) {
        let finding = bundled_key(key, &findings);
        findings.record(&BUNDLE_KEY, finding);
    }
    let others: Vec<&str> = archive
        .entries()
        .iter()
        .map(|entry| entry.name.as_str())
        .filter(|name| *name != RECEIPTS && *name != PUBLIC_KEY && !INSTRUCTIONS.contains(name))
        .collect();
    let finding = match others.is_empty() {
        true => Finding::pass(""),
        false => Finding::skip(
            Reason::Unsupported,
            format!(
                "This version does not examine these files of the bundle: {}.",
                others.join(", ")
            ),
        ),
    };
    findings.record(&BUNDLE_MEMBERS, finding);
    Ok(findings.conclude())
}

/// The key in the bundle says nothing of trust; that it is another than the signers' is worth knowing.
fn bundled_key(text: &[u8], findings: &Findings) -> Finding {
    let key = std::str::from_utf8(text)
        .ok()
        .and_then(|text| from_base64(text.trim_ascii()).ok());
    let operators = findings.operators.all();
    match key {
        Some(key)
            if !operators.is_empty() && operators.iter().all(|operator| *operator == *key) =>
        {
            Finding::pass("It came with the evidence, so it does not say who signed.")
        }
        Some(key) => {
            Finding::note("The key in the bundle is not the one that signed its receipts.")
                .actual(to_hex(&key))
        }
        None => Finding::note("The key in the bundle cannot be read."),
    }
}
