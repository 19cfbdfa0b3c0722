//! Two campaigns with a difference that was put in, and without one; and several hosts.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod synthetic;

use synthetic::{MATRIX, analysis, of_matrix};
use vnicbench_analysis::compare::{Alone, compare, pool};
use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric};
use vnicbench_model::{Arm, Cell, Setting, Testbed};
use vnicbench_stats::{Level, Outcome, Verdict, paired};

/// Numbers that look random and are the same everywhere, from about -0.5 to 0.5.
fn noise(seed: u64, cell: &Cell, metric: Metric, block: u32) -> f64 {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ u64::from(block) << 32;
    for byte in format!("{}/{}/{}", cell.experiment, cell.id(), metric.name()).bytes() {
        state = (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5
}

/// A campaign whose values scatter by `spread` either way, times what `factor` says.
fn campaign(seed: u64, spread: f64, factor: impl Fn(&Cell, Metric) -> f64) -> Analysis {
    analysis(|cell, metric, block| {
        Some(factor(cell, metric) * (1.0 + 2.0 * spread * noise(seed, cell, metric, block)))
    })
}

fn is_small_ping(cell: &Cell) -> bool {
    cell.id().contains("ping-56B")
}

#[test]
fn a_difference_that_was_put_in_is_found_and_nothing_else() {
    let first = campaign(1, 0.03, |_, _| 1.0);
    let slower = |cell: &Cell, metric: Metric| match metric {
        Metric::RttMedian if is_small_ping(cell) => 1.2,
        _ => 1.0,
    };
    let found = compare(&first, &campaign(2, 0.03, slower), 0.05).unwrap();
    assert!(found.has_regression());
    // 4 cells of ping and 6 of iperf; the synthetic panels have three metrics of each.
    assert_eq!(found.cells.len(), 30);
    let worse: Vec<(&str, Metric)> = found
        .with(Verdict::Worse)
        .map(|cell| (cell.cell.as_str(), cell.metric))
        .collect();
    assert_eq!(
        worse,
        [
            ("virtio-vm-ping-56B-10ms", Metric::RttMedian),
            ("sriov-vm-ping-56B-10ms", Metric::RttMedian),
        ]
    );
    assert_eq!(found.with(Verdict::Better).count(), 0);
    for cell in &found.cells {
        let (alone, all) = (
            cell.change.estimate().unwrap(),
            cell.simultaneous.estimate().unwrap(),
        );
        assert!(all.interval().low() <= alone.interval().low());
        assert!(alone.interval().high() <= all.interval().high());
        assert_eq!(
            (alone.level(), all.level()),
            (found.level, found.simultaneous_level)
        );
        assert_eq!((alone.n(), alone.other_n()), (8, Some(8)));
    }
    assert!((found.simultaneous_level.get() - (1.0 - 0.05 / 30.0)).abs() < 1e-12);
    // The other way round it is better, and a goodput that rises is no regression.
    let back = compare(&campaign(2, 0.03, slower), &first, 0.05).unwrap();
    assert!(!back.has_regression());
    assert_eq!(back.with(Verdict::Better).count(), 2);
    let faster = |_: &Cell, metric: Metric| if metric == Metric::Goodput { 1.2 } else { 1.0 };
    let found = compare(&first, &campaign(3, 0.03, faster), 0.05).unwrap();
    assert!(!found.has_regression());
    assert_eq!(found.with(Verdict::Better).count(), 10);
    // With a threshold beyond it, it doesn't matter.
    assert!(
        !compare(&first, &campaign(2, 0.03, slower), 0.3)
            .unwrap()
            .has_regression()
    );
}

/// Noise of +-10 % and next to no threshold: what is left to hold false alarms down are the
/// simultaneous intervals. At 95 % at most 10 of 200 are due, and 14 are allowed for chance.
#[test]
fn without_a_difference_alarms_are_rare() {
    let alarms = (0..200).filter(|&repetition| {
        let first = campaign(1000 + 2 * repetition, 0.1, |_, _| 1.0);
        let second = campaign(1001 + 2 * repetition, 0.1, |_, _| 1.0);
        let found = compare(&first, &second, 1e-6).unwrap();
        found
            .with(Verdict::Worse)
            .chain(found.with(Verdict::Better))
            .next()
            .is_some()
    });
    let alarms = alarms.count();
    eprintln!("{alarms} of 200");
    assert!(alarms <= 14, "{alarms} of 200");
    let usual = (0..40).filter(|&repetition| {
        let first = campaign(1000 + 2 * repetition, 0.1, |_, _| 1.0);
        let second = campaign(1001 + 2 * repetition, 0.1, |_, _| 1.0);
        compare(&first, &second, 0.05).unwrap().has_regression()
    });
    assert_eq!(usual.count(), 0);
}

#[test]
fn cells_without_a_partner_are_listed_and_changed_workloads_not_matched() {
    let flat = |_: &Cell, _: Metric, block: u32| Some(1.0 + f64::from(block) / 100.0);
    let first = analysis(flat);
    let changed = MATRIX
        .replace("count = 3", "count = 4")
        .replace("vms = [1, 2, 4]", "vms = [1, 2, 3]")
        .replace("memory = \"256 MiB\"", "memory = \"512 MiB\"");
    let second = of_matrix(&changed, flat);
    let found = compare(&first, &second, 0.05).unwrap();
    let of = |reason: Alone| {
        found
            .unmatched
            .iter()
            .filter(|cell| cell.reason == reason)
            .count()
    };
    assert_eq!(of(Alone::OtherWorkload), 4);
    assert_eq!((of(Alone::OnlyInFirst), of(Alone::OnlyInSecond)), (2, 2));
    assert_eq!(found.cells.len(), 4 * 3);
    let places: Vec<&str> = found.differences.iter().map(|d| d.place.as_str()).collect();
    assert_eq!(places, ["matrix.guest.memory"]);
    let apart = MATRIX
        .replace("name = \"latency\"", "name = \"another\"")
        .replace("name = \"density\"", "name = \"other\"");
    let apart = of_matrix(&apart, flat);
    let found = compare(&first, &apart, 0.05).unwrap();
    assert!(found.cells.is_empty() && !found.has_regression());
    assert_eq!(found.unmatched.len(), 20);
}

#[test]
fn too_few_trials_give_no_verdict() {
    let few = |n: u32| analysis(move |_, _, block| (block < n).then(|| 1.0 + f64::from(block)));
    let found = compare(&few(3), &few(3), 0.05).unwrap();
    assert!(!found.has_regression());
    for cell in &found.cells {
        assert!(matches!(&cell.change, Outcome::Insufficient(few) if few.n == 3));
        assert_eq!((cell.verdict, cell.adjusted_verdict), (None, None));
    }
    // Enough for each by itself, not for all together.
    let found = compare(&few(4), &few(4), 0.05).unwrap();
    assert!(
        found
            .cells
            .iter()
            .all(|c| c.verdict.is_some() && c.adjusted_verdict.is_none())
    );
}

#[test]
fn audits_are_compared_first() {
    let first = campaign(1, 0.03, |_, _| 1.0);
    let mut second = first.clone();
    second.campaign.audit.kernel = "6.18.1".into();
    second.campaign.testbed = Testbed::Emulated;
    second.campaign.environment.packages.remove(0);
    let found = compare(&first, &second, 0.05).unwrap();
    let places: Vec<&str> = found.differences.iter().map(|d| d.place.as_str()).collect();
    assert_eq!(
        places,
        ["test bed", "host.kernel", "environment.packages[adduser]"]
    );
}

/// A campaign whose VF has this ratio to virtio, with the comparison that an analysis makes.
fn host(seed: u64, ratio: f64) -> Analysis {
    let mut host = campaign(seed, 0.02, |cell, _| match cell.arm == Arm::BASELINE {
        true => 1.0,
        false => ratio,
    });
    let panels = host.panels.clone();
    host.panels.clear();
    // One panel of both arms, as an analysis has it.
    let mut both = panels.into_iter().filter(|panel| {
        panel.metric == Metric::RttMedian && panel.rows[0].cell.contains("ping-56B")
    });
    let (mut virtio, vf) = (both.next().unwrap(), both.next().unwrap());
    virtio.rows.extend(vf.rows);
    let values = |at: usize| -> Vec<f64> {
        virtio.rows[at]
            .trials
            .iter()
            .map(|trial| trial.value)
            .collect()
    };
    virtio.comparisons = vec![Comparison {
        contrast: Contrast::ToBaseline,
        cell: virtio.rows[1].cell.clone(),
        arm: virtio.rows[1].arm,
        setting: Setting::default(),
        baseline: virtio.rows[0].cell.clone(),
        baseline_arm: Arm::BASELINE,
        baseline_setting: Setting::default(),
        ratio: paired::ratio(&values(1), &values(0), Level::P95).unwrap(),
        verdict: None,
        joint: None,
    }];
    host.panels.push(virtio);
    host
}

#[test]
fn hosts_are_a_level() {
    let alike = [host(1, 0.5), host(2, 0.5), host(3, 0.5), host(4, 0.5)];
    let found = pool::pool(&alike).unwrap();
    let [ratio] = found.ratios.as_slice() else {
        panic!("{} ratios", found.ratios.len());
    };
    assert_eq!(ratio.hosts.len(), 4);
    let pooled = ratio.pooled.estimate().unwrap();
    assert_eq!(pooled.n(), 4);
    assert!(pooled.interval().contains(0.5), "{pooled:?}");
    let same = ratio.heterogeneity.unwrap();
    assert!(same.between_hosts < 0.02, "{same:?}");

    let unlike = [host(1, 0.4), host(2, 0.5), host(3, 0.625), host(4, 0.5)];
    let ratio = &pool::pool(&unlike).unwrap().ratios[0];
    let apart = ratio.pooled.estimate().unwrap();
    assert!(apart.interval().width() > 5.0 * pooled.interval().width());
    // Of ln 0.4, ln 0.5, ln 0.625, ln 0.5.
    let different = ratio.heterogeneity.unwrap();
    assert!(
        (different.between_hosts - 0.182).abs() < 0.01,
        "{different:?}"
    );

    let two = pool::pool(&alike[..2]).unwrap();
    assert!(
        matches!(&two.ratios[0].pooled, Outcome::Insufficient(few) if (few.n, few.needs) == (2, 3))
    );
    let mut without = host(5, 0.5);
    without.panels[0].comparisons.clear();
    let partial = pool::pool(&[host(1, 0.5), without]).unwrap();
    assert!(partial.ratios.is_empty());
    assert_eq!(
        partial.partial,
        ["latency/sriov-vm-ping-56B-10ms: Median RTT"]
    );
}
