//! Which event may follow which in a session (`pkg/eventlog/validator.go`).
//!
//! What the vendor's validator would refuse is a finding beside the integrity of the chain, not instead of it: the server
//! does not put events to it.

/// The types with which a session may begin.
const STARTS: &[&str] = &[
    "MODEL_CALL_STARTED",
    "TOOL_CALL_PROPOSED",
    "CHECKPOINT_CREATED",
];

/// The type after which nothing may follow.
pub(super) const TERMINATION: &str = "TERMINATION";

/// Every type of event (`EventType`).
pub(super) const TYPES: &[&str] = &[
    "MODEL_CALL_STARTED",
    "MODEL_CALL_FINISHED",
    "TOOL_CALL_PROPOSED",
    "TOOL_CALL_ALLOWED",
    "TOOL_CALL_DENIED",
    "TOOL_CALL_EXECUTED",
    "TOOL_RESULT",
    "POLICY_DECISION",
    "APPROVAL_REQUESTED",
    "APPROVAL_DECIDED",
    "MEMORY_READ",
    "MEMORY_WRITE",
    "HANDOFF_REQUESTED",
    "HANDOFF_COMPLETED",
    "CHECKPOINT_CREATED",
    "TERMINATION",
    "ERROR_RAISED",
];

/// The types that may follow `event`; none for a type that nothing may follow, known or not.
fn successors(event: &str) -> &'static [&'static str] {
    match event {
        "MODEL_CALL_STARTED" => &["MODEL_CALL_FINISHED", "ERROR_RAISED", "TERMINATION"],
        "MODEL_CALL_FINISHED" | "TOOL_RESULT" => &[
            "TOOL_CALL_PROPOSED",
            "MODEL_CALL_STARTED",
            "CHECKPOINT_CREATED",
            "TERMINATION",
            "HANDOFF_REQUESTED",
            "ERROR_RAISED",
        ],
        "TOOL_CALL_PROPOSED" => &["POLICY_DECISION", "ERROR_RAISED", "TERMINATION"],
        "POLICY_DECISION" => &[
            "TOOL_CALL_ALLOWED",
            "TOOL_CALL_DENIED",
            "APPROVAL_REQUESTED",
            "TERMINATION",
        ],
        "TOOL_CALL_ALLOWED" => &["TOOL_CALL_EXECUTED", "ERROR_RAISED"],
        "TOOL_CALL_EXECUTED" => &["TOOL_RESULT", "ERROR_RAISED"],
        "TOOL_CALL_DENIED" => &[
            "TOOL_CALL_PROPOSED",
            "MODEL_CALL_STARTED",
            "CHECKPOINT_CREATED",
            "TERMINATION",
            "ERROR_RAISED",
        ],
        "APPROVAL_REQUESTED" => &["APPROVAL_DECIDED", "TERMINATION"],
        "APPROVAL_DECIDED" => &["TOOL_CALL_ALLOWED", "TOOL_CALL_DENIED", "TERMINATION"],
        "MEMORY_READ" | "MEMORY_WRITE" => &[
            "TOOL_CALL_PROPOSED",
            "MODEL_CALL_STARTED",
            "MEMORY_READ",
            "MEMORY_WRITE",
            "CHECKPOINT_CREATED",
            "TERMINATION",
            "ERROR_RAISED",
        ],
        "HANDOFF_REQUESTED" => &["HANDOFF_COMPLETED", "ERROR_RAISED", "TERMINATION"],
        "HANDOFF_COMPLETED" => &["MODEL_CALL_STARTED", "CHECKPOINT_CREATED", "TERMINATION"],
        "CHECKPOINT_CREATED" => &[
            "TOOL_CALL_PROPOSED",
            "MODEL_CALL_STARTED",
            "CHECKPOINT_CREATED",
            "TERMINATION",
            "ERROR_RAISED",
        ],
        "ERROR_RAISED" => &["TERMINATION"],
        _ => &[],
    }
}

/// Steps of a session that are named one by one; more are counted.
const NAMED: usize = 5;

/// The steps of one session that the validator would refuse.
#[derive(Debug, Default)]
pub(super) struct Transitions {
    last: Option<String>,
    refused: usize,
    named: Vec<String>,
}

impl Transitions {
    /// Takes in the next event. Whether a session may begin with it is asked of its first event alone, number 0.
    pub fn add(&mut self, seq: i128, event: &str) {
        match &self.last {
            None if seq != 0 || STARTS.contains(&event) => {}
            None => self.refuse(format!("a session does not begin with {event}")),
            Some(last) if successors(last).contains(&event) => {}
            Some(last) => self.refuse(format!("seq {seq}: {last} -> {event}")),
        }
        match &mut self.last {
            Some(last) => event.clone_into(last),
            None => self.last = Some(event.to_owned()),
        }
    }

    fn refuse(&mut self, step: String) {
        self.refused = self.refused.saturating_add(1);
        if self.named.len() < NAMED {
            self.named.push(step);
        }
    }

    /// The type of the last event.
    pub fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// What the validator would refuse, in one sentence.
    pub fn sentence(&self) -> Option<String> {
        let more = match self.refused.saturating_sub(self.named.len()) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        (self.refused > 0).then(|| {
            format!(
                "Aegis's own validator of event orders would refuse this session ({}{more}). The chain may hold all the same: the server does not put events to that validator.",
                self.named.join("; ")
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{TYPES, Transitions, successors};

    #[test]
    fn every_successor_is_a_type() {
        for event in TYPES {
            assert!(
                successors(event).iter().all(|next| TYPES.contains(next)),
                "{event}"
            );
        }
    }

    #[test]
    fn a_middle_of_a_session_may_begin_with_anything() {
        for (seq, refused) in [(0, true), (3, false)] {
            let mut transitions = Transitions::default();
            transitions.add(seq, "TOOL_RESULT");
            assert_eq!(transitions.sentence().is_some(), refused, "{seq}");
        }
    }
}
