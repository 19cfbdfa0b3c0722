//! Windows in any language: by what its lines are made of, not by its words.
//!
//! ```text
//! Pinging google.com [216.58.196.238] with 32 bytes of data:
//! Antwort von 8.8.8.8: Bytes=32 Zeit<1ms TTL=117
//! Reply from 10.0.0.1: Destination host unreachable.
//! Ping statistics for 216.58.196.238:
//!     Packets: Sent = 4, Received = 4, Lost = 0 (0% loss),
//!     Minimum = 50ms, Maximum = 52ms, Average = 50ms
//! ```

use memchr::memmem::find;

use super::{Counts, Event, Reply, Rtt, Summary};
use crate::number::{Decimal, decimal};

/// `running`: a header or reply came before.
pub(super) fn classify(line: &[u8], running: bool) -> Event<'_> {
    let indented = line.first().is_some_and(u8::is_ascii_whitespace);
    let text = line.trim_ascii();
    let (count, found) = assignments(text);
    let found = found.get(..count.min(3)).unwrap_or_default();
    let mut times = found.iter().filter(|found| found.milliseconds);
    match (count, times.clone().count()) {
        (3, 3) if indented => {
            let [min, max, avg] = found else {
                return Event::Foreign;
            };
            return Event::Summary(Summary {
                min_ms: min.value.value,
                avg_ms: avg.value.value,
                max_ms: max.value.value,
                mdev_ms: None,
            });
        }
        (3, 0) if indented && find(text, b"TTL=").is_none() => {
            let [sent, received, _] = found else {
                return Event::Foreign;
            };
            let (transmitted, received) = (sent.value.value as u64, received.value.value as u64);
            return Event::Counts(Counts {
                transmitted,
                received,
                ..Counts::default()
            });
        }
        (1..=3, 1) if !indented => {
            let Some(time) = times.next() else {
                return Event::Foreign;
            };
            let rtt = Rtt {
                printed: time.value,
                bound: time.bound,
            };
            let from = address(text).unwrap_or_default();
            // Windows prints no sequence numbers; other tools have lines like its.
            let dialect = find(text, b"seq=").is_none().then_some("windows");
            let reply = Reply {
                from,
                sequence: None,
                rtt: Some(rtt),
                duplicate: false,
                dialect,
            };
            return Event::Reply { reply, rest: b"" };
        }
        _ => {}
    }
    if count > 0 && find(text, b"TTL").is_some() && address(text).is_some() {
        return Event::Malformed;
    }
    let Some(address) = address(text) else {
        let sentence =
            text.ends_with(b".") || text.ends_with("。".as_bytes()) || text.ends_with(b":");
        // A time-out, or the heading of the summary's second part.
        return if (running && sentence) || text.starts_with(b"(") {
            Event::Known
        } else {
            Event::Foreign
        };
    };
    if text.ends_with(b":") {
        return match (name(text), size(text)) {
            (Some(name), _) => Event::Header {
                destination: Some(name),
                dialect: "windows",
            },
            (None, true) => Event::Header {
                destination: Some(address),
                dialect: "windows",
            },
            (None, false) if running => Event::Statistics(address),
            _ => Event::Foreign,
        };
    }
    if running && text.contains(&b':') && text.ends_with(b".") {
        Event::Error
    } else {
        Event::Foreign
    }
}

/// A number after `=` or `<`.
#[derive(Clone, Copy)]
struct Assignment {
    value: Decimal,
    bound: bool,
    milliseconds: bool,
}

/// How many numbers are assigned in a line, and the first three.
fn assignments(text: &[u8]) -> (usize, [Assignment; 3]) {
    let nothing = Assignment {
        value: Decimal {
            value: 0.0,
            places: 0,
        },
        bound: false,
        milliseconds: false,
    };
    let mut found = [nothing; 3];
    let mut count = 0;
    for at in memchr::memchr2_iter(b'=', b'<', text) {
        if text
            .get(..at)
            .is_some_and(|before| before.ends_with(b"TTL"))
        {
            continue;
        }
        let bound = text.get(at) == Some(&b'<');
        let Some((value, rest)) =
            decimal(text.get(at + 1..).unwrap_or_default().trim_ascii_start())
        else {
            continue;
        };
        let rest = rest.trim_ascii_start();
        let milliseconds = rest.starts_with(b"ms") || rest.starts_with("мс".as_bytes());
        if let Some(slot) = found.get_mut(count) {
            *slot = Assignment {
                value,
                bound,
                milliseconds,
            };
        }
        count += 1;
    }
    (count, found)
}

/// The first IPv4 or IPv6 address in a line.
fn address(text: &[u8]) -> Option<&[u8]> {
    text.split(|byte| !(byte.is_ascii_hexdigit() || matches!(byte, b'.' | b':' | b'%')))
        .find_map(|word| {
            let word = word
                .strip_suffix(b":")
                .filter(|word| !word.ends_with(b":"))
                .unwrap_or(word);
            std::str::from_utf8(word.split(|&byte| byte == b'%').next()?)
                .ok()?
                .parse::<std::net::IpAddr>()
                .ok()?;
            Some(word)
        })
}

/// The name before the address in brackets: `google.com [216.58.196.238]`.
fn name(text: &[u8]) -> Option<&[u8]> {
    let open = text.iter().position(|&byte| byte == b'[')?;
    text.get(open + 1..).and_then(address)?;
    text.get(..open)?
        .trim_ascii_end()
        .rsplit(|&byte| byte == b' ')
        .next()
}

/// Whether a line has a whole number that isn't part of an address: the payload's size.
fn size(text: &[u8]) -> bool {
    text.split(|byte| byte.is_ascii_whitespace()).any(|word| {
        let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
        digits > 0
            && !word
                .get(digits)
                .is_some_and(|byte| matches!(byte, b'.' | b':' | b'a'..=b'f'))
    })
}
