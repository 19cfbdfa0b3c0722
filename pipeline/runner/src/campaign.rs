//! A campaign on this host's NIC, real or emulated: there is no difference here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use vnicbench_agent::{Command, Session};
use vnicbench_host::{
    Accelerator, Blueprint, BootContext, Change, ChangeLog, Changes, HostError, Node,
    PortSelection, Ports, Stop, Topology, audit, leftovers, probe,
};
use vnicbench_model::{
    Arm, Audit, Backend, BootPolicy, Campaign, CampaignDir, Instance, Kit, Matrix, Neighbour, Plan,
    PlannedTrial, Testbed, TrialDir, TrialOutcome, TrialState,
};

use crate::error::RunError;
use crate::event::{Event, Progress};
use crate::fleet::{Boots, Fleet};
use crate::trial::{self, Parties, now};
use crate::workload::local;

/// A campaign to be run on this host.
#[derive(Debug)]
pub struct Request<'a> {
    /// What to measure.
    pub matrix: &'a Matrix,
    /// With what.
    pub kit: &'a Kit,
    /// On which ports.
    pub ports: &'a PortSelection,
    /// Directory of campaigns.
    pub raw: &'a Path,
    /// The campaign's name.
    pub name: &'a str,
    /// Whether to go on with a campaign of that name where it stopped.
    pub resume: bool,
    /// The machine that emulates this host, if one does.
    pub emulated_by: Option<Audit>,
}

/// Opens a campaign to go on with it: the trials that were not finished. Failed ones stay
/// failed, since a failure is a result of its own.
fn resume(
    path: &Path,
    request: &Request<'_>,
    now: &Campaign,
) -> Result<(CampaignDir, Vec<PlannedTrial>), RunError> {
    let directory = CampaignDir::open(path)?;
    let begun = directory.campaign()?;
    let same = [
        ("matrix", begun.matrix == *request.matrix),
        ("test bed", begun.testbed == now.testbed),
        (
            "host (kernel, command line, QEMU, NICs)",
            begun.audit == now.audit,
        ),
        (
            "environment (packages, kernel, images, programs)",
            begun.environment == now.environment,
        ),
    ];
    let problems: Vec<String> = same
        .iter()
        .filter(|(_, same)| !same)
        .map(|(what, _)| {
            format!(
                "{} was begun with another {what}; begin a new campaign",
                path.display()
            )
        })
        .collect();
    if !problems.is_empty() {
        return Err(HostError::Unfit { problems }.into());
    }
    let open =
        |trial: &TrialDir| matches!(trial.state, TrialState::Interrupted | TrialState::Missing);
    let trials = directory.trials()?.into_iter().filter(open);
    let trials = trials.map(|trial| trial.planned).collect();
    Ok((directory, trials))
}

/// Whether this host can run the matrix at all: root rights, nothing left by another run,
/// an IOMMU for VFs in VMs, and ports that nobody uses.
///
/// # Errors
///
/// [`HostError::NotRoot`], [`HostError::Unfit`] with all that is missing.
pub fn check(matrix: &Matrix, ports: &PortSelection) -> Result<Ports, RunError> {
    if !rustix::process::geteuid().is_root() {
        return Err(HostError::NotRoot.into());
    }
    let arms = arms(matrix);
    let mut problems = leftovers();
    let vfio = Arm {
        backend: Backend::Sriov,
        instance: Instance::Vm,
    };
    let groups = std::fs::read_dir("/sys/kernel/iommu_groups").map_or(0, Iterator::count);
    if arms.contains(&vfio) && groups == 0 {
        problems.push(
            "no IOMMU, which a VF in a VM needs: switch VT-d or AMD-Vi on in the firmware and, on Intel, \
             boot with intel_iommu=on"
                .to_owned(),
        );
    }
    match Ports::choose(ports, Topology::vfs_needed(&arms)) {
        Ok(ports) if problems.is_empty() => Ok(ports),
        Ok(_) => Err(HostError::Unfit { problems }.into()),
        Err(HostError::Unfit { problems: others }) => {
            problems.extend(others);
            Err(HostError::Unfit { problems }.into())
        }
        Err(other) => Err(other.into()),
    }
}

fn arms(matrix: &Matrix) -> BTreeSet<Arm> {
    matrix.cells().into_iter().map(|cell| cell.arm).collect()
}

/// Runs a campaign: check, build, boot, measure, and put the host back.
///
/// # Errors
///
/// [`RunError`]; whatever it is, the host is put back and finished trials are kept.
/// [`HostError::NotRestored`] outranks every other.
pub fn run(
    request: &Request<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<PathBuf, RunError> {
    let matrix = request.matrix;
    let ports = check(matrix, request.ports)?;
    let host = Node::start(request.kit, "host", None)?;
    progress.step("trying which accelerator runs guests here");
    let (accelerator, why) = probe(request.kit, &host)?;
    if let Some(why) = why {
        let has_vms = arms(matrix).iter().any(|arm| arm.instance == Instance::Vm);
        if has_vms && request.emulated_by.is_none() {
            let problem = format!("VMs need KVM: {why}");
            return Err(HostError::Unfit {
                problems: vec![problem],
            }
            .into());
        }
        progress.warning(&format!("guests run without KVM: {why}"));
    }

    let campaign = Campaign {
        format: 1,
        name: request.name.to_owned(),
        started: now(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        testbed: match request.emulated_by {
            Some(_) => Testbed::Emulated,
            None => Testbed::Attached,
        },
        matrix: matrix.clone(),
        audit: audit(request.kit, &host, accelerator, Some(&ports))?,
        outer: request.emulated_by.clone(),
        environment: request.kit.environment.clone(),
    };
    let path = request.raw.join(request.name);
    let plan = Plan::new(matrix);
    let planned = plan.trials.len() as u32;
    let (directory, trials) = if request.resume {
        resume(&path, request, &campaign)?
    } else {
        (CampaignDir::create(&path, &campaign, &plan)?, plan.trials)
    };
    progress.event(&Event::Campaign {
        name: request.name.to_owned(),
        trials: planned,
    });
    directory.journal(&Entry::Started { time: now() })?;
    let begun = Begun {
        ports,
        accelerator,
        host,
        directory: &directory,
        trials,
        planned,
    };
    let result = execute(request, begun, progress, stop);
    let failure = result.as_ref().err().map(ToString::to_string);
    directory.journal(&Entry::Ended {
        time: now(),
        failure,
    })?;
    directory.seal()?;
    result.map(|()| path)
}

/// A campaign whose directory is there and whose host is known.
struct Begun<'a> {
    ports: Ports,
    accelerator: Accelerator,
    host: Node,
    directory: &'a CampaignDir,
    /// Those still to run.
    trials: Vec<PlannedTrial>,
    /// How many there are in all.
    planned: u32,
}

/// Builds the topology, runs the trials, and tears it down, whatever became of them.
fn execute(
    request: &Request<'_>,
    begun: Begun<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<(), RunError> {
    let Begun {
        ports,
        accelerator,
        host,
        directory,
        trials,
        planned,
    } = begun;
    let matrix = request.matrix;
    let sockets = tempfile::Builder::new().prefix("vnicbench-").tempdir();
    let sockets = sockets.map_err(|source| HostError::Io {
        action: "make",
        path: std::env::temp_dir(),
        source,
    })?;
    progress.step("making VFs, bridge, taps and namespaces");
    let changes = Changes::new(Box::new(JournalLog(CampaignDir::open(directory.path())?)));
    let blueprint = Blueprint {
        kit: request.kit,
        ports: &ports,
        arms: &arms(matrix),
        neighbour: matrix
            .cells()
            .iter()
            .any(|cell| cell.neighbour != Neighbour::Idle),
        guest: &matrix.guest,
    };
    let topology = Topology::build(&blueprint, host, changes, stop)?;
    let boots = Boots {
        with: BootContext {
            kit: request.kit,
            accelerator,
            host: &topology.host,
            sockets: sockets.path(),
            stop,
        },
        campaign: directory.path(),
        batch: matrix.guest.boot_batch as usize,
    };
    let mut execution = Execution {
        matrix,
        directory,
        topology: &topology,
        boots,
        fleet: Fleet::after(directory.path()),
        done: planned - trials.len() as u32,
        of: planned,
    };
    let result = execution.run(&trials, progress);
    execution.fleet.stop();
    drop(execution);
    progress.step("putting the host back");
    let failures = topology.tear_down();
    if failures.is_empty() {
        return result;
    }
    let cause = result
        .err()
        .map_or_else(String::new, |error| error.to_string());
    Err(HostError::NotRestored { cause, failures }.into())
}

/// A line of the journal.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Entry<'a> {
    Started {
        time: String,
    },
    Change {
        time: String,
        #[serde(flatten)]
        change: &'a Change,
    },
    Undone {
        time: String,
        #[serde(flatten)]
        change: &'a Change,
        failure: Option<&'a str>,
    },
    TrialStarted {
        time: String,
        sequence: u32,
        directory: String,
    },
    TrialEnded {
        time: String,
        sequence: u32,
        outcome: TrialOutcome,
    },
    Ended {
        time: String,
        failure: Option<String>,
    },
}

struct JournalLog(CampaignDir);

impl ChangeLog for JournalLog {
    fn making(&mut self, change: &Change) -> Result<(), HostError> {
        self.0
            .journal(&Entry::Change {
                time: now(),
                change,
            })
            .map_err(|error| HostError::Change {
                doing: "writing a change down before making it".into(),
                message: error.to_string(),
            })
    }

    fn undone(&mut self, change: &Change, failure: Option<&str>) {
        // The host matters more than its record: undoing goes on.
        let _ = self.0.journal(&Entry::Undone {
            time: now(),
            change,
            failure,
        });
    }
}

struct Execution<'a> {
    matrix: &'a Matrix,
    directory: &'a CampaignDir,
    topology: &'a Topology,
    boots: Boots<'a>,
    fleet: Fleet,
    done: u32,
    of: u32,
}

impl Execution<'_> {
    fn run(
        &mut self,
        trials: &[PlannedTrial],
        progress: &mut dyn Progress,
    ) -> Result<(), RunError> {
        let mut block = None;
        for planned in trials {
            self.boots.with.stop.check()?;
            let new_block = block != Some(planned.block);
            if new_block && self.matrix.boot == BootPolicy::PerBlock {
                self.fleet.stop();
            }
            if new_block || self.fleet.has_lost_one() {
                self.fleet.boot(&self.boots, self.topology, progress)?;
                self.warm_up(progress)?;
            }
            block = Some(planned.block);
            self.trial(planned, progress)?;
        }
        Ok(())
    }

    fn trial(
        &mut self,
        planned: &PlannedTrial,
        progress: &mut dyn Progress,
    ) -> Result<(), RunError> {
        self.topology.check()?;
        let arm = planned.cell.arm;
        let directory = planned.directory();
        self.directory.journal(&Entry::TrialStarted {
            time: now(),
            sequence: planned.sequence,
            directory: directory.clone(),
        })?;
        let Some(endpoint) = self.topology.endpoints.get(&arm) else {
            return Err(RunError::Inner(format!("no endpoint was built for {arm}")));
        };
        let instance = self.session(arm, &endpoint.node);
        let neighbour = self.fleet.session("neighbour");
        let parties = Parties {
            kit: self.boots.with.kit,
            generator: &self.topology.generator.session(),
            instance,
            node: &endpoint.node,
            is_guest: arm.instance == Instance::Vm,
            address: &endpoint.address,
            neighbour,
            boot: self.fleet.latest(),
            vcpus: self.matrix.guest.vcpus,
            stop: self.boots.with.stop,
            note: endpoint.note.as_deref(),
        };
        let writer = self.directory.begin(planned)?;
        let trial = trial::run(planned, writer, &parties)?;
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

    fn session(&mut self, arm: Arm, node: &str) -> Result<Session, String> {
        if arm.instance == Instance::Vm {
            return self.fleet.session(node);
        }
        self.topology
            .session(node)
            .ok_or_else(|| format!("no agent runs in {node}"))
    }

    /// Three echo requests to each instance, so that no trial's first packet waits for address
    /// resolution. Their log is kept; they are no result.
    fn warm_up(&mut self, progress: &mut dyn Progress) -> Result<(), RunError> {
        let generator = self.topology.generator.session();
        let warm_ups = self.directory.path().join("boots/warm-up");
        let numbered = (0u32..).map(|n| warm_ups.join(format!("{n:03}")));
        let path = numbered
            .into_iter()
            .find(|path| !path.exists())
            .unwrap_or(warm_ups);
        for endpoint in self.topology.endpoints.values() {
            self.boots.with.stop.check()?;
            let mut words = local(self.boots.with.kit, "ping");
            let ping = Command::new(words.remove(0), Duration::from_secs(20))
                .args(words)
                .args(["-n", "-c", "3", "-i", "0.2", "-W", "3", &endpoint.address]);
            let output = generator.run(&ping).map_err(HostError::from)?;
            let log = path.join(format!("ping-{}.log", endpoint.node));
            let write =
                std::fs::create_dir_all(&path).and_then(|()| std::fs::write(&log, &output.stdout));
            write.map_err(|source| HostError::Io {
                action: "write",
                path: log,
                source,
            })?;
            if !output.exit.success() {
                progress.warning(&format!(
                    "{} ({}) does not answer the generator",
                    endpoint.node, endpoint.address
                ));
            }
        }
        Ok(())
    }
}
