//! What the campaign says of claims: a line on the first page, a section, and the same for a
//! terminal.

use vnicbench_analysis::{
    Analysis, ClaimCell, ClaimResult, ClaimVerdict, Finding, Metric, Panel, Untestable,
};
use vnicbench_model::{Basis, Claim, ClaimDirection, Estimand};

use super::panels::provenance;
use super::{Block, Desk, Mark, Section, Style, column, note, paragraph};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

/// The section; none where there are no claims.
pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Option<Section> {
    let results = &analysis.claims;
    if results.is_empty() {
        return None;
    }
    let words = desk.words;
    let mut blocks = vec![
        paragraph(summary(results, words)),
        note(say!(words, "claims-rule")),
    ];
    if results.iter().any(|r| r.claim.basis == Basis::Expected) {
        blocks.push(note(say!(words, "claims-expected")));
    }
    let columns = vec![
        column(say!(words, "column-claim"), Style::Code, 3),
        column(say!(words, "column-in-words"), Style::Text, 6),
        column(say!(words, "column-holds-if"), Style::Text, 3),
        column(say!(words, "column-verdict"), Style::Text, 3),
    ];
    let rows = results.iter().map(|result| {
        let claim = &result.claim;
        vec![
            text::foreign(&claim.id),
            say!(
                words,
                "claim-and-source",
                claim = text::foreign(&claim.text),
                source = source(claim, words)
            ),
            asserted(claim, words),
            verdict(result, words),
        ]
    });
    let caption = say!(words, "claims-table");
    blocks.push(desk.table("claims-table", caption, columns, rows.collect()));
    let (information, tests): (Vec<_>, Vec<_>) = results
        .iter()
        .partition(|result| result.indicated.is_some());
    blocks.extend(cells(&tests, false, &analysis.panels, desk));
    blocks.extend(cells(&information, true, &analysis.panels, desk));
    Some(Section {
        id: "claims".into(),
        title: say!(words, "claims"),
        blocks,
    })
}

/// `3 claims: 1 supported, 2 not testable here.`
pub(super) fn summary(results: &[ClaimResult], words: &Words) -> String {
    let order = ["supported", "contradicted", "inconclusive", "not-testable"];
    let counts = order.into_iter().filter_map(|verdict| {
        let of = |result: &&ClaimResult| key(&result.verdict) == verdict;
        let n = results.iter().filter(of).count();
        (n > 0).then(|| say!(words, "claims-counted", n = n, verdict = verdict))
    });
    let counts: Vec<String> = counts.collect();
    say!(
        words,
        "claims-summary",
        n = results.len(),
        counts = counts.join(", ")
    )
}

/// What messages know a verdict by.
fn key(verdict: &ClaimVerdict) -> &'static str {
    match verdict {
        ClaimVerdict::Supported => "supported",
        ClaimVerdict::Contradicted => "contradicted",
        ClaimVerdict::Inconclusive => "inconclusive",
        ClaimVerdict::NotTestable { .. } => "not-testable",
    }
}

/// What messages know a finding by.
fn finding_key(finding: Option<Finding>) -> &'static str {
    match finding {
        Some(Finding::Supports) => "supports",
        Some(Finding::Contradicts) => "contradicts",
        Some(Finding::NoDifference) => "no-difference",
        Some(Finding::Undecided) => "undecided",
        None => "none",
    }
}

fn finding(finding: Finding, words: &Words) -> String {
    let key = finding_key(Some(finding));
    say!(words, "claim-finding", finding = key)
}

/// The verdicts for a terminal, a claim a paragraph.
pub(crate) fn plain(results: &[ClaimResult], words: &Words) -> String {
    let mut plain = format!("{}\n", summary(results, words));
    let width = results.iter().map(|r| r.claim.id.len()).max().unwrap_or(0);
    for result in results {
        let (id, verdict) = (text::foreign(&result.claim.id), verdict(result, words));
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
            format!("  {}", source(claim, words)),
            say!(
                words,
                "claims-plain-holds",
                asserted = asserted(claim, words)
            ),
        ];
        plain.push_str(&head.join("\n"));
        plain.push('\n');
        if result.indicated.is_some() {
            plain.push_str(&say!(words, "claims-plain-information"));
            plain.push('\n');
        }
        for cell in &result.cells {
            let scale = scale(claim, cell);
            let basis = cell
                .estimate
                .estimate()
                .map_or_else(String::new, |estimate| {
                    say!(
                        words,
                        "claims-plain-basis",
                        n = estimate.n(),
                        level = estimate.level().to_string(),
                        method = terms::method(words, estimate.method())
                    )
                });
            let said = cell
                .finding
                .map_or_else(String::new, |said| format!(": {}", finding(said, words)));
            let adjusted = match (result.cells.len(), cell.p, cell.adjusted_p) {
                (2.., Some(p), Some(adjusted)) => say!(
                    words,
                    "claims-plain-adjusted",
                    p = share(p),
                    adjusted = share(adjusted)
                ),
                _ => String::new(),
            };
            let unit = match scale.unit {
                "" => String::new(),
                _ => format!(" {}", scale.unit(words)),
            };
            plain.push_str(&format!(
                "    {}: {}{unit}{basis}{said}{adjusted}\n",
                compared(cell, words),
                number::outcome(words, &cell.estimate, scale),
            ));
        }
    }
    plain
}

fn source(claim: &Claim, words: &Words) -> String {
    let source = text::foreign(&claim.source);
    match claim.basis {
        Basis::Reported => source,
        Basis::Expected => say!(words, "claim-source-expected", source = source),
    }
}

/// The verdict with its reason.
fn verdict(result: &ClaimResult, words: &Words) -> String {
    let cells = result.cells.len();
    let saying = |finding: Option<Finding>| {
        let of = |cell: &&ClaimCell| cell.finding == finding;
        result.cells.iter().filter(of).count()
    };
    let verdict = say!(words, "claim-verdict", verdict = key(&result.verdict));
    let why = match &result.verdict {
        ClaimVerdict::NotTestable { reason } => untestable(reason, words),
        ClaimVerdict::Inconclusive if cells == 1 && saying(Some(Finding::NoDifference)) == 1 => {
            say!(words, "claim-no-difference")
        }
        _ if cells == 1 => return verdict,
        _ => {
            let findings = [
                Some(Finding::Supports),
                Some(Finding::Contradicts),
                Some(Finding::NoDifference),
                Some(Finding::Undecided),
                None,
            ];
            let parts = findings.into_iter().filter_map(|finding| {
                let (n, key) = (saying(finding), finding_key(finding));
                (n > 0).then(|| say!(words, "claim-cells-finding", n = n, finding = key))
            });
            let parts: Vec<String> = parts.collect();
            say!(
                words,
                "claim-of-cells",
                cells = cells,
                parts = parts.join(", ")
            )
        }
    };
    say!(words, "claim-verdict-why", verdict = verdict, why = why)
}

fn untestable(reason: &Untestable, words: &Words) -> String {
    let why = match *reason {
        Untestable::TooFewTrials { n, needs } => {
            return say!(words, "claim-too-few-trials", n = n, needs = needs);
        }
        Untestable::Emulated => "emulated",
        Untestable::Synthetic => "synthetic",
        Untestable::NoCells => "no-cells",
        Untestable::NoCounterparts => "no-counterparts",
        Untestable::NoMetric => "no-metric",
        Untestable::NoValues => "no-values",
        Untestable::NoLineRate => "no-line-rate",
    };
    say!(words, "claim-untestable", why = why)
}

/// Where the number lies by the claim.
fn asserted(claim: &Claim, words: &Words) -> String {
    let metric = Metric::named(&claim.metric);
    let unit = metric.map_or_else(String::new, |metric| terms::unit(words, metric.unit()));
    let (estimand, unit) = match claim.estimand {
        Estimand::Ratio => ("ratio", String::new()),
        Estimand::Difference => ("difference", unit),
        Estimand::Slope if claim.arms.denominator.is_some() => ("slope-difference", unit),
        Estimand::Slope => ("slope", unit),
        Estimand::FractionOfLineRate => ("fraction-of-line-rate", String::new()),
    };
    let (low, high) = claim.band();
    let [low, high] = [low, high].map(|end| match unit.as_str() {
        "" => number::significant(end, 3),
        unit => format!("{} {unit}", number::significant(end, 3)),
    });
    let direction = match claim.direction {
        ClaimDirection::Lower => "lower",
        ClaimDirection::Higher => "higher",
        ClaimDirection::Equivalent => "equivalent",
        ClaimDirection::AtMost => "at-most",
        ClaimDirection::AtLeast => "at-least",
    };
    let metric = metric.map_or_else(
        || text::foreign(&claim.metric),
        |metric| terms::metric(words, metric),
    );
    say!(
        words,
        "claim-asserted",
        estimand = estimand,
        direction = direction,
        low = low,
        high = high,
        metric = metric
    )
}

/// What the cells say of claims, as a test or for information only. Each leads to its values.
fn cells(
    results: &[&ClaimResult],
    indicated: bool,
    panels: &[Panel],
    desk: &mut Desk,
) -> Option<Block> {
    let cells = || {
        results
            .iter()
            .flat_map(|result| result.cells.iter().map(|cell| (&result.claim, cell)))
    };
    cells().next()?;
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-cell"), Style::Code, 6),
        column(say!(words, "column-claim"), Style::Code, 3),
        column(say!(words, "column-estimate"), Style::Number, 3),
        column(say!(words, "column-interval"), Style::Number, 4),
        column(say!(words, "column-n"), Style::Number, 1),
        column(say!(words, "column-level"), Style::Number, 2),
        column(say!(words, "column-by-itself"), Style::Text, 3),
        column(say!(words, "column-against-p"), Style::Number, 2),
        column(say!(words, "column-adjusted"), Style::Number, 2),
    ];
    let rows = cells().map(|(claim, cell)| {
        let scale = scale(claim, cell);
        let [value, interval, n, level] = super::panels::numbers(&cell.estimate, scale, words);
        let value = match cell.estimate.estimate() {
            Some(_) if !scale.unit.is_empty() => format!("{value} {}", scale.unit(words)),
            _ => value,
        };
        let or_dash = |p: Option<f64>| p.map_or_else(|| "–".to_owned(), share);
        vec![
            compared(cell, words),
            text::foreign(&claim.id),
            value,
            interval,
            n,
            level,
            cell.finding
                .map_or_else(|| "–".to_owned(), |said| finding(said, words)),
            or_dash(cell.p),
            or_dash(cell.adjusted_p),
        ]
    });
    let marks = cells().map(|(_, cell)| {
        let panel = panels.iter().find(|panel| panel.id == cell.panel);
        panel.map_or_else(Mark::default, |panel| {
            Mark::default().sourced(panel, &cell.cell)
        })
    });
    let provenance = provenance(cells().map(|(_, cell)| &cell.estimate), words);
    let (id, caption) = match indicated {
        false => (
            "claims-cells",
            say!(words, "claims-cells", provenance = provenance),
        ),
        true => (
            "claims-information",
            say!(words, "claims-information", provenance = provenance),
        ),
    };
    let table = desk.table(id, caption, columns, rows.collect());
    Some(table.marked(marks))
}

/// A p-value.
fn share(p: f64) -> String {
    match p {
        p if p < 0.0001 => "< 0.0001".to_owned(),
        p => number::significant(p, 2),
    }
}

fn compared(cell: &ClaimCell, words: &Words) -> String {
    let name = text::foreign(&format!("{}/{}", cell.experiment, cell.cell));
    match &cell.counterpart {
        None => name,
        Some(other) => say!(
            words,
            "cell-with",
            cell = name,
            other = text::foreign(other)
        ),
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
