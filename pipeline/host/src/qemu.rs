//! QEMU's argument vector for a guest.

use std::path::Path;

use vnicbench_model::{ByteSize, Kit};

use crate::accelerator::Accelerator;
use crate::error::HostError;

/// The kernel command line of every guest. Apart from the console these cut the time that
/// an emulated boot takes and change nothing on the packets' path; `mitigations=off` is
/// recorded with the rest in the campaign.
const COMMAND_LINE: &str = "console=ttyS0 quiet panic=-1 mitigations=off audit=0 nokaslr no_timer_check \
     tsc=reliable random.trust_cpu=on rcupdate.rcu_expedited=1 i8042.noaux i8042.nokbd cryptomgr.notests";

/// How a guest's NIC is connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GuestNicKind {
    /// virtio-net on a tap; served by vhost-net or by QEMU itself.
    Tap {
        /// The tap's interface name.
        interface: String,
        /// Whether vhost-net serves it.
        vhost: bool,
    },
    /// A VF, handed over by VFIO.
    Vf {
        /// Its PCI address.
        pci: String,
    },
}

/// A virtual machine to be started.
#[derive(Debug, Clone)]
pub struct VmSpec {
    /// Its name.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory.
    pub memory: ByteSize,
    /// MAC address and connection of each NIC.
    pub nics: Vec<(String, GuestNicKind)>,
}

/// The argument vector that starts a guest, with its agent's channel at `socket`.
pub(crate) fn guest_argv(
    kit: &Kit,
    accelerator: Accelerator,
    vm: &VmSpec,
    socket: &Path,
) -> Result<Vec<String>, HostError> {
    let mut argv = base(kit, accelerator)?;
    let mut add = |words: &[&str]| argv.extend(words.iter().map(|word| (*word).to_owned()));
    let mebibytes = (vm.memory.0 >> 20).to_string();
    add(&[
        "-name",
        &vm.name,
        "-m",
        &mebibytes,
        "-smp",
        &vm.vcpus.to_string(),
        "-bios",
        "qboot.rom",
    ]);
    add(&[
        "-kernel",
        &kit.kernel.display().to_string(),
        "-initrd",
        &kit.guest_image.display().to_string(),
    ]);
    add(&["-append", COMMAND_LINE]);
    add(&["-device", "virtio-serial-pci"]);
    add(&[
        "-chardev",
        &format!(
            "socket,id=agent,path={},server=on,wait=off",
            socket.display()
        ),
    ]);
    add(&[
        "-device",
        "virtserialport,chardev=agent,name=vnicbench.agent",
    ]);
    for (index, (mac, kind)) in vm.nics.iter().enumerate() {
        match kind {
            GuestNicKind::Tap { interface, vhost } => {
                let vhost = if *vhost { "on" } else { "off" };
                let tap = format!(
                    "tap,id=net{index},ifname={interface},script=no,downscript=no,vhost={vhost}"
                );
                add(&[
                    "-netdev",
                    &tap,
                    "-device",
                    &format!("virtio-net-pci,netdev=net{index},mac={mac},romfile="),
                ]);
            }
            GuestNicKind::Vf { pci } => add(&["-device", &format!("vfio-pci,host={pci}")]),
        }
    }
    Ok(argv)
}

/// What every QEMU is started with: no default devices, the console on standard output.
pub(crate) fn base(kit: &Kit, accelerator: Accelerator) -> Result<Vec<String>, HostError> {
    let mut argv = kit
        .programs
        .get("qemu-system-x86_64")
        .ok_or(HostError::Kit("qemu-system-x86_64"))?
        .clone();
    for directory in &kit.firmware {
        argv.extend(["-L".to_owned(), directory.display().to_string()]);
    }
    let (accel, cpu) = match accelerator {
        Accelerator::Kvm => ("kvm", "host"),
        Accelerator::Tcg => ("tcg,thread=multi", "max"),
    };
    let words = [
        "-nodefaults",
        "-display",
        "none",
        "-monitor",
        "none",
        "-serial",
        "stdio",
        "-no-reboot",
        "-accel",
        accel,
        "-cpu",
        cpu,
    ];
    argv.extend(words.map(str::to_owned));
    argv.extend(["-M".to_owned(), "q35".to_owned()]);
    Ok(argv)
}
