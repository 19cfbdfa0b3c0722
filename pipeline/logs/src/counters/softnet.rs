//! `/proc/net/softnet_stat`: the receiving end of the network stack, by processor.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::snapshot::{Builder, Log, Taken, read};
use super::words;
use crate::ReadError;

/// The column with the processor's number, since Linux 5.10.
const INDEX: usize = 12;

/// One snapshot, by processor: its number, or before Linux 5.10 its place among those
/// online.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Softnet {
    /// Each processor that is online.
    pub cpus: BTreeMap<u32, SoftnetCpu>,
}

/// One processor's counts; the kernel counts in 32 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct SoftnetCpu {
    /// Packets taken from NICs or other processors.
    pub processed: u32,
    /// Packets dropped because the backlog was full.
    pub dropped: u32,
    /// Times that work was left when budget or time ran out.
    pub time_squeeze: u32,
}

/// Reads a log of `/proc/net/softnet_stat`.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Softnet>, ReadError> {
    read::<Lines>(input)
}

#[derive(Default)]
struct Lines {
    cpus: BTreeMap<u32, SoftnetCpu>,
    last: Option<u32>,
}

/// The kernel pads to eight digits, and 32 bits have no more.
pub(super) fn hexadecimal(word: &[u8]) -> Option<u32> {
    let digits = word.len() == 8 && word.iter().all(u8::is_ascii_hexdigit);
    let text = std::str::from_utf8(word).ok().filter(|_| digits)?;
    u32::from_str_radix(text, 16).ok()
}

impl Builder for Lines {
    type Record = Softnet;

    fn take(&mut self, text: &[u8]) -> Taken {
        let columns: Option<Vec<u32>> = words(text).map(hexadecimal).collect();
        let Some(columns) = columns else {
            let first = words(text).next().and_then(hexadecimal);
            return first.map_or(Taken::Foreign, |_| Taken::Malformed);
        };
        // Nine columns is the least that any kernel printed.
        let [processed, dropped, time_squeeze, _, _, _, _, _, _, ..] = columns[..] else {
            return Taken::Malformed;
        };
        let next = self.last.map_or(Some(0), |last| last.checked_add(1));
        let Some(cpu) = columns.get(INDEX).copied().or(next) else {
            return Taken::Malformed;
        };
        if self.last.is_some_and(|last| cpu <= last) {
            return Taken::Next;
        }
        self.last = Some(cpu);
        let counts = SoftnetCpu {
            processed,
            dropped,
            time_squeeze,
        };
        self.cpus.insert(cpu, counts);
        Taken::Yes
    }

    fn finish(self) -> Result<Softnet, &'static str> {
        if self.cpus.is_empty() {
            return Err("counts");
        }
        Ok(Softnet { cpus: self.cpus })
    }
}
