//! iperf3's versions, and what its totals have to do with its intervals.

#![allow(clippy::unwrap_used)]

use std::io::Read;
use std::path::PathBuf;

use vnicbench_logs::throughput::{Direction, Interval, Protocol, Role, Run, Stream};
use vnicbench_logs::{Document, Outcome, Sink, Tool, WarningKind, parse, parse_into, throughput};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects")
}

fn log(name: &str) -> Document {
    parse(&std::fs::read(folder().join(name)).unwrap()[..], None).unwrap()
}

fn read(text: &str) -> Document {
    let document = parse(text.as_bytes(), None).unwrap();
    assert_eq!(document.account.total(), text.len() as u64, "{text}");
    document
}

fn only(document: &Document) -> &Run {
    let [run] = document.throughput_runs() else {
        panic!("{document:?}")
    };
    run
}

/// The bytes of a direction's intervals: their sums, or one stream's.
fn tally(intervals: &[Interval], direction: Direction) -> u64 {
    let of = |sums: bool| {
        intervals
            .iter()
            .filter(move |interval| {
                interval.direction == direction
                    && !interval.omitted
                    && (interval.stream == Stream::Sum) == sums
            })
            .map(|interval| interval.bytes)
    };
    if of(true).next().is_some() {
        of(true).sum()
    } else {
        of(false).sum()
    }
}

#[test]
fn totals_are_those_of_the_intervals() {
    let mut checked = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if !name.starts_with("iperf3") {
            continue;
        }
        let document = log(&name);
        let exact = name.ends_with(".json");
        let disagree =
            |warning: &vnicbench_logs::Warning| warning.kind == WarningKind::SummaryDisagrees;
        assert!(!document.warnings.iter().any(disagree), "{name}");
        for run in document.throughput_runs() {
            for direction in [Direction::Sent, Direction::Received] {
                let server = run.role == Some(Role::Server);
                let sends = direction == Direction::Sent;
                let forward = (sends != server) != run.reverse;
                let total = match (sends, forward || !run.bidir) {
                    (true, true) => run.sent.map(|sent| sent.bytes),
                    (false, true) => run.received.map(|received| received.bytes),
                    (true, false) => run.sent_reverse.map(|sent| sent.bytes),
                    (false, false) => run.received_reverse.map(|received| received.bytes),
                };
                let sum = tally(&run.intervals, direction);
                let Some(total) = total.filter(|_| sum > 0) else {
                    continue;
                };
                // 3.16 and later go on after the last interval; text has three digits.
                let slack = if exact && !name.contains("3.22") {
                    0
                } else {
                    total / 100
                };
                assert!(total.abs_diff(sum) <= slack, "{name}: {total} {sum}");
                checked += 1;
            }
        }
    }
    assert!(checked > 25, "{checked}");
}

#[test]
fn one_name_for_both_directions() {
    let document = log("iperf3-3.9-server-bidir.json");
    let run = only(&document);
    assert_eq!(document.outcome, Outcome::Ok, "{document:?}");
    assert_eq!((run.role, run.bidir), (Some(Role::Server), true));
    assert_eq!(run.received.unwrap().bytes, 1_678_114_816);
    assert_eq!(run.sent_reverse.unwrap().bytes, 1_385_431_040);
    assert_eq!((run.sent, run.received_reverse), (None, None));
}

#[test]
fn udp_with_one_sum_at_each_end() {
    let document = log("iperf3-3.9-server-udp.json");
    let run = only(&document);
    assert_eq!(run.sent, None);
    let received = run.received.unwrap();
    assert_eq!((received.bytes, received.packets), (39 * 32768, Some(39)));
    let document = log("iperf3-3.9-udp-reverse.json");
    let run = only(&document);
    assert!(run.reverse);
    assert_eq!(run.sent.unwrap().bytes, 78 * 32768);
    assert_eq!(run.received.unwrap().bytes, 78 * 32768);
}

#[test]
fn tests_that_failed_half_way() {
    for (name, end) in [
        (
            "iperf3-interrupted.json",
            "interrupt - the client has terminated",
        ),
        (
            "iperf3-3.22-interrupted.log",
            "interrupt - the client has terminated by signal Interrupt(2)",
        ),
    ] {
        let document = log(name);
        let run = only(&document);
        assert_eq!(document.outcome, Outcome::Partial, "{name}");
        assert_eq!(run.error.as_deref(), Some(end));
        assert!(
            run.sent.unwrap().bytes > 0 && run.received.is_none(),
            "{name}"
        );
    }
    let document = log("iperf3-3.9-killed.json");
    assert_eq!(document.outcome, Outcome::Partial);
    assert_eq!(
        (only(&document).sent, only(&document).received),
        (None, None)
    );
    assert!(!only(&document).intervals.is_empty());
    assert_eq!(
        only(&document).error.as_deref(),
        Some("error - unable to write to stream socket: Connection reset by peer")
    );
}

#[test]
fn a_stream_of_events_and_the_same_again() {
    let document = log("iperf3-3.22-stream.json");
    assert_eq!(
        (document.dialect.as_str(), document.outcome),
        ("json-stream", Outcome::Ok)
    );
    assert_eq!(only(&document).intervals.len(), 6);
    let document = log("iperf3-3.22-stream-full.json");
    assert_eq!(document.outcome, Outcome::Ok);
    assert_eq!(only(&document).intervals.len(), 4, "each once");
    let kinds: Vec<_> = document
        .warnings
        .iter()
        .map(|warning| warning.kind)
        .collect();
    assert_eq!(kinds, [WarningKind::SecondDocument]);
}

#[test]
fn the_servers_report_is_not_the_clients() {
    let document = log("iperf3-server-output.json");
    assert_eq!(only(&document).intervals.len(), 2);
    let document = log("iperf3-3.22-server-output.log");
    let run = only(&document);
    assert_eq!((run.role, run.intervals.len()), (Some(Role::Client), 1));
    let sample = r#"{"socket": 5, "start": 0, "end": 1, "bytes": 8, "bits_per_second": 64}"#;
    let report = |more: &str| {
        format!(
            r#"{{"start": {{"connecting_to": {{}}, "test_start": {{"protocol": "SCTP"}}}},
            "intervals": [{{"streams": [{sample}], "sum": {sample}}}],
            "end": {{"sum_sent": {sample}, "sum_received": {sample}}}{more}}}"#
        )
    };
    let nested = format!(", \"server_output_json\": {}", report(""));
    let document = read(&report(&nested));
    assert_eq!(document.outcome, Outcome::Ok, "{document:?}");
    assert_eq!(only(&document).protocol, Some(Protocol::Sctp));
    assert_eq!(only(&document).intervals.len(), 2);
    assert!(document.account.skipped > report("").len() as u64);
}

#[test]
fn what_is_before_the_lines() {
    for name in [
        "iperf3-3.22-bidir-timestamps.log",
        "iperf3-3.22-udp-title.log",
        "iperf3-3.9-reverse-kbit.log",
        "iperf3-3.22-verbose.log",
    ] {
        let document = log(name);
        assert_eq!(document.tool, Some(Tool::Iperf3), "{name}");
        assert_eq!(document.outcome, Outcome::Ok, "{name}");
        assert!(
            document.warnings.is_empty(),
            "{name}: {:?}",
            document.warnings
        );
        let run = only(&document);
        assert!(run.sent.is_some() && run.received.is_some(), "{name}");
    }
    let document = log("iperf3-3.22-bidir-timestamps.log");
    let run = only(&document);
    assert_eq!((run.bidir, run.streams, run.intervals.len()), (true, 2, 12));
    assert_eq!(run.sent_reverse.unwrap().retransmits, Some(25));
    let document = log("iperf3-3.22-verbose.log");
    let omitted = only(&document)
        .intervals
        .iter()
        .filter(|interval| interval.omitted);
    assert_eq!(omitted.count(), 3);
}

#[test]
fn picked_lines_of_several_tests() {
    let row = "[  5]   0.00-610.00 sec  66.9 GBytes  941518 Kbits/sec  117             sender\n";
    let document = read(&row.repeat(3));
    assert_eq!(document.throughput_runs().len(), 3);
    assert_eq!(
        document.throughput_runs()[2].sent.unwrap().retransmits,
        Some(117)
    );
    // A row that is cut in a number is no row.
    let document = read("[  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec   2");
    assert_ne!(document.outcome, Outcome::Ok);
    assert!(document.throughput_runs().is_empty());
}

#[test]
fn totals_that_disagree() {
    let text = std::fs::read_to_string(folder().join("iperf3-client.log")).unwrap();
    let document = read(&text.replacen("4.04 GBytes", "5.04 GBytes", 1));
    assert_eq!(document.outcome, Outcome::Ok);
    assert_eq!(document.warnings[0].kind, WarningKind::SummaryDisagrees);
    let text = std::fs::read_to_string(folder().join("iperf3-tcp.json")).unwrap();
    let document = read(&text.replace("1965948928", "2965948928"));
    assert_eq!(document.warnings[0].kind, WarningKind::SummaryDisagrees);
    assert_eq!(only(&document).sent.unwrap().bytes, 7_881_228_288);
}

/// Takes intervals away and remembers how many there were at once.
#[derive(Default)]
struct Taken {
    all: usize,
    most: usize,
}

impl Sink for Taken {
    fn throughput(&mut self, _: usize, run: &mut throughput::Run) {
        self.all += run.intervals.len();
        self.most = self.most.max(run.intervals.len());
        run.intervals.clear();
    }
}

#[test]
fn intervals_are_taken_away_while_they_are_read() {
    let sample = r#"{"socket":5,"start":0,"end":1,"bytes":8,"bits_per_second":64}"#;
    let slice = format!("{{\"streams\":[{sample}],\"sum\":{sample}}},");
    let head = &b"{\"start\":{},\"intervals\":["[..];
    let repeated = slice.repeat(100_000);
    let tail = format!("{slice}{slice}],\"end\":{{\"sum_sent\":{sample}}}}}");
    let mut json = head.chain(repeated.as_bytes()).chain(tail.as_bytes());
    let mut taken = Taken::default();
    let document = parse_into(&mut json, None, &mut taken).unwrap();
    assert_eq!(taken.all, 200_004);
    assert!(taken.most < 70_000, "{}", taken.most);
    assert_ne!(document.outcome, Outcome::Failed);
    let row = "[  5]   0.00-1.00   sec  4.04 GBytes  34.7 Gbits/sec   24   1023 KBytes\n";
    let mut taken = Taken::default();
    parse_into(&mut row.repeat(150_000).as_bytes(), None, &mut taken).unwrap();
    assert_eq!(taken.all, 150_000);
    assert!(taken.most < 70_000);
}

#[test]
fn documents_in_other_shapes() {
    let text = std::fs::read_to_string(folder().join("iperf3-tcp.json")).unwrap();
    let plain = read(&text);
    let windows = read(&format!("\u{feff}{}", text.replace('\n', "\r\n")));
    assert_eq!(windows.runs, plain.runs);
    assert!(windows.warnings.is_empty(), "{:?}", windows.warnings);
    // As a list, in a prompt's output, and with members sorted by name.
    let list = read(&format!("[{text},\n{text}]\n"));
    assert_eq!(list.throughput_runs().len(), 2);
    assert_eq!(list.throughput_runs()[0].intervals.len(), 8);
    let kinds: Vec<_> = list.warnings.iter().map(|warning| warning.kind).collect();
    assert_eq!(kinds, [WarningKind::SecondDocument]);
    let sorted: serde_json::Value = serde_json::from_str(&text).unwrap();
    let sorted = read(&sorted.to_string());
    let (run, other) = (only(&sorted), only(&plain));
    assert_eq!((run.sent, run.role), (other.sent, other.role));
    assert_eq!(run.intervals.len(), other.intervals.len());

    let document = read("{\"error\": \"unable to connect to server: No route to host\"}\n");
    assert_eq!(document.outcome, Outcome::Failed);
    let error = only(&document).error.as_deref();
    assert_eq!(error, Some("unable to connect to server: No route to host"));
    // Standard error comes first where standard output is a file.
    let document = read(
        "iperf3: error - unable to connect to server: Connection refused\n\
         Connecting to host a, port 5201\n\
         [  5]   0.00-1.00   sec  1.00 MBytes  8.39 Mbits/sec    0             sender\n\
         iperf Done.\n",
    );
    let [failed, fine] = document.throughput_runs() else {
        panic!("{document:?}")
    };
    assert!(failed.error.is_some() && fine.error.is_none());
    assert_eq!(fine.sent.unwrap().bytes, 1 << 20);
}

#[test]
fn events_of_no_test_are_a_failure_with_a_reason() {
    let document = read("{\"event\":\"noise\",\"data\":{}}\n{\"event\":\"more\",\"data\":1}\n");
    assert_eq!(document.outcome, Outcome::Failed);
    assert_eq!(document.warnings[0].kind, WarningKind::NoRecords);
}
