//! Counters as tidy tables: each dialect's log is its tool's, with the values it prints.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use vnicbench_logs::counters::{Run, Value};
use vnicbench_logs::{Document, Outcome, Sink, Tool, WarningKind, parse, parse_into};

fn log(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    std::fs::read(folder.join(name)).unwrap()
}

fn document(name: &str) -> Document {
    parse(&log(name)[..], None).unwrap()
}

/// All values of that subject and name.
fn values(document: &Document, subject: &str, name: &str) -> Vec<Value> {
    let samples = document
        .counter_runs()
        .iter()
        .flat_map(|run| run.samples.iter());
    samples
        .filter(|sample| (sample.subject, sample.name) == (subject, name))
        .map(|sample| sample.value)
        .collect()
}

fn kinds(document: &Document) -> Vec<WarningKind> {
    document
        .warnings
        .iter()
        .map(|warning| warning.kind)
        .collect()
}

#[test]
fn logs_are_their_tools() {
    for (name, tool, samples) in [
        ("host-ethtool-eth0.log", Tool::Ethtool, 40),
        ("host-frequency.log", Tool::Cpufreq, 4),
        ("host-interrupts.log", Tool::Interrupts, 136),
        ("host-kvm.log", Tool::KvmStat, 74),
        ("host-netdev.log", Tool::NetDev, 192),
        ("host-pressure.log", Tool::Pressure, 72),
        ("host-softirqs.log", Tool::Softirqs, 60),
        ("host-softnet.log", Tool::SoftnetStat, 54),
        ("host-stat.log", Tool::ProcStat, 141),
        ("host-throttle.log", Tool::ThermalThrottle, 8),
        ("host-vmstat.log", Tool::ProcVmstat, 576),
        ("interrupts-arm.log", Tool::Interrupts, 20),
        ("iostat.log", Tool::Iostat, 28),
        ("iostat-de.log", Tool::Iostat, 14),
        ("kvm-stat.log", Tool::KvmStat, 8),
        ("kvm-stat-1.log", Tool::KvmStat, 8),
        ("kvm-stat-l.csv", Tool::KvmStat, 6),
        ("kvm-stat-l.log", Tool::KvmStat, 6),
        ("mpstat.json", Tool::Mpstat, 33),
        ("mpstat.log", Tool::Mpstat, 60),
        ("mpstat-de.log", Tool::Mpstat, 60),
        ("mpstat-fr.log", Tool::Mpstat, 40),
        ("mpstat-ko.log", Tool::Mpstat, 20),
        ("perf-kvm.log", Tool::PerfKvm, 32),
        ("perf-stat.csv", Tool::PerfStat, 9),
        ("perf-stat.log", Tool::PerfStat, 6),
        ("perf-stat-I.log", Tool::PerfStat, 12),
        ("perf-stat-de.log", Tool::PerfStat, 7),
        ("perf-stat-j.log", Tool::PerfStat, 12),
        ("perf-stat-old.log", Tool::PerfStat, 12),
        ("pidstat.log", Tool::Pidstat, 25),
        ("pidstat-h.log", Tool::Pidstat, 7),
        ("pressure-files.log", Tool::Pressure, 16),
        ("proc-stat-old.log", Tool::ProcStat, 24),
        ("sadf.csv", Tool::Sar, 52),
        ("sadf.json", Tool::Sar, 30),
        ("sadf.log", Tool::Sar, 12),
        ("sar.log", Tool::Sar, 44),
        ("sar-de.log", Tool::Sar, 42),
        ("vmstat-d.log", Tool::Vmstat, 20),
        ("vmstat-ko.log", Tool::Vmstat, 34),
        ("vmstat-pl.log", Tool::Vmstat, 36),
        ("vmstat-s.log", Tool::Vmstat, 28),
        ("vmstat-t.log", Tool::Vmstat, 34),
    ] {
        let document = document(name);
        assert_eq!(document.tool, Some(tool), "{name}");
        assert_eq!(
            document.outcome,
            Outcome::Ok,
            "{name}: {:?}",
            document.warnings
        );
        let runs = document.counter_runs();
        assert_eq!(
            runs.iter().map(|run| run.samples.len()).sum::<usize>(),
            samples,
            "{name}"
        );
        let odd = kinds(&document)
            .into_iter()
            .find(|kind| *kind != WarningKind::NotANumber);
        assert_eq!(odd, None, "{name}: {:?}", document.warnings);
    }
    let failed = document("perf-stat-error.log");
    assert_eq!(
        (failed.tool, failed.outcome),
        (Some(Tool::PerfStat), Outcome::Failed)
    );
}

#[test]
fn xml_says_what_json_says() {
    let samples = |name| {
        let document = document(name);
        assert_eq!(document.tool, Some(Tool::Sar), "{name}");
        assert_eq!(document.outcome, Outcome::Ok, "{:?}", document.warnings);
        assert_eq!(document.warnings, [], "{name}");
        let [run] = document.counter_runs() else {
            panic!("{name}: {document:?}")
        };
        assert_eq!(run.host.as_deref(), Some("vm"));
        assert_eq!(run.date.as_deref(), Some("2026-11-30"));
        let all = run.samples.iter().map(|sample| {
            let time = sample.moment.time.as_deref().unwrap_or_default();
            let value = sample.value.as_f64();
            let whose = format!("{} {}", sample.subject, sample.name);
            format!(
                "{} {time} {whose} {value:?} {}",
                sample.moment.snapshot, sample.unit
            )
        });
        let mut all: Vec<_> = all.collect();
        all.sort();
        all
    };
    let (xml, json) = (samples("sadf-same.xml"), samples("sadf-same.json"));
    assert_eq!(xml.len(), 148);
    assert_eq!(xml, json);
}

#[test]
fn interrupts_of_odd_tables() {
    let arm = document("interrupts-arm.log");
    let run = &arm.counter_runs()[0];
    assert_eq!(run.labels["11"], "GICv3 27 Level arch_timer");
    assert_eq!(
        values(&arm, "cpu3", "11"),
        [Value::Count(7), Value::Count(1007)]
    );
    assert_eq!(values(&arm, "all", "Err"), [Value::Count(0); 2]);
    let moments: Vec<_> = run
        .samples
        .iter()
        .map(|sample| sample.moment.seconds)
        .collect();
    assert_eq!(moments[0], Some(1_422_304_335.0));
    assert_eq!(moments[19], Some(1_422_304_336.0));
    let wrapped = document("interrupts-wrapped.log");
    assert_eq!(values(&wrapped, "cpu4", "24"), [Value::Count(5)]);
    assert_eq!(values(&wrapped, "all", "MIS"), [Value::Count(0)]);
    // A row whose rest is lost is no row.
    assert_eq!(values(&wrapped, "cpu0", "25"), []);
    assert_eq!(kinds(&wrapped), [WarningKind::Malformed]);
}

#[test]
fn drivers_counters() {
    let two = document("ethtool-two.log");
    assert_eq!(values(&two, "eth0", "rx_packets"), [Value::Count(u64::MAX)]);
    assert_eq!(
        values(&two, "eth0", "[0]: tx ucast packets"),
        [Value::Count(12)]
    );
    assert_eq!(
        values(&two, "eth1", "rx_packets"),
        [Value::Count(7), Value::Count(8)]
    );
    assert_eq!(values(&two, "eth1", "rx_bytes"), []);
}

#[test]
fn guests_exits() {
    let kvm = document("perf-kvm.log");
    assert_eq!(kvm.counter_runs().len(), 2);
    assert_eq!(values(&kvm, "vcpu0 HLT", "samples"), [Value::Count(2232)]);
    assert_eq!(
        values(&kvm, "vcpu0 0xfee00380:W", "avg:stddev"),
        [Value::Missing]
    );
    assert_eq!(
        values(&kvm, "vcpu1 HLT", "max"),
        [Value::Number(1_001_118_990.99)]
    );
    let log = document("kvm-stat-l.csv");
    assert_eq!(
        values(&log, "", "kvm_exit"),
        [Value::Count(66301), Value::Count(66119)]
    );
    let totals = "Analyze events for all VMs, all VCPUs:\n VM-EXIT Samples  Samples% Time% Avg time\n \
                  HLT 3 100.00% 100.00% 4.42us ( +- 1.00% )\n Total Samples:4, Total events handled time:9.00us.\n";
    let document = parse(totals.as_bytes(), None).unwrap();
    assert_eq!(kinds(&document), [WarningKind::SummaryDisagrees]);
}

#[test]
fn events_of_perf() {
    let old = document("perf-stat-old.log");
    assert_eq!(
        values(&old, "", "task-clock"),
        [Value::Number(20_002.702_594)]
    );
    assert_eq!(values(&old, "", "kvm:kvm_exit"), [Value::Count(3_647_161)]);
    assert_eq!(
        values(&old, "", "kvm:kvm_exit:running"),
        [Value::Number(83.3)]
    );
    assert_eq!(values(&old, "", "kvm:kvm_page_fault"), [Value::Count(6794)]);
    assert_eq!(values(&old, "", "cycles"), [Value::Missing]);
    assert_eq!(
        values(&old, "machine.slice", "L1-dcache-loads"),
        [Value::Count(0)]
    );
    assert_eq!(old.counter_runs()[0].labels["time"], "1422304335.975540160");
}

#[test]
fn averages_are_told_from_intervals() {
    for name in [
        "mpstat.log",
        "mpstat-ko.log",
        "mpstat-de.log",
        "mpstat-fr.log",
        "sar-de.log",
    ] {
        let document = document(name);
        let run = &document.counter_runs()[0];
        let averages = run
            .samples
            .iter()
            .filter(|sample| sample.moment.average)
            .count();
        assert_eq!(averages * 2, run.samples.len(), "{name}");
    }
}

#[test]
fn half_a_number_is_none() {
    let document = parse(&b"pswpin 12\npswpout 34"[..], None).unwrap();
    assert_eq!(values(&document, "", "pswpin"), [Value::Count(12)]);
    assert_eq!(values(&document, "", "pswpout"), []);
    assert_eq!(kinds(&document), [WarningKind::CutFile]);
}

#[test]
fn lists_of_others_are_no_counters() {
    for text in [
        "Cannot open file: 2\nrequests: 7\nlatency: 8\n",
        "name value\nfoo 1\nbar 2\n",
        "12:00:01 some message of a daemon\n12:00:02 another: 5\n",
        "1 2 3 4 5\n6 7 8 9 10\n",
        "time,bytes,packets,errors,drops\n1,2,3,4,5\n",
        "{\"sysstats\": 1}\n",
        "# hostname interval timestamp\n",
    ] {
        assert_eq!(vnicbench_logs::detect(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn a_sink_takes_all() {
    struct Drain(usize, usize);
    impl Sink for Drain {
        fn counters(&mut self, _: usize, so_far: &mut Run) {
            self.0 += std::mem::take(&mut so_far.samples).len();
            self.1 += 1;
        }
    }
    let text = "pswpin 1\npswpout 2\n".repeat(100_000);
    let mut drain = Drain(0, 0);
    let document = parse_into(&mut text.as_bytes(), None, &mut drain).unwrap();
    assert_eq!(drain.0, 200_000);
    assert!(drain.1 > 2);
    let run = &document.counter_runs()[0];
    assert_eq!((run.samples.len(), run.total), (0, 200_000));
    assert_eq!(document.outcome, Outcome::Ok);
}
