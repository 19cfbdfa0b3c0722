//! Ratios of cells, paired by block.

use std::collections::BTreeMap;

use vnicbench_model::{Arm, Cell, Neighbour};
use vnicbench_stats::verdict::verdict;
use vnicbench_stats::{Direction, Outcome, paired};

use crate::error::AnalysisError;
use crate::estimate::Estimator;
use crate::result::{Comparison, Contrast, Metric, THRESHOLD};
use crate::values::key;

/// Every comparison of a panel: its `cells` with the baseline arm, all else equal; then
/// those with a loaded neighbour with their idle twin, in the panel or, failing that, in
/// another experiment (`all`).
pub(crate) fn comparisons(
    cells: &[&Cell],
    all: &[Cell],
    metric: Metric,
    estimator: &Estimator,
) -> Result<Vec<Comparison>, AnalysisError> {
    // Shares and counts are zero in most trials, and zero has no ratio.
    if metric.is_share() || metric == Metric::Retransmits {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for cell in cells.iter().filter(|cell| cell.arm != Arm::BASELINE) {
        let baseline = cells
            .iter()
            .find(|other| other.arm == Arm::BASELINE && other.setting == cell.setting);
        if let Some(baseline) = baseline {
            found.push(comparison(
                Contrast::ToBaseline,
                cell,
                baseline,
                metric,
                estimator,
            )?);
        }
    }
    for cell in cells
        .iter()
        .filter(|cell| cell.setting.neighbour != Neighbour::Idle)
    {
        let undisturbed = cell.setting.undisturbed();
        let idle = |other: &&Cell| {
            other.setting == undisturbed && other.arm == cell.arm && other.workload == cell.workload
        };
        if let Some(baseline) = cells
            .iter()
            .copied()
            .find(idle)
            .or_else(|| all.iter().find(idle))
        {
            found.push(comparison(
                Contrast::ToIdle,
                cell,
                baseline,
                metric,
                estimator,
            )?);
        }
    }
    Ok(found)
}

fn comparison(
    contrast: Contrast,
    cell: &Cell,
    baseline: &Cell,
    metric: Metric,
    estimator: &Estimator,
) -> Result<Comparison, AnalysisError> {
    let failed = |source| AnalysisError::Estimate {
        quantity: format!(
            "the ratio to {}/{} in {}",
            baseline.experiment,
            baseline.id(),
            metric.label().to_lowercase()
        ),
        experiment: cell.experiment.clone(),
        cell: cell.id(),
        source,
    };
    let pairs = Pairs::new(estimator, cell, baseline, metric);
    let ratio =
        paired::ratio(&pairs.numerators, &pairs.denominators, estimator.level).map_err(failed)?;
    let direction = if metric.lower_is_better() {
        Direction::LowerIsBetter
    } else {
        Direction::HigherIsBetter
    };
    let verdict = ratio
        .estimate()
        .map(|estimate| verdict(estimate.interval(), THRESHOLD, direction))
        .transpose()
        .map_err(failed)?;
    let ratio: Outcome = estimator.annotated(ratio, pairs.notes());
    let id = baseline.id();
    Ok(Comparison {
        contrast,
        cell: cell.id(),
        arm: cell.arm,
        setting: cell.setting.clone(),
        baseline: if baseline.experiment == cell.experiment {
            id
        } else {
            format!("{}/{id}", baseline.experiment)
        },
        baseline_arm: baseline.arm,
        ratio,
        verdict,
    })
}

/// The values of two cells in the blocks that have both.
struct Pairs {
    numerators: Vec<f64>,
    denominators: Vec<f64>,
    /// Blocks with a value of one cell only.
    unpaired: Vec<u32>,
    /// Blocks with a zero, of which there is no ratio.
    zeros: Vec<u32>,
}

impl Pairs {
    fn new(estimator: &Estimator, cell: &Cell, baseline: &Cell, metric: Metric) -> Self {
        let mut blocks: BTreeMap<u32, (Option<f64>, Option<f64>)> = BTreeMap::new();
        for row in estimator.values(&key(cell), metric) {
            blocks.entry(row.block).or_default().0 = Some(row.value);
        }
        for row in estimator.values(&key(baseline), metric) {
            blocks.entry(row.block).or_default().1 = Some(row.value);
        }
        let mut pairs = Self {
            numerators: Vec::new(),
            denominators: Vec::new(),
            unpaired: Vec::new(),
            zeros: Vec::new(),
        };
        for (block, values) in blocks {
            match values {
                (Some(numerator), Some(denominator)) if numerator > 0.0 && denominator > 0.0 => {
                    pairs.numerators.push(numerator);
                    pairs.denominators.push(denominator);
                }
                (Some(_), Some(_)) => pairs.zeros.push(block),
                _ => pairs.unpaired.push(block),
            }
        }
        pairs
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if !self.unpaired.is_empty() {
            notes.push(format!(
                "left out for want of a partner: {}",
                blocks(&self.unpaired)
            ));
        }
        if !self.zeros.is_empty() {
            notes.push(format!(
                "left out since zero has no ratio: {}",
                blocks(&self.zeros)
            ));
        }
        notes
    }
}

fn blocks(numbers: &[u32]) -> String {
    let list: Vec<String> = numbers.iter().map(u32::to_string).collect();
    format!(
        "block{} {}",
        if list.len() == 1 { "" } else { "s" },
        list.join(", ")
    )
}
