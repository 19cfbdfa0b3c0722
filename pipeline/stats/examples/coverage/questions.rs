//! The crate's table of questions: which function answers each, from how many values on, and
//! how often its interval contains the truth.

use std::fmt::Write;

use crate::population::POPULATIONS;
use crate::table::Row;

struct Question {
    asks: &'static str,
    /// Links of the crate's documentation.
    functions: &'static str,
    /// At 95 %, as tests/gates.rs has it.
    least_n: &'static str,
    /// Names in the coverage table.
    methods: &'static [&'static str],
}

const QUESTIONS: &[Question] = &[
    Question {
        asks: "the method to take where none is asked for",
        functions: "[`auto::estimate`]",
        least_n: "6 for medians, 36 for p90, 60 for means",
        methods: &["mean/auto", "median/auto", "p90/auto"],
    },
    Question {
        asks: "median, quantile",
        functions: "[`quantile::median`], [`quantile::quantile`]",
        least_n: "6 for the median, 36 for p90, 368 for p99",
        methods: &["median/order-statistic", "p90/order-statistic"],
    },
    Question {
        asks: "the same, nearest to its level",
        functions: "[`nearest::quantile`]",
        least_n: "the same",
        methods: &[
            "median/nearest-order-statistic",
            "p90/nearest-order-statistic",
        ],
    },
    Question {
        asks: "the same, between order statistics",
        functions: "[`quantile::interpolated`]",
        least_n: "the same",
        methods: &[
            "median/interpolated-order-statistic",
            "p90/interpolated-order-statistic",
        ],
    },
    Question {
        asks: "the same, of values printed with few digits, or `<1`",
        functions: "[`printed::quantile`], [`printed::ecdf`]",
        least_n: "the same",
        methods: &["median/printed-order-statistic"],
    },
    Question {
        asks: "all quantiles at once",
        functions: "[`band::dkw`]",
        least_n: "8",
        methods: &["all-quantiles/dkw-band"],
    },
    Question {
        asks: "mean of values near enough to normal",
        functions: "[`mean::mean`]",
        least_n: "3",
        methods: &["mean/student-t"],
    },
    Question {
        asks: "mean of skewed values",
        functions: "[`studentised::farther`], [`studentised::mean`]",
        least_n: "10",
        methods: &["mean/farther-t"],
    },
    Question {
        asks: "trimmed mean",
        functions: "[`mean::trimmed`]",
        least_n: "3 left after trimming",
        methods: &["trimmed-mean/trimmed-t"],
    },
    Question {
        asks: "geometric mean",
        functions: "[`mean::geometric`]",
        least_n: "3",
        methods: &["geometric-mean/log-t"],
    },
    Question {
        asks: "harmonic mean",
        functions: "[`mean::harmonic`]",
        least_n: "3",
        methods: &["harmonic-mean/reciprocal-t"],
    },
    Question {
        asks: "variance, standard deviation",
        functions: "[`spread::variance`], [`spread::standard_deviation`]",
        least_n: "3",
        methods: &["variance/chi-squared"],
    },
    Question {
        asks: "coefficient of variation",
        functions: "[`spread::coefficient_of_variation`]",
        least_n: "3",
        methods: &["coefficient-of-variation/noncentral-t"],
    },
    Question {
        asks: "share of attempts",
        functions: "[`proportion::wilson`]",
        least_n: "1",
        methods: &["proportion/wilson"],
    },
    Question {
        asks: "the same, never below its level",
        functions: "[`proportion::clopper_pearson`]",
        least_n: "1",
        methods: &["proportion/clopper-pearson"],
    },
    Question {
        asks: "loss in trials that differ",
        functions: "[`proportion::clustered`]",
        least_n: "3",
        methods: &["proportion/clustered-wilson"],
    },
    Question {
        asks: "events per time",
        functions: "[`rate::garwood`]",
        least_n: "none",
        methods: &["rate/garwood"],
    },
    Question {
        asks: "two conditions measured in the same blocks",
        functions: "[`paired::ratio`], [`paired::difference`]",
        least_n: "6",
        methods: &["paired-ratio/signed-rank", "paired-difference/signed-rank"],
    },
    Question {
        asks: "the same, their means",
        functions: "[`paired::mean_difference`], [`paired::mean_ratio`], [`paired::geometric_ratio`]",
        least_n: "3",
        methods: &[
            "paired-mean-difference/student-t",
            "paired-mean-ratio/fieller",
            "paired-geometric-ratio/log-t",
        ],
    },
    Question {
        asks: "the same, the median of ratios",
        functions: "[`paired::median_ratio`], [`paired::median_difference`]",
        least_n: "6",
        methods: &[
            "paired-median-ratio/order-statistic",
            "paired-median-difference/order-statistic",
        ],
    },
    Question {
        asks: "two conditions with nothing to pair them by",
        functions: "[`unpaired::ratio`], [`unpaired::difference`]",
        least_n: "4",
        methods: &["ratio/mann-whitney", "difference/mann-whitney"],
    },
    Question {
        asks: "the same, their means",
        functions: "[`unpaired::mean_difference`], [`unpaired::mean_ratio`]",
        least_n: "3",
        methods: &["mean-difference/welch-t", "mean-ratio/fieller-welch"],
    },
    Question {
        asks: "the same as ministat has it",
        functions: "[`unpaired::pooled_difference`], [`ministat::difference`]",
        least_n: "3",
        methods: &["mean-difference/pooled-t"],
    },
    Question {
        asks: "the same, their medians or quantiles",
        functions: "[`unpaired::quantile_ratio`], [`unpaired::quantile_difference`]",
        least_n: "6 for medians",
        methods: &[
            "median-ratio/mover",
            "median-difference/mover",
            "p90-ratio/mover",
        ],
    },
    Question {
        asks: "ratios that hold together",
        functions: "[`simultaneous::ratios`]",
        least_n: "3",
        methods: &["three-ratios/max-t"],
    },
    Question {
        asks: "effect size: standardised difference",
        functions: "[`effect::cohen_d`], [`effect::hedges_g`], [`effect::cohen_dz`]",
        least_n: "3",
        methods: &[
            "cohen-d/noncentral-t",
            "hedges-g/noncentral-t",
            "cohen-dz/noncentral-t",
        ],
    },
    Question {
        asks: "effect size: probability",
        functions: "[`effect::cliff_delta`], [`effect::a12`]",
        least_n: "4",
        methods: &[
            "cliff-delta/effective-wilson",
            "cliff-delta-far/effective-wilson",
        ],
    },
    Question {
        asks: "the same within blocks",
        functions: "[`effect::rank_biserial`]",
        least_n: "6",
        methods: &[
            "rank-biserial/effective-wilson",
            "rank-biserial-far/effective-wilson",
        ],
    },
    Question {
        asks: "what a further instance adds",
        functions: "[`slope::median`], [`slope::robust_median`]",
        least_n: "6",
        methods: &["slope/order-statistic", "slope-robust/order-statistic"],
    },
    Question {
        asks: "the same, its mean",
        functions: "[`slope::mean`]",
        least_n: "3",
        methods: &["slope/student-t"],
    },
    Question {
        asks: "slope of points without blocks",
        functions: "[`slope::theil_sen`]",
        least_n: "10",
        methods: &["slope/kendall-normal"],
    },
    Question {
        asks: "drift over a campaign",
        functions: "[`trend::trend`]",
        least_n: "5",
        methods: &["trend/theil-sen"],
    },
    Question {
        asks: "fairness of shares",
        functions: "[`fairness::jain_index`], [`fairness::min_over_max`], [`fairness::variation`]",
        least_n: "8",
        methods: &["jain-index/bootstrap-bca"],
    },
    Question {
        asks: "levels within levels",
        functions: "[`hierarchy::mean`], [`hierarchy::ratio`]",
        least_n: "3",
        methods: &["mean/top-level-t", "mean-ratio/top-level-fieller"],
    },
    Question {
        asks: "the same by resampling the trials",
        functions: "[`hierarchy::Levels`], [`hierarchy::Resampled::Top`]",
        least_n: "8",
        methods: &[
            "mean/hierarchical-percentile-top",
            "mean-ratio/hierarchical-percentile-top",
        ],
    },
    Question {
        asks: "the same by resampling all levels",
        functions: "[`hierarchy::Levels`], [`hierarchy::Resampled::All`]",
        least_n: "8",
        methods: &["mean/hierarchical-percentile-all"],
    },
    Question {
        asks: "any other statistic, of one sample or two",
        functions: "[`Bootstrap`], [`bootstrap::bca`]",
        least_n: "8",
        methods: &[
            "mean/bootstrap-bca",
            "median/bootstrap-bca",
            "trimmed-mean/bootstrap-bca",
            "mean-ratio/bootstrap-bca",
            "median-ratio/bootstrap-bca",
            "paired-mean-ratio/bootstrap-bca",
        ],
    },
    Question {
        asks: "mean or quantile of a series, whose values depend on those before",
        functions: "[`batch::mean`], [`batch::quantile`]",
        least_n: "200, worth 50",
        methods: &["mean/batches", "median/batches", "p90/batches"],
    },
    Question {
        asks: "a statistic of a dependent series",
        functions: "[`stationary::bootstrap`]",
        least_n: "8",
        methods: &["mean/stationary-percentile"],
    },
];

/// The table, with the least and the greatest coverage in percent over all sizes: of normal
/// values, and of all independent values unless they are rounded coarsely.
pub fn markdown(rows: &[Row]) -> String {
    let mut text = String::from(
        "| question | function | least n | covers normal values | all |\n|---|---|---|---|---|\n",
    );
    for question in QUESTIONS {
        let of = |populations: &dyn Fn(&str) -> bool| {
            // Of less than half of the campaigns it would be another question.
            let shares: Vec<f64> = rows
                .iter()
                .filter(|row| question.methods.contains(&row.method.as_str()))
                .filter(|row| 2 * row.given >= row.campaigns && populations(&row.population))
                .map(|row| 100.0 * row.covered as f64 / row.given as f64)
                .collect();
            let least = shares.iter().copied().fold(f64::INFINITY, f64::min);
            let most = shares.iter().copied().fold(0.0, f64::max);
            match shares.is_empty() {
                true => "not simulated".to_owned(),
                false => format!("{least:.1} to {most:.1} %"),
            }
        };
        let normal = of(&|name| name == "normal" || name == "quantised");
        let all = of(&|name| {
            let plain = |known: &crate::population::Population| {
                known.name == name && !known.dependent && name != "coarse"
            };
            POPULATIONS.iter().any(plain)
        });
        let _ = writeln!(
            text,
            "| {} | {} | {} | {normal} | {all} |",
            question.asks, question.functions, question.least_n
        );
    }
    text
}
