//! Agreement with R, SciPy and ruptures on fixed data (tests/reference/make_series.py).

#![allow(clippy::unwrap_used)]

use serde_json::Value;
use vnicbench_stats::changepoint::{Penalty, pelt};
use vnicbench_stats::outlier::{self, Class, Scale};
use vnicbench_stats::printed::{self, Reading};
use vnicbench_stats::{Level, series, trend::trend};

fn cases(name: &str) -> Vec<Value> {
    let reference: Value = serde_json::from_str(include_str!("reference/series.json")).unwrap();
    let cases = reference[name].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

fn list<T: serde::de::DeserializeOwned>(case: &Value, name: &str) -> Vec<T> {
    serde_json::from_value(case[name].clone()).unwrap()
}

fn close(got: f64, expected: f64, what: &str) {
    assert!(
        (got - expected).abs() <= 1e-9 * expected.abs(),
        "{what}: {got} is not {expected}"
    );
}

#[test]
fn changes_are_those_of_ruptures() {
    for case in cases("changepoints") {
        let penalty = Penalty {
            factor: case["factor"].as_f64().unwrap(),
            least_segment: case["least"].as_u64().unwrap() as usize,
        };
        let changes = pelt(&list(&case, "x"), penalty).unwrap();
        assert_eq!(changes, list::<usize>(&case, "changes"), "{penalty:?}");
    }
}

#[test]
fn trends_are_those_of_r_and_scipy() {
    for case in cases("trends") {
        let x: Vec<f64> = list(&case, "x");
        let number = |name: &str| case[name].as_f64().unwrap();
        let trend = trend(&x, Level::new(number("level")).unwrap()).unwrap();
        let what = format!("n = {}", x.len());
        let tau = number("tau");
        assert!(
            (trend.tau - tau).abs() <= 1e-9 * tau.abs() + 1e-15,
            "{what}: {} {tau}",
            trend.tau
        );
        close(trend.p, number("p"), &what);
        let estimate = trend.slope.estimate().unwrap();
        close(estimate.value(), number("slope"), &what);
        close(estimate.interval().low(), number("low"), &what);
        close(estimate.interval().high(), number("high"), &what);
    }
}

#[test]
fn censored_distributions_are_those_of_scipy() {
    for case in cases("censored") {
        let values: Vec<f64> = list(&case, "values");
        let below: Vec<bool> = list(&case, "below");
        let readings: Vec<Reading> = values
            .into_iter()
            .zip(below)
            .map(|(value, below)| match below {
                true => Reading::Below(value),
                false => Reading::Value { value, step: 0.1 },
            })
            .collect();
        let points = printed::ecdf(&readings).unwrap();
        let at: Vec<f64> = list(&case, "at");
        let fractions: Vec<f64> = list(&case, "fraction");
        assert_eq!(points.len(), at.len());
        for (point, (at, fraction)) in points.iter().zip(at.into_iter().zip(fractions)) {
            assert_eq!(point.value, at);
            close(point.fraction, fraction, "censored share");
        }
    }
}

#[test]
fn effective_sizes_follow_from_the_autocorrelations_of_r() {
    for case in cases("effective") {
        let got = series::effective_sample_size(&list::<f64>(&case, "x")).unwrap();
        close(got, case["effective_n"].as_f64().unwrap(), "effective size");
    }
}

#[test]
fn outliers_follow_from_the_quartiles_and_deviations_of_r() {
    let distance = |class: &Class| match class {
        Class::Regular => 0,
        Class::Low | Class::High => 1,
        Class::ExtremelyLow | Class::ExtremelyHigh => 2,
    };
    for case in cases("outliers") {
        let x: Vec<f64> = list(&case, "x");
        let scale = if case["scale"] == "log" {
            Scale::Log
        } else {
            Scale::Plain
        };
        for (name, classes) in [
            ("tukey", outlier::tukey(&x, scale)),
            ("modified_z", outlier::modified_z(&x, scale)),
        ] {
            let got: Vec<i32> = classes.unwrap().iter().map(distance).collect();
            assert_eq!(got, list::<i32>(&case, name), "{name}");
        }
    }
}
