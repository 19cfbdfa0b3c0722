//! The HTML in headless Chromium, by `tests/browser`: no errors, no requests, what its
//! script does, axe-core, and all of it without a script.

mod synthetic;

use std::path::Path;
use std::process::Command;

use vnicbench_report::{Language, render};

#[test]
fn it_works_in_a_browser() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/browser");
    let runs = |program: &str| Command::new(program).arg("--version").output().is_ok();
    let chromium = std::env::var("CHROMIUM").unwrap_or_else(|_| "chromium".into());
    for (there, what) in [
        (runs("node"), "Node.js (Debian: nodejs)"),
        (
            runs(&chromium),
            "Chromium (Debian: chromium; or CHROMIUM=PROGRAM)",
        ),
        (
            scripts.join("node_modules/axe-core").exists(),
            "axe-core (npm ci --prefix tests/browser)",
        ),
    ] {
        if !there {
            assert!(
                std::env::var_os("VNICBENCH_SKIP").is_none(),
                "{what} is missing"
            );
            eprintln!("SKIPPED: without {what} the report is not tried in a browser");
            return;
        }
    }
    let directory = tempfile::tempdir().expect("a directory");
    let samples = [
        ("large", synthetic::large(), Language::English),
        ("broken", synthetic::broken(), Language::English),
        ("empty", synthetic::empty(), Language::Korean),
    ];
    for (name, analysis, language) in samples {
        let report = render(&analysis, language).expect("a report");
        report.write(&directory.path().join(name)).expect("written");
    }
    let output = Command::new("node")
        .args(["--test", "--test-reporter=spec", "report.test.mjs"])
        .current_dir(&scripts)
        .env("REPORTS", directory.path())
        .env_remove("NODE_TEST_CONTEXT")
        .output()
        .expect("run");
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
