//! `report`: from raw logs to what is read.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use vnicbench_analysis::cache::Cache;
use vnicbench_analysis::{Counts, Reading};
use vnicbench_model::{CampaignDir, Claims};
use vnicbench_report::Format;

use crate::Verdict;
use crate::arguments::{Lang, Report};
use crate::run::cache;
use crate::verify::with_claims;

/// Makes a campaign's report.
pub(crate) fn report(arguments: &Report) -> Result<Verdict> {
    let out = match &arguments.out {
        Some(out) => out.clone(),
        None => beside(&arguments.campaign, Path::new("reports"))?,
    };
    let claims = arguments.claims.as_deref().map(Claims::read).transpose()?;
    let formats = arguments.export.iter();
    let formats: Vec<_> = formats.filter_map(|name| Format::named(name)).collect();
    let cache = match arguments.no_cache {
        true => None,
        // Without a place for it everything is made anew.
        false => cache(arguments.cache.as_deref()).ok(),
    };
    let cache = cache.and_then(|cache| Cache::open(&cache.join("reports")));
    let made = Making {
        campaign: &arguments.campaign,
        claims,
        lang: arguments.lang,
        cache: cache.as_ref(),
    };
    if formats.is_empty() {
        made.written(&out)?;
        return Ok(Verdict::Yes);
    }
    let directory = CampaignDir::open(&arguments.campaign)?;
    let report = made.anew(Reading::of(&directory, cache.as_ref())?)?;
    write(&report.report, &out)?;
    for directory in report.report.export(&out, &formats)? {
        println!("exported: {}", directory.display());
    }
    Ok(Verdict::Yes)
}

/// Makes the report of a campaign that has just run, and prints its answers.
pub(crate) fn after_run(campaign: &Path, reports: &Path, lang: Lang) -> Result<Verdict> {
    let out = beside(campaign, reports)?;
    let making = Making {
        campaign,
        claims: None,
        lang,
        cache: None,
    };
    let Made { report, counts } = making.written(&out)?;
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

/// What a report is made from.
struct Making<'a> {
    campaign: &'a Path,
    claims: Option<Claims>,
    lang: Lang,
    cache: Option<&'a Cache>,
}

/// A report and what its campaign did.
struct Made {
    report: vnicbench_report::Report,
    counts: Counts,
}

impl Making<'_> {
    /// Writes the report to a directory, as it was made before if nothing has changed since.
    fn written(&self, out: &Path) -> Result<Made> {
        let directory = CampaignDir::open(self.campaign)?;
        let reading = Reading::of(&directory, self.cache)?;
        let Some(cache) = self.cache else {
            let made = self.anew(reading)?;
            write(&made.report, out)?;
            return Ok(made);
        };
        let claims = serde_json::to_string(&self.claims)?;
        let lang = format!("{:?}", self.lang);
        let key = cache.key("report", &[reading.digest(), &claims, &lang]);
        let kept = cache.get(&key).and_then(Made::from_bytes);
        let made = match kept {
            Some(made) => made,
            None => {
                let made = self.anew(reading)?;
                cache.put(&key, &made.to_bytes()?);
                cache.trim();
                made
            }
        };
        write(&made.report, out)?;
        Ok(made)
    }

    fn anew(&self, reading: Reading<'_>) -> Result<Made> {
        let analysis = with_claims(reading.analyse()?, self.claims.as_ref())?;
        Ok(Made {
            report: vnicbench_report::render(&analysis, self.lang.into())?,
            counts: analysis.counts,
        })
    }
}

impl Made {
    /// To be kept: a line that says where the HTML ends and the PDF begins, then both; not what
    /// exports are made from.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        let Self { report, counts } = self;
        let mut bytes = serde_json::to_vec(&(counts, &report.answers, report.html.len()))?;
        bytes.push(b'\n');
        bytes.extend(report.html.as_bytes());
        bytes.extend(&report.pdf);
        Ok(bytes)
    }

    fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let (line, rest) = bytes.split_at_checked(end)?;
        let (counts, answers, html): (_, _, usize) = serde_json::from_slice(line).ok()?;
        let (html, pdf) = rest.get(1..)?.split_at_checked(html)?;
        let report = vnicbench_report::Report {
            html: String::from_utf8(html.to_vec()).ok()?,
            pdf: pdf.to_vec(),
            figures: Vec::new(),
            tables: Vec::new(),
            answers,
        };
        Some(Self { report, counts })
    }
}

fn write(report: &vnicbench_report::Report, out: &Path) -> Result<()> {
    report.write(out)?;
    println!("report: {}", out.join("report.html").display());
    println!("report: {}", out.join("report.pdf").display());
    Ok(())
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
