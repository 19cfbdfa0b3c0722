//! The campaign as tidy tables: a row a trial, a reply, an interval, a value, a command,
//! a warning.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, PolarsResult};
use polars_io::SerWriter;
use polars_io::csv::write::CsvWriter;
use vnicbench_logs::throughput::{Direction, Stream};
use vnicbench_model::CommandRecord;

use crate::error::AnalysisError;
use crate::trials::TrialEntry;

/// Tidy tables of a campaign, rows in the order of the plan and of the logs.
///
/// All but `warnings` begin with the columns `experiment`, `cell`, `backend`, `instance`,
/// `neighbour`, `tool` and `block`. Paths are below the campaign, lines count from 1 (0
/// is the file as a whole), times are in the unit that ends a column's name.
#[derive(Debug, Clone)]
pub struct Tables {
    /// A planned trial each: `sequence`, `boot`, `workload`, `state` (`complete`,
    /// `failed`, `interrupted`, `missing`), `start`, `end`, `directory`, `failure` (why
    /// there is no result; for a complete trial, why a log gave no value).
    pub trials: DataFrame,
    /// A reply of ping each: `index` from 0, `rtt_ms`, `censored` (only an upper bound),
    /// `line`.
    pub samples: DataFrame,
    /// An interval of iperf or iperf3 each: `stream` (a number, or `sum`), `direction`
    /// (as the log's writer saw it), `start_s`, `end_s`, `bytes`, `bits_per_second`,
    /// `retransmits`, `omitted` (warm-up), `line`.
    pub intervals: DataFrame,
    /// A metric of a trial each, long form: `metric`, `unit` (empty for shares and
    /// counts), `value`; `events` and `attempts` of a share; `log`, `first_line`,
    /// `last_line` of the records used.
    pub values: DataFrame,
    /// A program that was run each: `role`, `node`, `argv` (a JSON list), `stdout`,
    /// `stderr`, `status`, `signal`, `timed_out`, `elapsed_ms`.
    pub commands: DataFrame,
    /// An oddity each: `kind`, `file`, `line`, `text`.
    pub warnings: DataFrame,
}

/// A table with a column for each named expression over `$row`.
macro_rules! table {
    ($rows:expr, |$row:pat_param| { $($name:literal: $value:expr),* $(,)? }) => {{
        let rows = &$rows;
        frame(rows.len(), vec![$(
            // A column needs some of what a row is made of.
            Column::new($name.into(), rows.iter().map(#[allow(unused_variables)] |$row| $value).collect::<Vec<_>>())
        ),*])
    }};
}

/// A table of a trial's parts: the columns that say which trial, then those of `$row`.
macro_rules! trial_table {
    ($rows:expr, |$entry:ident, $row:pat_param| { $($name:literal: $value:expr),* $(,)? }) => {
        table!($rows, |&($entry, $row)| {
            "experiment": $entry.dir.planned.cell.experiment.as_str(),
            "cell": $entry.cell.as_str(),
            "backend": $entry.dir.planned.cell.arm.backing().to_string(),
            "instance": $entry.dir.planned.cell.arm.instance.name(),
            "neighbour": $entry.dir.planned.cell.setting.neighbour.name(),
            "tool": $entry.dir.planned.cell.workload.tool(),
            "block": $entry.dir.planned.block,
            $($name: $value),*
        })
    };
}

fn frame(height: usize, columns: Vec<Column>) -> PolarsResult<DataFrame> {
    DataFrame::new(height, columns)
}

impl Tables {
    pub(crate) fn new(entries: &[TrialEntry]) -> Result<Self, AnalysisError> {
        let build = |name| AnalysisError::table("build", name);
        Ok(Self {
            trials: trials(entries).map_err(build("trials"))?,
            samples: samples(entries).map_err(build("samples"))?,
            intervals: intervals(entries).map_err(build("intervals"))?,
            values: values(entries).map_err(build("values"))?,
            commands: commands(entries).map_err(build("commands"))?,
            warnings: warnings(entries).map_err(build("warnings"))?,
        })
    }

    /// Each table with its name, in the order of the documentation.
    pub fn all(&self) -> [(&'static str, &DataFrame); 6] {
        [
            ("trials", &self.trials),
            ("samples", &self.samples),
            ("intervals", &self.intervals),
            ("values", &self.values),
            ("commands", &self.commands),
            ("warnings", &self.warnings),
        ]
    }

    /// Writes each table to `<name>.csv` in `directory`, which is made if need be; the
    /// files, in that order. The same campaign gives the same bytes: numbers are written
    /// with the fewest digits that read back as the same number, absent values as
    /// nothing, lines end with LF.
    ///
    /// # Errors
    ///
    /// [`AnalysisError::Write`] and [`AnalysisError::Table`].
    pub fn write_csv(&self, directory: &Path) -> Result<Vec<PathBuf>, AnalysisError> {
        fs::create_dir_all(directory).map_err(write_error(directory))?;
        let mut written = Vec::new();
        for (name, table) in self.all() {
            let path = directory.join(format!("{name}.csv"));
            let file = File::create(&path).map_err(write_error(&path))?;
            CsvWriter::new(file)
                .finish(&mut table.clone())
                .map_err(AnalysisError::table("write", name))?;
            written.push(path);
        }
        Ok(written)
    }
}

fn write_error(path: &Path) -> impl FnOnce(std::io::Error) -> AnalysisError {
    let path = path.to_owned();
    move |source| AnalysisError::Write { path, source }
}

fn trials(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .map(|entry| (entry, entry.dir.trial.as_ref()))
        .collect();
    trial_table!(rows, |entry, trial| {
        "sequence": entry.dir.planned.sequence,
        "boot": trial.map_or(entry.dir.planned.boot, |trial| trial.boot),
        "workload": entry.dir.planned.cell.workload.to_string(),
        "state": entry.state(),
        "start": trial.map(|trial| trial.start.as_str()),
        "end": trial.map(|trial| trial.end.as_str()),
        "directory": entry.directory.as_str(),
        "failure": entry.failure(),
    })
}

fn samples(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(|entry| {
            (0_u32..)
                .zip(&entry.measurement.samples)
                .map(move |row| (entry, row))
        })
        .collect();
    trial_table!(rows, |entry, (index, sample)| {
        "index": index,
        "rtt_ms": sample.rtt_ms,
        "censored": sample.censored,
        "line": sample.line,
    })
}

fn intervals(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(|entry| {
            entry
                .measurement
                .intervals
                .iter()
                .map(move |row| (entry, row))
        })
        .collect();
    trial_table!(rows, |entry, interval| {
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

fn values(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(|entry| entry.measurement.values.iter().map(move |row| (entry, row)))
        .collect();
    trial_table!(rows, |entry, value| {
        "metric": value.metric.name(),
        "unit": value.metric.unit(),
        "value": value.value,
        "events": value.share.map(|(events, _)| events),
        "attempts": value.share.map(|(_, attempts)| attempts),
        "log": entry.measurement.log.as_str(),
        "first_line": value.lines.0,
        "last_line": value.lines.1,
    })
}

fn commands(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<(&TrialEntry, &CommandRecord)> = entries
        .iter()
        .flat_map(|entry| {
            entry
                .dir
                .trial
                .iter()
                .flat_map(move |trial| trial.commands.iter().map(move |row| (entry, row)))
        })
        .collect();
    trial_table!(rows, |entry, command| {
        "role": command.role.as_str(),
        "node": command.node.as_str(),
        "argv": serde_json::Value::from(command.argv.clone()).to_string(),
        "stdout": command.stdout.as_str(),
        "stderr": command.stderr.as_str(),
        "status": command.status,
        "signal": command.signal,
        "timed_out": command.timed_out,
        "elapsed_ms": command.elapsed_ms,
    })
}

fn warnings(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(|entry| &entry.measurement.oddities)
        .collect();
    table!(rows, |oddity| {
        "kind": oddity.kind.as_str(),
        "file": oddity.file.as_str(),
        "line": oddity.line,
        "text": oddity.text.as_str(),
    })
}
