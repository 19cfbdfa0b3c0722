use std::io;
use std::path::{Path, PathBuf};

use vnicbench_agent::SessionError;

/// What can go wrong on the host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// Root rights are missing.
    #[error(
        "measuring on this host's NIC needs root (it makes VFs, bridges and namespaces); run the same command with sudo"
    )]
    NotRoot,
    /// The host can't do it.
    #[error("this host can't run the campaign:\n{}", list(.problems))]
    Unfit {
        /// What is missing, each with the command that mends it.
        problems: Vec<String>,
    },
    /// A kernel or a QEMU that the matrix names isn't there.
    #[error(transparent)]
    Version(#[from] vnicbench_model::VersionError),
    /// A host change failed.
    #[error("{doing}: {message}")]
    Change {
        /// What was being done, to what.
        doing: String,
        /// What went wrong.
        message: String,
    },
    /// The host could not be put back in full.
    #[error("the host could not be put back in full{}; do by hand:\n{}", after(.cause), list(.failures))]
    NotRestored {
        /// What had gone wrong before; empty if nothing had.
        cause: String,
        /// What could not be undone, and why.
        failures: Vec<String>,
    },
    /// Another run has the host.
    #[error("another vnicbench runs here{}; wait for its end ({} is its lock)", process(.pid), .lock.display())]
    Busy {
        /// The lock that it holds.
        lock: PathBuf,
        /// Its process, if it said so.
        pid: String,
    },
    /// An earlier run ended without putting the host back.
    #[error(
        "an earlier run was cut off and left {changes} changes to this host, listed in {journal}; put them back first: vnicbench restore"
    )]
    Stale {
        /// The journal that lists them.
        journal: PathBuf,
        /// How many there are.
        changes: usize,
    },
    /// The host's journal is not what it should be.
    #[error("{journal}{}: {message}", at(.line))]
    Journal {
        /// The journal.
        journal: PathBuf,
        /// Line, from 1; 0 if it isn't about one.
        line: usize,
        /// What is wrong, and what to do.
        message: String,
    },
    /// A guest didn't come up.
    #[error("guest {guest} did not come up: {reason}; the end of its console ({console}):\n{tail}")]
    Boot {
        /// Which guest.
        guest: String,
        /// Why.
        reason: String,
        /// Its console log.
        console: PathBuf,
        /// The end of it.
        tail: String,
    },
    /// The test host didn't come up or went away.
    #[error("the emulated test host {what}; the end of its console ({console}):\n{tail}")]
    TestHost {
        /// What happened.
        what: String,
        /// Its console log.
        console: PathBuf,
        /// The end of it.
        tail: String,
    },
    /// A job of an agent failed.
    #[error(transparent)]
    Session(#[from] SessionError),
    /// The kit lacks a program.
    #[error("the kit names no program {0:?}; remake it by running without --kit")]
    Kit(&'static str),
    /// The file system said no.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was being done.
        action: &'static str,
        /// To what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// Someone asked to stop.
    #[error("interrupted")]
    Interrupted,
}

fn process(pid: &str) -> String {
    if pid.is_empty() {
        String::new()
    } else {
        format!(" (process {pid})")
    }
}

fn at(line: &usize) -> String {
    match line {
        0 => String::new(),
        line => format!(":{line}"),
    }
}

fn after(cause: &str) -> String {
    if cause.is_empty() {
        String::new()
    } else {
        format!(" after this: {cause}")
    }
}

fn list(problems: &[String]) -> String {
    problems
        .iter()
        .map(|problem| format!("  - {problem}"))
        .collect::<Vec<_>>()
        .join("\n")
}

pub(crate) fn io_error<'a>(
    action: &'static str,
    path: &'a Path,
) -> impl FnOnce(io::Error) -> HostError + 'a {
    move |source| HostError::Io {
        action,
        path: path.to_owned(),
        source,
    }
}

/// The last lines of a log, for an error; escape sequences and other control characters
/// of a console are left out.
pub(crate) fn tail(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap_or_default();
    let start = bytes.len().saturating_sub(2000);
    let text = String::from_utf8_lossy(&bytes[start..]);
    let clean: String = text
        .chars()
        .filter(|c| *c == '\n' || !c.is_control())
        .collect();
    let lines: Vec<&str> = clean.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
