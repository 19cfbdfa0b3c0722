//! What the campaign's journal says of it as a whole.

use std::fs;
use std::io;

use serde::Deserialize;
use vnicbench_model::{CampaignDir, StoreError};

use crate::error::AnalysisError;
use crate::result::AcceptedChange;

/// The lines that an analysis needs.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    pub(crate) accepted: Vec<AcceptedChange>,
    pub(crate) built_ms: Vec<u64>,
    pub(crate) torn_down_ms: Vec<u64>,
}

#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
enum Entry {
    AuditAccepted {
        #[serde(default)]
        time: String,
        #[serde(default)]
        differences: Vec<String>,
    },
    Built {
        elapsed_ms: u64,
    },
    TornDown {
        elapsed_ms: u64,
    },
    #[serde(other)]
    Other,
}

impl Journal {
    /// Reads it, if it is there. A line that a crash cut short says nothing.
    pub(crate) fn read(dir: &CampaignDir) -> Result<Self, AnalysisError> {
        let path = dir.path().join("journal.jsonl");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(source) => {
                return Err(StoreError::Io {
                    action: "read",
                    path,
                    source,
                }
                .into());
            }
        };
        let mut journal = Self::default();
        for line in bytes.split(|byte| *byte == b'\n') {
            match serde_json::from_slice(line) {
                Ok(Entry::AuditAccepted { time, differences }) => {
                    journal.accepted.push(AcceptedChange { time, differences });
                }
                Ok(Entry::Built { elapsed_ms }) => journal.built_ms.push(elapsed_ms),
                Ok(Entry::TornDown { elapsed_ms }) => journal.torn_down_ms.push(elapsed_ms),
                Ok(Entry::Other) | Err(_) => {}
            }
        }
        Ok(journal)
    }
}
