//! The levers of a tuning that are the host's: pulled for a trial, put back after it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use vnicbench_model::{ByteSize, Member, Tuning};

use super::{Topology, generator_place};
use crate::backend::Plug;
use crate::error::HostError;
use crate::journal::{EthtoolSetting, Item};
use crate::nic::attribute;
use crate::place::Place;
use crate::stop::Stop;

const HUGE_PAGE: ByteSize = ByteSize(2 << 20);

/// How far back [`Topology::slacken`] goes.
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct Mark(usize);

impl Topology {
    /// What is changed from here on can be put back by itself.
    pub fn mark(&self) -> Mark {
        Mark(self.changes.count())
    }

    /// Puts back what was changed since; what could not be, in words.
    pub fn slacken(&mut self, mark: Mark) -> Vec<String> {
        self.changes.undo_to(mark.0)
    }

    /// Pulls the levers that have to be before the guests of `fleet` are booted.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done; [`Topology::slacken`] undoes what was.
    pub fn tune(
        &mut self,
        tuning: &Tuning,
        fleet: &[Member],
        stop: &Stop,
    ) -> Result<(), HostError> {
        if let Some(mtu) = tuning.mtu {
            for (place, name) in self.on_the_way(fleet)? {
                stop.check()?;
                self.changes
                    .set(Item::Mtu { place, name }, &mtu.to_string())?;
            }
        }
        if let Some(span) = tuning.interrupt_moderation {
            for dev in self.interfaces() {
                let setting = EthtoolSetting::Coalesce {
                    name: "rx-usecs".into(),
                };
                let item = Item::Ethtool {
                    place: Place::Here,
                    dev,
                    setting,
                };
                self.changes.set(item, &(span.0 / 1_000).to_string())?;
            }
        }
        if tuning.hugepages {
            let path = PathBuf::from("/proc/sys/vm/nr_hugepages");
            let there: u64 = attribute(&path)
                .and_then(|text| text.parse().ok())
                .unwrap_or(0);
            let needed = fleet.len() as u64 * self.shape.memory.0.div_ceil(HUGE_PAGE.0);
            self.changes
                .set(Item::File { path }, &(there + needed).to_string())?;
        }
        Ok(())
    }

    /// Pulls the levers that can only be once the guests of `fleet` are up, since a VF's
    /// interrupts are there only then.
    ///
    /// # Errors
    ///
    /// As [`Topology::tune`].
    pub fn tune_booted(
        &mut self,
        tuning: &Tuning,
        fleet: &[Member],
        stop: &Stop,
    ) -> Result<(), HostError> {
        let Some(cpus) = &tuning.irq_cpus else {
            return Ok(());
        };
        let mut devices: Vec<PathBuf> = self
            .interfaces()
            .iter()
            .map(|name| Path::new("/sys/class/net").join(name).join("device"))
            .collect();
        for plug in self.plugs_of(fleet)? {
            if let Plug::Pci(pci) = plug {
                devices.push(Path::new("/sys/bus/pci/devices").join(pci));
            }
        }
        let mut interrupts = BTreeSet::new();
        for device in devices {
            let numbers = fs::read_dir(device.join("msi_irqs")).into_iter().flatten();
            interrupts.extend(numbers.flatten().map(|entry| entry.file_name()));
        }
        for number in interrupts {
            stop.check()?;
            let path = Path::new("/proc/irq")
                .join(number)
                .join("smp_affinity_list");
            // One that nobody has requested has no directory.
            if path.exists() {
                self.changes.set(Item::File { path }, cpus)?;
            }
        }
        Ok(())
    }

    fn plugs_of(&self, fleet: &[Member]) -> Result<Vec<Plug>, HostError> {
        let assigned = self.slots.assign(fleet.iter())?;
        let slots = assigned.values().flatten();
        Ok(slots
            .filter_map(|slot| self.plugs.get(&slot.number).cloned())
            .collect())
    }

    /// Every interface that the packets of `fleet` pass, from the wire inwards: each may carry
    /// no more than the one before it.
    fn on_the_way(&self, fleet: &[Member]) -> Result<Vec<(Place, String)>, HostError> {
        let generator = generator_place(&self.ports);
        let (bridged, bridge_generator) = self.ports.bridged();
        let mut names = vec![
            (generator.clone(), self.ports.generator.name.clone()),
            (generator.clone(), bridge_generator.name.clone()),
            (Place::Here, self.ports.pf.name.clone()),
            (Place::Here, bridged.name.clone()),
        ];
        names.extend(self.made.iter().cloned());
        let plugs = self.plugs_of(fleet)?;
        let interfaces = plugs.iter().flat_map(Plug::interfaces);
        names.extend(interfaces.map(|name| (Place::Here, name.to_owned())));
        let mut seen = BTreeSet::new();
        names.retain(|name| seen.insert(name.clone()));
        Ok(names)
    }
}
