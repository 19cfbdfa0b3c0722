//! `verify`: whether a campaign's files are as they were measured and its trials done, and what
//! it says of claims.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use vnicbench_analysis::{Analysis, ClaimResult, ClaimVerdict, claims};
use vnicbench_model::{CampaignDir, Claims, TrialState};
use vnicbench_report::Language;

use crate::arguments::Verify;
use crate::{Verdict, environment, package};

/// What is found out of a campaign.
#[derive(Debug, Serialize)]
pub(crate) struct Verified {
    /// Files whose digest is the recorded one.
    pub(crate) files: usize,
    /// Trials in the plan.
    pub(crate) planned: usize,
    /// Those marked complete.
    pub(crate) complete: usize,
    /// Those that ran and failed.
    pub(crate) failed: usize,
    /// Those begun and not finished.
    pub(crate) interrupted: usize,
    /// Those never begun.
    pub(crate) missing: usize,
    /// Where it was measured with other than what the lock has, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) mismatches: Vec<String>,
    /// Its verdicts on claims: its own, or those that were given.
    pub(crate) claims: Vec<ClaimResult>,
}

impl Verified {
    /// Compares digests, counts trials and judges the claims of the file `claims`, or those that
    /// the campaign keeps.
    ///
    /// # Errors
    ///
    /// A file that was changed or can't be read.
    pub(crate) fn of(campaign: &Path, claims: Option<&Path>) -> Result<Self> {
        // Before hours are spent on the rest.
        let given = claims.map(Claims::read).transpose()?;
        let directory = CampaignDir::open(campaign)?;
        let campaign = directory.campaign()?;
        // Each file is read once: an analysis begins with comparing digests.
        let (files, claims) = match given {
            None if campaign.claims.is_empty() => (directory.verify()?, Vec::new()),
            given => {
                let analysis =
                    with_claims(vnicbench_analysis::analyse(&directory)?, given.as_ref())?;
                (analysis.files, analysis.claims)
            }
        };
        let trials = directory.trials()?;
        let count = |state| trials.iter().filter(|trial| trial.state == state).count();
        Ok(Self {
            files,
            planned: trials.len(),
            complete: count(TrialState::Complete),
            failed: count(TrialState::Failed),
            interrupted: count(TrialState::Interrupted),
            missing: count(TrialState::Missing),
            mismatches: campaign.environment.mismatches(),
            claims,
        })
    }

    /// Whether every trial is complete and no claim contradicted.
    pub(crate) fn holds(&self) -> bool {
        let contradicted = |result: &ClaimResult| result.verdict == ClaimVerdict::Contradicted;
        self.complete == self.planned && !self.claims.iter().any(contradicted)
    }

    /// For a terminal.
    pub(crate) fn text(&self) -> Result<String> {
        let Self {
            files,
            planned,
            complete,
            failed,
            interrupted,
            missing,
            mismatches,
            claims,
        } = self;
        let mut text = format!(
            "{files} files are as they were measured\n\
             {complete} of {planned} trials complete, {failed} failed, {interrupted} interrupted, {missing} missing\n"
        );
        for mismatch in mismatches {
            text.push_str(&format!("not what the lock has: {mismatch}\n"));
        }
        if !claims.is_empty() {
            text.push('\n');
            text.push_str(&vnicbench_report::claims_text(claims, Language::English)?);
        }
        Ok(text)
    }
}

/// An analysis with the verdicts on other claims than the campaign's own, if there are any.
pub(crate) fn with_claims(mut analysis: Analysis, given: Option<&Claims>) -> Result<Analysis> {
    if let Some(given) = given {
        analysis.claims = claims::judge(&analysis, &given.claims)?;
    }
    Ok(analysis)
}

/// Prints what is found out of a campaign or a package.
pub(crate) fn verify(arguments: &Verify) -> Result<Verdict> {
    if arguments.environment {
        return environment::verify(arguments);
    }
    if package::is_one(&arguments.campaign) {
        return package::verify(arguments);
    }
    let verified = Verified::of(&arguments.campaign, arguments.claims.as_deref())?;
    if arguments.json {
        println!("{}", serde_json::to_string(&verified)?);
    } else {
        print!("{}", verified.text()?);
    }
    Ok(if verified.holds() {
        Verdict::Yes
    } else {
        Verdict::No
    })
}
