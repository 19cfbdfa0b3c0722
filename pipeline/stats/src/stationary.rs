//! The bootstrap of a series whose values depend on those before them.
//!
//! Resamples are made of blocks of random length, which keep the dependence within: D. N.
//! Politis and J. P. Romano, The stationary bootstrap, JASA 89 (1994) 1303-1313. Blocks
//! much shorter than the dependence, or a series of few blocks, make intervals too narrow:
//! for AR(1) with a coefficient of 0.9 take thousands of values, or better, trials.

use crate::bootstrap::threads;
use crate::bootstrap::{LEAST_N, Resampling, Source};
use crate::descriptive::{check_finite, mean_of, quantile_of_sorted};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome, Warning};
use crate::method::{IntervalKind, Method, Statistic};

/// Fewest blocks that a resample is made of, on average, without a warning.
const FEW_BLOCKS: f64 = 20.0;

/// Mean block length for the mean of `series`, at least 1.
///
/// D. N. Politis and H. White, Automatic block-length selection for the dependent bootstrap,
/// Econom. Rev. 23 (2004) 53-70, as corrected by A. Patton, D. N. Politis and H. White,
/// Econom. Rev. 28 (2009) 372-375: (2 G^2 / D)^(1/3) N^(1/3), G = sum of lambda(k/M) |k|
/// R(k), D = 2 (sum of lambda(k/M) R(k))^2, lambda the flat-top window, R the
/// autocovariance. M is twice the first lag from which max(5, log10 N) autocorrelations in
/// a row are below 2 sqrt(log10 N / N); at most 3 sqrt(N) and N / 3, as in Patton's own
/// program.
///
/// # Errors
/// Values that are not finite or all equal; fewer than 8.
pub fn block_length(series: &[f64]) -> Result<f64, StatsError> {
    check_finite(series)?;
    let n = series.len();
    let (Some(mean), true) = (mean_of(series), n >= LEAST_N) else {
        return Err(StatsError::Lag {
            lag: LEAST_N - 1,
            n,
        });
    };
    let deviations: Vec<f64> = series.iter().map(|value| value - mean).collect();
    let size = n as f64;
    let root = size.sqrt();
    let in_a_row = (libm::log10(size) as usize).max(5);
    let most = (root.ceil() as usize + in_a_row).min(n - 2);
    let covariances: Vec<f64> = (0..=most)
        .map(|lag| {
            let products = deviations.iter().zip(deviations.iter().skip(lag));
            products.map(|(a, b)| a * b).sum::<f64>() / size
        })
        .collect();
    let variance = covariances.first().copied().unwrap_or(0.0);
    let constant = series.windows(2).all(|pair| pair.first() == pair.last());
    if constant || variance <= 0.0 {
        return Err(StatsError::Constant { n });
    }
    if !variance.is_finite() {
        return Err(StatsError::Overflow {
            statistic: "variance of the series".to_owned(),
        });
    }
    // Among as many values as the lag leaves, at either end.
    let squares = |part: Option<&[f64]>| -> f64 { part.unwrap_or(&[]).iter().map(|d| d * d).sum() };
    let limit = 2.0 * (libm::log10(size) / size).sqrt();
    let small: Vec<bool> = covariances
        .iter()
        .enumerate()
        .map(|(lag, covariance)| {
            let late = squares(deviations.get(lag + 1..));
            let early = squares(deviations.get(..n - lag - 1));
            (size * covariance).abs() < limit * (late * early).sqrt()
        })
        .collect();
    // The last lag is looked at as one behind the run, never as its end.
    let run = small.get(..most).and_then(|small| {
        small
            .windows(in_a_row)
            .position(|run| run.iter().all(|small| *small))
    });
    let lags = run.map_or(most, |first| (2 * first.max(1)).min(most));
    let (mut slope, mut spectrum) = (0.0, variance);
    for (lag, covariance) in covariances.iter().enumerate().take(lags + 1).skip(1) {
        let at = lag as f64 / lags as f64;
        let window = if at <= 0.5 { 1.0 } else { 2.0 * (1.0 - at) };
        slope += 2.0 * window * lag as f64 * covariance;
        spectrum += 2.0 * window * covariance;
    }
    let longest = (3.0 * root).min(size / 3.0).ceil();
    let length = libm::cbrt(slope * slope / (spectrum * spectrum) * size);
    // A spectrum of zero, where the sum cancels, asks for the longest blocks.
    Ok(if length.is_finite() {
        length.clamp(1.0, longest)
    } else {
        longest
    })
}

/// `function` of a stationary `series`, with the percentile interval of the stationary
/// bootstrap; blocks of [`block_length`] on average unless `mean_length` says otherwise.
///
/// `function` sees the series and resamples of its length in order, and must be finite for
/// each. The block length is in a note; a warning says where a resample has fewer than 20
/// blocks. Needs 8 values.
///
/// # Errors
/// Values that are not finite or all equal (with no length given); a length below 1 or
/// beyond the series; a statistic that isn't finite; too few replicates.
pub fn bootstrap(
    series: &[f64],
    statistic: Statistic,
    function: &(dyn Fn(&[f64]) -> f64 + Sync),
    mean_length: Option<f64>,
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    check_finite(series)?;
    resampling.check(level)?;
    let n = series.len();
    let Resampling { replicates, seed } = resampling;
    let method = Method::new(
        statistic,
        IntervalKind::StationaryPercentile { replicates, seed },
    );
    if n < LEAST_N {
        return Ok(Outcome::insufficient(n, LEAST_N, method));
    }
    let length = match mean_length {
        Some(length) => length,
        None => block_length(series)?,
    };
    if !(length >= 1.0 && length <= n as f64) {
        return Err(StatsError::BlockLength { length, n });
    }
    let size = u32::try_from(n).map_err(|_| StatsError::TooManyPairs {
        pairs: n as u128,
        limit: u32::MAX.into(),
    })?;
    let checked = |value: f64| {
        if value.is_finite() {
            Ok(value)
        } else {
            Err(StatsError::StatisticNotFinite {
                statistic: method.statistic.short().into_owned(),
                value,
            })
        }
    };
    let value = checked(function(series))?;
    let ln_going_on = libm::log1p(-1.0 / length);
    let mut drawn = threads::replicates(
        replicates,
        threads::available(),
        Vec::new,
        |replicate, resample: &mut Vec<f64>| {
            let mut source = Source::new(seed, replicate);
            resample.clear();
            while resample.len() < n {
                let start = source.below(size) as usize;
                let block = geometric(ln_going_on, &mut source).min((n - resample.len()) as f64);
                // The series is a circle, and a block at most once around it.
                let (before, after) = series.split_at(start);
                let (to_end, around) = ((block as usize).min(after.len()), block as usize);
                resample.extend_from_slice(after.get(..to_end).unwrap_or(after));
                resample.extend_from_slice(before.get(..around - to_end).unwrap_or(before));
            }
            checked(function(resample))
        },
    )?;
    drawn.sort_unstable_by(f64::total_cmp);
    let at = |p| quantile_of_sorted(&drawn, p).unwrap_or(f64::NAN);
    let ends = (at(level.tail()), at(1.0 - level.tail()));
    let blocks = n as f64 / length;
    let note = |text: String| Warning::Note { text, fact: None };
    let few = (blocks < FEW_BLOCKS).then(|| {
        note(format!(
            "the series has only {blocks:.1} blocks as long as its dependence, so the interval is too narrow"
        ))
    });
    Ok(Estimate::new(value, ends, level, n, method)?
        .with_warning(note(format!("blocks of {length:.1} values on average")))
        .with_warnings(few)
        .with_zero_width_warning()
        .into())
}

/// A geometric variable, at least 1, given ln(1 - 1 / its mean).
fn geometric(ln_going_on: f64, source: &mut Source) -> f64 {
    if ln_going_on == f64::NEG_INFINITY {
        return 1.0;
    }
    1.0 + (libm::log(source.uniform()) / ln_going_on).floor()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_lengths_are_geometric() {
        let mut source = Source::new(1, 0);
        let draw = |mean: f64, source: &mut Source| geometric(libm::log1p(-1.0 / mean), source);
        let lengths: Vec<f64> = (0..40_000).map(|_| draw(4.0, &mut source)).collect();
        let mean = mean_of(&lengths).unwrap();
        assert!((mean - 4.0).abs() < 0.1, "{mean}");
        let ones = lengths.iter().filter(|length| **length == 1.0).count();
        assert!(ones.abs_diff(10_000) < 450, "{ones}");
        assert_eq!(draw(1.0, &mut source), 1.0);
    }
}
