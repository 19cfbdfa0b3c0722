//! What an analysis gives to whoever prints it: estimates, comparisons, and what became
//! of every trial.

use serde::{Deserialize, Serialize};
use vnicbench_model::{Arm, Campaign, Phase, Question, Setting, Stopped};
use vnicbench_stats::outlier::Class;
use vnicbench_stats::{Interval, Outcome, Verdict};

use crate::claims::ClaimResult;

/// Everything a report says of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    /// Head of the campaign.
    pub campaign: Campaign,
    /// Files whose digest is the recorded one.
    pub files: usize,
    /// Why there are fewer blocks than were allowed; none if all were to be run.
    pub stopped: Option<Stopped>,
    /// Changes of the host that a resumed campaign went on with.
    pub accepted: Vec<AcceptedChange>,
    /// What became of the planned trials.
    pub counts: Counts,
    /// What the time went to.
    pub cost: Cost,
    /// One metric of one workload each, in the order of the matrix.
    pub panels: Vec<Panel>,
    /// Round-trip times as distributions, one for each ping workload.
    pub distributions: Vec<Distribution>,
    /// Drift, warm-up, outliers.
    pub stability: Stability,
    /// Success of each cell, in the order of the matrix.
    pub cells: Vec<CellCounts>,
    /// Trials that are no result, in the order of the plan.
    pub failures: Vec<Failure>,
    /// Oddities in logs, by kind.
    pub log_warnings: Vec<LogWarning>,
    /// Guests that were booted, by boot and name.
    pub guests: Vec<Guest>,
    /// What the campaign says of the claims that it keeps, in their order.
    pub claims: Vec<ClaimResult>,
}

/// Differences of a host's audit that were accepted, so that a campaign could go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AcceptedChange {
    /// When, as in the journal.
    pub time: String,
    /// The differences, in words.
    pub differences: Vec<String>,
}

/// What a campaign's time went to. Descriptive: it is what was, not an estimate of anything.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Cost {
    /// Of the complete trials, in the order of a trial; none of a campaign that didn't record it.
    pub phases: Vec<PhaseCost>,
    /// Building what is there throughout, in ms; each time that the campaign was begun or resumed.
    pub built_ms: Vec<u64>,
    /// Tearing it down, in ms.
    pub torn_down_ms: Vec<u64>,
    /// How far apart the measuring commands of a trial started, where there are several.
    pub start_skew: Option<StartSkew>,
}

impl Cost {
    /// Milliseconds of all phases of all complete trials.
    pub fn trials_ms(&self) -> u64 {
        self.phases
            .iter()
            .map(|phase| phase.total_ms)
            .fold(0, u64::saturating_add)
    }
}

/// A phase of the complete trials.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseCost {
    /// Which.
    pub phase: Phase,
    /// Trials that had it.
    pub trials: u32,
    /// Their median.
    pub median_ms: f64,
    /// The longest.
    pub longest_ms: u64,
    /// Their sum.
    pub total_ms: u64,
}

/// From the first to the last start of a trial's measuring commands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StartSkew {
    /// Complete trials that know it.
    pub trials: u32,
    /// Their median.
    pub median_us: f64,
    /// The largest.
    pub largest_us: u64,
}

/// What became of planned trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// In the plan.
    pub planned: u32,
    /// Marked complete.
    pub complete: u32,
    /// Ran and failed.
    pub failed: u32,
    /// Begun and not finished.
    pub interrupted: u32,
    /// Never begun.
    pub missing: u32,
}

/// What became of a cell's trials.
#[derive(Debug, Clone, Serialize)]
pub struct CellCounts {
    /// Experiment.
    pub experiment: String,
    /// Cell id.
    pub cell: String,
    /// Its trials.
    #[serde(flatten)]
    pub counts: Counts,
    /// Share of complete trials among those begun, with its interval.
    pub success: Outcome,
}

/// A trial that is no result.
#[derive(Debug, Clone, Serialize)]
pub struct Failure {
    /// Directory below the campaign.
    pub trial: String,
    /// `failed`, `interrupted`, `missing`, or `unusable` for a complete trial whose log gave no value.
    pub state: &'static str,
    /// What is known of the reason.
    pub reason: String,
}

/// An oddity in logs.
#[derive(Debug, Clone, Serialize)]
pub struct LogWarning {
    /// Its kind.
    pub kind: String,
    /// How many there were.
    pub count: u32,
    /// The first place: file below the campaign.
    pub file: String,
    /// And line.
    pub line: u64,
    /// And text.
    pub text: String,
}

/// A booted guest.
#[derive(Debug, Clone, Serialize)]
pub struct Guest {
    /// Boot, from 0.
    pub boot: u32,
    /// Name.
    pub name: String,
    /// Seconds from QEMU's start to the agent's answer.
    pub seconds: Option<f64>,
    /// Drivers of its NICs.
    pub drivers: Vec<String>,
    /// Its console log, below the campaign.
    pub console: String,
    /// Why it did not come up.
    pub failure: Option<String>,
}

macro_rules! metrics {
    ($($(#[$doc:meta])* $metric:ident $name:literal $label:literal $unit:literal,)*) => {
        /// A quantity that a trial yields.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub enum Metric { $($(#[$doc])* $metric),* }

        impl Metric {
            /// Every metric.
            pub const ALL: &'static [Self] = &[$(Self::$metric),*];

            /// Name in files and anchors.
            pub fn name(self) -> &'static str {
                match self { $(Self::$metric => $name),* }
            }

            /// What a heading calls it.
            pub fn label(self) -> &'static str {
                match self { $(Self::$metric => $label),* }
            }

            /// Unit of every value of this metric; empty for a share, a count or an index.
            pub fn unit(self) -> &'static str {
                match self { $(Self::$metric => $unit),* }
            }
        }
    };
}

// Packets are those that the tool sent or got, where it counts them: echo requests and
// replies, datagrams.
metrics! {
    /// Median round-trip time of a trial's received replies, of all measured NICs.
    RttMedian "rtt-median" "Median RTT" "ms",
    /// Share of echo requests without a reply.
    PingLoss "ping-loss" "Packet loss" "",
    /// Bytes that arrived over the time it took; the sum of all measured NICs and directions.
    Goodput "goodput" "Goodput" "bit/s",
    /// Share of datagrams that did not arrive.
    UdpLoss "udp-loss" "Datagram loss" "",
    /// Jitter of RFC 3550 as iperf3's receiver reports it; the mean of all measured NICs and
    /// directions.
    UdpJitter "udp-jitter" "Jitter" "ms",
    /// TCP segments sent again, in a trial.
    Retransmits "retransmits" "Retransmits" "",
    /// Jain's index of what each measured NIC got, in [1/n, 1].
    Fairness "fairness" "Jain's index" "",
    /// Processors that the host kept busy, on average.
    HostCpu "host-cpu" "Host CPU" "CPUs",
    /// Processor time of the host for what was moved.
    CpuPerGbit "cpu-per-gbit" "Host CPU per Gbit" "CPU s/Gbit",
    /// Processor time of the host for a packet.
    CpuPerPacket "cpu-per-packet" "Host CPU per packet" "CPU µs/packet",
    /// Interrupts of the host.
    Interrupts "interrupts" "Interrupts" "1/s",
    /// Interrupts of the host for what was moved.
    InterruptsPerGbit "interrupts-per-gbit" "Interrupts per Gbit" "1/Gbit",
    /// Interrupts of the host for a packet.
    InterruptsPerPacket "interrupts-per-packet" "Interrupts per packet" "",
    /// Context switches of the host.
    ContextSwitches "context-switches" "Context switches" "1/s",
    /// Context switches of the host for what was moved.
    ContextSwitchesPerGbit "context-switches-per-gbit" "Context switches per Gbit" "1/Gbit",
    /// Context switches of the host for a packet.
    ContextSwitchesPerPacket "context-switches-per-packet" "Context switches per packet" "",
    /// Exits of all guests.
    KvmExits "kvm-exits" "VM exits" "1/s",
    /// Exits of all guests for what was moved.
    KvmExitsPerGbit "kvm-exits-per-gbit" "VM exits per Gbit" "1/Gbit",
    /// Exits of all guests for a packet.
    KvmExitsPerPacket "kvm-exits-per-packet" "VM exits per packet" "",
}

impl Metric {
    /// What is made from the host's counters: a row for each counter, with what there is of
    /// it in a second, for a Gbit, and for a packet.
    pub const OF_HOST: [[Self; 3]; 4] = [
        [Self::HostCpu, Self::CpuPerGbit, Self::CpuPerPacket],
        [
            Self::Interrupts,
            Self::InterruptsPerGbit,
            Self::InterruptsPerPacket,
        ],
        [
            Self::ContextSwitches,
            Self::ContextSwitchesPerGbit,
            Self::ContextSwitchesPerPacket,
        ],
        [
            Self::KvmExits,
            Self::KvmExitsPerGbit,
            Self::KvmExitsPerPacket,
        ],
    ];

    /// The metric of that name in files.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|metric| metric.name() == name)
    }

    /// Whether less is better.
    pub fn lower_is_better(self) -> bool {
        !matches!(self, Self::Goodput | Self::Fairness)
    }

    /// Whether it is made from the host's counters.
    pub fn is_of_host(self) -> bool {
        Self::OF_HOST.as_flattened().contains(&self)
    }

    /// Whether two cells are compared by its ratio. Shares and counts are zero in most
    /// trials, and zero has no ratio; an index isn't twice another.
    pub fn has_ratio(self) -> bool {
        !self.is_share() && !matches!(self, Self::Retransmits | Self::Fairness)
    }

    /// Whether it is a share in [0, 1], which is pooled over trials and not compared by ratio.
    pub fn is_share(self) -> bool {
        matches!(self, Self::PingLoss | Self::UdpLoss)
    }
}

/// One metric of one workload: a figure and its table.
#[derive(Debug, Clone, Serialize)]
pub struct Panel {
    /// Stable name: an anchor, a file name.
    pub id: String,
    /// Experiment.
    pub experiment: String,
    /// Its question.
    pub question: Question,
    /// What was measured.
    pub metric: Metric,
    /// The workload in words.
    pub workload: String,
    /// One for each cell, in the order of the matrix.
    pub rows: Vec<Row>,
    /// Ratios to the baseline arm, of loaded to idle, of tuned to untuned, of a mix to its
    /// parts, of kernels and QEMUs to the first; as far as these are in the matrix.
    pub comparisons: Vec<Comparison>,
    /// Of the host's counters: what each further VM adds, arm by arm.
    pub slopes: Vec<Slope>,
    /// Of fairness: what part each measured NIC of a cell got.
    pub shares: Vec<Share>,
}

/// What each further instance adds to a metric.
#[derive(Debug, Clone, Serialize)]
pub struct Slope {
    /// The arm.
    pub arm: Arm,
    /// The conditions but for the number of instances, which is 1 here.
    pub setting: Setting,
    /// The numbers of instances that it is made from, ascending.
    pub vms: Vec<u32>,
    /// In the metric's unit for each instance: the median of the least-squares slopes of the
    /// blocks, or why there is none.
    pub estimate: Outcome,
}

/// The part of a trial's goodput that one measured NIC gets.
#[derive(Debug, Clone, Serialize)]
pub struct Share {
    /// Cell id.
    pub cell: String,
    /// Its arm.
    pub arm: Arm,
    /// The conditions there.
    pub setting: Setting,
    /// The NIC.
    pub node: String,
    /// In [0, 1].
    pub estimate: Outcome,
}

/// A cell's estimate.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Cell id.
    pub cell: String,
    /// Back-end and instance.
    pub arm: Arm,
    /// The conditions.
    pub setting: Setting,
    /// The estimate, or why there is none.
    pub estimate: Outcome,
    /// What it was made from, by block.
    pub trials: Vec<TrialValue>,
}

/// What one trial yielded.
#[derive(Debug, Clone, Serialize)]
pub struct TrialValue {
    /// Block.
    pub block: u32,
    /// In the metric's unit.
    pub value: f64,
    /// Where it comes from: a log, or one for each measured NIC.
    pub sources: Vec<Source>,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The log, below the campaign.
    pub log: String,
    /// First and last line of the records used, from 1.
    pub lines: (u64, u64),
}

/// What is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contrast {
    /// An arm with [`Arm::BASELINE`], all else equal.
    ToBaseline,
    /// A loaded neighbour with an idle one, same arm.
    ToIdle,
    /// A tuned cell with the same untuned.
    ToUntuned,
    /// A mix with one of its parts alone.
    ToPart,
    /// A kernel of the guests with the first that the experiment lists.
    ToFirstKernel,
    /// A QEMU with the first that the experiment lists.
    ToFirstQemu,
}

/// A ratio of two cells, paired by block.
#[derive(Debug, Clone, Serialize)]
pub struct Comparison {
    /// Which kind.
    pub contrast: Contrast,
    /// The cell in the numerator.
    pub cell: String,
    /// Its arm.
    pub arm: Arm,
    /// The conditions there.
    pub setting: Setting,
    /// The cell in the denominator; with its experiment in front (`latency/...`) where
    /// that isn't the panel's.
    pub baseline: String,
    /// The arm of the baseline.
    pub baseline_arm: Arm,
    /// The conditions of the baseline.
    pub baseline_setting: Setting,
    /// The ratio, or why there is none.
    pub ratio: Outcome,
    /// What the interval says against [`THRESHOLD`]; none where there is no interval.
    pub verdict: Option<Verdict>,
    /// What is left of it among the others of its family; none before these are judged.
    pub joint: Option<Joint>,
}

impl Comparison {
    /// Whether a verdict other than inconclusive is the same by the interval that holds together
    /// with the others of the family; none where there is no such verdict.
    pub fn survives(&self) -> Option<bool> {
        let verdict = self.verdict.filter(|v| *v != Verdict::Inconclusive)?;
        Some(self.joint.as_ref()?.verdict == Some(verdict))
    }
}

/// A comparison as one of those judged together: all of an experiment in one metric and one
/// contrast, over all its workloads.
#[derive(Debug, Clone, Serialize)]
pub struct Joint {
    /// How many there are, those without a value included.
    pub family: usize,
    /// p of Wilcoxon's signed-rank test that the ratio is one, by itself; none of too few blocks.
    pub p: Option<f64>,
    /// The same adjusted by Holm: the probability of any false finding is bounded.
    pub holm: Option<f64>,
    /// The same adjusted by Benjamini and Hochberg: the share of false findings is bounded.
    pub benjamini_hochberg: Option<f64>,
    /// The ratio with an interval that holds together with those of the family, of the blocks
    /// that all of them have; none of a comparison without values.
    pub ratio: Option<Outcome>,
    /// What that interval says against [`THRESHOLD`].
    pub verdict: Option<Verdict>,
}

/// Ratios within 5 % of one are called equivalent: less than that nobody would change a
/// back-end for.
pub const THRESHOLD: f64 = 0.05;

/// Round-trip times of every cell of a ping workload.
#[derive(Debug, Clone, Serialize)]
pub struct Distribution {
    /// Stable name.
    pub id: String,
    /// Experiment.
    pub experiment: String,
    /// The workload in words.
    pub workload: String,
    /// One for each cell.
    pub curves: Vec<Curve>,
}

/// The round-trip times of a cell, all trials together. Descriptive: packets aren't
/// independent, so no interval is made from them.
#[derive(Debug, Clone, Serialize)]
pub struct Curve {
    /// Cell id.
    pub cell: String,
    /// Arm.
    pub arm: Arm,
    /// The conditions.
    pub setting: Setting,
    /// Trials.
    pub trials: u32,
    /// Requests sent.
    pub transmitted: u64,
    /// RTTs in ms, ascending.
    pub rtt_ms: Vec<f64>,
    /// Quantiles that its trials are long enough for, ascending.
    pub quantiles: Vec<Quantile>,
    /// The share of requests answered within some of these times, ascending.
    pub band: Vec<BandPoint>,
}

/// A quantile of the received replies' round-trip times.
#[derive(Debug, Clone, Serialize)]
pub struct Quantile {
    /// In (0, 1).
    pub p: f64,
    /// In ms: the median over trials of each trial's quantile.
    pub estimate: Outcome,
}

/// The share of requests answered within a time, with an interval for that time by itself.
#[derive(Debug, Clone, Serialize)]
pub struct BandPoint {
    /// The time in ms.
    pub rtt_ms: f64,
    /// In [0, 1].
    pub share: f64,
    /// Its interval, which allows for trials that differ.
    pub interval: Interval,
}

/// Whether what was measured stood still.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stability {
    /// The trend of each row that varies, shares but for.
    pub drifts: Vec<Drift>,
    /// Successive replies within trials, by experiment and arm.
    pub behaviours: Vec<Behaviour>,
    /// Trials far from the others of their cell. They are in every estimate.
    pub outliers: Vec<Outlier>,
}

/// The trend of a row's trials in the order of the blocks.
#[derive(Debug, Clone, Serialize)]
pub struct Drift {
    /// The panel.
    pub panel: String,
    /// Cell id.
    pub cell: String,
    /// Arm.
    pub arm: Arm,
    /// The conditions.
    pub setting: Setting,
    /// In the metric's unit for each block.
    pub slope: Outcome,
    /// What it comes to from the first to the last block, over the median.
    pub relative_change: Option<f64>,
    /// p of the Mann-Kendall test by itself.
    pub p: f64,
    /// The same adjusted by Holm.
    pub holm: f64,
    /// For so many rows of the experiment in the metric.
    pub family: usize,
}

/// How the successive replies of a trial depend on each other and settle, over the trials of
/// an arm that have one log.
#[derive(Debug, Clone, Serialize)]
pub struct Behaviour {
    /// Experiment.
    pub experiment: String,
    /// Arm.
    pub arm: Arm,
    /// Trials.
    pub trials: usize,
    /// Those looked at, whose series is long enough and varies; the rest is of these. Of many
    /// trials they are a part, evenly spaced.
    pub judged: usize,
    /// Autocorrelation at lag 1, the median of the trials'.
    pub lag1: Outcome,
    /// Share of trials with p below 1 % by Ljung and Box.
    pub dependent: Outcome,
    /// Effective sample size over the number of replies, the median of the trials'.
    pub effective: Outcome,
    /// Trials that are steady from the first reply on.
    pub flat: usize,
    /// Trials that get faster before they are steady.
    pub warm_up: usize,
    /// Trials that get slower before they are steady.
    pub slowdown: usize,
    /// Share of trials that are not steady at their end, of those long enough to tell.
    pub never_steady: Outcome,
}

/// A trial far from the others of its cell.
#[derive(Debug, Clone, Serialize)]
pub struct Outlier {
    /// The panel.
    pub panel: String,
    /// Cell id.
    pub cell: String,
    /// Block.
    pub block: u32,
    /// In the metric's unit.
    pub value: f64,
    /// How far, and where.
    pub class: Class,
    /// A log that it comes from.
    pub source: Option<Source>,
}
