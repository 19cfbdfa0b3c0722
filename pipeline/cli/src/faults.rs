//! `faults`: campaigns killed and disturbed on purpose.

use anyhow::{Result, bail};

use crate::Verdict;
use crate::arguments::Faults;

pub(crate) fn faults(_: &Faults) -> Result<Verdict> {
    bail!("not yet")
}
