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

use memchr::memchr_iter;
use memchr::memmem::find;

use super::arrived;
use crate::account::{self, LineReader, Taken};
use crate::lines::{Line, Lines, without_escapes};
use crate::number::integer;
use crate::rows::{self, Row};
use crate::sink::CHUNK;
use crate::throughput::{Direction, Interval, Protocol, Received, Role, Run, Sent, Stream};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Sink, Tool};

/// Streams of a test that are told apart; iperf3 has at most 128.
const STREAMS: usize = 1024;

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

/// What a row is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// An interval.
    Interval,
    /// All of the test at its sender.
    Sender,
    /// All of it at its receiver.
    Receiver,
    /// The only total of a UDP test before 3.7: the sender's bytes, the receiver's losses.
    Both,
}

/// The last row of a sum, or what its streams come to where none was printed.
#[derive(Debug, Clone, Copy, Default)]
struct Total {
    sum: Option<Measure>,
    streams: Option<Measure>,
}

/// A row's numbers.
#[derive(Debug, Clone, Copy)]
struct Measure {
    bytes: f64,
    seconds: f64,
    bits_per_second: f64,
    retransmits: Option<u64>,
    jitter_ms: Option<f64>,
    lost: Option<i64>,
    packets: Option<u64>,
}

impl Measure {
    /// With another stream's; jitters don't add up.
    fn plus(self, other: Measure) -> Measure {
        Measure {
            bytes: self.bytes + other.bytes,
            seconds: self.seconds.max(other.seconds),
            bits_per_second: self.bits_per_second + other.bits_per_second,
            retransmits: self
                .retransmits
                .zip(other.retransmits)
                .map(|(a, b)| a.saturating_add(b)),
            jitter_ms: None,
            lost: self.lost.zip(other.lost).map(|(a, b)| a.saturating_add(b)),
            packets: self
                .packets
                .zip(other.packets)
                .map(|(a, b)| a.saturating_add(b)),
        }
    }

    fn sent(self) -> Sent {
        Sent {
            bytes: self.bytes.round() as u64,
            seconds: self.seconds,
            bits_per_second: self.bits_per_second,
            retransmits: self.retransmits,
        }
    }

    fn received(self) -> Received {
        Received {
            bytes: self.bytes.round() as u64,
            seconds: self.seconds,
            bits_per_second: self.bits_per_second,
            jitter_ms: self.jitter_ms,
            lost: self.lost,
            packets: self.packets,
        }
    }
}

impl Total {
    fn put(&mut self, stream: Stream, measure: Measure) {
        match stream {
            Stream::Sum => self.sum = Some(measure),
            Stream::Id(_) => {
                self.streams = Some(match self.streams {
                    Some(streams) => streams.plus(measure),
                    None => measure,
                });
            }
        }
    }

    fn measure(&self) -> Option<Measure> {
        self.sum.or(self.streams)
    }
}

/// What the printed intervals of a direction come to, and how exactly.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    rows: u64,
    bytes: f64,
    rounding: f64,
}

impl Tally {
    fn add(&mut self, bytes: f64) {
        self.rows += 1;
        self.bytes += bytes;
        self.rounding += step(bytes) / 2.0;
    }
}

/// The last printed digit of an amount in bytes: iperf3 prints three.
fn step(bytes: f64) -> f64 {
    let mut unit = 1.0;
    while bytes / unit >= 1024.0 {
        unit *= 1024.0;
    }
    match bytes / unit {
        digits if digits < 9.995 => unit / 100.0,
        digits if digits < 99.95 => unit / 10.0,
        _ => unit,
    }
}

/// A direction's totals and intervals.
#[derive(Debug, Default)]
struct Way {
    sender: Total,
    receiver: Total,
    both: Total,
    sums: Tally,
    streams: Tally,
}

impl Way {
    fn tally(&self) -> Tally {
        if self.sums.rows > 0 {
            self.sums
        } else {
            self.streams
        }
    }

    /// Both ends, as `own`, the log's writer, knows them.
    fn ends(&self, own: Direction, blind: bool) -> (Option<Sent>, Option<Received>) {
        let (sender, receiver) = (self.sender.measure(), self.receiver.measure());
        if sender.or(receiver).is_some() {
            // Zeros for an end that isn't known are no measurement.
            let zero = |end: Option<Measure>| end.is_some_and(|end| end.bytes == 0.0);
            let unknown = |part, end, other| blind && part != own && zero(end) && !zero(other);
            let sent = sender.filter(|_| !unknown(Direction::Sent, sender, receiver));
            let received = receiver.filter(|_| !unknown(Direction::Received, receiver, sender));
            return (sent.map(Measure::sent), received.map(Measure::received));
        }
        let Some(total) = self.both.measure() else {
            return (None, None);
        };
        let sent = Some(total).filter(|total| total.bytes > 0.0 || own == Direction::Sent);
        let received = if own == Direction::Received && self.tally().rows > 0 {
            let bytes = self.tally().bytes;
            let bits_per_second = if total.seconds > 0.0 {
                bytes * 8.0 / total.seconds
            } else {
                0.0
            };
            let own = Measure {
                bytes,
                bits_per_second,
                ..total
            };
            Some(own.received())
        } else {
            total.lost.zip(total.packets).map(|(lost, packets)| {
                arrived(total.bytes, total.seconds, total.jitter_ms, lost, packets)
            })
        };
        (sent.map(Measure::sent), received)
    }
}

/// A run while its lines come in.
#[derive(Default)]
struct Open {
    run: Run,
    forward: Way,
    backward: Way,
    /// Streams, and those whose totals were there.
    ids: Vec<u64>,
    totals: Vec<(Stream, Part, bool)>,
    rows: u64,
    offered: usize,
    /// A connection was announced and its test isn't over.
    expecting: bool,
    /// The client said that it is done.
    done: bool,
}

struct Reader<'a> {
    sink: &'a mut dyn Sink,
    runs: Vec<Run>,
    open: Open,
    role: Option<Role>,
    columns: Columns,
    /// The last line was `- - -`; a heading after it opens the totals.
    ruled: bool,
    totals: bool,
    /// The server's table in the client's log, which isn't the client's.
    theirs: bool,
    /// What `--timestamps` or `--title` put before the last line.
    prefix: Vec<u8>,
    /// An error that came before its test's lines: standard error isn't buffered.
    pending: Option<(String, u64)>,
    recognised: bool,
    measured: bool,
}

pub(crate) fn parse(lines: Lines<'_>, sink: &mut dyn Sink) -> Result<Document, ReadError> {
    let reader = Reader {
        sink,
        runs: Vec::new(),
        open: Open::default(),
        role: None,
        columns: Columns::default(),
        ruled: false,
        totals: false,
        theirs: false,
        prefix: Vec::new(),
        pending: None,
        recognised: false,
        measured: false,
    };
    account::read(lines, reader)
}

impl LineReader for Reader<'_> {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        match without_escapes(line.bytes) {
            Some(plain) => self.plain(
                Line {
                    bytes: &plain,
                    ..line
                },
                warnings,
            ),
            None => self.plain(line, warnings),
        }
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        self.begin(last, None, &mut warnings);
        if let Some(pending) = self.pending.take() {
            self.failure(pending);
        }
        if !self.recognised {
            return Document::foreign(Tool::Iperf3, warnings);
        }
        let failed = warnings.count(WarningKind::ToolError) > 0 && !self.measured;
        let runs = Runs::Throughput(self.runs);
        Document::recognised(Tool::Iperf3, "text", runs, failed, warnings)
    }
}

impl Reader<'_> {
    fn plain(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = self.without_prefix(line.bytes.trim_ascii());
        let ruled = std::mem::replace(&mut self.ruled, text.starts_with(b"- - -"));
        if self.theirs && !ends_theirs(text) {
            return Taken::Not;
        }
        self.theirs = false;
        if let Some(row) = rows::row(text) {
            self.recognised = true;
            if !line.ended && !is_whole(line.bytes) {
                warnings.push(WarningKind::CutFile, line.number, text);
                return Taken::Not;
            }
            self.row(row, line.number, warnings);
            return Taken::Read;
        }
        if text.starts_with(b"[ ID]") {
            self.recognised = true;
            let after_totals = !self.open.totals.is_empty();
            if after_totals && !ruled {
                self.begin(line.number, None, warnings);
                self.open.run.role = self.role;
            }
            self.totals = ruled;
            self.heading(text);
        } else if text.starts_with(b"Connecting to host ") {
            self.begin(line.number, Some(Role::Client), warnings);
            self.open.expecting = true;
            return Taken::Read;
        } else if text.starts_with(b"Server listening on ") {
            self.begin(line.number, Some(Role::Server), warnings);
            return Taken::Read;
        } else if text.starts_with(b"Accepted connection from ") {
            self.begin(line.number, Some(Role::Server), warnings);
            self.open.expecting = true;
            return Taken::Read;
        } else if text.starts_with(b"Reverse mode") {
            self.open.run.reverse = true;
            return Taken::Read;
        } else if let Some(rest) = text.strip_prefix(b"Starting Test: protocol: ") {
            self.open.run.protocol = match rest.get(..3) {
                Some(b"UDP") => Some(Protocol::Udp),
                Some(b"SCT") => Some(Protocol::Sctp),
                _ => Some(Protocol::Tcp),
            };
            return Taken::Read;
        } else if text.starts_with(b"iperf 3.") {
            self.recognised = true;
            if self.open.rows > 0 {
                self.begin(line.number, None, warnings);
            }
            self.open.run.version = Some(String::from_utf8_lossy(text).into_owned());
            return Taken::Read;
        } else if let Some(said) = text.strip_prefix(b"iperf3: ") {
            self.said(said, line.number, text, warnings);
        } else if text.starts_with(b"Server output:") || text.starts_with(b"Server JSON output:") {
            self.theirs = true;
        } else if text.starts_with(b"iperf Done") {
            self.open.done = true;
        } else if text.starts_with(b"- - -") {
            // A line of `--forceflush` may be cut anywhere; a ruler tells nothing.
            self.ruled = true;
        } else if let Some((_, rest)) = rows::label(text) {
            self.labelled(rest, text, line, warnings);
        } else if !is_known(text) {
            let cut = !line.ended && text.starts_with(b"[");
            let kind = if cut {
                WarningKind::CutFile
            } else {
                WarningKind::Noise
            };
            warnings.push(kind, line.number, text);
        } else if text.starts_with(b"Test Complete") {
            // With -V this is between the ruler and the totals' heading.
            self.ruled = ruled;
        }
        Taken::Not
    }

    /// A line of a stream that is no row.
    fn labelled(&self, rest: &[u8], text: &[u8], line: Line<'_>, warnings: &mut Warnings) {
        let has = |word: &str| find(rest, word.as_bytes()).is_some();
        let kind = if !line.ended {
            WarningKind::CutFile
        } else if !has(" sec ") || has("out-of-order") {
            return;
        } else if has("nan ") || has("inf ") {
            WarningKind::NotANumber
        } else {
            WarningKind::Malformed
        };
        warnings.push(kind, line.number, text);
    }

    /// The line without what `--timestamps` and `--title` put before it.
    fn without_prefix<'l>(&mut self, text: &'l [u8]) -> &'l [u8] {
        if is_start(text) {
            return text;
        }
        let stamp = self.prefix.trim_ascii_end();
        if !stamp.is_empty()
            && let Some((front, rest)) = text.split_at_checked(stamp.len())
            && front
                .iter()
                .zip(stamp)
                .all(|pair| is_alike(*pair.0, *pair.1))
        {
            return rest.trim_ascii_start();
        }
        let at = begins(text);
        if at > 0 {
            self.prefix = text.get(..at).unwrap_or_default().to_vec();
        }
        text.get(at..).unwrap_or_default()
    }

    /// Ends the run there is, if any, and expects another.
    fn begin(&mut self, line: u64, role: Option<Role>, warnings: &mut Warnings) {
        self.recognised |= role.is_some();
        let old = std::mem::take(&mut self.open);
        self.open.run.line = line;
        self.open.run.role = role;
        self.role = role.or(self.role);
        self.totals = false;
        self.columns = Columns::Unknown;
        if old.rows > 0 || old.run.error.is_some() {
            self.close(old, line, warnings);
            return;
        }
        self.open.run.version = old.run.version;
        if old.expecting {
            if let Some((error, at)) = self.pending.take() {
                self.failure((error, at));
            } else {
                warnings.push(
                    WarningKind::CutFile,
                    line,
                    "the test before this line has no result",
                );
            }
        }
    }

    fn close(&mut self, old: Open, line: u64, warnings: &mut Warnings) {
        let Open {
            mut run,
            forward,
            backward,
            ids,
            rows,
            done,
            ..
        } = old;
        let mut failed_before = None;
        match self.pending.take() {
            Some(pending) if done => failed_before = Some(pending),
            Some((error, _)) if run.error.is_none() => run.error = Some(error),
            _ => {}
        }
        run.streams = run.streams.max(ids.len() as u64);
        let own = rows::direction(run.role, run.reverse);
        let other = match own {
            Direction::Sent => Direction::Received,
            Direction::Received => Direction::Sent,
        };
        let blind = run.role == Some(Role::Server) || run.error.is_some();
        (run.sent, run.received) = forward.ends(own, blind);
        (run.sent_reverse, run.received_reverse) = backward.ends(other, blind);
        let complete = run.sent.is_some() || run.received.is_some();
        if run.protocol.is_none() && complete {
            run.protocol = Some(Protocol::Tcp);
        }
        for (way, own, sent, received) in [
            (&forward, own, run.sent, run.received),
            (&backward, other, run.sent_reverse, run.received_reverse),
        ] {
            let total = match own {
                Direction::Sent => sent.map(|sent| sent.bytes),
                Direction::Received => received.map(|received| received.bytes),
            };
            let tally = way.tally();
            let Some(total) = total.filter(|_| tally.rows > 0) else {
                continue;
            };
            let total = total as f64;
            // From 3.16 on threads move some more after the last interval.
            let threads = total / 200.0 + f64::min(total / 20.0, 8_388_608.0);
            if (total - tally.bytes).abs() > tally.rounding + step(total) / 2.0 + threads {
                let said = format!(
                    "the total of the run that begins on line {} is {total} bytes, that of its \
                     intervals {}; the total is kept",
                    run.line, tally.bytes
                );
                warnings.push(WarningKind::SummaryDisagrees, line, said);
            }
        }
        if !complete && run.error.is_none() {
            let text = format!("the run that begins on line {} has no total", run.line);
            warnings.push(WarningKind::CutFile, line, text);
        }
        self.measured |= rows > 0;
        self.sink.throughput(self.runs.len(), &mut run);
        self.runs.push(run);
        if let Some(pending) = failed_before {
            self.failure(pending);
        }
    }

    /// A run of which there is nothing but an error.
    fn failure(&mut self, (error, line): (String, u64)) {
        self.runs.push(Run {
            error: Some(error),
            line,
            ..Run::default()
        });
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
        let run = &mut self.open.run;
        match self.columns {
            Columns::Jitter | Columns::Datagrams => run.protocol = Some(Protocol::Udp),
            // SCTP's has the same columns on some systems, and -V says so before.
            Columns::Retransmits if run.protocol.is_none() => run.protocol = Some(Protocol::Tcp),
            _ => {}
        }
    }

    /// `error - ...` and `interrupt - ...`; to be interrupted is how a server ends.
    fn said(&mut self, said: &[u8], line: u64, text: &[u8], warnings: &mut Warnings) {
        self.recognised = true;
        if self.role != Some(Role::Client)
            && said.starts_with(b"interrupt - the server has terminated")
        {
            return;
        }
        let starts = |word: &str| said.starts_with(word.as_bytes());
        if ["OUT OF ORDER", "WARNING", "warning"]
            .into_iter()
            .any(starts)
        {
            warnings.push(WarningKind::Noise, line, text);
            return;
        }
        warnings.push(WarningKind::ToolError, line, text);
        let error = String::from_utf8_lossy(said).into_owned();
        let has = |word: &str| find(said, word.as_bytes()).is_some();
        // A server that is done with a test waits for the next.
        let waits = self.open.run.role == Some(Role::Server)
            && !self.open.totals.is_empty()
            && !has("client has");
        let idle = self.open.done || waits || self.open.rows == 0 && !self.open.expecting;
        if !idle {
            self.open.run.error = Some(error);
        } else if has("unable to connect") || has("busy") || self.role == Some(Role::Server) {
            self.failure((error, line));
        } else if let Some(pending) = self.pending.replace((error, line)) {
            self.failure(pending);
        }
    }

    fn row(&mut self, row: Row<'_>, line: u64, warnings: &mut Warnings) {
        let rest = row.rest.trim_ascii();
        let backwards = matches!(row.tag, b"RX-C" | b"TX-S");
        let datagrams = rows::datagrams(rest);
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
            _ => rows::direction(self.open.run.role, self.open.run.reverse) == Direction::Sent,
        };
        let part = match marked {
            Some(part) => part,
            None if !self.totals => Part::Interval,
            None if datagrams.is_some() => Part::Both,
            None if sends => Part::Sender,
            None => Part::Receiver,
        };
        let key = (row.stream, part, backwards);
        if part != Part::Interval {
            // The same total again is another test's: lines that were picked from several logs.
            if self.open.totals.contains(&key) || self.open.totals.len() >= 4 * STREAMS {
                let (columns, role) = (self.columns, self.open.run.role);
                self.begin(line, None, warnings);
                (self.columns, self.open.run.role, self.totals) = (columns, role, true);
            }
            self.open.totals.push(key);
        }
        if self.open.rows == 0 && self.open.run.line == 0 {
            self.open.run.line = line;
        }
        self.open.rows += 1;
        if let Stream::Id(id) = row.stream
            && !backwards
            && self.open.ids.len() < STREAMS
            && !self.open.ids.contains(&id)
        {
            self.open.ids.push(id);
        }
        let run = &mut self.open.run;
        run.bidir |= backwards;
        if row.tag.is_empty() && part == Part::Interval {
            match run.role {
                Some(Role::Server) => run.reverse |= sends,
                Some(Role::Client) => run.reverse |= !sends,
                None => {}
            }
        }
        let count = integer(rest)
            .filter(|(_, after)| after.first().is_none_or(u8::is_ascii_whitespace))
            .map(|(count, _)| count);
        let resent = match self.columns {
            Columns::Retransmits => true,
            Columns::Datagrams | Columns::Jitter => false,
            Columns::None => row.tag.starts_with(b"TX"),
            Columns::Unknown => find(rest, b"Bytes").is_some() || marked == Some(Part::Sender),
        };
        let retransmits = count.filter(|_| resent);
        let measure = Measure {
            bytes: row.bytes,
            seconds: row.end_s - row.start_s,
            bits_per_second: row.bits_per_second,
            retransmits,
            jitter_ms: datagrams.map(|(jitter_ms, ..)| jitter_ms),
            lost: datagrams.map(|(_, lost, _)| lost),
            packets: datagrams
                .and_then(|(.., packets)| packets)
                .or(count.filter(|_| self.columns == Columns::Datagrams)),
        };
        let way = if backwards {
            &mut self.open.backward
        } else {
            &mut self.open.forward
        };
        match part {
            Part::Sender => way.sender.put(row.stream, measure),
            Part::Receiver => way.receiver.put(row.stream, measure),
            Part::Both => way.both.put(row.stream, measure),
            Part::Interval => {
                let omitted = rest.ends_with(b"(omitted)");
                if !omitted {
                    match row.stream {
                        Stream::Sum => way.sums.add(row.bytes),
                        Stream::Id(_) => way.streams.add(row.bytes),
                    }
                }
                run.intervals.push(Interval {
                    start_s: row.start_s,
                    end_s: row.end_s,
                    bits_per_second: row.bits_per_second,
                    bytes: row.bytes.round() as u64,
                    retransmits,
                    omitted,
                    stream: row.stream,
                    direction: if sends {
                        Direction::Sent
                    } else {
                        Direction::Received
                    },
                    line,
                });
                if run.intervals.len() >= self.open.offered + CHUNK {
                    self.sink.throughput(self.runs.len(), run);
                    self.open.offered = run.intervals.len();
                }
            }
        }
    }
}

/// Whether two bytes are alike in time stamps of one form.
fn is_alike(a: u8, b: u8) -> bool {
    a == b
        || a.is_ascii_digit() && (b.is_ascii_digit() || b == b' ')
        || a == b' ' && b.is_ascii_digit()
        || a.is_ascii_alphabetic() && b.is_ascii_alphabetic()
}

/// Whether the last line of a log, which has no end, is a whole row.
fn is_whole(line: &[u8]) -> bool {
    // Every row ends in a mark or in white space.
    line.ends_with(b" ")
        || ["sender", "receiver", "(omitted)", "Bytes", "%)"]
            .into_iter()
            .any(|end| line.ends_with(end.as_bytes()))
}

/// Whether the client's own lines go on.
fn ends_theirs(text: &[u8]) -> bool {
    text.starts_with(b"iperf Done") || text.starts_with(b"Connecting to host ")
}

/// Lines of which others are sure not to be; [`begins`] knows their first letters.
const STARTS: [&[u8]; 10] = [
    b"[ ID]",
    b"Connecting to host ",
    b"Accepted connection from ",
    b"Server listening on ",
    b"Reverse mode, remote host ",
    b"Starting Test: protocol: ",
    b"- - - - -",
    b"iperf3: ",
    b"iperf 3.",
    b"iperf Done",
];

fn is_start(text: &[u8]) -> bool {
    text.is_empty()
        || STARTS.iter().any(|start| text.starts_with(start))
        || rows::label(text).is_some()
        || is_known(text)
}

/// Where iperf3's own begins in a line with something before it; 0 if it isn't found.
pub(super) fn begins(text: &[u8]) -> usize {
    if is_start(text) {
        return 0;
    }
    // Nobody's stamp is longer, and a line may have any length.
    let text = text.get(..512).unwrap_or(text);
    let stream = memchr_iter(b'[', text).find(|&at| {
        let rest = text.get(at..).unwrap_or_default();
        rows::row(rest).is_some()
            || rows::label(rest).is_some_and(|(_, rest)| find(rest, b" connected to ").is_some())
    });
    let start = (0..text.len()).find(|&at| {
        let rest = text.get(at..).unwrap_or_default();
        matches!(rest, [b'[' | b'-' | b'A' | b'C' | b'R' | b'S' | b'i', ..])
            && STARTS.iter().any(|start| rest.starts_with(start))
    });
    stream
        .into_iter()
        .chain(start)
        .min()
        // A prompt with a command isn't the command's output.
        .filter(|&at| {
            text.get(..at)
                .and_then(<[u8]>::last)
                .is_some_and(|&before| matches!(before, b' ' | b'\t' | b':' | b']' | b'|' | b'>'))
        })
        .unwrap_or(0)
}

fn is_known(text: &[u8]) -> bool {
    const STARTS: [&[u8]; 29] = [
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
        b"Darwin ",
        b"FreeBSD ",
        b"CYGWIN_NT",
        b"Client ",
        b"Server ",
        b"Sender ",
        b"Receiver ",
        b"Setting UDP block size",
        b"Finished omit period",
        b"Authentication succe",
        b"Binding to local",
        b"TCP window size",
        b"UDP buffer size",
        b"Using TCP Autotuning",
        b"Ignoring nonsense TCP MSS",
        b"Using UDP",
    ];
    text.is_empty() || STARTS.iter().any(|start| text.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_before_a_line() {
        for (text, at) in [
            (
                &b"[  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec"[..],
                0,
            ),
            (b"2026-11-25T01:06:14 [ ID] Interval", 20),
            (b"title:  Connecting to host ::1, port 5201", 8),
            (
                b"client-1  | [  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec",
                12,
            ),
            (b"[root@host ~]# echo \"Connecting to host a\"", 0),
        ] {
            assert_eq!(begins(text), at, "{}", String::from_utf8_lossy(text));
        }
    }

    #[test]
    fn printed_digits() {
        assert_eq!(step(65.0 * 1024.0), 102.4);
        assert_eq!(
            step(4.04 * 1024.0 * 1024.0 * 1024.0),
            1024.0 * 1024.0 * 10.24
        );
        assert_eq!(step(0.0), 0.01);
    }
}
