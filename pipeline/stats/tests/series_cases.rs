//! Steady state, printed values, batches, stopping: what must hold, and bad input.

#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use vnicbench_stats::auto::{self, Order, Target};
use vnicbench_stats::changepoint::{Penalty, pelt};
use vnicbench_stats::outlier::{self, Scale};
use vnicbench_stats::printed::{self, Answer, Reading};
use vnicbench_stats::sequential::{self, Decision, Reason, Rule};
use vnicbench_stats::steady::{self, Class, steadiness};
use vnicbench_stats::trend::trend;
use vnicbench_stats::{
    Direction, Level, Outcome, Resampling, StatsError, Warning, batch, mean, nearest, quantile,
    studentised,
};

const LEVEL: Level = Level::P95;

/// Deterministic noise between -1 and 1.
fn noise(n: usize) -> Vec<f64> {
    let mut state = 9_u64;
    (0..n)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let uniform = |bits: u64| (bits & 0xffff) as f64 / 65_536.0;
            uniform(state >> 48) + uniform(state >> 32) - 1.0
        })
        .collect()
}

fn class(series: &[f64]) -> steady::Steadiness {
    steadiness(series, &steady::Rule::new(Direction::LowerIsBetter)).unwrap()
}

#[test]
fn series_fall_into_the_classes_of_barrett() {
    let flat: Vec<f64> = noise(400).iter().map(|e| 100.0 + e).collect();
    assert_eq!(class(&flat).class, Class::Flat);
    assert_eq!(class(&flat).steady_from, Some(0));

    let shifted = |at: usize, by: f64| -> Vec<f64> {
        flat.iter()
            .enumerate()
            .map(|(i, x)| if i < at { x + by } else { *x })
            .collect()
    };
    let warm_up = class(&shifted(50, 30.0));
    assert_eq!(
        (warm_up.class, warm_up.steady_from),
        (Class::WarmUp, Some(50))
    );
    assert_eq!(warm_up.segments.len(), 2);
    let slowdown = class(&shifted(50, -30.0));
    assert_eq!(
        (slowdown.class, slowdown.steady_from),
        (Class::Slowdown, Some(50))
    );
    // Higher is better: the other way round.
    let other = steadiness(
        &shifted(50, -30.0),
        &steady::Rule::new(Direction::HigherIsBetter),
    );
    assert_eq!(other.unwrap().class, Class::WarmUp);

    // A change shortly before the end, and a ramp.
    let late = class(&shifted(380, 30.0));
    assert_eq!((late.class, late.steady_from), (Class::NeverSteady, None));
    let ramp: Vec<f64> = flat
        .iter()
        .enumerate()
        .map(|(i, x)| x + 0.2 * i as f64)
        .collect();
    assert_eq!(class(&ramp).class, Class::NeverSteady);

    // Lone outliers change nothing.
    let mut spiked = shifted(50, 30.0);
    for at in [70, 130, 131, 200, 390] {
        spiked[at] = 1e4;
    }
    let spiked = class(&spiked);
    assert_eq!(
        (spiked.class, spiked.steady_from),
        (Class::WarmUp, Some(50))
    );
    assert!(spiked.outliers >= 5);

    // A change within the tolerance is seen and doesn't matter.
    let little = class(&shifted(200, 0.8));
    assert_eq!((little.class, little.steady_from), (Class::Flat, Some(0)));
    assert_eq!(little.segments.len(), 2);

    let constant = class(&[5.0; 50]);
    assert_eq!((constant.class, constant.segments.len()), (Class::Flat, 1));
}

#[test]
fn long_series_are_done_in_time() {
    let n = 40_000;
    let series: Vec<f64> = noise(n)
        .iter()
        .enumerate()
        .map(|(i, e)| e + if i < 10_003 { 8.0 } else { 5.0 })
        .collect();
    let changes = pelt(&series, Penalty::default()).unwrap();
    // Blocks of 79, and 10,003 is the end of none.
    assert_eq!(changes, [10_003]);
}

#[test]
fn bad_series_are_errors() {
    let rule = steady::Rule::new(Direction::LowerIsBetter);
    for bad in [f64::NAN, f64::INFINITY] {
        let mut x = noise(60);
        x[4] = bad;
        let not_finite =
            |error: StatsError| assert!(matches!(error, StatsError::NotFinite { index: 4, .. }));
        not_finite(pelt(&x, Penalty::default()).unwrap_err());
        not_finite(steadiness(&x, &rule).unwrap_err());
        not_finite(trend(&x, LEVEL).unwrap_err());
        not_finite(outlier::tukey(&x, Scale::Plain).unwrap_err());
        not_finite(outlier::modified_z(&x, Scale::Log).unwrap_err());
        not_finite(batch::mean(&x, LEVEL).unwrap_err());
        not_finite(nearest::quantile(&x, 0.5, LEVEL).unwrap_err());
        not_finite(studentised::farther(&x, Resampling::seeded(1), LEVEL).unwrap_err());
        not_finite(printed::apparent_step(&x).unwrap_err());
        let mut readings = vec![
            Reading::Value {
                value: 1.0,
                step: 1.0
            };
            8
        ];
        readings[4] = Reading::Below(bad);
        not_finite(printed::quantile(&readings, 0.5, LEVEL).unwrap_err());
        not_finite(printed::ecdf(&readings).unwrap_err());
    }
    assert_eq!(pelt(&[], Penalty::default()).unwrap(), []);
    assert_eq!(pelt(&[1.0], Penalty::default()).unwrap(), []);
    assert_eq!(pelt(&[1.0, 2.0], Penalty::default()).unwrap(), []);
    for (factor, least_segment) in [(0.0, 5), (f64::NAN, 5), (15.0, 1)] {
        let penalty = Penalty {
            factor,
            least_segment,
        };
        assert!(matches!(
            pelt(&noise(9), penalty),
            Err(StatsError::Penalty { .. })
        ));
    }
    assert!(pelt(&[f64::MAX, -f64::MAX, 0.0], Penalty::default()).is_err());
    assert_eq!(
        steadiness(&noise(9), &rule),
        Err(StatsError::TooShort { n: 9, needs: 10 })
    );
    assert!(matches!(
        trend(&[1.0, 2.0], LEVEL),
        Err(StatsError::TooShort { .. })
    ));
    assert!(matches!(
        trend(&[1.0; 9], LEVEL),
        Err(StatsError::Constant { n: 9 })
    ));
    assert!(matches!(
        trend(&noise(5_001), LEVEL),
        Err(StatsError::TooManyPairs { .. })
    ));
    assert!(
        trend(&[1.0, 2.0, 4.0], LEVEL)
            .unwrap()
            .slope
            .estimate()
            .is_none()
    );
    assert!(matches!(
        outlier::tukey(&[1.0, 0.0], Scale::Log),
        Err(StatsError::NoLogarithm { index: 1, .. })
    ));
    assert_eq!(outlier::tukey(&[], Scale::Plain).unwrap(), []);
    assert_eq!(
        outlier::modified_z(&[3.0; 4], Scale::Log).unwrap(),
        [outlier::Class::Regular; 4]
    );
    assert!(matches!(
        printed::ecdf(&[Reading::Value {
            value: 1.0,
            step: -1.0
        }]),
        Err(StatsError::NegativeReading { index: 0, .. })
    ));
    assert_eq!(printed::ecdf(&[]).unwrap(), []);
}

#[test]
fn a_drift_is_sized_and_warned_of() {
    let x: Vec<f64> = noise(40)
        .iter()
        .enumerate()
        .map(|(i, e)| 100.0 + 0.5 * i as f64 + e)
        .collect();
    let trend = trend(&x, LEVEL).unwrap();
    assert!(trend.p < 1e-9 && trend.tau > 0.8);
    let warning = trend.warning(0.02).unwrap();
    assert!(warning.starts_with("values drift by +1"), "{warning}");
    assert_eq!(trend.warning(0.5), None);
}

#[test]
fn digits_widen_the_interval_and_limits_bound_it() {
    let readings = |below: usize| -> Vec<Reading> {
        (0..20)
            .map(|i| match i < below {
                true => Reading::Below(1.0),
                false => Reading::Value {
                    value: 1.0 + 0.1 * f64::from(i as u8),
                    step: 0.1,
                },
            })
            .collect()
    };
    let known = |answer: Answer| match answer {
        Answer::Known(outcome) => outcome.estimate().unwrap().clone(),
        Answer::Censored(bound) => panic!("{bound}"),
    };
    let plain: Vec<f64> = (0..20).map(|i| 1.0 + 0.1 * f64::from(i)).collect();
    let plain = quantile::median(&plain, LEVEL)
        .unwrap()
        .estimate()
        .unwrap()
        .clone();
    let rounded = known(printed::quantile(&readings(0), 0.5, LEVEL).unwrap());
    assert_eq!(rounded.value(), plain.value());
    assert!((rounded.interval().low() - (plain.interval().low() - 0.05)).abs() < 1e-12);
    assert!((rounded.interval().high() - (plain.interval().high() + 0.05)).abs() < 1e-12);
    assert_eq!(rounded.achieved_level(), plain.achieved_level());
    assert!(rounded.warnings().contains(&Warning::Rounded));

    // The lower end falls among the censored, the median doesn't.
    let some = known(printed::quantile(&readings(8), 0.5, LEVEL).unwrap());
    assert_eq!(some.interval().low(), 0.0);
    assert_eq!(some.interval().high(), rounded.interval().high());
    assert!(
        some.warnings()
            .contains(&Warning::Censored { censored: 8, n: 20 })
    );

    // The median falls among the censored.
    let Answer::Censored(bound) = printed::quantile(&readings(12), 0.5, LEVEL).unwrap() else {
        panic!();
    };
    assert_eq!((bound.at_most, bound.censored, bound.n), (1.0, 12, 20));
    assert_eq!(bound.bound, rounded.interval().high());
    assert!((bound.level.get() - 0.975).abs() < 1e-12);
    assert!(
        bound
            .to_string()
            .starts_with("censored: only an upper bound of 2.4"),
        "{bound}"
    );

    let few = printed::quantile(&readings(0)[..5], 0.5, LEVEL).unwrap();
    let Answer::Known(Outcome::Insufficient(gate)) = few else {
        panic!();
    };
    assert_eq!(gate.needs, 6);
}

#[test]
fn steps_show_in_repeated_decimals_only() {
    let step = |values: &[f64]| printed::apparent_step(values).unwrap();
    assert_eq!(step(&[0.412, 0.413, 0.412]), Some(0.001));
    assert_eq!(step(&[103.0, 110.0, 103.0]), Some(1.0));
    assert_eq!(step(&[0.412, 0.413, 0.414]), None);
    assert_eq!(step(&[1.0 / 3.0, 1.0 / 3.0, 0.5]), None);
    assert_eq!(step(&[]), None);
}

#[test]
fn auto_refuses_below_its_gates() {
    let x: Vec<f64> = noise(400).iter().map(|e| 10.0 + e).collect();
    let run = |n: usize, target, order| {
        auto::estimate(&x[..n], target, order, Resampling::seeded(1), LEVEL).unwrap()
    };
    let needs = |outcome: Outcome| match outcome {
        Outcome::Insufficient(gate) => gate.needs,
        Outcome::Estimate(estimate) => panic!("{estimate:?}"),
    };
    let short = |outcome: Outcome| outcome.estimate().unwrap().method().short();
    let median = Target::Quantile(0.5);
    for n in [0, 1, 5] {
        assert_eq!(needs(run(n, median, Order::Trials)), 6);
        assert_eq!(needs(run(n, Target::Mean, Order::Trials)), 60);
        assert_eq!(needs(run(n, Target::Mean, Order::Series)), 200);
        assert_eq!(needs(run(n, median, Order::Series)), 200);
    }
    assert_eq!(needs(run(59, Target::Mean, Order::Trials)), 60);
    assert_eq!(
        short(run(6, median, Order::Trials)),
        "median/nearest-order-statistic"
    );
    assert_eq!(
        short(run(60, Target::Mean, Order::Trials)),
        "mean/farther-t"
    );
    assert_eq!(short(run(200, Target::Mean, Order::Series)), "mean/batches");
    assert_eq!(short(run(200, median, Order::Series)), "median/batches");

    // A random walk is worth a handful of values.
    let mut sum = 0.0;
    let walk: Vec<f64> = x
        .iter()
        .map(|e| {
            sum += e - 10.0;
            sum
        })
        .collect();
    let refused = auto::estimate(
        &walk,
        Target::Mean,
        Order::Series,
        Resampling::seeded(1),
        LEVEL,
    );
    assert!(needs(refused.unwrap()) > 400);
    let as_trials =
        auto::estimate(&walk, median, Order::Trials, Resampling::seeded(1), LEVEL).unwrap();
    assert!(
        as_trials
            .estimate()
            .unwrap()
            .warnings()
            .contains(&Warning::DependentTrials)
    );

    let coarse: Vec<f64> = x.iter().map(|x| x.round()).collect();
    let coarse =
        auto::estimate(&coarse, median, Order::Trials, Resampling::seeded(1), LEVEL).unwrap();
    assert_eq!(short(coarse.clone()), "median/printed-order-statistic");
    assert!(coarse.estimate().unwrap().interval().width() >= 1.0);
    let constant = auto::estimate(
        &[2.5; 300],
        Target::Mean,
        Order::Series,
        Resampling::seeded(1),
        LEVEL,
    );
    assert!(
        constant
            .unwrap()
            .estimate()
            .unwrap()
            .warnings()
            .contains(&Warning::ZeroWidth)
    );
}

#[test]
fn stopping_looks_at_sizes_fixed_beforehand() {
    let rule = Rule {
        relative_half_width: 0.02,
        minimum: 20,
        maximum: 60,
    };
    assert_eq!(rule.looks().collect::<Vec<_>>(), [20, 25, 32, 40, 50, 60]);
    let interval = |values: &[f64]| mean::mean(values, LEVEL);
    let x: Vec<f64> = noise(60).iter().map(|e| 100.0 + e).collect();
    let next = |n: usize, rule: &Rule| sequential::next(&x[..n], rule, &interval).unwrap();
    assert_eq!(next(0, &rule), Decision::Continue(20));
    assert_eq!(next(13, &rule), Decision::Continue(7));
    assert_eq!(next(20, &rule), Decision::Continue(5));
    assert_eq!(next(25, &rule), Decision::Stop(Reason::Precise));
    let strict = Rule {
        relative_half_width: 1e-6,
        ..rule
    };
    assert_eq!(next(41, &strict), Decision::Continue(9));
    assert_eq!(next(60, &strict), Decision::Stop(Reason::Maximum));
    for bad in [
        Rule {
            relative_half_width: 0.0,
            ..rule
        },
        Rule {
            relative_half_width: f64::NAN,
            ..rule
        },
        Rule { minimum: 0, ..rule },
        Rule {
            minimum: 61,
            ..rule
        },
    ] {
        assert!(sequential::next(&x, &bad, &interval).is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changes_move_with_shift_and_scale(values in vec(-8_i32..8, 20..80), scale in 1_i32..5) {
        let x: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
        let moved: Vec<f64> = values.iter().map(|v| f64::from(v * scale + 100)).collect();
        let penalty = Penalty { factor: 3.0, least_segment: 4 };
        let changes = pelt(&x, penalty).unwrap();
        prop_assert_eq!(pelt(&moved, penalty).unwrap().len(), changes.len());
        let ends: Vec<usize> = [0].into_iter().chain(changes).chain([x.len()]).collect();
        prop_assert!(ends.windows(2).all(|w| w[1] - w[0] >= 4));
    }

    #[test]
    fn a_trend_turns_with_the_series(values in vec(-100_f64..100.0, 8..60)) {
        let mut reversed = values.clone();
        reversed.reverse();
        let (there, back) = (trend(&values, LEVEL).unwrap(), trend(&reversed, LEVEL).unwrap());
        prop_assert_eq!(there.tau, -back.tau);
        prop_assert_eq!(there.p, back.p);
        let (there, back) = (there.slope.estimate().unwrap().clone(), back.slope.estimate().unwrap().clone());
        prop_assert_eq!(there.interval().low(), -back.interval().high());
        prop_assert!(there.interval().contains(there.value()));
    }

    #[test]
    fn rounding_is_inside_what_is_reported(values in vec(0.0_f64..10.0, 6..60), digits in 0_i32..3) {
        let power = 10_f64.powi(digits);
        let readings: Vec<Reading> = values
            .iter()
            .map(|v| Reading::Value { value: (v * power).round() / power, step: 1.0 / power })
            .collect();
        let Answer::Known(printed) = printed::quantile(&readings, 0.5, LEVEL).unwrap() else {
            panic!("nothing is censored");
        };
        let (printed, exact) = (printed.estimate().unwrap().interval(), quantile::median(&values, LEVEL).unwrap());
        let exact = exact.estimate().unwrap().interval();
        prop_assert!(printed.low() <= exact.low() + 1e-9 && exact.high() - 1e-9 <= printed.high());
    }

    #[test]
    fn a_censored_distribution_rises_to_one(values in vec((0_u8..20, any::<bool>()), 1..40)) {
        let readings: Vec<Reading> = values
            .iter()
            .map(|&(value, below)| match below {
                true => Reading::Below(f64::from(value)),
                false => Reading::Value { value: f64::from(value), step: 1.0 },
            })
            .collect();
        let points = printed::ecdf(&readings).unwrap();
        prop_assert!(points.windows(2).all(|w| w[0].value < w[1].value && w[0].fraction <= w[1].fraction));
        prop_assert!(points.iter().all(|point| point.fraction > 0.0 && point.fraction <= 1.0));
    }
}
