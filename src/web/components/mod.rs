//! What the page draws, a file for each part of it.

mod about;
mod checks;
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
mod report_props;
mod results;
mod signers;
mod value;
mod verdict_mark;

pub use about::About;
pub use drop_zone::DropZone;
pub use gallery::Gallery;
pub use masthead::Masthead;
pub use pin_box::PinBox;
pub use results::Results;
