//! v3 decisions whose fields stand side by side: what was hashed is put together from them.

use super::envelope::{Envelope, FIELDS};
use super::readings::{self, Reading};
use crate::json::{Kind, Member, Object, Span, Value};
use crate::systems::thessor::python::{self, truthy};

/// Members of a decision that are never part of what was sealed (section 2.1, *metadata only*; section 4 for the last two).
const METADATA: [&str; 7] = [
    "canonical_hash",
    "signature",
    "envelope_id",
    "created_at",
    "key_reference",
    "public_key_hex",
    "seal_version",
];

/// The attestation that is not sealed, because it may change (section 2.1).
const UNSEALED_ATTESTATION: &str = "model_card_url";

/// Where values stand that were put together here.
const NOWHERE: Span = Span { start: 0, end: 0 };

/// How a v3 decision is put together before it is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    /// Without attestations.
    Plain,
    /// With attestations.
    Wrapped,
}

/// Where `schema_version` stands in what is hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Among the fields.
    Inside,
    /// Nowhere.
    Left,
    /// Beside the payload.
    Beside,
}

impl<'a> Envelope<'_, 'a> {
    /// Section 3: `{"signature_suite", …fields}`, or with attestations `{"payload", "attestations", "signature_suite"}`.
    ///
    /// Whether `schema_version` is among the fields is open: section 5.1 seals it, section 6 does not list it. So is what becomes
    /// of attestations of which nothing is sealed, and of members that the specification does not name.
    pub(super) fn assembled(&self) -> Vec<Reading> {
        let outside = |key: &str| {
            METADATA.contains(&key) || ["signature_suite", "attestations"].contains(&key)
        };
        let unknown =
            |key: &str| !FIELDS.contains(&key) && key != "schema_version" && !outside(key);
        let members = || self.decision.members.iter();
        let attestations = self.decision.get("attestations").and_then(Value::as_object);
        let attested: Option<Vec<Member<'a>>> = attestations.map(|attestations| {
            let sealed = attestations.members.iter();
            sealed
                .filter(|member| member.key != UNSEALED_ATTESTATION)
                .cloned()
                .collect()
        });
        let layouts: &[Layout] = match attested.as_deref() {
            None => &[Layout::Plain],
            Some([]) => &[Layout::Plain, Layout::Wrapped],
            Some(_) => &[Layout::Wrapped],
        };
        let mut readings = Vec::new();
        if let Some(payload) = self
            .decision
            .get("payload")
            .filter(|payload| payload.as_object().is_some())
        {
            // The fields are wrapped already, as they were hashed.
            let mut whole = vec![member("payload", payload.kind.clone()), self.suite()];
            let sealed = attested.clone().map(|attested| object(attested).kind);
            whole.extend(sealed.map(|sealed| member("attestations", sealed)));
            let beside = |member: &&Member<'a>| member.key != "payload" && !outside(&member.key);
            let another = |member: &Member<'a>| {
                let sealed = payload.get(&member.key);
                FIELDS.contains(&member.key.as_ref())
                    && sealed.is_none_or(|sealed| !python::equal(sealed, &member.value))
            };
            let covers = "the payload, the attestations and the suite";
            // What stands beside the payload and says something else of the decision would pass for sealed.
            let contradicted = members().filter(beside).any(another);
            for mut reading in readings::of(&object(whole), &[], true, covers) {
                reading.unknown_left_out =
                    members().any(|member| member.key != "payload" && unknown(&member.key));
                reading.version_left_out = self.decision.get("schema_version").is_some();
                readings.extend((!contradicted).then_some(reading));
            }
        }
        for without_unknown in [false, true] {
            if without_unknown && !members().any(|member| unknown(&member.key)) {
                continue;
            }
            for (layout, version) in layouts.iter().flat_map(|layout| {
                [Place::Inside, Place::Left, Place::Beside].map(|version| (*layout, version))
            }) {
                let kept = |member: &&Member<'a>| {
                    let key = member.key.as_ref();
                    let left_out = outside(key) || without_unknown && unknown(key);
                    !left_out && (version == Place::Inside || key != "schema_version")
                };
                let fields: Vec<Member<'a>> = members().filter(kept).cloned().collect();
                let Some((value, covers)) = self.sealed(layout, version, fields, &attested) else {
                    continue;
                };
                for mut reading in readings::of(&value, &[], true, covers) {
                    reading.unknown_left_out = without_unknown;
                    reading.version_left_out = version == Place::Left;
                    readings.push(reading);
                }
            }
        }
        readings
    }

    /// The suite, which is sealed with the rest.
    fn suite(&self) -> Member<'a> {
        let named = truthy(self.decision.get("signature_suite"));
        let kind = named.map_or(Kind::String("ed25519".into()), |suite| suite.kind.clone());
        member("signature_suite", kind)
    }

    /// What is hashed, put together in one way; and what that covers.
    fn sealed(
        &self,
        layout: Layout,
        version: Place,
        mut fields: Vec<Member<'a>>,
        attested: &Option<Vec<Member<'a>>>,
    ) -> Option<(Value<'a>, &'static str)> {
        let suite = self.suite();
        match (layout, version) {
            (Layout::Plain, Place::Beside) => None,
            (Layout::Plain, _) => {
                fields.push(suite);
                Some((
                    object(fields),
                    match version {
                        Place::Inside => "the fields and the suite",
                        _ => "the fields and the suite, without schema_version",
                    },
                ))
            }
            (Layout::Wrapped, _) => {
                let attested = attested.clone().unwrap_or_default();
                let mut whole = vec![
                    member("payload", object(fields).kind),
                    member("attestations", object(attested).kind),
                    suite,
                ];
                if version == Place::Beside {
                    let stated = self.decision.get("schema_version")?;
                    whole.push(member("schema_version", stated.kind.clone()));
                }
                Some((
                    object(whole),
                    match version {
                        Place::Left => {
                            "the fields, the attestations and the suite, without schema_version"
                        }
                        _ => "the fields, the attestations and the suite",
                    },
                ))
            }
        }
    }
}

/// Content that was supplied for a seal, as it is and put together in each way that is published: what was sealed has the hash of
/// one of them. `suite` is the one that the seal names; a content may name it itself.
pub(in crate::systems::thessor) fn layouts(
    content: &Value<'_>,
    suite: Option<&Value<'_>>,
) -> Vec<Reading> {
    let mut layouts = readings::of(content, &[], true, "the content that you supplied");
    if let Some(raw) = content.get("raw_envelope") {
        let covers = "the raw_envelope in what you supplied";
        layouts.extend(readings::of(raw, &[], true, covers));
    }
    let mut whole = content.clone();
    if let (Kind::Object(object), Some(suite)) = (&mut whole.kind, suite)
        && object.get("signature_suite").is_none()
    {
        let named = member("signature_suite", suite.kind.clone());
        object.members.push(named);
    }
    let assembled = Envelope::of(&whole).map_or(Vec::new(), |envelope| match envelope.given {
        true => Vec::new(),
        false => envelope.assembled(),
    });
    // What was supplied and is not sealed would pass for sealed.
    layouts.extend(
        assembled
            .into_iter()
            .filter(|reading| !reading.unknown_left_out),
    );
    layouts
}

fn member<'a>(key: &'static str, kind: Kind<'a>) -> Member<'a> {
    let value = Value {
        span: NOWHERE,
        kind,
    };
    Member {
        key: key.into(),
        key_span: NOWHERE,
        value,
    }
}

fn object(members: Vec<Member<'_>>) -> Value<'_> {
    Value {
        span: NOWHERE,
        kind: Kind::Object(Object { members }),
    }
}
