//! `/proc/stat`: what the processors did, interrupts and context switches.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::snapshot::{Builder, Log, Taken, read};
use super::{count, words};
use crate::ReadError;

/// Ticks per second in `/proc/stat`: USER_HZ, `sysconf(_SC_CLK_TCK)`, which is 100 on all
/// that Linux runs on today, whatever the kernel's own HZ.
pub const USER_HZ: u64 = 100;

/// Time spent in each state, in ticks of 1/[`USER_HZ`] s. What an old kernel doesn't count
/// is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CpuTimes {
    /// Ordinary programs; `guest` is a part of it.
    pub user: u64,
    /// Programs of low priority; `guest_nice` is a part of it.
    pub nice: u64,
    /// The kernel, for a program or itself.
    pub system: u64,
    /// Nothing to do.
    pub idle: u64,
    /// Nothing to do while some program waits for a disk. May go backwards.
    pub iowait: u64,
    /// Interrupt handlers.
    pub irq: u64,
    /// Their deferred halves; most of a network stack runs here.
    pub softirq: u64,
    /// This machine is a guest itself and its host did something else.
    pub steal: Option<u64>,
    /// Running a guest's virtual processor.
    pub guest: Option<u64>,
    /// The same at low priority.
    pub guest_nice: Option<u64>,
}

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stat {
    /// All processors together, those that went offline included.
    pub total: CpuTimes,
    /// Each processor that is online.
    pub cpus: BTreeMap<u32, CpuTimes>,
    /// Interrupts since boot, on x86 with those between processors.
    pub interrupts: Option<u64>,
    /// Context switches since boot.
    pub context_switches: Option<u64>,
    /// Softirqs run since boot.
    pub softirqs: Option<u64>,
}

/// Reads a log of `/proc/stat`.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Stat>, ReadError> {
    read::<Lines>(input)
}

#[derive(Default)]
struct Lines {
    total: Option<CpuTimes>,
    cpus: BTreeMap<u32, CpuTimes>,
    interrupts: Option<u64>,
    context_switches: Option<u64>,
    softirqs: Option<u64>,
}

fn times<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Option<CpuTimes> {
    let mut must = || words.next().and_then(count);
    let (user, nice, system) = (must()?, must()?, must()?);
    let (idle, iowait, irq, softirq) = (must()?, must()?, must()?, must()?);
    // Missing is an old kernel, unreadable is damage.
    let mut may = || words.next().map(count);
    let [steal, guest, guest_nice] = [may(), may(), may()].map(|column| match column {
        Some(None) => Err(()),
        Some(Some(ticks)) => Ok(Some(ticks)),
        None => Ok(None),
    });
    Some(CpuTimes {
        user,
        nice,
        system,
        idle,
        iowait,
        irq,
        softirq,
        steal: steal.ok()?,
        guest: guest.ok()?,
        guest_nice: guest_nice.ok()?,
    })
}

/// Puts a value in its place, once.
fn put(place: &mut Option<u64>, value: Option<u64>) -> Taken {
    match (value, &place) {
        (None, _) => Taken::Malformed,
        (_, Some(_)) => Taken::Again,
        _ => {
            *place = value;
            Taken::Yes
        }
    }
}

impl Builder for Lines {
    type Record = Stat;

    fn take(&mut self, text: &[u8]) -> Taken {
        let mut words = words(text);
        let key = words.next().unwrap_or_default();
        match key {
            b"cpu" if self.total.is_some() => return Taken::Next,
            b"cpu" => {
                self.total = times(words);
                return match self.total {
                    Some(_) => Taken::Yes,
                    None => Taken::Malformed,
                };
            }
            // The sum; a column for each kind or line follows.
            b"intr" => return put(&mut self.interrupts, words.next().and_then(count)),
            b"ctxt" => return put(&mut self.context_switches, words.next().and_then(count)),
            b"softirq" => return put(&mut self.softirqs, words.next().and_then(count)),
            b"btime" | b"processes" | b"procs_running" | b"procs_blocked" | b"page" | b"swap"
            | b"disk_io:" => return Taken::Yes,
            _ => {}
        }
        let Some(cpu) = key.strip_prefix(b"cpu").and_then(count) else {
            return Taken::Foreign;
        };
        match (u32::try_from(cpu), times(words)) {
            (Ok(cpu), Some(_)) if self.cpus.contains_key(&cpu) => Taken::Again,
            (Ok(cpu), Some(times)) => {
                self.cpus.insert(cpu, times);
                Taken::Yes
            }
            _ => Taken::Malformed,
        }
    }

    fn finish(self) -> Result<Stat, &'static str> {
        Ok(Stat {
            total: self.total.ok_or("line of all processors (\"cpu\")")?,
            cpus: self.cpus,
            interrupts: self.interrupts,
            context_switches: self.context_switches,
            softirqs: self.softirqs,
        })
    }
}
