//! All that touches the machine: NICs, VFs, bridges and taps, network namespaces, QEMU and
//! the guests in it, and the test host in software.
//!
//! Every change to the host goes through [`journal::Changes`], which undoes it. Every program runs
//! as a job of an agent, which ends it when this process is gone, however it went.

mod accelerator;
mod audit;
mod backend;
mod command;
mod counters;
mod doctor;
mod error;
mod guest;
mod helper;
pub mod journal;
mod login;
mod nic;
mod node;
mod pf;
mod pin;
mod place;
mod qemu;
mod ssh;
mod stop;
mod survey;
mod test_host;
mod topology;

pub use accelerator::{Accelerator, probe};
pub use audit::{audit, audit_machine, audit_nics, qemu_version};
pub use backend::QemuNic;
pub use counters::{CounterReport, Sampler};
pub use doctor::{Boot, Diagnosis, Facts, Finding, NicFinding, Root, Severity, Verdict, diagnose};
pub use error::HostError;
pub use guest::{BootContext, BootRecord, Guest, GuestNic, GuestSetup};
pub use helper::Helper;
pub use nic::{Nic, PortSelection, Ports, nics};
pub use node::Node;
pub use pf::{PF_DRIVERS, PfDriver};
pub use place::Place;
pub use qemu::VmSpec;
pub use ssh::{Destination, SshHost, SshHostError};
pub use stop::Stop;
pub use survey::{Survey, first_line};
pub use test_host::{TestHost, TestHostSetup};
pub use topology::{Blueprint, Endpoint, Mark, Topology, leftovers};
