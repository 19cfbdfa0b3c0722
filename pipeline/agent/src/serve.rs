//! The request loop.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use rustix::process::{Signal, setsid};

use crate::barrier::Barriers;
use crate::cgroup;
use crate::children::{adopt_orphans, sweep};
use crate::frame::{FrameReader, FrameWriter, Kind, MAX_PAYLOAD, ProtocolError, to_json};
use crate::job::{self, Handle};
use crate::message::{Event, Hello, Request};
use crate::{init, kmod, machine, nic};

/// How long the end of a session waits for the end of its jobs, all of them killed.
const ENDING: Duration = Duration::from_secs(8);
/// The most input kept for requests that are still to come, in bytes.
const MAX_INPUT: usize = 64 << 20;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What an agent is apart from its channel.
#[derive(Debug, Clone, Default)]
pub struct Agent {
    /// Set in every program's environment, over what the agent itself was given.
    pub env: Vec<(String, String)>,
    /// Reported in [`crate::Info`]: what its image is for.
    pub role: String,
    /// Reported in [`crate::Info`]: what went wrong so far.
    pub warnings: Vec<String>,
    /// Whether it is its machine's init, and so may switch it off.
    pub is_init: bool,
}

/// Serves requests over stdin and stdout until stdin ends; then every process of every
/// job is killed and waited for. This process has to have no other business: it becomes
/// a session leader (so that a terminal's Ctrl-C goes to the client alone, which then
/// ends the jobs in order) and the parent of every orphan below it.
///
/// With a cgroup, the absolute path of its directory (cgroup v2), it enters that first, so
/// that everything it starts can be found there even after this process was killed. If
/// it can't, that is a warning in [`crate::Info`].
///
/// # Errors
/// [`ProtocolError`] if the channel was lost other than by being closed.
pub fn serve_stdio(cgroup: Option<&Path>) -> Result<(), ProtocolError> {
    // Fails for a process group's leader, whom a terminal's signals don't reach anyway.
    let _ = setsid();
    let warnings = cgroup.and_then(|dir| cgroup::enter(dir).err());
    adopt_orphans()?;
    // Not Rust's own handles: those keep back what isn't a whole line.
    let reader = File::from(io::stdin().as_fd().try_clone_to_owned()?);
    let writer = File::from(io::stdout().as_fd().try_clone_to_owned()?);
    let agent = Agent {
        warnings: warnings.into_iter().collect(),
        ..Agent::default()
    };
    serve(&agent, reader, writer)
}

/// Serves requests until the channel ends; all jobs are then killed.
///
/// # Errors
/// [`ProtocolError`] if the channel was lost other than by being closed.
pub fn serve(
    agent: &Agent,
    reader: impl Read,
    writer: impl Write + Send + 'static,
) -> Result<(), ProtocolError> {
    let agent = Arc::new(agent.clone());
    let writer: Box<dyn Write + Send> = Box::new(writer);
    let wire = Arc::new(Wire {
        writer: Mutex::new(FrameWriter::new(writer)),
        session: AtomicU64::new(0),
    });
    let mut frames = FrameReader::new(reader);
    lock(&wire.writer).hello(&hello(0))?;
    let mut nonce = loop {
        match frames.find_hello() {
            Ok((hello, _)) => break hello.nonce,
            Err(ProtocolError::Closed) => return Ok(()),
            // An answer with this end's version tells the client what is the matter.
            Err(ProtocolError::Version { .. }) => lock(&wire.writer).hello(&hello(0))?,
            Err(e) => return Err(e),
        }
    };
    loop {
        let session = Session::begin(&agent, &wire, nonce)?;
        let end = session.run(&mut frames);
        if let Err(e @ (ProtocolError::Garbled { .. } | ProtocolError::Version { .. })) = &end {
            let text = e.to_string();
            session.outbox.event(0, &Event::Failed { text });
        }
        session.end();
        match end {
            Ok(next) => nonce = next,
            Err(ProtocolError::Closed) => return Ok(()),
            Err(e) => return Err(e),
        }
    }
}

fn hello(nonce: u64) -> Hello {
    Hello {
        nonce,
        name: concat!("vnicbench-agent ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

/// The way to the client.
struct Wire {
    writer: Mutex<FrameWriter<Box<dyn Write + Send>>>,
    /// The nonce of the session that may write, 0 for none: a job that outlives its
    /// session writes nothing into the next. Not behind the lock, which a writer that
    /// waits for the client holds.
    session: AtomicU64,
}

/// Where a session's jobs put what they have to say.
#[derive(Clone)]
pub(crate) struct Outbox {
    wire: Arc<Wire>,
    session: u64,
}

impl Outbox {
    /// `false` once nobody listens any more.
    pub(crate) fn send(&self, kind: Kind, id: u32, payload: &[u8]) -> bool {
        let mut writer = lock(&self.wire.writer);
        if self.wire.session.load(Ordering::SeqCst) != self.session {
            return false;
        }
        let sent = writer.send(kind, id, payload);
        if sent.is_err() {
            self.close();
        }
        sent.is_ok()
    }

    fn close(&self) {
        self.wire.session.store(0, Ordering::SeqCst);
    }

    pub(crate) fn event(&self, id: u32, event: &Event) -> bool {
        let payload = match to_json(event) {
            Ok(payload) if payload.len() <= MAX_PAYLOAD => payload,
            _ => br#"{"event":"failed","text":"the answer doesn't fit into a frame"}"#.to_vec(),
        };
        self.send(Kind::Event, id, &payload)
    }
}

/// The jobs that run.
#[derive(Default)]
struct Jobs {
    running: Mutex<HashMap<u32, Arc<Handle>>>,
    fewer: Condvar,
}

struct Session {
    agent: Arc<Agent>,
    nonce: u64,
    outbox: Outbox,
    jobs: Arc<Jobs>,
    barriers: Arc<Barriers>,
}

impl Session {
    fn begin(agent: &Arc<Agent>, wire: &Arc<Wire>, nonce: u64) -> Result<Self, ProtocolError> {
        let mut writer = lock(&wire.writer);
        wire.session.store(nonce, Ordering::SeqCst);
        writer.hello(&hello(nonce))?;
        Ok(Session {
            agent: Arc::clone(agent),
            nonce,
            outbox: Outbox {
                wire: Arc::clone(wire),
                session: nonce,
            },
            jobs: Arc::default(),
            barriers: Arc::default(),
        })
    }

    /// Takes requests until a Hello with another nonce, which is returned, or the end.
    fn run<R: Read>(&self, frames: &mut FrameReader<R>) -> Result<u64, ProtocolError> {
        let mut inputs: HashMap<u32, Vec<u8>> = HashMap::new();
        let mut kept = 0;
        loop {
            let frame = frames.read()?;
            match frame.kind {
                Kind::Hello => match frame.message::<Hello>()?.nonce {
                    // The client repeated it before the answer reached it.
                    nonce if nonce == self.nonce => {}
                    nonce => return Ok(nonce),
                },
                Kind::Input => {
                    kept += frame.payload.len();
                    if kept > MAX_INPUT {
                        return Err(ProtocolError::Garbled {
                            what: format!("more than {MAX_INPUT} bytes of input for no request"),
                        });
                    }
                    inputs.entry(frame.id).or_default().extend(frame.payload);
                }
                Kind::Request => {
                    let input = inputs.remove(&frame.id).unwrap_or_default();
                    kept -= input.len();
                    self.dispatch(frame.id, frame.message()?, input);
                }
                kind @ (Kind::Event | Kind::Stdout | Kind::Stderr) => {
                    return Err(ProtocolError::Garbled {
                        what: format!("a client sent a {kind:?} frame"),
                    });
                }
            }
        }
    }

    fn dispatch(&self, id: u32, request: Request, input: Vec<u8>) {
        let outbox = self.outbox.clone();
        match request {
            // Not on a thread of its own: a signal is to arrive before what follows it.
            Request::Signal { job, signal } => {
                outbox.event(id, &self.signal(job, signal));
            }
            Request::Run(run) => {
                let handle = Arc::new(Handle::default());
                lock(&self.jobs.running).insert(id, Arc::clone(&handle));
                let (agent, jobs) = (Arc::clone(&self.agent), Arc::clone(&self.jobs));
                let barriers = Arc::clone(&self.barriers);
                thread::spawn(move || {
                    let last = job::run(id, &run, &agent.env, &barriers, &handle, &outbox);
                    outbox.event(id, &last);
                    lock(&jobs.running).remove(&id);
                    jobs.fewer.notify_all();
                });
            }
            request => {
                let agent = Arc::clone(&self.agent);
                thread::spawn(move || {
                    let last = answer(&agent, id, request, &input, &outbox)
                        .unwrap_or_else(|text| Event::Failed { text });
                    outbox.event(id, &last);
                });
            }
        }
    }

    fn signal(&self, job: u32, signal: i32) -> Event {
        let Some(signal) = Signal::from_named_raw(signal) else {
            return Event::Failed {
                text: format!("{signal} is no signal"),
            };
        };
        if let Some(handle) = lock(&self.jobs.running).get(&job) {
            handle.signal(signal);
        }
        Event::Done
    }

    /// Kills what still runs and waits for its end.
    fn end(self) {
        self.outbox.close();
        let running = lock(&self.jobs.running);
        for handle in running.values() {
            handle.signal(Signal::KILL);
        }
        let gone = self
            .jobs
            .fewer
            .wait_timeout_while(running, ENDING, |running| !running.is_empty());
        drop(gone);
        sweep(None);
    }
}

/// Carries out what isn't a job; the answer is the last event.
fn answer(
    agent: &Agent,
    id: u32,
    request: Request,
    input: &[u8],
    outbox: &Outbox,
) -> Result<Event, String> {
    match request {
        Request::Run(_) | Request::Signal { .. } => Err("not a request of this kind".to_owned()),
        Request::ConfigureNic(nic) => nic::configure(&nic, &agent.env).map(Event::Nic),
        Request::WriteFile { path, mode } => {
            machine::write_file(&path, mode, input).map(|()| Event::Done)
        }
        Request::ReadFile { path, limit } => {
            machine::read_file(&path, limit, |piece| outbox.send(Kind::Stdout, id, piece))
                .map(|()| Event::Done)
        }
        Request::LoadModules { paths } => paths
            .iter()
            .try_for_each(|path| kmod::load(path))
            .map(|()| Event::Done),
        Request::Info => Ok(Event::Info(machine::info(&agent.role, &agent.warnings))),
        Request::Poweroff if agent.is_init => {
            outbox.event(id, &Event::Done);
            // Let the host take the answer out of the port's queue.
            thread::sleep(Duration::from_millis(100));
            init::power_off()
        }
        Request::Poweroff => Err("this agent isn't its machine's init, so it can't".to_owned()),
    }
}
