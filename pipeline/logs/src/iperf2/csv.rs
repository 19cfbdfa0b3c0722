//! `-y C`: a line a row, without a header.
//!
//! ```text
//! 20261123183259,127.0.0.1,43202,127.0.0.1,5001,1,0.0-1.0,4308598844,34468790752
//! ...,0.0-2.0,3130120,10416640,0.092,0,345,0.000,0       UDP: jitter, lost, sent, %, out of order
//! ```
//!
//! Nothing marks where a run ends: the next begins when a stream's number comes with
//! other addresses, or a stream starts again after its total. The other end's report has
//! the addresses swapped. Rows of nine fields are taken for TCP's unless a report says
//! otherwise.

use super::{close, failed, is_failure};
use crate::lines::{Line, Lines};
use crate::number::{decimal, whole};
use crate::rows::{self, Measure, Part, Table};
use crate::throughput::{Direction, Interval, Protocol, Role, Run, Stream};
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Tool};

/// Where iperf listens unless told otherwise.
const PORT: u16 = 5001;

/// Two addresses with their ports, as one end lists them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Ends {
    local: (Vec<u8>, u16),
    remote: (Vec<u8>, u16),
}

impl Ends {
    fn is_swapped(&self, other: &Ends) -> bool {
        self.local == other.remote && self.remote == other.local
    }
}

#[derive(Default)]
struct Parser {
    runs: Vec<Run>,
    table: Table,
    streams: Vec<(Stream, Ends)>,
    warnings: Warnings,
    recognised: bool,
}

/// Whether a line is a row of `-y C`.
pub(crate) fn is_row(line: &[u8]) -> bool {
    record(line).is_some()
}

pub(crate) fn parse(mut lines: Lines<'_>) -> Result<Document, ReadError> {
    let mut parser = Parser::default();
    let mut last = 0;
    while let Some(line) = lines.next()? {
        last = line.number;
        parser.line(line);
    }
    parser.close(last);
    let Parser {
        runs,
        warnings,
        recognised,
        ..
    } = parser;
    if !recognised {
        return Ok(Document::foreign(Tool::Iperf2, warnings));
    }
    let failed = failed(&runs, &warnings);
    Ok(Document::recognised(
        Tool::Iperf2,
        "csv",
        Runs::Throughput(runs),
        failed,
        warnings,
    ))
}

impl Parser {
    fn line(&mut self, line: Line) {
        let text = line.bytes.trim_ascii();
        // The last field of a cut line may be cut.
        match record(text).filter(|_| line.ended) {
            Some((ends, measure)) => {
                self.recognised = true;
                self.record(ends, measure, line.number);
            }
            None if text.is_empty() => {}
            None if !line.ended => self.warnings.push(WarningKind::CutFile, line.number, text),
            None if is_failure(text) => {
                self.warnings
                    .push(WarningKind::ToolError, line.number, text);
                let error = &mut self.table.run.error;
                error.get_or_insert_with(|| String::from_utf8_lossy(text).into_owned());
            }
            None if text.first().is_some_and(u8::is_ascii_digit) => {
                self.warnings
                    .push(WarningKind::Malformed, line.number, text);
            }
            None => self.warnings.push(WarningKind::Noise, line.number, text),
        }
    }

    fn record(&mut self, ends: Ends, mut measure: Measure, line: u64) {
        measure.interval.line = line;
        let stream = measure.interval.stream;
        let known = self.streams.iter().find(|(id, _)| *id == stream);
        let report = known.is_some_and(|(_, known)| ends.is_swapped(known));
        let total = |row: &&Measure| row.interval.stream == stream && row.interval.start_s == 0.0;
        let again =
            measure.interval.start_s == 0.0 && self.table.rows().iter().filter(total).count() > 1;
        let other = stream != Stream::Sum && known.is_some_and(|(_, known)| *known != ends);
        if !report && (again || other) {
            self.close(line);
        }
        if self.table.is_empty() {
            self.table.run.line = line;
            self.table.run.role = if ends.local.1 == PORT {
                Some(Role::Server)
            } else {
                None
            };
            self.table.run.protocol = Some(Protocol::Tcp);
        }
        if measure.jitter_ms.is_some() {
            self.table.run.protocol = Some(Protocol::Udp);
        }
        if report {
            measure.part = Part::Receiver;
            measure.interval.direction = Direction::Received;
        } else {
            measure.interval.direction = rows::direction(self.table.run.role, false);
            if !self.streams.iter().any(|(id, _)| *id == stream) {
                self.streams.push((stream, ends));
            }
        }
        self.table.push(measure);
    }

    fn close(&mut self, line: u64) {
        self.streams.clear();
        close(
            std::mem::take(&mut self.table),
            line,
            &mut self.runs,
            &mut self.warnings,
        );
    }
}

fn record(line: &[u8]) -> Option<(Ends, Measure)> {
    let mut fields = line.split(|&byte| byte == b',');
    let mut next = || fields.next();
    let (stamp, rest) = line.split_at_checked(14)?;
    if !stamp.iter().all(u8::is_ascii_digit) || rest.first().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    next()?;
    let local = (next()?.to_vec(), whole(next()?)?);
    let remote = (next()?.to_vec(), whole(next()?)?);
    let stream = match whole::<i64>(next()?)? {
        id @ 0.. => Stream::Id(id.unsigned_abs()),
        _ => Stream::Sum,
    };
    let (start, end) = decimal(next()?)?;
    let (end, _) = decimal(end.strip_prefix(b"-")?)?;
    let bytes = whole(next()?)?;
    let (rate, _) = decimal(next()?)?;
    let jitter = next().and_then(decimal);
    let lost = next().and_then(whole);
    let packets = next()
        .and_then(whole::<i64>)
        .and_then(|packets| u64::try_from(packets).ok());
    let interval = Interval {
        start_s: start.value,
        end_s: end.value,
        bits_per_second: rate.value,
        bytes,
        retransmits: None,
        omitted: false,
        stream,
        direction: Direction::Sent,
        line: 0,
    };
    let jitter_ms = jitter.map(|(jitter, _)| jitter.value);
    Some((
        Ends { local, remote },
        Measure {
            interval,
            part: Part::Unmarked,
            backwards: false,
            jitter_ms,
            lost,
            packets,
        },
    ))
}
