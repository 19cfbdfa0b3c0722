//! The write-ahead journal of host changes: what is changed, what it was and what it is to
//! be are on disk before the change is made, so that after any crash the host can be put back.

mod item;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::HostError;

pub use item::{EthtoolSetting, Item, VfField};

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
pub struct Changes {}

impl Changes {
    /// Takes the host for this process; nothing is changed yet.
    ///
    /// # Errors
    ///
    /// [`HostError::Busy`] if another process has it, [`HostError::Stale`] if changes of an
    /// earlier one were not undone, [`HostError::Io`].
    pub fn open(_state_dir: &Path, _log: Box<dyn ChangeLog>) -> Result<Self, HostError> {
        todo!()
    }

    /// Brings an item to a state, after writing down what it was. An item that is in it
    /// already is left alone, then and later.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done. A change that failed may have been made in
    /// part; it is undone with the others.
    pub fn set(&mut self, _item: Item, _new: &str) -> Result<(), HostError> {
        todo!()
    }

    /// Undoes everything, the last change first; what could not be undone, in words. That
    /// stays in the journal for `vnicbench restore`.
    pub fn undo(&mut self) -> Vec<String> {
        todo!()
    }
}

/// What restoring found and did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Changes that were undone.
    pub undone: usize,
    /// Changes that were undone already, were never made, or went with what they belonged to.
    pub already: usize,
    /// What could not be undone, in words; it stays in the journal.
    pub conflicts: Vec<String>,
}

/// Undoes what a run that is no more has left.
///
/// # Errors
///
/// [`HostError::Busy`] if the run is still there, [`HostError::Io`] or
/// [`HostError::Journal`] if the journal can't be read.
pub fn restore(_state_dir: &Path, _say: &mut dyn FnMut(&str)) -> Result<Restored, HostError> {
    todo!()
}

/// What a run could change on this host, with the contents of `files` besides, in a fixed
/// order: to be compared before and after.
pub fn host_state(_files: &[PathBuf]) -> BTreeMap<String, String> {
    todo!()
}
