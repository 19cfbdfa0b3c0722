//! The guests that were booted, from `boots/<nnn>/<guest>/`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use vnicbench_model::{CampaignDir, StoreError};

use crate::error::AnalysisError;
use crate::result::Guest;
use crate::trials::relative;

/// `guest.json`; nothing in it is needed, since a guest may have come to grief anywhere.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Record {
    boot: Option<u32>,
    name: Option<String>,
    seconds: Option<f64>,
    nics: Vec<Nic>,
    failure: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Nic {
    driver: Option<String>,
}

/// Every guest of every boot, by boot and name; none for a campaign without guests.
pub(crate) fn read(dir: &CampaignDir) -> Result<Vec<Guest>, AnalysisError> {
    let mut guests = Vec::new();
    for (boot_name, boot) in directories(&dir.path().join("boots"))? {
        let Ok(number) = boot_name.parse() else {
            continue;
        };
        for (name, path) in directories(&boot)? {
            guests.push(guest(dir.path(), &path, number, name));
        }
    }
    guests.sort_by(|a, b| (a.boot, &a.name).cmp(&(b.boot, &b.name)));
    Ok(guests)
}

fn guest(root: &Path, path: &Path, boot: u32, name: String) -> Guest {
    let file = path.join("guest.json");
    let read = fs::read(&file).map_err(|error| error.to_string());
    let record = read.and_then(|bytes| {
        serde_json::from_slice::<Record>(&bytes).map_err(|error| error.to_string())
    });
    let record = record.unwrap_or_else(|error| Record {
        failure: Some(format!("cannot read {}: {error}", relative(root, &file))),
        ..Record::default()
    });
    Guest {
        boot: record.boot.unwrap_or(boot),
        name: record.name.unwrap_or(name),
        seconds: record.seconds,
        drivers: record
            .nics
            .into_iter()
            .filter_map(|nic| nic.driver)
            .collect(),
        console: relative(root, &path.join("console.log")),
        failure: record.failure,
    }
}

/// The directories in `path` with their names; none if it isn't there.
fn directories(path: &Path) -> Result<Vec<(String, PathBuf)>, StoreError> {
    let error = |source| StoreError::Io {
        action: "list",
        path: path.to_owned(),
        source,
    };
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(error(source)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(error)?;
        if entry.file_type().map_err(error)?.is_dir() {
            found.push((
                entry.file_name().to_string_lossy().into_owned(),
                entry.path(),
            ));
        }
    }
    Ok(found)
}
