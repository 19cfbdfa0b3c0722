//! Proportions: of attempts that succeeded, of packets that were lost.

use crate::distribution::{beta_lower, beta_upper, normal_critical, student_critical};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome, Warning};
use crate::method::{IntervalKind, Method, Statistic};

/// Fewest trials for [`clustered`]: with two, one degree of freedom stands for all the
/// variation between trials.
const LEAST_TRIALS: usize = 3;

/// Share of independent attempts that were events, with Wilson's score interval. Covers
/// its level on average over the true proportion; see [`clopper_pearson`] for one that
/// never covers less. Needs one attempt.
///
/// # Errors
/// More events than attempts.
pub fn wilson(events: u64, total: u64, level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::Proportion, IntervalKind::Wilson);
    let Some(share) = share_of(events, total)? else {
        return Ok(Outcome::insufficient(0, 1, method));
    };
    let ends = score_interval(share, total as f64, normal_critical(level.tail()));
    Ok(Estimate::new(share, ends, level, total as usize, method)?.into())
}

/// Share of independent attempts that were events, with Clopper and Pearson's exact
/// interval, which covers at least its level for every true proportion. Needs one attempt.
///
/// # Errors
/// More events than attempts.
pub fn clopper_pearson(events: u64, total: u64, level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::Proportion, IntervalKind::ClopperPearson);
    let Some(share) = share_of(events, total)? else {
        return Ok(Outcome::insufficient(0, 1, method));
    };
    let (seen, unseen) = (events as f64, (total - events) as f64);
    let low = if events == 0 {
        0.0
    } else {
        beta_lower(level.tail(), seen, unseen + 1.0)
    };
    let high = if events == total {
        1.0
    } else {
        beta_upper(level.tail(), seen + 1.0, unseen)
    };
    Ok(Estimate::new(share, (low, high), level, total as usize, method)?.into())
}

/// Share of attempts that were events, over trials of (events, attempts) within which
/// the attempts may depend on each other: packets lost in bursts, or in some trials only.
///
/// The value is all events over all attempts. How much the trials differ, beyond what
/// independent attempts would, gives the design effect: the variance of the share as a
/// ratio of two totals over trials, divided by that of as many independent attempts, not
/// taken below 1. The attempts divided by it are the effective n on which Wilson's
/// interval stands, with t for z, since the design effect itself is known from n - 1
/// degrees of freedom only. `n` counts trials, the independent units; 3 are needed.
///
/// In 2,000 simulated campaigns of 8 trials of 1,000 attempts, the 95 % interval covered
/// 94 to 99 % where the trials' own proportions have a standard deviation of at most 0.7
/// times their mean; 92 % and 83 % where it is 1.3 and 2.2 times their mean, that is where most trials have next to
/// no events and a few have all: no interval from 8 trials can know of the ones unseen.
///
/// Without a single event (or with nothing else) trials can't be seen to differ: then
/// the effective n is the number of attempts, and a warning says so.
///
/// # Errors
/// More events than attempts in a trial; a trial without attempts.
pub fn clustered(trials: &[(u64, u64)], level: Level) -> Result<Outcome, StatsError> {
    let method = Method::new(Statistic::Proportion, IntervalKind::ClusteredWilson);
    for (index, &(events, total)) in trials.iter().enumerate() {
        if events > total {
            return Err(StatsError::MoreEventsThanAttempts {
                index,
                events,
                total,
            });
        }
        if total == 0 {
            return Err(StatsError::NoAttempts { index });
        }
    }
    let n = trials.len();
    if n < LEAST_TRIALS {
        return Ok(Outcome::insufficient(n, LEAST_TRIALS, method));
    }
    let events: f64 = trials.iter().map(|trial| trial.0 as f64).sum();
    let attempts: f64 = trials.iter().map(|trial| trial.1 as f64).sum();
    let share = events / attempts;
    let effective_n = attempts / design_effect(trials, share, attempts);
    let critical = student_critical(level.tail(), (n - 1) as f64);
    let ends = score_interval(share, effective_n, critical);
    let warning = if share == 0.0 {
        Some(Warning::NoEvents)
    } else if share == 1.0 {
        Some(Warning::AllEvents)
    } else {
        None
    };
    let estimate = Estimate::new(share, ends, level, n, method)?
        .with_effective_n(effective_n)
        .with_warnings(warning);
    Ok(estimate.into())
}

/// How many times the variance of `share` exceeds that of independent attempts, at
/// least 1.
fn design_effect(trials: &[(u64, u64)], share: f64, attempts: f64) -> f64 {
    let independent = share * (1.0 - share) / attempts;
    if independent <= 0.0 {
        return 1.0;
    }
    let residuals: f64 = trials
        .iter()
        .map(|&(events, total)| {
            let residual = events as f64 - share * total as f64;
            residual * residual
        })
        .sum();
    let n = trials.len() as f64;
    let between = n / (n - 1.0) * residuals / (attempts * attempts);
    (between / independent).max(1.0)
}

fn share_of(events: u64, total: u64) -> Result<Option<f64>, StatsError> {
    if events > total {
        return Err(StatsError::MoreEventsThanAttempts {
            index: 0,
            events,
            total,
        });
    }
    Ok((total > 0).then(|| events as f64 / total as f64))
}

/// Wilson's interval for a share of `n` attempts, at `critical` standard errors.
pub(crate) fn score_interval(share: f64, n: f64, critical: f64) -> (f64, f64) {
    let square = critical * critical;
    let centre = share + square / (2.0 * n);
    let half = critical * ((share * (1.0 - share) + square / (4.0 * n)) / n).sqrt();
    let scale = 1.0 + square / n;
    // At the bounds the formula is exact on paper only.
    let low = if share == 0.0 {
        0.0
    } else {
        ((centre - half) / scale).max(0.0)
    };
    let high = if share == 1.0 {
        1.0
    } else {
        ((centre + half) / scale).min(1.0)
    };
    (low, high)
}
