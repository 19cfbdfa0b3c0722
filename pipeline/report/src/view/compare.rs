//! Two campaigns as a report: what differs between them, and what became of each cell.

use serde_json::Value;
use vnicbench_analysis::Metric;
use vnicbench_analysis::compare::{Alone, CampaignComparison, CellComparison, Side};
use vnicbench_model::Testbed;
use vnicbench_stats::{Outcome, Verdict};

use super::panels::provenance;
use super::{
    Block, Desk, Section, Style, Ui, View, column, fact, heading, labels, note, paragraph,
};
use crate::figure::groups::{self, Kind};
use crate::figure::{Figure, FigureError};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

/// Makes the view of a comparison.
///
/// # Errors
///
/// As any figure's.
pub(crate) fn build(
    comparison: &CampaignComparison,
    words: &Words,
) -> Result<(View, Vec<Figure>), FigureError> {
    let mut desk = Desk::new(words);
    let desk = &mut desk;
    let mut sections = vec![glance(comparison, desk), differences(comparison, desk)];
    sections.push(cells(comparison, desk)?);
    sections.extend(unmatched(comparison, desk));
    sections.push(methods(comparison, words));
    let sides = [&comparison.first, &comparison.second];
    let testbed = sides.map(|side| side.testbed).into_iter().max();
    let [first, second] = sides.map(|side| text::foreign(&side.name));
    let view = View {
        language: words.language().code(),
        arms: Vec::new(),
        ui: Ui::of(words),
        campaign: say!(words, "compare-campaigns", first = first, second = second),
        title: say!(words, "compare-title"),
        description: say!(words, "compare-description", first = first, second = second),
        date: super::date(&comparison.second.started),
        byline: sides.map(|side| byline(side, words)).join("; "),
        banner: testbed.and_then(|testbed| super::banner(testbed, words)),
        labels: labels(words),
        sections,
    };
    Ok((view, std::mem::take(&mut desk.figures)))
}

fn byline(side: &Side, words: &Words) -> String {
    say!(
        words,
        "compare-byline",
        name = text::foreign(&side.name),
        started = text::foreign(&side.started)
    )
}

fn glance(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Section {
    let words = desk.words;
    let side = |side: &Side| {
        let testbed = match side.testbed {
            Testbed::Attached => "attached",
            Testbed::Emulated => "emulated",
            Testbed::Synthetic => "synthetic",
        };
        say!(
            words,
            "compare-side",
            byline = byline(side, words),
            matrix = text::foreign(&side.matrix),
            testbed = testbed,
            complete = side.complete,
            planned = side.planned
        )
    };
    let threshold = format!("{} %", percent(comparison.threshold));
    let mut blocks = vec![
        Block::Facts {
            items: vec![
                fact(say!(words, "fact-first"), side(&comparison.first)),
                fact(say!(words, "fact-second"), side(&comparison.second)),
                fact(say!(words, "fact-threshold"), threshold),
            ],
        },
        paragraph(summary(comparison, words)),
    ];
    if comparison.first.testbed != comparison.second.testbed {
        blocks.push(note(say!(words, "compare-testbeds-differ")));
    }
    let changed: Vec<&CellComparison> = comparison
        .with(Verdict::Worse)
        .chain(comparison.with(Verdict::Better))
        .collect();
    if !changed.is_empty() {
        let caption = say!(words, "compare-changes", made = made(&changed, words));
        blocks.push(table("changes", caption, &changed, true, desk));
    }
    section("glance", say!(words, "glance"), blocks)
}

/// `54 comparisons: 1 worse, 53 inconclusive.`
fn summary(comparison: &CampaignComparison, words: &Words) -> String {
    let cells = &comparison.cells;
    let verdicts = [
        (Some(Verdict::Worse), "worse"),
        (Some(Verdict::Better), "better"),
        (Some(Verdict::Equivalent), "equivalent"),
        (Some(Verdict::Inconclusive), "inconclusive"),
        (None, "none"),
    ];
    let counts = verdicts.into_iter().filter_map(|(verdict, key)| {
        let of = |cell: &&CellComparison| cell.adjusted_verdict == verdict;
        let n = cells.iter().filter(of).count();
        (n > 0).then(|| say!(words, "compare-counted", n = n, verdict = key))
    });
    let counts: Vec<String> = counts.collect();
    let summary = match cells.len() {
        0 => say!(words, "compare-nothing"),
        n => say!(words, "compare-summary", n = n, counts = counts.join(", ")),
    };
    match comparison.unmatched.len() {
        0 => summary,
        n => say!(words, "compare-unmatched", summary = summary, n = n),
    }
}

fn differences(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Section {
    let words = desk.words;
    let blocks = match comparison.differences.as_slice() {
        [] => vec![paragraph(say!(words, "compare-differs-nothing"))],
        differences => {
            let columns = vec![
                column(say!(words, "column-what"), Style::Code, 4),
                column(say!(words, "column-first"), Style::Code, 5),
                column(say!(words, "column-second"), Style::Code, 5),
            ];
            let rows = differences.iter().map(|difference| {
                vec![
                    text::foreign(&difference.place),
                    value(&difference.before, words),
                    value(&difference.after, words),
                ]
            });
            let caption = say!(words, "compare-differs-caption");
            vec![
                paragraph(say!(words, "compare-differs-reading")),
                desk.table("differences", caption, columns, rows.collect()),
            ]
        }
    };
    section("differs", say!(words, "compare-differs"), blocks)
}

fn value(value: &Value, words: &Words) -> String {
    match value {
        Value::Null => say!(words, "value-none"),
        Value::String(text) => text::foreign(text),
        other => text::foreign(&other.to_string()),
    }
}

fn cells(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Result<Section, FigureError> {
    let words = desk.words;
    let mut blocks = Vec::new();
    for &metric in Metric::ALL {
        let of_metric: Vec<&CellComparison> = comparison
            .cells
            .iter()
            .filter(|cell| cell.metric == metric)
            .collect();
        if of_metric.is_empty() {
            continue;
        }
        let name = terms::metric(words, metric);
        blocks.push(heading(&format!("metric-{}", metric.name()), name.as_str()));
        let caption = say!(
            words,
            "compare-metric-caption",
            metric = name,
            better = terms::better(metric),
            made = made(&of_metric, words)
        );
        let id = format!("{}-table", metric.name());
        if metric.has_ratio() {
            blocks.extend(figure(&id, metric, &of_metric, comparison.threshold, desk)?);
        }
        blocks.push(table(&id, caption, &of_metric, false, desk));
    }
    if blocks.is_empty() {
        blocks.push(paragraph(say!(words, "compare-cells-none")));
    }
    blocks.extend(warnings(comparison, words));
    Ok(section("cells", say!(words, "compare-cells"), blocks))
}

/// The changes of a metric by experiment, at most as many as a page has room for: those of which
/// most is known first.
fn figure(
    table: &str,
    metric: Metric,
    cells: &[&CellComparison],
    threshold: f64,
    desk: &mut Desk<'_>,
) -> Result<Option<Block>, FigureError> {
    let words = desk.words;
    // How far from one the nearer end of its interval is, if one isn't in it.
    let sure = |cell: &CellComparison| {
        let interval = cell.change.estimate()?.interval();
        let (low, high) = (interval.low().ln(), interval.high().ln());
        Some(low.max(-high).max(0.0))
    };
    let mut by_change: Vec<(f64, &CellComparison)> = cells
        .iter()
        .filter_map(|cell| Some((sure(cell)?, *cell)))
        .collect();
    by_change.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let mut shown: Vec<groups::Group<'_>> = Vec::new();
    let mut lines = 0;
    for (_, cell) in by_change {
        let known = shown
            .iter()
            .position(|g| g.heading == text::foreign(&cell.experiment));
        let needed = if known.is_none() { 2 } else { 1 };
        if lines + needed > groups::MOST_LINES {
            continue;
        }
        lines += needed;
        let at = known.unwrap_or_else(|| {
            shown.push(groups::Group {
                heading: text::foreign(&cell.experiment),
                rows: Vec::new(),
            });
            shown.len() - 1
        });
        if let Some(group) = shown.get_mut(at) {
            group.rows.push(groups::Row {
                arm: cell.arm,
                label: text::foreign(&cell.cell),
                outcome: &cell.change,
            });
        }
    }
    if shown.is_empty() {
        return Ok(None);
    }
    let drawn: usize = shown.iter().map(|group| group.rows.len()).sum();
    let metric_name = terms::metric(words, metric);
    let title = say!(words, "compare-figure-title", metric = metric_name);
    let axis = say!(
        words,
        "compare-figure-axis",
        metric = metric_name,
        better = terms::better(metric)
    );
    let kind = Kind::Ratios(threshold);
    let id = format!("{}-changes", metric.name());
    let figure = groups::draw(&id, title.clone(), &axis, kind, &shown, words)?;
    let outcomes = cells.iter().map(|cell| &cell.change);
    let caption = say!(
        words,
        "compare-figure-caption",
        title = title,
        threshold = percent(threshold),
        drawn = drawn,
        of = cells.len(),
        provenance = provenance(outcomes, words)
    );
    Ok(Some(desk.figure_of(figure, caption, table)))
}

/// What a reader must know beside the numbers, each with how many comparisons it is said of.
fn warnings(comparison: &CampaignComparison, words: &Words) -> Vec<Block> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let estimates = comparison
        .cells
        .iter()
        .filter_map(|cell| cell.change.estimate());
    for warning in estimates.flat_map(|estimate| estimate.warnings()) {
        let warning = terms::warning(words, warning);
        match counts.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, n)) => *n += 1,
            None => counts.push((warning, 1)),
        }
    }
    if counts.is_empty() {
        return Vec::new();
    }
    let items = counts.into_iter().map(|(warning, n)| {
        let warning = text::foreign(&warning);
        say!(words, "compare-warning", n = n, warning = warning)
    });
    let items = items.collect();
    vec![
        paragraph(say!(words, "compare-warnings")),
        Block::List { items },
    ]
}

/// How the changes of cells were made.
fn made(cells: &[&CellComparison], words: &Words) -> String {
    let together = cells.iter().find_map(|cell| cell.simultaneous.estimate());
    let level = together.map(|estimate| percent(estimate.level().get()));
    say!(
        words,
        "compare-made",
        provenance = provenance(cells.iter().map(|cell| &cell.change), words),
        level = terms::or_none(level)
    )
}

/// Cells of one metric, or of any.
fn table(
    id: &str,
    caption: String,
    cells: &[&CellComparison],
    mixed: bool,
    desk: &mut Desk<'_>,
) -> Block {
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-cell"), Style::Code, 6),
        column(say!(words, "column-first"), Style::Number, 4),
        column(say!(words, "column-second"), Style::Number, 4),
        column(say!(words, "column-change"), Style::Number, 4),
        column(say!(words, "column-n"), Style::Number, 1),
        column(say!(words, "column-by-itself"), Style::Text, 3),
        column(say!(words, "column-all-together"), Style::Number, 3),
        column(say!(words, "column-verdict"), Style::Text, 3),
    ];
    let rows = cells.iter().map(|cell| {
        let values = [&cell.first, &cell.second].map(|outcome| {
            let estimate = outcome.estimate()?;
            Some(estimate.value())
        });
        let scale = Scale::of(cell.metric, values.into_iter().flatten());
        let change = match cell.metric.has_ratio() {
            true => Scale::PLAIN,
            false => scale,
        };
        let name = format!("{}/{}", cell.experiment, cell.cell);
        let name = match mixed {
            true => format!("{name}: {}", cell.metric.name()),
            false => name,
        };
        let or_dash = |verdict: Option<Verdict>| {
            verdict.map_or_else(|| "–".to_owned(), |verdict| terms::verdict(words, verdict))
        };
        let shown = |outcome: &Outcome, scale: Scale| {
            let unit = match outcome.estimate() {
                Some(_) if !scale.unit.is_empty() => format!(" {}", scale.unit(words)),
                _ => String::new(),
            };
            format!("{}{unit}", number::outcome(words, outcome, scale))
        };
        let together = match &cell.simultaneous {
            Outcome::Estimate(estimate) => number::estimate(estimate, change).interval,
            Outcome::Insufficient(few) => terms::insufficient(words, few),
        };
        vec![
            text::foreign(&name),
            shown(&cell.first, scale),
            shown(&cell.second, scale),
            shown(&cell.change, change),
            sizes(&cell.change),
            or_dash(cell.verdict),
            together,
            or_dash(cell.adjusted_verdict),
        ]
    });
    desk.table(id, caption, columns, rows.collect())
}

/// Trials in both: first, second.
fn sizes(change: &Outcome) -> String {
    match change {
        Outcome::Insufficient(few) => few.n.to_string(),
        Outcome::Estimate(estimate) => match estimate.other_n() {
            Some(other) if other != estimate.n() => format!("{other}, {}", estimate.n()),
            _ => estimate.n().to_string(),
        },
    }
}

fn unmatched(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Option<Section> {
    if comparison.unmatched.is_empty() {
        return None;
    }
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-cell"), Style::Code, 6),
        column(say!(words, "column-why"), Style::Text, 6),
    ];
    let rows = comparison.unmatched.iter().map(|cell| {
        let reason = match cell.reason {
            Alone::OnlyInFirst => "only-in-first",
            Alone::OnlyInSecond => "only-in-second",
            Alone::OtherWorkload => "other-workload",
            Alone::OtherTuning => "other-tuning",
        };
        let name = format!("{}/{}", cell.experiment, cell.cell);
        vec![
            text::foreign(&name),
            say!(words, "compare-alone-why", reason = reason),
        ]
    });
    let caption = say!(words, "compare-alone-caption");
    let table = desk.table("unmatched", caption, columns, rows.collect());
    Some(section("alone", say!(words, "compare-alone"), vec![table]))
}

fn methods(comparison: &CampaignComparison, words: &Words) -> Section {
    let items = vec![
        say!(words, "compare-methods-samples"),
        say!(
            words,
            "compare-methods-verdict",
            percent = percent(comparison.threshold),
            share = number::significant(comparison.threshold, 3)
        ),
        say!(
            words,
            "compare-methods-levels",
            level = comparison.level.to_string(),
            n = comparison.cells.len(),
            each = percent(comparison.simultaneous_level.get())
        ),
        say!(words, "compare-methods-else"),
    ];
    section(
        "methods",
        say!(words, "compare-methods"),
        vec![Block::List { items }],
    )
}

fn percent(share: f64) -> String {
    number::significant(100.0 * share, 7)
}

fn section(id: &str, title: String, blocks: Vec<Block>) -> Section {
    Section {
        id: id.to_owned(),
        title,
        blocks,
    }
}
