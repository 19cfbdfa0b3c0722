//! Comparisons that are judged together: all of an experiment in one metric and one contrast.

use std::collections::BTreeMap;

use vnicbench_stats::family::{Correction, Family};
use vnicbench_stats::verdict::verdict;
use vnicbench_stats::{Direction, Gated, Level, Resampling, StatsError, hypothesis, simultaneous};

use crate::error::AnalysisError;
use crate::estimate::failed;
use crate::result::{Comparison, Contrast, Joint, Metric, Panel, THRESHOLD};

/// Resamples of the blocks of a family, at levels that these are enough for.
const REPLICATES: usize = 4_999;
/// The most resamples that a level may ask for; at 95 % it asks for 400.
const MOST_REPLICATES: usize = 99_999;

/// Where a comparison is: its panel and its place there.
type Place = (usize, usize);
/// Numerator and denominator of a ratio by block.
type Pairs = BTreeMap<u32, (f64, f64)>;

/// Judges the comparisons of `panels` as members of their families and notes it in each
/// [`Comparison::joint`]. A family is declared by the matrix, before anything is measured: the
/// comparisons of an experiment in one metric and contrast, over all its workloads. `seed` is
/// what blocks are resampled from.
///
/// # Errors
///
/// [`AnalysisError::Estimate`] for values that have no statistics.
pub fn judge_families(panels: &mut [Panel], level: Level, seed: u64) -> Result<(), AnalysisError> {
    for places in families(panels) {
        let judged = judge(panels, &places, level, seed)?;
        for ((panel, at), joint) in places.into_iter().zip(judged) {
            let comparison = panels
                .get_mut(panel)
                .and_then(|panel| panel.comparisons.get_mut(at));
            if let Some(comparison) = comparison {
                comparison.joint = Some(joint);
            }
        }
    }
    Ok(())
}

/// The families in the order of their first members.
fn families(panels: &[Panel]) -> Vec<Vec<Place>> {
    type Key<'a> = (&'a str, Metric, Contrast);
    let mut families: Vec<(Key<'_>, Vec<Place>)> = Vec::new();
    for (index, panel) in panels.iter().enumerate() {
        for (at, comparison) in panel.comparisons.iter().enumerate() {
            let key = (panel.experiment.as_str(), panel.metric, comparison.contrast);
            match families.iter_mut().find(|(known, _)| *known == key) {
                Some((_, places)) => places.push((index, at)),
                None => families.push((key, vec![(index, at)])),
            }
        }
    }
    families.into_iter().map(|(_, places)| places).collect()
}

fn judge(
    panels: &[Panel],
    places: &[Place],
    level: Level,
    seed: u64,
) -> Result<Vec<Joint>, AnalysisError> {
    let members: Vec<(&Panel, &Comparison)> = places
        .iter()
        .filter_map(|&(panel, at)| {
            let panel = panels.get(panel)?;
            Some((panel, panel.comparisons.get(at)?))
        })
        .collect();
    let Some((first, _)) = members.first() else {
        return Ok(Vec::new());
    };
    let error = |source: StatsError| {
        let key = (first.experiment.clone(), "all".to_owned());
        failed("the ratios judged together", &key)(source)
    };
    let pairs: Vec<Pairs> = members
        .iter()
        .map(|(panel, comparison)| pairs(panels, panel, comparison))
        .collect();

    let names: Vec<String> = (0..members.len()).map(|index| index.to_string()).collect();
    let family = Family::declare(first.metric.name(), names.iter().cloned()).map_err(error)?;
    let mut raw: Vec<(&str, f64)> = Vec::new();
    for (name, pairs) in names.iter().zip(&pairs) {
        if let Some(p) = p_value(pairs).map_err(error)? {
            raw.push((name, p));
        }
    }
    let holm = family.adjust(Correction::Holm, &raw).map_err(error)?;
    let false_share = family.adjust(Correction::BenjaminiHochberg, &raw);
    let false_share = false_share.map_err(error)?;

    let together = together(&pairs, level, seed).map_err(error)?;
    let direction = if first.metric.lower_is_better() {
        Direction::LowerIsBetter
    } else {
        Direction::HigherIsBetter
    };
    let adjusted = holm.iter().zip(&false_share).zip(together);
    adjusted
        .map(|((holm, false_share), ratio)| {
            let verdict = ratio
                .as_ref()
                .and_then(|ratio| ratio.estimate())
                .map(|estimate| verdict(estimate.interval(), THRESHOLD, direction))
                .transpose()
                .map_err(error)?;
            Ok(Joint {
                family: members.len(),
                p: holm.raw,
                holm: holm.adjusted,
                benjamini_hochberg: false_share.adjusted,
                ratio,
                verdict,
            })
        })
        .collect()
}

/// The values of both cells in the blocks where both are above zero.
fn pairs(panels: &[Panel], panel: &Panel, comparison: &Comparison) -> Pairs {
    let here = (panel.experiment.as_str(), comparison.baseline.as_str());
    let (experiment, cell) = comparison.baseline.split_once('/').unwrap_or(here);
    let numerators = by_block(std::iter::once(panel), &comparison.cell);
    let like = panels
        .iter()
        .filter(|other| other.experiment == experiment && other.metric == panel.metric);
    let denominators = by_block(like, cell);
    numerators
        .into_iter()
        .filter_map(|(block, numerator)| {
            let denominator = *denominators.get(&block)?;
            (numerator > 0.0 && denominator > 0.0).then_some((block, (numerator, denominator)))
        })
        .collect()
}

fn by_block<'a>(panels: impl Iterator<Item = &'a Panel>, cell: &str) -> BTreeMap<u32, f64> {
    let mut rows = panels.flat_map(|panel| &panel.rows);
    let row = rows.find(|row| row.cell == cell);
    let trials = row.map_or(&[][..], |row| &row.trials);
    trials.iter().map(|t| (t.block, t.value)).collect()
}

/// p of the signed-rank test that the ratio is one; none where there are too few blocks.
fn p_value(pairs: &Pairs) -> Result<Option<f64>, StatsError> {
    let logs = |of: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        pairs.values().map(|pair| libm::log(of(pair))).collect()
    };
    let test = hypothesis::signed_rank(&logs(|pair| pair.0), &logs(|pair| pair.1))?;
    Ok(match test {
        Gated::Value(test) => Some(test.p),
        Gated::Insufficient(_) => None,
    })
}

/// The ratios with intervals that hold together, of the blocks that all have which have any;
/// none of a pair without values.
fn together(
    pairs: &[Pairs],
    level: Level,
    seed: u64,
) -> Result<Vec<Option<vnicbench_stats::Outcome>>, StatsError> {
    let measured = || pairs.iter().filter(|pairs| !pairs.is_empty());
    let needs = (20.0 / (1.0 - level.get())).ceil() as usize + 1;
    let Some(first) = measured().next().filter(|_| needs <= MOST_REPLICATES) else {
        return Ok(vec![None; pairs.len()]);
    };
    let common: Vec<u32> = first
        .keys()
        .copied()
        .filter(|block| measured().all(|pairs| pairs.contains_key(block)))
        .collect();
    let of = |pairs: &Pairs, which: fn(&(f64, f64)) -> f64| -> Vec<f64> {
        let pairs = common.iter().filter_map(|block| pairs.get(block));
        pairs.map(which).collect()
    };
    let values: Vec<_> = measured()
        .map(|pairs| (of(pairs, |pair| pair.0), of(pairs, |pair| pair.1)))
        .collect();
    let resampling = Resampling {
        replicates: REPLICATES.max(needs),
        seed,
    };
    let mut outcomes = simultaneous::ratios(&values, resampling, level)?.into_iter();
    let each = pairs.iter().map(|pairs| match pairs.is_empty() {
        true => None,
        false => outcomes.next(),
    });
    Ok(each.collect())
}

#[cfg(test)]
mod tests {
    use vnicbench_model::{Arm, Backend, Backing, Instance, Question, Setting};
    use vnicbench_stats::{Verdict, paired, quantile};

    use super::*;
    use crate::result::{Row, TrialValue};

    /// A panel of virtio and two others that are `factors` of it.
    fn panel(factors: [f64; 2], blocks: u32) -> Panel {
        let wobble = |block: u32, seed: u32| 1.0 + 0.01 * f64::from((block * 7 + seed * 3) % 5);
        let arm = |backend| Arm::new(Backing { backend, mix: None }, Instance::Vm);
        let arms = [
            (arm(Backend::Virtio), 1.0),
            (arm(Backend::Vhost), factors[0]),
            (arm(Backend::Sriov), factors[1]),
        ];
        let rows = arms.map(|(arm, factor)| Row {
            cell: arm.to_string(),
            arm,
            setting: Setting::default(),
            estimate: quantile::median(&[], Level::P95).expect("no values"),
            trials: (0..blocks)
                .map(|block| TrialValue {
                    block,
                    value: factor * wobble(block, arm.backend as u32),
                    sources: Vec::new(),
                })
                .collect(),
        });
        let comparisons = rows.iter().skip(1).map(|row| {
            let values = |row: &Row| row.trials.iter().map(|t| t.value).collect::<Vec<_>>();
            let ratio = paired::ratio(&values(row), &values(&rows[0]), Level::P95);
            let ratio = ratio.expect("positive");
            let verdict = ratio.estimate().map(|estimate| {
                verdict(estimate.interval(), THRESHOLD, Direction::LowerIsBetter).expect("a ratio")
            });
            Comparison {
                contrast: Contrast::ToBaseline,
                cell: row.cell.clone(),
                arm: row.arm,
                setting: Setting::default(),
                baseline: rows[0].cell.clone(),
                baseline_arm: rows[0].arm,
                baseline_setting: Setting::default(),
                ratio,
                verdict,
                joint: None,
            }
        });
        Panel {
            id: "latency-rtt".into(),
            experiment: "latency".into(),
            question: Question::Latency,
            metric: Metric::RttMedian,
            workload: "ping".into(),
            comparisons: comparisons.collect(),
            rows: rows.to_vec(),
            slopes: Vec::new(),
            shares: Vec::new(),
        }
    }

    #[test]
    fn a_family_is_an_experiment_s_metric_over_its_workloads() {
        let mut panels = vec![panel([0.5, 1.0], 8), panel([0.6, 2.0], 8)];
        judge_families(&mut panels, Level::P95, 1).expect("values");
        let all: Vec<&Comparison> = panels.iter().flat_map(|p| &p.comparisons).collect();
        for comparison in &all {
            let joint = comparison.joint.as_ref().expect("judged");
            assert_eq!(joint.family, 4);
            let (p, holm) = (joint.p.expect("8 blocks"), joint.holm.expect("8 blocks"));
            let false_share = joint.benjamini_hochberg.expect("8 blocks");
            assert!(p <= false_share && false_share <= holm, "{joint:?}");
            let (alone, together) = (&comparison.ratio, joint.ratio.as_ref().expect("values"));
            let width = |outcome: &vnicbench_stats::Outcome| {
                outcome.estimate().expect("8 blocks").interval().width()
            };
            assert!(width(together) > 0.5 * width(alone));
        }
        assert_eq!(all[0].survives(), Some(true));
        assert_eq!(all[3].verdict, Some(Verdict::Worse));
        assert_eq!(all[3].survives(), Some(true));
    }

    #[test]
    fn what_has_no_values_counts_all_the_same() {
        let mut panels = vec![panel([0.5, 0.5], 8)];
        panels[0].rows[2].trials.clear();
        judge_families(&mut panels, Level::P95, 1).expect("values");
        let [measured, absent] = panels[0].comparisons.as_slice() else {
            panic!("two")
        };
        let joint = measured.joint.as_ref().expect("judged");
        assert_eq!(joint.holm, joint.p.map(|p| 2.0 * p));
        let joint = absent.joint.as_ref().expect("judged");
        assert!(joint.p.is_none() && joint.ratio.is_none() && joint.verdict.is_none());
    }

    #[test]
    fn too_few_blocks_are_no_number() {
        let mut panels = vec![panel([0.5, 0.5], 2)];
        judge_families(&mut panels, Level::P95, 1).expect("values");
        let joint = panels[0].comparisons[0].joint.as_ref().expect("judged");
        let ratio = joint.ratio.as_ref().expect("values");
        assert!(ratio.estimate().is_none() && joint.p.is_none());
    }
}
