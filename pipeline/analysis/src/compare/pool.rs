//! Campaigns of one matrix on several hosts, with the host as a level.
//!
//! Within a host blocks are independent, and the ratio to the baseline is that of a campaign by
//! itself. What holds for hosts like these rests on hosts alone: the unit is the host, its
//! value the geometric mean of its blocks' ratios (T. Kalibera and R. Jones, Rigorous
//! benchmarking in reasonable time, ISMM 2013: the highest level gives the interval).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use vnicbench_model::Arm;
use vnicbench_stats::hierarchy::{self, Nested};
use vnicbench_stats::{Level, Outcome, StatsError, mean, paired};

use crate::error::AnalysisError;
use crate::result::{Analysis, Comparison, Contrast, Metric, Panel, Row};

/// Ratios to the baseline arm on several hosts.
#[derive(Debug, Clone, Serialize)]
pub struct Pool {
    /// The campaigns, one a host.
    pub hosts: Vec<PooledHost>,
    /// Level of the intervals.
    pub level: Level,
    /// Ratios that each host has.
    pub ratios: Vec<PooledRatio>,
    /// Ratios that some host hasn't: experiment, cell and metric.
    pub partial: Vec<String>,
}

/// A campaign on its host.
#[derive(Debug, Clone, Serialize)]
pub struct PooledHost {
    /// The campaign.
    pub campaign: String,
    /// When it began.
    pub started: String,
    /// Its CPU and kernel.
    pub host: String,
}

/// A ratio on each host and over all.
#[derive(Debug, Clone, Serialize)]
pub struct PooledRatio {
    /// Experiment.
    pub experiment: String,
    /// Cell id of the numerator.
    pub cell: String,
    /// Its arm.
    pub arm: Arm,
    /// Of the denominator.
    pub baseline: String,
    /// Metric.
    pub metric: Metric,
    /// The ratio on each host, in the order of the hosts.
    pub hosts: Vec<Outcome>,
    /// Over hosts, of which there may be too few.
    pub pooled: Outcome,
    /// How much hosts differ; none where blocks are too few to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heterogeneity: Option<Heterogeneity>,
}

/// How much hosts differ in a ratio. Descriptive.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Heterogeneity {
    /// Standard deviation between hosts of the ratio's logarithm; 0 if none can be seen.
    pub between_hosts: f64,
    /// And between the blocks of a host.
    pub between_blocks: f64,
}

/// Pools campaigns of the same matrix.
///
/// # Errors
///
/// [`AnalysisError::Estimate`] for a statistic that can't be made, [`AnalysisError::Level`].
pub fn pool(analyses: &[Analysis]) -> Result<Pool, AnalysisError> {
    let level = analyses
        .first()
        .map_or(0.95, |first| first.campaign.matrix.level);
    let level = Level::new(level).map_err(AnalysisError::Level)?;
    let all: Vec<_> = analyses.iter().map(comparisons).collect();
    let (mut ratios, mut partial) = (Vec::new(), Vec::new());
    let mut order: Vec<&Key> = Vec::new();
    for (list, _) in &all {
        order.extend(list);
    }
    let mut known = BTreeSet::new();
    for key in order.into_iter().filter(|key| known.insert(*key)) {
        let on: Option<Vec<(&Panel, &Comparison)>> =
            all.iter().map(|(_, map)| map.get(key).copied()).collect();
        let (experiment, cell, metric) = key;
        match on {
            None => partial.push(format!("{experiment}/{cell}: {}", metric.label())),
            Some(on) => {
                let failed = |source| AnalysisError::Estimate {
                    quantity: format!("the ratio of {} over hosts", metric.name()),
                    experiment: experiment.clone(),
                    cell: cell.clone(),
                    source: Box::new(source),
                };
                ratios.push(ratio(key, &on, level).map_err(failed)?);
            }
        }
    }
    let hosts = analyses.iter().map(|analysis| PooledHost {
        campaign: analysis.campaign.name.clone(),
        started: analysis.campaign.started.clone(),
        host: format!(
            "{}, kernel {}",
            analysis.campaign.audit.cpu, analysis.campaign.audit.kernel
        ),
    });
    Ok(Pool {
        hosts: hosts.collect(),
        level,
        ratios,
        partial,
    })
}

/// Experiment, cell in the numerator, metric.
type Key = (String, String, Metric);

type ByKey<'a> = BTreeMap<Key, (&'a Panel, &'a Comparison)>;

/// The comparisons with the baseline arm in their order, and by what they are of.
fn comparisons(analysis: &Analysis) -> (Vec<Key>, ByKey<'_>) {
    let (mut order, mut map) = (Vec::new(), BTreeMap::new());
    for panel in &analysis.panels {
        let to_baseline = |c: &&Comparison| c.contrast == Contrast::ToBaseline;
        for comparison in panel.comparisons.iter().filter(to_baseline) {
            let key = (
                panel.experiment.clone(),
                comparison.cell.clone(),
                panel.metric,
            );
            order.push(key.clone());
            map.insert(key, (panel, comparison));
        }
    }
    (order, map)
}

fn ratio(
    (experiment, cell, metric): &Key,
    on: &[(&Panel, &Comparison)],
    level: Level,
) -> Result<PooledRatio, StatsError> {
    let mut means = Vec::with_capacity(on.len());
    let mut logs = Vec::with_capacity(on.len());
    for (panel, comparison) in on {
        let ratios = by_block(panel, comparison);
        if let Outcome::Estimate(mean) = mean::geometric(&ratios, level)? {
            means.push(mean.value());
            logs.push(Nested::Values(
                ratios.iter().map(|ratio| libm::log(*ratio)).collect(),
            ));
        }
    }
    let ones = vec![1.0; means.len()];
    let heterogeneity = match hierarchy::variances(&Nested::Group(logs)) {
        Ok(levels) => match levels.as_slice() {
            [blocks, hosts] => Some(Heterogeneity {
                between_hosts: hosts.unbiased.max(0.0).sqrt(),
                between_blocks: blocks.unbiased.max(0.0).sqrt(),
            }),
            _ => None,
        },
        // One host, or one block each: nothing to tell apart.
        Err(_) => None,
    };
    let (arm, baseline) = on.first().map_or((Arm::BASELINE, String::new()), |(_, c)| {
        (c.arm, c.baseline.clone())
    });
    Ok(PooledRatio {
        experiment: experiment.clone(),
        cell: cell.clone(),
        arm,
        baseline,
        metric: *metric,
        hosts: on
            .iter()
            .map(|(_, comparison)| comparison.ratio.clone())
            .collect(),
        pooled: paired::geometric_ratio(&means, &ones, level)?,
        heterogeneity,
    })
}

/// The ratios of the blocks that have both cells.
fn by_block(panel: &Panel, comparison: &Comparison) -> Vec<f64> {
    let row = |id: &str| panel.rows.iter().find(|row| row.cell == id);
    let values = |row: Option<&Row>| -> BTreeMap<u32, f64> {
        let trials = row.map_or(&[][..], |row| &row.trials).iter();
        trials.map(|trial| (trial.block, trial.value)).collect()
    };
    let (ours, theirs) = (
        values(row(&comparison.cell)),
        values(row(&comparison.baseline)),
    );
    let ratios = ours
        .iter()
        .filter_map(|(block, value)| Some(value / theirs.get(block)?));
    ratios
        .filter(|ratio| *ratio > 0.0 && ratio.is_finite())
        .collect()
}
