//! From where on a series is steady, if it ever is.

use serde::{Deserialize, Serialize};

use crate::changepoint::{Penalty, pelt};
use crate::descriptive::{Sample, check_finite, mean_of};
use crate::error::StatsError;
use crate::estimate::Level;
use crate::trend;
use crate::verdict::Direction;

/// Values to either side that a value is an outlier against.
const NEIGHBOURS: usize = 7;
/// How many deviations (from the median absolute deviation) a value may lie from the
/// median of its neighbourhood: B. Iglewicz and D. C. Hoaglin (1993).
const FAR: f64 = 3.5;
/// Median absolute deviation to standard deviation of normal values.
const MAD_TO_DEVIATION: f64 = 1.482_602_218_505_602;
/// Blocks that a steady part is averaged to before it is tested for drift.
const DRIFT_BLOCKS: usize = 200;

/// What counts as steady.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rule {
    /// How readily changes are seen.
    pub penalty: Penalty,
    /// Relative difference of means below which two segments are equivalent.
    pub tolerance: f64,
    /// Least share of the series that must be steady at its end.
    pub steady_share: f64,
    /// Which way the series is better: tells a warm-up from a slowdown.
    pub direction: Direction,
}

impl Rule {
    /// Equivalent within 2 %, the last quarter steady (500 of 2000 in Barrett et al.).
    pub fn new(direction: Direction) -> Self {
        Self {
            penalty: Penalty::default(),
            tolerance: 0.02,
            steady_share: 0.25,
            direction,
        }
    }
}

/// The classes of E. Barrett et al., Virtual machine warmup blows hot and cold, Proc. ACM
/// Program. Lang. 1 (OOPSLA 2017) 52.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Steady from the first value on.
    Flat,
    /// The steady part is better than all before it.
    WarmUp,
    /// Some part before was better than the steady part.
    Slowdown,
    /// The end of the series is not steady.
    NeverSteady,
}

/// A part of a series without a change in it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// Position of its first value.
    pub start: usize,
    /// Position after its last value.
    pub end: usize,
    /// Mean, outliers pulled in.
    pub mean: f64,
    /// Standard deviation (divisor n - 1), outliers pulled in.
    pub deviation: f64,
}

/// How a series behaves over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Steadiness {
    /// The class.
    pub class: Class,
    /// Position of the first steady value; None if never steady.
    pub steady_from: Option<usize>,
    /// The segments, which cover the series.
    pub segments: Vec<Segment>,
    /// Values pulled in as outliers before changes were looked for.
    pub outliers: usize,
    /// Change over the end of the series relative to its median, where that trend is what
    /// keeps it from being steady.
    pub drift: Option<f64>,
}

/// Splits a series at its changes in mean or variance ([`pelt`]) and says from where on it
/// is steady: from the start of the first segment that has only segments equivalent to the
/// last one after it.
///
/// - Outliers don't make changes: a value farther than 3.5 deviations from the median of
///   itself and the 7 values to either side is pulled in to that distance, the deviation
///   being 1.4826 times the median absolute deviation of the 15 values, or that of all
///   successive differences over sqrt 2 if it is greater (after F. R. Hampel, 1974).
/// - Two segments are equivalent if their means differ by no more than the tolerance
///   relative to the last one's, or by no more than two standard errors.
/// - The series is never steady if its steady part is less than the share asked for, or
///   if it has a significant trend (Mann-Kendall at 1 %) that changes it by more than the
///   tolerance from its start to its end.
///
/// Takes time in proportion to n.
///
/// # Errors
/// As [`pelt`]; fewer than twice the least segment; a tolerance or share outside (0, 1).
pub fn steadiness(series: &[f64], rule: &Rule) -> Result<Steadiness, StatsError> {
    check_finite(series)?;
    for fraction in [rule.tolerance, rule.steady_share] {
        if !(fraction > 0.0 && fraction < 1.0) {
            return Err(StatsError::Threshold(fraction));
        }
    }
    let n = series.len();
    let least = rule.penalty.least_segment.saturating_mul(2);
    if n < least {
        return Err(StatsError::TooShort { n, needs: least });
    }
    let (pulled, outliers) = pull_in(series);
    let changes = pelt(&pulled, rule.penalty)?;
    let starts = [0].into_iter().chain(changes.iter().copied());
    let ends = changes.iter().copied().chain([n]);
    let segments: Vec<Segment> = starts
        .zip(ends)
        .filter_map(|(start, end)| Segment::new(&pulled, start, end))
        .collect();
    let Some(last) = segments.last().copied() else {
        return Err(StatsError::TooShort { n, needs: least });
    };
    let equivalent = |segment: &&Segment| segment.equivalent(&last, rule.tolerance);
    let steady = segments.iter().rev().take_while(equivalent).count();
    let before = segments.get(..segments.len() - steady).unwrap_or_default();
    let from = before.last().map_or(0, |segment| segment.end);
    let drift = drift(pulled.get(from..).unwrap_or_default(), rule.tolerance)?;
    let long_enough = (n - from) as f64 >= rule.steady_share * n as f64;
    let better = |segment: &&Segment| match rule.direction {
        Direction::LowerIsBetter => segment.mean < last.mean,
        Direction::HigherIsBetter => segment.mean > last.mean,
    };
    let class = if !long_enough || drift.is_some() {
        Class::NeverSteady
    } else if before.is_empty() {
        Class::Flat
    } else if before.iter().filter(|s| !equivalent(s)).any(|s| better(&s)) {
        Class::Slowdown
    } else {
        Class::WarmUp
    };
    Ok(Steadiness {
        class,
        steady_from: (class != Class::NeverSteady).then_some(from),
        segments,
        outliers,
        drift,
    })
}

impl Segment {
    fn new(series: &[f64], start: usize, end: usize) -> Option<Self> {
        let sample = Sample::new(series.get(start..end)?).ok()?;
        Some(Self {
            start,
            end,
            mean: sample.mean()?,
            deviation: sample.standard_deviation().unwrap_or(0.0),
        })
    }

    fn equivalent(&self, last: &Self, tolerance: f64) -> bool {
        let square_of_error = |segment: &Self| {
            segment.deviation * segment.deviation / (segment.end - segment.start) as f64
        };
        let error = (square_of_error(self) + square_of_error(last)).sqrt();
        (self.mean - last.mean).abs() <= (tolerance * last.mean.abs()).max(2.0 * error)
    }
}

/// Relative change of a part from start to end, if it is significant and above the
/// tolerance.
fn drift(part: &[f64], tolerance: f64) -> Result<Option<f64>, StatsError> {
    let block = part.len().div_ceil(DRIFT_BLOCKS).max(1);
    let means: Vec<f64> = part.chunks_exact(block).filter_map(mean_of).collect();
    if means.len() < 10 {
        return Ok(None);
    }
    let trend = match trend::trend(&means, Level::P99) {
        Err(StatsError::Constant { .. }) => return Ok(None),
        trend => trend?,
    };
    let relative = trend.relative_change.unwrap_or(0.0);
    Ok((trend.p < 0.01 && relative.abs() > tolerance).then_some(relative))
}

/// Pulls outliers in; also how many there were.
fn pull_in(series: &[f64]) -> (Vec<f64>, usize) {
    let steps = series.windows(2).map(|pair| match pair {
        [a, b] => (b - a).abs(),
        _ => 0.0,
    });
    let step_deviation = MAD_TO_DEVIATION * median_of(steps.collect()) / std::f64::consts::SQRT_2;
    let mut outliers = 0;
    let pulled = series
        .iter()
        .enumerate()
        .map(|(index, &value)| {
            let end = (index + NEIGHBOURS + 1).min(series.len());
            let around = series
                .get(index.saturating_sub(NEIGHBOURS)..end)
                .unwrap_or_default();
            let median = median_of(around.to_vec());
            let distances = around.iter().map(|other| (other - median).abs());
            let deviation = (MAD_TO_DEVIATION * median_of(distances.collect())).max(step_deviation);
            let reach = FAR * deviation;
            if (value - median).abs() <= reach || deviation == 0.0 {
                return value;
            }
            outliers += 1;
            value.clamp(median - reach, median + reach)
        })
        .collect();
    (pulled, outliers)
}

fn median_of(mut values: Vec<f64>) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    crate::descriptive::quantile_of_sorted(&values, 0.5).unwrap_or(0.0)
}
