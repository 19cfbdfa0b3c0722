//! What part of the whole each measured NIC got.

use vnicbench_model::Cell;

use crate::error::AnalysisError;
use crate::estimate::Estimator;
use crate::result::{Metric, Share};
use crate::values::key;

/// A share for each measured NIC of each cell.
pub(crate) fn shares(cells: &[&Cell], estimator: &Estimator) -> Result<Vec<Share>, AnalysisError> {
    let mut shares = Vec::new();
    for cell in cells {
        let key = key(cell);
        let totals = estimator.values(&key, Metric::Goodput);
        let parts = estimator.of_nodes(&key, Metric::Goodput);
        let mut nodes: Vec<&str> = Vec::new();
        for part in parts {
            if !nodes.contains(&part.node.as_str()) {
                nodes.push(&part.node);
            }
        }
        for node in nodes {
            // A trial without a total has no shares either.
            let of_node = |block| {
                let mut parts = parts.iter();
                parts.find(|part| part.node == node && part.block == block)
            };
            let values: Vec<f64> = totals
                .iter()
                .filter_map(|total| Some(of_node(total.block)?.value / total.value))
                .collect();
            shares.push(Share {
                cell: cell.id(),
                arm: cell.arm,
                setting: cell.setting.clone(),
                node: node.to_owned(),
                estimate: estimator.median(
                    &key,
                    &format!("the share of {node}"),
                    &values,
                    Vec::new(),
                )?,
            });
        }
    }
    Ok(shares)
}
