//! What the log of one measured NIC says: values, samples, and why it says nothing.

use std::path::Path;

use serde::{Deserialize, Serialize};
use vnicbench_logs::throughput::{Interval, Received, Run, Sent};
use vnicbench_logs::{Document, Runs, Tool, ping};
use vnicbench_model::{CommandRecord, Direction, Protocol, Workload};
use vnicbench_stats::Sample;

use crate::log;
use crate::measurement::{Oddity, Value};
use crate::result::{Metric, Source};

/// Everything read from the log of a measured NIC.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct MeasuredPath {
    /// The NIC: its instance, and which of the instance's it is where there are several.
    pub(crate) node: String,
    /// Below the campaign.
    pub(crate) log: String,
    pub(crate) values: Vec<Value>,
    pub(crate) samples: Replies,
    #[serde(skip)]
    pub(crate) intervals: Vec<Interval>,
    pub(crate) oddities: Vec<Oddity>,
    /// Why there are fewer values than there should be; with file and line.
    pub(crate) problems: Vec<String>,
    /// Requests that none was answered of, if so, and the line that says it.
    pub(crate) unanswered: Option<(u64, u64)>,
    /// Bits that were moved while the tool ran, the warm-up at the rate of the rest.
    pub(crate) bits: f64,
    /// Packets that the tool sent or got, where it counts them.
    pub(crate) packets: Option<u64>,
}

/// Replies to echo requests, in the order of the log.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Replies {
    #[serde(skip)]
    pub(crate) rtt_ms: Vec<f64>,
    /// Which of them are only upper bounds (`time<1ms`), ascending.
    pub(crate) censored: Vec<u32>,
    /// The line of each.
    #[serde(skip)]
    pub(crate) lines: Vec<u32>,
}

impl MeasuredPath {
    /// Reads the log of `command` in `directory` (`below` the campaign). `several` says
    /// whether other NICs are measured in the trial too.
    pub(crate) fn read(
        directory: &Path,
        below: &str,
        command: &CommandRecord,
        workload: &Workload,
        several: bool,
    ) -> Self {
        let mut path = Self {
            node: command.node.clone(),
            log: format!("{below}/{}", command.stdout),
            ..Self::default()
        };
        let tool = match workload {
            Workload::Ping { .. } => Tool::Ping,
            Workload::Iperf3 { .. } => Tool::Iperf3,
            Workload::Iperf { .. } => Tool::Iperf2,
        };
        match log::read(&directory.join(&command.stdout), tool) {
            Ok(log) => path.take(workload, log, several),
            Err(problem) => path.problem(0, &problem),
        }
        path
    }

    /// Its value of a metric.
    pub(crate) fn value(&self, metric: Metric) -> Option<&Value> {
        self.values.iter().find(|value| value.metric == metric)
    }

    pub(crate) fn problem(&mut self, line: u64, text: &str) {
        self.problems.push(match line {
            0 => format!("{}: {text}", self.log),
            line => format!("{}:{line}: {text}", self.log),
        });
    }

    fn push(&mut self, metric: Metric, value: f64, lines: (u64, u64)) {
        if value.is_finite() && value >= 0.0 {
            let source = self.source(lines);
            self.values.push(Value {
                metric,
                value,
                share: None,
                source,
            });
        } else {
            self.problem(lines.0, &format!("{} would be {value}", metric.label()));
        }
    }

    fn push_share(&mut self, metric: Metric, events: u64, attempts: u64, lines: (u64, u64)) {
        if attempts > 0 && events <= attempts {
            let source = self.source(lines);
            self.values.push(Value {
                metric,
                value: events as f64 / attempts as f64,
                share: Some((events, attempts)),
                source,
            });
        } else {
            self.problem(
                lines.0,
                &format!("{} would be {events} of {attempts}", metric.label()),
            );
        }
    }

    fn source(&self, lines: (u64, u64)) -> Option<Source> {
        let log = self.log.clone();
        Some(Source { log, lines })
    }

    fn take(&mut self, workload: &Workload, log: log::Log, several: bool) {
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
        self.intervals = document
            .throughput_runs()
            .iter()
            .flat_map(|run| run.intervals.iter().copied())
            .collect();
        if let Some((line, text)) = log.defect() {
            self.problem(line, &text);
            self.samples = Replies::of(log.document);
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
        } else {
            self.run(workload, document, log.lines.max(1), several);
        }
        self.samples = Replies::of(log.document);
    }

    fn run(&mut self, workload: &Workload, document: &Document, last: u64, several: bool) {
        match (workload, document.ping_runs(), document.throughput_runs()) {
            (Workload::Ping { .. }, [run], _) => self.ping(run, last),
            (
                Workload::Iperf3 {
                    protocol,
                    direction,
                    omit,
                    ..
                },
                _,
                [run],
            ) => {
                let warm_up = omit.map_or(0.0, |span| span.seconds());
                if let Some(both) = self.iperf3(run, *direction, last) {
                    let lines = (run.line.max(1), last);
                    self.goodput(&both, warm_up, several, lines);
                    match protocol {
                        Protocol::Tcp => self.retransmits(run, *direction, lines),
                        Protocol::Udp => self.datagrams(&both, lines),
                    }
                }
            }
            (Workload::Iperf { .. }, _, [run]) => self.iperf(run, last, several),
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
        self.packets = transmitted.checked_add(run.received);
        self.push_share(Metric::PingLoss, lost, transmitted, (1, last));
        let median = Sample::new(&run.rtt_ms)
            .ok()
            .and_then(|sample| sample.median());
        let first = run.lines.iter().min().copied().map_or(1, u64::from);
        let until = run.lines.iter().max().copied().map_or(last, u64::from);
        match median {
            Some(median) => self.push(Metric::RttMedian, median, (first, until)),
            None if run.received == 0 => self.unanswered = Some((transmitted, last)),
            None => self.problem(last, "the replies are counted, but none carries a time"),
        }
    }

    /// What was received, in each direction that the workload has.
    fn iperf3(&mut self, run: &Run, direction: Direction, last: u64) -> Option<Vec<Received>> {
        if let Some(error) = &run.error {
            self.problem(run.line.max(1), &format!("iperf3 failed: {error}"));
            return None;
        }
        let Some(received) = run.received else {
            self.problem(last, "doesn't say what was received");
            return None;
        };
        if direction != Direction::Both {
            return Some(vec![received]);
        }
        let Some(reverse) = run.received_reverse else {
            self.problem(
                last,
                "doesn't say what was received in the other direction, where the trial had both",
            );
            return None;
        };
        Some(vec![received, reverse])
    }

    fn retransmits(&mut self, run: &Run, direction: Direction, lines: (u64, u64)) {
        let of = |sent: Option<Sent>| sent.and_then(|sent| sent.retransmits);
        let count = match direction {
            Direction::Both => of(run.sent)
                .zip(of(run.sent_reverse))
                .and_then(|(there, back)| there.checked_add(back)),
            _ => of(run.sent),
        };
        match count {
            Some(count) => self.push(Metric::Retransmits, count as f64, lines),
            None => self.problem(lines.1, "doesn't say how many segments were sent again"),
        }
    }

    fn datagrams(&mut self, directions: &[Received], lines: (u64, u64)) {
        let counts: Option<Vec<(u64, u64)>> = directions
            .iter()
            // Negative where datagrams out of order were first counted as lost: none is.
            .map(|received| {
                Some((
                    u64::try_from(received.lost?).unwrap_or(0),
                    received.packets?,
                ))
            })
            .collect();
        match counts {
            Some(counts) => {
                let (lost, packets) = sums(counts);
                self.packets = Some(packets);
                self.push_share(Metric::UdpLoss, lost, packets, lines);
            }
            None => self.problem(lines.1, "doesn't say how many datagrams were lost"),
        }
        let jitters: Option<Vec<f64>> = directions.iter().map(|r| r.jitter_ms).collect();
        match jitters {
            // Jitter of nothing is printed as zero.
            Some(_) if directions.iter().any(|received| received.bytes == 0) => {}
            Some(jitters) => self.push(Metric::UdpJitter, mean(&jitters), lines),
            None => self.problem(lines.1, "doesn't say the jitter"),
        }
    }

    fn iperf(&mut self, run: &Run, last: u64, several: bool) {
        let lines = (run.line.max(1), last);
        if let Some(error) = &run.error {
            self.problem(lines.0, &format!("iperf failed: {error}"));
            return;
        }
        // A client's log alone says what was handed to the socket.
        let sent = run.sent.map(|total| Received {
            bytes: total.bytes,
            seconds: total.seconds,
            bits_per_second: total.bits_per_second,
            jitter_ms: None,
            lost: None,
            packets: None,
        });
        match run.received.or(sent) {
            Some(total) => self.goodput(&[total], 0.0, several, lines),
            None => self.problem(last, "has no line for the whole test"),
        }
    }

    /// What arrived in all directions, each over its own time. Of several NICs one may get
    /// nothing, which is a share like any other.
    fn goodput(
        &mut self,
        directions: &[Received],
        warm_up_s: f64,
        several: bool,
        lines: (u64, u64),
    ) {
        let mut rate = 0.0;
        let mut bits = 0.0;
        for received in directions {
            let (bytes, seconds) = (received.bytes, received.seconds);
            if (bytes == 0 && !several) || seconds.is_nan() || seconds <= 0.0 {
                self.problem(
                    lines.0,
                    &format!("{bytes} bytes arrived in {seconds} s, which is no rate"),
                );
                return;
            }
            let one = bytes as f64 * 8.0 / seconds;
            rate += one;
            bits += one * (seconds + warm_up_s);
        }
        self.bits = bits;
        self.push(Metric::Goodput, rate, lines);
    }
}

/// Events and attempts, each summed up.
pub(crate) fn sums(counts: impl IntoIterator<Item = (u64, u64)>) -> (u64, u64) {
    let add = |(events, attempts): (u64, u64), (e, a)| {
        (events.saturating_add(e), attempts.saturating_add(a))
    };
    counts.into_iter().fold((0, 0), add)
}

pub(crate) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

impl Replies {
    /// Of all runs of a log.
    fn of(document: Document) -> Self {
        let mut all = Self::default();
        if let Runs::Ping(runs) = document.runs {
            for run in runs {
                let before = u32::try_from(all.rtt_ms.len()).unwrap_or(u32::MAX);
                all.censored
                    .extend(run.censored.iter().map(|at| before.saturating_add(*at)));
                all.rtt_ms.extend(run.rtt_ms);
                all.lines.extend(run.lines);
            }
        }
        all
    }
}
