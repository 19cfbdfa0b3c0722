//! `/proc/vmstat`: the memory manager's counters and levels. Swapping shows in `pswpin` and `pswpout`, in pages.

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
