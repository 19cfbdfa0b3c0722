//! Whole campaigns through the analysis. All of them are synthetic: written here, in the
//! formats of the tools, with numbers that make the answers known.

#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use vnicbench_analysis::{
    Analysis, AnalysisError, Comparison, Contrast, Metric, Panel, Row, Source, analyse, tables,
    widest,
};
use vnicbench_model::{
    Audit, Campaign, CampaignDir, CommandRecord, Environment, Matrix, Phase, Plan, PlannedTrial,
    Protocol, Stopped, StoreError, Testbed, Trial, TrialOutcome, Workload,
};
use vnicbench_stats::{Estimate, Outcome, Verdict};

const MATRIX: &str = r#"
format = 1
name = "synthetic"
seed = 7
blocks = 8
boot = "per-block"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "60 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["native", "virtio", "sriov"]
instance = ["vm"]
[experiment.ping]
payload = ["56 B"]
interval = ["10 ms"]
count = 3

[[experiment]]
name = "throughput"
question = "throughput"
backend = ["virtio", "sriov"]
instance = ["vm"]
[experiment.iperf3]
protocol = ["tcp", "udp"]
streams = [1]
direction = ["rx"]
duration = "1 s"
rate = ["20 Mbit/s"]

[[experiment]]
name = "bulk"
question = "throughput"
backend = ["virtio"]
instance = ["vm"]
[experiment.iperf]
streams = [1]
duration = "1 s"

[[experiment]]
name = "interference"
question = "interference"
backend = ["virtio"]
instance = ["vm"]
neighbour = ["cpu"]
[experiment.ping]
payload = ["56 B"]
interval = ["10 ms"]
count = 3
"#;

const SRIOV_PING: &str = "sriov-vm-ping-56B-10ms";
const VIRTIO_PING: &str = "virtio-vm-ping-56B-10ms";

/// What a trial is made to be.
enum Fate {
    Done(String),
    Failed,
    Interrupted,
    Missing,
    /// Done, but the log named in the record was never written.
    NoLog,
}

struct Synthetic {
    _dir: TempDir,
    path: PathBuf,
}

impl Synthetic {
    /// A campaign of `matrix`, each trial as `fate` says.
    fn new(matrix: &str, fate: impl Fn(&PlannedTrial) -> Fate) -> Self {
        let matrix = Matrix::parse(matrix, Path::new("synthetic.toml")).unwrap();
        let plan = Plan::new(&matrix);
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("synthetic");
        let campaign = CampaignDir::create(&path, &head(matrix), &plan).unwrap();
        for planned in &plan.trials {
            write(&campaign, planned, fate(planned));
        }
        campaign.seal().unwrap();
        Self { _dir: dir, path }
    }

    fn usual() -> Self {
        Self::new(MATRIX, |planned| Fate::Done(log(planned)))
    }

    fn dir(&self) -> CampaignDir {
        CampaignDir::open(&self.path).unwrap()
    }

    fn analyse(&self) -> Analysis {
        analyse(&self.dir()).unwrap()
    }
}

fn write(campaign: &CampaignDir, planned: &PlannedTrial, fate: Fate) {
    if matches!(fate, Fate::Missing) {
        return;
    }
    let writer = campaign.begin(planned).unwrap();
    let stdout = match planned.cell.workload {
        Workload::Iperf3 { .. } => "iperf3-vm1.json",
        Workload::Iperf { .. } => "iperf-vm1.log",
        Workload::Ping { .. } => "ping-vm1.log",
    };
    let mut trial = record(planned, stdout);
    match fate {
        Fate::Done(text) => fs::write(writer.path().join(stdout), text).unwrap(),
        Fate::Failed => {
            trial.outcome = TrialOutcome::Failed;
            trial.failure = Some("the guest did not come up".into());
        }
        Fate::Interrupted => return,
        Fate::Missing | Fate::NoLog => {}
    }
    writer.finish(&trial).unwrap();
}

fn record(planned: &PlannedTrial, stdout: &str) -> Trial {
    Trial {
        format: 1,
        sequence: planned.sequence,
        block: planned.block,
        boot: planned.boot,
        cell: planned.cell.clone(),
        start: "2026-01-01T00:00:00Z".into(),
        end: "2026-01-01T00:00:01Z".into(),
        outcome: TrialOutcome::Done,
        failure: None,
        phases_ms: Default::default(),
        start_skew_us: None,
        counters: Vec::new(),
        commands: vec![CommandRecord {
            role: "client".into(),
            node: "generator".into(),
            argv: vec![
                planned.cell.workload.tool().into(),
                "-c".into(),
                "a \"quoted\" word".into(),
            ],
            stdout: stdout.into(),
            stderr: format!("{stdout}.stderr"),
            status: Some(0),
            signal: None,
            timed_out: false,
            elapsed_ms: 1000,
            started_us: None,
        }],
        warnings: Vec::new(),
    }
}

fn head(matrix: Matrix) -> Campaign {
    Campaign {
        format: 1,
        name: "synthetic".into(),
        started: "2026-01-01T00:00:00Z".into(),
        tool_version: "0".into(),
        testbed: Testbed::Emulated,
        matrix,
        claims: Vec::new(),
        audit: Audit {
            kernel: "synthetic".into(),
            cmdline: String::new(),
            cpu: "synthetic".into(),
            cpus: 1,
            memory_bytes: 1 << 30,
            microcode: None,
            governor: None,
            smt: None,
            clocksource: None,
            accelerator: "tcg".into(),
            qemu: String::new(),
            nics: Vec::new(),
        },
        outer: None,
        generator: None,
        environment: Environment::default(),
    }
}

/// Virtio takes 1 ms and some, more in each block; sriov half of that, a busy neighbour
/// twice, always exactly. Sriov moves twice as much.
fn log(planned: &PlannedTrial) -> String {
    let faster = if planned.cell.arm.backend.name() == "sriov" {
        2.0
    } else {
        1.0
    };
    let busier = if planned.cell.setting.neighbour.name() == "cpu" {
        2.0
    } else {
        1.0
    };
    let drift = 1.0 + f64::from(planned.block) / 16.0;
    match planned.cell.workload {
        Workload::Ping { .. } => {
            let rtt = busier * drift / faster;
            ping(&[Some(rtt - 0.02), Some(rtt), Some(rtt + 0.02)])
        }
        Workload::Iperf3 { protocol, .. } => {
            iperf3(protocol, (1e6 * faster * drift) as u64, planned.block)
        }
        Workload::Iperf { .. } => iperf(),
    }
}

/// A log of iputils; None for a request without a reply.
fn ping(rtts: &[Option<f64>]) -> String {
    let mut log = String::from("PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.\n");
    let received: Vec<f64> = rtts.iter().flatten().copied().collect();
    for (index, rtt) in rtts.iter().enumerate() {
        if let Some(rtt) = rtt {
            log += &format!(
                "64 bytes from 10.0.0.2: icmp_seq={} ttl=64 time={rtt:.3} ms\n",
                index + 1
            );
        }
    }
    let loss = 100.0 - 100.0 * received.len() as f64 / rtts.len() as f64;
    log += &format!(
        "\n--- 10.0.0.2 ping statistics ---\n{} packets transmitted, {} received, {loss}% packet loss, time 20ms\n",
        rtts.len(),
        received.len(),
    );
    if !received.is_empty() {
        let least = received.iter().copied().fold(f64::INFINITY, f64::min);
        let most = received.iter().copied().fold(0.0, f64::max);
        let mean = received.iter().sum::<f64>() / received.len() as f64;
        log += &format!("rtt min/avg/max/mdev = {least:.3}/{mean:.3}/{most:.3}/0.016 ms\n");
    } else {
        log += "\n";
    }
    log
}

/// A client's report: `bytes` received in 1 s, of 100 datagrams `lost` not at all.
fn iperf3(protocol: Protocol, bytes: u64, lost: u32) -> String {
    let bits = bytes * 8;
    let (name, sent, received) = match protocol {
        Protocol::Tcp => ("TCP", format!(r#","retransmits":{lost}"#), String::new()),
        Protocol::Udp => {
            let datagrams = format!(
                r#","jitter_ms":0.25,"lost_packets":{lost},"packets":100,"lost_percent":{lost}"#
            );
            ("UDP", datagrams.clone(), datagrams)
        }
    };
    let total =
        format!(r#""start":0,"end":1,"seconds":1,"bytes":{bytes},"bits_per_second":{bits}"#);
    format!(
        r#"{{
"start":{{"connected":[{{"socket":5,"local_host":"10.0.0.1","local_port":1,"remote_host":"10.0.0.2","remote_port":5201}}],"version":"iperf 3.12","test_start":{{"protocol":"{name}","num_streams":1,"blksize":1,"omit":0,"duration":1,"bytes":0,"blocks":0,"reverse":0}}}},
"intervals":[{{"streams":[{{"socket":5,{total}{sent},"omitted":false,"sender":true}}],"sum":{{{total}{sent},"omitted":false,"sender":true}}}}],
"end":{{"streams":[],"sum_sent":{{{total}{sent},"sender":true}},"sum_received":{{{total}{received},"sender":true}}}}
}}
"#
    )
}

fn iperf() -> String {
    "------------------------------------------------------------\n\
     Client connecting to 10.0.0.2, TCP port 5001\n\
     TCP window size: 16.0 KByte (default)\n\
     ------------------------------------------------------------\n\
     [  1] local 10.0.0.1 port 43156 connected with 10.0.0.2 port 5001 (icwnd/mss/irtt=14/1448/52)\n\
     [ ID] Interval       Transfer     Bandwidth\n\
     [  1] 0.0000-1.0000 sec  2.00 MBytes  16.8 Mbits/sec\n"
        .into()
}

fn panel<'a>(analysis: &'a Analysis, experiment: &str, metric: Metric) -> &'a Panel {
    let mut panels = analysis
        .panels
        .iter()
        .filter(|panel| panel.experiment == experiment && panel.metric == metric);
    panels.next().unwrap()
}

fn row<'a>(panel: &'a Panel, cell: &str) -> &'a Row {
    panel.rows.iter().find(|row| row.cell == cell).unwrap()
}

fn estimate(outcome: &Outcome) -> &Estimate {
    outcome.estimate().unwrap_or_else(|| panic!("{outcome:?}"))
}

fn notes(outcome: &Outcome) -> Vec<String> {
    estimate(outcome)
        .warnings()
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn comparison<'a>(panel: &'a Panel, cell: &str) -> &'a Comparison {
    panel
        .comparisons
        .iter()
        .find(|comparison| comparison.cell == cell)
        .unwrap()
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * b.abs()
}

fn is(planned: &PlannedTrial, experiment: &str, cell: &str, block: u32) -> bool {
    planned.cell.experiment == experiment && planned.cell.id() == cell && planned.block == block
}

#[test]
fn a_campaign_without_trouble() {
    let campaign = Synthetic::usual();
    let analysis = campaign.analyse();
    assert!(analysis.failures.is_empty(), "{:?}", analysis.failures);
    assert!(
        analysis.log_warnings.is_empty(),
        "{:?}",
        analysis.log_warnings
    );
    assert_eq!(
        (analysis.counts.planned, analysis.counts.complete),
        (72, 72)
    );
    let ids: Vec<&str> = analysis
        .panels
        .iter()
        .map(|panel| panel.id.as_str())
        .collect();
    assert_eq!(
        ids,
        [
            "latency-ping-56B-10ms-rtt-median",
            "latency-ping-56B-10ms-ping-loss",
            "throughput-iperf3-tcp-rx-p1-goodput",
            "throughput-iperf3-tcp-rx-p1-retransmits",
            "throughput-iperf3-udp-rx-p1-20Mbps-goodput",
            "throughput-iperf3-udp-rx-p1-20Mbps-udp-loss",
            "throughput-iperf3-udp-rx-p1-20Mbps-udp-jitter",
            "bulk-iperf-tcp-rx-p1-goodput",
            "interference-ping-56B-10ms-rtt-median",
            "interference-ping-56B-10ms-ping-loss",
        ]
    );

    let latency = panel(&analysis, "latency", Metric::RttMedian);
    let cells: Vec<&str> = latency.rows.iter().map(|row| row.cell.as_str()).collect();
    assert_eq!(
        cells,
        ["native-host-ping-56B-10ms", VIRTIO_PING, SRIOV_PING]
    );
    let virtio = row(latency, VIRTIO_PING);
    // Blocks 0 to 7 are 1 + block / 16, printed with three digits: the median is between
    // 1.188 and 1.250, and of 8 values the 1st and 8th enclose it at 95 %.
    let of_virtio = estimate(&virtio.estimate);
    assert!(
        near(of_virtio.value(), (1.188 + 1.25) / 2.0),
        "{}",
        of_virtio.value()
    );
    assert_eq!(
        (
            of_virtio.interval().low(),
            of_virtio.interval().high(),
            of_virtio.n()
        ),
        (1.0, 1.438, 8)
    );
    assert_eq!(virtio.trials.len(), 8);
    assert_eq!(virtio.trials[3].block, 3);
    assert_eq!(
        virtio.trials[3].sources,
        [Source {
            log: format!("trials/latency/{VIRTIO_PING}/003/ping-vm1.log"),
            lines: (2, 4)
        }]
    );

    let sriov = comparison(latency, SRIOV_PING);
    assert_eq!(
        (sriov.contrast, sriov.baseline.as_str()),
        (Contrast::ToBaseline, VIRTIO_PING)
    );
    assert!((estimate(&sriov.ratio).value() - 0.5).abs() < 1e-3);
    assert_eq!(sriov.verdict, Some(Verdict::Better));
    assert_eq!(
        comparison(latency, "native-host-ping-56B-10ms").verdict,
        Some(Verdict::Equivalent)
    );
    assert_eq!(latency.comparisons.len(), 2);

    let loss = panel(&analysis, "latency", Metric::PingLoss);
    assert_eq!(estimate(&row(loss, VIRTIO_PING).estimate).value(), 0.0);
    assert!(loss.comparisons.is_empty());

    let tcp = panel(&analysis, "throughput", Metric::Goodput);
    assert!(near(
        estimate(&tcp.rows[0].estimate).value(),
        8e6 * (1.1875 + 1.25) / 2.0
    ));
    assert_eq!(tcp.comparisons[0].verdict, Some(Verdict::Better));
    let retransmits = panel(&analysis, "throughput", Metric::Retransmits);
    assert_eq!(estimate(&retransmits.rows[0].estimate).value(), 3.5);
    assert!(retransmits.comparisons.is_empty());
    let udp_loss = panel(&analysis, "throughput", Metric::UdpLoss);
    assert!(near(
        estimate(&udp_loss.rows[0].estimate).value(),
        28.0 / 800.0
    ));
    let jitter = panel(&analysis, "throughput", Metric::UdpJitter);
    assert_eq!(estimate(&jitter.rows[0].estimate).value(), 0.25);

    let bulk = panel(&analysis, "bulk", Metric::Goodput);
    assert!(near(
        estimate(&bulk.rows[0].estimate).value(),
        2.0 * 1048576.0 * 8.0
    ));
    assert!(
        notes(&bulk.rows[0].estimate)
            .iter()
            .any(|note| note.contains("socket"))
    );

    let cpu = panel(&analysis, "interference", Metric::RttMedian);
    let loaded = &cpu.comparisons[0];
    assert_eq!(loaded.contrast, Contrast::ToIdle);
    assert_eq!(loaded.baseline, format!("latency/{VIRTIO_PING}"));
    assert!((estimate(&loaded.ratio).value() - 2.0).abs() < 2e-3);
    assert_eq!(loaded.verdict, Some(Verdict::Worse));

    let [latency, interference] = &analysis.distributions[..] else {
        panic!()
    };
    assert_eq!(
        (latency.id.as_str(), interference.id.as_str()),
        (
            "latency-ping-56B-10ms-rtt",
            "interference-ping-56B-10ms-rtt"
        )
    );
    let curve = &latency.curves[1];
    assert_eq!(
        (curve.trials, curve.transmitted, curve.rtt_ms.len()),
        (8, 24, 24)
    );
    assert!(curve.rtt_ms.is_sorted());
    assert_eq!(curve.rtt_ms[0], 0.98);

    let success = estimate(&analysis.cells[0].success);
    assert_eq!((success.value(), success.n()), (1.0, 8));
    assert!(notes(&analysis.cells[0].success).is_empty());
}

#[test]
fn a_block_without_a_partner_is_left_out_and_named() {
    let campaign = Synthetic::new(MATRIX, |planned| {
        if is(planned, "latency", SRIOV_PING, 2) {
            Fate::Failed
        } else if is(planned, "latency", VIRTIO_PING, 5) {
            Fate::Missing
        } else {
            Fate::Done(log(planned))
        }
    });
    let analysis = campaign.analyse();
    let latency = panel(&analysis, "latency", Metric::RttMedian);
    let sriov = comparison(latency, SRIOV_PING);
    assert_eq!(estimate(&sriov.ratio).n(), 6);
    assert!(
        notes(&sriov.ratio).contains(&"left out for want of a partner: blocks 2, 5".to_owned())
    );
    assert!((estimate(&sriov.ratio).value() - 0.5).abs() < 1e-3);
}

#[test]
fn what_failed_is_data() {
    let campaign = Synthetic::new(MATRIX, |planned| match planned.block {
        0 if planned.cell.id() == SRIOV_PING => Fate::Failed,
        1 if planned.cell.id() == SRIOV_PING => Fate::Interrupted,
        2 if planned.cell.id() == SRIOV_PING => Fate::Missing,
        _ => Fate::Done(log(planned)),
    });
    let analysis = campaign.analyse();
    let counts = analysis.counts;
    assert_eq!((counts.planned, counts.complete), (72, 69));
    assert_eq!(
        (counts.failed, counts.interrupted, counts.missing),
        (1, 1, 1)
    );
    let mut states: Vec<_> = analysis
        .failures
        .iter()
        .map(|failure| {
            (
                failure.state,
                failure.trial.as_str(),
                failure.reason.as_str(),
            )
        })
        .collect();
    states.sort_unstable();
    assert_eq!(
        states,
        [
            (
                "failed",
                "trials/latency/sriov-vm-ping-56B-10ms/000",
                "the guest did not come up"
            ),
            (
                "interrupted",
                "trials/latency/sriov-vm-ping-56B-10ms/001.partial",
                "begun and not finished"
            ),
            (
                "missing",
                "trials/latency/sriov-vm-ping-56B-10ms/002",
                "never begun"
            ),
        ]
    );
    let cell = analysis
        .cells
        .iter()
        .find(|cell| cell.cell == SRIOV_PING)
        .unwrap();
    assert!(near(estimate(&cell.success).value(), 5.0 / 7.0));
    // Five values are one too few for a median at 95 %.
    let latency = panel(&analysis, "latency", Metric::RttMedian);
    let Outcome::Insufficient(few) = &row(latency, SRIOV_PING).estimate else {
        panic!()
    };
    assert_eq!((few.n, few.needs), (5, 6));
    let sriov = comparison(latency, SRIOV_PING);
    assert!(matches!(sriov.ratio, Outcome::Insufficient(_)) && sriov.verdict.is_none());
}

#[test]
fn unusable_logs_are_named_with_their_line_and_never_zero() {
    let damage = |planned: &PlannedTrial| -> Fate {
        let whole = log(planned);
        let experiment = planned.cell.experiment.as_str();
        match (experiment, planned.cell.arm.backend.name(), planned.block) {
            // Cut within the summary.
            ("latency", "virtio", 0) => {
                Fate::Done(whole[..whole.find("--- 10").unwrap()].to_owned())
            }
            ("latency", "virtio", 1) => Fate::Done(ping(&[None, None, None])),
            ("latency", "virtio", 2) => Fate::Done("Segmentation fault\n".into()),
            ("latency", "virtio", 3) => Fate::NoLog,
            ("latency", "virtio", 4) => Fate::Done(String::new()),
            ("throughput", "virtio", 0) => Fate::Done(whole[..whole.len() / 2].to_owned()),
            ("throughput", "virtio", 1) => Fate::Done(
                r#"{"start":{"connected":[]},"intervals":[],"end":{},"error":"unable to connect"}"#
                    .into(),
            ),
            ("throughput", "virtio", 2) => Fate::Done(log(planned) + &whole),
            ("bulk", "virtio", 0) => Fate::Done("tcp connect failed: Connection refused\n".into()),
            _ => Fate::Done(whole),
        }
    };
    let campaign = Synthetic::new(MATRIX, damage);
    let analysis = campaign.analyse();
    assert_eq!(analysis.counts.complete, 72);
    for failure in &analysis.failures {
        assert_eq!(failure.state, "unusable");
        assert!(
            failure.reason.starts_with(&format!("{}/", failure.trial)),
            "{failure:?}"
        );
    }
    let reason = |trial: &str| {
        let mut found = analysis
            .failures
            .iter()
            .filter(|failure| failure.trial == trial);
        found
            .next()
            .unwrap_or_else(|| panic!("{trial}: {:#?}", analysis.failures))
            .reason
            .clone()
    };
    let latency = |block: u32| reason(&format!("trials/latency/{VIRTIO_PING}/{block:03}"));
    assert!(
        latency(0).contains("ping-vm1.log:") && latency(0).contains("cut-file"),
        "{}",
        latency(0)
    );
    assert!(
        latency(1).contains("no reply to any of 3 requests"),
        "{}",
        latency(1)
    );
    assert!(
        latency(2).contains("is not a log of this tool"),
        "{}",
        latency(2)
    );
    assert!(latency(3).contains("cannot be opened"), "{}", latency(3));
    assert!(latency(4).contains("empty"), "{}", latency(4));
    let tcp = |block: u32| {
        reason(&format!(
            "trials/throughput/virtio-vm-iperf3-tcp-rx-p1/{block:03}"
        ))
    };
    assert!(tcp(0).contains("iperf3-vm1.json:"), "{}", tcp(0));
    assert!(tcp(1).contains("unable to connect"), "{}", tcp(1));
    assert!(tcp(2).contains("2 runs"), "{}", tcp(2));
    assert!(reason("trials/bulk/virtio-vm-iperf-tcp-rx-p1/000").contains("refused"));

    let medians = row(panel(&analysis, "latency", Metric::RttMedian), VIRTIO_PING);
    let blocks: Vec<u32> = medians.trials.iter().map(|trial| trial.block).collect();
    assert_eq!(blocks, [5, 6, 7]);
    assert!(medians.trials.iter().all(|trial| trial.value > 1.0));
    // All lost is no RTT, but a loss like any other.
    let loss = row(panel(&analysis, "latency", Metric::PingLoss), VIRTIO_PING);
    assert_eq!(loss.trials.len(), 4);
    assert!(near(estimate(&loss.estimate).value(), 3.0 / 12.0));
    assert!(notes(&loss.estimate).contains(&"4 of 8 complete trials gave no value".to_owned()));
    // What was read of a cut log stays in the table and out of the distribution.
    let curve = &analysis.distributions[0].curves[1];
    assert_eq!(
        (curve.trials, curve.transmitted, curve.rtt_ms.len()),
        (4, 12, 9)
    );
    let cut = analysis
        .log_warnings
        .iter()
        .find(|warning| warning.kind == "cut-file")
        .unwrap();
    assert!(
        cut.count >= 2 && cut.file.starts_with("trials/") && !cut.text.is_empty(),
        "{cut:?}"
    );
}

#[test]
fn one_boot_is_said_beside_every_interval() {
    let matrix = MATRIX.replace("per-block", "per-campaign");
    let analysis = Synthetic::new(&matrix, |planned| Fate::Done(log(planned))).analyse();
    let rows = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.rows.iter().map(|row| &row.estimate));
    let ratios = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.comparisons.iter().map(|comparison| &comparison.ratio));
    let successes = analysis.cells.iter().map(|cell| &cell.success);
    for outcome in rows.chain(ratios).chain(successes) {
        assert!(
            notes(outcome).contains(&"speaks of one boot of the guests".to_owned()),
            "{outcome:?}"
        );
    }
}

#[test]
fn a_changed_file_is_an_error_that_names_it() {
    let campaign = Synthetic::usual();
    let changed = campaign
        .path
        .join("trials/latency")
        .join(VIRTIO_PING)
        .join("004/ping-vm1.log");
    let text = fs::read_to_string(&changed).unwrap();
    fs::write(&changed, text.replace("time=1", "time=0")).unwrap();
    let error = analyse(&campaign.dir()).unwrap_err();
    assert!(
        matches!(&error, AnalysisError::Store(StoreError::Changed { path, .. }) if *path == changed),
        "{error}"
    );
    assert!(
        error.to_string().contains("ping-vm1.log was changed"),
        "{error}"
    );
}

#[test]
fn a_log_outside_its_trial_is_not_read() {
    let campaign = Synthetic::usual();
    let record = campaign
        .path
        .join("trials/latency")
        .join(VIRTIO_PING)
        .join("000/trial.json");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(
        &record,
        text.replace("\"ping-vm1.log\"", "\"../001/ping-vm1.log\""),
    )
    .unwrap();
    let tables = tables(&campaign.dir()).unwrap();
    let failures: Vec<&str> = tables
        .trials
        .column("failure")
        .unwrap()
        .str()
        .unwrap()
        .iter()
        .flatten()
        .collect();
    let [failure] = failures[..] else {
        panic!("{failures:?}")
    };
    assert!(
        failure.contains("is not the name of a file of the trial"),
        "{failure}"
    );
}

#[test]
fn a_trial_without_its_checksums_is_no_result() {
    let campaign = Synthetic::usual();
    fs::remove_file(
        campaign
            .path
            .join("trials/latency")
            .join(VIRTIO_PING)
            .join("006/SHA256SUMS"),
    )
    .unwrap();
    let analysis = campaign.analyse();
    let [failure] = &analysis.failures[..] else {
        panic!("{:?}", analysis.failures)
    };
    assert_eq!(failure.trial, format!("trials/latency/{VIRTIO_PING}/006"));
    assert!(
        failure.reason.contains("SHA256SUMS: is gone"),
        "{}",
        failure.reason
    );
    assert_eq!(
        row(panel(&analysis, "latency", Metric::RttMedian), VIRTIO_PING)
            .trials
            .len(),
        7
    );
}

/// The tools' own logs (how they were made is said beside them), in an otherwise
/// synthetic campaign.
#[test]
fn values_of_real_logs() {
    let real = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/dialects")
            .join(name);
        Fate::Done(fs::read_to_string(&path).unwrap())
    };
    let analysis = Synthetic::new(MATRIX, |planned| match planned.cell.workload {
        _ if planned.block > 0 => Fate::Missing,
        Workload::Ping { .. } if planned.cell.id() == VIRTIO_PING => real("ping-iputils.log"),
        Workload::Ping { .. } => real("ping-iputils-unreachable.log"),
        Workload::Iperf3 {
            protocol: Protocol::Tcp,
            ..
        } => real("iperf3-tcp.json"),
        Workload::Iperf3 {
            protocol: Protocol::Udp,
            ..
        } => real("iperf3-udp.json"),
        Workload::Iperf { .. } => real("iperf2-tcp-parallel.log"),
    })
    .analyse();
    let value = |metric: Metric| {
        let panels = analysis
            .panels
            .iter()
            .filter(move |panel| panel.metric == metric);
        let mut trials = panels
            .flat_map(|panel| &panel.rows)
            .flat_map(|row| &row.trials);
        trials.next().unwrap().clone()
    };
    let rtt = value(Metric::RttMedian);
    assert_eq!((rtt.value, rtt.sources[0].lines), (0.043, (2, 6)));
    assert_eq!(value(Metric::PingLoss).value, 0.0);
    assert!(near(
        value(Metric::Goodput).value,
        7881228288.0 * 8.0 / 2.00053
    ));
    assert_eq!(value(Metric::Retransmits).value, 40.0);
    assert_eq!(value(Metric::UdpLoss).value, 0.0);
    assert_eq!(value(Metric::UdpJitter).value, 0.015076366257144449);
    let bulk = &panel(&analysis, "bulk", Metric::Goodput).rows[0].trials[0];
    assert!(
        near(bulk.value, 11.8 * f64::from(1 << 30) * 8.0 / 2.0006),
        "{}",
        bulk.value
    );
    for panel in &analysis.panels {
        assert!(
            panel
                .rows
                .iter()
                .all(|row| row.estimate.estimate().is_none())
        );
    }
}

#[test]
fn both_directions_are_one_goodput() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/dialects/iperf3-tcp-bidir.json");
    let text = fs::read_to_string(path).unwrap();
    let matrix = MATRIX.replace(r#"direction = ["rx"]"#, r#"direction = ["both"]"#);
    let analysis = Synthetic::new(&matrix, |planned| match planned.cell.workload {
        Workload::Iperf3 {
            protocol: Protocol::Tcp,
            ..
        } if planned.block == 0 => Fate::Done(text.clone()),
        // Of one direction only, so no total.
        _ => Fate::Done(log(planned)),
    })
    .analyse();
    let trials = &panel(&analysis, "throughput", Metric::Goodput).rows[0].trials;
    let [both] = &trials[..] else {
        panic!("{trials:?}")
    };
    let bits = (3582066688.0 + 5165809558.0) * 8.0;
    assert!(near(both.value, bits / 2.001648), "{}", both.value);
    let retransmits = &panel(&analysis, "throughput", Metric::Retransmits).rows[0].trials;
    assert_eq!(retransmits[0].value, 206.0);
    let mut reasons = analysis.failures.iter().map(|failure| &failure.reason);
    assert!(reasons.any(|reason| reason.contains("in the other direction")));
}

#[test]
fn guests_are_listed_whatever_became_of_them() {
    let campaign = Synthetic::usual();
    let guest = |boot: &str, name: &str, json: Option<&str>| {
        let path = campaign.path.join("boots").join(boot).join(name);
        fs::create_dir_all(&path).unwrap();
        if let Some(json) = json {
            fs::write(path.join("guest.json"), json).unwrap();
        }
    };
    let whole = r#"{"boot":1,"name":"vm1","seconds":4.5,"nics":[{"name":"eth0","driver":"igbvf","mac":"02:00:00:00:00:01"}],"failure":null}"#;
    guest("001", "vm1", Some(whole));
    guest("000", "vm2", Some(r#"{"failure":"no answer"}"#));
    guest("000", "vm1", None);
    guest("notes", "vm1", None);
    let guests = campaign.analyse().guests;
    let names: Vec<_> = guests
        .iter()
        .map(|guest| (guest.boot, guest.name.as_str()))
        .collect();
    assert_eq!(names, [(0, "vm1"), (0, "vm2"), (1, "vm1")]);
    assert!(
        guests[0]
            .failure
            .as_deref()
            .unwrap()
            .contains("boots/000/vm1/guest.json")
    );
    assert_eq!(guests[1].failure.as_deref(), Some("no answer"));
    assert_eq!(
        (guests[2].seconds, &guests[2].drivers[..]),
        (Some(4.5), &["igbvf".to_owned()][..])
    );
    assert_eq!(guests[2].console, "boots/001/vm1/console.log");
}

#[test]
fn tables_are_tidy_and_the_same_bytes_each_time() {
    let campaign = Synthetic::usual();
    let (first, second) = (
        campaign.path.with_file_name("a"),
        campaign.path.with_file_name("b"),
    );
    let files = tables(&campaign.dir()).unwrap().write(&first).unwrap();
    tables(&campaign.dir()).unwrap().write(&second).unwrap();
    let names: Vec<_> = files
        .iter()
        .map(|path| path.file_name().unwrap().to_str().unwrap())
        .collect();
    assert_eq!(
        names,
        [
            "trials.csv",
            "trials.parquet",
            "samples.csv",
            "samples.parquet",
            "intervals.csv",
            "intervals.parquet",
            "values.csv",
            "values.parquet",
            "counters.csv",
            "counters.parquet",
            "phases.csv",
            "phases.parquet",
            "commands.csv",
            "commands.parquet",
            "warnings.csv",
            "warnings.parquet"
        ]
    );
    for name in names {
        assert_eq!(
            fs::read(first.join(name)).unwrap(),
            fs::read(second.join(name)).unwrap(),
            "{name}"
        );
    }
    let lines = |name: &str| {
        fs::read_to_string(first.join(name))
            .unwrap()
            .lines()
            .count()
            - 1
    };
    // 8 blocks of 9 cells: 4 of ping with 3 replies and 2 metrics, 2 of TCP with 2, 2 of
    // UDP with 3, 1 of iperf with 1. iperf3 has an interval for its stream and its sum.
    assert_eq!((lines("trials.csv"), lines("commands.csv")), (72, 72));
    assert_eq!(
        (lines("samples.csv"), lines("values.csv")),
        (96, 8 * (8 + 4 + 6 + 1))
    );
    assert_eq!(lines("warnings.csv"), 0);
    assert_eq!((lines("counters.csv"), lines("phases.csv")), (0, 0));
    let values = fs::read_to_string(first.join("values.csv")).unwrap();
    let expected = format!(
        "latency,{VIRTIO_PING},virtio,vm,idle,1,1,shared,external,vm,,,,,ping,0,,rtt-median,ms,1.0,,,trials/latency/{VIRTIO_PING}/000/ping-vm1.log,2,4"
    );
    assert!(values.lines().any(|line| line == expected), "{values}");
    assert!(!values.contains('\\'));
}

#[test]
fn a_campaign_of_nothing_but_its_plan() {
    let campaign = Synthetic::new(MATRIX, |_| Fate::Missing);
    let analysis = campaign.analyse();
    assert_eq!((analysis.counts.planned, analysis.counts.missing), (72, 72));
    assert_eq!((analysis.failures.len(), analysis.panels.len()), (72, 10));
    for panel in &analysis.panels {
        assert!(
            panel
                .rows
                .iter()
                .all(|row| row.trials.is_empty() && row.estimate.estimate().is_none())
        );
    }
    assert!(
        analysis
            .cells
            .iter()
            .all(|cell| cell.success.estimate().is_none())
    );
}

/// Guests with two kernels and two QEMUs, beside a container, which has neither.
const VERSIONS: &str = r#"
format = 1
name = "synthetic"
seed = 7
blocks = 8
boot = "per-block"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "60 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "vhost", "veth"]
instance = ["vm", "container"]
kernel = ["6.12", "6.1", "6.18"]
qemu = ["10.0", "7.2"]
exclude = [{ backend = "vhost", kernel = "6.12" }]
ping = { payload = ["56 B"], interval = ["10 ms"], count = 3 }
"#;

#[test]
fn versions_are_compared_with_the_first() {
    let campaign = Synthetic::new(VERSIONS, |planned| {
        let setting = &planned.cell.setting;
        let older = setting.kernel.as_deref() == Some("6.1");
        let rtt = if older { 2.0 } else { 1.0 } * (1.0 + f64::from(planned.block) / 16.0);
        Fate::Done(ping(&[Some(rtt), Some(rtt), Some(rtt)]))
    });
    let analysis = campaign.analyse();
    let rtt = panel(&analysis, "latency", Metric::RttMedian);
    let of = |contrast: Contrast| -> Vec<(&str, &str)> {
        let found = rtt.comparisons.iter().filter(|c| c.contrast == contrast);
        found
            .map(|c| (c.cell.as_str(), c.baseline.as_str()))
            .collect()
    };
    const PING: &str = "-vm-ping-56B-10ms";
    let id = |arm: &str, rest: &str| format!("{arm}{PING}-{rest}");
    let expect = |contrast, pairs: &[(String, String)]| {
        let pairs: Vec<(&str, &str)> = pairs
            .iter()
            .map(|(cell, baseline)| (cell.as_str(), baseline.as_str()))
            .collect();
        assert_eq!(of(contrast), pairs);
    };
    let pair = |arm: &str, cell: &str, baseline: &str| (id(arm, cell), id(arm, baseline));
    expect(
        Contrast::ToFirstKernel,
        &[
            pair("virtio", "kernel6.1-qemu10.0", "kernel6.12-qemu10.0"),
            pair("virtio", "kernel6.1-qemu7.2", "kernel6.12-qemu7.2"),
            pair("virtio", "kernel6.18-qemu10.0", "kernel6.12-qemu10.0"),
            // Without the first kernel, with the first that it has.
            pair("vhost", "kernel6.18-qemu10.0", "kernel6.1-qemu10.0"),
            pair("virtio", "kernel6.18-qemu7.2", "kernel6.12-qemu7.2"),
            pair("vhost", "kernel6.18-qemu7.2", "kernel6.1-qemu7.2"),
        ],
    );
    let qemus = of(Contrast::ToFirstQemu);
    assert_eq!(qemus.len(), 5);
    assert!(qemus.iter().all(|(cell, baseline)| {
        cell.ends_with("-qemu7.2") && *baseline == cell.replace("-qemu7.2", "-qemu10.0")
    }));
    // A container is compared with the first kernel and QEMU; another back-end with its like.
    let baselines = of(Contrast::ToBaseline);
    let veth: Vec<_> = baselines
        .iter()
        .filter(|(cell, _)| cell.starts_with("veth"))
        .collect();
    assert_eq!(
        veth,
        [&(
            "veth-container-ping-56B-10ms",
            id("virtio", "kernel6.12-qemu10.0").as_str()
        )]
    );
    assert_eq!(baselines.len(), 5);
    let older = rtt.comparisons.iter().find(|c| {
        c.contrast == Contrast::ToFirstKernel && c.setting.kernel.as_deref() == Some("6.1")
    });
    let older = older.unwrap();
    assert!(near(estimate(&older.ratio).value(), 2.0));
    assert_eq!(older.verdict, Some(Verdict::Worse));
    // Kernels are one family, QEMUs another.
    assert_eq!(older.joint.as_ref().unwrap().family, 6);
    let trials = tables(&campaign.dir()).unwrap().trials;
    for (column, levels) in [("kernel", 3), ("qemu", 2)] {
        let column = trials.column(column).unwrap();
        assert_eq!(column.null_count(), 8, "the container's");
        assert_eq!(column.n_unique().unwrap(), levels + 1);
    }
}

/// Three VMs at once, two NICs a VM, mixes of both kinds, tunings and host counters.
const MANY: &str = r#"
format = 1
name = "synthetic"
seed = 7
blocks = 8
boot = "per-trial"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "60 s"

[tuning.pinned]
vcpu_pinning = true

[[experiment]]
name = "fairness"
question = "fairness"
backend = ["virtio", "virtio|sriov"]
instance = ["vm"]
vms = [1, 3]
iperf3 = { protocol = ["tcp"], streams = [1], direction = ["rx"], duration = "1 s" }

[[experiment]]
name = "several"
question = "multi-network"
backend = ["virtio", "sriov", "virtio+sriov"]
instance = ["vm"]
nics = [1, 2]
iperf = { streams = [1], duration = "1 s" }

[[experiment]]
name = "several-ping"
question = "multi-network"
backend = ["virtio"]
instance = ["vm"]
nics = [2]
ping = { payload = ["56 B"], interval = ["10 ms"], count = 3 }

[[experiment]]
name = "density"
question = "density"
backend = ["virtio"]
instance = ["vm"]
vms = [1, 2, 4]
tuning = ["none", "pinned"]
exclude = [{ tuning = "pinned", vms = [1, 2] }]
iperf3 = { protocol = ["tcp"], streams = [1], direction = ["rx"], duration = "1 s" }
"#;

/// The NICs measured in a cell of [`MANY`].
fn nodes(planned: &PlannedTrial) -> Vec<String> {
    let setting = &planned.cell.setting;
    let mix = planned.cell.arm.to_string().contains('.') && setting.vms == 1;
    let nics = if mix { 2 } else { setting.nics };
    let of = |vm: u32| {
        (1..=nics).map(move |nic| match nics {
            1 => format!("vm-{vm}"),
            _ => format!("vm-{vm}.nic{nic}"),
        })
    };
    (1..=setting.vms).flat_map(of).collect()
}

/// The n-th NIC takes n ms and moves n MB in a second; `spoiled` logs are cut short.
fn many(spoiled: impl Fn(&PlannedTrial, usize) -> bool) -> Synthetic {
    let matrix = Matrix::parse(MANY, Path::new("synthetic.toml")).unwrap();
    let plan = Plan::new(&matrix);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("synthetic");
    let campaign = CampaignDir::create(&path, &head(matrix), &plan).unwrap();
    for planned in &plan.trials {
        write_many(&campaign, planned, &spoiled);
    }
    for event in [
        r#"{"event":"built","elapsed_ms":1500}"#,
        r#"{"event":"audit-accepted","time":"t","differences":["kernel"]}"#,
        r#"{"event":"torn-down","elapsed_ms":700}"#,
    ] {
        let event: serde_json::Value = serde_json::from_str(event).unwrap();
        campaign.journal(&event).unwrap();
    }
    campaign.seal().unwrap();
    Synthetic { _dir: dir, path }
}

fn write_many(
    campaign: &CampaignDir,
    planned: &PlannedTrial,
    spoiled: &impl Fn(&PlannedTrial, usize) -> bool,
) {
    let writer = campaign.begin(planned).unwrap();
    let mut trial = record(planned, "");
    let mut commands = Vec::new();
    for (index, node) in nodes(planned).into_iter().enumerate() {
        let n = (index + 1) as f64;
        let mut command = |role: &str, text: String| {
            let mut command = trial.commands[0].clone();
            command.role = role.into();
            command.node = node.clone();
            command.stdout = format!("{}-{role}-{node}.log", planned.cell.workload.tool());
            let cut = if spoiled(planned, index) {
                text.len() / 2
            } else {
                text.len()
            };
            fs::write(writer.path().join(&command.stdout), &text[..cut]).unwrap();
            commands.push(command);
        };
        match planned.cell.workload {
            Workload::Ping { .. } => {
                command("client", ping(&[Some(n - 0.5), Some(n), Some(n + 0.5)]));
            }
            Workload::Iperf3 { protocol, .. } => {
                command("client", iperf3(protocol, (n * 1e6) as u64, 1));
            }
            Workload::Iperf { .. } => {
                let bytes = (n * 1e6) as u64;
                let end = format!("1,0.0-1.0,{bytes},{}\n", bytes * 8);
                command(
                    "client",
                    format!("20260101000000,10.0.0.1,40000,10.0.0.2,5001,{end}"),
                );
                command(
                    "server",
                    format!("20260101000000,10.0.0.2,5001,10.0.0.1,40000,{end}"),
                );
            }
        }
    }
    trial.commands = commands;
    trial.phases_ms = [(Phase::Boot, 4000), (Phase::Measure, 1000)].into();
    trial.start_skew_us = (trial.commands.len() > 1).then_some(100 + u64::from(planned.block));
    // 10 s of the host, in which each VM keeps a tenth of a CPU busy.
    let ticks = 100 * planned.cell.setting.vms;
    let stat = |user: u32, count: u32| {
        format!(
            "cpu  {user} 0 0 9 0 0 0 0 0 0\ncpu0 {user} 0 0 9 0 0 0 0 0 0\nintr {count} 1\nctxt {count}\n"
        )
    };
    let mark = |phase: &str, at: u32| {
        format!("# vnicbench {phase} 2026-01-01T00:00:00.000Z monotonic {at}.000000\n")
    };
    let of = |first: String, last: String| mark("start", 10) + &first + &mark("end", 20) + &last;
    let logs = [
        ("host-stat.log", of(stat(0, 0), stat(ticks, 500))),
        (
            "host-kvm.log",
            of("exits 0\n".into(), "exits 1200\n".into()),
        ),
    ];
    for (name, text) in logs {
        fs::write(writer.path().join(name), text).unwrap();
        trial.counters.push(name.into());
    }
    writer.finish(&trial).unwrap();
}

#[test]
fn several_nics_are_one_trial() {
    let campaign = many(|_, _| false);
    let analysis = campaign.analyse();
    assert!(analysis.failures.is_empty(), "{:?}", analysis.failures);

    let fairness = panel(&analysis, "fairness", Metric::Goodput);
    let three = row(fairness, "virtio-vm-iperf3-tcp-rx-p1-3vms");
    assert_eq!(estimate(&three.estimate).value(), 8e6 * 6.0);
    assert_eq!(three.trials[0].sources.len(), 3);
    let index = panel(&analysis, "fairness", Metric::Fairness);
    // One VM alone shares with nobody.
    assert_eq!((index.rows.len(), index.comparisons.len()), (2, 0));
    assert!(near(estimate(&index.rows[0].estimate).value(), 36.0 / 42.0));
    assert_eq!(index.rows[0].trials[0].sources.len(), 3);
    let shares: Vec<f64> = index.shares[..3]
        .iter()
        .map(|share| estimate(&share.estimate).value())
        .collect();
    assert_eq!(shares, [1.0 / 6.0, 2.0 / 6.0, 3.0 / 6.0]);

    let rtt = panel(&analysis, "several-ping", Metric::RttMedian);
    let two = row(rtt, "virtio-vm-ping-56B-10ms-2nics");
    // 0.5 1 1.5 and 1.5 2 2.5
    assert_eq!(estimate(&two.estimate).value(), 1.5);
    let loss = panel(&analysis, "several-ping", Metric::PingLoss);
    assert_eq!(row(loss, &two.cell).trials[0].value, 0.0);
    let mix = "virtio.sriov-vm-iperf-tcp-rx-p1";
    let bulk = panel(&analysis, "several", Metric::Goodput);
    assert_eq!(estimate(&row(bulk, mix).estimate).value(), 24e6);
    assert!(
        row(bulk, mix).trials[0].sources[0]
            .log
            .contains("iperf-server-vm-1.nic1")
    );
    let of_mix: Vec<_> = bulk
        .comparisons
        .iter()
        .filter(|c| c.cell == mix)
        .map(|c| {
            (
                c.contrast,
                c.baseline.as_str(),
                estimate(&c.ratio).value().round(),
            )
        })
        .collect();
    assert_eq!(
        of_mix,
        [
            (Contrast::ToBaseline, "virtio-vm-iperf-tcp-rx-p1-2nics", 1.0),
            (Contrast::ToPart, "virtio-vm-iperf-tcp-rx-p1", 3.0),
            (Contrast::ToPart, "sriov-vm-iperf-tcp-rx-p1", 3.0),
        ]
    );
}

#[test]
fn what_the_host_pays() {
    let analysis = many(|_, _| false).analyse();
    let cpu = panel(&analysis, "density", Metric::HostCpu);
    let [slope] = &cpu.slopes[..] else {
        panic!("{:?}", cpu.slopes)
    };
    assert_eq!(slope.vms, [1, 2, 4]);
    assert!(near(estimate(&slope.estimate).value(), 0.1));
    let per_gbit = panel(&analysis, "density", Metric::CpuPerGbit);
    // One VM: 1 CPU-second for 8 Mbit.
    assert!(near(per_gbit.rows[0].trials[0].value, 1.0 / 0.008));
    assert!(
        per_gbit.rows[0].trials[0].sources[0]
            .log
            .ends_with("/host-stat.log")
    );
    let of_one_vm = |metric| panel(&analysis, "density", metric).rows[0].trials[0].value;
    assert_eq!(of_one_vm(Metric::KvmExits), 120.0);
    // In 10 s, in which 8 Mbit were moved.
    assert!(near(of_one_vm(Metric::KvmExitsPerGbit), 1200.0 / 0.008));
    let untuned = panel(&analysis, "density", Metric::Goodput)
        .comparisons
        .iter()
        .find(|c| c.contrast == Contrast::ToUntuned)
        .unwrap();
    assert_eq!(untuned.baseline, "virtio-vm-iperf3-tcp-rx-p1-4vms");
    let hosts = analysis
        .panels
        .iter()
        .filter(|panel| panel.metric.is_of_host());
    assert!(hosts.clone().all(|panel| panel.experiment == "density"));

    let cost = &analysis.cost;
    assert_eq!(
        (&cost.built_ms[..], &cost.torn_down_ms[..]),
        (&[1500][..], &[700][..])
    );
    assert_eq!(cost.phases[0].median_ms, 4000.0);
    assert_eq!(cost.start_skew.as_ref().unwrap().largest_us, 107);
    assert_eq!(analysis.accepted[0].differences, ["kernel"]);
}

#[test]
fn a_part_is_no_total() {
    let spoiled = |planned: &PlannedTrial, index: usize| planned.block == 2 && index == 1;
    let campaign = many(spoiled);
    let analysis = campaign.analyse();
    let three = "virtio-vm-iperf3-tcp-rx-p1-3vms";
    for metric in [Metric::Goodput, Metric::Fairness] {
        let trials = &row(panel(&analysis, "fairness", metric), three).trials;
        assert_eq!(trials.len(), 7, "{metric:?}");
        assert!(trials.iter().all(|trial| trial.block != 2));
    }
    let directory = format!("trials/fairness/{three}/002");
    let failure = analysis
        .failures
        .iter()
        .find(|f| f.trial == directory)
        .unwrap();
    assert!(
        failure.reason.contains("iperf3-client-vm-2.log:"),
        "{failure:?}"
    );
    let text = |name: &str| {
        let csv = campaign.path.with_file_name("csv");
        tables(&campaign.dir()).unwrap().write(&csv).unwrap();
        fs::read_to_string(csv.join(name)).unwrap()
    };
    // Host counters and the other NICs' values are there, without a total.
    let values = text("values.csv");
    let of_trial = |metric: &str| {
        let lines = values.lines().filter(|line| line.contains(three));
        lines
            .filter(|line| line.contains(&format!(",iperf3,2,,{metric},")))
            .count()
    };
    assert_eq!(
        (
            of_trial("goodput"),
            of_trial("host-cpu"),
            of_trial("cpu-per-gbit")
        ),
        (0, 1, 0)
    );
    assert!(values.contains(",iperf3,2,vm-1,goodput,"));
    assert!(text("counters.csv").contains(",busy,CPU s,3.0,"));
    assert!(text("phases.csv").contains(",boot,4000"));
}

#[test]
fn the_widest_interval_is_that_of_the_least_precise_cell() {
    let campaign = Synthetic::usual();
    // Virtio's blocks are 1 to 1.4375 about 1.219, sriov's just so.
    let width = widest(&campaign.dir(), "rtt-median").unwrap().unwrap();
    assert!((width - 0.4375 / 2.0 / 1.219).abs() < 1e-3, "{width}");
    assert!(widest(&campaign.dir(), "goodput").unwrap().is_some());
    assert_eq!(widest(&campaign.dir(), "nothing").unwrap(), None);
    let few = Synthetic::new(MATRIX, |planned| match planned.block {
        0..5 => Fate::Done(log(planned)),
        _ => Fate::Missing,
    });
    assert_eq!(widest(&few.dir(), "rtt-median").unwrap(), None);
}

#[test]
fn a_campaign_that_was_precise_enough_is_whole() {
    let campaign = Synthetic::new(MATRIX, |planned| match planned.block {
        0..6 => Fate::Done(log(planned)),
        _ => Fate::Missing,
    });
    let stopped = Stopped {
        blocks: 6,
        reason: "narrow enough".into(),
    };
    campaign.dir().stop(&stopped).unwrap();
    campaign.dir().seal().unwrap();
    let analysis = campaign.analyse();
    assert_eq!((analysis.counts.planned, analysis.counts.missing), (54, 0));
    assert_eq!(analysis.stopped, Some(stopped));
}
