//! Minimal cases of dialects whose tools don't run here, and of damage.

#![allow(clippy::unwrap_used)]

use vnicbench_logs::ping::Run;
use vnicbench_logs::throughput::Stream;
use vnicbench_logs::{Document, Outcome, Sink, Tool, WarningKind, parse, parse_into, stress};

fn read(log: &str) -> Document {
    parse(log.as_bytes(), None).unwrap()
}

fn ping(log: &str) -> (Document, Run) {
    let document = read(log);
    let [run] = document.ping_runs() else {
        panic!("{document:?}")
    };
    let run = run.clone();
    (document, run)
}

fn kinds(document: &Document) -> Vec<WarningKind> {
    document
        .warnings
        .iter()
        .map(|warning| warning.kind)
        .collect()
}

#[test]
fn windows_in_any_language() {
    let logs = [
        "\r\nPinging google.com [8.8.8.8] with 32 bytes of data:\r\n\
         Reply from 8.8.8.8: bytes=32 time=12ms TTL=117\r\n\
         Request timed out.\r\n\
         Reply from 8.8.8.8: bytes=32 time<1ms TTL=117\r\n\
         Reply from 10.0.0.1: Destination host unreachable.\r\n\r\n\
         Ping statistics for 8.8.8.8:\r\n\
         \x20   Packets: Sent = 4, Received = 3, Lost = 1 (25% loss),\r\n\
         Approximate round trip times in milli-seconds:\r\n\
         \x20   Minimum = 0ms, Maximum = 12ms, Average = 6ms\r\n",
        "\r\nPing wird ausgeführt für google.com [8.8.8.8] mit 32 Bytes Daten:\r\n\
         Antwort von 8.8.8.8: Bytes=32 Zeit=12ms TTL=117\r\n\
         Zeitüberschreitung der Anforderung.\r\n\
         Antwort von 8.8.8.8: Bytes=32 Zeit<1ms TTL=117\r\n\
         Antwort von 10.0.0.1: Zielhost nicht erreichbar.\r\n\r\n\
         Ping-Statistik für 8.8.8.8:\r\n\
         \x20   Pakete: Gesendet = 4, Empfangen = 3, Verloren = 1\r\n\
         \x20   (25% Verlust),\r\n\
         Ca. Zeitangaben in Millisek.:\r\n\
         \x20   Minimum = 0ms, Maximum = 12ms, Mittelwert = 6ms\r\n",
        "\r\nEnvoi d’une requête 'ping' sur google.com [8.8.8.8] avec 32 octets de données :\r\n\
         Réponse de 8.8.8.8 : octets=32 temps=12 ms TTL=117\r\n\
         Délai d’attente de la demande dépassé.\r\n\
         Réponse de 8.8.8.8 : octets=32 temps<1ms TTL=117\r\n\
         Réponse de 10.0.0.1 : Impossible de joindre l’hôte de destination.\r\n\r\n\
         Statistiques Ping pour 8.8.8.8:\r\n\
         \x20   Paquets : envoyés = 4, reçus = 3, perdus = 1 (perte 25%),\r\n\
         Durée approximative des boucles en millisecondes :\r\n\
         \x20   Minimum = 0ms, Maximum = 12ms, Moyenne = 6ms\r\n",
        "\r\nPing google.com [8.8.8.8] 32바이트 데이터 사용:\r\n\
         8.8.8.8의 응답: 바이트=32 시간=12ms TTL=117\r\n\
         요청 시간이 만료되었습니다.\r\n\
         8.8.8.8의 응답: 바이트=32 시간<1ms TTL=117\r\n\
         10.0.0.1의 응답: 대상 호스트에 연결할 수 없습니다.\r\n\r\n\
         8.8.8.8에 대한 Ping 통계:\r\n\
         \x20   패킷: 보냄 = 4, 받음 = 3, 손실 = 1 (25% 손실),\r\n\
         왕복 시간(밀리초):\r\n\
         \x20   최소 = 0ms, 최대 = 12ms, 평균 = 6ms\r\n",
    ];
    for log in logs {
        let (document, run) = ping(log);
        assert_eq!(document.dialect, "windows");
        assert_eq!(document.outcome, Outcome::Ok, "{document:?}");
        assert_eq!(run.destination.as_deref(), Some("google.com"), "{log}");
        assert_eq!(
            (run.transmitted, run.received, run.errors),
            (Some(4), 3, 1),
            "{log}"
        );
        assert_eq!(
            (&run.rtt_ms[..], &run.censored[..]),
            (&[12.0, 1.0][..], &[1][..]),
            "{log}"
        );
        assert_eq!(run.summary.unwrap().max_ms, 12.0);
        assert_eq!(
            kinds(&document),
            [WarningKind::Censored, WarningKind::Quantised],
            "{document:?}"
        );
    }
}

#[test]
fn bsd_over_ipv6() {
    let (document, run) = ping(
        "PING6(56=40+8+8 bytes) ::1 --> ::1\n\
         16 bytes from ::1, icmp_seq=0 hlim=64 time=0.123 ms\n\
         16 bytes from ::1, icmp_seq=1 hlim=64 time=0.200 ms\n\n\
         --- ::1 ping6 statistics ---\n\
         2 packets transmitted, 2 packets received, 0.0% packet loss\n\
         round-trip min/avg/max/std-dev = 0.123/0.162/0.200/0.038 ms\n",
    );
    assert_eq!(
        (document.dialect.as_str(), document.outcome),
        ("bsd", Outcome::Ok)
    );
    assert_eq!(run.rtt_ms, [0.123, 0.2]);
    assert_eq!(run.summary.unwrap().mdev_ms, Some(0.038));
    assert!(document.warnings.is_empty(), "{document:?}");
}

#[test]
fn losses_duplicates_errors_and_times_in_whole_ms() {
    let (document, run) = ping(
        "PING a (10.0.0.2) 56(84) bytes of data.\n\
         no answer yet for icmp_seq=1\n\
         64 bytes from a (10.0.0.2): icmp_seq=1 ttl=64 time=1430 ms\n\
         64 bytes from a (10.0.0.2): icmp_seq=1 ttl=64 time=1431 ms (DUP!)\n\
         From 10.0.0.1 icmp_seq=2 Destination Host Unreachable\n\
         64 bytes from a (10.0.0.2): icmp_seq=4 ttl=64 time=0.500 ms\n\
         64 bytes from a (10.0.0.2): icmp_seq=3 ttl=64 time=143 ms\n\
         ^C\n\
         --- a ping statistics ---\n\
         4 packets transmitted, 3 received, +1 duplicates, +1 errors, 25% packet loss, time 3004ms\n\
         rtt min/avg/max/mdev = 0.500/751.125/1431.2/681.241 ms, pipe 2, ipg/ewma 52.003/46.873 ms\n",
    );
    assert_eq!(document.outcome, Outcome::Ok, "{document:?}");
    assert_eq!(
        (run.transmitted, run.received, run.duplicates, run.errors),
        (Some(4), 3, 1, 1)
    );
    assert_eq!(run.rtt_ms, [1430.0, 0.5, 143.0]);
    assert_eq!(run.lines, [3, 6, 7]);
    assert_eq!(
        kinds(&document),
        [WarningKind::Reordered, WarningKind::Quantised]
    );
}

#[test]
fn a_cut_ping_has_no_cut_numbers() {
    let whole = "PING a (10.0.0.2) 56(84) bytes of data.\n\
                 64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms\n";
    for cut in [
        "64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=0.3",
        "64 bytes from 10.0.0.2: icmp_s",
        "64 by",
    ] {
        let (document, run) = ping(&format!("{whole}{cut}"));
        assert_eq!(document.outcome, Outcome::Partial);
        assert_eq!(
            (&run.rtt_ms[..], run.received, run.errors),
            (&[0.321][..], 1, 0),
            "{cut}"
        );
        assert_eq!(
            kinds(&document),
            [WarningKind::CutFile, WarningKind::CutFile]
        );
        assert_eq!(document.warnings[0].line, 3);
    }
}

#[test]
fn summaries_that_disagree_and_several_runs() {
    let run = "PING a (10.0.0.2) 56(84) bytes of data.\n\
               64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.321 ms\n\
               --- a ping statistics ---\n\
               2 packets transmitted, 2 received, 0% packet loss, time 1ms\n\
               rtt min/avg/max/mdev = 0.321/0.321/0.321/0.000 ms\n";
    let document = read(&format!("{run}$ ping again\n{run}"));
    assert_eq!(document.ping_runs().len(), 2);
    assert_eq!(document.ping_runs()[0].received, 2, "the tool's own count");
    let expected = [
        WarningKind::Noise,
        WarningKind::SummaryDisagrees,
        WarningKind::SummaryDisagrees,
    ];
    assert_eq!(kinds(&document), expected);
}

#[test]
fn joined_lines_stamps_that_go_back_and_wrapped_sequences() {
    let (document, run) = ping(
        "[100.000002] 64 bytes from 10.0.0.2: icmp_seq=65535 ttl=64 time=0.1 ms\
         [100.000003] 64 bytes from 10.0.0.2: icmp_seq=0 ttl=64 time=0.2 ms\n\
         [99.000000] 64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.3 ms\n",
    );
    assert_eq!(run.rtt_ms, [0.1, 0.2, 0.3]);
    assert_eq!(run.destination.as_deref(), Some("10.0.0.2"));
    let expected = [
        WarningKind::JoinedLines,
        WarningKind::WrappedSequence,
        WarningKind::ClockStep,
        WarningKind::CutFile,
    ];
    assert_eq!(kinds(&document), expected, "{document:?}");
}

const REPORT: &str = r#"{
  "start": {"connecting_to": {"host": "h"}, "version": "iperf 3.1", "test_start":
    {"protocol": "UDP", "num_streams": 1, "blksize": 1000, "reverse": 0}},
  "intervals": [
    {"streams": [{"socket": 4, "start": 0, "end": 1, "seconds": 1, "bytes": 5000, "bits_per_second": 40000, "omitted": false}],
     "sum": {"start": 0, "end": 1, "seconds": 1, "bytes": 5000, "bits_per_second": 40000, "omitted": false}},
    {"streams": [{"socket": 4, "start": 1, "end": 2, "seconds": 1, "bytes": 5000, "bits_per_second": -nan, "omitted": false}],
     "sum": {"start": 1, "end": 2, "seconds": 1, "bytes": 5000, "bits_per_second": 40000, "omitted": false}}
  ],
  "end": {"sum": {"start": 0, "end": 2, "seconds": 2, "bytes": 10000, "bits_per_second": 40000,
    "jitter_ms": 0.5, "lost_packets": 2, "packets": 10, "lost_percent": 20}}
}
"#;

#[test]
fn udp_with_one_sum_and_what_is_not_a_number() {
    let document = read(REPORT);
    let run = &document.throughput_runs()[0];
    assert_eq!(run.sent.unwrap().bytes, 10000);
    let received = run.received.unwrap();
    assert_eq!((received.bytes, received.bits_per_second), (8000, 32000.0));
    assert_eq!(
        (received.jitter_ms, received.lost, received.packets),
        (Some(0.5), Some(2), Some(10))
    );
    assert_eq!(
        run.intervals
            .iter()
            .map(|interval| interval.line)
            .collect::<Vec<_>>(),
        [5, 5, 7]
    );
    assert_eq!(run.intervals[2].stream, Stream::Sum);
    assert_eq!(
        kinds(&document),
        [WarningKind::NotANumber, WarningKind::Malformed]
    );
}

#[test]
fn text_around_json_and_two_documents() {
    let document = read(&format!(
        "$ iperf3 -c {{h}} -J\n\x1b[0m{REPORT}\niperf3 done\n{REPORT}"
    ));
    assert_eq!(document.tool, Some(Tool::Iperf3));
    assert_eq!(document.throughput_runs().len(), 2);
    let noise = document
        .warnings
        .iter()
        .filter(|warning| warning.kind == WarningKind::Noise);
    assert_eq!(
        noise.map(|warning| warning.line).collect::<Vec<_>>(),
        [1, 15]
    );
    assert!(kinds(&document).contains(&WarningKind::SecondDocument));
    assert_eq!(document.throughput_runs()[1].line, 16);
}

#[test]
fn a_cut_document_keeps_its_whole_intervals() {
    let cut = REPORT
        .find("\"bytes\": 5000, \"bits_per_second\": -nan")
        .unwrap();
    // Another document follows where the first was cut.
    for log in [
        REPORT[..cut].to_owned(),
        format!("{}\n{REPORT}", &REPORT[..cut]),
    ] {
        let document = read(&log);
        assert_eq!(document.outcome, Outcome::Partial);
        let run = &document.throughput_runs()[0];
        assert_eq!(run.intervals.len(), 2);
        assert_eq!((run.sent, run.received), (None, None));
        assert_eq!(document.warnings[0].kind, WarningKind::CutFile);
        assert_eq!(
            document.throughput_runs().len(),
            if log.len() > cut { 2 } else { 1 }
        );
    }
    let document = read("{\n\t\"start\":\t{\n");
    assert_eq!(document.outcome, Outcome::Failed);
    assert_eq!(document.warnings[0].kind, WarningKind::CutFile);
}

#[test]
fn a_fault_inside_a_document() {
    let document = read(&REPORT.replace("\"bits_per_second\": -nan", "\"bits_per_second\": 1x2"));
    assert_eq!(document.outcome, Outcome::Partial);
    assert_eq!(
        document.throughput_runs()[0].intervals.len(),
        3,
        "all but the one with the fault"
    );
    assert_eq!(document.warnings[0].kind, WarningKind::Malformed);
    // Damage to the structure costs the interval that it is in.
    let document = read(&REPORT.replace("\"bits_per_second\": -nan", "\"bits_per_second\" -nan"));
    assert_eq!(document.outcome, Outcome::Partial);
    let run = &document.throughput_runs()[0];
    assert_eq!(run.intervals.len(), 2);
    assert_eq!(run.sent.unwrap().bytes, 10000, "what follows is read");
    assert_eq!(document.warnings[0].kind, WarningKind::Malformed);
    assert_eq!(document.warnings[0].line, 7);
}

#[test]
fn an_error_after_results() {
    let document =
        read(&REPORT.replace("\n}\n", ",\n\"error\": \"the server has terminated\"\n}\n"));
    assert_eq!(document.outcome, Outcome::Partial);
    assert_eq!(
        document.throughput_runs()[0].error.as_deref(),
        Some("the server has terminated")
    );
}

#[test]
fn json_stream() {
    let document = read(concat!(
        r#"{"event":"start","data":{"version":"iperf 3.17","connecting_to":{},"test_start":{"protocol":"TCP","num_streams":1}}}"#,
        "\n",
        r#"{"event":"interval","data":{"streams":[],"sum":{"start":0,"end":1,"bytes":8,"bits_per_second":64,"sender":true}}}"#,
        "\n",
        r#"{"event":"end","data":{"sum_sent":{"start":0,"end":1,"seconds":1,"bytes":8,"bits_per_second":64,"retransmits":3},"sum_received":{"start":0,"end":1,"seconds":1,"bytes":8,"bits_per_second":64}}}"#,
        "\n",
    ));
    assert_eq!(
        (document.dialect.as_str(), document.outcome),
        ("json-stream", Outcome::Ok),
        "{document:?}"
    );
    let [run] = document.throughput_runs() else {
        panic!("{document:?}")
    };
    assert_eq!(run.intervals[0].line, 2);
    assert_eq!(run.sent.unwrap().retransmits, Some(3));
}

#[test]
fn iperf_csv_with_reports_of_the_other_end() {
    let document = read(
        "20200218160214,10.1.0.2,18505,10.1.0.1,14005,3,0.0-5.4,507150,752634\n\
         20200218160214,10.1.0.1,14005,10.1.0.2,18505,3,0.0-5.4,507150,753117,0.092,0,345,0.000,0\n\
         20200218160218,10.1.0.2,18547,10.1.0.1,14047,3,0.0-6.4,3204600,3996671\n\
         20200218160218,10.1.0.1,14047,10.1.0.2,18547,3,0.0-6.4,3203130,3996921,0.117,1,2180,0.046,0\n",
    );
    let [first, second] = document.throughput_runs() else {
        panic!("{document:?}")
    };
    assert_eq!(
        (first.sent.unwrap().bytes, first.received.unwrap().jitter_ms),
        (507150, Some(0.092))
    );
    assert_eq!(
        (
            second.received.unwrap().lost,
            second.received.unwrap().packets
        ),
        (Some(1), Some(2180))
    );
    assert!(first.intervals.is_empty() && second.intervals.is_empty());
}

#[test]
fn iperf_csv_of_clients_that_overlap_and_repeat() {
    let document = read(
        "20260101000001,10.0.0.1,40001,10.0.0.2,6001,3,0.0-1.0,1000,8000\n\
         20260101000001,10.0.0.3,40002,10.0.0.2,6001,3,0.0-1.0,500,4000\n\
         20260101000002,10.0.0.1,40001,10.0.0.2,6001,3,1.0-2.0,1000,8000\n\
         20260101000002,10.0.0.1,40001,10.0.0.2,6001,3,0.0-2.0,2000,8000\n\
         20260101000002,10.0.0.3,40002,10.0.0.2,6001,3,1.0-2.0,500,4000\n\
         20260101000002,10.0.0.3,40002,10.0.0.2,6001,3,0.0-2.0,1000,4000\n\
         20260101000011,10.0.0.1,40001,10.0.0.2,6001,3,0.0-2.0,7000,28000\n\
         20260101000021,10.0.0.1,40001,10.0.0.2,6001,3,0.0-2.0,9000,36000\n",
    );
    let runs: Vec<_> = document
        .throughput_runs()
        .iter()
        .map(|run| (run.intervals.len(), run.sent.map(|sent| sent.bytes)))
        .collect();
    assert_eq!(
        runs,
        [
            (2, Some(2000)),
            (2, Some(1000)),
            (0, Some(7000)),
            (0, Some(9000))
        ]
    );
    assert_eq!(document.outcome, Outcome::Ok);
}

#[test]
fn intervals_taken_away_while_reading() {
    struct Taker(Vec<(f64, u64)>);
    impl Sink for Taker {
        fn throughput(&mut self, _: usize, run: &mut vnicbench_logs::throughput::Run) {
            assert!(run.intervals.len() <= 70_000);
            let rows = run.intervals.drain(..);
            self.0.extend(rows.map(|row| (row.start_s, row.bytes)));
        }
    }
    // The second stream's only row is its total, which may not be taken for an interval.
    let mut log = "20260101000000,10.0.0.1,40001,10.0.0.2,6001,3,0.0-1.0,10,80\n\
                   20260101000000,10.0.0.1,40002,10.0.0.2,6001,4,0.0-150000.0,7,0\n"
        .to_owned();
    for second in 1..150_000 {
        let end = second + 1;
        let row =
            format!("20260101000000,10.0.0.1,40001,10.0.0.2,6001,3,{second}.0-{end}.0,10,80\n");
        log.push_str(&row);
    }
    log.push_str("20260101000000,10.0.0.1,40001,10.0.0.2,6001,3,0.0-150000.0,1500000,80\n");
    let mut taker = Taker(Vec::new());
    let document = parse_into(&mut log.as_bytes(), None, &mut taker).unwrap();
    assert_eq!(taker.0.len(), 150_000);
    assert!(taker.0.is_sorted() && taker.0.iter().all(|row| row.1 == 10));
    let run = &document.throughput_runs()[0];
    assert_eq!(
        (run.intervals.len(), run.sent.unwrap().bytes),
        (0, 1_500_007)
    );
    assert_eq!(document.warnings, [], "checks don't need what was taken");
}

#[test]
fn iperf_csv_with_sums_and_both_directions() {
    let document = read(
        "20260101120000.000,10.0.0.1,54321,10.0.0.2,5001,1,0.0-10.0,500000000,400000000\n\
         20260101120000.000,10.0.0.1,54322,10.0.0.2,5001,2,0.0-10.0,500000000,400000000\n\
         20260101120000.000,10.0.0.1,0,10.0.0.2,5001,-1,0.0-10.0,1000000000,800000000\n",
    );
    let run = &document.throughput_runs()[0];
    assert_eq!((run.streams, run.intervals.len()), (2, 0));
    assert_eq!(run.sent.unwrap().bits_per_second, 8e8);
    assert_eq!(document.warnings, []);

    let document = read(
        "20260101120000.000,10.0.0.1,54321,10.0.0.2,5001,1,0.0-10.0,500000000,400000000\n\
         20260101120000.000,10.0.0.1,SUM,10.0.0.2,5001,-1,0.0-10.0,1000000000,800000000\n\
         20260101120000.000,10.0.0.1,54322,10.0.0.2,5001,2,0.0-10.0,500000000,400000000\n\
         20260101120000.000,10.0.0.2,5001,10.0.0.1,54321,1,0.0-10.0,400000000,320000000\n\
         20260101120000.000,10.0.0.2,SUM,10.0.0.1,-1,-1,0.0-10.0,800000000,640000000\n\
         20260101120000.000,10.0.0.2,5001,10.0.0.1,54322,2,0.0-10.0,400000000,320000000\n",
    );
    let [run] = document.throughput_runs() else {
        panic!("{document:?}")
    };
    assert!(run.bidir);
    assert_eq!(run.sent.unwrap().bits_per_second, 8e8);
    assert_eq!(run.received_reverse.unwrap().bits_per_second, 6.4e8);
}

#[test]
fn rows_of_iperf_2_with_two_digits_are_not_iperf3s() {
    let mut log =
        "[  1] local 12.1.1.2%ue0 port 49813 connected with 12.1.1.1 port 5001 (reverse)\n"
            .to_owned();
    for second in 0..20 {
        let row = format!(
            "[  1] {second}.00-{}.00 sec  3.28 MBytes  27.5 Mbits/sec\n",
            second + 1
        );
        log.push_str(&row);
    }
    let document = read(&log);
    assert_eq!(document.tool, Some(Tool::Iperf2));
    assert_eq!(document.throughput_runs()[0].intervals.len(), 20);
    assert!(document.throughput_runs()[0].reverse);
}

#[test]
fn iperf_totals_that_are_missing_or_wrong() {
    let head = "Client connecting to 10.0.0.2, TCP port 5001\n\
                [  3] local 10.0.0.1 port 1 connected with 10.0.0.2 port 5001\n\
                [  4] local 10.0.0.1 port 2 connected with 10.0.0.2 port 5001\n";
    let document = read(&format!(
        "{head}\
         [  3]  0.0- 1.0 sec  1.00 MBytes  8.39 Mbits/sec\n\
         [  4]  0.0- 1.0 sec  1.00 MBytes  8.39 Mbits/sec\n\
         [  3]  1.0- 2.0 sec  1.00 MBytes  8.39 Mbits/sec\n\
         [  3]  0.0- 2.0 sec  2.00 MBytes  8.39 Mbits/sec\n"
    ));
    let run = &document.throughput_runs()[0];
    assert_eq!(run.sent, None, "the total of one stream isn't the run's");
    assert_eq!((run.streams, run.intervals.len()), (2, 3));
    assert_eq!(kinds(&document), [WarningKind::CutFile]);

    let document = read(&format!(
        "{head}\
         [  3]  0.0- 1.0 sec  1.00 MBytes  8.39 Mbits/sec\n\
         [  3]  1.0- 2.0 sec  1.00 MBytes  8.39 Mbits/sec\n\
         [  3]  0.0- 2.0 sec  9.00 MBytes  37.7 Mbits/sec\n\
         [  4]  0.0- 2.0 sec  2.00 MBytes  8.39 Mbits/sec\n\
         [SUM]  0.0- 2.0 sec  11.0 MBytes  46.1 Mbits/sec\n"
    ));
    let run = &document.throughput_runs()[0];
    assert_eq!(run.sent.unwrap().bytes, 11 << 20);
    assert_eq!(kinds(&document), [WarningKind::SummaryDisagrees]);
    assert_eq!(document.outcome, Outcome::Ok);
}

#[test]
fn an_iperf_server_with_clients_that_overlap() {
    let document = read(
        "Server listening on UDP port 5001\n\
         [  3] local 10.0.0.2 port 5001 connected with 10.0.0.1 port 40001\n\
         [ ID] Interval       Transfer     Bandwidth        Jitter   Lost/Total Datagrams\n\
         [  3]  0.0- 1.0 sec  1.00 MBytes  8.39 Mbits/sec   0.010 ms    0/  700 (0%)\n\
         [  4] local 10.0.0.2 port 5001 connected with 10.0.0.3 port 40002\n\
         [  4]  0.0- 1.0 sec  2.00 MBytes  16.8 Mbits/sec   0.020 ms    1/ 1400 (0.071%)\n\
         [  3]  1.0- 2.0 sec  1.00 MBytes  8.39 Mbits/sec   0.010 ms    0/  700 (0%)\n\
         [  3]  0.0- 2.0 sec  2.00 MBytes  8.39 Mbits/sec   0.010 ms    0/ 1400 (0%)\n\
         [  3]  0.0- 2.0 sec  3 datagrams received out-of-order\n\
         [  4]  1.0- 2.0 sec  2.00 MBytes  16.8 Mbits/sec   0.020 ms    1/ 1400 (0.071%)\n\
         [  4]  0.0- 2.0 sec  4.00 MBytes  16.8 Mbits/sec   0.020 ms    2/ 2800 (0.071%)\n",
    );
    let ends: Vec<_> = document
        .throughput_runs()
        .iter()
        .map(|run| {
            let received = run.received.unwrap();
            (run.intervals.len(), received.packets, received.jitter_ms)
        })
        .collect();
    assert_eq!(
        ends,
        [(2, Some(1400), Some(0.010)), (2, Some(2800), Some(0.020))]
    );
    assert_eq!(document.outcome, Outcome::Ok, "{document:?}");
}

#[test]
fn two_stress_ngs_in_one_log() {
    let document = read(
        "stress-ng: info:  [7] dispatching hogs: 1 cpu\n\
         stress-ng: info:  [9] dispatching hogs: 1 vm\n\
         stress-ng: fail:  [10] vm: detected 1 bit errors\n\
         stress-ng: metrc: [7] stressor       bogo ops real time  usr time  sys time   bogo ops/s     bogo ops/s\n\
         stress-ng: metrc: [7] cpu      1000     10.00     10.00      0.00       100.00         100.00\n\
         stress-ng: info:  [7] successful run completed in 1 min\n\
         stress-ng: info:  [9] failed: 1: vm (1)\n\
         stress-ng: info:  [9] unsuccessful run completed in 1 hour, 30 mins\n\
         stress-ng: metrc: [11] cpu      1000     10.00     10.00      0.00       700.00         100.00\n",
    );
    let runs: Vec<_> = document
        .stress_runs()
        .iter()
        .map(|run| (run.outcome, run.stressors.len(), run.seconds))
        .collect();
    assert_eq!(
        runs,
        [
            (stress::End::Ok, 1, Some(60.0)),
            (stress::End::Failed, 0, Some(5400.0)),
            (stress::End::Unknown, 1, None)
        ]
    );
    assert_eq!(document.outcome, Outcome::Partial);
    assert!(kinds(&document).contains(&WarningKind::SummaryDisagrees));
}

#[test]
fn old_iperf3_text_with_one_udp_total() {
    let document = read(
        "Connecting to host 10.0.0.2, port 5201\n\
         [  4] local 10.0.0.1 port 1 connected to 10.0.0.2 port 5201\n\
         [ ID] Interval           Transfer     Bandwidth       Total Datagrams\n\
         [  4]   0.00-1.00   sec  1000 KBytes  8.19 Mbits/sec  100\n\
         - - - - - - - - - - - - - - - - - - - - - - - - -\n\
         [ ID] Interval           Transfer     Bandwidth       Jitter    Lost/Total Datagrams\n\
         [  4]   0.00-1.00   sec  1000 KBytes  8.19 Mbits/sec  0.072 ms  25/100 (25%)\n\
         [  4] Sent 100 datagrams\n\niperf Done.\n",
    );
    let run = &document.throughput_runs()[0];
    assert_eq!(document.outcome, Outcome::Ok, "{document:?}");
    assert_eq!((run.intervals.len(), run.reverse), (1, false));
    assert_eq!(run.sent.unwrap().bytes, 1_024_000);
    let received = run.received.unwrap();
    assert_eq!(
        (received.bytes, received.lost, received.packets),
        (768_000, Some(25), Some(100))
    );
}

#[test]
fn stress_that_failed() {
    let document = read(
        "stress: info: [7] dispatching hogs: 0 cpu, 0 io, 1 vm, 0 hdd\n\
         stress: FAIL: [7] (415) <-- worker 8 got signal 9\n\
         stress: WARN: [7] (417) now reaping child worker processes\n\
         stress: FAIL: [7] (451) failed run completed in 0s\n",
    );
    assert_eq!(document.outcome, Outcome::Failed, "{document:?}");
    let document = read("stress-ng: info:  [1] dispatching hogs: 1 cpu\n");
    assert_eq!(document.outcome, Outcome::Partial);
    assert_eq!(kinds(&document), [WarningKind::CutFile]);
}

#[test]
fn a_named_tool_that_did_not_write_it() {
    let document = parse(&b"hello\n"[..], Some(Tool::Iperf3)).unwrap();
    assert_eq!(
        (document.tool, document.outcome),
        (Some(Tool::Iperf3), Outcome::Unrecognised)
    );
}
