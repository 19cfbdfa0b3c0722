//! What lines say: the common language of ping's dialects.

use super::Summary;

/// Most decimals of a time that is read.
pub(super) const PLACES: usize = 9;

const POWERS: [f64; PLACES + 4] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12,
];

/// A number exactly as printed: `digits` / 10^`places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number {
    pub digits: u64,
    pub places: u8,
}

impl Number {
    /// The nearest f64: both operands are exact, so the division rounds once.
    #[inline]
    pub(super) fn value(self) -> f64 {
        self.digits as f64
            / POWERS
                .get(usize::from(self.places))
                .copied()
                .unwrap_or(f64::NAN)
    }

    /// The step in which it is printed.
    pub(super) fn step(self) -> f64 {
        Number { digits: 1, ..self }.value()
    }

    /// The number as a whole one.
    pub(super) fn whole(self) -> Option<u64> {
        (self.places == 0).then_some(self.digits)
    }
}

/// The number at the front of `text` and what follows it. A comma before a digit is a
/// decimal point: some systems print numbers as their user's country does.
#[inline]
pub(super) fn number(text: &[u8]) -> Option<(Number, &[u8])> {
    let (digits, length, mut rest) = digits(text, 0)?;
    let mut number = Number { digits, places: 0 };
    match rest {
        [b'.' | b',', after @ ..] if after.first().is_some_and(u8::is_ascii_digit) => {
            let (digits, all, after) = self::digits(after, number.digits)?;
            if length + all > 15 || all > PLACES {
                return None;
            }
            (number.digits, number.places, rest) = (digits, all as u8, after);
        }
        [b'.', after @ ..] => rest = after,
        _ => {}
    }
    Some((number, rest))
}

/// The digits at the front of `text` after those that are `so_far`, how many they are,
/// and what follows; more than 15 in all would not be exact in an f64.
#[inline]
pub(super) fn digits(mut text: &[u8], mut so_far: u64) -> Option<(u64, usize, &[u8])> {
    let whole = text.len();
    while let [digit @ b'0'..=b'9', rest @ ..] = text {
        so_far = so_far
            .wrapping_mul(10)
            .wrapping_add(u64::from(digit - b'0'));
        text = rest;
    }
    let length = whole - text.len();
    (1..=15).contains(&length).then_some((so_far, length, text))
}

/// A round-trip time in ms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rtt {
    pub printed: Number,
    /// Printed with `<`.
    pub bound: bool,
}

/// The counts of a summary.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub transmitted: u64,
    pub received: u64,
    pub duplicates: Option<u64>,
    pub errors: Option<u64>,
}

/// What a reply is marked as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    None,
    Duplicate,
    /// With a bad checksum: the tool doesn't count it.
    Corrupted,
    /// In words that aren't known.
    Other,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reply<'a> {
    pub from: &'a [u8],
    pub sequence: Option<u64>,
    pub rtt: Option<Rtt>,
    pub mark: Mark,
    /// The dialect, where the line's form gives it away.
    pub dialect: Option<&'static str>,
    /// What stands before the sequence number and between it and the time, if nothing
    /// but the unit follows.
    pub around: Option<(&'a [u8], &'a [u8])>,
}

/// What a line says.
#[derive(Debug, Clone, Copy)]
pub(super) enum Event<'a> {
    /// A run begins.
    Header {
        destination: Option<&'a [u8]>,
        dialect: &'static str,
    },
    /// An answer. `rest` is what follows it on the same line, if that looks like
    /// another line joined to it.
    Reply { reply: Reply<'a>, rest: &'a [u8] },
    /// An error instead of an answer.
    Error,
    /// The name in the summary's first line.
    Statistics(&'a [u8]),
    /// The summary's counts.
    Counts(Counts),
    /// The summary's times, and the decimals that they are printed with.
    Summary(Summary, u8),
    /// The name of the target that the next lines without one are about.
    Named(&'a [u8], &'static str),
    /// The titles of a dialect's table.
    Titles(&'static str),
    /// A line about one of several targets; without a name, about the one that was named.
    Target {
        name: &'a [u8],
        line: Target<'a>,
        dialect: &'static str,
    },
    /// The tool can't do what it was asked to.
    Fatal,
    /// The clock went backwards, says the tool.
    Clock,
    /// The data of a reply aren't those that were sent.
    Corrupted,
    /// The tool's own, with nothing to record (`no answer yet`, dots, `^C`).
    Known,
    /// Looks like a line of ping and can't be read.
    Malformed,
    /// Not ping's.
    Foreign,
}

/// What a line says about one of several targets.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// An answer.
    Reply {
        sequence: Option<u64>,
        rtt: Option<Rtt>,
        duplicate: bool,
    },
    /// No answer came in time.
    TimedOut,
    /// No answer came, and no more is asked.
    Unreachable,
    /// An error came instead.
    Error,
    /// Counts and, if there was an answer, times.
    Summary(Counts, Option<(Summary, u8)>),
    /// Counts of late; those of all come at the end.
    Interim,
    /// The time of each answer, or a word for none.
    Times { times: &'a [u8], between: u8 },
    /// All that came of a request: an answer, or nothing.
    Request(Option<Rtt>),
    /// All that came of a request: an error.
    Refused,
    /// Nothing came of a request, and no more is said of the target.
    Lost,
}

/// What is known before a line is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct Context {
    /// A run is open.
    pub running: bool,
    /// The summary has begun, and its counts haven't been read.
    pub summing: bool,
    /// A target was named.
    pub named: bool,
    /// The dialect so far; empty if unknown.
    pub dialect: &'static str,
    /// The line's end is there.
    pub ended: bool,
}

/// The unit after a time: the number in ms, and what follows. Translated units aren't
/// ASCII (`мс`, `毫秒`); all tools print milliseconds but for microseconds marked as such.
pub(super) fn unit(number: Number, text: &[u8]) -> Option<(Number, &[u8])> {
    let text = text.trim_ascii_start();
    let micro = Number {
        places: number.places + 3,
        ..number
    };
    let word = text
        .iter()
        .position(|byte| !byte.is_ascii_alphabetic() && byte.is_ascii())
        .unwrap_or(text.len());
    let (unit, rest) = text.split_at_checked(word)?;
    match unit {
        b"msec" | b"msecs" => Some((number, rest)),
        [b'm', b's', ..] => Some((number, text.get(2..)?)),
        b"us" | b"usec" => Some((micro, rest)),
        [0xc2 | 0xce, 0xb5 | 0xbc, ..] | [0xb5, ..] => Some((micro, rest)),
        [0xc2 | 0xce] => None,
        [0x80..=0xff, ..] => Some((number, rest)),
        _ => None,
    }
}

/// The first IPv4 or IPv6 address in a line.
pub(super) fn address(text: &[u8]) -> Option<&[u8]> {
    text.split(|byte| !(byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'%')))
        .find_map(|word| {
            let word = word
                .strip_suffix(b":")
                .filter(|word| !word.ends_with(b":"))
                .unwrap_or(word);
            let bare = word.split(|&byte| byte == b'%').next()?;
            // Shorter ones are `::` or cut.
            if bare.len() < 3 {
                return None;
            }
            std::str::from_utf8(bare)
                .ok()?
                .parse::<std::net::IpAddr>()
                .ok()?;
            Some(word)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_as_printed() {
        let read = |text: &'static str| number(text.as_bytes()).map(|(n, rest)| (n.value(), rest));
        assert_eq!(read("0.041 ms"), Some((0.041, &b" ms"[..])));
        assert_eq!(read("143 ms"), Some((143.0, &b" ms"[..])));
        assert_eq!(read("0. ms"), Some((0.0, &b" ms"[..])));
        assert_eq!(read("0,041 ms"), Some((0.041, &b" ms"[..])));
        assert_eq!(read("4, 5"), Some((4.0, &b", 5"[..])));
        assert_eq!(read("1234567890123456"), None);
        assert_eq!(read("-nan"), None);
        for text in ["31.4", "0.321", "228.794", "9.87654321"] {
            assert_eq!(read(text).unwrap().0, text.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn units_in_any_language() {
        let twelve = Number {
            digits: 12,
            places: 0,
        };
        let read = |text: &'static str| unit(twelve, text.as_bytes()).map(|(n, _)| n.value());
        for text in [
            " ms",
            "ms TTL=1",
            "мс",
            " 毫秒",
            "ミリ秒",
            " ms(DUP!)",
            " msec",
        ] {
            assert_eq!(read(text), Some(12.0), "{text}");
        }
        assert_eq!(read(" us"), Some(0.012));
        assert_eq!(read("µs"), Some(0.012));
        for text in ["", " m", " bytes", " TTL", "3"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
