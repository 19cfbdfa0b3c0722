//! What the fuzz targets share.

#[path = "../tests/support/mod.rs"]
mod support;

pub use support::examine;
use vnicbench_logs::{Tool, detect};

/// Reads a log as that of one of `tools`: the one that its content speaks for, or else the
/// one that its length picks.
pub fn examine_as(tools: &[Tool], log: &[u8]) {
    let told = detect(log).filter(|tool| tools.contains(tool));
    let picked = tools.get(log.len() % tools.len().max(1)).copied();
    examine(log, told.or(picked));
}
