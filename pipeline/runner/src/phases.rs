//! What a trial's time goes to.

use std::collections::BTreeMap;
use std::time::Instant;

use vnicbench_model::Phase;

/// A stopwatch that is always in one phase.
pub(crate) struct Phases {
    microseconds: BTreeMap<Phase, u128>,
    now: Phase,
    since: Instant,
}

impl Phases {
    pub(crate) fn begin(phase: Phase) -> Self {
        Self {
            microseconds: BTreeMap::new(),
            now: phase,
            since: Instant::now(),
        }
    }

    /// Ends the present phase and begins another; one may be entered again.
    pub(crate) fn enter(&mut self, phase: Phase) {
        *self.microseconds.entry(self.now).or_default() += self.since.elapsed().as_micros();
        self.now = phase;
        self.since = Instant::now();
    }

    /// Milliseconds of each phase so far, the present one included.
    pub(crate) fn milliseconds(&mut self) -> BTreeMap<Phase, u64> {
        self.enter(self.now);
        let rounded = |us: &u128| u64::try_from((us + 500) / 1000).unwrap_or(u64::MAX);
        self.microseconds
            .iter()
            .map(|(phase, us)| (*phase, rounded(us)))
            .collect()
    }
}
