//! Everything that a file holds, and what others that came with it hold, sorted by kind.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::decision::{Approval, Decision};
use super::event::Event;
use super::kind::{self, Kind};
use crate::canon::{self, Python};
use crate::input::{self, Artifact, Form};
use crate::json::{Document, Kind as Json, Layout, Value};
use crate::options::{Content, Options};

/// Levels of members and lists that are searched for evidence.
const DEPTH: usize = 5;

/// Members that only a bundle has beside its evidence; one without `bundle_hash` has lost it.
const BUNDLE_MARKS: [&str; 2] = ["exported_at", "summary"];

/// Members of a page that say nothing of what happened.
const PAGE_MEMBERS: [&str; 18] = [
    "total",
    "count",
    "limit",
    "offset",
    "page",
    "per_page",
    "has_more",
    "next",
    "next_cursor",
    "next_token",
    "next_sequence",
    "from_sequence",
    "tenant_id",
    "session_id",
    "events",
    "data",
    "decisions",
    "approvals",
];

/// What a value that holds evidence may say of all of it.
pub(super) const HOLDERS: [&str; 2] = ["session_id", "tenant_id"];

/// What leads from an event to a member of its metadata.
const METADATA: &str = "/metadata/";

/// The companions that are looked into.
pub(super) const COMPANIONS: [&str; 3] = ["decisions", "events", "approvals"];

/// One value of a file: the whole of it, or one of its records.
pub(super) struct Sheet<'a> {
    document: Cow<'a, Document<'a>>,
    /// Where it stands in the file: an RFC 6901 pointer.
    pointer: String,
    /// The line on which it begins, of lines of JSON.
    line: Option<usize>,
    /// Whether it is one of many records.
    listed: bool,
    origin: Origin,
    /// Which of the companions it comes from.
    companion: Option<usize>,
}

/// A file that a person handed over as belonging to the one that is verified.
pub(super) struct Supplied<'a> {
    /// What for: one of [`COMPANIONS`].
    pub part: &'static str,
    pub file_name: &'a str,
    /// Why it cannot be used, or not all of it.
    pub fault: Option<String>,
}

/// Which file something comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Origin {
    /// The file that is verified.
    Own,
    /// One that was handed over as belonging to it.
    Companion,
    /// One that happened to come at the same time.
    Beside,
}

/// The values of all the files, and what cannot be read.
pub(super) struct Sheets<'a> {
    pub sheets: Vec<Sheet<'a>>,
    /// What is wrong with records of the file that is verified, with their places: text that is not JSON, or that two readers
    /// could read differently.
    pub unreadable: Vec<String>,
    /// The companions.
    pub supplied: Vec<Supplied<'a>>,
}

impl<'a> Sheets<'a> {
    /// Reads the file, its companions and those that came with it.
    pub fn read(artifact: &'a Artifact<'_>, options: &'a Options<'_>) -> Self {
        let mut read = Self {
            sheets: Vec::new(),
            unreadable: Vec::new(),
            supplied: Vec::new(),
        };
        read.add(&artifact.form, Origin::Own);
        let own = read
            .sheets
            .iter()
            .map(|sheet| sheet.document.defect_sentence());
        read.unreadable.extend(own.flatten());
        for part in COMPANIONS {
            for companion in options.companions(part) {
                let opened = match companion.content {
                    Content::File(bytes) => input::open(&companion.file_name, bytes).ok(),
                    Content::Folder(_) => None,
                };
                let fault = match opened {
                    Some(opened) => read.add_companion(&opened.form),
                    None => Some("it cannot be read".to_owned()),
                };
                read.supplied.push(Supplied {
                    part,
                    file_name: &companion.file_name,
                    fault,
                });
            }
        }
        for beside in options.beside {
            read.add(&beside.form, Origin::Beside);
        }
        read
    }

    fn add(&mut self, form: &'a Form<'_>, origin: Origin) {
        match form {
            Form::Json(document) => self.sheets.push(Sheet {
                document: Cow::Borrowed(document),
                pointer: String::new(),
                line: None,
                listed: false,
                origin,
                companion: None,
            }),
            _ => {
                let unreadable = self.add_records(form, origin);
                if origin == Origin::Own {
                    self.unreadable.extend(unreadable);
                }
            }
        }
    }

    /// As [`Sheets::add`], of the next companion, which is opened here; says what is wrong with it first.
    fn add_companion(&mut self, form: &Form<'a>) -> Option<String> {
        let first = self.sheets.len();
        let mut faults = match form {
            Form::Json(document) => {
                self.sheets.push(Sheet {
                    document: Cow::Owned(document.clone()),
                    pointer: String::new(),
                    line: None,
                    listed: false,
                    origin: Origin::Companion,
                    companion: None,
                });
                Vec::new()
            }
            _ => self.add_records(form, Origin::Companion),
        };
        for sheet in self.sheets.iter_mut().skip(first) {
            sheet.companion = Some(self.supplied.len());
            faults.extend(sheet.document.defect_sentence());
        }
        let fault = faults.into_iter().next()?;
        let fault = fault.trim_end_matches('.');
        Some(format!("not all of it can be used: {fault}"))
    }

    /// Adds the records of a file; gives those that cannot be read.
    fn add_records(&mut self, form: &Form<'a>, origin: Origin) -> Vec<String> {
        let mut unreadable = Vec::new();
        let Form::Records(records) = form else {
            return unreadable;
        };
        for (index, record) in records.iter().enumerate() {
            match record.document {
                Ok(document) => self.sheets.push(Sheet {
                    document: Cow::Owned(document),
                    pointer: format!("/{index}"),
                    line: (records.layout() == Layout::Lines).then_some(record.line),
                    listed: true,
                    origin,
                    companion: None,
                }),
                Err(error) => {
                    unreadable.push(format!("Record {} cannot be read: {error}.", record.number));
                }
            }
        }
        unreadable
    }
}

/// One thing that a file holds.
#[derive(Clone)]
pub(super) struct Item<'d> {
    /// What it says.
    pub value: &'d Value<'d>,
    /// Where it stands in its file: an RFC 6901 pointer.
    pub pointer: String,
    /// The line on which its record begins, where the file has records.
    pub line: Option<usize>,
    /// The file that it comes from.
    pub origin: Origin,
    /// The text that it stands in.
    pub text: &'d str,
}

impl<'d> Item<'d> {
    /// Whether it stands in the file that is verified.
    pub fn is_own(&self) -> bool {
        self.origin == Origin::Own
    }

    /// Whether it stands within that one, in the file that is verified.
    pub fn is_within(&self, outer: &Item<'_>) -> bool {
        let rest = self.pointer.strip_prefix(outer.pointer.as_str());
        self.is_own() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The pointer of the event within whose metadata it stands.
    pub fn event(&self) -> &str {
        self.pointer
            .rsplit_once(METADATA)
            .map_or(self.pointer.as_str(), |(event, _)| event)
    }

    /// The list that it stands in, by the name of the member; empty for the records of the file.
    pub fn list(&self) -> &str {
        let is_number = |name: &&str| name.bytes().all(|byte| byte.is_ascii_digit());
        let mut names = self.pointer.rsplit('/');
        names.find(|name| !is_number(name)).unwrap_or_default()
    }

    /// The member `name` as a text.
    pub fn text(&self, name: &str) -> Option<&'d str> {
        kind::text(self.value, name)
    }

    /// The member `name`.
    pub fn member(&self, name: &str) -> Option<&'d Value<'d>> {
        kind::member(self.value, name)
    }

    /// The place for a sentence.
    pub fn place(&self) -> String {
        match (self.line, self.pointer.as_str()) {
            (Some(line), _) => format!("line {line}"),
            (None, "") => "the whole file".to_owned(),
            (None, pointer) => pointer.to_owned(),
        }
    }
}

/// What the files hold.
#[derive(Default)]
pub(super) struct Evidence<'d> {
    /// Session evidence bundles of the file that is verified.
    pub bundles: Vec<Item<'d>>,
    /// Which bundle stands at a pointer.
    bundle_at: HashMap<String, usize>,
    /// A page of the service, with the number of rows that it says it returns.
    pub page: Option<Item<'d>>,
    pub events: Vec<Event<'d>>,
    pub decisions: Vec<Decision<'d>>,
    /// Decisions that stand within events, in their metadata.
    pub stated: Vec<Decision<'d>>,
    /// What became of holds, as events have it in their metadata.
    pub resolved: Vec<Approval<'d>>,
    pub approvals: Vec<Approval<'d>>,
    /// Receipts by themselves.
    pub receipts: Vec<Item<'d>>,
    /// What stands in a list of evidence and is none.
    pub strangers: Vec<String>,
    /// Members beside the evidence that say something and that nothing covers.
    pub uncovered: Vec<String>,
    /// Members beside the evidence of a bundle, each with the bundle's number.
    pub beside: Vec<(usize, String)>,
    /// Values that hold evidence and say of which session or tenant.
    pub holders: Vec<Item<'d>>,
    /// The companions that hold what they are supplied for.
    pub used: HashSet<usize>,
}

impl<'d> Evidence<'d> {
    /// Sorts what the files hold; nothing is taken from files beside this one that are not Thoth's.
    pub fn of(sheets: &'d Sheets<'_>) -> Self {
        let mut evidence = Self::default();
        for sheet in &sheets.sheets {
            let root = &sheet.document.root;
            if sheet.origin == Origin::Beside && !kind::holds_evidence(root) {
                continue;
            }
            let item = Item {
                value: root,
                pointer: sheet.pointer.clone(),
                line: sheet.line,
                origin: sheet.origin,
                text: sheet.document.text(),
            };
            let place = item.place();
            let part = (sheet.companion).and_then(|number| sheets.supplied.get(number));
            let before = part.map(|supplied| evidence.count(supplied.part));
            let found = evidence.walk(item, sheet.listed, DEPTH);
            if !found && sheet.listed && sheet.origin == Origin::Own {
                evidence.strangers.push(place);
            }
            if part.map(|supplied| evidence.count(supplied.part)) > before {
                evidence.used.extend(sheet.companion);
            }
        }
        evidence.drop_repeated();
        evidence
    }

    /// How much there is of what a companion may be supplied for. A second decision may also tell what became of a hold.
    fn count(&self, part: &str) -> usize {
        let decisions = self.decisions.len().saturating_add(self.stated.len());
        let resolved = self.approvals.len().saturating_add(self.resolved.len());
        match part {
            "events" => self.events.len(),
            "approvals" => resolved.saturating_add(decisions),
            _ => decisions,
        }
    }

    /// The innermost bundle that a record of the file stands in.
    pub fn bundle_of(&self, item: &Item<'_>) -> Option<usize> {
        let mut pointer = item.pointer.as_str();
        loop {
            if let Some(number) = self.bundle_at.get(pointer) {
                return item.is_own().then_some(*number);
            }
            (pointer, _) = pointer.rsplit_once('/')?;
        }
    }

    /// Takes in what the value is or holds; says whether there was anything.
    fn walk(&mut self, item: Item<'d>, listed: bool, depth: usize) -> bool {
        let found = match listed || !item.is_own() {
            true => kind::of_listed(item.value),
            false => kind::of(item.value),
        };
        let mut bundle = kind::is_bundle(item.value);
        let mut beside = Vec::new();
        match found {
            Some(Kind::Event | Kind::Row) => {
                self.add_stated(&item);
                self.events.push(Event::new(item));
                return true;
            }
            Some(Kind::Decision) => {
                self.decisions.push(Decision::new(item));
                return true;
            }
            Some(Kind::Approval) => {
                self.approvals.push(Approval::new(item));
                return true;
            }
            Some(Kind::Receipt) => {
                self.receipts.push(item);
                return true;
            }
            None => {}
        }
        if depth == 0 {
            return bundle;
        }
        let depth = depth.saturating_sub(1);
        let found = match &item.value.kind {
            Json::Array(elements) => self.walk_list(&item, elements, depth),
            Json::Object(object) => {
                let mut any = false;
                let mut others = Vec::new();
                for member in &object.members {
                    let key = member.key.replace('~', "~0").replace('/', "~1");
                    let within = Item {
                        value: &member.value,
                        pointer: format!("{}/{key}", item.pointer),
                        ..item.clone()
                    };
                    match self.walk(within, false, depth) {
                        true => any = true,
                        false => others.push(member.key.as_ref()),
                    }
                }
                let marked = others.iter().any(|key| BUNDLE_MARKS.contains(key));
                bundle |= any && marked;
                others.retain(|key| !PAGE_MEMBERS.contains(key));
                let pointers = others.iter().map(|key| format!("{}/{key}", item.pointer));
                if bundle {
                    beside.extend(pointers);
                } else if any && item.is_own() {
                    self.uncovered.extend(pointers);
                }
                let says = |name: &&str| item.text(name).is_some();
                if any && item.is_own() && HOLDERS.iter().any(says) {
                    self.holders.push(item.clone());
                }
                any
            }
            _ => false,
        };
        if bundle && item.is_own() {
            let number = self.bundles.len();
            self.bundle_at.insert(item.pointer.clone(), number);
            self.beside
                .extend(beside.into_iter().map(|pointer| (number, pointer)));
            self.bundles.push(item);
        } else if found && item.is_own() && item.member("total").is_some() && self.page.is_none() {
            self.page = Some(item);
        }
        found || bundle
    }

    /// Takes in the decisions and the records of holds that an event has in its metadata.
    fn add_stated(&mut self, event: &Item<'d>) {
        let Some(metadata) = event.member("metadata") else {
            return;
        };
        let names = [
            "decision",
            "enforcement_decision",
            "enforcement",
            "approval",
            "hold",
        ];
        for name in names {
            let Some(value) = kind::member(metadata, name) else {
                continue;
            };
            let item = Item {
                value,
                pointer: format!("{}{METADATA}{name}", event.pointer),
                ..event.clone()
            };
            match kind::of_listed(value) {
                Some(Kind::Decision) => self.stated.push(Decision::new(item)),
                Some(Kind::Approval) => self.resolved.push(Approval::new(item)),
                _ => {}
            }
        }
    }

    /// Drops what other files repeat of this one.
    fn drop_repeated(&mut self) {
        let own = self.events.iter().filter(|event| event.item.is_own());
        let ids: HashSet<&str> = own
            .filter_map(|event| event.item.text("event_id"))
            .collect();
        let repeated = |item: &Item<'_>| {
            !item.is_own() && item.text("event_id").is_some_and(|id| ids.contains(id))
        };
        self.events.retain(|event| !repeated(&event.item));
        let mut told: HashSet<Vec<u8>> = HashSet::new();
        self.decisions.retain(|decision| {
            let item = &decision.item;
            let text = canon::to_vec::<Python>(item.value).unwrap_or_default();
            told.insert(text) || item.is_own()
        });
    }

    fn walk_list(&mut self, item: &Item<'d>, elements: &'d [Value<'d>], depth: usize) -> bool {
        let is_evidence = elements.iter().any(|element| kind::of(element).is_some())
            || ends_in_decisions(&item.pointer);
        let mut any = false;
        for (index, value) in elements.iter().enumerate() {
            let within = Item {
                value,
                pointer: format!("{}/{index}", item.pointer),
                ..item.clone()
            };
            let place = within.place();
            let found = self.walk(within, is_evidence, depth);
            if !found && is_evidence && item.is_own() {
                self.strangers.push(place);
            }
            any |= found;
        }
        any
    }
}

/// Whether the list is that of decisions or approvals by its name.
fn ends_in_decisions(pointer: &str) -> bool {
    pointer.ends_with("decisions") || pointer.ends_with("/approvals") || pointer.ends_with("/holds")
}
