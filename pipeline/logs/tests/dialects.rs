//! Each dialect on a log that its tool wrote (tests/dialects/README.md says how).

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use vnicbench_logs::throughput::{Direction, Protocol, Role, Run, Stream};
use vnicbench_logs::{Document, Outcome, Tool, WarningKind, benchmark, parse, stress};

fn read(name: &str) -> Vec<u8> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/dialects")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn document(name: &str, tool: Tool, dialect: &str, outcome: Outcome) -> Document {
    let document = parse(&read(name)[..], None).unwrap();
    assert_eq!(document.tool, Some(tool), "{name}");
    assert_eq!(document.dialect, dialect, "{name}");
    assert_eq!(document.outcome, outcome, "{name}: {:?}", document.warnings);
    document
}

fn only_run(document: &Document) -> &Run {
    let [run] = document.throughput_runs() else {
        panic!("{:?}", document.runs)
    };
    run
}

#[test]
fn ping() {
    let log = document("ping-iputils.log", Tool::Ping, "iputils", Outcome::Ok);
    let run = &log.ping_runs()[0];
    assert_eq!(run.destination.as_deref(), Some("127.0.0.1"));
    assert_eq!(
        (run.transmitted, run.received, run.duplicates, run.errors),
        (Some(5), 5, 0, 0)
    );
    assert_eq!(run.rtt_ms, [0.092, 0.043, 0.042, 0.072, 0.040]);
    assert_eq!(run.lines, [2, 3, 4, 5, 6]);
    assert_eq!(run.sequence, [1, 2, 3, 4, 5]);
    let summary = run.summary.unwrap();
    assert_eq!(
        (summary.min_ms, summary.avg_ms, summary.max_ms),
        (0.040, 0.057, 0.092)
    );
    assert_eq!(summary.mdev_ms, Some(0.020));
    assert!(log.warnings.is_empty());

    let log = document("ping-iputils-D-O.log", Tool::Ping, "iputils", Outcome::Ok);
    assert_eq!(
        log.ping_runs()[0].rtt_ms,
        [0.013, 0.038, 0.038, 0.039, 0.036]
    );
    let log = document("ping-iputils-6.log", Tool::Ping, "iputils", Outcome::Ok);
    assert_eq!(log.ping_runs()[0].destination.as_deref(), Some("::1"));
    assert_eq!(log.ping_runs()[0].rtt_ms.len(), 3);

    for (name, received) in [("ping-iputils-q.log", 50), ("ping-iputils-flood.log", 200)] {
        let log = document(name, Tool::Ping, "iputils", Outcome::Ok);
        assert_eq!(log.ping_runs()[0].received, received);
        assert!(
            log.ping_runs()[0].rtt_ms.is_empty() && log.warnings.is_empty(),
            "{log:?}"
        );
    }

    let log = document("ping-busybox.log", Tool::Ping, "busybox", Outcome::Ok);
    assert_eq!(log.ping_runs()[0].rtt_ms, [0.023, 0.071, 0.073, 0.070]);
    assert_eq!(log.ping_runs()[0].sequence, [0, 1, 2, 3]);
    assert_eq!(log.ping_runs()[0].summary.unwrap().mdev_ms, None);
}

#[test]
fn pings_of_other_tools_and_options() {
    let counts = |log: &Document| -> Vec<_> {
        let runs = log.ping_runs().iter();
        runs.map(|run| {
            (
                run.transmitted,
                run.received,
                run.errors,
                run.rtt_ms.clone(),
            )
        })
        .collect()
    };
    for (name, dialect, expected) in [
        (
            "ping-iputils-A.log",
            "iputils",
            (5, 5, 0, vec![0.021, 0.006, 0.004, 0.004, 0.004]),
        ),
        (
            "ping-iputils-R.log",
            "iputils",
            (2, 2, 0, vec![0.030, 0.047]),
        ),
        (
            "ping-iputils-T.log",
            "iputils",
            (2, 2, 0, vec![0.030, 0.047]),
        ),
        ("ping-iputils-errors.log", "iputils", (4, 0, 4, vec![])),
        ("ping-iputils-v-small.log", "iputils", (2, 2, 0, vec![])),
        (
            "ping-iputils-quit.log",
            "iputils",
            (6, 6, 0, vec![0.039, 0.045, 0.043, 0.048, 0.046, 0.047]),
        ),
        (
            "ping-inetutils.log",
            "bsd",
            (3, 3, 0, vec![0.046, 0.053, 0.065]),
        ),
        ("ping-inetutils-R.log", "bsd", (2, 2, 0, vec![0.047, 0.059])),
        ("ping-inetutils-errors.log", "bsd", (3, 0, 2, vec![])),
        ("ping-hping3.log", "hping3", (3, 3, 0, vec![3.8, 0.3, 0.6])),
        ("ping-nping.log", "nping", (3, 3, 0, vec![])),
    ] {
        let log = document(name, Tool::Ping, dialect, Outcome::Ok);
        let (transmitted, received, errors, times) = expected;
        assert_eq!(
            counts(&log),
            [(Some(transmitted), received, errors, times)],
            "{name}"
        );
        assert!(log.warnings.is_empty(), "{name}: {:?}", log.warnings);
    }
    for (name, expected) in [
        (
            "ping-fping-c.log",
            [
                (3, vec![0.029, 0.040, 0.042]),
                (3, vec![0.033, 0.036, 0.035]),
            ],
        ),
        (
            "ping-fping-C-q.log",
            [(3, vec![0.024, 0.055, 0.045]), (3, vec![])],
        ),
        (
            "ping-fping-errors.log",
            [(2, vec![0.043, 0.046]), (2, vec![])],
        ),
        (
            "ping-fping-J-c.log",
            [(3, vec![0.043, 0.046, 0.054]), (3, vec![])],
        ),
        (
            "ping-fping-J-C-q.log",
            [(3, vec![0.049, 0.049, 0.037]), (3, vec![])],
        ),
    ] {
        let log = document(name, Tool::Ping, "fping", Outcome::Ok);
        let expected = expected.map(|(sent, times)| (Some(sent), times.len() as u64, 0, times));
        assert_eq!(counts(&log), expected, "{name}");
        assert!(log.warnings.is_empty(), "{name}: {:?}", log.warnings);
    }
}

#[test]
fn fping_json_sums_up_and_fails() {
    // Of the counts on the way none is the whole.
    let log = document("ping-fping-J-Q.log", Tool::Ping, "fping", Outcome::Ok);
    let [run] = log.ping_runs() else {
        panic!("{log:?}")
    };
    assert_eq!((run.transmitted, run.received), (Some(5), 5));
    let summary = run.summary.unwrap();
    assert_eq!(
        (summary.min_ms, summary.avg_ms, summary.max_ms),
        (0.037, 0.053, 0.061)
    );
    assert!(log.warnings.is_empty(), "{log:?}");

    let name = "ping-fping-J-errors.log";
    let log = document(name, Tool::Ping, "fping", Outcome::Partial);
    let [run] = log.ping_runs() else {
        panic!("{log:?}")
    };
    assert_eq!((run.transmitted, run.received, run.errors), (Some(2), 0, 2));
    let kinds = log.warnings.iter().map(|warning| warning.kind);
    assert_eq!(
        kinds.collect::<Vec<_>>(),
        [WarningKind::Noise, WarningKind::ToolError]
    );
}

#[test]
fn a_ping_that_could_not_is_a_failure() {
    for name in [
        "ping-iputils-fatal.log",
        "ping-busybox-fatal.log",
        "ping-iputils-unreachable.log",
    ] {
        let log = document(name, Tool::Ping, "other", Outcome::Failed);
        assert!(log.runs.is_empty());
        assert_eq!(log.warnings[0].kind, WarningKind::ToolError);
    }
}

#[test]
fn iperf3_json() {
    let log = document("iperf3-tcp.json", Tool::Iperf3, "json", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(
        (run.protocol, run.role),
        (Some(Protocol::Tcp), Some(Role::Client))
    );
    assert_eq!((run.streams, run.reverse, run.bidir), (1, false, false));
    assert_eq!(
        run.intervals.len(),
        8,
        "a stream and its sum in each of four"
    );
    let first = run.intervals[0];
    assert_eq!(
        (first.start_s, first.end_s, first.bytes),
        (0.0, 0.500035, 1965948928)
    );
    assert_eq!(first.retransmits, Some(13));
    assert_eq!(
        (first.stream, run.intervals[1].stream),
        (Stream::Id(5), Stream::Sum)
    );
    let text = read("iperf3-tcp.json");
    for interval in &run.intervals {
        let line = text
            .split(|&byte| byte == b'\n')
            .nth(interval.line as usize - 1)
            .unwrap();
        assert!(
            line.contains(&b'{'),
            "line {} opens the interval",
            interval.line
        );
    }
    assert_eq!(run.sent.unwrap().bytes, 7881228288);
    assert_eq!(run.sent.unwrap().bits_per_second, 31524660954.71236);
    assert_eq!(run.sent.unwrap().retransmits, Some(40));
    assert_eq!(run.received.unwrap().jitter_ms, None);

    let log = document(
        "iperf3-tcp-reverse-parallel-omit.json",
        Tool::Iperf3,
        "json",
        Outcome::Ok,
    );
    let run = only_run(&log);
    assert_eq!((run.streams, run.reverse), (2, true));
    assert_eq!(
        run.intervals
            .iter()
            .filter(|interval| interval.omitted)
            .count(),
        3
    );
    assert!(
        run.intervals
            .iter()
            .all(|interval| interval.direction == Direction::Received)
    );
    assert_eq!(run.sent.unwrap().retransmits, Some(26));

    let log = document("iperf3-tcp-bidir.json", Tool::Iperf3, "json", Outcome::Ok);
    let run = only_run(&log);
    assert!(run.bidir);
    assert_eq!(
        (run.sent.unwrap().bytes, run.received.unwrap().bytes),
        (3618897920, 3582066688)
    );
    assert_eq!(run.sent_reverse.unwrap().bytes, 5166858240);
    assert_eq!(run.received_reverse.unwrap().bytes, 5165809558);

    let log = document("iperf3-udp.json", Tool::Iperf3, "json", Outcome::Ok);
    let received = only_run(&log).received.unwrap();
    assert_eq!(only_run(&log).protocol, Some(Protocol::Udp));
    assert_eq!(
        received.jitter_ms,
        Some(0.015076366257144449),
        "to the last bit"
    );
    assert_eq!((received.lost, received.packets), (Some(0), Some(77)));
    let log = document("iperf3-udp-reverse.json", Tool::Iperf3, "json", Outcome::Ok);
    assert!(only_run(&log).reverse);

    let log = document("iperf3-server-tcp.json", Tool::Iperf3, "json", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(run.role, Some(Role::Server));
    assert_eq!(
        run.sent, None,
        "a server's zeros for the client's end are no measurement"
    );
    assert_eq!(run.received.unwrap().bytes, 4028953863);
}

#[test]
fn iperf3_errors_are_failures() {
    let log = document("iperf3-error.json", Tool::Iperf3, "json", Outcome::Failed);
    assert_eq!(
        only_run(&log).error.as_deref(),
        Some("unable to connect to server: Connection refused")
    );
    document("iperf3-error.log", Tool::Iperf3, "text", Outcome::Failed);
}

#[test]
fn iperf3_text() {
    let log = document("iperf3-client.log", Tool::Iperf3, "text", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(run.intervals.len(), 2);
    assert_eq!(run.intervals[0].bits_per_second, 34.7e9);
    assert_eq!(run.intervals[0].retransmits, Some(24));
    assert_eq!(run.sent.unwrap().retransmits, Some(41));
    assert_eq!(run.received.unwrap().seconds, 2.0);

    let log = document("iperf3-client-udp.log", Tool::Iperf3, "text", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!((run.protocol, run.streams), (Some(Protocol::Udp), 2));
    assert_eq!(run.received.unwrap().packets, Some(78));
    assert_eq!(run.received.unwrap().jitter_ms, Some(0.010));

    let log = document("iperf3-server.log", Tool::Iperf3, "text", Outcome::Ok);
    let runs = log.throughput_runs();
    assert_eq!(runs.len(), 7);
    assert!(runs.iter().all(|run| run.role == Some(Role::Server)));
    assert_eq!(
        runs.iter().map(|run| run.reverse).collect::<Vec<_>>(),
        [false, true, false, false, true, false, false]
    );
    assert!(runs[2].bidir);
    assert!(runs[2].received.is_some() && runs[2].sent_reverse.is_some());
    assert_eq!(
        runs[1]
            .intervals
            .iter()
            .filter(|interval| interval.omitted)
            .count(),
        3
    );
}

#[test]
fn iperf2_text() {
    let log = document("iperf2-tcp.log", Tool::Iperf2, "text", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(
        (run.protocol, run.role),
        (Some(Protocol::Tcp), Some(Role::Client))
    );
    assert_eq!(run.intervals.len(), 2, "the total is no interval");
    assert_eq!(run.sent.unwrap().seconds, 2.0137);
    assert_eq!(run.sent.unwrap().bits_per_second, 28.9e9);
    assert_eq!(run.received, None);

    let log = document("iperf2-tcp-parallel.log", Tool::Iperf2, "text", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(run.streams, 2);
    assert_eq!(run.intervals.len(), 6);
    assert_eq!(run.sent.unwrap().bits_per_second, 50.6e9);

    let log = document(
        "iperf2-tcp-e.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Ok,
    );
    let run = only_run(&log);
    assert_eq!(run.intervals[1].retransmits, Some(39));
    assert_eq!(run.sent.unwrap().retransmits, Some(63));

    for (name, dialect) in [
        ("iperf2-udp.log", "text"),
        ("iperf2-udp-e.log", "text-enhanced"),
    ] {
        let log = document(name, Tool::Iperf2, dialect, Outcome::Ok);
        let run = only_run(&log);
        assert_eq!(run.protocol, Some(Protocol::Udp));
        assert_eq!(run.intervals.len(), 2);
        assert_eq!(
            run.sent.unwrap().retransmits,
            None,
            "packets per second aren't retransmits"
        );
        assert_eq!(run.received.unwrap().packets, Some(1787));
    }

    let log = document(
        "iperf2-udp-e-no-ack.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Partial,
    );
    assert_eq!(only_run(&log).received, None);
    assert!(
        log.warnings
            .iter()
            .any(|warning| warning.text.contains("did not receive ack"))
    );

    let log = document("iperf2-server.log", Tool::Iperf2, "text", Outcome::Ok);
    assert_eq!(
        log.throughput_runs()
            .iter()
            .map(|run| run.streams)
            .collect::<Vec<_>>(),
        [1, 2, 1, 1, 2]
    );
    assert!(
        log.throughput_runs()
            .iter()
            .all(|run| run.sent.is_none() && run.received.is_some())
    );
    let log = document("iperf2-server-udp.log", Tool::Iperf2, "text", Outcome::Ok);
    assert_eq!(
        log.throughput_runs()[1].received.unwrap().packets,
        Some(1787)
    );

    let log = document("iperf2-refused.log", Tool::Iperf2, "text", Outcome::Failed);
    assert!(
        only_run(&log)
            .error
            .as_deref()
            .unwrap()
            .contains("Connection refused")
    );
}

#[test]
fn iperf2_csv() {
    let log = document("iperf2-tcp.csv", Tool::Iperf2, "csv", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(run.intervals.len(), 2);
    assert_eq!(run.sent.unwrap().bytes, 8945139772);
    let log = document("iperf2-tcp-parallel.csv", Tool::Iperf2, "csv", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!((run.streams, run.intervals.len()), (2, 4));
    assert_eq!(run.sent.unwrap().bytes, 6231425084 + 6164971580);
    let log = document("iperf2-udp.csv", Tool::Iperf2, "csv", Outcome::Ok);
    assert_eq!(only_run(&log).protocol, Some(Protocol::Udp));
    document(
        "iperf2-udp-no-ack.csv",
        Tool::Iperf2,
        "csv",
        Outcome::Partial,
    );
}

#[test]
fn iperf2_of_both_directions_and_many_clients() {
    let log = document(
        "iperf2-tcp-e-parallel.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Ok,
    );
    let run = only_run(&log);
    assert_eq!((run.streams, run.intervals.len()), (2, 6));
    assert_eq!(run.sent.unwrap().retransmits, Some(12));

    let log = document(
        "iperf2-tcp-e-reverse.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Ok,
    );
    let run = only_run(&log);
    assert!(run.reverse && run.sent.is_none());
    assert_eq!(run.received.unwrap().bits_per_second, 27.5e9);

    let log = document("iperf2-dual-2.0.5.log", Tool::Iperf2, "text", Outcome::Ok);
    let run = only_run(&log);
    assert!(run.bidir && run.received.is_none() && run.sent_reverse.is_none());
    assert_eq!(run.sent.unwrap().bits_per_second, 940e6);
    assert_eq!(run.received_reverse.unwrap().bits_per_second, 470e6);

    let log = document(
        "iperf2-udp-parallel.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Ok,
    );
    let received = only_run(&log).received.unwrap();
    assert_eq!(
        (received.lost, received.packets, received.jitter_ms),
        (Some(1), Some(3574), None),
        "of both reports"
    );

    let log = document(
        "iperf2-server-e.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Ok,
    );
    let runs = log.throughput_runs();
    assert_eq!(
        runs.iter().map(|run| run.streams).collect::<Vec<_>>(),
        [2, 1, 1]
    );
    assert!(runs[2].reverse && runs[2].sent.unwrap().retransmits == Some(6));

    let log = document(
        "iperf2-server-udp-histograms.log",
        Tool::Iperf2,
        "text-enhanced",
        Outcome::Ok,
    );
    let runs = log.throughput_runs();
    assert_eq!(runs[0].intervals.len(), 2, "histograms are no intervals");
    assert_eq!(runs[1].received.unwrap().packets, Some(3574));

    let log = document("iperf2-server-udp.csv", Tool::Iperf2, "csv", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!((run.streams, run.intervals.len()), (2, 4));
    assert_eq!(run.received.unwrap().lost, Some(1));
    let log = document("iperf2-tcp-e-2.2.csv", Tool::Iperf2, "csv", Outcome::Ok);
    let run = only_run(&log);
    assert_eq!(run.intervals[0].retransmits, Some(3));
    assert_eq!(run.sent.unwrap().bytes, 393_347_072);
}

#[test]
fn benchmarks() {
    let measure = |log: &Document, run: usize, name: &str| -> (f64, &'static str) {
        let run = &log.benchmark_runs()[run];
        let of = |measure: &&benchmark::Measure| measure.name == name;
        let measure = run.measures.iter().find(of).unwrap();
        (measure.value, measure.unit.name())
    };
    for (name, test, measured, value) in [
        (
            "sysbench-cpu.log",
            Some("cpu"),
            "events per second",
            (1191.47, "1/s"),
        ),
        (
            "sysbench-cpu.log",
            Some("cpu"),
            "Latency: avg",
            (0.00168, "s"),
        ),
        (
            "sysbench-threads.log",
            None,
            "total number of events",
            (359.0, "1"),
        ),
        (
            "sysbench-memory.log",
            Some("memory"),
            "transferred",
            (1_073_741_824.0, "B"),
        ),
        (
            "sysbench-fileio.log",
            Some("fileio"),
            "Throughput: read",
            (39.33 * 1_048_576.0, "B/s"),
        ),
        (
            "sysbench-0.4-oltp.log",
            Some("oltp"),
            "transactions: per second",
            (22522.33, "1/s"),
        ),
    ] {
        let log = document(name, Tool::Sysbench, "text", Outcome::Ok);
        assert_eq!(log.benchmark_runs()[0].test.as_deref(), test, "{name}");
        assert_eq!(measure(&log, 0, measured), value, "{name}");
    }

    let log = document("netperf-stream.log", Tool::Netperf, "text", Outcome::Ok);
    assert_eq!(measure(&log, 0, "Throughput"), (941.23e6, "bit/s"));
    assert_eq!(measure(&log, 0, "Interim result"), (941.46e6, "bit/s"));
    assert_eq!(measure(&log, 0, "CPU local"), (23.33, "%"));
    let names = log.benchmark_runs()[0].measures.iter();
    assert!(
        !names
            .map(|measure| &measure.name)
            .any(|name| name == "CPU remote"),
        "-1 is no measure"
    );
    let log = document("netperf-rr.log", Tool::Netperf, "text", Outcome::Ok);
    assert_eq!(measure(&log, 0, "Trans. Rate"), (111_310.51, "1/s"));
    assert_eq!(
        measure(&log, 1, "Received: Throughput"),
        (121.58e6, "bit/s")
    );
    let log = document("netperf-omni.log", Tool::Netperf, "text", Outcome::Ok);
    assert_eq!(
        measure(&log, 0, "Stddev Latency Microseconds"),
        (0.000_023_82, "s")
    );
    assert_eq!(measure(&log, 1, "THROUGHPUT"), (11_540.09e6, "bit/s"));
    assert_eq!(measure(&log, 2, "Throughput"), (1408.78, "1/s"));

    let log = document(
        "sockperf-ping-pong.log",
        Tool::Sockperf,
        "text",
        Outcome::Ok,
    );
    assert_eq!(measure(&log, 0, "Latency"), (0.000_015_541, "s"));
    assert_eq!(measure(&log, 0, "percentile 99.000"), (0.000_013_64, "s"));
    let log = document(
        "sockperf-throughput.log",
        Tool::Sockperf,
        "text",
        Outcome::Ok,
    );
    assert_eq!(
        measure(&log, 0, "BandWidth"),
        (1.030 * 8.0 * 1_048_576.0, "bit/s")
    );
    document(
        "sockperf-under-load.log",
        Tool::Sockperf,
        "text",
        Outcome::Ok,
    );
    document("sockperf-full-log.csv", Tool::Sockperf, "text", Outcome::Ok);
    document(
        "sockperf-refused.log",
        Tool::Sockperf,
        "text",
        Outcome::Failed,
    );

    let json = serde_json::to_string(&log.benchmark_runs()[0]).unwrap();
    assert!(
        json.starts_with(
            r#"{"test":"throughput","measures":[{"name":"messages sent","value":79397.0,"unit":"1"},"#
        ),
        "{json}"
    );
}

#[test]
fn stress_ng_of_other_forms() {
    for (name, dialect, ops) in [
        ("stress-ng-log-brief.log", "text", vec![316, 852]),
        ("stress-ng-sn.log", "text", vec![558]),
        ("stress-ng-timestamp.log", "text", vec![]),
        ("stress-ng-two.yaml", "yaml", vec![19043, 458]),
    ] {
        let log = document(name, Tool::StressNg, dialect, Outcome::Ok);
        let [run] = log.stress_runs() else {
            panic!("{name}: {log:?}")
        };
        let read: Vec<u64> = run.stressors.iter().map(|of| of.bogo_ops).collect();
        assert!(!read.is_empty());
        if !ops.is_empty() {
            assert_eq!(read, ops, "{name}");
        }
    }
    document(
        "stress-ng-unsupported.log",
        Tool::StressNg,
        "text",
        Outcome::Failed,
    );
    document("stress-fail.log", Tool::Stress, "text", Outcome::Failed);
    document("stress-verbose.log", Tool::Stress, "text", Outcome::Ok);
}

#[test]
fn stress_and_stress_ng() {
    let log = document("stress.log", Tool::Stress, "text", Outcome::Ok);
    let [run] = log.stress_runs() else {
        panic!("{log:?}")
    };
    assert_eq!(
        (run.outcome, run.seconds, run.stressors.len()),
        (stress::End::Ok, Some(1.0), 0)
    );

    let log = document("stress-ng.log", Tool::StressNg, "text", Outcome::Ok);
    let stressor = &log.stress_runs()[0].stressors[0];
    assert_eq!(
        (stressor.name.as_str(), stressor.bogo_ops, stressor.line),
        ("cpu", 2095, 5)
    );
    assert_eq!(
        (stressor.ops_per_real_s, stressor.ops_per_cpu_s),
        (2091.05, 2091.49)
    );
    let log = document("stress-ng-brief.log", Tool::StressNg, "text", Outcome::Ok);
    assert_eq!(
        log.stress_runs()[0].stressors.len(),
        2,
        "miscellaneous metrics aren't stressors"
    );
    let log = document("stress-ng-plain.log", Tool::StressNg, "text", Outcome::Ok);
    assert_eq!(log.stress_runs()[0].outcome, stress::End::Ok);
    let log = document("stress-ng.yaml", Tool::StressNg, "yaml", Outcome::Ok);
    assert_eq!(log.stress_runs()[0].stressors[0].usr_s, 0.997671);
}

#[test]
fn json_lines_have_the_documented_shape() {
    let log = parse(&read("ping-busybox.log")[..], None).unwrap();
    assert_eq!(
        log.to_json("a.log").unwrap(),
        r#"{"file":"a.log","tool":"ping","dialect":"busybox","outcome":"ok","runs":[{"destination":"127.0.0.1","transmitted":4,"received":4,"duplicates":0,"errors":0,"rtt_ms":[0.023,0.071,0.073,0.07],"summary":{"min":0.023,"avg":0.059,"max":0.073,"mdev":null}}],"bytes":{"read":388,"skipped":1,"warned":0},"warnings":[]}"#
    );
    let log = parse(&read("stress-ng.log")[..], None).unwrap();
    assert_eq!(
        serde_json::to_string(&log.runs).unwrap(),
        r#"[{"stressors":[{"name":"cpu","bogo_ops":2095,"real_s":1.0,"usr_s":1.0,"sys_s":0.0,"ops_per_s_real":2091.05,"ops_per_s_cpu":2091.49}],"outcome":"ok"}]"#
    );
    let log = parse(&read("iperf2-tcp.csv")[..], None).unwrap();
    let json = serde_json::to_string(&log.throughput_runs()[0]).unwrap();
    assert_eq!(
        json,
        r#"{"protocol":"TCP","role":null,"streams":1,"reverse":false,"bidir":false,"intervals":[{"start":0.0,"end":1.0,"bits_per_second":34468790752.0,"bytes":4308598844,"retransmits":null,"omitted":false,"stream":1,"direction":"sent"},{"start":1.0,"end":2.0,"bits_per_second":37091278848.0,"bytes":4636409856,"retransmits":null,"omitted":false,"stream":1,"direction":"sent"}],"sent":{"bytes":8945139772,"seconds":2.0,"bits_per_second":35557365504.0,"retransmits":null},"received":null,"error":null}"#
    );
    let log = parse(&b""[..], None).unwrap();
    assert_eq!(
        log.to_json("x").unwrap(),
        r#"{"file":"x","tool":null,"dialect":"","outcome":"failed","runs":[],"bytes":{"read":0,"skipped":0,"warned":0},"warnings":[{"kind":"empty-file","line":0,"text":"the file is empty: the tool wrote nothing"}]}"#
    );
}
