//! What each further instance adds to a metric.

use std::collections::BTreeMap;

use vnicbench_model::{Arm, Cell, Setting};
use vnicbench_stats::Warning;

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

/// The slope of the line with the least squared distances; none for points that are all at
/// one place.
pub(crate) fn least_squares(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean_x = points.iter().map(|(x, _)| x).sum::<f64>() / n;
    let mean_y = points.iter().map(|(_, y)| y).sum::<f64>() / n;
    let (mut products, mut squares) = (0.0, 0.0);
    for (x, y) in points {
        products += (x - mean_x) * (y - mean_y);
        squares += (x - mean_x) * (x - mean_x);
    }
    (squares > 0.0).then(|| products / squares)
}

#[cfg(test)]
mod tests {
    use super::least_squares;

    #[test]
    fn a_line_has_its_slope() {
        assert_eq!(
            least_squares(&[(1.0, 3.0), (2.0, 5.0), (4.0, 9.0)]),
            Some(2.0)
        );
        // numpy.polyfit([1, 2, 4], [1, 4, 5], 1)[0] = 1.2142857142857142
        let slope = least_squares(&[(1.0, 1.0), (2.0, 4.0), (4.0, 5.0)]);
        assert!(slope.is_some_and(|slope| (slope - 17.0 / 14.0).abs() < 1e-12));
        assert_eq!(least_squares(&[(2.0, 1.0), (2.0, 4.0)]), None);
        assert_eq!(least_squares(&[]), None);
    }
}
