//! `ro-crate-metadata.json`: the package for programs, as RO-Crate 1.2 with the profile Process Run
//! Crate 0.5.
//!
//! Described are the documents, the report, the tables, and of the raw logs the campaign's own files
//! and the directories of its trials down to the cells. The files of a trial are listed, with digests, in
//! its own SHA256SUMS; describing each here would make the metadata larger than the logs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vnicbench_analysis::Analysis;
use vnicbench_model::TrialDir;

use crate::VERSION;
use crate::author::Author;
use crate::citation;
use crate::contents::Contents;
use crate::error::PackageError;
use crate::parts;
use crate::software::{self, Software, encoded};
use crate::time::Time;

const SPECIFICATION: &str = "https://w3id.org/ro/crate/1.2";
/// What the profile was written for. The crate fits both, and a validator of the profile looks for it.
const EARLIER: &str = "https://w3id.org/ro/crate/1.1";
const PROFILE: &str = "https://w3id.org/ro/wfrun/process/0.5";
const LICENSE: &str = "https://spdx.org/licenses/Apache-2.0";
const COMPLETED: &str = "http://schema.org/CompletedActionStatus";
const FAILED: &str = "http://schema.org/FailedActionStatus";
const UNNAMED: &str = "#authors";
const MEASURING: &str = "#measuring";
const REPORTING: &str = "#reporting";

/// The metadata of a package whose other files are `contents`, as JSON with a final newline.
pub(crate) fn metadata(
    contents: &Contents,
    analysis: &Analysis,
    trials: &[TrialDir],
    authors: &[Author],
    time: &Time,
) -> Result<String, PackageError> {
    let directories = directories(contents);
    let agents = agents(authors);
    let measured_with = measured_with(analysis, trials);
    let reported_with = software::vnicbench(VERSION, None);
    let mut software = measured_with.clone();
    software.insert(reported_with.clone());

    let mut graph = vec![
        descriptor(),
        root(analysis, &directories, &agents, time),
        profile(),
        license(),
    ];
    graph.extend(agents.iter().cloned());
    graph.extend(software.iter().map(application));
    graph.push(measuring(analysis, trials, &measured_with, &agents));
    graph.push(reporting(analysis, contents, &reported_with, &agents));
    let described = directories.iter().filter(|(place, _)| !place.is_empty());
    graph.extend(described.map(|(place, parts)| dataset(place, parts)));
    let files = directories.values().flatten();
    graph.extend(files.filter_map(|name| Some(file(name, contents.files.get(name)?))));

    let document = json!({ "@context": format!("{SPECIFICATION}/context"), "@graph": graph });
    let text = serde_json::to_string_pretty(&document).map_err(|error| PackageError::Document {
        document: parts::METADATA,
        why: error.to_string(),
    })?;
    Ok(text + "\n")
}

/// What is described: each directory, which ends in `/` and is nothing for the root, with the files
/// and directories in it.
fn directories(contents: &Contents) -> BTreeMap<String, BTreeSet<String>> {
    let mut directories: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in contents.files.keys() {
        let mut parent = String::new();
        let mut rest = name.as_str();
        // raw/<campaign>/trials/<experiment>/<cell>/, raw/<campaign>/boots/
        let depth = match name.split('/').nth(2) {
            Some("trials") => 5,
            Some("boots") => 3,
            _ => usize::MAX,
        };
        for level in 0.. {
            if level == depth {
                break;
            }
            let Some((directory, below)) = rest.split_once('/') else {
                directories.entry(parent).or_default().insert(name.clone());
                break;
            };
            let child = format!("{parent}{directory}/");
            directories.entry(parent).or_default().insert(child.clone());
            directories.entry(child.clone()).or_default();
            (parent, rest) = (child, below);
        }
    }
    directories
}

fn reference(id: &str) -> Value {
    json!({ "@id": id })
}

/// References to files and directories.
fn places<'a>(places: impl IntoIterator<Item = &'a String>) -> Value {
    let places = places.into_iter().map(|place| reference(&encoded(place)));
    one_or_more(places.collect())
}

fn ids(entities: &[Value]) -> Value {
    let ids = entities.iter().filter_map(|entity| entity.get("@id"));
    one_or_more(ids.map(|id| json!({ "@id": id })).collect())
}

/// One value is written as itself, as RO-Crate 1.2 recommends.
fn one_or_more(mut values: Vec<Value>) -> Value {
    match values.pop() {
        Some(only) if values.is_empty() => only,
        last => values.into_iter().chain(last).collect(),
    }
}

/// A time in UTC as the profile writes it.
fn time_of(text: &str) -> String {
    match text.strip_suffix('Z') {
        Some(time) => format!("{time}+00:00"),
        None => text.to_owned(),
    }
}

/// Adds a property where there is a value for it.
fn set(entity: &mut Value, property: &str, value: Option<impl Into<Value>>) {
    if let (Some(entity), Some(value)) = (entity.as_object_mut(), value) {
        entity.insert(property.to_owned(), value.into());
    }
}

fn descriptor() -> Value {
    json!({
        "@id": parts::METADATA,
        "@type": "CreativeWork",
        "name": "Metadata of this package",
        "description": "What is in the package and how it came about.",
        "conformsTo": [reference(SPECIFICATION), reference(EARLIER)],
        "about": reference("./"),
    })
}

fn root(
    analysis: &Analysis,
    directories: &BTreeMap<String, BTreeSet<String>>,
    agents: &[Value],
    time: &Time,
) -> Value {
    let head = &analysis.campaign;
    let counts = analysis.counts;
    let caution = vnicbench_report::caution(head.testbed);
    let caution = caution.map_or_else(String::new, |caution| format!(" {caution}"));
    let description = format!(
        "Raw logs, tables and report of a campaign on virtual NICs: {} of {} trials complete in {} cells.{caution}",
        counts.complete,
        counts.planned,
        analysis.cells.len(),
    );
    json!({
        "@id": "./",
        "@type": "Dataset",
        "name": citation::title(head),
        "description": description,
        "datePublished": time.date(),
        "license": reference(LICENSE),
        "conformsTo": reference(PROFILE),
        "author": ids(agents),
        "publisher": ids(agents),
        "keywords": "virtual NIC, virtio, vhost-net, SR-IOV, network virtualisation, benchmark",
        "hasPart": places(directories.get("").into_iter().flatten()),
        "mentions": [reference(MEASURING), reference(REPORTING)],
    })
}

fn profile() -> Value {
    json!({
        "@id": PROFILE,
        "@type": ["CreativeWork", "Profile"],
        "name": "Process Run Crate",
        "description": "The execution of programs, with what they took and made.",
        "version": "0.5",
    })
}

fn license() -> Value {
    json!({
        "@id": LICENSE,
        "@type": "CreativeWork",
        "name": "Apache License 2.0",
        "description": "The text is in the file LICENSE.",
    })
}

/// Those who ran the programs.
fn agents(authors: &[Author]) -> Vec<Value> {
    if authors.is_empty() {
        return vec![json!({
            "@id": UNNAMED,
            "@type": "Organization",
            "name": citation::UNNAMED,
            "description": "Not named when the package was made.",
        })];
    }
    let numbered = authors.iter().enumerate();
    let person = |(index, author): (usize, &Author)| {
        let id = author.address();
        json!({
            "@id": id.unwrap_or_else(|| format!("#author-{}", index + 1)),
            "@type": "Person",
            "name": author.name,
        })
    };
    numbered.map(person).collect()
}

fn measured_with(analysis: &Analysis, trials: &[TrialDir]) -> BTreeSet<Software> {
    let head = &analysis.campaign;
    let mut software = software::used(head, trials);
    software.insert(software::vnicbench(&head.tool_version, None));
    software
}

fn application(software: &Software) -> Value {
    let mut entity = json!({
        "@id": software.id,
        "@type": "SoftwareApplication",
        "name": software.name,
        "version": software.version,
        "url": software.url,
        "description": software.description,
    });
    set(&mut entity, "sha256", software.sha256.clone());
    entity
}

fn measuring(
    analysis: &Analysis,
    trials: &[TrialDir],
    software: &BTreeSet<Software>,
    agents: &[Value],
) -> Value {
    let head = &analysis.campaign;
    let counts = analysis.counts;
    let raw = format!("raw/{}/", head.name);
    let measured = counts.complete > 0;
    let mut action = json!({
        "@id": MEASURING,
        "@type": "CreateAction",
        "name": format!("Measuring of campaign {}", head.name),
        "description": format!(
            "{} of {} planned trials complete, {} failed, {} interrupted, {} not begun.",
            counts.complete, counts.planned, counts.failed, counts.interrupted, counts.missing,
        ),
        "startTime": time_of(&head.started),
        "agent": ids(agents),
        "instrument": one_or_more(software.iter().map(|software| reference(&software.id)).collect()),
        "object": [reference(parts::MATRIX), reference(&format!("{raw}plan.jsonl"))],
        "result": [reference(&raw), reference(parts::ENVIRONMENT)],
        "actionStatus": if measured { COMPLETED } else { FAILED },
    });
    let records = trials.iter().filter_map(|trial| trial.trial.as_ref());
    // Times in UTC of one form: the latest is the last in the order of text.
    let ends = records.map(|record| record.end.as_str());
    let end = ends.filter(|end| !end.is_empty()).max();
    set(&mut action, "endTime", end.map(time_of));
    set(
        &mut action,
        "error",
        (!measured).then_some("no trial was completed"),
    );
    action
}

fn reporting(
    analysis: &Analysis,
    contents: &Contents,
    software: &Software,
    agents: &[Value],
) -> Value {
    let report = contents.files.keys();
    let report = report.filter(|name| name.starts_with("report/"));
    let result = report.map(|name| reference(&encoded(name)));
    let result: Value = result.chain([reference("tables/")]).collect();
    json!({
        "@id": REPORTING,
        "@type": "CreateAction",
        "name": format!("Report and tables of campaign {}", analysis.campaign.name),
        "description": "Made of the raw logs alone, without a clock: the same logs give the same bytes.",
        "agent": ids(agents),
        "instrument": reference(&software.id),
        "object": reference(&format!("raw/{}/", analysis.campaign.name)),
        "result": result,
        "actionStatus": COMPLETED,
    })
}

fn dataset(place: &str, parts: &BTreeSet<String>) -> Value {
    let segments: Vec<&str> = place.trim_end_matches('/').split('/').collect();
    let description = match segments.as_slice() {
        ["raw"] => "The campaign as it was measured.",
        ["raw", _] => "The campaign: what was measured, the plan, what happened, and all logs.",
        ["raw", _, "trials"] => "Logs of the trials, by experiment, cell and block.",
        ["raw", _, "trials", _] => "An experiment's trials, by cell and block.",
        ["raw", _, "trials", ..] => {
            "A cell's trials, by block: each a directory with its logs, its record and their SHA256SUMS."
        }
        ["raw", _, "boots"] => "Consoles of the guests and what they said of themselves, by boot.",
        ["report"] => "The report.",
        ["tables"] => "The measurements as tables.",
        _ => "A directory of the campaign.",
    };
    let mut entity = json!({
        "@id": encoded(place),
        "@type": "Dataset",
        "name": place,
        "description": description,
    });
    let parts = (!parts.is_empty()).then(|| places(parts));
    set(&mut entity, "hasPart", parts);
    entity
}

fn file(name: &str, item: &crate::contents::Item) -> Value {
    let last = name.rsplit('/').next().unwrap_or(name);
    let description = match last {
        "BADGES.md" => "The ACM badges: what is known to hold, and what is left to do.",
        "CITATION.cff" => "How the package is cited.",
        "LICENSE" => "The licence.",
        "README.md" => "What is in the package, and the commands that check it.",
        "campaign.json" => "What was measured, on what, with what.",
        "matrix.claims.toml" => "Claims that the measurements are held against.",
        "environment.json" => "Audits of the hosts; versions and digests of all software.",
        "journal.jsonl" => "What happened, in the order in which it did.",
        "matrix.toml" => "The factors and levels that were measured, with all defaults.",
        "plan.jsonl" => "The trials, in the order in which they were to run.",
        "report.html" => "The report, in one file for a browser.",
        "report.pdf" => "The report, for print.",
        "SHA256SUMS" => "Digests of the files that belong to no trial.",
        _ if name.starts_with("tables/") => "A table of measurements.",
        _ => "A file of the campaign.",
    };
    json!({
        "@id": encoded(name),
        "@type": "File",
        "name": name,
        "description": description,
        "encodingFormat": encoding(last),
        "contentSize": item.bytes.to_string(),
        "sha256": item.sha256,
    })
}

/// The media type by a file's name.
fn encoding(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, kind)| kind) {
        Some("cff") => "application/yaml",
        Some("csv") => "text/csv",
        Some("html") => "text/html",
        Some("json") => "application/json",
        Some("jsonl") => "application/x-ndjson",
        Some("md") => "text/markdown",
        Some("parquet") => "application/vnd.apache.parquet",
        Some("pdf") => "application/pdf",
        Some("toml") => "application/toml",
        _ => "text/plain",
    }
}
