//! Holds the import rule: arrows between the rooms of `src/` point down only, and the library reaches for nothing outside itself.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::fs;
use std::path::{Path, PathBuf};

/// What each room may name besides itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("budget", &[]),
    ("bytes", &[]),
    ("json", &["budget", "bytes"]),
    ("crypto", &["budget", "bytes"]),
    ("canon", &["budget", "bytes", "json"]),
    ("input", &["budget", "bytes", "json", "crypto"]),
    ("trust", &["budget", "bytes", "json", "crypto"]),
    ("report", &["budget", "bytes", "json", "crypto", "input"]),
    ("options", &["crypto", "budget", "input", "trust"]),
    (
        "systems",
        &[
            "budget", "bytes", "json", "crypto", "canon", "input", "trust", "report", "options",
        ],
    ),
    (
        "verify",
        &["budget", "crypto", "input", "report", "options", "systems"],
    ),
    ("cli", &[]),
    ("web", &[]),
];

/// Outside the library's reach: the clock, the file system, the network, threads, the process, and the faces' dependencies.
const FOREIGN: &[&str] = &[
    "std::env",
    "std::fs",
    "std::io::stdin",
    "std::io::stdout",
    "std::io::stderr",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time",
    "clap",
    "js_sys",
    "wasm_bindgen",
    "web_sys",
    "yew",
];

const LINES: usize = 600;

#[test]
fn arrows_between_the_rooms_point_down_only() {
    let broken: Vec<String> = sources()
        .iter()
        .flat_map(|(path, text)| violations(path, text))
        .collect();
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn no_file_is_crowded() {
    for (path, text) in sources() {
        let lines = text.lines().count();
        assert!(lines <= LINES, "{} has {lines} lines", path.display());
    }
}

#[test]
fn both_crates_forbid_unsafe_code() {
    for root in ["lib.rs", "main.rs"] {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(root))
            .unwrap();
        assert!(text.contains("#![forbid(unsafe_code)]"), "src/{root}");
    }
}

#[test]
fn the_rule_catches_what_it_is_for() {
    for (path, text, wrong) in [
        ("json/parser.rs", "use crate::report::Reason;", "report"),
        ("json/parser.rs", "use super::super::systems;", "systems"),
        (
            "json/mod.rs",
            "use crate::{budget, canon::{jcs, python}};",
            "canon",
        ),
        (
            "canon/jcs.rs",
            "fn f() { let x = crate::crypto::sha256(b\"\"); }",
            "crypto",
        ),
        (
            "report/mod.rs",
            "mod tests { use super::super::systems::heso; }",
            "systems",
        ),
        (
            "systems/heso/chain.rs",
            "use crate::systems::thessor::wire;",
            "thessor",
        ),
        (
            "systems/heso/chain.rs",
            "use super::super::thessor;",
            "thessor",
        ),
        ("input/zip.rs", "use std::{fs::File, io::Read};", "std::fs"),
        (
            "lib.rs",
            "fn now() { std::time::Instant::now(); }",
            "std::time",
        ),
        ("cli/mod.rs", "use crate::web::App;", "web"),
        ("web/mod.rs", "use crate::cli;", "cli"),
    ] {
        let found = violations(Path::new(path), text);
        assert!(
            !found.is_empty() && found.iter().all(|line| line.contains(wrong)),
            "{path}: {text}: {found:?}"
        );
    }
    for (path, text) in [
        (
            "json/parser.rs",
            "use super::Value; use crate::{budget, bytes::Span};",
        ),
        (
            "json/parser.rs",
            "// use crate::report;\nconst S: &str = \"crate::report\"; const Q: char = '\"';",
        ),
        (
            "json/parser.rs",
            "mod tests { use super::super::Value; use crate::json; }",
        ),
        (
            "systems/mod.rs",
            "mod heso; use heso::Heso; use self::thessor::Thessor; use crate::systems::heso::Heso;",
        ),
        (
            "systems/heso/chain.rs",
            "use super::wire; use crate::systems::{System, heso::wire};",
        ),
        (
            "cli/mod.rs",
            "use assay::report::Report; use std::fs; use clap::Parser;",
        ),
        (
            "input/mod.rs",
            "fn f<'a>(x: &'a str) -> std::io::Result<()> { r#\"std::fs\"#; Ok(()) }",
        ),
    ] {
        assert_eq!(
            violations(Path::new(path), text),
            Vec::<String>::new(),
            "{path}: {text}"
        );
    }
}

/// Every file of `src/` with its path below it.
fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(&root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(files.len() > 2, "src/ was not found");
    files
}

/// What a file names and may not.
fn violations(path: &Path, text: &str) -> Vec<String> {
    let module = module_of(path);
    let room = module.first().map(String::as_str);
    let face = matches!(room, Some("cli" | "web")) || path == Path::new("main.rs");
    let allowed = MAY_USE
        .iter()
        .find(|(name, _)| Some(*name) == room)
        .map(|(_, names)| *names);
    let mut found = Vec::new();
    for named in paths(&module, text) {
        let joined = named.join("::");
        if named.first().is_none_or(|first| first != "crate") {
            let foreign = FOREIGN
                .iter()
                .any(|name| joined == *name || joined.starts_with(&format!("{name}::")));
            if foreign && !face {
                found.push(format!(
                    "src/{}: the library may not use {joined}",
                    path.display()
                ));
            }
            continue;
        }
        let Some(target) = named.get(1) else { continue };
        let known = MAY_USE.iter().any(|(name, _)| name == target);
        let (Some(room), true) = (room, known) else {
            continue;
        };
        if target != room {
            if !allowed.is_some_and(|names| names.contains(&target.as_str())) {
                found.push(format!(
                    "src/{}: {room} may not use {target}: {joined}",
                    path.display()
                ));
            }
        } else if room == "systems"
            && let (Some(own), Some(other)) = (module.get(1), named.get(2))
            && own != other
            && is_room_of_systems(other)
        {
            found.push(format!(
                "src/{}: {own} may not use {other}: {joined}",
                path.display()
            ));
        }
    }
    found
}

fn is_room_of_systems(name: &str) -> bool {
    ["thessor", "heso", "complianceguard", "aegis", "thoth"].contains(&name)
}

/// `json/parser.rs` is `json::parser`, `json/mod.rs` is `json`; the roots are empty.
fn module_of(path: &Path) -> Vec<String> {
    let mut module: Vec<String> = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if matches!(
        module.last().map(String::as_str),
        Some("mod" | "lib" | "main")
    ) {
        module.pop();
    }
    module
}

/// Every path that the text names, `use` groups spelt out and `self` and `super` resolved.
fn paths(module: &[String], text: &str) -> Vec<Vec<String>> {
    let tokens = tokens(text);
    let mut found = Vec::new();
    // The inline modules that enclose a token, each with the brace depth at which it ends.
    let (mut inline, mut depth) = (Vec::<(String, usize)>::new(), 0_usize);
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at].as_str() {
            "mod" if tokens.get(at + 2).is_some_and(|token| token == "{") => {
                inline.push((tokens[at + 1].clone(), depth));
                at += 1;
            }
            "{" => depth += 1,
            "}" => {
                depth = depth.saturating_sub(1);
                if inline.last().is_some_and(|(_, end)| *end == depth) {
                    inline.pop();
                }
            }
            token if is_name(token) && tokens.get(at + 1).is_some_and(|next| next == "::") => {
                let mut here = module.to_vec();
                here.extend(inline.iter().map(|(name, _)| name.clone()));
                let mut spelt = Vec::new();
                at = path(&tokens, at, &[], &mut spelt);
                found.extend(spelt.into_iter().map(|named| absolute(&here, named)));
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

/// Reads one path from `at`, groups included, and gives the place after it.
fn path(
    tokens: &[String],
    mut at: usize,
    prefix: &[String],
    found: &mut Vec<Vec<String>>,
) -> usize {
    let mut named = prefix.to_vec();
    loop {
        match tokens.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    at = if tokens[at] == "," {
                        at + 1
                    } else {
                        path(tokens, at, &named, found)
                    };
                }
                return at + 1;
            }
            Some(token) if is_name(token) || token == "*" => named.push(token.to_owned()),
            _ => break,
        }
        at += 1;
        if tokens.get(at).is_none_or(|token| token != "::") {
            break;
        }
        at += 1;
    }
    // `use a as b` and whatever else follows the path inside a group.
    if !prefix.is_empty() {
        while tokens
            .get(at)
            .is_some_and(|token| token != "," && token != "}")
        {
            at += 1;
        }
    }
    found.push(named);
    at.max(1)
}

fn absolute(module: &[String], named: Vec<String>) -> Vec<String> {
    let mut base: Vec<String> = module.to_vec();
    let mut rest = named.as_slice();
    match rest.first().map(String::as_str) {
        Some("self") => rest = &rest[1..],
        Some("super") => {
            while rest.first().is_some_and(|part| part == "super") {
                base.pop();
                rest = &rest[1..];
            }
        }
        _ => return named,
    }
    std::iter::once("crate".to_owned())
        .chain(base)
        .chain(rest.iter().cloned())
        .collect()
}

fn is_name(token: &str) -> bool {
    token.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Names, `::` and single punctuation marks; comments, strings, characters and lifetimes are left out.
fn tokens(text: &str) -> Vec<String> {
    let characters: Vec<char> = text.chars().collect();
    let starts = |at: usize, what: &str| {
        what.chars()
            .enumerate()
            .all(|(i, c)| characters.get(at + i) == Some(&c))
    };
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&character) = characters.get(at) {
        if starts(at, "//") {
            while characters.get(at).is_some_and(|c| *c != '\n') {
                at += 1;
            }
        } else if starts(at, "/*") {
            while at < characters.len() && !starts(at, "*/") {
                at += 1;
            }
            at += 2;
        } else if let Some(hashes) = raw_string(&characters, at) {
            let end = format!("\"{}", "#".repeat(hashes));
            at += hashes + 2;
            while at < characters.len() && !starts(at, &end) {
                at += 1;
            }
            at += end.len();
        } else if character == '"' {
            at += 1;
            while characters.get(at).is_some_and(|c| *c != '"') {
                at += if characters[at] == '\\' { 2 } else { 1 };
            }
            at += 1;
        } else if character == '\'' {
            // `'x'` and `'\n'` are characters; `'a` is a lifetime.
            if characters.get(at + 1) == Some(&'\\') {
                at += 3;
                while characters.get(at).is_some_and(|c| *c != '\'') {
                    at += 1;
                }
                at += 1;
            } else if characters.get(at + 2) == Some(&'\'') {
                at += 3;
            } else {
                at += 1;
            }
        } else if character.is_alphanumeric() || character == '_' {
            let start = at;
            while characters
                .get(at)
                .is_some_and(|c| c.is_alphanumeric() || *c == '_')
            {
                at += 1;
            }
            found.push(characters[start..at].iter().collect());
        } else if starts(at, "::") {
            found.push("::".to_owned());
            at += 2;
        } else {
            if !character.is_whitespace() {
                found.push(character.to_string());
            }
            at += 1;
        }
    }
    found
}

/// The number of `#` of a raw string that begins here.
fn raw_string(characters: &[char], at: usize) -> Option<usize> {
    if characters[at] != 'r' {
        return None;
    }
    let hashes = characters[at + 1..]
        .iter()
        .take_while(|c| **c == '#')
        .count();
    (characters.get(at + 1 + hashes) == Some(&'"')).then_some(hashes)
}
