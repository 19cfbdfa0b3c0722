//! What became of the trials, and what was odd in their logs.

use vnicbench_analysis::Analysis;

use super::{Block, Desk, Mark, Section, Style, column, paragraph};
use crate::figure::FigureError;
use crate::number::{self, Scale};
use crate::text;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Result<Section, FigureError> {
    let mut blocks = Vec::new();
    if let Some(stopped) = &analysis.stopped {
        blocks.push(paragraph(format!(
            "The campaign was ended after {} of at most {}: {}.",
            number::count(stopped.blocks, "block"),
            analysis.campaign.matrix.blocks,
            text::foreign(&stopped.reason)
        )));
    }
    blocks.extend([
        paragraph(
            "A trial that failed is counted here and is no result; it is not a zero and it is not left out. Trials \
             that were never begun are counted apart, since nothing was tried.",
        ),
        success(analysis, desk),
        heading("failures", "Trials that are no result"),
    ]);
    if analysis.failures.is_empty() {
        blocks.push(paragraph(
            "None: every planned trial is complete and gave its values.",
        ));
    } else {
        blocks.push(failures(analysis, desk));
    }
    blocks.push(heading("log-warnings", "Oddities in logs"));
    if analysis.log_warnings.is_empty() {
        blocks.push(paragraph(
            "None: every line of every log used was understood.",
        ));
    } else {
        blocks.push(log_warnings(analysis, desk));
    }
    blocks.extend(super::stability::blocks(analysis, desk)?);
    blocks.extend(time(analysis, desk));
    Ok(Section {
        id: "quality".into(),
        title: "Data quality".into(),
        blocks,
    })
}

fn heading(id: &str, text: &str) -> Block {
    Block::Heading {
        id: id.into(),
        text: text.into(),
    }
}

fn success(analysis: &Analysis, desk: &mut Desk) -> Block {
    let columns = vec![
        column("Cell", Style::Code, 12),
        column("Planned", Style::Number, 3),
        column("Complete", Style::Number, 3),
        column("Failed", Style::Number, 3),
        column("Interrupted", Style::Number, 3),
        column("Missing", Style::Number, 3),
        column("Success (%)", Style::Number, 5),
    ];
    let rows = analysis.cells.iter().map(|cell| {
        let counts = cell.counts;
        let mut row = vec![format!(
            "{}/{}",
            text::foreign(&cell.experiment),
            text::foreign(&cell.cell)
        )];
        let numbers = [
            counts.planned,
            counts.complete,
            counts.failed,
            counts.interrupted,
            counts.missing,
        ];
        row.extend(numbers.map(|n| n.to_string()));
        row.push(crate::number::outcome(&cell.success, Scale::PERCENT));
        row
    });
    let caption = format!(
        "Trials of each cell. Success is the share of complete trials among those begun. {}.",
        super::panels::provenance(analysis.cells.iter().map(|cell| &cell.success))
    );
    let marks = analysis.cells.iter().map(|cell| {
        let arm = desk.cell(&cell.experiment, &cell.cell).map(|c| c.arm);
        arm.map_or_else(Mark::default, Mark::of)
    });
    let marks: Vec<_> = marks.collect();
    desk.table("success", &caption, columns, rows.collect())
        .marked(marks)
}

fn failures(analysis: &Analysis, desk: &mut Desk) -> Block {
    let columns = vec![
        column("Trial", Style::Code, 5),
        column("State", Style::Text, 2),
        column("Reason", Style::Code, 7),
    ];
    let rows = analysis.failures.iter().map(|failure| {
        vec![
            text::foreign(&failure.trial),
            failure.state.to_owned(),
            text::foreign(&failure.reason),
        ]
    });
    let caption = "Trials that failed, were interrupted or never begun, and complete ones whose log gave no value (unusable).";
    desk.table("failure-list", caption, columns, rows.collect())
}

fn log_warnings(analysis: &Analysis, desk: &mut Desk) -> Block {
    let columns = vec![
        column("Kind", Style::Text, 3),
        column("Count", Style::Number, 1),
        column("First at", Style::Code, 5),
        column("Text there", Style::Code, 5),
    ];
    let rows = analysis.log_warnings.iter().map(|warning| {
        vec![
            text::foreign(&warning.kind),
            warning.count.to_string(),
            format!("{}:{}", text::foreign(&warning.file), warning.line),
            text::foreign(&warning.text),
        ]
    });
    desk.table(
        "log-warning-list",
        "Oddities in logs, by kind, each with its first place.",
        columns,
        rows.collect(),
    )
}

/// What the campaign's time went to; nothing of one that doesn't know.
fn time(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let cost = &analysis.cost;
    let mut blocks = Vec::new();
    let total = cost.trials_ms();
    if total > 0 {
        let columns = vec![
            column("Phase", Style::Text, 3),
            column("Trials", Style::Number, 2),
            column("Median (s)", Style::Number, 2),
            column("Longest (s)", Style::Number, 2),
            column("Total (s)", Style::Number, 2),
            column("Share (%)", Style::Number, 2),
        ];
        let rows = cost.phases.iter().map(|phase| {
            vec![
                phase.phase.name().to_owned(),
                phase.trials.to_string(),
                seconds(phase.median_ms),
                seconds(phase.longest_ms as f64),
                seconds(phase.total_ms as f64),
                number::fixed(phase.total_ms as f64 / total as f64 * 100.0, 1),
            ]
        });
        let caption = "Time of the complete trials by phase. Descriptive: what it was in the trials that had the phase.";
        blocks.push(desk.table("time", caption, columns, rows.collect()));
    }
    for (what, times) in [
        ("Building what is there throughout", &cost.built_ms),
        ("Putting the host back", &cost.torn_down_ms),
    ] {
        if !times.is_empty() {
            let each: Vec<_> = times.iter().map(|ms| seconds(*ms as f64)).collect();
            blocks.push(paragraph(format!(
                "{what} took {} s.",
                each.join(" s, then ")
            )));
        }
    }
    if let Some(skew) = &cost.start_skew {
        blocks.push(paragraph(format!(
            "The measuring commands of a trial with several started {} ms apart from first to last in the median of {}, and {} ms \
             at most.",
            number::significant(skew.median_us / 1e3, 3),
            number::count(skew.trials, "trial"),
            number::significant(skew.largest_us as f64 / 1e3, 3)
        )));
    }
    if !blocks.is_empty() {
        blocks.insert(0, heading("time-spent", "Where the time went"));
    }
    blocks
}

fn seconds(ms: f64) -> String {
    number::significant(ms / 1e3, 3)
}
