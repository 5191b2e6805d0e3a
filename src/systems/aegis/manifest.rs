//! A capability manifest: its rules, and the files that it vouches for.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::capability::{at, broken_rule, departure, facts, text};
use super::checks::{
    self, COSIGN, FILE, FILE_HASH, FILES, INTEGRITY, MANIFEST_FORM, MANIFEST_RULES, TREE_HASH,
    UNLISTED,
};
use super::recognise::{MANIFEST, manifest_path, only_folder};
use super::tree::{self, Hashed, Order};
use crate::input::{self, Artifact, Files, Form, Reader, is_left_by_system};
use crate::json::{self, Document, Value};
use crate::options::{Content, Options};
use crate::report::{Ask, AskKind, Examination, Fact, Finding, Peer, Reason, Subject, Transcript};

/// The name under which the files are handed over.
const FILES_NAME: &str = "files";

/// Examines a manifest, alone or in the folder or archive of its files.
pub(super) fn examine(artifact: &Artifact<'_>, options: &Options<'_>) -> Examination {
    let mut examiner = Examiner {
        options,
        transcript: Transcript::new(checks::manifest(), options.full),
        facts: Vec::new(),
        valid: true,
        error: None,
        needs_files: true,
        supplied: false,
    };
    let mut subject = examiner.transcript.artifact();
    match &artifact.form {
        Form::Json(document) => examiner.alone(document, "", &mut subject),
        Form::Zip(files) => examiner.within(files, false, &mut subject),
        Form::Folder(files) => examiner.within(files, true, &mut subject),
        Form::Records(_) | Form::Tar(_) => {}
    }
    examiner.transcript.close(subject);
    examiner.conclude()
}

struct Examiner<'o> {
    options: &'o Options<'o>,
    transcript: Transcript,
    facts: Vec<Fact>,
    /// What the vendor's own verifier says.
    valid: bool,
    error: Option<String>,
    needs_files: bool,
    supplied: bool,
}

/// The files that were handed over, hashed, in the order of their paths.
struct Folder {
    hashed: Vec<Hashed>,
    /// Whether links may have been left out: some of a folder are, and an archive of them is refused.
    may_hold_links: bool,
}

impl Folder {
    fn find(&self, path: &str) -> Option<&Hashed> {
        let found = self
            .hashed
            .binary_search_by(|hashed| hashed.path.as_str().cmp(path));
        self.hashed.get(found.ok()?)
    }
}

/// The listed paths as they resolve within the folder.
fn resolved(listed: &BTreeMap<&str, &str>) -> BTreeSet<String> {
    listed
        .keys()
        .filter_map(|path| tree::resolve(path))
        .collect()
}

impl Examiner<'_> {
    fn record(
        &mut self,
        subject: &mut Subject,
        spec: &'static crate::report::CheckSpec,
        finding: Finding,
    ) {
        self.transcript.record(subject, spec, finding);
    }

    /// The manifest by itself; its files may come beside it.
    fn alone(&mut self, document: &Document<'_>, entry: &str, subject: &mut Subject) {
        let options = self.options;
        let companion = options.companions(FILES_NAME).next();
        self.supplied = companion.is_some();
        let archive;
        let folder = match companion.map(|companion| &companion.content) {
            None => None,
            Some(Content::Folder(files)) => Some(Ok(self.hash(files, document, true))),
            Some(Content::File(bytes)) => {
                archive = input::open("", bytes);
                Some(match &archive {
                    Ok(Artifact { form: Form::Zip(files), .. }) => Ok(self.hash(files, document, false)),
                    Ok(_) => Err("What was supplied as the manifest's files is neither a folder nor a ZIP archive.".to_owned()),
                    Err(error) => Err(format!("What was supplied as the manifest's files cannot be opened: {error}")),
                })
            }
        };
        self.check(document, entry, folder, subject);
    }

    /// The manifest among its files.
    fn within(&mut self, files: &Files<'_>, may_hold_links: bool, subject: &mut Subject) {
        self.needs_files = false;
        let Some(path) = manifest_path(files) else {
            return;
        };
        let mut reader = Reader::new();
        let read = files.get(path).map(|entry| reader.read(entry));
        let bytes = match read {
            Some(Ok(bytes)) => bytes,
            Some(Err(error)) => {
                let finding = Finding::fail(format!("The manifest cannot be read: {error}"));
                return self.record(subject, &MANIFEST_FORM, finding);
            }
            None => return,
        };
        match json::parse(bytes) {
            Ok(document) => {
                let folder = path.strip_suffix(MANIFEST).unwrap_or_default();
                let progress =
                    |done, total| self.options.report_progress(clamp(done), clamp(total));
                let hashed = tree::hashes(files, folder, Some(path), &progress);
                self.check(
                    &document,
                    &format!("{path}#"),
                    Some(Ok(Folder {
                        hashed,
                        may_hold_links,
                    })),
                    subject,
                );
            }
            Err(error) => {
                let finding = Finding::fail(format!("The manifest cannot be read: {error}"));
                self.record(subject, &MANIFEST_FORM, finding);
            }
        }
    }

    /// The hashes of files that came beside the manifest: of those beside their own copy of it, or of the one folder that holds
    /// everything, if the listed files are there.
    fn hash(&self, files: &Files<'_>, document: &Document<'_>, may_hold_links: bool) -> Folder {
        let own = manifest_path(files);
        let listed = listed(&document.root);
        let at_root = listed
            .keys()
            .any(|path| tree::resolve(path).is_some_and(|path| files.get(&path).is_some()));
        let folder = match own {
            Some(own) => own.strip_suffix(MANIFEST).unwrap_or_default(),
            None if at_root => "",
            None => only_folder(files).unwrap_or_default(),
        };
        let progress = |done, total| self.options.report_progress(clamp(done), clamp(total));
        Folder {
            hashed: tree::hashes(files, folder, own, &progress),
            may_hold_links,
        }
    }

    fn check(
        &mut self,
        document: &Document<'_>,
        entry: &str,
        folder: Option<Result<Folder, String>>,
        subject: &mut Subject,
    ) {
        let root = &document.root;
        match departure(document) {
            None => self.record(subject, &MANIFEST_FORM, Finding::pass("")),
            Some(departure) => {
                let reads_over = match departure.accepted {
                    true => " Aegis's own reader reads over it.",
                    false => "",
                };
                let finding = Finding::fail(format!("{}{reads_over}", departure.sentence));
                self.record(subject, &MANIFEST_FORM, finding);
                if !departure.accepted {
                    self.refuse(None);
                    return;
                }
            }
        }
        self.facts = facts(root, entry);
        match broken_rule(root) {
            None => self.record(subject, &MANIFEST_RULES, Finding::pass("")),
            Some(error) => {
                let finding = Finding::fail(format!(
                    "Aegis refuses this manifest, in its own words: \"{error}\"."
                ));
                self.record(subject, &MANIFEST_RULES, finding);
                self.refuse(Some(error));
            }
        }
        self.cosign(root, subject);
        let (listed, tree) = (listed(root), text(root, "integrity.tree_sha256"));
        if listed.is_empty() && tree.is_empty() {
            let finding = Finding::skip(
                Reason::SignedDataNotFound,
                "The manifest has no hashes of its files, so there is nothing to hold them against. Aegis accepts that outside its production mode.",
            );
            return self.record(subject, &INTEGRITY, finding);
        }
        self.record(subject, &INTEGRITY, Finding::pass(""));
        match folder {
            Some(Ok(folder)) => {
                self.record(
                    subject,
                    &FILES,
                    Finding::pass(format!("{} files were handed over.", folder.hashed.len())),
                );
                self.files(&listed, &folder);
                self.tree(&listed, tree, &folder, subject);
                self.unlisted(&listed, &folder, subject);
            }
            Some(Err(sentence)) => self.without(&listed, tree, sentence, subject),
            None => self.without(
                &listed,
                tree,
                "The files themselves were not handed over, so their hashes could not be compared."
                    .to_owned(),
                subject,
            ),
        }
    }

    /// The vendor's verifier refuses the manifest, in these words, where they are known.
    fn refuse(&mut self, error: Option<String>) {
        if self.valid {
            self.error = error;
        }
        self.valid = false;
    }

    /// Without the files, the tree hash can still be that of the listed hashes.
    fn without(
        &mut self,
        listed: &BTreeMap<&str, &str>,
        tree: &str,
        sentence: String,
        subject: &mut Subject,
    ) {
        self.record(
            subject,
            &FILES,
            Finding::skip(Reason::InputNeeded, sentence.clone()),
        );
        if tree.is_empty() {
            return;
        }
        let lines = || listed.iter().map(|(path, hash)| (*path, *hash));
        let matches = [Order::Walk, Order::Lines]
            .iter()
            .any(|order| tree::tree_hash(lines(), order) == tree);
        let finding = match matches && !listed.is_empty() {
            true => Finding::pass("It is the one over the hashes that the manifest lists."),
            false => Finding::skip(
                Reason::InputNeeded,
                "It is not the one over the hashes that the manifest lists; whether it is the one over all files of the folder takes the folder.",
            ),
        };
        self.record(subject, &TREE_HASH, finding);
    }

    fn files(&mut self, listed: &BTreeMap<&str, &str>, folder: &Folder) {
        for (path, recorded) in listed {
            let mut subject = self.transcript.subject(FILE, path);
            let found =
                tree::resolve(path).map(|path| folder.find(&path).map(|hashed| &hashed.hash));
            let finding = match found {
                None => Finding::fail(format!(
                    "The path {path} leads out of the folder, so that its file cannot be looked at."
                ))
                .because(Reason::FormatFailure),
                Some(None) if tree::resolve(path).as_deref() == Some(MANIFEST) => Finding::fail(
                    "The manifest lists itself. Nothing can hold its own hash, and Aegis's own verifier compares it.",
                ),
                Some(None) => Finding::fail(format!(
                    "The file {path} is not there{}",
                    match folder.may_hold_links {
                        true => ", or it is or lies behind a link that was not followed.",
                        false => ".",
                    }
                ))
                .because(Reason::InventoryMismatch),
                Some(Some(Err(error))) => {
                    Finding::fail(format!("The file {path} cannot be read: {error}"))
                }
                Some(Some(Ok(computed))) if computed == recorded => Finding::pass(""),
                Some(Some(Ok(computed))) => {
                    let case = match computed.eq_ignore_ascii_case(recorded) {
                        true => {
                            " It differs in upper and lower case alone, which Aegis does not let pass."
                        }
                        false => "",
                    };
                    Finding::fail(format!(
                        "The hash of the file {path} is not the one in the manifest.{case}"
                    ))
                    .expected(*recorded)
                    .actual(computed.clone())
                }
            };
            if finding.status() != crate::report::Status::Pass {
                self.refuse(None);
            }
            self.record(&mut subject, &FILE_HASH, finding);
            self.transcript.close(subject);
        }
    }

    /// The vendor computes a tree hash and never compares it. Its code walks all files; its manual sorts the lines of those listed.
    fn tree(
        &mut self,
        listed: &BTreeMap<&str, &str>,
        tree: &str,
        folder: &Folder,
        subject: &mut Subject,
    ) {
        if tree.is_empty() {
            return;
        }
        let all = || {
            folder
                .hashed
                .iter()
                .filter_map(|hashed| Some((hashed.path.as_str(), hashed.hash.as_deref().ok()?)))
        };
        let evidence = || all().filter(|(path, _)| !is_left_by_system(path));
        let resolved = resolved(listed);
        let of_listed = || all().filter(|(path, _)| resolved.contains(*path));
        let rest = match folder
            .hashed
            .iter()
            .all(|hashed| resolved.contains(&hashed.path))
        {
            true => "",
            false => " The files that it does not list are not covered.",
        };
        let walked = tree::tree_hash(all(), &Order::Walk);
        let finding = if walked == tree {
            Finding::pass(
                "It covers every file of the folder but the manifest, in the order in which Aegis's code walks them.",
            )
        } else if tree::tree_hash(of_listed(), &Order::Lines) == tree {
            Finding::pass(format!(
                "It covers the files that the manifest lists, in the order of its manual.{rest}"
            ))
        } else if tree::tree_hash(of_listed(), &Order::Walk) == tree {
            Finding::pass(format!(
                "It covers the files that the manifest lists, in the order in which Aegis's code walks them.{rest}"
            ))
        } else if tree::tree_hash(all(), &Order::Lines) == tree {
            Finding::pass(
                "It covers every file of the folder but the manifest, in the order of its manual.",
            )
        } else if [Order::Walk, Order::Lines]
            .iter()
            .any(|order| tree::tree_hash(evidence(), order) == tree)
        {
            Finding::pass(
                "It covers every file of the folder but the manifest and what operating systems leave behind.",
            )
        } else {
            let lower = tree.to_ascii_lowercase();
            let differs = [Order::Walk, Order::Lines].iter().all(|order| {
                tree::tree_hash(all(), order) != lower
                    && tree::tree_hash(of_listed(), order) != lower
            });
            let case = match differs {
                true => "",
                false => " It differs in upper and lower case alone; Aegis writes lower case.",
            };
            Finding::fail(format!("The tree hash in the manifest is neither that of every file of the folder nor that of the files listed, in the order of Aegis's code or of its manual.{case} Aegis's own verifier does not compare it."))
                .expected(tree)
                .actual(walked)
        };
        self.record(subject, &TREE_HASH, finding);
    }

    fn unlisted(&mut self, listed: &BTreeMap<&str, &str>, folder: &Folder, subject: &mut Subject) {
        /// Files that are named; more are counted.
        const NAMED: usize = 8;
        let resolved = resolved(listed);
        let unlisted: Vec<&str> = folder
            .hashed
            .iter()
            .map(|hashed| hashed.path.as_str())
            .filter(|path| !resolved.contains(*path))
            .collect();
        let named: Vec<&str> = unlisted.iter().take(NAMED).copied().collect();
        let more = match unlisted.len().saturating_sub(NAMED) {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let finding = match unlisted.is_empty() {
            true => Finding::pass(""),
            false => Finding::note(format!(
                "The folder holds files that the manifest does not list: {}{more}. Aegis does not look at them.",
                named.join(", ")
            )),
        };
        self.record(subject, &UNLISTED, finding);
    }

    fn cosign(&mut self, root: &Value<'_>, subject: &mut Subject) {
        let finding = match text(root, "integrity.signature") {
            "" => Finding::note(
                "The manifest names no signature. Aegis accepts that outside its production mode.",
            ),
            _ => Finding::skip(
                Reason::Unsupported,
                "The manifest names a Cosign signature, which is not in it. Aegis looks whether there is a name and verifies nothing, and it could not be verified here either.",
            ),
        };
        self.record(subject, &COSIGN, finding);
    }

    fn conclude(self) -> Examination {
        let mut peer = Peer::new();
        peer.insert("system".to_owned(), "aegis".into());
        peer.insert("valid".to_owned(), self.valid.into());
        if !self.valid {
            peer.insert("error".to_owned(), self.error.into());
        }
        let ask = Ask {
            name: Cow::Borrowed(FILES_NAME),
            kind: AskKind::File,
            label: Cow::Borrowed("Files of the skill"),
            why: Cow::Borrowed(
                "The manifest has their hashes; with the folder or a ZIP archive of it they can be compared.",
            ),
            supplied: self.supplied,
        };
        Examination {
            kind: "capability-manifest",
            noun: Cow::Borrowed("Aegis capability manifest"),
            dialect: None,
            transcript: self.transcript,
            signers: Vec::new(),
            signed_part: None,
            facts: self.facts,
            limits: vec![
                Cow::Borrowed(
                    "A manifest says what a skill may do. It does not prove what it did, nor that anybody held it to that.",
                ),
                Cow::Borrowed(
                    "Nothing covers the manifest itself: whoever can write it can write other permissions and other hashes.",
                ),
            ],
            asks: if self.needs_files {
                vec![ask]
            } else {
                Vec::new()
            },
            disclosed: Vec::new(),
            peer: Some(peer),
        }
    }
}

fn clamp(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}

/// The listed files by their paths.
fn listed<'v>(root: &'v Value<'_>) -> BTreeMap<&'v str, &'v str> {
    let files = at(root, "integrity.files").and_then(Value::as_object);
    let members = files
        .map(|files| files.members.as_slice())
        .unwrap_or_default();
    let pair = |member: &'v json::Member<'_>| {
        (
            member.key.as_ref(),
            member.value.as_str().unwrap_or_default(),
        )
    };
    members.iter().map(pair).collect()
}
