//! The write-ahead journal of host changes: what is changed, what it was and what it is to
//! be are on disk before the change is made, so that after any crash the host can be put back.
//!
//! In the state directory `host.lock` is held by the one run that may change the host, and
//! `host.jsonl` has a line for each change: `{"entry":1,...,"item":{...},"old":"0","new":"2"}`,
//! then `{"dropped":1}` once it is undone and read back. A file with changes that were not
//! dropped keeps the next run from starting until [`restore`] has dealt with them.

mod cgroup;
mod device;
mod ethtool;
mod item;
mod ledger;
mod link;
mod restore;
mod state;
#[cfg(test)]
mod tests;
mod value;
mod vf;

use std::path::Path;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::HostError;
use ledger::{Ledger, Line, Open};
use restore::Outcome;

pub use cgroup::cgroup_path;
pub use item::{EthtoolSetting, Item, VfField};
pub use ledger::JOURNAL;
pub use restore::{Restored, restore};
pub use state::host_state;

/// A change, as it is written down before it is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeRecord {
    /// Number in the journal, from 1.
    pub entry: u64,
    /// When, by RFC 3339.
    pub time: String,
    /// The boot of the host in which it was made.
    pub boot: String,
    /// What is changed.
    pub item: Item,
    /// Its state before.
    pub old: String,
    /// The state that it is brought to.
    pub new: String,
}

/// Somewhere else where changes are noted, besides the host's journal.
pub trait ChangeLog {
    /// A change is about to be made.
    ///
    /// # Errors
    ///
    /// If it can't be noted; the change isn't made then.
    fn making(&mut self, change: &ChangeRecord) -> Result<(), HostError>;
    /// A change was undone, or was left, and why.
    fn undone(&mut self, change: &ChangeRecord, failure: Option<&str>);
}

/// The changes made so far; dropping undoes them, the last one first.
pub struct Changes {
    made: Vec<Open>,
    ledger: Ledger,
    log: Box<dyn ChangeLog>,
}

impl Changes {
    /// Takes the host for this process; nothing is changed yet.
    ///
    /// # Errors
    ///
    /// [`HostError::Busy`] if another process has it, [`HostError::Stale`] if changes of an
    /// earlier one were not undone, [`HostError::Io`] or [`HostError::Journal`] if the
    /// journal can't be read.
    pub fn open(state_dir: &Path, log: Box<dyn ChangeLog>) -> Result<Self, HostError> {
        let (mut ledger, open) = Ledger::open(state_dir)?;
        if !open.is_empty() {
            return Err(HostError::Stale {
                journal: ledger.path().to_owned(),
                changes: open.len(),
            });
        }
        ledger.remove()?;
        Ok(Self {
            made: Vec::new(),
            ledger,
            log,
        })
    }

    /// Brings an item to a state, after writing down what it was. An item that is in it
    /// already is left alone, then and later.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done. A change that failed may have been made in
    /// part; it is undone with the others.
    pub fn set(&mut self, item: Item, new: &str) -> Result<(), HostError> {
        let new = item.normal(new);
        let failed = |item: &Item, message: String| HostError::Change {
            doing: format!("setting {item} to {new:?}"),
            message,
        };
        let old = item
            .read()?
            .ok_or_else(|| failed(&item, "it isn't there".into()))?;
        if old == new {
            return Ok(());
        }
        let record = ChangeRecord {
            entry: self.ledger.next(),
            time: ledger::now(),
            boot: self.ledger.boot().to_owned(),
            item,
            old,
            new: new.clone(),
        };
        self.log.making(&record)?;
        if let Err(error) = self.ledger.append(&Line::Change(record.clone())) {
            self.log.undone(&record, Some("it was not made"));
            return Err(error);
        }
        let written = record.item.write(&new);
        let now = record.item.read();
        let mut open = Open {
            record,
            found: Vec::new(),
        };
        if let Ok(Some(now)) = &now
            && *now != open.record.old
            && *now != new
        {
            open.found.push(now.clone());
        }
        let result = written.and_then(|()| match now? {
            Some(now) if now == new => Ok(()),
            Some(now) => Err(failed(
                &open.record.item,
                format!("it is {now:?} after that"),
            )),
            None => Err(failed(&open.record.item, "it is gone after that".into())),
        });
        let noted = open.found.first().map_or(Ok(()), |state| {
            self.ledger.append(&Line::Found {
                found: open.record.entry,
                state: state.clone(),
            })
        });
        self.made.push(open);
        // The first failure is the cause.
        result.and(noted)
    }

    /// How many changes are made: for [`Changes::undo_to`].
    pub fn count(&self) -> usize {
        self.made.len()
    }

    /// Undoes everything, the last change first; what could not be undone, in words. That
    /// stays in the journal for `vnicbench restore`.
    pub fn undo(&mut self) -> Vec<String> {
        self.undo_to(0)
    }

    /// Undoes all but the first `count` changes.
    pub fn undo_to(&mut self, count: usize) -> Vec<String> {
        if self.made.len() <= count {
            return Vec::new();
        }
        let Self { made, ledger, log } = self;
        let undone = made.split_off(count);
        let (restored, left) = restore::undo(ledger, undone, count == 0, &mut |change, outcome| {
            let failure = match outcome {
                Outcome::Undone | Outcome::Already(_) => None,
                Outcome::Left(why) | Outcome::Conflict(why) => Some(why.as_str()),
            };
            log.undone(change, failure);
        });
        // Tried again with the rest; after the last try the journal has it.
        if count > 0 {
            made.extend(left);
        }
        restored.conflicts
    }
}

impl Drop for Changes {
    fn drop(&mut self) {
        self.undo();
    }
}

/// Whether something comes true within the limit.
fn wait_until(limit: Duration, mut is: impl FnMut() -> bool) -> bool {
    let until = Instant::now() + limit;
    loop {
        if is() {
            return true;
        }
        if Instant::now() >= until {
            return false;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
