//! The two images: of the guests that are measured, and of the emulated test host.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use vnicbench_model::store::sha256_file;
use vnicbench_model::{Artifact, Environment, GuestKit, Kit, QemuKit};

use crate::cpio::{Archive, Entry};
use crate::debian::{Fetched, Lock};
use crate::elf::has_interpreter;
use crate::error::{ImageError, io_error};
use crate::kernel;
use crate::modules::{Module, Modules};
use crate::root::Root;

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
const SSHD_PARTS: [&str; 2] = ["sshd-auth", "sshd-session"];
const SSHD_PARTS_DIR: &str = "usr/lib/openssh";
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
const QEMU: &str = "qemu-system-x86_64";
/// What every guest loads.
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
const FIRMWARE: [&str; 5] = [
    "bios-256k.bin",
    "kvmvapic.bin",
    "linuxboot_dma.bin",
    "pvh.bin",
    "qboot.rom",
];
const FIRMWARE_DIRS: [&str; 2] = ["usr/share/qemu", "usr/share/seabios"];

/// Where the runner is in the test host: with the loader and the libraries of the machine
/// that built it, which may be newer than the image's.
const RUNNER_DIR: &str = "opt/vnicbench";

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

/// What the images are made from besides the packages.
#[derive(Debug, Clone)]
pub struct Sources<'a> {
    /// The static agent.
    pub agent: &'a Path,
    /// The runner; with it the test host's image is made.
    pub runner: &'a Path,
    /// Where the images go; there must be room for 500 MB.
    pub directory: &'a Path,
}

/// Makes kernel and images below `sources.directory`.
///
/// # Errors
///
/// [`ImageError`] for a package file that is missing or isn't what it should be.
pub fn build(fetched: &Fetched, lock: &Lock, sources: &Sources<'_>) -> Result<Images, ImageError> {
    let root = &fetched.root;
    let directory = sources.directory;
    fs::create_dir_all(directory).map_err(io_error("make", directory))?;
    let agent_bytes = fs::read(sources.agent).map_err(io_error("read", sources.agent))?;
    if has_interpreter(sources.agent, &agent_bytes)? {
        return Err(ImageError::Format {
            path: sources.agent.to_owned(),
            message:
                "is not static, and a guest has no loader for it; build it with \"cargo agent\""
                    .into(),
        });
    }

    let release = root.kernel_release()?;
    let kernel_path = directory.join("vmlinux");
    let vmlinuz = root.find("the kernel", &[format!("boot/vmlinuz-{release}")])?;
    fs::write(&kernel_path, kernel::extract(&vmlinuz)?).map_err(io_error("write", &kernel_path))?;

    let modules = Modules::find(&root.path().join("lib/modules").join(&release))?;
    let guest_image = directory.join("guest.cpio");
    let guest_modules = write_guest(root, &modules, &release, sources.agent, &guest_image)?;
    let runner = Runner::of(sources.runner)?;
    let test_host = directory.join("test-host.cpio");
    let kvm_modules = write_test_host(
        root,
        &modules,
        &release,
        sources.agent,
        &runner,
        &kernel_path,
        &guest_image,
        &test_host,
    )?;

    let version = |package: &str| {
        let found = fetched
            .packages
            .iter()
            .find(|candidate| candidate.name == package);
        found.map_or_else(String::new, |package| package.version.clone())
    };
    let tool = env!("CARGO_PKG_VERSION").to_owned();
    let qemu = root.program(QEMU)?;
    let testpmd = root.program("dpdk-testpmd")?;
    let artifacts: Vec<Artifact> = [
        ("agent", tool.clone(), sources.agent),
        ("dpdk-testpmd", version("dpdk-dev"), &testpmd),
        ("guest-image", release.clone(), &guest_image),
        (
            "kernel",
            format!("{release} ({})", version(&format!("linux-image-{release}"))),
            &kernel_path,
        ),
        ("qemu", version("qemu-system-x86"), &qemu),
        ("test-host-image", release.clone(), &test_host),
        ("vnicbench", tool, sources.runner),
    ]
    .into_iter()
    .map(|(name, version, path)| artifact(name, version, path))
    .collect::<Result<_, _>>()?;
    let environment = Environment {
        provider: "debian".into(),
        packages: fetched.packages.clone(),
        artifacts,
        differences: lock.differences(&fetched.packages),
        ..Environment::default()
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
        let plugins = DPDK_PLUGINS
            .map(|plugin| ["-d", plugin])
            .into_iter()
            .flatten();
        let testpmd = programs.entry("dpdk-testpmd".into()).or_default();
        testpmd.extend(plugins.map(str::to_owned));
    }
    let kit = Kit {
        environment: environment.clone(),
        programs,
        guests: vec![GuestKit {
            release: release.clone(),
            kernel: kernel_path,
            image: guest_image,
            modules: guest_modules.clone(),
        }],
        qemus: vec![QemuKit {
            version: version("qemu-system-x86"),
            command: root.argv(QEMU)?,
            firmware: FIRMWARE_DIRS
                .iter()
                .map(|place| root.path().join(place))
                .collect(),
        }],
    };
    let inner_kit = Kit {
        environment,
        programs: inner_programs,
        guests: vec![GuestKit {
            release,
            kernel: PathBuf::from("/images/vmlinux"),
            image: PathBuf::from("/images/guest.cpio"),
            modules: guest_modules,
        }],
        qemus: vec![QemuKit {
            version: version("qemu-system-x86"),
            command: vec![format!("/usr/bin/{QEMU}")],
            firmware: vec![PathBuf::from("/usr/share/qemu")],
        }],
    };
    Ok(Images {
        kit,
        inner_kit,
        test_host,
        kvm_modules,
        runner: runner.argv(),
    })
}

fn artifact(name: &str, version: String, path: &Path) -> Result<Artifact, ImageError> {
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
    let mut programs = Vec::new();
    for name in names {
        let path = root.program(name)?;
        archive.add(&format!("usr/bin/{name}"), Entry::File(path.clone(), true));
        programs.push(path);
    }
    for part in parts {
        let path = root.path().join(part);
        archive.add(part, Entry::File(path.clone(), true));
        programs.push(path);
    }
    for (name, path) in root.libraries(&programs)? {
        archive.add(&format!("{LIBRARIES_DIR}/{name}"), Entry::File(path, false));
    }
    archive.add(
        "usr/lib64/ld-linux-x86-64.so.2",
        Entry::File(root.loader()?, true),
    );
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
    let always = add_modules(&mut archive, release, modules.closure(&GUEST_MODULES)?);
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
    modules: &Modules,
    release: &str,
    agent: &Path,
    runner: &Runner,
    kernel: &Path,
    guest_image: &Path,
    path: &Path,
) -> Result<BTreeMap<String, Vec<String>>, ImageError> {
    let mut archive = base(agent, HOST_USERS);
    let mut parts: Vec<String> = SSHD_PARTS
        .iter()
        .map(|part| format!("{SSHD_PARTS_DIR}/{part}"))
        .filter(|part| root.path().join(part).exists())
        .collect();
    parts.extend(DPDK_PLUGINS.map(|plugin| format!("{LIBRARIES_DIR}/{plugin}")));
    let programs = [&HOST_PROGRAMS[..], &SSH_PROGRAMS[..]].concat();
    add_programs(&mut archive, root, &programs, &parts)?;
    archive.add("usr/bin/sh", Entry::Symlink("dash".into()));
    for name in ["modprobe", "depmod", "lsmod"] {
        archive.add(&format!("usr/bin/{name}"), Entry::Symlink("kmod".into()));
    }
    for name in FIRMWARE {
        let places = FIRMWARE_DIRS.map(|directory| format!("{directory}/{name}"));
        archive.add(
            &format!("usr/share/qemu/{name}"),
            Entry::File(root.find(&format!("the firmware {name}"), &places)?, false),
        );
    }
    archive.add("images/vmlinux", Entry::File(kernel.to_owned(), false));
    archive.add(
        "images/guest.cpio",
        Entry::File(guest_image.to_owned(), false),
    );
    for directory in ["raw", "share"] {
        archive.add(directory, Entry::Directory);
    }
    for (name, file, executable) in runner.files() {
        archive.add(
            &format!("{RUNNER_DIR}/{name}"),
            Entry::File(file, executable),
        );
    }

    let always = modules.closure(&HOST_MODULES)?;
    let names = [&HOST_MODULES[..], &HOST_EXTRA_MODULES[..], &KVM_MODULES[..]].concat();
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
    for name in [
        "modules.builtin",
        "modules.builtin.modinfo",
        "modules.order",
    ] {
        fs::copy(installed.join(name), directory.join(name))
            .map_err(io_error("copy", &installed.join(name)))?;
    }
    let mut argv = root.argv("kmod")?;
    argv.splice(1..1, ["--argv0".to_owned(), "depmod".to_owned()]);
    let output = Command::new(&argv[0])
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

/// The runner with the loader and libraries that it uses on this machine.
struct Runner {
    program: PathBuf,
    loader: Option<PathBuf>,
    libraries: Vec<PathBuf>,
}

impl Runner {
    /// What the running process has mapped is what the program needs, wherever this
    /// machine keeps its libraries.
    fn of(program: &Path) -> Result<Self, ImageError> {
        let maps_path = Path::new("/proc/self/maps");
        let maps = fs::read_to_string(maps_path).map_err(io_error("read", maps_path))?;
        let mut libraries: Vec<PathBuf> = maps
            .lines()
            .filter_map(|line| line.split_whitespace().nth(5).map(PathBuf::from))
            .filter(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().contains(".so"))
            })
            .collect();
        libraries.sort();
        libraries.dedup();
        let is_loader = |path: &PathBuf| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("ld-"))
        };
        let loader = libraries
            .iter()
            .position(is_loader)
            .map(|at| libraries.remove(at));
        Ok(Self {
            program: program.to_owned(),
            loader,
            libraries,
        })
    }

    fn files(&self) -> Vec<(String, PathBuf, bool)> {
        let mut files = vec![("vnicbench".to_owned(), self.program.clone(), true)];
        files.extend(
            self.loader
                .iter()
                .map(|loader| ("ld.so".to_owned(), loader.clone(), true)),
        );
        for library in &self.libraries {
            if let Some(name) = library.file_name() {
                files.push((name.to_string_lossy().into_owned(), library.clone(), false));
            }
        }
        files
    }

    fn argv(&self) -> Vec<String> {
        let mut argv = Vec::new();
        if self.loader.is_some() {
            argv.extend([
                format!("/{RUNNER_DIR}/ld.so"),
                "--library-path".into(),
                format!("/{RUNNER_DIR}"),
            ]);
        }
        argv.push(format!("/{RUNNER_DIR}/vnicbench"));
        argv
    }
}
