//! Scalable Vector Graphics: a figure as it is drawn.

use crate::figure::Figure;

pub(super) fn bytes(figure: &Figure) -> Result<Vec<u8>, String> {
    Ok(figure.svg.clone().into_bytes())
}
