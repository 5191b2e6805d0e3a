//! Many values in one text, parsed one at a time: lines of JSON, or the elements of an array.

use super::error::{Error, ErrorKind, Place};
use super::parser::{BYTE_ORDER_MARK, Parser};
use super::value::{Defect, DefectKind, Document};

/// How the values are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// One value a line; blank lines count for nothing.
    Lines,
    /// One array that holds the values.
    Array,
}

/// A text that holds many values.
#[derive(Clone, Copy, Debug)]
pub struct Records<'a> {
    text: &'a str,
    layout: Layout,
}

/// One of many values.
#[derive(Debug)]
pub struct Record<'a> {
    /// Position among the values, from 1.
    pub number: usize,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The value, or why it cannot be read. After an error in an array nothing follows.
    pub document: Result<Document<'a>, Error>,
}

impl<'a> Records<'a> {
    /// The values of `text`, laid out as `layout` says.
    pub fn new(text: &'a str, layout: Layout) -> Self {
        Self { text, layout }
    }

    /// How the values are laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// The whole text.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// The values, in the order of the text.
    pub fn iter(&self) -> Iter<'a> {
        Iter {
            text: self.text,
            layout: self.layout,
            place: Place::START,
            number: 0,
            state: State::Start,
        }
    }
}

impl<'a> IntoIterator for &Records<'a> {
    type Item = Record<'a>;
    type IntoIter = Iter<'a>;

    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}

#[derive(Debug, PartialEq)]
enum State {
    Start,
    Within,
    Done,
}

/// Iterates over [`Records`].
///
/// What departs from RFC 8259 outside every element of an array (a byte order mark, bytes after the
/// array) is a defect of the first or, respectively, a last record that holds an error.
#[derive(Debug)]
pub struct Iter<'a> {
    text: &'a str,
    layout: Layout,
    place: Place,
    number: usize,
    state: State,
}

impl<'a> Iter<'a> {
    /// Bytes of the text behind the cursor.
    pub fn offset(&self) -> usize {
        self.place.offset
    }

    fn record(&mut self, line: usize, document: Result<Document<'a>, Error>) -> Record<'a> {
        self.number = self.number.saturating_add(1);
        Record {
            number: self.number,
            line,
            document,
        }
    }

    fn next_line(&mut self) -> Option<Record<'a>> {
        loop {
            let start = self.place;
            let rest = self.text.get(start.offset..)?;
            if rest.is_empty() {
                return None;
            }
            let length = rest.find('\n').unwrap_or(rest.len());
            let end = start.offset.saturating_add(length);
            self.place = Place {
                line: start.line.saturating_add(1),
                column: 1,
                offset: end.saturating_add(1).min(self.text.len()),
            };
            let content = rest.get(..length).unwrap_or_default();
            if content.trim_matches([' ', '\t', '\r']).is_empty() {
                continue;
            }
            let document = line_document(self.text, start, end);
            return Some(self.record(start.line, document));
        }
    }

    fn next_element(&mut self) -> Option<Record<'a>> {
        let mut parser = Parser::new(self.text, self.place);
        if self.state == State::Start {
            parser.skip_byte_order_mark();
        }
        parser.skip_space();
        let first = self.state == State::Start;
        if first {
            if parser.peek() != Some(b'[') {
                self.state = State::Done;
                let error = parser.unexpected("an array");
                return Some(self.record(error.place.line, Err(error)));
            }
            self.state = State::Within;
        }
        match parser.peek() {
            Some(b']') => return self.end_array(parser),
            Some(b'[') if first => parser.at = parser.at.saturating_add(1),
            Some(b',') => parser.at = parser.at.saturating_add(1),
            _ => {
                self.state = State::Done;
                let error = parser.unexpected("a comma or the end of the array");
                return Some(self.record(error.place.line, Err(error)));
            }
        }
        parser.skip_space();
        if first && parser.peek() == Some(b']') {
            return self.end_array(parser);
        }
        let bytes = self.text.as_bytes();
        self.place = self.place.advanced(bytes, parser.at);
        let line = self.place.line;
        match parser.value() {
            Ok(root) => {
                self.place = self.place.advanced(bytes, parser.at);
                Some(self.record(line, Ok(parser.document(root))))
            }
            Err(error) => {
                self.state = State::Done;
                Some(self.record(line, Err(error)))
            }
        }
    }

    fn end_array(&mut self, mut parser: Parser<'a>) -> Option<Record<'a>> {
        self.state = State::Done;
        parser.at = parser.at.saturating_add(1);
        parser.skip_space();
        if self.number == 0 && self.text.starts_with(BYTE_ORDER_MARK) {
            // There is no element to bear the defect.
            parser.at = 0;
        }
        parser.peek()?;
        let error = parser.unexpected("nothing but white space");
        Some(self.record(error.place.line, Err(error)))
    }
}

impl<'a> Iterator for Iter<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        match (self.layout, &self.state) {
            (_, State::Done) => None,
            (Layout::Lines, _) => self.next_line(),
            (Layout::Array, _) => self.next_element(),
        }
    }
}

/// Parses one line; offsets and spans count from the start of the whole text.
fn line_document(text: &str, start: Place, end: usize) -> Result<Document<'_>, Error> {
    let through_line = text.get(..end).unwrap_or(text);
    let mut parser = Parser::new(through_line, start);
    if start == Place::START {
        parser.skip_byte_order_mark();
    }
    let root = parser.value()?;
    parser.skip_space();
    if parser.peek().is_some() {
        parser.defect(DefectKind::TrailingBytes, parser.at);
    }
    Ok(parser.document(root))
}

impl Document<'_> {
    /// The place of the first defect.
    pub fn defect_place(&self) -> Option<Place> {
        let Defect { offset, .. } = self.defects.first()?;
        Some(self.place(*offset))
    }
}

impl Error {
    /// Whether the text stopped short, as a file does that was cut off.
    pub fn is_truncation(&self) -> bool {
        matches!(self.kind, ErrorKind::UnexpectedEnd)
    }
}
