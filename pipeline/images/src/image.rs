//! The two images: of the guests that are measured, and of the emulated test host.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use vnicbench_model::store::sha256_file;
use vnicbench_model::{Artifact, Environment, GuestKit, Kit, QemuKit};

use crate::cpio::{Archive, Entry};
use crate::elf::dynamic;
use crate::error::{ImageError, io_error};
use crate::kernel;
use crate::modules::{INDEX, Module, Modules};
use crate::parts::Parts;
use crate::root::{Layout, Root, in_image};
use crate::runner::Runner;
use crate::versions::{QEMU, QEMU_PACKAGE, Versions};

/// Programs of the guests.
const GUEST_PROGRAMS: [&str; 6] = ["ethtool", "ip", "iperf", "iperf3", "ping", "stress"];
/// Programs of the test host.
const HOST_PROGRAMS: [&str; 13] = [
    "bridge",
    "dpdk-testpmd",
    "ethtool",
    "ip",
    "iperf",
    "iperf3",
    "kmod",
    "ping",
    "qemu-system-x86_64",
    "ssh",
    "ssh-keygen",
    "sshd",
    "stress",
];
/// What sshd starts for each connection, by paths that it was compiled with; before
/// version 9.8 it did without.
pub(crate) const SSHD_PARTS: [&str; 2] = ["sshd-auth", "sshd-session"];
pub(crate) const SSHD_PARTS_DIR: &str = "usr/lib/openssh";
/// What a generator's host has to have besides, for the agent to be copied to it.
const SSH_PROGRAMS: [&str; 11] = [
    "cat",
    "chmod",
    "dash",
    "id",
    "mkdir",
    "mktemp",
    "mv",
    "printenv",
    "rm",
    "sha256sum",
    "true",
];
/// What dpdk-testpmd opens at its start, by their names as libraries: the back-end of
/// vhost-user, a packet socket, and the memory of both.
const DPDK_PLUGINS: [&str; 3] = [
    "librte_mempool_ring.so.23",
    "librte_net_af_packet.so.23",
    "librte_net_vhost.so.23",
];
const LIBRARIES_DIR: &str = "usr/lib/x86_64-linux-gnu";
/// The users of a guest.
const GUEST_USERS: &str = "root:x:0:0:root:/root:/bin/false\n";
/// Those of the test host, where root has a shell for ssh and sshd a user for what isn't
/// authenticated yet.
const HOST_USERS: &str = "root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n";
/// Programs that the runner starts on the host itself.
const KIT_PROGRAMS: [&str; 5] = ["dpdk-testpmd", "iperf", "iperf3", "ping", "stress"];
/// The agent's channel, in guests and test host.
const CHANNEL_MODULES: [&str; 2] = ["virtio_pci", "virtio_console"];
/// What every guest loads besides.
const GUEST_MODULES: [&str; 1] = ["virtio_net"];
/// VF drivers that a guest loads when it is given such a VF.
const VF_DRIVERS: [&str; 5] = ["bnxt_en", "iavf", "igbvf", "ixgbevf", "mlx5_core"];
/// What the test host loads at its start, as udev would on a real one.
const HOST_MODULES: [&str; 4] = ["9pnet_virtio", "9p", "igb", "virtio_rng"];
/// What makes it a KVM host; which one depends on the processor that it is given.
const KVM_MODULES: [&str; 2] = ["kvm_amd", "kvm_intel"];
/// What `modprobe` finds there.
const HOST_EXTRA_MODULES: [&str; 10] = [
    "8021q",
    "bridge",
    "igbvf",
    "macvtap",
    "tap",
    "tun",
    "veth",
    "vfio_iommu_type1",
    "vfio_pci",
    "vhost_net",
];
/// Firmware that a guest's or the test host's QEMU reads.
pub(crate) const FIRMWARE: [&str; 5] = [
    "bios-256k.bin",
    "kvmvapic.bin",
    "linuxboot_dma.bin",
    "pvh.bin",
    "qboot.rom",
];
const FIRMWARE_DIRS: [&str; 2] = ["usr/share/qemu", "usr/share/seabios"];

/// The images, and the kits that name their parts.
#[derive(Debug)]
pub struct Images {
    /// Kit for guests that run on this machine.
    pub kit: Kit,
    /// Kit for guests that run in the test host, with paths in there.
    pub inner_kit: Kit,
    /// The test host's initramfs.
    pub test_host: PathBuf,
    /// Modules in the test host that make it a KVM host: the files to load, in order.
    pub kvm_modules: BTreeMap<String, Vec<String>>,
    /// How the runner is started in the test host.
    pub runner: Vec<String>,
}

/// What the images are made from besides the parts.
#[derive(Debug, Clone)]
pub struct Sources<'a> {
    /// The static agent.
    pub agent: &'a Path,
    /// The runner; with it the test host's image is made.
    pub runner: &'a Path,
    /// Where the images go; there must be room for 500 MB.
    pub directory: &'a Path,
}

/// Makes kernel and images below `sources.directory`: with the kernel and QEMU of `parts`, and with
/// those of `variants` that are others. Programs are those of `parts` throughout.
///
/// # Errors
///
/// [`ImageError`] for a package file that is missing or isn't what it should be.
pub fn build(
    parts: &Parts,
    variants: &[Parts],
    sources: &Sources<'_>,
) -> Result<Images, ImageError> {
    let root = &parts.root;
    let directory = sources.directory;
    fs::create_dir_all(directory).map_err(io_error("make", directory))?;
    let agent_bytes = fs::read(sources.agent).map_err(io_error("read", sources.agent))?;
    if dynamic(sources.agent, &agent_bytes)?.interpreter.is_some() {
        return Err(ImageError::Format {
            path: sources.agent.to_owned(),
            message:
                "is not static, and a guest has no loader for it; build it with \"cargo agent\""
                    .into(),
        });
    }

    let release = root.kernel_release()?;
    let (guest, version) = make_guest(parts, &release, root, sources, "")?;
    let qemu = root.program(QEMU)?;
    let testpmd = root.program("dpdk-testpmd")?;
    let runner = Runner::of(sources.runner)?;
    let tool = env!("CARGO_PKG_VERSION").to_owned();
    let mut artifacts = vec![
        artifact("agent", tool.clone(), sources.agent)?,
        artifact(
            "dpdk-testpmd",
            parts.version(&testpmd, "dpdk-dev"),
            &testpmd,
        )?,
        artifact("guest-image", release.clone(), &guest.image)?,
        artifact("kernel", version, &guest.kernel)?,
        artifact("qemu", parts.version(&qemu, QEMU_PACKAGE), &qemu)?,
        artifact("vnicbench", tool, sources.runner)?,
    ];
    let mut versions = Versions {
        guests: vec![guest],
        qemus: vec![QemuKit {
            version: parts.version(&qemu, QEMU_PACKAGE),
            command: root.argv(QEMU)?,
            firmware: firmware_dirs(root),
        }],
        inner_qemus: vec![QemuKit {
            version: parts.version(&qemu, QEMU_PACKAGE),
            command: vec![format!("/usr/bin/{QEMU}")],
            firmware: vec![PathBuf::from("/usr/share/qemu")],
        }],
        files: Vec::new(),
        variants: Vec::new(),
    };
    for variant in variants {
        artifacts.extend(versions.add(variant, root, sources)?);
    }
    let test_host = directory.join("test-host.cpio");
    let modules = Modules::find(&root.path().join("lib/modules").join(&release))?;
    let kvm_modules = write_test_host(
        root,
        dpdk_plugins(parts),
        &modules,
        &release,
        sources.agent,
        &runner,
        &versions,
        &test_host,
    )?;
    artifacts.push(artifact("test-host-image", release, &test_host)?);
    artifacts.sort_by(|a, b| a.name.cmp(&b.name));
    let environment = Environment {
        provider: parts.provider.clone(),
        packages: parts.packages.clone(),
        artifacts,
        differences: parts.differences.clone(),
        provenance: parts.provenance.clone(),
        variants: versions.variants.clone(),
    };

    let mut programs = BTreeMap::from([(
        "agent".to_owned(),
        vec![sources.agent.display().to_string(), "serve".into()],
    )]);
    let mut inner_programs =
        BTreeMap::from([("agent".to_owned(), vec!["/init".to_owned(), "serve".into()])]);
    for name in KIT_PROGRAMS {
        programs.insert(name.to_owned(), root.argv(name)?);
        inner_programs.insert(name.to_owned(), vec![format!("/usr/bin/{name}")]);
    }
    for programs in [&mut programs, &mut inner_programs] {
        let plugins = dpdk_plugins(parts)
            .iter()
            .flat_map(|plugin| ["-d", *plugin]);
        let testpmd = programs.entry("dpdk-testpmd".into()).or_default();
        testpmd.extend(plugins.map(str::to_owned));
    }
    let inner_guests = versions.guests.iter().map(|guest| GuestKit {
        kernel: in_test_host(&guest.kernel),
        image: in_test_host(&guest.image),
        ..guest.clone()
    });
    Ok(Images {
        inner_kit: Kit {
            environment: environment.clone(),
            programs: inner_programs,
            guests: inner_guests.collect(),
            qemus: versions.inner_qemus,
        },
        kit: Kit {
            environment,
            programs,
            guests: versions.guests,
            qemus: versions.qemus,
        },
        test_host,
        kvm_modules,
        runner: runner.argv(),
    })
}

/// Where the test host has a kernel or an image of guests.
pub(crate) fn in_test_host(file: &Path) -> PathBuf {
    Path::new("/images").join(file.file_name().unwrap_or_default())
}

/// Where a tree has firmware.
pub(crate) fn firmware_dirs(root: &Root) -> Vec<PathBuf> {
    let places = FIRMWARE_DIRS.iter().map(|place| root.path().join(place));
    places.filter(|place| place.is_dir()).collect()
}

/// Firmware that a QEMU reads, with its place below `directory` of an image.
pub(crate) fn firmware_files(
    root: &Root,
    directory: &str,
) -> Result<Vec<(String, PathBuf)>, ImageError> {
    let find = |name: &str| Ok((format!("{directory}/{name}"), firmware(root, name)?));
    FIRMWARE.into_iter().map(find).collect()
}

/// Makes the kernel `release` of `parts` and an image for it of the programs below `programs`; names
/// of files end with `suffix`. Also gives the kernel's version, as its package says.
pub(crate) fn make_guest(
    parts: &Parts,
    release: &str,
    programs: &Root,
    sources: &Sources<'_>,
    suffix: &str,
) -> Result<(GuestKit, String), ImageError> {
    let root = &parts.root;
    let kernel = sources.directory.join(format!("vmlinux{suffix}"));
    let vmlinuz = root.find("the kernel", &[format!("boot/vmlinuz-{release}")])?;
    fs::write(&kernel, kernel::extract(&vmlinuz)?).map_err(io_error("write", &kernel))?;
    let modules = Modules::find(&root.path().join("lib/modules").join(release))?;
    let image = sources.directory.join(format!("guest{suffix}.cpio"));
    let modules = write_guest(programs, &modules, release, sources.agent, &image)?;
    let package = parts.version(&vmlinuz, &format!("linux-image-{release}"));
    let guest = GuestKit {
        release: release.to_owned(),
        kernel,
        image,
        modules,
    };
    Ok((guest, format!("{release} ({package})")))
}

/// All programs of guests, test host and this machine.
pub(crate) fn programs() -> BTreeSet<&'static str> {
    let all: [&[&str]; 4] = [
        &GUEST_PROGRAMS,
        &HOST_PROGRAMS,
        &SSH_PROGRAMS,
        &KIT_PROGRAMS,
    ];
    all.concat().into_iter().collect()
}

/// All modules of guests and test host.
pub(crate) fn modules() -> Vec<&'static str> {
    let all: [&[&str]; 6] = [
        &CHANNEL_MODULES,
        &GUEST_MODULES,
        &VF_DRIVERS,
        &HOST_MODULES,
        &HOST_EXTRA_MODULES,
        &KVM_MODULES,
    ];
    all.concat()
}

/// The file of a piece of firmware.
pub(crate) fn firmware(root: &Root, name: &str) -> Result<PathBuf, ImageError> {
    let places = FIRMWARE_DIRS.map(|directory| format!("{directory}/{name}"));
    root.find(&format!("the firmware {name}"), &places)
}

/// Debian's testpmd opens them; that of nixpkgs is linked with all of them.
fn dpdk_plugins(parts: &Parts) -> &'static [&'static str] {
    match parts.is_debian() {
        true => &DPDK_PLUGINS,
        false => &[],
    }
}

pub(crate) fn artifact(name: &str, version: String, path: &Path) -> Result<Artifact, ImageError> {
    let bytes = fs::metadata(path).map_err(io_error("examine", path))?.len();
    Ok(Artifact {
        name: name.to_owned(),
        version,
        sha256: sha256_file(path)?,
        bytes,
    })
}

/// The directories, links and files that both images have.
fn base(agent: &Path, users: &str) -> Archive {
    let mut archive = Archive::default();
    for directory in [
        "dev",
        "etc",
        "mnt",
        "proc",
        "root",
        "run",
        "sys",
        "tmp",
        "usr/bin",
        "usr/lib64",
        "var/run",
    ] {
        archive.add(directory, Entry::Directory);
    }
    for (link, target) in [
        ("bin", "usr/bin"),
        ("sbin", "usr/bin"),
        ("usr/sbin", "bin"),
        ("lib", "usr/lib"),
        ("lib64", "usr/lib64"),
    ] {
        archive.add(link, Entry::Symlink(target.into()));
    }
    archive.add("etc/passwd", Entry::Bytes(users.as_bytes().to_vec(), false));
    archive.add(
        "etc/group",
        Entry::Bytes(b"root:x:0:\nnogroup:x:65534:\n".to_vec(), false),
    );
    archive.add(
        "etc/hosts",
        Entry::Bytes(b"127.0.0.1 localhost\n".to_vec(), false),
    );
    archive.add("init", Entry::File(agent.to_owned(), true));
    archive
}

fn add_programs(
    archive: &mut Archive,
    root: &Root,
    names: &[&str],
    parts: &[String],
) -> Result<(), ImageError> {
    let store = root.layout() != Layout::Distribution;
    let mut programs = Vec::new();
    for name in names {
        let (path, place) = (root.program(name)?, format!("usr/bin/{name}"));
        if store {
            // By its own name, by which it may find what else it has.
            let own = root.in_store(&path);
            archive.add(&place, Entry::Symlink(own.display().to_string()));
            archive.add(&in_image(&own), Entry::File(path.clone(), true));
        } else {
            archive.add(&place, Entry::File(path.clone(), true));
        }
        programs.push(path);
    }
    for part in parts {
        let path = root.find(part, std::slice::from_ref(part))?;
        let place = match store {
            true => in_image(&root.in_store(&path)),
            false => part.clone(),
        };
        archive.add(&place, Entry::File(path.clone(), true));
        programs.push(path);
    }
    for library in root.libraries(&programs)? {
        archive.add(&library.place, Entry::File(library.file, library.loader));
    }
    Ok(())
}

/// Adds modules and returns their paths in the image, in the order of loading.
fn add_modules(archive: &mut Archive, release: &str, modules: Vec<Module>) -> Vec<String> {
    let mut paths = Vec::new();
    for module in modules {
        let path = format!("usr/lib/modules/{release}/{}", module.path);
        paths.push(format!("/{path}"));
        archive.add(&path, Entry::Bytes(module.bytes, false));
    }
    paths
}

fn add_init(archive: &mut Archive, role: &str, modules: &[String], mounts: &serde_json::Value) {
    let init = json!({
        "role": role,
        "hostname": role,
        "port": "vnicbench.agent",
        // Quiet while booting, since an emulated console is slow; then the drivers' messages,
        // which say whether it really is a VF.
        "sysctls": [["/proc/sys/kernel/printk", "7 4 1 7"]],
        "modules": modules,
        "mounts": mounts,
    });
    archive.add(
        "etc/vnicbench/init.json",
        Entry::Bytes(format!("{init:#}\n").into_bytes(), false),
    );
}

fn write_archive(archive: &Archive, path: &Path) -> Result<(), ImageError> {
    let write = || {
        let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
        archive.write(&mut file)?;
        file.flush()
    };
    write().map_err(io_error("write", path))
}

fn write_guest(
    root: &Root,
    modules: &Modules,
    release: &str,
    agent: &Path,
    path: &Path,
) -> Result<BTreeMap<String, Vec<String>>, ImageError> {
    let mut archive = base(agent, GUEST_USERS);
    add_programs(&mut archive, root, &GUEST_PROGRAMS, &[])?;
    let names = [&CHANNEL_MODULES[..], &GUEST_MODULES[..]].concat();
    let always = add_modules(&mut archive, release, modules.closure(&names)?);
    let mut drivers = BTreeMap::new();
    for driver in VF_DRIVERS {
        let paths = add_modules(&mut archive, release, modules.closure(&[driver])?);
        drivers.insert(driver.to_owned(), paths);
    }
    add_init(&mut archive, "guest", &always, &json!([]));
    write_archive(&archive, path)?;
    Ok(drivers)
}

#[expect(
    clippy::too_many_arguments,
    reason = "each is a different part of the image, used once"
)]
fn write_test_host(
    root: &Root,
    plugins: &[&str],
    modules: &Modules,
    release: &str,
    agent: &Path,
    runner: &Runner,
    versions: &Versions,
    path: &Path,
) -> Result<BTreeMap<String, Vec<String>>, ImageError> {
    let mut archive = base(agent, HOST_USERS);
    let mut parts: Vec<String> = SSHD_PARTS
        .iter()
        .map(|part| format!("{SSHD_PARTS_DIR}/{part}"))
        .filter(|part| root.path().join(part).exists())
        .collect();
    parts.extend(
        plugins
            .iter()
            .map(|plugin| format!("{LIBRARIES_DIR}/{plugin}")),
    );
    if root.layout() != Layout::Distribution {
        // Where its sshd wants to be while a connection isn't authenticated yet.
        archive.add("var/empty", Entry::Directory);
    }
    let programs = [&HOST_PROGRAMS[..], &SSH_PROGRAMS[..]].concat();
    add_programs(&mut archive, root, &programs, &parts)?;
    archive.add("usr/bin/sh", Entry::Symlink("dash".into()));
    for name in ["modprobe", "depmod", "lsmod"] {
        archive.add(&format!("usr/bin/{name}"), Entry::Symlink("kmod".into()));
    }
    for (place, file) in firmware_files(root, "usr/share/qemu")? {
        archive.add(&place, Entry::File(file, false));
    }
    let images = versions.guests.iter().flat_map(|g| [&g.kernel, &g.image]);
    for file in images {
        let place = in_image(&in_test_host(file));
        archive.add(&place, Entry::File(file.clone(), false));
    }
    for (place, file, executable) in &versions.files {
        archive.add(place, Entry::File(file.clone(), *executable));
    }
    for directory in ["raw", "share"] {
        archive.add(directory, Entry::Directory);
    }
    for (place, file, executable) in runner.files() {
        archive.add(&place, Entry::File(file, executable));
    }

    let names = [&CHANNEL_MODULES[..], &HOST_MODULES[..]].concat();
    let always = modules.closure(&names)?;
    let names = [&names[..], &HOST_EXTRA_MODULES[..], &KVM_MODULES[..]].concat();
    let extra = modules.closure(&names)?;
    for (name, bytes) in module_index(root, release, &extra)? {
        archive.add(
            &format!("usr/lib/modules/{release}/{name}"),
            Entry::Bytes(bytes, false),
        );
    }
    let always = add_modules(&mut archive, release, always);
    add_modules(&mut archive, release, extra);
    let mut kvm = BTreeMap::new();
    for name in KVM_MODULES {
        let paths = add_modules(&mut archive, release, modules.closure(&[name])?);
        kvm.insert(name.to_owned(), paths);
    }
    let shared = |tag: &str| {
        json!({
            "source": tag,
            "target": format!("/{tag}"),
            "fstype": "9p",
            "options": "trans=virtio,version=9p2000.L,msize=1048576",
        })
    };
    add_init(
        &mut archive,
        "test-host",
        &always,
        &json!([shared("share"), shared("raw")]),
    );
    write_archive(&archive, path)?;
    Ok(kvm)
}

/// What modprobe needs to find a module, made by depmod from the modules that the image has.
fn module_index(
    root: &Root,
    release: &str,
    modules: &[Module],
) -> Result<Vec<(String, Vec<u8>)>, ImageError> {
    let tree = tempfile::tempdir().map_err(io_error("make", Path::new("a temporary directory")))?;
    let directory = tree.path().join("lib/modules").join(release);
    let installed = root.path().join("lib/modules").join(release);
    for module in modules {
        let path = directory.join(&module.path);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("make", parent))?;
        }
        fs::write(&path, &module.bytes).map_err(io_error("write", &path))?;
    }
    for name in INDEX {
        fs::copy(installed.join(name), directory.join(name))
            .map_err(io_error("copy", &installed.join(name)))?;
    }
    let mut argv = root.argv("kmod")?;
    if argv.len() > 1 {
        // It is the loader that is started.
        argv.splice(1..1, ["--argv0".to_owned(), "depmod".to_owned()]);
    }
    let output = Command::new(&argv[0])
        .arg0("depmod")
        .args(&argv[1..])
        .arg("-b")
        .args([tree.path().as_os_str(), release.as_ref()])
        .output()
        .map_err(io_error("run", Path::new(&argv[0])))?;
    if !output.status.success() {
        return Err(ImageError::Command {
            what: "indexing the kernel modules".into(),
            command: "depmod".into(),
            status: output.status.to_string(),
            output: String::from_utf8_lossy(&output.stderr).into_owned(),
        });
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(&directory).map_err(io_error("list", &directory))? {
        let path = entry.map_err(io_error("list", &directory))?.path();
        if let Some(name) = path
            .file_name()
            .and_then(|name| name.to_str())
            .filter(|name| name.starts_with("modules."))
        {
            files.push((
                name.to_owned(),
                fs::read(&path).map_err(io_error("read", &path))?,
            ));
        }
    }
    Ok(files)
}
