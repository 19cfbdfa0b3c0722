//! A synthetic campaign is one like any other, and says what it is.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use vnicbench_analysis::cache::Cache;
use vnicbench_analysis::{Analysis, Metric, Reading, analyse};
use vnicbench_model::{CampaignDir, Matrix, Plan};
use vnicbench_report::{Language, render};
use vnicbench_synthetic::{LARGE, write};

fn large() -> Matrix {
    Matrix::parse(LARGE, Path::new("large.toml")).unwrap()
}

/// All experiments, with short logs.
fn short(blocks: u32) -> Matrix {
    let text = LARGE.replace("count = 4000", "count = 20");
    let text = text.replace("count = 3000", "count = 20");
    let text = text.replace("count = 2000", "count = 20");
    let mut matrix = Matrix::parse(&text, Path::new("large.toml")).unwrap();
    matrix.blocks = blocks;
    matrix
}

fn digest(directory: &Path) -> String {
    let dir = CampaignDir::open(directory).unwrap();
    Reading::of(&dir, None).unwrap().digest().to_owned()
}

#[test]
fn the_large_one_has_500_cells_and_10_000_trials() {
    assert_eq!(large().cells().len(), 500);
    assert_eq!(Plan::new(&large()).trials.len(), 10_000);
}

#[test]
fn it_is_read_like_a_measured_one() {
    let work = tempfile::tempdir().unwrap();
    let (first, second) = (work.path().join("a/c"), work.path().join("b/c"));
    let written = write(&first, short(1)).unwrap();
    assert_eq!((written.cells, written.trials), (500, 500));
    write(&second, short(1)).unwrap();
    assert_eq!(
        digest(&first),
        digest(&second),
        "the same seed, other bytes"
    );

    let dir = CampaignDir::open(&first).unwrap();
    let analysis: Analysis = analyse(&dir).unwrap();
    assert_eq!(analysis.counts.planned, 500);
    for failure in &analysis.failures {
        assert_eq!(failure.reason, "made up: this trial failed");
    }
    assert!(analysis.failures.len() < 10, "{:?}", analysis.failures);
    assert!(
        analysis.log_warnings.is_empty(),
        "{:?}",
        analysis.log_warnings
    );
    for metric in Metric::ALL {
        let mut panels = analysis.panels.iter();
        assert!(
            panels.any(|p| p.metric == *metric && p.rows.iter().any(|row| !row.trials.is_empty())),
            "no value of {metric:?}"
        );
    }
    let html = render(&analysis, Language::English).unwrap().html;
    let banners = html.matches("Synthetic: its numbers are made up").count();
    // One that stays at the top, and one for each section on paper.
    assert_eq!(banners, 1 + html.matches("<section id=").count());
}

#[test]
fn a_trial_more_is_the_only_one_that_is_parsed() {
    let work = tempfile::tempdir().unwrap();
    let directory = work.path().join("campaign");
    let text = include_str!("../../matrices/check.toml");
    let matrix = Matrix::parse(text, Path::new("check.toml")).unwrap();
    let written = write(&directory, matrix).unwrap();
    let dir = CampaignDir::open(&directory).unwrap();
    let cache = Cache::open(&work.path().join("cache")).unwrap();

    let last = Plan::new(&dir.campaign().unwrap().matrix)
        .trials
        .pop()
        .unwrap();
    let (trial, aside) = (directory.join(last.directory()), work.path().join("aside"));
    std::fs::rename(&trial, &aside).unwrap();
    let parsed = || Reading::of(&dir, Some(&cache)).unwrap().parsed();
    assert_eq!(parsed(), (written.trials, 0));
    // What never began is no entry.
    assert_eq!(parsed(), (1, written.trials - 1));
    std::fs::rename(&aside, &trial).unwrap();
    assert_eq!(parsed(), (1, written.trials - 1));
    assert_eq!(parsed(), (0, written.trials));

    let kept = Reading::of(&dir, Some(&cache)).unwrap().analyse().unwrap();
    let anew = analyse(&dir).unwrap();
    assert_eq!(format!("{kept:?}"), format!("{anew:?}"));
}
