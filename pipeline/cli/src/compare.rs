//! `compare`: two campaigns cell by cell, or one matrix on several hosts.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use vnicbench_analysis::{Analysis, compare as comparison};
use vnicbench_model::{CampaignDir, Testbed};
use vnicbench_report::Compared;

use crate::Verdict;
use crate::arguments::Compare;

/// Compares campaigns; the result says no if a cell of the second is worse.
pub(crate) fn compare(arguments: &Compare) -> Result<Verdict> {
    let mut analyses = Vec::with_capacity(arguments.campaigns.len());
    for campaign in &arguments.campaigns {
        analyses.push(analyse(campaign)?);
    }
    if arguments.pool {
        let name = |analysis: &Analysis| analysis.campaign.matrix.name.clone();
        if let Some(other) = analyses
            .iter()
            .find(|a| Some(name(a)) != analyses.first().map(name))
        {
            bail!(
                "campaigns of one matrix are pooled, and {} is of the matrix {:?}; compare two of them without --pool",
                other.campaign.name,
                name(other)
            );
        }
        let mut known = BTreeSet::new();
        for Analysis { campaign, .. } in &analyses {
            if !known.insert((&campaign.name, &campaign.started)) {
                bail!(
                    "the campaign {} is given twice; each host has one of its own",
                    campaign.name
                );
            }
        }
        let pool = comparison::pool::pool(&analyses)?;
        let testbeds = analyses.iter().map(|analysis| analysis.campaign.testbed);
        let testbed = testbeds.max().unwrap_or(Testbed::Attached);
        let compared = vnicbench_report::render_pool(&pool, testbed, arguments.lang.into())?;
        show(arguments, &pool, &compared)?;
        return Ok(Verdict::Yes);
    }
    let [first, second] = analyses.as_slice() else {
        bail!("two campaigns are compared; for one matrix on several hosts add --pool");
    };
    let found = comparison::compare(first, second, arguments.threshold.0)?;
    let compared = vnicbench_report::render_comparison(&found, arguments.lang.into())?;
    show(arguments, &found, &compared)?;
    Ok(match found.has_regression() {
        true => Verdict::No,
        false => Verdict::Yes,
    })
}

fn analyse(campaign: &Path) -> Result<Analysis> {
    let directory = CampaignDir::open(campaign)?;
    vnicbench_analysis::analyse(&directory)
        .with_context(|| format!("cannot analyse {}", campaign.display()))
}

/// Prints what was found, and writes it where that was asked for.
fn show(arguments: &Compare, found: &impl Serialize, compared: &Compared) -> Result<()> {
    let json = serde_json::to_string(found)? + "\n";
    if let Some(out) = &arguments.out {
        compared.report.write(out)?;
        for (name, text) in [
            ("comparison.md", &compared.markdown),
            ("comparison.json", &json),
        ] {
            let path = out.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    let text = match (arguments.json, arguments.markdown) {
        (true, _) => &json,
        (_, true) => &compared.markdown,
        _ => &compared.plain,
    };
    print!("{text}");
    Ok(())
}
