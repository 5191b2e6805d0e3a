//! The page and its workers. The first module that the browser loads is the page with the first part of the verifier; the
//! second, built without the feature `page`, is a worker alone with the whole verifier.

#[cfg(feature = "page")]
mod page;
// Without the page, only the worker's side of it is used.
#[cfg(target_arch = "wasm32")]
#[cfg_attr(not(feature = "page"), allow(dead_code))]
mod protocol;
#[cfg(target_arch = "wasm32")]
mod worker;

/// Starts the page, or a worker where there is no window.
#[cfg(target_arch = "wasm32")]
pub fn main() {
    #[cfg(feature = "page")]
    if web_sys::window().is_some() {
        return page::start();
    }
    worker::start();
}
