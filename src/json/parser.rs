//! A recursive-descent parser over RFC 8259, bounded in depth and number length.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::error::{Error, ErrorKind, Place};
use super::value::{Defect, DefectKind, Document, Kind, Member, Object, Span, Value};
use crate::budget;

pub(super) const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Objects up to this size are searched for duplicates by comparing pairs; larger ones by sorting
/// (hashing could be slowed down by chosen keys: wasm32 has no randomness to seed it with).
const PAIRWISE_MEMBERS: usize = 16;

/// Parses a whole file.
///
/// # Errors
/// When the bytes are not UTF-8 or not JSON; the error names the place.
pub fn parse(bytes: &[u8]) -> Result<Document<'_>, Error> {
    parse_text(text(bytes)?)
}

/// The bytes as text.
///
/// # Errors
/// When the bytes are not UTF-8; the error names the first place.
pub fn text(bytes: &[u8]) -> Result<&str, Error> {
    std::str::from_utf8(bytes).map_err(|error| Error {
        kind: ErrorKind::InvalidUtf8,
        place: Place::of(bytes, error.valid_up_to()),
    })
}

/// Parses a whole text.
///
/// # Errors
/// When the text is not JSON; the error names the place.
pub fn parse_text(text: &str) -> Result<Document<'_>, Error> {
    let mut parser = Parser::new(text, Place::START);
    parser.skip_byte_order_mark();
    parser.skip_space();
    if parser.peek().is_none() {
        return Err(parser.error(ErrorKind::Empty));
    }
    let root = parser.value()?;
    parser.skip_space();
    if parser.peek().is_some() {
        parser.defect(DefectKind::TrailingBytes, parser.at);
    }
    Ok(parser.document(root))
}

/// A cursor over a text. Spans and offsets count from the start of the text.
pub(super) struct Parser<'a> {
    text: &'a str,
    /// Where the cursor began.
    origin: Place,
    pub(super) at: usize,
    depth: usize,
    values: usize,
    defects: Vec<Defect>,
}

impl<'a> Parser<'a> {
    pub(super) fn new(text: &'a str, origin: Place) -> Self {
        Self {
            text,
            origin,
            at: origin.offset,
            depth: 0,
            values: 0,
            defects: Vec::new(),
        }
    }

    pub(super) fn document(self, root: Value<'a>) -> Document<'a> {
        Document {
            root,
            defects: self.defects,
            text: self.text,
            origin: self.origin,
        }
    }

    pub(super) fn skip_byte_order_mark(&mut self) {
        if self.text.starts_with(BYTE_ORDER_MARK) {
            self.defect(DefectKind::ByteOrderMark, 0);
            self.at = BYTE_ORDER_MARK.len();
        }
    }

    pub(super) fn defect(&mut self, kind: DefectKind, offset: usize) {
        self.defects.push(Defect { kind, offset });
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn bump(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    pub(super) fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.bump();
        }
    }

    pub(super) fn error(&self, kind: ErrorKind) -> Error {
        self.error_at(kind, self.at)
    }

    fn error_at(&self, kind: ErrorKind, offset: usize) -> Error {
        Error {
            kind,
            place: self.origin.advanced(self.text.as_bytes(), offset),
        }
    }

    pub(super) fn unexpected(&self, expected: &'static str) -> Error {
        match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            Some(found) => self.error(ErrorKind::Unexpected { found, expected }),
            None => self.error(ErrorKind::UnexpectedEnd),
        }
    }

    fn span(&self, start: usize) -> Span {
        let clamp = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            start: clamp(start),
            end: clamp(self.at),
        }
    }

    fn slice(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Parses one value, with white space before it.
    pub(super) fn value(&mut self) -> Result<Value<'a>, Error> {
        self.skip_space();
        let start = self.at;
        self.values = self.values.saturating_add(1);
        if self.values > budget::JSON_VALUES {
            return Err(self.error(ErrorKind::TooManyValues));
        }
        let kind = match self.peek() {
            Some(b'"') => Kind::String(self.string()?),
            Some(b'{') => Kind::Object(self.object()?),
            Some(b'[') => Kind::Array(self.array()?),
            Some(b'-' | b'0'..=b'9') => Kind::Number(self.number()?),
            Some(b't') => self.word("true", Kind::Bool(true))?,
            Some(b'f') => self.word("false", Kind::Bool(false))?,
            Some(b'n') => self.word("null", Kind::Null)?,
            Some(b'N') => self.non_finite("NaN")?,
            Some(b'I') => self.non_finite("Infinity")?,
            _ => return Err(self.unexpected("a value")),
        };
        Ok(Value {
            span: self.span(start),
            kind,
        })
    }

    fn word(&mut self, word: &'static str, kind: Kind<'a>) -> Result<Kind<'a>, Error> {
        let end = self.at.saturating_add(word.len());
        if self.text.get(self.at..end) == Some(word) {
            self.at = end;
            return Ok(kind);
        }
        if word.starts_with(self.slice(self.at, self.text.len())) {
            self.at = self.text.len();
        }
        Err(self.unexpected("a value"))
    }

    fn non_finite(&mut self, word: &'static str) -> Result<Kind<'a>, Error> {
        let start = self.at;
        self.word(word, Kind::Null)?;
        self.defect(DefectKind::NonFinite, start);
        Ok(Kind::Number(self.slice(start, self.at)))
    }

    fn number(&mut self) -> Result<&'a str, Error> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.bump();
            if self.peek() == Some(b'I') {
                self.word("Infinity", Kind::Null)?;
                self.defect(DefectKind::NonFinite, start);
                return Ok(self.slice(start, self.at));
            }
        }
        let malformed = |parser: &Self| match parser.peek() {
            None => parser.error(ErrorKind::UnexpectedEnd),
            Some(_) => parser.error_at(ErrorKind::MalformedNumber, start),
        };
        if self.peek() == Some(b'0') {
            self.bump();
            if self.digits() > 0 {
                return Err(self.error_at(ErrorKind::MalformedNumber, start));
            }
        } else if self.digits() == 0 {
            return Err(malformed(self));
        }
        if self.peek() == Some(b'.') {
            self.bump();
            if self.digits() == 0 {
                return Err(malformed(self));
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.bump();
            if let Some(b'+' | b'-') = self.peek() {
                self.bump();
            }
            if self.digits() == 0 {
                return Err(malformed(self));
            }
        }
        let lexeme = self.slice(start, self.at);
        if lexeme.len() > budget::NUMBER_CHARS {
            return Err(self.error_at(ErrorKind::NumberTooLong(lexeme.len()), start));
        }
        Ok(lexeme)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.bump();
        }
        self.at.saturating_sub(start)
    }

    /// Parses a string; one without escapes is borrowed from the text.
    fn string(&mut self) -> Result<Cow<'a, str>, Error> {
        self.bump();
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            let plain = self.slice(start, self.at);
            self.bump();
            return Ok(Cow::Borrowed(plain));
        }
        let mut unescaped = String::from(self.slice(start, self.at));
        loop {
            match self.peek() {
                Some(b'"') => {
                    self.bump();
                    return Ok(Cow::Owned(unescaped));
                }
                Some(b'\\') => {
                    self.bump();
                    unescaped.push(self.escape()?);
                }
                Some(_) => return Err(self.error(ErrorKind::ControlCharacter)),
                None => return Err(self.error(ErrorKind::UnexpectedEnd)),
            }
            let start = self.at;
            self.skip_plain();
            unescaped.push_str(self.slice(start, self.at));
        }
    }

    /// Moves to the next quote, backslash, control character or the end.
    fn skip_plain(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let length = rest
            .iter()
            .position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1f))
            .unwrap_or(rest.len());
        self.at = self.at.saturating_add(length);
    }

    fn escape(&mut self) -> Result<char, Error> {
        let start = self.at.saturating_sub(1);
        let escaped = self
            .peek()
            .ok_or_else(|| self.error(ErrorKind::UnexpectedEnd))?;
        self.bump();
        Ok(match escaped {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let unit = self.code_unit(start)?;
                if !(0xD800..=0xDFFF).contains(&unit) {
                    return char::from_u32(unit)
                        .ok_or_else(|| self.error_at(ErrorKind::MalformedEscape, start));
                }
                let lone = |parser: &Self| parser.error_at(ErrorKind::LoneSurrogate, start);
                if unit >= 0xDC00 || self.slice(self.at, self.at.saturating_add(2)) != "\\u" {
                    return Err(lone(self));
                }
                self.at = self.at.saturating_add(2);
                let low = self.code_unit(start)?;
                if !(0xDC00..=0xDFFF).contains(&low) {
                    return Err(lone(self));
                }
                let pair = (unit.wrapping_sub(0xD800) << 10) | low.wrapping_sub(0xDC00);
                return char::from_u32(pair.saturating_add(0x10000)).ok_or_else(|| lone(self));
            }
            _ => return Err(self.error_at(ErrorKind::MalformedEscape, start)),
        })
    }

    fn code_unit(&mut self, escape_start: usize) -> Result<u32, Error> {
        let end = self.at.saturating_add(4);
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let digits = rest
            .iter()
            .take(4)
            .take_while(|byte| byte.is_ascii_hexdigit());
        match digits.count() {
            4 => {}
            count if count == rest.len() => {
                return Err(self.error_at(ErrorKind::UnexpectedEnd, self.text.len()));
            }
            _ => return Err(self.error_at(ErrorKind::MalformedEscape, escape_start)),
        }
        let unit = u32::from_str_radix(self.slice(self.at, end), 16)
            .map_err(|_| self.error_at(ErrorKind::MalformedEscape, escape_start))?;
        self.at = end;
        Ok(unit)
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > budget::JSON_DEPTH {
            return Err(self.error(ErrorKind::TooDeep));
        }
        self.bump();
        self.skip_space();
        Ok(())
    }

    fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
        self.bump();
    }

    fn array(&mut self) -> Result<Vec<Value<'a>>, Error> {
        self.enter()?;
        let mut elements = Vec::new();
        if self.peek() == Some(b']') {
            self.leave();
            return Ok(elements);
        }
        loop {
            elements.push(self.value()?);
            self.skip_space();
            match self.peek() {
                Some(b',') => self.bump(),
                Some(b']') => {
                    self.leave();
                    return Ok(elements);
                }
                _ => return Err(self.unexpected("a comma or the end of the array")),
            }
        }
    }

    fn object(&mut self) -> Result<Object<'a>, Error> {
        self.enter()?;
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.leave();
            return Ok(Object { members });
        }
        loop {
            self.skip_space();
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.unexpected("a key"));
            }
            let key = self.string()?;
            let key_span = self.span(start);
            self.skip_space();
            if self.peek() != Some(b':') {
                return Err(self.unexpected("a colon"));
            }
            self.bump();
            let value = self.value()?;
            members.push(Member {
                key,
                key_span,
                value,
            });
            self.skip_space();
            match self.peek() {
                Some(b',') => self.bump(),
                Some(b'}') => {
                    self.leave();
                    self.note_duplicates(&members);
                    return Ok(Object { members });
                }
                _ => return Err(self.unexpected("a comma or the end of the object")),
            }
        }
    }

    fn note_duplicates(&mut self, members: &[Member<'a>]) {
        if members.len() <= PAIRWISE_MEMBERS {
            for (index, member) in members.iter().enumerate() {
                if members
                    .iter()
                    .take(index)
                    .any(|earlier| earlier.key == member.key)
                {
                    self.defect(DefectKind::DuplicateKey, member.key_span.start as usize);
                }
            }
            return;
        }
        let mut seen = BTreeSet::new();
        for member in members {
            if !seen.insert(member.key.as_ref()) {
                self.defect(DefectKind::DuplicateKey, member.key_span.start as usize);
            }
        }
    }
}
