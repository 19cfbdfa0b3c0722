//! The journal's file: a JSON value a line, each on disk before anything follows from it.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use vnicbench_model::fault;

use super::ChangeRecord;
use crate::error::{HostError, io_error};

/// The journal's name in its directory.
pub const JOURNAL: &str = "host.jsonl";
const LOCK: &str = "host.lock";

/// A line of the journal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    /// A change is to be made.
    Change(ChangeRecord),
    /// A change led to another state than it was to.
    Found {
        /// Its number.
        found: u64,
        /// The state.
        state: String,
    },
    /// A change was undone.
    Dropped {
        /// Its number.
        dropped: u64,
    },
}

/// A change that was not undone yet.
#[derive(Debug, Clone)]
pub(super) struct Open {
    pub(super) record: ChangeRecord,
    /// States that it led to besides the wanted one.
    pub(super) found: Vec<String>,
}

/// The journal, held by this process alone.
pub(super) struct Ledger {
    directory: PathBuf,
    path: PathBuf,
    file: Option<File>,
    length: u64,
    last: u64,
    boot: String,
    // Held as long as this is open; the kernel lets go of it when the process ends, however it does.
    lock: File,
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Closing would not do: a child that another thread starts in this moment shares the
        // open file, and with it the lock, until it runs its program.
        let _ = self.lock.unlock();
    }
}

impl Ledger {
    /// Takes the journal and reads what is open in it.
    pub(super) fn open(directory: &Path) -> Result<(Self, Vec<Open>), HostError> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(directory)
            .map_err(io_error("make", directory))?;
        trust(directory)?;
        let lock = lock(&directory.join(LOCK))?;
        let path = directory.join(JOURNAL);
        let mut ledger = Self {
            directory: directory.to_owned(),
            file: None,
            length: 0,
            last: 0,
            boot: boot(),
            path,
            lock,
        };
        let open = ledger.read()?;
        Ok((ledger, open))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// This boot of the host.
    pub(super) fn boot(&self) -> &str {
        &self.boot
    }

    /// The number of the next change.
    pub(super) fn next(&self) -> u64 {
        self.last + 1
    }

    /// Lets go of the lock, as the end of the process would.
    #[cfg(test)]
    pub(super) fn release(&self) {
        self.lock.unlock().unwrap();
    }

    fn read(&mut self) -> Result<Vec<Open>, HostError> {
        let mut bytes = Vec::new();
        let mut file = match OpenOptions::new().read(true).append(true).open(&self.path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io_error("open", &self.path)(error)),
        };
        trust(&self.path)?;
        file.read_to_end(&mut bytes)
            .map_err(io_error("read", &self.path))?;
        let mut open: BTreeMap<u64, Open> = BTreeMap::new();
        let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
        for (index, line) in lines.iter().enumerate() {
            let parsed = if line.ends_with(b"\n") {
                serde_json::from_slice::<Line>(line).map_err(|error| error.to_string())
            } else {
                Err("it has no end".into())
            };
            match parsed {
                Ok(Line::Change(record)) => {
                    self.last = self.last.max(record.entry);
                    let found = Vec::new();
                    open.insert(record.entry, Open { record, found });
                }
                Ok(Line::Found { found, state }) => {
                    if let Some(open) = open.get_mut(&found) {
                        open.found.push(state);
                    }
                }
                Ok(Line::Dropped { dropped }) => {
                    open.remove(&dropped);
                }
                // Cut by a crash: what it was to say had not been done then.
                Err(_) if index + 1 == lines.len() => {
                    file.set_len(self.length)
                        .and_then(|()| file.sync_all())
                        .map_err(io_error("cut the end of", &self.path))?;
                    break;
                }
                Err(message) => {
                    return Err(HostError::Journal {
                        journal: self.path.clone(),
                        line: index + 1,
                        message: format!(
                            "{message}; put right that line or, if its change is undone, remove it, then: vnicbench restore"
                        ),
                    });
                }
            }
            self.length += line.len() as u64;
        }
        self.file = Some(file);
        Ok(open.into_values().collect())
    }

    /// Adds a line; it is on disk when this returns.
    pub(super) fn append(&mut self, line: &Line) -> Result<(), HostError> {
        let path = self.path.clone();
        self.add(line).map_err(io_error("append to", &path))?;
        fault::step();
        Ok(())
    }

    fn add(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        let file = match &mut self.file {
            Some(file) => file,
            None => {
                let file = OpenOptions::new()
                    .create(true)
                    .append(true)
                    .mode(0o600)
                    .open(&self.path)?;
                sync_directory(&self.directory)?;
                self.file.insert(file)
            }
        };
        // A part of a line, left by one that failed, would spoil this one.
        if file.metadata()?.len() != self.length {
            file.set_len(self.length)?;
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        self.length += bytes.len() as u64;
        if let Line::Change(record) = line {
            self.last = record.entry;
        }
        Ok(())
    }

    /// Removes the file, all of whose changes are undone.
    pub(super) fn remove(&mut self) -> Result<(), HostError> {
        self.file = None;
        self.length = 0;
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(io_error("remove", &self.path)(error))
            }
            _ => sync_directory(&self.directory).map_err(io_error("sync", &self.directory)),
        }
    }
}

/// Now, by RFC 3339.
pub(super) fn now() -> String {
    humantime::format_rfc3339_millis(SystemTime::now()).to_string()
}

fn boot() -> String {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}

fn sync_directory(path: &Path) -> io::Result<()> {
    match File::open(path)?.sync_all() {
        // Some network file systems can't sync a directory.
        Err(error) if error.kind() == io::ErrorKind::InvalidInput => Ok(()),
        other => other,
    }
}

fn lock(path: &Path) -> Result<File, HostError> {
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .mode(0o600)
        .open(path)
        .map_err(io_error("open", path))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.read_to_string(&mut pid);
            return Err(HostError::Busy {
                lock: path.to_owned(),
                pid: pid.trim().to_owned(),
            });
        }
        Err(TryLockError::Error(error)) => return Err(io_error("lock", path)(error)),
    }
    // Only for the message of one that comes meanwhile.
    let _ = file.set_len(0);
    let _ = writeln!(file, "{}", std::process::id());
    Ok(file)
}

/// What is in the journal is done with root's rights, so nobody else may write it.
fn trust(path: &Path) -> Result<(), HostError> {
    let metadata = fs::metadata(path).map_err(io_error("look at", path))?;
    // The owner of this process's entry is the effective user.
    let own = fs::metadata("/proc/self").map(|own| own.uid()).unwrap_or(0);
    if metadata.uid() == own && metadata.mode() & 0o022 == 0 {
        return Ok(());
    }
    Err(HostError::Journal {
        journal: path.to_owned(),
        line: 0,
        message: format!(
            "others can write it, and what it says is done with the rights of this process; check it, then: chown {own} {path} && chmod go-w {path}",
            path = path.display()
        ),
    })
}
