//! Whether what was measured stood still: drift over the campaign, dependence and warm-up
//! within trials, outliers.

use rayon::prelude::*;
use vnicbench_model::{Arm, Cell, Workload};
use vnicbench_stats::family::{Correction, Family};
use vnicbench_stats::outlier::{self, Class, Scale};
use vnicbench_stats::steady::{self, Rule, steadiness};
use vnicbench_stats::trend::{self, Trend};
use vnicbench_stats::{Direction, Level, StatsError, proportion, quantile, series};

use crate::curve::TrialReplies;
use crate::result::{Behaviour, Drift, Outlier, Panel, Row, Stability};

/// Lags that are tested together, of series that are long enough.
const LAGS: usize = 10;
/// p below which a series is called dependent: one in a hundred independent ones is.
const DEPENDENT: f64 = 0.01;
/// Series that are looked at in all, the same number of each arm, evenly spaced over its trials:
/// a share is known to three in a hundred from a thousand, and each takes a millisecond.
const MOST_SERIES: usize = 1_000;
/// Of an arm at least, however many arms there are.
const LEAST_SERIES: usize = 50;
/// Fewest values for a trend, and for fences that mean something.
const LEAST: usize = 6;

impl Stability {
    /// What `panels` and the replies of each ping cell, trial by trial, say.
    ///
    /// # Errors
    ///
    /// Values that have no statistics.
    pub fn of(
        panels: &[Panel],
        replies: &[(Cell, Vec<TrialReplies>)],
        level: Level,
    ) -> Result<Self, StatsError> {
        Ok(Self {
            drifts: drifts(panels, level)?,
            behaviours: behaviours(replies, level)?,
            outliers: outliers(panels)?,
        })
    }
}

/// The trend of each cell's trials in the order of the blocks, adjusted for the cells of the
/// experiment in that metric. Shares are left out: they are zero in most trials.
fn drifts(panels: &[Panel], level: Level) -> Result<Vec<Drift>, StatsError> {
    let mut drifts = Vec::new();
    let mut done: Vec<(&str, crate::Metric)> = Vec::new();
    for panel in panels {
        let key = (panel.experiment.as_str(), panel.metric);
        if panel.metric.is_share() || done.contains(&key) {
            continue;
        }
        done.push(key);
        let alike = panels
            .iter()
            .filter(|other| (other.experiment.as_str(), other.metric) == key);
        let rows: Vec<(&Panel, &Row)> = alike
            .flat_map(|panel| panel.rows.iter().map(move |row| (panel, row)))
            .collect();
        let trends: Vec<_> = rows.par_iter().map(|(_, row)| of_row(row, level)).collect();
        let mut found: Vec<(&Panel, &Row, Option<Trend>)> = Vec::new();
        for ((panel, row), trend) in rows.into_iter().zip(trends) {
            found.push((panel, row, trend?));
        }
        let names: Vec<String> = (0..found.len()).map(|index| index.to_string()).collect();
        if names.is_empty() {
            continue;
        }
        let family = Family::declare(panel.metric.name(), names.iter().cloned())?;
        let raw: Vec<(&str, f64)> = names
            .iter()
            .zip(&found)
            .filter_map(|(name, (_, _, trend))| Some((name.as_str(), trend.as_ref()?.p)))
            .collect();
        let adjusted = family.adjust(Correction::Holm, &raw)?;
        for ((panel, row, trend), adjusted) in found.into_iter().zip(adjusted) {
            let Some(trend) = trend else { continue };
            drifts.push(Drift {
                panel: panel.id.clone(),
                cell: row.cell.clone(),
                arm: row.arm,
                setting: row.setting.clone(),
                slope: trend.slope,
                relative_change: trend.relative_change,
                p: trend.p,
                holm: adjusted.adjusted.unwrap_or(1.0),
                family: names.len(),
            });
        }
    }
    Ok(drifts)
}

/// The trend of a row's trials; none of few or of what doesn't vary.
fn of_row(row: &Row, level: Level) -> Result<Option<Trend>, StatsError> {
    let values: Vec<f64> = row.trials.iter().map(|trial| trial.value).collect();
    let varies = values.windows(2).any(|pair| pair.first() != pair.last());
    (varies && values.len() >= LEAST)
        .then(|| trend::trend(&values, level))
        .transpose()
}

/// How one trial's replies follow each other.
struct Series {
    lag1: f64,
    dependent: bool,
    /// Independent values that it is worth, over its length.
    effective: f64,
    class: Option<steady::Class>,
}

impl Series {
    /// None of a series that is too short or doesn't vary.
    fn of(rtts: &[f64], rule: &Rule) -> Result<Option<Self>, StatsError> {
        let varies = rtts.windows(2).any(|pair| pair.first() != pair.last());
        let lags = LAGS.min(rtts.len() / 5);
        if !varies || lags == 0 {
            return Ok(None);
        }
        Ok(Some(Self {
            lag1: series::lag1(rtts)?,
            dependent: series::ljung_box(rtts, lags)?.p < DEPENDENT,
            effective: series::effective_sample_size(rtts)? / rtts.len() as f64,
            class: match steadiness(rtts, rule) {
                Ok(steadiness) => Some(steadiness.class),
                Err(StatsError::TooShort { .. }) => None,
                Err(error) => return Err(error),
            },
        }))
    }
}

/// A summary for each arm of each experiment.
fn behaviours(
    replies: &[(Cell, Vec<TrialReplies>)],
    level: Level,
) -> Result<Vec<Behaviour>, StatsError> {
    type Key<'a> = (&'a str, Arm);
    let rule = Rule::new(Direction::LowerIsBetter);
    let mut groups: Vec<(Key<'_>, Vec<&[f64]>)> = Vec::new();
    for (cell, trials) in replies {
        let one_log = crate::measurement::nics(cell) == 1;
        if !one_log || !matches!(cell.workload, Workload::Ping { .. }) {
            continue;
        }
        let key = (cell.experiment.as_str(), cell.arm);
        let mine = trials.iter().map(|trial| trial.rtt_ms.as_slice());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, group)) => group.extend(mine),
            None => groups.push((key, mine.collect())),
        }
    }
    let each = (MOST_SERIES / groups.len().max(1)).max(LEAST_SERIES);
    let mut behaviours = Vec::new();
    for ((experiment, arm), trials) in groups {
        let every = trials.len().div_ceil(each).max(1);
        let looked_at: Vec<&[f64]> = trials.iter().copied().step_by(every).collect();
        let series: Vec<_> = looked_at
            .par_iter()
            .map(|rtts| Series::of(rtts, &rule))
            .collect();
        let mut all = Vec::with_capacity(series.len());
        for series in series {
            all.extend(series?);
        }
        let classes: Vec<steady::Class> = all.iter().filter_map(|series| series.class).collect();
        let count = |wanted: steady::Class| classes.iter().filter(|c| **c == wanted).count();
        let share =
            |events: usize, of: usize| proportion::clopper_pearson(events as u64, of as u64, level);
        let of = |value: fn(&Series) -> f64| -> Vec<f64> { all.iter().map(value).collect() };
        let never = count(steady::Class::NeverSteady);
        behaviours.push(Behaviour {
            experiment: experiment.to_owned(),
            arm,
            trials: trials.len(),
            judged: all.len(),
            lag1: quantile::median(&of(|series| series.lag1), level)?,
            dependent: share(all.iter().filter(|s| s.dependent).count(), all.len())?,
            effective: quantile::median(&of(|series| series.effective), level)?,
            flat: count(steady::Class::Flat),
            warm_up: count(steady::Class::WarmUp),
            slowdown: count(steady::Class::Slowdown),
            never_steady: share(never, classes.len())?,
        });
    }
    Ok(behaviours)
}

/// Trials far from the others of their cell; judged by logarithms where all are above zero.
fn outliers(panels: &[Panel]) -> Result<Vec<Outlier>, StatsError> {
    let mut outliers = Vec::new();
    for panel in panels.iter().filter(|panel| !panel.metric.is_share()) {
        for row in panel.rows.iter().filter(|row| row.trials.len() >= LEAST) {
            let values: Vec<f64> = row.trials.iter().map(|trial| trial.value).collect();
            let scale = match values.iter().all(|value| *value > 0.0) {
                true => Scale::Log,
                false => Scale::Plain,
            };
            let classes = outlier::modified_z(&values, scale)?;
            let marked = row.trials.iter().zip(classes);
            outliers.extend(marked.filter(|(_, class)| *class != Class::Regular).map(
                |(trial, class)| Outlier {
                    panel: panel.id.clone(),
                    cell: row.cell.clone(),
                    block: trial.block,
                    value: trial.value,
                    class,
                    source: trial.sources.first().cloned(),
                },
            ));
        }
    }
    Ok(outliers)
}

#[cfg(test)]
mod tests {
    use vnicbench_model::Setting;

    use super::*;
    use crate::result::{Metric, TrialValue};

    fn panel(values: &[f64]) -> Panel {
        let trials = (0..).zip(values).map(|(block, value)| TrialValue {
            block,
            value: *value,
            sources: Vec::new(),
        });
        Panel {
            id: "latency-rtt".into(),
            experiment: "latency".into(),
            question: vnicbench_model::Question::Latency,
            metric: Metric::RttMedian,
            workload: "ping".into(),
            rows: vec![Row {
                cell: "virtio-vm".into(),
                arm: Arm::BASELINE,
                setting: Setting::default(),
                estimate: quantile::median(&[], Level::P95).expect("no values"),
                trials: trials.collect(),
            }],
            comparisons: Vec::new(),
            slopes: Vec::new(),
            shares: Vec::new(),
        }
    }

    #[test]
    fn a_rise_is_a_drift() {
        let rising: Vec<f64> = (0..20).map(|i| 1.0 + f64::from(i) * 0.1).collect();
        let drifts = drifts(&[panel(&rising)], Level::P95).expect("finite");
        let [drift] = drifts.as_slice() else {
            panic!("one cell")
        };
        assert!(drift.holm < 1e-6 && drift.p <= drift.holm);
        // 19 steps of 0.1 over a median of 1.95.
        assert!((drift.relative_change.expect("a median") - 1.9 / 1.95).abs() < 1e-9);
        let still = [1.0; 20];
        assert!(drifts_of(&still).is_empty(), "no trend of what is constant");
    }

    fn drifts_of(values: &[f64]) -> Vec<Drift> {
        drifts(&[panel(values)], Level::P95).expect("finite")
    }

    #[test]
    fn a_wild_trial_is_marked() {
        let values = [1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 9.0, 1.01];
        let outliers = outliers(&[panel(&values)]).expect("finite");
        let [outlier] = outliers.as_slice() else {
            panic!("{outliers:?}")
        };
        assert_eq!((outlier.block, outlier.class), (6, Class::ExtremelyHigh));
    }

    #[test]
    fn series_that_depend_are_told_from_those_that_do_not() {
        let rule = Rule::new(Direction::LowerIsBetter);
        let slow: Vec<f64> = (0..200).map(|i| 1.0 + f64::from(i / 20 % 2)).collect();
        let slow = Series::of(&slow, &rule)
            .expect("finite")
            .expect("it varies");
        assert!(slow.dependent && slow.lag1 > 0.8 && slow.effective < 0.2);
        assert!(Series::of(&[1.0; 50], &rule).expect("finite").is_none());
        assert!(Series::of(&[1.0, 2.0], &rule).expect("finite").is_none());
    }
}
