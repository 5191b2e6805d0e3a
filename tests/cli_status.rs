//! The exit status, standard input, and output that nobody takes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

const VALID: &str = "heso/valid/l0.json";
const INVALID: &str = "thessor/altered.zip";
const INDETERMINATE: &str = "heso/indeterminate/quorum.json";
const REFUSED: &str = "heso/manifest.json";

fn assay() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.arg("verify");
    command
}

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn with_input(mut command: Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn the_first_that_applies_is_the_exit_status() {
    for (files, status) in [
        (&[VALID][..], 0),
        (&[VALID, VALID], 0),
        (&[INDETERMINATE], 3),
        (&[VALID, INDETERMINATE], 3),
        (&[REFUSED], 2),
        (&[INDETERMINATE, REFUSED, VALID], 2),
        (&[INVALID], 1),
        (&[VALID, REFUSED, INDETERMINATE, INVALID], 1),
    ] {
        for json in [&[][..], &["--json"]] {
            let run = assay()
                .args(json)
                .args(files.iter().map(|name| fixture(name)))
                .output()
                .unwrap();
            assert_eq!(run.status.code(), Some(status), "{files:?}");
            if !json.is_empty() {
                assert_eq!(
                    run.stdout.iter().filter(|byte| **byte == b'\n').count(),
                    files.len(),
                    "{files:?}"
                );
            }
        }
    }
}

#[test]
fn each_file_of_a_folder_that_is_no_artifact_itself_gets_a_report() {
    let folder = std::env::temp_dir().join(format!("assay-folder-{}", std::process::id()));
    let within = folder.join("receipts");
    std::fs::create_dir_all(&within).unwrap();
    let run = || assay().arg("--json").arg(&folder).output().unwrap();

    let empty = run();
    assert_eq!(empty.status.code(), Some(2));
    assert!(
        String::from_utf8(empty.stdout)
            .unwrap()
            .contains("holds no files")
    );

    std::fs::copy(fixture(VALID), within.join("a.json")).unwrap();
    std::fs::copy(fixture(INDETERMINATE), within.join("b.json")).unwrap();
    std::fs::write(within.join(".DS_Store"), "left by a file manager").unwrap();
    let run = run();
    let names: Vec<_> = String::from_utf8(run.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|report| report["artifact"]["name"].as_str().unwrap().to_owned())
        .collect();
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(names, ["receipts/a.json", "receipts/b.json"]);
    assert_eq!(run.status.code(), Some(3));
}

/// A Thessor export, unpacked into a new folder.
fn unpacked(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("assay-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let bytes = std::fs::read(fixture("thessor/good.zip")).unwrap();
    let mut reader = assay::input::Reader::new();
    for entry in assay::input::zip::open(&bytes).unwrap().entries() {
        let file = folder.join(entry.name());
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, reader.read(entry).unwrap()).unwrap();
    }
    folder
}

#[test]
fn what_an_operating_system_put_into_an_unpacked_export_is_named() {
    for name in [".DS_Store", "decisions/Thumbs.db", "__MACOSX/manifest.json"] {
        let folder = unpacked("left-behind");
        let run = || assay().arg(&folder).output().unwrap();
        assert_eq!(run().status.code(), Some(0));
        let file = folder.join(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, "x").unwrap();
        let run = run();
        let text = String::from_utf8(run.stdout).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        assert_eq!(run.status.code(), Some(1), "{name}");
        assert!(text.contains(&format!("does not list: {name}.")), "{text}");
        assert!(text.contains("Operating systems leave"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn links_in_a_folder_count_as_the_files_they_lead_to() {
    use std::os::unix::fs::symlink;
    let elsewhere = unpacked("elsewhere");
    for (link, target, status) in [
        ("decisions/added.json", "manifest.json", 1),
        ("added.txt", "manifest.json", 1),
        ("README.txt", "README.txt", 0),
        ("README.txt", "manifest.json", 1),
        ("folder", "decisions", 0),
        ("folder", "", 0),
        ("leads-nowhere", "no such file", 2),
        ("itself", "itself", 2),
    ] {
        let folder = unpacked("links");
        let link = folder.join(link);
        let _ = std::fs::remove_file(&link);
        let target = match target {
            "itself" => link.clone(),
            target => elsewhere.join(target),
        };
        symlink(&target, &link).unwrap();
        let run = assay().arg(&folder).output().unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        let text = String::from_utf8(run.stdout).unwrap();
        assert_eq!(
            run.status.code(),
            Some(status),
            "{link:?} {target:?} {text}"
        );
    }
    std::fs::remove_dir_all(&elsewhere).unwrap();
}

#[test]
fn standard_input_gets_the_same_report_under_its_own_name() {
    let bytes = std::fs::read(fixture(VALID)).unwrap();
    let mut command = assay();
    command.args(["--json", "-"]);
    let piped = with_input(command, &bytes);
    let named = assay().arg("--json").arg(fixture(VALID)).output().unwrap();
    assert_eq!(piped.status.code(), Some(0));
    let named = String::from_utf8(named.stdout).unwrap();
    assert_eq!(
        String::from_utf8(piped.stdout).unwrap(),
        named.replace("\"name\":\"l0.json\"", "\"name\":\"-\"")
    );
}

#[test]
fn a_key_in_any_spelling_or_file_is_the_same_pin() {
    let hex = "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8";
    let base64 = "A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=";
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg"}"#;
    let pem = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAA6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=\n-----END PUBLIC KEY-----\n";
    let file = std::env::temp_dir().join(format!("assay-key-{}.pem", std::process::id()));
    std::fs::write(&file, pem).unwrap();
    let other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let upper = hex.to_uppercase();
    for key in [hex, &upper, base64, jwk, pem, file.to_str().unwrap()] {
        let run = assay()
            .args(["--json", "--key", other, "--key", key])
            .arg(fixture(VALID))
            .output()
            .unwrap();
        let report = String::from_utf8(run.stdout).unwrap();
        assert_eq!(run.status.code(), Some(0), "{key}");
        assert!(report.contains(r#""pinned":true"#), "{key}");
    }
    std::fs::remove_file(file).unwrap();
}

#[test]
fn text_from_the_evidence_does_not_steer_the_terminal() {
    let name = "\u{1b}[2J\u{202e}txt";
    let run = assay().arg(name).output().unwrap();
    let printed = String::from_utf8(run.stdout).unwrap();
    assert!(printed.contains(r"\u{1b}[2J\u{202e}txt"), "{printed}");
    assert!(!printed.contains('\u{1b}') && !printed.contains('\u{202e}'));
}

#[cfg(unix)]
#[test]
fn output_that_nobody_takes_is_not_a_success() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let run = assay()
        .arg(fixture(VALID))
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert_eq!(String::from_utf8(run.stderr).unwrap(), "");
    #[cfg(target_os = "linux")]
    {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let run = assay()
            .arg(fixture(VALID))
            .stdout(full)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(run.status.code(), Some(2));
        assert!(
            String::from_utf8(run.stderr)
                .unwrap()
                .contains("could not be written")
        );
    }
}

#[test]
fn a_long_key_is_shortened_in_the_text_and_whole_in_json() {
    let file = fixture("thessor/dilithium3-legacy-checkpoint.zip");
    let other = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    let run = |json: &[&str]| {
        let run = assay()
            .args(["--key", other])
            .args(json)
            .arg(&file)
            .output();
        String::from_utf8(run.unwrap().stdout).unwrap()
    };
    let report: serde_json::Value = serde_json::from_str(&run(&["--json"])).unwrap();
    let signer = &report["signers"][0];
    let key = signer["public_key"].as_str().unwrap();
    assert_eq!(key.len(), 3904);
    let text = run(&[]);
    let short = format!("{} … {} (3,904 digits)", &key[..32], &key[3872..]);
    assert_eq!(text.matches(&short).count(), 2, "{text}");
    assert!(text.contains(signer["fingerprint"].as_str().unwrap()));
    assert!(text.lines().all(|line| line.len() < 400), "{text}");
}
