//! The processes below this one.
//!
//! Every process the agent starts is started through [`spawn`] and so is known. A process
//! that isn't known but has become the agent's child is an orphan of a job: as subreaper
//! (or as pid 1) the agent inherits those, ends them and takes their exit status. This
//! is done when a job ends rather than from time to time, since a measured machine is
//! not to be disturbed.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fd::OwnedFd;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitId, WaitIdOptions, getpid, kill_process, kill_process_group,
    pidfd_open, set_child_subreaper, waitid,
};
use rustix::time::{ClockId, clock_gettime};

/// Written by a sweep, which is never to see a child that isn't entered yet; read by those
/// that start one, so that runs that start together don't wait for each other.
static SWEEPING: RwLock<()> = RwLock::new(());

/// Children started here and not waited for yet.
static KNOWN: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// Whether unknown children are this agent's to end: not so when the agent is a thread of
/// a program that has children of its own.
static ADOPTS: AtomicBool = AtomicBool::new(false);

/// The variable by which a job's processes are known after they have left its process
/// group and lost their parent.
const TAG: &str = "VNICBENCH_JOB";

/// How long the processes of an ended job are hunted for.
const SWEEP_LIMIT: Duration = Duration::from_secs(2);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes orphaned descendants children of this process.
pub(crate) fn adopt_orphans() -> io::Result<()> {
    set_child_subreaper(Some(getpid()))?;
    ADOPTS.store(true, Ordering::Relaxed);
    Ok(())
}

/// A started process, leader of its own process group.
#[derive(Debug)]
pub(crate) struct Process {
    started_us: u64,
    child: Child,
    pidfd: OwnedFd,
    pid: Pid,
    tag: String,
}

/// Starts `command` in a process group of its own.
pub(crate) fn spawn(command: &mut Command, tag: String) -> io::Result<Process> {
    command.process_group(0).env(TAG, &tag);
    let _no_sweep = SWEEPING.read().unwrap_or_else(PoisonError::into_inner);
    let mut child = command.spawn()?;
    let started_us = now_us();
    let opened = i32::try_from(child.id())
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| io::Error::other("no valid process id"))
        .and_then(|pid| Ok((pid, pidfd_open(pid, PidfdFlags::empty())?)));
    match opened {
        Ok((pid, pidfd)) => {
            lock(&KNOWN).insert(pid.as_raw_nonzero().get());
            Ok(Process {
                started_us,
                child,
                pidfd,
                pid,
                tag,
            })
        }
        Err(e) => {
            child.kill()?;
            child.wait()?;
            Err(e)
        }
    }
}

/// `CLOCK_MONOTONIC`, which is the same for all processes of a kernel.
fn now_us() -> u64 {
    let now = Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default();
    u64::try_from(now.as_micros()).unwrap_or(u64::MAX)
}

impl Process {
    /// When it had just been started, by `CLOCK_MONOTONIC`.
    pub(crate) fn started_us(&self) -> u64 {
        self.started_us
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The process and, since it leads it, its group. The number stays its own until
    /// [`Self::reap`].
    pub(crate) fn group(&self) -> Pid {
        self.pid
    }

    pub(crate) fn outputs(
        &mut self,
    ) -> (
        Option<std::process::ChildStdout>,
        Option<std::process::ChildStderr>,
    ) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits at most so long for its end; `true` once it has ended (and isn't reaped).
    pub(crate) fn ended_within(&self, timeout: Duration) -> io::Result<bool> {
        let deadline = Instant::now() + timeout;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
            let mut fds = [PollFd::new(&self.pidfd, PollFlags::IN)];
            match poll(&mut fds, Some(&timeout)) {
                Ok(n) if n > 0 => return Ok(true),
                Ok(_) | Err(rustix::io::Errno::INTR) if left.is_zero() => return Ok(false),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => return Err(e.into()),
            }
        }
    }

    /// Takes the exit status of an ended process and ends what it left behind.
    pub(crate) fn reap(mut self) -> io::Result<ExitStatus> {
        // The leader is still there as a zombie, so the group's number can't be another's.
        let _ = kill_process_group(self.pid, Signal::KILL);
        let status = {
            let mut known = lock(&KNOWN);
            let status = self.child.wait();
            known.remove(&self.pid.as_raw_nonzero().get());
            status
        };
        sweep(Some(&self.tag));
        status
    }
}

/// Runs a system tool to its end and returns its outputs, which have to be short.
pub(crate) fn run_tool(command: &mut Command, limit: Duration) -> io::Result<Output> {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut process = spawn(command, format!("{}-tool", getpid()))?;
    if !process.ended_within(limit)? {
        let _ = kill_process_group(process.group(), Signal::KILL);
        if process.ended_within(Duration::from_secs(1))? {
            process.reap()?;
        }
        return Err(io::Error::new(
            io::ErrorKind::TimedOut,
            format!("no end after {limit:?}"),
        ));
    }
    let (stdout, stderr) = process.outputs();
    let status = process.reap()?;
    let mut output = Output {
        status,
        stdout: Vec::new(),
        stderr: Vec::new(),
    };
    if let Some(mut pipe) = stdout {
        io::Read::read_to_end(&mut pipe, &mut output.stdout)?;
    }
    if let Some(mut pipe) = stderr {
        io::Read::read_to_end(&mut pipe, &mut output.stderr)?;
    }
    Ok(output)
}

/// Ends and reaps orphans: those with the tag, or all.
pub(crate) fn sweep(tag: Option<&str>) {
    if !ADOPTS.load(Ordering::Relaxed) {
        return;
    }
    let deadline = Instant::now() + SWEEP_LIMIT;
    loop {
        let mut alive = false;
        {
            let _no_start = SWEEPING.write().unwrap_or_else(PoisonError::into_inner);
            let known = lock(&KNOWN);
            for process in processes() {
                if process.parent != getpid().as_raw_nonzero().get() || known.contains(&process.pid)
                {
                    continue;
                }
                let Some(pid) = Pid::from_raw(process.pid) else {
                    continue;
                };
                if process.state == 'Z' {
                    let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG;
                    let _ = waitid(WaitId::Pid(pid), options);
                } else if tag.is_none_or(|tag| is_tagged(process.pid, tag)) {
                    let _ = kill_process(pid, Signal::KILL);
                    alive = true;
                }
            }
        }
        // What was killed may leave children in turn, so look again.
        if !alive || Instant::now() >= deadline {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

fn is_tagged(pid: i32, tag: &str) -> bool {
    let wanted = format!("{TAG}={tag}");
    fs::read(format!("/proc/{pid}/environ"))
        .is_ok_and(|env| env.split(|b| *b == 0).any(|v| v == wanted.as_bytes()))
}

/// A line of /proc: what `/proc/<pid>/stat` says of a process.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) pid: i32,
    pub(crate) parent: i32,
    pub(crate) group: i32,
    state: char,
}

/// All processes; those that end while the list is made are left out.
pub(crate) fn processes() -> Vec<Listed> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|e| e.file_name().to_string_lossy().parse::<i32>().is_ok())
        .filter_map(|e| fs::read_to_string(e.path().join("stat")).ok())
        .filter_map(|stat| parse_stat(&stat))
        .collect()
}

fn parse_stat(stat: &str) -> Option<Listed> {
    // The name stands in parentheses and may itself hold spaces and parentheses.
    let (head, tail) = stat.rsplit_once(')')?;
    let mut fields = tail.split_ascii_whitespace();
    Some(Listed {
        pid: head.split_once(' ')?.0.parse().ok()?,
        state: fields.next()?.chars().next()?,
        parent: fields.next()?.parse().ok()?,
        group: fields.next()?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_is_no_trouble() {
        let listed = parse_stat("42 (a) (b c) Z 7 42 42 0 -1 4194304").unwrap();
        let wanted = Listed {
            pid: 42,
            parent: 7,
            group: 42,
            state: 'Z',
        };
        assert_eq!(listed, wanted);
        assert_eq!(parse_stat("42 (cut"), None);
        assert_eq!(parse_stat(""), None);
    }
}
