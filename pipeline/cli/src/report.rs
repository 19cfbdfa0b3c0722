//! `report`, `verify`: from raw logs to what is read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use vnicbench_analysis::Counts;
use vnicbench_model::{CampaignDir, TrialState};
use vnicbench_report::Format;

use crate::Verdict;
use crate::arguments::{Lang, Report, Verify};

/// Makes a campaign's report.
pub(crate) fn report(arguments: &Report) -> Result<Verdict> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside(&arguments.campaign, Path::new("reports"))?,
    };
    let (report, _) = make(&arguments.campaign, &out, arguments.lang)?;
    let formats = arguments.export.iter();
    let formats: Vec<_> = formats.filter_map(|name| Format::named(name)).collect();
    if !formats.is_empty() {
        for directory in report.export(&out, &formats)? {
            println!("exported: {}", directory.display());
        }
    }
    Ok(Verdict::Yes)
}

/// Makes the report of a campaign that has just run, and prints its answers.
pub(crate) fn after_run(campaign: &Path, reports: &Path, lang: Lang) -> Result<Verdict> {
    let out = beside(campaign, reports)?;
    let (report, counts) = make(campaign, &out, lang)?;
    for answer in &report.answers {
        println!("{answer}");
    }
    println!("raw logs: {}", campaign.display());
    println!("{} of {} trials complete", counts.complete, counts.planned);
    Ok(if counts.complete > 0 {
        Verdict::Yes
    } else {
        Verdict::No
    })
}

fn make(campaign: &Path, out: &Path, lang: Lang) -> Result<(vnicbench_report::Report, Counts)> {
    let directory = CampaignDir::open(campaign)?;
    let analysis = vnicbench_analysis::analyse(&directory)?;
    let report = vnicbench_report::render(&analysis, lang.into())?;
    report.write(out)?;
    println!("report: {}", out.join("report.html").display());
    println!("report: {}", out.join("report.pdf").display());
    Ok((report, analysis.counts))
}

/// `<directory>/<name of the campaign>`.
pub(crate) fn beside(campaign: &Path, directory: &Path) -> Result<PathBuf> {
    let whole = fs::canonicalize(campaign)
        .with_context(|| format!("cannot find {}", campaign.display()))?;
    let name = whole.file_name().with_context(|| {
        format!(
            "{} has no name; say with --out where the result goes",
            campaign.display()
        )
    })?;
    Ok(directory.join(name))
}

#[derive(Serialize)]
struct Verified {
    files: usize,
    planned: usize,
    complete: usize,
    failed: usize,
    interrupted: usize,
    missing: usize,
}

/// Compares checksums and counts trials; the result says no if one isn't complete.
pub(crate) fn verify(arguments: &Verify) -> Result<Verdict> {
    let directory = CampaignDir::open(&arguments.campaign)?;
    let files = directory.verify()?;
    let trials = directory.trials()?;
    let count = |state| trials.iter().filter(|trial| trial.state == state).count();
    let verified = Verified {
        files,
        planned: trials.len(),
        complete: count(TrialState::Complete),
        failed: count(TrialState::Failed),
        interrupted: count(TrialState::Interrupted),
        missing: count(TrialState::Missing),
    };
    if arguments.json {
        println!("{}", serde_json::to_string(&verified)?);
    } else {
        let Verified {
            files,
            planned,
            complete,
            failed,
            interrupted,
            missing,
        } = verified;
        println!("{files} files are as they were measured");
        println!(
            "{complete} of {planned} trials complete, {failed} failed, {interrupted} interrupted, {missing} missing"
        );
    }
    Ok(if verified.complete == verified.planned {
        Verdict::Yes
    } else {
        Verdict::No
    })
}
