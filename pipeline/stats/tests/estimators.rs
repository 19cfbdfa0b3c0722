//! Agreement of the estimators of one and two samples with R and SciPy on fixed data
//! (tests/reference/make_estimators.py).

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use vnicbench_stats::family::{Correction, Family};
use vnicbench_stats::hypothesis::{self, Test};
use vnicbench_stats::ratio::{RatioOutcome, RatioSet};
use vnicbench_stats::{
    Estimate, Gated, Level, Outcome, Sample, band, effect, equivalence, mean, paired, quantile,
    rate, slope, spread, unpaired,
};

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/estimators.json")).unwrap()
}

fn cases(name: &str) -> Vec<Value> {
    reference()[name].as_array().unwrap().clone()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn level(case: &Value) -> Level {
    Level::new(case["level"].as_f64().unwrap()).unwrap()
}

fn close(got: f64, expected: f64, what: &str) {
    // Below 1e-14 a p-value is one less something in R.
    assert!(
        (got - expected).abs() <= 1e-9 * expected.abs() + 1e-15,
        "{what}: {got} is not {expected}"
    );
}

fn agrees(outcome: &Outcome, expected: &[f64], what: &str) -> Estimate {
    let estimate = outcome.estimate().unwrap_or_else(|| panic!("{what}"));
    close(estimate.value(), expected[0], what);
    close(estimate.interval().low(), expected[1], what);
    close(estimate.interval().high(), expected[2], what);
    estimate.clone()
}

fn value<T: Clone>(gated: &Gated<T>) -> T {
    gated.value().unwrap().clone()
}

fn test_agrees(test: &Gated<Test>, expected: &[f64], what: &str) {
    let test = value(test);
    close(test.statistic, expected[0], what);
    close(test.p, expected[1], what);
    close(test.less, expected[2], what);
    close(test.greater, expected[3], what);
}

#[test]
fn families() {
    for case in cases("families") {
        let p = numbers(&case["p"]);
        let names: Vec<String> = (0..case["members"].as_u64().unwrap())
            .map(|i| i.to_string())
            .collect();
        let family = Family::declare("family", names.clone()).unwrap();
        let given: Vec<(&str, f64)> = names.iter().map(String::as_str).zip(p.clone()).collect();
        for (name, correction) in [
            ("holm", Correction::Holm),
            ("bh", Correction::BenjaminiHochberg),
            ("bonferroni", Correction::Bonferroni),
            ("sidak", Correction::Sidak),
        ] {
            let rows = family.adjust(correction, &given).unwrap();
            assert_eq!(rows.len(), names.len());
            for (row, expected) in rows.iter().zip(numbers(&case[name])) {
                close(row.adjusted.unwrap(), expected, name);
            }
            for row in &rows[p.len()..] {
                assert_eq!((row.raw, row.adjusted), (None, None));
            }
        }
    }
}

#[test]
fn tests_of_two_samples() {
    for case in cases("two_samples") {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let rest = &b[1..];
        for (name, test) in [
            ("welch", hypothesis::welch(&a, rest)),
            ("paired_t", hypothesis::paired_t(&a, &b)),
            ("mann_whitney", hypothesis::mann_whitney(&a, rest)),
            ("signed_rank", hypothesis::signed_rank(&a, &b)),
            ("brunner_munzel", hypothesis::brunner_munzel(&a, rest)),
        ] {
            let what = format!("{name} of {}", a.len());
            test_agrees(&test.unwrap(), &numbers(&case[name]), &what);
        }
    }
}

fn ratio_agrees(outcome: &RatioOutcome, expected: &Value, what: &str) -> &'static str {
    let leading = expected[1].as_f64().unwrap();
    let roots: Option<Vec<f64>> = serde_json::from_value(expected[2].clone()).unwrap();
    match (outcome, roots) {
        (RatioOutcome::Estimate(estimate), Some(roots)) => {
            assert!(leading > 0.0, "{what}");
            close(estimate.value(), expected[0].as_f64().unwrap(), what);
            close(estimate.interval().low(), roots[0], what);
            close(estimate.interval().high(), roots[1], what);
            "interval"
        }
        (RatioOutcome::Unbounded(unbounded), roots) => {
            assert!(leading < 0.0, "{what}");
            match (unbounded.set, roots) {
                (RatioSet::Outside { excluded }, Some(roots)) => {
                    close(excluded.low(), roots[0], what);
                    close(excluded.high(), roots[1], what);
                    "outside"
                }
                (RatioSet::All, None) => "all",
                other => panic!("{what}: {other:?}"),
            }
        }
        other => panic!("{what}: {other:?}"),
    }
}

#[test]
fn intervals_of_two_means() {
    let mut kinds = std::collections::BTreeSet::new();
    for case in cases("two_samples") {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let rest = &b[1..];
        for given in case["intervals"].as_array().unwrap() {
            let level = level(given);
            let what = format!("means of {} at {level}", a.len());
            let expected = numbers(&given["mean_difference"]);
            let outcome = unpaired::mean_difference(&a, rest, level).unwrap();
            let estimate = agrees(&outcome, &expected, &what);
            assert_eq!(
                (estimate.n(), estimate.other_n()),
                (a.len(), Some(rest.len()))
            );
            let expected = numbers(&given["paired_mean_difference"]);
            let outcome = paired::mean_difference(&a, &b, level).unwrap();
            agrees(&outcome, &expected, &what);
            let outcome = unpaired::mean_ratio(&a, rest, level).unwrap();
            kinds.insert(ratio_agrees(&outcome, &given["mean_ratio"], &what));
            let outcome = paired::mean_ratio(&a, &b, level).unwrap();
            kinds.insert(ratio_agrees(&outcome, &given["paired_mean_ratio"], &what));
        }
    }
    assert_eq!(
        kinds.into_iter().collect::<Vec<_>>(),
        ["all", "interval", "outside"]
    );
}

#[test]
fn equivalence_tests() {
    for case in cases("two_samples") {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let margin = case["margin"].as_f64().unwrap();
        let (rest, alpha) = (&b[1..], 0.05);
        let expected: Vec<Vec<f64>> = serde_json::from_value(case["tost"].clone()).unwrap();
        let tests = [
            equivalence::difference(&a, rest, margin, alpha),
            equivalence::paired_difference(&a, &b, margin, alpha),
            equivalence::paired_ratio(&a, &b, 0.2, alpha),
            equivalence::ratio(&a, rest, 0.2, alpha),
        ];
        for (index, (tost, expected)) in tests.into_iter().zip(expected).enumerate() {
            let what = format!("TOST {index} of {}", a.len());
            let tost = value(&tost.unwrap());
            close(tost.above_low.greater, expected[0], &what);
            close(tost.below_high.less, expected[1], &what);
            close(tost.p, expected[0].max(expected[1]), &what);
            // Both forms of the same test: p-values and the interval of level 1 - 2 alpha.
            if let Some(narrow) = tost.narrow.estimate().filter(|_| index != 3) {
                let inside = tost.limits.low() < narrow.interval().low()
                    && narrow.interval().high() < tost.limits.high();
                assert_eq!(inside, tost.p <= alpha, "{what}");
            }
        }
    }
}

#[test]
fn estimators_of_one_sample() {
    for case in cases("one_sample") {
        let x = numbers(&case["x"]);
        let level = level(&case);
        let what = format!("of {} at {level}", x.len());
        let expected = numbers(&case["geometric"]);
        agrees(&mean::geometric(&x, level).unwrap(), &expected, &what);
        let expected = numbers(&case["trimmed"]);
        agrees(&mean::trimmed(&x, 0.2, level).unwrap(), &expected, &what);
        let expected = numbers(&case["variance"]);
        agrees(&spread::variance(&x, level).unwrap(), &expected, &what);
        let roots: Vec<f64> = expected.iter().map(|variance| variance.sqrt()).collect();
        agrees(
            &spread::standard_deviation(&x, level).unwrap(),
            &roots,
            &what,
        );
        let reciprocal = numbers(&case["reciprocal"]);
        match mean::harmonic(&x, level).unwrap() {
            RatioOutcome::Estimate(estimate) => {
                close(estimate.value(), 1.0 / reciprocal[0], &what);
                close(estimate.interval().low(), 1.0 / reciprocal[2], &what);
                close(estimate.interval().high(), 1.0 / reciprocal[1], &what);
            }
            other => assert!(reciprocal[1] <= 0.0, "{other:?}"),
        }
        let expected: Vec<Option<f64>> = serde_json::from_value(case["cv"].clone()).unwrap();
        match spread::coefficient_of_variation(&x, level).unwrap() {
            RatioOutcome::Estimate(estimate) => {
                close(estimate.value(), expected[0].unwrap(), &what);
                close(estimate.interval().low(), expected[1].unwrap(), &what);
                close(estimate.interval().high(), expected[2].unwrap(), &what);
            }
            other => assert!(expected[2].is_none(), "{other:?}"),
        }
        if let Gated::Value(band) = band::dkw(&x, level).unwrap() {
            close(band.half_height, case["band"].as_f64().unwrap(), &what);
        }
    }
}

#[test]
fn rates() {
    for row in cases("rates") {
        let row = numbers(&row);
        let level = Level::new(row[2]).unwrap();
        let outcome = rate::garwood(row[0] as u64, row[1], level).unwrap();
        agrees(&outcome, &row[3..], &format!("{row:?}"));
    }
}

#[test]
fn order_statistics_of_many_values_are_those_of_rs_binomial() {
    for row in cases("ranks") {
        let row = numbers(&row);
        // The i-th smallest value is i.
        let values: Vec<f64> = (1..=row[0] as u32).map(f64::from).collect();
        let level = Level::new(row[2]).unwrap();
        let outcome = quantile::quantile(&values, row[1], level).unwrap();
        let estimate = outcome.estimate().unwrap();
        let interval = estimate.interval();
        assert_eq!(
            (interval.low(), interval.high()),
            (row[3], row[4]),
            "{row:?}"
        );
        close(
            estimate.achieved_level().unwrap(),
            row[5],
            &format!("{row:?}"),
        );
    }
}

#[test]
fn interpolated_medians_are_hettmansperger_and_sheathers() {
    for case in cases("interpolated") {
        let x = numbers(&case["x"]);
        let outcome = quantile::interpolated(&x, 0.5, level(&case)).unwrap();
        agrees(
            &outcome,
            &numbers(&case["interval"]),
            &format!("{}", x.len()),
        );
    }
}

#[test]
fn effect_sizes() {
    for case in cases("effects") {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let (rest, level) = (&b[1..], level(&case));
        for (name, outcome) in [
            ("cohen_d", effect::cohen_d(&a, rest, level)),
            ("hedges_g", effect::hedges_g(&a, rest, level)),
            ("cohen_dz", effect::cohen_dz(&a, &b, level)),
            ("cliff_delta", effect::cliff_delta(&a, rest, level)),
            ("rank_biserial", effect::rank_biserial(&a, &b, level)),
        ] {
            let what = format!("{name} of {} at {level}", a.len());
            match outcome.unwrap() {
                Outcome::Insufficient(few) => assert!(few.n < few.needs && few.n < 8, "{what}"),
                outcome @ Outcome::Estimate(_) => {
                    agrees(&outcome, &numbers(&case[name]), &what);
                }
            }
        }
        if let Outcome::Estimate(a12) = effect::a12(&a, rest, level).unwrap() {
            let delta = numbers(&case["cliff_delta"]);
            close(a12.value(), (delta[0] + 1.0) / 2.0, "A12");
            close(a12.interval().low(), (delta[1] + 1.0) / 2.0, "A12");
        }
    }
}

#[test]
fn slopes() {
    for case in cases("slopes") {
        let (x, y) = (numbers(&case["x"]), numbers(&case["y"]));
        let points: Vec<(f64, f64)> = x.into_iter().zip(y).collect();
        let expected = case["least_squares"].as_f64().unwrap();
        close(
            slope::least_squares(&points).unwrap(),
            expected,
            "least squares",
        );
        let ends = numbers(&case["interval"]);
        let expected = [case["theil_sen"].as_f64().unwrap(), ends[0], ends[1]];
        agrees(
            &slope::theil_sen(&points, Level::P95).unwrap(),
            &expected,
            "Theil-Sen",
        );
        // Seven blocks of the same points: no uncertainty about their slope.
        let blocks = vec![points; 7];
        let outcome = slope::mean(&blocks, Level::P95).unwrap();
        let value = case["least_squares"].as_f64().unwrap();
        agrees(&outcome, &[value; 3], "mean of blocks");
        let robust = slope::robust_median(&blocks, Level::P95).unwrap();
        agrees(&robust, &[expected[0]; 3], "robust median of blocks");
        assert!(
            slope::median(&blocks[..5], Level::P95)
                .unwrap()
                .estimate()
                .is_none()
        );
    }
}

#[test]
fn a_band_gives_quantiles_it_bounds_and_no_others() {
    let values: Vec<f64> = (1..=100).map(f64::from).collect();
    let band = value(&band::dkw(&values, Level::P95).unwrap());
    // h = 0.13581: the band is above 0.5 from 64 values on, and below up to 36.
    let median = band.quantile(0.5).unwrap();
    assert_eq!((median.low(), median.high()), (37.0, 64.0));
    assert!(band.quantile(0.1).is_none() && band.quantile(0.9).is_none());
    assert!(band.quantile(f64::NAN).is_none());
    let alone = quantile::median(&values, Level::P95).unwrap();
    assert!(alone.estimate().unwrap().interval().low() >= median.low());
    assert_eq!(Sample::new(&values).unwrap().ecdf().len(), band.steps.len());
}
