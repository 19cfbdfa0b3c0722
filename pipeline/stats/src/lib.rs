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
#![doc = include_str!("../docs/questions.md")]
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
