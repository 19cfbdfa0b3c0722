//! Rates of events: timeouts per hour, resets per trial.

use crate::error::StatsError;
use crate::estimate::{Estimate, Level, Outcome};
use crate::gamma::{gamma_lower, gamma_upper};
use crate::method::{IntervalKind, Method, Statistic};

/// Rate of `events` in an `exposure` (a time, an amount), with Garwood's exact interval for
/// independent events: with a tail of a on either side, from the a quantile of the gamma
/// distribution of shape k to the 1 - a quantile of that of shape k + 1, over the exposure
/// (Garwood 1936). Covers at least its level for every true rate. `n` counts events.
///
/// Events that come in bursts vary more than this knows; then take trials as units and
/// estimate their mean.
///
/// No gate: that there were no events in an exposure says that the rate is below 3.7 in
/// it, at 95 %.
///
/// # Errors
/// An exposure that isn't above zero and finite.
pub fn garwood(events: u64, exposure: f64, level: Level) -> Result<Outcome, StatsError> {
    if !(exposure > 0.0 && exposure.is_finite()) {
        return Err(StatsError::Exposure(exposure));
    }
    let method = Method::new(Statistic::Rate, IntervalKind::Garwood);
    let count = events as f64;
    let low = if events == 0 {
        0.0
    } else {
        gamma_lower(level.tail(), count)
    };
    let high = gamma_upper(level.tail(), count + 1.0);
    let ends = (low / exposure, high / exposure);
    Ok(Estimate::new(count / exposure, ends, level, events as usize, method)?.into())
}
