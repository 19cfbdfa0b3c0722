//! `verify --environment`: this host against the one that a campaign was measured on.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Serialize;
use serde_json::Value;
use vnicbench_host::{
    Boot, Diagnosis, Facts, PortSelection, Root, audit_machine, audit_nics, diagnose, nics,
};
use vnicbench_images::{Lock, Selection};
use vnicbench_model::{
    Audit, Campaign, CampaignDir, Environment, NicAudit, Package, differences, values,
};

use crate::arguments::Verify;
use crate::doctor::{Tried, search};
use crate::{Verdict, package, run};

/// What `doctor` found that a campaign's results depend on, by the names of its checks.
const CHECKS: [&str; 6] = [
    "machine",
    "iommu",
    "interrupt remapping",
    "turbo",
    "isolated CPUs",
    "swap",
];

/// How something recorded stands to what is here; in the order in which a reader wants them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
enum State {
    Differs,
    CannotTell,
    Same,
}

/// A value of the record.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Row {
    /// Where it is in the record: `host.kernel`.
    place: String,
    state: State,
    /// As it was when measured; of a part that can't be seen here nothing.
    recorded: Value,
    here: Value,
    /// Why it can't be told.
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
}

/// A host against a record.
#[derive(Debug, Serialize)]
struct Compared {
    campaign: String,
    /// All that is the same, or nothing differs and some can't be told, or something differs.
    verdict: State,
    /// Where the campaign was measured with other than what its lock has.
    mismatches: Vec<String>,
    /// What differs first, then what can't be told; in each what matters most first.
    rows: Vec<Row>,
}

/// What was seen of this host.
struct Seen {
    machine: Audit,
    nics: Result<Vec<NicAudit>, String>,
    diagnosis: Diagnosis,
    boot: Boot,
    qemu: Option<String>,
    environment: Option<Environment>,
}

/// Prints what isn't here as it was where the campaign was measured.
pub(crate) fn verify(arguments: &Verify) -> Result<Verdict> {
    let path = &arguments.campaign;
    if package::is_one(path) {
        bail!(
            "{}: --environment takes a campaign; it is the directory raw/<campaign> of an unpacked package",
            path.display()
        );
    }
    let directory = CampaignDir::open(path)?;
    let campaign = directory.campaign()?;
    let doctor = path.join("doctor.json");
    let doctor = doctor.exists().then(|| run::read_json::<Value>(&doctor));
    let seen = Seen::look(arguments, &campaign)?;
    let compared = compare(&campaign, doctor.transpose()?.as_ref(), &seen)?;
    if arguments.json {
        println!("{}", serde_json::to_string(&compared)?);
    } else {
        print!("{}", compared.text(path));
    }
    Ok(match compared.verdict {
        State::Same => Verdict::Yes,
        State::Differs => Verdict::No,
        State::CannotTell => Verdict::Cannot,
    })
}

impl Seen {
    fn look(arguments: &Verify, campaign: &Campaign) -> Result<Self> {
        let tried = Tried::new(&arguments.packages, Some(&campaign.matrix))?;
        let all = nics();
        let search = search();
        let facts = Facts {
            nics: all.as_deref().map_err(ToString::to_string),
            selection: &PortSelection::default(),
            generator: None,
            search: &search,
            boot: tried.boot.clone(),
            qemu: tried.qemu.clone(),
            journal: None,
        };
        let role = |name: &str| {
            let nics = &recorded_host(campaign).nics;
            let found = nics.iter().find(|nic| nic.name == name);
            found.map_or_else(String::new, |nic| nic.role.clone())
        };
        Ok(Self {
            machine: audit_machine(),
            nics: audit_nics(role).map_err(|error| error.to_string()),
            diagnosis: diagnose(&Root::new("/"), &facts),
            boot: tried.boot,
            qemu: tried.qemu,
            environment: tried.environment,
        })
    }
}

/// The machine that measured: for an emulated test bed the one below, since the test host itself is
/// made of the images.
fn recorded_host(campaign: &Campaign) -> &Audit {
    campaign.outer.as_ref().unwrap_or(&campaign.audit)
}

fn compare(campaign: &Campaign, doctor: Option<&Value>, seen: &Seen) -> Result<Compared> {
    let mut rows = host(recorded_host(campaign), seen);
    // What doctor found is of the test host there.
    if let (Some(doctor), None) = (doctor, &campaign.outer) {
        let here = serde_json::to_value(&seen.diagnosis).context("cannot compare the findings")?;
        rows.extend(against("doctor", &findings(doctor), Ok(&findings(&here))));
    }
    if let Some(generator) = &campaign.generator {
        let why = format!("it is of {}; run this there too", generator.host);
        rows.extend(against("generator", generator, Err::<&(), _>(why)));
    }
    rows.extend(software(&campaign.environment, seen)?);
    let tool = env!("CARGO_PKG_VERSION");
    rows.extend(against("tool", &campaign.tool_version, Ok(&tool)));
    rows.sort_by_key(|row| row.state);
    let verdict = rows.first().map_or(State::CannotTell, |row| row.state);
    Ok(Compared {
        campaign: campaign.name.clone(),
        verdict,
        mismatches: campaign.environment.mismatches(),
        rows,
    })
}

fn host(recorded: &Audit, seen: &Seen) -> Vec<Row> {
    let machine = |audit: &Audit| Audit {
        accelerator: String::new(),
        qemu: String::new(),
        nics: Vec::new(),
        // Of the machine below an emulated test bed it isn't recorded.
        cmdline: match recorded.cmdline.as_str() {
            "" => String::new(),
            _ => audit.cmdline.clone(),
        },
        ..audit.clone()
    };
    let mut rows = against("host", &machine(recorded), Ok(&machine(&seen.machine)));
    // Those that were left empty above.
    rows.retain(|row| row.recorded != "");
    let accelerator = match &seen.boot {
        Boot::Works => Ok("kvm"),
        Boot::Fails(_) => Ok("tcg"),
        Boot::NotTried(why) => Err(why.clone()),
    };
    rows.extend(against(
        "host.accelerator",
        &recorded.accelerator,
        accelerator.as_ref().map_err(String::clone),
    ));
    let qemu = seen.qemu.as_ref().ok_or_else(|| not_tried(seen));
    rows.extend(against("host.qemu", &recorded.qemu, qemu));
    let used: Vec<&NicAudit> = recorded
        .nics
        .iter()
        .filter(|nic| !nic.role.is_empty())
        .collect();
    let names: BTreeSet<&str> = used.iter().map(|nic| nic.name.as_str()).collect();
    let here = seen.nics.as_ref().map(|nics| {
        let nics = nics.iter();
        nics.filter(|nic| names.contains(nic.name.as_str()))
            .collect::<Vec<_>>()
    });
    rows.extend(against(
        "host.nics",
        &used,
        here.as_ref().map_err(|why| (*why).clone()),
    ));
    rows
}

fn not_tried(seen: &Seen) -> String {
    match &seen.boot {
        Boot::NotTried(why) => why.clone(),
        _ => "QEMU did not say".to_owned(),
    }
}

/// Findings by check, without what changes from hour to hour.
fn findings(diagnosis: &Value) -> BTreeMap<&str, &str> {
    let all = diagnosis["findings"].as_array().into_iter().flatten();
    let named = all.filter_map(|one| Some((one["check"].as_str()?, one["text"].as_str()?)));
    named.filter(|(check, _)| CHECKS.contains(check)).collect()
}

fn software(recorded: &Environment, seen: &Seen) -> Result<Vec<Row>> {
    let nothing = recorded.packages.is_empty() && recorded.artifacts.is_empty();
    if nothing {
        return Ok(vec![Row {
            place: "environment".into(),
            state: State::CannotTell,
            recorded: Value::Null,
            here: Value::Null,
            why: Some("the campaign doesn't say which programs, kernels and images it had".into()),
        }]);
    }
    let here = seen.environment.as_ref().ok_or_else(|| not_tried(seen));
    let mut rows = Vec::new();
    let provider = here.clone().map(|here| &here.provider);
    rows.extend(against(
        "environment.provider",
        &recorded.provider,
        provider,
    ));
    if let Some(provenance) = &recorded.provenance {
        let here = here.clone().and_then(|here| {
            let why = "what is here was not built by the flake";
            here.provenance.as_ref().ok_or_else(|| why.to_owned())
        });
        rows.extend(against("environment.provenance", provenance, here));
    }
    let artifacts = here.clone().map(|here| &here.artifacts);
    rows.extend(against(
        "environment.artifacts",
        &recorded.artifacts,
        artifacts,
    ));
    // Without them in the cache, those that would be fetched.
    let lock = Lock::built_in(Selection::Whole)?.packages();
    let packages = match here.clone() {
        Err(_) if recorded.provider == "debian" => Ok(&lock),
        here => here.map(|here| &here.packages),
    };
    // Whatever else there is here was no part of what was measured with.
    let names: BTreeSet<&str> = recorded.packages.iter().map(|p| p.name.as_str()).collect();
    let packages = packages.map(|packages| {
        let known = |package: &&Package| names.contains(package.name.as_str());
        packages.iter().filter(known).collect::<Vec<_>>()
    });
    rows.extend(against(
        "environment.packages",
        &recorded.packages,
        packages.as_ref().map_err(String::clone),
    ));
    if !recorded.variants.is_empty() {
        let variants = here.map(|here| &here.variants);
        rows.extend(against(
            "environment.variants",
            &recorded.variants,
            variants,
        ));
    }
    Ok(rows)
}

/// The values of a part of the record: each the same or not, or all of them not to be told.
fn against<A: Serialize, B: Serialize>(
    place: &str,
    recorded: &A,
    here: Result<&B, String>,
) -> Vec<Row> {
    let here = match here {
        Ok(here) => here,
        Err(why) => {
            return vec![Row {
                place: place.to_owned(),
                state: State::CannotTell,
                recorded: Value::Null,
                here: Value::Null,
                why: Some(why),
            }];
        }
    };
    let differing = differences(place, recorded, here);
    let is_in = |leaf: &str, whole: &str| {
        let rest = leaf.strip_prefix(whole);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let same = values(place, recorded).into_iter().filter(|(leaf, _)| {
        let mut all = differing.iter();
        !all.any(|difference| is_in(leaf, &difference.place))
    });
    let same: Vec<Row> = same
        .map(|(place, value)| Row {
            place,
            state: State::Same,
            recorded: value.clone(),
            here: value,
            why: None,
        })
        .collect();
    let differing = differing.into_iter().map(|difference| Row {
        place: difference.place,
        state: State::Differs,
        recorded: difference.before,
        here: difference.after,
        why: None,
    });
    differing.chain(same).collect()
}

impl Compared {
    fn text(&self, path: &Path) -> String {
        let of = |state| self.rows.iter().filter(move |row| row.state == state);
        let mut text = String::new();
        if of(State::Differs).next().is_some() {
            text.push_str(&format!("Differs from {}\n", path.display()));
        }
        for row in of(State::Differs) {
            text.push_str(&format!(
                "  {:<32} was {}\n  {:<32}  is {}\n",
                row.place,
                shown(&row.recorded),
                "",
                shown(&row.here)
            ));
        }
        if of(State::CannotTell).next().is_some() {
            text.push_str("Can't be told here\n");
        }
        for row in of(State::CannotTell) {
            let why = row.why.as_deref().unwrap_or_default();
            text.push_str(&format!("  {:<32} {why}\n", row.place));
        }
        if of(State::Same).next().is_some() {
            text.push_str("The same\n");
        }
        let many = |row: &&Row| row.place.starts_with("environment.");
        for row in of(State::Same).filter(|row| !many(row)) {
            text.push_str(&format!("  {:<32} {}\n", row.place, shown(&row.recorded)));
        }
        match of(State::Same).filter(many).count() {
            0 => {}
            n => text.push_str(&format!("  {n} values of programs, images and packages\n")),
        }
        for mismatch in &self.mismatches {
            text.push_str(&format!(
                "When it was measured, not what the lock has: {mismatch}\n"
            ));
        }
        text
    }
}

/// A value for a reader.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
