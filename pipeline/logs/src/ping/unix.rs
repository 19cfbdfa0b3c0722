//! iputils in any language, busybox, toybox, inetutils, BSD, macOS, Solaris, hping3 and
//! others whose replies have `seq=`.
//!
//! ```text
//! PING host (10.0.0.2) 56(84) bytes of data.              iputils
//! PING host (10.0.0.2): 56 data bytes                     busybox, BSD
//! [1594978465.914536] 64 bytes from host (10.0.0.2): icmp_seq=1 ttl=64 time=0.321 ms (DUP!)
//! 64 bytes from 10.0.0.2: seq=0 ttl=64 time=0.321 ms      busybox
//! 64 bytes from host (10.0.0.2): icmp_seq=0. time=0.321 ms    Solaris
//! From 10.0.0.1 icmp_seq=2 Destination Host Unreachable
//! --- host ping statistics ---
//! 5 packets transmitted, 4 received, +1 duplicates, +1 errors, 20% packet loss, time 4009ms
//! rtt min/avg/max/mdev = 0.321/0.321/0.321/0.000 ms, pipe 2, ipg/ewma 52.003/46.873 ms
//! ```
//!
//! What iputils' translations leave alone: `seq=`, `ttl=`, the order of fields, `=` before
//! the time, the rulers around the heading of the summary, the order of its counts, `+`
//! before those of oddities, `%`, and the slashes between its times.

use memchr::memmem::{Finder, find};

use super::Summary;
use super::event::{
    Context, Counts, Event, Mark, Number, Reply, Rtt, address, digits, number, unit,
};

/// The words of a reply, compiled once.
pub(super) struct Grammar {
    bytes_from: Finder<'static>,
    sequence: Finder<'static>,
}

impl Default for Grammar {
    fn default() -> Grammar {
        Grammar {
            bytes_from: Finder::new(" bytes from "),
            sequence: Finder::new("seq="),
        }
    }
}

/// The time of `-D` at the front of a line in ns, and the line without it.
pub(super) fn without_stamp(line: &[u8]) -> (Option<u64>, &[u8]) {
    let stamp = || {
        let (seconds, _, rest) = digits(line.strip_prefix(b"[")?, 0)?;
        let (fraction, places, rest) = digits(rest.strip_prefix(b".")?, 0)?;
        let scale = 10u64.checked_pow(9u32.checked_sub(u32::try_from(places).ok()?)?)?;
        let time = seconds
            .checked_mul(1_000_000_000)?
            .checked_add(fraction * scale)?;
        Some((time, rest.strip_prefix(b"] ")?))
    };
    match stamp() {
        Some((time, rest)) => (Some(time), rest),
        None => (None, line),
    }
}

/// What follows the keys that a terminal echoes (`^C`) and a flood's dots and backspaces;
/// `None` if nothing does.
fn without_echoes(mut line: &[u8]) -> Option<&[u8]> {
    let is_dot = |byte: &u8| matches!(byte, b'.' | 0x08 | b' ' | b'\r');
    loop {
        line = match line {
            [] => return None,
            [b'^', _, rest @ ..] => rest.trim_ascii_start(),
            [b'^'] => return None,
            [b'.' | 0x08, ..] => {
                let dots = line.iter().take_while(|byte| is_dot(byte)).count();
                let rest = line.get(dots..)?;
                // Errors and bad checksums are letters among the dots.
                let letters = |byte: &u8| is_dot(byte) || matches!(byte, b'E' | b'C');
                let flood = rest.iter().take_while(|byte| letters(byte)).count();
                if flood == rest.len() {
                    return None;
                }
                match rest.get(flood.saturating_sub(1)..) {
                    Some([b'.' | 0x08, ..]) => rest.get(flood..)?,
                    _ => rest,
                }
            }
            _ => return Some(line),
        }
    }
}

/// Where a line goes on with another that lost its line end: after the header, after the
/// heading of the summary, or before its times.
pub(super) fn seam(line: &[u8]) -> Option<usize> {
    let header = line.starts_with(b"PING ").then(|| {
        let end = find(line, b"bytes of data.")? + 14;
        (!line.get(end..)?.trim_ascii().is_empty()).then_some(end)
    });
    let heading = line.starts_with(b"--- ").then(|| {
        let end = find(line.get(4..)?, b" ---")? + 8;
        line.get(end).is_some_and(u8::is_ascii_digit).then_some(end)
    });
    let times = || {
        let at = find(line, b"rtt min/avg/max").filter(|at| *at > 0)?;
        let before = line.get(..at)?;
        (find(before, b"transmitted").is_some() && find(before, b"seq=").is_none()).then_some(at)
    };
    let counts = || line.first().is_some_and(u8::is_ascii_digit).then(times);
    header.or(heading).or_else(counts).flatten()
}

impl Grammar {
    /// What `line`, without white space around it, says.
    pub(super) fn classify<'a>(&self, line: &'a [u8], context: Context) -> Event<'a> {
        let Some(line) = without_echoes(line) else {
            return Event::Known;
        };
        if let Some(event) = self.sequenced(line, context) {
            return event;
        }
        if let Some(event) = self.router(line, context) {
            return event;
        }
        if let Some(event) = header(line) {
            return event;
        }
        if let Some(name) = heading(line) {
            return Event::Statistics(name);
        }
        if let Some(counts) = counts(line, context) {
            return counts;
        }
        if let Some(summary) = summary(line, context) {
            return summary;
        }
        if is_known(line, context) {
            return Event::Known;
        }
        if find(line, b"time of day goes back").is_some() {
            return Event::Clock;
        }
        if line.starts_with(b"wrong data byte") || is_wrong_byte(line) {
            return Event::Corrupted;
        }
        message(line, context)
    }

    /// Where the second reply of a line begins, if there is one.
    pub(super) fn next_reply(&self, line: &[u8]) -> Option<usize> {
        let first = self.bytes_from.find(line)? + 12;
        let second = first + self.bytes_from.find(line.get(first..)?)?;
        Some(start_of_line(line, second)).filter(|start| *start > 0)
    }

    /// A line with a sequence number: a reply, an error, or no answer yet.
    fn sequenced<'a>(&self, line: &'a [u8], context: Context) -> Option<Event<'a>> {
        let at = self
            .sequence
            .find(line)
            .or_else(|| find(line, b"icmp_req=").map(|at| at + 5))?;
        let (before, after) = (line.get(..at)?, line.get(at + 4..)?);
        let icmp = before.ends_with(b"icmp_");
        if !icmp && !before.ends_with(b" ") {
            return None;
        }
        let Some((sequence, length, rest)) = digits(after, 0) else {
            return Some(Event::Malformed);
        };
        let (dotted, rest) = match rest.strip_prefix(b".") {
            Some(rest) => (true, rest),
            None => (false, rest),
        };
        let answered = self.bytes_from.find(before).map(|at| at + 12);
        let replied = before.starts_with(b"Reply from ");
        let dialect = match (icmp, dotted) {
            _ if before.starts_with(b"len=") => Some("hping3"),
            (_, true) => Some("solaris"),
            (false, _) if replied => Some("udpping"),
            (false, _) => Some("busybox"),
            // The comma is BSD's IPv6.
            (true, _) if answered.is_some() && find(before, b", ").is_some() => Some("bsd"),
            _ => None,
        };
        let from = match answered.or(replied.then_some(11)) {
            Some(start) => first_word(before.get(start..)?),
            None => address(before).unwrap_or_default(),
        };
        if let Some(time) = time(rest) {
            let (mark, joined) = tail(time.rest);
            // A mark that is cut may be any.
            if !context.ended && time.rest.contains(&b'(') && !time.rest.contains(&b')') {
                return Some(Event::Malformed);
            }
            let start = at + 4;
            let middle = start + length..start + length + usize::from(dotted) + time.start;
            let plain = mark == Mark::None && !time.rtt.bound && time.rest.is_empty();
            let around = line.get(..start).zip(line.get(middle));
            let reply = Reply {
                from,
                sequence: Some(sequence),
                rtt: Some(time.rtt),
                mark,
                dialect,
                around: around.filter(|_| plain),
            };
            return Some(Event::Reply {
                reply,
                rest: joined,
            });
        }
        let lived = find(rest, b"tl=").or(find(rest, b"hlim=")).is_some();
        // Solaris prints no more, nor does inetutils where it asks for something else.
        let bare = rest.trim_ascii().is_empty() && answered.is_some();
        if lived || bare {
            return Some(timeless(rest, from, sequence, dialect, context));
        }
        if !icmp {
            return None;
        }
        let said = rest.trim_ascii();
        if before.starts_with(b"From ") || address(before).is_some() {
            if said.is_empty() || answered.is_some() {
                return Some(Event::Malformed);
            }
            return Some(error(said));
        }
        // `no answer yet for icmp_seq=3`, in any language.
        Some(Event::Known)
    }

    /// BSD: an error from a router, without a sequence number. iputils has other words.
    fn router<'a>(&self, line: &'a [u8], context: Context) -> Option<Event<'a>> {
        let (_, _, rest) = digits(line, 0)?;
        if self.bytes_from.find(rest) != Some(0) {
            return None;
        }
        let rest = rest.get(12..)?;
        let Some(colon) = find(rest, b": ") else {
            return Some(Event::Malformed);
        };
        let said = rest.get(colon + 2..)?;
        // A reply that lost its sequence number.
        let broken = context.dialect == "iputils"
            || said.is_empty()
            || find(said, b"icmp").is_some()
            || find(said, b"tl=").is_some();
        Some(if broken {
            Event::Malformed
        } else {
            error(said)
        })
    }
}

/// A router's word: a hint to use another router isn't an error, the echo goes on.
fn error(said: &[u8]) -> Event<'_> {
    let hint = find(said, b"Redirect").is_some()
        || said.starts_with(b"Source Quench")
        // Redirects in any language end with the other router's address.
        || said.strip_suffix(b")").is_some_and(|text| {
            text.rsplit(|byte| matches!(byte, b' ' | b'('))
                .next()
                .is_some_and(|word| address(word) == Some(word))
        });
    if hint { Event::Known } else { Event::Error }
}

/// Payloads too small for a time stamp are answered without a time, and so are cut ones.
fn timeless<'a>(
    own: &[u8],
    from: &'a [u8],
    sequence: u64,
    dialect: Option<&'static str>,
    context: Context,
) -> Event<'a> {
    let own = own.trim_ascii_end();
    let (mark, _) = match own.iter().position(|&byte| byte == b'(') {
        Some(at) => tail(own.get(at..).unwrap_or_default()),
        None => (Mark::None, &b""[..]),
    };
    let fields = own.split(|&byte| byte == b'(').next().unwrap_or_default();
    let whole = |field: &[u8]| {
        let value = field.split(|&byte| byte == b'=').nth(1).unwrap_or_default();
        !value.is_empty() && value.iter().all(u8::is_ascii_digit) && !field.starts_with(b"time")
    };
    let fields = fields.trim_ascii();
    let lived = fields.is_empty() || fields.split(|&byte| byte == b' ').all(whole);
    if context.ended && lived {
        Event::Reply {
            reply: Reply {
                from,
                sequence: Some(sequence),
                rtt: None,
                mark,
                dialect,
                around: None,
            },
            rest: b"",
        }
    } else {
        Event::Malformed
    }
}

/// Where the line begins whose ` bytes from ` is at `at`: before its size, and a stamp
/// before that.
fn start_of_line(text: &[u8], at: usize) -> usize {
    let front = text.get(..at).unwrap_or_default();
    let size = front
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let start = at - size;
    let stamped = front.get(..start).and_then(|text| text.strip_suffix(b"] "));
    let open = stamped.and_then(|text| memchr::memrchr(b'[', text));
    open.filter(|open| start - open < 32).unwrap_or(start)
}

/// The name or address after `bytes from `.
fn first_word(text: &[u8]) -> &[u8] {
    let word = text.split(|&byte| byte == b' ').next().unwrap_or_default();
    word.strip_suffix(b":")
        .or(word.strip_suffix(b","))
        .unwrap_or(word)
}

struct Time<'a> {
    rtt: Rtt,
    /// Where its digits begin.
    start: usize,
    rest: &'a [u8],
}

/// The first number with a unit of time after `=` or `<`. Without its unit a number may
/// be cut and isn't taken.
fn time(text: &[u8]) -> Option<Time<'_>> {
    memchr::memchr2_iter(b'=', b'<', text).find_map(|at| {
        let before = text.get(..at)?;
        if before.ends_with(b"ttl") || before.ends_with(b"hlim") || before.ends_with(b"ident") {
            return None;
        }
        let value = text.get(at + 1..)?;
        let (printed, rest) = number(value)?;
        let (printed, rest) = unit(printed, rest)?;
        let bound = text.get(at) == Some(&b'<');
        Some(Time {
            rtt: Rtt { printed, bound },
            start: at + 1,
            rest,
        })
    })
}

/// What a reply is marked as, and what follows that is another line.
fn tail(rest: &[u8]) -> (Mark, &[u8]) {
    let mut rest = rest.trim_ascii();
    let mut mark = Mark::None;
    while let Some(inner) = rest.strip_prefix(b"(") {
        let Some(end) = memchr::memchr(b')', inner) else {
            break;
        };
        let (said, after) = (
            inner.get(..end).unwrap_or_default(),
            inner.get(end + 1..).unwrap_or_default(),
        );
        mark = match (mark, marked(said)) {
            (Mark::Corrupted, _) | (_, Mark::Corrupted) => Mark::Corrupted,
            (Mark::Duplicate, _) => Mark::Duplicate,
            (mark, Mark::None) => mark,
            (_, other) => other,
        };
        rest = after.trim_ascii_start();
    }
    let joined = find(rest, b"seq=").is_some()
        || find(rest, b" bytes from ").is_some()
        || rest.starts_with(b"---")
        || rest.starts_with(b"PING ");
    (mark, if joined { rest } else { b"" })
}

fn marked(said: &[u8]) -> Mark {
    const DUPLICATES: [&str; 9] = [
        "DUP",
        "duplicate",
        "重复",
        "重複",
        "중복",
        "ДУБЛ",
        "YİNELENEN",
        "DOUBLON",
        "დუბ",
    ];
    const CHECKSUMS: [&str; 11] = [
        "CHECKSUM",
        "checksum",
        "Checksum",
        "SOMME",
        "SAĞLAMA",
        "СУМА",
        "Prüfsumme",
        "PRÜFSUMME",
        "校验",
        "チェックサム",
        "체크섬",
    ];
    let one = |words: &[&str]| {
        words
            .iter()
            .any(|word| find(said, word.as_bytes()).is_some())
    };
    if one(&DUPLICATES) {
        Mark::Duplicate
    } else if one(&CHECKSUMS) {
        Mark::Corrupted
    } else if said.ends_with(b"!") && find(said, b"ADDRESS").is_none() {
        Mark::Other
    } else {
        Mark::None
    }
}

fn header(line: &[u8]) -> Option<Event<'_>> {
    if let Some(rest) = line.strip_prefix(b"PING6(") {
        let to = find(rest, b"--> ")?;
        return Some(Event::Header {
            destination: rest.get(to + 4..),
            dialect: "bsd",
        });
    }
    if let Some(rest) = line.strip_prefix(b"UDPping ") {
        return Some(Event::Header {
            destination: Some(first_word(rest)),
            dialect: "udpping",
        });
    }
    if let Some(rest) = line.strip_prefix(b"HPING ") {
        return Some(Event::Header {
            destination: Some(first_word(rest)),
            dialect: "hping3",
        });
    }
    let ping = [&b"PING "[..], b"Ping ", "ПІНГ ".as_bytes()];
    let rest = ping.iter().find_map(|word| line.strip_prefix(*word))?;
    let toybox = line.starts_with(b"Ping ");
    let whole = sizes(rest);
    let data = find(rest, b"data bytes").is_some() || find(rest, b"byte packets").is_some();
    if toybox && !(whole && address(rest).is_some()) {
        // A sentence of Windows.
        return None;
    }
    // In another language the size follows the address.
    let sized = data
        || find(rest, b"): sending ").is_some()
        || whole
        || address(rest).is_some()
            && rest.iter().rev().any(u8::is_ascii_digit)
            && rest
                .last()
                .is_some_and(|&byte| !byte.is_ascii_digit() && byte != b')');
    if !sized {
        return Some(Event::Malformed);
    }
    let end = rest
        .iter()
        .position(|&byte| byte == b'(' || byte == b' ')
        .unwrap_or(rest.len());
    let name = rest.get(..end)?;
    let name = name
        .strip_suffix(b":")
        .filter(|name| !name.ends_with(b":"))
        .unwrap_or(name);
    // busybox and BSD have a colon after the address; which one, the replies tell.
    let dialect = if toybox {
        "toybox"
    } else if !whole && data && find(rest, b": ").is_some() && find(rest, b" from ").is_none() {
        "bsd"
    } else {
        "iputils"
    };
    Some(Event::Header {
        destination: Some(name),
        dialect,
    })
}

/// `56(84)`, the payload and the packet, in any language.
fn sizes(text: &[u8]) -> bool {
    memchr::memchr_iter(b'(', text).any(|at| {
        let before = text.get(..at).unwrap_or_default().trim_ascii_end();
        let inner = text.get(at + 1..).unwrap_or_default();
        before.last().is_some_and(u8::is_ascii_digit)
            && digits(inner, 0).is_some_and(|(_, _, rest)| rest.starts_with(b")"))
    })
}

/// The name in `--- name ping statistics ---`.
fn heading(line: &[u8]) -> Option<&[u8]> {
    let inner = line.strip_prefix(b"---")?.strip_suffix(b"---")?;
    let inner = inner.strip_prefix(b"-").unwrap_or(inner);
    let inner = inner.strip_suffix(b"-").unwrap_or(inner).trim_ascii();
    if inner.iter().all(|&byte| byte == b'-') {
        return None;
    }
    let lower = inner.to_ascii_lowercase();
    if let Some(at) = find(&lower, b"ping").filter(|_| find(&lower, b"statistic").is_some()) {
        let name = inner.get(..at)?.trim_ascii();
        return Some(name.strip_suffix(b" h").unwrap_or(name));
    }
    let name = inner
        .split(|&byte| byte == b' ')
        .find(|word| word.is_ascii() && word.iter().any(|byte| matches!(byte, b'.' | b':')));
    Some(name.unwrap_or_default())
}

/// `5 packets transmitted, 4 received, +1 errors, 20% packet loss, time 4009ms`
fn counts(line: &[u8], context: Context) -> Option<Event<'static>> {
    let percent = memchr::memchr(b'%', line).is_some();
    let said = find(line, b"transmitted").is_some() || find(line, b"tramitted").is_some();
    if !(said || context.summing && percent) || find(line, b"ewma").is_some() {
        return None;
    }
    let mut plain = [None; 2];
    let mut seen = 0;
    let mut counts = Counts::default();
    // Whatever stands before the first count may have numbers of its own.
    let first = find(line, b" packets transmitted").map_or(0, |end| {
        let before = line.get(..end).unwrap_or_default();
        end - before
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    });
    let mut at = first;
    while let Some(byte) = line.get(at) {
        if !byte.is_ascii_digit() {
            at += 1;
            continue;
        }
        let before = line.get(..at).unwrap_or_default();
        let Some((value, rest)) = number(line.get(at..)?) else {
            return Some(Event::Malformed);
        };
        at = line.len() - rest.len();
        if rest.starts_with(b"%") || before.ends_with(b"%") {
            continue;
        }
        let Some(value) = value.whole() else { continue };
        let end = rest
            .iter()
            .position(|&byte| byte == b',')
            .unwrap_or(rest.len());
        let words = rest.get(..end).unwrap_or_default();
        let one = |stems: &[&str]| {
            stems
                .iter()
                .any(|stem| find(words, stem.as_bytes()).is_some())
        };
        if before.ends_with(b"+") || seen >= 2 {
            if one(DUPLICATE) {
                counts.duplicates = Some(value);
            } else if one(ERROR) {
                counts.errors = Some(value);
            }
            continue;
        }
        if let Some(slot) = plain.get_mut(seen) {
            *slot = Some(value);
        }
        seen += 1;
    }
    // Cut before its loss it may be cut within a count; nothing was lost of nothing.
    let whole = percent || context.ended && plain.first() == Some(&Some(0));
    let printing = find(line, b"somebody").is_some();
    Some(match plain {
        [Some(transmitted), Some(received)] if whole || printing => Event::Counts(Counts {
            transmitted,
            received,
            ..counts
        }),
        _ => Event::Malformed,
    })
}

/// Stems of words in a summary's counts.
const DUPLICATE: &[&str] = &[
    "dupl",
    "Dupl",
    "doublon",
    "重复",
    "重複",
    "중복",
    "дубл",
    "yinele",
    "kaksois",
    "დუბ",
    "powt",
];
const ERROR: &[&str] = &[
    "err",
    "Err",
    "Fehler",
    "hata",
    "chyb",
    "błęd",
    "ошиб",
    "помил",
    "错误",
    "錯誤",
    "エラー",
    "오류",
    "virhe",
    "galat",
    "kesalahan",
    "შეცდ",
    "erori",
];

/// `rtt min/avg/max/mdev = 1.494/12.128/228.794/19.158 ms, pipe 23`
fn summary(line: &[u8], context: Context) -> Option<Event<'static>> {
    let equals = memchr::memchr(b'=', line)?;
    let names = line.get(..equals)?;
    if memchr::memchr_iter(b'/', names).count() < 2
        || memchr::memchr(b'%', line).is_some()
        || find(names, b"ewma").is_some()
    {
        return None;
    }
    let mut rest = line.get(equals + 1..)?.trim_ascii_start();
    let mut values = [None; 4];
    for (index, slot) in values.iter_mut().enumerate() {
        let next = if index == 0 {
            Some(rest)
        } else {
            rest.strip_prefix(b"/")
        };
        let Some((value, after)) = next.and_then(number) else {
            break;
        };
        (*slot, rest) = (Some(value), after);
    }
    let [Some(min), Some(avg), Some(max), deviation] = values else {
        // macOS without any reply.
        let none = find(line, b"nan").is_some();
        return Some(if none { Event::Known } else { Event::Malformed });
    };
    // Without what follows the last number may be cut, and with a slash there are more.
    let cut = rest.is_empty() || rest == b",";
    if rest.starts_with(b"/") || cut && !context.ended {
        return Some(Event::Malformed);
    }
    let scaled = |value: Number| unit(value, rest).map_or(value, |(value, _)| value);
    let summary = Summary {
        min_ms: scaled(min).value(),
        avg_ms: scaled(avg).value(),
        max_ms: scaled(max).value(),
        mdev_ms: deviation.map(|value| scaled(value).value()),
    };
    Some(Event::Summary(summary, scaled(min).places))
}

/// Lines with nothing to record.
fn is_known(line: &[u8], context: Context) -> bool {
    let starts = |word: &str| line.starts_with(word.as_bytes());
    let has = |word: &str| find(line, word.as_bytes()).is_some();
    [
        "Request timeout for icmp_seq",
        "no answer yet for",
        "PATTERN: ",
        "pipe ",
        "-- somebody",
        "WARNING: ",
        "Warning: ",
        "Vr HL TOS",
        "IP Header Dump",
        "ICMP: type",
        "cp:",
        "dp:",
        "NOP",
        "RR: ",
        "icmp_otime = ",
        "icmp_rtime = ",
        "icmp_ttime = ",
        "TS: ",
        "LSRR: ",
        "SSRR: ",
        "Unrecorded hops: ",
        "ai->ai_family: ",
        "unknown option ",
        "load: ",
    ]
    .into_iter()
    .any(starts)
        || has("ewma")
        || is_status(line)
        || context.running
            && (is_dump(line) || starts("(same route)") || starts("Request timed out") || is_hop(line))
        // BSD's dump of a router's packet: version 4, a header of 20 or more bytes.
        || line.strip_prefix(b"4  ").is_some_and(|rest| {
            rest.first().is_some_and(u8::is_ascii_hexdigit) && address(rest).is_some()
        })
}

/// `4/4 packets, 0% loss, ...` on a signal.
fn is_status(line: &[u8]) -> bool {
    digits(line, 0)
        .and_then(|(_, _, rest)| digits(rest.strip_prefix(b"/")?, 0))
        .is_some_and(|(_, _, rest)| memchr::memchr(b'%', rest).is_some())
}

/// `#16` and bytes, as they should or shouldn't have been.
fn is_dump(line: &[u8]) -> bool {
    line.strip_prefix(b"#")
        .or(line.strip_prefix(b"0x"))
        .and_then(|rest| rest.first())
        .is_some_and(u8::is_ascii_digit)
}

/// A further router or time stamp of `-R` and `-T`: alone on its line.
fn is_hop(line: &[u8]) -> bool {
    let line = line.strip_suffix(b"\t(same route)").unwrap_or(line);
    let mut words = line.split(|byte| matches!(byte, b' ' | b'\t'));
    let first = words.next().unwrap_or_default();
    let last = words.next_back();
    match last {
        None => first.iter().all(u8::is_ascii_digit) || address(first) == Some(first),
        Some(b"absolute") => true,
        Some(last) => {
            last.starts_with(b"(") && last.ends_with(b")") && address(last).is_some()
                || address(first) == Some(first) && last.iter().all(u8::is_ascii_digit)
        }
    }
}

/// `wrong data byte` in other languages: a number, then two of hexadecimal digits.
fn is_wrong_byte(line: &[u8]) -> bool {
    !line.is_ascii() && memchr::memmem::find_iter(line, b"0x").count() == 2
}

/// What the tool or the shell says about itself.
fn message(line: &[u8], context: Context) -> Event<'_> {
    let has = |word: &str| find(line, word.as_bytes()).is_some();
    if let Some(said) = own_words(line) {
        let said_has = |word: &str| find(said, word.as_bytes()).is_some();
        if said
            .get(..8)
            .is_some_and(|word| word.eq_ignore_ascii_case(b"warning:"))
            || said_has("socktype:")
            || said_has("ai_family:")
            || said_has("ai_canonname:")
            || said.starts_with(b"wrote ")
            || said.starts_with(b"pinging broadcast")
        {
            return Event::Known;
        }
        // A packet that could not be sent; the run goes on.
        let one = [
            "sendmsg",
            "sendto",
            "recvmsg",
            "local error",
            "transmit failed",
            "recvfrom",
        ];
        return if context.running && one.into_iter().any(said_has) {
            Event::Error
        } else {
            Event::Fatal
        };
    }
    // Each of the long list has one of these, unless it is in another script.
    if line.is_ascii() && !["ing", "host", "connect: "].into_iter().any(has) {
        return Event::Foreign;
    }
    let request = [
        "Ping request could not",
        "ping: command not found",
        "ping: not found",
        "connect: Network is unreachable",
        "connect: Invalid argument",
        "connect: Cannot assign requested address",
        "connect: No route to host",
        "unknown host ",
        "Ping-Anforderung konnte Host",
        "requête Ping n",
        "solicitud de ping no",
        "trovare l'host",
        "ping não pôde",
        "polecenia ping nie",
        "не удалось обнаружить узел",
        "Ping 请求找不到主机",
        "ping 要求ではホスト",
        "Ping 요청에서",
        "usage: ping",
        "Usage: ping",
    ];
    if request.into_iter().any(has) {
        Event::Fatal
    } else {
        Event::Foreign
    }
}

/// What follows the tool's own name.
fn own_words(line: &[u8]) -> Option<&[u8]> {
    let colon = find(line, b": ")?;
    let name = line.get(..colon)?;
    let name = name.rsplit(|&byte| byte == b'/').next()?;
    let known: [&[u8]; 7] = [
        b"ping", b"ping4", b"ping6", b"fping", b"fping6", b"hping3", b"nping",
    ];
    known
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
        .then(|| line.get(colon + 2..))?
}

/// Whether a line is a header in any language: `56(84)` after an address in brackets.
pub(super) fn is_sized(line: &[u8]) -> bool {
    line.last()
        .is_some_and(|&byte| byte == b'.' || !byte.is_ascii())
        && sizes(line)
        && matches!(header(line), Some(Event::Header { .. }))
}

/// Whether a line says that ping could not.
pub(super) fn is_fatal(line: &[u8]) -> bool {
    let context = Context {
        running: false,
        summing: false,
        named: false,
        dialect: "",
        ended: true,
    };
    matches!(message(line, context), Event::Fatal)
        || own_words(line).is_some() && matches!(message(line, context), Event::Known)
}
