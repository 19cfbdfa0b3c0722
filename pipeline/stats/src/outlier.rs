//! Outliers, marked and never dropped.

use serde::{Deserialize, Serialize};

use crate::descriptive::{Sample, check_finite, mean_of};
use crate::error::StatsError;

/// Modified z beyond which a value is an outlier, and twice that, an extreme one.
const LIMIT: f64 = 3.5;

/// Whether values are judged as they are or by their logarithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// As they are.
    Plain,
    /// By their logarithms: for skewed values above zero, of which the plain fences would
    /// mark many high ones.
    Log,
}

/// What a value is within its sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Beyond the outer limit, below.
    ExtremelyLow,
    /// Beyond the inner limit, below.
    Low,
    /// Within the limits.
    Regular,
    /// Beyond the inner limit, above.
    High,
    /// Beyond the outer limit, above.
    ExtremelyHigh,
}

impl Class {
    fn of(value: f64, inner: (f64, f64), outer: (f64, f64)) -> Self {
        if value < outer.0 {
            Self::ExtremelyLow
        } else if value < inner.0 {
            Self::Low
        } else if value > outer.1 {
            Self::ExtremelyHigh
        } else if value > inner.1 {
            Self::High
        } else {
            Self::Regular
        }
    }
}

/// A class for each value, in the order of the values, by fences 1.5 (outlier) and 3
/// (extreme) interquartile ranges beyond the quartiles (type 7): J. W. Tukey, Exploratory
/// Data Analysis, Addison-Wesley 1977, ch. 2. Of normal values 0.7 % lie outside the inner
/// fences. Works for any number of values; says little below ten.
///
/// # Errors
/// Values that are not finite; on the scale of logarithms, values not above zero.
pub fn tukey(values: &[f64], scale: Scale) -> Result<Vec<Class>, StatsError> {
    let values = scaled(values, scale)?;
    let sample = Sample::new(&values)?;
    let (Some(low), Some(high)) = (sample.quantile(0.25), sample.quantile(0.75)) else {
        return Ok(Vec::new());
    };
    let fences = |ranges: f64| (low - ranges * (high - low), high + ranges * (high - low));
    Ok(classes(&values, fences(1.5), fences(3.0)))
}

/// A class for each value, in the order of the values, by the modified z of B. Iglewicz and
/// D. C. Hoaglin, How to Detect and Handle Outliers, ASQC 1993: 0.6745 (x - median) / MAD,
/// outliers beyond 3.5, extreme (our own bound) beyond 7. Where more than half of the values
/// are equal and the MAD is 0, 1.253314 times the mean absolute deviation from the median
/// takes the place of MAD / 0.6745; where all are equal, all are regular.
///
/// # Errors
/// As [`tukey`].
pub fn modified_z(values: &[f64], scale: Scale) -> Result<Vec<Class>, StatsError> {
    let values = scaled(values, scale)?;
    let Some(median) = Sample::new(&values)?.median() else {
        return Ok(Vec::new());
    };
    let distances: Vec<f64> = values.iter().map(|value| (value - median).abs()).collect();
    let mad = Sample::new(&distances)?.median().unwrap_or(0.0);
    let deviation = if mad > 0.0 {
        mad / 0.6745
    } else {
        1.253_314 * mean_of(&distances).unwrap_or(0.0)
    };
    let limits = |z: f64| (median - z * deviation, median + z * deviation);
    Ok(classes(&values, limits(LIMIT), limits(2.0 * LIMIT)))
}

fn classes(values: &[f64], inner: (f64, f64), outer: (f64, f64)) -> Vec<Class> {
    values
        .iter()
        .map(|value| Class::of(*value, inner, outer))
        .collect()
}

fn scaled(values: &[f64], scale: Scale) -> Result<Vec<f64>, StatsError> {
    check_finite(values)?;
    match scale {
        Scale::Plain => Ok(values.to_vec()),
        Scale::Log => values
            .iter()
            .enumerate()
            .map(|(index, &value)| {
                if value > 0.0 {
                    Ok(libm::log(value))
                } else {
                    Err(StatsError::NoLogarithm { index, value })
                }
            })
            .collect(),
    }
}
