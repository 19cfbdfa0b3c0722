use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

/// How an estimate was made: of what quantity, and with what kind of interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Method {
    /// The quantity estimated.
    pub statistic: Statistic,
    /// The kind of interval around it.
    pub interval: IntervalKind,
}

/// The quantity that is estimated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Statistic {
    /// Arithmetic mean.
    Mean,
    /// Median.
    Median,
    /// A quantile other than the median, by interpolation of type 7.
    Quantile {
        /// Its probability, between 0 and 1.
        p: f64,
    },
    /// Mean without the extremes.
    Trimmed {
        /// Share of the values cut off at either end.
        share: f64,
    },
    /// Ratio of a statistic of one sample to that of another.
    RatioOf {
        /// The statistic of each.
        of: Box<Statistic>,
        /// Whether the samples are from the same blocks.
        paired: bool,
    },
    /// Difference of a statistic of two samples, first less second.
    DifferenceOf {
        /// The statistic of each.
        of: Box<Statistic>,
        /// Whether the samples are from the same blocks.
        paired: bool,
    },
    /// Events over attempts.
    Proportion,
    /// Pseudo-median of the ratios within blocks.
    PairedRatio,
    /// Geometric mean of the ratios within blocks.
    PairedGeometricRatio,
    /// Pseudo-median of the differences within blocks.
    PairedDifference,
    /// Hodges-Lehmann ratio of two samples.
    Ratio,
    /// Hodges-Lehmann difference of two samples.
    Difference,
    /// Jain's fairness index, averaged over trials.
    JainIndex {
        /// Shares in each trial.
        shares: usize,
    },
    /// Smallest share over the largest, averaged over trials.
    MaxMin {
        /// Shares in each trial.
        shares: usize,
    },
    /// Standard deviation over mean of the shares, averaged over trials.
    ShareVariation {
        /// Shares in each trial.
        shares: usize,
    },
    /// A statistic of the caller's.
    Other {
        /// What captions call it; stable, since it is the short name as well.
        label: String,
    },
}

/// The kind of interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum IntervalKind {
    /// Between two order statistics; coverage from the binomial distribution.
    OrderStatistic,
    /// Student's t.
    StudentT,
    /// Wilson's score interval.
    Wilson,
    /// Clopper and Pearson's exact interval.
    ClopperPearson,
    /// Wilson's score interval on the effective number of attempts.
    ClusteredWilson,
    /// Inverted Wilcoxon signed-rank test, exact null distribution.
    SignedRankExact,
    /// Inverted Wilcoxon signed-rank test, normal approximation.
    SignedRankNormal,
    /// Inverted Mann-Whitney test, exact null distribution.
    MannWhitneyExact,
    /// Inverted Mann-Whitney test, normal approximation.
    MannWhitneyNormal,
    /// Percentiles of the bootstrap distribution.
    BootstrapPercentile {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
    },
    /// Bias-corrected and accelerated bootstrap.
    BootstrapBca {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
    },
    /// Percentiles of the bootstrap distribution itself, without resamples.
    IdealPercentile,
    /// Bias-corrected and accelerated bootstrap, without resamples.
    IdealBca,
    /// Percentiles of a bootstrap that resamples levels within levels.
    HierarchicalPercentile {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
        /// Whether the levels below the highest are resampled too.
        all_levels: bool,
    },
    /// Student's t over the means of the highest level.
    TopLevelT,
    /// Fieller's interval over the means of the highest level.
    TopLevelFieller,
    /// Percentiles of a bootstrap that resamples a series in blocks.
    StationaryPercentile {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
    },
    /// Simultaneous interval from the bootstrap distribution of the largest t.
    MaxT {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
        /// Intervals that hold together.
        family: usize,
    },
    /// Simultaneous t interval, the level divided among the family.
    BonferroniT {
        /// Intervals that hold together.
        family: usize,
    },
}

impl Method {
    pub(crate) fn new(statistic: Statistic, interval: IntervalKind) -> Self {
        Self {
            statistic,
            interval,
        }
    }

    /// A name for machines, stable between versions: `median/order-statistic`.
    pub fn short(&self) -> String {
        format!("{}/{}", self.statistic.short(), self.interval.short())
    }

    /// Where the formula of the interval comes from.
    pub fn source(&self) -> &'static str {
        self.interval.source()
    }
}

/// A name for captions: `median, order-statistic interval (exact binomial)`.
impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.statistic, self.interval)
    }
}

impl Statistic {
    /// A name for machines, stable between versions.
    pub fn short(&self) -> Cow<'_, str> {
        match self {
            Self::Mean => "mean".into(),
            Self::Median => "median".into(),
            Self::Quantile { p } => format!("p{}", percent(*p)).into(),
            Self::Trimmed { share } => format!("trimmed-mean-{}", percent(*share)).into(),
            Self::RatioOf { of, paired } => {
                format!("{}{}-ratio", paired_short(*paired), of.short()).into()
            }
            Self::DifferenceOf { of, paired } => {
                format!("{}{}-difference", paired_short(*paired), of.short()).into()
            }
            Self::Proportion => "proportion".into(),
            Self::PairedRatio => "paired-ratio".into(),
            Self::PairedGeometricRatio => "paired-geometric-ratio".into(),
            Self::PairedDifference => "paired-difference".into(),
            Self::Ratio => "ratio".into(),
            Self::Difference => "difference".into(),
            Self::JainIndex { .. } => "jain-index".into(),
            Self::MaxMin { .. } => "min-over-max".into(),
            Self::ShareVariation { .. } => "share-variation".into(),
            Self::Other { label } => label.into(),
        }
    }

    /// The median for 0.5, any other quantile by its probability.
    pub(crate) fn quantile(p: f64) -> Self {
        if p == 0.5 {
            Self::Median
        } else {
            Self::Quantile { p }
        }
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean => f.write_str("mean"),
            Self::Median => f.write_str("median"),
            Self::Quantile { p } => write!(f, "{} % quantile", percent(*p)),
            Self::Trimmed { share } => {
                write!(f, "mean without {} % at either end", percent(*share))
            }
            Self::RatioOf { of, paired } => write!(f, "ratio of {of}s{}", paired_caption(*paired)),
            Self::DifferenceOf { of, paired } => {
                write!(f, "difference of {of}s{}", paired_caption(*paired))
            }
            Self::Proportion => f.write_str("proportion"),
            Self::PairedRatio => f.write_str("pseudo-median ratio paired by block"),
            Self::PairedGeometricRatio => f.write_str("geometric mean ratio paired by block"),
            Self::PairedDifference => f.write_str("pseudo-median difference paired by block"),
            Self::Ratio => f.write_str("Hodges-Lehmann ratio"),
            Self::Difference => f.write_str("Hodges-Lehmann difference"),
            Self::JainIndex { shares } => {
                write!(f, "Jain's index of {shares} shares, mean of trials")
            }
            Self::MaxMin { shares } => {
                write!(
                    f,
                    "smallest over largest of {shares} shares, mean of trials"
                )
            }
            Self::ShareVariation { shares } => {
                write!(
                    f,
                    "coefficient of variation of {shares} shares, mean of trials"
                )
            }
            Self::Other { label } => f.write_str(label),
        }
    }
}

impl IntervalKind {
    /// A name for machines, stable between versions.
    pub fn short(&self) -> &'static str {
        match self {
            Self::OrderStatistic => "order-statistic",
            Self::StudentT => "student-t",
            Self::Wilson => "wilson",
            Self::ClopperPearson => "clopper-pearson",
            Self::ClusteredWilson => "clustered-wilson",
            Self::SignedRankExact => "signed-rank-exact",
            Self::SignedRankNormal => "signed-rank-normal",
            Self::MannWhitneyExact => "mann-whitney-exact",
            Self::MannWhitneyNormal => "mann-whitney-normal",
            Self::BootstrapPercentile { .. } => "bootstrap-percentile",
            Self::BootstrapBca { .. } => "bootstrap-bca",
            Self::IdealPercentile => "ideal-percentile",
            Self::IdealBca => "ideal-bca",
            Self::HierarchicalPercentile {
                all_levels: true, ..
            } => "hierarchical-percentile",
            Self::HierarchicalPercentile { .. } => "top-level-percentile",
            Self::TopLevelT => "top-level-t",
            Self::TopLevelFieller => "top-level-fieller",
            Self::StationaryPercentile { .. } => "stationary-percentile",
            Self::MaxT { .. } => "max-t",
            Self::BonferroniT { .. } => "bonferroni-t",
        }
    }

    /// Where the formula comes from.
    pub fn source(&self) -> &'static str {
        match self {
            Self::OrderStatistic => {
                "H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., Wiley 2003, ch. 7"
            }
            Self::StudentT => "Student, The probable error of a mean, Biometrika 6 (1908) 1-25",
            Self::Wilson => {
                "E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212"
            }
            Self::ClopperPearson => {
                "C. J. Clopper and E. S. Pearson, The use of confidence or fiducial limits illustrated in the case of the binomial, Biometrika 26 (1934) 404-413"
            }
            Self::ClusteredWilson => {
                "L. Kish, Survey Sampling, Wiley 1965 (design effect); N. Dean and M. Pagano, Evaluating confidence interval methods for binomial proportions in clustered surveys, J. Survey Stat. Methodol. 3 (2015) 484-503"
            }
            Self::SignedRankExact | Self::SignedRankNormal => {
                "J. L. Hodges and E. L. Lehmann, Estimates of location based on rank tests, Ann. Math. Stat. 34 (1963) 598-611; M. Hollander, D. A. Wolfe and E. Chicken, Nonparametric Statistical Methods, 3rd ed., Wiley 2014, ch. 3"
            }
            Self::MannWhitneyExact | Self::MannWhitneyNormal => {
                "J. L. Hodges and E. L. Lehmann, Estimates of location based on rank tests, Ann. Math. Stat. 34 (1963) 598-611; M. Hollander, D. A. Wolfe and E. Chicken, Nonparametric Statistical Methods, 3rd ed., Wiley 2014, ch. 4"
            }
            Self::BootstrapPercentile { .. } => {
                "B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall 1993, ch. 13"
            }
            Self::IdealPercentile => {
                "B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall 1993, ch. 13; A. D. Hutson and M. D. Ernst, The exact bootstrap mean and variance of an L-estimator, J. R. Stat. Soc. B 62 (2000) 89-94"
            }
            Self::HierarchicalPercentile { .. } => {
                "A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, Cambridge 1997, 3.8; T. Kalibera and R. Jones, Rigorous benchmarking in reasonable time, ISMM 2013"
            }
            Self::TopLevelT => {
                "T. Kalibera and R. Jones, Rigorous benchmarking in reasonable time, ISMM 2013"
            }
            Self::TopLevelFieller => {
                "E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954) 175-185; T. Kalibera and R. Jones, Rigorous benchmarking in reasonable time, ISMM 2013"
            }
            Self::StationaryPercentile { .. } => {
                "D. N. Politis and J. P. Romano, The stationary bootstrap, JASA 89 (1994) 1303-1313"
            }
            Self::MaxT { .. } => {
                "P. H. Westfall and S. S. Young, Resampling-Based Multiple Testing, Wiley 1993, ch. 2; A. C. Davison and D. V. Hinkley, Bootstrap Methods and their Application, Cambridge 1997, 5.2"
            }
            Self::BonferroniT { .. } => {
                "O. J. Dunn, Multiple comparisons among means, JASA 56 (1961) 52-64"
            }
            Self::IdealBca | Self::BootstrapBca { .. } => {
                "B. Efron, Better bootstrap confidence intervals, JASA 82 (1987) 171-185"
            }
        }
    }
}

impl fmt::Display for IntervalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderStatistic => f.write_str("order-statistic interval (exact binomial)"),
            Self::StudentT => f.write_str("t interval (assumes a normal mean)"),
            Self::Wilson => f.write_str("Wilson score interval"),
            Self::ClopperPearson => f.write_str("Clopper-Pearson interval (exact binomial)"),
            Self::ClusteredWilson => {
                f.write_str("Wilson score interval with the design effect of trials")
            }
            Self::SignedRankExact => f.write_str("Wilcoxon signed-rank interval (exact)"),
            Self::SignedRankNormal => {
                f.write_str("Wilcoxon signed-rank interval (normal approximation)")
            }
            Self::MannWhitneyExact => f.write_str("Mann-Whitney interval (exact)"),
            Self::MannWhitneyNormal => f.write_str("Mann-Whitney interval (normal approximation)"),
            Self::BootstrapPercentile { replicates, seed } => write!(
                f,
                "percentile bootstrap interval ({replicates} resamples, seed {seed})"
            ),
            Self::BootstrapBca { replicates, seed } => write!(
                f,
                "BCa bootstrap interval ({replicates} resamples, seed {seed})"
            ),
            Self::IdealPercentile => {
                f.write_str("percentile bootstrap interval (distribution computed, no resamples)")
            }
            Self::IdealBca => {
                f.write_str("BCa bootstrap interval (distribution computed, no resamples)")
            }
            Self::HierarchicalPercentile {
                replicates,
                seed,
                all_levels,
            } => write!(
                f,
                "percentile bootstrap interval over {} ({replicates} resamples, seed {seed})",
                if *all_levels {
                    "all levels"
                } else {
                    "the highest level"
                }
            ),
            Self::TopLevelT => f.write_str("t interval over the means of the highest level"),
            Self::TopLevelFieller => {
                f.write_str("Fieller interval over the means of the highest level")
            }
            Self::StationaryPercentile { replicates, seed } => write!(
                f,
                "stationary block bootstrap interval ({replicates} resamples, seed {seed})"
            ),
            Self::MaxT {
                replicates,
                seed,
                family,
            } => write!(
                f,
                "simultaneous interval of {family} by the largest t ({replicates} resamples, seed {seed})"
            ),
            Self::BonferroniT { family } => {
                write!(f, "simultaneous t interval of {family} (Bonferroni)")
            }
        }
    }
}

fn paired_short(paired: bool) -> &'static str {
    if paired { "paired-" } else { "" }
}

fn paired_caption(paired: bool) -> &'static str {
    if paired { " paired by block" } else { "" }
}

/// A fraction in percent, without the digits that binary adds (0.29 x 100 is 29).
pub(crate) fn percent(fraction: f64) -> f64 {
    (fraction * 1e12).round() / 1e10
}
