//! What must hold for any sample.

#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use vnicbench_stats::{
    Estimate, Level, Outcome, Resampling, Sample, Statistic, StatsError, bootstrap, fairness, mean,
    paired, proportion, quantile, series, unpaired,
};

fn estimate(outcome: Result<Outcome, StatsError>) -> Estimate {
    outcome.unwrap().estimate().unwrap().clone()
}

fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Everything that doesn't pair its samples, of one sample against a fixed second.
fn all(values: &[f64], level: Level) -> Vec<Estimate> {
    let other = [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5, 8.5];
    let resampling = Resampling {
        replicates: 2000,
        seed: 7,
    };
    vec![
        estimate(mean::mean(values, level)),
        estimate(quantile::median(values, level)),
        estimate(quantile::quantile(values, 0.4, level)),
        estimate(unpaired::ratio(values, &other, level)),
        estimate(unpaired::difference(values, &other, level)),
        estimate(bootstrap::bca(
            values,
            Statistic::Mean,
            &mean_of,
            resampling,
            level,
        )),
        estimate(bootstrap::percentile(
            values,
            Statistic::Mean,
            &mean_of,
            resampling,
            level,
        )),
    ]
}

fn near(a: f64, b: f64, scale: f64) -> bool {
    (a - b).abs() <= 1e-9 * scale
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter_to_a_single_bit(mut values in vec(0.01_f64..1e6, 14..40)) {
        let before = all(&values, Level::P90);
        values.reverse();
        values.rotate_left(3);
        prop_assert_eq!(before, all(&values, Level::P90));
    }

    #[test]
    fn pairs_may_come_in_any_order(mut pairs in vec((0.01_f64..1e3, 0.01_f64..1e3), 6..60)) {
        let both = |pairs: &[(f64, f64)]| {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            [
                estimate(paired::ratio(&a, &b, Level::P95)),
                estimate(paired::difference(&a, &b, Level::P95)),
            ]
        };
        let before = both(&pairs);
        pairs.reverse();
        pairs.rotate_left(2);
        prop_assert_eq!(before, both(&pairs));
    }

    #[test]
    fn a_higher_level_is_never_narrower(values in vec(0.01_f64..1e3, 20..40)) {
        let levels = [0.5, 0.8, 0.9, 0.95, 0.99].map(|level| Level::new(level).unwrap());
        for pair in levels.windows(2) {
            for (lower, higher) in all(&values, pair[0]).iter().zip(all(&values, pair[1])) {
                prop_assert!(higher.interval().low() <= lower.interval().low());
                prop_assert!(higher.interval().high() >= lower.interval().high());
                if let Some(achieved) = higher.achieved_level() {
                    prop_assert!(achieved >= pair[1].get() - 1e-12);
                }
            }
        }
    }

    #[test]
    fn shifts_and_scales_pass_through(
        values in vec(-100_f64..100.0, 8..30),
        shift in -1000_f64..1000.0,
        scale in 0.01_f64..100.0,
    ) {
        let moved: Vec<f64> = values.iter().map(|x| x * scale + shift).collect();
        let zero = vec![0.0; values.len()];
        let pairs = [
            (mean::mean(&values, Level::P95), mean::mean(&moved, Level::P95)),
            (quantile::median(&values, Level::P95), quantile::median(&moved, Level::P95)),
            (
                paired::difference(&values, &zero, Level::P95),
                paired::difference(&moved, &zero, Level::P95),
            ),
            (
                unpaired::difference(&values, &zero, Level::P95),
                unpaired::difference(&moved, &zero, Level::P95),
            ),
        ];
        for (before, after) in pairs {
            let (before, after) = (estimate(before), estimate(after));
            let size = 100.0 * scale + shift.abs();
            prop_assert!(near(after.value(), before.value() * scale + shift, size));
            let (low, high) = (before.interval().low(), before.interval().high());
            // A t interval is several times as wide as the data at most.
            prop_assert!(near(after.interval().low(), low * scale + shift, 10.0 * size));
            prop_assert!(near(after.interval().high(), high * scale + shift, 10.0 * size));
        }
    }

    #[test]
    fn ratios_ignore_the_unit_and_invert(
        pairs in vec((0.01_f64..1e3, 0.01_f64..1e3), 6..30),
        scale in 1e-6_f64..1e6,
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
        let other_unit = |x: &[f64]| -> Vec<f64> { x.iter().map(|x| x * scale).collect() };
        for ratio in [paired::ratio, unpaired::ratio] {
            let plain = estimate(ratio(&a, &b, Level::P95));
            let scaled = estimate(ratio(&other_unit(&a), &other_unit(&b), Level::P95));
            let inverse = estimate(ratio(&b, &a, Level::P95));
            let value = plain.value();
            prop_assert!(near(value, scaled.value(), value));
            prop_assert!(near(value, 1.0 / inverse.value(), value));
            let low = plain.interval().low();
            prop_assert!(near(low, 1.0 / inverse.interval().high(), low));
            prop_assert!(plain.interval().contains(value));
        }
    }

    #[test]
    fn proportions_stay_in_bounds_and_mirror(
        trials in vec((0_u64..=50, 0_u64..50), 3..20),
    ) {
        let trials: Vec<(u64, u64)> = trials
            .iter()
            .map(|&(events, rest)| (events, (events + rest).max(1)))
            .collect();
        let mirrored: Vec<(u64, u64)> =
            trials.iter().map(|&(events, total)| (total - events, total)).collect();
        let pooled: (u64, u64) =
            trials.iter().fold((0, 0), |sum, trial| (sum.0 + trial.0, sum.1 + trial.1));
        let estimates = [
            (proportion::clustered(&trials, Level::P95), proportion::clustered(&mirrored, Level::P95)),
            (
                proportion::wilson(pooled.0, pooled.1, Level::P95),
                proportion::wilson(pooled.1 - pooled.0, pooled.1, Level::P95),
            ),
            (
                proportion::clopper_pearson(pooled.0, pooled.1, Level::P95),
                proportion::clopper_pearson(pooled.1 - pooled.0, pooled.1, Level::P95),
            ),
        ].map(|(plain, mirror)| (estimate(plain), estimate(mirror)));
        for (plain, mirror) in &estimates {
            let interval = plain.interval();
            prop_assert!(0.0 <= interval.low() && interval.high() <= 1.0);
            prop_assert!(interval.contains(plain.value()));
            prop_assert!(near(interval.low(), 1.0 - mirror.interval().high(), 1.0));
        }
        // Trials can only take information away from as many independent attempts.
        let effective_n = estimates[0].0.effective_n().unwrap();
        prop_assert!(effective_n <= pooled.1 as f64);
        prop_assert!(estimates[0].0.interval().width() >= estimates[1].0.interval().width());
    }

    #[test]
    fn jain_lies_in_its_bounds(
        trials in (1_usize..6).prop_flat_map(|n| vec(vec(1e-9_f64..1e9, n), 8..15)),
        scale in 1e-3_f64..1e3,
    ) {
        let n = trials[0].len() as f64;
        let resampling = Resampling { replicates: 500, seed: 3 };
        let index = estimate(fairness::jain_index(&trials, resampling, Level::P95));
        for value in [index.value(), index.interval().low(), index.interval().high()] {
            prop_assert!((1.0 / n - 1e-15..=1.0).contains(&value), "{value}");
        }
        let scaled: Vec<f64> = trials[0].iter().map(|share| share * scale).collect();
        prop_assert!(near(
            fairness::jain(&scaled).unwrap(),
            fairness::jain(&trials[0]).unwrap(),
            1.0
        ));
    }

    #[test]
    fn a_series_is_worth_at_most_its_length(values in vec(-10_f64..10.0, 5..200)) {
        let size = series::effective_sample_size(&values).unwrap();
        prop_assert!(size > 0.0 && size <= values.len() as f64);
        for correlation in series::autocorrelation(&values, 4).unwrap() {
            prop_assert!(correlation.abs() <= 1.0 + 1e-12);
        }
        let p = series::ljung_box(&values, 3).unwrap().p;
        prop_assert!((0.0..=1.0).contains(&p));
    }

    #[test]
    fn a_description_is_ordered_and_whole(values in vec(-5_i8..5, 1..50)) {
        let values: Vec<f64> = values.iter().map(|&value| f64::from(value)).collect();
        let sample = Sample::new(&values).unwrap();
        let ecdf = sample.ecdf();
        prop_assert_eq!(ecdf.len(), sample.distinct());
        prop_assert_eq!(ecdf.last().unwrap().fraction, 1.0);
        prop_assert!(ecdf.windows(2).all(|w| w[0].value < w[1].value && w[0].fraction < w[1].fraction));
        prop_assert_eq!(sample.quantile(0.0), sample.min());
        prop_assert_eq!(sample.quantile(1.0), sample.max());
        prop_assert_eq!(sample.order_statistic(1), sample.min());
        prop_assert_eq!(sample.order_statistic(0), None);
        let quarter = sample.quantile(0.25).unwrap();
        prop_assert!(quarter <= sample.median().unwrap());
    }
}

#[test]
fn dependence_shows_in_the_effective_size() {
    // AR(1) with coefficient 0.9: the integrated time is (1 + 0.9) / (1 - 0.9) = 19.
    let mut state = 88_172_645_463_325_252_u64;
    let mut uniform = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let noise: Vec<f64> = (0..20_000)
        .map(|_| (0..12).map(|_| uniform()).sum::<f64>() - 6.0)
        .collect();
    let mut last = 0.0;
    let dependent: Vec<f64> = noise
        .iter()
        .map(|noise| {
            last = 0.9 * last + noise;
            last
        })
        .collect();
    let n = noise.len() as f64;
    let time = n / series::effective_sample_size(&dependent).unwrap();
    assert!((15.0..23.0).contains(&time), "{time}");
    assert!(series::effective_sample_size(&noise).unwrap() > 0.9 * n);
    assert!(series::ljung_box(&dependent, 10).unwrap().p < 1e-12);
    assert!(series::ljung_box(&noise, 10).unwrap().p > 1e-4);
}

#[test]
fn trials_that_differ_widen_the_interval() {
    let alike = estimate(proportion::clustered(&[(10, 1000); 8], Level::P95));
    assert_eq!(alike.effective_n(), Some(8000.0));
    // The same losses, all in one trial: as good as eight attempts.
    let mut one = [(0, 1000); 8];
    one[0] = (80, 1000);
    let burst = estimate(proportion::clustered(&one, Level::P95));
    assert_eq!(burst.value(), alike.value());
    assert!(burst.effective_n().unwrap() < 200.0, "{burst:?}");
    assert!(burst.interval().width() > 5.0 * alike.interval().width());
    let none = estimate(proportion::clustered(&[(0, 1000); 8], Level::P95));
    assert_eq!(none.warnings().len(), 1);
    assert_eq!(none.interval().low(), 0.0);
    assert!(none.interval().high() > 0.0);
}

/// The bits of low end, value and high end, which are the same on every machine: this
/// test is of use on one that isn't like the others.
#[test]
fn results_are_the_same_bits_on_every_machine() {
    let a: Vec<f64> = (1..=25).map(|i| f64::from(i * i % 37) + 0.3).collect();
    let b: Vec<f64> = (1..=25).map(|i| f64::from(i * i % 23) + 0.7).collect();
    let trials: Vec<(u64, u64)> = (1..=25).map(|i| (i * i % 7, 90 + i)).collect();
    let shares: Vec<[f64; 2]> = a.iter().zip(&b).map(|(a, b)| [*a, *b]).collect();
    let (level, resampling) = (Level::P95, Resampling::seeded(1));
    let results = [
        mean::mean(&a, level),
        quantile::quantile(&a, 0.6, level),
        paired::ratio(&a, &b, level),
        unpaired::ratio(&a, &b, level),
        proportion::wilson(3, 25, level),
        proportion::clopper_pearson(3, 25, level),
        proportion::clustered(&trials, level),
        bootstrap::bca(&a, Statistic::Mean, &mean_of, resampling, level),
        fairness::jain_index(&shares, resampling, level),
    ]
    .map(estimate);
    let bits = results.each_ref().map(|estimate| {
        let interval = estimate.interval();
        [interval.low(), estimate.value(), interval.high()].map(f64::to_bits)
    });
    let expected: [[u64; 3]; 9] = [
        [
            0x402e_6e79_46d2_4b14,
            0x4034_051e_b851_eb86,
            0x4038_d300_cd3a_b182,
        ],
        [
            0x4028_9999_9999_999a,
            0x403a_b333_3333_3333,
            0x4040_a666_6666_6666,
        ],
        [
            0x3ff8_98d5_f85b_b393,
            0x4004_af87_0ccf_2510,
            0x4010_11f3_770c_4b79,
        ],
        [
            0x3ffa_d5ab_56ad_5ab5,
            0x4003_9611_a7b9_611c,
            0x4010_bda1_2f68_4bda,
        ],
        [
            0x3fa5_5587_d3ca_8341,
            0x3fbe_b851_eb85_1eb8,
            0x3fd3_2bf5_100a_4d93,
        ],
        [
            0x3f9a_1399_d720_7144,
            0x3fbe_b851_eb85_1eb8,
            0x3fd3_faed_0dfb_0b6a,
        ],
        [
            0x3f8e_7a16_2b58_5b12,
            0x3f94_47fa_6ec0_45fd,
            0x3f9a_f2b2_a576_f721,
        ],
        [
            0x402e_c28f_5c28_f5c7,
            0x4034_051e_b851_eb86,
            0x4038_428f_5c28_f5c3,
        ],
        [
            0x3fe7_d158_3344_0d3d,
            0x3fe9_d541_9e0e_db42,
            0x3feb_af89_42da_7a31,
        ],
    ];
    assert_eq!(bits, expected, "{bits:#018x?}");
    let other_seed = bootstrap::bca(&a, Statistic::Mean, &mean_of, Resampling::seeded(2), level);
    assert_ne!(estimate(other_seed).interval(), results[7].interval());
}
