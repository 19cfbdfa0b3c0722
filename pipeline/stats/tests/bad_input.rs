//! Input that can't be analysed is an error, too little of it a gate; nothing is NaN.

#![allow(clippy::unwrap_used)]

use vnicbench_stats::{
    Direction, Estimate, Interval, Level, Outcome, Resampling, Sample, Statistic, StatsError,
    Verdict, Warning, bootstrap, fairness, mean, paired, proportion, quantile, series, unpaired,
    verdict,
};

const LEVEL: Level = Level::P95;

fn insufficient(outcome: Result<Outcome, StatsError>) -> String {
    match outcome.unwrap() {
        Outcome::Insufficient(gate) => gate.to_string(),
        Outcome::Estimate(estimate) => panic!("{estimate:?}"),
    }
}

fn estimate(outcome: Result<Outcome, StatsError>) -> Estimate {
    outcome.unwrap().estimate().unwrap().clone()
}

fn mean_of(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn what_is_not_finite_is_named_by_every_estimator() {
    let one = [1.0; 9];
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut values = one;
        values[4] = bad;
        let resampling = Resampling::seeded(1);
        let named = |outcome: Result<Outcome, StatsError>| match outcome {
            Err(error @ StatsError::NotFinite { index: 4, .. }) => {
                assert!(error.to_string().contains("value 4"), "{error}");
            }
            other => panic!("{other:?}"),
        };
        named(mean::mean(&values, LEVEL));
        named(quantile::median(&values, LEVEL));
        named(paired::ratio(&values, &one, LEVEL));
        named(paired::ratio(&one, &values, LEVEL));
        named(paired::difference(&values, &one, LEVEL));
        named(unpaired::ratio(&one, &values, LEVEL));
        named(unpaired::difference(&values, &one, LEVEL));
        named(bootstrap::bca(
            &values,
            Statistic::Mean,
            &mean_of,
            resampling,
            LEVEL,
        ));
        named(fairness::jain_index(&[values], resampling, LEVEL));
        assert!(series::lag1(&values).is_err());
        assert!(Sample::new(&values).is_err());
    }
}

#[test]
fn too_little_is_a_gate_that_says_how_much_is_needed() {
    let x = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0];
    assert_eq!(
        insufficient(quantile::median(&x[..3], LEVEL)),
        "insufficient data (n = 3, needs 6)"
    );
    assert_eq!(
        insufficient(quantile::median(&x[..7], Level::P99)),
        "insufficient data (n = 7, needs 8)"
    );
    assert_eq!(
        insufficient(quantile::quantile(&x, 0.99, LEVEL)),
        "insufficient data (n = 8, needs 368)"
    );
    assert_eq!(
        insufficient(quantile::quantile(&x, 0.99, Level::P99)),
        "insufficient data (n = 8, needs 528)"
    );
    for p in [0.01, 0.05, 0.3, 0.5, 0.9, 0.99] {
        for level in [0.5, 0.9, 0.95, 0.99, 0.999] {
            let level = Level::new(level).unwrap();
            let Outcome::Insufficient(gate) = quantile::quantile(&[], p, level).unwrap() else {
                panic!();
            };
            let enough: Vec<f64> = (0..gate.needs).map(|i| i as f64).collect();
            assert!(
                quantile::quantile(&enough, p, level)
                    .unwrap()
                    .estimate()
                    .is_some()
            );
            let Outcome::Insufficient(again) = quantile::quantile(&enough[1..], p, level).unwrap()
            else {
                panic!("{p} {level} {}", gate.needs);
            };
            assert_eq!(again.needs, gate.needs);
        }
    }
    for n in 0..=5 {
        let gate = format!("insufficient data (n = {n}, needs 6)");
        assert_eq!(insufficient(paired::ratio(&x[..n], &x[..n], LEVEL)), gate);
        assert_eq!(
            insufficient(paired::difference(&x[..n], &x[..n], LEVEL)),
            gate
        );
    }
    assert_eq!(
        insufficient(unpaired::ratio(&x[..3], &x[..4], LEVEL)),
        "insufficient data (n = 3, needs 4)"
    );
    assert!(
        unpaired::ratio(&x[..3], &x[..5], LEVEL)
            .unwrap()
            .estimate()
            .is_some()
    );
    for n in 0..=2 {
        insufficient(mean::mean(&x[..n], LEVEL));
        insufficient(proportion::clustered(&[(1, 2), (0, 2)][..n], LEVEL));
    }
    insufficient(proportion::wilson(0, 0, LEVEL));
    insufficient(proportion::clopper_pearson(0, 0, LEVEL));
    let resampling = Resampling::seeded(1);
    insufficient(bootstrap::percentile(
        &x[..7],
        Statistic::Mean,
        &mean_of,
        resampling,
        LEVEL,
    ));
    insufficient(fairness::jain_index::<[f64; 2]>(&[], resampling, LEVEL));
}

#[test]
fn constants_have_intervals_without_width_and_say_so() {
    let same = [0.1; 30];
    for outcome in [
        mean::mean(&same, LEVEL),
        quantile::median(&same, LEVEL),
        paired::ratio(&same, &same, LEVEL),
        paired::difference(&same, &same, LEVEL),
        unpaired::ratio(&same, &same, LEVEL),
        unpaired::difference(&same, &same, LEVEL),
        bootstrap::bca(
            &same,
            Statistic::Median,
            &|x| Sample::new(x).unwrap().median().unwrap(),
            Resampling::seeded(1),
            LEVEL,
        ),
    ] {
        let estimate = estimate(outcome);
        assert_eq!(estimate.interval().width(), 0.0, "{estimate:?}");
        assert!(estimate.interval().contains(estimate.value()));
        assert!(estimate.warnings().contains(&Warning::ZeroWidth));
    }
    assert_eq!(series::lag1(&same), Err(StatsError::Constant { n: 30 }));
    assert!(series::effective_sample_size(&same).is_err());
}

#[test]
fn numbers_beyond_a_float_are_errors() {
    let huge = [f64::MAX, f64::MAX, -f64::MAX, f64::MAX, f64::MAX, f64::MAX];
    assert!(matches!(
        mean::mean(&huge, LEVEL),
        Err(StatsError::Overflow { .. })
    ));
    assert!(matches!(
        paired::ratio(&[f64::MAX; 6], &[f64::MIN_POSITIVE; 6], LEVEL),
        Err(StatsError::Overflow { .. })
    ));
    assert!(paired::difference(&[f64::MAX; 6], &[-f64::MAX; 6], LEVEL).is_err());
    assert!(unpaired::difference(&[f64::MAX; 6], &[-f64::MAX; 6], LEVEL).is_err());
    let far_apart = [
        -f64::MAX,
        f64::MAX,
        -f64::MAX,
        f64::MAX,
        -f64::MAX,
        f64::MAX,
    ];
    assert_eq!(estimate(quantile::median(&far_apart, LEVEL)).value(), 0.0);
    assert!(series::lag1(&far_apart).is_err());
}

#[test]
fn extreme_levels_give_intervals_or_gates() {
    let x: Vec<f64> = (1..=150).map(f64::from).collect();
    for level in [
        f64::MIN_POSITIVE,
        1e-17,
        1e-9,
        0.5,
        1.0 - 1e-9,
        1.0 - f64::EPSILON / 2.0,
    ] {
        let level = Level::new(level).unwrap();
        let resampling = Resampling {
            replicates: 10_000,
            seed: 1,
        };
        for n in [3, 9, 130, 150] {
            let (x, y) = (&x[..n], &x[150 - n..]);
            for outcome in [
                mean::mean(x, level),
                quantile::median(x, level),
                quantile::quantile(x, 0.3, level),
                paired::ratio(x, y, level),
                unpaired::difference(x, y, level),
                proportion::wilson(1, n as u64, level),
                proportion::clopper_pearson(1, n as u64, level),
                proportion::clustered(&[(1, 100), (2, 100), (4, 100)], level),
            ] {
                outcome.unwrap();
            }
            if level.get() <= 0.5 {
                bootstrap::bca(x, Statistic::Mean, &mean_of, resampling, level).unwrap();
            }
        }
    }
}

#[test]
fn a_statistic_that_no_resample_reaches_falls_back_and_says_so() {
    let values: Vec<f64> = (0..50).map(f64::from).collect();
    let distinct = |x: &[f64]| Sample::new(x).unwrap().distinct() as f64;
    let statistic = Statistic::Other {
        label: "distinct values".into(),
    };
    let outcome = bootstrap::bca(&values, statistic, &distinct, Resampling::seeded(1), LEVEL);
    let estimate = estimate(outcome);
    assert_eq!(estimate.warnings(), [Warning::BcaUndefined]);
    assert!(estimate.interval().high() < estimate.value());
}

#[test]
fn arguments_that_cannot_be_meant() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    for level in [0.0, 1.0, -0.5, 95.0, f64::NAN] {
        assert!(Level::new(level).is_err());
        assert!(quantile::quantile(&x, level, LEVEL).is_err());
    }
    assert!(matches!(
        paired::ratio(&x, &x[1..], LEVEL),
        Err(StatsError::Unpaired { a: 8, b: 7 })
    ));
    for bad in [0.0, -1.0] {
        let mut y = x;
        y[2] = bad;
        let error = paired::ratio(&y, &x, LEVEL).unwrap_err();
        assert!(matches!(error, StatsError::NotPositive { index: 2, .. }));
        assert!(unpaired::ratio(&x, &y, LEVEL).is_err());
        assert!(unpaired::difference(&x, &y, LEVEL).is_ok());
    }
    assert!(proportion::wilson(3, 2, LEVEL).is_err());
    assert!(proportion::clopper_pearson(3, 2, LEVEL).is_err());
    assert!(matches!(
        proportion::clustered(&[(0, 9), (3, 2)], LEVEL),
        Err(StatsError::MoreEventsThanAttempts { index: 1, .. })
    ));
    assert!(matches!(
        proportion::clustered(&[(0, 9), (0, 0)], LEVEL),
        Err(StatsError::NoAttempts { index: 1 })
    ));
    let few = Resampling {
        replicates: 399,
        seed: 1,
    };
    assert!(matches!(
        bootstrap::bca(&x, Statistic::Mean, &mean_of, few, LEVEL),
        Err(StatsError::Replicates {
            given: 399,
            needs: 400
        })
    ));
    assert!(matches!(
        bootstrap::bca(
            &x,
            Statistic::Mean,
            &|_| f64::NAN,
            Resampling::seeded(1),
            LEVEL
        ),
        Err(StatsError::StatisticNotFinite { .. })
    ));
    let uneven: [&[f64]; 2] = [&[1.0, 2.0], &[1.0]];
    let resampling = Resampling::seeded(1);
    assert!(matches!(
        fairness::jain_index(&uneven, resampling, LEVEL),
        Err(StatsError::SharesDiffer { trial: 1, .. })
    ));
    assert!(fairness::jain(&[0.0, 0.0]).is_err());
    assert!(fairness::jain(&[]).is_err());
    assert!(fairness::jain(&[1.0, -1.0]).is_err());
    assert!(series::ljung_box(&x, 0).is_err());
    assert!(series::ljung_box(&x, 8).is_err());
    assert!(series::ljung_box(&x, 7).is_ok());
    for n in 0..2 {
        assert!(series::effective_sample_size(&x[..n]).is_err());
    }
    let many = vec![1.0; 8192];
    assert!(matches!(
        paired::difference(&many, &many, LEVEL),
        Err(StatsError::TooManyPairs { .. })
    ));
    assert!(Interval::new(2.0, 1.0).is_err());
    assert!(Interval::new(0.0, f64::INFINITY).is_err());
    let unit = Interval::new(0.0, 1.0).unwrap();
    assert!(verdict::verdict(unit, 0.05, Direction::LowerIsBetter).is_err());
    assert!(verdict::verdict(unit, f64::NAN, Direction::LowerIsBetter).is_err());
}

#[test]
fn what_is_read_back_is_what_was_written() {
    let estimate = estimate(quantile::median(&[1.0, 2.0, 2.0, 4.0, 5.0, 6.0], LEVEL))
        .with_effective_n(4.5)
        .with_warning(Warning::fact("one boot".into(), "one-boot", &[&1]));
    let outcomes = [
        Outcome::from(estimate),
        quantile::quantile(&[1.0], 0.75, LEVEL).unwrap(),
    ];
    let json = serde_json::to_string(&outcomes).unwrap();
    let back: Vec<Outcome> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, outcomes, "{json}");

    for (good, bad) in [
        ("\"low\":1.0", "\"low\":9.0"),
        ("\"level\":0.95", "\"level\":95.0"),
        ("\"high\":6.0", "\"high\":null"),
        ("\"interval\":{\"low\":1.0,\"high\":6.0},", ""),
    ] {
        assert!(json.contains(good), "{json}");
        let forged = json.replacen(good, bad, 1);
        assert!(
            serde_json::from_str::<Vec<Outcome>>(&forged).is_err(),
            "{forged}"
        );
    }
}

#[test]
fn captions_and_short_names() {
    let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];
    let median = quantile::median(&x, LEVEL).unwrap();
    assert_eq!(
        median.method().to_string(),
        "median, order-statistic interval (exact binomial)"
    );
    assert_eq!(median.method().short(), "median/order-statistic");
    let tail = quantile::quantile(&x, 0.999, LEVEL).unwrap();
    assert_eq!(tail.method().short(), "p99.9/order-statistic");
    assert_eq!(
        tail.method().to_string(),
        "99.9 % quantile, order-statistic interval (exact binomial)"
    );
    assert!(median.method().source().contains("Order Statistics"));
    assert_eq!(LEVEL.to_string(), "95 %");
    assert_eq!(Level::new(0.999).unwrap().to_string(), "99.9 %");
}

#[test]
fn verdicts_by_where_the_interval_lies() {
    use Direction::{HigherIsBetter, LowerIsBetter};
    for (low, high, expected) in [
        (0.96, 1.04, Verdict::Equivalent),
        (1.0 / 1.05, 1.05, Verdict::Equivalent),
        (1.06, 1.2, Verdict::Worse),
        (0.5, 0.95, Verdict::Better),
        (1.01, 1.2, Verdict::Inconclusive),
        (1.05, 1.2, Verdict::Inconclusive),
        (0.9, 1.0, Verdict::Inconclusive),
        (0.5, 2.0, Verdict::Inconclusive),
    ] {
        let ratio = Interval::new(low, high).unwrap();
        assert_eq!(verdict::verdict(ratio, 0.05, LowerIsBetter), Ok(expected));
        let reversed = match expected {
            Verdict::Better => Verdict::Worse,
            Verdict::Worse => Verdict::Better,
            same => same,
        };
        assert_eq!(verdict::verdict(ratio, 0.05, HigherIsBetter), Ok(reversed));
    }
}
