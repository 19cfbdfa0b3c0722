//! fping and nping.
//!
//! ```text
//! 10.0.0.1 : [0], 64 bytes, 0.05 ms (0.05 avg, 0% loss)
//! 10.0.0.2 : [0], timed out (NaN avg, 100% loss)
//! 10.0.0.1 : xmt/rcv/%loss = 5/5/0%, min/avg/max = 0.05/0.06/0.08
//! 10.0.0.1 : 0.05 0.06 - 0.08 0.05
//!
//! SENT (0.0012s) ICMP [10.0.0.1 > 10.0.0.2 Echo request (type=8/code=0) id=1 seq=1] IP [...]
//! Max rtt: 0.108ms | Min rtt: 0.042ms | Avg rtt: 0.064ms
//! Raw packets sent: 3 (84B) | Rcvd: 3 (138B) | Lost: 0 (0.00%)
//! ```

use memchr::memmem::find;

use super::Summary;
use super::event::{
    Context, Counts, Event, Mark, Number, Reply, Rtt, Target, address, digits, number, unit,
};

/// What a line of fping says.
pub(super) fn fping<'a>(line: &'a [u8], context: Context) -> Option<Event<'a>> {
    if let Some(event) = statistics(line, context) {
        return Some(event);
    }
    let colon = find(line, b" : ")?;
    let name = line.get(..colon)?.trim_ascii();
    let said = line.get(colon + 3..)?;
    if name.is_empty() || memchr::memchr(b' ', name).is_some() {
        return None;
    }
    let target = |line| {
        Some(Event::Target {
            name,
            line,
            dialect: "fping",
        })
    };
    let (said, duplicate) = match said.strip_prefix(b"duplicate for ") {
        Some(said) => (said, true),
        None => (said, false),
    };
    if let Some(rest) = said.strip_prefix(b"[") {
        let (index, _, rest) = digits(rest, 0)?;
        let rest = rest.strip_prefix(b"], ")?;
        if rest.starts_with(b"timed out") || rest.starts_with(b"error while sending") {
            return target(Target::TimedOut);
        }
        let Some(rtt) = find(rest, b"bytes, ")
            .and_then(|at| rest.get(at + 7..))
            .and_then(timed)
        else {
            return Some(Event::Malformed);
        };
        return target(Target::Reply {
            sequence: Some(index),
            rtt: Some(rtt),
            duplicate,
        });
    }
    if let Some(rest) = said
        .strip_prefix(b"xmt/rcv/%loss = ")
        .or(said.strip_prefix(b"xmt/rcv/%return = "))
    {
        return match result(rest, context) {
            Some((counts, summary)) => target(Target::Summary(counts, summary)),
            None => Some(Event::Malformed),
        };
    }
    // `-C`: a time or a dash for each request.
    let times = said.trim_ascii();
    let row = !times.is_empty()
        && times
            .split(|&byte| byte == b' ')
            .filter(|word| !word.is_empty())
            .all(|word| {
                word == b"-"
                    || number(word)
                        .is_some_and(|(number, rest)| rest.is_empty() && number.places > 0)
            });
    match (row, context.ended) {
        (false, _) => None,
        // The last time may be cut.
        (true, false) => Some(Event::Malformed),
        (true, true) => target(Target::Times {
            times,
            between: b' ',
        }),
    }
}

/// `0.05 ms (0.05 avg, 0% loss)`
fn timed(text: &[u8]) -> Option<Rtt> {
    let (printed, rest) = number(text)?;
    let (printed, _) = unit(printed, rest)?;
    Some(Rtt {
        printed,
        bound: false,
    })
}

/// `5/5/0%, min/avg/max = 0.05/0.06/0.08`
fn result(text: &[u8], context: Context) -> Option<(Counts, Option<(Summary, u8)>)> {
    let (transmitted, _, rest) = digits(text, 0)?;
    let (received, _, rest) = digits(rest.strip_prefix(b"/")?, 0)?;
    let (_, rest) = number(rest.strip_prefix(b"/")?)?;
    let rest = rest.strip_prefix(b"%")?;
    let counts = Counts {
        transmitted,
        received,
        ..Counts::default()
    };
    let Some(at) = find(rest, b"min/avg/max = ") else {
        // Where nothing came back there are no times.
        return (context.ended || received == 0 && rest.is_empty()).then_some((counts, None));
    };
    let (min, rest) = number(rest.get(at + 14..)?)?;
    let (avg, rest) = number(rest.strip_prefix(b"/")?)?;
    let (max, rest) = number(rest.strip_prefix(b"/")?)?;
    if rest.is_empty() && !context.ended {
        return None;
    }
    Some((counts, Some((times(min, avg, max), min.places))))
}

pub(super) fn times(min: Number, avg: Number, max: Number) -> Summary {
    Summary {
        min_ms: min.value(),
        avg_ms: avg.value(),
        max_ms: max.value(),
        mdev_ms: None,
    }
}

/// The other lines of fping: answers of hosts without counts, `-s`, and errors.
fn statistics<'a>(line: &'a [u8], context: Context) -> Option<Event<'a>> {
    if let Some(rest) = line.strip_prefix(b"ICMP ")
        && let Some(at) = find(rest, b" for ICMP Echo sent to ")
    {
        let name = rest.get(at + 23..)?.split(|&byte| byte == b' ').next()?;
        return Some(Event::Target {
            name,
            line: Target::Error,
            dialect: "fping",
        });
    }
    let alive = find(line, b" is alive");
    if let Some(at) = alive.or(find(line, b" is unreachable")) {
        let name = line.get(..at)?;
        if memchr::memchr(b' ', name).is_some() {
            return None;
        }
        // `-e` adds the time.
        let open = line.get(at..)?.iter().position(|&byte| byte == b'(');
        let rtt = open.and_then(|open| timed(line.get(at + open + 1..)?));
        let line = match alive {
            Some(_) => Target::Reply {
                sequence: None,
                rtt,
                duplicate: false,
            },
            None => Target::Unreachable,
        };
        return Some(Event::Target {
            name,
            line,
            dialect: "fping",
        });
    }
    let ends: [&[u8]; 13] = [
        b" targets",
        b" alive",
        b" unreachable",
        b" unknown addresses",
        b" timeouts (waiting for response)",
        b" ICMP Echos sent",
        b" ICMP Echo Replies received",
        b" other ICMP received",
        b" ms (min round trip time)",
        b" ms (avg round trip time)",
        b" ms (max round trip time)",
        b" sec (elapsed real time)",
        b" sec (elapsed time)",
    ];
    let counted = number(line).is_some_and(|(_, rest)| ends.contains(&rest));
    // `-Q` prints the time of day before its rows.
    let clock = context.dialect == "fping"
        && line.len() == 10
        && line.starts_with(b"[")
        && line.ends_with(b"]");
    (counted || clock).then_some(Event::Known)
}

/// What a line of nping says; it prints no time of a single reply.
pub(super) fn nping<'a>(line: &'a [u8], context: Context) -> Option<Event<'a>> {
    if line.starts_with(b"Starting Nping ") {
        return Some(Event::Header {
            destination: None,
            dialect: "nping",
        });
    }
    if line.starts_with(b"SENT (") || line.starts_with(b"Nping done: ") {
        return Some(Event::Known);
    }
    if let Some(rest) = line.strip_prefix(b"RCVD (") {
        let from = find(rest, b"[").and_then(|at| address(rest.get(at + 1..)?))?;
        if find(rest, b"reply").is_none() && find(rest, b"RA ").is_none() {
            return Some(
                if find(rest, b"unreachable").is_some() || find(rest, b"exceeded").is_some() {
                    Event::Error
                } else {
                    Event::Known
                },
            );
        }
        return Some(Event::Reply {
            reply: Reply {
                from,
                sequence: None,
                rtt: None,
                mark: Mark::None,
                dialect: Some("nping"),
                around: None,
            },
            rest: b"",
        });
    }
    let after = |word: &[u8]| number(line.get(find(line, word)? + word.len()..)?);
    if line.starts_with(b"Max rtt: ") {
        let time = |word: &[u8]| {
            let (value, rest) = after(word)?;
            Some(unit(value, rest)?.0)
        };
        let all = || {
            Some((
                time(b"Min rtt: ")?,
                time(b"Avg rtt: ")?,
                time(b"Max rtt: ")?,
            ))
        };
        return Some(match all() {
            Some((min, avg, max)) => Event::Summary(times(min, avg, max), min.places),
            None if find(line, b"N/A").is_some() => Event::Known,
            None => Event::Malformed,
        });
    }
    if line.starts_with(b"Raw packets sent: ") || line.starts_with(b"TCP connection attempts: ") {
        let whole = |word: &[u8]| after(word)?.0.whole();
        let sent = whole(b"sent: ").or(whole(b"attempts: "));
        let received = whole(b"Rcvd: ").or(whole(b"connections: "));
        return Some(
            match (sent, received, find(line, b"%").is_some() || context.ended) {
                (Some(transmitted), Some(received), true) => Event::Counts(Counts {
                    transmitted,
                    received,
                    ..Counts::default()
                }),
                _ => Event::Malformed,
            },
        );
    }
    None
}

/// Whether a line is a row of times that are all fping's, which has few other words.
pub(super) fn is_row(line: &[u8]) -> bool {
    let context = Context {
        running: false,
        summing: false,
        named: false,
        dialect: "",
        ended: true,
    };
    let words = line
        .split(|&byte| byte == b' ')
        .filter(|word| !word.is_empty());
    words.count() >= 4
        && matches!(
            fping(line, context),
            Some(Event::Target {
                line: Target::Times { .. },
                ..
            })
        )
}
