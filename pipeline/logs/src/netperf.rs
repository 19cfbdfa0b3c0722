//! netperf: the tables of its classic tests, the omni tests' tables, CSV and key=value lines.
//!
//! ```text
//! MIGRATED TCP STREAM TEST from 0.0.0.0 (0.0.0.0) port 0 AF_INET to 10.0.0.2 () port 0 AF_INET
//! Recv   Send    Send                          Utilization       Service Demand
//! Socket Socket  Message  Elapsed              Send     Recv     Send    Recv
//! Size   Size    Size     Time     Throughput  local    remote   local   remote
//! bytes  bytes   bytes    secs.    10^6bits/s  % S      % S      us/KB   us/KB
//!
//!  87380  16384  16384    10.00      38910.63   23.33    23.33    0.393   0.393
//! ```
//!
//! Sizes are parameters. Of UDP streams the first row is the sender's, the second the
//! receiver's (`Received: Throughput`). Utilizations and service demands of -1 weren't measured
//! and are left out. Of omni tests a number is a measure if its name says what of: throughput, a
//! latency, a time, a percentage; all else is a parameter. A test whose confidence wasn't
//! achieved has the widths of its intervals as measures, and a warning.

use memchr::memmem::find;

use crate::account::{self, LineReader, Taken};
use crate::benchmark::{self, Open, Unit, close, document, scaled, unit};
use crate::lines::{Line, Lines};
use crate::number::{Decimal, decimal};
use crate::tool::Format;
use crate::warning::{WarningKind, Warnings};
use crate::{Document, ReadError, Sink, Tool};

/// Lines above a table's numbers.
const HEADINGS: usize = 8;

/// The format of netperf.
pub(crate) struct Netperf;

impl Format for Netperf {
    fn vote(&self, line: &[u8]) -> u32 {
        let sure = test(line).is_some()
            || line.starts_with(b"Interim result: ")
            || line.starts_with(b"THROUGHPUT=")
            || line.starts_with(b"THROUGHPUT_UNITS=")
            || line.starts_with(b"Socket Size   Request")
            || line.starts_with(b"Throughput,Throughput Units")
            || line == b"Recv   Send    Send";
        u32::from(sure) * 3
    }

    fn parse(&self, lines: Lines<'_>, _: &mut dyn Sink) -> Result<Document, ReadError> {
        account::read(lines, Reader::default())
    }
}

/// The test of a heading: `MIGRATED TCP STREAM TEST from ...` is TCP_STREAM.
fn test(line: &[u8]) -> Option<String> {
    let at = find(line, b" TEST ")?;
    let rest = line.get(at + 6..)?;
    if !(rest.starts_with(b"from ") || rest.starts_with(b"to ")) {
        return None;
    }
    let name = line.get(..at)?;
    let name = name.strip_prefix(b"MIGRATED ").unwrap_or(name);
    let known = [
        &b"TCP"[..],
        b"UDP",
        b"SCTP",
        b"DCCP",
        b"OMNI",
        b"XTI",
        b"DLPI",
        b"STREAM",
        b"DG",
    ];
    if !known.iter().any(|start| name.starts_with(start)) {
        return None;
    }
    let name = benchmark::name(name)
        .replace("Connect/Request/Response", "CRR")
        .replace("REQUEST/RESPONSE", "RR")
        .replace("UNIDIRECTIONAL SEND", "STREAM")
        .replace("1-TO-MANY STREAM", "STREAM_MANY")
        .replace(' ', "_");
    Some(name)
}

#[derive(Default)]
struct Reader {
    runs: Vec<benchmark::Run>,
    open: Option<Open>,
    table: Table,
    /// The names of a CSV heading.
    names: Vec<String>,
    /// Named values of an omni test, until all are there.
    values: Vec<(String, String, u64)>,
    warned: bool,
    recognised: bool,
}

/// What the lines above the numbers say.
#[derive(Default)]
struct Table {
    kind: Option<Kind>,
    /// Rows read.
    rows: usize,
    throughput: Option<(Unit, f64)>,
    demand: Option<(Unit, f64)>,
    headings: Vec<Vec<u8>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Stream,
    Datagrams,
    Transactions,
    /// By the places of its columns.
    Omni,
}

impl Reader {
    fn begin(&mut self, test: Option<String>, line: u64, warnings: &mut Warnings) {
        self.recognised = true;
        self.end(line, warnings);
        let mut open = Open::at(line);
        open.run.test = test;
        self.open = Some(open);
    }

    fn end(&mut self, line: u64, warnings: &mut Warnings) {
        self.named();
        self.table = Table::default();
        self.names.clear();
        self.warned = false;
        if let Some(open) = self.open.take() {
            close(open, line, &mut self.runs, warnings);
        }
    }

    /// Makes measures of named values.
    fn named(&mut self) {
        let Some(open) = &mut self.open else { return };
        let values = std::mem::take(&mut self.values);
        let is_units = |name: &str| {
            let name = name.replace('_', " ");
            name.eq_ignore_ascii_case("throughput units")
        };
        let units = values.iter().find(|(name, ..)| is_units(name));
        let throughput = units.and_then(|(_, units, _)| unit(units.as_bytes()));
        for (name, value, line) in &values {
            let number = decimal(value.as_bytes())
                .filter(|(_, rest)| rest.is_empty())
                .map(|(number, _)| number);
            let unit = named_unit(name, throughput);
            match (number, unit) {
                (Some(number), Some((unit, factor))) => {
                    open.measure(name, scaled(number, factor), unit, *line);
                }
                _ => open.parameter(name.as_bytes(), value.as_bytes()),
            }
        }
        open.complete |= !values.is_empty();
    }

    /// A line of a table's headings.
    fn heading(&mut self, text: &[u8], line: Line<'_>) -> bool {
        let has = |part: &str| find(text, part.as_bytes()).is_some();
        let table = &mut self.table;
        let known = text.starts_with(b"Recv   Send")
            || text.starts_with(b"Local /Remote")
            || text.starts_with(b"Socket ")
            || text.starts_with(b"Size ")
            || text.starts_with(b"Send ")
            || text.starts_with(b"bytes ");
        let omni = (self.open.as_ref())
            .and_then(|open| open.run.test.as_deref())
            .is_some_and(|test| test.starts_with("OMNI"));
        if !known && !omni {
            return false;
        }
        if table.rows > 0 {
            // Another table without its test's line.
            *table = Table::default();
        }
        if table.headings.len() < HEADINGS {
            table.headings.push(line.bytes.trim_ascii_end().to_vec());
        }
        if omni {
            table.kind = Some(Kind::Omni);
            return true;
        }
        if has("Trans.") {
            table.kind = Some(Kind::Transactions);
        } else if has("Okay Errors") {
            table.kind = Some(Kind::Datagrams);
        } else if has("Throughput") && table.kind.is_none() {
            table.kind = Some(Kind::Stream);
        }
        if text.starts_with(b"bytes ") {
            let mut words = text.split(u8::is_ascii_whitespace);
            table.throughput = words.find_map(|word| {
                let rate = word.starts_with(b"10^") || word.ends_with(b"/sec");
                unit(word).filter(|_| rate)
            });
            if has("us/KB") {
                table.demand = Some((Unit::SecondsPerByte, 1e-6 / 1024.0));
            } else if has("us/Tr") {
                table.demand = Some((Unit::Seconds, 1e-6));
            } else if has("ms/Tr") {
                table.demand = Some((Unit::Seconds, 1e-3));
            }
        }
        true
    }

    /// A row of numbers.
    fn row(&mut self, text: &[u8], line: Line<'_>, warnings: &mut Warnings) -> Option<()> {
        let kind = self.table.kind?;
        let open = self.open.as_mut()?;
        let number = line.number;
        if kind == Kind::Omni {
            let row = columns(&self.table.headings, line.bytes);
            if row.is_empty() {
                return None;
            }
            let values = row.into_iter().map(|(name, value)| (name, value, number));
            self.values.extend(values);
            self.table.rows += 1;
            self.named();
            return Some(());
        }
        let values: Option<Vec<Option<Decimal>>> = text
            .split(u8::is_ascii_whitespace)
            .filter(|word| !word.is_empty())
            .map(|word| {
                let (negative, digits) = match word.strip_prefix(b"-") {
                    Some(digits) => (true, digits),
                    None => (false, word),
                };
                let (number, rest) = decimal(digits)?;
                rest.is_empty().then_some((!negative).then_some(number))
            })
            .collect();
        let values = values?;
        let value = |at: usize| values.get(at).copied().flatten();
        let mut sizes = |names: &[&str]| {
            for (name, value) in names.iter().zip(&values) {
                if let Some(value) = value {
                    open.parameter(name.as_bytes(), format!("{}", value.value).as_bytes());
                }
            }
        };
        let second = self.table.rows > 0;
        let layout: Layout = match (kind, second, values.len()) {
            (Kind::Stream, false, 5..=9) => {
                sizes(&["Recv Socket Size", "Send Socket Size", "Send Message Size"]);
                &[(3, "Elapsed Time", Of::Time), (4, "Throughput", Of::Rate)]
            }
            (Kind::Datagrams, false, 6..=10) => {
                sizes(&["Socket Size", "Message Size"]);
                &[
                    (2, "Elapsed Time", Of::Time),
                    (3, "Messages Okay", Of::Count),
                    (4, "Messages Errors", Of::Count),
                    (5, "Throughput", Of::Rate),
                    (6, "CPU Util", Of::Percent),
                    (7, "Service Demand", Of::Demand),
                ]
            }
            (Kind::Datagrams, true, 4..=6) => {
                sizes(&["Received: Socket Size"]);
                &[
                    (1, "Received: Elapsed Time", Of::Time),
                    (2, "Received: Messages Okay", Of::Count),
                    (3, "Received: Throughput", Of::Rate),
                    (4, "Received: CPU Util", Of::Percent),
                    (5, "Received: Service Demand", Of::Demand),
                ]
            }
            (Kind::Transactions, false, 6..=10) => {
                sizes(&[
                    "Local Send Socket Size",
                    "Local Recv Socket Size",
                    "Request Size",
                    "Response Size",
                ]);
                &[(4, "Elapsed Time", Of::Time), (5, "Trans. Rate", Of::Trans)]
            }
            (Kind::Transactions, true, 2) => {
                sizes(&["Remote Send Socket Size", "Remote Recv Socket Size"]);
                open.complete = true;
                self.table.rows += 1;
                return Some(());
            }
            _ => return None,
        };
        let rate = self.table.throughput;
        if layout.iter().any(|(.., of)| *of == Of::Rate) && rate.is_none() {
            // Whatever unit it is in, it isn't known.
            warnings.push(WarningKind::Malformed, number, text);
            return Some(());
        }
        // The processors' columns are after the rate, the local and the remote one of each.
        let rest: Layout = match (kind, values.len()) {
            (Kind::Stream, 7) => &[(5, "CPU", Of::Percent), (6, "Service Demand", Of::Demand)],
            (Kind::Stream, 9) => &[
                (5, "CPU local", Of::Percent),
                (6, "CPU remote", Of::Percent),
                (7, "Service Demand local", Of::Demand),
                (8, "Service Demand remote", Of::Demand),
            ],
            (Kind::Transactions, 10) => &[
                (6, "CPU local", Of::Percent),
                (7, "CPU remote", Of::Percent),
                (8, "Service Demand local", Of::Demand),
                (9, "Service Demand remote", Of::Demand),
            ],
            _ => &[],
        };
        for &(at, name, of) in layout.iter().chain(rest) {
            let printed = match of {
                Of::Time => Some((Unit::Seconds, 1.0)),
                Of::Rate => rate,
                Of::Trans => Some((Unit::PerSecond, 1.0)),
                Of::Count => Some((Unit::One, 1.0)),
                Of::Percent => Some((Unit::Percent, 1.0)),
                Of::Demand => self.table.demand,
            };
            if let (Some(value), Some((unit, factor))) = (value(at), printed) {
                open.measure(name, scaled(value, factor), unit, number);
            }
        }
        open.complete = match kind {
            Kind::Datagrams | Kind::Transactions => second,
            _ => true,
        };
        self.table.rows += 1;
        Some(())
    }

    /// `!!! Confidence intervals: Throughput      : 6.663%`.
    fn confidence(&mut self, text: &[u8], line: u64, warnings: &mut Warnings) -> Taken {
        if !self.warned {
            self.warned = true;
            warnings.push(
                WarningKind::Noise,
                line,
                "netperf warns that the desired confidence was not achieved",
            );
        }
        let Some(open) = &mut self.open else {
            return Taken::Not;
        };
        let text = text.get(3..).unwrap_or_default().trim_ascii();
        let text = match text.strip_prefix(b"Confidence intervals:") {
            Some(rest) => rest.trim_ascii(),
            None => text,
        };
        let Some(colon) = text.iter().position(|&byte| byte == b':') else {
            return Taken::Not;
        };
        let (Some(name), Some(value)) = (text.get(..colon), text.get(colon + 1..)) else {
            return Taken::Not;
        };
        match decimal(value.trim_ascii()) {
            Some((width, b"%")) => {
                let name = format!("Confidence interval: {}", benchmark::name(name));
                open.measure(name, width.value, Unit::Percent, line);
                Taken::Read
            }
            _ => Taken::Not,
        }
    }
}

type Layout = &'static [(usize, &'static str, Of)];

/// What a column is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Time,
    Rate,
    Trans,
    Count,
    Percent,
    Demand,
}

/// The unit of an omni test's value, by its name in words or capitals.
fn named_unit(name: &str, throughput: Option<(Unit, f64)>) -> Option<(Unit, f64)> {
    let name = name.to_ascii_lowercase().replace('_', " ");
    let has = |part: &str| name.contains(part);
    if name == "throughput" {
        return throughput;
    }
    if has("confidence width") || has("width (%)") {
        return Some((Unit::Percent, 1.0));
    }
    if has("latency") {
        return Some((Unit::Seconds, 1e-6));
    }
    if has("elapsed time") {
        return Some((Unit::Seconds, 1.0));
    }
    if has("cpu util") || has("util %") {
        return Some((Unit::Percent, 1.0));
    }
    if name.starts_with("transaction rate") {
        return Some((Unit::PerSecond, 1.0));
    }
    None
}

/// The columns of an omni table, each with the words above it. They are left-aligned.
fn columns(headings: &[Vec<u8>], row: &[u8]) -> Vec<(String, String)> {
    let row = row.trim_ascii_end();
    let mut starts = Vec::new();
    for at in 0..row.len() {
        let is = |at: usize| row.get(at).is_some_and(|byte| !byte.is_ascii_whitespace());
        if is(at) && (at == 0 || !is(at - 1)) {
            starts.push(at);
        }
    }
    let mut columns = Vec::new();
    for (nth, &start) in starts.iter().enumerate() {
        let end = starts.get(nth + 1).copied().unwrap_or(usize::MAX);
        let cell = |line: &[u8]| {
            let end = end.min(line.len());
            line.get(start.min(end)..end).unwrap_or_default().to_vec()
        };
        let mut name = Vec::new();
        for heading in headings {
            name.extend(cell(heading));
            name.push(b' ');
        }
        columns.push((benchmark::name(&name), benchmark::name(&cell(row))));
    }
    columns
}

/// Lines with which netperf says that it failed.
fn is_failure(text: &[u8]) -> bool {
    const PARTS: [&[u8]; 9] = [
        b"are you sure there is a netserver",
        b"could not establish the control connection",
        b"recv_response: ",
        b"shutdown_control: ",
        b"netperf: remote error",
        b"send_omni: ",
        b"netperf: cannot shutdown",
        b"unable to create data socket",
        b"netperf: data send error",
    ];
    PARTS.iter().any(|part| find(text, part).is_some())
}

impl LineReader for Reader {
    fn line(&mut self, line: Line<'_>, warnings: &mut Warnings) -> Taken {
        let text = line.bytes.trim_ascii();
        if text.is_empty() {
            return Taken::Not;
        }
        if let Some(test) = test(text) {
            self.begin(Some(test), line.number, warnings);
            return Taken::Read;
        }
        if is_failure(text) {
            self.recognised = true;
            warnings.push(WarningKind::ToolError, line.number, text);
            return Taken::Not;
        }
        if !line.ended {
            // The last number may be cut.
            warnings.push(WarningKind::CutFile, line.number, text);
            return Taken::Not;
        }
        if self.open.is_none() && Netperf.vote(text) > 0 {
            self.begin(None, line.number, warnings);
        }
        if text.starts_with(b"!!!") {
            return self.confidence(text, line.number, warnings);
        }
        if let Some(rest) = text.strip_prefix(b"Interim result:")
            && let Some(open) = &mut self.open
        {
            let mut words = rest
                .split(u8::is_ascii_whitespace)
                .filter(|word| !word.is_empty());
            let rate = words.next().and_then(decimal);
            let printed = words.next().and_then(unit);
            if let (Some((rate, b"")), Some((unit, factor))) = (rate, printed) {
                open.measure("Interim result", scaled(rate, factor), unit, line.number);
                return Taken::Read;
            }
        }
        if let Some(at) = text.iter().position(|&byte| byte == b'=')
            && let Some(key) = text.get(..at)
            && !key.is_empty()
            && key
                .iter()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_')
            && self.open.is_some()
        {
            let value = text.get(at + 1..).unwrap_or_default();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            self.values.push((text(key), text(value), line.number));
            return Taken::Read;
        }
        if self.open.is_some() && find(text, b",").is_some() && !self.names.is_empty() {
            let fields: Vec<&[u8]> = text.split(|&byte| byte == b',').collect();
            if fields.len() == self.names.len() {
                for (name, field) in self.names.iter().zip(fields) {
                    let value = String::from_utf8_lossy(field).into_owned();
                    self.values.push((name.clone(), value, line.number));
                }
                self.named();
                return Taken::Read;
            }
        }
        let heading = text.first().is_some_and(u8::is_ascii_alphabetic)
            && find(text, b",").is_some()
            && text
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || b", ()%_/.-^".contains(byte));
        if self.open.is_some() && heading && find(text, b"Throughput").is_some() {
            self.names = text
                .split(|&byte| byte == b',')
                .map(benchmark::name)
                .collect();
            return Taken::Not;
        }
        let numbers = text
            .first()
            .is_some_and(|byte| byte.is_ascii_digit() || *byte == b'-');
        let row = numbers && self.row(text, line, warnings).is_some();
        if row {
            return Taken::Read;
        }
        if self.open.is_some() && !numbers && self.heading(text, line) {
            return Taken::Not;
        }
        let kind = if numbers && self.table.kind.is_some() && self.table.rows == 0 {
            WarningKind::Malformed
        } else {
            WarningKind::Noise
        };
        warnings.push(kind, line.number, text);
        Taken::Not
    }

    fn finish(mut self, last: u64, mut warnings: Warnings) -> Document {
        self.end(last, &mut warnings);
        if !self.recognised {
            return Document::foreign(Tool::Netperf, warnings);
        }
        document(Tool::Netperf, "text", self.runs, warnings)
    }
}
