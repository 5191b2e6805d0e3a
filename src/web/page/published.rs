//! What was published with the page: the two parts of the verifier and the gallery's artifacts. `www/boot.js` fetches each
//! under its integrity value, so that only what the page was published with can run.

use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

#[wasm_bindgen]
extern "C" {
    /// A part of the verifier, as workers need it.
    #[derive(Clone)]
    pub type Program;

    /// The address of the workers' script.
    #[wasm_bindgen(method, getter)]
    pub fn script(this: &Program) -> String;

    /// The compiled module, which is a worker's first message.
    #[wasm_bindgen(method, getter)]
    pub fn module(this: &Program) -> JsValue;

    /// The first part, which the page itself runs.
    #[wasm_bindgen(js_namespace = published)]
    pub fn base() -> Program;

    /// Whether the second part has been loaded.
    #[wasm_bindgen(js_namespace = published, js_name = isComplete)]
    pub fn is_complete() -> bool;

    #[wasm_bindgen(js_namespace = published, js_name = complete)]
    fn load_complete() -> Promise;

    #[wasm_bindgen(js_namespace = published, js_name = sample)]
    fn load_sample(name: &str) -> Promise;
}

/// The second part, which verifies everything: fetched when it is first asked for, or ahead of that.
///
/// # Errors
/// A plain sentence when it cannot be had; asking again tries again.
pub async fn complete() -> Result<Program, String> {
    settled(load_complete()).await.map(JsCast::unchecked_into)
}

/// A file of the gallery.
///
/// # Errors
/// A plain sentence when it cannot be had.
pub async fn sample(name: &str) -> Result<Blob, String> {
    settled(load_sample(name)).await.map(JsCast::unchecked_into)
}

async fn settled(promise: Promise) -> Result<JsValue, String> {
    let failure = |error: JsValue| js_sys::Error::from(error).message().into();
    JsFuture::from(promise).await.map_err(failure)
}
