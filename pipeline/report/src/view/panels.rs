//! A section for each experiment: its panels with figure and tables, then its
//! distributions.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Curve, Distribution, Metric, Panel, Row};
use vnicbench_model::Question;
use vnicbench_stats::{Method, Outcome, Verdict};

use super::{Block, Desk, Mark, Section, Style, anchor_of, column, heading, note, paragraph};
use crate::figure::{FigureError, curves, dots, ridge};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

pub(super) fn sections(analysis: &Analysis, desk: &mut Desk) -> Result<Vec<Section>, FigureError> {
    let words = desk.words;
    let mut sections = Vec::new();
    for experiment in &analysis.campaign.matrix.experiments {
        let question = experiment.question.name();
        let mut blocks = vec![paragraph(say!(words, "question", question = question))];
        blocks.extend(reading(experiment.question, words).map(note));
        let panels: Vec<_> = analysis
            .panels
            .iter()
            .filter(|p| p.experiment == experiment.name)
            .collect();
        if panels.is_empty() {
            blocks.push(note(say!(words, "experiment-without-values")));
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
        let title = say!(words, "question-heading", question = question);
        sections.push(Section {
            id: format!("experiment-{}", text::anchor(&experiment.name)),
            title: if experiment.name == question {
                title
            } else {
                format!("{title}: {}", text::foreign(&experiment.name))
            },
            blocks,
        });
    }
    Ok(sections)
}

/// What a reader of a question's figures must know; nothing where they say it themselves.
fn reading(question: Question, words: &Words) -> Option<String> {
    match question {
        Question::Latency | Question::Throughput | Question::Interference => None,
        Question::Fairness => Some(say!(words, "reading-fairness")),
        Question::MultiNetwork => Some(say!(words, "reading-multi-network")),
        Question::Density => Some(say!(words, "reading-density")),
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
pub(super) fn provenance<'a>(outcomes: impl Iterator<Item = &'a Outcome>, words: &Words) -> String {
    let (mut counts, mut levels, mut methods) = (Vec::new(), Vec::new(), Vec::new());
    let mut known: Vec<&Method> = Vec::new();
    for outcome in outcomes {
        let n = match outcome {
            Outcome::Estimate(estimate) => {
                push_new(&mut levels, estimate.level().to_string());
                estimate.n()
            }
            Outcome::Insufficient(insufficient) => insufficient.n,
        };
        counts.push(n);
        if !known.contains(&outcome.method()) {
            known.push(outcome.method());
            push_new(&mut methods, terms::method(words, outcome.method()));
        }
    }
    let least = counts.iter().min().copied().unwrap_or(0);
    let most = counts.iter().max().copied().unwrap_or(0);
    let counts = match counts.as_slice() {
        [] => "none",
        _ if least == most => "same",
        _ => "range",
    };
    let levels = (!levels.is_empty()).then(|| levels.join(", "));
    say!(
        words,
        "provenance",
        counts = counts,
        least = least,
        most = most,
        levels = terms::or_none(levels),
        methods = methods.join("; ")
    )
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
    let words = desk.words;
    let scale = scale(panel);
    let title = say!(
        words,
        "panel-title",
        metric = terms::metric(words, panel.metric),
        workload = desk.workload(&panel.workload)
    );
    let id = text::anchor(&format!("{}-panel", panel.id));
    let mut blocks = vec![heading(&id, title.as_str())];
    let figures = panel.rows.len().div_ceil(dots::MOST_ROWS).max(1);
    let each = panel.rows.len().div_ceil(figures).max(1);
    for (index, rows) in panel.rows.chunks(each).enumerate() {
        let (id, title) = part(&panel.id, &title, index, figures, words);
        let figure = dots::draw(&id, panel, rows, scale, title.clone(), words)?;
        let provenance = provenance(rows.iter().map(|row| &row.estimate), words);
        let caption = say!(
            words,
            "panel-caption",
            title = title,
            provenance = provenance
        );
        blocks.push(desk.figure_of(figure, caption, &table_id(panel)));
    }
    blocks.push(estimates(analysis, panel, scale, &title, desk));
    blocks.extend(shares(panel, &title, desk));
    blocks.extend(slopes(panel, scale, &title, desk));
    blocks.extend(comparisons(panel, &title, desk));
    blocks.extend(warnings(panel, words));
    Ok(blocks)
}

/// Anchor of a panel's table of estimates.
fn table_id(panel: &Panel) -> String {
    text::anchor(&format!("{}-table", panel.id))
}

/// Name and title of one of several figures.
fn part(id: &str, title: &str, index: usize, of: usize, words: &Words) -> (String, String) {
    let id = match index {
        0 => id.to_owned(),
        _ => format!("{id}-{}", index + 1),
    };
    (id, titled(title, index, of, words))
}

/// The title of one of several figures.
pub(super) fn titled(title: &str, index: usize, of: usize, words: &Words) -> String {
    match of {
        1 => title.to_owned(),
        _ => say!(
            words,
            "part-of-several",
            title = title,
            n = index + 1,
            of = of
        ),
    }
}

/// What each measured NIC got of the whole.
fn shares(panel: &Panel, title: &str, desk: &mut Desk) -> Option<Block> {
    if panel.shares.is_empty() {
        return None;
    }
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-arm"), Style::Text, 4),
        column(say!(words, "column-nic-of"), Style::Code, 3),
        column(say!(words, "column-share"), Style::Number, 2),
        column(say!(words, "column-interval"), Style::Number, 4),
        column(say!(words, "column-n"), Style::Number, 1),
        column(say!(words, "column-level"), Style::Number, 1),
    ];
    let rows = panel.shares.iter().map(|share| {
        let mut texts = vec![
            terms::arm_in(words, share.arm, &share.setting),
            text::foreign(&share.node),
        ];
        texts.extend(numbers(&share.estimate, Scale::PERCENT, words));
        texts
    });
    let provenance = provenance(panel.shares.iter().map(|share| &share.estimate), words);
    let caption = say!(
        words,
        "shares-caption",
        title = title,
        provenance = provenance
    );
    let id = text::anchor(&format!("{}-shares", panel.id));
    let marks = panel.shares.iter();
    let marks = marks.map(|share| Mark::of(share.arm).sourced(panel, &share.cell));
    let table = desk.table(&id, caption, columns, rows.collect());
    Some(table.marked(marks))
}

/// What each further VM costs the host.
fn slopes(panel: &Panel, scale: Scale, title: &str, desk: &mut Desk) -> Option<Block> {
    if panel.slopes.is_empty() {
        return None;
    }
    let words = desk.words;
    let each = say!(words, "column-for-each-vm", unit = scale.suffix(words));
    let columns = vec![
        column(say!(words, "column-arm"), Style::Text, 4),
        column(say!(words, "column-vms"), Style::Text, 2),
        column(each, Style::Number, 2),
        column(say!(words, "column-interval"), Style::Number, 4),
        column(say!(words, "column-blocks"), Style::Number, 1),
        column(say!(words, "column-level"), Style::Number, 1),
    ];
    let rows = panel.slopes.iter().map(|slope| {
        let vms: Vec<String> = slope.vms.iter().map(u32::to_string).collect();
        let mut texts = vec![
            terms::arm_in(words, slope.arm, &slope.setting),
            vms.join(", "),
        ];
        texts.extend(numbers(&slope.estimate, scale, words));
        texts
    });
    let provenance = provenance(panel.slopes.iter().map(|slope| &slope.estimate), words);
    let caption = say!(
        words,
        "slopes-caption",
        title = title,
        provenance = provenance
    );
    let id = text::anchor(&format!("{}-slopes", panel.id));
    let marks = panel.slopes.iter().map(|slope| Mark::of(slope.arm));
    let table = desk.table(&id, caption, columns, rows.collect());
    Some(table.marked(marks))
}

fn estimates(
    analysis: &Analysis,
    panel: &Panel,
    scale: Scale,
    title: &str,
    desk: &mut Desk,
) -> Block {
    let words = desk.words;
    let estimate = say!(words, "column-estimate-in", unit = scale.suffix(words));
    let columns = vec![
        column(say!(words, "column-arm"), Style::Text, 3),
        column(estimate, Style::Number, 2),
        column(say!(words, "column-interval"), Style::Number, 4),
        column(say!(words, "column-n"), Style::Number, 1),
        column(say!(words, "column-level"), Style::Number, 1),
        column(say!(words, "column-not-complete"), Style::Number, 2),
    ];
    let rows = panel.rows.iter().map(|row| {
        let mut texts = vec![terms::arm_in(words, row.arm, &row.setting)];
        texts.extend(numbers(&row.estimate, scale, words));
        texts.push(incomplete(analysis, panel, row, words));
        texts
    });
    let provenance = provenance(panel.rows.iter().map(|row| &row.estimate), words);
    let caption = say!(
        words,
        "estimates-caption",
        title = title,
        provenance = provenance
    );
    let marks = panel.rows.iter().enumerate().map(|(index, row)| Mark {
        row: Some(anchor_of(panel, "row", index)),
        ..Mark::of(row.arm).sourced(panel, &row.cell)
    });
    let table = desk.table(&table_id(panel), caption, columns, rows.collect());
    table.marked(marks)
}

/// Estimate, interval, n, level; in place of the first two the reason where there is none.
pub(super) fn numbers(outcome: &Outcome, scale: Scale, words: &Words) -> [String; 4] {
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
        Outcome::Insufficient(few) => [
            "–".into(),
            terms::insufficient(words, few),
            few.n.to_string(),
            "–".into(),
        ],
    }
}

/// Trials of a row that are no result, of those planned.
fn incomplete(analysis: &Analysis, panel: &Panel, row: &Row, words: &Words) -> String {
    let cell = analysis
        .cells
        .iter()
        .find(|c| c.experiment == panel.experiment && c.cell == row.cell);
    cell.map_or_else(
        || say!(words, "not-known"),
        |cell| {
            let planned = cell.counts.planned;
            let n = planned.saturating_sub(cell.counts.complete);
            say!(words, "n-of-all", n = n, all = planned)
        },
    )
}

fn comparisons(panel: &Panel, title: &str, desk: &mut Desk) -> Option<Block> {
    if panel.comparisons.is_empty() {
        return None;
    }
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-compared"), Style::Text, 6),
        column(say!(words, "column-ratio"), Style::Number, 2),
        column(say!(words, "column-interval"), Style::Number, 4),
        column(say!(words, "column-blocks"), Style::Number, 2),
        column(say!(words, "column-verdict-at"), Style::Text, 3),
        column(say!(words, "column-jointly"), Style::Number, 4),
        column(say!(words, "column-verdict-jointly"), Style::Text, 3),
        column(say!(words, "column-p"), Style::Number, 2),
        column(say!(words, "column-holm"), Style::Number, 2),
        column(say!(words, "column-bh"), Style::Number, 2),
    ];
    let rows = panel.comparisons.iter().map(|comparison| {
        let [ratio, interval, blocks, _] = numbers(&comparison.ratio, Scale::PLAIN, words);
        let mut texts = vec![compared(comparison, words), ratio, interval, blocks];
        texts.push(verdict(comparison.verdict, words));
        texts.extend(joint(comparison, words));
        texts
    });
    let provenance = provenance(panel.comparisons.iter().map(|c| &c.ratio), words);
    let caption = say!(
        words,
        "ratios-caption",
        title = title,
        provenance = provenance,
        better = terms::better(panel.metric),
        families = families(panel, words)
    );
    let marks = panel.comparisons.iter();
    let marks = marks.map(|c| Mark::of(c.arm).sourced(panel, &c.cell));
    let table = desk.table(
        &text::anchor(&format!("{}-ratios", panel.id)),
        caption,
        columns,
        rows.collect(),
    );
    Some(table.marked(marks))
}

fn verdict(verdict: Option<Verdict>, words: &Words) -> String {
    verdict.map_or_else(|| "–".into(), |verdict| terms::verdict(words, verdict))
}

/// What a comparison is among its family: interval, verdict, p-values.
fn joint(comparison: &Comparison, words: &Words) -> [String; 5] {
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
        verdict(joint.verdict, words),
        p(joint.p),
        p(joint.holm),
        p(joint.benjamini_hochberg),
    ]
}

/// Which comparisons are judged together and how.
fn families(panel: &Panel, words: &Words) -> String {
    let joints = || panel.comparisons.iter().filter_map(|c| c.joint.as_ref());
    let mut sizes: Vec<usize> = joints().map(|joint| joint.family).collect();
    sizes.sort_unstable();
    sizes.dedup();
    let (Some(least), Some(most)) = (sizes.first(), sizes.last()) else {
        return String::new();
    };
    let how = joints()
        .filter_map(|joint| joint.ratio.as_ref()?.estimate())
        .next()
        .map_or_else(String::new, |estimate| {
            say!(
                words,
                "families-how",
                level = estimate.level().to_string(),
                method = terms::method(words, estimate.method()),
                n = estimate.n()
            )
        });
    match least == most {
        true => say!(words, "families", least = *least, how = how),
        false => say!(
            words,
            "families-of-sizes",
            least = *least,
            most = *most,
            how = how
        ),
    }
}

fn compared(comparison: &Comparison, words: &Words) -> String {
    let contrast = match comparison.contrast {
        Contrast::ToBaseline => "to-baseline",
        Contrast::ToIdle => "to-idle",
        Contrast::ToUntuned => "to-untuned",
        Contrast::ToPart => "to-part",
        Contrast::ToFirstKernel | Contrast::ToFirstQemu => "to-version",
    };
    let baseline = match contrast {
        "to-version" => super::versions::first(comparison, words),
        _ => baseline(comparison, words),
    };
    say!(
        words,
        "compared",
        contrast = contrast,
        arm = terms::arm_in(words, comparison.arm, &comparison.setting),
        baseline = baseline
    )
}

/// The baseline's arm, with what it has that the other doesn't: how many NICs where a mix has them
/// of two kinds, the versions where the other is no VM.
pub(super) fn baseline(comparison: &Comparison, words: &Words) -> String {
    let (ours, theirs) = (&comparison.setting, &comparison.baseline_setting);
    let arm = terms::arm(words, comparison.baseline_arm);
    let mut text = match theirs.nics {
        n if n != ours.nics => say!(words, "arm-with-nics", arm = arm, n = n),
        _ => arm,
    };
    // Of what is no VM and has no versions of its own.
    if (&theirs.kernel, &theirs.qemu) != (&ours.kernel, &ours.qemu) {
        for version in terms::versions(words, theirs) {
            text.push_str(", ");
            text.push_str(&version);
        }
    }
    text
}

/// Warnings of a panel's estimates, each once with those it is of.
fn warnings(panel: &Panel, words: &Words) -> Option<Block> {
    let rows = panel.rows.iter().map(|row| {
        let name = terms::arm_in(words, row.arm, &row.setting);
        (name, &row.estimate)
    });
    let ratios = panel
        .comparisons
        .iter()
        .map(|c| (compared(c, words), &c.ratio));
    let slopes = panel.slopes.iter().map(|slope| {
        let arm = terms::arm_in(words, slope.arm, &slope.setting);
        (say!(words, "warned-slope", arm = arm), &slope.estimate)
    });
    let groups = [
        ("estimate", rows.collect::<Vec<_>>()),
        ("ratio", ratios.collect()),
        ("slope", slopes.collect()),
    ];
    let groups = groups.map(|(key, group)| (say!(words, "warned-every", group = key), group));
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
                    all.as_str()
                } else {
                    name
                };
                let text = text::foreign(&terms::warning(words, warning));
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
        .map(|(warning, names)| {
            say!(
                words,
                "warned-of",
                names = names.join(", "),
                warning = warning
            )
        })
        .collect();
    (!items.is_empty()).then_some(Block::List { items })
}

fn distribution_blocks(
    analysis: &Analysis,
    distribution: &Distribution,
    desk: &mut Desk,
) -> Result<Vec<Block>, FigureError> {
    let words = desk.words;
    let workload = desk.workload(&distribution.workload);
    let title = say!(words, "distribution-title", workload = workload);
    let scale = curves::scale(distribution);
    let id = text::anchor(&format!("{}-distribution", distribution.id));
    let mut blocks = vec![heading(&id, title.as_str())];
    let level = distribution
        .curves
        .iter()
        .find_map(|curve| curve.quantiles.first()?.estimate.estimate())
        .map(|estimate| estimate.level());
    let level = terms::or_none(level);
    let caption = say!(words, "distribution-caption", title = title, level = level);
    let groups = curves::groups(distribution);
    let mut drawn = Vec::new();
    for (index, curves) in groups.iter().enumerate() {
        let (id, title) = part(&distribution.id, &title, index, groups.len(), words);
        drawn.push((
            curves::draw(&id, distribution, curves, title.clone(), words)?,
            title,
        ));
    }
    for (index, (figure, title)) in drawn.into_iter().enumerate() {
        // What holds for all is said once.
        let caption = match index {
            0 => caption.clone(),
            _ => say!(words, "distribution-caption-more", title = title),
        };
        blocks.push(desk.figure_of(figure, caption, &format!("{id}-table")));
    }
    blocks.extend(ridges(analysis, distribution, scale, desk)?);
    let unit = scale.suffix(words);
    let columns = vec![
        column(say!(words, "column-arm"), Style::Text, 4),
        column(say!(words, "column-trials"), Style::Number, 1),
        column(say!(words, "column-requests"), Style::Number, 2),
        column(say!(words, "column-replies"), Style::Number, 2),
        column(
            say!(words, "column-shortest", unit = unit),
            Style::Number,
            2,
        ),
        column(say!(words, "column-longest", unit = unit), Style::Number, 2),
    ];
    let rows = distribution.curves.iter().map(|curve| {
        let extreme = |value: Option<&f64>| {
            value.map_or_else(
                || say!(words, "no-reply"),
                |v| number::significant(scale.apply(*v), 4),
            )
        };
        vec![
            terms::arm_in(words, curve.arm, &curve.setting),
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
        say!(words, "distribution-table", title = title),
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
    let words = desk.words;
    let provenance = provenance(quantiles().map(|quantile| &quantile.estimate), words);
    let workload = desk.workload(&distribution.workload);
    let title = say!(words, "ridges-title", workload = workload);
    let table = text::anchor(&format!("{}-quantiles", distribution.id));
    let mut blocks = Vec::new();
    let figures = distribution.curves.len().div_ceil(MOST_RIDGES);
    for (index, curves) in distribution.curves.chunks(MOST_RIDGES).enumerate() {
        let (id, title) = part(
            &format!("{}-ridges", distribution.id),
            &title,
            index,
            figures,
            words,
        );
        let drawn: Vec<_> = curves
            .iter()
            .map(|curve| ridge::Ridge {
                curve,
                loss: loss(curve),
            })
            .collect();
        let figure = ridge::draw(&id, title.clone(), scale, &drawn, words)?;
        let names: Vec<_> = levels.iter().map(|p| number::quantile(words, *p)).collect();
        let caption = say!(
            words,
            "ridges-caption",
            title = title,
            quantiles = names.join(", "),
            provenance = provenance
        );
        blocks.push(desk.figure_of(figure, caption, &table));
    }
    let mut columns = vec![column(say!(words, "column-arm"), Style::Text, 4)];
    columns.extend(levels.iter().map(|p| {
        let name = format!("{}{}", number::quantile(words, *p), scale.suffix(words));
        column(name, Style::Number, 4)
    }));
    columns.push(column(say!(words, "column-loss"), Style::Number, 3));
    columns.push(column(say!(words, "column-trials"), Style::Number, 1));
    let rows = distribution.curves.iter().map(|curve| {
        let mut texts = vec![terms::arm_in(words, curve.arm, &curve.setting)];
        texts.extend(levels.iter().map(|p| {
            let mut quantiles = curve.quantiles.iter();
            quantiles.find(|quantile| quantile.p == *p).map_or_else(
                || say!(words, "too-few-replies"),
                |quantile| number::outcome(words, &quantile.estimate, scale),
            )
        }));
        texts.push(loss(curve).map_or_else(
            || "–".into(),
            |loss| number::outcome(words, loss, Scale::PERCENT),
        ));
        texts.push(curve.trials.to_string());
        texts
    });
    let rows = rows.collect();
    let marks = distribution.curves.iter().map(|curve| Mark::of(curve.arm));
    let caption = say!(
        words,
        "quantiles-caption",
        title = title,
        provenance = provenance
    );
    blocks.push(desk.table(&table, caption, columns, rows).marked(marks));
    Ok(blocks)
}
