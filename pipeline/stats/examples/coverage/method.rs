//! The interval methods that are simulated. A new one is a line in [`METHODS`].

use std::cell::Cell;

use vnicbench_stats::bootstrap::Contrast;
use vnicbench_stats::hierarchy::{self, Levels, Nested, Resampled};
use vnicbench_stats::printed::{Answer, Reading};
use vnicbench_stats::ratio::RatioOutcome;
use vnicbench_stats::{
    Bootstrap, Level, Of, Outcome, Resampling, Statistic, StatsError, auto, band, batch, effect,
    fairness, mean, nearest, paired, printed, proportion, quantile, rate, simultaneous, slope,
    spread, stationary, studentised, trend, unpaired,
};

use crate::population::{Population, Source};

const LEVEL: Level = Level::P95;

/// Resamples of a bootstrap.
pub const REPLICATES: usize = 499;
/// Resamples of `auto`'s.
pub const REPLICATES_OF_AUTO: usize = 999;

/// By how many of the population's deviations the first sample is moved for effect sizes.
const NEAR: f64 = 1.0;
const FAR: f64 = 2.0;

/// Shares in a trial of which Jain's index is taken, and packets in a trial.
const MEMBERS: usize = 4;
/// Attempts in a trial, and the share of them that are events on average.
const ATTEMPTS: u64 = 200;
const LOSS: f64 = 0.1;
/// Events in a trial on average.
const EVENTS: f64 = 0.5;

/// What the interval should contain.
#[derive(Clone, Copy)]
pub enum Target {
    Mean,
    Quantile(f64),
    /// Mean without this share at either end.
    Trimmed(f64),
    Geometric,
    Harmonic,
    Variance,
    Deviation,
    Variation,
    /// Cliff's delta of samples so many deviations apart.
    Dominance(f64),
    /// Rank-biserial correlation of pairs so many deviations apart.
    PairedDominance(f64),
    /// Jain's index of [`MEMBERS`] values.
    Jain,
    /// Share of values above the population's 90 % quantile.
    Above,
    /// Share of attempts that are events.
    Loss,
    /// A value that holds for every population, by how the method uses the samples.
    Value(f64),
}

/// A simulated campaign: samples are drawn when a method asks.
pub struct Campaign<'a> {
    pub population: &'a Population,
    pub n: usize,
    /// The stream of random numbers, one for a population and n.
    pub stream: u64,
    /// Number of the campaign, and seed of its resamples.
    pub index: u64,
}

impl Campaign<'_> {
    /// The sample of this number: independent of the others, the same for all methods.
    fn sample(&self, number: u64) -> Vec<f64> {
        let mut source = Source::new(self.stream ^ (number << 32), self.index);
        self.population.sample(&mut source, self.n)
    }

    fn values(&self) -> Vec<f64> {
        self.sample(0)
    }

    /// The sample moved up by so many deviations, printed to the same step.
    fn moved(&self, deviations: f64) -> Vec<f64> {
        let shift = deviations * self.population.deviation;
        let values = self.values().into_iter();
        values
            .map(|value| self.population.printed(value + shift))
            .collect()
    }

    fn doubled(&self) -> Vec<f64> {
        self.values().into_iter().map(|value| 2.0 * value).collect()
    }

    fn others(&self) -> Vec<f64> {
        self.sample(1)
    }

    /// Other random numbers of this campaign.
    fn source(&self) -> Source {
        Source::new(self.stream ^ (1 << 48), self.index)
    }

    /// Two conditions whose values in a block are multiplied by the block's factor, the
    /// first's by 2 as well.
    fn pairs(&self) -> (Vec<f64>, Vec<f64>) {
        let mut source = self.source();
        let both = self.values().into_iter().zip(self.others());
        both.map(|(a, b)| {
            let block = libm::exp(source.normal());
            (2.0 * block * a, block * b)
        })
        .unzip()
    }

    /// Trials of [`MEMBERS`] values each.
    fn trials(&self) -> Vec<Vec<f64>> {
        let samples: Vec<Vec<f64>> = (0..MEMBERS as u64).map(|k| self.sample(k)).collect();
        (0..self.n)
            .map(|trial| samples.iter().map(|sample| sample[trial]).collect())
            .collect()
    }

    /// Trials of [`MEMBERS`] packets, which differ by as much within a trial as trials do,
    /// times `factor`.
    fn nested(&self, first: u64, factor: f64) -> Nested {
        let samples: Vec<Vec<f64>> = (0..=MEMBERS as u64)
            .map(|k| self.sample(first + k))
            .collect();
        let mean = self.population.mean;
        let trial = |at: usize| {
            let packets = samples.iter().skip(1);
            let packets = packets.map(|sample| factor * (samples[0][at] + sample[at] - mean));
            Nested::Values(packets.collect())
        };
        Nested::Group((0..self.n).map(trial).collect())
    }

    /// Blocks of points at 1, 2, 4 and 8, with a slope of two deviations.
    fn blocks(&self) -> Vec<Vec<(f64, f64)>> {
        let slope = 2.0 * self.population.deviation;
        let places = [1.0, 2.0, 4.0, 8.0];
        let trials = self.trials().into_iter();
        trials
            .map(|trial| {
                let points = places.into_iter().zip(trial);
                points.map(|(x, y)| (x, slope * x + y)).collect()
            })
            .collect()
    }

    fn resampling(&self) -> Resampling {
        Resampling {
            replicates: REPLICATES,
            seed: self.index,
        }
    }

    fn bootstrap(&self) -> Bootstrap {
        Bootstrap::new(self.resampling(), LEVEL).on_threads(1)
    }

    fn levels(&self, resampled: Resampled) -> Levels {
        Levels::new(self.resampling(), LEVEL, resampled).on_threads(1)
    }
}

/// Intervals that should all contain the target; none where the method refuses.
type Ran = Result<Vec<(f64, f64)>, StatsError>;

/// An interval method.
pub struct Method {
    /// Name in the table, and for `--method`.
    pub name: &'static str,
    pub target: Target,
    pub run: fn(&Campaign) -> Ran,
}

impl Method {
    /// Whether it is what `auto` takes, which is simulated on more populations and sizes.
    pub fn is_auto(&self) -> bool {
        self.name.ends_with("/auto")
    }
}

/// All methods, in the table's order.
pub const METHODS: &[Method] = &[
    method("mean/auto", Target::Mean, |c| {
        automatic(c, auto::Target::Mean)
    }),
    method("median/auto", Target::Quantile(0.5), |c| {
        automatic(c, auto::Target::Quantile(0.5))
    }),
    method("p90/auto", Target::Quantile(0.9), |c| {
        automatic(c, auto::Target::Quantile(0.9))
    }),
    // One sample: quantiles.
    method("median/order-statistic", Target::Quantile(0.5), |c| {
        one(quantile::median(&c.values(), LEVEL))
    }),
    method(
        "median/nearest-order-statistic",
        Target::Quantile(0.5),
        |c| one(nearest::quantile(&c.values(), 0.5, LEVEL)),
    ),
    method(
        "median/interpolated-order-statistic",
        Target::Quantile(0.5),
        |c| one(quantile::interpolated(&c.values(), 0.5, LEVEL)),
    ),
    method(
        "median/printed-order-statistic",
        Target::Quantile(0.5),
        |c| printed_quantile(c, 0.5),
    ),
    method("median/bootstrap-bca", Target::Quantile(0.5), |c| {
        one(c.bootstrap().one(&c.values(), Of::Quantile(0.5)))
    }),
    method("median/ideal-bca", Target::Quantile(0.5), |c| {
        one(c.bootstrap().ideal(&c.values(), Of::Quantile(0.5)))
    }),
    method("median/batches", Target::Quantile(0.5), |c| {
        one(batch::quantile(&c.values(), 0.5, LEVEL))
    }),
    method("p90/order-statistic", Target::Quantile(0.9), |c| {
        one(quantile::quantile(&c.values(), 0.9, LEVEL))
    }),
    method("p90/nearest-order-statistic", Target::Quantile(0.9), |c| {
        one(nearest::quantile(&c.values(), 0.9, LEVEL))
    }),
    method(
        "p90/interpolated-order-statistic",
        Target::Quantile(0.9),
        |c| one(quantile::interpolated(&c.values(), 0.9, LEVEL)),
    ),
    method("p90/batches", Target::Quantile(0.9), |c| {
        one(batch::quantile(&c.values(), 0.9, LEVEL))
    }),
    method("all-quantiles/dkw-band", Target::Value(0.0), dkw),
    // One sample: means.
    method("mean/student-t", Target::Mean, |c| {
        one(mean::mean(&c.values(), LEVEL))
    }),
    method("mean/bootstrap-percentile", Target::Mean, |c| {
        one(c.bootstrap().percentile().one(&c.values(), Of::Mean))
    }),
    method("mean/bootstrap-bca", Target::Mean, |c| {
        one(c.bootstrap().one(&c.values(), Of::Mean))
    }),
    method("mean/bootstrap-t", Target::Mean, |c| {
        one(studentised::mean(&c.values(), c.resampling(), LEVEL))
    }),
    method("mean/farther-t", Target::Mean, |c| {
        one(studentised::farther(&c.values(), c.resampling(), LEVEL))
    }),
    method("mean/batches", Target::Mean, |c| {
        one(batch::mean(&c.values(), LEVEL))
    }),
    method("mean/stationary-percentile", Target::Mean, |c| {
        let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let values = c.values();
        one(stationary::bootstrap(
            &values,
            Statistic::Mean,
            &average,
            None,
            c.resampling(),
            LEVEL,
        ))
    }),
    method("trimmed-mean/trimmed-t", Target::Trimmed(0.2), |c| {
        one(mean::trimmed(&c.values(), 0.2, LEVEL))
    }),
    method("trimmed-mean/bootstrap-bca", Target::Trimmed(0.2), |c| {
        one(c.bootstrap().one(&c.values(), Of::TrimmedMean(0.2)))
    }),
    method("geometric-mean/log-t", Target::Geometric, |c| {
        one(mean::geometric(&c.values(), LEVEL))
    }),
    method("harmonic-mean/reciprocal-t", Target::Harmonic, |c| {
        ratio(mean::harmonic(&c.values(), LEVEL))
    }),
    // One sample: spread, shares, rates.
    method("variance/chi-squared", Target::Variance, |c| {
        one(spread::variance(&c.values(), LEVEL))
    }),
    method("standard-deviation/chi-squared", Target::Deviation, |c| {
        one(spread::standard_deviation(&c.values(), LEVEL))
    }),
    method(
        "coefficient-of-variation/noncentral-t",
        Target::Variation,
        |c| ratio(spread::coefficient_of_variation(&c.values(), LEVEL)),
    ),
    method("proportion/wilson", Target::Above, |c| {
        one(proportion::wilson(above(c), c.n as u64, LEVEL))
    }),
    method("proportion/clopper-pearson", Target::Above, |c| {
        one(proportion::clopper_pearson(above(c), c.n as u64, LEVEL))
    }),
    method("proportion/clustered-wilson", Target::Loss, clustered),
    method("rate/garwood", Target::Value(EVENTS), garwood),
    // Two samples, unpaired.
    method("ratio/mann-whitney", Target::Value(2.0), |c| {
        one(unpaired::ratio(&c.doubled(), &c.others(), LEVEL))
    }),
    method("difference/mann-whitney", Target::Value(1.0), |c| {
        apart(c, unpaired::difference)
    }),
    method("mean-difference/welch-t", Target::Value(1.0), |c| {
        apart(c, unpaired::mean_difference)
    }),
    method("mean-difference/pooled-t", Target::Value(1.0), |c| {
        apart(c, unpaired::pooled_difference)
    }),
    method("mean-ratio/fieller-welch", Target::Value(2.0), |c| {
        ratio(unpaired::mean_ratio(&c.doubled(), &c.others(), LEVEL))
    }),
    method("mean-ratio/bootstrap-bca", Target::Value(2.0), |c| {
        let (a, b) = (c.doubled(), c.others());
        one(c.bootstrap().two(&a, &b, Of::Mean, Contrast::Ratio))
    }),
    method("median-ratio/mover", Target::Value(2.0), |c| {
        one(unpaired::quantile_ratio(
            &c.doubled(),
            &c.others(),
            0.5,
            LEVEL,
        ))
    }),
    method("median-difference/mover", Target::Value(1.0), |c| {
        apart(c, |a, b, level| {
            unpaired::quantile_difference(a, b, 0.5, level)
        })
    }),
    method("p90-ratio/mover", Target::Value(2.0), |c| {
        one(unpaired::quantile_ratio(
            &c.doubled(),
            &c.others(),
            0.9,
            LEVEL,
        ))
    }),
    method("median-ratio/bootstrap-bca", Target::Value(2.0), |c| {
        let (a, b) = (c.doubled(), c.others());
        one(c
            .bootstrap()
            .two(&a, &b, Of::Quantile(0.5), Contrast::Ratio))
    }),
    // Two samples, paired by block.
    method("paired-ratio/signed-rank", Target::Value(2.0), |c| {
        let (a, b) = c.pairs();
        one(paired::ratio(&a, &b, LEVEL))
    }),
    method("paired-difference/signed-rank", Target::Value(1.0), |c| {
        apart(c, paired::difference)
    }),
    method(
        "paired-mean-difference/student-t",
        Target::Value(1.0),
        |c| apart(c, paired::mean_difference),
    ),
    method("paired-mean-ratio/fieller", Target::Value(2.0), |c| {
        let (a, b) = c.pairs();
        ratio(paired::mean_ratio(&a, &b, LEVEL))
    }),
    method("paired-geometric-ratio/log-t", Target::Value(2.0), |c| {
        let (a, b) = c.pairs();
        one(paired::geometric_ratio(&a, &b, LEVEL))
    }),
    method(
        "paired-median-ratio/order-statistic",
        Target::Value(2.0),
        |c| {
            let (a, b) = c.pairs();
            one(paired::median_ratio(&a, &b, LEVEL))
        },
    ),
    method(
        "paired-median-difference/order-statistic",
        Target::Value(1.0),
        |c| apart(c, paired::median_difference),
    ),
    method("paired-mean-ratio/bootstrap-bca", Target::Value(2.0), |c| {
        let (a, b) = c.pairs();
        one(c.bootstrap().paired(&a, &b, Of::Mean, Contrast::Ratio))
    }),
    method("three-ratios/max-t", Target::Value(2.0), |c| {
        let (a, base) = c.pairs();
        let mut source = c.source();
        let others = [2, 3].map(|k| {
            let values = c.sample(k).into_iter();
            values
                .map(|x| 2.0 * libm::exp(source.normal()) * x)
                .collect()
        });
        let [second, third]: [Vec<f64>; 2] = others;
        let pairs = [(&a, &base), (&second, &base), (&third, &base)];
        let ratios = simultaneous::ratios(&pairs, c.resampling(), LEVEL)?;
        Ok(ratios.iter().filter_map(ends).collect())
    }),
    // Effect sizes.
    method("cohen-d/noncentral-t", Target::Value(NEAR), |c| {
        one(effect::cohen_d(&c.moved(NEAR), &c.others(), LEVEL))
    }),
    method("hedges-g/noncentral-t", Target::Value(NEAR), |c| {
        one(effect::hedges_g(&c.moved(NEAR), &c.others(), LEVEL))
    }),
    method(
        "cohen-dz/noncentral-t",
        Target::Value(NEAR * std::f64::consts::FRAC_1_SQRT_2),
        |c| one(effect::cohen_dz(&c.moved(NEAR), &c.others(), LEVEL)),
    ),
    method(
        "cliff-delta/effective-wilson",
        Target::Dominance(NEAR),
        |c| one(effect::cliff_delta(&c.moved(NEAR), &c.others(), LEVEL)),
    ),
    method(
        "cliff-delta-far/effective-wilson",
        Target::Dominance(FAR),
        |c| one(effect::cliff_delta(&c.moved(FAR), &c.others(), LEVEL)),
    ),
    method(
        "rank-biserial/effective-wilson",
        Target::PairedDominance(NEAR),
        |c| one(effect::rank_biserial(&c.moved(NEAR), &c.others(), LEVEL)),
    ),
    method(
        "rank-biserial-far/effective-wilson",
        Target::PairedDominance(FAR),
        |c| one(effect::rank_biserial(&c.moved(FAR), &c.others(), LEVEL)),
    ),
    // Slopes.
    method("slope/student-t", Target::Value(2.0), |c| {
        sloped(c, slope::mean(&c.blocks(), LEVEL))
    }),
    method("slope/order-statistic", Target::Value(2.0), |c| {
        sloped(c, slope::median(&c.blocks(), LEVEL))
    }),
    method("slope-robust/order-statistic", Target::Value(2.0), |c| {
        sloped(c, slope::robust_median(&c.blocks(), LEVEL))
    }),
    method("slope/kendall-normal", Target::Value(2.0), |c| {
        let slope = 2.0 * c.population.deviation;
        let points = c.values().into_iter().enumerate();
        let points = points.map(|(x, y)| (x as f64, slope * x as f64 + y));
        sloped(c, slope::theil_sen(&points.collect::<Vec<_>>(), LEVEL))
    }),
    method("trend/theil-sen", Target::Value(0.0), |c| {
        one(trend::trend(&c.values(), LEVEL).map(|trend| trend.slope))
    }),
    // Trials of shares, and levels within levels.
    method("jain-index/bootstrap-bca", Target::Jain, |c| {
        one(fairness::jain_index(&c.trials(), c.resampling(), LEVEL))
    }),
    method("mean/top-level-t", Target::Mean, |c| {
        one(hierarchy::mean(&c.nested(0, 1.0), LEVEL))
    }),
    method("mean-ratio/top-level-fieller", Target::Value(2.0), |c| {
        one(hierarchy::ratio(
            &c.nested(0, 2.0),
            &c.nested(10, 1.0),
            LEVEL,
        ))
    }),
    method("mean/hierarchical-percentile-top", Target::Mean, |c| {
        one(c.levels(Resampled::Top).mean(&c.nested(0, 1.0)))
    }),
    method("mean/hierarchical-percentile-all", Target::Mean, |c| {
        one(c.levels(Resampled::All).mean(&c.nested(0, 1.0)))
    }),
    method(
        "mean-ratio/hierarchical-percentile-top",
        Target::Value(2.0),
        |c| {
            let (a, b) = (c.nested(0, 2.0), c.nested(10, 1.0));
            one(c.levels(Resampled::Top).two(&a, &b, Contrast::Ratio))
        },
    ),
];

const fn method(name: &'static str, target: Target, run: fn(&Campaign) -> Ran) -> Method {
    Method { name, target, run }
}

impl Target {
    /// Its value in a population.
    pub fn truth(self, population: &Population) -> f64 {
        let deviation = population.deviation;
        match self {
            Self::Mean => population.mean,
            Self::Quantile(p) => population.quantile(p),
            Self::Trimmed(share) => population.expectation(share, |x| x),
            Self::Geometric => libm::exp(population.expectation(0.0, libm::log)),
            Self::Harmonic => 1.0 / population.expectation(0.0, |x| 1.0 / x),
            Self::Variance => deviation * deviation,
            Self::Deviation => deviation,
            Self::Variation => deviation / population.mean,
            Self::Dominance(shift) => {
                let below = |x| (population.cdf)(x + shift * deviation);
                2.0 * population.expectation(0.0, below) - 1.0
            }
            Self::PairedDominance(shift) => {
                // Whether two differences have a sum above zero.
                simulated(population, |[a, b, c, d]| {
                    let sum = a - b + c - d + 2.0 * shift * deviation;
                    f64::from(u8::from(sum > 0.0)) * 2.0 - 1.0
                })
            }
            Self::Jain => simulated(population, |shares| {
                fairness::jain(&shares).unwrap_or_default()
            }),
            Self::Above => {
                let quantile = population.quantile(0.9);
                let step = population.step;
                // Where values begin that are printed as more than it.
                let edge = match step > 0.0 {
                    true => ((quantile / step).floor() + 0.5) * step,
                    false => quantile,
                };
                1.0 - (population.cdf)(edge)
            }
            Self::Loss => population.expectation(0.0, |x| loss(population, x)),
            Self::Value(value) => value,
        }
    }
}

/// The mean of `function` of four independent values, from two million of them.
fn simulated(population: &Population, function: impl Fn([f64; 4]) -> f64) -> f64 {
    const DRAWS: usize = 2_000_000;
    // Dependent values are drawn apart.
    let mut source = Source::new(0, 0);
    let last = Cell::new(0.0);
    let mut draw = || {
        if population.dependent {
            last.set(10.0 + source.normal());
        } else {
            last.set(population.sample(&mut source, 1).pop().unwrap_or(f64::NAN));
        }
        last.get()
    };
    let sum: f64 = (0..DRAWS)
        .map(|_| function([draw(), draw(), draw(), draw()]))
        .sum();
    sum / DRAWS as f64
}

fn one(outcome: Result<Outcome, StatsError>) -> Ran {
    Ok(ends(&outcome?).into_iter().collect())
}

fn ends(outcome: &Outcome) -> Option<(f64, f64)> {
    let interval = outcome.estimate()?.interval();
    Some((interval.low(), interval.high()))
}

/// Where there is no finite interval, none is counted.
fn ratio(outcome: Result<RatioOutcome, StatsError>) -> Ran {
    let outcome = outcome?;
    let interval = outcome.estimate().map(|estimate| estimate.interval());
    Ok(interval
        .map(|interval| (interval.low(), interval.high()))
        .into_iter()
        .collect())
}

/// A difference of samples one deviation apart, in deviations.
fn apart(
    c: &Campaign,
    method: impl Fn(&[f64], &[f64], Level) -> Result<Outcome, StatsError>,
) -> Ran {
    let deviation = c.population.deviation;
    let ends = one(method(&c.moved(1.0), &c.others(), LEVEL))?;
    let scaled = ends.into_iter();
    Ok(scaled
        .map(|(low, high)| (low / deviation, high / deviation))
        .collect())
}

/// A slope in deviations.
fn sloped(c: &Campaign, outcome: Result<Outcome, StatsError>) -> Ran {
    let deviation = c.population.deviation;
    let ends = one(outcome)?.into_iter();
    Ok(ends
        .map(|(low, high)| (low / deviation, high / deviation))
        .collect())
}

/// Zero is within half the band's height of the largest distance if the whole true
/// distribution function is in the band.
fn dkw(c: &Campaign) -> Ran {
    let outcome = band::dkw(&c.values(), LEVEL)?;
    let Some(band) = outcome.value() else {
        return Ok(Vec::new());
    };
    let half = c.population.step / 2.0;
    let (mut before, mut distance) = (0.0, 0.0_f64);
    for step in &band.steps {
        let (below, up_to) = (
            (c.population.cdf)(step.value - half),
            (c.population.cdf)(step.value + half),
        );
        distance = distance
            .max((before - below).abs())
            .max((step.fraction - up_to).abs());
        before = step.fraction;
    }
    Ok(vec![(
        distance - band.half_height,
        distance + band.half_height,
    )])
}

fn above(c: &Campaign) -> u64 {
    let quantile = c.population.quantile(0.9);
    c.values().iter().filter(|value| **value > quantile).count() as u64
}

/// The share of attempts lost in a trial of this value: in proportion to it.
fn loss(population: &Population, value: f64) -> f64 {
    (LOSS * value / population.mean).clamp(0.0, 1.0)
}

fn clustered(c: &Campaign) -> Ran {
    let mut source = c.source();
    let trials: Vec<(u64, u64)> = c
        .values()
        .into_iter()
        .map(|value| {
            let share = loss(c.population, value);
            let lost = (0..ATTEMPTS).filter(|_| source.uniform() < share).count();
            (lost as u64, ATTEMPTS)
        })
        .collect();
    one(proportion::clustered(&trials, LEVEL))
}

/// As many events in n trials as a Poisson process has, its rate in each in proportion to the
/// trial's value.
fn garwood(c: &Campaign) -> Ran {
    let mut source = c.source();
    let exposure: f64 = c
        .values()
        .iter()
        .map(|value| value.max(0.0) / c.population.mean)
        .sum();
    let (mut events, mut time) = (0, 0.0);
    loop {
        time -= libm::log(source.uniform());
        if time > EVENTS * exposure {
            return one(rate::garwood(events, c.n as f64, LEVEL));
        }
        events += 1;
    }
}

fn printed_quantile(c: &Campaign, p: f64) -> Ran {
    let step = c.population.step;
    let values = c.values().into_iter().map(|value| value.max(0.0));
    let readings: Vec<Reading> = values.map(|value| Reading::Value { value, step }).collect();
    match printed::quantile(&readings, p, LEVEL)? {
        Answer::Known(outcome) => one(Ok(outcome)),
        // None is censored.
        Answer::Censored(_) => Ok(Vec::new()),
    }
}

/// What `auto` makes of the campaign; that a population is a series is known.
fn automatic(c: &Campaign, target: auto::Target) -> Ran {
    let order = match c.population.dependent {
        true => auto::Order::Series,
        false => auto::Order::Trials,
    };
    let resampling = Resampling {
        replicates: REPLICATES_OF_AUTO,
        ..c.resampling()
    };
    one(auto::estimate(
        &c.values(),
        target,
        order,
        resampling,
        LEVEL,
    ))
}
