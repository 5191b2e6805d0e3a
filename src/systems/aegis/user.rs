//! The user id that the hashes of stored events cover and that the server does not keep: by which names it is supplied.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};

use super::overview::NAMED;
use crate::options::Options;
use crate::report::{Ask, AskKind};

/// The name of the value for every session; a colon and a session may follow.
const USER_ID: &str = "user_id";

/// Why a user id is asked for where the content could not be verified without it.
pub(super) const NEEDED: &str = "The hash of every event covers the user id, and the server does not store it. With it the content can be verified, not only the links.";

/// Why a user id is asked for where the hashes hold under an empty one.
pub(super) const EMPTY: &str = "The hashes of these events hold under an empty user id. If the session had a user, the content is verified under the one that you supply.";

/// The user id that was supplied for a session: under its tenant and id, its id, or for all sessions.
pub(super) fn supplied<'o>(options: &'o Options<'_>, tenant: &str, id: &str) -> Option<&'o str> {
    let names = [with_tenant(tenant, id), with_id(id), USER_ID.to_owned()];
    names.iter().find_map(|name| options.value(name))
}

/// What is asked for, for these sessions (tenant and id): one user id for all, and where there are several, one for each.
pub(super) fn asks(
    sessions: &[(&str, &str)],
    options: &Options<'_>,
    why: &'static str,
) -> Vec<Ask> {
    let mut asks = Vec::new();
    if sessions.is_empty() {
        return asks;
    }
    let mut ask = |name: String, label: String| {
        asks.push(Ask {
            supplied: options.value(&name).is_some(),
            name: Cow::Owned(name),
            kind: AskKind::Text,
            label: Cow::Owned(label),
            why: Cow::Borrowed(why),
        });
    };
    ask(USER_ID.to_owned(), "User id of the session".to_owned());
    let mut tenants: HashMap<&str, usize> = HashMap::new();
    for (_, id) in sessions {
        let of_id = tenants.entry(id).or_default();
        *of_id = of_id.saturating_add(1);
    }
    let mut asked = BTreeSet::new();
    for (index, (tenant, id)) in sessions.iter().enumerate() {
        let (exact, short) = (with_tenant(tenant, id), with_id(id));
        let is_unique = tenants.get(id).is_none_or(|tenants| *tenants == 1);
        let (name, label) = if options.value(&exact).is_some() {
            (exact, format!("User id of session {id} of {tenant}"))
        } else if is_unique || options.value(&short).is_some() {
            (short, format!("User id of session {id}"))
        } else {
            (exact, format!("User id of session {id} of {tenant}"))
        };
        let is_listed = sessions.len() > 1 && index < NAMED;
        if (is_listed || options.value(&name).is_some()) && asked.insert(name.clone()) {
            ask(name, label);
        }
    }
    asks
}

fn with_id(id: &str) -> String {
    format!("{USER_ID}:{}", escaped(id))
}

fn with_tenant(tenant: &str, id: &str) -> String {
    format!("{USER_ID}:{}/{}", escaped(tenant), escaped(id))
}

/// What ends a name or separates its parts is written as in a URL.
fn escaped(id: &str) -> Cow<'_, str> {
    match id.contains(['%', '/', '=']) {
        true => Cow::Owned(
            id.replace('%', "%25")
                .replace('/', "%2F")
                .replace('=', "%3D"),
        ),
        false => Cow::Borrowed(id),
    }
}

#[cfg(test)]
mod tests {
    use super::{asks, supplied};
    use crate::options::Options;

    #[test]
    fn the_most_exact_name_decides() {
        let values = [
            ("user_id", "a"),
            ("user_id:s", "b"),
            ("user_id:t/s", "c"),
            ("user_id:x%3Dy", "d"),
        ];
        let options = Options {
            values: values
                .map(|(name, user)| (name.to_owned(), user.to_owned()))
                .into(),
            ..Options::default()
        };
        for (tenant, id, user) in [
            ("t", "s", "c"),
            ("u", "s", "b"),
            ("t", "r", "a"),
            ("t", "x=y", "d"),
        ] {
            assert_eq!(supplied(&options, tenant, id), Some(user), "{tenant} {id}");
        }
    }

    #[test]
    fn every_session_can_be_named() {
        let sessions = [("t", "s"), ("u", "s"), ("t/s", "r"), ("t", "a/b=c%")];
        let asks = asks(&sessions, &Options::default(), "");
        let names: Vec<&str> = asks.iter().map(|ask| ask.name.as_ref()).collect();
        assert_eq!(
            names,
            [
                "user_id",
                "user_id:t/s",
                "user_id:u/s",
                "user_id:r",
                "user_id:a%2Fb%3Dc%25"
            ]
        );
    }
}
