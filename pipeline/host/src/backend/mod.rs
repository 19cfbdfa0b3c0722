//! How each back-end is made: a file each, found by the list in `vnicbench-model`.

use std::path::{Path, PathBuf};

use vnicbench_model::{Backend, Instance, Tuning};

use crate::error::HostError;
use crate::helper::Helper;
use crate::nic::Ports;
use crate::pf::PfDriver;
use crate::topology::{Builder, Slot};

/// The wire that a back-end's packets take to the generator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Wire {
    /// The PF's.
    Pf,
    /// The bridge's: the uplink's, or the PF's where there is no uplink.
    Bridge,
}

/// What a NIC of an instance is plugged into, made on the host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plug {
    /// An interface of the host that QEMU opens by name.
    Tap(String),
    /// A macvtap of the host, which QEMU gets opened.
    Device {
        /// The interface.
        interface: String,
        /// Its character device.
        device: PathBuf,
    },
    /// A veth pair of the host, whose one end is on the bridge.
    Veth {
        /// That end.
        outer: String,
        /// The end that the NIC's helper has.
        inner: String,
    },
    /// A PCI device.
    Pci(String),
    /// An interface that is in the container's namespace already.
    Inside,
}

impl Plug {
    /// The interfaces that stay the host's, from the wire inwards: what an MTU has to be set on
    /// as well.
    pub(crate) fn interfaces(&self) -> Vec<&str> {
        match self {
            Self::Tap(interface) | Self::Device { interface, .. } => vec![interface],
            Self::Veth { outer, inner } => vec![outer, inner],
            Self::Pci(_) | Self::Inside => Vec::new(),
        }
    }
}

/// A NIC as QEMU is told of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QemuNic {
    /// Words for the command line.
    pub argv: Vec<String>,
    /// Files that QEMU is to find open as descriptors 3, 4, ...: as many as the words speak of,
    /// in order.
    pub open: Vec<PathBuf>,
    /// Whether the guest's memory has to be such that another program can have it as well.
    pub shared_memory: bool,
    /// The program that serves it from outside QEMU.
    pub helper: Option<Helper>,
}

/// A back-end's part in building a campaign's host side.
pub(crate) trait Driver: Sync {
    /// Modules that the host needs for it.
    fn modules(&self, instance: Instance, ports: &Ports) -> Vec<&'static str>;

    /// The wire that its packets take.
    fn wire(&self) -> Wire;

    /// Makes what a NIC is plugged into.
    ///
    /// # Errors
    ///
    /// [`HostError`] saying what was being done.
    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError>;

    /// The NIC on QEMU's command line, the `index`-th of its guest; `descriptor` is the
    /// first free one for its open files.
    fn qemu(&self, plug: &Plug, nic: &NicOfGuest<'_>) -> QemuNic;

    /// The driver in the guest that isn't in every guest's kernel already.
    fn guest_driver(&self, _ports: &Ports) -> Option<&'static str> {
        None
    }
}

/// What a NIC's words depend on besides its plug.
#[derive(Debug, Clone, Copy)]
pub(crate) struct NicOfGuest<'a> {
    /// Which NIC of its guest, from 0.
    pub(crate) index: usize,
    /// The first free descriptor for open files.
    pub(crate) descriptor: usize,
    pub(crate) mac: &'a str,
    pub(crate) tuning: &'a Tuning,
    /// Where a helper's socket goes, if it has one.
    pub(crate) socket: &'a Path,
}

impl NicOfGuest<'_> {
    /// virtio-net over a tap that `-netdev tap` is told of by `how`.
    pub(crate) fn virtio(&self, how: &str, vhost: bool) -> Vec<String> {
        let vhost = if vhost { "on" } else { "off" };
        self.virtio_over("tap", &format!("{how},vhost={vhost}"))
    }

    /// virtio-net over QEMU's network back-end of this `kind`, with the words that it takes.
    pub(crate) fn virtio_over(&self, kind: &str, words: &str) -> Vec<String> {
        let (index, mac) = (self.index, self.mac);
        let (mut netdev, mut device) = (
            format!("{kind},id=net{index},{words}"),
            format!("virtio-net-pci,netdev=net{index},mac={mac},romfile="),
        );
        if let Some(queues) = self.tuning.queues.filter(|queues| *queues > 1) {
            netdev.push_str(&format!(",queues={queues}"));
            // A vector for each queue of a pair, one for control, one for changes.
            device.push_str(&format!(",mq=on,vectors={}", 2 * queues + 2));
        }
        if let Some(mtu) = self.tuning.mtu {
            device.push_str(&format!(",host_mtu={mtu}"));
        }
        ["-netdev", &netdev, "-device", &device]
            .map(str::to_owned)
            .into()
    }
}

macro_rules! drivers {
    ($($(#[$doc:meta])* $name:ident $module:ident $text:literal [$($instance:ident),*] $label:literal,)*) => {
        $(mod $module;)*

        /// The part of a back-end.
        pub(crate) fn driver(backend: Backend) -> &'static dyn Driver {
            match backend { $(Backend::$name => &$module::$name),* }
        }
    };
}

vnicbench_model::backends!(drivers);

/// The module of the VFs' driver, where the PF's is known.
pub(crate) fn vf_driver(ports: &Ports) -> Option<&'static str> {
    PfDriver::of(&ports.pf.driver).map(|known| known.vf_driver)
}
