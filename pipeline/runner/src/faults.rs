//! Faults on purpose: a small campaign is killed or disturbed in every way that is known of,
//! and each time the host must end as it was, and no finished trial may be lost.
//!
//! Everything is done by this same program in processes of its own, as a user would.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use vnicbench_host::journal::host_state;
use vnicbench_host::{HostError, Stop};
use vnicbench_model::store::{sha256_file, write_json};
use vnicbench_model::{CampaignDir, TrialState};

use crate::error::RunError;
use crate::event::{Event, Progress};

/// How a fault test is run.
#[derive(Debug)]
pub struct FaultRequest<'a> {
    /// The words that start this program.
    pub program: &'a [String],
    /// The words of `run` that say with what and where: kit, ports.
    pub host: &'a [String],
    /// A directory of this test's own, for matrix, campaigns and the journal of changes.
    pub directory: &'a Path,
    /// Where the report is kept, so that a test that was cut short is gone on with.
    pub report: &'a Path,
    /// A kill after every so many steps, 1 for each single one; three chosen ones if none.
    pub every: Option<u32>,
    /// Only the faults whose name contains this.
    pub only: Option<&'a str>,
}

/// What came of all of them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct FaultReport {
    /// Journal records of an undisturbed campaign, each of which a run can be killed after.
    pub steps: u32,
    /// In the order of injection.
    pub results: Vec<FaultResult>,
}

/// What came of a fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FaultResult {
    /// What was done.
    pub fault: String,
    /// How the disturbed run ended.
    pub ended: String,
    /// Whether the next run was refused until `restore`, where changes were left.
    pub refused: Option<bool>,
    /// What of the host was not as before, after `restore`.
    pub differences: Vec<String>,
    /// Trials that were complete when it ended.
    pub complete: usize,
    /// Of these, those that are gone or changed after the campaign went on.
    pub lost: usize,
    /// Whether the campaign ended with all trials of its plan.
    pub whole: bool,
    /// What else went wrong.
    pub problems: Vec<String>,
    /// How long all of it took.
    pub seconds: f64,
}

impl FaultResult {
    /// Whether host and trials survived.
    pub fn passed(&self) -> bool {
        self.differences.is_empty()
            && self.lost == 0
            && self.whole
            && self.refused != Some(false)
            && self.problems.is_empty()
    }
}

/// A disturbance of a run.
#[derive(Debug, Clone)]
enum Fault {
    /// `VNICBENCH_FAULT` of the run: what happens inside it.
    Inside(String),
    /// Signals to the run once it has a complete trial.
    Signals(Vec<Signal>),
    /// A signal to a process that the run started, found by a word of its command line.
    Started(&'static str, Signal),
    /// A file system that is full.
    FullDisk,
}

/// What a fault test's campaigns measure: every kind of change is made for it, in trials of a
/// second. Modules stay, since loading them is what takes longest.
pub const FAULT_MATRIX: &str = include_str!("../../matrices/faults.toml");

/// How long a run or a restore may take.
const RUN_LIMIT: Duration = Duration::from_secs(420);

/// Injects faults, one campaign each; what came of each is in the report as soon as it is known.
///
/// # Errors
///
/// [`RunError`] if an undisturbed campaign fails, so that nothing can be tested.
pub fn faults(
    request: &FaultRequest<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<FaultReport, RunError> {
    let mut report: FaultReport = match fs::read(request.report) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(_) => FaultReport::default(),
    };
    let bench = Bench::new(request, stop)?;
    if report.results.is_empty() {
        progress.step("an undisturbed campaign");
        let (steps, result) = bench.undisturbed()?;
        report.steps = steps;
        report.results.push(result);
        write_json(request.report, &report)?;
    }
    let chosen: Vec<(String, Fault)> = list(report.steps, request.every)
        .into_iter()
        .filter(|(name, _)| request.only.is_none_or(|only| name.contains(only)))
        .collect();
    let of = chosen.len() as u32;
    for (number, (name, fault)) in (0..).zip(chosen) {
        stop.check()?;
        if report.results.iter().any(|result| result.fault == name) {
            continue;
        }
        progress.step(&name);
        let result = bench.inject(&format!("fault-{number:03}"), name.clone(), &fault)?;
        progress.event(&Event::Trial {
            done: number + 1,
            of,
            directory: name,
            failure: (!result.passed()).then(|| format!("{result:?}")),
        });
        report.results.push(result);
        write_json(request.report, &report)?;
    }
    Ok(report)
}

/// Takes the power from an emulated test host in the middle of a campaign, by SIGKILL of the
/// QEMU that it is; the campaign has to boot it again and go on by itself. Here `request.host`
/// says how the campaign is run in one.
///
/// # Errors
///
/// [`RunError`] if a run can't be started or waited for.
pub fn power_cut(
    request: &FaultRequest<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<FaultResult, RunError> {
    const NAME: &str = "power-cut";
    let bench = Bench::new(request, stop)?;
    let fault = "the test host loses its power";
    progress.step(fault);
    let began = Instant::now();
    let said = request.directory.join("said.txt");
    let mut child = bench.spawn(&bench.begin(NAME), &[], &said)?;
    bench.await_trials(NAME, 2, &mut child);
    let complete = bench.complete(NAME);
    let mut problems = Vec::new();
    // It has the directory of campaigns in its command line, which nobody else has.
    let raw = bench
        .raw()
        .canonicalize()
        .unwrap_or_else(|_| bench.raw())
        .display()
        .to_string();
    let host = processes().into_iter().find(|pid| {
        let line = command_line(*pid);
        line.contains("qemu-system") && line.contains(&raw)
    });
    match host {
        Some(pid) => signal(pid, Signal::KILL),
        None => problems.push("the test host's QEMU was not found".to_owned()),
    }
    let status = bench.wait(child)?;
    if !status.success() {
        problems.push(tail(&said));
    }
    let after = bench.complete(NAME);
    let gone = |(trial, digest): &(&String, &String)| after.get(*trial) != Some(*digest);
    Ok(FaultResult {
        fault: fault.into(),
        ended: shown(status),
        refused: None,
        differences: Vec::new(),
        complete: complete.len(),
        lost: complete.iter().filter(gone).count(),
        whole: bench.whole(NAME),
        problems,
        seconds: seconds(began),
    })
}

fn processes() -> Vec<u32> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .collect()
}

/// A process's words, apart by NUL.
fn command_line(pid: u32) -> String {
    let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&words).into_owned()
}

/// The faults: kills after steps up to `steps`, then the others.
fn list(steps: u32, every: Option<u32>) -> Vec<(String, Fault)> {
    let kill = |step: u32| {
        (
            format!("SIGKILL after step {step} of {steps}"),
            Fault::Inside(format!("kill:{step}")),
        )
    };
    // Early, in the middle of building, in the trials, while putting things back.
    // While the host is built, while it is measured, while it is put back.
    let chosen = vec![steps / 5, steps * 7 / 10, steps.saturating_sub(5)];
    let chosen = every.map_or(chosen, |every| {
        (1..=steps).step_by(every.max(1) as usize).collect()
    });
    let mut faults: Vec<(String, Fault)> = chosen.into_iter().map(kill).collect();
    let inside = |name: &str, fault: &str| (name.to_owned(), Fault::Inside(fault.to_owned()));
    let signals =
        |name: &str, signals: &[Signal]| (name.to_owned(), Fault::Signals(signals.to_vec()));
    faults.extend([
        inside("EBUSY on the 2nd write to a host file", "ebusy:2"),
        inside("EIO on the 60th write to raw/", "eio:60"),
        inside("ENOSPC on the 60th write to raw/", "enospc:60"),
        (
            "raw/ on a file system that fills up".to_owned(),
            Fault::FullDisk,
        ),
        signals("Ctrl-C", &[Signal::INT]),
        signals("Ctrl-C twice", &[Signal::INT, Signal::INT]),
        signals("SIGTERM", &[Signal::TERM]),
        signals("SIGHUP", &[Signal::HUP]),
        (
            "SIGKILL of a guest's QEMU".to_owned(),
            // The one that is only asked for its version has no guest.
            Fault::Started("-initrd", Signal::KILL),
        ),
        (
            "SIGKILL of the host's agent".to_owned(),
            Fault::Started("--cgroup", Signal::KILL),
        ),
        (
            "a tool that hangs".to_owned(),
            Fault::Started("iperf3\0-c", Signal::STOP),
        ),
    ]);
    faults
}

struct Bench<'a> {
    request: &'a FaultRequest<'a>,
    matrix: PathBuf,
    stop: &'a Stop,
}

impl<'a> Bench<'a> {
    fn new(request: &'a FaultRequest<'a>, stop: &'a Stop) -> Result<Self, HostError> {
        let raw = request.directory.join("raw");
        fs::create_dir_all(&raw).map_err(io("make", &raw))?;
        let matrix = request.directory.join("faults.toml");
        fs::write(&matrix, FAULT_MATRIX).map_err(io("write", &matrix))?;
        Ok(Self {
            request,
            matrix,
            stop,
        })
    }
}

impl Bench<'_> {
    fn raw(&self) -> PathBuf {
        self.request.directory.join("raw")
    }

    fn campaign(&self, name: &str) -> PathBuf {
        self.raw().join(name)
    }

    fn state(&self) -> PathBuf {
        self.request.directory.join("state")
    }

    fn begin(&self, name: &str) -> Vec<String> {
        let words = [
            "--matrix",
            &self.matrix.display().to_string(),
            "--raw",
            &self.raw().display().to_string(),
            "--name",
            name,
        ];
        words.map(str::to_owned).into()
    }

    fn go_on(&self, name: &str) -> Vec<String> {
        vec!["--resume".into(), self.campaign(name).display().to_string()]
    }

    /// Goes on with a campaign that was begun, or begins it.
    fn again(&self, name: &str) -> Vec<String> {
        if self.campaign(name).join("campaign.json").exists() {
            return self.go_on(name);
        }
        // What there is of its directory is not a campaign yet.
        let _ = fs::remove_dir_all(self.campaign(name));
        self.begin(name)
    }

    fn command(&self, verb: &str, words: &[String]) -> Command {
        let mut argv = self.request.program.iter().cloned();
        let mut command = Command::new(argv.next().unwrap_or_default());
        command
            .args(argv)
            .arg(verb)
            .args(words)
            .arg("--state")
            .arg(self.state());
        command.stdin(Stdio::null()).process_group(0);
        command
    }

    fn spawn(
        &self,
        words: &[String],
        environment: &[(&str, &str)],
        said: &Path,
    ) -> Result<Child, HostError> {
        let output = fs::File::create(said).map_err(io("make", said))?;
        let mut command = self.command("run", words);
        command
            .args(self.request.host)
            .envs(environment.iter().copied());
        let copy = output.try_clone().map_err(io("use", said))?;
        command.stdout(output).stderr(copy);
        command.spawn().map_err(|error| HostError::Change {
            doing: "starting a run of this program".into(),
            message: error.to_string(),
        })
    }

    /// Runs a campaign to its end; what it said.
    fn run(
        &self,
        words: &[String],
        environment: &[(&str, &str)],
    ) -> Result<(ExitStatus, String), HostError> {
        let said = self.request.directory.join("said.txt");
        let child = self.spawn(words, environment, &said)?;
        let status = self.wait(child)?;
        Ok((status, tail(&said)))
    }

    fn wait(&self, mut child: Child) -> Result<ExitStatus, HostError> {
        let until = Instant::now() + RUN_LIMIT;
        loop {
            let status = child.try_wait().map_err(|error| HostError::Change {
                doing: "waiting for a run of this program".into(),
                message: error.to_string(),
            })?;
            if let Some(status) = status {
                return Ok(status);
            }
            if Instant::now() > until || self.stop.requested() {
                signal(child.id(), Signal::INT);
                let grace = Instant::now() + Duration::from_secs(60);
                while matches!(child.try_wait(), Ok(None)) && Instant::now() < grace {
                    std::thread::sleep(Duration::from_millis(100));
                }
                let _ = child.kill();
                self.stop.check()?;
                // How it ended says that something hung.
                continue;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// A campaign that nothing happens to: how many steps it has, and how it went.
    fn undisturbed(&self) -> Result<(u32, FaultResult), RunError> {
        const NAME: &str = "undisturbed";
        let began = Instant::now();
        let count = self.request.directory.join("steps");
        let counting = format!("count:{}", count.display());
        let before = host_state(&[]);
        let (status, said) = self.run(&self.begin(NAME), &[("VNICBENCH_FAULT", &counting)])?;
        if !status.success() {
            let failure = format!(
                "the undisturbed campaign failed ({}): {said}",
                shown(status)
            );
            return Err(RunError::Inner(failure));
        }
        let steps = fs::metadata(&count).map_or(0, |file| file.len() as u32);
        let result = FaultResult {
            fault: "none".into(),
            ended: shown(status),
            refused: None,
            differences: differences(&before, &host_state(&[])),
            complete: self.complete(NAME).len(),
            lost: 0,
            whole: self.whole(NAME),
            problems: Vec::new(),
            seconds: seconds(began),
        };
        Ok((steps, result))
    }

    fn inject(
        &self,
        name: &str,
        fault_name: String,
        fault: &Fault,
    ) -> Result<FaultResult, RunError> {
        let began = Instant::now();
        let before = host_state(&[]);
        let mut problems = Vec::new();
        let ended = match fault {
            Fault::Inside(text) => self.run(&self.begin(name), &[("VNICBENCH_FAULT", text)])?.0,
            Fault::Signals(signals) => {
                let said = self.request.directory.join("said.txt");
                let mut child = self.spawn(&self.begin(name), &[], &said)?;
                self.await_trials(name, 1, &mut child);
                for each in signals {
                    signal(child.id(), *each);
                    std::thread::sleep(Duration::from_millis(300));
                }
                let status = self.wait(child)?;
                if status.code() != Some(130) {
                    problems.push(format!(
                        "it should have ended with exit code 130: {}",
                        tail(&said)
                    ));
                }
                status
            }
            Fault::Started(word, which) => {
                let said = self.request.directory.join("said.txt");
                let child = self.spawn(&self.begin(name), &[], &said)?;
                match self.await_process(word) {
                    Some(pid) => signal(pid, *which),
                    None => problems.push(format!("no process with {word:?} was started")),
                }
                self.wait(child)?
            }
            Fault::FullDisk => self.full_disk(name)?,
        };
        let complete = self.complete(name);

        let stale = fs::metadata(self.state().join(vnicbench_host::journal::JOURNAL))
            .is_ok_and(|file| file.len() > 0);
        let refused = match stale {
            true => {
                let (status, said) = self.run(&self.again(name), &[])?;
                Some(status.code() == Some(3) && said.contains("vnicbench restore"))
            }
            false => None,
        };
        let restored = self.command("restore", &[]).output();
        match restored {
            Ok(output) if output.status.success() => {}
            Ok(output) => problems.push(format!(
                "restore: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            )),
            Err(error) => problems.push(format!("restore: {error}")),
        }
        let mut differences = differences(&before, &host_state(&[]));
        let (status, said) = self.run(&self.again(name), &[])?;
        if !status.success() {
            problems.push(format!("going on: {}: {said}", shown(status)));
        }
        differences.extend(self::differences(&before, &host_state(&[])));
        let after = self.complete(name);
        let lost = complete
            .iter()
            .filter(|(trial, digest)| after.get(*trial) != Some(*digest))
            .count();
        let result = FaultResult {
            fault: fault_name,
            ended: shown(ended),
            refused,
            differences,
            complete: complete.len(),
            lost,
            whole: self.whole(name),
            problems,
            seconds: seconds(began),
        };
        // What went well needs no looking at.
        if result.passed() {
            let _ = fs::remove_dir_all(self.campaign(name));
        }
        Ok(result)
    }

    /// A run whose raw/ is a file system with room for little more than its plan; then there is room again.
    fn full_disk(&self, name: &str) -> Result<ExitStatus, RunError> {
        let raw = self.raw();
        let failed = |error: rustix::io::Errno| HostError::Change {
            doing: format!("mounting a small file system on {}", raw.display()),
            message: error.to_string(),
        };
        mount(
            "tmpfs",
            &raw,
            "tmpfs",
            MountFlags::empty(),
            Some(c"size=192k"),
        )
        .map_err(failed)?;
        let (status, _) = self.run(&self.begin(name), &[])?;
        let (campaign, kept) = (self.campaign(name), self.request.directory.join("kept"));
        // Nothing at all may have fitted.
        let begun = campaign.exists();
        let copied = if begun {
            copy_tree(&campaign, &kept)
        } else {
            Ok(())
        };
        unmount(&raw, UnmountFlags::empty()).map_err(failed)?;
        copied.map_err(io("keep", &kept))?;
        if begun {
            fs::rename(&kept, &campaign).map_err(io("put back", &campaign))?;
        }
        Ok(status)
    }

    /// Waits until so many trials are complete, or the run has ended.
    fn await_trials(&self, name: &str, count: usize, child: &mut Child) {
        while self.complete(name).len() < count
            && matches!(child.try_wait(), Ok(None))
            && !self.stop.requested()
        {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Bench<'_> {
    /// The first process of the run whose command line has the word, words apart by NUL.
    fn await_process(&self, word: &str) -> Option<u32> {
        let until = Instant::now() + RUN_LIMIT;
        let members = Path::new("/sys/fs/cgroup/vnicbench/cgroup.procs");
        while Instant::now() < until && !self.stop.requested() {
            // Nobody else's processes are in that cgroup.
            let listed = fs::read_to_string(members).unwrap_or_default();
            let found = listed
                .lines()
                .filter_map(|line| line.parse::<u32>().ok())
                .find(|pid| command_line(*pid).contains(word));
            if found.is_some() {
                return found;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }

    /// The complete trials of a campaign, each with the digest of its checksums.
    fn complete(&self, name: &str) -> BTreeMap<String, String> {
        let Some(trials) = self.trials(name) else {
            return BTreeMap::new();
        };
        let complete = trials
            .into_iter()
            .filter(|trial| trial.state == TrialState::Complete);
        complete
            .map(|trial| {
                let digest = sha256_file(&trial.path.join("SHA256SUMS")).unwrap_or_default();
                (trial.planned.directory(), digest)
            })
            .collect()
    }

    /// Whether every trial of the plan has ended.
    fn whole(&self, name: &str) -> bool {
        let ended = |state| matches!(state, TrialState::Complete | TrialState::Failed);
        self.trials(name)
            .is_some_and(|trials| trials.iter().all(|trial| ended(trial.state)))
    }

    fn trials(&self, name: &str) -> Option<Vec<vnicbench_model::TrialDir>> {
        CampaignDir::open(&self.campaign(name)).ok()?.trials().ok()
    }
}

fn signal(pid: u32, signal: Signal) {
    // One that has ended meanwhile needs none.
    if let Some(pid) = i32::try_from(pid).ok().and_then(Pid::from_raw) {
        let _ = kill_process(pid, signal);
    }
}

fn seconds(since: Instant) -> f64 {
    (since.elapsed().as_secs_f64() * 10.0).round() / 10.0
}

fn shown(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (_, Some(signal)) => format!("signal {signal}"),
        _ => status.to_string(),
    }
}

/// What of the host changed. An interrupt that has come or gone is a driver's doing, and its
/// affinity no setting that was changed.
fn differences(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<String> {
    let kept = |one: &BTreeMap<String, String>, other: &BTreeMap<String, String>| {
        let mut one = one.clone();
        one.retain(|name, _| !name.starts_with("/proc/irq/") || other.contains_key(name));
        one
    };
    let found = vnicbench_model::differences("host", &kept(before, after), &kept(after, before));
    found.iter().map(ToString::to_string).collect()
}

/// The end of what a run said.
fn tail(path: &Path) -> String {
    let text = fs::read(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&text[text.len().saturating_sub(1500)..]).into_owned();
    text.trim().to_owned()
}

fn copy_tree(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn io<'a>(action: &'static str, path: &'a Path) -> impl FnOnce(std::io::Error) -> HostError + 'a {
    move |source| HostError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}
