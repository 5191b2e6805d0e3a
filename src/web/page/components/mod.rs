//! What the page draws, a file for each part of it: functions, and components where a part has a memory of its own.

mod about;
mod asks;
mod checks;
mod chooser;
mod disclosed;
mod drop_zone;
mod facts;
mod gallery;
mod identity;
mod limits;
mod long_list;
mod masthead;
mod peer;
mod pin_box;
mod progress;
mod report;
mod results;
mod signers;
mod value;
mod verdict_mark;

pub use about::about;
pub use drop_zone::DropZone;
pub use gallery::gallery;
pub use masthead::masthead;
pub use pin_box::PinBox;
pub use results::results;
