//! What each further instance adds to a metric.

use std::collections::BTreeMap;

use vnicbench_model::{Arm, Cell, Setting};
use vnicbench_stats::Warning;
use vnicbench_stats::slope::least_squares;

use crate::comparison::{blocks, list};
use crate::error::AnalysisError;
use crate::estimate::Estimator;
use crate::result::{Metric, Slope};
use crate::values::key;

/// A slope for each arm and condition that is there with different numbers of instances.
pub(crate) fn slopes(
    cells: &[&Cell],
    metric: Metric,
    estimator: &Estimator,
) -> Result<Vec<Slope>, AnalysisError> {
    let mut groups: Vec<((Arm, Setting), Vec<&Cell>)> = Vec::new();
    for cell in cells {
        let alone = Setting {
            vms: 1,
            ..cell.setting.clone()
        };
        let key = (cell.arm, alone);
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.push(cell),
            None => groups.push((key, vec![cell])),
        }
    }
    let several = groups.into_iter().filter(|(_, group)| group.len() > 1);
    several
        .map(|((arm, setting), mut group)| {
            group.sort_by_key(|cell| cell.setting.vms);
            slope(arm, setting, &group, metric, estimator)
        })
        .collect()
}

/// The median of the slopes of the blocks that have all numbers of instances: the blocks are
/// independent, and what is common to a block's trials is in no slope.
fn slope(
    arm: Arm,
    setting: Setting,
    cells: &[&Cell],
    metric: Metric,
    estimator: &Estimator,
) -> Result<Slope, AnalysisError> {
    let mut points: BTreeMap<u32, Vec<(f64, f64)>> = BTreeMap::new();
    for cell in cells {
        for row in estimator.values(&key(cell), metric) {
            let point = (f64::from(cell.setting.vms), row.value);
            points.entry(row.block).or_default().push(point);
        }
    }
    let (mut whole, mut partial) = (Vec::new(), Vec::new());
    for (block, points) in points {
        match least_squares(&points).filter(|_| points.len() == cells.len()) {
            Some(slope) => whole.push(slope),
            None => partial.push(block),
        }
    }
    let note = (!partial.is_empty()).then(|| {
        let text = format!(
            "left out for want of a value at each number of instances: {}",
            blocks(&partial)
        );
        Warning::fact(text, "no-slope", &[&list(&partial)])
    });
    let quantity = format!("what a further instance adds to {}", metric.name());
    let any = cells.first().map(|cell| key(cell)).unwrap_or_default();
    Ok(Slope {
        arm,
        setting,
        vms: cells.iter().map(|cell| cell.setting.vms).collect(),
        estimate: estimator.median(&any, &quantity, &whole, note.into_iter().collect())?,
    })
}
