//! `ethtool -S NIC`: what a NIC's driver counts, under its own names.

use std::io::Read;

use super::named::{Named, Pairs};
use super::snapshot::{Builder, Log, Taken, read};
use crate::ReadError;

/// Reads a log of `ethtool -S` of one NIC.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<Named>, ReadError> {
    read::<Statistics>(input)
}

#[derive(Default)]
struct Statistics {
    titled: bool,
    pairs: Pairs,
}

impl Builder for Statistics {
    type Record = Named;

    fn take(&mut self, text: &[u8]) -> Taken {
        if text == b"NIC statistics:" {
            if self.titled {
                return Taken::Next;
            }
            self.titled = true;
            return Taken::Yes;
        }
        match self.pairs.take(text) {
            // Only the title begins another; drivers have been known to use a name twice.
            Taken::Next => Taken::Again,
            taken => taken,
        }
    }

    fn finish(self) -> Result<Named, &'static str> {
        self.pairs.finish()
    }
}
