//! The mean with an interval that follows skewness: bootstrap-t.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::bootstrap::Resampling;
use crate::descriptive::{Sample, quantile_of_sorted};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::mean;
use crate::method::{IntervalKind, Method, Statistic};

/// Fewest values: below, resamples of few different values make the interval as wide as
/// chance has it.
const LEAST_N: usize = 10;

/// Fewest replicates in either tail of the interval.
const LEAST_IN_TAIL: f64 = 10.0;

/// Arithmetic mean of independent values with the bootstrap-t interval: the quantiles of
/// t = (m* - m) / s*, with mean m* and standard error s* of resamples, take the place of
/// Student's, so that the interval m - t s reaches farther on the side of the longer tail.
/// B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall 1993, ch.
/// 12.5. Needs 10 values.
///
/// # Errors
/// Values that are not finite, too few replicates.
pub fn mean(values: &[f64], resampling: Resampling, level: Level) -> Result<Outcome, StatsError> {
    let sample = Sample::new(values)?;
    let n = sample.len();
    let kind = IntervalKind::BootstrapT {
        replicates: resampling.replicates,
        seed: resampling.seed,
    };
    let method = Method::new(Statistic::Mean, kind);
    let needs = (LEAST_IN_TAIL / level.tail() * (1.0 - 1e-12)).ceil() as usize;
    if resampling.replicates < needs {
        return Err(StatsError::Replicates {
            given: resampling.replicates,
            needs,
        });
    }
    let (Some(mean), Some(deviation), true) =
        (sample.mean(), sample.standard_deviation(), n >= LEAST_N)
    else {
        return Ok(Outcome::insufficient(n, LEAST_N, method));
    };
    let error = deviation / (n as f64).sqrt();
    if sample.distinct() == 1 {
        let estimate = Estimate::new(mean, (mean, mean), level, n, method)?;
        return Ok(estimate.with_zero_width_warning().into());
    }
    if !error.is_finite() {
        return Err(StatsError::Overflow {
            statistic: method.statistic.short().into_owned(),
        });
    }
    let deviations: Vec<f64> = sample.values().iter().map(|value| value - mean).collect();
    let mut pivots: Vec<f64> = (0..resampling.replicates)
        .map(|replicate| {
            pivot(
                &deviations,
                &mut generator(resampling.seed, replicate as u64),
            )
        })
        .collect();
    pivots.sort_unstable_by(f64::total_cmp);
    let at = |p| quantile_of_sorted(&pivots, p).unwrap_or(f64::NAN);
    let (low, high) = (at(level.tail()), at(1.0 - level.tail()));
    if !(low.is_finite() && high.is_finite()) {
        // So many resamples of one value that the tails are made of them.
        return Ok(Outcome::insufficient(n, 2 * n, method));
    }
    let ends = (mean - high * error, mean - low * error);
    Ok(Estimate::new(mean, ends, level, n, method)?
        .with_zero_width_warning()
        .into())
}

/// Arithmetic mean of independent values, each end of the interval the farther one of
/// bootstrap-t's ([`mean`]) and Student's.
///
/// Student's covers too little for skewed values, bootstrap-t for heavy tails on both sides;
/// from 50 values on this one stays near its level for either (docs/coverage.md).
///
/// # Errors
/// As [`mean`].
pub fn farther(
    values: &[f64],
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let kind = IntervalKind::FartherT {
        replicates: resampling.replicates,
        seed: resampling.seed,
    };
    let method = Method::new(Statistic::Mean, kind);
    let (bootstrap, student) = (mean(values, resampling, level)?, mean::mean(values, level)?);
    let (bootstrap, student) = match (&bootstrap, &student) {
        (Outcome::Estimate(bootstrap), Outcome::Estimate(student)) => (bootstrap, student),
        (Outcome::Insufficient(gate), _) | (_, Outcome::Insufficient(gate)) => {
            return Ok(Outcome::insufficient(gate.n, gate.needs, method));
        }
    };
    let (a, b) = (bootstrap.interval(), student.interval());
    let ends = (a.low().min(b.low()), a.high().max(b.high()));
    Ok(
        Estimate::new(bootstrap.value(), ends, level, values.len(), method)?
            .with_zero_width_warning()
            .into(),
    )
}

/// (m* - m) / s* of one resample of the deviations from m; infinite where s* is zero.
fn pivot(deviations: &[f64], generator: &mut Xoshiro256PlusPlus) -> f64 {
    let n = deviations.len() as f64;
    let bound = deviations.len() as u64;
    let (mut sum, mut squares) = (0.0, 0.0);
    let mut first = None;
    let mut constant = true;
    for _ in 0..deviations.len() {
        let product = u128::from(generator.next_u64()) * u128::from(bound);
        // The bias of taking the high half is below n / 2^64.
        let deviation = deviations
            .get((product >> 64) as usize)
            .copied()
            .unwrap_or(0.0);
        constant &= *first.get_or_insert(deviation) == deviation;
        sum += deviation;
        squares += deviation * deviation;
    }
    let mean = sum / n;
    let variance = if constant {
        0.0
    } else {
        ((squares - sum * mean) / (n - 1.0)).max(0.0)
    };
    let pivot = mean / (variance / n).sqrt();
    if pivot.is_nan() { 0.0 } else { pivot }
}

/// Generator of one replicate.
fn generator(seed: u64, replicate: u64) -> Xoshiro256PlusPlus {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    Xoshiro256PlusPlus::seed_from_u64(mixed.wrapping_add(replicate))
}
