//! `-y C`: a line a row.
//!
//! ```text
//! 20261123183259,127.0.0.1,43202,127.0.0.1,5001,1,0.0-1.0,4308598844,34468790752
//! ...,0.0-2.0,3130120,10416640,0.092,0,345,0.000,0       UDP: jitter, lost, sent, %, out of order
//! +0000:20261123183259.123456,...,1,0.0,1.0,131072,...   since 2.1.9 with -e, after a heading
//! ```
//!
//! Nothing marks where a run ends, and many clients may write into one file. A run is the
//! streams between two addresses that share a port, until a stream's number comes with
//! other ports or starts again after its total. A row with the ends swapped is the other
//! end's report. Rows of nine fields are taken for TCP's unless a report says otherwise;
//! the log's writer is taken for the sender, unless it listens on port 5001 or sees jitter.

use std::collections::HashMap;

use memchr::memchr;

use super::assembly::{Assembly, Flow, Measure, Open};
use super::{failed, is_failure};
use crate::account::{LineReader, Taken};
use crate::lines::Line;
use crate::number::{decimal, integer, whole};
use crate::throughput::{Direction, Interval, Protocol, Role, Run, Stream};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, Runs, Sink, Tool};

/// Where iperf listens unless told otherwise.
const PORT: u16 = 5001;
/// Begins the heading of -e.
const HEADING: &[u8] =
    b"time,srcaddress,srcport,dstaddr,dstport,transferid,istart,iend,bytes,speed";

/// Whether a line is a row of `-y C`, or its heading.
pub(super) fn is_row(line: &[u8]) -> bool {
    line.starts_with(HEADING)
        || split(line).is_some_and(|(_, rest)| {
            ends(rest).is_some_and(|(_, tail)| values(tail, &Layout::default()).is_some())
        })
}

/// The columns after the speed that a heading names, counted from 0.
#[derive(Debug, Clone, Copy, Default)]
struct Layout {
    retransmits: Option<usize>,
    jitter: Option<usize>,
    lost: Option<usize>,
    packets: Option<usize>,
    direction: Option<Direction>,
}

impl Layout {
    fn of(heading: &[u8]) -> Layout {
        let mut layout = Layout::default();
        let names = heading.get(HEADING.len()..).unwrap_or_default();
        for (at, name) in names.split(|&byte| byte == b',').skip(1).enumerate() {
            match name {
                b"tcpretry" => layout.retransmits = Some(at),
                b"jitter" => layout.jitter = Some(at),
                b"errors" => layout.lost = Some(at),
                b"datagrams" => layout.packets = Some(at),
                b"writecnt" | b"bbcnt" => layout.direction = Some(Direction::Sent),
                b"readcnt" => layout.direction = Some(Direction::Received),
                _ => {}
            }
        }
        layout
    }
}

/// The time stamp's digits and what follows it: addresses and values.
fn split(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let stamp = match line.split_at_checked(6) {
        Some((zone, rest)) if zone.ends_with(b":") && !zone.starts_with(b"2") => rest,
        _ => line,
    };
    let (digits, rest) = stamp.split_at_checked(14)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let rest = match rest.strip_prefix(b".") {
        Some(fraction) => integer(fraction)?.1,
        None => rest,
    };
    Some((digits, rest.strip_prefix(b",")?))
}

/// The two ends of a stream and its number, as one end lists them.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Ends<'a> {
    from: &'a [u8],
    from_port: u16,
    to: &'a [u8],
    to_port: u16,
    id: i64,
}

impl Ends<'_> {
    /// As a row of the other end begins.
    fn swapped(&self) -> Vec<u8> {
        let mut text = self.to.to_vec();
        text.extend(format!(",{},", self.to_port).bytes());
        text.extend(self.from);
        text.extend(format!(",{},{},", self.from_port, self.id).bytes());
        text
    }
}

/// The ends and the values after them.
fn ends(text: &[u8]) -> Option<(Ends<'_>, &[u8])> {
    let mut rest = text;
    let mut field = || {
        let (field, after) = rest.split_at_checked(memchr(b',', rest)?)?;
        rest = after.get(1..)?;
        Some(field)
    };
    let ends = Ends {
        from: field()?,
        from_port: port(field()?)?,
        to: field()?,
        to_port: port(field()?)?,
        id: whole(field()?)?,
    };
    Some((ends, rest))
}

/// A port; sums have `0`, `-1` or `SUM`.
fn port(text: &[u8]) -> Option<u16> {
    match text {
        b"SUM" | b"-1" => Some(0),
        _ => whole(text),
    }
}

/// A row's values.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Values {
    start_s: f64,
    end_s: f64,
    bytes: u64,
    bits_per_second: f64,
    retransmits: Option<u64>,
    jitter_ms: Option<f64>,
    lost: Option<i64>,
    packets: Option<u64>,
    /// Fields after the rate.
    more: usize,
    /// The ends of the interval in one field.
    old: bool,
}

/// The whole number at the front of `text` and what follows it. Rows are short and many, so
/// that this is worth its lines beside [`integer`].
fn digits(text: &[u8]) -> Option<(u64, &[u8])> {
    let mut number: u64 = 0;
    let mut length = 0;
    for &byte in text {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    match length {
        0 => None,
        // So many don't wrap.
        1..=19 => Some((number, text.get(length..)?)),
        _ => integer(text),
    }
}

/// A time of few digits, with one after the point or none.
fn time(text: &[u8]) -> Option<(f64, &[u8])> {
    if let Some((whole, rest)) = digits(text)
        && whole < 1 << 40
    {
        match rest {
            [b'.', tenth @ b'0'..=b'9', after @ ..]
                if !after.first().is_some_and(u8::is_ascii_digit) =>
            {
                let tenths = whole * 10 + u64::from(tenth - b'0');
                return Some((tenths as f64 / 10.0, after));
            }
            [b'.', ..] => {}
            _ => return Some((whole as f64, rest)),
        }
    }
    decimal(text).map(|(number, rest)| (number.value, rest))
}

fn values(text: &[u8], layout: &Layout) -> Option<Values> {
    let (start_s, rest) = time(text)?;
    let (old, rest) = match rest.split_first()? {
        (b'-', rest) => (true, rest),
        (b',', rest) => (false, rest),
        _ => return None,
    };
    let (end_s, rest) = time(rest)?;
    let (bytes, rest) = digits(rest.strip_prefix(b",")?)?;
    let (rate, rest) = digits(rest.strip_prefix(b",")?)?;
    let mut values = Values {
        start_s,
        end_s,
        bytes,
        bits_per_second: rate as f64,
        retransmits: None,
        jitter_ms: None,
        lost: None,
        packets: None,
        more: 0,
        old,
    };
    if rest.is_empty() {
        return Some(values);
    }
    let fields = || {
        rest.strip_prefix(b",")
            .unwrap_or_default()
            .split(|&byte| byte == b',')
    };
    rest.strip_prefix(b",")?;
    values.more = fields().count();
    let layout = if old {
        if values.more != 5 {
            return None;
        }
        Layout {
            jitter: Some(0),
            lost: Some(1),
            packets: Some(2),
            ..Layout::default()
        }
    } else {
        *layout
    };
    let field = |at: Option<usize>| fields().nth(at?);
    values.retransmits = field(layout.retransmits).and_then(whole);
    values.jitter_ms = field(layout.jitter)
        .and_then(decimal)
        .map(|(jitter, _)| jitter.value);
    values.lost = field(layout.lost).and_then(whole);
    // A sender's total says -1.
    values.packets = field(layout.packets).and_then(whole);
    Some(values)
}

/// A stream in the file.
struct Known {
    /// How its rows begin, after the time stamp.
    key: Vec<u8>,
    slot: usize,
    flow: usize,
    /// The stream whose row came after this one's the last time.
    next: usize,
    /// When its first row was printed, in s.
    first: Option<f64>,
}

pub(super) struct Reader<'a> {
    assembly: Assembly<'a>,
    known: Vec<Known>,
    by_key: HashMap<Vec<u8>, usize>,
    latest: usize,
    /// So many known streams are worth a look for what is closed.
    crowd: usize,
    layout: Layout,
    error: Option<String>,
    recognised: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(sink: &'a mut dyn Sink) -> Reader<'a> {
        Reader {
            assembly: Assembly::new(sink),
            known: Vec::new(),
            by_key: HashMap::new(),
            latest: usize::MAX,
            crowd: 64,
            layout: Layout::default(),
            error: None,
            recognised: false,
        }
    }

    /// The stream whose rows begin like `rest`, and the row's values.
    fn recall<'b>(&mut self, rest: &'b [u8]) -> Option<(usize, &'b [u8])> {
        let next = self.known.get(self.latest).map(|known| known.next);
        for at in next.into_iter().chain([self.latest]) {
            if let Some(known) = self.known.get(at)
                && let Some(tail) = rest.strip_prefix(known.key.as_slice())
            {
                return Some((at, tail));
            }
        }
        let mut commas = memchr::memchr_iter(b',', rest);
        let (key, tail) = rest.split_at_checked(commas.nth(4)? + 1)?;
        Some((*self.by_key.get(key)?, tail))
    }

    fn row(&mut self, line: Line<'_>, text: &[u8], warnings: &mut Warnings) -> Option<()> {
        let (stamp, rest) = split(text)?;
        if let Some((at, tail)) = self.recall(rest) {
            let values =
                values(tail, &self.layout).filter(|values| line.ended || whole_row(values))?;
            if self.over(at, stamp, &values) {
                self.forget(at, line.number, warnings);
            } else {
                self.push(at, values, line.number);
                return Some(());
            }
        }
        let (ends, tail) = ends(rest)?;
        let values = values(tail, &self.layout).filter(|values| line.ended || whole_row(values))?;
        let reported = self.by_key.get(&ends.swapped()).copied();
        // Only a UDP server reports to its client; of TCP it is the way back of a full-duplex test.
        if let Some(at) = reported
            && values.jitter_ms.is_some()
            && self.report(at, values, line.number)
        {
            return Some(());
        }
        let key = rest.get(..rest.len() - tail.len())?.to_vec();
        let at = self.add(&ends, key, stamp, &values, line.number, warnings);
        self.push(at, values, line.number);
        Some(())
    }

    /// Whether a stream's run is over: its total was there and it starts again.
    fn over(&mut self, at: usize, stamp: &[u8], values: &Values) -> bool {
        let Some(known) = self.known.get(at) else {
            return false;
        };
        let Some(open) = self.assembly.get(known.slot) else {
            return true;
        };
        if values.start_s != 0.0 {
            return false;
        }
        let Some(flow) = open.flows.get(known.flow) else {
            return false;
        };
        // A total is printed with the last interval, another run's first row later.
        let later = match (known.first, seconds(stamp)) {
            (Some(first), Some(now)) if flow.rows == 1 => {
                now - first >= (values.end_s / 2.0).max(2.0)
            }
            _ => false,
        };
        flow.total.is_some() || flow.report.is_some() || later
    }

    /// Ends a stream's run.
    fn forget(&mut self, at: usize, line: u64, warnings: &mut Warnings) {
        if let Some(slot) = self.known.get(at).map(|known| known.slot) {
            self.assembly.close(slot, line, warnings);
        }
        self.sweep();
    }

    /// Drops the streams of closed runs from time to time, so that there aren't many more than
    /// open ones.
    fn sweep(&mut self) {
        if self.known.len() < self.crowd {
            return;
        }
        let assembly = &mut self.assembly;
        self.known
            .retain(|known| assembly.get(known.slot).is_some());
        self.crowd = 64 + 2 * self.known.len();
        self.by_key = self
            .known
            .iter()
            .enumerate()
            .map(|(at, known)| (known.key.clone(), at))
            .collect();
        self.latest = usize::MAX;
        for known in &mut self.known {
            known.next = usize::MAX;
        }
    }

    /// Takes a row for the other end's report of a stream.
    fn report(&mut self, at: usize, values: Values, line: u64) -> bool {
        let Some(known) = self.known.get(at) else {
            return false;
        };
        let Some(open) = self.assembly.get(known.slot) else {
            return false;
        };
        let Some(flow) = open.flows.get_mut(known.flow) else {
            return false;
        };
        if flow.report.is_some() || values.start_s != 0.0 {
            return false;
        }
        flow.report = Some(measure(values, flow.stream, Direction::Received, line));
        if values.jitter_ms.is_some() {
            open.run.protocol = Some(Protocol::Udp);
        }
        true
    }

    /// A stream that isn't known, in a run that it fits into or a new one.
    fn add(
        &mut self,
        ends: &Ends<'_>,
        key: Vec<u8>,
        stamp: &[u8],
        values: &Values,
        line: u64,
        warnings: &mut Warnings,
    ) -> usize {
        let stream = match u64::try_from(ends.id) {
            Ok(id) => Stream::Id(id),
            Err(_) => Stream::Sum,
        };
        let now = seconds(stamp);
        let began = now.map(|now| now - values.end_s);
        let back = Ends {
            from: ends.to,
            from_port: ends.to_port,
            to: ends.from,
            to_port: ends.from_port,
            ..*ends
        };
        let of = |ends: &Ends<'_>, open: &Open| {
            open.remote.as_slice() == place(ends)
                && (stream == Stream::Sum
                    || open.ports.0 == ends.from_port
                    || open.ports.1 == ends.to_port)
        };
        let latest = || self.assembly.opened().take(64);
        let home = latest().find(|(_, open)| of(ends, open));
        let returns = home.is_none() && values.jitter_ms.is_none() && ends.from != ends.to;
        let home = home.or_else(|| latest().find(|(_, open)| returns && of(&back, open)));
        let mut slot = None;
        if let Some((home, open)) = home {
            let is = |flow: &Flow| flow.stream == stream && flow.starred == returns;
            let taken = open.flows.iter().any(is);
            let late = match (began, open.printed_s) {
                (Some(began), Some(printed)) => began >= printed - 0.5,
                _ => false,
            };
            if taken || late && stream != Stream::Sum {
                self.assembly.close(home, line, warnings);
            } else {
                slot = Some(home);
            }
        }
        let slot = slot.unwrap_or_else(|| {
            let server = ends.from_port == PORT && ends.to_port != PORT;
            let run = Run {
                protocol: Some(Protocol::Tcp),
                role: server.then_some(Role::Server),
                error: self.error.take(),
                line,
                ..Run::default()
            };
            let slot = self.assembly.open(run, line, warnings);
            if let Some(open) = self.assembly.get(slot) {
                open.remote = place(ends);
                open.ports = (ends.from_port, ends.to_port);
            }
            slot
        });
        self.sweep();
        let mut flow = 0;
        if let Some(open) = self.assembly.get(slot) {
            open.printed_s = now.or(open.printed_s);
            let receives = open.run.role == Some(Role::Server) || open.receives;
            let returns = open.has_rows() && open.remote.as_slice() != place(ends);
            let direction = self.layout.direction.unwrap_or(if receives != returns {
                Direction::Received
            } else {
                Direction::Sent
            });
            open.flows.push(Flow::new(stream, returns, Some(direction)));
            flow = open.flows.len() - 1;
        }
        let at = self.known.len();
        self.by_key.insert(key.clone(), at);
        self.known.push(Known {
            key,
            slot,
            flow,
            next: usize::MAX,
            first: now,
        });
        at
    }

    fn push(&mut self, at: usize, values: Values, line: u64) {
        if let Some(latest) = self.known.get_mut(self.latest) {
            latest.next = at;
        }
        self.latest = at;
        let Some(known) = self.known.get(at) else {
            return;
        };
        let (slot, at) = (known.slot, known.flow);
        let Some(open) = self.assembly.get(slot) else {
            return;
        };
        if values.jitter_ms.is_some() {
            open.run.protocol = Some(Protocol::Udp);
            if values.jitter_ms > Some(0.0) && !open.receives {
                receive(open);
            }
        }
        let Some(flow) = open.flows.get(at) else {
            return;
        };
        let direction = flow.direction.unwrap_or(Direction::Sent);
        let measure = measure(values, flow.stream, direction, line);
        self.assembly.row(slot, at, measure);
    }
}

/// Only a receiver sees jitter.
fn receive(open: &mut Open) {
    open.receives = true;
    for flow in &mut open.flows {
        flow.direction = Some(Direction::Received);
    }
    for interval in &mut open.run.intervals {
        interval.direction = Direction::Received;
    }
}

/// Both addresses, in the order of the row.
fn place(ends: &Ends<'_>) -> Vec<u8> {
    [ends.from, b",", ends.to].concat()
}

fn measure(values: Values, stream: Stream, direction: Direction, line: u64) -> Measure {
    Measure {
        interval: Interval {
            start_s: values.start_s,
            end_s: values.end_s,
            bits_per_second: values.bits_per_second,
            bytes: values.bytes,
            retransmits: values.retransmits,
            omitted: false,
            stream,
            direction,
            line,
        },
        step: 1.0,
        jitter_ms: values.jitter_ms,
        lost: values.lost,
        packets: values.packets,
    }
}

/// Whether the last row of a file without a line end is all there: its rate fits its bytes, or
/// what may be cut isn't read.
fn whole_row(values: &Values) -> bool {
    let span = values.end_s - values.start_s;
    let fits = values.bytes as f64 * 8.0 / span.max(0.1) / values.bits_per_second.max(1.0);
    values.old && (values.more == 5 || values.more == 0 && (0.5..2.0).contains(&fits))
}

/// A stamp in seconds since some day; `None` for 1970, which iperf 2.1.8 prints where it has no
/// time.
fn seconds(stamp: &[u8]) -> Option<f64> {
    let part = |from: usize, to: usize| whole::<u32>(stamp.get(from..to)?);
    let (year, month, day) = (part(0, 4)?, part(4, 6)?, part(6, 8)?);
    if year < 1971 {
        return None;
    }
    // Days as if each month had 31: order and short spans within a month are right.
    let days = f64::from(year * 12 + month) * 31.0 + f64::from(day);
    let time = part(8, 10)? * 3600 + part(10, 12)? * 60 + part(12, 14)?;
    Some(days * 86400.0 + f64::from(time))
}

impl LineReader for Reader<'_> {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = line.bytes.trim_ascii();
        if self.row(line, text, warnings).is_some() {
            self.recognised = true;
            return Taken::Read;
        }
        let Some(first) = text.first() else {
            return Taken::Not;
        };
        if text.starts_with(HEADING) && line.ended {
            self.recognised = true;
            self.layout = Layout::of(text);
            return Taken::Read;
        }
        let kind = if is_failure(text) {
            self.error
                .get_or_insert_with(|| String::from_utf8_lossy(text).into_owned());
            WarningKind::ToolError
        } else if !line.ended {
            WarningKind::CutFile
        } else if first.is_ascii_digit() && memchr(b',', text).is_some() {
            WarningKind::Malformed
        } else {
            WarningKind::Noise
        };
        warnings.push(kind, line.number, text);
        Taken::Not
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        if !self.recognised {
            return Document::foreign(Tool::Iperf2, warnings);
        }
        if let Some(error) = self.error.take() {
            let latest = self.assembly.opened().next().map(|(slot, _)| slot);
            let slot = match latest {
                Some(slot) => slot,
                None => self.assembly.open(Run::default(), last, &mut warnings),
            };
            if let Some(open) = self.assembly.get(slot) {
                open.run.error = open.run.error.take().or(Some(error));
            }
        }
        let (runs, measured) = self.assembly.finish(last, &mut warnings);
        let failed = failed(measured, &warnings);
        Document::recognised(
            Tool::Iperf2,
            "csv",
            Runs::Throughput(runs),
            failed,
            warnings,
        )
    }
}
