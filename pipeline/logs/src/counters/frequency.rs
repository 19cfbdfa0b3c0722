//! `cpufreq/scaling_cur_freq`: how fast each processor runs, as
//! `cpu0/cpufreq/scaling_cur_freq 2400000` lines.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::snapshot::{Builder, Log, Taken, read};
use super::{count, words};
use crate::ReadError;

/// One snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Frequencies {
    /// By processor, in kHz.
    pub khz: BTreeMap<u32, u64>,
}

/// Reads a log of the frequencies.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Frequencies>, ReadError> {
    read::<Lines>(input)
}

#[derive(Default)]
struct Lines {
    khz: BTreeMap<u32, u64>,
    first: Option<u32>,
}

impl Builder for Lines {
    type Record = Frequencies;

    fn take(&mut self, text: &[u8]) -> Taken {
        let Some(rest) = text.strip_prefix(b"cpu") else {
            return Taken::Foreign;
        };
        let mut words = words(rest);
        let cpu = words
            .next()
            .and_then(|word| word.strip_suffix(b"/cpufreq/scaling_cur_freq"))
            .and_then(count)
            .and_then(|cpu| u32::try_from(cpu).ok());
        let (Some(cpu), Some(khz), None) = (cpu, words.next().and_then(count), words.next()) else {
            return Taken::Malformed;
        };
        if self.first == Some(cpu) {
            return Taken::Next;
        }
        if self.khz.contains_key(&cpu) {
            return Taken::Again;
        }
        self.first.get_or_insert(cpu);
        self.khz.insert(cpu, khz);
        Taken::Yes
    }

    fn finish(self) -> Result<Frequencies, &'static str> {
        if self.khz.is_empty() {
            return Err("frequency");
        }
        Ok(Frequencies { khz: self.khz })
    }
}
