//! A section for each experiment: its panels with figure and tables, then its
//! distributions.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Curve, Distribution, Metric, Panel, Row};
use vnicbench_model::Question;
use vnicbench_stats::{Outcome, Verdict};

use super::{Block, Desk, Mark, Section, Style, anchor_of, column, note, paragraph};
use crate::figure::{FigureError, curves, dots, ridge};
use crate::number::{self, Scale};
use crate::text;

pub(super) fn sections(analysis: &Analysis, desk: &mut Desk) -> Result<Vec<Section>, FigureError> {
    let mut sections = Vec::new();
    for experiment in &analysis.campaign.matrix.experiments {
        let mut blocks = vec![paragraph(text::question(experiment.question))];
        blocks.extend(text::reading(experiment.question).map(note));
        let panels: Vec<_> = analysis
            .panels
            .iter()
            .filter(|p| p.experiment == experiment.name)
            .collect();
        if panels.is_empty() {
            blocks.push(note(
                "No trial of this experiment gave a value; see “Data quality”.",
            ));
        }
        blocks.extend(super::findings::blocks(analysis, &experiment.name, desk)?);
        for panel in panels {
            blocks.extend(panel_blocks(analysis, panel, desk)?);
        }
        for distribution in analysis
            .distributions
            .iter()
            .filter(|d| d.experiment == experiment.name)
        {
            blocks.extend(distribution_blocks(analysis, distribution, desk)?);
        }
        sections.push(Section {
            id: format!("experiment-{}", text::anchor(&experiment.name)),
            title: if experiment.name == experiment.question.name() {
                heading(experiment.question).to_owned()
            } else {
                format!(
                    "{}: {}",
                    heading(experiment.question),
                    text::foreign(&experiment.name)
                )
            },
            blocks,
        });
    }
    Ok(sections)
}

fn heading(question: Question) -> &'static str {
    match question {
        Question::Latency => "Latency",
        Question::Throughput => "Throughput",
        Question::Fairness => "Fairness",
        Question::Interference => "Interference",
        Question::MultiNetwork => "Several networks",
        Question::Density => "Density",
    }
}

/// The scale of a panel: by the estimates, or by the trials where there are none.
pub(super) fn scale(panel: &Panel) -> Scale {
    let estimates: Vec<_> = panel
        .rows
        .iter()
        .filter_map(|row| row.estimate.estimate())
        .map(|e| e.value())
        .collect();
    let trials = || {
        panel
            .rows
            .iter()
            .flat_map(|row| row.trials.iter().map(|t| t.value))
    };
    if estimates.is_empty() {
        Scale::of(panel.metric, trials())
    } else {
        Scale::of(panel.metric, estimates.into_iter())
    }
}

/// How a group of outcomes was made: n, level, methods.
pub(super) fn provenance<'a>(outcomes: impl Iterator<Item = &'a Outcome>) -> String {
    let (mut counts, mut levels, mut methods) = (Vec::new(), Vec::new(), Vec::new());
    for outcome in outcomes {
        let n = match outcome {
            Outcome::Estimate(estimate) => {
                push_new(&mut levels, estimate.level().to_string());
                estimate.n()
            }
            Outcome::Insufficient(insufficient) => insufficient.n,
        };
        counts.push(n);
        push_new(&mut methods, outcome.method().to_string());
    }
    let n = match (counts.iter().min(), counts.iter().max()) {
        (Some(least), Some(most)) if least == most => format!("n = {least} each"),
        (Some(least), Some(most)) => format!("n = {least} to {most}, as in the table"),
        _ => "n = 0".into(),
    };
    let level = if levels.is_empty() {
        "no interval".into()
    } else {
        format!("level {}", levels.join(", "))
    };
    format!("{n}; {level}; {}", methods.join("; "))
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

fn panel_blocks(
    analysis: &Analysis,
    panel: &Panel,
    desk: &mut Desk,
) -> Result<Vec<Block>, FigureError> {
    let scale = scale(panel);
    let title = format!("{}, {}", panel.metric.label(), panel.workload);
    let mut blocks = vec![Block::Heading {
        id: text::anchor(&format!("{}-panel", panel.id)),
        text: title.clone(),
    }];
    let figures = panel.rows.len().div_ceil(dots::MOST_ROWS).max(1);
    let each = panel.rows.len().div_ceil(figures).max(1);
    for (index, rows) in panel.rows.chunks(each).enumerate() {
        let (id, title) = part(&panel.id, &title, index, figures);
        let figure = dots::draw(&id, panel, rows, scale, title.clone())?;
        let caption = format!(
            "{title}. Rings are trials; marker and bar are the estimate with its interval. {}.",
            provenance(rows.iter().map(|row| &row.estimate))
        );
        blocks.push(desk.figure_of(figure, caption, &table_id(panel)));
    }
    blocks.push(estimates(analysis, panel, scale, &title, desk));
    blocks.extend(shares(panel, &title, desk));
    blocks.extend(slopes(panel, scale, &title, desk));
    blocks.extend(comparisons(panel, &title, desk));
    blocks.extend(warnings(panel));
    Ok(blocks)
}

/// Anchor of a panel's table of estimates.
fn table_id(panel: &Panel) -> String {
    text::anchor(&format!("{}-table", panel.id))
}

/// Name and title of one of several figures.
fn part(id: &str, title: &str, index: usize, of: usize) -> (String, String) {
    match (index, of) {
        (_, 1) => (id.to_owned(), title.to_owned()),
        (0, _) => (id.to_owned(), format!("{title} (1 of {of})")),
        _ => (
            format!("{id}-{}", index + 1),
            format!("{title} ({} of {of})", index + 1),
        ),
    }
}

/// What each measured NIC got of the whole.
fn shares(panel: &Panel, title: &str, desk: &mut Desk) -> Option<Block> {
    if panel.shares.is_empty() {
        return None;
    }
    let columns = vec![
        column("Arm", Style::Text, 4),
        column("NIC of", Style::Code, 3),
        column("Share (%)", Style::Number, 2),
        column("Interval", Style::Number, 4),
        column("n", Style::Number, 1),
        column("Level", Style::Number, 1),
    ];
    let rows = panel.shares.iter().map(|share| {
        let mut texts = vec![
            text::arm_in(share.arm, &share.setting),
            text::foreign(&share.node),
        ];
        texts.extend(numbers(&share.estimate, Scale::PERCENT));
        texts
    });
    let caption = format!(
        "{title}: the shares that the index is of, as parts of a trial's goodput. {}.",
        provenance(panel.shares.iter().map(|share| &share.estimate))
    );
    let id = text::anchor(&format!("{}-shares", panel.id));
    let marks = panel.shares.iter();
    let marks = marks.map(|share| Mark::of(share.arm).sourced(panel, &share.cell));
    let table = desk.table(&id, &caption, columns, rows.collect());
    Some(table.marked(marks))
}

/// What each further VM costs the host.
fn slopes(panel: &Panel, scale: Scale, title: &str, desk: &mut Desk) -> Option<Block> {
    if panel.slopes.is_empty() {
        return None;
    }
    let columns = vec![
        column("Arm", Style::Text, 4),
        column("VMs", Style::Text, 2),
        column(&format!("For each VM{}", scale.suffix()), Style::Number, 2),
        column("Interval", Style::Number, 4),
        column("Blocks", Style::Number, 1),
        column("Level", Style::Number, 1),
    ];
    let rows = panel.slopes.iter().map(|slope| {
        let vms: Vec<String> = slope.vms.iter().map(u32::to_string).collect();
        let mut texts = vec![text::arm_in(slope.arm, &slope.setting), vms.join(", ")];
        texts.extend(numbers(&slope.estimate, scale));
        texts
    });
    let caption = format!(
        "{title}: what each additional VM adds. The slope of each block by least squares over its VM counts, then of          these: {}.",
        provenance(panel.slopes.iter().map(|slope| &slope.estimate))
    );
    let id = text::anchor(&format!("{}-slopes", panel.id));
    let marks = panel.slopes.iter().map(|slope| Mark::of(slope.arm));
    let table = desk.table(&id, &caption, columns, rows.collect());
    Some(table.marked(marks))
}

fn estimates(
    analysis: &Analysis,
    panel: &Panel,
    scale: Scale,
    title: &str,
    desk: &mut Desk,
) -> Block {
    let columns = vec![
        column("Arm", Style::Text, 3),
        column(&format!("Estimate{}", scale.suffix()), Style::Number, 2),
        column("Interval", Style::Number, 4),
        column("n", Style::Number, 1),
        column("Level", Style::Number, 1),
        column("Not complete", Style::Number, 2),
    ];
    let rows = panel.rows.iter().map(|row| {
        let mut texts = vec![text::arm_in(row.arm, &row.setting)];
        texts.extend(numbers(&row.estimate, scale));
        texts.push(incomplete(analysis, panel, row));
        texts
    });
    let caption = format!(
        "{title}. {}. Each value leads to its logs under “Where each value comes from”.",
        provenance(panel.rows.iter().map(|row| &row.estimate))
    );
    let marks = panel.rows.iter().enumerate().map(|(index, row)| Mark {
        row: Some(anchor_of(panel, "row", index)),
        ..Mark::of(row.arm).sourced(panel, &row.cell)
    });
    let table = desk.table(&table_id(panel), &caption, columns, rows.collect());
    table.marked(marks)
}

/// Estimate, interval, n, level; in place of the first two the reason where there is none.
pub(super) fn numbers(outcome: &Outcome, scale: Scale) -> [String; 4] {
    match outcome {
        Outcome::Estimate(estimate) => {
            let shown = number::estimate(estimate, scale);
            [
                shown.value,
                shown.interval,
                estimate.n().to_string(),
                estimate.level().to_string(),
            ]
        }
        Outcome::Insufficient(insufficient) => [
            "–".into(),
            insufficient.to_string(),
            insufficient.n.to_string(),
            "–".into(),
        ],
    }
}

/// Trials of a row that are no result, of those planned.
fn incomplete(analysis: &Analysis, panel: &Panel, row: &Row) -> String {
    let cell = analysis
        .cells
        .iter()
        .find(|c| c.experiment == panel.experiment && c.cell == row.cell);
    cell.map_or_else(
        || "not known".into(),
        |cell| {
            let counts = cell.counts;
            format!(
                "{} of {}",
                counts.planned.saturating_sub(counts.complete),
                counts.planned
            )
        },
    )
}

fn comparisons(panel: &Panel, title: &str, desk: &mut Desk) -> Option<Block> {
    if panel.comparisons.is_empty() {
        return None;
    }
    let columns = vec![
        column("Compared", Style::Text, 6),
        column("Ratio", Style::Number, 2),
        column("Interval", Style::Number, 4),
        column("Blocks", Style::Number, 2),
        column("Verdict at 5 %", Style::Text, 3),
        column("Jointly", Style::Number, 4),
        column("Verdict jointly", Style::Text, 3),
        column("p", Style::Number, 2),
        column("Holm", Style::Number, 2),
        column("B-H", Style::Number, 2),
    ];
    let rows = panel.comparisons.iter().map(|comparison| {
        let [ratio, interval, blocks, _] = numbers(&comparison.ratio, Scale::PLAIN);
        let mut texts = vec![compared(comparison), ratio, interval, blocks];
        texts.push(verdict(comparison.verdict));
        texts.extend(joint(comparison));
        texts
    });
    let caption = format!(
        "{title}: ratios. {}. {}, so a ratio {} one is better. {}",
        provenance(panel.comparisons.iter().map(|c| &c.ratio)),
        if panel.metric.lower_is_better() {
            "Less is better"
        } else {
            "More is better"
        },
        if panel.metric.lower_is_better() {
            "below"
        } else {
            "above"
        },
        families(panel),
    );
    let marks = panel.comparisons.iter();
    let marks = marks.map(|c| Mark::of(c.arm).sourced(panel, &c.cell));
    let table = desk.table(
        &text::anchor(&format!("{}-ratios", panel.id)),
        &caption,
        columns,
        rows.collect(),
    );
    Some(table.marked(marks))
}

fn verdict(verdict: Option<Verdict>) -> String {
    verdict.map_or_else(|| "–".into(), |verdict| verdict.to_string())
}

/// What a comparison is among its family: interval, verdict, p-values.
fn joint(comparison: &Comparison) -> [String; 5] {
    let Some(joint) = &comparison.joint else {
        return ["–"; 5].map(str::to_owned);
    };
    let interval = match joint.ratio.as_ref().map(|ratio| ratio.estimate()) {
        Some(Some(estimate)) => number::estimate(estimate, Scale::PLAIN).interval,
        _ => "–".into(),
    };
    let p = |p: Option<f64>| p.map_or_else(|| "–".into(), number::p_value);
    [
        interval,
        verdict(joint.verdict),
        p(joint.p),
        p(joint.holm),
        p(joint.benjamini_hochberg),
    ]
}

/// Which comparisons are judged together and how.
fn families(panel: &Panel) -> String {
    let joints = || panel.comparisons.iter().filter_map(|c| c.joint.as_ref());
    let mut sizes: Vec<usize> = joints().map(|joint| joint.family).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else {
        return String::new();
    };
    let size = if least == most {
        number::count(*most as u64, "comparison")
    } else {
        format!("{least} to {most} comparisons")
    };
    let how = joints()
        .filter_map(|joint| joint.ratio.as_ref()?.estimate())
        .next()
        .map_or_else(String::new, |estimate| {
            format!(
                ": intervals that all hold at once with {} ({}, n = {})",
                estimate.level(),
                estimate.method(),
                estimate.n()
            )
        });
    format!(
        "Jointly, in a family of {size} of one contrast, all of the experiment{how}; p of the signed-rank test, as it is and \
         adjusted by Holm and by Benjamini and Hochberg (B-H)."
    )
}

fn compared(comparison: &Comparison) -> String {
    let numerator = text::arm_in(comparison.arm, &comparison.setting);
    match comparison.contrast {
        Contrast::ToBaseline => format!("{numerator} to {}", baseline(comparison)),
        Contrast::ToIdle => format!("{numerator} to idle beside"),
        Contrast::ToUntuned => format!("{numerator} to untuned"),
        Contrast::ToPart => format!("{numerator} to {} alone", baseline(comparison)),
        Contrast::ToFirstKernel | Contrast::ToFirstQemu => {
            format!("{numerator} to {}", super::versions::first(comparison))
        }
    }
}

/// The baseline's arm, with what it has that the other doesn't: how many NICs where a mix has them
/// of two kinds, the versions where the other is no VM.
pub(super) fn baseline(comparison: &Comparison) -> String {
    let mut text = text::arm(comparison.baseline_arm);
    let (ours, theirs) = (&comparison.setting, &comparison.baseline_setting);
    if theirs.nics != ours.nics {
        text.push_str(&format!(", {}", number::count(theirs.nics, "NIC")));
    }
    // Of what is no VM and has no versions of its own.
    if (&theirs.kernel, &theirs.qemu) != (&ours.kernel, &ours.qemu) {
        for version in text::versions(theirs) {
            text.push_str(&format!(", {version}"));
        }
    }
    text
}

/// Warnings of a panel's estimates, each once with those it is of.
fn warnings(panel: &Panel) -> Option<Block> {
    let rows = panel
        .rows
        .iter()
        .map(|row| (text::arm_in(row.arm, &row.setting), &row.estimate));
    let ratios = panel.comparisons.iter().map(|c| (compared(c), &c.ratio));
    let slopes = panel.slopes.iter().map(|slope| {
        let name = text::arm_in(slope.arm, &slope.setting);
        (format!("the slope of {name}"), &slope.estimate)
    });
    let groups = [
        ("every estimate", rows.collect::<Vec<_>>()),
        ("every ratio", ratios.collect()),
        ("every slope", slopes.collect()),
    ];
    let mut warnings: Vec<(String, Vec<&str>)> = Vec::new();
    for (all, group) in &groups {
        let estimates = || {
            group
                .iter()
                .filter_map(|(name, outcome)| Some((name.as_str(), outcome.estimate()?)))
        };
        for (name, estimate) in estimates() {
            for warning in estimate.warnings() {
                // What holds for all of a group is said of the group.
                let shared = estimates().all(|(_, other)| other.warnings().contains(warning));
                let name = if shared && estimates().count() > 1 {
                    all
                } else {
                    name
                };
                let text = text::foreign(&warning.to_string());
                match warnings.iter_mut().find(|(known, _)| *known == text) {
                    Some((_, names)) if names.contains(&name) => {}
                    Some((_, names)) => names.push(name),
                    None => warnings.push((text, vec![name])),
                }
            }
        }
    }
    let items: Vec<_> = warnings
        .into_iter()
        .map(|(warning, names)| format!("Of {}: {warning}.", names.join(", ")))
        .collect();
    (!items.is_empty()).then_some(Block::List { items })
}

fn distribution_blocks(
    analysis: &Analysis,
    distribution: &Distribution,
    desk: &mut Desk,
) -> Result<Vec<Block>, FigureError> {
    let title = format!("RTT distribution, {}", distribution.workload);
    let scale = curves::scale(distribution);
    let id = text::anchor(&format!("{}-distribution", distribution.id));
    let mut blocks = vec![Block::Heading {
        id: id.clone(),
        text: title.clone(),
    }];
    let caption = format!(
        "{title}. Share of all requests that were answered within a time; what a curve lacks to 100 % was lost. \
         All trials together, as in the table. The bands are intervals at each time by itself{}: packets of a trial aren't \
         independent, trials are.",
        distribution
            .curves
            .iter()
            .find_map(|curve| curve.quantiles.first()?.estimate.estimate())
            .map_or_else(String::new, |estimate| format!(
                " ({}; score interval of the share over trials, allowing for trials that differ)",
                estimate.level()
            ))
    );
    let groups = curves::groups(distribution);
    let mut drawn = Vec::new();
    for (index, curves) in groups.iter().enumerate() {
        let (id, title) = part(&distribution.id, &title, index, groups.len());
        drawn.push((
            curves::draw(&id, distribution, curves, title.clone())?,
            title,
        ));
    }
    for (index, (figure, title)) in drawn.into_iter().enumerate() {
        // What holds for all is said once.
        let caption = match index {
            0 => caption.clone(),
            _ => format!("{title}."),
        };
        blocks.push(desk.figure_of(figure, caption, &format!("{id}-table")));
    }
    blocks.extend(ridges(analysis, distribution, scale, desk)?);
    let columns = vec![
        column("Arm", Style::Text, 4),
        column("Trials", Style::Number, 1),
        column("Requests", Style::Number, 2),
        column("Replies", Style::Number, 2),
        column(&format!("Shortest{}", scale.suffix()), Style::Number, 2),
        column(&format!("Longest{}", scale.suffix()), Style::Number, 2),
    ];
    let rows = distribution.curves.iter().map(|curve| {
        let extreme = |value: Option<&f64>| {
            value.map_or_else(
                || "none".into(),
                |v| number::significant(scale.apply(*v), 4),
            )
        };
        vec![
            text::arm_in(curve.arm, &curve.setting),
            curve.trials.to_string(),
            curve.transmitted.to_string(),
            curve.rtt_ms.len().to_string(),
            extreme(curve.rtt_ms.first()),
            extreme(curve.rtt_ms.last()),
        ]
    });
    let rows = rows.collect();
    let table = desk.table(
        &format!("{id}-table"),
        &format!("{title}: what the curves are of."),
        columns,
        rows,
    );
    let marks = distribution.curves.iter().map(|curve| Mark::of(curve.arm));
    blocks.push(table.marked(marks));
    Ok(blocks)
}

/// The most ridges of a figure.
const MOST_RIDGES: usize = 14;

/// The distributions as ridges with their quantiles, and the table of these.
fn ridges(
    analysis: &Analysis,
    distribution: &Distribution,
    scale: Scale,
    desk: &mut Desk,
) -> Result<Vec<Block>, FigureError> {
    let quantiles = || {
        distribution
            .curves
            .iter()
            .flat_map(|curve| &curve.quantiles)
    };
    let mut levels: Vec<f64> = Vec::new();
    for quantile in quantiles() {
        if !levels.contains(&quantile.p) {
            levels.push(quantile.p);
        }
    }
    if levels.is_empty() {
        return Ok(Vec::new());
    }
    let loss = |curve: &Curve| {
        let mut panels = analysis.panels.iter();
        let panel = panels.find(|panel| {
            panel.experiment == distribution.experiment
                && panel.workload == distribution.workload
                && panel.metric == Metric::PingLoss
        })?;
        let row = panel.rows.iter().find(|row| row.cell == curve.cell)?;
        Some(&row.estimate)
    };
    let made = format!(
        "the median over trials of each trial's own quantile, with its interval from the trials; a quantile is made of trials with at \
         least two replies beyond it. Of replies that came: the loss is beside. {}",
        provenance(quantiles().map(|quantile| &quantile.estimate))
    );
    let title = format!(
        "Round-trip times and their quantiles, {}",
        distribution.workload
    );
    let table = text::anchor(&format!("{}-quantiles", distribution.id));
    let mut blocks = Vec::new();
    let figures = distribution.curves.len().div_ceil(MOST_RIDGES);
    for (index, curves) in distribution.curves.chunks(MOST_RIDGES).enumerate() {
        let (id, title) = part(
            &format!("{}-ridges", distribution.id),
            &title,
            index,
            figures,
        );
        let drawn: Vec<_> = curves
            .iter()
            .map(|curve| ridge::Ridge {
                curve,
                loss: loss(curve),
            })
            .collect();
        let figure = ridge::draw(&id, title.clone(), scale, &drawn)?;
        let names: Vec<_> = levels.iter().map(|p| number::quantile(*p)).collect();
        let caption = format!(
            "{title}. Ridges are all replies of an arm, each as high as its highest place; below them, from left to right, {} with \
             intervals: {made}.",
            names.join(", ")
        );
        blocks.push(desk.figure_of(figure, caption, &table));
    }
    let mut columns = vec![column("Arm", Style::Text, 4)];
    columns.extend(levels.iter().map(|p| {
        let name = format!("{}{}", number::quantile(*p), scale.suffix());
        column(&name, Style::Number, 4)
    }));
    columns.push(column("Loss (%)", Style::Number, 3));
    columns.push(column("Trials", Style::Number, 1));
    let rows = distribution.curves.iter().map(|curve| {
        let mut texts = vec![text::arm_in(curve.arm, &curve.setting)];
        texts.extend(levels.iter().map(|p| {
            let mut quantiles = curve.quantiles.iter();
            quantiles.find(|quantile| quantile.p == *p).map_or_else(
                || "too few replies".into(),
                |quantile| number::outcome(&quantile.estimate, scale),
            )
        }));
        texts.push(
            loss(curve).map_or_else(|| "–".into(), |loss| number::outcome(loss, Scale::PERCENT)),
        );
        texts.push(curve.trials.to_string());
        texts
    });
    let rows = rows.collect();
    let marks = distribution.curves.iter().map(|curve| Mark::of(curve.arm));
    let caption = format!(
        "{title}, each the median over trials of each trial's own. {}.",
        provenance(quantiles().map(|quantile| &quantile.estimate))
    );
    blocks.push(desk.table(&table, &caption, columns, rows).marked(marks));
    Ok(blocks)
}
