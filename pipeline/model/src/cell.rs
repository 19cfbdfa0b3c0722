//! Factors, their levels, and a cell: one combination of levels.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::backend::Backend;
use crate::units::{BitRate, ByteSize, TimeSpan};

/// Declares an enum whose levels are written as their kebab-case names in files.
macro_rules! levels {
    ($(#[$doc:meta])* $name:ident { $($(#[$level_doc:meta])* $level:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[derive(serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name {
            $($(#[$level_doc])* #[serde(rename = $text)] $level),*
        }

        impl $name {
            /// Every level, in the order in which reports show them.
            pub const ALL: &'static [Self] = &[$(Self::$level),*];

            /// The level's name in files.
            pub fn name(self) -> &'static str {
                match self { $(Self::$level => $text),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }
    };
}
pub(crate) use levels;

levels! {
    /// What has the NIC.
    Instance {
        /// The host itself; only with `native`.
        Host = "host",
        /// A virtual machine.
        Vm = "vm",
        /// A network namespace.
        Container = "container",
    }
}

levels! {
    /// The question of the study that an experiment answers.
    Question {
        /// Round-trip time.
        Latency = "latency",
        /// Goodput.
        Throughput = "throughput",
        /// How VMs share one NIC.
        Fairness = "fairness",
        /// What a neighbour's load does.
        Interference = "interference",
        /// Several NICs or networks.
        MultiNetwork = "multi-network",
        /// Host overhead against the number of VMs.
        Density = "density",
    }
}

levels! {
    /// What the neighbour does while the instance is measured.
    Neighbour {
        /// Nothing.
        Idle = "idle",
        /// `stress --cpu`.
        Cpu = "cpu",
        /// `stress --vm`: memory.
        Memory = "memory",
        /// `stress --io`: sync().
        Io = "io",
        /// `stress --hdd`: writes to a file.
        Hdd = "hdd",
        /// Takes TCP from the generator as fast as it comes, over a NIC of the measured kind.
        NetworkRx = "network-rx",
        /// Sends TCP to the generator as fast as it can, over a NIC of the measured kind.
        NetworkTx = "network-tx",
    }
}

impl Neighbour {
    /// Whether its load is traffic, so that it needs a NIC.
    pub fn is_network(self) -> bool {
        matches!(self, Self::NetworkRx | Self::NetworkTx)
    }
}

levels! {
    /// Where the neighbour's load is.
    NeighbourAt {
        /// In a VM (network loads: in an instance of the measured kind).
        Vm = "vm",
        /// On the host itself.
        Host = "host",
    }
}

levels! {
    /// How the NICs of an instance are kept apart.
    Network {
        /// On one Ethernet segment, with an IP subnet each.
        Shared = "shared",
        /// Each on a VLAN of its own.
        Vlan = "vlan",
    }
}

levels! {
    /// Between whom packets travel.
    Route {
        /// Between the generator and the instance, over the wire.
        External = "external",
        /// Between two instances of one host: over the bridge, or the NIC's own switch.
        Local = "local",
    }
}

levels! {
    /// The transport protocol of a stream.
    Protocol {
        /// TCP.
        Tcp = "tcp",
        /// UDP.
        Udp = "udp",
    }
}

levels! {
    /// The direction of the data, as the measured instance sees it.
    Direction {
        /// To the instance.
        Rx = "rx",
        /// From the instance.
        Tx = "tx",
        /// Both at once.
        Both = "both",
    }
}

/// What stands beside an arm's own back-end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mix {
    /// A second NIC of this back-end in each instance.
    Nic(Backend),
    /// Every second instance has this back-end.
    Instance(Backend),
}

/// A back-end, or a mix of two: `virtio`, `virtio+sriov` (two NICs of one instance),
/// `virtio|sriov` (every second instance).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Backing {
    /// The back-end of the first NIC.
    pub backend: Backend,
    /// What stands beside it.
    pub mix: Option<Mix>,
}

impl fmt::Display for Backing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mix {
            None => write!(f, "{}", self.backend),
            Some(Mix::Nic(other)) => write!(f, "{}+{other}", self.backend),
            Some(Mix::Instance(other)) => write!(f, "{}|{other}", self.backend),
        }
    }
}

impl FromStr for Backing {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let backend = |name: &str| {
            let found = Backend::ALL.iter().find(|backend| backend.name() == name);
            found.copied().ok_or_else(|| {
                let known: Vec<&str> = Backend::ALL.iter().map(|backend| backend.name()).collect();
                format!(
                    "{name:?} is not a back-end; allowed: {}, and two of them as a+b (NICs of one instance) or a|b (instances of both)",
                    known.join(", ")
                )
            })
        };
        let (first, mix) = if let Some((first, other)) = text.split_once('+') {
            (first, Some(Mix::Nic(backend(other)?)))
        } else if let Some((first, other)) = text.split_once('|') {
            (first, Some(Mix::Instance(backend(other)?)))
        } else {
            (text, None)
        };
        let backend = backend(first)?;
        let of_one = match mix {
            Some(Mix::Nic(other)) if other == backend => "NICs of one back-end use nics",
            Some(Mix::Instance(other)) if other == backend => "instances of one back-end use vms",
            _ => return Ok(Self { backend, mix }),
        };
        Err(format!("{text:?} mixes nothing; for several {of_one}"))
    }
}

impl Serialize for Backing {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Backing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// A back-end in an instance: what is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "ArmRecord", into = "ArmRecord")]
pub struct Arm {
    /// How the NIC is made.
    pub backend: Backend,
    /// What has it.
    pub instance: Instance,
    /// What stands beside it.
    pub mix: Option<Mix>,
}

/// An arm as it is in files.
#[derive(Serialize, Deserialize)]
struct ArmRecord {
    backend: Backing,
    instance: Instance,
}

impl From<ArmRecord> for Arm {
    fn from(record: ArmRecord) -> Self {
        Self::new(record.backend, record.instance)
    }
}

impl From<Arm> for ArmRecord {
    fn from(arm: Arm) -> Self {
        Self {
            backend: arm.backing(),
            instance: arm.instance,
        }
    }
}

impl Arm {
    /// The arm that the others are compared with: virtio in a VM.
    pub const BASELINE: Self = Self {
        backend: Backend::Virtio,
        instance: Instance::Vm,
        mix: None,
    };

    /// A back-end in an instance.
    pub fn new(backing: Backing, instance: Instance) -> Self {
        Self {
            backend: backing.backend,
            instance,
            mix: backing.mix,
        }
    }

    /// Its back-end or mix.
    pub fn backing(self) -> Backing {
        Backing {
            backend: self.backend,
            mix: self.mix,
        }
    }

    /// Its back-ends: one, or the two of a mix.
    pub fn backends(self) -> impl Iterator<Item = Backend> {
        let other = match self.mix {
            None => None,
            Some(Mix::Nic(other) | Mix::Instance(other)) => Some(other),
        };
        std::iter::once(self.backend).chain(other)
    }

    /// Whether such an arm can be built at all: virtio and vhost need a VM, veth a
    /// container, native neither; and only a VM has a mix.
    pub fn exists(self) -> bool {
        let possible = |backend: Backend| backend.instances().contains(&self.instance);
        self.backends().all(possible) && (self.mix.is_none() || self.instance == Instance::Vm)
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.mix {
            None => write!(f, "{}-{}", self.backend, self.instance),
            Some(Mix::Nic(other)) => write!(f, "{}.{other}-{}", self.backend, self.instance),
            Some(Mix::Instance(other)) => {
                write!(f, "{0}-{1}.{other}-{1}", self.backend, self.instance)
            }
        }
    }
}

/// One workload with one level of each of its factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "lowercase")]
pub enum Workload {
    /// Echo requests to the instance.
    Ping {
        /// ICMP payload of each request.
        payload: ByteSize,
        /// Time between requests.
        interval: TimeSpan,
        /// Requests a trial.
        count: u32,
    },
    /// iperf3, with its server in the instance.
    Iperf3 {
        /// Transport.
        protocol: Protocol,
        /// Parallel streams.
        streams: u32,
        /// Where the data goes.
        direction: Direction,
        /// How long data is sent.
        duration: TimeSpan,
        /// Sent before that and left out: slow start.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        omit: Option<TimeSpan>,
        /// Offered rate, all streams together; UDP only.
        rate: Option<BitRate>,
        /// Bytes handed to the socket at a time; iperf3's default if absent.
        message: Option<ByteSize>,
    },
    /// iperf (version 2), TCP, with its server where the data goes.
    Iperf {
        /// Parallel streams.
        streams: u32,
        /// Where the data goes.
        #[serde(default = "rx", skip_serializing_if = "is_rx")]
        direction: Direction,
        /// How long data is sent.
        duration: TimeSpan,
        /// Bytes handed to the socket at a time; iperf's default if absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        message: Option<ByteSize>,
    },
}

fn rx() -> Direction {
    Direction::Rx
}

fn is_rx(direction: &Direction) -> bool {
    *direction == Direction::Rx
}

impl Workload {
    /// The name of the program that measures.
    pub fn tool(&self) -> &'static str {
        match self {
            Self::Ping { .. } => "ping",
            Self::Iperf3 { .. } => "iperf3",
            Self::Iperf { .. } => "iperf",
        }
    }

    /// How long the tool runs if all goes well, in seconds.
    pub fn seconds(&self) -> f64 {
        match self {
            Self::Ping {
                interval, count, ..
            } => interval.seconds() * f64::from(*count),
            Self::Iperf3 { duration, omit, .. } => {
                duration.seconds() + omit.map_or(0.0, TimeSpan::seconds)
            }
            Self::Iperf { duration, .. } => duration.seconds(),
        }
    }

    /// Its factors with their levels, as an exclusion names them.
    fn factors(&self) -> Vec<(&'static str, String)> {
        let mut factors = vec![("tool", self.tool().to_owned())];
        let mut add = |name, level: String| factors.push((name, level));
        match self {
            Self::Ping {
                payload, interval, ..
            } => {
                add("payload", payload.to_string());
                add("interval", interval.to_string());
            }
            Self::Iperf3 {
                protocol,
                streams,
                direction,
                rate,
                message,
                ..
            } => {
                add("protocol", protocol.to_string());
                add("streams", streams.to_string());
                add("direction", direction.to_string());
                add(
                    "rate",
                    rate.map_or_else(String::new, |rate| rate.to_string()),
                );
                add(
                    "message",
                    message.map_or_else(String::new, |size| size.to_string()),
                );
            }
            Self::Iperf {
                streams,
                direction,
                message,
                ..
            } => {
                add("protocol", Protocol::Tcp.to_string());
                add("streams", streams.to_string());
                add("direction", direction.to_string());
                add(
                    "message",
                    message.map_or_else(String::new, |size| size.to_string()),
                );
            }
        }
        factors
    }
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ping {
                payload, interval, ..
            } => {
                write!(f, "ping {payload} every {interval}")
            }
            Self::Iperf3 {
                protocol,
                streams,
                direction,
                rate,
                message,
                ..
            } => {
                write!(
                    f,
                    "iperf3 {} {direction}, {}",
                    protocol.name().to_uppercase(),
                    count(*streams, "stream")
                )?;
                if let Some(rate) = rate {
                    write!(f, ", {rate} offered")?;
                }
                if let Some(message) = message {
                    write!(f, ", {message} messages")?;
                }
                Ok(())
            }
            Self::Iperf {
                streams,
                direction,
                message,
                ..
            } => {
                write!(f, "iperf TCP {direction}, {}", count(*streams, "stream"))?;
                if let Some(message) = message {
                    write!(f, ", {message} messages")?;
                }
                Ok(())
            }
        }
    }
}

fn count(n: u32, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// Under which conditions an arm is measured: every factor that is neither the arm nor of
/// the workload. In files a factor is there only where it isn't at its first level.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Setting {
    /// Instances measured at once.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub vms: u32,
    /// NICs of the arm's back-end in each instance.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub nics: u32,
    /// How the NICs of an instance are kept apart.
    #[serde(default = "shared", skip_serializing_if = "is_shared")]
    pub network: Network,
    /// Between whom packets travel.
    #[serde(default = "external", skip_serializing_if = "is_external")]
    pub path: Route,
    /// What the neighbour does.
    pub neighbour: Neighbour,
    /// Where it does it.
    #[serde(default = "in_vm", skip_serializing_if = "is_in_vm")]
    pub neighbour_at: NeighbourAt,
    /// Workers of its load; as many as a guest has CPUs if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub workers: Option<u32>,
    /// Name of a tuning of the matrix; none if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tuning: Option<String>,
    /// Version of the guests' kernel, as the matrix names it; none where it names none, and for
    /// what is no VM.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kernel: Option<String>,
    /// Version of QEMU, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qemu: Option<String>,
}

fn one() -> u32 {
    1
}
fn is_one(n: &u32) -> bool {
    *n == 1
}
fn shared() -> Network {
    Network::Shared
}
fn is_shared(network: &Network) -> bool {
    *network == Network::Shared
}
fn external() -> Route {
    Route::External
}
fn is_external(route: &Route) -> bool {
    *route == Route::External
}
fn in_vm() -> NeighbourAt {
    NeighbourAt::Vm
}
fn is_in_vm(at: &NeighbourAt) -> bool {
    *at == NeighbourAt::Vm
}

impl Default for Setting {
    /// One instance with one NIC, to the generator, undisturbed and untuned.
    fn default() -> Self {
        Self {
            vms: 1,
            nics: 1,
            network: Network::Shared,
            path: Route::External,
            neighbour: Neighbour::Idle,
            neighbour_at: NeighbourAt::Vm,
            workers: None,
            tuning: None,
            kernel: None,
            qemu: None,
        }
    }
}

impl Setting {
    /// The same with an idle neighbour.
    pub fn undisturbed(&self) -> Self {
        Self {
            neighbour: Neighbour::Idle,
            neighbour_at: NeighbourAt::Vm,
            workers: None,
            ..self.clone()
        }
    }

    /// The same without a tuning.
    pub fn untuned(&self) -> Self {
        Self {
            tuning: None,
            ..self.clone()
        }
    }

    /// The same with no kernel and no QEMU named, as of what is no VM.
    pub fn unversioned(&self) -> Self {
        Self {
            kernel: None,
            qemu: None,
            ..self.clone()
        }
    }
}

/// One combination of levels; the thing an estimate speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// The experiment it belongs to.
    pub experiment: String,
    /// The experiment's question.
    pub question: Question,
    /// Back-end and instance.
    #[serde(flatten)]
    pub arm: Arm,
    /// The conditions.
    #[serde(flatten)]
    pub setting: Setting,
    /// What is run.
    pub workload: Workload,
}

impl Cell {
    /// Readable, stable, and safe as a directory name: letters, digits, `-` and `.` only.
    pub fn id(&self) -> String {
        let arm = self.arm.to_string();
        let tail = match &self.workload {
            Workload::Ping {
                payload, interval, ..
            } => format!("ping-{payload}-{interval}"),
            Workload::Iperf3 {
                protocol,
                streams,
                direction,
                rate,
                message,
                ..
            } => {
                let rate = rate.map(|rate| rate.to_string());
                let message = message.map(|size| size.to_string());
                joined(
                    format!("iperf3-{protocol}-{direction}-p{streams}"),
                    [rate, message],
                )
            }
            Workload::Iperf {
                streams,
                direction,
                message,
                ..
            } => {
                let message = message.map(|size| size.to_string());
                joined(format!("iperf-tcp-{direction}-p{streams}"), [message])
            }
        };
        joined(format!("{arm}-{tail}"), self.conditions())
            .replace("bit/s", "bps")
            .replace(' ', "")
    }

    /// The parts of the id that stand for the setting; None where a factor is at its first level.
    fn conditions(&self) -> [Option<String>; 8] {
        let setting = &self.setting;
        let noun = match self.arm.instance {
            Instance::Container => "containers",
            _ => "vms",
        };
        let neighbour = (setting.neighbour != Neighbour::Idle).then(|| {
            let workers = setting.workers.map_or_else(String::new, |n| n.to_string());
            let at = match setting.neighbour_at {
                NeighbourAt::Vm => "neighbour",
                NeighbourAt::Host => "on-host",
            };
            format!("{}{workers}-{at}", setting.neighbour)
        });
        [
            (setting.vms > 1).then(|| format!("{}{noun}", setting.vms)),
            (setting.nics > 1).then(|| format!("{}nics", setting.nics)),
            (setting.network != Network::Shared).then(|| setting.network.to_string()),
            (setting.path != Route::External).then(|| setting.path.to_string()),
            neighbour,
            setting.tuning.as_ref().map(|name| format!("tuned-{name}")),
            setting.kernel.as_ref().map(|v| format!("kernel{v}")),
            setting.qemu.as_ref().map(|v| format!("qemu{v}")),
        ]
    }

    /// Every factor with its level, as an exclusion names them.
    pub fn factors(&self) -> Vec<(&'static str, String)> {
        let setting = &self.setting;
        let mut factors = vec![
            ("backend", self.arm.backing().to_string()),
            ("instance", self.arm.instance.to_string()),
            ("vms", setting.vms.to_string()),
            ("nics", setting.nics.to_string()),
            ("network", setting.network.to_string()),
            ("path", setting.path.to_string()),
            ("neighbour", setting.neighbour.to_string()),
            ("neighbour_at", setting.neighbour_at.to_string()),
            (
                "workers",
                setting.workers.map_or_else(String::new, |n| n.to_string()),
            ),
            (
                "tuning",
                setting.tuning.clone().unwrap_or_else(|| UNTUNED.to_owned()),
            ),
            ("kernel", setting.kernel.clone().unwrap_or_default()),
            ("qemu", setting.qemu.clone().unwrap_or_default()),
        ];
        factors.extend(self.workload.factors());
        factors
    }
}

/// What a matrix calls the absence of a tuning.
pub const UNTUNED: &str = "none";

fn joined<const N: usize>(mut head: String, parts: [Option<String>; N]) -> String {
    for part in parts.into_iter().flatten() {
        head.push('-');
        head.push_str(&part);
    }
    head
}
