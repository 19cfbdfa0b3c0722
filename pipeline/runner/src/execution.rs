//! The trials of a campaign, one after the other, on a host that is built for them.

use std::path::PathBuf;
use std::time::Duration;

use vnicbench_agent::Command;
use vnicbench_host::{Accelerator, BootContext, Endpoint, HostError, Stop, Topology};
use vnicbench_model::{
    BootPolicy, CampaignDir, Instance, Kit, Matrix, Member, NeighbourAt, Phase, PlannedTrial, Role,
    Roster, Route, Trial,
};

use crate::campaign::Entry;
use crate::error::RunError;
use crate::event::{Event, Progress};
use crate::fleet::{Boots, Fleet};
use crate::phases::Phases;
use crate::trial::{self, End, MeasuredPath, Neighbouring, Parties, now};
use crate::workload::offloads;

/// What every trial is run with.
pub(crate) struct Execution<'a> {
    pub(crate) kit: &'a Kit,
    pub(crate) matrix: &'a Matrix,
    pub(crate) roster: &'a Roster,
    pub(crate) directory: &'a CampaignDir,
    pub(crate) topology: Topology,
    pub(crate) accelerator: Accelerator,
    /// Directory for the sockets of the guests' channels.
    pub(crate) sockets: PathBuf,
    pub(crate) stop: &'a Stop,
    pub(crate) fleet: Fleet,
    /// The block that the guests that stay were booted in.
    pub(crate) booted_in: Option<u32>,
    /// Trials that have ended, of how many.
    pub(crate) done: u32,
    pub(crate) of: u32,
}

impl Execution<'_> {
    /// Runs a trial: boots the guests that it needs, measures, ends those that it had for itself.
    ///
    /// # Errors
    ///
    /// What means that the campaign can't go on; the trial stays unfinished then.
    pub(crate) fn trial(
        &mut self,
        planned: &PlannedTrial,
        progress: &mut dyn Progress,
    ) -> Result<(), RunError> {
        self.stop.check()?;
        self.topology.check()?;
        let directory = planned.directory();
        self.directory.journal(&Entry::TrialStarted {
            time: now(),
            sequence: planned.sequence,
            directory: directory.clone(),
        })?;
        let writer = self.directory.begin(planned)?;
        let mut phases = Phases::begin(Phase::Provision);
        let mark = self.topology.mark();
        let trial = self.prepared(planned, writer.path(), &mut phases, progress);
        phases.enter(Phase::TearDown);
        let own = self.matrix.boot_of(&planned.cell) == BootPolicy::PerTrial;
        if own {
            self.fleet.stop();
        }
        let failures = self.topology.slacken(mark);
        if !failures.is_empty() {
            return Err(HostError::NotRestored {
                cause: format!("putting back what {directory} was tuned with"),
                failures,
            }
            .into());
        }
        let mut trial = trial?;
        if let Some(span) = self.matrix.cool_down {
            phases.enter(Phase::CoolDown);
            self.stop.sleep(span.duration())?;
        }
        trial.phases_ms = phases.milliseconds();
        writer.finish(&trial)?;
        self.directory.journal(&Entry::TrialEnded {
            time: now(),
            sequence: planned.sequence,
            outcome: trial.outcome,
        })?;
        self.done += 1;
        progress.event(&Event::Trial {
            done: self.done,
            of: self.of,
            directory,
            failure: trial.failure,
        });
        Ok(())
    }

    /// Tunes, boots and measures.
    fn prepared(
        &mut self,
        planned: &PlannedTrial,
        directory: &std::path::Path,
        phases: &mut Phases,
        progress: &mut dyn Progress,
    ) -> Result<Trial, RunError> {
        let cell = &planned.cell;
        let members = self.roster.of(cell).to_vec();
        let policy = self.matrix.boot_of(cell);
        let fleet: Vec<Member> = match policy {
            BootPolicy::PerTrial => guests(&members),
            _ => self.roster.kept.values().cloned().collect(),
        };
        let tuning = self.matrix.tuning_of(cell);
        let anew = match policy {
            BootPolicy::PerTrial => true,
            BootPolicy::PerBlock => self.booted_in != Some(planned.block),
            BootPolicy::PerCampaign => false,
        };
        if anew {
            self.fleet.stop();
        }
        // A lever that doesn't move is a failed trial, not the end of the campaign.
        match self.topology.tune(&tuning, &fleet, self.stop) {
            Err(HostError::Interrupted) => return Err(HostError::Interrupted.into()),
            Err(error) => return Ok(self.unbegun(planned, &error)),
            Ok(()) => {}
        }
        if !self.fleet.is(&fleet) {
            phases.enter(Phase::Boot);
            self.boot(&fleet, progress)?;
            self.booted_in = (policy != BootPolicy::PerTrial).then_some(planned.block);
            phases.enter(Phase::Settle);
            self.warm_up(&members, &fleet, progress)?;
        }
        phases.enter(Phase::Provision);
        match self.topology.tune_booted(&tuning, &fleet, self.stop) {
            Err(HostError::Interrupted) => return Err(HostError::Interrupted.into()),
            Err(error) => return Ok(self.unbegun(planned, &error)),
            Ok(()) => {}
        }
        let parties = self.parties(planned, &members)?;
        if tuning.offloads.is_some() {
            for path in &parties.paths {
                if let Err(reason) = switch_offloads(&tuning, path) {
                    return Ok(trial::unbegun(planned, self.fleet.latest(), reason));
                }
            }
        }
        Ok(trial::run(planned, directory, &parties, phases)?)
    }

    fn unbegun(&self, planned: &PlannedTrial, error: &HostError) -> Trial {
        trial::unbegun(planned, self.fleet.latest(), error.to_string())
    }

    fn boot(&mut self, fleet: &[Member], progress: &mut dyn Progress) -> Result<(), HostError> {
        let boots = Boots {
            with: BootContext {
                kit: self.kit,
                accelerator: self.accelerator,
                host: &self.topology.host,
                sockets: &self.sockets,
                stop: self.stop,
            },
            campaign: self.directory.path(),
            batch: self.matrix.guest.boot_batch as usize,
        };
        self.fleet.boot(fleet, &self.topology, &boots, progress)
    }

    /// Who is measured, by whom, beside what.
    fn parties<'b>(
        &'b mut self,
        planned: &PlannedTrial,
        members: &[Member],
    ) -> Result<Parties<'b>, HostError> {
        let cell = &planned.cell;
        let fleet = self.fleet.members().to_vec();
        let (endpoints, others) = self.topology.endpoints(members, &fleet)?;
        let peers: Vec<&Member> = members
            .iter()
            .filter(|member| member.role == Role::Peer)
            .collect();
        let several = |node: &str| endpoints.iter().filter(|other| other.node == node).count() > 1;
        let mut paths = Vec::new();
        for (number, endpoint) in endpoints.iter().enumerate() {
            let name = match several(&endpoint.node) {
                true => format!("{}.nic{}", endpoint.node, endpoint.nic + 1),
                false => endpoint.node.clone(),
            };
            let other = match (cell.setting.path, peers.get(number)) {
                (Route::Local, Some(peer)) => {
                    let address = others.get(&peer.name).cloned().unwrap_or_default();
                    self.end(peer, address)
                }
                _ => self.generator(endpoint.generator.clone()),
            };
            let instance = members.iter().find(|member| member.name == endpoint.node);
            let instance = instance.map(|member| self.end(member, endpoint.address.clone()));
            if let Some(instance) = instance {
                paths.push(MeasuredPath {
                    name,
                    instance,
                    other,
                });
            }
        }
        let neighbour = members.iter().find(|member| member.role == Role::Neighbour);
        let on_host = cell.setting.neighbour_at == NeighbourAt::Host;
        let end = match neighbour {
            Some(member) => {
                let address = others.get(&member.name).cloned().unwrap_or_default();
                Some(self.end(member, address))
            }
            None => on_host.then(|| self.host()),
        };
        let end = if on_host { Some(self.host()) } else { end };
        let mut notes: Vec<String> = endpoints
            .into_iter()
            .filter_map(|endpoint| endpoint.note)
            .collect();
        notes.dedup();
        Ok(Parties {
            kit: self.kit,
            paths,
            neighbour: end.map(|end| Neighbouring {
                end,
                generator: self.generator(String::new()),
                workers: cell.setting.workers.unwrap_or(self.matrix.guest.vcpus),
            }),
            boot: self.fleet.latest(),
            stop: self.stop,
            notes,
            interfaces: self.topology.interfaces(),
        })
    }

    fn end(&mut self, member: &Member, address: String) -> End {
        let is_guest = member.instance == Instance::Vm;
        End {
            session: if is_guest {
                self.fleet.session(&member.name)
            } else {
                let session = self.topology.session(&member.name);
                session.ok_or_else(|| format!("no agent runs in {}", member.name))
            },
            place: member.name.clone(),
            address,
            own_tools: is_guest,
        }
    }

    fn generator(&self, address: String) -> End {
        End {
            place: "generator".into(),
            session: Ok(self.topology.generator.session()),
            address,
            own_tools: self.topology.generator.is_elsewhere(),
        }
    }

    fn host(&self) -> End {
        End {
            place: "host".into(),
            session: Ok(self.topology.host.session()),
            address: String::new(),
            own_tools: false,
        }
    }

    /// Leaves the guests alone for as long as the matrix says, then sends three echo requests
    /// to each NIC that will be measured, so that no trial's first packet waits for address
    /// resolution. Their log is kept; they are no result.
    fn warm_up(
        &mut self,
        members: &[Member],
        fleet: &[Member],
        progress: &mut dyn Progress,
    ) -> Result<(), RunError> {
        if let Some(span) = self.matrix.settle {
            self.stop.sleep(span.duration())?;
        }
        let path = self
            .directory
            .path()
            .join(format!("boots/{:03}/warm-up", self.fleet.latest()));
        // Guests that stay are measured by other cells too, and what isn't a guest is there anyway.
        let mut all: Vec<Member> = members.to_vec();
        for (_, others) in &self.roster.cells {
            let known: Vec<String> = all.iter().map(|member| member.name.clone()).collect();
            let there =
                |member: &&Member| member.instance != Instance::Vm || fleet.contains(member);
            let new = others
                .iter()
                .filter(there)
                .filter(|member| !known.contains(&member.name));
            all.extend(new.cloned());
        }
        let (endpoints, _) = self.topology.endpoints(&all, fleet)?;
        for endpoint in endpoints {
            self.stop.check()?;
            if let Err(problem) = self.greet(&endpoint, &path)? {
                progress.warning(&problem);
            }
        }
        Ok(())
    }

    fn greet(
        &self,
        endpoint: &Endpoint,
        path: &std::path::Path,
    ) -> Result<Result<(), String>, HostError> {
        let mut words = self.generator(String::new()).words(self.kit, "ping");
        let ping = Command::new(words.remove(0), Duration::from_secs(20))
            .args(words)
            .args(["-n", "-c", "3", "-i", "0.2", "-W", "3", &endpoint.address]);
        let output = self.topology.generator.session().run(&ping)?;
        let log = path.join(format!(
            "ping-{}.nic{}.log",
            endpoint.node,
            endpoint.nic + 1
        ));
        let write =
            std::fs::create_dir_all(path).and_then(|()| std::fs::write(&log, &output.stdout));
        write.map_err(|source| HostError::Io {
            action: "write",
            path: log,
            source,
        })?;
        Ok(if output.exit.success() {
            Ok(())
        } else {
            Err(format!(
                "{} ({}) does not answer the generator",
                endpoint.node, endpoint.address
            ))
        })
    }
}

fn guests(members: &[Member]) -> Vec<Member> {
    let guests = members
        .iter()
        .filter(|member| member.instance == Instance::Vm);
    guests.cloned().collect()
}

/// Switches the offloads of a measured guest's NIC; its interface is found by its address.
fn switch_offloads(tuning: &vnicbench_model::Tuning, path: &MeasuredPath) -> Result<(), String> {
    let failed = |why: String| format!("switching the offloads of {}: {why}", path.name);
    let session = path.instance.session.clone().map_err(&failed)?;
    let listing = Command::new("ip", Duration::from_secs(20)).args([
        "-o",
        "address",
        "show",
        "to",
        &path.instance.address,
    ]);
    let listed = session
        .run(&listing)
        .map_err(|error| failed(error.to_string()))?;
    let text = String::from_utf8_lossy(&listed.stdout).into_owned();
    // "2: eth0    inet 198.18.0.11/24 ...", of a VLAN "3: eth0.100@eth0    inet ...".
    let interface = text
        .split_whitespace()
        .nth(1)
        .and_then(|name| name.split('@').next());
    let interface = interface.ok_or_else(|| failed("no interface has its address".into()))?;
    let Some(command) = offloads(tuning, interface) else {
        return Ok(());
    };
    let output = session
        .run(&command)
        .map_err(|error| failed(error.to_string()))?;
    if output.exit.success() {
        Ok(())
    } else {
        Err(failed(
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ))
    }
}
