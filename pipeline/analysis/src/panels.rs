//! The figures of a report: a panel for each metric of each workload, a distribution for
//! each workload of ping.

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
use crate::values::{Samples, Values, key};

pub(crate) fn panels(cells: &[Cell], estimator: &Estimator) -> Result<Vec<Panel>, AnalysisError> {
    let mut panels = Vec::new();
    for group in by_workload(cells) {
        let Some(first) = group.first() else { continue };
        for metric in shown(first) {
            let group = of_metric(&group, metric);
            let rows: Vec<Row> = group
                .iter()
                .map(|cell| row(cell, metric, estimator))
                .collect::<Result<_, _>>()?;
            // Not every host counts everything, and old campaigns counted nothing.
            let is_there = !metric.is_of_host() || rows.iter().any(|row| !row.trials.is_empty());
            if rows.is_empty() || !is_there {
                continue;
            }
            let slopes = match metric.is_of_host() {
                true => slopes(&group, metric, estimator)?,
                false => Vec::new(),
            };
            let shares = match metric {
                Metric::Fairness => shares(&group, estimator)?,
                _ => Vec::new(),
            };
            panels.push(Panel {
                id: format!("{}-{}", id(first), metric.name()),
                experiment: first.experiment.clone(),
                question: first.question,
                metric,
                workload: first.workload.to_string(),
                rows,
                comparisons: comparisons(&group, cells, metric, estimator)?,
                slopes,
                shares,
            });
        }
    }
    Ok(panels)
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
    let cells: Vec<Cell> = replies.iter().map(|(cell, _)| cell.clone()).collect();
    let mut distributions = Vec::new();
    for group in by_workload(&cells) {
        let Some(first) = group.first() else { continue };
        let mut curves = Vec::new();
        for cell in &group {
            let trials = replies.iter().find(|(known, _)| known == *cell);
            let trials = trials.map_or(&[][..], |(_, trials)| trials);
            let curve = Curve::of(cell.id(), cell.arm, cell.setting.clone(), trials, level);
            curves.push(curve.map_err(failed("the round-trip times", &key(cell)))?);
        }
        distributions.push(Distribution {
            id: format!("{}-rtt", id(first)),
            experiment: first.experiment.clone(),
            workload: first.workload.to_string(),
            curves,
        });
    }
    Ok(distributions)
}

/// What ping said in each trial of each cell. A trial without replies has no RTT but sent
/// requests all the same: hence the trials are those that have a loss.
pub(crate) fn replies(
    cells: &[Cell],
    values: &Values,
    samples: &Samples,
) -> Vec<(Cell, Vec<TrialReplies>)> {
    let pings = cells
        .iter()
        .filter(|cell| matches!(cell.workload, Workload::Ping { .. }));
    let of_cell = pings.map(|cell| {
        let key = key(cell);
        let mut series = samples.by_block(&key);
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
