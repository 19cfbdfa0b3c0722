//! Who takes part in a trial: the instances that a cell needs, with the NICs of each.

use std::collections::BTreeMap;

use crate::backend::Backend;
use crate::cell::{Arm, Cell, Instance, Mix, Neighbour, NeighbourAt, Network, Route};
use crate::matrix::{BootPolicy, Matrix, Tuning};

/// What an instance is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Its NICs are measured.
    Measured,
    /// It is the other end of a measured instance, in place of the generator.
    Peer,
    /// It bears the load beside.
    Neighbour,
}

/// A NIC that an instance needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NicNeed {
    /// How it is made.
    pub backend: Backend,
    /// Which of the instance's NICs it is, from 0; each has an IP subnet of its own.
    pub index: u32,
    /// Whether it is on a VLAN of its own.
    pub vlan: bool,
}

/// An instance that takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// What logs call it; the host is `host`.
    pub name: String,
    /// What for.
    pub role: Role,
    /// What it is.
    pub instance: Instance,
    /// Its NICs.
    pub nics: Vec<NicNeed>,
    /// Its levers.
    pub tuning: Tuning,
    /// The version of its kernel, if it is a VM and the matrix names one.
    pub kernel: Option<String>,
    /// The version of the QEMU that runs it, likewise.
    pub qemu: Option<String>,
}

impl Member {
    /// Whether it is a VM, which is booted.
    pub fn is_guest(&self) -> bool {
        self.instance == Instance::Vm
    }
}

/// The members of a cell: measured ones first, then their peers in the same order, then the
/// neighbour. `idle_neighbour` says whether the neighbour VM is there though it does nothing.
pub fn members(cell: &Cell, tuning: &Tuning, idle_neighbour: bool) -> Vec<Member> {
    let suffix = cell.setting.tuning.as_ref();
    let member = |mut name: String, role, instance, nics| {
        if let Some(suffix) = suffix {
            name = format!("{name}.{suffix}");
        }
        let (kernel, qemu) = (cell.setting.kernel.clone(), cell.setting.qemu.clone());
        for (factor, version) in [("kernel", &kernel), ("qemu", &qemu)] {
            if let Some(version) = version {
                name = format!("{name}.{factor}{version}");
            }
        }
        let tuning = tuning.clone();
        Member {
            name,
            role,
            instance,
            nics,
            tuning,
            kernel,
            qemu,
        }
    };
    if cell.arm.instance == Instance::Host {
        let mut members = vec![Member {
            name: "host".into(),
            role: Role::Measured,
            instance: Instance::Host,
            nics: vec![NicNeed {
                backend: Backend::Native,
                index: 0,
                vlan: false,
            }],
            tuning: Tuning::default(),
            kernel: None,
            qemu: None,
        }];
        members.extend(stress_neighbour(cell, idle_neighbour));
        return members;
    }
    let mut members = Vec::new();
    for number in 0..cell.setting.vms {
        let (arm, nth) = kind(cell.arm, number);
        members.push(member(
            name(cell, arm, nth),
            Role::Measured,
            arm.instance,
            nics(cell, arm),
        ));
    }
    if cell.setting.path == Route::Local {
        for number in 0..cell.setting.vms {
            members.push(member(
                format!("peer-{}", name(cell, cell.arm, number)),
                Role::Peer,
                cell.arm.instance,
                nics(cell, cell.arm),
            ));
        }
    }
    if cell.setting.neighbour.is_network() {
        let nic = NicNeed {
            backend: cell.arm.backend,
            index: 0,
            vlan: on_vlan(cell),
        };
        let name = format!(
            "neighbour-{}-{}{}",
            cell.arm.backend,
            cell.arm.instance,
            network_suffix(cell)
        );
        members.push(member(name, Role::Neighbour, cell.arm.instance, vec![nic]));
    } else {
        members.extend(stress_neighbour(cell, idle_neighbour));
    }
    members
}

fn stress_neighbour(cell: &Cell, idle_neighbour: bool) -> Option<Member> {
    let loaded =
        cell.setting.neighbour != Neighbour::Idle && cell.setting.neighbour_at == NeighbourAt::Vm;
    (loaded || idle_neighbour).then(|| Member {
        name: "neighbour".into(),
        role: Role::Neighbour,
        instance: Instance::Vm,
        nics: Vec::new(),
        tuning: Tuning::default(),
        kernel: None,
        qemu: None,
    })
}

/// Which arm the `number`-th measured instance is of, and which of that arm's it is.
fn kind(arm: Arm, number: u32) -> (Arm, u32) {
    match arm.mix {
        Some(Mix::Instance(other)) => {
            let backend = if number.is_multiple_of(2) {
                arm.backend
            } else {
                other
            };
            (
                Arm {
                    backend,
                    mix: None,
                    ..arm
                },
                number / 2,
            )
        }
        _ => (arm, number),
    }
}

fn on_vlan(cell: &Cell) -> bool {
    cell.setting.network == Network::Vlan
}

fn nics(cell: &Cell, arm: Arm) -> Vec<NicNeed> {
    let backends: Vec<Backend> = match arm.mix {
        Some(Mix::Nic(other)) => vec![arm.backend, other],
        _ => vec![arm.backend; cell.setting.nics as usize],
    };
    let vlan = on_vlan(cell);
    (0..)
        .zip(backends)
        .map(|(index, backend)| NicNeed {
            backend,
            index,
            vlan,
        })
        .collect()
}

/// Instances of one shape have one name wherever they are needed, so that cells share them.
fn name(cell: &Cell, arm: Arm, nth: u32) -> String {
    let mut shape = arm.to_string();
    if cell.setting.nics > 1 {
        shape.push_str(&format!("-{}nics", cell.setting.nics));
    }
    numbered(format!("{shape}{}", network_suffix(cell)), nth)
}

fn network_suffix(cell: &Cell) -> &'static str {
    if on_vlan(cell) { "-vlan" } else { "" }
}

/// The first of its kind has the kind's name.
fn numbered(name: String, number: u32) -> String {
    match number {
        0 => name,
        n => format!("{name}-{}", n + 1),
    }
}

/// How many VFs a cell needs at once.
pub(crate) fn vfs(cell: &Cell) -> u32 {
    let members = members(cell, &Tuning::default(), false);
    let vfs = members.iter().flat_map(|member| &member.nics);
    vfs.filter(|nic| nic.backend == Backend::Sriov).count() as u32
}

/// Every set of instances that a campaign has up at the same time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roster {
    /// The members of each cell, in the order of [`Matrix::cells`].
    pub cells: Vec<(Cell, Vec<Member>)>,
    /// Guests that stay up through a block or the campaign, by name.
    pub kept: BTreeMap<String, Member>,
}

impl Roster {
    /// Who takes part in a campaign of `matrix`.
    pub fn new(matrix: &Matrix) -> Self {
        let mut roster = Self::default();
        for experiment in &matrix.experiments {
            let cells = experiment.cells();
            // Alone means beside an idle one, so that the contrast is the load's and not the
            // neighbour's being there.
            let has_neighbour = cells.iter().any(|cell| {
                let setting = &cell.setting;
                setting.neighbour != Neighbour::Idle
                    && !setting.neighbour.is_network()
                    && setting.neighbour_at == NeighbourAt::Vm
            });
            for cell in cells {
                let members = members(&cell, &matrix.tuning_of(&cell), has_neighbour);
                if matrix.boot_of(&cell) != BootPolicy::PerTrial {
                    let guests = members.iter().filter(|member| member.is_guest());
                    roster
                        .kept
                        .extend(guests.map(|guest| (guest.name.clone(), guest.clone())));
                }
                roster.cells.push((cell, members));
            }
        }
        roster
    }

    /// The members of a cell.
    pub fn of(&self, cell: &Cell) -> &[Member] {
        let found = self.cells.iter().find(|(other, _)| other == cell);
        found.map_or(&[], |(_, members)| members)
    }

    /// All members that are not guests, by name: they are there throughout.
    pub fn standing(&self) -> BTreeMap<&str, &Member> {
        let all = self.cells.iter().flat_map(|(_, members)| members);
        all.filter(|member| !member.is_guest())
            .map(|member| (member.name.as_str(), member))
            .collect()
    }

    /// The sets of guests that are up at the same time, without repetition.
    pub fn fleets(&self, matrix: &Matrix) -> Vec<Vec<Member>> {
        let mut fleets: Vec<Vec<Member>> = Vec::new();
        if !self.kept.is_empty() {
            fleets.push(self.kept.values().cloned().collect());
        }
        for (cell, members) in &self.cells {
            if matrix.boot_of(cell) == BootPolicy::PerTrial {
                let guests = members.iter().filter(|member| member.is_guest());
                let fleet: Vec<Member> = guests.cloned().collect();
                if !fleet.is_empty() && !fleets.contains(&fleet) {
                    fleets.push(fleet);
                }
            }
        }
        fleets
    }
}
