//! Time for drift, dependence, warm-up and distributions of 10,000 trials of 300 replies each.
//! `cargo bench -p vnicbench-analysis --bench stability`

use std::path::Path;
use std::time::Instant;

use vnicbench_analysis::{Curve, Stability, TrialReplies};
use vnicbench_model::Matrix;
use vnicbench_stats::Level;

const MATRIX: &str = r#"
format = 1
name = "bench"
description = "Made-up numbers."
seed = 1
blocks = 20
boot = "per-block"

[guest]
vcpus = 1
memory = "256 MiB"
boot_batch = 2
boot_limit = "120 s"

[[experiment]]
name = "latency"
question = "latency"
backend = ["virtio", "vhost", "sriov", "veth", "native"]
instance = ["vm", "container"]
ping = { payload = ["16 B", "56 B"], interval = ["10 ms", "20 ms"], count = 300 }
"#;

const TRIALS: usize = 10_000;
const REPLIES: usize = 300;

fn main() {
    let matrix = Matrix::parse(MATRIX, Path::new("bench.toml")).expect("a matrix");
    let cells = matrix.cells();
    let mut state = 1_u64;
    let mut noise = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let each = TRIALS / cells.len();
    let replies: Vec<_> = cells
        .into_iter()
        .map(|cell| {
            let trial = |_| TrialReplies {
                transmitted: REPLIES as u64,
                rtt_ms: (0..REPLIES).map(|_| 0.2 + noise()).collect(),
            };
            (cell, (0..each).map(trial).collect::<Vec<_>>())
        })
        .collect();
    let begin = Instant::now();
    let stability = Stability::of(&[], &replies, Level::P95).expect("finite");
    println!(
        "dependence and warm-up of {TRIALS} trials: {:?} ({} arms)",
        begin.elapsed(),
        stability.behaviours.len()
    );
    let begin = Instant::now();
    for (cell, trials) in &replies {
        let setting = cell.setting.clone();
        Curve::of(cell.id(), cell.arm, setting, trials, Level::P95).expect("finite");
    }
    println!("their quantiles and bands: {:?}", begin.elapsed());
}
