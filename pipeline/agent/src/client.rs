//! The client's end of a channel to an agent.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, Hasher};
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::frame::{FrameReader, FrameWriter, Kind, MAX_PAYLOAD, ProtocolError, to_json};
use crate::message::{Barrier, Event, Exit, Hello, Info, Nic, NicReport, Ready, Request, Run};

/// A job's end is waited for this much longer than the agent may need for it. An
/// emulated machine under load can be this slow.
const MARGIN: Duration = Duration::from_secs(20);
/// How often an unanswered Hello is repeated: a guest that hasn't opened its port yet
/// may not get what was sent before.
const REPEAT: Duration = Duration::from_millis(500);
/// How long a run waits for the others at a barrier.
const BARRIER_LIMIT: Duration = Duration::from_secs(10);
/// The most that [`Session::run`] keeps of each output, in bytes.
const MAX_OUTPUT: usize = 64 << 20;
/// File contents are sent in pieces of this size, so that they don't hold up the rest.
const PIECE: usize = 256 << 10;

const _: () = assert!(PIECE <= MAX_PAYLOAD);

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Why something asked of an agent wasn't done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SessionError {
    /// Nobody answered the Hello.
    #[error("no agent has answered within {:.1} s", waited.as_secs_f64())]
    NoAnswer {
        /// How long it was tried.
        waited: Duration,
    },
    /// The channel is lost, and with it every job of the session.
    #[error("{doing}: the channel to the agent is lost")]
    Lost {
        /// What was being done.
        doing: String,
        /// What happened to the channel.
        #[source]
        cause: Arc<ProtocolError>,
    },
    /// The channel is there, but the answer is overdue.
    #[error("{doing}: the agent has been silent for longer than it may be ({:.0} s)", waited.as_secs_f64())]
    Silent {
        /// What was being done.
        doing: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The agent says that it can't be done.
    #[error("{doing}: {text}")]
    Failed {
        /// What was being done.
        doing: String,
        /// The agent's words.
        text: String,
    },
    /// A server ended instead of becoming ready.
    #[error("{doing}: it ended before it was ready ({exit})")]
    EndedBeforeReady {
        /// What was being done.
        doing: String,
        /// How it ended.
        exit: Exit,
    },
    /// A server runs but isn't ready in time.
    #[error("{doing}: it isn't ready after {:.1} s", waited.as_secs_f64())]
    NotReady {
        /// What was being done.
        doing: String,
        /// How long was waited.
        waited: Duration,
    },
    /// The job ended, but its output couldn't be kept here.
    #[error("{doing}: its output can't be kept")]
    Output {
        /// What was being done.
        doing: String,
        /// What failed on this side.
        #[source]
        cause: Arc<io::Error>,
    },
    /// Something can't be sent.
    #[error("{doing}: it can't be sent to the agent")]
    Unsendable {
        /// What was being done.
        doing: String,
        /// Why not.
        #[source]
        cause: Arc<ProtocolError>,
    },
}

/// A program to run.
#[derive(Debug, Clone, PartialEq)]
pub struct Command {
    argv: Vec<String>,
    env: Vec<(String, String)>,
    limit: Duration,
    ready: Option<Ready>,
    barrier: Option<Barrier>,
}

impl Command {
    /// A program, looked for in the PATH at the agent's end, and its time limit.
    pub fn new(program: impl Into<String>, limit: Duration) -> Self {
        Command {
            argv: vec![program.into()],
            env: Vec::new(),
            limit,
            ready: None,
            barrier: None,
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, arg: impl Into<String>) -> Self {
        self.argv.push(arg.into());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.argv.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.push((name.into(), value.into()));
        self
    }

    /// Says what makes it ready, for [`Job::wait_ready`].
    #[must_use]
    pub fn ready(mut self, ready: Ready) -> Self {
        self.ready = Some(ready);
        self
    }

    /// Makes it start together with others of the same session, so many in all; a name is
    /// used once in a session. If they don't all arrive within 10 s, or one is signalled
    /// or dropped before, none is started and each job fails. Its own time limit begins
    /// when it starts.
    #[must_use]
    pub fn barrier(self, name: impl Into<String>, parties: u32) -> Self {
        self.barrier_within(name, parties, BARRIER_LIMIT)
    }

    /// The same with another limit for the wait.
    #[must_use]
    pub fn barrier_within(
        mut self,
        name: impl Into<String>,
        parties: u32,
        limit: Duration,
    ) -> Self {
        self.barrier = Some(Barrier {
            name: name.into(),
            parties,
            limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        });
        self
    }

    /// Program and arguments.
    #[must_use]
    pub fn argv(&self) -> &[String] {
        &self.argv
    }

    /// Its time limit.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`", self.argv.join(" "))
    }
}

/// What a program left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// Its standard output.
    pub stdout: Vec<u8>,
    /// Its standard error.
    pub stderr: Vec<u8>,
}

/// A session with an agent. Its clones are the same session, for several threads; when
/// the last of them and of its jobs is dropped, the writing half of the channel is, too.
#[derive(Debug, Clone)]
pub struct Session(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    /// Frames go through a thread of their own, so that a full channel blocks nobody who
    /// has a deadline to keep.
    outgoing: Sender<Outgoing>,
    next: AtomicU32,
    peer: Hello,
    skipped: u64,
    close: Option<Box<dyn Fn() + Send + Sync>>,
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("peer", &self.peer)
            .finish_non_exhaustive()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(close) = &self.close {
            close();
        }
    }
}

enum Outgoing {
    Hello(Hello),
    Frame(Kind, u32, Vec<u8>),
}

/// What the session's threads and its users share.
#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    lost: Condvar,
}

#[derive(Default)]
struct State {
    pending: HashMap<u32, Pending>,
    lost: Option<Arc<ProtocolError>>,
}

/// A request that isn't answered yet.
#[derive(Clone)]
struct Pending {
    events: Sender<Event>,
    sinks: Arc<Mutex<Sinks>>,
}

/// Where a job's outputs go; gone once the job has ended.
#[derive(Default)]
struct Sinks {
    stdout: Option<Box<dyn Write + Send>>,
    stderr: Option<Box<dyn Write + Send>>,
    error: Option<Arc<io::Error>>,
}

impl Sinks {
    fn write(&mut self, kind: Kind, bytes: &[u8]) {
        let sink = match kind {
            Kind::Stderr => &mut self.stderr,
            _ => &mut self.stdout,
        };
        if self.error.is_none()
            && let Some(sink) = sink
            && let Err(e) = sink.write_all(bytes)
        {
            self.error = Some(Arc::new(e));
        }
    }

    fn close(&mut self) {
        for mut sink in self.stdout.take().into_iter().chain(self.stderr.take()) {
            if let Err(e) = sink.flush() {
                self.error.get_or_insert(Arc::new(e));
            }
        }
    }
}

impl Shared {
    fn lose(&self, cause: ProtocolError) {
        let abandoned = {
            let mut state = lock(&self.state);
            state.lost.get_or_insert(Arc::new(cause));
            std::mem::take(&mut state.pending)
        };
        self.lost.notify_all();
        // What arrived is kept; dropping the senders then wakes those who wait.
        for pending in abandoned.into_values() {
            lock(&pending.sinks).close();
        }
    }

    fn cause(&self) -> Arc<ProtocolError> {
        let lost = lock(&self.state).lost.clone();
        lost.unwrap_or_else(|| Arc::new(ProtocolError::Closed))
    }
}

impl Session {
    /// Opens a session. Until the agent answers, the Hello is repeated; what an earlier
    /// session left in the channel is skipped ([`Session::skipped`] says how much). If it
    /// fails, both halves are to be closed by whoever holds their other ends: a thread
    /// may still be reading.
    ///
    /// # Errors
    /// [`SessionError::NoAnswer`] at the deadline, [`SessionError::Lost`] if the channel
    /// ends before or the agent speaks another version.
    pub fn connect(
        reader: impl Read + Send + 'static,
        writer: impl Write + Send + 'static,
        deadline: Instant,
    ) -> Result<Session, SessionError> {
        Session::open(reader, writer, deadline, None)
    }

    /// Opens a session over a socket (of a virtio-serial port, say), which is shut down
    /// at its end.
    ///
    /// # Errors
    /// As [`Session::connect`].
    pub fn over_socket(socket: UnixStream, deadline: Instant) -> Result<Session, SessionError> {
        let doing = "opening a session";
        let clone = || {
            socket.try_clone().map_err(|e| SessionError::Lost {
                doing: doing.to_owned(),
                cause: Arc::new(e.into()),
            })
        };
        let (reader, writer, closer) = (clone()?, clone()?, clone()?);
        let close = move || {
            let _ = closer.shutdown(Shutdown::Both);
        };
        let opened = Session::open(reader, writer, deadline, Some(Box::new(close)));
        if opened.is_err() {
            let _ = socket.shutdown(Shutdown::Both);
        }
        opened
    }

    fn open(
        reader: impl Read + Send + 'static,
        writer: impl Write + Send + 'static,
        deadline: Instant,
        close: Option<Box<dyn Fn() + Send + Sync>>,
    ) -> Result<Session, SessionError> {
        let started = Instant::now();
        let nonce = RandomState::new().build_hasher().finish().max(1);
        let shared = Arc::new(Shared::default());

        let (outgoing, frames) = mpsc::channel();
        let for_writer = Arc::clone(&shared);
        thread::spawn(move || {
            if let Err(e) = write_frames(writer, &frames) {
                for_writer.lose(e);
            }
        });
        let (greet, greetings) = mpsc::channel();
        let for_reader = Arc::clone(&shared);
        thread::spawn(move || for_reader.lose(read_frames(reader, nonce, &greet, &for_reader)));

        let mut due = Instant::now();
        let (peer, skipped) = loop {
            let now = Instant::now();
            if now >= deadline {
                return Err(SessionError::NoAnswer {
                    waited: started.elapsed(),
                });
            }
            if now >= due {
                let hello = Hello {
                    nonce,
                    name: concat!("vnicbench ", env!("CARGO_PKG_VERSION")).to_owned(),
                };
                // A writer that has failed closes the session; that is seen below.
                let _ = outgoing.send(Outgoing::Hello(hello));
                due = now + REPEAT;
            }
            match greetings.recv_timeout(due.min(deadline).saturating_duration_since(now)) {
                Ok(Greeting::Answer(peer, skipped)) => break (peer, skipped),
                // The agent has just opened its port and may have missed what came before.
                Ok(Greeting::Unasked) => due = Instant::now(),
                Err(RecvTimeoutError::Timeout) if lock(&shared.state).lost.is_none() => {}
                Err(_) => {
                    return Err(SessionError::Lost {
                        doing: "opening a session".to_owned(),
                        cause: shared.cause(),
                    });
                }
            }
        };
        Ok(Session(Arc::new(Inner {
            shared,
            outgoing,
            next: AtomicU32::new(1),
            peer,
            skipped,
            close,
        })))
    }

    /// What the agent calls itself.
    #[must_use]
    pub fn peer(&self) -> &str {
        &self.0.peer.name
    }

    /// How many bytes of an earlier session were skipped when this one was opened.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.0.skipped
    }

    /// Why the channel is lost; `None` while it isn't known to be.
    #[must_use]
    pub fn lost(&self) -> Option<Arc<ProtocolError>> {
        lock(&self.0.shared.state).lost.clone()
    }

    /// Waits at most so long for the loss of the channel, and says why it was lost.
    #[must_use]
    pub fn wait_lost(&self, timeout: Duration) -> Option<Arc<ProtocolError>> {
        let shared = &self.0.shared;
        let waited = shared
            .lost
            .wait_timeout_while(lock(&shared.state), timeout, |s| s.lost.is_none());
        let (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        state.lost.clone()
    }

    /// Starts a program; its outputs are written to the two sinks as they arrive. A sink
    /// that blocks holds up the whole session. Returns at once: that the program runs
    /// is waited for by [`Job::wait_ready`], so runs with a barrier can be started one
    /// after the other by one thread.
    ///
    /// # Errors
    /// [`SessionError::Lost`], [`SessionError::Unsendable`]. That the program isn't there
    /// is told by the job.
    pub fn start(
        &self,
        command: &Command,
        stdout: Box<dyn Write + Send>,
        stderr: Box<dyn Write + Send>,
    ) -> Result<Job, SessionError> {
        let request = Request::Run(Run {
            argv: command.argv.clone(),
            env: command.env.clone(),
            limit_ms: u64::try_from(command.limit.as_millis()).unwrap_or(u64::MAX),
            ready: command.ready,
            barrier: command.barrier.clone(),
        });
        let sinks = Sinks {
            stdout: Some(stdout),
            stderr: Some(stderr),
            error: None,
        };
        let waiting = command.barrier.as_ref().map_or(0, |b| b.limit_ms);
        let limit = command.limit.saturating_add(Duration::from_millis(waiting));
        let call = self.call(&request, &[], sinks, limit, command.to_string())?;
        Ok(Job {
            session: self.clone(),
            call,
            pid: None,
            started_us: None,
            condition: command.ready,
            ready: false,
            end: None,
        })
    }

    /// Runs a program to its end and keeps its outputs, up to 64 MiB each.
    ///
    /// # Errors
    /// As [`Session::start`] and [`Job::wait`]. A program that fails is no error here: see
    /// [`Output::exit`].
    pub fn run(&self, command: &Command) -> Result<Output, SessionError> {
        self.run_until(command, |_, _| false)
    }

    /// The same, but the program is killed as soon as its outputs so far, standard output and
    /// standard error, are `enough`.
    ///
    /// # Errors
    /// As [`Session::run`].
    pub fn run_until(
        &self,
        command: &Command,
        enough: impl Fn(&[u8], &[u8]) -> bool,
    ) -> Result<Output, SessionError> {
        const LOOK: Duration = Duration::from_millis(100);
        let (stdout, stderr) = (Kept::default(), Kept::default());
        let mut job = self.start(command, Box::new(stdout.clone()), Box::new(stderr.clone()))?;
        let exit = loop {
            if let Some(exit) = job.wait_timeout(LOOK)? {
                break exit;
            }
            if enough(&lock(&stdout.0), &lock(&stderr.0)) {
                break job.stop(Duration::ZERO)?;
            }
        };
        Ok(Output {
            exit,
            stdout: stdout.take(),
            stderr: stderr.take(),
        })
    }

    /// What the machine is.
    ///
    /// # Errors
    /// Any [`SessionError`].
    pub fn info(&self) -> Result<Info, SessionError> {
        let doing = "asking what the machine is";
        match self.ask(&Request::Info, &[], Duration::ZERO, doing)? {
            (Event::Info(info), _) => Ok(info),
            (event, _) => Err(unexpected(doing, &event)),
        }
    }

    /// Finds a NIC by its MAC address, addresses it and brings it up.
    ///
    /// # Errors
    /// Any [`SessionError`].
    pub fn configure_nic(&self, nic: &Nic) -> Result<NicReport, SessionError> {
        let doing = format!("configuring the NIC {}", nic.mac);
        let limit = Duration::from_millis(nic.limit_ms).saturating_mul(2);
        let request = Request::ConfigureNic(nic.clone());
        match self.ask(&request, &[], limit, &doing)? {
            (Event::Nic(report), _) => Ok(report),
            (event, _) => Err(unexpected(&doing, &event)),
        }
    }

    /// Writes a file: with a mode it is created or replaced, without it has to exist and
    /// is written in one go (sysctls, sysfs attributes). At most 64 MiB.
    ///
    /// # Errors
    /// Any [`SessionError`].
    pub fn write_file(
        &self,
        path: &str,
        mode: Option<u32>,
        bytes: &[u8],
    ) -> Result<(), SessionError> {
        let doing = format!("writing {path}");
        let path = path.to_owned();
        self.ask(
            &Request::WriteFile { path, mode },
            bytes,
            Duration::ZERO,
            &doing,
        )?;
        Ok(())
    }

    /// Reads a file of at most `limit` bytes.
    ///
    /// # Errors
    /// Any [`SessionError`].
    pub fn read_file(&self, path: &str, limit: usize) -> Result<Vec<u8>, SessionError> {
        let doing = format!("reading {path}");
        let request = Request::ReadFile {
            path: path.to_owned(),
            limit: limit as u64,
        };
        Ok(self.ask(&request, &[], Duration::ZERO, &doing)?.1)
    }

    /// Loads kernel modules in this order.
    ///
    /// # Errors
    /// Any [`SessionError`].
    pub fn load_modules(&self, paths: &[String]) -> Result<(), SessionError> {
        let request = Request::LoadModules {
            paths: paths.to_vec(),
        };
        let limit = Duration::from_secs(30);
        self.ask(&request, &[], limit, "loading kernel modules")?;
        Ok(())
    }

    /// Switches the machine off. The channel is lost soon after.
    ///
    /// # Errors
    /// Any [`SessionError`].
    pub fn poweroff(&self) -> Result<(), SessionError> {
        let doing = "switching the machine off";
        self.ask(&Request::Poweroff, &[], Duration::ZERO, doing)?;
        Ok(())
    }

    /// One request, its last event, and what came as its output.
    fn ask(
        &self,
        request: &Request,
        input: &[u8],
        limit: Duration,
        doing: &str,
    ) -> Result<(Event, Vec<u8>), SessionError> {
        let kept = Kept::default();
        let sinks = Sinks {
            stdout: Some(Box::new(kept.clone())),
            ..Sinks::default()
        };
        let call = self.call(request, input, sinks, limit, doing.to_owned())?;
        loop {
            match call.next(call.deadline)? {
                None => return Err(call.silent()),
                Some(Event::Failed { text }) => return Err(call.failed(text)),
                Some(event) if event.is_last() => {
                    call.outputs_kept()?;
                    return Ok((event, kept.take()));
                }
                Some(_) => {}
            }
        }
    }

    fn call(
        &self,
        request: &Request,
        input: &[u8],
        sinks: Sinks,
        limit: Duration,
        doing: String,
    ) -> Result<Call, SessionError> {
        let payload = to_json(request).and_then(|payload| match payload.len() {
            0..=MAX_PAYLOAD => Ok(payload),
            len => Err(ProtocolError::TooLarge { len }),
        });
        let payload = payload.map_err(|e| SessionError::Unsendable {
            doing: doing.clone(),
            cause: Arc::new(e),
        })?;
        let id = self.0.next.fetch_add(1, Ordering::Relaxed);
        let (sender, events) = mpsc::channel();
        let sinks = Arc::new(Mutex::new(sinks));
        let pending = Pending {
            events: sender,
            sinks: Arc::clone(&sinks),
        };
        {
            let mut state = lock(&self.0.shared.state);
            if let Some(cause) = state.lost.clone() {
                return Err(SessionError::Lost { doing, cause });
            }
            state.pending.insert(id, pending);
        }
        for piece in input.chunks(PIECE) {
            self.send(Kind::Input, id, piece.to_vec());
        }
        self.send(Kind::Request, id, payload);
        let started = Instant::now();
        let allowed = limit.saturating_add(MARGIN);
        Ok(Call {
            id,
            doing,
            events,
            sinks,
            shared: Arc::clone(&self.0.shared),
            started,
            deadline: started
                .checked_add(allowed)
                .unwrap_or(started + Duration::from_secs(u64::from(u32::MAX))),
        })
    }

    fn send(&self, kind: Kind, id: u32, payload: Vec<u8>) {
        // Fails only when the writing thread has, and then the session is lost, which the
        // one who waits for the answer is told.
        let _ = self.0.outgoing.send(Outgoing::Frame(kind, id, payload));
    }
}

fn unexpected(doing: &str, event: &Event) -> SessionError {
    SessionError::Failed {
        doing: doing.to_owned(),
        text: format!("the agent's answer makes no sense here: {event:?}"),
    }
}

/// A request under way.
struct Call {
    id: u32,
    doing: String,
    events: Receiver<Event>,
    sinks: Arc<Mutex<Sinks>>,
    shared: Arc<Shared>,
    started: Instant,
    /// When an answer is overdue.
    deadline: Instant,
}

impl Call {
    /// The next event; `None` if none came in time.
    fn next(&self, until: Instant) -> Result<Option<Event>, SessionError> {
        let left = until.saturating_duration_since(Instant::now());
        match self.events.recv_timeout(left) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(SessionError::Lost {
                doing: self.doing.clone(),
                cause: self.shared.cause(),
            }),
        }
    }

    fn silent(&self) -> SessionError {
        SessionError::Silent {
            doing: self.doing.clone(),
            waited: self.started.elapsed(),
        }
    }

    fn failed(&self, text: String) -> SessionError {
        SessionError::Failed {
            doing: self.doing.clone(),
            text,
        }
    }

    fn outputs_kept(&self) -> Result<(), SessionError> {
        match lock(&self.sinks).error.clone() {
            None => Ok(()),
            Some(cause) => Err(SessionError::Output {
                doing: self.doing.clone(),
                cause,
            }),
        }
    }
}

/// A program that was started. Dropped before its end it is killed.
pub struct Job {
    session: Session,
    call: Call,
    pid: Option<u32>,
    started_us: Option<u64>,
    condition: Option<Ready>,
    ready: bool,
    end: Option<Result<Exit, SessionError>>,
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Job")
            .field("doing", &self.call.doing)
            .field("end", &self.end)
            .finish_non_exhaustive()
    }
}

impl Job {
    /// Waits until the program is ready as its command says; one without a condition is
    /// ready once it runs.
    ///
    /// # Errors
    /// [`SessionError::NotReady`] after the timeout (the program goes on),
    /// [`SessionError::EndedBeforeReady`], and the errors of [`Job::wait`].
    pub fn wait_ready(&mut self, timeout: Duration) -> Result<(), SessionError> {
        let until = Instant::now() + timeout;
        while !self.ready {
            match &self.end {
                Some(Ok(exit)) => {
                    return Err(SessionError::EndedBeforeReady {
                        doing: self.call.doing.clone(),
                        exit: *exit,
                    });
                }
                Some(Err(e)) => return Err(e.clone()),
                None => {}
            }
            if !self.advance(until.min(self.call.deadline)) {
                return Err(SessionError::NotReady {
                    doing: self.call.doing.clone(),
                    waited: timeout,
                });
            }
        }
        Ok(())
    }

    /// Waits at most so long for the end; `None` if the program still runs.
    ///
    /// # Errors
    /// As [`Job::wait`].
    pub fn wait_timeout(&mut self, timeout: Duration) -> Result<Option<Exit>, SessionError> {
        let now = Instant::now();
        let until = now.checked_add(timeout).unwrap_or(self.call.deadline);
        while self.end.is_none() && self.advance(until.min(self.call.deadline)) {}
        if self.end.is_none() && Instant::now() >= self.call.deadline {
            self.end = Some(Err(self.call.silent()));
        }
        self.end.clone().transpose()
    }

    /// Waits for the end, which comes by itself within the time limit, and until all
    /// output has been written to the sinks.
    ///
    /// # Errors
    /// [`SessionError::Failed`] if the program can't be started, [`SessionError::Lost`],
    /// [`SessionError::Silent`], [`SessionError::Output`].
    pub fn wait(&mut self) -> Result<Exit, SessionError> {
        loop {
            if let Some(exit) = self.wait_timeout(Duration::MAX)? {
                return Ok(exit);
            }
        }
    }

    /// Sends a signal, by its number, to the program's process group.
    ///
    /// # Errors
    /// [`SessionError::Lost`].
    pub fn signal(&self, signal: i32) -> Result<(), SessionError> {
        let job = self.call.id;
        let doing = format!("signal {signal} to {}", self.call.doing);
        let request = Request::Signal { job, signal };
        self.session
            .ask(&request, &[], Duration::ZERO, &doing)
            .map(|_| ())
    }

    /// Ends the program in order: SIGTERM, then SIGKILL after `grace`.
    ///
    /// # Errors
    /// As [`Job::wait`].
    pub fn stop(&mut self, grace: Duration) -> Result<Exit, SessionError> {
        const SIGTERM: i32 = 15;
        const SIGKILL: i32 = 9;
        if let Some(exit) = self.wait_timeout(Duration::ZERO)? {
            return Ok(exit);
        }
        self.signal(SIGTERM)?;
        if let Some(exit) = self.wait_timeout(grace)? {
            return Ok(exit);
        }
        self.signal(SIGKILL)?;
        // Its limit doesn't matter any more.
        self.call.deadline = self.call.deadline.min(Instant::now() + MARGIN);
        self.wait()
    }

    /// Its process id at the agent's end, once it is known to run.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.pid
    }

    /// When it had just been started, in microseconds of the agent's `CLOCK_MONOTONIC`,
    /// once it is known to run. Among jobs of one agent, differences are the start skew.
    #[must_use]
    pub fn started_us(&self) -> Option<u64> {
        self.started_us
    }

    /// Takes one event; `false` if none came in time.
    fn advance(&mut self, until: Instant) -> bool {
        let event = match self.call.next(until) {
            Ok(None) => return false,
            Ok(Some(event)) => event,
            Err(e) => {
                self.end = Some(Err(e));
                return true;
            }
        };
        match event {
            Event::Started { pid, at_us } => {
                self.pid = Some(pid);
                self.started_us = Some(at_us);
                self.ready = self.condition.is_none();
            }
            Event::Ready => self.ready = true,
            Event::Exit(exit) => self.end = Some(self.call.outputs_kept().map(|()| exit)),
            Event::Failed { text } => self.end = Some(Err(self.call.failed(text))),
            other => self.end = Some(Err(unexpected(&self.call.doing, &other))),
        }
        true
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        if self.end.is_none() {
            let request = Request::Signal {
                job: self.call.id,
                signal: 9,
            };
            // Nobody waits for the answer; the reader finds its id and forgets it.
            let sinks = Sinks::default();
            let doing = String::new();
            let _ = self
                .session
                .call(&request, &[], sinks, Duration::ZERO, doing);
        }
    }
}

/// An output kept in memory, up to [`MAX_OUTPUT`].
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Kept {
    fn take(&self) -> Vec<u8> {
        std::mem::take(&mut lock(&self.0))
    }
}

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = lock(&self.0);
        if kept.len() + bytes.len() > MAX_OUTPUT {
            let text = format!("it is longer than {MAX_OUTPUT} bytes");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, text));
        }
        kept.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

enum Greeting {
    /// The agent's answer to this session's Hello, and the bytes skipped before it.
    Answer(Hello, u64),
    /// A Hello that answers nothing.
    Unasked,
}

fn write_frames(writer: impl Write, frames: &Receiver<Outgoing>) -> Result<(), ProtocolError> {
    let mut writer = FrameWriter::new(writer);
    for outgoing in frames {
        match outgoing {
            Outgoing::Hello(hello) => writer.hello(&hello)?,
            Outgoing::Frame(kind, id, payload) => writer.send(kind, id, &payload)?,
        }
    }
    Ok(())
}

/// Reads until the channel is lost, and says why.
fn read_frames(
    reader: impl Read,
    nonce: u64,
    greet: &Sender<Greeting>,
    shared: &Shared,
) -> ProtocolError {
    let mut frames = FrameReader::new(reader);
    let mut skipped = 0;
    loop {
        match frames.find_hello() {
            Ok((hello, before)) => {
                skipped += before;
                let answers = hello.nonce == nonce;
                let greeting = if answers {
                    Greeting::Answer(hello, skipped)
                } else {
                    Greeting::Unasked
                };
                if greet.send(greeting).is_err() {
                    return ProtocolError::Closed;
                }
                if answers {
                    break;
                }
            }
            Err(e) => return e,
        }
    }
    loop {
        if let Err(e) = frames.read().and_then(|frame| deliver(frame, shared)) {
            return e;
        }
    }
}

fn deliver(frame: crate::frame::Frame, shared: &Shared) -> Result<(), ProtocolError> {
    let id = frame.id;
    let unknown = || ProtocolError::Garbled {
        what: format!("an answer to request {id}, which isn't open"),
    };
    let pending = |shared: &Shared| lock(&shared.state).pending.get(&id).cloned();
    match frame.kind {
        Kind::Stdout | Kind::Stderr => {
            let pending = pending(shared).ok_or_else(unknown)?;
            lock(&pending.sinks).write(frame.kind, &frame.payload);
        }
        Kind::Event => {
            let event = frame.message::<Event>()?;
            if let (0, Event::Failed { text }) = (id, &event) {
                return Err(ProtocolError::Ended { text: text.clone() });
            }
            let pending = pending(shared).ok_or_else(unknown)?;
            if event.is_last() {
                lock(&shared.state).pending.remove(&id);
                lock(&pending.sinks).close();
            }
            // A job that was dropped doesn't listen any more.
            let _ = pending.events.send(event);
        }
        Kind::Hello => {
            return Err(ProtocolError::Garbled {
                what: "the agent began anew".to_owned(),
            });
        }
        Kind::Request | Kind::Input => {
            return Err(ProtocolError::Garbled {
                what: format!("an agent sent a {:?} frame", frame.kind),
            });
        }
    }
    Ok(())
}
