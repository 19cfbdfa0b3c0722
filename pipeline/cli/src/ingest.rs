//! `ingest`: logs to tables.

use std::path::Path;

use anyhow::Result;
use vnicbench_analysis::{Ingested, Layout};
use vnicbench_model::CampaignDir;

use crate::arguments::Ingest;
use crate::{Verdict, progress, report};

/// Makes the tables of a campaign, or of a directory of logs; the result says no if none of
/// them held records.
pub(crate) fn ingest(arguments: &Ingest) -> Result<Verdict> {
    let directory = &arguments.directory;
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => report::beside(directory, Path::new("reports"))?.join("tables"),
    };
    let layout = arguments.layout.as_deref().map(Layout::read).transpose()?;
    if layout.is_none() && directory.join("campaign.json").exists() {
        let campaign = CampaignDir::open(directory)?;
        for path in vnicbench_analysis::tables(&campaign)?.write(&out)? {
            println!("{}", path.display());
        }
        return Ok(Verdict::Yes);
    }
    let mut progress = progress::counter("files");
    let layout = layout.unwrap_or_default();
    let ingested = vnicbench_analysis::ingest(directory, &layout, &out, &mut progress)?;
    drop(progress);
    let Ingested {
        logs,
        useful,
        without_place,
        unreadable,
        tables,
    } = ingested;
    for why in &unreadable {
        progress::say(&format!("not read: {why}"));
    }
    for path in &without_place {
        progress::say(&format!("no template fits: {}", path.display()));
    }
    for path in &tables {
        println!("{}", path.display());
    }
    println!("{useful} of {logs} logs hold records");
    Ok(if useful > 0 {
        Verdict::Yes
    } else {
        Verdict::No
    })
}
