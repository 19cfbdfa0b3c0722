//! The mean with an interval that follows skewness: bootstrap-t.

use crate::bootstrap::{Resampling, Source};
use crate::descriptive::{Sample, quantile_of_sorted};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::mean;
use crate::method::{IntervalKind, Method, Statistic};

/// Fewest values: below, resamples of few different values make the interval as wide as
/// chance has it.
const LEAST_N: usize = 10;

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
    resampling.check(level)?;
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
            let mut source = Source::new(resampling.seed, replicate as u64);
            pivot(&deviations, &mut source)
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
/// from 60 values on this one stays near its level for either (docs/coverage.md).
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
fn pivot(deviations: &[f64], source: &mut Source) -> f64 {
    let n = deviations.len();
    let (mut sums, mut squares) = ([0.0; 8], [0.0; 8]);
    let (mut least, mut greatest) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8]);
    source.batches(n as u32, n, |batch| {
        let strands = sums.iter_mut().zip(&mut squares);
        let ranges = least.iter_mut().zip(&mut greatest);
        for (((sum, square), (low, high)), &row) in strands.zip(ranges).zip(batch) {
            let deviation = deviations.get(row as usize).copied().unwrap_or(f64::NAN);
            *sum += deviation;
            *square += deviation * deviation;
            *low = low.min(deviation);
            *high = high.max(deviation);
        }
    });
    let all = |strands: [f64; 8]| strands.iter().sum::<f64>();
    let (sum, squares, n) = (all(sums), all(squares), n as f64);
    let constant = least.into_iter().fold(f64::INFINITY, f64::min)
        == greatest.into_iter().fold(f64::NEG_INFINITY, f64::max);
    let mean = sum / n;
    let variance = if constant {
        0.0
    } else {
        ((squares - sum * mean) / (n - 1.0)).max(0.0)
    };
    let pivot = mean / (variance / n).sqrt();
    if pivot.is_nan() { 0.0 } else { pivot }
}
