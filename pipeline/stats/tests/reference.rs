//! Agreement with R and SciPy on fixed data (tests/reference/make_reference.py) and with
//! published ministat output.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::Value;
use vnicbench_stats::{
    Estimate, Level, Outcome, Sample, mean, ministat, paired, proportion, quantile, series,
    unpaired,
};

fn reference() -> Value {
    serde_json::from_str(include_str!("reference/reference.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn level(case: &Value) -> Level {
    Level::new(case["level"].as_f64().unwrap()).unwrap()
}

fn close(got: f64, expected: f64, what: &str) {
    assert!(
        (got - expected).abs() <= 1e-9 * expected.abs(),
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

#[test]
fn means_and_quantiles() {
    for case in reference()["one_sample"].as_array().unwrap() {
        let x = numbers(&case["x"]);
        let level = level(case);
        let expected = ["mean", "mean_low", "mean_high"].map(|name| case[name].as_f64().unwrap());
        agrees(&mean::mean(&x, level).unwrap(), &expected, "mean");
        for q in case["quantiles"].as_array().unwrap() {
            let p = q["p"].as_f64().unwrap();
            let what = format!("{p} quantile of {} at {level}", x.len());
            let outcome = quantile::quantile(&x, p, level).unwrap();
            close(
                Sample::new(&x).unwrap().quantile(p).unwrap(),
                q["value"].as_f64().unwrap(),
                &what,
            );
            if q["low"].is_null() {
                assert!(outcome.estimate().is_none(), "{what}");
            } else {
                let expected = ["value", "low", "high"].map(|name| q[name].as_f64().unwrap());
                let estimate = agrees(&outcome, &expected, &what);
                close(
                    estimate.achieved_level().unwrap(),
                    q["achieved"].as_f64().unwrap(),
                    &what,
                );
            }
        }
    }
}

#[test]
fn proportions() {
    for case in reference()["proportions"].as_array().unwrap() {
        let (events, total) = (
            case["events"].as_u64().unwrap(),
            case["total"].as_u64().unwrap(),
        );
        let level = level(case);
        let share = events as f64 / total as f64;
        for (name, outcome) in [
            ("wilson", proportion::wilson(events, total, level)),
            (
                "clopper_pearson",
                proportion::clopper_pearson(events, total, level),
            ),
        ] {
            let ends = numbers(&case[name]);
            let what = format!("{name} {events}/{total} at {level}");
            agrees(&outcome.unwrap(), &[share, ends[0], ends[1]], &what);
        }
    }
}

#[test]
fn two_samples() {
    for case in reference()["two_samples"].as_array().unwrap() {
        let (a, b) = (numbers(&case["a"]), numbers(&case["b"]));
        let level = level(case);
        for (name, outcome) in [
            ("paired_ratio", paired::ratio(&a, &b, level)),
            ("paired_difference", paired::difference(&a, &b, level)),
            ("ratio_without_first_b", unpaired::ratio(&a, &b[1..], level)),
            (
                "difference_without_first_b",
                unpaired::difference(&a, &b[1..], level),
            ),
        ] {
            let what = format!("{name} of {} at {level}", a.len());
            let estimate = agrees(&outcome.unwrap(), &numbers(&case[name]), &what);
            assert!(estimate.achieved_level().unwrap() >= level.get(), "{what}");
        }
    }
}

#[test]
fn autocorrelation() {
    for case in reference()["series"].as_array().unwrap() {
        let x = numbers(&case["x"]);
        let expected = numbers(&case["acf"]);
        let got = series::autocorrelation(&x, expected.len() - 1).unwrap();
        for (got, expected) in got.iter().zip(&expected) {
            close(*got, *expected, "acf");
        }
        close(series::lag1(&x).unwrap(), expected[1], "lag 1");
        let test = series::ljung_box(&x, 10).unwrap();
        close(test.q, case["q"].as_f64().unwrap(), "Q");
        // R takes p as one less the distribution function, which leaves it an absolute error.
        let p = case["p"].as_f64().unwrap();
        assert!(
            (test.p - p).abs() < 1e-9 * p + 1e-15,
            "{} is not {p}",
            test.p
        );
    }
}

/// What FreeBSD's ministat printed of the samples beside it: every row, difference and
/// half-width of every page, to all its digits.
#[test]
fn published_ministat_output() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/stats-ci");
    if !corpus.is_dir() {
        println!("SKIPPED: no ministat corpus at {}", corpus.display());
        return;
    }
    let (mut rows, mut differences) = (0, 0);
    let mut directories = vec![corpus];
    while let Some(directory) = directories.pop() {
        let mut samples = Vec::new();
        for entry in std::fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "pps") {
                let text = std::fs::read_to_string(path).unwrap();
                let values = text.lines().map(|line| line.parse().unwrap());
                samples.push(values.collect::<Vec<f64>>());
            }
        }
        if let Ok(page) = std::fs::read_to_string(directory.join("README.md")) {
            let found = ministat_page(&page, &samples);
            rows += found.0;
            differences += found.1;
        }
    }
    println!("{rows} rows and {differences} differences");
    assert!(rows >= 5 && differences >= 3);
}

/// Rows and differences of a page, all checked.
fn ministat_page(page: &str, samples: &[Vec<f64>]) -> (usize, usize) {
    let (mut baseline, mut current): (Option<&[f64]>, &[f64]) = (None, &[]);
    let (mut rows, mut differences) = (0, 0);
    for line in page.lines() {
        let numbers: Vec<f64> = line
            .split_whitespace()
            .filter_map(|word| word.trim_end_matches(['%', ')']).parse().ok())
            .collect();
        if line.contains("Median") {
            baseline = None;
        } else if let ([n, least, most, median, mean, deviation], true) = (
            &numbers[..],
            line.starts_with(['x', '+', '*', '%', '#', '@']),
        ) {
            let described = |values: &&Vec<f64>| {
                let sample = Sample::new(values).unwrap();
                let all = [sample.min(), sample.max(), sample.median()];
                values.len() as f64 == *n && all.map(Option::unwrap) == [*least, *most, *median]
            };
            current = samples.iter().find(described).expect("a sample of the row");
            let sample = Sample::new(current).unwrap();
            printed(sample.mean().unwrap(), *mean, 8);
            printed(sample.standard_deviation().unwrap(), *deviation, 8);
            rows += 1;
            baseline = baseline.or(Some(current));
        } else if let ([value, half], true) = (&numbers[..], line.contains(" +/- ")) {
            let baseline = baseline.expect("a row before the difference");
            let outcome = ministat::difference(current, baseline, Level::P95).unwrap();
            let estimate = outcome.estimate().unwrap();
            let relative = ministat::relative(current, baseline, Level::P95).unwrap();
            let relative = relative.unwrap();
            if line.contains('%') {
                printed(relative.percent, *value, 6);
                // Before 2016, and since.
                let halves = [relative.half_of_difference, relative.half];
                let halves = halves.map(|half| rounded(half, 6));
                assert!(halves.contains(half), "{halves:?} {line}");
            } else {
                printed(estimate.value(), *value, 6);
                printed(estimate.interval().width() / 2.0, *half, 6);
                differences += 1;
            }
        } else if let ([pooled], true) = (&numbers[..], line.contains("pooled s =")) {
            let relative = ministat::relative(current, baseline.unwrap(), Level::P95).unwrap();
            printed(relative.unwrap().pooled, *pooled, 6);
        }
    }
    (rows, differences)
}

fn printed(value: f64, expected: f64, digits: usize) {
    assert_eq!(rounded(value, digits), expected, "{value}");
}

/// To so many significant digits, as C's `%g`.
fn rounded(value: f64, digits: usize) -> f64 {
    format!("{value:.0$e}", digits - 1).parse().unwrap()
}
