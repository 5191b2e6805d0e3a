//! The page and its workers: one module plays both.

#[cfg(target_arch = "wasm32")]
mod app;

/// Starts the page, or a worker when there is no window.
#[cfg(target_arch = "wasm32")]
pub fn main() {
    if web_sys::window().is_some() {
        app::start();
    }
}
