//! What must hold for the estimators of one and two samples whatever the data, and what
//! they say to bad input.

#![allow(clippy::unwrap_used)]

use proptest::collection::vec;
use proptest::prelude::*;
use vnicbench_stats::family::{Correction, Family, Simultaneous};
use vnicbench_stats::hypothesis::{self, Test};
use vnicbench_stats::ratio::RatioOutcome;
use vnicbench_stats::verdict::{equivalence_level, verdict_of_difference};
use vnicbench_stats::{
    Direction, Estimate, Gated, Interval, Level, Outcome, StatsError, Verdict, band, effect,
    equivalence, fairness, mean, paired, quantile, rate, slope, spread, unpaired,
};

type Answer = Result<Outcome, StatsError>;

/// A ratio's outcome as one of the others, without what has no finite interval.
fn bounded(outcome: Result<RatioOutcome, StatsError>) -> Option<Answer> {
    match outcome {
        Ok(RatioOutcome::Estimate(estimate)) => Some(Ok(estimate.into())),
        Ok(RatioOutcome::Insufficient(few)) => Some(Ok(few.into())),
        Ok(RatioOutcome::Unbounded(_)) => None,
        Err(error) => Some(Err(error)),
    }
}

fn of_one(x: &[f64], level: Level) -> Vec<Option<Answer>> {
    vec![
        Some(mean::geometric(x, level)),
        bounded(mean::harmonic(x, level)),
        Some(mean::trimmed(x, 0.2, level)),
        Some(spread::variance(x, level)),
        Some(spread::standard_deviation(x, level)),
        bounded(spread::coefficient_of_variation(x, level)),
        Some(quantile::interpolated(x, 0.5, level)),
        Some(quantile::interpolated(x, 0.3, level)),
    ]
}

fn of_two(a: &[f64], b: &[f64], level: Level) -> Vec<Option<Answer>> {
    vec![
        Some(unpaired::mean_difference(a, b, level)),
        bounded(unpaired::mean_ratio(a, b, level)),
        Some(unpaired::quantile_difference(a, b, 0.5, level)),
        Some(unpaired::quantile_ratio(a, b, 0.5, level)),
        Some(paired::mean_difference(a, b, level)),
        bounded(paired::mean_ratio(a, b, level)),
        Some(paired::geometric_ratio(a, b, level)),
        Some(paired::median_difference(a, b, level)),
        Some(paired::median_ratio(a, b, level)),
        Some(effect::cohen_d(a, b, level)),
        Some(effect::hedges_g(a, b, level)),
        Some(effect::cohen_dz(a, b, level)),
        Some(effect::cliff_delta(a, b, level)),
        Some(effect::a12(a, b, level)),
        Some(effect::rank_biserial(a, b, level)),
    ]
}

fn tests(a: &[f64], b: &[f64]) -> Vec<Result<Gated<Test>, StatsError>> {
    vec![
        hypothesis::welch(a, b),
        hypothesis::paired_t(a, b),
        hypothesis::mann_whitney(a, b),
        hypothesis::signed_rank(a, b),
        hypothesis::brunner_munzel(a, b),
    ]
}

fn estimate(answer: Answer) -> Estimate {
    answer.unwrap().estimate().unwrap().clone()
}

fn two() -> impl Strategy<Value = Vec<(f64, f64)>> {
    vec((0.5_f64..100.0, 0.5_f64..100.0), 8..40)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn order_does_not_matter_to_a_single_bit(mut pairs in two()) {
        let all = |pairs: &[(f64, f64)]| {
            let (a, b): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
            (of_one(&a, Level::P90), of_two(&a, &b, Level::P90), tests(&a, &b))
        };
        let before = all(&pairs);
        pairs.reverse();
        pairs.rotate_left(3);
        prop_assert_eq!(before, all(&pairs));
    }

    #[test]
    fn a_higher_level_is_never_narrower_and_values_lie_inside(
        pairs in vec((0.5_f64..100.0, 0.5_f64..100.0), 16..40),
    ) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let at = |level| {
            let mut all = of_one(&a, level);
            all.extend(of_two(&a, &b, level));
            all
        };
        let levels = [0.6, 0.9, 0.95, 0.99].map(|level| Level::new(level).unwrap());
        for pair in levels.windows(2) {
            for (lower, higher) in at(pair[0]).into_iter().zip(at(pair[1])) {
                let (Some(lower), Some(higher)) = (lower, higher) else { continue };
                let (lower, higher) = (estimate(lower), estimate(higher));
                let slack = 1e-9 * higher.interval().width();
                prop_assert!(higher.interval().low() <= lower.interval().low() + slack, "{higher:?} {lower:?}");
                prop_assert!(higher.interval().high() >= lower.interval().high() - slack, "{higher:?} {lower:?}");
                prop_assert!(lower.interval().contains(lower.value()), "{lower:?}");
            }
        }
    }

    #[test]
    fn swapped_samples_swap_the_answer(pairs in two()) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        for (one, other) in tests(&a, &b).into_iter().zip(tests(&b, &a)) {
            let (Gated::Value(one), Gated::Value(other)) = (one.unwrap(), other.unwrap()) else {
                panic!();
            };
            prop_assert!((one.p - other.p).abs() <= 1e-9 * one.p + 1e-15);
            prop_assert!((one.less - other.greater).abs() <= 1e-9 * one.less + 1e-15);
            prop_assert!((0.0..=1.0).contains(&one.p));
        }
        for estimator in [effect::cohen_d, effect::cliff_delta, effect::rank_biserial, effect::hedges_g] {
            let one = estimate(estimator(&a, &b, Level::P95));
            let other = estimate(estimator(&b, &a, Level::P95));
            prop_assert!((one.value() + other.value()).abs() < 1e-9);
            prop_assert!((one.interval().low() + other.interval().high()).abs() < 1e-9);
        }
        let bounds = estimate(effect::cliff_delta(&a, &b, Level::P95)).interval();
        prop_assert!(bounds.low() >= -1.0 && bounds.high() <= 1.0);
    }

    #[test]
    fn a_t_test_and_its_interval_agree(pairs in two()) {
        let (a, b): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        for (test, interval) in [
            (hypothesis::welch(&a, &b), unpaired::mean_difference(&a, &b, Level::P95)),
            (hypothesis::paired_t(&a, &b), paired::mean_difference(&a, &b, Level::P95)),
            (hypothesis::signed_rank(&a, &b), paired::difference(&a, &b, Level::P95)),
            (hypothesis::mann_whitney(&a, &b), unpaired::difference(&a, &b, Level::P95)),
        ] {
            let test = test.unwrap().value().unwrap().clone();
            prop_assert_eq!(test.p > 0.05, estimate(interval).interval().contains(0.0));
        }
    }

    #[test]
    fn adjusted_p_values_keep_their_order(p in vec(0.0_f64..=1.0, 1..30)) {
        let names: Vec<String> = (0..p.len()).map(|i| i.to_string()).collect();
        let family = Family::declare("f", names.clone()).unwrap();
        let given: Vec<(&str, f64)> = names.iter().map(String::as_str).zip(p).collect();
        let adjust = |correction| family.adjust(correction, &given).unwrap();
        let (holm, bonferroni) = (adjust(Correction::Holm), adjust(Correction::Bonferroni));
        let bh = adjust(Correction::BenjaminiHochberg);
        for (i, row) in holm.iter().enumerate() {
            let (raw, adjusted) = (row.raw.unwrap(), row.adjusted.unwrap());
            prop_assert!(raw <= adjusted && adjusted <= bonferroni[i].adjusted.unwrap());
            prop_assert!(bh[i].adjusted.unwrap() <= adjusted + 1e-15);
            for other in &holm {
                prop_assert!(raw > other.raw.unwrap() || adjusted <= other.adjusted.unwrap());
            }
        }
    }

    #[test]
    fn jain_is_one_over_one_plus_the_square_of_the_variation(shares in vec(0.0_f64..10.0, 2..9)) {
        prop_assume!(shares.iter().sum::<f64>() > 0.0);
        let cov = fairness::coefficient_of_variation(&shares).unwrap();
        let jain = fairness::jain(&shares).unwrap();
        prop_assert!((jain - 1.0 / (1.0 + cov * cov)).abs() < 1e-12);
        prop_assert!((0.0..=1.0).contains(&fairness::min_max_ratio(&shares).unwrap()));
    }
}

#[test]
fn bad_values_are_named_and_constants_never_nan() {
    let fine: Vec<f64> = (1..=9).map(f64::from).collect();
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut values = fine.clone();
        values[4] = bad;
        for answer in of_one(&values, Level::P95)
            .into_iter()
            .chain(of_two(&values, &fine, Level::P95))
            .chain(of_two(&fine, &values, Level::P95))
        {
            assert!(
                matches!(answer, Some(Err(StatsError::NotFinite { index: 4, .. }))),
                "{answer:?}"
            );
        }
        for test in tests(&values, &fine) {
            assert!(
                matches!(test, Err(StatsError::NotFinite { index: 4, .. })),
                "{test:?}"
            );
        }
        assert!(band::dkw(&values, Level::P95).is_err());
        assert!(equivalence::difference(&values, &fine, 1.0, 0.05).is_err());
        let points: Vec<(f64, f64)> = fine.iter().copied().zip(values).collect();
        assert!(slope::mean(std::slice::from_ref(&points), Level::P95).is_err());
        assert!(slope::theil_sen(&points, Level::P95).is_err());
    }
    // An Estimate can't hold a NaN; what is asked here is that nothing panics.
    for n in 0..12 {
        for constant in [0.0, -0.0, 3.5, -2.0, 5e-324, 1e308] {
            let flat = vec![constant; n];
            for x in [&flat, &fine] {
                let _ = (of_one(x, Level::P99), of_two(x, &flat, Level::P99));
                let _ = (
                    of_two(&flat, x, Level::P99),
                    tests(x, &flat),
                    tests(&flat, x),
                );
                let _ = equivalence::ratio(x, &flat, 0.1, 0.05);
                let _ = equivalence::paired_ratio(x, &flat, 0.1, 0.05);
                let _ = band::dkw(x, Level::P99);
            }
        }
    }
    let huge = [1e308, -1e308, 1e308, -1e308, 1e308, 9e307, 1.0, 2.0];
    for answer in of_two(&huge, &huge, Level::P95).into_iter().flatten() {
        let _ = answer;
    }
    let flat = [2.0; 8];
    assert!(matches!(
        hypothesis::welch(&flat, &flat),
        Err(StatsError::NoVariation { .. })
    ));
    assert!(matches!(
        hypothesis::mann_whitney(&flat, &flat),
        Err(StatsError::NoVariation { .. })
    ));
    assert!(matches!(
        effect::cohen_d(&flat, &flat, Level::P95),
        Err(StatsError::NoVariation { .. })
    ));
    let delta = estimate(effect::cliff_delta(&flat, &flat, Level::P95));
    assert_eq!(delta.value(), 0.0);
    assert_eq!(
        hypothesis::brunner_munzel(&flat, &[1.0, 1.5, 0.5, 1.2]),
        Err(StatsError::Separated)
    );
    assert!(matches!(
        mean::geometric(&[1.0, -1.0, 2.0], Level::P95),
        Err(StatsError::NotPositive { index: 1, .. })
    ));
    assert!(matches!(
        mean::harmonic(&[1.0, 2.0, 0.0], Level::P95),
        Err(StatsError::NotPositive { index: 2, .. })
    ));
    assert!(mean::trimmed(&fine, 0.5, Level::P95).is_err());
    assert!(rate::garwood(1, 0.0, Level::P95).is_err());
    assert!(rate::garwood(1, f64::NAN, Level::P95).is_err());
    assert!(matches!(
        unpaired::mean_ratio(&fine, &[1.0, -1.0, 0.0], Level::P95),
        Err(StatsError::ZeroDenominator)
    ));
    assert!(matches!(
        slope::median(&[[(1.0, 2.0), (1.0, 3.0)]], Level::P95),
        Err(StatsError::OnePlace { block: 0, .. })
    ));
}

#[test]
fn too_little_is_a_gate() {
    let x: Vec<f64> = [3.0, 1.0, 4.0, 1.5, 9.0, 2.6, 5.0, 8.0].to_vec();
    let y: Vec<f64> = [2.7, 1.8, 2.8, 1.9, 8.0, 4.5, 9.5, 0.4].to_vec();
    for n in 0..=2 {
        for answer in
            of_one(&x[..n], Level::P95)
                .into_iter()
                .chain(of_two(&x[..n], &y[..n], Level::P95))
        {
            let Some(Ok(Outcome::Insufficient(few))) = answer else {
                panic!("{n} {answer:?}")
            };
            assert!(few.n == n && few.needs > n);
        }
        for test in tests(&x[..n], &y[..n]) {
            assert!(matches!(test, Ok(Gated::Insufficient(_))), "{test:?}");
        }
        assert!(matches!(
            equivalence::difference(&x[..n], &y, 1.0, 0.05),
            Ok(Gated::Insufficient(_))
        ));
    }
    let needs = |answer: Option<Answer>| match answer {
        Some(Ok(Outcome::Insufficient(few))) => few.needs,
        other => panic!("{other:?}"),
    };
    // 5 values trimmed by a fifth at each end leave 3.
    assert_eq!(needs(Some(mean::trimmed(&x[..2], 0.2, Level::P95))), 3);
    // At two fifths 7 leave 3, but 8 leave 2.
    assert_eq!(needs(Some(mean::trimmed(&x[..3], 0.4, Level::P95))), 7);
    assert_eq!(needs(Some(mean::trimmed(&x, 0.4, Level::P95))), 9);
    assert!(
        mean::trimmed(&x[..5], 0.4, Level::P95)
            .unwrap()
            .estimate()
            .is_none()
    );
    assert_eq!(needs(Some(effect::cliff_delta(&x[..3], &y, Level::P95))), 4);
    assert_eq!(
        needs(Some(effect::rank_biserial(&x[..7], &y[..7], Level::P99))),
        8
    );
    assert!(
        matches!(hypothesis::signed_rank(&x[..5], &y[..5]), Ok(Gated::Insufficient(few)) if few.needs == 6)
    );
    assert!(
        matches!(hypothesis::mann_whitney(&x[..3], &y[..4]), Ok(Gated::Insufficient(few)) if few.needs == 4)
    );
    assert!(
        hypothesis::mann_whitney(&x[..3], &y[..5])
            .unwrap()
            .value()
            .is_some()
    );
    assert!(
        matches!(band::dkw(&x[..7], Level::P95), Ok(Gated::Insufficient(few)) if few.needs == 8)
    );
    assert!(
        band::dkw(&x, Level::P95)
            .unwrap()
            .value()
            .unwrap()
            .quantile(0.5)
            .is_some()
    );
}

#[test]
fn families_are_what_was_declared() {
    let family = Family::declare("latency", ["a", "b", "c", "d"]).unwrap();
    let refused = |given: &[(&str, f64)]| {
        family
            .adjust(Correction::Holm, given)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&[("e", 0.1)]).contains("e was not declared in the family latency"));
    assert!(refused(&[("a", 0.1), ("a", 0.1)]).contains("twice"));
    for p in [f64::NAN, -0.1, 1.1] {
        assert!(refused(&[("b", p)]).contains("of b is not between 0 and 1"));
    }
    assert!(matches!(
        Family::declare::<&str>("f", []),
        Err(StatsError::EmptyFamily(_))
    ));
    assert!(Family::declare("f", ["a", "a"]).is_err());
    let text = serde_json::to_string(&family).unwrap();
    assert_eq!(serde_json::from_str::<Family>(&text).unwrap(), family);
    assert!(serde_json::from_str::<Family>(r#"{"name":"f","members":[]}"#).is_err());
    let level = |how| family.simultaneous(Level::P95, how).unwrap().get();
    assert!((level(Simultaneous::Bonferroni) - 0.9875).abs() < 1e-15);
    // 0.95^(1/4)
    assert!((level(Simultaneous::Sidak) - 0.987_258_544_901_433_8).abs() < 1e-12);
    let one = Family::declare("f", ["a"]).unwrap();
    assert_eq!(
        one.simultaneous(Level::P95, Simultaneous::Sidak).unwrap(),
        Level::P95
    );
}

#[test]
fn equivalence_is_shown_and_not_presumed() {
    let base = [10.0, 10.1, 9.9, 10.05, 9.95, 10.02];
    let same: Vec<f64> = base.iter().rev().map(|x| x + 0.01).collect();
    let slower: Vec<f64> = same.iter().map(|x| x + 2.0).collect();
    let wild = [1.0, 25.0, 8.0, 14.0, 3.0, 11.0];
    for (candidate, expected) in [
        (&same[..], Verdict::Equivalent),
        (&slower[..], Verdict::Worse),
        (&wild[..], Verdict::Inconclusive),
    ] {
        let direction = Direction::LowerIsBetter;
        for tost in [
            equivalence::difference(candidate, &base, 0.5, 0.05),
            equivalence::paired_difference(candidate, &base, 0.5, 0.05),
            equivalence::paired_ratio(candidate, &base, 0.05, 0.05),
            equivalence::ratio(candidate, &base, 0.05, 0.05),
        ] {
            let tost = tost.unwrap().value().unwrap().clone();
            assert_eq!(tost.verdict(direction), expected, "{tost:?}");
        }
        let level = equivalence_level(0.05).unwrap();
        assert_eq!(level, Level::new(0.9).unwrap());
        let interval = estimate(unpaired::mean_difference(candidate, &base, level)).interval();
        assert_eq!(
            verdict_of_difference(interval, 0.5, direction).unwrap(),
            expected
        );
    }
    let interval = Interval::new(-1.0, 1.0).unwrap();
    for margin in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        assert!(verdict_of_difference(interval, margin, Direction::HigherIsBetter).is_err());
        assert!(equivalence::difference(&base, &same, margin, 0.05).is_err());
    }
    for alpha in [0.0, 0.5, 1.0, f64::NAN] {
        assert!(equivalence_level(alpha).is_err());
    }
}

#[test]
fn a_ratio_to_nothing_says_so() {
    let work = [5.0, 6.0, 5.5, 6.2];
    let noise = [0.1, -0.2, 0.3, -0.1];
    let outcome = unpaired::mean_ratio(&work, &noise, Level::P95).unwrap();
    let RatioOutcome::Unbounded(unbounded) = &outcome else {
        panic!("{outcome:?}")
    };
    assert!(
        unbounded
            .to_string()
            .starts_with("no finite interval at 95 %"),
        "{unbounded}"
    );
    assert!(outcome.estimate().is_none());
    let text = serde_json::to_string(&outcome).unwrap();
    assert_eq!(
        serde_json::from_str::<RatioOutcome>(&text).unwrap(),
        outcome
    );
    let rates = [1.0, 1.0, 0.01];
    assert!(matches!(
        mean::harmonic(&rates, Level::P95),
        Ok(RatioOutcome::Unbounded(_))
    ));
    assert!(matches!(
        spread::coefficient_of_variation(&[1.0, 1.0, 100.0], Level::P95),
        Ok(RatioOutcome::Unbounded(_))
    ));
}
