//! Intervals by resampling, for any statistic.
//!
//! Replicate i has a generator of its own, seeded from the seed and i alone, so that the
//! replicates are the same in whatever order, and on however many threads, they are made.
//!
//! Small samples cover less than their level. In 2,000 simulated samples (999 replicates)
//! the 95 % BCa interval covered
//!
//! | | n = 8 | 10 | 20 | 50 |
//! |---|---|---|---|---|
//! | mean, normal | 87 % | 91 % | 92 % | 94 % |
//! | mean, lognormal | 79 % | 82 % | 87 % | 91 % |
//! | median, normal | 91 % | 93 % | 95 % | 96 % |
//! | median, lognormal | 92 % | 93 % | 95 % | 97 % |
//!
//! so take an interval that is exact (a quantile's, a rank test's) where there is one.

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

use crate::descriptive::{Sample, mean_of, quantile_of_sorted};
use crate::distribution::{normal_cdf, normal_critical, normal_quantile};
use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome, Warning};
use crate::method::{IntervalKind, Method, Statistic};

/// Fewest values for a bootstrap: it can put no more than these into its resamples, and
/// knows nothing of the tails beyond them.
const LEAST_N: usize = 8;

/// From this many values on intervals come near their level, unless values are skewed.
const RECOMMENDED_N: usize = 50;

/// Fewest replicates in either tail of the interval.
const LEAST_IN_TAIL: f64 = 10.0;

/// How to resample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resampling {
    /// Resamples to draw: at least ten for either tail, 400 at 95 %.
    pub replicates: usize,
    /// Where the randomness comes from; any number will do.
    pub seed: u64,
}

impl Resampling {
    /// 9,999 resamples from `seed`.
    pub fn seeded(seed: u64) -> Self {
        Self {
            replicates: 9_999,
            seed,
        }
    }
}

/// `function` of independent `values`, with the bias-corrected and accelerated (BCa)
/// bootstrap interval: its ends are percentiles of the bootstrap distribution, moved by
/// the share of replicates below the value and by the skewness of the jackknife.
///
/// `function` sees ascending values at first, resamples in no particular order, and must
/// be finite for each. Where the correction is undefined (a statistic that no replicate
/// surpasses), the percentile interval is given with a warning. Needs 8 values; below 50
/// a warning says that it covers less than its level.
///
/// # Errors
/// Values that are not finite, a statistic that isn't, too few replicates.
pub fn bca(
    values: &[f64],
    statistic: Statistic,
    function: &dyn Fn(&[f64]) -> f64,
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let bound = IntervalKind::BootstrapBca {
        replicates: resampling.replicates,
        seed: resampling.seed,
    };
    let method = Method::new(statistic, bound);
    let Some(drawn) = Drawn::new(values, &method, function, resampling, level)? else {
        return Ok(Outcome::insufficient(values.len(), LEAST_N, method));
    };
    let jackknife = drawn.jackknife(&method, function)?;
    let (ends, warning) = match bca_ends(drawn.value, &drawn.replicates, &jackknife, level) {
        Some(ends) => (ends, None),
        None => (
            percentile_ends(&drawn.replicates, level),
            Some(Warning::BcaUndefined),
        ),
    };
    drawn.estimate(ends, warning, method, level)
}

/// `function` of independent `values`, with the percentile bootstrap interval. As
/// [`bca`], without its corrections.
///
/// # Errors
/// Values that are not finite, a statistic that isn't, too few replicates.
pub fn percentile(
    values: &[f64],
    statistic: Statistic,
    function: &dyn Fn(&[f64]) -> f64,
    resampling: Resampling,
    level: Level,
) -> Result<Outcome, StatsError> {
    let bound = IntervalKind::BootstrapPercentile {
        replicates: resampling.replicates,
        seed: resampling.seed,
    };
    let method = Method::new(statistic, bound);
    let Some(drawn) = Drawn::new(values, &method, function, resampling, level)? else {
        return Ok(Outcome::insufficient(values.len(), LEAST_N, method));
    };
    let ends = percentile_ends(&drawn.replicates, level);
    drawn.estimate(ends, None, method, level)
}

/// A sample with the value of a statistic and its replicates, ascending.
struct Drawn {
    sample: Sample,
    value: f64,
    replicates: Vec<f64>,
}

impl Drawn {
    /// None if there are too few values.
    fn new(
        values: &[f64],
        method: &Method,
        function: &dyn Fn(&[f64]) -> f64,
        resampling: Resampling,
        level: Level,
    ) -> Result<Option<Self>, StatsError> {
        let sample = Sample::new(values)?;
        let needs = (LEAST_IN_TAIL / level.tail() * (1.0 - 1e-12)).ceil() as usize;
        if resampling.replicates < needs {
            return Err(StatsError::Replicates {
                given: resampling.replicates,
                needs,
            });
        }
        if sample.len() < LEAST_N {
            return Ok(None);
        }
        let value = evaluate(method, function, sample.values())?;
        let mut resample = Vec::with_capacity(sample.len());
        let mut replicates = (0..resampling.replicates)
            .map(|index| {
                draw(
                    sample.values(),
                    &mut generator(resampling.seed, index as u64),
                    &mut resample,
                );
                evaluate(method, function, &resample)
            })
            .collect::<Result<Vec<f64>, _>>()?;
        replicates.sort_unstable_by(f64::total_cmp);
        Ok(Some(Self {
            sample,
            value,
            replicates,
        }))
    }

    /// The statistic with each value left out in turn.
    fn jackknife(
        &self,
        method: &Method,
        function: &dyn Fn(&[f64]) -> f64,
    ) -> Result<Vec<f64>, StatsError> {
        let mut rest = Vec::with_capacity(self.sample.len());
        (0..self.sample.len())
            .map(|left_out| {
                rest.clear();
                rest.extend_from_slice(self.sample.values());
                rest.remove(left_out);
                evaluate(method, function, &rest)
            })
            .collect()
    }

    fn estimate(
        self,
        ends: (f64, f64),
        warning: Option<Warning>,
        method: Method,
        level: Level,
    ) -> Result<Outcome, StatsError> {
        let n = self.sample.len();
        let few = (n < RECOMMENDED_N).then_some(Warning::FewForBootstrap {
            n,
            recommended: RECOMMENDED_N,
        });
        Ok(Estimate::new(self.value, ends, level, n, method)?
            .with_warnings(few)
            .with_warnings(warning)
            .with_zero_width_warning()
            .into())
    }
}

fn evaluate(
    method: &Method,
    function: &dyn Fn(&[f64]) -> f64,
    values: &[f64],
) -> Result<f64, StatsError> {
    let value = function(values);
    if value.is_finite() {
        Ok(value)
    } else {
        Err(StatsError::StatisticNotFinite {
            statistic: method.statistic.short().into_owned(),
            value,
        })
    }
}

/// Generator of one replicate. SplitMix64's finisher spreads the seed, so that the
/// replicates of neighbouring seeds share no generator.
fn generator(seed: u64, replicate: u64) -> Xoshiro256PlusPlus {
    let mut mixed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    Xoshiro256PlusPlus::seed_from_u64(mixed.wrapping_add(replicate))
}

/// Fills `resample` with as many values as there are, drawn with replacement.
fn draw(values: &[f64], generator: &mut Xoshiro256PlusPlus, resample: &mut Vec<f64>) {
    resample.clear();
    let n = values.len() as u64;
    // None only for an empty sample.
    resample.extend((0..n).filter_map(|_| values.get(below(n, generator)).copied()));
}

/// A number below `bound`, each as likely as the others: D. Lemire, Fast random integer
/// generation in an interval, ACM Trans. Model. Comput. Simul. 29 (2019) 3.
fn below(bound: u64, generator: &mut Xoshiro256PlusPlus) -> usize {
    let bias = bound.wrapping_neg() % bound;
    loop {
        let product = u128::from(generator.next_u64()) * u128::from(bound);
        if product as u64 >= bias {
            return (product >> 64) as usize;
        }
    }
}

fn percentile_ends(ascending: &[f64], level: Level) -> (f64, f64) {
    ends_at(ascending, level.tail(), 1.0 - level.tail())
}

fn ends_at(ascending: &[f64], low: f64, high: f64) -> (f64, f64) {
    let at = |p| quantile_of_sorted(ascending, p).unwrap_or(f64::NAN);
    (at(low), at(high))
}

/// Ends of the BCa interval from ascending replicates and the jackknife; None where it
/// is undefined. Ties of replicates with the value count half, as in SciPy.
fn bca_ends(value: f64, ascending: &[f64], jackknife: &[f64], level: Level) -> Option<(f64, f64)> {
    let below = ascending.partition_point(|replicate| *replicate < value);
    let up_to = ascending.partition_point(|replicate| *replicate <= value);
    let bias = normal_quantile((below + up_to) as f64 / (2 * ascending.len()) as f64);
    let acceleration = acceleration(jackknife)?;
    let z = normal_critical(level.tail());
    let moved = |z: f64| {
        let shifted = bias + z;
        let scale = 1.0 - acceleration * shifted;
        (bias.is_finite() && scale > 0.0).then(|| normal_cdf(bias + shifted / scale))
    };
    Some(ends_at(ascending, moved(-z)?, moved(z)?))
}

/// A sixth of the skewness of the jackknife; 0 where it doesn't vary.
fn acceleration(jackknife: &[f64]) -> Option<f64> {
    let mean = mean_of(jackknife)?;
    let (mut squares, mut cubes) = (0.0, 0.0);
    for replicate in jackknife {
        let deviation = mean - replicate;
        squares += deviation * deviation;
        cubes += deviation * deviation * deviation;
    }
    let scale = squares * squares.sqrt();
    Some(if scale == 0.0 {
        0.0
    } else {
        cubes / scale / 6.0
    })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn bca_agrees_with_scipy_on_the_same_replicates() {
        let reference: Value =
            serde_json::from_str(include_str!("../tests/reference/reference.json")).unwrap();
        for case in reference["bca"].as_array().unwrap() {
            let numbers =
                |name: &str| -> Vec<f64> { serde_json::from_value(case[name].clone()).unwrap() };
            let number = |name: &str| case[name].as_f64().unwrap();
            let mut replicates = numbers("replicates");
            replicates.sort_unstable_by(f64::total_cmp);
            let level = Level::new(number("level")).unwrap();
            let bca = bca_ends(number("value"), &replicates, &numbers("jackknife"), level).unwrap();
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

    #[test]
    fn draws_are_uniform_and_distinct_between_replicates() {
        let mut counts = [0_u32; 7];
        for replicate in 0..70_000 {
            counts[below(7, &mut generator(1, replicate))] += 1;
        }
        // Five standard deviations of a binomial count.
        assert!(counts.iter().all(|count| count.abs_diff(10_000) < 470));
        assert_ne!(generator(1, 1).next_u64(), generator(2, 0).next_u64());
    }
}
