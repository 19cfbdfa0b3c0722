//! Agreement with R and SciPy on fixed data (tests/reference/make_reference.py) and with
//! published ministat output.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use serde_json::Value;
use vnicbench_stats::{
    Estimate, Level, Outcome, Sample, mean, paired, proportion, quantile, series, unpaired,
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

/// What FreeBSD's ministat printed for its samples: mean and standard deviation, the
/// latter from our half-width, to the digits it gives.
#[test]
fn published_ministat_output() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join(
        "../../../shared/corpus/stats-ci/netbenches/AMD_GX-412TC_4Cores/Intel_i210AT/firewalls/results",
    );
    if !corpus.is_dir() {
        println!("SKIPPED: no ministat corpus at {}", corpus.display());
        return;
    }
    // Tables of Student's t, 97.5 %: 4 and 9 degrees of freedom.
    let published = [
        (
            "fbsd10.3/fastforwarding.pps",
            366_641.75,
            4723.0113,
            2.262_157_162_7,
        ),
        (
            "fbsd10.3/ipfw-statefull.pps",
            232_400.35,
            1501.7561,
            2.262_157_162_7,
        ),
        (
            "fbsd10.3/pf-statefull.pps",
            208_738.7,
            686.9941,
            2.262_157_162_7,
        ),
        (
            "fbsd11-stable.r332393.ALTQ/r332393.pps",
            683_035.0,
            4180.9609,
            2.776_445_105_2,
        ),
        (
            "fbsd11-stable.r332393.ALTQ/r332393ALTQ.pps",
            478_832.6,
            3767.0484,
            2.776_445_105_2,
        ),
    ];
    for (file, average, deviation, t) in published {
        let text = std::fs::read_to_string(corpus.join(file)).unwrap();
        let values: Vec<f64> = text.lines().map(|line| line.parse().unwrap()).collect();
        let outcome = mean::mean(&values, Level::P95).unwrap();
        let estimate = outcome.estimate().unwrap();
        let half = estimate.interval().width() / 2.0;
        let from_half = half * (values.len() as f64).sqrt() / t;
        assert!((estimate.value() - average).abs() < 5e-3, "{file}");
        assert!((from_half - deviation).abs() < 1e-4, "{file}: {from_half}");
    }
    // "-204202 +/- 5803.71", of the second less the first.
    let read = |file: &str| -> Vec<f64> {
        let path = corpus.join("fbsd11-stable.r332393.ALTQ").join(file);
        let text = std::fs::read_to_string(path).unwrap();
        text.lines().map(|line| line.parse().unwrap()).collect()
    };
    let (plain, altq) = (read("r332393.pps"), read("r332393ALTQ.pps"));
    let outcome = unpaired::pooled_difference(&altq, &plain, Level::P95).unwrap();
    let estimate = outcome.estimate().unwrap();
    assert!((estimate.value() - -204_202.0).abs() < 0.5);
    // ministat's table has Student's t with three digits: 2.306, which is 2.306004.
    let half = estimate.interval().width() / 2.0 * 2.306 / 2.306_004_135_2;
    assert!((half - 5803.71).abs() < 5e-3, "{half}");
}
