//! The first page's answers to what isn't a comparison with the baseline.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};
use vnicbench_model::{Arm, Question};
use vnicbench_stats::Outcome;

use super::Block;
use super::cover::answer;
use super::panels::{baseline, scale};
use crate::number::{self, Scale};
use crate::text;

/// Answers as a block; none if there are none.
pub(super) fn block(about: String, items: Vec<String>) -> Option<Block> {
    (!items.is_empty()).then_some(Block::Answers { about, items })
}

/// How evenly the most instances of each arm share.
pub(super) fn fairness(analysis: &Analysis) -> Option<Block> {
    let panel = of_metric(analysis, Metric::Fairness)?;
    let mut largest: Vec<(Arm, usize)> = Vec::new();
    for (index, row) in panel.rows.iter().enumerate() {
        match largest.iter_mut().find(|(arm, _)| *arm == row.arm) {
            Some((_, at))
                if panel
                    .rows
                    .get(*at)
                    .is_some_and(|known| known.setting.vms < row.setting.vms) =>
            {
                *at = index
            }
            Some(_) => {}
            None => largest.push((row.arm, index)),
        }
    }
    let items = largest.into_iter().filter_map(|(_, index)| {
        let row = panel.rows.get(index)?;
        let of = text::arm_in(row.arm, &row.setting);
        Some(match &row.estimate {
            Outcome::Estimate(estimate) => {
                let shown = number::estimate(estimate, Scale::PLAIN);
                format!(
                    "Jain's index of {of} is {} {} ({}, {}).",
                    shown.value,
                    shown.interval,
                    estimate.level(),
                    number::count(estimate.n() as u64, "trial")
                )
            }
            Outcome::Insufficient(few) => format!("Jain's index of {of} isn't known: {few}."),
        })
    });
    let about = format!(
        "{}, all at once: 1 is even, 1/n is one of n with everything",
        panel.workload
    );
    block(about, items.collect())
}

/// What each further VM costs the host.
pub(super) fn density(analysis: &Analysis) -> Option<Block> {
    let mut panels = analysis.panels.iter();
    let panel = panels.find(|p| p.metric == Metric::HostCpu && !p.slopes.is_empty())?;
    let scale = scale(panel);
    let items = panel.slopes.iter().map(|slope| {
        let of = text::arm_in(slope.arm, &slope.setting);
        match &slope.estimate {
            Outcome::Estimate(estimate) => {
                let shown = number::estimate(estimate, scale);
                format!(
                    "Each further instance of {of} adds {} {} {} ({}, {}).",
                    shown.value,
                    shown.interval,
                    scale.unit,
                    estimate.level(),
                    number::count(estimate.n() as u64, "block")
                )
            }
            Outcome::Insufficient(few) => {
                format!("What each further instance of {of} adds isn't known: {few}.")
            }
        }
    });
    let about = format!("{}, busy processors of the host", panel.workload);
    block(about, items.collect())
}

/// Mixes against what they are made of.
pub(super) fn mixes(analysis: &Analysis) -> Option<Block> {
    let of_mix = |c: &&Comparison| {
        c.arm.mix.is_some() && matches!(c.contrast, Contrast::ToPart | Contrast::ToBaseline)
    };
    let has = |metric: Metric| {
        let mut panels = analysis.panels.iter();
        panels.find(|panel| {
            panel.question == Question::MultiNetwork
                && panel.metric == metric
                && panel.comparisons.iter().any(|c| of_mix(&c))
        })
    };
    let panel = has(Metric::Goodput).or_else(|| has(Metric::RttMedian))?;
    let items = panel.comparisons.iter().filter(of_mix).map(|comparison| {
        let alone = match comparison.contrast {
            Contrast::ToPart => " alone",
            _ => "",
        };
        let other = format!("that of {}{alone}", baseline(comparison));
        answer(comparison, quantity(panel.metric), &other)
    });
    block(panel.workload.clone(), items.collect())
}

/// What the levers do.
pub(super) fn tuning(analysis: &Analysis) -> Option<Block> {
    let tuned = |c: &&Comparison| c.contrast == Contrast::ToUntuned;
    let panel = analysis.panels.iter().find(|panel| {
        let shown = matches!(panel.metric, Metric::Goodput | Metric::RttMedian);
        shown && panel.comparisons.iter().any(|c| tuned(&c))
    })?;
    let items = panel
        .comparisons
        .iter()
        .filter(tuned)
        .map(|c| answer(c, quantity(panel.metric), "that untuned"));
    block(format!("{}, tuned", panel.workload), items.collect())
}

fn of_metric(analysis: &Analysis, metric: Metric) -> Option<&Panel> {
    let mut panels = analysis.panels.iter();
    panels.find(|panel| panel.metric == metric && !panel.rows.is_empty())
}

fn quantity(metric: Metric) -> &'static str {
    match metric {
        Metric::RttMedian => "median RTT",
        _ => "goodput",
    }
}
