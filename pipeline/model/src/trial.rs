//! `trial.json`: what was done in a trial and how it ended.

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
    /// Why: `client`, `server`, `neighbour`.
    pub role: String,
    /// Where: `generator`, `host`, or a guest's or container's name.
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
    /// The programs, in the order in which they were started.
    pub commands: Vec<CommandRecord>,
    /// What a reader should know.
    #[serde(default)]
    pub warnings: Vec<String>,
}
