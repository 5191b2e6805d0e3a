//! The few things that the page asks of the browser.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, Document, Element, HtmlAnchorElement, HtmlElement, Url, Window,
};

/// The page's window. Workers have none.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The page's document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// The element with this id.
pub fn element(id: &str) -> Option<Element> {
    document()?.get_element_by_id(id)
}

/// An attribute of a `<meta>` in the page's head.
fn meta(selector: &str, attribute: &str) -> Option<String> {
    document()?
        .query_selector(selector)
        .ok()??
        .get_attribute(attribute)
}

/// SHA-256 of the first or the second module, which www/build.mjs writes into the page.
pub fn build_digest(complete: bool) -> String {
    let selector = match complete {
        true => COMPLETE,
        false => "meta[name=assay-build]",
    };
    meta(selector, "content").unwrap_or_default()
}

/// What the second part of the verifier transfers, in kilobytes.
pub fn complete_kilobytes() -> String {
    meta(COMPLETE, "data-kilobytes").unwrap_or_default()
}

const COMPLETE: &str = "meta[name=assay-complete]";

/// The content security policy that the browser enforces on this page.
pub fn policy() -> String {
    meta("meta[http-equiv=Content-Security-Policy]", "content").unwrap_or_default()
}

/// The names of the files that this page has requested since it was opened.
pub fn requested() -> Vec<String> {
    let Some(performance) = window().and_then(|window| window.performance()) else {
        return Vec::new();
    };
    let entries = performance.get_entries_by_type("resource");
    let names = entries
        .iter()
        .filter_map(|entry| Reflect::get(&entry, &"name".into()).ok()?.as_string());
    names
        .filter(|name| name.starts_with("http"))
        .map(|name| name.rsplit('/').next().unwrap_or_default().to_owned())
        .collect()
}

/// Whether the device has a network.
pub fn online() -> bool {
    window().is_none_or(|window| window.navigator().on_line())
}

/// The time by this device's clock, with its zone.
pub fn time() -> String {
    let options = Object::new();
    for (key, value) in [("dateStyle", "long"), ("timeStyle", "long")] {
        let _ = Reflect::set(&options, &key.into(), &value.into());
    }
    js_sys::Date::new_0()
        .to_locale_string("en-GB", &options)
        .into()
}

/// Moves the focus to an element that may take it, and so into view.
pub fn focus(id: &str) {
    if let Some(element) = element(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Whether the person is writing in a text box, so that the focus had better stay.
pub fn is_writing() -> bool {
    let active = document().and_then(|document| document.active_element());
    let text_boxes = "textarea, input:not([type=file], [type=checkbox])";
    active.is_some_and(|element| element.matches(text_boxes).unwrap_or_default())
}

/// A blob of one text or array of bytes.
pub fn blob(content: &JsValue, media_type: &str) -> Option<Blob> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    Blob::new_with_buffer_source_sequence_and_options(&Array::of1(content), &options).ok()
}

/// A file's content as a text; nothing when it cannot be read.
pub async fn text(file: &Blob) -> String {
    let text = JsFuture::from(file.text()).await.ok();
    text.and_then(|text| text.as_string()).unwrap_or_default()
}

/// Saves a text as a file, without a request.
pub fn download(name: &str, text: &str) {
    let save = || {
        let url =
            Url::create_object_url_with_blob(&blob(&text.into(), "application/json")?).ok()?;
        let anchor = document()?
            .create_element("a")
            .ok()?
            .dyn_into::<HtmlAnchorElement>()
            .ok()?;
        anchor.set_href(&url);
        anchor.set_download(name);
        anchor.click();
        Url::revoke_object_url(&url).ok()
    };
    save();
}

/// Opens the print dialogue.
pub fn print() {
    if let Some(window) = window() {
        let _ = window.print();
    }
}

/// Replaces the page by its notice of failure: the page itself broke down.
pub fn give_up(reason: &str) {
    if let Some(text) = element("failure-reason") {
        text.set_text_content(Some(reason));
    }
    if let Some(failure) = element("failure") {
        let _ = failure.remove_attribute("hidden");
    }
    if let Some(app) = element("app") {
        let _ = app.set_attribute("hidden", "");
    }
}
