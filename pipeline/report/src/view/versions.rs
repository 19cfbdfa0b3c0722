//! What another kernel of the guests, or another QEMU, does.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};

use super::cover::{Against, answer};
use super::findings::{id, label, ratios};
use super::{Block, Desk};
use crate::figure::FigureError;
use crate::text;
use crate::words::{Words, say};

/// The contrasts with the first version, each with its name in anchors and messages.
const CONTRASTS: [(Contrast, &str); 2] = [
    (Contrast::ToFirstKernel, "kernels"),
    (Contrast::ToFirstQemu, "qemus"),
];

/// The version that a cell's is compared with.
pub(super) fn first(comparison: &Comparison, words: &Words) -> String {
    let version = first_version(comparison);
    match comparison.contrast {
        Contrast::ToFirstQemu => say!(words, "version-qemu", version = version),
        _ => say!(words, "version-kernel", version = version),
    }
}

fn first_version(comparison: &Comparison) -> String {
    let setting = &comparison.baseline_setting;
    let version = match comparison.contrast {
        Contrast::ToFirstQemu => &setting.qemu,
        _ => &setting.kernel,
    };
    version.as_deref().map_or_else(String::new, text::foreign)
}

/// Answers for the first page: what another version does to goodput or round-trip time.
pub(super) fn answers(analysis: &Analysis, desk: &Desk) -> Vec<Block> {
    let words = desk.words;
    let blocks = CONTRASTS.iter().filter_map(|&(contrast, of)| {
        let shown = |panel: &&Panel| {
            let shown = matches!(panel.metric, Metric::Goodput | Metric::RttMedian);
            shown && panel.comparisons.iter().any(|c| c.contrast == contrast)
        };
        let panel = analysis.panels.iter().find(shown)?;
        let comparisons = panel.comparisons.iter().filter(|c| c.contrast == contrast);
        let items = comparisons.map(|c| {
            let against = match contrast {
                Contrast::ToFirstQemu => Against::Qemu(first_version(c)),
                _ => Against::Kernel(first_version(c)),
            };
            answer(c, panel.metric.name(), &against, words)
        });
        let workload = desk.workload(&panel.workload);
        let about = say!(words, "versions-about", workload = workload, of = of);
        super::answers::block(about, items.collect())
    });
    blocks.collect()
}

/// The ratios to the first version, workload by workload: a figure for kernels, one for QEMUs.
pub(super) fn figures(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let mut blocks = Vec::new();
    for (contrast, of) in CONTRASTS {
        let metric = label(panels, desk.words);
        let title = say!(desk.words, "versions-title", metric = metric, of = of);
        let axis = say!(desk.words, "versions-axis", metric = metric, of = of);
        let id = id(panels, of);
        blocks.extend(ratios(panels, contrast, id, title, &axis, desk)?);
    }
    Ok(blocks)
}
