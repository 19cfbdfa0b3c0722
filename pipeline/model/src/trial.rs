//! `trial.json`: what was done in a trial and how it ended.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::cell::Cell;

/// How a trial ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialOutcome {
    /// Every command did what it was asked to.
    Done,
    /// Something failed; `failure` says what. Its logs are kept and are no result.
    Failed,
}

/// A program that was run for a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CommandRecord {
    /// Why: `client`, `server`, `neighbour`, `neighbour-server`.
    pub role: String,
    /// The instance that it is about: `host`, or a guest's or container's name.
    pub node: String,
    /// The argument vector, as executed.
    pub argv: Vec<String>,
    /// File with its standard output, beside `trial.json`.
    pub stdout: String,
    /// File with its standard error.
    pub stderr: String,
    /// Exit status; null if it was ended by a signal or never ran.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Whether it was stopped at its time limit.
    pub timed_out: bool,
    /// Wall time in milliseconds, as seen where it ran.
    pub elapsed_ms: u64,
    /// Start, in microseconds of the monotonic clock where it ran: commands of one place
    /// can be compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_us: Option<u64>,
}

/// What a trial's time went to, in the order of a trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Changing the host for this trial.
    Provision,
    /// Booting guests for this trial, or for this one and those after it.
    Boot,
    /// Starting servers and loads.
    Ready,
    /// Waiting until things have calmed down.
    Settle,
    /// Measuring.
    Measure,
    /// Ending servers and loads, and gathering logs.
    Collect,
    /// Ending the trial's guests and putting back what was changed for it.
    TearDown,
    /// Doing nothing, before the next.
    CoolDown,
}

impl Phase {
    /// Every phase, in order.
    pub const ALL: [Self; 8] = [
        Self::Provision,
        Self::Boot,
        Self::Ready,
        Self::Settle,
        Self::Measure,
        Self::Collect,
        Self::TearDown,
        Self::CoolDown,
    ];

    /// Its name in files and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Provision => "provision",
            Self::Boot => "boot",
            Self::Ready => "ready",
            Self::Settle => "settle",
            Self::Measure => "measure",
            Self::Collect => "collect",
            Self::TearDown => "tear-down",
            Self::CoolDown => "cool-down",
        }
    }
}

/// The record of a trial.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// Version of this format: 1.
    pub format: u32,
    /// Place in the plan.
    pub sequence: u32,
    /// Block, the pairing key.
    pub block: u32,
    /// Which boot of the guests.
    pub boot: u32,
    /// What was run.
    pub cell: Cell,
    /// Start, RFC 3339 in UTC.
    pub start: String,
    /// End, RFC 3339 in UTC.
    pub end: String,
    /// How it ended.
    pub outcome: TrialOutcome,
    /// What failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What its time went to, in milliseconds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub phases_ms: BTreeMap<Phase, u64>,
    /// From the first to the last start of the measuring commands, in microseconds, where there
    /// are several and they ran in one place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_skew_us: Option<u64>,
    /// Logs of host counters, beside this file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counters: Vec<String>,
    /// The programs, in the order in which they were started.
    pub commands: Vec<CommandRecord>,
    /// What a reader should know.
    #[serde(default)]
    pub warnings: Vec<String>,
}
