//! Samples in, estimates out.
//!
//! An [`Estimate`] is a value that can't be parted from its interval, level, n and
//! method. Where a sample is too small for an interval of the level asked for, the
//! answer is an [`Insufficient`], not a number; [`Outcome`] is either. Input that
//! can't be meant (NaN, a proportion above one) is a [`StatsError`].
//!
//! Which function answers which question, how many values it needs at 95 % (tests/gates.rs),
//! and in how many percent of simulated campaigns its 95 % interval contains the truth: from
//! the least to the most of all sizes from 6 to 200 it takes, of normal values, and of all
//! independent ones whatever their distribution. The tables by distribution and size, and of
//! dependent and coarse values too, are in `docs/coverage.md` of the crate.
//!
//! | question | function | least n | normal values | all |
//! |---|---|---|---|---|
//! | the method to take where none is asked for | [`auto::estimate`] | 6 for medians, 36 for p90, 60 for means | 93.2 to 98.4 | 93.1 to 98.6 |
//! | median, quantile | [`quantile::median`], [`quantile::quantile`] | 6 for the median, 36 for p90, 368 for p99 | 95.8 to 97.9 | 95.4 to 98.0 |
//! | the same, nearest to its level | [`nearest::quantile`] | the same | 93.2 to 97.0 | 93.1 to 97.2 |
//! | the same, between order statistics | [`quantile::interpolated`] | the same | 94.3 to 95.4 | 89.5 to 96.8 |
//! | the same, of values printed with few digits, or `<1` | [`printed::quantile`], [`printed::ecdf`] | the same | 95.9 to 98.1 | 95.4 to 98.1 |
//! | all quantiles at once | [`band::dkw`] | 8 | 95.4 to 97.0 | 95.2 to 97.0 |
//! | mean of values near enough to normal | [`mean::mean`] | 3 | 94.7 to 95.4 | 82.1 to 96.2 |
//! | mean of skewed values | [`studentised::farther`], [`studentised::mean`] | 10 | 95.4 to 96.3 | 90.6 to 99.6 |
//! | trimmed mean | [`mean::trimmed`] | 3 left after trimming | 94.0 to 95.2 | 78.1 to 95.6 |
//! | geometric mean | [`mean::geometric`] | 3 | 94.7 to 95.3 | 94.7 to 96.2 |
//! | harmonic mean | [`mean::harmonic`] | 3 | 94.6 to 95.2 | 74.8 to 96.2 |
//! | variance, standard deviation | [`spread::variance`], [`spread::standard_deviation`] | 3 | 94.6 to 95.1 | 31.1 to 100.0 |
//! | coefficient of variation | [`spread::coefficient_of_variation`] | 3 | ? | ? |
//! | share of attempts | [`proportion::wilson`] | 1 | 92.2 to 98.4 | 92.2 to 98.7 |
//! | the same, never below its level | [`proportion::clopper_pearson`] | 1 | ? | ? |
//! | loss in trials that differ | [`proportion::clustered`] | 3 | ? | ? |
//! | events per time | [`rate::garwood`] | none | 95.1 to 98.9 | 86.1 to 98.9 |
//! | two conditions measured in the same blocks | [`paired::ratio`], [`paired::difference`] | 6 | 94.8 to 97.1 | 94.8 to 97.1 |
//! | the same, their means | [`paired::mean_difference`], [`paired::mean_ratio`], [`paired::geometric_ratio`] | 3 | ? | ? |
//! | the same, the median of ratios | [`paired::median_ratio`], [`paired::median_difference`] | 6 | ? | ? |
//! | two conditions with nothing to pair them by | [`unpaired::ratio`], [`unpaired::difference`] | 4 | 94.7 to 97.0 | 94.7 to 97.0 |
//! | the same, their means | [`unpaired::mean_difference`], [`unpaired::mean_ratio`] | 3 | ? | ? |
//! | the same as ministat has it | [`unpaired::pooled_difference`], [`ministat::difference`] | 3 | ? | ? |
//! | the same, their medians or quantiles | [`unpaired::quantile_ratio`], [`unpaired::quantile_difference`] | 6 for medians | ? | ? |
//! | ratios that hold together | [`simultaneous::ratios`] | 3 | ? | ? |
//! | effect size: standardised difference | [`effect::cohen_d`], [`effect::hedges_g`], [`effect::cohen_dz`] | 3 | ? | ? |
//! | effect size: probability | [`effect::cliff_delta`], [`effect::a12`] | 4 | ? | ? |
//! | the same within blocks | [`effect::rank_biserial`] | 6 | ? | ? |
//! | what a further instance adds | [`slope::median`], [`slope::robust_median`] | 6 | ? | ? |
//! | the same, its mean | [`slope::mean`] | 3 | ? | ? |
//! | slope of points without blocks | [`slope::theil_sen`] | 10 | ? | ? |
//! | drift over a campaign | [`trend::trend`] | 5 | ? | ? |
//! | fairness of shares | [`fairness::jain_index`], [`fairness::min_over_max`], [`fairness::variation`] | 8 | ? | ? |
//! | levels within levels | [`hierarchy::mean`], [`hierarchy::ratio`] | 3 | ? | ? |
//! | the same by resampling the trials | [`hierarchy::Levels`], [`hierarchy::Resampled::Top`] | 8 | ? | ? |
//! | the same by resampling all levels | [`hierarchy::Levels`], [`hierarchy::Resampled::All`] | 8 | ? | ? |
//! | any other statistic, of one sample or two | [`Bootstrap`], [`bootstrap::bca`] | 8 | ? | ? |
//! | mean or quantile of a series, whose values depend on those before | [`batch::mean`], [`batch::quantile`] | 200, worth 50 | 95.0 to 96.8 | 93.5 to 97.3 |
//! | a statistic of a dependent series | [`stationary::bootstrap`] | 8 | 81.7 to 94.4 | 72.2 to 94.5 |
//!
//! Without an interval of their own:
//!
//! | question | function |
//! |---|---|
//! | is there a difference? | [`hypothesis`]: Welch, paired t, Mann-Whitney, signed rank, Brunner-Munzel |
//! | several at once | [`family`]: Holm, Benjamini-Hochberg |
//! | does a ratio or difference matter? | [`verdict::verdict`], [`verdict::verdict_of_difference`], [`equivalence`] (TOST) |
//! | when to stop measuring | [`sequential::next`] |
//! | how often to repeat at each level | [`hierarchy::variances`], [`hierarchy::repetitions`] |
//! | a bootstrap without resamples | [`Bootstrap::ideal`] |
//! | dependence within a series | [`series`]: autocorrelation, Ljung-Box, effective size |
//! | from where on is a series steady, where does it change? | [`steady::steadiness`], [`changepoint::pelt`] |
//! | outliers (marked, not dropped) | [`outlier::tukey`], [`outlier::modified_z`] |
//!
//! ```
//! use vnicbench_stats::{Direction, Level, Verdict, paired, verdict::verdict};
//!
//! let sriov = [41.0, 39.5, 42.2, 40.1, 43.0, 38.8];
//! let virtio = [77.1, 80.3, 79.0, 75.9, 82.4, 76.6];
//! let outcome = paired::ratio(&sriov, &virtio, Level::P95)?;
//! let ratio = outcome.estimate().expect("six blocks are enough at 95 %");
//! assert!(ratio.interval().high() < 0.55);
//! let verdict = verdict(ratio.interval(), 0.05, Direction::LowerIsBetter)?;
//! assert_eq!(verdict, Verdict::Better);
//!
//! let five = paired::ratio(&sriov[1..], &virtio[1..], Level::P95)?;
//! assert!(five.estimate().is_none());
//! # Ok::<(), vnicbench_stats::StatsError>(())
//! ```
//!
//! # The same bits everywhere
//!
//! Every result is the same to the last bit on any x86-64 or arm64 machine and, since
//! nothing depends on the order in which work is finished, on any number of threads.
//! Hence: exp, ln and the like come from the `libm` crate, since the system's differ
//! between machines (`sqrt` is exact by IEEE 754 and so taken from `std`); sums run in
//! a fixed order, over the sorted sample where order has no meaning; no product is
//! fused with a sum; each bootstrap replicate has a generator of its own.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod auto;
pub mod band;
pub mod batch;
pub mod bootstrap;
pub mod changepoint;
mod descriptive;
mod distribution;
pub mod effect;
pub mod equivalence;
mod error;
mod estimate;
pub mod fairness;
pub mod family;
mod gamma;
pub mod hierarchy;
pub mod hypothesis;
pub mod mean;
mod method;
pub mod ministat;
pub mod nearest;
mod noncentral;
pub mod outlier;
pub mod paired;
pub mod printed;
pub mod proportion;
pub mod quantile;
mod rank;
pub mod rate;
pub mod ratio;
pub mod sequential;
pub mod series;
pub mod simultaneous;
pub mod slope;
pub mod spread;
pub mod stationary;
pub mod steady;
pub mod studentised;
pub mod trend;
pub mod unpaired;
pub mod verdict;

pub use bootstrap::{Bootstrap, Contrast, Of, Resampling};
pub use descriptive::{EcdfPoint, Sample};
pub use error::StatsError;
pub use estimate::{Estimate, Fact, Gated, Insufficient, Interval, Level, Outcome, Warning};
pub use method::{IntervalKind, Method, Statistic};
pub use verdict::{Direction, Verdict};
