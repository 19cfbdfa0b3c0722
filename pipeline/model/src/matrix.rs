//! The matrix: a TOML file of factors, levels, experiments and repetitions.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::cell::{
    Arm, Backend, Cell, Direction, Instance, Neighbour, Protocol, Question, Workload,
};
use crate::units::{BitRate, ByteSize, TimeSpan};

/// A matrix that can't be used: where, and what is allowed there.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    /// The file could not be read.
    #[error("cannot read the matrix {path}: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is not a matrix.
    #[error("{path}:{line}:{column}: {message}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong, and what is allowed.
        message: String,
    },
}

/// When the guests are booted anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BootPolicy {
    /// Once: every interval speaks of that one boot.
    PerCampaign,
    /// For each block, so that a trial is an independent repetition.
    PerBlock,
}

/// What is measured, how often, in which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Version of this format: 1.
    pub format: u32,
    /// Short name; campaigns are named after it. Lower-case letters, digits and `-`.
    pub name: String,
    /// One sentence for the report.
    #[serde(default)]
    pub description: String,
    /// Seed of the order of the trials in each block.
    pub seed: u64,
    /// Randomised passes over all cells; each cell has one trial a block.
    pub blocks: u32,
    /// When guests are booted anew.
    pub boot: BootPolicy,
    /// Confidence level of every interval.
    #[serde(default = "default_level")]
    pub level: f64,
    /// The guests.
    pub guest: GuestSpec,
    /// The experiments.
    #[serde(rename = "experiment")]
    pub experiments: Vec<Experiment>,
}

fn default_level() -> f64 {
    0.95
}

/// The shape of every guest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GuestSpec {
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory.
    pub memory: ByteSize,
    /// Guests that may be booting at the same time.
    pub boot_batch: u32,
    /// A guest that hasn't answered by then has failed.
    pub boot_limit: TimeSpan,
}

/// A question, and the levels that are crossed to answer it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Experiment {
    /// Short name, a directory in the campaign.
    pub name: String,
    /// The study's question.
    pub question: Question,
    /// Back-ends. Combinations with an instance that can't exist (vhost in a container) are left out.
    pub backend: Vec<Backend>,
    /// Instances; native always runs on the host and needs no entry.
    pub instance: Vec<Instance>,
    /// What the neighbour VM does.
    #[serde(default = "idle")]
    pub neighbour: Vec<Neighbour>,
    /// ping as the workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ping: Option<PingFactors>,
    /// iperf3 as the workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iperf3: Option<Iperf3Factors>,
    /// iperf as the workload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub iperf: Option<IperfFactors>,
}

fn idle() -> Vec<Neighbour> {
    vec![Neighbour::Idle]
}

/// Levels of ping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PingFactors {
    /// ICMP payloads.
    pub payload: Vec<ByteSize>,
    /// Intervals between requests.
    pub interval: Vec<TimeSpan>,
    /// Requests a trial.
    pub count: u32,
}

/// Levels of iperf3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Iperf3Factors {
    /// Transports.
    pub protocol: Vec<Protocol>,
    /// Numbers of parallel streams.
    pub streams: Vec<u32>,
    /// Directions.
    pub direction: Vec<Direction>,
    /// How long data is sent.
    pub duration: TimeSpan,
    /// Offered rates for UDP; required there, not used by TCP.
    #[serde(default)]
    pub rate: Vec<BitRate>,
    /// Message sizes.
    #[serde(default)]
    pub message: Vec<ByteSize>,
}

/// Levels of iperf (version 2), TCP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IperfFactors {
    /// Numbers of parallel streams.
    pub streams: Vec<u32>,
    /// How long data is sent.
    pub duration: TimeSpan,
}

/// Only where things stand in the file, for the checks that serde doesn't make.
#[derive(Deserialize)]
struct Places {
    name: Spanned<toml::Value>,
    blocks: Spanned<toml::Value>,
    format: Spanned<toml::Value>,
    level: Option<Spanned<toml::Value>>,
    guest: Spanned<toml::Value>,
    experiment: Vec<Spanned<toml::Value>>,
}

impl Matrix {
    /// Reads and checks a matrix file.
    ///
    /// # Errors
    ///
    /// [`MatrixError`] with file, line and what is allowed there.
    pub fn read(path: &Path) -> Result<Self, MatrixError> {
        let text = std::fs::read_to_string(path).map_err(|source| MatrixError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&text, path)
    }

    /// Reads a matrix from text; `path` is what errors name.
    ///
    /// # Errors
    ///
    /// As [`Matrix::read`].
    pub fn parse(text: &str, path: &Path) -> Result<Self, MatrixError> {
        let invalid = |offset: usize, message: String| {
            let before = text.get(..offset).unwrap_or(text);
            let line_start = before.rfind('\n').map_or(0, |at| at + 1);
            MatrixError::Invalid {
                path: path.to_owned(),
                line: before.matches('\n').count() + 1,
                column: before.len() - line_start + 1,
                message,
            }
        };
        let from_toml = |error: toml::de::Error| {
            invalid(
                error.span().map_or(0, |span| span.start),
                error.message().trim_end().to_owned(),
            )
        };
        let matrix: Self = toml::from_str(text).map_err(from_toml)?;
        let places: Places = toml::from_str(text).map_err(from_toml)?;
        let at = |spanned: &Spanned<toml::Value>, message: String| {
            Err(invalid(spanned.span().start, message))
        };

        if matrix.format != 1 {
            return at(
                &places.format,
                format!(
                    "format {} is not known; this version reads format 1",
                    matrix.format
                ),
            );
        }
        if !is_name(&matrix.name) {
            return at(&places.name, name_rule(&matrix.name));
        }
        if !(1..=1000).contains(&matrix.blocks) {
            return at(
                &places.blocks,
                format!("blocks = {} must be from 1 to 1000", matrix.blocks),
            );
        }
        if let Some(level) = &places.level
            && !(0.5..1.0).contains(&matrix.level)
        {
            return at(
                level,
                format!("level = {} must be at least 0.5 and below 1", matrix.level),
            );
        }
        let guest = &matrix.guest;
        if !(1..=256).contains(&guest.vcpus) || !(1..=64).contains(&guest.boot_batch) {
            return at(
                &places.guest,
                "vcpus must be from 1 to 256 and boot_batch from 1 to 64".into(),
            );
        }
        if guest.memory < ByteSize(128 << 20) {
            return at(
                &places.guest,
                format!(
                    "memory = \"{}\" is too small for a guest; 128 MiB is the least",
                    guest.memory
                ),
            );
        }
        if matrix.experiments.is_empty() {
            return at(
                &places.name,
                "a matrix needs at least one [[experiment]]".into(),
            );
        }
        let mut names = BTreeSet::new();
        let mut ids = BTreeSet::new();
        for (experiment, place) in matrix.experiments.iter().zip(&places.experiment) {
            if !is_name(&experiment.name) {
                return at(place, name_rule(&experiment.name));
            }
            if !names.insert(experiment.name.as_str()) {
                return at(
                    place,
                    format!("a second experiment is named {:?}", experiment.name),
                );
            }
            if let Err(message) = experiment.check() {
                return at(
                    place,
                    format!("experiment {:?}: {message}", experiment.name),
                );
            }
            for cell in experiment.cells() {
                let id = format!("{}/{}", cell.experiment, cell.id());
                if !ids.insert(id.clone()) {
                    return at(
                        place,
                        format!("two cells would be called {id}: is a level listed twice?"),
                    );
                }
            }
        }
        Ok(matrix)
    }

    /// The matrix as a file that [`Matrix::parse`] reads, with all defaults filled in.
    pub fn to_toml(&self) -> String {
        // Names, numbers and lists only: there is nothing in it that TOML can't hold.
        toml::to_string(self).unwrap_or_default()
    }

    /// Every cell, in the order of the file.
    pub fn cells(&self) -> Vec<Cell> {
        self.experiments
            .iter()
            .flat_map(Experiment::cells)
            .collect()
    }
}

impl Experiment {
    fn check(&self) -> Result<(), String> {
        let workloads = [
            self.ping.is_some(),
            self.iperf3.is_some(),
            self.iperf.is_some(),
        ];
        if workloads.iter().filter(|given| **given).count() != 1 {
            return Err("needs exactly one workload: [experiment.ping], [experiment.iperf3] or [experiment.iperf]".into());
        }
        if self.instance.contains(&Instance::Host) {
            return Err(
                "instance \"host\" goes without saying for native; allowed: \"vm\", \"container\""
                    .into(),
            );
        }
        for backend in &self.backend {
            if !self.arms().iter().any(|arm| arm.backend == *backend) {
                return Err(format!(
                    "backend \"{backend}\" exists in none of the listed instances"
                ));
            }
        }
        if self.neighbour.is_empty() {
            return Err("neighbour needs a level; \"idle\" for none".into());
        }
        if let Some(ping) = &self.ping {
            if ping.count == 0 || ping.count > 1_000_000 {
                return Err(format!("count = {} must be from 1 to 1000000", ping.count));
            }
            if ping.payload.iter().any(|payload| payload.0 > 65_507) {
                return Err("payload can't exceed 65507 B, the most an ICMP echo carries".into());
            }
            // 2 ms is what iputils allows without being root of the initial namespace.
            if ping
                .interval
                .iter()
                .any(|interval| *interval < TimeSpan(2_000_000))
            {
                return Err("interval can't be below 2 ms".into());
            }
        }
        if let Some(iperf3) = &self.iperf3 {
            if iperf3.protocol.contains(&Protocol::Udp) && iperf3.rate.is_empty() {
                return Err("UDP needs a rate, as in rate = [\"20 Mbit/s\"]".into());
            }
            if !iperf3.protocol.contains(&Protocol::Udp) && !iperf3.rate.is_empty() {
                return Err("rate is for UDP, which protocol doesn't list".into());
            }
            if iperf3
                .streams
                .iter()
                .any(|streams| !(1..=128).contains(streams))
            {
                return Err("streams must be from 1 to 128".into());
            }
        }
        if let Some(iperf) = &self.iperf
            && iperf
                .streams
                .iter()
                .any(|streams| !(1..=128).contains(streams))
        {
            return Err("streams must be from 1 to 128".into());
        }
        let durations = [
            self.iperf3.as_ref().map(|i| i.duration),
            self.iperf.as_ref().map(|i| i.duration),
        ];
        if durations
            .iter()
            .flatten()
            .any(|d| d.0 == 0 || !d.0.is_multiple_of(1_000_000_000))
        {
            return Err("duration must be whole seconds, at least 1 s".into());
        }
        if self.cells().is_empty() {
            return Err("crosses to no cell: is a list of levels empty?".into());
        }
        Ok(())
    }

    /// The back-ends in their instances, without those that can't exist.
    pub fn arms(&self) -> Vec<Arm> {
        let mut arms = Vec::new();
        for &backend in &self.backend {
            let host = Arm {
                backend,
                instance: Instance::Host,
            };
            let all = self
                .instance
                .iter()
                .map(|&instance| Arm { backend, instance });
            arms.extend(std::iter::once(host).chain(all).filter(|arm| arm.exists()));
        }
        arms
    }

    /// Every combination of the experiment's levels.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for workload in self.workloads() {
            for &neighbour in &self.neighbour {
                for arm in self.arms() {
                    cells.push(Cell {
                        experiment: self.name.clone(),
                        question: self.question,
                        arm,
                        neighbour,
                        workload,
                    });
                }
            }
        }
        cells
    }

    fn workloads(&self) -> Vec<Workload> {
        let mut workloads = Vec::new();
        if let Some(ping) = &self.ping {
            for &payload in &ping.payload {
                for &interval in &ping.interval {
                    workloads.push(Workload::Ping {
                        payload,
                        interval,
                        count: ping.count,
                    });
                }
            }
        }
        if let Some(iperf3) = &self.iperf3 {
            let messages = optional(&iperf3.message);
            for &protocol in &iperf3.protocol {
                let rates = if protocol == Protocol::Udp {
                    optional(&iperf3.rate)
                } else {
                    vec![None]
                };
                for &streams in &iperf3.streams {
                    for &direction in &iperf3.direction {
                        for &rate in &rates {
                            for &message in &messages {
                                let duration = iperf3.duration;
                                workloads.push(Workload::Iperf3 {
                                    protocol,
                                    streams,
                                    direction,
                                    duration,
                                    rate,
                                    message,
                                });
                            }
                        }
                    }
                }
            }
        }
        if let Some(iperf) = &self.iperf {
            let duration = iperf.duration;
            workloads.extend(
                iperf
                    .streams
                    .iter()
                    .map(|&streams| Workload::Iperf { streams, duration }),
            );
        }
        workloads
    }
}

fn optional<T: Copy>(levels: &[T]) -> Vec<Option<T>> {
    if levels.is_empty() {
        vec![None]
    } else {
        levels.iter().copied().map(Some).collect()
    }
}

/// Whether `name` may be a directory and part of an id.
pub fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !name.starts_with('-')
}

fn name_rule(name: &str) -> String {
    format!(
        "{name:?} is not a name: up to 64 lower-case letters, digits and '-', not starting with '-'"
    )
}
