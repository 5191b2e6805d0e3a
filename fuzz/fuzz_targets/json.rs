//! Whatever is read keeps its spans within the text; whatever is not names a place within it.
#![no_main]

use assay::json::{self, Kind, Layout, Records, Value};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match json::parse(bytes) {
        Ok(document) => {
            walk(document.text(), &document.root);
            let _ = document.defect_sentence();
            for defect in &document.defects {
                let _ = document.pointer(defect.offset);
                assert!(document.place(defect.offset).offset <= bytes.len());
            }
        }
        Err(error) => assert!(error.place.offset <= bytes.len()),
    }
    if let Ok(text) = json::text(bytes) {
        for layout in [Layout::Lines, Layout::Array] {
            for record in &Records::new(text, layout) {
                match record.document {
                    Ok(document) => walk(text, &document.root),
                    Err(error) => {
                        assert_eq!(error.place, json::Place::of(bytes, error.place.offset))
                    }
                }
            }
        }
    }
});

/// A lexeme is what stands at its span.
fn walk(text: &str, value: &Value<'_>) {
    let found = text.get(value.span.start as usize..value.span.end as usize);
    match &value.kind {
        Kind::Number(lexeme) => assert_eq!(found, Some(*lexeme)),
        Kind::Array(elements) => elements.iter().for_each(|element| walk(text, element)),
        Kind::Object(object) => object
            .members
            .iter()
            .for_each(|member| walk(text, &member.value)),
        _ => assert!(found.is_some()),
    }
}
