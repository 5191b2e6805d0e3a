//! What the lossless reader keeps of a text, and what it says of one that is not JSON.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use assay::budget;
use assay::json::{self, DefectKind, Document, ErrorKind, Layout, Place, Records, Value};

fn parse(text: &str) -> Document<'_> {
    json::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// Every value of a tree with its text, depth first.
fn spans<'t>(text: &'t str, value: &Value<'_>, out: &mut Vec<&'t str>) {
    out.push(&text[value.span.start as usize..value.span.end as usize]);
    for element in value.as_array().unwrap_or_default() {
        spans(text, element, out);
    }
    for member in value.as_object().map_or(&[][..], |object| &object.members) {
        out.push(&text[member.key_span.start as usize..member.key_span.end as usize]);
        spans(text, &member.value, out);
    }
}

#[test]
fn a_number_is_its_characters() {
    for lexeme in [
        "0",
        "-0",
        "1.0",
        "1e5",
        "1E+05",
        "-12.50e-3",
        "12345678901234567890123",
        "1e999",
    ] {
        assert_eq!(parse(lexeme).root.as_number(), Some(lexeme));
    }
}

#[test]
fn only_an_integer_that_fits_is_an_integer() {
    let table = [
        ("0", Some(0), Some(0)),
        ("18446744073709551615", Some(u64::MAX), None),
        ("18446744073709551616", None, None),
        ("-1", None, Some(-1)),
        ("-9223372036854775808", None, Some(i64::MIN)),
        ("1.0", None, None),
        ("1e0", None, None),
        ("\"1\"", None, None),
        ("true", None, None),
    ];
    for (text, unsigned, signed) in table {
        let document = parse(text);
        assert_eq!(
            (document.root.as_u64(), document.root.as_i64()),
            (unsigned, signed),
            "{text}"
        );
    }
}

#[test]
fn members_keep_their_order_and_their_duplicates() {
    let document = parse(r#"{"b":1,"a":2,"b":3}"#);
    let keys: Vec<_> = document
        .root
        .as_object()
        .unwrap()
        .members
        .iter()
        .map(|member| member.key.as_ref())
        .collect();
    assert_eq!(keys, ["b", "a", "b"]);
    assert_eq!(document.root.get("b").unwrap().as_number(), Some("3"));
}

#[test]
fn escapes_are_undone_and_nothing_is_normalised() {
    let table = [
        (r#""""#, ""),
        (r#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r#""\u0041\u00e9\u00C9\u0000""#, "A\u{e9}\u{c9}\0"),
        (r#""\ud83d\ude00\uDBFF\uDFFF""#, "\u{1f600}\u{10ffff}"),
        ("\"e\u{301}\u{7f}\u{2028}\"", "e\u{301}\u{7f}\u{2028}"),
        (r#""plain \u0062ut once""#, "plain but once"),
    ];
    for (text, expected) in table {
        assert_eq!(parse(text).root.as_str(), Some(expected));
    }
}

#[test]
fn every_value_and_key_knows_where_it_stands() {
    let text = " { \"a\" : [ 1 , \"\u{e9}\" ] , \"\u{1f600}\" : null } ";
    let mut found = Vec::new();
    spans(text, &parse(text).root, &mut found);
    assert_eq!(
        found,
        [
            text.trim(),
            "\"a\"",
            "[ 1 , \"\u{e9}\" ]",
            "1",
            "\"\u{e9}\"",
            "\"\u{1f600}\"",
            "null"
        ]
    );
}

#[test]
fn a_pointer_names_the_innermost_value_or_key() {
    let text = r#"{"a/b":[0,{"m~n":"x"}],"":{"k":1}}"#;
    let table = [
        ("{\"a", ""),
        ("\"a/b", "/a~1b"),
        ("0,", "/a~1b/0"),
        ("{\"m", "/a~1b/1"),
        ("\"x", "/a~1b/1/m~0n"),
        ("\"m~", "/a~1b/1/m~0n"),
        ("\":{", "/"),
        ("1}}", "//k"),
    ];
    let document = parse(text);
    for (at, pointer) in table {
        assert_eq!(document.pointer(text.find(at).unwrap()), pointer, "{at}");
    }
}

#[test]
fn white_space_is_what_rfc_8259_says_and_no_more() {
    assert_eq!(
        parse("\t\r\n [ \t\r\n1\t\r\n ]\t\r\n ")
            .root
            .as_array()
            .unwrap()
            .len(),
        1
    );
    for space in ["\u{b}", "\u{c}", "\u{a0}", "\u{85}", "\u{2003}", "\0"] {
        assert!(
            json::parse(format!("[{space}1]").as_bytes()).is_err(),
            "{space:?}"
        );
    }
}

#[test]
fn what_some_reader_lets_pass_is_read_and_named() {
    use DefectKind::{ByteOrderMark, DuplicateKey, NonFinite, TrailingBytes};
    type Defects = [(DefectKind, usize)];
    let table: &[(&str, &Defects, &str)] = &[
        ("{}", &[], ""),
        ("\u{feff}{}", &[(ByteOrderMark, 0)], "byte order mark"),
        ("{} x", &[(TrailingBytes, 3)], "(line 1, column 4)"),
        ("{}\n{}", &[(TrailingBytes, 3)], "(line 2, column 1)"),
        ("1 ,", &[(TrailingBytes, 2)], "(line 1, column 3)"),
        ("null\0", &[(TrailingBytes, 4)], "(line 1, column 5)"),
        (
            r#"{"a":1,"a":1}"#,
            &[(DuplicateKey, 7)],
            "The member /a appears twice in its object (line 1, column 8)",
        ),
        (r#"{"a":1,"\u0061":1}"#, &[(DuplicateKey, 7)], "/a"),
        (
            r#"{"a":1,"a":2,"a":3}"#,
            &[(DuplicateKey, 7), (DuplicateKey, 13)],
            "/a",
        ),
        (
            "[{\"a\":\n{\"k\":1,\"k\":2}}]",
            &[(DuplicateKey, 14)],
            "/0/a/k appears twice in its object (line 2, column 8)",
        ),
        (
            "[NaN,Infinity,-Infinity]",
            &[(NonFinite, 1), (NonFinite, 5), (NonFinite, 14)],
            "The value at /0",
        ),
        (
            "\u{feff}{\"a\":NaN,\"a\":1}]",
            &[
                (ByteOrderMark, 0),
                (NonFinite, 8),
                (DuplicateKey, 12),
                (TrailingBytes, 18),
            ],
            "byte order mark",
        ),
    ];
    for (text, expected, sentence) in table {
        let document = parse(text);
        let defects: Vec<_> = document
            .defects
            .iter()
            .map(|defect| (defect.kind, defect.offset))
            .collect();
        assert_eq!(&defects, expected, "{text}");
        match document.defect_sentence() {
            Some(found) => assert!(found.contains(sentence), "{found}"),
            None => assert!(expected.is_empty()),
        }
    }
}

#[test]
fn duplicates_are_found_among_many_members_too() {
    let members: Vec<_> = (0..200).map(|n| format!("\"k{}\":0", n % 150)).collect();
    let text = format!("{{{}}}", members.join(","));
    let document = parse(&text);
    assert_eq!(document.defects.len(), 50);
    assert!(
        document
            .defects
            .iter()
            .all(|defect| defect.kind == DefectKind::DuplicateKey)
    );
    assert_eq!(document.pointer(document.defects[0].offset), "/k0");
}

#[test]
fn one_key_in_two_objects_is_no_duplicate() {
    assert!(
        parse(r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#)
            .defects
            .is_empty()
    );
}

#[test]
fn whatever_is_not_json_is_refused_with_its_place() {
    use ErrorKind::{
        ControlCharacter, Empty, LoneSurrogate, MalformedEscape, MalformedNumber, UnexpectedEnd,
    };
    // A text, what is wrong with it, line and column.
    let table: Vec<(&str, ErrorKind, usize, usize)> = vec![
        ("", Empty, 1, 1),
        (" \n ", Empty, 2, 2),
        ("[", UnexpectedEnd, 1, 2),
        ("[1", UnexpectedEnd, 1, 3),
        ("[1,", UnexpectedEnd, 1, 4),
        ("{\"a\"", UnexpectedEnd, 1, 5),
        ("{\"a\":", UnexpectedEnd, 1, 6),
        ("{\"a\":1,", UnexpectedEnd, 1, 8),
        ("\"abc", UnexpectedEnd, 1, 5),
        ("\"abc\\", UnexpectedEnd, 1, 6),
        ("\"\\u00", UnexpectedEnd, 1, 6),
        ("\"\\ud83d", LoneSurrogate, 1, 2),
        ("tru", UnexpectedEnd, 1, 4),
        ("[Na", UnexpectedEnd, 1, 4),
        ("-", UnexpectedEnd, 1, 2),
        ("1.", UnexpectedEnd, 1, 3),
        ("1e", UnexpectedEnd, 1, 3),
        ("[01]", MalformedNumber, 1, 2),
        ("[-01]", MalformedNumber, 1, 2),
        ("[1.]", MalformedNumber, 1, 2),
        (
            "[.5]",
            ErrorKind::Unexpected {
                found: '.',
                expected: "a value",
            },
            1,
            2,
        ),
        (
            "[+1]",
            ErrorKind::Unexpected {
                found: '+',
                expected: "a value",
            },
            1,
            2,
        ),
        ("[1e+]", MalformedNumber, 1, 2),
        ("[-]", MalformedNumber, 1, 2),
        (
            "[0x10]",
            ErrorKind::Unexpected {
                found: 'x',
                expected: "a comma or the end of the array",
            },
            1,
            3,
        ),
        (
            "[\n\n  \"\u{e9}\" \"\"]",
            ErrorKind::Unexpected {
                found: '"',
                expected: "a comma or the end of the array",
            },
            3,
            7,
        ),
        (
            "[1,]",
            ErrorKind::Unexpected {
                found: ']',
                expected: "a value",
            },
            1,
            4,
        ),
        (
            "{\"a\":1,}",
            ErrorKind::Unexpected {
                found: '}',
                expected: "a key",
            },
            1,
            8,
        ),
        (
            "{a:1}",
            ErrorKind::Unexpected {
                found: 'a',
                expected: "a key",
            },
            1,
            2,
        ),
        (
            "{'a':1}",
            ErrorKind::Unexpected {
                found: '\'',
                expected: "a key",
            },
            1,
            2,
        ),
        (
            "{\"a\" 1}",
            ErrorKind::Unexpected {
                found: '1',
                expected: "a colon",
            },
            1,
            6,
        ),
        (
            "{\"a\":1 \"b\":2}",
            ErrorKind::Unexpected {
                found: '"',
                expected: "a comma or the end of the object",
            },
            1,
            8,
        ),
        (
            "[True]",
            ErrorKind::Unexpected {
                found: 'T',
                expected: "a value",
            },
            1,
            2,
        ),
        (
            "[trux]",
            ErrorKind::Unexpected {
                found: 't',
                expected: "a value",
            },
            1,
            2,
        ),
        (
            "[-Info]",
            ErrorKind::Unexpected {
                found: 'I',
                expected: "a value",
            },
            1,
            3,
        ),
        (
            "[// x\n1]",
            ErrorKind::Unexpected {
                found: '/',
                expected: "a value",
            },
            1,
            2,
        ),
        ("[\"a\nb\"]", ControlCharacter, 1, 4),
        ("[\"a\u{1f}\"]", ControlCharacter, 1, 4),
        ("[\"\\x41\"]", MalformedEscape, 1, 3),
        ("[\"\\u12\"]", MalformedEscape, 1, 3),
        ("\"\\u12\"", MalformedEscape, 1, 2),
        ("[\"\\u+123\"]", MalformedEscape, 1, 3),
        ("[\"\\u12\u{e9}4\"]", MalformedEscape, 1, 3),
        ("[\"x\\ud800\"]", LoneSurrogate, 1, 4),
        ("[\"x\\udc00\"]", LoneSurrogate, 1, 4),
        ("[\"x\\ud800\\ud800\"]", LoneSurrogate, 1, 4),
        ("[\"x\\ud800\\n\"]", LoneSurrogate, 1, 4),
        ("[\"x\\udc00\\ud800\"]", LoneSurrogate, 1, 4),
        ("{\"\\ud800\":1}", LoneSurrogate, 1, 3),
    ];
    for (text, kind, line, column) in table {
        let error = json::parse(text.as_bytes()).unwrap_err();
        assert_eq!(
            (&error.kind, error.place.line, error.place.column),
            (&kind, line, column),
            "{text:?}"
        );
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_their_place() {
    // Stray continuation, overlong slash, surrogate in UTF-8, beyond U+10FFFF, cut off.
    for bytes in [
        &b"\x80"[..],
        b"\xc0\xaf",
        b"\xed\xa0\x80",
        b"\xf4\x90\x80\x80",
        b"\xe2\x82",
    ] {
        let text = [b"{\"a\":\n\"x".as_slice(), bytes].concat();
        let error = json::parse(&text).unwrap_err();
        assert_eq!(
            (error.kind, error.place.line, error.place.column),
            (ErrorKind::InvalidUtf8, 2, 3),
            "{bytes:x?}"
        );
    }
}

#[test]
fn nesting_is_read_to_its_limit_and_no_deeper() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
        let levels = open.matches(['[', '{']).count();
        let nested = |depth: usize| {
            let times = depth / levels;
            format!("{}1{}", open.repeat(times), close.repeat(times))
        };
        assert!(json::parse(nested(budget::JSON_DEPTH).as_bytes()).is_ok());
        let error = json::parse(nested(budget::JSON_DEPTH + levels).as_bytes()).unwrap_err();
        assert_eq!(error.kind, ErrorKind::TooDeep);
        assert!(error.place.offset > 0);
    }
    let open_only = "[".repeat(1_000_000);
    let error = json::parse(open_only.as_bytes()).unwrap_err();
    assert_eq!(
        (error.kind, error.place.column),
        (ErrorKind::TooDeep, budget::JSON_DEPTH + 1)
    );
}

#[test]
fn many_nested_values_side_by_side_are_not_deep() {
    let text = format!("[{}]", vec!["[[]]"; 2_000].join(","));
    assert!(json::parse(text.as_bytes()).is_ok());
}

#[test]
fn numbers_are_read_to_their_limit_and_no_longer() {
    let fits = "9".repeat(budget::NUMBER_CHARS);
    assert!(json::parse(fits.as_bytes()).is_ok());
    for text in [
        "9".repeat(1_000_000),
        format!("0.{}", "3".repeat(1_000_000)),
        format!("1e{}", "0".repeat(1_000_000)),
    ] {
        let error = json::parse(format!("[1, {text}]").as_bytes()).unwrap_err();
        assert_eq!(
            (error.kind, error.place.column),
            (ErrorKind::NumberTooLong(text.len()), 5)
        );
    }
}

#[test]
fn values_are_read_to_their_limit_and_no_further() {
    let text = format!("[{}0]", "0,".repeat(budget::JSON_VALUES - 2));
    assert!(json::parse(text.as_bytes()).is_ok());
    let text = format!("[{}0]", "0,".repeat(budget::JSON_VALUES - 1));
    let error = json::parse(text.as_bytes()).unwrap_err();
    assert_eq!(
        (error.kind, error.place.offset),
        (ErrorKind::TooManyValues, text.len() - 2)
    );
}

#[test]
fn a_place_counts_lines_and_characters_from_one() {
    let text = "a\u{e9}\r\nb\u{1f600}c\n";
    let table = [
        ("a", 1, 1),
        ("\r", 1, 3),
        ("\n", 1, 4),
        ("b", 2, 1),
        ("c", 2, 3),
    ];
    for (at, line, column) in table {
        let place = Place::of(text.as_bytes(), text.find(at).unwrap());
        assert_eq!((place.line, place.column), (line, column), "{at:?}");
    }
    let end = Place::of(text.as_bytes(), 1_000);
    assert_eq!((end.line, end.column, end.offset), (3, 1, text.len()));
}

#[test]
fn a_place_counted_on_from_an_earlier_one_is_the_same_place() {
    let text = "{\n\"\u{e9}\": [1,\n\n 2], \"b\": \"\u{1f600}\" }\n".as_bytes();
    for from in 0..=text.len() {
        for to in 0..=text.len() + 1 {
            assert_eq!(
                Place::of(text, from).advanced(text, to),
                Place::of(text, to),
                "{from} to {to}"
            );
        }
    }
}

/// Each record as `number:line:` and its text, or `!` and what is wrong, with the error's line and column.
fn records(text: &str, layout: Layout) -> Vec<String> {
    Records::new(text, layout)
        .iter()
        .map(|record| {
            let what = match record.document {
                Ok(document) => {
                    let span = document.root.span;
                    let defects: Vec<_> = document
                        .defects
                        .iter()
                        .map(|defect| {
                            format!(" {:?}@{}", defect.kind, document.place(defect.offset))
                        })
                        .collect();
                    format!(
                        "{}{}",
                        &text[span.start as usize..span.end as usize],
                        defects.concat()
                    )
                }
                Err(error) => format!("!{error}"),
            };
            format!("{}:{}:{what}", record.number, record.line)
        })
        .collect()
}

#[test]
fn lines_are_read_one_by_one() {
    let table: &[(&str, &[&str])] = &[
        ("", &[]),
        ("\n \r\n\t\n", &[]),
        ("1\n2", &["1:1:1", "2:2:2"]),
        ("1\n2\n", &["1:1:1", "2:2:2"]),
        (
            "{\"a\":1}\r\n\r\n  [2]  \r\n",
            &["1:1:{\"a\":1}", "2:3:[2]"],
        ),
        (
            "1\n\n\n{\"a\":1,\"a\":2}",
            &[
                "1:1:1",
                "2:4:{\"a\":1,\"a\":2} DuplicateKey@line 4, column 8",
            ],
        ),
        (
            "\u{feff}1\n2",
            &["1:1:1 ByteOrderMark@line 1, column 1", "2:2:2"],
        ),
        ("1 2\n3", &["1:1:1 TrailingBytes@line 1, column 3", "2:2:3"]),
        ("1,\n2", &["1:1:1 TrailingBytes@line 1, column 2", "2:2:2"]),
    ];
    for (text, expected) in table {
        assert_eq!(&records(text, Layout::Lines), expected, "{text:?}");
    }
}

#[test]
fn a_broken_line_is_an_error_and_the_others_are_read() {
    let text = "{\"a\":1}\n{\"b\":\n\u{feff}3\n \"\u{e9}\" x\n[1\n4";
    assert_eq!(
        records(text, Layout::Lines),
        [
            "1:1:{\"a\":1}",
            "2:2:!The text ends before the JSON value is complete. (line 2, column 6)",
            "3:3:!Found '\\u{feff}' where a value should stand. (line 3, column 1)",
            "4:4:\"\u{e9}\" TrailingBytes@line 4, column 6",
            "5:5:!The text ends before the JSON value is complete. (line 5, column 3)",
            "6:6:4",
        ]
    );
}

#[test]
fn the_elements_of_an_array_are_read_one_by_one() {
    let table: &[(&str, &[&str])] = &[
        ("[]", &[]),
        (" [ \n ] \n", &[]),
        ("[1]", &["1:1:1"]),
        (
            "[1,2 , [3,4]\n,\n{\"a\":5}]",
            &["1:1:1", "2:1:2", "3:1:[3,4]", "4:3:{\"a\":5}"],
        ),
        ("\u{feff}[1]", &["1:1:1 ByteOrderMark@line 1, column 1"]),
        (
            "[1,\n {\"a\":NaN}]",
            &["1:1:1", "2:2:{\"a\":NaN} NonFinite@line 2, column 7"],
        ),
        (
            "[{\"\u{e9}\":1,\"\u{e9}\":1},{\"b\":1,\"b\":1}]",
            &[
                "1:1:{\"\u{e9}\":1,\"\u{e9}\":1} DuplicateKey@line 1, column 9",
                "2:1:{\"b\":1,\"b\":1} DuplicateKey@line 1, column 23",
            ],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(&records(text, Layout::Array), expected, "{text:?}");
    }
}

#[test]
fn nothing_is_read_after_the_place_where_an_array_breaks() {
    let table: &[(&str, &[&str])] = &[
        (
            "[",
            &["1:1:!The text ends before the JSON value is complete. (line 1, column 2)"],
        ),
        (
            "[1",
            &[
                "1:1:1",
                "2:1:!The text ends before the JSON value is complete. (line 1, column 3)",
            ],
        ),
        (
            "[1,",
            &[
                "1:1:1",
                "2:1:!The text ends before the JSON value is complete. (line 1, column 4)",
            ],
        ),
        (
            "[1,{\"a\":\n",
            &[
                "1:1:1",
                "2:1:!The text ends before the JSON value is complete. (line 2, column 1)",
            ],
        ),
        (
            "[1 2,3]",
            &[
                "1:1:1",
                "2:1:!Found '2' where a comma or the end of the array should stand. (line 1, column 4)",
            ],
        ),
        (
            "[1,]",
            &[
                "1:1:1",
                "2:1:!Found ']' where a value should stand. (line 1, column 4)",
            ],
        ),
        (
            "[,1]",
            &["1:1:!Found ',' where a value should stand. (line 1, column 2)"],
        ),
        (
            "[1]\n]",
            &[
                "1:1:1",
                "2:2:!Found ']' where nothing but white space should stand. (line 2, column 1)",
            ],
        ),
        (
            "[] x",
            &["1:1:!Found 'x' where nothing but white space should stand. (line 1, column 4)"],
        ),
        (
            "\u{feff}[]",
            &[
                "1:1:!Found '\\u{feff}' where nothing but white space should stand. (line 1, column 1)",
            ],
        ),
        (
            "{}",
            &["1:1:!Found '{' where an array should stand. (line 1, column 1)"],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(&records(text, Layout::Array), expected, "{text:?}");
    }
}

#[test]
fn a_record_is_as_deep_as_a_document_may_be() {
    let deep = format!(
        "{}{}",
        "[".repeat(budget::JSON_DEPTH),
        "]".repeat(budget::JSON_DEPTH)
    );
    for (text, layout) in [
        (format!("[{deep},{deep}]"), Layout::Array),
        (format!("{deep}\n{deep}"), Layout::Lines),
    ] {
        assert!(
            Records::new(&text, layout)
                .iter()
                .all(|record| record.document.is_ok())
        );
    }
}

#[test]
fn the_cursor_tells_how_far_it_has_come() {
    let text = "1\n22\n333\n";
    let records = Records::new(text, Layout::Lines);
    let mut iter = records.iter();
    let mut offsets = vec![iter.offset()];
    while iter.next().is_some() {
        offsets.push(iter.offset());
    }
    assert_eq!(offsets, [0, 2, 5, 9]);
}

/// What the standard library reads from the same text.
fn same_as_std(text: &str) {
    let std: f64 = text.parse().unwrap();
    let ours = json::double(text).unwrap();
    assert!(
        ours.to_bits() == std.to_bits() || (ours.is_nan() && std.is_nan()),
        "{text}: {ours:e}, not {std:e}"
    );
}

#[test]
fn the_double_nearest_to_a_number_is_the_standard_library_s() {
    for text in [
        "0",
        "-0",
        "0.0e5",
        "1",
        "-1.5",
        "0.1",
        "1e22",
        "1e23",
        "123456789012345678",
        "9007199254740993",
        "9007199254740993.0",
        "9007199254740992.999999999999999999999",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1.7976931348623159e308",
        "1e309",
        "-1e400",
        "1e99999999999999999999",
        "0e99999999999999999999",
        "1e-99999999999999999999",
        "4.9e-324",
        "2.5e-324",
        "2.4703282292062327e-324",
        "2.4703282292062328e-324",
        "2.2250738585072011e-308",
        "2.2250738585072012e-308",
        "2.2250738585072014e-308",
        "6.631236846766476e-316",
        "17976931348623158e292",
        "0.00000000000000000000000000012",
        "NaN",
        "Infinity",
        "-Infinity",
    ] {
        same_as_std(text);
    }
}

#[test]
fn so_it_is_for_the_middles_between_doubles_and_what_is_near_them() {
    let middles = (0..2_000_u64).map(|n| {
        // Bits from all over: an odd multiplier walks through them.
        f64::from_bits(n.wrapping_mul(0x9e37_79b9_7f4a_7c15) & (u64::MAX >> 1))
    });
    for double in middles.filter(|double| double.is_finite()) {
        let next = double.next_up();
        for text in [
            format!("{double:e}"),
            format!("{double:.17e}"),
            format!("{double:.16}"),
            format!("{:.800e}", double),
        ] {
            same_as_std(&text);
        }
        // The middle itself, with all its digits; a little more; a little less.
        let digits = format!("{:.1100}", double / 2.0 + next / 2.0);
        let shorter = digits.trim_end_matches('0');
        same_as_std(&digits);
        same_as_std(&format!("{digits}1"));
        same_as_std(&shorter[..shorter.len() - 1]);
    }
}

#[test]
fn what_is_no_number_has_no_double() {
    for text in [
        "", "-", "--1", "+1", "1e", "e1", "1e+", ".5", "1x", "0x10", "1_000", "inf", "nan", " 1",
        "1 ", "1.2.3", "1e2e3",
    ] {
        assert_eq!(json::double(text), None, "{text}");
    }
}
