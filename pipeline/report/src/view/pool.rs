//! Campaigns of one matrix on several hosts as a report.

use vnicbench_analysis::compare::pool::{Pool, PooledRatio};
use vnicbench_model::Testbed;
use vnicbench_stats::Outcome;

use super::panels::{numbers, provenance};
use super::{Block, Desk, Section, Style, Ui, View, column, fact, labels, note, paragraph};
use crate::number::{self, Scale};
use crate::text;
use crate::words::Words;

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
        title: "Campaigns on several hosts".to_owned(),
        description: format!(
            "Ratios to the baseline on {}",
            number::count(names.len() as u64, "host")
        ),
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
    let hosts = pool.hosts.iter();
    let mut blocks = vec![Block::Facts {
        items: hosts
            .map(|host| fact(&text::foreign(&host.campaign), text::foreign(&host.host)))
            .collect(),
    }];
    let too_few = pool.ratios.iter().find_map(|ratio| match &ratio.pooled {
        Outcome::Insufficient(few) => Some(few),
        Outcome::Estimate(_) => None,
    });
    blocks.push(paragraph(
        "Within a host blocks are the unit. Over hosts the host is the unit, with the geometric mean of its blocks' ratios as its \
         value: that interval speaks of hosts like these, the others each of one host.",
    ));
    if let Some(few) = too_few {
        blocks.push(note(format!(
            "Too few hosts for an interval over them (n = {}, needs {}): they stand side by side.",
            few.n, few.needs
        )));
    }
    if pool.ratios.is_empty() {
        blocks.push(paragraph(
            "No ratio to the baseline is there on every host.",
        ));
    } else {
        blocks.push(ratios(pool, desk));
        blocks.push(heterogeneity(pool, desk));
    }
    if !pool.partial.is_empty() {
        blocks.push(paragraph("Not on every host, and left out:"));
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
        title: "Ratios to the baseline".to_owned(),
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
    let columns = vec![
        column("Ratio to the baseline", Style::Code, 6),
        column("On", Style::Text, 4),
        column("Ratio", Style::Number, 2),
        column("Interval", Style::Number, 3),
        column("n", Style::Number, 1),
        column("Level", Style::Number, 1),
    ];
    let rows = pool.ratios.iter().flat_map(|ratio| {
        let hosts = pool.hosts.iter().zip(&ratio.hosts);
        let hosts = hosts.map(|(host, outcome)| (text::foreign(&host.campaign), outcome));
        let all = std::iter::once(("all hosts".to_owned(), &ratio.pooled));
        hosts.chain(all).map(|(on, outcome)| {
            let mut row = vec![name(ratio), on];
            row.extend(numbers(outcome, Scale::PLAIN));
            row
        })
    });
    let outcomes = pool
        .ratios
        .iter()
        .flat_map(|ratio| ratio.hosts.iter().chain([&ratio.pooled]));
    let caption = format!("On each host and over all. {}.", provenance(outcomes));
    desk.table("ratios-table", &caption, columns, rows.collect())
}

fn heterogeneity(pool: &Pool, desk: &mut Desk<'_>) -> Block {
    let columns = vec![
        column("Ratio to the baseline", Style::Code, 6),
        column("Least and most on a host", Style::Number, 3),
        column("SD between hosts", Style::Number, 2),
        column("SD between blocks", Style::Number, 2),
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
            true => format!(
                "{} to {}",
                number::significant(least, 3),
                number::significant(most, 3)
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
    let caption = "How much hosts differ, beside how much blocks of a host do: standard deviations of the ratio's natural logarithm, \
        by the mean squares of both levels; 0 if none can be seen. Descriptive.";
    desk.table("heterogeneity", caption, columns, rows.collect())
}
