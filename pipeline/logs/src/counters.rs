//! Counters of a host's kernel, as logged around and during a trial.
//!
//! ```
//! use vnicbench_logs::counters::vmstat;
//!
//! let log = b"# vnicbench start 2026-01-02T03:04:05.678Z monotonic 12.000001\npswpin 7\n";
//! let log = vmstat::parse(&log[..])?;
//! assert_eq!(log.snapshots[0].monotonic_s, Some(12.000001));
//! assert_eq!(log.snapshots[0].counters.get("pswpin"), Some(7));
//! # Ok::<(), vnicbench_logs::ReadError>(())
//! ```
//!
//! Each source of the kernel has its module, with a record and a `parse` that reads a log
//! of it: snapshots one after another, each exactly what the kernel printed, behind a
//! header line
//!
//! ```text
//! # vnicbench <start|during|end> <RFC 3339 time> monotonic <seconds>
//! ```
//!
//! A copy of the source without a header is a log of one snapshot without a time; where
//! the source shows that it begins anew (a second `cpu` line of `/proc/stat`), several
//! such copies may follow one another.
//!
//! As elsewhere here, only reading can fail. What can't be read is a [`Warning`] with its
//! line and is left out: no counter is ever 0 because its text was odd. The last line of a
//! file counts only with its line end, since half a number is a number too.
//! [`Usage`] is what happened between two snapshots.
//!
//! [`crate::parse`] reads the same sources, and what tools make of them (mpstat, sar,
//! vmstat, perf, ...), by others as well, into one tidy table: a [`Run`] of [`Sample`]s.

pub mod ethtool;
pub mod frequency;
pub mod interrupts;
pub mod kvm;
mod named;
pub mod netdev;
pub mod pressure;
mod snapshot;
pub mod softirqs;
pub mod softnet;
mod source;
pub mod stat;
pub mod throttle;
mod tidy;
mod tools;
mod usage;
pub mod vmstat;

use crate::number::integer;

pub use named::Named;
pub use snapshot::{Log, Phase, Snapshot};
pub use tidy::{Moment, Run, Sample, Samples, Value};
pub use usage::{Count, LineCount, Usage, UsageError};

pub(crate) use source::unstamped;
pub(crate) use tools::*;

#[cfg(doc)]
use crate::Warning;

/// `text` as digits and nothing else.
fn count(text: &[u8]) -> Option<u64> {
    let (number, rest) = integer(text)?;
    rest.is_empty().then_some(number)
}

/// What spaces and tabs separate.
fn words(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty())
}

/// Names are the kernel's, plain ASCII but for what drivers invent.
fn name(text: &[u8]) -> String {
    String::from_utf8_lossy(text.trim_ascii()).into_owned()
}
