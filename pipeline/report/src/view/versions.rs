//! What another kernel of the guests, or another QEMU, does.

use vnicbench_analysis::{Analysis, Comparison, Contrast, Metric, Panel};

use super::cover::answer;
use super::findings::{id, label, ratios};
use super::{Block, Desk};
use crate::figure::FigureError;
use crate::text;

/// The contrasts with what is compared, for an anchor and in words.
const CONTRASTS: [(Contrast, &str, &str); 2] = [
    (Contrast::ToFirstKernel, "kernels", "guest kernel"),
    (Contrast::ToFirstQemu, "qemus", "QEMU"),
];

/// The version that a cell's is compared with.
pub(super) fn first(comparison: &Comparison) -> String {
    let setting = &comparison.baseline_setting;
    let (what, version) = match comparison.contrast {
        Contrast::ToFirstQemu => ("QEMU", &setting.qemu),
        _ => ("guest kernel", &setting.kernel),
    };
    let version = version.as_deref().map_or_else(String::new, text::foreign);
    format!("{what} {version}")
}

/// Answers for the first page: what another version does to goodput or round-trip time.
pub(super) fn answers(analysis: &Analysis) -> Vec<Block> {
    let blocks = CONTRASTS.iter().filter_map(|&(contrast, _, what)| {
        let of = |panel: &&Panel| {
            let shown = matches!(panel.metric, Metric::Goodput | Metric::RttMedian);
            shown && panel.comparisons.iter().any(|c| c.contrast == contrast)
        };
        let panel = analysis.panels.iter().find(of)?;
        let quantity = match panel.metric {
            Metric::RttMedian => "median RTT",
            _ => "goodput",
        };
        let comparisons = panel.comparisons.iter().filter(|c| c.contrast == contrast);
        let items = comparisons.map(|c| answer(c, quantity, &format!("that with {}", first(c))));
        super::answers::block(format!("{}, by {what}", panel.workload), items.collect())
    });
    blocks.collect()
}

/// The ratios to the first version, workload by workload: a figure for kernels, one for QEMUs.
pub(super) fn figures(panels: &[&Panel], desk: &mut Desk) -> Result<Vec<Block>, FigureError> {
    let mut blocks = Vec::new();
    for (contrast, anchor, what) in CONTRASTS {
        let title = format!("{} by {what}, as a ratio to the first", label(panels));
        let axis = format!("{}, ratio to the first {what}", label(panels));
        let id = id(panels, anchor);
        blocks.extend(ratios(panels, contrast, id, title, &axis, desk)?);
    }
    Ok(blocks)
}
