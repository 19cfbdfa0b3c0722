//! English is what the crates themselves say, and Korean isn't English.

use vnicbench_stats::{Level, quantile};

use super::*;
use crate::words::Language;

fn both() -> [Words; 2] {
    Language::ALL.map(|language| Words::of(language).expect("words"))
}

/// In English what the crate says that has the type, in Korean something else.
fn same(english: &str, of: impl Fn(&Words) -> String) {
    let [en, ko] = both();
    assert_eq!(of(&en), english);
    let korean = of(&ko);
    assert!(
        korean.contains(|c| ('가'..='힣').contains(&c)),
        "{english} is {korean}"
    );
    for words in [en, ko] {
        words.checked().expect("all said");
    }
}

#[test]
fn metrics() {
    for &metric in Metric::ALL {
        same(metric.label(), |words| super::metric(words, metric));
        let [en, _] = both();
        let key = say!(en, "quantity", metric = metric.name());
        assert_eq!(key.to_lowercase(), metric.label().to_lowercase());
    }
}

#[test]
fn verdicts() {
    for verdict in [
        Verdict::Better,
        Verdict::Worse,
        Verdict::Equivalent,
        Verdict::Inconclusive,
    ] {
        same(&verdict.to_string(), |words| super::verdict(words, verdict));
    }
    let few = quantile::median(&[1.0], Level::P95).expect("an outcome");
    let vnicbench_stats::Outcome::Insufficient(few) = few else {
        panic!("of one value");
    };
    same(&few.to_string(), |words| insufficient(words, &few));
}

#[test]
fn workloads() {
    for text in [
        r#"{"tool":"ping","count":1,"payload":"56 B","interval":"10 ms"}"#,
        r#"{"tool":"iperf3","protocol":"udp","streams":1,"direction":"rx","duration":"1 s","rate":"20 Mbit/s","message":"1400 B"}"#,
        r#"{"tool":"iperf3","protocol":"tcp","streams":4,"direction":"both","duration":"1 s"}"#,
        r#"{"tool":"iperf","streams":2,"direction":"tx","duration":"1 s"}"#,
    ] {
        let workload: Workload = serde_json::from_str(text).expect("a workload");
        same(&workload.to_string(), |words| {
            super::workload(words, &workload)
        });
    }
}

#[test]
fn statistics() {
    let of = || Box::new(Statistic::Median);
    for statistic in [
        Statistic::Mean,
        Statistic::Median,
        Statistic::Quantile { p: 0.999 },
        Statistic::Trimmed { share: 0.25 },
        Statistic::RatioOf {
            of: of(),
            paired: true,
        },
        Statistic::DifferenceOf {
            of: of(),
            paired: false,
        },
        Statistic::Proportion,
        Statistic::PairedRatio,
        Statistic::PairedDifference,
        Statistic::Ratio,
        Statistic::Difference,
        Statistic::JainIndex { shares: 3 },
        Statistic::TrimmedMean { trim: 0.125 },
        Statistic::GeometricMean,
        Statistic::HarmonicMean,
        Statistic::Variance,
        Statistic::StandardDeviation,
        Statistic::CoefficientOfVariation,
        Statistic::Rate,
        Statistic::MeanDifference,
        Statistic::MeanRatio,
        Statistic::PairedMeanDifference,
        Statistic::PairedMeanRatio,
        Statistic::PairedGeometricRatio,
        Statistic::PairedMedianDifference,
        Statistic::PairedMedianRatio,
        Statistic::QuantileDifference { p: 0.9 },
        Statistic::QuantileRatio { p: 0.29 },
        Statistic::CohenD,
        Statistic::CohenDz,
        Statistic::HedgesG,
        Statistic::CliffDelta,
        Statistic::RankBiserial,
        Statistic::Slope,
        Statistic::MaxMin { shares: 3 },
        Statistic::ShareVariation { shares: 3 },
    ] {
        same(&statistic.to_string(), |words| {
            super::statistic(words, &statistic)
        });
    }
}

#[test]
fn intervals() {
    let (replicates, seed) = (10_000, u64::MAX);
    for interval in [
        IntervalKind::OrderStatistic,
        IntervalKind::NearestOrderStatistic,
        IntervalKind::PrintedOrderStatistic,
        IntervalKind::StudentT,
        IntervalKind::Wilson,
        IntervalKind::ClopperPearson,
        IntervalKind::ClusteredWilson,
        IntervalKind::SignedRankExact,
        IntervalKind::SignedRankNormal,
        IntervalKind::MannWhitneyExact,
        IntervalKind::MannWhitneyNormal,
        IntervalKind::InterpolatedOrderStatistic,
        IntervalKind::TrimmedT,
        IntervalKind::LogT,
        IntervalKind::ReciprocalT,
        IntervalKind::ChiSquared,
        IntervalKind::NoncentralT,
        IntervalKind::Garwood,
        IntervalKind::PooledT,
        IntervalKind::WelchT,
        IntervalKind::Fieller,
        IntervalKind::FiellerWelch,
        IntervalKind::Mover,
        IntervalKind::EffectiveWilson,
        IntervalKind::BrunnerMunzel,
        IntervalKind::KendallNormal,
        IntervalKind::DkwBand,
        IntervalKind::Batches { batches: 20 },
        IntervalKind::TheilSen,
        IntervalKind::BootstrapPercentile { replicates, seed },
        IntervalKind::BootstrapT { replicates, seed },
        IntervalKind::FartherT { replicates, seed },
        IntervalKind::BootstrapBca { replicates, seed },
        IntervalKind::IdealPercentile,
        IntervalKind::IdealBca,
        IntervalKind::HierarchicalPercentile {
            replicates,
            seed,
            all_levels: true,
        },
        IntervalKind::HierarchicalPercentile {
            replicates,
            seed,
            all_levels: false,
        },
        IntervalKind::TopLevelT,
        IntervalKind::TopLevelFieller,
        IntervalKind::StationaryPercentile { replicates, seed },
        IntervalKind::MaxT {
            replicates,
            seed,
            family: 8,
        },
        IntervalKind::BonferroniT { family: 8 },
    ] {
        same(&interval.to_string(), |words| {
            super::interval(words, &interval)
        });
    }
}

#[test]
fn warnings() {
    for warning in [
        Warning::Ties { distinct: 2, n: 9 },
        Warning::ZeroDifferences { zeros: 1, n: 9 },
        Warning::ZeroWidth,
        Warning::NoEvents,
        Warning::AllEvents,
        Warning::FewForBootstrap {
            n: 5,
            recommended: 20,
        },
        Warning::BcaUndefined,
        Warning::NoAcceleration,
        Warning::DependentTrials,
        Warning::Dependent,
        Warning::Rounded,
        Warning::Censored { censored: 1, n: 9 },
        Warning::fact("speaks of one boot of the guests".into(), "one-boot", &[]),
        Warning::fact(
            "left out for want of a partner: blocks 1, 5".into(),
            "no-partner",
            &[&"1, 5"],
        ),
    ] {
        same(&warning.to_string(), |words| {
            super::warning(words, &warning)
        });
    }
    let [_, ko] = both();
    let unknown = Warning::fact("one more".into(), "another", &[]);
    assert_eq!(warning(&ko, &unknown), "one more");
}
