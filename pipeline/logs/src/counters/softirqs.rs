//! `/proc/softirqs`: deferred work of the kernel by kind and processor.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::interrupts::Table;
use super::snapshot::{Builder, Log, Taken, read};
use crate::ReadError;

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Softirqs {
    /// The processors of the columns: all that there may be.
    pub cpus: Vec<u32>,
    /// By kind (`NET_RX`, `TIMER`, ...).
    pub kinds: BTreeMap<String, Softirq>,
}

/// Runs of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Softirq {
    /// By processor, in the order of the columns; the kernel counts in 32 bits.
    pub per_cpu: Vec<u64>,
    /// All processors together.
    pub total: u64,
}

/// Reads a log of `/proc/softirqs`.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Softirqs>, ReadError> {
    read::<Lines>(input)
}

#[derive(Default)]
struct Lines(Table);

impl Builder for Lines {
    type Record = Softirqs;

    fn take(&mut self, text: &[u8]) -> Taken {
        self.0.take(text)
    }

    fn finish(self) -> Result<Softirqs, &'static str> {
        let table = self.0.finish()?;
        let kinds = table.rows.into_iter().map(|row| {
            let softirq = Softirq {
                per_cpu: row.per_cpu,
                total: row.total,
            };
            (row.label, softirq)
        });
        Ok(Softirqs {
            cpus: table.cpus,
            kinds: kinds.collect(),
        })
    }
}
