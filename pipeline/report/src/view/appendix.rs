//! How the numbers were made, and where each comes from.

use std::collections::BTreeMap;

use vnicbench_analysis::{Analysis, Metric, Panel, Row};
use vnicbench_stats::{Method, Outcome};

use super::{
    Block, Desk, Section, Source, SourceValue, Style, anchor_of, column, heading, paragraph,
};
use crate::number;
use crate::words::{Words, say};
use crate::{terms, text};

pub(super) fn methods(analysis: &Analysis, desk: &mut Desk) -> Section {
    let mut methods: Vec<&Method> = Vec::new();
    for outcome in outcomes(analysis) {
        if !methods.contains(&outcome.method()) {
            methods.push(outcome.method());
        }
    }
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-estimate"), Style::Text, 3),
        column(say!(words, "column-interval"), Style::Text, 4),
        column(say!(words, "column-formula"), Style::Text, 7),
    ];
    let rows = methods
        .iter()
        .map(|m| {
            vec![
                terms::statistic(words, &m.statistic),
                terms::interval(words, &m.interval),
                m.source().to_owned(),
            ]
        })
        .collect();
    let caption = say!(words, "methods-caption");
    let table = desk.table("methods-table", caption, columns, rows);
    let mut items = vec![
        say!(words, "methods-unit"),
        say!(
            words,
            "methods-order",
            blocks = super::blocks(analysis),
            seed = analysis.campaign.matrix.seed.to_string()
        ),
        say!(words, "methods-intervals"),
        say!(words, "methods-verdict"),
        say!(words, "methods-families"),
    ];
    items.extend(few_blocks(analysis, words));
    items.extend([say!(words, "methods-gate"), say!(words, "methods-shares")]);
    let has = |wanted: fn(Metric) -> bool| analysis.panels.iter().any(|p| wanted(p.metric));
    if has(|metric| metric == Metric::Fairness) {
        items.push(say!(words, "methods-fairness"));
    }
    if has(Metric::is_of_host) {
        items.push(say!(words, "methods-counters"));
    }
    if analysis.stopped.is_some() {
        items.push(say!(words, "methods-stopped"));
    }
    let reference = paragraph(say!(words, "methods-digits"));
    Section {
        id: "methods".into(),
        title: say!(words, "methods"),
        blocks: vec![Block::List { items }, table, reference],
    }
}

fn outcomes(analysis: &Analysis) -> impl Iterator<Item = &Outcome> {
    let estimates = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.rows.iter().map(|row| &row.estimate));
    let ratios = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.comparisons.iter().map(|c| &c.ratio));
    let slopes = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.slopes.iter().map(|slope| &slope.estimate));
    let shares = analysis
        .panels
        .iter()
        .flat_map(|panel| panel.shares.iter().map(|share| &share.estimate));
    let joint = analysis
        .panels
        .iter()
        .flat_map(|panel| &panel.comparisons)
        .filter_map(|c| c.joint.as_ref()?.ratio.as_ref());
    let quantiles = analysis
        .distributions
        .iter()
        .flat_map(|distribution| &distribution.curves)
        .flat_map(|curve| curve.quantiles.iter().map(|quantile| &quantile.estimate));
    let behaviours = analysis.stability.behaviours.iter();
    let behaviours =
        behaviours.flat_map(|b| [&b.lag1, &b.dependent, &b.effective, &b.never_steady]);
    let drifts = analysis.stability.drifts.iter().map(|drift| &drift.slope);
    let stability = drifts.chain(behaviours);
    estimates
        .chain(ratios)
        .chain(slopes)
        .chain(shares)
        .chain(joint)
        .chain(quantiles)
        .chain(stability)
        .chain(analysis.cells.iter().map(|cell| &cell.success))
}

/// That a family is too large for what so few blocks can show by ranks, if one is.
fn few_blocks(analysis: &Analysis, words: &Words) -> Option<String> {
    let blocks = super::blocks(analysis);
    // All differences have one sign: two of 2^n patterns.
    let least = 2.0 * libm::exp2(-f64::from(blocks));
    let most = (0.05 / least).floor();
    let comparisons = analysis.panels.iter().flat_map(|panel| &panel.comparisons);
    let tested = comparisons.filter_map(|c| c.joint.as_ref().filter(|joint| joint.p.is_some()));
    let family = tested.map(|joint| joint.family).max()?;
    (family as f64 > most).then(|| {
        say!(
            words,
            "methods-few-blocks",
            blocks = blocks,
            least = number::p_value(least),
            most = most as usize,
            family = family
        )
    })
}

pub(super) fn sources(analysis: &Analysis, desk: &mut Desk) -> Section {
    let words = desk.words;
    let mut blocks = vec![paragraph(say!(words, "sources-reading"))];
    for panel in &analysis.panels {
        let scale = super::panels::scale(panel);
        let cells = (0..).zip(&panel.rows);
        let cells: Vec<_> = cells
            .map(|(at, row)| source(panel, at, row, scale, words))
            .collect();
        let caption = say!(
            words,
            "sources-caption",
            metric = terms::metric(words, panel.metric),
            workload = desk.workload(&panel.workload),
            unit = scale.suffix(words)
        );
        let caption = desk.table_caption(caption);
        blocks.push(Block::Sources {
            id: text::anchor(&format!("{}-sources", panel.id)),
            caption,
            cells,
        });
    }
    blocks.push(heading("digests", say!(words, "digests")));
    let environment = &analysis.campaign.environment;
    let columns = vec![
        column(say!(words, "column-name-and-version"), Style::Text, 4),
        column(say!(words, "column-sha256"), Style::Code, 7),
    ];
    let artifacts = environment
        .artifacts
        .iter()
        .map(|a| (&a.name, &a.version, a.sha256.as_str()));
    let packages = environment
        .all_packages()
        .map(|p| (p.path.as_ref().unwrap_or(&p.name), &p.version, p.digest()));
    let rows = artifacts.chain(packages).map(|(name, version, digest)| {
        vec![
            format!("{} {}", text::foreign(name), text::foreign(version)),
            text::foreign(digest),
        ]
    });
    let rows = rows.collect();
    let caption = say!(words, "digests-caption");
    blocks.push(desk.table("digest-list", caption, columns, rows));
    Section {
        id: "sources".into(),
        title: say!(words, "sources"),
        blocks,
    }
}

fn source(panel: &Panel, at: usize, row: &Row, scale: number::Scale, words: &Words) -> Source {
    let sources = || row.trials.iter().flat_map(|trial| &trial.sources);
    let directory = common_directory(sources().map(|source| source.log.as_str()));
    let shown = |log: &str| text::foreign(log.get(directory.len()..).unwrap_or(log));
    let lines = |(first, last): (u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    };
    let values: Vec<SourceValue> = row
        .trials
        .iter()
        .map(|trial| {
            // Of several logs all but the last have their lines behind them.
            let (log, of_last) = match trial.sources.split_last() {
                Some((last, others)) => {
                    let mut logs: Vec<String> = others
                        .iter()
                        .map(|source| format!("{}:{}", shown(&source.log), lines(source.lines)))
                        .collect();
                    logs.push(shown(&last.log));
                    (logs.join(" + "), lines(last.lines))
                }
                None => (say!(words, "not-known"), String::new()),
            };
            SourceValue {
                value: number::significant(scale.apply(trial.value), 4),
                log,
                lines: of_last,
            }
        })
        .collect();
    let directory = text::foreign(directory);
    let (usual, text) = condensed(&values);
    Source {
        id: anchor_of(panel, "source", at),
        row: anchor_of(panel, "row", at),
        arm: row.arm.to_string(),
        name: terms::arm_in(words, row.arm, &row.setting),
        place: format!("{directory}{usual}"),
        text,
        directory,
        values,
    }
}

/// What most places have in common, a `*` for their block; and each value behind its block, or
/// behind its whole place where that differs.
fn condensed(values: &[SourceValue]) -> (String, String) {
    let places: Vec<String> = values
        .iter()
        .map(|v| format!("{}:{}", v.log, v.lines))
        .collect();
    // `003/ping-a.log:2–101 + 003/ping-b.log:2–101` is `003` of `*/ping-a.log:2–101 + */ping-b.log:2–101`.
    let split = |place: &'_ str| {
        let (block, _) = place.split_once('/')?;
        Some((block.to_owned(), place.replace(&format!("{block}/"), "*/")))
    };
    let parts: Vec<Option<(String, String)>> = places.iter().map(|p| split(p)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, usual) in parts.iter().flatten() {
        *counts.entry(usual).or_default() += 1;
    }
    // Of as many the first in the alphabet.
    let usual = counts.iter().rev().max_by_key(|(_, count)| **count);
    let usual = usual.map_or("", |(usual, _)| usual);
    let each = parts
        .iter()
        .zip(&places)
        .zip(values)
        .map(|((part, place), v)| match part {
            Some((block, rest)) if rest == usual => format!("{block}: {}", v.value),
            _ => format!("{place}: {}", v.value),
        });
    (usual.to_owned(), each.collect::<Vec<_>>().join("; "))
}

/// What all paths begin with, up to a `/`.
fn common_directory<'a>(paths: impl Iterator<Item = &'a str>) -> &'a str {
    let directory = |path: &'a str| path.rfind('/').map_or("", |at| &path[..=at]);
    let common = paths.reduce(|a, b| {
        let same = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
        a.get(..same).map_or("", directory)
    });
    common.map_or("", directory)
}

#[cfg(test)]
mod tests {
    use super::{SourceValue, common_directory, condensed};

    #[test]
    fn what_most_places_share_is_said_once() {
        let value = |log: &str, lines: &str| SourceValue {
            value: "1.5".into(),
            log: log.into(),
            lines: lines.into(),
        };
        let values = [
            value("000/x.log", "2–9"),
            value("001/x.log", "2–8"),
            value("002/x.log", "2–9"),
        ];
        assert_eq!(
            condensed(&values),
            (
                "*/x.log:2–9".to_owned(),
                "000: 1.5; 001/x.log:2–8: 1.5; 002: 1.5".to_owned()
            )
        );
        let of_two = [value("000/x.log:2–9 + 000/y.log", "3–4")];
        assert_eq!(condensed(&of_two).0, "*/x.log:2–9 + */y.log:3–4");
        let of_one = [value("x.log", "1")];
        assert_eq!(
            condensed(&of_one),
            (String::new(), "x.log:1: 1.5".to_owned())
        );
        assert_eq!(condensed(&[]), Default::default());
    }

    #[test]
    fn common_directories() {
        assert_eq!(
            common_directory(["t/a/000/x.log", "t/a/001/x.log"].into_iter()),
            "t/a/"
        );
        assert_eq!(common_directory(["t/a/000/x.log"].into_iter()), "t/a/000/");
        assert_eq!(common_directory(["t/한", "t/하"].into_iter()), "");
        assert_eq!(common_directory(std::iter::empty()), "");
    }
}
