//! SYNTHETIC analyses for tests: the numbers are made up, nothing was measured.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;
use std::sync::LazyLock;

use vnicbench_analysis::{Analysis, Metric, Panel, Row, TrialValue, analyse};
use vnicbench_model::{CampaignDir, Cell, Matrix, Testbed};
use vnicbench_stats::{Level, Warning, quantile};

pub const MATRIX: &str = r#"
format = 1
name = "synthetic"
seed = 7
blocks = 8
boot = "per-block"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 1
boot_limit = "60 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "sriov"]
instance = ["vm"]
[experiment.ping]
payload = ["56 B", "1400 B"]
interval = ["10 ms"]
count = 3

[[experiment]]
name = "density"
question = "density"
backend = ["virtio", "sriov"]
instance = ["vm"]
vms = [1, 2, 4]
[experiment.iperf]
streams = [1]
duration = "1 s"
"#;

/// What the panels are put into.
static COMMITTED: LazyLock<Analysis> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../raw/emulated");
    analyse(&CampaignDir::open(&path).unwrap()).unwrap()
});

/// An analysis on attached hardware whose trials have these values by cell and block.
pub fn analysis(value: impl Fn(&Cell, Metric, u32) -> Option<f64>) -> Analysis {
    of_matrix(MATRIX, value)
}

/// The same of another matrix.
pub fn of_matrix(matrix: &str, value: impl Fn(&Cell, Metric, u32) -> Option<f64>) -> Analysis {
    let matrix = Matrix::parse(matrix, Path::new("synthetic.toml")).unwrap();
    let mut analysis = COMMITTED.clone();
    analysis.panels.clear();
    for cell in matrix.cells() {
        for metric in [Metric::RttMedian, Metric::Goodput, Metric::HostCpu] {
            let trials: Vec<TrialValue> = (0..8)
                .filter_map(|block| {
                    let value = value(&cell, metric, block)?;
                    Some(TrialValue {
                        block,
                        value,
                        sources: Vec::new(),
                    })
                })
                .collect();
            let values: Vec<f64> = trials.iter().map(|trial| trial.value).collect();
            let note = Warning::Note {
                text: "made up".into(),
                fact: None,
            };
            let estimate = quantile::median(&values, Level::P95).unwrap();
            analysis.panels.push(Panel {
                id: format!("{}-{}", cell.id(), metric.name()),
                experiment: cell.experiment.clone(),
                question: cell.question,
                metric,
                workload: cell.workload.to_string(),
                rows: vec![Row {
                    cell: cell.id(),
                    arm: cell.arm,
                    setting: cell.setting.clone(),
                    estimate: estimate.map(|estimate| estimate.with_warning(note)),
                    trials,
                }],
                comparisons: Vec::new(),
                slopes: Vec::new(),
                shares: Vec::new(),
            });
        }
    }
    analysis.campaign.matrix = matrix;
    analysis.campaign.testbed = Testbed::Attached;
    analysis
}
