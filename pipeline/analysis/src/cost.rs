//! What the time of a campaign went to.

use vnicbench_model::{Phase, Trial, TrialState};
use vnicbench_stats::Sample;

use crate::journal::Journal;
use crate::result::{Cost, PhaseCost, StartSkew};
use crate::trials::TrialEntry;

pub(crate) fn of(entries: &[TrialEntry], journal: &Journal) -> Cost {
    let complete: Vec<&Trial> = entries
        .iter()
        .filter(|entry| entry.dir.state == TrialState::Complete)
        .filter_map(|entry| entry.dir.trial.as_ref())
        .collect();
    let phases = Phase::ALL.into_iter().filter_map(|phase| {
        let of_phase = complete.iter().filter_map(|t| t.phases_ms.get(&phase));
        let times: Vec<u64> = of_phase.copied().collect();
        let (median_ms, longest_ms) = middle_and_most(&times)?;
        Some(PhaseCost {
            phase,
            trials: u32::try_from(times.len()).unwrap_or(u32::MAX),
            median_ms,
            longest_ms,
            total_ms: times.iter().fold(0, |sum: u64, ms| sum.saturating_add(*ms)),
        })
    });
    let skews: Vec<u64> = complete.iter().filter_map(|t| t.start_skew_us).collect();
    Cost {
        phases: phases.collect(),
        built_ms: journal.built_ms.clone(),
        torn_down_ms: journal.torn_down_ms.clone(),
        start_skew: middle_and_most(&skews).map(|(median_us, largest_us)| StartSkew {
            trials: u32::try_from(skews.len()).unwrap_or(u32::MAX),
            median_us,
            largest_us,
        }),
    }
}

/// Median and largest value; none of nothing.
fn middle_and_most(values: &[u64]) -> Option<(f64, u64)> {
    let most = values.iter().max().copied()?;
    let values: Vec<f64> = values.iter().map(|value| *value as f64).collect();
    Some((Sample::new(&values).ok()?.median()?, most))
}
