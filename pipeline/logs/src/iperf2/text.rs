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
//!
//! A client's run begins with its heading. A server has one heading and many runs: a run
//! is what connects before the first of its rows, from one host, to one port; `-r` makes a
//! second run in the other direction, `-d` and `--full-duplex` one in both. Sums over both
//! directions (`[FD1]`) are skipped, as are histograms, latencies and counts of
//! datagrams out of order.

use memchr::memmem::find;

use super::assembly::{Assembly, Flow, Measure, Open};
use super::row::{Label, Row, columns, label, row};
use super::{failed, is_failure};
use crate::account::{LineReader, Taken};
use crate::lines::Line;
use crate::number::integer;
use crate::stamp;
use crate::throughput::{Direction, Interval, Protocol, Role, Run, Stream};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, Runs, Sink, Tool};

pub(super) struct Reader<'a> {
    assembly: Assembly<'a>,
    /// The run of the latest row or connection.
    current: Option<usize>,
    role: Option<Role>,
    protocol: Option<Protocol>,
    /// The ports that the headings name.
    connects: Option<u16>,
    listens: Option<u16>,
    /// Somebody has connected to the port that is listened on.
    accepted: bool,
    /// A client announced itself and no row has come yet.
    expecting: bool,
    /// The stream whose next row is the other end's.
    report: Option<u64>,
    enhanced: bool,
    recognised: bool,
}

/// `local 10.0.0.1%eth0 port 5001 connected with 10.0.0.2 port 43156 (reverse) ...`
struct Connection<'a> {
    local_port: u16,
    remote: &'a [u8],
    remote_port: u16,
    flags: &'a [u8],
}

fn connection(text: &[u8]) -> Option<Connection<'_>> {
    let rest = text.strip_prefix(b"local ")?;
    let rest = rest.get(find(rest, b" port ")? + 6..)?;
    let (local_port, rest) = integer(rest)?;
    let rest = rest.strip_prefix(b" connected with ")?;
    let at = find(rest, b" port ")?;
    let (remote_port, flags) = integer(rest.get(at + 6..)?)?;
    Some(Connection {
        local_port: u16::try_from(local_port).ok()?,
        remote: rest.get(..at)?,
        remote_port: u16::try_from(remote_port).ok()?,
        flags,
    })
}

impl<'a> Reader<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Reader<'a> {
        Reader {
            assembly: Assembly::new(sink),
            current: None,
            role: None,
            protocol: None,
            connects: None,
            listens: None,
            accepted: false,
            expecting: false,
            report: None,
            enhanced: false,
            recognised: false,
        }
    }

    /// A line that isn't a stream's.
    fn plain(&mut self, text: &[u8], line: Line<'_>, warnings: &mut Warnings) -> Taken {
        if let Some(rest) = text.strip_prefix(b"Client connecting to ") {
            self.recognised = true;
            self.connects = port(rest);
            self.protocol = protocol(rest).or(self.protocol);
            if !self.accepted {
                // Of a server with -d it is the way back of a run that is under way.
                self.role = Some(Role::Client);
                self.expecting = true;
                self.begin(line.number, warnings);
            }
            return Taken::Read;
        }
        if let Some(rest) = text.strip_prefix(b"Server listening on ") {
            self.recognised = true;
            self.listens = port(rest);
            self.protocol = protocol(rest).or(self.protocol);
            self.role = Some(Role::Server);
            self.accepted = false;
            self.begin(line.number, warnings);
            return Taken::Read;
        }
        if is_failure(text) {
            self.recognised = true;
            self.expecting = false;
            warnings.push(WarningKind::ToolError, line.number, text);
            if let Some(open) = self.opened(line.number, warnings) {
                let error = &mut open.run.error;
                error.get_or_insert_with(|| String::from_utf8_lossy(text).into_owned());
            }
            return Taken::Not;
        }
        if !is_known(text) {
            let cut = !line.ended && (text.starts_with(b"[") || self.expecting);
            let kind = if cut {
                WarningKind::CutFile
            } else {
                WarningKind::Noise
            };
            warnings.push(kind, line.number, text);
        }
        Taken::Not
    }

    /// A new run; the runs before are over, unless a server still serves them.
    fn begin(&mut self, line: u64, warnings: &mut Warnings) {
        let fresh = |open: &mut Open| !open.has_rows() && open.flows.is_empty();
        if let Some(slot) = self.current
            && let Some(open) = self.assembly.get(slot)
            && fresh(open)
        {
            open.run.line = line;
            open.run.role = self.role;
            open.run.protocol = self.protocol;
            return;
        }
        let over: Vec<usize> = self
            .assembly
            .opened()
            .filter(|(_, open)| !self.accepted || open.is_done() || open.is_gone())
            .map(|(slot, _)| slot)
            .collect();
        for slot in over.into_iter().rev() {
            self.assembly.close(slot, line, warnings);
        }
        let run = Run {
            role: self.role,
            protocol: self.protocol,
            line,
            ..Run::default()
        };
        self.current = Some(self.assembly.open(run, line, warnings));
    }

    /// The current run.
    fn opened(&mut self, line: u64, warnings: &mut Warnings) -> Option<&mut Open> {
        if self.current.is_none() {
            self.begin(line, warnings);
        }
        self.assembly.get(self.current?)
    }

    /// A stream announces itself.
    fn connected(
        &mut self,
        (id, starred): (u64, bool),
        connection: &Connection<'_>,
        line: u64,
        warnings: &mut Warnings,
    ) {
        self.recognised = true;
        if connection.local_port == 0 {
            // It failed to connect.
            return;
        }
        let Connection {
            local_port,
            remote_port,
            ..
        } = *connection;
        let outward = self.connects == Some(remote_port);
        let home = match self.role {
            Some(Role::Server) => !(outward && self.listens != Some(local_port)),
            _ => outward || self.listens != Some(local_port),
        };
        // Its label is no older stream's any more.
        let open: Vec<usize> = self.assembly.opened().map(|(slot, _)| slot).collect();
        for open in open {
            let flows = self.assembly.get(open).map(|open| open.flows.iter_mut());
            for flow in flows.into_iter().flatten() {
                flow.gone |= flow.stream == Stream::Id(id) && flow.starred == starred;
            }
        }
        let current = self.current.and_then(|slot| self.assembly.get(slot));
        let new = current.is_some_and(|open| match self.role {
            Some(Role::Client) if home => false,
            Some(Role::Server) if home => {
                open.has_rows()
                    || !open.flows.is_empty() && open.remote.as_slice() != connection.remote
            }
            Some(_) => open.is_done() || open.is_lone(),
            None => open.has_rows(),
        });
        self.accepted |= self.role == Some(Role::Server);
        if new {
            self.begin(line, warnings);
        }
        let reversed = starred || find(connection.flags, b"(reverse)").is_some();
        let sends = match self.role {
            Some(Role::Server) => !home || reversed,
            _ => home && !reversed,
        };
        if let Some(open) = self.opened(line, warnings) {
            open.run.reverse |= reversed || new && !home;
            open.remote = connection.remote.to_vec();
            let direction = Some(direction(sends));
            open.flows
                .push(Flow::new(Stream::Id(id), starred, direction));
        }
    }

    /// A line about a stream that isn't a row.
    fn note(
        &mut self,
        label: Label,
        text: &[u8],
        line: Line<'_>,
        warnings: &mut Warnings,
    ) -> Taken {
        const KNOWN: [&str; 19] = [
            "datagrams",
            "-PDF:",
            "icwnd",
            "trip-time",
            "OWD",
            "L2 processing",
            "Clock sync",
            "Read lengths",
            "bytes read",
            "MSS ",
            "Interval",
            "Burst ",
            "Isoch schedule",
            "connect times",
            "to start in",
            "connection with",
            "connected with",
            "(omitted)",
            "WARNING: ",
        ];
        let has = |word: &str| find(text, word.as_bytes()).is_some();
        if let (Label::Stream { id, starred }, Some(connection)) = (label, connection(text))
            && line.ended
        {
            self.connected((id, starred), &connection, line.number, warnings);
            return Taken::Read;
        }
        if let Label::Stream { id, .. } = label
            && text.starts_with(b"Server Report")
        {
            self.recognised = true;
            self.report = Some(id);
            return Taken::Read;
        }
        self.recognised |= label != Label::Other || text.starts_with(b"Interval");
        self.enhanced |= has("Write/Err") || has("Reads=Dist") || has("Latency");
        if has("WARNING: did not receive ack") || has("WARNING: ack of last datagram failed") {
            warnings.push(WarningKind::CutFile, line.number, line.bytes);
        } else if KNOWN.iter().any(|word| has(word)) {
            // Nothing of the run's rows.
        } else if has("nan ") || has("inf ") {
            warnings.push(WarningKind::NotANumber, line.number, line.bytes);
        } else if !line.ended {
            warnings.push(WarningKind::CutFile, line.number, line.bytes);
        } else if has(" sec ") {
            warnings.push(WarningKind::Malformed, line.number, line.bytes);
        } else {
            warnings.push(WarningKind::Noise, line.number, line.bytes);
        }
        Taken::Not
    }

    fn row(
        &mut self,
        label: Label,
        row: Row<'_>,
        line: Line<'_>,
        warnings: &mut Warnings,
    ) -> Taken {
        let (stream, starred) = match label {
            Label::Stream { id, starred } => (Stream::Id(id), starred),
            Label::Sum(_) => (Stream::Sum, false),
            Label::Duplex | Label::Other => return Taken::Not,
        };
        self.recognised = true;
        self.expecting = false;
        let columns = columns(row.rest, stream == Stream::Sum, line.ended);
        let report = match (self.report, stream) {
            (Some(report), Stream::Id(id)) => id == report,
            _ => false,
        };
        let found = self.find(stream, starred);
        let again = !report
            && found.is_some_and(|(slot, at)| {
                let begins = row.start_s == 0.0 && !columns.omitted;
                self.assembly.get(slot).is_some_and(|open| {
                    let alone =
                        stream != Stream::Sum || open.streams().all(|stream| stream.rows == 0);
                    let over = open.flows.get(at).is_some_and(|flow| flow.total.is_some());
                    begins && alone && over
                })
            });
        if again {
            // Rows of another run without their headings.
            self.begin(line.number, warnings);
        }
        let role = self.role;
        let slot = match found.filter(|_| !again) {
            Some((slot, _)) => slot,
            None => {
                self.opened(line.number, warnings);
                let Some(slot) = self.current else {
                    return Taken::Not;
                };
                slot
            }
        };
        self.current = Some(slot);
        let Some(open) = self.assembly.get(slot) else {
            return Taken::Not;
        };
        if let Label::Sum(Some(streams)) = label {
            open.summed = open.summed.max(streams);
        }
        let way = open.way(stream);
        let at = match found.filter(|_| !again) {
            Some((_, at)) => at,
            None => {
                open.flows.push(Flow::new(stream, starred, None));
                open.flows.len() - 1
            }
        };
        let Some(flow) = open.flows.get_mut(at) else {
            return Taken::Not;
        };
        if flow.starred != starred {
            // `[  1] local ... (reverse)` announces `[ *1]`.
            flow.starred = starred;
            flow.direction = None;
        }
        let known = if flow.rows > 0 { flow.direction } else { None };
        let told = columns.sends.map(direction);
        let default = direction((role == Some(Role::Server)) == starred);
        let direction = if report {
            Direction::Received
        } else {
            known.or(told).or(flow.direction).or(way).unwrap_or(default)
        };
        let measure = Measure {
            interval: Interval {
                start_s: row.start_s,
                end_s: row.end_s,
                bits_per_second: row.bits_per_second,
                bytes: row.bytes.round() as u64,
                retransmits: columns.retransmits,
                omitted: columns.omitted,
                stream,
                direction,
                line: line.number,
            },
            step: row.step,
            jitter_ms: columns.jitter_ms,
            lost: columns.lost,
            packets: columns.packets,
        };
        if columns.packets.is_some() {
            open.run.protocol = Some(Protocol::Udp);
        }
        if report {
            flow.report = Some(measure);
            self.report = None;
        } else {
            flow.direction = Some(direction);
            self.assembly.row(slot, at, measure);
        }
        Taken::Read
    }

    /// The stream of a label, in the latest run that has it.
    fn find(&self, stream: Stream, starred: bool) -> Option<(usize, usize)> {
        if stream == Stream::Sum {
            let (slot, open) = self
                .assembly
                .opened()
                .find(|(slot, _)| Some(*slot) == self.current)?;
            let is = |flow: &Flow| flow.stream == Stream::Sum;
            return Some((slot, open.flows.iter().position(is)?));
        }
        let find = |is: &dyn Fn(&Flow) -> bool| {
            self.assembly.opened().find_map(|(slot, open)| {
                let is = |flow: &Flow| !flow.gone && flow.stream == stream && is(flow);
                Some((slot, open.flows.iter().position(is)?))
            })
        };
        find(&|flow| flow.starred == starred).or_else(|| find(&|flow| starred && flow.rows == 0))
    }
}

impl LineReader for Reader<'_> {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = stamp::without(line.bytes.trim_ascii());
        let Some((label, rest)) = label(text) else {
            return self.plain(text, line, warnings);
        };
        match row(rest) {
            Some(row) => self.row(label, row, line, warnings),
            None => self.note(label, rest, line, warnings),
        }
    }

    fn finish(self, last: u64, mut warnings: Warnings) -> Document {
        if !self.recognised {
            return Document::foreign(Tool::Iperf2, warnings);
        }
        if self.expecting {
            warnings.push(
                WarningKind::CutFile,
                last,
                "the client's log ends before its first result",
            );
        }
        let dialect = if self.enhanced {
            "text-enhanced"
        } else {
            "text"
        };
        let (runs, measured) = self.assembly.finish(last, &mut warnings);
        let failed = failed(measured, &warnings);
        Document::recognised(
            Tool::Iperf2,
            dialect,
            Runs::Throughput(runs),
            failed,
            warnings,
        )
    }
}

fn direction(sends: bool) -> Direction {
    if sends {
        Direction::Sent
    } else {
        Direction::Received
    }
}

fn protocol(text: &[u8]) -> Option<Protocol> {
    if find(text, b"UDP port").is_some() {
        Some(Protocol::Udp)
    } else {
        find(text, b"TCP port").map(|_| Protocol::Tcp)
    }
}

/// `127.0.0.1, TCP port 5001 with pid 1`, `TCP ports 5001-5003`: the (first) port.
fn port(text: &[u8]) -> Option<u16> {
    let rest = text.get(find(text, b" port")? + 5..)?;
    let rest = rest.strip_prefix(b"s").unwrap_or(rest);
    let (port, _) = integer(rest.trim_ascii_start())?;
    u16::try_from(port).ok()
}

/// The tool's own lines with nothing for a run.
fn is_known(text: &[u8]) -> bool {
    const STARTS: [&str; 39] = [
        "---",
        "TCP ",
        "UDP ",
        "Sending ",
        "Receiving ",
        "Write buffer",
        "Read buffer",
        "TOS ",
        "IPTOS",
        "Binding ",
        "Setting ",
        "Joining ",
        "Waiting ",
        "MSS ",
        "Using ",
        "Connecting ",
        "Bursting",
        "Burst wait",
        "Bounceback",
        "Bounce-back",
        "Isochronous",
        "Enabled ",
        "Enable ",
        "Starting Test",
        "Working load",
        "Multicast ",
        "WARN",
        "Warn: ",
        "iperf version ",
        "iperf (branch",
        "fair-queue",
        "event=TCP_Info",
        "Client set to ",
        "Server set to ",
        "Single ",
        "Running ",
        "Optimal Estimate",
        "Fast ",
        "Event based",
    ];
    text.is_empty()
        || STARTS
            .iter()
            .any(|start| text.starts_with(start.as_bytes()))
}
