//! Ends of intervals from a bootstrap distribution.

use crate::bootstrap::ideal::Law;
use crate::descriptive::{mean_of, quantile_of_sorted};
use crate::distribution::{normal_cdf, normal_critical, normal_quantile};
use crate::estimate::Level;

/// A sample of the bootstrap distribution: replicates, ascending.
pub(crate) struct Replicates(Vec<f64>);

impl Replicates {
    pub(crate) fn new(mut replicates: Vec<f64>) -> Self {
        replicates.sort_unstable_by(f64::total_cmp);
        Self(replicates)
    }
}

impl Law for Replicates {
    fn cdf(&self, x: f64) -> f64 {
        self.0.partition_point(|replicate| *replicate <= x) as f64 / self.0.len() as f64
    }

    fn quantile(&self, p: f64) -> f64 {
        quantile_of_sorted(&self.0, p).unwrap_or(f64::NAN)
    }

    fn middle_cdf(&self, x: f64) -> f64 {
        // What equals x on paper may lie on either side of it by rounding.
        let range = self
            .0
            .last()
            .zip(self.0.first())
            .map_or(0.0, |(high, low)| high - low);
        let slack = 1e-11 * range;
        let below = self.0.partition_point(|replicate| *replicate < x - slack);
        let up_to = self.0.partition_point(|replicate| *replicate <= x + slack);
        (below + up_to) as f64 / (2 * self.0.len()) as f64
    }
}

pub(crate) fn percentile_ends(law: &dyn Law, level: Level) -> (f64, f64) {
    (law.quantile(level.tail()), law.quantile(1.0 - level.tail()))
}

/// Ends of the BCa interval; None where it is undefined. Ties of replicates with the value
/// count half, as in SciPy.
pub(crate) fn bca_ends(
    value: f64,
    law: &dyn Law,
    acceleration: f64,
    level: Level,
) -> Option<(f64, f64)> {
    let bias = normal_quantile(law.middle_cdf(value));
    let z = normal_critical(level.tail());
    let moved = |z: f64| {
        let shifted = bias + z;
        let scale = 1.0 - acceleration * shifted;
        (bias.is_finite() && scale > 0.0).then(|| normal_cdf(bias + shifted / scale))
    };
    Some((law.quantile(moved(-z)?), law.quantile(moved(z)?)))
}

/// A sixth of the skewness of the statistic, from the jackknife of each sample it is made
/// of; None where the jackknife doesn't vary.
pub(crate) fn acceleration<'a>(jackknives: impl IntoIterator<Item = &'a [f64]>) -> Option<f64> {
    let (mut squares, mut cubes) = (0.0, 0.0);
    for jackknife in jackknives {
        let mean = mean_of(jackknife)?;
        let n = jackknife.len() as f64;
        // (n - 1) / n weighs samples of different sizes against each other.
        let weight = (n - 1.0) / n;
        let (mut second, mut third) = (0.0, 0.0);
        for replicate in jackknife {
            let deviation = mean - replicate;
            second += deviation * deviation;
            third += deviation * deviation * deviation;
        }
        squares += second * weight * weight;
        cubes += third * weight * weight * weight;
    }
    let scale = squares * squares.sqrt();
    (scale > 0.0).then(|| cubes / scale / 6.0)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn bca_agrees_with_scipy_on_the_same_replicates() {
        let reference: Value =
            serde_json::from_str(include_str!("../../tests/reference/reference.json")).unwrap();
        for case in reference["bca"].as_array().unwrap() {
            let numbers =
                |name: &str| -> Vec<f64> { serde_json::from_value(case[name].clone()).unwrap() };
            let number = |name: &str| case[name].as_f64().unwrap();
            let replicates = Replicates::new(numbers("replicates"));
            let level = Level::new(number("level")).unwrap();
            let acceleration = acceleration([numbers("jackknife").as_slice()]).unwrap();
            let bca = bca_ends(number("value"), &replicates, acceleration, level).unwrap();
            let percentile = percentile_ends(&replicates, level);
            for (got, expected) in [
                (bca.0, number("bca_low")),
                (bca.1, number("bca_high")),
                (percentile.0, number("percentile_low")),
                (percentile.1, number("percentile_high")),
            ] {
                assert!(
                    (got - expected).abs() <= 1e-9 * expected.abs(),
                    "{got} is not {expected}"
                );
            }
        }
    }
}
