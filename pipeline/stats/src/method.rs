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
    /// Mean without the given share of values at each end.
    TrimmedMean {
        /// Share left out at each end, above 0 and below 0.5.
        trim: f64,
    },
    /// Geometric mean.
    GeometricMean,
    /// Harmonic mean.
    HarmonicMean,
    /// Variance, with divisor n - 1.
    Variance,
    /// Standard deviation, with divisor n - 1.
    StandardDeviation,
    /// Standard deviation over mean.
    CoefficientOfVariation,
    /// Events over exposure.
    Rate,
    /// Difference of two means.
    MeanDifference,
    /// Ratio of two means.
    MeanRatio,
    /// Mean of the differences within blocks.
    PairedMeanDifference,
    /// Ratio of two means of the same blocks.
    PairedMeanRatio,
    /// Geometric mean of the ratios within blocks.
    PairedGeometricRatio,
    /// Median of the differences within blocks.
    PairedMedianDifference,
    /// Median of the ratios within blocks.
    PairedMedianRatio,
    /// Difference of two samples' quantiles.
    QuantileDifference {
        /// Its probability, between 0 and 1.
        p: f64,
    },
    /// Ratio of two samples' quantiles.
    QuantileRatio {
        /// Its probability, between 0 and 1.
        p: f64,
    },
    /// Cohen's d: difference of means in pooled standard deviations.
    CohenD,
    /// Cohen's dz: mean difference within blocks in its standard deviations.
    CohenDz,
    /// Hedges' g: Cohen's d without its bias.
    HedgesG,
    /// Cliff's delta.
    CliffDelta,
    /// Vargha and Delaney's A12.
    A12,
    /// Rank-biserial correlation of matched pairs.
    RankBiserial,
    /// Change of a quantity for each further unit of another.
    Slope,
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
    /// Between values interpolated from neighbouring order statistics.
    InterpolatedOrderStatistic,
    /// Student's t on the trimmed sample, with the winsorised variance.
    TrimmedT,
    /// Student's t on logarithms.
    LogT,
    /// Student's t on reciprocals.
    ReciprocalT,
    /// Chi-squared, for the variance of a normal sample.
    ChiSquared,
    /// Student's noncentral t.
    NoncentralT,
    /// Garwood's exact interval of a Poisson count.
    Garwood,
    /// Student's t for a difference of means, variances pooled.
    PooledT,
    /// The same with t from a table of three decimals, as ministat has it.
    PooledTableT,
    /// Welch's t, for variances that differ.
    WelchT,
    /// Fieller's, of a ratio of means.
    Fieller,
    /// Fieller's, of a ratio of means whose variances differ.
    FiellerWelch,
    /// Of a contrast, from the intervals of its parts.
    Mover,
    /// Wilson's score interval on as many attempts as have the variance.
    EffectiveWilson,
    /// Brunner and Munzel's.
    BrunnerMunzel,
    /// Inverted test of Kendall's rank correlation, normal approximation.
    KendallNormal,
    /// Dvoretzky, Kiefer and Wolfowitz's band of all quantiles.
    DkwBand,
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
            Self::PairedDifference => "paired-difference".into(),
            Self::Ratio => "ratio".into(),
            Self::Difference => "difference".into(),
            Self::JainIndex { .. } => "jain-index".into(),
            Self::TrimmedMean { .. } => "trimmed-mean".into(),
            Self::GeometricMean => "geometric-mean".into(),
            Self::HarmonicMean => "harmonic-mean".into(),
            Self::Variance => "variance".into(),
            Self::StandardDeviation => "standard-deviation".into(),
            Self::CoefficientOfVariation => "coefficient-of-variation".into(),
            Self::Rate => "rate".into(),
            Self::MeanDifference => "mean-difference".into(),
            Self::MeanRatio => "mean-ratio".into(),
            Self::PairedMeanDifference => "paired-mean-difference".into(),
            Self::PairedMeanRatio => "paired-mean-ratio".into(),
            Self::PairedGeometricRatio => "paired-geometric-ratio".into(),
            Self::PairedMedianDifference => "paired-median-difference".into(),
            Self::PairedMedianRatio => "paired-median-ratio".into(),
            Self::QuantileDifference { p } => format!("p{}-difference", percent(*p)).into(),
            Self::QuantileRatio { p } => format!("p{}-ratio", percent(*p)).into(),
            Self::CohenD => "cohen-d".into(),
            Self::CohenDz => "cohen-dz".into(),
            Self::HedgesG => "hedges-g".into(),
            Self::CliffDelta => "cliff-delta".into(),
            Self::A12 => "a12".into(),
            Self::RankBiserial => "rank-biserial".into(),
            Self::Slope => "slope".into(),
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
            Self::PairedDifference => f.write_str("pseudo-median difference paired by block"),
            Self::Ratio => f.write_str("Hodges-Lehmann ratio"),
            Self::Difference => f.write_str("Hodges-Lehmann difference"),
            Self::JainIndex { shares } => {
                write!(f, "Jain's index of {shares} shares, mean of trials")
            }
            Self::TrimmedMean { trim } => {
                write!(f, "mean without {} % at each end", percent(*trim))
            }
            Self::GeometricMean => f.write_str("geometric mean"),
            Self::HarmonicMean => f.write_str("harmonic mean"),
            Self::Variance => f.write_str("variance"),
            Self::StandardDeviation => f.write_str("standard deviation"),
            Self::CoefficientOfVariation => f.write_str("coefficient of variation"),
            Self::Rate => f.write_str("rate of events"),
            Self::MeanDifference => f.write_str("difference of means"),
            Self::MeanRatio => f.write_str("ratio of means"),
            Self::PairedMeanDifference => f.write_str("mean difference paired by block"),
            Self::PairedMeanRatio => f.write_str("ratio of means paired by block"),
            Self::PairedGeometricRatio => f.write_str("geometric mean ratio paired by block"),
            Self::PairedMedianDifference => f.write_str("median difference paired by block"),
            Self::PairedMedianRatio => f.write_str("median ratio paired by block"),
            Self::QuantileDifference { p } => {
                write!(f, "difference of {} % quantiles", percent(*p))
            }
            Self::QuantileRatio { p } => write!(f, "ratio of {} % quantiles", percent(*p)),
            Self::CohenD => f.write_str("Cohen's d"),
            Self::CohenDz => f.write_str("Cohen's dz paired by block"),
            Self::HedgesG => f.write_str("Hedges' g"),
            Self::CliffDelta => f.write_str("Cliff's delta"),
            Self::A12 => f.write_str("Vargha-Delaney A12"),
            Self::RankBiserial => f.write_str("rank-biserial correlation paired by block"),
            Self::Slope => f.write_str("slope"),
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
            Self::InterpolatedOrderStatistic => "interpolated-order-statistic",
            Self::TrimmedT => "trimmed-t",
            Self::LogT => "log-t",
            Self::ReciprocalT => "reciprocal-t",
            Self::ChiSquared => "chi-squared",
            Self::NoncentralT => "noncentral-t",
            Self::Garwood => "garwood",
            Self::PooledT => "pooled-t",
            Self::PooledTableT => "pooled-table-t",
            Self::WelchT => "welch-t",
            Self::Fieller => "fieller",
            Self::FiellerWelch => "fieller-welch",
            Self::Mover => "mover",
            Self::EffectiveWilson => "effective-wilson",
            Self::BrunnerMunzel => "brunner-munzel",
            Self::KendallNormal => "kendall-normal",
            Self::DkwBand => "dkw-band",
            Self::Batches { .. } => "batches",
            Self::TheilSen => "theil-sen",
            Self::BootstrapT { .. } => "bootstrap-t",
            Self::FartherT { .. } => "farther-t",
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
            Self::OrderStatistic | Self::NearestOrderStatistic | Self::PrintedOrderStatistic => {
                "H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed., Wiley 2003, ch. 7"
            }
            Self::StudentT | Self::PooledT | Self::PooledTableT => {
                "Student, The probable error of a mean, Biometrika 6 (1908) 1-25"
            }
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
            Self::InterpolatedOrderStatistic => {
                "T. P. Hettmansperger and S. J. Sheather, Confidence intervals based on interpolated order statistics, Stat. Probab. Lett. 4 (1986) 75-79; J. Nyblom, Note on interpolated order statistics, Stat. Probab. Lett. 14 (1992) 129-131"
            }
            Self::TrimmedT => {
                "J. W. Tukey and D. H. McLaughlin, Less vulnerable confidence and significance procedures for location based on a single sample, Sankhya A 25 (1963) 331-352; K. K. Yuen, The two-sample trimmed t for unequal population variances, Biometrika 61 (1974) 165-170"
            }
            Self::LogT => {
                "N. F. Alf and J. M. Grossberg, The geometric mean: confidence limits and significance tests, Percept. Psychophys. 26 (1979) 419-421"
            }
            Self::ReciprocalT => {
                "N. Norris, The standard errors of the geometric and harmonic means and their application to index numbers, Ann. Math. Stat. 11 (1940) 445-448"
            }
            Self::ChiSquared => {
                "G. W. Snedecor and W. G. Cochran, Statistical Methods, 8th ed., Iowa State Univ. Press 1989, ch. 5"
            }
            Self::NoncentralT => {
                "J. H. Steiger and R. T. Fouladi, Noncentrality interval estimation and the evaluation of statistical models, in: What if there were no significance tests?, Erlbaum 1997"
            }
            Self::Garwood => {
                "F. Garwood, Fiducial limits for the Poisson distribution, Biometrika 28 (1936) 437-442"
            }
            Self::WelchT => {
                "B. L. Welch, The generalization of Student's problem when several different population variances are involved, Biometrika 34 (1947) 28-35"
            }
            Self::Fieller => {
                "E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954) 175-185"
            }
            Self::FiellerWelch => {
                "E. C. Fieller, Some problems in interval estimation, J. R. Stat. Soc. B 16 (1954) 175-185; A. C. Tamhane and B. R. Logan, Finding the maximum safe dose level for heteroscedastic data, J. Biopharm. Stat. 14 (2004) 843-856 (degrees of freedom)"
            }
            Self::Mover => {
                "G. Y. Zou and A. Donner, Construction of confidence limits about effect measures: a general approach, Stat. Med. 27 (2008) 1693-1702"
            }
            Self::EffectiveWilson => {
                "N. Cliff, Ordinal Methods for Behavioral Data Analysis, Erlbaum 1996 (variance); E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927) 209-212"
            }
            Self::BrunnerMunzel => {
                "E. Brunner and U. Munzel, The nonparametric Behrens-Fisher problem: asymptotic theory and a small-sample approximation, Biom. J. 42 (2000) 17-25"
            }
            Self::KendallNormal => {
                "P. K. Sen, Estimates of the regression coefficient based on Kendall's tau, JASA 63 (1968) 1379-1389"
            }
            Self::DkwBand => {
                "P. Massart, The tight constant in the Dvoretzky-Kiefer-Wolfowitz inequality, Ann. Probab. 18 (1990) 1269-1283"
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
            Self::InterpolatedOrderStatistic => {
                f.write_str("interpolated order-statistic interval (near its level)")
            }
            Self::TrimmedT => f.write_str("trimmed t interval (winsorised variance)"),
            Self::LogT => f.write_str("t interval of logarithms (assumes their mean normal)"),
            Self::ReciprocalT => {
                f.write_str("t interval of reciprocals (assumes their mean normal)")
            }
            Self::ChiSquared => f.write_str("chi-squared interval (assumes normal values)"),
            Self::NoncentralT => f.write_str("noncentral t interval (assumes normal values)"),
            Self::Garwood => f.write_str("Garwood interval (exact Poisson)"),
            Self::PooledT => {
                f.write_str("pooled t interval (assumes normal values of one variance)")
            }
            Self::PooledTableT => f.write_str(
                "pooled t interval by ministat's table (assumes normal values of one variance)",
            ),
            Self::WelchT => f.write_str("Welch t interval (assumes normal means)"),
            Self::Fieller => f.write_str("Fieller interval (assumes normal means)"),
            Self::FiellerWelch => f.write_str(
                "Fieller interval with Welch's degrees of freedom (assumes normal means)",
            ),
            Self::Mover => f.write_str("interval combined from both order-statistic intervals"),
            Self::EffectiveWilson => {
                f.write_str("Wilson score interval on the consistent variance")
            }
            Self::BrunnerMunzel => f.write_str("Brunner-Munzel interval"),
            Self::KendallNormal => f.write_str("Theil-Sen interval (normal approximation)"),
            Self::DkwBand => f.write_str("DKW band (all quantiles at once)"),
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
