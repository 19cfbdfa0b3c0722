//! The first page: what was compared, on what, and what came out.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};
use vnicbench_model::{BootPolicy, Neighbour, Protocol, Question, Testbed, Workload};
use vnicbench_stats::Outcome;

use super::{Block, Desk, Fact, Section, fact, paragraph};
use crate::figure::{FigureError, forest};
use crate::number::{self, Scale};
use crate::text;

/// Lines of a forest plot that the page holds beside the rest.
const FOREST_ROWS: usize = 12;
/// Answers that it holds.
const MOST_ANSWERS: usize = 16;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Result<Section, FigureError> {
    let mut blocks = vec![Block::Facts {
        items: facts(analysis),
    }];
    let rtt = Quantity::of(analysis, desk, "median RTT", |panel, _| {
        panel.metric == Metric::RttMedian
    });
    let goodput = Quantity::of(analysis, desk, "TCP goodput", |panel, workload| {
        let tcp = matches!(
            workload,
            Workload::Iperf3 {
                protocol: Protocol::Tcp,
                ..
            } | Workload::Iperf { .. }
        );
        panel.metric == Metric::Goodput && tcp
    });
    let quantities = [rtt, goodput];

    let mut answers: Vec<_> = quantities.iter().filter_map(Quantity::answers).collect();
    answers.extend(super::answers::fairness(analysis));
    answers.extend(interference(analysis));
    answers.extend(super::answers::mixes(analysis));
    answers.extend(super::answers::density(analysis));
    answers.extend(super::answers::tuning(analysis));
    answers.extend(super::versions::answers(analysis));
    blocks.push(heading("answers", "Answers"));
    if answers.is_empty() {
        blocks.push(paragraph(
            "Nothing was compared with virtio in a VM: the matrix has no such pair, or no trial of one gave a value.",
        ));
    } else {
        blocks.extend(shortened(answers));
    }
    blocks.extend(surviving(analysis).map(super::note));
    blocks.extend(forest(&quantities, desk)?);
    if !analysis.claims.is_empty() {
        let summary = super::claims::summary(&analysis.claims);
        blocks.push(paragraph(format!("{summary} They are under “Claims”.")));
    }
    blocks.push(heading("cautions", "What must not be concluded"));
    blocks.push(Block::List {
        items: cautions(analysis),
    });
    Ok(Section {
        id: "glance".into(),
        title: "At a glance".into(),
        blocks,
    })
}

fn heading(id: &str, text: &str) -> Block {
    Block::Heading {
        id: id.into(),
        text: text.into(),
    }
}

fn facts(analysis: &Analysis) -> Vec<Fact> {
    let campaign = &analysis.campaign;
    let matrix = &campaign.matrix;
    let mut arms: Vec<_> = matrix
        .experiments
        .iter()
        .flat_map(|experiment| experiment.arms())
        .collect();
    arms.sort();
    arms.dedup();
    let arms: Vec<_> = arms.into_iter().map(text::arm).collect();
    let testbed = match campaign.testbed {
        Testbed::Attached => "attached: this host's own NIC".to_owned(),
        Testbed::Emulated => "emulated: a test host in software, with emulated NICs".to_owned(),
    };
    let boots = match matrix.boot {
        BootPolicy::PerBlock => "booted anew for each block".to_owned(),
        BootPolicy::PerTrial => {
            "booted anew for each trial, and only those that it needs".to_owned()
        }
        BootPolicy::PerCampaign => {
            "booted once: every interval speaks of that one boot and not of others".to_owned()
        }
    };
    let counts = analysis.counts;
    let mut trials = format!("{} planned, {} complete", counts.planned, counts.complete);
    for (n, what) in [
        (counts.failed, "failed"),
        (counts.interrupted, "interrupted"),
        (counts.missing, "never begun"),
    ] {
        if n > 0 {
            trials.push_str(&format!(", {n} {what}"));
        }
    }
    let mut facts = vec![
        fact("Compared", arms.join(", ")),
        fact("Test bed", testbed),
        fact("Host", host(&campaign.audit)),
        fact("Trials", trials),
        fact(
            "Design",
            format!(
                "{}, each a pass over all {} in random order (seed {})",
                number::count(super::blocks(analysis), "block"),
                number::count(matrix.cells().len() as u64, "cell"),
                matrix.seed
            ),
        ),
        fact("Guests", boots),
    ];
    if let Some(stopped) = &analysis.stopped {
        let ended = format!(
            "before the {} that were allowed: {}",
            number::count(matrix.blocks, "block"),
            text::foreign(&stopped.reason)
        );
        facts.insert(5, fact("Ended", ended));
    }
    facts
}

fn host(audit: &vnicbench_model::Audit) -> String {
    text::foreign(&format!(
        "{}, {}, kernel {}, {}, {}",
        audit.cpu,
        number::count(audit.cpus, "CPU"),
        audit.kernel,
        audit.qemu,
        audit.accelerator
    ))
}

/// A quantity that arms are compared by, with the panels that measured it undisturbed.
struct Quantity<'a> {
    name: &'static str,
    panels: Vec<(&'a Panel, Vec<&'a Comparison>)>,
}

impl<'a> Quantity<'a> {
    fn of(
        analysis: &'a Analysis,
        desk: &Desk,
        name: &'static str,
        wanted: impl Fn(&Panel, Workload) -> bool,
    ) -> Self {
        let panels = analysis.panels.iter().filter_map(|panel| {
            let row = panel.rows.first()?;
            let workload = desk.cell(&panel.experiment, &row.cell)?.workload;
            let idle = |c: &&Comparison| {
                c.contrast == Contrast::ToBaseline && c.setting.neighbour == Neighbour::Idle
            };
            let comparisons: Vec<_> = panel.comparisons.iter().filter(idle).collect();
            (wanted(panel, workload)
                && matches!(panel.question, Question::Latency | Question::Throughput)
                && !comparisons.is_empty())
            .then_some((panel, comparisons))
        });
        Self {
            name,
            panels: panels.collect(),
        }
    }

    /// A sentence for each arm in the first panel; the others are in the forest plot.
    fn answers(&self) -> Option<Block> {
        let (panel, comparisons) = self.panels.first()?;
        let items = comparisons
            .iter()
            .map(|c| answer(c, self.name, "virtio's"))
            .collect();
        Some(Block::Answers {
            about: panel.workload.clone(),
            items,
        })
    }
}

/// The ratios of all quantities in one figure: the first workload of each, then as many more as
/// the page holds.
fn forest(quantities: &[Quantity<'_>], desk: &mut Desk) -> Result<Option<Block>, FigureError> {
    let total: usize = quantities
        .iter()
        .flat_map(|quantity| &quantity.panels)
        .map(|(_, comparisons)| comparisons.len())
        .sum();
    let mut rows = 0;
    let mut chosen: Vec<(usize, usize)> = Vec::new();
    let most = quantities.iter().map(|q| q.panels.len()).max().unwrap_or(0);
    for place in 0..most {
        for (index, quantity) in quantities.iter().enumerate() {
            let Some((_, comparisons)) = quantity.panels.get(place) else {
                continue;
            };
            rows += comparisons.len() + 1;
            if place == 0 || rows <= FOREST_ROWS {
                chosen.push((index, place));
            }
        }
    }
    chosen.sort_unstable();
    let groups: Vec<_> = chosen
        .into_iter()
        .filter_map(|(index, place)| {
            let quantity = quantities.get(index)?;
            let (panel, comparisons) = quantity.panels.get(place)?;
            let lower_is_better = panel.metric.lower_is_better();
            let sense = if lower_is_better { "less" } else { "more" };
            let capital = capitalised(quantity.name);
            Some(forest::Group {
                heading: format!("{capital}, {}; {sense} is better", panel.workload),
                comparisons: comparisons.clone(),
            })
        })
        .collect();
    if groups.is_empty() {
        return Ok(None);
    }
    let shown: usize = groups.iter().map(|group| group.comparisons.len()).sum();
    let figure = forest::draw("forest", &groups)?;
    let ratios = groups.iter().flat_map(|g| &g.comparisons).map(|c| &c.ratio);
    let mut caption = format!(
        "Each arm as a ratio to virtio in a VM, paired by block. {}. Within the grey band (5 %) arms are called equivalent.",
        super::panels::provenance(ratios)
    );
    if shown < total {
        caption.push_str(&format!(
            " The first {shown} of {total} ratios; the others are with their experiments."
        ));
    }
    Ok(Some(desk.figure(figure, caption)))
}

/// Leaves as many answers in each group as the page holds, and counts the rest.
fn shortened(mut answers: Vec<Block>) -> Vec<Block> {
    let groups = answers.len().max(1);
    let most = (MOST_ANSWERS / groups).clamp(2, 8);
    for block in &mut answers {
        let Block::Answers { items, .. } = block else {
            continue;
        };
        let more = items.len().saturating_sub(most);
        if more > 1 {
            items.truncate(most);
            items.push(format!("{more} more are with their experiment."));
        }
    }
    answers
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

/// A ratio as a sentence: whose quantity, its ratio to whose, the interval and the verdict.
pub(super) fn answer(comparison: &Comparison, quantity: &str, baseline: &str) -> String {
    let mut subject = text::subject(comparison.arm, quantity);
    let conditions = text::conditions(comparison.arm, &comparison.setting);
    if !conditions.is_empty() {
        subject.push_str(&format!(", {},", conditions.join(", ")));
    }
    match &comparison.ratio {
        Outcome::Estimate(estimate) => {
            let shown = number::estimate(estimate, Scale::PLAIN);
            let verdict = comparison.verdict.map_or_else(String::new, |verdict| {
                format!(": {verdict}{}", standing(comparison))
            });
            format!(
                "{subject} is {} of {baseline} {} ({}, {}){verdict}.",
                shown.value,
                shown.interval,
                estimate.level(),
                number::count(estimate.n() as u64, "block")
            )
        }
        Outcome::Insufficient(insufficient) => {
            format!("{subject} can't be compared with {baseline}: {insufficient}.")
        }
    }
}

/// Whether a verdict is the same among all comparisons of its family.
fn standing(comparison: &Comparison) -> &'static str {
    match comparison.survives() {
        Some(true) => ", jointly too",
        Some(false) => ", but not jointly",
        None => "",
    }
}

/// How many verdicts are the same where the comparisons of a family are judged together.
fn surviving(analysis: &Analysis) -> Option<String> {
    let verdicts: Vec<bool> = analysis
        .panels
        .iter()
        .flat_map(|panel| &panel.comparisons)
        .filter_map(Comparison::survives)
        .collect();
    let kept = verdicts.iter().filter(|survives| **survives).count();
    (!verdicts.is_empty()).then(|| {
        format!(
            "Of {} (better, worse, equivalent) in the report {kept} survive intervals that hold for all comparisons of an \
             experiment, metric and contrast at once: “jointly too”.",
            number::count(verdicts.len() as u64, "verdict"),
        )
    })
}

/// What a neighbour's load does to each arm, from the first panel that has such a contrast.
fn interference(analysis: &Analysis) -> Option<Block> {
    analysis.panels.iter().find_map(|panel| {
        let quantity = match panel.metric {
            Metric::RttMedian => "median RTT".to_owned(),
            other => other.label().to_lowercase(),
        };
        let to_idle = panel
            .comparisons
            .iter()
            .filter(|c| c.contrast == Contrast::ToIdle);
        let items: Vec<_> = to_idle
            .map(|c| answer(c, &quantity, "that beside an idle one"))
            .collect();
        let about = format!("{}, beside a neighbour under load", panel.workload);
        super::answers::block(about, items)
    })
}

fn cautions(analysis: &Analysis) -> Vec<String> {
    let campaign = &analysis.campaign;
    let mut items = Vec::new();
    if campaign.testbed == Testbed::Emulated {
        items.push(
            "Anything about hardware: NIC, IOMMU and often the CPU are software here.".to_owned(),
        );
    }
    if campaign.matrix.boot == BootPolicy::PerCampaign {
        items.push(
            "That another boot of the guests would give the same: there was one, and intervals hold what varies within it."
                .to_owned(),
        );
    }
    if analysis.panels.iter().any(|p| p.comparisons.len() > 1) {
        items.push(
            "That every interval holds its true value: each is made by itself, and of many some miss. “Jointly too” allows \
             for that within an experiment, metric and contrast."
                .to_owned(),
        );
    }
    items.push(
        "That a ratio holds elsewhere: it is of this host, these versions and this workload, all under “Environment”."
            .to_owned(),
    );
    items.extend(super::provenance::caution(&campaign.environment));
    items.push(
        "That a short round-trip time means a good path: it is of requests that were answered; the loss is beside it."
            .to_owned(),
    );
    if !campaign
        .matrix
        .cells()
        .iter()
        .any(|cell| cell.arm.backend == vnicbench_model::Backend::Native)
    {
        items.push(
            "What the measuring itself costs: the campaign has no native arm, port to port without a guest, to tell."
                .to_owned(),
        );
    }
    items
}
