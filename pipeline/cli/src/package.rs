//! `package`, and `verify` of what it made.

use std::path::Path;

use anyhow::Result;
use serde::Serialize;
use vnicbench_model::CampaignDir;
use vnicbench_package::{Options, Packed, Verification};

use crate::Verdict;
use crate::arguments::{Package, Verify};
use crate::verify::Verified;

/// Packs a campaign.
pub(crate) fn package(arguments: &Package) -> Result<Verdict> {
    let campaign = CampaignDir::open(&arguments.campaign)?;
    let archive = match &arguments.out {
        Some(out) => out.clone(),
        None => Path::new("reports").join(vnicbench_package::file_name(&campaign)?),
    };
    let options = Options {
        claims: arguments.claims.clone(),
        authors: arguments.authors.clone(),
        epoch: arguments.epoch,
    };
    let packed = vnicbench_package::pack(&campaign, &archive, &options)?;
    if arguments.json {
        println!("{}", serde_json::to_string(&packed)?);
    } else {
        print(&packed, options.authors.is_empty());
    }
    Ok(Verdict::Yes)
}

fn print(packed: &Packed, unnamed: bool) {
    let archive = packed.archive.display();
    println!(
        "package: {archive}, {} bytes of {} in {} files",
        packed.bytes, packed.unpacked_bytes, packed.files
    );
    println!("SHA-256: {}", packed.sha256);
    println!(
        "{} of {} trials complete, {} failed, {} interrupted, {} missing",
        packed.complete, packed.planned, packed.failed, packed.interrupted, packed.missing
    );
    if let Some(caution) = vnicbench_report::caution(packed.testbed) {
        println!("{caution}");
    }
    if unnamed {
        println!("it names no author; --author does");
    }
    println!("check it: vnicbench verify {archive}");
}

/// Whether something is to be verified as a package: a file, or what was unpacked of one.
pub(crate) fn is_one(path: &Path) -> bool {
    let campaign = path.join("campaign.json");
    path.is_file() || (path.join("raw").is_dir() && !campaign.exists())
}

/// What is printed of a package.
#[derive(Serialize)]
struct VerifiedPackage {
    holds: bool,
    #[serde(flatten)]
    package: Verification,
    /// Absent where the campaign in it can't be verified.
    campaign: Option<Verified>,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    campaign_failure: Option<String>,
}

/// Checks a package, and in it the campaign as any other.
pub(crate) fn verify(arguments: &Verify) -> Result<Verdict> {
    let path = &arguments.campaign;
    let package = if path.is_file() {
        vnicbench_package::Package::unpack(path)?
    } else {
        vnicbench_package::Package::open(path)?
    };
    let verification = package.verify()?;
    let claims = arguments.claims.clone().or_else(|| package.claims());
    let (campaign, failure) = match Verified::of(package.campaign(), claims.as_deref()) {
        Ok(verified) => (Some(verified), None),
        Err(error) => (None, Some(package.relative(&format!("{error:#}")))),
    };
    let verified = VerifiedPackage {
        holds: verification.holds() && campaign.as_ref().is_some_and(Verified::holds),
        package: verification,
        campaign,
        campaign_failure: failure,
    };
    if arguments.json {
        println!("{}", serde_json::to_string(&verified)?);
    } else {
        verified.print()?;
    }
    Ok(if verified.holds {
        Verdict::Yes
    } else {
        Verdict::No
    })
}

impl VerifiedPackage {
    fn print(&self) -> Result<()> {
        for check in &self.package.checks {
            if check.holds() {
                println!("holds: {}", check.what);
                continue;
            }
            println!("does not hold: {}", check.what);
            for fault in &check.faults {
                println!("  {fault}");
            }
        }
        if let Some(failure) = &self.campaign_failure {
            println!("does not hold: the campaign can be verified\n  {failure}");
        }
        if let Some(campaign) = &self.campaign {
            print!("{}", campaign.text()?);
        }
        Ok(())
    }
}
