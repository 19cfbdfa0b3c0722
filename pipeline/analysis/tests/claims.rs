//! Claims judged by synthetic analyses, whose numbers are made up so that the verdicts are known.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod synthetic;

use std::path::Path;

use synthetic::analysis;
use vnicbench_analysis::{
    Analysis, ClaimResult, ClaimVerdict, Finding, Metric, Untestable, claims,
};
use vnicbench_model::{Cell, Claims, Testbed};
use vnicbench_stats::Level;

/// Virtio is 1 and some, different in each block; a VF is that times the ratio of the block.
fn ratios(of: impl Fn(&Cell, u32) -> Option<f64>) -> Analysis {
    analysis(|cell, _, block| {
        let base = 1.0 + f64::from(block) / 10.0;
        match cell.arm.backend.name() {
            "sriov" => Some(base * of(cell, block)?),
            _ => Some(base),
        }
    })
}

/// A ratio near to `middle`, different in each block.
fn near(middle: f64, block: u32) -> Option<f64> {
    Some(middle * (1.0 + f64::from(block % 5) / 1000.0))
}

const DELAY: &str = r#"
experiment = "latency"
arms = { numerator = { backend = "sriov" }, denominator = { backend = "virtio" } }
estimand = "ratio"
metric = "rtt-median"
direction = "lower"
scope = { payload = "56 B" }
"#;

fn judged(analysis: &Analysis, claim: &str) -> ClaimResult {
    let text = format!(
        "format = 1\n[[claim]]\nid = \"a\"\nsource = \"made up\"\ntext = \"made up\"\n{claim}"
    );
    let claims = Claims::parse(&text, Path::new("made-up.toml")).unwrap();
    claims::judge(analysis, &claims.claims).unwrap().remove(0)
}

fn untestable(reason: Untestable) -> ClaimVerdict {
    ClaimVerdict::NotTestable { reason }
}

#[test]
fn each_verdict_has_its_numbers() {
    let cases = [
        (0.5, ClaimVerdict::Supported, Finding::Supports),
        (2.0, ClaimVerdict::Contradicted, Finding::Contradicts),
        (1.01, ClaimVerdict::Inconclusive, Finding::NoDifference),
        (0.951, ClaimVerdict::Inconclusive, Finding::Undecided),
    ];
    for (ratio, verdict, finding) in cases {
        let result = judged(&ratios(|_, block| near(ratio, block)), DELAY);
        assert_eq!(result.verdict, verdict, "{ratio}");
        assert_eq!(result.indicated, None);
        let [cell] = result.cells.as_slice() else {
            panic!("{} cells", result.cells.len());
        };
        assert_eq!(cell.finding, Some(finding), "{ratio}");
        assert_eq!(cell.cell, "sriov-vm-ping-56B-10ms");
        assert_eq!(cell.counterpart.as_deref(), Some("virtio-vm-ping-56B-10ms"));
        assert_eq!(cell.panel, "sriov-vm-ping-56B-10ms-rtt-median");
        let estimate = cell.estimate.estimate().unwrap();
        assert_eq!((estimate.n(), estimate.level()), (8, Level::P95));
        assert!((estimate.value() / ratio - 1.0).abs() < 0.005);
        assert!(
            estimate
                .warnings()
                .iter()
                .any(|w| w.to_string() == "made up")
        );
        // The smallest p-value that 8 blocks can give: 2 / 2^8.
        let p = cell.p.unwrap();
        let wanted = if ratio == 2.0 { 2.0 / 256.0 } else { 1.0 };
        assert!((p - wanted).abs() < 1e-9, "{p}");
        assert_eq!(cell.adjusted_p, cell.p);
    }
}

#[test]
fn equivalence_and_bounds() {
    let of = |ratio: f64, direction: &str, extra: &str| {
        let claim = DELAY.replace("lower", direction) + extra;
        judged(&ratios(|_, block| near(ratio, block)), &claim).verdict
    };
    assert_eq!(of(1.01, "equivalent", ""), ClaimVerdict::Supported);
    assert_eq!(of(1.2, "equivalent", ""), ClaimVerdict::Contradicted);
    assert_eq!(of(1.048, "equivalent", ""), ClaimVerdict::Inconclusive);
    assert_eq!(
        of(1.048, "equivalent", "tolerance = 0.1\n"),
        ClaimVerdict::Supported
    );
    assert_eq!(
        of(0.5, "equivalent", "value = 0.5\n"),
        ClaimVerdict::Supported
    );
    assert_eq!(
        of(0.5, "at-least", "value = 0.97\n"),
        ClaimVerdict::Contradicted
    );
    assert_eq!(
        of(0.96, "at-least", "value = 0.97\n"),
        ClaimVerdict::Supported
    );
    assert_eq!(
        of(0.96, "at-least", "value = 0.97\ntolerance = 0\n"),
        ClaimVerdict::Contradicted
    );
}

#[test]
fn what_cant_be_tested_says_why() {
    let usual = ratios(|_, block| near(0.5, block));
    let no_cells = DELAY.replace("56 B", "512 B");
    assert_eq!(
        judged(&usual, &no_cells).verdict,
        untestable(Untestable::NoCells)
    );
    let other = DELAY.replace("{ backend = \"virtio\" }", "{ backend = \"vhost\" }");
    assert_eq!(
        judged(&usual, &other).verdict,
        untestable(Untestable::NoCounterparts)
    );
    let metric = DELAY.replace("rtt-median", "host-cpu");
    assert_eq!(
        judged(&usual, &metric).verdict,
        untestable(Untestable::NoMetric)
    );
    let few = ratios(|_, block| (block < 3).then_some(0.5));
    let verdict = judged(&few, DELAY).verdict;
    assert_eq!(
        verdict,
        untestable(Untestable::TooFewTrials { n: 3, needs: 6 })
    );
    let none = ratios(|_, _| None);
    assert_eq!(
        judged(&none, DELAY).verdict,
        untestable(Untestable::NoValues)
    );
    // One cell with and one without enough: nothing is shown of all.
    let both = DELAY.replace("scope = { payload = \"56 B\" }", "");
    let some = ratios(|cell, block| (cell.id().contains("56B") || block < 3).then_some(0.5));
    assert_eq!(judged(&some, &both).verdict, ClaimVerdict::Inconclusive);
}

#[test]
fn emulated_hardware_is_information_unless_the_claim_says_otherwise() {
    let mut emulated = ratios(|_, block| near(0.5, block));
    emulated.campaign.testbed = Testbed::Emulated;
    let result = judged(&emulated, DELAY);
    assert_eq!(result.verdict, untestable(Untestable::Emulated));
    assert_eq!(result.indicated, Some(Finding::Supports));
    assert_eq!(result.cells.len(), 1);
    let allowed = DELAY.replace("payload", "emulated = true, payload");
    let result = judged(&emulated, &allowed);
    assert_eq!(
        (result.verdict, result.indicated),
        (ClaimVerdict::Supported, None)
    );
    // What isn't there is the better reason.
    let no_cells = DELAY.replace("56 B", "512 B");
    assert_eq!(
        judged(&emulated, &no_cells).verdict,
        untestable(Untestable::NoCells)
    );
}

/// Of two cells: all must support, and one contradicts if it does so by its adjusted p-value.
#[test]
fn several_cells_are_a_family() {
    let both = DELAY.replace("scope = { payload = \"56 B\" }", "");
    let of = |small: f64, large: &dyn Fn(u32) -> f64| {
        let analysis = ratios(|cell, block| match cell.id().contains("56B") {
            true => near(small, block),
            false => Some(large(block)),
        });
        judged(&analysis, &both)
    };
    assert_eq!(of(0.5, &|_| 0.6).verdict, ClaimVerdict::Supported);
    assert_eq!(of(0.5, &|_| 0.99).verdict, ClaimVerdict::Inconclusive);
    let one = of(0.5, &|block| 1.5 + f64::from(block) / 100.0);
    assert_eq!(one.verdict, ClaimVerdict::Contradicted);
    let adjusted = one.cells[1].adjusted_p.unwrap();
    assert!((adjusted - 4.0 / 256.0).abs() < 1e-9, "{adjusted}");
    // Two of eight blocks, those with the smallest differences, on the other side of 1.05: by
    // itself p = 2 x 5 / 2^8 = 0.039, as one of two twice that.
    let weak = |block: u32| 1.05 * [0.999, 0.998, 1.1, 1.12, 1.14, 1.16, 1.18, 1.2][block as usize];
    let two = of(0.5, &weak);
    assert_eq!(two.cells[1].finding, Some(Finding::Contradicts));
    assert!((two.cells[1].p.unwrap() - 10.0 / 256.0).abs() < 1e-9);
    assert!((two.cells[1].adjusted_p.unwrap() - 20.0 / 256.0).abs() < 1e-9);
    assert_eq!(two.verdict, ClaimVerdict::Inconclusive);
}

/// Each further VM takes 0.5 CPUs with virtio and 0.25 and some with a VF.
fn dense() -> Analysis {
    analysis(|cell, metric, block| {
        let vms = f64::from(cell.setting.vms);
        let each = match cell.arm.backend.name() {
            "sriov" => 0.25 + f64::from(block) / 1000.0,
            _ => 0.5,
        };
        Some(match metric {
            Metric::HostCpu => 1.0 + f64::from(block) + each * vms,
            _ => 9.4e9 + f64::from(block) * 1e6,
        })
    })
}

#[test]
fn slopes_and_their_difference() {
    let slope = |arms: &str, direction: &str, value: f64| {
        let claim = format!(
            "experiment = \"density\"\narms = {arms}\nestimand = \"slope\"\nmetric = \"host-cpu\"\ndirection = \"{direction}\"\nvalue = {value}\n"
        );
        judged(&dense(), &claim)
    };
    let alone = "{ numerator = { backend = \"sriov\" } }";
    let result = slope(alone, "at-most", 0.3);
    assert_eq!(result.verdict, ClaimVerdict::Supported);
    let estimate = result.cells[0].estimate.estimate().unwrap();
    assert!((estimate.value() - 0.2535).abs() < 1e-9, "{estimate:?}");
    assert_eq!(
        slope(alone, "at-most", 0.2).verdict,
        ClaimVerdict::Contradicted
    );
    let with = "{ numerator = { backend = \"sriov\" }, denominator = { backend = \"virtio\" } }";
    let result = slope(with, "lower", 0.0);
    assert_eq!(result.verdict, ClaimVerdict::Supported);
    let estimate = result.cells[0].estimate.estimate().unwrap();
    assert!((estimate.value() + 0.2465).abs() < 1e-9, "{estimate:?}");
    assert_eq!(
        result.cells[0].counterpart.as_deref(),
        Some("virtio-vm-iperf-tcp-rx-p1")
    );
}

#[test]
fn the_line_rate_is_the_ports() {
    let claim = "experiment = \"density\"\narms = { numerator = { backend = \"sriov\" } }\n\
        estimand = \"fraction-of-line-rate\"\nmetric = \"goodput\"\ndirection = \"at-least\"\nvalue = 0.948\nscope = { vms = 4 }\n";
    let mut dense = dense();
    assert_eq!(
        judged(&dense, claim).verdict,
        untestable(Untestable::NoLineRate)
    );
    let pf = dense
        .campaign
        .audit
        .nics
        .iter_mut()
        .find(|nic| nic.role == "PF");
    pf.unwrap().speed_mbps = Some(10_000);
    let result = judged(&dense, claim);
    assert_eq!(result.verdict, ClaimVerdict::Supported);
    let value = result.cells[0].estimate.estimate().unwrap().value();
    assert!((value - 0.94035).abs() < 1e-4, "{value}");
    let strict = claim.to_owned() + "tolerance = 0\n";
    assert_eq!(judged(&dense, &strict).verdict, ClaimVerdict::Contradicted);
    // Virtio's bridge has a port of its own in that campaign, whose speed isn't known.
    let virtio = claim.replace("sriov", "virtio");
    assert_eq!(
        judged(&dense, &virtio).verdict,
        untestable(Untestable::NoLineRate)
    );
}

/// Claims name metrics as the analysis does.
#[test]
fn claims_know_the_metrics_of_the_analysis() {
    let schema = Claims::schema();
    let known = schema["definitions"]["Claim"]["properties"]["metric"]["enum"].clone();
    let known: Vec<String> = serde_json::from_value(known).unwrap();
    let all: Vec<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
    assert_eq!(
        known
            .iter()
            .map(String::as_str)
            .collect::<std::collections::BTreeSet<_>>(),
        all.into_iter().collect()
    );
    for metric in Metric::ALL {
        let text = DELAY.replace("rtt-median", metric.name());
        let text =
            format!("format = 1\n[[claim]]\nid = \"a\"\nsource = \"a\"\ntext = \"a\"\n{text}");
        let parsed = Claims::parse(&text, Path::new("made-up.toml"));
        assert_eq!(parsed.is_ok(), metric.has_ratio(), "{}", metric.name());
    }
}
