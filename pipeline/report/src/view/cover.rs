//! The first page: what was compared, on what, and what came out.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};
use vnicbench_model::{Arm, Backend, BootPolicy, Neighbour, Protocol, Question, Testbed, Workload};
use vnicbench_stats::Outcome;

use super::{Block, Desk, Fact, Section, fact, heading, paragraph};
use crate::figure::{FigureError, forest};
use crate::number::{self, Scale};
use crate::words::{Words, say};
use crate::{terms, text};

/// Lines of a forest plot that the page holds beside the rest.
const FOREST_ROWS: usize = 12;
/// Answers that it holds.
const MOST_ANSWERS: usize = 16;

pub(super) fn section(analysis: &Analysis, desk: &mut Desk) -> Result<Section, FigureError> {
    let words = desk.words;
    let mut blocks = vec![Block::Facts {
        items: facts(analysis, words),
    }];
    let rtt = Quantity::of(analysis, desk, "rtt-median", |panel, _| {
        panel.metric == Metric::RttMedian
    });
    let goodput = Quantity::of(analysis, desk, "tcp-goodput", |panel, workload| {
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

    let mut answers: Vec<_> = quantities
        .iter()
        .filter_map(|quantity| quantity.answers(desk))
        .collect();
    answers.extend(super::answers::fairness(analysis, desk));
    answers.extend(interference(analysis, desk));
    answers.extend(super::answers::mixes(analysis, desk));
    answers.extend(super::answers::density(analysis, desk));
    answers.extend(super::answers::tuning(analysis, desk));
    answers.extend(super::versions::answers(analysis, desk));
    blocks.push(heading("answers", say!(words, "answers")));
    if answers.is_empty() {
        blocks.push(paragraph(say!(words, "nothing-compared")));
    } else {
        blocks.extend(shortened(answers, words));
    }
    blocks.extend(surviving(analysis, words).map(super::note));
    blocks.extend(forest(&quantities, desk)?);
    if !analysis.claims.is_empty() {
        let summary = super::claims::summary(&analysis.claims, words);
        blocks.push(paragraph(say!(words, "claims-below", summary = summary)));
    }
    blocks.push(heading("cautions", say!(words, "cautions")));
    blocks.push(Block::List {
        items: cautions(analysis, words),
    });
    Ok(Section {
        id: "glance".into(),
        title: say!(words, "glance"),
        blocks,
    })
}

fn facts(analysis: &Analysis, words: &Words) -> Vec<Fact> {
    let campaign = &analysis.campaign;
    let matrix = &campaign.matrix;
    let mut arms: Vec<_> = matrix
        .experiments
        .iter()
        .flat_map(|experiment| experiment.arms())
        .collect();
    arms.sort();
    arms.dedup();
    let arms: Vec<_> = arms.into_iter().map(|arm| terms::arm(words, arm)).collect();
    let testbed = match campaign.testbed {
        Testbed::Attached => "attached",
        Testbed::Emulated => "emulated",
        Testbed::Synthetic => "synthetic",
    };
    let boots = match matrix.boot {
        BootPolicy::PerBlock => "per-block",
        BootPolicy::PerTrial => "per-trial",
        BootPolicy::PerCampaign => "per-campaign",
    };
    let counts = analysis.counts;
    let trials = say!(
        words,
        "trials",
        planned = counts.planned,
        complete = counts.complete,
        failed = counts.failed,
        interrupted = counts.interrupted,
        missing = counts.missing
    );
    let design = say!(
        words,
        "design",
        blocks = super::blocks(analysis),
        cells = matrix.cells().len(),
        seed = matrix.seed.to_string()
    );
    let mut facts = vec![
        fact(say!(words, "fact-compared"), arms.join(", ")),
        fact(
            say!(words, "fact-testbed"),
            say!(words, "testbed", testbed = testbed),
        ),
        fact(say!(words, "fact-host"), host(&campaign.audit, words)),
        fact(say!(words, "fact-trials"), trials),
        fact(say!(words, "fact-design"), design),
        fact(
            say!(words, "fact-guests"),
            say!(words, "boots", policy = boots),
        ),
    ];
    if let Some(stopped) = &analysis.stopped {
        let reason = text::foreign(&stopped.reason);
        let ended = say!(words, "ended", blocks = matrix.blocks, reason = reason);
        facts.insert(5, fact(say!(words, "fact-ended"), ended));
    }
    facts
}

fn host(audit: &vnicbench_model::Audit, words: &Words) -> String {
    text::foreign(&say!(
        words,
        "host",
        cpu = audit.cpu,
        cpus = audit.cpus,
        kernel = audit.kernel,
        qemu = audit.qemu,
        accelerator = audit.accelerator
    ))
}

/// A quantity that arms are compared by, with the panels that measured it undisturbed.
struct Quantity<'a> {
    /// What messages know it by.
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
    fn answers(&self, desk: &Desk) -> Option<Block> {
        let (panel, comparisons) = self.panels.first()?;
        let items = comparisons
            .iter()
            .map(|c| answer(c, self.name, &Against::Virtio, desk.words))
            .collect();
        Some(Block::Answers {
            about: desk.workload(&panel.workload).to_owned(),
            items,
        })
    }
}

/// The ratios of all quantities in one figure: the first workload of each, then as many more as
/// the page holds.
fn forest(quantities: &[Quantity<'_>], desk: &mut Desk) -> Result<Option<Block>, FigureError> {
    let words = desk.words;
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
            Some(forest::Group {
                heading: say!(
                    words,
                    "forest-heading",
                    quantity = quantity.name,
                    workload = desk.workload(&panel.workload),
                    better = terms::better(panel.metric)
                ),
                comparisons: comparisons.clone(),
            })
        })
        .collect();
    if groups.is_empty() {
        return Ok(None);
    }
    let shown: usize = groups.iter().map(|group| group.comparisons.len()).sum();
    let figure = forest::draw("forest", &groups, words)?;
    let ratios = groups.iter().flat_map(|g| &g.comparisons).map(|c| &c.ratio);
    let caption = say!(
        words,
        "forest-caption",
        provenance = super::panels::provenance(ratios, words),
        shown = some_of(shown, total),
        total = total
    );
    Ok(Some(desk.figure(figure, caption)))
}

/// How many are shown, or `all`.
pub(super) fn some_of(shown: usize, all: usize) -> String {
    match shown < all {
        true => shown.to_string(),
        false => "all".to_owned(),
    }
}

/// Leaves as many answers in each group as the page holds, and counts the rest.
fn shortened(mut answers: Vec<Block>, words: &Words) -> Vec<Block> {
    let groups = answers.len().max(1);
    let most = (MOST_ANSWERS / groups).clamp(2, 8);
    for block in &mut answers {
        let Block::Answers { items, .. } = block else {
            continue;
        };
        let more = items.len().saturating_sub(most);
        if more > 1 {
            items.truncate(most);
            items.push(say!(words, "answers-more", n = more));
        }
    }
    answers
}

/// What an answer's ratio is to.
pub(super) enum Against {
    /// virtio in a VM, beside which the answer stands.
    Virtio,
    /// Another arm.
    Arm(String),
    /// A part of the mix by itself.
    Part(String),
    /// The same with this kernel or QEMU.
    Version(String),
    /// The same untuned.
    Untuned,
    /// The same beside an idle neighbour.
    Idle,
}

impl Against {
    fn said(&self, words: &Words) -> String {
        let (kind, arm) = match self {
            Self::Virtio => ("virtio", ""),
            Self::Arm(arm) => ("arm", arm.as_str()),
            Self::Part(arm) => ("part", arm.as_str()),
            Self::Version(version) => ("version", version.as_str()),
            Self::Untuned => ("untuned", ""),
            Self::Idle => ("idle", ""),
        };
        say!(words, "answer-baseline", kind = kind, arm = arm)
    }
}

/// A ratio as a sentence: whose quantity, its ratio to whose, the interval and the verdict.
/// `quantity` is a metric's name, or `tcp-goodput`.
pub(super) fn answer(
    comparison: &Comparison,
    quantity: &str,
    against: &Against,
    words: &Words,
) -> String {
    let subject = subject(comparison, quantity, words);
    let baseline = against.said(words);
    match &comparison.ratio {
        Outcome::Estimate(estimate) => {
            let shown = number::estimate(estimate, Scale::PLAIN);
            let verdict = comparison.verdict.map_or_else(String::new, |verdict| {
                say!(
                    words,
                    "answer-verdict",
                    verdict = terms::verdict(words, verdict),
                    standing = standing(comparison)
                )
            });
            say!(
                words,
                "answer",
                subject = subject,
                value = shown.value,
                baseline = baseline,
                interval = shown.interval,
                level = estimate.level().to_string(),
                n = estimate.n(),
                verdict = verdict
            )
        }
        Outcome::Insufficient(few) => say!(
            words,
            "answer-none",
            subject = subject,
            baseline = baseline,
            reason = terms::insufficient(words, few)
        ),
    }
}

/// An arm's quantity, with its conditions.
fn subject(comparison: &Comparison, quantity: &str, words: &Words) -> String {
    let arm = comparison.arm;
    let (kind, place) = match arm {
        Arm {
            backend: Backend::Native,
            ..
        } => ("native", "none"),
        Arm { mix: Some(_), .. } => ("mix", "none"),
        Arm {
            backend: Backend::Sriov,
            ..
        } => ("vf", arm.instance.name()),
        _ => ("plain", arm.instance.name()),
    };
    let conditions = terms::conditions(words, arm, &comparison.setting);
    let conditions = (!conditions.is_empty()).then(|| conditions.join(", "));
    say!(
        words,
        "answer-subject",
        kind = kind,
        quantity = say!(words, "quantity", metric = quantity),
        arm = terms::arm(words, arm),
        backend = arm.backend.label(),
        place = place,
        conditions = terms::or_none(conditions)
    )
}

/// The key of whether a verdict is the same among all comparisons of its family.
fn standing(comparison: &Comparison) -> &'static str {
    match comparison.survives() {
        Some(true) => "joint",
        Some(false) => "alone",
        None => "none",
    }
}

/// How many verdicts are the same where the comparisons of a family are judged together.
fn surviving(analysis: &Analysis, words: &Words) -> Option<String> {
    let verdicts: Vec<bool> = analysis
        .panels
        .iter()
        .flat_map(|panel| &panel.comparisons)
        .filter_map(Comparison::survives)
        .collect();
    let kept = verdicts.iter().filter(|survives| **survives).count();
    (!verdicts.is_empty()).then(|| say!(words, "surviving", n = verdicts.len(), kept = kept))
}

/// What a neighbour's load does to each arm, from the first panel that has such a contrast.
fn interference(analysis: &Analysis, desk: &Desk) -> Option<Block> {
    let words = desk.words;
    analysis.panels.iter().find_map(|panel| {
        let to_idle = panel
            .comparisons
            .iter()
            .filter(|c| c.contrast == Contrast::ToIdle);
        let items: Vec<_> = to_idle
            .map(|c| answer(c, panel.metric.name(), &Against::Idle, words))
            .collect();
        let workload = desk.workload(&panel.workload);
        let about = say!(words, "interference-about", workload = workload);
        super::answers::block(about, items)
    })
}

fn cautions(analysis: &Analysis, words: &Words) -> Vec<String> {
    let campaign = &analysis.campaign;
    let mut items = Vec::new();
    if campaign.testbed == Testbed::Emulated {
        items.push(say!(words, "caution-hardware"));
    }
    if campaign.matrix.boot == BootPolicy::PerCampaign {
        items.push(say!(words, "caution-boot"));
    }
    if analysis.panels.iter().any(|p| p.comparisons.len() > 1) {
        items.push(say!(words, "caution-many"));
    }
    items.push(say!(words, "caution-elsewhere"));
    items.extend(super::provenance::caution(&campaign.environment, words));
    items.push(say!(words, "caution-loss"));
    let cells = campaign.matrix.cells();
    if !cells.iter().any(|cell| cell.arm.backend == Backend::Native) {
        items.push(say!(words, "caution-native"));
    }
    items
}
