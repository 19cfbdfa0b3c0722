//! iputils, busybox, BSD and macOS.
//!
//! ```text
//! PING host (10.0.0.2) 56(84) bytes of data.              iputils
//! PING host (10.0.0.2): 56 data bytes                     busybox, BSD
//! [1594978465.914536] 64 bytes from host (10.0.0.2): icmp_seq=1 ttl=64 time=0.321 ms (DUP!)
//! 64 bytes from 10.0.0.2: seq=0 ttl=64 time=0.321 ms      busybox
//! From 10.0.0.1 icmp_seq=2 Destination Host Unreachable
//! --- host ping statistics ---
//! 5 packets transmitted, 4 received, +1 duplicates, +1 errors, 20% packet loss, time 4009ms
//! rtt min/avg/max/mdev = 0.321/0.321/0.321/0.000 ms, pipe 2, ipg/ewma 52.003/46.873 ms
//! ```

use memchr::memmem::{Finder, find};

use super::{Counts, Event, Reply, Rtt, Summary};
use crate::number::{Decimal, decimal, integer};

/// The words of a reply, compiled once.
pub(super) struct Grammar {
    bytes_from: Finder<'static>,
    sequence: Finder<'static>,
    time: Finder<'static>,
}

impl Default for Grammar {
    fn default() -> Grammar {
        Grammar {
            bytes_from: Finder::new(" bytes from "),
            sequence: Finder::new("seq="),
            time: Finder::new("time"),
        }
    }
}

/// The seconds of `-D` at the front of a line, and the line without them.
pub(super) fn without_stamp(line: &[u8]) -> (Option<f64>, &[u8]) {
    let line = line.trim_ascii_start();
    if let Some(inner) = line.strip_prefix(b"[")
        && let Some((Decimal { value, places: 1.. }, rest)) = decimal(inner)
        && let Some(rest) = rest.strip_prefix(b"] ")
    {
        return (Some(value), rest);
    }
    (None, line)
}

impl Grammar {
    pub(super) fn classify<'a>(&self, line: &'a [u8]) -> Event<'a> {
        let line = line.trim_ascii_end();
        match line.first() {
            None => return Event::Known,
            Some(b'0'..=b'9') => {
                if let Some(event) = self.reply(line) {
                    return event;
                }
            }
            Some(b'^') => return self.classify(interrupted(line)),
            _ => {}
        }
        if let Some(event) = header(line) {
            return event;
        }
        if let Some(name) = line.strip_prefix(b"---")
            && let Some(end) = find(name, b"ping").filter(|_| find(name, b"statistics").is_some())
        {
            return Event::Statistics(name.get(..end).unwrap_or_default().trim_ascii());
        }
        if find(line, b"packets transmitted").is_some() {
            return counts(line).map_or(Event::Malformed, Event::Counts);
        }
        if find(line, b"min/avg/max").is_some() {
            return summary(line);
        }
        if line.starts_with(b"From ") && find(line, b"seq=").is_some() {
            // A hint to use another router; the echo goes on.
            return if find(line, b"Redirect").is_some() {
                Event::Known
            } else {
                Event::Error
            };
        }
        if is_known(line) {
            return Event::Known;
        }
        if find(line, b"time of day goes back").is_some() {
            return Event::Clock;
        }
        if is_fatal(line) {
            return Event::Fatal;
        }
        Event::Foreign
    }

    fn reply<'a>(&self, line: &'a [u8]) -> Option<Event<'a>> {
        let (_, rest) = integer(line)?;
        if self.bytes_from.find(rest) != Some(0) {
            // BSD with -t or a cut front; the summary also begins with digits.
            return None;
        }
        let rest = rest.get(12..)?;
        let Some(at) = self.sequence.find(rest) else {
            // BSD: an error from a router, without a sequence number.
            let error = rest.contains(&b':') && self.time.find(rest).is_none();
            return Some(if error {
                Event::Error
            } else {
                Event::Malformed
            });
        };
        let from = rest.get(..at)?;
        // The comma is BSD's IPv6.
        let dialect = match (from.ends_with(b"icmp_"), find(from, b", ")) {
            (false, _) => Some("busybox"),
            (true, Some(_)) => Some("bsd"),
            (true, None) => None,
        };
        let end = from
            .iter()
            .position(|&byte| byte == b' ')
            .unwrap_or(from.len());
        let from = from.get(..end)?;
        let from = from
            .strip_suffix(b":")
            .or(from.strip_suffix(b","))
            .unwrap_or(from);
        let Some((sequence, rest)) = integer(rest.get(at + 4..)?) else {
            return Some(Event::Malformed);
        };
        let Some(at) = self.time.find(rest) else {
            // Payloads too small for a time stamp are answered without a time.
            let readable = rest.is_empty()
                || rest.last().is_some_and(u8::is_ascii_digit)
                || rest.ends_with(b")");
            let duplicate = find(rest, b"(DUP!)").is_some();
            return Some(
                if readable && find(rest, b"tl=").or(find(rest, b"hlim=")).is_some() {
                    Event::Reply {
                        reply: Reply {
                            from,
                            sequence: Some(sequence),
                            rtt: None,
                            duplicate,
                            dialect,
                        },
                        rest: b"",
                    }
                } else {
                    Event::Malformed
                },
            );
        };
        let value = rest.get(at + 4..)?;
        let Some((rtt, rest)) = time(value) else {
            return Some(Event::Malformed);
        };
        let (duplicate, rest) = tail(rest);
        Some(Event::Reply {
            reply: Reply {
                from,
                sequence: Some(sequence),
                rtt: Some(rtt),
                duplicate,
                dialect,
            },
            rest,
        })
    }
}

/// `=0.321 ms` or `<1ms`. Without its unit a number may be cut and isn't taken.
fn time(text: &[u8]) -> Option<(Rtt, &[u8])> {
    let (sign, rest) = text.split_first()?;
    let bound = match sign {
        b'=' => false,
        b'<' => true,
        _ => return None,
    };
    let (printed, rest) = decimal(rest)?;
    let rest = rest
        .strip_prefix(b" ")
        .unwrap_or(rest)
        .strip_prefix(b"ms")?;
    Some((Rtt { printed, bound }, rest))
}

/// Whether the reply is marked as a duplicate, and what follows that is another line.
fn tail(rest: &[u8]) -> (bool, &[u8]) {
    let rest = rest.trim_ascii();
    if rest.is_empty() {
        return (false, b"");
    }
    let duplicate = rest.starts_with(b"(DUP!)");
    let next = rest
        .strip_prefix(b"(DUP!)")
        .unwrap_or(rest)
        .trim_ascii_start();
    let joined = find(next, b" bytes from ").is_some()
        || next.starts_with(b"---")
        || next.starts_with(b"PING ");
    (duplicate, if joined { next } else { b"" })
}

/// What follows the `^C` that a terminal echoes.
fn interrupted(line: &[u8]) -> &[u8] {
    line.strip_prefix(b"^C")
        .or(line.strip_prefix(b"^\\"))
        .unwrap_or_default()
}

fn header(line: &[u8]) -> Option<Event<'_>> {
    if let Some(rest) = line.strip_prefix(b"PING6(") {
        let to = find(rest, b"--> ")?;
        return Some(Event::Header {
            destination: rest.get(to + 4..),
            dialect: "bsd",
        });
    }
    let rest = line.strip_prefix(b"PING ")?;
    if find(rest, b"bytes of data")
        .or(find(rest, b"data bytes"))
        .is_none()
    {
        return Some(Event::Malformed);
    }
    let end = rest
        .iter()
        .position(|&byte| byte == b'(' || byte == b' ')
        .unwrap_or(rest.len());
    // busybox and BSD have a colon after the address; which one, the replies tell.
    let dialect = if find(rest, b"): ").is_some() && find(rest, b"data bytes").is_some() {
        "bsd"
    } else {
        "iputils"
    };
    Some(Event::Header {
        destination: rest.get(..end),
        dialect,
    })
}

/// `5 packets transmitted, 4 received, +1 errors, 20% packet loss, time 4009ms`
fn counts(line: &[u8]) -> Option<Counts> {
    let mut transmitted = None;
    let mut received = None;
    let mut counts = Counts::default();
    for part in line.split(|&byte| byte == b',') {
        let part = part.trim_ascii();
        let part = part.strip_prefix(b"+").unwrap_or(part);
        let Some((count, words)) = integer(part) else {
            continue;
        };
        if find(words, b"transmitted").is_some() {
            transmitted = Some(count);
        } else if find(words, b"received").is_some() {
            received = Some(count);
        } else if find(words, b"duplicate").is_some() {
            counts.duplicates = Some(count);
        } else if find(words, b"error").is_some() {
            counts.errors = Some(count);
        }
    }
    // A summary cut before its loss may be cut within a count.
    find(line, b"loss")?;
    Some(Counts {
        transmitted: transmitted?,
        received: received?,
        ..counts
    })
}

/// `rtt min/avg/max/mdev = 1.494/12.128/228.794/19.158 ms, pipe 23`
fn summary(line: &[u8]) -> Event<'_> {
    let values = || {
        let at = line.iter().position(|&byte| byte == b'=')?;
        let text = line.get(at + 1..)?.trim_ascii_start();
        let end = find(text, b" ms")?;
        let mut values = text
            .get(..end)?
            .split(|&byte| byte == b'/')
            .map(|value| decimal(value).map(|(d, _)| d.value));
        let mut next = || values.next().flatten();
        let (min_ms, avg_ms, max_ms) = (next()?, next()?, next()?);
        Some(Summary {
            min_ms,
            avg_ms,
            max_ms,
            mdev_ms: next(),
        })
    };
    match values() {
        Some(summary) => Event::Summary(summary),
        // macOS without any reply.
        None if find(line, b"nan").is_some() => Event::Known,
        None => Event::Malformed,
    }
}

fn is_known(line: &[u8]) -> bool {
    line.iter()
        .all(|byte| matches!(byte, b'.' | b' ' | 0x08 | b'E'))
        || line.starts_with(b"no answer yet for icmp_seq=")
        || line.starts_with(b"Request timeout for icmp_seq")
        || line.starts_with(b"PATTERN: ")
        || line.starts_with(b"pipe ")
        || find(line, b"min/avg/ewma/max").is_some()
        || line.starts_with(b"-- somebody")
        || line.starts_with(b"wrong data byte")
        || line.starts_with(b"WARNING: ")
        || line.starts_with(b"ping: WARNING:")
        || line.starts_with(b"ping: Warning:")
}

fn is_fatal(line: &[u8]) -> bool {
    [
        &b"ping: "[..],
        b"ping6: ",
        b"connect: ",
        b"ping request could not",
        b"usage: ping",
    ]
    .iter()
    .any(|start| {
        line.get(..start.len())
            .is_some_and(|front| front.eq_ignore_ascii_case(start))
    })
}
