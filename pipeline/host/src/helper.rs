//! Programs of the host that serve a guest's NIC from outside QEMU.
//!
//! One is there only as long as its guest: a poll-mode program takes a CPU whole, which would
//! be missing wherever something else is measured. Like QEMU it is in the run's cgroup, whose
//! entry in the journal is what ends it after a crash.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vnicbench_agent::{Command, Job};
use vnicbench_model::Kit;

use crate::error::{HostError, io_error, tail};
use crate::guest::FOREVER;
use crate::node::Node;
use crate::stop::Stop;

/// How long one may take until its socket is there.
const SOCKET_LIMIT: Duration = Duration::from_secs(30);
/// How long one that is ended may take to let go of memory and interface.
const END_LIMIT: Duration = Duration::from_secs(10);
/// How often is looked whether its socket is there.
const STEP: Duration = Duration::from_millis(20);

/// A program that QEMU meets at a socket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Helper {
    /// Its name in the kit.
    pub program: &'static str,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// The socket that it makes. Whatever else it keeps while it runs goes to the same
    /// directory.
    pub socket: PathBuf,
}

impl Helper {
    /// Its argument vector.
    ///
    /// # Errors
    ///
    /// [`HostError::Kit`] if the kit hasn't got it.
    pub(crate) fn argv(&self, kit: &Kit) -> Result<Vec<String>, HostError> {
        let words = kit.programs.get(self.program);
        let words = words.ok_or(HostError::Kit(self.program))?;
        Ok(words.iter().chain(&self.arguments).cloned().collect())
    }

    /// Starts it and waits for its socket. What it says goes to `log`.
    ///
    /// # Errors
    ///
    /// [`HostError::Change`] with what it says if it ends or is too slow;
    /// [`HostError::Interrupted`].
    pub(crate) fn start(
        &self,
        argv: Vec<String>,
        host: &Node,
        log: &Path,
        stop: &Stop,
    ) -> Result<Running, HostError> {
        // One that was killed leaves its socket, and the next can't make it.
        let _ = fs::remove_file(&self.socket);
        let output = File::create(log).map_err(io_error("make", log))?;
        let errors = output.try_clone().map_err(io_error("use", log))?;
        let mut argv = argv.into_iter();
        let mut command = Command::new(argv.next().unwrap_or_default(), FOREVER).args(argv);
        if let Some(directory) = self.socket.parent() {
            // systemd's word for where a program may keep files while it runs.
            command = command.env("RUNTIME_DIRECTORY", directory.display().to_string());
        }
        let job = host
            .session()
            .start(&command, Box::new(output), Box::new(errors))?;
        let mut running = Running {
            program: self.program,
            socket: self.socket.clone(),
            log: log.to_owned(),
            job,
        };
        let until = Instant::now() + SOCKET_LIMIT;
        // Looked at once more after it is there, since it is bound a moment before it listens.
        let mut there = false;
        while !there {
            stop.check()?;
            there = self.socket.exists();
            let problem = running.failure().or_else(|| {
                let late = !there && Instant::now() > until;
                late.then(|| {
                    format!(
                        "it made no socket within {} s: {}",
                        SOCKET_LIMIT.as_secs(),
                        tail(log)
                    )
                })
            });
            if let Some(message) = problem {
                return Err(HostError::Change {
                    doing: format!("starting {}", self.program),
                    message,
                });
            }
            std::thread::sleep(STEP);
        }
        Ok(running)
    }
}

/// A helper that runs; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    program: &'static str,
    socket: PathBuf,
    log: PathBuf,
    job: Job,
}

impl Running {
    /// Why it can't be used any more, if it can't.
    pub(crate) fn failure(&mut self) -> Option<String> {
        match self.job.wait_timeout(Duration::ZERO) {
            Ok(None) => None,
            Ok(Some(exit)) => Some(format!(
                "{} ended ({exit}); it says: {}",
                self.program,
                tail(&self.log)
            )),
            Err(error) => Some(format!("{} is lost: {error}", self.program)),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.job.signal(9);
        let _ = self.job.wait_timeout(END_LIMIT);
        let _ = fs::remove_file(&self.socket);
    }
}
