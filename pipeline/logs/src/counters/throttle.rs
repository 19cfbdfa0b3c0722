//! `thermal_throttle`: how often each processor slowed itself for heat, as `cpu0/thermal_throttle/core_throttle_count value` lines. `package_throttle_count` is one count that all processors of a package show.

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
