//! ```text
//! Client connecting to 127.0.0.1, TCP port 5001
//! [  1] local 127.0.0.1 port 43156 connected with 127.0.0.1 port 5001
//! [ ID] Interval       Transfer     Bandwidth
//! [  1] 0.0000-1.0000 sec  3.45 GBytes  29.7 Gbits/sec
//! [  1] 0.0000-2.0137 sec  6.76 GBytes  28.9 Gbits/sec          the total, by its span only
//! [  1] Server Report:
//! [  1] 0.0000-2.0020 sec  2.51 MBytes  10.5 Mbits/sec   0.000 ms 0/1787 (0%)
//! ```
//!
//! A test of one interval prints nothing that tells the interval from the total: it is
//! read as the total.

use memchr::memmem::find;

use super::{close, failed, is_failure};
use crate::lines::{Line, Lines};
use crate::number::integer;
use crate::rows::{self, Measure, Part, Row, Table};
use crate::throughput::{Direction, Interval, Protocol, Role, Run, Stream};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Tool};

#[derive(Default)]
struct Parser {
    runs: Vec<Run>,
    table: Table,
    warnings: Warnings,
    /// A client announced itself and no row has come yet.
    expecting: bool,
    /// The stream whose next row is the other end's.
    report: Option<Stream>,
    enhanced: bool,
    recognised: bool,
}

pub(crate) fn parse(mut lines: Lines<'_>) -> Result<Document, ReadError> {
    let mut parser = Parser::default();
    let mut last = 0;
    while let Some(line) = lines.next()? {
        last = line.number;
        parser.line(line);
    }
    let Parser {
        mut runs,
        table,
        mut warnings,
        expecting,
        enhanced,
        recognised,
        ..
    } = parser;
    if !recognised {
        return Ok(Document::foreign(Tool::Iperf2, warnings));
    }
    if expecting && table.is_empty() && table.run.error.is_none() {
        warnings.push(
            WarningKind::CutFile,
            last,
            "the client's log ends before its first result",
        );
    }
    close(table, last, &mut runs, &mut warnings);
    let failed = failed(&runs, &warnings);
    let dialect = if enhanced { "text-enhanced" } else { "text" };
    Ok(Document::recognised(
        Tool::Iperf2,
        dialect,
        Runs::Throughput(runs),
        failed,
        warnings,
    ))
}

impl Parser {
    fn line(&mut self, line: Line) {
        let text = line.bytes.trim_ascii();
        if let Some(row) = rows::row(text) {
            self.recognised = true;
            self.row(row, line);
        } else if let Some((stream, rest)) = rows::label(text) {
            self.note(stream, rest.trim_ascii(), line);
        } else if let Some(rest) = text.strip_prefix(b"Client connecting to ") {
            self.begin(line.number);
            self.table.run.role = Some(Role::Client);
            self.table.run.protocol = protocol(rest);
            self.expecting = true;
        } else if let Some(rest) = text.strip_prefix(b"Server listening on ") {
            self.begin(line.number);
            self.table.run.role = Some(Role::Server);
            self.table.run.protocol = protocol(rest);
        } else if is_failure(text) {
            self.recognised = true;
            self.warnings
                .push(WarningKind::ToolError, line.number, text);
            let error = &mut self.table.run.error;
            error.get_or_insert_with(|| String::from_utf8_lossy(text).into_owned());
        } else if text.starts_with(b"[ ID]") {
            self.recognised = true;
            self.enhanced |= find(text, b"Write/Err")
                .or(find(text, b"Reads"))
                .or(find(text, b"Latency"))
                .is_some();
        } else if !is_known(text) {
            let cut = !line.ended && (text.starts_with(b"[") || self.expecting);
            let kind = if cut {
                WarningKind::CutFile
            } else {
                WarningKind::Noise
            };
            self.warnings.push(kind, line.number, text);
        }
    }

    /// A new run, unless this one has no rows yet (with -P the streams' lines come
    /// before the client's).
    fn begin(&mut self, line: u64) {
        self.recognised = true;
        if self.table.is_empty() {
            self.table.run.line = line;
            return;
        }
        let Run { role, protocol, .. } = self.table.run;
        let next = Table::new(Run {
            role,
            protocol,
            line,
            ..Run::default()
        });
        close(
            std::mem::replace(&mut self.table, next),
            line,
            &mut self.runs,
            &mut self.warnings,
        );
    }

    /// A line about a stream that isn't a row.
    fn note(&mut self, stream: Stream, text: &[u8], line: Line) {
        if text.starts_with(b"local ") && find(text, b"connected with").is_some() {
            self.begin(line.number);
        } else if text.starts_with(b"Server Report") {
            self.recognised = true;
            self.report = Some(stream);
        } else if text.starts_with(b"WARNING: did not receive ack") {
            self.warnings
                .push(WarningKind::CutFile, line.number, line.bytes);
        } else if find(text, b"datagrams")
            .or(find(text, b"-PDF"))
            .or(find(text, b"(icwnd"))
            .is_some()
        {
            // What was sent, what came out of order, histograms: not of the run's rows.
        } else if !line.ended {
            self.warnings
                .push(WarningKind::CutFile, line.number, line.bytes);
        } else if find(text, b" sec ").is_some() {
            self.warnings
                .push(WarningKind::Malformed, line.number, line.bytes);
        }
    }

    fn row(&mut self, row: Row, line: Line) {
        let report = self
            .report
            .take_if(|stream| *stream == row.stream)
            .is_some();
        let datagrams = rows::datagrams(row.rest);
        if datagrams.is_some() {
            self.table.run.protocol = Some(Protocol::Udp);
        }
        let direction = if report || (datagrams.is_some() && self.table.run.role.is_none()) {
            Direction::Received
        } else {
            rows::direction(self.table.run.role, false)
        };
        let interval = Interval {
            start_s: row.start_s,
            end_s: row.end_s,
            bits_per_second: row.bits_per_second,
            bytes: row.bytes.round() as u64,
            retransmits: retransmits(row.rest),
            omitted: false,
            stream: row.stream,
            direction,
            line: line.number,
        };
        self.table.push(Measure {
            interval,
            part: if report {
                Part::Receiver
            } else {
                Part::Unmarked
            },
            backwards: false,
            jitter_ms: datagrams.map(|(jitter_ms, ..)| jitter_ms),
            lost: datagrams.map(|(_, lost, _)| lost),
            packets: datagrams.and_then(|(.., packets)| packets),
        });
    }
}

fn protocol(text: &[u8]) -> Option<Protocol> {
    if find(text, b"UDP").is_some() {
        Some(Protocol::Udp)
    } else {
        find(text, b"TCP").map(|_| Protocol::Tcp)
    }
}

/// `Write/Err  Rtry` of a sending TCP client with -e: `29658/0         24`. A UDP
/// client's second column is `894 pps`.
fn retransmits(rest: &[u8]) -> Option<u64> {
    let (_, rest) = integer(rest.trim_ascii_start())?;
    let (_, rest) = integer(rest.strip_prefix(b"/")?)?;
    let (retransmits, rest) = integer(rest.trim_ascii_start())?;
    (!rest.trim_ascii_start().starts_with(b"pps")).then_some(retransmits)
}

fn is_known(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 14] = [
        b"---",
        b"TCP ",
        b"UDP ",
        b"Sending ",
        b"Write buffer",
        b"Read buffer",
        b"TOS ",
        b"Binding ",
        b"Setting ",
        b"Joining ",
        b"Waiting ",
        b"MSS ",
        b"Using ",
        b"Connecting ",
    ];
    text.is_empty() || STARTS.iter().any(|start| text.starts_with(start))
}
