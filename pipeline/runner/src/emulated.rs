//! A campaign in the emulated test host: boots it and has this same program run there.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use vnicbench_agent::{Command, Exit, Job};
use vnicbench_host::{
    Accelerator, HostError, Node, Place, Stop, TestHost, TestHostSetup, audit, probe,
};
use vnicbench_model::store::write_json;
use vnicbench_model::{Audit, CampaignDir, Claim, Claims, Kit, Matrix};

use crate::error::RunError;
use crate::event::{Event, Progress};
use crate::tester::Tester;

/// How long the runner in the test host may take to put things back after an interrupt.
const UNDO_LIMIT: Duration = Duration::from_secs(30);
const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);
/// No event for so long is a reason to ask whether the test host is still there.
const SILENCE: Duration = Duration::from_secs(20);
const SIGINT: i32 = 2;

/// A campaign to be run in the emulated test host.
#[derive(Debug)]
pub struct EmulatedRequest<'a> {
    /// What to measure.
    pub matrix: &'a Matrix,
    /// Claims that the campaign keeps.
    pub claims: &'a [Claim],
    /// QEMU and kernel for this machine.
    pub kit: &'a Kit,
    /// The kit with paths in the test host.
    pub inner_kit: &'a Kit,
    /// The test host's initramfs.
    pub image: &'a Path,
    /// How the runner is started there.
    pub runner: &'a [String],
    /// The modules in its image that make it a KVM host, in the order of loading, for
    /// `kvm_amd` and `kvm_intel`.
    pub kvm_modules: &'a BTreeMap<String, Vec<String>>,
    /// Directory of campaigns on this machine.
    pub raw: &'a Path,
    /// The campaign's name.
    pub name: &'a str,
    /// What is to be done there.
    pub task: Task<'a>,
    /// Whether the generator is to be reached by ssh, in a namespace with its own sshd.
    pub by_ssh: bool,
}

/// What the runner in the test host is for.
#[derive(Debug, Clone, Copy)]
pub enum Task<'a> {
    /// A campaign.
    Run {
        /// Whether to go on with one of that name where it stopped.
        resume: bool,
        /// Whether to do so though host or tool are not what they were.
        accept_audit: bool,
    },
    /// Faults on purpose; the results go to `faults.json` in the directory of that name.
    Faults {
        /// A kill after every so many steps; after five chosen ones if none.
        every: Option<u32>,
        /// Only those whose name contains this.
        only: Option<&'a str>,
    },
}

/// Boots the test host, runs the campaign in it and ends it.
///
/// # Errors
///
/// [`RunError`]; whatever it is, nothing of the test host is left on this machine, and
/// finished trials are below `raw`.
pub fn run_emulated(
    request: &EmulatedRequest<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<PathBuf, RunError> {
    let node = Node::start(request.kit, "machine", &Place::Here, None)?;
    progress.step("trying which accelerator runs the test host here");
    let (accelerator, why) = probe(request.kit, &node, false)?;
    if let Some(why) = why {
        progress.step(&format!(
            "the test host is emulated in full, since KVM can't be used: {why}"
        ));
    }
    let failed = |action, path: &Path| {
        let path = path.to_owned();
        move |source: io::Error| HostError::Io {
            action,
            path,
            source,
        }
    };
    // Short paths: a socket's may have 107 bytes.
    let work = tempfile::Builder::new()
        .prefix("vnicbench-")
        .tempdir()
        .map_err(failed("make", &std::env::temp_dir()))?;
    let share = work.path().join("share");
    fs::create_dir(&share).map_err(failed("make", &share))?;
    fs::create_dir_all(request.raw).map_err(failed("make", request.raw))?;
    let raw = request
        .raw
        .canonicalize()
        .map_err(failed("find", request.raw))?;
    write_json(&share.join("kit.json"), request.inner_kit)?;
    // Of the machine below only what decides how fast it emulates; the rest isn't the campaign's.
    let below = audit(request.kit, &node, accelerator, None)?;
    write_json(
        &share.join("outer.json"),
        &Audit {
            cmdline: String::new(),
            ..below
        },
    )?;
    let matrix = share.join("matrix.toml");
    fs::write(&matrix, request.matrix.to_toml()).map_err(failed("write", &matrix))?;
    if !request.claims.is_empty() {
        // Beside the matrix, where the run within looks for them.
        let claims = share.join("matrix.claims.toml");
        fs::write(&claims, Claims::to_toml(request.claims)).map_err(failed("write", &claims))?;
    }

    let setup = TestHostSetup {
        kit: request.kit,
        image: request.image,
        share: &share,
        raw: &raw,
        work: work.path(),
    };
    let mut watched = Watched {
        progress,
        done: 0,
        no_kvm: None,
    };
    let campaign = raw.join(request.name);
    let mut task = request.task;
    let mut fruitless = 0;
    let result = loop {
        let before = watched.done;
        let result = one_boot(
            request,
            task,
            &setup,
            accelerator,
            &node,
            &mut watched,
            stop,
        );
        match (task, CampaignDir::open(&campaign)) {
            // It may have died before the campaign was begun.
            (Task::Run { .. }, Err(_)) if campaign.exists() => break result,
            (Task::Run { .. }, Err(_)) => {}
            (Task::Run { .. }, Ok(directory)) => {
                let kept = keep_console(work.path(), &campaign).map_err(RunError::from);
                if let Err(error) = kept.and_then(|()| Ok(directory.seal()?)) {
                    watched.warning(&error.to_string());
                }
            }
            (Task::Faults { .. }, _) => {}
        }
        let Err(RunError::Host(HostError::TestHost { what, .. })) = &result else {
            break result;
        };
        // Emulated nested virtualisation hangs now and then. Nothing finished is lost, so
        // the campaign goes on in a new boot, unless boots no longer get anywhere.
        fruitless = if watched.done > before {
            0
        } else {
            fruitless + 1
        };
        if fruitless > FRUITLESS_LIMIT {
            break result;
        }
        watched.warning(&format!(
            "the emulated test host {what}; it is booted again"
        ));
        if let Task::Run { resume, .. } = &mut task {
            *resume = campaign.exists();
        }
    };
    result.map(|()| request.raw.join(request.name))
}

/// How many boots of the test host in a row may finish no trial.
const FRUITLESS_LIMIT: u32 = 5;

/// Passes events on, and keeps count of the trials and what was found to be wrong with the
/// test host.
struct Watched<'a> {
    progress: &'a mut dyn Progress,
    done: u32,
    no_kvm: Option<String>,
}

impl Progress for Watched<'_> {
    fn event(&mut self, event: &Event) {
        match event {
            Event::Trial { done, .. } => self.done = *done,
            Event::NoKvm { why } => self.no_kvm = Some(why.clone()),
            _ => {}
        }
        self.progress.event(event);
    }
}

/// Boots the test host, has the campaign begun or gone on with in it, and ends it.
fn one_boot(
    request: &EmulatedRequest<'_>,
    task: Task<'_>,
    setup: &TestHostSetup<'_>,
    accelerator: Accelerator,
    node: &Node,
    progress: &mut Watched<'_>,
    stop: &Stop,
) -> Result<(), RunError> {
    progress.step("booting the test host");
    let host = TestHost::boot(setup, accelerator, node, stop)?;
    let info = host.session().info();
    let info = info.map_err(|error| host.failure(format!("went away: {error}")))?;
    for warning in info.warnings {
        progress.warning(&format!("test host: {warning}"));
    }
    let kvm = if accelerator == Accelerator::Tcg || host_is_amd() {
        "kvm_amd"
    } else {
        "kvm_intel"
    };
    let modules = request.kvm_modules.get(kvm).map_or(&[][..], Vec::as_slice);
    if let Err(error) = host.session().load_modules(modules) {
        progress.warning(&format!("test host: {error}"));
    }
    let result = run_inside(request, task, &host, progress, stop);
    match &result {
        Err(RunError::Host(HostError::TestHost { .. })) => host.kill(),
        _ => host.stop(),
    }
    result
}

/// A test host under KVM has this machine's processor.
fn host_is_amd() -> bool {
    fs::read_to_string("/proc/cpuinfo").is_ok_and(|text| text.contains("AuthenticAMD"))
}

fn run_inside(
    request: &EmulatedRequest<'_>,
    task: Task<'_>,
    host: &TestHost,
    progress: &mut Watched<'_>,
    stop: &Stop,
) -> Result<(), RunError> {
    let mut words = request.runner.iter().cloned();
    let ports = TestHost::ports();
    let command = Command::new(words.next().unwrap_or_default(), FOREVER).args(words);
    let command = match task {
        Task::Run {
            resume: true,
            accept_audit,
        } => {
            let command = command.args([
                "run",
                "--events",
                "--resume",
                &format!("/raw/{}", request.name),
            ]);
            command.args(accept_audit.then_some("--accept-audit"))
        }
        Task::Run { resume: false, .. } => command
            .args([
                "run",
                "--events",
                "--matrix",
                "/share/matrix.toml",
                "--raw",
                "/raw",
            ])
            .args(["--name", request.name]),
        Task::Faults { every, only } => command
            .args(["faults", "--raw", "/raw", "--name", request.name])
            .args(
                every
                    .into_iter()
                    .flat_map(|n| ["--every".to_owned(), n.to_string()]),
            )
            .args(only.into_iter().flat_map(|text| ["--only", text])),
    };
    let mut command = command
        .args(["--testbed", "attached", "--kit", "/share/kit.json"])
        .args(["--emulated-by", "/share/outer.json"]);
    let flags = ["--pf", "--generator", "--uplink", "--uplink-generator"];
    for (flag, port) in flags.into_iter().zip([
        &ports.pf,
        &ports.generator,
        &ports.uplink,
        &ports.uplink_generator,
    ]) {
        command = command.arg(flag).args(port.clone());
    }
    let _tester = match request.by_ssh {
        false => None,
        true => {
            progress.step("starting sshd for the generator");
            let macs: Vec<String> = [ports.generator, ports.uplink_generator]
                .into_iter()
                .flatten()
                .collect();
            command = command.args(["--generator-host", &Tester::name()]);
            Some(Tester::start(&host.session(), &macs)?)
        }
    };
    let (stdout, events) = lines();
    let (stderr, messages) = lines();
    let mut job = host
        .session()
        .start(&command, Box::new(stdout), Box::new(stderr))
        .map_err(HostError::from)?;
    // What takes longest without an event: a batch of boots, each up to its limit and then to be
    // ended; for faults, three campaigns that are someone else's.
    let boot = request.matrix.guest.boot_limit.duration();
    let patience = match task {
        Task::Run { .. } => boot * 2 + Duration::from_secs(180),
        Task::Faults { .. } => boot * 12 + Duration::from_secs(300),
    };
    let exit = match watch(&mut job, host, &events, patience, progress, stop) {
        Ok(exit) => exit,
        Err(HostError::Interrupted) => {
            progress.step("interrupted; the test host puts things back");
            if job.signal(SIGINT).is_ok() {
                let _ = job.wait_timeout(UNDO_LIMIT);
            }
            return Err(HostError::Interrupted.into());
        }
        Err(error) => return Err(host.failure(format!("went away: {error}")).into()),
    };
    if exit.success() {
        return Ok(());
    }
    // This test host is made for VMs: if none runs in it, it is this boot of it that is bad.
    if let Some(why) = progress.no_kvm.take() {
        return Err(host.failure(format!("runs no guest: {why}")).into());
    }
    let said: Vec<String> = messages.try_iter().collect();
    let said = if said.is_empty() {
        exit.to_string()
    } else {
        said.join("\n")
    };
    Err(RunError::Inner(said))
}

/// Passes events on until the runner ends. An emulated host that has stopped for good sends
/// nothing at all, so after a silence its agent is asked for a sign of life.
fn watch(
    job: &mut Job,
    host: &TestHost,
    events: &Receiver<String>,
    patience: Duration,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<Exit, HostError> {
    let mut heard = Instant::now();
    let mut last_event = Instant::now();
    loop {
        stop.check()?;
        let exit = job.wait_timeout(Duration::from_millis(200))?;
        if heard.elapsed() > SILENCE {
            host.session().info()?;
            heard = Instant::now();
        }
        if last_event.elapsed() > patience {
            return Err(HostError::Change {
                doing: "waiting for the runner in the test host".into(),
                message: format!("nothing happened for {} s", patience.as_secs()),
            });
        }
        for line in events.try_iter() {
            heard = Instant::now();
            last_event = heard;
            match serde_json::from_str::<Event>(&line) {
                Ok(event) => progress.event(&event),
                Err(_) => progress.warning(&format!("the test host says: {line}")),
            }
        }
        if let Some(exit) = exit {
            return Ok(exit);
        }
    }
}

/// A sink that gives whole lines to a receiver.
fn lines() -> (LineSink, Receiver<String>) {
    let (sender, receiver) = channel();
    (
        LineSink {
            sender,
            rest: Vec::new(),
        },
        receiver,
    )
}

struct LineSink {
    sender: Sender<String>,
    rest: Vec<u8>,
}

impl LineSink {
    fn give(&self, line: &[u8]) {
        // Nobody may be listening any more, which is no reason to fail the job.
        let _ = self.sender.send(String::from_utf8_lossy(line).into_owned());
    }
}

impl Write for LineSink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.rest.extend_from_slice(bytes);
        while let Some(end) = self.rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.rest.drain(..=end).collect();
            self.give(&line[..end]);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for LineSink {
    fn drop(&mut self) {
        if !self.rest.is_empty() {
            self.give(&self.rest);
        }
    }
}

/// The test host's console belongs to the campaign; each of its boots has one.
fn keep_console(work: &Path, campaign: &Path) -> Result<(), HostError> {
    let boots = campaign.join("boots");
    let numbered = (0..).map(|n| boots.join(format!("test-host-console-{n:03}.log")));
    // The range has no end, so there is a free name.
    let Some(kept) = numbered.into_iter().find(|path| !path.exists()) else {
        return Ok(());
    };
    fs::create_dir_all(&boots)
        .and_then(|()| fs::copy(work.join("test-host-console.log"), &kept).map(drop))
        .map_err(|source| HostError::Io {
            action: "write",
            path: kept,
            source,
        })
}
