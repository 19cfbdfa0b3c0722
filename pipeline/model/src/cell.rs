//! Factors, their levels, and a cell: one combination of levels.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::units::{BitRate, ByteSize, TimeSpan};

/// Declares an enum whose levels are written as their kebab-case names in files.
macro_rules! levels {
    ($(#[$doc:meta])* $name:ident { $($(#[$level_doc:meta])* $level:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

levels! {
    /// How an instance's NIC is made.
    Backend {
        /// Port to port on the host with no guest: the calibration.
        Native = "native",
        /// virtio-net served by QEMU itself over a tap on a bridge.
        Virtio = "virtio",
        /// virtio-net served by the kernel's vhost-net over a tap on a bridge.
        Vhost = "vhost",
        /// An SR-IOV virtual function: by VFIO in a VM, moved to the namespace of a container.
        Sriov = "sriov",
        /// A veth pair on a bridge: what a container has in place of virtio.
        Veth = "veth",
    }
}

levels! {
    /// What has the NIC.
    Instance {
        /// The host itself; only with [`Backend::Native`].
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
    /// What the neighbour VM does while the instance is measured.
    Neighbour {
        /// Nothing.
        Idle = "idle",
        /// `stress --cpu`.
        Cpu = "cpu",
        /// `stress --vm`: memory.
        Memory = "memory",
        /// `stress --io`: sync().
        Io = "io",
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
        /// From the generator to the instance.
        Rx = "rx",
        /// From the instance to the generator.
        Tx = "tx",
    }
}

/// A back-end in an instance: what is compared with what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Arm {
    /// How the NIC is made.
    pub backend: Backend,
    /// What has it.
    pub instance: Instance,
}

impl Arm {
    /// The arm that the others are compared with: virtio in a VM.
    pub const BASELINE: Self = Self {
        backend: Backend::Virtio,
        instance: Instance::Vm,
    };

    /// Whether such an arm can be built at all: virtio and vhost need a VM, veth a
    /// container, native neither.
    pub fn exists(self) -> bool {
        use Backend::{Native, Sriov, Veth, Vhost, Virtio};
        match self.instance {
            Instance::Host => self.backend == Native,
            Instance::Vm => matches!(self.backend, Virtio | Vhost | Sriov),
            Instance::Container => matches!(self.backend, Sriov | Veth),
        }
    }
}

impl fmt::Display for Arm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.backend, self.instance)
    }
}

/// One workload with one level of each of its factors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "tool", rename_all = "lowercase")]
pub enum Workload {
    /// Echo requests from the generator to the instance.
    Ping {
        /// ICMP payload of each request.
        payload: ByteSize,
        /// Time between requests.
        interval: TimeSpan,
        /// Requests a trial.
        count: u32,
    },
    /// iperf3 between the generator and a server in the instance.
    Iperf3 {
        /// Transport.
        protocol: Protocol,
        /// Parallel streams.
        streams: u32,
        /// Where the data goes.
        direction: Direction,
        /// How long data is sent.
        duration: TimeSpan,
        /// Offered rate, all streams together; UDP only.
        rate: Option<BitRate>,
        /// Bytes handed to the socket at a time; iperf3's default if absent.
        message: Option<ByteSize>,
    },
    /// iperf (version 2), TCP, between the generator and a server in the instance.
    Iperf {
        /// Parallel streams.
        streams: u32,
        /// How long data is sent.
        duration: TimeSpan,
    },
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
            Self::Iperf3 { duration, .. } | Self::Iperf { duration, .. } => duration.seconds(),
        }
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
            Self::Iperf { streams, .. } => write!(f, "iperf TCP rx, {}", count(*streams, "stream")),
        }
    }
}

fn count(n: u32, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
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
    /// What the neighbour does.
    pub neighbour: Neighbour,
    /// What is run.
    pub workload: Workload,
}

impl Cell {
    /// Readable, stable, and safe as a directory name: letters, digits, `-` and `.` only.
    pub fn id(&self) -> String {
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
                let mut tail = format!("iperf3-{protocol}-{direction}-p{streams}");
                for part in [rate.map(|r| r.to_string()), message.map(|m| m.to_string())]
                    .into_iter()
                    .flatten()
                {
                    tail.push('-');
                    tail.push_str(&part);
                }
                tail
            }
            Workload::Iperf { streams, .. } => format!("iperf-tcp-rx-p{streams}"),
        };
        let neighbour = match self.neighbour {
            Neighbour::Idle => String::new(),
            busy => format!("-{busy}-neighbour"),
        };
        format!("{}-{tail}{neighbour}", self.arm)
            .replace("bit/s", "bps")
            .replace(' ', "")
    }
}
