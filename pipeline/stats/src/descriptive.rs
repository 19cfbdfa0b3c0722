use serde::Serialize;

use crate::error::StatsError;
use crate::estimate::Warning;
use crate::method::Statistic;

/// The finite values of a sample in ascending order; may be empty.
///
/// For describing a sample. What says something of where the sample came from is an
/// [`Estimate`](crate::Estimate).
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    sorted: Vec<f64>,
}

/// Size, mean and variance of a sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moments {
    pub(crate) n: f64,
    pub(crate) mean: f64,
    /// With divisor n - 1.
    pub(crate) variance: f64,
}

impl Moments {
    /// Variance of the mean.
    pub(crate) fn of_mean(&self) -> f64 {
        self.variance / self.n
    }
}

/// A step of an empirical distribution function.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EcdfPoint {
    /// A value of the sample.
    pub value: f64,
    /// Share of the sample at or below it, above 0 and at most 1.
    pub fraction: f64,
}

impl Sample {
    /// Copies and sorts `values`.
    ///
    /// # Errors
    /// [`StatsError::NotFinite`] names the first NaN or infinity.
    pub fn new(values: &[f64]) -> Result<Self, StatsError> {
        check_finite(values)?;
        // Adding zero makes a negative zero positive, so that equal values are equal bits.
        let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Ok(Self { sorted })
    }

    /// The order statistics, ascending.
    pub fn values(&self) -> &[f64] {
        &self.sorted
    }

    pub(crate) fn into_values(self) -> Vec<f64> {
        self.sorted
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.sorted.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.sorted.is_empty()
    }

    /// Smallest value.
    pub fn min(&self) -> Option<f64> {
        self.sorted.first().copied()
    }

    /// Largest value.
    pub fn max(&self) -> Option<f64> {
        self.sorted.last().copied()
    }

    /// Middle value, or the mean of the middle two.
    pub fn median(&self) -> Option<f64> {
        quantile_of_sorted(&self.sorted, 0.5)
    }

    /// Quantile by linear interpolation, type 7 of R. J. Hyndman and Y. Fan, Sample
    /// quantiles in statistical packages, Am. Stat. 50 (1996) 361-365: the default of R
    /// and NumPy. None for an empty sample and for `p` outside [0, 1].
    pub fn quantile(&self, p: f64) -> Option<f64> {
        quantile_of_sorted(&self.sorted, p)
    }

    /// The `rank`-th smallest value, counted from 1.
    pub fn order_statistic(&self, rank: usize) -> Option<f64> {
        self.sorted.get(rank.checked_sub(1)?).copied()
    }

    /// Number of different values.
    pub fn distinct(&self) -> usize {
        self.sorted.chunk_by(|a, b| a == b).count()
    }

    /// The steps of the empirical distribution function, one per different value.
    pub fn ecdf(&self) -> Vec<EcdfPoint> {
        let mut seen = 0_usize;
        self.sorted
            .chunk_by(|a, b| a == b)
            .filter_map(|equal| {
                seen += equal.len();
                equal.first().map(|&value| EcdfPoint {
                    value,
                    fraction: seen as f64 / self.len() as f64,
                })
            })
            .collect()
    }

    /// Arithmetic mean, corrected once for the rounding of the sum. None if empty.
    pub fn mean(&self) -> Option<f64> {
        mean_of(&self.sorted)
    }

    /// Standard deviation with divisor n - 1. None below two values.
    pub fn standard_deviation(&self) -> Option<f64> {
        let mean = self.mean()?;
        let n = self.len();
        (n > 1).then(|| {
            let squares: f64 = self.sorted.iter().map(|x| (x - mean) * (x - mean)).sum();
            (squares / (n - 1) as f64).sqrt()
        })
    }

    /// Mean and variance, if there are at least `least` values and two.
    ///
    /// # Errors
    /// [`StatsError::Overflow`] where either is beyond the range of a float.
    pub(crate) fn moments(
        &self,
        least: usize,
        statistic: &Statistic,
    ) -> Result<Option<Moments>, StatsError> {
        let (Some(mean), Some(deviation), true) =
            (self.mean(), self.standard_deviation(), self.len() >= least)
        else {
            return Ok(None);
        };
        let moments = Moments {
            n: self.len() as f64,
            mean,
            variance: deviation * deviation,
        };
        if mean.is_finite() && moments.variance.is_finite() {
            Ok(Some(moments))
        } else {
            Err(StatsError::Overflow {
                statistic: statistic.short().into_owned(),
            })
        }
    }

    pub(crate) fn tie_warning(&self) -> Option<Warning> {
        let distinct = self.distinct();
        (distinct < self.len()).then_some(Warning::Ties {
            distinct,
            n: self.len(),
        })
    }
}

pub(crate) fn check_finite(values: &[f64]) -> Result<(), StatsError> {
    match values.iter().position(|value| !value.is_finite()) {
        None => Ok(()),
        Some(index) => Err(StatsError::NotFinite {
            index,
            value: values.get(index).copied().unwrap_or(f64::NAN),
        }),
    }
}

/// Mean of `values` in their order; None if empty.
pub(crate) fn mean_of(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    if values.is_empty() {
        return None;
    }
    let rough = values.iter().sum::<f64>() / n;
    let correction = values.iter().map(|x| x - rough).sum::<f64>() / n;
    Some(rough + correction)
}

/// Type 7 quantile of ascending values.
pub(crate) fn quantile_of_sorted(sorted: &[f64], p: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&p) {
        return None;
    }
    let position = sorted.len().checked_sub(1)? as f64 * p;
    let below = position.floor();
    let index = below as usize;
    let low = *sorted.get(index)?;
    let high = *sorted.get(index + 1).unwrap_or(&low);
    Some(between(low, high, position - below))
}

/// The point at `weight` of the way from `low` to `high`, never outside them.
fn between(low: f64, high: f64, weight: f64) -> f64 {
    let gap = high - low;
    let point = if gap.is_finite() {
        low + gap * weight
    } else {
        low * (1.0 - weight) + high * weight
    };
    point.clamp(low, high)
}
