//! Claims and comparisons of the committed campaign, from the command line.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use std::fs;
use std::path::Path;

use support::{COMMITTED, copy_tree, output, top, vnicbench};

const CLAIM: &str = r#"
format = 1

[[claim]]
id = "delay"
source = "made up"
text = "made up"
experiment = "latency"
arms = { numerator = { backend = "sriov", instance = "vm" }, denominator = { backend = "virtio" } }
estimand = "ratio"
metric = "rtt-median"
direction = "lower"
"#;

/// `verify` of the committed campaign with these claims: exit code, output and message.
fn verify(claims: &str, json: bool) -> (Option<i32>, String, String) {
    let work = tempfile::tempdir().unwrap();
    let path = work.path().join("a.claims.toml");
    fs::write(&path, claims).unwrap();
    let mut command = vnicbench();
    command.args(["verify", COMMITTED, "--claims"]).arg(&path);
    output(command.args(json.then_some("--json")))
}

#[test]
fn a_claim_decides_only_where_it_may_be_tested() {
    let (code, out, error) = verify(CLAIM, false);
    assert_eq!(code, Some(0), "{out}{error}");
    for part in [
        "216 of 216 trials complete",
        "1 claim: 1 not testable here.",
        "delay  not testable here: the test bed is emulated",
        "no test, but for information",
        "latency/sriov-vm-ping-56B-20ms with virtio-vm-ping-56B-20ms: 0.52 [0.31, 0.69] (n = 8, 95 %, pseudo-median",
    ] {
        assert!(out.contains(part), "{part:?} is not in: {out}");
    }
    let here = format!("{CLAIM}scope = {{ emulated = true }}\n");
    let (code, out, _) = verify(&here, false);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("delay  supported"), "{out}");
    let wrong = here.replace("\"lower\"", "\"higher\"");
    let (code, out, _) = verify(&wrong, true);
    assert_eq!(code, Some(1), "{out}");
    let verified: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(verified["claims"][0]["verdict"], "contradicted");
    assert_eq!(verified["claims"][0]["cells"][0]["finding"], "contradicts");
}

#[test]
fn a_bad_claims_file_is_refused() {
    let (code, _, error) = verify(&CLAIM.replace("rtt-median", "rtt"), false);
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("a.claims.toml:11:") && error.contains("metric: \"rtt\""),
        "{error}"
    );
    let (code, _, error) =
        output(vnicbench().args(["report", COMMITTED, "--claims", "no/such.toml"]));
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("cannot read the claims no/such.toml"),
        "{error}"
    );
}

/// Makes the round-trip times in a log ten times as long.
fn slower(log: &str) -> String {
    let ten = |text: &str| format!("{:.3}", text.parse::<f64>().unwrap() * 10.0);
    let line = |line: &str| match (line.split_once("time="), line.split_once(" = ")) {
        (Some((head, tail)), _) => {
            let (number, unit) = tail.split_once(' ').unwrap();
            format!("{head}time={} {unit}", ten(number))
        }
        (None, Some((head, tail))) if head.starts_with("rtt") => {
            let (numbers, unit) = tail.split_once(' ').unwrap();
            let numbers: Vec<String> = numbers.split('/').map(ten).collect();
            format!("{head} = {} {unit}", numbers.join("/"))
        }
        _ => line.to_owned(),
    };
    log.lines().map(|text| line(text) + "\n").collect()
}

/// The committed campaign with one cell ten times slower, its checksums made anew.
fn slowed(to: &Path) {
    copy_tree(&top().join(COMMITTED), to);
    let cell = to.join("trials/latency/virtio-vm-ping-56B-20ms");
    for trial in fs::read_dir(cell)
        .unwrap()
        .map(|entry| entry.unwrap().path())
    {
        let log = trial.join("ping-virtio-vm.log");
        let sums = trial.join("SHA256SUMS");
        let digest = || vnicbench_model::store::sha256_file(&log).unwrap();
        let before = digest();
        fs::write(&log, slower(&fs::read_to_string(&log).unwrap())).unwrap();
        let text = fs::read_to_string(&sums)
            .unwrap()
            .replace(&before, &digest());
        fs::write(&sums, text).unwrap();
    }
}

#[test]
fn a_slower_cell_is_a_regression_and_nothing_else_is() {
    let work = tempfile::tempdir().unwrap();
    let other = work.path().join("slowed");
    slowed(&other);
    let compare = |first: &Path, second: &Path, rest: &[&str]| {
        output(vnicbench().arg("compare").arg(first).arg(second).args(rest))
    };
    let committed = top().join(COMMITTED);

    let (code, out, error) = compare(&committed, &committed, &["--markdown"]);
    assert_eq!(code, Some(0), "{out}{error}");
    assert!(out.starts_with("# Two campaigns compared\n"), "{out}");
    assert!(
        out.contains("48 comparisons") && out.contains("**Emulated test bed"),
        "{out}"
    );

    let out_dir = work.path().join("out");
    let (code, out, error) = compare(
        &committed,
        &other,
        &["--json", "--out", out_dir.to_str().unwrap()],
    );
    assert_eq!(code, Some(1), "{out}{error}");
    let found: serde_json::Value = serde_json::from_str(&out).unwrap();
    let worse: Vec<(&str, &str)> = found["cells"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|cell| cell["adjusted_verdict"] == "worse")
        .map(|cell| {
            (
                cell["cell"].as_str().unwrap(),
                cell["metric"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(worse, [("virtio-vm-ping-56B-20ms", "rtt-median")]);
    for name in [
        "report.html",
        "report.pdf",
        "comparison.md",
        "comparison.json",
    ] {
        assert!(out_dir.join(name).is_file(), "{name}");
    }
    let (code, _, error) = compare(&other, &committed, &[]);
    assert_eq!(code, Some(0), "{error}");
    // A matter of tenfold doesn't matter where twentyfold is asked for.
    let (code, _, error) = compare(&committed, &other, &["--threshold", "2000%"]);
    assert_eq!(code, Some(0), "{error}");
}

#[test]
fn campaigns_that_are_not_of_several_hosts_are_refused() {
    let three = ["compare", COMMITTED, COMMITTED, COMMITTED];
    let (code, _, error) = output(vnicbench().args(three));
    assert_eq!(code, Some(2), "{error}");
    assert!(error.contains("add --pool"), "{error}");
    let (code, _, error) = output(vnicbench().args(three).arg("--pool"));
    assert_eq!(code, Some(2), "{error}");
    assert!(
        error.contains("the campaign emulated is given twice"),
        "{error}"
    );
}
