//! What a finished trial's logs say, put together from all NICs that were measured.

use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use vnicbench_model::{Cell, CommandRecord, Mix, Protocol, Question, Trial, Workload};
use vnicbench_stats::{Sample, fairness};

use crate::host::{self, Counter};
use crate::path::{MeasuredPath, mean, sums};
use crate::result::{Metric, Source};

/// Everything read from the logs of a trial.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measurement {
    /// The trial's values.
    pub(crate) values: Vec<Value>,
    /// What it is made from, a NIC each, in the order in which they were started.
    pub(crate) paths: Vec<MeasuredPath>,
    /// What the host counted meanwhile.
    #[serde(skip)]
    pub(crate) counters: Vec<Counter>,
    pub(crate) oddities: Vec<Oddity>,
    /// Why there are fewer values than there should be; with file and line.
    pub(crate) problems: Vec<String>,
}

/// One metric of a trial, or of a NIC in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Value {
    pub(crate) metric: Metric,
    pub(crate) value: f64,
    /// Of a share: events and attempts.
    pub(crate) share: Option<(u64, u64)>,
    /// The log and its lines; none for what comes from the logs of several NICs.
    pub(crate) source: Option<Source>,
}

/// Something odd: in a log, or noted by who ran the trial.
#[derive(Debug, Serialize, Deserialize)]
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

/// The metrics that a report shows of a cell: those of its workload, and those that its
/// question asks for.
pub(crate) fn shown(cell: &Cell) -> Vec<Metric> {
    let mut shown = Vec::new();
    for &metric in metrics(&cell.workload) {
        shown.push(metric);
        if metric == Metric::Goodput && cell.question == Question::Fairness {
            shown.push(Metric::Fairness);
        }
    }
    if cell.question == Question::Density {
        shown.extend(Metric::OF_HOST.as_flattened());
    }
    shown
}

/// How many NICs are measured at once in a cell.
pub(crate) fn nics(cell: &Cell) -> u32 {
    let each = match cell.arm.mix {
        Some(Mix::Nic(_)) => 2,
        _ => cell.setting.nics,
    };
    cell.setting.vms.saturating_mul(each)
}

/// Reads the logs of a trial in `path`, which is `directory` below the campaign.
pub(crate) fn measure(path: &Path, directory: &str, trial: &Trial) -> Measurement {
    let mut measurement = of_tools(path, directory, trial);
    if !trial.counters.is_empty() {
        host::add(&mut measurement, path, directory, trial);
    }
    measurement
}

/// As [`measure`], without what the host counted.
pub(crate) fn of_tools(path: &Path, directory: &str, trial: &Trial) -> Measurement {
    let mut measurement = Measurement::default();
    let commands = match measuring(trial) {
        Ok(commands) => commands,
        Err(problem) => {
            measurement
                .problems
                .push(format!("{directory}/trial.json: {problem}"));
            return measurement;
        }
    };
    let workload = &trial.cell.workload;
    let several = commands.len() > 1;
    measurement.paths = commands
        .into_iter()
        .map(|command| MeasuredPath::read(path, directory, command, workload, several))
        .collect();
    measurement.unanswered();
    for measured in &mut measurement.paths {
        measurement.oddities.append(&mut measured.oddities);
        measurement.problems.append(&mut measured.problems);
    }
    measurement.values = match measurement.paths.as_slice() {
        [only] => only.values.clone(),
        several => metrics(workload)
            .iter()
            .filter_map(|metric| total(*metric, several))
            .chain(evenness(several))
            .collect(),
    };
    measurement
}

/// The commands whose logs say what was measured, one for each NIC. That are the clients, but
/// with iperf the servers where there are any: only they count what arrived.
fn measuring(trial: &Trial) -> Result<Vec<&CommandRecord>, String> {
    let with_role = |role: &str| -> Vec<&CommandRecord> {
        let commands = trial.commands.iter();
        commands.filter(|command| command.role == role).collect()
    };
    let (clients, servers) = (with_role("client"), with_role("server"));
    if clients.is_empty() {
        return Err("no command has the role `client`".to_owned());
    }
    let is_iperf = matches!(trial.cell.workload, Workload::Iperf { .. });
    let measuring = match (is_iperf, clients.as_slice(), servers.as_slice()) {
        (false, _, _) | (true, _, []) => clients,
        (true, [_], [_]) => servers,
        (true, _, _) => clients
            .iter()
            .map(|client| {
                let mut own = servers.iter().filter(|server| server.node == client.node);
                match (own.next(), own.next()) {
                    (Some(server), None) => Ok(*server),
                    _ => Err(format!(
                        "not exactly one command with the role `server` is of {:?}",
                        client.node
                    )),
                }
            })
            .collect::<Result<_, _>>()?,
    };
    for (index, command) in measuring.iter().enumerate() {
        if !is_file_name(&command.stdout) {
            return Err(format!(
                "the log {:?} is not the name of a file of the trial",
                command.stdout
            ));
        }
        let earlier = measuring.iter().take(index);
        if earlier.clone().any(|other| other.node == command.node) {
            return Err(format!(
                "several commands that measure are of {:?}",
                command.node
            ));
        }
        if earlier.clone().any(|other| other.stdout == command.stdout) {
            return Err(format!(
                "several commands that measure have the log {:?}",
                command.stdout
            ));
        }
    }
    Ok(measuring)
}

/// Whether it names something right in a directory.
pub(crate) fn is_file_name(name: &str) -> bool {
    let mut parts = Path::new(name).components();
    matches!(
        (parts.next(), parts.next()),
        (Some(Component::Normal(_)), None)
    )
}

impl Measurement {
    /// Forgets what only tables show.
    pub(crate) fn keep_values(&mut self) {
        self.counters = Vec::new();
        for path in &mut self.paths {
            path.intervals = Vec::new();
            path.samples.lines = Vec::new();
        }
    }

    /// To be kept: its length as JSON in eight bytes, the JSON, then all round-trip times, which
    /// are most of it, as they are in memory.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        // Strings and finite numbers can't fail to be JSON; nothing is never read back.
        let json = serde_json::to_vec(self).unwrap_or_default();
        let mut bytes = (json.len() as u64).to_le_bytes().to_vec();
        bytes.extend(json);
        for path in &self.paths {
            let rtts = &path.samples.rtt_ms;
            bytes.extend((rtts.len() as u64).to_le_bytes());
            bytes.extend(rtts.iter().flat_map(|rtt| rtt.to_le_bytes()));
        }
        bytes
    }

    /// What [`Measurement::to_bytes`] gave; none if it is something else.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let length = |bytes: &[u8]| -> Option<usize> {
            let (length, _) = bytes.split_first_chunk()?;
            usize::try_from(u64::from_le_bytes(*length)).ok()
        };
        let (json, mut rest) = bytes.get(8..)?.split_at_checked(length(bytes)?)?;
        let mut measurement: Self = serde_json::from_slice(json).ok()?;
        for path in &mut measurement.paths {
            let of_path = length(rest)?.checked_mul(8)?;
            let (rtts, after) = rest.get(8..)?.split_at_checked(of_path)?;
            let (rtts, _) = rtts.as_chunks();
            path.samples.rtt_ms = rtts.iter().map(|rtt| f64::from_le_bytes(*rtt)).collect();
            rest = after;
        }
        rest.is_empty().then_some(measurement)
    }

    /// Replies that no NIC got give no round-trip time; where some got theirs, the others'
    /// loss says what became of them.
    fn unanswered(&mut self) {
        if self.paths.iter().all(|path| path.unanswered.is_some()) {
            for path in &mut self.paths {
                if let Some((requests, line)) = path.unanswered {
                    path.problem(
                        line,
                        &format!(
                            "no reply to any of {requests} requests, so there is no round-trip time"
                        ),
                    );
                }
            }
        }
    }
}

/// A metric of all NICs together; none if that of one isn't known, since a part is no total.
fn total(metric: Metric, paths: &[MeasuredPath]) -> Option<Value> {
    if metric == Metric::RttMedian {
        return pooled_median(paths);
    }
    let parts: Vec<&Value> = paths
        .iter()
        .map(|path| path.value(metric))
        .collect::<Option<_>>()?;
    let values: Vec<f64> = parts.iter().map(|part| part.value).collect();
    let share = metric
        .is_share()
        .then(|| sums(parts.iter().filter_map(|part| part.share)));
    let value = match share {
        Some((events, attempts)) => events as f64 / attempts as f64,
        // As iperf3 does it for the streams of a test.
        None if metric == Metric::UdpJitter => mean(&values),
        None => values.iter().sum(),
    };
    // Nothing in all is no rate, as it is with one NIC.
    let is_rate = metric != Metric::Goodput || value > 0.0;
    is_rate.then_some(Value {
        metric,
        value,
        share,
        source: None,
    })
}

/// The median of all replies to all NICs.
fn pooled_median(paths: &[MeasuredPath]) -> Option<Value> {
    let known = |path: &MeasuredPath| {
        path.value(Metric::PingLoss).is_some()
            && (path.value(Metric::RttMedian).is_some() || path.unanswered.is_some())
    };
    if !paths.iter().all(known) {
        return None;
    }
    let rtts: Vec<f64> = paths
        .iter()
        .flat_map(|path| path.samples.rtt_ms.iter().copied())
        .collect();
    let value = Sample::new(&rtts).ok()?.median()?;
    Some(Value {
        metric: Metric::RttMedian,
        value,
        share: None,
        source: None,
    })
}

/// Jain's index of what each NIC got.
fn evenness(paths: &[MeasuredPath]) -> Option<Value> {
    let shares: Vec<f64> = paths
        .iter()
        .map(|path| Some(path.value(Metric::Goodput)?.value))
        .collect::<Option<_>>()?;
    Some(Value {
        metric: Metric::Fairness,
        value: fairness::jain(&shares).ok()?,
        share: None,
        source: None,
    })
}
