//! Why a text is not JSON, and where.

use std::fmt;

/// A position in a text, counted for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Bytes before the position.
    pub offset: usize,
}

impl Place {
    /// The beginning of a text.
    pub const START: Self = Self {
        line: 1,
        column: 1,
        offset: 0,
    };

    /// The place of byte `offset` in `bytes`; an offset past the end counts as the end.
    pub fn of(bytes: &[u8], offset: usize) -> Self {
        Self::START.advanced(bytes, offset)
    }

    /// The place of byte `offset` in `bytes`, of which this is an earlier place: what lies before
    /// it is not counted again, so that naming a place in each of many records stays cheap.
    pub fn advanced(self, bytes: &[u8], offset: usize) -> Self {
        let offset = offset.min(bytes.len());
        let Some(passed) = bytes.get(self.offset..offset) else {
            return Self::of(bytes, offset);
        };
        let newlines = passed.iter().filter(|byte| **byte == b'\n').count();
        let (column, line_start) = match newlines {
            0 => (self.column, 0),
            _ => (
                1,
                passed
                    .iter()
                    .rposition(|byte| *byte == b'\n')
                    .map_or(0, |at| at.saturating_add(1)),
            ),
        };
        let characters = passed
            .get(line_start..)
            .unwrap_or_default()
            .iter()
            .filter(|byte| **byte & 0xC0 != 0x80)
            .count();
        Self {
            line: self.line.saturating_add(newlines),
            column: column.saturating_add(characters),
            offset,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A text that is not JSON, and the first place where that shows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{kind} ({place})")]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where.
    pub place: Place,
}

/// What is wrong with a text that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ErrorKind {
    /// Nothing but white space.
    #[error("The text is empty.")]
    Empty,
    /// Bytes that are not UTF-8.
    #[error("The text is not valid UTF-8.")]
    InvalidUtf8,
    /// The text ends inside a value.
    #[error("The text ends before the JSON value is complete.")]
    UnexpectedEnd,
    /// A character that cannot stand here.
    #[error("Found {found:?} where {expected} should stand.")]
    Unexpected {
        /// The character found.
        found: char,
        /// What could stand here.
        expected: &'static str,
    },
    /// A number that the grammar does not allow, such as `01` or `1.`.
    #[error("A number is not written as JSON requires.")]
    MalformedNumber,
    /// A number longer than [`crate::budget::NUMBER_CHARS`].
    #[error("A number is {0} characters long; this verifier reads at most {max}.", max = crate::budget::NUMBER_CHARS)]
    NumberTooLong(usize),
    /// An escape that JSON does not have.
    #[error("A string has an escape that JSON does not allow.")]
    MalformedEscape,
    /// Half of a surrogate pair: not a character, and unwritable in UTF-8.
    #[error("A string has half of a surrogate pair, which is not a character.")]
    LoneSurrogate,
    /// An unescaped control character in a string.
    #[error("A string has an unescaped control character.")]
    ControlCharacter,
    /// Nesting deeper than [`crate::budget::JSON_DEPTH`].
    #[error("The JSON is nested more than {max} levels deep.", max = crate::budget::JSON_DEPTH)]
    TooDeep,
    /// More values in one document than [`crate::budget::JSON_VALUES`].
    #[error("The JSON has more than {max} values.", max = crate::budget::JSON_VALUES)]
    TooManyValues,
}
