//! How precise a campaign is so far.

use std::collections::BTreeMap;

use vnicbench_model::{CampaignDir, TrialState};
use vnicbench_stats::Level;

use crate::error::AnalysisError;
use crate::estimate::{failed, of_trials};
use crate::measurement::metrics;
use crate::result::Metric;
use crate::trials;
use crate::values::{CellKey, key};

/// The widest interval of a metric (by its name in the tables: `rtt-median`, `goodput`) among
/// the cells that have it, as half its width over its estimate. None while a cell with a trial
/// that was begun has no interval yet, or if no cell has the metric.
///
/// Reads the finished trials and takes their files for what they were: sums are compared when
/// the campaign is analysed.
///
/// # Errors
///
/// [`AnalysisError::Store`] for a head, plan or record that can't be read.
pub fn widest(dir: &CampaignDir, metric: &str) -> Result<Option<f64>, AnalysisError> {
    let level = Level::new(dir.campaign()?.matrix.level).map_err(AnalysisError::Level)?;
    let mut cells: BTreeMap<(CellKey, Metric), Vec<_>> = BTreeMap::new();
    for trial in dir.trials()? {
        let cell = &trial.planned.cell;
        let mut known = metrics(&cell.workload).iter().copied();
        let Some(metric) = known.find(|known| known.name() == metric) else {
            continue;
        };
        if trial.state == TrialState::Missing {
            continue;
        }
        let values = cells.entry((key(cell), metric)).or_default();
        let measured = trials::measured_by_tools(dir.path(), &trial);
        let value = measured.values.iter().find(|value| value.metric == metric);
        values.extend(value.map(|value| (value.value, value.share)));
    }
    let mut widest: Option<f64> = None;
    for ((cell, metric), values) in cells {
        let outcome =
            of_trials(metric, values.into_iter(), level).map_err(failed(metric.name(), &cell))?;
        let Some(width) = outcome.estimate().and_then(|e| e.relative_half_width()) else {
            return Ok(None);
        };
        widest = Some(widest.map_or(width, |widest| widest.max(width)));
    }
    Ok(widest)
}
