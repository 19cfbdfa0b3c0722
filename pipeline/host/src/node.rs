//! An agent in a place where programs run.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vnicbench_agent::Session;
use vnicbench_model::Kit;

use crate::command::words;
use crate::error::HostError;
use crate::place::Place;
use crate::ssh::Destination;

/// How long an agent on this machine may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// How long it may take to end its jobs and itself.
const END_LIMIT: Duration = Duration::from_secs(5);

/// How long one on another host may: a small machine is slow to agree on keys.
const REMOTE_ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// An agent that this process has started, and the session with it.
#[derive(Debug)]
pub struct Node {
    /// What logs call it.
    pub name: String,
    place: Place,
    cgroup: Option<PathBuf>,
    session: Option<Session>,
    child: Child,
}

impl Node {
    /// Starts an agent in a place; on another host, where the kit's is copied to. With a
    /// cgroup, by its directory, all that the agent starts on this host is in it.
    ///
    /// # Errors
    ///
    /// [`HostError`] if it can't be started or doesn't answer.
    pub fn start(
        kit: &Kit,
        name: &str,
        place: &Place,
        cgroup: Option<&Path>,
    ) -> Result<Self, HostError> {
        let agent = kit.programs.get("agent").ok_or(HostError::Kit("agent"))?;
        let with_cgroup = || {
            let cgroup = cgroup.map(|cgroup| cgroup.display().to_string());
            let flag = cgroup.map(|cgroup| ["--cgroup".to_owned(), cgroup]);
            agent.iter().cloned().chain(flag.into_iter().flatten())
        };
        let argv: Vec<String> = match place {
            Place::Here => with_cgroup().collect(),
            Place::Namespace(name) => words(["ip", "netns", "exec", name])
                .into_iter()
                .chain(with_cgroup())
                .collect(),
            Place::Ssh(destination) => return Self::over_ssh(agent, name, destination),
        };
        Self::connect(&argv, name, place, cgroup, ANSWER_LIMIT)
    }

    /// Copies the agent, the first of these words, to another host and starts it there. It
    /// ends with its input, so with the connection.
    pub(crate) fn over_ssh(
        agent: &[String],
        name: &str,
        destination: &Destination,
    ) -> Result<Self, HostError> {
        let (program, arguments) = agent.split_first().ok_or(HostError::Kit("agent"))?;
        let there = destination.install(Path::new(program))?;
        let command: Vec<String> = std::iter::once(&there).chain(arguments).cloned().collect();
        let place = Place::from(destination.clone());
        let argv = destination.argv(&command);
        Self::connect(&argv, name, &place, None, REMOTE_ANSWER_LIMIT)
    }

    fn connect(
        argv: &[String],
        name: &str,
        place: &Place,
        cgroup: Option<&Path>,
        limit: Duration,
    ) -> Result<Self, HostError> {
        let failed = |message: String| HostError::Change {
            doing: format!("starting an agent: {}", argv.join(" ")),
            message,
        };
        let mut child = Command::new(&argv[0])
            .args(&argv[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A Ctrl-C at the terminal is for the runner, which still needs its agents to undo things.
            .process_group(0)
            .spawn()
            .map_err(|error| failed(error.to_string()))?;
        let (Some(reader), Some(writer)) = (child.stdout.take(), child.stdin.take()) else {
            return Err(failed("it has no pipes".into()));
        };
        let session = Session::connect(reader, writer, Instant::now() + limit);
        let node = |session| Self {
            name: name.to_owned(),
            place: place.clone(),
            cgroup: cgroup.map(Path::to_owned),
            session,
            child,
        };
        match session {
            Ok(session) => Ok(node(Some(session))),
            Err(error) => {
                drop(node(None));
                Err(error.into())
            }
        }
    }

    /// Whether it is on another host, whose programs are its own.
    pub fn is_elsewhere(&self) -> bool {
        self.place.destination().is_some()
    }

    /// The cgroup of all that it starts.
    pub(crate) fn cgroup(&self) -> Option<&Path> {
        self.cgroup.as_deref()
    }

    /// The session with the agent.
    pub fn session(&self) -> Session {
        // Only `drop` takes it.
        self.session
            .clone()
            .unwrap_or_else(|| unreachable!("a node in use has a session"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // The end of its input tells the agent to end its jobs and itself.
        self.session = None;
        let until = Instant::now() + END_LIMIT;
        while Instant::now() < until {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
