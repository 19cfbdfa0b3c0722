//! `reproduce`, `run`: from packages and a matrix to raw logs.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use vnicbench_host::{Accelerator, Destination, PortSelection, Stop};
use vnicbench_images::{Images, Lock, Selection, Sources};
use vnicbench_model::{Audit, CampaignDir, Claim, Claims, Kit, Matrix, Testbed, matrix};
use vnicbench_runner::{EmulatedRequest, Progress, Request, RunError, Task, run_emulated};

use crate::arguments::{self, Common, GeneratorHost, PortArguments, Reproduce, TestbedChoice};
use crate::trees::Trees;
use crate::{Verdict, progress, report};

/// A campaign to be run or to be gone on with.
struct Target {
    testbed: TestbedChoice,
    matrix: Matrix,
    claims: Vec<Claim>,
    raw: PathBuf,
    name: String,
    resume: bool,
    accept_audit: bool,
    by_ssh: bool,
}

impl Target {
    fn new(testbed: TestbedChoice, matrix: &Path, common: &Common) -> Result<Self> {
        let claims = Claims::beside(matrix)?.map_or_else(Vec::new, |file| file.claims);
        let matrix = Matrix::read(matrix)?;
        let name = campaign_name(common.name.as_deref(), &matrix)?;
        let raw = common.raw.clone();
        if raw.join(&name).exists() {
            bail!(
                "{} is there already; give another --name, or go on with it: vnicbench run --resume {0}",
                raw.join(&name).display()
            );
        }
        Ok(Self {
            testbed,
            matrix,
            claims,
            raw,
            name,
            resume: false,
            accept_audit: false,
            by_ssh: false,
        })
    }

    fn resumed(testbed: Option<TestbedChoice>, directory: &Path) -> Result<Self> {
        let campaign = CampaignDir::open(directory)?.campaign()?;
        let whole = std::fs::canonicalize(directory)
            .with_context(|| format!("cannot find {}", directory.display()))?;
        if whole.file_name() != Some(campaign.name.as_ref()) {
            bail!(
                "{} is called {} in its campaign.json; give it that name again",
                directory.display(),
                campaign.name
            );
        }
        Ok(Self {
            testbed: match (testbed, campaign.testbed) {
                (Some(chosen), _) => chosen,
                (None, Testbed::Emulated) => TestbedChoice::Emulated,
                (None, Testbed::Attached) => TestbedChoice::Attached,
                (None, Testbed::Synthetic) => bail!(
                    "{} is synthetic: nothing was measured in it, so there is nothing to go on with",
                    directory.display()
                ),
            },
            matrix: campaign.matrix,
            claims: campaign.claims,
            raw: whole.parent().unwrap_or(&whole).to_owned(),
            name: campaign.name,
            resume: true,
            accept_audit: false,
            by_ssh: false,
        })
    }
}

/// Runs a matrix and reports.
pub(crate) fn reproduce(arguments: &Reproduce) -> Result<Verdict> {
    let target = Target::new(arguments.testbed, &arguments.matrix, &arguments.common)?;
    let mut progress = progress::choose(false);
    let campaign = measure(
        &target,
        &arguments.common,
        &selection(&arguments.ports, Some(&arguments.generator))?,
        progress.as_mut(),
    )?;
    drop(progress);
    report::after_run(&campaign, &arguments.reports, arguments.lang)
}

/// Runs a matrix, or goes on with a campaign.
pub(crate) fn run(arguments: &arguments::Run) -> Result<Verdict> {
    let mut target = match (&arguments.resume, &arguments.matrix) {
        (Some(directory), _) => Target {
            accept_audit: arguments.accept_audit,
            ..Target::resumed(arguments.testbed, directory)?
        },
        (None, Some(matrix)) => Target::new(
            arguments.testbed.unwrap_or(TestbedChoice::Attached),
            matrix,
            &arguments.common,
        )?,
        (None, None) => bail!("say with --matrix what to measure"),
    };
    target.by_ssh = arguments.generator_by_ssh;
    let mut progress = progress::choose(arguments.events);
    let campaign = match &arguments.kit {
        None => measure(
            &target,
            &arguments.common,
            &selection(&arguments.ports, Some(&arguments.generator))?,
            progress.as_mut(),
        )?,
        Some(_) if target.testbed == TestbedChoice::Emulated => {
            bail!("--kit names what runs on this host; it goes with --testbed attached")
        }
        Some(kit) => {
            let kit: Kit = read_json(kit)?;
            let emulated_by = arguments
                .emulated_by
                .as_deref()
                .map(read_json)
                .transpose()?;
            let host = Host {
                state: &arguments.common.state.directory,
                ports: &selection(&arguments.ports, Some(&arguments.generator))?,
                accelerator: arguments.accelerator,
                emulated_by,
            };
            attached(&target, &kit, host, progress.as_mut(), &stop_on_signals()?)?
        }
    };
    drop(progress);
    if !arguments.events {
        println!("{}", campaign.display());
    }
    Ok(Verdict::Yes)
}

/// What is said of the host that a campaign runs on.
struct Host<'a> {
    state: &'a Path,
    ports: &'a PortSelection,
    accelerator: Option<Accelerator>,
    emulated_by: Option<Audit>,
}

fn attached(
    target: &Target,
    kit: &Kit,
    host: Host<'_>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<PathBuf> {
    let request = Request {
        matrix: &target.matrix,
        claims: &target.claims,
        kit,
        ports: host.ports,
        raw: &target.raw,
        state: host.state,
        name: &target.name,
        resume: target.resume,
        accept_audit: target.accept_audit,
        accelerator: host.accelerator,
        emulated_by: host.emulated_by,
        widest: &|campaign, metric| {
            vnicbench_analysis::widest(campaign, metric).map_err(|error| error.to_string())
        },
    };
    Ok(vnicbench_runner::run(&request, progress, stop)?)
}

/// Fetches the packages and prints their lock.
pub(crate) fn lock(arguments: &arguments::Lock) -> Result<Verdict> {
    let selection = match arguments.older {
        true => Selection::Older,
        false => Selection::Whole,
    };
    let cache = cache(arguments.cache.as_deref())?;
    let fetched = vnicbench_images::fetch(&cache, selection, &mut |text| eprintln!("{text}"))?;
    print!("{}", Lock::text(&fetched.packages));
    Ok(Verdict::Yes)
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_str(&text)
        .with_context(|| format!("{} is not what it should be", path.display()))
}

fn campaign_name(given: Option<&str>, matrix: &Matrix) -> Result<String> {
    let name = given.map_or_else(
        || {
            let time = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
            format!(
                "{}-{}",
                matrix.name,
                time.replace([':', '-'], "").to_lowercase()
            )
        },
        str::to_owned,
    );
    if !matrix::is_name(&name) {
        bail!(
            "--name {name:?} is not a name: up to 64 lower-case letters, digits and '-', not starting with '-'"
        );
    }
    Ok(name)
}

pub(crate) fn cache(given: Option<&Path>) -> Result<PathBuf> {
    if let Some(given) = given {
        return Ok(given.to_owned());
    }
    let from = |variable: &str| {
        std::env::var_os(variable)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    // Of a user without a home directory none is made.
    let home = from("HOME").filter(|home| home.is_dir());
    from("XDG_CACHE_HOME")
        .or_else(|| home.map(|home| home.join(".cache")))
        .map(|cache| cache.join("vnicbench"))
        .context("XDG_CACHE_HOME isn't set, and HOME is no directory; say with --cache where fetched packages are to be kept")
}

/// The agent: as told, or where `cargo agent` puts it.
pub(crate) fn agent(given: Option<&Path>) -> Result<PathBuf> {
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
    target: &Target,
    common: &Common,
    ports: &PortSelection,
    progress: &mut dyn Progress,
) -> Result<PathBuf> {
    let stop = stop_on_signals()?;
    match target.testbed {
        TestbedChoice::Attached => {
            // Before anything is fetched. Only another host is looked at by an agent.
            let words = match ports.generator_host {
                Some(_) => {
                    let agent = agent(common.agent.as_deref())?;
                    vec![agent.display().to_string(), "serve".to_owned()]
                }
                None => Vec::new(),
            };
            vnicbench_runner::check(&target.matrix, ports, &words)?;
        }
        TestbedChoice::Emulated if ports.generator_host.is_some() => {
            bail!(
                "--generator-host goes with --testbed attached; the test host has its own generator"
            )
        }
        TestbedChoice::Emulated => {}
    }
    let matrix = Some(&target.matrix);
    let (_directory, images) = images_for(common, matrix, progress, &stop)?;
    for difference in images.kit.environment.mismatches() {
        progress.warning(&format!("not what was locked: {difference}"));
    }
    match target.testbed {
        TestbedChoice::Emulated => {
            let request = EmulatedRequest {
                matrix: &target.matrix,
                claims: &target.claims,
                kit: &images.kit,
                inner_kit: &images.inner_kit,
                image: &images.test_host,
                runner: &images.runner,
                kvm_modules: &images.kvm_modules,
                raw: &target.raw,
                name: &target.name,
                task: Task::Run {
                    resume: target.resume,
                    accept_audit: target.accept_audit,
                },
                by_ssh: target.by_ssh,
            };
            Ok(run_emulated(&request, progress, &stop)?)
        }
        TestbedChoice::Attached => {
            let host = Host {
                state: &common.state.directory,
                ports,
                accelerator: None,
                emulated_by: None,
            };
            attached(target, &images.kit, host, progress, &stop)
        }
    }
}

/// The images for a run that is told so much, with the kernels and QEMUs that `matrix` names.
pub(crate) fn images_for(
    common: &Common,
    matrix: Option<&Matrix>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<(TempDir, Images)> {
    let agent = agent(common.agent.as_deref())?;
    let cache = cache(common.cache.as_deref())?;
    let parts = &common.parts.directories;
    images(parts, &cache, &agent, matrix, progress, stop)
}

/// Makes the images in a directory that goes when it is dropped: from the given parts, or from
/// packages that are fetched.
pub(crate) fn images(
    parts: &[PathBuf],
    cache: &Path,
    agent: &Path,
    matrix: Option<&Matrix>,
    progress: &mut dyn Progress,
    stop: &Stop,
) -> Result<(TempDir, Images)> {
    let say = &mut |text: &str| progress.step(text);
    let trees = Trees::find(parts, Ok(cache.to_owned()), matrix, say);
    // A Ctrl-C ends apt as well, which then isn't what went wrong.
    stop.check().map_err(RunError::from)?;
    let trees = trees?;
    progress.step("making kernel and images");
    let make = || {
        std::fs::create_dir_all(cache)?;
        tempfile::Builder::new().prefix("images-").tempdir_in(cache)
    };
    let directory =
        make().with_context(|| format!("cannot make a directory below {}", cache.display()))?;
    let images = build(&trees, agent, directory.path())?;
    Ok((directory, images))
}

/// Makes the images with this program as their runner.
pub(crate) fn build(trees: &Trees, agent: &Path, directory: &Path) -> Result<Images> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    let sources = Sources {
        agent,
        runner: &program,
        directory,
    };
    Ok(vnicbench_images::build(
        &trees.parts,
        &trees.variants,
        &sources,
    )?)
}

pub(crate) fn selection(
    ports: &PortArguments,
    generator: Option<&GeneratorHost>,
) -> Result<PortSelection> {
    // The journal names these files, and is read from anywhere.
    let whole = |path: &Option<PathBuf>| {
        let path = path.as_deref();
        let find = |path: &Path| {
            std::fs::canonicalize(path).with_context(|| format!("cannot find {}", path.display()))
        };
        path.map(find).transpose()
    };
    let generator_host = match generator {
        Some(GeneratorHost {
            host: Some(host),
            key,
            config,
        }) => Some(Destination {
            host: host.clone(),
            key: whole(key)?,
            config: whole(config)?,
        }),
        _ => None,
    };
    Ok(PortSelection {
        pf: ports.pf.clone(),
        generator: ports.generator.clone(),
        uplink: ports.uplink.clone(),
        uplink_generator: ports.uplink_generator.clone(),
        i_know: ports.i_know,
        generator_host,
    })
}

/// Ctrl-C, SIGTERM and SIGHUP ask for the end; a second Ctrl-C changes nothing, since
/// putting the host back must not be cut short.
pub(crate) fn stop_on_signals() -> Result<Stop> {
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
