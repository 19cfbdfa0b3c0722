//! What the two ends say to each other. One request has one id; the frames that answer
//! it carry the same id, the last of them an [`Event`] for which [`Event::is_last`] holds.

use serde::{Deserialize, Serialize};

/// Opens a session. The agent says it when its channel opens (with nonce 0) and in answer
/// to a client's (with the client's nonce); a Hello with a new nonce ends the session
/// before it, and its jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// The client's number for this session; 0 when the agent speaks unasked.
    pub nonce: u64,
    /// Who speaks: program and version.
    pub name: String,
}

/// What a client can ask for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Run a program: [`Event::Started`], its outputs, perhaps [`Event::Ready`], then
    /// [`Event::Exit`].
    Run(Run),
    /// Send a signal to a job's process group; a job that has ended ignores it.
    Signal {
        /// The id of the job's request.
        job: u32,
        /// The signal's number on Linux.
        signal: i32,
    },
    /// Address a NIC and bring it up: [`Event::Nic`].
    ConfigureNic(Nic),
    /// Write the [`crate::frame::Kind::Input`] frames of the same id to a file.
    WriteFile {
        /// Absolute path.
        path: String,
        /// With a mode the file is created or replaced; without, it has to exist and
        /// is written in one go (sysctls, sysfs attributes).
        mode: Option<u32>,
    },
    /// Read a file (also of /proc, whose sizes say 0) as
    /// [`crate::frame::Kind::Stdout`] frames.
    ReadFile {
        /// Absolute path.
        path: String,
        /// The most that is read, in bytes; a longer file is an error.
        limit: u64,
    },
    /// Load kernel modules, in this order; one that is loaded already is no error.
    LoadModules {
        /// Absolute paths of `.ko`, `.ko.xz`, `.ko.zst` or `.ko.gz` files.
        paths: Vec<String>,
    },
    /// What the machine is: [`Event::Info`].
    Info,
    /// Flush the file systems and switch the machine off. Only an agent that is its
    /// machine's init does it.
    Poweroff,
}

/// A program to be run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Added to the agent's environment (in which LC_ALL is C).
    pub env: Vec<(String, String)>,
    /// After this time the process group gets SIGTERM, a second later SIGKILL.
    pub limit_ms: u64,
    /// What makes it ready, for a server.
    pub ready: Option<Ready>,
    /// With whom it starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barrier: Option<Barrier>,
}

/// Runs that start together: each waits, all but started, until as many have arrived as
/// there are to be. If they don't, or one of them is signalled before, all of them fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Barrier {
    /// The same for all; used once in a session.
    pub name: String,
    /// How many there are to be; the same for all.
    pub parties: u32,
    /// How long one waits for the others.
    pub limit_ms: u64,
}

/// What makes a server ready.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ready {
    /// A process of the job's group owns a socket that listens on (UDP: is bound to)
    /// this port.
    Listening {
        /// The transport.
        protocol: Protocol,
        /// The local port.
        port: u16,
    },
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// TCP over IPv4 or IPv6.
    Tcp,
    /// UDP over IPv4 or IPv6.
    Udp,
}

/// A NIC to be configured.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nic {
    /// Its address, `52:54:00:00:01:01`; how it is found.
    pub mac: String,
    /// Addresses with prefix length, `10.0.0.11/24`.
    pub addresses: Vec<String>,
    /// MTU to set, in bytes.
    pub mtu: Option<u32>,
    /// Name to give it.
    pub name: Option<String>,
    /// How long to wait for the NIC to appear and, after that, for its carrier.
    pub limit_ms: u64,
    /// The addresses go to an interface on it for this VLAN, called `<NIC>.<id>`. The
    /// kernel has to have the module `8021q`.
    #[serde(default)]
    pub vlan: Option<u16>,
    /// Whether ARP answers for, and speaks in the name of, only the addresses of the
    /// interface it is about: for a machine with two NICs in one segment. It is set for
    /// all interfaces of the machine or namespace, and stays.
    #[serde(default)]
    pub arp_strict: bool,
}

/// A NIC as it is once configured; with a VLAN, the interface that has the addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NicReport {
    /// Interface name.
    pub name: String,
    /// Kernel driver bound to it, or to the NIC below a VLAN (`igbvf`, `virtio_net`);
    /// `None` for a purely virtual one.
    pub driver: Option<String>,
    /// MAC address.
    pub mac: String,
    /// MTU, in bytes.
    pub mtu: u32,
    /// Whether it had a link within the limit.
    pub carrier: bool,
}

/// What the machine is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Info {
    /// `uname -r`.
    pub kernel: String,
    /// Host name.
    pub hostname: String,
    /// What the image is for (init's configuration); empty for an agent that isn't init.
    pub role: String,
    /// Seconds since boot.
    pub uptime_s: f64,
    /// Memory, in KiB.
    pub memory_total_kib: u64,
    /// Memory that a program could still have, in KiB.
    pub memory_available_kib: u64,
    /// CPUs this process may use.
    pub cpus: usize,
    /// What went wrong while booting (modules that didn't load, mounts that failed).
    pub warnings: Vec<String>,
}

/// How a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// Exit status, if it exited.
    pub status: Option<i32>,
    /// Signal, if one killed it.
    pub signal: Option<i32>,
    /// Whether the time limit ended it.
    pub timed_out: bool,
    /// From start to end, by the agent's clock.
    pub elapsed_ms: u64,
}

impl Exit {
    /// Whether it exited with status 0 within its limit.
    #[must_use]
    pub fn success(&self) -> bool {
        self.status == Some(0) && !self.timed_out
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.timed_out, self.status, self.signal) {
            (true, ..) => write!(f, "stopped at its time limit")?,
            (_, Some(status), _) => write!(f, "exit status {status}")?,
            (_, _, Some(signal)) => write!(f, "killed by signal {signal}")?,
            _ => write!(f, "ended in an unknown way")?,
        }
        write!(f, " after {:.1} s", self.elapsed_ms as f64 / 1000.0)
    }
}

/// What the agent answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// The program runs.
    Started {
        /// Its process id, in the agent's pid namespace.
        pid: u32,
        /// When it had just been started, in microseconds of the agent's
        /// `CLOCK_MONOTONIC`: with the same kernel, differences are the skew.
        at_us: u64,
    },
    /// The job is ready ([`Run::ready`]); at most once.
    Ready,
    /// The job has ended; nothing of its group is left.
    Exit(Exit),
    /// The NIC is configured.
    Nic(NicReport),
    /// What the machine is.
    Info(Info),
    /// Done, with nothing to tell.
    Done,
    /// The request couldn't be carried out. With id 0: the session can't go on.
    Failed {
        /// What was being done, to what, and what went wrong.
        text: String,
    },
}

impl Event {
    /// Whether nothing follows for the same request.
    #[must_use]
    pub fn is_last(&self) -> bool {
        !matches!(self, Event::Started { .. } | Event::Ready)
    }
}
