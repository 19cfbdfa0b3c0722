//! `/proc/interrupts`: each interrupt line, by processor.

use std::collections::HashSet;
use std::io::Read;

use serde::Serialize;

use super::snapshot::{Builder, Log, Taken, read};
use super::{count, name, words};
use crate::ReadError;
use crate::number::integer;

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Interrupts {
    /// The processors of the columns: those online.
    pub cpus: Vec<u32>,
    /// In the order of the file.
    pub rows: Vec<Row>,
}

/// One interrupt line or kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// The line's number, or a kind's short name such as `LOC`.
    pub label: String,
    /// By processor, in the order of the columns. The kernel counts most in 32 bits. Empty
    /// where it keeps only one count (`ERR`, `MIS`).
    pub per_cpu: Vec<u64>,
    /// All processors together.
    pub total: u64,
    /// Controller, trigger and devices, or what the kind means; perhaps empty.
    pub name: String,
}

/// Reads a log of `/proc/interrupts`.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Interrupts>, ReadError> {
    read::<Table>(input)
}

/// A table with a column for each processor.
#[derive(Default)]
pub(super) struct Table {
    cpus: Option<Vec<u32>>,
    rows: Vec<Row>,
    labels: HashSet<Vec<u8>>,
}

/// `CPU0 CPU1 CPU3`.
pub(super) fn columns(text: &[u8]) -> Option<Vec<u32>> {
    words(text)
        .map(|word| u32::try_from(word.strip_prefix(b"CPU").and_then(count)?).ok())
        .collect()
}

/// As many counts as there are at the front of `text`, up to `most`, and what follows.
pub(super) fn counts(mut text: &[u8], most: usize) -> Option<(Vec<u64>, &[u8])> {
    let mut found = Vec::new();
    loop {
        text = text.trim_ascii_start();
        let digits = text.first().is_some_and(u8::is_ascii_digit);
        if found.len() == most || !digits {
            return Some((found, text));
        }
        let (value, rest) = integer(text)?;
        if !rest.first().is_none_or(u8::is_ascii_whitespace) {
            return Some((found, text));
        }
        found.push(value);
        text = rest;
    }
}

impl Builder for Table {
    type Record = Interrupts;

    fn take(&mut self, text: &[u8]) -> Taken {
        if let Some(cpus) = columns(text) {
            if self.cpus.is_some() {
                return Taken::Next;
            }
            self.cpus = Some(cpus);
            return Taken::Yes;
        }
        let colon = text.iter().position(|byte| *byte == b':');
        let (Some(cpus), Some((label, values))) = (
            &self.cpus,
            colon.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))),
        ) else {
            return Taken::Foreign;
        };
        // Arm's fast interrupts have a name and no count.
        if label == b"FIQ" {
            return Taken::Yes;
        }
        let Some((mut per_cpu, description)) = counts(values, cpus.len()) else {
            return Taken::Malformed;
        };
        let single = matches!(label, b"ERR" | b"MIS" | b"Err") && per_cpu.len() == 1;
        if per_cpu.len() != cpus.len() && !single {
            return Taken::Malformed;
        }
        let sum = per_cpu
            .iter()
            .try_fold(0u64, |sum, value| sum.checked_add(*value));
        let Some(total) = sum else {
            return Taken::Malformed;
        };
        if single {
            per_cpu.clear();
        }
        if !self.labels.insert(label.to_vec()) {
            return Taken::Again;
        }
        self.rows.push(Row {
            label: name(label),
            per_cpu,
            total,
            name: words(description).map(name).collect::<Vec<_>>().join(" "),
        });
        Taken::Yes
    }

    fn finish(self) -> Result<Interrupts, &'static str> {
        let cpus = self.cpus.ok_or("line of processors (\"CPU0 ...\")")?;
        if self.rows.is_empty() {
            return Err("counts");
        }
        Ok(Interrupts {
            cpus,
            rows: self.rows,
        })
    }
}
