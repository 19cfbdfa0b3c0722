//! Two campaigns as a report: what differs between them, and what became of each cell.

use serde_json::Value;
use vnicbench_analysis::Metric;
use vnicbench_analysis::compare::{Alone, CampaignComparison, CellComparison, Side};
use vnicbench_model::Testbed;
use vnicbench_stats::{Outcome, Verdict};

use super::panels::provenance;
use super::{Block, Desk, Section, Style, Ui, View, column, fact, labels, note, paragraph};
use crate::number::{self, Scale};
use crate::text;
use crate::words::Words;

/// Makes the view of a comparison.
pub(crate) fn build(comparison: &CampaignComparison, words: &Words) -> View {
    let mut desk = Desk::new(words);
    let desk = &mut desk;
    let mut sections = vec![glance(comparison, desk), differences(comparison, desk)];
    sections.push(cells(comparison, desk));
    sections.extend(unmatched(comparison, desk));
    sections.push(methods(comparison));
    let sides = [&comparison.first, &comparison.second];
    let testbed = sides.map(|side| side.testbed).into_iter().max();
    let [first, second] = sides.map(|side| text::foreign(&side.name));
    View {
        language: words.language().code(),
        arms: Vec::new(),
        ui: Ui::of(words),
        campaign: format!("{first} and {second}"),
        title: "Two campaigns compared".to_owned(),
        description: format!("{second} against {first}"),
        date: super::date(&comparison.second.started),
        byline: format!("{}; {}", byline(sides[0]), byline(sides[1])),
        banner: testbed.and_then(|testbed| super::banner(testbed, words)),
        labels: labels(words),
        sections,
    }
}

fn byline(side: &Side) -> String {
    format!(
        "{}, begun {}",
        text::foreign(&side.name),
        text::foreign(&side.started)
    )
}

fn glance(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Section {
    let side = |side: &Side| {
        let testbed = match side.testbed {
            Testbed::Attached => "attached",
            Testbed::Emulated => "emulated",
            Testbed::Synthetic => "synthetic",
        };
        format!(
            "{}, matrix {}, {testbed} test bed, {} of {} trials complete",
            byline(side),
            text::foreign(&side.matrix),
            side.complete,
            side.planned
        )
    };
    let mut blocks = vec![
        Block::Facts {
            items: vec![
                fact("First", side(&comparison.first)),
                fact("Second", side(&comparison.second)),
                fact("Threshold", format!("{} %", percent(comparison.threshold))),
            ],
        },
        paragraph(summary(comparison)),
    ];
    if comparison.first.testbed != comparison.second.testbed {
        blocks.push(note(
            "One ran on an emulated test bed and one on hardware: what they differ in says nothing of either.",
        ));
    }
    let changed: Vec<&CellComparison> = comparison
        .with(Verdict::Worse)
        .chain(comparison.with(Verdict::Better))
        .collect();
    if !changed.is_empty() {
        let caption =
            "Worse first, then better: beyond the threshold with all comparisons together";
        blocks.push(table("changes", caption, &changed, true, desk));
    }
    section("glance", "At a glance", blocks)
}

/// `54 comparisons: 1 worse, 53 inconclusive.`
fn summary(comparison: &CampaignComparison) -> String {
    let cells = &comparison.cells;
    let verdicts = [
        Verdict::Worse,
        Verdict::Better,
        Verdict::Equivalent,
        Verdict::Inconclusive,
    ];
    let mut parts: Vec<String> = verdicts
        .into_iter()
        .map(|verdict| (comparison.with(verdict).count(), verdict))
        .filter(|(n, _)| *n > 0)
        .map(|(n, verdict)| format!("{n} {verdict}"))
        .collect();
    let few = cells
        .iter()
        .filter(|cell| cell.adjusted_verdict.is_none())
        .count();
    if few > 0 {
        parts.push(format!(
            "{few} with too few trials for an interval of so many"
        ));
    }
    let mut summary = match cells.is_empty() {
        true => {
            "Nothing was compared: the campaigns have no cell in common that has a value in both."
                .to_owned()
        }
        false => format!(
            "{} of the second campaign with the first, all together: {}.",
            number::count(cells.len() as u64, "comparison"),
            parts.join(", ")
        ),
    };
    if !comparison.unmatched.is_empty() {
        let n = number::count(comparison.unmatched.len() as u64, "cell");
        summary.push_str(&format!(" Without a partner: {n}."));
    }
    summary
}

fn differences(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Section {
    let blocks = match comparison.differences.as_slice() {
        [] => vec![paragraph(
            "Nothing that is recorded: tool, test bed, hosts, software and the matrices' heads are the same.",
        )],
        differences => {
            let columns = vec![
                column("What", Style::Code, 4),
                column("First", Style::Code, 5),
                column("Second", Style::Code, 5),
            ];
            let rows = differences.iter().map(|difference| {
                vec![
                    text::foreign(&difference.place),
                    value(&difference.before),
                    value(&difference.after),
                ]
            });
            let caption =
                "What isn't the same of tool, test bed, hosts, software and the matrices' heads.";
            vec![
                paragraph("A change of a cell can come of any of these."),
                desk.table("differences", caption, columns, rows.collect()),
            ]
        }
    };
    section("differs", "What differs between the campaigns", blocks)
}

fn value(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text::foreign(text),
        other => text::foreign(&other.to_string()),
    }
}

fn cells(comparison: &CampaignComparison, desk: &mut Desk<'_>) -> Section {
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
        blocks.push(Block::Heading {
            id: format!("metric-{}", metric.name()),
            text: metric.label().to_owned(),
        });
        let better = match metric.lower_is_better() {
            true => "less is better",
            false => "more is better",
        };
        let caption = format!("{}, {better}", metric.label());
        blocks.push(table(
            &format!("{}-table", metric.name()),
            &caption,
            &of_metric,
            false,
            desk,
        ));
    }
    if blocks.is_empty() {
        blocks.push(paragraph("None."));
    }
    blocks.extend(warnings(comparison));
    section("cells", "Cells", blocks)
}

/// What a reader must know beside the numbers, each with how many comparisons it is said of.
fn warnings(comparison: &CampaignComparison) -> Vec<Block> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let estimates = comparison
        .cells
        .iter()
        .filter_map(|cell| cell.change.estimate());
    for warning in estimates.flat_map(|estimate| estimate.warnings()) {
        let warning = warning.to_string();
        match counts.iter_mut().find(|(known, _)| *known == warning) {
            Some((_, n)) => *n += 1,
            None => counts.push((warning, 1)),
        }
    }
    if counts.is_empty() {
        return Vec::new();
    }
    let items = counts.into_iter().map(|(warning, n)| {
        format!(
            "{}: {}",
            number::count(n as u64, "comparison"),
            text::foreign(&warning)
        )
    });
    let items = items.collect();
    vec![
        paragraph("Of these changes a reader must know:"),
        Block::List { items },
    ]
}

/// Cells of one metric, or of any.
fn table(
    id: &str,
    caption: &str,
    cells: &[&CellComparison],
    mixed: bool,
    desk: &mut Desk<'_>,
) -> Block {
    let columns = vec![
        column("Cell", Style::Code, 6),
        column("First", Style::Number, 4),
        column("Second", Style::Number, 4),
        column("Change", Style::Number, 4),
        column("n", Style::Number, 1),
        column("By itself", Style::Text, 3),
        column("All together", Style::Number, 3),
        column("Verdict", Style::Text, 3),
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
            verdict.map_or_else(|| "–".to_owned(), |verdict| verdict.to_string())
        };
        let shown = |outcome: &Outcome, scale: Scale| {
            let unit = match outcome.estimate() {
                Some(_) if !scale.unit.is_empty() => format!(" {}", scale.unit),
                _ => String::new(),
            };
            format!("{}{unit}", number::outcome(outcome, scale))
        };
        let together = match &cell.simultaneous {
            Outcome::Estimate(estimate) => number::estimate(estimate, change).interval,
            Outcome::Insufficient(few) => few.to_string(),
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
    let caption = format!(
        "{caption}. Second over first, of a share or an index second less first. {}; all together {}.",
        provenance(cells.iter().map(|cell| &cell.change)),
        cells
            .iter()
            .find_map(|cell| cell.simultaneous.estimate())
            .map_or_else(
                || "at no level that so few trials reach".to_owned(),
                |e| format!("at {} %", percent(e.level().get()))
            ),
    );
    desk.table(id, &caption, columns, rows.collect())
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
    let columns = vec![
        column("Cell", Style::Code, 6),
        column("Why", Style::Text, 6),
    ];
    let rows = comparison.unmatched.iter().map(|cell| {
        let why = match cell.reason {
            Alone::OnlyInFirst => "only in the first campaign",
            Alone::OnlyInSecond => "only in the second campaign",
            Alone::OtherWorkload => "in both, with another count, duration or warm-up",
            Alone::OtherTuning => "in both, with other levers under the tuning's name",
        };
        let name = format!("{}/{}", cell.experiment, cell.cell);
        vec![text::foreign(&name), why.to_owned()]
    });
    let table = desk.table(
        "unmatched",
        "Cells that were not compared.",
        columns,
        rows.collect(),
    );
    Some(section("alone", "Without a partner", vec![table]))
}

fn methods(comparison: &CampaignComparison) -> Section {
    let threshold = percent(comparison.threshold);
    let items = vec![
        "Blocks of two campaigns have nothing in common, so their trials are two independent samples: the value is the \
         Hodges-Lehmann ratio (of what has none the difference), the interval inverts the Mann-Whitney test."
            .to_owned(),
        format!(
            "Better and worse are said if the whole interval lies beyond {threshold} % (of a share or an index: beyond \
             {} in it), equivalent if it lies within, inconclusive otherwise.",
            number::significant(comparison.threshold, 3)
        ),
        format!(
            "By itself each interval has the level {}. With {} some would miss, so the verdict is by intervals of the level {} %, \
             all of which hold at once at {} or more (Bonferroni).",
            comparison.level,
            number::count(comparison.cells.len() as u64, "comparison"),
            percent(comparison.simultaneous_level.get()),
            comparison.level
        ),
        "What two campaigns differ in beside what was meant to be changed (boots, time, load of the host) is in the change too."
            .to_owned(),
    ];
    section(
        "methods",
        "How this was compared",
        vec![Block::List { items }],
    )
}

fn percent(share: f64) -> String {
    number::significant(100.0 * share, 7)
}

fn section(id: &str, title: &str, blocks: Vec<Block>) -> Section {
    Section {
        id: id.to_owned(),
        title: title.to_owned(),
        blocks,
    }
}
