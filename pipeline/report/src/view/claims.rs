//! What the campaign says of claims: a line on the first page, a section, and the same for a
//! terminal.

use vnicbench_analysis::{ClaimCell, ClaimResult, ClaimVerdict, Finding, Metric};
use vnicbench_model::{Basis, Claim, ClaimDirection, Estimand};
use vnicbench_stats::Outcome;

use super::panels::provenance;
use super::{Block, Desk, Section, Style, column, note, paragraph};
use crate::number::{self, Scale};
use crate::text;

/// How claims are judged.
const RULE: &str = "A claim is judged by the interval of what it is about against the values that are as good as the \
    claimed one, which are those within its tolerance. It is supported if the interval of every cell that it is about lies \
    where the claim says, and contradicted if that of one lies where it can't, with all its cells as a family adjusted by \
    Holm; otherwise it is inconclusive. Whether two intervals overlap is never asked.";

/// The section; none where there are no claims.
pub(super) fn section(results: &[ClaimResult], desk: &mut Desk) -> Option<Section> {
    if results.is_empty() {
        return None;
    }
    let mut blocks = vec![paragraph(summary(results)), note(RULE)];
    if results.iter().any(|r| r.claim.basis == Basis::Expected) {
        blocks.push(note(
            "Of a claim that is marked as expected the source asks the question; which way it answers isn't at hand, and the \
             direction is what its reasoning leads one to expect.",
        ));
    }
    let columns = vec![
        column("Claim", Style::Code, 3),
        column("In words, and whose", Style::Text, 6),
        column("Holds if", Style::Text, 3),
        column("Verdict", Style::Text, 3),
    ];
    let rows = results.iter().map(|result| {
        let claim = &result.claim;
        vec![
            text::foreign(&claim.id),
            format!("{} ({})", text::foreign(&claim.text), source(claim)),
            capitalised(&asserted(claim)),
            verdict(result),
        ]
    });
    blocks.push(desk.table(
        "claims-table",
        "Claims and what this campaign says of them.",
        columns,
        rows.collect(),
    ));
    let (information, tests): (Vec<_>, Vec<_>) = results
        .iter()
        .partition(|result| result.indicated.is_some());
    let caption = "What each cell says of each claim";
    blocks.extend(details("claims-cells", caption, &tests, desk));
    let caption = "No test, since the test bed is emulated: what its numbers would say. Information about this test bed only";
    blocks.extend(details("claims-information", caption, &information, desk));
    Some(Section {
        id: "claims".into(),
        title: "Claims".into(),
        blocks,
    })
}

/// `3 claims: 1 supported, 2 not testable here.`
pub(super) fn summary(results: &[ClaimResult]) -> String {
    let mut counts: Vec<(String, usize)> = Vec::new();
    let order = [
        "supported",
        "contradicted",
        "inconclusive",
        "not testable here",
    ];
    for verdict in order {
        let n = results
            .iter()
            .filter(|r| r.verdict.to_string() == verdict)
            .count();
        if n > 0 {
            counts.push((verdict.to_owned(), n));
        }
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(verdict, n)| format!("{n} {verdict}"))
        .collect();
    format!(
        "{}: {}.",
        number::count(results.len() as u64, "claim"),
        counts.join(", ")
    )
}

/// The verdicts for a terminal, a claim a paragraph.
pub(crate) fn plain(results: &[ClaimResult]) -> String {
    let mut plain = format!("{}\n", summary(results));
    let width = results.iter().map(|r| r.claim.id.len()).max().unwrap_or(0);
    for result in results {
        let (id, verdict) = (text::foreign(&result.claim.id), verdict(result));
        plain.push_str(&format!("  {id:width$}  {verdict}\n"));
    }
    for result in results {
        let claim = &result.claim;
        let head = [
            format!(
                "\n{}: {}",
                text::foreign(&claim.id),
                text::foreign(&claim.text)
            ),
            format!("  {}", source(claim)),
            format!("  holds if: {}", asserted(claim)),
        ];
        plain.push_str(&head.join("\n"));
        plain.push('\n');
        if result.indicated.is_some() {
            plain.push_str("  no test, but for information, the numbers of this test bed:\n");
        }
        for cell in &result.cells {
            let unit = scale(claim, cell);
            let n = match &cell.estimate {
                Outcome::Estimate(e) => format!(" (n = {}, {}, {})", e.n(), e.level(), e.method()),
                Outcome::Insufficient(_) => String::new(),
            };
            let said = cell
                .finding
                .map_or_else(String::new, |finding| format!(": {finding}"));
            let adjusted = match (result.cells.len(), cell.p, cell.adjusted_p) {
                (2.., Some(p), Some(adjusted)) => {
                    format!(
                        "; against it p = {}, adjusted {}",
                        share(p),
                        share(adjusted)
                    )
                }
                _ => String::new(),
            };
            let unit_name = if unit.unit.is_empty() {
                String::new()
            } else {
                format!(" {}", unit.unit)
            };
            plain.push_str(&format!(
                "    {}: {}{unit_name}{n}{said}{adjusted}\n",
                compared(cell),
                number::outcome(&cell.estimate, unit),
            ));
        }
    }
    plain
}

fn source(claim: &Claim) -> String {
    let source = text::foreign(&claim.source);
    match claim.basis {
        Basis::Reported => source,
        Basis::Expected => format!("{source}; expected"),
    }
}

/// The verdict with its reason.
fn verdict(result: &ClaimResult) -> String {
    let cells = result.cells.len();
    let saying = |finding| {
        let of = |cell: &&ClaimCell| cell.finding == Some(finding);
        result.cells.iter().filter(of).count()
    };
    let verdict = &result.verdict;
    match verdict {
        ClaimVerdict::NotTestable { reason } => format!("{verdict}: {reason}"),
        ClaimVerdict::Supported if cells == 1 => verdict.to_string(),
        ClaimVerdict::Contradicted if cells == 1 => verdict.to_string(),
        ClaimVerdict::Inconclusive if cells == 1 && saying(Finding::NoDifference) == 1 => {
            format!("{verdict}: no difference that matters")
        }
        ClaimVerdict::Inconclusive if cells == 1 => verdict.to_string(),
        _ => {
            let parts = [
                (saying(Finding::Supports), "support it"),
                (saying(Finding::Contradicts), "contradict it"),
                (
                    saying(Finding::NoDifference),
                    "show no difference that matters",
                ),
                (saying(Finding::Undecided), "are undecided"),
                (
                    result.cells.iter().filter(|c| c.finding.is_none()).count(),
                    "have too few trials",
                ),
            ];
            let parts = parts.iter().filter(|(n, _)| *n > 0);
            let parts: Vec<String> = parts.map(|(n, what)| format!("{n} {what}")).collect();
            format!("{verdict}: of {cells} cells {}", parts.join(", "))
        }
    }
}

/// Where the number lies by the claim, in words.
fn asserted(claim: &Claim) -> String {
    let unit = Metric::named(&claim.metric).map_or("", Metric::unit);
    let (what, unit) = match claim.estimand {
        Estimand::Ratio => ("ratio", ""),
        Estimand::Difference => ("difference", unit),
        Estimand::Slope if claim.arms.denominator.is_some() => {
            ("difference of what each further instance adds", unit)
        }
        Estimand::Slope => ("what each further instance adds", unit),
        Estimand::FractionOfLineRate => ("share of the line rate", ""),
    };
    let of = Metric::named(&claim.metric)
        .map_or_else(|| text::foreign(&claim.metric), |m| m.label().to_owned());
    let (low, high) = claim.band();
    let [low, high] = [low, high].map(|end| match unit {
        "" => number::significant(end, 3),
        unit => format!("{} {unit}", number::significant(end, 3)),
    });
    let place = match claim.direction {
        ClaimDirection::Lower => format!("below {low}"),
        ClaimDirection::Higher => format!("above {high}"),
        ClaimDirection::Equivalent => format!("from {low} to {high}"),
        ClaimDirection::AtMost => format!("at most {high}"),
        ClaimDirection::AtLeast => format!("at least {low}"),
    };
    format!("{what} {place} ({of})")
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

fn details(id: &str, caption: &str, results: &[&ClaimResult], desk: &mut Desk) -> Option<Block> {
    let cells = || {
        results
            .iter()
            .flat_map(|result| result.cells.iter().map(|cell| (&result.claim, cell)))
    };
    cells().next()?;
    let columns = vec![
        column("Claim", Style::Code, 3),
        column("Cell", Style::Code, 6),
        column("Estimate", Style::Number, 3),
        column("Interval", Style::Number, 4),
        column("n", Style::Number, 1),
        column("Level", Style::Number, 2),
        column("By itself", Style::Text, 3),
        column("Against it: p", Style::Number, 2),
        column("Adjusted", Style::Number, 2),
    ];
    let rows = cells().map(|(claim, cell)| {
        let scale = scale(claim, cell);
        let [value, interval, n, level] = super::panels::numbers(&cell.estimate, scale);
        let value = match cell.estimate.estimate() {
            Some(_) if !scale.unit.is_empty() => format!("{value} {}", scale.unit),
            _ => value,
        };
        let or_dash = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), share);
        vec![
            text::foreign(&claim.id),
            compared(cell),
            value,
            interval,
            n,
            level,
            cell.finding
                .map_or_else(|| "–".to_owned(), |finding| finding.to_string()),
            or_dash(cell.p),
            or_dash(cell.adjusted_p),
        ]
    });
    let caption = format!(
        "{caption}. {}. Its values are in its experiment's section and, with their logs, under “Where each value comes from”.",
        provenance(cells().map(|(_, cell)| &cell.estimate))
    );
    Some(desk.table(id, &caption, columns, rows.collect()))
}

/// A p-value.
fn share(p: f64) -> String {
    match p {
        p if p < 0.0001 => "< 0.0001".to_owned(),
        p => number::significant(p, 2),
    }
}

fn compared(cell: &ClaimCell) -> String {
    let name = text::foreign(&format!("{}/{}", cell.experiment, cell.cell));
    match &cell.counterpart {
        None => name,
        Some(other) => format!("{name} with {}", text::foreign(other)),
    }
}

/// A ratio or share has no unit, a difference or slope that of its metric.
fn scale(claim: &Claim, cell: &ClaimCell) -> Scale {
    let metric = match claim.estimand {
        Estimand::Difference | Estimand::Slope => Metric::named(&claim.metric),
        Estimand::Ratio | Estimand::FractionOfLineRate => None,
    };
    let value = cell.estimate.estimate().map(|estimate| estimate.value());
    metric.map_or(Scale::PLAIN, |metric| Scale::of(metric, value.into_iter()))
}
