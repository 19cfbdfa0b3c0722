//! iperf3: its JSON (`json`, also `--json-stream`) and its tables (`text`).

mod json;
mod model;
mod scan;
mod text;

use memchr::memchr_iter;
use memchr::memmem::find;

use crate::lines::Lines;
use crate::throughput::Received;
use crate::tool::Format;
use crate::{Document, HEAD, ReadError, Sink, rows};

/// The format of iperf3.
pub(crate) struct Iperf3;

impl Format for Iperf3 {
    fn claims(&self, head: &[u8]) -> bool {
        let begins =
            |at: &usize| opening(head.get(at + 1..).unwrap_or_default()) == Opening::Document;
        // A client that prints a table may show its server's report in it.
        memchr_iter(b'{', head).find(begins).is_some_and(|at| {
            find(head.get(..at).unwrap_or_default(), b"Server JSON output:").is_none()
        })
    }

    fn vote(&self, line: &[u8]) -> u32 {
        let line = line.get(text::begins(line)..).unwrap_or_default();
        let has = |word: &str| find(line, word.as_bytes()).is_some();
        let starts = |word: &str| line.starts_with(word.as_bytes());
        if rows::label(line).is_some() || starts("[ ID]") {
            let total = line.ends_with(b"sender") || line.ends_with(b"receiver");
            let words = [" connected to ", "Retr", "Bitrate", "][", "(omitted)"];
            if total || words.into_iter().any(has) {
                return 3;
            }
            return u32::from(rows::row(line).is_some() && rows::places(line) == Some(2));
        }
        let is = [
            "iperf3: ",
            "iperf 3.",
            "iperf Done",
            "Connecting to host ",
            "Accepted connection from ",
        ]
        .into_iter()
        .any(starts)
            || starts("Server listening on ")
                && !starts("Server listening on TCP")
                && !starts("Server listening on UDP");
        u32::from(is) * 3
    }

    fn parse(&self, mut lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
        if self.claims(lines.peek(HEAD)?) {
            json::parse(lines, sink)
        } else {
            text::parse(lines, sink)
        }
    }
}

/// What an object is, by its first member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// iperf3's: a report, an event of `--json-stream` or an error.
    Document,
    /// All that is left of something: it was cut there.
    Cut,
    No,
}

/// What the object with this content is.
fn opening(inner: &[u8]) -> Opening {
    // Intervals have a `start` and an `end`, too: numbers.
    const MEMBERS: [(&[u8], u8); 5] = [
        (b"\"start\"", b'{'),
        (b"\"event\"", b'"'),
        (b"\"error\"", b'"'),
        (b"\"intervals\"", b'['),
        (b"\"end\"", b'{'),
    ];
    let inner = inner.trim_ascii_start();
    for (name, value) in MEMBERS {
        if inner.len() < name.len() && name.starts_with(inner) {
            return Opening::Cut;
        }
        let Some(rest) = inner.strip_prefix(name) else {
            continue;
        };
        let rest = rest.trim_ascii_start();
        return match rest.strip_prefix(b":").map(<[u8]>::trim_ascii_start) {
            Some([first, ..]) if *first == value => Opening::Document,
            Some([]) => Opening::Document,
            None if rest.is_empty() => Opening::Cut,
            _ => Opening::No,
        };
    }
    Opening::No
}

/// What arrived, where a tool prints only what was sent and how many datagrams of it
/// were lost (UDP before 3.7): all datagrams have one size.
fn arrived(
    sent_bytes: f64,
    seconds: f64,
    jitter_ms: Option<f64>,
    lost: i64,
    packets: u64,
) -> Received {
    let share = if packets == 0 {
        0.0
    } else {
        (packets as f64 - lost as f64) / packets as f64
    };
    let bytes = sent_bytes * share.clamp(0.0, 1.0);
    let bits_per_second = if seconds > 0.0 {
        bytes * 8.0 / seconds
    } else {
        0.0
    };
    Received {
        bytes: bytes.round() as u64,
        seconds,
        bits_per_second,
        jitter_ms,
        lost: Some(lost),
        packets: Some(packets),
    }
}
