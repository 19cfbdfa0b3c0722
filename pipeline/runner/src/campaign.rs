//! A campaign on this host's NIC, real or emulated: there is no difference here.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use vnicbench_host::journal::{ChangeLog, ChangeRecord, Changes, Item};
use vnicbench_host::{
    Accelerator, Blueprint, Boot, Facts, HostError, Node, Place, PortSelection, Ports, Root, Stop,
    Survey, Topology, audit, diagnose, first_line, leftovers, nics, probe,
};
use vnicbench_model::store::write_json;
use vnicbench_model::{
    Audit, Campaign, CampaignDir, Cell, Claim, Instance, Kit, Matrix, Neighbour, Plan,
    PlannedTrial, Precision, Roster, Stopped, Testbed, TrialDir, TrialOutcome, TrialState,
    differences,
};

use crate::error::RunError;
use crate::event::{Event, Progress};
use crate::execution::Execution;
use crate::fleet::Fleet;
use crate::trial::now;
use crate::workload::local;

/// What a campaign has measured so far: the widest half-width of a metric's intervals, as a
/// share of the estimate; none while some cell has no interval yet.
pub type Widest<'a> = &'a dyn Fn(&CampaignDir, &str) -> Result<Option<f64>, String>;

/// A campaign to be run on this host.
pub struct Request<'a> {
    /// What to measure.
    pub matrix: &'a Matrix,
    /// Claims that the campaign keeps.
    pub claims: &'a [Claim],
    /// With what.
    pub kit: &'a Kit,
    /// On which ports.
    pub ports: &'a PortSelection,
    /// Directory of campaigns.
    pub raw: &'a Path,
    /// Where the journal of host changes is.
    pub state: &'a Path,
    /// The campaign's name.
    pub name: &'a str,
    /// Whether to go on with a campaign of that name where it stopped.
    pub resume: bool,
    /// Whether to go on though host or tool are not what they were.
    pub accept_audit: bool,
    /// What executes guests here, if that is known; found out by a boot otherwise.
    pub accelerator: Option<Accelerator>,
    /// The machine that emulates this host, if one does.
    pub emulated_by: Option<Audit>,
    /// How precision is found out, for a matrix that ends by it.
    pub widest: Widest<'a>,
}

/// Opens a campaign to go on with it: the trials that were not finished. Failed ones stay
/// failed, since a failure is a result of its own.
fn resume(
    path: &Path,
    request: &Request<'_>,
    now: &Campaign,
    progress: &mut dyn Progress,
) -> Result<(CampaignDir, Vec<PlannedTrial>), RunError> {
    let directory = CampaignDir::open(path)?;
    let begun = directory.campaign()?;
    if begun.matrix != now.matrix || begun.testbed != now.testbed {
        let problem = format!(
            "{} was begun with another matrix or test bed; begin a new campaign",
            path.display()
        );
        return Err(HostError::Unfit {
            problems: vec![problem],
        }
        .into());
    }
    let mut changed = differences("tool", &begun.tool_version, &now.tool_version);
    changed.extend(differences("host", &begun.audit, &now.audit));
    changed.extend(differences("generator", &begun.generator, &now.generator));
    changed.extend(differences(
        "environment",
        &begun.environment,
        &now.environment,
    ));
    let mut changed: Vec<String> = changed.iter().map(ToString::to_string).collect();
    if !changed.is_empty() {
        if !request.accept_audit {
            changed.push(
                "this is no longer what the campaign was begun with; begin a new one, or go on all the same with \
                 --accept-audit, which is recorded"
                    .to_owned(),
            );
            return Err(HostError::Unfit { problems: changed }.into());
        }
        for change in &changed {
            progress.warning(&format!("gone on with in spite of a change: {change}"));
        }
        directory.journal(&Entry::AuditAccepted {
            time: crate::trial::now(),
            differences: &changed,
        })?;
    }
    let open =
        |trial: &TrialDir| matches!(trial.state, TrialState::Interrupted | TrialState::Missing);
    let trials = directory.trials()?.into_iter().filter(open);
    let trials = trials.map(|trial| trial.planned).collect();
    Ok((directory, trials))
}

/// What a matrix comes to on this host.
pub struct Fitted {
    /// The ports.
    pub ports: Ports,
    /// The matrix without the cells that need more VFs than there are.
    pub matrix: Matrix,
    /// What was left out, in words.
    pub left_out: Vec<String>,
    /// The generator's host, if it is another one.
    pub generator: Option<Survey>,
}

/// Whether this host can run the matrix at all: root rights, nothing left by another run,
/// an IOMMU for VFs in VMs, and ports that nobody uses. Cells with several instances are left
/// out where they need more VFs than the port can have. A generator on another host is looked
/// at by an agent there: `agent` are the words that start it here.
///
/// # Errors
///
/// [`HostError::NotRoot`], [`HostError::Unfit`] with all that is missing.
pub fn check(matrix: &Matrix, ports: &PortSelection, agent: &[String]) -> Result<Fitted, RunError> {
    if !rustix::process::geteuid().is_root() {
        return Err(HostError::NotRoot.into());
    }
    let mut problems = leftovers();
    let needs_vfio = matrix.cells().iter().any(|cell| {
        cell.arm.instance == Instance::Vm
            && cell
                .arm
                .backends()
                .any(|backend| backend == vnicbench_model::Backend::Sriov)
    });
    let groups = std::fs::read_dir("/sys/kernel/iommu_groups").map_or(0, Iterator::count);
    if needs_vfio && groups == 0 {
        problems.push(
            "no IOMMU, which a VF in a VM needs: switch VT-d or AMD-Vi on in the firmware and, on Intel, \
             boot with intel_iommu=on"
                .to_owned(),
        );
    }
    let needed = |matrix: &Matrix| Topology::vfs_needed(matrix, &Roster::new(matrix));
    let mut least = matrix.clone();
    least.fit(0);
    let generator = match &ports.generator_host {
        Some(host) => Some(Survey::take(agent, host, &generator_tools(matrix))?),
        None => None,
    };
    let there = generator.as_ref().map(|survey| survey.nics.as_slice());
    problems.extend(generator.iter().flat_map(|survey| survey.problems.clone()));
    let chosen = match Ports::choose(ports, needed(&least)?, there) {
        Ok(chosen) => Some(chosen),
        Err(HostError::Unfit { problems: others }) => {
            problems.extend(others);
            None
        }
        Err(other) => return Err(other.into()),
    };
    let Some(ports) = chosen.filter(|_| problems.is_empty()) else {
        return Err(HostError::Unfit { problems }.into());
    };
    // The most that fits beside what containers and kept guests have for themselves.
    for limit in (0..=ports.pf.total_vfs).rev() {
        let mut fitted = matrix.clone();
        let left_out = fitted.fit(limit);
        if needed(&fitted)? <= ports.pf.total_vfs {
            return Ok(Fitted {
                ports,
                matrix: fitted,
                left_out,
                generator,
            });
        }
    }
    Ok(Fitted {
        ports,
        matrix: matrix.clone(),
        left_out: Vec::new(),
        generator,
    })
}

/// The tools that run at the generator: those that measure, ping for the warm-up, and iperf3
/// for a neighbour's traffic.
fn generator_tools(matrix: &Matrix) -> BTreeSet<&'static str> {
    let cells = matrix.cells();
    let mut tools: BTreeSet<&str> = cells.iter().map(|cell| cell.workload.tool()).collect();
    tools.insert("ping");
    let is_busy = |cell: &Cell| {
        matches!(
            cell.setting.neighbour,
            Neighbour::NetworkRx | Neighbour::NetworkTx
        )
    };
    if cells.iter().any(is_busy) {
        tools.insert("iperf3");
    }
    tools
}

/// What a reader should know of a generator whose tools aren't this host's.
fn differing_tools(kit: &Kit, host: &Node, generator: &Survey) -> Option<String> {
    let mut words = local(kit, "iperf3");
    words.push("--version".to_owned());
    let (ours, theirs) = (
        first_line(&host.session(), &words)?,
        generator.tool("iperf3")?,
    );
    // "iperf 3.12 (cJSON 1.7.15)"
    let version = |line: &str| line.split_whitespace().nth(1).map(str::to_owned);
    (version(&ours) != version(theirs))
        .then(|| format!("iperf3 of the generator's host is {theirs:?}, here it is {ours:?}"))
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
    let agent = request.kit.programs.get("agent");
    let agent = agent.ok_or(HostError::Kit("agent"))?;
    request.kit.check(request.matrix).map_err(HostError::from)?;
    // First of all, since another run's journal means that the host is not as it seems.
    let journal = Arc::new(OnceLock::new());
    let mut changes = Changes::open(
        request.state,
        Box::new(JournalLog {
            campaign: Arc::clone(&journal),
            noted: BTreeSet::new(),
        }),
    )?;
    let Fitted {
        ports,
        matrix,
        left_out,
        generator,
    } = check(request.matrix, request.ports, agent)?;
    for text in &left_out {
        progress.warning(&format!("left out: {text}"));
    }
    let cgroup = own_cgroup(&mut changes, progress);
    let host = Node::start(request.kit, "host", &Place::Here, cgroup.as_deref())?;
    for warning in host.session().info().map_err(HostError::from)?.warnings {
        progress.warning(&warning);
    }
    let differing = generator
        .as_ref()
        .and_then(|generator| differing_tools(request.kit, &host, generator));
    if let Some(text) = differing {
        progress.warning(&text);
    }
    let (accelerator, why) = match request.accelerator {
        Some(known) => (known, None),
        None => {
            progress.step("trying which accelerator runs guests here");
            probe(request.kit, &host, request.emulated_by.is_some())?
        }
    };
    if let Some(why) = why {
        let has_vms = matrix
            .cells()
            .iter()
            .any(|cell| cell.arm.instance == Instance::Vm);
        // Under a translator in a translator no guest comes up in useful time.
        let hopeless = request
            .emulated_by
            .as_ref()
            .is_none_or(|outer| outer.accelerator == Accelerator::Tcg.name());
        if has_vms && hopeless {
            let problem = format!("VMs need KVM: {why}");
            progress.event(&Event::NoKvm { why });
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
        audit: audit(request.kit, &host, accelerator, Some(&ports))?,
        generator: generator.as_ref().map(|generator| generator.audit(&ports)),
        outer: request.emulated_by.clone(),
        environment: request.kit.environment.clone(),
        matrix,
        claims: request.claims.to_vec(),
    };
    let path = request.raw.join(request.name);
    let plan = Plan::new(&campaign.matrix);
    let planned = plan.trials.len() as u32;
    let (directory, trials) = if request.resume {
        resume(&path, request, &campaign, progress)?
    } else {
        (CampaignDir::create(&path, &campaign, &plan)?, plan.trials)
    };
    let _ = journal.set(CampaignDir::open(&path)?);
    note_diagnosis(request, generator.as_ref(), &campaign, &path)?;
    progress.event(&Event::Campaign {
        name: request.name.to_owned(),
        trials: planned,
    });
    directory.journal(&Entry::Started { time: now() })?;
    let begun = Begun {
        matrix: &campaign.matrix,
        ports,
        accelerator,
        host,
        changes,
        directory: &directory,
        trials,
        planned,
    };
    let result = execute(request, begun, progress, stop);
    let failure = result.as_ref().err().map(ToString::to_string);
    let noted = directory.journal(&Entry::Ended {
        time: now(),
        failure,
    });
    let sealed = noted.and_then(|()| directory.seal());
    // What ended the campaign says more than that its end can't be noted.
    result?;
    sealed?;
    Ok(path)
}

/// Keeps with the campaign what `doctor` says of the host, as it was when the campaign began.
fn note_diagnosis(
    request: &Request<'_>,
    generator: Option<&Survey>,
    campaign: &Campaign,
    path: &Path,
) -> Result<(), RunError> {
    let noted = path.join("doctor.json");
    if noted.exists() {
        return Ok(());
    }
    let nics = nics();
    let search: Vec<PathBuf> = std::env::var_os("PATH")
        .map_or_else(Vec::new, |path| std::env::split_paths(&path).collect());
    let facts = Facts {
        nics: nics.as_deref().map_err(ToString::to_string),
        selection: request.ports,
        generator: generator.map(Ok),
        search: &search,
        boot: match campaign.audit.accelerator.as_str() {
            "kvm" => Boot::Works,
            other => Boot::Fails(format!("guests are run by {other}")),
        },
        qemu: Some(campaign.audit.qemu.clone()),
        // The one that there is, is this run's own.
        journal: None,
    };
    write_json(&noted, &diagnose(&Root::new("/"), &facts))?;
    Ok(())
}

/// The cgroup of all that is started on this host, so that nothing of it survives. A host
/// without the second version of cgroups does without.
fn own_cgroup(changes: &mut Changes, progress: &mut dyn Progress) -> Option<PathBuf> {
    const NAME: &str = "vnicbench";
    if !Path::new("/sys/fs/cgroup/cgroup.controllers").exists() {
        progress
            .warning("this host has no cgroup v2, so a killed agent may leave programs running");
        return None;
    }
    let item = Item::Cgroup { name: NAME.into() };
    match changes.set(item, "present") {
        Ok(()) => Some(Path::new("/sys/fs/cgroup").join(NAME)),
        Err(error) => {
            progress.warning(&format!("programs have no cgroup of their own: {error}"));
            None
        }
    }
}

/// A campaign whose directory is there and whose host is known.
struct Begun<'a> {
    matrix: &'a Matrix,
    ports: Ports,
    accelerator: Accelerator,
    host: Node,
    changes: Changes,
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
        matrix,
        ports,
        accelerator,
        host,
        changes,
        directory,
        trials,
        planned,
    } = begun;
    let sockets = tempfile::Builder::new().prefix("vnicbench-").tempdir();
    let sockets = sockets.map_err(|source| HostError::Io {
        action: "make",
        path: std::env::temp_dir(),
        source,
    })?;
    progress.step("making VFs, bridge, taps and namespaces");
    let began = std::time::Instant::now();
    let roster = Roster::new(matrix);
    let blueprint = Blueprint {
        kit: request.kit,
        ports: &ports,
        matrix,
        roster: &roster,
    };
    let topology = Topology::build(&blueprint, host, changes, stop)?;
    let noted = directory.journal(&Entry::Built {
        time: now(),
        elapsed_ms: milliseconds(began),
    });
    let mut execution = Execution {
        kit: request.kit,
        matrix,
        roster: &roster,
        directory,
        topology,
        accelerator,
        sockets: sockets.path().to_owned(),
        stop,
        fleet: Fleet::after(directory.path()),
        booted_in: None,
        done: planned - trials.len() as u32,
        of: planned,
    };
    // From here on every way out leads past the tearing down.
    let result = match noted {
        Ok(()) => blocks(request, matrix, &trials, &mut execution, progress),
        Err(error) => Err(error.into()),
    };
    execution.fleet.stop();
    let topology = execution.topology;
    progress.step("putting the host back");
    let began = std::time::Instant::now();
    let failures = topology.tear_down();
    let noted = directory.journal(&Entry::TornDown {
        time: now(),
        elapsed_ms: milliseconds(began),
    });
    if failures.is_empty() {
        return result.and(noted.map_err(RunError::from));
    }
    let cause = result
        .err()
        .map_or_else(String::new, |error| error.to_string());
    Err(HostError::NotRestored { cause, failures }.into())
}

fn milliseconds(since: std::time::Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Runs the trials block by block, up to where the precision asked for is reached.
fn blocks(
    request: &Request<'_>,
    matrix: &Matrix,
    trials: &[PlannedTrial],
    execution: &mut Execution<'_>,
    progress: &mut dyn Progress,
) -> Result<(), RunError> {
    for block in trials.chunk_by(|a, b| a.block == b.block) {
        for planned in block {
            execution.trial(planned, progress)?;
        }
        let (Some(precision), Some(last)) = (&matrix.precision, block.last()) else {
            continue;
        };
        let done = last.block + 1;
        if done < precision.min_blocks || done >= matrix.blocks {
            continue;
        }
        if let Some(reason) = precise(request, precision, execution.directory)? {
            let stopped = Stopped {
                blocks: done,
                reason,
            };
            progress.step(&format!("ended after block {done}: {}", stopped.reason));
            execution.directory.stop(&stopped)?;
            return Ok(());
        }
    }
    Ok(())
}

/// Why there are trials enough, if there are.
fn precise(
    request: &Request<'_>,
    precision: &Precision,
    directory: &CampaignDir,
) -> Result<Option<String>, RunError> {
    let widest = (request.widest)(directory, &precision.metric).map_err(RunError::Inner)?;
    Ok(widest
        .filter(|widest| *widest <= precision.half_width)
        .map(|widest| {
            format!(
                "the widest interval of {} is +-{:.2} % of its estimate, {:.2} % were asked for",
                precision.metric,
                widest * 100.0,
                precision.half_width * 100.0
            )
        }))
}

/// A line of the journal.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Entry<'a> {
    Started {
        time: String,
    },
    AuditAccepted {
        time: String,
        differences: &'a [String],
    },
    /// With the entry's own time.
    Change(&'a ChangeRecord),
    Undone {
        time: String,
        entry: u64,
        failure: Option<&'a str>,
    },
    Built {
        time: String,
        elapsed_ms: u64,
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
    TornDown {
        time: String,
        elapsed_ms: u64,
    },
    Ended {
        time: String,
        failure: Option<String>,
    },
}

/// Notes host changes in the campaign's journal as well, once there is one.
struct JournalLog {
    campaign: Arc<OnceLock<CampaignDir>>,
    /// Entries noted there: what was changed before is undone unnoted as well.
    noted: BTreeSet<u64>,
}

impl ChangeLog for JournalLog {
    fn making(&mut self, change: &ChangeRecord) -> Result<(), HostError> {
        let Some(directory) = self.campaign.get() else {
            return Ok(());
        };
        self.noted.insert(change.entry);
        let noted = directory.journal(&Entry::Change(change));
        noted.map_err(|error| HostError::Change {
            doing: "noting a change in the campaign before making it".into(),
            message: error.to_string(),
        })
    }

    fn undone(&mut self, change: &ChangeRecord, failure: Option<&str>) {
        // The host matters more than its record: undoing goes on.
        if let (Some(directory), true) = (self.campaign.get(), self.noted.remove(&change.entry)) {
            let time = now();
            let _ = directory.journal(&Entry::Undone {
                time,
                entry: change.entry,
                failure,
            });
        }
    }
}
