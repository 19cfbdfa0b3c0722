//! How often intervals contain the truth, in simulated campaigns.

#![allow(clippy::unwrap_used)]

use rand_core::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;
use vnicbench_stats::{Level, Outcome, StatsError, mean, paired, proportion, quantile, unpaired};

const CAMPAIGNS: usize = 2_000;
/// Blocks in a campaign.
const N: usize = 8;

struct Source(Xoshiro256PlusPlus);

impl Source {
    fn uniform(&mut self) -> f64 {
        // Never zero, so that it has a logarithm.
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * libm::log(self.uniform())).sqrt();
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }
}

type Draw = fn(&mut Source) -> f64;

/// Positive distributions, as times are, with their medians.
const DISTRIBUTIONS: [(&str, f64, Draw); 3] = [
    ("normal", 10.0, |s| 10.0 + s.normal()),
    ("lognormal", 1.0, |s| libm::exp(s.normal())),
    // Half the time by the fast path, half by the slow: the median lies between.
    ("bimodal", 2.0, |s| {
        let mode = if s.uniform() < 0.5 { 1.0 } else { 3.0 };
        mode + 0.2 * s.normal()
    }),
];

fn coverage(
    truth: f64,
    mut campaign: impl FnMut(&mut Source) -> Result<Outcome, StatsError>,
) -> f64 {
    let mut source = Source(Xoshiro256PlusPlus::seed_from_u64(20_240_229));
    let hits = (0..CAMPAIGNS)
        .filter(|_| {
            let outcome = campaign(&mut source).unwrap();
            outcome.estimate().unwrap().interval().contains(truth)
        })
        .count();
    hits as f64 / CAMPAIGNS as f64
}

fn sample(source: &mut Source, draw: Draw) -> Vec<f64> {
    (0..N).map(|_| draw(source)).collect()
}

#[test]
fn medians_and_ratios_cover_their_level() {
    for (name, median, draw) in DISTRIBUTIONS {
        let covered = [
            (
                "median",
                coverage(median, |s| quantile::median(&sample(s, draw), Level::P95)),
            ),
            (
                "paired ratio",
                coverage(2.0, |s| {
                    // A block slows both down alike.
                    let (a, b): (Vec<f64>, Vec<f64>) = (0..N)
                        .map(|_| {
                            let block = libm::exp(s.normal());
                            (2.0 * block * draw(s), block * draw(s))
                        })
                        .unzip();
                    paired::ratio(&a, &b, Level::P95)
                }),
            ),
            (
                "ratio",
                coverage(2.0, |s| {
                    let a: Vec<f64> = sample(s, draw).iter().map(|x| 2.0 * x).collect();
                    unpaired::ratio(&a, &sample(s, draw), Level::P95)
                }),
            ),
        ];
        for (statistic, covered) in covered {
            println!("{statistic} of {N}, {name}: {covered}");
            assert!(covered >= 0.93, "{statistic}, {name}: {covered}");
        }
    }
}

#[test]
fn a_t_interval_covers_for_normal_values() {
    let covered = coverage(10.0, |s| {
        mean::mean(&sample(s, DISTRIBUTIONS[0].2), Level::P95)
    });
    assert!((0.935..0.965).contains(&covered), "{covered}");
}

#[test]
fn loss_that_differs_between_trials_is_covered() {
    // Each trial has a loss rate of its own, uniform between 0 and 10 %.
    let covered = coverage(0.05, |s| {
        let trials: Vec<(u64, u64)> = (0..N)
            .map(|_| {
                let rate = 0.1 * s.uniform();
                let lost = (0..500).filter(|_| s.uniform() < rate).count();
                (lost as u64, 500)
            })
            .collect();
        proportion::clustered(&trials, Level::P95)
    });
    println!("clustered proportion: {covered}");
    assert!(covered >= 0.93, "{covered}");
}
