//! `CITATION.cff`, in the Citation File Format 1.2.0.

use vnicbench_model::Campaign;

use crate::author::Author;
use crate::time::Time;

/// Who stands for the authors of a campaign where none are named.
pub(crate) const UNNAMED: &str = "The authors of this campaign";

/// How the package is cited. Texts are written as JSON, which YAML's flow scalars include.
pub(crate) fn cff(campaign: &Campaign, authors: &[Author], time: &Time) -> String {
    let mut lines = vec![
        "cff-version: 1.2.0".to_owned(),
        "message: If you use these measurements, please cite them as below.".to_owned(),
        "type: dataset".to_owned(),
        format!("title: {}", quoted(&title(campaign))),
        "authors:".to_owned(),
    ];
    if authors.is_empty() {
        lines.push(format!("  - name: {}", quoted(UNNAMED)));
    }
    for author in authors {
        lines.push(format!("  - name: {}", quoted(&author.name)));
        if let Some(address) = author.address() {
            lines.push(format!("    orcid: {}", quoted(&address)));
        }
    }
    lines.push(format!("date-released: {}", quoted(&time.date())));
    lines.push("license: Apache-2.0".to_owned());
    if let Some(caution) = vnicbench_report::caution(campaign.testbed) {
        lines.push(format!("abstract: {}", quoted(caution)));
    }
    lines.push(format!(
        "references:
  - type: software
    title: vnicbench
    version: {}
    authors:
      - name: The vnicbench maintainers
  - type: article
    title: Performance Evaluation and Analysis on Single and Multi-Network Virtualization Systems with Virtio and SR-IOV
    authors:
      - family-names: Lee
        given-names: J.
      - family-names: Lim
        given-names: J.
      - family-names: Yu
        given-names: H.
    journal: Transactions of the Korea Information Processing Society
    volume: 13
    issue: 2
    year: 2024
    doi: 10.3745/TKIPS.2024.13.2.48
",
        quoted(&campaign.tool_version)
    ));
    lines.join("\n")
}

/// What the package is called.
pub(crate) fn title(campaign: &Campaign) -> String {
    format!(
        "Measurements of virtual NICs with vnicbench: campaign {}",
        campaign.name
    )
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
