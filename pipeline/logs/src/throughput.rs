//! What iperf 2 and iperf3 measure: bytes in intervals, and what both ends sum up.

use serde::{Serialize, Serializer};

/// One test, as one of its two ends saw it.
///
/// From text, amounts are as exact as they were printed: `3.45 GBytes` (2^30 bytes) has
/// three digits, its rate (10^9 bit/s) too.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// What carried the data, if the log says.
    pub protocol: Option<Protocol>,
    /// Whose log this is, if it says.
    pub role: Option<Role>,
    /// Parallel streams, in one direction.
    pub streams: u64,
    /// Whether the server sends.
    pub reverse: bool,
    /// Whether both send at once.
    pub bidir: bool,
    /// What was measured while it ran, in the order of the log: each stream, and their
    /// sum where the tool prints one.
    pub intervals: Vec<Interval>,
    /// The whole test at its sender.
    pub sent: Option<Sent>,
    /// The whole test at its receiver.
    pub received: Option<Received>,
    /// In bidirectional tests `sent` and `received` are client to server, and this is
    /// the other direction at its sender, the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_reverse: Option<Sent>,
    /// The other direction at its receiver, the client.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub received_reverse: Option<Received>,
    /// Why the test failed, in the tool's words.
    pub error: Option<String>,
    /// The tool's version as it prints it (`iperf 3.12`).
    #[serde(skip)]
    pub version: Option<String>,
    /// The line on which the run begins.
    #[serde(skip)]
    pub line: u64,
}

/// What carried the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

/// Which end wrote the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The end that connected.
    Client,
    /// The end that listened.
    Server,
}

/// A stream, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// The number the tool gives it (a socket or a counter).
    Id(u64),
    /// The sum of the streams of one direction.
    Sum,
}

impl Serialize for Stream {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Stream::Id(id) => serializer.serialize_u64(*id),
            Stream::Sum => serializer.serialize_str("sum"),
        }
    }
}

/// Whether the log's writer sent or received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// Sent.
    Sent,
    /// Received.
    Received,
}

/// A stream during an interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Interval {
    /// Seconds since the test's start (since the end of what is omitted, once that is over).
    #[serde(rename = "start")]
    pub start_s: f64,
    /// Seconds since the test's start.
    #[serde(rename = "end")]
    pub end_s: f64,
    /// Rate, in bit/s.
    pub bits_per_second: f64,
    /// Payload, in bytes.
    pub bytes: u64,
    /// TCP segments sent again, where the tool says.
    pub retransmits: Option<u64>,
    /// Whether it is of the warm-up, which no sum counts.
    pub omitted: bool,
    /// Of which stream.
    pub stream: Stream,
    /// Seen from the log's writer.
    pub direction: Direction,
    /// Where in the log it is.
    #[serde(skip)]
    pub line: u64,
}

/// A whole test at its sender.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Sent {
    /// Payload, in bytes.
    pub bytes: u64,
    /// Duration, in s.
    pub seconds: f64,
    /// Rate, in bit/s.
    pub bits_per_second: f64,
    /// TCP segments sent again, where the tool says.
    pub retransmits: Option<u64>,
}

/// A whole test at its receiver.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Received {
    /// Payload, in bytes.
    pub bytes: u64,
    /// Duration, in s.
    pub seconds: f64,
    /// Rate, in bit/s.
    pub bits_per_second: f64,
    /// Jitter after RFC 1889, in ms (UDP).
    pub jitter_ms: Option<f64>,
    /// Datagrams that didn't arrive (UDP); negative where iperf miscounts reordered ones.
    pub lost: Option<i64>,
    /// Datagrams that were sent (UDP).
    pub packets: Option<u64>,
}
