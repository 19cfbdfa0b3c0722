//! The interval methods that are simulated. A new one is a line in [`METHODS`].

use vnicbench_stats::{
    Level, Outcome, Resampling, Sample, Statistic, StatsError, auto, batch, bootstrap, mean,
    nearest, paired, printed, quantile, studentised, unpaired,
};

use vnicbench_stats::printed::{Answer, Reading};

use crate::population::Population;

const LEVEL: Level = Level::P95;

/// What the interval should contain.
#[derive(Clone, Copy)]
pub enum Target {
    Mean,
    Quantile(f64),
    /// A value that holds for every population, by how the method uses the samples.
    Value(f64),
}

/// What a campaign gives a method.
pub struct Campaign {
    /// The sample.
    pub values: Vec<f64>,
    /// A second sample of the same size and population, independent of the first.
    pub others: Vec<f64>,
    /// The factor of each block, by which both its values are multiplied, for methods
    /// that pair.
    pub blocks: Vec<f64>,
    /// The step that values are printed to; 0 for none.
    pub step: f64,
    /// Whether the values are known to be a series (not independent trials).
    pub series: bool,
    /// A seed of its own.
    pub seed: u64,
}

/// An interval method.
pub struct Method {
    /// Name in the table, and for `--method`.
    pub name: &'static str,
    pub target: Target,
    pub run: fn(&Campaign) -> Result<Outcome, StatsError>,
}

/// All methods, in the table's order.
pub const METHODS: &[Method] = &[
    method("mean/student-t", Target::Mean, |c| {
        mean::mean(&c.values, LEVEL)
    }),
    method("mean/bootstrap-percentile", Target::Mean, |c| {
        bootstrap::percentile(&c.values, Statistic::Mean, &average, resampling(c), LEVEL)
    }),
    method("mean/bootstrap-bca", Target::Mean, |c| {
        bootstrap::bca(&c.values, Statistic::Mean, &average, resampling(c), LEVEL)
    }),
    method("median/order-statistic", Target::Quantile(0.5), |c| {
        quantile::median(&c.values, LEVEL)
    }),
    method("median/bootstrap-bca", Target::Quantile(0.5), |c| {
        bootstrap::bca(&c.values, Statistic::Median, &middle, resampling(c), LEVEL)
    }),
    method("p90/order-statistic", Target::Quantile(0.9), |c| {
        quantile::quantile(&c.values, 0.9, LEVEL)
    }),
    method("paired-ratio/signed-rank", Target::Value(2.0), |c| {
        let (a, b) = blocked_pairs(c, 2.0);
        paired::ratio(&a, &b, LEVEL)
    }),
    method("paired-difference/signed-rank", Target::Value(1.0), |c| {
        let shifted: Vec<f64> = c.values.iter().map(|x| x + 1.0).collect();
        paired::difference(&shifted, &c.others, LEVEL)
    }),
    method("ratio/mann-whitney", Target::Value(2.0), |c| {
        let doubled: Vec<f64> = c.values.iter().map(|x| 2.0 * x).collect();
        unpaired::ratio(&doubled, &c.others, LEVEL)
    }),
    method("difference/mann-whitney", Target::Value(1.0), |c| {
        let shifted: Vec<f64> = c.values.iter().map(|x| x + 1.0).collect();
        unpaired::difference(&shifted, &c.others, LEVEL)
    }),
    method("mean/bootstrap-t", Target::Mean, |c| {
        studentised::mean(&c.values, resampling(c), LEVEL)
    }),
    method("mean/batches", Target::Mean, |c| {
        batch::mean(&c.values, LEVEL)
    }),
    method(
        "median/nearest-order-statistic",
        Target::Quantile(0.5),
        |c| nearest::quantile(&c.values, 0.5, LEVEL),
    ),
    method("p90/nearest-order-statistic", Target::Quantile(0.9), |c| {
        nearest::quantile(&c.values, 0.9, LEVEL)
    }),
    method("median/batches", Target::Quantile(0.5), |c| {
        batch::quantile(&c.values, 0.5, LEVEL)
    }),
    method("p90/batches", Target::Quantile(0.9), |c| {
        batch::quantile(&c.values, 0.9, LEVEL)
    }),
    method(
        "median/printed-order-statistic",
        Target::Quantile(0.5),
        |c| printed_quantile(c, 0.5),
    ),
    method("mean/farther-t", Target::Mean, |c| {
        studentised::farther(&c.values, resampling(c), LEVEL)
    }),
    method("mean/auto", Target::Mean, |c| {
        automatic(c, auto::Target::Mean)
    }),
    method("median/auto", Target::Quantile(0.5), |c| {
        automatic(c, auto::Target::Quantile(0.5))
    }),
    method("p90/auto", Target::Quantile(0.9), |c| {
        automatic(c, auto::Target::Quantile(0.9))
    }),
];

const fn method(
    name: &'static str,
    target: Target,
    run: fn(&Campaign) -> Result<Outcome, StatsError>,
) -> Method {
    Method { name, target, run }
}

impl Target {
    /// Its value in a population.
    pub fn truth(self, population: &Population) -> f64 {
        match self {
            Self::Mean => population.mean,
            Self::Quantile(p) => population.quantile(p),
            Self::Value(value) => value,
        }
    }
}

fn printed_quantile(campaign: &Campaign, p: f64) -> Result<Outcome, StatsError> {
    let step = campaign.step;
    let readings: Vec<Reading> = campaign
        .values
        .iter()
        .map(|&value| Reading::Value {
            value: value.max(0.0),
            step,
        })
        .collect();
    match printed::quantile(&readings, p, LEVEL)? {
        Answer::Known(outcome) => Ok(outcome),
        // None is censored.
        Answer::Censored(_) => Err(StatsError::Probability(p)),
    }
}

/// What `auto` makes of the campaign; autoregressions are known to be series.
fn automatic(campaign: &Campaign, target: auto::Target) -> Result<Outcome, StatsError> {
    let order = if campaign.series {
        auto::Order::Series
    } else {
        auto::Order::Trials
    };
    auto::estimate(&campaign.values, target, order, resampling(campaign), LEVEL)
}

fn resampling(campaign: &Campaign) -> Resampling {
    Resampling {
        replicates: 999,
        seed: campaign.seed,
    }
}

/// Two conditions whose values in a block are multiplied by the block's factor, the
/// first's by `ratio` as well.
fn blocked_pairs(campaign: &Campaign, ratio: f64) -> (Vec<f64>, Vec<f64>) {
    let (values, others) = (campaign.values.iter(), campaign.others.iter());
    values
        .zip(others)
        .zip(&campaign.blocks)
        .map(|((a, b), block)| (ratio * block * a, block * b))
        .unzip()
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn middle(values: &[f64]) -> f64 {
    Sample::new(values)
        .ok()
        .and_then(|sample| sample.median())
        .unwrap_or(f64::NAN)
}
