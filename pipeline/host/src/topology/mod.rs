//! Everything between the generator and the instances: VFs, bridges, taps, namespaces.
//!
//! The generator's ports are in a namespace of their own, so that packets for an address
//! of the same machine take the wire; on a host of their own they stay where they are.

mod builder;
mod lever;
mod machine;
mod slot;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use vnicbench_agent::Session;
use vnicbench_model::matrix::GuestSpec;
use vnicbench_model::{Instance, Kit, Matrix, Member, NicNeed, Role, Roster};

use crate::backend::{NicOfGuest, driver};
use crate::error::HostError;
use crate::guest::{GuestNic, GuestSetup};
use crate::journal::Changes;
use crate::nic::{Ports, attribute};
use crate::node::Node;
use crate::pin;
use crate::place::Place;
use crate::qemu::VmSpec;
use crate::stop::Stop;

pub(crate) use builder::Builder;
pub use lever::Mark;
pub(crate) use slot::Slot;
use slot::{Plugs, Slots};

const GENERATOR: &str = "vnb-gen";
const BRIDGE: &str = "vnb-br";
const LINK_LIMIT: Duration = Duration::from_secs(30);
const BIND_LIMIT: Duration = Duration::from_secs(10);

/// A NIC that is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// What logs call the instance; for a VM the guest's name.
    pub node: String,
    /// Which of the instance's NICs, from 0.
    pub nic: u32,
    /// Its address.
    pub address: String,
    /// The generator's address in the same subnet.
    pub generator: String,
    /// What sets it apart from what its arm is called, for each of its trials.
    pub note: Option<String>,
}

/// The host side of a campaign, built; dropping it undoes everything.
pub struct Topology {
    /// The host itself.
    pub host: Node,
    /// The generator, in its namespace or on its host.
    pub generator: Node,
    /// Containers by name.
    pub containers: BTreeMap<String, Node>,
    ports: Ports,
    slots: Slots,
    plugs: Plugs,
    guest_modules: GuestModules,
    shape: GuestSpec,
    pf_is_bridged: bool,
    /// VLANs and bridges, with their places, each after what it is on.
    made: Vec<(Place, String)>,
    // Declared last: agents end before the namespaces that they are in.
    changes: Changes,
}

/// The files of VF drivers to load in guests, in order, by kernel and driver.
type GuestModules = BTreeMap<Option<String>, BTreeMap<String, Vec<String>>>;

/// What a topology is built from.
#[derive(Debug, Clone, Copy)]
pub struct Blueprint<'a> {
    /// The agent and the guests' VF drivers.
    pub kit: &'a Kit,
    /// The ports.
    pub ports: &'a Ports,
    /// What is to be measured.
    pub matrix: &'a Matrix,
    /// Who takes part.
    pub roster: &'a Roster,
}

fn slots(matrix: &Matrix, roster: &Roster) -> Result<Slots, HostError> {
    let fleets = roster.fleets(matrix);
    Slots::new(
        fleets.iter().map(Vec::as_slice),
        roster.standing().into_values(),
    )
}

impl Topology {
    /// How many VFs a matrix needs at the same time.
    ///
    /// # Errors
    ///
    /// [`HostError::Unfit`] for more instances than there are addresses.
    pub fn vfs_needed(matrix: &Matrix, roster: &Roster) -> Result<u32, HostError> {
        Ok(slots(matrix, roster)?.vfs())
    }

    /// Builds everything that the roster needs. On an error what was built is undone.
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
        match Parts::build(plan, host.cgroup(), &mut changes, stop) {
            Ok(Parts {
                generator,
                containers,
                slots,
                plugs,
                guest_modules,
                pf_is_bridged,
                made,
            }) => Ok(Self {
                host,
                generator,
                containers,
                ports: plan.ports.clone(),
                slots,
                plugs,
                guest_modules,
                shape: plan.matrix.guest.clone(),
                pf_is_bridged,
                made,
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

    /// The guests among `fleet`, whose members are all there at the same time. The sockets of
    /// programs that serve their NICs go to the directory `sockets`.
    ///
    /// # Errors
    ///
    /// [`HostError::Change`] for a fleet that wasn't planned for.
    pub fn guests(&self, fleet: &[Member], sockets: &Path) -> Result<Vec<GuestSetup>, HostError> {
        let guests = || {
            fleet
                .iter()
                .filter(|member| member.instance == Instance::Vm)
        };
        let assigned = self.slots.assign(guests())?;
        let slots = |member: &Member| {
            assigned
                .get(member.name.as_str())
                .map_or(&[][..], Vec::as_slice)
        };
        // One virtual CPU after the other, each on the next host CPU.
        let mut cpus = pin::host_cpus().into_iter().cycle();
        let guests = guests().map(|member| {
            let own: Vec<usize> = cpus.by_ref().take(self.shape.vcpus as usize).collect();
            self.guest(member, slots(member), own, sockets)
        });
        Ok(guests.collect())
    }

    fn guest(
        &self,
        member: &Member,
        slots: &[&Slot],
        cpus: Vec<usize>,
        sockets: &Path,
    ) -> GuestSetup {
        let mut descriptor = FIRST_DESCRIPTOR;
        let several = slots.len() > 1;
        let mut vm = VmSpec {
            name: member.name.clone(),
            vcpus: self.shape.vcpus,
            memory: self.shape.memory,
            hugepages: member.tuning.hugepages,
            nics: Vec::new(),
            kernel: member.kernel.clone(),
            qemu: member.qemu.clone(),
        };
        let mut nics = Vec::new();
        for (index, slot) in slots.iter().enumerate() {
            let back_end = driver(slot.need.backend);
            if let Some(plug) = self.plugs.get(&slot.number) {
                let nic = NicOfGuest {
                    index,
                    descriptor,
                    mac: &slot.mac,
                    tuning: &member.tuning,
                    socket: &sockets.join(format!("nic{}", slot.number)),
                };
                let words = back_end.qemu(plug, &nic);
                descriptor += words.open.len();
                vm.nics.push(words);
            }
            let modules = back_end.guest_driver(&self.ports);
            let modules =
                modules.and_then(|name| self.guest_modules.get(&member.kernel)?.get(name));
            nics.push(GuestNic {
                request: vnicbench_agent::Nic {
                    mac: slot.mac.clone(),
                    addresses: vec![slot.address.clone()],
                    mtu: member.tuning.mtu,
                    arp_strict: several,
                    limit_ms: LINK_LIMIT.as_millis() as u64,
                    ..Default::default()
                },
                modules: modules.cloned().unwrap_or_default(),
            });
        }
        GuestSetup {
            vm,
            nics,
            boot_limit: self.shape.boot_limit.duration(),
            pin: member.tuning.vcpu_pinning.then_some(cpus),
        }
    }

    /// The measured NICs of a cell's `members` while the guests of `fleet` are up, and the
    /// address of every other member's first NIC by name.
    ///
    /// # Errors
    ///
    /// [`HostError::Change`] for a fleet that wasn't planned for.
    pub fn endpoints(
        &self,
        members: &[Member],
        fleet: &[Member],
    ) -> Result<(Vec<Endpoint>, BTreeMap<String, String>), HostError> {
        let guests = fleet
            .iter()
            .filter(|member| member.instance == Instance::Vm);
        let assigned = self.slots.assign(guests)?;
        let mut measured = Vec::new();
        let mut others = BTreeMap::new();
        for member in members {
            let standing;
            let slots = match assigned.get(member.name.as_str()) {
                Some(slots) => slots,
                None => {
                    standing = self.slots.assign(std::iter::once(member))?;
                    standing
                        .get(member.name.as_str())
                        .map_or(&NONE, |slots| slots)
                }
            };
            for slot in slots {
                let endpoint = Endpoint {
                    node: member.name.clone(),
                    nic: slot.need.index,
                    address: slot.host().to_owned(),
                    generator: slot.generator(),
                    note: self.note(slot.need),
                };
                match member.role {
                    Role::Measured => measured.push(endpoint),
                    _ => {
                        others
                            .entry(member.name.clone())
                            .or_insert(endpoint.address);
                    }
                }
            }
        }
        Ok((measured, others))
    }

    fn note(&self, need: NicNeed) -> Option<String> {
        use vnicbench_model::Backend::{Macvtap, Native};
        let passes = match need.backend {
            Native => "so the calibration passes that bridge",
            Macvtap => "so the macvtap is on that bridge and not on the port",
            _ => return None,
        };
        self.pf_is_bridged
            .then(|| format!("the PF is a port of {BRIDGE}, {passes}; --uplink avoids it"))
    }

    /// The session of a member that isn't a guest.
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

    /// The interfaces that packets pass on this host: for their counters.
    pub fn interfaces(&self) -> Vec<String> {
        let mut names = vec![self.ports.pf.name.clone()];
        names.extend(
            self.ports
                .uplink
                .iter()
                .map(|(uplink, _)| uplink.name.clone()),
        );
        names
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

/// Where the generator's ports are while a campaign runs.
fn generator_place(ports: &Ports) -> Place {
    match &ports.generator_host {
        Some(host) => host.clone().into(),
        None => Place::Namespace(GENERATOR.to_owned()),
    }
}

static NONE: Vec<&Slot> = Vec::new();

/// 0, 1 and 2 are QEMU's own outputs.
const FIRST_DESCRIPTOR: usize = 3;

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
    slots: Slots,
    plugs: Plugs,
    guest_modules: GuestModules,
    pf_is_bridged: bool,
    made: Vec<(Place, String)>,
}

impl Parts {
    fn build(
        plan: &Blueprint<'_>,
        cgroup: Option<&Path>,
        changes: &mut Changes,
        stop: &Stop,
    ) -> Result<Self, HostError> {
        let Blueprint {
            kit,
            ports,
            matrix,
            roster,
        } = *plan;
        let slots = slots(matrix, roster)?;
        let mut builder = Builder::new(ports, changes, stop);
        for (item, state) in machine::settings(&matrix.host, Path::new("/sys/devices/system/cpu"))?
        {
            builder.set(item, &state)?;
        }
        builder.load_modules(&slots)?;
        let guest_modules = builder.guest_modules(&slots, roster, kit)?;
        builder.generator(&slots)?;
        let generator = Node::start(kit, "generator", &generator_place(ports), cgroup)?;
        // Before its VFs: one gets its MAC address only from a PF that is up.
        builder.up(&Place::Here, &ports.pf.name)?;
        builder.make_vfs(slots.vfs())?;
        let standing = roster.standing();
        for member in standing.values() {
            if member.instance == Instance::Container {
                builder.namespace(&format!("vnb-{}", member.name))?;
            }
        }
        // The bridge first, so that the PF's own address knows whether it is on it.
        let mut plugs = Plugs::new();
        for native in [false, true] {
            for slot in slots.all() {
                if (slot.need.backend == vnicbench_model::Backend::Native) == native {
                    plugs.insert(
                        slot.number,
                        driver(slot.need.backend).plug(&mut builder, slot)?,
                    );
                }
            }
        }
        let mut containers = BTreeMap::new();
        for member in standing.into_values() {
            if member.instance == Instance::Container {
                let assigned = slots.assign(std::iter::once(member))?;
                let slots = assigned
                    .get(member.name.as_str())
                    .map_or(&NONE, |slots| slots);
                let node = builder::contained(kit, member, slots, cgroup)?;
                containers.insert(member.name.clone(), node);
            }
        }
        builder.await_links()?;
        let (pf_is_bridged, made) = (builder.pf_is_bridged(), builder.made);
        Ok(Self {
            generator,
            containers,
            slots,
            plugs,
            guest_modules,
            pf_is_bridged,
            made,
        })
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
