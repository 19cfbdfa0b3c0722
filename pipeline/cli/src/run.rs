//! `reproduce`, `run`, `plan`: from packages and a matrix to raw logs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use vnicbench_host::{PortSelection, Stop};
use vnicbench_images::{Images, Lock, Sources};
use vnicbench_model::{Audit, Kit, Matrix, Plan, matrix};
use vnicbench_runner::{EmulatedRequest, Progress, Request, run_emulated};

use crate::arguments::{self, Common, PortArguments, Reproduce, TestbedChoice};
use crate::{Verdict, progress, report};

/// Runs a matrix and reports.
pub(crate) fn reproduce(arguments: &Reproduce) -> Result<Verdict> {
    let mut progress = progress::choose(false);
    let matrix = Matrix::read(&arguments.matrix)?;
    let campaign = measure(
        arguments.testbed,
        &matrix,
        &arguments.common,
        &arguments.ports,
        progress.as_mut(),
    )?;
    drop(progress);
    report::after_run(&campaign, &arguments.reports)
}

/// Runs a matrix.
pub(crate) fn run(arguments: &arguments::Run) -> Result<Verdict> {
    let mut progress = progress::choose(arguments.events);
    let matrix = Matrix::read(&arguments.matrix)?;
    let campaign = match &arguments.kit {
        None => measure(
            arguments.testbed,
            &matrix,
            &arguments.common,
            &arguments.ports,
            progress.as_mut(),
        )?,
        Some(_) if arguments.testbed == TestbedChoice::Emulated => {
            bail!("--kit names what runs on this host; it goes with --testbed attached")
        }
        Some(kit) => {
            let kit: Kit = read_json(kit)?;
            let emulated_by: Option<Audit> = arguments
                .emulated_by
                .as_deref()
                .map(read_json)
                .transpose()?;
            let name = campaign_name(&arguments.common, &matrix)?;
            attached(
                &matrix,
                &kit,
                &arguments.ports,
                &arguments.common.raw,
                &name,
                emulated_by,
                progress.as_mut(),
            )?
        }
    };
    drop(progress);
    if !arguments.events {
        println!("{}", campaign.display());
    }
    Ok(Verdict::Yes)
}

/// Prints what a matrix comes to.
pub(crate) fn plan(arguments: &arguments::Plan) -> Result<Verdict> {
    let matrix = Matrix::read(&arguments.matrix)?;
    let plan = Plan::new(&matrix);
    if arguments.json {
        for trial in &plan.trials {
            println!("{}", serde_json::to_string(trial)?);
        }
        return Ok(Verdict::Yes);
    }
    for cell in matrix.cells() {
        println!("{:<18} {}", cell.experiment, cell.id());
    }
    let seconds: f64 = plan
        .trials
        .iter()
        .map(|trial| trial.cell.workload.seconds())
        .sum();
    println!(
        "{} cells x {} blocks = {} trials, {} boot(s) of the guests; the tools alone run for {:.0} s",
        matrix.cells().len(),
        matrix.blocks,
        plan.trials.len(),
        plan.boots(),
        seconds
    );
    Ok(Verdict::Yes)
}

/// Fetches the packages and prints their lock.
pub(crate) fn lock(arguments: &arguments::Lock) -> Result<Verdict> {
    let fetched = vnicbench_images::fetch(&cache(arguments.cache.as_deref())?, &mut |text| {
        eprintln!("{text}")
    })?;
    print!("{}", Lock::text(&fetched.packages));
    Ok(Verdict::Yes)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is not what it should be", path.display()))
}

fn campaign_name(common: &Common, matrix: &Matrix) -> Result<String> {
    let name = common.name.clone().unwrap_or_else(|| {
        let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
        format!(
            "{}-{}",
            matrix.name,
            time.replace([':', '-'], "").to_lowercase()
        )
    });
    if !matrix::is_name(&name) {
        bail!(
            "--name {name:?} is not a name: up to 64 lower-case letters, digits and '-', not starting with '-'"
        );
    }
    Ok(name)
}

fn cache(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let from = |variable: &str| {
        std::env::var_os(variable)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    from("XDG_CACHE_HOME")
        .or_else(|| from("HOME").map(|home| home.join(".cache")))
        .map(|cache| cache.join("vnicbench"))
        .context("neither XDG_CACHE_HOME nor HOME is set; say with --cache where fetched packages are to be kept")
}

/// The agent: as told, or where `cargo agent` puts it.
fn agent(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let beside = program.with_file_name("vnicbench-agent");
    let built = program
        .ancestors()
        .nth(2)
        .map(|target| target.join(triple).join("release/vnicbench-agent"));
    // The one beside this program is linked dynamically in a build directory, so it comes second.
    let found = built
        .into_iter()
        .chain([beside])
        .find(|path| path.is_file());
    found.context("the static agent isn't built; build it with: cargo agent")
}

fn measure(
    testbed: TestbedChoice,
    matrix: &Matrix,
    common: &Common,
    ports: &PortArguments,
    progress: &mut dyn Progress,
) -> Result<PathBuf> {
    let name = campaign_name(common, matrix)?;
    let agent = agent(common.agent.as_deref())?;
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let cache = cache(common.cache.as_deref())?;
    let fetched = vnicbench_images::fetch(&cache, &mut |text| progress.step(text))?;
    let lock = Lock::built_in()?;
    progress.step("making kernel and images");
    let directory = tempfile::Builder::new()
        .prefix("images-")
        .tempdir_in(&cache)
        .with_context(|| format!("cannot make a directory below {}", cache.display()))?;
    let sources = Sources {
        agent: &agent,
        runner: &program,
        directory: directory.path(),
    };
    let images = vnicbench_images::build(&fetched, &lock, &sources)?;
    for difference in &images.kit.environment.differences {
        progress.warning(&format!("the mirror differs from the lock: {difference}"));
    }
    match testbed {
        TestbedChoice::Emulated => emulated(matrix, &images, &common.raw, &name, progress),
        TestbedChoice::Attached => attached(
            matrix,
            &images.kit,
            ports,
            &common.raw,
            &name,
            None,
            progress,
        ),
    }
}

fn emulated(
    matrix: &Matrix,
    images: &Images,
    raw: &Path,
    name: &str,
    progress: &mut dyn Progress,
) -> Result<PathBuf> {
    let request = EmulatedRequest {
        matrix,
        kit: &images.kit,
        inner_kit: &images.inner_kit,
        image: &images.test_host,
        runner: &images.runner,
        raw,
        name,
    };
    Ok(run_emulated(&request, progress, &stop_on_signals()?)?)
}

fn attached(
    matrix: &Matrix,
    kit: &Kit,
    ports: &PortArguments,
    raw: &Path,
    name: &str,
    emulated_by: Option<Audit>,
    progress: &mut dyn Progress,
) -> Result<PathBuf> {
    let ports = PortSelection {
        pf: ports.pf.clone(),
        generator: ports.generator.clone(),
        uplink: ports.uplink.clone(),
        uplink_generator: ports.uplink_generator.clone(),
    };
    let request = Request {
        matrix,
        kit,
        ports: &ports,
        raw,
        name,
        emulated_by,
    };
    Ok(vnicbench_runner::run(
        &request,
        progress,
        &stop_on_signals()?,
    )?)
}

/// Ctrl-C, SIGTERM and SIGHUP ask for the end; a second Ctrl-C changes nothing, since
/// putting the host back must not be cut short.
fn stop_on_signals() -> Result<Stop> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [
        signal_hook::consts::SIGINT,
        signal_hook::consts::SIGTERM,
        signal_hook::consts::SIGHUP,
    ] {
        signal_hook::flag::register(signal, Arc::clone(&flag)).context("cannot handle signals")?;
    }
    Ok(Stop::new(flag))
}
