//! All that touches the machine: NICs, VFs, bridges and taps, network namespaces, QEMU and
//! the guests in it, and the test host in software.
//!
//! Every change to the host goes through [`Changes`], which undoes it. Every program runs
//! as a job of an agent, which ends it when this process is gone, however it went.

mod accelerator;
mod audit;
mod change;
mod counters;
mod error;
mod guest;
mod nic;
mod node;
mod qemu;
mod stop;
mod test_host;
mod topology;

pub use accelerator::{Accelerator, probe};
pub use audit::audit;
pub use change::{Change, ChangeLog, Changes};
pub use counters::{CounterReport, Sampler};
pub use error::HostError;
pub use guest::{BootContext, BootRecord, Guest, GuestNic, GuestSetup};
pub use nic::{Nic, PortSelection, Ports, nics};
pub use node::Node;
pub use qemu::{GuestNicKind, VmSpec};
pub use stop::Stop;
pub use test_host::{TestHost, TestHostSetup};
pub use topology::{Blueprint, Endpoint, Topology, leftovers};
