//! `environment.json`: what was measured on and with, and what made the package.

use serde::{Deserialize, Serialize};
use vnicbench_model::{Audit, Campaign, Environment, GeneratorAudit, Testbed};

use crate::VERSION;
use crate::error::PackageError;
use crate::parts::ENVIRONMENT;

/// The head of a campaign without its matrix, for a reader and for comparing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PackageEnvironment {
    /// Version of vnicbench that made report, tables and package.
    pub(crate) packed_by: String,
    /// Version of vnicbench that measured.
    measured_by: String,
    testbed: Testbed,
    host: Audit,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    generator: Option<GeneratorAudit>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    emulated_by: Option<Audit>,
    software: Environment,
}

impl PackageEnvironment {
    /// That of a campaign, packed by this program.
    pub(crate) fn of(campaign: &Campaign) -> Self {
        Self {
            packed_by: VERSION.to_owned(),
            measured_by: campaign.tool_version.clone(),
            testbed: campaign.testbed,
            host: campaign.audit.clone(),
            generator: campaign.generator.clone(),
            emulated_by: campaign.outer.clone(),
            software: campaign.environment.clone(),
        }
    }

    /// As JSON with a final newline.
    pub(crate) fn to_json(&self) -> Result<String, PackageError> {
        let text = serde_json::to_string_pretty(self).map_err(|error| PackageError::Document {
            document: ENVIRONMENT,
            why: error.to_string(),
        })?;
        Ok(text + "\n")
    }
}
