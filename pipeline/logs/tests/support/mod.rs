//! What holds of every document, whatever the log: for the tests and for the fuzz targets.

use vnicbench_logs::{
    Document, Keep, Outcome, Runs, Sink, Tool, counters, detect, parse_into, ping, throughput,
};

/// The fuzz targets and the tools whose logs each reads; `detect` leaves it to the content.
pub const TARGETS: [(&str, &[Tool]); 8] = [
    ("detect", &[]),
    ("ping", &[Tool::Ping]),
    ("iperf3", &[Tool::Iperf3]),
    ("iperf2", &[Tool::Iperf2]),
    ("stress", &[Tool::Stress, Tool::StressNg]),
    (
        "benchmarks",
        &[Tool::Sysbench, Tool::Netperf, Tool::Sockperf],
    ),
    (
        "counters",
        &[
            Tool::ProcStat,
            Tool::Interrupts,
            Tool::Softirqs,
            Tool::SoftnetStat,
            Tool::NetDev,
            Tool::ProcVmstat,
            Tool::Pressure,
            Tool::Cpufreq,
            Tool::ThermalThrottle,
            Tool::KvmStat,
            Tool::Ethtool,
        ],
    ),
    (
        "reports",
        &[
            Tool::PerfKvm,
            Tool::PerfStat,
            Tool::Mpstat,
            Tool::Sar,
            Tool::Pidstat,
            Tool::Iostat,
            Tool::Vmstat,
        ],
    ),
];

/// Reads a log as that of one of `tools`: the one that its content speaks for, or else the
/// one that its length picks.
pub fn examine_as(tools: &[Tool], log: &[u8]) {
    let told = detect(log).filter(|tool| tools.contains(tool));
    let picked = tools.get(log.len() % tools.len().max(1)).copied();
    examine(log, told.or(picked));
}

/// Reads a log, once keeping the records and once taking them away, and checks both.
pub fn examine(bytes: &[u8], tool: Option<Tool>) -> Document {
    let read = |sink: &mut dyn Sink| match parse_into(&mut &bytes[..], tool, sink) {
        Ok(document) => document,
        Err(error) => panic!("bytes in memory can't be read: {error}"),
    };
    let kept = read(&mut Keep);
    check(&kept, bytes);
    let mut taken = Taken::default();
    let rest = read(&mut taken);
    assert_eq!(
        (kept.outcome, kept.account, &kept.warnings),
        (rest.outcome, rest.account, &rest.warnings),
        "it matters whether records are taken away"
    );
    assert_eq!(
        taken.records + records(&rest),
        records(&kept),
        "lost records"
    );
    kept
}

/// What must hold of every document.
fn check(document: &Document, bytes: &[u8]) {
    assert_eq!(
        document.account.total(),
        bytes.len() as u64,
        "bytes that nobody accounts for: {document:?}"
    );
    if document.outcome == Outcome::Ok {
        assert!(!document.runs.is_empty(), "an empty success");
    } else {
        assert!(
            !document.warnings.is_empty(),
            "no reason for {:?}",
            document.outcome
        );
    }
    if let Runs::Ping(runs) = &document.runs {
        for run in runs {
            assert_eq!(run.rtt_ms.len(), run.lines.len());
            let numbers = run.rtt_ms.iter();
            assert!(
                numbers.clone().all(|rtt| rtt.is_finite() && *rtt >= 0.0),
                "{run:?}"
            );
        }
    }
    for run in document.throughput_runs() {
        let rates = run
            .intervals
            .iter()
            .map(|interval| interval.bits_per_second);
        let ends = run.sent.map(|end| end.bits_per_second);
        let ends = ends
            .into_iter()
            .chain(run.received.map(|end| end.bits_per_second));
        assert!(rates.chain(ends).all(f64::is_finite), "{run:?}");
    }
    if let Err(error) = document.to_json("log") {
        panic!("no JSON: {error}");
    }
}

/// Counts records and takes them away.
#[derive(Default)]
struct Taken {
    records: u64,
}

impl Sink for Taken {
    fn ping(&mut self, _: usize, so_far: &mut ping::Run) {
        self.records += so_far.rtt_ms.len() as u64;
        so_far.rtt_ms.clear();
        so_far.lines.clear();
        so_far.sequence.clear();
        so_far.censored.clear();
    }

    fn throughput(&mut self, _: usize, so_far: &mut throughput::Run) {
        self.records += so_far.intervals.len() as u64;
        so_far.intervals.clear();
    }

    fn counters(&mut self, _: usize, so_far: &mut counters::Run) {
        self.records += so_far.samples.len() as u64;
        so_far.samples = counters::Samples::default();
    }
}

fn records(document: &Document) -> u64 {
    let ping = document.ping_runs().iter().map(|run| run.rtt_ms.len());
    let intervals = document
        .throughput_runs()
        .iter()
        .map(|run| run.intervals.len());
    let samples = document.counter_runs().iter().map(|run| run.samples.len());
    ping.chain(intervals).chain(samples).sum::<usize>() as u64
}
