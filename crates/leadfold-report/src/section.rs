//! The sections of the page, one a file.

pub(crate) mod costs;
pub(crate) mod deals;
pub(crate) mod due;
pub(crate) mod findings;
pub(crate) mod funnel;
pub(crate) mod glance;
pub(crate) mod handoffs;
pub(crate) mod status;
pub(crate) mod value;

use maud::{Markup, html};

/// A section with its heading.
fn section(id: &str, title: &str, body: Markup) -> Markup {
    let heading = format!("{id}-title");
    html! {
        section id=(id) aria-labelledby=(heading) {
            h2 id=(heading) { (title) }
            (body)
        }
    }
}
