//! Windows in any language and code page: by what its lines are made of, not by its
//! words.
//!
//! ```text
//! Pinging google.com [216.58.196.238] with 32 bytes of data:
//! Antwort von 8.8.8.8: Bytes=32 Zeit<1ms TTL=117
//! Reply from ::1: time<1ms
//! Reply from 10.0.0.1: Destination host unreachable.
//! Ping statistics for 216.58.196.238:
//!     Packets: Sent = 4, Received = 4, Lost = 0 (0% loss),
//!     Minimum = 50ms, Maximum = 52ms, Average = 50ms
//! ```
//!
//! A reply has an address, perhaps a size, a time with a unit, and `TTL=` (not over
//! IPv6). Counts are three whole numbers (of requests, replies and the rest), then
//! perhaps a percentage; times are three numbers with a unit, the mean last.

use memchr::memmem::find;

use super::Summary;
use super::event::{Context, Counts, Event, Mark, Number, Reply, Rtt, address, number, unit};

pub(super) fn classify<'a>(line: &'a [u8], context: Context) -> Event<'a> {
    let text = line.trim_ascii();
    let (values, found) = Values::of(text, true);
    let ttl = find(text, b"TTL").is_some();
    let addressed = address(text);
    match (found, values.timed()) {
        (3, 3) if !ttl && addressed.is_none() => return values.summary(),
        (3, 0) if !ttl && addressed.is_none() => return values.counts(text, context),
        // The losses are on the next line.
        (2, 0) if context.summing && context.ended && addressed.is_none() => {
            return values.counts(text, context);
        }
        (1, 0) if context.running && memchr::memchr(b'%', text).is_some() => {
            return Event::Known;
        }
        // Addresses may have been made unreadable on purpose.
        (1..=3, 1..) if addressed.is_some() || ttl => {
            let last = values.0.iter().flatten().next_back();
            let Some(&Value {
                printed,
                bound,
                timed: true,
                sure,
            }) = last
            else {
                return Event::Malformed;
            };
            // Cut before its time the size may be followed by half a word.
            if !(ttl || sure || context.ended) {
                return Event::Malformed;
            }
            let reply = Reply {
                from: addressed.unwrap_or_default(),
                sequence: None,
                rtt: Some(Rtt { printed, bound }),
                mark: Mark::None,
                dialect: Some("windows"),
                around: None,
            };
            return Event::Reply { reply, rest: b"" };
        }
        _ => {}
    }
    if found > 0 && ttl && addressed.is_some() {
        return Event::Malformed;
    }
    if context.dialect == "windows" && context.running && addressed.is_none() {
        // Numbers that aren't assigned: a translation may put them elsewhere.
        let (values, found) = Values::of(text, false);
        match (found, values.timed()) {
            (3, 3) => return values.summary(),
            (3, 0) if context.summing && memchr::memchr(b'%', text).is_some() => {
                return values.counts(text, context);
            }
            _ => {}
        }
    }
    // `Route: 10.0.0.1 ->` and its next lines, or a stop by a key.
    let route = text.ends_with(b"->") || addressed == Some(text);
    if context.running && (route || text.starts_with(b"Control-")) {
        return Event::Known;
    }
    let heading = ends_with_colon(text);
    let Some(address) = addressed else {
        // A time-out, the heading of the summary's second part or its percentage.
        let rest = text.ends_with(b"),") || text.ends_with(b")");
        let said = context.running
            && (heading || ends_with_stop(text) || context.dialect == "windows" && rest);
        return if said || text.starts_with(b"(") && context.running {
            failed_to_send(text)
        } else {
            Event::Foreign
        };
    };
    if heading {
        return match (name(text), size(text)) {
            (Some(name), _) => Event::Header {
                destination: Some(name),
                dialect: "windows",
            },
            (None, true) => Event::Header {
                destination: Some(address),
                dialect: "windows",
            },
            (None, false) if context.running => Event::Statistics(address),
            _ => Event::Foreign,
        };
    }
    if context.running && text.contains(&b':') && ends_with_stop(text) {
        Event::Error
    } else {
        Event::Foreign
    }
}

/// `PING: transmit failed. General failure.` is an error of one request.
fn failed_to_send(text: &[u8]) -> Event<'_> {
    let starts = text.get(..5).unwrap_or_default();
    if starts.eq_ignore_ascii_case(b"ping:") {
        Event::Error
    } else {
        Event::Known
    }
}

/// In ASCII, UTF-8, and the code pages of Japan, China, Korea and Taiwan.
fn ends_with_stop(text: &[u8]) -> bool {
    let stops: [&[u8]; 5] = [b".", "。".as_bytes(), b"\x81\x42", b"\xa1\xa3", b"\xa1\x43"];
    stops.iter().any(|stop| text.ends_with(stop))
}

fn ends_with_colon(text: &[u8]) -> bool {
    let colons: [&[u8]; 5] = [b":", "：".as_bytes(), b"\x81\x46", b"\xa3\xba", b"\xa1\x47"];
    colons.iter().any(|colon| text.ends_with(colon))
}

/// A number in a line.
#[derive(Clone, Copy)]
struct Value {
    printed: Number,
    bound: bool,
    /// With what may be a unit of time; in a script other than Latin it may be a word.
    timed: bool,
    /// With what is one.
    sure: bool,
}

/// The first three numbers of a line.
struct Values([Option<Value>; 3]);

impl Values {
    /// Those after `=` or `<`, or all that are no percentage; and how many there are.
    fn of(text: &[u8], assigned: bool) -> (Values, usize) {
        let mut values = Values([None; 3]);
        let mut count = 0;
        let mut at = 0;
        while let Some(byte) = text.get(at).copied() {
            let rest = text.get(at + 1..).unwrap_or_default();
            let (start, bound) = match byte {
                b'=' | b'<' if assigned => {
                    let before = text.get(..at).unwrap_or_default();
                    if before.ends_with(b"TTL") {
                        at += 1;
                        continue;
                    }
                    (rest.trim_ascii_start(), byte == b'<')
                }
                b'0'..=b'9' if !assigned => (text.get(at..).unwrap_or_default(), false),
                _ => {
                    at += 1;
                    continue;
                }
            };
            at += 1;
            let Some((printed, after)) = number(start) else {
                continue;
            };
            let before = at - 1;
            at = text.len() - after.len();
            let percent = after.trim_ascii_start().starts_with(b"%")
                || text.get(..before).is_some_and(|text| text.ends_with(b"%"));
            if percent {
                continue;
            }
            let measured = unit(printed, after);
            if let Some(slot) = values.0.get_mut(count) {
                *slot = Some(Value {
                    printed: measured.map_or(printed, |(number, _)| number),
                    bound,
                    // `Sent = 4` in a language without spaces is followed by a word.
                    timed: measured.is_some() && is_time(after),
                    sure: measured.is_some() && is_unit(after),
                });
            }
            count += 1;
        }
        (values, count)
    }

    fn timed(&self) -> usize {
        self.0.iter().flatten().filter(|value| value.timed).count()
    }

    /// In the order of Windows: the mean comes last.
    fn summary(&self) -> Event<'static> {
        let [Some(min), Some(max), Some(avg)] = self.0 else {
            return Event::Foreign;
        };
        let summary = Summary {
            min_ms: min.printed.value(),
            avg_ms: avg.printed.value(),
            max_ms: max.printed.value(),
            mdev_ms: None,
        };
        Event::Summary(summary, avg.printed.places)
    }

    fn counts(&self, text: &[u8], context: Context) -> Event<'static> {
        let [sent, received, lost] = self.0.map(|value| value?.printed.whole());
        let (Some(transmitted), Some(received)) = (sent, received) else {
            return Event::Foreign;
        };
        // The last number may be cut.
        let cut = !context.ended && text.last().is_some_and(u8::is_ascii_digit);
        if !cut && lost.is_some_and(|lost| transmitted.checked_sub(received) != Some(lost)) {
            // Three other numbers, or a damaged one.
            return if context.summing {
                Event::Malformed
            } else {
                Event::Foreign
            };
        }
        Event::Counts(Counts {
            transmitted,
            received,
            ..Counts::default()
        })
    }
}

/// Whether what follows a number is a unit of time and not the next word or a comma of
/// a language whose letters aren't ASCII.
fn is_time(after: &[u8]) -> bool {
    let text = after.trim_ascii_start();
    let commas: [&[u8]; 6] = [
        "、".as_bytes(),
        "，".as_bytes(),
        b"\x81\x41",
        b"\xa3\xac",
        b"\xa1\x41",
        "،".as_bytes(),
    ];
    !commas.iter().any(|comma| text.starts_with(comma))
}

fn is_unit(after: &[u8]) -> bool {
    let text = after.trim_ascii_start();
    text.starts_with(b"ms") || text.starts_with("мс".as_bytes())
}

/// The name before the address in brackets: `google.com [216.58.196.238]`.
fn name(text: &[u8]) -> Option<&[u8]> {
    let open = text.iter().position(|&byte| byte == b'[')?;
    text.get(open + 1..).and_then(address)?;
    text.get(..open)?
        .trim_ascii_end()
        .rsplit(|&byte| byte == b' ')
        .next()
        .filter(|name| !name.is_empty())
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

/// Whether a line is a reply.
pub(super) fn is_reply(line: &[u8]) -> bool {
    let (values, found) = Values::of(line, true);
    found > 0 && (address(line).is_some() || values.timed() > 0)
}

/// Whether a line, which ends with a colon, is a header.
pub(super) fn is_heading(line: &[u8]) -> bool {
    let ping = find(line, b"ing").is_some_and(|at| {
        at.checked_sub(1)
            .and_then(|at| line.get(at))
            .is_some_and(|byte| byte.eq_ignore_ascii_case(&b'p'))
    });
    (ping || size(line)) && address(line).is_some()
}
