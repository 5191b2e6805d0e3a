//! What the options supply beside the evidence: companions, values, the key of a payload.

use std::collections::BTreeMap;
use std::path::Path;

use assay::bytes;
use assay::input::Files;
use assay::{Companion, Content};

use super::args::Verify;
use super::read::{self, Content as Read};

/// What `--with`, `--set` and `--payload-key` brought.
pub struct Supplied {
    companions: Vec<(String, String, Read)>,
    /// The values by their names.
    pub values: BTreeMap<String, String>,
    /// The key of an encrypted payload.
    pub payload_key: Option<Vec<u8>>,
}

impl Supplied {
    /// Reads what the options name. An error is a message for the person at the keyboard.
    pub fn read(verify: &Verify) -> Result<Self, String> {
        let companions = verify.with.iter().map(|(name, file)| {
            let path = Path::new(file);
            let content = read::content(path)
                .map_err(|refusal| format!("--with {name}: {file}: {}", refusal.message))?;
            Ok((name.clone(), read::name(path), content))
        });
        let mut values = BTreeMap::new();
        for (name, value) in &verify.set {
            if values.insert(name.clone(), value.clone()).is_some() {
                return Err(format!("--set: {name} is set twice"));
            }
        }
        let payload_key = verify
            .payload_key
            .as_deref()
            .map(|key| bytes::from_hex(key).map_err(|error| format!("--payload-key: {error}")));
        Ok(Self {
            companions: companions.collect::<Result<_, String>>()?,
            values,
            payload_key: payload_key.transpose()?,
        })
    }

    /// The companions, as the library takes them.
    pub fn companions(&self) -> Result<Vec<Companion<'_>>, String> {
        self.companions
            .iter()
            .map(|(name, file_name, content)| {
                let content = match content {
                    Read::File(bytes) => Content::File(bytes),
                    Read::Folder(files) => Files::of_folder(&read::borrowed(files))
                        .map(Content::Folder)
                        .map_err(|error| format!("--with {name}: {error}"))?,
                };
                Ok(Companion {
                    name: name.clone(),
                    file_name: file_name.clone(),
                    content,
                })
            })
            .collect()
    }
}
