//! Decimal numbers in bytes, exactly.

/// A decimal number as printed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Decimal {
    /// The nearest f64.
    pub value: f64,
    /// Digits after the point: the printed step is 10^-places.
    pub places: u32,
}

impl Decimal {
    /// The number times 10^`exponent`, rounded once while both are moderate.
    pub(crate) fn scaled(self, exponent: u32) -> f64 {
        match (
            POWERS.get(self.places as usize),
            exponent.checked_sub(self.places),
        ) {
            (Some(power), Some(left)) => {
                (self.value * power).round() * POWERS.get(left as usize).unwrap_or(&f64::INFINITY)
            }
            _ => self.value * POWERS.get(exponent as usize).unwrap_or(&f64::INFINITY),
        }
    }
}

const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number at the front of `text` (digits, then perhaps a point and digits) and what
/// follows it.
pub(crate) fn decimal(text: &[u8]) -> Option<(Decimal, &[u8])> {
    let mut mantissa: u64 = 0;
    let mut exact = true;
    let mut places = 0;
    let mut point = false;
    let mut digits = 0;
    let mut length = 0;
    for &byte in text {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                places += u32::from(point);
                match mantissa
                    .checked_mul(10)
                    .and_then(|m| m.checked_add(u64::from(byte - b'0')))
                {
                    Some(next) => mantissa = next,
                    None => exact = false,
                }
            }
            b'.' if !point => point = true,
            _ => break,
        }
        length += 1;
    }
    if digits == 0 {
        return None;
    }
    let (number, rest) = text.split_at_checked(length)?;
    // A mantissa of 53 bits and a power up to 10^22 are both exact in f64, so that one
    // division rounds once: the nearest f64 (Clinger 1990).
    let value = match POWERS.get(places as usize) {
        Some(power) if exact && mantissa <= 1 << 53 => mantissa as f64 / power,
        _ => std::str::from_utf8(number).ok()?.parse().ok()?,
    };
    Some((Decimal { value, places }, rest))
}

/// The whole number at the front of `text` and what follows it.
pub(crate) fn integer(text: &[u8]) -> Option<(u64, &[u8])> {
    let (mut value, mut length) = (0_u64, 0);
    for digit in text.iter().take_while(|byte| byte.is_ascii_digit()) {
        value = value
            .checked_mul(10)?
            .checked_add(u64::from(digit - b'0'))?;
        length += 1;
    }
    (length > 0).then_some((value, text.get(length..)?))
}

/// `text` as a number and nothing else; a sign is allowed.
pub(crate) fn whole<T: std::str::FromStr>(text: &[u8]) -> Option<T> {
    std::str::from_utf8(text.trim_ascii()).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_double() {
        for text in [
            "0.041",
            "143",
            "31.4",
            "1594978465.914536",
            "0.1",
            "179769313486231570000",
            "9007199254740993",
        ] {
            let (number, rest) = decimal(text.as_bytes()).unwrap();
            assert_eq!(number.value, text.parse::<f64>().unwrap(), "{text}");
            assert!(rest.is_empty());
        }
    }

    #[test]
    fn stops_where_the_number_does() {
        assert_eq!(
            decimal(b"0.5 ms"),
            Some((
                Decimal {
                    value: 0.5,
                    places: 1
                },
                &b" ms"[..]
            ))
        );
        assert_eq!(
            decimal(b"1.2.3"),
            Some((
                Decimal {
                    value: 1.2,
                    places: 1
                },
                &b".3"[..]
            ))
        );
        assert_eq!(decimal(b"-nan"), None);
        assert_eq!(decimal(b"."), None);
        assert_eq!(integer(b"12,x"), Some((12, &b",x"[..])));
        assert_eq!(integer(b""), None);
    }
}
