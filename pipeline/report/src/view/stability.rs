//! Whether what was measured stood still, and what measuring costs.

use vnicbench_analysis::{Analysis, Drift, Metric, Panel};
use vnicbench_model::{Backend, Phase};
use vnicbench_stats::Outcome;
use vnicbench_stats::outlier::Class;

use super::{Block, Desk, Mark, Style, column, note, paragraph};
use crate::figure::{FigureError, drift};
use crate::number::{self, Scale};
use crate::text;

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

fn heading(id: &str, text: &str) -> Block {
    Block::Heading {
        id: id.into(),
        text: text.into(),
    }
}

fn of_id<'a>(analysis: &'a Analysis, id: &str) -> Option<&'a Panel> {
    analysis.panels.iter().find(|panel| panel.id == id)
}

fn drift_blocks(analysis: &Analysis, desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let drifts = &analysis.stability.drifts;
    let mut blocks = vec![heading("drift", "Drift over the campaign")];
    if drifts.is_empty() {
        blocks.push(paragraph(
            "Not known: no cell has the six trials that vary which a trend is made of.",
        ));
        return Ok(blocks);
    }
    let found = drifts.iter().filter(|drift| drift.holm <= DRIFTS).count();
    blocks.push(paragraph(format!(
        "Of {} (a metric of a cell each) {found} drift: p by Mann and Kendall is at most 0.05 when adjusted by Holm for the cells of \
         the experiment in the metric. Blocks are in random order within, so that a drift doesn’t become a difference between arms.",
        number::count(drifts.len() as u64, "trend")
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
        let title = format!("{} over the campaign", metric.label());
        let figure = drift::draw(id, title.clone(), &panels)?;
        let caption = format!(
            "{title}. Every trial over the median of its cell, by block; all workloads together. Descriptive; the trends are in \
             the table."
        );
        blocks.push(desk.figure_of(figure, caption, "drift-table"));
    }
    blocks.push(drift_table(analysis, desk));
    Ok(blocks)
}

fn drift_table(analysis: &Analysis, desk: &mut Desk) -> Block {
    let mut drifts: Vec<&Drift> = analysis.stability.drifts.iter().collect();
    let all = drifts.len();
    drifts.sort_by(|a, b| a.p.total_cmp(&b.p));
    drifts.truncate(MOST);
    let columns = vec![
        column("Cell", Style::Text, 6),
        column("Metric", Style::Text, 9),
        column("Slope a block", Style::Number, 6),
        column("n", Style::Number, 1),
        column("Whole (%)", Style::Number, 2),
        column("p", Style::Number, 2),
        column("Holm", Style::Number, 2),
    ];
    let rows = drifts.iter().map(|drift| {
        let panel = of_id(analysis, &drift.panel);
        let scale = panel.map_or(Scale::PLAIN, super::panels::scale);
        let metric = panel.map_or_else(String::new, |panel| {
            format!(
                "{}{}, {}",
                panel.metric.label(),
                scale.suffix(),
                panel.workload
            )
        });
        let n = drift
            .slope
            .estimate()
            .map_or_else(|| "–".into(), |e| e.n().to_string());
        let change = drift
            .relative_change
            .map_or_else(|| "–".into(), |change| number::fixed(change * 100.0, 1));
        vec![
            text::arm_in(drift.arm, &drift.setting),
            metric,
            number::outcome(&drift.slope, scale),
            n,
            change,
            number::p_value(drift.p),
            number::p_value(drift.holm),
        ]
    });
    let shown = if drifts.len() < all {
        format!("The {} of {all} with the smallest p. ", drifts.len())
    } else {
        String::new()
    };
    let caption = format!(
        "Trend of a cell’s trials over the blocks; whole: what it comes to over the campaign, of the median. {shown}{}.",
        super::panels::provenance(drifts.iter().map(|drift| &drift.slope))
    );
    let rows = rows.collect();
    desk.table("drift-table", &caption, columns, rows)
        .marked(drifts.iter().map(|drift| Mark::of(drift.arm)))
}

fn behaviour_blocks(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let behaviours = &analysis.stability.behaviours;
    if behaviours.is_empty() {
        return Vec::new();
    }
    let columns = vec![
        column("Experiment", Style::Text, 3),
        column("Arm", Style::Text, 4),
        column("Trials judged", Style::Number, 2),
        column("Autocorrelation", Style::Number, 4),
        column("Dependent (%)", Style::Number, 3),
        column("Worth (%)", Style::Number, 3),
        column("Flat", Style::Number, 1),
        column("Warm-up", Style::Number, 2),
        column("Slowing", Style::Number, 2),
        column("Never steady (%)", Style::Number, 3),
    ];
    let rows = behaviours.iter().map(|behaviour| {
        vec![
            text::foreign(&behaviour.experiment),
            text::arm(behaviour.arm),
            format!("{} of {}", behaviour.judged, behaviour.trials),
            number::outcome(&behaviour.lag1, Scale::PLAIN),
            number::outcome(&behaviour.dependent, Scale::PERCENT),
            number::outcome(&behaviour.effective, Scale::PERCENT),
            behaviour.flat.to_string(),
            behaviour.warm_up.to_string(),
            behaviour.slowdown.to_string(),
            number::outcome(&behaviour.never_steady, Scale::PERCENT),
        ]
    });
    let outcomes = behaviours
        .iter()
        .flat_map(|b| [&b.lag1, &b.dependent, &b.effective, &b.never_steady]);
    let caption = format!(
        "Successive replies within the trials of each arm, of many trials a part evenly spaced over them. Autocorrelation is that at lag 1; dependent are trials with p below \
         0.01 by Ljung and Box; worth is the effective sample size over the replies; flat, warm-up, slowing and never steady are the classes \
         of Barrett et al. (2017), of trials with enough replies. {}.",
        super::panels::provenance(outcomes)
    );
    let rows = rows.collect();
    vec![
        heading("within-trials", "Within trials"),
        paragraph(
            "Replies of a trial follow each other and aren’t independent values: this is why every interval in this report is \
             made from trials. What is said of all replies of a trial includes its warm-up.",
        ),
        desk.table("behaviour", &caption, columns, rows)
            .marked(behaviours.iter().map(|b| Mark::of(b.arm))),
    ]
}

fn outlier_blocks(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let outliers = &analysis.stability.outliers;
    let mut blocks = vec![heading("outliers", "Trials far from the others")];
    if outliers.is_empty() {
        blocks.push(paragraph(
            "None: no trial lies more than 3.5 deviations (by the median absolute deviation) from the median of its cell.",
        ));
        return blocks;
    }
    let columns = vec![
        column("Trial", Style::Code, 12),
        column("Metric", Style::Text, 3),
        column("Block", Style::Number, 1),
        column("Value", Style::Number, 2),
        column("Class", Style::Text, 2),
    ];
    let rows = outliers.iter().take(MOST).map(|outlier| {
        let panel = of_id(analysis, &outlier.panel);
        let scale = panel.map_or(Scale::PLAIN, super::panels::scale);
        let metric = panel.map_or_else(String::new, |panel| {
            format!("{}{}", panel.metric.label(), scale.suffix())
        });
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
            class(outlier.class).to_owned(),
        ]
    });
    let mut caption = "Trials more than 3.5 deviations from the median of their cell, extreme ones more than 7 (modified z of \
                       Iglewicz and Hoaglin, 1993; of logarithms where all are above zero). They are marked, and are in every estimate."
        .to_owned();
    if outliers.len() > MOST {
        caption.push_str(&format!(" The first {MOST} of {}.", outliers.len()));
    }
    let rows = rows.collect();
    blocks.push(desk.table("outlier-list", &caption, columns, rows));
    blocks
}

fn class(class: Class) -> &'static str {
    match class {
        Class::ExtremelyLow => "extremely low",
        Class::Low => "low",
        Class::Regular => "regular",
        Class::High => "high",
        Class::ExtremelyHigh => "extremely high",
    }
}

/// The arm without a guest, and the share of the time in which was measured.
fn overhead_blocks(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let mut blocks = vec![heading("overhead", "What measuring itself costs")];
    let native: Vec<_> = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.rows.iter().map(move |row| (panel, row)))
        .filter(|(_, row)| row.arm.backend == Backend::Native && !row.trials.is_empty())
        .collect();
    if native.is_empty() {
        blocks.push(note(
            "Not known: the campaign has no native arm (port to port, without a guest), which would tell.",
        ));
    } else {
        let columns = vec![
            column("Metric", Style::Text, 4),
            column("Workload", Style::Text, 5),
            column("Without a guest", Style::Number, 5),
            column("n", Style::Number, 1),
        ];
        let rows = native.iter().map(|(panel, row)| {
            let scale = super::panels::scale(panel);
            let n = match &row.estimate {
                Outcome::Estimate(estimate) => estimate.n(),
                Outcome::Insufficient(few) => few.n,
            };
            vec![
                format!("{}{}", panel.metric.label(), scale.suffix()),
                panel.workload.clone(),
                number::outcome(&row.estimate, scale),
                n.to_string(),
            ]
        });
        let caption = format!(
            "Calibration: what the same tools say from port to port. A result can’t be better than the tools’ own, and what lies \
             near it speaks of them. {}.",
            super::panels::provenance(native.iter().map(|(_, row)| &row.estimate))
        );
        let rows = rows.collect();
        blocks.push(desk.table("calibration", &caption, columns, rows));
    }
    let total = analysis.cost.trials_ms();
    let measured = analysis
        .cost
        .phases
        .iter()
        .find(|cost| cost.phase == Phase::Measure);
    if let (Some(measured), true) = (measured, total > 0) {
        blocks.push(paragraph(format!(
            "Of the time of all complete trials {} % was spent measuring; the rest is boots, preparation and clearing up.",
            number::fixed(measured.total_ms as f64 / total as f64 * 100.0, 0)
        )));
    }
    blocks
}
