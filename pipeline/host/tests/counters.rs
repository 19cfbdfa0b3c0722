//! Counters of the machine that runs the tests: logged, read back, and summed up.

#![allow(clippy::unwrap_used)]

use std::fs::{self, File};
use std::time::{Duration, Instant};

use vnicbench_host::Sampler;
use vnicbench_logs::counters::{
    Log, Phase, Usage, interrupts, netdev, pressure, softirqs, softnet, stat, vmstat,
};

fn phases<T>(log: &Log<T>) -> (Phase, usize, Phase) {
    assert_eq!(log.warnings, []);
    let (first, last) = log.window().unwrap();
    let during = log
        .snapshots
        .iter()
        .filter(|snapshot| snapshot.phase == Some(Phase::During));
    (first.phase.unwrap(), during.count(), last.phase.unwrap())
}

#[test]
fn this_machine() {
    let directory = tempfile::tempdir().unwrap();
    let began = Instant::now();
    let sampler = Sampler::start(
        directory.path(),
        Duration::from_millis(50),
        &["lo".to_owned()],
    )
    .unwrap();
    // Something to count: a third of a second of a processor.
    let busy = Instant::now();
    let mut spins = 0u64;
    while busy.elapsed() < Duration::from_millis(330) {
        spins = std::hint::black_box(spins + 1);
    }
    let report = sampler.finish().unwrap();
    let took = began.elapsed().as_secs_f64();
    eprintln!("{report:?}");
    let open = |name: &str| File::open(directory.path().join(name)).unwrap();
    for name in &report.files {
        assert!(fs::metadata(directory.path().join(name)).unwrap().len() > 0);
    }
    assert_eq!(
        report.files.len(),
        fs::read_dir(directory.path()).unwrap().count()
    );
    // 6 beats of 50 ms; a busy machine may miss some.
    let stat = stat::parse(open("host-stat.log")).unwrap();
    let (start, during, end) = phases(&stat);
    assert_eq!((start, end), (Phase::Start, Phase::End));
    assert!((1..=7).contains(&during), "{during}");
    let interrupts = interrupts::parse(open("host-interrupts.log")).unwrap();
    assert_eq!(phases(&interrupts), (Phase::Start, 0, Phase::End));
    assert!(phases(&softirqs::parse(open("host-softirqs.log")).unwrap()).1 > 0);
    assert!(phases(&softnet::parse(open("host-softnet.log")).unwrap()).1 > 0);
    let netdev = netdev::parse(open("host-netdev.log")).unwrap();
    assert!(netdev.snapshots[0].counters.interfaces.contains_key("lo"));
    let vmstat = vmstat::parse(open("host-vmstat.log")).unwrap();
    assert!(vmstat.snapshots[0].counters.get("nr_free_pages").unwrap() > 0);
    if report.files.contains(&"host-pressure.log".to_owned()) {
        let pressure = pressure::parse(open("host-pressure.log")).unwrap();
        assert!(
            pressure.snapshots[0].counters.resources["cpu"]
                .some
                .is_some()
        );
    }

    let usage = Usage::of(&stat, None, Some(&interrupts)).unwrap();
    eprintln!("{usage:?}");
    assert!((0.3..=took).contains(&usage.seconds), "{usage:?}");
    let busy = usage.busy_s.unwrap();
    // The spinning, unless others had the processor, and no more than there is.
    let most = (usage.seconds + 0.1) * usage.cpus as f64;
    assert!(busy > 0.05 && busy <= most, "{usage:?}");
    assert!(usage.interrupts.unwrap().count > 0 && !usage.lines.is_empty());
    // Half a millisecond a snapshot without optimisation; a bound that only a blunder breaks.
    assert!(report.cpu_ms > 0.0 && report.cpu_ms < 100.0, "{report:?}");
}
