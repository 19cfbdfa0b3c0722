//! `report`: from raw logs to what is read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vnicbench_analysis::Counts;
use vnicbench_model::{CampaignDir, Claims};

use crate::Verdict;
use crate::arguments::{Lang, Report};
use crate::verify::with_claims;

/// Makes a campaign's report.
pub(crate) fn report(arguments: &Report) -> Result<Verdict> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside(&arguments.campaign, Path::new("reports"))?,
    };
    let claims = arguments.claims.as_deref().map(Claims::read).transpose()?;
    make(&arguments.campaign, claims, &out, arguments.lang)?;
    Ok(Verdict::Yes)
}

/// Makes the report of a campaign that has just run, and prints its answers.
pub(crate) fn after_run(campaign: &Path, reports: &Path, lang: Lang) -> Result<Verdict> {
    let out = beside(campaign, reports)?;
    let (report, counts) = make(campaign, None, &out, lang)?;
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

fn make(
    campaign: &Path,
    claims: Option<Claims>,
    out: &Path,
    lang: Lang,
) -> Result<(vnicbench_report::Report, Counts)> {
    let directory = CampaignDir::open(campaign)?;
    let analysis = with_claims(vnicbench_analysis::analyse(&directory)?, claims)?;
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
