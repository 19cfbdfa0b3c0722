//! Campaigns of one matrix on several hosts as a report.

use vnicbench_analysis::compare::pool::{Pool, PooledRatio};
use vnicbench_model::Testbed;
use vnicbench_stats::Outcome;

use super::panels::{numbers, provenance};
use super::{Block, Desk, Section, Style, Ui, View, column, fact, labels, note, paragraph};
use crate::number::{self, Scale};
use crate::text;
use crate::words::{Words, say};

/// Makes the view of a pool.
pub(crate) fn build(pool: &Pool, testbed: Testbed, words: &Words) -> View {
    let mut desk = Desk::new(words);
    let names: Vec<String> = pool
        .hosts
        .iter()
        .map(|host| text::foreign(&host.campaign))
        .collect();
    View {
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
        sections: vec![section(pool, &mut desk)],
    }
}

fn section(pool: &Pool, desk: &mut Desk<'_>) -> Section {
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
    Section {
        id: "ratios".to_owned(),
        title: say!(words, "pool-ratios"),
        blocks,
    }
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
        let hosts = pool.hosts.iter().zip(&ratio.hosts);
        let hosts = hosts.map(|(host, outcome)| (text::foreign(&host.campaign), outcome));
        let all = std::iter::once((say!(words, "pool-all-hosts"), &ratio.pooled));
        hosts.chain(all).map(|(on, outcome)| {
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
