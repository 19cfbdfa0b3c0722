//! `/sys/kernel/debug/kvm`: its files as `name value` lines: KVM's counters over all guests that run now, so that they fall when one ends. Some are no counters but levels (`guest_mode`, `pages_4k`).

use std::io::Read;

use super::named::{Named, Pairs};
use super::snapshot::{Log, read};
use crate::ReadError;

/// Reads a log of it.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Named>, ReadError> {
    read::<Pairs>(input)
}
