//! Slots: what the NICs of instances are plugged into, and the addresses they have there.
//!
//! Addresses are of 198.18.0.0/15, set aside for benchmarks by RFC 2544. Each combination of
//! wire, NIC number and VLAN has a /24 of its own, so that packets of an instance's second
//! NIC leave by it; the generator is .1 in each.

use std::collections::BTreeMap;

use vnicbench_model::{Backend, Instance, Member, NicNeed};

use crate::backend::{Plug, Wire, driver};
use crate::error::HostError;

/// The first VLAN; the n-th NIC of an instance is on this one plus n.
const FIRST_VLAN: u16 = 100;
/// Instances that a /24 has addresses for, from .11 on.
const ADDRESSES: u32 = 240;

/// An IP subnet of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Subnet {
    pub(crate) wire: Wire,
    pub(crate) nic: u32,
    pub(crate) vlan: bool,
}

impl Subnet {
    pub(crate) fn of(need: NicNeed) -> Self {
        Self {
            wire: driver(need.backend).wire(),
            nic: need.index,
            vlan: need.vlan,
        }
    }

    pub(crate) fn vlan_id(self) -> Option<u16> {
        self.vlan.then(|| FIRST_VLAN + self.nic as u16)
    }

    /// The address of its `host`, without a prefix length.
    pub(crate) fn address(self, host: u32) -> String {
        let wire = match self.wire {
            Wire::Pf => 0,
            Wire::Bridge => 1,
        };
        format!(
            "198.18.{}.{host}",
            2 * self.nic + wire + if self.vlan { 64 } else { 0 }
        )
    }
}

/// What a NIC can be plugged into: two needs of one kind can have each other's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Kind {
    need: NicNeed,
    /// Queue pairs.
    queues: u32,
    /// The container that has it for good; guests take turns.
    container: Option<String>,
}

impl Kind {
    pub(crate) fn of(member: &Member, need: NicNeed) -> Self {
        Self {
            need,
            queues: member.tuning.queues.unwrap_or(1),
            container: (member.instance == Instance::Container)
                .then(|| format!("vnb-{}", member.name)),
        }
    }
}

/// A place for a NIC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) need: NicNeed,
    pub(crate) vlan: Option<u16>,
    pub(crate) queues: u32,
    /// The namespace that it is in, for a container.
    pub(crate) container: Option<String>,
    /// Among all slots, from 0.
    pub(crate) number: usize,
    pub(crate) mac: String,
    /// With prefix length.
    pub(crate) address: String,
}

impl Slot {
    /// A name for an interface of it.
    pub(crate) fn interface(&self, what: &str) -> String {
        format!("vnb-{what}{}", self.number)
    }

    /// The generator's address in its subnet.
    pub(crate) fn generator(&self) -> String {
        Subnet::of(self.need).address(1)
    }

    /// The address without its prefix length.
    pub(crate) fn host(&self) -> &str {
        self.address.split('/').next().unwrap_or_default()
    }
}

/// Every slot of a campaign, by kind.
#[derive(Debug, Default)]
pub(crate) struct Slots {
    by_kind: BTreeMap<Kind, Vec<Slot>>,
}

impl Slots {
    /// As many of each kind as the hungriest of the fleets needs, and those of the standing members.
    ///
    /// # Errors
    ///
    /// [`HostError::Unfit`] for more instances than there are addresses.
    pub(crate) fn new<'a>(
        fleets: impl Iterator<Item = &'a [Member]>,
        standing: impl Iterator<Item = &'a Member>,
    ) -> Result<Self, HostError> {
        let mut wanted: BTreeMap<Kind, usize> = BTreeMap::new();
        for fleet in fleets {
            let mut here: BTreeMap<Kind, usize> = BTreeMap::new();
            for kind in fleet.iter().flat_map(kinds) {
                *here.entry(kind).or_default() += 1;
            }
            for (kind, count) in here {
                let most = wanted.entry(kind).or_default();
                *most = count.max(*most);
            }
        }
        for kind in standing.flat_map(kinds) {
            *wanted.entry(kind).or_default() += 1;
        }
        let mut slots = Self::default();
        let mut number = 0;
        let mut taken: BTreeMap<Subnet, u32> = BTreeMap::new();
        for (kind, count) in wanted {
            let subnet = Subnet::of(kind.need);
            for _ in 0..count {
                let taken = taken.entry(subnet).or_default();
                let host = match kind.need.backend {
                    Backend::Native => 2,
                    _ => 11 + *taken,
                };
                *taken += 1;
                if *taken > ADDRESSES {
                    return Err(HostError::Unfit {
                        problems: vec![format!(
                            "more than {ADDRESSES} NICs would be in one subnet"
                        )],
                    });
                }
                slots.by_kind.entry(kind.clone()).or_default().push(Slot {
                    need: kind.need,
                    vlan: subnet.vlan_id(),
                    queues: kind.queues,
                    container: kind.container.clone(),
                    number,
                    mac: mac(number),
                    address: format!("{}/24", subnet.address(host)),
                });
                number += 1;
            }
        }
        Ok(slots)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Slot> {
        self.by_kind.values().flatten()
    }

    /// How many VFs there are to be.
    pub(crate) fn vfs(&self) -> u32 {
        let vf = |slot: &&Slot| slot.need.backend == Backend::Sriov;
        self.all().filter(vf).count() as u32
    }

    /// The slots of each member's NICs, for members that are there at the same time.
    ///
    /// # Errors
    ///
    /// [`HostError::Change`] if they aren't a fleet that the slots were made for.
    pub(crate) fn assign<'a>(
        &self,
        members: impl Iterator<Item = &'a Member>,
    ) -> Result<BTreeMap<&'a str, Vec<&Slot>>, HostError> {
        let mut taken: BTreeMap<Kind, usize> = BTreeMap::new();
        let mut assigned: BTreeMap<&str, Vec<&Slot>> = BTreeMap::new();
        for member in members {
            let of_member = assigned.entry(&member.name).or_default();
            for kind in kinds(member) {
                let next = taken.entry(kind.clone()).or_default();
                let slot = self.by_kind.get(&kind).and_then(|slots| slots.get(*next));
                let slot = slot.ok_or_else(|| HostError::Change {
                    doing: format!("plugging in the NICs of {}", member.name),
                    message: "nothing was made for it".into(),
                })?;
                *next += 1;
                of_member.push(slot);
            }
        }
        Ok(assigned)
    }
}

fn kinds(member: &Member) -> impl Iterator<Item = Kind> {
    member.nics.iter().map(|need| Kind::of(member, *need))
}

/// Locally administered, and the same in each campaign.
fn mac(number: usize) -> String {
    format!(
        "02:76:6e:62:{:02x}:{:02x}",
        number >> 8 & 0xff,
        number & 0xff
    )
}

/// The plugs of slots, by number.
pub(crate) type Plugs = BTreeMap<usize, Plug>;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use vnicbench_model::{Matrix, Roster};

    use super::*;

    fn roster(experiment: &str, boot: &str) -> (Matrix, Roster) {
        let text = format!(
            "format = 1\nname = \"t\"\nseed = 1\nblocks = 1\nboot = {boot:?}\n[guest]\nvcpus = 1\nmemory = \"256 MiB\"\n\
             boot_batch = 1\nboot_limit = \"9 s\"\n[[experiment]]\nname = \"e\"\nquestion = \"fairness\"\n\
             instance = [\"vm\", \"container\"]\n{experiment}\n[experiment.iperf]\nstreams = [1]\nduration = \"1 s\"\n"
        );
        let matrix = Matrix::parse(&text, Path::new("t.toml")).unwrap();
        let roster = Roster::new(&matrix);
        (matrix, roster)
    }

    fn slots(experiment: &str, boot: &str) -> (Matrix, Roster, Slots) {
        let (matrix, roster) = roster(experiment, boot);
        let fleets = roster.fleets(&matrix);
        let slots = Slots::new(
            fleets.iter().map(Vec::as_slice),
            roster.standing().into_values(),
        )
        .unwrap();
        (matrix, roster, slots)
    }

    #[test]
    fn fleets_take_turns_with_slots() {
        let levels = "backend = [\"sriov\", \"virtio\"]\nvms = [1, 3]";
        // Four containers' VFs stand; the guests' three serve all sizes.
        let (_, roster, slots_each) = slots(levels, "per-trial");
        assert_eq!(roster.standing().len(), 3);
        assert_eq!(slots_each.vfs(), 3 + 3);
        assert_eq!(slots_each.all().count(), 3 + 3 + 3);
        let (_, _, kept) = slots(levels, "per-block");
        assert_eq!(
            kept.all().count(),
            9,
            "guests of one shape are shared by cells"
        );
    }

    #[test]
    fn every_slot_has_an_address_of_its_own_and_second_nics_another_subnet() {
        let (matrix, roster, slots) = slots(
            "backend = [\"virtio+sriov\", \"vhost\"]\nnics = [1, 2]\nnetwork = [\"shared\", \"vlan\"]",
            "per-block",
        );
        let addresses: std::collections::BTreeSet<_> =
            slots.all().map(|slot| &slot.address).collect();
        assert_eq!(addresses.len(), slots.all().count());
        let fleet = &roster.fleets(&matrix)[0];
        let assigned = slots.assign(fleet.iter()).unwrap();
        let mixed = &assigned["virtio.sriov-vm-vlan"];
        assert_eq!(mixed[0].host(), "198.18.65.11");
        assert_eq!(
            (mixed[1].host(), mixed[1].vlan),
            ("198.18.66.11", Some(101))
        );
        let two = &assigned["vhost-vm-2nics"];
        assert_eq!(
            (two[0].host(), two[1].host()),
            ("198.18.1.13", "198.18.3.11")
        );
    }
}
