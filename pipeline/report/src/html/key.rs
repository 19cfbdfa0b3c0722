//! What the text of a table's cell is sorted by.

/// The number that a text stands for, where a script couldn't tell: raised digits, minus
/// signs, intervals by their lower end, `3 of 8` by the 3. None for words, and for a number
/// that a script can read as it is.
pub fn of(text: &str) -> Option<f64> {
    let starts = text.trim_start_matches('[');
    let end = starts.find([',', ' ', ']']).unwrap_or(starts.len());
    let (head, rest) = starts.split_at(end);
    let mantissa: f64 = head.replace('−', "-").parse().ok()?;
    let value = match rest.strip_prefix(" × 10") {
        Some(power) => mantissa * libm::pow(10.0, f64::from(raised(power)?)),
        None => mantissa,
    };
    let plain = value.is_finite() && text.parse() == Ok(value);
    (!plain).then_some(value)
}

/// An integer in raised digits.
fn raised(text: &str) -> Option<i32> {
    let digit = |c| match c {
        '⁻' => Some('-'),
        c => {
            let at = "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|raised| raised == c)?;
            char::from_digit(u32::try_from(at).ok()?, 10)
        }
    };
    let digits: String = text.chars().map_while(digit).collect();
    digits.parse().ok()
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
            ("[0.398, 0.431]", Some(0.398)),
            ("[−2, 1]", Some(-2.0)),
            ("3 of 8", Some(3.0)),
            ("95 %", Some(95.0)),
        ] {
            assert_eq!(of(text), key, "{text}");
        }
        let small = of("1.200 × 10⁻¹²").expect("a number");
        assert!((small - 1.2e-12).abs() < 1e-24);
    }
}
