//! What a log turns into.

use serde::Serialize;

use crate::lines::Lines;
use crate::warning::{Warning, WarningKind, Warnings};
use crate::{Account, ReadError, Tool, benchmark, counters, ping, stress, throughput};

/// Whether a log's records can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Everything the tool set out to print was read.
    Ok,
    /// Records were read, or the tool was recognised, but something is missing; a
    /// warning says what.
    Partial,
    /// The tool failed, or nothing of what it printed can be read.
    Failed,
    /// No known tool's output.
    Unrecognised,
}

/// The runs of a log, by the kind of its tool. As JSON: the list alone.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Runs {
    /// Runs of ping.
    Ping(Vec<ping::Run>),
    /// Runs of iperf 2 and iperf3.
    Throughput(Vec<throughput::Run>),
    /// Runs of stress and stress-ng.
    Stress(Vec<stress::Run>),
    /// Tests of sysbench, netperf and sockperf.
    Benchmark(Vec<benchmark::Run>),
    /// Counters of a host.
    Counters(Vec<counters::Run>),
    /// A log of no known tool.
    None([(); 0]),
}

impl Runs {
    /// How many runs there are.
    pub fn len(&self) -> usize {
        match self {
            Runs::Ping(runs) => runs.len(),
            Runs::Throughput(runs) => runs.len(),
            Runs::Stress(runs) => runs.len(),
            Runs::Benchmark(runs) => runs.len(),
            Runs::Counters(runs) => runs.len(),
            Runs::None(_) => 0,
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// One log, read. As JSON: the shape of `vnicbench parse --json` without `file`
/// (see [`Document::to_json`]).
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Document {
    /// The tool that wrote it, if recognised or given.
    pub tool: Option<Tool>,
    /// The tool's variant (`iputils`, `windows`, `json`, `csv`, ...); empty if unknown.
    pub dialect: String,
    /// Whether the records are all there is.
    pub outcome: Outcome,
    /// The records.
    pub runs: Runs,
    /// What became of the log's bytes.
    #[serde(rename = "bytes")]
    pub account: Account,
    /// Everything odd, in the order it was met.
    pub warnings: Vec<Warning>,
}

impl Document {
    /// The runs, if the log is ping's.
    pub fn ping_runs(&self) -> &[ping::Run] {
        match &self.runs {
            Runs::Ping(runs) => runs,
            _ => &[],
        }
    }

    /// The runs, if the log is iperf's or iperf3's.
    pub fn throughput_runs(&self) -> &[throughput::Run] {
        match &self.runs {
            Runs::Throughput(runs) => runs,
            _ => &[],
        }
    }

    /// The runs, if the log is stress's or stress-ng's.
    pub fn stress_runs(&self) -> &[stress::Run] {
        match &self.runs {
            Runs::Stress(runs) => runs,
            _ => &[],
        }
    }

    /// The tests, if the log is sysbench's, netperf's or sockperf's.
    pub fn benchmark_runs(&self) -> &[benchmark::Run] {
        match &self.runs {
            Runs::Benchmark(runs) => runs,
            _ => &[],
        }
    }

    /// The runs, if the log is of a host's counters.
    pub fn counter_runs(&self) -> &[counters::Run] {
        match &self.runs {
            Runs::Counters(runs) => runs,
            _ => &[],
        }
    }

    /// One line of JSON with `file` (the path as its user gave it) in front.
    pub fn to_json(&self, file: &str) -> serde_json::Result<String> {
        #[derive(Serialize)]
        struct Named<'a> {
            file: &'a str,
            #[serde(flatten)]
            document: &'a Document,
        }
        serde_json::to_string(&Named {
            file,
            document: self,
        })
    }

    /// A recognised log. The outcome follows from the runs and the warnings, so that no
    /// dialect can call a failure a success.
    pub(crate) fn recognised(
        tool: Tool,
        dialect: &str,
        runs: Runs,
        failed: bool,
        mut warnings: Warnings,
    ) -> Document {
        if runs.is_empty() && (!failed || warnings.total() == 0) {
            warnings.push(
                WarningKind::NoRecords,
                0,
                "the tool was recognised, but the log holds no result",
            );
        }
        let warnings = warnings.finish();
        let outcome = if failed {
            Outcome::Failed
        } else if warnings.iter().any(|warning| warning.kind.loses_records()) {
            Outcome::Partial
        } else {
            Outcome::Ok
        };
        Document {
            tool: Some(tool),
            dialect: dialect.to_owned(),
            outcome,
            runs,
            account: Account::default(),
            warnings,
        }
    }

    /// The same from a file that is damaged or ends too early.
    #[cfg(feature = "packed")]
    pub(crate) fn cut(mut self, text: String) -> Document {
        self.warnings.push(Warning {
            kind: WarningKind::CutFile,
            line: 0,
            text,
        });
        if self.outcome == Outcome::Ok {
            self.outcome = Outcome::Partial;
        }
        self
    }

    /// A log that was said to be `tool`'s and holds none of its lines.
    pub(crate) fn foreign(tool: Tool, mut warnings: Warnings) -> Document {
        warnings.push(
            WarningKind::UnknownFormat,
            0,
            format!("no line is {tool}'s"),
        );
        Document {
            tool: Some(tool),
            dialect: String::new(),
            outcome: Outcome::Unrecognised,
            runs: Runs::None([]),
            account: Account::default(),
            warnings: warnings.finish(),
        }
    }

    /// A log of no known tool; it is read to its end only to be accounted for.
    pub(crate) fn unrecognised(mut lines: Lines<'_>) -> Result<Document, ReadError> {
        let mut account = Account::default();
        while let Some(line) = lines.next()? {
            account.warned += line.size;
        }
        let mut warnings = Warnings::default();
        warnings.push(
            WarningKind::UnknownFormat,
            0,
            "no known tool's output; name the tool if you know it",
        );
        Ok(Document {
            tool: None,
            dialect: String::new(),
            outcome: Outcome::Unrecognised,
            runs: Runs::None([]),
            account,
            warnings: warnings.finish(),
        })
    }

    pub(crate) fn empty(tool: Option<Tool>) -> Document {
        let mut warnings = Warnings::default();
        warnings.push(
            WarningKind::EmptyFile,
            0,
            "the file is empty: the tool wrote nothing",
        );
        Document {
            tool,
            dialect: String::new(),
            outcome: Outcome::Failed,
            runs: Runs::None([]),
            account: Account::default(),
            warnings: warnings.finish(),
        }
    }
}
