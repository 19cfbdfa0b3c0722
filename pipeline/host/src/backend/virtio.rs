use vnicbench_model::Instance;

use super::{Driver, NicOfGuest, Plug, QemuNic, Wire};
use crate::error::HostError;
use crate::nic::Ports;
use crate::topology::{Builder, Slot};

/// A tap on the bridge, which QEMU reads and writes itself.
pub(crate) struct Virtio;

impl Driver for Virtio {
    fn modules(&self, _: Instance, _: &Ports) -> Vec<&'static str> {
        vec!["bridge", "tun"]
    }

    fn wire(&self) -> Wire {
        Wire::Bridge
    }

    fn plug(&self, builder: &mut Builder<'_>, slot: &Slot) -> Result<Plug, HostError> {
        builder.tap(slot).map(Plug::Tap)
    }

    fn qemu(&self, plug: &Plug, nic: &NicOfGuest<'_>) -> QemuNic {
        over_tap(plug, nic, false)
    }
}

/// virtio-net over a tap that QEMU opens by its name.
pub(super) fn over_tap(plug: &Plug, nic: &NicOfGuest<'_>, vhost: bool) -> QemuNic {
    let interfaces = plug.interfaces();
    let interface = interfaces.first().copied().unwrap_or_default();
    let how = format!("ifname={interface},script=no,downscript=no");
    QemuNic {
        argv: nic.virtio(&how, vhost),
        ..QemuNic::default()
    }
}
