//! The outcome in the reference verifier's own words: its checks, in its order.

use serde_json::{Value, json};

use crate::budget;
use crate::report::Peer;

/// The stages of the reference verifier; its checks come in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// The manifest and the pinned key.
    Manifest,
    /// Inventory, digests and count.
    Files,
    /// One decision after the other.
    Decisions,
    /// The index and the chain.
    Chain,
    /// One checkpoint after the other.
    Checkpoints,
}

const STAGES: usize = 5;

/// What the reference verifier records, kept by stage because files are read only once here.
#[derive(Debug)]
pub(super) struct Checks {
    stages: [Vec<(String, Option<bool>)>; STAGES],
    stopped: Option<Stage>,
    failed: bool,
    backends: Vec<&'static str>,
    room: usize,
    more_passed: u64,
}

impl Checks {
    /// None yet. Without `full`, passes beyond the budget are counted only.
    pub fn new(full: bool) -> Self {
        Self {
            stages: Default::default(),
            stopped: None,
            failed: false,
            backends: Vec::new(),
            room: if full {
                usize::MAX
            } else {
                budget::PEER_CHECKS
            },
            more_passed: 0,
        }
    }

    /// The check `name` came out so; `None` is a skip. The name is only asked for when it is kept.
    pub fn record(&mut self, stage: Stage, ok: Option<bool>, name: impl FnOnce() -> String) {
        if self.stopped.is_some_and(|stopped| stopped <= stage) {
            return;
        }
        self.failed |= ok == Some(false);
        if ok == Some(true) && self.room == 0 {
            self.more_passed = self.more_passed.saturating_add(1);
            return;
        }
        self.room = self.room.saturating_sub(1);
        if let Some(checks) = self.stages.get_mut(stage as usize) {
            checks.push((name(), ok));
        }
    }

    /// The reference verifier leaves with an exception here, or nobody can tell what it would do.
    pub fn stop(&mut self, stage: Stage) {
        let first = self.stopped.map_or(stage, |stopped| stopped.min(stage));
        self.stopped = Some(first);
    }

    /// Whether the reference verifier refuses anything so far.
    #[cfg(feature = "complete")]
    pub fn has_failed(&self) -> bool {
        self.failed || self.stopped.is_some()
    }

    /// Names the ML-DSA implementation to which a signature's length points.
    pub fn backend(&mut self, backend: Option<&'static str>) {
        let Some(backend) = backend else { return };
        if !self.backends.contains(&backend) {
            self.backends.push(backend);
            self.backends.sort_unstable();
        }
    }

    /// The outcome as it stands in the report.
    pub fn finish(self) -> Peer {
        let last = self.stopped.map_or(STAGES, |stage| stage as usize);
        let checks: Vec<Value> = self
            .stages
            .into_iter()
            .enumerate()
            .filter(|(stage, _)| *stage <= last)
            .flat_map(|(_, checks)| checks)
            .map(|(check, ok)| json!({"check": check, "ok": ok}))
            .collect();
        let passed = !self.failed && self.stopped.is_none();
        let backend = match self.backends.as_slice() {
            [] => Value::Null,
            [one] => json!(one),
            several => json!(several),
        };
        let mut peer = Peer::new();
        peer.insert("system".to_owned(), json!("thessor"));
        peer.insert("passed".to_owned(), json!(passed));
        peer.insert("checks".to_owned(), Value::Array(checks));
        peer.insert("ml_dsa_backend".to_owned(), backend);
        if self.more_passed > 0 {
            peer.insert("more_passed".to_owned(), json!(self.more_passed));
        }
        if self.stopped.is_some() {
            peer.insert("stopped".to_owned(), json!(true));
        }
        peer
    }
}
