//! How values are written on the page.

/// A number with thousands separated: `1,234,567`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 file`, `2 files`.
pub fn plural(n: usize, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(n as u64))
}

/// A size for people and exactly: `12.3 MB (12,345,678 bytes)`.
pub fn size(bytes: u64) -> String {
    let exact = format!("{} byte{}", count(bytes), if bytes == 1 { "" } else { "s" });
    let (unit, name) = match bytes {
        0..10_000 => return exact,
        10_000..1_000_000 => (1_000, "kB"),
        1_000_000..1_000_000_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = bytes / (unit / 10);
    format!("{}.{} {name} ({exact})", tenths / 10, tenths % 10)
}

/// A digest, key or signature in hexadecimal, cut in groups of four so that two can be compared by eye.
#[derive(Clone, Debug, PartialEq)]
pub struct Digest {
    /// What stands before the digits, such as `sha256:`.
    pub prefix: String,
    /// Four digits each, the last one perhaps fewer.
    pub groups: Vec<String>,
}

/// Digits from which a hexadecimal text is drawn in groups.
const DIGEST_DIGITS: usize = 32;

impl Digest {
    /// Reads `text` as a digest; `None` when it is anything else.
    pub fn read(text: &str) -> Option<Self> {
        let (prefix, digits) = match text.rfind(':') {
            Some(colon) => text.split_at_checked(colon.checked_add(1)?)?,
            None => ("", text),
        };
        let plain = prefix.len() <= 24 && !prefix.contains(char::is_whitespace);
        let hex = digits.len() >= DIGEST_DIGITS && digits.bytes().all(|b| b.is_ascii_hexdigit());
        (plain && hex).then(|| Self {
            prefix: prefix.to_owned(),
            groups: digits
                .as_bytes()
                .chunks(4)
                .map(|group| String::from_utf8_lossy(group).into_owned())
                .collect(),
        })
    }

    /// Which groups differ from those of `other`; `None` when the two cannot be laid side by side.
    pub fn differing(&self, other: &Self) -> Option<Vec<bool>> {
        (self.groups.len() == other.groups.len()).then(|| {
            self.groups
                .iter()
                .zip(&other.groups)
                .map(|(a, b)| a != b)
                .collect()
        })
    }
}

/// Cuts `text` to at most `limit` characters; the second part says how many were left out.
pub fn cut(text: &str, limit: usize) -> (&str, usize) {
    match text.char_indices().nth(limit) {
        None => (text, 0),
        Some((end, _)) => match text.split_at_checked(end) {
            Some((head, tail)) => (head, tail.chars().count()),
            None => (text, 0),
        },
    }
}

/// A system's name as its vendor writes it.
pub fn system(code: &str) -> &str {
    match code {
        "aegis" => "Aegis",
        "complianceguard" => "ComplianceGuard",
        "heso" => "HESO",
        "thessor" => "Thessor",
        "thoth" => "Thoth",
        other => other,
    }
}

/// A kind of artifact in words: `action receipt chain`.
pub fn kind(code: &str) -> String {
    code.replace('-', " ")
}

/// A word that starts a line: `operator` becomes `Operator`.
pub fn capital(word: &str) -> String {
    let mut chars = word.chars();
    match chars.next() {
        Some(first) => std::iter::once(first.to_ascii_uppercase())
            .chain(chars)
            .collect(),
        None => String::new(),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (12_345_678, "12,345,678"),
        ] {
            assert_eq!(count(n), text);
        }
    }

    #[test]
    fn sizes_are_exact() {
        for (n, text) in [
            (1, "1 byte"),
            (2_486, "2,486 bytes"),
            (12_345, "12.3 kB (12,345 bytes)"),
            (999_999, "999.9 kB (999,999 bytes)"),
            (1_073_741_824, "1.0 GB (1,073,741,824 bytes)"),
        ] {
            assert_eq!(size(n), text);
        }
    }

    #[test]
    fn hexadecimal_is_cut_in_fours() {
        let digest = Digest::read(&format!("sha256:{}", "ab12".repeat(16))).unwrap();
        assert_eq!(digest.prefix, "sha256:");
        assert_eq!(digest.groups, vec!["ab12"; 16]);
    }

    #[test]
    fn other_texts_are_left_alone() {
        for text in [
            "",
            "gpt-4o",
            "2026-01-01T00:00:00Z",
            "7f9c",
            "0c8f0d4e-9f0a-4b52-8f5e-5f5d5b5a5e5f",
            "naïve:ab",
        ] {
            assert_eq!(Digest::read(text), None, "{text}");
        }
    }

    #[test]
    fn differing_groups_are_named() {
        let read = |text: &str| Digest::read(text).unwrap();
        let a = read(&"0000".repeat(8));
        let b = read(&format!("{}0001", "0000".repeat(7)));
        let c = read(&"0000".repeat(16));
        assert_eq!(a.differing(&b).unwrap().iter().filter(|d| **d).count(), 1);
        assert_eq!(a.differing(&c), None);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        assert_eq!(cut("ééé", 2), ("éé", 1));
        assert_eq!(cut("abc", 3), ("abc", 0));
    }
}
