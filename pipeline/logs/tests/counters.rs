//! Counters of hosts: logs of ours, plain copies by others, and damage.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use serde::Serialize;
use serde_json::Value;
use vnicbench_logs::WarningKind;
use vnicbench_logs::counters::{
    Log, Phase, Snapshot, Usage, ethtool, frequency, interrupts, kvm, netdev, pressure, softirqs,
    softnet, stat, throttle, vmstat,
};

fn sample(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    fs::read(folder.join(name)).unwrap()
}

/// A file of the corpus, or nothing with a word about it.
fn corpus(name: &str) -> Option<Vec<u8>> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus/telemetry");
    if !folder.is_dir() {
        eprintln!("SKIPPED: there is no corpus at {}", folder.display());
        return None;
    }
    Some(fs::read(folder.join(name)).unwrap())
}

fn kinds<T>(log: &Log<T>) -> Vec<WarningKind> {
    log.warnings.iter().map(|warning| warning.kind).collect()
}

fn phases<T>(log: &Log<T>) -> Vec<Phase> {
    assert!(log.warnings.is_empty(), "{:?}", log.warnings);
    let phase = |snapshot: &Snapshot<T>| snapshot.phase.unwrap();
    log.snapshots.iter().map(phase).collect()
}

const ALL: [Phase; 3] = [Phase::Start, Phase::During, Phase::End];
const ENDS: [Phase; 2] = [Phase::Start, Phase::End];

#[test]
fn samples() {
    let stat = stat::parse(&sample("host-stat.log")[..]).unwrap();
    assert_eq!(phases(&stat), ALL);
    let first = &stat.snapshots[0];
    let times = &first.counters.total;
    let text = String::from_utf8(sample("host-stat.log")).unwrap();
    let printed = format!(
        "cpu  {} {} {} {} {} {} {} {} {} {}",
        times.user,
        times.nice,
        times.system,
        times.idle,
        times.iowait,
        times.irq,
        times.softirq,
        times.steal.unwrap(),
        times.guest.unwrap(),
        times.guest_nice.unwrap()
    );
    assert_eq!(text.lines().nth(1), Some(printed.as_str()));
    assert_eq!(first.counters.cpus.len(), 2);

    let interrupts = interrupts::parse(&sample("host-interrupts.log")[..]).unwrap();
    assert_eq!(phases(&interrupts), ENDS);
    let table = &interrupts.snapshots[0].counters;
    assert_eq!(table.cpus, [0, 1]);
    let row = |label: &str| table.rows.iter().find(|row| row.label == label).unwrap();
    assert_eq!(row("26").per_cpu, [0, 15]);
    assert_eq!(
        (row("26").total, row("26").name.as_str()),
        (15, "IO-APIC 4-edge ttyS0")
    );
    assert_eq!((row("ERR").per_cpu.len(), row("ERR").total), (0, 0));

    let softirqs = softirqs::parse(&sample("host-softirqs.log")[..]).unwrap();
    assert_eq!(phases(&softirqs), ALL);
    assert_eq!(softirqs.snapshots[0].counters.kinds.len(), 10);
    let softnet = softnet::parse(&sample("host-softnet.log")[..]).unwrap();
    assert_eq!(phases(&softnet), ALL);
    let cpus = &softnet.snapshots[0].counters.cpus;
    assert_eq!(cpus.keys().copied().collect::<Vec<_>>(), [0, 1]);
    assert!(cpus[&1].processed > 1000);
    let netdev = netdev::parse(&sample("host-netdev.log")[..]).unwrap();
    assert_eq!(phases(&netdev), ALL);
    let lo = netdev.snapshots[0].counters.interfaces["lo"];
    assert_eq!((lo.rx, lo.rx.bytes, lo.rx.packets), (lo.tx, 3193, 29));
    let vmstat = vmstat::parse(&sample("host-vmstat.log")[..]).unwrap();
    assert_eq!(phases(&vmstat), ALL);
    assert_eq!(vmstat.snapshots[0].counters.get("pswpin"), Some(0));
    let pressure = pressure::parse(&sample("host-pressure.log")[..]).unwrap();
    assert_eq!(phases(&pressure), ALL);
    let resources = &pressure.snapshots[0].counters.resources;
    assert!(resources["cpu"].some.unwrap().total_us > 80_000_000);
    assert_eq!(resources["memory"].full.unwrap().avg300, 0.0);
    let ethtool = ethtool::parse(&sample("host-ethtool-eth0.log")[..]).unwrap();
    assert_eq!(phases(&ethtool), ENDS);
    assert_eq!(ethtool.snapshots[0].counters.values.len(), 20);
    let frequency = frequency::parse(&sample("host-frequency.log")[..]).unwrap();
    assert_eq!(phases(&frequency), ENDS);
    assert_eq!(frequency.snapshots[1].counters.khz[&1], 3_099_870);
    let throttle = throttle::parse(&sample("host-throttle.log")[..]).unwrap();
    assert_eq!(phases(&throttle), ENDS);
    let count = "cpu0/thermal_throttle/core_throttle_count";
    assert_eq!(throttle.snapshots[1].counters.get(count), Some(2));

    let usage = Usage::of(&stat, None, Some(&interrupts)).unwrap();
    assert!((1.0..1.1).contains(&usage.seconds), "{usage:?}");
    assert!(usage.busy_s.unwrap() < 2.2, "{usage:?}");
    assert!(usage.warnings.is_empty(), "{usage:?}");
    let kvm = kvm::parse(&sample("host-kvm.log")[..]).unwrap();
    assert_eq!(phases(&kvm), ENDS);
    let usage = Usage::of(&stat, Some(&kvm), None).unwrap();
    assert_eq!(usage.kvm_exits.unwrap(), usage.kvm["exits"]);
    assert_eq!(usage.kvm["exits"].count, 800_000);
    assert_eq!(usage.kvm["exits"].per_second, 100_000.0);
}

#[test]
fn plain_copies_one_after_another() {
    let twice = |text: &str| text.repeat(2).into_bytes();
    let log = stat::parse(&twice("cpu  1 2 3 4 5 6 7\ncpu0 1 2 3 4 5 6 7\nctxt 5\n")[..]).unwrap();
    assert_eq!((log.snapshots.len(), log.snapshots[1].line), (2, 4));
    assert_eq!(log.snapshots[0].counters.total.steal, None);
    assert_eq!(log.snapshots[0].counters.interrupts, None);
    let log = vmstat::parse(&twice("pswpin 1\npswpout 2\n")[..]).unwrap();
    assert_eq!(log.snapshots.len(), 2);
    let log = ethtool::parse(&twice("NIC statistics:\n  a b: 1\n  [0]: c: 2\n")[..]).unwrap();
    assert_eq!(log.snapshots.len(), 2);
    assert_eq!(log.snapshots[1].counters.get("[0]: c"), Some(2));
    let stall = "some avg10=1.50 avg60=0.00 avg300=0.00 total=7\n";
    let log = pressure::parse(&twice(stall)[..]).unwrap();
    assert_eq!(log.snapshots.len(), 2);
    assert_eq!(
        log.snapshots[0].counters.resources[""].some.unwrap().avg10,
        1.5
    );
    // Old kernels: no processor number in the row, and no space after the colon.
    let row = "0000000a 00000000 00000001 00000000 00000000 00000000 00000000 00000000 00000000\n";
    let log = softnet::parse(&twice(row)[..]).unwrap();
    assert_eq!(log.snapshots[0].counters.cpus[&1].processed, 10);
    let text = "Inter-|  Receive\n face |bytes\neth0:12 3 0 0 0 0 0 0 45 6 0 0 0 0 0 0\n";
    let log = netdev::parse(&twice(text)[..]).unwrap();
    assert_eq!(log.snapshots[1].counters.interfaces["eth0"].tx.bytes, 45);
    assert!(kinds(&log).is_empty());
}

#[test]
fn odd_logs_are_told() {
    assert_eq!(
        kinds(&stat::parse(&b""[..]).unwrap()),
        [WarningKind::EmptyFile]
    );
    let log = stat::parse(&b"<html>\n"[..]).unwrap();
    assert_eq!(kinds(&log), [WarningKind::Noise, WarningKind::NoRecords]);
    assert!(log.snapshots.is_empty());
    // Half a number is a number too.
    let log = vmstat::parse(&b"pswpin 12\npswpout 34"[..]).unwrap();
    assert_eq!(kinds(&log), [WarningKind::CutFile]);
    assert_eq!(log.snapshots[0].counters.get("pswpout"), None);
    let log = kvm::parse(&b"exits 18446744073709551616\nio_exits -1\nok 1\n"[..]).unwrap();
    assert_eq!(
        kinds(&log),
        [WarningKind::Malformed, WarningKind::Malformed]
    );
    let log = stat::parse(&b"cpu  1 2 3 4 5 6 7 x\n"[..]).unwrap();
    assert_eq!(
        kinds(&log),
        [WarningKind::Malformed, WarningKind::NoRecords]
    );
    let text = b"# vnicbench start soon monotonic x\npswpin 1\n# other\npswpin 1\n";
    let log = vmstat::parse(&text[..]).unwrap();
    assert_eq!(
        kinds(&log),
        [WarningKind::Malformed, WarningKind::Malformed]
    );
    assert!(
        log.snapshots
            .iter()
            .all(|snapshot| snapshot.monotonic_s.is_none())
    );
    let text = b" CPU0 CPU1\n 1: 5 x\n 2: 18446744073709551615 1 y\n 3: 1 1\n";
    let log = interrupts::parse(&text[..]).unwrap();
    assert_eq!(
        kinds(&log),
        [WarningKind::Malformed, WarningKind::Malformed]
    );
    assert_eq!(log.snapshots[0].counters.rows.len(), 1);
    let header =
        |time| format!("# vnicbench start 2026-01-01T00:00:00.000Z monotonic {time}\na 1\n");
    let log = vmstat::parse((header(2) + &header(1)).as_bytes()).unwrap();
    assert_eq!(kinds(&log), [WarningKind::ClockStep]);
}

#[test]
fn interrupts_of_others() {
    let Some(bytes) = corpus("jc/linux-proc/interrupts") else {
        return;
    };
    let log = interrupts::parse(&bytes[..]).unwrap();
    assert!(log.warnings.is_empty(), "{:?}", log.warnings);
    let rows = &log.snapshots[0].counters.rows;
    let theirs = corpus("jc/linux-proc/interrupts.json").unwrap();
    let theirs: Value = serde_json::from_slice(&theirs).unwrap();
    let theirs = theirs.as_array().unwrap();
    assert_eq!(rows.len(), theirs.len());
    for (ours, theirs) in rows.iter().zip(theirs) {
        assert_eq!(theirs["irq"], ours.label.as_str());
        let counts = theirs["interrupts"].as_array().unwrap();
        let counts: Vec<u64> = counts.iter().filter_map(Value::as_u64).collect();
        assert_eq!(counts.iter().sum::<u64>(), ours.total, "{}", ours.label);
        if !ours.per_cpu.is_empty() {
            assert_eq!(counts, ours.per_cpu, "{}", ours.label);
        }
    }

    // Arm: a row without a count; a literal whose last line has no end.
    let bytes = corpus("interrupts/telegraf/hwIrqsString.txt").unwrap();
    let log = interrupts::parse(&[&bytes[..], b"\n"].concat()[..]).unwrap();
    assert!(log.warnings.is_empty(), "{:?}", log.warnings);
    let table = &log.snapshots[0].counters;
    assert_eq!((table.cpus.len(), table.rows.len()), (4, 22));
    let row = table.rows.iter().find(|row| row.label == "62").unwrap();
    assert_eq!(row.total, 521_451_447);
    assert!(row.name.ends_with("dwc_otg_hcd:usb1"));
    let bytes = corpus("interrupts/telegraf/softIrqsString.txt").unwrap();
    let log = softirqs::parse(&[&bytes[..], b"\n"].concat()[..]).unwrap();
    assert_eq!(
        log.snapshots[0].counters.kinds["NET_RX"].per_cpu,
        [867_028, 225]
    );
}

#[test]
fn this_machine() {
    fn plain<T>(path: &str, parse: fn(fs::File) -> Result<Log<T>, vnicbench_logs::ReadError>) {
        let Ok(file) = fs::File::open(path) else {
            eprintln!("SKIPPED: no {path} here");
            return;
        };
        let log = parse(file).unwrap();
        assert_eq!(log.snapshots.len(), 1, "{path}");
        assert!(log.warnings.is_empty(), "{path}: {:?}", log.warnings);
    }
    plain("/proc/stat", stat::parse);
    plain("/proc/interrupts", interrupts::parse);
    plain("/proc/softirqs", softirqs::parse);
    plain("/proc/net/softnet_stat", softnet::parse);
    plain("/proc/net/dev", netdev::parse);
    plain("/proc/vmstat", vmstat::parse);
    plain("/proc/pressure/io", pressure::parse);
}

/// What a parser makes of a log, as data: the snapshots and the number of warnings.
fn value<T: Serialize>(log: Log<T>) -> (Value, usize) {
    let snapshots = serde_json::to_value(&log.snapshots).unwrap();
    (snapshots, log.warnings.len())
}

type Parse = fn(&[u8]) -> (Value, usize);

/// One of each dialect; vmstat's and kvm's are the same.
const PARSERS: [(&str, Parse); 10] = [
    ("host-stat.log", |text| value(stat::parse(text).unwrap())),
    ("host-interrupts.log", |text| {
        value(interrupts::parse(text).unwrap())
    }),
    ("host-softirqs.log", |text| {
        value(softirqs::parse(text).unwrap())
    }),
    ("host-softnet.log", |text| {
        value(softnet::parse(text).unwrap())
    }),
    ("host-netdev.log", |text| {
        value(netdev::parse(text).unwrap())
    }),
    ("host-kvm.log", |text| value(kvm::parse(text).unwrap())),
    ("host-pressure.log", |text| {
        value(pressure::parse(text).unwrap())
    }),
    ("host-frequency.log", |text| {
        value(frequency::parse(text).unwrap())
    }),
    ("host-throttle.log", |text| {
        value(throttle::parse(text).unwrap())
    }),
    ("host-ethtool-eth0.log", |text| {
        value(ethtool::parse(text).unwrap())
    }),
];

/// Whether all that `part` says is in `whole`: lists begin alike, objects have less or
/// nothing.
fn within(part: &Value, whole: &Value) -> bool {
    match (part, whole) {
        (Value::Null, _) => true,
        (Value::Array(part), Value::Array(whole)) => {
            part.len() <= whole.len() && part.iter().zip(whole).all(|(a, b)| within(a, b))
        }
        (Value::Object(part), Value::Object(whole)) => part
            .iter()
            .all(|(key, a)| whole.get(key).is_some_and(|b| within(a, b))),
        _ => part == whole,
    }
}

#[test]
fn every_prefix_says_no_more_than_the_whole() {
    for (name, parse) in PARSERS {
        let bytes = sample(name);
        let (whole, _) = parse(&bytes);
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            let (part, warnings) = parse(cut);
            assert!(within(&part, &whole), "{name} cut at {length}: {part}");
            let at_line_end = length > 0 && cut.ends_with(b"\n");
            assert!(at_line_end || warnings > 0, "{name} cut at {length}");
        }
    }
}

#[test]
fn every_byte_damaged_and_every_log_as_another() {
    for (name, parse) in PARSERS {
        let mut bytes = sample(name);
        for at in 0..bytes.len() {
            let good = bytes[at];
            bytes[at] = [0, b' ', b'\n', b':', b'#', b'9', good ^ 0x80][at % 7];
            parse(&bytes);
            bytes[at] = good;
        }
        for (other, _) in PARSERS {
            parse(&sample(other));
        }
    }
}

#[test]
fn usage_of_damaged_logs() {
    let mut bytes = sample("host-stat.log");
    let lines = interrupts::parse(&sample("host-interrupts.log")[..]).unwrap();
    let guests = kvm::parse(&sample("host-kvm.log")[..]).unwrap();
    for at in 0..bytes.len() {
        let good = bytes[at];
        bytes[at] = if at % 2 == 0 { b'9' } else { b'0' };
        let stat = stat::parse(&bytes[..]).unwrap();
        if let Ok(usage) = Usage::of(&stat, Some(&guests), Some(&lines)) {
            assert!(usage.seconds > 0.0, "{usage:?}");
            assert!(
                usage.busy_s.is_some() || !usage.warnings.is_empty(),
                "{usage:?}"
            );
        }
        bytes[at] = good;
    }
}
