//! Mean and quantiles of a series whose values depend on those before, by batches.

use crate::descriptive::{Sample, check_finite};
use crate::distribution::student_critical;
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome, Warning};
use crate::method::{IntervalKind, Method, Statistic};
use crate::series::{effective_sample_size, ljung_box};

/// Fewest values of a series: in shorter ones dependence can't be seen.
const LEAST_N: usize = 200;
/// Fewest values that a batch is worth, by the effective sample size.
const LEAST_EFFECTIVE: f64 = 50.0;
/// Lags tested for dependence.
const LAGS: usize = 10;

/// Mean of a stationary series in its order, with an interval from batches: the series is cut into
/// b batches of equal length (10 to 30, about the cube root of n), long enough that those of
/// different batches hardly depend on each other, and the spread of their
/// means gives Student's interval of b - 1 degrees of freedom. B. Schmeiser, Batch size effects in the analysis of simulation output,
/// Oper. Res. 30 (1982) 556-568; S. Asmussen and P. W. Glynn, Stochastic Simulation,
/// Springer 2007, III.5 (sectioning).
///
/// The gate: 200 values, and an effective sample size
/// ([`effective_sample_size`]) of 50, below which
/// batches depend on each other and the interval covers less than its level. The size is in
/// the estimate, with a warning if the series is dependent.
///
/// # Errors
/// Values that are not finite; a statistic beyond a float's range.
pub fn mean(series: &[f64], level: Level) -> Result<Outcome, StatsError> {
    statistic(series, Statistic::Mean, &|sample| sample.mean(), level)
}

/// Quantile `p` (type 7) of a stationary series in its order, with an interval between two
/// order statistics.
///
/// The share of values below the quantile is a mean, whose Student's interval p - h to
/// p + h comes from its spread over batches, as in [`mean`]; the order statistics at these
/// shares enclose the quantile, whatever the distribution: P. Heidelberger and P. A. W.
/// Lewis, Quantile estimation in dependent sequences, Oper. Res. 32 (1984) 185-209. The same
/// gate as [`mean`], on the effective size both of the series and of that of shares, and h
/// must leave room at either end.
///
/// # Errors
/// Values that are not finite; `p` outside (0, 1).
pub fn quantile(series: &[f64], p: f64, level: Level) -> Result<Outcome, StatsError> {
    if !(p > 0.0 && p < 1.0) {
        return Err(StatsError::Probability(p));
    }
    let sample = Sample::new(series)?;
    let n = series.len();
    if let Outcome::Insufficient(gate) = mean(series, level)? {
        let method = Method::new(Statistic::quantile(p), gate.method.interval);
        return Ok(Outcome::insufficient(n, gate.needs, method));
    }
    let value = sample.quantile(p).unwrap_or(0.0);
    // Of values equal to the quantile, half count as below.
    let shares: Vec<f64> = series
        .iter()
        .map(|x| 0.5 * f64::from(u8::from(*x < value) + u8::from(*x <= value)))
        .collect();
    let of = Statistic::quantile(p);
    let share = match statistic(&shares, of.clone(), &|shares| shares.mean(), level)? {
        Outcome::Estimate(share) => share,
        insufficient => return Ok(insufficient),
    };
    let half = share.interval().width() / 2.0;
    let low = (n as f64 * (p - half)).floor();
    let high = (n as f64 * (p + half)).ceil() + 1.0;
    let method = share.method().clone();
    let ends = (low >= 1.0 && high <= n as f64)
        .then(|| {
            let low = sample.order_statistic(low as usize)?;
            Some((low, sample.order_statistic(high as usize)?))
        })
        .flatten();
    let Some(ends) = ends else {
        return Ok(Outcome::insufficient(n, 2 * n, method));
    };
    let mut estimate = Estimate::new(value, ends, level, n, method)?
        .with_warnings(
            share
                .warnings()
                .iter()
                .filter(|warning| **warning == Warning::Dependent)
                .cloned(),
        )
        .with_warnings(sample.tie_warning())
        .with_zero_width_warning();
    if let Some(effective_n) = share.effective_n() {
        estimate = estimate.with_effective_n(effective_n);
    }
    Ok(estimate.into())
}

fn statistic(
    series: &[f64],
    of: Statistic,
    function: &dyn Fn(&Sample) -> Option<f64>,
    level: Level,
) -> Result<Outcome, StatsError> {
    check_finite(series)?;
    let n = series.len();
    let batches = batches(n);
    let method = Method::new(of, IntervalKind::Batches { batches });
    if n < LEAST_N {
        return Ok(Outcome::insufficient(n, LEAST_N, method));
    }
    let whole = Sample::new(series)?;
    let effective_n = match effective_sample_size(series) {
        Ok(size) => size,
        // Without variation there is no dependence to see either.
        Err(StatsError::Constant { .. }) => n as f64,
        Err(error) => return Err(error),
    };
    if effective_n < LEAST_EFFECTIVE {
        let needs = (LEAST_EFFECTIVE / effective_n * n as f64).ceil() as usize;
        return Ok(Outcome::insufficient(n, needs.max(n + 1), method));
    }
    // What doesn't fill a batch is left out at the start.
    let length = n / batches;
    let of_batches = series
        .get(n % batches..)
        .unwrap_or_default()
        .chunks_exact(length)
        .map(|batch| Ok(function(&Sample::new(batch)?)))
        .collect::<Result<Option<Vec<f64>>, StatsError>>()?;
    let spread = of_batches.map(|values| Sample::new(&values)).transpose()?;
    let deviation = spread.and_then(|sample| sample.standard_deviation());
    let (Some(value), Some(deviation)) = (function(&whole), deviation) else {
        return Ok(Outcome::insufficient(n, n + 1, method));
    };
    let b = batches as f64;
    let half = student_critical(level.tail(), b - 1.0) * deviation / b.sqrt();
    let dependent = ljung_box(series, LAGS).is_ok_and(|test| test.p < 0.01);
    Ok(
        Estimate::new(value, (value - half, value + half), level, n, method)?
            .with_effective_n(effective_n)
            .with_warnings(dependent.then_some(Warning::Dependent))
            .with_zero_width_warning()
            .into(),
    )
}

fn batches(n: usize) -> usize {
    (libm::cbrt(n as f64) as usize).clamp(10, 30)
}
