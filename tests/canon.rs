//! What each dialect of canonical JSON writes.
#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

mod support;

use std::fs;
use std::path::Path;

use assay::canon::{self, Dialect, ErrorKind, Go, Jcs, Python, Stripped};
use assay::json;
use support::Random;

fn form<D: Dialect>(text: &str) -> Result<String, ErrorKind> {
    let document = json::parse(text.as_bytes()).unwrap();
    match canon::to_vec::<D>(&document.root) {
        Ok(bytes) => Ok(String::from_utf8(bytes).unwrap()),
        Err(error) => Err(error.kind),
    }
}

fn form_or_bang<D: Dialect>(text: &str) -> String {
    form::<D>(text).unwrap_or_else(|_| "!".to_owned())
}

/// A lexeme, and how RFC 8785, Python and Go write it; `!` where a dialect has no form for it.
const NUMBERS: &[(&str, &str, &str, &str)] = &[
    ("0", "0", "0", "0"),
    ("-0", "0", "0", "-0"),
    ("0.0", "0", "0.0", "0"),
    ("-0.0", "0", "-0.0", "-0"),
    ("-0e9", "0", "-0.0", "-0"),
    ("1", "1", "1", "1"),
    ("-1", "-1", "-1", "-1"),
    ("1.0", "1", "1.0", "1"),
    ("1e0", "1", "1.0", "1"),
    ("1E2", "100", "100.0", "100"),
    ("1e+2", "100", "100.0", "100"),
    ("4.50", "4.5", "4.5", "4.5"),
    ("2e-3", "0.002", "0.002", "0.002"),
    ("0.1", "0.1", "0.1", "0.1"),
    (
        "0.30000000000000004",
        "0.30000000000000004",
        "0.30000000000000004",
        "0.30000000000000004",
    ),
    (
        "333333333.33333329",
        "333333333.3333333",
        "333333333.3333333",
        "333333333.3333333",
    ),
    ("-123456.789e3", "-123456789", "-123456789.0", "-123456789"),
    (
        "1e15",
        "1000000000000000",
        "1000000000000000.0",
        "1000000000000000",
    ),
    ("1e16", "10000000000000000", "1e+16", "10000000000000000"),
    (
        "9999999999999998.0",
        "9999999999999998",
        "9999999999999998.0",
        "9999999999999998",
    ),
    (
        "1.5e16",
        "15000000000000000",
        "1.5e+16",
        "15000000000000000",
    ),
    (
        "1e20",
        "100000000000000000000",
        "1e+20",
        "100000000000000000000",
    ),
    ("1e21", "1e+21", "1e+21", "1e+21"),
    ("1.25e100", "1.25e+100", "1.25e+100", "1.25e+100"),
    ("1e-4", "0.0001", "0.0001", "0.0001"),
    ("1e-5", "0.00001", "1e-05", "0.00001"),
    ("1.5e-5", "0.000015", "1.5e-05", "0.000015"),
    ("1e-6", "0.000001", "1e-06", "0.000001"),
    ("1e-7", "1e-7", "1e-07", "1e-7"),
    ("1e-10", "1e-10", "1e-10", "1e-10"),
    ("5e-324", "5e-324", "5e-324", "5e-324"),
    (
        "2.2250738585072011e-308",
        "2.225073858507201e-308",
        "2.225073858507201e-308",
        "2.225073858507201e-308",
    ),
    (
        "1.7976931348623157e308",
        "1.7976931348623157e+308",
        "1.7976931348623157e+308",
        "1.7976931348623157e+308",
    ),
    ("1e-400", "0", "0.0", "0"),
    ("-1e-400", "0", "-0.0", "-0"),
    ("0e99999999999999999999", "0", "0.0", "0"),
    ("1e-99999999999999999999", "0", "0.0", "0"),
    (
        "9007199254740991",
        "9007199254740991",
        "9007199254740991",
        "9007199254740991",
    ),
    (
        "9007199254740992",
        "9007199254740992",
        "9007199254740992",
        "9007199254740992",
    ),
    (
        "9007199254740993",
        "!",
        "9007199254740993",
        "9007199254740992",
    ),
    (
        "-9007199254740993",
        "!",
        "-9007199254740993",
        "-9007199254740992",
    ),
    (
        "9007199254740994",
        "9007199254740994",
        "9007199254740994",
        "9007199254740994",
    ),
    (
        "12345678901234567890",
        "!",
        "12345678901234567890",
        "12345678901234567000",
    ),
    (
        "18446744073709551615",
        "!",
        "18446744073709551615",
        "18446744073709552000",
    ),
    (
        "18446744073709551616",
        "18446744073709552000",
        "18446744073709551616",
        "18446744073709552000",
    ),
    (
        "100000000000000000000",
        "100000000000000000000",
        "100000000000000000000",
        "100000000000000000000",
    ),
    (
        "1000000000000000000000",
        "1e+21",
        "1000000000000000000000",
        "1e+21",
    ),
    ("1e309", "!", "!", "!"),
    ("-1e999", "!", "!", "!"),
    ("1e99999999999999999999", "!", "!", "!"),
    ("NaN", "!", "!", "!"),
    ("Infinity", "!", "!", "!"),
    ("-Infinity", "!", "!", "!"),
];

#[test]
fn numbers_are_written_as_each_dialect_has_them() {
    for (lexeme, rfc8785, python, go) in NUMBERS {
        assert_eq!(form_or_bang::<Jcs>(lexeme), *rfc8785, "RFC 8785 {lexeme}");
        assert_eq!(form_or_bang::<Python>(lexeme), *python, "Python {lexeme}");
        assert_eq!(
            form_or_bang::<Stripped>(lexeme),
            *python,
            "stripped {lexeme}"
        );
        assert_eq!(form_or_bang::<Go>(lexeme), *go, "Go {lexeme}");
    }
}

#[test]
fn long_integers_keep_their_digits_in_python_and_are_rounded_in_go() {
    let digits = format!("1{}7", "0".repeat(300));
    assert_eq!(form::<Python>(&digits), Ok(digits.clone()));
    assert_eq!(form::<Go>(&digits), Ok("1e+301".to_owned()));
    assert_eq!(form::<Jcs>(&digits), Err(ErrorKind::InexactInteger));
}

#[test]
fn integers_beyond_every_double_have_no_form_but_in_python() {
    let digits = "9".repeat(400);
    assert_eq!(form::<Python>(&digits), Ok(digits.clone()));
    assert_eq!(form::<Jcs>(&digits), Err(ErrorKind::NonFinite));
    assert_eq!(form::<Go>(&digits), Err(ErrorKind::NonFinite));
}

#[test]
fn numbers_that_are_not_finite_are_refused_by_every_dialect() {
    for lexeme in ["1e999", "-1e999", "NaN", "Infinity", "-Infinity"] {
        for refused in [
            form::<Jcs>(lexeme),
            form::<Python>(lexeme),
            form::<Stripped>(lexeme),
            form::<Go>(lexeme),
        ] {
            assert_eq!(refused, Err(ErrorKind::NonFinite), "{lexeme}");
        }
    }
}

#[test]
fn an_error_names_the_value_that_has_no_form() {
    let text = r#"{"a":[1,{"b":1e999}]}"#;
    let document = json::parse(text.as_bytes()).unwrap();
    for error in [
        canon::to_vec::<Jcs>(&document.root),
        canon::to_vec::<Python>(&document.root),
        canon::to_vec::<Go>(&document.root),
    ] {
        let span = error.unwrap_err().span;
        assert_eq!(&text[span.start as usize..span.end as usize], "1e999");
        assert_eq!(document.pointer(span.start as usize), "/a/1/b");
    }
}

#[test]
fn every_double_reads_back_as_itself() {
    let mut random = Random::new(1);
    for _ in 0..20_000 {
        let double = f64::from_bits(random.next());
        if !double.is_finite() {
            continue;
        }
        let text = format!("{double:e}");
        let bits =
            |form: Result<String, ErrorKind>| form.unwrap().parse::<f64>().unwrap().to_bits();
        assert_eq!(
            bits(form::<Jcs>(&text)),
            double.to_bits(),
            "RFC 8785 {text}"
        );
        assert_eq!(
            bits(form::<Python>(&text)),
            double.to_bits(),
            "Python {text}"
        );
        assert_eq!(bits(form::<Go>(&text)), double.to_bits(), "Go {text}");
    }
}

#[test]
fn go_writes_doubles_as_rfc_8785_does_but_for_minus_zero() {
    let mut random = Random::new(2);
    for _ in 0..20_000 {
        let double = f64::from_bits(random.next());
        if double.is_finite() && double != 0.0 {
            let text = format!("{double:e}");
            assert_eq!(form::<Go>(&text), form::<Jcs>(&text));
        }
    }
    assert_ne!(form::<Go>("-0.0"), form::<Jcs>("-0.0"));
}

#[test]
fn keys_sort_by_utf_16_units_in_rfc_8785_and_by_code_points_elsewhere() {
    let text = "{\"\u{1f600}\":1,\"\u{e000}\":2,\"\u{fb33}\":3,\"z\":4,\"\u{80}\":5,\"\":6}";
    let by_code_point =
        "{\"\":6,\"z\":4,\"\u{80}\":5,\"\u{e000}\":2,\"\u{fb33}\":3,\"\u{1f600}\":1}";
    assert_eq!(
        form::<Jcs>(text).unwrap(),
        "{\"\":6,\"z\":4,\"\u{80}\":5,\"\u{1f600}\":1,\"\u{e000}\":2,\"\u{fb33}\":3}"
    );
    assert_eq!(form::<Python>(text).unwrap(), by_code_point);
    assert_eq!(form::<Stripped>(text).unwrap(), by_code_point);
    assert_eq!(form::<Go>(text).unwrap(), by_code_point);
}

#[test]
fn a_key_that_begins_another_comes_first() {
    let text = r#"{"ab":1,"a":2,"a b":3,"A":4,"aa":5,"a\u0000":6}"#;
    let sorted = r#"{"A":4,"a":2,"a\u0000":6,"a b":3,"aa":5,"ab":1}"#;
    assert_eq!(form::<Jcs>(text).unwrap(), sorted);
    assert_eq!(form::<Python>(text).unwrap(), sorted);
}

#[test]
fn keys_are_sorted_at_every_level_and_arrays_keep_their_order() {
    let text = r#"[{"b":{"d":1,"c":[3,2,{"f":0,"e":0}]},"a":null},true,false]"#;
    let sorted = r#"[{"a":null,"b":{"c":[3,2,{"e":0,"f":0}],"d":1}},true,false]"#;
    assert_eq!(form::<Jcs>(text).unwrap(), sorted);
    assert_eq!(form::<Python>(text).unwrap(), sorted);
    assert_eq!(form::<Go>(text).unwrap(), sorted);
}

#[test]
fn a_repeated_key_is_an_error_in_rfc_8785_and_the_last_counts_elsewhere() {
    for text in [
        r#"{"a":1,"a":2}"#,
        r#"{"b":0,"a":1,"a":2}"#,
        r#"{"a":1,"b":0,"\u0061":2}"#,
    ] {
        assert_eq!(form::<Jcs>(text), Err(ErrorKind::DuplicateKey), "{text}");
    }
    let text = r#"{"b":1,"a":1,"b":2,"a":2,"c":0,"b":3}"#;
    let last = r#"{"a":2,"b":3,"c":0}"#;
    assert_eq!(form::<Python>(text).unwrap(), last);
    assert_eq!(form::<Stripped>(text).unwrap(), last);
    assert_eq!(form::<Go>(text).unwrap(), last);
}

#[test]
fn the_value_that_an_earlier_duplicate_hides_is_not_looked_at() {
    assert_eq!(
        form::<Python>(r#"{"a":1e999,"a":1}"#).unwrap(),
        r#"{"a":1}"#
    );
}

#[test]
fn strings_are_escaped_as_each_dialect_has_it() {
    // A string, and how RFC 8785 and Python, then Go, write it.
    let table = [
        (r#""\"\\\/""#, r#""\"\\/""#, r#""\"\\/""#),
        (r#""\b\t\n\f\r""#, r#""\b\t\n\f\r""#, r#""\b\t\n\f\r""#),
        (
            r#""\u0008\u0009\u000a\u000C\u000d""#,
            r#""\b\t\n\f\r""#,
            r#""\b\t\n\f\r""#,
        ),
        (
            r#""\u0000\u0001\u000b\u001F""#,
            r#""\u0000\u0001\u000b\u001f""#,
            r#""\u0000\u0001\u000b\u001f""#,
        ),
        ("\"\\u007f\\u0080\"", "\"\u{7f}\u{80}\"", "\"\u{7f}\u{80}\""),
        ("\"<a & b>\"", "\"<a & b>\"", r#""\u003ca \u0026 b\u003e""#),
        (
            "\"\u{2028}\u{2029}\"",
            "\"\u{2028}\u{2029}\"",
            r#""\u2028\u2029""#,
        ),
        (
            r#""\u00e9\ud83d\ude00""#,
            "\"\u{e9}\u{1f600}\"",
            "\"\u{e9}\u{1f600}\"",
        ),
        ("\"e\u{301}\"", "\"e\u{301}\"", "\"e\u{301}\""),
        (
            "\"\u{feff}\u{ffff}\u{fffd}\"",
            "\"\u{feff}\u{ffff}\u{fffd}\"",
            "\"\u{feff}\u{ffff}\u{fffd}\"",
        ),
    ];
    for (text, plain, go) in table {
        assert_eq!(form::<Jcs>(text).unwrap(), plain);
        assert_eq!(form::<Python>(text).unwrap(), plain);
        assert_eq!(form::<Go>(text).unwrap(), go);
        let key = format!("{{{text}:0}}");
        assert_eq!(form::<Jcs>(&key).unwrap(), format!("{{{plain}:0}}"));
        assert_eq!(form::<Go>(&key).unwrap(), format!("{{{go}:0}}"));
    }
}

/// CPython's `str.isspace()`.
const PYTHON_SPACE: [std::ops::RangeInclusive<u32>; 10] = [
    0x09..=0x0d,
    0x1c..=0x20,
    0x85..=0x85,
    0xa0..=0xa0,
    0x1680..=0x1680,
    0x2000..=0x200a,
    0x2028..=0x2029,
    0x202f..=0x202f,
    0x205f..=0x205f,
    0x3000..=0x3000,
];

#[test]
fn stripping_takes_off_what_python_calls_space_and_nothing_else() {
    for character in (0..0x11_0000).filter_map(char::from_u32) {
        let escaped = |c: char| match c as u32 {
            unit @ 0..=0xffff => format!("\\u{unit:04x}"),
            _ => c.to_string(),
        };
        let text = format!("\"{0}x{0}y{0}\"", escaped(character));
        let stripped = form::<Stripped>(&text).unwrap();
        let is_space = PYTHON_SPACE
            .iter()
            .any(|range| range.contains(&(character as u32)));
        let kept = if is_space {
            "\"x".to_owned()
        } else {
            format!("\"{character}x")
        };
        let escaped_anyway = matches!(character, '\0'..='\u{1f}' | '"' | '\\');
        assert_eq!(
            stripped.starts_with(&kept),
            is_space || !escaped_anyway,
            "{text}"
        );
    }
}

#[test]
fn stripping_leaves_zero_width_and_joining_characters() {
    for text in [
        "\"\u{200b}a\u{200b}\"",
        "\"\u{feff}a\"",
        "\"\u{180e}a\"",
        "\"\u{2060}a\"",
    ] {
        assert_eq!(form::<Stripped>(text).unwrap(), text);
    }
}

#[test]
fn values_are_stripped_at_every_level_and_keys_never() {
    let text = "{\" k \":\" v \",\"l\":[\"\\u001c\",{\"m \":\"\u{85} a b \u{3000}\"}]}";
    assert_eq!(
        form::<Stripped>(text).unwrap(),
        r#"{" k ":"v","l":["",{"m ":"a b"}]}"#
    );
    assert_eq!(form::<Python>(text).unwrap(), text);
}

#[test]
fn members_are_left_out_at_the_top_level_only() {
    let text = r#"{"s":1,"a":{"s":2,"t":0},"t":3,"s":4}"#;
    let document = json::parse(text.as_bytes()).unwrap();
    let mut out = Vec::new();
    canon::write_without::<Jcs>(&document.root, &["s", "t", "absent"], &mut out).unwrap();
    assert_eq!(out, br#"{"a":{"s":2,"t":0}}"#);
}

#[test]
fn nothing_is_left_out_of_an_array() {
    let document = json::parse(br#"[{"s":1}]"#).unwrap();
    let mut out = Vec::new();
    canon::write_without::<Python>(&document.root, &["s"], &mut out).unwrap();
    assert_eq!(out, br#"[{"s":1}]"#);
}

#[test]
fn a_sink_that_refuses_bytes_is_an_error() {
    let document = json::parse(b"{\"a\":[1]}").unwrap();
    let mut room = [0_u8; 4];
    let error = canon::write::<Jcs>(&document.root, &mut room.as_mut_slice()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Sink);
}

#[test]
fn the_deepest_nesting_that_is_read_is_written() {
    let depth = assay::budget::JSON_DEPTH;
    let text = format!("{}{}{}", "[".repeat(depth - 1), "{}", "]".repeat(depth - 1));
    assert_eq!(form::<Jcs>(&text).unwrap(), text);
}

/// A random value as JSON text, with white space, escapes, duplicates and every kind of number.
fn random_value(random: &mut Random, depth: usize) -> String {
    let kinds = if depth == 0 { 5 } else { 7 };
    let space = [" ", "", "\n", "\t"][random.below(4)];
    let separated = |items: Vec<String>| items.join(&format!("{space},{space}"));
    match random.below(kinds) {
        0 => ["null", "true", "false"][random.below(3)].to_owned(),
        1 => (random.next() as i64 >> random.below(60)).to_string(),
        2 => format!("{:e}", f64::from(random.next() as i32) / 1024.0),
        3 => format!(
            "{}.{}e-{}",
            random.below(100),
            random.below(1000),
            random.below(30)
        ),
        4 => random_string(random),
        5 => {
            let items = (0..random.below(4))
                .map(|_| random_value(random, depth - 1))
                .collect();
            format!("[{}]", separated(items))
        }
        _ => {
            let items = (0..random.below(5))
                .map(|_| {
                    format!(
                        "{}:{space}{}",
                        random_string(random),
                        random_value(random, depth - 1)
                    )
                })
                .collect();
            format!("{{{}}}", separated(items))
        }
    }
}

fn random_string(random: &mut Random) -> String {
    let pieces = [
        "a",
        "B",
        " ",
        "\\n",
        "\\u001f",
        "\\\"",
        "\\\\",
        "<",
        "\u{e9}",
        "\u{2028}",
        "\\ud83d\\ude00",
        "\u{e000}",
        "\u{1f600}",
        "\u{a0}",
    ];
    let text: String = (0..random.below(4))
        .map(|_| pieces[random.below(pieces.len())])
        .collect();
    format!("\"{text}\"")
}

#[test]
fn a_canonical_form_is_its_own_canonical_form() {
    let mut random = Random::new(3);
    for _ in 0..3_000 {
        let text = random_value(&mut random, 4);
        let again = |once: String, twice: Result<String, ErrorKind>| {
            assert_eq!(twice.as_deref(), Ok(once.as_str()), "{text}")
        };
        // RFC 8785 writes doubles beyond 2^53 as integers that no double is equal to: those are refused when read again.
        if let Ok(once) = form::<Jcs>(&text)
            && let Ok(twice) = form::<Jcs>(&once)
        {
            assert_eq!(twice, once, "{text}");
        }
        let once = form::<Python>(&text).unwrap();
        again(once.clone(), form::<Python>(&once));
        let once = form::<Stripped>(&text).unwrap();
        again(once.clone(), form::<Stripped>(&once));
        let once = form::<Go>(&text).unwrap();
        again(once.clone(), form::<Go>(&once));
    }
}

#[test]
fn the_published_vectors_of_rfc_8785_hold() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/vectors/jcs");
    let Ok(inputs) = fs::read_dir(vectors.join("input")) else {
        println!("skipped: the vectors are not here");
        return;
    };
    for input in inputs {
        let input = input.unwrap();
        let text = fs::read_to_string(input.path()).unwrap();
        let expected = fs::read_to_string(vectors.join("output").join(input.file_name())).unwrap();
        assert_eq!(
            form::<Jcs>(&text).unwrap(),
            expected.trim_end(),
            "{:?}",
            input.file_name()
        );
    }
}

/// Appendix B of RFC 8785: the bits of a double and how it is written.
#[test]
fn the_doubles_of_rfc_8785_appendix_b_hold() {
    let table: [(u64, &str); 24] = [
        (0x0000_0000_0000_0000, "0"),
        (0x8000_0000_0000_0000, "0"),
        (0x0000_0000_0000_0001, "5e-324"),
        (0x8000_0000_0000_0001, "-5e-324"),
        (0x7fef_ffff_ffff_ffff, "1.7976931348623157e+308"),
        (0xffef_ffff_ffff_ffff, "-1.7976931348623157e+308"),
        (0x4340_0000_0000_0000, "9007199254740992"),
        (0xc340_0000_0000_0000, "-9007199254740992"),
        (0x4430_0000_0000_0000, "295147905179352830000"),
        (0x44b5_2d02_c7e1_4af5, "9.999999999999997e+22"),
        (0x44b5_2d02_c7e1_4af6, "1e+23"),
        (0x44b5_2d02_c7e1_4af7, "1.0000000000000001e+23"),
        (0x444b_1ae4_d6e2_ef4e, "999999999999999700000"),
        (0x444b_1ae4_d6e2_ef4f, "999999999999999900000"),
        (0x444b_1ae4_d6e2_ef50, "1e+21"),
        (0x3eb0_c6f7_a0b5_ed8c, "9.999999999999997e-7"),
        (0x3eb0_c6f7_a0b5_ed8d, "0.000001"),
        (0x41b3_de43_5555_5553, "333333333.3333332"),
        (0x41b3_de43_5555_5554, "333333333.33333325"),
        (0x41b3_de43_5555_5555, "333333333.3333333"),
        (0x41b3_de43_5555_5556, "333333333.3333334"),
        (0x41b3_de43_5555_5557, "333333333.33333343"),
        (0xbecb_f647_612f_3696, "-0.0000033333333333333333"),
        (0x4314_3ff3_c1cb_0959, "1424953923781206.2"),
    ];
    for (bits, expected) in table {
        let text = format!("{:e}", f64::from_bits(bits));
        assert_eq!(form::<Jcs>(&text).unwrap(), expected, "{bits:016x}");
    }
}
