//! Everything between the generator and the instances: VFs, bridge, taps, namespaces.
//!
//! The generator's ports are in a namespace of their own, so that packets for an address
//! of the same machine take the wire. Addresses are of 198.18.0.0/15, set aside for
//! benchmarks by RFC 2544: 198.18.0.0/24 on the PF's wire, 198.18.1.0/24 on the bridge's.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vnicbench_agent::Session;
use vnicbench_model::matrix::GuestSpec;
use vnicbench_model::{Arm, Backend, Instance, Kit};

use crate::change::{Change, Changes};
use crate::error::{HostError, io_error};
use crate::guest::{GuestNic, GuestSetup, no_link};
use crate::nic::{Nic, Ports, attribute};
use crate::node::Node;
use crate::qemu::{GuestNicKind, VmSpec};
use crate::stop::Stop;

const GENERATOR: &str = "vnb-gen";
const BRIDGE: &str = "vnb-br";
const LINK_LIMIT: Duration = Duration::from_secs(30);
const BIND_LIMIT: Duration = Duration::from_secs(10);

/// VF drivers by PF driver: data, so that another NIC is another line.
const VF_DRIVERS: [(&str, &str); 6] = [
    ("bnxt_en", "bnxt_en"),
    ("i40e", "iavf"),
    ("ice", "iavf"),
    ("igb", "igbvf"),
    ("ixgbe", "ixgbevf"),
    ("mlx5_core", "mlx5_core"),
];

/// Where an arm's traffic ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What logs call the instance; for a VM the guest's name.
    pub node: String,
    /// Its address.
    pub address: String,
    /// What sets it apart from what its arm is called, for each of its trials.
    pub note: Option<String>,
}

/// The host side of a campaign, built; dropping it undoes everything.
pub struct Topology {
    /// The host itself.
    pub host: Node,
    /// The generator's namespace.
    pub generator: Node,
    /// Containers by name.
    pub containers: BTreeMap<String, Node>,
    /// Guests to boot, by name.
    pub guests: Vec<GuestSetup>,
    /// Where each arm's traffic ends.
    pub endpoints: BTreeMap<Arm, Endpoint>,
    // Declared last: agents end before the namespaces that they are in.
    changes: Changes,
}

impl Topology {
    /// How many VFs the arms need.
    pub fn vfs_needed(arms: &BTreeSet<Arm>) -> u32 {
        arms.iter()
            .filter(|arm| arm.backend == Backend::Sriov)
            .count() as u32
    }

    /// Builds everything that the arms need. On an error what was built is undone.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done; [`HostError::NotRestored`] if undoing it
    /// failed as well.
    pub fn build(
        plan: &Blueprint<'_>,
        host: Node,
        mut changes: Changes,
        stop: &Stop,
    ) -> Result<Self, HostError> {
        match Parts::build(plan, &mut changes, stop) {
            Ok(Parts {
                generator,
                containers,
                guests,
                endpoints,
            }) => Ok(Self {
                host,
                generator,
                containers,
                guests,
                endpoints,
                changes,
            }),
            Err(error) => {
                drop(host);
                let failures = changes.undo();
                if failures.is_empty() {
                    return Err(error);
                }
                Err(HostError::NotRestored {
                    cause: error.to_string(),
                    failures,
                })
            }
        }
    }

    /// The session of an endpoint that isn't a guest.
    pub fn session(&self, node: &str) -> Option<Session> {
        if node == self.host.name {
            return Some(self.host.session());
        }
        self.containers.get(node).map(Node::session)
    }

    /// Whether the agents of the host and the generator still answer; without them nothing
    /// can be measured.
    ///
    /// # Errors
    ///
    /// [`HostError::Change`] naming the one that is gone.
    pub fn check(&self) -> Result<(), HostError> {
        for node in [&self.host, &self.generator] {
            if let Some(cause) = node.session().lost() {
                return Err(HostError::Change {
                    doing: format!("using the agent of the {}", node.name),
                    message: format!("it is gone: {cause}"),
                });
            }
        }
        Ok(())
    }

    /// Ends the agents and undoes every change; what could not be undone, in words.
    pub fn tear_down(self) -> Vec<String> {
        let Self {
            host,
            generator,
            containers,
            mut changes,
            ..
        } = self;
        drop((containers, generator, host));
        changes.undo()
    }
}

/// What a topology is built from.
#[derive(Debug, Clone, Copy)]
pub struct Blueprint<'a> {
    /// The agent and the guests' VF drivers.
    pub kit: &'a Kit,
    /// The ports.
    pub ports: &'a Ports,
    /// What is to be measured.
    pub arms: &'a BTreeSet<Arm>,
    /// Whether there is a neighbour VM.
    pub neighbour: bool,
    /// The guests' shape.
    pub guest: &'a GuestSpec,
}

/// What a run that was killed has left, each with the command that removes it.
pub fn leftovers() -> Vec<String> {
    let ours = |directory: &str| -> Vec<String> {
        let entries = fs::read_dir(directory)
            .into_iter()
            .flatten()
            .filter_map(Result::ok);
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name.starts_with("vnb-")).collect();
        names.sort();
        names
    };
    let say = |what: &str, name: &str, command: &str| {
        format!(
            "{what} {name} is in use by another run, or was left by one that was killed; then remove it: ip {command} delete {name}"
        )
    };
    let namespaces = ours("/run/netns");
    let links = ours("/sys/class/net");
    let namespaces = namespaces
        .iter()
        .map(|name| say("the namespace", name, "netns"));
    namespaces
        .chain(links.iter().map(|name| say("the interface", name, "link")))
        .collect()
}

struct Parts {
    generator: Node,
    containers: BTreeMap<String, Node>,
    guests: Vec<GuestSetup>,
    endpoints: BTreeMap<Arm, Endpoint>,
}

impl Parts {
    fn build(plan: &Blueprint<'_>, changes: &mut Changes, stop: &Stop) -> Result<Self, HostError> {
        let Blueprint {
            kit,
            ports,
            arms,
            neighbour,
            guest,
        } = *plan;
        let mut builder = Builder {
            kit,
            ports,
            guest,
            changes,
            stop,
        };
        builder.load_modules(arms)?;
        let generator = builder.generator()?;
        // Before its VFs: one gets its MAC address only from a PF that is up.
        builder.set_up(&ports.pf)?;
        let vfs = builder.make_vfs(arms)?;
        builder.bridge(arms)?;
        builder.native(arms)?;

        let mut guests = Vec::new();
        let mut endpoints = BTreeMap::new();
        let mut containers = BTreeMap::new();
        for (index, &arm) in arms.iter().enumerate() {
            let name = match arm.backend {
                Backend::Native => "host".to_owned(),
                _ => arm.to_string(),
            };
            let segment = if matches!(arm.backend, Backend::Native | Backend::Sriov) {
                0
            } else {
                1
            };
            let address = match arm.backend {
                Backend::Native => NATIVE.to_owned(),
                _ => format!("198.18.{segment}.{}", 11 + index),
            };
            let mac = mac(index);
            let nic = |kind, modules| GuestNic {
                mac: mac.clone(),
                address: format!("{address}/24"),
                kind,
                modules,
            };
            match (arm.backend, arm.instance) {
                (Backend::Native, _) => {}
                (Backend::Virtio | Backend::Vhost, _) => {
                    let interface = format!("vnb-tap{index}");
                    builder.tap(&interface)?;
                    let kind = GuestNicKind::Tap {
                        interface,
                        vhost: arm.backend == Backend::Vhost,
                    };
                    guests.push(builder.guest(&name, vec![nic(kind, Vec::new())]));
                }
                (Backend::Sriov, Instance::Vm) => {
                    let pci = vf_of(&vfs, arm)?;
                    builder.bind(pci, "vfio-pci")?;
                    let modules = builder.guest_modules()?;
                    guests.push(builder.guest(
                        &name,
                        vec![nic(GuestNicKind::Vf { pci: pci.clone() }, modules)],
                    ));
                }
                (Backend::Sriov, _) => {
                    let pci = vf_of(&vfs, arm)?;
                    containers.insert(
                        name.clone(),
                        builder.vf_container(&name, pci, &nic_request(&mac, &address))?,
                    );
                }
                (Backend::Veth, _) => {
                    containers.insert(
                        name.clone(),
                        builder.veth_container(&name, index, &nic_request(&mac, &address))?,
                    );
                }
            }
            let note = (arm.backend == Backend::Native && builder.pf_is_bridged())
                .then(|| format!("the PF is a port of {BRIDGE}, so the calibration passes that bridge; --uplink avoids it"));
            let endpoint = Endpoint {
                node: name,
                address,
                note,
            };
            endpoints.insert(arm, endpoint);
        }
        if neighbour {
            guests.push(builder.guest("neighbour", Vec::new()));
        }
        builder.await_links()?;
        Ok(Self {
            generator,
            containers,
            guests,
            endpoints,
        })
    }
}

const NATIVE: &str = "198.18.0.2";

/// Locally administered, and the same in each campaign.
fn mac(index: usize) -> String {
    format!("02:76:6e:62:00:{index:02x}")
}

fn nic_request(mac: &str, address: &str) -> vnicbench_agent::Nic {
    vnicbench_agent::Nic {
        mac: mac.to_owned(),
        addresses: vec![format!("{address}/24")],
        mtu: None,
        name: None,
        limit_ms: LINK_LIMIT.as_millis() as u64,
        ..vnicbench_agent::Nic::default()
    }
}

fn vf_of(vfs: &BTreeMap<Arm, String>, arm: Arm) -> Result<&String, HostError> {
    vfs.get(&arm).ok_or_else(|| HostError::Change {
        doing: format!("handing out a VF to {arm}"),
        message: "none was made for it".into(),
    })
}

struct Builder<'a> {
    kit: &'a Kit,
    ports: &'a Ports,
    guest: &'a GuestSpec,
    changes: &'a mut Changes,
    stop: &'a Stop,
}

impl Builder<'_> {
    fn ip(&mut self, make: &[&str], undo: &[&str]) -> Result<(), HostError> {
        self.stop.check()?;
        let words = |rest: &[&str]| -> Vec<String> {
            if rest.is_empty() {
                return Vec::new();
            }
            std::iter::once("ip")
                .chain(rest.iter().copied())
                .map(str::to_owned)
                .collect()
        };
        self.changes.make(Change::Run {
            argv: words(make),
            undo: words(undo),
        })
    }

    fn load_modules(&mut self, arms: &BTreeSet<Arm>) -> Result<(), HostError> {
        let mut wanted = vec!["bridge", "tun"];
        for arm in arms {
            match (arm.backend, arm.instance) {
                (Backend::Vhost, _) => wanted.push("vhost_net"),
                (Backend::Veth, _) => wanted.push("veth"),
                // Without vfio_iommu_type1 VFIO finds "no available IOMMU models".
                (Backend::Sriov, Instance::Vm) => wanted.extend(["vfio_iommu_type1", "vfio_pci"]),
                (Backend::Sriov, _) => wanted.extend(self.vf_driver()),
                _ => {}
            }
        }
        for module in wanted {
            if !Path::new("/sys/module").join(module).exists() {
                // Its removal may fail if it was asked for by someone else meanwhile; -q keeps that quiet.
                self.changes.make(Change::run(
                    &["modprobe", module],
                    &["modprobe", "-r", "-q", module],
                ))?;
            }
        }
        Ok(())
    }

    fn vf_driver(&self) -> Option<&'static str> {
        VF_DRIVERS
            .iter()
            .find(|(pf, _)| *pf == self.ports.pf.driver)
            .map(|(_, vf)| *vf)
    }

    fn guest_modules(&self) -> Result<Vec<String>, HostError> {
        let problem = |message: String| HostError::Unfit {
            problems: vec![message],
        };
        let pf = &self.ports.pf;
        let driver = self.vf_driver().ok_or_else(|| {
            problem(format!(
                "{} has the driver {}, whose VF driver isn't known; known are: {}",
                pf.name,
                pf.driver,
                VF_DRIVERS.map(|(pf, _)| pf).join(", ")
            ))
        })?;
        let modules = self.kit.guest_modules.get(driver);
        modules.cloned().ok_or_else(|| {
            problem(format!(
                "the guest image has no module {driver} for VFs of {}",
                pf.name
            ))
        })
    }

    /// Moves a port to the generator's namespace; the wire's other end gives it its link.
    fn generator(&mut self) -> Result<Node, HostError> {
        self.ip(
            &["netns", "add", GENERATOR],
            &["netns", "delete", GENERATOR],
        )?;
        let mut ports = vec![(self.ports.generator.clone(), vec!["198.18.0.1/24"])];
        match &self.ports.uplink {
            Some((_, generator)) => ports.push((generator.clone(), vec!["198.18.1.1/24"])),
            None => ports[0].1.push("198.18.1.1/24"),
        }
        for (port, addresses) in &ports {
            let name = port.name.as_str();
            if port.up {
                self.ip(
                    &["link", "set", "dev", name, "down"],
                    &["link", "set", "dev", name, "up"],
                )?;
            }
            self.ip(
                &["link", "set", "dev", name, "netns", GENERATOR],
                &["-n", GENERATOR, "link", "set", "dev", name, "netns", "1"],
            )?;
            for address in addresses {
                self.ip(
                    &["-n", GENERATOR, "address", "add", address, "dev", name],
                    &[],
                )?;
            }
            self.ip(
                &["-n", GENERATOR, "link", "set", "dev", name, "up"],
                &["-n", GENERATOR, "link", "set", "dev", name, "down"],
            )?;
        }
        Node::start(self.kit, "generator", Some(GENERATOR))
    }

    fn set_up(&mut self, nic: &Nic) -> Result<(), HostError> {
        let name = nic.name.as_str();
        let undo = if nic.up { "up" } else { "down" };
        self.ip(
            &["link", "set", "dev", name, "up"],
            &["link", "set", "dev", name, undo],
        )
    }

    fn bridge(&mut self, arms: &BTreeSet<Arm>) -> Result<(), HostError> {
        if !arms.iter().any(|arm| {
            matches!(
                arm.backend,
                Backend::Virtio | Backend::Vhost | Backend::Veth
            )
        }) {
            return Ok(());
        }
        let uplink = self
            .ports
            .uplink
            .as_ref()
            .map_or(&self.ports.pf, |(uplink, _)| uplink)
            .clone();
        let make = [
            "link",
            "add",
            "name",
            BRIDGE,
            "type",
            "bridge",
            "stp_state",
            "0",
            "forward_delay",
            "0",
        ];
        self.ip(&make, &["link", "delete", "dev", BRIDGE])?;
        self.ip(
            &["link", "set", "dev", &uplink.name, "master", BRIDGE],
            &["link", "set", "dev", &uplink.name, "nomaster"],
        )?;
        if self.ports.uplink.is_some() {
            self.set_up(&uplink)?;
        }
        self.ip(&["link", "set", "dev", BRIDGE, "up"], &[])
    }

    /// The PF itself answers for the native arm; on the bridge if it is the bridge's port.
    fn native(&mut self, arms: &BTreeSet<Arm>) -> Result<(), HostError> {
        if arms.iter().any(|arm| arm.backend == Backend::Native) {
            let port = if self.pf_is_bridged() {
                BRIDGE.to_owned()
            } else {
                self.ports.pf.name.clone()
            };
            let address = format!("{NATIVE}/24");
            self.ip(
                &["address", "add", &address, "dev", &port],
                &["address", "delete", &address, "dev", &port],
            )?;
        }
        Ok(())
    }

    fn pf_is_bridged(&self) -> bool {
        self.ports.uplink.is_none() && Path::new("/sys/class/net").join(BRIDGE).exists()
    }

    fn tap(&mut self, name: &str) -> Result<(), HostError> {
        self.ip(
            &["tuntap", "add", "dev", name, "mode", "tap"],
            &["tuntap", "delete", "dev", name, "mode", "tap"],
        )?;
        self.ip(&["link", "set", "dev", name, "master", BRIDGE, "up"], &[])
    }

    fn guest(&self, name: &str, nics: Vec<GuestNic>) -> GuestSetup {
        GuestSetup {
            vm: VmSpec {
                name: name.to_owned(),
                vcpus: self.guest.vcpus,
                memory: self.guest.memory,
                nics: nics
                    .iter()
                    .map(|nic| (nic.mac.clone(), nic.kind.clone()))
                    .collect(),
            },
            nics,
            boot_limit: self.guest.boot_limit.duration(),
        }
    }

    /// Makes the VFs, with MAC addresses and without a driver; their PCI addresses.
    fn make_vfs(&mut self, arms: &BTreeSet<Arm>) -> Result<BTreeMap<Arm, String>, HostError> {
        let takers: Vec<(usize, Arm)> = arms
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, arm)| arm.backend == Backend::Sriov)
            .collect();
        let mut vfs = BTreeMap::new();
        if takers.is_empty() {
            return Ok(vfs);
        }
        let pf = self.ports.pf.clone();
        let device = pf.device_path();
        // Otherwise each VF would first be the host's own interface. Old kernels lack the file.
        let autoprobe = device.join("sriov_drivers_autoprobe");
        if autoprobe.exists() {
            self.changes.make(Change::write(autoprobe, "0")?)?;
        }
        let numvfs = device.join("sriov_numvfs");
        self.changes
            .make(Change::write(numvfs, takers.len().to_string())?)?;
        for (number, (index, arm)) in takers.into_iter().enumerate() {
            self.set_vf_mac(&pf.name, &number.to_string(), &mac(index))?;
            let link = device.join(format!("virtfn{number}"));
            let target = fs::read_link(&link).map_err(io_error("read", &link))?;
            let pci = target
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            preflight_bars(&pci)?;
            vfs.insert(arm, pci);
        }
        Ok(vfs)
    }

    /// Some PFs (i40e, ice) answer EAGAIN while they still reset a VF that was just made.
    fn set_vf_mac(&mut self, pf: &str, number: &str, mac: &str) -> Result<(), HostError> {
        let words = ["link", "set", "dev", pf, "vf", number, "mac", mac];
        let until = Instant::now() + BIND_LIMIT;
        loop {
            match self.ip(&words, &[]) {
                Err(HostError::Change { .. }) if Instant::now() < until => {
                    std::thread::sleep(Duration::from_millis(200));
                }
                other => return other,
            }
        }
    }

    fn bind(&mut self, pci: &str, driver: &str) -> Result<(), HostError> {
        let device = Path::new("/sys/bus/pci/devices").join(pci);
        let unbind = device.join("driver/unbind");
        self.changes.make(Change::Write {
            path: device.join("driver_override"),
            old: String::new(),
            new: driver.to_owned(),
        })?;
        let probe = PathBuf::from("/sys/bus/pci/drivers_probe");
        self.changes.make(Change::Poke {
            path: probe,
            value: pci.to_owned(),
            undo: Some((unbind, pci.to_owned())),
        })?;
        let bound = await_value(BIND_LIMIT, || {
            let link = fs::read_link(device.join("driver")).ok()?;
            link.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        });
        match bound.as_deref() {
            Some(name) if name == driver => Ok(()),
            other => Err(HostError::Change {
                doing: format!("binding the VF {pci} to {driver}"),
                message: format!(
                    "it has {}; the kernel's log says why: dmesg | grep {pci}",
                    other.unwrap_or("no driver")
                ),
            }),
        }
    }

    fn container(&mut self, name: &str) -> Result<String, HostError> {
        let namespace = format!("vnb-{name}");
        self.ip(
            &["netns", "add", &namespace],
            &["netns", "delete", &namespace],
        )?;
        Ok(namespace)
    }

    /// The VF's host driver makes an interface, which moves to the container.
    fn vf_container(
        &mut self,
        name: &str,
        pci: &str,
        nic: &vnicbench_agent::Nic,
    ) -> Result<Node, HostError> {
        let namespace = self.container(name)?;
        let driver = self.vf_driver().unwrap_or_default();
        self.bind(pci, driver)?;
        let interfaces = Path::new("/sys/bus/pci/devices").join(pci).join("net");
        let interface = await_value(BIND_LIMIT, || {
            let entry = fs::read_dir(&interfaces).ok()?.next()?.ok()?;
            // Where there is udev, it gives the interface its last name before it notes it here.
            let index = attribute(&entry.path().join("ifindex"))?;
            let noted = Path::new("/run/udev/data").join(format!("n{index}"));
            (!Path::new("/run/udev/control").exists() || noted.exists())
                .then(|| entry.file_name().to_string_lossy().into_owned())
        });
        let interface = interface.ok_or_else(|| HostError::Change {
            doing: format!("looking for the interface of the VF {pci}"),
            message: format!("{driver} made none; the kernel's log says why: dmesg | grep {pci}"),
        })?;
        let back = [
            "-n", &namespace, "link", "set", "dev", &interface, "netns", "1",
        ];
        self.ip(
            &["link", "set", "dev", &interface, "netns", &namespace],
            &back,
        )?;
        self.contained(name, &namespace, nic)
    }

    /// Starts a container's agent and has it bring the container's NIC up.
    fn contained(
        &self,
        name: &str,
        namespace: &str,
        nic: &vnicbench_agent::Nic,
    ) -> Result<Node, HostError> {
        let node = Node::start(self.kit, name, Some(namespace))?;
        let report = node.session().configure_nic(nic)?;
        if !report.carrier {
            return Err(no_link(&report));
        }
        Ok(node)
    }

    fn veth_container(
        &mut self,
        name: &str,
        index: usize,
        nic: &vnicbench_agent::Nic,
    ) -> Result<Node, HostError> {
        let namespace = self.container(name)?;
        let (outer, inner) = (format!("vnb-veth{index}"), format!("vnb-eth{index}"));
        let make = [
            "link", "add", "name", &outer, "type", "veth", "peer", "name", &inner, "address",
            &nic.mac, "netns", &namespace,
        ];
        self.ip(&make, &["link", "delete", "dev", &outer])?;
        self.ip(&["link", "set", "dev", &outer, "master", BRIDGE, "up"], &[])?;
        self.contained(name, &namespace, nic)
    }

    fn await_links(&self) -> Result<(), HostError> {
        let mut ports = vec![&self.ports.pf];
        ports.extend(self.ports.uplink.as_ref().map(|(uplink, _)| uplink));
        for port in ports {
            let carrier = Path::new("/sys/class/net").join(&port.name).join("carrier");
            let up = await_value(LINK_LIMIT, || {
                attribute(&carrier).filter(|text| text == "1")
            });
            if up.is_none() {
                return Err(HostError::Unfit {
                    problems: vec![format!(
                        "{} has no link {} s after it was set up; is it wired to its generator's port?",
                        port.name,
                        LINK_LIMIT.as_secs()
                    )],
                });
            }
        }
        Ok(())
    }
}

/// QEMU 10.0's emulated igb cuts a VF's BAR above 4 GiB to 32 bits; the guest then sees a PF
/// "still in reset state" and no link. Real NICs are not affected, so only that one is refused.
fn preflight_bars(pci: &str) -> Result<(), HostError> {
    let device = Path::new("/sys/bus/pci/devices").join(pci);
    let emulated = attribute(&device.join("subsystem_vendor")).as_deref() == Some("0x1af4")
        || fs::read_to_string("/sys/class/dmi/id/sys_vendor")
            .is_ok_and(|vendor| vendor.trim() == "QEMU");
    let resources = fs::read_to_string(device.join("resource")).unwrap_or_default();
    let high = resources.lines().filter_map(|line| {
        let start = line.split_whitespace().next()?.trim_start_matches("0x");
        u64::from_str_radix(start, 16).ok()
    });
    if emulated && high.into_iter().any(|start| start >= 1 << 32) {
        return Err(HostError::Unfit {
            problems: vec![format!(
                "the emulated VF {pci} has a BAR above 4 GiB, which QEMU cuts to 32 bits; give the test host less than 2816 MiB of memory"
            )],
        });
    }
    Ok(())
}

fn await_value<T>(limit: Duration, mut get: impl FnMut() -> Option<T>) -> Option<T> {
    let until = Instant::now() + limit;
    loop {
        if let Some(value) = get() {
            return Some(value);
        }
        if Instant::now() > until {
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
