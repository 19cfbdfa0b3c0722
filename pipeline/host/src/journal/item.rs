//! What can be changed on a host, as data, with how to read it and how to set it.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::cgroup::{self, cgroup_path};
use super::{device, ethtool, link, value, vf, wait_until};
use crate::command::{succeed, words};
use crate::error::HostError;
use crate::place::Place;
use crate::ssh::Destination;

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
        /// Where it is.
        #[serde(rename = "netns", default)]
        place: Place,
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
        /// Where it is.
        #[serde(rename = "netns", default)]
        place: Place,
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
        /// Where it is.
        #[serde(rename = "netns", default)]
        place: Place,
        /// The interface.
        dev: String,
        /// The address with its prefix length.
        address: String,
    },
    /// The MTU of an interface, in bytes.
    Mtu {
        /// Where it is.
        #[serde(rename = "netns", default)]
        place: Place,
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
        /// Where the interface is.
        #[serde(rename = "netns", default)]
        place: Place,
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
            Self::Link { place, name, .. } => presence(link::exists(place, name)?),
            Self::LinkNamespace { name, mac } => link::namespace_of(name, mac),
            Self::LinkUp { place, name } => {
                let up = link::is_up(place, name)?;
                Ok(up.map(|up| word(up, "up", "down")))
            }
            Self::Master { name } => Ok(link::master(name)),
            Self::Address {
                place,
                dev,
                address,
            } => {
                let found = link::has_address(place, dev, address)?;
                Ok(found.map(|found| word(found, "present", "absent")))
            }
            Self::Mtu { place, name } => link::mtu(place, name),
            Self::Vf { pf, vf, field } => vf::read(pf, *vf, *field),
            Self::Ethtool {
                place,
                dev,
                setting,
            } => ethtool::read(place, dev, setting),
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
        let set = |place: &Place, name: &str, rest: &[&str]| {
            place.ip(["link", "set", "dev", name].iter().chain(rest).copied())
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
            Self::Link { place, make, .. } if state == "present" => {
                place.ip(make.iter().map(String::as_str))
            }
            Self::Link { place, name, .. } => place.ip(["link", "delete", "dev", name]),
            Self::LinkNamespace { name, mac } => {
                let now = link::namespace_of(name, mac)?.unwrap_or_default();
                let place = match now.is_empty() {
                    true => Place::Here,
                    false => Place::Namespace(now),
                };
                // The host's own is the one that this process is in.
                let own = std::process::id().to_string();
                let to = if state.is_empty() { &own } else { state };
                set(&place, name, &["netns", to])
            }
            Self::LinkUp { place, name } => set(place, name, &[state]),
            Self::Master { name } if state.is_empty() => set(&Place::Here, name, &["nomaster"]),
            Self::Master { name } => set(&Place::Here, name, &["master", state]),
            Self::Address {
                place,
                dev,
                address,
            } => {
                let verb = if state == "present" { "add" } else { "delete" };
                place.ip(["address", verb, address, "dev", dev])
            }
            Self::Mtu { place, name } => set(place, name, &["mtu", state]),
            Self::Vf { pf, vf, field } => vf::argv(pf, *vf, *field, state),
            Self::Ethtool {
                place,
                dev,
                setting,
            } => ethtool::argv(place, dev, setting, state),
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

    /// The other host that it is on, if it is on one.
    pub(super) fn destination(&self) -> Option<&Destination> {
        match self {
            Self::Link { place, .. }
            | Self::LinkUp { place, .. }
            | Self::Address { place, .. }
            | Self::Mtu { place, .. }
            | Self::Ethtool { place, .. } => place.destination(),
            _ => None,
        }
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
        match self {
            Self::File { path } => write!(f, "{}", path.display()),
            Self::Driver { pci } => write!(f, "the driver of {pci}"),
            Self::Module { name } => write!(f, "the module {name}"),
            Self::Namespace { name } => write!(f, "the namespace {name}"),
            Self::Link { place, name, .. } => write!(f, "the interface {name}{}", place),
            Self::LinkNamespace { name, .. } => write!(f, "the namespace of {name}"),
            Self::LinkUp { place, name } => write!(f, "the state of {name}{}", place),
            Self::Master { name } => write!(f, "the bridge of {name}"),
            Self::Address {
                place,
                dev,
                address,
            } => write!(f, "the address {address} of {dev}{}", place),
            Self::Mtu { place, name } => write!(f, "the MTU of {name}{}", place),
            Self::Vf { pf, vf, field } => write!(f, "{} of VF {vf} of {pf}", field.name()),
            Self::Ethtool {
                place,
                dev,
                setting:
                    EthtoolSetting::Coalesce { name }
                    | EthtoolSetting::Feature { name }
                    | EthtoolSetting::Channels { name },
            } => write!(f, "{name} of {dev}{}", place),
            Self::Cgroup { name } => write!(f, "the cgroup {name}"),
        }
    }
}
