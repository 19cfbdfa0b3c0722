//! The tables of logs, written while logs are read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use polars::prelude::{Column, DataFrame, PolarsResult};
use vnicbench_logs::throughput::{Direction, Protocol, Role, Stream};
use vnicbench_logs::{Document, Outcome, Runs, Tool, Warning, benchmark, ping, stress, throughput};

use super::layout::TOOL;
use super::records::{Counters, Intervals, LogId, Record, Samples, number};
use crate::error::AnalysisError;
use crate::log::kind;
use crate::table_file::TableFile;

/// Rows that are gathered before they are written, and the most parts of logs that they may be
/// of: many small logs take memory for more than their rows.
const ROWS: usize = 1 << 17;
const PARTS: usize = 1 << 13;

/// A part of a table: some rows of one log.
trait Rows: Sized {
    const NAME: &'static str;

    /// How many.
    fn len(&self) -> usize;

    /// The columns but for those that say which log.
    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column>;
}

/// Columns, each a named expression over the rows that `$rows` gives.
macro_rules! columns {
    ($rows:expr, |$row:pat_param| { $($name:literal: $value:expr),* $(,)? }) => {{
        let rows: Vec<_> = $rows.collect();
        vec![$(
            Column::new($name.into(), rows.iter().map(#[allow(unused_variables)] |$row| $value).collect::<Vec<_>>())
        ),*]
    }};
}

/// A table and the rows that wait to be written.
struct Table<R> {
    file: TableFile,
    factors: Arc<[String]>,
    waiting: Vec<(Arc<LogId>, R)>,
    rows: usize,
}

impl<R: Rows> Table<R> {
    fn create(directory: &Path, factors: &Arc<[String]>) -> Result<Self, AnalysisError> {
        let empty = frame::<R>(factors, &[]).map_err(AnalysisError::table("build", R::NAME))?;
        Ok(Self {
            file: TableFile::create(directory, R::NAME, empty.schema())?,
            factors: Arc::clone(factors),
            waiting: Vec::new(),
            rows: 0,
        })
    }

    fn push(&mut self, log: &Arc<LogId>, rows: R) -> Result<(), AnalysisError> {
        if rows.len() == 0 {
            return Ok(());
        }
        self.rows += rows.len();
        self.waiting.push((Arc::clone(log), rows));
        if self.rows >= ROWS || self.waiting.len() >= PARTS {
            self.write()
        } else {
            Ok(())
        }
    }

    fn write(&mut self) -> Result<(), AnalysisError> {
        let frame = frame(&self.factors, &self.waiting);
        self.waiting.clear();
        self.rows = 0;
        self.file
            .write(&frame.map_err(AnalysisError::table("build", R::NAME))?)
    }

    fn finish(mut self) -> Result<[PathBuf; 2], AnalysisError> {
        if self.rows > 0 {
            self.write()?;
        }
        self.file.finish()
    }
}

/// The rows, with the columns `file` and factors in front.
fn frame<R: Rows>(factors: &[String], parts: &[(Arc<LogId>, R)]) -> PolarsResult<DataFrame> {
    let height = parts.iter().map(|(_, rows)| rows.len()).sum();
    let of_log = |column: fn(&LogId, usize) -> Option<&str>, at: usize| -> Vec<Option<&str>> {
        let logs = parts.iter();
        logs.flat_map(|(log, rows)| std::iter::repeat_n(column(log, at), rows.len()))
            .collect()
    };
    let file = of_log(|log, _| Some(&log.file), 0);
    let mut columns = vec![Column::new("file".into(), file)];
    // Which tool's a log turned out to be is a column where it matters.
    let factors = factors.iter().enumerate();
    for (at, factor) in factors.filter(|(_, factor)| *factor != TOOL) {
        let levels = of_log(|log, at| log.levels.get(at)?.as_deref(), at);
        columns.push(Column::new(factor.as_str().into(), levels));
    }
    columns.extend(R::columns(parts));
    DataFrame::new(height, columns)
}

impl Rows for Samples {
    const NAME: &'static str = "samples";

    fn len(&self) -> usize {
        self.rtt_ms.len()
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        let rows = parts.iter().flat_map(|(_, part)| {
            let mut censored = part.censored.iter().peekable();
            part.rtt_ms.iter().enumerate().map(move |(at, rtt_ms)| {
                let bound = censored.next_if(|next| **next as usize == at).is_some();
                (part, at, *rtt_ms, bound)
            })
        });
        columns!(rows, |&(part, at, rtt_ms, bound)| {
            "run": part.run,
            "index": part.first + at as u64,
            "sequence": part.sequence.get(at).copied(),
            "rtt_ms": rtt_ms,
            "censored": bound,
            "line": part.lines.get(at).copied(),
        })
    }
}

impl Rows for Intervals {
    const NAME: &'static str = "intervals";

    fn len(&self) -> usize {
        self.intervals.len()
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        let rows = parts
            .iter()
            .flat_map(|(_, part)| part.intervals.iter().map(|interval| (part.run, interval)));
        columns!(rows, |&(run, interval)| {
            "run": run,
            "stream": match interval.stream {
                Stream::Id(id) => id.to_string(),
                Stream::Sum => "sum".to_owned(),
            },
            "direction": match interval.direction {
                Direction::Sent => "sent",
                Direction::Received => "received",
            },
            "start_s": interval.start_s,
            "end_s": interval.end_s,
            "bytes": interval.bytes,
            "bits_per_second": interval.bits_per_second,
            "retransmits": interval.retransmits,
            "omitted": interval.omitted,
            "line": interval.line,
        })
    }
}

impl Rows for Counters {
    const NAME: &'static str = "counters";

    fn len(&self) -> usize {
        self.samples.len()
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        let rows = parts
            .iter()
            .flat_map(|(_, part)| part.samples.iter().map(move |sample| (part, sample)));
        columns!(rows, |(part, sample)| {
            "run": part.run,
            "source": part.source.as_str(),
            "snapshot": sample.moment.snapshot,
            "time": sample.moment.time.as_deref(),
            "seconds": sample.moment.seconds,
            "average": sample.moment.average,
            "subject": sample.subject,
            "name": sample.name,
            "value": sample.value.as_f64(),
            "unit": sample.unit,
            "line": sample.line,
        })
    }
}

/// A log: one row.
struct Log {
    tool: Option<Tool>,
    dialect: String,
    outcome: &'static str,
    runs: u32,
    bytes: [u64; 3],
    warnings: u32,
}

impl Rows for Log {
    const NAME: &'static str = "logs";

    fn len(&self) -> usize {
        1
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        columns!(parts.iter(), |(_, log)| {
            "tool": log.tool.map(Tool::name),
            "dialect": Some(log.dialect.as_str()).filter(|dialect| !dialect.is_empty()),
            "outcome": log.outcome,
            "runs": log.runs,
            "bytes_read": log.bytes[0],
            "bytes_skipped": log.bytes[1],
            "bytes_warned": log.bytes[2],
            "warnings": log.warnings,
        })
    }
}

impl Rows for Vec<Warning> {
    const NAME: &'static str = "warnings";

    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        let rows = parts.iter().flat_map(|(_, warnings)| warnings);
        columns!(rows, |warning| {
            "kind": kind(warning),
            "line": warning.line,
            "text": warning.text.as_str(),
        })
    }
}

/// The runs of a log.
struct LogRuns {
    tool: Option<Tool>,
    runs: Runs,
}

/// A run, of whichever tool.
#[derive(Clone, Copy)]
enum Run<'a> {
    Ping(&'a ping::Run),
    Throughput(&'a throughput::Run),
    /// With no columns of its own here; its numbers are measures.
    Other,
}

impl<'a> Run<'a> {
    fn ping(self) -> Option<&'a ping::Run> {
        match self {
            Run::Ping(run) => Some(run),
            _ => None,
        }
    }

    fn throughput(self) -> Option<&'a throughput::Run> {
        match self {
            Run::Throughput(run) => Some(run),
            _ => None,
        }
    }

    fn rtt(self) -> Option<ping::Summary> {
        self.ping()?.summary
    }

    fn sent(self) -> Option<throughput::Sent> {
        self.throughput()?.sent
    }

    fn received(self) -> Option<throughput::Received> {
        self.throughput()?.received
    }
}

impl LogRuns {
    fn iter(&self) -> impl Iterator<Item = Run<'_>> {
        let (ping, throughput) = match &self.runs {
            Runs::Ping(runs) => (&runs[..], &[][..]),
            Runs::Throughput(runs) => (&[][..], &runs[..]),
            _ => (&[][..], &[][..]),
        };
        let others = self.runs.len() - ping.len() - throughput.len();
        let ping = ping.iter().map(Run::Ping);
        let throughput = throughput.iter().map(Run::Throughput);
        ping.chain(throughput)
            .chain(std::iter::repeat_n(Run::Other, others))
    }
}

impl Rows for LogRuns {
    const NAME: &'static str = "trials";

    fn len(&self) -> usize {
        self.runs.len()
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        let rows = parts.iter().flat_map(|(_, log)| {
            let runs = (0_u32..).zip(log.iter());
            runs.map(|(number, run)| (log.tool, number, run))
        });
        columns!(rows, |&(tool, number, run)| {
            "run": number,
            "tool": tool.map(Tool::name),
            "destination": run.ping().and_then(|run| run.destination.as_deref()),
            "transmitted": run.ping().and_then(|run| run.transmitted),
            "received": run.ping().map(|run| run.received),
            "duplicates": run.ping().map(|run| run.duplicates),
            "errors": run.ping().map(|run| run.errors),
            "min_ms": run.rtt().map(|rtt| rtt.min_ms),
            "avg_ms": run.rtt().map(|rtt| rtt.avg_ms),
            "max_ms": run.rtt().map(|rtt| rtt.max_ms),
            "mdev_ms": run.rtt().and_then(|rtt| rtt.mdev_ms),
            "protocol": run.throughput().and_then(|run| run.protocol).map(|protocol| match protocol {
                Protocol::Tcp => "tcp",
                Protocol::Udp => "udp",
                Protocol::Sctp => "sctp",
            }),
            "role": run.throughput().and_then(|run| run.role).map(|role| match role {
                Role::Client => "client",
                Role::Server => "server",
            }),
            "streams": run.throughput().map(|run| run.streams),
            "reverse": run.throughput().map(|run| run.reverse),
            "bidir": run.throughput().map(|run| run.bidir),
            "sent_bytes": run.sent().map(|sent| sent.bytes),
            "sent_s": run.sent().map(|sent| sent.seconds),
            "sent_bits_per_second": run.sent().map(|sent| sent.bits_per_second),
            "retransmits": run.sent().and_then(|sent| sent.retransmits),
            "received_bytes": run.received().map(|received| received.bytes),
            "received_s": run.received().map(|received| received.seconds),
            "received_bits_per_second": run.received().map(|received| received.bits_per_second),
            "jitter_ms": run.received().and_then(|received| received.jitter_ms),
            "lost": run.received().and_then(|received| received.lost),
            "packets": run.received().and_then(|received| received.packets),
            "error": run.throughput().and_then(|run| run.error.as_deref()),
        })
    }
}

/// What a tool sums up: one number.
struct Measure {
    run: u32,
    subject: Option<String>,
    name: String,
    value: f64,
    unit: &'static str,
    line: u64,
}

impl Rows for Vec<Measure> {
    const NAME: &'static str = "measures";

    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn columns(parts: &[(Arc<LogId>, Self)]) -> Vec<Column> {
        let rows = parts.iter().flat_map(|(_, measures)| measures);
        columns!(rows, |measure| {
            "run": measure.run,
            "subject": measure.subject.as_deref(),
            "name": measure.name.as_str(),
            "value": measure.value,
            "unit": measure.unit,
            "line": measure.line,
        })
    }
}

fn measures(runs: &Runs) -> Vec<Measure> {
    match runs {
        Runs::Stress(runs) => {
            let runs = (0..).zip(runs);
            runs.flat_map(|(number, run)| of_stressors(number, run))
                .collect()
        }
        Runs::Benchmark(runs) => {
            let runs = (0..).zip(runs);
            runs.flat_map(|(number, run)| of_test(number, run))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn of_stressors(run: u32, stress: &stress::Run) -> impl Iterator<Item = Measure> {
    stress.stressors.iter().flat_map(move |stressor| {
        [
            ("bogo-ops", stressor.bogo_ops as f64, "1"),
            ("real-time", stressor.real_s, "s"),
            ("user-time", stressor.usr_s, "s"),
            ("system-time", stressor.sys_s, "s"),
            ("bogo-ops-per-real-time", stressor.ops_per_real_s, "1/s"),
            ("bogo-ops-per-cpu-time", stressor.ops_per_cpu_s, "1/s"),
        ]
        .map(|(name, value, unit)| Measure {
            run,
            subject: Some(stressor.name.clone()),
            name: name.to_owned(),
            value,
            unit,
            line: stressor.line,
        })
    })
}

fn of_test(run: u32, test: &benchmark::Run) -> impl Iterator<Item = Measure> {
    test.measures.iter().map(move |measure| Measure {
        run,
        subject: test.test.clone(),
        name: measure.name.clone(),
        value: measure.value,
        unit: measure.unit.name(),
        line: measure.line,
    })
}

/// All tables.
pub(super) struct Tables {
    logs: Table<Log>,
    trials: Table<LogRuns>,
    samples: Table<Samples>,
    intervals: Table<Intervals>,
    counters: Table<Counters>,
    measures: Table<Vec<Measure>>,
    warnings: Table<Vec<Warning>>,
}

impl Tables {
    pub(super) fn create(directory: &Path, factors: &[String]) -> Result<Self, AnalysisError> {
        let factors: Arc<[String]> = factors.into();
        Ok(Self {
            logs: Table::create(directory, &factors)?,
            trials: Table::create(directory, &factors)?,
            samples: Table::create(directory, &factors)?,
            intervals: Table::create(directory, &factors)?,
            counters: Table::create(directory, &factors)?,
            measures: Table::create(directory, &factors)?,
            warnings: Table::create(directory, &factors)?,
        })
    }

    pub(super) fn push(&mut self, log: &Arc<LogId>, record: Record) -> Result<(), AnalysisError> {
        match record {
            Record::Samples(samples) => self.samples.push(log, samples),
            Record::Intervals(intervals) => self.intervals.push(log, intervals),
            Record::Counters(counters) => self.counters.push(log, *counters),
            Record::End(document) => self.end(log, document),
        }
    }

    fn end(&mut self, log: &Arc<LogId>, document: Document) -> Result<(), AnalysisError> {
        let Document {
            tool,
            dialect,
            outcome,
            runs,
            account,
            warnings,
        } = document;
        let row = Log {
            tool,
            dialect,
            outcome: match outcome {
                Outcome::Ok => "ok",
                Outcome::Partial => "partial",
                Outcome::Failed => "failed",
                Outcome::Unrecognised => "unrecognised",
            },
            runs: number(runs.len()),
            bytes: [account.read, account.skipped, account.warned],
            warnings: number(warnings.len()),
        };
        self.logs.push(log, row)?;
        self.measures.push(log, measures(&runs))?;
        self.trials.push(log, LogRuns { tool, runs })?;
        self.warnings.push(log, warnings)
    }

    /// Writes what is left; the files.
    pub(super) fn finish(self) -> Result<Vec<PathBuf>, AnalysisError> {
        let files = [
            self.logs.finish()?,
            self.trials.finish()?,
            self.samples.finish()?,
            self.intervals.finish()?,
            self.counters.finish()?,
            self.measures.finish()?,
            self.warnings.finish()?,
        ];
        Ok(files.concat())
    }
}
