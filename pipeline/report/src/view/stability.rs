//! Whether what was measured stood still, and what measuring costs.

use vnicbench_analysis::{Analysis, Drift, Metric, Panel};
use vnicbench_model::{Backend, Phase};
use vnicbench_stats::Outcome;
use vnicbench_stats::outlier::Class;

use super::cover::some_of;
use super::panels::{provenance, scale};
use super::{Block, Desk, Mark, Style, column, heading, note, paragraph};
use crate::figure::{FigureError, drift};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

/// The most rows of a list that says what is unusual.
const MOST: usize = 16;
/// Adjusted p from which on a trend is called a drift.
const DRIFTS: f64 = 0.05;

pub(super) fn blocks(analysis: &Analysis, desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let mut blocks = drift_blocks(analysis, desk)?;
    blocks.extend(behaviour_blocks(analysis, desk));
    blocks.extend(outlier_blocks(analysis, desk));
    blocks.extend(overhead_blocks(analysis, desk));
    Ok(blocks)
}

fn of_id<'a>(analysis: &'a Analysis, id: &str) -> Option<&'a Panel> {
    analysis.panels.iter().find(|panel| panel.id == id)
}

fn drift_blocks(analysis: &Analysis, desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let drifts = &analysis.stability.drifts;
    let words = desk.words;
    let mut blocks = vec![heading("drift", say!(words, "drift"))];
    if drifts.is_empty() {
        blocks.push(paragraph(say!(words, "drift-unknown")));
        return Ok(blocks);
    }
    let found = drifts.iter().filter(|drift| drift.holm <= DRIFTS).count();
    let trends = drifts.len();
    blocks.push(paragraph(say!(
        words,
        "drift-found",
        trends = trends,
        found = found
    )));
    for (metric, id) in [
        (Metric::RttMedian, "drift-rtt"),
        (Metric::Goodput, "drift-goodput"),
    ] {
        let panels: Vec<&Panel> = analysis
            .panels
            .iter()
            .filter(|p| p.metric == metric)
            .collect();
        if !panels
            .iter()
            .any(|panel| panel.rows.iter().any(|row| row.trials.len() > 1))
        {
            continue;
        }
        let metric = terms::metric(words, metric);
        let title = say!(words, "drift-title", metric = metric);
        let (figure, thinned) = drift::draw(id, title.clone(), &panels, words)?;
        let shown = if thinned { "some" } else { "all" };
        let caption = say!(
            words,
            "drift-caption",
            title = title,
            shown = shown,
            most = drift::MOST
        );
        blocks.push(desk.figure_of(figure, caption, "drift-table"));
    }
    blocks.push(drift_table(analysis, desk));
    Ok(blocks)
}

fn drift_table(analysis: &Analysis, desk: &mut Desk) -> Block {
    let words = desk.words;
    let mut drifts: Vec<&Drift> = analysis.stability.drifts.iter().collect();
    let all = drifts.len();
    drifts.sort_by(|a, b| a.p.total_cmp(&b.p));
    drifts.truncate(MOST);
    let columns = vec![
        column(say!(words, "column-cell"), Style::Text, 6),
        column(say!(words, "column-metric"), Style::Text, 9),
        column(say!(words, "column-slope"), Style::Number, 6),
        column(say!(words, "column-n"), Style::Number, 1),
        column(say!(words, "column-whole"), Style::Number, 2),
        column(say!(words, "column-p"), Style::Number, 2),
        column(say!(words, "column-holm"), Style::Number, 2),
    ];
    let rows = drifts.iter().map(|drift| {
        let panel = of_id(analysis, &drift.panel);
        let scale = panel.map_or(Scale::PLAIN, scale);
        let metric = panel.map_or_else(String::new, |panel| {
            let workload = desk.workload(&panel.workload);
            format!("{}, {workload}", in_unit(panel, scale, words))
        });
        let n = drift
            .slope
            .estimate()
            .map_or_else(|| "–".into(), |e| e.n().to_string());
        let change = drift
            .relative_change
            .map_or_else(|| "–".into(), |change| number::fixed(change * 100.0, 1));
        vec![
            terms::arm_in(words, drift.arm, &drift.setting),
            metric,
            number::outcome(words, &drift.slope, scale),
            n,
            change,
            number::p_value(drift.p),
            number::p_value(drift.holm),
        ]
    });
    let caption = say!(
        words,
        "drift-table",
        shown = some_of(drifts.len(), all),
        all = all,
        provenance = provenance(drifts.iter().map(|drift| &drift.slope), words)
    );
    let rows = rows.collect();
    desk.table("drift-table", caption, columns, rows)
        .marked(drifts.iter().map(|drift| Mark::of(drift.arm)))
}

/// A panel's metric with the unit that it is shown in.
fn in_unit(panel: &Panel, scale: Scale, words: &Words) -> String {
    format!(
        "{}{}",
        terms::metric(words, panel.metric),
        scale.suffix(words)
    )
}

fn behaviour_blocks(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let behaviours = &analysis.stability.behaviours;
    if behaviours.is_empty() {
        return Vec::new();
    }
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-experiment"), Style::Text, 3),
        column(say!(words, "column-arm"), Style::Text, 4),
        column(say!(words, "column-judged"), Style::Number, 2),
        column(say!(words, "column-autocorrelation"), Style::Number, 4),
        column(say!(words, "column-dependent"), Style::Number, 3),
        column(say!(words, "column-worth"), Style::Number, 3),
        column(say!(words, "column-flat"), Style::Number, 1),
        column(say!(words, "column-warm-up"), Style::Number, 2),
        column(say!(words, "column-slowing"), Style::Number, 2),
        column(say!(words, "column-never-steady"), Style::Number, 3),
    ];
    let rows = behaviours.iter().map(|behaviour| {
        vec![
            text::foreign(&behaviour.experiment),
            terms::arm(words, behaviour.arm),
            say!(
                words,
                "n-of-all",
                n = behaviour.judged,
                all = behaviour.trials
            ),
            number::outcome(words, &behaviour.lag1, Scale::PLAIN),
            number::outcome(words, &behaviour.dependent, Scale::PERCENT),
            number::outcome(words, &behaviour.effective, Scale::PERCENT),
            behaviour.flat.to_string(),
            behaviour.warm_up.to_string(),
            behaviour.slowdown.to_string(),
            number::outcome(words, &behaviour.never_steady, Scale::PERCENT),
        ]
    });
    let outcomes = behaviours
        .iter()
        .flat_map(|b| [&b.lag1, &b.dependent, &b.effective, &b.never_steady]);
    let caption = say!(
        words,
        "behaviour-caption",
        provenance = provenance(outcomes, words)
    );
    let rows = rows.collect();
    vec![
        heading("within-trials", say!(words, "within-trials")),
        paragraph(say!(words, "within-trials-reading")),
        desk.table("behaviour", caption, columns, rows)
            .marked(behaviours.iter().map(|b| Mark::of(b.arm))),
    ]
}

fn outlier_blocks(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let outliers = &analysis.stability.outliers;
    let words = desk.words;
    let mut blocks = vec![heading("outliers", say!(words, "outliers"))];
    if outliers.is_empty() {
        blocks.push(paragraph(say!(words, "outliers-none")));
        return blocks;
    }
    let columns = vec![
        column(say!(words, "column-trial"), Style::Code, 12),
        column(say!(words, "column-metric"), Style::Text, 3),
        column(say!(words, "column-block"), Style::Number, 1),
        column(say!(words, "column-value"), Style::Number, 2),
        column(say!(words, "column-class"), Style::Text, 2),
    ];
    let rows = outliers.iter().take(MOST).map(|outlier| {
        let panel = of_id(analysis, &outlier.panel);
        let scale = panel.map_or(Scale::PLAIN, scale);
        let metric = panel.map_or_else(String::new, |panel| in_unit(panel, scale, words));
        let trial = outlier.source.as_ref();
        let trial = trial.map_or_else(
            || text::foreign(&outlier.cell),
            |source| {
                format!(
                    "{}:{}–{}",
                    text::foreign(&source.log),
                    source.lines.0,
                    source.lines.1
                )
            },
        );
        vec![
            trial,
            metric,
            outlier.block.to_string(),
            number::significant(scale.apply(outlier.value), 4),
            say!(words, "outlier-class", class = class(outlier.class)),
        ]
    });
    let caption = say!(
        words,
        "outliers-caption",
        shown = some_of(MOST, outliers.len()),
        all = outliers.len()
    );
    let rows = rows.collect();
    blocks.push(desk.table("outlier-list", caption, columns, rows));
    blocks
}

/// What messages know a class by.
fn class(class: Class) -> &'static str {
    match class {
        Class::ExtremelyLow => "extremely-low",
        Class::Low => "low",
        Class::Regular => "regular",
        Class::High => "high",
        Class::ExtremelyHigh => "extremely-high",
    }
}

/// The arm without a guest, and the share of the time in which was measured.
fn overhead_blocks(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let words = desk.words;
    let mut blocks = vec![heading("overhead", say!(words, "overhead"))];
    let native: Vec<_> = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.rows.iter().map(move |row| (panel, row)))
        .filter(|(_, row)| row.arm.backend == Backend::Native && !row.trials.is_empty())
        .collect();
    if native.is_empty() {
        blocks.push(note(say!(words, "overhead-unknown")));
    } else {
        let columns = vec![
            column(say!(words, "column-metric"), Style::Text, 4),
            column(say!(words, "column-workload"), Style::Text, 5),
            column(say!(words, "column-without-guest"), Style::Number, 5),
            column(say!(words, "column-n"), Style::Number, 1),
        ];
        let rows = native.iter().map(|(panel, row)| {
            let scale = scale(panel);
            let n = match &row.estimate {
                Outcome::Estimate(estimate) => estimate.n(),
                Outcome::Insufficient(few) => few.n,
            };
            vec![
                in_unit(panel, scale, words),
                desk.workload(&panel.workload).to_owned(),
                number::outcome(words, &row.estimate, scale),
                n.to_string(),
            ]
        });
        let caption = say!(
            words,
            "calibration-caption",
            provenance = provenance(native.iter().map(|(_, row)| &row.estimate), words)
        );
        let rows = rows.collect();
        blocks.push(desk.table("calibration", caption, columns, rows));
    }
    let total = analysis.cost.trials_ms();
    let measured = analysis
        .cost
        .phases
        .iter()
        .find(|cost| cost.phase == Phase::Measure);
    if let (Some(measured), true) = (measured, total > 0) {
        let share = measured.total_ms as f64 / total as f64 * 100.0;
        blocks.push(paragraph(say!(
            words,
            "overhead-share",
            percent = number::fixed(share, 0)
        )));
    }
    blocks
}
