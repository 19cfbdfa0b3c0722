//! What another kernel of the guests, or another QEMU, does.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};

use super::cover::{Against, answer};
use super::findings::{id, label, ratios};
use super::{Block, Desk};
use crate::figure::FigureError;
use crate::text;
use crate::words::{Words, say};

/// The contrasts with what is compared, for an anchor and for messages.
const CONTRASTS: [(Contrast, &str, &str); 2] = [
    (Contrast::ToFirstKernel, "kernels", "kernel"),
    (Contrast::ToFirstQemu, "qemus", "qemu"),
];

/// The version that a cell's is compared with.
pub(super) fn first(comparison: &Comparison, words: &Words) -> String {
    let setting = &comparison.baseline_setting;
    let shown =
        |version: &Option<String>| version.as_deref().map_or_else(String::new, text::foreign);
    match comparison.contrast {
        Contrast::ToFirstQemu => say!(words, "qemu", version = shown(&setting.qemu)),
        _ => say!(words, "guest-kernel", version = shown(&setting.kernel)),
    }
}

/// Answers for the first page: what another version does to goodput or round-trip time.
pub(super) fn answers(analysis: &Analysis, desk: &Desk) -> Vec<Block> {
    let words = desk.words;
    let blocks = CONTRASTS.iter().filter_map(|&(contrast, _, what)| {
        let of = |panel: &&Panel| {
            let shown = matches!(panel.metric, Metric::Goodput | Metric::RttMedian);
            shown && panel.comparisons.iter().any(|c| c.contrast == contrast)
        };
        let panel = analysis.panels.iter().find(of)?;
        let comparisons = panel.comparisons.iter().filter(|c| c.contrast == contrast);
        let items = comparisons.map(|c| {
            let against = Against::Version(first(c, words));
            answer(c, panel.metric.name(), &against, words)
        });
        let workload = desk.workload(&panel.workload);
        let about = say!(words, "versions-about", workload = workload, what = what);
        super::answers::block(about, items.collect())
    });
    blocks.collect()
}

/// The ratios to the first version, workload by workload: a figure for kernels, one for QEMUs.
pub(super) fn figures(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let words = desk.words;
    let metric = label(panels, words);
    let mut blocks = Vec::new();
    for (contrast, anchor, what) in CONTRASTS {
        let title = say!(words, "versions-title", metric = metric, what = what);
        let axis = say!(words, "versions-axis", metric = metric, what = what);
        let id = id(panels, anchor);
        blocks.extend(ratios(panels, contrast, id, title, &axis, desk)?);
    }
    Ok(blocks)
}
