//! QEMU's argument vector for a guest.

use std::path::Path;

use vnicbench_model::{ByteSize, Kit, QemuKit};

use crate::accelerator::Accelerator;
use crate::backend::QemuNic;
use crate::error::HostError;

/// The kernel command line of every guest. Apart from the console these cut the time that
/// an emulated boot takes and change nothing on the packets' path; `mitigations=off` is
/// recorded with the rest in the campaign.
const COMMAND_LINE: &str = "console=ttyS0 quiet panic=-1 mitigations=off audit=0 nokaslr no_timer_check \
     tsc=reliable random.trust_cpu=on rcupdate.rcu_expedited=1 i8042.noaux i8042.nokbd cryptomgr.notests";

/// A virtual machine to be started.
#[derive(Debug, Clone)]
pub struct VmSpec {
    /// Its name.
    pub name: String,
    /// Virtual CPUs.
    pub vcpus: u32,
    /// Memory.
    pub memory: ByteSize,
    /// Whether its memory is of the host's huge pages.
    pub hugepages: bool,
    /// Its NICs.
    pub nics: Vec<QemuNic>,
    /// The version of its kernel; the kit's first if none.
    pub kernel: Option<String>,
    /// The version of its QEMU; the kit's first if none.
    pub qemu: Option<String>,
}

/// The argument vector that starts a guest, with its agent's channel at `socket`.
pub(crate) fn guest_argv(
    kit: &Kit,
    accelerator: Accelerator,
    vm: &VmSpec,
    socket: &Path,
) -> Result<Vec<String>, HostError> {
    let guest = kit.guest(vm.kernel.as_deref())?;
    let mut argv = opened(kit, &vm.nics)?;
    argv.extend(base(kit.qemu(vm.qemu.as_deref())?, accelerator));
    let mut add = |words: &[&str]| argv.extend(words.iter().map(|word| (*word).to_owned()));
    let mebibytes = (vm.memory.0 >> 20).to_string();
    add(&[
        "-name",
        // With the threads' names a virtual CPU can be told from the rest.
        &format!("{},debug-threads=on", vm.name),
        "-m",
        &mebibytes,
        "-smp",
        &vm.vcpus.to_string(),
        "-bios",
        "qboot.rom",
    ]);
    add(&[
        "-kernel",
        &guest.kernel.display().to_string(),
        "-initrd",
        &guest.image.display().to_string(),
    ]);
    add(&["-append", COMMAND_LINE]);
    if let Some(how) = memory(vm) {
        let memory = format!("memory-backend-memfd,id=memory,size={mebibytes}M,{how}");
        add(&["-object", &memory, "-machine", "memory-backend=memory"]);
    }
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
    for nic in &vm.nics {
        argv.extend(nic.argv.iter().cloned());
    }
    Ok(argv)
}

/// What the guest's memory has to be, if it isn't just any.
fn memory(vm: &VmSpec) -> Option<&'static str> {
    if vm.hugepages {
        return Some("hugetlb=on,share=on,prealloc=on");
    }
    let shared = vm.nics.iter().any(|nic| nic.shared_memory);
    shared.then_some("share=on")
}

/// The words that have the agent open the NICs' files for QEMU, which can't be handed any:
/// nothing if there are none.
fn opened(kit: &Kit, nics: &[QemuNic]) -> Result<Vec<String>, HostError> {
    let files: Vec<&Path> = nics
        .iter()
        .flat_map(|nic| &nic.open)
        .map(|path| path.as_path())
        .collect();
    if files.is_empty() {
        return Ok(Vec::new());
    }
    let agent = kit.programs.get("agent").ok_or(HostError::Kit("agent"))?;
    // Its last word is "serve".
    let mut words: Vec<String> = agent
        .iter()
        .take(agent.len().saturating_sub(1))
        .cloned()
        .collect();
    words.push("exec".into());
    for file in files {
        words.extend(["--open".to_owned(), file.display().to_string()]);
    }
    words.push("--".into());
    Ok(words)
}

/// What every QEMU is started with: no default devices, the console on standard output.
pub(crate) fn base(qemu: &QemuKit, accelerator: Accelerator) -> Vec<String> {
    let mut argv = qemu.command.clone();
    for directory in &qemu.firmware {
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
    argv
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_shared_if_a_nic_needs_it() {
        let nic = |shared_memory| QemuNic {
            shared_memory,
            ..QemuNic::default()
        };
        let mut vm = VmSpec {
            name: "a".into(),
            vcpus: 1,
            memory: ByteSize(192 << 20),
            hugepages: false,
            nics: vec![nic(false)],
            kernel: None,
            qemu: None,
        };
        assert_eq!(memory(&vm), None);
        vm.nics.push(nic(true));
        assert_eq!(memory(&vm), Some("share=on"));
        // Huge pages are shared as well.
        vm.hugepages = true;
        assert!(memory(&vm).is_some_and(|how| how.contains("hugetlb=on,share=on")));
    }
}
