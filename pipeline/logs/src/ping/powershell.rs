//! PowerShell's `Test-Connection` and `Test-NetConnection`, whose column titles and names aren't
//! translated. (PowerShell 6 prints what Windows' ping does.)
//!
//! ```text
//! Source        Destination     IPV4Address      IPV6Address       Bytes    Time(ms)    5.1
//! ------        -----------     -----------      -----------       -----    --------
//! HOST-1        10.0.0.1        10.0.0.1                           32       12
//!
//!    Destination: 10.0.0.1                                                              7
//!
//! Ping Source           Address                   Latency BufferSize Status
//!                                                    (ms)        (B)
//! ---- ------           -------                   ------- ---------- ------
//!    1 HOST-1           10.0.0.1                       12         32 Success
//!    2 HOST-1           *                               *          * TimedOut
//!
//! ComputerName           : 10.0.0.1                                     Test-NetConnection
//! PingSucceeded          : True
//! PingReplyDetails (RTT) : 12 ms
//! ```
//!
//! There are no summaries. A row of 7's is a request, answered or not; 5.1 has rows of answers
//! alone, and an error's text for each of the others.

use memchr::memmem::find;

use super::event::{Context, Event, Number, Rtt, Target, address, number, unit};

/// The dialect.
const NAME: &str = "powershell";

/// The first words of the tables' titles.
const TITLES_5: [&[u8]; 4] = [b"Source", b"Destination", b"IPV4Address", b"IPV6Address"];
const TITLES_7: [&[u8]; 4] = [b"Ping", b"Source", b"Address", b"Latency"];

pub(super) fn classify<'a>(line: &'a [u8], context: Context) -> Option<Event<'a>> {
    if titles(line) {
        return Some(Event::Titles(NAME));
    }
    if let Some(name) = line.strip_prefix(b"Destination: ")
        && !context.running
    {
        return Some(Event::Named(name.trim_ascii(), NAME));
    }
    if let Some((name, value)) = property(line) {
        return of_property(name, value, context);
    }
    if let Some(event) = failure(line, context) {
        return Some(event);
    }
    if context.dialect != NAME {
        return None;
    }
    if line.starts_with(b"---") || line.starts_with(b"(ms) ") {
        return Some(Event::Known);
    }
    row(line, context)
}

/// Whether a line is one of PowerShell's that no other tool prints.
pub(super) fn is_own(line: &[u8]) -> bool {
    titles(line)
        || property(line).is_some_and(|(name, _)| name.starts_with(b"Ping"))
        || is_failure(line)
}

fn titles(line: &[u8]) -> bool {
    let begins = |titles: [&[u8]; 4]| words(line).take(4).eq(titles);
    begins(TITLES_7) || begins(TITLES_5) && line.ends_with(b"Time(ms)")
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}

fn target<'a>(name: &'a [u8], line: Target<'a>) -> Event<'a> {
    Event::Target {
        name,
        line,
        dialect: NAME,
    }
}

/// `ComputerName           : 10.0.0.1`
fn property(line: &[u8]) -> Option<(&[u8], &[u8])> {
    const NAMES: [&str; 17] = [
        "ComputerName",
        "RemoteAddress",
        "RemotePort",
        "NameResolutionResults",
        "NameResolutionSucceeded",
        "MatchingIPsecRules",
        "NetworkIsolationContext",
        "IsAdmin",
        "InterfaceAlias",
        "InterfaceIndex",
        "InterfaceDescription",
        "SourceAddress",
        "NetRoute (NextHop)",
        "TcpTestSucceeded",
        "AllNameResolutionResults",
        "PingSucceeded",
        "PingReplyDetails (RTT)",
    ];
    let colon = memchr::memchr(b':', line)?;
    let name = line.get(..colon)?.strip_suffix(b" ")?.trim_ascii_end();
    let known = NAMES.iter().any(|known| known.as_bytes() == name);
    known.then_some((name, line.get(colon + 1..)?.trim_ascii()))
}

fn of_property<'a>(name: &'a [u8], value: &'a [u8], context: Context) -> Option<Event<'a>> {
    Some(match (name, value) {
        (b"ComputerName", _) => Event::Named(value, NAME),
        (b"PingSucceeded", b"False") => target(b"", Target::Lost),
        // Where nothing came back it is 0.
        (b"PingReplyDetails (RTT)", _) if !context.named => Event::Known,
        (b"PingReplyDetails (RTT)", _) => match timed(value) {
            Some(rtt) => target(b"", Target::Request(Some(rtt))),
            None => Event::Malformed,
        },
        (b"PingSucceeded", b"True") => Event::Known,
        (b"PingSucceeded", _) => Event::Malformed,
        _ if context.dialect == NAME => Event::Known,
        _ => return None,
    })
}

fn timed(text: &[u8]) -> Option<Rtt> {
    let (printed, rest) = number(text)?;
    let (printed, rest) = unit(printed, rest)?;
    rest.is_empty().then_some(Rtt {
        printed,
        bound: false,
    })
}

/// A row of 7's, which begins with the request's number, or of 5.1's.
fn row<'a>(line: &'a [u8], context: Context) -> Option<Event<'a>> {
    let mut cells = [&b""[..]; 6];
    let mut count = 0;
    for word in words(line) {
        *cells.get_mut(count)? = word;
        count += 1;
    }
    let whole = |word: &[u8]| match number(word)? {
        (number, rest) if rest.is_empty() && number.places == 0 => Some(number),
        _ => None,
    };
    let rtt = |printed: Number| Rtt {
        printed,
        bound: false,
    };
    if let ([request, _, _, latency, size, status], 6) = (cells, count)
        && whole(request).is_some()
        && (whole(size).is_some() || size == b"*")
    {
        // A status may be cut.
        let answered = status == b"Success";
        return Some(match whole(latency) {
            _ if !context.ended => Event::Malformed,
            Some(time) if answered => target(b"", Target::Request(Some(rtt(time)))),
            None if answered => Event::Malformed,
            _ if status == b"TimedOut" => target(b"", Target::Request(None)),
            _ => target(b"", Target::Refused),
        });
    }
    let ([_, name, from, ..], 5..) = (cells, count) else {
        return None;
    };
    let (size, time) = (cells.get(count - 2)?, cells.get(count - 1)?);
    address(from)?;
    whole(size)?;
    Some(match whole(time) {
        Some(time) if context.ended => target(
            name,
            Target::Reply {
                sequence: None,
                rtt: Some(rtt(time)),
                duplicate: false,
            },
        ),
        _ => Event::Malformed,
    })
}

/// `Testing connection to computer 'name' failed`: no such name, or no answer.
fn failure<'a>(line: &'a [u8], context: Context) -> Option<Event<'a>> {
    if !is_failure(line) {
        return None;
    }
    let name = || {
        let at = find(line, b"'")? + 1;
        let rest = line.get(at..)?;
        rest.get(..memchr::memchr(b'\'', rest)?)
    };
    let resolved = |words: &str| find(line, words.as_bytes()).is_none();
    let named = [
        "resolve",
        "No such host",
        "requested name",
        "non-recoverable error",
    ]
    .into_iter()
    .all(resolved);
    Some(match name() {
        Some(name) if named => target(name, Target::Error),
        None if !context.ended => Event::Malformed,
        _ => Event::Fatal,
    })
}

fn is_failure(line: &[u8]) -> bool {
    let starts = |word: &str| line.starts_with(word.as_bytes());
    starts("Test-Connection : ") || starts("Test-Connection: ")
}
