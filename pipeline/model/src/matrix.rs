//! The matrix: a TOML file of factors, levels, experiments and repetitions.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::backend::Backend;
use crate::cell::{
    Arm, Backing, Cell, Direction, Instance, Mix, Neighbour, NeighbourAt, Network, Protocol,
    Question, Route, Setting, UNTUNED, Workload,
};
use crate::place;
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BootPolicy {
    /// Once: every interval speaks of that one boot.
    PerCampaign,
    /// For each block, so that a trial is an independent repetition.
    PerBlock,
    /// For each trial, and only the guests that it needs: nothing else runs beside it.
    PerTrial,
}

/// What is measured, how often, in which order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Matrix {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub format: u32,
    /// Short name; campaigns are named after it. Lower-case letters, digits and `-`.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub name: String,
    /// One sentence for the report.
    #[serde(default)]
    pub description: String,
    /// Seed of the order of the trials in each block.
    pub seed: u64,
    /// Randomised passes over all cells; each cell has one trial a block. With a precision
    /// target the most that there may be.
    #[schemars(range(min = 1, max = 1000))]
    pub blocks: u32,
    /// When guests are booted anew; an experiment may say otherwise for itself.
    pub boot: BootPolicy,
    /// Confidence level of every interval.
    #[schemars(extend("minimum" = 0.5, "exclusiveMaximum" = 1))]
    #[serde(default = "default_level")]
    pub level: f64,
    /// How long the guests are left alone after a boot, before the first trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<TimeSpan>,
    /// How long nothing is done after a trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cool_down: Option<TimeSpan>,
    /// When there are blocks enough; without it all are run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// What of the host itself is set for the campaign, and put back after it.
    #[serde(default, skip_serializing_if = "HostSpec::is_empty")]
    pub host: HostSpec,
    /// The guests.
    pub guest: GuestSpec,
    /// Tunings by name, for the experiments' factor `tuning`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z0-9][a-z0-9-]{0,63}$", "not": { "const": "none" } }))]
    pub tuning: BTreeMap<String, Tuning>,
    /// The experiments.
    #[serde(rename = "experiment")]
    #[schemars(length(min = 1))]
    pub experiments: Vec<Experiment>,
}

fn default_level() -> f64 {
    0.95
}

/// The campaign ends after the first block at which every cell's interval is narrow enough.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Precision {
    /// The metric that is looked at, by its name in the tables: `rtt-median`, `goodput`.
    #[schemars(extend("enum" = ["rtt-median", "goodput"]))]
    pub metric: String,
    /// The widest half-width allowed, as a share of the estimate: 0.05 is 5 %.
    #[schemars(extend("exclusiveMinimum" = 0, "exclusiveMaximum" = 1))]
    pub half_width: f64,
    /// Blocks that are run in any case.
    #[schemars(range(min = 1, max = 1000))]
    pub min_blocks: u32,
}

/// The host, for the whole campaign. What isn't named is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HostSpec {
    /// Frequency governor of every CPU, such as `performance`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub governor: Option<String>,
    /// Whether CPUs may go above their nominal frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turbo: Option<bool>,
}

impl HostSpec {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The shape of every guest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuestSpec {
    /// Virtual CPUs.
    #[schemars(range(min = 1, max = 256))]
    pub vcpus: u32,
    /// Memory.
    pub memory: ByteSize,
    /// Guests that may be booting at the same time.
    #[schemars(range(min = 1, max = 64))]
    pub boot_batch: u32,
    /// A guest that hasn't answered by then has failed.
    pub boot_limit: TimeSpan,
}

/// Levers that are pulled together. What isn't named is left as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// Each virtual CPU, and each vhost thread, on a host CPU of its own, as far as these go.
    #[serde(default, skip_serializing_if = "is_false")]
    pub vcpu_pinning: bool,
    /// Host CPUs (as in `2-3,6`) that take the interrupts of the ports and VFs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*$"))]
    pub irq_cpus: Option<String>,
    /// Least time between two interrupts of a port: `rx-usecs`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupt_moderation: Option<TimeSpan>,
    /// Queue pairs of each virtio NIC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 64))]
    pub queues: Option<u32>,
    /// Guest memory from the host's huge pages.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hugepages: bool,
    /// MTU of everything on the packets' way, in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 576, max = 65521))]
    pub mtu: Option<u32>,
    /// Segmentation and receive offloads (TSO, GSO, GRO) of the instance's NICs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offloads: Option<bool>,
}

fn is_false(flag: &bool) -> bool {
    !flag
}

/// A question, and the levels that are crossed to answer it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["ping"] },
    { "required": ["iperf3"] },
    { "required": ["iperf"] },
]))]
pub struct Experiment {
    /// Short name, a directory in the campaign.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub name: String,
    /// The study's question.
    pub question: Question,
    /// When its guests are booted anew, if not as the matrix says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boot: Option<BootPolicy>,
    /// Back-ends, and mixes of two: `virtio+sriov` are two NICs of one VM, `virtio|sriov`
    /// VMs of both kinds. Combinations with an instance that can't exist (vhost in a
    /// container) are left out.
    #[schemars(length(min = 1))]
    pub backend: Vec<Backing>,
    /// Instances; native always runs on the host and needs no entry.
    #[schemars(schema_with = "crate::schema::instances")]
    pub instance: Vec<Instance>,
    /// Numbers of instances that are measured at once.
    #[serde(default = "just_one")]
    #[schemars(inner(range(min = 1, max = 100)))]
    pub vms: Vec<u32>,
    /// Numbers of NICs of each instance, all measured at once.
    #[serde(default = "just_one")]
    #[schemars(inner(range(min = 1, max = 8)))]
    pub nics: Vec<u32>,
    /// How the NICs of an instance are kept apart.
    #[serde(default = "just_shared")]
    pub network: Vec<Network>,
    /// Between whom packets travel.
    #[serde(default = "just_external")]
    pub path: Vec<Route>,
    /// What the neighbour does.
    #[serde(default = "idle")]
    pub neighbour: Vec<Neighbour>,
    /// Where it does it; network loads are always in an instance.
    #[serde(default = "just_in_vm")]
    pub neighbour_at: Vec<NeighbourAt>,
    /// Numbers of workers of its load; as many as a guest has CPUs if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(range(min = 1, max = 256)))]
    pub workers: Vec<u32>,
    /// Names of tunings of the matrix; `none` for none.
    #[serde(default = "just_untuned")]
    pub tuning: Vec<String>,
    /// Versions of the guests' kernel, such as `6.12`; the environment's own if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = r"^[0-9][0-9a-z.-]{0,31}$")))]
    pub kernel: Vec<String>,
    /// Versions of the QEMU that runs the guests, such as `10.0`; the environment's own if empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(inner(regex(pattern = r"^[0-9][0-9a-z.-]{0,31}$")))]
    pub qemu: Vec<String>,
    /// Combinations that are left out: those with all of an entry's levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<crate::schema::ExclusionSchema>")]
    pub exclude: Vec<Exclusion>,
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

fn just_one() -> Vec<u32> {
    vec![1]
}
fn just_shared() -> Vec<Network> {
    vec![Network::Shared]
}
fn just_external() -> Vec<Route> {
    vec![Route::External]
}
fn idle() -> Vec<Neighbour> {
    vec![Neighbour::Idle]
}
fn just_in_vm() -> Vec<NeighbourAt> {
    vec![NeighbourAt::Vm]
}
fn just_untuned() -> Vec<String> {
    vec![UNTUNED.to_owned()]
}

/// Levels by factor; a cell that has one of each is left out.
pub type Exclusion = Levels;

/// Levels by factor: what has one of each.
pub type Levels = BTreeMap<String, ExcludedLevels>;

/// One level of a factor, or several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExcludedLevels {
    /// One.
    One(ExcludedLevel),
    /// Any of these.
    Any(Vec<ExcludedLevel>),
}

/// A level as it is written in the lists of levels.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExcludedLevel {
    /// A number of something.
    Number(u32),
    /// A name or a quantity.
    Text(String),
}

impl ExcludedLevels {
    fn has(&self, level: &str) -> bool {
        self.iter().any(|excluded| excluded == level)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = String> {
        let levels = match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Any(any) => any,
        };
        levels.iter().map(|level| match level {
            ExcludedLevel::Number(number) => number.to_string(),
            ExcludedLevel::Text(text) => text.clone(),
        })
    }
}

/// Levels of ping.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PingFactors {
    /// ICMP payloads.
    pub payload: Vec<ByteSize>,
    /// Intervals between requests.
    pub interval: Vec<TimeSpan>,
    /// Requests a trial.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub count: u32,
}

/// Levels of iperf3.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Iperf3Factors {
    /// Transports.
    pub protocol: Vec<Protocol>,
    /// Numbers of parallel streams.
    #[schemars(inner(range(min = 1, max = 128)))]
    pub streams: Vec<u32>,
    /// Directions.
    pub direction: Vec<Direction>,
    /// How long data is sent.
    pub duration: TimeSpan,
    /// Sent before that and left out of every figure: the warm-up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub omit: Option<TimeSpan>,
    /// Offered rates for UDP, all streams together; required there, not used by TCP.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rate: Vec<BitRate>,
    /// Message sizes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message: Vec<ByteSize>,
}

/// Levels of iperf (version 2), TCP.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IperfFactors {
    /// Numbers of parallel streams.
    #[schemars(inner(range(min = 1, max = 128)))]
    pub streams: Vec<u32>,
    /// Directions; not both at once, which iperf3 can.
    #[schemars(schema_with = "crate::schema::one_way")]
    #[serde(default = "just_rx")]
    pub direction: Vec<Direction>,
    /// How long data is sent.
    pub duration: TimeSpan,
    /// Message sizes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub message: Vec<ByteSize>,
}

fn just_rx() -> Vec<Direction> {
    vec![Direction::Rx]
}

/// Only where things stand in the file, for the checks that serde doesn't make.
#[derive(Deserialize)]
struct Places {
    name: Spanned<toml::Value>,
    blocks: Spanned<toml::Value>,
    format: Spanned<toml::Value>,
    level: Option<Spanned<toml::Value>>,
    precision: Option<Spanned<toml::Value>>,
    host: Option<Spanned<toml::Value>>,
    guest: Spanned<toml::Value>,
    #[serde(default)]
    tuning: BTreeMap<String, Spanned<toml::Value>>,
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
            let (line, column) = place::line_and_column(text, offset);
            MatrixError::Invalid {
                path: path.to_owned(),
                line,
                column,
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
        if let (Some(place), Some(precision)) = (&places.precision, &matrix.precision)
            && let Err(message) = precision.check(&matrix)
        {
            return at(place, format!("precision: {message}"));
        }
        if let (Some(place), Some(governor)) = (&places.host, &matrix.host.governor)
            && !is_name(governor)
        {
            return at(
                place,
                format!(
                    "host: governor = {governor:?} is not a governor's name, as \"performance\""
                ),
            );
        }
        for (name, tuning) in &matrix.tuning {
            let checked = if is_name(name) && name != UNTUNED {
                tuning.check()
            } else {
                Err(format!("{}; {UNTUNED:?} is taken", name_rule(name)))
            };
            if let (Err(message), Some(place)) = (checked, places.tuning.get(name)) {
                return at(place, format!("tuning {name:?}: {message}"));
            }
        }
        let guest = &matrix.guest;
        if !(1..=256).contains(&guest.vcpus) || !(1..=64).contains(&guest.boot_batch) {
            return at(
                &places.guest,
                "vcpus must be from 1 to 256 and boot_batch from 1 to 64".into(),
            );
        }
        if guest.memory < ByteSize(192 << 20) {
            return at(
                &places.guest,
                format!(
                    "memory = \"{}\" is too small for a guest; 192 MiB is the least",
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
            if let Err(message) = experiment.check(&matrix.tuning) {
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

    /// When the guests of a cell are booted anew. A tuning is part of a guest's shape, so
    /// that tuned cells have guests of their own.
    pub fn boot_of(&self, cell: &Cell) -> BootPolicy {
        let of = |experiment: &&Experiment| experiment.name == cell.experiment;
        let own = self.experiments.iter().find(of).and_then(|e| e.boot);
        match own.unwrap_or(self.boot) {
            _ if cell.setting.tuning.is_some() => BootPolicy::PerTrial,
            policy => policy,
        }
    }

    /// The versions of kernels and of QEMU that experiments name.
    pub fn versions(&self) -> (BTreeSet<String>, BTreeSet<String>) {
        let of = |levels: fn(&Experiment) -> &Vec<String>| {
            let all = self.experiments.iter().flat_map(levels);
            all.cloned().collect()
        };
        (of(|e| &e.kernel), of(|e| &e.qemu))
    }

    /// The tuning of a cell; none of the levers where it has none.
    pub fn tuning_of(&self, cell: &Cell) -> Tuning {
        let name = cell.setting.tuning.as_ref();
        let tuning = name.and_then(|name| self.tuning.get(name));
        tuning.cloned().unwrap_or_default()
    }

    /// Leaves out, by further exclusions, the cells with several instances that need more
    /// VFs than there are; what was left out, in words.
    pub fn fit(&mut self, vfs: u32) -> Vec<String> {
        let mut left_out = Vec::new();
        for experiment in &mut self.experiments {
            let cells = experiment.cells();
            let too_many: BTreeSet<_> = cells
                .iter()
                .filter(|cell| cell.setting.vms > 1 && crate::roster::vfs(cell) > vfs)
                .map(|cell| {
                    let setting = &cell.setting;
                    let (backing, instance) = (cell.arm.backing(), cell.arm.instance);
                    let others = (setting.path, setting.neighbour);
                    (backing, instance, setting.vms, setting.nics, others)
                })
                .collect();
            for (backing, instance, vms, nics, (path, neighbour)) in too_many {
                let text = |level: String| ExcludedLevels::One(ExcludedLevel::Text(level));
                let number = |level| ExcludedLevels::One(ExcludedLevel::Number(level));
                experiment.exclude.push(BTreeMap::from([
                    ("backend".to_owned(), text(backing.to_string())),
                    ("instance".to_owned(), text(instance.to_string())),
                    ("vms".to_owned(), number(vms)),
                    ("nics".to_owned(), number(nics)),
                    ("path".to_owned(), text(path.to_string())),
                    ("neighbour".to_owned(), text(neighbour.to_string())),
                ]));
                let text = format!(
                    "{}: {backing} in {vms} {instance}s, since the port's VFs don't suffice for it",
                    experiment.name
                );
                if left_out.last() != Some(&text) {
                    left_out.push(text);
                }
            }
        }
        left_out
    }
}

impl Precision {
    fn check(&self, matrix: &Matrix) -> Result<(), String> {
        let blocks = matrix.blocks;
        let metric = PRECISION_METRICS
            .iter()
            .find(|(name, _)| *name == self.metric);
        let Some((name, tools)) = metric else {
            let known: Vec<&str> = PRECISION_METRICS.iter().map(|(name, _)| *name).collect();
            return Err(format!(
                "metric = {:?} is not known; allowed: {}",
                self.metric,
                known.join(", ")
            ));
        };
        let measures = |cell: &Cell| tools.contains(&cell.workload.tool());
        if !matrix.cells().iter().any(measures) {
            return Err(format!(
                "no experiment measures {name}, which needs {}",
                tools.join(" or ")
            ));
        }
        if !(self.half_width > 0.0 && self.half_width < 1.0) {
            return Err(format!(
                "half_width = {} must be above 0 and below 1",
                self.half_width
            ));
        }
        if !(1..=blocks).contains(&self.min_blocks) {
            return Err(format!(
                "min_blocks = {} must be from 1 to blocks = {blocks}",
                self.min_blocks
            ));
        }
        Ok(())
    }
}

/// What a campaign can be ended by: the metrics that are estimated by a median of trials, and
/// the tools that measure them.
const PRECISION_METRICS: [(&str, &[&str]); 2] =
    [("rtt-median", &["ping"]), ("goodput", &["iperf", "iperf3"])];

impl Tuning {
    /// Whether one of its levers changes anything for such an arm.
    fn reaches(&self, arm: Arm) -> bool {
        let is_vm = arm.instance == Instance::Vm;
        let has_virtio = arm.backends().any(|backend| {
            use Backend::{Macvtap, Vhost, VhostUser, Virtio};
            matches!(backend, Virtio | Vhost | Macvtap | VhostUser)
        });
        self.irq_cpus.is_some()
            || self.interrupt_moderation.is_some()
            || self.mtu.is_some()
            || self.offloads.is_some()
            || (is_vm && (self.vcpu_pinning || self.hugepages))
            || (has_virtio && self.queues.is_some())
    }

    fn check(&self) -> Result<(), String> {
        if *self == Self::default() {
            return Err("pulls no lever".into());
        }
        if let Some(cpus) = &self.irq_cpus
            && !is_cpu_list(cpus)
        {
            return Err(format!(
                "irq_cpus = {cpus:?} is not a list of CPUs, as in \"2-3,6\""
            ));
        }
        if self
            .queues
            .is_some_and(|queues| !(1..=64).contains(&queues))
        {
            return Err("queues must be from 1 to 64".into());
        }
        if self.mtu.is_some_and(|mtu| !(576..=65_521).contains(&mtu)) {
            return Err("mtu must be from 576 to 65521".into());
        }
        let whole = |span: &TimeSpan| span.0.is_multiple_of(1_000) && span.0 <= 1_000_000_000;
        if !self.interrupt_moderation.as_ref().is_none_or(whole) {
            return Err("interrupt_moderation must be whole microseconds, at most 1 s".into());
        }
        Ok(())
    }
}

/// Whether `text` is a list of CPUs as the kernel writes it: `0-3,6`.
fn is_cpu_list(text: &str) -> bool {
    let number = |text: &str| text.len() <= 4 && text.parse::<u32>().is_ok();
    text.split(',').all(|part| match part.split_once('-') {
        None => number(part),
        Some((first, last)) => number(first) && number(last),
    })
}

impl Experiment {
    fn check(&self, tunings: &BTreeMap<String, Tuning>) -> Result<(), String> {
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
        for backing in &self.backend {
            if !self.arms().iter().any(|arm| arm.backing() == *backing) {
                return Err(format!(
                    "backend \"{backing}\" exists in none of the listed instances"
                ));
            }
        }
        self.check_setting(tunings)?;
        self.check_workload()?;
        self.check_exclusions()?;
        let cells = self.cells();
        if cells.is_empty() {
            return Err(
                "crosses to no cell: is a list of levels empty, or everything excluded?".into(),
            );
        }
        self.check_levers(&cells, tunings)
    }

    fn check_setting(&self, tunings: &BTreeMap<String, Tuning>) -> Result<(), String> {
        if self.neighbour.is_empty() {
            return Err("neighbour needs a level; \"idle\" for none".into());
        }
        if self.vms.iter().any(|n| !(1..=100).contains(n)) {
            return Err("vms must be from 1 to 100".into());
        }
        if self.nics.iter().any(|n| !(1..=8).contains(n)) {
            return Err("nics must be from 1 to 8".into());
        }
        if self.workers.iter().any(|n| !(1..=256).contains(n)) {
            return Err("workers must be from 1 to 256".into());
        }
        let loaded = self.neighbour.iter().any(|n| *n != Neighbour::Idle);
        if !loaded && (!self.workers.is_empty() || self.neighbour_at != just_in_vm()) {
            return Err("workers and neighbour_at are for a neighbour under load, which neighbour doesn't list".into());
        }
        for name in &self.tuning {
            if name != UNTUNED && !tunings.contains_key(name) {
                let known: Vec<&str> = tunings
                    .keys()
                    .map(String::as_str)
                    .chain([UNTUNED])
                    .collect();
                return Err(format!(
                    "tuning = {name:?} has no table [tuning.{name}]; there are: {}",
                    known.join(", ")
                ));
            }
        }
        for (factor, levels) in [("kernel", &self.kernel), ("qemu", &self.qemu)] {
            if let Some(level) = levels.iter().find(|level| !is_version_name(level)) {
                return Err(format!(
                    "{factor} = {level:?} is not a version, as \"6.12\": up to 32 lower-case letters, digits, '.' \
                     and '-', beginning with a digit"
                ));
            }
            if !levels.is_empty() && !self.instance.contains(&Instance::Vm) {
                return Err(format!("{factor} is for VMs, which instance doesn't list"));
            }
        }
        Ok(())
    }

    fn check_workload(&self) -> Result<(), String> {
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
                .message
                .iter()
                .any(|size| !(16..=1 << 20).contains(&size.0))
            {
                return Err("message must be from 16 B to 1 MiB, iperf3's own limits".into());
            }
            if iperf3
                .omit
                .is_some_and(|omit| !is_whole_seconds(omit) || omit.seconds() > 600.0)
            {
                return Err("omit must be whole seconds, from 1 s to 600 s".into());
            }
        }
        if let Some(iperf) = &self.iperf
            && iperf.direction.contains(&Direction::Both)
        {
            return Err(
                "direction \"both\" is for iperf3; with iperf it is \"rx\" or \"tx\"".into(),
            );
        }
        let streams = [
            self.iperf3.as_ref().map(|i| &i.streams),
            self.iperf.as_ref().map(|i| &i.streams),
        ];
        if streams
            .into_iter()
            .flatten()
            .flatten()
            .any(|n| !(1..=128).contains(n))
        {
            return Err("streams must be from 1 to 128".into());
        }
        let durations = [
            self.iperf3.as_ref().map(|i| i.duration),
            self.iperf.as_ref().map(|i| i.duration),
        ];
        if durations
            .into_iter()
            .flatten()
            .any(|span| !is_whole_seconds(span))
        {
            return Err("duration must be whole seconds, at least 1 s".into());
        }
        Ok(())
    }

    /// An exclusion that leaves nothing out is a slip of the pen.
    fn check_exclusions(&self) -> Result<(), String> {
        let mut levels: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        let cells = self.crossed();
        for (factor, level) in cells.iter().flat_map(Cell::factors) {
            levels.entry(factor).or_default().insert(level);
        }
        for exclusion in &self.exclude {
            for (factor, excluded) in exclusion {
                let Some(levels) = levels.get(factor.as_str()) else {
                    let known: Vec<&str> = levels.into_keys().collect();
                    return Err(format!(
                        "exclude names the factor {factor:?}; the factors here are: {}",
                        known.join(", ")
                    ));
                };
                if let Some(unknown) = excluded.iter().find(|one| !levels.contains(one.as_str())) {
                    let levels: Vec<String> =
                        levels.iter().map(|level| format!("{level:?}")).collect();
                    return Err(format!(
                        "exclude: {factor} is never {unknown:?} here; its levels are: {}",
                        levels.join(", ")
                    ));
                }
            }
            if exclusion.is_empty() || !cells.iter().any(|cell| has_levels(exclusion, cell)) {
                return Err(format!(
                    "exclude: no cell has all of {}",
                    exclusion.keys().cloned().collect::<Vec<_>>().join(", ")
                ));
            }
        }
        Ok(())
    }

    /// A tuned cell whose tuning changes nothing would be taken for a result about it.
    fn check_levers(
        &self,
        cells: &[Cell],
        tunings: &BTreeMap<String, Tuning>,
    ) -> Result<(), String> {
        for cell in cells {
            let Some(name) = &cell.setting.tuning else {
                continue;
            };
            if !tunings
                .get(name)
                .is_some_and(|tuning| tuning.reaches(cell.arm))
            {
                let (backing, instance) = (cell.arm.backing(), cell.arm.instance);
                return Err(format!(
                    "tuning {name:?} has no lever for {backing} in a {instance}; \
                     leave it out: exclude = [{{ backend = \"{backing}\", instance = \"{instance}\", tuning = \"{name}\" }}]"
                ));
            }
        }
        Ok(())
    }

    /// The back-ends in their instances, without those that can't exist.
    pub fn arms(&self) -> Vec<Arm> {
        let mut arms = Vec::new();
        for &backing in &self.backend {
            let all = self.instance.iter().copied();
            let instances = std::iter::once(Instance::Host).chain(all);
            arms.extend(
                instances
                    .map(|instance| Arm::new(backing, instance))
                    .filter(|arm| arm.exists()),
            );
        }
        arms
    }

    /// Every combination of the experiment's levels that can exist and isn't excluded.
    pub fn cells(&self) -> Vec<Cell> {
        let mut cells = self.crossed();
        cells.retain(|cell| {
            !self
                .exclude
                .iter()
                .any(|exclusion| has_levels(exclusion, cell))
        });
        cells
    }

    /// Every combination of the experiment's levels that can exist.
    fn crossed(&self) -> Vec<Cell> {
        let mut cells = Vec::new();
        for workload in self.workloads() {
            for setting in self.settings() {
                for arm in self.arms() {
                    // Only a VM has a kernel of its own, and QEMU: all else is one cell.
                    let is_vm = arm.instance == Instance::Vm;
                    let own = match is_vm {
                        true => setting.clone(),
                        false => setting.unversioned(),
                    };
                    let cell = Cell {
                        experiment: self.name.clone(),
                        question: self.question,
                        arm,
                        setting: own,
                        workload,
                    };
                    let again = cell.setting != setting && cells.contains(&cell);
                    if exists(&cell) && !again {
                        cells.push(cell);
                    }
                }
            }
        }
        cells
    }

    /// Every combination of the conditions.
    fn settings(&self) -> Vec<Setting> {
        let mut settings = vec![Setting::default()];
        cross(&mut settings, &self.neighbour, |s, level| {
            s.neighbour = *level
        });
        cross(&mut settings, &self.neighbour_at, |s, level| {
            s.neighbour_at = *level
        });
        cross(&mut settings, &optional(&self.workers), |s, level| {
            s.workers = *level
        });
        // An idle neighbour is idle wherever it is, with any number of workers.
        for setting in &mut settings {
            if setting.neighbour == Neighbour::Idle {
                *setting = setting.undisturbed();
            }
        }
        settings.dedup();
        cross(&mut settings, &self.tuning, |s, level| {
            s.tuning = (level != UNTUNED).then(|| level.clone());
        });
        cross(&mut settings, &optional(&self.kernel), |s, level| {
            s.kernel.clone_from(level);
        });
        cross(&mut settings, &optional(&self.qemu), |s, level| {
            s.qemu.clone_from(level);
        });
        cross(&mut settings, &self.path, |s, level| s.path = *level);
        cross(&mut settings, &self.network, |s, level| s.network = *level);
        cross(&mut settings, &self.nics, |s, level| s.nics = *level);
        cross(&mut settings, &self.vms, |s, level| s.vms = *level);
        settings
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
                                let (duration, omit) = (iperf3.duration, iperf3.omit);
                                workloads.push(Workload::Iperf3 {
                                    protocol,
                                    streams,
                                    direction,
                                    duration,
                                    omit,
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
            for &streams in &iperf.streams {
                for &direction in &iperf.direction {
                    for &message in &optional(&iperf.message) {
                        workloads.push(Workload::Iperf {
                            streams,
                            direction,
                            duration,
                            message,
                        });
                    }
                }
            }
        }
        workloads
    }
}

/// Whether a cell has one of the levels of each factor.
pub(crate) fn has_levels(levels: &Levels, cell: &Cell) -> bool {
    let factors: BTreeMap<&str, String> = cell.factors().into_iter().collect();
    levels.iter().all(|(factor, levels)| {
        let level = factors.get(factor.as_str());
        level.is_some_and(|level| levels.has(level))
    })
}

/// Whether a combination can be built: some levels exclude each other by their nature.
fn exists(cell: &Cell) -> bool {
    let Setting {
        vms,
        nics,
        path,
        neighbour,
        neighbour_at,
        network,
        tuning,
        ..
    } = &cell.setting;
    let on_host = cell.arm.instance == Instance::Host;
    // The host is one instance with one NIC, and there is nobody to talk to beside it.
    let plain = *network == Network::Shared && tuning.is_none();
    let host = !on_host || (*vms == 1 && *nics == 1 && *path == Route::External && plain);
    let mix = match cell.arm.mix {
        None => true,
        Some(Mix::Nic(_)) => *nics == 1 && *path == Route::External,
        Some(Mix::Instance(_)) => *vms > 1 && *path == Route::External,
    };
    let local = *path == Route::External || *nics == 1;
    // Traffic of a neighbour is an instance's, and the native arm has none.
    let load = !neighbour.is_network() || (*neighbour_at == NeighbourAt::Vm && !on_host);
    host && mix && local && load
}

/// Replaces each setting by one for each level.
fn cross<T>(settings: &mut Vec<Setting>, levels: &[T], set: impl Fn(&mut Setting, &T)) {
    *settings = settings
        .iter()
        .flat_map(|setting| {
            levels.iter().map(|level| {
                let mut crossed = setting.clone();
                set(&mut crossed, level);
                crossed
            })
        })
        .collect();
}

fn is_whole_seconds(span: TimeSpan) -> bool {
    span.0 > 0 && span.0.is_multiple_of(1_000_000_000)
}

fn optional<T: Clone>(levels: &[T]) -> Vec<Option<T>> {
    if levels.is_empty() {
        vec![None]
    } else {
        levels.iter().cloned().map(Some).collect()
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

/// Whether `text` may be a version, and part of an id.
pub(crate) fn is_version_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-');
    text.len() <= 32 && text.bytes().all(allowed) && text.starts_with(|c: char| c.is_ascii_digit())
}

fn name_rule(name: &str) -> String {
    format!(
        "{name:?} is not a name: up to 64 lower-case letters, digits and '-', not starting with '-'"
    )
}
