//! `doctor`: what this host can run.

use std::path::PathBuf;

use anyhow::Result;
use vnicbench_host::journal::JOURNAL;
use vnicbench_host::{
    Accelerator, Boot, Diagnosis, Facts, Finding, HostError, NicFinding, Node, Place, Root,
    Severity, Survey, diagnose, nics, probe, qemu_version,
};
use vnicbench_images::Selection;
use vnicbench_model::{Environment, Instance, Kit, Matrix};

use crate::arguments::{Doctor, Packages};
use crate::{Verdict, progress, run};

/// What a generator's host needs for any matrix; a run asks for what its own one needs.
const TOOLS: [&str; 2] = ["iperf3", "ping"];

/// Looks, tries a boot if it may, and prints what it found.
pub(crate) fn doctor(arguments: &Doctor) -> Result<Verdict> {
    let Tried { boot, qemu, .. } = Tried::new(&arguments.packages, None)?;
    let nics = nics();
    let search = search();
    let selection = run::selection(&arguments.ports, Some(&arguments.generator))?;
    let generator = selection.generator_host.as_ref().map(|destination| {
        let agent = run::agent(arguments.packages.agent.as_deref())
            .map_err(|error| format!("{error:#}"))?;
        let words = [agent.display().to_string(), "serve".to_owned()];
        Survey::take(&words, destination, &TOOLS.into()).map_err(|error| error.to_string())
    });
    let facts = Facts {
        nics: nics.as_deref().map_err(HostError::to_string),
        selection: &selection,
        generator: generator
            .as_ref()
            .map(|survey| survey.as_ref().map_err(String::clone)),
        search: &search,
        boot,
        qemu,
        journal: Some(&arguments.state.directory.join(JOURNAL)),
    };
    let diagnosis = diagnose(&Root::new("/"), &facts);
    if arguments.json {
        println!("{}", serde_json::to_string(&diagnosis)?);
    } else {
        print!("{}", text(&diagnosis));
    }
    Ok(verdict(&diagnosis))
}

/// Where programs are looked for.
pub(crate) fn search() -> Vec<PathBuf> {
    std::env::var_os("PATH").map_or_else(Vec::new, |path| std::env::split_paths(&path).collect())
}

fn verdict(diagnosis: &Diagnosis) -> Verdict {
    let can = diagnosis.backends.iter().filter(|verdict| verdict.can);
    match can.count() {
        0 => Verdict::Cannot,
        count if count == diagnosis.backends.len() => Verdict::Yes,
        _ => Verdict::No,
    }
}

/// What needs QEMU and images to be known.
pub(crate) struct Tried {
    /// How a boot under KVM went.
    pub(crate) boot: Boot,
    /// QEMU's version.
    pub(crate) qemu: Option<String>,
    /// What the images are made from here.
    pub(crate) environment: Option<Environment>,
}

impl Tried {
    /// Boots a kernel under KVM and asks QEMU for its version, if the packages are there or
    /// may be fetched; those of `matrix`'s variants too.
    pub(crate) fn new(arguments: &Packages, matrix: Option<&Matrix>) -> Result<Self> {
        let not = |why: String| {
            Ok(Self {
                boot: Boot::NotTried(why),
                qemu: None,
                environment: None,
            })
        };
        let cache = run::cache(arguments.cache.as_deref())?;
        let given = &arguments.parts.directories;
        let there =
            !given.is_empty() || vnicbench_images::fetched(&cache, Selection::Whole).is_some();
        if !arguments.fetch && !there {
            return not(format!(
                "the packages with QEMU aren't in {}; with --fetch they are fetched",
                cache.display()
            ));
        }
        let agent = match run::agent(arguments.agent.as_deref()) {
            Ok(agent) => agent,
            Err(error) => return not(format!("{error:#}")),
        };
        let stop = run::stop_on_signals()?;
        let mut progress = progress::choose(false);
        let images = run::images(given, &cache, &agent, matrix, progress.as_mut(), &stop);
        let (_directory, images) = match images {
            Ok(images) => images,
            Err(error) => {
                // A Ctrl-C is for the whole program; what else is wrong doesn't hide the rest.
                stop.check().map_err(vnicbench_runner::RunError::from)?;
                return not(format!("{error:#}"));
            }
        };
        progress.step("trying a boot under KVM");
        let (boot, qemu) =
            try_boot(&images.kit).unwrap_or_else(|error| (Boot::NotTried(error.to_string()), None));
        Ok(Self {
            boot,
            qemu,
            environment: Some(images.kit.environment),
        })
    }
}

fn try_boot(kit: &Kit) -> Result<(Boot, Option<String>), HostError> {
    let host = Node::start(kit, "host", &Place::Here, None)?;
    let version = qemu_version(kit, &host)?;
    let boot = match probe(kit, &host, false)? {
        (Accelerator::Kvm, _) => Boot::Works,
        (Accelerator::Tcg, why) => {
            Boot::Fails(why.unwrap_or_else(|| "QEMU chose its translator".into()))
        }
    };
    Ok((boot, Some(version)))
}

/// The three tables.
fn text(diagnosis: &Diagnosis) -> String {
    let common = |why: &String| {
        let mut verdicts = diagnosis.backends.iter();
        verdicts.all(|verdict| verdict.why.contains(why))
    };
    let mut text = String::from("This host can run\n");
    for verdict in &diagnosis.backends {
        let place = match verdict.instance {
            Instance::Host => "on the host",
            Instance::Vm => "in a VM",
            Instance::Container => "in a container",
        };
        let answer = if verdict.can { "yes" } else { "no" };
        let name = format!("{} {place}", verdict.backend);
        text.push_str(&format!("  {name:<22} {answer}\n"));
        for why in verdict.why.iter().filter(|why| !common(why)) {
            text.push_str(&format!("  {:<22}   {why}\n", ""));
        }
    }
    let first = diagnosis.backends.first();
    for why in first
        .iter()
        .flat_map(|verdict| &verdict.why)
        .filter(|why| common(why))
    {
        text.push_str(&format!("  {:<22}   {why}\n", "each of them"));
    }
    text.push_str("\nNICs\n");
    if diagnosis.nics.is_empty() {
        text.push_str("  none that is a device\n");
    }
    for nic in &diagnosis.nics {
        text.push_str(&nic_line(nic));
    }
    text.push_str("\nFindings\n");
    for finding in &diagnosis.findings {
        text.push_str(&finding_lines(finding));
    }
    text
}

fn nic_line(nic: &NicFinding) -> String {
    let speed = match nic.speed_mbps {
        Some(speed) => format!("{speed} Mbit/s"),
        None => "speed not known".into(),
    };
    let state = match (&nic.in_use, nic.up) {
        (Some(why), _) => format!("in use: {why}"),
        (None, true) => "up; used only if named".into(),
        (None, false) => "free".into(),
    };
    let place = nic.pci.as_deref().unwrap_or("not on PCI");
    let node = match nic.numa_node {
        Some(node) => format!(", NUMA node {node}"),
        None => String::new(),
    };
    let role = nic
        .role
        .map(|role| format!(" [{role}]"))
        .unwrap_or_default();
    format!(
        "  {:<15} {} ({place}{node}), {speed}, {} of {} VFs; {state}{role}\n",
        nic.name, nic.driver, nic.vfs, nic.total_vfs
    )
}

fn finding_lines(finding: &Finding) -> String {
    let concerns = match finding.severity {
        Severity::Ok | Severity::Note => String::new(),
        _ if finding.concerns.is_empty() => String::new(),
        _ => format!(" [{}]", finding.concerns.join(", ")),
    };
    let mut lines = format!(
        "  {:<8} {}: {}{concerns}\n",
        finding.severity.name(),
        finding.check,
        finding.text
    );
    if let Some(mend) = &finding.mend {
        lines.push_str(&format!("  {:<8}   mend: {mend}\n", ""));
    }
    lines
}
