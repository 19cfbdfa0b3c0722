//! A running guest.

use std::fs::{self, File};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use vnicbench_agent::{Command, Job, NicReport, Session};
use vnicbench_model::Kit;
use vnicbench_model::store::write_json;

use crate::accelerator::Accelerator;
use crate::error::{HostError, io_error, tail};
use crate::helper::{Helper, Running};
use crate::node::Node;
use crate::pin::pin;
use crate::qemu::{VmSpec, guest_argv};
use crate::stop::Stop;

/// How long a guest's program may run at most: longer than any campaign's boot.
pub(crate) const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);
/// How long a QEMU that is ended may take to let go of memory and devices.
const END_LIMIT: Duration = Duration::from_secs(15);
/// How long QEMU may take to open the channel's socket.
const SOCKET_LIMIT: Duration = Duration::from_secs(20);
/// How long a NIC may take to appear and to get its link.
const LINK_LIMIT: Duration = Duration::from_secs(20);

/// A NIC as the guest is to configure it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuestNic {
    /// What its agent is asked for.
    pub request: vnicbench_agent::Nic,
    /// Module files in the guest image to load first, in order.
    pub modules: Vec<String>,
}

/// A guest to be booted.
#[derive(Debug, Clone)]
pub struct GuestSetup {
    /// The machine.
    pub vm: VmSpec,
    /// Its NICs.
    pub nics: Vec<GuestNic>,
    /// How long it may take to answer.
    pub boot_limit: Duration,
    /// Host CPUs for its virtual CPUs, if they are to be pinned.
    pub pin: Option<Vec<usize>>,
}

/// What guests are booted with, the same for all of a campaign.
#[derive(Debug, Clone, Copy)]
pub struct BootContext<'a> {
    /// QEMU, kernel and guest image.
    pub kit: &'a Kit,
    /// What executes the guests.
    pub accelerator: Accelerator,
    /// Where QEMU runs.
    pub host: &'a Node,
    /// Directory for the sockets of the agents' channels.
    pub sockets: &'a Path,
    /// Whoever wants to stop doesn't wait for a boot.
    pub stop: &'a Stop,
}

/// `boots/<nnn>/<guest>/guest.json`: how a boot went.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BootRecord {
    /// Boot, from 0.
    pub boot: u32,
    /// Guest.
    pub name: String,
    /// Seconds from QEMU's start to configured NICs.
    pub seconds: Option<f64>,
    /// QEMU's argument vector.
    pub qemu: Vec<String>,
    /// The argument vectors of the programs that serve its NICs from outside QEMU.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub helpers: Vec<Vec<String>>,
    /// The guest's kernel.
    pub kernel: Option<String>,
    /// Its NICs, as it sees them.
    pub nics: Vec<NicReport>,
    /// Which of its threads are on which host CPU, if they were pinned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pinned: Option<String>,
    /// What went wrong while booting.
    pub warnings: Vec<String>,
    /// Why it did not come up.
    pub failure: Option<String>,
}

/// A guest that has answered and whose NICs are up.
#[derive(Debug)]
pub struct Guest {
    /// Its name.
    pub name: String,
    /// Its console log.
    pub console: PathBuf,
    /// Seconds from QEMU's start to configured NICs.
    pub boot_seconds: f64,
    session: Session,
    qemu: Job,
    // Declared last: QEMU ends before what serves it.
    helpers: Vec<Running>,
}

impl Guest {
    /// Boots a guest and configures its NICs. Console, QEMU's messages and [`BootRecord`] go
    /// to `directory`.
    ///
    /// # Errors
    ///
    /// [`HostError::Boot`] with the end of its console; [`HostError::Interrupted`].
    pub fn boot(
        with: &BootContext<'_>,
        setup: &GuestSetup,
        boot: u32,
        directory: &Path,
    ) -> Result<Self, HostError> {
        let BootContext {
            kit,
            accelerator,
            host,
            sockets,
            stop,
        } = *with;
        let name = setup.vm.name.clone();
        fs::create_dir_all(directory).map_err(io_error("make", directory))?;
        let socket = sockets.join(format!("{name}-{boot}"));
        let argv = guest_argv(kit, accelerator, &setup.vm, &socket)?;
        let release = &kit.guest(setup.vm.kernel.as_deref())?.release;
        let helpers: Vec<&Helper> = setup
            .vm
            .nics
            .iter()
            .filter_map(|nic| nic.helper.as_ref())
            .collect();
        let mut record = BootRecord {
            boot,
            name: name.clone(),
            seconds: None,
            qemu: argv.clone(),
            helpers: Vec::new(),
            kernel: None,
            nics: Vec::new(),
            pinned: None,
            warnings: Vec::new(),
            failure: None,
        };
        let console = directory.join("console.log");
        let helpers = helpers.iter().enumerate().map(|(index, helper)| {
            let argv = helper.argv(kit)?;
            record.helpers.push(argv.clone());
            let log = directory.join(format!("{}-{index}.log", helper.program));
            helper.start(argv, host, &log, stop)
        });
        let helpers: Result<Vec<Running>, HostError> = helpers.collect();
        let started = Instant::now();
        let mut booted = helpers.and_then(|helpers| {
            let mut qemu = start(host, argv, directory, &console)?;
            match configure(&mut qemu, setup, release, &socket, stop, &mut record) {
                Ok(session) => Ok((qemu, session, helpers)),
                Err(error) => {
                    // What it holds, a VF for one, must be free before another attempt.
                    let _ = qemu.signal(9);
                    let _ = qemu.wait_timeout(END_LIMIT);
                    Err(error)
                }
            }
        });
        let said = tail(&directory.join("qemu.log"));
        if let Err(error) = &booted
            && !matches!(error, HostError::Interrupted)
            && !said.is_empty()
        {
            booted = Err(HostError::Change {
                doing: chain(error),
                message: format!("QEMU says: {said}"),
            });
        }
        let _ = fs::remove_file(&socket);
        let boot_seconds = (started.elapsed().as_secs_f64() * 1000.0).round() / 1000.0;
        match &booted {
            Ok((qemu, ..)) => {
                record.seconds = Some(boot_seconds);
                match setup.pin.as_ref().map(|cpus| pin(qemu, cpus)) {
                    None => {}
                    Some(Ok(placed)) => record.pinned = Some(placed),
                    Some(Err(problem)) => record.warnings.push(problem),
                }
            }
            Err(error) => record.failure = Some(chain(error)),
        }
        let record_path = directory.join("guest.json");
        write_json(&record_path, &record).map_err(|error| HostError::Change {
            doing: format!("recording the boot of {name}"),
            message: error.to_string(),
        })?;
        match booted {
            Ok((qemu, session, helpers)) => Ok(Self {
                name,
                console,
                boot_seconds,
                session,
                qemu,
                helpers,
            }),
            Err(HostError::Interrupted) => Err(HostError::Interrupted),
            Err(error) => Err(HostError::Boot {
                guest: name,
                reason: chain(&error),
                tail: tail(&console),
                console,
            }),
        }
    }

    /// The session with its agent.
    pub fn session(&self) -> Session {
        self.session.clone()
    }

    /// Why it can't be used any more, if it can't.
    pub fn failure(&mut self) -> Option<String> {
        if let Ok(Some(exit)) = self.qemu.wait_timeout(Duration::ZERO) {
            return Some(format!(
                "its QEMU ended ({exit}); the end of its console:\n{}",
                tail(&self.console)
            ));
        }
        if let Some(problem) = self.helpers.iter_mut().find_map(Running::failure) {
            return Some(problem);
        }
        self.session.lost().map(|cause| {
            format!(
                "the channel to its agent is lost: {cause}; the end of its console:\n{}",
                tail(&self.console)
            )
        })
    }

    /// Ends it. Nothing in it is kept, so there is nothing to shut down in order.
    pub fn stop(mut self) {
        let _ = self.qemu.signal(9);
        let _ = self.qemu.wait_timeout(Duration::from_secs(10));
    }
}

/// Waits for the agent and has it bring the NICs up.
fn configure(
    qemu: &mut Job,
    setup: &GuestSetup,
    release: &str,
    socket: &Path,
    stop: &Stop,
    record: &mut BootRecord,
) -> Result<Session, HostError> {
    let session = connect(qemu, socket, Instant::now() + setup.boot_limit, stop)?;
    let info = session.info()?;
    record.warnings = info.warnings;
    // What is compared by kernel has to have the one that it is said to have.
    if info.kernel != release {
        return Err(HostError::Change {
            doing: "asking the guest for its kernel".into(),
            message: format!("it is {}, not {release}", info.kernel),
        });
    }
    record.kernel = Some(info.kernel);
    for nic in &setup.nics {
        stop.check()?;
        session.load_modules(&nic.modules)?;
        record.nics.push(session.configure_nic(&nic.request)?);
    }
    match record.nics.iter().find(|report| !report.carrier) {
        None => Ok(session),
        Some(report) => Err(no_link(report)),
    }
}

/// A NIC that is up and has no link.
pub(crate) fn no_link(report: &NicReport) -> HostError {
    HostError::Change {
        doing: format!("bringing up {} ({})", report.name, report.mac),
        message: format!("no link within {} s", LINK_LIMIT.as_secs()),
    }
}

fn start(
    host: &Node,
    mut argv: Vec<String>,
    directory: &Path,
    console: &Path,
) -> Result<Job, HostError> {
    let messages = directory.join("qemu.log");
    let stdout = File::create(console).map_err(io_error("make", console))?;
    let stderr = File::create(&messages).map_err(io_error("make", &messages))?;
    let command = Command::new(argv.remove(0), FOREVER).args(argv);
    Ok(host
        .session()
        .start(&command, Box::new(stdout), Box::new(stderr))?)
}

/// Connects to a machine's agent as soon as QEMU has opened the socket.
pub(crate) fn connect(
    qemu: &mut Job,
    socket: &Path,
    deadline: Instant,
    stop: &Stop,
) -> Result<Session, HostError> {
    let socket_deadline = Instant::now() + SOCKET_LIMIT;
    let stream = loop {
        stop.check()?;
        if let Some(exit) = qemu.wait_timeout(Duration::from_millis(20))? {
            return Err(HostError::Change {
                doing: "starting QEMU".into(),
                message: format!("it ended at once: {exit}"),
            });
        }
        match UnixStream::connect(socket) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > socket_deadline => {
                return Err(io_error("connect to", socket)(error));
            }
            Err(_) => {}
        }
    };
    // Connecting waits for the agent's answer; a request to stop must not.
    std::thread::scope(|scope| {
        let keep = stream.try_clone().map_err(io_error("use", socket))?;
        let attempt = scope.spawn(move || Session::over_socket(stream, deadline));
        let mut ended = None;
        while !attempt.is_finished() {
            ended = qemu.wait_timeout(Duration::from_millis(50))?;
            if ended.is_some() || stop.requested() {
                let _ = keep.shutdown(std::net::Shutdown::Both);
            }
        }
        stop.check()?;
        if let Some(exit) = ended {
            return Err(HostError::Change {
                doing: "waiting for the agent".into(),
                message: format!("QEMU ended: {exit}"),
            });
        }
        match attempt.join() {
            Ok(session) => Ok(session?),
            Err(_) => Err(HostError::Change {
                doing: "opening a session".into(),
                message: "the thread panicked".into(),
            }),
        }
    })
}

/// An error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
