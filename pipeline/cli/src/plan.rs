//! `plan`: what a matrix comes to, before anything is run.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::{Context, Result};
use vnicbench_model::{
    BootPolicy, Estimate, Matrix, Measured, Plan, Testbed, Times, Typical, estimate,
};

use crate::Verdict;
use crate::arguments::{self, TestbedChoice};

/// Prints what a matrix comes to.
pub(crate) fn plan(arguments: &arguments::Plan) -> Result<Verdict> {
    let matrix = Matrix::read(&arguments.matrix)?;
    let plan = Plan::new(&matrix);
    let text = if arguments.json {
        lines_of_json(&plan)?
    } else if arguments.order {
        order(&plan)
    } else {
        let testbed = match arguments.testbed {
            TestbedChoice::Attached => Testbed::Attached,
            TestbedChoice::Emulated => Testbed::Emulated,
        };
        let measured = Measured::from_campaigns(&arguments.raw, testbed);
        let estimate = estimate(&plan, &matrix, &measured);
        cells(&matrix) + &sums(&matrix, &plan, &estimate) + &sources(&measured)
    };
    match io::stdout().lock().write_all(text.as_bytes()) {
        // A reader that has seen enough, such as head.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(Verdict::Yes),
        written => {
            written.context("cannot print the plan")?;
            Ok(Verdict::Yes)
        }
    }
}

fn lines_of_json(plan: &Plan) -> Result<String> {
    let mut text = String::new();
    for trial in &plan.trials {
        text.push_str(&serde_json::to_string(trial)?);
        text.push('\n');
    }
    Ok(text)
}

fn order(plan: &Plan) -> String {
    let mut text = format!("{:>6} {:>5} {:>5}  trial\n", "number", "block", "boot");
    for trial in &plan.trials {
        let (number, block, boot) = (trial.sequence, trial.block, trial.boot);
        let directory = trial.directory();
        let _ = writeln!(text, "{number:>6} {block:>5} {boot:>5}  {directory}");
    }
    text
}

/// The ids of the cells by experiment.
fn cells(matrix: &Matrix) -> String {
    let mut text = String::new();
    for experiment in &matrix.experiments {
        let cells = experiment.cells();
        let boot = match experiment.boot.unwrap_or(matrix.boot) {
            BootPolicy::PerCampaign => "guests booted once",
            BootPolicy::PerBlock => "guests booted for each block",
            BootPolicy::PerTrial => "guests booted for each trial",
        };
        let _ = writeln!(
            text,
            "{} ({}): {}, {boot}",
            experiment.name,
            experiment.question,
            count(cells.len(), "cell")
        );
        for cell in cells {
            let _ = writeln!(text, "  {}", cell.id());
        }
    }
    text
}

fn sums(matrix: &Matrix, plan: &Plan, estimate: &Estimate) -> String {
    let mut text = format!(
        "\n{} x {} = {}, with {} of guests\n\n{:<22}{:>10} {:>9} {:>9} {:>9} {:>9}\n",
        count(matrix.cells().len(), "cell"),
        count(matrix.blocks as usize, "block"),
        count(plan.trials.len(), "trial"),
        count(plan.boots() as usize, "boot"),
        "",
        "in all",
        "tools",
        "boots",
        "waits",
        "beside",
    );
    let mut row = |name: &str, times: Times| {
        let _ = writeln!(
            text,
            "{name:<22}{:>10} {:>9} {:>9} {:>9} {:>9}",
            span(times.total()),
            span(times.tools),
            span(times.boots),
            span(times.waits),
            span(times.overhead)
        );
    };
    if matrix.blocks > 1 {
        row("the first block", estimate.first(1));
    }
    if let Some(precision) = &matrix.precision {
        let least = precision.min_blocks;
        row(
            &format!("at least, {}", count(least as usize, "block")),
            estimate.first(least),
        );
        row(
            &format!("at most, {}", count(matrix.blocks as usize, "block")),
            estimate.all(),
        );
    } else {
        row(&count(matrix.blocks as usize, "block"), estimate.all());
    }
    text
}

/// Where the times are from that the matrix doesn't say.
fn sources(measured: &Measured) -> String {
    let source = |typical: &Typical| match &typical.source {
        None => "assumed, since no campaign of this test bed has any".to_owned(),
        Some(source) => format!("median of {} in {}", source.n, source.campaign.display()),
    };
    format!(
        "\nboots {:.1} s for each batch of guests: {}\nbeside each tool {:.1} s: {}\n",
        measured.boot.seconds,
        source(&measured.boot),
        measured.overhead.seconds,
        source(&measured.overhead)
    )
}

fn count(n: usize, noun: &str) -> String {
    format!("{n} {noun}{}", if n == 1 { "" } else { "s" })
}

/// A length of time in two units at most.
fn span(seconds: f64) -> String {
    let minutes = (seconds / 60.0).round();
    let rounded = match seconds {
        s if s < 3_600.0 => s.round(),
        _ => minutes * 60.0,
    };
    // Saturates; a matrix can't have so many trials.
    let text = humantime::format_duration(Duration::from_secs(rounded as u64)).to_string();
    text.replace("days", "d").replace("day", "d")
}
