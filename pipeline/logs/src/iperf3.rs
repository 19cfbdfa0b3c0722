//! iperf3: its JSON (`json`, also `--json-stream`) and its tables (`text`).

mod json;
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
        memchr_iter(b'{', head).any(|at| opens_report(head.get(at + 1..).unwrap_or_default()))
    }

    fn vote(&self, line: &[u8]) -> u32 {
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

    fn parse(&self, mut lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        if self.claims(lines.peek(HEAD)?) {
            json::parse(lines)
        } else {
            text::parse(lines)
        }
    }
}

/// Whether an object with this content is iperf3's, by its first member: `start`, `event`
/// (of `--json-stream`) or an error.
fn opens_report(inner: &[u8]) -> bool {
    let inner = inner.trim_ascii_start();
    let value = |key: &[u8]| {
        let rest = inner
            .strip_prefix(key)?
            .trim_ascii_start()
            .strip_prefix(b":")?;
        Some(rest.trim_ascii_start().first().copied())
    };
    // Intervals begin with a `start`, too: a number.
    if let Some(first) = value(b"\"start\"") {
        return matches!(first, Some(b'{') | None);
    }
    let first = value(b"\"event\"").or_else(|| value(b"\"error\""));
    matches!(first, Some(Some(b'"') | None))
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
