//! ping: iputils, busybox and BSD by one grammar (`unix`), Windows in any language by
//! the structure of its lines (`windows`).

mod unix;
mod windows;

use memchr::memmem::find;
use serde::{Serialize, Serializer};

use crate::lines::{Line, Lines, without_escapes};
use crate::number::Decimal;
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Runs, Sink, Tool};

/// One run of ping: from its header (or first reply) to its summary.
///
/// Counts are the summary's where there is one, else counted from the lines. Windows
/// counts answers of routers (`Destination host unreachable`) as received.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// What was pinged, as given to ping; without a header, who answered.
    pub destination: Option<String>,
    /// Requests sent; only a summary says.
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

/// A round-trip time as printed.
#[derive(Debug, Clone, Copy)]
struct Rtt {
    printed: Decimal,
    /// Printed with `<`.
    bound: bool,
}

/// The counts of a summary.
#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    transmitted: u64,
    received: u64,
    duplicates: Option<u64>,
    errors: Option<u64>,
}

/// An answer.
#[derive(Debug, Clone, Copy)]
struct Reply<'a> {
    from: &'a [u8],
    sequence: Option<u64>,
    rtt: Option<Rtt>,
    /// Marked as such.
    duplicate: bool,
    /// The dialect, where the line's form gives it away.
    dialect: Option<&'static str>,
}

/// What a line says; the dialects' common language.
enum Event<'a> {
    /// A run begins.
    Header {
        destination: Option<&'a [u8]>,
        dialect: &'static str,
    },
    /// An answer. `rest` is what follows it on the same line, if that looks like
    /// another line joined to it.
    Reply {
        reply: Reply<'a>,
        rest: &'a [u8],
    },
    /// An error instead of an answer.
    Error,
    /// The name in the summary's first line.
    Statistics(&'a [u8]),
    Counts(Counts),
    Summary(Summary),
    /// The tool can't do what it was asked to.
    Fatal,
    /// The clock went backwards, says the tool.
    Clock,
    /// The tool's own, with nothing to record (`no answer yet`, dots, `^C`).
    Known,
    /// Looks like a line of ping and can't be read.
    Malformed,
    /// Not ping's.
    Foreign,
}

/// A run while its lines come in.
#[derive(Default)]
struct Open {
    run: Run,
    counts: Option<Counts>,
    replies: u64,
    duplicates: u64,
    errors: u64,
    least: Option<Decimal>,
    greatest: Option<Decimal>,
    last_sequence: Option<u64>,
    headed: bool,
    line: u64,
}

#[derive(Default)]
struct Parser {
    runs: Vec<Run>,
    open: Option<Open>,
    warnings: Warnings,
    dialect: &'static str,
    unix: unix::Grammar,
    last_stamp: f64,
    recognised: bool,
}

/// The format of ping.
pub(crate) struct Ping;

impl Format for Ping {
    fn vote(&self, line: &[u8]) -> u32 {
        let has = |word: &str| find(line, word.as_bytes()).is_some();
        let starts = |word: &str| line.starts_with(word.as_bytes());
        let surely = has(" bytes from ") && has("seq=")
            || has("packets transmitted, ")
            || has(" ping statistics ---")
            || has("--- ping statistics")
            || has("rtt min/avg/max")
            || has("round-trip min/avg/max")
            || starts("PING ") && has("bytes")
            || starts("PING6(")
            || has("TTL=") && (has("ms") || has("мс"));
        if surely {
            return 3;
        }
        let perhaps = (has("Ping") || has("ping"))
            && line.ends_with(b":")
            && line.iter().any(u8::is_ascii_digit)
            || has("no answer yet for icmp_seq=")
            || has("Request timeout for icmp_seq")
            || starts("ping: ")
            || starts("ping6: ")
            || starts("Ping request could not");
        u32::from(perhaps) * 2
    }

    fn parse(&self, lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        parse(lines)
    }
}

fn parse(mut lines: Lines<'_>) -> Result<Document, ReadError> {
    let mut parser = Parser::default();
    let mut last = 0;
    while let Some(line) = lines.next()? {
        last = line.number;
        parser.line(line);
    }
    Ok(parser.finish(last))
}

impl Parser {
    fn line(&mut self, line: Line) {
        match self.classify(line.bytes) {
            Event::Foreign => match without_escapes(line.bytes) {
                Some(plain) => {
                    let event = self.classify(&plain);
                    self.apply(
                        event,
                        Line {
                            bytes: &plain,
                            ..line
                        },
                    );
                }
                None => self.apply(Event::Foreign, line),
            },
            event => self.apply(event, line),
        }
    }

    fn classify<'a>(&self, bytes: &'a [u8]) -> Event<'a> {
        match self.unix.classify(unix::without_stamp(bytes).1) {
            Event::Foreign => windows::classify(bytes, self.open.is_some()),
            event => event,
        }
    }

    fn apply(&mut self, event: Event, line: Line) {
        let number = line.number;
        self.recognised |= !matches!(event, Event::Foreign | Event::Known);
        match event {
            Event::Header {
                destination,
                dialect,
            } => {
                self.close(number);
                self.dialect = dialect;
                let destination =
                    destination.map(|name| String::from_utf8_lossy(name).into_owned());
                let run = Run {
                    destination,
                    ..Run::default()
                };
                self.open = Some(Open {
                    run,
                    headed: true,
                    line: number,
                    ..Open::default()
                });
            }
            // Cut before the time's unit: the digits may be cut too.
            Event::Reply {
                reply: Reply { rtt: None, .. },
                ..
            }
            | Event::Malformed
            | Event::Error
                if !line.ended =>
            {
                self.warnings.push(WarningKind::CutFile, number, line.bytes);
            }
            Event::Foreign if !line.ended && self.open.is_some() => {
                self.warnings.push(WarningKind::CutFile, number, line.bytes);
            }
            Event::Malformed => self
                .warnings
                .push(WarningKind::Malformed, number, line.bytes),
            Event::Reply { reply, rest } => {
                self.stamp(line);
                self.reply(reply, line);
                if !rest.is_empty() {
                    self.warnings
                        .push(WarningKind::JoinedLines, number, line.bytes);
                    self.line(Line {
                        bytes: rest,
                        ..line
                    });
                }
            }
            Event::Error => {
                self.stamp(line);
                self.opened(number).errors += 1;
            }
            Event::Statistics(name) => {
                let open = self.opened(number);
                if !name.is_empty() && !open.headed {
                    open.run.destination = Some(String::from_utf8_lossy(name).into_owned());
                }
            }
            Event::Counts(counts) => {
                if self.open.as_ref().is_some_and(|open| open.counts.is_some()) {
                    self.close(number);
                }
                self.opened(number).counts = Some(counts);
            }
            Event::Summary(summary) => {
                // Only busybox has the colon of BSD and no deviation.
                if self.dialect == "bsd" && summary.mdev_ms.is_none() {
                    self.dialect = "busybox";
                }
                self.opened(number).run.summary = Some(summary);
            }
            Event::Fatal => self
                .warnings
                .push(WarningKind::ToolError, number, line.bytes),
            Event::Clock => self
                .warnings
                .push(WarningKind::ClockStep, number, line.bytes),
            Event::Known => {
                self.stamp(line);
            }
            Event::Foreign => self.warnings.push(WarningKind::Noise, number, line.bytes),
        }
    }

    fn opened(&mut self, line: u64) -> &mut Open {
        self.open.get_or_insert_with(|| Open {
            line,
            ..Open::default()
        })
    }

    fn stamp(&mut self, line: Line) {
        let (Some(stamp), _) = unix::without_stamp(line.bytes) else {
            return;
        };
        if stamp < self.last_stamp {
            self.warnings
                .push(WarningKind::ClockStep, line.number, line.bytes);
        }
        self.last_stamp = stamp;
    }

    fn reply(&mut self, reply: Reply, line: Line) {
        let Reply {
            from,
            sequence,
            rtt,
            duplicate,
            dialect,
        } = reply;
        if let Some(dialect) = dialect
            && (self.dialect.is_empty() || self.dialect == "bsd")
        {
            self.dialect = dialect;
        }
        if self.open.as_ref().is_some_and(|open| open.counts.is_some()) {
            self.close(line.number);
        }
        let number = line.number;
        let open = self.open.get_or_insert_with(|| Open {
            line: number,
            ..Open::default()
        });
        if open.run.destination.is_none() && !open.headed {
            open.run.destination = Some(String::from_utf8_lossy(from).into_owned());
        }
        if let Some(Rtt { printed, .. }) = rtt {
            let step = 0.1_f64.powi(printed.places.min(20) as i32);
            open.run.step_ms = open.run.step_ms.max(step);
            open.least = open
                .least
                .filter(|least| least.value <= printed.value)
                .or(Some(printed));
            open.greatest = open
                .greatest
                .filter(|greatest| greatest.value >= printed.value)
                .or(Some(printed));
        }
        if duplicate {
            open.duplicates += 1;
            return;
        }
        open.replies += 1;
        if let Some(sequence) = sequence {
            match open.last_sequence {
                Some(last) if last == sequence => {
                    self.warnings
                        .push(WarningKind::Duplicate, line.number, line.bytes);
                }
                // The counter has 16 bits; a step back over most of its range is the wrap.
                Some(last) if last > sequence.saturating_add(32768) => {
                    self.warnings
                        .push(WarningKind::WrappedSequence, line.number, line.bytes);
                }
                Some(last) if last > sequence => {
                    self.warnings
                        .push(WarningKind::Reordered, line.number, line.bytes);
                }
                _ => {}
            }
            open.last_sequence = Some(sequence);
        }
        let Some(rtt) = rtt else { return };
        if rtt.bound {
            open.run
                .censored
                .push(u32::try_from(open.run.rtt_ms.len()).unwrap_or(u32::MAX));
        }
        open.run.rtt_ms.push(rtt.printed.value);
        open.run
            .lines
            .push(u32::try_from(line.number).unwrap_or(u32::MAX));
        if let Some(sequence) = sequence {
            open.run
                .sequence
                .push(u32::try_from(sequence).unwrap_or(u32::MAX));
        }
    }

    fn close(&mut self, line: u64) {
        let Some(mut open) = self.open.take() else {
            return;
        };
        let lines = format!("lines {} to {line}: ", open.line);
        let mut warn = |kind, text: String| self.warnings.push(kind, line, lines.clone() + &text);
        let run = &mut open.run;
        if !run.censored.is_empty() {
            warn(
                WarningKind::Censored,
                format!(
                    "{} of {} times are only upper bounds",
                    run.censored.len(),
                    run.rtt_ms.len()
                ),
            );
        }
        if run.step_ms >= 1.0 && run.censored.len() < run.rtt_ms.len() {
            warn(
                WarningKind::Quantised,
                format!("times printed in steps of {} ms", run.step_ms),
            );
        }
        let Some(counts) = open.counts else {
            warn(
                WarningKind::CutFile,
                "no summary: ping was killed or the log cut".to_owned(),
            );
            (run.received, run.duplicates, run.errors) =
                (open.replies, open.duplicates, open.errors);
            self.runs.push(open.run);
            return;
        };
        if run.summary.is_none() && !run.rtt_ms.is_empty() {
            warn(
                WarningKind::CutFile,
                "the summary has no times: the log is cut".to_owned(),
            );
        }
        run.transmitted = Some(counts.transmitted);
        run.received = counts.received;
        run.duplicates = counts.duplicates.unwrap_or(open.duplicates);
        run.errors = counts.errors.unwrap_or(open.errors);
        // Quiet and flood runs print no replies; Windows counts errors as received.
        let printed = open.replies + open.errors > 0;
        let expected = [
            open.replies,
            open.replies
                + if self.dialect == "windows" {
                    open.errors
                } else {
                    0
                },
        ];
        if printed && !expected.contains(&run.received) {
            warn(
                WarningKind::SummaryDisagrees,
                format!(
                    "summary has {} received, {} replies are in the log",
                    run.received, open.replies
                ),
            );
        } else if let (Some(summary), Some(least), Some(greatest)) =
            (run.summary, open.least, open.greatest)
        {
            // A time is printed with fewer digits than the summary, rounded or cut.
            let off = |value: f64, printed: Decimal| {
                (value - printed.value).abs() > 0.1_f64.powi(printed.places.min(20) as i32) * 1.001
            };
            if open.replies + open.duplicates >= run.received
                && (off(summary.min_ms, least) || off(summary.max_ms, greatest))
            {
                warn(
                    WarningKind::SummaryDisagrees,
                    format!(
                        "summary has {} to {} ms, the replies {} to {} ms",
                        summary.min_ms, summary.max_ms, least.value, greatest.value
                    ),
                );
            }
        }
        self.runs.push(open.run);
    }

    fn finish(mut self, last: u64) -> Document {
        self.close(last);
        let fatal = self.warnings.count(WarningKind::ToolError) > 0;
        if self.runs.is_empty() && !self.recognised {
            return Document::foreign(Tool::Ping, self.warnings);
        }
        // With an answer or a summary the tool did its work; an error line beside it is
        // a packet that could not be sent.
        let failed = self.runs.is_empty() && fatal;
        let dialect = if self.dialect.is_empty() {
            "other"
        } else {
            self.dialect
        };
        Document::recognised(
            Tool::Ping,
            dialect,
            Runs::Ping(self.runs),
            failed,
            self.warnings,
        )
    }
}
