//! sysbench's summary, of versions 0.4, 0.5 and 1.0.
//!
//! ```text
//! sysbench 1.0.20 (using system LuaJIT 2.1.0-beta3)
//! CPU speed:
//!     events per second:  1191.47
//! General statistics:
//!     total time:                          1.0092s
//! Latency (ms):
//!          95th percentile:                       12.30
//! Threads fairness:
//!     execution time (avg/stddev):   1.0078/0.00
//! ```
//!
//! A measure is named by its section and its line (`Latency: avg`); what is in brackets after
//! a count is a measure of its own (`transactions: per second`). Interim reports and histograms are
//! skipped. The mean latency is checked against the sum and the number of events; where they
//! differ, both are kept.

use memchr::memmem::find;

use crate::account::{self, LineReader, Taken};
use crate::benchmark::{self, Open, Unit, close, document, name, scaled, unit};
use crate::lines::{Line, Lines};
use crate::number::{Decimal, decimal};
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Sink, Tool};

/// The format of sysbench.
pub(crate) struct Sysbench;

impl Format for Sysbench {
    fn vote(&self, line: &[u8]) -> u32 {
        const SURE: [&[u8]; 8] = [
            b"Running the test with following options:",
            b"Threads fairness:",
            b"events (avg/stddev):",
            b"execution time (avg/stddev):",
            b"total number of events:",
            b"Test execution summary:",
            b"OLTP test statistics:",
            b"Initializing worker threads...",
        ];
        let is = is_heading(line) || SURE.iter().any(|start| line.starts_with(start));
        u32::from(is) * 3
    }

    fn parse(&self, lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        account::read(lines, Reader::default())
    }
}

/// `sysbench 1.0.12 (using ...`, `sysbench 0.5:  multi-threaded ...`.
fn is_heading(line: &[u8]) -> bool {
    line.strip_prefix(b"sysbench ")
        .and_then(decimal)
        .is_some_and(|(_, rest)| {
            find(rest, b"(using ").is_some() || find(rest, b"multi-threaded").is_some()
        })
}

#[derive(Default)]
struct Reader {
    runs: Vec<benchmark::Run>,
    open: Option<Open>,
    /// The sections that a line is in, the innermost last.
    sections: Vec<Section>,
    /// The threads have started: what comes is no setting any more.
    started: bool,
    recognised: bool,
}

/// `Latency (ms):` and what is indented more.
struct Section {
    indent: usize,
    name: String,
    /// The unit in its heading.
    unit: Option<(Unit, f64)>,
}

impl Reader {
    fn begin(&mut self, line: u64, warnings: &mut Warnings) {
        self.recognised = true;
        if let Some(open) = self.open.replace(Open::at(line)) {
            close(open, line, &mut self.runs, warnings);
        }
        self.sections.clear();
        self.started = false;
    }

    fn test(&mut self, test: &str) {
        if let Some(open) = &mut self.open {
            open.run.test.get_or_insert_with(|| test.to_owned());
        }
    }

    /// A line inside of a test; whether anything was read.
    fn inside(&mut self, text: &[u8], line: Line<'_>, warnings: &mut Warnings) -> bool {
        for (start, test) in TESTS {
            if text.starts_with(start) {
                self.test(test);
            }
        }
        let number = line.number;
        let Some(open) = &mut self.open else {
            return false;
        };
        if free(open, text, number) {
            return true;
        }
        let Some(colon) = text.iter().position(|&byte| byte == b':') else {
            return false;
        };
        let (Some(key), Some(value)) = (text.get(..colon), text.get(colon + 1..)) else {
            return false;
        };
        let value = value.trim_ascii();
        let space = |byte: &&u8| byte.is_ascii_whitespace();
        let indent = line.bytes.iter().take_while(space).count();
        while (self.sections.last()).is_some_and(|section| section.indent >= indent) {
            self.sections.pop();
        }
        if value.is_empty() {
            let heading = key.strip_suffix(b")").and_then(|heading| {
                let at = heading.iter().rposition(|&byte| byte == b'(')?;
                Some((heading.get(..at)?, unit(heading.get(at + 1..)?)?))
            });
            if self.sections.len() < 8 {
                self.sections.push(Section {
                    indent,
                    name: name(heading.map_or(key, |(key, _)| key)),
                    unit: heading.map(|(_, unit)| unit),
                });
            }
            return false;
        }
        let inner = self.sections.last();
        let section = inner.map_or("", |section| section.name.as_str());
        let of_section = inner.and_then(|section| section.unit);
        if !self.started && !SECTIONS.contains(&section) {
            open.parameter(key, value);
            return true;
        }
        let section = match section {
            "General statistics"
            | "Test execution summary"
            | "CPU speed"
            | "SQL statistics"
            | "OLTP test statistics" => "",
            section => section,
        };
        let label = |key: &[u8]| match section {
            "" => name(key),
            section => format!("{section}: {}", name(key)),
        };
        // `events (avg/stddev): 1850.6875/38.82`
        if let Some(key) = key.strip_suffix(b"(avg/stddev)") {
            let Some((mean, rest)) = decimal(value) else {
                return false;
            };
            let deviation = rest.strip_prefix(b"/").and_then(decimal);
            let time = find(key, b"time").is_some();
            let unit = if time { Unit::Seconds } else { Unit::One };
            open.measure(format!("{}: avg", label(key)), mean.value, unit, number);
            if let Some((deviation, _)) = deviation {
                let name = format!("{}: stddev", label(key));
                open.measure(name, deviation.value, unit, number);
                open.complete |= time;
            }
            return true;
        }
        let Some((first, rest)) = decimal(value) else {
            return false;
        };
        let printed = rest
            .iter()
            .position(u8::is_ascii_whitespace)
            .map_or(rest, |end| rest.get(..end).unwrap_or(rest));
        let (key, of_key) = unit_of(key);
        let (unit, factor) = unit(printed).or(of_key).or(of_section).unwrap_or_else(|| {
            let rate = key.ends_with(b"per second") || key.ends_with(b"/s");
            let time = key.starts_with(b"total time taken");
            let unit = if rate {
                Unit::PerSecond
            } else if time {
                Unit::Seconds
            } else {
                Unit::One
            };
            (unit, 1.0)
        });
        open.measure(label(key), scaled(first, factor), unit, number);
        if let Some(rate) = bracketed(rest) {
            let name = format!("{}: per second", label(key));
            open.measure(name, rate.value, Unit::PerSecond, number);
        }
        if label(key) == "Latency: sum" {
            check(open, number, warnings);
        }
        true
    }
}

/// Sections whose lines are measures even before the threads have started (cut logs).
const SECTIONS: [&str; 12] = [
    "CPU speed",
    "General statistics",
    "Test execution summary",
    "per-request statistics",
    "response time",
    "Latency",
    "Threads fairness",
    "File operations",
    "Throughput",
    "SQL statistics",
    "OLTP test statistics",
    "queries performed",
];

/// Lines that tell the test.
const TESTS: [(&[u8], &str); 13] = [
    (b"Prime numbers limit:", "cpu"),
    (b"Maximum prime number checked", "cpu"),
    (b"Doing CPU performance benchmark", "cpu"),
    (b"Running memory speed test", "memory"),
    (b"Doing memory operations speed test", "memory"),
    (b"Extra file open flags:", "fileio"),
    (b"Doing thread subsystem performance test", "threads"),
    (b"Doing mutex performance test", "mutex"),
    (b"Doing OLTP test", "oltp"),
    (b"OLTP test statistics:", "oltp"),
    (b"SQL statistics:", "oltp"),
    (b"File operations:", "fileio"),
    (b"CPU speed:", "cpu"),
];

/// `read, MiB/s` as `read` and its unit.
fn unit_of(key: &[u8]) -> (&[u8], Option<(Unit, f64)>) {
    let comma = key.iter().rposition(|&byte| byte == b',');
    let parts = comma.and_then(|at| Some((key.get(..at)?, unit(key.get(at + 1..)?.trim_ascii())?)));
    match parts {
        Some((key, unit)) => (key, Some(unit)),
        None => (key, None),
    }
}

/// The number in `(986.49 per sec.)`.
fn bracketed(rest: &[u8]) -> Option<Decimal> {
    let inner = rest.trim_ascii_start().strip_prefix(b"(")?;
    let (rate, rest) = decimal(inner)?;
    let rest = rest.trim_ascii_start();
    (rest.starts_with(b"per sec") || rest.starts_with(b"ops/sec")).then_some(rate)
}

/// Measures that aren't a name, a colon and a number.
fn free(open: &mut Open, text: &[u8], line: u64) -> bool {
    // `1024.00 MiB transferred (2175.90 MiB/sec)`
    if let Some((amount, rest)) = decimal(text)
        && let Some((word, rest)) = word(rest)
        && let Some((of, factor)) = unit(word)
        && let Some(rest) = rest.trim_ascii_start().strip_prefix(b"transferred (")
    {
        open.measure("transferred", scaled(amount, factor), of, line);
        rate(open, "transferred: per second", rest, line);
        return true;
    }
    // `1000.04 Requests/sec executed`
    if let Some((rate, rest)) = decimal(text)
        && rest.trim_ascii() == b"Requests/sec executed"
    {
        open.measure(
            "Requests executed: per second",
            rate.value,
            Unit::PerSecond,
            line,
        );
        return true;
    }
    // `Total operations: 1048576 (2228125.82 per second)`, 0.4: `Operations performed: 1 (2 ops/sec)`
    for key in ["Total operations:", "Operations performed:"] {
        if let Some(rest) = text.strip_prefix(key.as_bytes())
            && let Some((count, rest)) = decimal(rest.trim_ascii_start())
        {
            let name = key.trim_end_matches(':');
            if let Some(rate) = bracketed(rest) {
                open.measure(name, count.value, Unit::One, line);
                let name = format!("{name}: per second");
                open.measure(name, rate.value, Unit::PerSecond, line);
                return true;
            }
            // `6000 Read, 4000 Write, 12800 Other = 22800 Total`
            let all = text.get(key.len()..).unwrap_or_default();
            for part in all.split(|&byte| byte == b',' || byte == b'=') {
                if let Some((count, what)) = decimal(part.trim_ascii()) {
                    let what = format!("{name}: {}", benchmark::name(what));
                    open.measure(what, count.value, Unit::One, line);
                }
            }
            return true;
        }
    }
    // `Read 93.75Mb  Written 62.5Mb  Total transferred 156.25Mb  (15.6Mb/sec)`
    if text.starts_with(b"Read ") && find(text, b"Total transferred ").is_some() {
        for key in ["Read ", "Written ", "Total transferred "] {
            let amount = find(text, key.as_bytes())
                .and_then(|at| decimal(text.get(at + key.len()..)?.trim_ascii_start()))
                .and_then(|(number, rest)| Some((number, word(rest)?.0)))
                .and_then(|(number, word)| Some((number, unit(word)?)));
            if let Some((number, (unit, factor))) = amount {
                open.measure(key.trim_end(), scaled(number, factor), unit, line);
            }
        }
        if let Some(at) = text.iter().rposition(|&byte| byte == b'(') {
            let rest = text.get(at + 1..).unwrap_or_default();
            rate(open, "Total transferred: per second", rest, line);
        }
        return true;
    }
    false
}

/// `2175.90 MiB/sec)`.
fn rate(open: &mut Open, name: &str, text: &[u8], line: u64) {
    if let Some((number, rest)) = decimal(text)
        && let Some(rest) = rest.trim_ascii().strip_suffix(b")")
        && let Some((unit, factor)) = unit(rest)
    {
        open.measure(name, scaled(number, factor), unit, line);
    }
}

fn word(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.trim_ascii_start();
    let end = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(text.len());
    text.split_at_checked(end)
}

/// Warns of a mean that isn't the sum through the number.
fn check(open: &Open, line: u64, warnings: &mut Warnings) {
    let value = |name| {
        open.latest(name)
            .map(|measure: &benchmark::Measure| measure.value)
    };
    if let (Some(sum), Some(mean), Some(events)) = (
        value("Latency: sum"),
        value("Latency: avg"),
        value("total number of events"),
    ) && events > 0.0
        && (sum / events - mean).abs() > 0.000_005_1 + 0.000_005_1 / events
    {
        let text = format!("{events} events of {mean} s don't add up to {sum} s");
        warnings.push(WarningKind::SummaryDisagrees, line, text);
    }
}

impl LineReader for Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = line.bytes.trim_ascii();
        if text.is_empty() {
            return Taken::Not;
        }
        if is_heading(text) && line.ended {
            self.begin(line.number, warnings);
            return Taken::Read;
        }
        let fatal = [
            &b"FATAL: "[..],
            b"PANIC: ",
            b"invalid option: ",
            b"Cannot find benchmark",
        ];
        if fatal.iter().any(|start| text.starts_with(start)) {
            self.recognised = true;
            warnings.push(WarningKind::ToolError, line.number, text);
            return Taken::Not;
        }
        if Sysbench.vote(text) > 0 && self.open.is_none() {
            self.begin(line.number, warnings);
        }
        if self.open.is_none() {
            let kind = if line.ended {
                WarningKind::Noise
            } else {
                WarningKind::CutFile
            };
            warnings.push(kind, line.number, text);
            return Taken::Not;
        }
        if !line.ended && find(text, b": ").is_some() {
            // The last number may be cut.
            warnings.push(WarningKind::CutFile, line.number, text);
            return Taken::Not;
        }
        if text.starts_with(b"ALERT: ") || text.starts_with(b"WARNING: ") {
            warnings.push(WarningKind::Noise, line.number, text);
            return Taken::Not;
        }
        let over = self.open.as_ref().is_some_and(|open| open.complete);
        if over {
            warnings.push(WarningKind::Noise, line.number, text);
            return Taken::Not;
        }
        self.started |= text.starts_with(b"Threads started!");
        // `[ 2s ] thds: 16 tps: ...`, and `0.214 |****   14` of a histogram.
        let interim = text.starts_with(b"[") || find(text, b" |").is_some();
        if !interim && self.inside(text, line, warnings) {
            return Taken::Read;
        }
        Taken::Not
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        if !self.recognised {
            return Document::foreign(Tool::Sysbench, warnings);
        }
        if let Some(open) = self.open {
            close(open, last, &mut self.runs, &mut warnings);
        }
        document(Tool::Sysbench, "text", self.runs, warnings)
    }
}
