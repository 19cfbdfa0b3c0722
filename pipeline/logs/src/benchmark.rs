//! Results of sysbench, netperf and sockperf: named numbers with their units.

use serde::{Serialize, Serializer};

use crate::number::Decimal;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, Runs, Tool};

/// One test.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Run {
    /// What was tested, in the tool's words (`TCP_RR`, `cpu`, `throughput`); `None` if the
    /// log doesn't say.
    pub test: Option<String>,
    /// What was measured, in the order of the log.
    pub measures: Vec<Measure>,
    /// With what it was run, as far as the log says.
    #[serde(skip)]
    pub parameters: Vec<Parameter>,
    /// The line on which the test begins.
    #[serde(skip)]
    pub line: u64,
}

/// A setting, as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// Its name in the tool's words.
    pub name: String,
    /// Its value in the tool's words.
    pub value: String,
}

/// A number that was measured.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Measure {
    /// Its name in the tool's words, its section's before it (`Latency: avg`).
    pub name: String,
    /// In `unit`, whatever the tool printed.
    pub value: f64,
    /// Of what.
    pub unit: Unit,
    /// Where in the log it is.
    #[serde(skip)]
    pub line: u64,
}

/// Units after normalising: no prefixes, so that logs compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// s: durations, latencies (printed in s, ms or µs), service demand of a transaction.
    Seconds,
    /// bit/s: rates of networks, printed with decimal prefixes (of sockperf with binary ones).
    BitsPerSecond,
    /// B/s: rates of memory and files, printed with binary prefixes.
    BytesPerSecond,
    /// 1/s: events, messages, transactions, requests.
    PerSecond,
    /// s/B: netperf's service demand, the processors' time for a byte.
    SecondsPerByte,
    /// B: amounts.
    Bytes,
    /// %: of processors, of a mean.
    Percent,
    /// 1: counts and ratios.
    One,
}

impl Unit {
    /// As in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Seconds => "s",
            Unit::BitsPerSecond => "bit/s",
            Unit::BytesPerSecond => "B/s",
            Unit::PerSecond => "1/s",
            Unit::SecondsPerByte => "s/B",
            Unit::Bytes => "B",
            Unit::Percent => "%",
            Unit::One => "1",
        }
    }
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A printed unit: what it is once normalised, and by what to multiply.
pub(crate) fn unit(text: &[u8]) -> Option<(Unit, f64)> {
    const KIBI: f64 = 1024.0;
    Some(match text {
        b"s" | b"sec" | b"secs" | b"secs." | b"seconds" => (Unit::Seconds, 1.0),
        b"ms" | b"msec" => (Unit::Seconds, 1e-3),
        b"us" | b"usec" => (Unit::Seconds, 1e-6),
        b"10^3bits/s" | b"10^3bits/sec" => (Unit::BitsPerSecond, 1e3),
        b"10^6bits/s" | b"10^6bits/sec" => (Unit::BitsPerSecond, 1e6),
        b"10^9bits/s" | b"10^9bits/sec" => (Unit::BitsPerSecond, 1e9),
        b"Kbytes/sec" | b"KBytes/sec" | b"KBytes/s" => (Unit::BitsPerSecond, 8.0 * KIBI),
        b"MBytes/sec" | b"MBytes/s" => (Unit::BitsPerSecond, 8.0 * KIBI * KIBI),
        b"GBytes/sec" | b"GBytes/s" => (Unit::BitsPerSecond, 8.0 * KIBI * KIBI * KIBI),
        b"Kb/sec" | b"KiB/sec" | b"KiB/s" | b"Kb/s" => (Unit::BytesPerSecond, KIBI),
        b"Mb/sec" | b"MB/sec" | b"MiB/sec" | b"MiB/s" | b"MB/s" | b"Mb/s" => {
            (Unit::BytesPerSecond, KIBI * KIBI)
        }
        b"Gb/sec" | b"GB/sec" | b"GiB/sec" | b"GiB/s" | b"Gb/s" => {
            (Unit::BytesPerSecond, KIBI * KIBI * KIBI)
        }
        b"Kb" | b"KB" | b"KiB" => (Unit::Bytes, KIBI),
        b"Mb" | b"MB" | b"MiB" => (Unit::Bytes, KIBI * KIBI),
        b"Gb" | b"GB" | b"GiB" => (Unit::Bytes, KIBI * KIBI * KIBI),
        b"Tb" | b"TB" | b"TiB" => (Unit::Bytes, KIBI * KIBI * KIBI * KIBI),
        b"Trans/s" | b"Trans/sec" | b"per" => (Unit::PerSecond, 1.0),
        b"%" => (Unit::Percent, 1.0),
        _ => return None,
    })
}

/// A printed number in a unit. Decimal factors are exact: 1.68 ms is 0.00168 s.
pub(crate) fn scaled(number: Decimal, factor: f64) -> f64 {
    // The number without its point is whole, so that one division rounds once.
    let over = |exponent: u32| {
        let power = |exponent: u32| 10_f64.powi(exponent.min(300) as i32);
        (number.value * power(number.places)).round() / power(number.places + exponent)
    };
    match factor {
        1e-3 if number.places < 12 => over(3),
        1e-6 if number.places < 12 => over(6),
        1e3 => number.scaled(3),
        1e6 => number.scaled(6),
        1e9 => number.scaled(9),
        _ => number.value * factor,
    }
}

/// A test while its lines come in.
#[derive(Debug, Default)]
pub(crate) struct Open {
    pub run: Run,
    /// The tool printed the last of what it prints.
    pub complete: bool,
}

impl Open {
    pub(crate) fn at(line: u64) -> Open {
        Open {
            run: Run {
                line,
                ..Run::default()
            },
            complete: false,
        }
    }

    pub(crate) fn measure(&mut self, name: impl Into<String>, value: f64, unit: Unit, line: u64) {
        if value.is_finite() {
            self.run.measures.push(Measure {
                name: name.into(),
                value,
                unit,
                line,
            });
        }
    }

    pub(crate) fn parameter(&mut self, name: &[u8], value: &[u8]) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes.trim_ascii()).into_owned();
        self.run.parameters.push(Parameter {
            name: text(name),
            value: text(value),
        });
    }

    /// The latest measure of a name.
    pub(crate) fn latest(&self, name: &str) -> Option<&Measure> {
        self.run
            .measures
            .iter()
            .rev()
            .find(|measure| measure.name == name)
    }
}

/// Ends a test. One that measured nothing is dropped; the log says why, or was cut.
pub(crate) fn close(open: Open, line: u64, runs: &mut Vec<Run>, warnings: &mut Warnings) {
    if !open.complete && warnings.count(WarningKind::ToolError) == 0 {
        let text = format!("the test that begins on line {} has no end", open.run.line);
        warnings.push(WarningKind::CutFile, line, text);
    }
    if !open.run.measures.is_empty() {
        runs.push(open.run);
    }
}

/// A document of tests.
pub(crate) fn document(tool: Tool, dialect: &str, runs: Vec<Run>, warnings: Warnings) -> Document {
    let failed = runs.is_empty() && warnings.count(WarningKind::ToolError) > 0;
    Document::recognised(tool, dialect, Runs::Benchmark(runs), failed, warnings)
}

/// A name of words, joined by single spaces.
pub(crate) fn name(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ")
}
