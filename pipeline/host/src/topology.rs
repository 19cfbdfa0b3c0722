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
use crate::guest::{GuestNic, GuestSetup};
use crate::nic::{Nic, Ports, attribute};
use crate::node::Node;
use crate::qemu::{GuestNicKind, VmSpec};

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
    /// [`HostError`] saying what was being done.
    pub fn build(
        kit: &Kit,
        ports: &Ports,
        arms: &BTreeSet<Arm>,
        neighbour: bool,
        guest: &GuestSpec,
        host: Node,
        mut changes: Changes,
    ) -> Result<Self, HostError> {
        let mut builder = Builder {
            kit,
            ports,
            guest,
            changes: &mut changes,
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
            endpoints.insert(
                arm,
                Endpoint {
                    node: name,
                    address,
                },
            );
        }
        if neighbour {
            guests.push(builder.guest("neighbour", Vec::new()));
        }
        builder.await_links()?;
        Ok(Self {
            host,
            generator,
            containers,
            guests,
            endpoints,
            changes,
        })
    }

    /// The session of an endpoint that isn't a guest.
    pub fn session(&self, node: &str) -> Option<Session> {
        if node == self.host.name {
            return Some(self.host.session());
        }
        self.containers.get(node).map(Node::session)
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
}

impl Builder<'_> {
    fn ip(&mut self, make: &[&str], undo: &[&str]) -> Result<(), HostError> {
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
        let bridged =
            self.ports.uplink.is_none() && Path::new("/sys/class/net").join(BRIDGE).exists();
        if arms.iter().any(|arm| arm.backend == Backend::Native) {
            let port = if bridged {
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
        // Otherwise each VF would first be the host's own interface.
        self.changes
            .make(Change::write(device.join("sriov_drivers_autoprobe"), "0")?)?;
        self.changes.make(Change::write(
            device.join("sriov_numvfs"),
            takers.len().to_string(),
        )?)?;
        for (number, (index, arm)) in takers.into_iter().enumerate() {
            self.ip(
                &[
                    "link",
                    "set",
                    "dev",
                    &pf.name,
                    "vf",
                    &number.to_string(),
                    "mac",
                    &mac(index),
                ],
                &[],
            )?;
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
            Some(entry.file_name().to_string_lossy().into_owned())
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
        let node = Node::start(self.kit, name, Some(&namespace))?;
        node.session().configure_nic(nic)?;
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
        let node = Node::start(self.kit, name, Some(&namespace))?;
        node.session().configure_nic(nic)?;
        Ok(node)
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
