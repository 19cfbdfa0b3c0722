//! Making the host's side, change by change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use vnicbench_agent::NicReport;
use vnicbench_model::{Backend, Kit, Member, Roster};

use super::slot::{Slot, Slots, Subnet};
use super::{
    BIND_LIMIT, BRIDGE, GuestModules, LINK_LIMIT, await_value, generator_place, preflight_bars,
};
use crate::backend::{Wire, driver, vf_driver};
use crate::error::{HostError, io_error};
use crate::guest::no_link;
use crate::journal::{Changes, EthtoolSetting, Item};
use crate::nic::{Ports, attribute};
use crate::node::Node;
use crate::pf::PfDriver;
use crate::place::Place;
use crate::stop::Stop;

/// A VF that nobody has yet.
#[derive(Debug, Clone)]
pub(crate) struct Vf {
    /// Its number at the PF.
    pub(crate) number: u32,
    /// Its PCI address.
    pub(crate) pci: String,
}

/// What back-ends make their plugs with. Each method is one or a few journalled changes.
pub(crate) struct Builder<'a> {
    pub(crate) ports: &'a Ports,
    changes: &'a mut Changes,
    stop: &'a Stop,
    /// Made, and not yet handed out; the next one last.
    vfs: Vec<Vf>,
    /// Bridges by VLAN.
    bridges: BTreeMap<Option<u16>, String>,
    /// VLANs and bridges, with their places, in the order of their making.
    pub(super) made: Vec<(Place, String)>,
}

impl<'a> Builder<'a> {
    pub(crate) fn new(ports: &'a Ports, changes: &'a mut Changes, stop: &'a Stop) -> Self {
        Self {
            ports,
            changes,
            stop,
            vfs: Vec::new(),
            bridges: BTreeMap::new(),
            made: Vec::new(),
        }
    }

    /// Brings something to a state, unless someone wants to stop.
    pub(crate) fn set(&mut self, item: Item, state: &str) -> Result<(), HostError> {
        self.stop.check()?;
        self.changes.set(item, state)
    }

    /// Makes what must not be there yet: what is there is somebody else's, and so is its removal.
    fn make(&mut self, item: Item, what: &str) -> Result<(), HostError> {
        if item.read()?.as_deref() == Some("present") {
            return Err(HostError::Unfit {
                problems: vec![format!(
                    "{what} is there already, and this tool did not make it; remove it, or if a run was killed: vnicbench restore"
                )],
            });
        }
        self.set(item, "present")
    }

    pub(crate) fn namespace(&mut self, name: &str) -> Result<(), HostError> {
        let item = Item::Namespace { name: name.into() };
        self.make(item, &format!("the namespace {name}"))
    }

    /// Makes an interface by the words after `ip`.
    pub(crate) fn link(
        &mut self,
        place: &Place,
        name: &str,
        words: &[&str],
    ) -> Result<(), HostError> {
        let item = Item::Link {
            place: place.clone(),
            name: name.into(),
            make: words.iter().map(|word| (*word).to_owned()).collect(),
        };
        self.make(item, &format!("the interface {name}{place}"))
    }

    pub(crate) fn up(&mut self, place: &Place, name: &str) -> Result<(), HostError> {
        let item = Item::LinkUp {
            place: place.clone(),
            name: name.into(),
        };
        self.set(item, "up")
    }

    pub(crate) fn address(
        &mut self,
        place: &Place,
        dev: &str,
        address: &str,
    ) -> Result<(), HostError> {
        let item = Item::Address {
            place: place.clone(),
            dev: dev.into(),
            address: address.into(),
        };
        self.set(item, "present")
    }

    /// Turns an offload of an interface off, by ethtool's name for it.
    pub(crate) fn without(&mut self, dev: &str, offload: &str) -> Result<(), HostError> {
        let item = Item::Ethtool {
            place: Place::Here,
            dev: dev.into(),
            setting: EthtoolSetting::Feature {
                name: offload.into(),
            },
        };
        self.set(item, "off")
    }

    /// Makes an interface a port of a bridge.
    pub(crate) fn join(&mut self, name: &str, bridge: &str) -> Result<(), HostError> {
        self.set(Item::Master { name: name.into() }, bridge)
    }

    pub(crate) fn ifindex(&self, name: &str) -> Result<u32, HostError> {
        let path = Path::new("/sys/class/net").join(name).join("ifindex");
        let index = attribute(&path).and_then(|text| text.parse().ok());
        index.ok_or_else(|| HostError::Change {
            doing: format!("reading {}", path.display()),
            message: "it is no number".into(),
        })
    }

    /// A tap on the bridge of the slot's VLAN.
    pub(crate) fn tap(&mut self, slot: &Slot) -> Result<String, HostError> {
        let bridge = self.bridge(slot.vlan)?;
        let name = slot.interface("tap");
        let mut words = vec!["tuntap", "add", "dev", &name, "mode", "tap"];
        if slot.queues > 1 {
            words.push("multi_queue");
        }
        self.link(&Place::Here, &name, &words)?;
        self.join(&name, &bridge)?;
        self.up(&Place::Here, &name)?;
        Ok(name)
    }

    /// The bridge of a VLAN, made when it is first asked for.
    pub(crate) fn bridge(&mut self, vlan: Option<u16>) -> Result<String, HostError> {
        if let Some(name) = self.bridges.get(&vlan) {
            return Ok(name.clone());
        }
        let (port, _) = self.ports.bridged();
        let port = port.name.clone();
        let (name, below) = match vlan {
            None => (BRIDGE.to_owned(), port.clone()),
            Some(id) => (format!("{BRIDGE}{id}"), self.vlan(&Place::Here, &port, id)?),
        };
        // Otherwise the bridge would take part in the network of whoever else is on the wire.
        let words = [
            "link",
            "add",
            "name",
            &name,
            "type",
            "bridge",
            "stp_state",
            "0",
            "forward_delay",
            "0",
        ];
        self.link(&Place::Here, &name, &words)?;
        self.join(&below, &name)?;
        self.up(&Place::Here, &port)?;
        if below != port {
            self.up(&Place::Here, &below)?;
        }
        self.up(&Place::Here, &name)?;
        self.bridges.insert(vlan, name.clone());
        self.made.push((Place::Here, name.clone()));
        Ok(name)
    }

    /// The interface of a VLAN on a port, made when it is first asked for.
    fn vlan(&mut self, place: &Place, port: &str, id: u16) -> Result<String, HostError> {
        // An interface's name has 15 bytes; a port's ends say most of it.
        let end = port
            .char_indices()
            .rev()
            .nth(5)
            .map_or(port, |(at, _)| &port[at..]);
        let (name, id) = (format!("vnb-{id}-{end}"), id.to_string());
        let made = (place.clone(), name.clone());
        if !self.made.contains(&made) {
            let words = [
                "link", "add", "link", port, "name", &name, "type", "vlan", "id", &id,
            ];
            self.link(place, &name, &words)?;
            self.made.push(made);
        }
        Ok(name)
    }

    /// What a macvtap of a VLAN goes on: the PF, its VLAN, or the bridge that it is a port of.
    pub(crate) fn pf_segment(&mut self, vlan: Option<u16>) -> Result<String, HostError> {
        if self.ports.uplink.is_none() && !self.bridges.is_empty() {
            return self.bridge(vlan);
        }
        let pf = self.ports.pf.name.clone();
        match vlan {
            None => Ok(pf),
            Some(id) => {
                let name = self.vlan(&Place::Here, &pf, id)?;
                self.up(&Place::Here, &name)?;
                Ok(name)
            }
        }
    }

    pub(crate) fn pf_is_bridged(&self) -> bool {
        self.ports.uplink.is_none() && self.bridges.contains_key(&None)
    }

    /// What answers for the PF: itself, or the bridge that it is a port of.
    pub(crate) fn pf_or_its_bridge(&self) -> String {
        if self.pf_is_bridged() {
            BRIDGE.to_owned()
        } else {
            self.ports.pf.name.clone()
        }
    }

    pub(crate) fn load_modules(&mut self, slots: &Slots) -> Result<(), HostError> {
        let mut wanted = BTreeSet::new();
        for slot in slots.all() {
            let instance = match slot.container {
                Some(_) => vnicbench_model::Instance::Container,
                None => vnicbench_model::Instance::Vm,
            };
            wanted.extend(driver(slot.need.backend).modules(instance, self.ports));
            wanted.extend(slot.vlan.map(|_| "8021q"));
        }
        for module in wanted {
            self.set(
                Item::Module {
                    name: module.into(),
                },
                "loaded",
            )?;
        }
        Ok(())
    }

    /// The files of the drivers that guests need besides what is in their kernel, for each
    /// kernel of the roster.
    pub(crate) fn guest_modules(
        &self,
        slots: &Slots,
        roster: &Roster,
        kit: &Kit,
    ) -> Result<GuestModules, HostError> {
        let guests = roster.cells.iter().flat_map(|(_, members)| members);
        let kernels: BTreeSet<_> = guests
            .filter(|member| member.is_guest())
            .map(|member| member.kernel.clone())
            .collect();
        let mut modules = GuestModules::new();
        for kernel in kernels {
            let guest = kit.guest(kernel.as_deref())?;
            modules.insert(kernel, guest.modules.clone());
        }
        let vf_in_vm =
            |slot: &Slot| slot.need.backend == Backend::Sriov && slot.container.is_none();
        if !slots.all().any(vf_in_vm) {
            return Ok(modules);
        }
        let pf = &self.ports.pf;
        let problem = match vf_driver(self.ports) {
            None => format!(
                "{} has the driver {}, whose VF driver isn't known; known are: {}",
                pf.name,
                pf.driver,
                PfDriver::known()
            ),
            Some(driver) if !modules.values().all(|files| files.contains_key(driver)) => {
                format!(
                    "the guest image has no module {driver} for VFs of {}",
                    pf.name
                )
            }
            Some(_) => return Ok(modules),
        };
        Err(HostError::Unfit {
            problems: vec![problem],
        })
    }

    /// Moves the ports of the generator to its namespace, unless they are on a host of their
    /// own; the wire's other end gives them their link.
    pub(crate) fn generator(&mut self, slots: &Slots) -> Result<(), HostError> {
        let place = generator_place(self.ports);
        if let Place::Namespace(name) = &place {
            self.namespace(name)?;
        }
        // The first two even if nobody needs them: who looks at a wire can ping the other end.
        let mut subnets: BTreeSet<Subnet> = slots.all().map(|slot| Subnet::of(slot.need)).collect();
        subnets.extend([Wire::Pf, Wire::Bridge].map(|wire| Subnet {
            wire,
            nic: 0,
            vlan: false,
        }));
        let (_, bridge_generator) = self.ports.bridged();
        let ports = [
            (Wire::Pf, &self.ports.generator),
            (Wire::Bridge, bridge_generator),
        ];
        let ports: Vec<(Wire, String)> = ports.map(|(wire, port)| (wire, port.name.clone())).into();
        let names: BTreeSet<String> = ports.iter().map(|(_, name)| name.clone()).collect();
        for name in names {
            if let Place::Namespace(namespace) = &place {
                let down = Item::LinkUp {
                    place: Place::Here,
                    name: name.clone(),
                };
                self.set(down, "down")?;
                self.move_to(&name, namespace)?;
            }
            for (wire, _) in ports.iter().filter(|(_, port)| *port == name) {
                for subnet in subnets.iter().filter(|subnet| subnet.wire == *wire) {
                    let dev = match subnet.vlan_id() {
                        None => name.clone(),
                        Some(id) => self.vlan(&place, &name, id)?,
                    };
                    self.address(&place, &dev, &format!("{}/24", subnet.address(1)))?;
                }
            }
            self.up(&place, &name)?;
            for id in subnets.iter().filter_map(|subnet| subnet.vlan_id()) {
                let vlan = self.vlan(&place, &name, id)?;
                self.up(&place, &vlan)?;
            }
        }
        Ok(())
    }

    /// Makes the VFs without a driver.
    pub(crate) fn make_vfs(&mut self, count: u32) -> Result<(), HostError> {
        if count == 0 {
            return Ok(());
        }
        let device = self.ports.pf.device_path();
        // Otherwise each VF would first be the host's own interface. Old kernels lack the file.
        let autoprobe = device.join("sriov_drivers_autoprobe");
        if autoprobe.exists() {
            self.set(Item::File { path: autoprobe }, "0")?;
        }
        let path = device.join("sriov_numvfs");
        self.set(Item::File { path }, &count.to_string())?;
        for number in (0..count).rev() {
            let link = device.join(format!("virtfn{number}"));
            let target = fs::read_link(&link).map_err(io_error("read", &link))?;
            let pci = target
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            preflight_bars(&pci)?;
            self.vfs.push(Vf { number, pci });
        }
        Ok(())
    }

    pub(crate) fn next_vf(&mut self) -> Result<Vf, HostError> {
        self.vfs.pop().ok_or_else(|| HostError::Change {
            doing: "handing out a VF".into(),
            message: "none is left".into(),
        })
    }

    /// Binds a PCI device to a driver that wouldn't take it by itself.
    pub(crate) fn bind(&mut self, pci: &str, driver: &str) -> Result<(), HostError> {
        let path = Path::new("/sys/bus/pci/devices")
            .join(pci)
            .join("driver_override");
        self.set(Item::File { path }, driver)?;
        self.set(Item::Driver { pci: pci.into() }, driver)
    }

    /// Moves the interface that a VF's host driver made to a namespace.
    pub(crate) fn move_vf(
        &mut self,
        pci: &str,
        driver: &str,
        namespace: &str,
    ) -> Result<(), HostError> {
        let interfaces = Path::new("/sys/bus/pci/devices").join(pci).join("net");
        let interface = await_value(BIND_LIMIT, || {
            let entry = fs::read_dir(&interfaces).ok()?.next()?.ok()?;
            // Where there is udev, it gives the interface its last name before it notes it here.
            let index = attribute(&entry.path().join("ifindex"))?;
            let noted = Path::new("/run/udev/data").join(format!("n{index}"));
            (!Path::new("/run/udev/control").exists() || noted.exists())
                .then(|| entry.file_name().to_string_lossy().into_owned())
        });
        let name = interface.ok_or_else(|| HostError::Change {
            doing: format!("looking for the interface of the VF {pci}"),
            message: format!("{driver} made none; the kernel's log says why: dmesg | grep {pci}"),
        })?;
        self.move_to(&name, namespace)
    }

    /// Moves an interface to a namespace.
    fn move_to(&mut self, name: &str, namespace: &str) -> Result<(), HostError> {
        let path = Path::new("/sys/class/net").join(name).join("address");
        let item = Item::LinkNamespace {
            name: name.into(),
            mac: attribute(&path).unwrap_or_default(),
        };
        self.set(item, namespace)
    }

    pub(crate) fn await_links(&self) -> Result<(), HostError> {
        let (bridged, _) = self.ports.bridged();
        for port in BTreeSet::from([&self.ports.pf.name, &bridged.name]) {
            let carrier = PathBuf::from("/sys/class/net").join(port).join("carrier");
            // The other port is set up only for a bridge.
            if *port != self.ports.pf.name && self.bridges.is_empty() {
                continue;
            }
            let up = await_value(LINK_LIMIT, || {
                attribute(&carrier).filter(|text| text == "1")
            });
            if up.is_none() {
                return Err(HostError::Unfit {
                    problems: vec![format!(
                        "{port} has no link {} s after it was set up; is it wired to its generator's port?",
                        LINK_LIMIT.as_secs()
                    )],
                });
            }
        }
        Ok(())
    }
}

/// Starts a container's agent and has it bring the container's NICs up.
pub(super) fn contained(
    kit: &Kit,
    member: &Member,
    slots: &[&Slot],
    cgroup: Option<&Path>,
) -> Result<Node, HostError> {
    let namespace = format!("vnb-{}", member.name);
    let node = Node::start(kit, &member.name, &Place::Namespace(namespace), cgroup)?;
    for slot in slots {
        let report: NicReport = node.session().configure_nic(&vnicbench_agent::Nic {
            mac: slot.mac.clone(),
            addresses: vec![slot.address.clone()],
            arp_strict: slots.len() > 1,
            limit_ms: LINK_LIMIT.as_millis() as u64,
            ..Default::default()
        })?;
        if !report.carrier {
            return Err(no_link(&report));
        }
    }
    Ok(node)
}
