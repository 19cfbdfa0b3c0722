//! Intervals by resampling: against SciPy, R and arch (tests/reference/make_resampling.py),
//! and what must hold for any sample.

#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::Value;
use vnicbench_stats::hierarchy::{self, Levels, Nested, Resampled};
use vnicbench_stats::{
    Bootstrap, Contrast, Estimate, Level, Of, Outcome, Resampling, Statistic, StatsError, Warning,
    bootstrap, fairness, simultaneous, stationary,
};

const LEVEL: Level = Level::P95;
const STATISTICS: [(&str, Of); 4] = [
    ("mean", Of::Mean),
    ("median", Of::Quantile(0.5)),
    ("p90", Of::Quantile(0.9)),
    ("trimmed", Of::TrimmedMean(0.1)),
];
const CONTRASTS: [Contrast; 2] = [Contrast::Ratio, Contrast::Difference];

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/resampling.json")).unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn estimate(outcome: Result<Outcome, StatsError>) -> Estimate {
    outcome.unwrap().estimate().unwrap().clone()
}

fn close(got: f64, expected: f64, what: &str) {
    assert!(
        (got - expected).abs() <= 1e-9 * expected.abs(),
        "{what}: {got} is not {expected}"
    );
}

fn agrees(outcome: Result<Outcome, StatsError>, expected: [f64; 3], what: &str) {
    let estimate = estimate(outcome);
    close(estimate.value(), expected[0], what);
    close(estimate.interval().low(), expected[1], what);
    close(estimate.interval().high(), expected[2], what);
}

fn plan(replicates: usize) -> Bootstrap {
    Bootstrap::new(
        Resampling {
            replicates,
            seed: 11,
        },
        LEVEL,
    )
}

/// Values without ties, skewed.
fn skewed(n: usize, seed: u64) -> Vec<f64> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    (0..n)
        .map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0)
        .map(|normal| (normal / 2.0).exp())
        .collect()
}

fn nested(shape: &[usize], seed: u64) -> Nested {
    match shape {
        [] | [_] => Nested::Values(skewed(shape[0], seed)),
        [size, rest @ ..] => Nested::Group(
            (0..*size as u64)
                .map(|member| nested(rest, seed * 31 + member + 1))
                .collect(),
        ),
    }
}

#[test]
fn the_same_resamples_give_the_intervals_of_scipy() {
    for case in reference()["indices"].as_array().unwrap() {
        let (x, rows): (Vec<f64>, Vec<Vec<u32>>) = (read(&case["x"]), read(&case["rows"]));
        for (name, of) in STATISTICS {
            let made = &case["made"][name];
            let value = made["value"].as_f64().unwrap();
            for (kind, plan) in [("bca", plan(400)), ("percentile", plan(400).percentile())] {
                let [low, high]: [f64; 2] = read(&made[kind]);
                let what = format!("{name} {kind} of {}", x.len());
                agrees(plan.with_indices(&x, of, &rows), [value, low, high], &what);
            }
        }
        let short = [vec![vec![0; x.len() - 1]], rows[1..].to_vec()].concat();
        let outcome = plan(400).with_indices(&x, Of::Mean, &short);
        assert!(matches!(
            outcome,
            Err(StatsError::Indices { replicate: 0, .. })
        ));
    }
}

#[test]
fn levels_agree_with_the_formulas_of_kalibera_and_jones() {
    for case in reference()["levels"].as_array().unwrap() {
        let (a, b): (Nested, Nested) = (read(&case["a"]), read(&case["b"]));
        let levels = hierarchy::variances(&a).unwrap();
        let (biased, unbiased): (Vec<f64>, Vec<f64>) =
            (read(&case["biased"]), read(&case["unbiased"]));
        assert_eq!(levels.len(), biased.len());
        for (level, (biased, unbiased)) in levels.iter().zip(biased.iter().zip(&unbiased)) {
            close(level.biased, *biased, "biased");
            close(level.unbiased, *unbiased, "unbiased");
        }
        let costs: Vec<f64> = read(&case["costs"]);
        let counts = hierarchy::repetitions(&levels, &costs).unwrap();
        let expected: Vec<f64> = read(&case["repetitions"]);
        let got: Vec<f64> = counts
            .iter()
            .map(|n| n.map_or(-1.0, |n| n as f64))
            .collect();
        assert_eq!(got, expected);
        agrees(hierarchy::mean(&a, LEVEL), read(&case["mean"]), "mean");
        agrees(
            hierarchy::ratio(&a, &b, LEVEL),
            read(&case["ratio"]),
            "ratio",
        );
    }
}

#[test]
fn block_lengths_agree_with_arch() {
    for case in reference()["blocks"].as_array().unwrap() {
        let x: Vec<f64> = read(&case["x"]);
        close(
            stationary::block_length(&x).unwrap(),
            case["length"].as_f64().unwrap(),
            "block length",
        );
    }
}

#[test]
fn threads_change_no_bit() {
    let (a, b) = (skewed(40, 1), skewed(40, 2));
    let (c, d) = (nested(&[9, 3, 4], 1), nested(&[9, 2, 5], 2));
    let spread = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>() / x.len() as f64;
    let label = Statistic::Other {
        label: "mean square".into(),
    };
    let with = |threads: usize| {
        let plan = plan(401).on_threads(threads);
        let resampling = Resampling {
            replicates: 401,
            seed: 11,
        };
        let levels = Levels::new(resampling, LEVEL, Resampled::All).on_threads(threads);
        let mut all = vec![
            plan.one(&a, Of::Function(&spread, &label)),
            levels.mean(&c),
            levels.two(&c, &d, Contrast::Ratio),
            levels.paired(&c, &d, Contrast::Difference),
        ];
        for (_, of) in STATISTICS {
            all.push(plan.one(&a, of));
            for contrast in CONTRASTS {
                all.push(plan.two(&a, &b, of, contrast));
                all.push(plan.paired(&a, &b, of, contrast));
            }
        }
        all.into_iter().map(estimate).collect::<Vec<_>>()
    };
    let one = with(1);
    for threads in [0, 2, 3, 7, 5000] {
        assert_eq!(with(threads), one, "{threads}");
    }
}

/// As in tests/properties.rs: the bits of low end and high end on every machine.
#[test]
fn results_are_the_same_bits_on_every_machine() {
    let (a, b) = (
        (1..=60)
            .map(|i| f64::from(i * i % 37) + 0.3)
            .collect::<Vec<f64>>(),
        (1..=60)
            .map(|i| f64::from(i * i % 23) + 0.7)
            .collect::<Vec<f64>>(),
    );
    let trials: Vec<Nested> = a.chunks(6).map(Nested::from).collect();
    let resampling = Resampling {
        replicates: 400,
        seed: 1,
    };
    let levels = Levels::new(resampling, LEVEL, Resampled::All);
    let first = |x: &[f64]| x[0];
    let bits = [
        plan(400).ideal(&a, Of::Mean),
        plan(400).ideal(&a, Of::Quantile(0.83)),
        plan(400).one(&a, Of::Quantile(0.83)),
        plan(400).two(&a, &b, Of::TrimmedMean(0.1), Contrast::Ratio),
        plan(400).paired(&a, &b, Of::Quantile(0.5), Contrast::Difference),
        levels.mean(&Nested::Group(trials)),
        stationary::bootstrap(&a, Statistic::Mean, &first, None, resampling, LEVEL),
        simultaneous::ratios(&[(&a, &b)], resampling, LEVEL).map(|mut all| all.remove(0)),
    ]
    .map(|outcome| {
        let interval = estimate(outcome).interval();
        [interval.low(), interval.high()].map(f64::to_bits)
    });
    let expected: [[u64; 2]; 8] = [
        [0x402f_9110_c4e9_0d75, 0x4035_a2c8_6b3d_87d1],
        [0x403b_4ccc_cccc_cccd, 0x4041_228f_5c28_f5c2],
        [0x403c_451e_b851_eb85, 0x4041_228f_5c28_f5c2],
        [0x3ffa_305a_6521_e44e, 0x4006_84b0_cb48_c94c],
        [0x4004_cccc_cccc_ccd0, 0x4032_9999_9999_999a],
        [0x402d_54b1_7e4b_17e5, 0x4036_99eb_851e_b851],
        [0x3ff4_cccc_cccc_cccd, 0x4042_2666_6666_6666],
        [0x3ff6_b542_b776_7e6a, 0x4006_2305_0861_82a9],
    ];
    assert_eq!(bits, expected, "{bits:#018x?}");
}

#[test]
fn resamples_come_near_the_ideal() {
    let x = skewed(101, 5);
    for of in [Of::Mean, Of::Quantile(0.5), Of::Quantile(0.83)] {
        for plan in [plan(20_000), plan(20_000).percentile()] {
            let (ideal, drawn) = (estimate(plan.ideal(&x, of)), estimate(plan.one(&x, of)));
            assert_eq!(ideal.value(), drawn.value());
            let slack = 0.05 * ideal.interval().width();
            for (a, b) in [
                (ideal.interval().low(), drawn.interval().low()),
                (ideal.interval().high(), drawn.interval().high()),
            ] {
                assert!((a - b).abs() < slack, "{ideal:?} {drawn:?}");
            }
        }
    }
    // The function knows none of the shortcuts.
    let median = |x: &[f64]| vnicbench_stats::Sample::new(x).unwrap().median().unwrap();
    let resampling = Resampling {
        replicates: 4000,
        seed: 3,
    };
    let plain = estimate(bootstrap::percentile(
        &x,
        Statistic::Median,
        &median,
        resampling,
        LEVEL,
    ));
    let ideal = estimate(plan(400).percentile().ideal(&x, Of::Quantile(0.5)));
    let slack = 0.1 * ideal.interval().width();
    assert!((plain.interval().low() - ideal.interval().low()).abs() < slack);
    assert!((plain.interval().high() - ideal.interval().high()).abs() < slack);
}

#[test]
fn where_the_ideal_is_unknown_resamples_are_drawn_and_named() {
    let plan = plan(400);
    let few = skewed(20, 1);
    let two_values: Vec<f64> = (0..60).map(|i| f64::from(i % 2)).collect();
    for (x, of) in [(&few, Of::Mean), (&few, Of::TrimmedMean(0.1))] {
        let estimate = estimate(plan.ideal(x, of));
        assert!(estimate.method().to_string().contains("400 resamples"));
    }
    for x in [&few, &two_values] {
        let estimate = estimate(plan.ideal(x, Of::Quantile(0.5)));
        assert!(estimate.method().to_string().contains("no resamples"));
    }
    let coins = estimate(plan.ideal(&two_values, Of::Mean));
    // Binomial(60, 1/2) / 60 at 95 %: 22/60 to 38/60, give or take half a step.
    assert!((coins.interval().low() - 22.5 / 60.0).abs() < 0.6 / 60.0);
    assert!((coins.interval().high() - 37.5 / 60.0).abs() < 0.6 / 60.0);
}

#[test]
fn constants_and_jackknives_that_do_not_vary_are_said() {
    let same = [0.1; 60];
    for of in STATISTICS.map(|(_, of)| of) {
        for outcome in [
            plan(400).one(&same, of),
            plan(400).ideal(&same, of),
            plan(400).two(&same, &same, of, Contrast::Ratio),
            plan(400).paired(&same, &same, of, Contrast::Difference),
        ] {
            let estimate = estimate(outcome);
            assert!(estimate.interval().width() < 1e-15, "{estimate:?}");
            assert!(estimate.warnings().contains(&Warning::ZeroWidth));
        }
    }
    // Half of the values are equal: no one of them moves the median.
    let mut tied = skewed(50, 3);
    tied.sort_by(f64::total_cmp);
    let middle = tied[25];
    tied[20..30].fill(middle);
    for outcome in [
        plan(400).one(&tied, Of::Quantile(0.5)),
        plan(400).ideal(&tied, Of::Quantile(0.5)),
    ] {
        assert_eq!(estimate(outcome).warnings(), [Warning::NoAcceleration]);
    }
}

#[test]
fn what_cannot_be_resampled() {
    let x = skewed(10, 1);
    let resampling = Resampling::seeded(1);
    let plan = Bootstrap::new(resampling, LEVEL);
    for bad in [f64::NAN, f64::INFINITY] {
        let mut y = x.clone();
        y[4] = bad;
        for outcome in [
            plan.one(&y, Of::Mean),
            plan.ideal(&y, Of::Mean),
            plan.two(&x, &y, Of::Mean, Contrast::Difference),
            plan.paired(&y, &x, Of::Mean, Contrast::Ratio),
            stationary::bootstrap(&y, Statistic::Mean, &|_| 0.0, None, resampling, LEVEL),
            hierarchy::mean(&Nested::Values(y.clone()), LEVEL),
            fairness::variation(&[y.clone()], resampling, LEVEL),
        ] {
            assert!(matches!(
                outcome,
                Err(StatsError::NotFinite { index: 4, .. })
            ));
        }
        assert!(simultaneous::ratios(&[(&x, &y)], resampling, LEVEL).is_err());
    }
    for n in 0..8 {
        for of in STATISTICS.map(|(_, of)| of) {
            for outcome in [
                plan.one(&x[..n], of),
                plan.ideal(&x[..n], of),
                plan.two(&x[..n], &x, of, Contrast::Ratio),
                plan.paired(&x[..n], &x[..n], of, Contrast::Ratio),
            ] {
                assert!(outcome.unwrap().estimate().is_none());
            }
        }
        let levels = Levels::new(resampling, LEVEL, Resampled::All);
        let data = Nested::from(&x[..n]);
        assert!(levels.mean(&data).unwrap().estimate().is_none());
        let of_series =
            stationary::bootstrap(&x[..n], Statistic::Mean, &|_| 0.0, None, resampling, LEVEL);
        assert!(of_series.unwrap().estimate().is_none());
        assert!(stationary::block_length(&x[..n]).is_err());
        if n < 3 {
            assert!(hierarchy::mean(&data, LEVEL).unwrap().estimate().is_none());
        }
    }
    assert!(plan.one(&x, Of::Quantile(1.0)).is_err());
    assert!(plan.one(&x, Of::TrimmedMean(0.5)).is_err());
    assert!(plan.one(&x, Of::TrimmedMean(f64::NAN)).is_err());
    assert!(plan.paired(&x, &x[1..], Of::Mean, Contrast::Ratio).is_err());
    let mut zero = x.clone();
    zero[3] = 0.0;
    assert!(matches!(
        plan.two(&x, &zero, Of::Mean, Contrast::Ratio),
        Err(StatsError::NotPositive { index: 3, .. })
    ));
    for length in [0.5, 11.0, f64::NAN] {
        let outcome = stationary::bootstrap(
            &x,
            Statistic::Mean,
            &|_| 0.0,
            Some(length),
            resampling,
            LEVEL,
        );
        assert!(matches!(outcome, Err(StatsError::BlockLength { .. })));
    }
    assert!(matches!(
        stationary::block_length(&[1.0; 30]),
        Err(StatsError::Constant { n: 30 })
    ));
    let ragged = [
        Nested::Group(vec![Nested::Values(vec![1.0]), Nested::Group(vec![])]),
        Nested::Group(vec![Nested::Values(vec![1.0]), Nested::Values(vec![])]),
        Nested::Group(vec![
            Nested::Values(vec![1.0]),
            Nested::Group(vec![Nested::Values(vec![1.0])]),
        ]),
    ];
    for data in &ragged {
        assert!(matches!(
            hierarchy::mean(data, LEVEL),
            Err(StatsError::Levels { .. })
        ));
    }
    assert!(hierarchy::variances(&nested(&[4, 1], 1)).is_err());
    let levels = hierarchy::variances(&nested(&[4, 2], 1)).unwrap();
    assert!(hierarchy::repetitions(&levels, &[1.0]).is_err());
    assert!(hierarchy::repetitions(&levels, &[1.0, 0.0]).is_err());
    assert!(hierarchy::mean(&Nested::Values(vec![f64::MAX; 9]), LEVEL).is_err());
    assert!(plan.one(&[f64::MAX; 9], Of::Mean).is_err());
    assert!(plan.ideal(&[f64::MAX; 90], Of::Mean).is_err());
}

#[test]
fn lower_levels_widen_what_the_top_level_knows() {
    let data = nested(&[20, 4, 4], 3);
    let resampling = Resampling {
        replicates: 2000,
        seed: 1,
    };
    let width = |resampled| {
        estimate(Levels::new(resampling, LEVEL, resampled).mean(&data))
            .interval()
            .width()
    };
    let t = estimate(hierarchy::mean(&data, LEVEL)).interval().width();
    assert!(width(Resampled::All) > width(Resampled::Top));
    assert!((width(Resampled::Top) / t - 0.95).abs() < 0.1);
}

#[test]
fn dependence_widens_the_interval_of_a_series() {
    let noise = skewed(3000, 9);
    let mut last = 0.0;
    let series: Vec<f64> = noise
        .iter()
        .map(|noise| {
            last = 0.9 * last + noise;
            last
        })
        .collect();
    let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
    let resampling = Resampling {
        replicates: 1000,
        seed: 1,
    };
    let width = |length| {
        let outcome =
            stationary::bootstrap(&series, Statistic::Mean, &mean, length, resampling, LEVEL);
        estimate(outcome).interval().width()
    };
    // The mean's standard error is sqrt((1 + 0.9) / (1 - 0.9)) times as large as by chance.
    let ratio = width(None) / width(Some(1.0));
    assert!((3.0..5.0).contains(&ratio), "{ratio}");
    let alone = plan(1000).percentile().one(&series, Of::Mean);
    let ratio = width(Some(1.0)) / estimate(alone).interval().width();
    assert!((ratio - 1.0).abs() < 0.1, "{ratio}");
    let one: Vec<f64> = series[..60].to_vec();
    let few = estimate(stationary::bootstrap(
        &one,
        Statistic::Mean,
        &mean,
        Some(20.0),
        resampling,
        LEVEL,
    ));
    assert_eq!(few.warnings().len(), 2, "{few:?}");
}

#[test]
fn a_family_holds_together() {
    let base = skewed(20, 1);
    let others: Vec<Vec<f64>> = (2..8).map(|seed| skewed(20, seed)).collect();
    let pairs: Vec<(&[f64], &[f64])> = others.iter().map(|x| (&x[..], &base[..])).collect();
    let resampling = Resampling {
        replicates: 4000,
        seed: 1,
    };
    let all = |pairs: &[(&[f64], &[f64])]| -> Vec<Estimate> {
        let outcomes = simultaneous::ratios(pairs, resampling, LEVEL).unwrap();
        outcomes.into_iter().map(|x| estimate(Ok(x))).collect()
    };
    let together = all(&pairs);
    for (pair, joint) in pairs.iter().zip(&together) {
        let alone = &all(&[*pair])[0];
        close(alone.value(), joint.value(), "value");
        assert!(alone.interval().width() < joint.interval().width());
        assert!(joint.method().short().contains("max-t"), "{joint:?}");
    }
    // The same pair six times is no family, which dividing the level doesn't see.
    let same = all(&[pairs[0]; 6])[0].interval().width();
    let alone = all(&pairs[..1])[0].interval().width();
    assert!((1.0..1.1).contains(&(same / alone)), "{same} {alone}");
    assert!(same < 0.9 * together[0].interval().width());
    let few: Vec<(&[f64], &[f64])> = pairs.iter().map(|(a, b)| (&a[..5], &b[..5])).collect();
    assert!(
        all(&few)[0].interval().width() > 0.0
            && all(&few)[0].method().short() == "paired-geometric-ratio/bonferroni-t"
    );
    let two: Vec<(&[f64], &[f64])> = pairs.iter().map(|(a, b)| (&a[..2], &b[..2])).collect();
    for outcome in simultaneous::ratios(&two, resampling, LEVEL).unwrap() {
        assert!(outcome.estimate().is_none());
    }
    assert!(simultaneous::ratios(&[(&base[..], &base[1..])], resampling, LEVEL).is_err());
    let none: [(&[f64], &[f64]); 0] = [];
    assert!(
        simultaneous::ratios(&none, resampling, LEVEL)
            .unwrap()
            .is_empty()
    );
}

/// How often all of six ratios that share a base line are in their intervals at once, and a
/// mean of nested values in its own:
///
///     cargo test --release -p vnicbench-stats --test resampling -- --ignored --nocapture
#[test]
#[ignore = "takes a minute"]
fn coverage_of_families_and_levels() {
    let campaigns = 1000;
    let resampling = Resampling {
        replicates: 999,
        seed: 1,
    };
    for blocks in [8, 10, 20, 50] {
        let mut hits = [0; 4];
        for campaign in 0..campaigns {
            let of = |condition: u64| skewed(blocks, 7 + campaign * 101 + condition * 1_000_003);
            let base = of(0);
            let others: Vec<Vec<f64>> = (1..7).map(of).collect();
            let pairs: Vec<(&[f64], &[f64])> = others.iter().map(|x| (&x[..], &base[..])).collect();
            let all = simultaneous::ratios(&pairs, resampling, LEVEL).unwrap();
            let covered = |outcome| estimate(Ok(outcome)).interval().contains(1.0);
            hits[0] += usize::from(all.into_iter().all(covered));
            // A trial's level varies as much as its packets do.
            let trials: Vec<Nested> = of(9)
                .iter()
                .zip(0..)
                .map(|(trial, number)| {
                    let packets = skewed(5, campaign * 977 + number * 7919 + 5);
                    let values = packets.iter().map(|packet| trial.ln() + packet.ln());
                    Nested::Values(values.collect())
                })
                .collect();
            let data = Nested::Group(trials);
            for (hits, outcome) in hits[1..].iter_mut().zip([
                hierarchy::mean(&data, LEVEL),
                Levels::new(resampling, LEVEL, Resampled::Top).mean(&data),
                Levels::new(resampling, LEVEL, Resampled::All).mean(&data),
            ]) {
                *hits += usize::from(estimate(outcome).interval().contains(0.0));
            }
        }
        let [family, t, top, all] = hits.map(|hits| hits as f64 / campaigns as f64);
        println!("{blocks} blocks: family {family}, t {t}, top level {top}, all levels {all}");
        assert!(family > 0.9 && t > 0.92, "{family} {t}");
    }
}

#[test]
fn unfairness_by_other_measures() {
    let trials = vec![[3.0, 1.0, 2.0]; 9];
    let resampling = Resampling::seeded(1);
    let ratio = estimate(fairness::min_over_max(&trials, resampling, LEVEL));
    let variation = estimate(fairness::variation(&trials, resampling, LEVEL));
    let jain = estimate(fairness::jain_index(&trials, resampling, LEVEL));
    close(ratio.value(), 1.0 / 3.0, "min over max");
    let cov = variation.value();
    close(jain.value(), 1.0 / (1.0 + cov * cov), "Jain by CoV");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn shifts_and_scales_pass_through(
        values in vec(-100_f64..100.0, 8..70),
        shift in -1000_f64..1000.0,
        scale in 0.01_f64..100.0,
    ) {
        let moved: Vec<f64> = values.iter().map(|x| x * scale + shift).collect();
        for (_, of) in STATISTICS {
            for plan in [plan(400), plan(400).percentile()] {
                for way in [Bootstrap::one, Bootstrap::ideal] {
                    let before = estimate(way(&plan, &values, of));
                    let after = estimate(way(&plan, &moved, of));
                    let size = 100.0 * scale + shift.abs();
                    for (a, b) in [
                        (before.value(), after.value()),
                        (before.interval().low(), after.interval().low()),
                        (before.interval().high(), after.interval().high()),
                    ] {
                        prop_assert!((a * scale + shift - b).abs() <= 1e-8 * size, "{before:?} {after:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn order_does_not_matter_and_levels_nest(pairs in vec((0.01_f64..1e3, 0.01_f64..1e3), 8..60)) {
        let all = |pairs: &[(f64, f64)], level: f64| {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            let resampling = Resampling { replicates: 400, seed: 5 };
            let plan = Bootstrap::new(resampling, Level::new(level).unwrap());
            let mut all = Vec::new();
            for (_, of) in STATISTICS {
                all.push(estimate(plan.one(&a, of)));
                all.push(estimate(plan.ideal(&a, of)));
                for contrast in CONTRASTS {
                    all.push(estimate(plan.two(&a, &b, of, contrast)));
                    all.push(estimate(plan.paired(&a, &b, of, contrast)));
                }
            }
            all
        };
        let before = all(&pairs, 0.8);
        for (narrow, wide) in before.iter().zip(all(&pairs, 0.95)) {
            prop_assert!(wide.interval().low() <= narrow.interval().low());
            prop_assert!(wide.interval().high() >= narrow.interval().high());
        }
        let mut other = pairs.clone();
        other.reverse();
        other.rotate_left(3);
        prop_assert_eq!(before, all(&other, 0.8));
    }
}
