//! `/proc/pressure/*`: time lost for want of processors, memory or disks.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::snapshot::{Builder, Log, Taken, read};
use super::{count, name, words};
use crate::ReadError;
use crate::number::decimal;

/// One snapshot, by resource: `cpu`, `memory`, `io`; the empty name for a plain copy of
/// one of the files, which doesn't say whose it is.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Pressure {
    /// Each resource.
    pub resources: BTreeMap<String, Resource>,
}

/// What waited for one resource.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Resource {
    /// At least one task waited.
    pub some: Option<Stall>,
    /// All that could run waited; for processors only since Linux 5.13.
    pub full: Option<Stall>,
}

/// Share of time, and time.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Stall {
    /// Percent of the last 10 s.
    pub avg10: f64,
    /// Percent of the last 60 s.
    pub avg60: f64,
    /// Percent of the last 300 s.
    pub avg300: f64,
    /// Microseconds since boot.
    pub total_us: u64,
}

/// Reads a log of the pressure files, each behind a line with its name.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Pressure>, ReadError> {
    read::<Lines>(input)
}

#[derive(Default)]
struct Lines {
    resources: BTreeMap<String, Resource>,
    current: String,
}

pub(super) fn stall<'a>(mut words: impl Iterator<Item = &'a [u8]>) -> Option<Stall> {
    let mut percent = |key: &[u8]| {
        let (value, rest) = decimal(words.next()?.strip_prefix(key)?)?;
        rest.is_empty().then_some(value.value)
    };
    let (avg10, avg60, avg300) = (
        percent(b"avg10=")?,
        percent(b"avg60=")?,
        percent(b"avg300=")?,
    );
    let total_us = count(words.next()?.strip_prefix(b"total=")?)?;
    words.next().is_none().then_some(Stall {
        avg10,
        avg60,
        avg300,
        total_us,
    })
}

impl Builder for Lines {
    type Record = Pressure;

    fn take(&mut self, text: &[u8]) -> Taken {
        let mut words = words(text);
        let kind = words.next().unwrap_or_default();
        if matches!(text, b"cpu" | b"memory" | b"io" | b"irq") {
            let label = name(text);
            if self.resources.contains_key(&label) {
                return Taken::Next;
            }
            self.current = label;
            return Taken::Yes;
        }
        if kind != b"some" && kind != b"full" {
            // What follows an unreadable name must not count as the one before.
            self.current = String::from("?");
            return Taken::Foreign;
        }
        let Some(stall) = stall(words).filter(|_| self.current != "?") else {
            return Taken::Malformed;
        };
        let resource = self.resources.entry(self.current.clone()).or_default();
        let place = match kind {
            b"some" => &mut resource.some,
            _ => &mut resource.full,
        };
        if place.is_none() {
            *place = Some(stall);
            return Taken::Yes;
        }
        if self.current.is_empty() && kind == b"some" {
            return Taken::Next;
        }
        Taken::Again
    }

    fn finish(self) -> Result<Pressure, &'static str> {
        if self.resources.is_empty() {
            return Err("pressure");
        }
        Ok(Pressure {
            resources: self.resources,
        })
    }
}
