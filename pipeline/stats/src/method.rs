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
    /// Events over attempts.
    Proportion,
    /// Pseudo-median of the ratios within blocks.
    PairedRatio,
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
    /// Theil-Sen slope of values against their order.
    Slope,
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
    /// Between the two order statistics whose coverage is nearest to the level.
    NearestOrderStatistic,
    /// Between bounds of two printed order statistics: widened by half a step at either end.
    PrintedOrderStatistic,
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
    /// Student's t on the spread of the batches of a series.
    Batches {
        /// Batches the series was cut into.
        batches: usize,
    },
    /// Order statistics of the slopes of all pairs, inverting Kendall's test.
    TheilSen,
    /// Percentiles of the bootstrap distribution.
    BootstrapPercentile {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
    },
    /// Quantiles of the studentised bootstrap distribution.
    BootstrapT {
        /// Resamples drawn.
        replicates: usize,
        /// Seed they were drawn from.
        seed: u64,
    },
    /// At either end the farther of bootstrap-t's and Student's.
    FartherT {
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
            Self::Proportion => "proportion".into(),
            Self::PairedRatio => "paired-ratio".into(),
            Self::PairedDifference => "paired-difference".into(),
            Self::Ratio => "ratio".into(),
            Self::Difference => "difference".into(),
            Self::JainIndex { .. } => "jain-index".into(),
            Self::Slope => "slope".into(),
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
            Self::Proportion => f.write_str("proportion"),
            Self::PairedRatio => f.write_str("pseudo-median ratio paired by block"),
            Self::PairedDifference => f.write_str("pseudo-median difference paired by block"),
            Self::Ratio => f.write_str("Hodges-Lehmann ratio"),
            Self::Difference => f.write_str("Hodges-Lehmann difference"),
            Self::JainIndex { shares } => {
                write!(f, "Jain's index of {shares} shares, mean of trials")
            }
            Self::Slope => f.write_str("Theil-Sen slope"),
            Self::Other { label } => f.write_str(label),
        }
    }
}

impl IntervalKind {
    /// A name for machines, stable between versions.
    pub fn short(&self) -> &'static str {
        match self {
            Self::OrderStatistic => "order-statistic",
            Self::NearestOrderStatistic => "nearest-order-statistic",
            Self::PrintedOrderStatistic => "printed-order-statistic",
            Self::StudentT => "student-t",
            Self::Wilson => "wilson",
            Self::ClopperPearson => "clopper-pearson",
            Self::ClusteredWilson => "clustered-wilson",
            Self::SignedRankExact => "signed-rank-exact",
            Self::SignedRankNormal => "signed-rank-normal",
            Self::MannWhitneyExact => "mann-whitney-exact",
            Self::MannWhitneyNormal => "mann-whitney-normal",
            Self::Batches { .. } => "batches",
            Self::TheilSen => "theil-sen",
            Self::BootstrapT { .. } => "bootstrap-t",
            Self::FartherT { .. } => "farther-t",
            Self::BootstrapPercentile { .. } => "bootstrap-percentile",
            Self::BootstrapBca { .. } => "bootstrap-bca",
        }
    }

    /// Where the formula comes from.
    pub fn source(&self) -> &'static str {
        match self {
            Self::OrderStatistic | Self::NearestOrderStatistic | Self::PrintedOrderStatistic => {
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
            Self::Batches { .. } => {
                "B. Schmeiser, Batch size effects in the analysis of simulation output, Oper. Res. 30 (1982) 556-568"
            }
            Self::TheilSen => {
                "P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968) 1379-1389"
            }
            Self::BootstrapPercentile { .. } | Self::BootstrapT { .. } | Self::FartherT { .. } => {
                "B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap, Chapman & Hall 1993, ch. 12 and 13"
            }
            Self::BootstrapBca { .. } => {
                "B. Efron, Better bootstrap confidence intervals, JASA 82 (1987) 171-185"
            }
        }
    }
}

impl fmt::Display for IntervalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OrderStatistic => f.write_str("order-statistic interval (exact binomial)"),
            Self::NearestOrderStatistic => {
                f.write_str("order-statistic interval nearest to its level (exact binomial)")
            }
            Self::PrintedOrderStatistic => f.write_str(
                "order-statistic interval (exact binomial), widened by what the digits hide",
            ),
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
            Self::Batches { batches } => write!(f, "t interval of {batches} batches of the series"),
            Self::BootstrapT { replicates, seed } => write!(
                f,
                "bootstrap-t interval ({replicates} resamples, seed {seed})"
            ),
            Self::FartherT { replicates, seed } => write!(
                f,
                "farther ends of bootstrap-t and t interval ({replicates} resamples, seed {seed})"
            ),
            Self::TheilSen => f.write_str("Theil-Sen interval (Kendall's test inverted)"),
            Self::BootstrapPercentile { replicates, seed } => write!(
                f,
                "percentile bootstrap interval ({replicates} resamples, seed {seed})"
            ),
            Self::BootstrapBca { replicates, seed } => write!(
                f,
                "BCa bootstrap interval ({replicates} resamples, seed {seed})"
            ),
        }
    }
}

/// A fraction in percent, without the digits that binary adds (0.29 x 100 is 29).
pub(crate) fn percent(fraction: f64) -> f64 {
    (fraction * 1e12).round() / 1e10
}
