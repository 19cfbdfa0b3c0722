//! The least n of the crate's table: one fewer has no interval at 95 %.

#![allow(clippy::unwrap_used)]

use vnicbench_stats::bootstrap::Contrast;
use vnicbench_stats::hierarchy::{self, Levels, Nested, Resampled};
use vnicbench_stats::{
    Bootstrap, Level, Of, Outcome, Resampling, Statistic, StatsError, auto, band, batch, effect,
    equivalence, fairness, hypothesis, mean, ministat, nearest, paired, proportion, quantile, rate,
    simultaneous, slope, spread, stationary, studentised, trend, unpaired,
};

const LEVEL: Level = Level::P95;
const RESAMPLING: Resampling = Resampling {
    replicates: 400,
    seed: 1,
};

/// Whether there is an interval.
fn is(outcome: Result<Outcome, StatsError>) -> bool {
    outcome.is_ok_and(|outcome| outcome.estimate().is_some())
}

fn blocks(values: &[f64]) -> Vec<[(f64, f64); 3]> {
    let block = |value: &f64| [(1.0, *value), (2.0, 2.0 * value), (4.0, 3.0 + value)];
    values.iter().map(block).collect()
}

fn nested(values: &[f64]) -> Nested {
    let trial = |value: &f64| Nested::Values(vec![*value, value + 1.0]);
    Nested::Group(values.iter().map(trial).collect())
}

#[test]
fn the_gates_are_those_of_the_table() {
    type Gate = (&'static str, usize, fn(&[f64], &[f64]) -> bool);
    let gates: &[Gate] = &[
        ("median", 6, |a, _| is(quantile::median(a, LEVEL))),
        ("p90", 36, |a, _| is(quantile::quantile(a, 0.9, LEVEL))),
        ("p99", 368, |a, _| is(quantile::quantile(a, 0.99, LEVEL))),
        ("nearest median", 6, |a, _| {
            is(nearest::quantile(a, 0.5, LEVEL))
        }),
        ("interpolated", 6, |a, _| {
            is(quantile::interpolated(a, 0.5, LEVEL))
        }),
        ("dkw", 8, |a, _| {
            band::dkw(a, LEVEL).is_ok_and(|band| band.value().is_some())
        }),
        ("mean", 3, |a, _| is(mean::mean(a, LEVEL))),
        ("trimmed", 3, |a, _| is(mean::trimmed(a, 0.2, LEVEL))),
        ("geometric", 3, |a, _| is(mean::geometric(a, LEVEL))),
        ("harmonic", 3, |a, _| {
            mean::harmonic(a, LEVEL).is_ok_and(|ratio| ratio.estimate().is_some())
        }),
        ("bootstrap-t", 10, |a, _| {
            is(studentised::mean(a, RESAMPLING, LEVEL))
        }),
        ("farther t", 10, |a, _| {
            is(studentised::farther(a, RESAMPLING, LEVEL))
        }),
        ("variance", 3, |a, _| is(spread::variance(a, LEVEL))),
        ("cv", 3, |a, _| {
            spread::coefficient_of_variation(a, LEVEL).is_ok_and(|cv| cv.estimate().is_some())
        }),
        ("wilson", 1, |a, _| {
            is(proportion::wilson(0, a.len() as u64, LEVEL))
        }),
        ("clopper", 1, |a, _| {
            is(proportion::clopper_pearson(0, a.len() as u64, LEVEL))
        }),
        ("clustered", 3, |a, _| {
            let trials: Vec<(u64, u64)> = (1..=a.len() as u64).map(|k| (k, 500)).collect();
            is(proportion::clustered(&trials, LEVEL))
        }),
        ("rate", 1, |a, _| {
            is(rate::garwood(0, a.len() as f64, LEVEL))
        }),
        ("paired ratio", 6, |a, b| is(paired::ratio(a, b, LEVEL))),
        ("paired means", 3, |a, b| {
            is(paired::mean_difference(a, b, LEVEL))
        }),
        ("paired medians", 6, |a, b| {
            is(paired::median_ratio(a, b, LEVEL))
        }),
        ("ratio", 4, |a, b| is(unpaired::ratio(a, b, LEVEL))),
        ("means", 3, |a, b| {
            is(unpaired::mean_difference(a, b, LEVEL))
        }),
        ("ministat", 3, |a, b| is(ministat::difference(a, b, LEVEL))),
        ("medians", 6, |a, b| {
            is(unpaired::quantile_ratio(a, b, 0.5, LEVEL))
        }),
        ("max t", 3, |a, b| {
            simultaneous::ratios(&[(a, b)], RESAMPLING, LEVEL)
                .is_ok_and(|ratios| ratios.iter().all(|ratio| ratio.estimate().is_some()))
        }),
        ("cohen d", 3, |a, b| is(effect::cohen_d(a, b, LEVEL))),
        ("cliff delta", 4, |a, b| {
            is(effect::cliff_delta(a, b, LEVEL))
        }),
        ("rank biserial", 6, |a, b| {
            is(effect::rank_biserial(a, b, LEVEL))
        }),
        ("equivalence", 3, |a, b| {
            equivalence::ratio(a, b, 0.05, 0.05).is_ok_and(|tost| tost.value().is_some())
        }),
        ("welch test", 3, |a, b| {
            hypothesis::welch(a, b).is_ok_and(|test| test.value().is_some())
        }),
        ("slope mean", 3, |a, _| is(slope::mean(&blocks(a), LEVEL))),
        ("slope median", 6, |a, _| {
            is(slope::median(&blocks(a), LEVEL))
        }),
        ("theil-sen", 10, |a, b| {
            let points: Vec<(f64, f64)> = a.iter().copied().zip(b.iter().copied()).collect();
            is(slope::theil_sen(&points, LEVEL))
        }),
        ("trend", 5, |a, _| {
            is(trend::trend(a, LEVEL).map(|trend| trend.slope))
        }),
        ("bca", 8, |a, _| {
            is(Bootstrap::new(RESAMPLING, LEVEL).one(a, Of::Mean))
        }),
        ("ideal", 8, |a, _| {
            is(Bootstrap::new(RESAMPLING, LEVEL).ideal(a, Of::Quantile(0.5)))
        }),
        ("jain", 8, |a, b| {
            let trials: Vec<[f64; 2]> = a.iter().zip(b).map(|(a, b)| [*a, *b]).collect();
            is(fairness::jain_index(&trials, RESAMPLING, LEVEL))
        }),
        ("top level t", 3, |a, _| {
            is(hierarchy::mean(&nested(a), LEVEL))
        }),
        ("top level fieller", 3, |a, b| {
            is(hierarchy::ratio(&nested(a), &nested(b), LEVEL))
        }),
        ("all levels", 8, |a, b| {
            let levels = Levels::new(RESAMPLING, LEVEL, Resampled::All);
            is(levels.paired(&nested(a), &nested(b), Contrast::Ratio))
        }),
        ("stationary", 8, |a, _| {
            let average = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            let of = Statistic::Mean;
            is(stationary::bootstrap(
                a, of, &average, None, RESAMPLING, LEVEL,
            ))
        }),
        ("auto mean", 60, |a, _| {
            is(automatic(a, auto::Target::Mean, auto::Order::Trials))
        }),
        ("auto p90", 36, |a, _| {
            is(automatic(
                a,
                auto::Target::Quantile(0.9),
                auto::Order::Trials,
            ))
        }),
        ("auto p99", 368, |a, _| {
            is(automatic(
                a,
                auto::Target::Quantile(0.99),
                auto::Order::Trials,
            ))
        }),
        ("batches", 200, |a, _| is(batch::mean(a, LEVEL))),
    ];
    // No two alike, in no order.
    let noise = |k: usize, factor: usize| 100.0 + ((k * factor) % 401) as f64 / 40.1;
    let a: Vec<f64> = (1..=400).map(|k| noise(k, 157)).collect();
    let b: Vec<f64> = (1..=400).map(|k| noise(k, 211)).collect();
    let mut wrong = Vec::new();
    for (name, gate, given) in gates {
        let least = (0..=400).find(|&n| given(&a[..n], &b[..n]));
        if least != Some(*gate) {
            wrong.push(format!("{name}: {least:?}, not {gate}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn automatic(
    values: &[f64],
    target: auto::Target,
    order: auto::Order,
) -> Result<Outcome, StatsError> {
    auto::estimate(values, target, order, RESAMPLING, LEVEL)
}
