//! How the numbers were made, and where each comes from.

use vnicbench_analysis::{Analysis, Metric, Panel, Row};
use vnicbench_stats::{Method, Outcome};

use super::{Block, Desk, Section, Source, SourceValue, Style, anchor_of, column, paragraph};
use crate::number;
use crate::text;

pub(super) fn methods(analysis: &Analysis, desk: &mut Desk) -> Section {
    let mut methods: Vec<&Method> = Vec::new();
    for outcome in outcomes(analysis) {
        if !methods.contains(&outcome.method()) {
            methods.push(outcome.method());
        }
    }
    let columns = vec![
        column("Estimate", Style::Text, 3),
        column("Interval", Style::Text, 4),
        column("Source of the formula", Style::Text, 7),
    ];
    let rows = methods
        .iter()
        .map(|m| {
            vec![
                m.statistic.to_string(),
                m.interval.to_string(),
                m.source().to_owned(),
            ]
        })
        .collect();
    let matrix = &analysis.campaign.matrix;
    let table = desk.table(
        "methods-table",
        "Methods used in this report.",
        columns,
        rows,
    );
    let mut items = vec![
        "The unit of all inference is the trial, not the packet and not the second: what varies within a trial describes that trial.".into(),
        format!(
            "Trials ran in {} of all cells, each in its own random order from seed {}, so that a drift of the machine \
             isn't taken for a difference between arms. Ratios pair the two trials of a block.",
            number::count(super::blocks(analysis), "block"),
            matrix.seed
        ),
        "Two arms are compared by the interval of their ratio, never by whether two intervals overlap.".into(),
        "A verdict weighs that interval against 5 % either way: better or worse if all of it lies beyond, equivalent if all \
         lies within, inconclusive otherwise."
            .into(),
        "Comparisons of an experiment in one metric and one contrast are a family, declared by the matrix. Joint intervals are \
         of geometric means and hold for all of a family at once (Westfall & Young, 1993, or Bonferroni); p-values are Wilcoxon’s, \
         adjusted by Holm (1979) and by Benjamini & Hochberg (1995). A comparison without a value counts in its family."
            .into(),
        "Where a sample is too small for an interval of the level asked for, there is no number.".into(),
        "A share (loss) is events over attempts of all trials, with an interval that allows for trials that differ. \
         A rate is total bits over total time. Shares and counts aren't compared by ratio, since they can be zero."
            .into(),
    ];
    let has = |wanted: fn(Metric) -> bool| analysis.panels.iter().any(|p| wanted(p.metric));
    if has(|metric| metric == Metric::Fairness) {
        items.push(
            "Jain's index is made within each trial, from what each NIC got in it (Jain, Chiu & Hawe, DEC-TR-301, 1984); a \
             cell's is the median of its trials', with an interval between two of them, which can't leave [1/n, 1]."
                .into(),
        );
    }
    if has(Metric::is_of_host) {
        items.push(
            "Host counters are the differences between the first and the last snapshot of a trial. CPU for a Gbit is all \
             busy time of the host over what arrived; a warm-up that the tool leaves out counts as moved at the rate of the rest. \
             Packets are those that the tool counts: echo requests and replies, datagrams."
                .into(),
        );
    }
    if analysis.stopped.is_some() {
        items.push(
            "The campaign was ended by the width of its intervals after a whole block, never by what they say of a difference."
                .into(),
        );
    }
    let reference = paragraph(
        "Numbers carry as many decimals as give the width of their interval two digits. Rates have decimal prefixes: \
         1 Mbit/s is 1,000,000 bit/s. Figures and tables of a panel share one unit.",
    );
    Section {
        id: "methods".into(),
        title: "Methods".into(),
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

pub(super) fn sources(analysis: &Analysis, desk: &mut Desk) -> Section {
    let mut blocks = vec![paragraph(
        "Each trial's value, the log it was read from and the lines of that log, below the campaign's directory.",
    )];
    for panel in &analysis.panels {
        let scale = super::panels::scale(panel);
        let cells = (0..).zip(&panel.rows);
        let cells: Vec<_> = cells
            .map(|(at, row)| source(panel, at, row, scale))
            .collect();
        let caption = desk.table_caption(format!(
            "{}, {}{}.",
            panel.metric.label(),
            panel.workload,
            scale.suffix()
        ));
        blocks.push(Block::Sources {
            id: text::anchor(&format!("{}-sources", panel.id)),
            caption,
            cells,
        });
    }
    blocks.push(Block::Heading {
        id: "digests".into(),
        text: "Digests".into(),
    });
    let environment = &analysis.campaign.environment;
    let columns = vec![
        column("Name and version", Style::Text, 4),
        column("SHA-256", Style::Code, 7),
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
    blocks.push(desk.table(
        "digest-list",
        "Artifacts and packages with their whole digests.",
        columns,
        rows,
    ));
    Section {
        id: "sources".into(),
        title: "Where each value comes from".into(),
        blocks,
    }
}

fn source(panel: &Panel, at: usize, row: &Row, scale: number::Scale) -> Source {
    let sources = || row.trials.iter().flat_map(|trial| &trial.sources);
    let directory = common_directory(sources().map(|source| source.log.as_str()));
    let shown = |log: &str| text::foreign(log.get(directory.len()..).unwrap_or(log));
    let lines = |(first, last): (u64, u64)| match first == last {
        true => first.to_string(),
        false => format!("{first}–{last}"),
    };
    let values = row.trials.iter().map(|trial| {
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
            None => ("not known".to_owned(), String::new()),
        };
        SourceValue {
            value: number::significant(scale.apply(trial.value), 4),
            log,
            lines: of_last,
        }
    });
    Source {
        id: anchor_of(panel, "source", at),
        row: anchor_of(panel, "row", at),
        arm: row.arm.to_string(),
        name: text::arm_in(row.arm, &row.setting),
        values: values.collect(),
        directory: text::foreign(directory),
    }
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
    use super::common_directory;

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
