//! What the text of a table's cell is sorted by.

use crate::number;

/// The number that a text stands for, where a script couldn't tell: raised digits, minus
/// signs, intervals by their lower end, `3 of 8` and `3 / 8` by the 3. None for words, and for a number
/// that a script can read as it is.
pub fn of(text: &str) -> Option<f64> {
    let first = text.trim_start_matches('[');
    let end = [", ", "]", " of ", " / ", " %", " ["].map(|mark| first.find(mark));
    let end = end.into_iter().flatten().min().unwrap_or(first.len());
    let value = number::read(first.get(..end)?)?;
    (text.parse() != Ok(value)).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn keys() {
        for (text, key) in [
            ("0.412", None),
            ("1235", None),
            ("virtio (VM)", None),
            ("–", None),
            ("", None),
            ("insufficient data (n = 3, needs 6)", None),
            ("−1.5", Some(-1.5)),
            ("1.200 × 10⁻¹²", Some(1.2e-12)),
            ("[0.398, 0.431]", Some(0.398)),
            ("[−2, 1]", Some(-2.0)),
            ("87.5 [47.3, 99.7]", Some(87.5)),
            ("3 of 8", Some(3.0)),
            ("3 / 8", Some(3.0)),
            ("95 %", Some(95.0)),
        ] {
            assert_eq!(of(text), key, "{text}");
        }
    }
}
