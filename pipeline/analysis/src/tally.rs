//! What became of the trials, and what was odd in their logs.

use std::collections::BTreeMap;

use polars::prelude::{DataFrame, PolarsResult};
use vnicbench_model::Cell;

use crate::error::AnalysisError;
use crate::estimate::Estimator;
use crate::result::{CellCounts, Counts, Failure, LogWarning};
use crate::values::{CellKey, groups, key};

/// Counts of every cell.
pub(crate) type States = BTreeMap<CellKey, Counts>;

pub(crate) fn by_cell(trials: &DataFrame) -> Result<States, AnalysisError> {
    let count = || -> PolarsResult<States> {
        let (experiments, cells) = (
            trials.column("experiment")?.str()?,
            trials.column("cell")?.str()?,
        );
        let states = trials.column("state")?.str()?;
        let mut counted = States::new();
        for group in groups(trials, &["experiment", "cell", "state"])? {
            let Some(&first) = group.first() else {
                continue;
            };
            let (Some(experiment), Some(cell)) = (experiments.get(first), cells.get(first)) else {
                continue;
            };
            let counts = counted
                .entry((experiment.to_owned(), cell.to_owned()))
                .or_default();
            let n = u32::try_from(group.len()).unwrap_or(u32::MAX);
            counts.planned += n;
            match states.get(first) {
                Some("complete") => counts.complete += n,
                Some("failed") => counts.failed += n,
                Some("interrupted") => counts.interrupted += n,
                _ => counts.missing += n,
            }
        }
        Ok(counted)
    };
    count().map_err(AnalysisError::table("read", "trials"))
}

pub(crate) fn total(states: &States) -> Counts {
    states
        .values()
        .fold(Counts::default(), |total, cell| Counts {
            planned: total.planned + cell.planned,
            complete: total.complete + cell.complete,
            failed: total.failed + cell.failed,
            interrupted: total.interrupted + cell.interrupted,
            missing: total.missing + cell.missing,
        })
}

pub(crate) fn successes(
    cells: &[Cell],
    states: &States,
    estimator: &Estimator,
) -> Result<Vec<CellCounts>, AnalysisError> {
    cells
        .iter()
        .map(|cell| {
            let key = key(cell);
            let counts = states.get(&key).copied().unwrap_or_default();
            let success = estimator.success(&key, &counts)?;
            let (experiment, cell) = key;
            Ok(CellCounts {
                experiment,
                cell,
                counts,
                success,
            })
        })
        .collect()
}

/// Every trial that is no result, or not all of one.
pub(crate) fn failures(trials: &DataFrame) -> Result<Vec<Failure>, AnalysisError> {
    let list = || -> PolarsResult<Vec<Failure>> {
        let (directories, states) = (
            trials.column("directory")?.str()?,
            trials.column("state")?.str()?,
        );
        let reasons = trials.column("failure")?.str()?;
        let rows = directories.iter().zip(states.iter()).zip(reasons.iter());
        let failures = rows.filter_map(|((directory, state), reason)| {
            let state = match state? {
                "complete" => "unusable",
                "failed" => "failed",
                "interrupted" => "interrupted",
                _ => "missing",
            };
            Some(Failure {
                trial: directory?.to_owned(),
                state,
                reason: reason?.to_owned(),
            })
        });
        Ok(failures.collect())
    };
    list().map_err(AnalysisError::table("read", "trials"))
}

/// Oddities by kind, each with its first place.
pub(crate) fn log_warnings(warnings: &DataFrame) -> Result<Vec<LogWarning>, AnalysisError> {
    let list = || -> PolarsResult<Vec<LogWarning>> {
        let (kinds, files) = (
            warnings.column("kind")?.str()?,
            warnings.column("file")?.str()?,
        );
        let (lines, texts) = (
            warnings.column("line")?.u64()?,
            warnings.column("text")?.str()?,
        );
        let groups = groups(warnings, &["kind"])?.into_iter();
        let mut by_kind: Vec<LogWarning> = groups
            .filter_map(|group| {
                let first = *group.first()?;
                Some(LogWarning {
                    kind: kinds.get(first)?.to_owned(),
                    count: u32::try_from(group.len()).unwrap_or(u32::MAX),
                    file: files.get(first)?.to_owned(),
                    line: lines.get(first)?,
                    text: texts.get(first)?.to_owned(),
                })
            })
            .collect();
        by_kind.sort_by(|a, b| a.kind.cmp(&b.kind));
        Ok(by_kind)
    };
    list().map_err(AnalysisError::table("read", "warnings"))
}
