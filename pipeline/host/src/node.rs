//! A place where programs run: the host, a network namespace.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use vnicbench_agent::Session;
use vnicbench_model::Kit;

use crate::error::HostError;

/// How long an agent on this machine may take to answer.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);
/// How long it may take to end its jobs and itself.
const END_LIMIT: Duration = Duration::from_secs(5);

/// An agent on this machine, and the session with it.
#[derive(Debug)]
pub struct Node {
    /// What logs call it.
    pub name: String,
    cgroup: Option<PathBuf>,
    session: Option<Session>,
    child: Child,
}

impl Node {
    /// Starts an agent on the host itself, or in a network namespace; with a cgroup, by its
    /// directory, all that the agent starts is in it.
    ///
    /// # Errors
    ///
    /// [`HostError`] if it can't be started or doesn't answer.
    pub fn start(
        kit: &Kit,
        name: &str,
        namespace: Option<&str>,
        cgroup: Option<&Path>,
    ) -> Result<Self, HostError> {
        let mut argv: Vec<String> = Vec::new();
        if let Some(namespace) = namespace {
            argv.extend(["ip", "netns", "exec", namespace].map(str::to_owned));
        }
        argv.extend(
            kit.programs
                .get("agent")
                .ok_or(HostError::Kit("agent"))?
                .iter()
                .cloned(),
        );
        if let Some(cgroup) = cgroup {
            argv.extend(["--cgroup".to_owned(), cgroup.display().to_string()]);
        }
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
        let session = Session::connect(reader, writer, Instant::now() + ANSWER_LIMIT);
        let node = |session| Self {
            name: name.to_owned(),
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
