//! Dependence within a series: successive round-trip times, throughput by the second.

use serde::{Deserialize, Serialize};

use crate::descriptive::{check_finite, mean_of};
use crate::distribution::chi_squared_tail;
use crate::error::StatsError;

/// Result of the Ljung-Box test.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LjungBox {
    /// The statistic Q.
    pub q: f64,
    /// Lags tested together, the degrees of freedom.
    pub lags: usize,
    /// Probability of a Q as large in a series without autocorrelation.
    pub p: f64,
}

/// Autocorrelations at lags 0 (which is 1) to `lags`, by the usual estimator with divisor
/// n at every lag (that of R's `acf`).
///
/// # Errors
/// Values that are not finite or all equal; a series no longer than `lags`.
pub fn autocorrelation(series: &[f64], lags: usize) -> Result<Vec<f64>, StatsError> {
    let centred = Centred::new(series)?;
    if lags >= series.len() {
        return Err(StatsError::Lag {
            lag: lags,
            n: series.len(),
        });
    }
    Ok((0..=lags).map(|lag| centred.correlation(lag)).collect())
}

/// Autocorrelation at lag 1.
///
/// # Errors
/// As [`autocorrelation`].
pub fn lag1(series: &[f64]) -> Result<f64, StatsError> {
    let correlations = autocorrelation(series, 1)?;
    Ok(correlations.last().copied().unwrap_or(1.0))
}

/// How many independent values determine the mean as well as this series does: n over
/// the integrated autocorrelation time, at most n.
///
/// Correlations are summed in pairs of successive lags until a pair is no longer
/// positive: the initial positive sequence of C. J. Geyer, Practical Markov chain Monte
/// Carlo, Statist. Sci. 7 (1992) 473-483.
///
/// # Errors
/// Values that are not finite or all equal; fewer than two.
pub fn effective_sample_size(series: &[f64]) -> Result<f64, StatsError> {
    let centred = Centred::new(series)?;
    let n = series.len();
    let pairs: f64 = (0..n / 2)
        .map(|pair| centred.correlation(2 * pair) + centred.correlation(2 * pair + 1))
        .take_while(|sum| *sum > 0.0)
        .sum();
    // Sums of a strongly alternating series can come out below any sensible time.
    let time = (2.0 * pairs - 1.0).max(1.0);
    Ok(n as f64 / time)
}

/// Ljung-Box test of no autocorrelation at lags 1 to `lags`: G. M. Ljung and G. E. P.
/// Box, On a measure of lack of fit in time series models, Biometrika 65 (1978) 297-303.
///
/// # Errors
/// Values that are not finite or all equal; no lags, or a series no longer than `lags`.
pub fn ljung_box(series: &[f64], lags: usize) -> Result<LjungBox, StatsError> {
    let n = series.len();
    if lags == 0 {
        return Err(StatsError::Lag { lag: lags, n });
    }
    let correlations = autocorrelation(series, lags)?;
    let sum: f64 = correlations
        .iter()
        .enumerate()
        .skip(1)
        .map(|(lag, correlation)| correlation * correlation / (n - lag) as f64)
        .sum();
    let q = n as f64 * (n as f64 + 2.0) * sum;
    Ok(LjungBox {
        q,
        lags,
        p: chi_squared_tail(q, lags as f64),
    })
}

/// Deviations of a series from its mean.
struct Centred {
    deviations: Vec<f64>,
    squares: f64,
}

impl Centred {
    fn new(series: &[f64]) -> Result<Self, StatsError> {
        check_finite(series)?;
        let n = series.len();
        let (Some(mean), true) = (mean_of(series), n > 1) else {
            return Err(StatsError::Lag { lag: 1, n });
        };
        if series
            .windows(2)
            .all(|pair| matches!(pair, [a, b] if a == b))
        {
            return Err(StatsError::Constant { n });
        }
        let deviations: Vec<f64> = series.iter().map(|value| value - mean).collect();
        let squares: f64 = deviations.iter().map(|d| d * d).sum();
        // Beyond the range of a float at one end or the other.
        if !(squares.is_finite() && squares > 0.0) {
            return Err(StatsError::Overflow {
                statistic: "variance of the series".to_owned(),
            });
        }
        Ok(Self {
            deviations,
            squares,
        })
    }

    fn correlation(&self, lag: usize) -> f64 {
        let products: f64 = self
            .deviations
            .iter()
            .zip(self.deviations.iter().skip(lag))
            .map(|(earlier, later)| earlier * later)
            .sum();
        products / self.squares
    }
}
