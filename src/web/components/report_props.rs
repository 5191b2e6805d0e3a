//! What the parts of a report are given.

use std::rc::Rc;

use yew::prelude::*;

use crate::web::state::Judgement;

/// The report that a part is drawn from.
#[derive(Properties, PartialEq)]
pub struct ReportProps {
    /// The report.
    pub judgement: Rc<Judgement>,
}
