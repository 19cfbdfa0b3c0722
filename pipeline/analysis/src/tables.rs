//! The campaign as tidy tables: a row a trial, a reply, an interval, a value, a counter, a
//! phase, a command, a warning.

use std::path::{Path, PathBuf};

use polars::prelude::{Column, DataFrame, PolarsResult};
use vnicbench_logs::throughput::{Direction, Stream};
use vnicbench_model::{CommandRecord, Phase};

use crate::error::AnalysisError;
use crate::measurement::Value;
use crate::path::MeasuredPath;
use crate::table_file::TableFile;
use crate::trials::TrialEntry;

/// Tidy tables of a campaign, rows in the order of the plan and of the logs.
///
/// All but `warnings` begin with the columns `experiment`, `cell`, `backend` (of a mix both:
/// `virtio+sriov` in one VM, `virtio|sriov` in VMs of both kinds), `instance`, `neighbour`,
/// `vms`, `nics`, `network`, `path`, `neighbour_at`, `workers`, `tuning`, `kernel` and `qemu` (absent
/// where the matrix gives none), `tool` and `block`. A column `node` is the measured NIC: its instance,
/// with `.nic1` and so on where that has several. Paths are below the campaign, lines count
/// from 1 (0 is the file as a whole), times are in the unit that ends a column's name.
#[derive(Debug, Clone)]
pub struct Tables {
    /// A planned trial each: `sequence`, `boot`, `workload`, `state` (`complete`,
    /// `failed`, `interrupted`, `missing`), `start`, `end`, `directory`, `failure` (why
    /// there is no result; for a complete trial, why a log gave no value), `start_skew_us`
    /// (from the first to the last start of the measuring commands, where there are several).
    pub trials: DataFrame,
    /// A reply of ping each: `node`, `index` from 0, `rtt_ms`, `censored` (only an upper bound),
    /// `line`.
    pub samples: DataFrame,
    /// An interval of iperf or iperf3 each: `node`, `stream` (a number, or `sum`), `direction`
    /// (as the log's writer saw it), `start_s`, `end_s`, `bytes`, `bits_per_second`,
    /// `retransmits`, `omitted` (warm-up), `line`.
    pub intervals: DataFrame,
    /// A metric of a trial each, long form: `node` (absent), `metric`, `unit` (empty for
    /// shares, counts and indices), `value`; `events` and `attempts` of a share; `log`,
    /// `first_line`, `last_line` of the records used. Where several NICs were measured, these
    /// rows are of all together and without a log, and there are rows for each `node` as well.
    pub values: DataFrame,
    /// A counter of the host in a trial each, long form: `counter`, `unit` (empty for
    /// counts), `value` from the first to the last snapshot, which are `window` seconds
    /// apart, `log`.
    pub counters: DataFrame,
    /// A phase of a trial each: `phase`, `ms`.
    pub phases: DataFrame,
    /// A program that was run each: `role`, `node`, `argv` (a JSON list), `stdout`,
    /// `stderr`, `status`, `signal`, `timed_out`, `elapsed_ms`, `started_us` (of the
    /// monotonic clock where it ran).
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
            "vms": $entry.dir.planned.cell.setting.vms,
            "nics": $entry.dir.planned.cell.setting.nics,
            "network": $entry.dir.planned.cell.setting.network.name(),
            "path": $entry.dir.planned.cell.setting.path.name(),
            "neighbour_at": $entry.dir.planned.cell.setting.neighbour_at.name(),
            "workers": $entry.dir.planned.cell.setting.workers,
            "tuning": $entry.dir.planned.cell.setting.tuning.as_deref(),
            "kernel": $entry.dir.planned.cell.setting.kernel.as_deref(),
            "qemu": $entry.dir.planned.cell.setting.qemu.as_deref(),
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
            counters: counters(entries).map_err(build("counters"))?,
            phases: phases(entries).map_err(build("phases"))?,
            commands: commands(entries).map_err(build("commands"))?,
            warnings: warnings(entries).map_err(build("warnings"))?,
        })
    }

    /// Each table with its name, in the order of the documentation.
    pub fn all(&self) -> [(&'static str, &DataFrame); 8] {
        [
            ("trials", &self.trials),
            ("samples", &self.samples),
            ("intervals", &self.intervals),
            ("values", &self.values),
            ("counters", &self.counters),
            ("phases", &self.phases),
            ("commands", &self.commands),
            ("warnings", &self.warnings),
        ]
    }

    /// Writes each table to `<name>.csv` and `<name>.parquet` in `directory`, which is made if
    /// need be; the files, in that order. The same campaign gives the same bytes.
    ///
    /// # Errors
    ///
    /// [`AnalysisError::Write`] and [`AnalysisError::Table`].
    pub fn write(&self, directory: &Path) -> Result<Vec<PathBuf>, AnalysisError> {
        let mut written = Vec::new();
        for (name, table) in self.all() {
            let mut file = TableFile::create(directory, name, table.schema())?;
            file.write(table)?;
            written.extend(file.finish()?);
        }
        Ok(written)
    }
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
        "start_skew_us": trial.and_then(|trial| trial.start_skew_us),
    })
}

/// The measured NICs of a trial.
fn paths(entry: &TrialEntry) -> impl Iterator<Item = (&TrialEntry, &MeasuredPath)> {
    let paths = entry.measurement.paths.iter();
    paths.map(move |path| (entry, path))
}

fn samples(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(paths)
        .flat_map(|(entry, path)| {
            let samples = path.samples.rtt_ms.iter().zip(&path.samples.lines);
            (0_u32..)
                .zip(samples)
                .map(move |(index, sample)| (entry, (path, index, sample)))
        })
        .collect();
    trial_table!(rows, |entry, (path, index, (rtt_ms, line))| {
        "node": path.node.as_str(),
        "index": index,
        "rtt_ms": *rtt_ms,
        // Ascending, since they are noted as the lines come.
        "censored": path.samples.censored.binary_search(&index).is_ok(),
        "line": u64::from(*line),
    })
}

fn intervals(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(paths)
        .flat_map(|(entry, path)| {
            let intervals = path.intervals.iter();
            intervals.map(move |interval| (entry, (path, interval)))
        })
        .collect();
    trial_table!(rows, |entry, (path, interval)| {
        "node": path.node.as_str(),
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
    let mut rows: Vec<(&TrialEntry, (Option<&str>, &Value))> = Vec::new();
    for entry in entries {
        let measurement = &entry.measurement;
        rows.extend(
            measurement
                .values
                .iter()
                .map(|value| (entry, (None, value))),
        );
        // The values of an only NIC are those of its trial.
        if measurement.paths.len() > 1 {
            for path in &measurement.paths {
                let node = Some(path.node.as_str());
                rows.extend(path.values.iter().map(|value| (entry, (node, value))));
            }
        }
    }
    trial_table!(rows, |entry, (node, value)| {
        "node": node,
        "metric": value.metric.name(),
        "unit": value.metric.unit(),
        "value": value.value,
        "events": value.share.map(|(events, _)| events),
        "attempts": value.share.map(|(_, attempts)| attempts),
        "log": value.source.as_ref().map(|source| source.log.as_str()),
        "first_line": value.source.as_ref().map(|source| source.lines.0),
        "last_line": value.source.as_ref().map(|source| source.lines.1),
    })
}

fn counters(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<_> = entries
        .iter()
        .flat_map(|entry| {
            let counters = entry.measurement.counters.iter();
            counters.map(move |counter| (entry, counter))
        })
        .collect();
    trial_table!(rows, |entry, counter| {
        "counter": counter.name.as_str(),
        "unit": counter.unit,
        "value": counter.value,
        "log": counter.log.as_str(),
    })
}

fn phases(entries: &[TrialEntry]) -> PolarsResult<DataFrame> {
    let rows: Vec<(&TrialEntry, (&Phase, &u64))> = entries
        .iter()
        .flat_map(|entry| {
            let phases = entry.dir.trial.iter().flat_map(|trial| &trial.phases_ms);
            phases.map(move |phase| (entry, phase))
        })
        .collect();
    trial_table!(rows, |entry, (phase, ms)| {
        "phase": phase.name(),
        "ms": *ms,
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
        "started_us": command.started_us,
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
