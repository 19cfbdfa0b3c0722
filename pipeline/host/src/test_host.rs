//! The emulated test host: a machine in software with two wired pairs of SR-IOV NICs and an
//! IOMMU. To what runs in it, it is a machine with attached hardware.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vnicbench_agent::{Command, Job, Session};
use vnicbench_model::Kit;

use crate::accelerator::Accelerator;
use crate::error::{HostError, io_error, tail};
use crate::guest::connect;
use crate::nic::PortSelection;
use crate::node::Node;
use crate::qemu;
use crate::stop::Stop;

/// Below 2816 MiB, or QEMU 10.0 maps the VFs' BARs above 4 GiB and then cuts them.
const MEMORY_MIB: &str = "2560";
const COMMAND_LINE: &str =
    "console=ttyS0 quiet panic=-1 intel_iommu=on iommu=pt mitigations=off audit=0";
/// An emulated boot takes about 10 s on an idle machine.
const BOOT_LIMIT: Duration = Duration::from_secs(180);
const FOREVER: Duration = Duration::from_secs(30 * 24 * 3600);

/// Two pairs, each on a wire of its own: PF and its generator, then uplink and its. A second
/// pair, because frames for hosts that are bridged behind an emulated PF no longer arrive
/// once one of its VFs is up.
const MACS: [&str; 4] = [
    "52:54:00:00:0a:00",
    "52:54:00:00:0b:00",
    "52:54:00:00:0c:00",
    "52:54:00:00:0d:00",
];

/// What a test host is made of.
#[derive(Debug, Clone)]
pub struct TestHostSetup<'a> {
    /// QEMU and the kernel.
    pub kit: &'a Kit,
    /// Its initramfs.
    pub image: &'a Path,
    /// Directory that it sees as `/share`.
    pub share: &'a Path,
    /// Directory that it sees as `/raw`.
    pub raw: &'a Path,
    /// Where console and socket go.
    pub work: &'a Path,
}

/// A running test host; dropping it ends it, and nothing of it is left on this machine.
#[derive(Debug)]
pub struct TestHost {
    session: Session,
    qemu: Job,
    console: PathBuf,
}

impl TestHost {
    /// Boots it.
    ///
    /// # Errors
    ///
    /// [`HostError::TestHost`] with the end of its console; [`HostError::Interrupted`].
    pub fn boot(
        setup: &TestHostSetup<'_>,
        accelerator: Accelerator,
        node: &Node,
        stop: &Stop,
    ) -> Result<Self, HostError> {
        let console = setup.work.join("test-host-console.log");
        let messages = setup.work.join("test-host-qemu.log");
        let socket = setup.work.join("test-host");
        let mut argv = argv(setup, accelerator, &socket)?;
        let stdout = File::create(&console).map_err(io_error("make", &console))?;
        let stderr = File::create(&messages).map_err(io_error("make", &messages))?;
        let command = Command::new(argv.remove(0), FOREVER).args(argv);
        let mut qemu = node
            .session()
            .start(&command, Box::new(stdout), Box::new(stderr))?;
        let session =
            connect(&mut qemu, &socket, Instant::now() + BOOT_LIMIT, stop).map_err(|error| {
                match error {
                    HostError::Interrupted => HostError::Interrupted,
                    other => {
                        let said = fs::read_to_string(&messages).unwrap_or_default();
                        let what = format!(
                            "did not come up: {other}{}{}",
                            if said.is_empty() { "" } else { "; QEMU says: " },
                            said.trim()
                        );
                        HostError::TestHost {
                            what,
                            tail: tail(&console),
                            console: console.clone(),
                        }
                    }
                }
            })?;
        Ok(Self {
            session,
            qemu,
            console,
        })
    }

    /// The session with its agent.
    pub fn session(&self) -> Session {
        self.session.clone()
    }

    /// Its ports, as the runner in it is told them.
    pub fn ports() -> PortSelection {
        let [pf, generator, uplink, uplink_generator] = MACS.map(|mac| Some(mac.to_owned()));
        PortSelection {
            pf,
            generator,
            uplink,
            uplink_generator,
            generator_host: None,
            i_know: false,
        }
    }

    /// Says what went wrong together with the end of its console.
    pub fn failure(&self, what: impl Into<String>) -> HostError {
        HostError::TestHost {
            what: what.into(),
            tail: tail(&self.console),
            console: self.console.clone(),
        }
    }

    /// Switches it off in order, so that its file systems are flushed.
    pub fn stop(mut self) {
        let _ = self.session.poweroff();
        if !matches!(self.qemu.wait_timeout(Duration::from_secs(10)), Ok(Some(_))) {
            self.kill();
        }
    }

    /// Ends one that no longer answers.
    pub fn kill(mut self) {
        let _ = self.qemu.signal(9);
        let _ = self.qemu.wait_timeout(Duration::from_secs(10));
    }
}

fn argv(
    setup: &TestHostSetup<'_>,
    accelerator: Accelerator,
    socket: &Path,
) -> Result<Vec<String>, HostError> {
    let mut argv = qemu::base(setup.kit.qemu(None)?, accelerator);
    if accelerator == Accelerator::Tcg {
        // Nested KVM works on QEMU's SVM; its AVX2 is left out since it is slow to translate.
        for word in &mut argv {
            match word.as_str() {
                "max" => *word = "EPYC,+svm,-avx2".into(),
                "tcg,thread=multi" => *word = "tcg,thread=multi,tb-size=1024".into(),
                _ => {}
            }
        }
    }
    let mut add = |words: &[&str]| argv.extend(words.iter().map(|word| (*word).to_owned()));
    // Interrupt remapping, without which VFIO refuses, needs the split irqchip and Intel's IOMMU
    // (with amd-iommu the kernel panics).
    add(&[
        "-M",
        "kernel-irqchip=split",
        "-device",
        "intel-iommu,intremap=on",
    ]);
    // With two translated CPUs the segment bases of host and guests get mixed up now and then
    // (either then panics), several times in ten minutes; with one they never were, and a campaign is
    // done sooner.
    let cpus = match accelerator {
        Accelerator::Kvm => "2",
        Accelerator::Tcg => "1",
    };
    add(&["-m", MEMORY_MIB, "-smp", cpus]);
    add(&[
        "-kernel",
        &setup.kit.guest(None)?.kernel.display().to_string(),
        "-initrd",
        &setup.image.display().to_string(),
    ]);
    add(&["-append", COMMAND_LINE]);
    for (index, mac) in MACS.iter().enumerate() {
        let wire = index / 2;
        add(&[
            "-device",
            &format!(
                "pcie-root-port,id=rp{index},slot={0},chassis={0},pref32-reserve=16M",
                index + 1
            ),
        ]);
        add(&["-netdev", &format!("hubport,hubid={wire},id=n{index}")]);
        add(&[
            "-device",
            &format!("igb,bus=rp{index},netdev=n{index},mac={mac}"),
        ]);
    }
    for (tag, path) in [("share", setup.share), ("raw", setup.raw)] {
        add(&[
            "-fsdev",
            &format!(
                "local,id={tag},path={},security_model=none",
                comma_escaped(path)
            ),
        ]);
        add(&[
            "-device",
            &format!("virtio-9p-pci,fsdev={tag},mount_tag={tag}"),
        ]);
    }
    add(&[
        "-object",
        "rng-random,filename=/dev/urandom,id=rng",
        "-device",
        "virtio-rng-pci,rng=rng",
    ]);
    add(&["-device", "virtio-serial-pci"]);
    add(&[
        "-chardev",
        &format!(
            "socket,id=agent,path={},server=on,wait=off",
            comma_escaped(socket)
        ),
    ]);
    add(&[
        "-device",
        "virtserialport,chardev=agent,name=vnicbench.agent",
    ]);
    Ok(argv)
}

/// In an option of QEMU a comma is written twice.
fn comma_escaped(path: &Path) -> String {
    path.display().to_string().replace(',', ",,")
}
