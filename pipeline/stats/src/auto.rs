//! Which method to take where none is asked for.
//!
//! | statistic | order of the values | method | gate at 95 % |
//! |---|---|---|---|
//! | quantile | independent trials | order statistics, coverage nearest to the level ([`nearest::quantile`]) | 6 for the median, 36 for p90, 368 for p99 |
//! | the same, printed to a step | independent trials | the same if the interval spans five steps; else widened by half a step at either end ([`printed::quantile`]) | the same |
//! | mean | independent trials | the farther of bootstrap-t's and Student's ends ([`studentised::farther`]) | 60 |
//! | mean, quantile | a series | batches ([`batch::mean`], [`batch::quantile`]) | 200, and an effective size of 50 |
//!
//! Each covers between 93 and 97 % at 95 %, from its gate on, for the populations of
//! docs/coverage.md, but
//!
//! - an interval that has to be widened because the step is coarse covers up to 100 %, for the
//!   digits hide more than the sample does;
//! - the median of 7 values has 98.4 %: the next narrower pair of order statistics has 92.97 %;
//! - a gate that looks at the series lets some through by chance: of those of 500 values of
//!   AR(1) 0.9, which are worth 26, 4 % look as if worth 50, and of these 79 % cover.
//!
//! Below the gate no method covers, unless more is known of the distribution than the sample
//! shows: the t interval of a mean of six values covers 80 % if they are lognormal, 95 % if
//! normal, and six values don't tell which. Who knows asks for
//! [`mean::mean`](crate::mean::mean).
//!
//! Gates, the five steps and the farther ends were chosen by looking at these very simulations
//! (same seeds), after others had failed: the table shows that the rule fits these
//! populations, and is no independent test of it.
//!
//! Dependence can't be seen in a few values either, so that the order is not guessed:
//! trials (a fresh boot each, in random order) are independent by design, successive
//! packets or seconds are a series until shown otherwise.

use crate::batch;
use crate::bootstrap::Resampling;
use crate::error::StatsError;
use crate::estimate::{Level, Outcome, Warning};
use crate::nearest;
use crate::printed::{self, Answer, Reading};
use crate::series::lag1;
use crate::studentised;

/// Fewest trials for a mean.
const LEAST_FOR_MEAN: usize = 60;
/// Steps that an interval must span for rounding to be beside the point.
const MANY_STEPS: f64 = 5.0;

/// What is to be estimated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target {
    /// The arithmetic mean.
    Mean,
    /// A quantile, by its probability: 0.5 for the median.
    Quantile(f64),
}

/// What is known of how the values came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Independent by design.
    Trials,
    /// Measured one after the other: each may depend on those before.
    Series,
}

/// A method of interval, as chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// [`nearest::quantile`].
    NearestOrderStatistic,
    /// [`studentised::farther`].
    FartherT,
    /// [`batch::mean`] or [`batch::quantile`].
    Batches,
}

/// The method for a target and an order. Whether there is enough data is the method's to
/// say, except for the mean of trials, which takes 60 ([`estimate`] sees to it).
pub fn choose(target: Target, order: Order) -> Choice {
    match (target, order) {
        (_, Order::Series) => Choice::Batches,
        (Target::Mean, Order::Trials) => Choice::FartherT,
        (Target::Quantile(_), Order::Trials) => Choice::NearestOrderStatistic,
    }
}

/// `target` of `values`, in the order in which they were measured, by the method of the
/// table above. Trials that turn out to depend on those before get a warning.
///
/// # Errors
/// Those of the methods.
pub fn estimate(
    values: &[f64],
    target: Target,
    order: Order,
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let outcome = match (choose(target, order), target) {
        (Choice::Batches, Target::Mean) => return batch::mean(values, level),
        (Choice::Batches, Target::Quantile(p)) => return batch::quantile(values, p, level),
        (_, Target::Mean) => mean_of_trials(values, resampling, level)?,
        (_, Target::Quantile(p)) => quantile_of_trials(values, p, level)?,
    };
    let n = values.len() as f64;
    // Without correlation, that at lag 1 is normal with deviation 1 / sqrt(n).
    let dependent = lag1(values).is_ok_and(|correlation| correlation.abs() * n.sqrt() > 2.575_829);
    Ok(outcome
        .map(|estimate| estimate.with_warnings(dependent.then_some(Warning::DependentTrials))))
}

fn mean_of_trials(
    values: &[f64],
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let outcome = studentised::farther(values, resampling, level)?;
    if values.len() >= LEAST_FOR_MEAN {
        return Ok(outcome);
    }
    let method = outcome.method().clone();
    Ok(Outcome::insufficient(values.len(), LEAST_FOR_MEAN, method))
}

fn quantile_of_trials(values: &[f64], p: f64, level: Level) -> Result<Outcome, StatsError> {
    let plain = nearest::quantile(values, p, level)?;
    let step = printed::apparent_step(values)?;
    let (Some(estimate), Some(step)) = (plain.estimate(), step) else {
        return Ok(plain);
    };
    if estimate.interval().width() >= MANY_STEPS * step || values.iter().any(|value| *value < 0.0) {
        return Ok(plain);
    }
    let readings: Vec<Reading> = values
        .iter()
        .map(|&value| Reading::Value { value, step })
        .collect();
    match printed::quantile(&readings, p, level)? {
        Answer::Known(outcome) => Ok(outcome),
        Answer::Censored(_) => Ok(plain),
    }
}
