//! What the command line takes.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Verifies sealed AI audit evidence, offline.
#[derive(Debug, Parser)]
#[command(name = "assay", version, arg_required_else_help = true)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the command line can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Verify files and report on each
    #[command(after_help = EXIT_STATUS)]
    Verify(Verify),
}

/// The options of `assay verify`.
#[derive(Debug, clap::Args)]
pub struct Verify {
    /// Print each report as one line of JSON
    #[arg(long)]
    pub json: bool,

    /// List every check, also the passes that are otherwise counted together
    #[arg(long)]
    pub full: bool,

    // Hyphens, because PEM begins with them.
    /// Pin a public key: hex, base64, PEM, JWK, or a file holding one
    #[arg(long = "key", value_name = "KEY", allow_hyphen_values = true)]
    pub keys: Vec<String>,

    /// The key of an encrypted payload, for those who may read it
    #[arg(long, value_name = "HEX")]
    pub payload_key: Option<String>,

    /// Hand over a file or folder that the report asks for, such as the original input
    #[arg(long, value_name = "NAME=FILE", value_parser = pair)]
    pub with: Vec<(String, String)>,

    /// Supply a value that the report asks for, such as a user's name
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,

    /// Write out what the payload key decrypted, which reports otherwise leave out
    #[arg(long)]
    pub disclose: bool,

    /// The files and folders to verify; - is standard input
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
}

const EXIT_STATUS: &str = "\
Exit status, the first that applies:
  1  a file is invalid
  2  the options are wrong, or a file was refused
  3  a file could not be decided
  0  every file is valid";

/// `NAME=VALUE` in two; the value may hold further equals signs.
fn pair(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("this has to be a name, an equals sign and a value".to_owned()),
    }
}
