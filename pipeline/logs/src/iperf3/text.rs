//! ```text
//! Connecting to host 127.0.0.1, port 5201
//! [ ID] Interval           Transfer     Bitrate         Retr  Cwnd
//! [  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec   24   1023 KBytes
//! - - - - - - - - - - - - - - - - - - - - - - - - -
//! [ ID] Interval           Transfer     Bitrate         Retr
//! [  5]   0.00-2.00   sec  8.09 GBytes  34.7 Gbits/sec   41             sender
//! [  5]   0.00-2.00   sec  8.09 GBytes  34.7 Gbits/sec                  receiver
//! ```
//!
//! A table that doesn't show datagrams is taken for TCP's, as SCTP's looks the same.

use memchr::memmem::find;

use super::arrived;
use crate::lines::{Line, Lines, without_escapes};
use crate::number::integer;
use crate::rows::{self, Measure, Part, Row, Table};
use crate::throughput::{Direction, Interval, Protocol, Role, Run};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Tool};

/// What the table's heading says of the columns after the rate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Columns {
    #[default]
    Unknown,
    /// Nothing: a TCP receiver.
    None,
    /// `Retr`: a TCP sender.
    Retransmits,
    /// `Total Datagrams`: a UDP sender.
    Datagrams,
    /// `Jitter Lost/Total Datagrams`: a UDP receiver.
    Jitter,
}

#[derive(Default)]
struct Parser {
    runs: Vec<Run>,
    table: Table,
    warnings: Warnings,
    role: Option<Role>,
    columns: Columns,
    /// The last line was `- - -`; a heading after it opens the totals.
    ruled: bool,
    totals: bool,
    /// The only total of a UDP test before 3.7: bytes of the sender, losses of the receiver.
    udp_total: Option<Measure>,
    /// A connection was announced and its test isn't over.
    expecting: bool,
    recognised: bool,
}

pub(crate) fn parse(mut lines: Lines<'_>) -> Result<Document, ReadError> {
    let mut parser = Parser::default();
    let mut last = 0;
    while let Some(line) = lines.next()? {
        last = line.number;
        match without_escapes(line.bytes) {
            Some(plain) => parser.line(Line {
                bytes: &plain,
                ..line
            }),
            None => parser.line(line),
        }
    }
    parser.begin(last, None);
    let Parser {
        runs,
        warnings,
        recognised,
        ..
    } = parser;
    if !recognised {
        return Ok(Document::foreign(Tool::Iperf3, warnings));
    }
    let empty =
        |run: &Run| run.intervals.is_empty() && run.sent.is_none() && run.received.is_none();
    let failed = warnings.count(WarningKind::ToolError) > 0 && runs.iter().all(empty);
    Ok(Document::recognised(
        Tool::Iperf3,
        "text",
        Runs::Throughput(runs),
        failed,
        warnings,
    ))
}

impl Parser {
    fn line(&mut self, line: Line) {
        let text = line.bytes.trim_ascii();
        let ruled = std::mem::replace(&mut self.ruled, text.starts_with(b"- - -"));
        if let Some(row) = rows::row(text) {
            self.recognised = true;
            self.row(row, line);
        } else if text.starts_with(b"[ ID]") {
            self.recognised = true;
            self.totals = ruled;
            self.heading(text);
        } else if text.starts_with(b"Connecting to host ") {
            self.begin(line.number, Some(Role::Client));
            self.expecting = true;
        } else if text.starts_with(b"Server listening on ") {
            self.begin(line.number, Some(Role::Server));
        } else if text.starts_with(b"Accepted connection from ") {
            self.begin(line.number, Some(Role::Server));
            self.expecting = true;
        } else if text.starts_with(b"Reverse mode") {
            self.table.run.reverse = true;
        } else if let Some(rest) = text.strip_prefix(b"Starting Test: protocol: ") {
            self.table.run.protocol = match rest.get(..3) {
                Some(b"UDP") => Some(Protocol::Udp),
                Some(b"SCT") => Some(Protocol::Sctp),
                _ => Some(Protocol::Tcp),
            };
        } else if text.starts_with(b"iperf 3.") {
            self.recognised = true;
            self.table.run.version = Some(String::from_utf8_lossy(text).into_owned());
        } else if let Some(said) = text.strip_prefix(b"iperf3: ") {
            self.said(said, line);
        } else if let Some((_, rest)) = rows::label(text) {
            if !line.ended {
                self.warnings.push(WarningKind::CutFile, line.number, text);
            } else if find(rest, b" sec ").is_some() && find(rest, b"out-of-order").is_none() {
                self.warnings
                    .push(WarningKind::Malformed, line.number, text);
            }
        } else if !is_known(text) {
            let cut = !line.ended && text.starts_with(b"[");
            let kind = if cut {
                WarningKind::CutFile
            } else {
                WarningKind::Noise
            };
            self.warnings.push(kind, line.number, text);
        }
    }

    /// Ends the run there is, if any, and expects another.
    fn begin(&mut self, line: u64, role: Option<Role>) {
        self.recognised |= role.is_some();
        let expecting = std::mem::replace(&mut self.expecting, false);
        let old = std::mem::take(&mut self.table);
        self.table.run.line = line;
        self.table.run.role = role;
        self.role = role.or(self.role);
        self.totals = false;
        self.columns = Columns::Unknown;
        let error = old.run.error.is_some();
        if old.is_empty() && !error {
            self.table.run.version = old.run.version;
            if expecting {
                self.warnings.push(
                    WarningKind::CutFile,
                    line,
                    "the test before this line has no result",
                );
            }
            return;
        }
        let (mut run, complete) = old.close();
        if run.protocol.is_none() && complete {
            run.protocol = Some(Protocol::Tcp);
        }
        if let (None, Some(sent)) = (&run.received, run.sent)
            && let Some(Measure {
                jitter_ms: Some(jitter_ms),
                lost: Some(lost),
                packets: Some(packets),
                ..
            }) = self.udp_total.take()
        {
            run.received = Some(arrived(
                sent.bytes as f64,
                sent.seconds,
                Some(jitter_ms),
                lost,
                packets,
            ));
        }
        if !complete && !error {
            let text = format!("the run that begins on line {} has no total", run.line);
            self.warnings.push(WarningKind::CutFile, line, text);
        }
        self.runs.push(run);
    }

    fn heading(&mut self, text: &[u8]) {
        let has = |word: &str| find(text, word.as_bytes()).is_some();
        self.columns = if has("Jitter") {
            Columns::Jitter
        } else if has("Datagrams") {
            Columns::Datagrams
        } else if has("Retr") {
            Columns::Retransmits
        } else {
            Columns::None
        };
        match self.columns {
            Columns::Jitter | Columns::Datagrams => self.table.run.protocol = Some(Protocol::Udp),
            Columns::Retransmits => self.table.run.protocol = Some(Protocol::Tcp),
            Columns::None | Columns::Unknown => {}
        }
    }

    /// `error - ...` and `interrupt - ...`; to be interrupted is how a server ends.
    fn said(&mut self, said: &[u8], line: Line) {
        self.recognised = true;
        if self.role != Some(Role::Client)
            && said.starts_with(b"interrupt - the server has terminated")
        {
            return;
        }
        self.warnings
            .push(WarningKind::ToolError, line.number, line.bytes);
        self.table.run.error = Some(String::from_utf8_lossy(said).into_owned());
    }

    fn row(&mut self, row: Row, line: Line) {
        let rest = row.rest.trim_ascii();
        let marked = if rest.ends_with(b"sender") {
            Some(Part::Sender)
        } else if rest.ends_with(b"receiver") {
            Some(Part::Receiver)
        } else {
            None
        };
        let sends = match (row.tag.get(..2), self.columns) {
            (Some(b"TX"), _) => true,
            (Some(b"RX"), _) => false,
            (_, Columns::Retransmits | Columns::Datagrams) => true,
            (_, Columns::Jitter) if !self.totals => false,
            _ => rows::direction(self.table.run.role, self.table.run.reverse) == Direction::Sent,
        };
        let backwards = matches!(row.tag, b"RX-C" | b"TX-S");
        if row.tag.is_empty() && !self.totals && marked.is_none() {
            match self.table.run.role {
                Some(Role::Server) => self.table.run.reverse |= sends,
                Some(Role::Client) => self.table.run.reverse |= !sends,
                None => {}
            }
        }
        let datagrams = rows::datagrams(rest);
        let count = integer(rest)
            .map(|(count, _)| count)
            .filter(|_| datagrams.is_none());
        let retransmits =
            count.filter(|_| matches!(self.columns, Columns::Retransmits | Columns::Unknown));
        let interval = Interval {
            start_s: row.start_s,
            end_s: row.end_s,
            bits_per_second: row.bits_per_second,
            bytes: row.bytes.round() as u64,
            retransmits,
            omitted: rest.ends_with(b"(omitted)"),
            stream: row.stream,
            direction: if sends {
                Direction::Sent
            } else {
                Direction::Received
            },
            line: line.number,
        };
        let part = match marked {
            Some(part) => part,
            None if self.totals => {
                if sends {
                    Part::Sender
                } else {
                    Part::Receiver
                }
            }
            None => Part::Interval,
        };
        // A server prints zeros for the end that it can't see.
        let other = if self.table.run.role == Some(Role::Server) && row.bytes == 0.0 {
            (part == Part::Sender) != (self.table.run.reverse || backwards)
                && part != Part::Interval
        } else {
            false
        };
        if other {
            return;
        }
        let measure = Measure {
            interval,
            part,
            backwards,
            jitter_ms: datagrams.map(|(jitter_ms, ..)| jitter_ms),
            lost: datagrams.map(|(_, lost, _)| lost),
            packets: datagrams
                .and_then(|(.., packets)| packets)
                .or(count.filter(|_| self.columns == Columns::Datagrams)),
        };
        if marked.is_none() && part == Part::Sender && datagrams.is_some() {
            self.udp_total = Some(measure);
        }
        self.table.push(measure);
    }
}

fn is_known(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 17] = [
        b"- - -",
        b"-----",
        b"iperf Done",
        b"Time: ",
        b"TCP MSS",
        b"Cookie: ",
        b"Test Complete",
        b"CPU Utilization",
        b"snd_tcp_congestion",
        b"rcv_tcp_congestion",
        b"Control connection",
        b"Target Bitrate",
        b"Linux ",
        b"Client ",
        b"Server ",
        b"Sender ",
        b"Receiver ",
    ];
    text.is_empty() || STARTS.iter().any(|start| text.starts_with(start))
}
