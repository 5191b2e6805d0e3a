//! `--key`: a public key as text, or a file holding one.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use assay::trust::{KeyError, Pins, PublicKey};

/// More than any key file needs: an ML-DSA-65 key in hexadecimal has under four thousand characters.
const FILE_BYTES: u64 = 64 << 10;

/// The pins that the options name. An error is a message for the person at the keyboard.
pub fn pins(texts: &[String]) -> Result<Pins, String> {
    let keys = texts
        .iter()
        .map(|text| key(text))
        .collect::<Result<_, _>>()?;
    Ok(Pins { keys })
}

/// A text that is itself a key, or has the form of one, is never taken for a file's name.
fn key(text: &str) -> Result<PublicKey, String> {
    let path = Path::new(text);
    match PublicKey::parse(text) {
        Ok(key) => return Ok(key),
        Err(KeyError::Form | KeyError::Length(_)) if path.exists() => {}
        Err(error @ (KeyError::Form | KeyError::Length(_))) => {
            return Err(format!(
                "--key: {error} There is no file of this name either."
            ));
        }
        Err(error) => return Err(format!("--key: {error}")),
    }
    let contents =
        contents(path).map_err(|error| format!("--key: {text} cannot be read: {error}"))?;
    PublicKey::parse(&contents).map_err(|error| format!("--key: {text}: {error}"))
}

fn contents(path: &Path) -> std::io::Result<String> {
    let mut contents = String::new();
    File::open(path)?
        .take(FILE_BYTES)
        .read_to_string(&mut contents)?;
    Ok(contents)
}
