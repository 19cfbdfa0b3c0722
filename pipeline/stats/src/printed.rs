//! Values as a tool printed them: rounded to a step, or only bounded (`time<1 ms`).

use serde::{Deserialize, Serialize};

use crate::descriptive::{EcdfPoint, Sample, quantile_of_sorted};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome, Warning};
use crate::method::{IntervalKind, Method, Statistic};
use crate::quantile;

/// A value as it was printed, of a quantity that is zero or more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reading {
    /// A value rounded to the nearest multiple of `step`; 0 for a value that is exact.
    Value {
        /// As printed.
        value: f64,
        /// The unit of its last digit: 0.001 for `0.412`, 1 for `103`.
        step: f64,
    },
    /// Only known to be below (`<1`).
    Below(f64),
}

impl Reading {
    /// The values that are printed like this.
    fn bounds(&self) -> (f64, f64) {
        match *self {
            Self::Value { value, step } => ((value - step / 2.0).max(0.0), value + step / 2.0),
            Self::Below(limit) => (0.0, limit),
        }
    }
}

/// A quantile of printed values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The quantile lies among values that were printed, or there are too few.
    Known(Outcome),
    /// The quantile lies among values that are only known to be below a limit: there is no
    /// estimate, only an upper bound.
    Censored(UpperBound),
}

/// All that is known of a quantile among censored values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UpperBound {
    /// The sample's quantile is at most this.
    pub at_most: f64,
    /// The population's quantile is at most this, at the level.
    pub bound: f64,
    /// Level of `bound`, one-sided.
    pub level: Level,
    /// Values.
    pub n: usize,
    /// How many of them are censored.
    pub censored: usize,
    /// What was to be estimated and how.
    pub method: Method,
}

impl std::fmt::Display for UpperBound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "censored: only an upper bound of {} is known ({} of {} values are below a limit)",
            self.bound, self.censored, self.n
        )
    }
}

/// Quantile `p` of independent printed values, with an interval that is honest about what
/// the digits hide.
///
/// Whatever the true values are, their k-th smallest lies between the k-th smallest lower
/// and the k-th smallest upper bound of the readings. So the order-statistic interval
/// ([`quantile::quantile`], same ranks and gate) runs from the lower bound at its lower rank
/// to the upper bound at its upper rank: for one step, half a step wider at either end. It
/// contains the quantile of the quantity before rounding with at least the level. Without
/// that, ties would make it miss: of values of deviation 1 printed as integers, the plain
/// "95 %" interval of the median has the truth in it in about 15 % of samples of 200, since both
/// its ends are the same integer. Where the
/// step is small against the interval the widening doesn't matter.
///
/// The value is the type 7 quantile of the values printed. If one of the two values it lies
/// between is censored, the answer is [`Answer::Censored`].
///
/// # Errors
/// Values that are not finite or below zero, steps that are negative or not finite, `p`
/// outside (0, 1).
pub fn quantile(readings: &[Reading], p: f64, level: Level) -> Result<Answer, StatsError> {
    check(readings)?;
    let n = readings.len();
    let censored = censored(readings);
    let (lower, upper): (Vec<f64>, Vec<f64>) = readings.iter().map(Reading::bounds).unzip();
    let (lower, upper) = (sorted(lower), sorted(upper));
    // The ranks, and the gate, are those of any sample of this size.
    let ranks: Vec<f64> = (1..=n).map(|rank| rank as f64).collect();
    let method = Method::new(Statistic::quantile(p), IntervalKind::PrintedOrderStatistic);
    let outcome = quantile::quantile(&ranks, p, level)?;
    let estimate = match outcome {
        Outcome::Estimate(estimate) => estimate,
        Outcome::Insufficient(gate) => {
            return Ok(Answer::Known(Outcome::insufficient(n, gate.needs, method)));
        }
    };
    let at = |bounds: &[f64], rank: f64| bounds.get((rank as usize).saturating_sub(1)).copied();
    let (Some(low), Some(high)) = (
        at(&lower, estimate.interval().low()),
        at(&upper, estimate.interval().high()),
    ) else {
        return Ok(Answer::Known(Outcome::insufficient(n, n + 1, method)));
    };
    let position = (n - 1) as f64 * p;
    // A censored value may be any of the smallest: the quantile is known if those it lies
    // between are above all limits, or no more of them than that could be.
    let unknown = unknown_ranks(readings);
    if position.floor() < unknown as f64 {
        let at_most = quantile_of_sorted(&upper, p).unwrap_or(high);
        return Ok(Answer::Censored(UpperBound {
            at_most,
            bound: high,
            // The lower tail is not used.
            level: Level::new(1.0 - level.tail())?,
            n,
            censored,
            method,
        }));
    }
    let printed = sorted(
        readings
            .iter()
            .map(|reading| match *reading {
                Reading::Value { value, .. } => value,
                Reading::Below(limit) => limit,
            })
            .collect(),
    );
    let value = quantile_of_sorted(&printed, p).unwrap_or(high);
    let rounded = readings
        .iter()
        .any(|reading| matches!(reading, Reading::Value { step, .. } if *step > 0.0));
    let mut made = Estimate::new(value, (low, high), level, n, method)?;
    if let Some(achieved) = estimate.achieved_level() {
        made = made.with_achieved_level(achieved);
    }
    let made = made
        .with_warnings(rounded.then_some(Warning::Rounded))
        .with_warnings((censored > 0).then_some(Warning::Censored { censored, n }))
        .with_zero_width_warning();
    Ok(Answer::Known(made.into()))
}

/// The step of values that look as if they were printed to one: the power of ten, from 1
/// down to 1e-9, that all are multiples of, if some value repeats. Larger steps (multiples
/// of 10) are not looked for, nor are values of more than nine digits. None for values that
/// are all different.
///
/// # Errors
/// Values that are not finite.
pub fn apparent_step(values: &[f64]) -> Result<Option<f64>, StatsError> {
    let sample = Sample::new(values)?;
    if sample.distinct() == sample.len() {
        return Ok(None);
    }
    let printed = |power: f64| {
        sample.values().iter().all(|value| {
            let scaled = value * power;
            // What is left of a decimal that binary can't hold.
            scaled.abs() < 1e9 && (scaled - scaled.round()).abs() <= 1e-14 * scaled.abs()
        })
    };
    Ok(POWERS
        .into_iter()
        .find(|power| printed(*power))
        .map(|power| 1.0 / power))
}

/// Powers of ten.
const POWERS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];

/// How many of the smallest ranks may hold a censored value: all readings that are not
/// above the highest limit.
fn unknown_ranks(readings: &[Reading]) -> usize {
    let limit = readings.iter().filter_map(|reading| match reading {
        Reading::Below(limit) => Some(*limit),
        Reading::Value { .. } => None,
    });
    let Some(limit) = limit.reduce(f64::max) else {
        return 0;
    };
    let within = |reading: &&Reading| match reading {
        Reading::Value { value, .. } => *value < limit,
        Reading::Below(_) => true,
    };
    readings.iter().filter(within).count()
}

/// Distribution function of left-censored values, by the product-limit estimator of E. L.
/// Kaplan and P. Meier, JASA 53 (1958) 457-481, run from above: at each printed value x,
/// the share at or below it, F(x) = product over printed values y above x of 1 - d(y) / m(y),
/// where d(y) values are printed as y and m(y) are printed as, or limited by, y or less.
/// (B. W. Turnbull's estimator, 1976, for this kind of censoring.) Below the lowest printed
/// value the share that is left is only known to lie below the limits.
///
/// # Errors
/// As [`quantile()`].
pub fn ecdf(readings: &[Reading]) -> Result<Vec<EcdfPoint>, StatsError> {
    check(readings)?;
    // Descending; of equals the printed before the limit, since `<1` is below `1`.
    let mut marks: Vec<(f64, bool)> = readings
        .iter()
        .map(|reading| match *reading {
            Reading::Value { value, .. } => (value + 0.0, false),
            Reading::Below(limit) => (limit + 0.0, true),
        })
        .collect();
    marks.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let mut points = Vec::new();
    let mut left = marks.len();
    let mut fraction = 1.0;
    for equal in marks.chunk_by(|a, b| a == b) {
        if let Some(&(value, false)) = equal.first() {
            points.push(EcdfPoint { value, fraction });
            fraction *= 1.0 - equal.len() as f64 / left as f64;
        }
        left -= equal.len();
    }
    points.reverse();
    Ok(points)
}

fn censored(readings: &[Reading]) -> usize {
    readings
        .iter()
        .filter(|reading| matches!(reading, Reading::Below(_)))
        .count()
}

fn check(readings: &[Reading]) -> Result<(), StatsError> {
    for (index, reading) in readings.iter().enumerate() {
        let (value, step) = match *reading {
            Reading::Value { value, step } => (value, step),
            Reading::Below(limit) => (limit, 0.0),
        };
        for number in [value, step] {
            if !number.is_finite() {
                return Err(StatsError::NotFinite {
                    index,
                    value: number,
                });
            }
            if number < 0.0 {
                return Err(StatsError::NegativeReading {
                    index,
                    value: number,
                });
            }
        }
    }
    Ok(())
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_unstable_by(f64::total_cmp);
    values
}
