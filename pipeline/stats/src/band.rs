//! A band around an empirical distribution function, that holds for all of it at once.

use serde::{Deserialize, Serialize};

use crate::descriptive::Sample;
use crate::error::StatsError;
use crate::estimate::{Gated, Interval, Level};
use crate::method::{IntervalKind, Method, Statistic};

/// An empirical distribution function with its band.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Band {
    /// Probability that the band has all of the true distribution function in it.
    pub level: Level,
    /// Independent values it rests on.
    pub n: usize,
    /// Half the height of the band.
    pub half_height: f64,
    /// The steps, one per different value, ascending.
    pub steps: Vec<BandStep>,
    #[serde(skip)]
    sample: Sample,
}

/// A step of the function, which it takes at `value`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct BandStep {
    /// A value of the sample.
    pub value: f64,
    /// Share of the sample at or below it.
    pub fraction: f64,
    /// Lower end of the band from here to the next step.
    pub low: f64,
    /// Upper end of the band from here to the next step.
    pub high: f64,
}

/// The empirical distribution function of independent values, with the band of Dvoretzky,
/// Kiefer and Wolfowitz and Massart's constant: plus and minus sqrt(ln(2 / (1 - level)) /
/// (2 n)), cut at 0 and 1 (P. Massart, The tight constant in the Dvoretzky-Kiefer-Wolfowitz
/// inequality, Ann. Probab. 18 (1990) 1269-1283). Supposes nothing of the distribution, and
/// covers at least its level for any n.
///
/// Needs as many values as bound the median: 8 at 95 %, 11 at 99 %.
///
/// # Errors
/// Values that are not finite.
pub fn dkw(values: &[f64], level: Level) -> Result<Gated<Band>, StatsError> {
    let sample = Sample::new(values)?;
    let n = sample.len();
    let factor = libm::log(2.0 / (1.0 - level.get())) / 2.0;
    let needs = (factor / 0.25).floor() as usize + 1;
    if n < needs {
        let method = Method::new(Statistic::Median, IntervalKind::DkwBand);
        return Ok(Gated::insufficient(n, needs, method));
    }
    let half_height = (factor / n as f64).sqrt();
    let steps = sample
        .ecdf()
        .into_iter()
        .map(|step| BandStep {
            value: step.value,
            fraction: step.fraction,
            low: (step.fraction - half_height).max(0.0),
            high: (step.fraction + half_height).min(1.0),
        })
        .collect();
    Ok(Gated::Value(Band {
        level,
        n,
        half_height,
        steps,
        sample,
    }))
}

impl Band {
    /// The interval of the quantile `p` by this band: the values at which the band's ends
    /// reach `p`. It holds for all quantiles at once, and is wider than that of one alone.
    /// None where the band doesn't bound the quantile on both sides: near 0 and 1.
    pub fn quantile(&self, p: f64) -> Option<Interval> {
        if !(p > 0.0 && p < 1.0) {
            return None;
        }
        let n = self.n as f64;
        // The upper end of the band first reaches p at the least value with a share of
        // p - h; its lower end reaches it at the least with a share of p + h.
        let low = ((p - self.half_height) * n).ceil();
        let high = ((p + self.half_height) * n).ceil();
        if low < 1.0 || high > n {
            return None;
        }
        let low = self.sample.order_statistic(low as usize)?;
        let high = self.sample.order_statistic(high as usize)?;
        Interval::new(low, high).ok()
    }
}
