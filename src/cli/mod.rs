//! The command line: `assay verify`, with the same reports as the page.

mod args;
mod keys;
mod read;
mod render;

use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use assay::trust::Pins;
use assay::{Input, Options, Refusal, Report, Verdict};
use clap::Parser as _;

use args::{Arguments, Command, Verify};

/// Wrong options, a file that was refused, or output that nobody took.
const STATUS_REFUSED: u8 = 2;

/// Runs the command line and gives its exit status.
pub fn main() -> ExitCode {
    let Command::Verify(verify) = Arguments::parse().command;
    if let Err(message) = unused(&verify) {
        return usage_error(&message);
    }
    let pins = match keys::pins(&verify.keys) {
        Ok(pins) => pins,
        Err(message) => return usage_error(&message),
    };
    let mut out = io::stdout().lock();
    match run(&verify, pins, &mut out) {
        Ok(status) => ExitCode::from(status),
        Err(error) => {
            // A reader that has seen enough, such as `head`, is no news; a full disk is.
            if error.kind() != io::ErrorKind::BrokenPipe {
                complain(&format!("the report could not be written: {error}"));
            }
            ExitCode::from(STATUS_REFUSED)
        }
    }
}

/// Options for which no system of this version has a use are wrong: the evidence would look as if it had been held against them.
fn unused(verify: &Verify) -> Result<(), String> {
    let option = if verify.payload_key.is_some() {
        "--payload-key"
    } else if !verify.with.is_empty() {
        "--with"
    } else if !verify.set.is_empty() {
        "--set"
    } else {
        return Ok(());
    };
    Err(format!(
        "{option} has no use yet: no kind of evidence that this version verifies calls for it"
    ))
}

fn run(verify: &Verify, pins: Pins, out: &mut (impl Write + IsTerminal)) -> io::Result<u8> {
    let options = Options {
        pins,
        full: verify.full,
        ..Options::default()
    };
    let colour =
        out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let mut verdicts = Vec::with_capacity(verify.files.len());
    for (index, file) in verify.files.iter().enumerate() {
        let report = report(file, &options);
        if verify.json {
            writeln!(out, "{}", report.to_json())?;
        } else {
            if index > 0 {
                writeln!(out)?;
            }
            let file = &file.to_string_lossy();
            let text = render::Text {
                report: &report,
                file,
                colour,
            };
            write!(out, "{text}")?;
        }
        out.flush()?;
        verdicts.push(report.verdict);
    }
    Ok(exit_status(&verdicts))
}

fn report(file: &Path, options: &Options<'_>) -> Report {
    let name = read::name(file);
    read::bytes(file)
        .and_then(|bytes| {
            assay::verify(
                Input {
                    name: &name,
                    bytes: &bytes,
                },
                options,
            )
        })
        .unwrap_or_else(Refusal::into_report)
}

/// The first that applies: 1 one invalid, 2 one refused, 3 one indeterminate, 0 all valid.
fn exit_status(verdicts: &[Verdict]) -> u8 {
    let has = |verdict| verdicts.contains(&verdict);
    if has(Verdict::Invalid) {
        1
    } else if has(Verdict::Refused) || verdicts.is_empty() {
        STATUS_REFUSED
    } else if has(Verdict::Indeterminate) {
        3
    } else {
        0
    }
}

fn usage_error(message: &str) -> ExitCode {
    complain(message);
    complain("see `assay verify --help`");
    ExitCode::from(STATUS_REFUSED)
}

fn complain(message: &str) {
    // Standard error may be closed as well, and then there is nobody left to tell.
    let _ = writeln!(io::stderr(), "assay: {message}");
}
