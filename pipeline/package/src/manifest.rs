//! `SHA256SUMS` of a package, in the format of sha256sum(1).

use std::collections::BTreeMap;
use std::fmt;

/// Its name.
pub(crate) const NAME: &str = "SHA256SUMS";

/// Digests, lower-case hex, by the names of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest(pub(crate) BTreeMap<String, String>);

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, digest) in &self.0 {
            writeln!(f, "{digest}  {name}")?;
        }
        Ok(())
    }
}

impl Manifest {
    /// Reads it; otherwise the first line, from 1, that isn't one, or is there twice.
    pub(crate) fn parse(text: &str) -> Result<Self, usize> {
        let mut digests = BTreeMap::new();
        for (index, line) in text.lines().enumerate() {
            let (digest, name) = line.split_once("  ").ok_or(index + 1)?;
            if digests.insert(name.to_owned(), digest.to_owned()).is_some() {
                return Err(index + 1);
            }
        }
        Ok(Self(digests))
    }
}
