//! What a finished trial's log says: values, samples, and why it says nothing.

use std::path::{Component, Path};

use vnicbench_logs::throughput::{Interval, Received, Run};
use vnicbench_logs::{Document, Tool, ping};
use vnicbench_model::{CommandRecord, Protocol, Trial, Workload};
use vnicbench_stats::Sample;

use crate::log;
use crate::result::Metric;

/// Everything read from the logs of a trial.
#[derive(Debug, Default)]
pub(crate) struct Measurement {
    pub(crate) values: Vec<Value>,
    pub(crate) samples: Vec<RttSample>,
    pub(crate) intervals: Vec<Interval>,
    /// The log that all of the above come from, below the campaign.
    pub(crate) log: String,
    pub(crate) oddities: Vec<Oddity>,
    /// Why there are fewer values than there should be; with file and line.
    pub(crate) problems: Vec<String>,
}

/// One metric of the trial.
#[derive(Debug, PartialEq)]
pub(crate) struct Value {
    pub(crate) metric: Metric,
    pub(crate) value: f64,
    /// Of a share: events and attempts.
    pub(crate) share: Option<(u64, u64)>,
    /// First and last line of the records used, from 1.
    pub(crate) lines: (u64, u64),
}

/// A reply to an echo request.
#[derive(Debug)]
pub(crate) struct RttSample {
    pub(crate) rtt_ms: f64,
    /// Only an upper bound (`time<1ms`).
    pub(crate) censored: bool,
    pub(crate) line: u64,
}

/// Something odd: in a log, or noted by who ran the trial.
#[derive(Debug)]
pub(crate) struct Oddity {
    pub(crate) kind: String,
    /// Below the campaign.
    pub(crate) file: String,
    /// From 1; 0 for the file as a whole.
    pub(crate) line: u64,
    pub(crate) text: String,
}

/// The metrics a workload yields, in the order in which reports show them.
pub(crate) fn metrics(workload: &Workload) -> &'static [Metric] {
    match workload {
        Workload::Ping { .. } => &[Metric::RttMedian, Metric::PingLoss],
        Workload::Iperf3 {
            protocol: Protocol::Tcp,
            ..
        } => &[Metric::Goodput, Metric::Retransmits],
        Workload::Iperf3 {
            protocol: Protocol::Udp,
            ..
        } => &[Metric::Goodput, Metric::UdpLoss, Metric::UdpJitter],
        Workload::Iperf { .. } => &[Metric::Goodput],
    }
}

/// Reads the log of the measuring command of a trial in `path`, which is `directory`
/// below the campaign.
pub(crate) fn measure(path: &Path, directory: &str, trial: &Trial) -> Measurement {
    let mut measurement = Measurement::default();
    let command = match measuring(trial) {
        Ok(command) => command,
        Err(problem) => {
            measurement
                .problems
                .push(format!("{directory}/trial.json: {problem}"));
            return measurement;
        }
    };
    measurement.log = format!("{directory}/{}", command.stdout);
    let tool = match trial.cell.workload {
        Workload::Ping { .. } => Tool::Ping,
        Workload::Iperf3 { .. } => Tool::Iperf3,
        Workload::Iperf { .. } => Tool::Iperf2,
    };
    match log::read(&path.join(&command.stdout), tool) {
        Ok(log) => measurement.take(&trial.cell.workload, &log),
        Err(problem) => measurement.problem(0, &problem),
    }
    measurement
}

/// The one command that measures, if its log can be a file of the trial. That is the client,
/// but with iperf its server where there is one: only it counts what arrived.
fn measuring(trial: &Trial) -> Result<&CommandRecord, String> {
    let with_role = |role: &'static str| {
        let commands = trial.commands.iter();
        commands.filter(move |command| command.role == role)
    };
    let is_iperf = matches!(trial.cell.workload, Workload::Iperf { .. });
    let role = if is_iperf && with_role("server").next().is_some() {
        "server"
    } else {
        "client"
    };
    let mut candidates = with_role(role);
    let (Some(client), None) = (candidates.next(), candidates.next()) else {
        return Err(format!(
            "{} commands have the role `{role}`; this version analyses trials with exactly one",
            with_role(role).count()
        ));
    };
    let mut parts = Path::new(&client.stdout).components();
    match (parts.next(), parts.next()) {
        (Some(Component::Normal(_)), None) => Ok(client),
        _ => Err(format!(
            "the log {:?} is not the name of a file of the trial",
            client.stdout
        )),
    }
}

impl Measurement {
    fn problem(&mut self, line: u64, text: &str) {
        self.problems.push(match line {
            0 => format!("{}: {text}", self.log),
            line => format!("{}:{line}: {text}", self.log),
        });
    }

    fn value(&mut self, metric: Metric, value: f64, lines: (u64, u64)) {
        if value.is_finite() && value >= 0.0 {
            self.values.push(Value {
                metric,
                value,
                share: None,
                lines,
            });
        } else {
            self.problem(lines.0, &format!("{} would be {value}", metric.label()));
        }
    }

    fn share(&mut self, metric: Metric, events: u64, attempts: u64, lines: (u64, u64)) {
        if attempts > 0 && events <= attempts {
            let value = events as f64 / attempts as f64;
            self.values.push(Value {
                metric,
                value,
                share: Some((events, attempts)),
                lines,
            });
        } else {
            self.problem(
                lines.0,
                &format!("{} would be {events} of {attempts}", metric.label()),
            );
        }
    }

    fn take(&mut self, workload: &Workload, log: &log::Log) {
        let document = &log.document;
        self.oddities = document
            .warnings
            .iter()
            .map(|warning| Oddity {
                kind: log::kind(warning),
                file: self.log.clone(),
                line: warning.line,
                text: warning.text.clone(),
            })
            .collect();
        self.samples = document.ping_runs().iter().flat_map(samples).collect();
        self.intervals = document
            .throughput_runs()
            .iter()
            .flat_map(|run| run.intervals.iter().copied())
            .collect();
        if let Some((line, text)) = log.defect() {
            self.problem(line, &text);
            return;
        }
        // Several runs in the log of one command: nobody can say which is the trial's.
        if document.runs.len() != 1 {
            self.problem(
                0,
                &format!(
                    "holds {} runs, where the trial made one",
                    document.runs.len()
                ),
            );
            return;
        }
        self.run(workload, document, log.lines.max(1));
    }

    fn run(&mut self, workload: &Workload, document: &Document, last: u64) {
        match (workload, document.ping_runs(), document.throughput_runs()) {
            (Workload::Ping { .. }, [run], _) => self.ping(run, last),
            (Workload::Iperf3 { protocol, .. }, _, [run]) => self.iperf3(run, *protocol, last),
            (Workload::Iperf { .. }, _, [run]) => self.iperf(run, last),
            _ => self.problem(0, "holds runs of another tool"),
        }
    }

    fn ping(&mut self, run: &ping::Run, last: u64) {
        let Some(transmitted) = run.transmitted else {
            self.problem(last, "doesn't say how many requests were sent");
            return;
        };
        let Some(lost) = transmitted.checked_sub(run.received) else {
            self.problem(
                last,
                &format!(
                    "{} replies were received to {transmitted} requests",
                    run.received
                ),
            );
            return;
        };
        self.share(Metric::PingLoss, lost, transmitted, (1, last));
        let median = Sample::new(&run.rtt_ms)
            .ok()
            .and_then(|sample| sample.median());
        let first = run.lines.iter().min().copied().map_or(1, u64::from);
        let until = run.lines.iter().max().copied().map_or(last, u64::from);
        match median {
            Some(median) => self.value(Metric::RttMedian, median, (first, until)),
            None if run.received == 0 => {
                self.problem(
                    last,
                    &format!(
                        "no reply to any of {transmitted} requests, so there is no round-trip time"
                    ),
                );
            }
            None => self.problem(last, "the replies are counted, but none carries a time"),
        }
    }

    fn iperf3(&mut self, run: &Run, protocol: Protocol, last: u64) {
        let lines = (run.line.max(1), last);
        if let Some(error) = &run.error {
            self.problem(lines.0, &format!("iperf3 failed: {error}"));
            return;
        }
        let Some(received) = &run.received else {
            self.problem(last, "doesn't say what was received");
            return;
        };
        self.goodput(received.bytes, received.seconds, lines);
        match protocol {
            Protocol::Tcp => match run.sent.and_then(|sent| sent.retransmits) {
                Some(retransmits) => self.value(Metric::Retransmits, retransmits as f64, lines),
                None => self.problem(last, "doesn't say how many segments were sent again"),
            },
            Protocol::Udp => self.datagrams(received, lines),
        }
    }

    fn datagrams(&mut self, received: &Received, lines: (u64, u64)) {
        match (received.lost, received.packets) {
            // Negative where datagrams out of order were first counted as lost: none is.
            (Some(lost), Some(packets)) => {
                self.share(
                    Metric::UdpLoss,
                    u64::try_from(lost).unwrap_or(0),
                    packets,
                    lines,
                );
            }
            _ => self.problem(lines.1, "doesn't say how many datagrams were lost"),
        }
        match received.jitter_ms {
            // Jitter of nothing is printed as zero.
            Some(jitter) if received.bytes > 0 => self.value(Metric::UdpJitter, jitter, lines),
            Some(_) => {}
            None => self.problem(lines.1, "doesn't say the jitter"),
        }
    }

    fn iperf(&mut self, run: &Run, last: u64) {
        let lines = (run.line.max(1), last);
        if let Some(error) = &run.error {
            self.problem(lines.0, &format!("iperf failed: {error}"));
            return;
        }
        // A client's log alone says what was handed to the socket.
        let total = run.received.map(|total| (total.bytes, total.seconds));
        match total.or(run.sent.map(|total| (total.bytes, total.seconds))) {
            Some((bytes, seconds)) => self.goodput(bytes, seconds, lines),
            None => self.problem(last, "has no line for the whole test"),
        }
    }

    fn goodput(&mut self, bytes: u64, seconds: f64, lines: (u64, u64)) {
        if bytes == 0 || seconds.is_nan() || seconds <= 0.0 {
            self.problem(
                lines.0,
                &format!("{bytes} bytes arrived in {seconds} s, which is no rate"),
            );
        } else {
            self.value(Metric::Goodput, bytes as f64 * 8.0 / seconds, lines);
        }
    }
}

fn samples(run: &ping::Run) -> impl Iterator<Item = RttSample> {
    run.rtt_ms
        .iter()
        .zip(&run.lines)
        .enumerate()
        .map(|(index, (rtt_ms, line))| RttSample {
            rtt_ms: *rtt_ms,
            // Ascending, since they are noted as the lines come.
            censored: u32::try_from(index)
                .is_ok_and(|index| run.censored.binary_search(&index).is_ok()),
            line: u64::from(*line),
        })
}
