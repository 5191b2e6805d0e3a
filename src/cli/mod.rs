//! The command line: `assay verify`, with the same reports as the page.

mod args;
mod keys;
mod read;
mod render;
mod supplied;
mod together;

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use assay::budget;
use assay::input::is_left_by_system;
use assay::report::RefusalCode;
use assay::{Folder, Input, Options, Refusal, Report, Verdict};
use clap::Parser as _;

use args::{Arguments, Command, Verify};
use read::Content;
use supplied::Supplied;
use together::Together;

/// Wrong options, a file that was refused, or output that nobody took.
const STATUS_REFUSED: u8 = 2;

/// Runs the command line and gives its exit status.
pub fn main() -> ExitCode {
    let Command::Verify(verify) = Arguments::parse().command;
    let pins = match keys::pins(&verify.keys) {
        Ok(pins) => pins,
        Err(message) => return usage_error(&message),
    };
    let supplied = match Supplied::read(&verify) {
        Ok(supplied) => supplied,
        Err(message) => return usage_error(&message),
    };
    let companions = match supplied.companions() {
        Ok(companions) => companions,
        Err(message) => return usage_error(&message),
    };
    let options = Options {
        pins,
        full: verify.full,
        companions,
        values: supplied.values.clone(),
        payload_key: supplied.payload_key.clone(),
        ..Options::default()
    };
    match run(&verify, &options) {
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

fn run(verify: &Verify, options: &Options<'_>) -> io::Result<u8> {
    let mut printer = Printer::new(verify);
    let together = read_together(&verify.files);
    let named =
        (together.iter()).map(|(path, name, bytes)| (*path, name.as_str(), bytes.as_slice()));
    let mut together = Together::open(named);
    for file in &verify.files {
        together.without(file, |beside| {
            let options = Options {
                beside,
                ..options.clone()
            };
            verify_path(file, &options, &mut printer)
        })?;
    }
    Ok(exit_status(&printer.verdicts))
}

/// The small ones of several files, which may link to one another: with their paths and names.
fn read_together(files: &[PathBuf]) -> Vec<(&PathBuf, String, Vec<u8>)> {
    let small = |file: &&PathBuf| {
        let metadata = std::fs::metadata(file);
        metadata.is_ok_and(|metadata| {
            metadata.is_file() && metadata.len() <= budget::BESIDE_BYTES as u64
        })
    };
    if files.len() < 2 {
        return Vec::new();
    }
    files
        .iter()
        .filter(small)
        .filter_map(|file| Some((file, read::name(file), read::bytes(file).ok()?)))
        .collect()
}

/// Verifies a file, or a folder: as one artifact when a system claims it, else each file in it.
fn verify_path(path: &Path, options: &Options<'_>, printer: &mut Printer) -> io::Result<()> {
    let shown = path.to_string_lossy();
    let name = read::name(path);
    let files = match read::content(path) {
        Err(refusal) => return printer.print(&shown, &refusal.into_report()),
        Ok(Content::File(bytes)) => return printer.print(&shown, &report(&name, &bytes, options)),
        Ok(Content::Folder(files)) => files,
    };
    if files.is_empty() {
        return printer.print(&shown, &no_files().into_report());
    }
    let files = read::borrowed(&files);
    let folder = Folder {
        name: &name,
        files: &files,
    };
    match assay::verify_folder(folder, options) {
        Ok(Some(report)) => printer.print(&shown, &report),
        Err(refusal) => printer.print(&shown, &refusal.into_report()),
        Ok(None) => {
            let evidence: Vec<_> = (files.iter())
                .filter(|(name, _)| !is_left_by_system(name))
                .collect();
            if evidence.is_empty() {
                return printer.print(&shown, &no_files().into_report());
            }
            let named = (evidence.iter()).map(|(name, bytes)| (name, name.as_str(), *bytes));
            let mut together = Together::open(named);
            for (name, bytes) in evidence {
                together.without(name, |beside| {
                    let options = Options {
                        beside,
                        ..options.clone()
                    };
                    let shown = path.join(name);
                    printer.print(&shown.to_string_lossy(), &report(name, bytes, &options))
                })?;
            }
            Ok(())
        }
    }
}

fn no_files() -> Refusal {
    Refusal::new(RefusalCode::Empty, "The folder holds no files.")
}

fn report(name: &str, bytes: &[u8], options: &Options<'_>) -> Report {
    assay::verify(Input { name, bytes }, options).unwrap_or_else(Refusal::into_report)
}

/// Prints one report after another.
struct Printer<'a> {
    verify: &'a Verify,
    out: io::StdoutLock<'static>,
    colour: bool,
    /// The verdicts so far.
    verdicts: Vec<Verdict>,
}

impl<'a> Printer<'a> {
    fn new(verify: &'a Verify) -> Self {
        let out = io::stdout().lock();
        let colour =
            out.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        Self {
            verify,
            out,
            colour,
            verdicts: Vec::new(),
        }
    }

    fn print(&mut self, file: &str, report: &Report) -> io::Result<()> {
        if self.verify.json {
            let json = match self.verify.disclose {
                true => report.to_json_disclosing(),
                false => report.to_json(),
            };
            writeln!(self.out, "{json}")?;
        } else {
            if !self.verdicts.is_empty() {
                writeln!(self.out)?;
            }
            let text = render::Text {
                report,
                file,
                colour: self.colour,
                disclose: self.verify.disclose,
            };
            write!(self.out, "{text}")?;
        }
        self.verdicts.push(report.verdict);
        self.out.flush()
    }
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
