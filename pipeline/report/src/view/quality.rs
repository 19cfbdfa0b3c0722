//! What became of the trials, and what was odd in their logs.

use vnicbench_analysis::Analysis;

use super::panels::provenance;
use super::{Block, Desk, Mark, Section, Style, column, heading, paragraph};
use crate::figure::FigureError;
use crate::number::{self, Scale};
use crate::text;
use crate::words::say;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Result<Section, FigureError> {
    let words = desk.words;
    let mut blocks = Vec::new();
    if let Some(stopped) = &analysis.stopped {
        blocks.push(paragraph(say!(
            words,
            "quality-ended",
            blocks = stopped.blocks,
            most = analysis.campaign.matrix.blocks,
            reason = text::foreign(&stopped.reason)
        )));
    }
    blocks.extend([
        paragraph(say!(words, "quality-reading")),
        success(analysis, desk),
        heading("failures", say!(words, "failures")),
    ]);
    if analysis.failures.is_empty() {
        blocks.push(paragraph(say!(words, "failures-none")));
    } else {
        blocks.push(failures(analysis, desk));
    }
    blocks.push(heading("log-warnings", say!(words, "log-warnings")));
    if analysis.log_warnings.is_empty() {
        blocks.push(paragraph(say!(words, "log-warnings-none")));
    } else {
        blocks.push(log_warnings(analysis, desk));
    }
    blocks.extend(super::stability::blocks(analysis, desk)?);
    blocks.extend(time(analysis, desk));
    Ok(Section {
        id: "quality".into(),
        title: say!(words, "quality"),
        blocks,
    })
}

fn success(analysis: &Analysis, desk: &mut Desk) -> Block {
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-cell"), Style::Code, 12),
        column(say!(words, "column-planned"), Style::Number, 3),
        column(say!(words, "column-complete"), Style::Number, 3),
        column(say!(words, "column-failed"), Style::Number, 3),
        column(say!(words, "column-interrupted"), Style::Number, 3),
        column(say!(words, "column-missing"), Style::Number, 3),
        column(say!(words, "column-success"), Style::Number, 5),
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
        row.push(number::outcome(words, &cell.success, Scale::PERCENT));
        row
    });
    let provenance = provenance(analysis.cells.iter().map(|cell| &cell.success), words);
    let caption = say!(words, "success-caption", provenance = provenance);
    let marks = analysis.cells.iter().map(|cell| {
        let arm = desk.cell(&cell.experiment, &cell.cell).map(|c| c.arm);
        arm.map_or_else(Mark::default, Mark::of)
    });
    let marks: Vec<_> = marks.collect();
    desk.table("success", caption, columns, rows.collect())
        .marked(marks)
}

fn failures(analysis: &Analysis, desk: &mut Desk) -> Block {
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-trial"), Style::Code, 5),
        column(say!(words, "column-state"), Style::Text, 2),
        column(say!(words, "column-reason"), Style::Code, 7),
    ];
    let rows = analysis.failures.iter().map(|failure| {
        vec![
            text::foreign(&failure.trial),
            say!(words, "trial-state", state = failure.state),
            text::foreign(&failure.reason),
        ]
    });
    let caption = say!(words, "failures-caption");
    desk.table("failure-list", caption, columns, rows.collect())
}

fn log_warnings(analysis: &Analysis, desk: &mut Desk) -> Block {
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-kind"), Style::Text, 3),
        column(say!(words, "column-count"), Style::Number, 1),
        column(say!(words, "column-first-at"), Style::Code, 5),
        column(say!(words, "column-text-there"), Style::Code, 5),
    ];
    let rows = analysis.log_warnings.iter().map(|warning| {
        vec![
            text::foreign(&say!(words, "log-warning-kind", kind = warning.kind)),
            warning.count.to_string(),
            format!("{}:{}", text::foreign(&warning.file), warning.line),
            text::foreign(&warning.text),
        ]
    });
    let caption = say!(words, "log-warnings-caption");
    desk.table("log-warning-list", caption, columns, rows.collect())
}

/// What the campaign's time went to; nothing of one that doesn't know.
fn time(analysis: &Analysis, desk: &mut Desk) -> Vec<Block> {
    let words = desk.words;
    let cost = &analysis.cost;
    let mut blocks = Vec::new();
    let total = cost.trials_ms();
    if total > 0 {
        let columns = vec![
            column(say!(words, "column-phase"), Style::Text, 3),
            column(say!(words, "column-trials"), Style::Number, 2),
            column(say!(words, "column-median-s"), Style::Number, 2),
            column(say!(words, "column-longest-s"), Style::Number, 2),
            column(say!(words, "column-total-s"), Style::Number, 2),
            column(say!(words, "column-share-of-time"), Style::Number, 2),
        ];
        let rows = cost.phases.iter().map(|phase| {
            vec![
                say!(words, "phase", phase = phase.phase.name()),
                phase.trials.to_string(),
                seconds(phase.median_ms),
                seconds(phase.longest_ms as f64),
                seconds(phase.total_ms as f64),
                number::fixed(phase.total_ms as f64 / total as f64 * 100.0, 1),
            ]
        });
        let caption = say!(words, "time-caption");
        blocks.push(desk.table("time", caption, columns, rows.collect()));
    }
    let times = |all: &[u64]| {
        let each = all.iter().map(|ms| seconds(*ms as f64));
        let each = each.map(|seconds| say!(words, "time-seconds", seconds = seconds));
        each.reduce(|times, time| say!(words, "time-then", times = times, time = time))
    };
    let built = times(&cost.built_ms);
    blocks.extend(built.map(|times| paragraph(say!(words, "time-built", times = times))));
    let torn_down = times(&cost.torn_down_ms);
    blocks.extend(torn_down.map(|times| paragraph(say!(words, "time-torn-down", times = times))));
    if let Some(skew) = &cost.start_skew {
        blocks.push(paragraph(say!(
            words,
            "start-skew",
            median = number::significant(skew.median_us / 1e3, 3),
            trials = skew.trials,
            largest = number::significant(skew.largest_us as f64 / 1e3, 3)
        )));
    }
    if !blocks.is_empty() {
        blocks.insert(0, heading("time-spent", say!(words, "time-spent")));
    }
    blocks
}

fn seconds(ms: f64) -> String {
    number::significant(ms / 1e3, 3)
}
