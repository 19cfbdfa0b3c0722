//! fping's `-J`: an object a line.
//!
//! ```text
//! {"resp": {"host": "10.0.0.1", "seq": 0, "size": 64, "rtt": 0.043}}
//! {"timeout": {"host": "10.0.0.2", "seq": 0}}
//! {"summary": {"host": "10.0.0.1", "xmt": 1, "rcv": 1, "loss": 0, "rttMin": 0.043, "rttAvg": 0.043, "rttMax": 0.043}}
//! {"vSum": {"host": "10.0.0.1", "values": [0.043, null]}}
//! ```
//!
//! Its makers call the format unfinished and ask for what isn't known to be passed over.

use memchr::memmem::find;

use super::event::{Counts, Event, Number, Rtt, Target, digits, number};
use super::targets::times;

/// What a line says, if it is an object of fping's.
pub(super) fn fping(line: &[u8]) -> Option<Event<'_>> {
    let kind = kind(line)?;
    if !line.ends_with(b"}}") {
        return Some(Event::Malformed);
    }
    match kind {
        b"stats" => return Some(Event::Known),
        // A name without an address: nothing can be sent.
        b"warning" => return Some(Event::Fatal),
        _ => {}
    }
    let said = match kind {
        b"resp" => reply(line),
        b"timeout" => Some(Target::TimedOut),
        b"intSum" => Some(Target::Interim),
        b"summary" => summary(line),
        _ => field(line, "values").and_then(values),
    };
    Some(match (field(line, "host").and_then(text), said) {
        (Some(name), Some(said)) => Event::Target {
            name,
            line: said,
            dialect: "fping",
        },
        _ => Event::Malformed,
    })
}

/// The object's kind, if it is one that names a target or that is fping's alone.
fn kind(line: &[u8]) -> Option<&[u8]> {
    let (kind, rest) = quoted(line.strip_prefix(b"{")?)?;
    let inner = after_colon(rest)?.strip_prefix(b"{")?;
    let (first, _) = quoted(inner)?;
    let firsts: &[&[u8]] = match kind {
        b"resp" => &[b"host", b"timestamp"],
        b"timeout" | b"summary" | b"vSum" | b"warning" => &[b"host"],
        b"intSum" => &[b"time"],
        b"stats" => &[b"targets"],
        _ => return None,
    };
    firsts.contains(&first).then_some(kind)
}

/// Whether a line is one of fping's objects.
pub(super) fn is_object(line: &[u8]) -> bool {
    kind(line).is_some()
}

fn reply(line: &[u8]) -> Option<Target<'_>> {
    let (sequence, _, _) = digits(field(line, "seq")?, 0)?;
    let printed = value(line, "rtt")?;
    Some(Target::Reply {
        sequence: Some(sequence),
        rtt: Some(Rtt {
            printed,
            bound: false,
        }),
        duplicate: false,
    })
}

fn summary(line: &[u8]) -> Option<Target<'_>> {
    let counts = Counts {
        transmitted: value(line, "xmt")?.whole()?,
        received: value(line, "rcv")?.whole()?,
        ..Counts::default()
    };
    if field(line, "rttMin").is_none() {
        return Some(Target::Summary(counts, None));
    }
    let min = value(line, "rttMin")?;
    let summary = times(min, value(line, "rttAvg")?, value(line, "rttMax")?);
    Some(Target::Summary(counts, Some((summary, min.places))))
}

/// The times in `[0.043, null]`.
fn values(list: &[u8]) -> Option<Target<'_>> {
    let list = list.strip_prefix(b"[")?;
    let times = list.get(..memchr::memchr(b']', list)?)?;
    let good = |word: &[u8]| match word.trim_ascii() {
        b"null" => true,
        word => number(word).is_some_and(|(_, rest)| rest.is_empty()),
    };
    times
        .split(|&byte| byte == b',')
        .all(good)
        .then_some(Target::Times {
            times,
            between: b',',
        })
}

/// The number that is the value of `name`.
fn value(line: &[u8], name: &str) -> Option<Number> {
    let (number, rest) = number(field(line, name)?)?;
    matches!(rest.trim_ascii_start(), [b',' | b'}', ..]).then_some(number)
}

/// What follows `"name":`.
fn field<'a>(line: &'a [u8], name: &str) -> Option<&'a [u8]> {
    let name = format!("\"{name}\"");
    let at = find(line, name.as_bytes())?;
    after_colon(line.get(at + name.len()..)?)
}

fn after_colon(text: &[u8]) -> Option<&[u8]> {
    let rest = text.trim_ascii_start().strip_prefix(b":")?;
    Some(rest.trim_ascii_start())
}

fn text(value: &[u8]) -> Option<&[u8]> {
    quoted(value).map(|(text, _)| text)
}

/// A text in quotes, and what follows; names need no escapes.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start().strip_prefix(b"\"")?;
    let end = memchr::memchr(b'"', text)?;
    Some((text.get(..end)?, text.get(end + 1..)?))
}
