//! The first page's answers to what isn't a comparison with the baseline.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};
use vnicbench_model::{Arm, Question};
use vnicbench_stats::Outcome;

use super::cover::{Against, answer};
use super::panels::{baseline, scale};
use super::{Block, Desk};
use crate::number::{self, Scale};
use crate::terms;
use crate::words::say;

/// Answers as a block; none if there are none.
pub(super) fn block(about: String, items: Vec<String>) -> Option<Block> {
    (!items.is_empty()).then_some(Block::Answers { about, items })
}

/// How evenly the most instances of each arm share.
pub(super) fn fairness(analysis: &Analysis, desk: &Desk) -> Option<Block> {
    let words = desk.words;
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
        let arm = terms::arm_in(words, row.arm, &row.setting);
        Some(match &row.estimate {
            Outcome::Estimate(estimate) => {
                let shown = number::estimate(estimate, Scale::PLAIN);
                say!(
                    words,
                    "fairness-answer",
                    arm = arm,
                    value = shown.value,
                    interval = shown.interval,
                    level = estimate.level().to_string(),
                    n = estimate.n()
                )
            }
            Outcome::Insufficient(few) => {
                let reason = terms::insufficient(words, few);
                say!(words, "fairness-none", arm = arm, reason = reason)
            }
        })
    });
    let workload = desk.workload(&panel.workload);
    let about = say!(words, "fairness-about", workload = workload);
    block(about, items.collect())
}

/// What each further VM costs the host.
pub(super) fn density(analysis: &Analysis, desk: &Desk) -> Option<Block> {
    let words = desk.words;
    let mut panels = analysis.panels.iter();
    let panel = panels.find(|p| p.metric == Metric::HostCpu && !p.slopes.is_empty())?;
    let scale = scale(panel);
    let items = panel.slopes.iter().map(|slope| {
        let arm = terms::arm_in(words, slope.arm, &slope.setting);
        match &slope.estimate {
            Outcome::Estimate(estimate) => {
                let shown = number::estimate(estimate, scale);
                say!(
                    words,
                    "density-answer",
                    arm = arm,
                    value = shown.value,
                    interval = shown.interval,
                    unit = scale.unit(words),
                    level = estimate.level().to_string(),
                    n = estimate.n()
                )
            }
            Outcome::Insufficient(few) => {
                let reason = terms::insufficient(words, few);
                say!(words, "density-none", arm = arm, reason = reason)
            }
        }
    });
    let workload = desk.workload(&panel.workload);
    let about = say!(words, "density-about", workload = workload);
    block(about, items.collect())
}

/// Mixes against what they are made of.
pub(super) fn mixes(analysis: &Analysis, desk: &Desk) -> Option<Block> {
    let words = desk.words;
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
        let arm = baseline(comparison, words);
        let other = match comparison.contrast {
            Contrast::ToPart => Against::Part(arm),
            _ => Against::Arm(arm),
        };
        answer(comparison, panel.metric.name(), &other, words)
    });
    block(desk.workload(&panel.workload).to_owned(), items.collect())
}

/// What the levers do.
pub(super) fn tuning(analysis: &Analysis, desk: &Desk) -> Option<Block> {
    let words = desk.words;
    let tuned = |c: &&Comparison| c.contrast == Contrast::ToUntuned;
    let panel = analysis.panels.iter().find(|panel| {
        let shown = matches!(panel.metric, Metric::Goodput | Metric::RttMedian);
        shown && panel.comparisons.iter().any(|c| tuned(&c))
    })?;
    let items = panel
        .comparisons
        .iter()
        .filter(tuned)
        .map(|c| answer(c, panel.metric.name(), &Against::Untuned, words));
    let workload = desk.workload(&panel.workload);
    block(
        say!(words, "tuning-about", workload = workload),
        items.collect(),
    )
}

fn of_metric(analysis: &Analysis, metric: Metric) -> Option<&Panel> {
    let mut panels = analysis.panels.iter();
    panels.find(|panel| panel.metric == metric && !panel.rows.is_empty())
}
