use thiserror::Error;

/// Input from which no statistic can be made, whatever its size.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum StatsError {
    /// A NaN or an infinity among the values.
    #[error("value {index} of the sample is {value}; only finite numbers can be analysed")]
    NotFinite {
        /// Position in the input, from 0.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// Zero or a negative number where a ratio is asked for.
    #[error(
        "value {index} of the sample is {value}; a ratio needs values above zero, compare by difference instead"
    )]
    NotPositive {
        /// Position in the input, from 0.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// A confidence level that isn't strictly between 0 and 1.
    #[error("confidence level {0} is not between 0 and 1; 0.95 is usual")]
    Level(f64),
    /// A quantile's probability that isn't strictly between 0 and 1.
    #[error("quantile {0} is not between 0 and 1; the 99th percentile is 0.99")]
    Probability(f64),
    /// A trimmed mean that cuts off a negative share, or everything.
    #[error(
        "share {0} can't be cut off at either end; a trimmed mean takes 0 or more and less than 0.5"
    )]
    Trim(f64),
    /// An interval whose ends are swapped or not finite.
    #[error("interval from {low} to {high} is not finite and ascending")]
    Interval {
        /// Lower end as given.
        low: f64,
        /// Upper end as given.
        high: f64,
    },
    /// Paired samples of different lengths.
    #[error("{a} values can't be paired with {b}; leave out the blocks that lack a partner")]
    Unpaired {
        /// Values in the first sample.
        a: usize,
        /// Values in the second sample.
        b: usize,
    },
    /// More events than attempts.
    #[error("{events} events in {total} attempts (trial {index}); check which count is which")]
    MoreEventsThanAttempts {
        /// Position of the trial, from 0; 0 for a single proportion.
        index: usize,
        /// Events counted.
        events: u64,
        /// Attempts counted.
        total: u64,
    },
    /// A trial with no attempts, which says nothing of a proportion.
    #[error("trial {index} has no attempts; count it among the failed trials and leave it out")]
    NoAttempts {
        /// Position of the trial, from 0.
        index: usize,
    },
    /// A share below zero.
    #[error("share {share} of trial {trial} is {value}; shares are zero or more")]
    NegativeShare {
        /// Position of the trial, from 0.
        trial: usize,
        /// Position of the share within the trial, from 0.
        share: usize,
        /// The offending value.
        value: f64,
    },
    /// A trial with no shares, or with nothing shared out.
    #[error("nothing was shared out in trial {trial}, so its fairness is undefined; leave it out")]
    NothingShared {
        /// Position of the trial, from 0.
        trial: usize,
    },
    /// Trials with different numbers of shares.
    #[error(
        "trial {trial} has {got} shares where the first has {expected}; indices of different numbers of shares can't be averaged"
    )]
    SharesDiffer {
        /// Position of the trial, from 0.
        trial: usize,
        /// Shares of the first trial.
        expected: usize,
        /// Shares of this trial.
        got: usize,
    },
    /// Blocks of a series that are shorter than a value or longer than the series.
    #[error(
        "blocks of {length} values don't fit a series of {n}; take 1 or more, or leave the length to the series"
    )]
    BlockLength {
        /// Mean length asked for.
        length: f64,
        /// Length of the series.
        n: usize,
    },
    /// Nested measurements that aren't nested alike, or lack members.
    #[error(
        "nested measurements can't be analysed by level: {problem}; leave out empty and single groups"
    )]
    Levels {
        /// What is wrong, as a clause.
        problem: String,
    },
    /// A series without variation has no correlation.
    #[error("all {n} values of the series are equal, so it has no autocorrelation")]
    Constant {
        /// Length of the series.
        n: usize,
    },
    /// Zero or a negative number where logarithms are asked for.
    #[error(
        "value {index} of the sample is {value}, which has no logarithm; judge plain values instead"
    )]
    NoLogarithm {
        /// Position in the input, from 0.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// A printed value, limit or step below zero.
    #[error(
        "reading {index} of the sample holds {value}; readings, limits and steps are zero or more"
    )]
    NegativeReading {
        /// Position in the input, from 0.
        index: usize,
        /// The offending value.
        value: f64,
    },
    /// A stopping rule whose sizes can't be met.
    #[error(
        "from {minimum} to {maximum} values; a stopping rule's minimum is 1 or more and at most its maximum"
    )]
    Sizes {
        /// Fewest values as given.
        minimum: usize,
        /// Most values as given.
        maximum: usize,
    },
    /// A series too short for what is asked of it.
    #[error("the series has {n} values, and this takes at least {needs}")]
    TooShort {
        /// Length of the series.
        n: usize,
        /// The least that will do.
        needs: usize,
    },
    /// A penalty for changes that isn't positive, or segments too short for a variance.
    #[error(
        "penalty factor {factor} with segments of {least_segment} or more; the factor is above zero (15 is usual) and segments have 2 values or more"
    )]
    Penalty {
        /// Penalty factor as given.
        factor: f64,
        /// Least length of a segment as given.
        least_segment: usize,
    },
    /// A series too short for the lag asked for.
    #[error("lag {lag} needs more than {lag} values and is at least 1; the series has {n}")]
    Lag {
        /// Lag asked for.
        lag: usize,
        /// Length of the series.
        n: usize,
    },
    /// Indices of a resample that don't belong to its sample.
    #[error("resample {replicate} isn't {n} indices below {n}; draw as many as there are values")]
    Indices {
        /// Position of the resample, from 0.
        replicate: usize,
        /// Values in the sample.
        n: usize,
    },
    /// Too few bootstrap replicates to read the tails of the level from.
    #[error("{given} bootstrap replicates are too few; this level needs at least {needs}")]
    Replicates {
        /// Replicates asked for.
        given: usize,
        /// The least that resolves the tails.
        needs: usize,
    },
    /// The statistic under the bootstrap gave NaN or an infinity.
    #[error("the statistic {statistic} is {value} for a resample; it must be finite for every one")]
    StatisticNotFinite {
        /// Short name of the statistic.
        statistic: String,
        /// What it returned.
        value: f64,
    },
    /// More pairs of values than are worth holding in memory.
    #[error(
        "{pairs} pairwise terms are too many (limit {limit}); summarise each trial first, so that n counts trials"
    )]
    TooManyPairs {
        /// Terms the estimator would form.
        pairs: u128,
        /// The most it forms.
        limit: u128,
    },
    /// A practical threshold that isn't a positive number.
    #[error("threshold {0} is not a positive fraction; 0.05 stands for 5 %")]
    Threshold(f64),
    /// A practical margin of a difference that isn't a positive number.
    #[error(
        "margin {0} is not a positive number; it is the difference, in the unit of the values, that matters"
    )]
    Margin(f64),
    /// A ratio's interval that reaches zero or below.
    #[error("{0} is the lower end of the interval; a ratio's interval lies above zero")]
    NotARatio(f64),
    /// Values without any variation, by which nothing can be tested or standardised.
    #[error(
        "the values of the {statistic} don't vary, so there is no error to test or scale it by; check whether they were measured"
    )]
    NoVariation {
        /// Short name of the statistic.
        statistic: String,
    },
    /// Samples without any overlap, where a test has no variance.
    #[error(
        "every value of one sample lies above every value of the other, so the Brunner-Munzel test has no variance; use Mann-Whitney"
    )]
    Separated,
    /// A ratio to a mean of exactly zero.
    #[error("the denominator's mean is zero, so there is no ratio; compare by difference instead")]
    ZeroDenominator,
    /// An exposure that isn't a positive number.
    #[error(
        "exposure {0} is not a positive number; it is the time or amount in which events were counted"
    )]
    Exposure(f64),
    /// A probability of error that isn't between 0 and 0.5.
    #[error("error probability {0} is not above 0 and below 0.5; 0.05 is usual")]
    Alpha(f64),
    /// A p-value outside [0, 1].
    #[error("p-value {p} of {member} is not between 0 and 1")]
    PValue {
        /// Whose it is.
        member: String,
        /// The p-value.
        p: f64,
    },
    /// A family without members.
    #[error("the family {0} has no members; declare the comparisons it is made of")]
    EmptyFamily(String),
    /// A member declared, or a p-value given, twice.
    #[error(
        "{member} is in the family {family} twice; each comparison has one name and one p-value"
    )]
    TwiceInFamily {
        /// Name of the family.
        family: String,
        /// Name of the comparison.
        member: String,
    },
    /// A p-value of a comparison that wasn't declared.
    #[error(
        "{member} was not declared in the family {family}; a family is declared before its results are seen"
    )]
    NotInFamily {
        /// Name of the family.
        family: String,
        /// Name of the comparison.
        member: String,
    },
    /// Points that are all at one place of the abscissa.
    #[error("all points of block {block} are at {x}, so they have no slope; leave it out")]
    OnePlace {
        /// Position of the block, from 0.
        block: usize,
        /// Where they are.
        x: f64,
    },
    /// The result is beyond the range of a 64-bit float.
    #[error("the {statistic} is beyond the range of a 64-bit float; use a larger unit")]
    Overflow {
        /// Short name of the statistic.
        statistic: String,
    },
}
