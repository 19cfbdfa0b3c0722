//! `faults`: campaigns killed and disturbed on purpose.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use vnicbench_host::{Node, Place, SshHost, Stop, probe};
use vnicbench_model::{Kit, Matrix};
use vnicbench_runner::{
    EmulatedRequest, FaultReport, FaultRequest, FaultResult, Progress, Task, run_emulated,
};

use crate::arguments::{Faults, TestbedChoice};
use crate::{Verdict, progress, run};

/// Where the results are, in the directory of the test.
const RESULTS: &str = "faults.json";

/// Injects faults and prints what came of each.
pub(crate) fn faults(arguments: &Faults) -> Result<Verdict> {
    let name = arguments.common.name.as_deref().unwrap_or("faults");
    let directory = arguments.common.raw.join(name);
    if arguments.kit.is_none() && directory.exists() {
        bail!(
            "{} is there already; remove it or give another --name",
            directory.display()
        );
    }
    let stop = run::stop_on_signals()?;
    let mut progress = progress::choose(arguments.kit.is_some());
    match (arguments.testbed, &arguments.kit) {
        (TestbedChoice::Emulated, _) => emulated(arguments, name, progress.as_mut(), &stop)?,
        (TestbedChoice::Attached, Some(kit)) => {
            here(arguments, kit, &directory, progress.as_mut(), &stop)?
        }
        (TestbedChoice::Attached, None) => {
            attached(arguments, &directory, progress.as_mut(), &stop)?
        }
    }
    drop(progress);
    if arguments.kit.is_some() {
        // Whoever started this in the test host reads the file.
        return Ok(Verdict::Yes);
    }
    let report: FaultReport = run::read_json(&directory.join(RESULTS))?;
    let results = &report.results;
    if arguments.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{}", table(results));
    }
    Ok(
        if !results.is_empty() && results.iter().all(FaultResult::passed) {
            Verdict::Yes
        } else {
            Verdict::No
        },
    )
}

/// In the emulated test host, by this program there.
fn emulated(
    arguments: &Faults,
    name: &str,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<()> {
    let common = &arguments.common;
    let (_directory, images) = run::images_for(common, None, progress, stop)?;
    // Only how long its guests may take to boot matters.
    let matrix = Matrix::parse(vnicbench_runner::FAULT_MATRIX, Path::new("faults.toml"))?;
    let request = EmulatedRequest {
        matrix: &matrix,
        claims: &[],
        kit: &images.kit,
        inner_kit: &images.inner_kit,
        image: &images.test_host,
        runner: &images.runner,
        kvm_modules: &images.kvm_modules,
        raw: &common.raw,
        name,
        task: Task::Faults {
            every: arguments.every,
            only: arguments.only.as_deref(),
        },
        by_ssh: false,
    };
    run_emulated(&request, progress, stop)?;
    let directory = common.raw.join(name);
    if arguments
        .only
        .as_ref()
        .is_none_or(|only| POWER_CUT.contains(only.as_str()))
    {
        cut_power(arguments, &directory, progress, stop)?;
    }
    Ok(())
}

/// A word of the fault's name, by which it can be chosen.
const POWER_CUT: &str = "the test host loses its power";

/// Adds to the report what becomes of a campaign whose test host loses its power.
fn cut_power(
    arguments: &Faults,
    directory: &Path,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<()> {
    let work = tempfile::Builder::new()
        .prefix("vnicbench-faults-")
        .tempdir();
    let work = work.context("cannot make a temporary directory")?;
    let mut host: Vec<String> = ["--testbed", "emulated"].map(str::to_owned).into();
    let common = &arguments.common;
    for (flag, path) in [("--cache", &common.cache), ("--agent", &common.agent)] {
        host.extend(
            path.iter()
                .flat_map(|path| [flag.to_owned(), path.display().to_string()]),
        );
    }
    for path in &common.parts.directories {
        host.extend(["--parts".to_owned(), path.display().to_string()]);
    }
    let path = directory.join(RESULTS);
    let request = FaultRequest {
        program: &own_words()?,
        host: &host,
        directory: work.path(),
        report: &path,
        every: None,
        only: None,
    };
    let result = vnicbench_runner::power_cut(&request, progress, stop)?;
    let mut report: FaultReport = run::read_json(&path)?;
    report.results.push(result);
    vnicbench_model::store::write_json(&path, &report)?;
    Ok(())
}

/// On this host's own NIC, with a kit that is made for it.
fn attached(
    arguments: &Faults,
    directory: &Path,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<()> {
    let (_images, images) = run::images_for(&arguments.common, None, progress, stop)?;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let kit = directory.join("kit.json");
    vnicbench_model::store::write_json(&kit, &images.kit)?;
    here(arguments, &kit, directory, progress, stop)
}

/// On this host, which may be the test host.
fn here(
    arguments: &Faults,
    kit: &Path,
    directory: &Path,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<()> {
    let program = own_words()?;
    let accelerator = {
        let kit: Kit = run::read_json(kit)?;
        let host = Node::start(&kit, "host", &Place::Here, None)?;
        progress.step("trying which accelerator runs guests here");
        let (accelerator, why) = probe(&kit, &host, arguments.emulated_by.is_some())?;
        if let Some(why) = why {
            bail!("the faults are injected into campaigns with guests, which need KVM: {why}");
        }
        accelerator
    };
    let mut host: Vec<String> = ["--testbed", "attached", "--kit"].map(str::to_owned).into();
    host.push(kit.display().to_string());
    host.extend(["--accelerator".to_owned(), accelerator.name().to_owned()]);
    host.extend(port_words(arguments));
    if let Some(outer) = &arguments.emulated_by {
        host.extend(["--emulated-by".to_owned(), outer.display().to_string()]);
    }
    // Not on a shared directory, whose own faults aren't meant.
    let work = tempfile::Builder::new()
        .prefix("vnicbench-faults-")
        .tempdir();
    let work = work.context("cannot make a temporary directory")?;
    std::fs::create_dir_all(directory)
        .with_context(|| format!("cannot make {}", directory.display()))?;
    let request = FaultRequest {
        program: &program,
        host: &host,
        directory: work.path(),
        report: &directory.join(RESULTS),
        every: arguments.every,
        only: arguments.only.as_deref(),
    };
    vnicbench_runner::faults(&request, progress, stop)?;
    Ok(())
}

/// Which ports and which generator's host the runs are to use.
fn port_words(arguments: &Faults) -> Vec<String> {
    let (ports, generator) = (&arguments.ports, &arguments.generator);
    let path = |path: &Option<PathBuf>| path.as_ref().map(|path| path.display().to_string());
    let named = [
        ("--pf", ports.pf.clone()),
        ("--generator", ports.generator.clone()),
        ("--uplink", ports.uplink.clone()),
        ("--uplink-generator", ports.uplink_generator.clone()),
        (
            "--generator-host",
            generator.host.as_ref().map(SshHost::to_string),
        ),
        ("--generator-key", path(&generator.key)),
        ("--generator-ssh-config", path(&generator.config)),
    ];
    let mut words = Vec::new();
    for (flag, value) in named {
        words.extend(value.into_iter().flat_map(|value| [flag.to_owned(), value]));
    }
    words.extend(ports.i_know.then(|| "--i-know".to_owned()));
    words
}

/// The words that this program was started with, up to the verb: in the test host there is a
/// loader in front of it.
fn own_words() -> Result<Vec<String>> {
    let line =
        std::fs::read("/proc/self/cmdline").context("cannot tell how this program was started")?;
    let words = line
        .split(|byte| *byte == 0)
        .map(|word| String::from_utf8_lossy(word).into_owned());
    let mut words: Vec<String> = words.take_while(|word| word != "faults").collect();
    if let ([program], Ok(path)) = (&mut words[..], std::env::current_exe()) {
        // It may have been found by PATH, or from another directory.
        *program = path.display().to_string();
    }
    Ok(words)
}

fn table(results: &[FaultResult]) -> String {
    let mut text = format!(
        "{:<44} {:<14} {:<9} {:>8} {:>5} {:<7} {:>6}\n",
        "fault", "run ended by", "host", "complete", "lost", "resumed", "s"
    );
    for result in results {
        text.push_str(&format!(
            "{:<44} {:<14} {:<9} {:>8} {:>5} {:<7} {:>6.1}\n",
            result.fault,
            result.ended,
            if result.differences.is_empty() {
                "as before"
            } else {
                "CHANGED"
            },
            result.complete,
            result.lost,
            if result.whole { "whole" } else { "NOT" },
            result.seconds
        ));
        let refusal = (result.refused == Some(false))
            .then(|| "the next run was not refused before restore".to_owned());
        for problem in result
            .differences
            .iter()
            .chain(&result.problems)
            .chain(&refusal)
        {
            text.push_str(&format!("  {problem}\n"));
        }
    }
    let passed = results.iter().filter(|result| result.passed()).count();
    let lost: usize = results.iter().map(|result| result.lost).sum();
    text.push_str(&format!(
        "{passed} of {} passed; {lost} complete trials lost\n",
        results.len()
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_survive_stands_out() {
        let good = FaultResult {
            fault: "SIGKILL after step 3 of 90".into(),
            ended: "signal 9".into(),
            refused: Some(true),
            differences: Vec::new(),
            complete: 2,
            lost: 0,
            whole: true,
            problems: Vec::new(),
            seconds: 12.25,
        };
        let bad = FaultResult {
            differences: vec!["host.x was \"0\" and is \"1\"".into()],
            lost: 1,
            ..good.clone()
        };
        let text = table(&[good, bad]);
        assert!(
            text.contains("CHANGED") && text.contains("  host.x was"),
            "{text}"
        );
        assert!(
            text.ends_with("1 of 2 passed; 1 complete trials lost\n"),
            "{text}"
        );
    }
}
