//! The decisions that links may lead to or from, found by their names and hashes.

use std::collections::HashMap;

use super::{ids, sealed_ids, texts};
use crate::bytes::to_hex;
use crate::canon;
use crate::crypto::sha256;
use crate::json::{Object, Value};
use crate::systems::thessor::python::AsPrinted;

/// Decisions of one name that are kept: two are enough to know that the name does not tell which is meant.
const KEPT: usize = 2;

/// What is known of a decision.
#[derive(Clone, Debug)]
pub(super) struct Relative {
    /// The file, where it is another than the one examined.
    pub file: Option<String>,
    pub ids: Vec<String>,
    /// Those among them that stand in content which has the recorded hash.
    pub sealed: Vec<String>,
    /// The hash that it records.
    pub hash: Option<String>,
    /// Whether its content has that hash, where it has the content.
    pub intact: bool,
    pub time: Option<String>,
}

impl Relative {
    pub fn of(
        decision: &Object<'_>,
        content: &Value<'_>,
        intact: bool,
        file: Option<String>,
    ) -> Self {
        let hash = decision.get("canonical_hash").and_then(Value::as_str);
        let fields = content.get("payload").unwrap_or(content);
        let time = content.get("timestamp").or_else(|| fields.get("timestamp"));
        let sealed = match intact {
            true => texts(sealed_ids(content)),
            false => Vec::new(),
        };
        Self {
            file,
            ids: ids(decision, content),
            sealed,
            hash: hash.map(str::to_owned),
            intact,
            time: time.and_then(Value::as_str).map(str::to_owned),
        }
    }
}

/// Whether content that is given as it was sealed has the hash that is recorded for it.
pub(super) fn is_intact(decision: &Object<'_>, content: &Value<'_>) -> bool {
    let hash = decision.get("canonical_hash").and_then(Value::as_str);
    let computed = canon::to_vec::<AsPrinted>(content).ok();
    let computed = computed.map(|bytes| to_hex(&sha256::digest(&bytes)));
    decision.get("raw_envelope").is_none() || computed.as_deref() == hash
}

/// The decision that a name or a hash means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// The one at this place.
    At(usize),
    /// Several go by the name.
    Several,
    /// None is here.
    Nothing,
}

/// Decisions by name and hash.
#[derive(Debug, Default)]
pub(super) struct Relatives {
    all: Vec<Relative>,
    by_id: HashMap<String, Vec<usize>>,
    by_sealed_id: HashMap<String, Vec<usize>>,
    by_hash: HashMap<String, usize>,
}

impl Relatives {
    /// Takes a decision in. Where it is another copy of one that is here, they count as one. Returns where it stands.
    pub fn push(&mut self, relative: Relative) -> usize {
        let copy = relative
            .hash
            .as_ref()
            .and_then(|hash| self.by_hash.get(hash));
        let copy = copy.copied().filter(|at| {
            let known = self.all.get(*at);
            known.is_some_and(|known| known.ids.iter().any(|id| relative.ids.contains(id)))
        });
        let at = copy.unwrap_or(self.all.len());
        let name = |names: &mut HashMap<String, Vec<usize>>, id: &String| {
            let places = names.entry(id.clone()).or_default();
            if places.len() < KEPT && !places.contains(&at) {
                places.push(at);
            }
        };
        relative.ids.iter().for_each(|id| name(&mut self.by_id, id));
        let sealed = relative.sealed.iter();
        sealed.for_each(|id| name(&mut self.by_sealed_id, id));
        if let Some(hash) = &relative.hash {
            self.by_hash.entry(hash.clone()).or_insert(at);
        }
        match self.all.get_mut(at) {
            None => self.all.push(relative),
            Some(known) => {
                known.intact |= relative.intact;
                for (ids, more) in [
                    (&mut known.ids, relative.ids),
                    (&mut known.sealed, relative.sealed),
                ] {
                    let new: Vec<String> =
                        more.into_iter().filter(|id| !ids.contains(id)).collect();
                    ids.extend(new);
                }
            }
        }
        at
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// The decision at a place.
    pub fn at(&self, at: usize) -> Option<&Relative> {
        self.all.get(at)
    }

    /// The decision that goes by this name and, where one is stated, has this hash; by a name in sealed content rather than by
    /// another. Where none of several has the hash, the first.
    pub fn find(&self, id: Option<&str>, hash: Option<&str>) -> Found {
        let hashed = hash.and_then(|hash| self.by_hash.get(hash)).copied();
        let Some(id) = id else {
            return hashed.map_or(Found::Nothing, Found::At);
        };
        let named = |at: &usize| {
            let known = self.all.get(*at);
            known.is_some_and(|known| known.ids.iter().any(|known| known == id))
        };
        if let Some(at) = hashed.filter(named) {
            return Found::At(at);
        }
        let places = |names: &HashMap<String, Vec<usize>>| {
            let places = names.get(id).map(Vec::as_slice);
            match (places.unwrap_or_default(), hash) {
                ([], _) => Found::Nothing,
                ([at], _) | ([at, ..], Some(_)) => Found::At(*at),
                (_, None) => Found::Several,
            }
        };
        match places(&self.by_sealed_id) {
            Found::Nothing => places(&self.by_id),
            found => found,
        }
    }

    /// Whether several decisions go by the name.
    pub fn is_shared(&self, id: &str) -> bool {
        self.by_id.get(id).is_some_and(|places| places.len() > 1)
    }

    /// Whether a decision of the file that is examined goes by the name.
    pub fn is_own(&self, id: &str) -> bool {
        let places = self.by_id.get(id).map(Vec::as_slice).unwrap_or_default();
        let mut known = places.iter().filter_map(|at| self.all.get(*at));
        known.any(|known| known.file.is_none())
    }
}
