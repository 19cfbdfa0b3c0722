//! Campaigns of one matrix on several hosts as a report.

use vnicbench_analysis::compare::pool::{Pool, PooledRatio};
use vnicbench_analysis::{Metric, THRESHOLD};
use vnicbench_model::Testbed;
use vnicbench_stats::Outcome;

use super::panels::{numbers, provenance};
use super::{Block, Desk, Section, Style, Ui, View, column, fact, labels, note, paragraph};
use crate::figure::groups::{self, Kind};
use crate::figure::{Figure, FigureError};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

/// Makes the view of a pool.
///
/// # Errors
///
/// As any figure's.
pub(crate) fn build(
    pool: &Pool,
    testbed: Testbed,
    words: &Words,
) -> Result<(View, Vec<Figure>), FigureError> {
    let mut desk = Desk::new(words);
    let names: Vec<String> = pool
        .hosts
        .iter()
        .map(|host| text::foreign(&host.campaign))
        .collect();
    let view = View {
        language: words.language().code(),
        arms: Vec::new(),
        ui: Ui::of(words),
        campaign: names.join(", "),
        title: say!(words, "pool-title"),
        description: say!(words, "pool-description", n = names.len()),
        date: pool
            .hosts
            .last()
            .and_then(|host| super::date(&host.started)),
        byline: names.join(", "),
        banner: super::banner(testbed, words),
        labels: labels(words),
        sections: vec![section(pool, &mut desk)?],
    };
    Ok((view, desk.figures))
}

fn section(pool: &Pool, desk: &mut Desk<'_>) -> Result<Section, FigureError> {
    let words = desk.words;
    let hosts = pool.hosts.iter();
    let mut blocks = vec![Block::Facts {
        items: hosts
            .map(|host| fact(text::foreign(&host.campaign), text::foreign(&host.host)))
            .collect(),
    }];
    let too_few = pool.ratios.iter().find_map(|ratio| match &ratio.pooled {
        Outcome::Insufficient(few) => Some(few),
        Outcome::Estimate(_) => None,
    });
    blocks.push(paragraph(say!(words, "pool-reading")));
    if let Some(few) = too_few {
        let (n, needs) = (few.n, few.needs);
        blocks.push(note(say!(words, "pool-too-few", n = n, needs = needs)));
    }
    if pool.ratios.is_empty() {
        blocks.push(paragraph(say!(words, "pool-none")));
    } else {
        for &metric in Metric::ALL {
            blocks.extend(figure(pool, metric, desk)?);
        }
        blocks.push(ratios(pool, desk));
        blocks.push(heterogeneity(pool, desk));
    }
    if !pool.partial.is_empty() {
        blocks.push(paragraph(say!(words, "pool-partial")));
        blocks.push(Block::List {
            items: pool
                .partial
                .iter()
                .map(|name| text::foreign(name))
                .collect(),
        });
    }
    Ok(Section {
        id: "ratios".to_owned(),
        title: say!(words, "pool-ratios"),
        blocks,
    })
}

/// A ratio on each host and over all, with their names.
fn on_hosts<'a>(
    pool: &'a Pool,
    ratio: &'a PooledRatio,
    words: &Words,
) -> impl Iterator<Item = (String, &'a Outcome)> {
    let hosts = pool.hosts.iter().zip(&ratio.hosts);
    let hosts = hosts.map(|(host, outcome)| (text::foreign(&host.campaign), outcome));
    let all = (say!(words, "pool-all-hosts"), &ratio.pooled);
    hosts.chain(std::iter::once(all))
}

/// The ratios of a metric on each host and over all, as many of the first as a page has room for.
fn figure(pool: &Pool, metric: Metric, desk: &mut Desk<'_>) -> Result<Option<Block>, FigureError> {
    let words = desk.words;
    let of_metric: Vec<&PooledRatio> = pool
        .ratios
        .iter()
        .filter(|ratio| ratio.metric == metric)
        .collect();
    // A heading, the hosts, all hosts.
    let shown = of_metric
        .iter()
        .take(groups::MOST_LINES / (pool.hosts.len() + 2));
    let shown: Vec<groups::Group<'_>> = shown
        .map(|ratio| {
            let rows = on_hosts(pool, ratio, words).map(|(label, outcome)| groups::Row {
                arm: ratio.arm,
                label,
                outcome,
            });
            groups::Group {
                heading: text::foreign(&format!("{}/{}", ratio.experiment, ratio.cell)),
                rows: rows.collect(),
            }
        })
        .collect();
    if shown.is_empty() {
        return Ok(None);
    }
    let name = terms::metric(words, metric);
    let title = say!(words, "pool-figure-title", metric = name);
    let axis = say!(
        words,
        "pool-figure-axis",
        metric = name,
        better = terms::better(metric)
    );
    let outcomes = of_metric
        .iter()
        .flat_map(|ratio| ratio.hosts.iter().chain([&ratio.pooled]));
    let caption = say!(
        words,
        "pool-figure-caption",
        title = title,
        drawn = shown.len(),
        of = of_metric.len(),
        provenance = provenance(outcomes, words)
    );
    let id = format!("{}-hosts", metric.name());
    let kind = Kind::Ratios(THRESHOLD);
    let figure = groups::draw(&id, title, &axis, kind, &shown, words)?;
    Ok(Some(desk.figure_of(figure, caption, "ratios-table")))
}

fn name(ratio: &PooledRatio) -> String {
    text::foreign(&format!(
        "{}/{}: {}",
        ratio.experiment,
        ratio.cell,
        ratio.metric.name()
    ))
}

fn ratios(pool: &Pool, desk: &mut Desk<'_>) -> Block {
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-ratio-to-baseline"), Style::Code, 6),
        column(say!(words, "column-on"), Style::Text, 4),
        column(say!(words, "column-ratio"), Style::Number, 2),
        column(say!(words, "column-interval"), Style::Number, 3),
        column(say!(words, "column-n"), Style::Number, 1),
        column(say!(words, "column-level"), Style::Number, 1),
    ];
    let rows = pool.ratios.iter().flat_map(|ratio| {
        on_hosts(pool, ratio, words).map(|(on, outcome)| {
            let mut row = vec![name(ratio), on];
            row.extend(numbers(outcome, Scale::PLAIN, words));
            row
        })
    });
    let outcomes = pool
        .ratios
        .iter()
        .flat_map(|ratio| ratio.hosts.iter().chain([&ratio.pooled]));
    let provenance = provenance(outcomes, words);
    let caption = say!(words, "pool-caption", provenance = provenance);
    desk.table("ratios-table", caption, columns, rows.collect())
}

fn heterogeneity(pool: &Pool, desk: &mut Desk<'_>) -> Block {
    let words = desk.words;
    let columns = vec![
        column(say!(words, "column-ratio-to-baseline"), Style::Code, 6),
        column(say!(words, "column-least-and-most"), Style::Number, 3),
        column(say!(words, "column-sd-hosts"), Style::Number, 2),
        column(say!(words, "column-sd-blocks"), Style::Number, 2),
    ];
    let rows = pool.ratios.iter().map(|ratio| {
        let values = || {
            ratio
                .hosts
                .iter()
                .filter_map(|host| Some(host.estimate()?.value()))
        };
        let least = values().fold(f64::INFINITY, f64::min);
        let most = values().fold(0.0, f64::max);
        let range = match least <= most {
            true => say!(
                words,
                "from-to",
                least = number::significant(least, 3),
                most = number::significant(most, 3)
            ),
            false => "–".to_owned(),
        };
        let factor = |deviation: Option<f64>| {
            deviation.map_or_else(|| "–".to_owned(), |d| number::significant(d, 2))
        };
        let found = ratio.heterogeneity;
        vec![
            name(ratio),
            range,
            factor(found.map(|found| found.between_hosts)),
            factor(found.map(|found| found.between_blocks)),
        ]
    });
    let caption = say!(words, "heterogeneity-caption");
    desk.table("heterogeneity", caption, columns, rows.collect())
}
