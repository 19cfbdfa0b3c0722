//! The guests of a campaign: booted in bounded batches, replaced when they die.

use std::collections::BTreeMap;
use std::path::Path;

use vnicbench_agent::Session;
use vnicbench_host::{BootContext, Guest, GuestSetup, HostError, Topology};
use vnicbench_model::Member;

use crate::event::{Event, Progress};

/// How guests are booted.
pub(crate) struct Boots<'a> {
    pub(crate) with: BootContext<'a>,
    /// The campaign's directory; consoles go below its `boots/`.
    pub(crate) campaign: &'a Path,
    /// How many may boot at a time.
    pub(crate) batch: usize,
}

/// A nested guest under emulation sometimes hangs before its first message; the same may
/// befall a real one when memory is short.
const ATTEMPTS: u32 = 3;

/// Guests by name: running, or why not.
pub(crate) struct Fleet {
    guests: BTreeMap<String, Result<Guest, String>>,
    /// Who they are to be.
    members: Vec<Member>,
    /// How often guests were booted, one or all; each time has a directory, `boots/<nnn>`.
    boots: u32,
}

impl Fleet {
    /// No guest yet, in a campaign that may have had some.
    pub(crate) fn after(campaign: &Path) -> Self {
        let taken = |boot: &u32| campaign.join(format!("boots/{boot:03}")).exists();
        Self {
            guests: BTreeMap::new(),
            members: Vec::new(),
            boots: (0..).take_while(taken).count() as u32,
        }
    }

    /// The latest boot, from 0.
    pub(crate) fn latest(&self) -> u32 {
        self.boots.saturating_sub(1)
    }

    /// Who its guests are, running or not.
    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }

    /// Whether its guests are these and none of those that came up has died since; one that
    /// never came up stays failed.
    pub(crate) fn is(&mut self, members: &[Member]) -> bool {
        let dead = |guest: &mut Result<Guest, String>| {
            guest.as_mut().is_ok_and(|guest| guest.failure().is_some())
        };
        self.members == members && !self.guests.values_mut().any(dead)
    }

    /// Sees to it that the guests of `members` run, and no others. One that doesn't come up is
    /// tried again, with a directory and a record for each attempt; in the end it is
    /// remembered as failed.
    pub(crate) fn boot(
        &mut self,
        members: &[Member],
        topology: &Topology,
        boots: &Boots<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), HostError> {
        if self.members != members {
            self.stop();
            self.members = members.to_vec();
        }
        let setups = topology.guests(members, boots.with.sockets)?;
        for attempt in 0..ATTEMPTS {
            let mut waiting: Vec<&GuestSetup> = Vec::new();
            for setup in &setups {
                if self.session(&setup.vm.name).is_err() {
                    waiting.push(setup);
                }
            }
            if waiting.is_empty() {
                break;
            }
            if attempt == 0 {
                self.boots += 1;
            }
            let names: Vec<&str> = waiting.iter().map(|setup| setup.vm.name.as_str()).collect();
            progress.step(&format!("booting {}", names.join(", ")));
            self.attempt(attempt, &waiting, boots, progress)?;
        }
        Ok(())
    }

    fn attempt(
        &mut self,
        attempt: u32,
        waiting: &[&GuestSetup],
        boots: &Boots<'_>,
        progress: &mut dyn Progress,
    ) -> Result<(), HostError> {
        let boot = self.latest();
        for batch in waiting.chunks(boots.batch.max(1)) {
            boots.with.stop.check()?;
            for setup in batch {
                if let Some(Ok(dead)) = self.guests.remove(&setup.vm.name) {
                    dead.stop();
                }
            }
            let booted: Vec<Result<Guest, HostError>> = std::thread::scope(|scope| {
                let threads: Vec<_> = batch
                    .iter()
                    .map(|setup| {
                        let name = match attempt {
                            0 => setup.vm.name.clone(),
                            again => format!("{}.retry-{again}", setup.vm.name),
                        };
                        let directory = boots.campaign.join(format!("boots/{boot:03}")).join(name);
                        let with = &boots.with;
                        scope.spawn(move || Guest::boot(with, setup, boot, &directory))
                    })
                    .collect();
                let join = |thread: std::thread::ScopedJoinHandle<'_, _>| match thread.join() {
                    Ok(result) => result,
                    Err(panic) => std::panic::resume_unwind(panic),
                };
                threads.into_iter().map(join).collect()
            });
            for (setup, result) in batch.iter().zip(booted) {
                let name = setup.vm.name.clone();
                let guest = match result {
                    Ok(guest) => {
                        progress.event(&Event::GuestUp {
                            name: name.clone(),
                            seconds: guest.boot_seconds,
                        });
                        Ok(guest)
                    }
                    Err(HostError::Interrupted) => return Err(HostError::Interrupted),
                    Err(error) => {
                        progress.warning(&error.to_string());
                        Err(error.to_string())
                    }
                };
                self.guests.insert(name, guest);
            }
        }
        Ok(())
    }

    /// The session with a guest, or why there is none.
    pub(crate) fn session(&mut self, name: &str) -> Result<Session, String> {
        match self.guests.get_mut(name) {
            None => Err(format!("guest {name} was not booted")),
            Some(Err(why)) => Err(why.clone()),
            Some(Ok(guest)) => match guest.failure() {
                Some(why) => Err(format!("guest {name} is gone: {why}")),
                None => Ok(guest.session()),
            },
        }
    }

    /// Ends all guests.
    pub(crate) fn stop(&mut self) {
        self.members.clear();
        for (_, guest) in std::mem::take(&mut self.guests) {
            if let Ok(guest) = guest {
                guest.stop();
            }
        }
    }
}
