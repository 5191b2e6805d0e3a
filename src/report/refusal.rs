//! Refusals: there was nothing to judge.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{ArtifactFacts, Counts, RefusalCode, Report, SCHEMA, Verdict, Verifier};
use crate::input::{ArchiveError, ArchiveProblem, Error};
use crate::json;

/// Why there was nothing to judge, as it stands in a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusalFacts {
    /// The stable code.
    pub code: RefusalCode,
    /// The reason in one plain sentence.
    pub message: String,
    /// The place: a line and column, an entry of an archive, a byte offset; null for the whole file.
    #[serde(rename = "where")]
    pub place: Option<String>,
}

/// There was nothing to judge: the file is unreadable, unknown or over a limit.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", self.sentence())]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// The reason in one plain sentence.
    pub message: String,
    /// The place within the file, where there is one.
    pub place: Option<String>,
    artifact: Box<ArtifactFacts>,
}

impl Refusal {
    /// A refusal for `code`; `message` is a plain sentence.
    pub fn new(code: RefusalCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
            artifact: Box::default(),
        }
    }

    /// The part of the verifier that this kind of evidence calls for was left out of this build.
    pub fn part_needed() -> Self {
        Self::new(RefusalCode::PartNeeded, RefusalCode::PartNeeded.meaning())
    }

    /// Names the place within the file.
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some(place.into());
        self
    }

    /// Names the file that was refused.
    pub fn of(mut self, artifact: ArtifactFacts) -> Self {
        *self.artifact = artifact;
        self
    }

    fn sentence(&self) -> String {
        match &self.place {
            Some(place) => format!("{} ({place})", self.message),
            None => self.message.clone(),
        }
    }

    /// The refusal in a report's envelope, with the verdict `refused`.
    pub fn into_report(self) -> Report {
        Report {
            schema: Cow::Borrowed(SCHEMA),
            verifier: Verifier::this(),
            verdict: Verdict::Refused,
            reason: None,
            summary: format!("Nothing was judged: {}", self.sentence()),
            signers: Vec::new(),
            signed_part: None,
            counts: Counts::default(),
            checks: Vec::new(),
            facts: Vec::new(),
            limits: Vec::new(),
            peer: None,
            asks: Vec::new(),
            disclosed: Vec::new(),
            refusal: Some(RefusalFacts {
                code: self.code,
                message: self.message,
                place: self.place,
            }),
            artifact: *self.artifact,
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let code = match &error {
            Error::Empty => RefusalCode::Empty,
            Error::TooLarge(_) => RefusalCode::OverLimit,
            Error::UnknownFormat(_) => RefusalCode::UnknownFormat,
            Error::Json(error) => return error.clone().into(),
            Error::Archive(error) => return error.clone().into(),
        };
        Refusal::new(code, error.to_string())
    }
}

impl From<json::Error> for Refusal {
    fn from(error: json::Error) -> Self {
        let code = match error.kind {
            json::ErrorKind::Empty => RefusalCode::Empty,
            json::ErrorKind::TooDeep
            | json::ErrorKind::NumberTooLong(_)
            | json::ErrorKind::TooManyValues => RefusalCode::OverLimit,
            _ => RefusalCode::MalformedJson,
        };
        Refusal::new(code, error.kind.to_string()).at(error.place.to_string())
    }
}

impl From<ArchiveError> for Refusal {
    fn from(error: ArchiveError) -> Self {
        let code = match error.problem {
            ArchiveProblem::Damaged(_) => RefusalCode::DamagedArchive,
            ArchiveProblem::DuplicateName
            | ArchiveProblem::TwoReadings(_)
            | ArchiveProblem::UnsafeName
            | ArchiveProblem::NotAFile => RefusalCode::UnsafeArchive,
            ArchiveProblem::Encrypted => RefusalCode::EncryptedArchive,
            ArchiveProblem::Unsupported(_) => RefusalCode::UnsupportedArchive,
            ArchiveProblem::OverLimit(_) => RefusalCode::OverLimit,
        };
        let refusal = Refusal::new(code, error.problem.to_string());
        match error.entry {
            Some(entry) => refusal.at(entry),
            None => refusal,
        }
    }
}
