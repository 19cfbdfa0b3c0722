//! ping of any system, from its oldest to its newest: iputils, busybox, toybox, BSD and
//! others by one grammar (`unix`), Windows in any language by the structure of its lines
//! (`windows`), fping and nping (`targets`, `json`), PowerShell (`powershell`).
//!
//! # Which of two is believed
//!
//! A summary's counts are, over what the lines say (quiet and flood runs print none).
//! Round-trip times are the lines'; the summary's own stand beside them in
//! [`Run::summary`]. Every run that has both is recomputed, in integers: counts, least,
//! mean, greatest and standard deviation must agree within the precision that the tool
//! prints, else there is a [`SummaryDisagrees`](crate::WarningKind::SummaryDisagrees).

mod event;
mod json;
mod powershell;
mod reader;
mod run;
mod targets;
mod unix;
mod wide;
mod windows;

use memchr::memmem::find;
use serde::{Serialize, Serializer};

use crate::account;
use crate::lines::Lines;
use crate::tool::Format;
use crate::{Document, ReadError, Sink};

/// One run of ping: from its header (or first reply) to its summary.
///
/// Counts are the summary's where there is one, else counted from the lines. Windows
/// counts answers of routers (`Destination host unreachable`) as received.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// What was pinged, as given to ping; without a header, who answered.
    pub destination: Option<String>,
    /// Requests sent: a summary says, or a line for each.
    pub transmitted: Option<u64>,
    /// Requests answered, duplicates not counted.
    pub received: u64,
    /// Further answers to the same request.
    pub duplicates: u64,
    /// Errors that came instead of answers.
    pub errors: u64,
    /// Round-trip times in ms, in the order of the log, without those marked as
    /// duplicates. A censored one (`time<1ms`) is its upper bound.
    pub rtt_ms: Vec<f64>,
    /// The tool's own summary of all round-trip times, duplicates among them.
    pub summary: Option<Summary>,
    /// The line of each of `rtt_ms`.
    #[serde(skip)]
    pub lines: Vec<u32>,
    /// The sequence number of each of `rtt_ms`; empty if the dialect prints none.
    #[serde(skip)]
    pub sequence: Vec<u32>,
    /// Which of `rtt_ms` are only upper bounds, by index.
    #[serde(skip)]
    pub censored: Vec<u32>,
    /// The coarsest step in which a round-trip time was printed, in ms; 0 without any.
    #[serde(skip)]
    pub step_ms: f64,
}

/// Round-trip times as the tool sums them up, in ms. Old iputils prints an mdev that is
/// biased by integer arithmetic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Summary {
    /// Least.
    #[serde(rename = "min")]
    pub min_ms: f64,
    /// Mean.
    #[serde(rename = "avg")]
    pub avg_ms: f64,
    /// Greatest.
    #[serde(rename = "max")]
    pub max_ms: f64,
    /// Standard deviation (iputils: mdev); not printed by busybox and Windows.
    #[serde(rename = "mdev", serialize_with = "number_or_null")]
    pub mdev_ms: Option<f64>,
}

fn number_or_null<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
    value
        .filter(|value| value.is_finite())
        .serialize(serializer)
}

/// The format of ping.
pub(crate) struct Ping;

impl Format for Ping {
    fn vote(&self, line: &[u8]) -> u32 {
        if wide::is_wide(line) {
            vote(wide::narrowed(line).trim_ascii())
        } else {
            vote(line)
        }
    }

    fn is_stamped_by_others(&self) -> bool {
        true
    }

    fn parse(&self, lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
        account::read(lines, reader::Reader::new(sink))
    }
}

/// Words that only a line of ping has come first; a reply is told by its equals sign.
fn vote(line: &[u8]) -> u32 {
    let has = |word: &str| find(line, word.as_bytes()).is_some();
    let starts = |word: &str| line.starts_with(word.as_bytes());
    // JSON and the rows of iperf, which are many.
    match line {
        [b'{', b'"', ..] => return if json::is_object(line) { 3 } else { 0 },
        [b'{' | b'}' | b'"' | b']', ..] => return 0,
        [b'[', next, ..] if !next.is_ascii_digit() => return 0,
        _ => {}
    }
    if memchr::memchr(b'=', line).is_some()
        && (has("seq=") && (has("ttl=") || has("time") || has("hlim=") || has("icmp_seq="))
            || has("icmp_req=")
            || has("rtt min/avg/max")
            || has("round-trip min/avg/max")
            || has("round-trip (ms)")
            || has(" : xmt/rcv/%")
            || has("TTL=") && windows::is_reply(line))
    {
        return 3;
    }
    let surely = has("packets transmitted, ")
        || has(" packets tramitted, ")
        || starts("---") && (has("ping") || has("PING")) && line.ends_with(b"---")
        || starts("PING ") && has("bytes")
        || starts("PING6(")
        || starts("Starting Nping ")
        || starts("HPING ")
        || starts("ICMP Host Unreachable from ")
        || powershell::is_own(line)
        || has(" : [") && has("% loss)")
        || unix::is_sized(line);
    if surely {
        return 3;
    }
    let perhaps = line.ends_with(b":") && windows::is_heading(line)
        || starts("Request timeout for icmp_seq")
        || starts("Max rtt: ")
        || has(" : ") && targets::is_row(line)
        || unix::is_fatal(line);
    u32::from(perhaps) * 2
}
