//! One program, from start to end, under its limit.

use std::fs;
use std::io::{self, ErrorKind, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use std::os::unix::process::ExitStatusExt;

use rustix::process::{Pid, Signal, getpid, kill_process_group};

use crate::barrier::{Barriers, Gate};
use crate::children::{self, Process};
use crate::frame::Kind;
use crate::listening::is_listening;
use crate::message::{Event, Exit, Ready, Run};
use crate::serve::Outbox;

/// From SIGTERM at the limit to SIGKILL.
pub(crate) const GRACE: Duration = Duration::from_secs(1);
/// How long a killed process may take to go.
const DYING: Duration = Duration::from_secs(5);
/// How long, after a job's end, its outputs are still read: whatever of it could hold
/// them open has been killed.
const DRAIN: Duration = Duration::from_secs(2);
/// How often a server that isn't ready is looked at.
const READY_PERIOD: Duration = Duration::from_millis(20);
/// Why a barrier doesn't open.
const SIGNALLED: &str = "one of its runs was signalled before all had arrived";
/// A longer limit than this is as good as none.
const LONGEST: Duration = Duration::from_secs(30 * 24 * 3600);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// By which a running job is reached from other threads. Before its process is started
/// a signal is kept for it, and breaks the barrier at which it waits; after its end there
/// is nothing to signal any more.
#[derive(Debug, Default)]
pub(crate) struct Handle(Mutex<State>);

#[derive(Debug, Default)]
enum State {
    #[default]
    Starting,
    Waiting(Arc<Gate>),
    Signalled(Signal),
    Running(Pid),
    Ended,
}

impl Handle {
    pub(crate) fn signal(&self, signal: Signal) {
        let mut state = lock(&self.0);
        match &*state {
            State::Starting | State::Signalled(_) => *state = State::Signalled(signal),
            State::Waiting(gate) => {
                gate.shut(SIGNALLED);
                *state = State::Signalled(signal);
            }
            State::Running(group) => {
                let _ = kill_process_group(*group, signal);
            }
            State::Ended => {}
        }
    }

    fn waits_at(&self, gate: &Arc<Gate>) {
        let mut state = lock(&self.0);
        match *state {
            State::Signalled(_) => gate.shut(SIGNALLED),
            _ => *state = State::Waiting(Arc::clone(gate)),
        }
    }

    fn started(&self, group: Pid) {
        let mut state = lock(&self.0);
        if let State::Signalled(signal) = *state {
            let _ = kill_process_group(group, signal);
        }
        *state = State::Running(group);
    }

    fn ended(&self) {
        *lock(&self.0) = State::Ended;
    }
}

/// Runs a program to its end. What is returned is the request's last event.
pub(crate) fn run(
    id: u32,
    run: &Run,
    base_env: &[(String, String)],
    barriers: &Barriers,
    handle: &Arc<Handle>,
    outbox: &Outbox,
) -> Event {
    match execute(id, run, base_env, barriers, handle, outbox) {
        Ok(exit) => Event::Exit(exit),
        Err(text) => Event::Failed { text },
    }
}

fn execute(
    id: u32,
    run: &Run,
    base_env: &[(String, String)],
    barriers: &Barriers,
    handle: &Arc<Handle>,
    outbox: &Outbox,
) -> Result<Exit, String> {
    let program = run.argv.first().ok_or("an empty argument vector")?;
    let mut command = Command::new(program);
    command
        .args(run.argv.iter().skip(1))
        .env("LC_ALL", "C")
        .envs(base_env.iter().map(|(k, v)| (k, v)))
        .envs(run.env.iter().map(|(k, v)| (k, v)))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let path = path_of(run, base_env);

    static COUNT: AtomicU64 = AtomicU64::new(0);
    let tag = format!("{}-{}", getpid(), COUNT.fetch_add(1, Ordering::Relaxed));
    if let Some(barrier) = &run.barrier {
        let gate = barriers.gate(barrier);
        handle.waits_at(&gate);
        gate.pass(barrier)
            .map_err(|e| format!("`{program}` isn't started: barrier `{}`: {e}", barrier.name))?;
    }
    let started = Instant::now();
    let mut process = children::spawn(&mut command, tag)
        .map_err(|e| format!("can't start {}", not_started(program, &path, &e)))?;
    handle.started(process.group());
    outbox.event(
        id,
        &Event::Started {
            pid: process.id(),
            at_us: process.started_us(),
        },
    );

    let (stdout, stderr) = process.outputs();
    let open = Arc::new(Mutex::new(true));
    let (drained, all_drained) = mpsc::channel();
    if let Some(pipe) = stdout {
        forward(pipe, id, Kind::Stdout, outbox, handle, &open, &drained);
    }
    if let Some(pipe) = stderr {
        forward(pipe, id, Kind::Stderr, outbox, handle, &open, &drained);
    }
    drop(drained);

    let limit = Duration::from_millis(run.limit_ms).min(LONGEST);
    let watched = watch(&process, started, limit, run.ready, || {
        outbox.event(id, &Event::Ready);
    });
    let elapsed = started.elapsed();
    handle.ended();
    let timed_out = watched.map_err(|e| format!("waiting for `{program}`: {e}"))?;
    let status = process
        .reap()
        .map_err(|e| format!("taking the exit status of `{program}`: {e}"))?;

    // The readers drop their senders at the end of their pipes.
    let _ = all_drained.recv_timeout(DRAIN);
    *lock(&open) = false;
    Ok(Exit {
        status: status.code(),
        signal: status.signal(),
        timed_out,
        elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
    })
}

/// Waits for the end, tells when the job is ready, enforces the limit. Returns whether
/// the limit had to be enforced.
fn watch(
    process: &Process,
    started: Instant,
    limit: Duration,
    mut ready: Option<Ready>,
    tell_ready: impl Fn(),
) -> io::Result<bool> {
    let mut due = started + limit;
    let mut sent = None;
    loop {
        let mut wait = due.saturating_duration_since(Instant::now());
        if ready.is_some() {
            wait = wait.min(READY_PERIOD);
        }
        if process.ended_within(wait)? {
            return Ok(sent.is_some());
        }
        if let Some(Ready::Listening { protocol, port }) = ready
            && is_listening(process.group().as_raw_nonzero().get(), protocol, port)
        {
            ready = None;
            tell_ready();
        }
        if Instant::now() < due {
            continue;
        }
        let (signal, patience) = match sent {
            None => (Signal::TERM, GRACE),
            Some(Signal::TERM) => (Signal::KILL, DYING),
            Some(_) => {
                return Err(io::Error::new(
                    ErrorKind::TimedOut,
                    format!("process {} doesn't die of SIGKILL", process.id()),
                ));
            }
        };
        let _ = kill_process_group(process.group(), signal);
        sent = Some(signal);
        due = Instant::now() + patience;
    }
}

/// Copies one output to the channel on a thread of its own. With nobody at the other
/// end the job has no purpose and is killed.
fn forward(
    mut pipe: impl Read + Send + 'static,
    id: u32,
    kind: Kind,
    outbox: &Outbox,
    handle: &Arc<Handle>,
    open: &Arc<Mutex<bool>>,
    drained: &mpsc::Sender<()>,
) {
    let (outbox, handle) = (outbox.clone(), Arc::clone(handle));
    let (open, drained) = (Arc::clone(open), drained.clone());
    thread::spawn(move || {
        let _drained = drained;
        let mut chunk = vec![0; 64 * 1024];
        loop {
            let got = match pipe.read(&mut chunk) {
                Ok(0) => return,
                Ok(got) => got,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            // Held while sending, so that nothing follows the job's last event.
            let open = lock(&open);
            if !*open {
                return;
            }
            if !outbox.send(kind, id, chunk.get(..got).unwrap_or_default()) {
                handle.signal(Signal::KILL);
                return;
            }
        }
    });
}

/// The PATH in which the program is looked for.
fn path_of(run: &Run, base_env: &[(String, String)]) -> String {
    run.env
        .iter()
        .rev()
        .chain(base_env.iter().rev())
        .find(|(name, _)| name == "PATH")
        .map(|(_, value)| value.clone())
        .or_else(|| std::env::var("PATH").ok())
        .unwrap_or_default()
}

fn not_started(program: &str, path: &str, error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::NotFound if !program.contains('/') => {
            format!("`{program}`: no such program in PATH={path}")
        }
        ErrorKind::NotFound if fs::symlink_metadata(Path::new(program)).is_ok() => {
            format!("`{program}`: it is there, but its loader or interpreter isn't")
        }
        ErrorKind::NotFound => format!("`{program}`: no such file"),
        _ => format!("`{program}`: {error}"),
    }
}
