//! A report as text for people: the verdict first, then who signed, then the checks with the failures first.

use std::fmt::{self, Display, Formatter, Write};

use assay::report::{AskKind, Check, Fact, Report, Signer, Status, Verdict};

/// A report, drawn for a terminal or a text file.
pub struct Text<'a> {
    /// What to draw.
    pub report: &'a Report,
    /// The file as it was named on the command line.
    pub file: &'a str,
    /// Whether to set the verdict and the failures off with colour; the words stay the same.
    pub colour: bool,
    /// Whether to print what was decrypted.
    pub disclose: bool,
}

impl Display for Text<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let report = self.report;
        let word = report.verdict.word().to_uppercase();
        writeln!(
            out,
            "{}  {}",
            self.paint(verdict_colour(report.verdict), &word),
            Plain(self.file)
        )?;
        writeln!(out, "{}", Plain(&report.summary))?;
        self.artifact(out)?;
        self.signers(out)?;
        self.checks(out)?;
        self.asks(out)?;
        self.facts(out)?;
        self.disclosed(out)?;
        self.limits(out)?;
        self.peer(out)
    }
}

impl Text<'_> {
    fn artifact(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let artifact = &self.report.artifact;
        writeln!(out)?;
        if let Some(system) = &artifact.system {
            let kind = artifact.kind.as_deref().unwrap_or("artifact");
            write!(out, "Kind     {} {}", Plain(system), Plain(kind))?;
            if let Some(dialect) = &artifact.dialect {
                write!(out, ", {} dialect", Plain(dialect))?;
            }
            writeln!(out)?;
        }
        if !artifact.sha256.is_empty() {
            writeln!(out, "Size     {} bytes", Grouped(artifact.bytes))?;
            writeln!(out, "SHA-256  {}", Plain(&artifact.sha256))?;
        }
        if let Some(reason) = self.report.reason {
            writeln!(out, "Reason   {}: {}", reason.code(), reason.meaning())?;
        }
        if let Some(refusal) = &self.report.refusal {
            writeln!(out, "Reason   {}", refusal.code.code())?;
        }
        Ok(())
    }

    fn signers(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if self.report.signers.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nSigners")?;
        if let Some(part) = &self.report.signed_part {
            writeln!(
                out,
                "  Only {} are signed, and nothing else in the file.",
                Plain(part)
            )?;
        }
        self.report
            .signers
            .iter()
            .try_for_each(|signer| write!(out, "{}", SignerText(signer)))
    }

    fn checks(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let counts = &self.report.counts;
        if self.report.checks.is_empty() {
            return Ok(());
        }
        writeln!(
            out,
            "\nChecks: {} failed, {} skipped, {} noted, {} passed",
            Grouped(counts.failed),
            Grouped(counts.skipped),
            Grouped(counts.noted),
            Grouped(counts.passed)
        )?;
        for check in &self.report.checks {
            self.check(out, check)?;
        }
        if counts.omitted > 0 {
            writeln!(
                out,
                "  {} more are counted but not listed; --full lists them.",
                Grouped(counts.omitted)
            )?;
        }
        Ok(())
    }

    fn check(&self, out: &mut Formatter<'_>, check: &Check) -> fmt::Result {
        let (word, colour) = match check.status {
            Status::Fail => ("FAIL", RED),
            Status::Skip => ("SKIP", YELLOW),
            Status::Note => ("NOTE", ""),
            Status::Pass => ("pass", ""),
        };
        write!(
            out,
            "  {}  {} ({} of {}",
            self.paint(colour, word),
            Plain(&check.title),
            Plain(&check.id),
            Plain(&check.subject)
        )?;
        if let Some(count) = check.count {
            write!(out, ", {} times", Grouped(count))?;
        }
        if check.required && check.status == Status::Skip {
            write!(out, ", required")?;
        }
        writeln!(out, ")")?;
        if !check.detail.is_empty() {
            writeln!(out, "        {}", Plain(&check.detail))?;
        }
        if let Some(expected) = &check.expected {
            writeln!(out, "        expected  {}", Value(expected))?;
        }
        if let Some(actual) = &check.actual {
            writeln!(out, "        actual    {}", Value(actual))?;
        }
        if matches!(check.status, Status::Fail | Status::Skip) {
            if let Some(reason) = check.reason {
                writeln!(out, "        reason    {}", reason.code())?;
            }
            writeln!(out, "        rule      {}", Plain(&check.rule))?;
        }
        Ok(())
    }

    fn facts(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if self.report.facts.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nWhat the file says")?;
        self.report.facts.iter().try_for_each(|fact| {
            let Fact {
                label,
                value,
                pointer,
                signed,
            } = fact;
            let mark = if *signed { "signed" } else { "not signed" };
            let place = match pointer.is_empty() {
                true => String::new(),
                false => format!("{}, ", Plain(pointer)),
            };
            writeln!(out, "  {}: {} ({place}{mark})", Plain(label), Plain(value))
        })
    }

    /// What could still be supplied, and how.
    fn asks(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let mut open = (self.report.asks.iter())
            .filter(|ask| !ask.supplied)
            .peekable();
        if open.peek().is_none() {
            return Ok(());
        }
        writeln!(out, "\nWhat you could supply")?;
        open.try_for_each(|ask| {
            let name = Plain(&ask.name);
            write!(out, "  {}: {} (", Plain(&ask.label), Plain(&ask.why))?;
            match ask.kind {
                AskKind::File => writeln!(out, "--with {name}=FILE)"),
                AskKind::Text | AskKind::Secret => writeln!(out, "--set {name}=VALUE)"),
                AskKind::PayloadKey => writeln!(out, "--payload-key HEX)"),
                AskKind::Key => writeln!(out, "--key KEY)"),
            }
        })
    }

    fn disclosed(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if self.report.disclosed.is_empty() {
            return Ok(());
        }
        if !self.disclose {
            return writeln!(
                out,
                "\nContent was decrypted. This report leaves it out; --disclose writes it out."
            );
        }
        writeln!(out, "\nWhat was decrypted")?;
        self.report.disclosed.iter().try_for_each(|content| {
            let (label, value) = (Plain(&content.label), Plain(&content.value));
            writeln!(out, "  {label}: {value} ({})", Plain(&content.pointer))
        })
    }

    fn limits(&self, out: &mut Formatter<'_>) -> fmt::Result {
        if self.report.limits.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nWhat this does not prove")?;
        self.report
            .limits
            .iter()
            .try_for_each(|limit| writeln!(out, "  {}", Plain(limit)))
    }

    /// The peer's outcome in its own words; lists are for `--json`.
    fn peer(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let Some(peer) = &self.report.peer else {
            return Ok(());
        };
        writeln!(out, "\nIn the words of the system's own verifier")?;
        for (name, value) in peer {
            match value {
                serde_json::Value::Array(_) | serde_json::Value::Object(_) => continue,
                serde_json::Value::String(text) => {
                    writeln!(out, "  {}: {}", Plain(name), Plain(text))?
                }
                other => writeln!(out, "  {}: {other}", Plain(name))?,
            }
        }
        Ok(())
    }

    fn paint(&self, colour: &str, word: &str) -> String {
        if self.colour && !colour.is_empty() {
            format!("{colour}{word}\x1b[0m")
        } else {
            word.to_owned()
        }
    }
}

const RED: &str = "\x1b[1;31m";
const GREEN: &str = "\x1b[1;32m";
const YELLOW: &str = "\x1b[1;33m";

fn verdict_colour(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Valid => GREEN,
        Verdict::Invalid => RED,
        Verdict::Indeterminate | Verdict::Refused => YELLOW,
    }
}

struct SignerText<'a>(&'a Signer);

impl Display for SignerText<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let signer = self.0;
        let pinned = match signer.pinned {
            Some(true) => "pinned by you",
            Some(false) => "not one of the keys that you pinned",
            None => "not pinned: the file carries this key, and nobody has said whose it is",
        };
        writeln!(
            out,
            "  {}, {} ({pinned})\n    key          {}\n    fingerprint  {}",
            Plain(&signer.role),
            Plain(&signer.algorithm),
            Key(&signer.public_key),
            Plain(&signer.fingerprint)
        )
    }
}

/// A key in hexadecimal. The long ones, of ML-DSA, are known by their ends and their fingerprint; `--json` has them whole.
struct Key<'a>(&'a str);

impl Display for Key<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        const WHOLE: usize = 64;
        const END: usize = 32;
        let key = self.0;
        let ends = (key.get(..END), key.get(key.len().saturating_sub(END)..));
        match ends {
            (Some(first), Some(last)) if key.len() > WHOLE => {
                let length = Grouped(key.len() as u64);
                write!(out, "{} … {} ({length} digits)", Plain(first), Plain(last))
            }
            _ => write!(out, "{}", Plain(key)),
        }
    }
}

/// What a check compares: a hash, a key or a text. Hexadecimal that is longer than any hash is taken for a key.
struct Value<'a>(&'a str);

impl Display for Value<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        const HASH: usize = 128;
        let is_hex = self.0.bytes().all(|byte| byte.is_ascii_hexdigit());
        match is_hex && self.0.len() > HASH {
            true => write!(out, "{}", Key(self.0)),
            false => write!(out, "{}", Plain(self.0)),
        }
    }
}

/// Text from a file someone else made, without the characters that steer a terminal or turn its reading direction.
struct Plain<'a>(&'a str);

impl Display for Plain<'_> {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if character.is_control() || is_bidirectional_control(character) {
                write!(out, "\\u{{{:x}}}", u32::from(character))
            } else {
                out.write_char(character)
            }
        })
    }
}

/// The formatting characters of Unicode Standard Annex 9, section 2, and the line and paragraph separators.
fn is_bidirectional_control(character: char) -> bool {
    matches!(
        character,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
    )
}

/// A number with its thousands apart.
struct Grouped(u64);

impl Display for Grouped {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        let digits = self.0.to_string();
        let mut left = digits.len();
        for digit in digits.chars() {
            out.write_char(digit)?;
            left = left.saturating_sub(1);
            if left > 0 && left.is_multiple_of(3) {
                out.write_char(',')?;
            }
        }
        Ok(())
    }
}
