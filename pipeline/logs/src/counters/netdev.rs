//! `/proc/net/dev`: traffic of each interface of a network namespace.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Serialize;

use super::snapshot::{Builder, Log, Taken, read};
use super::{count, name, words};
use crate::ReadError;

/// One snapshot, by interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct NetDev {
    /// Each interface.
    pub interfaces: BTreeMap<String, Interface>,
}

/// Both directions of an interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Interface {
    /// Received.
    pub rx: Traffic,
    /// Sent.
    pub tx: Traffic,
}

/// One direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Traffic {
    /// Octets, as the driver counts them.
    pub bytes: u64,
    /// Packets; behind segmentation offload one may be many on the wire.
    pub packets: u64,
    /// Errors of any kind.
    pub errors: u64,
    /// Dropped for want of room.
    pub dropped: u64,
}

/// Reads a log of `/proc/net/dev`.
///
/// # Errors
///
/// Only if the input can't be read.
pub fn parse(input: impl Read) -> Result<Log<NetDev>, ReadError> {
    read::<Lines>(input)
}

#[derive(Default)]
struct Lines {
    titled: bool,
    interfaces: BTreeMap<String, Interface>,
}

impl Builder for Lines {
    type Record = NetDev;

    fn take(&mut self, text: &[u8]) -> Taken {
        if text.starts_with(b"Inter-|") {
            if self.titled {
                return Taken::Next;
            }
            self.titled = true;
            return Taken::Yes;
        }
        if text.starts_with(b"face |") {
            return Taken::Yes;
        }
        // Old kernels put no space behind the colon, and an alias has one in its name.
        let Some(colon) = text.iter().rposition(|byte| *byte == b':') else {
            return Taken::Foreign;
        };
        let label = name(text.get(..colon).unwrap_or_default());
        let values: Option<Vec<u64>> = words(text.get(colon + 1..).unwrap_or_default())
            .map(count)
            .collect();
        let Some(
            [
                rx_bytes,
                rx_packets,
                rx_errors,
                rx_dropped,
                _,
                _,
                _,
                _,
                tx_bytes,
                tx_packets,
                tx_errors,
                tx_dropped,
                _,
                _,
                _,
                _,
            ],
        ) = values.as_deref()
        else {
            return Taken::Malformed;
        };
        if self.interfaces.contains_key(&label) {
            return Taken::Again;
        }
        let interface = Interface {
            rx: Traffic {
                bytes: *rx_bytes,
                packets: *rx_packets,
                errors: *rx_errors,
                dropped: *rx_dropped,
            },
            tx: Traffic {
                bytes: *tx_bytes,
                packets: *tx_packets,
                errors: *tx_errors,
                dropped: *tx_dropped,
            },
        };
        self.interfaces.insert(label, interface);
        Taken::Yes
    }

    fn finish(self) -> Result<NetDev, &'static str> {
        if self.interfaces.is_empty() {
            return Err("interface");
        }
        Ok(NetDev {
            interfaces: self.interfaces,
        })
    }
}
