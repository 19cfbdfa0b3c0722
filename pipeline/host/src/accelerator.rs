//! Which accelerator runs guests here: found by running one, since `/dev/kvm` may be there
//! and not run an ordinary kernel.

use std::fs::OpenOptions;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use vnicbench_agent::Command;
use vnicbench_model::Kit;

use crate::error::HostError;
use crate::node::Node;
use crate::qemu;

/// What executes a guest's instructions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Accelerator {
    /// The processor, by the kernel's KVM.
    Kvm,
    /// QEMU's translator.
    Tcg,
}

impl Accelerator {
    /// Its name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kvm => "kvm",
            Self::Tcg => "tcg",
        }
    }
}

impl std::str::FromStr for Accelerator {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let all = [Self::Kvm, Self::Tcg];
        let found = all.into_iter().find(|known| known.name() == name);
        found.ok_or_else(|| format!("{name:?} is neither \"kvm\" nor \"tcg\""))
    }
}

/// A kernel that reaches its own panic over the missing root has run; on KVM that takes 1-2 s.
const BOOT_LIMIT: Duration = Duration::from_secs(60);

/// In an emulated host it takes a tenfold, and now and then doesn't get far.
const EMULATED_LIMITS: [Duration; 3] = [
    Duration::from_secs(25),
    Duration::from_secs(50),
    Duration::from_secs(75),
];

/// What a kernel says in the end that has no root.
const BOOTED: &str = "Kernel panic - not syncing: VFS";

/// Boots the guest kernel without a root under KVM, more than once if need be where this host is
/// `emulated`. Also gives, in words, why KVM can't be used.
///
/// # Errors
///
/// [`HostError`] if QEMU can't be started at all.
pub fn probe(
    kit: &Kit,
    node: &Node,
    emulated: bool,
) -> Result<(Accelerator, Option<String>), HostError> {
    if let Err(error) = OpenOptions::new().read(true).write(true).open("/dev/kvm") {
        let why = format!("/dev/kvm can't be opened: {error}");
        return Ok((Accelerator::Tcg, Some(why)));
    }
    let mut why = None;
    let limits = match emulated {
        true => &EMULATED_LIMITS[..],
        false => &[BOOT_LIMIT],
    };
    for limit in limits {
        why = boot(kit, node, *limit)?;
        if why.is_none() {
            return Ok((Accelerator::Kvm, None));
        }
    }
    Ok((Accelerator::Tcg, why))
}

/// One boot; why it did not get far, if it didn't.
fn boot(kit: &Kit, node: &Node, limit: Duration) -> Result<Option<String>, HostError> {
    let mut argv = qemu::base(kit.qemu(None)?, Accelerator::Kvm);
    argv.extend(["-m", "256", "-bios", "qboot.rom", "-kernel"].map(str::to_owned));
    argv.push(kit.guest(None)?.kernel.display().to_string());
    argv.extend(
        [
            "-append",
            "console=ttyS0 panic=-1 mitigations=off no_timer_check",
        ]
        .map(str::to_owned),
    );
    let command = Command::new(argv.remove(0), limit).args(argv);
    // QEMU stops the guest over an internal error of KVM and waits, for ever, to be told more.
    let failed = "KVM internal error";
    let output = node.session().run_until(&command, |console, said| {
        contains(console, BOOTED) || contains(said, failed)
    })?;
    if contains(&output.stdout, BOOTED) {
        return Ok(None);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said
        .lines()
        .find(|line| !line.trim().is_empty())
        .unwrap_or("QEMU says nothing");
    let how = if first.starts_with(failed) {
        String::new()
    } else {
        format!(" ({})", output.exit)
    };
    Ok(Some(format!(
        "a test boot under KVM did not get far{how}: {first}"
    )))
}

/// Whether a program's output has the text somewhere.
fn contains(output: &[u8], text: &str) -> bool {
    output
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
