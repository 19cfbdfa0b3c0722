//! What an analysis gives to whoever prints it: estimates, comparisons, and what became
//! of every trial.

use serde::Serialize;
use vnicbench_model::{Arm, Campaign, Question, Setting};
use vnicbench_stats::{Outcome, Verdict};

/// Everything a report says of a campaign.
#[derive(Debug, Clone, Serialize)]
pub struct Analysis {
    /// Head of the campaign.
    pub campaign: Campaign,
    /// What became of the planned trials.
    pub counts: Counts,
    /// One metric of one workload each, in the order of the matrix.
    pub panels: Vec<Panel>,
    /// Round-trip times as distributions, one for each ping workload.
    pub distributions: Vec<Distribution>,
    /// Success of each cell, in the order of the matrix.
    pub cells: Vec<CellCounts>,
    /// Trials that are no result, in the order of the plan.
    pub failures: Vec<Failure>,
    /// Oddities in logs, by kind.
    pub log_warnings: Vec<LogWarning>,
    /// Guests that were booted, by boot and name.
    pub guests: Vec<Guest>,
}

/// What became of planned trials.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
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

/// A quantity that a trial yields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Median round-trip time of a trial's received replies, in ms.
    RttMedian,
    /// Share of echo requests without a reply.
    PingLoss,
    /// Bytes that arrived over the time it took, in bit/s.
    Goodput,
    /// Share of datagrams that did not arrive.
    UdpLoss,
    /// Jitter of RFC 3550 as iperf3's receiver reports it, in ms.
    UdpJitter,
    /// TCP segments sent again, in a trial.
    Retransmits,
}

impl Metric {
    /// Name in files and anchors.
    pub fn name(self) -> &'static str {
        match self {
            Self::RttMedian => "rtt-median",
            Self::PingLoss => "ping-loss",
            Self::Goodput => "goodput",
            Self::UdpLoss => "udp-loss",
            Self::UdpJitter => "udp-jitter",
            Self::Retransmits => "retransmits",
        }
    }

    /// What a heading calls it.
    pub fn label(self) -> &'static str {
        match self {
            Self::RttMedian => "Median RTT",
            Self::PingLoss => "Packet loss",
            Self::Goodput => "Goodput",
            Self::UdpLoss => "Datagram loss",
            Self::UdpJitter => "Jitter",
            Self::Retransmits => "Retransmits",
        }
    }

    /// Unit of every value of this metric; empty for a share or a count.
    pub fn unit(self) -> &'static str {
        match self {
            Self::RttMedian | Self::UdpJitter => "ms",
            Self::Goodput => "bit/s",
            Self::PingLoss | Self::UdpLoss | Self::Retransmits => "",
        }
    }

    /// Whether less is better.
    pub fn lower_is_better(self) -> bool {
        self != Self::Goodput
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
    /// Ratios to the baseline arm, and of loaded to idle where a neighbour is a factor.
    pub comparisons: Vec<Comparison>,
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
    /// The log it comes from, below the campaign.
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
    /// The ratio, or why there is none.
    pub ratio: Outcome,
    /// What the interval says against [`THRESHOLD`]; none where there is no interval.
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
}
