//! What can be changed on a host, as data, with how to read it and how to set it.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::error::HostError;

/// One thing on a host that has a state, and that this tool changes and puts back.
///
/// A state is a short string: a value, a name, or one of two words such as "up" and "down".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Item {
    /// A value in a file of sysfs or procfs.
    File {
        /// The file.
        path: PathBuf,
    },
    /// The driver that a PCI device is bound to; "" for none. To bind one that wouldn't
    /// take the device by itself, set its `driver_override` first.
    Driver {
        /// PCI address, as 0000:01:10.0.
        pci: String,
    },
    /// A kernel module: "loaded" or "absent".
    Module {
        /// Its name.
        name: String,
    },
    /// A named network namespace: "present" or "absent".
    Namespace {
        /// Its name.
        name: String,
    },
    /// An interface that this tool makes: "present" or "absent".
    Link {
        /// The namespace that it is in; the host's own if none.
        netns: Option<String>,
        /// Its name.
        name: String,
        /// What makes it: the arguments after `ip [-n NETNS]`.
        make: Vec<String>,
    },
    /// The namespace that a port is in, by name; "" for the host's own. Moving an interface
    /// takes it down and its addresses away, so set it down before, as a change of its own.
    LinkNamespace {
        /// The port.
        name: String,
    },
    /// Whether an interface is set up: "up" or "down".
    LinkUp {
        /// The namespace that it is in; the host's own if none.
        netns: Option<String>,
        /// The interface.
        name: String,
    },
    /// The bridge that an interface of the host's own namespace is a port of; "" for none.
    Master {
        /// The interface.
        name: String,
    },
    /// An address of an interface: "present" or "absent".
    Address {
        /// The namespace that it is in; the host's own if none.
        netns: Option<String>,
        /// The interface.
        dev: String,
        /// The address with its prefix length.
        address: String,
    },
    /// The MTU of an interface, in bytes.
    Mtu {
        /// The namespace that it is in; the host's own if none.
        netns: Option<String>,
        /// The interface.
        name: String,
    },
    /// What a PF holds for one of its VFs.
    Vf {
        /// The PF's interface.
        pf: String,
        /// The VF's number.
        vf: u32,
        /// Which setting.
        field: VfField,
    },
    /// A setting of ethtool.
    Ethtool {
        /// The namespace that the interface is in; the host's own if none.
        netns: Option<String>,
        /// The interface.
        dev: String,
        /// Which setting.
        setting: EthtoolSetting,
    },
    /// A cgroup (version 2) below the root: "present" or "absent". Its removal ends the
    /// processes in it.
    Cgroup {
        /// Its name.
        name: String,
    },
}

/// A setting that a PF holds for a VF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VfField {
    /// MAC address, in lower case.
    Mac,
    /// VLAN, as the arguments of ip: "0" for none, "100", "100 qos 3".
    Vlan,
    /// Most that it may send, in Mbit/s; "0" for no limit.
    MaxTxRate,
    /// "on" or "off".
    Spoofchk,
    /// "on" or "off".
    Trust,
    /// "auto", "enable" or "disable".
    LinkState,
}

/// A setting of ethtool, named as its command line names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum EthtoolSetting {
    /// Interrupt moderation, such as "rx-usecs" or "adaptive-rx".
    Coalesce {
        /// Its name.
        name: String,
    },
    /// An offload, such as "tso"; its state is "on" or "off".
    Feature {
        /// Its name.
        name: String,
    },
    /// A number of queues, such as "combined".
    Channels {
        /// Its name.
        name: String,
    },
}

impl Item {
    /// Its present state; `None` if what carries it (the interface, the VF, the device) is gone.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what could not be read.
    pub fn read(&self) -> Result<Option<String>, HostError> {
        todo!()
    }

    /// Brings it to a state.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done.
    pub fn write(&self, _state: &str) -> Result<(), HostError> {
        todo!()
    }
}
