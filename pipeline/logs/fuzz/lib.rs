//! What the fuzz targets share.

#[path = "../tests/support/mod.rs"]
mod support;

/// Reads a log as the target of that name does.
pub fn examine(target: &str, log: &[u8]) {
    let found = support::TARGETS.iter().find(|(name, _)| *name == target);
    let (_, tools) = found.expect("every target is in the list");
    support::examine_as(tools, log);
}
