//! The page. Files go one way: `intake` takes them in, `state` says what is wanted, `pool` hands them to workers and brings
//! back what they say, `reading` reads their reports, `state` takes them, `components` draw them.
//!
//! `state`, `format`, `reading` and `samples` know no browser and are tested natively.

// Natively only the tests use these.
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
mod format;
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
mod reading;
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code))]
mod samples;
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
mod published;
#[cfg(target_arch = "wasm32")]
mod supply;

#[cfg(target_arch = "wasm32")]
pub use app::start;
