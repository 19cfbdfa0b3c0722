//! Changes to the host, each with its undoing.

use std::fs;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::HostError;

/// A change and what undoes it, as data: it can be written down before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// A value written to a file of sysfs or procfs.
    Write {
        /// The file.
        path: PathBuf,
        /// What it held, and will hold again.
        old: String,
        /// What it is to hold.
        new: String,
    },
    /// A value written to a file that does something instead of keeping it, such as
    /// `drivers_probe`; undone by another such write.
    Poke {
        /// The file.
        path: PathBuf,
        /// What is written.
        value: String,
        /// File and value that undo it.
        undo: Option<(PathBuf, String)>,
    },
    /// A program run; undone by another.
    Run {
        /// The argument vector.
        argv: Vec<String>,
        /// The argument vector that undoes it; empty if something else's undoing does.
        undo: Vec<String>,
    },
}

impl Change {
    /// A write of `new` over what `path` holds now.
    ///
    /// # Errors
    ///
    /// [`HostError::Io`] if it can't be read.
    pub fn write(path: impl Into<PathBuf>, new: impl Into<String>) -> Result<Self, HostError> {
        let path = path.into();
        let old = fs::read_to_string(&path).map_err(|source| HostError::Io {
            action: "read",
            path: path.clone(),
            source,
        })?;
        Ok(Self::Write {
            path,
            old: old.trim_end().to_owned(),
            new: new.into(),
        })
    }

    /// A program to run and the one that undoes it.
    pub fn run(argv: &[&str], undo: &[&str]) -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self::Run {
            argv: owned(argv),
            undo: owned(undo),
        }
    }

    fn make(&self) -> Result<(), HostError> {
        match self {
            Self::Write { path, new, .. }
            | Self::Poke {
                path, value: new, ..
            } => put(path, new),
            Self::Run { argv, .. } => execute(argv),
        }
    }

    fn unmake(&self) -> Result<(), HostError> {
        match self {
            Self::Write { path, old, .. } => put(path, old),
            Self::Poke {
                undo: Some((path, value)),
                ..
            } => put(path, value),
            Self::Run { undo, .. } if !undo.is_empty() => execute(undo),
            Self::Poke { .. } | Self::Run { .. } => Ok(()),
        }
    }
}

fn put(path: &Path, value: &str) -> Result<(), HostError> {
    // One write with a newline: an empty value would otherwise be no write at all.
    fs::write(path, format!("{value}\n")).map_err(|source: io::Error| HostError::Change {
        doing: format!("writing {value:?} to {}", path.display()),
        message: source.to_string(),
    })
}

fn execute(argv: &[String]) -> Result<(), HostError> {
    let failed = |message: String| HostError::Change {
        doing: format!("running {}", argv.join(" ")),
        message,
    };
    let Some((program, arguments)) = argv.split_first() else {
        return Ok(());
    };
    let mut child = Command::new(program)
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        // A Ctrl-C at the terminal is not for it: a change is made or undone in whole.
        .process_group(0)
        .spawn()
        .map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => failed(format!(
                "{program} is not on this machine; on Debian: apt-get install iproute2 kmod"
            )),
            _ => failed(error.to_string()),
        })?;
    let until = Instant::now() + COMMAND_LIMIT;
    let status = loop {
        match child
            .try_wait()
            .map_err(|error| failed(error.to_string()))?
        {
            Some(status) => break status,
            None if Instant::now() > until => {
                let _ = child.kill();
                let _ = child.wait();
                return Err(failed(format!(
                    "no end after {} s",
                    COMMAND_LIMIT.as_secs()
                )));
            }
            None => std::thread::sleep(Duration::from_millis(2)),
        }
    };
    if status.success() {
        return Ok(());
    }
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        let _ = stderr.read_to_string(&mut said);
    }
    Err(failed(format!("{status}, {}", said.trim())))
}

/// ip and modprobe take milliseconds; on an emulated host tenths of a second.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// Where changes are written down before they are made.
pub trait ChangeLog {
    /// A change is about to be made; it is on disk when this returns.
    ///
    /// # Errors
    ///
    /// If it can't be written down; the change isn't made then.
    fn making(&mut self, change: &Change) -> Result<(), HostError>;
    /// A change was undone, or could not be, and why.
    fn undone(&mut self, change: &Change, failure: Option<&str>);
}

/// The changes made so far; dropping undoes them, the last one first.
pub struct Changes {
    made: Vec<Change>,
    log: Box<dyn ChangeLog>,
}

impl Changes {
    /// None yet.
    pub fn new(log: Box<dyn ChangeLog>) -> Self {
        Self {
            made: Vec::new(),
            log,
        }
    }

    /// Writes a change down and makes it. If making fails it may have been made in part,
    /// so it is undone with the others all the same.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done.
    pub fn make(&mut self, change: Change) -> Result<(), HostError> {
        self.log.making(&change)?;
        let result = change.make();
        // What was there before is somebody else's, and so is its removal.
        let foreign = matches!(&result, Err(HostError::Change { message, .. }) if message.contains("File exists"));
        if !foreign {
            self.made.push(change);
        }
        result
    }

    /// Undoes everything; what could not be undone, in words.
    pub fn undo(&mut self) -> Vec<String> {
        let mut failures = Vec::new();
        while let Some(change) = self.made.pop() {
            let failure = change.unmake().err().map(|error| error.to_string());
            self.log.undone(&change, failure.as_deref());
            failures.extend(failure);
        }
        failures
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.undo();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<String>>>);

    impl ChangeLog for Lines {
        fn making(&mut self, change: &Change) -> Result<(), HostError> {
            self.0
                .lock()
                .unwrap()
                .push(serde_json::to_string(change).unwrap());
            Ok(())
        }
        fn undone(&mut self, _: &Change, failure: Option<&str>) {
            self.0.lock().unwrap().push(format!("undone {failure:?}"));
        }
    }

    #[test]
    fn undoes_in_reverse_and_goes_on_after_a_failure() {
        let directory = tempfile::tempdir().unwrap();
        let (a, b) = (directory.path().join("a"), directory.path().join("b"));
        fs::write(&a, "1\n").unwrap();
        fs::write(&b, "x\n").unwrap();
        let log = Lines::default();
        let mut changes = Changes::new(Box::new(log.clone()));
        changes.make(Change::write(&a, "2").unwrap()).unwrap();
        changes.make(Change::write(&b, "y").unwrap()).unwrap();
        changes.make(Change::run(&["true"], &["false"])).unwrap();
        changes.make(Change::write(&a, "3").unwrap()).unwrap();
        assert_eq!(fs::read_to_string(&a).unwrap(), "3\n");
        let failures = changes.undo();
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].contains("running false"));
        assert_eq!(fs::read_to_string(&a).unwrap(), "1\n");
        assert_eq!(fs::read_to_string(&b).unwrap(), "x\n");
        assert_eq!(log.0.lock().unwrap().len(), 8);
    }

    #[test]
    fn dropping_undoes_and_a_failed_change_is_undone_too() {
        let directory = tempfile::tempdir().unwrap();
        let (mark, file) = (directory.path().join("mark"), directory.path().join("file"));
        fs::write(&file, "old\n").unwrap();
        {
            let mut changes = Changes::new(Box::new(Lines::default()));
            changes.make(Change::write(&file, "new").unwrap()).unwrap();
            let touch = ["touch", mark.to_str().unwrap()];
            let error = changes
                .make(Change::run(&["false"], &touch))
                .unwrap_err()
                .to_string();
            assert!(
                error.starts_with("running false: exit status: 1"),
                "{error}"
            );
        }
        assert!(mark.exists());
        assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");
    }

    #[test]
    fn a_change_that_cannot_be_written_down_is_not_made() {
        struct Full;
        impl ChangeLog for Full {
            fn making(&mut self, _: &Change) -> Result<(), HostError> {
                Err(HostError::Interrupted)
            }
            fn undone(&mut self, _: &Change, _: Option<&str>) {}
        }
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, "old\n").unwrap();
        let mut changes = Changes::new(Box::new(Full));
        assert!(changes.make(Change::write(&file, "new").unwrap()).is_err());
        assert_eq!(fs::read_to_string(&file).unwrap(), "old\n");
    }
}
