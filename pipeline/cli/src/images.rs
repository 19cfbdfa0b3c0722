//! `images`: kernel and images in a directory, and a boot of the guest in them.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use vnicbench_host::{
    Accelerator, BootContext, Guest, GuestSetup, Node, Place, Stop, VmSpec, first_line,
};
use vnicbench_model::store::write_json;
use vnicbench_model::{ByteSize, Kit};

use crate::arguments::Images;
use crate::trees::Trees;
use crate::{Verdict, run};

/// An emulated boot takes 4 s on an idle machine.
const BOOT_LIMIT: Duration = Duration::from_secs(180);
/// How each program of a guest is asked for its version.
const VERSIONS: [[&str; 2]; 6] = [
    ["ethtool", "--version"],
    ["ip", "-V"],
    ["iperf", "--version"],
    ["iperf3", "--version"],
    ["ping", "-V"],
    ["stress", "--version"],
];
/// What a program says, or its loader for it, if a library isn't there.
const NOT_LOADED: &str = "error while loading shared libraries";

/// Makes kernel and images with a `manifest.json`, which is what a campaign records of its
/// environment; then boots a guest, if it is to.
pub(crate) fn images(arguments: &Images) -> Result<Verdict> {
    let stop = run::stop_on_signals()?;
    let cache = run::cache(arguments.cache.as_deref());
    let say = &mut |text: &str| eprintln!("{text}");
    let trees = Trees::find(&arguments.parts.directories, cache, None, say)?;
    if arguments.copy {
        vnicbench_images::copy(&trees.parts, &arguments.out)?;
        return Ok(Verdict::Yes);
    }
    let agent = run::agent(arguments.agent.as_deref())?;
    let images = run::build(&trees, &agent, &arguments.out)?;
    write_json(
        &arguments.out.join("manifest.json"),
        &images.kit.environment,
    )?;
    if arguments.boot {
        boot(&images.kit, &stop)?;
    }
    Ok(Verdict::Yes)
}

/// Boots a guest with no NIC and asks its programs for their versions.
fn boot(kit: &Kit, stop: &Stop) -> Result<()> {
    let work = tempfile::Builder::new().prefix("vnicbench-boot-").tempdir();
    let work = work.context("cannot make a temporary directory")?;
    let host = Node::start(kit, "host", &Place::Here, None)?;
    let with = BootContext {
        kit,
        // Everywhere the same, and a build's sandbox has no other.
        accelerator: Accelerator::Tcg,
        host: &host,
        sockets: work.path(),
        stop,
    };
    let setup = GuestSetup {
        vm: VmSpec {
            name: "guest".into(),
            vcpus: 1,
            memory: ByteSize(256 << 20),
            hugepages: false,
            nics: Vec::new(),
            kernel: None,
            qemu: None,
        },
        nics: Vec::new(),
        boot_limit: BOOT_LIMIT,
        pin: None,
    };
    let guest = Guest::boot(&with, &setup, 0, &work.path().join("boot"))?;
    println!("booted in {:.1} s", guest.boot_seconds);
    for words in VERSIONS {
        let said = first_line(&guest.session(), &words).unwrap_or_default();
        if said.is_empty() || said.contains(NOT_LOADED) {
            bail!("{} does not run in the guest: {said:?}", words[0]);
        }
        println!("{}: {said}", words[0]);
    }
    guest.stop();
    Ok(())
}
