//! How long a plan takes: a sum of what is known before, and medians of what was measured.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use walkdir::WalkDir;

use crate::campaign::Testbed;
use crate::cell::Cell;
use crate::matrix::{BootPolicy, Matrix};
use crate::plan::Plan;
use crate::roster::Roster;
use crate::trial::{Phase, Trial, TrialOutcome};
use crate::units::TimeSpan;

/// A batch of guests with KVM, where nothing was measured: an assumption.
const ASSUMED_BOOT: f64 = 3.0;
/// Servers, loads and logs of a trial, where nothing was measured: an assumption.
const ASSUMED_OVERHEAD: f64 = 1.5;

/// Seconds that something takes, and how that is known.
#[derive(Debug, Clone, PartialEq)]
pub struct Typical {
    /// The median, or an assumption.
    pub seconds: f64,
    /// What it is the median of; none for an assumption.
    pub source: Option<Source>,
}

/// Where a median is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The campaign's directory.
    pub campaign: PathBuf,
    /// Number of values.
    pub n: usize,
}

/// What a plan's time depends on and its matrix doesn't say.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// From a guest's start to its first answer; guests of a batch boot at the same time.
    pub boot: Typical,
    /// What a trial takes beside its tool, its boot, settling and cooling down.
    pub overhead: Typical,
}

impl Default for Measured {
    /// Assumptions only.
    fn default() -> Self {
        let assumed = |seconds| Typical {
            seconds,
            source: None,
        };
        Self {
            boot: assumed(ASSUMED_BOOT),
            overhead: assumed(ASSUMED_OVERHEAD),
        }
    }
}

/// The part of a campaign's head that is needed here.
#[derive(Deserialize)]
struct Head {
    started: String,
    testbed: Testbed,
    matrix: HeadMatrix,
}

#[derive(Deserialize)]
struct HeadMatrix {
    #[serde(default)]
    settle: Option<TimeSpan>,
}

#[derive(Deserialize)]
struct GuestRecord {
    seconds: Option<f64>,
}

impl Measured {
    /// Medians of the newest campaign below `raw` that has the values and is of the same test
    /// bed; assumptions where there is none. What can't be read is passed over.
    pub fn from_campaigns(raw: &Path, testbed: Testbed) -> Self {
        let mut campaigns: Vec<(Head, PathBuf)> = WalkDir::new(raw)
            .min_depth(1)
            .max_depth(1)
            .into_iter()
            .filter_map(|entry| {
                let path = entry.ok()?.into_path();
                let head: Head = read(&path.join("campaign.json"))?;
                (head.testbed == testbed).then_some((head, path))
            })
            .collect();
        // Times in UTC of one form are in the order of their text.
        campaigns.sort_by(|(a, _), (b, _)| b.started.cmp(&a.started));
        let typical = |seconds: fn(&Head, &Path) -> Vec<f64>, assumed: Typical| {
            let mut newest = campaigns.iter().filter_map(|(head, path)| {
                let values = seconds(head, path);
                let n = values.len();
                Some(Typical {
                    seconds: median(values)?,
                    source: Some(Source {
                        campaign: path.clone(),
                        n,
                    }),
                })
            });
            newest.next().unwrap_or(assumed)
        };
        let assumed = Self::default();
        Self {
            boot: typical(boots, assumed.boot),
            overhead: typical(overheads, assumed.overhead),
        }
    }
}

/// Every value of type `T` in the files of that name.
fn records<T: DeserializeOwned>(directory: &Path, name: &str) -> impl Iterator<Item = T> {
    WalkDir::new(directory)
        .into_iter()
        .filter_map(Result::ok)
        .filter(move |entry| entry.file_type().is_file() && entry.file_name() == name)
        .filter_map(|entry| read(entry.path()))
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

fn boots(_: &Head, campaign: &Path) -> Vec<f64> {
    records(&campaign.join("boots"), "guest.json")
        .filter_map(|guest: GuestRecord| guest.seconds)
        .filter(|seconds| *seconds > 0.0)
        .collect()
}

fn overheads(head: &Head, campaign: &Path) -> Vec<f64> {
    records(&campaign.join("trials"), "trial.json")
        .filter(|trial: &Trial| trial.outcome == TrialOutcome::Done)
        .filter_map(|trial| {
            let beside = elapsed(head, &trial)? - trial.cell.workload.seconds();
            Some(beside.max(0.0))
        })
        .collect()
}

/// What a trial took, but for boot, settling and cooling down.
fn elapsed(head: &Head, trial: &Trial) -> Option<f64> {
    if trial.phases_ms.is_empty() {
        // A record from before there were phases spans none of these.
        let time = |text: &str| humantime::parse_rfc3339(text).ok();
        let (start, end): (SystemTime, SystemTime) = (time(&trial.start)?, time(&trial.end)?);
        return Some(end.duration_since(start).ok()?.as_secs_f64());
    }
    let milliseconds = trial.phases_ms.iter().map(|(phase, ms)| match phase {
        Phase::Boot | Phase::CoolDown => 0.0,
        Phase::Provision
        | Phase::Ready
        | Phase::Settle
        | Phase::Measure
        | Phase::Collect
        | Phase::TearDown => *ms as f64,
    });
    let seconds = milliseconds.sum::<f64>() / 1e3;
    let settled = match head.matrix.settle {
        Some(span) if trial.phases_ms.contains_key(&Phase::Boot) => span.seconds(),
        _ => 0.0,
    };
    Some(seconds - settled)
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    Some((lower + upper) / 2.0)
}

/// What some trials take, in seconds.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Times {
    /// The tools.
    pub tools: f64,
    /// Booting guests.
    pub boots: f64,
    /// Leaving guests alone after a boot, and everything after a trial.
    pub waits: f64,
    /// What trials take beside.
    pub overhead: f64,
}

impl Times {
    /// All of it.
    pub fn total(&self) -> f64 {
        self.tools + self.boots + self.waits + self.overhead
    }

    fn add(&mut self, other: &Self) {
        self.tools += other.tools;
        self.boots += other.boots;
        self.waits += other.waits;
        self.overhead += other.overhead;
    }
}

/// How long a plan takes.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimate {
    /// What each block takes.
    pub blocks: Vec<Times>,
}

impl Estimate {
    /// What the first `n` blocks take.
    pub fn first(&self, n: u32) -> Times {
        let mut sum = Times::default();
        for block in self.blocks.iter().take(n as usize) {
            sum.add(block);
        }
        sum
    }

    /// What all blocks take.
    pub fn all(&self) -> Times {
        self.first(u32::MAX)
    }
}

/// How long `plan`, which is that of `matrix`, takes if nothing fails.
pub fn estimate(plan: &Plan, matrix: &Matrix, measured: &Measured) -> Estimate {
    let roster = Roster::new(matrix);
    let own: HashMap<&Cell, (BootPolicy, usize)> = roster
        .cells
        .iter()
        .map(|(cell, members)| {
            let guests = members.iter().filter(|member| member.is_guest()).count();
            (cell, (matrix.boot_of(cell), guests))
        })
        .collect();
    let seconds = |span: Option<TimeSpan>| span.map_or(0.0, TimeSpan::seconds);
    let mut blocks = vec![Times::default(); matrix.blocks as usize];
    // The boot of the guests that are kept, once they were booted.
    let mut kept = None;
    for trial in &plan.trials {
        let booted = match own.get(&trial.cell) {
            Some((BootPolicy::PerTrial, guests)) => *guests,
            _ if kept == Some(trial.boot) => 0,
            _ => {
                kept = Some(trial.boot);
                roster.kept.len()
            }
        };
        let batches = booted.div_ceil(matrix.guest.boot_batch.max(1) as usize);
        let mut times = Times {
            tools: trial.cell.workload.seconds(),
            boots: batches as f64 * measured.boot.seconds,
            waits: seconds(matrix.cool_down),
            overhead: measured.overhead.seconds,
        };
        if booted > 0 {
            times.waits += seconds(matrix.settle);
        }
        if let Some(block) = blocks.get_mut(trial.block as usize) {
            block.add(&times);
        }
    }
    Estimate { blocks }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(replace: &[(&str, &str)]) -> Matrix {
        let mut text = include_str!("../../matrices/questions.toml").to_owned();
        for (from, to) in replace {
            assert!(text.contains(from), "{from}");
            text = text.replace(from, to);
        }
        Matrix::parse(&text, Path::new("questions.toml")).unwrap()
    }

    fn estimated(matrix: &Matrix) -> Estimate {
        estimate(&Plan::new(matrix), matrix, &Measured::default())
    }

    #[test]
    fn boots_are_counted_in_batches_and_waits_as_often_as_they_are() {
        let blocks = ("blocks = 1", "blocks = 2");
        let waits = ("level = 0.95", "settle = \"2 s\"\ncool_down = \"1 s\"");
        let matrix = matrix(&[blocks, waits]);
        let cells = matrix.cells().len() as f64;
        let estimate = estimated(&matrix);
        // Kept: virtio, macvtap, sriov, virtio with sriov, virtio on a VLAN. Fairness boots three,
        // interference one (idle and cpu beside a neighbour: two), density one, two, two; and the
        // polled one.
        let own = 2 + 3 + 1 + 1 + 1 + 1;
        let times = estimate.first(1);
        assert_eq!(times.boots, f64::from(3 + own) * ASSUMED_BOOT);
        assert_eq!(times.waits, cells + 2.0 * (1.0 + 1.0 + 3.0 + 3.0 + 1.0));
        assert_eq!(times.overhead, cells * ASSUMED_OVERHEAD);
        let tools: f64 = matrix.cells().iter().map(|c| c.workload.seconds()).sum();
        assert!((times.tools - tools).abs() < 1e-9);
        // The second block begins with the cells that have guests of their own.
        assert_eq!(estimate.all().boots, 2.0 * times.boots);
        assert_eq!(estimate.blocks.len(), 2);
        let total = times.tools + times.boots + times.waits + times.overhead;
        assert_eq!(times.total(), total);
    }

    #[test]
    fn the_committed_campaign_gives_medians() {
        let raw = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../raw");
        let measured = Measured::from_campaigns(&raw, Testbed::Emulated);
        for typical in [&measured.boot, &measured.overhead] {
            let source = typical.source.as_ref().unwrap();
            assert!(source.campaign.starts_with(&raw) && source.n > 10);
            assert!((0.05..60.0).contains(&typical.seconds), "{typical:?}");
        }
        assert_eq!(
            Measured::from_campaigns(&raw.join("none"), Testbed::Emulated),
            Measured::default()
        );
    }

    #[test]
    fn newest_of_the_test_bed_counts_and_what_is_broken_does_not() {
        let raw = tempfile::tempdir().unwrap();
        let campaign = |name: &str, started: &str, testbed: &str, boots: &[&str]| {
            let directory = raw.path().join(name);
            for (n, boot) in boots.iter().enumerate() {
                let guest = directory.join(format!("boots/000/guest-{n}"));
                fs::create_dir_all(&guest).unwrap();
                fs::write(guest.join("guest.json"), boot).unwrap();
            }
            fs::create_dir_all(&directory).unwrap();
            let head = format!(
                r#"{{"started":"{started}","testbed":"{testbed}","matrix":{{"settle":"1 s"}}}}"#
            );
            fs::write(directory.join("campaign.json"), head).unwrap();
            directory
        };
        let boot = |seconds: &str| format!(r#"{{"seconds":{seconds}}}"#);
        let old = campaign("old", "2026-01-01T00:00:00Z", "attached", &[&boot("9")]);
        let new = campaign(
            "new",
            "2026-02-01T00:00:00Z",
            "attached",
            &[&boot("2"), &boot("null"), "{", &boot("4"), &boot("-1")],
        );
        campaign("other", "2026-03-01T00:00:00Z", "emulated", &[&boot("8")]);
        campaign("empty", "2026-04-01T00:00:00Z", "attached", &[]);
        fs::create_dir(raw.path().join("broken")).unwrap();
        fs::write(raw.path().join("broken/campaign.json"), "[]").unwrap();
        fs::write(raw.path().join("README.md"), "").unwrap();

        let trial = |directory: &Path, phases: &str, outcome: &str| {
            let cell = r#"{"experiment":"e","question":"latency","backend":"virtio","instance":"vm",
                "neighbour":"idle","workload":{"tool":"ping","payload":"56 B","interval":"1 s","count":2}}"#;
            let text = format!(
                r#"{{"format":1,"sequence":0,"block":0,"boot":0,"cell":{cell},"outcome":"{outcome}",
                "start":"2026-01-01T00:00:00.500Z","end":"2026-01-01T00:00:03Z","commands":[]{phases}}}"#
            );
            fs::create_dir_all(directory).unwrap();
            fs::write(directory.join("trial.json"), text).unwrap();
        };
        trial(&old.join("trials/e/c/000"), "", "done");
        let measured = Measured::from_campaigns(raw.path(), Testbed::Attached);
        let (boot, overhead) = (measured.boot, measured.overhead);
        assert_eq!(boot.seconds, 3.0);
        assert_eq!(boot.source.unwrap().n, 2);
        assert_eq!(overhead.seconds, 0.5, "start to end less the tool's time");
        assert_eq!(overhead.source.unwrap().campaign, old);

        let phases = r#","phases_ms":{"provision":100,"boot":5000,"settle":1200,"measure":2100,"cool-down":900}"#;
        trial(&new.join("trials/e/c/000"), phases, "done");
        trial(&new.join("trials/e/c/001"), "", "failed");
        let measured = Measured::from_campaigns(raw.path(), Testbed::Attached);
        assert!((measured.overhead.seconds - 0.4).abs() < 1e-9);
        assert_eq!(
            measured.overhead.source,
            Some(Source {
                campaign: new,
                n: 1
            })
        );
    }
}
