//! sockperf's summary of ping-pong, under-load, throughput and playback.
//!
//! ```text
//! sockperf: == version #3.7-no.git ==
//! sockperf: [Valid Duration] RunTime=29.549 sec; SentMessages=304768; ReceivedMessages=304768
//! sockperf: ====> avg-latency=48.444 (std-dev=3.239)
//! sockperf: Summary: Latency is 48.444 usec
//! sockperf: ---> percentile 99.000 =   57.111
//! sockperf: Summary: BandWidth is 1.030 MBps (8.243 Mbps)
//! ```
//!
//! Bandwidth is read from its megabytes, which are 2^20 bytes; sockperf's GBps are 1000 of them
//! (with nine digits, those of --increase_output_precision, it writes GBps and means MBps).
//! Of a `--full-log` file the summary is read, the messages are skipped.

use memchr::memmem::find;

use crate::account::{self, LineReader, Taken};
use crate::benchmark::{self, Open, Unit, close, document};
use crate::lines::{Line, Lines, without_escapes};
use crate::number::{Decimal, decimal};
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Sink, Tool};

/// The format of sockperf.
pub(crate) struct Sockperf;

impl Format for Sockperf {
    fn vote(&self, line: &[u8]) -> u32 {
        let is = line.starts_with(b"sockperf: ") || line.starts_with(b"sockperf[");
        u32::from(is) * 3
    }

    fn parse(&self, lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        account::read(lines, Reader::default())
    }
}

#[derive(Default)]
struct Reader {
    runs: Vec<benchmark::Run>,
    open: Option<Open>,
    /// The rows of --full-log, or a list of connections.
    list: bool,
    recognised: bool,
}

impl Reader {
    fn begin(&mut self, line: u64, warnings: &mut Warnings) {
        if let Some(open) = self.open.replace(Open::at(line)) {
            close(open, line, &mut self.runs, warnings);
        }
    }

    fn said(&mut self, said: &[u8], line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let number = line.number;
        let measured = (self.open.as_ref()).is_some_and(|open| !open.run.measures.is_empty());
        if said.starts_with(b"== version #") || said.starts_with(b"[Total Run]") && measured {
            self.begin(number, warnings);
        }
        if said.starts_with(b"== version #") {
            return Taken::Read;
        }
        let failure = [&b"ERROR: "[..], b"No messages were received", b"error: "];
        if failure.iter().any(|start| said.starts_with(start)) {
            warnings.push(WarningKind::ToolError, number, said);
            return Taken::Not;
        }
        if !line.ended {
            // The last number may be cut.
            warnings.push(WarningKind::CutFile, number, said);
            return Taken::Not;
        }
        let open = self.open.get_or_insert_with(|| Open::at(number));
        let before = open.run.measures.len();
        if let Some(rest) = said.strip_prefix(b"[Total Run]") {
            pairs(open, "Total Run", rest, number);
        } else if let Some(rest) = said.strip_prefix(b"[Valid Duration]") {
            pairs(open, "Valid Duration", rest, number);
        } else if let Some(rest) = said.strip_prefix(b"====> ") {
            means(open, rest, number);
        } else if said.starts_with(b"# dropped messages") {
            for part in said.split(|&byte| byte == b';') {
                let part = part.trim_ascii();
                let part = part.strip_prefix(b"# ").unwrap_or(part);
                assign(open, part, Unit::One, number);
            }
        } else if let Some(rest) = said.strip_prefix(b"---> ") {
            if let Some((name, value)) = split(rest)
                && let Some((value, _)) = decimal(value)
            {
                let value = benchmark::scaled(value, 1e-6);
                open.measure(benchmark::name(name), value, Unit::Seconds, number);
                open.complete |= name.starts_with(b"<MIN>");
            }
        } else if let Some(rest) = said.strip_prefix(b"Summary: ") {
            summary(open, rest, number, warnings);
        } else if let Some(rest) = said.strip_prefix(b"Total ") {
            total(open, rest, number);
        } else {
            return Taken::Not;
        }
        if open.run.measures.len() > before {
            return Taken::Read;
        }
        Taken::Not
    }
}

/// `RunTime=29.549 sec; Warm up time=400 msec; SentMessages=304768`.
fn pairs(open: &mut Open, section: &str, text: &[u8], line: u64) {
    for part in text.split(|&byte| byte == b';') {
        let Some((name, value)) = split(part) else {
            continue;
        };
        let Some((number, rest)) = decimal(value) else {
            continue;
        };
        let (unit, factor) = benchmark::unit(rest.trim_ascii()).unwrap_or((Unit::One, 1.0));
        let name = format!("{section}: {}", benchmark::name(name));
        open.measure(name, benchmark::scaled(number, factor), unit, line);
    }
}

/// `avg-latency=48.444 (std-dev=3.239, mean-ad=2.1, cv=0.067, 99.0% ci=[48.4, 48.5])`, in µs.
fn means(open: &mut Open, text: &[u8], line: u64) {
    for part in text.split(|byte| b"(,) ".contains(byte)) {
        let Some((name, _)) = split(part) else {
            continue;
        };
        let ratio = name == b"cv";
        let unit = if ratio { Unit::One } else { Unit::Seconds };
        assign(open, part, unit, line);
    }
}

fn assign(open: &mut Open, text: &[u8], unit: Unit, line: u64) {
    if let Some((name, value)) = split(text)
        && let Some((number, _)) = decimal(value)
    {
        let value = match unit {
            Unit::Seconds => benchmark::scaled(number, 1e-6),
            _ => number.value,
        };
        open.measure(benchmark::name(name), value, unit, line);
    }
}

fn split(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = text.iter().position(|&byte| byte == b'=')?;
    Some((
        text.get(..at)?.trim_ascii(),
        text.get(at + 1..)?.trim_ascii(),
    ))
}

/// What follows `Summary: `.
fn summary(open: &mut Open, text: &[u8], line: u64, warnings: &mut Warnings) {
    let after = |start: &str| text.strip_prefix(start.as_bytes()).and_then(decimal);
    for start in ["Latency is ", "Round trip is "] {
        let Some((value, rest)) = after(start) else {
            continue;
        };
        if rest.trim_ascii() != b"usec" {
            continue;
        }
        open.run.test.get_or_insert_with(|| "latency".to_owned());
        let value = benchmark::scaled(value, 1e-6);
        let name = start.trim_end_matches(" is ");
        let mean = ["avg-latency", "avg-rtt", "avg-lat"]
            .iter()
            .find_map(|name| open.latest(name));
        if let Some(mean) = mean
            && (mean.value - value).abs() > 0.6e-9
        {
            let text = format!(
                "{name} is {value} s, on line {} {} s",
                mean.line, mean.value
            );
            warnings.push(WarningKind::SummaryDisagrees, line, text);
        }
        open.measure(name, value, Unit::Seconds, line);
    }
    if let Some((rate, rest)) = after("Message Rate is ") {
        throughput(open);
        open.measure("Message Rate", rate.value, Unit::PerSecond, line);
        if let Some((rate, _)) = find(rest, b"Packet Rate is ")
            .and_then(|at| rest.get(at + 15..))
            .map(|rest| rest.strip_prefix(b"about ").unwrap_or(rest))
            .and_then(decimal)
        {
            open.measure("Packet Rate", rate.value, Unit::PerSecond, line);
        }
    }
    if let Some((number, rest)) = after("BandWidth is ")
        && let Some(factor) = bandwidth(number, rest.trim_ascii_start())
    {
        throughput(open);
        let value = number.value * factor * 8.0;
        open.measure("BandWidth", value, Unit::BitsPerSecond, line);
        open.complete = true;
    }
}

fn throughput(open: &mut Open) {
    open.run.test.get_or_insert_with(|| "throughput".to_owned());
}

/// The bytes per second of sockperf's unit.
fn bandwidth(number: Decimal, unit: &[u8]) -> Option<f64> {
    const MEBI: f64 = 1_048_576.0;
    match unit.get(..4)? {
        b"MBps" => Some(MEBI),
        b"GBps" if number.places == 9 => Some(MEBI),
        b"GBps" => Some(1000.0 * MEBI),
        _ => None,
    }
}

/// `304768 observations; ...`, `of 79397 messages sent in 1.029 sec`, a server's `94666 messages
/// received and handled`.
fn total(open: &mut Open, text: &[u8], line: u64) {
    let text = text.strip_prefix(b"of ").unwrap_or(text);
    let Some((count, rest)) = decimal(text) else {
        return;
    };
    let rest = rest.trim_ascii_start();
    if rest.starts_with(b"observations") {
        open.measure("observations", count.value, Unit::One, line);
    } else if let Some(rest) = rest.strip_prefix(b"messages sent in ") {
        open.measure("messages sent", count.value, Unit::One, line);
        if let Some((seconds, _)) = decimal(rest) {
            open.measure("messages sent: time", seconds.value, Unit::Seconds, line);
        }
    } else if rest.starts_with(b"messages received and handled") {
        open.run.test.get_or_insert_with(|| "server".to_owned());
        open.measure(
            "messages received and handled",
            count.value,
            Unit::One,
            line,
        );
        open.complete = true;
    }
}

impl LineReader for Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let plain = without_escapes(line.bytes);
        let text = plain.as_deref().unwrap_or(line.bytes).trim_ascii();
        if text.is_empty() {
            return Taken::Not;
        }
        if let Some(said) = text.strip_prefix(b"sockperf: ") {
            self.recognised = true;
            return self.said(said.trim_ascii(), line, warnings);
        }
        if text.starts_with(b"sockperf[") {
            self.recognised = true;
            return Taken::Not;
        }
        if let Some(rest) = text.strip_prefix(b"test was performed using the following parameters:")
        {
            let open = self.open.get_or_insert_with(|| Open::at(line.number));
            for word in rest.split(u8::is_ascii_whitespace) {
                if let Some(option) = word.strip_prefix(b"--") {
                    let (name, value) = split(option).unwrap_or((option, b""));
                    open.parameter(name, value);
                }
            }
            return Taken::Read;
        }
        if text.starts_with(b"packet, txTime") || text.starts_with(b"txTime, rxTime") {
            self.list = true;
            return Taken::Not;
        }
        let row = self.list && text.first().is_some_and(u8::is_ascii_digit);
        let known = row || text.starts_with(b"-----") || text.starts_with(b"[") || text == b"...";
        if !known {
            let kind = if line.ended {
                WarningKind::Noise
            } else {
                WarningKind::CutFile
            };
            warnings.push(kind, line.number, text);
        }
        Taken::Not
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        if !self.recognised {
            return Document::foreign(Tool::Sockperf, warnings);
        }
        if let Some(open) = self.open {
            close(open, last, &mut self.runs, &mut warnings);
        }
        document(Tool::Sockperf, "text", self.runs, warnings)
    }
}
