//! A cell's round-trip times as a distribution: of all trials together, and what trials say
//! of its shape.

use vnicbench_model::{Arm, Setting};
use vnicbench_stats::{Level, Sample, StatsError, Warning, proportion, quantile};

use crate::result::{BandPoint, Curve, Quantile};

/// The quantiles that are made where trials are long enough.
const QUANTILES: [f64; 4] = [0.5, 0.9, 0.99, 0.999];
/// Replies of a trial that must lie beyond a quantile: with fewer its largest reply alone
/// would decide it.
const BEYOND: f64 = 2.0;
/// Places at which a curve has a band, at equal shares of the replies.
const PLACES: usize = 32;

/// What ping said in a trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrialReplies {
    /// Requests sent.
    pub transmitted: u64,
    /// Round-trip times of the replies in ms, in the order of the log.
    pub rtt_ms: Vec<f64>,
}

/// What a trial needs for [`Curve`], its times ascending.
struct Sorted {
    transmitted: u64,
    rtt_ms: Vec<f64>,
}

impl Curve {
    /// The curve of a cell from its trials.
    ///
    /// # Errors
    ///
    /// Times that are not finite.
    pub fn of(
        cell: String,
        arm: Arm,
        setting: Setting,
        trials: &[TrialReplies],
        level: Level,
    ) -> Result<Self, StatsError> {
        let sorted: Vec<Sorted> = trials.iter().map(Sorted::new).collect();
        let mut rtt_ms: Vec<f64> = sorted.iter().flat_map(|t| &t.rtt_ms).copied().collect();
        rtt_ms.sort_unstable_by(f64::total_cmp);
        Ok(Self {
            cell,
            arm,
            setting,
            trials: u32::try_from(trials.len()).unwrap_or(u32::MAX),
            transmitted: trials
                .iter()
                .fold(0, |sum, t| sum.saturating_add(t.transmitted)),
            quantiles: quantiles(&sorted, level)?,
            band: band(&sorted, &rtt_ms, level)?,
            rtt_ms,
        })
    }
}

impl Sorted {
    fn new(trial: &TrialReplies) -> Self {
        let mut rtt_ms = trial.rtt_ms.clone();
        rtt_ms.sort_unstable_by(f64::total_cmp);
        Self {
            // Logs that say less than they hold don't make shares above one.
            transmitted: trial.transmitted.max(rtt_ms.len() as u64),
            rtt_ms,
        }
    }
}

/// The median over trials of each trial's quantiles; none that no trial is long enough for.
fn quantiles(trials: &[Sorted], level: Level) -> Result<Vec<Quantile>, StatsError> {
    let answered: Vec<&Sorted> = trials.iter().filter(|t| !t.rtt_ms.is_empty()).collect();
    let mut quantiles = Vec::new();
    for p in QUANTILES {
        let enough = |trial: &&&Sorted| {
            // Not 19.999... for 20 replies and 0.9.
            p <= 0.5 || trial.rtt_ms.len() as f64 * (1.0 - p) > BEYOND - 1e-9
        };
        let long: Vec<f64> = answered
            .iter()
            .filter(enough)
            .map(|trial| Ok(Sample::new(&trial.rtt_ms)?.quantile(p)))
            .collect::<Result<Vec<_>, StatsError>>()?
            .into_iter()
            .flatten()
            .collect();
        if long.is_empty() {
            continue;
        }
        let short = answered.len() - long.len();
        let note = (short > 0).then(|| {
            let text = format!("{short} trials with too few replies are left out");
            Warning::fact(text, "too-few-replies", &[&short])
        });
        let estimate = quantile::median(&long, level)?;
        quantiles.push(Quantile {
            p,
            estimate: estimate.map(|estimate| estimate.with_warnings(note)),
        });
    }
    Ok(quantiles)
}

/// The share of requests answered within a time, at times that are equal shares of the replies
/// apart, each with an interval by itself that allows for trials that differ.
fn band(trials: &[Sorted], all: &[f64], level: Level) -> Result<Vec<BandPoint>, StatsError> {
    let sent: Vec<&Sorted> = trials.iter().filter(|t| t.transmitted > 0).collect();
    let mut times: Vec<f64> = (0..=PLACES)
        .filter_map(|place| all.get(place * all.len().saturating_sub(1) / PLACES))
        .copied()
        .collect();
    times.dedup();
    let mut band = Vec::with_capacity(times.len());
    for rtt_ms in times {
        let answered: Vec<(u64, u64)> = sent
            .iter()
            .map(|trial| {
                let within = trial.rtt_ms.partition_point(|rtt| *rtt <= rtt_ms);
                (within as u64, trial.transmitted)
            })
            .collect();
        if let Some(estimate) = proportion::clustered(&answered, level)?.estimate() {
            band.push(BandPoint {
                rtt_ms,
                share: estimate.value(),
                interval: estimate.interval(),
            });
        }
    }
    Ok(band)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(trials: &[TrialReplies]) -> Curve {
        Curve::of(
            "cell".into(),
            Arm::BASELINE,
            Setting::default(),
            trials,
            Level::P95,
        )
        .expect("finite")
    }

    /// `n` replies from `from` to `from` + 1 ms.
    fn trial(n: u32, from: f64) -> TrialReplies {
        let rtts = (0..n).rev().map(|i| from + f64::from(i) / f64::from(n - 1));
        TrialReplies {
            transmitted: u64::from(n) + 1,
            rtt_ms: rtts.collect(),
        }
    }

    #[test]
    fn quantiles_are_of_trials_that_have_a_tail() {
        let trials: Vec<_> = (0..8).map(|i| trial(20, f64::from(i))).collect();
        let quantiles = curve(&trials).quantiles;
        let levels: Vec<f64> = quantiles.iter().map(|q| q.p).collect();
        assert_eq!(levels, [0.5, 0.9], "20 replies have no p99");
        let p90 = quantiles[1].estimate.estimate().expect("eight trials");
        assert_eq!(p90.n(), 8, "trials, not the 160 packets");
        assert!((p90.value() - 4.4).abs() < 1e-9, "{p90:?}");
    }

    #[test]
    fn a_short_trial_is_left_out_and_told() {
        let mut trials: Vec<_> = (0..8).map(|i| trial(20, f64::from(i))).collect();
        trials[3].rtt_ms.truncate(5);
        let quantiles = curve(&trials).quantiles;
        let p90 = quantiles[1].estimate.estimate().expect("seven trials");
        assert_eq!(p90.n(), 7);
        assert!(
            p90.warnings()
                .iter()
                .any(|w| w.to_string().contains("left out"))
        );
    }

    #[test]
    fn the_band_holds_the_curve_and_knows_of_the_loss() {
        let trials: Vec<_> = (0..8).map(|i| trial(20, f64::from(i) / 10.0)).collect();
        let curve = curve(&trials);
        assert!(curve.band.len() > 20);
        for point in &curve.band {
            let within = curve
                .rtt_ms
                .iter()
                .filter(|rtt| **rtt <= point.rtt_ms)
                .count();
            let share = within as f64 / curve.transmitted as f64;
            assert!((point.share - share).abs() < 1e-12);
            assert!(point.interval.contains(point.share));
        }
        let last = curve.band.last().expect("a point");
        assert!(
            (last.share - 20.0 / 21.0).abs() < 1e-12,
            "one in 21 is lost"
        );
    }

    #[test]
    fn nothing_is_no_curve() {
        for trials in [&[][..], &[TrialReplies::default()]] {
            let curve = curve(trials);
            assert!(curve.quantiles.is_empty() && curve.band.is_empty());
        }
    }
}
