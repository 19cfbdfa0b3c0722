//! Undoing changes, after a run or after its crash.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use serde::Serialize;

use super::cgroup::{self, cgroup_path};
use super::ledger::{Ledger, Line, Open};
use super::{ChangeRecord, Item, wait_until};
use crate::error::HostError;
use crate::ssh::Destination;

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

/// Undoes what a run that is no more has left. To do it again does no harm.
///
/// # Errors
///
/// [`HostError::Busy`] if the run is still there, [`HostError::Io`] or
/// [`HostError::Journal`] if the journal can't be read.
pub fn restore(state_dir: &Path, say: &mut dyn FnMut(&str)) -> Result<Restored, HostError> {
    if !state_dir.exists() {
        say("nothing to restore");
        return Ok(Restored::default());
    }
    let (mut ledger, open) = Ledger::open(state_dir)?;
    if open.is_empty() {
        ledger.remove()?;
        say("nothing to restore");
        return Ok(Restored::default());
    }
    say(&format!(
        "{} changes to undo, from {}",
        open.len(),
        ledger.path().display()
    ));
    let (restored, _) = undo(&mut ledger, open, true, &mut |change, outcome| {
        let item = &change.item;
        say(&match outcome {
            Outcome::Undone => {
                format!("{item}: {}, was {}", shown(&change.old), shown(&change.new))
            }
            Outcome::Already(why) => format!("{item}: {why}"),
            Outcome::Left(why) | Outcome::Conflict(why) => why.clone(),
        });
    });
    Ok(restored)
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was undone.
    Undone,
    /// There was nothing to undo, and why.
    Already(&'static str),
    /// It does no harm and was left, and why.
    Left(String),
    /// It could not be undone, and why.
    Conflict(String),
}

/// Undoes changes, the last one first. What can't be undone is tried once more after the
/// others: it may go with one of them, or wait for one.
pub(super) fn undo(
    ledger: &mut Ledger,
    mut open: Vec<Open>,
    all: bool,
    tell: &mut dyn FnMut(&ChangeRecord, &Outcome),
) -> (Restored, Vec<Open>) {
    let mut restored = Restored::default();
    let mut unwritten = None;
    end_processes(ledger, &open);
    let unreachable = unreachable(&open);
    for last in [false, true] {
        let mut kept = Vec::new();
        while let Some(change) = open.pop() {
            let item = &change.record.item;
            let outcome = match item.destination().and_then(|there| unreachable.get(there)) {
                Some(why) => Outcome::Conflict(format!(
                    "{item}: it is to be {} again, but {why}; once that host answers: vnicbench restore; \
                     if it never will, remove entry {} from {}",
                    shown(&change.record.old),
                    change.record.entry,
                    ledger.path().display()
                )),
                None => unmake(&change, ledger.boot()),
            };
            match &outcome {
                Outcome::Undone => restored.undone += 1,
                Outcome::Already(_) | Outcome::Left(_) => restored.already += 1,
                Outcome::Conflict(why) => {
                    if last {
                        restored.conflicts.push(why.clone());
                        tell(&change.record, &outcome);
                    }
                    kept.push(change);
                    continue;
                }
            }
            let dropped = change.record.entry;
            unwritten = ledger
                .append(&Line::Dropped { dropped })
                .err()
                .or(unwritten);
            tell(&change.record, &outcome);
        }
        // They were taken from the end.
        kept.reverse();
        open = kept;
        if open.is_empty() && all {
            // A full disk may have kept notes out of the file; none is needed any more.
            unwritten = ledger.remove().err();
            break;
        }
    }
    if let Some(error) = unwritten {
        let also = "what was undone is undone all the same, and vnicbench restore will find it so";
        restored.conflicts.push(format!("{error}; {also}"));
    }
    (restored, open)
}

/// They hold devices and namespaces, so they end before anything is undone.
fn end_processes(ledger: &Ledger, open: &[Open]) {
    for change in open {
        if let Item::Cgroup { name } = &change.record.item
            && change.record.new == "present"
            && change.record.boot == ledger.boot()
            && let Ok(path) = cgroup_path(name)
            && path.is_dir()
        {
            // If it fails, so does the removal of the cgroup, which says so.
            let _ = cgroup::kill(&path);
        }
    }
}

/// The other hosts that can't be reached, and why. Each is tried once, not with every change.
fn unreachable(open: &[Open]) -> BTreeMap<Destination, String> {
    let items = open.iter().map(|change| &change.record.item);
    let hosts: BTreeSet<&Destination> = items.filter_map(Item::destination).collect();
    let tried = hosts.into_iter().filter_map(|host| {
        let error = host.reach().err()?;
        Some((host.clone(), error.to_string()))
    });
    tried.collect()
}

fn unmake(change: &Open, boot: &str) -> Outcome {
    let ChangeRecord { item, old, new, .. } = &change.record;
    // Another host has boots of its own; what is left of a change there is found by looking.
    if change.record.boot != boot && item.destination().is_none() {
        return Outcome::Already("gone with the boot that it was made in");
    }
    let now = match read(item) {
        Ok(Some(now)) => now,
        Ok(None) => return Outcome::Already("gone with what it belonged to"),
        Err(error) => return Outcome::Conflict(error.to_string()),
    };
    if now == *old {
        return Outcome::Already("as it was");
    }
    let ours = now == *new || change.found.contains(&now) || item.is_between(old, new, &now);
    if !ours {
        return Outcome::Conflict(format!(
            "{item}: it was {}, this tool made it {}, and now it is {}, which someone else did, so it is left; to have it as it was: {}",
            shown(old),
            shown(new),
            shown(&now),
            item.hint(old)
        ));
    }
    let failure = match item.write(old) {
        Err(error) => error.to_string(),
        Ok(()) => match item.read() {
            Ok(None) => return Outcome::Undone,
            Ok(Some(now)) if now == *old => return Outcome::Undone,
            Ok(Some(now)) => format!(
                "{item}: it is {} after it was put back to {}; do by hand: {}",
                shown(&now),
                shown(old),
                item.hint(old)
            ),
            Err(error) => error.to_string(),
        },
    };
    match item {
        // Someone else may have come to use it; it does nothing by being there.
        Item::Module { .. } => Outcome::Left(format!("{item} stays loaded: {failure}")),
        _ => Outcome::Conflict(failure),
    }
}

/// A namespace that ends gives its ports back a moment later.
fn read(item: &Item) -> Result<Option<String>, HostError> {
    let mut now = item.read();
    if let Item::LinkNamespace { .. } = item {
        wait_until(Duration::from_secs(2), || {
            if matches!(now, Ok(None)) {
                now = item.read();
            }
            !matches!(now, Ok(None))
        });
    }
    now
}

fn shown(state: &str) -> String {
    if state.is_empty() {
        "none".into()
    } else {
        state.into()
    }
}
