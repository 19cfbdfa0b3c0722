//! What became of the trials, and what was odd in their logs.

use std::collections::BTreeMap;

use vnicbench_model::{Cell, TrialState};

use crate::error::AnalysisError;
use crate::estimate::Estimator;
use crate::result::{CellCounts, Counts, Failure, LogWarning};
use crate::trials::TrialEntry;
use crate::values::{CellKey, key};

/// Counts of every cell.
pub(crate) type States = BTreeMap<CellKey, Counts>;

pub(crate) fn by_cell(entries: &[TrialEntry]) -> States {
    let mut counted = States::new();
    for entry in entries {
        let counts = counted.entry(key(&entry.dir.planned.cell)).or_default();
        counts.planned += 1;
        match entry.dir.state {
            TrialState::Complete => counts.complete += 1,
            TrialState::Failed => counts.failed += 1,
            TrialState::Interrupted => counts.interrupted += 1,
            TrialState::Missing => counts.missing += 1,
        }
    }
    counted
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
pub(crate) fn failures(entries: &[TrialEntry]) -> Vec<Failure> {
    let failure = |entry: &TrialEntry| {
        Some(Failure {
            trial: entry.directory.clone(),
            state: match entry.dir.state {
                TrialState::Complete => "unusable",
                TrialState::Failed => "failed",
                TrialState::Interrupted => "interrupted",
                TrialState::Missing => "missing",
            },
            reason: entry.failure()?,
        })
    };
    entries.iter().filter_map(failure).collect()
}

/// Oddities by kind, each with its first place.
pub(crate) fn log_warnings(entries: &[TrialEntry]) -> Vec<LogWarning> {
    let mut by_kind: BTreeMap<&str, LogWarning> = BTreeMap::new();
    for oddity in entries.iter().flat_map(|entry| &entry.measurement.oddities) {
        let warning = by_kind.entry(&oddity.kind).or_insert_with(|| LogWarning {
            kind: oddity.kind.clone(),
            count: 0,
            file: oddity.file.clone(),
            line: oddity.line,
            text: oddity.text.clone(),
        });
        warning.count = warning.count.saturating_add(1);
    }
    by_kind.into_values().collect()
}
