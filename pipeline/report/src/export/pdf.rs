//! PDF: a figure on a page of its own size, its lines as lines and its text as text.

use crate::figure::Figure;
use crate::pdf;

pub(super) fn bytes(figure: &Figure) -> Result<Vec<u8>, String> {
    pdf::of_figure(figure).map_err(|error| error.to_string())
}
