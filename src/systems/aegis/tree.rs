//! The files that a capability manifest lists, and the hash over all of them (`VerifyTree` and `ComputeTree` in
//! `pkg/manifest/manifest.go`; its manual on manifests).

use crate::bytes::to_hex;
use crate::crypto::sha256::{self, Sha256};
use crate::input::{Files, Reader};

/// A file of the folder: its path there, and its SHA-256 in lower-case hexadecimal or why it cannot be read.
pub(super) struct Hashed {
    pub path: String,
    pub hash: Result<String, String>,
}

/// The hashes of all files under `folder` (with its trailing slash), but for the one at `except`.
pub(super) fn hashes(
    files: &Files<'_>,
    folder: &str,
    except: Option<&str>,
    progress: &dyn Fn(u64, u64),
) -> Vec<Hashed> {
    let within = || {
        files
            .entries()
            .iter()
            .filter(|entry| Some(entry.name()) != except)
            .filter_map(|entry| Some((entry, entry.name().strip_prefix(folder)?)))
    };
    let total = within()
        .map(|(entry, _)| entry.size())
        .fold(0, u64::saturating_add);
    let (mut reader, mut done) = (Reader::new(), 0_u64);
    let mut hashed = Vec::new();
    for (entry, path) in within() {
        let hash = reader
            .read(entry)
            .map(|bytes| to_hex(&sha256::digest(bytes)));
        done = done.saturating_add(entry.size());
        progress(done, total);
        hashed.push(Hashed {
            path: path.to_owned(),
            hash: hash.map_err(|error| error.to_string()),
        });
    }
    hashed
}

/// A listed path as `filepath.Join` resolves it within the folder; none when it leads out of it or is the folder itself.
pub(super) fn resolve(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// Over which files, and in which order, a tree hash was made.
pub(super) enum Order {
    /// Folder by folder, each in the order of its names: what `ComputeTree` does.
    Walk,
    /// As sorted lines: what the vendor's manual says.
    Lines,
}

/// SHA-256 over a line for each file: its path, a colon, its hash.
pub(super) fn tree_hash<'h>(
    files: impl Iterator<Item = (&'h str, &'h str)>,
    order: &Order,
) -> String {
    let mut files: Vec<(&str, String)> = files
        .map(|(path, hash)| (path, format!("{path}:{hash}\n")))
        .collect();
    files.sort_by(|(left, left_line), (right, right_line)| match order {
        Order::Walk => left.split('/').cmp(right.split('/')),
        Order::Lines => left_line.cmp(right_line),
    });
    let mut hasher = Sha256::new();
    for (_, line) in &files {
        hasher.update(line.as_bytes());
    }
    to_hex(&hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::{Order, resolve, tree_hash};

    #[test]
    fn listed_paths_resolve_as_gos_do() {
        for (path, resolved) in [
            ("skill.py", Some("skill.py")),
            ("./a//b", Some("a/b")),
            ("/a/../b", Some("b")),
            ("../b", None),
            ("a/../../b", None),
            ("", None),
            (".", None),
        ] {
            assert_eq!(resolve(path).as_deref(), resolved, "{path}");
        }
    }

    #[test]
    fn a_walk_and_sorted_lines_order_files_differently() {
        let files = || [("a-b/x", "1"), ("a/x", "2")].into_iter();
        let walk = tree_hash(files(), &Order::Walk);
        assert_ne!(walk, tree_hash(files(), &Order::Lines));
        assert_eq!(
            walk,
            tree_hash([("a/x", "2"), ("a-b/x", "1")].into_iter(), &Order::Walk)
        );
    }
}
