//! Logs that others published, where they are at hand (they aren't part of the
//! repository); what other parsers make of them lies beside some of them.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use vnicbench_logs::{Document, Outcome, Tool, parse};

/// The corpus, or nothing with a word about it.
fn corpus() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    if !folder.is_dir() {
        eprintln!("SKIPPED: there is no corpus at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found.sort();
    found
}

fn document(path: &Path) -> Document {
    parse(fs::File::open(path).unwrap(), None).unwrap()
}

fn json(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn logs_are_their_tools() {
    let Some(corpus) = corpus() else { return };
    let mut read = 0;
    for (folder, tool, wanted) in [
        ("ping/jc", Tool::Ping, ".out"),
        ("ping/pingparsing", Tool::Ping, ".txt"),
        ("ping/snippets", Tool::Ping, ".txt"),
        ("ping/telegraf", Tool::Ping, ".txt"),
        ("virt-vs-sriov/carrtesy-ping", Tool::Ping, ".txt"),
        ("iperf2/pkb", Tool::Iperf2, ".txt"),
        ("iperf2/snippets", Tool::Iperf2, ".txt"),
        ("iperf2/pedrobellotti", Tool::Iperf2, ".csv"),
        ("iperf3/graft-bench/output", Tool::Iperf3, ".txt"),
        (
            "iperf3/infrabuilder-cni-2024-01",
            Tool::Iperf3,
            "client.stdout",
        ),
        (
            "iperf3/infrabuilder-cni-2024-01",
            Tool::Iperf3,
            "server.stdout",
        ),
        ("iperf3/iperf3-lib", Tool::Iperf3, ".json"),
        (
            "iperf3/lytzeng-k8s-overlay/Raw_test_result_data/bare-metal/worker1_to_2_iperf",
            Tool::Iperf3,
            ".log",
        ),
        ("iperf3/pkb-windows", Tool::Iperf3, ".txt"),
        (
            "virt-vs-sriov/microvm-networking",
            Tool::Iperf3,
            ".iperf3.txt",
        ),
        (
            "virt-vs-sriov/virtualbox-virtio-vs-e1000",
            Tool::Iperf3,
            ".json",
        ),
        ("stress-ng/haobosu-vm-contention", Tool::StressNg, ".txt"),
        ("stress-ng/pkb", Tool::StressNg, ".txt"),
        ("stress-ng/sysbench-pkb", Tool::Sysbench, ".txt"),
        ("netperf/lkp", Tool::Netperf, "netperf"),
        ("netperf/lkp", Tool::Netperf, "netperf-recv"),
        (
            "virt-vs-sriov/microvm-networking",
            Tool::Sockperf,
            ".sockperf.txt",
        ),
    ] {
        for path in files(&corpus.join(folder))
            .iter()
            .filter(|path| path.to_string_lossy().ends_with(wanted))
        {
            let document = document(path);
            read += 1;
            if fs::metadata(path).unwrap().len() == 0 {
                assert_eq!(document.outcome, Outcome::Failed);
                continue;
            }
            assert_eq!(document.tool, Some(tool), "{}", path.display());
            let fine = document.outcome == Outcome::Ok;
            assert!(
                fine || !document.warnings.is_empty(),
                "{}: {document:?}",
                path.display()
            );
        }
    }
    eprintln!("{read} logs of the corpus");
    assert!(read > 150);
}

#[test]
fn nothing_panics() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus) {
        document(&path);
        for &tool in Tool::ALL {
            parse(fs::File::open(&path).unwrap(), Some(tool)).unwrap();
        }
    }
}

#[test]
fn jc_reads_the_same_pings() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for path in files(&corpus.join("ping/jc"))
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "out"))
    {
        let theirs = json(&path.with_extension("json"));
        let document = document(path);
        let [ours] = document.ping_runs() else {
            panic!("{}: {document:?}", path.display())
        };
        let name = path.display();
        assert_eq!(
            ours.transmitted,
            theirs["packets_transmitted"].as_u64(),
            "{name}"
        );
        assert_eq!(
            Some(ours.received),
            theirs["packets_received"].as_u64(),
            "{name}"
        );
        let replies = theirs["responses"].as_array().unwrap().iter();
        let times: Vec<f64> = replies
            .filter(|reply| reply["type"] == "reply" && reply["duplicate"] != true)
            .map(|reply| reply["time_ms"].as_f64().unwrap())
            .collect();
        assert_eq!(ours.rtt_ms, times, "{name}");
        let summary = ours.summary.unwrap();
        assert_eq!(
            Some(summary.min_ms),
            theirs["round_trip_ms_min"].as_f64(),
            "{name}"
        );
        assert_eq!(
            Some(summary.avg_ms),
            theirs["round_trip_ms_avg"].as_f64(),
            "{name}"
        );
        assert_eq!(
            Some(summary.max_ms),
            theirs["round_trip_ms_max"].as_f64(),
            "{name}"
        );
        assert_eq!(
            summary.mdev_ms,
            theirs["round_trip_ms_stddev"].as_f64(),
            "{name}"
        );
        compared += 1;
    }
    assert!(compared >= 15);
}

#[test]
fn pingparsing_reads_the_same_pings() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for path in files(&corpus.join("ping/pingparsing")) {
        let Some(log) = path
            .to_str()
            .and_then(|name| name.strip_suffix(".expected.json"))
        else {
            continue;
        };
        let theirs = json(&path);
        let document = document(Path::new(&format!("{log}.txt")));
        let [ours] = document.ping_runs() else {
            panic!("{log}: {document:?}")
        };
        let summary = &theirs["summary"];
        // For Windows they take the address of the summary, not the name that was given.
        if document.dialect != "windows" {
            assert_eq!(
                ours.destination.as_deref(),
                summary["destination"].as_str(),
                "{log}"
            );
        }
        assert_eq!(
            ours.transmitted,
            summary["packet_transmit"].as_u64(),
            "{log}"
        );
        assert_eq!(
            Some(ours.received),
            summary["packet_receive"].as_u64(),
            "{log}"
        );
        assert_eq!(
            ours.duplicates,
            summary["packet_duplicate_count"].as_u64().unwrap_or(0),
            "{log}"
        );
        assert_eq!(
            ours.summary.map(|summary| summary.avg_ms),
            summary["rtt_avg"].as_f64(),
            "{log}"
        );
        let replies = theirs["replies"].as_array().unwrap().iter();
        let times: Vec<f64> = replies
            .filter(|reply| reply["duplicate"] != true)
            .filter_map(|reply| reply["time"].as_f64())
            .collect();
        assert_eq!(ours.rtt_ms, times, "{log}");
        compared += 1;
    }
    assert!(compared >= 9);
}

#[test]
fn pkb_reads_the_same_iperf() {
    let Some(corpus) = corpus() else { return };
    let log = document(&corpus.join("iperf2/pkb/testIperfParseResultsTCPSingleThread.txt"));
    let sent = log.throughput_runs()[0].sent.unwrap();
    assert_eq!(
        (sent.bits_per_second, sent.seconds, sent.retransmits),
        (1966e6, 60.0, Some(0))
    );
    let log = document(&corpus.join("iperf2/pkb/testIperfParseResultsUDPSingleThread.txt"));
    let received = log.throughput_runs()[0].received.unwrap();
    assert_eq!(
        (received.jitter_ms, received.lost, received.packets),
        (Some(0.017), Some(0), Some(5350))
    );
}

#[test]
fn lkp_reads_the_same_stress_ng() {
    let Some(corpus) = corpus() else { return };
    for name in ["01", "07"] {
        let log = document(&corpus.join("stress-ng/lkp").join(name));
        let theirs =
            fs::read_to_string(corpus.join("stress-ng/lkp").join(format!("{name}.yaml"))).unwrap();
        let value = |key: &str| {
            let line = theirs
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{key}: ")));
            line.and_then(|value| value.parse::<f64>().ok())
        };
        let stressors = &log.stress_runs()[0].stressors;
        assert_eq!(
            stressors.len(),
            theirs
                .lines()
                .filter(|line| line.contains(".ops: "))
                .count()
        );
        for stressor in stressors {
            assert_eq!(
                value(&format!("{}.ops", stressor.name)),
                Some(stressor.bogo_ops as f64)
            );
            assert_eq!(
                value(&format!("{}.ops_per_sec", stressor.name)),
                Some(stressor.ops_per_real_s)
            );
        }
    }
}

/// A line's subject, and name and value of each of its samples.
type Row = (String, Vec<(String, f64)>);

/// The samples of a log by their lines.
fn rows(document: &Document) -> Vec<Row> {
    let mut rows: Vec<(u64, Row)> = Vec::new();
    for run in document.counter_runs() {
        for sample in run.samples.iter() {
            let pair = (sample.name.to_owned(), sample.value.as_f64().unwrap());
            match rows.last_mut() {
                Some((line, (_, pairs))) if *line == sample.line => pairs.push(pair),
                _ => rows.push((sample.line, (sample.subject.to_owned(), vec![pair]))),
            }
        }
    }
    rows.into_iter().map(|(_, row)| row).collect()
}

#[test]
fn mpstat_as_jc_reads_it() {
    let Some(corpus) = corpus() else { return };
    let mut compared = 0;
    for path in files(&corpus.join("telemetry/jc")) {
        if path.extension().is_none_or(|kind| kind != "out") {
            continue;
        }
        let ours = rows(&document(&path));
        let theirs = json(&path.with_extension("json"));
        let theirs = theirs.as_array().unwrap();
        assert_eq!(ours.len(), theirs.len(), "{}", path.display());
        for ((subject, pairs), theirs) in ours.iter().zip(theirs) {
            let theirs = theirs.as_object().unwrap();
            let key = if theirs.contains_key("node") {
                "node"
            } else {
                "cpu"
            };
            let whose = theirs[key].as_str().unwrap();
            let whose = match (key, whose) {
                ("cpu", "all") => "all".to_owned(),
                ("node", "all") => "node-all".to_owned(),
                (key, number) => format!("{key}{number}"),
            };
            assert_eq!(*subject, whose, "{}", path.display());
            let numbers = theirs.values().filter(|value| value.is_number()).count();
            assert_eq!(pairs.len(), numbers, "{}", path.display());
            for (name, value) in pairs {
                let name = name.to_lowercase();
                let theirs = theirs
                    .get(&format!("percent_{name}"))
                    .or_else(|| theirs.get(&format!("{name}_s")));
                assert_eq!(theirs.and_then(Value::as_f64), Some(*value), "{name}");
                compared += 1;
            }
        }
    }
    assert!(compared > 500);
}

#[test]
fn mpstat_as_lkp_reads_it() {
    let Some(corpus) = corpus() else { return };
    let log = document(&corpus.join("telemetry/lkp-mpstat/1"));
    // Whoever stopped mpstat left its document open.
    assert_eq!(log.outcome, Outcome::Partial);
    let ours: Vec<_> = log.counter_runs()[0].samples.iter().collect();
    let theirs = fs::read_to_string(corpus.join("telemetry/lkp-mpstat/1.yaml")).unwrap();
    let mut snapshot = None;
    let mut compared = 0;
    for line in theirs.lines() {
        if line.starts_with("time:") {
            snapshot = Some(snapshot.map_or(0, |snapshot: u32| snapshot + 1));
        } else if let Some((key, value)) = line.split_once(": ")
            && let Some(key) = key.strip_prefix("cpu.")
        {
            let (cpu, name) = key.split_once('.').unwrap();
            let whose = if cpu == "-1" {
                "all".to_owned()
            } else {
                format!("cpu{cpu}")
            };
            let sample = ours.iter().find(|sample| {
                Some(sample.moment.snapshot) == snapshot
                    && sample.subject == whose
                    && sample.name == name.trim_end_matches('%')
            });
            let value: f64 = value.parse().unwrap();
            assert_eq!(
                sample.and_then(|sample| sample.value.as_f64()),
                Some(value),
                "{line}"
            );
            compared += 1;
        }
    }
    assert_eq!(compared, ours.len());
}

#[test]
fn exits_as_pbench_reads_them() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("telemetry/pbench/kvmstat");
    let log = document(&folder.join("raw/kvmstat-stdout.txt"));
    let theirs = fs::read_to_string(folder.join("gold/csv/kvmstat_kvm_exits.csv")).unwrap();
    let mut lines = theirs.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').skip(1).collect();
    let runs = log.counter_runs();
    let theirs: Vec<&str> = lines.collect();
    assert_eq!(runs.len(), theirs.len());
    for (run, theirs) in runs.iter().zip(theirs) {
        let value = |name: &str| {
            let mut samples = run.samples.iter();
            let sample = samples.find(|sample| sample.name == name);
            sample.and_then(|sample| sample.value.as_f64()).unwrap()
        };
        let mut fields = theirs.split(',').map(|field| field.parse::<f64>().unwrap());
        let time: f64 = run.labels["time"].parse().unwrap();
        assert!((fields.next().unwrap() - time * 1000.0).abs() < 1.0);
        for (name, rate) in names.iter().zip(fields) {
            let ours = value(&format!("kvm:{name}")) / value("elapsed");
            assert!((ours - rate).abs() <= rate * 1e-9, "{name}: {ours} {rate}");
        }
    }
}

#[test]
fn other_telemetry_is_read_whole() {
    let Some(corpus) = corpus() else { return };
    let telemetry = corpus.join("telemetry");
    for (name, tool, samples) in [
        ("jc/linux-proc/interrupts", Tool::Interrupts, 128),
        ("interrupts/telegraf/hwIrqsString.txt", Tool::Interrupts, 88),
        (
            "interrupts/telegraf/softIrqsString.txt",
            Tool::Interrupts,
            13,
        ),
        ("perf-kvm/stat-report-linaro.txt", Tool::PerfKvm, 51),
        ("pkb/mpstat_output.json", Tool::Mpstat, 239),
        ("pkb/sar_output.txt", Tool::Sar, 66),
    ] {
        let log = document(&telemetry.join(name));
        assert_eq!(log.tool, Some(tool), "{name}");
        let runs = log.counter_runs();
        assert_eq!(
            runs.iter().map(|run| run.samples.len()).sum::<usize>(),
            samples,
            "{name}"
        );
        assert_eq!(log.outcome, Outcome::Ok, "{name}: {:?}", log.warnings);
    }
    for folder in [
        "ping",
        "iperf2",
        "iperf3",
        "netperf",
        "stress-ng",
        "stats-ci",
        "virt-vs-sriov",
    ] {
        for path in files(&corpus.join(folder)) {
            let log = document(&path);
            assert!(
                log.counter_runs().is_empty(),
                "{}: {:?}",
                path.display(),
                log.tool
            );
        }
    }
}

#[test]
fn lkp_reads_the_same_netperf() {
    let Some(corpus) = corpus() else { return };
    for (name, keys) in [
        ("netperf", vec![("Throughput", "Throughput_total_Mbps")]),
        (
            "netperf-recv",
            vec![
                ("Throughput", "Throughput_total_Mbps"),
                ("Received: Throughput", "ThroughputRecv_total_Mbps"),
            ],
        ),
    ] {
        let log = document(&corpus.join("netperf/lkp").join(name));
        let theirs =
            fs::read_to_string(corpus.join("netperf/lkp").join(format!("{name}.yaml"))).unwrap();
        for (measured, key) in keys {
            let total = theirs
                .lines()
                .find_map(|line| line.strip_prefix(&format!("{key}: ")))
                .unwrap();
            let total: f64 = total.parse().unwrap();
            let ours: f64 = log
                .benchmark_runs()
                .iter()
                .flat_map(|run| &run.measures)
                .filter(|measure| measure.name == measured)
                .map(|measure| measure.value / 1e6)
                .sum();
            assert!((ours - total).abs() < 1e-3, "{name} {key}: {ours} {total}");
        }
    }
}

#[test]
fn each_flow_of_many_at_once_is_a_run() {
    let Some(corpus) = corpus() else { return };
    for path in files(&corpus.join("iperf2/pedrobellotti"))
        .iter()
        .filter(|path| path.extension().is_some_and(|kind| kind == "csv"))
    {
        let text = fs::read_to_string(path).unwrap();
        let sent = text
            .lines()
            .filter(|line| line.starts_with("20") && line.matches(',').count() == 8)
            .count();
        let reported = text
            .lines()
            .filter(|line| line.starts_with("20") && line.matches(',').count() == 13)
            .count();
        let log = document(path);
        let runs = log.throughput_runs();
        let has = |of: fn(&vnicbench_logs::throughput::Run) -> bool| {
            runs.iter().filter(|run| of(run)).count()
        };
        assert_eq!(
            (
                has(|run| run.sent.is_some()),
                has(|run| run.received.is_some())
            ),
            (sent, reported),
            "{}",
            path.display()
        );
    }
}
