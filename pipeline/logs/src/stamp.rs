//! Times that others wrote in front of a tool's lines: `ts`, `date`, a shell's loop.
//!
//! ```text
//! 2026-11-30 14:01:02: 64 bytes from ...
//! [Mon Nov 30 14:01:02 UTC 2026] 64 bytes from ...
//! Nov 30 14:01:02 64 bytes from ...
//! 11/30/2026 2:01:02 PM - 64 bytes from ...
//! 1796046948.123456 64 bytes from ...
//! ```

use crate::number::integer;

/// What follows a time of day, with a date or without, or seconds since 1970; the whole
/// line if it doesn't begin so.
pub(crate) fn without(line: &[u8]) -> &[u8] {
    after(line).unwrap_or(line)
}

/// The same, if there is such a time. ping's own stamp is none.
pub(crate) fn after(line: &[u8]) -> Option<&[u8]> {
    stamped(line).map(separated)
}

fn stamped(line: &[u8]) -> Option<&[u8]> {
    match line.first()? {
        b'[' => {
            let end = memchr::memchr(b']', line)?;
            let left = timed(line.get(1..end)?)?;
            left.is_empty().then(|| line.get(end + 1..))?
        }
        b'0'..=b'9' => since_1970(line).or_else(|| timed(line)),
        b'A'..=b'Z' => timed(line),
        _ => None,
    }
}

/// The digits at the front of a text, how many they are, and what follows.
fn digits(text: &[u8]) -> Option<(usize, &[u8])> {
    let (_, rest) = integer(text)?;
    Some((text.len() - rest.len(), rest))
}

/// Ten digits, which are too many for a count, a size or a date.
fn since_1970(line: &[u8]) -> Option<&[u8]> {
    let (length, rest) = digits(line)?;
    let (rest, broken) = match rest.strip_prefix(b".") {
        Some(fraction) => (digits(fraction)?.1, true),
        None => (rest, false),
    };
    let ends = match rest.first() {
        Some(next) => b" \t:,;".contains(next),
        // An empty line's.
        None => broken,
    };
    (length == 10 && ends && !rest.starts_with(b" packet")).then_some(rest)
}

/// What follows a time of day and up to four words of a date before it.
fn timed(line: &[u8]) -> Option<&[u8]> {
    let mut rest = line;
    for _ in 0..5 {
        let (word, after) = first_word(rest)?;
        if is_clock(word) {
            return Some(behind(after));
        }
        if !is_of_date(word) {
            return None;
        }
        rest = after;
    }
    None
}

/// The half of the day, or a zone and the year.
fn behind(rest: &[u8]) -> &[u8] {
    let year = |text| {
        let (word, after) = first_word(text)?;
        let (length, end) = digits(word)?;
        (length == 4 && matches!(end, b"" | b":")).then_some(after)
    };
    let Some((word, after)) = first_word(rest) else {
        return rest;
    };
    let half = word.strip_suffix(b",").unwrap_or(word);
    if matches!(half, b"AM" | b"PM" | b"am" | b"pm") {
        return match first_word(after) {
            Some((zone, after)) if is_zone(zone) => after,
            _ => after,
        };
    }
    let dated = if word.iter().all(u8::is_ascii_uppercase) {
        year(after)
    } else {
        // A word behind it makes it a reply's size.
        year(rest).filter(|after| !after.first().is_some_and(u8::is_ascii_lowercase))
    };
    dated.unwrap_or(rest)
}

/// `CET`, `CET:`
fn is_zone(word: &[u8]) -> bool {
    let name = word.strip_suffix(b":").unwrap_or(word);
    (3..=4).contains(&name.len()) && name.iter().all(u8::is_ascii_uppercase) && name != b"PING"
}

/// `14:01:02`, perhaps behind a date and a T, with a fraction, a zone, a colon.
fn is_clock(word: &[u8]) -> bool {
    let time = match word.iter().position(|&byte| byte == b'T') {
        Some(at) => word.get(at + 1..).unwrap_or_default(),
        None => word,
    };
    let mut parts = time.splitn(3, |&byte| byte == b':');
    let mut part = |lengths: &[usize]| {
        let (length, rest) = digits(parts.next()?)?;
        lengths.contains(&length).then_some(rest)
    };
    let (Some(b""), Some(b""), Some(rest)) = (part(&[1, 2]), part(&[2]), part(&[2])) else {
        return false;
    };
    rest.iter()
        .all(|byte| byte.is_ascii_digit() || b".,:+-Z".contains(byte))
}

/// `2026-11-30`, `30.11.2026`, `11/30/2026`, `Mon`, `Nov`, `30`, `2026`.
fn is_of_date(word: &[u8]) -> bool {
    match word {
        [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z'] | [b'A'..=b'Z', b'a'..=b'z', b'a'..=b'z', b','] => {
            true
        }
        _ => {
            word.first().is_some_and(u8::is_ascii_digit)
                && word.len() <= 11
                && word
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || b"-/.,".contains(byte))
        }
    }
}

/// The first word, and what follows it from the next on.
fn first_word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = text.iter().position(u8::is_ascii_whitespace);
    let (word, after) = text.split_at_checked(end.unwrap_or(text.len()))?;
    (!word.is_empty()).then_some((word, after.trim_ascii_start()))
}

/// Without what is between the time and the line.
fn separated(rest: &[u8]) -> &[u8] {
    let rest = rest.trim_ascii_start();
    match rest {
        [b':' | b'|' | b',' | b';', rest @ ..] | [b'-', rest @ ..]
            if rest.first().is_none_or(u8::is_ascii_whitespace) =>
        {
            rest.trim_ascii_start()
        }
        rest => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_a_time() {
        for stamp in [
            "2026-11-30 14:01:02: ",
            "2026-11-30 14:01:02.123 ",
            "2026-11-30T14:01:02+01:00 ",
            "2026-11-30T14:01:02Z | ",
            "[2026-11-30 14:01:02] ",
            "[Mon Nov 30 14:01:02 UTC 2026] ",
            "Mon Nov 30 14:01:02 CET 2026: ",
            "Mon 30 Nov 2026 02:01:02 PM CET: ",
            "Mon, 30 Nov 2026 14:01:02 - ",
            "Nov 30 14:01:02 ",
            "11/30/2026  2:01:02 PM, ",
            "Mon 11/30/2026 14:01:02.11 - ",
            "30.11.2026 14:01:02,11 ",
            "14:01:02 ",
            "1796046948 ",
            "1796046948.123456: ",
        ] {
            for line in [
                "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms",
                "2008 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms",
                "PING a (10.0.0.2) 56(84) bytes of data.",
                "--- a ping statistics ---",
                "3 packets transmitted, 3 received, 0% packet loss, time 2003ms",
                "rtt min/avg/max/mdev = 0.1/0.2/0.3/0.1 ms",
                "",
            ] {
                let stamped = [stamp, line].concat();
                let found = String::from_utf8_lossy(without(stamped.as_bytes()));
                assert_eq!(found, line, "{stamp}");
            }
        }
        for line in [
            "",
            "[1796046948.123456] 64 bytes from 10.0.0.2: icmp_seq=1",
            "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms",
            "1796046948 packets transmitted, 1796046948 received",
            "PING a (10.0.0.2) 56(84) bytes of data.",
            "10.0.0.2 : 0.05 0.06 - 0.08 0.05",
            "12:34:56:78:9a:bc : 0.05 - 0.06",
        ] {
            let found = String::from_utf8_lossy(without(line.as_bytes()));
            assert_eq!(found, line);
        }
    }
}
