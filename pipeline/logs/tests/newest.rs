//! What the newest versions print (tests/dialects/README.md says how the logs were made), and
//! times that others wrote in front of it.

#![allow(clippy::unwrap_used)]

use std::path::PathBuf;

use vnicbench_logs::throughput::{Direction, Protocol, Role, Run, Stream};
use vnicbench_logs::{Document, Outcome, Tool, WarningKind, parse, stress};

fn document(name: &str, tool: Tool) -> Document {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects");
    let log = std::fs::read(folder.join(name)).unwrap();
    let document = parse(&log[..], None).unwrap();
    assert_eq!(document.tool, Some(tool), "{name}");
    assert_eq!(document.outcome, Outcome::Ok, "{name}: {document:?}");
    assert_eq!(document.warnings, [], "{name}");
    document
}

fn iperf2(name: &str) -> Run {
    let document = document(name, Tool::Iperf2);
    let [run] = document.throughput_runs() else {
        panic!("{name}: {document:?}")
    };
    assert_eq!(run.role, Some(Role::Client), "{name}");
    run.clone()
}

#[test]
fn sums_without_their_streams() {
    let run = iperf2("iperf2-2.2-sum-only.log");
    assert_eq!(run.streams, 2);
    assert!(run.intervals.iter().all(|row| row.stream == Stream::Sum));
    let sent = run.sent.unwrap();
    assert_eq!((sent.bits_per_second, sent.retransmits), (21.3e9, Some(46)));
}

#[test]
fn frames_and_answers() {
    let run = iperf2("iperf2-2.2-isochronous.log");
    assert_eq!((run.protocol, run.streams), (Some(Protocol::Udp), 1));
    assert_eq!(run.intervals.len(), 2);
    let received = run.received.unwrap();
    assert_eq!((received.lost, received.packets), (Some(0), Some(6985)));

    let run = iperf2("iperf2-2.2-bounceback.log");
    let rates = run.intervals.iter().map(|row| row.bits_per_second);
    assert_eq!(rates.collect::<Vec<_>>(), [16e3, 16e3]);
    assert_eq!(run.sent.unwrap().seconds, 2.003);
}

#[test]
fn both_directions_of_one_connection() {
    let run = iperf2("iperf2-2.2-full-duplex.log");
    assert!(run.bidir);
    assert_eq!(run.sent.unwrap().bits_per_second, 11.9e9);
    assert_eq!(run.received_reverse.unwrap().bits_per_second, 5.18e9);
    let ways = run.intervals.iter().map(|row| row.direction);
    use Direction::{Received, Sent};
    assert_eq!(ways.collect::<Vec<_>>(), [Received, Sent, Sent, Received]);
}

#[test]
fn only_stressors_have_metrics() {
    let document = document("stress-ng-0.22-vmstat.log", Tool::StressNg);
    let [run] = document.stress_runs() else {
        panic!("{document:?}")
    };
    assert_eq!(run.outcome, stress::End::Ok);
    let names = run.stressors.iter().map(|stressor| &stressor.name[..]);
    assert_eq!(names.collect::<Vec<_>>(), ["cpu"]);

    // The same run: what the table rounds the YAML has whole.
    let text = self::document("stress-ng-0.22.log", Tool::StressNg);
    let yaml = self::document("stress-ng-0.22.yaml", Tool::StressNg);
    let of = |document: &Document| -> Vec<_> {
        let stressors = document.stress_runs()[0].stressors.iter();
        stressors
            .map(|one| {
                let rounded = |value: f64| (value * 100.0).round() as u64;
                let rates = (rounded(one.ops_per_real_s), rounded(one.ops_per_cpu_s));
                (one.name.clone(), one.bogo_ops, rounded(one.real_s), rates)
            })
            .collect()
    };
    assert_eq!(of(&text), of(&yaml));
    assert_eq!(of(&text).len(), 2);
}

#[test]
fn times_of_others_are_no_numbers_of_ping() {
    let log = "PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n\
        64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=12.3 ms\n\
        64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=12.1 ms\n\
        \n\
        --- 10.0.0.2 ping statistics ---\n\
        3 packets transmitted, 2 received, 33% packet loss, time 2003ms\n\
        rtt min/avg/max/mdev = 12.100/12.200/12.300/0.100 ms\n";
    let windows = "Pinging 10.0.0.2 with 32 bytes of data:\r\n\
        Reply from 10.0.0.2: bytes=32 time=12ms TTL=117\r\n\
        Request timed out.\r\n\
        Reply from 10.0.0.2: bytes=32 time=13ms TTL=117\r\n\
        \r\n\
        Ping statistics for 10.0.0.2:\r\n\
        \x20   Packets: Sent = 3, Received = 2, Lost = 1 (33% loss),\r\n\
        Approximate round trip times in milli-seconds:\r\n\
        \x20   Minimum = 12ms, Maximum = 13ms, Average = 12ms\r\n";
    for stamp in [
        "2026-11-30 14:01:02: ",
        "Nov 30 14:01:02 ",
        "[Mon Nov 30 14:01:02 UTC 2026] ",
        "11/30/2026 2:01:02 PM - ",
        "1796046948.123456 ",
    ] {
        for (log, odd) in [(log, &[][..]), (windows, &[WarningKind::Quantised])] {
            let lines = log.lines().map(|line| format!("{stamp}{line}\n"));
            let stamped: String = lines.collect();
            let found = parse(stamped.as_bytes(), None).unwrap();
            let [run] = found.ping_runs() else {
                panic!("{stamped}{found:?}")
            };
            let plain = parse(log.as_bytes(), None).unwrap();
            assert_eq!(run, &plain.ping_runs()[0], "{stamped}");
            assert_eq!((run.transmitted, run.received), (Some(3), 2));
            let kinds = found.warnings.iter().map(|warning| warning.kind);
            assert_eq!(kinds.collect::<Vec<_>>(), odd, "{stamped}{found:?}");
        }
    }
    // Whatever else is in front, counts are those before their words.
    let named = log.lines().map(|line| format!("node12: {line}\n"));
    let found = parse(named.collect::<String>().as_bytes(), None).unwrap();
    let run = &found.ping_runs()[0];
    assert_eq!((run.transmitted, run.received), (Some(3), 2));
    assert_eq!(run.rtt_ms, [12.3, 12.1]);
}

#[test]
fn times_of_others_in_front_of_iperf_2() {
    let log = "------------------------------------------------------------\n\
        Client connecting to 10.0.0.2, TCP port 5001\n\
        TCP window size: 85.0 KByte (default)\n\
        ------------------------------------------------------------\n\
        [  3] local 10.0.0.1 port 40000 connected with 10.0.0.2 port 5001\n\
        [ ID] Interval       Transfer     Bandwidth\n\
        [  3]  0.0- 1.0 sec   112 MBytes   941 Mbits/sec\n\
        [  3]  1.0- 2.0 sec   112 MBytes   942 Mbits/sec\n\
        [  3]  0.0- 2.0 sec   224 MBytes   941 Mbits/sec\n";
    let plain = parse(log.as_bytes(), None).unwrap();
    for stamp in ["2026-11-30 14:01:02 ", "[14:01:02] ", "Nov 30 14:01:02 "] {
        let lines = log.lines().map(|line| format!("{stamp}{line}\n"));
        let found = parse(lines.collect::<String>().as_bytes(), None).unwrap();
        assert_eq!(found.warnings, [], "{stamp}");
        assert_eq!(found.throughput_runs(), plain.throughput_runs(), "{stamp}");
    }
}

#[test]
fn addresses_made_unreadable() {
    let log = "\nPinging host.example [x.x.x.x] with 32 bytes of data:\n\
        Reply from x.x.x.x: bytes=32 time=12ms TTL=117\n\
        Reply from x.x.x.x: bytes=32 time<1ms TTL=117\n\n\
        Ping statistics for x.x.x.x:\n\
        \x20   Packets: Sent = 2, Received = 2, Lost = 0 (0% loss),\n\
        Approximate round trip times in milli-seconds:\n\
        \x20   Minimum = 0ms, Maximum = 12ms, Average = 6ms\n";
    let found = parse(log.as_bytes(), None).unwrap();
    assert_eq!((found.tool, found.outcome), (Some(Tool::Ping), Outcome::Ok));
    let run = &found.ping_runs()[0];
    assert_eq!(
        (run.transmitted, &run.rtt_ms[..]),
        (Some(2), &[12.0, 1.0][..])
    );
}
