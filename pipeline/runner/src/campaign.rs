//! A campaign on this host's NIC, real or emulated: there is no difference here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;
use vnicbench_agent::{Command, Session};
use vnicbench_host::{
    BootContext, Change, ChangeLog, Changes, HostError, Node, PortSelection, Ports, Stop, Topology,
    audit, probe,
};
use vnicbench_model::{
    Arm, Audit, BootPolicy, Campaign, CampaignDir, Instance, Kit, Matrix, Neighbour, Plan,
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
    audit: &Audit,
) -> Result<(CampaignDir, Vec<PlannedTrial>), RunError> {
    let directory = CampaignDir::open(path)?;
    let campaign = directory.campaign()?;
    let mut problems = Vec::new();
    if campaign.matrix != *request.matrix {
        problems.push(format!("{} was begun with another matrix", path.display()));
    }
    if campaign.audit != *audit {
        problems.push(format!(
            "{} was begun on another host, or this one has changed since (kernel, command line, QEMU, NICs); begin a new campaign",
            path.display()
        ));
    }
    if !problems.is_empty() {
        return Err(HostError::Unfit { problems }.into());
    }
    let open =
        |trial: &TrialDir| matches!(trial.state, TrialState::Interrupted | TrialState::Missing);
    let trials = directory.trials()?.into_iter().filter(open);
    let trials = trials.map(|trial| trial.planned).collect();
    Ok((directory, trials))
}

/// Whether this host can run the matrix at all: root rights, and ports that nobody uses.
///
/// # Errors
///
/// [`HostError::NotRoot`], [`HostError::Unfit`] with all that is missing.
pub fn check(matrix: &Matrix, ports: &PortSelection) -> Result<Ports, RunError> {
    if !rustix::process::geteuid().is_root() {
        return Err(HostError::NotRoot.into());
    }
    Ok(Ports::choose(ports, Topology::vfs_needed(&arms(matrix)))?)
}

fn arms(matrix: &Matrix) -> BTreeSet<Arm> {
    matrix.cells().into_iter().map(|cell| cell.arm).collect()
}

/// Runs a campaign: check, build, boot, measure, and put the host back.
///
/// # Errors
///
/// [`RunError`]; whatever it is, the host is put back and finished trials are kept.
pub fn run(
    request: &Request<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<PathBuf, RunError> {
    let matrix = request.matrix;
    let arms = arms(matrix);
    let ports = check(matrix, request.ports)?;
    let host = Node::start(request.kit, "host", None)?;
    progress.step("trying which accelerator runs guests here");
    let (accelerator, why) = probe(request.kit, &host)?;
    if let Some(why) = why {
        progress.warning(&format!("guests run without KVM: {why}"));
    }

    let audit = audit(request.kit, &host, accelerator, Some(&ports))?;
    let path = request.raw.join(request.name);
    let (directory, trials) = if request.resume {
        resume(&path, request, &audit)?
    } else {
        let campaign = Campaign {
            format: 1,
            name: request.name.to_owned(),
            started: now(),
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            testbed: if request.emulated_by.is_some() {
                Testbed::Emulated
            } else {
                Testbed::Attached
            },
            matrix: matrix.clone(),
            audit,
            outer: request.emulated_by.clone(),
            environment: request.kit.environment.clone(),
        };
        let plan = Plan::new(matrix);
        (CampaignDir::create(&path, &campaign, &plan)?, plan.trials)
    };
    let planned = Plan::new(matrix).trials.len() as u32;
    progress.event(&Event::Campaign {
        name: request.name.to_owned(),
        trials: planned,
    });
    directory.journal(&Entry::Started { time: now() })?;

    progress.step("making VFs, bridge, taps and namespaces");
    let changes = Changes::new(Box::new(JournalLog(CampaignDir::open(&path)?)));
    let cells = matrix.cells();
    let neighbour = cells.iter().any(|cell| cell.neighbour != Neighbour::Idle);
    let topology = Topology::build(
        request.kit,
        &ports,
        &arms,
        neighbour,
        &matrix.guest,
        host,
        changes,
    )?;
    let sockets = tempfile::Builder::new().prefix("vnicbench-").tempdir();
    let sockets = sockets.map_err(|source| HostError::Io {
        action: "make",
        path: std::env::temp_dir(),
        source,
    })?;
    let boots = Boots {
        with: BootContext {
            kit: request.kit,
            accelerator,
            host: &topology.host,
            sockets: sockets.path(),
            stop,
        },
        campaign: &path,
        batch: matrix.guest.boot_batch as usize,
    };
    let mut execution = Execution {
        matrix,
        directory: &directory,
        topology: &topology,
        boots,
        fleet: Fleet::after(&path),
        done: planned - trials.len() as u32,
        of: planned,
    };
    let result = execution.run(&trials, progress);
    execution.fleet.stop();
    drop(execution);
    progress.step("putting the host back");
    for failure in topology.tear_down() {
        progress.warning(&format!("could not be undone: {failure}"));
    }
    directory.journal(&Entry::Ended {
        time: now(),
        failure: result.as_ref().err().map(ToString::to_string),
    })?;
    directory.seal()?;
    result.map(|()| path)
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
