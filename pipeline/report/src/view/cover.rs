//! The first page: what was compared, on what, and what came out.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};
use vnicbench_model::{BootPolicy, Neighbour, Protocol, Question, Testbed, Workload};
use vnicbench_stats::Outcome;

use super::{Block, Desk, Fact, Section, fact, paragraph};
use crate::figure::{FigureError, forest};
use crate::number::{self, Scale};
use crate::text;

/// Rows of a forest plot that a page holds.
const FOREST_ROWS: usize = 24;

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
    blocks.push(heading("answers", "Answers"));
    if answers.is_empty() {
        blocks.push(paragraph(
            "Nothing was compared with virtio in a VM: the matrix has no such pair, or no trial of one gave a value.",
        ));
    } else {
        blocks.extend(answers);
    }
    for quantity in &quantities {
        blocks.extend(quantity.forest(desk)?);
    }
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

    fn forest(&self, desk: &mut Desk) -> Result<Option<Block>, FigureError> {
        let total: usize = self
            .panels
            .iter()
            .map(|(_, comparisons)| comparisons.len())
            .sum();
        let mut rows = 0;
        let groups: Vec<_> = self
            .panels
            .iter()
            .enumerate()
            .take_while(|(index, (_, comparisons))| {
                rows += comparisons.len() + 1;
                *index == 0 || rows <= FOREST_ROWS
            })
            .map(|(_, (panel, comparisons))| forest::Group {
                heading: panel.workload.clone(),
                comparisons: comparisons.clone(),
            })
            .collect();
        let Some((panel, _)) = self.panels.first() else {
            return Ok(None);
        };
        let shown: usize = groups.iter().map(|group| group.comparisons.len()).sum();
        let capital = capitalised(self.name);
        let id = format!("forest-{}", text::anchor(self.name));
        let figure = forest::draw(&id, &capital, panel.metric.lower_is_better(), &groups)?;
        let mut caption = format!(
            "{capital} of each arm as a ratio to virtio in a VM, paired by block: estimate and interval. {}. The grey \
             band is a difference of at most 5 %, called equivalent; better or worse is what lies beyond it.",
            super::panels::provenance(
                groups
                    .iter()
                    .flat_map(|g| g.comparisons.iter().map(|c| &c.ratio))
            )
        );
        if shown < total {
            caption.push_str(&format!(
                " The first {shown} of {total} ratios; the others are with their experiments."
            ));
        }
        Ok(Some(desk.figure(figure, caption)))
    }
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
            let verdict = comparison
                .verdict
                .map_or_else(String::new, |verdict| format!(": {verdict}"));
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
            "Anything about hardware. NIC, IOMMU and often the CPU are software here; which back-end is faster, \
             and by how much, can differ on a real NIC."
                .to_owned(),
        );
    }
    if campaign.matrix.boot == BootPolicy::PerCampaign {
        items.push(
            "That another boot of the same guests would give the same. The guests were booted once; the intervals \
             hold what varies from trial to trial within that boot and not what varies between boots."
                .to_owned(),
        );
    }
    let ratios = || {
        analysis
            .panels
            .iter()
            .flat_map(|panel| &panel.comparisons)
            .filter(|c| c.ratio.estimate().is_some())
    };
    let compared = ratios().count();
    if let (true, Some(estimate)) = (compared > 1, ratios().find_map(|c| c.ratio.estimate())) {
        items.push(format!(
            "That every interval holds its true value. There are {compared} comparisons, each at {} by itself, \
             with no correction for their number: some will miss.",
            estimate.level()
        ));
    }
    items.push(
        "That a ratio holds elsewhere. It is of this host, these versions and this workload, all named under \
         “Environment”."
            .to_owned(),
    );
    items.push(
        "That a short round-trip time means a good path. It is of requests that were answered; the loss is beside it."
            .to_owned(),
    );
    if !campaign
        .matrix
        .cells()
        .iter()
        .any(|cell| cell.arm.backend == vnicbench_model::Backend::Native)
    {
        items.push(
            "What the measuring itself costs. The campaign has no native arm, port to port without a guest, to tell."
                .to_owned(),
        );
    }
    items
}
