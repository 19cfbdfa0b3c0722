//! The figures of a report: a panel for each metric of each workload, a distribution for
//! each workload of ping.

use std::collections::BTreeMap;

use rayon::prelude::*;
use vnicbench_model::{Cell, Setting, Workload};
use vnicbench_stats::Level;

use crate::comparison::comparisons;
use crate::curve::TrialReplies;
use crate::error::AnalysisError;
use crate::estimate::{Estimator, failed};
use crate::measurement::{nics, shown};
use crate::result::{Curve, Distribution, Metric, Panel, Row, TrialValue};
use crate::share::shares;
use crate::slope::slopes;
use crate::values::{CellKey, Samples, Values, key};

pub(crate) fn panels(cells: &[Cell], estimator: &Estimator) -> Result<Vec<Panel>, AnalysisError> {
    let groups = by_workload(cells);
    let metrics = groups.iter().filter_map(|group| {
        let first = group.first()?;
        Some(shown(first).into_iter().map(move |metric| (group, metric)))
    });
    let wanted: Vec<_> = metrics.flatten().collect();
    let panels: Vec<Result<Option<Panel>, AnalysisError>> = wanted
        .into_par_iter()
        .map(|(group, metric)| panel(&of_metric(group, metric), cells, metric, estimator))
        .collect();
    panels.into_iter().filter_map(Result::transpose).collect()
}

/// The panel of a metric of a workload's cells; none where there is nothing of it.
fn panel(
    group: &[&Cell],
    all: &[Cell],
    metric: Metric,
    estimator: &Estimator,
) -> Result<Option<Panel>, AnalysisError> {
    let Some(first) = group.first() else {
        return Ok(None);
    };
    let rows: Vec<Row> = group
        .iter()
        .map(|cell| row(cell, metric, estimator))
        .collect::<Result<_, _>>()?;
    // Not every host counts everything, and old campaigns counted nothing.
    if metric.is_of_host() && rows.iter().all(|row| row.trials.is_empty()) {
        return Ok(None);
    }
    Ok(Some(Panel {
        id: format!("{}-{}", id(first), metric.name()),
        experiment: first.experiment.clone(),
        question: first.question,
        metric,
        workload: first.workload.to_string(),
        rows,
        comparisons: comparisons(group, all, metric, estimator)?,
        slopes: match metric.is_of_host() {
            true => slopes(group, metric, estimator)?,
            false => Vec::new(),
        },
        shares: match metric {
            Metric::Fairness => shares(group, estimator)?,
            _ => Vec::new(),
        },
    }))
}

/// The cells that can have the metric: one NIC alone shares with nobody.
fn of_metric<'a>(cells: &[&'a Cell], metric: Metric) -> Vec<&'a Cell> {
    let has = |cell: &&Cell| metric != Metric::Fairness || nics(cell) > 1;
    cells.iter().copied().filter(has).collect()
}

fn row(cell: &Cell, metric: Metric, estimator: &Estimator) -> Result<Row, AnalysisError> {
    let values = estimator.values(&key(cell), metric);
    let trials = values.iter().map(|row| TrialValue {
        block: row.block,
        value: row.value,
        sources: row.sources.clone(),
    });
    Ok(Row {
        cell: cell.id(),
        arm: cell.arm,
        setting: cell.setting.clone(),
        estimate: estimator.estimate(cell, metric)?,
        trials: trials.collect(),
    })
}

pub(crate) fn distributions(
    replies: &[(Cell, Vec<TrialReplies>)],
    level: Level,
) -> Result<Vec<Distribution>, AnalysisError> {
    let curve = |(cell, trials): &(Cell, Vec<TrialReplies>)| {
        let curve = Curve::of(cell.id(), cell.arm, cell.setting.clone(), trials, level);
        curve.map_err(failed("the round-trip times", &key(cell)))
    };
    let curves: Vec<Result<Curve, AnalysisError>> = replies.par_iter().map(curve).collect();
    let cells: Vec<Cell> = replies.iter().map(|(cell, _)| cell.clone()).collect();
    let mut of_cells: BTreeMap<CellKey, Curve> = BTreeMap::new();
    for (cell, curve) in cells.iter().zip(curves) {
        of_cells.insert(key(cell), curve?);
    }
    let groups = by_workload(&cells).into_iter();
    let distribution = |group: Vec<&Cell>| {
        let first = group.first()?;
        Some(Distribution {
            id: format!("{}-rtt", id(first)),
            experiment: first.experiment.clone(),
            workload: first.workload.to_string(),
            curves: group
                .iter()
                .filter_map(|cell| of_cells.remove(&key(cell)))
                .collect(),
        })
    };
    Ok(groups.filter_map(distribution).collect())
}

/// What ping said in each trial of each cell. A trial without replies has no RTT but sent
/// requests all the same: hence the trials are those that have a loss.
pub(crate) fn replies(
    cells: &[Cell],
    values: &Values,
    samples: &mut Samples,
) -> Vec<(Cell, Vec<TrialReplies>)> {
    let pings = cells
        .iter()
        .filter(|cell| matches!(cell.workload, Workload::Ping { .. }));
    let of_cell = pings.map(|cell| {
        let key = key(cell);
        let mut series = samples.remove(&key);
        let trials = values.of(&key, Metric::PingLoss).iter().map(|row| {
            let attempts = row.share.map_or(0, |(_, attempts)| attempts);
            TrialReplies {
                transmitted: attempts,
                rtt_ms: series.remove(&row.block).unwrap_or_default(),
            }
        });
        (cell.clone(), trials.collect())
    });
    of_cell.collect()
}

/// The cells of each workload of each experiment, groups and cells in their order.
fn by_workload(cells: &[Cell]) -> Vec<Vec<&Cell>> {
    let mut groups: Vec<Vec<&Cell>> = Vec::new();
    for cell in cells {
        let same =
            |other: &&Cell| other.experiment == cell.experiment && other.workload == cell.workload;
        match groups
            .iter_mut()
            .find(|group| group.first().is_some_and(same))
        {
            Some(group) => group.push(cell),
            None => groups.push(vec![cell]),
        }
    }
    groups
}

/// Experiment and workload as an anchor: a cell's id without its arm and neighbour.
fn id(cell: &Cell) -> String {
    let idle = Cell {
        setting: Setting::default(),
        ..cell.clone()
    }
    .id();
    let arm = format!("{}-", cell.arm);
    format!(
        "{}-{}",
        cell.experiment,
        idle.strip_prefix(&arm).unwrap_or(&idle)
    )
}
