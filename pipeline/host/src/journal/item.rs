//! What can be changed on a host, as data, with how to read it and how to set it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cgroup::{self, cgroup_path};
use super::command::{succeed, words};
use super::{device, ethtool, link, value, vf, wait_until};
use crate::error::HostError;

/// How long a PF may still be busy with a VF that was just made.
const MAC_LIMIT: Duration = Duration::from_secs(10);

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
        /// Its MAC address: once it is elsewhere, another may be given its name.
        mac: String,
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
        let presence = |present: bool| Ok(Some(word(present, "present", "absent")));
        match self {
            Self::File { path } => value::read(path),
            Self::Driver { pci } => Ok(device::driver(pci)),
            Self::Module { name } => Ok(Some(word(device::is_loaded(name), "loaded", "absent"))),
            Self::Namespace { name } => presence(link::namespace_exists(name)),
            Self::Link { netns, name, .. } => presence(link::exists(netns.as_deref(), name)?),
            Self::LinkNamespace { name, mac } => link::namespace_of(name, mac),
            Self::LinkUp { netns, name } => {
                let up = link::is_up(netns.as_deref(), name)?;
                Ok(up.map(|up| word(up, "up", "down")))
            }
            Self::Master { name } => Ok(link::master(name)),
            Self::Address {
                netns,
                dev,
                address,
            } => {
                let found = link::has_address(netns.as_deref(), dev, address)?;
                Ok(found.map(|found| word(found, "present", "absent")))
            }
            Self::Mtu { netns, name } => link::mtu(netns.as_deref(), name),
            Self::Vf { pf, vf, field } => vf::read(pf, *vf, *field),
            Self::Ethtool {
                netns,
                dev,
                setting,
            } => ethtool::read(netns.as_deref(), dev, setting),
            Self::Cgroup { name } => presence(cgroup_path(name)?.is_dir()),
        }
    }

    /// Brings it to a state.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done.
    pub fn write(&self, state: &str) -> Result<(), HostError> {
        match self {
            Self::File { path } => value::write(path, state),
            Self::Driver { pci } => device::bind(pci, state),
            Self::Cgroup { name } if state == "present" => cgroup::add(name),
            Self::Cgroup { name } => cgroup::remove(name),
            // Some PFs (i40e, ice) answer EAGAIN while they still reset a VF that was just made.
            Self::Vf {
                field: VfField::Mac,
                ..
            } => {
                let argv = self.argv(state)?;
                let mut result = succeed(&argv);
                wait_until(MAC_LIMIT, || {
                    if result.is_err() {
                        std::thread::sleep(Duration::from_millis(200));
                        result = succeed(&argv);
                    }
                    result.is_ok()
                });
                result.map(drop)
            }
            _ => succeed(&self.argv(state)?).map(drop),
        }
    }

    /// The command that brings it to a state.
    fn argv(&self, state: &str) -> Result<Vec<String>, HostError> {
        let set = |netns: Option<&str>, name: &str, rest: &[&str]| {
            let mut argv = link::ip(netns);
            argv.extend(words(["link", "set", "dev", name]));
            argv.extend(words(rest.iter().copied()));
            argv
        };
        Ok(match self {
            Self::File { path } => words(["echo", state, ">", &path.display().to_string()]),
            Self::Driver { pci } if state.is_empty() => {
                let file = format!("/sys/bus/pci/devices/{pci}/driver/unbind");
                words(["echo", pci, ">", &file])
            }
            Self::Driver { pci } => words(["echo", pci, ">", "/sys/bus/pci/drivers_probe"]),
            Self::Module { name } if state == "loaded" => words(["modprobe", name]),
            Self::Module { name } => words(["modprobe", "-r", "-q", name]),
            Self::Namespace { name } if state == "present" => words(["ip", "netns", "add", name]),
            Self::Namespace { name } => words(["ip", "netns", "delete", name]),
            Self::Link { netns, make, .. } if state == "present" => {
                let mut argv = link::ip(netns.as_deref());
                argv.extend(make.iter().cloned());
                argv
            }
            Self::Link { netns, name, .. } => {
                let mut argv = link::ip(netns.as_deref());
                argv.extend(words(["link", "delete", "dev", name]));
                argv
            }
            Self::LinkNamespace { name, mac } => {
                let now = link::namespace_of(name, mac)?.unwrap_or_default();
                let netns = (!now.is_empty()).then_some(now.as_str());
                // The host's own is the one that this process is in.
                let own = std::process::id().to_string();
                let to = if state.is_empty() { &own } else { state };
                set(netns, name, &["netns", to])
            }
            Self::LinkUp { netns, name } => set(netns.as_deref(), name, &[state]),
            Self::Master { name } if state.is_empty() => set(None, name, &["nomaster"]),
            Self::Master { name } => set(None, name, &["master", state]),
            Self::Address {
                netns,
                dev,
                address,
            } => {
                let verb = if state == "present" { "add" } else { "delete" };
                let mut argv = link::ip(netns.as_deref());
                argv.extend(words(["address", verb, address, "dev", dev]));
                argv
            }
            Self::Mtu { netns, name } => set(netns.as_deref(), name, &["mtu", state]),
            Self::Vf { pf, vf, field } => vf::argv(pf, *vf, *field, state),
            Self::Ethtool {
                netns,
                dev,
                setting,
            } => ethtool::argv(netns.as_deref(), dev, setting, state),
            Self::Cgroup { name } => {
                let verb = if state == "present" { "mkdir" } else { "rmdir" };
                words([verb, &cgroup_path(name)?.display().to_string()])
            }
        })
    }

    /// The command that brings it to a state, for someone who does it by hand.
    pub(super) fn hint(&self, state: &str) -> String {
        let mut argv = self.argv(state).unwrap_or_default();
        if let (Self::LinkNamespace { .. }, true, Some(own)) =
            (self, state.is_empty(), argv.last_mut())
        {
            // Not that of this process, which is gone by then.
            *own = "1".into();
        }
        argv.join(" ")
    }

    /// The one form of a state, so that states can be compared.
    pub(super) fn normal(&self, state: &str) -> String {
        match self {
            Self::File { path } => value::normal(path, state),
            Self::Vf {
                field: VfField::Mac,
                ..
            } => state.to_lowercase(),
            _ => state.to_owned(),
        }
    }

    /// Whether `now` can be what a change of ours that was cut off has left.
    pub(super) fn is_between(&self, old: &str, new: &str, now: &str) -> bool {
        match self {
            Self::File { path } => value::is_between(path, old, new, now),
            Self::Driver { .. } => now.is_empty(),
            _ => false,
        }
    }
}

fn word(is: bool, yes: &str, no: &str) -> String {
    if is { yes } else { no }.to_owned()
}

impl fmt::Display for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |netns: &Option<String>| match netns {
            Some(netns) => format!(" in {netns}"),
            None => String::new(),
        };
        match self {
            Self::File { path } => write!(f, "{}", path.display()),
            Self::Driver { pci } => write!(f, "the driver of {pci}"),
            Self::Module { name } => write!(f, "the module {name}"),
            Self::Namespace { name } => write!(f, "the namespace {name}"),
            Self::Link { netns, name, .. } => write!(f, "the interface {name}{}", place(netns)),
            Self::LinkNamespace { name, .. } => write!(f, "the namespace of {name}"),
            Self::LinkUp { netns, name } => write!(f, "the state of {name}{}", place(netns)),
            Self::Master { name } => write!(f, "the bridge of {name}"),
            Self::Address {
                netns,
                dev,
                address,
            } => write!(f, "the address {address} of {dev}{}", place(netns)),
            Self::Mtu { netns, name } => write!(f, "the MTU of {name}{}", place(netns)),
            Self::Vf { pf, vf, field } => write!(f, "{} of VF {vf} of {pf}", field.name()),
            Self::Ethtool {
                netns,
                dev,
                setting:
                    EthtoolSetting::Coalesce { name }
                    | EthtoolSetting::Feature { name }
                    | EthtoolSetting::Channels { name },
            } => write!(f, "{name} of {dev}{}", place(netns)),
            Self::Cgroup { name } => write!(f, "the cgroup {name}"),
        }
    }
}
