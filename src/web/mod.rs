//! The page and its workers: one module plays both.
//!
//! Files go one way: `intake` takes them in, `state` says what is wanted, `pool` hands them to
//! workers, `worker` reads and verifies, `state` takes the report, `components` draw it.
//! `state`, `format` and `reading` know no browser and are tested natively.

// Natively only the tests use these three.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
mod format;
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
mod reading;
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
mod state;

#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(target_arch = "wasm32")]
mod browser;
#[cfg(target_arch = "wasm32")]
mod components;
#[cfg(target_arch = "wasm32")]
mod intake;
#[cfg(target_arch = "wasm32")]
mod pool;
#[cfg(target_arch = "wasm32")]
mod protocol;
#[cfg(target_arch = "wasm32")]
mod samples;
#[cfg(target_arch = "wasm32")]
mod worker;

/// Starts the page, or a worker where there is no window.
#[cfg(target_arch = "wasm32")]
pub fn main() {
    if web_sys::window().is_some() {
        app::start();
    } else {
        worker::start();
    }
}
